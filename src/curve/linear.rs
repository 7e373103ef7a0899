//! The linear curve.

use super::damping::mean_count;
use super::exponential::log_linear;
use super::{BATCH, GrowthCurve, Internals, Interpolation, Parameter, Point, Role};

/// See [`Family::Linear`](super::Family::Linear).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Linear;

static PARAMETERS: [Parameter; 2] = [
    Parameter::new("intercept", "cases", Role::Level),
    Parameter::new("slope", "cases per year", Role::Rate),
];

impl GrowthCurve for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn parameters(&self) -> &[Parameter] {
        &PARAMETERS
    }

    #[inline]
    fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64 {
        gradient[0] = 1.0;
        gradient[1] = t;
        self.value(t, theta)
    }

    #[inline]
    fn value(&self, t: f64, theta: &[f64]) -> f64 {
        theta[0] + theta[1] * t
    }

    /// The line through the mean with the growth of the log-linear trend at the mean: positive at
    /// every point unless that trend is very steep, and then flat.
    fn starting_guess(&self, points: &[Point], theta: &mut [f64]) {
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

    fn internals(&self) -> Option<&dyn Internals> {
        Some(self)
    }
}

impl Internals for Linear {
    #[inline]
    fn values_and_gradients(
        &self,
        times: &[f64],
        theta: &[f64],
        values: &mut [f64],
        gradients: &mut [[f64; BATCH]],
    ) {
        let [by_intercept, by_slope] = gradients else {
            return;
        };
        by_intercept.fill(1.0);
        for ((t, value), derivative) in times.iter().zip(values).zip(by_slope) {
            *derivative = *t;
            *value = theta[0] + theta[1] * t;
        }
    }

    #[inline]
    fn through(&self, points: &[Point], theta: &mut [f64]) -> Interpolation {
        let [a, b] = points else {
            return Interpolation::NoClosedForm;
        };
        theta[1] = (b.cases - a.cases) / (b.t - a.t);
        theta[0] = a.cases - theta[1] * a.t;
        Interpolation::Exact
    }

    /// Without slope a constant.
    fn nested(
        &self,
        which: usize,
        points: &[Point],
        theta: &mut [f64],
    ) -> Option<&'static [usize]> {
        (which == 0).then(|| {
            (theta[0], theta[1]) = (mean_count(points), 0.0);
            [1].as_slice()
        })
    }
}
