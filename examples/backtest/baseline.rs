//! Forecasts that anyone can make, for a claim to be measured against.

use myeloma_epi::backtest::{Forecaster, Past, Setting};
use myeloma_epi::joinpoint::{AnnualSeries, LogLinearTrend};
use myeloma_epi::score::Predictive;
use myeloma_epi::{Error, IncidenceSeries, Result};

use super::smoothing::ExponentialSmoothing;
use super::theta::Theta;

/// The baselines: normal on the log scale, but for two that are normal on the scale of the counts.
///
/// With two counts there are no residuals: the random walk, the smoothing and the constant have no
/// interval of their own there and give no forecast. What they would say is then covered by
/// [`EmpiricalErrors`](super::EmpiricalErrors).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Baseline {
    /// Random walk with drift: the drift is the mean growth, h years on the variance is
    /// σ²·h·(1 + h/n) with n the years that the drift is measured over (Hyndman & Athanasopoulos 2021,
    /// Forecasting, 3rd edition, section 5.2).
    RandomWalkDrift,
    /// Log-linear Poisson regression on the year with its prediction interval, on the count scale
    /// ŷ ± z·√(ŷ²·xᵀVx + ŷ): Dyba & Hakulinen 2000, Statistics in Medicine 19:1741–1752,
    /// [doi:10.1002/1097-0258(20000715)19:13&lt;1741::AID-SIM491&gt;3.0.CO;2-O](https://doi.org/10.1002/1097-0258(20000715)19:13%3C1741::AID-SIM491%3E3.0.CO;2-O).
    LogLinearPoisson,
    /// Exponential smoothing of the log counts with a damped trend: [`ExponentialSmoothing`].
    DampedTrend,
    /// The same of the counts themselves.
    DampedTrendOfCounts,
    /// The Theta method on the log counts: [`Theta`].
    Theta,
    /// The equal pool of the damped trend, the Theta method and the random walk with drift, all of the log counts: a
    /// mixture of three normal distributions.
    Pool,
    /// No change: a random walk without drift.
    Constant,
}

impl Baseline {
    /// All of them.
    pub(crate) const ALL: [Self; 7] = [
        Self::RandomWalkDrift,
        Self::LogLinearPoisson,
        Self::DampedTrend,
        Self::DampedTrendOfCounts,
        Self::Theta,
        Self::Pool,
        Self::Constant,
    ];

    /// The fewest counts that it can be fitted to with an interval.
    const fn least_counts(self) -> usize {
        match self {
            Self::LogLinearPoisson | Self::Constant => 2,
            Self::RandomWalkDrift => 3,
            Self::DampedTrend | Self::DampedTrendOfCounts | Self::Theta | Self::Pool => 7,
        }
    }
}

impl Forecaster for Baseline {
    fn name(&self) -> &str {
        match self {
            Self::RandomWalkDrift => "random-walk-drift",
            Self::LogLinearPoisson => "log-linear-poisson",
            Self::DampedTrend => "damped-trend",
            Self::DampedTrendOfCounts => "damped-trend-counts",
            Self::Theta => "theta",
            Self::Pool => "ets-theta-drift",
            Self::Constant => "constant",
        }
    }

    fn forecast(&self, past: &Past<'_>, horizons: usize) -> Result<Option<Vec<Predictive>>> {
        if past.setting == Setting::TwoFigure && *self != Self::LogLinearPoisson {
            return Ok(None);
        }
        let observations = past.history.observations();
        let counts: Vec<(i32, f64)> = observations.iter().map(|o| (o.year, o.cases)).collect();
        if counts.len() < self.least_counts() {
            return Err(Error::other(format!(
                "{} needs {} counts or more: {} has {}",
                self.name(),
                self.least_counts(),
                past.history.region(),
                counts.len()
            )));
        }
        match self {
            Self::RandomWalkDrift => normal(random_walk(&counts, true), horizons),
            Self::Constant => normal(random_walk(&counts, false), horizons),
            Self::LogLinearPoisson => poisson(past.history, horizons),
            Self::DampedTrend => {
                let fit = ExponentialSmoothing::fit(&every_year(&counts, f64::ln))?;
                normal(|h| fit.forecast(h), horizons)
            }
            Self::Theta => {
                let fit = Theta::fit(&every_year(&counts, f64::ln))?;
                normal(|h| fit.forecast(h), horizons)
            }
            Self::Pool => {
                let values = every_year(&counts, f64::ln);
                let (smoothing, theta) =
                    (ExponentialSmoothing::fit(&values)?, Theta::fit(&values)?);
                let drift = random_walk(&counts, true);
                let of = |h| {
                    let parts = [smoothing.forecast(h), theta.forecast(h), drift(h)];
                    Predictive::mixture(
                        &parts.map(|(mean, variance)| (1.0 / 3.0, mean, variance.sqrt())),
                    )
                };
                (1..=horizons).map(of).collect()
            }
            Self::DampedTrendOfCounts => {
                let fit = ExponentialSmoothing::fit(&every_year(&counts, |x| x))?;
                (1..=horizons)
                    .map(|h| {
                        let (mean, variance) = fit.forecast(h);
                        Predictive::count(mean, variance.sqrt())
                    })
                    .collect()
            }
        }
        .map(Some)
    }
}

/// Counts of every year on a scale, missing ones on the straight line between their neighbours.
fn every_year(counts: &[(i32, f64)], scale: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut values = vec![scale(counts[0].1)];
    for pair in counts.windows(2) {
        let years = pair[1].0 - pair[0].0;
        let (from, to) = (scale(pair[0].1), scale(pair[1].1));
        values.extend((1..=years).map(|i| from + (to - from) * f64::from(i) / f64::from(years)));
    }
    values
}

/// Forecasts from the mean and the variance of each horizon.
fn normal(moments: impl Fn(usize) -> (f64, f64), horizons: usize) -> Result<Vec<Predictive>> {
    let of = |h| {
        let (mean, variance) = moments(h);
        Predictive::normal(mean, variance.sqrt())
    };
    (1..=horizons).map(of).collect()
}

/// Mean and variance of the log count at each horizon.
fn random_walk(counts: &[(i32, f64)], with_drift: bool) -> impl Fn(usize) -> (f64, f64) {
    let (first, last) = (counts[0], counts[counts.len() - 1]);
    let years = f64::from(last.0 - first.0);
    let drift = if with_drift {
        (last.1 / first.1).ln() / years
    } else {
        0.0
    };
    let square: f64 = counts
        .windows(2)
        .map(|pair| {
            let gap = f64::from(pair[1].0 - pair[0].0);
            ((pair[1].1 / pair[0].1).ln() - drift * gap).powi(2) / gap
        })
        .sum();
    let fitted = if with_drift { 2.0 } else { 1.0 };
    let variance = square / (counts.len() as f64 - fitted);
    move |h| {
        let h = h as f64;
        let more = if with_drift { 1.0 + h / years } else { 1.0 };
        (last.1.ln() + drift * h, variance * h * more)
    }
}

/// Poisson regression with its prediction interval on the count scale.
fn poisson(history: &IncidenceSeries, horizons: usize) -> Result<Vec<Predictive>> {
    let trend = LogLinearTrend::poisson(&AnnualSeries::from(history), 0.95)?;
    (1..=horizons)
        .map(|h| {
            let year = f64::from(history.last_year()) + h as f64;
            let (mean, error) = (trend.value(year), trend.log_standard_error(year));
            Predictive::count(mean, ((mean * error).powi(2) + mean).sqrt())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// `forecast::auto.arima` of R chooses ARIMA(0, 1, 0) with a drift for the logarithms of the counts of the United States,
    /// 1999 to 2019 (`tests/data/rivals.R`): the random walk with drift.
    #[test]
    fn the_random_walk_with_drift_is_what_auto_arima_chooses() {
        #[derive(serde::Deserialize)]
        struct Rivals {
            theta: Vec<Values>,
            auto_arima: Arima,
        }
        #[derive(serde::Deserialize)]
        struct Values {
            values: Vec<f64>,
        }
        #[derive(serde::Deserialize)]
        struct Arima {
            order: [usize; 3],
            mean: [f64; 3],
        }
        let rivals: Rivals =
            serde_json::from_str(include_str!("../../tests/data/rivals.json")).unwrap();
        assert_eq!(rivals.auto_arima.order, [0, 1, 0]);
        let logs = rivals.theta[0].values.iter();
        let counts: Vec<(i32, f64)> = (1999..).zip(logs.map(|log| log.exp())).collect();
        let walk = random_walk(&counts, true);
        for (horizon, mean) in [1, 5, 16].into_iter().zip(rivals.auto_arima.mean) {
            assert_relative_eq!(walk(horizon).0, mean, max_relative = 1e-9);
        }
    }
}
