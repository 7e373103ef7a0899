//! From a fit to draws of yearly incidence.
//!
//! Each draw perturbs the figures by their stated errors (independent, normal on the log scale),
//! fits the curve to them again and evaluates it from the first observation to the last year asked
//! for. The errors of the figures are the only source of uncertainty here: a curve through two exact
//! figures gives one and the same line in every draw, and that says nothing about how true it is.
//!
//! A draw whose figures no curve of the family goes through (a curve with a ceiling, when the
//! perturbed points accelerate) takes the nearest curve on the border of the domain, its limit.
//! [`Projection::at_limit`] counts those draws; none is dropped.
//!
//! ```
//! use myeloma_epi::curve::Exponential;
//! use myeloma_epi::{IncidenceSeries, Projection, ProjectionOptions, figures};
//!
//! let world = IncidenceSeries::from_figures(figures::press_release(), "World")?
//!     .assuming_relative_error(0.03)?;
//! let projection = Projection::of(&Exponential, &world, &ProjectionOptions::to(2040))?;
//! let (lower, upper) = projection.cases().interval(2040, 0.95)?;
//! assert!(lower < 353_646.0 && 353_646.0 < upper);
//! # Ok::<(), myeloma_epi::Error>(())
//! ```

mod draw;
mod pool;
mod trend;

pub use trend::{
    SiteEffect, StochasticTrend, TrendEstimate, TrendForecast, TrendOptions, TrendParameters,
    TrendQuantity,
};

use ndarray::Array2;

use crate::curve::GrowthCurve;
use crate::draws::YearlyDraws;
use crate::error::{Error, Result};
use crate::fit::{FitOptions, Likelihood, PublishedProjectionUse};
use crate::random::Seed;
use crate::series::IncidenceSeries;

/// The furthest that a projection may reach past the last observation, in years.
///
/// A curve through a few figures says nothing about the century after next.
pub const MAX_HORIZON: i32 = 200;

/// How to project.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ProjectionOptions {
    /// The first year. Default `None`: the first observation. An earlier one continues the curve
    /// backwards, with its uncertainty: what a treatment pathway needs of those diagnosed before
    /// anybody counted.
    pub from: Option<i32>,
    /// The last year.
    pub to: i32,
    /// The number of draws. Default 10,000: a 95 % limit of normal draws then has a
    /// standard error of 1.4 % of the distance from the median to it.
    pub draws: usize,
    /// Where randomness comes from.
    pub seed: Seed,
    /// How the curve is fitted where there are more figures than parameters, and whether the
    /// published projection is one of the figures.
    pub fit: FitOptions,
}

impl ProjectionOptions {
    /// The defaults, to a last year.
    #[must_use]
    pub fn to(year: i32) -> Self {
        Self {
            from: None,
            to: year,
            draws: 10_000,
            seed: Seed::default(),
            fit: FitOptions::default(),
        }
    }

    /// With a first year before the first observation.
    #[must_use]
    pub const fn with_first_year(mut self, from: i32) -> Self {
        self.from = Some(from);
        self
    }

    /// With a number of draws.
    #[must_use]
    pub fn with_draws(mut self, draws: usize) -> Self {
        self.draws = draws;
        self
    }

    /// With a seed.
    #[must_use]
    pub fn with_seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }

    /// With a likelihood.
    #[must_use]
    pub fn with_likelihood(mut self, likelihood: Likelihood) -> Self {
        self.fit.likelihood = likelihood;
        self
    }

    /// With or without the published projection.
    #[must_use]
    pub fn with_published_projection(mut self, choice: PublishedProjectionUse) -> Self {
        self.fit.published_projection = choice;
        self
    }
}

/// Draws of yearly new cases of one region.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::struct_field_names)] // A projection uses a *published* projection.
pub struct Projection {
    region: String,
    curves: Vec<String>,
    uses_published_projection: bool,
    /// Whether each draw took its curve at the limit.
    limited: Vec<bool>,
    cases: YearlyDraws,
}

impl Projection {
    /// Projects a curve through the figures of a series, from its first observation, or the earlier
    /// year asked for, to the last year asked for.
    ///
    /// # Errors
    ///
    /// Those of [`fit`](crate::fit::fit); [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange)
    /// where the last year is before the last observation or more than [`MAX_HORIZON`] years after
    /// it, or there is no draw; [`ErrorKind::NotFinite`](crate::ErrorKind::NotFinite) where a draw
    /// overflows.
    pub fn of<C: GrowthCurve>(
        curve: &C,
        series: &IncidenceSeries,
        options: &ProjectionOptions,
    ) -> Result<Self> {
        draw::project(curve, series, options)
    }

    /// An equal mixture of projections of one region: each draw comes from one of them, chosen at
    /// random (a linear opinion pool: Stone 1961, Annals of Mathematical Statistics 32:1339–1342,
    /// [doi:10.1214/aoms/1177704873](https://doi.org/10.1214/aoms/1177704873)). Its interval
    /// therefore spans the curves, where an average of their quantiles would not.
    ///
    /// Draw *k* of the mixture is draw *k* of one of the projections, the same one in all regions
    /// that mix as many projections with the same seed.
    ///
    /// # Errors
    ///
    /// Where there is no projection, or they differ in region, years or number of draws.
    pub fn pool<'a>(projections: impl IntoIterator<Item = &'a Self>, seed: Seed) -> Result<Self> {
        let projections: Vec<&Self> = projections.into_iter().collect();
        pool::pool(&projections, seed)
    }

    /// A projection from draws made elsewhere, of shape (years, draws), the first row being
    /// `first_year`; `name` says what made them.
    ///
    /// # Errors
    ///
    /// As [`YearlyDraws::new`].
    pub fn from_draws(
        region: impl Into<String>,
        name: impl Into<String>,
        first_year: i32,
        draws: Array2<f64>,
    ) -> Result<Self> {
        Ok(Self {
            region: region.into(),
            curves: vec![name.into()],
            uses_published_projection: false,
            limited: vec![false; draws.ncols()],
            cases: YearlyDraws::new(first_year, draws)?,
        })
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The curve, or the curves that are mixed.
    #[must_use]
    pub fn curves(&self) -> &[String] {
        &self.curves
    }

    /// Whether the published projection was one of the figures, for any of the curves.
    #[must_use]
    pub const fn uses_published_projection(&self) -> bool {
        self.uses_published_projection
    }

    /// The number of draws for which the curve was taken at its limit.
    #[must_use]
    pub fn at_limit(&self) -> usize {
        self.limited.iter().filter(|limited| **limited).count()
    }

    /// New cases a year.
    #[must_use]
    pub const fn cases(&self) -> &YearlyDraws {
        &self.cases
    }
}

/// The first year is not after the first observation, and not absurdly far before it.
fn first_year(series: &IncidenceSeries, from: Option<i32>) -> Result<i32> {
    let first = series.first_year();
    let from = from.unwrap_or(first);
    if from > first || i64::from(first) - i64::from(from) > i64::from(MAX_HORIZON) {
        return Err(Error::out_of_range(
            "the first year of the projection",
            series.region(),
            from,
            format!("at most the first observation, {first}, and within {MAX_HORIZON} years of it"),
        ));
    }
    Ok(from)
}

/// The last year is not before the last observation, and not absurdly far.
fn check_horizon(series: &IncidenceSeries, to: i32) -> Result<()> {
    let last = series.last_year();
    if to < last || i64::from(to) - i64::from(last) > i64::from(MAX_HORIZON) {
        return Err(Error::out_of_range(
            "the last year of the projection",
            series.region(),
            to,
            format!("from the last observation, {last}, to {MAX_HORIZON} years after it"),
        ));
    }
    Ok(())
}
