//! The outlook for one region.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::consensus::{ConsensusSummary, family_or_none};
use super::curves::{CurveOutlook, NotIdentified};
use super::outlook_variance::OutlookVariance;
use super::question::Question;
use super::region_draws::{self, Forecasts, Recipe};
use super::region_model::{BesideOthers, Region};
use super::revision::{Revision, of_different_definitions, rounds};
use crate::demography::{Decomposition, ExpectedCases};
use crate::draws::{YearSummary, YearlyDraws};
use crate::error::{Error, Result};
use crate::figures::{Figure, Status, are_same_codes};
use crate::pathway::UltimateShare;
use crate::projection::{BetweenSourceEstimate, Projection};
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
pub struct RegionOutlook(pub(super) Arc<Region>);

impl Serialize for RegionOutlook {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.0.held.serialize(serializer)
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

    /// What other sources have projected for the region: the projections among
    /// [`OutlookOptions::compared_with`](crate::OutlookOptions::compared_with), by year. They stand beside the forecast and enter nothing.
    #[must_use]
    pub fn other_projections(&self) -> Vec<&Figure> {
        let figures = self.0.recipe.options.compared_with.iter();
        let mut of_region: Vec<&Figure> = figures
            .filter(|f| f.region() == self.series().region())
            .filter(|f| f.status() == Status::Projection)
            .collect();
        of_region.sort_by_key(|figure| figure.year());
        of_region
    }

    /// The headline in the year of each of [`RegionOutlook::other_projections`]. After the last year of the options it is forecast
    /// for that year, as an outlook to that year would be, before parts and wholes are made to fit; an error where the population
    /// does not go so far.
    pub(crate) fn beside_other_projections(
        &self,
    ) -> impl Iterator<Item = (&Figure, std::result::Result<YearSummary, &str>)> {
        let beside = self
            .0
            .beside_others
            .or(|| Ok(self.forecast_beside_others()));
        let projections = self.other_projections().into_iter();
        projections.map(|f| {
            (
                f,
                beside[&f.year()]
                    .as_ref()
                    .map_or_else(|why| Err(&**why), |s| Ok(*s)),
            )
        })
    }

    fn forecast_beside_others(&self) -> BesideOthers {
        let forecasts = LazyCell::new(|| Forecasts::of(self.series(), self.recipe()));
        let beside = |year: i32| -> Result<YearSummary> {
            let here = self.new_cases_summary().iter().find(|s| s.year == year);
            if let Some(summary) = here {
                return Ok(*summary);
            }
            let forecasts = forecasts.as_ref().map_err(Error::clone)?;
            let (draws, _) = forecasts.draws(self.recipe(), year)?;
            let summary = draws[self.question() as usize].summary();
            let last = summary.into_iter().find(|s| s.year == year);
            last.ok_or_else(|| {
                Error::unsuitable("the projection is of a year before the last figure")
            })
        };
        let years: BTreeSet<i32> = self.other_projections().iter().map(|f| f.year()).collect();
        let beside = |year| (year, beside(year).map_err(|why| why.to_string()));
        years.into_iter().map(beside).collect()
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
    /// below the first, whoever published the projection expects growth to slow, unless it is demography at constant rates
    /// ([`FiguresCheck`](crate::demography::FiguresCheck)), as that of the press release is. `None` without a published projection
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
    /// ([`OutlookOptions::question`](crate::OutlookOptions::question)).
    ///
    /// The registry trend through the observations alone: growth between the figures reverts to the growth that registries
    /// see in the long run, of the rate where the population is known ([`OutlookOptions::population`](crate::OutlookOptions::population)). The draws hold how
    /// far real series have moved away from any curve; they do not hold the correlations of
    /// [`OutlookOptions::errors`](crate::OutlookOptions::errors).
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

    /// Everybody diagnosed in each year **from the first figure on**: [`RegionOutlook::new_cases`], and before them what
    /// the figures of earlier years say. It is what patients in a later line come from, by a [`Delay`](crate::pathway::Delay) or a
    /// [`Pathway`](crate::pathway::Pathway).
    ///
    /// A figure of an earlier year has its own error, the counting error and that of another source or round as in the registry trend,
    /// and is taken to the [`Question`] by the same factor as the headline in each draw. Between two figures incidence changes by the
    /// same factor every year. Marked years are left out, as if there were no figure.
    ///
    /// ```
    /// use myeloma_epi::{Outlook, OutlookOptions, figures};
    ///
    /// let options = OutlookOptions { draws: 500, ..OutlookOptions::myeloma() };
    /// let outlook = Outlook::of(figures::press_release(), &options)?;
    /// let diagnosed = outlook.region("World")?.diagnosed()?;
    /// assert_eq!(diagnosed.first_year(), 2019);
    /// // 164,300 were published for 2019.
    /// assert!((diagnosed.median(2019)? / 164_300.0 - 1.0).abs() < 0.05);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where the first year is too early for a calendar.
    pub fn diagnosed(&self) -> Result<YearlyDraws> {
        self.0.drawn().diagnosed(self.0.options())
    }

    /// Patients diagnosed in each year who will ever reach third line, whenever that is: the draws of
    /// [`RegionOutlook::new_cases`] times one share a draw ([`OutlookOptions::share`](crate::OutlookOptions::share)), the same in all years
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
    /// ([`Delay::starts`](crate::pathway::Delay::starts)); `None` without a delay ([`OutlookOptions::delay`](crate::OutlookOptions::delay)). They
    /// are some of [`RegionOutlook::diagnosed`]; those diagnosed before the first figure are continued backwards from it, and
    /// [`RegionOutlook::cautions`] say what share of the starts that is.
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
    /// ages, and rates. Its cases are those expected at constant rates, and grow as the headline does: read it in per cent
    /// ([`Decomposition::in_percent`]). Several areas are taken apart each for itself and added up. `None` where the
    /// population is not known, or only its expected cases are ([`ExpectedCases::new`]).
    #[must_use]
    pub fn decomposition(&self) -> Option<Decomposition> {
        let expected = self.expected()?;
        let summary = self.new_cases_summary();
        let (first, last) = (summary.first()?, summary.last()?);
        let growth = last.median / first.median;
        let of_parts = Decomposition::of_expected(expected, first.year, last.year, growth);
        // The World's areas are shipped.
        of_parts.or_else(|| {
            let area = expected.region();
            let growth = || Decomposition::of_growth(area, first.year, last.year, growth).ok();
            self.has_shipped_population().then(growth).flatten()
        })
    }

    /// Whether the population is that of a shipped area; one of one's own that has its name is not.
    pub(crate) fn has_shipped_population(&self) -> bool {
        self.expected().is_some_and(|expected| {
            let shipped = ExpectedCases::area(expected.region());
            shipped.is_ok_and(|shipped| shipped.by_year() == expected.by_year())
        })
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

    /// Which figures are taken as of one round, where there is an error of revision.
    pub(crate) fn rounds(&self) -> Option<String> {
        let sd = self.0.recipe.revision.sd;
        rounds(self.series()).filter(|_| sd > 0.0)
    }

    /// Successive rounds that the error of revision is estimated from, of different definitions: source and ICD-10 codes of both.
    pub(crate) fn rounds_of_different_definitions(&self) -> Vec<[(&str, &str); 2]> {
        of_different_definitions(self.0.options())
    }

    /// The ICD-10 codes of the figures of each family of sources that the region is compared with, each once.
    pub(crate) fn definitions_of_families(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut families = BTreeMap::<_, Vec<&str>>::new();
        for figure in self.0.options().compared(self.series().region()) {
            let codes = families.entry(family_or_none(figure)).or_default();
            let is_new = |code: &&str| !codes.iter().any(|other| are_same_codes(other, code));
            let code = figure.icd10().filter(is_new);
            codes.extend(code);
        }
        families.retain(|_, codes| !codes.is_empty());
        families
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
        self.0.drawn().without_published.as_deref()
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
        let members = region_draws::fitted(&self.0.held.curves, published, &self.0.recipe.options);
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
