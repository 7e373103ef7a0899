//! Why there is no fit.

use std::fmt;

use super::linalg::MAX_PARAMETERS;
use super::parameter_set::ParameterSet;

/// Why there is no fit. Parameters and terms are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub(crate) enum OptimiserError {
    /// The objective has no parameters.
    NoParameters,
    /// The objective has no terms.
    NoTerms,
    /// More than [`MAX_PARAMETERS`] parameters.
    TooManyParameters {
        /// Their number.
        parameters: usize,
    },
    /// Fewer terms than free parameters.
    TooFewTerms {
        /// Number of terms.
        terms: usize,
        /// Number of parameters that are not fixed.
        free: usize,
    },
    /// A start or the bounds have another length than the objective has parameters.
    WrongLength {
        /// `"start"` or `"bounds"`.
        what: &'static str,
        /// The length found.
        found: usize,
        /// The objective's number of parameters.
        parameters: usize,
    },
    /// Bounds that are NaN, crossed or leave no finite number.
    InvalidBounds {
        /// The parameter.
        parameter: usize,
        /// Its lower bound.
        lower: f64,
        /// Its upper bound.
        upper: f64,
    },
    /// An option outside its range.
    InvalidOption {
        /// Name of the field.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// [`Objective::residual_deviation`](super::Objective::residual_deviation) is not finite and above 0.
    InvalidDeviation {
        /// The value.
        value: f64,
    },
    /// No start was given.
    NoStart,
    /// A coordinate of the start is NaN or infinite.
    StartNotFinite {
        /// The parameter.
        parameter: usize,
        /// Its value.
        value: f64,
    },
    /// The start lies outside the bounds.
    StartOutsideBounds {
        /// The parameter.
        parameter: usize,
        /// Its value.
        value: f64,
        /// Its lower bound.
        lower: f64,
        /// Its upper bound.
        upper: f64,
    },
    /// At the start a term's loss, residual or gradient is NaN, infinite, or too large to be
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
    /// The iteration stopped at a point that is not a minimum.
    NotAMinimum {
        /// The check that failed.
        check: Check,
        /// Scaled gradient where it stopped.
        scaled_gradient: f64,
    },
}

/// A check of [`Verification`](super::Verification).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum Check {
    /// The gradient is not small.
    Gradient,
    /// The second derivative of the loss is not positive definite: a saddle.
    Curvature,
    /// A descent from nearby did not come back.
    Return,
}

impl fmt::Display for OptimiserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoParameters => f.write_str("the objective has no parameters"),
            Self::NoTerms => f.write_str("the objective has no terms"),
            Self::TooManyParameters { parameters } => {
                write!(
                    f,
                    "{parameters} parameters; at most {MAX_PARAMETERS} are possible"
                )
            }
            Self::TooFewTerms { terms, free } => {
                write!(f, "{terms} terms cannot determine {free} free parameters")
            }
            Self::WrongLength {
                what,
                found,
                parameters,
            } => {
                write!(
                    f,
                    "the {what} have length {found}, the objective has {parameters} parameters"
                )
            }
            Self::InvalidBounds {
                parameter,
                lower,
                upper,
            } => {
                write!(
                    f,
                    "bounds [{lower}, {upper}] of parameter {parameter} hold no finite number"
                )
            }
            Self::InvalidOption { name, value } => {
                write!(f, "optimiser option {name} = {value} is out of range")
            }
            Self::InvalidDeviation { value } => write!(
                f,
                "the deviation of the residuals is {value}: it must be finite and above 0"
            ),
            Self::NoStart => f.write_str("no start was given"),
            Self::StartNotFinite { parameter, value } => {
                write!(f, "start of parameter {parameter} is {value}")
            }
            Self::StartOutsideBounds {
                parameter,
                value,
                lower,
                upper,
            } => write!(
                f,
                "start {value} of parameter {parameter} lies outside its bounds [{lower}, {upper}]"
            ),
            Self::NotFiniteAtStart { term: Some(term) } => {
                write!(f, "term {term} is not finite at the start")
            }
            Self::NotFiniteAtStart { term: None } => {
                f.write_str("the sum over terms is not finite at the start")
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
            Self::NotAMinimum {
                check,
                scaled_gradient,
            } => {
                let what = match check {
                    Check::Gradient => "its gradient is not zero",
                    Check::Curvature => "the loss curves downwards there",
                    Check::Return => "a descent from nearby does not return to it",
                };
                write!(
                    f,
                    "the iteration stopped at a point that is not a minimum: {what} (scaled gradient {scaled_gradient:.1e})"
                )
            }
        }
    }
}

impl std::error::Error for OptimiserError {}
