//! Scores of forecasts: CRPS, weighted interval score, PIT, bias, log score.
//!
//! | a forecast is | scored by |
//! |---|---|
//! | a distribution, draws or quantiles of one log count | [`Predictive`], [`QuantileForecast`] |
//! | a slice of draws on any scale | [`crps`], [`pit`], [`bias`] |
//!
//! Back-tests score natural logarithms of counts, so that a score reads as a relative error and a
//! small registry weighs as much as a large one: Bosse et al. (2023), PLOS Computational Biology
//! 19:e1011393, [doi:10.1371/journal.pcbi.1011393](https://doi.org/10.1371/journal.pcbi.1011393).
//!
//! Nothing here knows of models; they are run over past years by [`backtest`](crate::backtest).

mod predictive_distribution;
mod rules;

pub use predictive_distribution::Predictive;
pub use rules::{QuantileForecast, WeightedIntervalScore, bias, crps, pit};
