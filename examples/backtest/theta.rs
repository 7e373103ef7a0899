//! The Theta method.

use myeloma_epi::{Error, Result};

/// The **Theta method** with its usual two lines, of which it is the mean: the straight line through the values, and
/// simple exponential smoothing of the values with twice their distance from that line.
///
/// Its forecast is smoothing with a drift of half the line's slope b:
///
/// ```text
/// l(t) = α·y(t) + (1 − α)·l(t−1),   y(n+h) = l(n) + ½·b·(h − 1 + (1 − (1 − α)ⁿ)/α)
/// variance = σ²·(1 + (h − 1)·α²)
/// ```
///
/// Assimakopoulos & Nikolopoulos 2000, International Journal of Forecasting 16:521–530,
/// [doi:10.1016/S0169-2070(00)00066-2](https://doi.org/10.1016/S0169-2070%2800%2900066-2); the form is that of Hyndman &
/// Billah 2003, 19:287–290, [doi:10.1016/S0169-2070(01)00143-1](https://doi.org/10.1016/S0169-2070%2801%2900143-1). The
/// first level is the first value; α makes the sum of the squared one-step errors of the smoothing least; σ² is the mean
/// square of those of the whole forecast, over their number less the two that are fitted, α and b.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Theta {
    alpha: f64,
    /// The drift a step, ½·b.
    drift: f64,
    level: f64,
    variance: f64,
    values: i32,
}

/// Steps of the search for α.
const STEPS: i32 = 200;

impl Theta {
    /// Fits the method to equally spaced values.
    ///
    /// # Errors
    ///
    /// Where there are fewer than seven values, or one is not finite.
    pub(crate) fn fit(values: &[f64]) -> Result<Self> {
        let n = i32::try_from(values.len()).unwrap_or(i32::MAX);
        if n < 7 || values.iter().any(|value| !value.is_finite()) {
            return Err(Error::other(format!(
                "the Theta method needs seven finite values or more: there are {n}"
            )));
        }
        let middle = 0.5 * (f64::from(n) - 1.0);
        let places = || (0..n).map(|i| f64::from(i) - middle);
        let products: f64 = places().zip(values).map(|(x, y)| x * y).sum();
        let drift = 0.5 * products / places().map(|x| x * x).sum::<f64>();
        let alphas = (1..=STEPS).map(|i| f64::from(i) / f64::from(STEPS));
        let sum = |alpha: f64| smoothed(values, alpha).0;
        let coarse = alphas.min_by(|a, b| sum(*a).total_cmp(&sum(*b)));
        let alpha = refined(sum, coarse.unwrap_or(1.0), 1.0 / f64::from(STEPS));
        let mut fit = Self {
            alpha,
            drift,
            level: smoothed(values, alpha).1,
            variance: 0.0,
            values: n,
        };
        fit.variance = fit.mean_square(values);
        Ok(fit)
    }

    /// Mean and variance of the value `horizon` steps past the last, from 1 on.
    pub(crate) fn forecast(&self, horizon: usize) -> (f64, f64) {
        let steps = horizon as f64 - 1.0;
        let mean = self.level + self.drift * (steps + self.reach(self.values));
        (mean, self.variance * (1.0 + steps * self.alpha.powi(2)))
    }

    /// (1 − (1 − α)ⁿ)/α: how far the smoothed level lags behind a straight line after n values.
    fn reach(&self, n: i32) -> f64 {
        (1.0 - (1.0 - self.alpha).powi(n)) / self.alpha
    }

    /// The mean square of the errors of the forecasts of each value from those before it.
    fn mean_square(&self, values: &[f64]) -> f64 {
        let mut level = values[0];
        let mut sum = 0.0;
        for (n, value) in (0..).zip(values) {
            sum += (value - level - self.drift * self.reach(n)).powi(2);
            level += self.alpha * (value - level);
        }
        sum / (values.len() as f64 - 3.0)
    }
}

/// The sum of the squared one-step errors, and the last level.
fn smoothed(values: &[f64], alpha: f64) -> (f64, f64) {
    values.iter().fold((0.0, values[0]), |(sum, level), value| {
        let error = value - level;
        (sum + error * error, level + alpha * error)
    })
}

/// The least value of a function about a point, by golden section.
fn refined(function: impl Fn(f64) -> f64, about: f64, width: f64) -> f64 {
    let ratio = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut low, mut high) = ((about - width).max(1e-4), (about + width).min(1.0));
    for _ in 0..60 {
        let (a, b) = (high - ratio * (high - low), low + ratio * (high - low));
        if function(a) < function(b) {
            high = b;
        } else {
            low = a;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// Weight, drift and forecasts of `statsmodels`' `ThetaModel`: see `tests/data/theta.py`.
    #[test]
    fn theta_is_that_of_statsmodels() {
        #[derive(serde::Deserialize)]
        struct Reference {
            values: Vec<f64>,
            alpha: f64,
            slope: f64,
            mean: [f64; 3],
        }
        let cases: Vec<Reference> =
            serde_json::from_str(include_str!("../../tests/data/theta.json")).unwrap();
        assert_eq!(cases.len(), 3);
        for case in cases {
            let fit = Theta::fit(&case.values).unwrap();
            assert_relative_eq!(2.0 * fit.drift, case.slope, max_relative = 1e-9);
            assert_relative_eq!(fit.alpha, case.alpha, epsilon = 2e-4);
            for (horizon, mean) in [1, 5, 15].into_iter().zip(case.mean) {
                assert_relative_eq!(fit.forecast(horizon).0, mean, epsilon = 1e-5);
            }
        }
    }

    /// `forecast::thetaf` of R (`tests/data/rivals.R`): with its weight and level the forecasts are its own. R chooses the
    /// first level, too, which here is the first value, so that the fits are near each other and not the same.
    #[test]
    fn theta_is_that_of_r() {
        #[derive(serde::Deserialize)]
        struct Rivals {
            theta: Vec<Reference>,
        }
        #[derive(serde::Deserialize)]
        struct Reference {
            values: Vec<f64>,
            alpha: f64,
            drift: f64,
            level: f64,
            mean: [f64; 3],
        }
        let rivals: Rivals =
            serde_json::from_str(include_str!("../../tests/data/rivals.json")).unwrap();
        assert_eq!(rivals.theta.len(), 3);
        for case in rivals.theta {
            let own = Theta::fit(&case.values).unwrap();
            assert_relative_eq!(own.drift, case.drift, max_relative = 1e-9);
            let of_r = Theta {
                alpha: case.alpha,
                level: case.level,
                ..own
            };
            for (horizon, mean) in [1, 5, 15].into_iter().zip(case.mean) {
                assert_relative_eq!(of_r.forecast(horizon).0, mean, max_relative = 1e-9);
                assert_relative_eq!(own.forecast(horizon).0, mean, max_relative = 2e-2);
            }
        }
    }

    /// A straight line of slope b: smoothing follows it at once, α is 1, and half the slope goes on.
    #[test]
    fn half_the_slope_of_a_line_goes_on() {
        let line: Vec<f64> = (0..12).map(|i| 5.0 + 0.1 * f64::from(i)).collect();
        let fit = Theta::fit(&line).unwrap();
        assert_relative_eq!(fit.alpha, 1.0, epsilon = 1e-3);
        assert_relative_eq!(fit.forecast(10).0, 6.1 + 0.5, epsilon = 1e-4);
        assert!(Theta::fit(&line[..6]).is_err());
        assert!(Theta::fit(&[f64::NAN; 9]).is_err());
    }
}
