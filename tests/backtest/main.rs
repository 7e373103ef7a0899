//! Scores, back-tests and the forecasters of the example `backtest`, whose own unit tests run here too.

mod baselines;
mod forecasters;
mod panel;
mod round_trip;
mod scores;
mod stacking;

#[path = "../../examples/backtest/baseline.rs"]
mod baseline;
#[path = "../../examples/backtest/empirical.rs"]
mod empirical;
#[path = "../../examples/backtest/estimate.rs"]
mod estimate;
#[path = "../../examples/backtest/growth_choice.rs"]
mod growth_choice;
#[path = "../../examples/backtest/quasi_newton.rs"]
mod quasi_newton;
#[path = "../../examples/backtest/registry_trend.rs"]
mod registry_trend;
#[path = "../../examples/backtest/site_growth.rs"]
mod site_growth;
#[path = "../../examples/backtest/smoothing.rs"]
mod smoothing;
#[path = "../../examples/backtest/theta.rs"]
mod theta;

use myeloma_epi::Result;
use myeloma_epi::backtest::{Forecaster, Past};
use myeloma_epi::score::{Predictive, QuantileForecast};

/// A method of which only quantiles are known.
struct Sure;

impl Forecaster for Sure {
    fn name(&self) -> &'static str {
        "sure"
    }

    fn forecast(&self, past: &Past<'_>, horizons: usize) -> Result<Option<Vec<Predictive>>> {
        let observations = past.history.observations();
        let last = observations[observations.len() - 1].cases.ln();
        let quantiles = QuantileForecast::new([last; 7])?;
        Ok(Some(vec![Predictive::quantiles_only(quantiles); horizons]))
    }
}
