//! How observed counts scatter around a curve.

use serde::{Deserialize, Serialize};
use statrs::function::gamma::{digamma, ln_gamma};

use crate::error::Error;
use crate::numeric::root::root;

/// The likelihood: the probability, or the density, of counts *y* as a function of a curve's values *μ*.
///
/// | likelihood | ln f(y; μ) | variance of *y* |
/// |---|---|---|
/// | Gaussian | −½·ln 2πσ² − (y − μ)²/(2σ²) | σ² |
/// | log-normal | −½·ln 2πσ² − ln y − (ln y − ln μ)²/(2σ²) | (exp σ² − 1)·exp σ²·μ² |
/// | Poisson | y·ln μ − μ − ln y! | μ |
/// | quasi-Poisson | none; the estimates are those of Poisson | φ·μ |
/// | negative binomial | ln Γ(y + 1/α) − ln Γ(1/α) − ln y! + y·ln(αμ) − (y + 1/α)·ln(1 + αμ) | μ + α·μ² |
///
/// σ is in new cases (Gaussian) or a relative error (log-normal, where *μ* is the median); φ and α have no unit
/// and are not negative. Counts may have a fraction, as estimates do: y! is then Γ(y + 1).
///
/// # Example
///
/// The log-likelihood of a Poisson fit is the sum of the logarithms of Poisson probabilities:
///
/// ```
/// use myeloma_epi::IncidenceSeries;
/// use myeloma_epi::curve::Family;
/// use myeloma_epi::fit::{FitOptions, Likelihood, fit};
///
/// let series = IncidenceSeries::from_counts("Atlantis", [(2020, 3.0), (2021, 5.0), (2022, 4.0)])?;
/// let options = FitOptions { likelihood: Likelihood::Poisson, ..FitOptions::default() };
/// let fit = fit(Family::Exponential, &series, &options)?;
/// let mut expected = 0.0;
/// for (year, count, factorial) in [(2020.0, 3.0, 6.0), (2021.0, 5.0, 120.0), (2022.0, 4.0, 24.0_f64)] {
///     let mean = fit.curve().cases(year)?;
///     expected += count * mean.ln() - mean - factorial.ln();
/// }
/// let found = fit.identified().and_then(|fit| fit.log_likelihood()).expect("three figures");
/// assert!((found - expected).abs() < 1e-12);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Likelihood {
    /// *y* is normal around *μ* with one standard deviation, estimated: ordinary least squares.
    Gaussian,
    /// ln *y* is normal around ln *μ*. Where figures state their errors, those are the standard deviations
    /// (known), with [counting error](crate::IncidenceSeries#counting-error) where they are counts; where none does, all
    /// share one, estimated from the residuals. The default: the errors of published figures are relative.
    #[default]
    #[serde(rename = "lognormal")]
    LogNormal,
    /// *y* is Poisson around *μ*: for registered counts that scatter by chance alone.
    Poisson,
    /// The Poisson estimates, with their errors widened by the dispersion (Pearson's χ² over its
    /// degrees of freedom). It is not a likelihood, so it has no AIC: `McCullagh` & Nelder (1989),
    /// *Generalized Linear Models*, 2nd ed., chapter 9.
    QuasiPoisson,
    /// *y* is negative binomial with mean *μ* and variance *μ* + *α*·*μ*², the dispersion *α*
    /// estimated ("NB2"): Lawless (1987), Canadian Journal of Statistics 15:209–225,
    /// [doi:10.2307/3314912](https://doi.org/10.2307/3314912).
    NegativeBinomial,
}

impl Likelihood {
    /// All likelihoods.
    pub const ALL: [Self; 5] = [
        Self::Gaussian,
        Self::LogNormal,
        Self::Poisson,
        Self::QuasiPoisson,
        Self::NegativeBinomial,
    ];

    /// The name, as in files and on command lines.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gaussian => "gaussian",
            Self::LogNormal => "lognormal",
            Self::Poisson => "poisson",
            Self::QuasiPoisson => "quasi_poisson",
            Self::NegativeBinomial => "negative_binomial",
        }
    }

    /// Whether it is of counts, and not of numbers with a standard deviation.
    pub(super) const fn is_of_counts(self) -> bool {
        !matches!(self, Self::Gaussian | Self::LogNormal)
    }

    /// Whether one standard deviation for all figures is estimated from the residuals.
    pub(super) const fn estimates_deviation(self, known_errors: bool) -> bool {
        match self {
            Self::Gaussian => true,
            Self::LogNormal => !known_errors,
            _ => false,
        }
    }

    /// What one figure contributes: the factor from the gradient of the mean to the design row, the
    /// residual (score over root information) and the loss (half the deviance).
    ///
    /// `scale` is the standard deviation (Gaussian, log-normal) or the dispersion α (negative
    /// binomial).
    #[inline]
    pub(super) fn contribution(self, cases: f64, mean: f64, scale: f64) -> Contribution {
        match self {
            Self::Gaussian => {
                let residual = (cases - mean) * scale.recip();
                Contribution {
                    factor: scale.recip(),
                    residual,
                    loss: 0.5 * residual * residual,
                }
            }
            Self::LogNormal => {
                let residual = (cases / mean).ln() / scale;
                Contribution {
                    factor: (mean * scale).recip(),
                    residual,
                    loss: 0.5 * residual * residual,
                }
            }
            Self::Poisson | Self::QuasiPoisson | Self::NegativeBinomial => {
                let dispersion = match self {
                    Self::NegativeBinomial => scale,
                    _ => 0.0,
                };
                let root = (mean * (1.0 + dispersion * mean)).sqrt();
                Contribution {
                    factor: root.recip(),
                    residual: (cases - mean) / root,
                    loss: half_deviance(cases, mean, dispersion),
                }
            }
        }
    }

    /// The logarithm of the likelihood of one figure, all constants included; `scale` as in
    /// [`Likelihood::contribution`].
    pub(super) fn log_likelihood(self, cases: f64, mean: f64, scale: f64) -> f64 {
        let half_log_two_pi = 0.5 * (2.0 * std::f64::consts::PI).ln();
        match self {
            Self::Gaussian => {
                -half_log_two_pi - scale.ln() - 0.5 * ((cases - mean) / scale).powi(2)
            }
            Self::LogNormal => {
                let residual = (cases / mean).ln() / scale;
                -half_log_two_pi - scale.ln() - cases.ln() - 0.5 * residual * residual
            }
            Self::NegativeBinomial if scale > 0.0 => {
                log_negative_binomial(cases, mean, scale.recip())
            }
            _ => cases * mean.ln() - mean - ln_gamma(cases + 1.0),
        }
    }
}

impl std::str::FromStr for Likelihood {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|likelihood| likelihood.name() == name)
            .ok_or_else(|| Error::unknown("likelihood", name, Self::ALL.map(Self::name)))
    }
}

/// One figure's part in the sum that the optimiser minimises.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contribution {
    pub(super) factor: f64,
    pub(super) residual: f64,
    pub(super) loss: f64,
}

/// Half the deviance of a count, y·ln(y/μ) − (y + 1/α)·ln((1 + αy)/(1 + αμ)), for the dispersion α;
/// for α = 0, the Poisson case, y·ln(y/μ) − (y − μ).
///
/// With x = (μ − y)/y, q = αy/(1 + αy) and A(x) = x − ln(1 + x) it is y·(A(x) − A(qx)/q), which keeps its
/// digits where μ is near y and αy not large. Elsewhere, with p = αy and m = αμ, it is
/// (p·ln(p(1 + m)/(m(1 + p))) − ln((1 + p)/(1 + m)))/α.
#[inline]
fn half_deviance(cases: f64, mean: f64, dispersion: f64) -> f64 {
    if cases <= 0.0 {
        let scaled = dispersion * mean;
        return if scaled > 0.0 {
            scaled.ln_1p() / dispersion
        } else {
            mean
        };
    }
    let x = (mean - cases) / cases;
    let q = dispersion * cases / (1.0 + dispersion * cases);
    let near = x.abs() <= NEAR;
    if q > 0.0 {
        let (p, m) = (dispersion * cases, dispersion * mean);
        if near && x.abs() * p <= 1.0 {
            return cases * (above_logarithm_near(x) - above_logarithm_near(q * x) / q);
        }
        // The logarithm of a ratio, by its distance from 1 where it is near that.
        let log = |distance: f64, ratio: f64| {
            if distance.abs() < 0.5 {
                distance.ln_1p()
            } else {
                ratio.ln()
            }
        };
        let apart = p - m;
        let first = log(apart / (m * (1.0 + p)), p / m * ((1.0 + m) / (1.0 + p)));
        let second = log(apart / (1.0 + m), (1.0 + p) / (1.0 + m));
        return (p * first - second) / dispersion;
    }
    if near {
        cases * above_logarithm_near(x)
    } else {
        cases * (x - (mean / cases).ln())
    }
}

/// Greatest |x| for [`above_logarithm_near`].
pub(super) const NEAR: f64 = 0.25;

/// x − ln(1 + x) near 0, by the series of ln(1 + x) = 2·artanh(s) with s = x/(2 + x), which keeps the
/// digits that the difference would lose; x − 2s = x·s.
#[inline]
pub(super) fn above_logarithm_near(x: f64) -> f64 {
    let s = x / (2.0 + x);
    let square = s * s;
    // Σ square^n/(2n + 3); the first term left out is below 1e-17.
    let sum = [17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0_f64]
        .iter()
        .fold(0.0, |sum, odd| sum * square + odd.recip());
    s * (x - 2.0 * square * sum)
}

/// From this size r = 1/α on the functions below take Stirling's series, whose first term left out is
/// below 1e-15: differences of logarithms of the gamma function would lose what α is estimated from.
const LARGE: f64 = 100.0;

/// The logarithm of the negative binomial probability of a count, for the size r = 1/α.
fn log_negative_binomial(cases: f64, mean: f64, size: f64) -> f64 {
    // ln Γ(x) = (x − ½)·ln x − x + ½·ln 2π + c(x), with the large terms joined before they are added.
    let correction = |x: f64| (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * x * x)) / (x * x)) / x;
    if size < LARGE {
        // ln Γ(y + r) − ln Γ(y + 1).
        let above = if cases < LARGE {
            ln_gamma(cases + size) - ln_gamma(cases + 1.0)
        } else {
            let (a, b, d) = (cases + size, cases + 1.0, size - 1.0);
            (b - 0.5) * (d / b).ln_1p() + d * (a.ln() - 1.0) + correction(a) - correction(b)
        };
        return above
            - ln_gamma(size)
            - cases * (size / mean).ln_1p()
            - size * (mean / size).ln_1p();
    }
    (cases + size) * ((cases - mean) / (mean + size)).ln_1p() - 0.5 * (cases / size).ln_1p()
        + correction(cases + size)
        - correction(size)
        + cases * mean.ln()
        - cases
        - ln_gamma(cases + 1.0)
}

/// The derivative of the same by the size: ψ(y + r) − ψ(r) + ln(r/(r + μ)) − (y − μ)/(r + μ).
fn score_by_size(cases: f64, mean: f64, size: f64) -> f64 {
    let gap = (cases - mean) / (size + mean);
    if size < LARGE {
        return digamma(cases + size) - digamma(size) - (mean / size).ln_1p() - gap;
    }
    // ψ(x) = ln x − 1/(2x) − 1/(12x²) + 1/(120x⁴) − …
    let correction =
        |x: f64| (1.0 / 12.0 - (1.0 / 120.0 - 1.0 / (252.0 * x * x)) / (x * x)) / (x * x);
    gap.ln_1p() - gap + 0.5 * cases / (size * (cases + size)) + correction(size)
        - correction(cases + size)
}

/// The dispersion α of the negative binomial distribution that maximises the likelihood at given
/// means; 0 where the counts scatter no more than Poisson counts.
///
/// At α = 0 the score is ½·Σ((y − μ)² − y); elsewhere its root is sought on the scale of ln α, about
/// the moment estimate.
pub(super) fn negative_binomial_dispersion(counts: &[(f64, f64, f64)]) -> f64 {
    // (count, mean, weight)
    let at_zero: f64 = counts
        .iter()
        .map(|(y, mu, w)| w * ((y - mu).powi(2) - y))
        .sum();
    if at_zero.is_nan() || at_zero <= 0.0 {
        return 0.0;
    }
    // The score by r = 1/α: Σ ψ(y + r) − ψ(r) + ln(r/(r + μ)) + 1 − (y + r)/(r + μ).
    let score = |log_alpha: f64| {
        let size = (-log_alpha).exp();
        let total: f64 = counts
            .iter()
            .map(|(y, mu, w)| w * score_by_size(*y, *mu, size))
            .sum();
        // dα = −r²·dr: the sign of the score by α.
        -total
    };
    let squares: f64 = counts.iter().map(|(_, mu, w)| w * mu * mu).sum();
    let guess = (at_zero / squares).ln();
    // The score falls from positive to negative as α grows.
    let (mut low, mut high) = (guess - 1.0, guess + 1.0);
    for _ in 0..60 {
        if score(low) > 0.0 {
            break;
        }
        low -= 1.0;
        if low < -40.0 {
            return 0.0;
        }
    }
    for _ in 0..60 {
        if score(high) < 0.0 {
            break;
        }
        high += 1.0;
    }
    root(score, low, high, 0.0).unwrap_or(high).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected values in 60 digits by `tests/data/outlier.py`: means that vanish against their count, means
    /// far above it, means near it.
    #[test]
    fn deviances_keep_their_digits_however_far_count_and_mean_are_apart() {
        let all: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/data/outlier.json")).unwrap();
        let all = all["half_deviances"].as_array().unwrap();
        assert_eq!(all.len(), 14);
        for case in all {
            let number = |key: &str| case[key].as_f64().unwrap();
            let (cases, mean) = (number("count"), number("mean"));
            let dispersion = number("dispersion");
            let expected: f64 = case["value"].as_str().unwrap().parse().unwrap();
            let got = half_deviance(cases, mean, dispersion);
            // Of the difference that makes up the deviance 1/(1 + αy) is left, or (μ − y)/y if that is more.
            let apart = cases / (mean - cases).abs();
            let tolerance = 1e-14 * (1.0 + apart.min(dispersion * cases));
            approx::assert_relative_eq!(got, expected, max_relative = tolerance);
        }
    }

    /// Expected values in 60 digits by `tests/data/negative_binomial.py`.
    #[test]
    fn negative_binomial_keeps_its_digits_for_large_counts() {
        for (cases, mean, dispersion, expected) in [
            (30.0_f64, 25.0, 0.5, -4.080_223_400_487_471),
            (1200.0, 1000.0, 0.01, -7.362_848_392_888_622),
            (100_300.0, 100_000.0, 5e-7, -7.129_489_481_259_018),
            (
                2_000_100_000.0,
                2_000_000_000.0,
                1e-9,
                -13.009_803_038_071_228,
            ),
            (7.0, 9.0, 1e-6, -2.144_590_819_716_878_4),
        ] {
            let got = Likelihood::NegativeBinomial.log_likelihood(cases, mean, dispersion);
            // What is left is the rounding of ln y! and y·ln μ, which are about y·ln y.
            let tolerance = 1e-12 + 2e-15 * cases * cases.ln();
            assert!(
                (got - expected).abs() < tolerance,
                "{cases}: {got}, {expected}"
            );
        }
        for (counts, mean, expected) in [
            (
                vec![100_700.0, 99_400.0, 100_100.0, 99_600.0],
                1e5,
                1.549_876_221_677_867e-5,
            ),
            (
                vec![2_000_190_000.0, 1_999_850_000.0, 2_000_020_000.0],
                2e9,
                4.416_574_544_690_058e-9,
            ),
        ] {
            let counts: Vec<(f64, f64, f64)> = counts.into_iter().map(|y| (y, mean, 1.0)).collect();
            let got = negative_binomial_dispersion(&counts);
            assert!((got / expected - 1.0).abs() < 1e-9, "{got}, {expected}");
        }
    }
}
