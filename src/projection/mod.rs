//! From a fit to draws of yearly incidence.
//!
//! Each draw perturbs the figures by their stated errors (independent, normal on the log scale),
//! fits the curve to them again and evaluates it from the first observation to the last year asked
//! for. The errors of the figures, and how they hang together ([`ErrorModel`]), are the only source of
//! uncertainty here: a curve through two exact figures gives one and the same line in every draw, and
//! that says nothing about how true it is. The choice of the curve comes in by a mixture
//! ([`Projection::pool`]), and that the truth leaves any curve by [`Projection::with_model_discrepancy`].
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

mod between_source;
mod complement;
mod damping_prior;
mod draw;
mod error_model;
mod growth;
mod pool;
mod variance;

pub use between_source::BetweenSourceEstimate;
pub use complement::complement;
pub use damping_prior::DampingPrior;
pub use draw::CurveDraws;
pub use error_model::ErrorModel;
pub use growth::{GrowthDraws, StatedGrowth};
pub use variance::{VarianceOfCurve, VarianceShares};

pub(crate) use complement::{coherent, rearranged, rest_from};
pub(crate) use damping_prior::can_be_borrowed;
pub(crate) use error_model::level_factors;
pub(crate) use variance::contributions;

use ndarray::Array2;

use crate::curve::{Family, GrowthCurve};
use crate::draws::{MAX_HORIZON, YearlyDraws};
use crate::error::{Error, Result};
use crate::fit::{FitOptions, Likelihood, PublishedProjectionUse};
use crate::random::Seed;
use crate::series::IncidenceSeries;

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
    /// How the errors of the figures hang together.
    pub errors: ErrorModel,
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
            errors: ErrorModel::default(),
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

    /// With errors of the figures that hang together.
    #[must_use]
    pub const fn with_errors(mut self, errors: ErrorModel) -> Self {
        self.errors = errors;
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
    /// Growth and damping of each draw, of a curve that has them; otherwise empty.
    shapes: Vec<Shape>,
    cases: YearlyDraws,
}

/// The bend of a curve at its first observation.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Shape {
    growth: f64,
    damping: f64,
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
        pool::pool(&projections, None, seed)
    }

    /// A mixture in which each projection has a weight, for instance from scores of earlier forecasts.
    /// The weights need not add up to 1. With equal weights it is [`Projection::pool`].
    ///
    /// # Errors
    ///
    /// As [`Projection::pool`], and where a weight is negative or not finite, or all are 0.
    pub fn weighted_pool<'a>(
        projections: impl IntoIterator<Item = (&'a Self, f64)>,
        seed: Seed,
    ) -> Result<Self> {
        let (projections, weights): (Vec<&Self>, Vec<f64>) = projections.into_iter().unzip();
        pool::pool(&projections, Some(&weights), seed)
    }

    /// The projection with horizon error: draw *k* multiplied by draw *k* of the factors by which the
    /// truth leaves a curve ([`Forecast::model_discrepancy`](crate::forecast::Forecast::model_discrepancy)). Years before the first of the factors
    /// stay as they are.
    ///
    /// # Errors
    ///
    /// Where the factors end before the projection does, or are of another number of draws.
    pub fn with_model_discrepancy(mut self, factors: &YearlyDraws) -> Result<Self> {
        self.cases = complement::multiplied(self.cases, factors)?;
        Ok(self)
    }

    /// Draws of a curve with the bend of a better-known region: the damping of draw *k* is that of draw
    /// *k* of `lender`, as far as `pooling` says, and level and growth go through the two figures of
    /// the series. A draw in which the figures fall is taken at the limit without damping.
    ///
    /// # Errors
    ///
    /// Where the series has more or fewer than two observations, the curve has no damping, `lender` is not
    /// a projection of the same curve with as many draws, or there is no pooling.
    pub fn borrowing(
        family: Family,
        series: &IncidenceSeries,
        lender: (&Self, &IncidenceSeries),
        pooling: DampingPrior,
        options: &ProjectionOptions,
    ) -> Result<Self> {
        damping_prior::borrow(family, series, lender, pooling, options)
    }

    /// One draw of [`Projection::borrowing`] without any error: the damping is that of the lender's curve
    /// through its figures as published.
    pub(crate) fn borrowed_as_published(
        family: Family,
        series: &IncidenceSeries,
        (lent, lending): (PublishedProjectionUse, &IncidenceSeries),
        options: &ProjectionOptions,
    ) -> Result<Self> {
        let own = options.clone().with_draws(1);
        let own = own.with_errors(options.errors.holding(error_model::Still::All));
        let mut still = own.clone().with_published_projection(lent);
        still.from = None;
        let lent = Self::of(&family, lending, &still)?;
        damping_prior::borrow(family, series, (&lent, lending), DampingPrior::Full, &own)
    }

    /// Whether the published projection is a figure of the curves, as an option.
    pub(crate) const fn published_projection_use(&self) -> PublishedProjectionUse {
        if self.uses_published_projection {
            PublishedProjectionUse::AsFigure
        } else {
            PublishedProjectionUse::Ignore
        }
    }

    /// Puts the draws in another order.
    pub(crate) fn rearrange(&mut self, order: &[usize]) {
        self.cases = rearranged(&self.cases, order);
        self.limited = order.iter().map(|&draw| self.limited[draw]).collect();
        if !self.shapes.is_empty() {
            self.shapes = order.iter().map(|&draw| self.shapes[draw]).collect();
        }
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
            shapes: Vec::new(),
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
