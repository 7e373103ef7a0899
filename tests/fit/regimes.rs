//! Identified fits against 40-digit arithmetic (`data/us_fits.py`), and the three regimes.

use std::collections::BTreeMap;

use myeloma_epi::curve::Family;
use myeloma_epi::figures::{Figure, Figures, Status};
use myeloma_epi::fit::{Fit, FitOptions, IdentifiedFit, Likelihood, PublishedProjectionUse, fit};
use myeloma_epi::{ErrorKind, IncidenceSeries, Observation, figures};

use super::usa;

#[derive(serde::Deserialize)]
struct Case {
    curve: Family,
    likelihood: Likelihood,
    parameters: BTreeMap<String, f64>,
    standard_errors: BTreeMap<String, f64>,
    log_likelihood: f64,
    aicc: f64,
    cases_2040: f64,
}

fn world() -> IncidenceSeries {
    IncidenceSeries::from_figures(figures::press_release(), "World").unwrap()
}

fn with_published() -> FitOptions {
    FitOptions {
        published_projection: PublishedProjectionUse::AsFigure,
        ..FitOptions::default()
    }
}

#[test]
fn identified_fits_agree_with_forty_digits() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../data/us_fits.json")).unwrap();
    assert_eq!(cases.len(), 8);
    for case in cases {
        let name = format!("{} {}", case.curve, case.likelihood.name());
        let options = FitOptions {
            likelihood: case.likelihood,
            ..FitOptions::default()
        };
        let Fit::Identified(fit) = fit(case.curve, &usa(), &options).unwrap() else {
            panic!("{name}: not identified");
        };
        let close = |what: &str, got: f64, expected: f64, tolerance: f64| {
            assert!(
                (got / expected - 1.0).abs() < tolerance,
                "{name} {what}: {got}, expected {expected}"
            );
        };
        for parameter in fit.parameters() {
            let name = &*parameter.name;
            close(
                name,
                parameter.estimate.unwrap(),
                case.parameters[name],
                1e-9,
            );
            close(
                "standard error",
                parameter.standard_error.unwrap(),
                case.standard_errors[name],
                1e-7,
            );
        }
        close(
            "log-likelihood",
            fit.log_likelihood().unwrap(),
            case.log_likelihood,
            1e-12,
        );
        close("AICc", fit.aicc().unwrap(), case.aicc, 1e-12);
        close(
            "2040",
            fit.curve().cases(2040.0).unwrap(),
            case.cases_2040,
            1e-9,
        );
        assert!(fit.scaled_gradient() < 1e-6);
        assert_eq!(fit.residuals().len(), 24);
    }
}

#[test]
fn stated_errors_are_weights() {
    // Weighted least squares of ln y on t by hand: weights 1/σ², slope = Σw(t − t̄)(z − z̄)/Σw(t − t̄)².
    let figures = [
        (0, 100.0, 0.1),
        (1, 110.0, 0.02),
        (3, 130.0, 0.05),
        (4, 129.0, 0.04),
    ];
    let observations = figures.map(|(year, cases, error)| myeloma_epi::Observation {
        year,
        cases,
        relative_error: Some(error),
    });
    let series = IncidenceSeries::new("X", observations).unwrap();
    let Fit::Identified(fit) = fit(Family::Exponential, &series, &FitOptions::default()).unwrap()
    else {
        panic!("not identified");
    };
    let w: Vec<f64> = figures.iter().map(|f| f.2.powi(-2)).collect();
    let sum: f64 = w.iter().sum();
    let mean = |of: &dyn Fn(usize) -> f64| (0..4).map(|i| w[i] * of(i)).sum::<f64>() / sum;
    let (t, z) = (
        |i: usize| f64::from(figures[i].0),
        |i: usize| figures[i].1.ln(),
    );
    let (mt, mz) = (mean(&t), mean(&z));
    let sxx = sum * mean(&|i| (t(i) - mt).powi(2));
    let slope = sum * mean(&|i| (t(i) - mt) * (z(i) - mz)) / sxx;
    let rate = fit.parameters()[1].estimate.unwrap();
    assert!((rate - slope).abs() < 1e-12, "{rate}, {slope}");
    // The errors are known: no residual variance enters the standard error.
    let error = fit.parameters()[1].standard_error.unwrap();
    assert!((error / sxx.sqrt().recip() - 1.0).abs() < 1e-8, "{error}");
}

/// Weighted least squares of ln y on t: slope and its error, level at the mean, and the log-likelihood of the counts.
fn weighted(counts: &[(i32, f64)], errors: &[f64]) -> (f64, f64, f64) {
    let rows = || counts.iter().zip(errors);
    let w: Vec<f64> = errors.iter().map(|e| e.powi(-2)).collect();
    let sum: f64 = w.iter().sum();
    let mean = |of: &dyn Fn(i32, f64) -> f64| {
        let terms = counts
            .iter()
            .zip(&w)
            .map(|(&(year, y), w)| w * of(year, y.ln()));
        terms.sum::<f64>() / sum
    };
    let (t, z) = (mean(&|year, _| f64::from(year)), mean(&|_, z| z));
    let sxx = sum * mean(&|year, _| (f64::from(year) - t).powi(2));
    let slope = sum * mean(&|year, y| (f64::from(year) - t) * (y - z)) / sxx;
    let terms = rows().map(|(&(year, y), e)| {
        let away = (y.ln() - z - slope * (f64::from(year) - t)) / e;
        -0.5 * away * away - (e * std::f64::consts::TAU.sqrt()).ln() - y.ln()
    });
    (slope, sxx.sqrt().recip(), terms.sum())
}

/// A count errs by Poisson's law beside what is stated, and where others state an error and it does not: √(e² + 1/n).
#[test]
fn counts_have_their_counting_error_beside_a_stated_one() {
    let small = (2012..).zip([12.0, 18.0, 9.0, 16.0, 21.0, 14.0, 19.0, 25.0]);
    let small: Vec<(i32, f64)> = small.collect();
    let registered = small.iter().map(|&(year, cases)| {
        let figure = Figure::new("Malta", year, cases, Status::Registered)?;
        figure.with_relative_error(0.01)
    });
    let registered: Figures = registered.collect::<Result<_, _>>().unwrap();
    let mixed = [
        (2015, 1570.0),
        (2016, 1687.0),
        (2017, 1512.0),
        (2019, 1606.0),
        (2020, 1593.0),
        (2022, 1702.0),
    ];
    let observations = mixed.iter().map(|&(year, cases)| Observation {
        year,
        cases,
        relative_error: (year < 2017).then_some(0.1),
    });
    let counting = |y: f64| y.sqrt().recip();
    let poisson: Vec<f64> = small
        .iter()
        .map(|&(_, y)| counting(y).hypot(0.01))
        .collect();
    // The first two are estimates that state what they err by.
    let some: Vec<f64> = mixed
        .iter()
        .map(|&(year, y)| if year < 2017 { 0.1 } else { counting(y) })
        .collect();
    for (series, counts, errors) in [
        (
            IncidenceSeries::from_figures(&registered, "Malta").unwrap(),
            &small[..],
            poisson,
        ),
        (
            IncidenceSeries::new("Atlantis", observations).unwrap(),
            &mixed[..],
            some,
        ),
    ] {
        let (slope, error, log_likelihood) = weighted(counts, &errors);
        let fit = fit(Family::Exponential, &series, &FitOptions::default()).unwrap();
        let rate = fit.parameter("rate").unwrap();
        assert!(
            (rate.estimate.unwrap() - slope).abs() < 1e-10,
            "{rate:?}, {slope}"
        );
        assert!(
            (rate.standard_error.unwrap() / error - 1.0).abs() < 1e-7,
            "{rate:?}, {error}"
        );
        let fit = fit.identified().unwrap();
        let found = fit.log_likelihood().unwrap();
        assert!(
            (found - log_likelihood).abs() < 1e-7,
            "{found}, {log_likelihood}"
        );
        // What is stored has the same errors.
        let text = serde_json::to_string(fit).unwrap();
        assert_eq!(
            &serde_json::from_str::<IdentifiedFit<Family>>(&text).unwrap(),
            fit
        );
    }
}

/// Estimates without an error beside some that have one are not exact, and figures that are stated as exact are on the
/// curve or refused.
#[test]
fn estimates_without_an_error_are_not_taken_as_exact() {
    let fitted = |errors: [Option<f64>; 4]| {
        let figures = (2014..).zip([100.0, 104.0, 112.0, 111.0]).zip(errors);
        let figures = figures.map(|((year, cases), error)| {
            let figure = Figure::new("Malta", year, cases, Status::Estimate)?;
            error.map_or(Ok(figure.clone()), |error| {
                figure.with_relative_error(error)
            })
        });
        let figures: Figures = figures.collect::<Result<_, _>>()?;
        fit(
            Family::Exponential,
            &IncidenceSeries::from_figures(&figures, "Malta")?,
            &FitOptions::default(),
        )
    };
    let says = |errors, part: &str| {
        let text = fitted(errors).unwrap_err().to_string();
        assert!(text.contains(part), "{text}");
    };
    let of = Some;
    says(
        [of(0.1), of(0.1), None, of(0.1)],
        "that of 2016 states none",
    );
    says([of(0.0), of(0.0), of(0.1), of(0.0)], "stated as exact");
    assert!(fitted([of(0.0), of(0.1), of(0.0), of(0.1)]).is_ok());
    assert!(fitted([None; 4]).is_ok());
}

/// A figure that is stated as exact is met beside others that err, as in the limit of an ever smaller error.
#[test]
fn exact_figures_are_met() {
    let with = |error: Option<f64>| {
        let errors = [error, Some(0.1), error, Some(0.1)];
        let counts = [(2000, 100.0), (2005, 150.0), (2010, 130.0), (2012, 170.0)];
        let observations = counts
            .into_iter()
            .zip(errors)
            .map(|((year, cases), relative_error)| myeloma_epi::Observation {
                year,
                cases,
                relative_error,
            });
        let series = IncidenceSeries::new("X", observations).unwrap();
        fit(Family::Exponential, &series, &FitOptions::default())
            .unwrap()
            .curve()
            .cases(2010.0)
            .unwrap()
    };
    assert!((with(Some(0.0)) / 130.0 - 1.0).abs() < 1e-9);
    assert!((with(Some(1e-6)) / 130.0 - 1.0).abs() < 1e-8);
}

#[test]
fn two_figures_carry_two_parameters_and_three_three() {
    let saturated = |fit: Fit<Family>| matches!(fit, Fit::Saturated(_));
    let free = FitOptions::default();
    for family in [Family::Linear, Family::Exponential] {
        assert!(saturated(fit(family, &world(), &free).unwrap()));
        assert!(!saturated(
            fit(family, &world(), &with_published()).unwrap()
        ));
    }
    for family in [Family::Logistic, Family::Gompertz] {
        assert!(saturated(fit(family, &world(), &with_published()).unwrap()));
        let error = fit(family, &world(), &free).unwrap_err();
        assert!(matches!(
            error.kind(),
            ErrorKind::Underdetermined {
                figures: 2,
                parameters: 3,
                ..
            }
        ));
        assert!(
            error
                .to_string()
                .contains("use the published projection for 2040"),
            "{error}"
        );
    }
    let error = fit(Family::Richards, &world(), &with_published()).unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::Underdetermined {
            figures: 3,
            parameters: 4,
            ..
        }
    ));

    let china = IncidenceSeries::from_figures(figures::press_release(), "China").unwrap();
    for error in [
        fit(Family::Logistic, &china, &with_published()).unwrap_err(),
        fit(Family::Gompertz, &china, &free).unwrap_err(),
    ] {
        let text = error.to_string();
        assert!(
            text.contains("underdetermined for China") && text.contains("1 more is needed"),
            "{text}"
        );
    }
}

#[test]
fn accelerating_points_are_named() {
    let series =
        IncidenceSeries::from_counts("X", [(2000, 100.0), (2005, 110.0), (2010, 140.0)]).unwrap();
    for family in [Family::Logistic, Family::Gompertz] {
        let error = fit(family, &series, &FitOptions::default()).unwrap_err();
        let text = error.to_string();
        assert!(matches!(error.kind(), ErrorKind::NoSuchCurve { .. }));
        assert!(
            text.contains("the points accelerate (1.91 % a year from 2000 to 2005, 4.82 %"),
            "{text}"
        );
    }
}

/// Shifted years give the same fit under every likelihood; counts in another unit under those that have no unit of
/// their own, and Poisson counts, whose deviance is as many times as large.
#[test]
fn a_fit_does_not_care_where_its_years_are_nor_how_large_its_counts() {
    for family in Family::ALL {
        for likelihood in Likelihood::ALL {
            let at = |shift: i32, scale: f64| {
                let counts = usa()
                    .observations()
                    .iter()
                    .map(|o| (o.year + shift, scale * o.cases))
                    .collect::<Vec<_>>();
                let series = IncidenceSeries::from_counts("X", counts).unwrap();
                let options = FitOptions {
                    likelihood,
                    ..FitOptions::default()
                };
                let Fit::Identified(fit) = fit(family, &series, &options).unwrap() else {
                    panic!("{family}: not identified");
                };
                let year = f64::from(2040 + shift);
                let (lower, upper) = fit.confidence_interval(year, 0.95).unwrap();
                let value = fit.curve().cases(year).unwrap();
                (value / scale, lower / value, upper / value)
            };
            let reference = at(0, 1.0);
            for (shift, scale) in [
                (-2019, 1.0),
                (1_000_000, 1.0),
                (0, 1e3),
                (0, 1e5),
                (0, 1e-3),
            ] {
                let scaled = shift == 0;
                if scaled && likelihood == Likelihood::NegativeBinomial {
                    continue;
                }
                let moved = at(shift, scale);
                let name = format!("{family} {} {shift} {scale}", likelihood.name());
                assert!(
                    (moved.0 / reference.0 - 1.0).abs() < 1e-9,
                    "{name}: {moved:?}, {reference:?}"
                );
                // A Poisson count has an error of its own, which no unit scales.
                if !scaled || likelihood != Likelihood::Poisson {
                    assert!(
                        (moved.1 / reference.1 - 1.0).abs() < 1e-7
                            && (moved.2 / reference.2 - 1.0).abs() < 1e-7,
                        "{name}: {moved:?}, {reference:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_fit_can_be_held_by_other_threads() {
    fn assert_send_and_sync<T: Send + Sync>(_: &T) {}
    let fit = fit(Family::Linear, &world(), &FitOptions::default()).unwrap();
    assert_send_and_sync(&fit);
}

/// A fit prints itself as a report that a colleague reads: what was fitted to what, how well, how sure.
#[test]
fn a_fit_prints_itself() {
    let options = FitOptions {
        likelihood: Likelihood::Gaussian,
        ..FitOptions::default()
    };
    let text = fit(Family::Logistic, &super::series_b(), &options)
        .unwrap()
        .to_string();
    // The numbers are those of R and Python (nlsLM, `curve_fit`), rounded.
    for line in [
        "logistic curve, B: 21 figures from 2004 to 2024",
        "gaussian likelihood, 4 estimated parameters, 18 degrees of freedom",
        "363.554",
        "249,567 3791 1.5 %",
        "0.120232 0.00270 2.2 %",
        "2011.97 0.284 -",
        "correlation of capacity, midpoint",
    ] {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(line), "\"{line}\" is not in\n{text}");
    }
    let text = fit(Family::Exponential, &world(), &FitOptions::default())
        .unwrap()
        .to_string();
    assert!(text.contains("exponential curve, World: 2 figures from 2019 to 2024"));
    assert!(
        text.contains("saturated") && text.contains("164,300"),
        "{text}"
    );
    // What does not exist, is held or lies at a border is said, and never "NaN".
    for family in [Family::Gompertz, Family::Richards] {
        let accelerating = (0..20).map(|i| {
            let t = f64::from(i);
            (2000 + i, 1000.0 * (0.03 * t + 0.0002 * t * t).exp())
        });
        let series = IncidenceSeries::from_counts("X", accelerating).unwrap();
        let text = fit(family, &series, &options).unwrap().to_string();
        assert!(text.contains("does not exist"), "{text}");
        assert!(text.contains("caution: no ceiling"), "{text}");
        assert!(!text.contains("NaN"), "{text}");
    }
}
