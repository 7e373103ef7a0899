//! Fits, comparisons and trends of random series.

use myeloma_epi::curve::Family;
use myeloma_epi::fit::{Compared, Fit, FitOptions, IdentifiedFit, Likelihood, compare, fit};
use myeloma_epi::joinpoint::{
    AnnualPercentChange, AnnualSeries, ErrorVariance, JoinpointOptions, JoinpointRegression,
    LogLinearTrend, Selection,
};
use myeloma_epi::report::chart;
use myeloma_epi::{IncidenceSeries, Observation, Seed};
use ndarray::Array2;

use super::{Random, comes_back, draws, holds, ordered, printed, printed_result, refused};

const LIKELIHOODS: [Likelihood; 5] = [
    Likelihood::Gaussian,
    Likelihood::LogNormal,
    Likelihood::Poisson,
    Likelihood::QuasiPoisson,
    Likelihood::NegativeBinomial,
];

pub(super) fn series(random: &mut Random, most: usize) -> Option<IncidenceSeries> {
    let errors = random.below(3);
    let observations: Vec<Observation> = random
        .counts(most)
        .into_iter()
        .map(|(year, cases)| Observation {
            year,
            cases,
            relative_error: match errors {
                0 => None,
                1 => Some(random.number(0.0, 0.2)),
                _ => random.once_in(2).then(|| random.number(0.0, 0.2)),
            },
        })
        .collect();
    match IncidenceSeries::new(random.name(), observations) {
        Ok(series) => Some(series),
        Err(error) => {
            refused(&error);
            None
        }
    }
}

fn options(random: &mut Random, figures: usize) -> FitOptions {
    FitOptions {
        likelihood: random.pick(&LIKELIHOODS),
        weights: if random.once_in(8) {
            (0..figures).map(|_| random.number(0.5, 2.0)).collect()
        } else {
            Vec::new()
        },
        ..FitOptions::default()
    }
}

/// A number that there is, is finite.
#[track_caller]
fn finite(what: &str, number: Option<f64>) {
    assert!(number.is_none_or(f64::is_finite), "{what}: {number:?}");
}

fn identified(random: &mut Random, fit: &IdentifiedFit<Family>, last: i32) {
    finite("log-likelihood", fit.log_likelihood());
    finite("AICc", fit.aicc());
    finite("BIC", fit.bic());
    finite("dispersion", fit.dispersion());
    finite("deviance", Some(fit.deviance()));
    if let Some((statistic, p)) = fit.overdispersion_test() {
        assert!(
            statistic.is_finite() && (0.0..=1.0).contains(&p),
            "{statistic} {p}"
        );
    }
    let level = random.pick(&[0.5, 0.95, 0.999]);
    for parameter in fit.parameters() {
        finite(&parameter.name, parameter.estimate);
        finite(&parameter.name, parameter.standard_error);
        match parameter.interval(level) {
            Ok(Some((lower, upper))) => ordered("a Wald interval", &[lower, upper]),
            Ok(None) => {}
            Err(error) => refused(&error),
        }
        if random.once_in(6) {
            match fit.profile_interval(&parameter.name, level) {
                Ok(interval) => {
                    let ends = [interval.lower.value(), interval.upper.value()];
                    let estimate = parameter.estimate;
                    let numbers = [ends[0], estimate, ends[1]];
                    ordered(
                        "a profile",
                        &numbers.into_iter().flatten().collect::<Vec<f64>>(),
                    );
                }
                Err(error) => refused(&error),
            }
        }
    }
    for year in [last, last + 5, last + 30] {
        let year = f64::from(year);
        match (
            fit.curve().cases(year),
            fit.confidence_interval(year, level),
        ) {
            (Ok(value), Ok((lower, upper))) => {
                ordered("a confidence interval", &[lower, value, upper]);
            }
            (value, interval) => {
                let _ = value.map_err(|error| refused(&error));
                let _ = interval.map_err(|error| refused(&error));
            }
        }
        match fit.prediction_interval(year, level) {
            Ok((lower, upper)) => ordered("a prediction interval", &[0.0, lower, upper]),
            Err(error) => refused(&error),
        }
    }
    if random.once_in(4) {
        let seed = Seed::new(random.bits());
        match fit.simulate_counts(last..=last.saturating_add(3), 5, seed) {
            Ok(counts) => draws("simulated counts", &counts),
            Err(error) => refused(&error),
        }
        match fit.parametric_bootstrap(8, seed) {
            // A refit that failed has no parameters.
            Ok(bootstrap) if bootstrap.failed().is_empty() => {
                assert!(bootstrap.parameters().iter().all(|p| p.is_finite()));
                comes_back(&bootstrap);
            }
            Ok(_) => {}
            Err(error) => refused(&error),
        }
        match fit.simulate_curve(last..=last.saturating_add(3), 5, seed) {
            Ok(curves) => draws("simulated curves", &curves),
            Err(error) => refused(&error),
        }
        match fit.residual_bootstrap(8, seed) {
            Ok(bootstrap) => comes_back(&bootstrap),
            Err(error) => refused(&error),
        }
        let figures = fit.figures() + random.below(8) / 7;
        let counts = Array2::from_shape_fn((figures, 3), |_| random.count());
        match fit.refit_to(&counts.reversed_axes()) {
            Ok(refits) => comes_back(&refits),
            Err(error) => refused(&error),
        }
    }
}

fn fits(random: &mut Random) {
    let Some(series) = series(random, 16) else {
        return;
    };
    let options = options(random, series.observations().len());
    let family = random.pick(&Family::ALL);
    let fit = match fit(family, &series, &options) {
        Ok(fit) => fit,
        Err(error) => return refused(&error),
    };
    printed_result(&fit);
    comes_back(&fit);
    for caution in fit.cautions() {
        printed_result(&caution);
    }
    match &fit {
        Fit::Identified(fit) => identified(random, fit, series.last_year()),
        Fit::Saturated(_) => {
            for observation in series.observations() {
                let value = fit.curve().cases(f64::from(observation.year));
                finite("a saturated curve", value.ok());
            }
        }
    }
}

fn comparisons(random: &mut Random) {
    let Some(series) = series(random, 14) else {
        return;
    };
    let options = options(random, series.observations().len());
    let comparison = compare(&Family::ALL, &series, &options, random.year(2030));
    if options.weights.iter().any(|weight| weight.is_nan()) {
        // The reason why there is no fit names the weight.
        printed(&comparison);
    } else {
        printed_result(&comparison);
    }
    comes_back(&comparison);
    let weights: Vec<f64> = comparison
        .curves()
        .iter()
        .filter_map(Compared::weight)
        .collect();
    let sum: f64 = weights.iter().sum();
    assert!(
        weights.is_empty() || (sum - 1.0).abs() < 1e-9,
        "{weights:?}"
    );
    for curve in comparison.curves() {
        if let (Some(value), Some((lower, upper))) = (curve.value(), curve.interval95()) {
            ordered("a comparison", &[lower, value, upper]);
        }
    }
    let _: serde_json::Value = serde_json::from_str(&comparison.summary_json()).unwrap();
}

fn trends(random: &mut Random) {
    let counts = random.counts(18);
    let name = random.name();
    let series = if random.once_in(3) {
        let rates: Vec<(i32, f64, Option<f64>)> = counts
            .iter()
            .map(|&(year, value)| {
                (
                    year,
                    value,
                    random.once_in(2).then(|| random.number(0.001, 1.0) * value),
                )
            })
            .collect();
        AnnualSeries::from_rates(name, rates)
    } else {
        AnnualSeries::from_counts(name, counts)
    };
    let series = match series {
        Ok(series) => series,
        Err(error) => return refused(&error),
    };
    comes_back(&series);
    let change = |change: &AnnualPercentChange| {
        assert_eq!(change.interval().is_some(), change.p_value().is_some());
        if let Some((lower, upper)) = change.interval() {
            ordered(
                "an annual percent change",
                &[-100.0, lower, change.percent(), upper],
            );
        }
        let p = change.p_value().unwrap_or(1.0);
        assert!((0.0..=1.0).contains(&p), "p {p}");
        printed_result(change);
    };
    let variance = random.pick(&[
        ErrorVariance::Constant,
        ErrorVariance::Poisson,
        ErrorVariance::StandardErrors,
        ErrorVariance::KnownStandardErrors,
    ]);
    for trend in [
        LogLinearTrend::least_squares(&series, variance, 0.95),
        LogLinearTrend::poisson(&series, 0.95),
        LogLinearTrend::quasi_poisson(&series, 0.95),
    ] {
        match trend {
            Ok(trend) => {
                change(trend.annual_percent_change());
                printed_result(&trend);
                comes_back(&trend);
            }
            Err(error) => refused(&error),
        }
    }
    let options = JoinpointOptions {
        variance,
        max_joinpoints: Some(random.below(3)),
        selection: random.pick(&[
            Selection::Bic,
            Selection::WeightedBic,
            Selection::PermutationTest {
                alpha: 0.05,
                permutations: 19,
                seed: Seed::new(1),
            },
        ]),
        ..JoinpointOptions::default()
    };
    match JoinpointRegression::fit(&series, &options) {
        Ok(regression) => {
            printed_result(&regression);
            comes_back(&regression);
            match chart::joinpoints(&series, &regression, "") {
                Ok(svg) => assert!(!svg.contains("NaN") && !svg.contains("inf")),
                Err(error) => refused(&error),
            }
            for model in regression.models() {
                for segment in model.segments() {
                    change(&segment.change);
                }
                match model.average_annual_percent_change(series.first_year(), series.last_year()) {
                    Ok(average) => change(&average),
                    Err(error) => refused(&error),
                }
            }
        }
        Err(error) => refused(&error),
    }
}

fn slopes(random: &mut Random) {
    let (slope, error) = (random.number(-1.0, 1.0), random.number(0.0, 0.5));
    let degrees = random.once_in(2).then(|| random.number(1.0, 1e7));
    match AnnualPercentChange::from_slope(slope, error, degrees, random.number(0.5, 0.99)) {
        Ok(change) => {
            let (p, interval) = (change.p_value(), change.interval());
            assert_eq!(
                (p.is_some(), interval.is_some()),
                (error > 0.0, error > 0.0)
            );
            assert!(p.is_none_or(|p| (0.0..=1.0).contains(&p)), "{p:?}");
            assert!(
                interval.is_none_or(
                    |(lower, upper)| lower <= change.percent() && change.percent() <= upper
                ),
                "{interval:?}"
            );
            comes_back(&change);
            printed_result(&change);
        }
        Err(error) => refused(&error),
    }
}

#[test]
fn fits_of_series() {
    holds("random::estimation::fits_of_series", 400, fits);
}

#[test]
fn comparisons_of_series() {
    holds("random::estimation::comparisons_of_series", 30, comparisons);
}

#[test]
fn trends_of_series() {
    holds("random::estimation::trends_of_series", 250, trends);
}

#[test]
fn annual_percent_changes() {
    holds("random::estimation::annual_percent_changes", 500, slopes);
}
