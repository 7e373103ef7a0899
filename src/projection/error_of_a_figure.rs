//! How far each figure is off by itself: the error that it states, its counting error, its scatter about a curve.

use rand_distr::{ChiSquared, Distribution};
use statrs::distribution::ContinuousCDF;

use crate::curve::GrowthCurve;
use crate::error::{Error, Result};
use crate::fit::{Caution, Fit, FitFigures};
use crate::random::Stream;
use crate::series::IncidenceSeries;

/// Standard deviations of the logarithms of figures, in their order.
#[derive(Debug)]
pub(super) struct FigureErrors {
    pub(super) each: Vec<f64>,
    /// What of them is the counting error, which is independent of that of any other figure.
    counting: Vec<f64>,
    /// Where some are estimated from a scatter, with how many degrees of freedom.
    estimated_with: Option<ChiSquared<f64>>,
    /// Whether each states no error, so that the scatter says it.
    open: Vec<bool>,
    /// The root of the weight of each.
    roots: Vec<f64>,
    pub(super) degrees_of_freedom: f64,
}

impl FigureErrors {
    /// The stated or assumed error of each figure with its counting error, over the root of its weight, as in a fit; no
    /// weights are equal ones.
    pub(super) fn of(series: &IncidenceSeries, figures: &FitFigures, weights: &[f64]) -> Self {
        let weights = weights.iter().copied().chain(std::iter::repeat(1.0));
        let roots: Vec<f64> = weights.take(figures.errors.len()).map(f64::sqrt).collect();
        let counting = series.unmarked();
        let counting = counting.map(|o| series.counting_error(o)).chain([0.0]);
        let counting = counting.zip(&roots).map(|(error, root)| error / root);
        let counting: Vec<f64> = counting.collect();
        let known = figures.errors.iter().zip(&roots).zip(&counting);
        Self {
            each: known
                .map(
                    |((&known, root), &counting)| if known > 0.0 { known / root } else { counting },
                )
                .collect(),
            open: open(series, figures),
            roots,
            counting,
            estimated_with: None,
            degrees_of_freedom: 0.0,
        }
    }

    /// The errors about a fitted curve. Those of figures that state none, where these are more than the parameters, are at
    /// least their scatter about the curve: of counts, Poisson's error times the root of Pearson's statistic over its
    /// degrees of freedom; of estimates, or where a published projection is among them, the standard deviation of the
    /// residuals. An estimated scatter is drawn itself, so that a draw has the distribution of Student's t.
    pub(super) fn about<C: GrowthCurve>(
        series: &IncidenceSeries,
        figures: &FitFigures,
        fit: &Fit<C>,
        weights: &[f64],
    ) -> Result<Self> {
        let mut errors = Self::of(series, figures, weights);
        let Some(fitted) = fit.identified() else {
            return Ok(errors);
        };
        let open: Vec<usize> = (0..errors.open.len()).filter(|&i| errors.open[i]).collect();
        let stated = errors.open.len() - open.len();
        let degrees_of_freedom = fitted.degrees_of_freedom().saturating_sub(stated) as f64;
        let are_counts = open.iter().all(|&i| errors.counting[i] > 0.0);
        let (curve, theta) = (fit.curve().family(), fit.curve().theta());
        let unit = |i: usize| {
            if are_counts {
                errors.counting[i]
            } else {
                errors.roots[i].recip()
            }
        };
        let squares = open.iter().map(|&i| {
            let point = figures.points[i];
            let fitted = curve.value(point.t, theta).ln();
            ((point.cases.ln() - fitted) / unit(i)).powi(2)
        });
        let squares: f64 = squares.sum();
        let Ok(chi_squared) = ChiSquared::new(degrees_of_freedom) else {
            return Ok(errors);
        };
        let scatter = (squares / degrees_of_freedom).sqrt();
        if !scatter.is_finite() {
            return Err(Error::unsuitable(format!(
                "the {} curve through the figures of {} is not above 0 at each of them: their scatter about it, on the \
                 log scale, is {scatter}, and no interval follows",
                curve.name(),
                series.region()
            )));
        }
        // Counts scatter as Poisson's do at least.
        let estimated = open.iter().map(|&i| (i, scatter * unit(i)));
        let estimated: Vec<(usize, f64)> = estimated.collect();
        let greater = |(i, error): &(usize, f64)| *error > errors.counting[*i];
        if !estimated.iter().any(greater) {
            return Ok(errors);
        }
        for (i, error) in estimated {
            errors.each[i] = error.max(errors.counting[i]);
        }
        errors.estimated_with = Some(chi_squared);
        errors.degrees_of_freedom = degrees_of_freedom;
        Ok(errors)
    }

    /// The part of the error of figure `i`, as a standard deviation beside the whole, that may be correlated with others.
    pub(super) fn correlated_part(&self, i: usize) -> f64 {
        let counting = self.counting[i] / self.each[i];
        if counting > 0.0 {
            (1.0 - counting * counting).max(0.0).sqrt()
        } else {
            1.0
        }
    }

    /// The correlation of the error of figure `i`, a share of that of a whole, with the error there: that of a number with
    /// the sum of it and of the rest, which errs independently, as a Poisson number does where the error is the counting error,
    /// and in the same proportion else.
    pub(super) fn correlation_with_whole(&self, i: usize, share: f64) -> f64 {
        if self.counting[i] > 0.0 && self.correlated_part(i) == 0.0 {
            share.sqrt()
        } else {
            share / share.hypot(1.0 - share)
        }
    }

    /// The factors on the errors of figures that state none, one a draw of a block; `None` where they are all 1.
    pub(super) fn factors(&self, stream: Stream, block: usize, draws: usize) -> Option<Vec<f64>> {
        let sample = self.estimated_with?.sample_iter(stream.block(block));
        let factors = sample.map(|squares: f64| (self.degrees_of_freedom / squares).sqrt());
        Some(factors.take(draws).collect())
    }

    /// That the figures which state an error scatter about a curve by more than that: by so many times as much, as variances,
    /// where the chance of it is less than one in a thousand.
    pub(super) fn contradicted<C: GrowthCurve>(
        &self,
        figures: &FitFigures,
        fit: &Fit<C>,
    ) -> Option<Caution> {
        let (curve, theta) = (fit.curve().family(), fit.curve().theta());
        let stated = (0..self.open.len()).filter(|&i| !self.open[i] && self.each[i] > 0.0);
        let squares: Vec<f64> = stated
            .map(|i| {
                let point = figures.points[i];
                let fitted = curve.value(point.t, theta).ln();
                ((point.cases.ln() - fitted) / self.each[i]).powi(2)
            })
            .collect();
        // No more than are left over by the curve's parameters.
        let degrees = squares.len().min(fit.identified()?.degrees_of_freedom()) as f64;
        let sum: f64 = squares.iter().sum();
        let most = statrs::distribution::ChiSquared::new(degrees).ok()?;
        let rare = sum.is_finite() && sum > most.inverse_cdf(0.999);
        rare.then_some(Caution::Overdispersed(sum / degrees))
    }

    /// The figure with the greatest error among those whose weight makes it more than a factor of twenty, and that error.
    pub(super) fn weighted_away(&self) -> Option<(usize, f64)> {
        let errors = self.each.iter().zip(&self.roots).enumerate();
        let great = errors.filter(|(_, (error, root))| **root < 1.0 && **error > 3.0);
        let great = great.map(|(i, (error, _))| (i, *error));
        great.max_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// Whether the error of figure `i` is estimated from the scatter: that of a count is its counting error at least.
    pub(super) fn is_estimated(&self, i: usize) -> bool {
        self.open[i] && self.each[i] > self.counting[i]
    }
}

/// Whether each figure states no error: all of them where none is stated to err.
fn open(series: &IncidenceSeries, figures: &FitFigures) -> Vec<bool> {
    let none = figures.errors.iter().all(|error| *error == 0.0);
    let projection = series.published_projection();
    let projection = projection.filter(|_| figures.uses_projection);
    let stated = series.unmarked().map(|o| o.relative_error);
    let stated = stated.chain(projection.map(|p| p.relative_error));
    stated.map(|stated| none || stated.is_none()).collect()
}
