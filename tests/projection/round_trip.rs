//! Projections, forecasts and their options are data: they come back from JSON to the bit, and what cannot
//! be one is refused.

use std::fmt::Debug;

use myeloma_epi::curve::Family;
use myeloma_epi::figures::{comparison, press_release};
use myeloma_epi::fit::{FitOptions, Likelihood, PublishedProjectionUse};
use myeloma_epi::forecast::{
    Forecast, ForecastOptions, ForecastQuantity, RegistryTrend, SiteEffect, TrendParameters,
};
use myeloma_epi::projection::{
    BetweenSourceEstimate, DampingPrior, ErrorModel, StatedGrowth, VarianceShares,
};
use myeloma_epi::{Projection, ProjectionOptions, Seed, Shocks};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{options, two_figures, with_projection, with_published};

/// Writes and reads a value, as text and as a tree.
#[track_caller]
fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> Value {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value);
    serde_json::from_str(&text).unwrap()
}

/// What is said of a value with one number changed.
#[track_caller]
fn said<T: DeserializeOwned + Debug>(
    value: &Value,
    pointer: &str,
    wrong: impl Into<Value>,
) -> String {
    let mut value = value.clone();
    *value.pointer_mut(pointer).unwrap() = wrong.into();
    serde_json::from_value::<T>(value).unwrap_err().to_string()
}

#[test]
fn projections() {
    let few = ProjectionOptions {
        draws: 200,
        ..options(ErrorModel::default())
    };
    let world = with_projection(two_figures("World", 1000.0, 1200.0, 0.05), 1400.0, 0.1);
    let of = |family: Family, options: &ProjectionOptions| {
        Projection::of(&family, &world, options).unwrap()
    };
    let damped = of(Family::Logistic, &with_published(few.clone()));
    assert!(damped.replaced_by_limit() > 0 && damped.uses_published_projection());
    let value = comes_back(&damped);
    let exponential = of(Family::Exponential, &few);
    comes_back(&exponential);
    comes_back(&Projection::pool([&damped, &exponential], Seed::default()).unwrap());

    let said = |pointer: &str, wrong: Value| said::<Projection>(&value, pointer, wrong);
    assert!(said("/replaced", json!([true])).contains("200 draws"));
    assert!(said("/shapes", json!([{"growth": 0.1, "damping": 0.1}])).contains("200 draws"));
    assert!(said("/curves", json!([])).contains("without a curve"));
    assert!(said("/new_cases/draws/3/4", json!(-1.0)).contains("-1"));
    let mut more = value.clone();
    more["cases"] = json!(1);
    assert!(serde_json::from_value::<Projection>(more).is_err());
}

#[test]
fn options_of_projections() {
    let errors = ErrorModel {
        within_source_correlation: 0.8,
        between_source_sd: 0.1,
        projection_correlation: -0.3,
    };
    comes_back(&errors);
    let options = ProjectionOptions {
        from: Some(1990),
        to: 2050,
        draws: 17,
        seed: Seed::new(u64::MAX),
        fit: FitOptions {
            likelihood: Likelihood::Poisson,
            published_projection: PublishedProjectionUse::AsFigure,
            ..FitOptions::default()
        },
        errors,
    };
    let value = comes_back(&options);
    assert!(said::<ProjectionOptions>(&value, "/draws", -1).contains("-1"));
    assert!(serde_json::from_value::<ProjectionOptions>(json!({})).is_err());
    let unknown = json!({"to": 2040, "errors": {"shared": 0.5}});
    let error = serde_json::from_value::<ProjectionOptions>(unknown).unwrap_err();
    assert!(error.to_string().contains("shared"), "{error}");
    for prior in [
        DampingPrior::None,
        DampingPrior::Full,
        DampingPrior::default(),
    ] {
        comes_back(&prior);
    }
    let unknown = json!({"partial": {"sd": 0.5}});
    assert!(serde_json::from_value::<DampingPrior>(unknown).is_err());
}

#[test]
fn summaries() {
    let mut all = press_release().clone();
    all.extend(comparison().clone());
    let estimate = BetweenSourceEstimate::estimate(&all, "World", 0.03).unwrap();
    let value = comes_back(&estimate);
    let of = |pointer: &str, wrong: Value| said::<BetweenSourceEstimate>(&value, pointer, wrong);
    assert!(of("/standard_deviation", json!(-0.1)).contains("-0.1"));
    assert!(of("/sources", json!(2)).contains("sources"));
    assert!(of("/figures", json!(4)).contains("figures"));

    let series = two_figures("Atlantis", 1000.0, 1200.0, 0.02);
    let few = ProjectionOptions {
        draws: 200,
        ..options(ErrorModel::default())
    };
    let shares = VarianceShares::of(&Family::Exponential, &series, &few).unwrap();
    assert!((shares.measurement - 1.0).abs() < 1e-12);
    let value = comes_back(&shares);
    let of = |pointer: &str, wrong: f64| said::<VarianceShares>(&value, pointer, wrong);
    assert!(of("/measurement", 0.9).contains("sum of the shares"));
    assert!(of("/curve", -0.1).contains("between 0 and 1"));
    assert!(of("/standard_deviation", -0.1).contains("standard deviation"));
    let printed = shares.to_string();
    assert!(
        printed.contains("2040") && printed.contains("100.0 %"),
        "{printed}"
    );

    let growth = StatedGrowth::new("Atlantis", 2024, 1200.0, 0.02, 0.005).unwrap();
    let value = comes_back(&growth);
    assert!(said::<StatedGrowth>(&value, "/cases", -1.0).contains("-1"));
}

#[test]
fn registry_trends() {
    let trend = RegistryTrend::default();
    comes_back::<TrendParameters>(trend.parameters());
    comes_back::<SiteEffect>(trend.site());
    let value = comes_back(&trend);
    let of = |pointer: &str, wrong: f64| said::<RegistryTrend>(&value, pointer, wrong);
    assert!(of("/parameters/persistence", 1.0).contains("persistence"));
    assert!(of("/parameters/level_noise", 0.0).contains("noise of the level"));
    assert!(of("/site/growth_error", -0.1).contains("growth of the site"));

    let options = ForecastOptions {
        quantity: ForecastQuantity::Expected,
        provisional: true,
        shocks: Shocks::pandemic().and_of("Atlantis", [2013]),
        between_source_sd: 0.1,
        members: 3.5,
        expected: None,
        expected_error: 0.0,
    };
    comes_back(&options);
    let unknown = json!({"shared_error": 0.5});
    assert!(serde_json::from_value::<ForecastOptions>(unknown).is_err());

    let series = two_figures("Atlantis", 1000.0, 1200.0, 0.02);
    let forecast = trend.of(&series, &options).unwrap();
    comes_back::<Forecast>(&forecast);
    assert!(
        trend
            .of(
                &series,
                &ForecastOptions {
                    members: 0.9,
                    ..options
                }
            )
            .is_err()
    );
}

/// What a reader sees: one line a year, and what the draws are of.
#[test]
fn results_print_themselves() {
    let few = ProjectionOptions {
        draws: 200,
        ..options(ErrorModel::default())
    };
    let world = with_projection(two_figures("World", 1000.0, 1200.0, 0.05), 1400.0, 0.1);
    let of =
        |family: Family| Projection::of(&family, &world, &with_published(few.clone())).unwrap();
    let (logistic, gompertz) = (of(Family::Logistic), of(Family::Gompertz));
    let pool = Projection::pool([&logistic, &gompertz], Seed::default()).unwrap();
    let printed = pool.to_string();
    assert!(
        printed.starts_with("new cases a year in World: linear pool of logistic, gompertz (with")
    );
    let years = (2019..=2040).filter(|year| {
        let year = year.to_string();
        printed
            .lines()
            .any(|line| line.trim_start().starts_with(&year))
    });
    assert_eq!(years.count(), 22, "{printed}");
    let replaced = format!("limit of their family: {}", pool.replaced_by_limit());
    assert!(printed.contains(&replaced), "{printed}");

    let marked = ForecastOptions {
        shocks: Shocks::years([2019]),
        ..ForecastOptions::default()
    };
    let forecast = RegistryTrend::default().of(&world, &marked).unwrap();
    let printed = forecast.to_string();
    let median = forecast.quantiles(2044, [0.5]).unwrap()[0];
    let median = format!("{median:.0}");
    let (thousands, rest) = median.split_at(median.len() - 3);
    let last = printed
        .lines()
        .find(|line| line.starts_with("2044"))
        .unwrap();
    assert!(last.contains(&format!("{thousands},{rest}")), "{printed}");
    assert!(printed.contains("figures not used: 2019"), "{printed}");
}
