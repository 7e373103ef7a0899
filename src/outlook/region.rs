//! The outlook for one region.

use serde::{Deserialize, Serialize};

use super::between_source::BetweenSourceSd;
use super::curves::{CurveOutlook, NotIdentified, fit_families, shrink_damping};
use super::implied_growth::ImpliedGrowth;
use super::options::{OutlookOptions, contradiction, mismatch};
use super::pools::{self, Pools};
use super::registry_trend;
use super::variance::{OutlookVariance, Sources};
use crate::draws::YearlyDraws;
use crate::error::{Error, Result};
use crate::figures::Figure;
use crate::pathway::{ThirdLine, UltimateShare};
use crate::projection::{BetweenSourceEstimate, ErrorModel, Projection, rearranged};
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
/// `Display` prints them year by year, with what was assumed.
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct RegionOutlook {
    series: IncidenceSeries,
    assumed_errors: bool,
    between_source: BetweenSourceSd,
    curves: Vec<CurveOutlook>,
    not_identified: Vec<NotIdentified>,
    implied_growth: Option<ImpliedGrowth>,
    pools: Pools,
    share: UltimateShare,
    third_line: YearlyDraws,
    registry_trend: YearlyDraws,
    variance: Option<OutlookVariance>,
    no_variance_reason: Option<String>,
}

/// The outlook for a region as it stands in a file, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    series: IncidenceSeries,
    assumed_errors: bool,
    between_source: BetweenSourceSd,
    curves: Vec<CurveOutlook>,
    not_identified: Vec<NotIdentified>,
    implied_growth: Option<ImpliedGrowth>,
    pools: Pools,
    share: UltimateShare,
    third_line: YearlyDraws,
    registry_trend: YearlyDraws,
    variance: Option<OutlookVariance>,
    no_variance_reason: Option<String>,
}

impl TryFrom<Unchecked> for RegionOutlook {
    type Error = Error;

    fn try_from(region: Unchecked) -> Result<Self> {
        let Unchecked {
            series,
            assumed_errors,
            between_source,
            curves,
            not_identified,
            implied_growth,
            pools,
            share,
            third_line,
            registry_trend,
            variance,
            no_variance_reason,
        } = region;
        let region = Self {
            series,
            assumed_errors,
            between_source,
            curves,
            not_identified,
            implied_growth,
            pools,
            share,
            third_line,
            registry_trend,
            variance,
            no_variance_reason,
        };
        region.check()?;
        Ok(region)
    }
}

impl RegionOutlook {
    pub(super) fn new(
        stated: &IncidenceSeries,
        whole: Option<&Self>,
        options: &OutlookOptions,
    ) -> Result<Self> {
        let series = stated
            .clone()
            .assuming_projection_error(options.assumed_projection_error)?
            .assuming_relative_error(options.assumed_error)?;
        let between_source = BetweenSourceSd::of(&series, options)?;
        let errors = ErrorModel {
            between_source_sd: between_source.sd,
            ..options.errors
        };

        let (mut curves, mut not_identified) = fit_families(&series, errors, options)?;
        if let Some(whole) = whole {
            let (shrunk, more) = shrink_damping(&series, &curves, whole, errors, options)?;
            curves.extend(shrunk);
            not_identified.extend(more);
        }

        let forecast = registry_trend::forecast(&series, between_source.sd, options)?;
        let discrepancy = registry_trend::model_discrepancy(&forecast, options)?;
        let members = pools::members(&curves, options);
        let pools = Pools::of(&curves, &members, discrepancy.as_ref(), options)?;
        let third_line = third_line(pools.all.new_cases(), options)?;
        let sources = Sources {
            series: &series,
            reference: whole.map(|whole| &whole.series),
            curves: &curves,
            forecast: &forecast,
            errors,
        };
        let (variance, shares, no_variance_reason) = match sources.variance(&members, options) {
            Ok((variance, shares)) => (Some(variance), shares, None),
            Err(error) => (None, Vec::new(), Some(error.to_string())),
        };
        let weights: f64 = members.iter().map(|(_, weight)| weight).sum();
        for (at, &(i, weight)) in members.iter().enumerate() {
            curves[i].set_shares(weight / weights, shares.get(at).copied());
        }
        Ok(Self {
            assumed_errors: states_no_error(stated),
            curves,
            not_identified,
            implied_growth: ImpliedGrowth::of(&series),
            pools,
            share: options.share,
            third_line,
            registry_trend: registry_trend::draws(&forecast, &series, between_source.sd, options)?,
            variance,
            no_variance_reason,
            between_source,
            series,
        })
    }

    /// Puts draws in the order in which parts are smaller than their wholes: one for the linear pool, one for
    /// the registry trend.
    pub(super) fn reorder(
        &mut self,
        of_pool: &[usize],
        of_trend: &[usize],
        options: &OutlookOptions,
    ) -> Result<()> {
        let changes = |order: &[usize]| (0..).zip(order).any(|(i, from)| i != *from);
        if changes(of_pool) {
            self.pools.all.rearrange(of_pool);
            self.third_line = third_line(self.new_cases(), options)?;
        }
        if changes(of_trend) {
            self.registry_trend = rearranged(&self.registry_trend, of_trend);
        }
        Ok(())
    }

    /// The published figures that the series was made from, in the order in which they were given; empty for
    /// a series of counts.
    #[must_use]
    pub fn figures(&self) -> &[Figure] {
        self.series.figures()
    }

    /// The series, with the assumed error where a figure states none.
    #[must_use]
    pub const fn series(&self) -> &IncidenceSeries {
        &self.series
    }

    /// Whether any figure stated no error, so that one was assumed.
    #[must_use]
    pub const fn assumed_errors(&self) -> bool {
        self.assumed_errors
    }

    /// The between-source standard deviation that is in all draws, on the log scale.
    #[must_use]
    pub const fn between_source_sd(&self) -> f64 {
        self.between_source.sd
    }

    /// The estimate of the between-source standard deviation; `None` where it was not estimated, for which
    /// [`RegionOutlook::between_source_reason`] says why.
    #[must_use]
    pub const fn between_source_estimate(&self) -> Option<&BetweenSourceEstimate> {
        self.between_source.estimate.as_ref()
    }

    /// Why the between-source standard deviation was not estimated, as text for a reader; `None` where it
    /// was.
    #[must_use]
    pub fn between_source_reason(&self) -> Option<&str> {
        self.between_source.reason.as_deref()
    }

    /// The sources with which the region's own figures were compared, each once.
    #[must_use]
    pub fn compared_with(&self) -> &[String] {
        &self.between_source.compared_with
    }

    /// The curves: those through the observations, those through the observations and the published
    /// projection, and those whose damping is shrunk towards that of the reference region.
    #[must_use]
    pub fn curves(&self) -> &[CurveOutlook] {
        &self.curves
    }

    /// The families that were not fitted, and why.
    #[must_use]
    pub fn not_identified(&self) -> &[NotIdentified] {
        &self.not_identified
    }

    /// What the published projection implies about growth; `None` without one.
    #[must_use]
    pub const fn implied_growth(&self) -> Option<&ImpliedGrowth> {
        self.implied_growth.as_ref()
    }

    /// New cases a year, as draws of the linear pool ([`RegionOutlook::pool`]): the headline.
    #[must_use]
    pub const fn new_cases(&self) -> &YearlyDraws {
        self.pools.all.new_cases()
    }

    /// Patients diagnosed in each year who will ever reach third line, whenever that is: the draws of
    /// [`RegionOutlook::new_cases`] times one share a draw ([`OutlookOptions::share`]), the same in all years
    /// and regions.
    #[must_use]
    pub const fn third_line(&self) -> &YearlyDraws {
        &self.third_line
    }

    /// New cases a year that registries will publish, from the last observation on, by the registry trend
    /// ([`RegistryTrend`](crate::forecast::RegistryTrend)) through the observations alone, with its shipped
    /// parameters for multiple myeloma.
    ///
    /// Growth between the figures reverts to the growth that registries see in the long run. The draws
    /// hold how far real series have moved away from any curve, and the between-source standard deviation;
    /// they do not hold the correlations of [`OutlookOptions::errors`]. The region counts as one
    /// registry, unless [`OutlookOptions::forecast`] says otherwise; for a sum of many countries that is
    /// wide.
    #[must_use]
    pub const fn registry_trend(&self) -> &YearlyDraws {
        &self.registry_trend
    }

    /// The linear pool of the families, each through the fewest figures that identify it.
    ///
    /// A family takes the published projection as a figure only where the observations alone do not
    /// identify it, and a fit without damping is the exponential curve and does not count twice. The draws
    /// hold the errors of the figures, the between-source standard deviation, the choice of the curve and,
    /// unless it is switched off, the model discrepancy.
    #[must_use]
    pub const fn pool(&self) -> &Projection {
        &self.pools.all
    }

    /// The linear pool of all curves through the observations alone.
    #[must_use]
    pub const fn pool_without_published_projection(&self) -> Option<&Projection> {
        self.pools.without_published.as_ref()
    }

    /// The linear pool of all curves through the observations and the published projection.
    #[must_use]
    pub const fn pool_with_published_projection(&self) -> Option<&Projection> {
        self.pools.with_published.as_ref()
    }

    /// What makes up the variance of the last year; `None` where a draw without cases has no logarithm, or
    /// there is one draw, for which [`RegionOutlook::no_variance_reason`] says why.
    #[must_use]
    pub const fn variance(&self) -> Option<&OutlookVariance> {
        self.variance.as_ref()
    }

    /// Why there is no [`RegionOutlook::variance`], as text for a reader; `None` where there is one.
    #[must_use]
    pub fn no_variance_reason(&self) -> Option<&str> {
        self.no_variance_reason.as_deref()
    }

    /// The share of those diagnosed who ever reach third line.
    pub(crate) const fn share(&self) -> &UltimateShare {
        &self.share
    }

    /// The two ends of the share times the median of new cases.
    pub(crate) fn third_line_of_median(&self, year: i32) -> Result<(f64, f64)> {
        let median = self.new_cases().median(year)?;
        Ok((self.share.low() * median, self.share.high() * median))
    }

    /// What holds of every outlook of a region, whatever was asked for.
    fn check(&self) -> Result<()> {
        let name = self.series.region();
        let cases = self.new_cases();
        let pools = [&self.pools.without_published, &self.pools.with_published];
        let projections = self.curves.iter().map(CurveOutlook::projection);
        let projections = projections
            .chain(pools.into_iter().flatten())
            .chain([self.pool()]);
        for projection in projections {
            if projection.region() != name || !alike(projection.new_cases(), cases) {
                return Err(mismatch(format!(
                    "the outlook for {name} has a projection of another region, or of other years or draws"
                )));
            }
        }
        if !alike(&self.third_line, cases)
            || self.registry_trend.years() != (self.series.last_year()..=cases.last_year())
            || self.registry_trend.len() != cases.len()
        {
            return Err(mismatch(format!(
                "the forecasts of the outlook for {name} are of different years or draws"
            )));
        }
        let sd = self.between_source.sd;
        if !(0.0..=1.0).contains(&sd) {
            let place = format!("the outlook for {name}");
            let what = "the between-source standard deviation";
            return Err(Error::out_of_range(what, place, sd, "between 0 and 1"));
        }
        let weights: f64 = self.curves.iter().map(CurveOutlook::pool_weight).sum();
        if (weights - 1.0).abs() > 1e-9
            || self.variance.is_some() == self.no_variance_reason.is_some()
            || self.between_source.estimate.is_some() == self.between_source.reason.is_some()
        {
            return Err(contradiction(format!(
                "the outlook for {name} contradicts itself: shares of the pool that do not add up to 1, \
                 or a result that is there together with the reason why it is not"
            )));
        }
        Ok(())
    }
}

/// Patients who will ever reach third line, by year of diagnosis.
fn third_line(new_cases: &YearlyDraws, options: &OutlookOptions) -> Result<YearlyDraws> {
    let third_line = ThirdLine::new(new_cases, &options.share, options.seed)?;
    Ok(third_line.patients().clone())
}

/// Whether draws are of the same years and number.
fn alike(one: &YearlyDraws, other: &YearlyDraws) -> bool {
    one.years() == other.years() && one.len() == other.len()
}

/// Whether any figure states no error.
fn states_no_error(series: &IncidenceSeries) -> bool {
    let mut errors = series.observations().iter().map(|o| o.relative_error);
    let published = series.published_projection();
    errors.any(|error| error.is_none()) || published.is_some_and(|p| p.relative_error.is_none())
}
