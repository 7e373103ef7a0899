//! Nonlinear least squares and Fisher scoring: options, failures, and the way to a verified fit.
//!
//! The iteration is the trust-region form of Levenberg–Marquardt (Moré 1978,
//! doi:10.1007/BFb0067700) on a triangular factor, with box bounds. Where its convergence turns
//! out to be slow, the second derivative of the loss takes over. A point is believed to be a
//! minimum only after [`Verification`].

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::descent::{Descent, Search};
use super::linalg::{MAX_PARAMETERS, Vector};
use super::minimum::Minimum;
use super::objective::{Bounds, Objective};
use super::parameter_set::ParameterSet;
use super::point::Point;
use super::starts::scattered_starts;

/// Distance from a known minimum, in standard errors, from which on a descent from another start is
/// followed no further.
const SAME: f64 = 0.5;

/// How much is checked before a point counts as a minimum.
///
/// The parameters are believed to be a minimum if every check that applies passes:
///
/// | check | what it asks | `Basic` | `WhenFragile` | `Full` |
/// |---|---|---|---|---|
/// | gradient | scaled gradient within [`SolverOptions::gradient_tolerance`] and a Gauss–Newton step that explains less than a thousandth of the residuals, or a step at the level of rounding | always | always | always |
/// | rank | every free parameter determined | always | always | always |
/// | curvature | the second derivative of the loss is positive definite | – | fragile | always |
/// | return | a descent from two standard errors away comes back to within a twentieth of one, or ends at a lower point, which then takes its place | – | fragile | always |
///
/// A fit is fragile if the scaled condition number is above [`FRAGILE_CONDITION`], if it took more
/// than [`FRAGILE_ITERATIONS`] iterations, converged slowly or stopped for want of progress, holds
/// a parameter on a bound, or was rescued by another start.
///
/// With several starts ([`minimise_from`]) and `WhenFragile`, a descent from another start that comes to
/// the minimum stands for the return: it comes from farther away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verification {
    /// Gradient and rank: a few arithmetic operations.
    Basic,
    /// Gradient and rank, and everything else for a fragile fit. A fit that is not fragile pays
    /// nothing for it.
    #[default]
    WhenFragile,
    /// Every check: about as many evaluations again as the fit itself.
    Full,
}

/// Condition number of the column-scaled design above which a fit counts as fragile.
pub const FRAGILE_CONDITION: f64 = 1e5;

/// Number of iterations above which a fit counts as fragile: quadratic-like convergence from a
/// start in the right region needs a third of it.
pub const FRAGILE_ITERATIONS: usize = 40;

/// Limits and tolerances of a fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SolverOptions {
    /// Greatest number of trial steps of one descent, accepted or not. Default 1000: narrow curved
    /// valleys take some hundred, every other problem less than fifty.
    pub max_iterations: usize,
    /// A descent has converged when the step to the minimum is shorter than this many standard
    /// errors (of the direction it takes). Default 1e-10: beyond all use in statistics, so that
    /// what is printed does not depend on the start.
    pub tolerance: f64,
    /// The longest last step, in standard errors, that is taken without looking at where it leads: if
    /// Gauss–Newton steps have shrunk so fast that by their ratio the next one is within `tolerance`.
    /// Standard errors are then those before the step, about this part of themselves away. Default
    /// 1e-9.
    pub unseen_step: f64,
    /// A descent has also converged when the step changes no parameter by more than this, as a
    /// multiple of its value: for fits without residuals, whose standard errors are zero. Default
    /// 1e-14.
    pub step_tolerance: f64,
    /// Largest scaled gradient (see [`Minimum::scaled_gradient`]) at a minimum. Default 1e-6: half
    /// the digits of a double, and hundreds of times below what a plateau shows.
    pub gradient_tolerance: f64,
    /// Condition number of the column-scaled design from which on a parameter counts as not
    /// determined. Default 1e12: of the 16 digits of a double four are left in the estimate.
    pub condition_limit: f64,
    /// Radius of the first trust region, as a multiple of the length of the start scaled with the
    /// columns of the design. Default 1: no parameter is first changed by more than about itself.
    pub initial_radius: f64,
    /// Checks before a point counts as a minimum.
    pub verification: Verification,
    /// Starts to try after the given one failed; see [`minimise`]. Default 12.
    pub rescue_starts: usize,
}

impl Default for SolverOptions {
    fn default() -> Self {
        Self {
            max_iterations: 1000,
            tolerance: 1e-10,
            unseen_step: 1e-9,
            step_tolerance: 1e-14,
            gradient_tolerance: 1e-6,
            condition_limit: 1e12,
            initial_radius: 1.0,
            verification: Verification::default(),
            rescue_starts: 12,
        }
    }
}

impl SolverOptions {
    fn validate(&self) -> Result<(), SolverError> {
        let checks = [
            ("tolerance", self.tolerance, 0.0..1.0),
            ("unseen_step", self.unseen_step, 0.0..1.0),
            ("step_tolerance", self.step_tolerance, 0.0..1.0),
            ("gradient_tolerance", self.gradient_tolerance, 0.0..1.0),
            ("condition_limit", self.condition_limit, 1.0..f64::INFINITY),
            (
                "initial_radius",
                self.initial_radius,
                f64::MIN_POSITIVE..f64::INFINITY,
            ),
        ];
        for (name, value, range) in checks {
            if !range.contains(&value) {
                return Err(SolverError::InvalidOption { name, value });
            }
        }
        if self.max_iterations == 0 {
            return Err(SolverError::InvalidOption {
                name: "max_iterations",
                value: 0.0,
            });
        }
        Ok(())
    }
}

/// Why there is no fit. Parameters and terms are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum SolverError {
    /// The objective has no parameters.
    NoParameters,
    /// The objective has no terms.
    NoTerms,
    /// More than [`MAX_PARAMETERS`] parameters.
    TooManyParameters {
        /// Their number.
        parameters: usize,
    },
    /// Fewer terms than free parameters.
    TooFewTerms {
        /// Number of terms.
        terms: usize,
        /// Number of parameters that are not fixed.
        free: usize,
    },
    /// A start or the bounds have another length than the objective has parameters.
    WrongLength {
        /// `"start"` or `"bounds"`.
        what: &'static str,
        /// The length found.
        found: usize,
        /// The objective's number of parameters.
        parameters: usize,
    },
    /// Bounds that are NaN, crossed or leave no finite number.
    InvalidBounds {
        /// The parameter.
        parameter: usize,
        /// Its lower bound.
        lower: f64,
        /// Its upper bound.
        upper: f64,
    },
    /// An option outside its range.
    InvalidOption {
        /// Name of the field.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// No start was given.
    NoStart,
    /// A coordinate of the start is NaN or infinite.
    StartNotFinite {
        /// The parameter.
        parameter: usize,
        /// Its value.
        value: f64,
    },
    /// The start lies outside the bounds.
    StartOutsideBounds {
        /// The parameter.
        parameter: usize,
        /// Its value.
        value: f64,
        /// Its lower bound.
        lower: f64,
        /// Its upper bound.
        upper: f64,
    },
    /// At the start a term's loss, residual or gradient is NaN, infinite, or too large to be
    /// squared.
    NotFiniteAtStart {
        /// The first such term; none if each is finite but their sum is not.
        term: Option<usize>,
    },
    /// No convergence within the allowed number of steps.
    IterationLimit {
        /// Steps taken.
        iterations: usize,
        /// Scaled gradient at the best point.
        scaled_gradient: f64,
    },
    /// The data do not determine these parameters: the objective does not change along a
    /// combination of them, to working precision.
    Singular {
        /// The parameters involved.
        parameters: ParameterSet,
        /// Condition number of the column-scaled design; infinite if a column is zero.
        condition: f64,
    },
    /// The objective's own code panicked.
    Panicked,
    /// The loss falls towards the edge of the objective's domain: there is no minimum inside.
    AtDomainEdge {
        /// The first term that is not finite just beyond the edge; none if each is finite but their sum
        /// is not.
        term: Option<usize>,
        /// Scaled gradient at the edge.
        scaled_gradient: f64,
    },
    /// The iteration stopped at a point that is not a minimum.
    NotAMinimum {
        /// The check that failed.
        check: Check,
        /// Scaled gradient where it stopped.
        scaled_gradient: f64,
    },
}

/// A check of [`Verification`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Check {
    /// The gradient is not small.
    Gradient,
    /// The second derivative of the loss is not positive definite: a saddle.
    Curvature,
    /// A descent from nearby did not come back.
    Return,
}

impl fmt::Display for SolverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoParameters => f.write_str("the objective has no parameters"),
            Self::NoTerms => f.write_str("the objective has no terms"),
            Self::TooManyParameters { parameters } => {
                write!(
                    f,
                    "{parameters} parameters; at most {MAX_PARAMETERS} are possible"
                )
            }
            Self::TooFewTerms { terms, free } => {
                write!(f, "{terms} terms cannot determine {free} free parameters")
            }
            Self::WrongLength {
                what,
                found,
                parameters,
            } => {
                write!(
                    f,
                    "the {what} have length {found}, the objective has {parameters} parameters"
                )
            }
            Self::InvalidBounds {
                parameter,
                lower,
                upper,
            } => {
                write!(
                    f,
                    "bounds [{lower}, {upper}] of parameter {parameter} hold no finite number"
                )
            }
            Self::InvalidOption { name, value } => {
                write!(f, "solver option {name} = {value} is out of range")
            }
            Self::NoStart => f.write_str("no start was given"),
            Self::Panicked => f.write_str("the objective's own code panicked"),
            Self::StartNotFinite { parameter, value } => {
                write!(f, "start of parameter {parameter} is {value}")
            }
            Self::StartOutsideBounds {
                parameter,
                value,
                lower,
                upper,
            } => write!(
                f,
                "start {value} of parameter {parameter} lies outside its bounds [{lower}, {upper}]"
            ),
            Self::NotFiniteAtStart { term: Some(term) } => {
                write!(f, "term {term} is not finite at the start")
            }
            Self::NotFiniteAtStart { term: None } => {
                f.write_str("the sum over terms is not finite at the start")
            }
            Self::IterationLimit {
                iterations,
                scaled_gradient,
            } => write!(
                f,
                "no convergence in {iterations} steps (scaled gradient {scaled_gradient:.1e})"
            ),
            Self::Singular {
                parameters,
                condition,
            } => write!(
                f,
                "the data do not determine parameters {parameters} (condition {condition:.1e})"
            ),
            Self::AtDomainEdge {
                term,
                scaled_gradient,
            } => {
                f.write_str("the loss falls towards the edge of the domain")?;
                if let Some(term) = term {
                    write!(f, ", beyond which term {term} is not finite")?;
                }
                write!(f, " (scaled gradient {scaled_gradient:.1e})")
            }
            Self::NotAMinimum {
                check,
                scaled_gradient,
            } => {
                let what = match check {
                    Check::Gradient => "its gradient is not zero",
                    Check::Curvature => "the loss curves downwards there",
                    Check::Return => "a descent from nearby does not return to it",
                };
                write!(
                    f,
                    "the iteration stopped at a point that is not a minimum: {what} (scaled gradient {scaled_gradient:.1e})"
                )
            }
        }
    }
}

impl std::error::Error for SolverError {}

/// Where the descent that reached the minimum began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// At the given start; with several, the number of the start counted from 0.
    Start(usize),
    /// At the given start, with short steps that follow the curvature of the model, after the
    /// ordinary descent failed.
    Cautious,
    /// At this point of [`scattered_starts`], counted from 0, after the given start failed.
    Scattered(usize),
}

/// Few parameters have code of their own, with loops of constant length.
macro_rules! with_capacity {
    ($parameters:expr, $capacity:ident => $body:expr) => {{
        macro_rules! within {
            ($size:expr) => {{
                const $capacity: usize = $size;
                $body
            }};
        }
        match $parameters {
            0 | 1 => within!(1),
            2 => within!(2),
            3 => within!(3),
            4 => within!(4),
            _ => within!(MAX_PARAMETERS),
        }
    }};
}

/// Minimises an objective from one start.
///
/// If the descent from a `start` inside the domain fails (it does not converge, runs to where parameters are no longer
/// determined, or stops at a point that is not a minimum), a cautious descent from the same start
/// is tried, then descents from [`SolverOptions::rescue_starts`] points of [`scattered_starts`]. Of
/// those the lowest verified minimum counts, and [`Minimum::origin`] says where it came from. If
/// all of them fail the result is the failure of the given start.
///
/// # Errors
///
/// Any [`SolverError`], a panic of the objective among them; never a point that failed a check of [`SolverOptions::verification`].
pub fn minimise<O: Objective + ?Sized>(
    objective: &O,
    start: &[f64],
    bounds: &Bounds,
    options: &SolverOptions,
) -> Result<Minimum, SolverError> {
    guarded(|| least(objective, start, bounds, options))
}

/// [`minimise`], through which a panic of the objective passes.
pub(crate) fn least<O: Objective + ?Sized>(
    objective: &O,
    start: &[f64],
    bounds: &Bounds,
    options: &SolverOptions,
) -> Result<Minimum, SolverError> {
    with_capacity!(objective.parameters(), K => {
        minimise_within::<K>(&objective, start, bounds, options).map(|minimum| minimum.widened())
    })
}

/// The objective is its author's code: if it panics, that is an error of the fit and not of the
/// caller. Nothing that a panic could leave half done outlives the call.
fn guarded<T>(work: impl FnOnce() -> Result<T, SolverError>) -> Result<T, SolverError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(SolverError::Panicked))
}

/// [`minimise`] with storage for `K` parameters.
fn minimise_within<const K: usize>(
    objective: &dyn Objective,
    start: &[f64],
    bounds: &Bounds,
    options: &SolverOptions,
) -> Result<Minimum<K>, SolverError> {
    let mut search = prepare::<K>(objective, bounds, options)?;
    let start = admit(start, search.k, bounds)?;
    let first = match search.fit(&start, Origin::Start(0)) {
        Ok(minimum) => return Ok(minimum),
        Err(error @ SolverError::NotFiniteAtStart { .. }) => return Err(error),
        Err(error) => error,
    };
    rescue(&mut search, &start).ok_or(first)
}

/// Minimises an objective from several starts and keeps the lowest verified minimum.
///
/// [`Minimum::agreeing_starts`] says how many of the starts came to it: a further start that comes,
/// or is to come with its next step, within half a standard error of the lowest minimum so far is
/// followed no further. Rescue starts are tried,
/// around the first start, only if every given one fails.
///
/// # Errors
///
/// [`SolverError::NoStart`] without a start; the error of the first start if all of them fail; a
/// start of the wrong length or outside the bounds is an error even if others are fine.
pub fn minimise_from<'s, O, I>(
    objective: &O,
    starts: I,
    bounds: &Bounds,
    options: &SolverOptions,
) -> Result<Minimum, SolverError>
where
    O: Objective + ?Sized,
    I: IntoIterator<Item = &'s [f64]>,
{
    guarded(|| least_from(objective, starts, bounds, options))
}

/// [`minimise_from`], through which a panic of the objective passes.
pub(crate) fn least_from<'s, O, I>(
    objective: &O,
    starts: I,
    bounds: &Bounds,
    options: &SolverOptions,
) -> Result<Minimum, SolverError>
where
    O: Objective + ?Sized,
    I: IntoIterator<Item = &'s [f64]>,
{
    with_capacity!(objective.parameters(), K => {
        minimise_from_within::<K, _>(&objective, starts, bounds, options)
            .map(|minimum| minimum.widened())
    })
}

/// [`minimise_from`] with storage for `K` parameters.
fn minimise_from_within<'s, const K: usize, I>(
    objective: &dyn Objective,
    starts: I,
    bounds: &Bounds,
    options: &SolverOptions,
) -> Result<Minimum<K>, SolverError>
where
    I: IntoIterator<Item = &'s [f64]>,
{
    let mut search = prepare::<K>(objective, bounds, options)?;
    let mut best: Option<Minimum<K>> = None;
    let mut failure = None;
    let mut first = None;
    search.more_starts = true;
    for (number, start) in starts.into_iter().enumerate() {
        let start = admit(start, search.k, bounds)?;
        first.get_or_insert(start);
        let origin = Origin::Start(number);
        let found = match &best {
            None => search.fit(&start, origin).map(Some),
            Some(known) => search.fit_unless_known(&start, origin, known),
        };
        match found {
            Ok(Some(minimum)) => keep_lower(&mut best, minimum),
            Ok(None) => best.iter_mut().for_each(Minimum::count_agreeing),
            Err(error) => {
                failure.get_or_insert(error);
            }
        }
    }
    let Some(first) = first else {
        return Err(SolverError::NoStart);
    };
    search.more_starts = false;
    if let Some(minimum) = best.as_mut().filter(|minimum| minimum.owes_return) {
        if minimum.agreeing > 1 {
            minimum.owes_return = false;
            minimum.thorough = true;
        } else {
            match search.fit(&minimum.theta, minimum.origin) {
                Ok(mut again) => {
                    again.iterations += minimum.iterations;
                    *minimum = again;
                }
                Err(error) => {
                    failure.get_or_insert(error);
                    best = None;
                }
            }
        }
    }
    match (best, failure) {
        (Some(mut minimum), _) => {
            minimum.evaluations = search.evaluations;
            Ok(minimum)
        }
        (None, Some(error @ SolverError::NotFiniteAtStart { .. })) => Err(error),
        (None, failure) => {
            rescue(&mut search, &first).ok_or(failure.unwrap_or(SolverError::NoStart))
        }
    }
}

fn rescue<const K: usize>(search: &mut Search<'_, K>, start: &Vector<K>) -> Option<Minimum<K>> {
    if search.options.rescue_starts == 0 {
        return None;
    }
    if let Ok(minimum) = search.fit(start, Origin::Cautious) {
        return Some(minimum);
    }
    let mut best = None;
    let starts = scattered_starts(start, search.bounds, search.options.rescue_starts);
    for (number, scattered) in starts.enumerate() {
        let mut start = [0.0; K];
        start.copy_from_slice(&scattered.0[..K]);
        if let Ok(minimum) = search.fit(&start, Origin::Scattered(number)) {
            keep_lower(&mut best, minimum);
        }
    }
    best
}

/// Keeps the lower of two minima; where they are the same, counts one more start.
fn keep_lower<const K: usize>(best: &mut Option<Minimum<K>>, new: Minimum<K>) {
    match best {
        None => *best = Some(new),
        Some(old) if old.is_same(&new) => old.count_agreeing(),
        Some(old) if new.loss() < old.loss() => *best = Some(new),
        Some(_) => {}
    }
}

fn prepare<'a, const K: usize>(
    objective: &'a dyn Objective,
    bounds: &'a Bounds,
    options: &'a SolverOptions,
) -> Result<Search<'a, K>, SolverError> {
    options.validate()?;
    let (k, n) = (objective.parameters(), objective.terms());
    if k == 0 {
        return Err(SolverError::NoParameters);
    }
    if k > MAX_PARAMETERS {
        return Err(SolverError::TooManyParameters { parameters: k });
    }
    if bounds.len() != k {
        return Err(SolverError::WrongLength {
            what: "bounds",
            found: bounds.len(),
            parameters: k,
        });
    }
    if n == 0 {
        return Err(SolverError::NoTerms);
    }
    let free = (0..k).filter(|j| !bounds.is_fixed(*j)).count();
    if n < free {
        return Err(SolverError::TooFewTerms { terms: n, free });
    }
    Ok(Search::new(objective, bounds, options))
}

fn admit<const K: usize>(
    start: &[f64],
    k: usize,
    bounds: &Bounds,
) -> Result<Vector<K>, SolverError> {
    if start.len() != k {
        return Err(SolverError::WrongLength {
            what: "start",
            found: start.len(),
            parameters: k,
        });
    }
    let mut theta = [0.0; K];
    for (j, value) in start.iter().copied().enumerate() {
        if !value.is_finite() {
            return Err(SolverError::StartNotFinite {
                parameter: j,
                value,
            });
        }
        let (lower, upper) = (bounds.lower()[j], bounds.upper()[j]);
        if value < lower || value > upper {
            return Err(SolverError::StartOutsideBounds {
                parameter: j,
                value,
                lower,
                upper,
            });
        }
        theta[j] = value;
    }
    Ok(theta)
}

impl<const K: usize> Search<'_, K> {
    /// Descends from a start and verifies where it ends.
    fn fit(&mut self, start: &Vector<K>, origin: Origin) -> Result<Minimum<K>, SolverError> {
        let mut current = Point::new(self.k);
        let mut spare = Point::new(self.k);
        current.theta = *start;
        let descent: Descent<K> =
            self.descend(&mut current, &mut spare, origin == Origin::Cautious)?;
        self.verify(&mut current, &mut spare, descent, origin)
    }

    /// The same, but `None` as soon as the descent comes close to a known minimum.
    fn fit_unless_known(
        &mut self,
        start: &Vector<K>,
        origin: Origin,
        known: &Minimum<K>,
    ) -> Result<Option<Minimum<K>>, SolverError> {
        let mut current = Point::new(self.k);
        let mut spare = Point::new(self.k);
        current.theta = *start;
        self.known = Some((known.clone(), SAME));
        let descent = self.descend(&mut current, &mut spare, false);
        self.known = None;
        let descent = descent?;
        if descent.joined {
            return Ok(None);
        }
        self.verify(&mut current, &mut spare, descent, origin)
            .map(Some)
    }
}
