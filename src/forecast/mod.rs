//! The registry trend: a state-space forecast of yearly counts whose noises were estimated on cancer
//! registries.
//!
//! [`RegistryTrend`] is the model, [`RegistryTrend::of`] conditions it on the figures of one series, and
//! [`Forecast`] is what follows: quantiles, draws, and the model discrepancy of any curve through the same
//! figures.
//!
//! # Model
//!
//! On the log scale a series has a level μ and a growth that deviates from its long-run mean γ + g by d:
//!
//! ```text
//! y(t)   = μ(t) + u(t)                 var u = σ_count²·w² + 1/exp(μ(t)) + stated error of the figure
//! μ(t+1) = μ(t) + (γ + g) + d(t) + ε   var ε = σ_level²·w²
//! d(t+1) = φ·d(t) + η                  var η = σ_growth²·exp(2v)
//! w      = (c/400)^b·exp(z)            z ~ N(0, s²): how volatile this series is; c: its first count
//! g      ~ N(ĝ, se²), v ~ N(v̂, se²)    effects of the cancer site on growth, and on its volatility
//! ```
//!
//! With [expected cases](ForecastOptions::expected) D, those that the population would have at constant rates by age, it
//! is the registry trend **of the rate**, with parameters of its own ([`RegistryTrend::rate`]):
//!
//! ```text
//! μ(t+1) = μ(t) + ln(D(t+1)/D(t)) + (γ + g) + (κ − 1)·D̄ + d(t) + ε
//! ```
//!
//! It is a trend of log(cases / D): what growth and ageing of the population add is taken from its projection, and only
//! the rate reverts to a mean. That mean is lower where expected cases have grown faster, by 1 − κ times D̄, their mean
//! growth from the first figure to the last (over five years at least): rates have grown more slowly there, since D comes
//! from one curve by age for each site, and from the nation where the registry is a part of it. Within a series cases
//! follow expected cases as they are. The two are the between and the within effect of Mundlak 1978
//! ([doi:10.2307/1913646](https://doi.org/10.2307/1913646)). A forecast of the rate carries the standard errors of its
//! parameters ([`TrendErrors`]).
//!
//! [`TrendParameters`] are γ, φ, the σ with a common factor of calibration, s and b; [`SiteEffect`] holds ĝ
//! and v̂.
//!
//! The mean path is a Gompertz curve with drift: growth measured over a few years reverts to the
//! common growth of the site, the faster the less the figures are worth against the noise. So the
//! model moves the centre as well as the width. The volatility z is learned from the series itself
//! where it is long enough, and otherwise makes the tails heavier than normal. The damped growth is that
//! of Gardner and `McKenzie` 1985
//! ([doi:10.1287/mnsc.31.10.1237](https://doi.org/10.1287/mnsc.31.10.1237)), here towards a mean that
//! is not zero.
//!
//! # Numerics
//!
//! Given z and v everything is normal, and the Kalman filter is exact, missing years included (Kalman
//! 1960, [doi:10.1115/1.3662552](https://doi.org/10.1115/1.3662552); Harvey 1989,
//! [doi:10.1017/CBO9781107049994](https://doi.org/10.1017/CBO9781107049994)). z runs over 11 points
//! three tenths apart, v over five Gauss–Hermite points, and the forecast is the mixture of the 55 normal
//! distributions, each weighted by its prior and its likelihood. φ runs over three Gauss–Hermite points of logit φ where
//! its error is carried, which makes them 165; the other errors widen the spreads of z, v and g.

mod expected;
mod filter;
mod forecast_options;
mod model;
mod model_discrepancy;
mod parameters;
mod path;
mod path_numbers;
mod predictive;
mod serialised_forecast;

pub use expected::ExpectedByYear;
pub use forecast_options::{ForecastOptions, ForecastQuantity};
pub use model::RegistryTrend;
pub use parameters::{SiteEffect, TrendErrors, TrendParameters, TrendScale};
pub(crate) use path::Paths;
pub(crate) use path_numbers::{NumbersOf, PathNumbers};
pub use predictive::Forecast;
