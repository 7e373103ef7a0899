//! What one patient diagnosed in a year contributes to every later year: the response kernel.
//!
//! People enter at a steady rate of one a year from time 0 on, without end. J(t), the number who
//! have entered a state by t, follows from state to state by convolution with the sojourn times, and has its
//! only singularity at 0. A cohort diagnosed through one year is the difference of two such inflows
//! a year apart, J(t) − J(t − 1); one diagnosed on a single day is the derivative J′.

use super::convolution::{Moments, Path, Weights};
use super::integrals::{Both, Grid};
use super::row::{Row, State};
use crate::error::Result;
use crate::pathway::flow::Moment;
use crate::pathway::flow_options::Entry;
use crate::pathway::model::{GroupShares, GroupSlots, Layout, StateShares, StateSlots};
use crate::pathway::sojourn::Distribution;

/// Steps a year of the first grid.
pub(super) const FIRST: usize = 12;
/// Grids that are compared, each of twice the step of the one before.
const MOST_GRIDS: usize = 4;
/// Grids may agree by accident: the error stated is so many times what their differences say. Of 22,000 random models
/// with known answers one was off by 0.91 of that.
const SAFETY: f64 = 2.0;
/// No error is stated to be below this: distribution functions are not known better.
const ROUNDING: f64 = 1e-10;

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
            values: vec![0.0; Row::count(lines) * years],
        }
    }

    /// A row of [`Row::index`].
    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.years..(row + 1) * self.years]
    }

    fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.values[row * self.years..(row + 1) * self.years]
    }

    /// The largest difference; infinite where one of two numbers is NaN.
    fn distance(&self, other: &Self) -> f64 {
        let both = self.values.iter().zip(&other.values);
        let gaps = both.map(|(a, b)| (a - b).abs());
        let gaps = gaps.map(|gap| if gap.is_nan() { f64::INFINITY } else { gap });
        gaps.fold(0.0, f64::max)
    }
}

/// Computes kernels of one model for one number of years.
#[derive(Debug)]
pub(super) struct CohortConvolution<'a> {
    layout: &'a Layout<'a>,
    entry: Entry,
    pub(super) years: usize,
    /// The main ones, and perhaps others with points elsewhere, to compare with where a sojourn time is steep.
    grids: Vec<Grids>,
}

/// A grid of so many steps a year, the one of twice the step, and so on while the middle of a year is a point.
#[derive(Debug)]
struct Grids {
    per_year: usize,
    fine: Grid,
}

/// The sojourn times of one draw, prepared on the main grids, and on the others where one is steep.
#[derive(Debug)]
pub(super) struct Prepared(Vec<Vec<PreparedTime>>);

/// One sojourn time on each of the [`Grids`], and whether it bends or rises within a step of the finest.
#[derive(Debug)]
struct PreparedTime {
    on: Vec<Weights>,
    steep: bool,
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
        let on = self.steps().enumerate().map(|(level, per_year)| {
            if level > 1 {
                coarse = coarse.coarser();
            }
            let integrals = if level == 0 { &fine } else { &coarse };
            Weights::new(integrals, 1.0 / per_year as f64, distribution, entry)
        });
        PreparedTime {
            on: on.collect(),
            steep,
        }
    }
}

impl<'a> CohortConvolution<'a> {
    pub(super) fn new(layout: &'a Layout<'a>, entry: Entry, years: usize, per_year: usize) -> Self {
        let mut grids = vec![Grids::new(per_year, years, layout.lines)];
        // The middle of a year is a point of all of these.
        if per_year.is_multiple_of(48) {
            grids.push(Grids::new(per_year / 6 * 5, years, layout.lines));
        }
        Self {
            layout,
            entry,
            years,
            grids,
        }
    }

    pub(super) fn per_year(&self) -> usize {
        self.grids[0].per_year
    }

    pub(super) fn prepare(&self, times: &[Distribution]) -> Prepared {
        let (mut prepared, mut buffer) = (Vec::new(), Vec::new());
        for grids in &self.grids {
            let times = times.iter();
            let times = times.map(|time| grids.prepared(time, self.entry, &mut buffer));
            let times: Vec<PreparedTime> = times.collect();
            let steep = times.iter().any(|time| time.steep);
            prepared.push(times);
            if !steep {
                break;
            }
        }
        Prepared(prepared)
    }

    /// Prepares the sojourn time at one position again; `buffer` is scratch space.
    pub(super) fn replace(
        &self,
        prepared: &mut Prepared,
        at: usize,
        distribution: &Distribution,
        buffer: &mut Vec<f64>,
    ) {
        for (grids, times) in self.grids.iter().zip(&mut prepared.0) {
            times[at] = grids.prepared(distribution, self.entry, buffer);
        }
    }

    /// The kernel for the shares of one draw and year of diagnosis, over the first `years` since then, with its
    /// error.
    ///
    /// Where all is smooth the error falls at least as the square of the step, so the finer of two grids is nearer
    /// to the truth than half of their difference; as two may agree by accident, the difference of the next coarser two counts,
    /// too, as if it fell with the fourth power of the step. Where a sojourn time bends or rises within a step, the error
    /// depends on where in a step it does so, and two grids may be off by the same. Then all [`Grids`] are compared,
    /// and others with their points elsewhere: the error is the largest of their differences, halved from each pair
    /// to the next finer one. Twice as much is stated.
    pub(super) fn kernel(
        &self,
        prepared: &Prepared,
        shares: &[f64],
        years: usize,
    ) -> Result<(Kernel, f64)> {
        let shares = self.layout.resolve(shares)?;
        let steep = prepared.0[0].iter().any(|time| time.steep);
        // How many grids, and of which step each.
        let (sets, most) = if steep { (2, MOST_GRIDS) } else { (1, 3) };
        let solve = |(grids, times): (&Grids, &Vec<PreparedTime>)| -> Vec<Kernel> {
            let steps = grids.steps().take(most).enumerate();
            let kernels = steps.map(|(level, per_year)| {
                let weights: Vec<&Weights> = times.iter().map(|time| &time.on[level]).collect();
                self.solve(&weights, per_year, &shares, years)
            });
            kernels.collect()
        };
        let solved = self.grids.iter().zip(&prepared.0).take(sets).map(solve);
        let mut solved: Vec<Vec<Kernel>> = solved.collect();
        let fall: f64 = if steep { 2.0 } else { 16.0 };
        let largest = |fine: &[Kernel], other: &[Kernel]| {
            let gaps = fine.iter().zip(other).zip(0..);
            let gaps = gaps.map(|((a, b), level)| a.distance(b) / fall.powi(level));
            gaps.fold(0.0, f64::max)
        };
        let error = match &solved[..] {
            [kernels] if !steep => largest(kernels, &kernels[1..]) / 2.0,
            [kernels, others] => largest(kernels, &kernels[1..])
                .max(largest(kernels, others))
                .max(largest(others, &others[1..]) / 2.0),
            _ => f64::INFINITY,
        };
        Ok((solved[0].swap_remove(0), (SAFETY * error).max(ROUNDING)))
    }

    fn solve(
        &self,
        weights: &[&Weights],
        per_year: usize,
        shares: &[GroupShares],
        years: usize,
    ) -> Kernel {
        let mut kernel = Kernel::zeros(self.layout.lines, years);
        for (slots, shares) in self.layout.groups.iter().zip(shares) {
            if shares.weight > 0.0 {
                let convolution = GroupConvolution {
                    slots,
                    shares,
                    weights,
                    per_year,
                    entry: self.entry,
                    years,
                    lines: self.layout.lines,
                };
                convolution.add_to(&mut kernel);
            }
        }
        kernel
    }
}

/// Points past the last year: each convolution in the chain uses one.
const fn extra(lines: usize) -> usize {
    2 * lines + 6
}

/// The walk of one group through its states.
struct GroupConvolution<'a> {
    slots: &'a GroupSlots<'a>,
    shares: &'a GroupShares,
    weights: &'a [&'a Weights],
    per_year: usize,
    entry: Entry,
    years: usize,
    lines: usize,
}

/// How many have entered a state, or left it in one way.
struct Entered {
    /// Of the steady inflow, by time, without those of one day who enter at once; where a later state needs it and there
    /// is anybody.
    path: Option<Path>,
    /// Of a cohort of one day, the moments at which many enter at once.
    at_once: Moments,
    /// Of the cohort, by half-year from the beginning of the year of diagnosis.
    by_half_year: Vec<f64>,
}

impl Entered {
    fn add(&mut self, other: Self) {
        match (&mut self.path, other.path) {
            (Some(path), Some(other)) => path.add(&other),
            (path, other) => *path = path.take().or(other),
        }
        self.at_once.add(&other.at_once);
        add(&mut self.by_half_year, &other.by_half_year);
    }
}

fn add(sum: &mut [f64], numbers: &[f64]) {
    sum.iter_mut().zip(numbers).for_each(|(sum, n)| *sum += n);
}

impl GroupConvolution<'_> {
    fn add_to(&self, kernel: &mut Kernel) {
        let never = self.diagnosed(self.shares.never);
        let mut next = self.diagnosed(1.0 - self.shares.never);
        let (mut off, mut lost) = (self.nobody(), self.nobody());
        let never_dead = self.survived(self.slots.never_survival, &never);
        let mut dead = never_dead.clone();
        for (slots, shares) in self.slots.states.iter().zip(&self.shares.states) {
            let entering = if slots.is_off { &mut off } else { &mut next };
            let mut into = std::mem::replace(entering, self.nobody());
            self.settle(&mut into);
            let left = self.leave(slots, shares, &into);
            self.record(kernel, slots, &into.by_half_year, &left);
            let [to_next, to_off, died, to_lost] = left;
            add(&mut dead, &died.by_half_year);
            next.add(to_next);
            off.add(to_off);
            lost.add(to_lost);
        }
        self.settle(&mut lost);
        let lost_dead = self.survived(self.slots.lost_survival, &lost);
        add(&mut dead, &lost_dead);
        self.count(kernel, Row::NeverTreated, &never.by_half_year);
        let living = |entered: &Entered, dead: &[f64]| -> Vec<f64> {
            let both = entered.by_half_year.iter().zip(dead);
            // Not below 0 but for rounding: `book` lets no more die than have entered.
            both.map(|(entered, dead)| (entered - dead).max(0.0))
                .collect()
        };
        self.stock(kernel, State::NeverTreated, &living(&never, &never_dead));
        self.stock(kernel, State::Lost, &living(&lost, &lost_dead));
        let mut later = never_dead;
        add(&mut later, &lost_dead);
        self.count(kernel, Row::LaterDeaths, &later);
        self.stock(kernel, State::Dead, &dead);
    }

    fn settle(&self, entered: &mut Entered) {
        if let Some(path) = &mut entered.path {
            path.take(&mut entered.at_once, 1.0 / self.per_year as f64);
        }
    }

    fn nobody(&self) -> Entered {
        Entered {
            path: None,
            at_once: Moments::default(),
            by_half_year: vec![0.0; 2 * self.years + 1],
        }
    }

    /// A share of those diagnosed.
    fn diagnosed(&self, share: f64) -> Entered {
        let points = self.per_year * self.years + extra(self.lines);
        let (path, by_half_year) = match self.entry {
            Entry::UniformOverYear => {
                let path = Path::straight(share, 1.0 / self.per_year as f64, points);
                let of_one_year = self.of_one_year(&path.every(self.per_year / 2));
                (path, of_one_year)
            }
            Entry::MidYear => (Path::nobody(points), one_day(vec![share; 2 * self.years])),
        };
        Entered {
            path: Some(path),
            at_once: Moments::at_once(share),
            by_half_year,
        }
    }

    /// Those who leave a state for the next line, for time off treatment, by death, and lost to further therapy.
    fn leave(&self, slots: &StateSlots, shares: &StateShares, into: &Entered) -> [Entered; 4] {
        // Who leaves the last line has nowhere to go on to, and only some of the lost are followed.
        let goes_on = shares.next + shares.off > 0.0;
        let follow_lost = self.slots.lost_survival.is_some();
        let ways = [
            (shares.next, slots.time_next, goes_on),
            (shares.off, slots.time_next, goes_on),
            (shares.death, slots.time_death, false),
            (shares.lost, slots.time_lost, follow_lost),
        ];
        let taken = || ways.iter().filter(|(share, ..)| *share > 0.0);
        // Ways that take the same time are one convolution.
        let mut times: Vec<(usize, Entered)> = Vec::new();
        for &(_, time, _) in taken() {
            if times.iter().all(|(known, _)| *known != time) {
                let as_path = taken().any(|(_, other, as_path)| *other == time && *as_path);
                times.push((time, self.after(time, into, as_path)));
            }
        }
        let left = ways.map(|(share, time, _)| {
            let known = times.iter().find(|(known, _)| *known == time);
            known.filter(|_| share > 0.0).map(|(_, left)| left)
        });
        let booked = book(
            &into.by_half_year,
            std::array::from_fn::<_, 4, _>(|way| {
                let by_half_year = left[way].map_or(&[][..], |left| &left.by_half_year);
                (by_half_year, ways[way].0)
            }),
        );
        let mut booked = booked.into_iter();
        std::array::from_fn(|way| {
            let (share, _, as_path) = ways[way];
            let followed = left[way].filter(|_| as_path);
            Entered {
                path: followed.and_then(|left| Some(left.path.as_ref()?.times(share))),
                at_once: followed.map_or_else(Moments::default, |left| left.at_once.times(share)),
                by_half_year: booked.next().unwrap_or_default(),
            }
        })
    }

    /// Of those who entered a state, how many have left it after a sojourn time.
    fn after(&self, time: usize, into: &Entered, as_path: bool) -> Entered {
        let Some(inflow) = &into.path else {
            return self.nobody();
        };
        let weights = self.weights[time];
        let stride = self.per_year / 2;
        let step = 1.0 / self.per_year as f64;
        let path = as_path.then(|| match self.entry {
            Entry::UniformOverYear => weights.convolve(inflow),
            Entry::MidYear => weights.leaving_smoothly(inflow, &into.at_once, step),
        });
        let (by_half_year, at_once) = match (self.entry, &path) {
            (Entry::UniformOverYear, Some(path)) => {
                (self.of_one_year(&path.every(stride)), Moments::default())
            }
            (Entry::UniformOverYear, None) => {
                let steady = weights.convolve_at(inflow, stride, 2 * self.years + 1);
                (self.of_one_year(&steady), Moments::default())
            }
            (Entry::MidYear, _) => {
                let entered = (&into.by_half_year[1..], &into.at_once);
                let (since, at_once) = weights.leaving(inflow, entered, (step, stride));
                (one_day(since), at_once)
            }
        };
        Entered {
            path,
            at_once,
            by_half_year,
        }
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

    /// Starts, ends, deaths, losses and the number in one state.
    fn record(&self, kernel: &mut Kernel, slots: &StateSlots, into: &[f64], left: &[Entered; 4]) {
        let line = slots.line;
        let [next, off, death, lost] = left.each_ref().map(|way| &way.by_half_year);
        let alive: Vec<f64> = (0..into.len())
            .map(|s| next[s] + off[s] + lost[s])
            .collect();
        // Not below 0 but for rounding: `book` lets no more leave than have entered.
        let inside: Vec<f64> = (0..into.len())
            .map(|s| (into[s] - alive[s] - death[s]).max(0.0))
            .collect();
        self.count(kernel, Row::Deaths(line), death);
        self.count(kernel, Row::Lost(line), lost);
        if slots.is_off {
            self.stock(kernel, State::Off(line), &inside);
        } else {
            self.count(kernel, Row::Starts(line), into);
            self.count(kernel, Row::Failures(line), &alive);
            self.stock(kernel, State::Line(line), &inside);
        }
    }

    /// Adds what a counting process does in each calendar year.
    fn count(&self, kernel: &mut Kernel, row: Row, by_half_year: &[f64]) {
        for (year, cell) in kernel.row_mut(row.index(self.lines)).iter_mut().enumerate() {
            let counted = by_half_year[2 * year + 2] - by_half_year[2 * year];
            // `book` makes it increase; of those who enter on one day nobody does so later.
            *cell += self.shares.weight * counted.max(0.0);
        }
    }

    /// Adds a number of people at the middle and at the end of each calendar year.
    fn stock(&self, kernel: &mut Kernel, state: State, by_half_year: &[f64]) {
        for (when, offset) in [(Moment::MidYear, 1), (Moment::YearEnd, 2)] {
            let row = Row::In(state, when).index(self.lines);
            for (year, cell) in kernel.row_mut(row).iter_mut().enumerate() {
                *cell += self.shares.weight * by_half_year[2 * year + offset];
            }
        }
    }
}

/// What entered on one day, from half-years since that day.
fn one_day(mut since: Vec<f64>) -> Vec<f64> {
    since.insert(0, 0.0);
    since
}

/// How many have left by each of several ways, given shares of the ways: made to increase, and never to
/// exceed those who entered, so that nobody is lost. Where the grid resolves the sojourn times this changes
/// rounding errors only; where it does not, the error that is stated for the kernel says so.
fn book<const N: usize>(entered: &[f64], ways: [(&[f64], f64); N]) -> [Vec<f64>; N] {
    let mut flows = [const { Vec::new() }; N];
    let mut before = [0.0_f64; N];
    for (s, &limit) in entered.iter().enumerate() {
        let mut now = before;
        for (now, (by_half_year, share)) in now.iter_mut().zip(ways) {
            if share > 0.0 {
                *now = (share * by_half_year[s]).max(*now);
            }
        }
        let (sum, sum_before): (f64, f64) = (now.iter().sum(), before.iter().sum());
        if sum > limit && sum > sum_before {
            // Below 0 where more have left before than have entered now, by rounding.
            let part = ((limit - sum_before) / (sum - sum_before)).max(0.0);
            for (now, before) in now.iter_mut().zip(before) {
                *now = before + part * (*now - before);
            }
        }
        for (flow, now) in flows.iter_mut().zip(now) {
            flow.push(now);
        }
        before = now;
    }
    flows
}
