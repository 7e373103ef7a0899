//! Counts of 0, and years that are marked as out of line or unfinished.

use myeloma_epi::curve::Family;
use myeloma_epi::figures::{Figures, Mark};
use myeloma_epi::fit::{Fit, FitOptions, Likelihood, Limit, compare, fit};
use myeloma_epi::forecast::{ForecastOptions, RegistryTrend};
use myeloma_epi::{ErrorKind, IncidenceSeries, Projection, ProjectionOptions, figures};
use serde_json::Value;

use super::{close, with};

fn of(case: &Value) -> IncidenceSeries {
    let first = i32::try_from(case["first"].as_i64().unwrap()).unwrap();
    let counts = case["counts"].as_array().unwrap().iter();
    let counts = (first..).zip(counts.map(|count| count.as_f64().unwrap()));
    IncidenceSeries::from_counts(case["name"].as_str().unwrap(), counts).unwrap()
}

/// Expected values by statsmodels and scipy, `tests/data/zeros.py`; R's `glm` gives the same.
#[test]
fn likelihoods_of_counts_take_zeros() {
    let cases: Value = serde_json::from_str(include_str!("../data/zeros.json")).unwrap();
    let mut compared = 0;
    for case in cases.as_array().unwrap() {
        let series = of(case);
        let name = series.region();
        let negative_binomial = &case["negative_binomial"];
        for (likelihood, expected, profile) in [
            (Likelihood::Poisson, case, "poisson_profile"),
            (Likelihood::QuasiPoisson, case, "quasi_profile"),
            (Likelihood::NegativeBinomial, negative_binomial, "profile"),
        ] {
            let fit = fit(Family::Exponential, &series, &with(likelihood)).unwrap();
            let fit = fit.identified().unwrap();
            if expected.is_null() {
                assert_eq!(
                    fit.scale(),
                    Some(0.0),
                    "{name}: no more scatter than Poisson counts"
                );
                continue;
            }
            compared += 1;
            let number = |key: &str| expected[key].as_f64().unwrap();
            let rate = fit.parameters().remove(1);
            close(name, rate.estimate.unwrap(), number("rate"), 1e-6);
            if likelihood == Likelihood::NegativeBinomial {
                close(name, fit.scale().unwrap(), number("alpha"), 1e-5);
            } else {
                let widened = match likelihood {
                    Likelihood::Poisson => 1.0,
                    _ => number("dispersion").sqrt(),
                };
                let error = number("standard_error") * widened;
                close(name, rate.standard_error.unwrap(), error, 1e-6);
                close(name, fit.dispersion().unwrap(), number("dispersion"), 1e-6);
            }
            if likelihood != Likelihood::QuasiPoisson {
                let loglik = fit.log_likelihood().unwrap();
                close(name, loglik, number("log_likelihood"), 1e-9);
            }
            let interval = fit.profile_interval("rate", 0.95).unwrap();
            for (limit, expected) in [interval.lower, interval.upper].iter().zip(0..) {
                let expected = case_limit(case, negative_binomial, profile, expected);
                assert!(matches!(limit, Limit::At(_)), "{name}: {limit:?}");
                close(name, limit.value().unwrap(), expected, 1e-6);
            }
        }
    }
    assert_eq!(compared, 7);
}

fn case_limit(case: &Value, negative_binomial: &Value, profile: &str, side: usize) -> f64 {
    let of = if profile == "profile" {
        negative_binomial
    } else {
        case
    };
    of[profile][side].as_f64().unwrap()
}

/// What is printed for these counts by R: 27.057 % a year, 9.033 to 48.061 (Poisson) and 9.708 to 47.150
/// (quasi-Poisson), by Wald's method.
#[test]
fn ten_years_with_zeros_are_those_of_r() {
    let text = "year,cases\n2010,0\n2011,2\n2012,1\n2013,0\n2014,3\n2015,2\n2016,4\n2017,3\n2018,6\n2019,5\n";
    let file = std::env::temp_dir().join(format!("zeros-{}.csv", std::process::id()));
    std::fs::write(&file, text).unwrap();
    let series = IncidenceSeries::read_counts(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    for (likelihood, lower, upper) in [
        (Likelihood::Poisson, 9.033, 48.061),
        (Likelihood::QuasiPoisson, 9.708, 47.150),
    ] {
        let fit = fit(Family::Exponential, &series, &with(likelihood)).unwrap();
        let rate = fit.parameter("rate").unwrap();
        let (from, to) = rate.interval(0.95).unwrap().unwrap();
        for (value, expected) in [(rate.estimate.unwrap(), 27.057), (from, lower), (to, upper)] {
            assert!(
                (100.0 * value.exp_m1() - expected).abs() < 5.01e-4,
                "{value}"
            );
        }
    }
}

#[test]
fn every_curve_meets_counts_with_zeros_under_every_likelihood_of_counts() {
    let cases: Value = serde_json::from_str(include_str!("../data/zeros.json")).unwrap();
    for series in cases.as_array().unwrap().iter().map(of) {
        for likelihood in [
            Likelihood::Gaussian,
            Likelihood::Poisson,
            Likelihood::QuasiPoisson,
            Likelihood::NegativeBinomial,
        ] {
            let comparison = compare(&Family::ALL, &series, &with(likelihood), 2022);
            for curve in comparison.curves() {
                let name = format!(
                    "{} {} {}",
                    series.region(),
                    likelihood.name(),
                    curve.family()
                );
                if let Some(fit) = curve.fit() {
                    assert!(fit.cautions().len() < 10, "{name}");
                    let text = serde_json::to_string(fit).unwrap();
                    assert_eq!(
                        &serde_json::from_str::<Fit<Family>>(&text).unwrap(),
                        fit,
                        "{name}"
                    );
                    assert!(
                        !text.contains("nan") && !fit.to_string().contains("NaN"),
                        "{name}"
                    );
                }
            }
            // The line of a steep fall is below 0 in the end, and says so.
            let exponential = comparison.curve(Family::Exponential).unwrap();
            assert!(exponential.fit().is_some(), "{:?}", exponential.reason());
        }
    }
}

/// Where logarithms are taken a 0 is refused, with the year and the ways out.
#[test]
fn zeros_are_refused_where_logarithms_are_taken() {
    let series = IncidenceSeries::from_counts(
        "Atlantis",
        (2010..).zip([4.0, 2.0, 1.0, 0.0, 3.0, 2.0, 4.0, 3.0, 6.0, 5.0]),
    )
    .unwrap();
    let two = IncidenceSeries::from_counts("Atlantis", [(2012, 3.0), (2013, 0.0)]).unwrap();
    let trend = RegistryTrend::default();
    let errors = [
        fit(Family::Exponential, &series, &FitOptions::default()).unwrap_err(),
        fit(Family::Exponential, &two, &with(Likelihood::Poisson)).unwrap_err(),
        Projection::of(&Family::Exponential, &series, &ProjectionOptions::to(2030)).unwrap_err(),
        trend.of(&series, &ForecastOptions::default()).unwrap_err(),
        trend.of(&two, &ForecastOptions::default()).unwrap_err(),
    ];
    for error in errors {
        let message = error.to_string();
        assert!(
            matches!(error.kind(), ErrorKind::Unsuitable { .. }),
            "{message}"
        );
        for word in ["Atlantis", "2013", "Poisson", "combine years"] {
            assert!(message.contains(word), "{message}");
        }
    }
    let none =
        IncidenceSeries::from_counts("Atlantis", (2010..2020).map(|year| (year, 0.0))).unwrap();
    for likelihood in Likelihood::ALL {
        let error = fit(Family::Exponential, &none, &with(likelihood)).unwrap_err();
        assert!(
            error.to_string().contains("every count of Atlantis is 0"),
            "{error}"
        );
    }
    // Nobody foresees that a disease ends.
    let text = "region,year,cases,status\nAtlantis,2020,0,registered\n";
    assert!(Figures::from_csv("mine", text).is_ok());
    let error = Figures::from_csv("mine", &text.replace("registered", "projection")).unwrap_err();
    assert!(error.to_string().contains("above 0"), "{error}");
}

/// Marked years are left out, as if the counts were not there, and named.
#[test]
fn marked_years_are_left_out_and_named() {
    let usa = IncidenceSeries::from_figures(figures::registered(), "United States").unwrap();
    let counts = usa.observations().iter().filter(|o| o.year < 2020);
    let before = IncidenceSeries::new("United States", counts.copied()).unwrap();
    for likelihood in Likelihood::ALL {
        for family in Family::ALL {
            let marked = fit(family, &usa, &with(likelihood)).unwrap();
            let cut = fit(family, &before, &with(likelihood)).unwrap();
            assert_eq!(marked.parameters(), cut.parameters());
            let names: Vec<_> = marked.left_out().collect();
            let expected = [
                (2020, Mark::Shock),
                (2021, Mark::Provisional),
                (2022, Mark::Provisional),
            ];
            assert_eq!(names, expected);
            let line = "left out: 2020 (shock), 2021 (provisional), 2022 (provisional)";
            assert!(marked.to_string().contains(line), "{marked}");
            let text = serde_json::to_string(&marked).unwrap();
            assert_eq!(serde_json::from_str::<Fit<Family>>(&text).unwrap(), marked);
        }
    }
    let comparison = compare(&Family::ALL, &usa, &FitOptions::default(), 2035);
    assert_eq!((comparison.figures(), comparison.left_out().len()), (21, 3));
    assert!(comparison.to_string().contains("left out: 2020 (shock)"));
    let all = compare(
        &Family::ALL,
        &usa.clone().without_marks(),
        &FitOptions::default(),
        2035,
    );
    assert_eq!((all.figures(), all.left_out().len()), (24, 0));
    // A mark on the first year moves the first year of the curve, and nothing else.
    let later = usa.clone().with_mark(Mark::Shock, [1999]).unwrap();
    let fitted = fit(Family::Exponential, &later, &FitOptions::default()).unwrap();
    assert_eq!(fitted.curve().reference_year(), 2000);
    let but_two = usa.clone().with_mark(Mark::Shock, 2001..=2022).unwrap();
    let error = fit(Family::Logistic, &but_two, &FitOptions::default()).unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains("left out: 2001 (shock), 2002 (shock)"),
        "{said}"
    );
    let every = usa.with_mark(Mark::Shock, 1999..=2022).unwrap();
    let error = fit(Family::Exponential, &every, &FitOptions::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("every year of United States is marked"),
        "{error}"
    );
}

/// A column of marks in files of figures and of counts.
#[test]
fn files_carry_marks() {
    let text = "region,year,cases,status,mark\nA,2019,5,registered,\nA,2020,3,registered,shock\n\
                A,2021,9,registered,provisional\n";
    let figures = Figures::from_csv("mine", text).unwrap();
    let again = serde_json::to_string(&figures).unwrap();
    assert_eq!(Figures::from_json("mine", &again).unwrap(), figures);
    let series = IncidenceSeries::from_figures(&figures, "A").unwrap();
    assert_eq!(series.marks()[&2020], Mark::Shock);
    assert_eq!(series.marks()[&2021], Mark::Provisional);
    assert_eq!(
        series.unmarked().map(|o| o.year).collect::<Vec<_>>(),
        [2019]
    );
    let text = serde_json::to_string(&series).unwrap();
    assert_eq!(
        serde_json::from_str::<IncidenceSeries>(&text).unwrap(),
        series
    );
    let wrong = text.replace("\"2020\":\"shock\"", "\"2018\":\"shock\"");
    let error = serde_json::from_str::<IncidenceSeries>(&wrong).unwrap_err();
    assert!(error.to_string().contains("no count of 2018"), "{error}");
    let error = Figures::from_csv(
        "mine",
        "region,year,cases,status,mark\nA,2019,5,registered,shok\n",
    );
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("\"shok\" is not shock or provisional")
    );
}
