//! Nonlinear least squares and Fisher scoring: the way from one or several starts to a verified fit.
//!
//! The iteration is the trust-region form of Levenberg–Marquardt (Moré 1978,
//! doi:10.1007/BFb0067700) on a triangular factor, with box bounds. Where its convergence turns
//! out to be slow, the second derivative of the loss takes over. A point is believed to be a
//! minimum only if every check that applies passes:
//!
//! | check | what it asks | when |
//! |---|---|---|
//! | gradient | scaled gradient within [`OptimiserOptions::gradient_tolerance`] and a Gauss–Newton step that explains less than a thousandth of the residuals, or a step at the level of rounding | always |
//! | rank | every free parameter determined | always |
//! | curvature | the second derivative of the loss is positive definite | fragile |
//! | return | a descent from two standard errors away comes back to within a twentieth of one, or ends at a lower point, which then takes its place | fragile |
//!
//! A fit is fragile if the scaled condition number is above [`FRAGILE_CONDITION`](super::options::FRAGILE_CONDITION),
//! if it took more than [`FRAGILE_ITERATIONS`](super::options::FRAGILE_ITERATIONS) iterations, converged slowly or
//! stopped for want of progress, holds a parameter on a bound, or was rescued by another start. With several
//! starts, a descent from another start that comes to the minimum stands for the return: it comes from farther away.

use super::descent::{Descent, Search};
use super::error::OptimiserError;
use super::linalg::{MAX_PARAMETERS, Vector};
use super::minimum::Minimum;
use super::objective::{Bounds, Objective};
use super::options::OptimiserOptions;
use super::point::Point;
use super::starts::scattered_starts;

/// Distance from a known minimum, in standard errors, from which on a descent from another start is
/// followed no further.
const SAME: f64 = 0.5;

/// Where the descent that reached the minimum began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Origin {
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
/// is tried, then descents from [`OptimiserOptions::rescue_starts`] points of [`scattered_starts`]. Of
/// those the lowest verified minimum counts, and [`Minimum::origin`] says where it came from. If
/// all of them fail the result is the failure of the given start.
///
/// # Errors
///
/// Any [`OptimiserError`]; never a point that failed a check.
pub(crate) fn minimise<O: Objective + ?Sized>(
    objective: &O,
    start: &[f64],
    bounds: &Bounds,
    options: &OptimiserOptions,
) -> Result<Minimum, OptimiserError> {
    with_capacity!(objective.parameters(), K => {
        minimise_within::<K>(&objective, start, bounds, options).map(|minimum| minimum.widened())
    })
}

/// [`minimise`] with storage for `K` parameters.
fn minimise_within<const K: usize>(
    objective: &dyn Objective,
    start: &[f64],
    bounds: &Bounds,
    options: &OptimiserOptions,
) -> Result<Minimum<K>, OptimiserError> {
    let mut search = prepare::<K>(objective, bounds, options)?;
    let start = admit(start, search.k, bounds)?;
    let first = match search.fit(&start, Origin::Start(0)) {
        Ok(minimum) => return Ok(minimum),
        Err(error @ OptimiserError::NotFiniteAtStart { .. }) => return Err(error),
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
/// [`OptimiserError::NoStart`] without a start; the error of the first start if all of them fail; a
/// start of the wrong length or outside the bounds is an error even if others are fine.
pub(crate) fn minimise_from<'s, O, I>(
    objective: &O,
    starts: I,
    bounds: &Bounds,
    options: &OptimiserOptions,
) -> Result<Minimum, OptimiserError>
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
    options: &OptimiserOptions,
) -> Result<Minimum<K>, OptimiserError>
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
        return Err(OptimiserError::NoStart);
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
        (None, Some(error @ OptimiserError::NotFiniteAtStart { .. })) => Err(error),
        (None, failure) => {
            rescue(&mut search, &first).ok_or(failure.unwrap_or(OptimiserError::NoStart))
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
    options: &'a OptimiserOptions,
) -> Result<Search<'a, K>, OptimiserError> {
    options.validate()?;
    let (k, n) = (objective.parameters(), objective.terms());
    if k == 0 {
        return Err(OptimiserError::NoParameters);
    }
    if k > MAX_PARAMETERS {
        return Err(OptimiserError::TooManyParameters { parameters: k });
    }
    if bounds.len() != k {
        return Err(OptimiserError::WrongLength {
            what: "bounds",
            found: bounds.len(),
            parameters: k,
        });
    }
    if n == 0 {
        return Err(OptimiserError::NoTerms);
    }
    if let Some(value) = objective.residual_deviation()
        && !(value > 0.0 && value.is_finite())
    {
        return Err(OptimiserError::InvalidDeviation { value });
    }
    let free = (0..k).filter(|j| !bounds.is_fixed(*j)).count();
    if n < free {
        return Err(OptimiserError::TooFewTerms { terms: n, free });
    }
    Ok(Search::new(objective, bounds, options))
}

fn admit<const K: usize>(
    start: &[f64],
    k: usize,
    bounds: &Bounds,
) -> Result<Vector<K>, OptimiserError> {
    if start.len() != k {
        return Err(OptimiserError::WrongLength {
            what: "start",
            found: start.len(),
            parameters: k,
        });
    }
    let mut theta = [0.0; K];
    for (j, value) in start.iter().copied().enumerate() {
        if !value.is_finite() {
            return Err(OptimiserError::StartNotFinite {
                parameter: j,
                value,
            });
        }
        let (lower, upper) = (bounds.lower()[j], bounds.upper()[j]);
        if value < lower || value > upper {
            return Err(OptimiserError::StartOutsideBounds {
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
    fn fit(&mut self, start: &Vector<K>, origin: Origin) -> Result<Minimum<K>, OptimiserError> {
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
    ) -> Result<Option<Minimum<K>>, OptimiserError> {
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
