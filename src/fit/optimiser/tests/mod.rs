//! The optimiser against closed forms, hand-worked optima, published test functions and bad input.

mod closed_forms;
mod dual;
mod hard_input;
mod nist;
mod problems;
mod published;
mod requests;

use super::super::optimum::Optimum;
use super::triangle::MAX_PARAMETERS;
use super::{Bounds, Minimum, Objective, OptimiserError, OptimiserOptions, Term, minimise};
use dual::Dual;

/// Least squares with a residual function `residual(i, θ)`, which is y − f.
struct Squares<F> {
    k: usize,
    n: usize,
    residual: F,
}

impl<F: Fn(usize, &[Dual]) -> Dual> Objective for Squares<F> {
    fn parameters(&self) -> usize {
        self.k
    }

    fn terms(&self) -> usize {
        self.n
    }

    fn term(&self, i: usize, theta: &[f64], row: &mut [f64]) -> Term {
        least_squares(theta, row, |theta| (self.residual)(i, theta))
    }
}

/// A term of least squares; writes its design row, minus the derivatives of the residual.
fn least_squares(theta: &[f64], row: &mut [f64], of: impl FnOnce(&[Dual]) -> Dual) -> Term {
    let Dual { value, by } = of(&Dual::parameters(theta));
    row.iter_mut().zip(by).for_each(|(to, by)| *to = -by);
    Term {
        loss: 0.5 * value * value,
        residual: value,
    }
}

fn squares<F: Fn(usize, &[Dual]) -> Dual>(k: usize, n: usize, residual: F) -> Squares<F> {
    Squares { k, n, residual }
}

fn unbounded(parameters: usize) -> Bounds {
    Bounds::new([(f64::NEG_INFINITY, f64::INFINITY)].repeat(parameters))
}

fn solve<O: Objective>(objective: &O, start: &[f64]) -> Result<Minimum, OptimiserError> {
    let bounds = unbounded(start.len());
    minimise(objective, start, &bounds, &OptimiserOptions::default())
}

/// Numbers between 0 and 1 from a linear congruential generator (Knuth, MMIX).
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn saturating(scale: f64, rate_unit: f64) -> impl Objective {
    // Data of NIST's BoxBOD.
    const X: [f64; 6] = [1.0, 2.0, 3.0, 5.0, 7.0, 10.0];
    const Y: [f64; 6] = [109.0, 149.0, 149.0, 191.0, 213.0, 224.0];
    squares(2, 6, move |i, t| {
        Y[i] * scale - t[0] * (1.0 - (t[1] * (-X[i] * rate_unit)).exp())
    })
}

/// `(JᵀJ)⁻¹` over all parameters, as a fit of a curve has it.
fn covariance(minimum: &Minimum) -> [[f64; MAX_PARAMETERS]; MAX_PARAMETERS] {
    Optimum::new(minimum).unscaled_covariance()
}

/// Residual sum of squares over degrees of freedom; `None` without degrees of freedom.
fn residual_variance(minimum: &Minimum) -> Option<f64> {
    let dof = minimum.degrees_of_freedom();
    (dof > 0).then(|| minimum.residual_squares / dof as f64)
}
