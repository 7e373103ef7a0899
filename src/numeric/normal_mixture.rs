//! Mixtures of normal distributions: what a forecast is when its noises are uncertain.

use std::cmp::Ordering;
use std::f64::consts::{PI, SQRT_2, TAU};

use serde::{Deserialize, Serialize};
use statrs::function::erf::erfc;

use super::root::root;
use super::student::normal_quantile;

/// One normal distribution of a mixture; in a file weight, mean and variance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "(f64, f64, f64)", into = "(f64, f64, f64)")]
pub(crate) struct Component {
    pub weight: f64,
    pub mean: f64,
    pub variance: f64,
}

impl From<(f64, f64, f64)> for Component {
    fn from((weight, mean, variance): (f64, f64, f64)) -> Self {
        Self {
            weight,
            mean,
            variance,
        }
    }
}

impl From<Component> for (f64, f64, f64) {
    fn from(of: Component) -> Self {
        (of.weight, of.mean, of.variance)
    }
}

/// A mixture whose weights add up to one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NormalMixture(pub Vec<Component>);

impl NormalMixture {
    /// One normal distribution; a variance of 0 is certainty.
    pub(crate) fn normal(mean: f64, variance: f64) -> Self {
        Self(vec![Component {
            weight: 1.0,
            mean,
            variance,
        }])
    }

    /// The place of the component in whose part of the weights a number between 0 and 1 lies.
    pub(crate) fn choose(&self, mut at: f64) -> usize {
        let chosen = self.0.iter().position(|c| {
            at -= c.weight;
            at < 0.0
        });
        // The weights add up to one but for rounding.
        chosen.unwrap_or(self.0.len() - 1)
    }

    pub(crate) fn mean(&self) -> f64 {
        self.0.iter().map(|c| c.weight * c.mean).sum()
    }

    pub(crate) fn variance(&self) -> f64 {
        let mean = self.mean();
        self.0
            .iter()
            .map(|c| c.weight * (c.variance + (c.mean - mean).powi(2)))
            .sum()
    }

    /// The probability of `x` or less; where a component has no width, half of what lies at `x`.
    pub(crate) fn cumulative(&self, x: f64) -> f64 {
        let sum: f64 = self
            .0
            .iter()
            .map(|c| {
                let share = if c.variance > 0.0 {
                    0.5 * erfc((c.mean - x) / (SQRT_2 * c.variance.sqrt()))
                } else {
                    match x.total_cmp(&c.mean) {
                        Ordering::Less => 0.0,
                        Ordering::Equal => 0.5,
                        Ordering::Greater => 1.0,
                    }
                };
                c.weight * share
            })
            .sum();
        // The weights add up to one but for rounding.
        sum.min(1.0)
    }

    /// The logarithm of the density: finite where the density is too small for a number, too. A
    /// distribution without a width has none.
    pub(crate) fn log_density(&self, x: f64) -> Option<f64> {
        let logs: Vec<f64> = self
            .0
            .iter()
            .filter(|c| c.weight > 0.0)
            .map(|c| {
                let z2 = (x - c.mean).powi(2) / c.variance;
                c.weight.ln() - 0.5 * (z2 + (TAU * c.variance).ln())
            })
            .collect();
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = logs.iter().map(|log| (log - most).exp()).sum();
        let log = most + sum.ln();
        log.is_finite().then_some(log)
    }

    /// The continuous ranked probability score, exact:
    ///
    /// ```text
    /// CRPS = Σ wᵢ·A(y − μᵢ, σᵢ²) − ½·Σᵢ Σⱼ wᵢ·wⱼ·A(μᵢ − μⱼ, σᵢ² + σⱼ²)
    /// A(μ, σ²) = 2σ·φ(μ/σ) + μ·(2Φ(μ/σ) − 1)
    /// ```
    ///
    /// Grimit, Gneiting, Berrocal & Johnson (2006), Quarterly Journal of the Royal Meteorological
    /// Society 132:2925–2942, [doi:10.1256/qj.05.235](https://doi.org/10.1256/qj.05.235).
    pub(crate) fn crps(&self, truth: f64) -> f64 {
        let mut score = 0.0;
        for (i, a) in self.0.iter().enumerate() {
            score += a.weight * distance(truth - a.mean, a.variance);
            // Each pair once, and each component with itself, ½·A(0, 2σ²) = σ/√π.
            score -= a.weight * a.weight * (a.variance / PI).sqrt();
            for b in &self.0[..i] {
                score -= a.weight * b.weight * distance(a.mean - b.mean, a.variance + b.variance);
            }
        }
        score.max(0.0)
    }

    /// The quantile at a probability above 0 and below 1.
    pub(crate) fn quantile(&self, probability: f64) -> f64 {
        // It lies between the least and the greatest of the components' own.
        let z = normal_quantile(probability);
        let (lower, upper) = self
            .0
            .iter()
            .map(|c| c.mean + z * c.variance.sqrt())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), x| {
                (least.min(x), most.max(x))
            });
        let excess = |x: f64| self.cumulative(x) - probability;
        // Rounding may hide the change of sign where an end is the quantile.
        root(excess, lower, upper, 1e-13).unwrap_or_else(|| {
            if excess(lower).abs() <= excess(upper).abs() {
                lower
            } else {
                upper
            }
        })
    }
}

/// A(μ, σ²), the mean distance from 0 of a normal variable.
fn distance(mean: f64, variance: f64) -> f64 {
    let deviation = variance.sqrt();
    if deviation == 0.0 {
        return mean.abs();
    }
    let z = mean / deviation;
    2.0 * deviation * (-0.5 * z * z).exp() / TAU.sqrt() + mean * (1.0 - erfc(z / SQRT_2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn two() -> NormalMixture {
        NormalMixture(vec![
            Component {
                weight: 0.7,
                mean: 1.0,
                variance: 0.25,
            },
            Component {
                weight: 0.3,
                mean: 4.0,
                variance: 4.0,
            },
        ])
    }

    /// Expected values by `mpmath` with 30 digits: `findroot` on `0.7*ncdf((x - 1)/0.5) + 0.3*ncdf((x - 4)/2)`.
    /// The complementary error function of `statrs` has ten digits.
    #[test]
    fn quantiles_are_those_of_scipy() {
        for (p, expected) in [
            (0.001, -1.426_386_235_267_313_6),
            (0.025, 0.025_634_853_561_413_304),
            (0.5, 1.231_948_412_805_753),
            (0.975, 6.765_988_254_201_279),
            (0.999, 9.426_103_776_945_478),
        ] {
            assert_relative_eq!(two().quantile(p), expected, epsilon = 1e-10);
        }
        assert_relative_eq!(two().mean(), 1.9, max_relative = 1e-14);
        // 0.7·0.25 + 0.3·4 + 0.7·0.81 + 0.3·4.41
        assert_relative_eq!(two().variance(), 3.265, max_relative = 1e-14);
    }

    #[test]
    fn one_component_is_a_normal_distribution() {
        let normal = NormalMixture(vec![Component {
            weight: 1.0,
            mean: 0.0,
            variance: 1.0,
        }]);
        assert_relative_eq!(
            normal.quantile(0.975),
            1.959_963_984_540_054,
            epsilon = 1e-14
        );
        // −½·ln 2π.
        let log_density = normal.log_density(0.0).unwrap();
        assert_relative_eq!(log_density, -0.918_938_533_204_672_7, epsilon = 1e-15);
    }
}
