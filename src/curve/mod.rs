//! Growth curves: the mathematics of each family, without data and without optimisers.
//!
//! # One parametrisation
//!
//! The three curves with a ceiling are written so that their limit without a ceiling is a point of
//! their domain. With *t* the years since the reference year, *u* = ln y(0), *g* the growth rate
//! (y′/y) at *t* = 0, *κ* ≥ 0 the **damping** (the rate at which the growth itself declines at
//! *t* = 0), *v* ≥ −1 the shape, r = κ + v·g and D(t; r) = (1 − e^(−rt))/r,
//!
//! > y(t) = e^u · (1 − v·g·D(t; r))^(−1/v)
//!
//! is the Richards curve, *v* = 1 the logistic curve, *v* → 0 the Gompertz curve
//! y(t) = e^(u + g·D(t; κ)), *v* = −1 the monomolecular curve. **At κ = 0 all of them are the exponential curve**: data that grow
//! steadily are fitted at once, where the usual form runs off towards an infinite capacity. For
//! the logistic curve this is 1/(a + b·e^(−rt)) with a/(a + b) = κ/r.
//!
//! Users see the natural parameters (capacity, rate, midpoint) through [`GrowthCurve::natural`].
//! A family of growth that is damped geometrically, whose growth rate falls by the same factor each
//! year, is the Gompertz curve and needs no name of its own: d ln y/dt = g·e^(−κt).
//!
//! | family | internal parameters | natural parameters |
//! |---|---|---|
//! | [`Family::Linear`] | intercept, slope | the same |
//! | [`Family::Exponential`] | ln level, growth | initial, rate |
//! | [`Family::Logistic`] | ln level, growth, damping | capacity, rate, midpoint |
//! | [`Family::Gompertz`] | ln level, growth, damping | capacity, rate, inflection |
//! | [`Family::Richards`] | ln level, growth, damping, shape | capacity, rate, midpoint, shape |
//!
//! Sources: Tsoularis & Wallace (2002), "Analysis of logistic growth models", Mathematical
//! Biosciences 179:21–55, [doi:10.1016/S0025-5564(02)00096-2]; Richards (1959), "A flexible growth
//! function for empirical use", Journal of Experimental Botany 10:290–301,
//! [doi:10.1093/jxb/10.2.290].
//!
//! [doi:10.1016/S0025-5564(02)00096-2]: https://doi.org/10.1016/S0025-5564(02)00096-2
//! [doi:10.1093/jxb/10.2.290]: https://doi.org/10.1093/jxb/10.2.290

mod ceiling;
mod damped_time;
mod exponential;
mod family;
mod gompertz;
mod internals;
mod linear;
mod logistic;
mod parameter;
mod richards;
mod shipped_curve;
#[cfg(test)]
mod tests;

pub use family::Family;
pub(crate) use internals::{
    BATCH, Internals, Interpolation, Obstacle, is_shipped, values_and_gradients,
};
pub(crate) use parameter::place;
pub use parameter::{Parameter, Role};

/// The most parameters that a curve may have.
pub(crate) const MAX_PARAMETERS: usize = 12;

/// A point that a curve is to pass through or near: a published figure, as a curve sees it.
///
/// [`GrowthCurve::starting_guess`] gets the points of a series in the order of time; the first is at *t* = 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Years since the reference year of the fit.
    pub t: f64,
    /// The count, finite and above 0.
    pub cases: f64,
}

/// A family of curves: yearly new cases as a function of time and a few parameters.
///
/// Implement it to fit and project a curve of your own. `t` is always the number of years since
/// the reference year of the fit (its first observation), so that a curve need not care how far
/// its years are from 0. `theta` holds the internal parameters in the order of
/// [`GrowthCurve::parameters`].
///
/// | what a fit relies on | where it is not so |
/// |---|---|
/// | 1 to 12 parameters, each with a name of its own | an error of [`fit`](crate::fit::fit()) |
/// | the derivatives are those of the values | an error that names the parameter, the year and both numbers; they are compared with differences |
/// | values of 0 or more at the figures | the optimiser steps back; if it cannot, an error |
/// | no panic | an error with the panic's message |
/// | the same parameters give the same value, on any thread | fits that do not come back |
///
/// ```
/// use myeloma_epi::curve::{GrowthCurve, Parameter, Point, Role};
///
/// /// Cases that grow with a power of time: y = a·(t + 1)^b.
/// struct Power;
///
/// impl GrowthCurve for Power {
///     fn name(&self) -> &str {
///         "power"
///     }
///     fn parameters(&self) -> &[Parameter] {
///         static PARAMETERS: [Parameter; 2] = [
///             Parameter::new("level", "cases", Role::Level).between(0.0, f64::INFINITY),
///             Parameter::new("power", "", Role::Other),
///         ];
///         &PARAMETERS
///     }
///     fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64 {
///         let power = (t + 1.0).powf(theta[1]);
///         gradient[0] = power;
///         gradient[1] = theta[0] * power * (t + 1.0).ln();
///         theta[0] * power
///     }
///     fn starting_guess(&self, points: &[Point], theta: &mut [f64]) {
///         theta[0] = points[0].cases;
///         theta[1] = 0.5;
///     }
/// }
/// ```
pub trait GrowthCurve: Send + Sync {
    /// The name of the family, in lower case.
    fn name(&self) -> &str;

    /// The internal parameters in their order, at most 12.
    fn parameters(&self) -> &[Parameter];

    /// The value at `t`, and the derivatives of the value by each internal parameter.
    ///
    /// `gradient` has the length of `theta`. Outside the domain the value is NaN or infinite;
    /// the optimiser then steps back.
    fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64;

    /// A rough guess of the parameters, inside the domain, for the optimiser to start from.
    ///
    /// `points` are at least as many as there are parameters, by increasing `t`.
    fn starting_guess(&self, points: &[Point], theta: &mut [f64]);

    /// The value at `t`.
    fn value(&self, t: f64, theta: &[f64]) -> f64 {
        let mut gradient = [0.0; MAX_PARAMETERS];
        self.value_and_gradient(t, theta, &mut gradient[..theta.len()])
    }

    /// The parameters that users see, as many as the internal ones. The default is the internal ones.
    fn natural_parameters(&self) -> &[Parameter] {
        self.parameters()
    }

    /// Writes the natural parameters for the internal ones; `reference_year` is the calendar year of
    /// `t` = 0. Capacity and midpoint of a curve at its limit without a ceiling are
    /// infinite; the midpoint of a curve that falls does not exist and is NaN.
    ///
    /// ```
    /// use myeloma_epi::curve::{Family, GrowthCurve};
    ///
    /// // A logistic curve from 100 cases in 2020, at half its capacity: growth and damping are half the rate.
    /// let mut natural = [0.0; 3];
    /// Family::Logistic.natural(2020.0, &[100.0_f64.ln(), 0.05, 0.05], &mut natural);
    /// let [capacity, rate, midpoint] = natural;
    /// assert!((capacity - 200.0).abs() < 1e-9);
    /// assert!((rate - 0.1).abs() < 1e-12 && (midpoint - 2020.0).abs() < 1e-9);
    /// ```
    fn natural(&self, reference_year: f64, theta: &[f64], natural: &mut [f64]) {
        let _ = reference_year;
        natural.copy_from_slice(theta);
    }

    /// Writes the derivatives of one natural parameter by the internal ones. The default is that of
    /// the default [`GrowthCurve::natural`].
    fn natural_gradient(&self, parameter: usize, theta: &[f64], gradient: &mut [f64]) {
        let _ = theta;
        gradient.fill(0.0);
        gradient[parameter] = 1.0;
    }

    /// What the crate knows of its own curves beyond this trait; leave the default.
    #[doc(hidden)]
    fn internals(&self) -> Option<&dyn Internals> {
        None
    }
}

/// The natural and the internal parameters of the three curves with a ceiling share these.
const LEVEL: Parameter = Parameter::new("ln level", "ln cases", Role::Level);
const GROWTH: Parameter = Parameter::new("growth", "per year", Role::Rate);
/// Growth that is damped by 10 a year is over within weeks: yearly counts cannot tell more.
const GREATEST_DAMPING: f64 = 10.0;
const DAMPING: Parameter =
    Parameter::new("damping", "per year", Role::Damping).between(0.0, GREATEST_DAMPING);

macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<C: GrowthCurve + ?Sized> GrowthCurve for $pointer {
            fn name(&self) -> &str {
                (**self).name()
            }
            fn parameters(&self) -> &[Parameter] {
                (**self).parameters()
            }
            fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64 {
                (**self).value_and_gradient(t, theta, gradient)
            }
            fn starting_guess(&self, points: &[Point], theta: &mut [f64]) {
                (**self).starting_guess(points, theta);
            }
            fn value(&self, t: f64, theta: &[f64]) -> f64 {
                (**self).value(t, theta)
            }
            fn internals(&self) -> Option<&dyn Internals> {
                (**self).internals()
            }
            fn natural_parameters(&self) -> &[Parameter] {
                (**self).natural_parameters()
            }
            fn natural(&self, reference_year: f64, theta: &[f64], natural: &mut [f64]) {
                (**self).natural(reference_year, theta, natural);
            }
            fn natural_gradient(&self, parameter: usize, theta: &[f64], gradient: &mut [f64]) {
                (**self).natural_gradient(parameter, theta, gradient);
            }
        }
    )*};
}

forward!(&C, Box<C>, std::sync::Arc<C>);
