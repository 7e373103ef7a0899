//! A forecast as it is read from a file: the checks that make it one.

use super::model::Member;
use super::predictive::Forecast;
use crate::error::{Error, Result};
use crate::number_checks::{Place, increasing};

impl Forecast {
    pub(super) fn check(&self) -> Result<()> {
        self.options.check(&self.region)?;
        let place = format!("the forecast of {}", self.region);
        let place = Place(&place);
        if let Some(expected) = &self.options.expected {
            expected.growth(
                &self.region,
                self.last_year,
                self.last_year.saturating_add(1),
            )?;
        }
        let total: f64 = self.members.iter().map(|member| member.weight).sum();
        // The members that were dropped had 55 parts in a thousand million at most.
        let adds_up = (total - 1.0).abs() <= 1e-7;
        place.check(adds_up, "the sum of the weights", total, "1")?;
        for Member {
            weight,
            noise,
            state,
        } in &self.members
        {
            place.check(*weight > 0.0, "a weight", weight, "above 0")?;
            let (phi, name) = (noise.persistence, "the persistence of growth");
            let allowed = "at least 0 and below 1";
            place.check((0.0..1.0).contains(&phi), name, phi, allowed)?;
            for variance in [noise.level, noise.growth, noise.count] {
                place.not_negative("the variance of a noise", variance)?;
            }
            if !state.is_distribution() {
                return Err(Error::contradiction(format!(
                    "a state in {} is not a distribution: its mean is not finite, or its covariance not \
                     symmetric and positive semidefinite",
                    place.0
                )));
            }
        }
        place.finite("the fitted growth", self.fitted_growth.unwrap_or(0.0))?;
        increasing(&self.region, self.shocks.iter().copied())?;
        increasing(&self.region, self.taken_as_complete.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::super::forecast_options::ForecastOptions;
    use super::*;
    use crate::forecast::{RegistryTrend, SiteEffect, TrendParameters};
    use crate::series::{IncidenceSeries, Shocks};

    /// A forecast comes back to the bit, and what cannot be one is refused.
    #[test]
    fn a_forecast_is_data() {
        let marked = ForecastOptions {
            shocks: Shocks::pandemic(),
            ..ForecastOptions::default()
        };
        let counts = [(2015, 400.0), (2019, 450.0), (2020, 390.0), (2023, 500.0)];
        let series = IncidenceSeries::from_counts("x", counts).unwrap();
        let forecast = RegistryTrend::default().of(&series, &marked).unwrap();
        let value = serde_json::to_value(&forecast).unwrap();
        let text = serde_json::to_string(&forecast).unwrap();
        assert_eq!(serde_json::from_str::<Forecast>(&text).unwrap(), forecast);
        let said = |path: &str, wrong: serde_json::Value| {
            let mut value = value.clone();
            *value.pointer_mut(path).unwrap() = wrong;
            let error = serde_json::from_value::<Forecast>(value).unwrap_err();
            error.to_string()
        };
        assert!(said("/members/0/weight", 0.9.into()).contains("sum of the weights"));
        assert!(said("/members", serde_json::json!([])).contains("sum of the weights"));
        assert!(said("/members/0/noise/persistence", 1.0.into()).contains("persistence"));
        assert!(said("/members/0/noise/level", (-1.0).into()).contains("variance"));
        assert!(said("/members/0/state/covariance/0/1", 9.0.into()).contains("symmetric"));
        assert!(said("/members/0/state/covariance/1/1", (-9.0).into()).contains("semidefinite"));
        assert!(said("/options/members", 0.5.into()).contains("members"));
        assert!(said("/shocks", serde_json::json!([2021, 2020])).contains("2021"));
    }

    /// Whatever parameters are admitted, a forecast that is made is one that can be read.
    #[test]
    fn forecasts_of_extreme_parameters_come_back() {
        let mut made = 0;
        for persistence in [0.0, 0.9, 0.999_999_999_999] {
            for (calibration, growth_noise) in [(2.0, 0.0072), (1e-9, 1.0), (1.0, 1.0)] {
                for (size_exponent, count_noise) in [(-1.0, 1.0), (-0.18, 0.015), (0.0, 0.0)] {
                    let parameters = TrendParameters {
                        persistence,
                        growth_noise,
                        count_noise,
                        size_exponent,
                        calibration,
                        ..TrendParameters::shipped()
                    };
                    let trend = RegistryTrend::new(parameters, SiteEffect::myeloma()).unwrap();
                    for counts in [
                        vec![(2000, 1e12), (2003, 1.0)],
                        vec![(2000, 5.0), (2001, 1e6), (2002, 7.0)],
                        (2000..2020).map(|year| (year, f64::from(year))).collect(),
                    ] {
                        let series = IncidenceSeries::from_counts("x", counts).unwrap();
                        let Ok(forecast) = trend.of(&series, &ForecastOptions::default()) else {
                            continue;
                        };
                        let text = serde_json::to_string(&forecast).unwrap();
                        let read = serde_json::from_str::<Forecast>(&text);
                        assert_eq!(read.unwrap(), forecast, "{parameters:?}");
                        made += 1;
                    }
                }
            }
        }
        assert!(made > 60, "{made}");
    }
}
