//! The outlook for one region.

use std::f64::consts::SQRT_2;

use super::curves::{
    CurveOutlook, ImpliedGrowth, NotIdentified, ShrunkCurve, implied_growth, is_left_out, lendable,
    mark_mixture,
};
use super::options::{BetweenSource, OutlookOptions};
use super::variance::{OutlookVariance, Parts};
use crate::curve::Family;
use crate::draws::YearlyDraws;
use crate::error::{ErrorKind, Result};
use crate::figures::{Figure, Figures};
use crate::fit::PublishedProjectionUse;
use crate::forecast::RegistryTrend;
use crate::pathway::ThirdLine;
use crate::projection::{BetweenSourceEstimate, ErrorModel, Projection, level_factors, rearranged};
use crate::series::IncidenceSeries;

/// The outlook for one region.
#[derive(Debug, Clone)]
pub struct RegionOutlook {
    figures: Vec<Figure>,
    series: IncidenceSeries,
    assumed_errors: bool,
    source_level: f64,
    disagreement: std::result::Result<BetweenSourceEstimate, String>,
    curves: Vec<CurveOutlook>,
    borrowed: Vec<ShrunkCurve>,
    left_out: Vec<NotIdentified>,
    implied_growth: Option<ImpliedGrowth>,
    without_published: Option<Projection>,
    with_published: Option<Projection>,
    incidence: Projection,
    third_line: ThirdLine,
    calibrated: YearlyDraws,
    variance: std::result::Result<OutlookVariance, String>,
}

impl RegionOutlook {
    pub(super) fn new(
        series: &IncidenceSeries,
        figures: Vec<Figure>,
        whole: Option<&Self>,
        options: &OutlookOptions,
    ) -> Result<Self> {
        let assumed_errors = series
            .observations()
            .iter()
            .any(|o| o.relative_error.is_none())
            || series
                .published_projection()
                .is_some_and(|p| p.relative_error.is_none());
        let series = series
            .clone()
            .assuming_projection_error(options.assumed_projection_error)?
            .assuming_relative_error(options.assumed_error)?;
        let (source_level, disagreement) = source_level(&series, options)?;
        let errors = options.errors.with_level(source_level);

        let (mut curves, mut left_out) = carried(&series, errors, options)?;
        mark_mixture(&mut curves);
        let borrowed = borrowed(&series, whole, &curves, &mut left_out, errors, options)?;

        let of_one_source = by_the_last_source(&series, source_level)?;
        let forecast = RegistryTrend::default().of(&of_one_source, &options.trend)?;
        let model_discrepancy = if options.horizon_error {
            Some(forecast.model_discrepancy(options.to, options.draws, options.seed)?)
        } else {
            None
        };
        let mix = |members: Vec<(&Projection, f64)>| -> Result<Option<Projection>> {
            if members.iter().all(|(_, weight)| *weight == 0.0) {
                return Ok(None);
            }
            let pool = Projection::weighted_pool(members, options.seed)?;
            match &model_discrepancy {
                Some(model_discrepancy) => pool.with_model_discrepancy(model_discrepancy).map(Some),
                None => Ok(Some(pool)),
            }
        };
        let chosen = |chosen: &dyn Fn(&CurveOutlook) -> bool| -> Vec<(&Projection, f64)> {
            let chosen = curves.iter().filter(|curve| chosen(curve));
            chosen
                .map(|curve| (curve.projection(), options.weight(curve.family())))
                .collect()
        };
        let without_published = mix(chosen(&|c| !c.uses_published_projection() && !c.is_limit()))?;
        let with_published = mix(chosen(&|c| c.uses_published_projection() && !c.is_limit()))?;
        let mut mixed = chosen(&CurveOutlook::in_mixture);
        mixed.extend(
            borrowed
                .iter()
                .map(|b| (b.projection(), options.weight(b.family()))),
        );
        if mixed.is_empty() {
            mixed.push((curves[0].projection(), 1.0));
        }
        let Some(incidence) = mix(mixed)? else {
            return Err(ErrorKind::Unsuitable(format!(
                "all curves of {} have weight 0 in its mixture",
                series.region()
            ))
            .into());
        };

        let third_line = ThirdLine::new(incidence.cases(), &options.share, options.seed)?;
        let mut calibrated = forecast
            .draws(options.to, options.draws, options.seed)?
            .into_array();
        let factors = level_factors(&series, source_level, options.draws, options.seed);
        for mut year in calibrated.rows_mut() {
            year.iter_mut().zip(&factors).for_each(|(c, f)| *c *= f);
        }
        let variance = Parts {
            series: &series,
            curves: &curves,
            borrowed: &borrowed,
            whole: whole.map(|whole| &whole.series),
            forecast: &forecast,
            errors,
        }
        .variance(options)
        .map_err(|error| error.to_string());
        Ok(Self {
            implied_growth: implied_growth(&series)?,
            figures,
            assumed_errors,
            source_level,
            disagreement,
            left_out,
            without_published,
            with_published,
            third_line,
            calibrated: YearlyDraws::new(forecast.last_year(), calibrated)?,
            variance,
            incidence,
            curves,
            borrowed,
            series,
        })
    }

    /// With draws in the order that makes regions fit together: one for the mixture, one for the
    /// calibrated projection.
    pub(super) fn rearrange(
        &mut self,
        mixture: &[usize],
        calibrated: &[usize],
        options: &OutlookOptions,
    ) -> Result<()> {
        let in_order = |order: &[usize]| order.iter().enumerate().all(|(i, &from)| i == from);
        if !in_order(mixture) {
            self.incidence.rearrange(mixture);
            let cases = self.incidence.cases();
            self.third_line = ThirdLine::new(cases, &options.share, options.seed)?;
        }
        if !in_order(calibrated) {
            self.calibrated = rearranged(&self.calibrated, calibrated);
        }
        Ok(())
    }

    /// The published figures with their sources, sorted as they were given; empty for an outlook
    /// made of series.
    #[must_use]
    pub fn figures(&self) -> &[Figure] {
        &self.figures
    }

    /// The series, with the assumed error where a figure states none.
    #[must_use]
    pub const fn series(&self) -> &IncidenceSeries {
        &self.series
    }

    /// Whether any figure stated no error, so that one was assumed.
    #[must_use]
    pub const fn assumed_errors(&self) -> bool {
        self.assumed_errors
    }

    /// The standard deviation of the level of the source, on the log scale, that is in all draws.
    #[must_use]
    pub const fn source_level(&self) -> f64 {
        self.source_level
    }

    /// How far sources lie apart, if that was estimated; otherwise why not.
    ///
    /// # Errors
    ///
    /// The reason, as text for a reader.
    pub fn disagreement(&self) -> std::result::Result<&BetweenSourceEstimate, &str> {
        self.disagreement.as_ref().map_err(String::as_str)
    }

    /// The curves that the figures carry, first those without the published projection.
    #[must_use]
    pub fn curves(&self) -> &[CurveOutlook] {
        &self.curves
    }

    /// The curves that take their bend from the region that this one is part of. They are in the
    /// mixture.
    #[must_use]
    pub fn borrowed(&self) -> &[ShrunkCurve] {
        &self.borrowed
    }

    /// The curves that the figures do not carry.
    #[must_use]
    pub fn left_out(&self) -> &[NotIdentified] {
        &self.left_out
    }

    /// What the published projection implies about growth.
    #[must_use]
    pub const fn implied_growth(&self) -> Option<&ImpliedGrowth> {
        self.implied_growth.as_ref()
    }

    /// The mixture of all curves through the observations alone.
    #[must_use]
    pub const fn without_published(&self) -> Option<&Projection> {
        self.without_published.as_ref()
    }

    /// The mixture of all curves through the observations and the published projection.
    #[must_use]
    pub const fn with_published(&self) -> Option<&Projection> {
        self.with_published.as_ref()
    }

    /// New cases a year: the mixture of the families, each through the fewest figures that
    /// determine it. A family takes the published projection only where the observations alone do
    /// not determine it, and a fit at the limit without a ceiling is the exponential curve and does
    /// not count twice. The draws hold the errors of the figures, the level of their source, the choice
    /// of the curve and, unless it is switched off, the horizon error.
    #[must_use]
    pub const fn incidence(&self) -> &Projection {
        &self.incidence
    }

    /// The counts that registries will publish, from the last observation on, by the
    /// [`RegistryTrend`] through the observations alone, with its shipped parameters for multiple
    /// myeloma: the growth between the figures reverts to the growth that registries see in the long
    /// run, and the interval holds how far real series have left any curve, and the level of the
    /// source. What correlation the errors have otherwise ([`OutlookOptions::errors`]) is not in it. The region counts as one registry, which for a sum of many countries is wide.
    #[must_use]
    pub const fn calibrated(&self) -> &YearlyDraws {
        &self.calibrated
    }

    /// Patients diagnosed in each year who will ever reach third line.
    #[must_use]
    pub const fn third_line(&self) -> &ThirdLine {
        &self.third_line
    }

    /// Where the variance of the last year comes from.
    ///
    /// # Errors
    ///
    /// The reason, as text for a reader, where it has no logarithm to be taken apart on.
    pub fn variance(&self) -> std::result::Result<&OutlookVariance, &str> {
        self.variance.as_ref().map_err(String::as_str)
    }
}

/// The curves that the figures carry, with and without the published projection, and the others.
fn carried(
    series: &IncidenceSeries,
    errors: ErrorModel,
    options: &OutlookOptions,
) -> Result<(Vec<CurveOutlook>, Vec<NotIdentified>)> {
    if options.families.is_empty() {
        return Err(ErrorKind::Unsuitable("an outlook needs at least one curve".to_owned()).into());
    }
    let uses: &[PublishedProjectionUse] = if series.published_projection().is_some() {
        &[
            PublishedProjectionUse::Ignore,
            PublishedProjectionUse::AsFigure,
        ]
    } else {
        &[PublishedProjectionUse::Ignore]
    };
    let (mut curves, mut left_out) = (Vec::new(), Vec::new());
    let mut families: Vec<Family> = Vec::new();
    for &family in &options.families {
        if !families.contains(&family) {
            families.push(family);
        }
    }
    for &choice in uses {
        for &family in &families {
            match CurveOutlook::new(family, series, choice, errors, options) {
                Ok(curve) => curves.push(curve),
                Err(error) if is_left_out(error.kind()) => left_out.push(NotIdentified {
                    family,
                    uses_published_projection: choice == PublishedProjectionUse::AsFigure,
                    reason: error.to_string(),
                }),
                Err(error) => return Err(error),
            }
        }
    }
    if curves.is_empty() {
        let reasons = left_out
            .iter()
            .map(|left_out| left_out.reason.as_str())
            .collect::<Vec<_>>()
            .join("; ");
        let region = series.region();
        return Err(ErrorKind::Unsuitable(format!(
            "the figures of {region} carry no curve: {reasons}"
        ))
        .into());
    }
    Ok((curves, left_out))
}

/// The curves that a part with two figures borrows from its whole; those that are the exponential curve are
/// left out.
fn borrowed(
    series: &IncidenceSeries,
    whole: Option<&RegionOutlook>,
    curves: &[CurveOutlook],
    left_out: &mut Vec<NotIdentified>,
    errors: ErrorModel,
    options: &OutlookOptions,
) -> Result<Vec<ShrunkCurve>> {
    let mut borrowed = Vec::new();
    let Some(whole) = whole.filter(|_| series.observations().len() == 2) else {
        return Ok(borrowed);
    };
    for lender in lendable(&whole.curves, curves, options.pooling) {
        let curve = ShrunkCurve::new(lender, &whole.series, series, errors, options)?;
        if curve.is_limit() {
            left_out.push(NotIdentified {
                family: curve.family(),
                uses_published_projection: false,
                reason: format!(
                    "the {} curve of {} with the damping of {} is the exponential curve, as the figures fall",
                    curve.family(),
                    series.region(),
                    curve.lender()
                ),
            });
        } else {
            borrowed.push(curve);
        }
    }
    Ok(borrowed)
}

/// The series as the source of its last figure would see it: a figure of another source errs by the
/// difference of two levels, too, and says that much less about growth. Two figures of that other
/// source count as if each had a level of its own.
fn by_the_last_source(series: &IncidenceSeries, level: f64) -> Result<IncidenceSeries> {
    let last = series.source(series.last_year());
    let observations = series.observations().iter().map(|o| {
        let mut observation = *o;
        if level > 0.0 && series.source(o.year) != last {
            let own = o.relative_error.unwrap_or(0.0);
            // An error of 1 is the greatest that an observation may have; it says next to nothing then.
            observation.relative_error = Some(own.hypot(level * SQRT_2).min(1.0));
        }
        observation
    });
    IncidenceSeries::new(series.region(), observations)
}

/// The level of the sources of a region, and where it is from.
fn source_level(
    series: &IncidenceSeries,
    options: &OutlookOptions,
) -> Result<(f64, std::result::Result<BetweenSourceEstimate, String>)> {
    let region = series.region();
    match &options.sources {
        BetweenSource::Exact => Ok((0.0, Err("as asked for".to_owned()))),
        BetweenSource::Stated(level) => Ok((*level, Err("stated".to_owned()))),
        BetweenSource::Estimated(others) => {
            let mut figures: Vec<Figure> = others
                .iter()
                .filter(|figure| figure.region() == region)
                .cloned()
                .collect();
            if figures.is_empty() {
                return Ok((0.0, Err("no other source to compare with".to_owned())));
            }
            for o in series.observations() {
                // A figure that is one of the others is no further opinion, whatever its source is called.
                let same = |f: &Figure| f.year() == o.year && f.cases().total_cmp(&o.cases).is_eq();
                if figures.iter().any(same) {
                    continue;
                }
                // Figures without a source are of one: the user's own.
                let source = series.source(o.year).unwrap_or("own figures");
                let own = Figure::new(region, o.year, o.cases, crate::figures::Status::Estimate)?;
                figures.push(own.with_source(source));
            }
            let figures: Figures = figures.into_iter().collect();
            match BetweenSourceEstimate::estimate(&figures, region, options.assumed_error) {
                // Nothing but another unit or another disease lies so far apart.
                Ok(disagreement) if disagreement.deviation() > 1.0 => {
                    Err(ErrorKind::Contradiction(format!(
                        "the figures of {region} and those published elsewhere lie apart by more than a \
                         factor of {:.1} (standard deviation): check the unit of the figures, or state \
                         the level of the source",
                        std::f64::consts::E
                    ))
                    .into())
                }
                Ok(disagreement) => Ok((disagreement.deviation(), Ok(disagreement))),
                Err(error) => Ok((0.0, Err(error.to_string()))),
            }
        }
    }
}
