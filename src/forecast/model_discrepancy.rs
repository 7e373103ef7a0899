//! Model discrepancy: how far counts leave a curve that was right up to the last figure.

use ndarray::{Axis, aview1};

use super::model::Member;
use super::path_numbers::TOGETHER;
use super::{Forecast, NumbersOf};
use crate::draws::YearlyDraws;
use crate::error::Result;
use crate::numeric::vector_exp_ln::exp_rows;
use crate::random::Seed;

impl Forecast {
    /// Draws of the model discrepancy: factors by which the number of cases leaves the path that it was on
    /// at the last figure, for every year from then on. The factor of the first year is 1, and the
    /// median of every year is 1.
    ///
    /// They are what the noises of level and growth add up to, in the volatility that the series has
    /// shown. What the figures leave open of level and growth is not in them, so they can be
    /// multiplied with draws of a curve that hold it
    /// ([`Projection::with_model_discrepancy`](crate::Projection::with_model_discrepancy)). Growth
    /// reverts to its path and not to the long-run mean here.
    ///
    /// # Errors
    ///
    /// As [`Forecast::draws`].
    pub fn model_discrepancy(&self, to: i32, draws: usize, seed: Seed) -> Result<YearlyDraws> {
        self.departures(to, draws, seed, &self.numbers())
    }

    /// The same, with numbers that may be those of a part.
    pub(crate) fn departures(
        &self,
        to: i32,
        draws: usize,
        seed: Seed,
        numbers: &NumbersOf,
    ) -> Result<YearlyDraws> {
        let years = self.horizon(to)? + 1;
        let numbers = numbers.of_departures();
        let of_member = |member: &Member| {
            let noise = &member.noise;
            [noise.level.sqrt(), noise.growth.sqrt(), noise.persistence]
        };
        let noises: Vec<_> = self.members.iter().map(of_member).collect();
        YearlyDraws::by_block(self.last_year, years, draws, |block, mut rows| {
            let mut numbers = numbers.block(to, seed, block);
            for mut columns in rows.axis_chunks_iter_mut(Axis(1), TOGETHER) {
                let draws = columns.ncols();
                numbers.advance(draws);
                let noises = (numbers.path.volatility).map(|at| noises[self.choose(at)]);
                let (mut paths, mut deviations) = ([0.0; TOGETHER], [0.0; TOGETHER]);
                for (year, z) in numbers.yearly.iter().enumerate() {
                    for (k, [level, growth, persistence]) in noises.iter().enumerate() {
                        // The year of the last figure has no noise.
                        paths[k] += deviations[k] + level * z[0][k];
                        deviations[k] = persistence * deviations[k] + growth * z[1][k];
                    }
                    columns.row_mut(year).assign(&aview1(&paths[..draws]));
                }
            }
            exp_rows(&mut rows);
            Ok(())
        })
    }

    /// The variance of the logarithm of the factors of [`Forecast::model_discrepancy`] in a year, exactly:
    /// the mean over the mixture of Σⱼ (`σ_level`² + `σ_growth`²·((1 − φʲ)/(1 − φ))²), j = 0, …, h − 1.
    ///
    /// # Errors
    ///
    /// Where the year is before the last figure or too far after it.
    pub fn model_discrepancy_variance(&self, year: i32) -> Result<f64> {
        let horizon = self.horizon(year)?;
        let of = |noise: &super::filter::Noise| {
            // A shock to growth j years ago has added up to (1 − φʲ)/(1 − φ) of itself.
            let (mut sum, mut reach, mut left) = (0.0, 0.0, 1.0);
            for _ in 0..horizon {
                sum += noise.level + noise.growth * reach * reach;
                reach += left;
                left *= noise.persistence;
            }
            sum
        };
        Ok(self.members.iter().map(|m| m.weight * of(&m.noise)).sum())
    }
}
