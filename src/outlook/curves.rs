//! The curves of a region: those that its figures carry, those that it borrows, those left out.

use super::options::OutlookOptions;
use crate::curve::{Family, GrowthCurve, JoinedExponential, Role, place};
use crate::draws::YearlyDraws;
use crate::error::{ErrorKind, Result};
use crate::fit::{Fit, FitOptions, PublishedProjectionUse, fit};
use crate::projection::{
    DampingPrior, ErrorModel, Projection, ProjectionOptions, VarianceOfCurve, can_be_borrowed,
};
use crate::series::IncidenceSeries;

/// Variances are estimated from no more draws than these: their standard error is then below 1.5 %.
const DRAWS_FOR_VARIANCE: usize = 10_000;

/// One curve that the figures of a region carry.
#[derive(Debug, Clone)]
pub struct CurveOutlook {
    family: Family,
    fit: Fit<Family>,
    projection: Projection,
    pub(super) in_mixture: bool,
}

/// A curve that takes its bend from the region that this one is part of.
#[derive(Debug, Clone)]
pub struct ShrunkCurve {
    family: Family,
    lender: String,
    central: YearlyDraws,
    falls: bool,
    projection: Projection,
}

/// One curve that the figures of a region do not carry.
#[derive(Debug, Clone)]
pub struct NotIdentified {
    /// The curve.
    pub family: Family,
    /// Whether the published projection was one of the figures.
    pub uses_published_projection: bool,
    /// Why it is left out.
    pub reason: String,
}

/// What the published projection implies: steady growth from the last observation to it.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct ImpliedGrowth {
    /// The year of the first observation.
    pub from: i32,
    /// The year of the last observation, in which the growth changes.
    pub change: i32,
    /// The year of the published projection.
    pub to: i32,
    /// Annual percent change up to the last observation, in per cent a year.
    pub before: f64,
    /// Annual percent change from then on.
    pub after: f64,
}

/// How a curve of a region is projected.
pub(super) fn projection_options(
    series: &IncidenceSeries,
    options: &OutlookOptions,
    errors: ErrorModel,
    choice: PublishedProjectionUse,
) -> ProjectionOptions {
    let first = series.first_year();
    ProjectionOptions::to(options.to)
        .with_first_year(options.from.map_or(first, |from| from.min(first)))
        .with_draws(options.draws)
        .with_seed(options.seed)
        .with_errors(errors)
        .with_published_projection(choice)
}

impl CurveOutlook {
    pub(super) fn new(
        family: Family,
        series: &IncidenceSeries,
        choice: PublishedProjectionUse,
        errors: ErrorModel,
        options: &OutlookOptions,
    ) -> Result<Self> {
        let fit_options = FitOptions {
            published_projection: choice,
            ..FitOptions::default()
        };
        let fit = fit(family, series, &fit_options)?;
        let options = projection_options(series, options, errors, choice);
        let projection = Projection::of(&family, series, &options)?;
        Ok(Self {
            family,
            fit,
            projection,
            in_mixture: false,
        })
    }

    /// The family.
    #[must_use]
    pub const fn family(&self) -> Family {
        self.family
    }

    /// The curve through the figures as they are published.
    #[must_use]
    pub const fn fit(&self) -> &Fit<Family> {
        &self.fit
    }

    /// Draws of the curve through the perturbed figures, without horizon error.
    #[must_use]
    pub const fn projection(&self) -> &Projection {
        &self.projection
    }

    /// Whether the curve is one of those mixed in [`RegionOutlook::incidence`](super::RegionOutlook::incidence).
    #[must_use]
    pub const fn in_mixture(&self) -> bool {
        self.in_mixture
    }

    /// Whether the published projection is one of the figures.
    #[must_use]
    pub fn uses_published_projection(&self) -> bool {
        self.fit.curve().uses_published_projection()
    }

    /// Whether a curve with a ceiling was fitted without damping, and is the exponential curve.
    pub(super) fn is_limit(&self) -> bool {
        let curve = self.fit.curve();
        place(self.family.parameters(), Role::Damping).is_some_and(|j| curve.theta()[j] <= 0.0)
    }

    pub(super) fn variance(
        &self,
        series: &IncidenceSeries,
        errors: ErrorModel,
        options: &OutlookOptions,
    ) -> Result<VarianceOfCurve> {
        let choice = self.projection.published_projection_use();
        let options = projection_options(series, options, errors, choice);
        VarianceOfCurve::of(&self.family, series, &fewer_draws(options))
    }
}

impl ShrunkCurve {
    pub(super) fn new(
        lender: &CurveOutlook,
        lending: &IncidenceSeries,
        series: &IncidenceSeries,
        errors: ErrorModel,
        options: &OutlookOptions,
    ) -> Result<Self> {
        let family = lender.family;
        let lent = (&lender.projection, lending);
        let of_part = projection_options(series, options, errors, PublishedProjectionUse::Ignore);
        let projection = Projection::borrowing(family, series, lent, options.pooling, &of_part)?;
        let lent = (lender.projection.published_projection_use(), lending);
        let central = Projection::borrowed_as_published(family, series, lent, &of_part)?;
        Ok(Self {
            family,
            lender: lending.region().to_owned(),
            falls: central.at_limit() > 0,
            central: central.cases().clone(),
            projection,
        })
    }

    /// The family.
    #[must_use]
    pub const fn family(&self) -> Family {
        self.family
    }

    /// Whether the figures as published fall: the curve is then the exponential one.
    pub(super) const fn is_limit(&self) -> bool {
        self.falls
    }

    /// The region whose damping it has.
    #[must_use]
    pub fn lender(&self) -> &str {
        &self.lender
    }

    /// New cases of the curve through the figures as published, with the lender's own damping.
    ///
    /// # Errors
    ///
    /// Where the year is not one of those projected.
    pub fn cases(&self, year: i32) -> Result<f64> {
        self.central.median(year)
    }

    /// Draws of the curve, without horizon error.
    #[must_use]
    pub const fn projection(&self) -> &Projection {
        &self.projection
    }

    pub(super) fn variance(
        &self,
        series: &IncidenceSeries,
        lending: &IncidenceSeries,
        errors: ErrorModel,
        options: &OutlookOptions,
    ) -> Result<VarianceOfCurve> {
        let pooling = options.pooling;
        let options = projection_options(series, options, errors, PublishedProjectionUse::Ignore);
        let lent = (self.projection.published_projection_use(), lending);
        VarianceOfCurve::of_borrowed(self.family, series, lent, pooling, &fewer_draws(options))
    }
}

fn fewer_draws(mut options: ProjectionOptions) -> ProjectionOptions {
    options.draws = options.draws.min(DRAWS_FOR_VARIANCE);
    options
}

/// The curves that can be borrowed: those of the whole's mixture that the part does not carry itself.
pub(super) fn lendable<'a>(
    whole: &'a [CurveOutlook],
    own: &[CurveOutlook],
    pooling: DampingPrior,
) -> Vec<&'a CurveOutlook> {
    if pooling == DampingPrior::None {
        return Vec::new();
    }
    whole
        .iter()
        .filter(|curve| curve.in_mixture && can_be_borrowed(curve.family))
        .filter(|curve| own.iter().all(|o| o.family != curve.family))
        .collect()
}

/// What the published projection of a series implies.
pub(super) fn implied_growth(series: &IncidenceSeries) -> Result<Option<ImpliedGrowth>> {
    let (from, change) = (series.first_year(), series.last_year());
    let Some(published) = series.published_projection().filter(|_| from < change) else {
        return Ok(None);
    };
    let curve = JoinedExponential::changing_after(f64::from(change) - f64::from(from))?;
    let options = FitOptions {
        published_projection: PublishedProjectionUse::AsFigure,
        ..FitOptions::default()
    };
    let fit = fit(curve, series, &options)?;
    let percent = |j: usize| 100.0 * fit.curve().theta()[j].exp_m1();
    Ok(Some(ImpliedGrowth {
        from,
        change,
        to: published.year,
        before: percent(1),
        after: percent(2),
    }))
}

/// Each family once, by its first fit: those without the published projection come first.
pub(super) fn mark_mixture(curves: &mut [CurveOutlook]) {
    let mut seen: Vec<Family> = Vec::new();
    for curve in curves {
        if !curve.is_limit() && !seen.contains(&curve.family) {
            seen.push(curve.family);
            curve.in_mixture = true;
        }
    }
}

/// A curve that the figures cannot carry is reported; anything else is an error of the input.
pub(super) fn is_left_out(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Underdetermined { .. }
            | ErrorKind::NoSuchCurve { .. }
            | ErrorKind::NotFitted { .. }
            | ErrorKind::NotFinite { .. }
    )
}
