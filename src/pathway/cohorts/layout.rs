//! Where each number of a model stands in the solvers' arrays.

use super::super::model::{Exits, Group, Pathway};
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

pub(in crate::pathway) const fn row_count(lines: usize) -> usize {
    PER_LINE * lines + OVERALL
}

/// The groups and states of a model, with the positions of their shares and stays in
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
    pub(super) stay_next: usize,
    pub(super) stay_death: usize,
    pub(super) stay_lost: usize,
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
        let (mut shares, mut stays) = (0, 0);
        Self {
            lines: pathway.lines(),
            groups: pathway
                .groups()
                .iter()
                .map(|group| GroupSlots::new(group, &mut shares, &mut stays))
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
                            "at most 1: state shares that leave room for their uncertainty, or \
                             leave death out",
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
    fn new(group: &Group, shares: &mut usize, stays: &mut usize) -> Self {
        let (weight, never) = (take(shares), take(shares));
        let never_survival = group.never_treated_survival.as_ref().map(|_| take(stays));
        let lost_survival = group.lost_survival.as_ref().map(|_| take(stays));
        let states = group.states().map(|state| {
            let Exits {
                until_next,
                until_death,
                death,
                ..
            } = state.exits;
            let next = take(shares);
            let death = death.as_ref().map(|_| take(shares));
            let off = state.off.map(|_| take(shares));
            let stay = take(stays);
            StateSlots {
                line: state.line - 1,
                is_off: state.is_off,
                stay_next: until_next.as_ref().map_or(stay, |_| take(stays)),
                stay_death: until_death.as_ref().map_or(stay, |_| take(stays)),
                stay_lost: stay,
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
