//! What a simulation keeps: counts by half-year, or every patient's events.

use super::{DEATH, GroupModel, LOST, NEXT, NOWHERE, OFF, Patient, PatientEvent, Population, WAYS};
use crate::pathway::cohorts::layout::{Row, row_count};

/// What a simulation keeps of the events.
pub(super) trait Record {
    fn begin(&mut self, group: usize, patient: u32, time: f64);
    /// All who entered a state of a group, with a patient each in `entries`, leave it by their ways.
    fn leave(
        &mut self,
        group: usize,
        state: usize,
        ways: &[u8],
        ends: &[f64],
        entries: &[(f64, u32)],
    );
    /// A patient is never treated.
    fn never(&mut self, group: usize, patient: u32, time: f64);
    /// A patient who was never treated (`lost` false) or lost dies.
    fn later_death(&mut self, group: usize, lost: bool, patient: u32, time: f64);
}

/// How many left each state by each way, by half-year; what lies past the end is not counted.
pub(super) struct Tally {
    width: usize,
    /// The last half-year, as a number.
    last: f64,
    left: Vec<u32>,
    /// Begun treatment, never treated, their deaths, deaths of the lost.
    others: [Vec<u32>; 4],
    /// The first state of each group.
    first: Vec<usize>,
}

/// The half-year of a time, the last one for all that is past the end.
#[inline]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn half_year(time: f64, last: f64) -> usize {
    // Times are not negative, and the last half-year takes all that is past the end.
    let half_years = 2.0 * time;
    (if half_years < last { half_years } else { last }) as i32 as usize
}

impl Tally {
    pub(super) fn new(population: &Population) -> Self {
        let width = 2 * (population.before.len() - 1) + 1;
        let states: usize = population.groups.iter().map(GroupModel::slots).sum();
        Self {
            width,
            last: (width - 1) as f64,
            left: vec![0; states * WAYS * width],
            others: [const { Vec::new() }; 4].map(|_: Vec<u32>| vec![0; width]),
            first: population
                .groups
                .iter()
                .map(|group| group.first_slot)
                .collect(),
        }
    }

    #[inline]
    fn half_year(&self, time: f64) -> usize {
        half_year(time, self.last)
    }

    pub(super) fn merged(mut self, other: &Self) -> Self {
        let add = |to: &mut Vec<u32>, from: &[u32]| {
            to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
        };
        add(&mut self.left, &other.left);
        for (to, from) in self.others.iter_mut().zip(&other.others) {
            add(to, from);
        }
        self
    }

    /// Cumulated to the beginning of each half-year.
    fn cumulated(counts: &[u32]) -> Vec<f64> {
        let mut sum = 0.0;
        let mut all = vec![0.0];
        all.extend(counts[..counts.len() - 1].iter().map(|&n| {
            sum += f64::from(n);
            sum
        }));
        all
    }

    pub(super) fn rows(&self, population: &Population, lines: usize) -> Vec<Vec<f64>> {
        let years = (self.width - 1) / 2;
        let mut rows = vec![vec![0.0; years]; row_count(lines)];
        let mut count = |row: Row, by: &[f64], sign: f64| {
            for (year, cell) in rows[row.index(lines)].iter_mut().enumerate() {
                *cell += sign * (by[2 * year + 2] - by[2 * year]);
            }
        };
        let mut stocks: Vec<(Row, Row, Vec<f64>)> = Vec::new();
        let [begun, never, never_dead, lost_dead] = &self.others;
        let (begun, never) = (Self::cumulated(begun), Self::cumulated(never));
        let (never_dead, lost_dead) = (Self::cumulated(never_dead), Self::cumulated(lost_dead));
        count(Row::Starts(0), &begun, 1.0);
        stocks.push((Row::InLineMid(0), Row::InLineEnd(0), begun));
        let (mut dead, mut lost) = (vec![0.0; self.width], vec![0.0; self.width]);
        let add = |to: &mut [f64], from: &[f64], sign: f64| {
            to.iter_mut()
                .zip(from)
                .for_each(|(to, from)| *to += sign * from);
        };
        for group in &population.groups {
            for (s, state) in group.states.iter().enumerate() {
                let from = (group.first_slot + s) * WAYS * self.width;
                let ways: Vec<Vec<f64>> = self.left[from..from + WAYS * self.width]
                    .chunks_exact(self.width)
                    .map(Self::cumulated)
                    .collect();
                let line = state.line;
                count(Row::Deaths(line), &ways[DEATH], 1.0);
                count(Row::Lost(line), &ways[LOST], 1.0);
                add(&mut dead, &ways[DEATH], 1.0);
                add(&mut lost, &ways[LOST], 1.0);
                let mut inside = vec![0.0; self.width];
                for way in &ways {
                    add(&mut inside, way, -1.0);
                }
                let (mid, end) = if state.is_off {
                    (Row::OffMid(line), Row::OffEnd(line))
                } else {
                    for way in [NEXT, OFF, LOST] {
                        count(Row::Failures(line), &ways[way], 1.0);
                    }
                    (Row::InLineMid(line), Row::InLineEnd(line))
                };
                stocks.push((mid, end, inside));
                if line + 1 < lines && state.then[NEXT] != NOWHERE {
                    count(Row::Starts(line + 1), &ways[NEXT], 1.0);
                    let rows = (Row::InLineMid(line + 1), Row::InLineEnd(line + 1));
                    stocks.push((rows.0, rows.1, ways[NEXT].clone()));
                }
                if state.then[OFF] != NOWHERE {
                    stocks.push((Row::OffMid(line), Row::OffEnd(line), ways[OFF].clone()));
                }
            }
        }
        count(Row::NeverTreated, &never, 1.0);
        count(Row::LaterDeaths, &never_dead, 1.0);
        count(Row::LaterDeaths, &lost_dead, 1.0);
        add(&mut dead, &never_dead, 1.0);
        add(&mut dead, &lost_dead, 1.0);
        add(&mut lost, &lost_dead, -1.0);
        let mut living_never = never;
        add(&mut living_never, &never_dead, -1.0);
        stocks.push((Row::DeadMid, Row::DeadEnd, dead));
        stocks.push((Row::LostMid, Row::LostEnd, lost));
        stocks.push((Row::NeverMid, Row::NeverEnd, living_never));
        for (mid, end, by) in stocks {
            for (row, offset) in [(mid, 1), (end, 2)] {
                for (year, cell) in rows[row.index(lines)].iter_mut().enumerate() {
                    *cell += by[2 * year + offset];
                }
            }
        }
        rows
    }
}

impl Record for Tally {
    #[inline]
    fn begin(&mut self, _: usize, _: u32, time: f64) {
        let half_year = self.half_year(time);
        self.others[0][half_year] += 1;
    }

    #[inline]
    fn leave(&mut self, group: usize, state: usize, ways: &[u8], ends: &[f64], _: &[(f64, u32)]) {
        let (width, last) = (self.width, self.last);
        let from = (self.first[group] + state) * WAYS * width;
        let counts = &mut self.left[from..from + WAYS * width];
        for (way, end) in ways.iter().zip(ends) {
            counts[usize::from(*way) * width + half_year(*end, last)] += 1;
        }
    }

    fn never(&mut self, _: usize, _: u32, time: f64) {
        let half_year = self.half_year(time);
        self.others[0][half_year] -= 1;
        self.others[1][half_year] += 1;
    }

    fn later_death(&mut self, _: usize, lost: bool, _: u32, time: f64) {
        let half_year = self.half_year(time);
        self.others[if lost { 3 } else { 2 }][half_year] += 1;
    }
}

/// Keeps every patient's events.
pub(super) struct Diary<'a> {
    pub(super) population: &'a Population,
    pub(super) patients: Vec<Patient>,
}

impl Diary<'_> {
    fn note(&mut self, patient: u32, time: f64, event: PatientEvent) {
        if time < self.population.horizon {
            let time = f64::from(self.population.first_year) + time;
            if let Some(patient) = self.patients.get_mut(patient as usize) {
                patient.events.push((time, event));
            }
        }
    }
}

impl Record for Diary<'_> {
    fn begin(&mut self, group: usize, patient: u32, time: f64) {
        self.patients.push(Patient {
            group: self.population.groups[group].name.clone(),
            diagnosed: f64::from(self.population.first_year) + time,
            events: Vec::new(),
        });
        self.note(patient, time, PatientEvent::LineStarts(1));
    }

    fn leave(
        &mut self,
        group: usize,
        state: usize,
        ways: &[u8],
        ends: &[f64],
        entries: &[(f64, u32)],
    ) {
        let line = self.population.groups[group].states[state].line + 1;
        for ((way, end), (_, patient)) in ways.iter().zip(ends).zip(entries) {
            let event = match usize::from(*way) {
                NEXT => PatientEvent::LineStarts(line + 1),
                OFF => PatientEvent::OffTreatment(line),
                DEATH => PatientEvent::Death,
                _ => PatientEvent::LostToTherapy,
            };
            self.note(*patient, *end, event);
        }
    }

    fn never(&mut self, _: usize, patient: u32, time: f64) {
        if let Some(patient) = self.patients.get_mut(patient as usize) {
            patient.events.clear();
        }
        self.note(patient, time, PatientEvent::NeverTreated);
    }

    fn later_death(&mut self, _: usize, _: bool, patient: u32, time: f64) {
        self.note(patient, time, PatientEvent::Death);
    }
}
