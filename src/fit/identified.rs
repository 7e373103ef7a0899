//! More figures than parameters: estimates with their errors.

use ndarray::Array2;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use super::estimator::{Estimated, Estimator};
use super::likelihood::Likelihood;
use super::optimiser::{Minimum, SolverError};
use super::options::FitOptions;
use super::{FitFigures, FittedCurve, explained, not_fitted};
use crate::curve::{GrowthCurve, MAX_PARAMETERS};
use crate::draws::tails;
use crate::error::{Error, ErrorKind, Result};
use crate::series::IncidenceSeries;

/// A curve fitted to more figures than it has parameters.
#[derive(Debug, Clone)]
pub struct IdentifiedFit<C> {
    curve: FittedCurve<C>,
    pub(super) figures: FitFigures,
    pub(super) options: FitOptions,
    pub(super) minimum: Box<Minimum>,
    pub(super) means: Vec<f64>,
    residuals: Vec<f64>,
    loss: f64,
    /// The scale that the loss is in.
    pub(super) loss_scale: f64,
    /// Estimated parameters, counting a scale that is estimated too.
    estimated: usize,
    /// The standard deviation (Gaussian, log-normal), or the dispersion α (negative binomial).
    pub(super) scale: f64,
    /// The factor by which the inverse information is the covariance.
    pub(super) covariance_factor: f64,
    /// Whether a variance was estimated, so that intervals are Student's.
    pub(super) variance_estimated: bool,
    free: usize,
}

/// A test whether counts scatter more than Poisson counts do.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Overdispersion {
    /// Σ((y − μ)² − y)/√(2·Σμ²), standard normal for Poisson counts.
    pub statistic: f64,
    /// The probability of a statistic as large or larger among Poisson counts.
    pub p_value: f64,
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
        self.options.likelihood
    }

    /// How and why the solver stopped: termination, iterations, gradient, condition number, active
    /// bounds, and how many of the starting points came to the same minimum.
    #[must_use]
    pub fn solver_report(&self) -> &Minimum {
        &self.minimum
    }

    /// The number of figures.
    #[must_use]
    pub fn figures(&self) -> usize {
        self.means.len()
    }

    /// Figures less free parameters of the curve.
    #[must_use]
    pub fn degrees_of_freedom(&self) -> usize {
        self.means.len().saturating_sub(self.free)
    }

    /// The number of estimated parameters, counting an estimated standard deviation or dispersion:
    /// the *k* of the information criteria.
    #[must_use]
    pub const fn estimated_parameters(&self) -> usize {
        self.estimated
    }

    /// One residual a figure, in the order of the years, each in units of its own standard
    /// deviation where that is known: Pearson's (y − μ)/√V for counts with their weight, (ln y −
    /// ln μ)/error for the log-normal likelihood, and plain y − μ or ln y − ln μ where one standard
    /// deviation is estimated.
    #[must_use]
    pub fn residuals(&self) -> &[f64] {
        &self.residuals
    }

    /// Pearson's χ²: the sum of the squared residuals.
    #[must_use]
    pub fn residual_sum_of_squares(&self) -> f64 {
        self.residuals.iter().map(|r| r * r).sum()
    }

    /// Pearson's χ² over its degrees of freedom: about 1 where the stated errors, or chance alone,
    /// explain the scatter; `None` without degrees of freedom.
    #[must_use]
    pub fn dispersion(&self) -> Option<f64> {
        let dof = self.degrees_of_freedom();
        (dof > 0).then(|| self.residual_sum_of_squares() / dof as f64)
    }

    /// The estimated scale: the standard deviation of y (Gaussian) or of ln y (log-normal without
    /// stated errors), from RSS/(n − k); or the dispersion α (negative binomial). `None` where none
    /// is estimated.
    #[must_use]
    pub fn scale(&self) -> Option<f64> {
        match self.options.likelihood {
            Likelihood::NegativeBinomial => Some(self.scale),
            _ if self.variance_estimated && self.options.likelihood != Likelihood::QuasiPoisson => {
                self.dispersion().map(f64::sqrt)
            }
            _ => None,
        }
    }

    /// The score test for overdispersion of Dean & Lawless (1989), Journal of the American
    /// Statistical Association 84:467–472,
    /// [doi:10.1080/01621459.1989.10478792](https://doi.org/10.1080/01621459.1989.10478792), against
    /// a variance μ + α·μ². `None` unless the likelihood is Poisson or quasi-Poisson.
    #[must_use]
    pub fn overdispersion(&self) -> Option<Overdispersion> {
        if !matches!(
            self.options.likelihood,
            Likelihood::Poisson | Likelihood::QuasiPoisson
        ) {
            return None;
        }
        let counts = self.figures.points.iter().map(|p| p.cases).zip(&self.means);
        let excess: f64 = counts.map(|(y, mu)| (y - mu).powi(2) - y).sum();
        let variance: f64 = 2.0 * self.means.iter().map(|mu| mu * mu).sum::<f64>();
        let statistic = excess / variance.sqrt();
        Some(Overdispersion {
            statistic,
            p_value: Normal::standard().sf(statistic),
        })
    }

    /// The logarithm of the likelihood of the counts at its maximum, all constants included, without
    /// priors; `None` for the quasi-likelihood, which has none.
    ///
    /// Log-normal: the density of the counts themselves, so with −Σ ln y. Not to be compared between
    /// a density (Gaussian, log-normal) and a probability (Poisson, negative binomial). `None` too where
    /// the curve meets every figure to rounding and a deviation is estimated: the density has no bound.
    #[must_use]
    pub fn log_likelihood(&self) -> Option<f64> {
        let likelihood = self.options.likelihood;
        if likelihood == Likelihood::QuasiPoisson || self.is_perfect() {
            return None;
        }
        let of = |i: usize| {
            let (cases, mean) = (self.figures.points[i].cases, self.means[i]);
            match likelihood {
                Likelihood::Gaussian | Likelihood::LogNormal => {
                    let error = if self.variance_estimated {
                        1.0
                    } else {
                        self.figures.errors[i]
                    };
                    let deviation = self.scale * error / self.weight(i).sqrt();
                    likelihood.log_likelihood(cases, mean, deviation)
                }
                _ => self.weight(i) * likelihood.log_likelihood(cases, mean, self.scale),
            }
        };
        Some((0..self.means.len()).map(of).sum())
    }

    /// Akaike's information criterion, corrected for small samples: −2·ℓ + 2k + 2k(k + 1)/(n − k − 1),
    /// with [`IdentifiedFit::estimated_parameters`]; `None` where n ≤ k + 1, with priors, for the
    /// quasi-likelihood, and where the curve meets every figure to rounding.
    ///
    /// Hurvich & Tsai (1989), Biometrika 76:297–307,
    /// [doi:10.1093/biomet/76.2.297](https://doi.org/10.1093/biomet/76.2.297).
    #[must_use]
    pub fn aicc(&self) -> Option<f64> {
        let (n, k) = self.criterion_sizes()?;
        let correction = 2.0 * k * (k + 1.0) / (n - k - 1.0);
        Some(-2.0 * self.log_likelihood()? + 2.0 * k + correction)
    }

    /// The Bayesian information criterion −2·ℓ + k·ln n; `None` where [`IdentifiedFit::aicc`] is.
    ///
    /// Schwarz (1978), Annals of Statistics 6:461–464,
    /// [doi:10.1214/aos/1176344136](https://doi.org/10.1214/aos/1176344136).
    #[must_use]
    pub fn bic(&self) -> Option<f64> {
        let (n, k) = self.criterion_sizes()?;
        Some(-2.0 * self.log_likelihood()? + k * n.ln())
    }

    /// Whether the curve meets the figures to rounding where their scatter is to be estimated.
    pub(super) fn is_perfect(&self) -> bool {
        let likelihood = self.options.likelihood;
        let unit = |i: usize| {
            if likelihood == Likelihood::Gaussian {
                self.means[i]
            } else {
                1.0
            }
        };
        let least = |i: usize| self.residuals[i].abs() <= 1e-11 * unit(i).abs();
        self.variance_estimated && (0..self.means.len()).all(least)
    }

    fn weight(&self, i: usize) -> f64 {
        self.options.weights.get(i).copied().unwrap_or(1.0)
    }

    fn criterion_sizes(&self) -> Option<(f64, f64)> {
        let (n, k) = (self.means.len(), self.estimated);
        let exists = n > k + 1 && self.options.priors.is_empty() && !self.is_perfect();
        exists.then_some((n as f64, k as f64))
    }

    /// Covariance of the textbook parameters by the delta method, from the inverse of the expected
    /// information (times the residual variance where it is estimated). Rows and columns of
    /// parameters without a standard error are NaN.
    #[must_use]
    pub fn covariance(&self) -> Array2<f64> {
        let k = self.curve.theta().len();
        let inner = self.minimum.unscaled_covariance();
        let values = self.curve.existing_values();
        let gradients: Vec<Option<[f64; MAX_PARAMETERS]>> = (0..k)
            .map(|i| values[i].and_then(|_| self.textbook_gradient(i)))
            .collect();
        Array2::from_shape_fn((k, k), |(i, j)| {
            let (Some(a), Some(b)) = (&gradients[i], &gradients[j]) else {
                return f64::NAN;
            };
            self.covariance_factor * quadratic(&inner, &a[..k], &b[..k])
        })
    }

    /// Correlation of the textbook parameters; NaN where [`IdentifiedFit::covariance`] is, or where
    /// a parameter is fixed.
    #[must_use]
    pub fn correlation(&self) -> Array2<f64> {
        let covariance = self.covariance();
        let deviation = covariance.diag().mapv(f64::sqrt);
        Array2::from_shape_fn(covariance.raw_dim(), |(i, j)| {
            covariance[[i, j]] / (deviation[i] * deviation[j])
        })
    }

    /// Standard errors of the textbook parameters, in their order; `None` for those that are fixed,
    /// depend on a parameter at the border of its domain, or do not exist.
    #[must_use]
    pub fn standard_errors(&self) -> Vec<Option<f64>> {
        let k = self.curve.theta().len();
        let error = |gradient: [f64; MAX_PARAMETERS]| {
            (self.covariance_factor * self.minimum.unscaled_variance(&gradient[..k])).sqrt()
        };
        let values = self.curve.existing_values();
        (0..k)
            .map(|i| {
                values[i]
                    .and_then(|_| self.textbook_gradient(i))
                    .map(error)
                    .filter(|error| *error > 0.0)
            })
            .collect()
    }

    /// Wald intervals of the textbook parameters: estimate ± quantile · standard error, Student's
    /// where a variance is estimated and normal otherwise; `None` where there is no standard error.
    ///
    /// They are symmetric, and a capacity that the data hardly determine is not: see
    /// [`IdentifiedFit::profile_interval`].
    ///
    /// # Errors
    ///
    /// Where the level is not above 0 and below 1.
    pub fn wald_intervals(&self, level: f64) -> Result<Vec<Option<(f64, f64)>>> {
        let quantile = self.quantile(level)?;
        let errors = self.standard_errors();
        let parameters = self.curve.parameters();
        Ok(parameters
            .iter()
            .zip(errors)
            .map(|(parameter, error)| {
                let (value, error) = (parameter.value?, error?);
                Some((value - quantile * error, value + quantile * error))
            })
            .collect())
    }

    /// The quantile of a central interval, Student's or normal.
    pub(super) fn quantile(&self, level: f64) -> Result<f64> {
        let [_, p] = tails(level)?;
        if !self.variance_estimated {
            return Ok(Normal::standard().inverse_cdf(p));
        }
        StudentsT::new(0.0, 1.0, self.degrees_of_freedom() as f64)
            .map(|student| student.inverse_cdf(p))
            .map_err(|error| {
                ErrorKind::Unsuitable(format!("no Student distribution: {error}")).into()
            })
    }

    /// The gradient of a textbook parameter that exists by the inner ones, where it has a standard error.
    fn textbook_gradient(&self, i: usize) -> Option<[f64; MAX_PARAMETERS]> {
        let theta = self.curve.theta();
        let mut gradient = [0.0; MAX_PARAMETERS];
        let family = self.curve.family();
        family.textbook_gradient(i, theta, &mut gradient[..theta.len()]);
        let held = self.minimum.active_bounds();
        let fixed = |j: usize| {
            let name = family.parameters()[j].name;
            self.options.fixed.iter().any(|(fixed, _)| fixed == name)
        };
        let on_border =
            (0..theta.len()).any(|j| held.contains(j) && !fixed(j) && gradient[j] != 0.0);
        let finite = gradient[..theta.len()]
            .iter()
            .all(|derivative| derivative.is_finite());
        (finite && !on_border).then_some(gradient)
    }

    /// The loss that a profile is compared with, see [`Estimator::loss_at`].
    pub(super) fn loss(&self) -> f64 {
        self.loss
    }

    /// The fit's own estimator.
    pub(super) fn estimator(&self) -> Result<Estimator<'_, C>> {
        Estimator::new(
            self.curve.family(),
            self.curve.region(),
            &self.figures,
            &self.options,
        )
    }
}

/// aᵀ·M·b over the parameters of a and b.
pub(super) fn quadratic(
    matrix: &[[f64; MAX_PARAMETERS]; MAX_PARAMETERS],
    a: &[f64],
    b: &[f64],
) -> f64 {
    let mut sum = 0.0;
    for (row, x) in matrix.iter().zip(a) {
        for (cell, y) in row.iter().zip(b) {
            sum += x * cell * y;
        }
    }
    sum
}

/// The minimum and its loss, for figures of which there are enough.
pub(super) fn estimate<C: GrowthCurve>(
    estimator: &Estimator<'_, C>,
    series: &IncidenceSeries,
    figures: &FitFigures,
) -> Result<(Estimated, f64)> {
    let needs_scatter =
        estimator.estimates_deviation() || estimator.likelihood == Likelihood::QuasiPoisson;
    let (n, k) = (figures.points.len(), estimator.free());
    if needs_scatter && n <= k {
        let purpose = format!(
            "a standard deviation about the {} curve, whose errors are not stated,",
            estimator.curve.name()
        );
        return Err(Error::too_few(
            "figures",
            series.region(),
            n,
            k + 1,
            purpose,
        ));
    }
    estimator
        .estimate(&figures.points, None)
        .map(|estimated| {
            // The solver's own loss leaves out what depends on the dispersion alone.
            let loss = if estimator.likelihood == Likelihood::NegativeBinomial {
                let theta = estimated.minimum.parameters();
                estimator.loss_at(
                    &figures.points,
                    theta,
                    estimated.scale,
                    estimator.penalties.len(),
                )
            } else {
                estimated.minimum.loss()
            };
            (estimated, loss)
        })
        .map_err(|error| {
            let edge = match &error {
                SolverError::AtDomainEdge { term, .. } => term.and_then(|i| figures.years.get(i)),
                _ => None,
            };
            let reason = match edge {
                Some(year) => format!(
                    "the better it fits, the nearer it comes to 0 in {year}, and a curve of counts is above 0"
                ),
                None => explained(estimator.curve, &error),
            };
            not_fitted(
                estimator.curve.name(),
                series.region(),
                &format!("{reason}; {}", advice(&error, figures)),
            )
        })
}

/// What was tried, and what a user can do.
fn advice(error: &SolverError, figures: &FitFigures) -> String {
    let tried = match error {
        SolverError::NotFiniteAtStart { .. } => "the curve has no value at its own starting guess",
        _ => {
            "tried were the curve's own guess, a second one nearer its bounds, a cautious descent and \
             scattered starts"
        }
    };
    let help = figures.outlier().map_or_else(
        || {
            "take another likelihood, state a prior, hold a parameter, or choose a curve with fewer \
             parameters"
                .to_owned()
        },
        |outlier| format!("{outlier}: check it, or give it a small weight"),
    );
    format!("{tried}; {help}")
}

/// Everything else that a fit says, from its minimum.
pub(super) fn describe<C: GrowthCurve>(
    curve: C,
    series: &IncidenceSeries,
    figures: FitFigures,
    options: &FitOptions,
    (estimated, loss): (Estimated, f64),
) -> Result<Box<IdentifiedFit<C>>> {
    let Estimated { minimum, scale } = estimated;
    let fitted = FittedCurve::new(curve, series, &figures, minimum.parameters());
    let means = fitted.at_points(&figures)?;
    let likelihood = options.likelihood;
    let errors = match likelihood {
        Likelihood::LogNormal => figures.weighing_errors(),
        _ => None,
    };
    let n = means.len();
    // A parameter that was driven to a border was free to be anywhere: it counts.
    let free = fitted.theta().len() - options.fixed.len();
    let estimates_deviation = likelihood.estimates_deviation(errors.is_some());
    // Under a likelihood with an estimated deviation residuals are left in the unit of the data.
    let unit = if likelihood == Likelihood::NegativeBinomial {
        scale
    } else {
        1.0
    };
    let weight = |i: usize| options.weights.get(i).copied().unwrap_or(1.0);
    let error = |i: usize| errors.as_ref().map_or(1.0, |errors| errors[i]);

    let observed = figures.points.iter().map(|p| p.cases);
    let residuals: Vec<f64> = if likelihood == Likelihood::Gaussian && options.weights.is_empty() {
        observed.zip(&means).map(|(y, mean)| y - mean).collect()
    } else {
        (0..n)
            .map(|i| {
                let of =
                    likelihood.contribution(figures.points[i].cases, means[i], unit * error(i));
                weight(i).sqrt() * of.residual
            })
            .collect()
    };
    let squares: f64 = residuals.iter().map(|r| r * r).sum();
    let deviation = if estimates_deviation {
        (squares / n as f64).sqrt()
    } else {
        unit
    };
    let scale_is_estimated = estimates_deviation || likelihood == Likelihood::NegativeBinomial;
    let variance_estimated = estimates_deviation || likelihood == Likelihood::QuasiPoisson;
    let residual_variance = squares / n.saturating_sub(free).max(1) as f64;
    let covariance_factor = match likelihood {
        Likelihood::QuasiPoisson => residual_variance,
        // With priors the terms have been divided by the deviation already.
        _ if estimates_deviation && options.priors.is_empty() => residual_variance,
        _ => 1.0,
    };
    Ok(Box::new(IdentifiedFit {
        curve: fitted,
        options: options.clone(),
        means,
        residuals,
        loss,
        loss_scale: scale,
        estimated: free + usize::from(scale_is_estimated),
        scale: deviation,
        covariance_factor,
        variance_estimated,
        free,
        minimum,
        figures,
    }))
}
