//! The forecasters of the library and of the example on series with gaps, few counts and few groups.

use myeloma_epi::backtest::{
    Backtest, BacktestOptions, CurveForecaster, Forecaster, Panel, PanelSeries, Past, Setting,
};
use myeloma_epi::forecast::RegistryTrend;
use myeloma_epi::{IncidenceSeries, Shocks};

use crate::Sure;
use crate::baseline::Baseline;
use crate::empirical::{EmpiricalErrors, Point};
use crate::registry_trend::TrendForecaster;

fn series(id: &str, counts: impl IntoIterator<Item = (i32, f64)>) -> PanelSeries {
    let counts = IncidenceSeries::from_counts(id, counts).unwrap();
    PanelSeries::new(counts, "Atlantis", "multiple_myeloma").unwrap()
}

/// Gaps are missing years to every method, and no forecast is scored where there is no count.
#[test]
fn a_panel_with_gaps_is_forecast() {
    let years = (1990..=2019).filter(|year| ![1993, 2001, 2002, 2008].contains(year));
    let counts = years.map(|year| (year, 400.0 * (0.02 * f64::from(year - 1990)).exp()));
    let panel = Panel::new([series("a", counts)]).unwrap();
    let (trend, curves) = (
        TrendForecaster::shipped(),
        CurveForecaster::line_and_exponential(0.03).unwrap(),
    );
    let mut methods: Vec<&dyn Forecaster> = vec![&trend, &curves, &Sure];
    methods.extend(Baseline::ALL.iter().map(|b| b as &dyn Forecaster));
    let test = Backtest::run(&panel, &methods, &BacktestOptions::default()).unwrap();
    for method in 0..methods.len() {
        let own: Vec<_> = test.scored.iter().filter(|s| s.method == method).collect();
        assert!(!own.is_empty(), "{}", methods[method].name());
        for one in &own {
            let year = one.origin + i32::try_from(one.horizon).unwrap();
            assert!(![1993, 2001, 2002, 2008].contains(&year));
            assert!(one.forecast.quantiles().iter().all(|q| q.is_finite()));
        }
        let summary = test.summary(method, 1..=15).unwrap();
        assert!(summary.score.is_finite());
        assert_eq!(summary.crps.is_some(), methods[method].name() != "sure");
        assert_eq!(
            summary.pit_deciles.is_some(),
            methods[method].name() != "sure"
        );
    }
}

/// One count is no history: nothing is forecast from it, and methods that are asked say so or go on
/// without growth.
#[test]
fn one_count_has_a_defined_answer() {
    let one = series("one", [(2019, 500.0)]);
    let panel = Panel::new([one.clone()]).unwrap();
    let options = BacktestOptions::default();
    let shipped = RegistryTrend::default();
    let test = Backtest::run(&panel, &[&shipped], &options).unwrap();
    assert!(test.scored.is_empty() && test.to_string().is_empty());
    let past = Past {
        history: one.series(),
        group: one.group(),
        site: one.site(),
        setting: Setting::FullHistory,
        expected: None,
    };
    for trend in [&shipped as &dyn Forecaster, &TrendForecaster::shipped()] {
        let forecasts = trend.forecast(&past, 5).unwrap().unwrap();
        let middle = forecasts[4].quantiles().unwrap().quantiles()[3];
        assert!(middle > 500f64.ln() && middle < 700f64.ln());
    }
    let curves = CurveForecaster::line_and_exponential(0.03).unwrap();
    assert!(curves.forecast(&past, 5).unwrap().is_none());
    for point in Point::ALL {
        let errors = EmpiricalErrors::collect(point, &panel, &options).unwrap();
        assert!(errors.forecast(&past, 5).unwrap().unwrap().is_empty());
    }
    assert!(Baseline::Constant.forecast(&past, 5).is_err());
}

/// Leaving out the only group leaves nothing to estimate from.
#[test]
fn a_panel_of_one_group_is_refused_by_name() {
    let all = (0..20).map(|i| {
        let counts = (2000..2020).map(|year| (year, f64::from(100 + i + (year * 7) % 13)));
        series(&format!("s{i}"), counts)
    });
    let panel = Panel::new(all).unwrap();
    let error = TrendForecaster::leave_one_group_out(&panel, &BacktestOptions::default())
        .unwrap_err()
        .to_string();
    assert!(error.contains("Atlantis"), "{error}");
    let bad = BacktestOptions {
        shocks: Shocks::none().and_of("nobody", [2001]),
        ..BacktestOptions::default()
    };
    let error = TrendForecaster::leave_one_group_out(&panel, &bad).unwrap_err();
    assert!(error.to_string().contains("nobody"), "{error}");
}
