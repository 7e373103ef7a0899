//! Random sojourn times, by the generators of `rand_distr`.

use rand::{Rng, RngExt};
use rand_distr::{Distribution as _, Exp1, Gamma, StandardNormal};

use super::distribution::Distribution;
use super::table::Table;

/// A distribution prepared for drawing from it.
#[derive(Debug, Clone)]
pub(in crate::pathway) enum Sampler {
    None,
    Exponential { scale: f64 },
    Weibull { power: Box<Power>, scale: f64 },
    Gamma(Gamma<f64>),
    LogNormal { sigma: f64, scale: f64 },
    LogLogistic { inverse_shape: f64, scale: f64 },
    Table(Table),
}

impl Sampler {
    pub(in crate::pathway) fn new(distribution: &Distribution) -> Self {
        match *distribution {
            Distribution::None => Self::None,
            Distribution::Exponential { scale } => Self::Exponential { scale },
            Distribution::Weibull { shape, scale } if (shape - 1.0).abs() < f64::EPSILON => {
                Self::Exponential { scale }
            }
            Distribution::Weibull { shape, scale } => Self::Weibull {
                power: Box::new(Power::new(shape.recip())),
                scale,
            },
            // The constructor of the distribution has seen to it that the parameters are positive.
            Distribution::Gamma { shape, scale } => {
                Gamma::new(shape, scale).map_or(Self::None, Self::Gamma)
            }
            Distribution::LogNormal { shape, scale } => Self::LogNormal {
                sigma: shape,
                scale,
            },
            Distribution::LogLogistic { shape, scale } => Self::LogLogistic {
                inverse_shape: shape.recip(),
                scale,
            },
            Distribution::Table(ref table) => Self::Table(table.clone()),
        }
    }

    /// One sojourn time, in years.
    #[inline]
    pub(in crate::pathway) fn draw(&self, rng: &mut impl Rng) -> f64 {
        let standard_exponential = |rng: &mut _| -> f64 { Exp1.sample(rng) };
        match self {
            Self::None => 0.0,
            Self::Exponential { scale } => scale * standard_exponential(rng),
            Self::Weibull { power, scale } => scale * power.of(standard_exponential(rng)),
            Self::Gamma(gamma) => gamma.sample(rng),
            Self::LogNormal { sigma, scale } => {
                let z: f64 = StandardNormal.sample(rng);
                scale * (sigma * z).exp()
            }
            Self::LogLogistic {
                inverse_shape,
                scale,
            } => {
                let p: f64 = rng.random();
                scale * (p / (1.0 - p)).powf(*inverse_shape)
            }
            Self::Table(table) => table.quantile(rng.random()),
        }
    }
}

/// x ↦ xᵖ for one p, from tables of the powers of 2 and of 256 numbers between 1 and 2.
///
/// Half of the time of a simulation would go to the general power function. With r the distance to
/// the nearest number of the table, at most 2⁻⁹, the series of (1 + r)ᵖ is cut after r⁴.
#[derive(Debug, Clone)]
pub(in crate::pathway) struct Power {
    p: f64,
    /// The binomial coefficients of p over 2, 3 and 4.
    series: [f64; 3],
    of_two: Vec<f64>,
    of_fraction: Vec<(f64, f64)>,
}

/// The exponents of 2 in the table: what is smaller is taken as 2⁻¹²⁷, which no draw of a thousand
/// billion billion comes near.
const LEAST_EXPONENT: i32 = -127;
const EXPONENTS: usize = 160;

impl Power {
    fn new(p: f64) -> Self {
        let two = p * (p - 1.0) / 2.0;
        let three = two * (p - 2.0) / 3.0;
        Self {
            p,
            series: [two, three, three * (p - 3.0) / 4.0],
            of_two: (LEAST_EXPONENT..)
                .take(EXPONENTS)
                .map(|e| (f64::from(e) * p).exp2())
                .collect(),
            of_fraction: (0..256)
                .map(|i| {
                    let centre = 1.0 + (f64::from(i) + 0.5) / 256.0;
                    (centre.powf(p), centre.recip())
                })
                .collect(),
        }
    }

    /// xᵖ for x in [2⁻¹²⁷, 2³³).
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // Bits are taken apart here.
    fn of(&self, x: f64) -> f64 {
        let bits = x.to_bits();
        let exponent = ((bits >> 52) as usize)
            .saturating_sub(1023 - LEAST_EXPONENT.unsigned_abs() as usize)
            .min(EXPONENTS - 1);
        let (power, inverse) = self.of_fraction[(bits >> 44) as usize & 255];
        let fraction = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
        let r = fraction * inverse - 1.0;
        let [two, three, four] = self.series;
        let factor = 1.0 + r * (self.p + r * (two + r * (three + r * four)));
        self.of_two[exponent] * power * factor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_power_is_that_of_the_standard_library() {
        for p in [0.1, 0.7, 0.909, 1.0 / 0.95, 1.7, 5.0, 20.0] {
            let power = Power::new(p);
            let mut x = 1e-17_f64;
            while x < 60.0 {
                let tolerance = 1e-13 + 1e-15 * p.powi(5);
                approx::assert_relative_eq!(power.of(x), x.powf(p), max_relative = tolerance);
                x *= 1.000_37;
            }
        }
    }
}
