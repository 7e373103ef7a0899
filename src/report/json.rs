//! An outlook as JSON.

use serde_json::{Map, Value, json};

use super::table::percent;
use crate::draws::{YearSummary, YearlyDraws};
use crate::outlook::{BorrowedCurve, CurveOutlook, Outlook, RegionOutlook, Rest};
use crate::pathway::ThirdLine;
use crate::projection::{Pooling, Projection, SourceDisagreement};

/// An outlook as JSON text, all counts plain numbers, unrounded.
///
/// `{"assumptions": …, "regions": [{"region", "figures", "observations", "published_projection",
/// "curves", "borrowed", "left_out", "implied_growth", "source_level", "variance", "incidence", "mixtures",
/// "calibrated", "third_line"}], "rests": [{"whole", "part", "incidence", "draws_replaced"}]}`. A curve fitted with and without
/// the published projection stands in `curves` twice. `incidence` (the mixture of the families, each
/// through the fewest figures that determine it) and `third_line` hold the years after the last
/// observation, `calibrated` the same years of the calibrated projection; `mixtures` holds the mixtures with and without the published projection. The keys
/// of the plain product in `third_line` carry the ends of the range: `at_30_percent`. A textbook
/// parameter that does not exist or is infinite is `null`.
#[must_use]
pub fn json(outlook: &Outlook) -> String {
    let options = outlook.options();
    let value = json!({
        "assumptions": {
            "relative_error_where_none_is_stated": options.assumed_error,
            "relative_error_of_a_projection_where_none_is_stated": options.assumed_projection_error,
            "correlation_of_errors_of_one_source": options.errors.shared,
            "correlation_of_a_projection_with_its_source": options.errors.projection_correlation,
            "horizon_error": options.horizon_error,
            "weights": options.weights.iter().map(|(curve, weight)| json!({"curve": curve, "weight": weight})).collect::<Vec<_>>(),
            "spread_of_borrowed_damping": match options.pooling {
                Pooling::None => Value::Null,
                Pooling::Partial { spread } => json!(spread),
                Pooling::Full => json!(0.0),
            },
            "share_reaching_third_line": options.share,
            "draws": options.draws,
            "seed": options.seed,
        },
        "regions": outlook.regions().iter().map(region).collect::<Vec<_>>(),
        "rests": outlook.rests().iter().map(rest).collect::<Vec<_>>(),
    });
    format!("{value:#}\n")
}

fn region(region: &RegionOutlook) -> Value {
    let series = region.series();
    let last = series.last_year();
    let mixture = |projection: &Projection| {
        json!({
            "curves": projection.curves(),
            "uses_published_projection": projection.uses_published_projection(),
            "incidence": after(last, projection.cases()),
        })
    };
    let mixtures = [region.without_published(), region.with_published()]
        .into_iter()
        .flatten()
        .map(mixture);
    let observations = series
        .observations()
        .iter()
        .map(|o| json!({"year": o.year, "cases": o.cases}));
    let published = series
        .published_projection()
        .map(|p| json!({"year": p.year, "cases": p.cases}));
    let left_out = region.left_out().iter().map(|left_out| {
        json!({
            "curve": left_out.family,
            "uses_published_projection": left_out.uses_published_projection,
            "reason": left_out.reason,
        })
    });
    json!({
        "region": series.region(),
        "figures": region.figures(),
        "observations": observations.collect::<Vec<_>>(),
        "published_projection": published,
        "curves": region.curves().iter().map(curve).collect::<Vec<_>>(),
        "borrowed": region.borrowed().iter().map(borrowed).collect::<Vec<_>>(),
        "left_out": left_out.collect::<Vec<_>>(),
        "implied_growth": region.implied_growth(),
        "source_level": {
            "deviation": region.source_level(),
            "sources": region.disagreement().ok().map(SourceDisagreement::sources),
            "figures": region.disagreement().ok().map(SourceDisagreement::figures),
            "reason": region.disagreement().err(),
        },
        "variance": region.variance().ok(),
        "incidence": after(last, region.incidence().cases()),
        "mixtures": mixtures.collect::<Vec<_>>(),
        "calibrated": after(last, region.calibrated()),
        "third_line": third_line(last, region.third_line()),
    })
}

fn curve(curve: &CurveOutlook) -> Value {
    let fitted = curve.fit().curve();
    let parameters: Map<String, Value> = fitted
        .parameters()
        .iter()
        .map(|p| (p.name.to_owned(), json!(p.value)))
        .collect();
    let cases: Vec<Value> = curve
        .projection()
        .cases()
        .years()
        .map(|year| json!({"year": year, "cases": fitted.cases(f64::from(year)).ok()}))
        .collect();
    json!({
        "curve": curve.family().name(),
        "identification": curve.fit().identification(),
        "uses_published_projection": fitted.uses_published_projection(),
        "in_mixture": curve.in_mixture(),
        "parameters": parameters,
        "cases": cases,
        "draws_at_limit": curve.projection().at_limit(),
        "summary": curve.projection().cases().summary(),
    })
}

fn borrowed(curve: &BorrowedCurve) -> Value {
    let summary = curve.projection().cases().summary();
    let cases: Vec<Value> = summary
        .iter()
        .map(|s| json!({"year": s.year, "cases": curve.cases(s.year).ok()}))
        .collect();
    json!({
        "curve": curve.family().name(),
        "lender": curve.lender(),
        "cases": cases,
        "draws_at_limit": curve.projection().at_limit(),
        "summary": summary,
    })
}

fn rest(rest: &Rest) -> Value {
    json!({
        "whole": rest.whole,
        "part": rest.part,
        "incidence": rest.incidence.summary(),
        "draws_replaced": rest.replaced,
    })
}

fn after(last: i32, draws: &YearlyDraws) -> Vec<YearSummary> {
    draws
        .summary()
        .into_iter()
        .filter(|summary| summary.year > last)
        .collect()
}

fn third_line(last: i32, third_line: &ThirdLine) -> Vec<Value> {
    let key = |share: f64| format!("at_{}_percent", percent(share));
    after(last, third_line.patients())
        .iter()
        .filter_map(|summary| {
            let (low, high) = third_line.product_range(summary.year).ok()?;
            let mut value = json!(summary);
            value[key(third_line.share().low())] = json!(low);
            value[key(third_line.share().high())] = json!(high);
            Some(value)
        })
        .collect()
}
