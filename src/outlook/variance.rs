//! Where the uncertainty of the last year comes from.

use serde::Serialize;

use super::curves::{CurveOutlook, ShrunkCurve};
use super::options::OutlookOptions;
use crate::curve::Family;
use crate::error::{ErrorKind, Result};
use crate::forecast::{Forecast, RegistryTrend};
use crate::projection::{ErrorModel, VarianceOfCurve, VarianceShares, contributions};
use crate::series::IncidenceSeries;

/// Shares of the variance in the last year of an outlook, on the log scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutlookVariance {
    /// New cases of the mixture of the families, each through the fewest figures that determine it.
    pub incidence: VarianceShares,
    /// Patients diagnosed in the last year who will ever reach third line, of the same mixture.
    pub third_line: VarianceShares,
    /// New cases of the mixture of the curves through the observations alone, if there is one.
    pub without_published: Option<VarianceShares>,
    /// New cases of the mixture of the curves that take the published projection for a figure.
    pub with_published: Option<VarianceShares>,
    /// New cases of the calibrated projection. The horizon holds what the figures leave open of
    /// growth, too: there is no curve to choose.
    pub calibrated: VarianceShares,
    /// What each curve of the mixture contributes to the variance that is not the horizon's.
    pub curves: Vec<CurveShare>,
}

/// One curve of a mixture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurveShare {
    /// The curve.
    pub curve: Family,
    /// Its share of the draws.
    pub weight: f64,
    /// Its share of the variance about the mean of the mixture.
    pub variance: f64,
}

/// What the variances of a region are made of.
pub(super) struct Parts<'a> {
    pub(super) series: &'a IncidenceSeries,
    pub(super) curves: &'a [CurveOutlook],
    pub(super) borrowed: &'a [ShrunkCurve],
    pub(super) whole: Option<&'a IncidenceSeries>,
    pub(super) forecast: &'a Forecast,
    pub(super) errors: ErrorModel,
}

impl Parts<'_> {
    pub(super) fn variance(&self, options: &OutlookOptions) -> Result<OutlookVariance> {
        let year = options.to;
        if options.draws < 2 {
            return Err(ErrorKind::Unsuitable("one draw has no variance".to_owned()).into());
        }
        let mut of_curves: Vec<(&CurveOutlook, VarianceOfCurve)> = Vec::new();
        for curve in self.curves.iter().filter(|curve| !curve.is_limit()) {
            let variance = curve.variance(self.series, self.errors, options)?;
            of_curves.push((curve, variance));
        }
        let horizon = if options.horizon_error {
            self.forecast.model_discrepancy_variance(year)?
        } else {
            0.0
        };
        let chosen = |chosen: &dyn Fn(&CurveOutlook) -> bool| -> Vec<(VarianceOfCurve, f64)> {
            of_curves
                .iter()
                .filter(|(curve, _)| chosen(curve))
                .map(|(curve, variance)| (*variance, options.weight(curve.family())))
                .collect()
        };
        let mixture = |curves: &[(VarianceOfCurve, f64)]| {
            let any = curves.iter().any(|(_, weight)| *weight > 0.0);
            any.then(|| VarianceShares::of_mixture(year, curves, horizon))
        };

        let mut families: Vec<Family> = Vec::new();
        let mut mixed = Vec::new();
        for (curve, variance) in of_curves.iter().filter(|(curve, _)| curve.in_mixture()) {
            families.push(curve.family());
            mixed.push((*variance, options.weight(curve.family())));
        }
        for curve in self.borrowed {
            let Some(whole) = self.whole else { continue };
            let variance = curve.variance(self.series, whole, self.errors, options)?;
            families.push(curve.family());
            mixed.push((variance, options.weight(curve.family())));
        }
        if mixed.is_empty() {
            // All curves are at their limit: the outlook is that of the first of them.
            let first = self.curves[0].variance(self.series, self.errors, options)?;
            families.push(self.curves[0].family());
            mixed.push((first, 1.0));
        }
        let incidence = VarianceShares::of_mixture(year, &mixed, horizon);
        let weights: f64 = mixed.iter().map(|(_, weight)| weight).sum();
        let curves = families
            .iter()
            .zip(&mixed)
            .zip(contributions(&mixed))
            .map(|((&curve, (_, weight)), variance)| CurveShare {
                curve,
                weight: weight / weights,
                variance,
            })
            .collect();
        Ok(OutlookVariance {
            third_line: incidence.times_share(Self::variance_of_share(options)?),
            incidence,
            without_published: mixture(&chosen(&|c| !c.uses_published_projection())),
            with_published: mixture(&chosen(&CurveOutlook::uses_published_projection)),
            calibrated: self.calibrated(options)?,
            curves,
        })
    }

    fn variance_of_share(options: &OutlookOptions) -> Result<f64> {
        let shares = options
            .share
            .draws(options.draws.min(10_000), options.seed)?;
        let n = shares.len() as f64;
        let mean = shares.iter().map(|share| share.ln()).sum::<f64>() / n;
        let squares: f64 = shares.iter().map(|share| (share.ln() - mean).powi(2)).sum();
        let variance = squares / (n - 1.0).max(1.0);
        // A share that may be 0 has no logarithm.
        if variance.is_finite() {
            return Ok(variance);
        }
        Err(ErrorKind::Unsuitable(
            "a draw of the share reaching third line is 0 and has no logarithm".to_owned(),
        )
        .into())
    }

    /// The errors of the figures are what exact figures would take away.
    fn calibrated(&self, options: &OutlookOptions) -> Result<VarianceShares> {
        let all = self.forecast.log_moments(options.to)?.1.powi(2);
        let exact = IncidenceSeries::from_counts(
            self.series.region(),
            self.series.observations().iter().map(|o| (o.year, o.cases)),
        )?;
        let exact = RegistryTrend::default().of(&exact, &options.trend)?;
        let horizon = exact.log_moments(options.to)?.1.powi(2).min(all);
        let source = self.errors.level.powi(2);
        Ok(VarianceShares::from_parts(
            options.to,
            [all - horizon, source, 0.0, 0.0, horizon, 0.0],
        ))
    }
}
