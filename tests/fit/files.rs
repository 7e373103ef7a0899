//! Fits and all that belongs to them are data: written and read back they are what they were, to the bit, and
//! what cannot be is refused.

use std::fmt::Debug;

use myeloma_epi::curve::Family;
use myeloma_epi::figures::{Figure, Status};
use myeloma_epi::fit::{
    Bootstrap, Caution, Comparison, Fit, FitOptions, FittedCurve, IdentifiedFit, Likelihood, Limit,
    ParameterEstimate, ProfileInterval, PublishedProjectionUse, compare, fit,
};
use myeloma_epi::{IncidenceSeries, Observation, Seed, figures};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{identified, series_a, series_b, shaped, usa, weighted, with, with_prior};

/// What is read of what was written; the text is the same too, so that the numbers are to the bit.
#[track_caller]
fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> T {
    let text = serde_json::to_string(value).unwrap();
    let again: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(again, *value);
    assert_eq!(serde_json::to_string(&again).unwrap(), text);
    again
}

/// With one value of the JSON changed, reading is refused with a message that says `part`.
#[track_caller]
fn refused<T: Serialize + DeserializeOwned + Debug>(
    value: &T,
    pointer: &str,
    wrong: Value,
    part: &str,
) {
    let mut json = serde_json::to_value(value).unwrap();
    *json.pointer_mut(pointer).expect("a place in the file") = wrong;
    let error = serde_json::from_value::<T>(json).unwrap_err().to_string();
    assert!(error.contains(part), "\"{error}\" does not say \"{part}\"");
}

fn every_kind() -> Vec<IdentifiedFit<Family>> {
    let mut all = Vec::new();
    for family in Family::ALL {
        for likelihood in Likelihood::ALL {
            all.push(identified(family, &usa(), &with(likelihood)));
        }
    }
    // At its limit without a ceiling, with a prior, with weights.
    all.push(identified(
        Family::Gompertz,
        &series_a(),
        &with(Likelihood::Poisson),
    ));
    all.push(identified(
        Family::Logistic,
        &series_b(),
        &with_prior(Likelihood::Gaussian, "capacity", 260_000.0, 4_000.0),
    ));
    all.push(identified(
        Family::Logistic,
        &series_b(),
        &weighted(Likelihood::LogNormal, (1..=21).map(f64::from)),
    ));
    all
}

#[test]
fn identified_fits_come_back() {
    for one in every_kind() {
        let again = comes_back(&one);
        // What is made anew is what it was.
        assert_eq!(again.parameters(), one.parameters());
        assert_eq!(again.residuals(), one.residuals());
        assert_eq!(again.log_likelihood(), one.log_likelihood());
        assert_eq!(again.cautions(), one.cautions());
        assert_eq!(
            again.simulate_curve(2030..=2030, 10, Seed::new(1)).unwrap(),
            one.simulate_curve(2030..=2030, 10, Seed::new(1)).unwrap()
        );
        comes_back(one.curve());
        comes_back(one.options());
        for parameter in one.parameters().iter().chain(&one.internal_parameters()) {
            comes_back(parameter);
        }
        comes_back(&Fit::Identified(Box::new(one)));
    }
}

#[test]
fn fits_with_held_parameters_come_back() {
    let held = shaped(1.0).and("capacity", 255_000.0).unwrap();
    comes_back(&held);
    comes_back(&fit(held, &series_b(), &with(Likelihood::Poisson)).unwrap());
    refused(&shaped(1.0), "/held/0/1", json!(21.0), "from -1 to 20");
    refused(&shaped(1.0), "/held", json!([]), "no parameter is held");
}

#[test]
fn figures_with_errors_and_a_published_projection_come_back() {
    let world = IncidenceSeries::from_figures(figures::press_release(), "World").unwrap();
    let options = FitOptions {
        published_projection: PublishedProjectionUse::AsFigure,
        ..FitOptions::default()
    };
    for family in [Family::Exponential, Family::Logistic, Family::Gompertz] {
        comes_back(&fit(family, &world, &options).unwrap());
    }
    let errors = [Some(0.1), None, Some(0.02), Some(0.05)];
    let observations = (2000..)
        .zip(errors)
        .map(|(year, relative_error)| Observation {
            year,
            cases: 100.0 + f64::from(year - 2000),
            relative_error,
        });
    let series = IncidenceSeries::new("X", observations).unwrap();
    let one = identified(Family::Exponential, &series, &FitOptions::default());
    assert!(one.log_likelihood().is_some_and(f64::is_finite));
    comes_back(&one);
}

#[test]
fn a_fit_that_cannot_be_is_refused() {
    let fitted = identified(Family::Logistic, &series_b(), &with(Likelihood::Gaussian));
    refused(&fitted, "/theta/2", json!(-1.0), "damping");
    refused(&fitted, "/theta/0", Value::Null, "f64");
    refused(
        &fitted,
        "/theta",
        json!([1.0, 2.0]),
        "number of internal parameters",
    );
    refused(&fitted, "/scale", json!(-1.0), "scale");
    refused(&fitted, "/optimum/free", json!([0, 1]), "root");
    refused(
        &fitted,
        "/optimum/free",
        json!([0, 1, 3]),
        "free parameters",
    );
    refused(&fitted, "/optimum/information_root/2", json!(0.0), "root");
    refused(&fitted, "/optimum/condition", json!(-1.0), "condition");
    refused(
        &fitted,
        "/series/observations/3/cases",
        json!(-1.0),
        "cases",
    );
    refused(
        &fitted,
        "/series/observations",
        json!([]),
        "no observations",
    );
    refused(
        &fitted,
        "/options/weights",
        json!([1.0]),
        "number of weights",
    );
    refused(&fitted, "/family", json!("bertalanffy"), "bertalanffy");
    refused(
        &fitted,
        "/options",
        json!({"likelyhood": "poisson"}),
        "likelyhood",
    );

    let china = IncidenceSeries::from_figures(figures::press_release(), "China").unwrap();
    let through = fit(Family::Exponential, &china, &FitOptions::default()).unwrap();
    refused(
        &through,
        "/saturated/theta/1",
        json!(0.5),
        "does not go through",
    );
    refused(&through, "", json!({"fitted": {}}), "fitted");
    let curve: &FittedCurve<Family> = through.curve();
    refused(
        curve,
        "/theta",
        json!([1.0]),
        "number of internal parameters",
    );
}

#[test]
fn intervals_estimates_and_cautions_come_back() {
    for (lower, upper) in [
        (Limit::At(1.0), Limit::At(2.5)),
        (Limit::EndOfDomain(0.0), Limit::Unbounded),
    ] {
        comes_back(&ProfileInterval { lower, upper });
    }
    let interval = ProfileInterval {
        lower: Limit::At(1.0),
        upper: Limit::At(2.0),
    };
    refused(&interval, "/upper", json!({"at": 0.5}), "upper limit");

    let fit = identified(Family::Logistic, &series_b(), &with(Likelihood::Gaussian));
    let capacity: ParameterEstimate = fit.parameter("capacity").unwrap();
    refused(&capacity, "/standard_error", json!(-1.0), "standard error");
    refused(&capacity, "/estimate", Value::Null, "not estimated");
    refused(
        &capacity,
        "/degrees_of_freedom",
        json!(0),
        "degrees of freedom",
    );

    for caution in [
        Caution::AtBorder(vec!["damping".to_owned()]),
        Caution::NoCeiling(Some(0.1 + 0.2)),
        Caution::Overdispersed(f64::INFINITY),
        Caution::FewDegreesOfFreedom(1),
        Caution::OutlyingCount {
            year: 2020,
            cases: 1e9,
            ratio: 3e5,
        },
        Caution::NestedModelFitsBetter(Family::Gompertz),
    ] {
        comes_back(&caution);
        assert!(!caution.to_string().contains("NaN"));
    }
}

#[test]
fn refits_come_back_with_the_reasons_of_those_that_failed() {
    let fit = identified(Family::Gompertz, &usa(), &with(Likelihood::LogNormal));
    let bootstrap = fit.parametric_bootstrap(50, Seed::new(1)).unwrap();
    comes_back(&bootstrap);
    let mut json = serde_json::to_value(&bootstrap).unwrap();
    json["refits"][7] = json!("no convergence");
    let failed: Bootstrap = serde_json::from_value(json).unwrap();
    assert_eq!(failed.failed(), [(7, "no convergence".to_owned())]);
    assert_eq!(failed.parameters().ncols(), 49);
    comes_back(&failed);
    refused(
        &bootstrap,
        "/refits/3",
        json!([1.0]),
        "number of parameters",
    );
    refused(&bootstrap, "/replaced_by_limit", json!(51), "on the border");
    // A file with the older name of the key.
    let json = serde_json::to_string(&bootstrap).unwrap();
    let older = json.replace("\"replaced_by_limit\"", "\"at_limit\"");
    assert_ne!(older, json);
    let older: Bootstrap = serde_json::from_str(&older).unwrap();
    assert_eq!(older, bootstrap);
}

#[test]
fn comparisons_come_back() {
    let three =
        IncidenceSeries::from_counts("X", [(2000, 100.0), (2005, 110.0), (2010, 140.0)]).unwrap();
    let some = compare(&Family::ALL, &three, &FitOptions::default(), 2020);
    comes_back(&some);
    let all: Comparison = compare(&Family::ALL, &usa(), &FitOptions::default(), 2040);
    comes_back(&all);
    refused(&all, "/region", json!("Atlantis"), "United States");
    refused(&all, "/curves/1/weight", json!(1.5), "Akaike weight");
    refused(
        &all,
        "/curves/4/weight",
        json!(0.5),
        "sum of the Akaike weights",
    );
    refused(&all, "/curves/1/family", json!("linear"), "exponential");
    refused(&all, "/curves/1/interval95", json!([2.0, 1.0]), "interval");
    refused(&all, "/curves/1/value", json!(-2.0), "value");
}

/// A count of 1 that is stated to err by 1 errs by √2 with its counting error, and the fit comes back.
#[test]
fn errors_with_the_counting_error_come_back() {
    let figures = (2012..)
        .zip([1.0, 3.0, 2.0, 5.0, 4.0])
        .map(|(year, cases)| {
            let figure = Figure::new("Malta", year, cases, Status::Registered).unwrap();
            figure
                .with_relative_error(if cases > 1.0 { 0.03 } else { 1.0 })
                .unwrap()
        });
    let series = IncidenceSeries::from_figures(&figures.collect(), "Malta").unwrap();
    let fit = fit(Family::Exponential, &series, &FitOptions::default()).unwrap();
    let stored = serde_json::to_string(&fit).unwrap();
    assert_eq!(serde_json::from_str::<Fit<Family>>(&stored).unwrap(), fit);
}
