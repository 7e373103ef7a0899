//! The curves of a region: those that its figures identify, those whose damping is shrunk towards that of its
//! reference region, and those that are not identified.

use serde::{Deserialize, Serialize};

use super::options::{OutlookOptions, mismatch, unsuitable};
use super::region::RegionOutlook;
use crate::curve::{Family, GrowthCurve, Role, place};
use crate::draws::YearlyDraws;
use crate::error::{Error, ErrorKind, Result};
use crate::fit::{Fit, FitOptions, PublishedProjectionUse, fit};
use crate::projection::{
    DampingPrior, ErrorModel, Projection, ProjectionOptions, VarianceOfCurve, can_share_damping,
};
use crate::series::IncidenceSeries;

/// Variances are estimated from no more draws than these: their standard error is then below 1.5 %.
pub(super) const DRAWS_FOR_VARIANCE: usize = 10_000;

/// **One growth curve of a region**: through the figures as published, and as draws through figures with their
/// errors.
///
/// A curve is either fitted to the region's own figures ([`CurveOutlook::fit`]), or, in a part with two figures,
/// has level and growth from them and its damping from the reference region
/// ([`CurveOutlook::reference_region`]). It says whether it is a member of the linear pool, with which weight, and
/// how much of the pool's variance is its own.
///
/// # Example
///
/// ```
/// use myeloma_epi::curve::Family;
/// use myeloma_epi::{Outlook, OutlookOptions, figures};
///
/// let options = OutlookOptions { draws: 200, ..OutlookOptions::myeloma() };
/// let outlook = Outlook::of(figures::press_release(), &options)?;
/// let curves = outlook.region("China")?.curves();
/// // 28,100 in 2019 and 31,800 in 2024: the same growth for another sixteen years.
/// let expected = 31_800.0 * (31_800.0_f64 / 28_100.0).powf(16.0 / 5.0);
/// let exponential = curves.iter().find(|c| c.family() == Family::Exponential).unwrap();
/// assert!((exponential.cases(2040)? - expected).abs() < 1e-3);
/// let logistic = curves.iter().find(|c| c.family() == Family::Logistic);
/// assert_eq!(logistic.and_then(|c| c.reference_region()), Some("World"));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct CurveOutlook {
    family: Family,
    as_published: AsPublished,
    projection: Projection,
    in_pool: bool,
    pool_weight: f64,
    variance_share: Option<f64>,
}

/// A curve as it stands in a file, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    family: Family,
    as_published: AsPublished,
    projection: Projection,
    in_pool: bool,
    pool_weight: f64,
    variance_share: Option<f64>,
}

impl TryFrom<Unchecked> for CurveOutlook {
    type Error = Error;

    fn try_from(curve: Unchecked) -> Result<Self> {
        let Unchecked {
            family,
            as_published,
            projection,
            in_pool,
            pool_weight,
            variance_share,
        } = curve;
        let fits = match &as_published {
            AsPublished::Fitted(fit) => {
                *fit.curve().family() == family && fit.curve().region() == projection.region()
            }
            AsPublished::Shrunk { cases, .. } => {
                cases.len() == 1 && cases.years() == projection.new_cases().years()
            }
        };
        if !fits {
            return Err(mismatch(format!(
                "the {family} curve of {} and its projection do not belong together",
                projection.region()
            )));
        }
        for (name, share) in [
            ("the share of draws", pool_weight),
            ("the share of variance", variance_share.unwrap_or(0.0)),
        ] {
            if !(0.0..=1.0).contains(&share) {
                let place = format!("the {family} curve of {}", projection.region());
                return Err(Error::out_of_range(name, place, share, "between 0 and 1"));
            }
        }
        Ok(Self {
            family,
            as_published,
            projection,
            in_pool,
            pool_weight,
            variance_share,
        })
    }
}

/// The curve through the figures as published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum AsPublished {
    Fitted(Box<Fit<Family>>),
    /// With the reference region's own damping.
    Shrunk {
        reference_region: String,
        cases: YearlyDraws,
    },
}

/// A **family that is not identified** by a region's figures, and why.
///
/// A curve is identified by at least as many figures as it has parameters, if one of the family goes through them.
///
/// # Example
///
/// ```
/// use myeloma_epi::curve::Family;
/// use myeloma_epi::{Outlook, OutlookOptions, figures};
///
/// let options = OutlookOptions { draws: 200, ..OutlookOptions::myeloma() };
/// let outlook = Outlook::of(figures::press_release(), &options)?;
/// // Two observations do not determine the three parameters of a logistic curve; the published projection is a third.
/// let not_identified = outlook.region("World")?.not_identified();
/// let without_projection = |family| {
///     not_identified.iter().any(|n| n.family == family && !n.uses_published_projection)
/// };
/// assert!(without_projection(Family::Logistic) && without_projection(Family::Gompertz));
/// assert!(!without_projection(Family::Exponential));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotIdentified {
    /// The family.
    pub family: Family,
    /// Whether the published projection was one of the figures.
    pub uses_published_projection: bool,
    /// Why the family is not identified, as text for a reader: too few figures, or no curve of the family
    /// goes through them.
    pub reason: String,
}

impl CurveOutlook {
    fn fitted(
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
        Ok(Self {
            family,
            as_published: AsPublished::Fitted(Box::new(fit)),
            projection: Projection::of(&family, series, &options)?,
            in_pool: false,
            pool_weight: 0.0,
            variance_share: None,
        })
    }

    /// The curve of a part with two figures; `None` where they fall, so that it is the exponential curve.
    fn shrunk(
        reference: &Self,
        reference_series: &IncidenceSeries,
        series: &IncidenceSeries,
        errors: ErrorModel,
        options: &OutlookOptions,
    ) -> Result<Option<Self>> {
        let family = reference.family;
        let of_part = projection_options(series, options, errors, PublishedProjectionUse::Ignore);
        let choice = reference.projection.published_projection_use();
        let as_published = Projection::as_published_with_reference(
            family,
            series,
            (choice, reference_series),
            &of_part,
        )?;
        if as_published.replaced_by_limit() > 0 {
            return Ok(None);
        }
        Ok(Some(Self {
            family,
            as_published: AsPublished::Shrunk {
                reference_region: reference_series.region().to_owned(),
                cases: as_published.new_cases().clone(),
            },
            projection: Projection::with_reference_region(
                family,
                series,
                (&reference.projection, reference_series),
                options.damping_prior,
                &of_part,
            )?,
            in_pool: true,
            pool_weight: 0.0,
            variance_share: None,
        }))
    }

    /// The family.
    #[must_use]
    pub const fn family(&self) -> Family {
        self.family
    }

    /// The fit to the region's figures as published; `None` for a curve whose damping is that of the
    /// reference region.
    #[must_use]
    pub fn fit(&self) -> Option<&Fit<Family>> {
        match &self.as_published {
            AsPublished::Fitted(fit) => Some(fit),
            AsPublished::Shrunk { .. } => None,
        }
    }

    /// The region towards whose damping that of this curve is shrunk; `None` for a curve that is fitted to
    /// the region's own figures.
    #[must_use]
    pub fn reference_region(&self) -> Option<&str> {
        match &self.as_published {
            AsPublished::Fitted(_) => None,
            AsPublished::Shrunk {
                reference_region, ..
            } => Some(reference_region),
        }
    }

    /// New cases of the curve through the figures as published, without their errors.
    ///
    /// # Errors
    ///
    /// Where the curve gives no finite count above 0 in that year, or, for a curve with a reference region,
    /// the year is not one of those projected.
    pub fn cases(&self, year: i32) -> Result<f64> {
        match &self.as_published {
            AsPublished::Fitted(fit) => fit.curve().cases(f64::from(year)),
            AsPublished::Shrunk { cases, .. } => cases.median(year),
        }
    }

    /// Draws of the curve through the perturbed figures, without model discrepancy.
    #[must_use]
    pub const fn projection(&self) -> &Projection {
        &self.projection
    }

    /// Whether the published projection is one of the figures of the fit.
    #[must_use]
    pub fn uses_published_projection(&self) -> bool {
        self.fit()
            .is_some_and(|fit| fit.curve().uses_published_projection())
    }

    /// Whether the curve is a member of the region's linear pool ([`RegionOutlook::new_cases`]).
    #[must_use]
    pub const fn in_pool(&self) -> bool {
        self.in_pool
    }

    /// The share of the pool's draws that are of this curve, between 0 and 1. The shares of all curves add up
    /// to 1.
    #[must_use]
    pub const fn pool_weight(&self) -> f64 {
        self.pool_weight
    }

    /// The curve's share of the variance of ln new cases in the last year about the mean of the pool, without
    /// model discrepancy: large for a curve that is uncertain and for one that stands apart. `None` for
    /// a curve without draws in the pool, and where the region has no [`RegionOutlook::variance`].
    #[must_use]
    pub const fn variance_share(&self) -> Option<f64> {
        self.variance_share
    }

    /// Sets what the curve contributes to the pool's draws and, if it is known, to its variance.
    pub(super) const fn set_shares(&mut self, pool_weight: f64, variance: Option<f64>) {
        self.pool_weight = pool_weight;
        self.variance_share = variance;
    }

    /// Whether a curve with a ceiling was fitted without damping, so that it is the exponential curve.
    pub(super) fn is_exponential_limit(&self) -> bool {
        let Some(fit) = self.fit() else { return false };
        let damping = place(self.family.parameters(), Role::Damping);
        damping.is_some_and(|j| fit.curve().theta()[j] <= 0.0)
    }

    pub(super) fn variance(
        &self,
        series: &IncidenceSeries,
        reference: Option<&IncidenceSeries>,
        errors: ErrorModel,
        options: &OutlookOptions,
    ) -> Result<VarianceOfCurve> {
        let of = |choice| {
            let mut of = projection_options(series, options, errors, choice);
            of.draws = of.draws.min(DRAWS_FOR_VARIANCE);
            of
        };
        let choice = self.projection.published_projection_use();
        match reference.filter(|_| self.reference_region().is_some()) {
            None => VarianceOfCurve::of(&self.family, series, &of(choice)),
            Some(reference) => VarianceOfCurve::with_reference(
                self.family,
                series,
                (choice, reference),
                options.damping_prior,
                &of(PublishedProjectionUse::Ignore),
            ),
        }
    }
}

/// How a curve of a region is projected.
fn projection_options(
    series: &IncidenceSeries,
    options: &OutlookOptions,
    errors: ErrorModel,
    choice: PublishedProjectionUse,
) -> ProjectionOptions {
    let first = series.first_year();
    ProjectionOptions {
        from: Some(options.from.map_or(first, |from| from.min(first))),
        to: options.to,
        draws: options.draws,
        seed: options.seed,
        fit: FitOptions {
            published_projection: choice,
            ..FitOptions::default()
        },
        errors,
    }
}

/// Fits each family to the observations and, if there is a published projection, to both; says which
/// families are not identified. Each family is in the pool by its first fit that is not the exponential
/// limit: those without the published projection come first.
pub(super) fn fit_families(
    series: &IncidenceSeries,
    errors: ErrorModel,
    options: &OutlookOptions,
) -> Result<(Vec<CurveOutlook>, Vec<NotIdentified>)> {
    let mut choices = vec![PublishedProjectionUse::Ignore];
    if series.published_projection().is_some() {
        choices.push(PublishedProjectionUse::AsFigure);
    }
    let (mut curves, mut not_identified) = (Vec::<CurveOutlook>::new(), Vec::new());
    for choice in choices {
        for family in options.families() {
            match CurveOutlook::fitted(family, series, choice, errors, options) {
                Ok(mut curve) => {
                    curve.in_pool = !curve.is_exponential_limit()
                        && !curves.iter().any(|c| c.in_pool && c.family == family);
                    curves.push(curve);
                }
                Err(error) if is_not_identified(error.kind()) => {
                    not_identified.push(NotIdentified {
                        family,
                        uses_published_projection: choice == PublishedProjectionUse::AsFigure,
                        reason: error.to_string(),
                    });
                }
                Err(error) => return Err(error),
            }
        }
    }
    if curves.is_empty() {
        let reasons: Vec<&str> = not_identified.iter().map(|n| n.reason.as_str()).collect();
        return Err(unsuitable(format!(
            "the figures of {} identify no curve: {}",
            series.region(),
            reasons.join("; ")
        )));
    }
    Ok((curves, not_identified))
}

/// The curves of a part with two figures whose damping is shrunk towards that of its reference region: the
/// damped families in the reference region's pool that are not in the part's own.
pub(super) fn shrink_damping(
    series: &IncidenceSeries,
    curves: &[CurveOutlook],
    reference: &RegionOutlook,
    errors: ErrorModel,
    options: &OutlookOptions,
) -> Result<(Vec<CurveOutlook>, Vec<NotIdentified>)> {
    let (mut shrunk, mut not_identified) = (Vec::new(), Vec::new());
    if series.unmarked().count() != 2 || options.damping_prior == DampingPrior::None {
        return Ok((shrunk, not_identified));
    }
    let damped = reference
        .curves()
        .iter()
        .filter(|c| c.in_pool && c.fit().is_some() && can_share_damping(c.family))
        .filter(|c| curves.iter().all(|own| own.family != c.family));
    for of_reference in damped {
        let whole = reference.series();
        match CurveOutlook::shrunk(of_reference, whole, series, errors, options)? {
            Some(curve) => shrunk.push(curve),
            None => not_identified.push(NotIdentified {
                family: of_reference.family,
                uses_published_projection: false,
                reason: format!(
                    "the {} curve of {} with the damping of {} is the exponential curve, as the figures fall",
                    of_reference.family,
                    series.region(),
                    whole.region()
                ),
            }),
        }
    }
    Ok((shrunk, not_identified))
}

/// A curve that the figures do not identify is reported; anything else is an error of the input.
fn is_not_identified(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Underdetermined { .. }
            | ErrorKind::NoSuchCurve { .. }
            | ErrorKind::NotFitted { .. }
            | ErrorKind::NotFinite { .. }
    )
}
