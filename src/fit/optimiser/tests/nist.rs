//! Certified problems of the NIST Statistical Reference Datasets, from both starts.

use super::super::{
    Minimum, Objective, OptimiserError, OptimiserOptions, minimise, scattered_starts,
};
use super::dual::Dual;
use super::problems::{Problem, problems};
use super::{covariance, residual_variance, unbounded};

/// Matching digits: `−log₁₀(|x − c|/|c|)`, at most 15.
fn digits(x: f64, certified: f64) -> f64 {
    (-((x - certified).abs() / certified.abs()).log10()).min(15.0)
}

fn least_digits(found: &[f64], certified: &[f64]) -> f64 {
    found
        .iter()
        .zip(certified)
        .map(|(x, c)| digits(*x, *c))
        .fold(f64::INFINITY, f64::min)
}

fn fit(problem: &Problem, start: usize) -> Result<Minimum, OptimiserError> {
    let bounds = unbounded(problem.parameters());
    minimise(
        problem,
        &problem.starts[start],
        &bounds,
        &OptimiserOptions::default(),
    )
}

/// Least matching digits of one fit: over the parameters, over the standard errors, of the residual
/// sum of squares.
fn matching(problem: &Problem, minimum: &Minimum) -> [f64; 3] {
    let covariance = covariance(minimum);
    let variance = residual_variance(minimum).unwrap_or(f64::NAN);
    let errors: Vec<f64> = (0..problem.sd.len())
        .map(|j| (variance * covariance[j][j]).sqrt())
        .collect();
    [
        least_digits(minimum.parameters(), &problem.certified),
        least_digits(&errors, &problem.sd),
        digits(minimum.residual_squares, problem.rss),
    ]
}

/// Prints the table of `METHODS.md`, and asks for eight digits in every parameter and six in every
/// standard error and residual sum of squares.
#[test]
fn certified_values_from_both_starts() {
    println!("| problem | parameters | standard errors | sum of squares | iterations |");
    println!("|---|---|---|---|---|");
    let mut short = Vec::new();
    for problem in problems() {
        let mut cells = [const { Vec::new() }; 4];
        for start in 0..2 {
            match fit(&problem, start) {
                Ok(minimum) => {
                    assert_eq!(
                        minimum.degrees_of_freedom(),
                        problem.dof,
                        "{}",
                        problem.name
                    );
                    let found = matching(&problem, &minimum);
                    for (cell, found) in cells.iter_mut().zip(found) {
                        cell.push(format!("{found:.1}"));
                    }
                    cells[3].push(minimum.iterations.to_string());
                    // The residuals of Lanczos1 are the rounding of its data to 14 digits, so that its
                    // sum of squares and standard errors are rounding too.
                    let exact = problem.name == "Lanczos1";
                    if found[0] < 8.0 || !exact && (found[1] < 6.0 || found[2] < 6.0) {
                        short.push(format!("{} start {}: {found:?}", problem.name, start + 1));
                    }
                }
                Err(error) => {
                    for cell in &mut cells {
                        cell.push("error".to_owned());
                    }
                    short.push(format!("{} start {}: {error:?}", problem.name, start + 1));
                }
            }
        }
        println!(
            "| {} | {} |",
            problem.name,
            cells.map(|cell| cell.join(" / ")).join(" | ")
        );
    }
    assert!(short.is_empty(), "too few digits:\n{}", short.join("\n"));
}

/// The residual sum of squares, computed here and without the optimiser.
fn rss(problem: &Problem, b: &[f64]) -> f64 {
    let b = Dual::parameters(b);
    let terms = problem.x.iter().zip(&problem.y);
    terms
        .map(|(x, y)| (y - (problem.model)(x, &b).value).powi(2))
        .sum()
}

#[test]
fn whatever_counts_as_a_minimum_from_wild_starts_is_one() {
    let (mut certified, mut other, mut failed) = (0, 0, 0);
    for problem in problems() {
        let k = problem.parameters();
        let bounds = unbounded(k);
        let options = OptimiserOptions {
            rescue_starts: 0,
            ..OptimiserOptions::default()
        };
        for start in scattered_starts(&problem.starts[1], &bounds, 12) {
            let Ok(minimum) = minimise(&problem, &start[..k], &bounds, &options) else {
                failed += 1;
                continue;
            };
            let b = minimum.parameters();
            let least = rss(&problem, b);
            if problem.name == "Lanczos1" && least < 1e-22 || least < problem.rss * (1.0 + 1e-6) {
                certified += 1;
                continue;
            }
            other += 1;
            // Another local minimum: no parameter can be moved, and no pair of them, by some
            // standard errors or by a small part of one, so that the sum of squares falls.
            let covariance = covariance(&minimum);
            let variance = residual_variance(&minimum).expect("degrees of freedom");
            for scale in [1e-2, 1e-3] {
                for i in 0..k {
                    for j in 0..k {
                        for sign in [1.0, -1.0] {
                            let mut moved = b.to_vec();
                            moved[i] += scale * (variance * covariance[i][i]).sqrt();
                            moved[j] += sign * scale * (variance * covariance[j][j]).sqrt();
                            let there = rss(&problem, &moved);
                            assert!(
                                there >= least * (1.0 - 1e-9) || there.is_nan(),
                                "{} from {start:?}: {b:?} has {least:e}, {moved:?} has {there:e}",
                                problem.name,
                            );
                        }
                    }
                }
            }
        }
    }
    println!("{certified} certified, {other} other minima, {failed} failures");
}
