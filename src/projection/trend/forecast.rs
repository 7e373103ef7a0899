//! Conditioning the trend on the figures of one series, and forecasting from it.

use ndarray::{Array2, ArrayViewMut2, Axis};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use super::filter::{Noise, State, cholesky};
use super::mixture::{Component, NormalMixture};
use super::options::{TrendOptions, TrendQuantity};
use super::parameters::{REFERENCE_COUNT, SiteEffect, TrendParameters};
use crate::draws::{YearlyDraws, check_shape};
use crate::error::{Error, ErrorKind, Result};
use crate::projection::MAX_HORIZON;
use crate::random::{BLOCK, Seed};
use crate::series::IncidenceSeries;

/// Points of the log of volatility, in both directions from 0, and their distance.
const VOLATILITY_POINTS: i32 = 5;
const VOLATILITY_STEP: f64 = 0.3;
/// Gauss–Hermite points and weights for a standard normal distribution (Abramowitz & Stegun 1964,
/// table 25.10, with the points multiplied by √2 and the weights divided by √π).
const HERMITE: [(f64, f64); 5] = [
    (-2.856_970_013_872_805_6, 0.011_257_411_327_720_69),
    (-1.355_626_179_974_266, 0.222_075_922_005_612_66),
    (0.0, 0.533_333_333_333_333_3),
    (1.355_626_179_974_266, 0.222_075_922_005_612_66),
    (2.856_970_013_872_805_6, 0.011_257_411_327_720_69),
];

/// The points of the log of volatility with their prior weights, which add up to one.
pub(super) fn volatility_points(spread: f64) -> Vec<(f64, f64)> {
    let points: Vec<(f64, f64)> = (-VOLATILITY_POINTS..=VOLATILITY_POINTS)
        .map(|i| {
            let z = VOLATILITY_STEP * f64::from(i);
            // No spread at all leaves the middle point.
            let scaled = z / spread.max(1e-3);
            (z, (-0.5 * scaled * scaled).exp())
        })
        .collect();
    let total: f64 = points.iter().map(|p| p.1).sum();
    points.into_iter().map(|(z, w)| (z, w / total)).collect()
}

impl TrendParameters {
    /// The noises of a series that begins with a count, at a volatility z and a trend effect v.
    pub(super) fn noise(&self, first_count: f64, volatility: f64, trend: f64) -> Noise {
        self.noise_of_sum(first_count, 1.0, volatility, trend)
    }

    /// The noises of a sum of so many independent series of equal size.
    fn noise_of_sum(&self, first_count: f64, members: f64, volatility: f64, trend: f64) -> Noise {
        let size = self.size_exponent * (first_count / members / REFERENCE_COUNT).ln();
        let calibration = self.calibration.powi(2) / members;
        let short_run = calibration * (2.0 * (volatility + size)).exp();
        Noise {
            persistence: self.persistence,
            level: self.level_noise.powi(2) * short_run,
            growth: calibration * self.growth_noise.powi(2) * (2.0 * trend).exp(),
            count: self.count_noise.powi(2) * short_run,
        }
    }
}

/// Parameters and the site that they are used for.
///
/// ```
/// use myeloma_epi::projection::{StochasticTrend, TrendOptions};
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let world = IncidenceSeries::from_figures(figures::press_release(), "World")?;
/// let trend = StochasticTrend::default().of(&world, &TrendOptions::default())?;
/// let [low, middle, high] = trend.quantiles(2040, [0.025, 0.5, 0.975])?;
/// // The exponential through the two figures gives 353,646: growth reverts to the mean.
/// assert!(low < middle && middle < 353_646.0 && middle < high);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StochasticTrend {
    parameters: TrendParameters,
    site: SiteEffect,
}

impl Default for StochasticTrend {
    /// The shipped parameters, for multiple myeloma.
    fn default() -> Self {
        Self {
            parameters: TrendParameters::SHIPPED,
            site: SiteEffect::MYELOMA,
        }
    }
}

impl StochasticTrend {
    /// A model from its parameters, for a site.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`] where one is out of its range.
    pub fn new(parameters: TrendParameters, site: SiteEffect) -> Result<Self> {
        Ok(Self {
            parameters: parameters.check()?,
            site: site.check()?,
        })
    }

    /// The parameters.
    #[must_use]
    pub const fn parameters(&self) -> &TrendParameters {
        &self.parameters
    }

    /// The effect of the site.
    #[must_use]
    pub const fn site(&self) -> &SiteEffect {
        &self.site
    }

    /// The trend given the observations of a series, with their stated errors, which are taken as
    /// independent; the published projection is not used.
    ///
    /// # Errors
    ///
    /// Where the shared error is not between 0 and 1, the members fewer than 1, or the figures lie more than
    /// [`MAX_HORIZON`] years apart.
    pub fn of(&self, series: &IncidenceSeries, options: &TrendOptions) -> Result<TrendForecast> {
        let figures: Vec<(i32, f64, f64)> = series
            .observations()
            .iter()
            .map(|o| (o.year, o.cases, o.relative_error.unwrap_or(0.0)))
            .collect();
        self.condition(series.region(), &figures, options)
    }

    /// The trend given `(year, cases, relative error)`, with years that increase strictly and cases
    /// above 0.
    pub(crate) fn condition(
        &self,
        region: &str,
        figures: &[(i32, f64, f64)],
        options: &TrendOptions,
    ) -> Result<TrendForecast> {
        if !(0.0..=1.0).contains(&options.shared_error) {
            return Err(Error::out_of_range(
                "the shared error",
                region,
                options.shared_error,
                "between 0 and 1",
            ));
        }
        if !(options.members >= 1.0 && options.members <= 1e4) {
            return Err(Error::out_of_range(
                "the effective number of members",
                region,
                options.members,
                "between 1 and 10,000",
            ));
        }
        let (Some(&first), Some(&last)) = (figures.first(), figures.last()) else {
            return Err(ErrorKind::NoObservations {
                place: region.to_owned(),
            }
            .into());
        };
        if i64::from(last.0) - i64::from(first.0) > i64::from(MAX_HORIZON) {
            return Err(ErrorKind::Unsuitable(format!(
                "the figures of {region} span {} to {}: a trend is followed over {MAX_HORIZON} \
                 years at most",
                first.0, last.0
            ))
            .into());
        }
        let growth = (
            self.parameters.mean_growth + self.site.growth,
            self.site.growth_error.powi(2),
        );
        let mut members = Vec::with_capacity(55);
        for (z, z_weight) in volatility_points(self.parameters.volatility_spread) {
            for (x, v_weight) in HERMITE {
                let trend = self.site.trend + self.site.trend_error * x;
                let noise = self
                    .parameters
                    .noise_of_sum(first.1, options.members, z, trend);
                let state = self.filter(figures, growth, &noise, options.provisional);
                members.push(Member {
                    weight: (z_weight * v_weight).ln() + state.log_likelihood,
                    noise,
                    state,
                });
            }
        }
        let log_likelihood = normalise(&mut members);
        // What is left out moves no quantile by more than this.
        members.retain(|member| member.weight > 1e-9);
        Ok(TrendForecast {
            region: region.to_owned(),
            last_year: last.0,
            log_likelihood,
            options: *options,
            members,
        })
    }

    fn filter(
        &self,
        figures: &[(i32, f64, f64)],
        growth: (f64, f64),
        noise: &Noise,
        provisional: bool,
    ) -> State {
        let (last_year, ..) = figures[figures.len() - 1];
        let log_count = |year: i32, cases: f64| {
            let late = usize::try_from(last_year - year).unwrap_or(usize::MAX);
            let revision = match self.parameters.late_reporting.get(late) {
                Some(revision) if provisional => *revision,
                _ => 0.0,
            };
            cases.ln() + revision
        };
        let (mut year, cases, error) = figures[0];
        let observed = log_count(year, cases);
        let variance = noise.observation(observed) + error * error;
        let mut state = State::start(observed, variance, growth, noise);
        for &(next, cases, error) in &figures[1..] {
            for _ in year..next {
                state.step(noise);
            }
            year = next;
            let variance = noise.observation(state.mean[0]) + error * error;
            state.update(log_count(year, cases), variance);
        }
        state
    }
}

/// The trend under one setting of the noises, and how much that setting is believed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Member {
    /// Log weight until normalised, then weight.
    pub(super) weight: f64,
    pub(super) noise: Noise,
    pub(super) state: State,
}

/// Turns log weights into weights that add up to one, and returns the log of their sum.
fn normalise(members: &mut [Member]) -> f64 {
    let most = members
        .iter()
        .map(|m| m.weight)
        .fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = members.iter().map(|m| (m.weight - most).exp()).sum();
    for member in members {
        member.weight = (member.weight - most).exp() / total;
    }
    most + total.ln()
}

/// The trend of one series, given its figures.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendForecast {
    pub(super) region: String,
    pub(super) last_year: i32,
    log_likelihood: f64,
    options: TrendOptions,
    pub(super) members: Vec<Member>,
}

impl TrendForecast {
    /// The region of the series.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The year of the last figure.
    #[must_use]
    pub const fn last_year(&self) -> i32 {
        self.last_year
    }

    /// The log-likelihood of the figures after the first, in log counts.
    #[must_use]
    pub const fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// Quantiles of the number of cases in a year from the last figure on, at probabilities above 0
    /// and below 1. They are exact up to rounding: nothing is drawn.
    ///
    /// # Errors
    ///
    /// Where the year is before the last figure or more than [`MAX_HORIZON`] years after it, or a
    /// probability is not above 0 and below 1.
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
        let mixture = self.mixture(year)?;
        Ok(probabilities.map(|p| mixture.quantile(p).exp()))
    }

    /// Mean and standard deviation of the log of the number of cases in a year.
    ///
    /// # Errors
    ///
    /// As [`TrendForecast::quantiles`].
    pub fn log_moments(&self, year: i32) -> Result<(f64, f64)> {
        let mixture = self.mixture(year)?;
        Ok((mixture.mean(), mixture.variance().sqrt()))
    }

    /// The log score: the log of the density of the log count that was observed, greater is better.
    ///
    /// # Errors
    ///
    /// As [`TrendForecast::quantiles`], and where the number of cases is not finite and above 0.
    pub fn log_score(&self, year: i32, cases: f64) -> Result<f64> {
        if !(cases.is_finite() && cases > 0.0) {
            return Err(Error::out_of_range(
                "the number of cases",
                &self.region,
                cases,
                "finite and above 0",
            ));
        }
        Ok(self.mixture(year)?.density(cases.ln()).ln())
    }

    /// The probability that there will be no more than so many cases.
    ///
    /// # Errors
    ///
    /// As [`TrendForecast::log_score`].
    pub fn probability_integral_transform(&self, year: i32, cases: f64) -> Result<f64> {
        self.log_score(year, cases)?;
        Ok(self.mixture(year)?.cumulative(cases.ln()))
    }

    /// Draws of the number of cases in every year from the last figure on. Draw *k* is one path: its
    /// volatility, its growth and the level that the figures miss persist from year to year.
    ///
    /// # Errors
    ///
    /// Where the last year is before the last figure or more than [`MAX_HORIZON`] years after it, or
    /// the draws do not fit into memory.
    pub fn draws(&self, to: i32, draws: usize, seed: Seed) -> Result<YearlyDraws> {
        let years = self.horizon(to)? + 1;
        check_shape(years, draws)?;
        let stream = seed.stream(&format!("trend/{}", self.region));
        let mut cases = Array2::zeros((years, draws));
        cases
            .axis_chunks_iter_mut(Axis(1), BLOCK)
            .into_par_iter()
            .enumerate()
            .for_each(|(block, rows)| self.fill(rows, &mut stream.block(block)));
        YearlyDraws::new(self.last_year, cases)
    }

    fn fill(&self, mut rows: ArrayViewMut2<'_, f64>, rng: &mut ChaCha8Rng) {
        let roots: Vec<[[f64; 3]; 3]> = self
            .members
            .iter()
            .map(|member| cholesky(&member.state.covariance))
            .collect();
        let normal = |rng: &mut ChaCha8Rng| -> f64 { StandardNormal.sample(rng) };
        for mut column in rows.axis_iter_mut(Axis(1)) {
            let chosen = self.choose(rng.random());
            let (member, root) = (&self.members[chosen], &roots[chosen]);
            let z = [normal(rng), normal(rng), normal(rng)];
            let mut state = member.state.mean;
            for i in 0..3 {
                for j in 0..=i {
                    state[i] += root[i][j] * z[j];
                }
            }
            let shared = self.options.shared_error * normal(rng);
            let (level, growth) = (member.noise.level.sqrt(), member.noise.growth.sqrt());
            for (year, cell) in column.iter_mut().enumerate() {
                if year > 0 {
                    state[0] += state[1] + state[2] + level * normal(rng);
                    state[1] = member.noise.persistence * state[1] + growth * normal(rng);
                }
                let scatter = match self.options.quantity {
                    TrendQuantity::Registered => {
                        member.noise.observation(state[0]).sqrt() * normal(rng)
                    }
                    TrendQuantity::Expected => 0.0,
                };
                // A count that overflows is a broken model, not a forecast: it stays representable.
                *cell = (state[0] + shared + scatter).min(700.0).exp();
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

    fn mixture(&self, year: i32) -> Result<NormalMixture> {
        let horizon = self.horizon(year)?;
        let mut states: Vec<State> = self.members.iter().map(|member| member.state).collect();
        for _ in 0..horizon {
            self.step(&mut states);
        }
        Ok(self.mixture_of(&states))
    }

    /// The mixtures 1, 2, … years after the last figure.
    pub(crate) fn mixtures(&self) -> impl Iterator<Item = NormalMixture> {
        let mut states: Vec<State> = self.members.iter().map(|member| member.state).collect();
        std::iter::repeat_with(move || {
            self.step(&mut states);
            self.mixture_of(&states)
        })
    }

    fn step(&self, states: &mut [State]) {
        for (state, member) in states.iter_mut().zip(&self.members) {
            state.step(&member.noise);
        }
    }

    fn mixture_of(&self, states: &[State]) -> NormalMixture {
        let shared = self.options.shared_error.powi(2);
        let components = states.iter().zip(&self.members).map(|(state, member)| {
            let scatter = match self.options.quantity {
                TrendQuantity::Registered => member.noise.observation(state.mean[0]),
                TrendQuantity::Expected => 0.0,
            };
            Component {
                weight: member.weight,
                mean: state.mean[0],
                variance: state.covariance[0][0] + scatter + shared,
            }
        });
        NormalMixture(components.collect())
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // Values that are exact in binary, and repeated computations.
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn world() -> TrendForecast {
        let series =
            IncidenceSeries::from_counts("World", [(2019, 164_300.0), (2024, 197_200.0)]).unwrap();
        StochasticTrend::default()
            .of(&series, &TrendOptions::default())
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
        let model = StochasticTrend::default();
        let trend = model.of(&series, &TrendOptions::default()).unwrap();
        let (mean, _) = trend.log_moments(2034).unwrap();
        let growth = model.parameters().mean_growth + model.site().growth;
        assert_relative_eq!(mean, 1e6f64.ln() + 10.0 * growth, max_relative = 1e-12);
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
            let trend = StochasticTrend::default()
                .of(&series, &TrendOptions::default())
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
        let spread = |error: f64, options: &TrendOptions| {
            let trend = StochasticTrend::default()
                .of(&series(error), options)
                .unwrap();
            trend.log_moments(2030).unwrap()
        };
        let plain = TrendOptions::default();
        assert!(spread(0.05, &plain).1 > spread(0.01, &plain).1);
        let shared = spread(0.01, &plain.with_shared_error(0.1));
        let expected = (spread(0.01, &plain).1.powi(2) + 0.01).sqrt();
        assert_relative_eq!(shared.1, expected, max_relative = 1e-9);
        assert!(spread(0.01, &plain.with_members(5.0)).1 < spread(0.01, &plain).1);
        assert!(
            StochasticTrend::default()
                .of(&series(0.01), &plain.with_members(0.5))
                .is_err()
        );
        // A shared error leaves the centre alone; fresh figures raise it.
        assert_eq!(shared.0, spread(0.01, &plain).0);
        assert!(spread(0.01, &plain.with_provisional(true)).0 > shared.0);
    }

    #[test]
    fn requests_out_of_range_are_refused() {
        let trend = world();
        assert!(trend.quantiles(2023, [0.5]).is_err());
        assert!(trend.quantiles(2225, [0.5]).is_err());
        assert!(trend.quantiles(2030, [0.0]).is_err());
        assert!(trend.log_score(2030, 0.0).is_err());
        assert!(trend.draws(2030, 0, Seed::default()).is_err());
        let parameters = TrendParameters {
            persistence: 1.0,
            ..TrendParameters::SHIPPED
        };
        assert!(StochasticTrend::new(parameters, SiteEffect::MYELOMA).is_err());
        assert!(
            StochasticTrend::default()
                .condition("none", &[], &TrendOptions::default())
                .is_err()
        );
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
