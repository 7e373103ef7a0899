//! The forecast of one series, given its figures: its distribution in a year, and draws of paths.

use std::fmt;

use ndarray::{Array2, ArrayViewMut2, Axis};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::filter::State;
use super::model::Member;
use super::options::{ForecastOptions, ForecastQuantity};
use super::stored::UncheckedForecast;
use crate::draws::{MAX_HORIZON, YearlyDraws, check_shape};
use crate::error::{Error, Result};
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
        let growth = self.growth_of_expected(to)?;
        let years = growth.len() + 1;
        check_shape(years, draws)?;
        let stream = seed.stream(&format!("trend/{}", self.region));
        let mut cases = Array2::zeros((years, draws));
        cases
            .axis_chunks_iter_mut(Axis(1), BLOCK)
            .into_par_iter()
            .enumerate()
            .for_each(|(block, rows)| self.fill(rows, &growth, &mut stream.block(block)));
        YearlyDraws::new(self.last_year, cases)
    }

    fn fill(&self, mut rows: ArrayViewMut2<'_, f64>, expected: &[f64], rng: &mut ChaCha8Rng) {
        let roots = self.members.iter().map(|member| {
            let covariance = &member.state.covariance;
            Cholesky::new(3, |i, j| covariance[i][j]).root
        });
        let roots: Vec<_> = roots.collect();
        let normal = |rng: &mut ChaCha8Rng| -> f64 { StandardNormal.sample(rng) };
        for mut column in rows.axis_iter_mut(Axis(1)) {
            let chosen = self.choose(rng.random());
            let (member, root) = (&self.members[chosen], &roots[chosen]);
            let z = [normal(rng), normal(rng), normal(rng)];
            let mut state = member.state.mean;
            for i in 0..3 {
                for (l, z) in root[i].iter().zip(&z) {
                    state[i] += l * z;
                }
            }
            let between_source = self.options.between_source_sd * normal(rng);
            let population = match self.options.expected_error {
                0.0 => 0.0,
                error => error * normal(rng),
            };
            let (level, growth) = (member.noise.level.sqrt(), member.noise.growth.sqrt());
            for (year, cell) in column.iter_mut().enumerate() {
                if year > 0 {
                    state[0] += state[1] + state[2] + level * normal(rng);
                    state[0] += member.noise.elasticity * (expected[year - 1] + population);
                    state[1] = member.noise.persistence * state[1] + growth * normal(rng);
                }
                let scatter = match self.options.quantity {
                    ForecastQuantity::Registered => {
                        member.noise.observation(state[0]).sqrt() * normal(rng)
                    }
                    ForecastQuantity::Expected => 0.0,
                };
                *cell = (state[0] + between_source + scatter).exp();
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
                variance: state.covariance[0][0]
                    + scatter
                    + (between_source + (member.noise.elasticity * population).powi(2)),
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
            let quantiles = self.quantiles(year, [0.025, 0.25, 0.5, 0.75, 0.975]);
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
mod tests {
    use super::*;
    use crate::forecast::{RegistryTrend, SiteEffect, TrendParameters};
    use crate::series::IncidenceSeries;
    use crate::series::Shocks;
    use approx::assert_relative_eq;

    fn world() -> Forecast {
        let series =
            IncidenceSeries::from_counts("World", [(2019, 164_300.0), (2024, 197_200.0)]).unwrap();
        RegistryTrend::default()
            .of(&series, &ForecastOptions::default())
            .unwrap()
    }

    #[test]
    fn draws_have_the_quantiles_that_are_computed() {
        let trend = world();
        let draws = trend.draws(2040, 200_000, Seed::default()).unwrap();
        for year in [2024, 2030, 2040] {
            let exact = trend
                .quantiles(year, [0.025, 0.25, 0.5, 0.75, 0.975])
                .unwrap();
            let drawn = draws
                .quantiles(year, &[0.025, 0.25, 0.5, 0.75, 0.975])
                .unwrap();
            let (_, spread) = trend.log_moments(year).unwrap();
            for (exact, drawn) in exact.iter().zip(drawn) {
                // Four standard errors of the 2.5 % quantile of so many normal draws.
                assert!((exact.ln() - drawn.ln()).abs() < 0.025 * spread);
            }
        }
    }

    #[test]
    fn a_single_figure_gives_the_mean_growth() {
        let series = IncidenceSeries::from_counts("One", [(2024, 1e6)]).unwrap();
        let model = RegistryTrend::default();
        let trend = model.of(&series, &ForecastOptions::default()).unwrap();
        let (mean, _) = trend.log_moments(2034).unwrap();
        let growth = model.parameters().mean_growth + model.site().growth;
        assert_relative_eq!(mean, 1e6f64.ln() + 10.0 * growth, max_relative = 1e-12);
    }

    /// Two histories of twenty years with the same line through them: the one that scatters three times
    /// as much is the more volatile series, and its forecast is the wider one, by far more than the
    /// last two figures alone make it.
    #[test]
    fn volatility_is_learned_from_a_long_history() {
        let spread = |scatter: f64, years: std::ops::Range<i32>| {
            let counts = years.map(|year| {
                let t = f64::from(year);
                let wave = scatter * (2.4 * t).sin();
                (2000 + year, (10.0 + 0.025 * t + wave).exp())
            });
            let series = IncidenceSeries::from_counts("x", counts).unwrap();
            let trend = RegistryTrend::default()
                .of(&series, &ForecastOptions::default())
                .unwrap();
            trend.log_moments(trend.last_year() + 2).unwrap().1
        };
        let long = spread(0.06, 0..20) / spread(0.005, 0..20);
        let short = spread(0.06, 18..20) / spread(0.005, 18..20);
        assert!(short > 1.0 && long > 2.0 * short, "{long} {short}");
    }

    /// 20,000·e^(−0.03 t) for 15 years: the model turns the decline into growth, and says so. Growth that goes on, a
    /// decline of nine years and a series without a trend say nothing.
    #[test]
    fn a_forecast_that_turns_a_trend_says_so() {
        let cautions = |years: i32, slope: f64, scatter: f64| {
            let counts = (0..years).map(|year| {
                let t = f64::from(year);
                let wave = scatter * (2.4 * t).sin();
                (2005 + year, (20_000_f64.ln() + slope * t + wave).exp())
            });
            let series = IncidenceSeries::from_counts("x", counts).unwrap();
            let forecast = RegistryTrend::default()
                .of(&series, &ForecastOptions::default())
                .unwrap();
            let cautions = forecast.cautions();
            assert_eq!(
                cautions.is_empty(),
                !forecast.to_string().contains("Caution")
            );
            cautions
        };
        let decline = cautions(15, -0.03, 0.0);
        // e^−0.03 = 0.9704.
        assert!(
            decline.len() == 1 && decline[0].contains("-3.0 % a year"),
            "{decline:?}"
        );
        assert_eq!(cautions(15, -0.03, 0.02).len(), 1);
        assert!(cautions(15, 0.03, 0.0).is_empty());
        assert!(cautions(9, -0.03, 0.0).is_empty());
        assert!(cautions(15, -0.001, 0.1).is_empty());
    }

    #[test]
    fn a_shift_of_the_calendar_changes_nothing() {
        let at = |shift: i32| {
            let counts = [
                (2001 + shift, 310.0),
                (2002 + shift, 290.0),
                (2005 + shift, 350.0),
            ];
            let series = IncidenceSeries::from_counts("x", counts).unwrap();
            let trend = RegistryTrend::default()
                .of(&series, &ForecastOptions::default())
                .unwrap();
            trend.quantiles(2015 + shift, [0.025, 0.5, 0.975]).unwrap()
        };
        assert_eq!(at(0), at(-700));
    }

    #[test]
    fn more_error_of_the_figures_widens_the_interval() {
        let series = |error: f64| {
            IncidenceSeries::from_counts("x", [(2019, 5e4), (2024, 6e4)])
                .unwrap()
                .assuming_relative_error(error)
                .unwrap()
        };
        let spread = |error: f64, options: &ForecastOptions| {
            let trend = RegistryTrend::default()
                .of(&series(error), options)
                .unwrap();
            trend.log_moments(2030).unwrap()
        };
        let plain = ForecastOptions::default();
        assert!(spread(0.05, &plain).1 > spread(0.01, &plain).1);
        let between = ForecastOptions {
            between_source_sd: 0.1,
            ..plain.clone()
        };
        let shared = spread(0.01, &between);
        let expected = (spread(0.01, &plain).1.powi(2) + 0.01).sqrt();
        assert_relative_eq!(shared.1, expected, max_relative = 1e-9);
        let of_members = |members: f64| ForecastOptions {
            members,
            ..plain.clone()
        };
        assert!(spread(0.01, &of_members(5.0)).1 < spread(0.01, &plain).1);
        assert!(
            RegistryTrend::default()
                .of(&series(0.01), &of_members(0.5))
                .is_err()
        );
        // What sources differ by leaves the centre alone; provisional figures raise it.
        assert_eq!(shared.0, spread(0.01, &plain).0);
        let provisional = ForecastOptions {
            provisional: true,
            ..plain
        };
        assert!(spread(0.01, &provisional).0 > shared.0);
    }

    /// A figure in a marked year is as good as none, but for what is reported late.
    #[test]
    fn shocks_are_left_out_and_named() {
        let of = |counts: &[(i32, f64)], options: &ForecastOptions| {
            let series = IncidenceSeries::from_counts("x", counts.to_vec()).unwrap();
            RegistryTrend::default().of(&series, options)
        };
        let counts = [
            (2016, 510.0),
            (2017, 490.0),
            (2019, 550.0),
            (2020, 400.0),
            (2022, 580.0),
        ];
        let without: Vec<(i32, f64)> = counts.iter().copied().filter(|c| c.0 != 2020).collect();
        let marked = ForecastOptions {
            shocks: Shocks::pandemic(),
            ..ForecastOptions::default()
        };
        let trend = of(&counts, &marked).unwrap();
        assert_eq!(trend.shocks(), [2020]);
        let plain = of(&without, &ForecastOptions::default()).unwrap();
        let at = |trend: &Forecast| trend.quantiles(2030, [0.025, 0.5, 0.975]).unwrap();
        assert_eq!(at(&trend), at(&plain));
        assert_ne!(
            at(&trend),
            at(&of(&counts, &ForecastOptions::default()).unwrap())
        );
        // The forecast starts at the last figure that is left.
        let ends = of(&counts[..4], &marked).unwrap();
        assert_eq!(ends.last_year(), 2019);
        let error = of(&counts[3..4], &marked).unwrap_err().to_string();
        assert!(error.contains("every figure of x"), "{error}");
    }

    /// One figure gives the level: completed by the share that is reported late, which goes by the
    /// calendar year of the report's end, shock or not.
    #[test]
    fn provisional_figures_are_completed_by_their_calendar_year() {
        let counts = [(2018, 900.0), (2020, 1000.0)];
        let late = TrendParameters::shipped().late_reporting;
        let options = ForecastOptions {
            provisional: true,
            ..ForecastOptions::default()
        };
        let marked = ForecastOptions {
            shocks: Shocks::years([2020]),
            ..options.clone()
        };
        for (counts, options, expected) in [
            (&counts[1..], options, 1000f64.ln() + late[0]),
            (&counts[..], marked, 900f64.ln() + late[2]),
        ] {
            let series = IncidenceSeries::from_counts("x", counts.to_vec()).unwrap();
            let trend = RegistryTrend::default().of(&series, &options).unwrap();
            let (mean, _) = trend.log_moments(trend.last_year()).unwrap();
            assert_relative_eq!(mean, expected, max_relative = 1e-12);
        }
    }

    /// Weights, means and deviations are those of the moments.
    #[test]
    fn the_mixture_has_the_moments() {
        let forecast = world();
        let mixture = forecast.mixture(2035).unwrap();
        let (mean, deviation) = forecast.log_moments(2035).unwrap();
        let of = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
            mixture.iter().map(|&(w, m, s)| w * f(m, s)).sum()
        };
        assert_relative_eq!(of(&|_, _| 1.0), 1.0, epsilon = 1e-7);
        assert_relative_eq!(of(&|m, _| m), mean, max_relative = 1e-14);
        assert_relative_eq!(
            of(&|m, s| s * s + (m - mean).powi(2)),
            deviation * deviation,
            max_relative = 1e-12
        );
    }

    #[test]
    fn requests_out_of_range_are_refused() {
        let trend = world();
        assert!(trend.quantiles(2023, [0.5]).is_err());
        assert!(trend.quantiles(2225, [0.5]).is_err());
        assert!(trend.quantiles(2030, [0.0]).is_err());
        assert!(trend.mixture(2225).is_err());
        assert!(trend.draws(2030, 0, Seed::default()).is_err());
        let parameters = TrendParameters {
            persistence: 1.0,
            ..TrendParameters::shipped()
        };
        assert!(RegistryTrend::new(parameters, SiteEffect::myeloma()).is_err());
    }

    #[test]
    fn draws_repeat_and_do_not_depend_on_their_number() {
        let trend = world();
        let few = trend.draws(2030, 100, Seed::new(3)).unwrap();
        let many = trend.draws(2030, 3000, Seed::new(3)).unwrap();
        for year in 2024..=2030 {
            let many = many.year(year).unwrap();
            assert!(
                few.year(year)
                    .unwrap()
                    .iter()
                    .zip(many)
                    .all(|(a, b)| a == b)
            );
        }
    }
}
