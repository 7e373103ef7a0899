//! The delay from diagnosis to the start of a line, and starts by calendar year.

use ndarray::{Array2, Axis};
use rand_distr::{Distribution as _, StandardNormal};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::flow_options::{Entry, FlowOptions, check_years};
use super::sojourn::{Distribution, SojournTime};
use super::ultimate_share::UltimateShare;
use crate::draws::YearlyDraws;
use crate::error::{Error, ErrorKind, Result};
use crate::numeric::quadrature::integrate;
use crate::numeric::root::root;
use crate::random::{BLOCK, Seed};

/// Probabilities whose quantiles divide the range of integration, so that a narrow stay is not missed.
const LANDMARKS: [f64; 9] = [1e-6, 1e-3, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999, 1.0 - 1e-6];

/// **Time from diagnosis to the start of third line**, for those who reach it: the sum of the stay in
/// first line and the stay in second line, which are independent.
///
/// The distribution function of the sum is G(t) = ∫₀ᵗ F₂(t − s) dF₁(s). A cohort that is diagnosed
/// at a steady rate through a year asks for its integral, which needs no density:
///
/// ∫₀ᵗ G = ∫₀ᵗ F₁(s) F₂(t − s) ds.
///
/// Both are computed by tanh-sinh quadrature to about 1e-12, and in closed form where both stays are
/// exponential.
///
/// ```
/// use myeloma_epi::pathway::{Delay, SojournTime};
///
/// // Two exponential stays with the same mean are a gamma distribution with shape 2.
/// let stay = SojournTime::exponential(2.0)?;
/// let delay = Delay::new(stay.clone(), stay);
/// assert!((delay.cdf(3.0)? - (1.0 - (-1.5_f64).exp() * 2.5)).abs() < 1e-12);
/// assert_eq!(delay.mean(), 4.0);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delay {
    first_line: SojournTime,
    second_line: SojournTime,
}

impl Delay {
    /// The delay from the stays in first and second line.
    #[must_use]
    pub const fn new(first_line: SojournTime, second_line: SojournTime) -> Self {
        Self {
            first_line,
            second_line,
        }
    }

    /// The stay in first line.
    #[must_use]
    pub const fn first_line(&self) -> &SojournTime {
        &self.first_line
    }

    /// The stay in second line.
    #[must_use]
    pub const fn second_line(&self) -> &SojournTime {
        &self.second_line
    }

    /// The mean in years.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.first_line.mean() + self.second_line.mean()
    }

    /// Of those who ever start third line, the share that has by `years` after diagnosis.
    ///
    /// # Errors
    ///
    /// Where `years` is negative or not finite.
    pub fn cdf(&self, years: f64) -> Result<f64> {
        let years = time(years)?;
        Ok(Sum::of(self).cdf(years))
    }

    /// ∫₀ᵗ G: the mean number who have started by `years` after the first of a steady inflow of one
    /// a year.
    ///
    /// # Errors
    ///
    /// Where `years` is negative or not finite.
    pub fn integrated_cdf(&self, years: f64) -> Result<f64> {
        let years = time(years)?;
        Ok(Sum::of(self).integral(years))
    }

    /// The median in years, to 1e-9.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// The time by which a share `p`, above 0 and below 1, of those who ever start has started, to 1e-9.
    pub(super) fn quantile(&self, p: f64) -> f64 {
        let sum = Sum::of(self);
        let mut high = self.first_line.median() + self.second_line.median();
        while sum.cdf(high) < p && high < 1e12 {
            high = 2.0 * high + f64::MIN_POSITIVE;
        }
        // Where nothing takes time, all have started at 0.
        root(|years| sum.cdf(years) - p, 0.0, high, 1e-9).unwrap_or(0.0)
    }

    /// E[e^(−rate·delay)], the Laplace transform: under incidence that grows at a steady `rate` a
    /// year, starts this year are this fraction of this year's diagnoses times the ultimate share.
    ///
    /// For a rate below 0 it may be infinite, which is an error.
    ///
    /// # Errors
    ///
    /// Where the rate is not between −1 and 1, or the transform does not exist.
    pub fn discount(&self, rate: f64) -> Result<f64> {
        if !(-1.0..=1.0).contains(&rate) {
            return Err(Error::out_of_range(
                "growth of incidence",
                "a delay",
                rate,
                "between -1 and 1 a year",
            ));
        }
        Ok(laplace(self.first_line.distribution(), rate)?
            * laplace(self.second_line.distribution(), rate)?)
    }

    /// Whether a stay is uncertain.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        self.first_line.relative_error() > 0.0 || self.second_line.relative_error() > 0.0
    }

    /// Of those of one cohort who ever start third line, the part that starts in the year of
    /// diagnosis, the year after, and so on.
    ///
    /// # Errors
    ///
    /// Where there is no year, or more than 500.
    pub fn yearly(&self, years: usize, entry: Entry) -> Result<Vec<f64>> {
        check_years(years, "a delay")?;
        Ok(Sum::of(self).yearly(years, entry))
    }

    /// **Third-line starts by calendar year**: draws of incidence, times the ultimate share, convolved
    /// with the delay. Draw *k* has its own share and, where the stays are uncertain, its own delay.
    ///
    /// # Errors
    ///
    /// As [`Pathway::flow`](super::Pathway::flow).
    pub fn starts(
        &self,
        incidence: &YearlyDraws,
        share: &UltimateShare,
        options: &FlowOptions,
    ) -> Result<DelayedStarts> {
        let cohorts = options.followed(incidence)?;
        let (years, draws) = cohorts.dim();
        let shares = share.draws(draws, options.seed)?;
        let kernels = if self.is_uncertain() {
            self.kernels(years, draws, options)
        } else {
            Array2::from_shape_vec((years, 1), self.yearly(years, options.entry)?)
                .map_err(|error| ErrorKind::Unsuitable(error.to_string()))?
        };
        let mut starts = Array2::zeros((years, draws));
        for (y, mut row) in starts.axis_iter_mut(Axis(0)).enumerate() {
            for c in 0..=y {
                let weights = kernels.row(y - c);
                for (draw, (cell, cases)) in row.iter_mut().zip(cohorts.row(c)).enumerate() {
                    *cell += weights[if weights.len() == 1 { 0 } else { draw }] * cases;
                }
            }
            row.iter_mut()
                .zip(&shares)
                .for_each(|(cell, share)| *cell *= share);
        }
        let covered = kernels
            .columns()
            .into_iter()
            .map(|kernel| kernel.sum())
            .sum::<f64>()
            / kernels.ncols() as f64;
        Ok(DelayedStarts {
            starts: YearlyDraws::new(incidence.first_year(), starts)?,
            shares,
            kernels,
            diagnosed: YearlyDraws::new(incidence.first_year(), cohorts)?,
            beyond: (1.0 - covered).max(0.0),
        })
    }

    /// A kernel a draw: the time scales of the two stays err independently.
    fn kernels(&self, years: usize, draws: usize, options: &FlowOptions) -> Array2<f64> {
        let factors = |stay: &SojournTime, name: &str, seed: Seed| -> Vec<f64> {
            let stream = seed.stream(name);
            let error = stay.relative_error();
            (0..draws.div_ceil(BLOCK))
                .flat_map(|block| {
                    let z = StandardNormal.sample_iter(stream.block(block));
                    z.take(BLOCK).map(|z: f64| (error * z).exp())
                })
                .take(draws)
                .collect()
        };
        let first = factors(&self.first_line, "delay/first line", options.seed);
        let second = factors(&self.second_line, "delay/second line", options.seed);
        let mut kernels = Array2::zeros((years, draws));
        kernels
            .axis_iter_mut(Axis(1))
            .into_par_iter()
            .zip(first.par_iter().zip(&second))
            .for_each(|(mut column, (a, b))| {
                let sum = Sum {
                    first: self.first_line.distribution().stretched(*a),
                    second: self.second_line.distribution().stretched(*b),
                };
                for (cell, part) in column.iter_mut().zip(sum.yearly(years, options.entry)) {
                    *cell = part;
                }
            });
        kernels
    }
}

/// Third-line starts by calendar year, with what they rest on.
#[derive(Debug, Clone, PartialEq)]
pub struct DelayedStarts {
    starts: YearlyDraws,
    shares: Vec<f64>,
    kernels: Array2<f64>,
    diagnosed: YearlyDraws,
    beyond: f64,
}

impl DelayedStarts {
    /// Patients who start third line, by calendar year.
    #[must_use]
    pub const fn starts(&self) -> &YearlyDraws {
        &self.starts
    }

    /// What part of a year's starts were diagnosed before `before`, the median over the draws: with
    /// the year of the first published figure, the part that rests on the curve continued backwards.
    ///
    /// # Errors
    ///
    /// Where the year is not there.
    pub fn part_diagnosed_before(&self, year: i32, before: i32) -> Result<f64> {
        let y = self.starts.row_of(year)?;
        let first = self.starts.first_year();
        let early = (first..=year)
            .take_while(|&diagnosed| diagnosed < before)
            .count();
        let total = self.starts.year(year)?;
        let parts = total.iter().enumerate().map(|(draw, total)| {
            let column = if self.kernels.ncols() == 1 { 0 } else { draw };
            let part: f64 = (0..early)
                .map(|c| self.kernels[[y - c, column]] * self.diagnosed.view()[[c, draw]])
                .sum();
            if *total > 0.0 {
                (part * self.shares[draw] / total).min(1.0)
            } else {
                0.0
            }
        });
        let parts = Array2::from_shape_vec((1, total.len()), parts.collect())
            .map_err(|error| ErrorKind::Unsuitable(error.to_string()))?;
        YearlyDraws::new(year, parts)?.median(year)
    }

    /// The part of a cohort's third-line starts that come later after diagnosis than the years of
    /// incidence reach: what the last year's count lacks, per patient of steady incidence who ever
    /// reaches third line, because there are no draws for those diagnosed that long ago.
    #[must_use]
    pub const fn beyond_first_year(&self) -> f64 {
        self.beyond
    }

    /// What a reader should know.
    #[must_use]
    pub fn cautions(&self) -> Vec<String> {
        let mut cautions = Vec::new();
        if self.starts.view().iter().all(|starts| *starts == 0.0) {
            cautions.push(
                "under these assumptions nobody starts third line: every number is exactly 0"
                    .to_owned(),
            );
        }
        if self.beyond > 0.01 {
            cautions.push(format!(
                "{:.0} % of the delays reach further back than {}, the first year of incidence: \
                 starts are too low by about as much in the last year and by more before",
                100.0 * self.beyond,
                self.starts.first_year()
            ));
        }
        cautions
    }
}

fn time(years: f64) -> Result<f64> {
    if (0.0..=1e6).contains(&years) {
        return Ok(years);
    }
    Err(Error::out_of_range(
        "the time since diagnosis",
        "a delay",
        years,
        "not negative and finite (in years)",
    ))
}

/// E[e^(−rate·T)] = 1 − rate ∫₀^∞ e^(−rate·t) (1 − F(t)) dt.
fn laplace(law: &Distribution, rate: f64) -> Result<f64> {
    if *law == Distribution::None || rate == 0.0 {
        return Ok(1.0);
    }
    if let Distribution::Exponential { scale } = law
        && 1.0 + rate * scale > 0.0
    {
        return Ok(1.0 / (1.0 + rate * scale));
    }
    let mut breaks = vec![0.0];
    breaks.extend(LANDMARKS.iter().map(|p| law.quantile(*p)));
    // Past the last landmark the integrand has to die out; panels of twice the length each.
    let mut end = breaks[breaks.len() - 1].max(1.0);
    let tail = |t: f64| (-rate * t).exp() * law.survival(t);
    for _ in 0..60 {
        if tail(end) * end < 1e-14 {
            break;
        }
        end *= 2.0;
        breaks.push(end);
    }
    breaks.dedup();
    let (integral, _) = integrate(&breaks, tail);
    let value = 1.0 - rate * integral;
    if value.is_finite() && value > 0.0 && tail(end) * end < 1e-9 {
        return Ok(value);
    }
    Err(ErrorKind::Unsuitable(format!(
        "the delay has so long a tail that starts have no steady ratio to diagnoses at a growth \
         of {rate} a year"
    ))
    .into())
}

/// The sum of two independent stays.
struct Sum {
    first: Distribution,
    second: Distribution,
}

impl Sum {
    fn of(delay: &Delay) -> Self {
        Self {
            first: delay.first_line.distribution().clone(),
            second: delay.second_line.distribution().clone(),
        }
    }

    /// Where either factor of the convolution at t may bend.
    fn breaks(&self, t: f64) -> Vec<f64> {
        let mut breaks = vec![0.0, t];
        for (law, mirrored) in [(&self.first, false), (&self.second, true)] {
            let marks: Vec<f64> = match law {
                Distribution::Table(table) => table.times().to_vec(),
                law => LANDMARKS.iter().map(|p| law.quantile(*p)).collect(),
            };
            breaks.extend(marks.into_iter().map(|s| if mirrored { t - s } else { s }));
        }
        breaks.retain(|s| (0.0..=t).contains(s));
        breaks.sort_by(f64::total_cmp);
        breaks.dedup();
        breaks
    }

    /// ∫₀ᵗ F₁(s) F₂(t − s) ds.
    fn integral(&self, t: f64) -> f64 {
        if t <= 0.0 {
            return 0.0;
        }
        if let (Distribution::Exponential { scale: a }, Distribution::Exponential { scale: b }) =
            (&self.first, &self.second)
            && t > 0.01 * (a + b)
        {
            // ∫₀ᵗ (1 − e^(−s/a)) (1 − e^(−(t − s)/b)) ds; the last term is ∫ e^(−s/a − (t − s)/b) ds,
            // written so that equal scales are no special case.
            let (long, short) = (a.max(*b), a.min(*b));
            let x = t * (1.0 / short - 1.0 / long);
            let mean = if x > 0.0 { -(-x).exp_m1() / x } else { 1.0 };
            return t
                + a * (-t / a).exp_m1()
                + b * (-t / b).exp_m1()
                + t * (-t / long).exp() * mean;
        }
        let f = |s: f64| self.first.cdf(s) * self.second.cdf(t - s);
        integrate(&self.breaks(t), f).0
    }

    /// ∫₀ᵗ F₂(t − s) dF₁(s). In u = F₁(s) it is ∫₀^F₁(t) F₂(t − Q₁(u)) du, without a density.
    fn cdf(&self, t: f64) -> f64 {
        match (&self.first, &self.second) {
            (Distribution::None, other) | (other, Distribution::None) => other.cdf(t),
            (first, second) => {
                let whole = first.cdf(t);
                // An atom at 0 is the lower end of the integral's range.
                let atom = first.at_zero();
                let mut breaks: Vec<f64> =
                    self.breaks(t).into_iter().map(|s| first.cdf(s)).collect();
                breaks.extend([atom, whole]);
                breaks.retain(|u| (atom..=whole).contains(u));
                breaks.sort_by(f64::total_cmp);
                breaks.dedup();
                let f = |u: f64| second.cdf((t - first.quantile(u)).max(0.0));
                (atom * second.cdf(t) + integrate(&breaks, f).0).clamp(0.0, 1.0)
            }
        }
    }

    fn yearly(&self, years: usize, entry: Entry) -> Vec<f64> {
        let started: Vec<f64> = match entry {
            // By the end of a year: the mean of G over the cohort's times since diagnosis.
            Entry::UniformOverYear => {
                let integrals: Vec<f64> = (0..=years).map(|t| self.integral(t as f64)).collect();
                integrals.windows(2).map(|pair| pair[1] - pair[0]).collect()
            }
            Entry::MidYear => (0..years).map(|t| self.cdf(t as f64 + 0.5)).collect(),
        };
        (0..years)
            .map(|y| {
                let before = if y == 0 { 0.0 } else { started[y - 1] };
                (started[y] - before).max(0.0)
            })
            .collect()
    }
}
