//! A curve at some figures, with priors, as the sum of terms that the optimiser minimises.

use super::likelihood::{Contribution, Likelihood, NEAR, above_logarithm_near};
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
        let cases = self.points[i].cases;
        let Contribution {
            factor,
            residual,
            loss,
        } = self.likelihood.contribution(cases, mean, scale);
        let Some(weights) = self.weights else {
            return (factor, Term { loss, residual });
        };
        let root = weights[i].sqrt();
        let term = Term {
            loss: weights[i] * loss,
            residual: root * residual,
        };
        (root * factor, term)
    }

    /// The figures of a block of an unweighted fit, which the compiler can do several at a time: the same numbers as
    /// [`CurveTerms::figure`] gives, by `of` from a count and its mean. There are `figures` of them; the places after
    /// them hold a mean of 1. Columns are `SCALED` by factors where these are not all alike.
    #[inline]
    fn side_by_side<const SCALED: bool>(
        figures: usize,
        (cases, means): (&[f64; BATCH], &[f64; BATCH]),
        block: &mut Block<'_>,
        of: impl Fn(f64, f64) -> Contribution,
    ) {
        let lanes = figures.div_ceil(LANES);
        let mut factors = [1.0; BATCH];
        let read = cases.as_chunks::<LANES>().0.iter();
        let read = read.zip(means.as_chunks::<LANES>().0);
        let write = block.residuals.as_chunks_mut::<LANES>().0.iter_mut();
        let write = write.zip(block.losses.as_chunks_mut::<LANES>().0);
        let write = write.zip(factors.as_chunks_mut::<LANES>().0);
        for ((cases, means), ((residuals, losses), factors)) in read.zip(write).take(lanes) {
            for i in 0..LANES {
                let of = of(cases[i], means[i]);
                (factors[i], residuals[i], losses[i]) = (of.factor, of.residual, of.loss);
            }
        }
        let columns = if SCALED { &mut *block.columns } else { &mut [] };
        for column in columns {
            let column = column.as_chunks_mut::<LANES>().0.iter_mut();
            for (column, factors) in column.zip(factors.as_chunks::<LANES>().0).take(lanes) {
                for i in 0..LANES {
                    column[i] *= factors[i];
                }
            }
        }
    }

    /// The figures of a block at their means, where all can be done side by side.
    #[inline]
    fn plain(
        &self,
        figures: usize,
        (cases, means): (&[f64; BATCH], &[f64; BATCH]),
        block: &mut Block<'_>,
    ) -> bool {
        if self.weights.is_some() {
            return false;
        }
        let pairs = || cases.iter().zip(means).take(figures);
        match self.likelihood {
            Likelihood::Gaussian => {
                let scale = self.scale;
                let of = |cases, mean| Likelihood::Gaussian.contribution(cases, mean, scale);
                Self::side_by_side::<false>(figures, (cases, means), block, of);
                if scale.to_bits() != 1.0_f64.to_bits() {
                    let entries = block
                        .columns
                        .iter_mut()
                        .flat_map(|column| &mut column[..figures]);
                    entries.for_each(|derivative| *derivative *= scale.recip());
                }
                // An infinite mean has an infinite loss, and one that is NaN has none, as it is; one term
                // outside the domain is enough.
                if means.iter().filter(|mean| **mean <= 0.0).count() > 0 {
                    block.losses[0] = f64::INFINITY;
                }
                true
            }
            Likelihood::Poisson | Likelihood::QuasiPoisson => {
                // Farther from its count a mean's deviance needs the logarithm.
                let near = pairs().fold(true, |near, (cases, mean)| {
                    near & (((mean - cases) / cases).abs() <= NEAR)
                });
                if near {
                    let of = |cases: f64, mean: f64| {
                        let root = mean.sqrt();
                        Contribution {
                            factor: root.recip(),
                            residual: (cases - mean) / root,
                            loss: cases * above_logarithm_near((mean - cases) / cases),
                        }
                    };
                    Self::side_by_side::<true>(figures, (cases, means), block, of);
                }
                near
            }
            Likelihood::LogNormal | Likelihood::NegativeBinomial => false,
        }
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
        self.likelihood.is_of_counts().then_some(1.0)
    }

    fn block(&self, first: usize, theta: &[f64], block: &mut Block<'_>) {
        let figures = self.points.len().saturating_sub(first).min(block.len);
        let k = theta.len();
        let later;
        let Columns { times, cases } = if first == 0 {
            &self.first
        } else {
            later = Columns::new(&self.points[first.min(self.points.len())..]);
            &later
        };
        let mut means = [1.0; BATCH];
        values_and_gradients(
            self.curve,
            &times[..figures],
            theta,
            &mut means[..figures],
            &mut block.columns[..k],
        );
        if !self.plain(figures, (cases, &means), block) {
            for i in 0..figures {
                let (factor, term) = self.figure(first + i, means[i]);
                for column in &mut block.columns[..k] {
                    column[i] *= factor;
                }
                (block.residuals[i], block.losses[i]) = (term.residual, term.loss);
            }
        }
        let mut row = [0.0; MAX_PARAMETERS];
        for i in figures..block.len {
            let term = self.term(first + i, theta, &mut row[..k]);
            block.set(i, &row[..k], term.residual, term.loss);
        }
    }
}
