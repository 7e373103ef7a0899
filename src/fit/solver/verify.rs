//! The second look at a point at which a descent stopped.

use super::curvature::Curvature;
use super::descent::{Descent, Free, Local, Point, Search, scaled_gradient, undetermined};
use super::linalg::{MAX_PARAMETERS, Triangle, Vector, norm};
use super::minimise::{
    Check, FRAGILE_CONDITION, FRAGILE_ITERATIONS, Origin, ParameterSet, SolverError, Verification,
};
use super::minimum::{Minimum, Termination};

/// Distances, in standard errors along each direction, from which a descent has to come back.
const DISTANCES: [f64; 4] = [2.0, -2.0, 0.2, -0.2];

/// How often a lower minimum found on the way back may take the place of the one before.
const REPLACEMENTS: usize = 5;

impl Search<'_> {
    /// Checks the end of a descent, and follows it downhill where a check finds a lower point.
    pub(crate) fn verify(
        &mut self,
        point: Point,
        spare: &mut Point,
        descent: Descent,
        origin: Origin,
    ) -> Result<Minimum, SolverError> {
        let mut point = point;
        let mut descent = descent;
        for _ in 0..REPLACEMENTS {
            let mut minimum = self.verify_locally(&point, &descent, origin)?;
            let fragile = minimum.condition > FRAGILE_CONDITION
                || descent.iterations > FRAGILE_ITERATIONS
                || descent.slow
                || descent.termination == Termination::Stalled
                || (0..self.k).any(|j| minimum.held.contains(j) && !self.bounds.is_fixed(j))
                || !matches!(origin, Origin::Start(_));
            let thorough = match self.options.verification {
                Verification::Basic => false,
                Verification::WhenFragile => fragile,
                Verification::Full => true,
            };
            if !thorough || minimum.rank() == 0 {
                minimum.evaluations = self.evaluations;
                return Ok(minimum);
            }
            let failed = |check| SolverError::NotAMinimum {
                check,
                scaled_gradient: minimum.scaled_gradient,
            };
            let state = Local::new(self, &point);
            // Without residuals the second derivative is the Gauss–Newton one.
            let measurable = state.sigma > 1e7 * point.resolution(&state.norms);
            if measurable && Curvature::measure(self, &point, &state).is_none() {
                return Err(failed(Check::Curvature));
            }
            match self.returns(&point, spare, &minimum, &state) {
                Return::Same => {
                    minimum.thorough = true;
                    minimum.evaluations = self.evaluations;
                    return Ok(minimum);
                }
                Return::Lower(there, way) => {
                    point = *there;
                    descent = way;
                }
                Return::Never => return Err(failed(Check::Return)),
            }
        }
        let state = Local::new(self, &point);
        Err(SolverError::NotAMinimum {
            check: Check::Return,
            scaled_gradient: scaled_gradient(&point, state.free, &state.norms),
        })
    }

    /// Gradient and rank.
    fn verify_locally(
        &self,
        point: &Point,
        descent: &Descent,
        origin: Origin,
    ) -> Result<Minimum, SolverError> {
        let free = descent.free;
        let norms = point.triangle.column_norms();
        let triangle = if free.indices().len() == self.k {
            point.triangle.clone()
        } else {
            point.triangle.select(free.indices())
        };
        let m = triangle.k;
        let mut free_norms = [0.0; MAX_PARAMETERS];
        for (to, from) in free_norms.iter_mut().zip(free.indices()) {
            *to = norms[*from];
        }
        let condition = if m == 0 {
            1.0
        } else {
            triangle.scaled_condition(&free_norms)
        };
        if condition > self.options.condition_limit {
            let mut parameters = undetermined(
                &point.triangle,
                free,
                self.options.condition_limit / m as f64,
            );
            if parameters.is_empty() {
                free.indices().iter().for_each(|j| parameters.insert(*j));
            }
            return Err(SolverError::Singular {
                parameters,
                condition,
            });
        }
        let gradient = scaled_gradient(point, free, &norms);
        let length = norm(&triangle.c[..m]);
        if gradient > self.options.gradient_tolerance && length > 1e3 * point.resolution(&norms) {
            return Err(SolverError::NotAMinimum {
                check: Check::Gradient,
                scaled_gradient: gradient,
            });
        }
        let mut held = ParameterSet::default();
        (0..self.k)
            .filter(|j| !free.indices().contains(j))
            .for_each(|j| held.insert(j));
        Ok(Minimum {
            theta: point.theta,
            loss: point.loss,
            magnitude: point.magnitude,
            noise: point.loss_noise(&norms),
            residual_squares: triangle.rest + length * length,
            triangle,
            free,
            held,
            terms: self.n,
            parameters: self.k,
            scaled_gradient: gradient,
            condition,
            termination: if m == 0 && (0..self.k).all(|j| self.bounds.is_fixed(j)) {
                Termination::AllFixed
            } else {
                descent.termination
            },
            iterations: descent.iterations,
            evaluations: self.evaluations,
            origin,
            thorough: false,
            agreeing: 1,
        })
    }

    /// Descends to the minimum again from points around it.
    fn returns(
        &mut self,
        point: &Point,
        spare: &mut Point,
        minimum: &Minimum,
        state: &Local,
    ) -> Return {
        for distance in DISTANCES {
            let Some(theta) = displaced(point, &minimum.triangle, state, distance) else {
                continue;
            };
            let mut there = Box::new(Point::new(self.k));
            there.theta = theta;
            self.bounds.project(&mut there.theta);
            let Ok(way) = self.descend(&mut there, spare, false) else {
                continue;
            };
            let Ok(end) = self.verify_locally(&there, &way, minimum.origin) else {
                continue;
            };
            if minimum.is_same(&end) {
                return Return::Same;
            }
            let margin = 1e-9 * minimum.magnitude + minimum.noise + end.noise;
            if end.loss < minimum.loss - margin {
                return Return::Lower(there, way);
            }
        }
        Return::Never
    }
}

/// Where descents from nearby end.
enum Return {
    Same,
    Lower(Box<Point>, Descent),
    Never,
}

/// A point some standard errors away from another in every direction of the free parameters.
fn displaced(point: &Point, triangle: &Triangle, state: &Local, distance: f64) -> Option<Vector> {
    let m = triangle.k;
    let free: Free = state.free;
    // Without residuals a standard error is zero; a thousandth of the model takes its place.
    let floor = 1e-3 * f64::EPSILON.recip() * point.resolution(&state.norms);
    let unit = if state.sigma > 1e-6 * floor {
        state.sigma
    } else {
        floor
    };
    let mut z = [0.0; MAX_PARAMETERS];
    for (i, z) in z[..m].iter_mut().enumerate() {
        // Alternate signs, so that no symmetry of the parameters is kept.
        let sign = if i % 2 == 0 { 1.0 } else { -1.0 };
        *z = sign * distance * unit;
    }
    let step = triangle.solve(&z, &[0.0; MAX_PARAMETERS], 0.0)?;
    let mut theta = point.theta;
    for (j, p) in free.indices().iter().zip(&step) {
        theta[*j] += p;
    }
    theta.iter().all(|x| x.is_finite()).then_some(theta)
}
