//! Series that might have been observed, each with the best model of its own: what resampled intervals and
//! permutation tests rest on.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::{ChiSquared, Distribution, StandardNormal};
use rayon::prelude::*;

use super::error_variance::LogPoints;
use super::linear_spline::{Line, Spline};
use super::search::{Plan, Products};
use crate::numeric::quantile::sorted_quantile;
use crate::random::{Seed, Stream};

/// Series that are evaluated side by side.
pub(super) const LANES: usize = 8;
/// Series that share a generator: the unit of parallel work.
const BLOCK: usize = 16 * LANES;

/// Series that consist of one fitted line and different errors about it.
pub(super) struct Resampling<'a> {
    points: &'a LogPoints,
    /// The straight line through the data: without it sums of squares are small, and no residual changes.
    straight: Vec<f64>,
    fit: &'a Spline,
    /// The residuals times the square roots of the weights.
    pub(super) residuals: Vec<f64>,
}

impl<'a> Resampling<'a> {
    pub(super) fn new(points: &'a LogPoints, fit: &'a Spline) -> Self {
        let line = Line::fit(&points.t, &points.w, &points.z);
        let residual = |i: usize| points.w[i].sqrt() * (points.z[i] - fit.fitted[i]);
        Self {
            points,
            straight: points.t.iter().map(|&t| line.at(t)).collect(),
            fit,
            residuals: (0..points.len()).map(residual).collect(),
        }
    }

    /// What `each` makes of `count` series, in their order, for any number of threads. `errors` makes the errors of
    /// a series, times the square roots of the weights, from those of the one before, at first the residuals.
    /// `each` gets some series at a time, without the straight line, and their products for models like `plan`.
    pub(super) fn map<T: Send>(
        &self,
        plan: &Plan<'_>,
        (stream, count): (Stream, usize),
        errors: impl Fn(&mut ChaCha8Rng, &mut [f64]) + Sync,
        each: impl Fn(&[[f64; LANES]], &Products<'_, LANES>) -> [T; LANES] + Sync,
    ) -> Vec<T> {
        let n = self.points.len();
        let block = |block: usize| {
            let mut rng = stream.block(block);
            let mut products = Products::<LANES>::new(plan.grid(), n);
            let (mut z, mut e) = (vec![[0.0; LANES]; n], self.residuals.clone());
            let mut found = Vec::with_capacity(BLOCK);
            let size = BLOCK.min(count - block * BLOCK);
            for first in (0..size).step_by(LANES) {
                for lane in 0..LANES.min(size - first) {
                    errors(&mut rng, &mut e);
                    for i in 0..n {
                        let error = e[i] / self.points.w[i].sqrt();
                        z[i][lane] = self.fit.fitted[i] - self.straight[i] + error;
                    }
                }
                products.set(self.points, &z, plan.joinpoints());
                found.extend(each(&z, &products).into_iter().take(size - first));
            }
            found
        };
        let blocks = (0..count.div_ceil(BLOCK)).into_par_iter();
        blocks.flat_map_iter(block).collect()
    }
}

/// The best models of `count` resampled series, as (times of the knots, levels there). The variance of the errors is
/// RSS/χ² with so many degrees of freedom, drawn for each series; without degrees of freedom they are normal
/// with known variances.
pub(super) fn resample(
    points: &LogPoints,
    (plan, fit): (&Plan<'_>, &Spline),
    degrees_of_freedom: Option<f64>,
    (seed, count): (Seed, usize),
) -> Vec<(Vec<f64>, Vec<f64>)> {
    let resampling = Resampling::new(points, fit);
    let mut sorted = resampling.residuals.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let (mean, deviation) = moments(&sorted);
    let chi_squared = degrees_of_freedom.and_then(|d| ChiSquared::new(d).ok());
    let errors = |rng: &mut ChaCha8Rng, e: &mut [f64]| {
        if let Some(chi_squared) = chi_squared {
            let chi_squared = chi_squared.sample(rng).max(f64::MIN_POSITIVE);
            let scale = (fit.rss / chi_squared).sqrt() / deviation;
            for e in e {
                *e = scale * (sorted_quantile(&sorted, rng.random()) - mean);
            }
        } else {
            let scale = points.largest_weight.sqrt().recip();
            for e in e {
                let normal: f64 = StandardNormal.sample(rng);
                *e = scale * normal;
            }
        }
    };
    let stream = seed.stream(&format!("joinpoint resampling: {}", plan.joinpoints()));
    resampling.map(plan, (stream, count), errors, |z, products| {
        let best = plan.best(products);
        std::array::from_fn(|lane| {
            let z: Vec<f64> = (z.iter().zip(&resampling.straight))
                .map(|(z, straight)| z[lane] + straight)
                .collect();
            let line = Spline::fit(points, &z, &plan.times(&best[lane]));
            (line.knots, line.levels)
        })
    })
}

/// Mean and standard deviation of the distribution whose quantiles are interpolated between sorted numbers.
fn moments(sorted: &[f64]) -> (f64, f64) {
    let pieces = sorted.windows(2);
    let n = pieces.len() as f64;
    let mean = pieces.clone().map(|p| 0.5 * (p[0] + p[1])).sum::<f64>() / n;
    let square = |p: &[f64]| {
        let (a, b) = (p[0] - mean, p[1] - mean);
        (a * a + a * b + b * b) / 3.0
    };
    (mean, (pieces.map(square).sum::<f64>() / n).sqrt())
}
