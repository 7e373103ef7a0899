//! The permutation test of Kim, Fay, Feuer & Midthune for the number of joinpoints.

use std::fmt;

use rand::seq::SliceRandom;
use serde::Serialize;

use super::error_variance::LogPoints;
use super::linear_spline::Spline;
use super::resampling::{LANES, Resampling};
use super::search::{Plan, Products};
use crate::checked_on_reading::checked;
use crate::error::Result;
use crate::number_checks::Place;
use crate::random::Seed;

/// Ratios of sums of squares that differ by less are equal.
const TIE: f64 = 1e-9;
/// A sum of squares smaller than this share of the total is rounding.
const ROUNDING: f64 = 1e-12;

checked! {
    /// A permutation test of *a* joinpoints (null hypothesis) against *b* > *a* (alternative).
    ///
    /// The statistic is the ratio RSS(a)/RSS(b) of the sums of squared residuals of the two models. The
    /// residuals of the null model, times the square roots of their weights, are permuted and put back onto
    /// its fitted values; both models are fitted anew, joinpoints included, to every permuted series. The
    /// *p*-value is (1 + the number of ratios as large as the observed one)/(1 + permutations). Kim, Fay,
    /// Feuer & Midthune (2000), see [`Selection::PermutationTest`](super::Selection::PermutationTest).
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::Seed;
    /// use myeloma_epi::joinpoint::{AnnualSeries, JoinpointOptions, JoinpointRegression, Selection};
    ///
    /// let counts = (1998..=2020).map(|year| (year, 1_000.0 + 9.0 * f64::from((year * year) % 17)));
    /// let series = AnnualSeries::from_counts("Atlantis", counts)?;
    /// let selection = Selection::PermutationTest { alpha: 0.05, permutations: 499, seed: Seed::default() };
    /// let options = JoinpointOptions { selection, ..JoinpointOptions::default() };
    /// let regression = JoinpointRegression::fit(&series, &options)?;
    /// let test = regression.tests()[0];
    /// // The most joinpoints for 23 observations are 3; the first test has the level 0.05/3.
    /// assert_eq!((test.null, test.alternative), (0, 3));
    /// assert!((test.alpha - 0.05 / 3.0).abs() < 1e-15);
    /// assert!(!test.rejected && test.p_value > test.alpha);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
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
    } then check
}

/// `0 joinpoints against 3: p = 0.0012 (threshold 0.0167), rejected`.
impl fmt::Display for PermutationTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.rejected { "rejected" } else { "kept" };
        write!(
            f,
            "{} against {}: p = {:.4} (threshold {:.4}), {verdict}",
            self.null, self.alternative, self.p_value, self.alpha
        )
    }
}

impl PermutationTest {
    fn check(&self) -> Result<()> {
        let (place, alternative) = (Place("a permutation test"), self.alternative);
        place.probability("the level", self.alpha)?;
        let name = "the number of joinpoints of the alternative";
        let allowed = "above that of the null hypothesis";
        place.check(self.null < alternative, name, alternative, allowed)?;
        for rss in [self.null_rss, self.alternative_rss] {
            place.not_negative("a sum of squares", rss)?;
        }
        let (p, allowed) = (self.p_value, "above 0 and at most 1");
        place.check(p > 0.0 && p <= 1.0, "the p-value", p, allowed)?;
        let (rejected, allowed) = (self.rejected, "whether p is at most the level");
        place.check(rejected == (p <= self.alpha), "rejected", rejected, allowed)
    }
}

/// The *p*-value of one test from so many permutations, the same for any number of threads.
pub(super) fn p_value(
    points: &LogPoints,
    (null, null_fit): (&Plan<'_>, &Spline),
    (alternative, alternative_fit): (&Plan<'_>, &Spline),
    (seed, permutations): (Seed, usize),
) -> f64 {
    if null_fit.rss <= 0.0 {
        return 1.0;
    }
    let stream = seed.stream(&format!(
        "joinpoint permutations: {} against {}",
        null.joinpoints(),
        alternative.joinpoints()
    ));
    let as_large = Resampling::new(points, null_fit).map(
        alternative,
        (stream, permutations),
        |rng, residuals| residuals.shuffle(rng),
        |_, products| {
            let (null, alternative) = (left(null, products), left(alternative, products));
            std::array::from_fn(|lane| {
                let observed = null_fit.rss * alternative[lane] * (1.0 - TIE);
                null[lane] * alternative_fit.rss >= observed
            })
        },
    );
    let as_large = as_large.iter().filter(|as_large| **as_large).count();
    (as_large + 1) as f64 / (permutations + 1) as f64
}

/// The residual sum of squares of the best model of a plan, by data vector.
fn left(plan: &Plan<'_>, products: &Products<'_, LANES>) -> [f64; LANES] {
    let best = plan.best(products);
    std::array::from_fn(|lane| {
        let total = products.squares()[lane];
        let left = total - best[lane].gain;
        if left > ROUNDING * total { left } else { 0.0 }
    })
}
