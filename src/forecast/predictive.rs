//! The trend of one series, given its figures: quantiles, scores and draws.

use ndarray::{Array2, ArrayViewMut2, Axis};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use super::filter::State;
use super::model::Member;
use super::options::{ForecastOptions, ForecastQuantity};
use crate::draws::MAX_HORIZON;
use crate::draws::{YearlyDraws, check_shape};
use crate::error::{Error, ErrorKind, Result};
use crate::numeric::linear_algebra::Cholesky;
use crate::numeric::normal_mixture::{Component, NormalMixture};
use crate::random::{BLOCK, Seed};

/// The trend of one series, given its figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    pub(super) region: String,
    pub(super) last_year: i32,
    pub(super) shocks: Vec<i32>,
    pub(super) log_likelihood: f64,
    pub(super) options: ForecastOptions,
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

    /// The years of the figures that were left out, since they are marked as shocks.
    #[must_use]
    pub fn shocks(&self) -> &[i32] {
        &self.shocks
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
    /// As [`Forecast::quantiles`].
    pub fn log_moments(&self, year: i32) -> Result<(f64, f64)> {
        let mixture = self.mixture(year)?;
        Ok((mixture.mean(), mixture.variance().sqrt()))
    }

    /// The log score: the log of the density of the log count that was observed, greater is better.
    ///
    /// # Errors
    ///
    /// As [`Forecast::quantiles`], and where the number of cases is not finite and above 0, or the
    /// forecast has no width (an expected count that is known exactly).
    pub fn log_score(&self, year: i32, cases: f64) -> Result<f64> {
        let truth = self.log_count(cases)?;
        self.mixture(year)?.log_density(truth).ok_or_else(|| {
            ErrorKind::Unsuitable(format!(
                "the trend of {} has no density in {year}: it is certain there",
                self.region
            ))
            .into()
        })
    }

    /// The continuous ranked probability score of the log count that was observed, exact: less is
    /// better (Grimit et al. 2006, [doi:10.1256/qj.05.235](https://doi.org/10.1256/qj.05.235)).
    ///
    /// # Errors
    ///
    /// As [`Forecast::quantiles`], and where the number of cases is not finite and above 0.
    pub fn crps(&self, year: i32, cases: f64) -> Result<f64> {
        Ok(self.mixture(year)?.crps(self.log_count(cases)?))
    }

    /// The probability that there will be no more than so many cases.
    ///
    /// # Errors
    ///
    /// As [`Forecast::crps`].
    pub fn probability_integral_transform(&self, year: i32, cases: f64) -> Result<f64> {
        Ok(self.mixture(year)?.cumulative(self.log_count(cases)?))
    }

    fn log_count(&self, cases: f64) -> Result<f64> {
        if cases.is_finite() && cases > 0.0 {
            return Ok(cases.ln());
        }
        Err(Error::out_of_range(
            "the number of cases",
            &self.region,
            cases,
            "finite and above 0",
        ))
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
            let shared = self.options.shared_error * normal(rng);
            let (level, growth) = (member.noise.level.sqrt(), member.noise.growth.sqrt());
            for (year, cell) in column.iter_mut().enumerate() {
                if year > 0 {
                    state[0] += state[1] + state[2] + level * normal(rng);
                    state[1] = member.noise.persistence * state[1] + growth * normal(rng);
                }
                let scatter = match self.options.quantity {
                    ForecastQuantity::Registered => {
                        member.noise.observation(state[0]).sqrt() * normal(rng)
                    }
                    ForecastQuantity::Expected => 0.0,
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
                ForecastQuantity::Registered => member.noise.observation(state.mean[0]),
                ForecastQuantity::Expected => 0.0,
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
        let shared = spread(0.01, &plain.clone().with_shared_error(0.1));
        let expected = (spread(0.01, &plain).1.powi(2) + 0.01).sqrt();
        assert_relative_eq!(shared.1, expected, max_relative = 1e-9);
        assert!(spread(0.01, &plain.clone().with_members(5.0)).1 < spread(0.01, &plain).1);
        assert!(
            RegistryTrend::default()
                .of(&series(0.01), &plain.clone().with_members(0.5))
                .is_err()
        );
        // A shared error leaves the centre alone; fresh figures raise it.
        assert_eq!(shared.0, spread(0.01, &plain).0);
        assert!(spread(0.01, &plain.clone().with_provisional(true)).0 > shared.0);
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
        let marked = ForecastOptions::default().with_shocks(Shocks::pandemic());
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
        let late = TrendParameters::SHIPPED.late_reporting;
        let options = ForecastOptions::default().with_provisional(true);
        for (counts, options, expected) in [
            (&counts[1..], options.clone(), 1000f64.ln() + late[0]),
            (
                &counts[..],
                options.with_shocks(Shocks::years([2020])),
                900f64.ln() + late[2],
            ),
        ] {
            let series = IncidenceSeries::from_counts("x", counts.to_vec()).unwrap();
            let trend = RegistryTrend::default().of(&series, &options).unwrap();
            let (mean, _) = trend.log_moments(trend.last_year()).unwrap();
            assert_relative_eq!(mean, expected, max_relative = 1e-12);
        }
    }

    /// A density too small for a number has a logarithm.
    #[test]
    fn scores_of_absurd_counts_are_finite() {
        let trend = world();
        for cases in [1e-300, 1.0, 1e300] {
            assert!(trend.log_score(2030, cases).unwrap() < -50.0);
            let distance = (cases.ln() - trend.log_moments(2030).unwrap().0).abs();
            assert!((trend.crps(2030, cases).unwrap() - distance).abs() < 0.2);
        }
        assert!(trend.crps(2030, f64::NAN).is_err());
        assert!(trend.probability_integral_transform(2030, -1.0).is_err());
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
        assert!(RegistryTrend::new(parameters, SiteEffect::MYELOMA).is_err());
        assert!(
            RegistryTrend::default()
                .condition("none", &[], &ForecastOptions::default())
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
