//! The outlook for one region.

use std::fmt::Write as _;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use super::between_source::BetweenSourceSd;
use super::curves::{CurveOutlook, NotIdentified, fit_families, shrink_damping};
use super::drawn::{self, Drawn, Forecasts, Kept, Recipe};
use super::levels::{ConsensusSummary, Revision};
use super::options::{OutlookOptions, are_consecutive, contradiction, mismatch};
use super::question::Question;
use super::variance::{OutlookVariance, Sources};
use crate::demography::{Decomposition, ExpectedCases};
use crate::draws::{YearSummary, YearlyDraws, check_shape};
use crate::error::{Error, Result};
use crate::figures::{Figure, Mark, Status};
use crate::pathway::UltimateShare;
use crate::plain_text::count;
use crate::projection::{BetweenSourceEstimate, ErrorModel, Projection};
use crate::series::IncidenceSeries;

/// The **outlook for one region**: its figures, the curves through them, and draws of what follows.
///
/// - [`RegionOutlook::new_cases`]: the headline, numbers of people a year. It is the registry trend, what registry
///   series of many cancer sites have done after figures like these, on the region's population by age where that is
///   known; [`RegionOutlook::third_line`] and [`RegionOutlook::third_line_starts`] follow from it. It answers one
///   [`Question`]; [`RegionOutlook::new_cases_under`] has the other one beside it.
/// - [`RegionOutlook::pool`]: the linear pool of the growth curves through the figures, what follows if one of them is
///   true.
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
    /// Of the last figure.
    revision: Revision,
    consensus: ConsensusSummary,
    pub(super) curves: Vec<CurveOutlook>,
    not_identified: Vec<NotIdentified>,
    summaries: Summaries,
    /// Of the draws of the linear pool without the published projection, and of the headline, the share below
    /// the published projection.
    below_published: [Option<f64>; 2],
    vary: bool,
    /// What the registry trend says of itself.
    trend_cautions: Vec<String>,
    variance: Option<OutlookVariance>,
    no_variance_reason: Option<String>,
}

/// What is shown of the forecasts, year by year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Summaries {
    /// Under each question, in the order of its variants.
    forecasts: [Vec<YearSummary>; 2],
    third_line: Vec<YearSummary>,
    starts: Option<Vec<YearSummary>>,
    pool: Vec<YearSummary>,
    without_published: Option<Vec<YearSummary>>,
    with_published: Option<Vec<YearSummary>>,
}

impl Summaries {
    fn of(drawn: &Drawn) -> Self {
        let whole_pool = drawn.pool.new_cases().summary();
        let of = |pool: &Option<Projection>| match pool {
            Some(pool) if *pool == drawn.pool => Some(whole_pool.clone()),
            pool => pool.as_ref().map(|pool| pool.new_cases().summary()),
        };
        let [this_source, true_incidence] = &drawn.forecasts;
        Self {
            forecasts: [this_source.summary(), true_incidence.summary()],
            third_line: drawn.third_line.summary(),
            starts: drawn.starts.as_ref().map(YearlyDraws::summary),
            without_published: of(&drawn.without_published),
            with_published: of(&drawn.with_published),
            pool: whole_pool,
        }
    }
}

impl Region {
    /// The outlook for a series, with its draws.
    pub(super) fn new(
        stated: &IncidenceSeries,
        whole: Option<&Self>,
        revision: Revision,
        options: &Arc<OutlookOptions>,
    ) -> Result<Self> {
        // A shock is one for the curves, too.
        let shocks = &options.forecast.shocks;
        let years = stated.observations().iter().map(|o| o.year);
        let shocks = years.filter(|year| shocks.marks(stated.region(), *year));
        let series = stated
            .clone()
            .with_mark(Mark::Shock, shocks)?
            .assuming_projection_error(options.assumed_projection_error)?
            .assuming_relative_error(options.assumed_error)?;
        let between_source = BetweenSourceSd::of(&series, options)?;
        let recipe = Recipe {
            options: Arc::clone(options),
            errors: ErrorModel {
                between_source_sd: between_source.sd,
                ..options.errors
            },
            revision,
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

        let forecasts = Forecasts::of(&series, &recipe)?;
        let drawn = Drawn::of(&series, &curves, projections, &forecasts, &recipe)?;
        let members = drawn::members(&curves, options);
        let sources = Sources {
            series: &series,
            curves: &curves,
            projections: &drawn.projections,
            forecasts: &forecasts,
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
            below_published: below_published(&series, &drawn, options)?,
            revision: forecasts.revision,
            consensus: forecasts.consensus.summary(),
            trend_cautions: forecasts.trend.cautions(),
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
        revision: Revision,
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
                revision,
                reference: whole.map(Self::as_reference),
                replaced: Arc::clone(replaced),
            },
            held,
            drawn: Kept::default(),
        };
        region.check()?;
        // What was read can be drawn: one draw shows it, all are made when they are asked for.
        let years = region.held.summaries.pool.len();
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
        let held = &self.held;
        let projections = self.drawn.take().map(|drawn| drawn.projections);
        let drawn = match projections {
            Some(projections) => {
                let forecasts = Forecasts::of(&held.series, &self.recipe)?;
                let series = &held.series;
                Drawn::of(series, &held.curves, projections, &forecasts, &self.recipe)?
            }
            None => Drawn::again(&held.series, &held.curves, &self.recipe)?,
        };
        self.held.summaries = Summaries::of(&drawn);
        self.held.below_published =
            below_published(&self.held.series, &drawn, &self.recipe.options)?;
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
        let first = summaries.pool.first().map(|year| year.year);
        let alike = |summary: &[YearSummary], first: Option<i32>| {
            let ends = (
                summary.first().map(|year| year.year),
                summary.last().map(|year| year.year),
            );
            are_consecutive(summary) && ends == (first, Some(to))
        };
        let pools = [&summaries.without_published, &summaries.with_published];
        let pools = pools.into_iter().flatten().chain([&summaries.pool]);
        let [this_source, true_incidence] = &summaries.forecasts;
        let from = this_source.first().map(|year| year.year);
        let forecasts = [this_source, true_incidence, &summaries.third_line];
        let is_observed = |year| series.observations().iter().any(|o| o.year == year);
        if !pools
            .map(Vec::as_slice)
            .chain(curves.iter().map(CurveOutlook::summary))
            .all(|s| alike(s, first))
            || !forecasts.iter().all(|summary| alike(summary, from))
            || !from.is_some_and(is_observed)
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

    /// What the draws come from.
    pub(super) fn recipe(&self) -> &Recipe {
        &self.0.recipe
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
        let (first, last) = series.ends();
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

    /// New cases a year from the last figure on: the headline, under the question of the options
    /// ([`OutlookOptions::question`]).
    ///
    /// The registry trend through the observations alone: growth between the figures reverts to the growth that registries
    /// see in the long run, of the rate where the population is known ([`OutlookOptions::population`]). The draws hold how
    /// far real series have moved away from any curve; they do not hold the correlations of
    /// [`OutlookOptions::errors`].
    #[must_use]
    pub fn new_cases(&self) -> &YearlyDraws {
        self.new_cases_under(self.0.options().question)
    }

    /// Median and intervals of [`RegionOutlook::new_cases`], year by year, without the draws.
    #[must_use]
    pub fn new_cases_summary(&self) -> &[YearSummary] {
        self.summary_under(self.0.options().question)
    }

    /// New cases a year from the last figure on under one question; see [`RegionOutlook::new_cases`].
    #[must_use]
    pub fn new_cases_under(&self, question: Question) -> &YearlyDraws {
        &self.0.drawn().forecasts[question as usize]
    }

    /// Median and intervals of [`RegionOutlook::new_cases_under`], year by year, without the draws.
    #[must_use]
    pub fn summary_under(&self, question: Question) -> &[YearSummary] {
        &self.0.held.summaries.forecasts[question as usize]
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

    /// Patients who *start* third line in each calendar year, whenever they were diagnosed
    /// ([`Delay::starts`](crate::pathway::Delay::starts)); `None` without a delay ([`OutlookOptions::delay`]). Those
    /// diagnosed before the last figure are continued backwards from it.
    #[must_use]
    pub fn third_line_starts(&self) -> Option<&YearlyDraws> {
        self.0.drawn().starts.as_ref()
    }

    /// Median and intervals of [`RegionOutlook::third_line_starts`], year by year, without the draws.
    #[must_use]
    pub fn third_line_starts_summary(&self) -> Option<&[YearSummary]> {
        self.0.held.summaries.starts.as_deref()
    }

    /// What the growth of the headline's median from the last figure to the last year is made of: number of people, their
    /// ages, and rates. Its cases are those of the shipped area, which at constant rates begin where the model of 2022 has
    /// them, and grow as the headline does: read it in per cent ([`Decomposition::in_percent`]). `None` where the population is not that of a shipped area
    /// ([`ExpectedCases::areas`]).
    #[must_use]
    pub fn decomposition(&self) -> Option<Decomposition> {
        let expected = self.expected()?;
        let summary = self.new_cases_summary();
        let (first, last) = (summary.first()?, summary.last()?);
        let area = expected.region();
        // A population of one's own that has the name of a shipped area is not that area's.
        if !ExpectedCases::area(area).is_ok_and(|shipped| shipped == *expected) {
            return None;
        }
        Decomposition::of_growth(area, first.year, last.year, last.median / first.median).ok()
    }

    /// Expected cases at constant rates, where the population is known.
    pub(crate) fn expected(&self) -> Option<&ExpectedCases> {
        self.0.options().population.get(self.0.held.series.region())
    }

    /// Median and intervals of [`RegionOutlook::pool`], year by year, without the draws.
    #[must_use]
    pub fn pool_summary(&self) -> &[YearSummary] {
        &self.0.held.summaries.pool
    }

    /// The question that [`RegionOutlook::new_cases`] answers.
    pub(crate) fn question(&self) -> Question {
        self.0.options().question
    }

    /// The error of revision of the last figure.
    pub(crate) fn revision(&self) -> Revision {
        self.0.held.revision
    }

    /// Where all families of sources together are.
    pub(crate) fn consensus(&self) -> &ConsensusSummary {
        &self.0.held.consensus
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
    pub(crate) fn pool_of_fitted(&self, published: bool) -> Option<(Vec<&str>, &[YearSummary])> {
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
    /// - The draws of the linear pool do not vary, as no figure has an error and there is no model discrepancy.
    /// - The registry trend turns a long decline into growth, or the other way round
    ///   ([`Forecast::cautions`](crate::forecast::Forecast::cautions)).
    /// - Years are marked as a shock or as provisional: which ones, and what becomes of them.
    /// - The figures are modelled, and no error of revision is stated or can be estimated.
    #[must_use]
    pub fn cautions(&self) -> Vec<String> {
        let mut cautions = Vec::new();
        let last = |summary: &[YearSummary]| summary.last().copied();
        let Held {
            summaries, vary, ..
        } = &self.0.held;
        if let (Some(pool), Some(trend)) = (last(&summaries.pool), last(self.new_cases_summary())) {
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
        let marks = self.series().marks();
        if !marks.is_empty() {
            let years = marks.iter().map(|(year, mark)| format!("{year} ({mark})"));
            cautions.push(format!(
                "Left out of the curves: {}. The registry trend leaves shocks out, too, and completes provisional years \
                 by what registries report late.",
                years.collect::<Vec<_>>().join(", ")
            ));
        }
        let of_trend = self.0.held.trend_cautions.iter();
        cautions.extend(of_trend.map(|caution| format!("Registry trend: {caution}.")));
        if self.revision().sd == 0.0
            && self
                .figures()
                .iter()
                .any(|f| f.status() == Status::Estimate || f.status() == Status::Commercial)
        {
            cautions.push(
                "No error of revision is known: the interval does not hold what the next round of the source will change. \
                 State one, or figures of other rounds to compare with."
                    .to_owned(),
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
        let mut summaries = self.new_cases_summary().iter();
        let median = summaries.find(|summary| summary.year == year)?.median;
        Some((self.share().low() * median, self.share().high() * median))
    }
}

/// See [`RegionOutlook::below_published`].
fn below_published(
    series: &IncidenceSeries,
    drawn: &Drawn,
    options: &OutlookOptions,
) -> Result<[Option<f64>; 2]> {
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
    Ok([of_pool.flatten(), below(drawn.headline(options))?])
}

/// Whether any figure states no error.
fn states_no_error(series: &IncidenceSeries) -> bool {
    let mut errors = series.observations().iter().map(|o| o.relative_error);
    let published = series.published_projection();
    errors.any(|error| error.is_none()) || published.is_some_and(|p| p.relative_error.is_none())
}
