//! One descent: the trust-region iteration from a start to a stationary point.

use super::block::{BLOCK_ROWS, Rows};
use super::curvature::Curvature;
use super::local::{Local, scaled_gradient};
use super::minimum::Minimum;
use super::objective::{Bounds, Objective};
use super::optimiser_error::OptimiserError;
use super::parameter_set::ParameterSet;
use super::point::Point;
use super::tolerances::{INITIAL_RADIUS, MAX_ITERATIONS, OptimiserOptions, STEP_TOLERANCE};
use super::triangle::Vector;
use super::trust_region::Region;

/// A Gauss–Newton step longer than this part of the one before is slow convergence.
const SLOW: f64 = 0.2;

/// Damped steps in a row that are slow convergence too, near a minimum: there the full step fails
/// only if the second derivative is far from its Gauss–Newton part.
const DAMPED: usize = 3;

/// Standard errors, by parameter, within which the second derivative is measured: farther out it says
/// little about the minimum, and its price is an evaluation a parameter.
const CLOSE: f64 = 0.05;

/// Steps to wait before the second derivative is measured again after it was of no use; twice as many
/// after each such measurement.
const NEWTON_PAUSE: usize = 4;

/// Standard errors from the minimum below which there is no better.
const SETTLED: f64 = 1e-9;

/// Part of the predicted decrease of the loss from which on a step is taken.
const LEAST_GAIN: f64 = 1e-4;

/// Part of the length before that a step must have, where lengths decide, to be progress.
const SHORTER: f64 = 0.9;

/// Damped steps in a row after which undamped ones are tried against the rise of the loss, and how many; twice as
/// many damped ones after each failure.
const PATIENCE: usize = 12;
const LEAPS: usize = 3;

/// How often a step out of the domain is shortened to a quarter.
const SHORTENINGS: usize = 3;

/// Size of the first trust region of a cautious descent, as part of that of an ordinary one.
const CAUTION: f64 = 0.1;

/// Distance from the minimum, in standard errors, above which a descent that had to end there is
/// not taken at its word.
const NEAR: f64 = 1e-6;

/// Scaled gradient below which a parameter on a bound does not lean away from it.
const LEVEL: f64 = 1e-13;

/// The moving parts of a descent.
struct Path<'p, const K: usize> {
    current: &'p mut Point<K>,
    trial: &'p mut Point<K>,
    /// Whether `current` now is the caller's spare point.
    swapped: bool,
    /// What the triangle of `current` says.
    state: Local<K>,
    region: Region<K>,
    curvature: Option<Curvature<K>>,
    /// Steps until the second derivative may be measured again, and to wait after the next measurement.
    newton_pause: usize,
    next_pause: usize,
    /// Free parameters and length before the last step, if that was a full one.
    previous: Option<(ParameterSet, f64)>,
    /// Damped steps in a row, and after how many of them to try undamped ones.
    crawl: usize,
    patience: usize,
    slow: bool,
    /// Whether the second derivative may yet be asked for because full steps no longer get shorter.
    resort: bool,
    /// The last trial point at which the objective was not finite.
    outside: Option<Vector<K>>,
}

impl<const K: usize> Path<'_, K> {
    fn advance(&mut self, state: Local<K>, full: bool) {
        self.previous = full.then_some((self.state.free, self.state.length));
        self.crawl = if full { 0 } else { self.crawl + 1 };
        std::mem::swap(&mut self.current, &mut self.trial);
        self.swapped = !self.swapped;
        self.region.rescale(&self.current.norms);
        self.state = state;
    }

    /// How the descent ended here.
    fn ended(&self, end: End, iterations: usize) -> Descent<K> {
        let far =
            self.state.length > (NEAR * self.state.sigma).max(1e2 * self.current.resolution());
        Descent {
            end,
            iterations,
            slow: self.slow || far,
            outside: self.outside,
            free: self.state.free,
            scale: *self.region.greatest(),
        }
    }
}

/// What came of a trial step.
enum Attempt<const K: usize> {
    /// The trial point is better; whether the step to it was a full Gauss–Newton one.
    Moved(Local<K>, bool),
    /// It is not.
    Failed,
    /// There is no more to try.
    Ended(End),
}

/// Why a descent stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The step to the minimum is negligible, or of the size of the rounding of the parameters.
    Arrived,
    /// No shorter step lowered the loss, although the step to the minimum is not negligible.
    Stalled,
    /// It came close to the known minimum.
    Joined,
}

/// How a descent ended.
#[derive(Debug, Clone)]
pub(crate) struct Descent<const K: usize> {
    pub(crate) end: End,
    pub(crate) iterations: usize,
    /// Whether its steps shrank slowly.
    pub(crate) slow: bool,
    /// The last trial point at which the objective was not finite.
    pub(crate) outside: Option<Vector<K>>,
    pub(crate) free: ParameterSet,
    /// Greatest norm of each column of the design on the way.
    pub(crate) scale: Vector<K>,
}

/// An objective with its box and options, and the storage that evaluations share.
pub(crate) struct Search<'a, const K: usize> {
    pub(crate) objective: &'a dyn Objective,
    pub(crate) bounds: &'a Bounds,
    pub(crate) options: &'a OptimiserOptions,
    pub(crate) k: usize,
    pub(crate) n: usize,
    pub(crate) evaluations: usize,
    /// The known deviation of the residuals; infinite where there is none.
    pub(crate) deviation: f64,
    pub(crate) block: Rows<K>,
    /// A minimum that a descent need not find again: it ends where it comes closer than so many
    /// standard errors.
    pub(crate) known: Option<(Minimum<K>, f64)>,
    /// Whether further starts follow, so that a descent need not be sent back to its minimum from
    /// nearby: another start that comes there says more.
    pub(crate) more_starts: bool,
}

impl<'a, const K: usize> Search<'a, K> {
    pub(crate) fn new(
        objective: &'a dyn Objective,
        bounds: &'a Bounds,
        options: &'a OptimiserOptions,
    ) -> Self {
        Self {
            objective,
            bounds,
            options,
            k: objective.parameters(),
            n: objective.terms(),
            evaluations: 0,
            deviation: objective.residual_deviation().unwrap_or(f64::INFINITY),
            block: Rows::new(),
            known: None,
            more_starts: false,
        }
    }

    /// Computes loss and triangle at `point.theta`; false where they are not finite.
    pub(crate) fn evaluate(&mut self, point: &mut Point<K>) -> bool {
        // Zero times anything that is not finite is NaN.
        if point.theta.iter().map(|x| 0.0 * x).sum::<f64>().is_nan() {
            return false;
        }
        self.evaluations += 1;
        let Point {
            theta,
            triangle,
            norms,
            descent,
            ..
        } = point;
        let mut loss = 0.0;
        for first in (0..self.n).step_by(BLOCK_ROWS) {
            self.block.fill(self.objective, first, &theta[..self.k]);
            loss += self.block.loss();
            if !loss.is_finite() {
                return false;
            }
            let alone = self.n <= BLOCK_ROWS;
            if alone && triangle.factor_products(&mut self.block, norms, descent) {
                point.loss = loss;
                return true;
            }
            if first == 0 {
                triangle.clear();
            }
            triangle.append(&mut self.block);
        }
        point.loss = loss;
        point.norms = point.triangle.column_norms();
        point.descent = point.triangle.descent();
        point.triangle.is_finite()
    }

    /// The first term that is not finite at `theta`.
    pub(crate) fn offending_term(&self, theta: &Vector<K>) -> Option<usize> {
        let mut row = [0.0; K];
        (0..self.n).find(|i| {
            let term = self
                .objective
                .term(*i, &theta[..self.k], &mut row[..self.k]);
            let squares: f64 = row[..self.k].iter().map(|x| x * x).sum();
            !(term.loss + term.residual * term.residual + squares).is_finite()
        })
    }

    /// The parameters free to move at a point: neither fixed nor pressed against a bound. One that
    /// leans away from its bound by no more than rounding stays there: nothing is gained by leaving.
    pub(crate) fn free_at(&self, point: &Point<K>) -> ParameterSet {
        ParameterSet::filtered(self.k, |j| {
            let (value, direction) = (point.theta[j], point.descent[j]);
            let [lower, upper] = self.bounds.of(j);
            let on_bound = value <= lower || value >= upper;
            let level = || {
                let residual = point.triangle.residual_squares().sqrt();
                direction.abs() <= LEVEL * point.norms[j] * residual
                    || point.is_level(ParameterSet::filtered(self.k, |i| i == j))
            };
            !(on_bound && (self.bounds.blocks(j, value, direction) || level()))
        })
    }

    /// Descends from `current`, which ends as the last point; `spare` is storage. A `cautious` descent keeps its
    /// first steps short.
    pub(crate) fn descend(
        &mut self,
        current: &mut Point<K>,
        spare: &mut Point<K>,
        cautious: bool,
    ) -> Result<Descent<K>, OptimiserError> {
        if !self.evaluate(current) {
            return Err(OptimiserError::NotFiniteAtStart {
                term: self.offending_term(&current.theta),
            });
        }
        let radius = INITIAL_RADIUS * if cautious { CAUTION } else { 1.0 };
        let mut path = Path {
            region: Region::around(&current.norms, &current.theta, radius),
            state: Local::new(self, current),
            current,
            trial: spare,
            swapped: false,
            curvature: None,
            newton_pause: 0,
            next_pause: NEWTON_PAUSE,
            previous: None,
            crawl: 0,
            patience: PATIENCE,
            slow: false,
            resort: true,
            outside: None,
        };
        let result = self.follow(&mut path);
        if path.swapped {
            std::mem::swap(path.current, path.trial);
        }
        result
    }

    fn follow(&mut self, path: &mut Path<'_, K>) -> Result<Descent<K>, OptimiserError> {
        for iterations in 0..MAX_ITERATIONS {
            // A lower point shows that the known minimum is none.
            let lowest = path.current.loss + path.current.loss_noise();
            let end = if self.is_known(&path.current.theta, lowest, path.state.free) {
                Some(End::Joined)
            } else if self.take_last_step(path) || self.converged(path) {
                Some(End::Arrived)
            } else {
                match self.attempt(path) {
                    Attempt::Moved(state, full) => {
                        path.advance(state, full);
                        None
                    }
                    Attempt::Failed => None,
                    Attempt::Ended(end) => Some(end),
                }
            };
            if let Some(end) = end {
                return Ok(path.ended(end, iterations));
            }
        }
        // A search that has lost its way among undetermined parameters says so.
        self.rank(path.current, path.state.free, path.region.greatest())?;
        Err(OptimiserError::IterationLimit {
            iterations: MAX_ITERATIONS,
            scaled_gradient: scaled_gradient(path.current, path.state.free),
        })
    }

    /// Whether a point is close to the known minimum, which is not above `loss`.
    fn is_known(&self, theta: &Vector<K>, loss: f64, free: ParameterSet) -> bool {
        self.known.as_ref().is_some_and(|(known, distance)| {
            known.loss <= loss && known.is_near(*distance, theta, free)
        })
    }

    /// One trial step, of the kind that the path so far calls for.
    fn attempt(&mut self, path: &mut Path<'_, K>) -> Attempt<K> {
        if let Some(attempt) = self.newton(path) {
            return attempt;
        }
        if path.crawl >= path.patience {
            path.crawl = 0;
            if let Some(state) = self.leap(path, LEAPS) {
                path.slow = true;
                return Attempt::Moved(state, true);
            }
            path.patience *= 2;
        }
        self.damped(path)
    }

    /// After a long crawl through a curved valley: takes a few undamped steps, which ignore the
    /// shape of its floor, whatever the loss does on the way (the watchdog of Chamberlain, Powell,
    /// Lemaréchal and Pedersen 1982, Mathematical Programming Studies 16, 1–17). The point is in `path.trial` as soon
    /// as the loss is below the current one; `None` if it never is.
    fn leap(&mut self, path: &mut Path<'_, K>, steps: usize) -> Option<Local<K>> {
        path.trial.theta = path.current.theta;
        let mut state = path.state.clone();
        for _ in 0..steps {
            for (j, p) in state.free.iter().zip(&state.step?) {
                path.trial.theta[j] += p;
            }
            self.bounds.project(&mut path.trial.theta);
            if !self.evaluate(path.trial) {
                return None;
            }
            state = Local::new(self, path.trial);
            if path.trial.loss < path.current.loss {
                return Some(state);
            }
        }
        None
    }

    /// Whether a step inside the box leads anywhere: to the trial point.
    fn moves(&self, path: &mut Path<'_, K>, step: &Vector<K>) -> bool {
        for j in 0..self.k {
            path.trial.theta[j] = path.current.theta[j] + step[j];
        }
        self.bounds.project(&mut path.trial.theta);
        !path.trial.is_at(path.current)
    }

    /// The damped step of the trust region.
    fn damped(&mut self, path: &mut Path<'_, K>) -> Attempt<K> {
        let Some(mut step) = path.region.step(path.current, &path.state, self.bounds) else {
            return Attempt::Ended(End::Stalled);
        };
        // A step out of the domain is shortened before it is turned: the linear model may be right
        // about the direction.
        for tries in 0..=SHORTENINGS {
            if !self.moves(path, &step.p) {
                let end = if step.full {
                    End::Arrived
                } else {
                    End::Stalled
                };
                return Attempt::Ended(end);
            }
            // There is no need to look at a point whose neighbourhood is known.
            if self.is_known(&path.trial.theta, path.current.loss, path.state.free) {
                return Attempt::Ended(End::Joined);
            }
            if self.evaluate(path.trial) {
                break;
            }
            path.outside = Some(path.trial.theta);
            path.region.shrink(step.length);
            if tries == SHORTENINGS {
                return Attempt::Failed;
            }
            step.shorten(&path.current.triangle);
        }
        let gain = path.current.loss - path.trial.loss;
        let noise = path.current.loss_noise();
        let next = Local::new(self, path.trial);
        // Far above the noise the losses decide.
        if step.predicted > 8.0 * noise {
            let ratio = gain / step.predicted;
            path.region.update(ratio, &step);
            if ratio > LEAST_GAIN {
                return Attempt::Moved(next, step.full);
            }
            return Attempt::Failed;
        }
        // The losses cannot tell the two points apart; the length of the step to the minimum can.
        let comparable = next.free == path.state.free;
        let shorter = comparable && next.length < SHORTER * path.state.length;
        if gain < -8.0 * noise || step.full && comparable && !shorter {
            // Full steps may go to and fro about a minimum that the second derivative finds.
            let far = path.state.length > SETTLED * path.state.sigma;
            if path.curvature.is_none() && far && path.resort {
                path.resort = false;
                path.crawl = DAMPED;
                path.newton_pause = 0;
                return Attempt::Failed;
            }
            return Attempt::Ended(End::Arrived);
        }
        let good = !comparable || next.length < path.state.length;
        path.region.update(if good { 1.0 } else { 0.0 }, &step);
        if good {
            Attempt::Moved(next, step.full)
        } else {
            Attempt::Failed
        }
    }

    /// A step with the second derivative of the loss, where Gauss–Newton steps shrink slowly;
    /// `None` where that is not so, or the step is no good.
    fn newton(&mut self, path: &mut Path<'_, K>) -> Option<Attempt<K>> {
        path.newton_pause = path.newton_pause.saturating_sub(1);
        let state = &path.state;
        if path
            .curvature
            .as_ref()
            .is_some_and(|c| c.free != state.free)
        {
            path.curvature = None;
        }
        if path.curvature.is_none() {
            let slow = path.crawl >= DAMPED
                || path.previous.is_some_and(|(free, length)| {
                    free == state.free && state.length > SLOW * length
                });
            let near = state.length < CLOSE * state.sigma * (state.free.len() as f64).sqrt();
            if !(slow && near && path.newton_pause == 0) {
                return None;
            }
            // It may be only the radius that is too small for the full step.
            if path.crawl >= DAMPED
                && let Some(next) = self.leap(path, 1)
            {
                return Some(Attempt::Moved(next, true));
            }
            path.slow = true;
            path.newton_pause = path.next_pause;
            path.curvature = Curvature::measure(self, path.current, &path.state);
        }
        let curvature = path.curvature.as_ref()?;
        if let Some(step) = curvature.newton_step(path.current, self.bounds) {
            if !self.moves(path, &step.p) {
                return Some(Attempt::Ended(End::Arrived));
            }
            if self.evaluate(path.trial) {
                let gain = path.current.loss - path.trial.loss;
                let next = Local::new(self, path.trial);
                let shrink = if next.free == path.state.free {
                    next.length / path.state.length
                } else {
                    f64::INFINITY
                };
                let noise = path.current.loss_noise();
                if gain > 0.1 * step.predicted && step.predicted > 8.0 * noise
                    || shrink < 0.5 && gain >= -noise
                {
                    if shrink > 0.1 {
                        // The point has left the range of the quadratic model: measure anew.
                        path.curvature = None;
                        path.newton_pause = 0;
                    }
                    return Some(Attempt::Moved(next, true));
                }
            }
        }
        path.curvature = None;
        path.newton_pause = path.next_pause;
        path.next_pause *= 2;
        None
    }

    /// Whether the Gauss–Newton step at a point is negligible.
    fn converged(&self, path: &Path<'_, K>) -> bool {
        let (point, state) = (&*path.current, &path.state);
        if state.length <= self.options.tolerance * state.sigma || state.length == 0.0 {
            return true;
        }
        let Some(step) = &state.step else {
            return false;
        };
        let settled = |(j, p): (usize, &f64)| p.abs() <= STEP_TOLERANCE * point.theta[j].abs();
        state.length <= point.resolution() && point.is_level(state.free)
            || state.free.iter().zip(step).all(settled)
    }

    /// Takes the step to the minimum unseen, see [`OptimiserOptions::unseen_step`].
    fn take_last_step(&self, path: &mut Path<'_, K>) -> bool {
        let state = &path.state;
        let (Some((free, before)), Some(step)) = (path.previous, &state.step) else {
            return false;
        };
        let length = state.length;
        let fast = free == state.free
            && !path.slow
            && length <= self.options.unseen_step * state.sigma
            && length * length <= self.options.tolerance * state.sigma * before;
        let theta = &mut path.current.theta;
        let mut steps = state.free.iter().zip(step);
        if !(fast && steps.all(|(j, p)| self.bounds.contains(j, theta[j] + p))) {
            return false;
        }
        for (j, p) in state.free.iter().zip(step) {
            theta[j] += p;
        }
        true
    }
}
