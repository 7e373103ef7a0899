//! Hard and bad data: domains, outliers, collinear and idle parameters, perfect fits.

use super::super::{OptimiserError, OptimiserOptions, minimise};
use approx::assert_relative_eq;

use super::dual::Dual;
use super::{Uniform, residual_variance, solve, squares, unbounded};

#[test]
fn points_outside_the_domain_are_stepped_around() {
    // ln(a·x) + x·√(b + x), true at (4, ¼), has no value for a ≤ 0 or b < −1.
    let problem = squares(2, 8, |i, t| {
        let x = i as f64 + 1.0;
        // ln and √ of negative numbers are NaN.
        (4.0 * x).ln() + x * (0.25 + x).sqrt() - (t[0] * x).ln() - x * (t[1] + x).sqrt()
    });
    for start in [[1e-6, 100.0], [0.5, 0.0], [4.0, 50.0]] {
        let fit = solve(&problem, &start).expect("a minimum");
        assert_relative_eq!(fit.parameters()[0], 4.0, max_relative = 1e-9);
        assert_relative_eq!(fit.parameters()[1], 0.25, max_relative = 1e-9);
    }
    // For large a the loss falls to a finite value at the edge b = −1: found from elsewhere, or an
    // error, but no third thing.
    for start in [[1000.0, -0.999], [1000.0, 0.0], [50.0, 2.0]] {
        match solve(&problem, &start) {
            Ok(fit) => assert_relative_eq!(fit.parameters()[0], 4.0, max_relative = 1e-9),
            Err(error) => assert!(
                matches!(
                    error,
                    OptimiserError::GradientNotZero { .. } | OptimiserError::NoReturn
                ),
                "{error:?}"
            ),
        }
    }
    let bad = solve(&problem, &[1.0, -3.5]);
    assert_eq!(
        bad.unwrap_err(),
        OptimiserError::NotFiniteAtStart { term: Some(0) }
    );
}

#[test]
fn collinear_and_idle_parameters_are_named() {
    // a and b enter only as a sum; c is determined; d is idle.
    let problem = |idle: bool| {
        squares(if idle { 4 } else { 3 }, 10, |i, t| {
            let x = i as f64;
            (1.3 * x).sin() - (t[0] + t[1]) * x - t[2]
        })
    };
    for (idle, start) in [
        (false, vec![1.0, 2.0, 3.0]),
        (true, vec![1.0, 2.0, 3.0, 4.0]),
    ] {
        let Err(OptimiserError::Singular {
            parameters,
            condition,
        }) = solve(&problem(idle), &start)
        else {
            panic!("not recognised as singular");
        };
        let named: Vec<usize> = parameters.iter().collect();
        assert_eq!(named, if idle { vec![0, 1, 3] } else { vec![0, 1] });
        assert!(condition > 1e12);
        let error = OptimiserError::Singular {
            parameters,
            condition,
        };
        let text = error.said(|j| ["a", "b", "c", "d"][j]);
        assert!(text.contains("determine a, b"), "{text}");
    }
    // Fixing one of the two makes the other a parameter.
    let bounds = unbounded(3).fixing(0, 1.0);
    let options = OptimiserOptions::default();
    let fit = minimise(&problem(false), &[1.0, 0.0, 0.0], &bounds, &options).expect("a minimum");
    assert_eq!(fit.free.len(), 2);
}

#[test]
fn a_constant_series_does_not_determine_a_growth_curve() {
    // y = exp(u)/(1 − g·D), D = (1 − exp(−rτ))/r, r = κ + g: at g = 0 the brake κ does nothing.
    let problem = squares(3, 21, |i, t| {
        let tau = i as f64;
        let r = t[1] + t[2];
        let d = if (r.value * tau).abs() < 1e-4 {
            tau - 0.5 * tau * tau * r
        } else {
            -1.0 * (r * -tau).exp_m1() / r
        };
        let s = 1.0 / (1.0 - t[1] * d);
        let domain = if s.value > 0.0 { 1.0 } else { f64::NAN };
        5.0 - domain * t[0].exp() * s
    });
    for start in [[1.0, 0.05, 0.05], [1.6, 0.01, 0.2], [2.0, -0.05, 0.3]] {
        let result = solve(&problem, &start);
        let Err(OptimiserError::Singular { parameters, .. }) = result else {
            panic!("from {start:?}: {result:?}");
        };
        assert!(parameters.contains(2), "{parameters:?}");
    }
}

#[test]
fn an_outlier_of_a_billion_leaves_a_verified_minimum() {
    // Constant model: the mean, whatever the outlier.
    let y = [1.0, 2.0, 3.0, 1e9, 5.0];
    let problem = squares(1, 5, |i, t| y[i] - t[0]);
    let fit = solve(&problem, &[0.0]).expect("a minimum");
    assert_relative_eq!(
        fit.parameters()[0],
        1_000_000_011.0 / 5.0,
        max_relative = 1e-14
    );

    // Exponential growth with an outlier in the last year: stationary by an independent check.
    let growth = |i: usize, t: &[Dual]| {
        let x = i as f64;
        let count = if i == 20 {
            1e9
        } else {
            90.0 * 1.03_f64.powf(x)
        };
        count - (t[0] + t[1] * x).exp()
    };
    let problem = squares(2, 21, growth);
    let fit = solve(&problem, &[90.0_f64.ln(), 0.03]).expect("a minimum");
    let loss = |t: [f64; 2]| {
        let t = Dual::parameters(&t);
        (0..21).map(|i| growth(i, &t).value.powi(2)).sum::<f64>()
    };
    let t = [fit.parameters()[0], fit.parameters()[1]];
    for (j, step) in [(0, 1e-3), (0, -1e-3), (1, 1e-4), (1, -1e-4)] {
        let mut moved = t;
        moved[j] += step;
        assert!(loss(moved) > loss(t));
    }
}

#[test]
fn perfect_saturated_and_zero_fits() {
    let exponential = |n: usize| {
        squares(2, n, |i, t| {
            let x = i as f64;
            7.0 * (0.1 * x).exp() - t[0] * (t[1] * x).exp()
        })
    };
    for n in [2, 3, 50] {
        let fit = solve(&exponential(n), &[1.0, 0.0]).expect("a minimum");
        assert_relative_eq!(fit.parameters()[0], 7.0, max_relative = 1e-13);
        assert_relative_eq!(fit.parameters()[1], 0.1, max_relative = 1e-13);
        assert_eq!(fit.degrees_of_freedom(), n - 2);
        assert_eq!(residual_variance(&fit).is_none(), n == 2);
    }
    // Already there: nothing to do, gradient exactly zero.
    let fit = solve(&exponential(5), &[7.0, 0.1]).expect("a minimum");
    assert_eq!((fit.iterations, fit.scaled_gradient), (0, 0.0));
    // The answer itself is zero.
    let line = squares(2, 4, |i, t| -1.0 * t[0] - t[1] * i as f64);
    let fit = solve(&line, &[3.0, -2.0]).expect("a minimum");
    assert!(fit.parameters().iter().all(|x| x.abs() < 1e-14));
}

#[test]
fn many_parameters_and_scales_at_once() {
    // A Chebyshev series with the cubes of twelve coefficients from 1e-12 to 1e10.
    let truth: Vec<f64> = (0..12).map(|j| 10.0_f64.powi(2 * j - 12)).collect();
    let x = |i: usize| -1.0 + 2.0 * i as f64 / 39.0;
    let problem = squares(12, 40, |i, t| {
        // Unit of each coefficient undone, so that each matters alike; cubed, to be nonlinear.
        let part = |j: usize| {
            let z = t[j] / truth[j];
            (1.0 - z * z * z) * (j as f64 * x(i).acos()).cos()
        };
        (0..12)
            .map(part)
            .fold(Dual::from(0.0), |sum, part| sum + part)
    });
    let start: Vec<f64> = truth
        .iter()
        .enumerate()
        .map(|(j, t)| t * (1.5 - 0.05 * j as f64))
        .collect();
    let fit = solve(&problem, &start).expect("a minimum");
    for (found, truth) in fit.parameters().iter().zip(&truth) {
        assert_relative_eq!(found, truth, max_relative = 1e-12);
    }
}

#[test]
fn nonsense_ends_in_bounded_time() {
    // Residuals that are noise as a function of the parameters, with a gradient that is a lie.
    let problem = squares(2, 5, |i, t| {
        let [a, b] = [t[0], t[1]].map(|t| t.value.to_bits());
        let bits = (a ^ b.rotate_left(17)).wrapping_mul(i as u64 + 3);
        let mut lie = Dual::from(Uniform(bits).next());
        (lie.by[0], lie.by[1]) = (-(i as f64).sin(), -(i as f64).cos());
        lie
    });
    let result = solve(&problem, &[1.0, 1.0]);
    assert!(result.is_err(), "{result:?}");
}

#[test]
fn a_huge_column_excuses_no_other() {
    // Rows 0 and 1 hold 1e17·(1 − a), exactly 0 at the start; the others are a line through the origin,
    // whose slope is Σxy/Σx². Rounding a once moves the first residuals by far more than the wrong slope
    // moves the others.
    let y = [2.1, 3.9, 6.2, 7.8, 10.1];
    let problem = squares(2, 7, |i, t| {
        if i < 2 {
            1e17 * (1.0 - t[0])
        } else {
            y[i - 2] - t[1] * (i - 1) as f64
        }
    });
    let expected = (2.1 + 2.0 * 3.9 + 3.0 * 6.2 + 4.0 * 7.8 + 5.0 * 10.1) / 55.0;
    for slope in [0.5, 2.5, 40.0] {
        let fit = solve(&problem, &[1.0, slope]).expect("a minimum");
        assert_relative_eq!(fit.parameters()[1], expected, max_relative = 1e-12);
        assert_relative_eq!(fit.parameters()[0], 1.0, max_relative = 1e-15);
    }
}
