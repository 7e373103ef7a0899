//! The Gompertz curve.

use super::ceiling::{CAPACITY, RATE};
use super::damped_time::Damped;
use super::shipped_curve::Shipped;
use super::{DAMPING, GREATEST_DAMPING, GROWTH, LEVEL, Parameter, Role};
use crate::numeric::vector_exp_ln::exp;

/// See [`Family::Gompertz`](super::Family::Gompertz).
pub(super) struct Gompertz {
    level: f64,
    growth: f64,
    damping: f64,
}

impl Shipped<3> for Gompertz {
    const SHAPE: f64 = 0.0;
    const PARAMETERS: &'static [Parameter] = &[LEVEL, GROWTH, DAMPING];
    const NATURAL: &'static [Parameter] = &[
        CAPACITY,
        RATE.between(0.0, GREATEST_DAMPING),
        Parameter::new("inflection", "year", Role::Midpoint),
    ];

    #[inline]
    fn new(theta: &[f64]) -> Self {
        Self {
            level: theta[0],
            growth: theta[1],
            damping: theta[2],
        }
    }

    #[inline]
    fn rate(&self) -> Option<f64> {
        Some(self.damping)
    }

    /// y = e^(u + g·D(t; κ)).
    #[inline]
    fn at<const N: usize>(&self, _: &[f64; N], damped: &Damped<N>) -> ([f64; N], [[f64; N]; 3]) {
        let value = exp(damped.time.map(|time| self.level + self.growth * time));
        let (mut by_growth, mut by_damping) = ([0.0; N], [0.0; N]);
        for i in 0..N {
            by_growth[i] = value[i] * damped.time[i];
            by_damping[i] = value[i] * (self.growth * damped.slope[i]);
        }
        (value, [value, by_growth, by_damping])
    }
}
