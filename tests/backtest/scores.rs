//! Scores against reference values of their definitions (`data/scores.py`).

#![allow(clippy::float_cmp)] // Values that are defined to be exact.

use approx::assert_relative_eq;
use myeloma_epi::score::{Predictive, QuantileForecast, bias, crps, pit};
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
    serde_json::from_str(include_str!("../data/scores.json")).unwrap()
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
    let score = quantiles.score(3.0).unwrap();
    assert_eq!((score.dispersion, score.overprediction), (0.0, 0.0));
    assert_relative_eq!(score.total, 1.0, max_relative = 1e-15);
}

/// Half the probability of no case, `0.5*scipy.stats.norm.cdf(0.2)`, where no case came, which is taken as one half.
#[test]
fn the_transform_of_no_case_is_half_its_probability() {
    let forecast = Predictive::count(0.3, 1.0).unwrap();
    let least = 0.5_f64.ln();
    let transform = forecast.pit(least).unwrap();
    assert_relative_eq!(transform, 0.289_629_854_719_551_5, max_relative = 1e-12);
    assert_eq!(forecast.pit(least - 0.1), Some(0.0));
    assert!(forecast.pit(least + 1e-12).unwrap() > 0.57);
}

/// A count below one half is taken as one half: none of the quantiles of 0.2 ± 0.1 is more.
#[test]
fn quantiles_of_no_case_are_those_of_one_half() {
    let forecast = Predictive::count(0.2, 0.1).unwrap().quantiles().unwrap();
    assert_eq!(forecast.quantiles(), &[0.5_f64.ln(); 7]);
    let forecast = Predictive::count(0.8, 0.1).unwrap().quantiles().unwrap();
    assert_relative_eq!(forecast.quantiles()[3], 0.8_f64.ln(), max_relative = 1e-14);
}

/// What is too far away for a distance has no score: an error, or none, and never an infinite number.
#[test]
fn scores_are_finite_or_none() {
    assert!(crps(&[1.79e308, 1.0], -1.79e308).is_err());
    let wide = QuantileForecast::new([-1.7e308, 0.0, 0.0, 0.0, 0.0, 0.0, 1.7e308]).unwrap();
    let narrow = QuantileForecast::new([1.0; 7]).unwrap();
    for truth in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = narrow.score(truth).unwrap_err().to_string();
        assert!(error.contains(&format!("the truth is {truth}")), "{error}");
    }
    assert!(wide.score(0.0).is_err() && narrow.score(-1.79e308).is_err());
    // A standard deviation whose square is past the range of numbers has no variance to write.
    assert!(Predictive::normal(7.0, 1.4e154).is_err());
    assert!(Predictive::normal(7.0, 1.3e154).is_ok());
    for forecast in [
        Predictive::draws(vec![1.79e308; 3]).unwrap(),
        Predictive::normal(1.79e308, 1.0).unwrap(),
        Predictive::mixture(&[(1.0, 1.79e308, 1.0), (1.0, -1.79e308, 1.0)]).unwrap(),
        Predictive::count(10.0, 3.0).unwrap(),
    ] {
        for truth in [-1.79e308, 1.79e308, f64::NAN, f64::INFINITY] {
            for score in [forecast.crps(truth), forecast.log_score(truth)] {
                assert!(
                    score.is_none_or(f64::is_finite),
                    "{forecast:?} at {truth}: {score:?}"
                );
            }
            let pit = forecast.pit(truth);
            assert!(
                pit.is_none_or(|pit| (0.0..=1.0).contains(&pit)),
                "{forecast:?} {truth}"
            );
        }
    }
}

#[test]
fn forecasts_and_scores_print_themselves() {
    let forecast = Predictive::normal(1000_f64.ln(), 0.1).unwrap();
    assert_eq!(
        forecast.to_string(),
        "median 1,000 (95 % interval 822 to 1,217)"
    );
    let quantiles = QuantileForecast::new([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
    assert_eq!(
        quantiles.to_string(),
        "median 3.000 (95 % interval 0.000 to 6.000)"
    );
    // By hand: 9.05/3.5, 1.05/3.5 and 8/3.5.
    let score = quantiles.score(7.0).unwrap().to_string();
    assert_eq!(
        score,
        "2.5857 = 0.3000 (width) + 0.0000 (too high) + 2.2857 (too low)"
    );
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
