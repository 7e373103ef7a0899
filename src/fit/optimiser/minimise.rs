//! Nonlinear least squares and Fisher scoring: the way from one or several starts to a verified fit.
//!
//! The iteration is the trust-region form of Levenberg–Marquardt (Moré 1978,
//! doi:10.1007/BFb0067700) on a triangular factor, with box bounds. Where its convergence turns
//! out to be slow, the second derivative of the loss takes over. A point is believed to be a
//! minimum only after [`Verification`].

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::descent::{Descent, Search};
use super::error::SolverError;
use super::linalg::{MAX_PARAMETERS, Vector};
use super::minimum::Minimum;
use super::objective::{Bounds, Objective};
use super::options::SolverOptions;
use super::point::Point;
use super::starts::scattered_starts;

/// Distance from a known minimum, in standard errors, from which on a descent from another start is
/// followed no further.
const SAME: f64 = 0.5;

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
    if let Some(value) = objective.residual_deviation()
        && !(value > 0.0 && value.is_finite())
    {
        return Err(SolverError::InvalidDeviation { value });
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
