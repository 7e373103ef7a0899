//! The logistic curve.

use super::ceiling::{CAPACITY, MIDPOINT, RATE};
use super::damped_time::Damped;
use super::shipped_curve::Shipped;
use super::{DAMPING, GROWTH, LEVEL, Parameter};

/// See [`Family::Logistic`](super::Family::Logistic).
pub(super) struct Logistic {
    initial: f64,
    growth: f64,
    damping: f64,
}

impl Shipped<3> for Logistic {
    const SHAPE: f64 = 1.0;
    const PARAMETERS: &'static [Parameter] = &[LEVEL, GROWTH, DAMPING];
    const NATURAL: &'static [Parameter] = &[CAPACITY, RATE, MIDPOINT];

    #[inline]
    fn new(theta: &[f64]) -> Self {
        Self {
            initial: theta[0].exp(),
            growth: theta[1],
            damping: theta[2],
        }
    }

    #[inline]
    fn rate(&self) -> Option<f64> {
        Some(self.damping + self.growth)
    }

    /// y = e^u/(1 − g·D(t; κ + g)).
    #[inline]
    fn at<const N: usize>(&self, _: &[f64; N], damped: &Damped<N>) -> ([f64; N], [[f64; N]; 3]) {
        let rise = damped.rises(self.damping, self.growth);
        let value = rise.map(|rise| self.initial * rise);
        let (mut by_growth, mut by_damping) = ([0.0; N], [0.0; N]);
        for i in 0..N {
            let bent = value[i] * rise[i];
            let slope = self.growth * damped.slope[i];
            by_growth[i] = bent * (damped.time[i] + slope);
            by_damping[i] = bent * slope;
        }
        (value, [value, by_growth, by_damping])
    }
}
