//! More figures than parameters: estimates with their errors.

use statrs::function::gamma::ln_gamma;

use super::likelihood::Likelihood;
use super::refit::Refit;
use super::saturated::not_fitted;
use super::solver::Minimum;
use super::{FitFigures, FittedCurve};
use crate::curve::{GrowthCurve, MAX_PARAMETERS};
use crate::error::Result;
use crate::series::IncidenceSeries;

/// A curve fitted to more figures than it has parameters.
#[derive(Debug, Clone)]
pub struct IdentifiedFit<C> {
    curve: FittedCurve<C>,
    likelihood: Likelihood,
    minimum: Box<Minimum>,
    residuals: Vec<f64>,
    log_likelihood: f64,
    /// Estimated parameters, counting a scale that is estimated too.
    estimated: usize,
    /// The factor by which the inverse information is the covariance: the residual variance where
    /// the scale is estimated, otherwise 1.
    scale: f64,
}

impl<C: GrowthCurve> IdentifiedFit<C> {
    /// The curve with its parameters.
    #[must_use]
    pub const fn curve(&self) -> &FittedCurve<C> {
        &self.curve
    }

    /// The likelihood that was maximised.
    #[must_use]
    pub const fn likelihood(&self) -> Likelihood {
        self.likelihood
    }

    /// How and why the solver stopped: termination, iterations, gradient, condition number, active
    /// bounds, and how many of the starting points came to the same minimum.
    #[must_use]
    pub fn solver_report(&self) -> &Minimum {
        &self.minimum
    }

    /// One residual a figure, in the order of the years: (ln y − ln μ)/error for the log-normal
    /// likelihood (error 1 where none is stated), Pearson's (y − μ)/√μ for the Poisson likelihood.
    #[must_use]
    pub fn residuals(&self) -> &[f64] {
        &self.residuals
    }

    /// The logarithm of the likelihood of the counts at its maximum, all constants included.
    ///
    /// Log-normal: the density of the counts themselves, so with −Σ ln y. Not to be compared between
    /// likelihoods of different kinds (a density and a probability).
    #[must_use]
    pub const fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// Akaike's information criterion, corrected for small samples: −2·ℓ + 2k + 2k(k + 1)/(n − k − 1),
    /// k counting an estimated scale; `None` where n ≤ k + 1, where it does not exist.
    ///
    /// Hurvich & Tsai (1989), Biometrika 76:297–307,
    /// [doi:10.1093/biomet/76.2.297](https://doi.org/10.1093/biomet/76.2.297).
    #[must_use]
    pub fn aicc(&self) -> Option<f64> {
        let (n, k) = (self.residuals.len(), self.estimated);
        (n > k + 1).then(|| {
            let correction = 2.0 * (k * (k + 1)) as f64 / (n - k - 1) as f64;
            -2.0 * self.log_likelihood + 2.0 * k as f64 + correction
        })
    }

    /// Standard errors of the textbook parameters, in their order, by the delta method; `None` for
    /// those that depend on a parameter at the border of its domain, or do not exist.
    ///
    /// From the inverse of the expected information, times the residual variance where the scale is
    /// estimated.
    #[must_use]
    pub fn standard_errors(&self) -> Vec<Option<f64>> {
        let k = self.curve.theta().len();
        let covariance = self.minimum.unscaled_covariance();
        let held = self.minimum.active_bounds();
        // Columns of the derivative of the textbook parameters by the inner ones.
        let derivative: Vec<[f64; MAX_PARAMETERS]> = (0..k)
            .map(|j| self.textbook_derivative(j, (self.scale * covariance[j][j]).sqrt()))
            .collect();
        (0..k)
            .map(|i| {
                if (0..k).any(|j| held.contains(j) && derivative[j][i] != 0.0) {
                    return None;
                }
                let mut variance = 0.0;
                for a in 0..k {
                    for b in 0..k {
                        variance += derivative[a][i] * covariance[a][b] * derivative[b][i];
                    }
                }
                Some((self.scale * variance).sqrt()).filter(|error| error.is_finite())
            })
            .collect()
    }

    /// Derivative of the textbook parameters by inner parameter `j`: a central difference of fourth
    /// order with a step of a hundredth of its standard error, small against the curvature and large
    /// against rounding.
    fn textbook_derivative(&self, j: usize, error: f64) -> [f64; MAX_PARAMETERS] {
        let theta = self.curve.theta();
        let year = f64::from(self.curve.reference_year());
        let h = if error > 0.0 {
            0.01 * error
        } else {
            1e-4 * theta[j].abs().max(1e-4)
        };
        let at = |steps: f64| {
            let mut moved = [0.0; MAX_PARAMETERS];
            moved[..theta.len()].copy_from_slice(theta);
            moved[j] += steps * h;
            let mut textbook = [0.0; MAX_PARAMETERS];
            let k = theta.len();
            self.curve
                .family()
                .textbook(year, &moved[..k], &mut textbook[..k]);
            textbook
        };
        let (a, b, c, d) = (at(-2.0), at(-1.0), at(1.0), at(2.0));
        let mut derivative = [0.0; MAX_PARAMETERS];
        for i in 0..theta.len() {
            derivative[i] = (8.0 * (c[i] - b[i]) - (d[i] - a[i])) / (12.0 * h);
        }
        derivative
    }
}

pub(super) fn fit<C: GrowthCurve>(
    curve: C,
    series: &IncidenceSeries,
    figures: &FitFigures,
    likelihood: Likelihood,
) -> Result<IdentifiedFit<C>> {
    let errors = match likelihood {
        Likelihood::LogNormal => figures.known_errors(series.region())?,
        Likelihood::Poisson => None,
    };
    let minimum = Refit::new(&curve, errors, likelihood)
        .and_then(|refit| refit.minimise(&figures.points, None))
        .map_err(|error| not_fitted(curve.name(), series.region(), &error))?;
    let fitted = FittedCurve::new(
        curve,
        series.region(),
        series.first_year(),
        figures.uses_projection,
        minimum.parameters(),
    );
    let means = figures
        .years
        .iter()
        .map(|&year| fitted.cases(f64::from(year)))
        .collect::<Result<Vec<f64>>>()?;
    let n = means.len() as f64;
    let counts = figures
        .points
        .iter()
        .map(|p| p.cases)
        .zip(means.iter().copied());

    let mut residuals = Vec::with_capacity(means.len());
    let mut log_likelihood = 0.0;
    let (mut estimated, mut scale) = (minimum.rank(), 1.0);
    match likelihood {
        Likelihood::LogNormal => {
            residuals.extend(counts.clone().enumerate().map(|(i, (cases, mean))| {
                (cases / mean).ln() / errors.map_or(1.0, |errors| errors[i])
            }));
            let squares: f64 = residuals.iter().map(|r| r * r).sum();
            // −n/2·ln 2π − Σ ln σ − Σ r²/2σ² − Σ ln y, with the maximum-likelihood σ² = RSS/n
            // where it is estimated.
            log_likelihood -= 0.5 * n * (2.0 * std::f64::consts::PI).ln();
            log_likelihood -= counts.map(|(cases, _)| cases.ln()).sum::<f64>();
            if let Some(errors) = errors {
                log_likelihood -=
                    errors.iter().map(|error| error.ln()).sum::<f64>() + 0.5 * squares;
            } else {
                log_likelihood -= 0.5 * n * ((squares / n).ln() + 1.0);
                estimated += 1;
                scale = minimum.residual_variance().unwrap_or(f64::NAN);
            }
        }
        Likelihood::Poisson => {
            for (cases, mean) in counts {
                residuals.push((cases - mean) / mean.sqrt());
                log_likelihood += cases * mean.ln() - mean - ln_gamma(cases + 1.0);
            }
        }
    }
    Ok(IdentifiedFit {
        curve: fitted,
        likelihood,
        minimum: Box::new(minimum),
        residuals,
        log_likelihood,
        estimated,
        scale,
    })
}
