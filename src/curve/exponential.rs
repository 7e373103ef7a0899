//! The exponential curve.

use super::ceiling::{log_linear, mean_count};
use super::damped_time::Damped;
use super::shipped_curve::Shipped;
use super::{GROWTH, Interpolation, LEVEL, Parameter, Point, Role};
use crate::numeric::vector_exp_ln::exp;

/// See [`Family::Exponential`](super::Family::Exponential).
pub(super) struct Exponential {
    level: f64,
    growth: f64,
}

impl Shipped<2> for Exponential {
    const PARAMETERS: &'static [Parameter] = &[LEVEL, GROWTH];
    const NATURAL: &'static [Parameter] = &[
        Parameter::new("initial", "cases", Role::Level).between(0.0, f64::INFINITY),
        Parameter::new("rate", "per year", Role::Rate),
    ];

    #[inline]
    fn new(theta: &[f64]) -> Self {
        Self {
            level: theta[0],
            growth: theta[1],
        }
    }

    #[inline]
    fn at<const N: usize>(&self, t: &[f64; N], _: &Damped<N>) -> ([f64; N], [[f64; N]; 2]) {
        let value = exp(t.map(|t| self.level + self.growth * t));
        let mut by_growth = value;
        for (by_growth, t) in by_growth.iter_mut().zip(t) {
            *by_growth *= t;
        }
        (value, [value, by_growth])
    }

    fn natural(_: f64, theta: &[f64], natural: &mut [f64]) {
        natural.copy_from_slice(&[theta[0].exp(), theta[1]]);
    }

    fn natural_gradient(parameter: usize, theta: &[f64], gradient: &mut [f64]) {
        gradient.fill(0.0);
        gradient[parameter] = if parameter == 0 { theta[0].exp() } else { 1.0 };
    }

    fn starting_guess(points: &[Point], theta: &mut [f64]) {
        (theta[0], theta[1]) = log_linear(points);
    }

    #[inline]
    fn through(points: &[Point], theta: &mut [f64]) -> Interpolation {
        let [a, b] = points else {
            return Interpolation::NoClosedForm;
        };
        theta[1] = (b.cases / a.cases).ln() / (b.t - a.t);
        theta[0] = a.cases.ln() - theta[1] * a.t;
        Interpolation::Exact
    }

    /// Without growth a constant.
    fn nested(which: usize, points: &[Point], theta: &mut [f64]) -> Option<&'static [usize]> {
        (which == 0).then(|| {
            (theta[0], theta[1]) = (mean_count(points).ln(), 0.0);
            [1].as_slice()
        })
    }
}
