//! Random sojourn times, by the generators of `rand_distr`.

use rand::{Rng, RngExt};
use rand_distr::{Distribution as _, Exp1, Gamma, StandardNormal};

use super::distribution::{Distribution, Form};
use super::table::Table;

/// A distribution prepared for drawing from it.
#[derive(Debug, Clone)]
pub(in crate::pathway) enum Sampler {
    None,
    Exponential { scale: f64 },
    Weibull { inverse_shape: f64, scale: f64 },
    Gamma(Gamma<f64>),
    LogNormal { sigma: f64, scale: f64 },
    LogLogistic { inverse_shape: f64, scale: f64 },
    Table(Table),
}

impl Sampler {
    pub(in crate::pathway) fn new(distribution: &Distribution) -> Self {
        let (form, shape, scale) = match distribution {
            Distribution::None => return Self::None,
            Distribution::Table(table) => return Self::Table(table.clone()),
            Distribution::Of { form, shape, scale } => (*form, *shape, *scale),
        };
        let inverse_shape = shape.recip();
        match form {
            Form::Exponential => Self::Exponential { scale },
            Form::Weibull => Self::Weibull {
                inverse_shape,
                scale,
            },
            // The constructor of the distribution has seen to it that the parameters are positive.
            Form::Gamma => Gamma::new(shape, scale).map_or(Self::None, Self::Gamma),
            Form::LogNormal => Self::LogNormal {
                sigma: shape,
                scale,
            },
            Form::LogLogistic => Self::LogLogistic {
                inverse_shape,
                scale,
            },
        }
    }

    /// One sojourn time, in years.
    #[inline]
    pub(in crate::pathway) fn draw(&self, rng: &mut impl Rng) -> f64 {
        let standard_exponential = |rng: &mut _| -> f64 { Exp1.sample(rng) };
        match self {
            Self::None => 0.0,
            Self::Exponential { scale } => scale * standard_exponential(rng),
            Self::Weibull {
                inverse_shape,
                scale,
            } => scale * standard_exponential(rng).powf(*inverse_shape),
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
