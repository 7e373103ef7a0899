//! The exponential curve.

use super::damping::{STRIDE, copy_part, mean_count};
use super::several::exp_each;
use super::{BATCH, GROWTH, GrowthCurve, Internals, Interpolation, LEVEL, Parameter, Point, Role};

/// See [`Family::Exponential`](super::Family::Exponential).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Exponential;

static PARAMETERS: [Parameter; 2] = [LEVEL, GROWTH];
static NATURAL: [Parameter; 2] = [
    Parameter::new("initial", "cases", Role::Level).between(0.0, f64::INFINITY),
    Parameter::new("rate", "per year", Role::Rate),
];

impl GrowthCurve for Exponential {
    fn name(&self) -> &'static str {
        "exponential"
    }

    fn parameters(&self) -> &[Parameter] {
        &PARAMETERS
    }

    #[inline]
    fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let value = self.value(t, theta);
        gradient[0] = value;
        gradient[1] = value * t;
        value
    }

    #[inline]
    fn value(&self, t: f64, theta: &[f64]) -> f64 {
        (theta[0] + theta[1] * t).exp()
    }

    fn starting_guess(&self, points: &[Point], theta: &mut [f64]) {
        (theta[0], theta[1]) = log_linear(points);
    }

    fn natural_parameters(&self) -> &[Parameter] {
        &NATURAL
    }

    fn natural(&self, _reference_year: f64, theta: &[f64], natural: &mut [f64]) {
        natural[0] = theta[0].exp();
        natural[1] = theta[1];
    }

    fn natural_gradient(&self, parameter: usize, theta: &[f64], gradient: &mut [f64]) {
        gradient.fill(0.0);
        gradient[parameter] = if parameter == 0 { theta[0].exp() } else { 1.0 };
    }

    fn internals(&self) -> Option<&dyn Internals> {
        Some(self)
    }
}

impl Internals for Exponential {
    #[inline]
    fn values_and_gradients(
        &self,
        times: &[f64],
        theta: &[f64],
        values: &mut [f64],
        gradients: &mut [[f64; BATCH]],
    ) {
        let [by_level, by_growth] = gradients else {
            return;
        };
        let columns = by_level
            .as_chunks_mut::<STRIDE>()
            .0
            .iter_mut()
            .zip(by_growth.as_chunks_mut::<STRIDE>().0);
        let parts = times.chunks(STRIDE).zip(values.chunks_mut(STRIDE));
        for ((part, values), (level_part, growth_part)) in parts.zip(columns) {
            let mut t = [0.0; STRIDE];
            t[..part.len()].copy_from_slice(part);
            *level_part = exp_each(&t.map(|t| theta[0] + theta[1] * t));
            for i in 0..STRIDE {
                growth_part[i] = level_part[i] * t[i];
            }
            copy_part(level_part, values);
        }
    }

    #[inline]
    fn through(&self, points: &[Point], theta: &mut [f64]) -> Interpolation {
        let [a, b] = points else {
            return Interpolation::NoClosedForm;
        };
        theta[1] = (b.cases / a.cases).ln() / (b.t - a.t);
        theta[0] = a.cases.ln() - theta[1] * a.t;
        Interpolation::Exact
    }

    /// Without growth a constant.
    fn nested(
        &self,
        which: usize,
        points: &[Point],
        theta: &mut [f64],
    ) -> Option<&'static [usize]> {
        (which == 0).then(|| {
            (theta[0], theta[1]) = (mean_count(points).ln(), 0.0);
            [1].as_slice()
        })
    }
}

/// Level and growth of the least-squares line through the logarithms: ln y = level + growth·t.
pub(super) fn log_linear(points: &[Point]) -> (f64, f64) {
    let n = points.len() as f64;
    let mean_t = points.iter().map(|p| p.t).sum::<f64>() / n;
    let (mut sum, mut covariance, mut variance) = (0.0, 0.0, 0.0);
    for p in points {
        let log = p.cases.ln();
        sum += log;
        covariance += (p.t - mean_t) * log;
        variance += (p.t - mean_t).powi(2);
    }
    let growth = if variance > 0.0 {
        covariance / variance
    } else {
        0.0
    };
    (sum / n - growth * mean_t, growth)
}
