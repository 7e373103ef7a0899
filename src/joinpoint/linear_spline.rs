//! A continuous line of straight segments through weighted points: weighted least squares.
//!
//! The line is written by its levels at the knots, with hat functions as regressors. A point lies
//! between two knots, so the normal equations are tridiagonal and well conditioned wherever the
//! knots are, unlike those of hinges (t − τ)₊.

use super::error_variance::LogPoints;

/// The most joinpoints of a model.
pub(super) const MAX_JOINPOINTS: usize = 5;
/// Joinpoints and the two ends.
const MAX_KNOTS: usize = MAX_JOINPOINTS + 2;

/// A fitted line of straight segments.
#[derive(Debug, Clone)]
pub(super) struct Spline {
    /// The first time, the joinpoints, the last time.
    pub(super) knots: Vec<f64>,
    /// The level at each knot.
    pub(super) levels: Vec<f64>,
    pub(super) fitted: Vec<f64>,
    /// Weighted sum of squared residuals; 0 where it is only rounding.
    pub(super) rss: f64,
    system: Tridiagonal,
}

impl Spline {
    /// The least-squares line with joinpoints at the given times, in their order, through the points at
    /// the heights `z`.
    pub(super) fn fit(points: &LogPoints, z: &[f64], joinpoints: &[f64]) -> Self {
        let n = points.len();
        let mut knots = Vec::with_capacity(joinpoints.len() + 2);
        knots.push(points.t[0]);
        knots.extend_from_slice(joinpoints);
        knots.push(points.t[n - 1]);
        let mut system = Tridiagonal {
            size: knots.len(),
            ..Tridiagonal::default()
        };
        let hats: Vec<(usize, f64)> = points.t.iter().map(|&t| hat(&knots, t)).collect();
        for (&(i, right), &w) in hats.iter().zip(&points.w) {
            let left = 1.0 - right;
            system.diagonal[i] += w * left * left;
            system.diagonal[i + 1] += w * right * right;
            system.off[i] += w * left * right;
        }
        let mut levels = [0.0; MAX_KNOTS];
        let mut fitted = vec![0.0; n];
        // The second and third pass fit the residuals of the one before: what rounding has lost.
        for _ in 0..3 {
            let mut right_side = [0.0; MAX_KNOTS];
            for (row, &(i, right)) in hats.iter().enumerate() {
                let weighted = points.w[row] * (z[row] - fitted[row]);
                right_side[i] += weighted * (1.0 - right);
                right_side[i + 1] += weighted * right;
            }
            system.solve(&mut right_side);
            for (level, correction) in levels.iter_mut().zip(right_side) {
                *level += correction;
            }
            for (fitted, &(i, right)) in fitted.iter_mut().zip(&hats) {
                *fitted = levels[i] * (1.0 - right) + levels[i + 1] * right;
            }
        }
        let squares = (0..n)
            .map(|i| points.w[i] * (z[i] - fitted[i]).powi(2))
            .sum();
        Self {
            levels: levels[..knots.len()].to_vec(),
            knots,
            fitted,
            rss: points.without_rounding(squares),
            system,
        }
    }

    /// The covariance of the levels for a residual variance of 1, the joinpoints being known.
    pub(super) fn level_covariance(&self) -> Vec<Vec<f64>> {
        let k = self.knots.len();
        (0..k)
            .map(|i| {
                let mut column = [0.0; MAX_KNOTS];
                column[i] = 1.0;
                self.system.solve(&mut column);
                column[..k].to_vec()
            })
            .collect()
    }
}

/// The segment that a time lies in, and how far into it, from 0 to 1.
pub(super) fn hat(knots: &[f64], t: f64) -> (usize, f64) {
    let last = knots.len() - 2;
    let i = (1..=last).rfind(|&i| t > knots[i]).unwrap_or(0);
    (i, (t - knots[i]) / (knots[i + 1] - knots[i]))
}

/// The height at a time of the line with these knots and levels; its ends continue.
pub(super) fn height(knots: &[f64], levels: &[f64], t: f64) -> f64 {
    let (i, right) = hat(knots, t);
    levels[i] * (1.0 - right) + levels[i + 1] * right
}

/// The slope of each segment of the line with these knots and levels.
pub(super) fn slopes<'a>(
    knots: &'a [f64],
    levels: &'a [f64],
) -> impl ExactSizeIterator<Item = f64> + 'a {
    let (knots, levels) = (knots.windows(2), levels.windows(2));
    knots
        .zip(levels)
        .map(|(t, z)| (z[1] - z[0]) / (t[1] - t[0]))
}

/// A symmetric positive definite tridiagonal system.
#[derive(Debug, Clone, Default)]
struct Tridiagonal {
    size: usize,
    diagonal: [f64; MAX_KNOTS],
    off: [f64; MAX_KNOTS],
}

impl Tridiagonal {
    fn solve(&self, x: &mut [f64; MAX_KNOTS]) {
        let mut pivot = self.diagonal;
        for i in 1..self.size {
            let factor = self.off[i - 1] / pivot[i - 1];
            pivot[i] -= factor * self.off[i - 1];
            x[i] -= factor * x[i - 1];
        }
        let last = self.size - 1;
        x[last] /= pivot[last];
        for i in (0..last).rev() {
            x[i] = (x[i] - self.off[i] * x[i + 1]) / pivot[i];
        }
    }
}

/// A straight line by weighted least squares. Its level at the mean time and its slope are
/// uncorrelated, with variances 1/Σw and 1/spread if the weights are inverse variances.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) mean_t: f64,
    mean_z: f64,
    pub(super) slope: f64,
    /// Σw.
    pub(super) total: f64,
    /// Σw·(t − t̄)².
    pub(super) spread: f64,
}

impl Line {
    /// Through at least two points at different times, with their weights.
    pub(super) fn fit(t: &[f64], w: &[f64], z: &[f64]) -> Self {
        let total: f64 = w.iter().sum();
        let mean = |x: &[f64]| x.iter().zip(w).map(|(x, w)| x * w).sum::<f64>() / total;
        let (mean_t, mean_z) = (mean(t), mean(z));
        let spread = t.iter().zip(w).map(|(t, w)| w * (t - mean_t).powi(2)).sum();
        let products: f64 = (0..t.len())
            .map(|i| w[i] * (t[i] - mean_t) * (z[i] - mean_z))
            .sum();
        Self {
            mean_t,
            mean_z,
            slope: products / spread,
            total,
            spread,
        }
    }

    pub(super) fn at(&self, t: f64) -> f64 {
        self.mean_z + self.slope * (t - self.mean_t)
    }
}
