//! Fits as they stand in a file: what the rest follows from, checked on the way in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use super::fit_figures::FitFigures;
use super::fit_options::FitOptions;
use super::fitted_curve::{Basis, FittedCurve};
use super::held_parameters::Holding;
use super::identified::IdentifiedFit;
use super::optimum::Optimum;
use super::own_curve::check_parameters;
use super::saturated::SaturatedFit;
use crate::curve::{GrowthCurve, Parameter};
use crate::error::{Error, Result};
use crate::figures::Mark;
use crate::number_checks::Place;
use crate::series::{IncidenceSeries, Observation, PublishedProjection};

/// A curve with its parameters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredCurve<C> {
    family: C,
    region: String,
    reference_year: i32,
    uses_published_projection: bool,
    theta: Vec<f64>,
}

impl<C: GrowthCurve> TryFrom<StoredCurve<C>> for FittedCurve<C> {
    type Error = Error;

    fn try_from(read: StoredCurve<C>) -> Result<Self> {
        check_parameters(&read.family)?;
        check_theta(&read.family, &read.region, &read.theta)?;
        Ok(Self {
            family: read.family,
            region: read.region,
            reference_year: read.reference_year,
            uses_published_projection: read.uses_published_projection,
            theta: read.theta,
        })
    }
}

/// A curve with held parameters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredHolding<C> {
    curve: C,
    held: Vec<(String, f64)>,
    first_year: i32,
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
    fn new<C>(of: &'a Basis<C>) -> Self {
        let figures = &of.figures;
        // Counting errors are in what is written, so that each error is stated where one is: 0 of an exact figure, too.
        let states_errors = figures.errors.iter().any(|error| *error > 0.0);
        let figure = |(i, year): (usize, &i32)| Observation {
            year: *year,
            cases: figures.points[i].cases,
            relative_error: states_errors.then_some(figures.errors[i]),
        };
        let mut observations: Vec<_> = figures.years.iter().enumerate().map(figure).collect();
        let projection = observations.pop_if(|_| figures.uses_projection);
        observations.extend(figures.left_out.iter().map(|(observation, _)| *observation));
        observations.sort_by_key(|observation| observation.year);
        let marks = figures.left_out.iter();
        Self {
            region: &of.curve.region,
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

/// A fit; an identified one has a scale and an optimum.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stored<C, S = IncidenceSeries, O = FitOptions, M = Optimum> {
    family: C,
    series: S,
    /// That the figures, which state no error, are not all counts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    not_counts: bool,
    options: O,
    theta: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    optimum: Option<M>,
}

fn store<C: GrowthCurve + Serialize, S: Serializer>(
    of: &Basis<C>,
    found: Option<(f64, &Optimum)>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    let (scale, optimum) = found.unzip();
    let stored = Stored {
        family: &of.curve.family,
        series: StoredSeries::new(of),
        not_counts: !of.figures.are_counts && of.figures.errors.iter().all(|error| *error <= 0.0),
        options: &of.options,
        theta: of.curve.theta.clone(),
        scale,
        optimum,
    };
    stored.serialize(serializer)
}

impl<C: GrowthCurve + Serialize> Serialize for SaturatedFit<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        store(&self.basis, None, serializer)
    }
}

impl<C: GrowthCurve + Serialize> Serialize for IdentifiedFit<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let found = (self.scale_at_optimum, &self.optimum);
        store(&self.basis, Some(found), serializer)
    }
}

impl<C: GrowthCurve> Stored<C> {
    fn checked(self) -> Result<(Basis<C>, Option<f64>, Option<Optimum>)> {
        let region = self.series.region();
        check_parameters(&self.family)?;
        check_theta(&self.family, region, &self.theta)?;
        let mut figures = FitFigures::new(&self.series, self.options.published_projection)?;
        figures.are_counts &= !self.not_counts;
        let basis = Basis::new(self.family, region, figures, self.options, self.theta);
        Ok((basis, self.scale, self.optimum))
    }
}

impl<C: GrowthCurve> TryFrom<Stored<C>> for SaturatedFit<C> {
    type Error = Error;

    fn try_from(read: Stored<C>) -> Result<Self> {
        let (basis, scale, optimum) = read.checked()?;
        let estimator = basis.estimator()?;
        let through = estimator.goes_through(&basis.figures.points, &basis.curve.theta);
        let saturated = estimator.pieces() == estimator.free() && through;
        if !saturated || scale.is_some() || optimum.is_some() {
            return Err(Error::mismatch(format!(
                "the {} curve of {} is not a saturated fit: it does not go through as many figures as it has free \
                 parameters, or states a scale or an optimum",
                basis.curve.family.name(),
                basis.curve.region
            )));
        }
        Ok(Self { basis })
    }
}

impl<C: GrowthCurve> TryFrom<Stored<C>> for IdentifiedFit<C> {
    type Error = Error;

    fn try_from(read: Stored<C>) -> Result<Self> {
        let (basis, scale, optimum) = read.checked()?;
        let (Some(scale), Some(optimum)) = (scale, optimum) else {
            return Err(Error::mismatch(format!(
                "the {} curve of {} is not an identified fit without its scale and its optimum",
                basis.curve.family.name(),
                basis.curve.region
            )));
        };
        check_identified(&basis, scale, &optimum)?;
        Self::new(basis, scale, optimum)
    }
}

fn check_identified<C: GrowthCurve>(of: &Basis<C>, scale: f64, optimum: &Optimum) -> Result<()> {
    let FittedCurve {
        family,
        region,
        theta,
        ..
    } = &of.curve;
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
    let estimator = of.estimator()?;
    let positive = scale > 0.0 || !estimator.estimates_deviation();
    let (place, possible) = (
        format!("the fit to {region}"),
        scale.is_finite() && scale >= 0.0,
    );
    let allowed = "finite and not negative";
    Place(&place).check(possible && positive, "the scale", scale, allowed)?;
    let (pieces, free) = (estimator.pieces(), estimator.free());
    if pieces <= free {
        return Err(Error::mismatch(format!(
            "the {} curve of {region} is not identified: {pieces} figures and {free} free parameters",
            family.name()
        )));
    }
    Ok(())
}

/// Internal parameters that a curve can have.
fn check_theta<C: GrowthCurve>(curve: &C, region: &str, theta: &[f64]) -> Result<()> {
    let parameters = curve.parameters();
    let place = format!("the {} curve of {region}", curve.name());
    let place = Place(&place);
    let (k, n) = (theta.len(), parameters.len().to_string());
    let name = "the number of internal parameters";
    place.check(k == parameters.len(), name, k, &n)?;
    for (parameter, &value) in parameters.iter().zip(theta) {
        let (name, admitted) = (format!("the {}", parameter.name), parameter.admits(value));
        let allowed = format!("finite, from {} to {}", parameter.lower, parameter.upper);
        place.check(admitted, &name, value, &allowed)?;
    }
    Ok(())
}
