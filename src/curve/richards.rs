//! The Richards curve.

use super::ceiling::{self, CAPACITY, MIDPOINT, RATE};
use super::damped_time::Damped;
use super::gompertz::Gompertz;
use super::logistic::Logistic;
use super::shipped_curve::Shipped;
use super::{DAMPING, GROWTH, Interpolation, LEVEL, Parameter, Point, Role};
use crate::numeric::vector_exp_ln::{exp, ln, polynomial};

/// See [`Family::Richards`](super::Family::Richards).
pub(super) struct Richards {
    level: f64,
    growth: f64,
    damping: f64,
    shape: f64,
}

/// From the monomolecular curve to a hinge.
const SHAPE: Parameter = Parameter::new("shape", "", Role::Shape).between(-1.0, 20.0);

/// Below this |x| the logarithm of 1 − x is taken from its series.
const NEAR_ZERO: f64 = 0.01;

/// −ln(1 − x)/x = Σ xⁿ/(n + 1), and its derivative by x is Σ (n + 1)/(n + 2)·xⁿ. The first terms left out are
/// below 1e-16.
const LOGARITHM: [f64; 8] = [
    1.0,
    1.0 / 2.0,
    1.0 / 3.0,
    1.0 / 4.0,
    1.0 / 5.0,
    1.0 / 6.0,
    1.0 / 7.0,
    1.0 / 8.0,
];
const LOGARITHM_SLOPE: [f64; 8] = [
    1.0 / 2.0,
    2.0 / 3.0,
    3.0 / 4.0,
    4.0 / 5.0,
    5.0 / 6.0,
    6.0 / 7.0,
    7.0 / 8.0,
    8.0 / 9.0,
];

impl Shipped<4> for Richards {
    const PARAMETERS: &'static [Parameter] = &[LEVEL, GROWTH, DAMPING, SHAPE];
    const NATURAL: &'static [Parameter] = &[CAPACITY, RATE, MIDPOINT, SHAPE];

    #[inline]
    fn new(theta: &[f64]) -> Self {
        Self {
            level: theta[0],
            growth: theta[1],
            damping: theta[2],
            shape: theta[3],
        }
    }

    #[inline]
    fn rate(&self) -> Option<f64> {
        Some(self.damping + self.shape * self.growth)
    }

    /// With p = v·g, r = κ + p, x = p·D(t; r) and L = −ln(1 − x)/v it is
    ///
    /// > ln y = u + L,  ∂/∂κ = g·D′/(1 − x),  ∂/∂g = (D + p·D′)/(1 − x),
    /// > ∂/∂v = g·∂/∂κ + (g·D/(1 − x) − L)/v,
    ///
    /// D′ being the derivative of D by r. With p above 0 and most of the way to the ceiling behind (x > ½), where
    /// these cancel, b = κ + p·e^(−rt) = r·(1 − x) and q = e^(−rt)/b give
    ///
    /// > L = (ln r − ln b)/v,  ∂/∂κ = g·(t·q − D/b),  ∂/∂g = κ·D/b + p·t·q,
    /// > ∂/∂v = −(L + g·(q·(1 − p·t) − 1/r))/v,
    ///
    /// right to rounding for κ = 0 too, where the last is exactly 0 in real numbers.
    #[inline]
    fn at<const N: usize>(&self, t: &[f64; N], damped: &Damped<N>) -> ([f64; N], [[f64; N]; 4]) {
        let (growth, damping, shape) = (self.growth, self.damping, self.shape);
        let pull = shape * growth;
        let rate = damping + pull;
        let x = damped.time.map(|time| pull * time);
        let late = x.map(|x| pull > 0.0 && x > 0.5);
        let (mut of, mut besides, mut q) = ([0.0; N], [0.0; N], [0.0; N]);
        for i in 0..N {
            // b and e^(−rt) may both be tiny, their ratio is not.
            let left = damped.left[i].max(f64::MIN_POSITIVE);
            let per_left = damping / left;
            let behind = late[i] && per_left < pull;
            q[i] = 1.0 / (per_left + pull);
            (of[i], besides[i]) = match (late[i], behind) {
                // Long before the reference year of a falling curve, as in `Damped::rises`.
                (false, _) if pull < 0.0 && damping < -pull * (1.0 - 2.0 * left) => {
                    let rest = (damping + pull * left) / rate;
                    (if rest > 0.0 { rest } else { f64::NAN }, 0.0)
                }
                (false, _) => {
                    // Past its pole, or before its start, the curve has no value.
                    let rest = if x[i] < 1.0 { 1.0 - x[i] } else { f64::NAN };
                    // What rounding took from the difference.
                    (rest, (x[i] - (1.0 - rest)) / rest)
                }
                (true, true) => ((per_left + pull) / rate, rate * t[i]),
                (true, false) => ((damping + pull * left) / rate, 0.0),
            };
        }
        let log = ln(of);
        let mut exponent = [0.0; N];
        for i in 0..N {
            exponent[i] = if x[i].abs() < NEAR_ZERO {
                growth * damped.time[i] * polynomial(x[i], &LOGARITHM)
            } else {
                (besides[i] - log[i]) / shape
            };
        }
        let value = exp(exponent.map(|exponent| self.level + exponent));
        let mut by = [value; 4];
        for i in 0..N {
            let (time, slope) = (damped.time[i], damped.slope[i]);
            let (by_growth, by_damping, by_shape) = if late[i] {
                let still = 1.0 - pull * q[i];
                let by_damping =
                    growth * slope * (rate * q[i] / damped.left[i].max(f64::MIN_POSITIVE));
                let reached = q[i] * (1.0 - pull * t[i]) - 1.0 / rate;
                (
                    still * time + pull * t[i] * q[i],
                    by_damping,
                    -(exponent[i] + growth * reached) / shape,
                )
            } else {
                let rise = 1.0 / of[i];
                let taken = growth * time;
                let by_damping = growth * slope * rise;
                let by_shape = if x[i].abs() < NEAR_ZERO {
                    taken * taken * polynomial(x[i], &LOGARITHM_SLOPE)
                } else {
                    (taken * rise - exponent[i]) / shape
                };
                (
                    (time + pull * slope) * rise,
                    by_damping,
                    growth * by_damping + by_shape,
                )
            };
            by[1][i] *= by_growth;
            by[2][i] *= by_damping;
            by[3][i] *= by_shape;
        }
        (value, by)
    }

    fn natural(reference_year: f64, theta: &[f64], natural: &mut [f64]) {
        ceiling::natural(reference_year, theta, theta[3], natural);
        natural[3] = theta[3];
    }

    fn natural_gradient(parameter: usize, theta: &[f64], gradient: &mut [f64]) {
        ceiling::natural_gradient(parameter, theta, theta[3], gradient);
    }

    /// The Gompertz curve's guess, half way to the logistic curve.
    fn starting_guess(points: &[Point], theta: &mut [f64]) {
        ceiling::guess(points, theta, Gompertz::SHAPE);
        theta[3] = 0.5;
    }

    fn through(_: &[Point], _: &mut [f64]) -> Interpolation {
        Interpolation::NoClosedForm
    }

    /// The logistic curve, the Gompertz curve and the monomolecular curve at their shapes; without damping, at any
    /// shape, the exponential curve.
    fn nested(which: usize, points: &[Point], theta: &mut [f64]) -> Option<&'static [usize]> {
        if which == 2 {
            ceiling::nested(0, points, theta);
            theta[3] = Logistic::SHAPE;
            return Some(&[2, 3]);
        }
        theta[3] = match which {
            0 => Logistic::SHAPE,
            1 => Gompertz::SHAPE,
            3 => SHAPE.lower,
            _ => return None,
        };
        ceiling::guess(points, theta, theta[3]);
        Some(&[3])
    }
}
