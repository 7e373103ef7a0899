//! One annual percent change over all years: log-linear models without joinpoints.

use serde::Serialize;

use super::percent_change::{AnnualPercentChange, Reference};
use super::series::{LogPoints, LogVariance, TrendSeries, check_open_unit, counts_only};
use super::spline::{Line, Spline};
use crate::error::{Error, ErrorKind, Result};

/// How a value scatters around its trend ln E(*y*) = α + β·year, and how the slope β is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TrendModel {
    /// Least squares on logarithms, weighted as [`LogVariance`] says. The interval is Student's t with
    /// n − 2 degrees of freedom where the variance is estimated from the residuals, and normal where
    /// the standard errors are taken at their word.
    LogLinear(LogVariance),
    /// Maximum likelihood for Poisson counts: variance equal to the mean. The interval is normal:
    /// nothing is estimated but the line. It is too narrow where counts scatter more than Poisson
    /// counts do, as national counts of tens of thousands always do.
    Poisson,
    /// The same line with variance proportional to the mean; the factor, the dispersion, is
    /// Pearson's χ²/(n − 2), and the interval is t with n − 2 degrees of freedom, because that
    /// factor is estimated. `McCullagh` & Nelder (1989), Generalized Linear Models, section 4.5,
    /// [doi:10.1201/9780203753736](https://doi.org/10.1201/9780203753736).
    QuasiPoisson,
}

impl Default for TrendModel {
    fn default() -> Self {
        Self::LogLinear(LogVariance::Constant)
    }
}

/// A log-linear trend without joinpoints.
///
/// ```
/// use myeloma_epi::joinpoint::{LogLinearTrend, TrendModel, TrendSeries};
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
/// let trend = LogLinearTrend::fit(&TrendSeries::from(&usa), TrendModel::QuasiPoisson, 0.95)?;
/// let apc = trend.annual_percent_change();
/// assert!((apc.percent() - 3.2).abs() < 0.1, "{}", apc.percent());
/// // The counts scatter far more than Poisson counts.
/// assert!(trend.dispersion() > 10.0);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogLinearTrend {
    model: TrendModel,
    change: AnnualPercentChange,
    dispersion: f64,
    first_year: f64,
    log_level: f64,
}

impl LogLinearTrend {
    /// Fits a trend; `level` is the coverage of its intervals, between 0 and 1.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`] where there are fewer observations than two, or than three where a
    /// variance is to be estimated, or the level is not between 0 and 1; [`ErrorKind::Unsuitable`] where
    /// the series states no standard errors, or is not of counts, and the model needs it.
    pub fn fit(series: &TrendSeries, model: TrendModel, level: f64) -> Result<Self> {
        check_open_unit("the confidence level", "a log-linear trend", level)?;
        let estimated = match model {
            TrendModel::LogLinear(variance) => variance.is_estimated(),
            TrendModel::Poisson => false,
            TrendModel::QuasiPoisson => true,
        };
        let (n, needed) = (series.points().len(), if estimated { 3 } else { 2 });
        if n < needed {
            return Err(Error::out_of_range(
                "the number of observations",
                format!("the trend of {}", series.name()),
                n,
                format!(
                    "at least {needed}{}",
                    if estimated {
                        ": two determine the line and a third its error"
                    } else {
                        ""
                    }
                ),
            ));
        }
        let reference = if estimated {
            Reference::StudentT {
                degrees_of_freedom: (n - 2) as f64,
            }
        } else {
            Reference::Normal
        };
        let line = match model {
            TrendModel::LogLinear(variance) => least_squares(series, variance)?,
            TrendModel::Poisson => poisson(series)?.scaled_by(|_| 1.0),
            TrendModel::QuasiPoisson => poisson(series)?.scaled_by(|pearson| pearson),
        };
        Ok(Self {
            model,
            change: AnnualPercentChange::from_slope(
                line.slope,
                line.slope_variance.sqrt(),
                reference,
                level,
            )?,
            dispersion: line.dispersion,
            first_year: f64::from(series.first_year()),
            log_level: line.log_level,
        })
    }

    /// The annual percent change.
    #[must_use]
    pub const fn annual_percent_change(&self) -> &AnnualPercentChange {
        &self.change
    }

    /// The model that was fitted.
    #[must_use]
    pub const fn model(&self) -> TrendModel {
        self.model
    }

    /// The factor of the variance: the residual variance of ln *y* for least squares with estimated
    /// variance (relative to the stated ones, where there are any, or to 1/*y*), Pearson's
    /// χ²/(n − 2) for quasi-Poisson, and 1 where it is not estimated.
    #[must_use]
    pub const fn dispersion(&self) -> f64 {
        self.dispersion
    }

    /// The trend's value in a year, in the unit of the series.
    #[must_use]
    pub fn value(&self, year: f64) -> f64 {
        let log = self.log_level + self.change.slope() * (year - self.first_year);
        log.exp().min(f64::MAX)
    }
}

/// A fitted line.
struct FittedLine {
    log_level: f64,
    slope: f64,
    slope_variance: f64,
    dispersion: f64,
}

impl FittedLine {
    /// With the dispersion that is made of the estimated one as the factor of its variance.
    fn scaled_by(mut self, choose: impl FnOnce(f64) -> f64) -> Self {
        self.dispersion = choose(self.dispersion);
        self.slope_variance *= self.dispersion;
        self
    }
}

fn least_squares(series: &TrendSeries, variance: LogVariance) -> Result<FittedLine> {
    let points = LogPoints::new(series, variance)?;
    let line = Spline::fit(&points, &[]);
    let dispersion = if variance.is_estimated() {
        points.largest_weight * line.rss / (points.len() - 2) as f64
    } else {
        1.0
    };
    Ok(FittedLine {
        log_level: points.level + line.levels[0],
        slope: line.slopes()[0],
        slope_variance: dispersion * line.slope_covariance()[0][0] / points.largest_weight,
        dispersion,
    })
}

/// The log-linear Poisson line by Fisher scoring, in counts relative to the largest: the variance of
/// the slope is for a dispersion of 1, and the dispersion is the estimated one.
///
/// The log-likelihood is concave; a step that lowers it is halved.
fn poisson(series: &TrendSeries) -> Result<FittedLine> {
    counts_only(series, "Poisson models")?;
    let points = LogPoints::new(series, LogVariance::Counts)?;
    // The weights are the counts, relative to the largest.
    let (y, scale) = (&points.w, points.largest_weight);
    let start = Line::fit(&points, 0..points.len(), &points.z);
    let middle = 0.5 * points.t[points.len() - 1];
    let shift = points.level - scale.ln();
    let (mut a, mut b) = (start.at(middle) + shift, start.slope);
    let likelihood = |a: f64, b: f64| -> f64 {
        points
            .t
            .iter()
            .zip(y)
            .map(|(t, y)| {
                let eta = a + b * (t - middle);
                y * eta - eta.exp()
            })
            .sum()
    };
    let mut best = likelihood(a, b);
    for _ in 0..100 {
        let mut score = [0.0; 2];
        let mut information = [0.0; 3];
        for (t, y) in points.t.iter().zip(y) {
            let x = t - middle;
            let mean = (a + b * x).exp();
            score[0] += y - mean;
            score[1] += (y - mean) * x;
            information[0] += mean;
            information[1] += mean * x;
            information[2] += mean * x * x;
        }
        let [i0, i1, i2] = information;
        let determinant = i0 * i2 - i1 * i1;
        let (mut da, mut db) = (
            (i2 * score[0] - i1 * score[1]) / determinant,
            (i0 * score[1] - i1 * score[0]) / determinant,
        );
        if !(da.is_finite() && db.is_finite()) {
            break;
        }
        let small = 1e-13 * (1.0 + a.abs());
        if da.abs() <= small && (db * middle).abs() <= small {
            return Ok(poisson_line(&points, a, b, middle, determinant / i0, scale));
        }
        for _ in 0..60 {
            let moved = likelihood(a + da, b + db);
            if moved >= best - 1e-12 * best.abs() {
                best = moved;
                break;
            }
            da *= 0.5;
            db *= 0.5;
        }
        a += da;
        b += db;
    }
    Err(ErrorKind::NotFitted {
        curve: "log-linear Poisson".to_owned(),
        region: series.name().to_owned(),
        reason: "Fisher scoring did not settle within 100 steps".to_owned(),
    }
    .into())
}

/// The line with Pearson's dispersion; `information` is the slope's, in counts relative to the largest.
fn poisson_line(
    points: &LogPoints,
    a: f64,
    b: f64,
    middle: f64,
    information: f64,
    scale: f64,
) -> FittedLine {
    let n = points.len();
    let pearson: f64 = points
        .t
        .iter()
        .zip(&points.w)
        .map(|(t, y)| {
            let mean = (a + b * (t - middle)).exp();
            (y - mean).powi(2) / mean
        })
        .sum();
    // Relative counts near 1 carry the rounding of the exponential function.
    let rounding = n as f64 * (64.0 * f64::EPSILON).powi(2);
    let estimate = if pearson > rounding && n > 2 {
        scale * pearson / (n - 2) as f64
    } else {
        0.0
    };
    FittedLine {
        log_level: a - b * middle + scale.ln(),
        slope: b,
        slope_variance: 1.0 / (scale * information),
        dispersion: estimate,
    }
}
