//! Forecasts that anyone can make, for a claim to be measured against.

use std::collections::BTreeMap;

use super::backtest::{BacktestOptions, Forecaster, Past, Setting, origins};
use super::rules::{PROBABILITIES, QuantileForecast};
use super::smoothing::{ExponentialSmoothing, Trend};
use crate::error::Result;
use crate::panel::Panel;

/// The standard normal quantiles at [`PROBABILITIES`].
const NORMAL: [f64; 7] = [
    -1.959_963_984_540_054,
    -1.281_551_565_544_600_4,
    -0.674_489_750_196_081_7,
    0.0,
    0.674_489_750_196_081_7,
    1.281_551_565_544_600_4,
    1.959_963_984_540_054,
];

/// The baselines, all on log counts.
///
/// With two figures there are no residuals: the random walk, the smoothing and the constant have no
/// interval of their own there and give no forecast. What they would say is then covered by
/// [`EmpiricalErrors`].
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
    /// Exponential smoothing with a damped trend: [`ExponentialSmoothing`].
    DampedTrend,
    /// No change: a random walk without drift.
    Constant,
}

impl Baseline {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::RandomWalkDrift,
        Self::LogLinearPoisson,
        Self::DampedTrend,
        Self::Constant,
    ];
}

impl Forecaster for Baseline {
    fn name(&self) -> &str {
        match self {
            Self::RandomWalkDrift => "random-walk-drift",
            Self::LogLinearPoisson => "log-linear-poisson",
            Self::DampedTrend => "damped-trend",
            Self::Constant => "constant",
        }
    }

    fn forecast(&self, past: &Past<'_>, horizons: usize) -> Result<Option<Vec<QuantileForecast>>> {
        if past.setting == Setting::TwoFigure && *self != Self::LogLinearPoisson {
            return Ok(None);
        }
        let forecasts = match self {
            Self::RandomWalkDrift => random_walk(past.figures, true, horizons),
            Self::Constant => random_walk(past.figures, false, horizons),
            Self::LogLinearPoisson => poisson(past.figures, horizons),
            Self::DampedTrend => {
                let fit = ExponentialSmoothing::fit(&every_year(past.figures), Trend::Damped)?;
                (1..=horizons)
                    .map(|h| {
                        let (mean, variance) = fit.forecast(h);
                        NORMAL.map(|z| mean + z * variance.sqrt())
                    })
                    .collect()
            }
        };
        forecasts
            .into_iter()
            .map(QuantileForecast::new)
            .collect::<Result<Vec<_>>>()
            .map(Some)
    }
}

/// Log counts of every year, missing ones on the straight line between their neighbours.
fn every_year(figures: &[(i32, f64)]) -> Vec<f64> {
    let mut values = vec![figures[0].1.ln()];
    for pair in figures.windows(2) {
        let years = pair[1].0 - pair[0].0;
        let (from, to) = (pair[0].1.ln(), pair[1].1.ln());
        values.extend((1..=years).map(|i| from + (to - from) * f64::from(i) / f64::from(years)));
    }
    values
}

fn random_walk(figures: &[(i32, f64)], with_drift: bool, horizons: usize) -> Vec<[f64; 7]> {
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
            NORMAL.map(|z| last.1.ln() + drift * h + z * (variance * h * more).sqrt())
        })
        .collect()
}

/// Poisson regression by iteratively reweighted least squares, years counted from the last figure.
fn poisson(figures: &[(i32, f64)], horizons: usize) -> Vec<[f64; 7]> {
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
            let deviation = (mean * mean * relative + mean).sqrt();
            // A count below one half is none: the logarithm ends there.
            NORMAL.map(|z| (mean + z * deviation).max(0.5).ln())
        })
        .collect()
}

/// How a point forecast goes on from the first and the last figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// The last figure.
    Constant,
    /// The same number of cases more every year.
    Linear,
    /// The same growth every year.
    Exponential,
    /// The growth falls by a tenth every year.
    Damped,
    /// Half the growth, every year.
    Half,
}

impl Point {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Constant,
        Self::Linear,
        Self::Exponential,
        Self::Damped,
        Self::Half,
    ];

    /// The log count `horizon` years after the last figure.
    #[must_use]
    pub fn log_count(self, figures: &[(i32, f64)], horizon: usize) -> f64 {
        let (first, last) = (figures[0], figures[figures.len() - 1]);
        let years = f64::from(last.0 - first.0);
        let growth = (last.1 / first.1).ln() / years;
        let h = horizon as f64;
        last.1.ln()
            + match self {
                Self::Constant => 0.0,
                Self::Linear => {
                    let change = (last.1 - first.1) / years * h;
                    // A falling line ends at one case.
                    ((last.1 + change).max(1.0) / last.1).ln()
                }
                Self::Exponential => growth * h,
                Self::Damped => growth * 0.9 * (1.0 - 0.9f64.powf(h)) / 0.1,
                Self::Half => 0.5 * growth * h,
            }
    }
}

/// A point forecast with the errors that it made in the other groups, by setting and horizon.
#[derive(Debug, Clone)]
pub struct EmpiricalErrors {
    name: String,
    point: Point,
    /// By setting and horizon: the errors (truth less forecast, log) with their group, in order.
    errors: BTreeMap<(Setting, usize), Vec<(f64, String)>>,
}

/// The fewest errors of other groups that quantiles are taken from.
const LEAST_ERRORS: usize = 20;

impl EmpiricalErrors {
    /// Collects the errors of a point forecast over a panel.
    #[must_use]
    pub fn collect(point: Point, panel: &Panel, options: &BacktestOptions) -> Self {
        let mut errors: BTreeMap<(Setting, usize), Vec<(f64, String)>> = BTreeMap::new();
        for series in panel.series() {
            for origin in origins(series, options) {
                for (horizon, _, truth) in &origin.truths {
                    let error = truth.ln() - point.log_count(&origin.figures, *horizon);
                    errors
                        .entry((origin.setting, *horizon))
                        .or_default()
                        .push((error, series.group().to_owned()));
                }
            }
        }
        for list in errors.values_mut() {
            list.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        let name = match point {
            Point::Constant => "constant+errors",
            Point::Linear => "linear+errors",
            Point::Exponential => "exponential+errors",
            Point::Damped => "damped+errors",
            Point::Half => "half-growth+errors",
        };
        Self {
            name: name.to_owned(),
            point,
            errors,
        }
    }
}

impl Forecaster for EmpiricalErrors {
    fn name(&self) -> &str {
        &self.name
    }

    fn forecast(&self, past: &Past<'_>, horizons: usize) -> Result<Option<Vec<QuantileForecast>>> {
        let mut forecasts = Vec::with_capacity(horizons);
        for horizon in 1..=horizons {
            let point = self.point.log_count(past.figures, horizon);
            let errors: Vec<f64> = self
                .errors
                .get(&(past.setting, horizon))
                .into_iter()
                .flatten()
                .filter(|(_, group)| group != past.series.group())
                .map(|(error, _)| *error)
                .collect();
            if errors.len() < LEAST_ERRORS {
                // From here on there is nothing to learn from.
                break;
            }
            forecasts.push(QuantileForecast::new(
                PROBABILITIES.map(|p| point + sorted_quantile(&errors, p)),
            )?);
        }
        Ok(Some(forecasts))
    }
}

/// Hyndman and Fan's definition 7.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A position in a slice.
fn sorted_quantile(sorted: &[f64], p: f64) -> f64 {
    let position = p * (sorted.len() - 1) as f64;
    let below = position as usize;
    let next = sorted[(below + 1).min(sorted.len() - 1)];
    sorted[below] + (position - below as f64) * (next - sorted[below])
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // Values that are exact in binary, and repeated computations.
mod tests {
    use super::*;
    use crate::panel::PanelSeries;
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
        baseline.forecast(&past, 10).unwrap().unwrap()
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

    /// By hand: 100 to 121 in two years is 10 % a year.
    #[test]
    fn points_go_on_as_they_say() {
        let figures = [(2000, 100.0), (2002, 121.0)];
        let at = |point: Point, h: usize| point.log_count(&figures, h).exp();
        assert_relative_eq!(at(Point::Constant, 3), 121.0, max_relative = 1e-12);
        assert_relative_eq!(at(Point::Linear, 2), 142.0, max_relative = 1e-12);
        assert_relative_eq!(at(Point::Exponential, 2), 146.41, max_relative = 1e-12);
        assert_relative_eq!(at(Point::Half, 2), 133.1, max_relative = 1e-12);
        assert_relative_eq!(
            at(Point::Damped, 2),
            121.0 * 1.1f64.powf(0.9 + 0.81),
            max_relative = 1e-12
        );
        let falling = [(2000, 100.0), (2001, 60.0)];
        assert_eq!(Point::Linear.log_count(&falling, 5), 0.0);
    }
}
