//! A curve with the parameters that a fit gave it.

use serde::{Deserialize, Serialize};

use super::estimator::Estimator;
use super::fit_figures::FitFigures;
use super::fit_options::FitOptions;
use super::serialised_fit::StoredCurve;
use crate::curve::{BATCH, GrowthCurve, MAX_PARAMETERS, Point, Role, place, values_and_gradients};
use crate::error::{Error, ErrorKind, Result};

/// The parameters of most curves.
const FEW: usize = 4;

/// What every fit holds, identified or not.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Basis<C> {
    pub(super) curve: FittedCurve<C>,
    pub(super) figures: FitFigures,
    pub(super) options: FitOptions,
}

impl<C: GrowthCurve> Basis<C> {
    pub(super) fn new(
        family: C,
        region: &str,
        figures: FitFigures,
        options: FitOptions,
        theta: Vec<f64>,
    ) -> Self {
        let curve = FittedCurve {
            family,
            region: region.to_owned(),
            reference_year: figures.years.first().copied().unwrap_or(0),
            uses_published_projection: figures.uses_projection,
            theta,
        };
        Self {
            curve,
            figures,
            options,
        }
    }

    /// The fit's own estimator.
    pub(super) fn estimator(&self) -> Result<Estimator<'_, C>> {
        Estimator::new(&self.curve.family, &self.figures, &self.options)
    }
}

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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    try_from = "StoredCurve<C>",
    bound(
        serialize = "C: GrowthCurve + Serialize",
        deserialize = "C: GrowthCurve + Deserialize<'de>"
    )
)]
pub struct FittedCurve<C> {
    pub(super) family: C,
    pub(super) region: String,
    pub(super) reference_year: i32,
    pub(super) uses_published_projection: bool,
    pub(super) theta: Vec<f64>,
}

impl<C: GrowthCurve> FittedCurve<C> {
    /// The curve's family.
    pub const fn family(&self) -> &C {
        &self.family
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
        &self.theta
    }

    /// The natural parameters, `None` where one does not exist: see
    /// [`ParameterEstimate::estimate`](super::ParameterEstimate::estimate).
    pub(super) fn existing_values(&self) -> [Option<f64>; MAX_PARAMETERS] {
        let natural = self.natural_at(&self.theta);
        let exists = !self.is_without_ceiling(&natural);
        natural.map(|value| (exists && value.is_finite()).then_some(value))
    }

    /// Whether a curve with a ceiling (a natural parameter of [`Role::Ceiling`]) was fitted at its limit
    /// without one: its damping ([`Role::Damping`]) is 0, or its ceiling is infinite. It then is the
    /// exponential curve of its level and growth (see [`FittedCurve::theta`]), and capacity, rate,
    /// midpoint and shape say nothing.
    #[must_use]
    pub fn has_no_ceiling(&self) -> bool {
        self.is_without_ceiling(&self.natural_at(&self.theta))
    }

    fn is_without_ceiling(&self, natural: &[f64; MAX_PARAMETERS]) -> bool {
        let Some(ceiling) = place(self.family.natural_parameters(), Role::Ceiling) else {
            return false;
        };
        let undamped = place(self.family.parameters(), Role::Damping);
        undamped.is_some_and(|j| self.theta[j] <= 0.0) || !natural[ceiling].is_finite()
    }

    /// The natural parameters at internal ones, of which there may be more than the curve has, as the curve gives
    /// them: infinite or NaN where they do not exist.
    pub(super) fn natural_at(&self, theta: &[f64]) -> [f64; MAX_PARAMETERS] {
        let mut values = [0.0; MAX_PARAMETERS];
        let (k, n) = (self.theta.len(), self.family.natural_parameters().len());
        let year = f64::from(self.reference_year);
        self.family.natural(year, &theta[..k], &mut values[..n]);
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
        let t = year - f64::from(self.reference_year);
        let value = self.family.value(t, &self.theta);
        if is_count(value) {
            return Ok(value);
        }
        Err(self.not_finite(value, year))
    }

    /// New cases at the figures of a fit.
    pub(super) fn at_points(&self, figures: &FitFigures) -> Result<Vec<f64>> {
        let mut means = vec![0.0; figures.points.len()];
        // Most curves have few parameters: a third of the storage to clear.
        if self.theta.len() <= FEW {
            self.write_values::<FEW>(&figures.points, &mut means);
        } else {
            self.write_values::<MAX_PARAMETERS>(&figures.points, &mut means);
        }
        match means.iter().position(|mean| !is_count(*mean)) {
            Some(i) => Err(self.not_finite(means[i], f64::from(figures.years[i]))),
            None => Ok(means),
        }
    }

    /// The values at points, of a curve with at most `K` parameters.
    fn write_values<const K: usize>(&self, points: &[Point], values: &mut [f64]) {
        let mut unused = [[0.0; BATCH]; K];
        let unused = &mut unused[..self.theta.len()];
        for (points, values) in points.chunks(BATCH).zip(values.chunks_mut(BATCH)) {
            let mut times = [0.0; BATCH];
            for (t, point) in times.iter_mut().zip(points) {
                *t = point.t;
            }
            let times = &times[..points.len()];
            values_and_gradients(&self.family, times, &self.theta, values, unused);
        }
    }

    /// That a value is no number of cases.
    pub(super) fn not_finite(&self, value: f64, year: f64) -> Error {
        ErrorKind::NotFinite {
            curve: self.family.name().to_owned(),
            region: self.region.clone(),
            year,
            value,
        }
        .into()
    }
}

/// Whether a value can be a number of cases.
fn is_count(value: f64) -> bool {
    (0.0..=f64::MAX).contains(&value)
}
