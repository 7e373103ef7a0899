//! The mean of estimates that differ from each other by more than their errors: a random-effects meta-analysis.
//!
//! # Model
//!
//! ```text
//! y(k) = μ + f(k) + e(k),   f ~ N(0, τ²),   e ~ N(0, v(k))
//! ```
//!
//! y(k) are estimates with known variances v(k). μ has a flat prior, and τ that of `DuMouchel`, p(τ) = s₀/(s₀ + τ)² with s₀²
//! the harmonic mean of the v(k), which needs no number from outside (Röver 2020,
//! [doi:10.18637/jss.v093.i06](https://doi.org/10.18637/jss.v093.i06)). The posterior of μ is a mixture of normal
//! distributions over τ: wide where two estimates say different things. Where all of n estimates are exact it is the limit,
//! p(τ) = 1/τ²: Student's t with n degrees of freedom about their mean, of scale √(Σ(y − ȳ)²)/n.

use super::normal_mixture::{Component, NormalMixture};

/// Points of τ = c·x/(1 − x) with x in the middle of as many equal parts of 0 to 1, so that no τ is too large to be there; with
/// c = s₀ the prior is uniform in x, and c is s₀ plus the standard deviation of the estimates, where the likelihood is.
const POINTS: u32 = 240;
/// Where c is more than so many s₀, most of the prior may lie below the first of these points: then ln τ is in the middle of as many
/// equal parts of ln(s₀/FAR) to ln(c·FAR).
const MOST_SPREAD: f64 = 1e3;
const FAR: f64 = 1e4;

/// The posterior of a random-effects model.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RandomEffects {
    /// Of μ.
    pub mean: NormalMixture,
    /// Of what one more would measure without error, μ + f.
    pub next: NormalMixture,
    /// τ of each component of these.
    pub taus: Vec<f64>,
    /// The median of τ.
    pub between_sd: f64,
}

impl RandomEffects {
    /// From estimates and their variances; `None` for fewer than two, where some are exact and others are not, or where
    /// exact ones are equal: none of these tells what lies between them from what is error.
    pub(crate) fn of(estimates: &[(f64, f64)]) -> Option<Self> {
        let n = estimates.len() as f64;
        let exact = estimates.iter().filter(|(_, v)| *v <= 0.0).count();
        let mean = estimates.iter().map(|(y, _)| y).sum::<f64>() / n;
        let squares: f64 = estimates.iter().map(|(y, _)| (y - mean).powi(2)).sum();
        let spread = (squares / n).sqrt();
        let all_exact = exact == estimates.len();
        if estimates.len() < 2 || (exact > 0 && !all_exact) || (all_exact && spread == 0.0) {
            return None;
        }
        // 0 where all are exact.
        let inverse: f64 = estimates.iter().map(|(_, variance)| 1.0 / variance).sum();
        let s0 = (n / inverse).sqrt();
        let scale = s0 + spread;
        let mut points: Vec<(f64, Component)> = (0..POINTS)
            .map(|i| {
                let x = (f64::from(i) + 0.5) / f64::from(POINTS);
                // τ, and the log of its derivative by x but for a number that is the same for all.
                let (tau, slope) = if s0 > 0.0 && scale > MOST_SPREAD * s0 {
                    let ln_tau = (s0 / FAR).ln() + x * (scale / s0 * FAR * FAR).ln();
                    (ln_tau.exp(), ln_tau)
                } else {
                    (scale * x / (1.0 - x), -2.0 * (1.0 - x).ln())
                };
                let (mean, variance, log_likelihood) = given(estimates, tau);
                let prior = slope - 2.0 * (s0 + tau).ln();
                let component = Component {
                    weight: log_likelihood + prior,
                    mean,
                    variance,
                };
                (tau, component)
            })
            .collect();
        let most = points
            .iter()
            .map(|(_, c)| c.weight)
            .fold(f64::NEG_INFINITY, f64::max);
        for (_, c) in &mut points {
            c.weight = (c.weight - most).exp();
        }
        let total: f64 = points.iter().map(|(_, c)| c.weight).sum();
        let (mut below, mut between_sd) = (0.0, 0.0);
        for (tau, c) in &mut points {
            c.weight /= total;
            if below < 0.5 {
                between_sd = *tau;
            }
            below += c.weight;
        }
        let next = points.iter().map(|(tau, c)| Component {
            variance: c.variance + tau * tau,
            ..*c
        });
        Some(Self {
            next: NormalMixture(next.collect()),
            taus: points.iter().map(|(tau, _)| *tau).collect(),
            mean: NormalMixture(points.into_iter().map(|(_, c)| c).collect()),
            between_sd,
        })
    }
}

/// Mean and variance of μ given τ, and the log of the marginal likelihood of τ with μ integrated out.
fn given(estimates: &[(f64, f64)], tau: f64) -> (f64, f64, f64) {
    let weights = estimates
        .iter()
        .map(|(_, variance)| 1.0 / (variance + tau * tau));
    let weights: Vec<f64> = weights.collect();
    let total: f64 = weights.iter().sum();
    let both = || estimates.iter().zip(&weights);
    let mean = both().map(|((y, _), w)| w * y).sum::<f64>() / total;
    let squares: f64 = both().map(|((y, _), w)| w * (y - mean).powi(2)).sum();
    let logs: f64 = weights.iter().map(|w| w.ln()).sum();
    (mean, 1.0 / total, 0.5 * (logs - total.ln() - squares))
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// Two estimates of the same: their inverse-variance mean, whatever τ is.
    #[test]
    fn estimates_that_agree_keep_their_mean() {
        let both = RandomEffects::of(&[(0.3, 0.01), (0.3, 0.04)]).unwrap();
        assert_relative_eq!(both.mean.mean(), 0.3, max_relative = 1e-12);
        assert!(both.mean.variance() > 0.008 && both.next.variance() > both.mean.variance());
        assert!(RandomEffects::of(&[(0.3, 0.01)]).is_none());
        assert!(RandomEffects::of(&[(0.3, 0.01), (0.4, 0.0)]).is_none());
        assert!(RandomEffects::of(&[(0.3, 0.0), (0.3, 0.0)]).is_none());
    }

    /// Exact estimates: with 1/τ² before, 1/τ² is gamma distributed, and μ Student's t with as many degrees of freedom as
    /// estimates. Its 97.5 % points are those of R's `qt(0.975, n)`; the points of τ leave out 1e-5.
    #[test]
    fn exact_estimates_have_students_t() {
        for (levels, t) in [
            (vec![0.0, 0.3], 4.302_653),
            (vec![-0.002, 0.001, 0.0035], 3.182_446),
            (vec![1.0, 0.2, -0.5, 0.3, 0.9], 2.570_582),
        ] {
            let n = levels.len() as f64;
            let mean = levels.iter().sum::<f64>() / n;
            let squares: f64 = levels.iter().map(|y| (y - mean).powi(2)).sum();
            let estimates: Vec<(f64, f64)> = levels.iter().map(|y| (*y, 0.0)).collect();
            let posterior = RandomEffects::of(&estimates).unwrap().mean;
            assert_relative_eq!(posterior.quantile(0.5), mean, epsilon = 1e-9);
            for (p, z) in [(0.025, -t), (0.975, t)] {
                let expected = mean + z * squares.sqrt() / n;
                assert_relative_eq!(posterior.quantile(p), expected, max_relative = 3e-5);
            }
        }
    }

    /// Quantiles 0.025, 0.5 and 0.975 of μ, for estimates that agree, that differ a hundredfold, and of very different errors (one exact to
    /// a millionth, which has most of the weight at a τ far below what lies between them), as
    /// integrated over 200,000 values of τ up to 10⁶ (`NumPy`, weights of `np.geomspace(1e-4·s₀, 1e6, 200000)`, `scipy.stats.norm.cdf`,
    /// `brentq`). τ has no end: that of the second pair is often beyond 10.
    #[test]
    fn the_posterior_is_that_of_all_distances() {
        for (estimates, expected) in [
            (vec![(0.0, 0.003), (-0.4, 0.003)], [-0.88219, -0.2, 0.48219]),
            (vec![(0.0, 0.003), (4.6, 0.003)], [-4.81035, 2.3, 9.41035]),
            (
                vec![(0.0, 1e-10), (1.0, 0.003)],
                [-1.01478, 0.49546, 2.01390],
            ),
            (
                vec![(0.0, 0.00292), (0.2906, 5e-13)],
                [-0.18324, 0.24063, 0.47878],
            ),
            (
                vec![(0.0, 1e-12), (-0.215, 0.077), (0.534, 0.034)],
                [-0.00003, 0.0, 0.00003],
            ),
            (
                vec![
                    (0.0, 0.003),
                    (-0.3, 0.01),
                    (-0.5, 0.003),
                    (0.2, 1.0),
                    (0.1, 0.02),
                ],
                [-0.49514, -0.18470, 0.16087],
            ),
        ] {
            let posterior = RandomEffects::of(&estimates).unwrap().mean;
            for (p, expected) in [0.025, 0.5, 0.975].into_iter().zip(expected) {
                assert_relative_eq!(posterior.quantile(p), expected, epsilon = 2e-4);
            }
        }
    }
}
