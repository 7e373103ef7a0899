//! The flow of a pathway: the sum over all cohorts of yearly incidence, in every draw.
//!
//! The pathway is linear in the incidence. Where shares and sojourn times are the same in all draws, one
//! response kernel a year of diagnosis is applied to all of them as a matrix product. Where they are
//! uncertain each draw has its own kernel, and sojourn times that are known are prepared once.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis};
use rayon::prelude::*;

use super::kernel::{CohortConvolution, FIRST, Kernel, Prepared};
use super::row::Row;
use crate::draws::{YearlyDraws, check_shape};
use crate::error::{Error, Result};
use crate::pathway::flow::Flow;
use crate::pathway::flow_options::FlowOptions;
use crate::pathway::model::{Layout, Pathway};
use crate::pathway::sojourn::Distribution;
use crate::random::BLOCK;

/// Steps a year of the finest grid.
const FINEST: usize = 1536;
/// Steps of a grid in all: the work grows with the square.
const MOST_STEPS: usize = 60_000;
/// Products in all the convolutions of one set of shares and sojourn times: some ten seconds on one core.
const MOST_PRODUCTS: f64 = 1e11;
/// So many of all patients, or fewer, are a matter of rounding.
const ROUNDING: f64 = 1e-13;

impl Pathway {
    /// Patients by calendar year and line **by cohort convolution**: the expected numbers in which the cohorts
    /// of yearly incidence pass through the states, on a grid of time that is refined until the numerical error
    /// is below [`FlowOptions::tolerance`].
    ///
    /// With *d*(c) patients diagnosed in year c and the response kernel *k*, the patients per patient diagnosed a
    /// number of years ago, every quantity is Σ *k*(y − c)·*d*(c) over the cohorts c up to the year y. Draw *k* of
    /// the flow comes from draw *k* of the incidence, and from draw *k* of the shares and sojourn times, which
    /// depends on the seed and their names alone.
    ///
    /// # Errors
    ///
    /// Where the incidence begins after the last year or does not reach it, no cohort is followed, the
    /// tolerance is not above 0 or cannot be reached, there are more than 500 years, or the shares of a line
    /// sum above 1 in nearly all draws.
    pub fn flow(&self, incidence: &YearlyDraws, options: &FlowOptions) -> Result<Flow> {
        let followed = options.followed(incidence)?;
        let earlier = followed.earlier;
        let cohorts = followed.into_cohorts()?;
        let (rows, error) = self.patients(&cohorts, options)?;
        let diagnosed = (cohorts, earlier);
        Ok(Flow::new(self, diagnosed, rows, Some(error), options.entry))
    }

    /// Every quantity in the order of [`Row::all`], from cohorts that are all followed; and the largest error.
    pub(in crate::pathway) fn patients(
        &self,
        cohorts: &YearlyDraws,
        options: &FlowOptions,
    ) -> Result<(Vec<YearlyDraws>, f64)> {
        let first_year = cohorts.first_year();
        let cohorts = cohorts.view();
        let layout = Layout::new(self);
        let years = cohorts.nrows();
        let rows = Row::count(layout.lines);
        check_shape(years * rows, cohorts.ncols())?;

        let times = layout.times.iter();
        let times: Vec<Distribution> = times.map(|(_, t)| t.distribution().clone()).collect();
        // Each from zeroed memory, which a copy would not be.
        let counts = (0..rows).map(|_| Array2::zeros(cohorts.raw_dim()));
        let mut counts: Vec<Array2<f64>> = counts.collect();
        let run = Run {
            pathway: self,
            shares: shares_by_year(self, &layout, first_year, years),
            layout: &layout,
            times: &times,
            years,
            options,
        };
        let error = run.fill(&mut counts, &cohorts)?;
        if self.is_uncertain() {
            let patients = cohorts.sum_axis(Axis(0)).fold(0.0, |a: f64, b| a.max(*b));
            settle(&mut counts, ROUNDING * patients);
        }
        let rows = counts.into_iter();
        let rows = rows.map(|row| YearlyDraws::new(first_year, row));
        Ok((rows.collect::<Result<_>>()?, error))
    }
}

/// Draws that differ by no more than rounding are the same: what is left of a state when all who leave it have left differs
/// in its last digits with the ways that they went, and would have an interval.
fn settle(counts: &mut [Array2<f64>], rounding: f64) {
    let rows = counts.iter_mut().flat_map(|row| row.rows_mut());
    rows.into_iter().for_each(|mut draws| {
        let [least, most] = [f64::min as fn(f64, f64) -> f64, f64::max]
            .map(|of| draws.fold(draws[0], |a, b| of(a, *b)));
        if least < most && most - least <= rounding {
            let first = draws[0];
            draws.fill(first);
        }
    });
}

/// The central shares by year of diagnosis; of one year alone where they do not change.
pub(super) fn shares_by_year(
    pathway: &Pathway,
    layout: &Layout<'_>,
    first_year: i32,
    years: usize,
) -> Vec<Vec<f64>> {
    let years = (first_year..).take(if pathway.changes() { years } else { 1 });
    years.map(|year| layout.central_shares(year)).collect()
}

/// Draws that are worth adding up side by side.
const FEW: usize = 8;

/// The arrays of all quantities, cut into blocks of draws that can be filled at the same time.
fn blocks(counts: &mut [Array2<f64>]) -> Vec<Vec<ArrayViewMut2<'_, f64>>> {
    let mut blocks = Vec::new();
    for row in counts {
        for (block, chunk) in row.axis_chunks_iter_mut(Axis(1), BLOCK).enumerate() {
            if block == blocks.len() {
                blocks.push(Vec::new());
            }
            blocks[block].push(chunk);
        }
    }
    blocks
}

/// Adds up all cohorts: `counts[q, y, ·] = Σ kernel[q, y − c]·cohorts[c, ·]` over c.
fn apply(kernels: &[Kernel], counts: &mut [ArrayViewMut2<'_, f64>], cohorts: &ArrayView2<'_, f64>) {
    if cohorts.ncols() < FEW {
        for (draw, cohort) in cohorts.columns().into_iter().enumerate() {
            apply_one(kernels, counts, draw, &cohort.to_vec());
        }
        return;
    }
    for (q, row) in counts.iter_mut().enumerate() {
        for (y, mut cells) in row.axis_iter_mut(Axis(0)).enumerate() {
            for (c, cohort) in cohorts.axis_iter(Axis(0)).enumerate().take(y + 1) {
                let weight = kernels[c.min(kernels.len() - 1)].row(q)[y - c];
                if weight != 0.0 {
                    cells.scaled_add(weight, &cohort);
                }
            }
        }
    }
}

/// The same for one draw.
fn apply_one(
    kernels: &[Kernel],
    counts: &mut [ArrayViewMut2<'_, f64>],
    draw: usize,
    cohort: &[f64],
) {
    let one = (kernels.len() == 1).then(|| &kernels[0]);
    for (q, row) in counts.iter_mut().enumerate() {
        for (y, cell) in row.column_mut(draw).iter_mut().enumerate() {
            *cell = match one {
                Some(kernel) => {
                    let lags = kernel.row(q)[..=y].iter().rev();
                    lags.zip(cohort).map(|(a, b)| a * b).sum()
                }
                None => (0..=y).map(|c| kernels[c].row(q)[y - c] * cohort[c]).sum(),
            };
        }
    }
}

/// What all draws of a pathway have in common.
struct Run<'a> {
    pathway: &'a Pathway,
    layout: &'a Layout<'a>,
    times: &'a [Distribution],
    /// The central shares, by year of diagnosis.
    shares: Vec<Vec<f64>>,
    years: usize,
    options: &'a FlowOptions,
}

impl Run<'_> {
    /// Fills in all draws; returns the largest error of all kernels used, in every year of diagnosis and every
    /// draw.
    fn fill(&self, counts: &mut [Array2<f64>], cohorts: &ArrayView2<'_, f64>) -> Result<f64> {
        let mut per_year = FIRST;
        let (convolution, kernels, error) = loop {
            let convolution = self.convolution(per_year);
            let prepared = convolution.prepare(self.times);
            let (kernels, error) = kernels_by_year(&convolution, &prepared, &self.shares)?;
            if error <= self.options.tolerance {
                break (convolution, kernels, error);
            }
            per_year = self.finer_grid(per_year, error)?;
        };
        let blocks = blocks(counts)
            .into_par_iter()
            .zip(cohorts.axis_chunks_iter(Axis(1), BLOCK));
        if !self.pathway.is_uncertain() {
            blocks.for_each(|(mut counts, cohorts)| apply(&kernels, &mut counts, &cohorts));
            return Ok(error);
        }
        blocks
            .enumerate()
            .map(|(block, (mut counts, cohorts))| {
                self.block(&convolution, block, &mut counts, &cohorts)
            })
            .try_reduce(|| error, |a, b| Ok(a.max(b)))
    }

    /// Steps a year of the next finer grid, where the error on this one is too large, if its work is in bounds.
    fn finer_grid(&self, per_year: usize, error: f64) -> Result<usize> {
        // A cohort a year costs a third of one that is followed for all years.
        let cohorts = different(&self.shares).len().div_ceil(3);
        let steps = 2 * per_year * self.years;
        let products = (cohorts * self.times.len()) as f64 * (steps as f64).powi(2) / 2.0;
        if per_year >= FINEST || steps > MOST_STEPS || products > MOST_PRODUCTS {
            return Err(Error::not_converged(format!(
                "the pathway was not computed within {:e} patients per patient diagnosed: with {per_year} steps a year \
                 the error is still {error:.1e}; a sojourn time is too short or too steep for the tolerance, the number of \
                 lines and the years of diagnosis that differ: state a larger tolerance",
                self.options.tolerance
            )));
        }
        Ok(2 * per_year)
    }

    fn convolution(&self, per_year: usize) -> CohortConvolution<'_> {
        CohortConvolution::new(self.layout, self.options.entry, self.years, per_year)
    }

    /// Fills one block of draws of an uncertain pathway. A draw whose sojourn times are too short for the grid has
    /// a finer one of its own, so that no draw depends on another.
    fn block(
        &self,
        convolution: &CohortConvolution<'_>,
        block: usize,
        counts: &mut [ArrayViewMut2<'_, f64>],
        cohorts: &ArrayView2<'_, f64>,
    ) -> Result<f64> {
        let (draws, seed) = (cohorts.ncols(), self.options.seed);
        let drawn_shares = uncertain(self.layout.drawn_shares(seed, block, draws)?);
        let time_scales = uncertain(self.layout.drawn_time_scales(seed, block, draws));
        let mut prepared = convolution.prepare(self.times);
        let mut shares = self.shares.clone();
        let mut times = self.times.to_vec();
        let mut buffer = Vec::new();
        let mut worst = 0.0_f64;
        for draw in 0..draws {
            for (i, factors) in &time_scales {
                times[*i] = self.times[*i].scaled(factors[draw], "a draw of the pathway")?;
                convolution.replace(&mut prepared, *i, &times[*i], &mut buffer);
            }
            for shares in &mut shares {
                for (i, values) in &drawn_shares {
                    shares[*i] = values[draw];
                }
            }
            let (mut kernels, mut error) = kernels_by_year(convolution, &prepared, &shares)?;
            let mut per_year = convolution.per_year();
            while error > self.options.tolerance {
                per_year = self.finer_grid(per_year, error)?;
                let finer = self.convolution(per_year);
                (kernels, error) = kernels_by_year(&finer, &finer.prepare(&times), &shares)?;
            }
            worst = worst.max(error);
            apply_one(&kernels, counts, draw, &cohorts.column(draw).to_vec());
        }
        Ok(worst)
    }
}

/// Those that differ between draws, with their positions.
fn uncertain(drawn: Vec<Option<Vec<f64>>>) -> Vec<(usize, Vec<f64>)> {
    let drawn = drawn.into_iter().enumerate();
    drawn.filter_map(|(i, drawn)| Some((i, drawn?))).collect()
}

/// A kernel for each year of diagnosis, and the largest error.
fn kernels_by_year(
    convolution: &CohortConvolution<'_>,
    prepared: &Prepared,
    shares: &[Vec<f64>],
) -> Result<(Vec<Kernel>, f64)> {
    let different = different(shares);
    // The later a cohort is diagnosed, the fewer years it is followed.
    let kernel = |&i: &usize| convolution.kernel(prepared, &shares[i], convolution.years - i);
    // A pool of threads costs more than most kernels.
    let kernels: Vec<(Kernel, f64)> = match &different[..] {
        [only] => vec![kernel(only)?],
        different => different.par_iter().map(kernel).collect::<Result<_>>()?,
    };
    let worst = kernels.iter().map(|(_, error)| *error).fold(0.0, f64::max);
    let ends = different[1..].iter().copied().chain([shares.len()]);
    let kernels = kernels
        .into_iter()
        .zip(different.iter().zip(ends))
        .flat_map(|((kernel, _), (from, to))| std::iter::repeat_n(kernel, to - from));
    Ok((kernels.collect(), worst))
}

/// The years of diagnosis whose shares are not those of the year before: before the first and after the
/// last year that is named, shares stay what they are.
fn different(shares: &[Vec<f64>]) -> Vec<usize> {
    (0..shares.len())
        .filter(|&i| i == 0 || shares[i] != shares[i - 1])
        .collect()
}
