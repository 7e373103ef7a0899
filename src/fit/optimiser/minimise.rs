//! Nonlinear least squares and Fisher scoring: the way from one or several starts to a verified fit.
//!
//! The iteration is the trust-region form of Levenberg–Marquardt (Moré 1978,
//! doi:10.1007/BFb0067700) on a triangular factor, with box bounds. Where its convergence turns
//! out to be slow, the second derivative of the loss takes over. A point is believed to be a
//! minimum only if every check that applies passes:
//!
//! | check | what it asks | when |
//! |---|---|---|
//! | gradient | scaled gradient within [`GRADIENT_TOLERANCE`](super::tolerances::GRADIENT_TOLERANCE) and a Gauss–Newton step that explains less than a thousandth of the residuals, or a step at the level of rounding | always |
//! | rank | every free parameter determined | always |
//! | return | a descent from two standard errors away comes back to within a twentieth of one, or ends at a lower point, which then takes its place | fragile |
//!
//! A fit is fragile if the scaled condition number is above [`FRAGILE_CONDITION`](super::tolerances::FRAGILE_CONDITION),
//! if it took more than [`FRAGILE_ITERATIONS`](super::tolerances::FRAGILE_ITERATIONS) iterations, converged slowly or
//! stopped for want of progress, holds a parameter on a bound, or was rescued by another start. With several
//! starts, a descent from another start that comes to the minimum stands for the return: it comes from farther away.

use super::descent::{End, Search};
use super::minimum::Minimum;
use super::objective::{Bounds, Objective};
use super::optimiser_error::OptimiserError;
use super::point::Point;
use super::scattered_starts::scattered_starts;
use super::tolerances::OptimiserOptions;
use super::triangle::{MAX_PARAMETERS, Vector};

/// Distance from a known minimum, in standard errors, from which on a descent from another start is
/// followed no further.
const SAME: f64 = 0.5;

/// What a descent starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A given start.
    Given,
    /// A given start, with short steps, after the ordinary descent failed.
    Cautious,
    /// One of [`scattered_starts`], after the given ones failed.
    Scattered,
}

/// Minimises an objective from one start.
///
/// If the descent from a `start` inside the domain fails (it does not converge, runs to where parameters are no longer
/// determined, or stops at a point that is not a minimum), a cautious descent from the same start
/// is tried, then descents from [`OptimiserOptions::rescue_starts`] points of [`scattered_starts`]. Of
/// those the lowest verified minimum counts, and it is marked as rescued. If
/// all of them fail the result is the failure of the given start.
///
/// # Errors
///
/// Any [`OptimiserError`]; never a point that failed a check.
pub(crate) fn minimise(
    objective: &dyn Objective,
    start: &[f64],
    bounds: &Bounds,
    options: &OptimiserOptions,
) -> Result<Minimum, OptimiserError> {
    minimise_from(objective, std::iter::once(start), bounds, options)
}

/// Minimises an objective from several starts and keeps the lowest verified minimum. A start has at least as many
/// entries as there are parameters.
///
/// [`Minimum::agreeing`] says how many of the starts came to it: a further start that comes,
/// or is to come with its next step, within half a standard error of the lowest minimum so far is
/// followed no further. Rescue starts are tried,
/// around the first start, only if every given one fails.
///
/// # Errors
///
/// [`OptimiserError::NoStart`] without a start; the error of the first start if all of them fail.
pub(crate) fn minimise_from(
    objective: &dyn Objective,
    starts: impl Iterator<Item: AsRef<[f64]>>,
    bounds: &Bounds,
    options: &OptimiserOptions,
) -> Result<Minimum, OptimiserError> {
    // Few parameters have code of their own, with loops of constant length.
    match objective.parameters() {
        0 | 1 => within::<1>(objective, starts, bounds, options),
        2 => within::<2>(objective, starts, bounds, options),
        3 => within::<3>(objective, starts, bounds, options),
        4 => within::<4>(objective, starts, bounds, options),
        _ => within::<MAX_PARAMETERS>(objective, starts, bounds, options),
    }
}

/// [`minimise_from`] with storage for `K` parameters.
fn within<const K: usize>(
    objective: &dyn Objective,
    starts: impl Iterator<Item: AsRef<[f64]>>,
    bounds: &Bounds,
    options: &OptimiserOptions,
) -> Result<Minimum, OptimiserError> {
    let mut search = Search::<K>::new(objective, bounds, options);
    let mut starts = starts.peekable();
    let mut best: Option<Minimum<K>> = None;
    let mut failure = None;
    let mut first = None;
    while let Some(start) = starts.next() {
        search.more_starts = best.is_some() || starts.peek().is_some();
        let mut theta = [0.0; K];
        theta[..search.k].copy_from_slice(&start.as_ref()[..search.k]);
        if theta.iter().any(|x| !x.is_finite()) {
            return Err(OptimiserError::NotFiniteAtStart { term: None });
        }
        bounds.project(&mut theta);
        first.get_or_insert(theta);
        match search.fit(&theta, Origin::Given, best.as_ref()) {
            Ok(Some(minimum)) => keep_lower(&mut best, minimum),
            Ok(None) => best.iter_mut().for_each(|known| known.agreeing += 1),
            Err(error) => {
                failure.get_or_insert(error);
            }
        }
    }
    search.more_starts = false;
    if let Some(minimum) = best.as_mut().filter(|minimum| minimum.owes_return) {
        if minimum.agreeing > 1 {
            minimum.owes_return = false;
            minimum.thorough = true;
        } else {
            match search.fit(&minimum.theta, Origin::Given, None) {
                Ok(Some(mut again)) => {
                    again.iterations += minimum.iterations;
                    *minimum = again;
                }
                Ok(None) => {}
                Err(error) => {
                    failure.get_or_insert(error);
                    best = None;
                }
            }
        }
    }
    let first = first.ok_or(OptimiserError::NoStart)?;
    let found = match (best, failure) {
        (Some(minimum), _) => minimum,
        (None, Some(error @ OptimiserError::NotFiniteAtStart { .. })) => return Err(error),
        (None, failure) => {
            rescue(&mut search, &first).ok_or(failure.unwrap_or(OptimiserError::NoStart))?
        }
    };
    let mut minimum = found.widened();
    minimum.evaluations = search.evaluations;
    Ok(minimum)
}

fn rescue<const K: usize>(search: &mut Search<'_, K>, start: &Vector<K>) -> Option<Minimum<K>> {
    if search.options.rescue_starts == 0 {
        return None;
    }
    if let Ok(Some(minimum)) = search.fit(start, Origin::Cautious, None) {
        return Some(minimum);
    }
    let mut best = None;
    let count = search.options.rescue_starts;
    for scattered in scattered_starts(&start[..search.k], search.bounds, count) {
        let mut start = [0.0; K];
        start.copy_from_slice(&scattered[..K]);
        if let Ok(Some(minimum)) = search.fit(&start, Origin::Scattered, None) {
            keep_lower(&mut best, minimum);
        }
    }
    best
}

/// Keeps the lower of two minima; where they are the same, counts one more start.
fn keep_lower<const K: usize>(best: &mut Option<Minimum<K>>, new: Minimum<K>) {
    match best {
        None => *best = Some(new),
        Some(old) if old.is_same(&new) => old.agreeing += 1,
        Some(old) if new.loss < old.loss => *best = Some(new),
        Some(_) => {}
    }
}

impl<const K: usize> Search<'_, K> {
    /// Descends from a start and verifies where it ends; `None` as soon as the descent comes close to a known minimum.
    fn fit(
        &mut self,
        start: &Vector<K>,
        origin: Origin,
        known: Option<&Minimum<K>>,
    ) -> Result<Option<Minimum<K>>, OptimiserError> {
        let (mut current, mut spare) = (Point::new(self.k), Point::new(self.k));
        current.theta = *start;
        self.known = known.map(|known| (known.clone(), SAME));
        let descent = self.descend(&mut current, &mut spare, origin == Origin::Cautious);
        self.known = None;
        let descent = descent?;
        if descent.end == End::Joined {
            return Ok(None);
        }
        self.verify(&mut current, &mut spare, descent, origin != Origin::Given)
            .map(Some)
    }
}
