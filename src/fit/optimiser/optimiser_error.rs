//! Why there is no fit.

use std::fmt;

use super::parameter_set::ParameterSet;

/// Why there is no fit. Parameters and terms are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum OptimiserError {
    /// No start was given.
    NoStart,
    /// At the start a parameter, or a term's loss, residual or gradient is NaN, infinite, or too large to be
    /// squared.
    NotFiniteAtStart {
        /// The first such term; none if each is finite but their sum is not.
        term: Option<usize>,
    },
    /// No convergence within the allowed number of steps.
    IterationLimit {
        /// Steps taken.
        iterations: usize,
        /// Scaled gradient at the best point.
        scaled_gradient: f64,
    },
    /// The data do not determine these parameters: the objective does not change along a
    /// combination of them, to working precision.
    Singular {
        /// The parameters involved.
        parameters: ParameterSet,
        /// Condition number of the column-scaled design; infinite if a column is zero.
        condition: f64,
    },
    /// The loss falls towards the edge of the objective's domain: there is no minimum inside.
    AtDomainEdge {
        /// The first term that is not finite just beyond the edge; none if each is finite but their sum
        /// is not.
        term: Option<usize>,
        /// Scaled gradient at the edge.
        scaled_gradient: f64,
    },
    /// The iteration stopped at a point where the gradient is not small.
    GradientNotZero {
        /// Scaled gradient where it stopped.
        scaled_gradient: f64,
    },
    /// The iteration stopped at a point to which a descent from nearby did not come back.
    NoReturn,
}

impl fmt::Display for OptimiserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NO_MINIMUM: &str = "the iteration stopped at a point that is not a minimum";
        match self {
            Self::NoStart => f.write_str("no start was given"),
            Self::NotFiniteAtStart { term: Some(term) } => {
                write!(f, "term {term} is not finite at the start")
            }
            Self::NotFiniteAtStart { term: None } => {
                f.write_str("the start, or the sum over terms there, is not finite")
            }
            Self::IterationLimit {
                iterations,
                scaled_gradient,
            } => write!(
                f,
                "no convergence in {iterations} steps (scaled gradient {scaled_gradient:.1e})"
            ),
            Self::Singular {
                parameters,
                condition,
            } => write!(
                f,
                "the data do not determine parameters {parameters} (condition {condition:.1e})"
            ),
            Self::AtDomainEdge {
                term,
                scaled_gradient,
            } => {
                f.write_str("the loss falls towards the edge of the domain")?;
                if let Some(term) = term {
                    write!(f, ", beyond which term {term} is not finite")?;
                }
                write!(f, " (scaled gradient {scaled_gradient:.1e})")
            }
            Self::GradientNotZero { scaled_gradient } => write!(
                f,
                "{NO_MINIMUM}: its gradient is not zero (scaled gradient {scaled_gradient:.1e})"
            ),
            Self::NoReturn => {
                write!(
                    f,
                    "{NO_MINIMUM}: a descent from nearby does not return to it"
                )
            }
        }
    }
}

impl std::error::Error for OptimiserError {}
