//! The forecasters of the library and of the example on series with gaps, few counts and few groups.

use myeloma_epi::backtest::{
    Backtest, BacktestOptions, CurveForecaster, Forecaster, Panel, PanelSeries, Past, Setting,
};
use myeloma_epi::forecast::{ExpectedByYear, RegistryTrend, TrendScale};
use myeloma_epi::{IncidenceSeries, Shocks};

use crate::Sure;
use crate::baseline::Baseline;
use crate::empirical::{EmpiricalErrors, Point};
use crate::estimate::TrendEstimate;
use crate::registry_trend::TrendForecaster;
use crate::site_growth::{DriftWithPrior, SiteGrowth};

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

/// Twenty-four groups whose expected cases grow by 0 to 4.6 % a year: counts are expected cases to the power of `share`
/// times a rate that grows by 1 % a year, with a scatter of some per cent.
fn panel_of_rates(share: f64, with_expected: impl Fn(i32) -> bool) -> Panel {
    let series = (0..24).map(|i| {
        let of = |year: i32| (0.002 * f64::from(i) * f64::from(year - 2000)).exp();
        let counts = (2000..2020).map(|year| {
            let t = f64::from(year - 2000);
            let scatter = 0.03 * (2.4 * t + 0.7 * f64::from(i)).sin();
            (
                year,
                5_000.0 * of(year).powf(share) * (0.01 * t + scatter).exp(),
            )
        });
        let counts = IncidenceSeries::from_counts(format!("s{i:02}"), counts).unwrap();
        let series = PanelSeries::new(counts, format!("g{i:02}"), "x").unwrap();
        if !with_expected(i) {
            return series;
        }
        let expected = ExpectedByYear::new((2000..2040).map(|year| (year, of(year)))).unwrap();
        series.with_expected(expected).unwrap()
    });
    Panel::new(series).unwrap()
}

/// The estimate finds the elasticity that made the counts: to a tenth, since the scatter has no more to say.
#[test]
fn the_elasticity_that_made_the_counts_is_found() {
    for share in [1.0, 0.5] {
        let panel = panel_of_rates(share, |_| true);
        let estimate = TrendEstimate::of(&panel, &Shocks::none(), TrendScale::Rate).unwrap();
        let found = estimate.parameters.elasticity;
        assert!((found - share).abs() < 0.1, "{found} {share}");
    }
    let panel = panel_of_rates(1.0, |i| i > 0);
    let error = TrendEstimate::of(&panel, &Shocks::none(), TrendScale::Rate).unwrap_err();
    assert!(error.to_string().contains("s00"), "{error}");
}

/// Series with expected cases are forecast by the trend of the rate, the others by that of the counts.
#[test]
fn each_series_has_the_trend_that_it_can_have() {
    let panel = panel_of_rates(1.0, |i| i > 2);
    let options = BacktestOptions::default();
    let trend = TrendForecaster::of(&panel, &options).unwrap();
    let rates = EmpiricalErrors::collect(Point::Rates, &panel, &options).unwrap();
    let drift = DriftWithPrior(SiteGrowth::collect(&panel, &options));
    let methods: [&dyn Forecaster; 4] = [&trend, &trend.counts, &rates, &drift];
    let test = Backtest::run(&panel, &methods, &options).unwrap();
    let of = |method: usize, series: &str| -> Vec<_> {
        let own = test.scored.iter();
        let own = own.filter(|s| s.method == method && s.series == series);
        own.map(|s| s.forecast).collect()
    };
    assert_eq!(of(0, "s01"), of(1, "s01"));
    assert_ne!(of(0, "s20"), of(1, "s20"));
    assert!(of(2, "s01").is_empty() && !of(2, "s20").is_empty());
    // At the ends of the range the population says more than the mean growth of all.
    let far = test.filter(|s| ["s03", "s22", "s23"].contains(&s.series.as_str()));
    let score = |method| far.summary(method, 6..=15).unwrap().score;
    assert!(
        score(0) < score(1) && score(0) < score(3),
        "{} {} {}",
        score(0),
        score(1),
        score(3)
    );
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
}
