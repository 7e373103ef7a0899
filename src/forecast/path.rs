//! One path of a forecast, from the numbers that it follows from.

use super::forecast_options::ForecastQuantity;
use super::model::Member;
use super::path_numbers::PathNumbers;
use super::predictive::Forecast;
use crate::error::Result;
use crate::numeric::linear_algebra::Cholesky;
use crate::numeric::vector_exp_ln::{LANES, exp_each};

/// The paths of a forecast as a function: what [`Forecast::draws`] makes of random numbers, of given ones.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    forecast: Forecast,
    /// Of each member, the root of the covariance of its state.
    roots: Vec<Vec<Vec<f64>>>,
    /// The growth of the log of expected cases, year by year.
    expected: Vec<f64>,
}

impl Forecast {
    /// Its paths to a year.
    pub(crate) fn paths(&self, to: i32) -> Result<Paths> {
        let root = |member: &Member| {
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

    /// The standard deviation of the growth of the population.
    pub(crate) const fn expected_error(&self) -> f64 {
        self.forecast.options.expected_error
    }

    /// The member that a path goes by, and level, deviation of the growth and mean growth at the last figure.
    fn start(&self, numbers: &PathNumbers) -> (&Member, [f64; 3]) {
        let chosen = self.forecast.choose(numbers.volatility);
        let (member, root) = (&self.forecast.members[chosen], &self.roots[chosen]);
        let mut state = member.state.mean;
        for i in 0..3 {
            for (l, z) in root[i].iter().zip(&numbers.state) {
                state[i] += l * z;
            }
        }
        (member, state)
    }

    /// The level of a path at the last figure, on the log scale.
    pub(crate) fn level(&self, numbers: &PathNumbers) -> f64 {
        self.start(numbers).1[0]
    }

    /// The cases of each year, as [`Self::logs`] has them.
    pub(crate) fn cases(&self, numbers: &PathNumbers, yearly: &[[f64; 3]]) -> Vec<f64> {
        let mut cases = vec![0.0; self.years()];
        self.logs(numbers, yearly, &mut cases);
        for log in &mut cases {
            *log = log.exp();
        }
        cases
    }

    /// Writes the logarithm of the cases of each year, and returns the level at the last figure. `yearly` has the numbers of the
    /// level, the growth and the scatter of each year, of which the first uses its scatter alone.
    pub(super) fn logs(&self, numbers: &PathNumbers, yearly: &[[f64; 3]], logs: &mut [f64]) -> f64 {
        let (member, mut state) = self.start(numbers);
        let at_last_figure = state[0];
        let options = &self.forecast.options;
        let between_source = options.between_source_sd * numbers.between_source;
        let population = options.expected_error * numbers.population;
        let noise = &member.noise;
        // Each year has its numbers.
        let yearly = &yearly[..logs.len()];
        let (level, growth) = (noise.level.sqrt(), noise.growth.sqrt());
        for (year, (log, z)) in logs.iter_mut().zip(yearly).enumerate() {
            if year > 0 {
                state[0] += state[1] + state[2] + level * z[0];
                state[0] += self.expected[year - 1] + population;
                state[1] = noise.persistence * state[1] + growth * z[1];
            }
            *log = state[0];
        }
        // The scatter of several years at a time.
        for (logs, yearly) in logs.chunks_mut(LANES).zip(yearly.chunks(LANES)) {
            let mut variances = [0.0; LANES];
            let variances = &mut variances[..logs.len()];
            if options.quantity == ForecastQuantity::Registered {
                (variances.iter_mut().zip(&*logs)).for_each(|(level, log)| *level = -log);
                exp_each(variances);
                for of_one in &mut *variances {
                    *of_one = noise.observation_of(*of_one);
                }
            }
            for ((log, z), variance) in logs.iter_mut().zip(yearly).zip(variances) {
                *log += between_source + variance.sqrt() * z[2];
            }
        }
        at_last_figure
    }
}
