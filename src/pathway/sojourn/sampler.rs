//! Random sojourn times, by the generators of `rand_distr`.

use rand::{Rng, RngExt};
use rand_distr::{Distribution as _, Exp1, Gamma, StandardNormal};

use super::distribution::{Distribution, Form};

impl Distribution {
    /// One sojourn time, in years.
    #[inline]
    pub(in crate::pathway) fn draw(&self, rng: &mut impl Rng) -> f64 {
        let (form, shape, scale) = match self {
            Self::None => return 0.0,
            Self::Table(table) => return table.quantile(rng.random()),
            Self::Of { form, shape, scale } => (form, *shape, *scale),
        };
        let standard_exponential = |rng: &mut _| -> f64 { Exp1.sample(rng) };
        match form {
            Form::Exponential => scale * standard_exponential(rng),
            Form::Weibull => scale * standard_exponential(rng).powf(shape.recip()),
            // The constructor has seen to it that the parameters are positive.
            Form::Gamma => Gamma::new(shape, scale).map_or(0.0, |gamma| gamma.sample(rng)),
            Form::LogNormal => {
                let z: f64 = StandardNormal.sample(rng);
                scale * (shape * z).exp()
            }
            Form::LogLogistic => {
                let p: f64 = rng.random();
                scale * (p / (1.0 - p)).powf(shape.recip())
            }
        }
    }
}
