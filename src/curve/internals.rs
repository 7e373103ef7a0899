//! What the crate knows of its own curves beyond [`GrowthCurve`].
//!
//! A user's curve is described by [`GrowthCurve`] alone. The shipped families, and wrappers of them, say more
//! through [`GrowthCurve::internals`]: values at many times at once, the curve through as many points as
//! parameters, nested special cases. Estimation asks by the functions at the end, which fall back on
//! [`GrowthCurve`].

use super::{GrowthCurve, MAX_PARAMETERS, Point};

/// The most times that a curve is evaluated at in one call.
pub(crate) const BATCH: usize = 32;

/// The answer to the question for a curve through as many points as it has parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interpolation {
    /// The parameters were written: the curve goes through the points.
    Exact,
    /// No curve of the family goes through the points.
    Impossible(Obstacle),
    /// The family has no closed form; the optimiser has to look for the curve.
    NoClosedForm,
}

/// Why no curve of a family goes through some points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The growth rate rises from one interval to the next, where the family's falls.
    Accelerating,
    /// The points rise and then fall (or stand still), or fall and then rise, where the family is
    /// monotone.
    Turning,
    /// The growth ends faster than the greatest damping of the family's domain.
    Sudden,
}

/// See the [module](self). It cannot be named, and so not be implemented, outside the crate.
pub trait Internals: GrowthCurve {
    /// Whether no code of a user's runs in the curve.
    fn is_shipped(&self) -> bool {
        true
    }

    /// The calendar year from which a curve counts time, where what it holds depends on it.
    fn first_year(&self) -> Option<i32> {
        None
    }

    /// The values at up to [`BATCH`] times, and the derivatives by parameter: `gradients[j][i]` is
    /// that of value `i` by parameter `j`.
    fn values_and_gradients(
        &self,
        times: &[f64],
        theta: &[f64],
        values: &mut [f64],
        gradients: &mut [[f64; BATCH]],
    );

    /// The curve through exactly as many points as there are parameters, where a closed form or a
    /// one-dimensional equation gives it.
    fn through(&self, points: &[Point], theta: &mut [f64]) -> Interpolation {
        let _ = (points, theta);
        Interpolation::NoClosedForm
    }

    /// Describes nested special case number `which` (from 0): writes a start value, and returns the
    /// parameter that is fixed in it, and after it those that are not identified in it. `None` where there
    /// are no more.
    ///
    /// The first is another start for the optimiser, of another kind than [`GrowthCurve::starting_guess`].
    /// A fit whose starts do not agree is compared with the fits of all of them, below none of which it
    /// may stay.
    fn nested(
        &self,
        which: usize,
        points: &[Point],
        theta: &mut [f64],
    ) -> Option<&'static [usize]> {
        let _ = (which, points, theta);
        None
    }

    /// Writes the line of a slope that is 0 at a time. `false` where the curve is no line, or what is held allows none.
    fn through_zero(&self, t: f64, slope: f64, theta: &mut [f64]) -> bool {
        let _ = (t, slope, theta);
        false
    }

    /// Writes the constant at a level as the limit that the curve comes to as its rate goes to 0, as near to it as numbers
    /// can tell, where no bound of a parameter is there; what is held may rule the level out and put another in its
    /// place. `false` where the curve has no such limit.
    fn flat(&self, level: f64, theta: &mut [f64]) -> bool {
        let _ = (level, theta);
        false
    }
}

/// See [`Internals::values_and_gradients`].
#[inline]
pub(crate) fn values_and_gradients<C: GrowthCurve + ?Sized>(
    curve: &C,
    times: &[f64],
    theta: &[f64],
    values: &mut [f64],
    gradients: &mut [[f64; BATCH]],
) {
    if let Some(internals) = curve.internals() {
        return internals.values_and_gradients(times, theta, values, gradients);
    }
    let mut gradient = [0.0; MAX_PARAMETERS];
    let gradient = &mut gradient[..theta.len()];
    for (i, (&t, value)) in times.iter().zip(values).enumerate() {
        *value = curve.value_and_gradient(t, theta, gradient);
        for (column, derivative) in gradients.iter_mut().zip(&*gradient) {
            column[i] = *derivative;
        }
    }
}

/// Whether no code of a user's runs in the curve.
#[inline]
pub(crate) fn is_shipped<C: GrowthCurve + ?Sized>(curve: &C) -> bool {
    curve.internals().is_some_and(Internals::is_shipped)
}
