//! A curve with some of its parameters held at stated values, exactly.

use serde::{Deserialize, Serialize};

use super::estimator::{Theta, padded};
use super::serialised_fit::StoredHolding;
use crate::curve::{
    BATCH, GrowthCurve, Internals, MAX_PARAMETERS, Parameter, Point, Role, is_shipped, place,
    values_and_gradients,
};
use crate::error::{Error, Result};

/// A curve with some of its parameters held at stated values: a ceiling that is known and not
/// estimated, for instance. It is a curve of its own with fewer parameters, and is fitted, projected and
/// resampled like any other.
///
/// Natural and internal parameters can be held, and any number of them but the last; a name that both have means
/// the natural one. A held internal parameter is a number. For each held natural parameter one internal parameter is
/// no longer free: it is what the held ones make it, given the others. A capacity K takes up the level,
/// u = ln K − ln(K/e^u), or the damping where the level is held too; a rate the growth, a midpoint the damping or the
/// growth. The derivatives follow from the implicit function theorem. Where no curve of the family's domain has the
/// held values (a midpoint of a curve that falls, a damping that would be below 0) it has no value, and the optimiser
/// steps around such points.
///
/// What is known, but not exactly, is stated by [`FitOptions::priors`](super::FitOptions::priors).
///
/// ```
/// use myeloma_epi::curve::Family;
/// use myeloma_epi::fit::{Fit, FitOptions, Holding, fit};
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let series = IncidenceSeries::from_figures(figures::registered(), "United States")?;
/// let curve = Holding::new(Family::Logistic, "capacity", 60_000.0, series.first_year())?;
/// let held = fit(curve, &series, &FitOptions::default())?;
/// assert_eq!(held.parameters().len(), 2);
/// assert!((held.curve().cases(3000.0)? - 60_000.0).abs() < 1e-6);
///
/// // Through the first count, too: one parameter is left.
/// let curve = Holding::new(Family::Logistic, "capacity", 60_000.0, series.first_year())?
///     .and("ln level", 15_000_f64.ln())?;
/// let held = fit(curve, &series, &FitOptions::default())?;
/// assert_eq!(held.internal_parameters().len(), 1);
/// assert!((held.curve().cases(f64::from(series.first_year()))? - 15_000.0).abs() < 1e-6);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
///
/// Serialised it is the curve, the held names with their values, and the first year.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    try_from = "StoredHolding<C>",
    bound(deserialize = "C: GrowthCurve + Deserialize<'de>")
)]
pub struct Holding<C> {
    curve: C,
    /// What is held, in the order in which it was asked for.
    #[serde(rename = "held")]
    stated: Vec<(String, f64)>,
    first_year: i32,
    #[serde(skip)]
    name: String,
    /// Held internal parameters.
    #[serde(skip)]
    constants: Vec<(usize, f64)>,
    /// Held natural parameters.
    #[serde(skip)]
    layers: Vec<Layer>,
    /// The places of the internal parameters that are free, and of the natural ones that are not held.
    #[serde(skip)]
    free: Vec<usize>,
    #[serde(skip)]
    shown: Vec<usize>,
    #[serde(skip)]
    internal: Vec<Parameter>,
    #[serde(skip)]
    natural: Vec<Parameter>,
}

/// A held natural parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Layer {
    /// Its place.
    held: usize,
    value: f64,
    /// The internal parameter that it takes up, given the free ones and what the layers before take up.
    eliminated: usize,
}

impl<C: GrowthCurve> Holding<C> {
    /// A curve with one parameter held. `first_year` is the calendar year of the first observation that is not marked
    /// of the series that it is to be fitted to; it matters for a midpoint, and a fit to a series that begins in
    /// another year is then an error.
    ///
    /// # Errors
    ///
    /// Where the curve has no such parameter, or nothing but the one, where the value is not in the
    /// parameter's domain, or where no internal parameter determines it.
    pub fn new(curve: C, parameter: &str, value: f64, first_year: i32) -> Result<Self> {
        Self::stating(curve, vec![(parameter.to_owned(), value)], first_year)
    }

    /// The same curve with one more parameter held.
    ///
    /// # Errors
    ///
    /// As [`Holding::new`], and where the parameter is held already.
    pub fn and(self, parameter: &str, value: f64) -> Result<Self> {
        let mut stated = self.stated;
        stated.push((parameter.to_owned(), value));
        Self::stating(self.curve, stated, self.first_year)
    }

    pub(super) fn stating(curve: C, stated: Vec<(String, f64)>, first_year: i32) -> Result<Self> {
        let (mut constants, mut held) = (Vec::new(), Vec::new());
        for (i, (name, value)) in stated.iter().enumerate() {
            if stated[..i].iter().any(|(other, _)| other == name) {
                return Err(Error::unsuitable(format!("the {name} is held twice")));
            }
            let place = |all: &[Parameter]| all.iter().position(|p| p.name == *name);
            let (natural, internal) = (curve.natural_parameters(), curve.parameters());
            let parameter = match (place(natural), place(internal)) {
                (Some(i), _) => {
                    held.push((i, *value));
                    &natural[i]
                }
                (None, Some(j)) => {
                    constants.push((j, *value));
                    &internal[j]
                }
                (None, None) => {
                    let names = natural.iter().chain(internal).map(|p| &*p.name);
                    let what = format!("parameter of the {} curve", curve.name());
                    return Err(Error::unknown(what, name, names));
                }
            };
            let positive = place(natural).is_some() && is_logarithmic(parameter);
            if !parameter.admits(*value) || (positive && *value <= 0.0) {
                return Err(Error::out_of_range(
                    format!("the held {name}"),
                    format!("the {} curve", curve.name()),
                    value,
                    if positive {
                        "finite and above 0".to_owned()
                    } else {
                        format!("finite, from {} to {}", parameter.lower, parameter.upper)
                    },
                ));
            }
        }
        Self::built(curve, stated, constants, held, first_year, &[])
    }

    /// A curve with natural parameter `held` at a value, without taking up some internal parameters.
    pub(super) fn avoiding(
        curve: C,
        held: usize,
        value: f64,
        first_year: i32,
        avoid: &[usize],
    ) -> Result<Self> {
        let name = curve.natural_parameters()[held].name.clone().into_owned();
        let (stated, held) = (vec![(name, value)], vec![(held, value)]);
        Self::built(curve, stated, Vec::new(), held, first_year, avoid)
    }

    fn built(
        curve: C,
        stated: Vec<(String, f64)>,
        constants: Vec<(usize, f64)>,
        held: Vec<(usize, f64)>,
        first_year: i32,
        avoid: &[usize],
    ) -> Result<Self> {
        let k = curve.parameters().len();
        let most = k.saturating_sub(constants.len() + 1);
        if constants.len() >= k {
            return Err(Error::unsuitable(format!(
                "every parameter of the {} curve is held: there is nothing to fit",
                curve.name()
            )));
        }
        let mut taken: Vec<usize> = constants.iter().map(|(j, _)| *j).collect();
        taken.extend(avoid);
        let ahead = |value: f64| value > f64::from(first_year);
        let waiting = held.into_iter().map(|(held, value)| {
            let candidates = determining(&curve, held, ahead(value));
            (held, value, candidates)
        });
        let mut waiting: Vec<_> = waiting.collect();
        // Those that fewest can determine first.
        waiting.sort_by_key(|(.., candidates)| candidates.len());
        let mut layers = Vec::new();
        for (held, value, candidates) in waiting {
            let eliminated = candidates.into_iter().find(|j| !taken.contains(j));
            let Some(eliminated) = eliminated.filter(|_| layers.len() < most) else {
                return Err(Error::unsuitable(format!(
                    "the {} of the {} curve cannot be held: nothing else is free to move with it; \
                     state a prior",
                    curve.natural_parameters()[held].name,
                    curve.name()
                )));
            };
            taken.push(eliminated);
            layers.push(Layer {
                held,
                value,
                eliminated,
            });
        }
        let bound = |j: usize| {
            constants.iter().any(|(held, _)| *held == j) || layers.iter().any(|l| l.eliminated == j)
        };
        let free: Vec<usize> = (0..k).filter(|j| !bound(*j)).collect();
        // A natural parameter that depends on nothing but constants is one.
        let varies = |i: usize| {
            let gradient = probe(&curve, i);
            (0..k).any(|j| gradient[j] != 0.0 && !constants.iter().any(|(held, _)| *held == j))
        };
        let shown: Vec<usize> = (0..curve.natural_parameters().len())
            .filter(|i| varies(*i) && !layers.iter().any(|l| l.held == *i))
            .collect();
        let values = stated.iter().map(|(name, x)| format!("{name} {x}"));
        let values: Vec<String> = values.collect();
        let pick =
            |all: &[Parameter], places: &[usize]| places.iter().map(|&i| all[i].clone()).collect();
        Ok(Self {
            name: format!("{} ({})", curve.name(), values.join(", ")),
            internal: pick(curve.parameters(), &free),
            natural: pick(curve.natural_parameters(), &shown),
            curve,
            first_year,
            stated,
            constants,
            layers,
            free,
            shown,
        })
    }

    /// The internal parameters that are not free for a held natural one.
    pub(super) fn eliminated(&self) -> impl Iterator<Item = usize> {
        self.layers.iter().map(|layer| layer.eliminated)
    }

    /// The free internal parameters of a curve near one whose held parameters have other values. A
    /// capacity is met by the damping as far as that goes, so that the curve stays near its figures.
    pub(super) fn near(&self, all: &[f64]) -> Theta {
        let mut all = padded(all);
        let parameters = self.curve.parameters();
        let damping = place(parameters, Role::Damping).filter(|j| self.free.contains(j));
        let Some(damping) = damping else {
            return self.reduced(&all);
        };
        let (lower, upper) = (parameters[damping].lower, parameters[damping].upper);
        for layer in &self.layers {
            let held = self.role(layer);
            if held == Role::Ceiling
                && let Some(growth) = place(parameters, Role::Rate)
            {
                let start = all[growth].abs();
                let alone = Layer {
                    eliminated: damping,
                    ..*layer
                };
                let mut met = all;
                if self.meet(&alone, 0, &mut met, start).is_some() {
                    all[damping] = met[damping];
                }
            }
            // Without damping there is neither a capacity nor a midpoint.
            let (least, most) = match held {
                Role::Rate => (lower, 0.5 * layer.value.abs()),
                _ => (1e-12, upper),
            };
            all[damping] = all[damping].min(most).max(least).min(upper);
        }
        self.reduced(&all)
    }

    /// The free ones of all internal parameters.
    pub(super) fn reduced(&self, all: &Theta) -> Theta {
        let mut some = [0.0; MAX_PARAMETERS];
        for (to, &j) in some.iter_mut().zip(&self.free) {
            *to = all[j];
        }
        some
    }

    /// All internal parameters, from those that are free: NaN where there are none in the domain.
    pub(super) fn complete(&self, theta: &[f64]) -> Theta {
        let mut all = [0.0; MAX_PARAMETERS];
        for (&j, &value) in self.free.iter().zip(theta) {
            all[j] = value;
        }
        for &(j, value) in &self.constants {
            all[j] = value;
        }
        let met = self.settle(self.layers.len(), &mut all);
        let parameters = self.curve.parameters();
        let inside = |layer: &Layer| parameters[layer.eliminated].admits(all[layer.eliminated]);
        if met.is_none() || !self.layers.iter().all(inside) {
            for layer in &self.layers {
                all[layer.eliminated] = f64::NAN;
            }
        }
        all
    }

    fn role(&self, layer: &Layer) -> Role {
        self.curve.natural_parameters()[layer.held].role
    }

    /// Meets the first layers.
    fn settle(&self, depth: usize, all: &mut Theta) -> Option<()> {
        let Some(layer) = self.layers[..depth].last() else {
            return Some(());
        };
        let of = |role| place(self.curve.parameters(), role).map_or(0.0, |j| all[j].abs());
        let start = match self.curve.parameters()[layer.eliminated].role {
            _ if !self.is_ratio(layer) => 0.0,
            Role::Rate => of(Role::Damping),
            _ => of(Role::Rate),
        };
        self.meet(layer, depth - 1, all, start)
    }

    /// Whether an internal parameter is sought by its logarithm: the held one depends on its ratio to
    /// another.
    fn is_ratio(&self, layer: &Layer) -> bool {
        let eliminated = self.curve.parameters()[layer.eliminated].role;
        match self.role(layer) {
            Role::Midpoint => matches!(eliminated, Role::Rate | Role::Damping),
            Role::Ceiling => eliminated == Role::Damping,
            _ => false,
        }
    }

    /// Gives the eliminated parameter of a layer the value at which the held one has its own, while the first `depth`
    /// layers follow: by Newton's method, which takes one step where it is linear (on the logarithm, for a capacity).
    fn meet(&self, layer: &Layer, depth: usize, all: &mut Theta, start: f64) -> Option<()> {
        let (j, ratio) = (layer.eliminated, self.is_ratio(layer));
        let log = is_logarithmic(&self.curve.natural_parameters()[layer.held]);
        let mut at = |value: f64| {
            all[j] = value;
            self.settle(depth, all)?;
            let found = self.natural_of(layer.held, all);
            let mut slope = self.follow(self.gradient_of(layer.held, all), depth, all)[j];
            let excess = if log {
                slope /= found;
                (found / layer.value).ln()
            } else {
                found - layer.value
            };
            let step = excess / if ratio { slope * value } else { slope };
            step.is_finite().then_some(step)
        };
        let starts = [start, 0.1, 1e-3, 1.0, -0.1].into_iter();
        let mut starts = starts.filter(|start| !ratio || *start > 0.0);
        let (mut value, mut step) = starts.find_map(|start| Some((start, at(start)?)))?;
        for _ in 0..80 {
            let moved = |step: f64| {
                if ratio {
                    value * (-step).clamp(-2.0, 2.0).exp()
                } else {
                    value - step
                }
            };
            let next = moved(step);
            let size = if ratio {
                1.0
            } else {
                next.abs().max(value.abs())
            };
            // Newton's error is squared at each step.
            if step.abs() <= 1e-9 * size {
                at(next)?;
                return Some(());
            }
            // A step that leaves the domain is too long.
            let shorter = (0..40).map(|halvings| step * 0.5_f64.powi(halvings));
            (value, step) = shorter
                .map(&moved)
                .find_map(|next| Some((next, at(next)?)))?;
        }
        None
    }

    fn natural_of(&self, i: usize, all: &Theta) -> f64 {
        self.natural_at(f64::from(self.first_year), all)[i]
    }

    /// The natural parameters of the curve itself.
    fn natural_at(&self, reference_year: f64, all: &Theta) -> Theta {
        let mut natural = [0.0; MAX_PARAMETERS];
        let n = self.curve.natural_parameters().len();
        let all = &all[..self.curve.parameters().len()];
        self.curve.natural(reference_year, all, &mut natural[..n]);
        natural
    }

    fn gradient_of(&self, i: usize, all: &Theta) -> Theta {
        let mut gradient = [0.0; MAX_PARAMETERS];
        let k = self.curve.parameters().len();
        self.curve
            .natural_gradient(i, &all[..k], &mut gradient[..k]);
        gradient
    }

    /// The derivatives of a layer's held parameter by all internal ones, over that by the eliminated one, while the
    /// layers before follow.
    fn row(&self, depth: usize, all: &Theta) -> Theta {
        let layer = &self.layers[depth];
        let gradient = self.follow(self.gradient_of(layer.held, all), depth, all);
        gradient.map(|derivative| derivative / gradient[layer.eliminated])
    }

    /// Derivatives of something by each internal parameter while the first layers follow: what the eliminated ones
    /// do goes to the others.
    fn follow(&self, mut gradient: Theta, depth: usize, all: &Theta) -> Theta {
        for (i, layer) in self.layers[..depth].iter().enumerate() {
            let by = gradient[layer.eliminated];
            if by == 0.0 {
                continue;
            }
            for (derivative, of) in gradient.iter_mut().zip(self.row(i, all)) {
                *derivative -= by * of;
            }
            gradient[layer.eliminated] = 0.0;
        }
        gradient
    }
}

/// Growth and damping of a curve that is as good as constant: a part in a billion in a thousand years.
const NO_GROWTH: f64 = 1e-12;

/// Numbers of cases above 0 are held by their logarithm.
fn is_logarithmic(natural: &Parameter) -> bool {
    matches!(natural.role, Role::Ceiling | Role::Level) && natural.lower >= 0.0
}

/// The derivatives of a natural parameter at a place inside the domain, at which the shipped curves depend on what
/// they depend on.
fn probe<C: GrowthCurve>(curve: &C, natural: usize) -> Theta {
    let parameters = curve.parameters();
    let inside = parameters.iter().map(|p| 0.3_f64.max(p.lower).min(p.upper));
    let mut gradient = [0.0; MAX_PARAMETERS];
    let theta: Vec<f64> = inside.collect();
    curve.natural_gradient(natural, &theta, &mut gradient[..theta.len()]);
    gradient
}

/// The internal parameters that can make up for a held one, the best first: those by which it moves one way for
/// any value of the others, then any on which it depends.
fn determining<C: GrowthCurve>(curve: &C, held: usize, ahead: bool) -> Vec<usize> {
    let parameters = curve.parameters();
    let gradient = probe(curve, held);
    let held = curve.natural_parameters()[held].role;
    let shaped = place(parameters, Role::Shape).is_some();
    let rank = |j: usize| match (held, parameters[j].role) {
        (Role::Ceiling | Role::Level, Role::Level) => 0,
        (Role::Ceiling, Role::Damping) => 1,
        // The rate κ + v·g says nothing of the growth where the shape v is 0.
        (Role::Rate, Role::Rate) => usize::from(shaped),
        (Role::Rate, Role::Damping) => usize::from(!shaped),
        // The midpoint of a curve falls with its damping where it lies ahead, and moves one way with
        // its growth where it lies behind.
        (Role::Midpoint, Role::Damping) => usize::from(!ahead),
        (Role::Midpoint, Role::Rate) => usize::from(ahead),
        (held, role) if held == role => 0,
        (_, Role::Shape) => 3,
        _ => 2,
    };
    let depends = |j: &usize| gradient[*j] != 0.0;
    let mut all: Vec<usize> = (0..parameters.len()).filter(depends).collect();
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
        let k = self.curve.parameters().len();
        let mut whole = [0.0; MAX_PARAMETERS];
        let value = self.curve.value_and_gradient(t, &all[..k], &mut whole[..k]);
        let reduced = self.reduced(&self.follow(whole, self.layers.len(), &all));
        gradient.copy_from_slice(&reduced[..gradient.len()]);
        value
    }

    fn value(&self, t: f64, theta: &[f64]) -> f64 {
        let all = self.complete(theta);
        self.curve.value(t, &all[..self.curve.parameters().len()])
    }

    /// The curve's own guess with the held values, or near it where no curve has both.
    fn starting_guess(&self, points: &[Point], theta: &mut [f64]) {
        let k = self.curve.parameters().len();
        let mut all = [0.0; MAX_PARAMETERS];
        self.curve.starting_guess(points, &mut all[..k]);
        let near = self.near(&all[..k]);
        theta.copy_from_slice(&near[..theta.len()]);
        let exists = |theta: &[f64]| self.complete(theta)[..k].iter().all(|x| x.is_finite());
        if exists(theta) {
            return;
        }
        // Other growths and shapes, where these are free.
        let [growth, shape] = [Role::Rate, Role::Shape].map(|role| place(&self.internal, role));
        let own = |i: Option<usize>| i.map_or(0.0, |i| near[i]);
        for with_shape in [own(shape), 0.0, 1.0] {
            for rate in [own(growth), 0.1, -0.1, 0.01, -0.01] {
                let mut other = near;
                for (i, value) in [(growth, rate), (shape, with_shape)] {
                    if let Some(i) = i {
                        other[i] = value;
                    }
                }
                if exists(&other[..theta.len()]) {
                    theta.copy_from_slice(&other[..theta.len()]);
                    return;
                }
            }
        }
    }

    fn natural_parameters(&self) -> &[Parameter] {
        &self.natural
    }

    fn natural(&self, reference_year: f64, theta: &[f64], natural: &mut [f64]) {
        let whole = self.natural_at(reference_year, &self.complete(theta));
        for (&i, to) in self.shown.iter().zip(natural) {
            *to = whole[i];
        }
    }

    fn natural_gradient(&self, parameter: usize, theta: &[f64], gradient: &mut [f64]) {
        let all = self.complete(theta);
        let whole = self.gradient_of(self.shown[parameter], &all);
        let reduced = self.reduced(&self.follow(whole, self.layers.len(), &all));
        gradient.copy_from_slice(&reduced[..gradient.len()]);
    }

    fn internals(&self) -> Option<&dyn Internals> {
        Some(self)
    }
}

impl<C: GrowthCurve> Internals for Holding<C> {
    fn is_shipped(&self) -> bool {
        is_shipped(&self.curve)
    }

    // What is special about a shape that is held leaves all other parameters free; of the special cases those remain that fix
    // one free parameter and nothing that is held.
    fn nested(
        &self,
        which: usize,
        points: &[Point],
        theta: &mut [f64],
    ) -> Option<&'static [usize]> {
        const ALONE: [&[usize]; 4] = [&[0], &[1], &[2], &[3]];
        let is_shape = |layer: &Layer| self.role(layer) == Role::Shape;
        if !self.constants.is_empty() || self.layers.is_empty() || !self.layers.iter().all(is_shape)
        {
            return None;
        }
        let curve = self.curve.internals()?;
        let mut all = [0.0; MAX_PARAMETERS];
        let k = self.curve.parameters().len();
        let mut place = |i: usize| {
            let fixed = curve.nested(i, points, &mut all[..k])?;
            let free = |j: &usize| self.free.iter().position(|free| free == j);
            let mut places = fixed.iter().filter_map(free);
            let first = places
                .next()
                .filter(|_| fixed.first().is_some_and(|j| free(j).is_some()));
            Some(first.filter(|_| places.next().is_none()))
        };
        let mut remaining = (0..).map_while(&mut place).flatten();
        let at = remaining.nth(which)?;
        drop(remaining);
        theta.copy_from_slice(&self.reduced(&all)[..theta.len()]);
        ALONE.get(at).copied()
    }

    // With a capacity or a midpoint held growth and damping go to 0 together, at the ratio that these ask for: a point of the
    // domain's corner, which no descent can stop at.
    fn flat(&self, level: f64, theta: &mut [f64]) -> bool {
        let parameters = self.curve.parameters();
        let places = [Role::Level, Role::Rate, Role::Damping].map(|role| place(parameters, role));
        let [Some(at_level), Some(growth), Some(damping)] = places else {
            return false;
        };
        let held = |role| self.layers.iter().find(|layer| self.role(layer) == role);
        let (ceiling, midpoint) = (held(Role::Ceiling), held(Role::Midpoint));
        let is_constant = |j: usize| self.constants.iter().any(|(held, _)| *held == j);
        if ceiling.or(midpoint).is_none()
            || held(Role::Rate).is_some()
            || is_constant(growth)
            || is_constant(damping)
        {
            return false;
        }
        let mut all = [0.0; MAX_PARAMETERS];
        (all[at_level], all[growth], all[damping]) = (level.ln(), NO_GROWTH, NO_GROWTH);
        if let Some(shape) = place(parameters, Role::Shape) {
            // Any one will do.
            all[shape] = held(Role::Shape).map_or(1.0, |layer| layer.value);
        }
        for &(j, value) in &self.constants {
            all[j] = value;
        }
        if let (Some(ceiling), None) = (ceiling, midpoint) {
            let rise = ceiling.value.ln() - all[at_level];
            all[growth] = if rise.abs() < 1e-9 {
                0.0
            } else {
                NO_GROWTH.copysign(rise)
            };
            let alone = Layer {
                eliminated: damping,
                ..*ceiling
            };
            if all[growth] != 0.0 && self.meet(&alone, 0, &mut all, NO_GROWTH).is_none() {
                return false;
            }
        }
        theta.copy_from_slice(&self.reduced(&all)[..theta.len()]);
        let found = self.complete(theta);
        found[..parameters.len()].iter().all(|x| x.is_finite())
    }

    fn first_year(&self) -> Option<i32> {
        let is_year = |layer: &Layer| self.role(layer) == Role::Midpoint;
        if self.layers.iter().any(is_year) {
            return Some(self.first_year);
        }
        self.curve.internals()?.first_year()
    }

    // The held parameters are sought once for all times.
    fn values_and_gradients(
        &self,
        times: &[f64],
        theta: &[f64],
        values: &mut [f64],
        gradients: &mut [[f64; BATCH]],
    ) {
        let all = self.complete(theta);
        let k = self.curve.parameters().len();
        let mut whole = [[0.0; BATCH]; MAX_PARAMETERS];
        values_and_gradients(&self.curve, times, &all[..k], values, &mut whole[..k]);
        for (i, layer) in self.layers.iter().enumerate() {
            let by = whole[layer.eliminated];
            for (column, of) in whole[..k].iter_mut().zip(self.row(i, &all)) {
                for (derivative, by) in column.iter_mut().zip(by) {
                    *derivative -= by * of;
                }
            }
        }
        for (column, &j) in gradients.iter_mut().zip(&self.free) {
            *column = whole[j];
        }
    }
}
