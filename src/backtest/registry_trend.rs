//! The registry trend as a forecaster.

use super::forecaster::{Forecaster, Past};
use crate::error::Result;
use crate::forecast::{ForecastOptions, RegistryTrend};
use crate::score::Predictive;

/// The model as it is, with its own site effect for every series: by default that of myeloma. Its
/// parameters were estimated on registry series, so a back-test on series that were among them is
/// in-sample.
impl Forecaster for RegistryTrend {
    fn name(&self) -> &'static str {
        "registry-trend"
    }

    fn forecast(&self, past: &Past<'_>, horizons: usize) -> Result<Option<Vec<Predictive>>> {
        let forecast = self.of(past.history, &ForecastOptions::default())?;
        let mixtures = forecast.mixtures().take(horizons).map(Predictive::of);
        Ok(Some(mixtures.collect()))
    }
}
