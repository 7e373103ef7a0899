//! How Sobol' indices are computed.

use serde::{Deserialize, Serialize};

use super::sobol_sequence::MOST_POINTS;
use crate::error::Result;
use crate::interval_levels::LEVEL;
use crate::number_checks::Place;
use crate::random::Seed;

/// How the **error of indices** is estimated.
///
/// The estimate is best where all points are one scrambling; its error is known where there are several. Simulated
/// coverage of nominal 95 % intervals, with 2¹⁰ to 2¹⁴ points, is in the [methods](crate::documentation::methods).
///
/// ```
/// use myeloma_epi::sensitivity::{IndexError, SobolOptions};
///
/// assert_eq!(SobolOptions::default().error, IndexError::Scramblings(8));
/// let better_estimate = SobolOptions { error: IndexError::Parts(8), ..SobolOptions::default() };
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IndexError {
    /// All points are one scrambling, and so many consecutive parts of it, each a scrambled net of its own, are taken for
    /// replicates: Student's t for their mean. They share their scrambling and are no independent replicates. Mostly their
    /// errors offset one another in the whole, and the interval holds the truth more often than it says; where three inputs or more act
    /// together they may add up, and it holds the truth less often: of the product of three symmetric inputs, with 2¹² points, that of one first-order index in 148
    /// of 200 seeds. From 2 to 256, a power of two.
    Parts(usize),
    /// The points are so many independent scramblings, each of an equal share of them: Student's t for their mean. The
    /// interval holds the truth as often as it says, about an estimate with a larger error than that of one scrambling.
    /// From 2 to 256, a power of two.
    Scramblings(usize),
    /// All points are one scrambling, from which points are drawn again so many times; the interval is between the
    /// percentiles of these. It takes the points for independent, which they are not: it is too wide where the model is
    /// smooth. From 20 to 100,000.
    Bootstrap(usize),
    /// None: lower and upper ends are the estimate.
    None,
}

/// How Sobol' indices are computed.
///
/// A plain struct, checked by [`SobolIndices::of`](super::SobolIndices::of).
///
/// ```
/// use myeloma_epi::sensitivity::{IndexError, SobolOptions};
///
/// let quick = SobolOptions { points: 1 << 10, error: IndexError::Scramblings(4), ..SobolOptions::default() };
/// # assert_eq!(quick.level, 0.95);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SobolOptions {
    /// The number of base points, a power of two from 64 to 2²⁵. The model is evaluated points·(inputs and groups + 2)
    /// times. Default 2¹⁴ = 16,384.
    pub points: usize,
    /// How the error is estimated. Default: by 8 independent scramblings.
    pub error: IndexError,
    /// The level of intervals, above 0 and below 1. Default 0.95.
    pub level: f64,
    /// Whether what is shared out is the variance of the output's rank among the values at the points, from 0 to 1, in place of
    /// that of its value. Default: no. Ranks are there for every output, also for one whose tails are too heavy for a variance,
    /// and an increasing function of the output, its logarithm say, has the same indices (Saltelli and Sobol' 1995,
    /// [doi:10.1016/0951-8320(95)00099-2](https://doi.org/10.1016/0951-8320(95)00099-2)). An input that moves few values far, and
    /// their ranks little, counts for less.
    pub ranks: bool,
    /// The seed of the scrambling and of the bootstrap.
    pub seed: Seed,
}

impl Default for SobolOptions {
    fn default() -> Self {
        Self {
            points: 1 << 14,
            error: IndexError::Scramblings(8),
            level: LEVEL,
            ranks: false,
            seed: Seed::default(),
        }
    }
}

/// The fewest points of one scrambling.
const FEWEST: usize = 64;

impl SobolOptions {
    pub(super) fn check(&self) -> Result<()> {
        let place = Place("the options of Sobol' indices");
        place.check(
            self.points.is_power_of_two() && (FEWEST..=MOST_POINTS).contains(&self.points),
            "the number of points",
            self.points,
            format_args!("a power of two from {FEWEST} to {MOST_POINTS}"),
        )?;
        place.probability("the level", self.level)?;
        let parts = |name: &str, n: usize| {
            let most = (self.points / FEWEST).min(256);
            let allowed = format!(
                "a power of two from 2 to {most}, so that each has {FEWEST} points or more"
            );
            let holds = n.is_power_of_two() && (2..=most).contains(&n);
            place.check(holds, name, n, allowed)
        };
        match self.error {
            IndexError::Parts(n) => parts("the number of parts", n),
            IndexError::Scramblings(n) => parts("the number of scramblings", n),
            IndexError::Bootstrap(n) => {
                let (holds, name) = (
                    (20..=100_000).contains(&n),
                    "the number of bootstrap samples",
                );
                place.check(holds, name, n, "between 20 and 100,000")
            }
            IndexError::None => Ok(()),
        }
    }

    /// The number of equal shares of the points whose indices are compared.
    pub(super) const fn replicates(&self) -> usize {
        match self.error {
            IndexError::Parts(n) | IndexError::Scramblings(n) => n,
            _ => 1,
        }
    }
}
