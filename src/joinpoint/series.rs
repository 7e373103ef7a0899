//! Yearly values of a count or a rate, validated once.

use serde::Serialize;

use crate::error::{Error, ErrorKind, Result};
use crate::series::IncidenceSeries;

/// One year of a [`TrendSeries`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TrendPoint {
    /// The calendar year.
    pub year: i32,
    /// The count or rate of that year, finite and above 0.
    pub value: f64,
    /// The standard error of the value, in its unit, finite and above 0, where one is stated.
    pub standard_error: Option<f64>,
}

/// What the values of a series are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Numbers of cases.
    Count,
    /// Rates, crude or age-standardised, in any unit.
    Rate,
}

/// Yearly counts or rates of one region or group, by increasing year; gaps are allowed.
///
/// Trends are of logarithms, so every value is above 0. A year without cases has no logarithm; adding
/// a constant to it would choose the trend, so it is refused and not mended.
///
/// ```
/// use myeloma_epi::joinpoint::TrendSeries;
///
/// // Age-standardised rates per 100,000 with their standard errors.
/// let rates = TrendSeries::from_rates(
///     "Atlantis",
///     [(2019, 6.1, 0.11), (2020, 5.9, 0.11), (2021, 6.3, 0.10), (2022, 6.4, 0.10)],
/// )?;
/// assert_eq!(rates.points().len(), 4);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrendSeries {
    name: String,
    quantity: Quantity,
    points: Vec<TrendPoint>,
}

impl TrendSeries {
    /// A series from its points, in the order of their years.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoObservations`], [`ErrorKind::YearsNotIncreasing`], or
    /// [`ErrorKind::OutOfRange`] for a value or standard error that is not finite and above 0.
    pub fn new(
        name: impl Into<String>,
        quantity: Quantity,
        points: impl IntoIterator<Item = TrendPoint>,
    ) -> Result<Self> {
        let name = name.into();
        let points: Vec<TrendPoint> = points.into_iter().collect();
        if points.is_empty() {
            return Err(ErrorKind::NoObservations { place: name }.into());
        }
        for point in &points {
            check_positive("the value", &name, point.year, point.value)?;
            if let Some(error) = point.standard_error {
                check_positive("the standard error", &name, point.year, error)?;
            }
        }
        for pair in points.windows(2) {
            if pair[0].year >= pair[1].year {
                return Err(ErrorKind::YearsNotIncreasing {
                    region: name,
                    previous: pair[0].year,
                    year: pair[1].year,
                }
                .into());
            }
        }
        Ok(Self {
            name,
            quantity,
            points,
        })
    }

    /// Counts, as `(year, cases)`.
    ///
    /// # Errors
    ///
    /// As [`TrendSeries::new`].
    pub fn from_counts(
        name: impl Into<String>,
        counts: impl IntoIterator<Item = (i32, f64)>,
    ) -> Result<Self> {
        let points = counts.into_iter().map(|(year, value)| TrendPoint {
            year,
            value,
            standard_error: None,
        });
        Self::new(name, Quantity::Count, points)
    }

    /// Rates with their standard errors, as `(year, rate, standard error)`.
    ///
    /// # Errors
    ///
    /// As [`TrendSeries::new`].
    pub fn from_rates(
        name: impl Into<String>,
        rates: impl IntoIterator<Item = (i32, f64, f64)>,
    ) -> Result<Self> {
        let points = rates.into_iter().map(|(year, value, error)| TrendPoint {
            year,
            value,
            standard_error: Some(error),
        });
        Self::new(name, Quantity::Rate, points)
    }

    /// The name: a region or group.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the values are.
    #[must_use]
    pub const fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// The points, by increasing year; never empty.
    #[must_use]
    pub fn points(&self) -> &[TrendPoint] {
        &self.points
    }

    /// The year of the first point.
    #[must_use]
    pub fn first_year(&self) -> i32 {
        self.points[0].year
    }

    /// The year of the last point.
    #[must_use]
    pub fn last_year(&self) -> i32 {
        self.points[self.points.len() - 1].year
    }
}

/// The observed counts; a stated relative error above 0 becomes a standard error, and a published
/// projection, which is no observation, is left out.
impl From<&IncidenceSeries> for TrendSeries {
    fn from(series: &IncidenceSeries) -> Self {
        let points = series.observations().iter().map(|observation| TrendPoint {
            year: observation.year,
            value: observation.cases,
            standard_error: observation
                .relative_error
                .map(|error| error * observation.cases)
                .filter(|&error| error > 0.0),
        });
        Self {
            name: series.region().to_owned(),
            quantity: Quantity::Count,
            points: points.collect(),
        }
    }
}

/// The variance of ln *y*, on which the weights of least squares on logarithms rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LogVariance {
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
    Counts,
}

impl LogVariance {
    /// Whether the variance has a factor that is estimated from the residuals.
    pub(super) const fn is_estimated(self) -> bool {
        !matches!(self, Self::KnownStandardErrors)
    }
}

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
    pub(super) fn new(series: &TrendSeries, variance: LogVariance) -> Result<Self> {
        let points = series.points();
        let mut w = points
            .iter()
            .map(|point| weight(series, point, variance))
            .collect::<Result<Vec<f64>>>()?;
        let largest_weight = w.iter().copied().fold(0.0, f64::max);
        for (w, point) in w.iter_mut().zip(points) {
            *w = check_weight(*w / largest_weight, series, point)?;
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

fn weight(series: &TrendSeries, point: &TrendPoint, variance: LogVariance) -> Result<f64> {
    let weight = match variance {
        LogVariance::Constant => 1.0,
        LogVariance::StandardErrors | LogVariance::KnownStandardErrors => {
            let Some(error) = point.standard_error else {
                return Err(ErrorKind::Unsuitable(format!(
                    "{} {} has no standard error: to weigh a trend by standard errors, state one above 0 \
                     for every year",
                    series.name(),
                    point.year
                ))
                .into());
            };
            (point.value / error).powi(2)
        }
        LogVariance::Counts => {
            counts_only(series, "weights by the number of cases")?;
            point.value
        }
    };
    check_weight(weight, series, point)
}

fn check_weight(weight: f64, series: &TrendSeries, point: &TrendPoint) -> Result<f64> {
    if weight.is_finite() && weight > 0.0 {
        Ok(weight)
    } else {
        Err(Error::out_of_range(
            "the weight, 1/variance of the logarithm,",
            format!("{} {}", series.name(), point.year),
            weight,
            "finite and above 0",
        ))
    }
}

/// Poisson variances are of counts: of a rate they would depend on its unit.
pub(super) fn counts_only(series: &TrendSeries, what: &str) -> Result<()> {
    match series.quantity() {
        Quantity::Count => Ok(()),
        Quantity::Rate => Err(ErrorKind::Unsuitable(format!(
            "{} is a series of rates: {what} need counts",
            series.name()
        ))
        .into()),
    }
}

fn check_positive(what: &str, name: &str, year: i32, value: f64) -> Result<()> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(Error::out_of_range(
        what,
        format!("{name} {year}"),
        value,
        "finite and above 0",
    ))
}

/// A probability that is neither 0 nor 1.
pub(super) fn check_open_unit(what: &str, place: &str, value: f64) -> Result<()> {
    if value > 0.0 && value < 1.0 {
        return Ok(());
    }
    Err(Error::out_of_range(
        what,
        place,
        value,
        "above 0 and below 1",
    ))
}
