//! Where the variance of a projection comes from.

use std::fmt;

use ndarray::Axis;
use serde::Serialize;

use super::error_model::Exact;
use super::{DampingPrior, Projection, ProjectionOptions, curve_draws, damping_prior};
use crate::checked_on_reading::checked;
use crate::curve::{Family, GrowthCurve};
use crate::draws::YearlyDraws;
use crate::error::{Error, Result};
use crate::fit::PublishedProjectionUse;
use crate::number_checks::Place;
use crate::numeric::mean_and_variance;
use crate::plain_text::Table;
use crate::series::IncidenceSeries;

/// What makes up the variance of ln new cases in one year under one curve.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct VarianceOfCurve {
    /// The mean of ln new cases.
    pub(crate) mean: f64,
    /// The errors of the observations.
    pub(crate) measurement: f64,
    /// What sources differ by.
    pub(crate) between_source: f64,
    /// The error of the published projection.
    pub(crate) published_projection: f64,
    /// The damping of the reference region, and what the prior leaves open of it.
    pub(crate) damping: f64,
}

checked! {
    /// **Where the variance of a projection comes from**: shares of the variance of ln new cases, or of ln patients
    /// reaching third line, in one year.
    ///
    /// # Definition
    ///
    /// By the law of total variance over the curves *c* of a linear pool with weights w,
    ///
    /// ```text
    /// var ln y = Σ w(c)·var(ln y | c) + Σ w(c)·(E(ln y | c) − E ln y)² + model discrepancy + var ln share
    /// ```
    ///
    /// The variance under a curve is the sum of what falls away as first the differences between sources, then the
    /// error of the published projection are taken as zero, and what is left. The draws are the same in all cases, so
    /// that the differences are not those of chance. Each share lies between 0 and 1; they add up to 1, or are all 0
    /// where nothing varies. `Display` prints them as a table.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::curve::Family;
    /// use myeloma_epi::projection::{ErrorModel, VarianceShares};
    /// use myeloma_epi::{IncidenceSeries, ProjectionOptions};
    ///
    /// let series = IncidenceSeries::from_counts("Norway", [(2019, 480.0), (2024, 530.0)])?
    ///     .assuming_relative_error(0.02)?;
    /// let options = ProjectionOptions {
    ///     errors: ErrorModel { between_source_sd: 0.1, ..ErrorModel::default() },
    ///     ..ProjectionOptions::to(2040)
    /// };
    /// let shares = VarianceShares::of(&Family::Exponential, &series, &options)?;
    /// // ln y(2040) = 4.2·ln y(2024) − 3.2·ln y(2019), and a count n has its own variance 1/n:
    /// // (0.02² + 1/530)·4.2² + (0.02² + 1/480)·3.2² = 0.0658 beside 0.1² = 0.01.
    /// assert!((shares.measurement - 0.868).abs() < 0.03);
    /// assert!((shares.measurement + shares.between_source - 1.0).abs() < 1e-9);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
    pub struct VarianceShares {
        /// The calendar year.
        pub year: i32,
        /// The standard deviation, on the log scale, whose square the shares divide up.
        pub standard_deviation: f64,
        /// The measurement errors of the observations.
        pub measurement: f64,
        /// The differences between sources.
        pub between_source: f64,
        /// The error of the published projection.
        pub published_projection: f64,
        /// The choice of the curve, and its damping where that is shared with a reference region.
        pub curve: f64,
        /// Model discrepancy.
        pub model_discrepancy: f64,
        /// The share of patients that reaches third line; 0 for new cases.
        pub third_line_share: f64,
    } then check
}

/// Variances are estimated from no more draws than these: their standard error is then below 1.5 %.
pub(crate) const DRAWS_FOR_VARIANCE: usize = 10_000;

impl VarianceOfCurve {
    /// The parts for one curve, whose draws with all errors are there already.
    pub(crate) fn of<C: GrowthCurve>(
        curve: &C,
        series: &IncidenceSeries,
        whole: Option<&IncidenceSeries>,
        drawn: &Projection,
        options: &ProjectionOptions,
    ) -> Result<Self> {
        let has_published = drawn.uses_published_projection;
        Self::by_taking_away(drawn, has_published, options, |options, exact| {
            curve_draws::project(curve, series, options, (exact, whole))
        })
    }

    /// The parts for a curve whose damping is shrunk towards that of a reference region. What falls away
    /// when the reference's figures are taken as exact, and its damping as that of the region, counts as
    /// the damping.
    pub(crate) fn with_reference(
        family: Family,
        series: &IncidenceSeries,
        (use_of_projection, reference): (PublishedProjectionUse, &IncidenceSeries),
        prior: DampingPrior,
        drawn: &Projection,
        options: &ProjectionOptions,
    ) -> Result<Self> {
        let parts = Self::by_taking_away(drawn, true, options, |options, exact| {
            let (exact_reference, prior) = match exact {
                Exact::None => (Exact::None, prior),
                Exact::Projection | Exact::All => (Exact::All, DampingPrior::Full),
            };
            let of_reference = options.clone().of_reference(use_of_projection);
            let errors = (exact_reference, None);
            let draws = curve_draws::project(&family, reference, &of_reference, errors)?;
            let reference = (&draws, reference);
            damping_prior::project(family, series, reference, prior, options, exact)
        })?;
        Ok(Self {
            published_projection: 0.0,
            damping: parts.published_projection,
            ..parts
        })
    }

    /// Projects again without what is taken away; where there is nothing to take away, not at all.
    fn by_taking_away(
        drawn: &Projection,
        has_published_or_reference: bool,
        options: &ProjectionOptions,
        project: impl Fn(&ProjectionOptions, Exact) -> Result<Projection>,
    ) -> Result<Self> {
        let of_one_source = ProjectionOptions {
            errors: options.errors.of_one_source(),
            draws: options.draws.min(DRAWS_FOR_VARIANCE),
            ..options.clone()
        };
        let variance = |exact| -> Result<f64> {
            let projection = project(&of_one_source, exact)?;
            Ok(log_moments(projection.new_cases(), options.to)?.1)
        };
        let (mean, all) = log_moments(drawn.new_cases(), options.to)?;
        let own = if options.errors.between_source_sd > 0.0 {
            variance(Exact::None)?
        } else {
            all
        };
        let measurement = if has_published_or_reference {
            variance(Exact::Projection)?
        } else {
            own
        };
        Ok(Self {
            mean,
            measurement,
            // Differences of variances of draws, which may fall below 0 by chance alone.
            between_source: (all - own).max(0.0),
            published_projection: (own - measurement).max(0.0),
            damping: 0.0,
        })
    }

    fn variance(&self) -> f64 {
        self.measurement + self.between_source + self.published_projection + self.damping
    }
}

impl VarianceShares {
    /// The shares of the projection of one curve, in the last year of the options.
    ///
    /// # Errors
    ///
    /// Those of [`Projection::of`](crate::Projection::of), and where a draw has no cases at all, so that
    /// it has no logarithm.
    pub fn of<C: GrowthCurve>(
        curve: &C,
        series: &IncidenceSeries,
        options: &ProjectionOptions,
    ) -> Result<Self> {
        let drawn = curve_draws::project(curve, series, options, (Exact::None, None))?;
        let curve = VarianceOfCurve::of(curve, series, None, &drawn, options)?;
        Ok(Self::of_pool(options.to, &[(curve, 1.0)], 0.0))
    }

    /// Of a linear pool of curves with weights, and with a variance of the model discrepancy that is
    /// independent of the curve.
    pub(crate) fn of_pool(year: i32, curves: &[(VarianceOfCurve, f64)], discrepancy: f64) -> Self {
        let average = |of: &dyn Fn(&VarianceOfCurve) -> f64| weighted(curves, of);
        let mean = average(&|c| c.mean);
        Self::from_parts(
            year,
            [
                average(&|c| c.measurement),
                average(&|c| c.between_source),
                average(&|c| c.published_projection),
                average(&|c| c.damping + (c.mean - mean).powi(2)),
                discrepancy,
                0.0,
            ],
        )
    }

    /// From the variances themselves: measurement, between sources, published projection, curve, model
    /// discrepancy, share.
    pub(crate) fn from_parts(year: i32, parts: [f64; 6]) -> Self {
        let total: f64 = parts.iter().sum();
        let [
            measurement,
            between_source,
            published_projection,
            curve,
            model_discrepancy,
            third_line_share,
        ] = parts.map(|part| if total > 0.0 { part / total } else { 0.0 });
        Self {
            year,
            standard_deviation: total.sqrt(),
            measurement,
            between_source,
            published_projection,
            curve,
            model_discrepancy,
            third_line_share,
        }
    }

    /// The shares in the order of the fields.
    fn shares(&self) -> [f64; 6] {
        [
            self.measurement,
            self.between_source,
            self.published_projection,
            self.curve,
            self.model_discrepancy,
            self.third_line_share,
        ]
    }

    /// The same with a share of patients that is independent of the new cases and has this variance of its
    /// logarithm: a product adds up on the log scale.
    pub(crate) fn times_share(&self, variance: f64) -> Self {
        let total = self.standard_deviation.powi(2);
        let mut parts = self.shares().map(|share| share * total);
        parts[5] += variance;
        Self::from_parts(self.year, parts)
    }
}

impl fmt::Display for VarianceShares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            "measurement error",
            "between sources",
            "published projection",
            "choice of the curve",
            "model discrepancy",
            "share reaching third line",
        ];
        let mut table = Table::default();
        table.heading(format!(
            "standard deviation of the logarithm in {}: {:.3}, of whose square",
            self.year, self.standard_deviation
        ));
        for (name, share) in names.into_iter().zip(self.shares()) {
            table.row(name, [format!("{:.1} %", 100.0 * share)]);
        }
        table.fmt(f)
    }
}

impl VarianceShares {
    fn check(&self) -> Result<()> {
        let place = format!("the variance of {}", self.year);
        let place = Place(&place);
        place.not_negative("the standard deviation", self.standard_deviation)?;
        for share in self.shares() {
            place.share("a share", share)?;
        }
        let sum: f64 = self.shares().iter().sum();
        let expected = f64::from(u8::from(self.standard_deviation > 0.0));
        let holds = (sum - expected).abs() <= 1e-9;
        place.check(holds, "the sum of the shares", sum, expected.to_string())
    }
}

/// The contribution of each curve to the variance of their linear pool, w·E(ln y − mean)² under that curve
/// as a share of the whole: large for a curve that is uncertain and for one that stands apart.
pub(crate) fn contributions(curves: &[(VarianceOfCurve, f64)]) -> Vec<f64> {
    let mean = weighted(curves, &|c| c.mean);
    let about_mean = |c: &VarianceOfCurve| c.variance() + (c.mean - mean).powi(2);
    let total = weighted(curves, &about_mean);
    let weights: f64 = curves.iter().map(|(_, weight)| weight).sum();
    let share = |(c, weight): &(VarianceOfCurve, f64)| {
        if total > 0.0 {
            weight / weights * about_mean(c) / total
        } else {
            0.0
        }
    };
    curves.iter().map(share).collect()
}

fn weighted(curves: &[(VarianceOfCurve, f64)], of: &dyn Fn(&VarianceOfCurve) -> f64) -> f64 {
    let weights: f64 = curves.iter().map(|(_, weight)| weight).sum();
    let sum: f64 = curves.iter().map(|(c, weight)| weight * of(c)).sum();
    sum / weights
}

/// Mean and variance of the logarithm of a year's draws, of no more than are needed.
fn log_moments(draws: &YearlyDraws, year: i32) -> Result<(f64, f64)> {
    let row = draws.year(year)?;
    let (row, _) = row.split_at(Axis(0), row.len().min(DRAWS_FOR_VARIANCE));
    let logs: Vec<f64> = row.iter().map(|cases| cases.ln()).collect();
    let (mean, variance) = mean_and_variance(&logs);
    if !mean.is_finite() {
        return Err(Error::unsuitable(format!(
            "a draw of {year} has no cases: its logarithm, and so the variance, does not exist"
        )));
    }
    // The logarithms of equal draws differ from their mean by its rounding, which is no variance.
    let rounding = 1e-12 * mean.abs().max(1.0);
    let varies = variance.sqrt() > rounding;
    Ok((mean, if varies { variance } else { 0.0 }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// Hand-worked: two curves a distance of 2 apart with weights 1 and 3 have a variance of their means of
    /// 4·¼·¾ = 0.75.
    #[test]
    fn shares_of_a_pool_by_hand() {
        let curve = |mean: f64, measurement: f64| VarianceOfCurve {
            mean,
            measurement,
            ..VarianceOfCurve::default()
        };
        let damped = VarianceOfCurve {
            damping: 0.4,
            ..curve(2.0, 1.6)
        };
        let curves = [(curve(0.0, 1.0), 1.0), (damped, 3.0)];
        let shares = VarianceShares::of_pool(2040, &curves, 0.5);
        // Measurement ¼·1 + ¾·1.6 = 1.45, curve 0.75 and damping ¾·0.4 = 0.3, model discrepancy 0.5: 3 in all.
        assert_relative_eq!(
            shares.standard_deviation,
            3.0_f64.sqrt(),
            max_relative = 1e-14
        );
        assert_relative_eq!(shares.measurement, 1.45 / 3.0, max_relative = 1e-14);
        assert_relative_eq!(shares.curve, 0.35, max_relative = 1e-14);
        assert_relative_eq!(shares.model_discrepancy, 0.5 / 3.0, max_relative = 1e-14);
        let with_share = shares.times_share(1.0);
        assert_relative_eq!(with_share.standard_deviation, 2.0, max_relative = 1e-14);
        assert_relative_eq!(with_share.third_line_share, 0.25, max_relative = 1e-14);
        // ¼·(1 + 1.5²) and ¾·(2 + 0.5²) of 2.5.
        let each = contributions(&curves);
        assert_relative_eq!(each[0], 0.325, max_relative = 1e-14);
        assert_relative_eq!(each[1], 0.675, max_relative = 1e-14);
        let nothing = VarianceShares::of_pool(2040, &[(curve(1.0, 0.0), 1.0)], 0.0);
        assert!(nothing.standard_deviation.abs() < 1e-300 && nothing.measurement.abs() < 1e-300);
    }
}
