//! Least squares for shares and sojourn times that the data may not determine.
//!
//! The optimiser of [`fit`](crate::fit) refuses a minimum whose parameters are not all determined. Here
//! there is one whenever a sojourn time is open in a single data cut, and it is part of the answer: so
//! this is Levenberg's method, whose steps are short where the data say nothing (Levenberg 1944,
//! Quarterly of Applied Mathematics 2:164–168, [doi:10.1090/qam/10666](https://doi.org/10.1090/qam/10666)).

use super::calibration::Calibration;
use crate::error::Result;
use crate::numeric::linear_algebra::{solve, symmetric_eigen};

/// A direction counts as undetermined where a relative change of 1 moves no crude share by more.
const FLAT: f64 = 1e-3;
const ITERATIONS: usize = 200;

/// Shares and medians that reproduce the data as well as any near them.
#[derive(Debug, Clone)]
pub(super) struct Solution {
    /// The share that goes on after each line.
    pub(super) next: Vec<f64>,
    /// The median sojourn time in each line, known ones too.
    pub(super) medians: Vec<f64>,
    /// The largest relative difference to a crude share.
    pub(super) misfit: f64,
    /// The sum of squares of the logarithmic differences.
    pub(super) squares: f64,
}

/// Least squares in the logarithms of the crude shares. The parameters are made free of limits: the
/// logit of a share, and the logit of the place of a median, on the log scale, in its range.
pub(super) struct Problem<'a> {
    calibration: &'a Calibration,
    /// The lines whose sojourn time is to be found.
    pub(super) free: Vec<usize>,
    /// The medians to begin with, by line.
    medians: Vec<f64>,
    next: Vec<f64>,
}

impl<'a> Problem<'a> {
    /// The problem of a calibration, with some of its open medians held at a value.
    pub(super) fn new(calibration: &'a Calibration, held: &[Option<f64>]) -> Self {
        let lines = 0..held.len();
        let (open, times) = (&calibration.open, &calibration.sojourn_times);
        let median = |line: usize| match (held[line], open[line]) {
            (Some(held), _) => held,
            // The search begins in the range, whatever the user's first guess.
            (None, Some((low, high))) => times[line].median().clamp(low, high),
            (None, None) => times[line].median(),
        };
        let is_free = |line: &usize| open[*line].is_some() && held[*line].is_none();
        Self {
            calibration,
            medians: lines.clone().map(median).collect(),
            free: lines.filter(is_free).collect(),
            next: vec![0.7; held.len()],
        }
    }

    pub(super) fn starting_at(mut self, solution: &Solution) -> Self {
        self.next.clone_from(&solution.next);
        for &line in &self.free {
            self.medians[line] = solution.medians[line];
        }
        self
    }

    /// Shares first, then free medians.
    pub(super) fn parameters(&self) -> usize {
        self.next.len() + self.free.len()
    }

    /// ln of what is seen of those who ever reach each line, by data cut.
    fn seen(&self, medians: &[f64]) -> Result<Vec<Vec<f64>>> {
        let mut seen = self.calibration.seen(medians)?;
        for seen in seen.iter_mut().flatten() {
            // Nobody seen of those who ever come is infinitely far from any crude share; so is this.
            *seen = seen.max(1e-12).ln();
        }
        Ok(seen)
    }

    fn residuals(&self, seen: &[Vec<f64>], next: &[f64]) -> Vec<f64> {
        let mut all = Vec::new();
        for (cut, seen) in self.calibration.cuts.iter().zip(seen) {
            let mut reach = 0.0;
            for ((next, seen), crude) in next.iter().zip(seen).zip(&cut.crude_shares) {
                reach += next.ln();
                all.push(reach + seen - crude.ln());
            }
        }
        all
    }

    /// The derivatives of the residuals by the logarithms of shares and free medians, a row a residual.
    fn jacobian(&self, medians: &[f64]) -> Result<Vec<Vec<f64>>> {
        const STEP: f64 = 1e-3;
        let shares = self.next.len();
        let rows = shares * self.calibration.cuts.len();
        let mut rows: Vec<Vec<f64>> = (0..rows)
            .map(|row| {
                let of_share = |l| f64::from(u8::from(l <= row % shares));
                let mut row: Vec<f64> = (0..shares).map(of_share).collect();
                row.resize(self.parameters(), 0.0);
                row
            })
            .collect();
        for (i, &line) in self.free.iter().enumerate() {
            let moved = |by: f64| {
                let mut medians = medians.to_vec();
                medians[line] *= by.exp();
                self.seen(&medians)
            };
            let (ahead, behind) = (moved(STEP)?, moved(-STEP)?);
            let slopes = ahead.concat().into_iter().zip(behind.concat());
            for (row, (ahead, behind)) in rows.iter_mut().zip(slopes) {
                row[shares + i] = (ahead - behind) / (2.0 * STEP);
            }
        }
        Ok(rows)
    }

    /// The solution that the search comes to.
    pub(super) fn solve(&self) -> Result<Solution> {
        let shares = self.next.len();
        // Not at an end, from where the search would not leave.
        let shares_at = self.next.iter().map(|p| logit(p.clamp(0.01, 0.999)));
        let medians_at = self.free.iter().map(|&line| {
            let (low, width) = self.range(line);
            logit(((self.medians[line].ln() - low) / width).clamp(0.01, 0.99))
        });
        let mut at: Vec<f64> = shares_at.chain(medians_at).collect();
        let state = |at: &[f64]| -> Result<_> {
            let (next, medians) = self.natural(at);
            let residuals = self.residuals(&self.seen(&medians)?, &next);
            Ok((next, medians, residuals))
        };
        let (mut next, mut medians, mut residuals) = state(&at)?;
        let mut damping = 1e-3;
        for _ in 0..ITERATIONS {
            if squares(&residuals) < 1e-20 {
                break;
            }
            // d ln p/d logit p = 1 − p, and the like for the medians.
            let of_medians = at[shares..].iter().zip(&self.free);
            let of_medians =
                of_medians.map(|(x, &line)| self.range(line).1 * expit(*x) * expit(-x));
            let scale: Vec<f64> = next.iter().map(|p| 1.0 - p).chain(of_medians).collect();
            let mut jacobian = self.jacobian(&medians)?;
            for row in &mut jacobian {
                row.iter_mut().zip(&scale).for_each(|(j, s)| *j *= s);
            }
            let mut better = false;
            while damping < 1e8 {
                let step = damped_step(&jacobian, &residuals, damping);
                // A long step is taken in several.
                let steps = at.iter().zip(&step);
                let there: Vec<f64> = steps.map(|(x, s)| x - s.clamp(-3.0, 3.0)).collect();
                let (p, m, r) = state(&there)?;
                let (before, now) = (squares(&residuals), squares(&r));
                if now < before {
                    better = now < (1.0 - 1e-9) * before;
                    (at, next, medians, residuals) = (there, p, m, r);
                    damping = (damping / 10.0_f64).max(1e-12);
                    break;
                }
                damping *= 10.0;
            }
            if !better {
                break;
            }
        }
        let misfits = residuals.iter().map(|r| r.exp_m1().abs());
        Ok(Solution {
            next,
            medians,
            squares: squares(&residuals),
            misfit: misfits.max_by(f64::total_cmp).unwrap_or(0.0),
        })
    }

    /// The logarithms of the lower end of a median's range and of the width of it.
    fn range(&self, line: usize) -> (f64, f64) {
        let (low, high) = self.calibration.open[line].unwrap_or((1.0, 1.0));
        (low.ln(), (high / low).ln())
    }

    /// Shares and medians of the parameters without limits.
    fn natural(&self, at: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (next, places) = at.split_at(self.next.len());
        let mut medians = self.medians.clone();
        for (x, &line) in places.iter().zip(&self.free) {
            let (low, width) = self.range(line);
            medians[line] = (low + width * expit(*x)).exp();
        }
        (next.iter().map(|x| expit(*x)).collect(), medians)
    }

    /// The directions in the logarithms of the parameters that leave all residuals alone:
    /// eigenvectors of `JᵀJ`.
    pub(super) fn flat_directions(&self, solution: &Solution) -> Result<Vec<Vec<f64>>> {
        let jacobian = self.jacobian(&solution.medians)?;
        let flat = symmetric_eigen(gram(&jacobian)).into_iter();
        // Below 0 by rounding alone.
        let flat = flat.filter(|(value, _)| value.max(0.0).sqrt() < FLAT);
        Ok(flat.map(|(_, vector)| vector).collect())
    }
}

fn logit(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}

fn expit(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn squares(residuals: &[f64]) -> f64 {
    residuals.iter().map(|r| r * r).sum()
}

fn gram(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = rows.first().map_or(0, Vec::len);
    let entry = |i: usize, j: usize| rows.iter().map(|row| row[i] * row[j]).sum();
    (0..n)
        .map(|i| (0..n).map(|j| entry(i, j)).collect())
        .collect()
}

/// `(JᵀJ + λ)⁻¹ Jᵀr`; the matrix is positive definite.
fn damped_step(jacobian: &[Vec<f64>], residuals: &[f64], damping: f64) -> Vec<f64> {
    let mut rows = gram(jacobian);
    for (i, row) in rows.iter_mut().enumerate() {
        row[i] += damping;
        let products = jacobian.iter().zip(residuals).map(|(j, r)| j[i] * r);
        row.push(products.sum());
    }
    solve(rows).unwrap_or_else(|| vec![0.0; jacobian.first().map_or(0, Vec::len)])
}
