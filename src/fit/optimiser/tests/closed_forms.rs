//! Closed forms, bounds against the KKT conditions, units.

use super::super::{Bounds, Objective, OptimiserOptions, Term, minimise};
use approx::assert_relative_eq;

use super::super::triangle::MAX_PARAMETERS;
use super::dual::Dual;
use super::{Uniform, covariance, residual_variance, saturating, solve, squares};

#[test]
fn straight_line_has_its_textbook_estimates_and_errors() {
    // 150 points: more than one block.
    let mut uniform = Uniform(1);
    let x: Vec<f64> = (0..150).map(|i| f64::from(i) * 0.1 + 2000.0).collect();
    let y: Vec<f64> = x.iter().map(|x| 3.0 - 0.2 * x + uniform.next()).collect();
    let n = 150.0;
    let (xm, ym) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let sxx: f64 = x.iter().map(|x| (x - xm).powi(2)).sum();
    let sxy: f64 = x.iter().zip(&y).map(|(x, y)| (x - xm) * (y - ym)).sum();
    let slope = sxy / sxx;
    let line = squares(2, 150, |i, b| y[i] - b[0] - b[1] * (x[i] - xm));
    let fit = solve(&line, &[0.0, 0.0]).expect("a minimum");
    assert_relative_eq!(fit.parameters()[0], ym, max_relative = 1e-13);
    assert_relative_eq!(fit.parameters()[1], slope, max_relative = 1e-12);
    let covariance = covariance(&fit);
    assert_relative_eq!(covariance[0][0], 1.0 / n, max_relative = 1e-12);
    assert_relative_eq!(covariance[1][1], 1.0 / sxx, max_relative = 1e-12);
    assert!(covariance[0][1].abs() < 1e-14);
    let rss: f64 = x
        .iter()
        .zip(&y)
        .map(|(x, y)| (y - ym - slope * (x - xm)).powi(2))
        .sum();
    assert_relative_eq!(fit.residual_squares, rss, max_relative = 1e-12);
    assert_relative_eq!(fit.loss, 0.5 * rss, max_relative = 1e-12);
    assert_eq!(fit.degrees_of_freedom(), 148);
    assert!(fit.scaled_gradient < 1e-10);
}

/// Columns `cos(πj(i+½)/n)` of the discrete cosine transform are orthogonal; a response made of the
/// first `k` of them, and of others as residual, has its coefficients as estimates.
#[test]
fn random_linear_problems_of_every_size() {
    let mut uniform = Uniform(7);
    for k in 1..=MAX_PARAMETERS {
        for n in [k, k + 1, 31, 32, 33, 64, 100] {
            if n < k {
                continue;
            }
            let wave = |j: usize, i: usize| {
                (std::f64::consts::PI * j as f64 * (i as f64 + 0.5) / n as f64).cos()
            };
            // Mix the columns with a unit upper triangular matrix, and scale them.
            let mut mix = [[0.0; MAX_PARAMETERS]; MAX_PARAMETERS];
            for (j, column) in mix.iter_mut().enumerate().take(k) {
                let scale = 10.0_f64.powf(12.0 * uniform.next() - 6.0);
                for entry in &mut column[..j] {
                    *entry = scale * (uniform.next() - 0.5);
                }
                column[j] = scale;
            }
            let truth: Vec<f64> = (0..k).map(|j| (uniform.next() + 0.5) / mix[j][j]).collect();
            let column = |j: usize, i: usize| (0..=j).map(|l| mix[j][l] * wave(l, i)).sum::<f64>();
            let y: Vec<f64> = (0..n)
                .map(|i| {
                    let fitted: f64 = (0..k).map(|j| truth[j] * column(j, i)).sum();
                    fitted + if n > k { 0.1 * wave(k, i) } else { 0.0 }
                })
                .collect();
            let problem = squares(k, n, |i, b| {
                (0..k).fold(Dual::from(y[i]), |left, j| left - b[j] * column(j, i))
            });
            let fit = solve(&problem, &vec![0.0; k]).expect("a minimum");
            for (found, truth) in fit.parameters().iter().zip(&truth) {
                assert_relative_eq!(found, truth, max_relative = 1e-10);
            }
            assert_eq!(fit.free.len(), k);
        }
    }
}

/// Counts with a log-linear Poisson mean, as Fisher scoring sees them.
struct Poisson {
    y: Vec<f64>,
    group: Vec<usize>,
}

impl Objective for Poisson {
    fn parameters(&self) -> usize {
        2
    }

    fn terms(&self) -> usize {
        self.y.len()
    }

    fn term(&self, i: usize, theta: &[f64], row: &mut [f64]) -> Term {
        let eta = theta[0] + if self.group[i] == 1 { theta[1] } else { 0.0 };
        let (mu, y) = (eta.exp(), self.y[i]);
        row[0] = mu.sqrt();
        row[1] = if self.group[i] == 1 { mu.sqrt() } else { 0.0 };
        Term {
            loss: mu - y + if y > 0.0 { y * (y / mu).ln() } else { 0.0 },
            residual: (y - mu) / mu.sqrt(),
        }
    }
}

#[test]
fn fisher_scoring_of_two_groups_has_the_logarithms_of_their_means() {
    let y = vec![3.0, 7.0, 5.0, 1.0, 20.0, 31.0, 26.0, 0.0];
    let objective = Poisson {
        y,
        group: vec![0, 0, 0, 0, 1, 1, 1, 1],
    };
    let (a, b) = (16.0_f64 / 4.0, 77.0_f64 / 4.0);
    for start in [[0.0, 0.0], [3.0, -2.0], [-3.0, 5.0]] {
        let fit = solve(&objective, &start).expect("a minimum");
        assert_relative_eq!(fit.parameters()[0], a.ln(), max_relative = 1e-11);
        assert_relative_eq!(fit.parameters()[1], (b / a).ln(), max_relative = 1e-11);
        let covariance = covariance(&fit);
        assert_relative_eq!(covariance[0][0], 1.0 / 16.0, max_relative = 1e-9);
        assert_relative_eq!(
            covariance[1][1],
            1.0 / 16.0 + 1.0 / 77.0,
            max_relative = 1e-9
        );
        assert_relative_eq!(covariance[0][1], -1.0 / 16.0, max_relative = 1e-9);
        let pearson: f64 = [3.0, 7.0, 5.0, 1.0]
            .map(|y| (y - a) * (y - a) / a)
            .iter()
            .sum::<f64>()
            + [20.0, 31.0, 26.0, 0.0]
                .map(|y| (y - b) * (y - b) / b)
                .iter()
                .sum::<f64>();
        assert_relative_eq!(fit.residual_squares, pearson, max_relative = 1e-9);
    }
}

#[test]
fn active_and_inactive_bounds_satisfy_the_kkt_conditions() {
    // min (3 − a)² + (5 − a − b)²: free optimum (3, 2). With b ≥ 3 it is (2.5, 3), with the loss
    // rising inwards; with a ≤ 1 it is (1, 4); with both, (1, 4); in [4, 6] × [0, 9] it is (4, 1).
    let problem = squares(2, 2, |i, t| match i {
        0 => 3.0 - t[0],
        _ => 5.0 - t[0] - t[1],
    });
    let inf = f64::INFINITY;
    let cases = [
        ([(-inf, inf), (-inf, inf)], [3.0, 2.0], 0),
        ([(-inf, inf), (3.0, inf)], [2.5, 3.0], 1),
        ([(-inf, 1.0), (-inf, inf)], [1.0, 4.0], 1),
        ([(-inf, 1.0), (3.0, inf)], [1.0, 4.0], 1),
        ([(4.0, 6.0), (0.0, 9.0)], [4.0, 1.0], 1),
        ([(4.0, 6.0), (2.0, 9.0)], [4.0, 2.0], 2),
        ([(7.0, 7.0), (-inf, inf)], [7.0, -2.0], 1),
        ([(7.0, 7.0), (1.0, 1.0)], [7.0, 1.0], 2),
    ];
    for (pairs, expected, active) in cases {
        let bounds = Bounds::new(pairs);
        // Inside, on each bound, and in each corner.
        for u in [0.0, 0.5, 1.0] {
            for v in [0.0, 0.5, 1.0] {
                let at = |(lower, upper): (f64, f64), u: f64| {
                    let (lower, upper) = (lower.max(-20.0), upper.min(20.0));
                    lower + u * (upper - lower)
                };
                let start = [at(pairs[0], u), at(pairs[1], v)];
                let fit = minimise(&problem, &start, &bounds, &OptimiserOptions::default())
                    .expect("a minimum");
                for (found, expected) in fit.parameters().iter().zip(&expected) {
                    assert!(
                        (found - expected).abs() < 1e-12,
                        "{pairs:?} from {start:?}: {fit:?}"
                    );
                }
                assert_eq!(
                    problem.parameters() - fit.free.len(),
                    active,
                    "{pairs:?} from {start:?}"
                );
            }
        }
    }
}

#[test]
fn bounded_exponential_decay_takes_the_bound_and_the_best_of_the_rest() {
    // y = 2·exp(−0.5x); with the rate at most 0.3 the amplitude is a projection on exp(−0.3x).
    let x: Vec<f64> = (0..20).map(f64::from).collect();
    let problem = squares(2, 20, |i, t| {
        2.0 * (-0.5 * x[i]).exp() - t[0] * (t[1] * -x[i]).exp()
    });
    let bounds = Bounds::new([(0.0, f64::INFINITY), (0.0, 0.3)]);
    let upper: f64 = x
        .iter()
        .map(|x| 2.0 * (-0.5 * x).exp() * (-0.3 * x).exp())
        .sum();
    let lower: f64 = x.iter().map(|x| (-0.6 * x).exp()).sum();
    for start in [[1.0, 0.0], [0.0, 0.3], [50.0, 0.1], [1e-3, 0.29]] {
        let fit =
            minimise(&problem, &start, &bounds, &OptimiserOptions::default()).expect("a minimum");
        assert_relative_eq!(fit.parameters()[0], upper / lower, max_relative = 1e-11);
        assert_relative_eq!(fit.parameters()[1], 0.3);
        assert!(!fit.free.contains(1) && fit.free.contains(0));
        let covariance = covariance(&fit);
        assert_relative_eq!(covariance[0][0], 1.0 / lower, max_relative = 1e-11);
        assert!(covariance[1][1].abs() < f64::MIN_POSITIVE);
        assert!(fit.thorough);
    }
}

#[test]
fn estimates_follow_the_units() {
    // Certified by NIST; also the standard errors.
    let (b, sd) = (
        [213.809_408_89, 0.547_237_485_42],
        [12.354_515_176, 0.104_559_932_37],
    );
    for scale in [1e-12, 1e-6, 1.0, 1e9, 1e12] {
        for unit in [1e-12, 1.0, 1e12] {
            let problem = saturating(scale, unit);
            let fit = solve(&problem, &[100.0 * scale, 0.75 / unit]).expect("a minimum");
            assert_relative_eq!(fit.parameters()[0], b[0] * scale, max_relative = 1e-9);
            assert_relative_eq!(fit.parameters()[1], b[1] / unit, max_relative = 1e-9);
            let variance = residual_variance(&fit).expect("degrees of freedom");
            let covariance = covariance(&fit);
            let se = |j: usize| (variance * covariance[j][j]).sqrt();
            assert_relative_eq!(se(0), sd[0] * scale, max_relative = 1e-8);
            assert_relative_eq!(se(1), sd[1] / unit, max_relative = 1e-8);
        }
    }
}
