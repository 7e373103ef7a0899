//! One path of a forecast, from the numbers that it follows from.

use super::forecast_options::ForecastQuantity;
use super::predictive::Forecast;
use crate::error::Result;
use crate::numeric::linear_algebra::Cholesky;

/// The paths of a forecast as a function: what [`Forecast::draws`] makes of random numbers, of given ones.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    forecast: Forecast,
    /// Of each member, the root of the covariance of its state.
    roots: Vec<Vec<Vec<f64>>>,
    /// The growth of the log of expected cases, year by year.
    expected: Vec<f64>,
}

/// The numbers that a path follows from: standard normal but for the first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PathNumbers<'a> {
    /// Between 0 and 1: how volatile the series is.
    pub(crate) volatility: f64,
    /// Level, deviation of the growth, mean growth.
    pub(crate) state: [f64; 3],
    pub(crate) between_source: f64,
    pub(crate) population: f64,
    /// Year by year, of the first its scatter alone: level, growth, scatter.
    pub(crate) yearly: &'a [f64],
}

impl Forecast {
    /// Its paths to a year.
    pub(crate) fn paths(&self, to: i32) -> Result<Paths> {
        let root = |member: &super::model::Member| {
            let covariance = &member.state.covariance;
            Cholesky::new(3, |i, j| covariance[i][j]).root
        };
        Ok(Paths {
            roots: self.members.iter().map(root).collect(),
            expected: self.growth_of_expected(to)?,
            forecast: self.clone(),
        })
    }
}

impl Paths {
    /// Years from the last figure on.
    pub(crate) const fn years(&self) -> usize {
        self.expected.len() + 1
    }

    /// The between-source standard deviation, and that of the growth of the population.
    pub(crate) const fn deviations(&self) -> (f64, f64) {
        let options = &self.forecast.options;
        (options.between_source_sd, options.expected_error)
    }

    /// The cases of each year.
    pub(crate) fn cases<'a>(&'a self, numbers: PathNumbers<'a>) -> impl Iterator<Item = f64> + 'a {
        let chosen = self.forecast.choose(numbers.volatility);
        let (member, root) = (&self.forecast.members[chosen], &self.roots[chosen]);
        let mut state = member.state.mean;
        for i in 0..3 {
            state[i] += root[i]
                .iter()
                .zip(&numbers.state)
                .map(|(l, z)| l * z)
                .sum::<f64>();
        }
        let options = &self.forecast.options;
        let between_source = options.between_source_sd * numbers.between_source;
        let population = options.expected_error * numbers.population;
        let noise = &member.noise;
        let (level, growth) = (noise.level.sqrt(), noise.growth.sqrt());
        numbers
            .yearly
            .chunks_exact(3)
            .enumerate()
            .map(move |(year, z)| {
                if year > 0 {
                    state[0] += state[1] + state[2] + level * z[0];
                    state[0] += self.expected[year - 1] + population;
                    state[1] = noise.persistence * state[1] + growth * z[1];
                }
                let scatter = match options.quantity {
                    ForecastQuantity::Registered => noise.observation(state[0]).sqrt() * z[2],
                    ForecastQuantity::Expected => 0.0,
                };
                (state[0] + between_source + scatter).exp()
            })
    }
}
