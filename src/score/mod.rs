//! How good forecasts are: scores, rolling-origin back-tests and the baselines to beat.
//!
//! Everything is scored on natural logarithms of counts, so that a score reads as a relative error
//! and a small registry weighs as much as a large one (Bosse et al. 2023, PLOS Computational Biology
//! 19:e1011393, [doi:10.1371/journal.pcbi.1011393](https://doi.org/10.1371/journal.pcbi.1011393)).
//!

mod predictive;
mod rules;

pub use predictive::Predictive;
pub use rules::{PROBABILITIES, QuantileForecast, WeightedIntervalScore, bias, crps, pit};
