//! As many figures as parameters: the curve through them.

use serde::Deserialize;

use super::data::FitFigures;
use super::estimator::{Estimator, Outcome, Theta};
use super::failure::{explained, not_fitted};
use super::fitted::FittedCurve;
use super::options::FitOptions;
use super::parameter_estimate::ParameterEstimate;
use super::stored::StoredSaturated;
use crate::curve::{GrowthCurve, MAX_PARAMETERS, Obstacle, Point};
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
    try_from = "StoredSaturated<C>",
    bound(deserialize = "C: GrowthCurve + Deserialize<'de>")
)]
pub struct SaturatedFit<C> {
    curve: FittedCurve<C>,
    figures: FitFigures,
    options: FitOptions,
}

impl<C: GrowthCurve> SaturatedFit<C> {
    pub(super) const fn new(
        curve: FittedCurve<C>,
        figures: FitFigures,
        options: FitOptions,
    ) -> Self {
        Self {
            curve,
            figures,
            options,
        }
    }

    /// The curve with its parameters; it meets every figure to a relative 1e-9.
    #[must_use]
    pub const fn curve(&self) -> &FittedCurve<C> {
        &self.curve
    }

    /// The options of the fit.
    #[must_use]
    pub const fn options(&self) -> &FitOptions {
        &self.options
    }

    /// The number of figures.
    #[must_use]
    pub fn figures(&self) -> usize {
        self.figures.points.len()
    }

    pub(super) const fn data(&self) -> &FitFigures {
        &self.figures
    }

    /// The natural parameters, without errors.
    #[must_use]
    pub fn parameters(&self) -> Vec<ParameterEstimate> {
        let parameters = self.curve.family().natural_parameters().iter();
        parameters
            .zip(self.curve.existing_values())
            .map(|(parameter, value)| ParameterEstimate::without_error(parameter, value))
            .collect()
    }

    /// The internal parameters, without errors.
    #[must_use]
    pub fn internal_parameters(&self) -> Vec<ParameterEstimate> {
        let parameters = self.curve.family().parameters().iter();
        parameters
            .zip(self.curve.theta())
            .map(|(parameter, value)| ParameterEstimate::without_error(parameter, Some(*value)))
            .collect()
    }
}

/// The parameters of the curve through the figures.
pub(super) fn through<C: GrowthCurve>(
    estimator: &Estimator<'_, C>,
    region: &str,
    figures: &FitFigures,
) -> Result<Theta> {
    let curve = estimator.curve;
    let mut theta = [0.0; MAX_PARAMETERS];
    let inside = &mut theta[..curve.parameters().len()];
    let outcome = estimator
        .refit(&figures.points, None, inside)
        .map_err(|error| not_fitted(curve.name(), region, &explained(curve, &error)))?;
    match outcome {
        Outcome::Fitted if estimator.goes_through(&figures.points, inside) => Ok(theta),
        Outcome::Fitted => Err(not_fitted(
            curve.name(),
            region,
            &missed(curve, inside, figures),
        )),
        Outcome::AtLimit(obstacle) => Err(ErrorKind::NoSuchCurve {
            reason: match obstacle {
                Some(obstacle) => explain(obstacle, figures),
                None => missed(curve, inside, figures),
            },
            curve: curve.name().to_owned(),
            region: region.to_owned(),
        }
        .into()),
    }
}

/// The obstacle in plain words, with the growth of each interval.
fn explain(obstacle: Obstacle, figures: &FitFigures) -> String {
    let growth = |i: usize| {
        let (a, b): (Point, Point) = (figures.points[i], figures.points[i + 1]);
        100.0 * (b.cases / a.cases).ln() / (b.t - a.t)
    };
    let years = &figures.years;
    let intervals = (0..figures.points.len() - 1)
        .map(|i| {
            format!(
                "{:.2} % a year from {} to {}",
                growth(i),
                years[i],
                years[i + 1]
            )
        })
        .collect::<Vec<_>>()
        .join(", ");
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
    let (mut worst, mut year) = (0.0_f64, 0);
    for (point, &of) in figures.points.iter().zip(&figures.years) {
        let miss = curve.value(point.t, theta) / point.cases - 1.0;
        if miss.abs() >= worst.abs() {
            (worst, year) = (miss, of);
        }
    }
    format!(
        "the nearest one misses the figure of {year} by {:.2} %",
        100.0 * worst
    )
}
