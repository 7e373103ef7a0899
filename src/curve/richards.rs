//! The Richards curve.

use super::damping::{
    self, CAPACITY, Damped, DampedTimes, RATE, STRIDE, Strides, alternating, copy_part,
};
use super::several::{exp_each, minus_log_of_rest};
use super::{
    BATCH, DAMPING, GROWTH, Gompertz, GrowthCurve, Internals, LEVEL, Logistic, Parameter, Point,
    Role,
};

/// See [`Family::Richards`](super::Family::Richards).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Richards;

static PARAMETERS: [Parameter; 4] = [
    LEVEL,
    GROWTH,
    DAMPING,
    Parameter::new("shape", "", Role::Shape).between(0.0, 20.0),
];
static NATURAL: [Parameter; 4] = [
    CAPACITY,
    RATE,
    Parameter::new("midpoint", "year", Role::Midpoint),
    Parameter::new("shape", "", Role::Shape).between(0.0, 20.0),
];

/// Coefficients of −ln(1 − x)/x = Σ xⁿ/(n + 1).
const EXPONENT_SERIES: [f64; 11] = {
    let mut all = [0.0; 11];
    let mut n = 0;
    let mut denominator = 1.0;
    while n < all.len() {
        all[n] = 1.0 / denominator;
        denominator += 1.0;
        n += 1;
    }
    all
};

/// Coefficients of Σ (n + 1)/(n + 2)·xⁿ.
const SHAPE_SERIES: [f64; 11] = {
    let mut all = [0.0; 11];
    let mut n = 0;
    let mut numerator = 1.0;
    while n < all.len() {
        all[n] = numerator / (numerator + 1.0);
        numerator += 1.0;
        n += 1;
    }
    all
};

/// The value and its derivatives by the four parameters at time `t`, from damped time at the rate
/// κ + v·g.
#[inline]
fn at_damped(damped: Damped, t: f64, theta: &[f64]) -> (f64, [f64; 4]) {
    let (growth, damping, shape) = (theta[1], theta[2], theta[3]);
    let Damped { time, slope, .. } = damped;
    let w = growth * time;
    let x = shape * w;
    if x > 0.5 {
        return near_the_ceiling(damped, t, theta);
    }
    let rise = damped.rise(damping, shape * growth);
    if rise.is_nan() {
        return (f64::NAN, [f64::NAN; 4]);
    }
    // L(v, w) = −ln(1 − v·w)/v and its derivative by v at constant w.
    let (exponent, by_shape) = if x.abs() < 0.02 {
        // L = w·Σ xⁿ/(n + 1) and ∂L/∂v = w²·Σ (n + 1)/(n + 2)·xⁿ: no division by a shape near 0.
        (
            w * alternating(-x, &EXPONENT_SERIES),
            w * w * alternating(-x, &SHAPE_SERIES),
        )
    } else {
        let exponent = -(-x).ln_1p() / shape;
        (exponent, (w * rise - exponent) / shape)
    };
    let value = (theta[0] + exponent).exp();
    let by_rate = growth * slope * rise;
    (
        value,
        [
            value,
            value * (time * rise + shape * by_rate),
            value * by_rate,
            value * (growth * by_rate + by_shape),
        ],
    )
}

/// The same where most of the way to the ceiling is behind, or, without damping, where the terms of
/// the general form are large and cancel. With b = κ + v·g·e^(−rt) and q = e^(−rt)/b,
///
/// > ln y = u − ln(b/r)/v,  ∂/∂g = (κ·D + v·g·t·e^(−rt))/b,  ∂/∂κ = g·(t·q − D/b),
/// > ∂/∂v = ln(b/r)/v² − (g/v)·(q·(1 − v·g·t) − 1/r),
///
/// each of which is right to rounding for κ = 0 too, where the last is exactly 0 in real numbers.
fn near_the_ceiling(damped: Damped, t: f64, theta: &[f64]) -> (f64, [f64; 4]) {
    let (growth, damping, shape) = (theta[1], theta[2], theta[3]);
    let Damped { time, left, .. } = damped;
    let pull = shape * growth;
    let rate = damping + pull;
    // b and e^(−rt) may both be tiny, their ratio is not.
    let (log, q, damping_over_b, one_over_b) = if damping >= pull * left {
        let b = damping + pull * left;
        ((b / rate).ln(), left / b, damping / b, b.recip())
    } else {
        let k = if damping > 0.0 { damping / left } else { 0.0 };
        let q = (k + pull).recip();
        (((k + pull) / rate).ln() - rate * t, q, k * q, q / left)
    };
    let value = (theta[0] - log / shape).exp();
    (
        value,
        [
            value,
            value * (damping_over_b * time + pull * t * q),
            value * growth * (t * q - time * one_over_b),
            value
                * (log / (shape * shape) - growth / shape * (q * (1.0 - pull * t) - rate.recip())),
        ],
    )
}

/// Least shape for which [`stride`] keeps its digits.
const LEAST_SHAPE: f64 = 0.02;

/// Greatest rt, beyond which e^(−rt) is not a normal number.
const GREATEST_WAY: f64 = 600.0;

/// The value, which is also the derivative by level, and the other derivatives at the times of a
/// stride, for growth above 0. As [`at_damped`], without a branch, and with
/// ∂/∂g = (κ·D + v·g·t·e^(−rt))/b, a sum of positive numbers, on all of the way.
#[inline]
fn stride(damped: &DampedTimes, t: &[f64; STRIDE], theta: &[f64]) -> [[f64; STRIDE]; 4] {
    let (level, growth, damping, shape) = (theta[0], theta[1], theta[2], theta[3]);
    let pull = shape * growth;
    let rate = damping + pull;
    let (per_shape, per_rate) = (shape.recip(), rate.recip());
    let (mut x, mut over_b, mut rise) = ([0.0; STRIDE], [0.0; STRIDE], [0.0; STRIDE]);
    for i in 0..STRIDE {
        x[i] = pull * damped.time[i];
        over_b[i] = 1.0 / (damping + pull * damped.left[i]);
        rise[i] = rate * over_b[i];
    }
    let log = minus_log_of_rest(&x, &rise);
    let value = exp_each(&log.map(|log| level + log * per_shape));
    let (mut by_growth, mut by_damping, mut by_shape) =
        ([0.0; STRIDE], [0.0; STRIDE], [0.0; STRIDE]);
    for i in 0..STRIDE {
        let (time, left) = (damped.time[i], damped.left[i]);
        by_growth[i] = value[i] * ((damping * time + pull * (t[i] * left)) * over_b[i]);
        let by_rate = growth * damped.slope[i] * rise[i];
        by_damping[i] = value[i] * by_rate;
        let exponent = log[i] * per_shape;
        let early = growth * by_rate + (growth * time * rise[i] - exponent) * per_shape;
        let reached = left * over_b[i] * (1.0 - pull * t[i]) - per_rate;
        let late = -(exponent + growth * reached) * per_shape;
        by_shape[i] = value[i] * if x[i] > 0.5 { late } else { early };
    }
    [value, by_growth, by_damping, by_shape]
}

impl GrowthCurve for Richards {
    fn name(&self) -> &'static str {
        "richards"
    }

    fn parameters(&self) -> &[Parameter] {
        &PARAMETERS
    }

    #[inline]
    fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let damped = Damped::at(t, theta[2] + theta[3] * theta[1]);
        let (value, by) = at_damped(damped, t, theta);
        gradient.copy_from_slice(&by);
        value
    }

    /// The Gompertz curve's guess, half way to the logistic curve.
    fn starting_guess(&self, points: &[Point], theta: &mut [f64]) {
        Gompertz.starting_guess(points, &mut theta[..3]);
        theta[3] = 0.5;
    }

    fn natural_parameters(&self) -> &[Parameter] {
        &NATURAL
    }

    fn natural(&self, reference_year: f64, theta: &[f64], natural: &mut [f64]) {
        damping::natural(reference_year, theta, theta[3], natural);
        natural[3] = theta[3];
    }

    fn natural_gradient(&self, parameter: usize, theta: &[f64], gradient: &mut [f64]) {
        let mut all = [0.0; 4];
        damping::natural_gradient(parameter, theta, theta[3], &mut all);
        gradient.copy_from_slice(&all);
    }

    fn internals(&self) -> Option<&dyn Internals> {
        Some(self)
    }
}

impl Internals for Richards {
    #[inline]
    fn values_and_gradients(
        &self,
        times: &[f64],
        theta: &[f64],
        values: &mut [f64],
        gradients: &mut [[f64; BATCH]],
    ) {
        let [by_level, by_growth, by_damping, by_shape] = gradients else {
            return;
        };
        let rate = theta[2] + theta[3] * theta[1];
        let together = theta[3] >= LEAST_SHAPE
            && theta[1] > 0.0
            && times.last().is_some_and(|last| rate * last < GREATEST_WAY);
        let mut strides = Strides::new(times, rate);
        let columns = by_level
            .as_chunks_mut::<STRIDE>()
            .0
            .iter_mut()
            .zip(by_growth.as_chunks_mut::<STRIDE>().0)
            .zip(by_damping.as_chunks_mut::<STRIDE>().0)
            .zip(by_shape.as_chunks_mut::<STRIDE>().0);
        let parts = times.chunks(STRIDE).zip(values.chunks_mut(STRIDE));
        for ((times, values), (((level, growth), damping), shape)) in parts.zip(columns) {
            let damped = strides.next();
            if together {
                let mut t = [0.0; STRIDE];
                t[..times.len()].copy_from_slice(times);
                [*level, *growth, *damping, *shape] = stride(&damped, &t, theta);
                copy_part(level, values);
                continue;
            }
            for (i, (&t, value)) in times.iter().zip(values).enumerate() {
                (*value, [level[i], growth[i], damping[i], shape[i]]) =
                    at_damped(damped.get(i), t, theta);
            }
        }
    }

    /// The logistic curve at shape 1 and the Gompertz curve at shape 0; without damping, at any shape,
    /// the exponential curve.
    fn nested(
        &self,
        which: usize,
        points: &[Point],
        theta: &mut [f64],
    ) -> Option<&'static [usize]> {
        let (shape, held): (f64, &[usize]) = match which {
            0 => {
                Logistic.starting_guess(points, &mut theta[..3]);
                (1.0, &[3])
            }
            1 => {
                Gompertz.starting_guess(points, &mut theta[..3]);
                (0.0, &[3])
            }
            2 => {
                damping::without(points, theta);
                (1.0, &[2, 3])
            }
            _ => return None,
        };
        theta[3] = shape;
        Some(held)
    }
}
