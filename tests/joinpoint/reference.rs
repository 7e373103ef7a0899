//! Trends and joinpoints against R, brute force and enumeration (`data/joinpoint_reference.R`).

#![allow(clippy::float_cmp, reason = "a number of permutations is exact")]

use myeloma_epi::joinpoint::{
    AnnualSeries, ErrorVariance, Intervals, JoinpointModel, JoinpointOptions, JoinpointRegression,
    LogLinearTrend, Selection,
};
use myeloma_epi::{IncidenceSeries, Observation, Seed};
use serde_json::Value;

use crate::{by_bic, close};

fn reference() -> Value {
    serde_json::from_str(include_str!("../data/joinpoint_reference.json")).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn count(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

fn years(value: &Value) -> Vec<i32> {
    serde_json::from_value(value.clone()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    // R writes a vector of length 1 as a number.
    value.as_array().map_or_else(
        || vec![number(value)],
        |all| all.iter().map(number).collect(),
    )
}

fn series(value: &Value) -> AnnualSeries {
    let (years, values) = (years(&value["year"]), numbers(&value["value"]));
    let errors = numbers(&value["se"]);
    let points = (0..years.len()).map(|i| (years[i], values[i], errors[i]));
    if value["count"] == true {
        let observations = points.map(|(year, cases, error)| Observation {
            year,
            cases,
            relative_error: Some(error / cases),
        });
        AnnualSeries::from(&IncidenceSeries::new("reference", observations).unwrap())
    } else {
        AnnualSeries::from_rates("reference", points).unwrap()
    }
}

fn named(reference: &Value, name: &Value) -> AnnualSeries {
    let all = reference["series"].as_array().unwrap();
    series(all.iter().find(|s| &s["name"] == name).unwrap())
}

fn variance(name: &Value) -> ErrorVariance {
    match name.as_str().unwrap() {
        "constant" => ErrorVariance::Constant,
        "standard_errors" => ErrorVariance::StandardErrors,
        "known_standard_errors" => ErrorVariance::KnownStandardErrors,
        "counts" => ErrorVariance::Poisson,
        other => panic!("{other}"),
    }
}

#[test]
fn trends_without_joinpoints_agree_with_lm_and_glm() {
    let reference = reference();
    let cases = reference["loglinear"].as_array().unwrap();
    assert_eq!(cases.len(), 21);
    for case in cases {
        let series = named(&reference, &case["series"]);
        let trend = match case["model"].as_str().unwrap() {
            "poisson" => LogLinearTrend::poisson(&series, 0.95),
            "quasi_poisson" => LogLinearTrend::quasi_poisson(&series, 0.95),
            _ => LogLinearTrend::least_squares(&series, variance(&case["model"]), 0.95),
        };
        let trend = trend.unwrap();
        let apc = trend.annual_percent_change();
        let what = format!("{} {}", case["series"], case["model"]);
        close(&what, apc.slope(), number(&case["slope"]), 1e-10);
        close(&what, apc.standard_error(), number(&case["se"]), 1e-9);
        close(
            &what,
            apc.interval().unwrap().0,
            number(&case["lower"]),
            1e-9,
        );
        close(
            &what,
            apc.interval().unwrap().1,
            number(&case["upper"]),
            1e-9,
        );
        close(&what, trend.dispersion(), number(&case["dispersion"]), 1e-9);
        let p = number(&case["p_value"]);
        assert!(
            (apc.p_value().unwrap() - p).abs() <= 1e-7 * p + 1e-15,
            "{what}"
        );
    }
}

fn check_model(
    model: &JoinpointModel,
    conditional: &JoinpointModel,
    case: &Value,
    (first, last): (i32, i32),
) {
    let what = format!("{} {} {}", case["series"], case["variance"], case["k"]);
    let k = count(&case["k"]);
    assert_eq!(model.joinpoints().len(), k);
    let places = numbers(&case["joinpoints"]);
    for (i, joinpoint) in model.joinpoints().iter().enumerate() {
        close(&what, joinpoint.year, places[i], 1e-15);
        let interval = numbers(&case["interval"][i]);
        close(&what, joinpoint.interval.0, interval[0], 1e-15);
        close(&what, joinpoint.interval.1, interval[1], 1e-15);
    }
    close(
        &what,
        model.residual_sum_of_squares(),
        number(&case["rss"]),
        1e-9,
    );
    let columns =
        ["slopes", "se", "lower", "upper", "conditional_se"].map(|column| numbers(&case[column]));
    for (i, segment) in model.segments().iter().enumerate() {
        let change = &segment.change;
        let tolerance = 1e-8;
        close(&what, change.slope(), columns[0][i], tolerance);
        close(&what, change.standard_error(), columns[1][i], tolerance);
        close(
            &what,
            change.interval().unwrap().0,
            columns[2][i],
            tolerance,
        );
        close(
            &what,
            change.interval().unwrap().1,
            columns[3][i],
            tolerance,
        );
        let conditional = &conditional.segments()[i].change;
        close(&what, conditional.slope(), columns[0][i], tolerance);
        close(
            &what,
            conditional.standard_error(),
            columns[4][i],
            tolerance,
        );
        if let Some(degrees_of_freedom) = change.degrees_of_freedom() {
            close(&what, degrees_of_freedom, number(&case["df"]), 0.0);
        }
    }
    for (got, name) in [
        (model.bic(), "bic"),
        (model.bic3(), "bic3"),
        (model.weighted_bic(), "weighted_bic"),
    ] {
        close(&what, got.unwrap(), number(&case[name]), 1e-9);
    }
    for (got, expected) in model.fitted().iter().zip(numbers(&case["fitted"])) {
        close(&what, *got, expected, 1e-12);
    }
    let aapc = model.average_annual_percent_change(first, last).unwrap();
    close(&what, aapc.percent(), number(&case["aapc"]), 1e-9);
    close(
        &what,
        aapc.interval().unwrap().0,
        number(&case["aapc_lower"]),
        1e-8,
    );
    close(
        &what,
        aapc.interval().unwrap().1,
        number(&case["aapc_upper"]),
        1e-8,
    );
    let aapc = conditional
        .average_annual_percent_change(first, last)
        .unwrap();
    close(
        &what,
        aapc.standard_error(),
        number(&case["aapc_conditional_se"]),
        1e-8,
    );
}

#[test]
fn joinpoint_models_agree_with_brute_force() {
    let reference = reference();
    let cases = reference["joinpoints"].as_array().unwrap();
    assert_eq!(cases.len(), 62);
    for case in cases {
        let k = count(&case["k"]);
        let options = JoinpointOptions {
            variance: variance(&case["variance"]),
            max_joinpoints: Some(k),
            grid_points_between: count(&case["points_between"]),
            ..by_bic()
        };
        let series = named(&reference, &case["series"]);
        let fit = JoinpointRegression::fit(&series, &options).unwrap();
        let conditional = JoinpointOptions {
            intervals: Intervals::Conditional,
            ..options
        };
        let conditional = JoinpointRegression::fit(&series, &conditional).unwrap();
        let years = (series.first_year(), series.last_year());
        check_model(&fit.models()[k], &conditional.models()[k], case, years);
    }
}

#[test]
fn permutation_tests_agree_with_enumeration() {
    for case in reference()["permutation"].as_array().unwrap() {
        let (null, alternative) = (&case["null"], &case["alternative"]);
        let options = JoinpointOptions {
            // England is unweighted.
            variance: if case["series"] == "England" {
                ErrorVariance::Constant
            } else {
                ErrorVariance::StandardErrors
            },
            max_joinpoints: Some(count(alternative)),
            selection: Selection::PermutationTest {
                // A sequence that reaches every test: reject almost always, or almost never.
                alpha: 0.999_999,
                permutations: 40_000,
                seed: Seed::new(3),
            },
            ..by_bic()
        };
        let fit = JoinpointRegression::fit(&series(case), &options).unwrap();
        let test = fit.tests().iter().find(|t| t.null == count(null)).unwrap();
        assert_eq!(test.alternative, count(alternative));
        let (p, draws) = (number(&case["p_value"]), number(&case["permutations"]));
        // All permutations of seven observations; random ones of more.
        let of_reference = if draws == 5040.0 {
            0.0
        } else {
            p * (1.0 - p) / draws
        };
        let error = (of_reference + p * (1.0 - p) / 40_000.0).sqrt();
        assert!(
            (test.p_value - p).abs() < 4.0 * error + 1e-4,
            "{} {null}: {}, expected {p} ± {error}",
            case["series"],
            test.p_value
        );
    }
}
