//! The forecasters of the library and of the example on series with gaps, few counts and few groups.

use myeloma_epi::backtest::{
    Backtest, BacktestOptions, CurveForecaster, Forecaster, Panel, PanelSeries, Past, Setting,
    SkillOptions,
};
use myeloma_epi::forecast::{ExpectedByYear, RegistryTrend, TrendScale};
use myeloma_epi::{IncidenceSeries, Seed, Shocks};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::Sure;
use crate::baseline::Baseline;
use crate::empirical::{EmpiricalErrors, Point};
use crate::estimate::TrendEstimate;
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

/// Ten groups at six sites, drawn from the model: level and growth with noises of 1.5 and 0.3 % a year, mean growth of −1 to
/// 1.5 % by site. Expected cases grow by 0 to 4.5 % a year by group, faster and slower in turns; counts follow the turns one to one,
/// and the mean growth with a share of it.
fn panel_of_rates(share: f64, with_expected: impl Fn(i32) -> bool) -> Panel {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
    let mut series = Vec::new();
    for (group, site) in (0..10_i32).flat_map(|group| (0..6_i32).map(move |site| (group, site))) {
        let log_of = |year: i32| {
            let time = f64::from(year - 2000);
            0.005 * f64::from(group) * time + 0.05 * (0.6 * time).sin()
        };
        let mean_growth = (log_of(2019) - log_of(2000)) / 19.0;
        let (mut level, mut growth) = (7.0 + 0.5 * f64::from(site), 0.006 * normal());
        let mut counts = Vec::new();
        for year in 2000..2020 {
            let between = (share - 1.0) * mean_growth * f64::from(year - 2000);
            let count = level + log_of(year) + between + 0.015 * normal();
            counts.push((year, count.exp()));
            level += 0.005 * f64::from(site) - 0.01 + growth + 0.015 * normal();
            growth = 0.88 * growth + 0.003 * normal();
        }
        let counts = IncidenceSeries::from_counts(format!("s{group}{site}"), counts).unwrap();
        let one = PanelSeries::new(counts, format!("g{group}"), format!("x{site}")).unwrap();
        series.push(if with_expected(group) {
            let years = (2000..2040).map(|year| (year, 1e3 * log_of(year).exp()));
            let expected = ExpectedByYear::new(years).unwrap();
            one.with_expected(expected).unwrap()
        } else {
            one
        });
    }
    Panel::new(series).unwrap()
}

/// The estimate finds the elasticity that made the counts. Its standard error is that of growth over twenty years, about
/// 0.8 %, over the spread of expected growth and the root of sixty series: 0.008/(0.0144·√60) = 0.07; three of them.
#[test]
fn the_elasticity_that_made_the_counts_is_found() {
    let is_found = |share: f64| {
        let panel = panel_of_rates(share, |_| true);
        let estimate = TrendEstimate::of(&panel, &Shocks::none(), TrendScale::Rate).unwrap();
        let found = estimate.parameters.elasticity;
        assert!((found - share).abs() < 0.21, "{found} {share}");
    };
    // Either takes seconds.
    std::thread::scope(|scope| {
        scope.spawn(|| is_found(1.0));
        is_found(0.4);
    });
    let panel = panel_of_rates(1.0, |group| group > 0);
    let error = TrendEstimate::of(&panel, &Shocks::none(), TrendScale::Rate).unwrap_err();
    assert!(error.to_string().contains("s00"), "{error}");
}

/// Series with expected cases are forecast by the trend of the rate, the others by that of the counts.
#[test]
fn each_series_has_the_trend_that_it_can_have() {
    let panel = panel_of_rates(1.0, |group| group > 2);
    let options = BacktestOptions {
        least_counts: 14,
        ..BacktestOptions::default()
    };
    let trend = TrendForecaster::shipped();
    let rates = EmpiricalErrors::collect(Point::Rates, &panel, &options).unwrap();
    let methods: [&dyn Forecaster; 3] = [&trend, &trend.counts, &rates];
    let test = Backtest::run(&panel, &methods, &options).unwrap();
    let of = |method: usize, series: &str| -> Vec<_> {
        let own = test.scored.iter();
        let own = own.filter(|s| s.method == method && s.series == series);
        own.map(|s| s.forecast).collect()
    };
    assert_eq!(of(0, "s11"), of(1, "s11"));
    assert_ne!(of(0, "s91"), of(1, "s91"));
    assert!(of(2, "s11").is_empty() && !of(2, "s91").is_empty());
    // One that has expected cases, and forecasts that end with them.
    let one = panel.series().iter().find(|s| s.id() == "s91").unwrap();
    let past = Past {
        history: one.series(),
        group: one.group(),
        site: one.site(),
        setting: Setting::FullHistory,
        expected: one.expected(),
    };
    let rate = RegistryTrend::rate();
    assert_eq!(rate.forecast(&past, 50).unwrap().unwrap().len(), 20);
    let without = Past {
        expected: None,
        ..past
    };
    assert!(rate.forecast(&without, 5).is_err());
}

/// Leaving out the only group leaves nothing to estimate from.
#[test]
fn a_panel_of_one_group_is_refused_by_name() {
    let all = (0..20).map(|i| {
        let counts = (2000..2020).map(|year| (year, f64::from(100 + i + (year * 7) % 13)));
        series(&format!("s{i}"), counts)
    });
    let panel = Panel::new(all).unwrap();
    let error = TrendForecaster::estimated(&panel, &BacktestOptions::default(), true)
        .unwrap_err()
        .to_string();
    assert!(error.contains("Atlantis"), "{error}");
}

/// Each option of a back-test changes what is scored.
#[test]
fn every_option_of_a_back_test_acts() {
    let panel = panel_of_rates(1.0, |_| true);
    let answer = |options: &BacktestOptions| {
        let curves = CurveForecaster::line_and_exponential(0.03).unwrap();
        Backtest::run(&panel, &[&curves], options).unwrap().to_csv()
    };
    let base = BacktestOptions {
        horizons: 6,
        shocks: Shocks::none(),
        ..BacktestOptions::default()
    };
    let unchanged = answer(&base);
    for changed in [
        BacktestOptions {
            horizons: 5,
            ..base.clone()
        },
        BacktestOptions {
            least_cases: 2_000.0,
            ..base.clone()
        },
        BacktestOptions {
            shocks: Shocks::years([2010]),
            ..base.clone()
        },
        BacktestOptions {
            provisional_years: 2,
            ..base.clone()
        },
        BacktestOptions {
            span: 4,
            ..base.clone()
        },
        BacktestOptions {
            least_counts: 9,
            ..base.clone()
        },
    ] {
        assert!(answer(&changed) != unchanged, "{changed:?}");
    }
}

/// The options of an interval of skill act on it, and not on the skill.
#[test]
fn every_option_of_a_skill_acts() {
    let panel = panel_of_rates(1.0, |_| true);
    let curves = CurveForecaster::line_and_exponential(0.03).unwrap();
    let trend = RegistryTrend::default();
    let options = BacktestOptions {
        horizons: 6,
        shocks: Shocks::none(),
        ..BacktestOptions::default()
    };
    let test = Backtest::run(&panel, &[&trend, &curves], &options).unwrap();
    let skill = |options: &SkillOptions| test.skill(0, 1, &[1, 5], options).unwrap().unwrap();
    let base = SkillOptions::default();
    let of_all = skill(&base);
    let narrow = skill(&SkillOptions { level: 0.5, ..base });
    let [wide, narrow] = [of_all.interval, narrow.interval].map(Option::unwrap);
    assert!(wide.0 < narrow.0 && narrow.1 < wide.1);
    for changed in [
        SkillOptions {
            resamples: 150,
            ..base
        },
        SkillOptions {
            seed: Seed::new(77),
            ..base
        },
    ] {
        let again = skill(&changed);
        assert!(again != of_all, "{changed:?}");
        assert_eq!(again.skill.to_bits(), of_all.skill.to_bits());
    }
}
