//! The shares and sojourn times of a pathway in one order, with their names, and where each group and state finds its
//! own.

use rand_distr::{Beta, Distribution, StandardNormal};

use super::group::{Group, State};
use super::{Line, Pathway};
use crate::error::{Error, Result};
use crate::pathway::share::{ROUNDING, Share};
use crate::pathway::sojourn::SojournTime;
use crate::random::{BLOCK, Seed, Stream};

/// The order is that of groups, states and fields; the names stand in errors and fix the random numbers of a seed.
#[derive(Debug)]
pub(in crate::pathway) struct Layout<'a> {
    pub(in crate::pathway) lines: usize,
    pub(in crate::pathway) groups: Vec<GroupSlots<'a>>,
    pub(in crate::pathway) shares: Vec<(String, &'a Share)>,
    pub(in crate::pathway) times: Vec<(String, &'a SojournTime)>,
}

/// A group, with the positions of its shares and sojourn times.
#[derive(Debug)]
pub(in crate::pathway) struct GroupSlots<'a> {
    pub(in crate::pathway) name: &'a str,
    weight: usize,
    never: usize,
    pub(in crate::pathway) never_survival: Option<usize>,
    pub(in crate::pathway) lost_survival: Option<usize>,
    pub(in crate::pathway) states: Vec<StateSlots>,
}

/// A line (from 0) or the time off treatment after it.
#[derive(Debug)]
pub(in crate::pathway) struct StateSlots {
    pub(in crate::pathway) line: usize,
    pub(in crate::pathway) is_off: bool,
    pub(in crate::pathway) time_next: usize,
    pub(in crate::pathway) time_death: usize,
    pub(in crate::pathway) time_lost: usize,
    next: usize,
    death: Option<usize>,
    off: Option<usize>,
}

/// The shares of one group in one draw and year of diagnosis.
#[derive(Debug, Clone)]
pub(in crate::pathway) struct GroupShares {
    pub(in crate::pathway) weight: f64,
    pub(in crate::pathway) never: f64,
    pub(in crate::pathway) states: Vec<StateShares>,
}

#[derive(Debug, Clone, Copy)]
pub(in crate::pathway) struct StateShares {
    pub(in crate::pathway) next: f64,
    pub(in crate::pathway) off: f64,
    pub(in crate::pathway) death: f64,
    pub(in crate::pathway) lost: f64,
}

impl<'a> Layout<'a> {
    pub(in crate::pathway) fn new(pathway: &'a Pathway) -> Self {
        let mut layout = Self {
            lines: pathway.lines(),
            groups: Vec::new(),
            shares: Vec::new(),
            times: Vec::new(),
        };
        for group in &pathway.groups {
            let slots = layout.group(group);
            layout.groups.push(slots);
        }
        layout
    }

    fn group(&mut self, group: &'a Group) -> GroupSlots<'a> {
        let (name, never) = (&group.name, group.never_treated_survival.as_ref());
        let lost = group.lost_survival.as_ref();
        GroupSlots {
            name,
            weight: self.share(name, "weight", &group.weight),
            never: self.share(name, "never_treated", &group.never_treated),
            never_survival: never.map(|time| self.time(name, "never_treated", time)),
            lost_survival: lost.map(|time| self.time(name, "lost", time)),
            states: group
                .states()
                .map(|state| self.state(name, &state))
                .collect(),
        }
    }

    fn state(&mut self, group: &str, state: &State<'a>) -> StateSlots {
        let of = format!("{group}/{}", state.name());
        let exits: &'a Line = state.exits;
        let death = exits.death.as_ref();
        let time = self.time(&of, "stay", &exits.sojourn_time);
        let mut own = |name: &str, own: Option<&'a SojournTime>| {
            own.map_or(time, |own| self.time(&of, name, own))
        };
        StateSlots {
            line: state.line - 1,
            is_off: state.is_off,
            time_next: own("until_next", exits.time_to_next.as_ref()),
            time_death: own("until_death", exits.time_to_death.as_ref()),
            time_lost: time,
            next: self.share(&of, "next", &exits.next),
            death: death.map(|share| self.share(&of, "death", share)),
            off: (state.off).map(|share| self.share(&of, "off_treatment", share)),
        }
    }

    fn share(&mut self, of: &str, name: &str, share: &'a Share) -> usize {
        self.shares.push((format!("{of}/{name}"), share));
        self.shares.len() - 1
    }

    fn time(&mut self, of: &str, name: &str, time: &'a SojournTime) -> usize {
        self.times.push((format!("{of}/{name}"), time));
        self.times.len() - 1
    }

    /// Of each sojourn time whether there are patients who may take it.
    pub(in crate::pathway) fn taken_times(&self) -> Vec<bool> {
        let mut taken = vec![false; self.times.len()];
        let possible = |share: usize| !self.shares[share].1.is_always(0.0);
        for group in &self.groups {
            let (mut next, mut off, mut lost) = (true, false, false);
            for state in &group.states {
                if !std::mem::take(if state.is_off { &mut off } else { &mut next }) {
                    continue;
                }
                let goes_off = state.off.is_some_and(possible);
                let goes_on = possible(state.next);
                // Whether those who go on, or off treatment, may leave any others.
                let rest = self.may_leave_others(state.next, state.off);
                let dies = state.death.map_or(rest, possible);
                let is_lost = state.death.is_some() && rest;
                taken[state.time_next] |= goes_on || goes_off;
                taken[state.time_death] |= dies;
                taken[state.time_lost] |= is_lost;
                next |= goes_on;
                off |= goes_off;
                lost |= is_lost;
            }
            for (time, entered) in [
                (group.never_survival, possible(group.never)),
                (group.lost_survival, lost),
            ] {
                if let Some(time) = time {
                    taken[time] |= entered;
                }
            }
        }
        taken
    }

    fn may_leave_others(&self, next: usize, off: Option<usize>) -> bool {
        let shares = || {
            [Some(next), off]
                .into_iter()
                .flatten()
                .map(|i| self.shares[i].1)
        };
        let known = shares().all(|share| !share.is_uncertain() && !share.changes());
        !known || shares().map(|share| share.central(2000)).sum::<f64>() < 1.0 - ROUNDING
    }

    /// The central shares of those diagnosed in a year.
    pub(in crate::pathway) fn central_shares(&self, year: i32) -> Vec<f64> {
        let shares = self.shares.iter();
        shares.map(|(_, share)| share.central(year)).collect()
    }

    /// The shares in the draws of one block; `None` where a share is the same in all.
    pub(in crate::pathway) fn drawn_shares(
        &self,
        seed: Seed,
        block: usize,
        draws: usize,
    ) -> Result<Vec<Option<Vec<f64>>>> {
        let alone = |i: usize| self.shares[i].1.block(self.stream(seed, i), block, draws);
        let mut drawn = vec![None; self.shares.len()];
        for group in &self.groups {
            drawn[group.weight] = alone(group.weight)?;
            drawn[group.never] = alone(group.never)?;
            for state in &group.states {
                let exits = [Some(state.next), state.death, state.off];
                let exits: Vec<usize> = exits.into_iter().flatten().collect();
                let of_state = self.possible_exits(&exits, seed, block, draws)?;
                let of_state = of_state.ok_or_else(|| {
                    Error::unsuitable(format!(
                        "next, death and off_treatment of line {} of group {} sum above 1 in nearly all draws: give narrower \
                         ranges, counts of the same patients, or leave death out",
                        state.line + 1,
                        group.name
                    ))
                })?;
                for (i, values) in exits.into_iter().zip(of_state) {
                    drawn[i] = values;
                }
            }
        }
        Ok(drawn)
    }

    fn stream(&self, seed: Seed, share: usize) -> Stream {
        seed.stream(&format!("pathway/share/{}", self.shares[share].0))
    }

    /// The shares of the ways out of a state in the draws of a block. A draw in which they sum above 1 is impossible, and
    /// all of them are made again; `None` where fewer than one in a hundred is possible.
    fn possible_exits(
        &self,
        exits: &[usize],
        seed: Seed,
        block: usize,
        draws: usize,
    ) -> Result<Option<Vec<Option<Vec<f64>>>>> {
        let share = |i: &usize| self.shares[*i].1;
        let mut tries = draws;
        loop {
            let mut drawn = self.exits_as_they_come(exits, seed, block, tries)?;
            if drawn.iter().all(Option::is_none) {
                return Ok(Some(drawn));
            }
            // Those that are not drawn, in the year of diagnosis in which they leave least.
            let known = exits
                .iter()
                .zip(&drawn)
                .filter(|(_, drawn)| drawn.is_none());
            let known: Vec<&usize> = known.map(|(i, _)| i).collect();
            let years = known.iter().flat_map(|i| share(i).years()).chain([2000]);
            let in_year = |year: i32| known.iter().map(|i| share(i).central(year)).sum::<f64>();
            let of_known = years.map(in_year).fold(0.0, f64::max);
            let sum = |draw: &usize| drawn.iter().flatten().map(|d| d[*draw]).sum::<f64>();
            let possible = (0..tries).filter(|draw| of_known + sum(draw) <= 1.0 + ROUNDING);
            let possible: Vec<usize> = possible.take(draws).collect();
            if possible.len() == draws {
                for values in drawn.iter_mut().flatten() {
                    *values = possible.iter().map(|&draw| values[draw]).collect();
                }
                return Ok(Some(drawn));
            }
            if tries > 100 * draws.max(BLOCK) {
                return Ok(None);
            }
            tries *= 2;
        }
    }

    /// The same, possible or not.
    fn exits_as_they_come(
        &self,
        exits: &[usize],
        seed: Seed,
        block: usize,
        draws: usize,
    ) -> Result<Vec<Option<Vec<f64>>>> {
        let mut all = self.counted_together(exits);
        let mut left = vec![1.0; draws];
        let of = |&i: &usize| {
            let (share, stream) = (&self.shares[i].1, self.stream(seed, i));
            let Some(((events, _), together)) = share.count().zip(all) else {
                return share.block(stream, block, draws);
            };
            // Part by part: each is a beta-distributed part of what the ones before it leave.
            let others = together - events - 0.5;
            all = Some(others);
            let beta = Beta::new(events + 0.5, others).map_err(Error::other)?;
            let parts = beta.sample_iter(stream.block(block));
            let values = left.iter_mut().zip(parts).map(|(left, part): (_, f64)| {
                let value = *left * part;
                *left -= value;
                value
            });
            Ok(Some(values.collect()))
        };
        exits.iter().map(of).collect()
    }

    /// The sum of all parameters of the Dirichlet distribution of those of these ways out of a state that were counted
    /// in the same patients; `None` where there are not two of them.
    fn counted_together(&self, exits: &[usize]) -> Option<f64> {
        let counts = exits.iter().filter_map(|&i| self.shares[i].1.count());
        let patients: Vec<f64> = counts.map(|(_, of)| of).collect();
        let of = *patients.first()?;
        let same = patients.len() > 1 && patients.iter().all(|other| (other - of).abs() < 0.5);
        same.then(|| of + 0.5 * (patients.len() + 1) as f64)
    }

    /// The factors on the time scale of each sojourn time in the draws of one block; `None` where it is known.
    pub(in crate::pathway) fn drawn_time_scales(
        &self,
        seed: Seed,
        block: usize,
        draws: usize,
    ) -> Vec<Option<Vec<f64>>> {
        let of_time = |(name, time): &(String, &SojournTime)| {
            // Older than the word, and kept: the name of the stream fixes the draws of a seed.
            let stream = seed.stream(&format!("pathway/stay/{name}"));
            let error = time.relative_error();
            (error > 0.0).then(|| time_scale_factors(stream, error, block, draws))
        };
        self.times.iter().map(of_time).collect()
    }

    /// The share of those diagnosed who ever start a line. Time off treatment counts as a way to the next line.
    pub(super) fn share_starting(&self, line: usize, shares: &[f64]) -> Result<f64> {
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

    /// The shares by group and state from their values. The constructor of the pathway has checked that those of a
    /// state fit together, in all but the tails of draws.
    pub(in crate::pathway) fn resolve(&self, shares: &[f64]) -> Result<Vec<GroupShares>> {
        let of_state = |group: &GroupSlots<'_>, state: &StateSlots| {
            let next = shares[state.next];
            let off = state.off.map_or(0.0, |off| shares[off]);
            let death = state.death.map(|death| shares[death]);
            let sum = next + off + death.unwrap_or(0.0);
            if sum > 1.0 + ROUNDING {
                return Err(Error::out_of_range(
                    "the sum of next, death and off_treatment in a draw",
                    format!("line {} of group {}", state.line + 1, group.name),
                    sum,
                    "at most 1: give counts of the same patients, which are drawn together, narrower ranges, or leave \
                     death out",
                ));
            }
            // Below 0, and the deaths above it, by rounding alone.
            let rest = (1.0 - next - off).max(0.0);
            let death = death.map_or(rest, |death| death.min(rest));
            let lost = if state.death.is_some() {
                rest - death
            } else {
                0.0
            };
            Ok(StateShares {
                next,
                off,
                death,
                lost,
            })
        };
        let of_group = |group: &GroupSlots<'_>| {
            let states = group.states.iter().map(|state| of_state(group, state));
            Ok(GroupShares {
                weight: shares[group.weight],
                never: shares[group.never],
                states: states.collect::<Result<_>>()?,
            })
        };
        self.groups.iter().map(of_group).collect()
    }
}

/// The factors on the time scale of an uncertain sojourn time, for the draws of a block.
fn time_scale_factors(stream: Stream, relative_error: f64, block: usize, draws: usize) -> Vec<f64> {
    let normal = StandardNormal.sample_iter(stream.block(block)).take(draws);
    normal.map(|z: f64| (relative_error * z).exp()).collect()
}
