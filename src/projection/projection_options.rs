//! How a projection is made.

use serde::{Deserialize, Serialize};

use super::ErrorModel;
use crate::draws::MAX_HORIZON;
use crate::error::Result;
use crate::fit::{FitOptions, PublishedProjectionUse};
use crate::number_checks::Place;
use crate::random::Seed;
use crate::series::IncidenceSeries;

/// How a projection is made: its years, the number of draws, the fit and the errors of the figures.
///
/// A plain struct whose fields are checked by [`Projection::of`](crate::Projection::of). The last year has
/// no default; [`ProjectionOptions::to`] has those of all others.
///
/// ```
/// use myeloma_epi::projection::ErrorModel;
/// use myeloma_epi::{ProjectionOptions, Seed};
///
/// let options = ProjectionOptions {
///     draws: 1_000,
///     seed: Seed::new(7),
///     errors: ErrorModel { within_source_correlation: 0.5, ..ErrorModel::default() },
///     ..ProjectionOptions::to(2040)
/// };
/// let text = serde_json::to_string(&options)?;
/// assert_eq!(serde_json::from_str::<ProjectionOptions>(&text)?, options);
/// assert_eq!(serde_json::from_str::<ProjectionOptions>(r#"{"to": 2040}"#)?, ProjectionOptions::to(2040));
/// assert!(serde_json::from_str::<ProjectionOptions>(r#"{"to": 2040, "drws": 9}"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectionOptions {
    /// The first year, at most 200 years before the first observation whose year is not marked. Default
    /// `None`: that observation. An earlier one continues the curve backwards, with its uncertainty: what a
    /// treatment pathway needs of those diagnosed before anybody counted.
    #[serde(default)]
    pub from: Option<i32>,
    /// The last year, at most 200 years after the last observation.
    pub to: i32,
    /// The number of draws, at least 1. Default 10,000: a 95 % limit of normal draws then has a
    /// standard error of 1.4 % of the distance from the median to it.
    #[serde(default = "draws")]
    pub draws: usize,
    /// Where randomness comes from.
    #[serde(default)]
    pub seed: Seed,
    /// How the curve is fitted where there are more figures than parameters, and whether the
    /// published projection is one of the figures.
    #[serde(default)]
    pub fit: FitOptions,
    /// The joint distribution of the errors of the figures.
    #[serde(default)]
    pub errors: ErrorModel,
}

const fn draws() -> usize {
    10_000
}

impl ProjectionOptions {
    /// The defaults, to a last year.
    #[must_use]
    pub fn to(year: i32) -> Self {
        Self {
            from: None,
            to: year,
            draws: draws(),
            seed: Seed::default(),
            fit: FitOptions::default(),
            errors: ErrorModel::default(),
        }
    }

    /// The options for a reference region of one that has these: from its own first observation.
    pub(super) fn of_reference(mut self, use_of_projection: PublishedProjectionUse) -> Self {
        self.from = None;
        self.fit.published_projection = use_of_projection;
        self
    }

    /// The first year of a projection of this series, and the number of years.
    ///
    /// The first year is not after the first observation, the last not before the last, and both
    /// within the horizon of draws.
    pub(super) fn years(&self, series: &IncidenceSeries) -> Result<(i32, usize)> {
        let (first, last) = (series.ends().0.year, series.last_year());
        let apart = |a: i32, b: i32| i64::from(a) - i64::from(b);
        let allowed = 0..=i64::from(MAX_HORIZON);
        let place = Place(series.region());
        place.check(
            allowed.contains(&apart(self.to, last)),
            "the last year of the projection",
            self.to,
            format!("from the last observation, {last}, to {MAX_HORIZON} years after it"),
        )?;
        let from = self.from.unwrap_or(first);
        place.check(
            allowed.contains(&apart(first, from)),
            "the first year of the projection",
            from,
            format!("at most the first observation, {first}, and within {MAX_HORIZON} years of it"),
        )?;
        let years = usize::try_from(apart(self.to, from)).unwrap_or(usize::MAX);
        Ok((from, years.saturating_add(1)))
    }
}
