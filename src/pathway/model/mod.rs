//! The treatment pathway as a semi-Markov process: its states, and what is known of the transitions between them.
//!
//! | file | holds |
//! |---|---|
//! | `mod` | [`Pathway`]: groups whose weights sum to 1 |
//! | `group` | [`Group`]: lines of therapy in order, those never treated |
//! | `line` | [`Line`]: how long, and what comes next; time off treatment likewise |
//! | `draw` | a pathway at its central values, or in one draw |
//! | `pathway_spec` | a pathway as it stands in a file |
//! | `in_words` | a pathway in words |

mod draw;
mod group;
mod in_words;
mod line;
mod pathway_spec;

use serde::{Deserialize, Serialize};

use super::share::Share;
use super::sojourn::SojournTime;
use crate::error::{Error, Result};
pub(super) use draw::{stream_of_time, time_scale_factors};
pub use group::Group;
pub(super) use group::{MAX_LINES, check_line_count};
pub use line::Line;
use pathway_spec::PathwaySpec;

/// Sums of shares may exceed 1 by this much, for the rounding of decimal numbers.
const ROUNDING: f64 = 1e-9;

/// **Lines of therapy as a semi-Markov process** with competing risks.
///
/// States and transitions of a group:
///
/// ```text
/// diagnosed ─┬─► never treated ─────────────────────────► dead
///            └─► line 1 ─┬─► line 2 ─┬─► line 3 ─► …
///                        ├─► off treatment ─► line 2, dead, lost
///                        ├─► dead
///                        └─► lost to further therapy ───► dead
/// ```
///
/// A patient is diagnosed, belongs to one of the groups, and is never treated or begins first line at once. A
/// line ends with one of four competing events: the next line begins; time off treatment begins; the patient
/// dies; or no further therapy is given (*lost to further therapy*). Each event has a share, the probability
/// that the line ends in that way, and a sojourn time, the time from the start of the line to the event **among
/// those for whom it is the event that happens**: not the time that a cause-specific hazard would give. This is
/// the mixture form of competing risks (Larson & Dinse 1985, Applied Statistics 34:201–211,
/// [doi:10.2307/2347464](https://doi.org/10.2307/2347464)). Time off treatment ends in the same ways.
///
/// Semi-Markov means that what comes next depends on the state and on the time since it was entered, not on how
/// long earlier lines took. Shares depend on line, group and year of diagnosis ([`Share::by_year`]); sojourn
/// times on line and group alone. For sojourn times that change with the year of diagnosis use two groups whose
/// weights change.
///
/// Those never treated, and those lost, stay in that state for good, unless the group says how long
/// they live ([`Group::with_never_treated`], [`Group::with_lost_survival`]).
///
/// The model is closed: diagnosed = never treated + in a line + off treatment + lost + dead.
/// [`Pathway::flow`] computes the expected numbers, [`Pathway::simulate`] follows patients one by one.
/// `Display` describes the model in words.
///
/// # In a file
///
/// `{"groups": [group, …]}`; unknown keys are errors. Times are in years, shares between 0 and 1.
///
/// | key of a group | |
/// |---|---|
/// | `name` | of its own in the pathway |
/// | `weight` | a [`Share`] of those diagnosed; the weights of all groups sum to 1 in every year |
/// | `never_treated` | a [`Share`] of the group; 0 if left out |
/// | `never_treated_survival`, `lost_survival` | a [`SojournTime`] from then to death; nobody dies if left out |
/// | `lines` | 1 to 20 lines, first line first |
///
/// | key of a line | |
/// |---|---|
/// | `stay` or `sojourn_time` | a [`SojournTime`] |
/// | `next` | the [`Share`] that goes on to the next line; every line but the last needs it or `off_treatment` |
/// | `death` | the [`Share`] that dies; if left out, all who do not go on die and nobody is lost |
/// | `until_next` or `time_to_next`, `until_death` or `time_to_death` | a [`SojournTime`] of its own for those whose next event this is; going off treatment has that of `until_next`; the line's if left out |
/// | `off_treatment` | time off treatment: the keys of a line and `share`, the [`Share`] of the line that goes off treatment |
///
/// ```
/// use myeloma_epi::YearlyDraws;
/// use myeloma_epi::pathway::{FlowOptions, Pathway};
/// use ndarray::Array2;
///
/// let pathway: Pathway = serde_json::from_str(
///     r#"{"groups": [{"name": "all", "weight": 1, "never_treated": 0.05, "lines": [
///         {"sojourn_time": {"family": "weibull", "shape": 1.1, "scale": 3.0}, "next": 0.65, "death": 0.3},
///         {"sojourn_time": {"family": "exponential", "median": 1.4}, "next": 0.55},
///         {"sojourn_time": {"family": "exponential", "median": 1.0}}
///     ]}]}"#,
/// )?;
/// println!("{pathway}");
/// let incidence = YearlyDraws::new(2000, Array2::from_elem((41, 100), 30_000.0))?;
/// let flow = pathway.flow(&incidence, &FlowOptions::to(2040))?;
/// // Of those diagnosed, 95 % are treated, 65 % of those have second line, and 55 % of those third line.
/// let third_line = flow.starts(3)?.median(2040)?;
/// assert!((third_line / (0.95 * 0.65 * 0.55 * 30_000.0) - 1.0).abs() < 0.001);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "PathwaySpec", into = "PathwaySpec")]
pub struct Pathway {
    groups: Vec<Group>,
}

impl Pathway {
    /// A pathway of several groups, whose weights sum to 1 in every year of diagnosis.
    ///
    /// # Errors
    ///
    /// Where there is no group or line, more than 20 lines, two groups of one name, shares that sum above 1, a
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

    /// Whether any share is uncertain or any sojourn time has a relative error.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        self.shares().any(|(_, share)| share.is_uncertain())
            || self
                .sojourn_times()
                .any(|(_, time)| time.relative_error() > 0.0)
    }

    /// Whether any share changes with the year of diagnosis.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.shares().any(|(_, share)| share.changes())
    }

    /// All shares in a fixed order, each with a name that tells it from all others. The names are those of
    /// random streams.
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

    /// All sojourn times in a fixed order, each with a name that tells it from all others. The names are those
    /// of random streams: other ones would give other draws.
    pub(in crate::pathway) fn sojourn_times(&self) -> impl Iterator<Item = (String, &SojournTime)> {
        self.groups.iter().flat_map(|group| {
            let name = &group.name;
            let never = group.never_treated_survival.as_ref();
            let lost = group.lost_survival.as_ref();
            let own = [("never_treated", never), ("lost", lost)];
            let own = own
                .into_iter()
                .filter_map(move |(field, time)| Some((format!("{name}/{field}"), time?)));
            own.chain(group.states().flat_map(move |state| {
                let path = format!("{name}/{}", state.name());
                let exits = state.exits;
                let next = exits.time_to_next.as_ref();
                let death = exits.time_to_death.as_ref();
                [
                    Some((format!("{path}/stay"), &exits.sojourn_time)),
                    next.map(|time| (format!("{path}/until_next"), time)),
                    death.map(|time| (format!("{path}/until_death"), time)),
                ]
                .into_iter()
                .flatten()
            }))
        })
    }

    fn check(&self) -> Result<()> {
        if self.groups.is_empty() {
            return Err(Error::unsuitable("a pathway without a group"));
        }
        for (i, group) in self.groups.iter().enumerate() {
            if self.groups[..i]
                .iter()
                .any(|other| other.name == group.name)
            {
                return Err(Error::unsuitable(format!(
                    "two groups of the pathway are called \"{}\"",
                    group.name
                )));
            }
        }
        if let Some(group) = self.groups.iter().find(|group| group.weight.is_uncertain()) {
            return Err(Error::unsuitable(format!(
                "the weight of group {} is uncertain: the weights would not sum to 1 in every draw. \
                 Give a number, or shares by year",
                group.name
            )));
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
