//! What a method says of one log count: a distribution, or as much of it as the method gives.

use std::fmt;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use super::rules::{QuantileForecast, check, pit_of_finite, sorted_crps};
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::numeric::normal_mixture::{Component, NormalMixture};
use crate::numeric::quantile::sorted_quantile;
use crate::plain_text::count;

/// The standard normal quantiles at [`QuantileForecast::PROBABILITIES`].
const NORMAL: [f64; 7] = [
    -1.959_963_984_540_054,
    -1.281_551_565_544_600_4,
    -0.674_489_750_196_081_7,
    0.0,
    0.674_489_750_196_081_7,
    1.281_551_565_544_600_4,
    1.959_963_984_540_054,
];

/// A count below one half is none: the logarithm of a normal count ends there.
const LEAST_COUNT: f64 = 0.5;

/// How many equally likely points stand for a distribution without a closed form.
const POINTS: usize = 400;

/// A forecast of one log count.
///
/// What can be scored depends on what is known of it:
///
/// | made from | quantiles, WIS, coverage | CRPS, PIT, bias | log score |
/// |---|---|---|---|
/// | a normal distribution or a mixture of them | yes | exact | exact |
/// | a normal distribution of the count | yes | PIT exact; CRPS from 400 points, within 1 % | exact |
/// | draws | of the draws | of the draws | no |
/// | seven quantiles | yes | no | no |
///
/// Every score is defined for a forecast that claims to be certain (no width, all draws equal): the
/// CRPS is the absolute error, the PIT 0, ½ or 1, and there is no log score.
///
/// ```
/// use myeloma_epi::score::Predictive;
///
/// let forecast = Predictive::normal(1000_f64.ln(), 0.1)?;
/// let outcome = 1100_f64.ln();
/// assert!((forecast.pit(outcome).unwrap() - 0.83).abs() < 0.01);
/// assert!(forecast.crps(outcome).unwrap() < 0.06);
/// assert_eq!(forecast.quantiles()?.covers(outcome), [false, true, true]);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Shape")]
pub struct Predictive(Shape);

const PLACE: Place<&str> = Place("a forecast");

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Shape {
    Mixture(NormalMixture),
    /// Normal on the scale of the counts.
    Count {
        mean: f64,
        deviation: f64,
    },
    /// In order.
    Draws(Vec<f64>),
    Quantiles(QuantileForecast),
}

impl TryFrom<Shape> for Predictive {
    type Error = Error;

    fn try_from(shape: Shape) -> Result<Self> {
        match shape {
            Shape::Mixture(mixture) => {
                let parts = mixture.0.iter();
                let roots = parts.map(|part| (part.weight, part.mean, part.variance.sqrt()));
                Self::mixture(&roots.collect::<Vec<_>>())?;
                let total: f64 = mixture.0.iter().map(|part| part.weight).sum();
                let holds = (total - 1.0).abs() <= 1e-9;
                PLACE.check(holds, "the sum of the weights", total, "1")?;
                Ok(Self::of(mixture))
            }
            Shape::Count { mean, deviation } => Self::count(mean, deviation),
            Shape::Draws(draws) => Self::draws(draws),
            Shape::Quantiles(quantiles) => Ok(Self::quantiles_only(quantiles)),
        }
    }
}

impl Predictive {
    /// A normal distribution of the log count.
    ///
    /// # Errors
    ///
    /// As [`Predictive::mixture`].
    pub fn normal(mean: f64, deviation: f64) -> Result<Self> {
        Self::mixture(&[(1.0, mean, deviation)])
    }

    /// A mixture of normal distributions of the log count: weight, mean and standard deviation of
    /// each. The weights are divided by their sum.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where a mean is not finite, a deviation negative or its square not finite, or a
    /// weight not finite or not above 0; [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) where there is no part.
    pub fn mixture(parts: &[(f64, f64, f64)]) -> Result<Self> {
        let total: f64 = parts.iter().map(|part| part.0).sum();
        for &(weight, mean, deviation) in parts {
            PLACE.check(mean.is_finite(), "the mean", mean, "a finite number")?;
            let holds = (deviation * deviation).is_finite() && deviation >= 0.0;
            let allowed = "not negative, with a square that is finite";
            PLACE.check(holds, "the standard deviation", deviation, allowed)?;
            let holds = weight > 0.0 && total.is_finite();
            PLACE.check(holds, "the weight", weight, "finite and above 0")?;
        }
        if parts.is_empty() {
            return Err(Error::unsuitable("a forecast without a part"));
        }
        let parts = parts.iter().map(|&(weight, mean, deviation)| Component {
            weight: weight / total,
            mean,
            variance: deviation * deviation,
        });
        Ok(Self(Shape::Mixture(NormalMixture(parts.collect()))))
    }

    pub(crate) const fn of(mixture: NormalMixture) -> Self {
        Self(Shape::Mixture(mixture))
    }

    /// A normal distribution of the count itself. Counts below one half are taken as one half.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where the mean is not finite, or the deviation not finite or negative.
    pub fn count(mean: f64, deviation: f64) -> Result<Self> {
        let place = Place("a forecast of a count");
        place.check(mean.is_finite(), "the mean", mean, "a finite number")?;
        place.not_negative("the standard deviation", deviation)?;
        Ok(Self(Shape::Count { mean, deviation }))
    }

    /// Draws of the log count, in any order.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where there is no draw, or one is not finite.
    pub fn draws(mut draws: Vec<f64>) -> Result<Self> {
        check(&draws, 0.0)?;
        draws.sort_unstable_by(f64::total_cmp);
        Ok(Self(Shape::Draws(draws)))
    }

    /// The quantiles at [`QuantileForecast::PROBABILITIES`], and nothing else.
    #[must_use]
    pub const fn quantiles_only(quantiles: QuantileForecast) -> Self {
        Self(Shape::Quantiles(quantiles))
    }

    /// The quantiles at [`QuantileForecast::PROBABILITIES`]; those of draws by Hyndman and Fan's
    /// definition 7.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where they leave the range of numbers.
    pub fn quantiles(&self) -> Result<QuantileForecast> {
        if let Shape::Quantiles(quantiles) = &self.0 {
            return Ok(*quantiles);
        }
        let probabilities = QuantileForecast::PROBABILITIES;
        QuantileForecast::new(std::array::from_fn(|i| {
            self.quantile(probabilities[i], NORMAL[i])
        }))
    }

    /// The quantile at a probability, whose standard normal quantile is `z`; not a number where only quantiles are known.
    fn quantile(&self, probability: f64, z: f64) -> f64 {
        match &self.0 {
            Shape::Mixture(mixture) => match mixture.0[..] {
                [one] => one.mean + z * one.variance.sqrt(),
                _ => mixture.quantile(probability),
            },
            // As `Predictive::count` says, a count below one half is taken as one half.
            Shape::Count { mean, deviation } => (mean + z * deviation).max(LEAST_COUNT).ln(),
            Shape::Draws(draws) => sorted_quantile(draws, probability),
            Shape::Quantiles(_) => f64::NAN,
        }
    }

    /// The continuous ranked probability score of an observed log count, in its unit; less is better; `None` where only
    /// quantiles are known, or the score is not finite. That
    /// of a mixture by Grimit, Gneiting, Berrocal & Johnson (2006), Quarterly Journal of the Royal
    /// Meteorological Society 132:2925–2942, [doi:10.1256/qj.05.235](https://doi.org/10.1256/qj.05.235).
    #[must_use]
    pub fn crps(&self, truth: f64) -> Option<f64> {
        let score = match &self.0 {
            Shape::Mixture(mixture) => mixture.crps(truth),
            Shape::Count { .. } => sorted_crps(&self.points()?, truth),
            Shape::Draws(draws) => sorted_crps(draws, truth),
            Shape::Quantiles(_) => return None,
        };
        score.is_finite().then_some(score)
    }

    /// The probability integral transform of an observed log count y, P(Y < y) + ½·P(Y = y); `None` where only
    /// quantiles are known, or y is no number.
    #[must_use]
    pub fn pit(&self, truth: f64) -> Option<f64> {
        if truth.is_nan() {
            return None;
        }
        match &self.0 {
            Shape::Mixture(mixture) => Some(mixture.cumulative(truth)),
            Shape::Count { mean, deviation } => {
                let none = NormalMixture::normal(*mean, deviation * deviation);
                Some(match truth.total_cmp(&LEAST_COUNT.ln()) {
                    std::cmp::Ordering::Less => 0.0,
                    std::cmp::Ordering::Equal => 0.5 * none.cumulative(LEAST_COUNT),
                    std::cmp::Ordering::Greater => none.cumulative(truth.exp()),
                })
            }
            Shape::Draws(draws) => Some(pit_of_finite(draws, truth)),
            Shape::Quantiles(_) => None,
        }
    }

    /// The log score: the logarithm of the density at an observed log count; greater is better; `None` where there is
    /// no density, or it is 0 in the range of numbers.
    #[must_use]
    pub fn log_score(&self, truth: f64) -> Option<f64> {
        let score = match &self.0 {
            Shape::Mixture(mixture) => mixture.log_density(truth),
            Shape::Count { mean, deviation } if truth > LEAST_COUNT.ln() => {
                // The count's density, times d count / d log count.
                let count = NormalMixture::normal(*mean, deviation * deviation);
                count.log_density(truth.exp()).map(|log| log + truth)
            }
            _ => None,
        };
        score.filter(|score| score.is_finite())
    }

    /// Equally likely points in order, the quantiles at (k − ½)/n; draws as they are. `None` where
    /// only quantiles are known.
    pub(crate) fn points(&self) -> Option<Vec<f64>> {
        match &self.0 {
            Shape::Draws(draws) => Some(draws.clone()),
            Shape::Quantiles(_) => None,
            _ => Some(points().iter().map(|&(p, z)| self.quantile(p, z)).collect()),
        }
    }
}

/// As a count, the median with the central 95 % interval: `median 1,000 (95 % interval 822 to 1,217)`.
impl fmt::Display for Predictive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.quantiles() {
            Ok(forecast) => {
                let [lower, _, _, median, _, _, upper] =
                    forecast.quantiles().map(|z| count(z.exp()));
                write!(f, "median {median} (95 % interval {lower} to {upper})")
            }
            Err(error) => write!(f, "no quantiles: {error}"),
        }
    }
}

/// The probabilities of [`POINTS`] points, each with its standard normal quantile.
fn points() -> &'static [(f64, f64)] {
    static ALL: OnceLock<Vec<(f64, f64)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let probabilities = (0..POINTS).map(|k| (k as f64 + 0.5) / POINTS as f64);
        let normal = Normal::standard();
        probabilities.map(|p| (p, normal.inverse_cdf(p))).collect()
    })
}
