//! Curves of a user's own: what a fit makes of a parameter follows from its role, never from its name.

use myeloma_epi::curve::{Family, GrowthCurve, Parameter, Point, Role};
use myeloma_epi::fit::{Caution, FitOptions, Holding, IdentifiedFit, Likelihood, fit};
use myeloma_epi::projection::Projection;
use myeloma_epi::{IncidenceSeries, ProjectionOptions};

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

/// y = exp(u + g·t), with a fault in one derivative.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Slip {
    None,
    /// The derivative by g has the wrong sign.
    Sign,
    /// The derivative by u is forgotten: the storage is left as it is.
    Forgotten,
    /// The derivative by u is right only where g is 0, as at the curve's own guess.
    AtGuessOnly,
    /// The derivative of the natural parameter "doubling" by g.
    Natural,
    /// The derivative by g stays what it is after 20 years.
    Late,
}

impl GrowthCurve for Slip {
    fn name(&self) -> &'static str {
        "doubling"
    }

    fn parameters(&self) -> &[Parameter] {
        static PARAMETERS: [Parameter; 2] = [
            Parameter::new("u", "ln cases", Role::Level),
            Parameter::new("g", "per year", Role::Rate),
        ];
        &PARAMETERS
    }

    fn natural_parameters(&self) -> &[Parameter] {
        static NATURAL: [Parameter; 2] = [
            Parameter::new("start", "cases", Role::Level).between(0.0, f64::INFINITY),
            Parameter::new("doubling", "per year", Role::Rate),
        ];
        &NATURAL
    }

    fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let value = (theta[0] + theta[1] * t).exp();
        match self {
            Self::Forgotten => {}
            Self::AtGuessOnly => gradient[0] = theta[0].exp(),
            _ => gradient[0] = value,
        }
        gradient[1] = match self {
            Self::Sign => -t * value,
            Self::Late => t.min(20.0) * value,
            _ => t * value,
        };
        value
    }

    fn starting_guess(&self, points: &[Point], theta: &mut [f64]) {
        theta.copy_from_slice(&[points[0].cases.ln(), 0.0]);
    }

    fn natural(&self, _: f64, theta: &[f64], natural: &mut [f64]) {
        natural.copy_from_slice(&[theta[0].exp(), theta[1] / std::f64::consts::LN_2]);
    }

    fn natural_gradient(&self, parameter: usize, theta: &[f64], gradient: &mut [f64]) {
        let slip = if *self == Self::Natural {
            1.0
        } else {
            std::f64::consts::LN_2
        };
        let by = if parameter == 0 {
            [theta[0].exp(), 0.0]
        } else {
            [0.0, 1.0 / slip]
        };
        gradient.copy_from_slice(&by);
    }
}

/// What differences show is said, whether the optimiser would have failed or not: which derivative, where, what it was
/// stated to be and what it is.
#[test]
fn a_wrong_gradient_is_told_as_that() {
    let series = counts(|t| 5_000.0 * (0.03 * t).exp());
    let says = |slip: Slip, parts: &[&str]| {
        let first = fit(slip, &series, &FitOptions::default()).map(drop);
        let holding = || Holding::new(slip, "start", 5_000.0, 2001).unwrap();
        let held = fit(holding(), &series, &FitOptions::default()).map(drop);
        let projected = Projection::of(&slip, &series, &ProjectionOptions::to(2040)).map(drop);
        if parts.is_empty() {
            assert!(first.is_ok() && held.is_ok() && projected.is_ok());
            return;
        }
        for error in [first.unwrap_err(), projected.unwrap_err()] {
            let text = error.to_string();
            for part in parts {
                assert!(text.contains(part), "\"{text}\" does not say \"{part}\"");
            }
        }
        // With u held the derivative by it does not matter.
        if matches!(slip, Slip::Sign) {
            let text = held.unwrap_err().to_string();
            assert!(text.contains("by g is"), "{text}");
        }
    };
    let wrong = "its gradient is wrong";
    says(Slip::None, &[]);
    // t·e^u at t = 3 years: 3·5,000.
    says(
        Slip::Sign,
        &[
            "its value at t = 3 (2004) by g is -1.5",
            "by differences it is 1.5",
            wrong,
        ],
    );
    says(
        Slip::Forgotten,
        &["by u is", "by differences it is 5.0", wrong],
    );
    says(Slip::AtGuessOnly, &["by u is", wrong]);
    // 1 where it is 1/ln 2.
    says(
        Slip::Natural,
        &[
            "the natural parameter doubling by g is 1.0",
            "1.442695e0",
            wrong,
        ],
    );
}

/// A derivative that is wrong beyond the figures only is told where an interval needs it: 22·y in 2023, and not 20·y.
#[test]
fn a_gradient_that_is_wrong_later_is_told_then() {
    let series = counts(|t| 5_000.0 * (0.03 * t).exp());
    let fit = identified(Slip::Late, &series);
    let at = |year| fit.confidence_interval(year, 0.95);
    assert!(at(2015.0).is_ok());
    let text = at(2023.0).unwrap_err().to_string();
    for part in ["at t = 22 (2023) by g", "its gradient is wrong"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(
        identified(Slip::None, &series)
            .confidence_interval(2040.0, 0.95)
            .is_ok()
    );
}

/// y = a + b·max(t − knot, 0); its derivative by the knot at the knot is stated as the one to a side, times a number.
#[derive(Debug, Clone, Copy)]
struct Hinge(f64);

impl GrowthCurve for Hinge {
    fn name(&self) -> &'static str {
        "hinge"
    }

    fn parameters(&self) -> &[Parameter] {
        static PARAMETERS: [Parameter; 3] = [
            Parameter::new("start", "cases", Role::Level),
            Parameter::new("slope", "cases per year", Role::Rate),
            Parameter::new("knot", "years", Role::Other),
        ];
        &PARAMETERS
    }

    fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let after = (t - theta[2]).max(0.0);
        gradient[0] = 1.0;
        gradient[1] = after;
        let of_knot = if after > 0.0 { 1.0 } else { 0.0 };
        gradient[2] = -theta[1]
            * if t.total_cmp(&theta[2]).is_eq() {
                self.0
            } else {
                of_knot
            };
        theta[0] + theta[1] * after
    }

    fn starting_guess(&self, points: &[Point], theta: &mut [f64]) {
        theta[0] = points[0].cases;
        theta[1] = 7.0;
        theta[2] = 0.5 * points[points.len() - 1].t;
    }
}

/// At a kink any derivative between those to either side is right, and others are wrong.
#[test]
fn a_kink_at_a_figure_is_no_wrong_derivative() {
    let counts = [
        100.0, 101.0, 99.0, 100.0, 102.0, 99.0, 100.0, 101.0, 108.0, 114.0, 123.0, 131.0, 138.0,
        144.0, 152.0,
    ];
    let series = IncidenceSeries::from_counts("x", (2000..).zip(counts)).unwrap();
    let options = FitOptions {
        likelihood: Likelihood::Gaussian,
        ..FitOptions::default()
    };
    for stated in [0.0, 0.5, 1.0] {
        let found = fit(Hinge(stated), &series, &options).unwrap();
        // By least squares given the knot and `scipy.optimize.minimize_scalar` over it.
        let knot = found.parameter("knot").unwrap().estimate.unwrap();
        assert!((knot - 6.928_687).abs() < 1e-3, "{stated}: {knot}");
    }
    for wrong in [-1.0, 2.0] {
        let said = fit(Hinge(wrong), &series, &options)
            .unwrap_err()
            .to_string();
        assert!(said.contains("its gradient is wrong"), "{said}");
    }
}
