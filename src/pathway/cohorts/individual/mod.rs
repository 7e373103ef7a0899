//! Patients one by one.

mod record;

use rand::{Rng, RngExt};
use rayon::prelude::*;

use super::Entry;
use super::layout::{GroupShares, GroupSlots, Layout, StateShares};
use crate::error::Result;
use crate::pathway::model::Pathway;
use crate::pathway::sojourn::Sampler;
use crate::random::{BLOCK, Seed, Stream};
use record::{Diary, Record, Tally};

/// How to simulate patients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct SimulationOptions {
    /// When in its calendar year a cohort is diagnosed.
    pub entry: Entry,
    /// Where randomness comes from.
    pub seed: Seed,
    /// The number of populations, each with a draw of the shares and stays. Default: one population with
    /// their central values.
    pub draws: Option<usize>,
}

impl SimulationOptions {
    /// With several populations: draw *k* has the shares and stays of draw *k* of
    /// [`Pathway::flow`](crate::pathway::Pathway::flow) with the same seed, and patients of its own.
    #[must_use]
    pub const fn with_draws(mut self, draws: usize) -> Self {
        self.draws = Some(draws);
        self
    }

    /// With another moment of diagnosis.
    #[must_use]
    pub const fn with_entry(mut self, entry: Entry) -> Self {
        self.entry = entry;
        self
    }

    /// With another seed.
    #[must_use]
    pub const fn with_seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }
}

/// What happens to a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PatientEvent {
    /// A line of therapy begins.
    LineStarts(usize),
    /// A line ends and time off treatment begins.
    OffTreatment(usize),
    /// Death.
    Death,
    /// No further therapy is given.
    LostToTherapy,
    /// Diagnosed and never treated.
    NeverTreated,
}

/// One patient's history.
#[derive(Debug, Clone, PartialEq)]
pub struct Patient {
    /// The name of the group.
    pub group: String,
    /// When the patient was diagnosed, in calendar years with a fraction.
    pub diagnosed: f64,
    /// The events with their times, in calendar years with a fraction, by increasing time.
    pub events: Vec<(f64, PatientEvent)>,
}

/// No state: the way leads out of the model.
const NOWHERE: usize = usize::MAX;

/// The ways out of a state, in the order of their thresholds.
const NEXT: usize = 0;
const OFF: usize = 1;
const DEATH: usize = 2;
const LOST: usize = 3;
const WAYS: usize = 4;

/// Counts of a simulated population by row and year, in the order of [`Row::index`].
pub(in crate::pathway) fn simulate(
    pathway: &Pathway,
    first_year: i32,
    cohorts: &[u64],
    options: SimulationOptions,
    draw: Option<usize>,
) -> Result<Vec<Vec<f64>>> {
    let layout = Layout::new(pathway);
    let mut population = Population::new(pathway, &layout, first_year, cohorts, options)?;
    if let Some(draw) = draw {
        population.stream = options.seed.stream(&format!("pathway/patients/{draw}"));
    }
    let tally = (0..population.blocks())
        .into_par_iter()
        .fold(
            || (Tally::new(&population), Scratch::default()),
            |(mut tally, mut scratch), block| {
                population.block(block, &mut scratch, &mut tally);
                (tally, scratch)
            },
        )
        .map(|(tally, _)| tally)
        .reduce(|| Tally::new(&population), |a, b| a.merged(&b));
    Ok(tally.rows(&population, layout.lines()))
}

/// Every patient's history to the end of the last cohort's year.
pub(in crate::pathway) fn histories(
    pathway: &Pathway,
    first_year: i32,
    cohorts: &[u64],
    options: SimulationOptions,
) -> Result<Vec<Patient>> {
    let layout = Layout::new(pathway);
    let population = Population::new(pathway, &layout, first_year, cohorts, options)?;
    let blocks: Vec<Vec<Patient>> = (0..population.blocks())
        .into_par_iter()
        .map(|block| {
            let mut diary = Diary {
                population: &population,
                patients: Vec::new(),
            };
            population.block(block, &mut Scratch::default(), &mut diary);
            for patient in &mut diary.patients {
                patient.events.sort_by(|a, b| a.0.total_cmp(&b.0));
            }
            diary.patients
        })
        .collect();
    Ok(blocks.into_iter().flatten().collect())
}

/// The model as the simulation walks it, and who is to be simulated.
struct Population {
    first_year: i32,
    entry: Entry,
    stream: Stream,
    horizon: f64,
    /// The number of patients diagnosed before each cohort, and in all.
    before: Vec<u64>,
    groups: Vec<GroupModel>,
    /// Cumulated group weights, by year of diagnosis (one where nothing changes).
    group_thresholds: Vec<Vec<u64>>,
}

struct GroupModel {
    name: String,
    /// By year of diagnosis.
    never: Vec<u64>,
    /// The positions of the never treated and of the lost in the tally.
    first_slot: usize,
    never_survival: Option<Sampler>,
    lost_survival: Option<Sampler>,
    states: Vec<StateModel>,
}

struct StateModel {
    line: usize,
    is_off: bool,
    /// The stays before each way out, where they differ.
    samplers: [Sampler; WAYS],
    one_sampler: bool,
    /// Cumulated shares of the ways, by year of diagnosis.
    thresholds: Vec<[u64; WAYS - 1]>,
    /// The state that follows by way of the next line, and off treatment.
    then: [usize; 2],
}

/// Lists that are used again for every block.
struct Scratch {
    year: Vec<u32>,
    entering: Vec<List>,
    later: Vec<(f64, u32)>,
    bits: Vec<u32>,
    ways: Vec<u8>,
    ends: Vec<f64>,
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            year: Vec::new(),
            entering: Vec::new(),
            later: Vec::new(),
            bits: vec![0; BLOCK],
            ways: vec![0; BLOCK],
            ends: vec![0.0; BLOCK],
        }
    }
}

/// When each patient (by position in the block) enters a state.
///
/// A patient enters a state at most once, so that a block's length is enough; one more place takes
/// what is written and not kept.
struct List {
    entries: Vec<(f64, u32)>,
    length: usize,
}

impl Default for List {
    fn default() -> Self {
        Self {
            entries: vec![(0.0, 0); BLOCK + 1],
            length: 0,
        }
    }
}

impl List {
    /// Keeps an entry or not, without a branch that random ways would make the processor guess.
    #[inline]
    fn push_if(&mut self, keep: bool, entry: (f64, u32)) {
        self.entries[self.length] = entry;
        self.length += usize::from(keep);
    }
}

/// A share as a threshold for 32 random bits: exact for 0 and 1.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn threshold(share: f64) -> u64 {
    (share.clamp(0.0, 1.0) * 4_294_967_296.0).round() as u64
}

impl Population {
    fn new(
        pathway: &Pathway,
        layout: &Layout,
        first_year: i32,
        cohorts: &[u64],
        options: SimulationOptions,
    ) -> Result<Self> {
        let diagnosis = if pathway.changes() { cohorts.len() } else { 1 };
        let shares = (0_i32..)
            .take(diagnosis)
            .map(|year| {
                let values = pathway.shares().map(|(_, s)| s.central(first_year + year));
                layout.resolve(&values.collect::<Vec<f64>>())
            })
            .collect::<Result<Vec<_>>>()?;
        let samplers: Vec<Sampler> = pathway
            .sojourn_times()
            .map(|(_, stay)| Sampler::new(stay.distribution()))
            .collect();
        let mut slot = 0;
        let groups = layout
            .groups
            .iter()
            .enumerate()
            .map(|(g, slots)| {
                let of_group: Vec<&GroupShares> = shares.iter().map(|year| &year[g]).collect();
                let group = GroupModel::new(slots, pathway, g, &of_group, &samplers, slot);
                slot += group.slots();
                group
            })
            .collect();
        let group_thresholds = shares
            .iter()
            .map(|year| {
                let mut sum = 0.0;
                year.iter()
                    .map(|group| {
                        sum += group.weight;
                        threshold(sum)
                    })
                    .collect()
            })
            .collect();
        let mut before = vec![0];
        let mut sum = 0;
        before.extend(cohorts.iter().map(|n| {
            sum += n;
            sum
        }));
        Ok(Self {
            first_year,
            entry: options.entry,
            stream: options.seed.stream("pathway/patients"),
            horizon: cohorts.len() as f64,
            before,
            groups,
            group_thresholds,
        })
    }

    fn patients(&self) -> u64 {
        self.before[self.before.len() - 1]
    }

    fn blocks(&self) -> usize {
        usize::try_from(self.patients().div_ceil(BLOCK as u64)).unwrap_or(usize::MAX)
    }

    /// Follows the patients of one block.
    fn block<R: Record>(&self, block: usize, scratch: &mut Scratch, record: &mut R) {
        let mut rng = self.stream.block(block);
        let first = (block * BLOCK) as u64;
        let end = (first + BLOCK as u64).min(self.patients());
        scratch.year.clear();
        let mut year = self.before.partition_point(|&n| n <= first) - 1;
        for patient in first..end {
            while self.before[year + 1] <= patient {
                year += 1;
            }
            // There are at most as many years as calendar years.
            scratch.year.push(u32::try_from(year).unwrap_or(u32::MAX));
        }
        for group in &self.groups {
            let wanted = group.first_slot + group.states.len();
            if scratch.entering.len() < wanted {
                scratch.entering.resize_with(wanted, List::default);
            }
        }
        let changes = self.group_thresholds.len() > 1;
        for (patient, &year) in (0..).zip(&scratch.year) {
            let by_year = if changes { year as usize } else { 0 };
            let time = f64::from(year)
                + match self.entry {
                    Entry::UniformOverYear => rng.random::<f64>(),
                    // A moment before, so that the count at mid-year has them.
                    Entry::MidYear => 0.5 - 1e-9,
                };
            let g = if self.groups.len() == 1 {
                0
            } else {
                let bits = u64::from(rng.next_u32());
                self.group_thresholds[by_year]
                    .iter()
                    .position(|&threshold| bits < threshold)
                    .unwrap_or(self.groups.len() - 1)
            };
            let group = &self.groups[g];
            record.begin(g, patient, time);
            let never = group.never[by_year];
            if never > 0 && u64::from(rng.next_u32()) < never {
                record.never(g, patient, time);
                if let Some(survival) = &group.never_survival {
                    record.later_death(g, false, patient, time + survival.draw(&mut rng));
                }
            } else {
                scratch.entering[group.first_slot].push_if(true, (time, patient));
            }
        }
        for (g, group) in self.groups.iter().enumerate() {
            for state in 0..group.states.len() {
                self.leave(g, state, changes, scratch, &mut rng, record);
            }
        }
    }

    /// All patients of a block who entered a state leave it: first all draw a way, then all a stay, so
    /// that every step is a short loop.
    fn leave<G: Rng, R: Record>(
        &self,
        g: usize,
        s: usize,
        changes: bool,
        scratch: &mut Scratch,
        rng: &mut G,
        record: &mut R,
    ) {
        let group = &self.groups[g];
        let state = &group.states[s];
        let Scratch {
            year,
            entering,
            later,
            bits,
            ways,
            ends,
        } = scratch;
        let (here, after) = entering.split_at_mut(group.first_slot + s + 1);
        let here = &mut here[group.first_slot + s];
        let entries = &here.entries[..here.length];
        here.length = 0;
        let (bits, ways, ends) = (
            &mut bits[..entries.len()],
            &mut ways[..entries.len()],
            &mut ends[..entries.len()],
        );
        rng.fill(bits);
        let way_of = |bits: u32, thresholds: &[u64; WAYS - 1]| {
            let bits = u64::from(bits);
            u8::from(bits >= thresholds[0])
                + u8::from(bits >= thresholds[1])
                + u8::from(bits >= thresholds[2])
        };
        if changes {
            for ((way, bits), (_, patient)) in ways.iter_mut().zip(bits).zip(entries) {
                *way = way_of(*bits, &state.thresholds[year[*patient as usize] as usize]);
            }
        } else {
            let thresholds = state.thresholds[0];
            for (way, bits) in ways.iter_mut().zip(bits) {
                *way = way_of(*bits, &thresholds);
            }
        }
        if state.one_sampler {
            state.samplers[0].fill(rng, ends);
        } else {
            for (end, way) in ends.iter_mut().zip(&*ways) {
                *end = state.samplers[usize::from(*way)].draw(rng);
            }
        }
        for (end, (time, _)) in ends.iter_mut().zip(entries) {
            *end += time;
        }
        record.leave(g, s, ways, ends, entries);
        // Time off treatment is the state right after its line, the next line one of those that follow.
        for (way, to) in [(NEXT, state.then[NEXT]), (OFF, state.then[OFF])] {
            if to != NOWHERE {
                let list = &mut after[to - s - 1];
                for ((end, &to), (_, patient)) in ends.iter().zip(&*ways).zip(entries) {
                    let keep = (*end < self.horizon) & (usize::from(to) == way);
                    list.push_if(keep, (*end, *patient));
                }
            }
        }
        if let Some(survival) = &group.lost_survival {
            later.clear();
            for ((end, &way), (_, patient)) in ends.iter().zip(&*ways).zip(entries) {
                if usize::from(way) == LOST && *end < self.horizon {
                    later.push((*end, *patient));
                }
            }
            for &(time, patient) in &*later {
                record.later_death(g, true, patient, time + survival.draw(rng));
            }
        }
    }
}

impl GroupModel {
    fn new(
        slots: &GroupSlots,
        pathway: &Pathway,
        position: usize,
        shares: &[&GroupShares],
        samplers: &[Sampler],
        first_slot: usize,
    ) -> Self {
        let sampler = |stay: Option<usize>| stay.map(|stay| samplers[stay].clone());
        let cumulated = |s: &StateShares| {
            [
                threshold(s.next),
                threshold(s.next + s.off),
                // Without a share of their own, all others die.
                threshold(if s.lost > 0.0 {
                    s.next + s.off + s.death
                } else {
                    1.0
                }),
            ]
        };
        let states = &slots.states;
        let states = states.iter().enumerate().map(|(i, state)| {
            let next_line = states.iter().position(|other| other.line == state.line + 1);
            let off = states
                .get(i + 1)
                .is_some_and(|other| other.is_off && !state.is_off);
            let stays = [
                state.stay_next,
                state.stay_next,
                state.stay_death,
                state.stay_lost,
            ];
            StateModel {
                line: state.line,
                is_off: state.is_off,
                samplers: stays.map(|stay| samplers[stay].clone()),
                one_sampler: stays.iter().all(|stay| *stay == stays[0]),
                thresholds: shares
                    .iter()
                    .map(|year| cumulated(&year.states[i]))
                    .collect(),
                then: [
                    next_line.unwrap_or(NOWHERE),
                    if off { i + 1 } else { NOWHERE },
                ],
            }
        });
        Self {
            name: pathway.groups()[position].name().to_owned(),
            never: shares.iter().map(|year| threshold(year.never)).collect(),
            first_slot,
            never_survival: sampler(slots.never_survival),
            lost_survival: sampler(slots.lost_survival),
            states: states.collect(),
        }
    }

    const fn slots(&self) -> usize {
        self.states.len()
    }
}
