//! The second derivative of the loss near a minimum, where the residuals are too large or the
//! model too curved for Gauss–Newton steps to converge fast.

use super::block::{BLOCK_ROWS, dot};
use super::descent::Search;
use super::local::Local;
use super::objective::Bounds;
use super::parameter_set::ParameterSet;
use super::point::Point;
use super::triangle::{Triangle, Vector};
use crate::numeric::linear_algebra::{Cholesky, solve};

/// Length of the difference quotient in standard errors. In a narrow curved valley a thousandth of
/// a standard error already leaves the floor; a hundred-thousandth is well inside.
const DIFFERENCE: f64 = 1e-5;

/// The same as a multiple of what rounding resolves, where that is coarser: the second derivative
/// then has four digits.
const DIFFERENCE_RESOLUTION: f64 = 1e4;

/// Above this many standard errors a difference quotient says nothing about the point.
const GREATEST_DIFFERENCE: f64 = 1e-2;

/// Smallest pivot of the second derivative, in units of the Gauss–Newton one, that counts as positive.
const LEAST_PIVOT: f64 = 1e-6;

/// The second derivative of the loss in coordinates in which its Gauss–Newton part is the
/// identity: `R⁻ᵀ·∇²L·R⁻¹`, by rows.
#[derive(Debug, Clone)]
pub(crate) struct Curvature<const K: usize> {
    pub(crate) free: ParameterSet,
    triangle: Triangle<K>,
    second: Vec<Vec<f64>>,
}

/// A Newton step.
pub(crate) struct NewtonStep<const K: usize> {
    pub(crate) p: Vector<K>,
    /// Decrease of the loss that the quadratic model promises.
    pub(crate) predicted: f64,
}

impl<const K: usize> Curvature<K> {
    /// Measures the second derivative by differences of the gradient along the columns of `R⁻¹`. `None` where it is
    /// not positive definite, cannot be measured, or has no scale because the residuals vanish.
    pub(crate) fn measure(
        search: &mut Search<'_, K>,
        point: &Point<K>,
        state: &Local<K>,
    ) -> Option<Self> {
        let free = state.free;
        let triangle = point.triangle.select(free);
        let m = triangle.k;
        let resolved = DIFFERENCE_RESOLUTION * point.resolution();
        let h = resolved.max(DIFFERENCE * state.sigma);
        if h > GREATEST_DIFFERENCE * state.sigma || h == 0.0 || state.step.is_none() {
            return None;
        }
        let mut columns = [[0.0; K]; K];
        for (a, column) in columns[..m].iter_mut().enumerate() {
            let mut e = [0.0; K];
            e[a] = h;
            let d = triangle.solve(&e, &[0.0; K], 0.0)?;
            let mut theta = point.theta;
            for (j, d) in free.iter().zip(&d) {
                theta[j] += d;
            }
            let end = search.descent_at(&theta)?;
            let mut difference = [0.0; K];
            for (i, j) in free.iter().enumerate() {
                difference[i] = (point.descent[j] - end[j]) / h;
            }
            *column = triangle.solve_transposed(&difference);
        }
        let entry = |i: usize, j: usize| 0.5 * (columns[j][i] + columns[i][j]);
        let factor = Cholesky::new(m, entry);
        let positive = (0..m).all(|i| factor.root[i][i] > LEAST_PIVOT.sqrt());
        (positive && factor.defect < LEAST_PIVOT).then(|| Self {
            free,
            triangle,
            second: (0..m)
                .map(|i| (0..m).map(|j| entry(i, j)).collect())
                .collect(),
        })
    }

    /// The Newton step at a point near the one of measurement; `None` where it leaves the box or
    /// does not descend.
    pub(crate) fn newton_step(&self, point: &Point<K>, bounds: &Bounds) -> Option<NewtonStep<K>> {
        let z = self
            .triangle
            .solve_transposed(&self.free.gather(&point.descent));
        let rows = self.second.iter().zip(z);
        let equations = rows.map(|(row, z)| row.iter().copied().chain([z]).collect());
        let mut w = [0.0; K];
        w[..self.triangle.k].copy_from_slice(&solve(equations.collect())?);
        let part = self.triangle.solve(&w, &[0.0; K], 0.0)?;
        let mut p = [0.0; K];
        for (j, part) in self.free.iter().zip(part) {
            p[j] = part;
        }
        let inside = |j: usize| bounds.contains(j, point.theta[j] + p[j]);
        let predicted = 0.5 * z.iter().zip(&w).map(|(z, w)| z * w).sum::<f64>();
        (predicted > 0.0 && self.free.iter().all(inside)).then_some(NewtonStep { p, predicted })
    }
}

impl<const K: usize> Search<'_, K> {
    /// `Jᵀr` at a point, `None` where it is not finite.
    fn descent_at(&mut self, theta: &Vector<K>) -> Option<Vector<K>> {
        self.evaluations += 1;
        let mut sum = [0.0; K];
        for first in (0..self.n).step_by(BLOCK_ROWS) {
            self.block.fill(self.objective, first, &theta[..self.k]);
            let rows = self.block.pad(self.k);
            for (sum, column) in sum.iter_mut().zip(&self.block.columns[..self.k]) {
                *sum += dot(&column[..rows], &self.block.residuals[..rows]);
            }
        }
        sum.iter().all(|x| x.is_finite()).then_some(sum)
    }
}
