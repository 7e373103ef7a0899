//! Forecasts that anyone can make, for a claim to be measured against.

use super::rolling::{Forecaster, Past, Setting};
use super::smoothing::{ExponentialSmoothing, Trend};
use crate::error::{ErrorKind, Result};
use crate::score::Predictive;

/// The baselines: normal on the log scale, but for two that are normal on the scale of the counts.
///
/// With two figures there are no residuals: the random walk, the smoothing and the constant have no
/// interval of their own there and give no forecast. What they would say is then covered by
/// [`EmpiricalErrors`](super::EmpiricalErrors).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Baseline {
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
    /// No change: a random walk without drift.
    Constant,
}

impl Baseline {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::RandomWalkDrift,
        Self::LogLinearPoisson,
        Self::DampedTrend,
        Self::DampedTrendOfCounts,
        Self::Constant,
    ];

    /// The fewest figures that it can be fitted to with an interval.
    const fn least_figures(self) -> usize {
        match self {
            Self::LogLinearPoisson | Self::Constant => 2,
            Self::RandomWalkDrift => 3,
            Self::DampedTrend | Self::DampedTrendOfCounts => 7,
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
            Self::Constant => "constant",
        }
    }

    fn forecast(&self, past: &Past<'_>, horizons: usize) -> Result<Option<Vec<Predictive>>> {
        if past.setting == Setting::TwoFigure && *self != Self::LogLinearPoisson {
            return Ok(None);
        }
        let figures = past.figures;
        if figures.len() < self.least_figures() {
            return Err(ErrorKind::Unsuitable(format!(
                "{} needs {} figures or more: {} has {}",
                self.name(),
                self.least_figures(),
                past.series.id(),
                figures.len()
            ))
            .into());
        }
        match self {
            Self::RandomWalkDrift => random_walk(figures, true, horizons),
            Self::Constant => random_walk(figures, false, horizons),
            Self::LogLinearPoisson => poisson(figures, horizons),
            Self::DampedTrend => {
                let fit = ExponentialSmoothing::fit(&every_year(figures, f64::ln), Trend::Damped)?;
                (1..=horizons)
                    .map(|h| {
                        let (mean, variance) = fit.forecast(h);
                        Predictive::normal(mean, variance.sqrt())
                    })
                    .collect()
            }
            Self::DampedTrendOfCounts => {
                let fit = ExponentialSmoothing::fit(&every_year(figures, |x| x), Trend::Damped)?;
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
fn every_year(figures: &[(i32, f64)], scale: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut values = vec![scale(figures[0].1)];
    for pair in figures.windows(2) {
        let years = pair[1].0 - pair[0].0;
        let (from, to) = (scale(pair[0].1), scale(pair[1].1));
        values.extend((1..=years).map(|i| from + (to - from) * f64::from(i) / f64::from(years)));
    }
    values
}

fn random_walk(
    figures: &[(i32, f64)],
    with_drift: bool,
    horizons: usize,
) -> Result<Vec<Predictive>> {
    let (first, last) = (figures[0], figures[figures.len() - 1]);
    let years = f64::from(last.0 - first.0);
    let drift = if with_drift {
        (last.1 / first.1).ln() / years
    } else {
        0.0
    };
    let square: f64 = figures
        .windows(2)
        .map(|pair| {
            let gap = f64::from(pair[1].0 - pair[0].0);
            ((pair[1].1 / pair[0].1).ln() - drift * gap).powi(2) / gap
        })
        .sum();
    let fitted = if with_drift { 2.0 } else { 1.0 };
    let variance = square / (figures.len() as f64 - fitted);
    (1..=horizons)
        .map(|h| {
            let h = h as f64;
            let more = if with_drift { 1.0 + h / years } else { 1.0 };
            Predictive::normal(last.1.ln() + drift * h, (variance * h * more).sqrt())
        })
        .collect()
}

/// Poisson regression by iteratively reweighted least squares, years counted from the last figure.
fn poisson(figures: &[(i32, f64)], horizons: usize) -> Result<Vec<Predictive>> {
    let last = figures[figures.len() - 1].0;
    let total: f64 = figures.iter().map(|f| f.1).sum();
    let mut beta = [(total / figures.len() as f64).ln(), 0.0];
    let mut covariance = [0.0; 3];
    for _ in 0..100 {
        let (mut s, mut g) = ([0.0; 3], [0.0; 2]);
        for &(year, count) in figures {
            let x = f64::from(year - last);
            let fitted = (beta[0] + beta[1] * x).exp();
            s[0] += fitted;
            s[1] += fitted * x;
            s[2] += fitted * x * x;
            g[0] += count - fitted;
            g[1] += (count - fitted) * x;
        }
        let determinant = s[0] * s[2] - s[1] * s[1];
        covariance = [s[2] / determinant, -s[1] / determinant, s[0] / determinant];
        let step = [
            covariance[0] * g[0] + covariance[1] * g[1],
            covariance[1] * g[0] + covariance[2] * g[1],
        ];
        beta = [beta[0] + step[0], beta[1] + step[1]];
        if step[0].abs() + step[1].abs() < 1e-12 {
            break;
        }
    }
    (1..=horizons)
        .map(|h| {
            let h = h as f64;
            let mean = (beta[0] + beta[1] * h).exp();
            let relative = covariance[0] + 2.0 * h * covariance[1] + h * h * covariance[2];
            Predictive::count(mean, (mean * mean * relative + mean).sqrt())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backtest::PanelSeries;
    use crate::score::QuantileForecast;
    use approx::assert_relative_eq;

    const US: [(i32, f64); 11] = [
        (1999, 15023.0),
        (2000, 15843.0),
        (2001, 16268.0),
        (2002, 16692.0),
        (2003, 17303.0),
        (2004, 18144.0),
        (2005, 18492.0),
        (2006, 18737.0),
        (2007, 19034.0),
        (2008, 20330.0),
        (2009, 21298.0),
    ];

    fn quantiles(baseline: Baseline) -> Vec<QuantileForecast> {
        let series = PanelSeries::new("us", "US", "x", US).unwrap();
        let past = Past {
            series: &series,
            figures: &US,
            setting: Setting::FullHistory,
        };
        let forecasts = baseline.forecast(&past, 10).unwrap().unwrap();
        forecasts.iter().map(|f| f.quantiles().unwrap()).collect()
    }

    /// `forecast::rwf(log(y), drift = TRUE)` and `rwf(log(y))`, and `glm(y ~ year, poisson)` with
    /// `predict(se.fit = TRUE)`, R 4.2.2: see `tests/data/baselines.R`.
    #[test]
    fn baselines_are_those_of_r() {
        #[derive(serde::Deserialize)]
        struct Reference {
            drift_mean: f64,
            drift_upper: f64,
            naive_upper: f64,
            poisson_fit: f64,
            poisson_upper: f64,
        }
        let reference: Reference =
            serde_json::from_str(include_str!("../../tests/data/baselines.json")).unwrap();
        let drift = quantiles(Baseline::RandomWalkDrift)[9];
        assert_relative_eq!(
            drift.quantiles()[3],
            reference.drift_mean,
            max_relative = 1e-10
        );
        assert_relative_eq!(
            drift.quantiles()[6],
            reference.drift_upper,
            max_relative = 1e-8
        );
        let naive = quantiles(Baseline::Constant)[9];
        assert_relative_eq!(
            naive.quantiles()[6],
            reference.naive_upper,
            max_relative = 1e-8
        );
        let poisson = quantiles(Baseline::LogLinearPoisson)[9];
        assert_relative_eq!(
            poisson.quantiles()[3],
            reference.poisson_fit.ln(),
            max_relative = 1e-9
        );
        assert_relative_eq!(
            poisson.quantiles()[6],
            reference.poisson_upper.ln(),
            max_relative = 1e-8
        );
    }

    /// Few figures are refused by number, and a flat series is defined.
    #[test]
    fn too_few_figures_are_refused_and_equal_ones_are_certain() {
        let one = [(2000, 50.0)];
        let flat: Vec<(i32, f64)> = (2000..2012).map(|year| (year, 50.0)).collect();
        for baseline in Baseline::ALL {
            let at = |figures: &[(i32, f64)]| {
                let series = PanelSeries::new("x", "X", "x", figures.to_vec()).unwrap();
                let past = Past {
                    series: &series,
                    figures,
                    setting: Setting::FullHistory,
                };
                baseline.forecast(&past, 3)
            };
            let error = at(&one).unwrap_err().to_string();
            assert!(error.contains("x has 1"), "{error}");
            let forecasts = at(&flat).unwrap().unwrap();
            let middle = forecasts[2].quantiles().unwrap().quantiles()[3];
            assert_relative_eq!(middle, 50f64.ln(), epsilon = 1e-4);
        }
    }

    /// By R's `glm` and `predict`, too, the Poisson interval covers none of the next ten years.
    #[test]
    fn the_poisson_interval_covers_none_of_the_next_ten_years() {
        let truth = [
            22498, 23652, 24361, 25444, 26240, 27241, 28241, 28629, 29202, 30434,
        ];
        let covered = quantiles(Baseline::LogLinearPoisson)
            .iter()
            .zip(truth)
            .filter(|(forecast, truth)| forecast.covers(f64::from(*truth).ln())[2])
            .count();
        assert_eq!(covered, 0);
    }
}
