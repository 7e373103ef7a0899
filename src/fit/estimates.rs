//! The parameters of an identified fit with their errors and correlations.

use ndarray::Array2;

use super::estimator::Theta;
use super::fitted_curve::FittedCurve;
use super::identified::IdentifiedFit;
use super::parameter_estimate::{ParameterEstimate, central_quantile};
use crate::curve::{GrowthCurve, MAX_PARAMETERS, Parameter, Point};
use crate::error::Result;
use crate::numeric::linear_algebra::dot;

/// Part of the largest mean that is none.
const NOTHING: f64 = 1e-9;

impl<C: GrowthCurve> IdentifiedFit<C> {
    /// The estimates of the natural parameters, in the order of [`GrowthCurve::natural_parameters`].
    #[must_use]
    pub fn parameters(&self) -> Vec<ParameterEstimate> {
        let values = self.curve().existing_values();
        let parameters = self.curve().family.natural_parameters().iter();
        let estimates = parameters.enumerate().map(|(i, parameter)| {
            let gradient = self.natural_gradient(i);
            self.estimate_of(parameter, values[i], &gradient)
        });
        estimates.collect()
    }

    /// The estimates of the internal parameters, in the order of [`GrowthCurve::parameters`].
    #[must_use]
    pub fn internal_parameters(&self) -> Vec<ParameterEstimate> {
        let parameters = self.curve().family.parameters().iter();
        let estimates = parameters.enumerate().map(|(j, parameter)| {
            let mut gradient = [0.0; MAX_PARAMETERS];
            gradient[j] = 1.0;
            self.estimate_of(parameter, Some(self.curve().theta[j]), &gradient)
        });
        estimates.collect()
    }

    /// The estimate of a natural parameter by its name, as `capacity`; `None` where the curve has no such
    /// parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<ParameterEstimate> {
        self.parameters().into_iter().find(|p| p.name == name)
    }

    /// The covariance matrix of the natural parameters, in their order, by the delta method from the inverse
    /// of the expected information (times the residual variance where it is estimated). Rows and columns of
    /// parameters without a standard error are NaN.
    ///
    /// Σ = s²·G·(JᵀJ)⁻¹·Gᵀ, with the design *J* of the figures in units of their standard deviation, the derivatives
    /// *G* of the natural parameters by the internal ones, and s² = RSS/(n − k), or 1 where the errors are known. Units
    /// are the products of those of the parameters. Seber & Wild (1989), *Nonlinear Regression*, section 2.1.2,
    /// [doi:10.1002/0471725315](https://doi.org/10.1002/0471725315).
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::IncidenceSeries;
    /// use myeloma_epi::curve::Family;
    /// use myeloma_epi::fit::{FitOptions, Likelihood, fit};
    ///
    /// let counts = [(2018, 100.0), (2019, 104.0), (2020, 107.0), (2021, 113.0), (2022, 114.0)];
    /// let series = IncidenceSeries::from_counts("Atlantis", counts)?;
    /// let options = FitOptions { likelihood: Likelihood::Gaussian, ..FitOptions::default() };
    /// let fit = fit(Family::Linear, &series, &options)?;
    /// let covariance = fit.identified().expect("five figures, two parameters").covariance();
    /// // The textbook's s²/Σ(t − t̄)² of the slope, and −t̄·s²/Σ(t − t̄)² with the intercept in 2018, two years before.
    /// let of_slope = 4.3 / 3.0 / 10.0;
    /// assert!((covariance[[1, 1]] / of_slope - 1.0).abs() < 1e-9);
    /// assert!((covariance[[0, 1]] / (-2.0 * of_slope) - 1.0).abs() < 1e-9);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[must_use]
    pub fn covariance(&self) -> Array2<f64> {
        let k = self.curve().family.natural_parameters().len();
        let values = self.curve().existing_values();
        let whitened = |i: usize| values[i].and(self.whitened(&self.natural_gradient(i)));
        let whitened: Vec<Option<Theta>> = (0..k).map(whitened).collect();
        Array2::from_shape_fn((k, k), |(i, j)| match (&whitened[i], &whitened[j]) {
            (Some(a), Some(b)) => self.covariance_factor * dot(a, b),
            _ => f64::NAN,
        })
    }

    /// The correlation matrix of the natural parameters, in their order; NaN where
    /// [`IdentifiedFit::covariance`] is.
    #[must_use]
    pub fn correlation(&self) -> Array2<f64> {
        let covariance = self.covariance();
        let deviation = covariance.diag().mapv(f64::sqrt);
        Array2::from_shape_fn(covariance.raw_dim(), |(i, j)| {
            covariance[[i, j]] / (deviation[i] * deviation[j])
        })
    }

    /// The quantile of a central interval, Student's or normal.
    pub(super) fn quantile(&self, level: f64) -> Result<f64> {
        central_quantile(level, self.student())
    }

    fn student(&self) -> Option<usize> {
        self.estimates_variance().then(|| self.degrees_of_freedom())
    }

    fn estimate_of(
        &self,
        parameter: &Parameter,
        estimate: Option<f64>,
        gradient: &Theta,
    ) -> ParameterEstimate {
        ParameterEstimate {
            at_border: estimate.is_some() && self.is_at_border(gradient),
            standard_error: estimate.and_then(|_| self.error_of(gradient)),
            degrees_of_freedom: self.student(),
            // The optimiser ends a rounding inside the border.
            ..ParameterEstimate::without_error(
                parameter,
                estimate.map(|value| {
                    let greatest = self.fitted_values.iter().copied().fold(0.0, f64::max);
                    let is_zero = value.abs() <= NOTHING * greatest;
                    if is_zero && self.moves_with_zero(gradient) {
                        0.0
                    } else {
                        value
                    }
                }),
            )
        }
    }

    /// The derivatives of a natural parameter by the internal ones.
    fn natural_gradient(&self, i: usize) -> Theta {
        let FittedCurve { family, theta, .. } = self.curve();
        let mut gradient = [0.0; MAX_PARAMETERS];
        family.natural_gradient(i, theta, &mut gradient[..theta.len()]);
        gradient
    }

    /// The standard error of something by its derivatives, where it has one.
    fn error_of(&self, gradient: &Theta) -> Option<f64> {
        let whitened = self.whitened(gradient)?;
        let error = (self.covariance_factor * dot(&whitened, &whitened)).sqrt();
        (error > 0.0 && error.is_finite() && !self.is_perfect()).then_some(error)
    }

    /// See [`Optimum::whitened`](super::optimum::Optimum::whitened); `None` of what has no finite derivatives or
    /// depends on a parameter at a border.
    fn whitened(&self, gradient: &Theta) -> Option<Theta> {
        let finite = gradient.iter().all(|derivative| derivative.is_finite());
        let free = finite && !self.is_at_border(gradient);
        free.then(|| self.optimum.whitened(gradient))
    }

    /// Whether something depends on a parameter that the figures drove to a border, or moves as the mean of a figure does
    /// at which the curve has come to 0.
    pub(super) fn is_at_border(&self, gradient: &Theta) -> bool {
        let mut own = gradient[..self.curve().theta.len()].iter().enumerate();
        own.any(|(j, derivative)| *derivative != 0.0 && self.optimum.holds(j))
            || self.moves_with_zero(gradient)
    }

    /// Whether derivatives are those of the mean of a figure at which the curve has come to 0, up to a factor.
    fn moves_with_zero(&self, gradient: &Theta) -> bool {
        let k = self.curve().theta.len();
        self.comes_to_zero().is_some_and(|(_, zero)| {
            let pairs = (0..k).flat_map(|i| (0..i).map(move |j| (i, j)));
            let mut apart = pairs.map(|(i, j)| gradient[i] * zero[j] - gradient[j] * zero[i]);
            apart.all(|x| x == 0.0) && gradient[..k].iter().any(|x| *x != 0.0)
        })
    }

    /// The figure of 0 at which the mean has come to 0, as that of a line may, and the derivatives of the mean there: the
    /// maximum of the likelihood is on the border of what means of counts can be. A mean whose derivatives fade with it
    /// (of an exponential curve) comes to no border.
    pub(super) fn comes_to_zero(&self) -> Option<(usize, Theta)> {
        let points = &self.basis.figures.points;
        let greatest = self.fitted_values.iter().copied().fold(0.0, f64::max);
        let i = (0..points.len())
            .find(|&i| points[i].cases <= 0.0 && self.fitted_values[i] <= NOTHING * greatest)?;
        let FittedCurve { family, theta, .. } = self.curve();
        let gradient = |point: &Point| {
            let mut gradient = [0.0; MAX_PARAMETERS];
            family.value_and_gradient(point.t, theta, &mut gradient[..theta.len()]);
            gradient
        };
        let size = |gradient: Theta| gradient.iter().fold(0.0, |size: f64, x| size.max(x.abs()));
        let there = gradient(&points[i]);
        let largest = points.iter().map(|p| size(gradient(p))).fold(0.0, f64::max);
        (size(there) > NOTHING * largest).then_some((i, there))
    }
}
