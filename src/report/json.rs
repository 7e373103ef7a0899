//! An outlook as a JSON file.

use serde::Serialize;

use super::ordered::{self, Ordered};
use crate::curve::Family;
use crate::draws::{YearSummary, YearlyDraws};
use crate::figures::Figure;
use crate::outlook::{
    self, CurveOutlook, ImpliedGrowth, NotIdentified, Outlook, OutlookVariance, RegionOutlook,
};
use crate::pathway::UltimateShare;
use crate::plain_text::percent;
use crate::projection::{BetweenSourceEstimate, DampingPrior, Projection, VarianceShares};
use crate::random::Seed;

impl Outlook {
    /// An outlook as JSON text for other programs: summaries of the draws, not the draws.
    ///
    /// It is a subset of the outlook with keys of its own, those of the first version, in this order; numbers
    /// are unrounded, and one that does not exist is `null`. An [`Outlook`] itself is serialised by `serde`, draws
    /// and all, and can be read back.
    ///
    /// | key | is |
    /// |---|---|
    /// | `assumptions` | options: errors assumed, correlations (`correlation_of_errors_of_one_source`: the within-source correlation), `horizon_error`: whether the pools hold model discrepancy, `weights` of families, `spread_of_borrowed_damping`: the standard deviation of the damping prior, the share reaching third line, draws, seed |
    /// | `regions[]` | one object a region: |
    /// | … `region`, `figures` | its name, and the published figures with their sources |
    /// | … `observations`, `published_projection` | year and cases of the series |
    /// | … `curves[]` | the curves fitted to its own figures, twice where there is a published projection: `curve`: the family, `identification`: `saturated` or `identified`, `uses_published_projection`, `in_mixture`: whether it is in the region's linear pool, `parameters`: the natural parameters, `cases`: the curve through the figures as published, `draws_at_limit`: the draws replaced by the exponential limit, `summary` of its draws |
    /// | … `borrowed[]` | the curves whose damping is shrunk towards that of the reference region, `lender` |
    /// | … `left_out[]` | the families that are not identified, with the `reason` |
    /// | … `implied_growth` | what the published projection implies, see [`ImpliedGrowth`] |
    /// | … `source_level` | the between-source standard deviation, `deviation`, and the numbers of sources and figures that it is estimated from, or the `reason` why it is not |
    /// | … `variance` | shares of the variance in the last year, see below |
    /// | … `incidence` | new cases of the linear pool, by year after the last observation: `median`, `lower50`, `upper50`, `lower95`, `upper95` |
    /// | … `mixtures[]` | the linear pools without and with the published projection |
    /// | … `calibrated` | new cases of the registry trend |
    /// | … `third_line` | patients diagnosed in the year who will ever reach third line; `at_30_percent`, `at_40_percent`: the ends of the share times the median of `incidence` |
    /// | `rests[]` | complements: `whole`, `part`, `incidence` of the linear pools, `draws_replaced`: draws in which a part was not smaller than its whole |
    ///
    /// `variance` has `incidence`, `third_line`, `without_published`, `with_published` (the linear pools) and
    /// `calibrated` (the registry trend), each with `deviation`, the standard deviation of the logarithm, and
    /// shares of its square that add up to 1: `measurement` (errors of the observations), `source`
    /// (between-source), `published_projection` (its error), `curve` (choice of the curve, and the damping prior),
    /// `horizon` (model discrepancy), `share` (the share reaching third line). `curves[]` has each member of the
    /// region's linear pool with its `weight` and its share of the pool's `variance` without model discrepancy.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::{IncidenceSeries, Outlook, OutlookOptions};
    ///
    /// let atlantis = IncidenceSeries::from_counts("Atlantis", [(2019, 1200.0), (2024, 1400.0)])?;
    /// let options = OutlookOptions { draws: 100, to: 2030, ..OutlookOptions::default() };
    /// let text = Outlook::of_series(&[atlantis], &options)?.summary_json();
    /// let outlook: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    /// let region = &outlook["regions"][0];
    /// assert_eq!(region["region"], "Atlantis");
    /// assert_eq!(region["incidence"].as_array().map(Vec::len), Some(6)); // 2025 to 2030
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[must_use]
    pub fn summary_json(&self) -> String {
        ordered::text(&Document {
            assumptions: Assumptions::new(self),
            regions: self.regions().iter().map(Region::new).collect(),
            complements: self.complements().iter().map(Complement::new).collect(),
        })
    }
}

#[derive(Serialize)]
struct Document<'a> {
    assumptions: Assumptions<'a>,
    regions: Vec<Region<'a>>,
    #[serde(rename = "rests")]
    complements: Vec<Complement<'a>>,
}

#[derive(Serialize)]
struct Assumptions<'a> {
    relative_error_where_none_is_stated: f64,
    relative_error_of_a_projection_where_none_is_stated: f64,
    correlation_of_errors_of_one_source: f64,
    correlation_of_a_projection_with_its_source: f64,
    #[serde(rename = "horizon_error")]
    model_discrepancy: bool,
    weights: Ordered<f64>,
    spread_of_borrowed_damping: Option<f64>,
    share_reaching_third_line: &'a UltimateShare,
    draws: usize,
    seed: Seed,
}

#[derive(Serialize)]
struct Region<'a> {
    #[serde(rename = "region")]
    name: &'a str,
    figures: &'a [Figure],
    observations: Vec<Count>,
    published_projection: Option<Count>,
    curves: Vec<Curve>,
    #[serde(rename = "borrowed")]
    shrunk: Vec<Shrunk<'a>>,
    left_out: Vec<LeftOut<'a>>,
    implied_growth: Option<&'a ImpliedGrowth>,
    source_level: SourceLevel<'a>,
    variance: Option<Variance>,
    incidence: Vec<YearSummary>,
    #[serde(rename = "mixtures")]
    linear_pools: Vec<LinearPool<'a>>,
    #[serde(rename = "calibrated")]
    registry_trend: Vec<YearSummary>,
    third_line: Vec<ThirdLineYear>,
}

/// New cases of a year; `None` where a curve has no value.
#[derive(Serialize)]
struct Count {
    year: i32,
    cases: Option<f64>,
}

#[derive(Serialize)]
struct Curve {
    #[serde(rename = "curve")]
    family: Family,
    identification: &'static str,
    uses_published_projection: bool,
    #[serde(rename = "in_mixture")]
    in_pool: bool,
    parameters: Ordered<Option<f64>>,
    cases: Vec<Count>,
    draws_at_limit: usize,
    summary: Vec<YearSummary>,
}

#[derive(Serialize)]
struct Shrunk<'a> {
    curve: Family,
    #[serde(rename = "lender")]
    reference_region: &'a str,
    cases: Vec<Count>,
    draws_at_limit: usize,
    summary: Vec<YearSummary>,
}

#[derive(Serialize)]
struct LeftOut<'a> {
    curve: Family,
    uses_published_projection: bool,
    reason: &'a str,
}

#[derive(Serialize)]
struct SourceLevel<'a> {
    deviation: f64,
    sources: Option<usize>,
    figures: Option<usize>,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Variance {
    incidence: Shares,
    third_line: Shares,
    without_published: Option<Shares>,
    with_published: Option<Shares>,
    #[serde(rename = "calibrated")]
    registry_trend: Shares,
    curves: Vec<CurveShare>,
}

#[derive(Serialize)]
struct Shares {
    year: i32,
    deviation: f64,
    measurement: f64,
    source: f64,
    published_projection: f64,
    curve: f64,
    horizon: f64,
    share: f64,
}

#[derive(Serialize)]
struct CurveShare {
    curve: Family,
    weight: f64,
    variance: f64,
}

#[derive(Serialize)]
struct LinearPool<'a> {
    curves: &'a [String],
    uses_published_projection: bool,
    incidence: Vec<YearSummary>,
}

/// A year's patients, and the ends of the share times the median of new cases.
#[derive(Serialize)]
struct ThirdLineYear {
    #[serde(flatten)]
    summary: YearSummary,
    #[serde(flatten)]
    of_median: Ordered<f64>,
}

#[derive(Serialize)]
struct Complement<'a> {
    whole: &'a str,
    part: &'a str,
    incidence: Vec<YearSummary>,
    draws_replaced: usize,
}

impl<'a> Assumptions<'a> {
    fn new(outlook: &'a Outlook) -> Self {
        let options = outlook.options();
        let weights = options.weights.iter();
        Self {
            relative_error_where_none_is_stated: options.assumed_error,
            relative_error_of_a_projection_where_none_is_stated: options.assumed_projection_error,
            correlation_of_errors_of_one_source: options.errors.within_source_correlation,
            correlation_of_a_projection_with_its_source: options.errors.projection_correlation,
            model_discrepancy: options.model_discrepancy,
            weights: Ordered(
                weights
                    .map(|(curve, w)| (curve.name().to_owned(), *w))
                    .collect(),
            ),
            spread_of_borrowed_damping: match options.damping_prior {
                DampingPrior::None => None,
                DampingPrior::Partial { spread } => Some(spread),
                DampingPrior::Full => Some(0.0),
            },
            share_reaching_third_line: &options.share,
            draws: options.draws,
            seed: options.seed,
        }
    }
}

impl<'a> Region<'a> {
    fn new(region: &'a RegionOutlook) -> Self {
        let series = region.series();
        let last = series.last_year();
        let count = |year, cases| Count {
            year,
            cases: Some(cases),
        };
        let pools = [
            region.pool_without_published_projection(),
            region.pool_with_published_projection(),
        ];
        let estimate = region.between_source_estimate();
        Self {
            name: series.region(),
            figures: region.figures(),
            observations: series
                .observations()
                .iter()
                .map(|o| count(o.year, o.cases))
                .collect(),
            published_projection: series
                .published_projection()
                .map(|p| count(p.year, p.cases)),
            curves: region.curves().iter().filter_map(Curve::new).collect(),
            shrunk: region.curves().iter().filter_map(Shrunk::new).collect(),
            left_out: region.not_identified().iter().map(LeftOut::new).collect(),
            implied_growth: region.implied_growth(),
            source_level: SourceLevel {
                deviation: region.between_source_sd(),
                sources: estimate.map(BetweenSourceEstimate::sources),
                figures: estimate.map(BetweenSourceEstimate::figures),
                reason: region.between_source_reason(),
            },
            variance: region.variance().map(|v| Variance::new(v, region.curves())),
            incidence: after(last, region.new_cases()),
            linear_pools: pools
                .into_iter()
                .flatten()
                .map(|pool| LinearPool::new(last, pool))
                .collect(),
            registry_trend: after(last, region.registry_trend()),
            third_line: third_line(last, region),
        }
    }
}

impl Curve {
    /// A curve that is fitted to the region's own figures.
    fn new(curve: &CurveOutlook) -> Option<Self> {
        let fit = curve.fit()?;
        let parameters = fit.parameters().into_iter();
        Some(Self {
            family: curve.family(),
            identification: fit.identification(),
            uses_published_projection: curve.uses_published_projection(),
            in_pool: curve.in_pool(),
            parameters: Ordered(
                parameters
                    .map(|p| (p.name.into_owned(), p.estimate))
                    .collect(),
            ),
            cases: cases(curve),
            draws_at_limit: curve.projection().replaced_by_limit(),
            summary: curve.projection().new_cases().summary(),
        })
    }
}

impl<'a> Shrunk<'a> {
    /// A curve whose damping is shrunk towards that of the reference region.
    fn new(curve: &'a CurveOutlook) -> Option<Self> {
        Some(Self {
            curve: curve.family(),
            reference_region: curve.reference_region()?,
            cases: cases(curve),
            draws_at_limit: curve.projection().replaced_by_limit(),
            summary: curve.projection().new_cases().summary(),
        })
    }
}

impl<'a> LeftOut<'a> {
    fn new(family: &'a NotIdentified) -> Self {
        Self {
            curve: family.family,
            uses_published_projection: family.uses_published_projection,
            reason: &family.reason,
        }
    }
}

impl Variance {
    fn new(variance: &OutlookVariance, curves: &[CurveOutlook]) -> Self {
        let curves = curves.iter().filter_map(|curve| {
            Some(CurveShare {
                curve: curve.family(),
                weight: curve.pool_weight(),
                variance: curve.variance_share()?,
            })
        });
        Self {
            incidence: Shares::new(&variance.new_cases),
            third_line: Shares::new(&variance.third_line),
            without_published: variance.without_published.as_ref().map(Shares::new),
            with_published: variance.with_published.as_ref().map(Shares::new),
            registry_trend: Shares::new(&variance.registry_trend),
            curves: curves.collect(),
        }
    }
}

impl Shares {
    const fn new(shares: &VarianceShares) -> Self {
        Self {
            year: shares.year,
            deviation: shares.standard_deviation,
            measurement: shares.measurement,
            source: shares.between_source,
            published_projection: shares.published_projection,
            curve: shares.curve,
            horizon: shares.model_discrepancy,
            share: shares.third_line_share,
        }
    }
}

impl<'a> LinearPool<'a> {
    fn new(last: i32, pool: &'a Projection) -> Self {
        Self {
            curves: pool.curves(),
            uses_published_projection: pool.uses_published_projection(),
            incidence: after(last, pool.new_cases()),
        }
    }
}

impl<'a> Complement<'a> {
    fn new(complement: &'a outlook::Complement) -> Self {
        Self {
            whole: complement.whole(),
            part: complement.part(),
            incidence: complement.new_cases().summary(),
            draws_replaced: complement.replaced(),
        }
    }
}

/// The curve through the figures as published, in all years that are projected.
fn cases(curve: &CurveOutlook) -> Vec<Count> {
    let years = curve.projection().new_cases().years();
    let count = |year| Count {
        year,
        cases: curve.cases(year).ok(),
    };
    years.map(count).collect()
}

fn after(last: i32, draws: &YearlyDraws) -> Vec<YearSummary> {
    let summary = draws.summary().into_iter();
    summary.filter(|summary| summary.year > last).collect()
}

fn third_line(last: i32, region: &RegionOutlook) -> Vec<ThirdLineYear> {
    let key = |share: f64| format!("at_{}_percent", percent(share));
    let share = region.share();
    after(last, region.third_line())
        .into_iter()
        .filter_map(|summary| {
            let (low, high) = region.third_line_of_median(summary.year).ok()?;
            let mut of_median = vec![(key(share.low()), low)];
            // One key where the range has one value.
            if share.high() > share.low() {
                of_median.push((key(share.high()), high));
            }
            Some(ThirdLineYear {
                summary,
                of_median: Ordered(of_median),
            })
        })
        .collect()
}
