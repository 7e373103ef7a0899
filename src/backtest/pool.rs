//! A linear pool of growth curves as a forecaster.

use super::forecaster::{Forecaster, Past};
use crate::curve::{Family, GrowthCurve};
use crate::error::{Error, ErrorKind, Result};
use crate::fit::{Fit, FitOptions, IdentifiedFit, Likelihood, fit};
use crate::number_checks::Place;
use crate::score::Predictive;
use crate::series::IncidenceSeries;

/// The level of an interval that reaches one standard deviation of a normal distribution to either
/// side.
const ONE_DEVIATION: f64 = 0.682_689_492_137_086;

/// A linear pool of growth curves, each normal on the log scale.
///
/// - With more counts than parameters a curve is fitted under the log-normal likelihood, and its
///   standard deviation is the half-width of its 68.3 % prediction interval: residual scatter and the
///   error of the parameters, given that the curve is right.
/// - With as many counts as parameters the standard deviation comes from the errors of the counts,
///   which have to be assumed: each count is moved by one error up and down, and the curve goes
///   through them again. The counting error 1/√n, which an outlook adds, is not in it: of small counts an outlook's
///   intervals are wider.
///
/// Errors that counts state are not used, and neither way allows for model discrepancy. Where a curve cannot be fitted the
/// pool makes no forecast, and where one has no value on the log scale (a line below zero) it ends there.
///
/// ```
/// use myeloma_epi::IncidenceSeries;
/// use myeloma_epi::backtest::{CurveForecaster, Forecaster, Past, Setting};
/// use myeloma_epi::curve::Family;
///
/// let line = CurveForecaster::new("line", &[(Family::Linear, 1.0)], 0.03)?;
/// let history = IncidenceSeries::from_counts("Atlantis", [(2019, 100.0), (2024, 150.0)])?;
/// let past = Past { history: &history, group: "", site: "", setting: Setting::TwoFigure, expected: None };
/// let forecasts = line.forecast(&past, 5)?.unwrap();
/// // Ten more a year: 200 five years ahead.
/// assert!((forecasts[4].quantiles()?.quantiles()[3] - 200_f64.ln()).abs() < 1e-9);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CurveForecaster {
    name: String,
    /// With weights above 0 that add up to one.
    members: Vec<(Family, f64)>,
    relative_error: f64,
}

impl CurveForecaster {
    /// A pool of curves with their weights, which are divided by their sum; curves of weight 0 are
    /// left out. `relative_error`, the standard deviation of the logarithm of a count, is used where counts
    /// are no more than parameters.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`] where no weight is above 0 or one is negative or not finite, or the error
    /// is not between 0 and 1; [`ErrorKind::Unsuitable`] where there is no curve.
    pub fn new(
        name: impl Into<String>,
        members: &[(Family, f64)],
        relative_error: f64,
    ) -> Result<Self> {
        let name = name.into();
        let place = Place(&name);
        place.share("the relative error", relative_error)?;
        let total: f64 = members.iter().map(|member| member.1).sum();
        for (family, weight) in members {
            place.check(
                *weight >= 0.0 && total.is_finite() && total > 0.0,
                format!("the weight of the {} curve", family.name()),
                weight,
                "finite and not negative, and not all of them 0",
            )?;
        }
        if members.is_empty() {
            return Err(Error::unsuitable(format!("{name}: a pool of no curves")));
        }
        Ok(Self {
            name,
            members: members
                .iter()
                .filter(|member| member.1 > 0.0)
                .map(|&(family, weight)| (family, weight / total))
                .collect(),
            relative_error,
        })
    }

    /// The curves of an outlook's pool where only two figures are known, without their counting error and model discrepancy:
    /// a straight line and an exponential curve, of equal weight, called `curves`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`] where the error is not between 0 and 1.
    pub fn line_and_exponential(relative_error: f64) -> Result<Self> {
        let members = [(Family::Linear, 1.0), (Family::Exponential, 1.0)];
        Self::new("curves", &members, relative_error)
    }

    /// Mean and standard deviation of the log counts of one curve, as many years as there are values.
    fn curve(&self, family: Family, past: &Past<'_>, horizons: usize) -> Result<Vec<(f64, f64)>> {
        let observations = past.history.observations();
        let counts: Vec<(i32, f64)> = observations.iter().map(|o| (o.year, o.cases)).collect();
        let name = past.history.region();
        let series = IncidenceSeries::from_counts(name, counts.clone())?;
        let options = FitOptions {
            likelihood: Likelihood::LogNormal,
            ..FitOptions::default()
        };
        let years: Vec<f64> = (1..=horizons)
            .map(|h| f64::from(series.last_year()) + h as f64)
            .collect();
        match fit(family, &series, &options)? {
            Fit::Identified(fit) => Ok(years
                .iter()
                .map_while(|&year| of_identified(&fit, year).ok())
                .collect()),
            Fit::Saturated(central) => {
                let mut moved = Vec::new();
                for i in 0..counts.len() {
                    for direction in [1.0, -1.0] {
                        let mut counts = counts.clone();
                        counts[i].1 *= (direction * self.relative_error).exp();
                        let series = IncidenceSeries::from_counts(name, counts)?;
                        moved.push(fit(family, &series, &options)?);
                    }
                }
                let at = |fit: &Fit<Family>, year: f64| log(fit.curve().cases(year).ok()?);
                Ok(years
                    .iter()
                    .map_while(|&year| {
                        let mean = log(central.curve().cases(year).ok()?)?;
                        let mut variance = 0.0;
                        for pair in moved.chunks(2) {
                            let half = 0.5 * (at(&pair[0], year)? - at(&pair[1], year)?);
                            variance += half * half;
                        }
                        Some((mean, variance.sqrt()))
                    })
                    .collect())
            }
        }
    }
}

fn log(cases: f64) -> Option<f64> {
    (cases > 0.0).then(|| cases.ln())
}

fn of_identified<C: GrowthCurve>(fit: &IdentifiedFit<C>, year: f64) -> Result<(f64, f64)> {
    let mean = fit.curve().cases(year)?.ln();
    let (lower, upper) = fit.prediction_interval(year, ONE_DEVIATION)?;
    let deviation = 0.5 * (upper.ln() - lower.ln());
    if mean.is_finite() && deviation.is_finite() {
        return Ok((mean, deviation));
    }
    Err(ErrorKind::NotFinite {
        curve: fit.curve().family().name().to_owned(),
        region: fit.curve().region().to_owned(),
        year,
        value: mean.exp(),
    }
    .into())
}

impl Forecaster for CurveForecaster {
    fn name(&self) -> &str {
        &self.name
    }

    fn forecast(&self, past: &Past<'_>, horizons: usize) -> Result<Option<Vec<Predictive>>> {
        let mut curves = Vec::with_capacity(self.members.len());
        for &(family, weight) in &self.members {
            match self.curve(family, past, horizons) {
                Ok(moments) => curves.push((weight, moments)),
                Err(error) => match error.kind() {
                    ErrorKind::Underdetermined { .. }
                    | ErrorKind::NoSuchCurve { .. }
                    | ErrorKind::NotFitted { .. }
                    | ErrorKind::NotFinite { .. } => return Ok(None),
                    _ => return Err(error),
                },
            }
        }
        let reach = curves.iter().map(|(_, m)| m.len()).min().unwrap_or(0);
        let pools = (0..reach).map(|h| {
            let parts = curves
                .iter()
                .map(|(weight, moments)| (*weight, moments[h].0, moments[h].1));
            Predictive::mixture(&parts.collect::<Vec<_>>())
        });
        pools.collect::<Result<_>>().map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backtest::Setting;
    use approx::assert_relative_eq;

    fn at(forecaster: &CurveForecaster, counts: &[(i32, f64)]) -> Vec<Predictive> {
        let history = IncidenceSeries::from_counts("x", counts.to_vec()).unwrap();
        let past = Past {
            history: &history,
            group: "X",
            site: "x",
            setting: Setting::TwoFigure,
            expected: None,
        };
        forecaster.forecast(&past, 15).unwrap().unwrap_or_default()
    }

    /// On the log scale the exponential curve through two counts is a straight line: h years after
    /// the second of two, d years apart, its variance is s²·((1 + h/d)² + (h/d)²).
    #[test]
    fn the_exponential_through_two_figures_errs_as_the_closed_form_says() {
        let curves = CurveForecaster::new("e", &[(Family::Exponential, 1.0)], 0.03).unwrap();
        let forecasts = at(&curves, &[(2019, 1000.0), (2024, 1200.0)]);
        assert_eq!(forecasts.len(), 15);
        for h in [1usize, 5, 15] {
            let quantiles = forecasts[h - 1].quantiles().unwrap();
            let x = h as f64 / 5.0;
            let mean = 1200f64.ln() + x * 1.2f64.ln();
            let deviation = 0.03 * ((1.0 + x).powi(2) + x * x).sqrt();
            assert_relative_eq!(quantiles.quantiles()[3], mean, max_relative = 1e-9);
            let upper = mean + 1.959_963_984_540_054 * deviation;
            assert_relative_eq!(quantiles.quantiles()[6], upper, max_relative = 1e-9);
        }
    }

    /// A line below zero has no logarithm: it ends where it does. Two counts do not determine a
    /// logistic curve.
    #[test]
    fn a_pool_says_no_more_than_its_curves() {
        let curves = CurveForecaster::line_and_exponential(0.03).unwrap();
        let falling = [(2019, 1000.0), (2024, 500.0)];
        assert_eq!(at(&curves, &falling).len(), 4);
        let logistic = CurveForecaster::new("l", &[(Family::Logistic, 1.0)], 0.03).unwrap();
        assert!(at(&logistic, &falling).is_empty());
        for (members, error) in [
            (vec![], 0.03),
            (vec![(Family::Linear, 0.0)], 0.03),
            (vec![(Family::Linear, f64::NAN)], 0.03),
            (vec![(Family::Linear, 1.0)], -0.1),
        ] {
            assert!(CurveForecaster::new("bad", &members, error).is_err());
        }
    }
}
