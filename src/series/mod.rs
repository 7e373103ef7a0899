//! The observations of one region, validated once.

mod incidence;
mod observation;
mod shocks;

pub use incidence::IncidenceSeries;
pub(crate) use incidence::no_logarithm;
pub use observation::{Observation, PublishedProjection};
pub use shocks::Shocks;
