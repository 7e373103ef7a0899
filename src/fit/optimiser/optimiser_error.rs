//! Why there is no fit.

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

impl OptimiserError {
    /// The error as a sentence, with the parameters by these names; terms are counted from 1.
    pub(crate) fn said<'n>(&self, name: impl Fn(usize) -> &'n str) -> String {
        const NO_MINIMUM: &str = "the iteration stopped at a point that is not a minimum";
        match self {
            Self::NoStart => "no start was given".to_owned(),
            Self::NotFiniteAtStart { term: Some(term) } => format!(
                "at figure {} (priors count after the last one) the curve is not finite, or not above 0 as a mean \
                 of counts is",
                term + 1
            ),
            Self::NotFiniteAtStart { term: None } => {
                "the start, or the sum over figures there, is not finite".to_owned()
            }
            Self::IterationLimit {
                iterations,
                scaled_gradient,
            } => format!(
                "no convergence in {iterations} steps (scaled gradient {scaled_gradient:.1e})"
            ),
            Self::Singular {
                parameters,
                condition,
            } => {
                let names: Vec<&str> = parameters.iter().map(name).collect();
                let names = names.join(", ");
                if condition.is_infinite() {
                    return format!(
                        "the figures do not determine {names}: the curve is the same whatever it is, as one without growth is \
                         whatever damps it"
                    );
                }
                format!("the figures do not determine {names} (condition {condition:.1e})")
            }
            Self::AtDomainEdge {
                term,
                scaled_gradient,
            } => {
                let beyond = term.map_or_else(String::new, |term| {
                    format!(", beyond which figure {} is not finite", term + 1)
                });
                format!(
                    "the loss falls towards the edge of the domain{beyond} (scaled gradient \
                     {scaled_gradient:.1e})"
                )
            }
            Self::GradientNotZero { scaled_gradient } => format!(
                "{NO_MINIMUM}: its gradient is not zero (scaled gradient {scaled_gradient:.1e})"
            ),
            Self::NoReturn => {
                format!("{NO_MINIMUM}: a descent from nearby does not return to it")
            }
        }
    }
}
