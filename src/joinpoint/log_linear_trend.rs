//! One annual percent change over all years: log-linear models without joinpoints.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::annual_percent_change::AnnualPercentChange;
use super::annual_series::{AnnualSeries, Point};
use super::error_variance::{ErrorVariance, LogPoints};
use super::linear_spline::{Line, Spline};
use crate::checked_on_reading::checked;
use crate::error::{Error, ErrorKind, Result};
use crate::figures::{Mark, listed};
use crate::number_checks::Place;
use crate::numeric::gamma;
use crate::plain_text::printable;

checked! {
    /// A log-linear trend without joinpoints, ln E(*y*) = α + β·year.
    ///
    /// | estimated by | variance | interval of β |
    /// |---|---|---|
    /// | [least squares](Self::least_squares) on logarithms | of ln *y*: [`ErrorVariance`] | t with n − 2 degrees of freedom; normal where the variance is known |
    /// | [Poisson](Self::poisson) regression | of *y*: its mean | normal |
    /// | [quasi-Poisson](Self::quasi_poisson) regression | of *y*: proportional to its mean | t with n − 2 degrees of freedom |
    ///
    /// ```
    /// use myeloma_epi::joinpoint::{AnnualSeries, LogLinearTrend};
    /// use myeloma_epi::{IncidenceSeries, figures};
    ///
    /// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
    /// let trend = LogLinearTrend::quasi_poisson(&AnnualSeries::from(&usa), 0.95)?;
    /// println!("{trend}");
    /// let apc = trend.annual_percent_change();
    /// assert!((apc.percent() - 3.7).abs() < 0.2, "{}", apc.percent());
    /// // The counts scatter far more than Poisson counts.
    /// assert!(trend.dispersion() > 5.0);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct LogLinearTrend {
        name: String,
        method: Method,
        first_year: i32,
        last_year: i32,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        left_out: BTreeMap<i32, Mark>,
        change: AnnualPercentChange,
        dispersion: f64,
        /// The year at which level and slope are uncorrelated, ln of the trend there, and its standard error.
        mean_year: f64,
        log_level: f64,
        log_level_error: f64,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        cautions: Vec<String>,
    } then check
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    LeastSquares(ErrorVariance),
    Poisson,
    QuasiPoisson,
}

impl LogLinearTrend {
    /// Weighted least squares on logarithms; `level` is the coverage of intervals, between 0 and 1.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooFew`] for fewer than two values, or three where the variance is estimated;
    /// [`ErrorKind::OutOfRange`] where the level is not between 0 and 1; [`ErrorKind::Unsuitable`] where
    /// the variance asks for standard errors or counts that the series does not have.
    pub fn least_squares(
        series: &AnnualSeries,
        variance: ErrorVariance,
        level: f64,
    ) -> Result<Self> {
        Self::fit(series, Method::LeastSquares(variance), level)
    }

    /// Maximum likelihood for Poisson counts, whose variance is their mean. The interval is too narrow
    /// where counts scatter more than Poisson counts do, as national counts of tens of thousands always
    /// do.
    ///
    /// # Errors
    ///
    /// As [`LogLinearTrend::least_squares`], where the series is not of counts, where all cases are of its first or
    /// of its last year, and [`ErrorKind::NotFitted`] where the likelihood is not maximised within 100 steps.
    pub fn poisson(series: &AnnualSeries, level: f64) -> Result<Self> {
        Self::fit(series, Method::Poisson, level)
    }

    /// The line of [`LogLinearTrend::poisson`] with variance proportional to the mean; the factor, the
    /// dispersion, is Pearson's χ²/(n − 2). `McCullagh` & Nelder (1989), Generalized Linear Models,
    /// section 4.5, [doi:10.1201/9780203753736](https://doi.org/10.1201/9780203753736).
    ///
    /// # Errors
    ///
    /// As [`LogLinearTrend::poisson`].
    pub fn quasi_poisson(series: &AnnualSeries, level: f64) -> Result<Self> {
        Self::fit(series, Method::QuasiPoisson, level)
    }

    fn fit(series: &AnnualSeries, method: Method, level: f64) -> Result<Self> {
        Place("a log-linear trend").probability("the confidence level", level)?;
        let (estimated, needed, purpose) = match method {
            Method::LeastSquares(variance) if !variance.is_estimated() => (false, 2, "a line"),
            Method::Poisson => (false, 2, "a line"),
            _ => (true, 3, "a line and its error"),
        };
        let points = series.points();
        let n = points.len();
        if n < needed {
            let place = series.fitted();
            return Err(Error::too_few("values", place, n, needed, purpose));
        }
        let (line, mut cautions) = match method {
            Method::LeastSquares(variance) => {
                let (line, scatter) = least_squares(series, variance)?;
                let mut cautions = cautions_of_errors(&points, variance);
                if !estimated && rarity(n, scatter).1 < RARE {
                    cautions.push(format!(
                        "the values scatter {:.1} times as far about the trend as their standard errors say: the \
                         interval is too narrow; ErrorVariance::StandardErrors allows for it",
                        scatter.sqrt()
                    ));
                }
                if estimated {
                    let first = points[0].year;
                    let at = |year| line.at(f64::from(year) - f64::from(first));
                    let means = points.iter().map(|point| at(point.year));
                    cautions.extend(caution_of_smooth_counts(series, means, n - 2));
                }
                (line, cautions)
            }
            Method::Poisson | Method::QuasiPoisson => {
                let line = poisson(series)?;
                let factor = if estimated { line.dispersion } else { 1.0 };
                let cautions = cautions_of_counts(series, line.dispersion, estimated);
                (line.scaled_by(factor), cautions)
            }
        };
        if estimated && line.dispersion == 0.0 {
            cautions.push(NO_SCATTER.to_owned());
        }
        let trend = Self {
            name: series.name().to_owned(),
            method,
            first_year: points[0].year,
            last_year: points[n - 1].year,
            left_out: series.left_out(),
            change: AnnualPercentChange::from_slope(
                line.slope,
                line.slope_variance.sqrt(),
                estimated.then_some((n - 2) as f64),
                level,
            )?,
            dispersion: line.dispersion,
            mean_year: f64::from(points[0].year) + line.mean_t,
            log_level: line.log_level,
            log_level_error: line.level_variance.sqrt(),
            cautions,
        };
        trend.check()?;
        Ok(trend)
    }

    fn check(&self) -> Result<()> {
        let (first, last) = (self.first_year, self.last_year);
        let place = Place(format_args!("the trend of {}", self.name));
        let allowed = format_args!("after {first}");
        place.check(first < last, "the last year", last, allowed)?;
        let span = f64::from(first)..=f64::from(last);
        place.between("the mean year", self.mean_year, span)?;
        place.finite("the level", self.log_level)?;
        place.not_negative("the dispersion", self.dispersion)?;
        place.not_negative("the standard error of the level", self.log_level_error)
    }

    /// The annual percent change.
    #[must_use]
    pub const fn annual_percent_change(&self) -> &AnnualPercentChange {
        &self.change
    }

    /// The factor of the variance: the residual variance of ln *y* for least squares with estimated
    /// variance (relative to the stated ones, where there are any, or to 1/*y*), Pearson's
    /// χ²/(n − 2) for quasi-Poisson, and 1 where it is not estimated.
    #[must_use]
    pub const fn dispersion(&self) -> f64 {
        self.dispersion
    }

    /// The years that were left out, since the series marks them as out of line or unfinished.
    #[must_use]
    pub const fn left_out(&self) -> &BTreeMap<i32, Mark> {
        &self.left_out
    }

    /// What to know before the trend is believed, as sentences: counts that are not whole or scatter less than Poisson
    /// counts can, as rates read as counts do, and counts that scatter more where that is not allowed for.
    #[must_use]
    pub fn cautions(&self) -> &[String] {
        &self.cautions
    }

    /// The trend's value in a year, in the unit of the series; past the range of numbers it is 0 or infinite.
    #[must_use]
    pub fn value(&self, year: f64) -> f64 {
        (self.log_level + self.change.slope() * (year - self.mean_year)).exp()
    }

    /// The standard error of the logarithm of [`LogLinearTrend::value`], that of the fitted line and not
    /// of a new observation.
    #[must_use]
    pub fn log_standard_error(&self, year: f64) -> f64 {
        let of_slope = self.change.standard_error() * (year - self.mean_year);
        self.log_level_error.hypot(of_slope)
    }
}

/// One line: series, years, method, annual percent change, doubling time and dispersion; and one for each caution.
impl fmt::Display for LogLinearTrend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = match self.method {
            Method::LeastSquares(_) => "log-linear",
            Method::Poisson => "Poisson",
            Method::QuasiPoisson => "quasi-Poisson",
        };
        write!(
            f,
            "{}, {} to {}, {method}: {}; dispersion {:.4}{}",
            printable(&self.name),
            self.first_year,
            self.last_year,
            self.change,
            self.dispersion,
            listed("\nleft out", self.left_out.clone().into_iter())
        )?;
        self.cautions
            .iter()
            .try_for_each(|caution| write!(f, "\nCaution: {caution}"))
    }
}

/// A fitted line: ln of its value at the mean time, its slope, and their variances.
struct FittedLine {
    mean_t: f64,
    log_level: f64,
    level_variance: f64,
    slope: f64,
    slope_variance: f64,
    dispersion: f64,
}

impl FittedLine {
    fn at(&self, t: f64) -> f64 {
        (self.log_level + self.slope * (t - self.mean_t)).exp()
    }

    /// With this dispersion as the factor of its variances.
    fn scaled_by(mut self, dispersion: f64) -> Self {
        self.dispersion = dispersion;
        self.level_variance *= dispersion;
        self.slope_variance *= dispersion;
        self
    }
}

/// The line, and the residual variance relative to the stated ones, whether it is the factor of its variances or not.
fn least_squares(series: &AnnualSeries, variance: ErrorVariance) -> Result<(FittedLine, f64)> {
    let points = LogPoints::new(series, variance)?;
    let spline = Spline::fit(&points, &points.z, &[]);
    let line = Line::fit(&points.t, &points.w, &spline.fitted);
    let scatter = points.largest_weight * spline.rss / (points.len() - 2) as f64;
    let dispersion = if variance.is_estimated() {
        scatter
    } else {
        1.0
    };
    let factor = dispersion / points.largest_weight;
    let line = FittedLine {
        mean_t: line.mean_t,
        log_level: points.level + line.at(line.mean_t),
        level_variance: factor / line.total,
        slope: line.slope,
        slope_variance: factor / line.spread,
        dispersion,
    };
    Ok((line, scatter))
}

/// Without scatter there is nothing to take an error from.
pub(super) const NO_SCATTER: &str = "every value lies on the trend: without scatter there is no error, and no interval \
     says how sure the trend is; of counts LogLinearTrend::poisson has one";

/// A caution where standard errors are not used, since not all values have one.
fn cautions_of_errors(points: &[Point], variance: ErrorVariance) -> Vec<String> {
    let without = points.iter().filter(|point| point.standard_error.is_none());
    let (count, first) = (without.clone().count(), without.clone().next());
    let used = variance == ErrorVariance::StandardErrors || !variance.is_estimated();
    match first {
        Some(first) if !used && count < points.len() => vec![format!(
            "{count} of {} values state no standard error, the first in {}: those of the others are not used, since a \
             weighted trend needs all",
            points.len(),
            first.year
        )],
        _ => Vec::new(),
    }
}

/// What is less probable is not put down to chance.
const RARE: f64 = 0.005;

/// The probabilities of a dispersion of so many values as low, and as high, where their errors are as known: times n − 2 it
/// is about χ² with n − 2 degrees of freedom.
fn rarity(n: usize, dispersion: f64) -> (f64, f64) {
    if n < 3 {
        return (1.0, 1.0);
    }
    let half = 0.5 * (n - 2) as f64;
    let below = match half * dispersion {
        x if x > 1e6 => 1.0,
        x => gamma::cumulative(half, x),
    };
    (below, 1.0 - below)
}

/// That counts scatter about the means of a model of their logarithms by less than counted people can, so that an interval from
/// their scatter is too narrow.
pub(super) fn caution_of_smooth_counts(
    series: &AnnualSeries,
    means: impl Iterator<Item = f64>,
    degrees_of_freedom: usize,
) -> Option<String> {
    let points = series.points();
    let are_counts = series.is_of_counts() && points.iter().all(|point| point.value.fract() == 0.0);
    if !are_counts || degrees_of_freedom == 0 {
        return None;
    }
    let pearson = points.iter().zip(means);
    let pearson: f64 = pearson
        .map(|(p, mean)| (p.value - mean) * ((p.value - mean) / mean))
        .sum();
    let dispersion = pearson / degrees_of_freedom as f64;
    let (below, _) = rarity(degrees_of_freedom + 2, dispersion);
    (below < RARE).then(|| {
        format!(
            "the values scatter {dispersion:.2} times as much as counted people do: if they are counts, an interval from \
             their scatter is too narrow, and LogLinearTrend::poisson has the error of counting"
        )
    })
}

/// Cautions where counts do not scatter as Poisson counts do.
fn cautions_of_counts(series: &AnnualSeries, dispersion: f64, estimated: bool) -> Vec<String> {
    let points = series.points();
    let mut cautions = Vec::new();
    if let Some(part) = points.iter().find(|point| point.value.fract() != 0.0) {
        cautions.push(format!(
            "{} in {} is not a whole number: a Poisson model is of counts, and of rates its errors depend on the unit",
            part.value, part.year
        ));
    }
    let (below, above) = rarity(points.len(), dispersion);
    if below < RARE {
        cautions.push(format!(
            "the values scatter {dispersion:.2} times as much as Poisson counts with these means: are they rates, or \
             counts in thousands, or smoothed? Poisson errors are then too large"
        ));
    } else if above < RARE && !estimated {
        cautions.push(format!(
            "the counts scatter {dispersion:.1} times as much as Poisson counts: the interval is too narrow; \
             LogLinearTrend::quasi_poisson allows for it"
        ));
    }
    cautions
}

/// Without a case, or with cases at one end alone, no trend is the most probable.
fn check_a_trend_is_best(series: &AnnualSeries, points: &[Point]) -> Result<()> {
    let with_cases = points.iter().filter(|p| p.value > 0.0).map(|p| p.year);
    let (first, last) = (points[0].year, points[points.len() - 1].year);
    let why = match with_cases.collect::<Vec<_>>()[..] {
        [] => format!(
            "no case in any year of {}: there is no trend to fit",
            series.fitted()
        ),
        [only] if only == first || only == last => format!(
            "every case of {} is of {only}, at an end: the steeper a trend, the better it fits, and none is the most \
             probable; combine years, or take a longer series",
            series.fitted()
        ),
        _ => return Ok(()),
    };
    Err(Error::unsuitable(why))
}

/// The Poisson line, with variances for a dispersion of 1 and Pearson's estimate of the dispersion.
///
/// Fisher scoring, in counts relative to the largest: each step is a line by least squares through
/// (y − mean)/mean with weights equal to the means. The log-likelihood is concave; a step that lowers
/// it is halved. `McCullagh` & Nelder (1989), section 2.5.
fn poisson(series: &AnnualSeries) -> Result<FittedLine> {
    series.counts_only("Poisson models")?;
    let points = series.points();
    check_a_trend_is_best(series, &points)?;
    let first = f64::from(points[0].year);
    let t: Vec<f64> = points.iter().map(|p| f64::from(p.year) - first).collect();
    let scale = points.iter().map(|p| p.value).fold(0.0, f64::max);
    let y: Vec<f64> = points.iter().map(|p| p.value / scale).collect();
    let n = t.len();
    let middle = 0.5 * t[n - 1];
    let (mut a, mut b) = ((y.iter().sum::<f64>() / n as f64).ln(), 0.0);
    let likelihood = |a: f64, b: f64| -> f64 {
        let terms = t.iter().zip(&y).map(|(t, y)| {
            let eta = a + b * (t - middle);
            y * eta - eta.exp()
        });
        terms.sum()
    };
    let mut best = likelihood(a, b);
    for _ in 0..100 {
        let means: Vec<f64> = t.iter().map(|t| (a + b * (t - middle)).exp()).collect();
        let residuals: Vec<f64> = y.iter().zip(&means).map(|(y, m)| (y - m) / m).collect();
        let step = Line::fit(&t, &means, &residuals);
        let (mut da, mut db) = (step.at(middle), step.slope);
        if !(da.is_finite() && db.is_finite()) {
            break;
        }
        let small = 1e-13 * (1.0 + a.abs());
        if da.abs() <= small && (db * middle).abs() <= small {
            let pearson: f64 = residuals.iter().zip(&means).map(|(r, m)| r * r * m).sum();
            // Relative counts near 1 carry the rounding of the exponential function.
            let rounding = n as f64 * (64.0 * f64::EPSILON).powi(2);
            let estimated = pearson > rounding && n > 2;
            return Ok(FittedLine {
                mean_t: step.mean_t,
                log_level: a + b * (step.mean_t - middle) + scale.ln(),
                level_variance: 1.0 / (scale * step.total),
                slope: b,
                slope_variance: 1.0 / (scale * step.spread),
                dispersion: if estimated {
                    scale * pearson / (n - 2) as f64
                } else {
                    0.0
                },
            });
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
