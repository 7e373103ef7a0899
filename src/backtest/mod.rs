//! Rolling-origin back-tests: forecasts from every year of a series, with what was known then.

mod baseline;
mod curves;
mod empirical;
mod estimate;
mod panel;
mod quasi_newton;
mod registry_trend;
mod rolling;
mod smoothing;
mod stacking;
mod summary;

pub use baseline::Baseline;
pub use curves::CurveForecaster;
pub use empirical::{EmpiricalErrors, Point};
pub use estimate::TrendEstimate;
pub use panel::{Panel, PanelSeries};
pub use registry_trend::TrendForecaster;
pub use rolling::{
    Backtest, BacktestOptions, Excluded, Forecaster, Past, Scored, Setting, backtest,
};
pub use smoothing::{ExponentialSmoothing, Trend};
pub use stacking::{Stacked, StackingOptions, stack, stack_families};
pub use summary::{HEADLINE_HORIZONS, PitSummary, Summary, headline};
