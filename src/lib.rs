#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod backtest;
pub mod curve;
mod draws;
mod error;
pub mod figures;
pub mod fit;
pub mod forecast;
pub mod joinpoint;
mod numeric;
mod outlook;
pub mod pathway;
pub mod projection;
mod random;
pub mod report;
pub mod score;
mod series;
mod table;

pub use draws::{DrawSource, YearSummary, YearlyDraws, YearlyTally};
pub use error::{Error, ErrorKind, Result};
pub use ndarray;
pub use outlook::{
    BetweenSource, Complement, CurveOutlook, ImpliedGrowth, NotIdentified, Outlook, OutlookOptions,
    OutlookVariance, RegionOutlook, TherapyModel,
};
pub use projection::{Projection, ProjectionOptions};
pub use random::Seed;
pub use series::{IncidenceSeries, Observation, PublishedProjection, Shocks};
