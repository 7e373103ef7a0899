//! The individual simulation: patients one by one.
//!
//! It can be read as a story, and shares nothing with the cohort convolution but the model and the rows
//! of the result: that the two agree is a test of both.

use ndarray::{Array1, Axis};
use rand::{Rng, RngExt};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::row::{Row, State};
use super::superposition::shares_by_year;
use crate::checked_on_reading::checked;
use crate::draws::YearlyDraws;
use crate::error::Result;
use crate::number_checks::Place;
use crate::pathway::flow::{Flow, Moment};
use crate::pathway::flow_options::{Entry, FlowOptions, check_years};
use crate::pathway::model::{GroupShares, GroupSlots, Layout, Pathway, StateShares};
use crate::pathway::sojourn::Distribution;
use crate::random::{BLOCK, Seed, Stream};

/// The most patients whose histories are kept.
const MOST_HISTORIES: u64 = 10_000_000;

/// An **event** in the life of a simulated [`Patient`]: entering a state, or leaving the pathway.
///
/// Lines count from 1. A patient has one event at diagnosis, [`PatientEvent::LineStarts`] of line 1 or
/// [`PatientEvent::NeverTreated`], and then as many as come before the end of the simulation.
///
/// # Example
///
/// ```
/// use myeloma_epi::Seed;
/// use myeloma_epi::pathway::{Entry, Line, Pathway, PatientEvent, Share, SojournTime};
///
/// // 60 % of first line go on to second.
/// let pathway = Pathway::of_lines([
///     Line::new(SojournTime::exponential(1.0)?, Share::new(0.6)?),
///     Line::new(SojournTime::exponential(1.0)?, Share::new(0.0)?),
/// ])?;
/// // 10,000 patients diagnosed in 1990, followed to the end of 2024.
/// let mut cohorts = [0; 35];
/// cohorts[0] = 10_000;
/// let patients = pathway.histories(1990, &cohorts, Entry::default(), Seed::new(1))?;
/// let second = PatientEvent::LineStarts(2);
/// let with_second = patients.iter().filter(|p| p.events.iter().any(|(_, event)| *event == second));
/// // Four standard deviations of a binomial share: 4·√(0.6·0.4/10,000) = 0.02.
/// assert!((with_second.count() as f64 / 10_000.0 - 0.6).abs() < 0.02);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PatientEvent {
    /// A line of therapy begins; lines count from 1.
    LineStarts(usize),
    /// A line ends and time off treatment begins.
    OffTreatment(usize),
    /// Death.
    Death,
    /// A line, or the time off treatment after it, ends and no further therapy is given.
    LostToTherapy,
    /// The diagnosis of a patient who is never treated.
    NeverTreated,
}

checked! {
    /// The **history of one simulated patient**, from [`Pathway::histories`]: the group, the time of diagnosis, and
    /// every event with its time.
    ///
    /// Times are in calendar years with a fraction. A patient whose last event is none of death, loss to further
    /// therapy and [`PatientEvent::NeverTreated`] is still in a state when the simulation ends.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::Seed;
    /// use myeloma_epi::pathway::{Entry, Line, Pathway, PatientEvent, Share, SojournTime};
    ///
    /// // One line, exponential with mean 3 years, that ends in death.
    /// let pathway = Pathway::of_lines([Line::new(SojournTime::exponential(3.0)?, Share::new(0.0)?)])?;
    /// let mut cohorts = [0; 200];
    /// cohorts[0] = 10_000;
    /// let patients = pathway.histories(1900, &cohorts, Entry::default(), Seed::new(1))?;
    /// assert_eq!(patients[0].events[0], (patients[0].diagnosed, PatientEvent::LineStarts(1)));
    /// // Two centuries on all have died, after 3 years on average; four standard errors of a mean are 4·3/√10,000.
    /// let survival = patients.iter().map(|p| p.events[1].0 - p.diagnosed);
    /// assert!((survival.sum::<f64>() / 10_000.0 - 3.0).abs() < 0.12);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct Patient {
        /// The name of the [`Group`](crate::pathway::Group).
        pub group: String,
        /// The time of diagnosis in calendar years with a fraction: 2024.5 is the middle of 2024.
        pub diagnosed: f64,
        /// The events with their times, in calendar years with a fraction, in order of time. The first one is at
        /// diagnosis; those past the end of the simulation are not there.
        pub events: Vec<(f64, PatientEvent)>,
    } then check
}

impl Patient {
    fn check(&self) -> Result<()> {
        let place = Place("the history of a patient");
        let at_first =
            (self.events.first()).is_some_and(|(time, _)| time.total_cmp(&self.diagnosed).is_eq());
        let (mut before, mut lines, mut last) = (self.diagnosed, 0, None);
        for (time, event) in &self.events {
            place.check(
                time.is_finite() && *time >= before,
                format!("the time of {event:?}"),
                time,
                format!("finite and not before the event before it, at {before}"),
            )?;
            let follows = match event {
                PatientEvent::LineStarts(line) => {
                    lines += 1;
                    *line == lines
                }
                PatientEvent::OffTreatment(line) => *line == lines && lines > 0,
                PatientEvent::NeverTreated => last.is_none(),
                PatientEvent::LostToTherapy | PatientEvent::Death => last.is_some(),
            };
            let is_possible = follows && last != Some(PatientEvent::Death);
            let after = last.map_or("diagnosis".to_owned(), |last| format!("{last:?}"));
            place.check(
                is_possible,
                "an event",
                format!("{event:?}"),
                format!("one that may follow {after}"),
            )?;
            (before, last) = (*time, Some(*event));
        }
        place.check(
            at_first,
            "the time of diagnosis",
            self.diagnosed,
            "that of a first event",
        )
    }
}

impl Pathway {
    /// Patients by calendar year and line **by individual simulation**: `cohorts[i]` patients are
    /// diagnosed in the year `first_year` + i, followed one by one, and counted to the end of the last of
    /// those years. Shares and sojourn times have their central values; the flow has one draw.
    ///
    /// The result differs from that of [`Pathway::flow`] by Monte Carlo error, about the square root of each
    /// count. Patients do not depend on the number of threads. For several populations, each with shares and
    /// sojourn times of its own, simulate the pathways that [`Pathway::of_draw`] gives.
    ///
    /// ```
    /// use myeloma_epi::pathway::{Entry, FlowOptions, Line, Pathway, Share, SojournTime};
    /// use myeloma_epi::{Seed, YearlyDraws};
    /// use ndarray::Array2;
    ///
    /// let pathway = Pathway::of_lines([
    ///     Line::new(SojournTime::weibull(1.1, 3.0)?, Share::new(0.65)?),
    ///     Line::new(SojournTime::exponential(2.0)?, Share::new(0.0)?),
    /// ])?;
    /// let simulated = pathway.simulate(2020, &[5_000; 6], Entry::default(), Seed::new(1))?;
    /// let incidence = YearlyDraws::new(2020, Array2::from_elem((6, 1), 5_000.0))?;
    /// let options = FlowOptions { cohorts: Some(2020..=2025), ..FlowOptions::to(2025) };
    /// let expected = pathway.flow(&incidence, &options)?;
    /// let (simulated, expected) = (simulated.starts(2)?.median(2025)?, expected.starts(2)?.median(2025)?);
    /// assert!((simulated - expected).abs() < 4.0 * expected.sqrt());
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where there is no cohort, more than 500, or more than 2³² patients.
    pub fn simulate(
        &self,
        first_year: i32,
        cohorts: &[u64],
        entry: Entry,
        seed: Seed,
    ) -> Result<Flow> {
        let population = Population::new(self, first_year, cohorts, entry, seed, 1 << 32)?;
        let empty = || Tally::new(&population);
        let tally = (0..population.blocks())
            .into_par_iter()
            .fold(empty, |mut tally, block| {
                population.follow(block, |_, time, from, to| tally.add(time, from, to));
                tally
            })
            .reduce(empty, Tally::merged);
        let draws = |counts: Vec<f64>| {
            YearlyDraws::new(first_year, Array1::from_vec(counts).insert_axis(Axis(1)))
        };
        let diagnosed = draws(cohorts.iter().map(|&n| n as f64).collect())?;
        let rows = tally.rows().into_iter().map(draws).collect::<Result<_>>()?;
        let last_year = diagnosed.last_year();
        let options = FlowOptions {
            cohorts: Some(first_year..=last_year),
            ..FlowOptions::to(last_year)
        };
        let followed = options.followed(&diagnosed)?;
        let earlier = followed.earlier;
        let diagnosed = (followed.into_cohorts()?, earlier);
        Ok(Flow::new(self, diagnosed, rows, None, entry))
    }

    /// The history of every patient whom [`Pathway::simulate`] counts with the same arguments, in the order of
    /// diagnosis by year.
    ///
    /// # Errors
    ///
    /// As [`Pathway::simulate`], and where there are more than ten million patients.
    pub fn histories(
        &self,
        first_year: i32,
        cohorts: &[u64],
        entry: Entry,
        seed: Seed,
    ) -> Result<Vec<Patient>> {
        let population = Population::new(self, first_year, cohorts, entry, seed, MOST_HISTORIES)?;
        let horizon = population.years() as f64;
        let blocks: Vec<Vec<Patient>> = (0..population.blocks())
            .into_par_iter()
            .map(|block| {
                let mut patients: Vec<Patient> = Vec::new();
                population.follow(block, |group, time, from, to| {
                    let at = f64::from(first_year) + time;
                    if from.is_none() {
                        patients.push(Patient {
                            group: population.layout.groups[group].name.to_owned(),
                            diagnosed: at,
                            events: Vec::new(),
                        });
                    }
                    if let (true, Some(patient)) = (time < horizon, patients.last_mut()) {
                        patient.events.push((at, event(to)));
                    }
                });
                patients
            })
            .collect();
        Ok(blocks.into_iter().flatten().collect())
    }
}

/// Entering a state, as it is told.
const fn event(to: State) -> PatientEvent {
    match to {
        State::NeverTreated => PatientEvent::NeverTreated,
        State::Line(line) => PatientEvent::LineStarts(line + 1),
        State::Off(line) => PatientEvent::OffTreatment(line + 1),
        State::Lost => PatientEvent::LostToTherapy,
        State::Dead => PatientEvent::Death,
    }
}

/// The yearly counts that a step from one state to another adds to; from none at diagnosis.
const fn counts(from: Option<State>, to: State) -> [Option<Row>; 2] {
    let own = match (to, from) {
        (State::NeverTreated, _) => Some(Row::NeverTreated),
        (State::Line(line), _) => Some(Row::Starts(line)),
        (State::Dead, Some(State::Line(line) | State::Off(line))) => Some(Row::Deaths(line)),
        (State::Dead, _) => Some(Row::LaterDeaths),
        (State::Lost, Some(State::Line(line) | State::Off(line))) => Some(Row::Lost(line)),
        (State::Off(_) | State::Lost, _) => None,
    };
    let fails = match (from, to) {
        (_, State::Dead) => None,
        (Some(State::Line(line)), _) => Some(Row::Failures(line)),
        _ => None,
    };
    [own, fails]
}

/// Who is simulated, and the model as the simulation walks it.
struct Population<'a> {
    entry: Entry,
    stream: Stream,
    /// The number of patients diagnosed before each cohort, and in all.
    before: Vec<u64>,
    layout: Layout<'a>,
    /// By year of diagnosis, one entry where nothing changes, and group.
    shares: Vec<Vec<GroupShares>>,
    times: Vec<Distribution>,
}

impl<'a> Population<'a> {
    fn new(
        pathway: &'a Pathway,
        first_year: i32,
        cohorts: &[u64],
        entry: Entry,
        seed: Seed,
        most: u64,
    ) -> Result<Self> {
        let place = Place("a simulation");
        let years = i32::try_from(cohorts.len()).unwrap_or(i32::MAX);
        place.check(
            first_year.checked_add(years).is_some(),
            "the first year",
            first_year,
            "so early that all years after it are numbers",
        )?;
        check_years(cohorts.len(), place.0)?;
        let mut before = vec![0];
        for n in cohorts {
            let sum = u64::saturating_add(before[before.len() - 1], *n);
            let allowed = format!("at most {most}");
            place.check(sum <= most, "the number of patients", sum, &allowed)?;
            before.push(sum);
        }
        let layout = Layout::new(pathway);
        let shares = shares_by_year(pathway, &layout, first_year, cohorts.len()).into_iter();
        let times = layout.times.iter();
        Ok(Self {
            entry,
            stream: seed.stream("pathway/patients"),
            before,
            shares: shares.map(|s| layout.resolve(&s)).collect::<Result<_>>()?,
            times: times.map(|(_, t)| t.distribution().clone()).collect(),
            layout,
        })
    }

    fn years(&self) -> usize {
        self.before.len() - 1
    }

    fn patients(&self) -> u64 {
        self.before[self.years()]
    }

    fn blocks(&self) -> usize {
        usize::try_from(self.patients().div_ceil(BLOCK as u64)).unwrap_or(usize::MAX)
    }

    /// Follows the patients of one block; `note` gets each patient's group, and the times and kinds of the
    /// steps in order. Times are in years from the beginning of the first cohort's year.
    fn follow(&self, block: usize, mut note: impl FnMut(usize, f64, Option<State>, State)) {
        let mut rng = self.stream.block(block);
        let first = (block * BLOCK) as u64;
        let end = (first + BLOCK as u64).min(self.patients());
        let mut year = self.before.partition_point(|&n| n <= first) - 1;
        for patient in first..end {
            while self.before[year + 1] <= patient {
                year += 1;
            }
            let shares = &self.shares[year.min(self.shares.len() - 1)];
            let time = year as f64
                + match self.entry {
                    Entry::UniformOverYear => rng.random::<f64>(),
                    // A moment before, so that the count at mid-year has them.
                    Entry::MidYear => 0.5 - 1e-9,
                };
            let group = if shares.len() == 1 {
                0
            } else {
                group_of(shares, rng.random())
            };
            self.follow_one(
                &self.layout.groups[group],
                &shares[group],
                time,
                &mut rng,
                |time, from, to| note(group, time, from, to),
            );
        }
    }

    fn follow_one(
        &self,
        group: &GroupSlots<'_>,
        shares: &GroupShares,
        mut time: f64,
        rng: &mut impl Rng,
        mut note: impl FnMut(f64, Option<State>, State),
    ) {
        let mut now = None;
        let mut go = |time: f64, to: State| {
            note(time, now, to);
            now = Some(to);
        };
        if shares.never > 0.0 && rng.random::<f64>() < shares.never {
            go(time, State::NeverTreated);
            if let Some(survival) = group.never_survival {
                go(time + self.times[survival].draw(rng), State::Dead);
            }
            return;
        }
        go(time, State::Line(0));
        let mut at = 0;
        while time < self.years() as f64 {
            let state = &group.states[at];
            let to = next_state(&shares.states[at], state.line, rng.random());
            let sojourn = match to {
                State::Dead => state.time_death,
                State::Lost => state.time_lost,
                _ => state.time_next,
            };
            time += self.times[sojourn].draw(rng);
            go(time, to);
            match to {
                State::Dead => return,
                State::Lost => {
                    if let Some(survival) = group.lost_survival {
                        go(time + self.times[survival].draw(rng), State::Dead);
                    }
                    return;
                }
                // The time off treatment after a line is the state right after it.
                State::Off(_) => at += 1,
                _ => {
                    let next = group.states.get(at + 1);
                    at += 1 + usize::from(next.is_some_and(|next| next.is_off));
                }
            }
        }
    }
}

/// The group of a uniform random number.
fn group_of(shares: &[GroupShares], u: f64) -> usize {
    let mut sum = 0.0;
    let group = shares.iter().position(|group| {
        sum += group.weight;
        u < sum
    });
    group.unwrap_or(shares.len() - 1)
}

/// The state after one, of a line from 0, by a uniform random number.
fn next_state(shares: &StateShares, line: usize, u: f64) -> State {
    if u < shares.next {
        State::Line(line + 1)
    } else if u < shares.next + shares.off {
        State::Off(line)
    } else if shares.lost == 0.0 || u < shares.next + shares.off + shares.death {
        // Without a share of the lost, rounding of the sum makes none.
        State::Dead
    } else {
        State::Lost
    }
}

/// Of each quantity what patients add to it, by half-year: of the numbers in a state who enters and who leaves, in the
/// row of those in it at mid-year.
struct Tally {
    half_years: usize,
    lines: usize,
    added: Vec<i64>,
}

impl Tally {
    fn new(population: &Population<'_>) -> Self {
        let (half_years, lines) = (2 * population.years(), population.layout.lines);
        Self {
            half_years,
            lines,
            added: vec![0; half_years * Row::count(lines)],
        }
    }

    /// Counts a step; what lies past the end is not counted.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Not negative; past the end, whatever.
    fn add(&mut self, time: f64, from: Option<State>, to: State) {
        let half_year = (2.0 * time) as u32 as usize;
        if half_year >= self.half_years {
            return;
        }
        let mut add = |row: Row, n: i64| {
            self.added[row.index(self.lines) * self.half_years + half_year] += n;
        };
        for row in counts(from, to).into_iter().flatten() {
            add(row, 1);
        }
        if let Some(from) = from {
            add(Row::In(from, Moment::MidYear), -1);
        }
        add(Row::In(to, Moment::MidYear), 1);
    }

    fn merged(mut self, other: Self) -> Self {
        for (to, from) in self.added.iter_mut().zip(other.added) {
            *to += from;
        }
        self
    }

    /// The rows of a flow, in the order of [`Row::all`].
    fn rows(&self) -> Vec<Vec<f64>> {
        let by_year = |row: Row| {
            let from = row.index(self.lines) * self.half_years;
            self.added[from..from + self.half_years].chunks_exact(2)
        };
        let of_row = |row| {
            let mut inside = 0;
            let of_year = |halves: &[i64]| match row {
                Row::In(_, when) => {
                    let before = inside;
                    inside += halves[0] + halves[1];
                    match when {
                        Moment::MidYear => before + halves[0],
                        Moment::YearEnd => inside,
                    }
                }
                _ => halves[0] + halves[1],
            };
            let added = match row {
                Row::In(state, _) => by_year(Row::In(state, Moment::MidYear)),
                count => by_year(count),
            };
            added.map(of_year).map(|n| n as f64).collect()
        };
        Row::all(self.lines).map(of_row).collect()
    }
}
