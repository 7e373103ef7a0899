//! One descent: the trust-region iteration from a start to a stationary point.

use super::block::{BLOCK_ROWS, Rows};
use super::curvature::Curvature;
use super::error::OptimiserError;
use super::linalg::Vector;
use super::local::{Local, scaled_gradient};
use super::minimum::{Minimum, Termination};
use super::objective::{Bounds, Objective};
use super::options::OptimiserOptions;
use super::parameter_set::ParameterSet;
use super::point::Point;
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

/// Part of the predicted decrease of the loss from which on a step is taken.
const LEAST_GAIN: f64 = 1e-4;

/// Part of the length before that a step must have, where lengths decide, to be progress.
const SHORTER: f64 = 0.9;

/// Damped steps in a row after which undamped ones are tried against the rise of the loss; twice as
/// many after each failure.
const PATIENCE: usize = 12;

/// How often a step out of the domain is shortened to a quarter.
const SHORTENINGS: usize = 3;

/// Undamped steps of one such try.
const LEAPS: usize = 3;

/// Ratio of the second-order to the first-order part of a cautious step above which it is refused
/// (Transtrum and Sethna recommend 0.75).
const GREATEST_BEND: f64 = 0.75;

/// Size of the first trust region of a cautious descent, as part of that of an ordinary one.
const CAUTION: f64 = 0.1;

/// Distance from the minimum, in standard errors, above which a descent that had to end there is
/// not taken at its word.
const NEAR: f64 = 1e-6;

/// Standard errors from the minimum below which there is no better.
const SETTLED: f64 = 1e-9;

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
    /// Steps until the second derivative may be measured again.
    newton_pause: usize,
    /// Steps to wait after the next measurement.
    next_pause: usize,
    /// Free parameters and length before the last step, if that was a full Gauss–Newton one.
    previous: Option<(ParameterSet, f64)>,
    /// Damped steps in a row.
    crawl: usize,
    /// Damped steps in a row after which to try undamped ones.
    patience: usize,
    slow: bool,
    /// How often the second derivative may yet be asked for because full steps no longer get shorter.
    resorts: usize,
    /// The last trial point at which the objective was not finite.
    outside: Option<Vector<K>>,
    cautious: bool,
}

impl<const K: usize> Path<'_, K> {
    fn advance(&mut self, state: Local<K>) {
        std::mem::swap(&mut self.current, &mut self.trial);
        self.swapped = !self.swapped;
        self.region.rescale(&self.current.norms);
        self.state = state;
    }

    /// The end of a descent close to the known minimum.
    fn joined(&self, iterations: usize) -> Descent<K> {
        Descent {
            termination: Termination::Converged,
            iterations,
            slow: self.slow,
            joined: true,
            curved: false,
            outside: None,
            free: self.state.free,
            scale: *self.region.greatest(),
        }
    }

    /// Notes the kind of a step of the trust region that is about to be taken.
    fn remember(&mut self, full: bool) {
        self.previous = full.then_some((self.state.free, self.state.length));
        self.crawl = if full { 0 } else { self.crawl + 1 };
    }
}

/// What came of a trial step.
enum Attempt<const K: usize> {
    /// The trial point is better.
    Moved(Local<K>),
    /// It is not.
    Failed,
    /// The trial point is close to the known minimum, which is lower than the current point.
    Joins,
    /// There is no more to try.
    Ended(Termination),
}

/// How a descent ended.
#[derive(Debug, Clone)]
pub(crate) struct Descent<const K: usize> {
    pub(crate) termination: Termination,
    pub(crate) iterations: usize,
    /// Whether the last steps shrank slowly, so that the second derivative had to help.
    pub(crate) slow: bool,
    /// Whether it ended because it came close to the known minimum.
    pub(crate) joined: bool,
    /// Whether the second derivative was measured on the way, so near that Newton's steps shrank fast,
    /// and is positive definite.
    pub(crate) curved: bool,
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
        let theta = &point.theta[..self.k];
        if self.n <= BLOCK_ROWS {
            self.block.fill(self.objective, 0, theta);
            (point.loss, point.magnitude) = self.block.losses();
            if !point.magnitude.is_finite() {
                return false;
            }
            if point.factor_products(&mut self.block) {
                return true;
            }
            point.triangle.clear();
            point.triangle.append(&mut self.block);
        } else {
            point.triangle.clear();
            point.loss = 0.0;
            point.magnitude = 0.0;
            for first in (0..self.n).step_by(BLOCK_ROWS) {
                self.block.fill(self.objective, first, theta);
                let (loss, magnitude) = self.block.losses();
                point.loss += loss;
                point.magnitude += magnitude;
                if !point.magnitude.is_finite() {
                    return false;
                }
                point.triangle.append(&mut self.block);
            }
        }
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
            let on_bound = value <= self.bounds.lower()[j] || value >= self.bounds.upper()[j];
            let level = || {
                let residual = point.triangle.residual_squares().sqrt();
                direction.abs() <= LEVEL * point.norms[j] * residual
            };
            !(on_bound && (self.bounds.blocks(j, value, direction) || level()))
        })
    }

    /// Descends from `current`, which ends as the last point; `spare` is storage.
    ///
    /// `cautious` keeps the first steps short and lets the curvature of the model along a step
    /// (geodesic acceleration, Transtrum and Sethna 2012, arXiv:1201.5885) bend and veto it.
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
        let state = Local::new(self, current);
        let caution = if cautious { CAUTION } else { 1.0 };
        let radius = caution * self.options.initial_radius;
        let mut path = Path {
            region: Region::around(&current.norms, &current.theta, radius),
            state,
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
            resorts: 1,
            outside: None,
            cautious,
        };
        let result = self.follow(&mut path);
        if path.swapped {
            std::mem::swap(path.current, path.trial);
        }
        result
    }

    fn follow(&mut self, path: &mut Path<'_, K>) -> Result<Descent<K>, OptimiserError> {
        for iterations in 0..self.options.max_iterations {
            let arrived = |(known, distance): &(Minimum<K>, f64)| {
                // A lower point shows that it is no minimum.
                known.loss <= path.current.loss + path.current.loss_noise()
                    && known.is_near(*distance, &path.current.theta, path.state.free)
            };
            if self.known.as_ref().is_some_and(arrived) {
                return Ok(path.joined(iterations));
            }
            let attempt = match self.converged(path) {
                _ if self.take_last_step(path) => Attempt::Ended(Termination::Converged),
                Some(termination) => Attempt::Ended(termination),
                None => self.attempt(path),
            };
            match attempt {
                Attempt::Moved(state) => path.advance(state),
                Attempt::Failed => {}
                Attempt::Joins => return Ok(path.joined(iterations)),
                Attempt::Ended(termination) => {
                    let state = &path.state;
                    let resolution = path.current.resolution();
                    let far = state.length > (NEAR * state.sigma).max(1e2 * resolution);
                    let slow = path.slow || far;
                    let scale = *path.region.greatest();
                    return Ok(Descent {
                        termination,
                        iterations,
                        slow,
                        joined: false,
                        curved: path
                            .curvature
                            .as_ref()
                            .is_some_and(|c| c.free() == state.free),
                        outside: path.outside,
                        free: state.free,
                        scale,
                    });
                }
            }
        }
        // A search that has lost its way among undetermined parameters says so.
        self.rank(path.current, path.state.free, path.region.greatest())?;
        Err(OptimiserError::IterationLimit {
            iterations: self.options.max_iterations,
            scaled_gradient: scaled_gradient(path.current, path.state.free),
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
                path.previous = None;
                path.slow = true;
                return Attempt::Moved(state);
            }
            path.patience *= 2;
        }
        self.damped(path)
    }

    /// The damped step of the trust region.
    fn damped(&mut self, path: &mut Path<'_, K>) -> Attempt<K> {
        let Some(mut step) = path.region.step(path.current, &path.state, self.bounds) else {
            return Attempt::Ended(Termination::Stalled);
        };
        let bend = if path.cautious {
            self.bend(path.current, &path.region, &step)
        } else {
            None
        };
        if bend.as_ref().is_some_and(|b| b.ratio > GREATEST_BEND) {
            path.region.shrink(step.length);
            return Attempt::Failed;
        }
        if let Some(bend) = &bend {
            step.p.iter_mut().zip(&bend.p).for_each(|(p, b)| *p += b);
        }
        // A step out of the domain is shortened before it is turned: the linear model may be right
        // about the direction.
        for tries in 0..=SHORTENINGS {
            for j in 0..self.k {
                path.trial.theta[j] = path.current.theta[j] + step.p[j];
            }
            self.bounds.project(&mut path.trial.theta);
            if path.trial.is_at(path.current) {
                return Attempt::Ended(if step.full {
                    Termination::Resolution
                } else {
                    Termination::Stalled
                });
            }
            // There is no need to look at a point whose neighbourhood is known.
            let joins = |(known, distance): &(Minimum<K>, f64)| {
                known.loss < path.current.loss
                    && known.is_near(*distance, &path.trial.theta, path.state.free)
            };
            if self.known.as_ref().is_some_and(joins) {
                return Attempt::Joins;
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
        let ratio = gain / step.predicted;
        // Far above the noise the losses decide.
        let accepted = ratio > LEAST_GAIN;
        let noise = path.current.loss_noise();
        if step.predicted > 8.0 * noise {
            path.region.update(ratio, &step);
            if !accepted {
                return Attempt::Failed;
            }
            let state = Local::new(self, path.trial);
            path.remember(step.full);
            return Attempt::Moved(state);
        }
        // The losses cannot tell the two points apart; the length of the step to the minimum can.
        let next = Local::new(self, path.trial);
        let comparable = next.free == path.state.free;
        let shorter = comparable && next.length < SHORTER * path.state.length;
        if gain < -8.0 * noise || step.full && comparable && !shorter {
            // Full steps may go to and fro about a minimum that the second derivative finds.
            let far = path.state.length > SETTLED * path.state.sigma;
            if path.curvature.is_none() && far && path.resorts > 0 {
                path.resorts -= 1;
                path.crawl = DAMPED;
                path.newton_pause = 0;
                return Attempt::Failed;
            }
            return Attempt::Ended(Termination::Resolution);
        }
        let good = !comparable || next.length < path.state.length;
        path.region.update(if good { 1.0 } else { 0.0 }, &step);
        if !good {
            return Attempt::Failed;
        }
        path.remember(step.full);
        Attempt::Moved(next)
    }

    /// A step with the second derivative of the loss, where Gauss–Newton steps shrink slowly;
    /// `None` where that is not so, or the step is no good.
    fn newton(&mut self, path: &mut Path<'_, K>) -> Option<Attempt<K>> {
        path.newton_pause = path.newton_pause.saturating_sub(1);
        if path
            .curvature
            .as_ref()
            .is_some_and(|c| c.free() != path.state.free)
        {
            path.curvature = None;
        }
        if path.curvature.is_none() {
            let state = &path.state;
            let slow = path.crawl >= DAMPED
                || path.previous.is_some_and(|(free, length)| {
                    free == state.free && state.length > SLOW * length
                });
            let near = state.length < CLOSE * state.sigma * (state.free.len() as f64).sqrt();
            if !(slow && near && path.newton_pause == 0) {
                return None;
            }
            if path.crawl >= DAMPED {
                // It may be only the radius that is too small for the full step.
                if let Some(next) = self.leap(path, 1) {
                    path.remember(true);
                    path.region.admit(path.state.step.as_ref(), path.state.free);
                    return Some(Attempt::Moved(next));
                }
            }
            let state = &path.state;
            path.slow = true;
            path.newton_pause = path.next_pause;
            path.curvature = Curvature::measure(self, path.current, state);
        }
        let step = path
            .curvature
            .as_ref()?
            .newton_step(path.current, &path.state, self.bounds);
        if let Some(step) = step {
            for j in 0..self.k {
                path.trial.theta[j] = path.current.theta[j] + step.p[j];
            }
            self.bounds.project(&mut path.trial.theta);
            if path.trial.is_at(path.current) {
                return Some(Attempt::Ended(Termination::Resolution));
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
                    path.previous = Some((path.state.free, path.state.length));
                    if shrink > 0.1 {
                        // The point has left the range of the quadratic model: measure anew.
                        path.curvature = None;
                        path.newton_pause = 0;
                    }
                    return Some(Attempt::Moved(next));
                }
            }
        }
        path.curvature = None;
        path.newton_pause = path.next_pause;
        path.next_pause *= 2;
        None
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

    /// Whether the Gauss–Newton step at a point is negligible.
    fn converged(&self, path: &Path<'_, K>) -> Option<Termination> {
        let (point, state) = (&*path.current, &path.state);
        if state.length <= self.options.tolerance * state.sigma || state.length == 0.0 {
            return Some(Termination::Converged);
        }
        let step = state.step.as_ref()?;
        if state.length <= point.resolution() && point.is_level(state.free) {
            return Some(Termination::Resolution);
        }
        let settled = state
            .free
            .iter()
            .zip(step)
            .all(|(j, p)| p.abs() <= self.options.step_tolerance * point.theta[j].abs());
        settled.then_some(Termination::Resolution)
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
