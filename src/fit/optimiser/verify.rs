//! The second look at a point at which a descent stopped.

use super::block::BLOCK_ROWS;
use super::descent::{Descent, End, Search};
use super::local::{Local, scaled_gradient, undetermined};
use super::minimum::Minimum;
use super::optimiser_error::OptimiserError;
use super::parameter_set::ParameterSet;
use super::point::Point;
use super::tolerances::{
    CONDITION_LIMIT, FRAGILE_CONDITION, FRAGILE_ITERATIONS, GRADIENT_TOLERANCE,
};
use super::triangle::{Triangle, Vector, norm};

/// Distances, in standard errors along each direction, from which a descent has to come back.
const DISTANCES: [f64; 4] = [2.0, -2.0, 0.2, -0.2];

/// Largest share of the residuals that the Gauss–Newton step may still explain at a minimum
/// (Bates and Watts 1981, Technometrics 23, 179–183).
const RELATIVE_OFFSET: f64 = 1e-3;

/// Part of its greatest norm below which a column of the design has faded away.
const FADED: f64 = 1e-8;

/// Multiple of the rounding of the parameters up to which a gradient may be nothing else.
const UNNOTICED: f64 = 1e3;

/// Multiple of the rounding of the residuals below which a change of them goes unnoticed.
const PLATEAU: f64 = 100.0;

/// Distance from the minimum, in standard errors, from which a descent counts as back.
const BACK: f64 = 0.05;

/// How often a lower minimum found on the way back may take the place of the one before.
const REPLACEMENTS: usize = 5;

impl<const K: usize> Search<'_, K> {
    /// Checks the end of a descent, and follows it downhill where a check finds a lower point.
    pub(crate) fn verify(
        &mut self,
        point: &mut Point<K>,
        spare: &mut Point<K>,
        mut descent: Descent<K>,
        rescued: bool,
    ) -> Result<Minimum<K>, OptimiserError> {
        for _ in 0..REPLACEMENTS {
            let mut minimum = self.verify_locally(point, &descent)?;
            minimum.rescued = rescued;
            let on_bound = |j: usize| !minimum.free.contains(j) && !self.bounds.is_fixed(j);
            let fragile = minimum.condition > FRAGILE_CONDITION
                || descent.iterations > FRAGILE_ITERATIONS
                || descent.slow
                || descent.end == End::Stalled
                || (0..self.k).any(on_bound)
                || rescued;
            if !(fragile && self.options.thorough) || minimum.free.is_empty() {
                return Ok(minimum);
            }
            if self.more_starts {
                minimum.owes_return = true;
                return Ok(minimum);
            }
            let state = Local::new(self, point);
            match self.returns(point, spare, &minimum, &state) {
                Return::Same => {
                    minimum.thorough = true;
                    return Ok(minimum);
                }
                Return::Lower(way) => descent = way,
                Return::Never => break,
            }
        }
        Err(OptimiserError::NoReturn)
    }

    /// The factor of the free parameters and its condition number, or the parameters that are not
    /// determined. `scale` holds the greatest norms of the columns on the way to the point.
    pub(crate) fn rank(
        &self,
        point: &Point<K>,
        free: ParameterSet,
        scale: &Vector<K>,
    ) -> Result<(Triangle<K>, f64), OptimiserError> {
        let norms = &point.norms;
        let triangle = point.triangle.select(free);
        let condition = if free.is_empty() {
            1.0
        } else {
            triangle.scaled_condition(&free.gather(norms))
        };
        // Scaling hides a column that as a whole has faded away on a plateau: there the parameter
        // can change by its own size, or from zero by any amount, and no residual notices.
        let resolution = point.resolution();
        let mut parameters = ParameterSet::filtered(self.k, |j| {
            free.contains(j)
                && norms[j] <= FADED * scale[j]
                && norms[j] * point.theta[j].abs() <= PLATEAU * resolution
        });
        if condition > CONDITION_LIMIT {
            let limit = CONDITION_LIMIT / free.len() as f64;
            for j in undetermined(&triangle, free, limit).iter() {
                parameters.insert(j);
            }
            if parameters.is_empty() {
                parameters = free;
            }
        }
        if parameters.is_empty() {
            Ok((triangle, condition))
        } else {
            Err(OptimiserError::Singular {
                parameters,
                condition,
            })
        }
    }

    /// Gradient and rank.
    fn verify_locally(
        &mut self,
        point: &Point<K>,
        descent: &Descent<K>,
    ) -> Result<Minimum<K>, OptimiserError> {
        let free = descent.free;
        let at_edge = |search: &Self, scaled_gradient| {
            let outside = descent.outside.as_ref();
            let outside = outside.filter(|outside| point.is_next_to(outside))?;
            Some(OptimiserError::AtDomainEdge {
                term: search.offending_term(outside),
                scaled_gradient,
            })
        };
        let ranked = self.rank(point, free, &descent.scale);
        let (triangle, condition) = ranked.map_err(|singular| {
            // At an edge the weight of one figure outgrows all others.
            at_edge(self, scaled_gradient(point, free)).unwrap_or(singular)
        })?;
        let m = triangle.k;
        let gradient = scaled_gradient(point, free);
        let length = norm(&triangle.c[..m]);
        let residual_squares = triangle.residual_squares();
        let coarse = length <= UNNOTICED * point.resolution();
        // Where the last step was taken unseen, this is the gradient before it.
        let tolerance = match descent.end {
            End::Arrived => GRADIENT_TOLERANCE.max(self.options.unseen_step),
            _ => GRADIENT_TOLERANCE,
        };
        if gradient > tolerance
            && !(coarse && self.is_rounding(point, free, residual_squares.sqrt()))
        {
            return Err(
                at_edge(self, gradient).unwrap_or(OptimiserError::GradientNotZero {
                    scaled_gradient: gradient,
                }),
            );
        }
        if !coarse && length > RELATIVE_OFFSET * residual_squares.sqrt() {
            // No column leans towards the residuals, yet a combination of columns does: they cancel,
            // as they do where the loss is stationary only because the design is singular.
            return Err(at_edge(self, gradient).unwrap_or(OptimiserError::Singular {
                parameters: undetermined(&triangle, free, 0.1 * condition),
                condition,
            }));
        }
        Ok(Minimum {
            theta: point.theta,
            parameters: self.k,
            terms: self.n,
            loss: point.loss,
            noise: point.loss_noise(),
            residual_squares,
            triangle,
            free,
            scaled_gradient: gradient,
            condition,
            iterations: descent.iterations,
            evaluations: self.evaluations,
            rescued: false,
            thorough: false,
            owes_return: false,
            agreeing: 1,
        })
    }

    /// Whether each derivative of the loss that is not small is the rounding of the terms that make it
    /// up: `|Σ Jᵢⱼ·rᵢ| ≤ UNNOTICED·2ε·Σ |Jᵢⱼ|·Σ |Jᵢₗ·θₗ|`. Row by row: a column that is huge in some
    /// terms excuses nothing in others.
    fn is_rounding(&mut self, point: &Point<K>, free: ParameterSet, residual: f64) -> bool {
        let k = self.k;
        let mut rounding = [0.0; K];
        for first in (0..self.n).step_by(BLOCK_ROWS) {
            self.block.fill(self.objective, first, &point.theta[..k]);
            let columns = &self.block.columns;
            for i in 0..self.block.len {
                let size: f64 = (0..k).map(|l| (columns[l][i] * point.theta[l]).abs()).sum();
                for j in 0..k {
                    rounding[j] += columns[j][i].abs() * size;
                }
            }
        }
        self.evaluations += 1;
        free.iter().all(|j| {
            let small = GRADIENT_TOLERANCE * point.norms[j] * residual;
            let unnoticed = UNNOTICED * 2.0 * f64::EPSILON * rounding[j];
            point.descent[j].abs() <= small.max(unnoticed)
        })
    }

    /// Descends to the minimum again from points around it.
    fn returns(
        &mut self,
        point: &mut Point<K>,
        spare: &mut Point<K>,
        minimum: &Minimum<K>,
        state: &Local<K>,
    ) -> Return<K> {
        for distance in DISTANCES {
            let Some(theta) = displaced(point, &minimum.triangle, state, distance) else {
                continue;
            };
            let mut there = Point::new(self.k);
            there.theta = theta;
            self.bounds.project(&mut there.theta);
            self.known = Some((minimum.clone(), BACK));
            let way = self.descend(&mut there, spare, false);
            self.known = None;
            let Ok(way) = way else {
                continue;
            };
            if way.end == End::Joined {
                return Return::Same;
            }
            let Ok(end) = self.verify_locally(&there, &way) else {
                continue;
            };
            if minimum.is_same(&end) {
                return Return::Same;
            }
            let margin = 1e-9 * minimum.loss + minimum.noise + end.noise;
            if end.loss < minimum.loss - margin {
                point.clone_from(&there);
                return Return::Lower(way);
            }
        }
        Return::Never
    }
}

/// Where descents from nearby end.
enum Return<const K: usize> {
    Same,
    /// The point is the lower one.
    Lower(Descent<K>),
    Never,
}

/// A point some standard errors away from another in every direction of the free parameters, or a
/// quarter of a parameter's value away if that is nearer.
fn displaced<const K: usize>(
    point: &Point<K>,
    triangle: &Triangle<K>,
    state: &Local<K>,
    distance: f64,
) -> Option<Vector<K>> {
    const SHARE: f64 = 0.25;
    let m = triangle.k;
    let free = state.free;
    // Without residuals a standard error is zero; any unit will do that the share then limits.
    let resolution = point.resolution();
    let unit = if state.sigma > 1e4 * resolution {
        state.sigma
    } else {
        1e12 * resolution
    };
    let mut z = [0.0; K];
    for (i, z) in z[..m].iter_mut().enumerate() {
        // Alternate signs, so that no symmetry of the parameters is kept.
        let sign = if i % 2 == 0 { 1.0 } else { -1.0 };
        *z = sign * distance * unit;
    }
    let step = triangle.solve(&z, &[0.0; K], 0.0)?;
    let mut factor = 1.0_f64;
    for (j, p) in free.iter().zip(&step) {
        let most = SHARE * distance.abs().min(1.0) * point.theta[j].abs();
        if most > 0.0 && p.abs() > most {
            factor = factor.min(most / p.abs());
        }
    }
    let mut theta = point.theta;
    for (j, p) in free.iter().zip(&step) {
        theta[j] += factor * p;
    }
    theta.iter().all(|x| x.is_finite()).then_some(theta)
}
