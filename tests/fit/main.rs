//! Estimation of growth curves: every likelihood against other implementations, intervals, the bootstrap,
//! comparisons, and input that is hard or wrong.

mod bootstrap;
mod borders;
mod cautions;
mod comparison;
mod coverage;
mod exact_curves;
mod files;
mod hard_input;
mod holding;
mod intervals;
mod likelihoods;
mod nested;
mod own_curves;
mod peers;
mod profile_ends;
mod regimes;
mod zeros_and_marks;

use myeloma_epi::curve::{Family, GrowthCurve};
use myeloma_epi::fit::{Fit, FitOptions, Holding, IdentifiedFit, Likelihood, Prior, fit};
use myeloma_epi::{IncidenceSeries, figures};

/// New cases in the United States, 1999 to 2022, as registered, with the years that are marked.
fn usa() -> IncidenceSeries {
    let usa = IncidenceSeries::from_figures(figures::registered(), "United States").unwrap();
    usa.without_marks()
}

/// 21 yearly counts around a logistic curve: 250,000/(1 + e^(−0.12(t − 8)))·(1 + sin(3t)/100).
fn series_b() -> IncidenceSeries {
    let count = |i: i32| {
        let t = f64::from(i);
        250_000.0 / (1.0 + (-0.12 * (t - 8.0)).exp()) * (1.0 + 0.01 * (3.0 * t).sin())
    };
    IncidenceSeries::from_counts("B", (0..21).map(|i| (2004 + i, count(i)))).unwrap()
}

/// 21 counts that grow by 3.2 % a year, with the same ripple: no ceiling to be seen.
fn series_a() -> IncidenceSeries {
    let count = |i: i32| 90_000.0 * 1.032_f64.powi(i) * (1.0 + 0.01 * (3.0 * f64::from(i)).sin());
    IncidenceSeries::from_counts("A", (0..21).map(|i| (2004 + i, count(i)))).unwrap()
}

/// A fit that has to be identified.
#[track_caller]
fn identified<C: GrowthCurve>(
    curve: C,
    series: &IncidenceSeries,
    options: &FitOptions,
) -> IdentifiedFit<C> {
    match fit(curve, series, options).unwrap() {
        Fit::Identified(fit) => *fit,
        Fit::Saturated(_) => panic!("saturated"),
    }
}

/// The default options with a likelihood.
fn with(likelihood: Likelihood) -> FitOptions {
    FitOptions {
        likelihood,
        ..FitOptions::default()
    }
}

/// The same with a prior.
fn with_prior(
    likelihood: Likelihood,
    parameter: &str,
    mean: f64,
    standard_deviation: f64,
) -> FitOptions {
    let parameter = parameter.to_owned();
    let prior = Prior {
        parameter,
        mean,
        standard_deviation,
    };
    FitOptions {
        priors: vec![prior],
        ..with(likelihood)
    }
}

/// The same with one weight a figure.
fn weighted(likelihood: Likelihood, weights: impl IntoIterator<Item = f64>) -> FitOptions {
    FitOptions {
        weights: weights.into_iter().collect(),
        ..with(likelihood)
    }
}

/// A Richards curve with its shape held.
fn shaped(shape: f64) -> Holding<Family> {
    Holding::new(Family::Richards, "shape", shape, 2004).unwrap()
}

/// Within a relative tolerance.
#[track_caller]
fn close(what: &str, got: f64, expected: f64, tolerance: f64) {
    assert!(
        (got / expected - 1.0).abs() < tolerance,
        "{what}: {got}, expected {expected}"
    );
}
