//! A curve with the parameters that a fit gave it.

use serde::Serialize;

use super::outlier::FitFigures;
use crate::curve::{BATCH, GrowthCurve, MAX_PARAMETERS, Point};
use crate::error::{ErrorKind, Result};
use crate::series::IncidenceSeries;

/// The parameters of most curves.
const FEW: usize = 4;

/// The value of one textbook parameter.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The parameter's name.
    pub name: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Its value; `None` where it does not exist: for every parameter of a curve with a ceiling that was
    /// fitted [at its limit without one](FittedCurve::has_no_ceiling), and for the midpoint of a
    /// curve that falls.
    pub value: Option<f64>,
}

/// A curve of one region, with its parameters.
#[derive(Debug, Clone)]
pub struct FittedCurve<C> {
    curve: C,
    region: String,
    reference_year: i32,
    uses_published_projection: bool,
    theta: [f64; MAX_PARAMETERS],
}

impl<C: GrowthCurve> FittedCurve<C> {
    pub(super) fn new(
        curve: C,
        series: &IncidenceSeries,
        figures: &FitFigures,
        theta: &[f64],
    ) -> Self {
        let mut all = [0.0; MAX_PARAMETERS];
        let k = curve.parameters().len();
        all[..k].copy_from_slice(&theta[..k]);
        Self {
            curve,
            region: series.region().to_owned(),
            reference_year: series.first_year(),
            uses_published_projection: figures.uses_projection,
            theta: all,
        }
    }

    /// The family.
    pub const fn family(&self) -> &C {
        &self.curve
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The calendar year of t = 0: the first observation.
    #[must_use]
    pub const fn reference_year(&self) -> i32 {
        self.reference_year
    }

    /// Whether the published projection was one of the figures.
    #[must_use]
    pub const fn uses_published_projection(&self) -> bool {
        self.uses_published_projection
    }

    /// The inner parameters, in the order of [`GrowthCurve::parameters`].
    #[must_use]
    pub fn theta(&self) -> &[f64] {
        &self.theta[..self.curve.parameters().len()]
    }

    /// The textbook parameters with their values.
    #[must_use]
    pub fn parameters(&self) -> Vec<Estimate> {
        let textbook = self.curve.textbook_parameters();
        textbook
            .iter()
            .zip(self.existing_values())
            .map(|(parameter, value)| Estimate {
                name: parameter.name,
                unit: parameter.unit,
                value,
            })
            .collect()
    }

    /// See [`Estimate::value`].
    pub(super) fn existing_values(&self) -> [Option<f64>; MAX_PARAMETERS] {
        let values = self.textbook_values();
        let exists = !self.is_without_ceiling(&values);
        values.map(|value| (exists && value.is_finite()).then_some(value))
    }

    /// The value of a textbook parameter by its name; `None` where the curve has no such parameter, or
    /// where it does not exist (see [`Estimate::value`]).
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<f64> {
        let all = self.parameters();
        all.iter().find(|p| p.name == name).and_then(|p| p.value)
    }

    /// Whether a curve with a ceiling was fitted at its limit without one: its damping is 0, or so small
    /// that the capacity overflows. It then is the exponential curve of its level and growth (see
    /// [`FittedCurve::theta`]), and capacity, rate, midpoint and shape say nothing.
    #[must_use]
    pub fn has_no_ceiling(&self) -> bool {
        self.is_without_ceiling(&self.textbook_values())
    }

    /// The same for its own textbook values.
    fn is_without_ceiling(&self, values: &[f64; MAX_PARAMETERS]) -> bool {
        let place = |all: &[crate::curve::Parameter], name| all.iter().position(|p| p.name == name);
        let undamped =
            place(self.curve.parameters(), "damping").is_some_and(|j| self.theta[j] <= 0.0);
        let textbook = self.curve.textbook_parameters();
        undamped || place(textbook, "capacity").is_some_and(|i| !values[i].is_finite())
    }

    /// The textbook parameters as the curve gives them, infinite or NaN where they do not exist.
    pub(super) fn textbook_values(&self) -> [f64; MAX_PARAMETERS] {
        let mut values = [0.0; MAX_PARAMETERS];
        let k = self.curve.textbook_parameters().len();
        self.curve.textbook(
            f64::from(self.reference_year),
            self.theta(),
            &mut values[..k],
        );
        values
    }

    /// New cases in a calendar year, which may have a fraction.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFinite`] where the curve overflows, has a pole or falls below zero.
    pub fn cases(&self, year: f64) -> Result<f64> {
        let value = self
            .curve
            .value(year - f64::from(self.reference_year), self.theta());
        self.checked(value, year)
    }

    /// New cases at the figures of a fit.
    pub(super) fn at_points(&self, figures: &FitFigures) -> Result<Vec<f64>> {
        let mut means = vec![0.0; figures.points.len()];
        // Most curves have few parameters: a third of the storage to clear.
        if self.theta().len() <= FEW {
            self.write_values::<FEW>(&figures.points, &mut means);
        } else {
            self.write_values::<MAX_PARAMETERS>(&figures.points, &mut means);
        }
        // One sum and one minimum say that all is well, as it is nearly always; a sum that overflows does
        // not, and each is looked at.
        let (sum, least) = means.iter().fold((0.0, 0.0), |(sum, least), mean| {
            (sum + mean, if *mean < least { *mean } else { least })
        });
        if !(f64::is_finite(sum) && least >= 0.0) {
            for (mean, &year) in means.iter().zip(&figures.years) {
                self.checked(*mean, f64::from(year))?;
            }
        }
        Ok(means)
    }

    /// The values at points, of a curve with at most `K` parameters.
    fn write_values<const K: usize>(&self, points: &[Point], values: &mut [f64]) {
        let mut unused = [[0.0; BATCH]; K];
        let unused = &mut unused[..self.theta().len()];
        for (points, values) in points.chunks(BATCH).zip(values.chunks_mut(BATCH)) {
            let mut times = [0.0; BATCH];
            for (t, point) in times.iter_mut().zip(points) {
                *t = point.t;
            }
            let times = &times[..points.len()];
            self.curve
                .values_and_gradients(times, self.theta(), values, unused);
        }
    }

    fn checked(&self, value: f64, year: f64) -> Result<f64> {
        if value.is_finite() && value >= 0.0 {
            return Ok(value);
        }
        Err(ErrorKind::NotFinite {
            curve: self.curve.name().to_owned(),
            region: self.region.clone(),
            year,
            value,
        }
        .into())
    }
}
