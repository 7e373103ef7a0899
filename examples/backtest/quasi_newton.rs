//! Minimisation of a smooth function of a dozen parameters without its gradient.

/// An approximation of the inverse of the matrix of second derivatives.
pub(crate) type Curvature = Vec<Vec<f64>>;

/// Where a minimisation ended.
pub(crate) struct End {
    pub(crate) x: Vec<f64>,
    pub(crate) curvature: Curvature,
}

/// Step of the central differences, on scales where parameters are of the order of one.
const DIFFERENCE: f64 = 2e-4;
/// Two steps in a row that gain less end the search: far below what one series adds to a mean
/// log-likelihood over hundreds.
const LEAST_GAIN: f64 = 2e-6;
const MOST_STEPS: usize = 80;

/// The Broyden–Fletcher–Goldfarb–Shanno method with backtracking (Nocedal & Wright 2006, algorithm
/// 6.1, [doi:10.1007/978-0-387-40065-5](https://doi.org/10.1007/978-0-387-40065-5)), or `None` where
/// the function is not finite at the start.
pub(crate) fn minimise(
    function: impl Fn(&[f64]) -> f64,
    start: &[f64],
    curvature: Option<&Curvature>,
) -> Option<End> {
    let n = start.len();
    let function = |x: &[f64]| {
        let value = function(x);
        if value.is_finite() { value } else { f64::MAX }
    };
    let gradient = |x: &[f64]| -> Vec<f64> {
        let at = |i: usize, step: f64| {
            let mut moved = x.to_vec();
            moved[i] += step;
            function(&moved)
        };
        (0..n)
            .map(|i| (at(i, DIFFERENCE) - at(i, -DIFFERENCE)) / (2.0 * DIFFERENCE))
            .collect()
    };

    let mut x = start.to_vec();
    let mut value = function(&x);
    if value >= f64::MAX {
        return None;
    }
    let mut slope = gradient(&x);
    let mut known = curvature.is_some_and(|c| c.len() == n);
    let mut inverse = match curvature {
        Some(curvature) if known => curvature.clone(),
        _ => scaled_identity(n, 0.3 / norm(&slope).max(1.0)),
    };
    let mut idle = 0;
    for _ in 0..MOST_STEPS {
        let mut direction: Vec<f64> = inverse.iter().map(|row| -dot(row, &slope)).collect();
        let longest = direction.iter().fold(0.0f64, |most, d| most.max(d.abs()));
        if longest > 1.0 {
            for d in &mut direction {
                *d /= longest;
            }
        }
        let descent = dot(&direction, &slope);
        if descent >= 0.0 {
            // The approximation has gone bad: begin it again, once.
            idle += 1;
            if idle > 1 {
                break;
            }
            inverse = scaled_identity(n, 0.3 / norm(&slope).max(1.0));
            known = false;
            continue;
        }
        let mut length = 1.0;
        let (mut next, mut next_value);
        loop {
            next = x
                .iter()
                .zip(&direction)
                .map(|(x, d)| x + length * d)
                .collect::<Vec<_>>();
            next_value = function(&next);
            if next_value <= value + 1e-4 * length * descent || length < 1e-8 {
                break;
            }
            length *= 0.4;
        }
        if next_value > value {
            break;
        }
        let next_slope = gradient(&next);
        let s: Vec<f64> = next.iter().zip(&x).map(|(a, b)| a - b).collect();
        let y: Vec<f64> = next_slope.iter().zip(&slope).map(|(a, b)| a - b).collect();
        let sy = dot(&s, &y);
        if sy > 1e-12 {
            if !known {
                inverse = scaled_identity(n, sy / dot(&y, &y));
                known = true;
            }
            let hy: Vec<f64> = inverse.iter().map(|row| dot(row, &y)).collect();
            let scale = (1.0 + dot(&y, &hy) / sy) / sy;
            for i in 0..n {
                for j in 0..n {
                    inverse[i][j] += scale * s[i] * s[j] - (hy[i] * s[j] + s[i] * hy[j]) / sy;
                }
            }
        }
        idle = if value - next_value < LEAST_GAIN {
            idle + 1
        } else {
            0
        };
        (x, value, slope) = (next, next_value, next_slope);
        if idle >= 2 {
            break;
        }
    }
    Some(End {
        x,
        curvature: inverse,
    })
}

fn scaled_identity(n: usize, scale: f64) -> Curvature {
    (0..n)
        .map(|i| (0..n).map(|j| if i == j { scale } else { 0.0 }).collect())
        .collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosenbrock's function has its minimum at (1, 1).
    #[test]
    fn the_minimum_of_a_curved_valley_is_found() {
        let valley = |x: &[f64]| 10.0 * (x[1] - x[0] * x[0]).powi(2) + (1.0 - x[0]).powi(2);
        let end = minimise(valley, &[-1.2, 1.0], None).unwrap();
        assert!(
            (end.x[0] - 1.0).abs() < 1e-2 && (end.x[1] - 1.0).abs() < 2e-2,
            "{:?}",
            end.x
        );
        let again = minimise(valley, &end.x, Some(&end.curvature)).unwrap();
        assert!((again.x[0] - 1.0).abs() < 1e-3);
        assert!(minimise(|_| f64::NAN, &[0.0], None).is_none());
    }
}
