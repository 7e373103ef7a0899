//! The curvature of the model along a step: geodesic acceleration (Transtrum and Sethna 2012,
//! arXiv:1201.5885).

use super::block::BLOCK_ROWS;
use super::descent::Search;
use super::linalg::Vector;
use super::point::Point;
use super::trust_region::{Region, Step};

/// The second-order part of a step.
pub(crate) struct Bend<const K: usize> {
    pub(crate) p: Vector<K>,
    /// Twice its length over the length of the first-order part.
    pub(crate) ratio: f64,
}

impl<const K: usize> Search<'_, K> {
    /// Second-order correction of a step by the curvature of the residuals along it.
    pub(crate) fn bend(
        &mut self,
        point: &Point<K>,
        region: &Region<K>,
        step: &Step<K>,
    ) -> Option<Bend<K>> {
        const FRACTION: f64 = 0.1;
        let mut ahead = point.theta;
        for (x, p) in ahead.iter_mut().zip(&step.p) {
            *x += FRACTION * p;
        }
        self.bounds.project(&mut ahead);
        self.evaluations += 2;
        let mut sum = [0.0; K];
        let mut after = [0.0; BLOCK_ROWS];
        let k = self.k;
        for first in (0..self.n).step_by(BLOCK_ROWS) {
            self.block.fill(self.objective, first, &ahead[..k]);
            let len = self.block.residuals().len();
            after[..len].copy_from_slice(self.block.residuals());
            self.block.fill(self.objective, first, &point.theta[..k]);
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
        let p = region.correction(point, step.moved, &sum)?;
        let mut half = p;
        for x in &mut half {
            *x *= 0.5;
        }
        let ratio = 2.0 * region.length(&half) / step.length;
        ratio.is_finite().then_some(Bend { p: half, ratio })
    }
}
