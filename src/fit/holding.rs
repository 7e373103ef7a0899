//! A curve with one of its natural parameters held at a value, exactly.

use crate::curve::{
    BATCH, GrowthCurve, Internals, MAX_PARAMETERS, Parameter, Point, Role, is_shipped, place,
    values_and_gradients,
};
use crate::error::{Error, ErrorKind, Result};

/// Internal parameters on the stack.
type Internal = [f64; MAX_PARAMETERS];

/// A curve with one of its natural parameters held at a value: a ceiling that is stated and not
/// estimated, for instance. It is a curve of its own with one parameter less.
///
/// One internal parameter is no longer free: it is what the held one makes it, given the others. A
/// capacity K takes up the level, u = ln K − ln(K/e^u), a rate the growth, a midpoint the damping or
/// the growth; the derivatives follow from the implicit function theorem. A rate of a Richards curve
/// cannot be held where its shape is 0, nor a midpoint where the curve does not grow: the optimiser steps
/// around such points.
///
/// An internal parameter is held by [`FitOptions::fixed`](super::FitOptions::fixed), and what is
/// known but not exactly by [`FitOptions::priors`](super::FitOptions::priors).
///
/// ```
/// use myeloma_epi::curve::Family;
/// use myeloma_epi::fit::{Fit, FitOptions, Holding, fit};
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let series = IncidenceSeries::from_figures(figures::registered(), "United States")?;
/// let curve = Holding::new(Family::Logistic, "capacity", 60_000.0, series.first_year())?;
/// let Fit::Identified(fit) = fit(curve, &series, &FitOptions::default())? else {
///     unreachable!("two parameters, more figures");
/// };
/// assert_eq!(fit.parameters().len(), 2);
/// assert!((fit.curve().cases(3000.0)? - 60_000.0).abs() < 1e-6);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Holding<C> {
    curve: C,
    name: String,
    /// The natural parameter that is held.
    held: usize,
    value: f64,
    reference_year: f64,
    /// The internal parameter that it takes up.
    eliminated: usize,
    internal: Vec<Parameter>,
    natural: Vec<Parameter>,
}

impl<C: GrowthCurve> Holding<C> {
    /// A curve with a natural parameter held. `first_year` is the calendar year of the first
    /// observation of the series that it is to be fitted to; it matters for a midpoint.
    ///
    /// # Errors
    ///
    /// Where the curve has no such parameter, or nothing but the one, where the value is not in the
    /// parameter's domain, or where no internal parameter determines it.
    pub fn new(curve: C, parameter: &str, value: f64, first_year: i32) -> Result<Self> {
        let names: Vec<&str> = curve
            .natural_parameters()
            .iter()
            .map(|p| &*p.name)
            .collect();
        let Some(held) = names.iter().position(|name| *name == parameter) else {
            let what = format!("natural parameter of the {} curve", curve.name());
            return Err(Error::unknown(what, parameter, names));
        };
        let domain = &curve.natural_parameters()[held];
        if !domain.admits(value) || (is_logarithmic(domain) && value <= 0.0) {
            return Err(Error::out_of_range(
                format!("the held {parameter}"),
                format!("the {} curve", curve.name()),
                value,
                if is_logarithmic(domain) {
                    "finite and above 0".to_owned()
                } else {
                    format!("finite, from {} to {}", domain.lower, domain.upper)
                },
            ));
        }
        Self::avoiding(curve, held, value, f64::from(first_year), &|_| false)
    }

    /// The same for a parameter by its index, without taking up some internal parameters.
    pub(super) fn avoiding(
        curve: C,
        held: usize,
        value: f64,
        reference_year: f64,
        avoid: &dyn Fn(&str) -> bool,
    ) -> Result<Self> {
        let parameter = curve.natural_parameters()[held].name.clone();
        let eliminated = determining(&curve, held, value > reference_year)
            .into_iter()
            .find(|&j| !avoid(&curve.parameters()[j].name))
            .filter(|_| curve.parameters().len() > 1);
        let Some(eliminated) = eliminated else {
            return Err(ErrorKind::Unsuitable(format!(
                "the {parameter} of the {} curve cannot be held: nothing else is free to move with it; \
                 state a prior",
                curve.name()
            ))
            .into());
        };
        let without = |all: &[Parameter], i: usize| {
            let mut all = all.to_vec();
            all.remove(i);
            all
        };
        Ok(Self {
            name: format!("{} ({parameter} {value})", curve.name()),
            held,
            value,
            reference_year,
            eliminated,
            internal: without(curve.parameters(), eliminated),
            natural: without(curve.natural_parameters(), held),
            curve,
        })
    }

    /// The natural parameter that is held.
    fn held(&self) -> &Parameter {
        &self.curve.natural_parameters()[self.held]
    }

    /// The internal parameter that is not free.
    pub(super) const fn eliminated(&self) -> usize {
        self.eliminated
    }

    /// The free internal parameters of a curve near one whose held parameter has another value. A
    /// capacity is met by the damping as far as that goes, so that the curve stays near its figures.
    pub(super) fn near(&self, all: &[f64]) -> Internal {
        let mut all: Internal = std::array::from_fn(|i| all.get(i).copied().unwrap_or(0.0));
        let parameters = self.curve.parameters();
        let held = self.held().role;
        if let Some(damping) = place(parameters, Role::Damping)
            && damping != self.eliminated
        {
            if held == Role::Ceiling
                && let Some(growth) = place(parameters, Role::Rate)
            {
                let start = all[growth].abs();
                if let Some(met) = self.solve(all, damping, start) {
                    all[damping] = met;
                }
            }
            let (lower, upper) = (parameters[damping].lower, parameters[damping].upper);
            let most = if held == Role::Rate {
                0.5 * self.value.abs()
            } else {
                upper
            };
            // Without damping there is neither a capacity nor a midpoint.
            let least = if held == Role::Rate { lower } else { 1e-12 };
            all[damping] = all[damping].min(most).max(least).min(upper);
        }
        if held == Role::Rate
            && let Some(shape) = place(parameters, Role::Shape)
        {
            all[shape] = all[shape].max(0.1);
        }
        self.reduced(&all)
    }

    /// The free ones of all internal parameters.
    pub(super) fn reduced(&self, all: &[f64]) -> Internal {
        std::array::from_fn(|i| {
            all.get(if i < self.eliminated { i } else { i + 1 })
                .copied()
                .unwrap_or(0.0)
        })
    }

    /// All internal parameters, from those that are free.
    pub(super) fn complete(&self, theta: &[f64]) -> Internal {
        let mut all = [0.0; MAX_PARAMETERS];
        for (i, value) in theta.iter().enumerate() {
            all[if i < self.eliminated { i } else { i + 1 }] = *value;
        }
        let start = self.start(&all);
        all[self.eliminated] = self.solve(all, self.eliminated, start).unwrap_or(f64::NAN);
        all
    }

    /// Where the search for the eliminated parameter begins.
    fn start(&self, all: &Internal) -> f64 {
        let of = |role| place(self.curve.parameters(), role).map_or(1.0, |j| all[j]);
        match self.curve.parameters()[self.eliminated].role {
            Role::Rate if self.is_ratio(self.eliminated) => of(Role::Damping),
            Role::Damping if self.is_ratio(self.eliminated) => of(Role::Rate),
            _ => 0.0,
        }
    }

    /// Whether an internal parameter is sought by its logarithm: the held one depends on its ratio to
    /// another.
    fn is_ratio(&self, j: usize) -> bool {
        matches!(
            (self.held().role, self.curve.parameters()[j].role),
            (Role::Midpoint, Role::Rate | Role::Damping) | (Role::Ceiling, Role::Damping)
        )
    }

    /// The value of internal parameter `j` at which the held parameter has its value, by Newton's method:
    /// one step where it is linear (on the logarithm, for a capacity).
    fn solve(&self, mut all: Internal, j: usize, start: f64) -> Option<f64> {
        let k = self.curve.parameters().len();
        let log = is_logarithmic(self.held());
        let ratio = self.is_ratio(j);
        if ratio && start <= 0.0 {
            return None;
        }
        all[j] = start;
        for _ in 0..80 {
            let mut natural = [0.0; MAX_PARAMETERS];
            let mut gradient = [0.0; MAX_PARAMETERS];
            self.curve
                .natural(self.reference_year, &all[..k], &mut natural[..k]);
            self.curve
                .natural_gradient(self.held, &all[..k], &mut gradient[..k]);
            let (found, mut slope) = (natural[self.held], gradient[j]);
            let excess = if log {
                slope /= found;
                (found / self.value).ln()
            } else {
                found - self.value
            };
            if ratio {
                slope *= all[j];
            }
            let step = excess / slope;
            if !step.is_finite() {
                return None;
            }
            let before = all[j];
            let settled = if ratio {
                all[j] *= (-step).clamp(-2.0, 2.0).exp();
                step.abs() < 1e-9
            } else {
                all[j] -= step;
                step.abs() <= 1e-9 * all[j].abs().max(before.abs())
            };
            // Newton's error is squared at each step.
            if settled {
                return all[j].is_finite().then_some(all[j]);
            }
        }
        None
    }

    /// The derivatives of the eliminated parameter by the free ones, −(∂τ/∂θₗ)/(∂τ/∂θⱼ).
    fn slopes(&self, all: &Internal) -> Internal {
        let k = self.internal.len() + 1;
        let mut gradient = [0.0; MAX_PARAMETERS];
        self.curve
            .natural_gradient(self.held, &all[..k], &mut gradient[..k]);
        let by = -gradient[self.eliminated];
        self.reduced(&gradient.map(|derivative| derivative / by))
    }
}

/// Numbers of cases above 0 are held by their logarithm.
fn is_logarithmic(natural: &Parameter) -> bool {
    matches!(natural.role, Role::Ceiling | Role::Level) && natural.lower >= 0.0
}

/// The internal parameters that can make up for a held one, the best first: the same one, those by which it moves one way for any value of the others, then any on which it depends.
fn determining<C: GrowthCurve>(curve: &C, held: usize, ahead: bool) -> Vec<usize> {
    let parameters = curve.parameters();
    let k = parameters.len();
    // A place inside the domain, at which the shipped curves depend on what they depend on.
    let probe: Internal = std::array::from_fn(|j| {
        let (lower, upper) = parameters.get(j).map_or((0.0, 1.0), |p| (p.lower, p.upper));
        0.3_f64.max(lower).min(upper)
    });
    let mut gradient = [0.0; MAX_PARAMETERS];
    curve.natural_gradient(held, &probe[..k], &mut gradient[..k]);
    let held = &curve.natural_parameters()[held];
    let rank = |j: usize| match (held.role, parameters[j].role) {
        _ if held.name == parameters[j].name => 0,
        (Role::Ceiling | Role::Level, Role::Level) | (Role::Rate, Role::Rate) => 1,
        // The midpoint of a curve falls with its damping where it lies ahead, and moves one way with
        // its growth where it lies behind.
        (Role::Midpoint, Role::Damping) if ahead => 1,
        (Role::Midpoint, Role::Rate) if !ahead => 1,
        _ => 2,
    };
    let mut all: Vec<usize> = (0..k).filter(|&j| gradient[j] != 0.0).collect();
    all.sort_by_key(|&j| rank(j));
    all
}

impl<C: GrowthCurve> GrowthCurve for Holding<C> {
    fn name(&self) -> &str {
        &self.name
    }

    fn parameters(&self) -> &[Parameter] {
        &self.internal
    }

    fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let all = self.complete(theta);
        let mut whole = [0.0; MAX_PARAMETERS];
        let value =
            self.curve
                .value_and_gradient(t, &all[..=theta.len()], &mut whole[..=theta.len()]);
        let (direct, slopes) = (self.reduced(&whole), self.slopes(&all));
        for (i, derivative) in gradient.iter_mut().enumerate() {
            *derivative = direct[i] + whole[self.eliminated] * slopes[i];
        }
        value
    }

    fn value(&self, t: f64, theta: &[f64]) -> f64 {
        self.curve.value(t, &self.complete(theta)[..=theta.len()])
    }

    fn starting_guess(&self, points: &[Point], theta: &mut [f64]) {
        let mut all = [0.0; MAX_PARAMETERS];
        self.curve.starting_guess(points, &mut all[..=theta.len()]);
        let near = self.near(&all[..=theta.len()]);
        theta.copy_from_slice(&near[..theta.len()]);
    }

    fn natural_parameters(&self) -> &[Parameter] {
        &self.natural
    }

    fn natural(&self, reference_year: f64, theta: &[f64], natural: &mut [f64]) {
        let all = self.complete(theta);
        let mut whole = [0.0; MAX_PARAMETERS];
        self.curve.natural(
            reference_year,
            &all[..=theta.len()],
            &mut whole[..=theta.len()],
        );
        for (i, to) in natural.iter_mut().enumerate() {
            *to = whole[if i < self.held { i } else { i + 1 }];
        }
    }

    fn natural_gradient(&self, parameter: usize, theta: &[f64], gradient: &mut [f64]) {
        let all = self.complete(theta);
        let of = if parameter < self.held {
            parameter
        } else {
            parameter + 1
        };
        let mut whole = [0.0; MAX_PARAMETERS];
        self.curve
            .natural_gradient(of, &all[..=theta.len()], &mut whole[..=theta.len()]);
        let (direct, slopes) = (self.reduced(&whole), self.slopes(&all));
        for (i, derivative) in gradient.iter_mut().enumerate() {
            *derivative = direct[i] + whole[self.eliminated] * slopes[i];
        }
    }

    fn internals(&self) -> Option<&dyn Internals> {
        Some(self)
    }
}

impl<C: GrowthCurve> Internals for Holding<C> {
    fn is_shipped(&self) -> bool {
        is_shipped(&self.curve)
    }

    // The held parameter is sought once for all times.
    fn values_and_gradients(
        &self,
        times: &[f64],
        theta: &[f64],
        values: &mut [f64],
        gradients: &mut [[f64; BATCH]],
    ) {
        let all = self.complete(theta);
        let slopes = self.slopes(&all);
        let mut whole = [[0.0; BATCH]; MAX_PARAMETERS];
        values_and_gradients(
            &self.curve,
            times,
            &all[..=theta.len()],
            values,
            &mut whole[..=theta.len()],
        );
        for (i, column) in gradients.iter_mut().enumerate().take(theta.len()) {
            let direct = &whole[if i < self.eliminated { i } else { i + 1 }];
            for (n, derivative) in column.iter_mut().enumerate().take(times.len()) {
                *derivative = direct[n] + whole[self.eliminated][n] * slopes[i];
            }
        }
    }
}
