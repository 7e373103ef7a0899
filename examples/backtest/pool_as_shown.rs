//! The linear pool of an outlook as a forecaster: four families of curves, two of them through a projection that somebody
//! published.

use myeloma_epi::backtest::{Forecaster, Past, Setting};
use myeloma_epi::curve::Family;
use myeloma_epi::fit::{FitOptions, PublishedProjectionUse};
use myeloma_epi::forecast::ForecastOptions;
use myeloma_epi::score::Predictive;
use myeloma_epi::{
    ErrorKind, IncidenceSeries, OutlookOptions, Projection, ProjectionOptions, PublishedProjection,
    Result, Seed,
};

use super::registry_trend::Trends;

/// Linear and exponential curves through two figures with the error that an outlook assumes, logistic and Gompertz curves
/// through these and a published projection with its error, equally weighted, with the model discrepancy of the registry
/// trend of counts (that of the other groups).
///
/// What a published projection would have been: the last figure at constant rates by age, fifteen years on, which is
/// what those of the IARC and of the press release are. Only from two figures, and where expected cases are known.
pub(crate) struct PoolAsShown<'a> {
    pub(crate) trends: &'a Trends,
    pub(crate) draws: usize,
}

/// How far a published projection reaches.
const AHEAD: i32 = 15;

impl PoolAsShown<'_> {
    fn pool(
        &self,
        past: &Past<'_>,
        series: &IncidenceSeries,
        to: i32,
    ) -> Result<Option<Projection>> {
        let mut curves = Vec::new();
        for (family, published_projection) in [
            (Family::Linear, PublishedProjectionUse::Ignore),
            (Family::Exponential, PublishedProjectionUse::Ignore),
            (Family::Logistic, PublishedProjectionUse::AsFigure),
            (Family::Gompertz, PublishedProjectionUse::AsFigure),
        ] {
            let options = ProjectionOptions {
                draws: self.draws,
                fit: FitOptions {
                    published_projection,
                    ..FitOptions::default()
                },
                ..ProjectionOptions::to(to)
            };
            match Projection::of(&family, series, &options) {
                Ok(curve) => curves.push(curve),
                // No curve of the family goes through figures whose growth increases, or the line comes to 0: an outlook goes
                // on without it.
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::NoSuchCurve { .. } | ErrorKind::NotFinite { .. }
                    ) => {}
                Err(error) => return Err(error),
            }
        }
        if curves.is_empty() {
            return Ok(None);
        }
        let trend = self.trends.model_for(past)?;
        let trend = trend.of(past.history, &ForecastOptions::default())?;
        let discrepancy = trend.model_discrepancy(to, self.draws, Seed::default())?;
        let pool = Projection::pool(&curves, Seed::default())?;
        pool.with_model_discrepancy(&discrepancy).map(Some)
    }
}

impl Forecaster for PoolAsShown<'_> {
    fn name(&self) -> &'static str {
        "pool-as-shown"
    }

    fn forecast(&self, past: &Past<'_>, horizons: usize) -> Result<Option<Vec<Predictive>>> {
        let last = past.history.last_year();
        let ahead = past.expected.and_then(|expected| {
            let grown = expected.cases(last + AHEAD)? / expected.cases(last)?;
            Some(grown)
        });
        let (Some(grown), Setting::TwoFigure) = (ahead, past.setting) else {
            return Ok(None);
        };
        let options = OutlookOptions::default();
        let figures = past.history.observations().iter();
        let counts = figures.map(|o| (o.year, o.cases)).collect::<Vec<_>>();
        let cases = counts[counts.len() - 1].1 * grown;
        let series = IncidenceSeries::from_counts(past.history.region(), counts)?
            .with_published_projection(PublishedProjection {
                year: last + AHEAD,
                cases,
                relative_error: None,
            })?
            .assuming_projection_error(options.assumed_projection_error)?
            .assuming_relative_error(options.assumed_error)?;
        let reach = i32::try_from(horizons).unwrap_or(i32::MAX);
        let Some(pool) = self.pool(past, &series, last.saturating_add(reach))? else {
            return Ok(None);
        };
        let mut forecasts = Vec::with_capacity(horizons);
        for year in (1..=reach).map(|horizon| last + horizon) {
            let draws = pool.new_cases().year(year)?;
            // A line that falls below zero has no logarithm, and then nothing to say.
            let logs: Vec<f64> = draws.iter().filter(|c| **c > 0.0).map(|c| c.ln()).collect();
            if logs.len() < draws.len() {
                break;
            }
            forecasts.push(Predictive::draws(logs)?);
        }
        Ok(Some(forecasts))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use myeloma_epi::forecast::ExpectedByYear;

    use super::*;
    use crate::registry_trend::TrendForecaster;

    /// Of four curves two go through the projection, 4,000 (3,000 times the growth of expected cases), fifteen years after 1,000
    /// and 3,000 cases; the line is at 9,000 then and the exponential at 81,000. So a quarter of the draws lie below the projection, a
    /// half and three quarters below what is between, give or take four standard errors of a share of 400 draws.
    #[test]
    fn each_curve_is_a_quarter_and_two_go_through_the_projection() {
        let history = IncidenceSeries::from_counts("x", [(2000, 1e3), (2005, 3e3)]).unwrap();
        let by_year = |year: i32| (year, 90.0 + 2.0 * f64::from((year - 2005).max(0)));
        let expected: BTreeMap<i32, f64> = (2000..=2020).map(by_year).collect();
        let expected = ExpectedByYear::new(expected).unwrap();
        let trend = TrendForecaster::shipped();
        let pool = PoolAsShown {
            trends: &trend.counts,
            draws: 400,
        };
        let past = |setting, expected| Past {
            history: &history,
            group: "A",
            site: "x",
            setting,
            expected,
        };
        let forecasts = pool.forecast(&past(Setting::TwoFigure, Some(&expected)), 15);
        let last = &forecasts.unwrap().unwrap()[14];
        for (low, high, share) in [(4e3_f64, 4e3, 0.25), (4e3, 9e3, 0.5), (9e3, 81e3, 0.75)] {
            let below = last.pit((low * high).sqrt().ln()).unwrap();
            assert!((below - share).abs() < 0.1, "{low} {high}: {below}");
        }
        for none in [
            past(Setting::TwoFigure, None),
            past(Setting::FullHistory, Some(&expected)),
        ] {
            assert!(pool.forecast(&none, 15).unwrap().is_none());
        }
    }
}
