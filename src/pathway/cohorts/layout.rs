//! Where each number of a model stands in the arrays of the cohort convolution.

use super::super::model::{Group, Line, Pathway};
use crate::error::{Error, Result};

/// Rows of results a line, and rows of the whole.
const PER_LINE: usize = 8;
const OVERALL: usize = 8;

/// A quantity by calendar year; lines count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pathway) enum Row {
    Starts(usize),
    Failures(usize),
    Deaths(usize),
    Lost(usize),
    InLineMid(usize),
    InLineEnd(usize),
    OffMid(usize),
    OffEnd(usize),
    NeverTreated,
    NeverMid,
    NeverEnd,
    LostMid,
    LostEnd,
    /// Deaths of those never treated or lost.
    LaterDeaths,
    DeadMid,
    DeadEnd,
}

impl Row {
    /// All quantities of a model with so many lines, in the order of [`Row::index`].
    pub(in crate::pathway) fn all(lines: usize) -> impl Iterator<Item = Self> {
        let of_line = (0..lines).flat_map(|line| {
            [
                Self::Starts(line),
                Self::Failures(line),
                Self::Deaths(line),
                Self::Lost(line),
                Self::InLineMid(line),
                Self::InLineEnd(line),
                Self::OffMid(line),
                Self::OffEnd(line),
            ]
        });
        of_line.chain([
            Self::NeverTreated,
            Self::NeverMid,
            Self::NeverEnd,
            Self::LostMid,
            Self::LostEnd,
            Self::LaterDeaths,
            Self::DeadMid,
            Self::DeadEnd,
        ])
    }

    /// The name of the quantity in files; lines count from 1 there.
    pub(in crate::pathway) fn name(self) -> String {
        let of_line = |what: &str, line: usize, when: &str| format!("{what}_{}{when}", line + 1);
        match self {
            Self::Starts(line) => of_line("starts", line, ""),
            Self::Failures(line) => of_line("failures", line, ""),
            Self::Deaths(line) => of_line("deaths", line, ""),
            Self::Lost(line) => of_line("lost", line, ""),
            Self::InLineMid(line) => of_line("in_line", line, "_mid_year"),
            Self::InLineEnd(line) => of_line("in_line", line, "_year_end"),
            Self::OffMid(line) => of_line("off_treatment", line, "_mid_year"),
            Self::OffEnd(line) => of_line("off_treatment", line, "_year_end"),
            Self::NeverTreated => "never_treated".to_owned(),
            Self::NeverMid => "living_never_treated_mid_year".to_owned(),
            Self::NeverEnd => "living_never_treated_year_end".to_owned(),
            Self::LostMid => "living_lost_mid_year".to_owned(),
            Self::LostEnd => "living_lost_year_end".to_owned(),
            Self::LaterDeaths => "later_deaths".to_owned(),
            Self::DeadMid => "dead_mid_year".to_owned(),
            Self::DeadEnd => "dead_year_end".to_owned(),
        }
    }

    pub(in crate::pathway) const fn index(self, lines: usize) -> usize {
        let overall = PER_LINE * lines;
        match self {
            Self::Starts(line) => PER_LINE * line,
            Self::Failures(line) => PER_LINE * line + 1,
            Self::Deaths(line) => PER_LINE * line + 2,
            Self::Lost(line) => PER_LINE * line + 3,
            Self::InLineMid(line) => PER_LINE * line + 4,
            Self::InLineEnd(line) => PER_LINE * line + 5,
            Self::OffMid(line) => PER_LINE * line + 6,
            Self::OffEnd(line) => PER_LINE * line + 7,
            Self::NeverTreated => overall,
            Self::NeverMid => overall + 1,
            Self::NeverEnd => overall + 2,
            Self::LostMid => overall + 3,
            Self::LostEnd => overall + 4,
            Self::LaterDeaths => overall + 5,
            Self::DeadMid => overall + 6,
            Self::DeadEnd => overall + 7,
        }
    }
}

pub(super) const fn row_count(lines: usize) -> usize {
    PER_LINE * lines + OVERALL
}

/// The groups and states of a model, with the positions of their shares and sojourn times in
/// [`Pathway::shares`] and [`Pathway::sojourn_times`].
#[derive(Debug)]
pub(super) struct Layout {
    lines: usize,
    pub(super) groups: Vec<GroupSlots>,
}

#[derive(Debug)]
pub(super) struct GroupSlots {
    pub(super) name: String,
    weight: usize,
    never: usize,
    pub(super) never_survival: Option<usize>,
    pub(super) lost_survival: Option<usize>,
    pub(super) states: Vec<StateSlots>,
}

#[derive(Debug)]
pub(super) struct StateSlots {
    pub(super) line: usize,
    pub(super) is_off: bool,
    pub(super) time_next: usize,
    pub(super) time_death: usize,
    pub(super) time_lost: usize,
    next: usize,
    death: Option<usize>,
    off: Option<usize>,
}

/// The shares of one group in one draw and year of diagnosis.
#[derive(Debug, Clone)]
pub(super) struct GroupShares {
    pub(super) weight: f64,
    pub(super) never: f64,
    pub(super) states: Vec<StateShares>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct StateShares {
    pub(super) next: f64,
    pub(super) off: f64,
    pub(super) death: f64,
    pub(super) lost: f64,
}

impl Layout {
    pub(super) fn new(pathway: &Pathway) -> Self {
        let (mut shares, mut times) = (0, 0);
        Self {
            lines: pathway.lines(),
            groups: pathway
                .groups()
                .iter()
                .map(|group| GroupSlots::new(group, &mut shares, &mut times))
                .collect(),
        }
    }

    pub(super) const fn lines(&self) -> usize {
        self.lines
    }

    /// The shares of all groups from the values of [`Pathway::shares`].
    pub(super) fn resolve(&self, shares: &[f64]) -> Result<Vec<GroupShares>> {
        self.groups
            .iter()
            .map(|group| {
                let states = group.states.iter().map(|state| {
                    let next = shares[state.next];
                    let off = state.off.map_or(0.0, |off| shares[off]);
                    let rest = 1.0 - next - off;
                    let death = state.death.map_or(rest, |death| shares[death]);
                    // The constructor of the pathway has checked all but the tails of draws.
                    if rest < -1e-9 || death > rest + 1e-9 {
                        return Err(Error::out_of_range(
                            "the sum of next, death and off_treatment in a draw",
                            format!("line {} of group {}", state.line + 1, group.name),
                            next + off + state.death.map_or(0.0, |death| shares[death]),
                            "at most 1: give counts of the same patients, which are drawn together, \
                             narrower ranges, or leave death out",
                        ));
                    }
                    let death = death.clamp(0.0, rest.max(0.0));
                    Ok(StateShares {
                        next,
                        off,
                        death,
                        lost: if state.death.is_some() {
                            (rest - death).max(0.0)
                        } else {
                            0.0
                        },
                    })
                });
                Ok(GroupShares {
                    weight: shares[group.weight],
                    never: shares[group.never],
                    states: states.collect::<Result<_>>()?,
                })
            })
            .collect()
    }
}

impl GroupSlots {
    fn new(group: &Group, shares: &mut usize, times: &mut usize) -> Self {
        let (weight, never) = (take(shares), take(shares));
        let never_survival = group.never_treated_survival.as_ref().map(|_| take(times));
        let lost_survival = group.lost_survival.as_ref().map(|_| take(times));
        let states = group.states().map(|state| {
            let Line {
                time_to_next,
                time_to_death,
                death,
                ..
            } = state.exits;
            let next = take(shares);
            let death = death.as_ref().map(|_| take(shares));
            let off = state.off.map(|_| take(shares));
            let time = take(times);
            StateSlots {
                line: state.line - 1,
                is_off: state.is_off,
                time_next: time_to_next.as_ref().map_or(time, |_| take(times)),
                time_death: time_to_death.as_ref().map_or(time, |_| take(times)),
                time_lost: time,
                next,
                death,
                off,
            }
        });
        Self {
            name: group.name().to_owned(),
            weight,
            never,
            never_survival,
            lost_survival,
            states: states.collect(),
        }
    }
}

/// The next position.
fn take(counter: &mut usize) -> usize {
    *counter += 1;
    *counter - 1
}
