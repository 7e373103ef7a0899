//! Annual counts or rates, validated once.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::checked_on_reading::checked;
use crate::error::{Error, ErrorKind, Result};
use crate::figures::{Mark, listed};
use crate::files::{self, Others, read_rows};
use crate::number_checks::{Place, increasing};
use crate::series::IncidenceSeries;

checked! {
    /// Annual counts or rates of one region or group: the dependent variable of a trend.
    ///
    /// Years increase strictly; gaps are allowed. Values are finite and not negative. A value of 0 has no logarithm, and
    /// what is put in its place chooses the trend: models of logarithms refuse it, and Poisson regression
    /// ([`LogLinearTrend::poisson`](super::LogLinearTrend::poisson)), which needs no logarithm, takes it as it is. No trend
    /// is fitted to a year with a [`Mark`]: a shock, or one that the registry still completes. The National Cancer Institute
    /// leaves 2020 out of its trends, too ([the pandemic's impact](https://seer.cancer.gov/data/covid-impact.html)).
    ///
    /// # Example
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
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct AnnualSeries {
        name: String,
        variable: Variable,
        points: Vec<Point>,
    } through new
}

/// What the values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Variable {
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) mark: Option<Mark>,
}

impl Point {
    fn unmarked(year: i32, value: f64, standard_error: Option<f64>) -> Self {
        Self {
            year,
            value,
            standard_error,
            mark: None,
        }
    }
}

impl AnnualSeries {
    pub(super) fn new(name: String, variable: Variable, points: Vec<Point>) -> Result<Self> {
        if points.is_empty() {
            return Err(ErrorKind::NoObservations { place: name }.into());
        }
        for point in &points {
            let place = format!("{name} {}", point.year);
            Place(&place).not_negative("the value", point.value)?;
            if let Some(error) = point.standard_error {
                Place(&place).positive("the standard error", error)?;
            }
        }
        increasing(&name, points.iter().map(|point| point.year))?;
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
    /// [`ErrorKind::OutOfRange`] for a value that is not finite or negative.
    pub fn from_counts(
        name: impl Into<String>,
        counts: impl IntoIterator<Item = (i32, f64)>,
    ) -> Result<Self> {
        let points = counts.into_iter();
        let points = points.map(|(year, value)| Point::unmarked(year, value, None));
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
        let points = rates.into_iter();
        let points = points.map(|(year, rate, error)| Point::unmarked(year, rate, error.into()));
        Self::new(name.into(), Variable::Rate, points.collect())
    }

    /// Reads a CSV file with the columns `year`, either `cases` or `rate`, and, where it has them,
    /// `standard_error` and `mark` (empty in years without one); the name is the file's without its ending. Lines
    /// that begin with `#` are comments.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Io`], [`ErrorKind::Parse`] with line and column, also for a file with both cases and rates or
    /// neither, and the errors of [`AnnualSeries::from_counts`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let place = path.display().to_string();
        let others = Others::Only(&["cases", "rate", "standard_error", "mark"]);
        let mut all_of = None;
        let points = read_rows(&place, files::open(path)?, &["year"], others, |row| {
            let values = (row.optional_number("cases")?, row.optional_number("rate")?);
            let (variable, value) = match values {
                (Some(cases), None) => (Variable::Count, cases),
                (None, Some(rate)) => (Variable::Rate, rate),
                _ => return Err(row.error("it needs either cases or a rate".to_owned())),
            };
            if *all_of.get_or_insert(variable) != variable {
                let message = "a series is of cases or of rates, not of both";
                return Err(row.error(message.to_owned()));
            }
            Ok(Point {
                year: row.year()?,
                value,
                standard_error: row.optional_number("standard_error")?,
                mark: row.optional_word("mark")?,
            })
        })?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let variable = all_of.unwrap_or(Variable::Count);
        Self::new(name.into_owned(), variable, points)
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

    /// Whether the values are counts and not rates.
    #[must_use]
    pub fn is_of_counts(&self) -> bool {
        self.variable == Variable::Count
    }

    /// Whether every value that is not marked has a standard error.
    #[must_use]
    pub fn has_standard_errors(&self) -> bool {
        let points = self.points();
        points.iter().all(|point| point.standard_error.is_some())
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

    /// What a trend is fitted to, for errors: the series, and which years of it are left out.
    pub(super) fn fitted(&self) -> String {
        let left_out = listed(", left out", self.left_out().into_iter());
        format!("the series of {}{left_out}", self.name)
    }

    /// What trends are fitted to: the years that are not marked.
    pub(super) fn points(&self) -> Vec<Point> {
        let unmarked = self.points.iter().filter(|point| point.mark.is_none());
        unmarked.copied().collect()
    }

    /// The years that are marked as out of line or unfinished, which no trend is fitted to.
    #[must_use]
    pub fn left_out(&self) -> BTreeMap<i32, Mark> {
        let marks = self.points.iter();
        marks
            .filter_map(|point| Some((point.year, point.mark?)))
            .collect()
    }

    /// Takes all values as they are, marked or not.
    #[must_use]
    pub fn without_marks(mut self) -> Self {
        for point in &mut self.points {
            point.mark = None;
        }
        self
    }

    /// Poisson variances are of counts: of a rate they would depend on its unit.
    pub(super) fn counts_only(&self, what: &str) -> Result<()> {
        match self.variable {
            Variable::Count => Ok(()),
            Variable::Rate => Err(Error::unsuitable(format!(
                "{} is a series of rates: {what} need counts",
                self.name
            ))),
        }
    }
}

/// The observed counts with their marks. A stated relative error, with the counting error of a count, becomes a standard
/// error where it is above 0; a published projection, which is no observation, is not used.
impl From<&IncidenceSeries> for AnnualSeries {
    fn from(series: &IncidenceSeries) -> Self {
        let points = series.observations().iter().map(|observation| Point {
            year: observation.year,
            value: observation.cases,
            standard_error: observation
                .relative_error
                .map(|error| error.hypot(series.counting_error(observation)) * observation.cases)
                .filter(|&error| error > 0.0),
            mark: series.marks().get(&observation.year).copied(),
        });
        Self {
            name: series.region().to_owned(),
            variable: Variable::Count,
            points: points.collect(),
        }
    }
}
