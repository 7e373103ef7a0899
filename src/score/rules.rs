//! Scoring rules: one forecast against one outcome.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::checked_on_reading::checked;
use crate::error::{Error, Result};
use crate::interval_levels::OF_SCORES;
use crate::number_checks::Place;

/// A probabilistic forecast given by quantiles: the median and the ends of the central 50, 80 and 95 %
/// intervals.
///
/// There are seven, at [`QuantileForecast::PROBABILITIES`], finite and in order, on whatever scale the outcome is
/// on. The back-tests of this crate work on natural logarithms of counts. The levels are among those of the
/// forecast hubs: Bracher, Ray, Gneiting & Reich (2021), PLOS Computational Biology 17:e1008618,
/// [doi:10.1371/journal.pcbi.1008618](https://doi.org/10.1371/journal.pcbi.1008618).
///
/// # Errors
///
/// [`QuantileForecast::new`] refuses quantiles that are not finite or out of order.
///
/// # Example
///
/// ```
/// use myeloma_epi::score::QuantileForecast;
///
/// let forecast = QuantileForecast::new([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0])?;
/// assert_eq!(forecast.covers(4.5), [false, true, true]);
/// assert!(forecast.score(4.5)?.total < forecast.score(7.0)?.total);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "[f64; 7]", into = "[f64; 7]")]
pub struct QuantileForecast([f64; 7]);

/// The median with the central 95 % interval, on the scale of the forecast: `median 6.908 (95 % interval 6.712 to 7.104)`.
impl fmt::Display for QuantileForecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [lower, .., upper] = self.0;
        let median = self.0[3];
        write!(
            f,
            "median {median:.3} (95 % interval {lower:.3} to {upper:.3})"
        )
    }
}

impl TryFrom<[f64; 7]> for QuantileForecast {
    type Error = Error;

    fn try_from(quantiles: [f64; 7]) -> Result<Self> {
        Self::new(quantiles)
    }
}

impl From<QuantileForecast> for [f64; 7] {
    fn from(forecast: QuantileForecast) -> Self {
        forecast.0
    }
}

checked! {
    /// The weighted interval score: a proper score of a forecast given by quantiles, with its three parts.
    ///
    /// The parts add up to the score. All are on the scale of the forecast and not negative; less is better, and 0 is
    /// a forecast that was certain and right. The formula stands at [`QuantileForecast::score`]; Bracher, Ray,
    /// Gneiting & Reich (2021), PLOS Computational Biology 17:e1008618,
    /// [doi:10.1371/journal.pcbi.1008618](https://doi.org/10.1371/journal.pcbi.1008618).
    ///
    /// # Errors
    ///
    /// Reading one from a file refuses parts that are negative or do not add up.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::score::QuantileForecast;
    ///
    /// let forecast = QuantileForecast::new([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0])?;
    /// let score = forecast.score(7.0)?;
    /// // By hand: widths 0.025·6 + 0.1·4 + 0.25·2, misses ½·4 + 3 + 2 + 1, both over K + ½ = 3.5.
    /// assert!((score.dispersion - 1.05 / 3.5).abs() < 1e-12);
    /// assert!((score.underprediction - 8.0 / 3.5).abs() < 1e-12);
    /// assert_eq!(score.overprediction, 0.0);
    /// assert!((score.total - 9.05 / 3.5).abs() < 1e-12);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
    pub struct WeightedIntervalScore {
        /// The score.
        pub total: f64,
        /// The part that the width of the intervals costs.
        pub dispersion: f64,
        /// The penalty where the truth lies below an interval or the median: the forecast was too high.
        pub overprediction: f64,
        /// The penalty where the truth lies above an interval or the median: the forecast was too low.
        pub underprediction: f64,
    } then check
}

impl WeightedIntervalScore {
    fn check(&self) -> Result<()> {
        let parts = [self.dispersion, self.overprediction, self.underprediction];
        let (total, sum) = (self.total, parts.iter().sum::<f64>());
        let adds_up = total.is_finite() && (sum - total).abs() <= 1e-9 * sum;
        Place("a weighted interval score").check(
            adds_up && parts.iter().all(|part| part.is_finite() && *part >= 0.0),
            "the sum of the parts",
            format!("{parts:?}"),
            format!("of parts that are not negative, and {total}, the score"),
        )
    }
}

impl QuantileForecast {
    /// The probabilities of the quantiles: 0.025, 0.1, 0.25, 0.5, 0.75, 0.9 and 0.975.
    pub const PROBABILITIES: [f64; 7] = OF_SCORES;

    /// A forecast from its quantiles, at [`QuantileForecast::PROBABILITIES`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where one is not finite, [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) where they are not in
    /// order. Equal quantiles are allowed: a forecast that claims to be certain.
    pub fn new(quantiles: [f64; 7]) -> Result<Self> {
        for value in quantiles {
            let holds = value.is_finite();
            Place("a forecast").check(holds, "a quantile", value, "a finite number")?;
        }
        if quantiles.windows(2).any(|pair| pair[0] > pair[1]) {
            return Err(Error::unsuitable(format!(
                "the quantiles of a forecast are out of order: {quantiles:?}"
            )));
        }
        Ok(Self(quantiles))
    }

    /// The quantiles, at [`QuantileForecast::PROBABILITIES`].
    #[must_use]
    pub const fn quantiles(&self) -> &[f64; 7] {
        &self.0
    }

    /// The central interval that leaves out `outer` of the three on each side: 0 is the 95 %, 1 the
    /// 80 % and 2 the 50 % interval.
    const fn central(&self, outer: usize) -> (f64, f64) {
        (self.0[outer], self.0[6 - outer])
    }

    /// Whether the central 50, 80 and 95 % intervals cover the truth, their ends included.
    #[must_use]
    pub fn covers(&self, truth: f64) -> [bool; 3] {
        [2, 1, 0].map(|outer| {
            let (lower, upper) = self.central(outer);
            lower <= truth && truth <= upper
        })
    }

    /// The weighted interval score, with K = 3 central intervals of levels 1 − α = 0.5, 0.8, 0.95:
    ///
    /// ```text
    /// WIS   = (½·|y − m| + Σ α/2·IS(α)) / (K + ½)
    /// IS(α) = (u − l) + 2/α·(l − y)₊ + 2/α·(y − u)₊
    /// ```
    ///
    /// It is the mean over the seven quantiles of twice the pinball loss, and a discrete version of
    /// the CRPS: Bracher, Ray, Gneiting & Reich (2021), PLOS Computational Biology 17:e1008618,
    /// [doi:10.1371/journal.pcbi.1008618](https://doi.org/10.1371/journal.pcbi.1008618).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where the truth is not finite, or so far from the quantiles, or these from each
    /// other, that the score is not.
    pub fn score(&self, truth: f64) -> Result<WeightedIntervalScore> {
        let median = self.0[3];
        let mut dispersion = 0.0;
        let mut overprediction = 0.5 * (median - truth).max(0.0);
        let mut underprediction = 0.5 * (truth - median).max(0.0);
        for outer in 0..3 {
            let (lower, upper) = self.central(outer);
            // α/2 is the probability of the lower end; α/2 · 2/α = 1.
            dispersion += Self::PROBABILITIES[outer] * (upper - lower);
            overprediction += (lower - truth).max(0.0);
            underprediction += (truth - upper).max(0.0);
        }
        let [dispersion, overprediction, underprediction] =
            [dispersion, overprediction, underprediction].map(|part| part / 3.5);
        let total = dispersion + overprediction + underprediction;
        if !(truth.is_finite() && total.is_finite()) {
            return Err(no_distance(truth));
        }
        Ok(WeightedIntervalScore {
            total,
            dispersion,
            overprediction,
            underprediction,
        })
    }
}

/// Where a truth has no finite distance from a forecast.
fn no_distance(truth: f64) -> Error {
    let allowed = "finite, and near enough to a forecast of finite width for a distance";
    Error::out_of_range("the truth", "a score", truth, allowed)
}

/// The continuous ranked probability score (CRPS): the squared distance between the distribution function *F* of
/// a forecast and the step at the truth *y*.
///
/// For draws *x*, as the empirical distribution that they are,
///
/// ```text
/// CRPS = ∫ (F(z) − 1{z ≥ y})² dz
///      = 1/n·Σ |xᵢ − y| − 1/(2n²)·Σᵢ Σⱼ |xᵢ − xⱼ|
/// ```
///
/// computed from the sorted draws in n·log n. It has the unit of the draws and is not negative; less is better;
/// for one draw, or equal ones, it is the absolute error. Gneiting & Raftery (2007), Journal of the American
/// Statistical Association 102:359–378,
/// [doi:10.1198/016214506000001437](https://doi.org/10.1198/016214506000001437).
///
/// # Errors
///
/// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where there is no draw, a draw or the outcome is not finite, or they are so far apart that
/// their distance is not.
///
/// # Example
///
/// ```
/// use myeloma_epi::score::crps;
///
/// // Half a chance of being right, half of being off by one: 1/2 − 1/4.
/// assert_eq!(crps(&[0.0, 1.0], 0.0)?, 0.25);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn crps(draws: &[f64], truth: f64) -> Result<f64> {
    check(draws, truth)?;
    let mut sorted = draws.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let score = sorted_crps(&sorted, truth);
    if score.is_finite() {
        return Ok(score);
    }
    Err(no_distance(truth))
}

/// `0.0731 = 0.0402 (width) + 0.0329 (too high) + 0.0000 (too low)`.
impl fmt::Display for WeightedIntervalScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.4} = {:.4} (width) + {:.4} (too high) + {:.4} (too low)",
            self.total, self.dispersion, self.overprediction, self.underprediction
        )
    }
}

/// As [`crps`], of finite draws in order.
pub(super) fn sorted_crps(sorted: &[f64], truth: f64) -> f64 {
    let n = sorted.len() as f64;
    let mut distance = 0.0;
    let mut spread = 0.0;
    for (i, &x) in sorted.iter().enumerate() {
        distance += (x - truth).abs() / n;
        // ΣᵢΣⱼ |xᵢ − xⱼ| = 2·Σᵢ (2i − n + 1)·x₍ᵢ₎ with i from 0; taken from the truth against rounding.
        spread += (2.0 * i as f64 - n + 1.0) / n * ((x - truth) / n);
    }
    // Below 0 by rounding; what is no number stays none.
    let score = distance - spread;
    if score < 0.0 { 0.0 } else { score }
}

/// The probability integral transform (PIT): the distribution function of a forecast at the outcome.
///
/// For draws it is the share below the truth, plus half the share equal to it, from 0 to 1. Over many outcomes
/// it is uniform where the forecasts were right: Dawid (1984), Journal of the Royal Statistical Society A
/// 147:278–292, [doi:10.2307/2981683](https://doi.org/10.2307/2981683).
///
/// # Errors
///
/// As [`crps`].
///
/// # Example
///
/// ```
/// use myeloma_epi::score::pit;
///
/// // Two of four draws lie below, one is equal: (2 + ½)/4.
/// assert_eq!(pit(&[1.0, 2.0, 3.0, 4.0], 3.0)?, 0.625);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn pit(draws: &[f64], truth: f64) -> Result<f64> {
    check(draws, truth)?;
    Ok(pit_of_finite(draws, truth))
}

/// As [`pit`], of finite draws.
pub(super) fn pit_of_finite(draws: &[f64], truth: f64) -> f64 {
    let below = draws.iter().filter(|x| **x < truth).count() as f64;
    let not_above = draws.iter().filter(|x| **x <= truth).count() as f64;
    0.5 * (below + not_above) / draws.len() as f64
}

/// The bias of a forecast: whether it tends to lie above or below the outcome.
///
/// It is 1 − 2·PIT, from −1, every draw below the truth, to 1, every draw above it; 0 where the truth is the
/// median. Funk et al. (2019), PLOS Computational Biology 15:e1006785,
/// [doi:10.1371/journal.pcbi.1006785](https://doi.org/10.1371/journal.pcbi.1006785).
///
/// # Errors
///
/// As [`crps`].
///
/// # Example
///
/// ```
/// use myeloma_epi::score::bias;
///
/// let draws = [1.0, 2.0, 3.0, 4.0];
/// assert_eq!(bias(&draws, 0.0)?, 1.0); // too high
/// assert_eq!(bias(&draws, 3.0)?, -0.25); // one draw above, two below: (1 − 2)/4
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn bias(draws: &[f64], truth: f64) -> Result<f64> {
    Ok(1.0 - 2.0 * pit(draws, truth)?)
}

pub(super) fn check(draws: &[f64], truth: f64) -> Result<()> {
    let place = Place("a score");
    place.check(!draws.is_empty(), "the number of draws", 0, "at least 1")?;
    for value in draws.iter().chain([&truth]) {
        let holds = value.is_finite();
        place.check(holds, "a draw or the truth", value, "a finite number")?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // Values that are exact in binary, and repeated computations.
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// By hand: median 3, intervals [2, 4], [1, 5], [0, 6]; truth 7 lies above all.
    #[test]
    fn the_weighted_interval_score_is_the_one_worked_by_hand() {
        let forecast = QuantileForecast::new([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
        let score = forecast.score(7.0).unwrap();
        // 0.025·6 + 0.1·4 + 0.25·2 = 1.05; ½·4 + 3 + 2 + 1 = 8.
        assert_relative_eq!(score.dispersion, 1.05 / 3.5, max_relative = 1e-15);
        assert_relative_eq!(score.underprediction, 8.0 / 3.5, max_relative = 1e-15);
        assert_eq!(score.overprediction, 0.0);
        assert_relative_eq!(score.total, 9.05 / 3.5, max_relative = 1e-15);
        assert_eq!(forecast.covers(7.0), [false, false, false]);
        assert_eq!(forecast.covers(4.0), [true, true, true]);
        assert_eq!(forecast.covers(0.5), [false, false, true]);
        let mirrored = forecast.score(-1.0).unwrap();
        assert_relative_eq!(mirrored.overprediction, 8.0 / 3.5, max_relative = 1e-15);
        assert_relative_eq!(mirrored.total, score.total, max_relative = 1e-15);
    }

    /// Twice the mean pinball loss over the seven quantiles is another way to write the score.
    #[test]
    fn the_weighted_interval_score_is_twice_the_mean_pinball_loss() {
        let quantiles = [-1.3, -0.2, 0.4, 0.9, 1.0, 1.7, 4.0];
        let forecast = QuantileForecast::new(quantiles).unwrap();
        for truth in [-3.0, -0.2, 0.95, 1.2, 9.0] {
            let pinball: f64 = quantiles
                .iter()
                .zip(QuantileForecast::PROBABILITIES)
                .map(|(q, p)| (truth - q) * (p - f64::from(u8::from(truth < *q))))
                .sum();
            assert_relative_eq!(
                forecast.score(truth).unwrap().total,
                2.0 * pinball / 7.0,
                max_relative = 1e-13
            );
        }
    }

    /// By hand for {0, 1, 4} and truth 2: (2 + 1 + 2)/3 − (1 + 4 + 3)/9 = 7/9.
    #[test]
    fn the_crps_of_three_draws_is_the_one_worked_by_hand() {
        assert_relative_eq!(
            crps(&[4.0, 0.0, 1.0], 2.0).unwrap(),
            7.0 / 9.0,
            max_relative = 1e-14
        );
        assert_eq!(crps(&[3.0, 3.0], 5.0).unwrap(), 2.0);
        assert_eq!(crps(&[5.0, 5.0], 5.0).unwrap(), 0.0);
    }

    /// The closed form for a normal distribution at its mean, σ·(√2 − 1)/√π (Gneiting & Raftery
    /// 2007, equation 21), from its quantiles at the midpoints of 4,000 classes.
    #[test]
    fn the_crps_approaches_that_of_the_normal_distribution() {
        use statrs::distribution::{ContinuousCDF, Normal};
        let normal = Normal::new(0.0, 1.0).unwrap();
        let draws: Vec<f64> = (0..4000)
            .map(|i| normal.inverse_cdf((f64::from(i) + 0.5) / 4000.0))
            .collect();
        let expected = (2f64.sqrt() - 1.0) / std::f64::consts::PI.sqrt();
        assert_relative_eq!(crps(&draws, 0.0).unwrap(), expected, max_relative = 1e-3);
    }

    #[test]
    fn pit_and_bias_count_ties_half() {
        let draws = [1.0, 2.0, 2.0, 3.0];
        assert_eq!(pit(&draws, 2.0).unwrap(), 0.5);
        assert_eq!(bias(&draws, 2.0).unwrap(), 0.0);
        assert_eq!(pit(&draws, 9.0).unwrap(), 1.0);
        assert_eq!(bias(&draws, 9.0).unwrap(), -1.0);
    }

    #[test]
    fn empty_and_undefined_draws_are_refused() {
        assert!(crps(&[], 1.0).is_err());
        assert!(crps(&[f64::NAN], 1.0).is_err());
        assert!(pit(&[1.0], f64::NAN).is_err());
        assert!(bias(&[f64::INFINITY], 1.0).is_err());
        assert!(QuantileForecast::new([0.0, 1.0, 2.0, 1.5, 4.0, 5.0, 6.0]).is_err());
        assert!(QuantileForecast::new([f64::NAN; 7]).is_err());
    }
}
