//! A curve with the parameters that a fit gave it.

use serde::Deserialize;

use super::data::FitFigures;
use super::stored::StoredCurve;
use crate::curve::{BATCH, GrowthCurve, MAX_PARAMETERS, Point, Role, place, values_and_gradients};
use crate::error::{ErrorKind, Result};

/// The parameters of most curves.
const FEW: usize = 4;

/// A growth curve of one region with its parameters: a function of the calendar year.
///
/// It gives new cases a year, μ(t; θ), with the time *t* in years since the
/// [reference year](Self::reference_year) and the internal parameters θ of its family. It is part of every fit
/// and is made by [`fit`](super::fit()).
///
/// # Example
///
/// ```
/// use myeloma_epi::curve::Family;
/// use myeloma_epi::fit::{FitOptions, fit};
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let world = IncidenceSeries::from_figures(figures::press_release(), "World")?;
/// let fit = fit(Family::Exponential, &world, &FitOptions::default())?;
/// let curve = fit.curve();
/// assert_eq!(curve.reference_year(), 2019);
/// assert!((curve.cases(2024.0)? / 197_200.0 - 1.0).abs() < 1e-9); // the published figure
/// // The same factor every five years.
/// let expected = 197_200.0 * 197_200.0 / 164_300.0;
/// assert!((curve.cases(2029.0)? / expected - 1.0).abs() < 1e-9);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(
    try_from = "StoredCurve<C>",
    bound(deserialize = "C: GrowthCurve + Deserialize<'de>")
)]
pub struct FittedCurve<C> {
    curve: C,
    region: String,
    reference_year: i32,
    uses_published_projection: bool,
    theta: [f64; MAX_PARAMETERS],
}

impl<C: GrowthCurve> FittedCurve<C> {
    pub(super) fn new(curve: C, region: &str, figures: &FitFigures, theta: &[f64]) -> Self {
        let reference_year = figures.years.first().copied().unwrap_or(0);
        Self::at(
            curve,
            region,
            reference_year,
            figures.uses_projection,
            theta,
        )
    }

    pub(super) fn at(
        curve: C,
        region: &str,
        reference_year: i32,
        uses_published_projection: bool,
        theta: &[f64],
    ) -> Self {
        let mut all = [0.0; MAX_PARAMETERS];
        let k = curve.parameters().len();
        all[..k].copy_from_slice(&theta[..k]);
        Self {
            curve,
            region: region.to_owned(),
            reference_year,
            uses_published_projection,
            theta: all,
        }
    }

    /// The curve's family.
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

    /// The internal parameters θ, in the order of [`GrowthCurve::parameters`].
    #[must_use]
    pub fn theta(&self) -> &[f64] {
        &self.theta[..self.curve.parameters().len()]
    }

    /// The natural parameters, `None` where one does not exist: see
    /// [`ParameterEstimate::estimate`](super::ParameterEstimate::estimate).
    pub(super) fn existing_values(&self) -> [Option<f64>; MAX_PARAMETERS] {
        let values = self.natural_values();
        let exists = !self.is_without_ceiling(&values);
        values.map(|value| (exists && value.is_finite()).then_some(value))
    }

    /// Whether a curve with a ceiling (a natural parameter of [`Role::Ceiling`]) was fitted at its limit
    /// without one: its damping ([`Role::Damping`]) is 0, or its ceiling is infinite. It then is the
    /// exponential curve of its level and growth (see [`FittedCurve::theta`]), and capacity, rate,
    /// midpoint and shape say nothing.
    #[must_use]
    pub fn has_no_ceiling(&self) -> bool {
        self.is_without_ceiling(&self.natural_values())
    }

    /// The same for its own natural values.
    fn is_without_ceiling(&self, values: &[f64; MAX_PARAMETERS]) -> bool {
        let Some(ceiling) = place(self.curve.natural_parameters(), Role::Ceiling) else {
            return false;
        };
        let undamped = place(self.curve.parameters(), Role::Damping);
        undamped.is_some_and(|j| self.theta[j] <= 0.0) || !values[ceiling].is_finite()
    }

    /// The natural parameters as the curve gives them, infinite or NaN where they do not exist.
    pub(super) fn natural_values(&self) -> [f64; MAX_PARAMETERS] {
        let mut values = [0.0; MAX_PARAMETERS];
        let k = self.curve.natural_parameters().len();
        self.curve.natural(
            f64::from(self.reference_year),
            self.theta(),
            &mut values[..k],
        );
        values
    }

    /// New cases in a calendar year, which may have a fraction: μ(year − reference year; θ).
    ///
    /// The year may lie before the reference year, or centuries ahead: the curve is a formula, and whether it holds
    /// there is no question of it.
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
            values_and_gradients(&self.curve, times, self.theta(), values, unused);
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
