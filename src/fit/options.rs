//! What a fit is asked to do.

use serde::{Deserialize, Serialize};

use super::likelihood::Likelihood;
use crate::curve::GrowthCurve;
use crate::error::{Error, ErrorKind, Result};

/// What a fit makes of a published projection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PublishedProjectionUse {
    /// It is left out: only observations count. The default.
    #[default]
    Ignore,
    /// It is one more figure, with its own year and error.
    AsFigure,
}

/// A Gaussian prior on a textbook parameter: what is known of it from elsewhere.
///
/// With it a ceiling is stated, and not pretended to be estimated. The fit maximises the likelihood
/// times the prior (penalised likelihood); a prior counts as one more piece of information when the
/// regime of the fit is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prior {
    /// The name of the textbook parameter, as `capacity`.
    pub parameter: String,
    /// Its most likely value.
    pub mean: f64,
    /// The standard deviation, above 0.
    pub standard_deviation: f64,
}

/// How to fit.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct FitOptions {
    /// The likelihood of an identified fit; a saturated one goes through its figures under any.
    pub likelihood: Likelihood,
    /// What to make of the published projection.
    pub published_projection: PublishedProjectionUse,
    /// One weight a figure, in the order of the years; empty for equal weights. Under the Gaussian
    /// and the log-normal likelihood the variance of a figure is divided by its weight, under the
    /// others its log-likelihood is multiplied with it.
    pub weights: Vec<f64>,
    /// Inner parameters (see [`GrowthCurve::parameters`]) that are held at a value. A textbook
    /// parameter, as a capacity, is held by [`Holding`](super::Holding).
    pub fixed: Vec<(String, f64)>,
    /// Priors on textbook parameters.
    pub priors: Vec<Prior>,
}

impl FitOptions {
    /// With a likelihood.
    #[must_use]
    pub fn with_likelihood(mut self, likelihood: Likelihood) -> Self {
        self.likelihood = likelihood;
        self
    }

    /// With or without the published projection.
    #[must_use]
    pub fn with_published_projection(mut self, choice: PublishedProjectionUse) -> Self {
        self.published_projection = choice;
        self
    }

    /// With one weight a figure.
    #[must_use]
    pub fn with_weights(mut self, weights: impl IntoIterator<Item = f64>) -> Self {
        self.weights = weights.into_iter().collect();
        self
    }

    /// With one more inner parameter held at a value.
    #[must_use]
    pub fn with_fixed(mut self, parameter: impl Into<String>, value: f64) -> Self {
        self.fixed.push((parameter.into(), value));
        self
    }

    /// With one more prior on a textbook parameter.
    #[must_use]
    pub fn with_prior(
        mut self,
        parameter: impl Into<String>,
        mean: f64,
        standard_deviation: f64,
    ) -> Self {
        self.priors.push(Prior {
            parameter: parameter.into(),
            mean,
            standard_deviation,
        });
        self
    }

    /// The bounds of a curve's inner parameters, with fixed ones held.
    pub(super) fn bounds<C: GrowthCurve>(&self, curve: &C) -> Result<Vec<(f64, f64)>> {
        let mut bounds: Vec<(f64, f64)> = curve
            .parameters()
            .iter()
            .map(|p| (p.lower, p.upper))
            .collect();
        for (name, value) in &self.fixed {
            let names: Vec<&str> = curve.parameters().iter().map(|p| p.name).collect();
            let textbook = || curve.textbook_parameters().iter().any(|p| p.name == name);
            if !names.contains(&name.as_str()) && textbook() {
                return Err(ErrorKind::Unsuitable(format!(
                    "the {} curve has no inner parameter \"{name}\": it has {}; to hold the textbook \
                     parameter {name}, fit Holding::new(curve, \"{name}\", value, first year)",
                    curve.name(),
                    names.join(", ")
                ))
                .into());
            }
            let j = position(curve.name(), "inner parameter", name, &names)?;
            if self.fixed.iter().filter(|(other, _)| other == name).count() > 1 {
                return Err(ErrorKind::Unsuitable(format!("the {name} is fixed twice")).into());
            }
            let parameter = curve.parameters()[j];
            if !(value.is_finite() && *value >= parameter.lower && *value <= parameter.upper) {
                return Err(Error::out_of_range(
                    format!("the fixed {name}"),
                    format!("the {} curve", curve.name()),
                    value,
                    format!("from {} to {}", parameter.lower, parameter.upper),
                ));
            }
            bounds[j] = (*value, *value);
        }
        Ok(bounds)
    }

    /// The priors by index of the textbook parameter: (index, mean, standard deviation).
    pub(super) fn indexed_priors<C: GrowthCurve>(
        &self,
        curve: &C,
    ) -> Result<Vec<(usize, f64, f64)>> {
        let names: Vec<&str> = curve.textbook_parameters().iter().map(|p| p.name).collect();
        self.priors
            .iter()
            .map(|prior| {
                let i = position(curve.name(), "textbook parameter", &prior.parameter, &names)?;
                let place = format!("the prior of {}", prior.parameter);
                if !prior.mean.is_finite() {
                    return Err(Error::out_of_range("the mean", place, prior.mean, "finite"));
                }
                let deviation = prior.standard_deviation;
                if !(deviation.is_finite() && deviation > 0.0) {
                    return Err(Error::out_of_range(
                        "the standard deviation",
                        place,
                        deviation,
                        "finite and above 0",
                    ));
                }
                Ok((i, prior.mean, deviation))
            })
            .collect()
    }

    /// The weights of `n` figures, or `None` for equal ones.
    pub(super) fn checked_weights(&self, n: usize) -> Result<Option<&[f64]>> {
        if self.weights.is_empty() {
            return Ok(None);
        }
        if self.weights.len() != n {
            return Err(Error::out_of_range(
                "the number of weights",
                "a fit",
                self.weights.len(),
                format!("one for each of the {n} figures"),
            ));
        }
        match self
            .weights
            .iter()
            .position(|w| !(w.is_finite() && *w > 0.0))
        {
            None => Ok(Some(&self.weights)),
            Some(i) => Err(Error::out_of_range(
                "a weight",
                format!("figure {}", i + 1),
                self.weights[i],
                "finite and above 0",
            )),
        }
    }
}

/// The place of a name in a list, or an error that gives the list.
fn position(curve: &str, what: &str, name: &str, names: &[&str]) -> Result<usize> {
    names
        .iter()
        .position(|known| *known == name)
        .ok_or_else(|| {
            ErrorKind::Unsuitable(format!(
                "the {curve} curve has no {what} \"{name}\": it has {}",
                names.join(", ")
            ))
            .into()
        })
}
