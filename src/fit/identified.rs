//! More figures than parameters: an estimate that can be judged.

use serde::Deserialize;
use statrs::distribution::{ContinuousCDF, Normal};

use super::estimator::{Estimated, Estimator};
use super::failure::{explained, not_fitted};
use super::fit_figures::FitFigures;
use super::fit_options::FitOptions;
use super::fitted_curve::{Basis, FittedCurve};
use super::likelihood::Likelihood;
use super::optimiser::OptimiserError;
use super::optimum::Optimum;
use super::serialised_fit::Stored;
use crate::curve::GrowthCurve;
use crate::error::{Error, Result};

/// A curve fitted to more figures than it has free parameters, by maximum likelihood.
///
/// It has estimates with standard errors ([`parameters`](Self::parameters)), residuals, information
/// criteria, profile-likelihood intervals ([`profile_interval`](Self::profile_interval)), confidence and
/// prediction intervals of a year ([`confidence_interval`](Self::confidence_interval),
/// [`prediction_interval`](Self::prediction_interval)), refits to resampled counts, and
/// [`cautions`](Self::cautions). As text it is a report of all of these.
///
/// Serialised it is its curve, series, options, internal estimates and optimum; everything else follows
/// from these, and is made anew and checked on the way in.
///
/// ```
/// use myeloma_epi::curve::Family;
/// use myeloma_epi::fit::{FitOptions, IdentifiedFit, fit};
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
/// let fit = fit(Family::Gompertz, &usa, &FitOptions::default())?;
/// let fit = fit.identified().expect("21 figures, three parameters");
/// println!("{fit}");
/// let (lower, upper) = fit.confidence_interval(2040.0, 0.95)?;
/// assert!(lower < upper);
///
/// let text = serde_json::to_string(fit)?;
/// assert_eq!(serde_json::from_str::<IdentifiedFit<Family>>(&text)?, *fit);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(
    try_from = "Stored<C>",
    bound(deserialize = "C: GrowthCurve + Deserialize<'de>")
)]
pub struct IdentifiedFit<C> {
    pub(super) basis: Basis<C>,
    pub(super) optimum: Optimum,
    /// The standard deviation or dispersion that the optimum was found at; 1 where it does not matter.
    pub(super) scale_at_optimum: f64,
    /// The errors of the figures where they are known.
    known_errors: Option<Vec<f64>>,
    pub(super) fitted_values: Vec<f64>,
    residuals: Vec<f64>,
    /// The standard deviation (Gaussian, log-normal), or the dispersion α (negative binomial).
    scale: f64,
    /// The factor by which the inverse information is the covariance.
    pub(super) covariance_factor: f64,
}

impl<C: GrowthCurve> IdentifiedFit<C> {
    /// Everything that a fit says, from its optimum.
    pub(super) fn new(basis: Basis<C>, scale_at_optimum: f64, optimum: Optimum) -> Result<Self> {
        let fitted_values = basis.curve.at_points(&basis.figures)?;
        let mut fit = Self {
            known_errors: basis.figures.known_errors(basis.options.likelihood),
            residuals: Vec::new(),
            scale: scale_at_optimum,
            covariance_factor: 1.0,
            basis,
            optimum,
            scale_at_optimum,
            fitted_values,
        };
        fit.residuals = fit.residuals_in_their_unit();
        let squares = fit.residual_sum_of_squares();
        if fit.estimates_deviation() {
            fit.scale = (squares / fit.figures() as f64).sqrt();
        }
        // A variance is estimated only where there are degrees of freedom.
        let variance = squares / fit.degrees_of_freedom().max(1) as f64;
        // With priors the terms have been divided by an estimated deviation already.
        let divided = fit.estimates_deviation() && !fit.options().priors.is_empty();
        if fit.estimates_variance() && !divided {
            fit.covariance_factor = variance;
        }
        fit.check_exact_figures()?;
        Ok(fit)
    }

    /// Figures that are stated as exact, beside others that err, lie on the curve.
    fn check_exact_figures(&self) -> Result<()> {
        let figures = &self.basis.figures;
        let (curve, known) = (self.curve(), self.known_errors.is_some());
        // In units of a millionth of the least error.
        let is_missed = |&i: &usize| figures.errors[i] <= 0.0 && self.residuals[i].abs() > 1e3;
        match (0..self.figures()).filter(|_| known).find(is_missed) {
            None => Ok(()),
            Some(i) => Err(Error::unsuitable(format!(
                "the figure of {} in {} is stated as exact, and no {} curve meets all that are: state its relative_error",
                curve.region(),
                figures.years[i],
                curve.family().name()
            ))),
        }
    }

    fn residuals_in_their_unit(&self) -> Vec<f64> {
        // The difference itself, not divided by 1.
        let plain = self.likelihood() == Likelihood::Gaussian && self.options().weights.is_empty();
        let residual = |i: usize, cases: f64, mean: f64| {
            if plain {
                return cases - mean;
            }
            let of = (self.likelihood()).contribution(cases, mean, self.unit(i));
            self.weight(i).sqrt() * of.residual
        };
        let pairs = self.pairs().enumerate();
        pairs
            .map(|(i, (cases, mean))| residual(i, cases, mean))
            .collect()
    }

    /// The figures with their fitted values.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (f64, f64)> {
        let cases = self.basis.figures.points.iter().map(|p| p.cases);
        cases.zip(self.fitted_values.iter().copied())
    }

    /// The dispersion of the negative binomial likelihood, the known error of a figure, or 1: where one
    /// deviation is estimated residuals are left in the unit of the data.
    fn unit(&self, i: usize) -> f64 {
        match (&self.known_errors, self.likelihood()) {
            (Some(errors), _) => errors[i],
            (None, Likelihood::NegativeBinomial) => self.scale_at_optimum,
            _ => 1.0,
        }
    }

    /// The curve with its parameters.
    #[must_use]
    pub const fn curve(&self) -> &FittedCurve<C> {
        &self.basis.curve
    }

    /// The likelihood that was maximised.
    #[must_use]
    pub const fn likelihood(&self) -> Likelihood {
        self.basis.options.likelihood
    }

    /// The options of the fit.
    #[must_use]
    pub const fn options(&self) -> &FitOptions {
        &self.basis.options
    }

    /// The number of figures, *n*.
    #[must_use]
    pub fn figures(&self) -> usize {
        self.fitted_values.len()
    }

    /// Figures less free parameters of the curve. A parameter that was driven to a border of its domain was
    /// free to be anywhere, and counts.
    #[must_use]
    pub fn degrees_of_freedom(&self) -> usize {
        self.figures().saturating_sub(self.free_parameters())
    }

    /// The number of estimated parameters, counting an estimated standard deviation or dispersion:
    /// the *k* of the information criteria.
    #[must_use]
    pub fn estimated_parameters(&self) -> usize {
        let scale = self.estimates_deviation() || self.likelihood() == Likelihood::NegativeBinomial;
        self.free_parameters() + usize::from(scale)
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

    /// The deviance: twice the log-likelihood that the fit loses against a curve through every figure, in
    /// units of the variance where that is estimated; the residual sum of squares for the Gaussian and the
    /// log-normal likelihood. Priors do not count.
    ///
    /// `McCullagh` & Nelder (1989), *Generalized Linear Models*, 2nd ed., section 2.3.
    #[must_use]
    pub fn deviance(&self) -> f64 {
        let loss = |(i, (cases, mean)): (usize, (f64, f64))| {
            let of = (self.likelihood()).contribution(cases, mean, self.unit(i));
            self.weight(i) * of.loss
        };
        2.0 * self.pairs().enumerate().map(loss).sum::<f64>()
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
        if self.likelihood() == Likelihood::NegativeBinomial {
            return Some(self.scale);
        }
        let dispersion = self.dispersion().filter(|_| self.estimates_deviation());
        dispersion.map(f64::sqrt)
    }

    /// The score test of Poisson counts against overdispersion: do they scatter more than chance alone allows?
    ///
    /// Returns the statistic and its one-sided p-value, the probability of a statistic as large or larger among
    /// Poisson counts. Against a variance μ + α·μ² the statistic is
    ///
    /// ```text
    /// T = Σ((y − μ)² − y) / √(2·Σμ²)
    /// ```
    ///
    /// and is standard normal for Poisson counts with large means: Dean & Lawless (1989), Journal of the American
    /// Statistical Association 84:467–472,
    /// [doi:10.1080/01621459.1989.10478792](https://doi.org/10.1080/01621459.1989.10478792). `None` unless the
    /// likelihood is Poisson or quasi-Poisson, and where the statistic is beyond any number.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::curve::Family;
    /// use myeloma_epi::fit::{FitOptions, Likelihood, fit};
    /// use myeloma_epi::{IncidenceSeries, figures};
    ///
    /// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
    /// let options = FitOptions { likelihood: Likelihood::Poisson, ..FitOptions::default() };
    /// let fit = fit(Family::Exponential, &usa, &options)?;
    /// let (statistic, p) = fit.identified().and_then(|fit| fit.overdispersion_test()).expect("Poisson");
    /// let (mut excess, mut squares) = (0.0, 0.0);
    /// for count in usa.unmarked() {
    ///     let mean = fit.curve().cases(count.year.into())?;
    ///     excess += (count.cases - mean).powi(2) - count.cases;
    ///     squares += mean * mean;
    /// }
    /// assert!((statistic / (excess / (2.0 * squares).sqrt()) - 1.0).abs() < 1e-9);
    /// assert!(p < 0.001); // registered counts scatter by more than chance
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[must_use]
    pub fn overdispersion_test(&self) -> Option<(f64, f64)> {
        if !matches!(
            self.likelihood(),
            Likelihood::Poisson | Likelihood::QuasiPoisson
        ) {
            return None;
        }
        let means = &self.fitted_values;
        // In units of the largest mean, whose square may be beyond any number.
        let largest = means.iter().copied().fold(0.0, f64::max);
        let excess = |(y, mu): (f64, f64)| (y - mu) * ((y - mu) / largest) - y / largest;
        let excess: f64 = self.pairs().map(excess).sum();
        let variance: f64 = 2.0 * means.iter().map(|mu| (mu / largest).powi(2)).sum::<f64>();
        let statistic = excess / variance.sqrt();
        statistic
            .is_finite()
            .then(|| (statistic, Normal::standard().sf(statistic)))
    }

    /// The logarithm of the likelihood of the counts at its maximum, all constants included, without
    /// priors; `None` for the quasi-likelihood, which has none.
    ///
    /// Log-normal: the density of the counts themselves, so with −Σ ln y. Not to be compared between
    /// a density (Gaussian, log-normal) and a probability (Poisson, negative binomial). `None` too where
    /// the curve meets every figure to rounding and a deviation is estimated: the density has no bound.
    #[must_use]
    pub fn log_likelihood(&self) -> Option<f64> {
        let likelihood = self.likelihood();
        if likelihood == Likelihood::QuasiPoisson || self.is_perfect() {
            return None;
        }
        let of = |(i, (cases, mean)): (usize, (f64, f64))| match likelihood {
            Likelihood::Gaussian | Likelihood::LogNormal => {
                let deviation = self.scale * self.unit(i) / self.weight(i).sqrt();
                likelihood.log_likelihood(cases, mean, deviation)
            }
            _ => self.weight(i) * likelihood.log_likelihood(cases, mean, self.scale),
        };
        Some(self.pairs().enumerate().map(of).sum())
    }

    /// Akaike's information criterion, corrected for small samples: −2·ℓ + 2k + 2k(k + 1)/(n − k − 1),
    /// with [`IdentifiedFit::estimated_parameters`]; `None` where n ≤ k + 1, with priors, for the
    /// quasi-likelihood, and where the curve meets every figure to rounding.
    ///
    /// Hurvich & Tsai (1989), Biometrika 76:297–307,
    /// [doi:10.1093/biomet/76.2.297](https://doi.org/10.1093/biomet/76.2.297).
    ///
    /// # Example
    ///
    /// Of a straight line by least squares −2·ℓ is n·(ln(2π·RSS/n) + 1); three numbers are estimated:
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
    /// let fit = fit.identified().expect("five figures, two parameters");
    /// // The line is 107.6 + 3.7·(t − 2020), the residual sum of squares 4.3.
    /// let deviance = 5.0 * ((std::f64::consts::TAU * 4.3 / 5.0).ln() + 1.0);
    /// let aicc = deviance + 2.0 * 3.0 + 2.0 * 3.0 * 4.0 / (5.0 - 3.0 - 1.0);
    /// assert!(fit.aicc().is_some_and(|x| (x - aicc).abs() < 1e-9));
    /// let bic = deviance + 3.0 * 5.0_f64.ln();
    /// assert!(fit.bic().is_some_and(|x| (x - bic).abs() < 1e-9));
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
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

    fn criterion_sizes(&self) -> Option<(f64, f64)> {
        let (n, k) = (self.figures(), self.estimated_parameters());
        let exists = n > k + 1 && self.options().priors.is_empty() && !self.is_perfect();
        exists.then_some((n as f64, k as f64))
    }

    /// Condition number of the design at the optimum, with columns scaled to length 1: about this many
    /// units in the last place of the figures are lost in the estimates.
    #[must_use]
    pub const fn condition(&self) -> f64 {
        self.optimum.condition
    }

    /// How far the optimum is reached: the largest cosine of the angle between the residuals and a column of
    /// the design, 0 where they are orthogonal as they should be.
    #[must_use]
    pub const fn scaled_gradient(&self) -> f64 {
        self.optimum.scaled_gradient
    }

    /// How many starting points led to the optimum.
    #[must_use]
    pub const fn agreeing_starts(&self) -> usize {
        self.optimum.agreeing_starts
    }

    /// The work of the optimiser: trial steps, and passes over all figures.
    #[must_use]
    pub const fn optimiser_steps(&self) -> (usize, usize) {
        (self.optimum.iterations, self.optimum.evaluations)
    }

    /// Whether the curve meets the figures to rounding where their scatter is to be estimated.
    pub(super) fn is_perfect(&self) -> bool {
        let unit = |mean: f64| match self.likelihood() {
            Likelihood::Gaussian => mean.abs(),
            _ => 1.0,
        };
        let mut pairs = self.residuals.iter().zip(&self.fitted_values);
        let met = pairs.all(|(residual, mean)| residual.abs() <= 1e-11 * unit(*mean));
        self.estimates_variance() && met
    }

    /// Parameters of the curve.
    fn free_parameters(&self) -> usize {
        self.curve().theta.len()
    }

    /// Whether one standard deviation is estimated for all figures.
    pub(super) fn estimates_deviation(&self) -> bool {
        self.likelihood()
            .estimates_deviation(self.known_errors.is_some())
    }

    /// Whether a variance or dispersion is estimated from the residuals, so that intervals are Student's.
    pub(super) fn estimates_variance(&self) -> bool {
        self.estimates_deviation() || self.likelihood() == Likelihood::QuasiPoisson
    }

    /// The weight of figure `i`.
    pub(super) fn weight(&self, i: usize) -> f64 {
        self.options().weights.get(i).copied().unwrap_or(1.0)
    }
}

/// The optimum for figures of which there are enough.
pub(super) fn estimate<C: GrowthCurve>(
    estimator: &Estimator<'_, C>,
    region: &str,
    figures: &FitFigures,
) -> Result<Estimated> {
    let needs_scatter =
        estimator.estimates_deviation() || estimator.likelihood == Likelihood::QuasiPoisson;
    let (n, k) = (figures.points.len(), estimator.free());
    if needs_scatter && n <= k {
        let purpose = format!(
            "a standard deviation about the {} curve, whose errors are not stated,",
            estimator.curve.name()
        );
        return Err(Error::too_few("figures", region, n, k + 1, purpose));
    }
    estimator.estimate(&figures.points, None).map_err(|error| {
        let edge = match &error {
            OptimiserError::AtDomainEdge { term, .. } => term.and_then(|i| figures.years.get(i)),
            _ => None,
        };
        let reason = match edge {
            Some(year) => format!(
                "the better it fits, the nearer it comes to 0 in {year}, and a curve of counts is above 0"
            ),
            None => explained(estimator.curve, &error),
        };
        let reason = format!("{reason}; {}", advice(&error, estimator.likelihood, figures));
        not_fitted(estimator.curve.name(), region, &reason)
    })
}

/// What was tried, and what a user can do.
fn advice(error: &OptimiserError, likelihood: Likelihood, figures: &FitFigures) -> String {
    let tried = match error {
        OptimiserError::NotFiniteAtStart { .. } => {
            "the curve has no value at its own starting guess"
        }
        _ => {
            "tried were the curve's own guess, a second one nearer its bounds, a cautious descent and \
             scattered starts"
        }
    };
    if let Some(year) = figures.exact_beside_others(likelihood) {
        return format!(
            "{tried}; the figure of {year} is stated as exact beside others that err, and weighs a million times as much as the \
             best of them: state its relative_error"
        );
    }
    match figures.outlier(likelihood) {
        Some(outlier) => format!("{tried}; {outlier}: check it, or give it a small weight"),
        None => format!(
            "{tried}; take another likelihood, state a prior, hold a parameter, or choose a curve with fewer \
             parameters"
        ),
    }
}
