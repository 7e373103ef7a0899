//! A point of a descent, with what its triangular factor says.

use super::parameter_set::ParameterSet;
use super::triangle::{Triangle, Vector};

/// Multiple of the unit roundoff below which two losses cannot be told apart: each is a sum whose
/// terms are themselves rounded a few times.
const ROUNDINGS: f64 = 16.0 * f64::EPSILON;

/// A point with everything the iteration needs to know about it.
#[derive(Debug, Clone)]
pub(crate) struct Point<const K: usize> {
    pub(crate) theta: Vector<K>,
    pub(crate) triangle: Triangle<K>,
    pub(crate) loss: f64,
    /// Euclidean norms of the columns of the design.
    pub(crate) norms: Vector<K>,
    /// `Jᵀr`: minus the gradient of the loss.
    pub(crate) descent: Vector<K>,
}

impl<const K: usize> Point<K> {
    pub(crate) const fn new(k: usize) -> Self {
        Self {
            theta: [0.0; K],
            triangle: Triangle::new(k),
            loss: 0.0,
            norms: [0.0; K],
            descent: [0.0; K],
        }
    }

    /// Whether two points have the same parameters.
    pub(crate) fn is_at(&self, other: &Self) -> bool {
        self.theta
            .iter()
            .zip(&other.theta)
            .all(|(a, b)| a - b == 0.0)
    }

    /// Whether other parameters lie within a millionth of these, measured by what they change.
    pub(crate) fn is_next_to(&self, theta: &Vector<K>) -> bool {
        const NEXT: f64 = 1e-6;
        let (mut apart, mut size) = (0.0, 0.0);
        for ((a, b), norm) in self.theta.iter().zip(theta).zip(&self.norms) {
            apart += (norm * (a - b)).powi(2);
            size += (norm * a).powi(2);
        }
        apart <= NEXT * NEXT * size
    }

    /// How far rounding each parameter once moves the residuals: no step shorter than this (in
    /// the norm of the change of the residuals) means anything.
    pub(crate) fn resolution(&self) -> f64 {
        let sizes = self.norms.iter().zip(&self.theta);
        2.0 * f64::EPSILON * sizes.map(|(d, x)| d * x.abs()).sum::<f64>()
    }

    /// Whether rounding the parameters accounts for the gradient by each of the free ones: a huge
    /// column, which makes the resolution coarse, says nothing of those that are at right angles
    /// to it.
    pub(crate) fn is_level(&self, free: ParameterSet) -> bool {
        const UNIT: f64 = 10.0 * f64::EPSILON;
        free.iter().all(|j| {
            let column = &self.triangle.r[j];
            let scale: f64 = (0..self.triangle.k)
                .map(|l| {
                    let both = self.triangle.r[l].iter().zip(column);
                    let product: f64 = both.take(j.min(l) + 1).map(|(a, b)| a * b).sum();
                    (product * self.theta[l]).abs()
                })
                .sum();
            self.descent[j].abs() <= UNIT * scale
        })
    }

    /// Bound on the rounding error of the difference of two losses near this point.
    pub(crate) fn loss_noise(&self) -> f64 {
        let residual = self.triangle.residual_squares().sqrt();
        ROUNDINGS * self.loss + 4.0 * residual * self.resolution()
    }
}
