//! Exponential smoothing with a damped trend and additive errors: ETS(A,Ad,N).

use myeloma_epi::{Error, Result};

/// Damping is held between these, as by R's `forecast::ets`: below, the trend is gone in two years;
/// above, it cannot be told from no damping.
const DAMPING: (f64, f64) = (0.8, 0.98);
/// Smoothing weights stay this far from 0 and 1, as by `forecast::ets`.
const MARGIN: f64 = 1e-4;
/// α, β, φ, and the initial level and slope.
const PARAMETERS: f64 = 5.0;

/// Exponential smoothing fitted to a series of equally spaced values.
///
/// ```text
/// y(t) = l(t−1) + φ·b(t−1) + e(t),  l(t) = l(t−1) + φ·b(t−1) + α·e(t),  b(t) = φ·b(t−1) + β·e(t)
/// ```
///
/// with α, β < α, φ and the initial l and b fitted by least squares, which for normal errors is maximum
/// likelihood; the variance of e is the sum of squares over n less the number of parameters. The
/// forecast variance h years on is `σ²·(1 + Σ_{j<h} (α + β·(φ + … + φ^j))²)`: Hyndman, Koehler, Ord &
/// Snyder 2008, table 6.1, [doi:10.1007/978-3-540-71918-2](https://doi.org/10.1007/978-3-540-71918-2).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ExponentialSmoothing {
    alpha: f64,
    beta: f64,
    damping: f64,
    level: f64,
    slope: f64,
    variance: f64,
}

/// What is searched over, on scales without borders.
struct Search {
    level: f64,
    slope: f64,
    scale: f64,
}

impl ExponentialSmoothing {
    /// Fits the method.
    ///
    /// # Errors
    ///
    /// Where there are fewer than seven values, or one is not finite.
    pub(crate) fn fit(values: &[f64]) -> Result<Self> {
        if values.len() < 7 || values.iter().any(|value| !value.is_finite()) {
            return Err(Error::other(format!(
                "exponential smoothing needs seven finite values or more: there are {}",
                values.iter().filter(|value| value.is_finite()).count()
            )));
        }
        let search = Search::new(values);
        let objective = |z: &[f64; 5]| {
            let sum = run(values, search.unpack(z)).0;
            (sum / (search.scale * search.scale)).max(1e-12)
        };
        let starts = [
            [0.0, -2.0, 1.0, 0.0, 0.0],
            [2.0, -3.0, 1.0, 0.0, 0.0],
            [-2.0, 0.0, 0.0, 0.0, 0.0],
        ];
        let mut best = (starts[0], f64::INFINITY);
        for start in starts {
            let mut end = simplex(&objective, start);
            for _ in 0..2 {
                end = simplex(&objective, end.0);
            }
            if end.1 < best.1 {
                best = end;
            }
        }
        let start = search.unpack(&best.0);
        let (sum, level, slope) = run(values, start);
        if !(sum + level + slope).is_finite() {
            return Err(Error::other(
                "exponential smoothing: the values lie too far apart for their squares",
            ));
        }
        Ok(Self {
            level,
            slope,
            variance: sum / (values.len() as f64 - PARAMETERS),
            ..start
        })
    }

    /// Mean and variance of the value `horizon` steps past the last, from 1 on.
    pub(crate) fn forecast(&self, horizon: usize) -> (f64, f64) {
        let mut mean = self.level;
        let mut variance = 1.0;
        let mut power = 1.0;
        let mut sum = 0.0;
        for step in 1..=horizon {
            power *= self.damping;
            sum += power;
            mean += power * self.slope;
            if step < horizon {
                variance += (self.alpha + self.beta * sum).powi(2);
            }
        }
        (mean, self.variance * variance)
    }
}

impl Search {
    /// Starts from a straight line through the first ten values.
    fn new(values: &[f64]) -> Self {
        let head = &values[..values.len().min(10)];
        let n = head.len() as f64;
        let (middle, mean) = ((n - 1.0) / 2.0, head.iter().sum::<f64>() / n);
        let mut products = (0.0, 0.0);
        for (i, value) in head.iter().enumerate() {
            let x = i as f64 - middle;
            products.0 += x * (value - mean);
            products.1 += x * x;
        }
        let slope = products.0 / products.1;
        let square: f64 = values.windows(2).map(|w| (w[1] - w[0]).powi(2)).sum();
        Self {
            level: mean - slope * (middle + 1.0),
            slope,
            scale: (square / (values.len() as f64 - 1.0)).sqrt().max(1e-12),
        }
    }

    fn unpack(&self, z: &[f64; 5]) -> ExponentialSmoothing {
        let between = |x: f64, low: f64, high: f64| low + (high - low) / (1.0 + (-x).exp());
        let alpha = between(z[0], MARGIN, 1.0 - MARGIN);
        ExponentialSmoothing {
            alpha,
            beta: between(z[1], MARGIN.min(alpha), alpha),
            damping: between(z[2], DAMPING.0, DAMPING.1),
            level: self.level + z[3] * self.scale,
            slope: self.slope + 0.3 * z[4] * self.scale,
            variance: 0.0,
        }
    }
}

/// Runs the recursion: the sum of squared errors, and the last level and slope.
fn run(values: &[f64], start: ExponentialSmoothing) -> (f64, f64, f64) {
    let (mut level, mut slope, mut sum) = (start.level, start.slope, 0.0);
    for value in values {
        slope *= start.damping;
        let error = value - level - slope;
        sum += error * error;
        level += slope + start.alpha * error;
        slope += start.beta * error;
    }
    (sum, level, slope)
}

/// Nelder and Mead's simplex search (1965, [doi:10.1093/comjnl/7.4.308](https://doi.org/10.1093/comjnl/7.4.308)).
fn simplex<const N: usize>(
    function: &impl Fn(&[f64; N]) -> f64,
    start: [f64; N],
) -> ([f64; N], f64) {
    let evaluate = |x: [f64; N]| {
        let value = function(&x);
        (x, if value.is_nan() { f64::INFINITY } else { value })
    };
    let mut points = vec![evaluate(start)];
    for i in 0..N {
        let mut moved = start;
        moved[i] += 0.7;
        points.push(evaluate(moved));
    }
    for _ in 0..400 {
        points.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (best, worst) = (points[0].1, points[N].1);
        if worst - best <= 1e-9 * best.abs() {
            break;
        }
        let mut centre = [0.0; N];
        for point in &points[..N] {
            for i in 0..N {
                centre[i] += point.0[i] / N as f64;
            }
        }
        let at = |step: f64| {
            let mut x = centre;
            for i in 0..N {
                x[i] += step * (points[N].0[i] - centre[i]);
            }
            evaluate(x)
        };
        let reflected = at(-1.0);
        let next = if reflected.1 < best {
            let expanded = at(-2.0);
            if expanded.1 < reflected.1 {
                expanded
            } else {
                reflected
            }
        } else if reflected.1 < points[N - 1].1 {
            reflected
        } else {
            at(if reflected.1 < worst { -0.5 } else { 0.5 })
        };
        if next.1 < worst.min(reflected.1) || (next == reflected && next.1 < points[N - 1].1) {
            points[N] = next;
        } else {
            let keep = points[0].0;
            for point in &mut points[1..] {
                let mut x = keep;
                for i in 0..N {
                    x[i] = 0.5 * (keep[i] + point.0[i]);
                }
                *point = evaluate(x);
            }
        }
    }
    points.sort_by(|a, b| a.1.total_cmp(&b.1));
    points[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// `forecast::ets(log(y), "AAN", damped = TRUE)` on the counts of the United States, 1999–2019.
    #[test]
    fn the_damped_trend_is_that_of_r() {
        let counts = [
            15023, 15843, 16268, 16692, 17303, 18144, 18492, 18737, 19034, 20330, 21298, 22498,
            23652, 24361, 25444, 26240, 27241, 28241, 28629, 29202, 30434,
        ];
        let y: Vec<f64> = counts.iter().map(|c| f64::from(*c).ln()).collect();
        let fit = ExponentialSmoothing::fit(&y).unwrap();
        for (horizon, mean, upper) in [
            (1, 10.351_261_945_4, 10.384_019_952_3),
            (5, 10.457_573_287_4, 10.530_830_782_7),
            (16, 10.709_273_162_5, 10.840_381_758_1),
        ] {
            let (got, variance) = fit.forecast(horizon);
            assert_relative_eq!(got, mean, epsilon = 3e-3);
            let width = 1.959_963_984_540_054 * variance.sqrt();
            assert_relative_eq!(width, upper - mean, max_relative = 3e-2);
        }
    }

    /// `forecast::ets(y, "AAN", damped = TRUE)` on the counts themselves (`tests/data/baselines.R`): from
    /// its weights and initial states follow its variance and its forecasts, and the search here ends
    /// no higher.
    #[test]
    fn the_damped_trend_of_counts_is_that_of_r() {
        #[derive(serde::Deserialize)]
        struct Reference {
            damped_counts: Damped,
        }
        #[derive(serde::Deserialize)]
        struct Damped {
            alpha: f64,
            beta: f64,
            damping: f64,
            level: f64,
            slope: f64,
            variance: f64,
            mean: [f64; 3],
            upper: [f64; 3],
        }
        let counts = [
            15023.0, 15843.0, 16268.0, 16692.0, 17303.0, 18144.0, 18492.0, 18737.0, 19034.0,
            20330.0, 21298.0, 22498.0, 23652.0, 24361.0, 25444.0, 26240.0, 27241.0, 28241.0,
            28629.0, 29202.0, 30434.0,
        ];
        let reference: Reference =
            serde_json::from_str(include_str!("../../tests/data/baselines.json")).unwrap();
        let r = reference.damped_counts;
        let start = ExponentialSmoothing {
            alpha: r.alpha,
            beta: r.beta,
            damping: r.damping,
            level: r.level,
            slope: r.slope,
            variance: 0.0,
        };
        let (sum, level, slope) = run(&counts, start);
        let fit = ExponentialSmoothing {
            level,
            slope,
            variance: sum / 16.0,
            ..start
        };
        assert_relative_eq!(fit.variance, r.variance, max_relative = 1e-9);
        let own = ExponentialSmoothing::fit(&counts).unwrap();
        assert!(own.variance <= 1.0001 * r.variance);
        for (i, horizon) in [1, 5, 16].into_iter().enumerate() {
            let (mean, variance) = fit.forecast(horizon);
            assert_relative_eq!(mean, r.mean[i], max_relative = 1e-9);
            let width = 1.959_963_984_540_054 * variance.sqrt();
            assert_relative_eq!(width, r.upper[i] - r.mean[i], max_relative = 1e-6);
            assert_relative_eq!(own.forecast(horizon).0, r.mean[i], max_relative = 1e-2);
        }
    }

    #[test]
    fn too_short_a_series_is_refused() {
        assert!(ExponentialSmoothing::fit(&[1.0; 6]).is_err());
        assert!(ExponentialSmoothing::fit(&[f64::NAN; 9]).is_err());
        let mut far = [5.0; 12];
        far[4] = 1e160;
        assert!(ExponentialSmoothing::fit(&far).is_err());
        let flat = ExponentialSmoothing::fit(&[3.0; 9]).unwrap();
        assert_relative_eq!(flat.forecast(10).0, 3.0, epsilon = 1e-6);
    }
}
