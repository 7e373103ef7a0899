//! The curves of a region: those that its figures identify, those whose damping is shrunk towards that of its
//! reference region, and those that are not identified.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::outlook_options::are_consecutive;
use super::region_draws::Recipe;
use super::region_model::Region;
use crate::checked_on_reading::checked;
use crate::curve::Family;
use crate::draws::{YearSummary, YearlyDraws};
use crate::error::{Error, ErrorKind, Result};
use crate::fit::{Caution, Fit, FitOptions, PublishedProjectionUse, fit, without_weight};
use crate::number_checks::Place;
use crate::projection::{
    DampingPrior, ErrorModel, Projection, ProjectionOptions, VarianceOfCurve, can_share_damping,
};
use crate::series::IncidenceSeries;

checked! {
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
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct CurveOutlook {
        family: Family,
        as_published: AsPublished,
        in_pool: bool,
        /// Why it takes no weight of its own beside the other curves.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        no_weight: Option<Caution>,
        pool_weight: f64,
        variance_share: Option<f64>,
        summary: Vec<YearSummary>,
        replaced_by_limit: usize,
    } then check
}

/// The curve through the figures as published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum AsPublished {
    Fitted(Box<Fit<Family>>),
    /// With the reference region's own damping.
    Shrunk {
        reference_region: String,
        /// Whether the damping of the reference region rests on its published projection.
        uses_published_projection: bool,
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
    fn new(family: Family, as_published: AsPublished) -> Self {
        Self {
            in_pool: matches!(as_published, AsPublished::Shrunk { .. }),
            family,
            as_published,
            no_weight: None,
            pool_weight: 0.0,
            variance_share: None,
            summary: Vec::new(),
            replaced_by_limit: 0,
        }
    }

    /// A curve through the region's own figures, and its draws.
    fn fitted(
        family: Family,
        series: &IncidenceSeries,
        choice: PublishedProjectionUse,
        recipe: &Recipe,
    ) -> Result<(Self, Projection)> {
        let fit = fit(family, series, &with(choice))?;
        let curve = Self::new(family, AsPublished::Fitted(Box::new(fit)));
        let projection = curve.project(series, recipe)?;
        Ok((curve, projection))
    }

    /// The curve of a part with two figures; `None` where they fall, so that it is the exponential curve.
    fn shrunk(reference: &Self, series: &IncidenceSeries, recipe: &Recipe) -> Result<Option<Self>> {
        let family = reference.family;
        let Some((whole, _)) = recipe.reference.as_deref() else {
            return Ok(None);
        };
        let uses_published_projection = reference.uses_published_projection();
        let as_published = Projection::as_published_with_reference(
            family,
            series,
            (choice(uses_published_projection), whole),
            &recipe.projection_options(series, recipe.errors, PublishedProjectionUse::Ignore),
        )?;
        if as_published.replaced_by_limit() > 0 {
            return Ok(None);
        }
        let as_published = AsPublished::Shrunk {
            reference_region: whole.region().to_owned(),
            uses_published_projection,
            cases: as_published.new_cases().clone(),
        };
        Ok(Some(Self::new(family, as_published)))
    }

    /// Draws of the curve through the perturbed figures, without model discrepancy.
    pub(super) fn project(&self, series: &IncidenceSeries, recipe: &Recipe) -> Result<Projection> {
        let own = |choice| recipe.projection_options(series, recipe.errors, choice);
        match (&self.as_published, recipe.reference.as_deref()) {
            (
                AsPublished::Shrunk {
                    uses_published_projection,
                    ..
                },
                Some((whole, errors)),
            ) => {
                let of_whole =
                    recipe.projection_options(whole, *errors, choice(*uses_published_projection));
                let reference = Projection::of(&self.family, whole, &of_whole)?;
                self.project_with(&reference, series, recipe)
            }
            (
                AsPublished::Shrunk {
                    reference_region, ..
                },
                None,
            ) => Err(Error::mismatch(format!(
                "a curve of {} has the damping of {reference_region}, its reference region, and is not part of it",
                series.region()
            ))),
            (AsPublished::Fitted(_), _) => {
                let choice = choice(self.uses_published_projection());
                Projection::of_part(&self.family, series, recipe.whole(), &own(choice))
            }
        }
    }

    /// The same for a curve with a reference region, whose draws are there already.
    fn project_with(
        &self,
        reference: &Projection,
        series: &IncidenceSeries,
        recipe: &Recipe,
    ) -> Result<Projection> {
        let Some((whole, _)) = recipe.reference.as_deref() else {
            return Err(Error::mismatch(
                "a curve with a reference region that is not there",
            ));
        };
        Projection::with_reference_region(
            self.family,
            series,
            (reference, whole),
            recipe.options.damping_prior,
            &recipe.projection_options(series, recipe.errors, PublishedProjectionUse::Ignore),
        )
    }

    /// Takes down what is shown of the curve's draws.
    pub(super) fn summarise(&mut self, projection: &Projection) {
        self.summary = projection.new_cases().summary();
        self.replaced_by_limit = projection.replaced_by_limit();
    }

    fn check(&self) -> Result<()> {
        let name = format!("the {} curve", self.family);
        let years = || self.summary.iter().map(|year| year.year);
        let fits = match &self.as_published {
            AsPublished::Fitted(fit) => *fit.curve().family() == self.family,
            AsPublished::Shrunk { cases, .. } => cases.len() == 1 && cases.years().eq(years()),
        };
        if !fits || !are_consecutive(&self.summary) {
            return Err(Error::mismatch(format!(
                "{name} and the summary of its draws do not belong together"
            )));
        }
        let place = Place(&name);
        place.share("the share of draws", self.pool_weight)?;
        place.share("the share of variance", self.variance_share.unwrap_or(0.0))
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

    /// Median and intervals of the curve's draws, through figures with their errors, without model discrepancy. The
    /// draws themselves are [`RegionOutlook::projections`](super::RegionOutlook::projections).
    #[must_use]
    pub fn summary(&self) -> &[YearSummary] {
        &self.summary
    }

    /// The number of draws replaced by the limit of the family; see
    /// [`Projection::replaced_by_limit`](crate::Projection::replaced_by_limit).
    #[must_use]
    pub const fn replaced_by_limit(&self) -> usize {
        self.replaced_by_limit
    }

    /// Whether the published projection is one of the figures of the fit.
    #[must_use]
    pub fn uses_published_projection(&self) -> bool {
        self.fit()
            .is_some_and(|fit| fit.curve().uses_published_projection())
    }

    /// Whether the curve is a member of the region's linear pool ([`RegionOutlook::new_cases`](super::RegionOutlook::new_cases)).
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
    /// a curve without draws in the pool, and where the region has no [`RegionOutlook::variance`](super::RegionOutlook::variance).
    #[must_use]
    pub const fn variance_share(&self) -> Option<f64> {
        self.variance_share
    }

    /// Sets what the curve contributes to the pool's draws and, if it is known, to its variance.
    pub(super) const fn set_shares(&mut self, pool_weight: f64, variance: Option<f64>) {
        self.pool_weight = pool_weight;
        self.variance_share = variance;
    }

    /// Why the curve takes no weight of its own beside the others through the same figures; `None` where it does.
    pub(super) const fn no_weight(&self) -> Option<&Caution> {
        self.no_weight.as_ref()
    }

    pub(super) fn variance(
        &self,
        series: &IncidenceSeries,
        drawn: &Projection,
        recipe: &Recipe,
    ) -> Result<VarianceOfCurve> {
        let of = |choice| recipe.projection_options(series, recipe.errors, choice);
        if let AsPublished::Shrunk {
            uses_published_projection,
            ..
        } = &self.as_published
            && let Some((whole, _)) = recipe.reference.as_deref()
        {
            return VarianceOfCurve::with_reference(
                self.family,
                series,
                (choice(*uses_published_projection), whole),
                recipe.options.damping_prior,
                drawn,
                &of(PublishedProjectionUse::Ignore),
            );
        }
        let options = of(choice(self.uses_published_projection()));
        VarianceOfCurve::of(&self.family, series, recipe.whole(), drawn, &options)
    }
}

const fn choice(uses_published_projection: bool) -> PublishedProjectionUse {
    if uses_published_projection {
        PublishedProjectionUse::AsFigure
    } else {
        PublishedProjectionUse::Ignore
    }
}

fn with(choice: PublishedProjectionUse) -> FitOptions {
    FitOptions {
        published_projection: choice,
        ..FitOptions::default()
    }
}

impl Recipe {
    /// The region that this one is part of.
    fn whole(&self) -> Option<&IncidenceSeries> {
        self.reference.as_deref().map(|(whole, _)| whole)
    }

    /// How a curve of a region is projected.
    fn projection_options(
        &self,
        series: &IncidenceSeries,
        errors: ErrorModel,
        choice: PublishedProjectionUse,
    ) -> ProjectionOptions {
        let (options, first) = (&self.options, series.ends().0.year);
        ProjectionOptions {
            from: Some(options.from.map_or(first, |from| from.min(first))),
            to: options.to,
            draws: options.draws,
            seed: options.seed,
            fit: with(choice),
            errors,
        }
    }
}

/// Curves with their draws, and the families that are not identified.
type Fits = (Vec<(CurveOutlook, Projection)>, Vec<NotIdentified>);

/// Fits each family to the observations and, if there is a published projection, to both; says which
/// families are not identified. Each family is in the pool by its first fit that takes a weight of its own beside the
/// others ([`without_weight`]): those without the published projection come first.
pub(super) fn fit_families(series: &IncidenceSeries, recipe: &Recipe) -> Result<Fits> {
    let uses = [false, true].into_iter();
    let uses = uses.filter(|published| !published || series.published_projection().is_some());
    let (mut curves, mut not_identified) = (Vec::<(CurveOutlook, _)>::new(), Vec::new());
    for uses_published_projection in uses {
        let first = curves.len();
        for family in recipe.options.families() {
            match CurveOutlook::fitted(family, series, choice(uses_published_projection), recipe) {
                Ok(fitted) => curves.push(fitted),
                Err(error) if is_not_identified(error.kind()) => {
                    not_identified.push(NotIdentified {
                        family,
                        uses_published_projection,
                        reason: error.to_string(),
                    });
                }
                Err(error) => return Err(error),
            }
        }
        let (before, now) = curves.split_at_mut(first);
        let fits: Vec<_> = now.iter().filter_map(|(c, _)| c.fit()).collect();
        let reasons = without_weight(&fits);
        for ((curve, _), why) in now.iter_mut().zip(reasons) {
            let is_member = |(c, _): &(CurveOutlook, _)| c.in_pool && c.family == curve.family;
            curve.in_pool = why.is_none() && !before.iter().any(is_member);
            curve.no_weight = why;
        }
    }
    if curves.is_empty() {
        let reasons: Vec<&str> = not_identified.iter().map(|n| n.reason.as_str()).collect();
        return Err(Error::unsuitable(format!(
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
    own: &[(CurveOutlook, Projection)],
    reference: &Region,
    recipe: &Recipe,
) -> Result<Fits> {
    let (mut shrunk, mut not_identified) = (Vec::new(), Vec::new());
    if series.unmarked().count() != 2 || recipe.options.damping_prior == DampingPrior::None {
        return Ok((shrunk, not_identified));
    }
    let damped = (reference.held.curves.iter())
        .zip(&reference.drawn().projections)
        .filter(|(c, _)| c.in_pool && c.fit().is_some() && can_share_damping(c.family))
        .filter(|(c, _)| own.iter().all(|(own, _)| own.family != c.family));
    for (of_reference, projection) in damped {
        match CurveOutlook::shrunk(of_reference, series, recipe)? {
            Some(curve) => {
                let projection = curve.project_with(projection, series, recipe)?;
                shrunk.push((curve, projection));
            }
            None => not_identified.push(NotIdentified {
                family: of_reference.family,
                uses_published_projection: false,
                reason: format!(
                    "the {} curve of {} with the damping of {} is the exponential curve, as the figures fall",
                    of_reference.family,
                    series.region(),
                    reference.held.series.region()
                ),
            }),
        }
    }
    Ok((shrunk, not_identified))
}

impl fmt::Display for CurveOutlook {
    /// What the curve is, and the median and the 95 % interval of the last year.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figures = match (self.reference_region(), self.uses_published_projection()) {
            (Some(reference), _) => format!(" with the damping of {reference}"),
            (None, true) => " with the published projection".to_owned(),
            (None, false) => String::new(),
        };
        let weight = 100.0 * self.pool_weight;
        write!(
            f,
            "{} curve{figures}, {weight:.0} % of the linear pool",
            self.family
        )?;
        self.summary
            .last()
            .map_or(Ok(()), |last| write!(f, "; {last}"))
    }
}

impl fmt::Display for NotIdentified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with = if self.uses_published_projection {
            " with the published projection"
        } else {
            ""
        };
        write!(f, "{}{with}: not identified, {}", self.family, self.reason)
    }
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
