//! What a fit found, and what is known about it.

use super::linalg::{MAX_PARAMETERS, Triangle, Vector, norm};
use super::minimise::Origin;
use super::parameter_set::ParameterSet;

/// Why a descent stopped at a point that then passed every check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Termination {
    /// The step to the minimum is a negligible part of a standard error, or zero.
    Converged,
    /// The parameters cannot be told from the minimum in double precision: the step to it is of
    /// the size of their rounding, or steps no longer get shorter.
    Resolution,
    /// No shorter step lowered the loss, although the step to the minimum is not negligible.
    Stalled,
    /// All parameters are fixed; there was nothing to do.
    AllFixed,
}

/// A verified minimum.
///
/// `K` is the capacity of its storage; what the optimiser returns has the default.
#[derive(Debug, Clone)]
pub(crate) struct Minimum<const K: usize = MAX_PARAMETERS> {
    pub(crate) theta: Vector<K>,
    pub(crate) loss: f64,
    pub(crate) magnitude: f64,
    pub(crate) noise: f64,
    pub(crate) triangle: Triangle<K>,
    pub(crate) free: ParameterSet,
    pub(crate) held: ParameterSet,
    pub(crate) terms: usize,
    pub(crate) parameters: usize,
    pub(crate) residual_squares: f64,
    pub(crate) scaled_gradient: f64,
    pub(crate) condition: f64,
    pub(crate) termination: Termination,
    pub(crate) iterations: usize,
    pub(crate) evaluations: usize,
    pub(crate) origin: Origin,
    pub(crate) thorough: bool,
    /// Whether the return from nearby is still to be seen.
    pub(crate) owes_return: bool,
    pub(crate) agreeing: usize,
}

impl<const K: usize> Minimum<K> {
    /// The estimate, in the objective's order and units.
    #[must_use]
    pub(crate) fn parameters(&self) -> &[f64] {
        &self.theta[..self.parameters]
    }

    /// The loss there: for least squares half the residual sum of squares.
    #[must_use]
    pub(crate) fn loss(&self) -> f64 {
        self.loss
    }

    /// Number of terms less number of free parameters.
    #[must_use]
    pub(crate) fn degrees_of_freedom(&self) -> usize {
        self.terms.saturating_sub(self.free.len())
    }

    /// Trial steps of the descent that ended here.
    #[must_use]
    pub(crate) fn iterations(&self) -> usize {
        self.iterations
    }

    /// Passes over all terms, of all starts, with those of failed descents and of verification.
    #[must_use]
    pub(crate) fn evaluations(&self) -> usize {
        self.evaluations
    }

    /// `max_j |J_jᵀr|/(‖J_j‖·‖r‖)` over the free parameters, with `J_j` the columns of the design
    /// and `r` the residuals: the largest cosine between the residuals and a column. Between 0 and
    /// 1, independent of units. Where the residuals are zero it is 0; where they are nothing but
    /// rounding it says nothing, and the termination is
    /// [`Termination::Resolution`].
    #[must_use]
    pub(crate) fn scaled_gradient(&self) -> f64 {
        self.scaled_gradient
    }

    /// Condition number (Frobenius) of the design of the free parameters with columns scaled to
    /// length one. About this many units in the last place of the data are lost in the estimates.
    #[must_use]
    pub(crate) fn condition(&self) -> f64 {
        self.condition
    }

    /// Parameters held on a bound, including fixed ones. They have no standard error.
    #[must_use]
    pub(crate) fn active_bounds(&self) -> ParameterSet {
        self.held
    }

    /// Number of free parameters; all of them are determined.
    #[must_use]
    pub(crate) fn rank(&self) -> usize {
        self.free.len()
    }

    /// Where the descent began.
    #[must_use]
    pub(crate) fn origin(&self) -> Origin {
        self.origin
    }

    /// Number of starts that ended at this minimum.
    #[must_use]
    pub(crate) fn agreeing_starts(&self) -> usize {
        self.agreeing
    }

    /// Whether curvature and return were checked besides gradient and rank.
    #[must_use]
    pub(crate) fn thoroughly_verified(&self) -> bool {
        self.thorough
    }

    /// Element `i`, `j` of the upper triangular factor `R` of the design of the free parameters,
    /// taken in ascending order; zero below the diagonal and outside.
    #[must_use]
    pub(crate) fn factor(&self, i: usize, j: usize) -> f64 {
        if i <= j && j < self.triangle.k {
            self.triangle.r[j][i]
        } else {
            0.0
        }
    }

    /// Whether two minima are one, up to convergence: equal losses, and parameters within a
    /// thousandth of a standard error.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        const DISTANCE: f64 = 1e-3;
        let near = (self.loss - other.loss).abs()
            <= 1e-7 * self.magnitude.max(other.magnitude) + self.noise + other.noise;
        if !near || self.free != other.free {
            return false;
        }
        self.is_within(DISTANCE, &other.theta)
    }

    /// Whether a point of a descent lies within so many standard errors: the rest of the way is
    /// that of any other descent that came there.
    pub(crate) fn is_near(&self, distance: f64, theta: &Vector<K>, free: ParameterSet) -> bool {
        self.free == free && self.is_within(distance, theta)
    }

    /// Whether parameters lie within so many standard errors, of the direction in which they lie.
    fn is_within(&self, errors: f64, theta: &Vector<K>) -> bool {
        let mut difference = [0.0; K];
        for (d, j) in difference.iter_mut().zip(self.free.iter()) {
            *d = self.theta[j] - theta[j];
        }
        let moved = self.triangle.times(&difference);
        let variance = self.residual_squares / self.degrees_of_freedom().max(1) as f64;
        let size: f64 = self
            .free
            .iter()
            .zip(self.triangle.column_norms())
            .map(|(j, d)| d * self.theta[j].abs())
            .sum();
        // Without residuals, rounding is all the distance that there is.
        let rounding = 1e4 * f64::EPSILON * size;
        norm(&moved) <= errors * variance.sqrt() + rounding
    }

    /// The same with the default capacity.
    pub(crate) fn widened(&self) -> Minimum {
        let mut theta = [0.0; MAX_PARAMETERS];
        theta[..K].copy_from_slice(&self.theta);
        Minimum {
            theta,
            triangle: self.triangle.widened(),
            loss: self.loss,
            magnitude: self.magnitude,
            noise: self.noise,
            free: self.free,
            held: self.held,
            terms: self.terms,
            parameters: self.parameters,
            residual_squares: self.residual_squares,
            scaled_gradient: self.scaled_gradient,
            condition: self.condition,
            termination: self.termination,
            iterations: self.iterations,
            evaluations: self.evaluations,
            origin: self.origin,
            thorough: self.thorough,
            owes_return: self.owes_return,
            agreeing: self.agreeing,
        }
    }

    /// Takes over how another minimum was found, from which the descent to this one began.
    pub(crate) fn continue_from(&mut self, other: &Self) {
        self.origin = other.origin;
        self.agreeing = other.agreeing;
        self.thorough |= other.thorough;
    }

    /// Forgets which starts agreed: none of them came here.
    pub(crate) fn disagree(&mut self) {
        self.agreeing = 1;
    }

    pub(crate) fn count_agreeing(&mut self) {
        self.agreeing += 1;
    }
}
