//! Scores against reference values, stacking on series whose truth is known, and bad input.

#![allow(clippy::float_cmp)] // Values that are defined to be exact.

use approx::assert_relative_eq;
use myeloma_epi::backtest::{
    BacktestOptions, Baseline, CurveForecaster, EmpiricalErrors, Forecaster, Past, Point, Setting,
    Stacked, StackingOptions, Summary, TrendForecaster, backtest, stack, stack_families,
};
use myeloma_epi::curve::Family;
use myeloma_epi::score::{Predictive, QuantileForecast, bias, crps, pit};
use myeloma_epi::{IncidenceSeries, Panel, PanelSeries, Result, Shocks};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    mixtures: Vec<Mixture>,
    counts: Vec<Count>,
    draws: Vec<Sample>,
}

#[derive(Deserialize)]
struct Mixture {
    parts: Vec<(f64, f64, f64)>,
    truth: f64,
    crps: f64,
    pit: f64,
    log_score: f64,
}

#[derive(Deserialize)]
struct Count {
    mean: f64,
    deviation: f64,
    truth: f64,
    crps: f64,
    pit: f64,
    log_score: f64,
}

#[derive(Deserialize)]
struct Sample {
    draws: Vec<f64>,
    truth: f64,
    crps: f64,
    pit: f64,
    bias: f64,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("data/scores.json")).unwrap()
}

/// From the definitions, by quadrature with 30 digits (`data/scores.py`).
#[test]
fn scores_of_normal_mixtures_are_those_of_quadrature() {
    let cases = reference().mixtures;
    assert!(cases.len() >= 9);
    for case in cases {
        let forecast = Predictive::mixture(&case.parts).unwrap();
        let crps = forecast.crps(case.truth).unwrap();
        assert_relative_eq!(crps, case.crps, max_relative = 1e-9);
        let pit = forecast.pit(case.truth).unwrap();
        assert_relative_eq!(pit, case.pit, max_relative = 1e-9);
        let log_score = forecast.log_score(case.truth).unwrap();
        assert_relative_eq!(log_score, case.log_score, max_relative = 1e-10);
    }
}

/// The CRPS of a standard normal forecast at −3 as R's scoringRules has it in its own tests
/// (<https://rdrr.io/cran/scoringRules/src/tests/testthat/test-crps_norm.R>), to eight decimals.
#[test]
fn the_crps_of_a_normal_distribution_is_the_published_one() {
    for (shift, scale) in [(0.0, 1.0), (0.1, 1.0), (0.0, 0.9)] {
        let forecast = Predictive::normal(shift, scale).unwrap();
        let crps = forecast.crps(shift - 3.0 * scale).unwrap();
        assert_relative_eq!(crps, 2.436_574_73 * scale, epsilon = 1e-8);
    }
}

/// As above; the CRPS comes from 400 points, within a hundredth.
#[test]
fn scores_of_normal_counts_are_those_of_quadrature() {
    let cases = reference().counts;
    assert!(cases.len() >= 3);
    for case in cases {
        let forecast = Predictive::count(case.mean, case.deviation).unwrap();
        let crps = forecast.crps(case.truth).unwrap();
        assert_relative_eq!(crps, case.crps, max_relative = 1e-2);
        let pit = forecast.pit(case.truth).unwrap();
        assert_relative_eq!(pit, case.pit, max_relative = 1e-9);
        let log_score = forecast.log_score(case.truth).unwrap();
        assert_relative_eq!(log_score, case.log_score, max_relative = 1e-10);
    }
}

/// By double sums over all pairs of draws (`data/scores.py`).
#[test]
fn scores_of_draws_are_those_of_all_pairs() {
    let cases = reference().draws;
    assert!(cases.len() >= 4);
    for case in cases {
        let of_draws = crps(&case.draws, case.truth).unwrap();
        assert_relative_eq!(of_draws, case.crps, max_relative = 1e-12);
        assert_relative_eq!(pit(&case.draws, case.truth).unwrap(), case.pit);
        assert_relative_eq!(bias(&case.draws, case.truth).unwrap(), case.bias);
        let forecast = Predictive::draws(case.draws).unwrap();
        assert_relative_eq!(forecast.crps(case.truth).unwrap(), of_draws);
        assert_relative_eq!(forecast.pit(case.truth).unwrap(), case.pit);
        assert!(forecast.log_score(case.truth).is_none());
    }
}

/// A forecast that claims to be certain: the error, 0, ½ or 1, and no density.
#[test]
fn equal_draws_and_no_width_have_defined_scores() {
    let quantiles = QuantileForecast::new([2.0; 7]).unwrap();
    for forecast in [
        Predictive::draws(vec![2.0; 5]).unwrap(),
        Predictive::normal(2.0, 0.0).unwrap(),
        Predictive::mixture(&[(1.0, 2.0, 0.0), (3.0, 2.0, 0.0)]).unwrap(),
    ] {
        assert_eq!(forecast.quantiles().unwrap(), quantiles);
        for (truth, error, transform) in [(1.5, 0.5, 1.0), (2.0, 0.0, 0.5), (3.0, 1.0, 1.0)] {
            let transform = if truth < 2.0 { 0.0 } else { transform };
            assert_eq!(forecast.crps(truth), Some(error));
            assert_eq!(forecast.pit(truth), Some(transform));
            assert_eq!(forecast.log_score(truth), None);
        }
    }
    let score = quantiles.score(3.0);
    assert_eq!((score.dispersion, score.overprediction), (0.0, 0.0));
    assert_relative_eq!(score.total, 1.0, max_relative = 1e-15);
}

#[test]
fn impossible_forecasts_are_refused_with_their_value() {
    for (forecast, value) in [
        (Predictive::draws(vec![]), "0"),
        (Predictive::draws(vec![1.0, f64::NAN]), "NaN"),
        (Predictive::normal(f64::INFINITY, 1.0), "inf"),
        (Predictive::normal(0.0, -1.0), "-1"),
        (Predictive::mixture(&[(-2.0, 0.0, 1.0)]), "-2"),
        (Predictive::mixture(&[]), "without"),
        (Predictive::count(f64::NAN, 1.0), "NaN"),
        (Predictive::count(1.0, f64::NAN), "NaN"),
    ] {
        let error = forecast.unwrap_err().to_string();
        assert!(error.contains(value), "{error}");
    }
}

/// A method of which only quantiles are known.
struct Sure;

impl Forecaster for Sure {
    fn name(&self) -> &'static str {
        "sure"
    }

    fn forecast(&self, past: &Past<'_>, horizons: usize) -> Result<Option<Vec<Predictive>>> {
        let last = past.figures[past.figures.len() - 1].1.ln();
        let quantiles = QuantileForecast::new([last; 7])?;
        Ok(Some(vec![Predictive::quantiles_only(quantiles); horizons]))
    }
}

fn noisy(seed: u64, years: i32, sigma: f64, mean: impl Fn(f64) -> f64) -> IncidenceSeries {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let counts: Vec<(i32, f64)> = (0..years)
        .map(|t| {
            let z: f64 = StandardNormal.sample(&mut rng);
            (1960 + t, mean(f64::from(t)) * (sigma * z).exp())
        })
        .collect();
    IncidenceSeries::from_counts("simulated", counts).unwrap()
}

fn panel_series(id: &str, series: &IncidenceSeries) -> PanelSeries {
    let counts = series.observations().iter().map(|o| (o.year, o.cases));
    PanelSeries::new(id, id, "x", counts).unwrap()
}

/// Where the truth is an exponential curve, or a logistic one, weight moves to it as the series grows.
#[test]
fn weight_moves_to_the_true_family_as_the_series_grows() {
    let families = [Family::Linear, Family::Exponential, Family::Logistic];
    let stacked = |years: i32, mean: &dyn Fn(f64) -> f64| -> Stacked {
        // The mean over ten series: one is noise.
        let all: Vec<Stacked> = (0..10)
            .map(|seed| {
                let series = noisy(seed, years, 0.02, mean);
                stack_families(&series, &families, &StackingOptions::default()).unwrap()
            })
            .collect();
        let mut first = all[0].clone();
        for i in 0..families.len() {
            first.weights[i] = all.iter().map(|s| s.weights[i]).sum::<f64>() / 10.0;
        }
        first
    };
    let exponential = |t: f64| 1000.0 * (0.06 * t).exp();
    let (short, long) = (stacked(20, &exponential), stacked(45, &exponential));
    // A logistic curve without a ceiling is the exponential curve: what counts is that the line goes.
    assert!(long.weights[0] < short.weights[0] && long.weights[0] < 0.12);
    let logistic = |t: f64| 20_000.0 / (1.0 + (-0.15 * (t - 18.0)).exp());
    let (short, long) = (stacked(20, &logistic), stacked(45, &logistic));
    assert!(short.weights[2] < long.weights[2] && long.weights[2] > 0.7);
    assert!(long.pooled_crps < long.equal_crps);
    assert!(long.crps[2] < long.crps[0].min(long.crps[1]));
}

/// Weights add up to one, follow their methods when these change places, and are shared by methods that
/// say the same.
#[test]
fn weights_are_those_of_the_methods_and_not_of_their_places() {
    let series = noisy(3, 32, 0.03, |t| 500.0 + 40.0 * t);
    let at = |families: &[Family]| {
        let options = StackingOptions::default().with_equal_weight_origins(0.0);
        stack_families(&series, families, &options).unwrap()
    };
    let (l, e, g) = (Family::Linear, Family::Exponential, Family::Gompertz);
    let one = at(&[l, e, g]);
    assert_relative_eq!(one.weights.iter().sum::<f64>(), 1.0, max_relative = 1e-12);
    assert!(one.weights.iter().all(|w| *w >= 0.0));
    let other = at(&[g, l, e]);
    for (a, b) in [(0, 1), (1, 2), (2, 0)] {
        assert_relative_eq!(one.weights[a], other.weights[b], epsilon = 1e-9);
        assert_relative_eq!(one.crps[a], other.crps[b], max_relative = 1e-12);
    }
    let twice = at(&[l, l, e]);
    assert_relative_eq!(twice.weights[0], twice.weights[1], epsilon = 1e-8);
    let once = at(&[l, e]);
    assert_relative_eq!(twice.weights[2], once.weights[1], epsilon = 1e-4);
    let alike = at(&[e, e, e, e]);
    for weight in alike.weights {
        assert_relative_eq!(weight, 0.25, epsilon = 1e-8);
    }
}

/// The optimum is one: no other weights give these forecasts a lower score, and drawing it to equal
/// weights is linear.
#[test]
fn the_optimum_is_not_beaten_by_any_weights_on_a_grid() {
    let series = noisy(8, 34, 0.04, |t| 800.0 * (0.03 * t).exp() + 30.0 * t);
    let panel = panel_series("s", &series);
    let pool = |weights: &[f64]| -> f64 {
        let members: Vec<(Family, f64)> = [Family::Linear, Family::Exponential]
            .into_iter()
            .zip(weights.iter().copied())
            .collect();
        let curves = CurveForecaster::new("pool", &members, 0.0).unwrap();
        let one: [&dyn Forecaster; 1] = [&curves];
        stack(&panel, &one, &StackingOptions::default())
            .unwrap()
            .crps[0]
    };
    let families = [Family::Linear, Family::Exponential];
    let none = StackingOptions::default().with_equal_weight_origins(0.0);
    let free = stack_families(&series, &families, &none).unwrap();
    let least = (0..=20)
        .map(|i| pool(&[1.0 - f64::from(i) / 20.0, f64::from(i) / 20.0]))
        .fold(f64::INFINITY, f64::min);
    // The points that stand for a mixture and for its parts differ by less than a thousandth.
    assert!(
        free.pooled_crps <= 1.001 * least,
        "{} {least}",
        free.pooled_crps
    );
    let drawn = stack_families(&series, &families, &StackingOptions::default()).unwrap();
    let n = drawn.origins as f64;
    for i in 0..2 {
        let expected = (n * free.optimum[i] + 10.0 * 0.5) / (n + 10.0);
        assert_relative_eq!(drawn.weights[i], expected, max_relative = 1e-12);
        assert_relative_eq!(drawn.optimum[i], free.weights[i], max_relative = 1e-12);
    }
}

#[test]
fn series_too_short_for_weights_are_refused_with_the_least() {
    let families = [Family::Linear, Family::Exponential];
    let options = StackingOptions::default();
    let at = |years: i32| {
        let series = noisy(1, years, 0.02, |t| 100.0 + 5.0 * t);
        stack_families(&series, &families, &options)
    };
    assert_eq!(at(19).unwrap().skipped, 0);
    let error = at(18).unwrap_err().to_string();
    assert!(
        error.contains("simulated is too short") && error.contains("19 years"),
        "{error}"
    );
    let series = noisy(1, 30, 0.02, |t| 100.0 + 5.0 * t);
    let panel = panel_series("s", &series);
    let methods: [&dyn Forecaster; 1] = [&Sure];
    let error = stack(&panel, &methods, &options).unwrap_err().to_string();
    assert!(error.contains("sure gives quantiles only"), "{error}");
    assert!(stack_families(&series, &[], &options).is_err());
    let negative = StackingOptions::default().with_equal_weight_origins(-1.0);
    assert!(stack_families(&series, &families, &negative).is_err());
    let none = StackingOptions::default().with_horizons(0);
    assert!(stack_families(&series, &families, &none).is_err());
    // A shock is left out, and counted.
    let marked = StackingOptions::default().with_shocks(Shocks::years([1975]));
    assert_eq!(
        stack_families(&series, &families, &marked).unwrap().shocks,
        1
    );
}

#[test]
fn panels_that_cannot_be_used_are_refused_with_their_place() {
    let header = "series_id,group,site,year,cases\n";
    for (rows, parts) in [
        (
            "a,A,x,2001,5\na,A,x,2001,6\n",
            ["line 3", "a has two counts for 2001"],
        ),
        ("a,A,x,2001-2005,50\n", ["line 2", "2001-2005"]),
        ("a,A,x,2001.5,50\n", ["line 2", "2001.5"]),
        ("a,A,x,2001,0\n", ["a, 2001", "above 0"]),
        ("a,A,x,2001,-7\n", ["a, 2001", "-7"]),
        ("a,A,x,2001,NaN\n", ["a, 2001", "NaN"]),
        ("a,A,x,2001,inf\n", ["a, 2001", "inf"]),
        ("a,A,x,2001,\n", ["line 2", "cases"]),
        ("a,A,x,2001,5,9\n", ["line 2", "6"]),
        (
            "a,A,x,1,5\na,A,x,2001,5\n",
            ["a runs from 1 to 2001", "200"],
        ),
        (
            "a,A,x,-2147483648,5\na,A,x,2147483647,5\n",
            ["-2147483648", "9999"],
        ),
        (",A,x,2001,5\n", ["line 2", "series_id"]),
        ("a,,x,2001,5\n", ["line 2", "group"]),
    ] {
        let error = Panel::parse(&format!("{header}{rows}"), "p.csv").unwrap_err();
        for part in parts {
            assert!(error.to_string().contains(part), "{part}: {error}");
        }
    }
    let error = Panel::parse("series_id,group,year,cases\na,A,2001,5\n", "p.csv").unwrap_err();
    assert!(error.to_string().contains("site"), "{error}");
    assert!(Panel::parse("", "p.csv").is_err());
    assert!(Panel::read("no such file.csv").is_err());
    let marked = "\u{feff}series_id, group, site, year, cases\n a, A, x, 2001, 5\n";
    let panel = Panel::parse(marked, "p.csv").unwrap();
    assert_eq!(panel.series()[0].id(), "a");
    assert_eq!(panel.series()[0].counts(), [(2001, 5.0)]);
}

/// Gaps are missing years to every method, and no forecast is scored where there is no truth.
#[test]
fn a_panel_with_gaps_is_forecast() {
    let years = (1990..=2019).filter(|year| ![1993, 2001, 2002, 2008].contains(year));
    let counts = years.map(|year| (year, 400.0 * (0.02 * f64::from(year - 1990)).exp()));
    let panel = Panel::new([PanelSeries::new("a", "A", "multiple_myeloma", counts).unwrap()]);
    let panel = panel.unwrap();
    let (trend, curves) = (
        TrendForecaster::shipped(),
        CurveForecaster::line_and_exponential(0.03).unwrap(),
    );
    let mut methods: Vec<&dyn Forecaster> = vec![&trend, &curves, &Sure];
    methods.extend(Baseline::ALL.iter().map(|b| b as &dyn Forecaster));
    let test = backtest(&panel, &methods, &BacktestOptions::default()).unwrap();
    for method in 0..methods.len() {
        let own: Vec<_> = test.scored.iter().filter(|s| s.method == method).collect();
        assert!(!own.is_empty(), "{}", methods[method].name());
        for one in &own {
            let year = one.origin + i32::try_from(one.horizon).unwrap();
            assert!(![1993, 2001, 2002, 2008].contains(&year));
            assert!(one.forecast.quantiles().iter().all(|q| q.is_finite()));
        }
        let summary = Summary::of(own.iter().copied()).unwrap();
        assert!(summary.score.is_finite());
        assert_eq!(summary.crps.is_some(), methods[method].name() != "sure");
        assert_eq!(summary.pit.is_some(), methods[method].name() != "sure");
    }
}

/// One figure is no history: nothing is forecast from it, and methods that are asked say so or go on
/// without growth.
#[test]
fn one_figure_has_a_defined_answer() {
    let series = PanelSeries::new("one", "A", "multiple_myeloma", [(2019, 500.0)]).unwrap();
    let panel = Panel::new([series.clone()]).unwrap();
    let trend = TrendForecaster::shipped();
    let options = BacktestOptions::default();
    let test = backtest(&panel, &[&trend], &options).unwrap();
    assert!(test.scored.is_empty());
    let past = Past {
        series: &series,
        figures: series.counts(),
        setting: Setting::FullHistory,
    };
    let forecasts = trend.forecast(&past, 5).unwrap().unwrap();
    let middle = forecasts[4].quantiles().unwrap().quantiles()[3];
    assert!(middle > 500f64.ln() && middle < 700f64.ln());
    let curves = CurveForecaster::line_and_exponential(0.03).unwrap();
    assert!(curves.forecast(&past, 5).unwrap().is_none());
    let errors = EmpiricalErrors::collect(Point::Exponential, &panel, &options);
    assert!(errors.forecast(&past, 5).unwrap().unwrap().is_empty());
    let nothing = Past {
        figures: &[],
        ..past
    };
    assert!(trend.forecast(&nothing, 5).is_err());
    assert!(errors.forecast(&nothing, 5).is_err());
    assert!(curves.forecast(&nothing, 5).is_err());
    assert!(Baseline::Constant.forecast(&nothing, 5).is_err());
}

/// Leaving out the only group leaves nothing to estimate from.
#[test]
fn a_panel_of_one_group_is_refused_by_name() {
    let series = (0..20).map(|i| {
        let counts = (2000..2020).map(|year| (year, f64::from(100 + i + (year * 7) % 13)));
        PanelSeries::new(format!("s{i}"), "Atlantis", "x", counts).unwrap()
    });
    let panel = Panel::new(series).unwrap();
    let error = TrendForecaster::leave_one_group_out(&panel, &BacktestOptions::default())
        .unwrap_err()
        .to_string();
    assert!(error.contains("Atlantis"), "{error}");
    let bad = BacktestOptions::default().with_shocks(Shocks::none().and_of("nobody", [2001]));
    let error = TrendForecaster::leave_one_group_out(&panel, &bad).unwrap_err();
    assert!(error.to_string().contains("nobody"), "{error}");
}
