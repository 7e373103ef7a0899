//! Every likelihood, with priors, held parameters and weights, against 30-digit arithmetic
//! (`data/estimation.py`), R and Python.

use std::collections::BTreeMap;

use myeloma_epi::curve::Family;
use myeloma_epi::fit::{FitOptions, Likelihood, PublishedProjectionUse};
use myeloma_epi::{IncidenceSeries, PublishedProjection};

use super::{close, identified, series_b, shaped, usa, weighted, with, with_prior};

#[derive(serde::Deserialize)]
struct Reference {
    fits: Vec<Case>,
    prior: BTreeMap<String, f64>,
}

#[derive(serde::Deserialize)]
struct Case {
    series: String,
    curve: Family,
    likelihood: Likelihood,
    parameters: BTreeMap<String, f64>,
    standard_errors: BTreeMap<String, f64>,
    log_likelihood: f64,
    dispersion: Option<f64>,
    pearson: Option<f64>,
    dean: Option<f64>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../data/estimation.json")).unwrap()
}

#[test]
fn every_likelihood_agrees_with_thirty_digits() {
    let reference = reference();
    assert_eq!(reference.fits.len(), 21);
    for case in reference.fits {
        let name = format!("{} {} {}", case.series, case.curve, case.likelihood.name());
        let series = if case.series == "B" {
            series_b()
        } else {
            usa()
        };
        let fit = identified(case.curve, &series, &with(case.likelihood));
        // Where the dispersion is estimated too, the reference has it to half its digits.
        let tolerance = if case.dispersion.is_some() {
            1e-7
        } else {
            1e-8
        };
        for parameter in fit.parameters() {
            let place = format!("{name} {}", parameter.name);
            close(
                &place,
                parameter.estimate.unwrap(),
                case.parameters[&*parameter.name],
                tolerance,
            );
            close(
                &place,
                parameter.standard_error.unwrap(),
                case.standard_errors[&*parameter.name],
                10.0 * tolerance,
            );
        }
        close(
            &name,
            fit.log_likelihood().unwrap(),
            case.log_likelihood,
            1e-10,
        );
        if let Some(dispersion) = case.dispersion {
            close(
                &format!("{name} dispersion"),
                fit.scale().unwrap(),
                dispersion,
                1e-6,
            );
        }
        if let (Some(pearson), Some(dean)) = (case.pearson, case.dean) {
            close(
                &format!("{name} χ²"),
                fit.residual_sum_of_squares(),
                pearson,
                1e-8,
            );
            close(
                &format!("{name} test"),
                fit.overdispersion_test().unwrap().0,
                dean,
                1e-8,
            );
            // Quasi-Poisson: the same estimates, errors wider by the root of the dispersion.
            let quasi = identified(case.curve, &series, &with(Likelihood::QuasiPoisson));
            let wider = (pearson / fit.degrees_of_freedom() as f64).sqrt();
            for (quasi, poisson) in quasi.parameters().iter().zip(fit.parameters()) {
                close(
                    &format!("{name} quasi"),
                    quasi.standard_error.unwrap(),
                    wider * poisson.standard_error.unwrap(),
                    1e-9,
                );
            }
            assert!(quasi.aicc().is_none() && quasi.log_likelihood().is_none());
        }
        let (k, n) = (fit.estimated_parameters() as f64, fit.figures() as f64);
        close(
            &name,
            fit.bic().unwrap(),
            -2.0 * case.log_likelihood + k * n.ln(),
            1e-9,
        );
    }
}

/// What R and Python print on series B (nlsLM, `curve_fit`): capacity, rate and midpoint from the
/// first year, with standard errors, to the digits that they agree in.
#[test]
fn the_logistic_fit_is_that_of_r_and_python() {
    let fit = identified(Family::Logistic, &series_b(), &with(Likelihood::Gaussian));
    for (got, (estimate, error)) in fit.parameters().iter().zip([
        (249_567.024_1, 3_790.678_1),
        (0.120_231_855_2, 0.002_702_879_59),
        (2004.0 + 7.968_254_77, 0.284_175_13),
    ]) {
        close(&got.name, got.estimate.unwrap(), estimate, 1e-8);
        close(&got.name, got.standard_error.unwrap(), error, 1e-6);
    }
    close(
        "RSS",
        fit.residual_sum_of_squares(),
        24_612_200.633_806,
        1e-10,
    );
    close("AICc", fit.aicc().unwrap(), 363.554_256_814_654, 1e-10);
}

#[test]
fn a_prior_states_a_ceiling() {
    let options = with_prior(Likelihood::Gaussian, "capacity", 260_000.0, 4_000.0);
    let fit = identified(Family::Logistic, &series_b(), &options);
    let expected = reference().prior;
    for parameter in fit.parameters() {
        close(
            &parameter.name,
            parameter.estimate.unwrap(),
            expected[&*parameter.name],
            1e-7,
        );
    }
    assert!(fit.aicc().is_none());
    // A prior without weight changes nothing, errors and profile included; one without doubt is obeyed.
    let free = identified(Family::Logistic, &series_b(), &with(Likelihood::Gaussian));
    let vague = with_prior(Likelihood::Gaussian, "capacity", 400_000.0, 1e12);
    let sure = with_prior(Likelihood::Gaussian, "capacity", 400_000.0, 1e-3);
    let capacity = |options: &FitOptions| {
        identified(Family::Logistic, &series_b(), options).parameters()[0]
            .estimate
            .unwrap()
    };
    close(
        "vague",
        capacity(&vague),
        free.parameters()[0].estimate.unwrap(),
        1e-6,
    );
    close("sure", capacity(&sure), 400_000.0, 1e-8);
    // Two figures and a stated ceiling determine a logistic curve.
    let two = IncidenceSeries::from_counts("X", [(2019, 100.0), (2024, 120.0)]).unwrap();
    let options = with_prior(Likelihood::default(), "capacity", 200.0, 10.0);
    let through = myeloma_epi::fit::fit(Family::Logistic, &two, &options).unwrap();
    let capacity = through.parameter("capacity").unwrap();
    close("ceiling", capacity.estimate.unwrap(), 200.0, 1e-8);
    close("2024", through.curve().cases(2024.0).unwrap(), 120.0, 1e-9);
}

#[test]
fn a_held_shape_is_a_simpler_family() {
    // Richards with shape 1 is the logistic curve, with shape 0 the Gompertz curve.
    for (shape, family) in [(1.0, Family::Logistic), (0.0, Family::Gompertz)] {
        let richards = identified(shaped(shape), &series_b(), &with(Likelihood::Gaussian));
        let special = identified(family, &series_b(), &with(Likelihood::Gaussian));
        for i in 0..3 {
            let (got, expected) = (&richards.parameters()[i], &special.parameters()[i]);
            let values = (got.estimate.unwrap(), expected.estimate.unwrap());
            close(&got.name, values.0, values.1, 1e-9);
            let errors = (
                got.standard_error.unwrap(),
                expected.standard_error.unwrap(),
            );
            close(&got.name, errors.0, errors.1, 1e-8);
        }
        assert!(richards.parameter("shape").is_none());
        close(
            "AICc",
            richards.aicc().unwrap(),
            special.aicc().unwrap(),
            1e-12,
        );
    }
}

#[test]
fn weights_are_copies() {
    // A weight of 2 on each count of a Poisson fit: the same estimates, half the variance.
    let plain = identified(Family::Exponential, &usa(), &with(Likelihood::Poisson));
    let doubled = identified(
        Family::Exponential,
        &usa(),
        &weighted(Likelihood::Poisson, [2.0; 24]),
    );
    for i in 0..2 {
        close(
            "estimate",
            doubled.parameters()[i].estimate.unwrap(),
            plain.parameters()[i].estimate.unwrap(),
            1e-11,
        );
        close(
            "error",
            doubled.parameters()[i].standard_error.unwrap(),
            plain.parameters()[i].standard_error.unwrap() / 2_f64.sqrt(),
            1e-9,
        );
    }
    // A weight of nearly nothing leaves a count out.
    let mut weights = [1.0; 24];
    weights[21] = 1e-12;
    let without = usa()
        .observations()
        .iter()
        .filter(|o| o.year != 2020)
        .copied()
        .collect::<Vec<_>>();
    let without = IncidenceSeries::new("United States", without).unwrap();
    let left_out = identified(Family::Gompertz, &without, &with(Likelihood::LogNormal));
    let weighted = identified(
        Family::Gompertz,
        &usa(),
        &weighted(Likelihood::LogNormal, weights),
    );
    close(
        "capacity",
        weighted.parameters()[0].estimate.unwrap(),
        left_out.parameters()[0].estimate.unwrap(),
        1e-6,
    );
}

/// By `NumPy`: Fisher scoring of a log-linear Poisson model, the statistic of Dean and Lawless, `scipy.stats.norm.sf`.
#[test]
fn the_test_of_overdispersion_is_that_of_scipy() {
    let counts = (2000..).zip([12.0, 22.0, 11.0, 27.0, 18.0, 38.0, 26.0, 52.0]);
    let series = IncidenceSeries::from_counts("Atlantis", counts).unwrap();
    let fit = identified(Family::Exponential, &series, &with(Likelihood::Poisson));
    let (statistic, p) = fit.overdispersion_test().unwrap();
    close("statistic", statistic, 1.930_241_724_885_519_3, 1e-8);
    close("p", p, 0.026_788_446_927_146_083, 1e-7);
}

/// By `NumPy`: weighted least squares of the logarithms, σ² = Σwr²/n, and Σ ln N(ln y; ŷ, σ²/w) − ln y.
#[test]
fn the_likelihood_of_weighted_figures_is_that_of_numpy() {
    let counts = (2000..).zip([100.0, 104.0, 107.0, 113.0, 114.0, 121.0]);
    let series = IncidenceSeries::from_counts("Atlantis", counts).unwrap();
    let options = weighted(Likelihood::LogNormal, [1.0, 2.0, 0.5, 1.0, 4.0, 1.0]);
    let fit = identified(Family::Exponential, &series, &options);
    close(
        "log-likelihood",
        fit.log_likelihood().unwrap(),
        -9.532_302_415_718_577,
        1e-9,
    );
    close(
        "dispersion",
        fit.dispersion().unwrap(),
        0.000_220_888_832_439_411_76,
        1e-8,
    );
}

/// One count a million times the others: the likelihood of Poisson counts has one maximum, where the mean of
/// the other counts vanishes or all means are level; that of negative binomial ones has several. Expected
/// values in 60 digits by `tests/data/outlier.py`.
#[test]
fn an_outlier_does_not_hide_the_maximum() {
    let expected: serde_json::Value =
        serde_json::from_str(include_str!("../data/outlier.json")).unwrap();
    let number = |value: &serde_json::Value| value.as_str().unwrap().parse::<f64>().unwrap();
    let fits = expected["fits"].as_array().unwrap();
    assert_eq!(fits.len(), 4);
    for case in fits {
        let counts = case["counts"].as_array().unwrap().iter().enumerate();
        let counts = counts.map(|(i, c)| (2000 + i32::try_from(i).unwrap(), c.as_f64().unwrap()));
        let series = IncidenceSeries::from_counts("X", counts).unwrap();
        let likelihood: Likelihood = case["likelihood"].as_str().unwrap().parse().unwrap();
        let found = identified(Family::Exponential, &series, &with(likelihood));
        let theta = found.curve().theta();
        let errors = found.internal_parameters();
        for (j, name) in ["ln_level", "growth"].into_iter().enumerate() {
            // A ten-millionth of a standard error: no descent goes on beyond that.
            let epsilon = 1e-7 * errors[j].standard_error.unwrap();
            let expected = number(&case[name]);
            approx::assert_relative_eq!(theta[j], expected, max_relative = 1e-9, epsilon = epsilon);
        }
        if likelihood == Likelihood::Poisson {
            let expected = 2.0 * number(&case["half_deviance"]);
            approx::assert_relative_eq!(found.deviance(), expected, max_relative = 1e-12);
        } else {
            let log_likelihood = found.log_likelihood().unwrap();
            approx::assert_relative_eq!(
                log_likelihood,
                number(&case["log_likelihood"]),
                max_relative = 1e-10
            );
            let dispersion = found.scale().unwrap();
            approx::assert_relative_eq!(
                dispersion,
                number(&case["dispersion"]),
                max_relative = 1e-8
            );
        }
    }
}

/// Each option of a fit, and each number of a prior, changes the estimates.
#[test]
fn every_option_of_a_fit_acts() {
    let projection = PublishedProjection {
        year: 2040,
        cases: 300_000.0,
        relative_error: Some(0.1),
    };
    let series = series_b().with_published_projection(projection).unwrap();
    let estimates = |options: &FitOptions| -> Vec<Option<f64>> {
        let fit = identified(Family::Logistic, &series, options);
        fit.parameters().iter().map(|p| p.estimate).collect()
    };
    let base = with(Likelihood::LogNormal);
    let of_rate = |mean, error| estimates(&with_prior(base.likelihood, "rate", mean, error));
    let prior = of_rate(0.15, 0.01);
    for (changed, unchanged) in [
        (estimates(&with(Likelihood::Poisson)), estimates(&base)),
        (
            estimates(&FitOptions {
                published_projection: PublishedProjectionUse::AsFigure,
                ..base.clone()
            }),
            estimates(&base),
        ),
        (
            estimates(&weighted(
                base.likelihood,
                (0..21).map(|i| 1.0 + f64::from(i)),
            )),
            estimates(&base),
        ),
        (prior.clone(), estimates(&base)),
        (of_rate(0.16, 0.01), prior.clone()),
        (of_rate(0.15, 0.02), prior.clone()),
        (
            estimates(&with_prior(base.likelihood, "capacity", 240_000.0, 1e3)),
            prior,
        ),
    ] {
        assert_ne!(changed, unchanged);
    }
}
