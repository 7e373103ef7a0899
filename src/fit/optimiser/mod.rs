//! A solver for sums of terms over a box: Levenberg–Marquardt and Fisher scoring.
//!
//! It knows nothing of curves and is usable on a function of your own: give the terms through
//! [`Objective`] and call [`minimise`].
//!
//! ```
//! use myeloma_epi::fit::optimiser::{Bounds, Objective, SolverOptions, Term, minimise};
//!
//! /// y = a·e^(b·x) through (0, 2), (1, 3), (2, 4.5), by least squares.
//! struct Growth;
//!
//! impl Objective for Growth {
//!     fn parameters(&self) -> usize {
//!         2
//!     }
//!     fn terms(&self) -> usize {
//!         3
//!     }
//!     fn term(&self, i: usize, theta: &[f64], row: &mut [f64]) -> Term {
//!         let (x, y) = [(0.0, 2.0), (1.0, 3.0), (2.0, 4.5)][i];
//!         let growth = f64::exp(theta[1] * x);
//!         row.copy_from_slice(&[growth, theta[0] * growth * x]);
//!         let residual = y - theta[0] * growth;
//!         Term { loss: 0.5 * residual * residual, residual }
//!     }
//! }
//!
//! let minimum = minimise(&Growth, &[1.0, 0.0], &Bounds::none(2)?, &SolverOptions::default())?;
//! assert!((minimum.parameters()[1] - f64::ln(1.5)).abs() < 1e-12);
//! # Ok::<(), myeloma_epi::fit::optimiser::SolverError>(())
//! ```

mod bend;
mod block;
mod curvature;
mod descent;
mod error;
mod linalg;
mod local;
mod minimise;
mod minimum;
mod objective;
mod options;
mod parameter_set;
mod point;
mod starts;
mod trust_region;
mod verify;

pub(crate) use minimise::{least, least_from};

pub use block::{BLOCK_ROWS, Block};
pub use error::{Check, SolverError};
pub use linalg::MAX_PARAMETERS;
pub use minimise::{Origin, minimise, minimise_from};
pub use minimum::{Minimum, Termination};
pub use objective::{Bounds, Objective, Term};
pub use options::{FRAGILE_CONDITION, FRAGILE_ITERATIONS, SolverOptions, Verification};
pub use parameter_set::ParameterSet;
pub use starts::{ScatteredStarts, Start, scattered_starts};
