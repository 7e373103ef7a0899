//! The logistic curve.

use super::damping::{self, CAPACITY, Damped, RATE, STRIDE, Strides, copy_part};
use super::{
    BATCH, DAMPING, GROWTH, GrowthCurve, Internals, Interpolation, LEVEL, Parameter, Point, Role,
};

/// See [`Family::Logistic`](super::Family::Logistic).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Logistic;

static PARAMETERS: [Parameter; 3] = [LEVEL, GROWTH, DAMPING];
static NATURAL: [Parameter; 3] = [
    CAPACITY,
    RATE,
    Parameter::new("midpoint", "year", Role::Midpoint),
];

impl GrowthCurve for Logistic {
    fn name(&self) -> &'static str {
        "logistic"
    }

    fn parameters(&self) -> &[Parameter] {
        &PARAMETERS
    }

    #[inline]
    fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let (growth, damping) = (theta[1], theta[2]);
        let damped = Damped::at(t, damping + growth);
        let rise = damped.rise(damping, growth);
        let value = theta[0].exp() * rise;
        gradient[0] = value;
        gradient[1] = value * rise * (damped.time + growth * damped.slope);
        gradient[2] = value * rise * growth * damped.slope;
        value
    }

    #[inline]
    fn value(&self, t: f64, theta: &[f64]) -> f64 {
        let (growth, damping) = (theta[1], theta[2]);
        theta[0].exp() * Damped::at(t, damping + growth).rise(damping, growth)
    }

    fn starting_guess(&self, points: &[Point], theta: &mut [f64]) {
        damping::guess(points, theta, |points, theta| self.through(points, theta));
    }

    fn natural_parameters(&self) -> &[Parameter] {
        &NATURAL
    }

    fn natural(&self, reference_year: f64, theta: &[f64], natural: &mut [f64]) {
        damping::natural(reference_year, theta, 1.0, natural);
    }

    fn natural_gradient(&self, parameter: usize, theta: &[f64], gradient: &mut [f64]) {
        let mut all = [0.0; 4];
        damping::natural_gradient(parameter, theta, 1.0, &mut all);
        gradient.copy_from_slice(&all[..3]);
    }

    fn internals(&self) -> Option<&dyn Internals> {
        Some(self)
    }
}

impl Internals for Logistic {
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
        let (level, growth, damping) = (theta[0].exp(), theta[1], theta[2]);
        let mut strides = Strides::new(times, damping + growth);
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
            let rise = damped.rises(damping, growth);
            for i in 0..STRIDE {
                let value = level * rise[i];
                let bent = value * rise[i];
                let slope = growth * damped.slope[i];
                level_part[i] = value;
                growth_part[i] = bent * (damped.time[i] + slope);
                damping_part[i] = bent * slope;
            }
            copy_part(level_part, values);
        }
    }

    /// 1/y = z₀ + s·D(t; r) makes the three points one equation for r.
    #[inline]
    fn through(&self, points: &[Point], theta: &mut [f64]) -> Interpolation {
        let [a, b, c] = points else {
            return Interpolation::NoClosedForm;
        };
        let z = [a.cases.recip(), b.cases.recip(), c.cases.recip()];
        let Some((rate, slope)) = damping::rate_and_slope([a.t, b.t, c.t], z) else {
            return Interpolation::Impossible(super::Obstacle::Turning);
        };
        // From the first point back to the reference year.
        let slope = slope * (rate * a.t).exp();
        let z0 = z[0] - slope * Damped::at(a.t, rate).time;
        let growth = -slope / z0;
        theta[0] = -z0.ln();
        theta[1] = growth;
        theta[2] = (rate - growth).max(0.0);
        damping::in_domain(rate - growth, growth)
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
