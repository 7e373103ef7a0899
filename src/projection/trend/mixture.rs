//! Mixtures of normal distributions: what a forecast is when its noises are uncertain.

use statrs::function::erf::erfc;
use std::f64::consts::{SQRT_2, TAU};

/// One normal distribution of a mixture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Component {
    pub weight: f64,
    pub mean: f64,
    pub variance: f64,
}

/// A mixture whose weights add up to one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NormalMixture(pub Vec<Component>);

impl NormalMixture {
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

    pub(crate) fn cumulative(&self, x: f64) -> f64 {
        self.0
            .iter()
            .map(|c| c.weight * 0.5 * erfc((c.mean - x) / (SQRT_2 * c.variance.sqrt())))
            .sum()
    }

    pub(crate) fn density(&self, x: f64) -> f64 {
        self.0
            .iter()
            .map(|c| {
                let z2 = (x - c.mean).powi(2) / c.variance;
                c.weight * (-0.5 * z2).exp() / (TAU * c.variance).sqrt()
            })
            .sum()
    }

    /// The quantile at a probability above 0 and below 1, by Newton's method kept within a bracket;
    /// its error in probability is below 1e-9.
    pub(crate) fn quantile(&self, probability: f64) -> f64 {
        // A component's quantile lies on one side of the mixture's, another's on the other side.
        let mut lower = f64::INFINITY;
        let mut upper = f64::NEG_INFINITY;
        let reach = 1.0 / probability.min(1.0 - probability).sqrt();
        for c in &self.0 {
            // Chebyshev: a quantile is within 1/√p standard deviations of the mean.
            let width = reach * c.variance.sqrt();
            lower = lower.min(c.mean - width);
            upper = upper.max(c.mean + width);
        }
        let mut x = self.mean();
        for _ in 0..200 {
            let excess = self.cumulative(x) - probability;
            if excess.abs() < 1e-9 {
                break;
            }
            if excess > 0.0 {
                upper = x;
            } else {
                lower = x;
            }
            let newton = x - excess / self.density(x);
            x = if newton > lower && newton < upper {
                newton
            } else {
                0.5 * (lower + upper)
            };
        }
        x
    }
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

    /// Expected values by `scipy` 1.x: `brentq` on `0.7*norm.cdf(x, 1, 0.5) + 0.3*norm.cdf(x, 4, 2)`.
    #[test]
    fn quantiles_are_those_of_scipy() {
        for (p, expected) in [
            (0.001, -1.426_386_235_3),
            (0.025, 0.025_634_853_6),
            (0.5, 1.231_948_412_8),
            (0.975, 6.765_988_254_2),
            (0.999, 9.426_103_776_9),
        ] {
            assert_relative_eq!(two().quantile(p), expected, epsilon = 1e-6);
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
            epsilon = 1e-7
        );
        assert_relative_eq!(
            normal.density(0.0),
            0.398_942_280_401_432_7,
            epsilon = 1e-14
        );
    }
}
