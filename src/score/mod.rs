//! How good forecasts are: scores, rolling-origin back-tests and the baselines to beat.
//!
//! Everything is scored on natural logarithms of counts, so that a score reads as a relative error
//! and a small registry weighs as much as a large one (Bosse et al. 2023, PLOS Computational Biology
//! 19:e1011393, [doi:10.1371/journal.pcbi.1011393](https://doi.org/10.1371/journal.pcbi.1011393)).
//!
//! A [`backtest`] forecasts from every year of every series of a [`Panel`](crate::Panel), with what
//! was known in that year, in two [`Setting`]s, by any [`Forecaster`]: the [`TrendForecaster`], the
//! [`Baseline`]s, and [`EmpiricalErrors`] about a plain [`Point`] forecast.

mod backtest;
mod baseline;
mod curves;
mod empirical;
mod predictive;
mod rules;
mod smoothing;
mod stacking;
mod summary;
mod trend;

pub use backtest::{
    Backtest, BacktestOptions, Excluded, Forecaster, Past, Scored, Setting, backtest,
};
pub use baseline::Baseline;
pub use curves::CurveForecaster;
pub use empirical::{EmpiricalErrors, Point};
pub use predictive::Predictive;
pub use rules::{PROBABILITIES, QuantileForecast, WeightedIntervalScore, bias, crps, pit};
pub use smoothing::{ExponentialSmoothing, Trend};
pub use stacking::{Stacked, StackingOptions, stack, stack_families};
pub use summary::{HEADLINE_HORIZONS, PitSummary, Summary, headline};
pub use trend::TrendForecaster;
