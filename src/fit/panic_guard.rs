//! A curve of a user's during a fit: a panic in its code is told from one in the crate's own.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::curve::{GrowthCurve, Internals, Parameter, Point, is_shipped};

/// A curve that marks its own panics, see [`catching`]. Shipped curves are called as they are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guarded<'a, C>(pub(super) &'a C);

/// The payload of a panic in a user's curve: its message.
struct CurvePanicked(String);

/// Runs what calls guarded curves, and returns the message of a panic in one of them. Any other panic is a
/// broken invariant of the crate and goes on.
pub(super) fn catching<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    // Nothing that a panic could leave half done outlives the fit.
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let panicked: Box<CurvePanicked> = payload
            .downcast()
            .unwrap_or_else(|payload| resume_unwind(payload));
        panicked.0
    })
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
        .to_owned()
}

impl<'a, C: GrowthCurve> Guarded<'a, C> {
    #[inline]
    fn call<T>(&self, call: impl FnOnce(&'a C) -> T) -> T {
        if is_shipped(self.0) {
            return call(self.0);
        }
        catch_unwind(AssertUnwindSafe(|| call(self.0)))
            .unwrap_or_else(|payload| resume_unwind(Box::new(CurvePanicked(message(&*payload)))))
    }
}

impl<C: GrowthCurve> GrowthCurve for Guarded<'_, C> {
    fn name(&self) -> &str {
        self.call(GrowthCurve::name)
    }

    fn parameters(&self) -> &[Parameter] {
        self.call(GrowthCurve::parameters)
    }

    #[inline]
    fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64 {
        self.call(|curve| curve.value_and_gradient(t, theta, gradient))
    }

    fn starting_guess(&self, points: &[Point], theta: &mut [f64]) {
        self.call(|curve| curve.starting_guess(points, theta));
    }

    #[inline]
    fn value(&self, t: f64, theta: &[f64]) -> f64 {
        self.call(|curve| curve.value(t, theta))
    }

    fn natural_parameters(&self) -> &[Parameter] {
        self.call(GrowthCurve::natural_parameters)
    }

    fn natural(&self, reference_year: f64, theta: &[f64], natural: &mut [f64]) {
        self.call(|curve| curve.natural(reference_year, theta, natural));
    }

    fn natural_gradient(&self, parameter: usize, theta: &[f64], gradient: &mut [f64]) {
        self.call(|curve| curve.natural_gradient(parameter, theta, gradient));
    }

    #[inline]
    fn internals(&self) -> Option<&dyn Internals> {
        // Those of a wrapper around a user's curve (a held parameter) call it unguarded.
        self.0
            .internals()
            .filter(|internals| internals.is_shipped())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Role;
    use crate::fit::{FitOptions, Holding, fit};
    use crate::{ErrorKind, IncidenceSeries};

    /// y = a + b·t, with a fault in one of its functions.
    struct Faulty(&'static str);

    impl Faulty {
        fn at(&self, place: &str) {
            assert!(self.0 != place, "fault in {place}");
        }
    }

    impl GrowthCurve for Faulty {
        fn name(&self) -> &'static str {
            "faulty"
        }

        fn parameters(&self) -> &[Parameter] {
            static PARAMETERS: [Parameter; 2] = [
                Parameter::new("a", "cases", Role::Level),
                Parameter::new("b", "cases per year", Role::Rate),
            ];
            &PARAMETERS
        }

        fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64 {
            self.at("value");
            gradient.copy_from_slice(&[1.0, t]);
            theta[0] + theta[1] * t
        }

        fn starting_guess(&self, points: &[Point], theta: &mut [f64]) {
            self.at("guess");
            theta.copy_from_slice(&[points[0].cases, 0.0]);
        }
    }

    fn says<C: GrowthCurve>(curve: C) -> String {
        let counts = (2001..2011).zip([9.0, 12.0, 13.0, 13.0, 14.0, 16.0, 15.0, 17.0, 19.0, 18.0]);
        let series = IncidenceSeries::from_counts("X", counts).unwrap();
        match fit(curve, &series, &FitOptions::default()) {
            Ok(_) => String::new(),
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::NotFitted { .. }));
                error.to_string()
            }
        }
    }

    #[test]
    fn a_panic_of_a_users_curve_is_an_error_that_names_it() {
        assert_eq!(says(Faulty("nowhere")), "");
        for place in ["value", "guess"] {
            let (faulty, boxed) = (Faulty(place), Box::new(Faulty(place)));
            let holding = Holding::new(Faulty(place), "a", 9.0, 2001).unwrap();
            for text in [says(&faulty), says(boxed), says(holding)] {
                assert!(text.contains("faulty"), "{text}");
                let reason = format!("own code panicked: fault in {place}");
                assert!(text.contains(&reason), "{text}");
            }
        }
    }

    #[test]
    fn a_panic_of_the_crate_goes_on() {
        let own = catch_unwind(|| catching(|| panic!("a broken invariant")));
        assert_eq!(message(&*own.unwrap_err()), "a broken invariant");
    }
}
