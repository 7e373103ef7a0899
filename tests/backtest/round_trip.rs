//! Back-tests, scores and panels come back from JSON to the bit, and wrong ones are refused.

use myeloma_epi::backtest::{
    Backtest, BacktestOptions, Forecaster, Panel, PanelSeries, Scored, Stacked, StackingOptions,
    Summary,
};
use myeloma_epi::curve::Family;
use myeloma_epi::forecast::RegistryTrend;
use myeloma_epi::score::{Predictive, QuantileForecast, WeightedIntervalScore};
use myeloma_epi::{IncidenceSeries, Shocks, figures};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Sure;

/// Through JSON and back; then each text is refused in which the first of a pair is replaced by the second.
#[track_caller]
fn comes_back<T>(value: &T, refused: &[(&str, &str)])
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&text).unwrap(), *value);
    for (good, bad) in refused {
        assert!(text.contains(good), "{good} is not in {text}");
        let wrong = text.replacen(good, bad, 1);
        assert!(serde_json::from_str::<T>(&wrong).is_err(), "{wrong}");
    }
}

fn usa() -> IncidenceSeries {
    IncidenceSeries::from_figures(figures::registered(), "United States").unwrap()
}

#[test]
fn a_back_test_and_its_parts() {
    let panel = Panel::new([PanelSeries::new(usa(), "North America", "myeloma").unwrap()]).unwrap();
    comes_back(&panel, &[("\"group\"", "\"grupo\""), ("1999", "-5")]);
    comes_back(&panel.series()[0], &[("1999", "12999")]);

    let options = BacktestOptions {
        shocks: Shocks::pandemic().and_of("United States", [2010]),
        ..BacktestOptions::default()
    };
    comes_back(&options, &[("\"horizons\"", "\"horizon\"")]);
    let methods: [&dyn Forecaster; 2] = [&RegistryTrend::default(), &Sure];
    let test = Backtest::run(&panel, &methods, &options).unwrap();
    comes_back(
        &test,
        &[
            ("\"sure\"", "\"registry-trend\""),
            ("\"method\":1", "\"method\":2"),
            ("\"horizon\":1", "\"horizon\":0"),
            ("\"observed\":", "\"observed\":-"),
            ("two-figure", "three-figure"),
        ],
    );
    let scored: &Scored = &test.scored[0];
    comes_back(scored, &[("\"series\"", "\"row\"")]);
    let summary: Summary = test.summary(0, 1..=15).unwrap();
    comes_back(
        &summary,
        &[
            ("\"score\"", "\"wis\""),
            ("\"score\":", "\"score\":1"),
            ("\"coverage\":[0", "\"coverage\":[9"),
            ("\"above_median\":0", "\"above_median\":-0"),
            ("\"pit_deciles\":[0.", "\"pit_deciles\":[1."),
            ("\"forecasts\":", "\"forecasts\":-"),
        ],
    );
}

#[test]
fn scores_and_forecasts() {
    let quantiles = QuantileForecast::new([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]).unwrap();
    comes_back(&quantiles, &[("0.2", "0.9"), (",0.7", "")]);
    let score: WeightedIntervalScore = quantiles.score(1.0 / 3.0).unwrap();
    comes_back(&score, &[("\"dispersion\":", "\"dispersion\":-")]);
    for (forecast, refused) in [
        (
            Predictive::mixture(&[(1.0, 0.1, 0.3), (2.0, 0.7, 0.0)]).unwrap(),
            [("0.333", "0.433"), ("[[", "[[-")],
        ),
        (
            Predictive::count(100.0, 7.0).unwrap(),
            [("7.0", "-7.0"), ("mean", "median")],
        ),
        (
            Predictive::draws(vec![0.3, 0.1, 0.2]).unwrap(),
            [("[0.1,0.2,0.3]", "[]"), ("draws", "points")],
        ),
        (
            Predictive::quantiles_only(quantiles),
            [("0.2", "0.9"), ("quantiles", "quartiles")],
        ),
    ] {
        comes_back(&forecast, &refused);
    }
}

#[test]
fn weights_of_a_pool() {
    let options = StackingOptions::default();
    comes_back(&options, &[("\"shocks\"", "\"shock\"")]);
    let families = [Family::Linear, Family::Exponential];
    let stacked: Stacked = Stacked::of_families(&usa(), &families, &options).unwrap();
    comes_back(
        &stacked,
        &[
            ("\"weights\":[", "\"weights\":[1.0,"),
            ("\"crps\":[", "\"crps\":[-"),
        ],
    );
}
