//! Two ways to compute one model: the cohort convolution on a grid of time, and the individual simulation.
//!
//! | file | what |
//! |---|---|
//! | `row` | what is counted by calendar year |
//! | `convolution` | convolution with one sojourn time on a grid |
//! | `kernel` | what one patient diagnosed in a year contributes to every later year |
//! | `superposition` | all cohorts together, in all draws: [`Pathway::flow`](super::Pathway::flow) |
//! | `arrivals` | how many of a cohort have arrived in each line by a data cut |
//! | `individual` | patients one by one |

mod arrivals;
mod convolution;
mod individual;
mod integrals;
mod kernel;
mod row;
mod superposition;

pub(super) use arrivals::arrivals;
pub use individual::{Patient, PatientEvent};
pub(super) use row::{Row, State};
