//! The outlook for one region.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use super::between_source::BetweenSourceSd;
use super::curves::{CurveOutlook, NotIdentified, fit_families, shrink_damping};
use super::drawn::{self, Drawn, Kept, Recipe};
use super::options::{OutlookOptions, are_consecutive, contradiction, mismatch};
use super::variance::{OutlookVariance, Sources};
use crate::draws::{YearSummary, YearlyDraws, check_shape};
use crate::error::{Error, Result};
use crate::figures::Figure;
use crate::pathway::UltimateShare;
use crate::plain_text::count;
use crate::projection::{BetweenSourceEstimate, ErrorModel, Projection};
use crate::series::IncidenceSeries;

/// The **outlook for one region**: its figures, the curves through them, and draws of what follows.
///
/// There are two forecasts, and both are numbers of people a year:
///
/// - [`RegionOutlook::new_cases`]: the linear pool of the curves through the figures, the headline;
///   [`RegionOutlook::third_line`] follows from it.
/// - [`RegionOutlook::registry_trend`]: the forecast by what registry series of many cancer sites have done
///   after figures like these.
///
/// Their medians and intervals are kept ([`RegionOutlook::new_cases_summary`]); the draws are made again, the same
/// ones, when they are first asked for, and then kept as well. `Display` prints the summaries year by year, with what
/// was assumed.
///
/// The linear pool is of the expected number of new cases. A count of registered cases scatters about it by √*n*
/// besides, which the registry trend holds.
///
/// # Example
///
/// ```
/// use myeloma_epi::{Outlook, OutlookOptions, figures};
///
/// let options = OutlookOptions { draws: 2_000, ..OutlookOptions::myeloma() };
/// let outlook = Outlook::of(figures::press_release(), &options)?;
/// let world = outlook.region("World")?;
/// // The interval holds the projection that was published for 2040.
/// let (lower, upper) = world.new_cases().interval(2040, 0.95)?;
/// assert!(lower < 273_600.0 && 273_600.0 < upper);
/// // 30 to 40 % of those diagnosed reach third line, in every draw.
/// let (new_cases, third_line) = (world.new_cases().year(2040)?, world.third_line().year(2040)?);
/// assert!(third_line.iter().zip(&new_cases).all(|(n, of)| (0.30..=0.40).contains(&(n / of))));
/// println!("{world}");
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RegionOutlook(Arc<Region>);

impl Serialize for RegionOutlook {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.0.held.serialize(serializer)
    }
}

/// A region while its outlook is made.
#[derive(Debug, PartialEq)]
pub(super) struct Region {
    pub(super) held: Held,
    recipe: Recipe,
    drawn: Kept<Drawn>,
}

/// What an outlook of a region holds beside its draws.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Held {
    pub(super) series: IncidenceSeries,
    assumed_errors: bool,
    between_source: BetweenSourceSd,
    pub(super) curves: Vec<CurveOutlook>,
    not_identified: Vec<NotIdentified>,
    summaries: Summaries,
    /// Of the draws of the linear pool without the published projection, and of the registry trend, the share below
    /// the published projection.
    below_published: [Option<f64>; 2],
    vary: bool,
    variance: Option<OutlookVariance>,
    no_variance_reason: Option<String>,
}

/// What is shown of the forecasts, year by year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Summaries {
    new_cases: Vec<YearSummary>,
    without_published: Option<Vec<YearSummary>>,
    with_published: Option<Vec<YearSummary>>,
    third_line: Vec<YearSummary>,
    registry_trend: Vec<YearSummary>,
}

impl Summaries {
    fn of(drawn: &Drawn) -> Self {
        let new_cases = drawn.pool.new_cases().summary();
        let of = |pool: &Option<Projection>| match pool {
            Some(pool) if *pool == drawn.pool => Some(new_cases.clone()),
            pool => pool.as_ref().map(|pool| pool.new_cases().summary()),
        };
        Self {
            without_published: of(&drawn.without_published),
            with_published: of(&drawn.with_published),
            third_line: drawn.third_line.summary(),
            registry_trend: drawn.registry_trend.summary(),
            new_cases,
        }
    }
}

impl Region {
    /// The outlook for a series, with its draws.
    pub(super) fn new(
        stated: &IncidenceSeries,
        whole: Option<&Self>,
        options: &Arc<OutlookOptions>,
    ) -> Result<Self> {
        let series = stated
            .clone()
            .assuming_projection_error(options.assumed_projection_error)?
            .assuming_relative_error(options.assumed_error)?;
        let between_source = BetweenSourceSd::of(&series, options)?;
        let recipe = Recipe {
            options: Arc::clone(options),
            errors: ErrorModel {
                between_source_sd: between_source.sd,
                ..options.errors
            },
            reference: whole.map(Self::as_reference),
            replaced: Arc::default(),
        };

        let (mut drawn_curves, mut not_identified) = fit_families(&series, &recipe)?;
        if let Some(whole) = whole {
            let (shrunk, more) = shrink_damping(&series, &drawn_curves, whole, &recipe)?;
            drawn_curves.extend(shrunk);
            not_identified.extend(more);
        }
        let (mut curves, projections): (Vec<CurveOutlook>, Vec<Projection>) =
            drawn_curves.into_iter().unzip();
        for (curve, projection) in curves.iter_mut().zip(&projections) {
            curve.summarise(projection);
        }

        let forecast = drawn::forecast(&series, &recipe)?;
        let drawn = Drawn::of(&series, &curves, projections, &forecast, &recipe)?;
        let members = drawn::members(&curves, options);
        let sources = Sources {
            series: &series,
            curves: &curves,
            projections: &drawn.projections,
            forecast: &forecast,
            recipe: &recipe,
        };
        let (variance, shares, no_variance_reason) = match sources.variance(&members) {
            Ok((variance, shares)) => (Some(variance), shares, None),
            Err(error) => (None, Vec::new(), Some(error.to_string())),
        };
        let weights: f64 = members.iter().map(|(_, weight)| weight).sum();
        for (at, &(i, weight)) in members.iter().enumerate() {
            curves[i].set_shares(weight / weights, shares.get(at).copied());
        }
        let held = Held {
            assumed_errors: states_no_error(stated),
            curves,
            not_identified,
            summaries: Summaries::of(&drawn),
            below_published: below_published(&series, &drawn)?,
            vary: drawn.pool.new_cases().vary(),
            variance,
            no_variance_reason,
            between_source,
            series,
        };
        Ok(Self {
            held,
            recipe,
            drawn: drawn.into(),
        })
    }

    /// From what a file holds, for a region that is part of another or not.
    pub(super) fn from_held(
        held: Held,
        whole: Option<&Self>,
        options: &Arc<OutlookOptions>,
        replaced: &Arc<drawn::Replaced>,
    ) -> Result<Self> {
        let region = Self {
            recipe: Recipe {
                options: Arc::clone(options),
                errors: ErrorModel {
                    between_source_sd: held.between_source.sd,
                    ..options.errors
                },
                reference: whole.map(Self::as_reference),
                replaced: Arc::clone(replaced),
            },
            held,
            drawn: Kept::default(),
        };
        region.check()?;
        // What was read can be drawn: one draw shows it, all are made when they are asked for.
        let years = region.held.summaries.new_cases.len();
        check_shape(years, region.recipe.options.draws)?;
        let tried = Recipe {
            options: Arc::new(OutlookOptions {
                draws: 1,
                ..(*region.recipe.options).clone()
            }),
            replaced: Arc::default(),
            ..region.recipe.clone()
        };
        Drawn::again(&region.held.series, &region.held.curves, &tried)?;
        Ok(region)
    }

    /// The region as one that others are part of.
    fn as_reference(&self) -> Arc<(IncidenceSeries, ErrorModel)> {
        Arc::new((self.held.series.clone(), self.recipe.errors))
    }

    /// Draws again with other draws in the place of some, and keeps the draws.
    pub(super) fn replace(&mut self, replaced: &Arc<drawn::Replaced>) -> Result<()> {
        self.recipe.replaced = Arc::clone(replaced);
        let drawn = match self.drawn.take() {
            Some(drawn) => drawn.in_order_of(&self.recipe)?,
            None => Drawn::again(&self.held.series, &self.held.curves, &self.recipe)?,
        };
        self.held.summaries = Summaries::of(&drawn);
        self.held.below_published = below_published(&self.held.series, &drawn)?;
        self.drawn = drawn.into();
        Ok(())
    }

    /// Forgets the draws; they are made again when they are asked for.
    pub(super) fn forget(&mut self) {
        self.drawn = Kept::default();
    }

    pub(super) fn options(&self) -> &OutlookOptions {
        &self.recipe.options
    }

    pub(super) fn drawn(&self) -> &Drawn {
        let (held, recipe) = (&self.held, &self.recipe);
        self.drawn
            .or(|| Drawn::again(&held.series, &held.curves, recipe))
    }

    /// What holds of every outlook of a region, whatever was asked for.
    fn check(&self) -> Result<()> {
        let Held {
            series,
            between_source,
            curves,
            summaries,
            variance,
            no_variance_reason,
            ..
        } = &self.held;
        let name = series.region();
        let to = self.recipe.options.to;
        let first = summaries.new_cases.first().map(|year| year.year);
        let alike = |summary: &[YearSummary], first: Option<i32>| {
            let ends = (
                summary.first().map(|year| year.year),
                summary.last().map(|year| year.year),
            );
            are_consecutive(summary) && ends == (first, Some(to))
        };
        let pools = [&summaries.without_published, &summaries.with_published];
        let pools = pools
            .into_iter()
            .flatten()
            .chain([&summaries.new_cases, &summaries.third_line]);
        if !pools
            .map(Vec::as_slice)
            .chain(curves.iter().map(CurveOutlook::summary))
            .all(|s| alike(s, first))
            || !alike(&summaries.registry_trend, Some(series.last_year()))
                && self.recipe.options.forecast.shocks == crate::series::Shocks::none()
        {
            return Err(mismatch(format!(
                "the forecasts of the outlook for {name} are of different years, or not to {to}"
            )));
        }
        for fit in curves.iter().filter_map(CurveOutlook::fit) {
            if fit.curve().region() != name {
                return Err(mismatch(format!(
                    "the outlook for {name} has a curve of {}",
                    fit.curve().region()
                )));
            }
        }
        let sd = between_source.sd;
        if !(0.0..=1.0).contains(&sd) {
            let place = format!("the outlook for {name}");
            let what = "the between-source standard deviation";
            return Err(Error::out_of_range(what, place, sd, "between 0 and 1"));
        }
        let weights: f64 = curves.iter().map(CurveOutlook::pool_weight).sum();
        if (weights - 1.0).abs() > 1e-9
            || variance.is_some() == no_variance_reason.is_some()
            || between_source.estimate.is_some() == between_source.reason.is_some()
        {
            return Err(contradiction(format!(
                "the outlook for {name} contradicts itself: shares of the pool that do not add up to 1, \
                 or a result that is there together with the reason why it is not"
            )));
        }
        Ok(())
    }
}

impl From<Region> for RegionOutlook {
    fn from(region: Region) -> Self {
        Self(Arc::new(region))
    }
}

impl RegionOutlook {
    pub(super) fn inner(&self) -> &Region {
        &self.0
    }

    /// The published figures that the series was made from, in the order in which they were given; empty for
    /// a series of counts.
    #[must_use]
    pub fn figures(&self) -> &[Figure] {
        self.0.held.series.figures()
    }

    /// The series, with the assumed error where a figure states none.
    #[must_use]
    pub fn series(&self) -> &IncidenceSeries {
        &self.0.held.series
    }

    /// Whether any figure stated no error, so that one was assumed.
    #[must_use]
    pub fn assumed_errors(&self) -> bool {
        self.0.held.assumed_errors
    }

    /// The between-source standard deviation that is in all draws, on the log scale.
    #[must_use]
    pub fn between_source_sd(&self) -> f64 {
        self.0.held.between_source.sd
    }

    /// The estimate of the between-source standard deviation; `None` where it was not estimated, for which
    /// [`RegionOutlook::between_source_reason`] says why.
    #[must_use]
    pub fn between_source_estimate(&self) -> Option<&BetweenSourceEstimate> {
        self.0.held.between_source.estimate.as_ref()
    }

    /// Why the between-source standard deviation was not estimated, as text for a reader; `None` where it
    /// was.
    #[must_use]
    pub fn between_source_reason(&self) -> Option<&str> {
        self.0.held.between_source.reason.as_deref()
    }

    /// The sources with which the region's own figures were compared, each once.
    #[must_use]
    pub fn compared_with(&self) -> &[String] {
        &self.0.held.between_source.compared_with
    }

    /// The curves: those through the observations, those through the observations and the published
    /// projection, and those whose damping is shrunk towards that of the reference region.
    #[must_use]
    pub fn curves(&self) -> &[CurveOutlook] {
        &self.0.held.curves
    }

    /// The families that were not fitted, and why.
    #[must_use]
    pub fn not_identified(&self) -> &[NotIdentified] {
        &self.0.held.not_identified
    }

    /// The growth that the published projection implies, in per cent a year: from the first to the last observation,
    /// and from there to the projection, 100·(*e*^*g* − 1) with *g* = ln(*y*₂/*y*₁)/(*t*₂ − *t*₁). Where the second is far
    /// below the first, whoever published the projection expects growth to slow. `None` without a published projection
    /// or with one observation.
    ///
    /// ```
    /// use myeloma_epi::{Outlook, OutlookOptions, figures};
    ///
    /// let options = OutlookOptions { draws: 200, ..OutlookOptions::myeloma() };
    /// let outlook = Outlook::of(figures::press_release(), &options)?;
    /// let (before, after) = outlook.region("World")?.implied_growth().unwrap();
    /// // 164,300 in 2019, 197,200 in 2024, and 273,600 published for 2040.
    /// assert!((before - 100.0 * ((197_200.0_f64 / 164_300.0).powf(1.0 / 5.0) - 1.0)).abs() < 1e-9);
    /// assert!((after - 100.0 * ((273_600.0_f64 / 197_200.0).powf(1.0 / 16.0) - 1.0)).abs() < 1e-9);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[must_use]
    pub fn implied_growth(&self) -> Option<(f64, f64)> {
        let series = &self.0.held.series;
        let published = series.published_projection()?;
        let (first, last) = (
            series.observations().first()?,
            series.observations().last()?,
        );
        let yearly = |from: (i32, f64), to: (i32, f64)| {
            let years = f64::from(to.0) - f64::from(from.0);
            100.0 * ((to.1 / from.1).ln() / years).exp_m1()
        };
        let (from, change) = ((first.year, first.cases), (last.year, last.cases));
        (first.year < last.year).then(|| {
            (
                yearly(from, change),
                yearly(change, (published.year, published.cases)),
            )
        })
    }

    /// New cases a year, as draws of the linear pool ([`RegionOutlook::pool`]): the headline.
    #[must_use]
    pub fn new_cases(&self) -> &YearlyDraws {
        self.pool().new_cases()
    }

    /// Median and intervals of [`RegionOutlook::new_cases`], year by year, without the draws.
    #[must_use]
    pub fn new_cases_summary(&self) -> &[YearSummary] {
        &self.0.held.summaries.new_cases
    }

    /// Patients diagnosed in each year who will ever reach third line, whenever that is: the draws of
    /// [`RegionOutlook::new_cases`] times one share a draw ([`OutlookOptions::share`]), the same in all years
    /// and regions.
    #[must_use]
    pub fn third_line(&self) -> &YearlyDraws {
        &self.0.drawn().third_line
    }

    /// Median and intervals of [`RegionOutlook::third_line`], year by year, without the draws.
    #[must_use]
    pub fn third_line_summary(&self) -> &[YearSummary] {
        &self.0.held.summaries.third_line
    }

    /// New cases a year that registries will publish, from the last observation on, by the registry trend
    /// ([`OutlookOptions::registry_trend`]) through the observations alone.
    ///
    /// Growth between the figures reverts to the growth that registries see in the long run. The draws
    /// hold how far real series have moved away from any curve, and the between-source standard deviation;
    /// they do not hold the correlations of [`OutlookOptions::errors`]. The region counts as one
    /// registry, unless [`OutlookOptions::forecast`] says otherwise; for a sum of many countries that is
    /// wide.
    #[must_use]
    pub fn registry_trend(&self) -> &YearlyDraws {
        &self.0.drawn().registry_trend
    }

    /// Median and intervals of [`RegionOutlook::registry_trend`], year by year, without the draws.
    #[must_use]
    pub fn registry_trend_summary(&self) -> &[YearSummary] {
        &self.0.held.summaries.registry_trend
    }

    /// Draws of each curve through the perturbed figures, in the order of [`RegionOutlook::curves`], without model
    /// discrepancy.
    #[must_use]
    pub fn projections(&self) -> &[Projection] {
        &self.0.drawn().projections
    }

    /// The linear pool of the families, each through the fewest figures that identify it.
    ///
    /// A family takes the published projection as a figure only where the observations alone do not
    /// identify it, and a fit without damping is the exponential curve and does not count twice. The draws
    /// hold the errors of the figures, the between-source standard deviation, the choice of the curve and,
    /// unless it is switched off, the model discrepancy.
    #[must_use]
    pub fn pool(&self) -> &Projection {
        &self.0.drawn().pool
    }

    /// The linear pool of all curves through the observations alone.
    #[must_use]
    pub fn pool_without_published_projection(&self) -> Option<&Projection> {
        self.0.drawn().without_published.as_ref()
    }

    /// The linear pool of all curves through the observations and the published projection.
    #[must_use]
    pub fn pool_with_published_projection(&self) -> Option<&Projection> {
        self.0.drawn().with_published.as_ref()
    }

    /// Summaries of the linear pools of the curves through the observations alone, and of those that take the
    /// published projection as a figure, with the names of their curves.
    pub(crate) fn pool_summary(&self, published: bool) -> Option<(Vec<&str>, &[YearSummary])> {
        let summaries = &self.0.held.summaries;
        let summary = if published {
            &summaries.with_published
        } else {
            &summaries.without_published
        };
        let members = drawn::fitted(&self.0.held.curves, published, &self.0.recipe.options);
        let names = members
            .into_iter()
            .map(|(i, _)| self.0.held.curves[i].family().name());
        Some((names.collect(), summary.as_deref()?))
    }

    /// Of the draws of the linear pool without the published projection, and of the registry trend, the share below
    /// the published projection, where there is one and the draws reach its year.
    pub(crate) fn below_published(&self) -> [Option<f64>; 2] {
        self.0.held.below_published
    }

    /// The number of draws.
    pub(crate) fn draws(&self) -> usize {
        self.0.recipe.options.draws
    }

    /// What makes the forecasts fragile, a sentence each; empty where nothing does.
    ///
    /// - The linear pool and the registry trend contradict each other: in the last year the median of one lies outside
    ///   the 95 % interval of the other.
    /// - The draws do not vary, as no figure has an error and there is no model discrepancy.
    #[must_use]
    pub fn cautions(&self) -> Vec<String> {
        let mut cautions = Vec::new();
        let last = |summary: &[YearSummary]| summary.last().copied();
        let Held {
            summaries, vary, ..
        } = &self.0.held;
        if let (Some(pool), Some(trend)) =
            (last(&summaries.new_cases), last(&summaries.registry_trend))
        {
            let is_outside = |one: YearSummary, of: YearSummary| {
                !(of.lower95..=of.upper95).contains(&one.median)
            };
            if is_outside(pool, trend) || is_outside(trend, pool) {
                let mut text = format!(
                    "Linear pool and registry trend contradict each other in {}: ",
                    pool.year
                );
                for (name, year) in [("the first has", pool), ("the second", trend)] {
                    let _ = write!(
                        text,
                        "{name} {} to {} in 95 %",
                        count(year.lower95),
                        count(year.upper95)
                    );
                    text.push_str(if name == "the second" { "." } else { ", " });
                }
                text.push_str(
                    " What is true of one is improbable under the other: do not use either alone.",
                );
                cautions.push(text);
            }
        }
        if !vary {
            cautions.push(
                "The draws of the linear pool do not vary: no figure has an error, and there is no interval.".to_owned(),
            );
        }
        cautions
    }

    /// What makes up the variance of the last year; `None` where a draw without cases has no logarithm, or
    /// there is one draw, for which [`RegionOutlook::no_variance_reason`] says why.
    #[must_use]
    pub fn variance(&self) -> Option<&OutlookVariance> {
        self.0.held.variance.as_ref()
    }

    /// Why there is no [`RegionOutlook::variance`], as text for a reader; `None` where there is one.
    #[must_use]
    pub fn no_variance_reason(&self) -> Option<&str> {
        self.0.held.no_variance_reason.as_deref()
    }

    /// The share of those diagnosed who ever reach third line.
    pub(crate) fn share(&self) -> &UltimateShare {
        &self.0.recipe.options.share
    }

    /// The two ends of the share times the median of new cases; `None` where the year is not one of those drawn.
    pub(crate) fn third_line_of_median(&self, year: i32) -> Option<(f64, f64)> {
        let mut summaries = self.0.held.summaries.new_cases.iter();
        let median = summaries.find(|summary| summary.year == year)?.median;
        Some((self.share().low() * median, self.share().high() * median))
    }
}

/// See [`RegionOutlook::below_published`].
fn below_published(series: &IncidenceSeries, drawn: &Drawn) -> Result<[Option<f64>; 2]> {
    let Some(published) = series.published_projection() else {
        return Ok([None; 2]);
    };
    let below = |draws: &YearlyDraws| -> Result<Option<f64>> {
        if !draws.years().contains(&published.year) {
            return Ok(None);
        }
        let year = draws.year(published.year)?;
        let below = year
            .iter()
            .filter(|cases| **cases < published.cases)
            .count();
        Ok(Some(below as f64 / year.len() as f64))
    };
    let pool = drawn.without_published.as_ref();
    let of_pool = pool.map(|pool| below(pool.new_cases())).transpose()?;
    Ok([of_pool.flatten(), below(&drawn.registry_trend)?])
}

/// Whether any figure states no error.
fn states_no_error(series: &IncidenceSeries) -> bool {
    let mut errors = series.observations().iter().map(|o| o.relative_error);
    let published = series.published_projection();
    errors.any(|error| error.is_none()) || published.is_some_and(|p| p.relative_error.is_none())
}
