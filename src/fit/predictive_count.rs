//! Where a new count will lie: quantiles of its predictive distribution.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::likelihood::Likelihood;

/// The most counts of a table of probabilities. Beyond, the logarithm of a count is normal for all purposes.
const MOST: f64 = 200_000.0;

/// A new count about a mean that is itself estimated.
///
/// The logarithm of the mean is normal about that of the estimate. The count is `unit` times one that is Poisson, or
/// negative binomial with the dispersion α, about the mean over the unit. Where the scatter is estimated with ν degrees
/// of freedom, the unit (of the quasi-Poisson likelihood) or α (of the negative binomial one) has the distribution of
/// ν/χ²(ν) times its estimate, and the uncertainty of the mean goes with it.
pub(super) struct NewCount {
    pub(super) mean: f64,
    /// Of the logarithm of the mean, at the estimated scatter.
    pub(super) variance: f64,
    /// The dispersion φ of the quasi-Poisson likelihood; `None` for whole counts.
    pub(super) unit: Option<f64>,
    /// The dispersion α of the negative binomial distribution; 0 for a Poisson count.
    pub(super) extra: f64,
    /// ν, where the scatter is estimated.
    pub(super) degrees: Option<f64>,
}

/// One value of the scatter.
struct Scatter {
    unit: f64,
    extra: f64,
    variance: f64,
}

impl NewCount {
    /// The least counts whose probability not to be exceeded reaches each of two levels. `about` is the upper one as
    /// the normal distribution of a logarithm has it. `None` where the counts are too large for a table.
    pub(super) fn quantiles(&self, levels: [f64; 2], about: f64) -> Option<(f64, f64)> {
        let tables: Option<Vec<(f64, Vec<f64>)>> = self
            .scatters()
            .into_iter()
            .map(|scatter| {
                let last = (2.0 * about / scatter.unit).ceil() + 30.0;
                let fits = scatter.unit > 0.0 && last.is_finite() && last <= MOST;
                fits.then(|| (scatter.unit, self.cumulative(&scatter, last)))
            })
            .collect();
        let tables = tables?;
        let below = |count: f64| {
            let of = tables.iter().map(|(unit, table)| {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let place = (count / unit + 1e-9) as usize; // Not negative, and bounded by the table.
                table[place.min(table.len() - 1)]
            });
            of.sum::<f64>() / tables.len() as f64
        };
        // The probability is a step function: its steps are halved down to the one.
        let quantile = |level: f64| {
            if below(0.0) >= level {
                return Some(0.0);
            }
            let (mut lower, mut upper) = (0.0, 2.0 * about + 1.0);
            if below(upper) < level {
                return None;
            }
            for _ in 0..60 {
                let middle = f64::midpoint(lower, upper);
                if below(middle) >= level {
                    upper = middle;
                } else {
                    lower = middle;
                }
            }
            Some(match self.unit {
                None => upper.round(),
                Some(_) => upper,
            })
        };
        Some((quantile(levels[0])?, quantile(levels[1])?))
    }

    /// The scatter, at points of equal probability.
    fn scatters(&self) -> Vec<Scatter> {
        const POINTS: usize = 40;
        let at = |factor: f64| {
            let extra = self.extra * factor;
            let unit = self.unit.map_or(1.0, |unit| unit * factor);
            let of = |unit: f64, extra: f64| unit / self.mean + extra;
            let widened = of(unit, extra) / of(self.unit.unwrap_or(1.0), self.extra);
            Scatter {
                unit,
                extra,
                variance: self.variance * widened,
            }
        };
        match self.degrees.map(ChiSquared::new) {
            Some(Ok(chi_squared)) => (0..POINTS)
                .map(|i| chi_squared.inverse_cdf((i as f64 + 0.5) / POINTS as f64))
                .map(|quantile| at(self.degrees.unwrap_or(1.0) / quantile))
                .collect(),
            _ => vec![at(1.0)],
        }
    }

    /// The probabilities of 0, of at most 1, … of at most `last` units.
    fn cumulative(&self, scatter: &Scatter, last: f64) -> Vec<f64> {
        // The trapezoidal rule over the normal distribution of the logarithm of the mean, in steps of half the
        // scatter of a count at most.
        let deviation = scatter.variance.sqrt();
        let of_count = (scatter.unit / self.mean + scatter.extra).sqrt();
        // Of a mean that is all but unknown no more than 500: its quantiles then err by a hundredth of its deviation.
        let steps = (10.0 * deviation / of_count).clamp(20.0, 500.0);
        #[allow(clippy::cast_possible_truncation)] // At most 500.
        let steps = if steps.is_nan() { 20 } else { steps as i32 };
        let step = 5.0 / f64::from(steps);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // At most 200,000.
        let mut table = vec![0.0; last as usize + 1];
        let mut total = 0.0;
        for i in -steps..=steps {
            let z = step * f64::from(i);
            let weight = (-0.5 * z * z).exp();
            total += weight;
            let mean = self.mean / scatter.unit * (deviation * z).exp();
            add_probabilities(mean, scatter.extra, weight, &mut table);
        }
        let mut sum = 0.0;
        for cell in &mut table {
            sum += *cell / total;
            *cell = sum;
        }
        table
    }
}

/// Adds the probabilities of counts about a mean, each from that of the count before.
fn add_probabilities(mean: f64, extra: f64, weight: f64, table: &mut [f64]) {
    let spread = (mean * (1.0 + extra * mean)).sqrt();
    let first = (mean - 12.0 * spread).max(0.0).floor();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Saturates past the table.
    let place = first as usize;
    let log = Likelihood::NegativeBinomial.log_likelihood(first, mean, extra);
    let mut probability = weight * log.exp();
    let ratio = mean / (1.0 + extra * mean);
    for (cell, count) in table.iter_mut().skip(place).zip(0..) {
        let count = first + f64::from(count);
        *cell += probability;
        probability *= (1.0 + extra * count) / (count + 1.0) * ratio;
        if count > mean && probability < 1e-18 {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Case {
        level: f64,
        mean: f64,
        variance: f64,
        alpha: f64,
        dispersion: Option<f64>,
        degrees: Option<f64>,
        lower: f64,
        upper: f64,
    }

    /// Expected values by scipy, `tests/data/new_counts.py`.
    #[test]
    fn quantiles_are_those_of_the_mixture() {
        let cases: Vec<Case> =
            serde_json::from_str(include_str!("../../tests/data/new_counts.json")).unwrap();
        assert_eq!(cases.len(), 103);
        for case in cases {
            let count = NewCount {
                mean: case.mean,
                variance: case.variance,
                unit: case.dispersion,
                extra: case.alpha,
                degrees: case.degrees,
            };
            let half = 0.5 * case.level;
            let phi = case.dispersion.unwrap_or(1.0);
            let deviation = (case.variance + phi / case.mean + case.alpha).sqrt();
            let about = case.mean * (3.0 * deviation).exp();
            let (lower, upper) = count.quantiles([0.5 - half, 0.5 + half], about).unwrap();
            // Of an estimated dispersion the ends are any numbers, in steps of 0.002 means.
            let tolerance = if case.degrees.is_some() {
                0.005 * case.mean
            } else {
                0.0
            };
            for (got, expected) in [(lower, case.lower), (upper, case.upper)] {
                assert!(
                    (got - expected).abs() <= tolerance,
                    "{} {} {}: {got}, {expected}",
                    case.level,
                    case.mean,
                    case.variance
                );
            }
        }
    }
}
