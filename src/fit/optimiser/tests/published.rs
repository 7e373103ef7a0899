//! Published test functions: Moré, Garbow and Hillstrom (1981), doi:10.1145/355934.355936.

use super::super::{OptimiserError, OptimiserOptions, minimise};
use approx::assert_relative_eq;

use super::{solve, squares, unbounded};

#[test]
fn rosenbrock_beale_and_freudenstein_roth() {
    let rosenbrock = squares(2, 2, |i, t| match i {
        0 => 10.0 * (t[1] - t[0] * t[0]),
        _ => 1.0 - t[0],
    });
    let fit = solve(&rosenbrock, &[-1.2, 1.0]).expect("a minimum");
    assert_relative_eq!(fit.parameters()[0], 1.0, max_relative = 1e-12);
    assert_relative_eq!(fit.parameters()[1], 1.0, max_relative = 1e-12);

    let beale = squares(2, 3, |i, t| {
        let power = [t[1], t[1] * t[1], t[1] * t[1] * t[1]][i];
        [1.5, 2.25, 2.625][i] - t[0] * (1.0 - power)
    });
    let fit = solve(&beale, &[1.0, 1.0]).expect("a minimum");
    assert_relative_eq!(fit.parameters()[0], 3.0, max_relative = 1e-12);
    assert_relative_eq!(fit.parameters()[1], 0.5, max_relative = 1e-12);

    // From (0.5, −2) descents run to a local minimum of 48.98 at which the design is singular; the
    // global one is (5, 4) with no residual.
    let freudenstein_roth = squares(2, 2, |i, t| {
        let (x, y) = (t[0], t[1]);
        match i {
            0 => -13.0 + x + ((5.0 - y) * y - 2.0) * y,
            _ => -29.0 + x + ((y + 1.0) * y - 14.0) * y,
        }
    });
    let none = OptimiserOptions {
        rescue_starts: 0,
        ..OptimiserOptions::default()
    };
    let bounds = unbounded(2);
    let alone = minimise(&freudenstein_roth, &[0.5, -2.0], &bounds, &none);
    assert!(
        matches!(alone, Err(OptimiserError::Singular { .. })),
        "{alone:?}"
    );
    match solve(&freudenstein_roth, &[0.5, -2.0]) {
        Ok(fit) => {
            assert_relative_eq!(fit.parameters()[0], 5.0, max_relative = 1e-10);
            assert_relative_eq!(fit.parameters()[1], 4.0, max_relative = 1e-10);
            assert!(fit.rescued);
        }
        Err(error) => assert!(
            matches!(error, OptimiserError::Singular { .. }),
            "{error:?}"
        ),
    }
}

#[test]
fn bard_brown_dennis_and_jennrich_sampson() {
    // Published minima, to the six digits given there.
    let bard = squares(3, 15, |i, t| {
        const Y: [f64; 15] = [
            0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10,
            4.39,
        ];
        let u = i as f64 + 1.0;
        let v = 16.0 - u;
        let w = u.min(v);
        Y[i] - t[0] - u / (v * t[1] + w * t[2])
    });
    let fit = solve(&bard, &[1.0, 1.0, 1.0]).expect("a minimum");
    assert_relative_eq!(fit.residual_squares, 8.214_87e-3, max_relative = 1e-6);

    let brown_dennis = squares(4, 20, |i, t| {
        let x = (i as f64 + 1.0) / 5.0;
        let (a, b) = (t[0] + x * t[1] - x.exp(), t[2] + x.sin() * t[3] - x.cos());
        a * a + b * b
    });
    let fit = solve(&brown_dennis, &[25.0, 5.0, -5.0, -1.0]).expect("a minimum");
    assert_relative_eq!(fit.residual_squares, 85_822.2, max_relative = 1e-6);

    // At the minimum of 124.362 both parameters are 0.2578 and their columns equal.
    let jennrich_sampson = squares(2, 10, |i, t| {
        let x = i as f64 + 1.0;
        2.0 + 2.0 * x - (x * t[0]).exp() - (x * t[1]).exp()
    });
    let result = solve(&jennrich_sampson, &[0.3, 0.4]);
    let Err(OptimiserError::Singular { parameters, .. }) = result else {
        panic!("{result:?}")
    };
    assert_eq!(parameters.iter().collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn a_design_that_is_singular_at_the_solution_is_an_error() {
    // Powell's singular function: its minimum 0 at the origin has a design of rank 2.
    let powell = squares(4, 4, |i, t| {
        let (d, e) = (t[1] - 2.0 * t[2], t[0] - t[3]);
        match i {
            0 => t[0] + 10.0 * t[1],
            1 => 5.0_f64.sqrt() * (t[2] - t[3]),
            2 => d * d,
            _ => 10.0_f64.sqrt() * (e * e),
        }
    });
    let result = solve(&powell, &[3.0, -1.0, 0.0, 1.0]);
    assert!(result.is_err(), "{result:?}");
}
