//! The variance of the logarithms, and a series as weighted least squares sees it.

use serde::{Deserialize, Serialize};

use super::annual_series::{AnnualSeries, Point};
use crate::error::{Error, Result};
use crate::number_checks::Place;

/// The variance of the errors of ln *y*, whose inverse is the weight in least squares.
///
/// | choice | variance of ln y | degrees of freedom of the errors |
/// |---|---|---|
/// | `Constant` | σ², estimated | those of the residuals |
/// | `StandardErrors` | φ·(SE/y)², φ estimated | those of the residuals |
/// | `KnownStandardErrors` | (SE/y)² | none: normal |
/// | `Poisson` | φ/y, φ estimated | those of the residuals |
///
/// The standard error of ln y is SE/y by the delta method, without a unit. Weights of the same proportions give the
/// same line and the same joinpoints; whether the factor is estimated decides about the width of intervals.
///
/// ```
/// use myeloma_epi::joinpoint::{AnnualSeries, ErrorVariance, LogLinearTrend};
///
/// let counts = [(2016, 100.0), (2017, 112.0), (2018, 121.0), (2019, 138.0), (2020, 149.0)];
/// let series = AnnualSeries::from_counts("Atlantis", counts)?;
/// let change = |variance| {
///     let trend = LogLinearTrend::least_squares(&series, variance, 0.95)?;
///     Ok::<f64, myeloma_epi::Error>(trend.annual_percent_change().percent())
/// };
/// // Large counts weigh more than small ones, and the trend is nearly the same.
/// let (constant, poisson) = (change(ErrorVariance::Constant)?, change(ErrorVariance::Poisson)?);
/// assert!(constant != poisson && (constant - poisson).abs() < 0.3);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorVariance {
    /// The same in every year, and estimated from the residuals: unweighted least squares. The
    /// default, because deviations from a trend in national counts are mostly not sampling error.
    #[default]
    Constant,
    /// Proportional to (standard error/*y*)², by the delta method, with a factor that is estimated
    /// from the residuals: the weighted least squares of the NCI's Joinpoint program.
    StandardErrors,
    /// Equal to (standard error/*y*)²: the standard errors are taken at their word, and deviations from
    /// the trend are nothing else.
    KnownStandardErrors,
    /// Proportional to 1/*y*, as of Poisson counts, with a factor that is estimated from the residuals.
    /// For counts only.
    Poisson,
}

impl ErrorVariance {
    /// Whether the variance has a factor that is estimated from the residuals.
    pub(super) const fn is_estimated(self) -> bool {
        !matches!(self, Self::KnownStandardErrors)
    }
}

/// Products of smaller weights leave the range of numbers.
const LEAST_WEIGHT: f64 = 1e-100;

/// A series as least squares sees it: time, logarithm, weight.
#[derive(Debug, Clone)]
pub(super) struct LogPoints {
    /// The first year, from which `t` counts.
    pub(super) origin: f64,
    /// ln of the first value, which `z` is relative to: a constant series is then exactly 0.
    pub(super) level: f64,
    pub(super) t: Vec<f64>,
    pub(super) z: Vec<f64>,
    /// Inverse variances, or numbers proportional to them, divided by the largest.
    pub(super) w: Vec<f64>,
    /// The largest weight: `w` times this are the weights as given.
    pub(super) largest_weight: f64,
    /// What a weighted sum of squares is when it is nothing but rounding of the logarithms.
    pub(super) rounding: f64,
}

impl LogPoints {
    pub(super) fn new(series: &AnnualSeries, variance: ErrorVariance) -> Result<Self> {
        let points = series.points();
        if let Some(none) = points.iter().find(|point| point.value == 0.0) {
            let way_out = if series.is_of_counts() {
                "fit LogLinearTrend::poisson or quasi_poisson, which need none, combine years, or put 0.5 in place of 0, \
                 as the NCI's program does, and say so"
            } else {
                "combine years, or take the counts instead of rates, to which a Poisson trend can be fitted"
            };
            return Err(Error::unsuitable(format!(
                "{} {} is 0, which has no logarithm: {way_out}",
                series.name(),
                none.year
            )));
        }
        let mut w = points
            .iter()
            .map(|point| weight(series, point, variance))
            .collect::<Result<Vec<f64>>>()?;
        let largest_weight = w.iter().copied().fold(0.0, f64::max);
        for (w, point) in w.iter_mut().zip(&points) {
            *w /= largest_weight;
            check_weight(*w, series, point)?;
        }
        let (origin, level) = (f64::from(points[0].year), points[0].value.ln());
        let rounding = points
            .iter()
            .zip(&w)
            .map(|(point, w)| {
                w * (16.0 * f64::EPSILON * point.value.ln().abs().max(level.abs()).max(1.0)).powi(2)
            })
            .sum();
        Ok(Self {
            origin,
            level,
            t: points.iter().map(|p| f64::from(p.year) - origin).collect(),
            z: points.iter().map(|p| p.value.ln() - level).collect(),
            w,
            largest_weight,
            rounding,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.t.len()
    }

    /// A sum of squares that is only rounding is 0.
    pub(super) fn without_rounding(&self, squares: f64) -> f64 {
        if squares > self.rounding {
            squares
        } else {
            0.0
        }
    }
}

fn weight(series: &AnnualSeries, point: &Point, variance: ErrorVariance) -> Result<f64> {
    let weight = match variance {
        ErrorVariance::Constant => 1.0,
        ErrorVariance::StandardErrors | ErrorVariance::KnownStandardErrors => {
            let Some(error) = point.standard_error else {
                return Err(Error::unsuitable(format!(
                    "{} {} has no standard error: to weigh a trend by standard errors, state one above 0 \
                     for every year",
                    series.name(),
                    point.year
                )));
            };
            (point.value / error).powi(2)
        }
        ErrorVariance::Poisson => {
            series.counts_only("weights by the number of cases")?;
            point.value
        }
    };
    check_weight(weight, series, point)?;
    Ok(weight)
}

/// A weight must be there, and not vanish beside the largest.
fn check_weight(weight: f64, series: &AnnualSeries, point: &Point) -> Result<()> {
    Place(format_args!("{} {}", series.name(), point.year)).check(
        weight.is_finite() && weight >= LEAST_WEIGHT,
        "the weight, 1/variance of the logarithm,",
        weight,
        format_args!("finite and at least {LEAST_WEIGHT:e}, absolutely and beside the largest"),
    )
}
