//! How an outlook is made.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::question::Question;
use crate::curve::Family;
use crate::demography::ExpectedCases;
use crate::draws::{YearSummary, check_shape};
use crate::error::{Error, Result};
use crate::figures::{
    Figure, Figures, Status, comparison, press_release, projections, third_line_share,
};
use crate::forecast::{ExpectedByYear, ForecastOptions, RegistryTrend};
use crate::known_names::each_once;
use crate::number_checks::Place;
use crate::pathway::evidence::Preset;
use crate::pathway::{Delay, ShareDistribution, UltimateShare};
use crate::projection::{DampingPrior, ErrorModel, pooled_between_source_sd};
use crate::random::Seed;

/// How an [`Outlook`](crate::Outlook) is made: horizon, errors, families of curves, regions that are part of
/// others, draws.
///
/// All fields are public: name those that differ from a default and take the others from it.
/// [`OutlookOptions::default`] acts on no region's name; its share and its registry trend are those of multiple
/// myeloma. [`OutlookOptions::myeloma`] adds what is known of the world and China. Options are checked when an
/// outlook is made of them.
///
/// # Example
///
/// Curves weighted by what they forecast of a long series:
///
/// ```
/// use myeloma_epi::backtest::{Stacked, StackingOptions};
/// use myeloma_epi::curve::Family;
/// use myeloma_epi::{IncidenceSeries, Outlook, OutlookOptions, figures};
///
/// let counts = IncidenceSeries::from_figures(figures::registered(), "United States")?;
/// let families = vec![Family::Linear, Family::Exponential];
/// let stacked = Stacked::of_families(&counts, &families, &StackingOptions::default())?;
/// let options = OutlookOptions {
///     weights: families.iter().copied().zip(stacked.weights).collect(),
///     families,
///     draws: 1_000,
///     ..OutlookOptions::default()
/// };
/// let outlook = Outlook::of_series(&[counts], &options)?;
/// assert_eq!(outlook.region("United States")?.curves().len(), 2);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutlookOptions {
    /// The question that the headline answers: [`RegionOutlook::new_cases`](crate::RegionOutlook::new_cases), third line
    /// and complements. Default: what the next round of the same source will say. The other one stands beside it.
    pub question: Question,
    /// Expected cases at constant rates on the population of a region, by the region's name. With them the forecast is
    /// a registry trend of the rate ([`OutlookOptions::rate_trend`]), without them one of the counts
    /// ([`OutlookOptions::registry_trend`]). Every year from the first figure to the last year is needed. Default:
    /// none.
    pub population: BTreeMap<String, ExpectedCases>,
    /// The effective number of members of a region that is a sum of others, by the region's name, as
    /// [`ForecastOptions::members`] has it for all. Default: none.
    pub members: BTreeMap<String, f64>,
    /// The first year of the curves. Default `None`: the first observation of each region whose year is not marked. An earlier one continues
    /// the curves backwards. They begin there at the latest: a year after the first observations of all regions is an
    /// error.
    pub from: Option<i32>,
    /// The last year. Default 2040.
    pub to: i32,
    /// The measurement error of an observation that states none: the standard deviation of the logarithm of
    /// its count, between 0 and 1. Default 0.03: **an assumption**, since published figures rarely state
    /// theirs.
    pub assumed_error: f64,
    /// The error of a published projection that states none, on the same scale. Default 0.10: **an
    /// assumption**. It is about what the registry trend leaves open of the world's path sixteen years
    /// on.
    pub assumed_projection_error: f64,
    /// Correlations of the errors of the figures. Default: independent. The between-source standard
    /// deviation is set for each region by [`OutlookOptions::between_source_sd`] and must be 0 here.
    pub errors: ErrorModel,
    /// The between-source standard deviation on the log scale, between 0 and 1, of every region for which it is not
    /// estimated from [`OutlookOptions::compared_with`]: how much more or less one source counts than another would.
    /// Figures without a source count as of one, so that it does not matter whether a file of one source names it.
    /// Default 0: the source of the figures is taken as right.
    pub between_source_sd: f64,
    /// Figures of other sources, of the same disease. Each weighs by the error that it states
    /// ([`Figure::relative_error`]; its own 95 % interval is not taken as one, since figures of one source err alike) and, if registered,
    /// by its counting error. For a region with figures of three sources, its own included, the
    /// between-source standard deviation is estimated from them
    /// ([`BetweenSourceEstimate`](crate::projection::BetweenSourceEstimate)). Projections among them are shown
    /// ([`RegionOutlook::other_projections`](crate::RegionOutlook::other_projections)) and enter nothing. Default: none.
    pub compared_with: Figures,
    /// The error of revision: the standard deviation on the log scale, between 0 and 1, of the difference between two
    /// rounds of one family of sources beyond population and growth. Modelled figures have it, registered counts do
    /// not: a figure before the last one may be of an earlier round, and the next round will differ from the last; estimates
    /// of one source are of one round, and those without a source of one source. Default
    /// `None`: estimated from successive rounds of one family among [`OutlookOptions::compared_with`], all regions
    /// together; 0 where there are none. One revision alone is an error.
    pub revision_sd: Option<f64>,
    /// Whether the linear pools hold the model discrepancy, the distance of real registry series from any
    /// curve ([`Forecast::model_discrepancy`](crate::forecast::Forecast::model_discrepancy)). Default:
    /// yes.
    pub model_discrepancy: bool,
    /// The registry trend of counts, on which the model discrepancy rests, too. Default: that of multiple myeloma.
    pub registry_trend: RegistryTrend,
    /// The registry trend of the rate, for regions of which the population is known. Default: that of multiple
    /// myeloma.
    pub rate_trend: RegistryTrend,
    /// How registry trends are conditioned on figures; its shocks are left out of the curves, too. Expected cases are stated by region, in
    /// [`OutlookOptions::population`], and must be absent here; their error is that of every region with a population. The
    /// between-source standard deviation is stated as [`OutlookOptions::between_source_sd`] and must be 0 here.
    pub forecast: ForecastOptions,
    /// The share of those diagnosed in a year who ever reach third line. Default: the published 30–40 %,
    /// uniform.
    pub share: UltimateShare,
    /// The time from diagnosis to third line, for the number of patients who *start* third line in a calendar year. Default
    /// `None`: starts are not computed.
    pub delay: Option<Delay>,
    /// The families of curves to fit, each once. Default: linear, exponential, logistic and Gompertz.
    pub families: Vec<Family>,
    /// Weights of families in the linear pools, finite and at least 0; a family that is not named has
    /// weight 1. Default: none named, so that all are equal. For a series of nineteen years or more
    /// [`Stacked::of_families`](crate::backtest::Stacked::of_families) finds weights from what the curves forecast of
    /// it; two figures cannot tell.
    pub weights: Vec<(Family, f64)>,
    /// Regions that are part of others, as `(part, whole)`, both among the regions of the outlook. The
    /// draws of a part are smaller than those of its whole, and a part with two figures shrinks the
    /// damping of its curves towards that of the whole, its reference region. Default: none.
    pub parts: Vec<(String, String)>,
    /// How far a part with two figures shrinks the damping of its curves towards that of its whole.
    /// Default: partially, with a standard deviation of ln 2.
    pub damping_prior: DampingPrior,
    /// The number of draws. Default 20,000.
    pub draws: usize,
    /// Whether the draws are kept from the start: about 1,000 bytes a draw and region, for two figures and 22 years.
    /// Default: no. Summaries are kept; draws that are asked for are made again, the same ones, and kept from then on.
    pub keep_draws: bool,
    /// The seed of all random draws.
    pub seed: Seed,
}

impl Default for OutlookOptions {
    /// Options that act on no region's name. Two of them are nevertheless those of multiple myeloma, and for
    /// another disease you state your own: [`OutlookOptions::share`] is the published 30–40 % of myeloma
    /// patients who reach third line, and the registry trend has the growth and the volatility that myeloma
    /// has had in registries ([`RegistryTrend::default`](crate::forecast::RegistryTrend::default)): cases of another
    /// disease that stay at a thousand a year for fifteen years are covered by three of four 95 % intervals (METHODS.md).
    ///
    /// ```
    /// use myeloma_epi::OutlookOptions;
    ///
    /// let options = OutlookOptions::default();
    /// assert_eq!((options.share.low(), options.share.high()), (0.30, 0.40));
    /// ```
    fn default() -> Self {
        let published = third_line_share();
        let share = UltimateShare::of_published(&published, ShareDistribution::default());
        Self {
            question: Question::default(),
            population: BTreeMap::new(),
            members: BTreeMap::new(),
            from: None,
            to: 2040,
            assumed_error: 0.03,
            assumed_projection_error: 0.10,
            errors: ErrorModel::default(),
            between_source_sd: 0.0,
            compared_with: Figures::default(),
            revision_sd: None,
            model_discrepancy: true,
            registry_trend: RegistryTrend::default(),
            rate_trend: RegistryTrend::rate(),
            forecast: ForecastOptions::default(),
            // Broken invariant of the crate if not: the shipped range is a valid one.
            share: share.expect("broken invariant: the shipped range is not a valid share"),
            delay: None,
            families: vec![
                Family::Linear,
                Family::Exponential,
                Family::Logistic,
                Family::Gompertz,
            ],
            weights: Vec::new(),
            parts: Vec::new(),
            damping_prior: DampingPrior::default(),
            draws: 20_000,
            keep_draws: false,
            seed: Seed::default(),
        }
    }
}

/// The standard deviation of the growth of expected cases, by three revisions of the World Population Prospects.
pub(super) const UN_POPULATION_ERROR: f64 = 0.0006;

impl OutlookOptions {
    /// The options for multiple myeloma in the world and in China.
    ///
    /// As [`OutlookOptions::default`], with the populations of the world, by area, and of China
    /// ([`ExpectedCases::area`]) and the error of their projection, 0.06 % a year
    /// ([`ForecastOptions::expected_error`]); the world is a sum of countries
    /// ([`ExpectedCases::effective_members`]). The figures of a region are compared with the shipped ones of
    /// GBD and GLOBOCAN ([`figures::comparison`](crate::figures::comparison())) and stand beside what others have projected
    /// ([`figures::projections`](crate::figures::projections())), and China is part of the World. The delay to third line is that of the preset `cmrg` ([`Preset::of`]). For a region that these do not have, the between-source standard deviation is the one pooled over the
    /// world and China, 18 %: the restricted maximum likelihood estimate of a common τ, each region with a growth
    /// of its own.
    ///
    /// ```
    /// use myeloma_epi::OutlookOptions;
    ///
    /// let options = OutlookOptions::myeloma();
    /// assert!((options.between_source_sd - 0.178).abs() < 0.001);
    /// assert_eq!(options.parts, [("China".to_owned(), "World".to_owned())]);
    /// assert!(OutlookOptions::default().parts.is_empty());
    /// ```
    #[must_use]
    pub fn myeloma() -> Self {
        static MYELOMA: LazyLock<OutlookOptions> = LazyLock::new(|| {
            OutlookOptions::shipped().expect("broken invariant: what is shipped cannot be read")
        });
        MYELOMA.clone()
    }

    /// The options for a disease of whose growth in registries nothing is known: as [`OutlookOptions::default`], with the registry
    /// trends of an unknown site ([`RegistryTrend::of_unknown_site`]). They grow by the mean over
    /// cancer sites, and the spread between sites is in their intervals. The share that reaches third line is myeloma's still.
    ///
    /// ```
    /// use myeloma_epi::OutlookOptions;
    ///
    /// let error = |options: OutlookOptions| options.registry_trend.site().growth_error;
    /// assert!(error(OutlookOptions::other_disease()) > 2.0 * error(OutlookOptions::default()));
    /// ```
    #[must_use]
    pub fn other_disease() -> Self {
        Self {
            registry_trend: RegistryTrend::default().of_unknown_site(),
            rate_trend: RegistryTrend::rate().of_unknown_site(),
            ..Self::default()
        }
    }

    /// The options for multiple myeloma as far as they concern the regions of some figures: populations, members and parts
    /// that are not among them are left out.
    ///
    /// ```
    /// use myeloma_epi::figures::Figures;
    /// use myeloma_epi::{Outlook, OutlookOptions};
    ///
    /// let text = "region,year,cases,status\nChina,2019,28100,commercial\nChina,2024,31800,commercial\n";
    /// let china = Figures::from_csv("mine", text)?;
    /// let options = OutlookOptions { draws: 200, ..OutlookOptions::myeloma_for(&china) };
    /// assert!(options.parts.is_empty() && options.population.contains_key("China"));
    /// assert_eq!(Outlook::of(&china, &options)?.regions().len(), 1);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[must_use]
    pub fn myeloma_for(figures: &Figures) -> Self {
        let mut options = Self::myeloma();
        let regions = figures.regions();
        let has = |name: &String| regions.contains(&name.as_str());
        options.population.retain(|name, _| has(name));
        options.members.retain(|name, _| has(name));
        options
            .parts
            .retain(|(part, whole)| has(part) && has(whole));
        if options.population.is_empty() {
            options.forecast.expected_error = 0.0;
        }
        options
    }

    /// A shipped file that cannot be read is a defect of the crate.
    fn shipped() -> Result<Self> {
        let [world, china] = ["World", "China"].map(ExpectedCases::area);
        let (world, china) = (world?, china?);
        let figures = press_release().iter().chain(comparison()).cloned();
        Ok(Self {
            members: BTreeMap::from([("World".to_owned(), world.effective_members())]),
            population: BTreeMap::from([("World".to_owned(), world), ("China".to_owned(), china)]),
            delay: Some(Preset::of("cmrg")?.delay()?),
            between_source_sd: pooled_between_source_sd(&figures.collect(), 0.03)?,
            compared_with: comparison().iter().chain(projections()).cloned().collect(),
            parts: vec![("China".to_owned(), "World".to_owned())],
            forecast: ForecastOptions {
                expected_error: UN_POPULATION_ERROR,
                ..ForecastOptions::default()
            },
            ..Self::default()
        })
    }

    /// Refuses what names no region or family of the outlook, and numbers that cannot be. What a projection
    /// or a forecast checks of its own options is left to them.
    pub(super) fn check(&self, regions: &[&str]) -> Result<()> {
        if self.families.is_empty() {
            return Err(Error::unsuitable(
                "an outlook needs at least one family of curves",
            ));
        }
        check_shape(1, self.draws)?;
        self.check_weights()?;
        // Each of these knows one region alone, and a source errs in all of its regions.
        for (sd, of) in [
            (self.errors.between_source_sd, "error model"),
            (self.forecast.between_source_sd, "forecast options"),
        ] {
            if sd != 0.0 {
                return Err(Error::contradiction(format!(
                    "the {of} of an outlook must not state a between-source standard deviation: state it as \
                     OutlookOptions::between_source_sd (--between-source), which true incidence and the pools of curves hold"
                )));
            }
        }
        if self.forecast.expected.is_some() {
            return Err(Error::contradiction(
                "the forecast options of an outlook state expected cases: state them by region, as \
                 OutlookOptions::population",
            ));
        }
        if self.forecast.expected_error != 0.0 && self.population.is_empty() {
            return Err(Error::contradiction(
                "the forecast options of an outlook state an error of expected cases, and no region has a population",
            ));
        }
        let named = self.population.keys().chain(self.members.keys());
        let named = named.map(String::as_str);
        for name in named.chain(self.forecast.shocks.series()) {
            if !regions.contains(&name) {
                let what = "region of the outlook, as population, members or shocks of the options have it \
                            (OutlookOptions::myeloma_for leaves out what is not there),";
                return Err(Error::unknown(what, name, regions.iter().copied()));
            }
        }
        self.check_parts(regions)?;
        let mut compared = self.estimates().filter(|f| !self.is_marked(f));
        if let Some(zero) = compared.find(|f| f.cases() <= 0.0) {
            return Err(Error::unsuitable(format!(
                "the figure of {} for {} ({}) is 0, and a comparison of sources takes logarithms: leave it out, or mark it",
                zero.region(),
                zero.year(),
                zero.source()
            )));
        }
        let place = Place("the options of an outlook");
        let name = "the between-source standard deviation";
        place.share(name, self.between_source_sd)?;
        place.share("the error of revision", self.revision_sd.unwrap_or(0.0))
    }

    /// The estimates of other sources that figures of a region are compared with: no projections, no years that are
    /// marked, by the figure itself or as shocks of these options, and none of which the people are not known.
    pub(super) fn compared<'a>(&'a self, region: &'a str) -> impl Iterator<Item = &'a Figure> {
        let of_region = self.estimates().filter(move |f| f.region() == region);
        of_region.filter(|f| !self.is_marked(f) && !self.lacks_people(f))
    }

    /// Whether a region has a population, but not in the year of a figure.
    pub(super) fn lacks_people(&self, figure: &Figure) -> bool {
        let expected = self.population.get(figure.region());
        expected.is_some_and(|expected| !expected.by_year().contains_key(&figure.year()))
    }

    /// The figures of other sources that are no projections.
    pub(super) fn estimates(&self) -> impl Iterator<Item = &Figure> {
        let figures = self.compared_with.iter();
        figures.filter(|f| f.status() != Status::Projection)
    }

    /// Whether the year of a figure is one that estimates leave out.
    pub(super) fn is_marked(&self, figure: &Figure) -> bool {
        figure.mark().is_some() || self.forecast.shocks.marks(figure.region(), figure.year())
    }

    /// The registry trend of a region: that of its rate where its population is known.
    pub(super) fn trend(&self, region: &str) -> &RegistryTrend {
        if self.population.contains_key(region) {
            &self.rate_trend
        } else {
            &self.registry_trend
        }
    }

    /// The mean growth a year of the trend of a region, on the log scale; of a rate, where expected cases do not grow.
    pub(super) fn mean_growth(&self, region: &str) -> f64 {
        let trend = self.trend(region);
        trend.parameters().mean_growth + trend.site().growth
    }

    /// How the trend of a region is conditioned on its figures.
    pub(super) fn forecast_of(&self, region: &str) -> Result<ForecastOptions> {
        let expected = self.population.get(region);
        let by_year = expected.map(|expected| ExpectedByYear::new(expected.by_year().clone()));
        let named =
            |error: Error| Error::unsuitable(format!("the population of {region}: {error}"));
        Ok(ForecastOptions {
            members: *self.members.get(region).unwrap_or(&self.forecast.members),
            expected_error: expected.map_or(0.0, |_| self.forecast.expected_error),
            expected: by_year.transpose().map_err(named)?,
            ..self.forecast.clone()
        })
    }

    fn check_weights(&self) -> Result<()> {
        for (i, &(family, weight)) in self.weights.iter().enumerate() {
            if !self.families.contains(&family) {
                let fitted = self.families().into_iter().map(Family::name);
                return Err(Error::unknown(
                    "family that is fitted",
                    family.name(),
                    fitted,
                ));
            }
            if self.weights[..i].iter().any(|(other, _)| *other == family) {
                return Err(Error::contradiction(format!(
                    "the {family} curve has two weights"
                )));
            }
            let pool = format_args!("the linear pool of an outlook, for the {family} curve");
            Place(pool).not_negative("the weight of a curve", weight)?;
        }
        Ok(())
    }

    fn check_parts(&self, regions: &[&str]) -> Result<()> {
        let known: HashSet<&str> = regions.iter().copied().collect();
        let mut parts = HashSet::new();
        for (part, whole) in &self.parts {
            for name in [part, whole] {
                if !known.contains(name.as_str()) {
                    return Err(Error::unknown("region", name, regions.iter().copied()));
                }
            }
            if !parts.insert(part) {
                return Err(Error::contradiction(format!(
                    "{part} is said to be part of two regions"
                )));
            }
        }
        Ok(())
    }

    /// The weight of a family.
    pub(super) fn weight(&self, family: Family) -> f64 {
        let named = self.weights.iter().find(|(other, _)| *other == family);
        named.map_or(1.0, |(_, weight)| *weight)
    }

    /// The families without repetition, in their order.
    pub(super) fn families(&self) -> Vec<Family> {
        each_once(self.families.iter().copied())
    }
}

/// Whether summaries are of one year after the other, and there is one.
pub(super) fn are_consecutive(summary: &[YearSummary]) -> bool {
    !summary.is_empty()
        && summary
            .windows(2)
            .all(|pair| i64::from(pair[1].year) == i64::from(pair[0].year) + 1)
}
