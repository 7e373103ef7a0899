//! The forecast of one series, given its figures: its distribution in a year, and draws of paths.

use std::fmt;

use ndarray::{Axis, aview1};
use serde::Serialize;

use super::filter::State;
use super::forecast_options::{ForecastOptions, ForecastQuantity};
use super::model::Member;
use super::path_numbers::{NumbersOf, TOGETHER};
use crate::checked_on_reading::checked;
use crate::draws::{MAX_HORIZON, YearlyDraws};
use crate::error::{Error, Result};
use crate::interval_levels::OF_TABLES;
use crate::number_checks::Place;
use crate::numeric::normal_mixture::{Component, NormalMixture};
use crate::numeric::vector_exp_ln::exp_rows;
use crate::plain_text::{Table, count};
use crate::random::Seed;

checked! {
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
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct Forecast {
        pub(super) region: String,
        pub(super) last_year: i32,
        pub(super) shocks: Vec<i32>,
        /// Years that are marked as provisional and are too long ago to be completed.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        #[serde(default)]
        pub(super) taken_as_complete: Vec<i32>,
        pub(super) log_likelihood: f64,
        pub(super) options: ForecastOptions,
        /// The growth a year of the log-linear trend through the figures, where it is known to be growth or decline.
        #[serde(default)]
        pub(super) fitted_growth: Option<f64>,
        pub(super) members: Vec<Member>,
    } then check
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

    /// What to know before the forecast is believed, as sentences.
    ///
    /// - Figures of ten years or more grow (the 95 % interval of their log-linear trend holds no other sign) and the
    ///   forecast declines within 15 years, or the other way round. The model expects every series to come back to the
    ///   growth that cancer registries have in common, which a series that has long done otherwise need not.
    /// - Years are marked as provisional and lie more than two years before the last one that is reported: what registries
    ///   report later than that is not known, and they are taken as complete.
    #[must_use]
    pub fn cautions(&self) -> Vec<String> {
        let old: Vec<String> = self.taken_as_complete.iter().map(i32::to_string).collect();
        let old = (!old.is_empty()).then(|| {
            format!(
                "{} {} marked as provisional and taken as complete: how late registries report is known of the last \
                 three years alone; complete the counts, or mark the years as shocks, which leaves them out",
                old.join(", "),
                if old.len() == 1 { "is" } else { "are" }
            )
        });
        self.turned().into_iter().chain(old).collect()
    }

    /// That growth of the figures becomes decline, or the other way round.
    fn turned(&self) -> Option<String> {
        const AHEAD: i32 = 15;
        // As far as expected cases are known.
        let known = self.options.expected.as_ref();
        let ahead = known.map_or(AHEAD, |known| AHEAD.min(known.span().1 - self.last_year));
        let mean = |ahead: i32| {
            self.log_moments(self.last_year.saturating_add(ahead))
                .map(|m| m.0)
        };
        let (fitted, now, then) = (self.fitted_growth?, mean(0).ok()?, mean(ahead).ok()?);
        let forecast = (then - now) / f64::from(ahead.max(1));
        if fitted * forecast >= 0.0 {
            return None;
        }
        let [fitted, forecast] = [fitted, forecast].map(|slope| 100.0 * slope.exp_m1());
        Some(format!(
            "the figures changed by {fitted:+.1} % a year and the forecast changes by {forecast:+.1} % a year: it \
             rests on what registries have in common, and not on this series' own trend"
        ))
    }

    /// Quantiles of the number of cases in a year from the last figure on, at probabilities above 0
    /// and below 1. They are exact up to rounding: nothing is drawn. The scatter of few cases is that about the mean level, see
    /// [`Forecast::draws`].
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
        for p in probabilities {
            Place("a quantile").probability("the probability", p)?;
        }
        let mixture = self.log_count(year)?;
        let quantiles = probabilities.map(|p| mixture.quantile(p).exp());
        let place = Place(format_args!("the trend of {} in {year}", self.region));
        let finite = |quantile: &f64| place.finite("a quantile", *quantile);
        quantiles.iter().try_for_each(finite)?;
        Ok(quantiles)
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
    /// Poisson's scatter is that about the drawn level, and in [`Forecast::quantiles`] about the mean level, as in the likelihood
    /// that the parameters are estimated by. Where cases are few, the two differ: of three cases in 2019 and in 2024 the ends of the
    /// 95 % interval of 2040 are 19 and 12 % lower in draws and the median is 6 % higher; of 10 cases it is 6.5, 5 and 2 %, of
    /// 30 2.5, 2 and 0.8 %, and of 100 less than 1 %.
    ///
    /// # Errors
    ///
    /// Where the last year is before the last figure or more than 200 years after it, expected cases of a year up to it
    /// are needed and not there, the draws do not fit into memory, or a draw is past the range of numbers.
    pub fn draws(&self, to: i32, draws: usize, seed: Seed) -> Result<YearlyDraws> {
        self.by_block(to, draws, seed, (&self.numbers(), false))
    }

    /// The draws from some numbers, and of each the level at the last figure, on the log scale.
    pub(crate) fn draws_with_levels(
        &self,
        to: i32,
        draws: usize,
        seed: Seed,
        numbers: &NumbersOf,
    ) -> Result<(YearlyDraws, Vec<f64>)> {
        let rows = self.by_block(to, draws, seed, (numbers, true))?;
        let mut rows = rows.into_array();
        let last = rows.nrows() - 1;
        let mut levels = rows.row(last).to_vec();
        for level in &mut levels {
            *level = level.ln();
        }
        rows.remove_index(Axis(0), last);
        Ok((YearlyDraws::from_valid(self.last_year, rows), levels))
    }

    /// A row for each year, and one more for the expected cases of the last figure's, where they are wanted.
    fn by_block(
        &self,
        to: i32,
        draws: usize,
        seed: Seed,
        (numbers, levels): (&NumbersOf, bool),
    ) -> Result<YearlyDraws> {
        let paths = self.paths(to)?;
        let rows = paths.years() + usize::from(levels);
        YearlyDraws::by_block(self.last_year, rows, draws, |block, mut rows| {
            let mut numbers = numbers.block(to, seed, block);
            for mut columns in rows.axis_chunks_iter_mut(Axis(1), TOGETHER) {
                let draws = columns.ncols();
                numbers.advance(draws);
                let mut write = |row: usize, logs: &[f64; TOGETHER]| {
                    columns.row_mut(row).assign(&aview1(&logs[..draws]));
                };
                let at_last_figure = paths.logs(&numbers.path, &numbers.yearly, &mut write);
                if levels {
                    write(paths.years(), &at_last_figure);
                }
            }
            exp_rows(&mut rows);
            Ok(())
        })
    }

    /// Mean and variance of the level at the last figure, the log of its expected cases.
    pub(crate) fn level(&self) -> (f64, f64) {
        let levels = self.members.iter().map(|member| Component {
            weight: member.weight,
            mean: member.state.mean[0],
            variance: member.state.covariance[0][0],
        });
        let levels = NormalMixture(levels.collect());
        (levels.mean(), levels.variance())
    }

    /// The variance of the log of the number of cases in a year, with a part of what is open of the level at the last figure.
    pub(crate) fn variance_with(&self, part_of_level: f64, year: i32) -> Result<f64> {
        let mut given = self.clone();
        let (level, _) = self.level();
        for Member { state, .. } in &mut given.members {
            state.mean[0] = level + part_of_level * (state.mean[0] - level);
            for i in 0..3 {
                state.covariance[0][i] *= part_of_level;
                state.covariance[i][0] *= part_of_level;
            }
        }
        Ok(given.log_moments(year)?.1.powi(2))
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
