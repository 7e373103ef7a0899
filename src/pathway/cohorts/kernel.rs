//! What one patient diagnosed in a year contributes to every later year: the response kernel.
//!
//! People enter at a steady rate of one a year from time 0 on, without end. J(t), the number who
//! have entered a state by t, follows from state to state by convolution with the sojourn times, and has its
//! only singularity at 0. A cohort diagnosed through one year is the difference of two such inflows
//! a year apart, J(t) − J(t − 1); one diagnosed on a single day is the derivative J′.

use super::convolution::{Grid, Moments, Path, Weights};
use super::layout::{GroupShares, GroupSlots, Layout, Row, row_count};
use crate::error::{ErrorKind, Result};
use crate::pathway::flow_options::Entry;
use crate::pathway::sojourn::Distribution;

/// Steps a year of the first grid, and of the finest.
const FIRST: usize = 12;
const FINEST: usize = 1024;
/// Steps of a grid in all: the work grows with the square.
const MOST_STEPS: usize = 60_000;
/// Products in all the convolutions of one set of shares and sojourn times: some ten seconds on one core.
const MOST_PRODUCTS: f64 = 1e11;

/// Patients per patient diagnosed: a row a quantity, a column a year since the year of diagnosis.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::pathway) struct Kernel {
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
    pub(in crate::pathway) fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.years..(row + 1) * self.years]
    }

    fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.values[row * self.years..(row + 1) * self.years]
    }

    fn distance(&self, other: &Self) -> f64 {
        self.values
            .iter()
            .zip(&other.values)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f64::max)
    }
}

/// Computes kernels of one model for one number of years.
#[derive(Debug)]
pub(in crate::pathway) struct CohortConvolution<'a> {
    layout: &'a Layout,
    entry: Entry,
    years: usize,
    grid: Grid,
}

/// The sojourn times of one draw, prepared: on the grid, and on the grid of twice the step.
#[derive(Debug)]
pub(in crate::pathway) struct Prepared {
    weights: Vec<Weights>,
    coarse: Vec<Weights>,
}

/// A kernel with what is known of its error.
#[derive(Debug)]
pub(in crate::pathway) struct Checked {
    pub(in crate::pathway) kernel: Kernel,
    pub(in crate::pathway) error: f64,
}

impl<'a> CohortConvolution<'a> {
    pub(in crate::pathway) fn new(
        layout: &'a Layout,
        entry: Entry,
        years: usize,
        per_year: usize,
    ) -> Self {
        // Twice the points, so that the grid of twice the step has them too.
        let cells = per_year * years + 2 * extra(layout.lines()) + 2;
        Self {
            layout,
            entry,
            years,
            grid: Grid::new(per_year, cells),
        }
    }

    pub(in crate::pathway) const fn per_year(&self) -> usize {
        self.grid.per_year()
    }

    pub(in crate::pathway) const fn years(&self) -> usize {
        self.years
    }

    pub(in crate::pathway) fn prepare(&self, times: &[Distribution]) -> Prepared {
        let mut buffer = Vec::new();
        let both = times
            .iter()
            .map(|distribution| self.both(distribution, &mut buffer));
        let (weights, coarse) = both.unzip();
        Prepared { weights, coarse }
    }

    /// Prepares the sojourn time at one position again; `buffer` is scratch space.
    pub(in crate::pathway) fn replace(
        &self,
        prepared: &mut Prepared,
        at: usize,
        distribution: &Distribution,
        buffer: &mut Vec<f64>,
    ) {
        (prepared.weights[at], prepared.coarse[at]) = self.both(distribution, buffer);
    }

    fn both(&self, distribution: &Distribution, buffer: &mut Vec<f64>) -> (Weights, Weights) {
        let moments: Moments = self.grid.moments(distribution, buffer);
        let per_year = self.grid.per_year();
        (
            moments.weights(per_year),
            moments.coarser().weights(per_year / 2),
        )
    }

    /// The kernel for the shares of one draw and year of diagnosis, over the first `years` since then,
    /// with its error: the error falls at
    /// least as the square of the step, so the finer of two grids is nearer to the truth than a third of
    /// their difference.
    pub(in crate::pathway) fn kernel(
        &self,
        prepared: &Prepared,
        shares: &[f64],
        years: usize,
    ) -> Result<Checked> {
        let shares = self.layout.resolve(shares)?;
        let per_year = self.grid.per_year();
        let kernel = self.solve(&prepared.weights, per_year, &shares, years);
        let coarse = self.solve(&prepared.coarse, per_year / 2, &shares, years);
        let error = kernel.distance(&coarse) / 3.0;
        Ok(Checked { kernel, error })
    }

    fn solve(
        &self,
        weights: &[Weights],
        per_year: usize,
        shares: &[GroupShares],
        years: usize,
    ) -> Kernel {
        let mut kernel = Kernel::zeros(self.layout.lines(), years);
        for (slots, shares) in self.layout.groups.iter().zip(shares) {
            if shares.weight > 0.0 {
                GroupConvolution {
                    slots,
                    shares,
                    weights,
                    per_year,
                    entry: self.entry,
                    years,
                    lines: self.layout.lines(),
                }
                .add_to(&mut kernel);
            }
        }
        kernel
    }
}

/// Steps a year of the grid to begin with.
pub(in crate::pathway) const fn first_grid() -> usize {
    FIRST
}

/// Steps a year of the next finer grid, where the error on this one is too large.
pub(in crate::pathway) fn finer_grid(
    per_year: usize,
    years: usize,
    convolutions: usize,
    tolerance: f64,
    error: f64,
) -> Result<usize> {
    let steps = 2 * per_year * years;
    let products = convolutions as f64 * (steps as f64).powi(2) / 2.0;
    if per_year >= FINEST || steps > MOST_STEPS || products > MOST_PRODUCTS {
        return Err(ErrorKind::NotConverged(format!(
            "the pathway was not computed within {tolerance:e} patients per patient diagnosed: with \
             {per_year} steps a year the error is still {error:e}; a sojourn time is too short or too steep \
             for the tolerance, the number of lines and the years of diagnosis that differ"
        ))
        .into());
    }
    Ok(2 * per_year)
}

/// Points past the last year: each convolution in the chain uses one, the derivative two.
const fn extra(lines: usize) -> usize {
    2 * lines + 6
}

struct GroupConvolution<'a> {
    slots: &'a GroupSlots,
    shares: &'a GroupShares,
    weights: &'a [Weights],
    per_year: usize,
    entry: Entry,
    years: usize,
    lines: usize,
}

/// How many have left a state after one sojourn time, as a path where a later state needs it, and by
/// half-year of the cohort.
struct Left {
    time: usize,
    path: Option<Path>,
    by_half_year: Vec<f64>,
}

impl GroupConvolution<'_> {
    #[allow(clippy::too_many_lines)] // One walk through the states, step by step.
    fn add_to(&self, kernel: &mut Kernel) {
        let points = self.per_year * self.years + extra(self.lines);
        let step = 1.0 / self.per_year as f64;
        let line = |slope| Path::straight(slope, step, points);

        let never = self.shares.never;
        let never_in = self.half_years(&line(never));
        let never_dead = self.survived(self.slots.never_survival, || line(never), &never_in);

        let mut lost_path = self.slots.lost_survival.map(|_| line(0.0));
        let mut lost_in = vec![0.0; never_in.len()];
        let mut dead = never_dead.clone();

        let mut entering = Some(line(1.0 - never));
        let mut entered = self.half_years(&line(1.0 - never));
        let mut entering_off = None;
        let mut entered_off = Vec::new();
        let states = self.slots.states.iter().zip(&self.shares.states);
        for (i, (slots, shares)) in states.enumerate() {
            let (inflow, into) = if slots.is_off {
                (entering_off.take(), std::mem::take(&mut entered_off))
            } else {
                (entering.take(), std::mem::take(&mut entered))
            };
            let goes_on = i + 1 < self.slots.states.len();
            let has_off = goes_on && self.slots.states[i + 1].is_off;
            let mut exits = Exits {
                inflow: inflow.as_ref(),
                convolution: self,
                left: Vec::new(),
            };
            let to_path = goes_on && (shares.next > 0.0 || shares.off > 0.0);
            let lost_to_path = lost_path.is_some() && shares.lost > 0.0;
            let next = exits.after(slots.time_next, to_path);
            let death = exits.after(slots.time_death, false);
            let lost = exits.after(slots.time_lost, lost_to_path);
            let left = exits.left;

            // Everything from here on is book-keeping by half-year, so that nobody is lost.
            let parts = [
                (next, shares.next + shares.off),
                (death, shares.death),
                (lost, shares.lost),
            ];
            let parts = parts.map(|(k, share)| (left[k].by_half_year.as_slice(), share));
            let flows = book(&into, parts);
            let going_on = shares.next + shares.off;
            let part_of = |share: f64| {
                let factor = if going_on > 0.0 {
                    share / going_on
                } else {
                    0.0
                };
                flows[0].iter().map(|x| x * factor).collect::<Vec<f64>>()
            };
            let (to_next, to_off) = (part_of(shares.next), part_of(shares.off));

            self.record(kernel, slots.line, slots.is_off, &into, &flows);
            for s in 0..dead.len() {
                dead[s] += flows[1][s];
                lost_in[s] += flows[2][s];
            }
            if let (Some(path), Some(lost)) = (&mut lost_path, &left[lost].path) {
                path.add(lost, shares.lost);
            }
            if let (true, Some(path)) = (goes_on, &left[next].path) {
                if has_off {
                    entering_off = Some(path.times(shares.off));
                }
                match &mut entering {
                    Some(entering) if slots.is_off => entering.add(path, shares.next),
                    _ => entering = Some(path.times(shares.next)),
                }
            }
            if slots.is_off {
                for (a, b) in entered.iter_mut().zip(&to_next) {
                    *a += b;
                }
            } else {
                entered = to_next;
                entered_off = to_off;
            }
        }

        let lost_dead = self.survived(
            self.slots.lost_survival,
            || lost_path.take().unwrap_or_else(|| line(0.0)),
            &lost_in,
        );
        let later: Vec<f64> = never_dead
            .iter()
            .zip(&lost_dead)
            .map(|(a, b)| a + b)
            .collect();
        let total: Vec<f64> = dead.iter().zip(&lost_dead).map(|(a, b)| a + b).collect();
        let difference = |a: &[f64], b: &[f64]| -> Vec<f64> {
            a.iter().zip(b).map(|(a, b)| (a - b).max(0.0)).collect()
        };
        self.count(kernel, Row::NeverTreated, &never_in);
        self.stock(
            kernel,
            (Row::NeverMid, Row::NeverEnd),
            &difference(&never_in, &never_dead),
        );
        self.stock(
            kernel,
            (Row::LostMid, Row::LostEnd),
            &difference(&lost_in, &lost_dead),
        );
        self.count(kernel, Row::LaterDeaths, &later);
        self.stock(kernel, (Row::DeadMid, Row::DeadEnd), &total);
    }

    /// Starts, ends, deaths, losses and the number in one state.
    fn record(
        &self,
        kernel: &mut Kernel,
        line: usize,
        is_off: bool,
        into: &[f64],
        flows: &[Vec<f64>; 3],
    ) {
        let inside: Vec<f64> = (0..into.len())
            .map(|s| (into[s] - flows[0][s] - flows[1][s] - flows[2][s]).max(0.0))
            .collect();
        self.count(kernel, Row::Deaths(line), &flows[1]);
        self.count(kernel, Row::Lost(line), &flows[2]);
        if is_off {
            self.stock(kernel, (Row::OffMid(line), Row::OffEnd(line)), &inside);
        } else {
            let alive: Vec<f64> = flows[0].iter().zip(&flows[2]).map(|(a, b)| a + b).collect();
            self.count(kernel, Row::Starts(line), into);
            self.count(kernel, Row::Failures(line), &alive);
            self.stock(
                kernel,
                (Row::InLineMid(line), Row::InLineEnd(line)),
                &inside,
            );
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

    /// Of those who entered a last state, how many have died there.
    fn survived(
        &self,
        survival: Option<usize>,
        path: impl FnOnce() -> Path,
        entered: &[f64],
    ) -> Vec<f64> {
        let Some(time) = survival else {
            return vec![0.0; entered.len()];
        };
        let dead = self.half_years(&self.weights[time].convolve(&path()));
        let [dead, ..] = book(entered, [(&dead, 1.0), (&[], 0.0), (&[], 0.0)]);
        dead
    }

    /// A cohort's part of a path, by half-year from the beginning of the year of diagnosis.
    fn half_years(&self, path: &Path) -> Vec<f64> {
        let stride = self.per_year / 2;
        match self.entry {
            Entry::UniformOverYear => {
                let samples = path.values.iter().step_by(stride).copied();
                year_apart(&samples.take(2 * self.years + 1).collect::<Vec<f64>>())
            }
            Entry::MidYear => {
                let g = &path.values;
                let scale = self.per_year as f64 / 12.0;
                (0..=2 * self.years)
                    .map(|s| match s {
                        0 => 0.0,
                        1 => path.slope_at_zero,
                        _ => {
                            let i = (s - 1) * stride;
                            scale * (g[i - 2] - 8.0 * g[i - 1] + 8.0 * g[i + 1] - g[i + 2])
                        }
                    })
                    .collect()
            }
        }
    }
}

/// What entered in one year, from a steady inflow by half-year.
fn year_apart(samples: &[f64]) -> Vec<f64> {
    (0..samples.len())
        .map(|s| samples[s] - if s >= 2 { samples[s - 2] } else { 0.0 })
        .collect()
}

/// The ways out of one state, each sojourn time convolved once.
struct Exits<'a> {
    inflow: Option<&'a Path>,
    convolution: &'a GroupConvolution<'a>,
    left: Vec<Left>,
}

impl Exits<'_> {
    /// The position in `left` of those who leave after a sojourn time.
    fn after(&mut self, time: usize, as_path: bool) -> usize {
        let convolution = self.convolution;
        let known = self
            .left
            .iter()
            .position(|left| left.time == time && (left.path.is_some() || !as_path));
        if let Some(known) = known {
            return known;
        }
        let halves = 2 * convolution.years + 1;
        let (path, by_half_year) = match self.inflow {
            None => (None, vec![0.0; halves]),
            Some(inflow) if as_path || convolution.entry == Entry::MidYear => {
                let path = convolution.weights[time].convolve(inflow);
                let by_half_year = convolution.half_years(&path);
                (Some(path), by_half_year)
            }
            Some(inflow) => {
                let stride = convolution.per_year / 2;
                let samples = convolution.weights[time].convolve_at(inflow, stride, halves);
                (None, year_apart(&samples))
            }
        };
        self.left.push(Left {
            time,
            path,
            by_half_year,
        });
        self.left.len() - 1
    }
}

/// How many have left by each of three ways, given shares of the ways: made to increase, and never to
/// exceed those who entered. Where the grid resolves the sojourn times this changes rounding errors only.
fn book(entered: &[f64], ways: [(&[f64], f64); 3]) -> [Vec<f64>; 3] {
    let mut flows = [const { Vec::new() }; 3];
    let mut before = [0.0_f64; 3];
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
            for way in 0..3 {
                now[way] = before[way] + part * (now[way] - before[way]);
            }
        }
        for way in 0..3 {
            flows[way].push(now[way]);
        }
        before = now;
    }
    flows
}
