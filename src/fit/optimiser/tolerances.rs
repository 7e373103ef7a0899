//! Limits, tolerances and checks of a fit.

/// Condition number of the column-scaled design above which a fit counts as fragile.
pub(crate) const FRAGILE_CONDITION: f64 = 1e5;

/// Number of iterations above which a fit counts as fragile: quadratic-like convergence from a
/// start in the right region needs a third of it.
pub(crate) const FRAGILE_ITERATIONS: usize = 40;

/// Greatest number of trial steps of one descent, accepted or not: narrow curved valleys take some hundred, every
/// other problem less than fifty.
pub(crate) const MAX_ITERATIONS: usize = 1000;

/// A descent has also converged when the step changes no parameter by more than this, as a
/// multiple of its value: for fits without residuals, whose standard errors are zero.
pub(crate) const STEP_TOLERANCE: f64 = 1e-14;

/// Largest scaled gradient (see [`scaled_gradient`](super::local::scaled_gradient)) at a minimum: half
/// the digits of a double, and hundreds of times below what a plateau shows.
pub(crate) const GRADIENT_TOLERANCE: f64 = 1e-6;

/// Condition number of the column-scaled design from which on a parameter counts as not
/// determined: of the 16 digits of a double four are left in the estimate.
pub(crate) const CONDITION_LIMIT: f64 = 1e12;

/// Radius of the first trust region, as a multiple of the length of the start scaled with the
/// columns of the design: no parameter is first changed by more than about itself.
pub(crate) const INITIAL_RADIUS: f64 = 1.0;

/// Tolerances and checks of a fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct OptimiserOptions {
    /// A descent has converged when the step to the minimum is shorter than this many standard
    /// errors (of the direction it takes). Default 1e-10: beyond all use in statistics, so that
    /// what is printed does not depend on the start.
    pub(crate) tolerance: f64,
    /// The longest last step, in standard errors, that is taken without looking at where it leads: if
    /// Gauss–Newton steps have shrunk so fast that by their ratio the next one is within `tolerance`.
    /// Standard errors are then those before the step, about this part of themselves away. Default
    /// 1e-9.
    pub(crate) unseen_step: f64,
    /// Whether a fragile fit has to be found again from nearby, see [`minimise`](super::minimise). Default true.
    pub(crate) thorough: bool,
    /// Starts to try after the given one failed; see [`minimise`](super::minimise). Default 12.
    pub(crate) rescue_starts: usize,
}

impl Default for OptimiserOptions {
    fn default() -> Self {
        Self {
            tolerance: 1e-10,
            unseen_step: 1e-9,
            thorough: true,
            rescue_starts: 12,
        }
    }
}
