#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod curve;
mod draws;
mod error;
pub mod figures;
pub mod fit;
mod mixture;
mod outlook;
mod panel;
pub mod pathway;
pub mod projection;
mod random;
pub mod report;
pub mod score;
mod series;
mod shocks;
mod therapy;
pub mod trend;

pub use draws::{DrawSource, YearSummary, YearlyDraws, YearlyTally};
pub use error::{Error, ErrorKind, Result};
pub use outlook::{
    BorrowedCurve, CurveOutlook, CurveShare, ImpliedGrowth, LeftOut, Outlook, OutlookOptions,
    OutlookVariance, RegionOutlook, Rest, SourceLevel,
};
pub use panel::{Panel, PanelSeries};
pub use projection::{MAX_HORIZON, Projection, ProjectionOptions};
pub use random::Seed;
pub use series::{IncidenceSeries, Observation, PublishedProjection};
pub use shocks::Shocks;
pub use therapy::{IncidenceSource, TherapyModel};
