//! Why there is no fit, in the words of the curve.

use super::optimiser::OptimiserError;
use crate::curve::GrowthCurve;
use crate::error::{Error, ErrorKind, Result};

/// What the optimiser says, with the names of the curve's parameters.
pub(crate) fn explained<C: GrowthCurve>(curve: &C, error: &OptimiserError) -> String {
    error.said(|j| curve.parameters().get(j).map_or("", |of| &*of.name))
}

/// The optimiser's failure, with the curve and the region.
pub(crate) fn not_fitted(curve: &str, region: &str, reason: &str) -> Error {
    ErrorKind::NotFitted {
        curve: curve.to_owned(),
        region: region.to_owned(),
        reason: reason.to_owned(),
    }
    .into()
}

/// The place of the natural parameter of a name.
pub(super) fn natural_place<C: GrowthCurve>(curve: &C, name: &str) -> Result<usize> {
    let natural = curve.natural_parameters();
    let place = natural.iter().position(|p| p.name == name);
    place.ok_or_else(|| {
        let what = format!("natural parameter of the {} curve", curve.name());
        Error::unknown(what, name, natural.iter().map(|p| &*p.name))
    })
}
