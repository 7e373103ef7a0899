//! The treatment pathway: groups of patients, lines of therapy, what comes next and when.

mod draw;
mod spec;

use serde::{Deserialize, Serialize};

use super::share::Share;
use super::sojourn::SojournTime;
use crate::error::{Error, ErrorKind, Result};
pub(super) use draw::time_scale_factors;
use spec::PathwaySpec;

/// The most lines of a group.
pub(in crate::pathway) const MAX_LINES: usize = 20;

/// Sums of shares may exceed 1 by this much, for the rounding of decimal numbers.
const ROUNDING: f64 = 1e-9;

/// **Lines of therapy as a semi-Markov process.**
///
/// A patient is diagnosed, belongs to one of the groups, and is never treated or enters first line.
/// A line ends with one of four events, which compete: the next line begins at once; the patient goes
/// off treatment and stays between lines; the patient dies; or no further therapy is given (*lost to
/// further therapy*). Each event has its share and its time: the share is the probability that the
/// line ends in that way, the stay is the time to the event among those for whom it does (a mixture
/// of competing risks: Larson & Dinse 1985, Applied Statistics 34:201–211,
/// [doi:10.2307/2347464](https://doi.org/10.2307/2347464)). Shares and stays depend on line, group and
/// year of diagnosis, not on how long earlier lines took: that is what semi-Markov means.
///
/// Those who are never treated or lost stay in that state for good, unless the group states how long
/// they live.
///
/// The model is closed: diagnosed = never treated + in a line + between lines + lost + dead.
///
/// ```
/// use myeloma_epi::pathway::{FlowOptions, Line, Pathway, Share, SojournTime};
/// use myeloma_epi::YearlyDraws;
/// use ndarray::Array2;
///
/// let pathway = Pathway::of_lines([
///     Line::new(SojournTime::weibull(1.1, 3.0)?, Share::new(0.65)?),
///     Line::new(SojournTime::exponential(2.0)?, Share::new(0.55)?),
///     Line::new(SojournTime::weibull(0.95, 1.4)?, Share::new(0.0)?),
/// ])?;
/// let incidence = YearlyDraws::new(2019, Array2::from_elem((22, 100), 30_000.0))?;
/// let flow = pathway.flow(&incidence, &FlowOptions::to(2040))?;
/// let third_line = flow.starts(3)?.median(2040)?;
/// assert!(third_line < 0.65 * 0.55 * 30_000.0);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "PathwaySpec", into = "PathwaySpec")]
pub struct Pathway {
    groups: Vec<Group>,
}

/// Patients who share a course: transplanted or not, an age band.
///
/// Every number of a group is its own: its weight among those diagnosed, the share never treated, and
/// the shares and stays of its lines. The weights, and any share, can change with the year of diagnosis.
///
/// Three age bands, whose shares fall with age and whose weights shift as the population ages (the numbers
/// are for illustration):
///
/// ```
/// use myeloma_epi::YearlyDraws;
/// use myeloma_epi::pathway::{FlowOptions, Group, Line, Pathway, Share, SojournTime};
/// use ndarray::Array2;
///
/// let mut groups = Vec::new();
/// for (band, weights, untreated, next) in [
///     ("under 65", [0.40, 0.35], 0.02, [0.80, 0.75]),
///     ("65 to 79", [0.45, 0.45], 0.06, [0.65, 0.60]),
///     ("80 and over", [0.15, 0.20], 0.20, [0.40, 0.35]),
/// ] {
///     let lines = [
///         Line::new(SojournTime::exponential_from_median(1.75)?, Share::new(next[0])?),
///         Line::new(SojournTime::exponential_from_median(1.0)?, Share::new(next[1])?),
///         Line::new(SojournTime::exponential_from_median(0.75)?, Share::new(0.0)?),
///     ];
///     let weight = Share::by_year([(2020, weights[0]), (2040, weights[1])])?;
///     groups.push(Group::new(band, weight, lines)?.with_never_treated(Share::new(untreated)?, None));
/// }
/// let pathway = Pathway::new(groups)?;
/// let incidence = YearlyDraws::new(2020, Array2::from_elem((21, 1), 1000.0))?;
/// let flow = pathway.flow(&incidence, &FlowOptions::to(2040))?;
/// let old = Pathway::new([pathway.groups()[2].clone().with_weight(Share::new(1.0)?)])?;
/// let old = old.flow(&incidence, &FlowOptions::to(2040))?;
/// assert!(old.starts(3)?.median(2040)? < flow.starts(3)?.median(2040)?);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    pub(in crate::pathway) name: String,
    pub(in crate::pathway) weight: Share,
    pub(in crate::pathway) never_treated: Share,
    pub(in crate::pathway) never_treated_survival: Option<SojournTime>,
    pub(in crate::pathway) lines: Vec<Line>,
    pub(in crate::pathway) lost_survival: Option<SojournTime>,
}

/// One line of therapy: how long it lasts and what comes next.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub(in crate::pathway) exits: Exits,
    pub(in crate::pathway) off_treatment: Option<OffTreatment>,
}

/// The time between two lines that those who go off treatment after a line spend.
#[derive(Debug, Clone, PartialEq)]
pub struct OffTreatment {
    pub(in crate::pathway) share: Share,
    pub(in crate::pathway) exits: Exits,
}

/// How a state is left: the stay, the shares, and stays of their own for two of the events.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::pathway) struct Exits {
    pub(in crate::pathway) stay: SojournTime,
    pub(in crate::pathway) until_next: Option<SojournTime>,
    pub(in crate::pathway) until_death: Option<SojournTime>,
    pub(in crate::pathway) next: Share,
    /// `None`: all who do not go on die.
    pub(in crate::pathway) death: Option<Share>,
}

impl Pathway {
    /// A pathway of several groups, whose weights sum to 1 in every year of diagnosis.
    ///
    /// # Errors
    ///
    /// Where there is no group or line, more than 20 lines, shares that sum above 1, a
    /// next line after the last one, or weights that do not sum to 1; the error names group, line,
    /// field and value.
    pub fn new(groups: impl IntoIterator<Item = Group>) -> Result<Self> {
        let pathway = Self {
            groups: groups.into_iter().collect(),
        };
        pathway.check()?;
        Ok(pathway)
    }

    /// A pathway of one group, all of whom are treated.
    ///
    /// # Errors
    ///
    /// As [`Pathway::new`].
    pub fn of_lines(lines: impl IntoIterator<Item = Line>) -> Result<Self> {
        Self::new([Group::new("all", Share::new(1.0)?, lines)?])
    }

    /// The groups.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The number of lines of the group that has most.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.groups
            .iter()
            .map(|group| group.lines.len())
            .max()
            .unwrap_or(0)
    }

    /// Whether any share or stay is uncertain.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        self.shares().any(|(_, share)| share.is_uncertain())
            || self
                .sojourn_times()
                .any(|(_, stay)| stay.relative_error() > 0.0)
    }

    /// Whether any share changes with the year of diagnosis.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.shares().any(|(_, share)| share.changes())
    }

    /// All shares in a fixed order, each with a name that tells it from all others.
    pub(in crate::pathway) fn shares(&self) -> impl Iterator<Item = (String, &Share)> {
        self.groups.iter().flat_map(|group| {
            let name = &group.name;
            let own = [
                ("weight", &group.weight),
                ("never_treated", &group.never_treated),
            ];
            let own = own.map(|(field, share)| (format!("{name}/{field}"), share));
            own.into_iter().chain(group.states().flat_map(move |state| {
                let path = format!("{name}/{}", state.name());
                let off = state.off.map(|off| (format!("{path}/off_treatment"), off));
                let death = state.exits.death.as_ref();
                let death = death.map(|death| (format!("{path}/death"), death));
                [(format!("{path}/next"), &state.exits.next)]
                    .into_iter()
                    .chain(death)
                    .chain(off)
            }))
        })
    }

    /// The central values of all shares for those diagnosed in a year, in the order of [`Pathway::shares`].
    pub(in crate::pathway) fn central_shares(&self, year: i32) -> Vec<f64> {
        self.shares()
            .map(|(_, share)| share.central(year))
            .collect()
    }

    /// All stays in a fixed order, each with a name that tells it from all others.
    pub(in crate::pathway) fn sojourn_times(&self) -> impl Iterator<Item = (String, &SojournTime)> {
        self.groups.iter().flat_map(|group| {
            let name = &group.name;
            let never = group.never_treated_survival.as_ref();
            let lost = group.lost_survival.as_ref();
            let own = [("never_treated", never), ("lost", lost)];
            let own = own
                .into_iter()
                .filter_map(move |(field, stay)| Some((format!("{name}/{field}"), stay?)));
            own.chain(group.states().flat_map(move |state| {
                let path = format!("{name}/{}", state.name());
                let exits = state.exits;
                let next = exits.until_next.as_ref();
                let death = exits.until_death.as_ref();
                [
                    Some((format!("{path}/stay"), &exits.stay)),
                    next.map(|stay| (format!("{path}/until_next"), stay)),
                    death.map(|stay| (format!("{path}/until_death"), stay)),
                ]
                .into_iter()
                .flatten()
            }))
        })
    }

    fn check(&self) -> Result<()> {
        if self.groups.is_empty() {
            return Err(ErrorKind::Unsuitable("a pathway without a group".to_owned()).into());
        }
        for (i, group) in self.groups.iter().enumerate() {
            if self.groups[..i]
                .iter()
                .any(|other| other.name == group.name)
            {
                return Err(ErrorKind::Unsuitable(format!(
                    "two groups of the pathway are called \"{}\"",
                    group.name
                ))
                .into());
            }
        }
        if let Some(group) = self.groups.iter().find(|group| group.weight.is_uncertain()) {
            return Err(ErrorKind::Unsuitable(format!(
                "the weight of group {} is uncertain: the weights would not sum to 1 in every draw. \
                 Give a number, or shares by year",
                group.name
            ))
            .into());
        }
        // Shares are linear between the years they name: it is enough to look at those.
        for year in self.years_named() {
            let sum: f64 = self.groups.iter().map(|g| g.weight.central(year)).sum();
            if (sum - 1.0).abs() > ROUNDING {
                return Err(Error::out_of_range(
                    "the sum of the weights",
                    format!("the groups of the pathway, year of diagnosis {year}"),
                    sum,
                    "1",
                ));
            }
        }
        Ok(())
    }

    fn years_named(&self) -> Vec<i32> {
        let mut years: Vec<i32> = self.shares().flat_map(|(_, share)| share.years()).collect();
        if years.is_empty() {
            years.push(2000);
        }
        years
    }
}

/// A state that patients pass through, as the solvers see it.
pub(in crate::pathway) struct State<'a> {
    pub(in crate::pathway) line: usize,
    pub(in crate::pathway) is_off: bool,
    pub(in crate::pathway) exits: &'a Exits,
    /// The share that goes off treatment.
    pub(in crate::pathway) off: Option<&'a Share>,
}

impl State<'_> {
    fn name(&self) -> String {
        let off = if self.is_off { "/off treatment" } else { "" };
        format!("line {}{off}", self.line)
    }
}

impl Group {
    /// A group with its weight among those diagnosed; all are treated.
    ///
    /// # Errors
    ///
    /// As [`Pathway::new`].
    pub fn new(
        name: impl Into<String>,
        weight: Share,
        lines: impl IntoIterator<Item = Line>,
    ) -> Result<Self> {
        let group = Self {
            name: name.into(),
            weight,
            never_treated: Share::new(0.0)?,
            never_treated_survival: None,
            lines: lines.into_iter().collect(),
            lost_survival: None,
        };
        group.check()?;
        Ok(group)
    }

    /// With another weight among those diagnosed.
    #[must_use]
    pub fn with_weight(mut self, weight: Share) -> Self {
        self.weight = weight;
        self
    }

    /// With a share of those diagnosed who are never treated, and how long they live; without a
    /// stay they are counted as never treated for good.
    #[must_use]
    pub fn with_never_treated(mut self, share: Share, survival: Option<SojournTime>) -> Self {
        self.never_treated = share;
        self.never_treated_survival = survival;
        self
    }

    /// With the time that those lost to further therapy live from then on; without it they are
    /// counted as lost for good.
    #[must_use]
    pub fn with_lost_survival(mut self, survival: SojournTime) -> Self {
        self.lost_survival = Some(survival);
        self
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The share of those diagnosed who belong to the group.
    #[must_use]
    pub const fn weight(&self) -> &Share {
        &self.weight
    }

    /// The share of the group that is never treated.
    #[must_use]
    pub const fn never_treated(&self) -> &Share {
        &self.never_treated
    }

    /// The lines, first line first.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    pub(in crate::pathway) fn states(&self) -> impl Iterator<Item = State<'_>> {
        self.lines.iter().enumerate().flat_map(|(i, line)| {
            let treated = State {
                line: i + 1,
                is_off: false,
                exits: &line.exits,
                off: line.off_treatment.as_ref().map(|off| &off.share),
            };
            let off = line.off_treatment.as_ref().map(|off| State {
                line: i + 1,
                is_off: true,
                exits: &off.exits,
                off: None,
            });
            std::iter::once(treated).chain(off)
        })
    }

    fn check(&self) -> Result<()> {
        if self.lines.is_empty() || self.lines.len() > MAX_LINES {
            return Err(Error::out_of_range(
                "the number of lines",
                format!("group {}", self.name),
                self.lines.len(),
                format!("from 1 to {MAX_LINES}"),
            ));
        }
        for state in self.states() {
            let place = format!("{} of group {}", state.name(), self.name);
            let shares = [
                Some(&state.exits.next),
                state.exits.death.as_ref(),
                state.off,
            ];
            let mut years: Vec<i32> = shares.iter().flatten().flat_map(|s| s.years()).collect();
            years.push(2000);
            for year in years {
                let sum: f64 = shares.iter().flatten().map(|s| s.highest(year)).sum();
                if sum > 1.0 + ROUNDING {
                    return Err(Error::out_of_range(
                        "the sum of next, death and off_treatment",
                        place,
                        sum,
                        "at most 1: what is left is lost to further therapy",
                    ));
                }
                let next = state.exits.next.highest(year);
                if state.line == self.lines.len() && next > 0.0 {
                    return Err(Error::out_of_range(
                        "next",
                        place,
                        next,
                        "0: no line follows the last one",
                    ));
                }
            }
        }
        Ok(())
    }
}

impl Line {
    /// A line with its length and the share that goes on to the next line; all others die.
    #[must_use]
    pub const fn new(stay: SojournTime, next: Share) -> Self {
        Self {
            exits: Exits::new(stay, next),
            off_treatment: None,
        }
    }

    /// With a share that dies; those who neither go on, nor die, nor go off treatment are lost to
    /// further therapy.
    #[must_use]
    pub fn with_death(mut self, death: Share) -> Self {
        self.exits.death = Some(death);
        self
    }

    /// With a time of its own for those whose next event is the next line, or going off treatment.
    #[must_use]
    pub fn with_time_to_next(mut self, stay: SojournTime) -> Self {
        self.exits.until_next = Some(stay);
        self
    }

    /// With a time of its own for those whose next event is death.
    #[must_use]
    pub fn with_time_to_death(mut self, stay: SojournTime) -> Self {
        self.exits.until_death = Some(stay);
        self
    }

    /// With a share that goes off treatment when the line ends.
    #[must_use]
    pub fn with_off_treatment(mut self, off_treatment: OffTreatment) -> Self {
        self.off_treatment = Some(off_treatment);
        self
    }

    /// The length of the line.
    #[must_use]
    pub const fn sojourn_time(&self) -> &SojournTime {
        &self.exits.stay
    }

    /// The share whose next event is the next line, without time off treatment.
    #[must_use]
    pub const fn next(&self) -> &Share {
        &self.exits.next
    }

    /// The share that dies in the line; `None` where all who do not go on die.
    #[must_use]
    pub const fn death(&self) -> Option<&Share> {
        self.exits.death.as_ref()
    }

    /// The time between this line and the next.
    #[must_use]
    pub const fn off_treatment(&self) -> Option<&OffTreatment> {
        self.off_treatment.as_ref()
    }
}

impl OffTreatment {
    /// The share of a line that goes off treatment, how long it stays there and the share of those
    /// that goes on to the next line; all others die.
    #[must_use]
    pub const fn new(share: Share, stay: SojournTime, next: Share) -> Self {
        Self {
            share,
            exits: Exits::new(stay, next),
        }
    }

    /// With a share that dies while off treatment; the others are lost to further therapy.
    #[must_use]
    pub fn with_death(mut self, death: Share) -> Self {
        self.exits.death = Some(death);
        self
    }

    /// With a time of its own for those whose next event is the next line.
    #[must_use]
    pub fn with_time_to_next(mut self, stay: SojournTime) -> Self {
        self.exits.until_next = Some(stay);
        self
    }

    /// With a time of its own for those whose next event is death.
    #[must_use]
    pub fn with_time_to_death(mut self, stay: SojournTime) -> Self {
        self.exits.until_death = Some(stay);
        self
    }

    /// The share of the line that goes off treatment.
    #[must_use]
    pub const fn share(&self) -> &Share {
        &self.share
    }

    /// The time off treatment.
    #[must_use]
    pub const fn sojourn_time(&self) -> &SojournTime {
        &self.exits.stay
    }

    /// The share that dies while off treatment; `None` where all who do not go on die.
    #[must_use]
    pub const fn death(&self) -> Option<&Share> {
        self.exits.death.as_ref()
    }

    /// The share of those off treatment who begin the next line.
    #[must_use]
    pub const fn next(&self) -> &Share {
        &self.exits.next
    }
}

impl Exits {
    const fn new(stay: SojournTime, next: Share) -> Self {
        Self {
            stay,
            until_next: None,
            until_death: None,
            next,
            death: None,
        }
    }
}
