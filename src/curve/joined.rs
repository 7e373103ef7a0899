//! Two growth rates that meet in a year.

use super::{GrowthCurve, Interpolation, LEVEL, Parameter, Point, Role};

/// ln y(t) = ln initial + `rate_before`·min(t, s) + `rate_after`·max(t − s, 0): steady growth that changes
/// once, in a year that is given and not estimated.
///
/// With the change at the last observation it is what a published projection implies: the growth
/// between the observations, and the growth from the last one to the projection. With the year of a
/// change that is known it is one segment of a joinpoint regression (Kim et al. 2000,
/// [doi:10.1002/(SICI)1097-0258(20000215)19:3<335::AID-SIM336>3.0.CO;2-Z](https://doi.org/10.1002/(SICI)1097-0258(20000215)19:3%3C335::AID-SIM336%3E3.0.CO;2-Z)).
///
/// ```
/// use myeloma_epi::curve::JoinedExponential;
/// use myeloma_epi::fit::{FitOptions, PublishedProjectionUse, fit};
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let world = IncidenceSeries::from_figures(figures::press_release(), "World")?;
/// let implied = JoinedExponential::changing_after(5.0)?; // in 2024
/// let options = FitOptions { published_projection: PublishedProjectionUse::AsFigure, ..FitOptions::default() };
/// let fit = fit(implied, &world, &options)?;
/// let percent = |rate: f64| 100.0 * rate.exp_m1();
/// let [_, before, after] = fit.curve().theta() else { unreachable!() };
/// assert_eq!(format!("{:.1} %, {:.1} %", percent(*before), percent(*after)), "3.7 %, 2.1 %");
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JoinedExponential {
    change: f64,
}

static PARAMETERS: [Parameter; 3] = [
    LEVEL,
    Parameter::new("rate_before", "per year", Role::Rate),
    Parameter::new("rate_after", "per year", Role::Rate),
];
static NATURAL: [Parameter; 3] = [
    Parameter::new("initial", "cases", Role::Level).between(0.0, f64::INFINITY),
    Parameter::new("rate_before", "per year", Role::Rate),
    Parameter::new("rate_after", "per year", Role::Rate),
];

impl JoinedExponential {
    /// The curve whose growth changes so many years after the first observation.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where the number of years is not finite
    /// and above 0.
    pub fn changing_after(years: f64) -> crate::Result<Self> {
        if years.is_finite() && years > 0.0 {
            return Ok(Self { change: years });
        }
        Err(crate::Error::out_of_range(
            "the year of the change",
            "a joined exponential curve",
            years,
            "finite and after the first observation",
        ))
    }

    /// Years before and after the change.
    fn split(self, t: f64) -> (f64, f64) {
        (t.min(self.change), (t - self.change).max(0.0))
    }
}

impl GrowthCurve for JoinedExponential {
    fn name(&self) -> &'static str {
        "joined exponential"
    }

    fn parameters(&self) -> &[Parameter] {
        &PARAMETERS
    }

    fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let (before, after) = self.split(t);
        let value = (theta[0] + theta[1] * before + theta[2] * after).exp();
        gradient.copy_from_slice(&[value, value * before, value * after]);
        value
    }

    fn starting_guess(&self, points: &[Point], theta: &mut [f64]) {
        let (level, growth) = super::exponential::log_linear(points);
        theta.copy_from_slice(&[level, growth, growth]);
    }

    fn through(&self, points: &[Point], theta: &mut [f64]) -> Interpolation {
        let [a, b, c] = points else {
            return Interpolation::NoClosedForm;
        };
        // Two points up to the change give the growth before it, the third the growth after.
        if !(a.t < b.t && b.t <= self.change && self.change < c.t) {
            return Interpolation::NoClosedForm;
        }
        let before = (b.cases / a.cases).ln() / (b.t - a.t);
        let at_change = b.cases.ln() + before * (self.change - b.t);
        theta.copy_from_slice(&[
            a.cases.ln() - before * a.t,
            before,
            (c.cases.ln() - at_change) / (c.t - self.change),
        ]);
        Interpolation::Exact
    }

    fn natural_parameters(&self) -> &[Parameter] {
        &NATURAL
    }

    fn natural(&self, _reference_year: f64, theta: &[f64], natural: &mut [f64]) {
        natural.copy_from_slice(&[theta[0].exp(), theta[1], theta[2]]);
    }

    fn natural_gradient(&self, parameter: usize, theta: &[f64], gradient: &mut [f64]) {
        gradient.fill(0.0);
        gradient[parameter] = if parameter == 0 { theta[0].exp() } else { 1.0 };
    }
}
