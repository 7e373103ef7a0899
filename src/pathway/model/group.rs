//! A group of patients and the states they pass through.

use serde::{Deserialize, Serialize};

use super::line::Line;
use super::pathway_spec::GroupSpec;
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::pathway::share::{ROUNDING, Share};
use crate::pathway::sojourn::SojournTime;

/// The most lines of a group.
pub(in crate::pathway) const MAX_LINES: usize = 20;

/// A **group**: a stratum of the patients, whose members share a course. Transplanted or not, an age band.
///
/// Every number of a group is its own: its weight among those diagnosed, the share never treated, and the shares
/// and sojourn times of its lines, of which there are 20 at most. The weight, and any share, can change with the
/// year of diagnosis. The weights of a [`Pathway`](super::Pathway) sum to 1, which it checks.
///
/// # Example
///
/// Three age bands, whose shares fall with age and whose weights shift as the population ages (the numbers are
/// for illustration):
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
/// // Of 1,000 diagnosed in 2040, 0.35·0.02 + 0.45·0.06 + 0.20·0.20 are never treated.
/// assert!((flow.never_treated().median(2040)? - 74.0).abs() < 1e-6);
/// let old = Pathway::new([pathway.groups()[2].clone().with_weight(Share::new(1.0)?)])?;
/// let old = old.flow(&incidence, &FlowOptions::to(2040))?;
/// assert!(old.starts(3)?.median(2040)? < flow.starts(3)?.median(2040)?);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "GroupSpec")]
pub struct Group {
    pub(super) name: String,
    pub(super) weight: Share,
    #[serde(skip_serializing_if = "Share::is_zero")]
    pub(super) never_treated: Share,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::pathway) never_treated_survival: Option<SojournTime>,
    pub(super) lines: Vec<Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::pathway) lost_survival: Option<SojournTime>,
}

/// A state that patients pass through: a line, or the time off treatment after one.
pub(in crate::pathway) struct State<'a> {
    pub(in crate::pathway) line: usize,
    pub(in crate::pathway) is_off: bool,
    pub(in crate::pathway) exits: &'a Line,
    /// The share that goes off treatment.
    pub(in crate::pathway) off: Option<&'a Share>,
}

impl State<'_> {
    pub(super) fn name(&self) -> String {
        let off = if self.is_off { "/off treatment" } else { "" };
        format!("line {}{off}", self.line)
    }
}

impl Group {
    /// A group with its weight among those diagnosed; all are treated.
    ///
    /// # Errors
    ///
    /// As [`Pathway::new`](super::Pathway::new).
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

    /// The same group with other lines.
    pub(in crate::pathway) fn with_lines(
        &self,
        lines: impl IntoIterator<Item = Line>,
    ) -> Result<Self> {
        let group = Self {
            lines: lines.into_iter().collect(),
            ..self.clone()
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

    /// With a share of those diagnosed who are never treated, and how long they live from diagnosis; without that
    /// time they are counted as never treated for good.
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
        (1..).zip(&self.lines).flat_map(|(number, line)| {
            let state = |is_off, exits, off| State {
                line: number,
                is_off,
                exits,
                off,
            };
            let off = line.off_treatment();
            let after = off.map(|(_, off)| state(true, off, None));
            std::iter::once(state(false, line, off.map(|(share, _)| share))).chain(after)
        })
    }

    /// Whether anybody may start a line.
    pub(in crate::pathway) fn reaches(&self, line: usize) -> bool {
        let leads_on = |line: &Line| {
            let after_a_while =
                |(share, off): (&Share, &Line)| !share.is_always(0.0) && !off.next.is_always(0.0);
            !line.next.is_always(0.0) || line.off_treatment().is_some_and(after_a_while)
        };
        let before = self.lines.get(..line - 1);
        let all_lead_on = before.is_some_and(|lines| lines.iter().all(leads_on));
        let anybody = !self.weight.is_always(0.0) && !self.never_treated.is_always(1.0);
        anybody && self.lines.len() >= line && all_lead_on
    }

    pub(super) fn check(&self) -> Result<()> {
        check_line_count(self.lines.len(), &format!("group {}", self.name))?;
        for state in self.states() {
            let place = format!("{} of group {}", state.name(), self.name);
            if state.is_off && state.exits.off_treatment.is_some() {
                let message = format!("{place} is followed by time off treatment again");
                return Err(Error::unsuitable(message));
            }
            let (place, next) = (Place(&place), &state.exits.next);
            let shares = [Some(next), state.exits.death.as_ref(), state.off];
            let shares = || shares.iter().flatten();
            for year in shares().flat_map(|share| share.years()).chain([2000]) {
                let sum: f64 = shares().map(|share| share.highest(year)).sum();
                place.check(
                    sum <= 1.0 + ROUNDING,
                    "the sum of next, death and off_treatment",
                    sum,
                    "at most 1: what is left is lost to further therapy",
                )?;
                let next = next.highest(year);
                let holds = state.line < self.lines.len() || next <= 0.0;
                place.check(holds, "next", next, "0: no line follows the last one")?;
            }
        }
        Ok(())
    }
}

pub(in crate::pathway) fn check_line_count(lines: usize, place: &str) -> Result<()> {
    Place(place).within("the number of lines", lines, 1..=MAX_LINES)
}
