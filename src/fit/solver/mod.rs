//! A solver for sums of terms over a box: Levenberg–Marquardt and Fisher scoring.
//!
//! It is usable on a function of your own; the shipped curves go through the same door.

mod curvature;
mod descent;
mod linalg;
mod minimise;
mod minimum;
mod objective;
mod starts;
mod trust_region;
mod verify;

pub use linalg::{BLOCK_ROWS, Block, MAX_PARAMETERS};
pub use minimise::{
    Check, FRAGILE_CONDITION, FRAGILE_ITERATIONS, Origin, ParameterSet, SolverError, SolverOptions,
    Verification, minimise, minimise_from,
};
pub use minimum::{Minimum, Termination};
pub use objective::{Bounds, Objective, Term};
pub use starts::{ScatteredStarts, Start, scattered_starts};
