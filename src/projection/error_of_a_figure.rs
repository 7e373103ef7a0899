//! How far each figure is off by itself: the error that it states, its counting error, its scatter about a curve.

use rand_distr::{ChiSquared, Distribution};

use crate::curve::GrowthCurve;
use crate::error::{Error, Result};
use crate::fit::{Fit, FitFigures};
use crate::random::Stream;
use crate::series::IncidenceSeries;

/// Standard deviations of the logarithms of figures, in their order.
#[derive(Debug)]
pub(super) struct FigureErrors {
    pub(super) each: Vec<f64>,
    /// What of them is the counting error, which is independent of that of any other figure.
    counting: Vec<f64>,
    /// Where they are estimated from a scatter, with how many degrees of freedom.
    estimated_with: Option<ChiSquared<f64>>,
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
            roots,
            counting,
            estimated_with: None,
            degrees_of_freedom: 0.0,
        }
    }

    /// The errors about a fitted curve. Where no figure states an error, and there are more figures than parameters,
    /// they are at least the scatter about the curve: of counts, Poisson's error times the root of Pearson's
    /// statistic over its degrees of freedom; of estimates, the standard deviation of the residuals. An estimated
    /// scatter is drawn itself, so that a draw has the distribution of Student's t.
    pub(super) fn about<C: GrowthCurve>(
        series: &IncidenceSeries,
        figures: &FitFigures,
        fit: &Fit<C>,
        weights: &[f64],
    ) -> Result<Self> {
        let mut errors = Self::of(series, figures, weights);
        let (Some(fitted), true) = (
            fit.identified(),
            !figures.uses_projection && figures.errors.iter().all(|error| *error == 0.0),
        ) else {
            return Ok(errors);
        };
        let degrees_of_freedom = fitted.degrees_of_freedom() as f64;
        let are_counts = errors.each.iter().all(|error| *error > 0.0);
        let (curve, theta) = (fit.curve().family(), fit.curve().theta());
        let units = errors.each.iter().zip(&errors.roots);
        let units = units.map(|(error, root)| if are_counts { *error } else { root.recip() });
        let units: Vec<f64> = units.collect();
        let points = figures.points.iter().zip(&units);
        let squares = points.map(|(point, unit)| {
            let fitted = curve.value(point.t, theta).ln();
            ((point.cases.ln() - fitted) / unit).powi(2)
        });
        let squares: f64 = squares.sum();
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
        let known = !are_counts || scatter > 1.0;
        let Some(chi_squared) = ChiSquared::new(degrees_of_freedom).ok().filter(|_| known) else {
            return Ok(errors);
        };
        errors.each = units.iter().map(|unit| scatter * unit).collect();
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

    /// The factors on all errors, one a draw of a block; `None` where they are all 1.
    pub(super) fn factors(&self, stream: Stream, block: usize, draws: usize) -> Option<Vec<f64>> {
        let sample = self.estimated_with?.sample_iter(stream.block(block));
        let factors = sample.map(|squares: f64| (self.degrees_of_freedom / squares).sqrt());
        Some(factors.take(draws).collect())
    }
}
