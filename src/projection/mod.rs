//! Projections: draws of yearly new cases from a curve through published figures.
//!
//! # Method
//!
//! Each draw perturbs the figures by their stated errors (a parametric bootstrap: normal on the log
//! scale, jointly distributed as [`ErrorModel`] says), fits the curve to them again and evaluates it from
//! the first observation to the last year asked for. What an interval holds is added step by step:
//!
//! | source of uncertainty | comes in by |
//! |---|---|
//! | measurement error of the figures | [`Projection::of`] |
//! | differences between sources | [`ErrorModel::between_source_sd`], estimated by [`BetweenSourceEstimate`] |
//! | the damping of growth that two figures do not determine | [`Projection::with_reference_region`] and its [`DampingPrior`] |
//! | the choice of the curve | [`Projection::pool`], a linear pool |
//! | model discrepancy: no curve is right for long | [`Projection::with_model_discrepancy`] |
//!
//! [`VarianceShares`] says how much each contributes. Counts have at least Poisson's error
//! ([`IncidenceSeries`](IncidenceSeries#counting-error)), and figures without an error that are more than the parameters
//! of the curve have their scatter about it. A curve through exact figures, or through as many estimates without an
//! error as it has parameters, is one and the same line in every draw: it has no interval, and asking for one is an
//! error. Give figures an error ([`IncidenceSeries::assuming_relative_error`]).
//!
//! A draw whose perturbed figures no curve of the family goes through (a curve with a ceiling, when
//! growth accelerates) is replaced by the nearest curve on the border of the family, for a logistic or
//! Gompertz curve the exponential one. [`Projection::replaced_by_limit`] counts those draws; none is
//! dropped.
//!
//! ```
//! use myeloma_epi::curve::Family;
//! use myeloma_epi::{IncidenceSeries, Projection, ProjectionOptions, figures};
//!
//! let world = IncidenceSeries::from_figures(figures::press_release(), "World")?
//!     .assuming_relative_error(0.03)?;
//! let projection = Projection::of(&Family::Exponential, &world, &ProjectionOptions::to(2040))?;
//! let (lower, upper) = projection.interval(2040, 0.95)?;
//! assert!(lower < 353_646.0 && 353_646.0 < upper);
//! # Ok::<(), myeloma_epi::Error>(())
//! ```

mod between_source_sd;
mod curve_draws;
mod damping_prior;
mod error_model;
mod error_of_a_figure;
mod part_and_whole;
mod pool;
mod projection_options;
mod stated_growth;
mod variance_shares;

pub use between_source_sd::BetweenSourceEstimate;
pub use curve_draws::CurveDraws;
pub use damping_prior::DampingPrior;
pub use error_model::ErrorModel;
pub use projection_options::ProjectionOptions;
pub use stated_growth::StatedGrowth;
pub use variance_shares::VarianceShares;

pub(crate) use between_source_sd::pooled as pooled_between_source_sd;
pub(crate) use damping_prior::can_share_damping;
pub(crate) use part_and_whole::{complement_from, part_is_smaller, rearranged};
pub(crate) use variance_shares::{DRAWS_FOR_VARIANCE, VarianceOfCurve, contributions};

use std::fmt;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::checked_on_reading::checked;
use crate::curve::{Family, GrowthCurve};
use crate::draws::YearlyDraws;
use crate::error::{Error, Result};
use crate::fit::{Caution, PublishedProjectionUse};
use crate::number_checks::Place;
use crate::plain_text::printable;
use crate::random::Seed;
use crate::series::IncidenceSeries;
use error_model::Exact;

checked! {
    /// Draws of yearly new cases of one region, and the curves that they come from.
    ///
    /// The draws are [`Projection::new_cases`], of shape (years, draws); [`Projection::median`] and
    /// [`Projection::interval`] summarise a year. `Display` prints a table of all years.
    ///
    /// A projection is data: it is written and read by serde, and checked when it is read.
    ///
    /// ```
    /// use myeloma_epi::curve::Family;
    /// use myeloma_epi::{IncidenceSeries, Projection, ProjectionOptions, Seed};
    ///
    /// let series = IncidenceSeries::from_counts("Norway", [(2019, 480.0), (2024, 530.0)])?
    ///     .assuming_relative_error(0.05)?;
    /// let options = ProjectionOptions { draws: 1_000, ..ProjectionOptions::to(2035) };
    /// let curves = [
    ///     Projection::of(&Family::Exponential, &series, &options)?,
    ///     Projection::of(&Family::Linear, &series, &options)?,
    /// ];
    /// let pool = Projection::pool(&curves, Seed::default())?;
    /// assert_eq!(pool.curves(), ["exponential", "linear"]);
    /// println!("{pool}");
    ///
    /// let text = serde_json::to_string(&pool).unwrap();
    /// assert_eq!(serde_json::from_str::<Projection>(&text).unwrap(), pool);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    #[allow(clippy::struct_field_names)] // A projection uses a *published* projection.
    pub struct Projection {
        region: String,
        curves: Vec<String>,
        uses_published_projection: bool,
        /// Whether each draw was replaced by a curve on the border of the family.
        replaced: Vec<bool>,
        /// Growth and damping of each draw, of a curve that has them; otherwise empty.
        shapes: Vec<Shape>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        cautions: Vec<Caution>,
        new_cases: YearlyDraws,
    } then check
}

/// Growth and damping of a curve at its first observation.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    growth: f64,
    damping: f64,
}

impl Projection {
    /// Draws of a curve through the perturbed figures of a series, from its first observation, or the
    /// earlier year asked for, to the last year asked for.
    ///
    /// The error of a figure has a random stream of its own, named by region and year: it errs alike
    /// under every curve, and a further figure does not disturb it.
    ///
    /// # Errors
    ///
    /// Those of [`fit`](crate::fit::fit); [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where the last year is before the
    /// last observation or more than 200 years after it, there is no draw, or the error model has a
    /// correlation or a standard deviation out of range; [`ErrorKind::NotFinite`](crate::ErrorKind::NotFinite) where a draw overflows.
    pub fn of<C: GrowthCurve>(
        curve: &C,
        series: &IncidenceSeries,
        options: &ProjectionOptions,
    ) -> Result<Self> {
        curve_draws::project(curve, series, options, (Exact::None, None))
    }

    /// The same of a region that may be part of another, with whose figures' errors those of its own are correlated.
    pub(crate) fn of_part<C: GrowthCurve>(
        curve: &C,
        series: &IncidenceSeries,
        whole: Option<&IncidenceSeries>,
        options: &ProjectionOptions,
    ) -> Result<Self> {
        curve_draws::project(curve, series, options, (Exact::None, whole))
    }

    /// Draws of a curve whose damping is shrunk towards that of a reference region: for a region with
    /// two figures, which determine level and growth but not how growth is damped.
    ///
    /// The damping of draw *k* is that of draw *k* of the reference, at the same calendar year, times
    /// the factor that the prior allows; level and growth go through the two figures, whose errors are correlated with those of
    /// the reference's figures, of which they are a part. A draw in which
    /// the figures fall is replaced by the exponential limit.
    ///
    /// # Errors
    ///
    /// Where the series has more or fewer than two observations, the damping is not the only shape of the
    /// family (it is of the logistic and the Gompertz curve), the reference is not a projection of
    /// the same family with as many draws, or the prior is [`DampingPrior::None`].
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::curve::Family;
    /// use myeloma_epi::fit::{FitOptions, PublishedProjectionUse};
    /// use myeloma_epi::projection::DampingPrior;
    /// use myeloma_epi::{IncidenceSeries, Projection, ProjectionOptions, figures};
    ///
    /// let of = |region| {
    ///     IncidenceSeries::from_figures(figures::press_release(), region)?
    ///         .assuming_relative_error(0.03)?
    ///         .assuming_projection_error(0.10)
    /// };
    /// let (world, china) = (of("World")?, of("China")?);
    /// let options = ProjectionOptions { draws: 1_000, ..ProjectionOptions::to(2040) };
    /// // The published projection for 2040 determines the damping for the world.
    /// let with_published = ProjectionOptions {
    ///     fit: FitOptions {
    ///         published_projection: PublishedProjectionUse::AsFigure,
    ///         ..FitOptions::default()
    ///     },
    ///     ..options.clone()
    /// };
    /// let reference = Projection::of(&Family::Logistic, &world, &with_published)?;
    /// let prior = DampingPrior::default();
    /// let china = Projection::with_reference_region(
    ///     Family::Logistic, &china, (&reference, &world), prior, &options,
    /// )?;
    /// assert_eq!(china.curves(), ["logistic"]);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    pub fn with_reference_region(
        family: Family,
        series: &IncidenceSeries,
        reference: (&Self, &IncidenceSeries),
        prior: DampingPrior,
        options: &ProjectionOptions,
    ) -> Result<Self> {
        damping_prior::project(family, series, reference, prior, options, Exact::None)
    }

    /// The linear pool of projections of one region with equal weights: each draw comes from one of
    /// them, chosen at random. Its interval therefore spans the curves, where an average of their
    /// quantiles would not (Stone 1961, Annals of Mathematical Statistics 32:1339–1342,
    /// [doi:10.1214/aoms/1177704873](https://doi.org/10.1214/aoms/1177704873)).
    ///
    /// Draw *k* of the pool is draw *k* of one of the projections, the same one in all regions that
    /// pool as many projections with the same seed.
    ///
    /// # Errors
    ///
    /// Where there is no projection, or they differ in region, years or number of draws.
    pub fn pool<'a>(projections: impl IntoIterator<Item = &'a Self>, seed: Seed) -> Result<Self> {
        Self::weighted_pool(
            projections.into_iter().map(|projection| (projection, 1.0)),
            seed,
        )
    }

    /// The linear pool in which each projection has a weight, for instance from scores of earlier
    /// forecasts. The weights need not add up to 1; where all are equal it is [`Projection::pool`].
    ///
    /// # Errors
    ///
    /// As [`Projection::pool`], and where a weight is negative or not finite, or all are 0.
    pub fn weighted_pool<'a>(
        projections: impl IntoIterator<Item = (&'a Self, f64)>,
        seed: Seed,
    ) -> Result<Self> {
        let (projections, weights): (Vec<&Self>, Vec<f64>) = projections.into_iter().unzip();
        pool::pool(&projections, &weights, seed)
    }

    /// The projection with model discrepancy: draw *k* multiplied by draw *k* of the factors
    /// ([`Forecast::model_discrepancy`](crate::forecast::Forecast::model_discrepancy)). Years before the
    /// first of the factors stay as they are.
    ///
    /// # Errors
    ///
    /// Where the factors end before the projection does, or are of another number of draws.
    pub fn with_model_discrepancy(mut self, factors: &YearlyDraws) -> Result<Self> {
        self.new_cases = part_and_whole::multiplied(self.new_cases, factors)?;
        Ok(self)
    }

    /// A projection from draws made elsewhere, of shape (years, draws), the first row being
    /// `first_year`; `name` says what made them. With it a model of one's own takes part in a
    /// [`Projection::pool`].
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
        let new_cases = YearlyDraws::new(first_year, draws)?;
        Ok(Self {
            region: region.into(),
            curves: vec![name.into()],
            uses_published_projection: false,
            replaced: vec![false; new_cases.len()],
            shapes: Vec::new(),
            cautions: Vec::new(),
            new_cases,
        })
    }

    /// One draw of [`Projection::with_reference_region`] through the figures as they are published, with
    /// the damping of the reference region's curve through its own.
    pub(crate) fn as_published_with_reference(
        family: Family,
        series: &IncidenceSeries,
        (use_of_projection, reference): (PublishedProjectionUse, &IncidenceSeries),
        options: &ProjectionOptions,
    ) -> Result<Self> {
        let own = ProjectionOptions {
            draws: 1,
            errors: options.errors.of_one_source(),
            ..options.clone()
        };
        let of_reference = own.clone().of_reference(use_of_projection);
        let central = curve_draws::project(&family, reference, &of_reference, (Exact::All, None))?;
        let reference = (&central, reference);
        damping_prior::project(
            family,
            series,
            reference,
            DampingPrior::Full,
            &own,
            Exact::All,
        )
    }

    /// Puts the draws in another order.
    pub(crate) fn rearrange(&mut self, order: &[usize]) {
        self.new_cases = rearranged(&self.new_cases, order);
        self.replaced = order.iter().map(|&draw| self.replaced[draw]).collect();
        if !self.shapes.is_empty() {
            self.shapes = order.iter().map(|&draw| self.shapes[draw]).collect();
        }
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The name of the curve, or those of the curves that are pooled.
    #[must_use]
    pub fn curves(&self) -> &[String] {
        &self.curves
    }

    /// Whether the published projection was one of the figures, for any of the curves.
    #[must_use]
    pub const fn uses_published_projection(&self) -> bool {
        self.uses_published_projection
    }

    /// The number of draws in which no curve of the family goes through the perturbed figures, so that
    /// the nearest on the border of the family stands in: the exponential curve for one with a ceiling, a constant where the
    /// ceiling or the midpoint is held.
    /// A straight line that falls below 0, and is 0 from then on, counts as well.
    #[must_use]
    pub fn replaced_by_limit(&self) -> usize {
        self.replaced.iter().filter(|replaced| **replaced).count()
    }

    /// What a reader has to know of the errors that the draws rest on: figures that state them and scatter by more about the
    /// curve ([`Caution::Overdispersed`]) make the intervals too narrow. What else there is to say of a curve its
    /// [fit](crate::fit::Fit::cautions) does.
    #[must_use]
    pub fn cautions(&self) -> &[Caution] {
        &self.cautions
    }

    /// The draws of new cases a year.
    #[must_use]
    pub const fn new_cases(&self) -> &YearlyDraws {
        &self.new_cases
    }

    /// The median of new cases in a year.
    ///
    /// # Errors
    ///
    /// Where the year is not one of those projected.
    pub fn median(&self, year: i32) -> Result<f64> {
        self.new_cases.median(year)
    }

    /// The central interval of new cases in a year: level 0.95 runs from the 2.5 % to the 97.5 %
    /// quantile.
    ///
    /// # Errors
    ///
    /// Where the year is not one of those projected, or the level is not above 0 and below 1.
    pub fn interval(&self, year: i32, level: f64) -> Result<(f64, f64)> {
        self.new_cases.interval(year, level)
    }
}

impl fmt::Display for Projection {
    /// What it is a projection of, and a table of all years.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.curves.as_slice() {
            [curve] => format!("{curve} curve"),
            curves => format!("linear pool of {}", curves.join(", ")),
        };
        let published = if self.uses_published_projection {
            " (with the published projection)"
        } else {
            ""
        };
        let region = printable(&self.region);
        writeln!(
            f,
            "new cases a year in {region}: {}{published}",
            printable(&what)
        )?;
        self.new_cases.fmt(f)?;
        let replaced = self.replaced_by_limit();
        if replaced > 0 {
            writeln!(f, "draws replaced by the limit of their family: {replaced}")?;
        }
        for caution in &self.cautions {
            writeln!(f, "caution: {caution}")?;
        }
        Ok(())
    }
}

impl Projection {
    fn check(&self) -> Result<()> {
        let (region, draws) = (&self.region, self.new_cases.len());
        let [replaced, shapes] = [self.replaced.len(), self.shapes.len()];
        if replaced != draws || !(shapes == 0 || shapes == draws) {
            return Err(Error::mismatch(format!(
                "a projection of {region} with {draws} draws says of {replaced} whether they were replaced, and \
                 the shape of {shapes}"
            )));
        }
        if self.curves.is_empty() {
            let message = format!("a projection of {region} without a curve");
            return Err(Error::unsuitable(message));
        }
        for caution in &self.cautions {
            let scatter = match caution {
                Caution::Overdispersed(scatter) => *scatter,
                other => {
                    return Err(Error::mismatch(format!(
                        "a projection of {region} with a caution that is none of draws: {other}"
                    )));
                }
            };
            let (holds, allowed) = (scatter > 1.0 && scatter.is_finite(), "finite and above 1");
            Place(region).check(holds, "the overdispersion of a caution", scatter, allowed)?;
        }
        for Shape { growth, damping } in &self.shapes {
            for (name, value) in [("the growth", growth), ("the damping", damping)] {
                Place(region).finite(name, *value)?;
            }
        }
        Ok(())
    }
}
