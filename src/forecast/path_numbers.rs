//! The random numbers that the paths of a forecast follow from: those of a region, and of one that is part of another.
//!
//! # Parts
//!
//! A part's cases are counted in its whole, too. If the cases of a part and those of the rest of its whole err
//! independently of each other, each as regions of their size do, the errors of part and whole are correlated by
//!
//! ```text
//! ρ = s^(1+b) / √(s^(2(1+b)) + (1 − s)^(2(1+b)))
//! ```
//!
//! with s the share of the part, and b the exponent of size of the noises; of counting errors it is −1/2 and ρ is √s. The
//! normal numbers of a part are therefore ρ times those of its whole and √(1 − ρ²) times numbers of its own, year
//! by year of the calendar. What is drawn of one region alone has the same distribution with them as without.

use std::f64::consts::SQRT_2;
use std::sync::Arc;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use statrs::function::erf::erfc;

use super::forecast_options::ForecastQuantity;
use super::predictive::Forecast;
use crate::numeric::student::normal_quantile;
use crate::random::Seed;

/// So many draws are made together: each number of theirs for all of them at once, and so few that all stay near the
/// processor.
pub(super) const TOGETHER: usize = 32;

/// The numbers that paths follow from, of each path one: standard normal but for the first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PathNumbers<const PATHS: usize> {
    /// Between 0 and 1: how volatile the series is.
    pub(crate) volatility: [f64; PATHS],
    /// Level, deviation of the growth, mean growth.
    pub(crate) state: [[f64; PATHS]; 3],
    pub(crate) between_source: [f64; PATHS],
    pub(crate) population: [f64; PATHS],
}

/// Of a year: the noises of level, growth and scatter, of each path one.
pub(crate) type YearlyNumbers<const PATHS: usize> = [[f64; PATHS]; 3];

/// Whose numbers, from which year on, and which of them are drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NumbersOf {
    region: String,
    last_year: i32,
    drawn: Drawn,
    whole: Option<(Arc<Self>, Correlations)>,
}

/// Which numbers are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Drawn {
    Paths {
        population: bool,
        scatter: bool,
    },
    /// Of volatility, and of level and growth in later years, alone.
    Departures,
}

/// Of the numbers of a part with those of its whole.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Correlations {
    path: f64,
    scatter: f64,
}

impl Correlations {
    fn of(share: f64, size_exponent: f64) -> Self {
        // A part with more cases than its whole leaves nothing.
        let rest = (1.0 - share).max(0.0);
        let of = |exponent: f64| {
            let part = share.powf(1.0 + exponent);
            part / part.hypot(rest.powf(1.0 + exponent))
        };
        Self {
            path: of(size_exponent),
            scatter: of(-0.5),
        }
    }
}

impl Forecast {
    /// The numbers of its draws.
    pub(crate) fn numbers(&self) -> NumbersOf {
        NumbersOf {
            region: self.region.clone(),
            last_year: self.last_year,
            drawn: Drawn::Paths {
                population: self.options.expected_error > 0.0,
                scatter: self.options.quantity == ForecastQuantity::Registered,
            },
            whole: None,
        }
    }
}

impl NumbersOf {
    /// The same of a region that is so much of another, under a trend with an exponent of size.
    pub(crate) fn part_of(self, whole: Arc<Self>, share: f64, size_exponent: f64) -> Self {
        let whole = Some((whole, Correlations::of(share, size_exponent)));
        Self { whole, ..self }
    }

    /// Those of the departures from a path, which are others.
    pub(crate) fn of_departures(&self) -> Self {
        let whole = self.whole.as_ref();
        Self {
            region: self.region.clone(),
            drawn: Drawn::Departures,
            whole: whole.map(|(whole, of)| (Arc::new(whole.of_departures()), *of)),
            ..*self
        }
    }

    /// Those of a block of draws.
    pub(super) fn block(&self, to: i32, seed: Seed, block: usize) -> Generator {
        let whole = self.whole.as_ref();
        let purpose = match self.drawn {
            Drawn::Paths { .. } => "trend",
            Drawn::Departures => "departure",
        };
        let stream = seed.stream(&format!("{purpose}/{}", self.region));
        Generator {
            random: stream.block(block),
            drawn: self.drawn,
            path: PathNumbers {
                volatility: [0.0; TOGETHER],
                state: [[0.0; TOGETHER]; 3],
                between_source: [0.0; TOGETHER],
                population: [0.0; TOGETHER],
            },
            // The year of the last figure has a scatter, too.
            yearly: vec![[[0.0; TOGETHER]; 3]; to.abs_diff(self.last_year) as usize + 1],
            first_year: self.last_year,
            whole: whole.map(|(whole, correlations)| {
                (Box::new(whole.block(to, seed, block)), *correlations)
            }),
        }
    }
}

/// Numbers of some draws after others.
#[derive(Debug)]
pub(super) struct Generator {
    random: ChaCha8Rng,
    drawn: Drawn,
    pub(super) path: PathNumbers<TOGETHER>,
    /// For each year from that of the last figure on, which has a scatter alone.
    pub(super) yearly: Vec<YearlyNumbers<TOGETHER>>,
    /// Of `yearly`.
    first_year: i32,
    whole: Option<(Box<Self>, Correlations)>,
}

impl Generator {
    /// Goes on to the next draws, of which there are so many, up to [`TOGETHER`].
    pub(super) fn advance(&mut self, draws: usize) {
        let (path, random) = (&mut self.path, &mut self.random);
        let mut normal: Vec<&mut [f64; TOGETHER]> = Vec::new();
        let mut has_scatter = false;
        if let Drawn::Paths {
            population,
            scatter,
        } = self.drawn
        {
            has_scatter = scatter;
            normal.extend(&mut path.state);
            normal.push(&mut path.between_source);
            normal.extend(population.then_some(&mut path.population));
        }
        for (year, [level, growth, scatter]) in self.yearly.iter_mut().enumerate() {
            normal.extend([level, growth].into_iter().filter(|_| year > 0));
            normal.extend(has_scatter.then_some(scatter));
        }
        // Of each draw in turn, so that a draw does not depend on how many are made.
        for draw in 0..draws.min(TOGETHER) {
            path.volatility[draw] = random.random();
            for z in &mut normal {
                z[draw] = StandardNormal.sample(random);
            }
        }
        if let Some((whole, correlations)) = &mut self.whole {
            whole.advance(draws);
            let yearly = (self.first_year..).zip(&mut self.yearly);
            mix(&mut self.path, yearly, whole, *correlations);
        }
    }
}

/// Makes numbers of a part's own correlated with those of its whole. What is not drawn is 0 in either, and stays what it is.
fn mix<'a>(
    path: &mut PathNumbers<TOGETHER>,
    yearly: impl Iterator<Item = (i32, &'a mut YearlyNumbers<TOGETHER>)>,
    whole: &Generator,
    correlations: Correlations,
) {
    let mix = |own: &mut [f64], whole: &[f64], correlation: f64| {
        let drawn = own.iter_mut().zip(whole);
        for (own, whole) in drawn.filter(|(own, whole)| **own != 0.0 && **whole != 0.0) {
            *own = mixed(*own, *whole, correlation);
        }
    };
    let volatilities = path.volatility.iter_mut().zip(whole.path.volatility);
    volatilities.for_each(|(own, whole)| *own = mixed_probability(*own, whole, correlations.path));
    for (own, whole) in path.state.iter_mut().zip(&whole.path.state) {
        mix(own, whole, correlations.path);
    }
    mix(
        &mut path.population,
        &whole.path.population,
        correlations.path,
    );
    for (year, [level, growth, scatter]) in yearly {
        let of_whole = usize::try_from(year.saturating_sub(whole.first_year));
        let Some(numbers) = of_whole.ok().and_then(|at| whole.yearly.get(at)) else {
            continue;
        };
        mix(level, &numbers[0], correlations.path);
        mix(growth, &numbers[1], correlations.path);
        mix(scatter, &numbers[2], correlations.scatter);
    }
}

fn mixed(own: f64, whole: f64, correlation: f64) -> f64 {
    correlation * whole + (1.0 - correlation * correlation).sqrt() * own
}

/// The same of numbers between 0 and 1, by the normal numbers that they are probabilities of.
fn mixed_probability(own: f64, whole: f64, correlation: f64) -> f64 {
    // One draw in 2⁵³ is 0, the probability of no normal number.
    let [own, whole] = [own, whole].map(|p| normal_quantile(p.max(f64::EPSILON / 2.0)));
    0.5 * erfc(-mixed(own, whole, correlation) / SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// Of two independent Poisson numbers with means 3 and 1, the first and the sum are correlated by √(3/4).
    #[test]
    fn counting_errors_of_a_part_are_counted_in_its_whole() {
        let of = |share, exponent| Correlations::of(share, exponent);
        assert_relative_eq!(of(0.75, 0.0).scatter, 0.75_f64.sqrt(), max_relative = 1e-15);
        // Equal relative errors: 3 of 10^½.
        assert_relative_eq!(
            of(0.75, 0.0).path,
            3.0 / 10.0_f64.sqrt(),
            max_relative = 1e-15
        );
        for exponent in [-0.5, -0.2, 0.0] {
            // Of a part that has more cases than its whole nothing is left, as of one that is all of it.
            for share in [1.0, 1.2] {
                assert_relative_eq!(of(share, exponent).path, 1.0, max_relative = 1e-15);
            }
            assert!(of(1e-6, exponent).path < 2e-3);
        }
    }

    const DRAWS: usize = 1 << 14;

    /// Of each draw: the volatility as a normal number, the state, the population, and the yearly numbers.
    fn drawn(numbers: &NumbersOf) -> Vec<Vec<f64>> {
        let blocks = DRAWS / crate::random::BLOCK;
        let blocks = (0..blocks).flat_map(|block| {
            let mut numbers = numbers.block(2030, Seed::new(1), block);
            let draw = move |draw: usize| {
                if draw.is_multiple_of(TOGETHER) {
                    numbers.advance(TOGETHER);
                }
                let (path, k) = (numbers.path, draw % TOGETHER);
                let mut all = vec![normal_quantile(path.volatility[k]), path.population[k]];
                all.extend(path.state.map(|z| z[k]));
                all.extend(numbers.yearly.concat().iter().map(|z| z[k]));
                all
            };
            (0..crate::random::BLOCK).map(draw)
        });
        blocks.collect()
    }

    fn numbers_of(region: &str, last_year: i32) -> NumbersOf {
        NumbersOf {
            region: region.to_owned(),
            last_year,
            drawn: Drawn::Paths {
                population: true,
                scatter: true,
            },
            whole: None,
        }
    }

    /// Every number of a part is standard normal, has the stated correlation with the same number of its whole, of the same
    /// year of the calendar, and none with any other; one of a region within the part has the product.
    #[test]
    fn numbers_of_parts_are_correlated_with_those_of_their_wholes() {
        let whole = Arc::new(numbers_of("Whole", 2027));
        let part = numbers_of("Part", 2025).part_of(Arc::clone(&whole), 0.8, -0.18);
        let within = numbers_of("Within", 2028).part_of(Arc::new(part.clone()), 0.5, -0.18);
        // By hand: 0.8^0.82 of the root of 0.8^1.64 + 0.2^1.64, and √0.8; halves have 1/√2.
        let (path, scatter) = (0.952_187, 0.8_f64.sqrt());
        let all = [&*whole, &part, &within].map(drawn);
        let error = 4.0 / (DRAWS as f64).sqrt();
        let mean = |of: &dyn Fn(usize) -> f64| (0..DRAWS).map(of).sum::<f64>() / DRAWS as f64;
        // After 5 numbers of the path three a year, of which the first year has the last alone.
        let year_of = |place: usize, first: i32| first + i32::try_from((place - 5) / 3).unwrap();
        let is_of_path = |place: usize, first: i32| {
            place < 5 || year_of(place, first) > first && (place - 5) % 3 < 2
        };
        let is_scatter = |place: usize| place >= 5 && (place - 5) % 3 == 2;
        for (one, other, first, whole_first, factor) in [
            (1, 0, 2025, 2027, 1.0),
            (2, 1, 2028, 2025, 0.0),
            (2, 0, 2028, 2027, 1.0),
        ] {
            let half = if one == 2 { 0.5_f64.sqrt() } else { 1.0 };
            let (path, scatter) = if factor == 0.0 {
                (half, half)
            } else {
                (path * half, scatter * half)
            };
            for i in 0..all[one][0].len() {
                if !is_of_path(i, first) && !is_scatter(i) {
                    continue;
                }
                assert_relative_eq!(mean(&|d| all[one][d][i]), 0.0, epsilon = error);
                let square = mean(&|d| all[one][d][i].powi(2));
                assert_relative_eq!(square, 1.0, epsilon = 1.5 * error);
                for j in 0..all[other][0].len() {
                    if !is_of_path(j, whole_first) && !is_scatter(j) {
                        continue;
                    }
                    let same = match (i < 5, j < 5) {
                        (true, true) => i == j,
                        (false, false) => {
                            year_of(i, first) == year_of(j, whole_first)
                                && (i - 5) % 3 == (j - 5) % 3
                        }
                        _ => false,
                    };
                    let expected = match (same, is_scatter(i)) {
                        (false, _) => 0.0,
                        (true, false) => path,
                        (true, true) => scatter,
                    };
                    let product = mean(&|d| all[one][d][i] * all[other][d][j]);
                    assert_relative_eq!(product, expected, epsilon = 1.5 * error);
                }
            }
        }
    }

    /// More draws, and a later end, leave those that were there as they are.
    #[test]
    fn a_block_begins_as_it_did() {
        let whole = Arc::new(numbers_of("Whole", 2027));
        let part = numbers_of("Part", 2025).part_of(whole, 0.3, -0.18);
        let first = |to: i32, draws: usize| {
            let mut numbers = part.block(to, Seed::new(1), 0);
            numbers.advance(draws);
            let yearly = numbers.yearly[..4].concat();
            (
                numbers.path.volatility[0],
                yearly.into_iter().map(|z| z[0]).collect::<Vec<_>>(),
            )
        };
        assert_eq!(first(2030, TOGETHER), first(2040, 1));
    }
}
