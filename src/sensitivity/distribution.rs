//! Distributions of inputs, each by its quantile function.

use std::f64::consts::SQRT_2;
use std::fmt;
use std::sync::Arc;

use statrs::function::erf::{erfc, erfc_inv};
use statrs::function::gamma::gamma_lr;
use statrs::function::{beta::beta_reg, gamma::gamma_ur};

use crate::error::{Error, Result};
use crate::numeric::root::root;

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
/// Quantiles of `Beta` and `Gamma` are met to a relative error of 1e-12 of the quantile, or of 1e-12 in the probability.
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
        if !(probability > 0.0 && probability < 1.0) {
            return Err(Error::out_of_range(
                "the probability",
                "a quantile",
                probability,
                "above 0 and below 1",
            ));
        }
        Ok(Sampler::of(self, "a distribution")?.quantile(probability))
    }
}

/// A distribution that has been checked.
#[derive(Debug, Clone)]
pub(super) enum Sampler {
    Uniform {
        lower: f64,
        width: f64,
    },
    Normal {
        mean: f64,
        sd: f64,
        log: bool,
    },
    Beta {
        a: f64,
        b: f64,
    },
    Gamma {
        shape: f64,
        rate: f64,
    },
    Triangular {
        lower: f64,
        mode: f64,
        upper: f64,
    },
    /// Probabilities of the ends under a standard normal distribution whose sign is turned where both ends are above
    /// the mean: tails are then told apart to the last.
    Truncated {
        mean: f64,
        signed_sd: f64,
        ends: [f64; 2],
        range: [f64; 2],
    },
    /// In increasing order.
    Draws(Vec<f64>),
    Function(QuantileFunction),
}

impl Sampler {
    /// Checks the numbers of a distribution; `input` names it.
    #[allow(clippy::too_many_lines)] // A line or two for each number of each distribution.
    pub(super) fn of(distribution: &Distribution, input: &str) -> Result<Self> {
        use Distribution as D;
        let place = || format!("the distribution of {input}");
        let finite = |named: &[(&str, f64)]| match named.iter().find(|(_, x)| !x.is_finite()) {
            None => Ok(()),
            Some((name, x)) => Err(Error::out_of_range(*name, place(), x, "finite")),
        };
        let positive = |named: &[(&str, f64)]| {
            let allowed =
                "above 0 and finite: an input without variance is a constant of the model";
            match named.iter().find(|(_, x)| !(*x > 0.0 && x.is_finite())) {
                None => Ok(()),
                Some((name, x)) => Err(Error::out_of_range(*name, place(), x, allowed)),
            }
        };
        let ordered = |lower: f64, upper: f64| {
            if lower < upper {
                return Ok(());
            }
            let allowed = format!(
                "above its lower end, {lower}: an input without variance is a constant of the model"
            );
            Err(Error::out_of_range(
                "the upper end",
                place(),
                upper,
                allowed,
            ))
        };
        Ok(match *distribution {
            D::Uniform { lower, upper } => {
                finite(&[
                    ("the lower end", lower),
                    ("the upper end", upper),
                    ("the width", upper - lower),
                ])?;
                ordered(lower, upper)?;
                Self::Uniform {
                    lower,
                    width: upper - lower,
                }
            }
            D::Normal { mean, sd } => {
                finite(&[("the mean", mean)])?;
                positive(&[("the standard deviation", sd)])?;
                Self::Normal {
                    mean,
                    sd,
                    log: false,
                }
            }
            D::LogNormal { log_mean, log_sd } => {
                finite(&[("the mean of the logarithm", log_mean)])?;
                positive(&[("the standard deviation of the logarithm", log_sd)])?;
                Self::Normal {
                    mean: log_mean,
                    sd: log_sd,
                    log: true,
                }
            }
            D::Beta { a, b } => {
                positive(&[("the first shape", a), ("the second shape", b)])?;
                Self::Beta { a, b }
            }
            D::Gamma { shape, rate } => {
                positive(&[("the shape", shape), ("the rate", rate)])?;
                Self::Gamma { shape, rate }
            }
            D::Triangular { lower, mode, upper } => {
                finite(&[
                    ("the lower end", lower),
                    ("the mode", mode),
                    ("the upper end", upper),
                ])?;
                ordered(lower, upper)?;
                if !(lower..=upper).contains(&mode) {
                    let allowed = format!("between the ends, {lower} and {upper}");
                    return Err(Error::out_of_range("the mode", place(), mode, allowed));
                }
                Self::Triangular { lower, mode, upper }
            }
            D::TruncatedNormal {
                mean,
                sd,
                lower,
                upper,
            } => {
                finite(&[("the mean", mean)])?;
                positive(&[("the standard deviation", sd)])?;
                ordered(lower, upper)?;
                let sign = if lower > mean { -1.0 } else { 1.0 };
                let mut ends = [lower, upper].map(|end| normal_cdf(sign * (end - mean) / sd));
                ends.sort_by(f64::total_cmp);
                if ends[0] >= ends[1] {
                    return Err(Error::unsuitable(format!(
                        "{} has no probability between its ends, {lower} and {upper}, that a number could hold",
                        place()
                    )));
                }
                Self::Truncated {
                    mean,
                    signed_sd: sign * sd,
                    ends,
                    range: [lower, upper],
                }
            }
            D::Draws(ref draws) => {
                if let Some((i, x)) = draws.iter().enumerate().find(|(_, x)| !x.is_finite()) {
                    let name = format!("draw {}", i + 1);
                    return Err(Error::out_of_range(name, place(), x, "finite"));
                }
                let mut sorted = draws.clone();
                sorted.sort_by(f64::total_cmp);
                match (sorted.first(), sorted.last()) {
                    (Some(first), Some(last)) if first < last => Self::Draws(sorted),
                    _ => return Err(no_variance(input)),
                }
            }
            D::Quantile(ref function) => {
                let at = |i: u32| (function.0)(f64::from(i) / 100.0);
                let grid: Vec<f64> = (1..100).map(at).collect();
                if let Some(i) = grid.iter().position(|x| !x.is_finite()) {
                    let name = format!("the quantile at {}", (i + 1) as f64 / 100.0);
                    return Err(Error::out_of_range(name, place(), grid[i], "finite"));
                }
                if let Some(i) = grid.windows(2).position(|pair| pair[0] > pair[1]) {
                    return Err(Error::unsuitable(format!(
                        "{} falls from {} to {} between the probabilities {} and {}: a quantile function increases",
                        place(),
                        grid[i],
                        grid[i + 1],
                        (i + 1) as f64 / 100.0,
                        (i + 2) as f64 / 100.0,
                    )));
                }
                if grid[0] >= grid[98] {
                    return Err(no_variance(input));
                }
                Self::Function(function.clone())
            }
        })
    }

    /// The quantile at a probability above 0 and below 1.
    pub(super) fn quantile(&self, p: f64) -> f64 {
        match self {
            Self::Uniform { lower, width } => lower + width * p,
            Self::Normal { mean, sd, log } => {
                let x = mean + sd * normal_quantile(p);
                if *log { x.exp() } else { x }
            }
            Self::Beta { a, b } => beta_quantile(p, *a, *b),
            Self::Gamma { shape, rate } => gamma_quantile(p, *shape) / rate,
            Self::Triangular { lower, mode, upper } => {
                let width = upper - lower;
                if p * width < mode - lower {
                    lower + (p * width * (mode - lower)).sqrt()
                } else {
                    upper - ((1.0 - p) * width * (upper - mode)).sqrt()
                }
            }
            Self::Truncated {
                mean,
                signed_sd,
                ends,
                range,
            } => {
                let p = if *signed_sd < 0.0 { 1.0 - p } else { p };
                let x = mean + signed_sd * normal_quantile(ends[0] + p * (ends[1] - ends[0]));
                // Rounding must not carry it past an end.
                x.clamp(range[0], range[1])
            }
            Self::Draws(sorted) => sorted[place(p, sorted.len())],
            Self::Function(function) => (function.0)(p),
        }
    }

    /// Turns uniform numbers into draws.
    pub(super) fn fill(&self, uniforms: &mut [f64]) {
        if let Self::Uniform { lower, width } = *self {
            for u in uniforms {
                *u = lower + width * *u;
            }
        } else {
            for u in uniforms {
                *u = self.quantile(*u);
            }
        }
    }
}

/// The place of the quantile among so many draws in order.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(super) fn place(p: f64, draws: usize) -> usize {
    ((p * draws as f64).ceil() as usize).clamp(1, draws) - 1
}

/// The quantile of the standard normal distribution at a probability above 0 and below 1.
pub(super) fn normal_quantile(p: f64) -> f64 {
    -SQRT_2 * erfc_inv(2.0 * p)
}

fn normal_cdf(z: f64) -> f64 {
    0.5 * erfc(-z / SQRT_2)
}

const TOLERANCE: f64 = 1e-13;

/// The quantile of a gamma distribution of rate 1; from the side of the smaller tail.
fn gamma_quantile(p: f64, shape: f64) -> f64 {
    // The distribution function reaches p below this: a bound that is doubled until it does.
    let beyond = |x: f64| {
        if p < 0.5 {
            gamma_lr(shape, x) - p
        } else {
            1.0 - p - gamma_ur(shape, x)
        }
    };
    let mut high = shape + 10.0 * shape.sqrt() + 10.0;
    while beyond(high) < 0.0 && high < 1e300 {
        high *= 2.0;
    }
    // In the logarithm, since small shapes put quantiles next to 0.
    let low = ((p.ln() + libm_ln_gamma(shape + 1.0)) / shape).min(high.ln()) - 1.0;
    let log = root(|log| beyond(log.exp()), low, high.ln(), TOLERANCE);
    log.map_or(0.0, f64::exp)
}

fn libm_ln_gamma(x: f64) -> f64 {
    statrs::function::gamma::ln_gamma(x)
}

/// The quantile of a beta distribution.
fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    root(|x| beta_reg(a, b, x) - p, 0.0, 1.0, TOLERANCE).unwrap_or(f64::NAN)
}

/// An input that is the same in every draw.
pub(super) fn no_variance(input: &str) -> Error {
    Error::unsuitable(format!(
        "{input} has no variance: leave it out of the inputs, it is a constant of the model"
    ))
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
