//! How a registry trend is conditioned on figures and forecast.

use serde::{Deserialize, Serialize};

use super::expected::ExpectedByYear;
use crate::error::Result;
use crate::number_checks::Place;
use crate::series::Shocks;

/// **What is forecast**: a future count with its own scatter, or its expectation without it. The first has a
/// prediction interval, the second an interval of the trend.
///
/// # Example
///
/// ```
/// use myeloma_epi::IncidenceSeries;
/// use myeloma_epi::forecast::{ForecastOptions, ForecastQuantity, RegistryTrend};
///
/// // A small registry: the square root of a count of 50 is 14 % of it.
/// let counts = IncidenceSeries::from_counts("Atlantis", [(2019, 48.0), (2024, 52.0)])?;
/// let variance = |quantity| {
///     let options = ForecastOptions { quantity, ..ForecastOptions::default() };
///     let forecast = RegistryTrend::default().of(&counts, &options)?;
///     forecast.log_moments(2025).map(|(_, variance)| variance)
/// };
/// let (registered, expected) = (variance(ForecastQuantity::Registered)?, variance(ForecastQuantity::Expected)?);
/// // Between them lies at least the scatter of a Poisson count, here more than 1/60.
/// assert!(registered - expected > 1.0 / 60.0);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForecastQuantity {
    /// The count that a registry will publish, with its own scatter: what a back-test scores.
    #[default]
    Registered,
    /// The expected count, without that scatter.
    Expected,
}

/// How a registry trend is conditioned on figures and forecast.
///
/// A plain struct whose fields are checked by [`RegistryTrend::of`](super::RegistryTrend::of).
///
/// ```
/// use myeloma_epi::Shocks;
/// use myeloma_epi::forecast::ForecastOptions;
///
/// // The sum of five countries of equal size, without the years of the pandemic.
/// let options = ForecastOptions {
///     members: 5.0,
///     shocks: Shocks::pandemic(),
///     ..ForecastOptions::default()
/// };
/// let text = serde_json::to_string(&options)?;
/// assert_eq!(serde_json::from_str::<ForecastOptions>(&text)?, options);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ForecastOptions {
    /// What is forecast. Default: the count that a registry will publish.
    pub quantity: ForecastQuantity,
    /// Whether the last figure and those of the two calendar years before it are provisional: incomplete
    /// because of reporting delay. Default: no.
    ///
    /// They are then raised by the shares that registries report late
    /// ([`TrendParameters::late_reporting`](super::TrendParameters::late_reporting), 2.8, 1.1 and 0.9 %
    /// as shipped), and the forecast is of complete counts. The shares are averages over registries and
    /// are taken as exact; where a registry states its own, complete the figures with it instead.
    pub provisional: bool,
    /// Years that are known to be outliers, such as the pandemic's: their figures are not used, and
    /// [`Forecast::shocks`](super::Forecast::shocks) lists them. Default: none. A mark on a
    /// single series names it by its region.
    pub shocks: Shocks,
    /// The between-source standard deviation on the log scale, from 0 to 1: an error that all figures
    /// have in common, which moves every year alike and leaves growth alone. Default: 0.
    pub between_source_sd: f64,
    /// The effective number of members of a region that is a sum, 1/Σw² with w the members' shares
    /// of the cases, from 1 to 10,000. Default: 1, one registry or one country.
    ///
    /// Given the site, the errors of different countries are all but independent (their mean
    /// correlation over the panel is below 0.02 at every horizon), so those of a sum are smaller: its
    /// noises are those of a member with an equal share of the cases, divided by √members. What
    /// the site adds to growth is shared, and is not divided.
    pub members: f64,
    /// Expected cases at constant rates, for every year from the first figure to the last that is forecast: with them
    /// the trend is that of the rate, cases / expected, and needs the parameters of one
    /// ([`RegistryTrend::rate`](super::RegistryTrend::rate)). Default: none, a trend of the counts.
    pub expected: Option<ExpectedByYear>,
    /// The error of the population's projection: standard deviation of the log of expected cases per year after the
    /// last figure, from 0 to 0.1. The errors of all years are one error of growth. Above 0 it needs
    /// [`ForecastOptions::expected`]. Default: 0, the projection is taken as exact.
    ///
    /// Three revisions of the United Nations' projections (2019, 2022 and 2024) put the World's expected cases of
    /// myeloma in 2040 at 267, 273 and 271 thousand, a standard deviation of 1.1 % about 20 years ahead: 0.0006 a year.
    pub expected_error: f64,
}

impl Default for ForecastOptions {
    fn default() -> Self {
        Self {
            quantity: ForecastQuantity::default(),
            provisional: false,
            shocks: Shocks::none(),
            between_source_sd: 0.0,
            members: 1.0,
            expected: None,
            expected_error: 0.0,
        }
    }
}

impl ForecastOptions {
    pub(super) fn check(&self, region: &str) -> Result<()> {
        let place = Place(region);
        let name = "the between-source standard deviation";
        place.share(name, self.between_source_sd)?;
        let (members, name) = (self.members, "the effective number of members");
        let holds = (1.0..=1e4).contains(&members);
        place.check(holds, name, members, "between 1 and 10,000")?;
        let error = self.expected_error;
        let most = self.expected.as_ref().map_or(0.0, |_| 0.1);
        let allowed = "between 0 and 0.1, and 0 where no expected cases are given";
        let holds = (0.0..=most).contains(&error);
        place.check(holds, "the error of expected cases", error, allowed)
    }
}
