//! The linear curve.

use super::ceiling::{log_linear, mean_count};
use super::damped_time::Damped;
use super::shipped_curve::Shipped;
use super::{Interpolation, Parameter, Point, Role};

/// See [`Family::Linear`](super::Family::Linear).
pub(super) struct Linear {
    intercept: f64,
    slope: f64,
}

impl Shipped<2> for Linear {
    const PARAMETERS: &'static [Parameter] = &[
        Parameter::new("intercept", "cases", Role::Level),
        Parameter::new("slope", "cases per year", Role::Rate),
    ];
    const NATURAL: &'static [Parameter] = Self::PARAMETERS;

    #[inline]
    fn new(theta: &[f64]) -> Self {
        Self {
            intercept: theta[0],
            slope: theta[1],
        }
    }

    #[inline]
    fn at<const N: usize>(&self, t: &[f64; N], _: &Damped<N>) -> ([f64; N], [[f64; N]; 2]) {
        (t.map(|t| self.intercept + self.slope * t), [[1.0; N], *t])
    }

    fn natural(_: f64, theta: &[f64], natural: &mut [f64]) {
        natural.copy_from_slice(theta);
    }

    fn natural_gradient(parameter: usize, _: &[f64], gradient: &mut [f64]) {
        gradient.fill(0.0);
        gradient[parameter] = 1.0;
    }

    /// The line through the mean with the growth of the log-linear trend at the mean: positive at
    /// every point unless that trend is very steep, and then flat.
    fn starting_guess(points: &[Point], theta: &mut [f64]) {
        let n = points.len() as f64;
        let mean_t = points.iter().map(|p| p.t).sum::<f64>() / n;
        let mean = points.iter().map(|p| p.cases).sum::<f64>() / n;
        let (_, growth) = log_linear(points);
        let slope = mean * growth;
        let positive = points
            .iter()
            .all(|p| mean + slope * (p.t - mean_t) > 0.05 * mean);
        theta[1] = if positive { slope } else { 0.0 };
        theta[0] = mean - theta[1] * mean_t;
    }

    #[inline]
    fn through(points: &[Point], theta: &mut [f64]) -> Interpolation {
        let [a, b] = points else {
            return Interpolation::NoClosedForm;
        };
        theta[1] = (b.cases - a.cases) / (b.t - a.t);
        theta[0] = a.cases - theta[1] * a.t;
        Interpolation::Exact
    }

    /// Without slope a constant.
    fn nested(which: usize, points: &[Point], theta: &mut [f64]) -> Option<&'static [usize]> {
        (which == 0).then(|| {
            (theta[0], theta[1]) = (mean_count(points), 0.0);
            [1].as_slice()
        })
    }
}
