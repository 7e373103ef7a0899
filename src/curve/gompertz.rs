//! The Gompertz curve.

use super::damping::{self, CAPACITY, Damped, RATE, STRIDE, Strides, copy_part};
use super::several::exp_each;
use super::{
    BATCH, DAMPING, GROWTH, GrowthCurve, Internals, Interpolation, LEVEL, Obstacle, Parameter,
    Point, Role,
};

/// See [`Family::Gompertz`](super::Family::Gompertz).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Gompertz;

static PARAMETERS: [Parameter; 3] = [LEVEL, GROWTH, DAMPING];
static NATURAL: [Parameter; 3] = [
    CAPACITY,
    RATE,
    Parameter::new("inflection", "year", Role::Midpoint),
];

impl GrowthCurve for Gompertz {
    fn name(&self) -> &'static str {
        "gompertz"
    }

    fn parameters(&self) -> &[Parameter] {
        &PARAMETERS
    }

    #[inline]
    fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let damped = Damped::at(t, theta[2]);
        let value = (theta[0] + theta[1] * damped.time).exp();
        gradient[0] = value;
        gradient[1] = value * damped.time;
        gradient[2] = value * theta[1] * damped.slope;
        value
    }

    #[inline]
    fn value(&self, t: f64, theta: &[f64]) -> f64 {
        (theta[0] + theta[1] * Damped::at(t, theta[2]).time).exp()
    }

    fn starting_guess(&self, points: &[Point], theta: &mut [f64]) {
        damping::guess(points, theta, |points, theta| self.through(points, theta));
    }

    fn natural_parameters(&self) -> &[Parameter] {
        &NATURAL
    }

    fn natural(&self, reference_year: f64, theta: &[f64], natural: &mut [f64]) {
        damping::natural(reference_year, theta, 0.0, natural);
    }

    fn natural_gradient(&self, parameter: usize, theta: &[f64], gradient: &mut [f64]) {
        let mut all = [0.0; 4];
        damping::natural_gradient(parameter, theta, 0.0, &mut all);
        gradient.copy_from_slice(&all[..3]);
    }

    fn internals(&self) -> Option<&dyn Internals> {
        Some(self)
    }
}

impl Internals for Gompertz {
    #[inline]
    fn values_and_gradients(
        &self,
        times: &[f64],
        theta: &[f64],
        values: &mut [f64],
        gradients: &mut [[f64; BATCH]],
    ) {
        let [by_level, by_growth, by_damping] = gradients else {
            return;
        };
        let (level, growth) = (theta[0], theta[1]);
        let mut strides = Strides::new(times, theta[2]);
        let columns = by_level
            .as_chunks_mut::<STRIDE>()
            .0
            .iter_mut()
            .zip(by_growth.as_chunks_mut::<STRIDE>().0)
            .zip(by_damping.as_chunks_mut::<STRIDE>().0);
        for (values, ((level_part, growth_part), damping_part)) in
            values.chunks_mut(STRIDE).zip(columns)
        {
            let damped = strides.next();
            *level_part = exp_each(&damped.time.map(|time| level + growth * time));
            for i in 0..STRIDE {
                let value = level_part[i];
                growth_part[i] = value * damped.time[i];
                damping_part[i] = value * (growth * damped.slope[i]);
            }
            copy_part(level_part, values);
        }
    }

    /// ln y = u + g·D(t; κ) makes the three points one equation for κ.
    #[inline]
    fn through(&self, points: &[Point], theta: &mut [f64]) -> Interpolation {
        let [a, b, c] = points else {
            return Interpolation::NoClosedForm;
        };
        let z = [a.cases.ln(), b.cases.ln(), c.cases.ln()];
        let Some((damping, slope)) = damping::rate_and_slope([a.t, b.t, c.t], z) else {
            return Interpolation::Impossible(Obstacle::Turning);
        };
        let growth = slope * (damping * a.t).exp();
        theta[0] = z[0] - growth * Damped::at(a.t, damping).time;
        theta[1] = growth;
        theta[2] = damping.max(0.0);
        damping::in_domain(damping, growth)
    }

    /// Without damping the exponential curve.
    fn nested(
        &self,
        which: usize,
        points: &[Point],
        theta: &mut [f64],
    ) -> Option<&'static [usize]> {
        (which == 0).then(|| damping::without(points, theta))
    }
}
