//! Fits as they stand in a file: what the rest follows from, checked on the way in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use super::data::FitFigures;
use super::estimator::Estimator;
use super::fitted::FittedCurve;
use super::holding::Holding;
use super::identified::IdentifiedFit;
use super::optimum::Optimum;
use super::options::FitOptions;
use super::own_curve::check_parameters;
use super::saturated::SaturatedFit;
use crate::curve::{GrowthCurve, Parameter};
use crate::error::{Error, Result};
use crate::figures::Mark;
use crate::series::{IncidenceSeries, Observation, PublishedProjection};

/// A curve with its parameters.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredCurve<C> {
    family: C,
    region: String,
    reference_year: i32,
    uses_published_projection: bool,
    theta: Vec<f64>,
}

impl<C: GrowthCurve + Serialize> Serialize for FittedCurve<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        StoredCurve {
            family: self.family(),
            region: self.region().to_owned(),
            reference_year: self.reference_year(),
            uses_published_projection: self.uses_published_projection(),
            theta: self.theta().to_vec(),
        }
        .serialize(serializer)
    }
}

impl<C: GrowthCurve> TryFrom<StoredCurve<C>> for FittedCurve<C> {
    type Error = Error;

    fn try_from(read: StoredCurve<C>) -> Result<Self> {
        check_parameters(&read.family)?;
        check_theta(&read.family, &read.region, &read.theta)?;
        Ok(Self::at(
            read.family,
            &read.region,
            read.reference_year,
            read.uses_published_projection,
            &read.theta,
        ))
    }
}

/// A curve with held parameters.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredHolding<C> {
    curve: C,
    held: Vec<(String, f64)>,
    first_year: i32,
}

impl<C: GrowthCurve + Serialize> Serialize for Holding<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let (curve, held, first_year) = self.parts();
        let held = held.to_vec();
        StoredHolding {
            curve,
            held,
            first_year,
        }
        .serialize(serializer)
    }
}

impl<C: GrowthCurve> TryFrom<StoredHolding<C>> for Holding<C> {
    type Error = Error;

    fn try_from(read: StoredHolding<C>) -> Result<Self> {
        if read.held.is_empty() {
            return Err(Error::unsuitable("no parameter is held"));
        }
        Self::stating(read.curve, read.held, read.first_year)
    }
}

/// The figures of a fit, as an [`IncidenceSeries`] writes itself.
#[derive(Serialize)]
struct StoredSeries<'a> {
    region: &'a str,
    observations: Vec<Observation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published_projection: Option<PublishedProjection>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    marks: BTreeMap<i32, Mark>,
}

impl<'a> StoredSeries<'a> {
    fn new(region: &'a str, figures: &FitFigures) -> Self {
        let figure = |(i, year): (usize, &i32)| Observation {
            year: *year,
            cases: figures.points[i].cases,
            relative_error: Some(figures.errors[i]).filter(|error| *error > 0.0),
        };
        let mut observations: Vec<_> = figures.years.iter().enumerate().map(figure).collect();
        let projection = observations.pop_if(|_| figures.uses_projection);
        observations.extend(figures.left_out.iter().map(|(observation, _)| *observation));
        observations.sort_by_key(|observation| observation.year);
        let marks = figures.left_out.iter();
        Self {
            region,
            observations,
            published_projection: projection.map(|last| PublishedProjection {
                year: last.year,
                cases: last.cases,
                relative_error: last.relative_error,
            }),
            marks: marks.map(|(o, mark)| (o.year, *mark)).collect(),
        }
    }
}

/// A saturated fit.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredSaturated<C, S = IncidenceSeries, O = FitOptions> {
    family: C,
    series: S,
    options: O,
    theta: Vec<f64>,
}

impl<C: GrowthCurve + Serialize> Serialize for SaturatedFit<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        StoredSaturated {
            family: self.curve().family(),
            series: StoredSeries::new(self.curve().region(), self.data()),
            options: self.options(),
            theta: self.curve().theta().to_vec(),
        }
        .serialize(serializer)
    }
}

impl<C: GrowthCurve> TryFrom<StoredSaturated<C>> for SaturatedFit<C> {
    type Error = Error;

    fn try_from(read: StoredSaturated<C>) -> Result<Self> {
        let StoredSaturated {
            family,
            series,
            options,
            theta,
        } = read;
        let region = series.region();
        let figures = figures_of(&family, &series, &options, &theta)?;
        let estimator = Estimator::new(&family, &figures, &options)?;
        if estimator.pieces() != estimator.free()
            || !estimator.goes_through(&figures.points, &theta)
        {
            return Err(Error::mismatch(format!(
                "the {} curve of {region} is no saturated fit: it does not go through as many figures as it \
                 has free parameters",
                family.name()
            )));
        }
        drop(estimator);
        let curve = FittedCurve::new(family, region, &figures, &theta);
        Ok(Self::new(curve, figures, options))
    }
}

/// An identified fit.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredIdentified<C, S = IncidenceSeries, O = FitOptions, M = Optimum> {
    family: C,
    series: S,
    options: O,
    theta: Vec<f64>,
    scale: f64,
    optimum: M,
}

impl<C: GrowthCurve + Serialize> Serialize for IdentifiedFit<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        StoredIdentified {
            family: self.curve().family(),
            series: StoredSeries::new(self.curve().region(), self.data()),
            options: self.options(),
            theta: self.curve().theta().to_vec(),
            scale: self.scale_at_optimum(),
            optimum: self.optimum(),
        }
        .serialize(serializer)
    }
}

impl<C: GrowthCurve> TryFrom<StoredIdentified<C>> for IdentifiedFit<C> {
    type Error = Error;

    fn try_from(read: StoredIdentified<C>) -> Result<Self> {
        let StoredIdentified {
            family,
            series,
            options,
            theta,
            scale,
            optimum,
        } = read;
        let region = series.region();
        let figures = figures_of(&family, &series, &options, &theta)?;
        let estimator = Estimator::new(&family, &figures, &options)?;
        optimum.check(theta.len())?;
        let on_border = |(j, of): (usize, &Parameter)| theta[j] <= of.lower || theta[j] >= of.upper;
        let held = family.parameters().iter().enumerate();
        let mut held = held.filter(|(j, _)| optimum.holds(*j));
        // On a border another parameter may have no meaning, as a shape has none without damping.
        if !held.clone().any(on_border)
            && let Some((_, parameter)) = held.next()
        {
            return Err(Error::mismatch(format!(
                "the {} of the {} curve of {region} is said to be at a border of its domain, and is not",
                parameter.name,
                family.name(),
            )));
        }
        let least = if estimator.estimates_deviation() {
            f64::MIN_POSITIVE
        } else {
            0.0
        };
        if !(scale.is_finite() && scale >= least) {
            return Err(Error::out_of_range(
                "the scale",
                format!("the fit to {region}"),
                scale,
                "finite and not negative",
            ));
        }
        if estimator.pieces() <= estimator.free() {
            return Err(Error::mismatch(format!(
                "the {} curve of {region} is not identified: {} figures and {} free parameters",
                family.name(),
                estimator.pieces(),
                estimator.free()
            )));
        }
        drop(estimator);
        let curve = FittedCurve::new(family, region, &figures, &theta);
        Self::new(curve, figures, options, optimum, scale)
    }
}

/// The figures of a fit that was read, whose curve can have such internal parameters.
fn figures_of<C: GrowthCurve>(
    family: &C,
    series: &IncidenceSeries,
    options: &FitOptions,
    theta: &[f64],
) -> Result<FitFigures> {
    check_parameters(family)?;
    check_theta(family, series.region(), theta)?;
    FitFigures::new(series, options.published_projection)
}

/// Internal parameters that a curve can have.
fn check_theta<C: GrowthCurve>(curve: &C, region: &str, theta: &[f64]) -> Result<()> {
    let parameters = curve.parameters();
    let place = || format!("the {} curve of {region}", curve.name());
    if theta.len() != parameters.len() {
        return Err(Error::out_of_range(
            "the number of internal parameters",
            place(),
            theta.len(),
            parameters.len().to_string(),
        ));
    }
    for (parameter, &value) in parameters.iter().zip(theta) {
        if !parameter.admits(value) {
            return Err(Error::out_of_range(
                format!("the {}", parameter.name),
                place(),
                value,
                format!("finite, from {} to {}", parameter.lower, parameter.upper),
            ));
        }
    }
    Ok(())
}
