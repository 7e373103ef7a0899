//! An outlook as JSON.

use serde::Serialize;

use super::ordered::{self, Ordered};
use super::table::percent;
use crate::curve::Family;
use crate::draws::{YearSummary, YearlyDraws};
use crate::figures::Figure;
use crate::outlook::{
    Complement, CurveOutlook, ImpliedGrowth, Outlook, OutlookVariance, RegionOutlook, ShrunkCurve,
};
use crate::pathway::{ThirdLine, UltimateShare};
use crate::projection::{BetweenSourceEstimate, DampingPrior, Projection};
use crate::random::Seed;

/// An outlook as JSON text, all counts plain numbers, unrounded, keys in this order.
///
/// `{"assumptions": …, "regions": [{"region", "figures", "observations", "published_projection",
/// "curves", "borrowed", "left_out", "implied_growth", "source_level", "variance", "incidence",
/// "mixtures", "calibrated", "third_line"}], "rests": [{"whole", "part", "incidence",
/// "draws_replaced"}]}`. A curve fitted with and without
/// the published projection stands in `curves` twice. `incidence` (the mixture of the families, each
/// through the fewest figures that determine it) and `third_line` hold the years after the last
/// observation, `calibrated` the same years of the calibrated projection; `mixtures` holds the mixtures with and without the published projection. The keys
/// of the plain product in `third_line` carry the ends of the range: `at_30_percent`. A textbook
/// parameter that does not exist is `null`.
#[must_use]
pub fn json(outlook: &Outlook) -> String {
    let options = outlook.options();
    ordered::text(&Document {
        assumptions: Assumptions {
            relative_error_where_none_is_stated: options.assumed_error,
            relative_error_of_a_projection_where_none_is_stated: options.assumed_projection_error,
            correlation_of_errors_of_one_source: options.errors.shared,
            correlation_of_a_projection_with_its_source: options.errors.projection_correlation,
            horizon_error: options.horizon_error,
            weights: Ordered(
                options
                    .weights
                    .iter()
                    .map(|(curve, weight)| (curve.name().to_owned(), *weight))
                    .collect(),
            ),
            spread_of_borrowed_damping: match options.pooling {
                DampingPrior::None => None,
                DampingPrior::Partial { spread } => Some(spread),
                DampingPrior::Full => Some(0.0),
            },
            share_reaching_third_line: &options.share,
            draws: options.draws,
            seed: options.seed,
        },
        regions: outlook.regions().iter().map(Region::new).collect(),
        rests: outlook.rests().iter().map(RestOfRegion::new).collect(),
    })
}

#[derive(Serialize)]
struct Document<'a> {
    assumptions: Assumptions<'a>,
    regions: Vec<Region<'a>>,
    rests: Vec<RestOfRegion<'a>>,
}

#[derive(Serialize)]
struct Assumptions<'a> {
    relative_error_where_none_is_stated: f64,
    relative_error_of_a_projection_where_none_is_stated: f64,
    correlation_of_errors_of_one_source: f64,
    correlation_of_a_projection_with_its_source: f64,
    horizon_error: bool,
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
    borrowed: Vec<Borrowed<'a>>,
    left_out: Vec<NotIdentified<'a>>,
    implied_growth: Option<&'a ImpliedGrowth>,
    source_level: BetweenSource<'a>,
    variance: Option<&'a OutlookVariance>,
    incidence: Vec<YearSummary>,
    mixtures: Vec<Mixture<'a>>,
    calibrated: Vec<YearSummary>,
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
    family: &'static str,
    identification: &'static str,
    uses_published_projection: bool,
    in_mixture: bool,
    parameters: Ordered<Option<f64>>,
    cases: Vec<Count>,
    draws_at_limit: usize,
    summary: Vec<YearSummary>,
}

#[derive(Serialize)]
struct NotIdentified<'a> {
    curve: Family,
    uses_published_projection: bool,
    reason: &'a str,
}

#[derive(Serialize)]
struct Mixture<'a> {
    curves: &'a [String],
    uses_published_projection: bool,
    incidence: Vec<YearSummary>,
}

#[derive(Serialize)]
struct Borrowed<'a> {
    curve: &'static str,
    lender: &'a str,
    cases: Vec<Count>,
    draws_at_limit: usize,
    summary: Vec<YearSummary>,
}

/// The standard deviation of the level of the source, and what it is from.
#[derive(Serialize)]
struct BetweenSource<'a> {
    deviation: f64,
    sources: Option<usize>,
    figures: Option<usize>,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct RestOfRegion<'a> {
    whole: &'a str,
    part: &'a str,
    incidence: Vec<YearSummary>,
    draws_replaced: usize,
}

impl<'a> Region<'a> {
    fn new(region: &'a RegionOutlook) -> Self {
        let series = region.series();
        let last = series.last_year();
        let count = |year, cases| Count {
            year,
            cases: Some(cases),
        };
        let mixture = |projection: &'a Projection| Mixture {
            curves: projection.curves(),
            uses_published_projection: projection.uses_published_projection(),
            incidence: after(last, projection.cases()),
        };
        let observations = series.observations().iter();
        let left_out = region.left_out().iter();
        Self {
            name: series.region(),
            figures: region.figures(),
            observations: observations.map(|o| count(o.year, o.cases)).collect(),
            published_projection: series
                .published_projection()
                .map(|p| count(p.year, p.cases)),
            curves: region.curves().iter().map(Curve::new).collect(),
            borrowed: region.borrowed().iter().map(Borrowed::new).collect(),
            left_out: left_out
                .map(|left_out| NotIdentified {
                    curve: left_out.family,
                    uses_published_projection: left_out.uses_published_projection,
                    reason: &left_out.reason,
                })
                .collect(),
            implied_growth: region.implied_growth(),
            source_level: BetweenSource {
                deviation: region.source_level(),
                sources: region
                    .disagreement()
                    .ok()
                    .map(BetweenSourceEstimate::sources),
                figures: region
                    .disagreement()
                    .ok()
                    .map(BetweenSourceEstimate::figures),
                reason: region.disagreement().err(),
            },
            variance: region.variance().ok(),
            incidence: after(last, region.incidence().cases()),
            mixtures: [region.without_published(), region.with_published()]
                .into_iter()
                .flatten()
                .map(mixture)
                .collect(),
            calibrated: after(last, region.calibrated()),
            third_line: third_line(last, region.third_line()),
        }
    }
}

impl<'a> Borrowed<'a> {
    fn new(curve: &'a ShrunkCurve) -> Self {
        let draws = curve.projection().cases();
        Self {
            curve: curve.family().name(),
            lender: curve.lender(),
            cases: draws
                .years()
                .map(|year| Count {
                    year,
                    cases: curve.cases(year).ok(),
                })
                .collect(),
            draws_at_limit: curve.projection().at_limit(),
            summary: draws.summary(),
        }
    }
}

impl<'a> RestOfRegion<'a> {
    fn new(rest: &'a Complement) -> Self {
        Self {
            whole: &rest.whole,
            part: &rest.part,
            incidence: rest.incidence.summary(),
            draws_replaced: rest.replaced,
        }
    }
}

impl Curve {
    fn new(curve: &CurveOutlook) -> Self {
        let fitted = curve.fit().curve();
        let parameters = curve.fit().parameters().into_iter();
        let draws = curve.projection().cases();
        Self {
            family: curve.family().name(),
            identification: curve.fit().identification(),
            uses_published_projection: fitted.uses_published_projection(),
            in_mixture: curve.in_mixture(),
            parameters: Ordered(
                parameters
                    .map(|p| (p.name.into_owned(), p.estimate))
                    .collect(),
            ),
            cases: draws
                .years()
                .map(|year| Count {
                    year,
                    cases: fitted.cases(f64::from(year)).ok(),
                })
                .collect(),
            draws_at_limit: curve.projection().at_limit(),
            summary: draws.summary(),
        }
    }
}

fn after(last: i32, draws: &YearlyDraws) -> Vec<YearSummary> {
    draws
        .summary()
        .into_iter()
        .filter(|summary| summary.year > last)
        .collect()
}

/// A year's patients, and the plain product at the two ends of the share.
#[derive(Serialize)]
struct ThirdLineYear {
    #[serde(flatten)]
    summary: YearSummary,
    #[serde(flatten)]
    product: Ordered<f64>,
}

fn third_line(last: i32, third_line: &ThirdLine) -> Vec<ThirdLineYear> {
    let key = |share: f64| format!("at_{}_percent", percent(share));
    let share = third_line.share();
    after(last, third_line.patients())
        .into_iter()
        .filter_map(|summary| {
            let (low, high) = third_line.product_range(summary.year).ok()?;
            let mut product = vec![(key(share.low()), low)];
            // One key where the range has one value.
            if share.high() > share.low() {
                product.push((key(share.high()), high));
            }
            Some(ThirdLineYear {
                summary,
                product: Ordered(product),
            })
        })
        .collect()
}
