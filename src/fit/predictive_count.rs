//! Where a new count will lie: quantiles of its predictive distribution.

use super::likelihood::Likelihood;
use crate::numeric::gamma;
use crate::numeric::student::{normal_quantile, two_sided_tail};

/// The most counts of a table of probabilities. Of an interval that lies beyond, the logarithm of a count is normal for all
/// purposes.
const MOST: f64 = 200_000.0;

/// Of an interval that begins below so many units and ends beyond any table, the table holds as many as [`PART`]: past these a
/// count about its mean is normal, and the mean is what it was.
const FEW: f64 = 1_000.0;
const PART: f64 = 20_000.0;

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

/// One value of the scatter, and its weight.
struct Scatter {
    weight: f64,
    /// By which part the weight grows for a unit of ln χ².
    slope: f64,
    unit: f64,
    extra: f64,
    variance: f64,
}

impl NewCount {
    /// The least counts whose probability not to be exceeded reaches each of two levels. `from` and `about` are these as
    /// the normal distribution of a logarithm has them. `None` where the counts are too large for a table.
    pub(super) fn quantiles(
        &self,
        levels: [f64; 2],
        [from, about]: [f64; 2],
    ) -> Option<(f64, f64)> {
        // What is left out of the tails of scatter and mean, beside those of the interval.
        let tail = 1e-5 * levels[0].min(1.0 - levels[1]);
        let (scatters, width) = self.scatters(tail);
        let is_few = from < FEW * self.unit.unwrap_or(1.0);
        let tables = scatters
            .iter()
            .map(|of| self.cumulative(of, about, tail, is_few));
        let tables = tables.collect::<Option<Vec<_>>>()?;
        // Units differ within a cell of the scatter; whole counts have none.
        let width = self.unit.map_or(0.0, |_| width);
        let below = |count: f64| {
            let of = scatters.iter().zip(&tables);
            of.map(|(of, (table, is_whole))| {
                let units = count / of.unit;
                if *is_whole || units < PART {
                    return of.weight * mean_below(table, units, width, of.slope);
                }
                let deviation = (of.variance + units.recip() + of.extra).sqrt();
                let z = (count / self.mean).ln() / deviation;
                let beyond = 0.5 * two_sided_tail(None, z);
                of.weight * if z > 0.0 { 1.0 - beyond } else { beyond }
            })
            .sum::<f64>()
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

    /// The scatter, at points of ln χ² that are equally spaced, and how far they lie apart: the trapezoidal rule, whose error falls
    /// exponentially, out to where so little is left in either tail.
    fn scatters(&self, tail: f64) -> (Vec<Scatter>, f64) {
        let at = |weight: f64, slope: f64, factor: f64| {
            let extra = self.extra * factor;
            let unit = self.unit.map_or(1.0, |unit| unit * factor);
            let of = |unit: f64, extra: f64| unit / self.mean + extra;
            let widened = of(unit, extra) / of(self.unit.unwrap_or(1.0), self.extra);
            Scatter {
                weight,
                slope,
                unit,
                extra,
                variance: self.variance * widened,
            }
        };
        let Some(degrees) = self.degrees else {
            return (vec![at(1.0, 0.0, 1.0)], 0.0);
        };
        let shape = 0.5 * degrees;
        let [from, to] = [tail, 1.0 - tail].map(|p| (2.0 * gamma::quantile(shape, p)).ln());
        // Parts of the standard deviation of ln χ², or of the width of its lower tail: more where single units show.
        let units = self.unit.map_or(f64::INFINITY, |unit| self.mean / unit);
        let parts = if units < 2_000.0 { 16.0 } else { 4.0 };
        let finest = (2.0 / degrees).sqrt().min(0.5) / parts;
        let n = ((to - from) / finest).ceil();
        let width = (to - from) / n;
        let density = |x: f64| (shape * (x - degrees.ln()) - 0.5 * (x.exp() - degrees)).exp();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Some hundreds.
        let points = (0..n as u32).map(|i| from + (f64::from(i) + 0.5) * width);
        let total: f64 = points.clone().map(density).sum();
        let all = points.map(|x| {
            let slope = shape - 0.5 * x.exp();
            at(density(x) / total, slope, degrees * (-x).exp())
        });
        (all.collect(), width)
    }

    /// The probabilities of 0, of at most 1, … units, to twice `about` or where hardly any are more, and whether the table is
    /// whole: where these are too many for one it is a part, or `None`.
    fn cumulative(
        &self,
        scatter: &Scatter,
        about: f64,
        tail: f64,
        is_few: bool,
    ) -> Option<(Vec<f64>, bool)> {
        let deviation = scatter.variance.sqrt();
        let mean_at = |z: f64| self.mean / scatter.unit * (deviation * z).exp();
        let farthest = -normal_quantile(1e-3 * tail);
        let most = mean_at(farthest);
        let most = most + 12.0 * (most * (1.0 + scatter.extra * most)).sqrt();
        let last = most.min(2.0 * about / scatter.unit).ceil() + 30.0;
        let is_whole = last <= MOST;
        if !(scatter.unit > 0.0 && (is_whole || is_few)) {
            return None;
        }
        let last = if is_whole { last } else { PART };
        // Over the normal distribution of the logarithm of the mean, in steps of a tenth of its deviation and of 0.8 of the scatter of a
        // count at most, which of a mean below one is taken as that of one; what is beyond the table adds nothing to it.
        let step = |z: f64| {
            let mean = mean_at(z);
            let of_count = (mean.max(1.0).recip() + scatter.extra).sqrt();
            let finest = if mean > 2.0 * last {
                0.0
            } else {
                // Of a mean that is all but unknown the quantiles err by a four hundredth of its deviation.
                (deviation / (0.8 * of_count)).min(200.0)
            };
            finest.hypot(10.0).recip()
        };
        let mut nodes = vec![-farthest - step(-farthest), -farthest];
        while nodes[nodes.len() - 1] < farthest {
            let z = nodes[nodes.len() - 1];
            nodes.push(z + step(z));
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // At most 200,000.
        let mut table = vec![0.0; last as usize + 1];
        let mut total = 0.0;
        for z in nodes.windows(3) {
            let weight = (-0.5 * z[1] * z[1]).exp() * (z[2] - z[0]);
            total += weight;
            add_probabilities(mean_at(z[1]), scatter.extra, weight, &mut table);
        }
        let mut sum = 0.0;
        for cell in &mut table {
            sum += *cell / total;
            *cell = sum;
        }
        Some((table, is_whole))
    }
}

/// The mean of a table over a cell of the scatter, whose units are spread evenly on the log scale. Mean and count have the same unit,
/// so that across the cell only the place of the count between two whole units moves. `slope` is that of the weight.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Not negative, and bounded by the table.
fn mean_below(table: &[f64], units: f64, width: f64, slope: f64) -> f64 {
    let at = |place: f64| table[(place as usize).min(table.len() - 1)];
    let between = |place: f64| {
        let lower = place.max(0.0).floor();
        let part = (place - lower).max(0.0);
        at(lower) + part * (at(lower + 1.0) - at(lower))
    };
    let (low, high) = (units * (-0.5 * width).exp(), units * (0.5 * width).exp());
    if width == 0.0 || units <= 0.0 {
        return at(units + 1e-9);
    }
    // Many steps within a cell.
    if high - low > 50.0 {
        return between(units - 0.5);
    }
    let (mut sum, mut from) = (0.0, low);
    while from < high {
        let to = (from.floor() + 1.0).min(high);
        let middle = f64::midpoint(from, to);
        let weight = (to / from).ln() * (1.0 + slope * (middle / units).ln());
        sum += weight * between(units - (middle - from.floor()));
        from = to;
    }
    sum / width
}

/// Adds the probabilities of counts about a mean, each from that of the count before.
fn add_probabilities(mean: f64, extra: f64, weight: f64, table: &mut [f64]) {
    let spread = (mean * (1.0 + extra * mean)).sqrt();
    if mean < f64::MIN_POSITIVE {
        table[0] += weight;
        return;
    }
    // No count of the table is as great as that.
    if mean - 12.0 * spread > table.len() as f64 || !spread.is_finite() {
        return;
    }
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
    use crate::numeric::student::two_sided_quantile;

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

    /// A mean of 0.5 or 0.4 whose logarithm has a standard deviation of 6.4 or 5: the probability of no case is 51 or 52 %, and the upper
    /// ends are of mixtures by `scipy.stats.poisson.cdf` over 200,001 points of the mean, or 2,001 and 1,500 of the scatter.
    #[test]
    fn an_interval_of_counts_begins_at_none_however_far_it_reaches() {
        for (mean, variance, unit, degrees, level, upper) in [
            (0.516, 40.96, None, None, 0.95, 144_657.0),
            (0.4, 25.0, Some(0.9), Some(11.0), 0.99, 2_219_725.0),
        ] {
            let count = NewCount {
                mean,
                variance,
                unit,
                extra: 0.0,
                degrees,
            };
            let deviation = (variance + unit.unwrap_or(1.0) / mean).sqrt();
            let reach = two_sided_quantile(degrees, level) * deviation;
            let ends = [-reach, reach].map(|ln| mean * ln.exp());
            let levels = [0.5 - 0.5 * level, 0.5 + 0.5 * level];
            let (from, to) = count.quantiles(levels, ends).unwrap();
            assert!(from.abs() < 1e-300, "{from}");
            assert!((to / upper - 1.0).abs() < 5e-3, "{to}, {upper}");
        }
    }

    /// Expected values by scipy, `tests/data/new_counts.py`.
    #[test]
    fn quantiles_are_those_of_the_mixture() {
        let cases: Vec<Case> =
            serde_json::from_str(include_str!("../../tests/data/new_counts.json")).unwrap();
        assert_eq!(cases.len(), 110);
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
            let quantile = two_sided_quantile(case.degrees, case.level);
            let about = case.mean * (quantile.max(3.0) * deviation).exp();
            let from = case.mean * (-quantile * deviation).exp();
            let levels = [0.5 - half, 0.5 + half];
            let (lower, upper) = count.quantiles(levels, [from, about]).unwrap();
            // Of an estimated dispersion the ends are any numbers: the script has steps of 1/10,000 and jumps between its cells. With
            // one or two degrees of freedom half a per cent is what 0.3 % of the probability beyond an end makes of it.
            let tolerance = match (case.dispersion, case.degrees) {
                (None, _) => 0.0,
                (_, Some(degrees)) if degrees < 3.0 => 6e-3,
                _ => 1e-3,
            };
            for (got, expected) in [(lower, case.lower), (upper, case.upper)] {
                assert!(
                    (got - expected).abs() <= tolerance * expected,
                    "{} {} {}: {got}, {expected}",
                    case.level,
                    case.mean,
                    case.variance
                );
            }
        }
    }
}
