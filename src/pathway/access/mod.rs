//! Who is eligible for equecabtagene autoleucel by its label, and where it can be had.
//!
//! ```
//! use myeloma_epi::YearlyDraws;
//! use myeloma_epi::pathway::access::{AccessFact, Exposure};
//! use myeloma_epi::pathway::{FlowOptions, evidence::Preset};
//! use ndarray::Array2;
//!
//! for fact in AccessFact::shipped() {
//!     println!("{fact}");
//! }
//! // 40 new cases a year in a region of mainland China, from 1995.
//! let incidence = YearlyDraws::new(1995, Array2::from_elem((30, 1), 40.0))?;
//! let flow = Preset::of("west_china")?.pathway.flow(&incidence, &FlowOptions::to(2024))?;
//! let exposure = Exposure {
//!     proteasome_inhibitor_and_immunomodulator: Some(0.9),
//!     adult: Some(1.0),
//! };
//! let patients = exposure.eligible_where_approved(&[("mainland China", &flow)], 2024)?;
//! assert!(patients[0].1.median(2024)? < 20.0);
//! # Ok::<(), myeloma_epi::Error>(())
//! ```

mod approvals;
mod label_rule;

pub use approvals::{AccessFact, AccessStatus};
pub use label_rule::Exposure;
