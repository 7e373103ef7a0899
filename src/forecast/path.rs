//! Paths of a forecast, from the numbers that they follow from.

use std::borrow::Borrow;

use super::filter::Noise;
use super::forecast_options::ForecastQuantity;
use super::path_numbers::{PathNumbers, YearlyNumbers};
use super::predictive::Forecast;
use crate::error::Result;
use crate::numeric::linear_algebra::Cholesky;
use crate::numeric::vector_exp_ln::exp_each;

/// The paths of a forecast as a function: what [`Forecast::draws`] makes of random numbers, of given ones.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    forecast: Forecast,
    /// Of each member.
    members: Vec<OfMember>,
    /// The growth of the log of expected cases, year by year.
    expected: Vec<f64>,
}

/// What the paths of one member of a forecast go by.
#[derive(Debug, Clone)]
struct OfMember {
    /// Level, deviation of the growth and mean growth at the last figure: the mean, and the root of the covariance.
    mean: [f64; 3],
    root: [[f64; 3]; 3],
    /// Standard deviations of the noises of level and growth.
    level: f64,
    growth: f64,
    noise: Noise,
}

impl Forecast {
    /// Its paths to a year.
    pub(crate) fn paths(&self, to: i32) -> Result<Paths> {
        let members = self.members.iter().map(|member| {
            let covariance = &member.state.covariance;
            let mut root = [[0.0; 3]; 3];
            let rows = Cholesky::new(3, |i, j| covariance[i][j]).root;
            for (row, of_covariance) in root.iter_mut().zip(rows) {
                row.iter_mut()
                    .zip(of_covariance)
                    .for_each(|(to, x)| *to = x);
            }
            OfMember {
                mean: member.state.mean,
                root,
                level: member.noise.level.sqrt(),
                growth: member.noise.growth.sqrt(),
                noise: member.noise,
            }
        });
        Ok(Paths {
            members: members.collect(),
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

    /// The member that each path goes by, and level, deviation of the growth and mean growth at the last figure.
    fn start<const PATHS: usize>(
        &self,
        numbers: &PathNumbers<PATHS>,
    ) -> ([&OfMember; PATHS], [[f64; PATHS]; 3]) {
        let mut members = [&self.members[0]; PATHS];
        let mut state = [[0.0; PATHS]; 3];
        for (path, member) in members.iter_mut().enumerate() {
            *member = &self.members[self.forecast.choose(numbers.volatility[path])];
            for ((state, mean), root) in state.iter_mut().zip(member.mean).zip(&member.root) {
                state[path] = mean;
                for (l, z) in root.iter().zip(&numbers.state) {
                    state[path] += l * z[path];
                }
            }
        }
        (members, state)
    }

    /// The level of a path at the last figure, on the log scale.
    pub(crate) fn level(&self, numbers: &PathNumbers<1>) -> f64 {
        self.start(numbers).1[0][0]
    }

    /// The cases of each year, as [`Self::logs`] has them.
    pub(crate) fn cases(&self, numbers: &PathNumbers<1>, yearly: &[[f64; 3]]) -> Vec<f64> {
        let mut cases = Vec::with_capacity(self.years());
        let yearly = yearly.iter().map(|numbers| numbers.map(|z| [z]));
        self.logs(numbers, yearly, |_, [log]| cases.push(log.exp()));
        cases
    }

    /// Gives the logarithms of the cases of each year, counted from that of the last figure, and returns the levels at the last
    /// figure. Of the numbers of a year the first year uses its scatter alone.
    pub(super) fn logs<const PATHS: usize>(
        &self,
        numbers: &PathNumbers<PATHS>,
        yearly: impl IntoIterator<Item = impl Borrow<YearlyNumbers<PATHS>>>,
        mut of_year: impl FnMut(usize, &[f64; PATHS]),
    ) -> [f64; PATHS] {
        let (members, [mut level, mut deviation, growth]) = self.start(numbers);
        let at_last_figure = level;
        let of_members = |of: fn(&OfMember) -> f64| members.map(of);
        let (of_level, of_growth) = (of_members(|m| m.level), of_members(|m| m.growth));
        let persistence = of_members(|m| m.noise.persistence);
        let options = &self.forecast.options;
        let between_source = numbers
            .between_source
            .map(|z| options.between_source_sd * z);
        let population = numbers.population.map(|z| options.expected_error * z);
        let mut years = 0;
        for (year, z) in yearly.into_iter().take(self.years()).enumerate() {
            let z = z.borrow();
            if year > 0 {
                let expected = self.expected[year - 1];
                for k in 0..PATHS {
                    level[k] += deviation[k] + growth[k] + of_level[k] * z[0][k];
                    level[k] += expected + population[k];
                    deviation[k] = persistence[k] * deviation[k] + of_growth[k] * z[1][k];
                }
            }
            let mut variance = [0.0; PATHS];
            if options.quantity == ForecastQuantity::Registered {
                variance = level.map(|level| -level);
                exp_each(&mut variance);
                for k in 0..PATHS {
                    variance[k] = members[k].noise.observation_of(variance[k]);
                }
            }
            let mut logs = level;
            for k in 0..PATHS {
                logs[k] += between_source[k] + variance[k].sqrt() * z[2][k];
            }
            of_year(year, &logs);
            years += 1;
        }
        assert_eq!(
            years,
            self.years(),
            "broken invariant: each year has its numbers"
        );
        at_last_figure
    }
}
