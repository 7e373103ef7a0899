//! Annual counts or rates, validated once.

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::series::IncidenceSeries;

/// Annual counts or rates of one region or group: the dependent variable of a trend.
///
/// Years increase strictly; gaps are allowed. Trends are of logarithms, so every value is above 0. A year
/// without cases has no logarithm; adding a constant to it would choose the trend, so it is refused
/// and not mended.
///
/// ```
/// use myeloma_epi::joinpoint::AnnualSeries;
///
/// // Age-standardised rates per 100,000 with their standard errors.
/// let rates = AnnualSeries::from_rates(
///     "Atlantis",
///     [(2019, 6.1, 0.11), (2020, 5.9, 0.11), (2021, 6.3, 0.10), (2022, 6.4, 0.10)],
/// )?;
/// assert_eq!((rates.first_year(), rates.last_year()), (2019, 2022));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct AnnualSeries {
    name: String,
    variable: Variable,
    points: Vec<Point>,
}

/// What the values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Variable {
    Count,
    Rate,
}

/// One year.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Point {
    pub(super) year: i32,
    pub(super) value: f64,
    pub(super) standard_error: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    name: String,
    variable: Variable,
    points: Vec<Point>,
}

impl TryFrom<Unchecked> for AnnualSeries {
    type Error = Error;

    fn try_from(unchecked: Unchecked) -> Result<Self> {
        Self::new(unchecked.name, unchecked.variable, unchecked.points)
    }
}

impl AnnualSeries {
    fn new(name: String, variable: Variable, points: Vec<Point>) -> Result<Self> {
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
            variable,
            points,
        })
    }

    /// Counts, as `(year, cases)`. Counts with standard errors come from an [`IncidenceSeries`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoObservations`], [`ErrorKind::YearsNotIncreasing`], or
    /// [`ErrorKind::OutOfRange`] for a value that is not finite and above 0.
    pub fn from_counts(
        name: impl Into<String>,
        counts: impl IntoIterator<Item = (i32, f64)>,
    ) -> Result<Self> {
        let points = counts.into_iter().map(|(year, value)| Point {
            year,
            value,
            standard_error: None,
        });
        Self::new(name.into(), Variable::Count, points.collect())
    }

    /// Rates, crude or age-standardised, in any unit, as `(year, rate, standard error)`; a standard error is
    /// a number, or `None::<f64>` where none is stated.
    ///
    /// # Errors
    ///
    /// As [`AnnualSeries::from_counts`], and where a standard error is not finite and above 0.
    pub fn from_rates<E: Into<Option<f64>>>(
        name: impl Into<String>,
        rates: impl IntoIterator<Item = (i32, f64, E)>,
    ) -> Result<Self> {
        let points = rates.into_iter().map(|(year, value, error)| Point {
            year,
            value,
            standard_error: error.into(),
        });
        Self::new(name.into(), Variable::Rate, points.collect())
    }

    /// The name: a region or group.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The years with their values, by increasing year; never empty.
    #[must_use]
    pub fn values(&self) -> impl ExactSizeIterator<Item = (i32, f64)> {
        self.points.iter().map(|point| (point.year, point.value))
    }

    /// The year of the first value.
    #[must_use]
    pub fn first_year(&self) -> i32 {
        self.points[0].year
    }

    /// The year of the last value.
    #[must_use]
    pub fn last_year(&self) -> i32 {
        self.points[self.points.len() - 1].year
    }

    pub(super) fn points(&self) -> &[Point] {
        &self.points
    }

    /// Poisson variances are of counts: of a rate they would depend on its unit.
    pub(super) fn counts_only(&self, what: &str) -> Result<()> {
        match self.variable {
            Variable::Count => Ok(()),
            Variable::Rate => Err(ErrorKind::Unsuitable(format!(
                "{} is a series of rates: {what} need counts",
                self.name
            ))
            .into()),
        }
    }
}

/// The observed counts. A stated relative error above 0 becomes a standard error; a published projection,
/// which is no observation, is not used.
impl From<&IncidenceSeries> for AnnualSeries {
    fn from(series: &IncidenceSeries) -> Self {
        let points = series.observations().iter().map(|observation| Point {
            year: observation.year,
            value: observation.cases,
            standard_error: observation
                .relative_error
                .map(|error| error * observation.cases)
                .filter(|&error| error > 0.0),
        });
        Self {
            name: series.region().to_owned(),
            variable: Variable::Count,
            points: points.collect(),
        }
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
