//! From draws of incidence to patients by line of therapy.
//!
//! This half of the crate takes draws of yearly new cases, from wherever they are, and never a
//! fitted curve.

mod share;
mod third_line;

pub use share::{ShareDistribution, UltimateShare};
pub use third_line::ThirdLine;
