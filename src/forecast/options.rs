//! How a trend is conditioned on figures and forecast.

use crate::series::Shocks;

/// What a forecast is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ForecastQuantity {
    /// The count that a registry will publish, with its own scatter: what a back-test scores.
    #[default]
    Registered,
    /// The expected count, without that scatter.
    Expected,
}

/// How a trend is conditioned and forecast.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ForecastOptions {
    /// What is forecast. Default: the count that a registry will publish.
    pub quantity: ForecastQuantity,
    /// Whether the last figure and those of the two calendar years before it are fresh from the
    /// registry and will be revised upwards. Default: no.
    ///
    /// They are then raised by the shares that registries report late
    /// ([`TrendParameters::late_reporting`](super::TrendParameters::late_reporting), 2.8, 1.1 and 0.9 %
    /// as shipped), and the forecast is of complete counts. The shares are averages over registries and
    /// are taken as exact; where a registry states its own, complete the figures with it instead.
    pub provisional: bool,
    /// Years that are known to be out of line, such as the pandemic's: their figures are not used, and
    /// [`Forecast::shocks`](super::Forecast::shocks) names them. Default: none. A mark on a
    /// single series names it by its region.
    pub shocks: Shocks,
    /// Standard deviation, on the log scale, of an error that all figures share (the level of the
    /// source): it moves every year alike and leaves growth alone. Default: 0.
    pub shared_error: f64,
    /// The effective number of members of a region that is a sum, 1/Σw² with w the members' shares
    /// of the cases, at least 1. Default: 1, one registry or one country.
    ///
    /// Given the site, the errors of different countries are all but independent (their mean
    /// correlation over the panel is below 0.02 at every horizon), so those of a sum are smaller: its
    /// noises are those of a member with an equal share of the cases, divided by √members. What
    /// the site adds to growth is shared, and is not divided.
    pub members: f64,
}

impl Default for ForecastOptions {
    fn default() -> Self {
        Self {
            quantity: ForecastQuantity::default(),
            provisional: false,
            shocks: Shocks::none(),
            shared_error: 0.0,
            members: 1.0,
        }
    }
}

impl ForecastOptions {
    /// With another quantity.
    #[must_use]
    pub const fn with_quantity(mut self, quantity: ForecastQuantity) -> Self {
        self.quantity = quantity;
        self
    }

    /// With figures of the last three years that will be revised, or not.
    #[must_use]
    pub const fn with_provisional(mut self, provisional: bool) -> Self {
        self.provisional = provisional;
        self
    }

    /// With years that are known to be out of line.
    #[must_use]
    pub fn with_shocks(mut self, shocks: Shocks) -> Self {
        self.shocks = shocks;
        self
    }

    /// With an effective number of members.
    #[must_use]
    pub const fn with_members(mut self, members: f64) -> Self {
        self.members = members;
        self
    }

    /// With an error that all figures share.
    #[must_use]
    pub const fn with_shared_error(mut self, error: f64) -> Self {
        self.shared_error = error;
        self
    }
}
