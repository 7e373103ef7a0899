//! Minimisation of sums of terms over a box: Levenberg–Marquardt and Fisher scoring.
//!
//! It knows nothing of curves: an [`Objective`] gives the terms, [`minimise`] and [`minimise_from`] the
//! verified minimum, or an [`OptimiserError`] that says why there is none.

mod block;
mod curvature;
mod descent;
mod local;
mod minimise;
mod minimum;
mod objective;
mod optimiser_error;
mod parameter_set;
mod point;
mod scattered_starts;
mod tolerances;
mod triangle;
mod trust_region;
mod verify;

#[cfg(test)]
mod tests;

pub(crate) use block::Block;
pub(crate) use minimise::{minimise, minimise_from};
pub(crate) use minimum::Minimum;
pub(crate) use objective::{Bounds, Objective, Term};
pub(crate) use optimiser_error::OptimiserError;
pub(crate) use scattered_starts::scattered_starts;
pub(crate) use tolerances::OptimiserOptions;
