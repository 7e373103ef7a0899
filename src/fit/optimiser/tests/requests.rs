//! Bad requests, several starts, verification.

use super::super::{
    Bounds, Objective, OptimiserError, OptimiserOptions, Term, minimise, minimise_from,
    scattered_starts,
};
use approx::assert_relative_eq;

use super::dual::Dual;
use super::{least_squares, residual_variance, saturating, solve, squares, unbounded};

#[test]
fn starts_that_cannot_be_are_errors() {
    let line = squares(1, 3, |i, t| i as f64 - t[0]);
    let options = OptimiserOptions::default();
    let none = minimise_from(
        &line,
        std::iter::empty::<[f64; 1]>(),
        &unbounded(1),
        &options,
    );
    assert_eq!(none.unwrap_err(), OptimiserError::NoStart);
    for start in [f64::INFINITY, f64::NAN] {
        assert_eq!(
            solve(&line, &[start]).unwrap_err(),
            OptimiserError::NotFiniteAtStart { term: None }
        );
    }
    // One outside the bounds is moved to them.
    let bounds = Bounds::new([(2.0, 3.0)]);
    let found = minimise(&line, &[5.0], &bounds, &options).expect("a minimum");
    assert_relative_eq!(found.parameters()[0], 2.0);
    // A term too large to be squared.
    let huge = squares(1, 3, |i, t| match i {
        2 => Dual::from(1e200),
        _ => 1.0 - t[0],
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
        least_squares(theta, row, |t| [1.0, 2.0, 6.0][i] - t[0])
    }
    fn residual_deviation(&self) -> Option<f64> {
        Some(self.0)
    }
}

#[test]
fn a_mean_is_the_same_whatever_the_deviation() {
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
    let bounds = unbounded(2);
    // Started on a plateau: exp(−500x) is zero at every x ≥ 2.
    let options = OptimiserOptions {
        rescue_starts: 0,
        ..OptimiserOptions::default()
    };
    let error = minimise(&problem, &[100.0, 800.0], &bounds, &options).unwrap_err();
    let OptimiserError::Singular { parameters, .. } = error else {
        panic!("{error:?}")
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
        assert!(fit.rescued);
    }
}

#[test]
fn several_starts_keep_the_lowest_minimum_and_count_agreement() {
    // Residuals t² − 4 and 0.3·(t − 2): minimum 0 at 2, a higher one near −2.
    let problem = squares(1, 2, |i, t| match i {
        0 => t[0] * t[0] - 4.0,
        _ => 0.3 * (t[0] - 2.0),
    });
    let bounds = unbounded(1);
    let options = OptimiserOptions::default();
    let starts: [&[f64]; 5] = [&[-3.0], &[1.0], &[-2.0], &[5.0], &[2.5]];
    let fit = minimise_from(&problem, starts.into_iter(), &bounds, &options).expect("a minimum");
    assert_relative_eq!(fit.parameters()[0], 2.0, max_relative = 1e-12);
    assert_eq!(fit.agreeing, 3);
    let higher = solve(&problem, &[-3.0]).expect("a minimum");
    assert!(higher.parameters()[0] < 0.0 && higher.loss > fit.loss);
}

#[test]
fn scattered_starts_are_deterministic_distinct_and_inside() {
    let inf = f64::INFINITY;
    let bounds = Bounds::new([(-inf, inf), (0.0, inf), (-1.0, 1.0), (2.0, 2.0)]);
    let start = [-5.0, 0.1, 0.5, 2.0];
    let all: Vec<_> = scattered_starts(&start, &bounds, 50).collect();
    let again: Vec<_> = scattered_starts(&start, &bounds, 50).collect();
    assert_eq!(all, again);
    assert_eq!(all.len(), 50);
    for (i, a) in all.iter().enumerate() {
        assert!(a[0] < 0.0 && a[1] > 0.0 && a[2].abs() <= 1.0);
        assert!((a[3] - 2.0).abs() < f64::MIN_POSITIVE);
        assert!(
            all[..i]
                .iter()
                .all(|b| a.map(f64::to_bits) != b.map(f64::to_bits))
        );
    }
}

#[test]
fn thorough_verification_agrees_with_basic_where_both_succeed() {
    let problem = saturating(1.0, 1.0);
    // A parameter on a bound makes the fit fragile.
    let bounds = Bounds::new([(0.0, 200.0), (0.0, 10.0)]);
    let fit = |thorough| {
        let options = OptimiserOptions {
            thorough,
            ..OptimiserOptions::default()
        };
        minimise(&problem, &[100.0, 0.75], &bounds, &options).expect("a minimum")
    };
    let (basic, thorough) = (fit(false), fit(true));
    assert!(!basic.free.contains(0));
    assert_eq!(basic.parameters(), thorough.parameters());
    assert!(!basic.thorough && thorough.thorough);
    assert!(thorough.evaluations > basic.evaluations);
}
