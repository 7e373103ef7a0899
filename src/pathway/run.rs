//! Running a pathway on draws of incidence.
//!
//! The pathway is linear in the incidence: where shares and stays are the same in all draws, one
//! response kernel a year of diagnosis is applied to all of them as a matrix product. Where they are
//! uncertain each draw has its own kernel, and stays that are known are prepared once.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis};
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use super::flow::{Flow, FlowOptions};
use super::model::Pathway;
use super::solver::{
    Checked, Kernel, KernelSolver, Layout, Patient, Prepared, SimulationOptions, choose_grid,
    histories, row_count, simulate,
};
use super::stay::Law;
use crate::draws::{YearlyDraws, check_shape};
use crate::error::{Error, Result};
use crate::random::{BLOCK, Seed};

/// The most calendar years that a pathway may be run for.
const MAX_YEARS: usize = 500;

impl Pathway {
    /// Follows the cohorts of yearly incidence through the pathway, by deterministic renewal
    /// convolution with its numerical error under control ([`FlowOptions::tolerance`]).
    ///
    /// Draw *k* of the flow comes from draw *k* of the incidence, and from draw *k* of the shares
    /// and stays, which depends on the seed and their names alone.
    ///
    /// # Errors
    ///
    /// Where the incidence begins after the last year or does not reach it, no cohort is followed, the
    /// tolerance is not above 0 or cannot be reached, or the shares of a line sum above 1 in a draw.
    pub fn flow(&self, incidence: &YearlyDraws, options: &FlowOptions) -> Result<Flow> {
        if !(options.tolerance > 0.0 && options.tolerance.is_finite()) {
            return Err(Error::out_of_range(
                "tolerance",
                "the options of a flow",
                options.tolerance,
                "above 0",
            ));
        }
        let cohorts = cohorts(incidence, options)?;
        let layout = Layout::new(self);
        let years = cohorts.nrows();
        let rows = row_count(layout.lines());
        check_shape(years * rows, cohorts.ncols())?;

        let laws: Vec<Law> = self.stays().map(|(_, stay)| stay.law().clone()).collect();
        // Years of diagnosis with shares of their own; a pathway that does not change has one kernel.
        let diagnosis = if self.changes() { years } else { 1 };
        let shares: Vec<Vec<f64>> = (0_i32..)
            .take(diagnosis)
            .map(|year| {
                let year = incidence.first_year() + year;
                self.shares()
                    .map(|(_, share)| share.central(year))
                    .collect()
            })
            .collect();
        let (per_year, Checked { kernel, error }) = choose_grid(
            &layout,
            options.entry,
            years,
            options.tolerance,
            &laws,
            &shares[0],
        )?;
        let solver = KernelSolver::new(&layout, options.entry, years, per_year);

        let mut counts: Vec<Array2<f64>> = (0..rows)
            .map(|_| Array2::zeros(cohorts.raw_dim()))
            .collect();
        let blocks = blocks(&mut counts);
        let blocks = blocks
            .into_par_iter()
            .zip(cohorts.axis_chunks_iter(Axis(1), BLOCK));
        if self.is_uncertain() {
            let worker = Worker {
                pathway: self,
                solver: &solver,
                laws: &laws,
                shares: &shares,
                seed: options.seed,
            };
            blocks
                .enumerate()
                .try_for_each(|(block, (mut counts, cohorts))| {
                    worker.fill(block, &mut counts, &cohorts)
                })?;
        } else {
            let kernels = if diagnosis == 1 {
                vec![kernel]
            } else {
                let prepared = solver.prepare(&laws);
                shares
                    .par_iter()
                    .map(|shares| solver.kernel(&prepared, shares))
                    .collect::<Result<_>>()?
            };
            blocks.for_each(|(mut counts, cohorts)| apply(&kernels, &mut counts, &cohorts));
        }
        let rows = counts
            .into_iter()
            .map(|row| YearlyDraws::new(incidence.first_year(), row))
            .collect::<Result<_>>()?;
        Ok(Flow {
            lines: layout.lines(),
            rows,
            diagnosed: YearlyDraws::new(incidence.first_year(), cohorts)?,
            error,
            steps_per_year: Some(per_year),
        })
    }
}

impl Pathway {
    /// Simulates patients one by one, in parallel: `cohorts` of them diagnosed in `first_year` and
    /// the years that follow, counted to the end of the last cohort's year. Shares and stays take
    /// their central values; the flow has one draw.
    ///
    /// The same seed gives the same patients on any number of threads. The answer differs from that
    /// of [`Pathway::flow`] by Monte Carlo error: about the square root of each count.
    ///
    /// # Errors
    ///
    /// Where there is no cohort, or more than 500 years or 4 billion patients.
    pub fn simulate(
        &self,
        first_year: i32,
        cohorts: &[u64],
        options: SimulationOptions,
    ) -> Result<Flow> {
        check_cohorts(cohorts, u64::from(u32::MAX))?;
        let rows = simulate(self, first_year, cohorts, options)?;
        let one_draw = |values: Vec<f64>| {
            let column = ndarray::Array1::from_vec(values).insert_axis(Axis(1));
            YearlyDraws::new(first_year, column)
        };
        Ok(Flow {
            lines: self.lines(),
            rows: rows.into_iter().map(one_draw).collect::<Result<_>>()?,
            diagnosed: one_draw(cohorts.iter().map(|&n| n as f64).collect())?,
            error: 0.0,
            steps_per_year: None,
        })
    }

    /// The history of every patient whom [`Pathway::simulate`] counts with the same arguments.
    ///
    /// # Errors
    ///
    /// As [`Pathway::simulate`], and where there are more than ten million patients.
    pub fn histories(
        &self,
        first_year: i32,
        cohorts: &[u64],
        options: SimulationOptions,
    ) -> Result<Vec<Patient>> {
        check_cohorts(cohorts, 10_000_000)?;
        histories(self, first_year, cohorts, options)
    }
}

fn check_cohorts(cohorts: &[u64], most: u64) -> Result<()> {
    let years = cohorts.len();
    if !(1..=MAX_YEARS).contains(&years) {
        return Err(Error::out_of_range(
            "the number of cohorts",
            "a simulation",
            years,
            format!("from 1 to {MAX_YEARS}"),
        ));
    }
    let patients = cohorts.iter().try_fold(0_u64, |sum, n| sum.checked_add(*n));
    match patients {
        Some(patients) if patients <= most => Ok(()),
        _ => Err(Error::out_of_range(
            "the number of patients",
            "a simulation",
            patients.map_or("more than 2^64".to_owned(), |n| n.to_string()),
            format!("at most {most}"),
        )),
    }
}

/// The yearly incidence from its first year to the last year asked for, 0 in the years of diagnosis
/// that are not followed.
pub(super) fn cohorts(incidence: &YearlyDraws, options: &FlowOptions) -> Result<Array2<f64>> {
    let (first, last) = (incidence.first_year(), incidence.last_year());
    if first > options.to {
        return Err(Error::out_of_range(
            "the first year of the incidence",
            "a flow",
            first,
            format!("at most the last year of the flow, {}", options.to),
        ));
    }
    if last < options.to {
        return Err(Error::out_of_range(
            "the last year of a flow",
            "its options",
            options.to,
            format!("at most the last year of the incidence, {last}"),
        ));
    }
    let years = incidence.row_of(options.to)? + 1;
    if years > MAX_YEARS {
        return Err(Error::out_of_range(
            "the number of years",
            "a flow",
            years,
            format!("at most {MAX_YEARS}"),
        ));
    }
    let (kept, _) = incidence.view().split_at(Axis(0), years);
    let mut cohorts = kept.to_owned();
    if let Some(followed) = &options.cohorts {
        if followed.is_empty() || *followed.start() > options.to || *followed.end() < first {
            return Err(Error::out_of_range(
                "cohorts",
                "the options of a flow",
                format!("{} to {}", followed.start(), followed.end()),
                format!("years in order between {first} and {}", options.to),
            ));
        }
        for (year, mut row) in (first..).zip(cohorts.rows_mut()) {
            if !followed.contains(&year) {
                row.fill(0.0);
            }
        }
    }
    Ok(cohorts)
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

/// Fills one block of draws of an uncertain pathway.
struct Worker<'a> {
    pathway: &'a Pathway,
    solver: &'a KernelSolver<'a>,
    laws: &'a [Law],
    shares: &'a [Vec<f64>],
    seed: Seed,
}

impl Worker<'_> {
    fn fill(
        &self,
        block: usize,
        counts: &mut [ArrayViewMut2<'_, f64>],
        cohorts: &ArrayView2<'_, f64>,
    ) -> Result<()> {
        let draws = cohorts.ncols();
        let mut prepared = self.solver.prepare(self.laws);
        let mut uncertain_shares = Vec::new();
        for (i, (name, share)) in self.pathway.shares().enumerate() {
            let stream = self.seed.stream(&format!("pathway/share/{name}"));
            if let Some(values) = share.block(stream, block, draws)? {
                uncertain_shares.push((i, values));
            }
        }
        let mut factors = Vec::new();
        for (i, (name, stay)) in self.pathway.stays().enumerate() {
            let error = stay.relative_error();
            if error > 0.0 {
                let stream = self.seed.stream(&format!("pathway/stay/{name}"));
                let values: Vec<f64> = StandardNormal
                    .sample_iter(stream.block(block))
                    .take(draws)
                    .map(|z: f64| (error * z).exp())
                    .collect();
                factors.push((i, values));
            }
        }
        let mut shares = self.shares.to_vec();
        for draw in 0..draws {
            self.stretch(&mut prepared, &factors, draw);
            for shares in &mut shares {
                for (i, values) in &uncertain_shares {
                    shares[*i] = values[draw];
                }
            }
            let kernels = shares
                .iter()
                .map(|shares| self.solver.kernel(&prepared, shares))
                .collect::<Result<Vec<_>>>()?;
            let cohort = cohorts.column(draw).to_vec();
            apply_one(&kernels, counts, draw, &cohort);
        }
        Ok(())
    }

    fn stretch(&self, prepared: &mut Prepared, factors: &[(usize, Vec<f64>)], draw: usize) {
        for (i, values) in factors {
            let law = self.laws[*i].stretched(values[draw]);
            self.solver.replace(prepared, *i, &law);
        }
    }
}
