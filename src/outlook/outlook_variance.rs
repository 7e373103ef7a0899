//! What makes up the variance of an outlook's last year.

use serde::Serialize;

use super::curves::CurveOutlook;
use super::outlook_options::OutlookOptions;
use super::question::Question;
use super::region_draws::{Forecasts, Recipe, fitted};
use crate::checked_on_reading::checked;
use crate::error::{Error, Result};
use crate::forecast::Forecast;
use crate::numeric::mean_and_variance;
use crate::projection::{
    DRAWS_FOR_VARIANCE, Projection, VarianceOfCurve, VarianceShares, contributions,
};
use crate::series::IncidenceSeries;

checked! {
    /// **Where the variance of an outlook comes from**: shares of the variance of the logarithm in its last year, for
    /// each of its forecasts.
    ///
    /// What a share is of, and how it is found, is said at [`VarianceShares`]. What each curve contributes to the
    /// variance of the linear pool is [`CurveOutlook::variance_share`](super::CurveOutlook::variance_share).
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::{Outlook, OutlookOptions, figures};
    ///
    /// let options = OutlookOptions { draws: 2_000, ..OutlookOptions::myeloma() };
    /// let outlook = Outlook::of(figures::press_release(), &options)?;
    /// let variance = outlook.region("World")?.variance().unwrap();
    /// let s = &variance.third_line;
    /// let sum = s.measurement + s.between_source + s.published_projection + s.curve + s.model_discrepancy;
    /// assert!((sum + s.third_line_share - 1.0).abs() < 1e-9);
    /// // The share who reach third line adds to the variance, and to nothing else.
    /// assert_eq!(variance.new_cases.third_line_share, 0.0);
    /// assert!(s.standard_deviation > variance.new_cases.standard_deviation);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct OutlookVariance {
        /// New cases of the headline, the registry trend. Its model discrepancy holds what the figures leave open of
        /// growth, too: there is no curve to choose. The differences between sources are the error of revision under
        /// [`Question::ThisSource`](crate::Question::ThisSource), and what is open of the level of all sources together under
        /// [`Question::TrueIncidence`](crate::Question::TrueIncidence).
        pub new_cases: VarianceShares,
        /// Patients diagnosed in the last year who will ever reach third line.
        pub third_line: VarianceShares,
        /// New cases of the linear pool.
        pub pool: VarianceShares,
        /// New cases of the linear pool of the curves through the observations alone, if there is one.
        pub without_published: Option<VarianceShares>,
        /// New cases of the linear pool of the curves that take the published projection as a figure, if there
        /// is one.
        pub with_published: Option<VarianceShares>,
    } then check
}

impl OutlookVariance {
    fn check(&self) -> Result<()> {
        let pools = self.without_published.iter().chain(&self.with_published);
        let mut all = pools.chain([&self.third_line, &self.pool]);
        if all.any(|shares| shares.year != self.new_cases.year) {
            return Err(Error::mismatch(
                "the variances of an outlook are of different years",
            ));
        }
        Ok(())
    }
}

/// What the variances of a region are computed from.
pub(super) struct Sources<'a> {
    pub(super) series: &'a IncidenceSeries,
    pub(super) curves: &'a [CurveOutlook],
    pub(super) projections: &'a [Projection],
    pub(super) forecasts: &'a Forecasts,
    pub(super) recipe: &'a Recipe,
}

impl Sources<'_> {
    /// The variances of all forecasts, and for each of the pool's members its share of the pool's.
    pub(super) fn variance(&self, members: &[(usize, f64)]) -> Result<(OutlookVariance, Vec<f64>)> {
        let options = &*self.recipe.options;
        if options.draws < 2 {
            return Err(Error::unsuitable("one draw has no variance"));
        }
        let year = options.to;
        let discrepancy = if options.model_discrepancy {
            self.forecasts.counts.model_discrepancy_variance(year)?
        } else {
            0.0
        };
        let mut of_curves = Vec::new();
        for (i, (curve, drawn)) in self.curves.iter().zip(self.projections).enumerate() {
            let is_used = curve.no_weight().is_none() || members.iter().any(|&(m, _)| m == i);
            let variance = is_used.then(|| curve.variance(self.series, drawn, self.recipe));
            of_curves.push(variance.transpose()?);
        }
        let of_members = |members: &[(usize, f64)]| -> Vec<(VarianceOfCurve, f64)> {
            let members = members.iter();
            members
                .filter_map(|&(i, weight)| Some((of_curves[i]?, weight)))
                .collect()
        };
        let of_fitted = |published| {
            let members = of_members(&fitted(self.curves, published, options));
            let any = members.iter().any(|(_, weight)| *weight > 0.0);
            any.then(|| VarianceShares::of_pool(year, &members, discrepancy))
        };
        let members = of_members(members);
        let new_cases = self.of_forecast(options)?;
        let variance = OutlookVariance {
            third_line: new_cases.times_share(variance_of_log_share(options)?),
            new_cases,
            pool: VarianceShares::of_pool(year, &members, discrepancy),
            without_published: of_fitted(false),
            with_published: of_fitted(true),
        };
        Ok((variance, contributions(&members)))
    }

    /// The shares of the headline: the errors of the figures are what exact figures would take away.
    fn of_forecast(&self, options: &OutlookOptions) -> Result<VarianceShares> {
        let Forecasts {
            trend,
            consensus,
            revision,
            ..
        } = self.forecasts;
        let region = self.series.region();
        let spread = |trend: &Forecast| match options.question {
            Question::ThisSource => trend
                .log_moments(options.to)
                .map(|moments| moments.1.powi(2)),
            Question::TrueIncidence => trend.variance_with(consensus.part(), options.to),
        };
        let all = spread(trend)?;
        let exact = self.series.clone().with_errors(|_| Some(0.0));
        let exact = options
            .trend(region)
            .of(&exact, &options.forecast_of(region)?)?;
        // What exact figures say of the noises may widen a forecast: their errors then add nothing.
        let discrepancy = spread(&exact)?.min(all);
        let level = match options.question {
            Question::ThisSource => revision.variance().ok_or_else(|| {
                Error::unsuitable(
                    "an error of revision that is estimated from fewer than three successive rounds has no variance",
                )
            })?,
            Question::TrueIncidence => consensus.variance(),
        };
        Ok(VarianceShares::from_parts(
            options.to,
            [all - discrepancy, level, 0.0, 0.0, discrepancy, 0.0],
        ))
    }
}

/// The variance of the logarithm of the share that reaches third line.
fn variance_of_log_share(options: &OutlookOptions) -> Result<f64> {
    let draws = options.draws.min(DRAWS_FOR_VARIANCE);
    let shares = options.share.draws(draws, options.seed)?;
    let logs: Vec<f64> = shares.iter().map(|share| share.ln()).collect();
    let (_, variance) = mean_and_variance(&logs);
    // A share that may be 0 has no logarithm.
    if variance.is_finite() {
        return Ok(variance);
    }
    Err(Error::unsuitable(
        "a draw of the share reaching third line is 0 and has no logarithm",
    ))
}
