//! Where each number of a model stands in the arrays of the cohort convolution.

use super::super::model::{Group, Line, Pathway};
use crate::error::{Error, Result};

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

type OfLine = (fn(usize) -> Row, &'static str, &'static str);

/// What is counted of every line, with the two parts of its name in files around the number of the line.
const OF_LINE: [OfLine; 8] = [
    (Row::Starts, "starts", ""),
    (Row::Failures, "failures", ""),
    (Row::Deaths, "deaths", ""),
    (Row::Lost, "lost", ""),
    (Row::InLineMid, "in_line", "_mid_year"),
    (Row::InLineEnd, "in_line", "_year_end"),
    (Row::OffMid, "off_treatment", "_mid_year"),
    (Row::OffEnd, "off_treatment", "_year_end"),
];

/// What is counted of all together.
const OVERALL: [(Row, &str); 8] = [
    (Row::NeverTreated, "never_treated"),
    (Row::NeverMid, "living_never_treated_mid_year"),
    (Row::NeverEnd, "living_never_treated_year_end"),
    (Row::LostMid, "living_lost_mid_year"),
    (Row::LostEnd, "living_lost_year_end"),
    (Row::LaterDeaths, "later_deaths"),
    (Row::DeadMid, "dead_mid_year"),
    (Row::DeadEnd, "dead_year_end"),
];

impl Row {
    /// All quantities of a model with so many lines, in the order of [`Row::index`].
    pub(in crate::pathway) fn all(lines: usize) -> impl Iterator<Item = Self> {
        let of_line = (0..lines).flat_map(|line| OF_LINE.map(|(row, ..)| row(line)));
        of_line.chain(OVERALL.map(|(row, _)| row))
    }

    /// The name of the quantity in files; lines count from 1 there.
    pub(in crate::pathway) fn name(self) -> String {
        match self.place() {
            (Some(line), i) => {
                let (_, what, when) = OF_LINE[i];
                format!("{what}_{}{when}", line + 1)
            }
            (None, i) => OVERALL[i].1.to_owned(),
        }
    }

    pub(in crate::pathway) fn index(self, lines: usize) -> usize {
        let (line, i) = self.place();
        OF_LINE.len() * line.unwrap_or(lines) + i
    }

    /// The line, and the place in [`OF_LINE`] or else in [`OVERALL`].
    const fn place(self) -> (Option<usize>, usize) {
        match self {
            Self::Starts(line) => (Some(line), 0),
            Self::Failures(line) => (Some(line), 1),
            Self::Deaths(line) => (Some(line), 2),
            Self::Lost(line) => (Some(line), 3),
            Self::InLineMid(line) => (Some(line), 4),
            Self::InLineEnd(line) => (Some(line), 5),
            Self::OffMid(line) => (Some(line), 6),
            Self::OffEnd(line) => (Some(line), 7),
            Self::NeverTreated => (None, 0),
            Self::NeverMid => (None, 1),
            Self::NeverEnd => (None, 2),
            Self::LostMid => (None, 3),
            Self::LostEnd => (None, 4),
            Self::LaterDeaths => (None, 5),
            Self::DeadMid => (None, 6),
            Self::DeadEnd => (None, 7),
        }
    }
}

pub(super) const fn row_count(lines: usize) -> usize {
    OF_LINE.len() * lines + OVERALL.len()
}

/// The groups and states of a model, with the positions of their shares and sojourn times in
/// [`Pathway::shares`] and [`Pathway::sojourn_times`].
#[derive(Debug)]
pub(in crate::pathway) struct Layout {
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
    pub(in crate::pathway) fn new(pathway: &Pathway) -> Self {
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

    /// The share of those diagnosed who ever start a line, from the values of [`Pathway::shares`].
    pub(in crate::pathway) fn share_starting(&self, line: usize, shares: &[f64]) -> Result<f64> {
        let mut sum = 0.0;
        for (slots, shares) in self.groups.iter().zip(self.resolve(shares)?) {
            // Those who come to the line at hand, and those off treatment after it.
            let (mut reach, mut off) = (shares.weight * (1.0 - shares.never), 0.0);
            for (state, leaving) in slots.states.iter().zip(&shares.states) {
                if state.line + 1 == line {
                    break;
                }
                if state.is_off {
                    reach += off * leaving.next;
                } else {
                    off = reach * leaving.off;
                    reach *= leaving.next;
                }
            }
            sum += reach;
        }
        Ok(sum)
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
