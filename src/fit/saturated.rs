//! As many figures as parameters: the curve through them.

use serde::Deserialize;

use super::estimator::{Estimator, Outcome};
use super::failure::{explained, not_fitted};
use super::fit_figures::FitFigures;
use super::fit_options::FitOptions;
use super::fitted_curve::{Basis, FittedCurve};
use super::parameter_estimate::ParameterEstimate;
use super::serialised_fit::Stored;
use crate::curve::{GrowthCurve, Obstacle};
use crate::error::{ErrorKind, Result};

/// A saturated model: one with as many free parameters as there are figures, so that it meets them all.
///
/// Nothing is left over to judge it by: it has no residuals, no standard errors and no information
/// criterion, and there is no method that could return one. Its uncertainty comes from the stated
/// errors of the figures, from the choice of the curve, and from the years ahead. `McCullagh` & Nelder (1989),
/// *Generalized Linear Models*, 2nd ed., section 2.3.
///
/// Serialised it is its curve, series, options and internal parameters; that the curve meets every figure is
/// checked on the way in.
///
/// # Example
///
/// ```
/// use myeloma_epi::curve::Family;
/// use myeloma_epi::fit::{FitOptions, fit};
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let china = IncidenceSeries::from_figures(figures::press_release(), "China")?;
/// let fit = fit(Family::Exponential, &china, &FitOptions::default())?;
/// let fit = fit.saturated().expect("two figures, two parameters");
/// let rate = fit.parameters()[1].clone();
/// // Growth between two figures: ln(y₂/y₁)/(t₂ − t₁).
/// let expected = (31_800.0_f64 / 28_100.0).ln() / 5.0;
/// assert!(rate.estimate.is_some_and(|rate| (rate / expected - 1.0).abs() < 1e-9));
/// assert_eq!(rate.standard_error, None);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(
    try_from = "Stored<C>",
    bound(deserialize = "C: GrowthCurve + Deserialize<'de>")
)]
pub struct SaturatedFit<C> {
    pub(super) basis: Basis<C>,
}

impl<C: GrowthCurve> SaturatedFit<C> {
    /// The curve with its parameters; it meets every figure to a relative 1e-9.
    #[must_use]
    pub const fn curve(&self) -> &FittedCurve<C> {
        &self.basis.curve
    }

    /// The options of the fit.
    #[must_use]
    pub const fn options(&self) -> &FitOptions {
        &self.basis.options
    }

    /// The number of figures.
    #[must_use]
    pub fn figures(&self) -> usize {
        self.basis.figures.points.len()
    }

    /// The natural parameters, without errors.
    #[must_use]
    pub fn parameters(&self) -> Vec<ParameterEstimate> {
        let curve = self.curve();
        let values = curve.existing_values();
        let parameters = curve.family.natural_parameters().iter().zip(values);
        let estimate = |(of, value)| ParameterEstimate::without_error(of, value);
        parameters.map(estimate).collect()
    }

    /// The internal parameters, without errors.
    #[must_use]
    pub fn internal_parameters(&self) -> Vec<ParameterEstimate> {
        let curve = self.curve();
        let parameters = curve.family.parameters().iter().zip(&curve.theta);
        let estimate = |(of, value): (_, &f64)| ParameterEstimate::without_error(of, Some(*value));
        parameters.map(estimate).collect()
    }
}

/// The parameters of the curve through the figures.
pub(super) fn through<C: GrowthCurve>(
    estimator: &Estimator<'_, C>,
    region: &str,
    figures: &FitFigures,
) -> Result<Vec<f64>> {
    let curve = estimator.curve;
    let mut theta = vec![0.0; curve.parameters().len()];
    let not_fitted = |reason: &str| not_fitted(curve.name(), region, reason);
    let outcome = estimator
        .refit(&figures.points, None, &mut theta)
        .map_err(|error| not_fitted(&explained(curve, &error)))?;
    let reason = match outcome {
        Outcome::Fitted if estimator.goes_through(&figures.points, &theta) => return Ok(theta),
        Outcome::Fitted => return Err(not_fitted(&missed(curve, &theta, figures))),
        Outcome::AtLimit(Some(obstacle)) => explain(obstacle, figures),
        Outcome::AtLimit(None) => missed(curve, &theta, figures),
    };
    Err(ErrorKind::NoSuchCurve {
        reason,
        curve: curve.name().to_owned(),
        region: region.to_owned(),
    }
    .into())
}

/// The obstacle in plain words, with the growth of each interval.
fn explain(obstacle: Obstacle, figures: &FitFigures) -> String {
    let pairs = figures.points.windows(2).zip(figures.years.windows(2));
    let intervals = pairs.map(|(points, years)| {
        let (a, b) = (points[0], points[1]);
        let growth = 100.0 * (b.cases / a.cases).ln() / (b.t - a.t);
        format!("{growth:.2} % a year from {} to {}", years[0], years[1])
    });
    let intervals = intervals.collect::<Vec<_>>().join(", ");
    match obstacle {
        Obstacle::Accelerating => format!(
            "the points accelerate ({intervals}), and growth or decline towards a level slows down; \
             the exponential curve is the limit of this family"
        ),
        Obstacle::Turning => {
            format!("the points turn or stand still ({intervals}), and this family goes one way")
        }
        Obstacle::Sudden => {
            format!("growth stops too suddenly ({intervals}): the curve would be a step")
        }
    }
}

fn missed<C: GrowthCurve>(curve: &C, theta: &[f64], figures: &FitFigures) -> String {
    let misses = figures.points.iter().zip(&figures.years);
    let misses = misses.map(|(p, year)| (curve.value(p.t, theta) / p.cases - 1.0, year));
    let worst = misses.max_by(|a, b| a.0.abs().total_cmp(&b.0.abs()));
    let (worst, year) = worst.unwrap_or((0.0, &0));
    format!(
        "the nearest one misses the figure of {year} by {:.2} %",
        100.0 * worst
    )
}
