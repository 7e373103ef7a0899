//! What a series holds of one year.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::figures::{check_cases, check_projected, check_relative_error};
use crate::number_checks::Place;

/// An observation of a time series: the number of new cases of one year, with its measurement error.
///
/// The truth is taken to be log-normal about the number, with the standard deviation of its logarithm as the
/// error of the figure. A registered count is observed; an estimate may stand in its place, with the error that
/// it has.
///
/// # Errors
///
/// [`IncidenceSeries::new`](crate::IncidenceSeries::new) refuses a number of cases that is negative or not
/// finite, and an error that is not between 0 and 1.
///
/// # Example
///
/// ```
/// use myeloma_epi::{IncidenceSeries, Observation};
///
/// let estimate = Observation {
///     relative_error: Some(0.03),
///     ..Observation::exact(2024, 250.0)
/// };
/// let series = IncidenceSeries::new("Atlantis", [Observation::exact(2019, 200.0), estimate])?;
/// assert_eq!(series.observations()[1].relative_error, Some(0.03));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// The calendar year of diagnosis.
    pub year: i32,
    /// New cases in that year, finite and not negative. What takes logarithms of counts (a log-normal fit, a
    /// projection, a registry trend) refuses a series with a 0; a Poisson fit does not.
    pub cases: f64,
    /// Measurement error: the standard deviation of the logarithm of the count, between 0 and 1
    /// (0.03 for 3 %). `None` says that no error is stated; a count has its counting error
    /// ([`IncidenceSeries`](crate::IncidenceSeries#counting-error)) then, and what is assumed for it
    /// ([`IncidenceSeries::assuming_relative_error`](crate::IncidenceSeries::assuming_relative_error)). `Some(0.0)` is exact but for the
    /// counting error of a registered count. The series of a stored fit has the counting error in it, and a file may say √2 at the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relative_error: Option<f64>,
}

impl Observation {
    /// An observation without a stated error: a count as it was published.
    #[must_use]
    pub const fn exact(year: i32, cases: f64) -> Self {
        Self {
            year,
            cases,
            relative_error: None,
        }
    }
}

/// A projection: a number of new cases in a later year that somebody has published, held apart from the
/// observations.
///
/// Its error has the same meaning as that of an [`Observation`]: how far off the publisher may be, on the log
/// scale. A fit uses it only where it is asked to
/// ([`FitOptions::published_projection`](crate::fit::FitOptions::published_projection)).
///
/// # Errors
///
/// [`IncidenceSeries::with_published_projection`](crate::IncidenceSeries::with_published_projection) refuses one
/// that does not lie after the last observation, or whose values are out of range.
///
/// # Example
///
/// ```
/// use myeloma_epi::{IncidenceSeries, PublishedProjection};
///
/// let series = IncidenceSeries::from_counts("World", [(2019, 164_300.0), (2024, 197_200.0)])?;
/// let projection = |year| PublishedProjection { year, cases: 273_600.0, relative_error: None };
/// assert!(series.clone().with_published_projection(projection(2024)).is_err());
/// let series = series.with_published_projection(projection(2040))?;
/// assert_eq!(series.observations().len(), 2); // it is not one of them
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedProjection {
    /// The calendar year that is forecast.
    pub year: i32,
    /// The forecast number of new cases, finite and above 0.
    pub cases: f64,
    /// Its error, as in [`Observation::relative_error`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relative_error: Option<f64>,
}

impl Observation {
    /// The values are possible, with an error up to the greatest.
    pub(super) fn check(&self, region: &str, greatest_error: f64) -> Result<()> {
        check_cases(self.cases, region, self.year)?;
        check_year(self.year, region)?;
        // A stored fit writes errors with the counting error in them: of one case stated to err by 1, √2.
        let stated = self.relative_error;
        let stated = stated.filter(|error| !(1.0..=greatest_error).contains(error));
        stated.map_or(Ok(()), |error| {
            check_relative_error(error, region, self.year)
        })
    }
}

impl PublishedProjection {
    /// The values are possible.
    pub(super) fn check(&self, region: &str) -> Result<()> {
        check_projected(self.cases, region, self.year)?;
        check_year(self.year, region)?;
        self.relative_error.map_or(Ok(()), |error| {
            check_relative_error(error, region, self.year)
        })
    }
}

/// Years are far enough from the ends of their type for any arithmetic.
fn check_year(year: i32, region: &str) -> Result<()> {
    const FARTHEST: i32 = 10_000_000;
    Place(format_args!("the series of {region}")).check(
        (-FARTHEST..=FARTHEST).contains(&year),
        "a year",
        year,
        format!("from {} to {FARTHEST}", -FARTHEST),
    )
}

/// A series of yearly counts spans at most a thousand years.
pub(super) fn check_span(first: i32, last: i32, region: &str) -> Result<()> {
    const LONGEST: i32 = 1000;
    Place(format_args!("the series of {region}")).check(
        last - first <= LONGEST,
        "the span of years",
        format!("{first} to {last}"),
        format!("at most {LONGEST} years"),
    )
}
