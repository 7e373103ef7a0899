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
mod layout;
mod line;
mod pathway_spec;

use serde::Serialize;

use super::share::{ROUNDING, Share};
use crate::checked_on_reading::checked;
use crate::error::{Error, Result};
use crate::number_checks::Place;
pub(super) use draw::few_draws;
pub use group::Group;
pub(super) use group::{MAX_LINES, check_line_count};
pub(super) use layout::{GroupShares, GroupSlots, Layout, StateShares, StateSlots};
pub use line::Line;

checked! {
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
    /// | `never_treated_survival`, `lost_survival` | a [`SojournTime`](super::SojournTime) from then to death; nobody dies if left out |
    /// | `lines` | 1 to 20 lines, first line first |
    ///
    /// | key of a line | |
    /// |---|---|
    /// | `stay` or `sojourn_time` | a [`SojournTime`](super::SojournTime) |
    /// | `next` | the [`Share`] that goes on to the next line; every line but the last needs it or `off_treatment` |
    /// | `death` | the [`Share`] that dies; if left out, all who do not go on die and nobody is lost |
    /// | `until_next` or `time_to_next`, `until_death` or `time_to_death` | a [`SojournTime`](super::SojournTime) of its own for those whose next event this is; going off treatment has that of `until_next`; the line's if left out |
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
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct Pathway {
        groups: Vec<Group>,
    } then check
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
        let lines = self.groups.iter().map(|group| group.lines.len());
        lines.max().unwrap_or(0)
    }

    /// Whether any share is uncertain, or any sojourn time that may be taken has a relative error.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        let layout = Layout::new(self);
        let mut times = layout.times.iter().zip(layout.taken_times());
        layout.shares.iter().any(|(_, share)| share.is_uncertain())
            || times.any(|((_, time), taken)| taken && time.is_uncertain())
    }

    /// That the model states sojourn times that change nothing, by their names.
    pub(super) fn idle_times(&self) -> Option<String> {
        let layout = Layout::new(self);
        let times = layout.times.iter().zip(layout.taken_times());
        let idle = times.filter(|(_, taken)| !taken);
        let idle: Vec<&str> = idle.map(|((name, _), _)| name.as_str()).collect();
        (!idle.is_empty()).then(|| {
            format!(
                "the model states sojourn times that nobody takes, and that change nothing: {}",
                idle.join(", ")
            )
        })
    }

    /// Whether any share changes with the year of diagnosis.
    #[must_use]
    pub fn changes(&self) -> bool {
        let shares = Layout::new(self).shares;
        shares.iter().any(|(_, share)| share.changes())
    }

    fn check(&self) -> Result<()> {
        if self.groups.is_empty() {
            return Err(Error::unsuitable("a pathway without a group"));
        }
        for (i, group) in self.groups.iter().enumerate() {
            let name = &group.name;
            if self.groups[..i].iter().any(|other| other.name == *name) {
                let message = format!("two groups of the pathway are called \"{name}\"");
                return Err(Error::unsuitable(message));
            }
            if group.weight.is_uncertain() {
                return Err(Error::unsuitable(format!(
                    "the weight of group {name} is uncertain: the weights would not sum to 1 in every draw. Give a \
                     number, or shares by year"
                )));
            }
        }
        // Shares are linear between the years they name: it is enough to look at those, and at one where they name none.
        let named = self.groups.iter().flat_map(|group| group.weight.years());
        for year in named.chain([2000]) {
            let sum: f64 = self.groups.iter().map(|g| g.weight.central(year)).sum();
            let place = format!("the groups of the pathway, year of diagnosis {year}");
            let holds = (sum - 1.0).abs() <= ROUNDING;
            Place(&place).check(holds, "the sum of the weights", sum, "1")?;
        }
        Ok(())
    }
}
