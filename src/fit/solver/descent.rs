//! One descent: the trust-region iteration from a start to a stationary point.

use super::curvature::Curvature;
use super::linalg::{BLOCK_ROWS, Block, MAX_PARAMETERS, Triangle, Vector, norm};
use super::minimise::{ParameterSet, SolverError, SolverOptions};
use super::minimum::Termination;
use super::objective::{Bounds, Objective};
use super::trust_region::Region;

/// A Gauss–Newton step no more than this much shorter than the one before is slow convergence.
const SLOW: f64 = 0.2;

/// Multiple of the unit roundoff below which two losses cannot be told apart: each is a sum whose
/// terms are themselves rounded a few times.
const ROUNDINGS: f64 = 16.0 * f64::EPSILON;

/// A point with everything the iteration needs to know about it.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    pub(crate) theta: Vector,
    pub(crate) triangle: Triangle,
    pub(crate) loss: f64,
    /// Sum of the absolute losses: the scale of the rounding error of `loss`.
    pub(crate) magnitude: f64,
}

impl Point {
    pub(crate) const fn new(k: usize) -> Self {
        Self {
            theta: [0.0; MAX_PARAMETERS],
            triangle: Triangle::new(k),
            loss: 0.0,
            magnitude: 0.0,
        }
    }

    /// How far rounding each parameter once moves the residuals: no step shorter than this (in
    /// the norm of the change of the residuals) means anything.
    pub(crate) fn resolution(&self, norms: &Vector) -> f64 {
        let scale: f64 = norms
            .iter()
            .zip(&self.theta)
            .map(|(d, x)| d * x.abs())
            .sum();
        2.0 * f64::EPSILON * scale
    }

    /// Bound on the rounding error of the difference of two losses near this point.
    pub(crate) fn loss_noise(&self, norms: &Vector) -> f64 {
        let residual = (self.triangle.rest + norm(&self.triangle.c).powi(2)).sqrt();
        ROUNDINGS * self.magnitude + 4.0 * residual * self.resolution(norms)
    }
}

/// The parameters that may move, in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Free {
    list: [usize; MAX_PARAMETERS],
    len: usize,
}

impl Free {
    pub(crate) fn indices(&self) -> &[usize] {
        &self.list[..self.len]
    }

    pub(crate) fn from_mask(keep: impl Fn(usize) -> bool, k: usize) -> Self {
        let mut free = Self {
            list: [0; MAX_PARAMETERS],
            len: 0,
        };
        for j in (0..k).filter(|j| keep(*j)) {
            free.list[free.len] = j;
            free.len += 1;
        }
        free
    }
}

/// How a descent ended.
#[derive(Debug, Clone)]
pub(crate) struct Descent {
    pub(crate) termination: Termination,
    pub(crate) iterations: usize,
    /// Whether the last steps shrank slowly, so that the second derivative had to help.
    pub(crate) slow: bool,
    pub(crate) free: Free,
}

/// An objective with its box and options, and the storage that evaluations share.
pub(crate) struct Search<'a> {
    pub(crate) objective: &'a dyn Objective,
    pub(crate) bounds: &'a Bounds,
    pub(crate) options: &'a SolverOptions,
    pub(crate) k: usize,
    pub(crate) n: usize,
    pub(crate) evaluations: usize,
    pub(crate) block: Block,
}

impl<'a> Search<'a> {
    pub(crate) fn new(
        objective: &'a dyn Objective,
        bounds: &'a Bounds,
        options: &'a SolverOptions,
    ) -> Self {
        Self {
            objective,
            bounds,
            options,
            k: objective.parameters(),
            n: objective.terms(),
            evaluations: 0,
            block: Block::new(),
        }
    }

    /// Computes loss and triangle at `point.theta`; false where they are not finite.
    pub(crate) fn evaluate(&mut self, point: &mut Point) -> bool {
        self.evaluations += 1;
        point.triangle.clear();
        point.loss = 0.0;
        point.magnitude = 0.0;
        for first in (0..self.n).step_by(BLOCK_ROWS) {
            self.block.resize(self.n - first);
            self.objective
                .block(first, &point.theta[..self.k], &mut self.block);
            let (loss, magnitude) = self.block.losses();
            point.loss += loss;
            point.magnitude += magnitude;
            if !point.magnitude.is_finite() {
                return false;
            }
            point.triangle.append(&mut self.block);
        }
        point.triangle.is_finite()
    }

    /// The first term that is not finite at `theta`.
    fn offending_term(&self, theta: &Vector) -> Option<usize> {
        let mut row = [0.0; MAX_PARAMETERS];
        (0..self.n).find(|i| {
            let term = self
                .objective
                .term(*i, &theta[..self.k], &mut row[..self.k]);
            let squares: f64 = row[..self.k].iter().map(|x| x * x).sum();
            !(term.loss + term.residual * term.residual + squares).is_finite()
        })
    }

    /// The parameters free to move at a point: neither fixed nor pressed against a bound.
    pub(crate) fn free_at(&self, point: &Point) -> Free {
        let descent = point.triangle.descent();
        Free::from_mask(
            |j| !self.bounds.blocks(j, point.theta[j], descent[j]),
            self.k,
        )
    }

    /// Descends from `current`, which ends as the last point; `spare` is storage.
    ///
    /// `cautious` keeps the first steps short and lets the curvature of the model along a step
    /// (geodesic acceleration, Transtrum and Sethna 2012, arXiv:1201.5885) veto it.
    pub(crate) fn descend(
        &mut self,
        current: &mut Point,
        spare: &mut Point,
        cautious: bool,
    ) -> Result<Descent, SolverError> {
        if !self.evaluate(current) {
            return Err(SolverError::NotFiniteAtStart {
                term: self.offending_term(&current.theta),
            });
        }
        let (mut current, mut trial) = (current, spare);
        let mut swapped = false;
        let result = self.iterate(&mut current, &mut trial, &mut swapped, cautious);
        if swapped {
            std::mem::swap(current, trial);
        }
        result
    }

    fn iterate<'p>(
        &mut self,
        current: &mut &'p mut Point,
        trial: &mut &'p mut Point,
        swapped: &mut bool,
        cautious: bool,
    ) -> Result<Descent, SolverError> {
        let mut region = Region::default();
        let mut curvature: Option<Curvature> = None;
        let mut slow = false;
        // Newton steps are worth their evaluations again only after the point has moved on.
        let mut newton_rest = 0_usize;
        let mut previous: Option<(Free, f64)> = None;

        for iterations in 0..self.options.max_iterations {
            let state = Local::new(self, current);
            region.rescale(
                &state.norms,
                &current.theta,
                self.options.initial_radius,
                cautious,
            );
            if let Some(termination) = self.converged(current, &state) {
                return Ok(Descent {
                    termination,
                    iterations,
                    slow,
                    free: state.free,
                });
            }

            // Slow convergence of the full Gauss–Newton step: bring in the second derivative.
            if curvature.as_ref().is_some_and(|c| *c.free() != state.free) {
                curvature = None;
            }
            newton_rest = newton_rest.saturating_sub(1);
            if curvature.is_none()
                && newton_rest == 0
                && previous.is_some_and(|(free, length)| {
                    free == state.free && state.length > SLOW * length
                })
                && state.length < state.sigma * (state.free.indices().len() as f64).sqrt()
            {
                slow = true;
                curvature = Curvature::measure(self, current, &state);
                newton_rest = 4;
            }
            if std::env::var("TRACE").is_ok() {
                eprintln!(
                    "{iterations} F={:.16e} a/s={:.3e} res/s={:.2e} noise={:.1e} th={:?} newton={} region={:?}",
                    current.loss,
                    state.length / state.sigma,
                    current.resolution(&state.norms) / state.sigma,
                    current.loss_noise(&state.norms),
                    &current.theta[..self.k],
                    curvature.is_some(),
                    region
                );
            }
            if let Some(c) = &curvature
                && let Some(step) = c.newton_step(current, &state, self.bounds)
            {
                trial.theta = current.theta;
                for (x, p) in trial.theta.iter_mut().zip(&step.p) {
                    *x += p;
                }
                self.bounds.project(&mut trial.theta);
                if trial.theta == current.theta {
                    return Ok(Descent {
                        termination: Termination::Resolution,
                        iterations,
                        slow,
                        free: state.free,
                    });
                }
                let good = self.evaluate(trial) && {
                    let gain = current.loss - trial.loss;
                    let next = Local::new(self, trial);
                    let shorter = next.free == state.free && next.length < 0.5 * state.length;
                    gain > 0.1 * step.predicted
                        || (shorter && gain >= -current.loss_noise(&state.norms))
                };
                if std::env::var("TRACE").is_ok() {
                    let next = Local::new(self, trial);
                    eprintln!(
                        "  newton gain={:.2e} pred={:.2e} next={:.2e} good={good} {:?}",
                        current.loss - trial.loss,
                        step.predicted,
                        next.length / next.sigma,
                        &trial.theta[..3]
                    );
                }
                if good {
                    previous = Some((state.free, state.length));
                    std::mem::swap(current, trial);
                    *swapped = !*swapped;
                    // A chord step that gained little: measure the curvature anew.
                    let next = Local::new(self, current);
                    if next.length > 0.1 * state.length {
                        curvature = None;
                        newton_rest = 0;
                    }
                    continue;
                }
                curvature = None;
                newton_rest = 4;
                if step.predicted <= current.loss_noise(&state.norms) {
                    return Ok(Descent {
                        termination: Termination::Resolution,
                        iterations,
                        slow,
                        free: state.free,
                    });
                }
                continue;
            }

            let Some(step) = region.step(current, &state.norms, state.free, self.bounds) else {
                return Ok(Descent {
                    termination: Termination::Stalled,
                    iterations,
                    slow,
                    free: state.free,
                });
            };
            trial.theta = current.theta;
            let bend = if cautious {
                self.bend(current, &region, &step)
            } else {
                None
            };
            for (j, x) in trial.theta.iter_mut().enumerate() {
                *x += step.p[j] + bend.as_ref().map_or(0.0, |b| b.p[j]);
            }
            self.bounds.project(&mut trial.theta);
            if trial.theta == current.theta {
                let termination = if step.full {
                    Termination::Resolution
                } else {
                    Termination::Stalled
                };
                return Ok(Descent {
                    termination,
                    iterations,
                    slow,
                    free: state.free,
                });
            }
            if bend.as_ref().is_some_and(|b| b.ratio > 0.75) || !self.evaluate(trial) {
                region.shrink(step.length);
                continue;
            }
            let gain = current.loss - trial.loss;
            let noise = current.loss_noise(&state.norms);
            let accepted = if step.predicted <= 8.0 * noise {
                // The losses cannot tell the points apart; the length of the step to the minimum
                // can.
                let next = Local::new(self, trial);
                let comparable = next.free == state.free;
                let shorter = comparable && next.length < 0.9 * state.length;
                if gain < -8.0 * noise || step.full && comparable && !shorter {
                    return Ok(Descent {
                        termination: Termination::Resolution,
                        iterations,
                        slow,
                        free: state.free,
                    });
                }
                let good = !comparable || next.length < state.length;
                region.update(if good { 1.0 } else { 0.0 }, &step);
                good
            } else {
                region.update(gain / step.predicted, &step);
                gain > 1e-4 * step.predicted
            };
            if accepted {
                previous = step.full.then_some((state.free, state.length));
                std::mem::swap(current, trial);
                *swapped = !*swapped;
            }
        }
        let state = Local::new(self, current);
        Err(SolverError::IterationLimit {
            iterations: self.options.max_iterations,
            scaled_gradient: scaled_gradient(current, state.free, &state.norms),
        })
    }

    /// Whether the Gauss–Newton step at a point is negligible.
    fn converged(&self, point: &Point, state: &Local) -> Option<Termination> {
        if state.length == 0.0 {
            return Some(Termination::Converged);
        }
        if state.length <= self.options.tolerance * state.sigma {
            return Some(Termination::Converged);
        }
        let step = state.step.as_ref()?;
        if state.length <= point.resolution(&state.norms) {
            return Some(Termination::Resolution);
        }
        let settled = state
            .free
            .indices()
            .iter()
            .zip(step)
            .all(|(j, p)| p.abs() <= self.options.step_tolerance * point.theta[*j].abs());
        settled.then_some(Termination::Resolution)
    }

    /// Second-order correction of a step by the curvature of the residuals along it.
    fn bend(
        &mut self,
        point: &Point,
        region: &Region,
        step: &super::trust_region::Step,
    ) -> Option<Bend> {
        const FRACTION: f64 = 0.1;
        let mut ahead = point.theta;
        for (x, p) in ahead.iter_mut().zip(&step.p) {
            *x += FRACTION * p;
        }
        self.bounds.project(&mut ahead);
        self.evaluations += 2;
        let mut sum = [0.0; MAX_PARAMETERS];
        let mut after = [0.0; BLOCK_ROWS];
        let k = self.k;
        for first in (0..self.n).step_by(BLOCK_ROWS) {
            self.block.resize(self.n - first);
            self.objective.block(first, &ahead[..k], &mut self.block);
            let len = self.block.len();
            after[..len].copy_from_slice(self.block.residuals());
            self.objective
                .block(first, &point.theta[..k], &mut self.block);
            let columns = self.block.columns();
            for i in 0..len {
                let slope: f64 = (0..k).map(|j| columns[j][i] * step.p[j]).sum();
                let change = (after[i] - self.block.residuals()[i]) / FRACTION;
                let second = 2.0 * (change + slope) / FRACTION;
                for j in 0..k {
                    sum[j] += columns[j][i] * second;
                }
            }
        }
        let p = region.correction(point, &step.moved, &sum)?;
        let mut half = p;
        for x in &mut half {
            *x *= 0.5;
        }
        let ratio = 2.0 * region.length(&half) / step.length;
        ratio.is_finite().then_some(Bend { p: half, ratio })
    }
}

/// The second-order part of a step.
struct Bend {
    p: Vector,
    /// Twice its length over the length of the first-order part.
    ratio: f64,
}

/// What the triangle of a point says about the step to the minimum.
pub(crate) struct Local {
    pub(crate) norms: Vector,
    pub(crate) free: Free,
    /// Norm of the change of the residuals along the Gauss–Newton step of the free parameters.
    pub(crate) length: f64,
    /// Root mean square of the residuals that this step leaves: with it, `length/sigma` counts
    /// standard errors.
    pub(crate) sigma: f64,
    /// The Gauss–Newton step of the free parameters, in their order, where the triangle has one.
    pub(crate) step: Option<Vector>,
}

impl Local {
    pub(crate) fn new(search: &Search<'_>, point: &Point) -> Self {
        let norms = point.triangle.column_norms();
        let free = search.free_at(point);
        let selected;
        let triangle = if free.indices().len() == search.k {
            &point.triangle
        } else {
            selected = point.triangle.select(free.indices());
            &selected
        };
        let m = triangle.k;
        let mut free_norms = [0.0; MAX_PARAMETERS];
        for (to, from) in free_norms.iter_mut().zip(free.indices()) {
            *to = norms[*from];
        }
        let step = triangle.solve(&triangle.c, &free_norms, f64::EPSILON);
        let sigma = (triangle.rest / (search.n.saturating_sub(m)).max(1) as f64).sqrt();
        Self {
            norms,
            free,
            length: norm(&triangle.c[..m]),
            sigma,
            step,
        }
    }
}

/// `max_j |J_jᵀr|/(‖J_j‖·‖r‖)` over the free parameters; 0 where `J_jᵀr` is.
pub(crate) fn scaled_gradient(point: &Point, free: Free, norms: &Vector) -> f64 {
    let residual = (point.triangle.rest + norm(&point.triangle.c).powi(2)).sqrt();
    let descent = point.triangle.descent();
    free.indices()
        .iter()
        .map(|j| {
            let scale = norms[*j] * residual;
            if scale > 0.0 {
                descent[*j].abs() / scale
            } else {
                0.0
            }
        })
        .fold(0.0, f64::max)
}

/// The parameters involved in the directions that a triangle does not determine.
pub(crate) fn undetermined(triangle: &Triangle, free: Free, limit: f64) -> ParameterSet {
    /// Share in a unit vector from which on a parameter counts as involved: a tenth of the
    /// equal share among three.
    const INVOLVED: f64 = 0.05;
    let selected = triangle.select(free.indices());
    let norms = selected.column_norms();
    let (values, vectors) = selected.scaled_singular(&norms);
    let m = selected.k;
    let greatest = values[..m].iter().fold(0.0_f64, |a, b| a.max(*b));
    let mut set = ParameterSet::default();
    for (value, vector) in values[..m].iter().zip(&vectors) {
        if *value * limit > greatest {
            continue;
        }
        for (j, share) in free.indices().iter().zip(vector) {
            if share.abs() > INVOLVED {
                set.insert(*j);
            }
        }
    }
    set
}
