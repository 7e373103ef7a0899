//! Curves side by side.

use myeloma_epi::IncidenceSeries;
use myeloma_epi::curve::Family;
use myeloma_epi::fit::{Caution, Compared, FitOptions, Likelihood, compare};

use super::{close, identified, series_b, usa, with};

#[test]
fn a_comparison_keeps_the_curves_that_fail_and_counts_equals_once() {
    let three =
        IncidenceSeries::from_counts("X", [(2000, 100.0), (2005, 110.0), (2010, 140.0)]).unwrap();
    let all = compare(&Family::ALL, &three, &FitOptions::default(), 2020);
    assert_eq!(
        all.curves()
            .iter()
            .map(Compared::identification)
            .collect::<Vec<_>>(),
        [
            "identified",
            "identified",
            "none",
            "none",
            "underdetermined"
        ]
    );
    let reason = all.curves()[2].reason().unwrap();
    assert!(reason.contains("accelerate"), "{reason}");

    let all = compare(
        &[Family::Exponential, Family::Logistic, Family::Gompertz],
        &usa(),
        &FitOptions::default(),
        2040,
    );
    let total: f64 = all.curves().iter().filter_map(Compared::weight).sum();
    close("weights", total, 1.0, 1e-12);
    let twice = [Family::Exponential, Family::Exponential, Family::Linear];
    let [twice, once] = [&twice[..], &twice[1..]].map(|families| {
        let all = compare(families, &usa(), &FitOptions::default(), 2040);
        all.curves()
            .iter()
            .map(Compared::weight)
            .collect::<Vec<_>>()
    });
    assert_eq!(twice, once);
    // Exactly exponential counts: the curves with a ceiling are that curve, and count once.
    let counts = (0..12).map(|i| {
        (
            2000 + i,
            1000.0 * 1.03_f64.powi(i) * if i % 2 == 0 { 1.01 } else { 0.99 },
        )
    });
    let series = IncidenceSeries::from_counts("X", counts).unwrap();
    let all = compare(
        &[Family::Exponential, Family::Logistic, Family::Gompertz],
        &series,
        &FitOptions::default(),
        2040,
    );
    let at_limit = |i: usize| {
        all.curves()[i]
            .cautions()
            .iter()
            .any(|c| matches!(c, Caution::NoCeiling(_)))
    };
    for i in [1, 2] {
        assert_eq!(all.curves()[i].weight().is_none(), at_limit(i));
    }
}

/// The exponential curve is a special case of the Richards curve: however hard the counts, the latter fits them no
/// worse.
#[test]
fn a_curve_is_not_worse_than_its_special_case() {
    let mut outlier: Vec<(i32, f64)> = series_b()
        .observations()
        .iter()
        .map(|o| (o.year, o.cases))
        .collect();
    outlier[20].1 = 1e9;
    let series = IncidenceSeries::from_counts("X", outlier).unwrap();
    for likelihood in [
        Likelihood::Gaussian,
        Likelihood::LogNormal,
        Likelihood::Poisson,
    ] {
        let log_likelihood = |family| {
            let fit = identified(family, &series, &with(likelihood));
            fit.log_likelihood().unwrap()
        };
        let special = log_likelihood(Family::Exponential);
        let general = log_likelihood(Family::Richards);
        let name = likelihood.name();
        assert!(
            general >= special - 1e-6 * special.abs(),
            "{name}: {general}, {special}"
        );
    }
}

/// A curve that meets every figure has no scatter, and nothing that is made of scatter.
#[test]
fn perfect_fits_say_so() {
    let constant = IncidenceSeries::from_counts("X", (0..21).map(|i| (2000 + i, 5000.0))).unwrap();
    for family in [Family::Linear, Family::Exponential] {
        let fit = identified(family, &constant, &with(Likelihood::Gaussian));
        assert!(fit.aicc().is_none() && fit.bic().is_none());
        assert!(fit.cautions().contains(&Caution::PerfectFit));
        // An interval is an error, not a point.
        for interval in [
            fit.confidence_interval(2040.0, 0.95),
            fit.prediction_interval(2040.0, 0.95),
        ] {
            let error = interval.unwrap_err().to_string();
            assert!(error.contains("meets every figure of X"), "{error}");
        }
    }
    let all = compare(
        &[Family::Linear, Family::Exponential],
        &constant,
        &with(Likelihood::Gaussian),
        2040,
    );
    assert!(all.curves().iter().all(|curve| curve.weight().is_none()));
    assert!(
        all.curves()
            .iter()
            .all(|curve| curve.value().is_some() && curve.interval95().is_none())
    );
}

/// Burnham & Anderson: the weights of two curves are in the ratio e^(−Δ/2) of their criteria.
#[test]
fn weights_follow_the_criteria() {
    let families = [Family::Exponential, Family::Logistic, Family::Gompertz];
    let all = compare(&families, &usa(), &FitOptions::default(), 2030);
    let [first, rest @ ..] = all.curves() else {
        panic!("three were compared")
    };
    let aicc = |of: &Compared| of.identified().unwrap().aicc().unwrap();
    for other in rest {
        let ratio = other.weight().unwrap() / first.weight().unwrap();
        close(
            "ratio",
            ratio,
            (0.5 * (aicc(first) - aicc(other))).exp(),
            1e-9,
        );
    }
}
