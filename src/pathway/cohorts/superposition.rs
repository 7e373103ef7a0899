//! The flow of a pathway: the sum over all cohorts of yearly incidence, in every draw.
//!
//! The pathway is linear in the incidence. Where shares and sojourn times are the same in all draws, one
//! response kernel a year of diagnosis is applied to all of them as a matrix product. Where they are
//! uncertain each draw has its own kernel, and sojourn times that are known are prepared once.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis};
use rayon::prelude::*;

use super::kernel::{Checked, CohortConvolution, Kernel, Prepared, finer_grid, first_grid};
use super::model_layout::{Layout, row_count};
use crate::draws::{YearlyDraws, check_shape};
use crate::error::Result;
use crate::pathway::flow::Flow;
use crate::pathway::flow_options::FlowOptions;
use crate::pathway::model::{Pathway, stream_of_time, time_scale_factors};
use crate::pathway::sojourn::Distribution;
use crate::random::BLOCK;

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
    /// sum above 1 in a draw.
    pub fn flow(&self, incidence: &YearlyDraws, options: &FlowOptions) -> Result<Flow> {
        let (cohorts, earlier) = options.followed(incidence)?;
        let (rows, error) = self.patients(&cohorts, options)?;
        Ok(Flow::new(
            self,
            (cohorts, earlier),
            rows,
            Some(error),
            options.entry,
        ))
    }

    /// Every quantity in the order of [`Row::index`], from cohorts that are all followed; and the largest error.
    pub(in crate::pathway) fn patients(
        &self,
        cohorts: &YearlyDraws,
        options: &FlowOptions,
    ) -> Result<(Vec<YearlyDraws>, f64)> {
        let first_year = cohorts.first_year();
        let cohorts = cohorts.view();
        let layout = Layout::new(self);
        let years = cohorts.nrows();
        let rows = row_count(layout.lines());
        check_shape(years * rows, cohorts.ncols())?;

        let times: Vec<Distribution> = self
            .sojourn_times()
            .map(|(_, time)| time.distribution().clone())
            .collect();
        // Years of diagnosis with shares of their own; a pathway that does not change has one kernel.
        let diagnosis = if self.changes() { years } else { 1 };
        let shares: Vec<Vec<f64>> = (0_i32..)
            .take(diagnosis)
            .map(|year| self.central_shares(first_year + year))
            .collect();
        let mut counts: Vec<Array2<f64>> = (0..rows)
            .map(|_| Array2::zeros(cohorts.raw_dim()))
            .collect();
        let run = Run {
            pathway: self,
            layout: &layout,
            times: &times,
            shares: &shares,
            years,
            options,
        };
        let error = run.fill(&mut counts, &cohorts)?;
        let rows = counts
            .into_iter()
            .map(|row| YearlyDraws::new(first_year, row))
            .collect::<Result<_>>()?;
        Ok((rows, error))
    }
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
    layout: &'a Layout,
    times: &'a [Distribution],
    /// The central shares, by year of diagnosis.
    shares: &'a [Vec<f64>],
    years: usize,
    options: &'a FlowOptions,
}

impl Run<'_> {
    /// Fills in all draws; returns the largest error of all kernels used, in every year of diagnosis and every
    /// draw.
    fn fill(&self, counts: &mut [Array2<f64>], cohorts: &ArrayView2<'_, f64>) -> Result<f64> {
        let mut per_year = first_grid();
        let (convolution, kernels, error) = loop {
            let convolution = self.convolution(per_year);
            let prepared = convolution.prepare(self.times);
            let (kernels, error) = kernels_by_year(&convolution, &prepared, self.shares)?;
            if error <= self.options.tolerance {
                break (convolution, kernels, error);
            }
            per_year = self.finer_grid(per_year, error)?;
        };
        let blocks = blocks(counts);
        let blocks = blocks
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

    /// The next finer grid, if its work is in bounds. A cohort a year costs a third of one that is
    /// followed for all years.
    fn finer_grid(&self, per_year: usize, error: f64) -> Result<usize> {
        let cohorts = different(self.shares).len().div_ceil(3);
        let convolutions = cohorts * self.times.len();
        finer_grid(
            per_year,
            self.years,
            convolutions,
            self.options.tolerance,
            error,
        )
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
        let draws = cohorts.ncols();
        let mut prepared = convolution.prepare(self.times);
        let drawn = self.pathway.drawn_shares(self.options.seed, block, draws)?;
        let drawn = drawn.into_iter().enumerate();
        let uncertain_shares: Vec<(usize, Vec<f64>)> =
            drawn.filter_map(|(i, values)| Some((i, values?))).collect();
        let mut factors = Vec::new();
        for (i, (name, time)) in self.pathway.sojourn_times().enumerate() {
            let error = time.relative_error();
            if error > 0.0 {
                factors.push((
                    i,
                    time_scale_factors(
                        stream_of_time(self.options.seed, &name),
                        error,
                        block,
                        draws,
                    ),
                ));
            }
        }
        let mut shares = self.shares.to_vec();
        let mut times = self.times.to_vec();
        let mut buffer = Vec::new();
        let mut worst = 0.0_f64;
        for draw in 0..draws {
            for (i, values) in &factors {
                times[*i] = self.times[*i].scaled(values[draw], "a draw of the pathway")?;
                convolution.replace(&mut prepared, *i, &times[*i], &mut buffer);
            }
            for shares in &mut shares {
                for (i, values) in &uncertain_shares {
                    shares[*i] = values[draw];
                }
            }
            let (mut kernels, mut error) = kernels_by_year(convolution, &prepared, &shares)?;
            let tolerance = self.options.tolerance;
            let mut per_year = convolution.per_year();
            while error > tolerance {
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

/// A kernel for each year of diagnosis, and the largest error.
fn kernels_by_year(
    convolution: &CohortConvolution<'_>,
    prepared: &Prepared,
    shares: &[Vec<f64>],
) -> Result<(Vec<Kernel>, f64)> {
    // The later a cohort is diagnosed, the fewer years it is followed.
    let different = different(shares);
    if let [_] = different[..] {
        // A pool of threads costs more than most kernels.
        let Checked { kernel, error } =
            convolution.kernel(prepared, &shares[0], convolution.years())?;
        return Ok((vec![kernel; shares.len()], error));
    }
    let checked = different
        .par_iter()
        .map(|&i| convolution.kernel(prepared, &shares[i], convolution.years() - i))
        .collect::<Result<Vec<Checked>>>()?;
    let worst = checked.iter().map(|c| c.error).fold(0.0, f64::max);
    let ends = different[1..].iter().copied().chain([shares.len()]);
    let kernels = checked
        .into_iter()
        .zip(different.iter().zip(ends))
        .flat_map(|(checked, (from, to))| std::iter::repeat_n(checked.kernel, to - from));
    Ok((kernels.collect(), worst))
}

/// The years of diagnosis whose shares are not those of the year before: before the first and after the
/// last year that is named, shares stay what they are.
fn different(shares: &[Vec<f64>]) -> Vec<usize> {
    (0..shares.len())
        .filter(|&i| i == 0 || shares[i] != shares[i - 1])
        .collect()
}
