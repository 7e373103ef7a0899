//! Where the variance of a projection comes from.

use serde::Serialize;

use super::error_model::Still;
use super::{DampingPrior, Projection, ProjectionOptions};
use crate::curve::{Family, GrowthCurve};
use crate::draws::YearlyDraws;
use crate::error::{ErrorKind, Result};
use crate::fit::PublishedProjectionUse;
use crate::series::IncidenceSeries;

/// What makes up the variance of ln new cases in one year under one curve.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct VarianceOfCurve {
    /// The mean of ln new cases.
    pub mean: f64,
    /// The errors of the observations.
    pub measurement: f64,
    /// The level of the source.
    pub source: f64,
    /// The error of the published projection.
    pub published_projection: f64,
    /// What a curve borrows from another region.
    pub bend: f64,
}

/// Shares of the variance of ln new cases, or of ln patients in third line, in one year. They add up to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct VarianceShares {
    /// The calendar year.
    pub year: i32,
    /// The standard deviation, on the log scale, that the shares are shares of (squared).
    pub deviation: f64,
    /// The errors of the observations.
    pub measurement: f64,
    /// The level of the source.
    pub source: f64,
    /// The error of the published projection.
    pub published_projection: f64,
    /// The choice of the curve, and of its bend where that is borrowed.
    pub curve: f64,
    /// That the truth leaves any curve.
    pub horizon: f64,
    /// The share that reaches third line; 0 for new cases.
    pub share: f64,
}

impl VarianceOfCurve {
    /// The parts for one curve: the variance of all draws, and by how much it falls as first the level of
    /// the source and then the error of the published projection is taken away. The draws are the
    /// same in all cases, so that the differences are not those of chance.
    ///
    /// # Errors
    ///
    /// Those of [`Projection::of`], and where a draw has no cases at all, so that it has no logarithm.
    pub fn of<C: GrowthCurve>(
        curve: &C,
        series: &IncidenceSeries,
        options: &ProjectionOptions,
    ) -> Result<Self> {
        Self::by_taking_away(options, |options, _| {
            log_moments(Projection::of(curve, series, options)?.cases(), options.to)
        })
    }

    /// The parts for a curve that borrows its bend. What becomes of the variance when the lender's figures
    /// are taken as exact, and its bend as that of the region, counts as the bend.
    ///
    /// # Errors
    ///
    /// Those of [`Projection::borrowing`], and as [`VarianceOfCurve::of`].
    pub(crate) fn of_borrowed(
        family: Family,
        series: &IncidenceSeries,
        (lent, lender): (PublishedProjectionUse, &IncidenceSeries),
        pooling: DampingPrior,
        options: &ProjectionOptions,
    ) -> Result<Self> {
        let parts = Self::by_taking_away(options, |options, still| {
            let mut lending = options.clone().with_published_projection(lent);
            lending.from = None;
            let mut pooling = pooling;
            if still == Still::Projection {
                lending.errors = lending.errors.holding(Still::All);
                pooling = DampingPrior::Full;
            }
            let lent = Projection::of(&family, lender, &lending)?;
            let own = Projection::borrowing(family, series, (&lent, lender), pooling, options)?;
            log_moments(own.cases(), options.to)
        })?;
        Ok(Self {
            published_projection: 0.0,
            bend: parts.published_projection,
            ..parts
        })
    }

    fn by_taking_away(
        options: &ProjectionOptions,
        moments: impl Fn(&ProjectionOptions, Still) -> Result<(f64, f64)>,
    ) -> Result<Self> {
        let with = |still| options.clone().with_errors(options.errors.holding(still));
        let (mean, all) = moments(options, Still::None)?;
        let (_, own) = moments(&with(Still::None), Still::None)?;
        let (_, measurement) = moments(&with(Still::Projection), Still::Projection)?;
        Ok(Self {
            mean,
            measurement,
            source: (all - own).max(0.0),
            published_projection: (own - measurement).max(0.0),
            bend: 0.0,
        })
    }

    fn variance(&self) -> f64 {
        self.measurement + self.source + self.published_projection + self.bend
    }
}

impl VarianceShares {
    /// Of a mixture of curves with weights, and with a variance of the horizon error that is independent
    /// of the curve. What the means of the curves differ by is the choice of the curve.
    #[must_use]
    pub fn of_mixture(year: i32, curves: &[(VarianceOfCurve, f64)], horizon: f64) -> Self {
        let average = |of: &dyn Fn(&VarianceOfCurve) -> f64| weighted(curves, of);
        let mean = average(&|c| c.mean);
        Self::from_parts(
            year,
            [
                average(&|c| c.measurement),
                average(&|c| c.source),
                average(&|c| c.published_projection),
                average(&|c| c.bend + (c.mean - mean).powi(2)),
                horizon,
                0.0,
            ],
        )
    }

    /// From the variances themselves: measurement, source, published projection, curve, horizon, share.
    #[must_use]
    pub fn from_parts(year: i32, parts: [f64; 6]) -> Self {
        let total: f64 = parts.iter().sum();
        let [
            measurement,
            source,
            published_projection,
            curve,
            horizon,
            share,
        ] = parts.map(|part| if total > 0.0 { part / total } else { 0.0 });
        Self {
            year,
            deviation: total.sqrt(),
            measurement,
            source,
            published_projection,
            curve,
            horizon,
            share,
        }
    }

    /// The same with a share of patients that is independent of the new cases and has this variance of its
    /// logarithm: a product adds up on the log scale.
    #[must_use]
    pub fn times_share(&self, variance: f64) -> Self {
        let total = self.deviation.powi(2);
        let parts = [
            self.measurement,
            self.source,
            self.published_projection,
            self.curve,
            self.horizon,
            self.share,
        ];
        let mut parts = parts.map(|part| part * total);
        parts[5] += variance;
        Self::from_parts(self.year, parts)
    }
}

/// The contribution of each curve to the variance of their mixture, w·E(ln y − mean)² under that curve as
/// a share of the whole: large for a curve that is uncertain and for one that stands apart.
#[must_use]
pub(crate) fn contributions(curves: &[(VarianceOfCurve, f64)]) -> Vec<f64> {
    let mean = weighted(curves, &|c| c.mean);
    let about_mean = |c: &VarianceOfCurve| c.variance() + (c.mean - mean).powi(2);
    let total = weighted(curves, &about_mean);
    let weights: f64 = curves.iter().map(|(_, weight)| weight).sum();
    curves
        .iter()
        .map(|(c, weight)| {
            if total > 0.0 {
                weight / weights * about_mean(c) / total
            } else {
                0.0
            }
        })
        .collect()
}

fn weighted(curves: &[(VarianceOfCurve, f64)], of: &dyn Fn(&VarianceOfCurve) -> f64) -> f64 {
    let weights: f64 = curves.iter().map(|(_, weight)| weight).sum();
    let sum: f64 = curves.iter().map(|(c, weight)| weight * of(c)).sum();
    sum / weights
}

/// Mean and variance of the logarithm of a year's draws.
pub(crate) fn log_moments(draws: &YearlyDraws, year: i32) -> Result<(f64, f64)> {
    let row = draws.year(year)?;
    let n = row.len() as f64;
    let mean = row.iter().map(|cases| cases.ln()).sum::<f64>() / n;
    if !mean.is_finite() {
        return Err(ErrorKind::Unsuitable(format!(
            "a draw of {year} has no cases: its logarithm, and so the variance, does not exist"
        ))
        .into());
    }
    let squares: f64 = row.iter().map(|cases| (cases.ln() - mean).powi(2)).sum();
    let variance = squares / (n - 1.0).max(1.0);
    // The logarithms of equal draws differ from their mean by its rounding, which is no variance.
    let rounding = 1e-12 * mean.abs().max(1.0);
    Ok((
        mean,
        if variance.sqrt() > rounding {
            variance
        } else {
            0.0
        },
    ))
}
