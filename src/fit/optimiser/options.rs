//! Limits, tolerances and checks of a fit.

use super::error::SolverError;

/// How much is checked before a point counts as a minimum.
///
/// The parameters are believed to be a minimum if every check that applies passes:
///
/// | check | what it asks | `Basic` | `WhenFragile` | `Full` |
/// |---|---|---|---|---|
/// | gradient | scaled gradient within [`SolverOptions::gradient_tolerance`] and a Gauss–Newton step that explains less than a thousandth of the residuals, or a step at the level of rounding | always | always | always |
/// | rank | every free parameter determined | always | always | always |
/// | curvature | the second derivative of the loss is positive definite | – | fragile | always |
/// | return | a descent from two standard errors away comes back to within a twentieth of one, or ends at a lower point, which then takes its place | – | fragile | always |
///
/// A fit is fragile if the scaled condition number is above [`FRAGILE_CONDITION`], if it took more
/// than [`FRAGILE_ITERATIONS`] iterations, converged slowly or stopped for want of progress, holds
/// a parameter on a bound, or was rescued by another start.
///
/// With several starts ([`minimise_from`](super::minimise_from)) and `WhenFragile`, a descent from another start that comes to
/// the minimum stands for the return: it comes from farther away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verification {
    /// Gradient and rank: a few arithmetic operations.
    Basic,
    /// Gradient and rank, and everything else for a fragile fit. A fit that is not fragile pays
    /// nothing for it.
    #[default]
    WhenFragile,
    /// Every check: about as many evaluations again as the fit itself.
    Full,
}

/// Condition number of the column-scaled design above which a fit counts as fragile.
pub const FRAGILE_CONDITION: f64 = 1e5;

/// Number of iterations above which a fit counts as fragile: quadratic-like convergence from a
/// start in the right region needs a third of it.
pub const FRAGILE_ITERATIONS: usize = 40;

/// Limits and tolerances of a fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SolverOptions {
    /// Greatest number of trial steps of one descent, accepted or not. Default 1000: narrow curved
    /// valleys take some hundred, every other problem less than fifty.
    pub max_iterations: usize,
    /// A descent has converged when the step to the minimum is shorter than this many standard
    /// errors (of the direction it takes). Default 1e-10: beyond all use in statistics, so that
    /// what is printed does not depend on the start.
    pub tolerance: f64,
    /// The longest last step, in standard errors, that is taken without looking at where it leads: if
    /// Gauss–Newton steps have shrunk so fast that by their ratio the next one is within `tolerance`.
    /// Standard errors are then those before the step, about this part of themselves away. Default
    /// 1e-9.
    pub unseen_step: f64,
    /// A descent has also converged when the step changes no parameter by more than this, as a
    /// multiple of its value: for fits without residuals, whose standard errors are zero. Default
    /// 1e-14.
    pub step_tolerance: f64,
    /// Largest scaled gradient (see [`Minimum::scaled_gradient`](super::Minimum::scaled_gradient)) at a minimum. Default 1e-6: half
    /// the digits of a double, and hundreds of times below what a plateau shows.
    pub gradient_tolerance: f64,
    /// Condition number of the column-scaled design from which on a parameter counts as not
    /// determined. Default 1e12: of the 16 digits of a double four are left in the estimate.
    pub condition_limit: f64,
    /// Radius of the first trust region, as a multiple of the length of the start scaled with the
    /// columns of the design. Default 1: no parameter is first changed by more than about itself.
    pub initial_radius: f64,
    /// Checks before a point counts as a minimum.
    pub verification: Verification,
    /// Starts to try after the given one failed; see [`minimise`](super::minimise). Default 12.
    pub rescue_starts: usize,
}

impl Default for SolverOptions {
    fn default() -> Self {
        Self {
            max_iterations: 1000,
            tolerance: 1e-10,
            unseen_step: 1e-9,
            step_tolerance: 1e-14,
            gradient_tolerance: 1e-6,
            condition_limit: 1e12,
            initial_radius: 1.0,
            verification: Verification::default(),
            rescue_starts: 12,
        }
    }
}

impl SolverOptions {
    pub(crate) fn validate(&self) -> Result<(), SolverError> {
        let checks = [
            ("tolerance", self.tolerance, 0.0..1.0),
            ("unseen_step", self.unseen_step, 0.0..1.0),
            ("step_tolerance", self.step_tolerance, 0.0..1.0),
            ("gradient_tolerance", self.gradient_tolerance, 0.0..1.0),
            ("condition_limit", self.condition_limit, 1.0..f64::INFINITY),
            (
                "initial_radius",
                self.initial_radius,
                f64::MIN_POSITIVE..f64::INFINITY,
            ),
        ];
        for (name, value, range) in checks {
            if !range.contains(&value) {
                return Err(SolverError::InvalidOption { name, value });
            }
        }
        if self.max_iterations == 0 {
            return Err(SolverError::InvalidOption {
                name: "max_iterations",
                value: 0.0,
            });
        }
        Ok(())
    }
}
