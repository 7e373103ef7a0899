//! Refits to resampled counts.

use ndarray::Array2;
use rand::RngExt;
use rayon::prelude::*;

use super::IdentifiedFit;
use super::estimator::Outcome;
use super::likelihood::Likelihood;
use crate::curve::{GrowthCurve, Point};
use crate::draws::{YearlyDraws, check_shape};
use crate::error::{Error, Result};
use crate::random::{BLOCK, Seed};

/// How counts are resampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Resampling {
    /// New counts from the fitted curve and its likelihood. The default.
    #[default]
    Parametric,
    /// The residuals drawn with replacement and added to the fitted curve: on the scale of the
    /// likelihood, centred, and inflated by √(n/(n − k)) since fitted residuals are too small.
    Residual,
}

/// A curve refitted to resampled counts: Efron & Tibshirani (1993), *An Introduction to the
/// Bootstrap*, chapters 6 and 9.
#[derive(Debug, Clone, PartialEq)]
pub struct Bootstrap {
    reference_year: i32,
    /// Shape (parameters, refits).
    parameters: Array2<f64>,
    at_limit: usize,
    failed: Vec<(usize, String)>,
}

impl Bootstrap {
    /// The inner parameters of each refit, of shape (parameters, refits); those of a refit that
    /// failed are NaN.
    #[must_use]
    pub const fn parameters(&self) -> &Array2<f64> {
        &self.parameters
    }

    /// Refits for which the curve was taken on the border of its domain.
    #[must_use]
    pub const fn at_limit(&self) -> usize {
        self.at_limit
    }

    /// The refits that failed, by number, with the reason; none is dropped silently.
    #[must_use]
    pub fn failed(&self) -> &[(usize, String)] {
        &self.failed
    }

    /// The refitted curves from one year to another, a column a refit, without the failed ones.
    ///
    /// # Errors
    ///
    /// Where there is no year, every refit failed, or a curve has no value.
    pub fn curves<C: GrowthCurve>(
        &self,
        family: &C,
        years: std::ops::RangeInclusive<i32>,
    ) -> Result<YearlyDraws> {
        let columns: Vec<_> = self
            .parameters
            .columns()
            .into_iter()
            .filter(|c| c[0].is_finite())
            .collect();
        let n =
            usize::try_from(i64::from(*years.end()) - i64::from(*years.start()) + 1).unwrap_or(0);
        check_shape(n, columns.len())?;
        let mut cases = Array2::zeros((n, columns.len()));
        let mut theta = vec![0.0; self.parameters.nrows()];
        for (parameters, mut column) in columns.into_iter().zip(cases.columns_mut()) {
            theta
                .iter_mut()
                .zip(parameters)
                .for_each(|(to, from)| *to = *from);
            for (year, cell) in years.clone().zip(column.iter_mut()) {
                let t = f64::from(year) - f64::from(self.reference_year);
                *cell = family.value(t, &theta).max(0.0);
            }
        }
        YearlyDraws::new(*years.start(), cases)
    }
}

impl<C: GrowthCurve> IdentifiedFit<C> {
    /// Refits the curve to resampled counts, each from the fitted parameters: in parallel, and the
    /// same refits for any number of threads.
    ///
    /// # Errors
    ///
    /// Where there is no refit, or residuals are to be resampled and leave no degrees of freedom.
    pub fn bootstrap(
        &self,
        resampling: Resampling,
        refits: usize,
        seed: Seed,
    ) -> Result<Bootstrap> {
        let residuals = self.centred_residuals(resampling)?;
        let residuals = residuals.as_slice();
        let n = self.figures();
        let stream = seed.stream(&format!("bootstrap/{}", self.curve().region()));
        self.refit_all(refits, |block, points| {
            // One generator a block: the refits of a block are made in order.
            let mut rng = stream.block(block);
            move |counts: &mut [Point]| {
                for (i, (to, from)) in counts.iter_mut().zip(&points).enumerate() {
                    to.t = from.t;
                    to.cases = match resampling {
                        Resampling::Parametric => self.count_at(i, &mut rng),
                        Resampling::Residual => {
                            self.displaced(i, residuals[rng.random_range(0..n)])
                        }
                    };
                }
            }
        })
    }

    /// Refits the curve to given counts, of shape (refits, figures), in the order of the years.
    ///
    /// # Errors
    ///
    /// Where a row has another length than the figures, or a count is not finite and at least 0.
    pub fn refit_to(&self, counts: &Array2<f64>) -> Result<Bootstrap> {
        if counts.ncols() != self.figures() {
            return Err(Error::out_of_range(
                "the number of counts in a row",
                "counts to refit to",
                counts.ncols(),
                format!("{}, as many as figures", self.figures()),
            ));
        }
        if let Some(((row, column), value)) = counts
            .indexed_iter()
            .find(|(_, v)| !(v.is_finite() && **v >= 0.0))
        {
            return Err(Error::out_of_range(
                "a count",
                format!("row {row}, column {column} of the counts to refit to"),
                value,
                "finite and not negative",
            ));
        }
        self.refit_all(counts.nrows(), |block, points| {
            let mut row = block * BLOCK;
            move |resampled: &mut [Point]| {
                for (i, (to, from)) in resampled.iter_mut().zip(&points).enumerate() {
                    to.t = from.t;
                    to.cases = counts[[row, i]];
                }
                row += 1;
            }
        })
    }

    /// Refits to the counts that `resample` writes, block by block.
    fn refit_all<F, R>(&self, refits: usize, resample: R) -> Result<Bootstrap>
    where
        F: FnMut(&mut [Point]),
        R: Fn(usize, Vec<Point>) -> F + Sync,
    {
        let k = self.curve().theta().len();
        check_shape(k, refits)?;
        let estimator = self.estimator()?.for_refits();
        let first = estimator.first_step(&self.figures.points, &self.minimum);
        let first = first.as_ref();
        let warm = self.curve().theta();
        let mut parameters = Array2::zeros((k, refits));
        let mut outcomes: Vec<Option<std::result::Result<Outcome, String>>> = vec![None; refits];
        parameters
            .axis_chunks_iter_mut(ndarray::Axis(1), BLOCK)
            .into_par_iter()
            .zip(outcomes.par_chunks_mut(BLOCK))
            .enumerate()
            .for_each(|(block, (mut columns, outcomes))| {
                let mut next = resample(block, self.figures.points.clone());
                let mut points = self.figures.points.clone();
                let mut theta = vec![0.0; k];
                for (mut column, outcome) in columns.columns_mut().into_iter().zip(outcomes) {
                    next(&mut points);
                    *outcome = Some(
                        match estimator.refit_warm(&points, warm, first, &mut theta) {
                            Ok(outcome) => Ok(outcome),
                            Err(error) => {
                                theta.fill(f64::NAN);
                                Err(error.to_string())
                            }
                        },
                    );
                    column
                        .iter_mut()
                        .zip(&theta)
                        .for_each(|(to, from)| *to = *from);
                }
            });
        let limited = |outcome: &Option<_>| matches!(outcome, Some(Ok(Outcome::AtLimit(_))));
        Ok(Bootstrap {
            reference_year: self.curve().reference_year(),
            at_limit: outcomes.iter().filter(|outcome| limited(outcome)).count(),
            failed: outcomes
                .into_iter()
                .enumerate()
                .filter_map(|(i, outcome)| {
                    outcome
                        .and_then(std::result::Result::err)
                        .map(|reason| (i, reason))
                })
                .collect(),
            parameters,
        })
    }

    fn centred_residuals(&self, resampling: Resampling) -> Result<Vec<f64>> {
        if resampling == Resampling::Parametric {
            return Ok(Vec::new());
        }
        let dof = self.degrees_of_freedom();
        if dof == 0 {
            let place = format!("the fit to {}", self.curve().region());
            return Err(Error::too_few(
                "degrees of freedom",
                place,
                0,
                1,
                "resampling",
            ));
        }
        let n = self.figures() as f64;
        let inflation = (n / dof as f64).sqrt();
        let mean = self.residuals().iter().sum::<f64>() / n;
        Ok(self
            .residuals()
            .iter()
            .map(|r| inflation * (r - mean))
            .collect())
    }

    /// The count at a residual from the fitted mean of figure `i`.
    fn displaced(&self, i: usize, residual: f64) -> f64 {
        let mean = self.means[i];
        let weight = self
            .options
            .weights
            .get(i)
            .map_or(1.0, |weight| weight.sqrt());
        let unit = match self.likelihood() {
            Likelihood::Gaussian => 1.0,
            Likelihood::LogNormal => {
                let error = if self.variance_estimated {
                    1.0
                } else {
                    self.figures.errors[i]
                };
                return mean * (residual * error / weight).exp();
            }
            Likelihood::Poisson | Likelihood::QuasiPoisson => mean.sqrt(),
            Likelihood::NegativeBinomial => (mean * (1.0 + self.scale * mean)).sqrt(),
        };
        (mean + unit * residual / weight).max(0.0)
    }
}
