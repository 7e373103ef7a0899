//! The registry trend as a forecaster.

use super::forecaster::{Forecaster, Past};
use crate::error::Result;
use crate::forecast::{ForecastOptions, RegistryTrend, TrendScale};
use crate::score::Predictive;

/// The model as it is, with its own site effect for every series: by default that of myeloma. Its
/// parameters were estimated on registry series, so a back-test on series that were among them is
/// in-sample. A trend of the rate takes the expected cases of the series, which it has to have, and forecasts as far as
/// they go; one of the counts does without.
impl Forecaster for RegistryTrend {
    fn name(&self) -> &'static str {
        "registry-trend"
    }

    fn forecast(&self, past: &Past<'_>, horizons: usize) -> Result<Option<Vec<Predictive>>> {
        let expected = match self.parameters().scale {
            TrendScale::Rate => past.expected.cloned(),
            TrendScale::Counts => None,
        };
        let options = ForecastOptions {
            expected,
            ..ForecastOptions::default()
        };
        let forecast = self.of(past.history, &options)?;
        let ahead = i32::try_from(horizons).unwrap_or(i32::MAX);
        let to = forecast.last_year().saturating_add(ahead);
        let mixtures = forecast.mixtures(to)?.into_iter().map(Predictive::of);
        Ok(Some(mixtures.collect()))
    }
}
