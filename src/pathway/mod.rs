//! From draws of incidence to patients by line of therapy.
//!
//! This half of the crate takes draws of yearly new cases ([`YearlyDraws`](crate::YearlyDraws)), wherever they
//! come from, and never a fitted curve.
//!
//! | question | answer |
//! |---|---|
//! | what does a published share of "patients who reach third line" mean? | [`Reading`]; what goes on from there is an [`UltimateShare`] |
//! | how many of those diagnosed in a year ever reach third line? | [`ThirdLine`] |
//! | how many start third line in a calendar year? | [`Delay`]: incidence of all earlier years, convolved with the time to third line |
//! | how many are in each line, die, are lost, year by year? | [`Pathway`], a semi-Markov model: [`Pathway::flow`] gives the expected numbers as a [`Flow`], by cohort convolution; [`Pathway::simulate`] follows patients one by one |
//! | how long is a patient in a state, and which share goes where? | [`SojournTime`], [`Share`] |
//! | what do studies say? | [`evidence`] |
//! | who is eligible by the label, and where can it be had? | [`access`] |
//!
//! Times are in years, shares between 0 and 1, lines count from 1. Never treated, off treatment and lost to
//! further therapy are states like the lines: everybody is in one of them, or dead.
//!
//! ```
//! use myeloma_epi::pathway::{FlowOptions, Line, Moment, Pathway, Share, SojournTime};
//! use myeloma_epi::YearlyDraws;
//! use ndarray::array;
//!
//! let incidence = YearlyDraws::new(2023, array![[900.0, 950.0], [920.0, 990.0], [940.0, 1030.0]])?;
//! let pathway = Pathway::of_lines([
//!     Line::new(SojournTime::weibull(1.1, 3.0)?.with_relative_error(0.1)?, Share::counted(583.0, 917.0)?),
//!     Line::new(SojournTime::exponential_from_median(1.0)?, Share::new(0.5)?),
//!     Line::new(SojournTime::exponential_from_median(0.7)?, Share::new(0.0)?),
//! ])?;
//! let flow = pathway.flow(&incidence, &FlowOptions::to(2025))?;
//! let starts = flow.starts(3)?.median(2025)?;
//! let in_third_line = flow.in_line(3, Moment::YearEnd)?.interval(2025, 0.95)?;
//! assert!(starts > 0.0 && in_third_line.0 < in_third_line.1);
//! assert!(flow.conservation_gap() < 1e-9);
//! # Ok::<(), myeloma_epi::Error>(())
//! ```

pub mod access;
mod cohorts;
mod delay;
mod estimand;
pub mod evidence;
mod flow;
mod flow_display;
mod flow_options;
mod follow_up;
mod incidence_before;
mod model;
mod share;
mod share_range;
mod sojourn;
mod third_line;
mod ultimate_share;

pub use cohorts::{Patient, PatientEvent};
pub use delay::{Delay, DelayedStarts};
pub use estimand::Reading;
pub use flow::{Flow, Moment};
pub use flow_options::{Entry, FlowOptions};
pub use follow_up::FollowUp;
pub(crate) use incidence_before::continued_backwards;
pub use model::{Group, Line, Pathway};
pub use share::Share;
pub use share_range::ShareDistribution;
pub use sojourn::{SojournFamily, SojournTime};
pub use third_line::ThirdLine;
pub use ultimate_share::UltimateShare;
