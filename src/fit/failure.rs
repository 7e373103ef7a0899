//! Why there is no fit, in the words of the curve.

use super::optimiser::OptimiserError;
use crate::curve::GrowthCurve;
use crate::error::{Error, ErrorKind};

/// What the optimiser says, with the names of the curve's parameters.
pub(crate) fn explained<C: GrowthCurve>(curve: &C, error: &OptimiserError) -> String {
    if let OptimiserError::NotFiniteAtStart { term: Some(term) } = error {
        return format!(
            "at figure {} (priors count after the last one) the curve is not finite, or not above 0 as a mean of counts is",
            term + 1
        );
    }
    let OptimiserError::Singular {
        parameters,
        condition,
    } = error
    else {
        return error.to_string();
    };
    let names: Vec<&str> = parameters
        .iter()
        .filter_map(|j| curve.parameters().get(j).map(|parameter| &*parameter.name))
        .collect();
    format!(
        "the figures do not determine {} (condition {condition:.1e})",
        names.join(", ")
    )
}

/// The optimiser's failure, with the curve and the region.
pub(crate) fn not_fitted(curve: &str, region: &str, reason: &dyn std::fmt::Display) -> Error {
    ErrorKind::NotFitted {
        curve: curve.to_owned(),
        region: region.to_owned(),
        reason: reason.to_string(),
    }
    .into()
}
