//! Limits, tolerances and checks of a fit.

use super::error::OptimiserError;

/// Condition number of the column-scaled design above which a fit counts as fragile.
pub(crate) const FRAGILE_CONDITION: f64 = 1e5;

/// Number of iterations above which a fit counts as fragile: quadratic-like convergence from a
/// start in the right region needs a third of it.
pub(crate) const FRAGILE_ITERATIONS: usize = 40;

/// Limits and tolerances of a fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct OptimiserOptions {
    /// Greatest number of trial steps of one descent, accepted or not. Default 1000: narrow curved
    /// valleys take some hundred, every other problem less than fifty.
    pub(crate) max_iterations: usize,
    /// A descent has converged when the step to the minimum is shorter than this many standard
    /// errors (of the direction it takes). Default 1e-10: beyond all use in statistics, so that
    /// what is printed does not depend on the start.
    pub(crate) tolerance: f64,
    /// The longest last step, in standard errors, that is taken without looking at where it leads: if
    /// Gauss–Newton steps have shrunk so fast that by their ratio the next one is within `tolerance`.
    /// Standard errors are then those before the step, about this part of themselves away. Default
    /// 1e-9.
    pub(crate) unseen_step: f64,
    /// A descent has also converged when the step changes no parameter by more than this, as a
    /// multiple of its value: for fits without residuals, whose standard errors are zero. Default
    /// 1e-14.
    pub(crate) step_tolerance: f64,
    /// Largest scaled gradient (see [`Minimum::scaled_gradient`](super::Minimum::scaled_gradient)) at a minimum. Default 1e-6: half
    /// the digits of a double, and hundreds of times below what a plateau shows.
    pub(crate) gradient_tolerance: f64,
    /// Condition number of the column-scaled design from which on a parameter counts as not
    /// determined. Default 1e12: of the 16 digits of a double four are left in the estimate.
    pub(crate) condition_limit: f64,
    /// Radius of the first trust region, as a multiple of the length of the start scaled with the
    /// columns of the design. Default 1: no parameter is first changed by more than about itself.
    pub(crate) initial_radius: f64,
    /// Whether a fragile fit is checked for curvature and return besides gradient and rank, see
    /// [`minimise`](super::minimise). Default true.
    pub(crate) thorough: bool,
    /// Starts to try after the given one failed; see [`minimise`](super::minimise). Default 12.
    pub(crate) rescue_starts: usize,
}

impl Default for OptimiserOptions {
    fn default() -> Self {
        Self {
            max_iterations: 1000,
            tolerance: 1e-10,
            unseen_step: 1e-9,
            step_tolerance: 1e-14,
            gradient_tolerance: 1e-6,
            condition_limit: 1e12,
            initial_radius: 1.0,
            thorough: true,
            rescue_starts: 12,
        }
    }
}

impl OptimiserOptions {
    pub(crate) fn validate(&self) -> Result<(), OptimiserError> {
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
                return Err(OptimiserError::InvalidOption { name, value });
            }
        }
        if self.max_iterations == 0 {
            return Err(OptimiserError::InvalidOption {
                name: "max_iterations",
                value: 0.0,
            });
        }
        Ok(())
    }
}
