//! A curve at some figures, with priors, as the sum of terms that the optimiser minimises.

use super::likelihood::{Likelihood, NEAR, above_logarithm_near};
use super::optimiser::{Block, Objective, Term};
use crate::curve::{BATCH, GrowthCurve, MAX_PARAMETERS, Point, values_and_gradients};

/// Figures that are worked on together.
const LANES: usize = 4;

/// Half a squared distance from a natural parameter to what is known of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Penalty {
    /// The natural parameter.
    pub(super) parameter: usize,
    pub(super) mean: f64,
    pub(super) deviation: f64,
}

pub(super) struct CurveTerms<'a, C: ?Sized> {
    pub(super) curve: &'a C,
    pub(super) points: &'a [Point],
    /// Known errors on the log scale (log-normal likelihood only).
    pub(super) errors: Option<&'a [f64]>,
    pub(super) weights: Option<&'a [f64]>,
    pub(super) likelihood: Likelihood,
    /// A standard deviation or a dispersion, see [`Likelihood::contribution`].
    pub(super) scale: f64,
    pub(super) penalties: &'a [Penalty],
    /// The calendar year of t = 0, for penalties on calendar years.
    pub(super) reference_year: f64,
    /// The first figures, by columns.
    pub(super) first: Columns,
}

/// Times and counts of up to [`BATCH`] figures; places past the last one hold time 0 and count 1.
#[derive(Debug)]
pub(super) struct Columns {
    times: [f64; BATCH],
    cases: [f64; BATCH],
}

impl Columns {
    pub(super) fn new(points: &[Point]) -> Self {
        let (mut times, mut cases) = ([0.0; BATCH], [1.0; BATCH]);
        for ((point, t), y) in points.iter().zip(&mut times).zip(&mut cases) {
            (*t, *y) = (point.t, point.cases);
        }
        Self { times, cases }
    }
}

impl<C: GrowthCurve + ?Sized> CurveTerms<'_, C> {
    /// The factor for the design row, the residual and the loss of figure `i` at a mean.
    #[inline]
    fn figure(&self, i: usize, mean: f64) -> (f64, Term) {
        if !(mean > 0.0 && mean.is_finite()) {
            let outside = Term {
                loss: f64::INFINITY,
                residual: 0.0,
            };
            return (0.0, outside);
        }
        let scale = self.scale * self.errors.map_or(1.0, |errors| errors[i]);
        let of = self
            .likelihood
            .contribution(self.points[i].cases, mean, scale);
        let Some(weights) = self.weights else {
            let term = Term {
                loss: of.loss,
                residual: of.residual,
            };
            return (of.factor, term);
        };
        let root = weights[i].sqrt();
        let term = Term {
            loss: weights[i] * of.loss,
            residual: root * of.residual,
        };
        (root * of.factor, term)
    }

    /// The figures of a block of an unweighted Gaussian fit, which the compiler can do several at a
    /// time: the same numbers as [`CurveTerms::figure`] gives. There are `figures` of them; the
    /// places after them hold a mean of 1.
    #[inline]
    fn plain_least_squares(
        &self,
        figures: usize,
        cases: &[f64; BATCH],
        means: &[f64; BATCH],
        columns: &mut [[f64; BATCH]],
        residuals: &mut [f64; BATCH],
        losses: &mut [f64; BATCH],
    ) {
        let precision = self.scale.recip();
        let lanes = figures.div_ceil(LANES);
        let read = cases.as_chunks::<LANES>().0.iter();
        let read = read.zip(means.as_chunks::<LANES>().0);
        let write = residuals.as_chunks_mut::<LANES>().0.iter_mut();
        let write = write.zip(losses.as_chunks_mut::<LANES>().0);
        let mut least = [1.0; LANES];
        for ((cases, means), (residuals, losses)) in read.zip(write).take(lanes) {
            for i in 0..LANES {
                let residual = (cases[i] - means[i]) * precision;
                residuals[i] = residual;
                losses[i] = 0.5 * residual * residual;
                least[i] = if means[i] < least[i] {
                    means[i]
                } else {
                    least[i]
                };
            }
        }
        // An infinite mean has an infinite loss, and one that is NaN has none, as it is; one term
        // outside the domain is enough.
        if least.iter().any(|mean| *mean <= 0.0) {
            losses[0] = f64::INFINITY;
        }
        if self.scale.to_bits() != 1.0_f64.to_bits() {
            for column in columns {
                for derivative in &mut column[..figures] {
                    *derivative *= precision;
                }
            }
        }
    }

    /// The same for an unweighted fit of Poisson counts; false, with nothing done to the columns, where a
    /// mean is so far from its count that its deviance needs the logarithm.
    #[inline]
    fn plain_counts(
        figures: usize,
        cases: &[f64; BATCH],
        means: &[f64; BATCH],
        columns: &mut [[f64; BATCH]],
        residuals: &mut [f64; BATCH],
        losses: &mut [f64; BATCH],
    ) -> bool {
        let lanes = figures.div_ceil(LANES);
        let mut near = true;
        for (cases, means) in cases.iter().zip(means).take(lanes * LANES) {
            near &= ((means - cases) / cases).abs() <= NEAR;
        }
        if !near {
            return false;
        }
        let mut factors = [1.0; BATCH];
        let read = cases.as_chunks::<LANES>().0.iter();
        let read = read.zip(means.as_chunks::<LANES>().0);
        let write = residuals.as_chunks_mut::<LANES>().0.iter_mut();
        let write = write.zip(losses.as_chunks_mut::<LANES>().0);
        let write = write.zip(factors.as_chunks_mut::<LANES>().0);
        for ((cases, means), ((residuals, losses), factors)) in read.zip(write).take(lanes) {
            for i in 0..LANES {
                let root = means[i].sqrt();
                factors[i] = root.recip();
                residuals[i] = (cases[i] - means[i]) / root;
                losses[i] = cases[i] * above_logarithm_near((means[i] - cases[i]) / cases[i]);
            }
        }
        for column in columns {
            let column = column.as_chunks_mut::<LANES>().0.iter_mut();
            for (column, factors) in column.zip(factors.as_chunks::<LANES>().0).take(lanes) {
                for i in 0..LANES {
                    column[i] *= factors[i];
                }
            }
        }
        true
    }

    fn penalty(&self, penalty: &Penalty, theta: &[f64], row: &mut [f64]) -> Term {
        let mut natural = [0.0; MAX_PARAMETERS];
        let n = self.curve.natural_parameters().len();
        self.curve
            .natural(self.reference_year, theta, &mut natural[..n]);
        self.curve.natural_gradient(penalty.parameter, theta, row);
        for derivative in row.iter_mut() {
            *derivative /= penalty.deviation;
        }
        let residual = (penalty.mean - natural[penalty.parameter]) / penalty.deviation;
        Term {
            loss: 0.5 * residual * residual,
            residual,
        }
    }
}

impl<C: GrowthCurve + ?Sized> Objective for CurveTerms<'_, C> {
    fn parameters(&self) -> usize {
        self.curve.parameters().len()
    }

    fn terms(&self) -> usize {
        self.points.len() + self.penalties.len()
    }

    fn term(&self, i: usize, theta: &[f64], row: &mut [f64]) -> Term {
        if i >= self.points.len() {
            return self.penalty(&self.penalties[i - self.points.len()], theta, row);
        }
        let mean = self.curve.value_and_gradient(self.points[i].t, theta, row);
        let (factor, term) = self.figure(i, mean);
        for derivative in row.iter_mut() {
            *derivative *= factor;
        }
        term
    }

    fn residual_deviation(&self) -> Option<f64> {
        match self.likelihood {
            Likelihood::Poisson | Likelihood::QuasiPoisson | Likelihood::NegativeBinomial => {
                Some(1.0)
            }
            Likelihood::Gaussian | Likelihood::LogNormal => None,
        }
    }

    fn block(&self, first: usize, theta: &[f64], block: &mut Block<'_>) {
        let figures = self.points.len().saturating_sub(first).min(block.len());
        let k = theta.len();
        let later;
        let Columns { times, cases } = if first == 0 {
            &self.first
        } else {
            later = Columns::new(&self.points[first.min(self.points.len())..]);
            &later
        };
        let (columns, residuals, losses) = block.storage();
        let mut means = [1.0; BATCH];
        values_and_gradients(
            self.curve,
            &times[..figures],
            theta,
            &mut means[..figures],
            &mut columns[..k],
        );
        let plain = &mut columns[..k];
        let done = match self.likelihood {
            _ if self.weights.is_some() => false,
            Likelihood::Gaussian => {
                self.plain_least_squares(figures, cases, &means, plain, residuals, losses);
                true
            }
            Likelihood::Poisson | Likelihood::QuasiPoisson => {
                Self::plain_counts(figures, cases, &means, plain, residuals, losses)
            }
            Likelihood::LogNormal | Likelihood::NegativeBinomial => false,
        };
        if !done {
            for i in 0..figures {
                let (factor, term) = self.figure(first + i, means[i]);
                for column in &mut columns[..k] {
                    column[i] *= factor;
                }
                residuals[i] = term.residual;
                losses[i] = term.loss;
            }
        }
        let mut row = [0.0; MAX_PARAMETERS];
        for i in figures..block.len() {
            let term = self.term(first + i, theta, &mut row[..k]);
            block.set(i, &row[..k], term.residual, term.loss);
        }
    }
}
