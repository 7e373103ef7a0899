//! The forecast of one series, given its figures: its distribution in a year, and draws of paths.

use std::fmt;

use ndarray::{Array2, ArrayViewMut2, Axis};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::filter::State;
use super::forecast_options::{ForecastOptions, ForecastQuantity};
use super::model::Member;
use super::serialised_forecast::UncheckedForecast;
use crate::draws::{MAX_HORIZON, YearlyDraws, check_shape};
use crate::error::{Error, Result};
use crate::interval_levels::OF_TABLES;
use crate::numeric::linear_algebra::Cholesky;
use crate::numeric::normal_mixture::{Component, NormalMixture};
use crate::plain_text::{Table, count};
use crate::random::{BLOCK, Seed};

/// The posterior predictive distribution of yearly counts under a [`RegistryTrend`](super::RegistryTrend),
/// given the figures of one series.
///
/// The log of the count in a year is a mixture of normal distributions, one for each setting of the
/// volatilities, weighted by its prior and its likelihood. Quantiles and moments are computed from it
/// and not drawn. `Display` prints a table of some years.
///
/// ```
/// use myeloma_epi::forecast::{Forecast, ForecastOptions, RegistryTrend};
/// use myeloma_epi::{IncidenceSeries, Seed};
///
/// let series = IncidenceSeries::from_counts("Norway", [(2019, 480.0), (2024, 530.0)])?;
/// let forecast = RegistryTrend::default().of(&series, &ForecastOptions::default())?;
/// print!("{forecast}");
///
/// // Paths, for whatever depends on more than one year.
/// let paths = forecast.draws(2040, 1_000, Seed::default())?;
/// assert_eq!(paths.years(), 2024..=2040);
///
/// let text = serde_json::to_string(&forecast).unwrap();
/// assert_eq!(serde_json::from_str::<Forecast>(&text).unwrap(), forecast);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedForecast")]
pub struct Forecast {
    pub(super) region: String,
    pub(super) last_year: i32,
    pub(super) shocks: Vec<i32>,
    pub(super) log_likelihood: f64,
    pub(super) options: ForecastOptions,
    /// The growth a year of the log-linear trend through the figures, where it is known to be growth or decline.
    pub(super) fitted_growth: Option<f64>,
    pub(super) members: Vec<Member>,
}

impl Forecast {
    /// The region of the series.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The year of the last figure that it is conditioned on.
    #[must_use]
    pub const fn last_year(&self) -> i32 {
        self.last_year
    }

    /// The years of the figures that are not used, since the options mark them as shocks.
    #[must_use]
    pub fn shocks(&self) -> &[i32] {
        &self.shocks
    }

    /// The log-likelihood of the figures after the first, given the first, in log counts: what the
    /// parameters of a [`RegistryTrend`](super::RegistryTrend) are estimated by.
    #[must_use]
    pub const fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// What to know before the forecast is believed, as sentences: where figures of ten years or more grow (the 95 %
    /// interval of their log-linear trend holds no other sign) and the forecast declines within 15 years, or the other
    /// way round. The model expects every series to come back to the growth that cancer registries have in common,
    /// which a series that has long done otherwise need not.
    #[must_use]
    pub fn cautions(&self) -> Vec<String> {
        const AHEAD: i32 = 15;
        // As far as expected cases are known.
        let known = self.options.expected.as_ref();
        let ahead = known.map_or(AHEAD, |known| AHEAD.min(known.span().1 - self.last_year));
        let mean = |ahead: i32| {
            self.log_moments(self.last_year.saturating_add(ahead))
                .map(|m| m.0)
        };
        let (Some(fitted), Ok(now), Ok(then)) = (self.fitted_growth, mean(0), mean(ahead)) else {
            return Vec::new();
        };
        let forecast = (then - now) / f64::from(ahead.max(1));
        if fitted * forecast >= 0.0 {
            return Vec::new();
        }
        let [fitted, forecast] = [fitted, forecast].map(|slope| 100.0 * slope.exp_m1());
        vec![format!(
            "the figures changed by {fitted:+.1} % a year and the forecast changes by {forecast:+.1} % a year: it \
             rests on what registries have in common, and not on this series' own trend"
        )]
    }

    /// Quantiles of the number of cases in a year from the last figure on, at probabilities above 0
    /// and below 1. They are exact up to rounding: nothing is drawn.
    ///
    /// # Errors
    ///
    /// Where the year is before the last figure or more than 200 years after it, expected cases of a year up to it are
    /// needed and not there, or a probability is not above 0 and below 1.
    pub fn quantiles<const N: usize>(
        &self,
        year: i32,
        probabilities: [f64; N],
    ) -> Result<[f64; N]> {
        if let Some(bad) = probabilities.iter().find(|p| !(**p > 0.0 && **p < 1.0)) {
            return Err(Error::out_of_range(
                "the probability",
                "a quantile",
                bad,
                "above 0 and below 1",
            ));
        }
        let mixture = self.log_count(year)?;
        let quantiles = probabilities.map(|p| mixture.quantile(p).exp());
        match quantiles.iter().find(|quantile| !quantile.is_finite()) {
            None => Ok(quantiles),
            Some(infinite) => Err(Error::out_of_range(
                "a quantile",
                format!("the trend of {} in {year}", self.region),
                infinite,
                "finite",
            )),
        }
    }

    /// Mean and standard deviation of the log of the number of cases in a year.
    ///
    /// # Errors
    ///
    /// As [`Forecast::quantiles`].
    pub fn log_moments(&self, year: i32) -> Result<(f64, f64)> {
        let mixture = self.log_count(year)?;
        Ok((mixture.mean(), mixture.variance().sqrt()))
    }

    /// The distribution of the log of the number of cases in a year, a mixture of normal distributions:
    /// weight, mean and standard deviation of each component. The weights add up to 1 within 1e-7.
    ///
    /// # Errors
    ///
    /// As [`Forecast::quantiles`].
    ///
    /// # Example
    ///
    /// Scored against what came, both as logarithms:
    ///
    /// ```
    /// use myeloma_epi::IncidenceSeries;
    /// use myeloma_epi::forecast::{ForecastOptions, RegistryTrend};
    /// use myeloma_epi::score::Predictive;
    ///
    /// let series = IncidenceSeries::from_counts("Norway", [(2014, 420.0), (2019, 480.0)])?;
    /// let forecast = RegistryTrend::default().of(&series, &ForecastOptions::default())?;
    /// let forecast = Predictive::mixture(&forecast.mixture(2024)?)?;
    /// assert!(forecast.crps(530_f64.ln()).unwrap() < 0.1);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    pub fn mixture(&self, year: i32) -> Result<Vec<(f64, f64, f64)>> {
        let components = self.log_count(year)?.0.into_iter();
        Ok(components
            .map(|c| (c.weight, c.mean, c.variance.sqrt()))
            .collect())
    }

    /// Draws of the number of cases in every year from the last figure on. Draw *k* is one path: its
    /// volatility, its growth and the error of its level persist from year to year.
    ///
    /// # Errors
    ///
    /// Where the last year is before the last figure or more than 200 years after it, expected cases of a year up to it
    /// are needed and not there, the draws do not fit into memory, or a draw is past the range of numbers.
    pub fn draws(&self, to: i32, draws: usize, seed: Seed) -> Result<YearlyDraws> {
        Ok(self.draws_with_common_errors(to, draws, seed)?.0)
    }

    /// The draws, and of each the logarithm of the error that all figures have in common
    /// ([`ForecastOptions::between_source_sd`]).
    pub(crate) fn draws_with_common_errors(
        &self,
        to: i32,
        draws: usize,
        seed: Seed,
    ) -> Result<(YearlyDraws, Vec<f64>)> {
        let growth = self.growth_of_expected(to)?;
        let years = growth.len() + 1;
        check_shape(years, draws)?;
        let stream = seed.stream(&format!("trend/{}", self.region));
        let mut cases = Array2::zeros((years, draws));
        let mut common = vec![0.0; draws];
        cases
            .axis_chunks_iter_mut(Axis(1), BLOCK)
            .into_par_iter()
            .zip(common.par_chunks_mut(BLOCK))
            .enumerate()
            .for_each(|(block, both)| self.fill(both, &growth, &mut stream.block(block)));
        Ok((YearlyDraws::new(self.last_year, cases)?, common))
    }

    fn fill(
        &self,
        (mut rows, common): (ArrayViewMut2<'_, f64>, &mut [f64]),
        expected: &[f64],
        rng: &mut ChaCha8Rng,
    ) {
        let roots = self.members.iter().map(|member| {
            let covariance = &member.state.covariance;
            Cholesky::new(3, |i, j| covariance[i][j]).root
        });
        let roots: Vec<_> = roots.collect();
        let normal = |rng: &mut ChaCha8Rng| -> f64 { StandardNormal.sample(rng) };
        for (mut column, between_source) in rows.axis_iter_mut(Axis(1)).zip(common) {
            let chosen = self.choose(rng.random());
            let (member, root) = (&self.members[chosen], &roots[chosen]);
            let z = [normal(rng), normal(rng), normal(rng)];
            let mut state = member.state.mean;
            for i in 0..3 {
                for (l, z) in root[i].iter().zip(&z) {
                    state[i] += l * z;
                }
            }
            *between_source = self.options.between_source_sd * normal(rng);
            let population = match self.options.expected_error {
                0.0 => 0.0,
                error => error * normal(rng),
            };
            let (level, growth) = (member.noise.level.sqrt(), member.noise.growth.sqrt());
            for (year, cell) in column.iter_mut().enumerate() {
                if year > 0 {
                    state[0] += state[1] + state[2] + level * normal(rng);
                    state[0] += expected[year - 1] + population;
                    state[1] = member.noise.persistence * state[1] + growth * normal(rng);
                }
                let scatter = match self.options.quantity {
                    ForecastQuantity::Registered => {
                        member.noise.observation(state[0]).sqrt() * normal(rng)
                    }
                    ForecastQuantity::Expected => 0.0,
                };
                *cell = (state[0] + *between_source + scatter).exp();
            }
        }
    }

    /// The member in whose part of the weights a number between 0 and 1 lies.
    pub(super) fn choose(&self, mut at: f64) -> usize {
        for (i, member) in self.members.iter().enumerate() {
            if at < member.weight {
                return i;
            }
            at -= member.weight;
        }
        self.members.len() - 1
    }

    pub(super) fn horizon(&self, year: i32) -> Result<usize> {
        usize::try_from(i64::from(year) - i64::from(self.last_year))
            .ok()
            .filter(|&horizon| i32::try_from(horizon).is_ok_and(|h| h <= MAX_HORIZON))
            .ok_or_else(|| {
                Error::out_of_range(
                    "the year",
                    format!("the trend of {}", self.region),
                    year,
                    format!(
                        "from the last figure, {}, to {MAX_HORIZON} years after it",
                        self.last_year
                    ),
                )
            })
    }

    /// The distribution of the log of the number of cases in a year.
    fn log_count(&self, year: i32) -> Result<NormalMixture> {
        let growth = self.growth_of_expected(year)?;
        let mut states: Vec<State> = self.members.iter().map(|member| member.state).collect();
        for &growth in &growth {
            self.step(&mut states, growth);
        }
        Ok(self.mixture_of(&states, growth.len()))
    }

    /// The same of each year after the last figure, up to a year or as far as expected cases are known.
    pub(crate) fn mixtures(&self, to: i32) -> Result<Vec<NormalMixture>> {
        let known = self.options.expected.as_ref();
        let to = known.map_or(to, |known| to.min(known.span().1));
        let mut states: Vec<State> = self.members.iter().map(|member| member.state).collect();
        let years = self.growth_of_expected(to)?.into_iter().enumerate();
        Ok(years
            .map(|(before, growth)| {
                self.step(&mut states, growth);
                self.mixture_of(&states, before + 1)
            })
            .collect())
    }

    /// The growth of the log of expected cases in each year from the last figure to a year; none where they are not
    /// used.
    pub(super) fn growth_of_expected(&self, to: i32) -> Result<Vec<f64>> {
        let horizon = self.horizon(to)?;
        match &self.options.expected {
            Some(expected) => expected.growth(&self.region, self.last_year, to),
            None => Ok(vec![0.0; horizon]),
        }
    }

    fn step(&self, states: &mut [State], expected: f64) {
        for (state, member) in states.iter_mut().zip(&self.members) {
            state.step(&member.noise, expected);
        }
    }

    fn mixture_of(&self, states: &[State], horizon: usize) -> NormalMixture {
        let between_source = self.options.between_source_sd.powi(2);
        let population = self.options.expected_error * horizon as f64;
        let components = states.iter().zip(&self.members).map(|(state, member)| {
            let scatter = match self.options.quantity {
                ForecastQuantity::Registered => member.noise.observation(state.mean[0]),
                ForecastQuantity::Expected => 0.0,
            };
            Component {
                weight: member.weight,
                mean: state.mean[0],
                variance: state.covariance[0][0] + scatter + (between_source + population.powi(2)),
            }
        });
        NormalMixture(components.collect())
    }
}

impl fmt::Display for Forecast {
    /// A table of the last figure's year and the years 1 to 5, 10, 15 and 20 years after it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quantity = match self.options.quantity {
            ForecastQuantity::Registered => "registered cases",
            ForecastQuantity::Expected => "expected cases",
        };
        let mut table = Table::default();
        table.heading(format!(
            "{quantity} a year in {}: registry trend{}",
            self.region,
            if self.options.expected.is_some() {
                " of the rate"
            } else {
                ""
            }
        ));
        let names = ["median", "50 %", "95 %"];
        table.row("year", names.map(str::to_owned));
        for horizon in [0, 1, 2, 3, 4, 5, 10, 15, 20] {
            let year = self.last_year.saturating_add(horizon);
            let quantiles = self.quantiles(year, OF_TABLES);
            let [a, b, median, c, d] =
                quantiles.map_or_else(|_| ["-"; 5].map(str::to_owned), |q| q.map(count));
            table.row(
                year.to_string(),
                [median, format!("{b} to {c}"), format!("{a} to {d}")],
            );
        }
        if !self.shocks.is_empty() {
            let years: Vec<String> = self.shocks.iter().map(i32::to_string).collect();
            table.heading(format!("figures not used: {}", years.join(", ")));
        }
        for caution in self.cautions() {
            table.heading(format!("Caution: {caution}"));
        }
        table.fmt(f)
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // Values that are exact in binary, and repeated computations.
mod tests;
