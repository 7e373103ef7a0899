//! The Kalman filter of one series, for one setting of its noises.
//!
//! State: level μ (log of the expected count), deviation d of its growth from the mean, and the mean
//! growth m, which is constant but known only with an error. D are expected cases, which are known and change the
//! level; without them their logarithm does not grow:
//!
//! ```text
//! μ' = μ + m + d + ln(D'/D) + ε,  d' = φ·d + η,  m' = m;  y = μ + u
//! ```

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

use crate::numeric::linear_algebra::Cholesky;

/// The variances that a filter runs with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Noise {
    /// φ.
    pub persistence: f64,
    /// Variance of ε, the yearly noise of the level.
    pub level: f64,
    /// Variance of η, the yearly noise of the growth.
    pub growth: f64,
    /// Variance of u over and above Poisson's and the figure's stated error.
    pub count: f64,
}

impl Noise {
    /// The variance of the deviation of growth before anything is observed: that of its stationary
    /// distribution.
    pub(super) fn stationary_growth(&self) -> f64 {
        self.growth / (1.0 - self.persistence * self.persistence)
    }

    /// The variance of an observed log count about a level: overdispersion and Poisson, whose
    /// relative variance is one over the expected count. Below one expected case the normal
    /// approximation has no meaning, and the variance stays at that of one case.
    pub(super) fn observation(&self, level: f64) -> f64 {
        self.observation_of((-level).exp())
    }

    /// The same, of one over the expected count.
    pub(super) fn observation_of(&self, of_one: f64) -> f64 {
        self.count + of_one.min(1.0)
    }
}

/// The distribution of level, deviation of growth and mean growth after the observations so far.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    pub mean: [f64; 3],
    pub covariance: [[f64; 3]; 3],
    /// The log-likelihood of the observations after the first.
    pub log_likelihood: f64,
}

impl State {
    /// After the first observation, which fixes the level (a diffuse prior) and says nothing of
    /// growth. `variance` is that of the observation, `growth` mean and variance of the mean growth.
    pub(super) fn start(observed: f64, variance: f64, growth: (f64, f64), noise: &Noise) -> Self {
        let mut covariance = [[0.0; 3]; 3];
        covariance[0][0] = variance;
        covariance[1][1] = noise.stationary_growth();
        covariance[2][2] = growth.1;
        Self {
            mean: [observed, 0.0, growth.0],
            covariance,
            log_likelihood: 0.0,
        }
    }

    /// Whether the means are finite and the covariance is symmetric and positive semidefinite, up to
    /// rounding.
    pub(super) fn is_distribution(&self) -> bool {
        let p = &self.covariance;
        let size = (0..3).map(|i| p[i][i]).fold(0.0, f64::max);
        let symmetric = (0..3).all(|i| (0..i).all(|j| (p[i][j] - p[j][i]).abs() <= 1e-9 * size));
        self.mean
            .iter()
            .chain(p.iter().flatten())
            .all(|x| x.is_finite())
            && symmetric
            && Cholesky::new(3, |i, j| p[i][j]).defect <= 1e-6
    }

    /// One year on, in which the log of the expected cases grows by so much.
    pub(super) fn step(&mut self, noise: &Noise, expected: f64) {
        let [level, deviation, growth] = self.mean;
        let phi = noise.persistence;
        let next = level + deviation + growth + expected;
        self.mean = [next, phi * deviation, growth];
        let p = &self.covariance;
        let ll = p[0][0] + p[1][1] + p[2][2] + 2.0 * (p[0][1] + p[0][2] + p[1][2]) + noise.level;
        let ld = phi * (p[0][1] + p[1][1] + p[1][2]);
        let lm = p[0][2] + p[1][2] + p[2][2];
        let dd = phi * phi * p[1][1] + noise.growth;
        let dm = phi * p[1][2];
        let mm = p[2][2];
        self.covariance = [[ll, ld, lm], [ld, dd, dm], [lm, dm, mm]];
    }

    /// Takes up an observed log count whose error has a variance. The covariance is that of Joseph's form, (I − k·h)·P·(I − k·h)ᵀ +
    /// k·r·kᵀ, which stays positive semidefinite where r is 0 but for rounding beside P (Bucy & Joseph 1968, *Filtering for Stochastic
    /// Processes with Applications to Guidance*).
    pub(super) fn update(&mut self, observed: f64, variance: f64) {
        let total = self.covariance[0][0] + variance;
        let surprise = observed - self.mean[0];
        self.log_likelihood -= 0.5 * ((TAU * total).ln() + surprise * surprise / total);
        let p = self.covariance;
        let gain = p[0].map(|c| c / total);
        // 1 − k without cancellation.
        let left = variance / total;
        let of_level = |i: usize| if i == 0 { left } else { -gain[i] };
        // The rows of (I − k·h)·P, of which the first is left·P.
        let row = |i: usize, j: usize| match i {
            0 => left * p[0][j],
            _ => p[i][j] - gain[i] * p[0][j],
        };
        for i in 0..3 {
            self.mean[i] += gain[i] * surprise;
            for j in 0..=i {
                let own = if j == 0 { 0.0 } else { row(i, j) };
                let updated = row(i, 0) * of_level(j) + own + gain[i] * variance * gain[j];
                self.covariance[i][j] = updated;
                self.covariance[j][i] = updated;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[derive(serde::Deserialize)]
    struct Reference {
        years: Vec<i32>,
        log_counts: Vec<f64>,
        variances: Vec<f64>,
        persistence: f64,
        level: f64,
        growth: f64,
        mean_growth: f64,
        mean_growth_variance: f64,
        log_likelihood: f64,
        filtered_mean: [f64; 3],
        filtered_covariance: [[f64; 3]; 3],
        forecast_mean: f64,
        forecast_variance: f64,
    }

    /// Against `statsmodels`' Kalman filter, with a gap in the years: see
    /// `tests/data/trend_statsmodels.py`.
    #[test]
    fn the_filter_is_that_of_statsmodels() {
        let cases: Vec<Reference> =
            serde_json::from_str(include_str!("../../tests/data/trend_statsmodels.json")).unwrap();
        assert!(cases.len() >= 2);
        for case in cases {
            let noise = Noise {
                persistence: case.persistence,
                level: case.level,
                growth: case.growth,
                count: 0.0,
            };
            let growth = (case.mean_growth, case.mean_growth_variance);
            let mut state = State::start(case.log_counts[0], case.variances[0], growth, &noise);
            for i in 1..case.years.len() {
                for _ in case.years[i - 1]..case.years[i] {
                    state.step(&noise, 0.0);
                }
                state.update(case.log_counts[i], case.variances[i]);
            }
            assert_relative_eq!(
                state.log_likelihood,
                case.log_likelihood,
                max_relative = 1e-9
            );
            for i in 0..3 {
                assert_relative_eq!(state.mean[i], case.filtered_mean[i], max_relative = 1e-8);
                for j in 0..3 {
                    assert_relative_eq!(
                        state.covariance[i][j],
                        case.filtered_covariance[i][j],
                        max_relative = 1e-7,
                        epsilon = 1e-15
                    );
                }
            }
            for _ in 0..16 {
                state.step(&noise, 0.0);
            }
            assert_relative_eq!(state.mean[0], case.forecast_mean, max_relative = 1e-9);
            assert_relative_eq!(
                state.covariance[0][0],
                case.forecast_variance,
                max_relative = 1e-8
            );
        }
    }
}
