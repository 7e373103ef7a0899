//! Options that cannot be, counts that are hard to fit, and curves of users that misbehave.

use myeloma_epi::curve::{Family, GrowthCurve, Parameter, Point, Role};
use myeloma_epi::fit::{
    Bootstrap, Caution, Fit, FitOptions, Holding, IdentifiedFit, Likelihood, Limit, Prior, fit,
};
use myeloma_epi::{IncidenceSeries, Observation, Seed};

use super::{close, identified, series_b, shaped, usa, weighted, with, with_prior};

/// The line through 30 in 2018 and 10 in 2020 is at −10 in 2022; an exponential curve that grows a millionfold in five years has
/// 10³⁰⁶ cases in 2024 and none that a number can hold in 2030.
#[test]
fn a_value_that_is_no_number_of_cases_is_an_error() {
    let of = |family, counts: [(i32, f64); 2]| {
        let series = IncidenceSeries::from_counts("Atlantis", counts).unwrap();
        fit(family, &series, &FitOptions::default()).unwrap()
    };
    let line = of(Family::Linear, [(2018, 30.0), (2020, 10.0)]);
    close("2020", line.curve().cases(2020.5).unwrap(), 5.0, 1e-9);
    let below = line.curve().cases(2022.0).unwrap_err().to_string();
    assert!(
        below.contains("the linear curve of Atlantis gives -10"),
        "{below}"
    );
    let steep = of(Family::Exponential, [(2019, 1e300), (2024, 1e306)]);
    let beyond = steep.curve().cases(2030.0).unwrap_err().to_string();
    assert!(beyond.contains("gives inf cases in 2030"), "{beyond}");
}

#[test]
fn options_that_cannot_be_are_refused() {
    let refused = |options: &FitOptions, parts: &[&str]| {
        let text = fit(Family::Logistic, &series_b(), options)
            .unwrap_err()
            .to_string();
        for part in parts {
            assert!(text.contains(part), "\"{text}\" does not say \"{part}\"");
        }
    };
    refused(
        &weighted(Likelihood::default(), [1.0; 3]),
        &["number of weights", "3", "21 figures"],
    );
    refused(
        &weighted(Likelihood::default(), [-1.0; 21]),
        &["weight", "-1", "figure 1", "above 0"],
    );
    refused(
        &with_prior(Likelihood::default(), "ceiling", 1.0, 1.0),
        &["no natural parameter", "\"ceiling\"", "capacity"],
    );
    refused(
        &with_prior(Likelihood::default(), "capacity", 1.0, 0.0),
        &["standard deviation", "0", "prior of capacity"],
    );
    refused(
        &with_prior(Likelihood::default(), "capacity", f64::NAN, 1.0),
        &["mean", "NaN"],
    );
    let fit = identified(Family::Logistic, &series_b(), &FitOptions::default());
    assert!(fit.profile_interval("ceiling", 0.95).is_err());
    for level in [0.0, 1.0, f64::NAN] {
        assert!(fit.profile_interval("capacity", level).is_err());
        assert!(fit.parameters()[0].interval(level).is_err());
        assert!(fit.prediction_interval(2040.0, level).is_err());
    }
    assert!(fit.parametric_bootstrap(0, Seed::new(1)).is_err());
    assert!(fit.refit_to(&ndarray::Array2::zeros((2, 3))).is_err());
    #[allow(clippy::reversed_empty_ranges)] // No year at all is what is refused.
    let none = fit.simulate_curve(2040..=2030, 10, Seed::new(1));
    assert!(none.is_err());
    assert!(
        "normal"
            .parse::<Likelihood>()
            .unwrap_err()
            .to_string()
            .contains("negative_binomial")
    );
}

/// Whether theory promises a maximum for any counts above 0. The log-likelihood of the exponential curve is
/// strictly concave in ln y(0) and the rate for log-normal counts (linear regression) and for Poisson counts
/// (their canonical link); that of a straight line for Poisson counts is so in intercept and slope, and
/// falls without bound where the line comes near 0 at a count.
fn has_maximum(family: Family, likelihood: Likelihood) -> bool {
    let poisson = matches!(likelihood, Likelihood::Poisson | Likelihood::QuasiPoisson);
    match family {
        Family::Exponential => poisson || likelihood == Likelihood::LogNormal,
        Family::Linear => poisson,
        _ => false,
    }
}

/// A fit, where there has to be one, or an error that says which fails; never a panic, and in bounded time.
#[test]
fn hard_data_end_in_a_fit_or_an_error() {
    let series = |counts: &[f64]| {
        let counts = counts
            .iter()
            .enumerate()
            .map(|(i, &c)| (2000 + i32::try_from(i).unwrap(), c));
        IncidenceSeries::from_counts("X", counts).unwrap()
    };
    let mut outlier: Vec<f64> = (0..15).map(|i| 1000.0 + 20.0 * f64::from(i)).collect();
    outlier[7] = 1e9;
    let data = [
        series(&[500.0; 12]),
        series(&outlier),
        series(&(0..20).map(|i| 3e9 * 1.02_f64.powi(i)).collect::<Vec<_>>()),
        series(
            &(0..10)
                .map(|i| if i % 2 == 0 { 10.0 } else { 1000.0 })
                .collect::<Vec<_>>(),
        ),
        series(&(0..10).map(|i| 1e-3 * f64::from(i + 1)).collect::<Vec<_>>()),
    ];
    for (case, series) in data.iter().enumerate() {
        for family in Family::ALL {
            for likelihood in Likelihood::ALL {
                let name = format!("{family} {} {case}", likelihood.name());
                match fit(family, series, &with(likelihood)) {
                    Ok(fit) => {
                        let value = fit.curve().cases(2010.0);
                        assert!(value.is_ok_and(f64::is_finite), "{name}");
                    }
                    Err(error) => {
                        let text = error.to_string();
                        assert!(text.contains(&family.to_string()), "{name}: {text}");
                        assert!(!text.contains("panicked"), "{name}: {text}");
                        assert!(!has_maximum(family, likelihood), "{name}: {text}");
                    }
                }
            }
        }
    }
    let constant = identified(Family::Exponential, &data[0], &with(Likelihood::Poisson));
    assert!(constant.parameters()[1].estimate.unwrap().abs() < 1e-12);
}

/// A straight line that would fall below 0 has no maximum of the likelihood among lines above 0, and says
/// in which year.
#[test]
fn a_line_that_would_fall_below_zero_says_where() {
    let counts = (0..9).map(|i| (2000 + i, if i == 8 { 1e9 } else { 1000.0 }));
    let series = IncidenceSeries::from_counts("X", counts).unwrap();
    let error = fit(Family::Linear, &series, &with(Likelihood::Gaussian)).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("the nearer it comes to 0 in 2000"), "{text}");
    assert!(text.contains("the figure of 2008"), "{text}");
}

/// Counts that accelerate take the curves with a ceiling to their limit without one: no ceiling is
/// identified, whatever the shape the curve is no hinge, and the profile has a lower end alone.
#[test]
fn a_curve_without_a_ceiling_is_no_hinge() {
    let counts = (0..20).map(|i| {
        let t = f64::from(i);
        (
            2000 + i,
            1000.0 * (0.03 * t + 0.0002 * t * t + 0.01 * (3.0 * t).sin()).exp(),
        )
    });
    let series = IncidenceSeries::from_counts("X", counts).unwrap();
    let gompertz = identified(Family::Gompertz, &series, &FitOptions::default());
    assert!(gompertz.parameters()[0].estimate.is_none());
    assert!(gompertz.cautions().contains(&Caution::CeilingNotIdentified));
    let interval = gompertz.profile_interval("capacity", 0.95).unwrap();
    assert!(interval.upper == Limit::Unbounded && interval.lower.value().is_some());
    let sharp = identified(shaped(20.0), &series, &FitOptions::default());
    assert!(sharp.parameters()[0].estimate.is_none());
    assert!(!sharp.cautions().contains(&Caution::Hinge));
}

/// A curve of a user's that has no value on part of its domain is stepped around; one that never has
/// a value, or whose parameters say the same thing twice, is an error.
#[test]
fn curves_of_users_that_misbehave() {
    #[derive(Debug, Clone, Copy)]
    enum Fault {
        NanBelowZero,
        AlwaysNan,
        Collinear,
        Panics,
    }
    #[derive(Debug)]
    struct Custom(Fault);
    impl GrowthCurve for Custom {
        fn name(&self) -> &'static str {
            "custom"
        }
        fn parameters(&self) -> &[Parameter] {
            static PARAMETERS: [Parameter; 2] = [
                Parameter::new("a", "", Role::Other),
                Parameter::new("b", "", Role::Other),
            ];
            &PARAMETERS
        }
        fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64 {
            let (a, b) = (theta[0], theta[1]);
            match self.0 {
                Fault::AlwaysNan => f64::NAN,
                Fault::Panics => panic!("no value at {t}"),
                Fault::Collinear => {
                    gradient.copy_from_slice(&[t + 1.0, 2.0 * (t + 1.0)]);
                    (a + 2.0 * b) * (t + 1.0)
                }
                Fault::NanBelowZero => {
                    gradient.copy_from_slice(&[(b * t).exp(), a * t * (b * t).exp()]);
                    if a < 0.0 { f64::NAN } else { a * (b * t).exp() }
                }
            }
        }
        fn starting_guess(&self, _points: &[Point], theta: &mut [f64]) {
            theta.copy_from_slice(&[1.0, 0.01]);
        }
    }
    let stepped = identified(
        Custom(Fault::NanBelowZero),
        &usa(),
        &with(Likelihood::LogNormal),
    );
    let shipped = identified(Family::Exponential, &usa(), &with(Likelihood::LogNormal));
    close(
        "rate",
        stepped.parameters()[1].estimate.unwrap(),
        shipped.parameters()[1].estimate.unwrap(),
        1e-9,
    );
    let says = |fault: Fault| {
        fit(Custom(fault), &usa(), &FitOptions::default())
            .unwrap_err()
            .to_string()
    };
    let nowhere = says(Fault::AlwaysNan);
    assert!(
        nowhere.contains("at figure 1 ") && nowhere.contains("the curve is not finite"),
        "{nowhere}"
    );
    let panicked = says(Fault::Panics);
    assert!(
        panicked.contains("own code panicked: no value at 0"),
        "{panicked}"
    );
    assert!(
        says(Fault::Collinear).contains("do not determine a, b"),
        "{}",
        says(Fault::Collinear)
    );
}

/// Draws and refits are made for as many years as a series may have, and not for as many as memory holds.
#[test]
fn a_range_of_ten_million_years_is_refused() {
    let fit = identified(Family::Gompertz, &series_b(), &FitOptions::default());
    let years = 1995..=10_000_000;
    let bootstrap = fit.parametric_bootstrap(2, Seed::default()).unwrap();
    for error in [
        fit.simulate_curve(years.clone(), 2, Seed::default())
            .unwrap_err(),
        fit.simulate_counts(years.clone(), 2, Seed::default())
            .unwrap_err(),
        bootstrap.curves(&Family::Gompertz, years).unwrap_err(),
    ] {
        let text = error.to_string();
        assert!(
            text.contains("number of years") && text.contains("9998006"),
            "{text}"
        );
    }
}

/// An interval that ends past the range of numbers, or about a curve that has vanished, is an error, and a test
/// statistic that is no number is absent.
#[test]
fn intervals_past_the_range_of_numbers_are_errors() {
    let counts = (2000..).zip([900.0, 400.0, 180.0, 70.0, 30.0, 14.0, 6.0, 3.0]);
    let falling = IncidenceSeries::from_counts("Atlantis", counts).unwrap();
    let fit = identified(Family::Exponential, &falling, &FitOptions::default());
    // e^(−0.83·t) is below 5e-324 after 900 years.
    assert!(fit.curve().cases(3100.0).unwrap() <= 0.0);
    for result in [
        fit.confidence_interval(3100.0, 0.95),
        fit.prediction_interval(3100.0, 0.95),
    ] {
        let text = result.unwrap_err().to_string();
        assert!(
            text.contains("there is no interval") && !text.contains("NaN"),
            "{text}"
        );
    }
    // The standard error of the growth is 1.4 % a year: 60,000 years ahead the ends are e^±2,000 times the curve.
    let interval = fit.confidence_interval(-58_000.0, 0.95);
    assert!(interval.is_err(), "{interval:?}");

    let one = (2000..).zip([3.0, 5.0, 4.0, 1e300, 6.0, 2.0, 7.0]);
    let one = IncidenceSeries::from_counts("Atlantis", one).unwrap();
    if let Ok(fit) = fit_of(&one) {
        let test = fit.overdispersion_test();
        assert!(
            test.is_none_or(|(t, p)| t.is_finite() && (0.0..=1.0).contains(&p)),
            "{test:?}"
        );
    }
}

fn fit_of(series: &IncidenceSeries) -> Result<IdentifiedFit<Family>, myeloma_epi::Error> {
    match fit(Family::Exponential, series, &with(Likelihood::Poisson))? {
        Fit::Identified(fit) => Ok(*fit),
        Fit::Saturated(_) => panic!("seven figures, two parameters"),
    }
}

/// The monomolecular curve 1,000·(1 + 0.1·(1 − e^(−0.1·t))/0.1) begins at t = −ln 2/0.1: seven years before the
/// reference year it is below 0, which is no curve of counts, and not 0.
#[test]
fn a_curve_before_its_start_has_no_value() {
    let text = r#"{"reference_year": 2000, "replaced_by_limit": 0, "refits": [[6.907755278982137, 0.1, 0.2, -1.0]]}"#;
    let bootstrap: Bootstrap = serde_json::from_str(text).unwrap();
    let at = |year| bootstrap.curves(&Family::Richards, year..=year);
    let six = at(1994).unwrap().view()[[0, 0]];
    close(
        "six years before",
        six,
        1000.0 * (2.0 - 0.6_f64.exp()),
        1e-12,
    );
    for year in [1993, 1992, 1950] {
        assert!(at(year).is_err(), "{year}");
    }
}

/// What cannot be had is told in words that a reader can use.
#[test]
fn messages_are_sentences() {
    let small = [5.0, 4.0, 0.0, 3.0, 2.0, 0.0, 1.0, 0.0, 0.0, 0.0];
    let small = IncidenceSeries::from_counts("Malta", (2010..).zip(small)).unwrap();
    // The line of the greatest likelihood is 0 in 2019, and identity-link models of other programs end there, too.
    let line = fit(Family::Linear, &small, &with(Likelihood::Poisson)).unwrap_err();
    assert!(
        line.to_string()
            .contains("the nearer it comes to 0 in 2019"),
        "{line}"
    );
    // No case where 3 are expected is no outlier: it happens in one year of twenty.
    let exponential = identified(Family::Exponential, &small, &with(Likelihood::Poisson));
    assert_eq!(exponential.cautions(), []);
    // Nor is one where 4 are expected, 1.8 % of years, or 3 under another likelihood; where 12 are it is (6e-6).
    let flagged = |counts: [f64; 10], likelihood| {
        let series = IncidenceSeries::from_counts("Malta", (2010..).zip(counts)).unwrap();
        let fit = identified(Family::Exponential, &series, &with(likelihood));
        fit.cautions()
            .iter()
            .any(|caution| matches!(caution, Caution::OutlyingCount { .. }))
    };
    let four = [4.0, 4.0, 3.0, 4.0, 0.0, 5.0, 4.0, 4.0, 3.0, 4.0];
    assert!(!flagged(four, Likelihood::Poisson));
    let three = [3.0, 2.0, 3.0, 3.0, 0.0, 2.0, 3.0, 3.0, 2.0, 3.0];
    assert!(!flagged(three, Likelihood::Gaussian));
    let twelve = [12.0, 11.0, 12.0, 13.0, 0.0, 12.0, 12.0, 11.0, 12.0, 13.0];
    assert!(flagged(twelve, Likelihood::Poisson));
    let far = [
        400.0, 410.0, 0.0, 430.0, 425.0, 440.0, 452.0, 460.0, 471.0, 480.0,
    ];
    let far = IncidenceSeries::from_counts("Malta", (2010..).zip(far)).unwrap();
    let far = identified(Family::Exponential, &far, &with(Likelihood::Poisson)).to_string();
    assert!(far.contains("the figure of 2012, 0, is 0.001"), "{far}");
    let falls = identified(Family::Logistic, &small, &with(Likelihood::Poisson));
    for (parameter, part) in [
        ("midpoint", "has no midpoint to profile"),
        ("rate", "has no rate to profile"),
    ] {
        let text = falls
            .profile_interval(parameter, 0.95)
            .unwrap_err()
            .to_string();
        assert!(text.contains(part) && !text.contains("NaN"), "{text}");
    }
}

/// What cannot be fitted says what would help: an exact figure beside others that err, growth that is held at 0, a prior outside the
/// domain, a line below 0.
#[test]
fn the_way_out_is_the_one_that_helps() {
    let cases = [
        1009.0, 1192.0, 1414.0, 1611.0, 1795.0, 2042.0, 2299.0, 2387.0, 2638.0, 2623.0,
    ];
    let observations = (2000..).zip(cases).map(|(year, cases)| Observation {
        relative_error: Some(if year == 2004 { 0.0 } else { 0.05 }),
        ..Observation::exact(year, cases)
    });
    let series = IncidenceSeries::new("x", observations).unwrap();
    let options = FitOptions::default();
    let said = fit(Family::Richards, &series, &options).unwrap_err();
    let said = said.to_string();
    assert!(
        said.contains("the figure of 2004 is stated as exact")
            && said.contains("state its relative_error"),
        "{said}"
    );

    let counts = IncidenceSeries::from_counts("x", (2000..).zip(cases)).unwrap();
    let held = Holding::new(Family::Logistic, "growth", 0.0, 2000).unwrap();
    let said = fit(held, &counts, &options).unwrap_err().to_string();
    assert!(
        said.contains("the curve is the same whatever it is"),
        "{said}"
    );

    let prior = Prior {
        parameter: "initial".into(),
        mean: -50.0,
        standard_deviation: 1.0,
    };
    let with_prior = FitOptions {
        priors: vec![prior],
        ..FitOptions::default()
    };
    let said = fit(Family::Exponential, &counts, &with_prior).unwrap_err();
    let said = said.to_string();
    assert!(
        said.contains("prior of initial") && said.contains("-50"),
        "{said}"
    );

    let line = [(2000, 40.0), (2005, 20.0)];
    let line = IncidenceSeries::from_counts("x", line).unwrap();
    let line = fit(Family::Linear, &line, &options).unwrap();
    let said = line.curve().cases(2020.0).unwrap_err().to_string();
    assert!(said.contains("end before it falls to 0"), "{said}");
}
