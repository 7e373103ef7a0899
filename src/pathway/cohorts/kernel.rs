//! What one patient diagnosed in a year contributes to every later year: the response kernel.
//!
//! People enter at a steady rate of one a year from time 0 on, without end. J(t), the number who
//! have entered a state by t, follows from state to state by convolution with the sojourn times, and has its
//! only singularity at 0. A cohort diagnosed through one year is the difference of two such inflows
//! a year apart, J(t) − J(t − 1); one diagnosed on a single day is the derivative J′.

use super::convolution::{Path, Weights};
use super::integrals::{Both, Grid};
use super::model_layout::{
    GroupShares, GroupSlots, Layout, Row, StateShares, StateSlots, row_count,
};
use crate::error::{Error, Result};
use crate::pathway::flow_options::Entry;
use crate::pathway::sojourn::Distribution;

/// Steps a year of the first grid, and of the finest.
const FIRST: usize = 12;
const FINEST: usize = 1536;
/// Grids that are compared, each of twice the step of the one before.
const MOST_GRIDS: usize = 4;
/// Grids may agree by accident: the error stated is so many times what their differences say. Of 22,000 random models
/// with known answers one was off by 0.91 of that.
const SAFETY: f64 = 2.0;
/// No error is stated to be below this: distribution functions are not known better.
const ROUNDING: f64 = 1e-10;
/// Steps of a grid in all: the work grows with the square.
const MOST_STEPS: usize = 60_000;
/// Products in all the convolutions of one set of shares and sojourn times: some ten seconds on one core.
const MOST_PRODUCTS: f64 = 1e11;

/// Patients per patient diagnosed: a row a quantity, a column a year since the year of diagnosis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Kernel {
    years: usize,
    values: Vec<f64>,
}

impl Kernel {
    fn zeros(lines: usize, years: usize) -> Self {
        Self {
            years,
            values: vec![0.0; row_count(lines) * years],
        }
    }

    /// A row of [`Row::index`].
    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.years..(row + 1) * self.years]
    }

    fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.values[row * self.years..(row + 1) * self.years]
    }

    /// The largest difference; NaN where a number is.
    fn distance(&self, other: &Self) -> f64 {
        let both = self.values.iter().zip(&other.values);
        let gaps = both.map(|(a, b)| (a - b).abs());
        gaps.max_by(f64::total_cmp).unwrap_or(0.0)
    }
}

/// Computes kernels of one model for one number of years.
#[derive(Debug)]
pub(super) struct CohortConvolution<'a> {
    layout: &'a Layout,
    entry: Entry,
    years: usize,
    main: Grids,
    /// With points elsewhere, to compare with where a sojourn time is steep.
    other: Option<Grids>,
}

/// A grid of so many steps a year, the one of twice the step, and so on while the middle of a year is a point.
#[derive(Debug)]
struct Grids {
    per_year: usize,
    fine: Grid,
}

/// The sojourn times of one draw, prepared.
#[derive(Debug)]
pub(super) struct Prepared {
    main: Vec<PreparedTime>,
    /// Where one is steep.
    other: Vec<PreparedTime>,
}

/// One sojourn time on each of the [`Grids`], and whether it bends or rises within a step of the finest.
#[derive(Debug)]
struct PreparedTime {
    on: Vec<Weights>,
    steep: bool,
}

/// A kernel with what is known of its error.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) kernel: Kernel,
    pub(super) error: f64,
}

impl Grids {
    fn new(per_year: usize, years: usize, lines: usize) -> Self {
        // As many times the points past the end, so that the coarsest grid has them too.
        let cells = per_year * years + (extra(lines) << (MOST_GRIDS - 1));
        Self {
            per_year,
            fine: Grid::new(1.0 / per_year as f64, cells),
        }
    }

    /// The steps a year of each.
    fn steps(&self) -> impl Iterator<Item = usize> {
        let steps = (0..MOST_GRIDS).map(|level| (self.per_year >> level, 2 << level));
        let steps = steps.take_while(|(_, divisor)| self.per_year.is_multiple_of(*divisor));
        steps.map(|(steps, _)| steps)
    }

    fn prepared(
        &self,
        distribution: &Distribution,
        entry: Entry,
        buffer: &mut Vec<f64>,
    ) -> PreparedTime {
        let Both {
            fine,
            mut coarse,
            steep,
        } = self.fine.integrals(distribution, buffer);
        let identity = *distribution == Distribution::None;
        let on = self.steps().enumerate().map(|(level, per_year)| {
            if level > 1 {
                coarse = coarse.coarser();
            }
            let integrals = if level == 0 { &fine } else { &coarse };
            Weights::new(integrals, 1.0 / per_year as f64, identity, entry)
        });
        PreparedTime {
            on: on.collect(),
            steep,
        }
    }
}

impl<'a> CohortConvolution<'a> {
    pub(super) fn new(layout: &'a Layout, entry: Entry, years: usize, per_year: usize) -> Self {
        let grids = |per_year| Grids::new(per_year, years, layout.lines());
        Self {
            layout,
            entry,
            years,
            main: grids(per_year),
            // The middle of a year is a point of all of these.
            other: per_year.is_multiple_of(48).then(|| grids(per_year / 6 * 5)),
        }
    }

    pub(super) const fn per_year(&self) -> usize {
        self.main.per_year
    }

    pub(super) const fn years(&self) -> usize {
        self.years
    }

    pub(super) fn prepare(&self, times: &[Distribution]) -> Prepared {
        let mut buffer = Vec::new();
        let mut on = |grids: &Grids| -> Vec<PreparedTime> {
            let times = times.iter();
            times
                .map(|time| grids.prepared(time, self.entry, &mut buffer))
                .collect()
        };
        let main = on(&self.main);
        let steep = main.iter().any(|time| time.steep);
        let other = self.other.as_ref().filter(|_| steep);
        Prepared {
            main,
            other: other.map_or(Vec::new(), on),
        }
    }

    /// Prepares the sojourn time at one position again; `buffer` is scratch space.
    pub(super) fn replace(
        &self,
        prepared: &mut Prepared,
        at: usize,
        distribution: &Distribution,
        buffer: &mut Vec<f64>,
    ) {
        prepared.main[at] = self.main.prepared(distribution, self.entry, buffer);
        if let (Some(grids), Some(time)) = (&self.other, prepared.other.get_mut(at)) {
            *time = grids.prepared(distribution, self.entry, buffer);
        }
    }

    /// The kernel for the shares of one draw and year of diagnosis, over the first `years` since then, with its
    /// error.
    ///
    /// Where all is smooth the error falls at least as the square of the step, so the finer of two grids is nearer
    /// to the truth than half of their difference. Where a sojourn time bends or rises within a step, the error
    /// depends on where in a step it does so, and two grids may be off by the same. Then all [`Grids`] are compared,
    /// and others with their points elsewhere: the error is the largest of their differences, halved from each pair
    /// to the next finer one. Twice as much is stated.
    pub(super) fn kernel(
        &self,
        prepared: &Prepared,
        shares: &[f64],
        years: usize,
    ) -> Result<Checked> {
        let shares = self.layout.resolve(shares)?;
        let solve = |grids: &Grids, times: &[PreparedTime], most: usize| -> Vec<Kernel> {
            let steps = grids.steps().take(most).enumerate();
            let kernels = steps.map(|(level, per_year)| {
                let weights: Vec<&Weights> = times.iter().map(|time| &time.on[level]).collect();
                self.solve(&weights, per_year, &shares, years)
            });
            kernels.collect()
        };
        let error = |kernels: &[Kernel], others: &[Kernel]| {
            let pairs = kernels.iter().zip(&kernels[1..]).enumerate();
            let nested = pairs.map(|(level, (fine, coarse))| fine.distance(coarse) / halved(level));
            let pairs = kernels.iter().zip(others).enumerate();
            let across = pairs.map(|(level, (one, other))| one.distance(other) / halved(level));
            nested.chain(across).fold(0.0, f64::max)
        };
        let steep = prepared.main.iter().any(|time| time.steep);
        let mut kernels = solve(
            &self.main,
            &prepared.main,
            if steep { MOST_GRIDS } else { 2 },
        );
        let error = match &self.other {
            _ if !steep => SAFETY * error(&kernels, &[]) / 2.0,
            Some(grids) if !prepared.other.is_empty() => {
                let others = solve(grids, &prepared.other, MOST_GRIDS);
                SAFETY * error(&kernels, &others).max(error(&others, &[]) / 2.0)
            }
            _ => f64::INFINITY,
        };
        Ok(Checked {
            kernel: kernels.swap_remove(0),
            error: error.max(ROUNDING),
        })
    }

    fn solve(
        &self,
        weights: &[&Weights],
        per_year: usize,
        shares: &[GroupShares],
        years: usize,
    ) -> Kernel {
        let mut kernel = Kernel::zeros(self.layout.lines(), years);
        for (slots, shares) in self.layout.groups.iter().zip(shares) {
            if shares.weight > 0.0 {
                let convolution = GroupConvolution {
                    slots,
                    shares,
                    weights,
                    per_year,
                    entry: self.entry,
                    years,
                    lines: self.layout.lines(),
                };
                convolution.add_to(&mut kernel);
            }
        }
        kernel
    }
}

fn halved(times: usize) -> f64 {
    (1_u32 << times).into()
}

/// Steps a year of the grid to begin with.
pub(super) const fn first_grid() -> usize {
    FIRST
}

/// Steps a year of the next finer grid, where the error on this one is too large.
pub(super) fn finer_grid(
    per_year: usize,
    years: usize,
    convolutions: usize,
    tolerance: f64,
    error: f64,
) -> Result<usize> {
    let steps = 2 * per_year * years;
    let products = convolutions as f64 * (steps as f64).powi(2) / 2.0;
    if per_year >= FINEST || steps > MOST_STEPS || products > MOST_PRODUCTS {
        return Err(Error::not_converged(format!(
            "the pathway was not computed within {tolerance:e} patients per patient diagnosed: with \
             {per_year} steps a year the error is still {error:e}; a sojourn time is too short or too steep \
             for the tolerance, the number of lines and the years of diagnosis that differ"
        )));
    }
    Ok(2 * per_year)
}

/// Points past the last year: each convolution in the chain uses one.
const fn extra(lines: usize) -> usize {
    2 * lines + 6
}

/// The walk of one group through its states.
struct GroupConvolution<'a> {
    slots: &'a GroupSlots,
    shares: &'a GroupShares,
    weights: &'a [&'a Weights],
    per_year: usize,
    entry: Entry,
    years: usize,
    lines: usize,
}

/// How many have entered a state, or left it in one way.
#[derive(Default)]
struct Entered {
    /// Of the steady inflow, by time; where a later state needs it and there is anybody.
    path: Option<Path>,
    /// Of the cohort, by half-year from the beginning of the year of diagnosis.
    by_half_year: Vec<f64>,
}

/// The ways out of a state. Those who go on, to the next line or off treatment, do so after one time.
#[derive(Default)]
struct Left {
    next: Entered,
    off: Entered,
    death: Entered,
    lost: Entered,
}

impl Entered {
    fn add(&mut self, other: Self) {
        match (&mut self.path, other.path) {
            (Some(path), Some(other)) => path.add(&other, 1.0),
            (path, other) => *path = path.take().or(other),
        }
        for (sum, n) in self.by_half_year.iter_mut().zip(other.by_half_year) {
            *sum += n;
        }
    }
}

impl GroupConvolution<'_> {
    fn add_to(&self, kernel: &mut Kernel) {
        let never = self.diagnosed(self.shares.never);
        let mut next = self.diagnosed(1.0 - self.shares.never);
        let (mut off, mut lost) = (self.nobody(), self.nobody());
        let mut dead = self.survived(self.slots.never_survival, &never);
        let never_dead = dead.clone();
        for (slots, shares) in self.slots.states.iter().zip(&self.shares.states) {
            let entering = if slots.is_off { &mut off } else { &mut next };
            let into = std::mem::replace(entering, self.nobody());
            let left = self.leave(slots, shares, &into);
            self.record(kernel, slots, &into.by_half_year, &left);
            for (dead, n) in dead.iter_mut().zip(&left.death.by_half_year) {
                *dead += n;
            }
            next.add(left.next);
            off.add(left.off);
            lost.add(left.lost);
        }
        let lost_dead = self.survived(self.slots.lost_survival, &lost);
        let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a + b).collect::<Vec<_>>();
        let living = |entered: &Entered, dead: &[f64]| -> Vec<f64> {
            let both = entered.by_half_year.iter().zip(dead);
            both.map(|(entered, dead)| (entered - dead).max(0.0))
                .collect()
        };
        self.count(kernel, Row::NeverTreated, &never.by_half_year);
        let rows = (Row::NeverMid, Row::NeverEnd);
        self.stock(kernel, rows, &living(&never, &never_dead));
        self.stock(
            kernel,
            (Row::LostMid, Row::LostEnd),
            &living(&lost, &lost_dead),
        );
        self.count(kernel, Row::LaterDeaths, &sum(&never_dead, &lost_dead));
        self.stock(
            kernel,
            (Row::DeadMid, Row::DeadEnd),
            &sum(&dead, &lost_dead),
        );
    }

    fn nobody(&self) -> Entered {
        Entered {
            path: None,
            by_half_year: vec![0.0; 2 * self.years + 1],
        }
    }

    /// A share of those diagnosed.
    fn diagnosed(&self, share: f64) -> Entered {
        let points = self.per_year * self.years + extra(self.lines);
        let path = Path::straight(share, 1.0 / self.per_year as f64, points);
        let by_half_year = match self.entry {
            Entry::UniformOverYear => self.of_one_year(&path.every(self.per_year / 2)),
            Entry::MidYear => Self::one_day(vec![share; 2 * self.years]),
        };
        Entered {
            path: Some(path),
            by_half_year,
        }
    }

    /// Those who leave a state, by each way out.
    fn leave(&self, slots: &StateSlots, shares: &StateShares, into: &Entered) -> Left {
        // Who leaves the last line has nowhere to go on to, and only some of the lost are followed.
        let follow_lost = self.slots.lost_survival.is_some();
        let goes_on = shares.next + shares.off > 0.0;
        let mut times: Vec<(usize, Entered)> = Vec::new();
        let ways = [
            (shares.next, slots.time_next, goes_on),
            (shares.off, slots.time_next, goes_on),
            (shares.death, slots.time_death, false),
            (shares.lost, slots.time_lost, follow_lost),
        ];
        let as_path = |time| {
            let mut same = ways
                .iter()
                .filter(|(share, t, _)| *share > 0.0 && *t == time);
            same.any(|(.., path)| *path)
        };
        for (_, time, _) in ways.iter().filter(|(share, ..)| *share > 0.0) {
            if times.iter().all(|(known, _)| known != time) {
                times.push((*time, self.after(*time, into, as_path(*time))));
            }
        }
        let after = |time| {
            times
                .iter()
                .find(|(known, _)| *known == time)
                .map(|(_, left)| left)
        };
        let by_half_year = book(
            &into.by_half_year,
            ways.map(|(share, time, _)| {
                let left = after(time).map_or(&[][..], |left| left.by_half_year.as_slice());
                (left, share)
            }),
        );
        let mut paths = ways.map(|(share, time, path)| {
            let path = after(time).filter(|_| path && share > 0.0)?.path.as_ref()?;
            Some(path.times(share))
        });
        let mut by_half_year = by_half_year.into_iter();
        let mut entered = |way: usize| Entered {
            path: paths[way].take(),
            by_half_year: by_half_year.next().unwrap_or_default(),
        };
        Left {
            next: entered(0),
            off: entered(1),
            death: entered(2),
            lost: entered(3),
        }
    }

    /// Of those who entered a state, how many have left it after a sojourn time.
    fn after(&self, time: usize, into: &Entered, as_path: bool) -> Entered {
        let Some(inflow) = &into.path else {
            return self.nobody();
        };
        let weights = self.weights[time];
        let stride = self.per_year / 2;
        let path = as_path.then(|| weights.convolve(inflow));
        let by_half_year = match (self.entry, &path) {
            (Entry::UniformOverYear, Some(path)) => self.of_one_year(&path.every(stride)),
            (Entry::UniformOverYear, None) => {
                self.of_one_year(&weights.convolve_at(inflow, stride, 2 * self.years + 1))
            }
            (Entry::MidYear, _) => {
                Self::one_day(weights.slope_at(inflow, &into.by_half_year[1..], stride))
            }
        };
        Entered { path, by_half_year }
    }

    /// Of those who entered a last state, how many have died there.
    fn survived(&self, survival: Option<usize>, entered: &Entered) -> Vec<f64> {
        let Some(time) = survival else {
            return self.nobody().by_half_year;
        };
        let dead = self.after(time, entered, false).by_half_year;
        let [dead] = book(&entered.by_half_year, [(&dead, 1.0)]);
        dead
    }

    /// What entered in one year, from a steady inflow by half-year.
    fn of_one_year(&self, steady: &[f64]) -> Vec<f64> {
        (0..=2 * self.years)
            .map(|s| steady[s] - if s >= 2 { steady[s - 2] } else { 0.0 })
            .collect()
    }

    /// What entered on one day, from half-years since that day.
    fn one_day(mut since: Vec<f64>) -> Vec<f64> {
        since.insert(0, 0.0);
        since
    }

    /// Starts, ends, deaths, losses and the number in one state.
    fn record(&self, kernel: &mut Kernel, slots: &StateSlots, into: &[f64], left: &Left) {
        let line = slots.line;
        let [next, off, death, lost] =
            [&left.next, &left.off, &left.death, &left.lost].map(|way| &way.by_half_year);
        let alive: Vec<f64> = (0..into.len())
            .map(|s| next[s] + off[s] + lost[s])
            .collect();
        let inside: Vec<f64> = (0..into.len())
            .map(|s| (into[s] - alive[s] - death[s]).max(0.0))
            .collect();
        self.count(kernel, Row::Deaths(line), death);
        self.count(kernel, Row::Lost(line), lost);
        if slots.is_off {
            self.stock(kernel, (Row::OffMid(line), Row::OffEnd(line)), &inside);
        } else {
            self.count(kernel, Row::Starts(line), into);
            self.count(kernel, Row::Failures(line), &alive);
            let rows = (Row::InLineMid(line), Row::InLineEnd(line));
            self.stock(kernel, rows, &inside);
        }
    }

    /// Adds what a counting process does in each calendar year.
    fn count(&self, kernel: &mut Kernel, row: Row, by_half_year: &[f64]) {
        let weight = self.shares.weight;
        for (year, cell) in kernel.row_mut(row.index(self.lines)).iter_mut().enumerate() {
            *cell += weight * (by_half_year[2 * year + 2] - by_half_year[2 * year]).max(0.0);
        }
    }

    /// Adds a number of people at the middle and at the end of each calendar year.
    fn stock(&self, kernel: &mut Kernel, (mid, end): (Row, Row), by_half_year: &[f64]) {
        let weight = self.shares.weight;
        for (row, offset) in [(mid, 1), (end, 2)] {
            for (year, cell) in kernel.row_mut(row.index(self.lines)).iter_mut().enumerate() {
                *cell += weight * by_half_year[2 * year + offset];
            }
        }
    }
}

/// How many have left by each of several ways, given shares of the ways: made to increase, and never to
/// exceed those who entered, so that nobody is lost. Where the grid resolves the sojourn times this changes
/// rounding errors only.
fn book<const N: usize>(entered: &[f64], ways: [(&[f64], f64); N]) -> [Vec<f64>; N] {
    let mut flows = [const { Vec::new() }; N];
    let mut before = [0.0_f64; N];
    for (s, &limit) in entered.iter().enumerate() {
        let mut now = before;
        for (way, (by_half_year, share)) in ways.iter().enumerate() {
            if *share > 0.0 {
                now[way] = (share * by_half_year[s]).max(before[way]);
            }
        }
        let (sum, sum_before): (f64, f64) = (now.iter().sum(), before.iter().sum());
        if sum > limit && sum > sum_before {
            let part = ((limit - sum_before) / (sum - sum_before)).clamp(0.0, 1.0);
            for way in 0..N {
                now[way] = before[way] + part * (now[way] - before[way]);
            }
        }
        for way in 0..N {
            flows[way].push(now[way]);
        }
        before = now;
    }
    flows
}
