//! The permutation test of Kim, Fay, Feuer & Midthune for the number of joinpoints.

use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::error_variance::{LogPoints, check_open_unit};
use super::linear_spline::{Line, Spline};
use super::search::{Grid, Plan, Products};
use crate::error::{Error, Result};
use crate::random::Seed;

/// Permutations that are evaluated side by side.
const LANES: usize = 8;
/// Permutations that share a generator: the unit of parallel work.
const BLOCK: usize = 16 * LANES;
/// Ratios of sums of squares that differ by less are equal.
const TIE: f64 = 1e-9;
/// A sum of squares smaller than this share of the total is rounding.
const ROUNDING: f64 = 1e-12;

/// A permutation test of *a* joinpoints (null hypothesis) against *b* > *a* (alternative).
///
/// The statistic is the ratio RSS(a)/RSS(b) of the sums of squared residuals of the two models. The
/// residuals of the null model, times the square roots of their weights, are permuted and put back onto
/// its fitted values; both models are fitted anew, joinpoints included, to every permuted series. The
/// *p*-value is (1 + the number of ratios as large as the observed one)/(1 + permutations). Kim, Fay,
/// Feuer & Midthune (2000), see [`Selection::PermutationTest`](super::Selection::PermutationTest).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct PermutationTest {
    /// Joinpoints of the null hypothesis.
    pub null: usize,
    /// Joinpoints of the alternative.
    pub alternative: usize,
    /// RSS of the null model.
    pub null_rss: f64,
    /// RSS of the alternative.
    pub alternative_rss: f64,
    /// The *p*-value; 1 where the null model fits perfectly.
    pub p_value: f64,
    /// The level of this test: the overall level over the number of tests that can still follow.
    pub alpha: f64,
    /// Whether the null hypothesis is rejected: *p* ≤ the level.
    pub rejected: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    null: usize,
    alternative: usize,
    null_rss: f64,
    alternative_rss: f64,
    p_value: f64,
    alpha: f64,
    rejected: bool,
}

impl TryFrom<Unchecked> for PermutationTest {
    type Error = Error;

    fn try_from(unchecked: Unchecked) -> Result<Self> {
        const PLACE: &str = "a permutation test";
        let Unchecked {
            null,
            alternative,
            null_rss,
            alternative_rss,
            p_value,
            alpha,
            rejected,
        } = unchecked;
        if null >= alternative {
            return Err(Error::out_of_range(
                "the number of joinpoints of the alternative",
                PLACE,
                alternative,
                format!("above {null}, that of the null hypothesis"),
            ));
        }
        for rss in [null_rss, alternative_rss] {
            if !(rss.is_finite() && rss >= 0.0) {
                return Err(Error::out_of_range(
                    "a sum of squares",
                    PLACE,
                    rss,
                    "finite and not negative",
                ));
            }
        }
        if !(p_value > 0.0 && p_value <= 1.0) {
            return Err(Error::out_of_range(
                "the p-value",
                PLACE,
                p_value,
                "above 0 and at most 1",
            ));
        }
        check_open_unit("the level", PLACE, alpha)?;
        if rejected != (p_value <= alpha) {
            return Err(Error::out_of_range(
                "rejected",
                PLACE,
                rejected,
                format!("whether {p_value} is at most {alpha}"),
            ));
        }
        Ok(Self {
            null,
            alternative,
            null_rss,
            alternative_rss,
            p_value,
            alpha,
            rejected,
        })
    }
}

/// How to permute.
#[derive(Debug, Clone, Copy)]
pub(super) struct Permutations {
    pub(super) count: usize,
    pub(super) seed: Seed,
}

impl Permutations {
    /// The *p*-value of one test, the same for any number of threads.
    pub(super) fn p_value(
        self,
        points: &LogPoints,
        grid: &Grid,
        (null, null_fit): (&Plan<'_>, &Spline),
        (alternative, alternative_fit): (&Plan<'_>, &Spline),
    ) -> f64 {
        if null_fit.rss <= 0.0 {
            return 1.0;
        }
        let test = Test::new(points, null, alternative, null_fit, alternative_fit);
        let stream = self.seed.stream(&format!(
            "joinpoint permutations: {} against {}",
            null.joinpoints(),
            alternative.joinpoints()
        ));
        let as_large: usize = (0..self.count.div_ceil(BLOCK))
            .into_par_iter()
            .map_init(
                || Workspace::new(grid, points.len()),
                |workspace, block| {
                    let count = BLOCK.min(self.count - block * BLOCK);
                    test.as_large(&mut stream.block(block), count, workspace)
                },
            )
            .sum();
        (as_large + 1) as f64 / (self.count + 1) as f64
    }
}

/// What all permutations of one test share.
struct Test<'a> {
    points: &'a LogPoints,
    null: &'a Plan<'a>,
    alternative: &'a Plan<'a>,
    rss: (f64, f64),
    /// Fitted values of the null model, without the straight line through the data.
    fitted: Vec<f64>,
    /// Residuals times the square root of their weights.
    residuals: Vec<f64>,
    inverse_root_weights: Vec<f64>,
}

/// The memory of one thread.
struct Workspace<'g> {
    order: Vec<usize>,
    z: Vec<[f64; LANES]>,
    products: Products<'g, LANES>,
}

impl<'g> Workspace<'g> {
    fn new(grid: &'g Grid, observations: usize) -> Self {
        Self {
            order: vec![0; observations],
            z: vec![[0.0; LANES]; observations],
            products: Products::new(grid, observations),
        }
    }
}

impl<'a> Test<'a> {
    fn new(
        points: &'a LogPoints,
        null: &'a Plan<'a>,
        alternative: &'a Plan<'a>,
        null_fit: &Spline,
        alternative_fit: &Spline,
    ) -> Self {
        let line = Line::fit(&points.t, &points.w, &points.z);
        let roots: Vec<f64> = points.w.iter().map(|w| w.sqrt()).collect();
        Self {
            points,
            null,
            alternative,
            rss: (null_fit.rss, alternative_fit.rss),
            fitted: (0..points.len())
                .map(|i| null_fit.fitted[i] - line.at(points.t[i]))
                .collect(),
            residuals: (0..points.len())
                .map(|i| roots[i] * (points.z[i] - null_fit.fitted[i]))
                .collect(),
            inverse_root_weights: roots.iter().map(|root| 1.0 / root).collect(),
        }
    }

    /// How many of `count` permutations have a ratio as large as the observed one.
    fn as_large(
        &self,
        rng: &mut rand::rngs::ChaCha8Rng,
        count: usize,
        workspace: &mut Workspace<'_>,
    ) -> usize {
        let Workspace { order, z, products } = workspace;
        for (i, index) in order.iter_mut().enumerate() {
            *index = i;
        }
        let mut as_large = 0;
        for first in (0..count).step_by(LANES) {
            let lanes = LANES.min(count - first);
            for lane in 0..lanes {
                // Fisher and Yates.
                for i in (1..order.len()).rev() {
                    order.swap(i, rng.random_range(0..=i));
                }
                for (i, &from) in order.iter().enumerate() {
                    z[i][lane] =
                        self.fitted[i] + self.residuals[from] * self.inverse_root_weights[i];
                }
            }
            products.set(self.points, z, self.alternative.joinpoints());
            let null = smallest(self.null, products);
            let alternative = smallest(self.alternative, products);
            as_large += (0..lanes)
                .filter(|&lane| {
                    null[lane] * self.rss.1 >= self.rss.0 * alternative[lane] * (1.0 - TIE)
                })
                .count();
        }
        as_large
    }
}

/// The residual sum of squares of the best model of a plan, by data vector.
fn smallest(plan: &Plan<'_>, products: &Products<'_, LANES>) -> [f64; LANES] {
    let mut gain = [0.0; LANES];
    plan.visit(products, &mut |_, reached| {
        for lane in 0..LANES {
            gain[lane] = if reached[lane] > gain[lane] {
                reached[lane]
            } else {
                gain[lane]
            };
        }
    });
    std::array::from_fn(|lane| {
        let total = products.squares()[lane];
        let left = total - gain[lane];
        if left > ROUNDING * total { left } else { 0.0 }
    })
}
