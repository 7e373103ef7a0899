//! The registry trend of a region, and the model discrepancy that comes from it.

use super::between_source::as_seen_by_the_last_source;
use super::options::OutlookOptions;
use crate::draws::YearlyDraws;
use crate::error::Result;
use crate::forecast::{Forecast, RegistryTrend};
use crate::projection::between_source_factors;
use crate::series::IncidenceSeries;

/// The forecast through the observations alone, by the shipped parameters for multiple myeloma.
pub(super) fn forecast(
    series: &IncidenceSeries,
    between_source_sd: f64,
    options: &OutlookOptions,
) -> Result<Forecast> {
    let of_one_source = as_seen_by_the_last_source(series, between_source_sd)?;
    RegistryTrend::default().of(&of_one_source, &options.forecast)
}

/// Draws of the forecast, each with the error of the last observation's source that the same draw of the
/// linear pool has.
pub(super) fn draws(
    forecast: &Forecast,
    series: &IncidenceSeries,
    between_source_sd: f64,
    options: &OutlookOptions,
) -> Result<YearlyDraws> {
    let mut cases = forecast
        .draws(options.to, options.draws, options.seed)?
        .into_array();
    let factors = between_source_factors(series, between_source_sd, options.draws, options.seed);
    for mut year in cases.rows_mut() {
        year.iter_mut().zip(&factors).for_each(|(c, f)| *c *= f);
    }
    YearlyDraws::new(forecast.last_year(), cases)
}

/// Factors of model discrepancy for the linear pools, if the options ask for it.
pub(super) fn model_discrepancy(
    forecast: &Forecast,
    options: &OutlookOptions,
) -> Result<Option<YearlyDraws>> {
    options
        .model_discrepancy
        .then(|| forecast.model_discrepancy(options.to, options.draws, options.seed))
        .transpose()
}
