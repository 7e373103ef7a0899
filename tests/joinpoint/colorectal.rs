//! The three sample series of the NCI's Joinpoint program, from a file with standard errors, against brute force in Python
//! (`data/colorectal.py`): models, and the intervals of every method.

#![allow(clippy::float_cmp, reason = "numbers rounded as they were published")]

use std::path::{Path, PathBuf};

use myeloma_epi::Seed;
use myeloma_epi::joinpoint::{
    AnnualPercentChange, AnnualSeries, ErrorVariance, Intervals, JoinpointOptions,
    JoinpointRegression,
};
use serde_json::Value;

use crate::{classical, close};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/{name}.csv"))
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

fn fit(name: &str, intervals: Intervals) -> JoinpointRegression {
    let options = JoinpointOptions {
        variance: ErrorVariance::StandardErrors,
        max_joinpoints: Some(3),
        intervals,
        ..classical(999)
    };
    let series = AnnualSeries::read(file(name)).unwrap();
    assert_eq!((series.name(), series.is_of_counts()), (name, false));
    JoinpointRegression::fit(&series, &options).unwrap()
}

/// Both sexes, men and women.
const REFERENCES: [(&str, &str); 3] = [
    ("colorectal", include_str!("../data/colorectal.json")),
    (
        "colorectal_men",
        include_str!("../data/colorectal_men.json"),
    ),
    (
        "colorectal_women",
        include_str!("../data/colorectal_women.json"),
    ),
];

#[test]
fn models_and_intervals_are_those_of_brute_force() {
    for (name, reference) in REFERENCES {
        are_those_of_brute_force(name, &serde_json::from_str(reference).unwrap());
    }
}

fn are_those_of_brute_force(name: &str, reference: &Value) {
    for (method, intervals) in [
        ("clegg", Intervals::Clegg),
        ("parametric", Intervals::Parametric),
        (
            "resampled",
            Intervals::Resampled {
                resamples: 4000,
                seed: Seed::new(1),
            },
        ),
    ] {
        // Of the women's few turns resampled slopes have two modes, and their quantiles no small error.
        if method == "resampled" && name == "colorectal_women" {
            continue;
        }
        let regression = fit(name, intervals);
        for (k, model) in regression.models().iter().enumerate() {
            let expected = &reference["models"][k];
            let years: Vec<f64> = model.joinpoints().iter().map(|j| j.year).collect();
            assert_eq!(years, numbers(&expected["joinpoints"]));
            close(
                "rss",
                model.residual_sum_of_squares(),
                expected["rss"].as_f64().unwrap(),
                1e-9,
            );
            close(
                "WBIC",
                model.weighted_bic().unwrap(),
                expected["weighted_bic"].as_f64().unwrap(),
                1e-9,
            );
            let check = |change: &AnnualPercentChange, percent: f64, interval: &Value| {
                let what = format!("{name}, {method}, {k} joinpoints");
                close(&what, change.percent(), percent, 1e-9);
                let ends = numbers(interval);
                // Two samples of resampled series differ: the ends of a normal interval by 2.7/√4000 of its standard
                // deviation, a quarter of its width, for one in three pairs of samples.
                let tolerance = if method == "resampled" {
                    0.05 * (ends[1] - ends[0])
                } else {
                    1e-9
                };
                let (lower, upper) = change.interval().unwrap();
                assert!(
                    (lower - ends[0]).abs() < tolerance,
                    "{what}: {lower}, {ends:?}"
                );
                assert!(
                    (upper - ends[1]).abs() < tolerance,
                    "{what}: {upper}, {ends:?}"
                );
            };
            let changes = numbers(&expected["apc"]);
            for (i, segment) in model.segments().iter().enumerate() {
                check(&segment.change, changes[i], &expected[method][i]);
            }
            let average = model.average_annual_percent_change(1975, 2009).unwrap();
            let interval = &expected[format!("aapc_{method}")];
            check(&average, expected["aapc"].as_f64().unwrap(), interval);
        }
    }
}

/// What users of the program report of its sample series: joinpoints, changes, and the average with the
/// classical interval.
#[test]
fn the_published_analysis() {
    let regression = fit("colorectal", Intervals::Clegg);
    let model = regression.selected();
    let years: Vec<f64> = model.joinpoints().iter().map(|j| j.year).collect();
    assert_eq!(years, [1985.0, 1995.0, 1998.0]);
    let rounded = |x: f64| (1e3 * x).round() / 1e3;
    let changes = model.segments().iter().map(|s| rounded(s.change.percent()));
    assert_eq!(changes.collect::<Vec<_>>(), [0.807, -1.819, 1.601, -2.501]);
    let average = model.average_annual_percent_change(1975, 2009).unwrap();
    let (lower, upper) = average.interval().unwrap();
    assert_eq!(
        [average.percent(), lower, upper].map(rounded),
        [-0.978, -1.271, -0.684]
    );
    // A p-value of a decline as steady as this is small, and not 0.
    assert!(average.p_value().is_some_and(|p| p > 1e-11 && p < 1e-9));
}

#[test]
fn files_of_series() {
    let folder = std::env::temp_dir().join(format!("joinpoint-files-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let read = |text: &str| {
        let path = folder.join("atlantis.csv");
        std::fs::write(&path, text).unwrap();
        AnnualSeries::read(path)
    };
    let counts = read("year,cases\n2001,0\n2002,7\n").unwrap();
    assert_eq!(
        counts,
        AnnualSeries::from_counts("atlantis", [(2001, 0.0), (2002, 7.0)]).unwrap()
    );
    let rates = read("# comment\nstandard_error,rate,year\n0.5,6.25,2001\n,7,2003\n").unwrap();
    let expected = [(2001, 6.25, Some(0.5)), (2003, 7.0, None)];
    assert_eq!(
        rates,
        AnnualSeries::from_rates("atlantis", expected).unwrap()
    );
    assert!(!rates.has_standard_errors());
    let marked = read("year,cases,mark\n2001,5,\n2002,7,shock\n").unwrap();
    assert_eq!(marked.left_out().into_keys().collect::<Vec<_>>(), [2002]);
    for (text, says) in [
        ("year,rate,cases\n2001,5,6\n", "either cases or a rate"),
        ("year,rate,cases\n2001,5,\n2002,,6\n", "not of both"),
        ("year,standard_error\n2001,5\n", "either cases or a rate"),
        ("year,cases,se\n2001,5,1\n", "unknown column \"se\""),
        ("year,rate,standard_error\n2001,5,0\n", "standard error"),
        ("year,cases\n2001,many\n", "line 2"),
        ("year,cases,mark\n2001,5,odd\n", "shock or provisional"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
