//! Bad requests, several starts, verification.

use super::super::{
    Bounds, Objective, OptimiserError, OptimiserOptions, Origin, Term, minimise, minimise_from,
    scattered_starts,
};
use approx::assert_relative_eq;

use super::{residual_variance, saturating, solve, squares};
#[test]
fn bad_requests_are_errors_that_name_what_and_where() {
    let line = |k: usize, n: usize| {
        squares(k, n, |i, t: &[f64], g: &mut [f64]| {
            g.iter_mut()
                .enumerate()
                .for_each(|(j, g)| *g = (i as f64).powf(j as f64));
            i as f64 - t.iter().sum::<f64>()
        })
    };
    let options = OptimiserOptions::default();
    let run = |k, n, start: &[f64], bounds: &Bounds| {
        minimise(&line(k, n), start, bounds, &options).unwrap_err()
    };
    let none = |k| Bounds::none(k).expect("few parameters");
    assert_eq!(run(0, 3, &[], &none(0)), OptimiserError::NoParameters);
    assert_eq!(run(2, 0, &[1.0, 1.0], &none(2)), OptimiserError::NoTerms);
    assert_eq!(
        run(3, 2, &[1.0; 3], &none(3)),
        OptimiserError::TooFewTerms { terms: 2, free: 3 }
    );
    let error = run(13, 20, &[1.0; 13], &none(12));
    assert_eq!(error, OptimiserError::TooManyParameters { parameters: 13 });
    assert_eq!(
        Bounds::none(13),
        Err(OptimiserError::TooManyParameters { parameters: 13 })
    );
    let error = run(2, 3, &[1.0], &none(2));
    assert_eq!(
        error,
        OptimiserError::WrongLength {
            what: "start",
            found: 1,
            parameters: 2
        }
    );
    let error = run(2, 3, &[1.0, 1.0], &none(3));
    assert_eq!(
        error,
        OptimiserError::WrongLength {
            what: "bounds",
            found: 3,
            parameters: 2
        }
    );
    let error = run(2, 3, &[1.0, f64::INFINITY], &none(2));
    assert_eq!(
        error,
        OptimiserError::StartNotFinite {
            parameter: 1,
            value: f64::INFINITY
        }
    );
    let unit = Bounds::new(&[(0.0, 1.0), (0.0, 1.0)]).expect("valid bounds");
    let error = run(2, 3, &[0.5, 2.0], &unit);
    let expected = OptimiserError::StartOutsideBounds {
        parameter: 1,
        value: 2.0,
        lower: 0.0,
        upper: 1.0,
    };
    assert_eq!(error, expected);
    for (lower, upper) in [(1.0, 0.0), (f64::INFINITY, f64::INFINITY), (f64::NAN, 1.0)] {
        let error = Bounds::new(&[(0.0, 1.0), (lower, upper)]).unwrap_err();
        assert!(matches!(
            error,
            OptimiserError::InvalidBounds { parameter: 1, .. }
        ));
    }
    for tolerance in [-1.0, f64::NAN, 1.0] {
        let options = OptimiserOptions {
            tolerance,
            ..OptimiserOptions::default()
        };
        let error = minimise(&line(2, 3), &[1.0, 1.0], &none(2), &options).unwrap_err();
        assert!(matches!(
            error,
            OptimiserError::InvalidOption {
                name: "tolerance",
                ..
            }
        ));
    }
    let starts: [&[f64]; 0] = [];
    let error = minimise_from(&line(2, 3), starts, &none(2), &options).unwrap_err();
    assert_eq!(error, OptimiserError::NoStart);
    // A term too large to be squared.
    let huge = squares(1, 3, |i, t: &[f64], g: &mut [f64]| {
        g[0] = 1.0;
        if i == 2 { 1e200 } else { 1.0 - t[0] }
    });
    assert_eq!(
        solve(&huge, &[0.0]).unwrap_err(),
        OptimiserError::NotFiniteAtStart { term: Some(2) }
    );
}

/// The mean of three numbers, with a deviation as stated.
struct Stated(f64);

impl Objective for Stated {
    fn parameters(&self) -> usize {
        1
    }
    fn terms(&self) -> usize {
        3
    }
    fn term(&self, i: usize, theta: &[f64], row: &mut [f64]) -> Term {
        row[0] = 1.0;
        let residual = [1.0, 2.0, 6.0][i] - theta[0];
        Term {
            loss: 0.5 * residual * residual,
            residual,
        }
    }
    fn residual_deviation(&self) -> Option<f64> {
        Some(self.0)
    }
}

#[test]
fn a_deviation_of_the_residuals_is_finite_and_above_0() {
    for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = solve(&Stated(value), &[0.0]).unwrap_err();
        assert!(
            matches!(error, OptimiserError::InvalidDeviation { .. }),
            "{error}"
        );
        assert!(error.to_string().contains(&value.to_string()), "{error}");
    }
    // The mean is 3 whatever the deviation, and the scatter is the residuals' own: 14/2.
    for value in [1e-3, 1.0, 1e3] {
        let minimum = solve(&Stated(value), &[0.0]).expect("a mean");
        assert_relative_eq!(minimum.parameters()[0], 3.0, max_relative = 1e-14);
        let variance = residual_variance(&minimum).expect("two degrees of freedom");
        assert_relative_eq!(variance, 7.0, max_relative = 1e-14);
    }
}

#[test]
fn failures_that_are_not_bad_input() {
    let problem = saturating(1.0, 1.0);
    let bounds = Bounds::none(2).expect("two parameters");
    let options = OptimiserOptions {
        max_iterations: 2,
        rescue_starts: 0,
        ..OptimiserOptions::default()
    };
    let error = minimise(&problem, &[100.0, 0.75], &bounds, &options).unwrap_err();
    assert!(
        matches!(error, OptimiserError::IterationLimit { iterations: 2, .. }),
        "{error}"
    );

    // Started on a plateau: exp(−500x) is zero at every x ≥ 2.
    let options = OptimiserOptions {
        rescue_starts: 0,
        ..OptimiserOptions::default()
    };
    let error = minimise(&problem, &[100.0, 800.0], &bounds, &options).unwrap_err();
    let OptimiserError::Singular { parameters, .. } = error else {
        panic!("{error}")
    };
    assert!(parameters.contains(1) && !parameters.contains(0));
    // With rescue the way out is reported.
    let fit = minimise(
        &problem,
        &[100.0, 800.0],
        &bounds,
        &OptimiserOptions::default(),
    );
    if let Ok(fit) = fit {
        assert_relative_eq!(fit.parameters()[1], 0.547_237_485_42, max_relative = 1e-9);
        assert_ne!(fit.origin(), Origin::Start(0));
    }
}

#[test]
fn several_starts_keep_the_lowest_minimum_and_count_agreement() {
    // Residuals t² − 4 and 0.3·(t − 2): minimum 0 at 2, a higher one near −2.
    let problem = squares(1, 2, |i, t: &[f64], g: &mut [f64]| {
        if i == 0 {
            g[0] = -2.0 * t[0];
            t[0] * t[0] - 4.0
        } else {
            g[0] = -0.3;
            0.3 * (t[0] - 2.0)
        }
    });
    let bounds = Bounds::none(1).expect("one parameter");
    let options = OptimiserOptions::default();
    let starts: [&[f64]; 5] = [&[-3.0], &[1.0], &[-2.0], &[5.0], &[2.5]];
    let fit = minimise_from(&problem, starts, &bounds, &options).expect("a minimum");
    assert_relative_eq!(fit.parameters()[0], 2.0, max_relative = 1e-12);
    assert_eq!(fit.agreeing_starts(), 3);
    assert_eq!(fit.origin(), Origin::Start(1));
    let higher = solve(&problem, &[-3.0]).expect("a minimum");
    assert!(higher.parameters()[0] < 0.0 && higher.loss() > fit.loss());
}

#[test]
fn scattered_starts_are_deterministic_distinct_and_inside() {
    let inf = f64::INFINITY;
    let bounds =
        Bounds::new(&[(-inf, inf), (0.0, inf), (-1.0, 1.0), (2.0, 2.0)]).expect("valid bounds");
    let start = [-5.0, 0.1, 0.5, 2.0];
    let all: Vec<_> = scattered_starts(&start, &bounds, 50).collect();
    let again: Vec<_> = scattered_starts(&start, &bounds, 50).collect();
    assert_eq!(all, again);
    assert_eq!(all.len(), 50);
    for (i, a) in all.iter().enumerate() {
        assert!(a.0[0] < 0.0 && a.0[1] > 0.0 && a.0[2].abs() <= 1.0);
        assert!((a.0[3] - 2.0).abs() < f64::MIN_POSITIVE);
        assert!(all[..i].iter().all(|b| a != b));
    }
}

#[test]
fn thorough_verification_agrees_with_basic_where_both_succeed() {
    let problem = saturating(1.0, 1.0);
    // A parameter on a bound makes the fit fragile.
    let bounds = Bounds::new(&[(0.0, 200.0), (0.0, 10.0)]).expect("bounds");
    let fit = |thorough| {
        let options = OptimiserOptions {
            thorough,
            ..OptimiserOptions::default()
        };
        minimise(&problem, &[100.0, 0.75], &bounds, &options).expect("a minimum")
    };
    let (basic, thorough) = (fit(false), fit(true));
    assert!(basic.active_bounds().contains(0));
    assert_eq!(basic.parameters(), thorough.parameters());
    assert!(!basic.thoroughly_verified() && thorough.thoroughly_verified());
    assert!(thorough.evaluations() > basic.evaluations());
}
