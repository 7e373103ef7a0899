//! What a fit found, and what is known about it.

use super::parameter_set::ParameterSet;
use super::triangle::{MAX_PARAMETERS, Triangle, Vector, norm};

/// A verified minimum.
///
/// `K` is the capacity of its storage; what the optimiser returns has the default.
#[derive(Debug, Clone)]
pub(crate) struct Minimum<const K: usize = MAX_PARAMETERS> {
    pub(crate) theta: Vector<K>,
    pub(crate) parameters: usize,
    pub(crate) terms: usize,
    /// The loss there: for least squares half the residual sum of squares.
    pub(crate) loss: f64,
    /// A bound on the rounding error of differences of losses.
    pub(crate) noise: f64,
    pub(crate) residual_squares: f64,
    /// The factor of the design of the free parameters: neither fixed nor held on a bound. All of them are
    /// determined.
    pub(crate) triangle: Triangle<K>,
    pub(crate) free: ParameterSet,
    /// The largest cosine between the residuals and a column of the design, between 0 and
    /// 1, independent of units. Where the residuals are zero it is 0; where they are nothing but
    /// rounding it says nothing.
    pub(crate) scaled_gradient: f64,
    /// Condition number (Frobenius) of the design of the free parameters with columns scaled to
    /// length one. About this many units in the last place of the data are lost in the estimates.
    pub(crate) condition: f64,
    /// Trial steps of the descent that ended here.
    pub(crate) iterations: usize,
    /// Passes over all terms, of all starts, with those of failed descents and of verification.
    pub(crate) evaluations: usize,
    /// Whether the given starts failed, and another one led here.
    pub(crate) rescued: bool,
    /// Whether it was found again from nearby.
    pub(crate) thorough: bool,
    /// Whether that is still to be seen.
    pub(crate) owes_return: bool,
    /// Number of starts that ended at this minimum.
    pub(crate) agreeing: usize,
}

impl<const K: usize> Minimum<K> {
    /// The estimate, in the objective's order and units.
    pub(crate) fn parameters(&self) -> &[f64] {
        &self.theta[..self.parameters]
    }

    /// Number of terms less number of free parameters.
    pub(crate) fn degrees_of_freedom(&self) -> usize {
        self.terms.saturating_sub(self.free.len())
    }

    /// Whether two minima are one, up to convergence: equal losses, and parameters within a
    /// thousandth of a standard error.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        const DISTANCE: f64 = 1e-3;
        let near = (self.loss - other.loss).abs()
            <= 1e-7 * self.loss.max(other.loss) + self.noise + other.noise;
        near && self.is_near(DISTANCE, &other.theta, other.free)
    }

    /// Whether a point lies within so many standard errors, of the direction in which it lies.
    pub(crate) fn is_near(&self, errors: f64, theta: &Vector<K>, free: ParameterSet) -> bool {
        if self.free != free {
            return false;
        }
        let mut difference = [0.0; K];
        for (d, j) in difference.iter_mut().zip(self.free.iter()) {
            *d = self.theta[j] - theta[j];
        }
        let moved = self.triangle.times(&difference);
        let variance = self.residual_squares / self.degrees_of_freedom().max(1) as f64;
        let norms = self.triangle.column_norms();
        let sizes = self.free.iter().zip(norms);
        let size: f64 = sizes.map(|(j, d)| d * self.theta[j].abs()).sum();
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
            parameters: self.parameters,
            terms: self.terms,
            loss: self.loss,
            noise: self.noise,
            residual_squares: self.residual_squares,
            free: self.free,
            scaled_gradient: self.scaled_gradient,
            condition: self.condition,
            iterations: self.iterations,
            evaluations: self.evaluations,
            rescued: self.rescued,
            thorough: self.thorough,
            owes_return: self.owes_return,
            agreeing: self.agreeing,
        }
    }
}
