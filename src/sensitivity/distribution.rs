//! Distributions of inputs, each by its quantile function.

use std::f64::consts::SQRT_2;
use std::fmt;
use std::sync::Arc;

use statrs::function::erf::erfc;

use super::checks::{all_finite, not_constant, varies};
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::numeric::gamma;
use crate::numeric::incomplete_beta::beta_cdf;
use crate::numeric::root::root;
use crate::numeric::student::normal_quantile;

/// The **distribution of an input**: what is known of a number that a model takes.
///
/// A plain value, checked where it is used ([`Inputs::with`](super::Inputs::with)): its numbers are finite, and it has a
/// variance. A draw is the quantile Q(u) of a uniform number u.
///
/// | distribution | density, or quantile | range of its numbers |
/// |---|---|---|
/// | `Uniform` | 1/(upper − lower) | lower < upper |
/// | `Normal` | exp(−(x − mean)²/2sd²)/(sd·√2π) | sd > 0 |
/// | `LogNormal` | ln x is normal with `log_mean` and `log_sd` | `log_sd` > 0 |
/// | `Beta` | x^(a − 1)·(1 − x)^(b − 1)/B(a, b) | a, b > 0 |
/// | `Gamma` | rate^shape·x^(shape − 1)·e^(−rate·x)/Γ(shape) | shape, rate > 0 |
/// | `Triangular` | rises from lower to mode, falls to upper | lower ≤ mode ≤ upper, lower < upper |
/// | `TruncatedNormal` | normal, given that it lies between lower and upper | sd > 0, lower < upper, either may be infinite |
/// | `Draws` | each draw with the same probability | two different draws or more |
/// | `Quantile` | a function of your own | increasing from 0 to 1 |
///
/// Quantiles of `Beta` and `Gamma` are met to a relative error of 1e-12 of the quantile, or of 1e-11 in the probability, with shapes up
/// to 10⁷. Greater ones are no longer uncertain: those of `Beta` and `Gamma` are at most 10⁹, where quantiles are met to 1e-5 standard
/// deviations.
///
/// # Example
///
/// ```
/// use myeloma_epi::sensitivity::Distribution;
///
/// let share = Distribution::Beta { a: 35.0, b: 65.0 };
/// let growth = Distribution::Normal { mean: 0.01, sd: 0.004 };
/// // A distribution of another crate, by its inverse distribution function: here that of Weibull.
/// let delay = Distribution::quantile_of(|u| 4.5 * (-(1.0 - u).ln()).powf(1.0 / 1.4));
/// for distribution in [share, growth, delay] {
///     println!("median {:.3}", distribution.quantile(0.5)?);
/// }
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Distribution {
    /// Between two ends, evenly.
    #[allow(missing_docs)]
    Uniform { lower: f64, upper: f64 },
    /// Normal, with its mean and standard deviation.
    #[allow(missing_docs)]
    Normal { mean: f64, sd: f64 },
    /// Lognormal, with the mean and the standard deviation of the logarithm.
    #[allow(missing_docs)]
    LogNormal { log_mean: f64, log_sd: f64 },
    /// Beta, with its two shapes: of `a` among `a + b` who had the event.
    #[allow(missing_docs)]
    Beta { a: f64, b: f64 },
    /// Gamma, with mean shape/rate.
    #[allow(missing_docs)]
    Gamma { shape: f64, rate: f64 },
    /// Triangular, with its ends and its mode.
    #[allow(missing_docs)]
    Triangular { lower: f64, mode: f64, upper: f64 },
    /// Normal between two ends; mean and standard deviation are those before it was cut off.
    #[allow(missing_docs)]
    TruncatedNormal {
        mean: f64,
        sd: f64,
        lower: f64,
        upper: f64,
    },
    /// Draws that exist: of a posterior, of a [`Projection`](crate::Projection).
    Draws(Vec<f64>),
    /// A quantile function of your own, see [`Distribution::quantile_of`].
    Quantile(QuantileFunction),
}

/// A quantile function of the caller's, which several threads may call.
///
/// It is made by [`Distribution::quantile_of`], whose page has an example, and printed as "a quantile function".
#[derive(Clone)]
pub struct QuantileFunction(Arc<dyn Fn(f64) -> f64 + Send + Sync>);

impl fmt::Debug for QuantileFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a quantile function")
    }
}

impl Distribution {
    /// A distribution by its quantile function, the inverse of its distribution function: of a number above 0 and below 1.
    #[must_use]
    pub fn quantile_of(function: impl Fn(f64) -> f64 + Send + Sync + 'static) -> Self {
        Self::Quantile(QuantileFunction(Arc::new(function)))
    }

    /// The quantile at a probability above 0 and below 1; of draws, the least of which so many are not greater.
    ///
    /// # Errors
    ///
    /// Where the probability or a number of the distribution is out of its range.
    pub fn quantile(&self, probability: f64) -> Result<f64> {
        Place("a quantile").probability("the probability", probability)?;
        Ok(Sampler::of(self, "a distribution")?.quantile(probability))
    }
}

/// A distribution that has been checked; draws are in increasing order.
#[derive(Debug, Clone)]
pub(super) struct Sampler(Distribution);

impl Sampler {
    /// Checks the numbers of a distribution; `input` names it.
    pub(super) fn of(distribution: &Distribution, input: &str) -> Result<Self> {
        use Distribution as D;
        let place = &format!("the distribution of {input}");
        let at_place = Place(place);
        let ordered = |lower: f64, upper: f64| {
            let allowed = format!(
                "above its lower end, {lower}: an input without variance is a constant of the model"
            );
            Place(place).check(lower < upper, "the upper end", upper, allowed)
        };
        let not_known = |name: &str, shapes: f64| {
            let allowed = format!("at most {MOST_SHAPES:e}: such a number is as good as known");
            at_place.check(shapes <= MOST_SHAPES, name, shapes, &allowed)
        };
        let mut distribution = distribution.clone();
        match distribution {
            D::Uniform { lower, upper } => {
                at_place.finite("the lower end", lower)?;
                at_place.finite("the upper end", upper)?;
                at_place.finite("the width", upper - lower)?;
                ordered(lower, upper)?;
            }
            D::Normal { mean, sd } => {
                at_place.finite("the mean", mean)?;
                varies("the standard deviation", place, sd)?;
            }
            D::LogNormal { log_mean, log_sd } => {
                at_place.finite("the mean of the logarithm", log_mean)?;
                varies("the standard deviation of the logarithm", place, log_sd)?;
            }
            D::Beta { a, b } => {
                varies("the first shape", place, a)?;
                varies("the second shape", place, b)?;
                not_known("the sum of the shapes", a + b)?;
            }
            D::Gamma { shape, rate } => {
                varies("the shape", place, shape)?;
                varies("the rate", place, rate)?;
                not_known("the shape", shape)?;
            }
            D::Triangular { lower, mode, upper } => {
                at_place.finite("the lower end", lower)?;
                at_place.finite("the upper end", upper)?;
                ordered(lower, upper)?;
                if !(lower..=upper).contains(&mode) {
                    let allowed = format!("between the ends, {lower} and {upper}");
                    return Err(Error::out_of_range("the mode", place, mode, allowed));
                }
            }
            D::TruncatedNormal {
                mean,
                sd,
                lower,
                upper,
            } => {
                at_place.finite("the mean", mean)?;
                varies("the standard deviation", place, sd)?;
                ordered(lower, upper)?;
                let (_, ends) = cut_off(mean, sd, [lower, upper]);
                if ends[0] >= ends[1] {
                    return Err(Error::unsuitable(format!(
                        "{place} has no probability between its ends, {lower} and {upper}, that a number could hold"
                    )));
                }
            }
            D::Draws(ref mut draws) => {
                let whose = |i: usize| (format!("draw {}", i + 1), place.clone());
                all_finite(draws.iter().copied(), whose)?;
                draws.sort_by(f64::total_cmp);
                not_constant(input, draws.iter().copied())?;
            }
            D::Quantile(ref function) => {
                let at = |i: usize| (function.0)(i as f64 / 100.0);
                let mut last = at(1);
                for i in 1..100 {
                    let x = at(i);
                    at_place.finite(format!("the quantile at {}", i as f64 / 100.0), x)?;
                    if x < last {
                        return Err(Error::unsuitable(format!(
                            "{place} falls from {last} to {x} between the probabilities {} and {}: a quantile function \
                             increases",
                            (i - 1) as f64 / 100.0,
                            i as f64 / 100.0,
                        )));
                    }
                    last = x;
                }
                not_constant(input, [at(1), last])?;
            }
        }
        Ok(Self(distribution))
    }

    /// The quantile at a probability above 0 and below 1.
    pub(super) fn quantile(&self, p: f64) -> f64 {
        use Distribution as D;
        match self.0 {
            D::Uniform { lower, upper } => lower + (upper - lower) * p,
            D::Normal { mean, sd } => mean + sd * normal_quantile(p),
            D::LogNormal { log_mean, log_sd } => (log_mean + log_sd * normal_quantile(p)).exp(),
            D::Beta { a, b } => beta_quantile(p, a, b),
            D::Gamma { shape, rate } => gamma::quantile(shape, p) / rate,
            D::Triangular { lower, mode, upper } => {
                let width = upper - lower;
                if p * width < mode - lower {
                    lower + (p * width * (mode - lower)).sqrt()
                } else {
                    upper - ((1.0 - p) * width * (upper - mode)).sqrt()
                }
            }
            D::TruncatedNormal {
                mean,
                sd,
                lower,
                upper,
            } => {
                let (sign, ends) = cut_off(mean, sd, [lower, upper]);
                let p = if sign < 0.0 { 1.0 - p } else { p };
                let x = mean + sign * sd * normal_quantile(ends[0] + p * (ends[1] - ends[0]));
                // Rounding must not carry it past an end.
                x.clamp(lower, upper)
            }
            D::Draws(ref sorted) => sorted[place(p, sorted.len())],
            D::Quantile(ref function) => (function.0)(p),
        }
    }

    /// Turns uniform numbers into draws.
    pub(super) fn fill(&self, uniforms: &mut [f64]) {
        if let Distribution::Uniform { lower, upper } = self.0 {
            for u in uniforms {
                *u = lower + (upper - lower) * *u;
            }
        } else {
            for u in uniforms {
                *u = self.quantile(*u);
            }
        }
    }
}

/// Probabilities of two ends under a normal distribution whose sign is turned, which is −1 then, where both are above the
/// mean: tails are then told apart to the last.
fn cut_off(mean: f64, sd: f64, ends: [f64; 2]) -> (f64, [f64; 2]) {
    let sign = if ends[0] > mean { -1.0 } else { 1.0 };
    let mut ends = ends.map(|end| normal_cdf(sign * (end - mean) / sd));
    ends.sort_by(f64::total_cmp);
    (sign, ends)
}

/// The place of the quantile among so many draws in order.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(super) fn place(p: f64, draws: usize) -> usize {
    ((p * draws as f64).ceil() as usize).clamp(1, draws) - 1
}

fn normal_cdf(z: f64) -> f64 {
    0.5 * erfc(-z / SQRT_2)
}

/// The greatest sum of two shapes whose quantiles are computed.
const MOST_SHAPES: f64 = 1e9;

/// The quantile of a beta distribution.
fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    root(|x| beta_cdf(a, b, x) - p, 0.0, 1.0, 1e-13).unwrap_or(f64::NAN)
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // Exact by construction.
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// `scipy.stats`, `SciPy` 1.17: `ppf` at 1e-6, 0.1, 0.5, 0.975.
    #[test]
    fn quantiles_are_those_of_scipy() {
        use Distribution as D;
        let cases: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/data/quantiles_scipy.json")).unwrap();
        let infinity = f64::INFINITY;
        for (name, distribution) in [
            ("normal", D::Normal { mean: 2.0, sd: 3.0 }),
            (
                "lognormal",
                D::LogNormal {
                    log_mean: 0.5,
                    log_sd: 0.4,
                },
            ),
            ("beta", D::Beta { a: 2.5, b: 0.7 }),
            ("beta large", D::Beta { a: 350.0, b: 650.0 }),
            ("beta huge", D::Beta { a: 3e6, b: 7e6 }),
            (
                "gamma",
                D::Gamma {
                    shape: 2.5,
                    rate: 4.0,
                },
            ),
            (
                "gamma small",
                D::Gamma {
                    shape: 0.1,
                    rate: 2.0,
                },
            ),
            (
                "gamma large",
                D::Gamma {
                    shape: 400.0,
                    rate: 1.0,
                },
            ),
            (
                "triangular",
                D::Triangular {
                    lower: 1.0,
                    mode: 2.0,
                    upper: 5.0,
                },
            ),
            (
                "truncated",
                D::TruncatedNormal {
                    mean: 0.0,
                    sd: 1.0,
                    lower: -1.0,
                    upper: 2.0,
                },
            ),
            (
                "truncated tail",
                D::TruncatedNormal {
                    mean: 0.0,
                    sd: 1.0,
                    lower: 7.0,
                    upper: infinity,
                },
            ),
        ] {
            let expected = cases[name].as_array().unwrap();
            assert_eq!(expected.len(), 4);
            for (p, expected) in [1e-6, 0.1, 0.5, 0.975].into_iter().zip(expected) {
                let got = distribution.quantile(p).unwrap();
                assert_relative_eq!(got, expected.as_f64().unwrap(), max_relative = 1e-9);
            }
        }
        // scipy.stats.gamma(0.01).ppf(1e-4) and gamma(0.001).ppf(0.4) are 0: below every number.
        for (shape, p) in [(0.01, 1e-4), (0.001, 0.4)] {
            let gamma = D::Gamma { shape, rate: 1.0 };
            assert_eq!(gamma.quantile(p).unwrap(), 0.0);
        }
        let uniform = D::Uniform {
            lower: -2.0,
            upper: 2.0,
        };
        assert_eq!(uniform.quantile(0.75).unwrap(), 1.0);
        let draws = D::Draws(vec![3.0, 1.0, 2.0, 4.0]);
        for (p, x) in [
            (0.01, 1.0),
            (0.25, 1.0),
            (0.26, 2.0),
            (0.5, 2.0),
            (0.99, 4.0),
        ] {
            assert_eq!(draws.quantile(p).unwrap(), x);
        }
    }

    #[test]
    fn what_is_no_distribution_is_refused_by_name() {
        use Distribution as D;
        for (bad, said) in [
            (
                D::Uniform {
                    lower: 1.0,
                    upper: 1.0,
                },
                "the upper end is 1",
            ),
            (
                D::Uniform {
                    lower: f64::NAN,
                    upper: 1.0,
                },
                "the lower end is NaN",
            ),
            (
                D::Normal { mean: 1.0, sd: 0.0 },
                "the standard deviation is 0",
            ),
            (
                D::Normal {
                    mean: f64::INFINITY,
                    sd: 1.0,
                },
                "the mean is inf",
            ),
            (
                D::LogNormal {
                    log_mean: 0.0,
                    log_sd: -1.0,
                },
                "is -1",
            ),
            (D::Beta { a: 0.0, b: 1.0 }, "the first shape is 0"),
            (
                D::Gamma {
                    shape: 1.0,
                    rate: f64::INFINITY,
                },
                "the rate is inf",
            ),
            (
                D::Gamma {
                    shape: 1e10,
                    rate: 1.0,
                },
                "the shape is 10000000000",
            ),
            (
                D::Triangular {
                    lower: 0.0,
                    mode: 2.0,
                    upper: 1.0,
                },
                "the mode is 2",
            ),
            (
                D::TruncatedNormal {
                    mean: 0.0,
                    sd: 1.0,
                    lower: 50.0,
                    upper: 51.0,
                },
                "has no probability between its ends",
            ),
            (D::Draws(vec![]), "share has no variance"),
            (D::Draws(vec![2.0, 2.0]), "share has no variance"),
            (D::Draws(vec![2.0, f64::NAN]), "draw 2 is NaN"),
            (D::quantile_of(|_| 1.0), "share has no variance"),
            (D::quantile_of(|u| -u), "falls from -0.01 to -0.02"),
            (
                D::quantile_of(|u| if u > 0.5 { f64::NAN } else { u }),
                "the quantile at 0.51 is NaN",
            ),
        ] {
            let error = Sampler::of(&bad, "share").unwrap_err().to_string();
            assert!(error.contains(said) && error.contains("share"), "{error}");
        }
        let uniform = D::Uniform {
            lower: 0.0,
            upper: 1.0,
        };
        for p in [0.0, 1.0, f64::NAN] {
            assert!(uniform.quantile(p).is_err());
        }
    }
}
