//! Two solvers for one model: renewal convolution on a grid, and patients one by one.

mod arrivals;
mod convolution;
mod individual;
mod kernel;
mod layout;

pub(super) use arrivals::arrivals;
pub use individual::{Patient, PatientEvent, SimulationOptions};
pub(super) use individual::{histories, simulate};
pub(super) use kernel::{Checked, Kernel, KernelSolver, Prepared, finer_grid, first_grid};
pub(super) use layout::{Layout, Row, row_count};

use serde::{Deserialize, Serialize};

/// When in its calendar year a cohort is diagnosed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Entry {
    /// At a steady rate through the year. The default: it is what happens, and half of those
    /// diagnosed in a year have had less than half a year by its end.
    #[default]
    UniformOverYear,
    /// All on the middle day of the year, the simplification of many cohort tables.
    MidYear,
}
