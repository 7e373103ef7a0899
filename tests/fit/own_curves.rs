//! Curves of a user's own: what a fit makes of a parameter follows from its role, never from its name.

use myeloma_epi::IncidenceSeries;
use myeloma_epi::curve::{Family, GrowthCurve, Parameter, Point, Role};
use myeloma_epi::fit::{Caution, FitOptions, Holding, IdentifiedFit};

/// y = a·e^(−d·t), with parameters named as the shipped curves name others.
#[derive(Debug, Clone, Copy)]
struct Decay(Role);

impl GrowthCurve for Decay {
    fn name(&self) -> &'static str {
        "decay"
    }

    fn parameters(&self) -> &[Parameter] {
        static OTHER: [Parameter; 2] = [
            Parameter::new("capacity", "cases", Role::Other).between(0.0, f64::INFINITY),
            Parameter::new("damping", "per year", Role::Other),
        ];
        static RATE: [Parameter; 2] = [
            Parameter::new("capacity", "cases", Role::Level).between(0.0, f64::INFINITY),
            Parameter::new("damping", "per year", Role::Rate),
        ];
        // Growth that is not damped, of a curve without a ceiling.
        static DAMPING: [Parameter; 2] = [
            Parameter::new("capacity", "cases", Role::Level).between(0.0, f64::INFINITY),
            Parameter::new("damping", "per year", Role::Damping),
        ];
        match self.0 {
            Role::Rate => &RATE,
            Role::Damping => &DAMPING,
            _ => &OTHER,
        }
    }

    fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64 {
        gradient[0] = (-theta[1] * t).exp();
        gradient[1] = -t * theta[0] * gradient[0];
        theta[0] * gradient[0]
    }

    fn starting_guess(&self, points: &[Point], theta: &mut [f64]) {
        theta[0] = points[0].cases;
        theta[1] = 0.0;
    }
}

/// The shipped logistic curve as somebody else would write it: every parameter has another name.
#[derive(Debug, Clone, Copy)]
struct Renamed;

impl GrowthCurve for Renamed {
    fn name(&self) -> &'static str {
        "renamed"
    }

    fn parameters(&self) -> &[Parameter] {
        static PARAMETERS: [Parameter; 3] = [
            Parameter::new("log of the start", "ln cases", Role::Level),
            Parameter::new("increase", "per year", Role::Rate),
            Parameter::new("slowing", "per year", Role::Damping).between(0.0, 10.0),
        ];
        &PARAMETERS
    }

    fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64 {
        Family::Logistic.value_and_gradient(t, theta, gradient)
    }

    fn starting_guess(&self, points: &[Point], theta: &mut [f64]) {
        Family::Logistic.starting_guess(points, theta);
    }

    fn natural_parameters(&self) -> &[Parameter] {
        static PARAMETERS: [Parameter; 3] = [
            Parameter::new("limit", "cases", Role::Ceiling).between(0.0, f64::INFINITY),
            Parameter::new("speed", "per year", Role::Rate),
            Parameter::new("half way", "year", Role::Midpoint),
        ];
        &PARAMETERS
    }

    fn natural(&self, reference_year: f64, theta: &[f64], natural: &mut [f64]) {
        Family::Logistic.natural(reference_year, theta, natural);
    }

    fn natural_gradient(&self, parameter: usize, theta: &[f64], gradient: &mut [f64]) {
        Family::Logistic.natural_gradient(parameter, theta, gradient);
    }
}

fn counts(of: impl Fn(f64) -> f64) -> IncidenceSeries {
    // A ripple, so that there is scatter to estimate.
    let year = |i: i32| {
        let t = f64::from(i);
        (2001 + i, of(t) * (1.0 + 0.01 * (2.3 * t).sin()))
    };
    IncidenceSeries::from_counts("Region", (0..20).map(year)).unwrap()
}

fn identified<C: GrowthCurve>(curve: C, series: &IncidenceSeries) -> IdentifiedFit<C> {
    super::identified(curve, series, &FitOptions::default())
}

fn speaks_of_a_ceiling(cautions: &[Caution]) -> bool {
    cautions.iter().any(|caution| {
        matches!(
            caution,
            Caution::NoCeiling(_) | Caution::CeilingNotIdentified
        )
    })
}

#[test]
fn a_parameter_that_is_called_damping_is_none_for_that() {
    for falls in [true, false] {
        let series = counts(|t| 5_000.0 * ((if falls { -0.04 } else { 0.03 }) * t).exp());
        // The same model, of the shipped family: y = initial·e^(rate·t).
        let shipped = identified(Family::Exponential, &series);
        for role in [Role::Other, Role::Rate, Role::Damping] {
            let own = identified(Decay(role), &series);
            let (values, expected) = (own.parameters(), shipped.parameters());
            for (got, (expected, sign)) in values.iter().zip(expected.iter().zip([1.0, -1.0])) {
                let (errors, got) = (
                    (got.standard_error, expected.standard_error),
                    sign * got.estimate.unwrap(),
                );
                let expected = expected.estimate.unwrap();
                assert!((got / expected - 1.0).abs() < 1e-9, "{got}, {expected}");
                let (got, expected) = (errors.0.unwrap(), errors.1.unwrap());
                assert!((got / expected - 1.0).abs() < 1e-7, "{got}, {expected}");
            }
            let cautions = own.cautions();
            assert!(!speaks_of_a_ceiling(&cautions), "{cautions:?}");
            assert!(!own.curve().has_no_ceiling());
        }
    }
}

#[test]
fn an_own_curve_with_a_ceiling_gets_what_the_shipped_ones_get() {
    let usa = super::usa();
    let (own, shipped) = (
        identified(Renamed, &usa),
        identified(Family::Logistic, &usa),
    );
    let close = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-6;
    for (a, b) in [("limit", "capacity"), ("half way", "midpoint")] {
        let (a, b) = (
            own.profile_interval(a, 0.95),
            shipped.profile_interval(b, 0.95),
        );
        let (a, b) = (a.unwrap(), b.unwrap());
        assert!(close(a.lower.value().unwrap(), b.lower.value().unwrap()));
        assert!(close(a.upper.value().unwrap(), b.upper.value().unwrap()));
    }
    for value in [50_000.0, 60_000.0] {
        let first = usa.first_year();
        let own = Holding::new(Renamed, "limit", value, first).unwrap();
        let shipped = Holding::new(Family::Logistic, "capacity", value, first).unwrap();
        let (own, shipped) = (identified(own, &usa), identified(shipped, &usa));
        assert!(close(
            own.log_likelihood().unwrap(),
            shipped.log_likelihood().unwrap()
        ));
    }
}

#[test]
fn an_own_curve_without_damping_has_no_ceiling() {
    // Growth that speeds up.
    let series = counts(|t| 5_000.0 * (0.01 * t + 0.001 * t * t).exp());
    let (own, shipped) = (
        identified(Renamed, &series),
        identified(Family::Logistic, &series),
    );
    assert!(own.curve().has_no_ceiling());
    for parameter in own.parameters() {
        assert!(parameter.estimate.is_none() && parameter.standard_error.is_none());
    }
    let growth = |cautions: Vec<Caution>| {
        cautions.into_iter().find_map(|caution| match caution {
            Caution::NoCeiling(growth) => growth,
            _ => None,
        })
    };
    let (own, shipped) = (growth(own.cautions()), growth(shipped.cautions()));
    assert!((own.unwrap() / shipped.unwrap() - 1.0).abs() < 1e-9);
}
