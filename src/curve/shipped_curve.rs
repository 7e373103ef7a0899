//! What a shipped family is made of, and what follows from its formula for every one of them.

use super::damped_time::{Damped, at_all};
use super::{BATCH, Interpolation, Parameter, Point, ceiling};
use crate::numeric::vector_exp_ln::LANES;

/// A curve of a shipped family with `K` parameters: its formula, ready to be evaluated.
///
/// What is provided is that of a curve with a ceiling and a given shape.
pub(super) trait Shipped<const K: usize>: Sized {
    /// The shape of the Richards curve that it is; NaN where it is none, or has a free one.
    const SHAPE: f64 = f64::NAN;

    /// See [`GrowthCurve::parameters`](super::GrowthCurve::parameters).
    const PARAMETERS: &'static [Parameter];

    /// See [`GrowthCurve::natural_parameters`](super::GrowthCurve::natural_parameters).
    const NATURAL: &'static [Parameter];

    /// The curve with given internal parameters.
    fn new(theta: &[f64]) -> Self;

    /// The rate of the damped time that the formula takes; `None` where it takes none.
    fn rate(&self) -> Option<f64> {
        None
    }

    /// The values at `N` times, and their derivatives by each parameter. Outside the domain values are NaN
    /// or infinite.
    fn at<const N: usize>(&self, t: &[f64; N], damped: &Damped<N>) -> ([f64; N], [[f64; N]; K]);

    /// See [`GrowthCurve::natural`](super::GrowthCurve::natural).
    fn natural(reference_year: f64, theta: &[f64], natural: &mut [f64]) {
        ceiling::natural(reference_year, theta, Self::SHAPE, natural);
    }

    /// See [`GrowthCurve::natural_gradient`](super::GrowthCurve::natural_gradient).
    fn natural_gradient(parameter: usize, theta: &[f64], gradient: &mut [f64]) {
        ceiling::natural_gradient(parameter, theta, Self::SHAPE, gradient);
    }

    /// See [`GrowthCurve::starting_guess`](super::GrowthCurve::starting_guess).
    fn starting_guess(points: &[Point], theta: &mut [f64]) {
        ceiling::guess(points, theta, Self::SHAPE);
    }

    /// See [`Internals::through`](super::Internals::through).
    #[inline]
    fn through(points: &[Point], theta: &mut [f64]) -> Interpolation {
        ceiling::through(points, theta, Self::SHAPE)
    }

    /// See [`Internals::nested`](super::Internals::nested).
    fn nested(which: usize, points: &[Point], theta: &mut [f64]) -> Option<&'static [usize]> {
        ceiling::nested(which, points, theta)
    }

    /// The value at one time, and the derivatives.
    #[inline]
    fn value_and_gradient(&self, t: f64) -> (f64, [f64; K]) {
        let damped = self
            .rate()
            .map_or(Damped::START, |rate| Damped::at(t, rate));
        let ([value], gradient) = self.at(&[t], &damped);
        (value, gradient.map(|[derivative]| derivative))
    }

    /// See [`Internals::values_and_gradients`](super::Internals::values_and_gradients).
    #[inline]
    fn values_and_gradients(
        &self,
        times: &[f64],
        values: &mut [f64],
        gradients: &mut [[f64; BATCH]],
    ) {
        let Ok(gradients) = <&mut [[f64; BATCH]; K]>::try_from(gradients) else {
            return;
        };
        let mut damped = [Damped::START; BATCH / LANES];
        if let Some(rate) = self.rate() {
            at_all(times, rate, &mut damped);
        }
        let parts = times
            .chunks(LANES)
            .zip(values.chunks_mut(LANES))
            .zip(&damped);
        for (part, ((times, values), damped)) in parts.enumerate() {
            let t = times.first_chunk().copied().unwrap_or_else(|| {
                let mut last = [0.0; LANES];
                last[..times.len()].copy_from_slice(times);
                last
            });
            let (found, by) = self.at(&t, damped);
            match values.first_chunk_mut() {
                Some(values) => *values = found,
                None => values.copy_from_slice(&found[..values.len()]),
            }
            for (column, by) in gradients.iter_mut().zip(&by) {
                column.as_chunks_mut().0[part] = *by;
            }
        }
    }
}
