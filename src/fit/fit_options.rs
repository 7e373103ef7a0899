//! What a fit is asked to do.

use serde::{Deserialize, Serialize};

use super::failure::natural_place;
use super::likelihood::Likelihood;
use super::penalised_likelihood::Penalty;
use crate::curve::GrowthCurve;
use crate::error::Result;
use crate::number_checks::Place;

/// What a fit makes of a published projection.
///
/// A projection is somebody's opinion of a later year and no observation, so a fit leaves it out unless it is told
/// otherwise. With it a curve of three parameters goes through two observations.
///
/// ```
/// use myeloma_epi::curve::Family;
/// use myeloma_epi::fit::{FitOptions, PublishedProjectionUse, fit};
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let world = IncidenceSeries::from_figures(figures::press_release(), "World")?;
/// let published = *world.published_projection().expect("the press release has one");
/// assert!(fit(Family::Logistic, &world, &FitOptions::default()).is_err()); // two figures
/// let options = FitOptions {
///     published_projection: PublishedProjectionUse::AsFigure,
///     ..FitOptions::default()
/// };
/// let logistic = fit(Family::Logistic, &world, &options)?;
/// assert!(logistic.curve().uses_published_projection());
/// let there = logistic.curve().cases(f64::from(published.year))?;
/// assert!((there / published.cases - 1.0).abs() < 1e-9);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublishedProjectionUse {
    /// It is left out: only observations count. The default.
    #[default]
    Ignore,
    /// It is one more figure, with its own year and error.
    AsFigure,
}

/// A prior distribution: what is known of a parameter before the figures are looked at.
///
/// It is normal on the scale of a natural parameter *p*, with mean *m* and standard deviation *s* in the
/// parameter's unit. The fit maximises the likelihood times its density, so it adds −(p − m)²/(2s²) to the
/// log-likelihood, and the estimate is the posterior mode: Gelman et al. (2013), *Bayesian Data Analysis*,
/// 3rd ed., section 13.1.
///
/// With a prior a ceiling is stated, and not pretended to be estimated. It counts as one more piece of
/// information when the regime of the fit is told: two figures and a prior on the capacity determine a logistic
/// curve.
///
/// # Errors
///
/// [`fit`](super::fit) refuses a prior of a parameter that the curve does not have, a mean that is not finite, and
/// a standard deviation that is not finite and above 0.
///
/// # Example
///
/// ```
/// use myeloma_epi::curve::Family;
/// use myeloma_epi::fit::{FitOptions, Prior, fit};
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let china = IncidenceSeries::from_figures(figures::press_release(), "China")?;
/// let prior = Prior { parameter: "capacity".into(), mean: 60e3, standard_deviation: 10e3 };
/// let options = FitOptions { priors: vec![prior], ..FitOptions::default() };
/// let fit = fit(Family::Logistic, &china, &options)?;
/// assert_eq!(fit.identification(), "saturated"); // three pieces of information, three parameters
/// let capacity = fit.parameter("capacity").and_then(|p| p.estimate).expect("a ceiling");
/// assert!((capacity / 60e3 - 1.0).abs() < 1e-9); // nothing speaks against the prior's mean
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prior {
    /// The name of the natural parameter, such as `capacity`.
    pub parameter: String,
    /// Its most likely value, in the parameter's unit.
    pub mean: f64,
    /// The standard deviation, in the parameter's unit; above 0.
    pub standard_deviation: f64,
}

/// How a curve is fitted: the likelihood, what counts as data, and what is known beforehand.
///
/// A plain struct whose fields are checked by [`fit`](super::fit).
///
/// ```
/// use myeloma_epi::fit::{FitOptions, Likelihood, Prior};
///
/// let options = FitOptions {
///     likelihood: Likelihood::NegativeBinomial,
///     priors: vec![Prior { parameter: "capacity".into(), mean: 260e3, standard_deviation: 40e3 }],
///     ..FitOptions::default()
/// };
/// let text = serde_json::to_string(&options)?;
/// assert_eq!(serde_json::from_str::<FitOptions>(&text)?, options);
/// assert!(serde_json::from_str::<FitOptions>(r#"{"likelyhood": "poisson"}"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FitOptions {
    /// The likelihood of an identified fit. A saturated one goes through its figures under any. Default
    /// [`Likelihood::LogNormal`].
    pub likelihood: Likelihood,
    /// Whether the published projection is one of the figures. By default it is not.
    pub published_projection: PublishedProjectionUse,
    /// One weight a figure, above 0, in the order of the years; empty (the default) for equal weights.
    /// Under the Gaussian and the log-normal likelihood the variance of a figure is divided by its weight,
    /// under the others its log-likelihood is multiplied with it.
    pub weights: Vec<f64>,
    /// Priors on natural parameters; a parameter is held exactly by [`Holding`](super::Holding). Default none.
    pub priors: Vec<Prior>,
}

impl FitOptions {
    /// The priors, each with the place of its natural parameter.
    pub(super) fn penalties<C: GrowthCurve>(&self, curve: &C) -> Result<Vec<Penalty>> {
        let penalty = |prior: &Prior| {
            let (mean, deviation) = (prior.mean, prior.standard_deviation);
            let place = format!("the prior of {}", prior.parameter);
            let place = Place(&place);
            let parameter = natural_place(curve, &prior.parameter)?;
            let of = &curve.natural_parameters()[parameter];
            let allowed = format!("finite, from {} to {}", of.lower, of.upper);
            place.check(of.admits(mean), "the mean", mean, &allowed)?;
            place.positive("the standard deviation", deviation)?;
            Ok(Penalty {
                parameter,
                mean,
                deviation,
            })
        };
        self.priors.iter().map(penalty).collect()
    }

    /// The weights of `n` figures, or `None` for equal ones.
    pub(super) fn checked_weights(&self, n: usize) -> Result<Option<&[f64]>> {
        if self.weights.is_empty() {
            return Ok(None);
        }
        let (number, name) = (self.weights.len(), "the number of weights");
        let allowed = format_args!("one for each of the {n} figures");
        Place("a fit").check(number == n, name, number, allowed)?;
        for (i, weight) in self.weights.iter().enumerate() {
            Place(format_args!("figure {}", i + 1)).positive("a weight", *weight)?;
        }
        Ok(Some(&self.weights))
    }
}
