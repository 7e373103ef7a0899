//! A range in which a share of patients lies, and draws from it.

use rand::RngExt;
use rand_distr::{Beta, Distribution, Uniform};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::numeric::incomplete_beta::beta_cdf;
use crate::random::Stream;

/// The distribution of a share over, or around, a published range such as "30–40 %".
///
/// | distribution | density on the range from a to b | mean | standard deviation |
/// |---|---|---|---|
/// | `Uniform` | 1/(b − a) | (a + b)/2 | (b − a)/√12 |
/// | `Pert` | 30·z²(1 − z)²/(b − a), z = (x − a)/(b − a) | (a + b)/2 | (b − a)/√28 |
/// | `Beta95` | beta on 0 to 1, with a and b as its 2.5 % and 97.5 % quantiles | near (a + b)/2 | about (b − a)/3.92 |
///
/// ```
/// use myeloma_epi::Seed;
/// use myeloma_epi::pathway::{ShareDistribution, UltimateShare};
///
/// let deviation = |distribution| {
///     let draws = UltimateShare::new(0.30, 0.40, distribution)?.draws(20_000, Seed::new(1))?;
///     Ok::<f64, myeloma_epi::Error>(ndarray::Array1::from_vec(draws).std(1.0))
/// };
/// assert!((deviation(ShareDistribution::Uniform)? * 12.0_f64.sqrt() / 0.1 - 1.0).abs() < 0.02);
/// assert!((deviation(ShareDistribution::Pert)? * 28.0_f64.sqrt() / 0.1 - 1.0).abs() < 0.02);
/// assert!((deviation(ShareDistribution::Beta95)? * 3.92 / 0.1 - 1.0).abs() < 0.03);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ShareDistribution {
    /// Anywhere in the range with the same probability, and nowhere else. The default: the range
    /// says no more.
    #[default]
    Uniform,
    /// More likely in the middle than at the ends, and nowhere else: the PERT distribution with its
    /// mode in the middle, a beta distribution with both shapes 3 over the range (Malcolm et al.
    /// 1959, Operations Research 7:646–669,
    /// [doi:10.1287/opre.7.5.646](https://doi.org/10.1287/opre.7.5.646)).
    Pert,
    /// The range is a central 95 % interval: the beta distribution on 0 to 1 with the range's ends
    /// as its 2.5 % and 97.5 % quantiles. One draw in twenty lies outside the range.
    Beta95,
}

impl ShareDistribution {
    /// All distributions.
    pub const ALL: [Self; 3] = [Self::Uniform, Self::Pert, Self::Beta95];

    /// The name, as in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Pert => "pert",
            Self::Beta95 => "beta95",
        }
    }
}

/// The two ends of a range and the distribution over it.
///
/// Its fields are as they stand in a file; whoever makes one calls [`ShareRange::check`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ShareRange {
    pub(super) low: f64,
    pub(super) high: f64,
    #[serde(default)]
    pub(super) distribution: ShareDistribution,
}

impl ShareRange {
    /// That it is a range of shares.
    pub(super) fn check(&self, place: &str) -> Result<()> {
        self.check_ends(1.0, place)?;
        if self.distribution == ShareDistribution::Beta95 && self.low < self.high {
            Place(place).check(
                self.low > 0.0 && self.high < 1.0,
                "the central 95 % range of a beta distribution",
                format!("{} to {}", self.low, self.high),
                "inside 0 to 1, without its ends",
            )?;
            self.beta_shapes()?;
        }
        Ok(())
    }

    /// That the ends are in order, and not above a number.
    pub(super) fn check_ends(&self, most: f64, place: &str) -> Result<()> {
        let (Self { low, high, .. }, place) = (self, Place(place));
        let allowed = match most {
            1.0 => "between 0 and 1",
            _ => "finite and not negative",
        };
        place.check((0.0..=most).contains(low), "the lower end", low, allowed)?;
        place.check((0.0..=most).contains(high), "the upper end", high, allowed)?;
        let ends = format!("{low} to {high}");
        let allowed = "in order: the lower end first";
        place.check(low <= high, "the range", ends, allowed)
    }

    /// The range times a factor. A uniform or PERT distribution is scaled exactly, a beta distribution
    /// fitted to the scaled ends again. `what` and `means` say in an error what the range and the
    /// product are.
    pub(super) fn times(self, factor: f64, what: &str, means: &str) -> Result<Self> {
        let (low, high) = (self.low * factor, self.high * factor);
        if !high.is_finite() || high > 1.0 {
            return Err(Error::contradiction(format!(
                "{} to {} as the {what} would mean {low:.3} to {high:.3} as the {means}: above 1. The share, the delay \
                 and what else was assumed contradict each other",
                self.low, self.high
            )));
        }
        let scaled = Self { low, high, ..self };
        scaled.check(means)?;
        Ok(scaled)
    }

    /// The draws of one block of a stream.
    pub(super) fn block(&self, stream: Stream, block: usize, draws: usize) -> Result<Vec<f64>> {
        let mut shares = vec![0.0; draws];
        self.sampler()?.fill(stream, block, &mut shares);
        Ok(shares)
    }

    pub(super) fn sampler(&self) -> Result<Sampler> {
        if self.low >= self.high {
            return Ok(Sampler::Known(self.low));
        }
        match self.distribution {
            ShareDistribution::Uniform => Uniform::new_inclusive(self.low, self.high)
                .map(Sampler::Uniform)
                .map_err(Error::other),
            ShareDistribution::Pert => Ok(Sampler::Pert(self.low, self.high)),
            ShareDistribution::Beta95 => {
                let (a, b) = self.beta_shapes()?;
                Beta::new(a, b).map(Sampler::Beta).map_err(Error::other)
            }
        }
    }

    /// The shapes of the beta distribution whose 2.5 % and 97.5 % quantiles are the range.
    ///
    /// Newton's method in the logarithms of the shapes on both tail probabilities (as logits), from
    /// the normal approximation on the logit scale; the derivative is taken by differences.
    pub(super) fn beta_shapes(&self) -> Result<(f64, f64)> {
        let logit = |p: f64| (p / (1.0 - p)).ln();
        let tails = |log_a: f64, log_b: f64| {
            let cdf = |x: f64| beta_cdf(log_a.exp(), log_b.exp(), x);
            let excess = |p: f64, target: f64| logit(p) - logit(target);
            [excess(cdf(self.low), 0.025), excess(cdf(self.high), 0.975)]
        };
        let (lower, upper) = (logit(self.low), logit(self.high));
        let (mean, sd) = (f64::midpoint(lower, upper), (upper - lower) / (2.0 * 1.96));
        let centre = 1.0 / (1.0 + (-mean).exp());
        // Delta method: the variance of logit X is about 1/(n·m·(1 − m)), n = a + b.
        let n = (sd * sd * centre * (1.0 - centre)).recip();
        let (mut a, mut b) = ((n * centre).ln(), (n * (1.0 - centre)).ln());
        for _ in 0..50 {
            let f = tails(a, b);
            // A relative 1e-9 of the tail probabilities: the incomplete beta function gives no more.
            if f.iter().all(|f| f.abs() < 1e-9) {
                return Ok((a.exp(), b.exp()));
            }
            let h = 1e-5;
            let slopes = |in_a: f64, in_b: f64| {
                let (ahead, behind) = (tails(a + in_a, b + in_b), tails(a - in_a, b - in_b));
                [0, 1].map(|i| (ahead[i] - behind[i]) / (2.0 * h))
            };
            let (of_a, of_b) = (slopes(h, 0.0), slopes(0.0, h));
            let det = of_a[0] * of_b[1] - of_b[0] * of_a[1];
            let step_a = (f[0] * of_b[1] - f[1] * of_b[0]) / det;
            let step_b = (f[1] * of_a[0] - f[0] * of_a[1]) / det;
            if !(step_a.is_finite() && step_b.is_finite()) {
                break;
            }
            // A step of Newton's method may be too long at first: it gets there in several.
            a -= step_a.clamp(-1.0, 1.0);
            b -= step_b.clamp(-1.0, 1.0);
        }
        Err(Error::not_converged(format!(
            "no beta distribution with {} to {} as its central 95 % range was found",
            self.low, self.high
        )))
    }
}

/// A distribution prepared for drawing from it.
pub(super) enum Sampler {
    Known(f64),
    Uniform(Uniform<f64>),
    /// Between two ends, with the mode in the middle.
    Pert(f64, f64),
    Beta(Beta<f64>),
}

impl Sampler {
    /// The draws of one block, from the block's own generator.
    pub(super) fn fill(&self, stream: Stream, block: usize, shares: &mut [f64]) {
        let mut rng = stream.block(block);
        match self {
            Self::Known(share) => shares.fill(*share),
            Self::Uniform(uniform) => shares.fill_with(|| uniform.sample(&mut rng)),
            Self::Pert(low, high) => {
                // Of five uniform numbers the third in order is beta(3, 3); 32 bits are enough.
                let scale = (high - low) / 2.0_f64.powi(32);
                shares.fill_with(|| low + scale * (f64::from(third_of_five(rng.random())) + 0.5));
            }
            Self::Beta(beta) => shares.fill_with(|| beta.sample(&mut rng)),
        }
    }
}

/// The third in order of five numbers. Of 2*k* − 1 independent uniform numbers the *k*-th is
/// beta(*k*, *k*): David & Nagaraja (2003), Order Statistics, third edition, section 2.3,
/// [doi:10.1002/0471722162](https://doi.org/10.1002/0471722162).
fn third_of_five([a, b, c, d, e]: [u32; 5]) -> u32 {
    // The lowest of two pairs is not it, nor is the highest: the third of five is that of the others.
    let x = a.min(b).max(d.min(e));
    let y = a.max(b).min(d.max(e));
    x.min(y).max(c.min(x.max(y)))
}

#[cfg(test)]
mod tests {
    use super::third_of_five;

    #[test]
    fn the_third_of_five_is_that_of_the_sorted_numbers() {
        // All 3,125 sequences of five numbers from 0 to 4, ties included.
        for code in 0..5_u32.pow(5) {
            let numbers = [0, 1, 2, 3, 4].map(|i| code / 5_u32.pow(i) % 5);
            let mut sorted = numbers;
            sorted.sort_unstable();
            assert_eq!(third_of_five(numbers), sorted[2], "{numbers:?}");
        }
    }
}
