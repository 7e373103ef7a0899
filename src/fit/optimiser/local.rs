//! What the triangular factor of a point says about the way to the minimum.

use super::descent::Search;
use super::parameter_set::ParameterSet;
use super::point::Point;
use super::triangle::{Triangle, Vector, norm};
use crate::numeric::linear_algebra::{dot, symmetric_eigen};

/// What the triangle of a point says about the step to the minimum.
#[derive(Debug, Clone)]
pub(crate) struct Local<const K: usize> {
    pub(crate) free: ParameterSet,
    /// Norm of the change of the residuals along the Gauss–Newton step of the free parameters.
    pub(crate) length: f64,
    /// Root mean square of the residuals that this step leaves, or their known deviation where that is
    /// less: with it, `length/sigma` counts standard errors.
    pub(crate) sigma: f64,
    /// The Gauss–Newton step of the free parameters, in their order, where the triangle has one.
    pub(crate) step: Option<Vector<K>>,
}

impl<const K: usize> Local<K> {
    pub(crate) fn new(search: &Search<'_, K>, point: &Point<K>) -> Self {
        let free = search.free_at(point);
        let m = free.len();
        let selected;
        let (triangle, norms) = if m == search.k {
            (&point.triangle, point.norms)
        } else {
            selected = point.triangle.select(free);
            (&selected, free.gather(&point.norms))
        };
        let step = triangle.solve(&triangle.c, &norms, f64::EPSILON);
        let sigma = (triangle.rest / (search.n.saturating_sub(m)).max(1) as f64)
            .sqrt()
            .min(search.deviation);
        Self {
            free,
            length: norm(&triangle.c[..m]),
            sigma,
            step,
        }
    }
}

/// `max_j |J_jᵀr|/(‖J_j‖·‖r‖)` over the free parameters; 0 where `J_jᵀr` is.
pub(crate) fn scaled_gradient<const K: usize>(point: &Point<K>, free: ParameterSet) -> f64 {
    let residual = point.triangle.residual_squares().sqrt();
    free.iter()
        .map(|j| {
            let scale = point.norms[j] * residual;
            if scale > 0.0 {
                point.descent[j].abs() / scale
            } else {
                0.0
            }
        })
        .fold(0.0, f64::max)
}

/// The parameters involved in the directions that the triangle of the free ones does not determine.
pub(crate) fn undetermined<const K: usize>(
    selected: &Triangle<K>,
    free: ParameterSet,
    limit: f64,
) -> ParameterSet {
    /// Share in a unit vector from which on a parameter counts as involved.
    const INVOLVED: f64 = 0.05;
    let m = selected.k;
    let norms = selected.column_norms();
    let scale = |j: usize| if norms[j] > 0.0 { norms[j] } else { 1.0 };
    let product =
        |i: usize, j: usize| dot(&selected.r[i][..m], &selected.r[j][..m]) / (scale(i) * scale(j));
    let rows = (0..m).map(|i| (0..m).map(|j| product(i, j)).collect());
    let directions = symmetric_eigen(rows.collect());
    let greatest = directions
        .iter()
        .map(|(value, _)| *value)
        .fold(0.0, f64::max);
    // Below the rounding of the products nothing is told apart.
    let least = greatest * limit.powi(-2).max(1e-14);
    let mut set = ParameterSet::default();
    for (_, vector) in directions.iter().filter(|(value, _)| *value <= least) {
        for (j, share) in free.iter().zip(vector) {
            if share.abs() > INVOLVED {
                set.insert(j);
            }
        }
    }
    set
}
