//! The whole way in one call: from the figures of some regions to patients who reach third line.
//!
//! ```
//! use myeloma_epi::{Outlook, OutlookOptions, figures};
//!
//! let outlook = Outlook::of(figures::press_release(), &OutlookOptions::default().with_draws(2_000))?;
//! let china = &outlook.regions()[1];
//! assert_eq!(china.series().region(), "China");
//! let (lower, upper) = china.incidence().cases().interval(2040, 0.95)?;
//! println!("China 2040: {lower:.0} to {upper:.0} new cases");
//! # assert!(lower < upper);
//! # Ok::<(), myeloma_epi::Error>(())
//! ```

use crate::curve::{Family, GrowthCurve};
use crate::draws::YearlyDraws;
use crate::error::{ErrorKind, Result};
use crate::figures::{Figure, Figures, third_line_share};
use crate::fit::{Fit, FitOptions, PublishedProjectionUse, fit};
use crate::pathway::{ShareDistribution, ThirdLine, UltimateShare};
use crate::projection::{Projection, ProjectionOptions, StochasticTrend, TrendOptions};
use crate::random::Seed;
use crate::series::IncidenceSeries;

/// How to make an outlook.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OutlookOptions {
    /// The last year. Default 2040.
    pub to: i32,
    /// The error of every figure that states none, on the log scale. Default 0.03: **an
    /// assumption**, since published figures rarely state theirs.
    pub assumed_error: f64,
    /// The share of those diagnosed who ever reach third line. Default: the published 30–40 %,
    /// uniform.
    pub share: UltimateShare,
    /// The curves to try.
    pub families: Vec<Family>,
    /// The number of draws. Default 20,000.
    pub draws: usize,
    /// Where randomness comes from.
    pub seed: Seed,
}

impl Default for OutlookOptions {
    fn default() -> Self {
        let published = third_line_share();
        let share = UltimateShare::of_published(&published, ShareDistribution::default());
        Self {
            to: 2040,
            assumed_error: 0.03,
            // Broken invariant of the crate if not: the shipped range is a valid one.
            share: share.expect("broken invariant: the shipped range is not a valid share"),
            families: vec![
                Family::Linear,
                Family::Exponential,
                Family::Logistic,
                Family::Gompertz,
            ],
            draws: 20_000,
            seed: Seed::default(),
        }
    }
}

impl OutlookOptions {
    /// With another last year.
    #[must_use]
    pub const fn with_last_year(mut self, to: i32) -> Self {
        self.to = to;
        self
    }

    /// With another error for the figures that state none.
    #[must_use]
    pub const fn with_assumed_error(mut self, relative_error: f64) -> Self {
        self.assumed_error = relative_error;
        self
    }

    /// With another share of patients who reach third line.
    #[must_use]
    pub const fn with_share(mut self, share: UltimateShare) -> Self {
        self.share = share;
        self
    }

    /// With other curves.
    #[must_use]
    pub fn with_families(mut self, families: impl IntoIterator<Item = Family>) -> Self {
        self.families = families.into_iter().collect();
        self
    }

    /// With another number of draws.
    #[must_use]
    pub const fn with_draws(mut self, draws: usize) -> Self {
        self.draws = draws;
        self
    }

    /// With another seed.
    #[must_use]
    pub const fn with_seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }
}

/// Incidence and third line of several regions, to a last year.
#[derive(Debug, Clone)]
pub struct Outlook {
    options: OutlookOptions,
    regions: Vec<RegionOutlook>,
}

/// The outlook for one region.
#[derive(Debug, Clone)]
pub struct RegionOutlook {
    figures: Vec<Figure>,
    series: IncidenceSeries,
    assumed_errors: bool,
    curves: Vec<CurveOutlook>,
    left_out: Vec<LeftOut>,
    without_published: Option<Projection>,
    with_published: Option<Projection>,
    incidence: Projection,
    third_line: ThirdLine,
    calibrated: YearlyDraws,
}

/// One curve that the figures of a region carry.
#[derive(Debug, Clone)]
pub struct CurveOutlook {
    family: Family,
    fit: Fit<Family>,
    projection: Projection,
    in_mixture: bool,
}

/// One curve that the figures of a region do not carry.
#[derive(Debug, Clone)]
pub struct LeftOut {
    /// The curve.
    pub family: Family,
    /// Whether the published projection was one of the figures.
    pub uses_published_projection: bool,
    /// Why it is left out.
    pub reason: String,
}

impl Outlook {
    /// The outlook for every region of some figures.
    ///
    /// # Errors
    ///
    /// Where the figures of a region make no series, or no curve can be fitted to them.
    pub fn of(figures: &Figures, options: &OutlookOptions) -> Result<Self> {
        let mut regions = Vec::new();
        for region in figures.regions() {
            let series = IncidenceSeries::from_figures(figures, region)?;
            let of_region = figures.iter().filter(|figure| figure.region() == region);
            regions.push(RegionOutlook::new(
                &series,
                of_region.cloned().collect(),
                options,
            )?);
        }
        Self::from_regions(regions, options)
    }

    /// The outlook for some series.
    ///
    /// # Errors
    ///
    /// Where there is no series, or no curve can be fitted to one of them.
    pub fn of_series(series: &[IncidenceSeries], options: &OutlookOptions) -> Result<Self> {
        let regions = series
            .iter()
            .map(|series| RegionOutlook::new(series, Vec::new(), options))
            .collect::<Result<_>>()?;
        Self::from_regions(regions, options)
    }

    fn from_regions(regions: Vec<RegionOutlook>, options: &OutlookOptions) -> Result<Self> {
        if regions.is_empty() {
            return Err(ErrorKind::NoObservations {
                place: "an outlook".to_owned(),
            }
            .into());
        }
        Ok(Self {
            options: options.clone(),
            regions,
        })
    }

    /// The options that were used.
    #[must_use]
    pub const fn options(&self) -> &OutlookOptions {
        &self.options
    }

    /// The regions in the order of their figures.
    #[must_use]
    pub fn regions(&self) -> &[RegionOutlook] {
        &self.regions
    }
}

impl RegionOutlook {
    fn new(
        series: &IncidenceSeries,
        figures: Vec<Figure>,
        options: &OutlookOptions,
    ) -> Result<Self> {
        let published = series.published_projection();
        let assumed_errors = series
            .observations()
            .iter()
            .any(|o| o.relative_error.is_none())
            || published.is_some_and(|p| p.relative_error.is_none());
        let series = series
            .clone()
            .assuming_relative_error(options.assumed_error)?;

        let uses: &[PublishedProjectionUse] = if series.published_projection().is_some() {
            &[
                PublishedProjectionUse::Ignore,
                PublishedProjectionUse::AsFigure,
            ]
        } else {
            &[PublishedProjectionUse::Ignore]
        };
        if options.families.is_empty() {
            return Err(
                ErrorKind::Unsuitable("an outlook needs at least one curve".to_owned()).into(),
            );
        }
        let (mut curves, mut left_out) = (Vec::new(), Vec::new());
        for &choice in uses {
            for &family in &options.families {
                match CurveOutlook::new(family, &series, choice, options) {
                    Ok(curve) => curves.push(curve),
                    Err(error) if is_left_out(error.kind()) => left_out.push(LeftOut {
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
        mark_mixture(&mut curves);

        let mix = |chosen: &dyn Fn(&CurveOutlook) -> bool| {
            let members: Vec<&Projection> = curves
                .iter()
                .filter(|c| chosen(c))
                .map(|c| &c.projection)
                .collect();
            if members.is_empty() {
                return Ok(None);
            }
            Projection::pool(members, options.seed).map(Some)
        };
        let uses_published = |curve: &CurveOutlook| curve.fit.curve().uses_published_projection();
        let without_published = mix(&|curve| !uses_published(curve) && !curve.is_limit())?;
        let with_published = mix(&|curve| uses_published(curve) && !curve.is_limit())?;
        let incidence = match mix(&|curve| curve.in_mixture)? {
            Some(incidence) => incidence,
            None => curves[0].projection.clone(),
        };
        let third_line = ThirdLine::new(incidence.cases(), &options.share, options.seed)?;
        let calibrated = StochasticTrend::default()
            .of(&series, &TrendOptions::default())?
            .draws(options.to, options.draws, options.seed)?;
        Ok(Self {
            figures,
            series,
            assumed_errors,
            curves,
            left_out,
            without_published,
            with_published,
            incidence,
            third_line,
            calibrated,
        })
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

    /// The curves that the figures carry, first those without the published projection.
    #[must_use]
    pub fn curves(&self) -> &[CurveOutlook] {
        &self.curves
    }

    /// The curves that the figures do not carry.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// The equal mixture of all curves through the observations alone.
    #[must_use]
    pub const fn without_published(&self) -> Option<&Projection> {
        self.without_published.as_ref()
    }

    /// The equal mixture of all curves through the observations and the published projection.
    #[must_use]
    pub const fn with_published(&self) -> Option<&Projection> {
        self.with_published.as_ref()
    }

    /// New cases a year: the equal mixture of the families, each through the fewest figures that
    /// determine it. A family takes the published projection only where the observations alone do
    /// not determine it, and a fit at the limit without a ceiling is the exponential curve and does
    /// not count twice.
    #[must_use]
    pub const fn incidence(&self) -> &Projection {
        &self.incidence
    }

    /// The counts that registries will publish, from the last observation on, by the
    /// [`StochasticTrend`] through the observations alone, with its shipped parameters for multiple
    /// myeloma: the growth between the figures reverts to the growth that registries see in the long
    /// run, and the interval holds how far real series have left any curve. The region counts as one
    /// registry, which for a sum of many countries is wide.
    #[must_use]
    pub const fn calibrated(&self) -> &YearlyDraws {
        &self.calibrated
    }

    /// Patients diagnosed in each year who will ever reach third line.
    #[must_use]
    pub const fn third_line(&self) -> &ThirdLine {
        &self.third_line
    }
}

impl CurveOutlook {
    fn new(
        family: Family,
        series: &IncidenceSeries,
        choice: PublishedProjectionUse,
        options: &OutlookOptions,
    ) -> Result<Self> {
        let fit_options = FitOptions::default().with_published_projection(choice);
        let fit = fit(family, series, &fit_options)?;
        let projection = Projection::of(
            &family,
            series,
            &ProjectionOptions::to(options.to)
                .with_draws(options.draws)
                .with_seed(options.seed)
                .with_published_projection(choice),
        )?;
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

    /// Draws of the curve through the perturbed figures.
    #[must_use]
    pub const fn projection(&self) -> &Projection {
        &self.projection
    }

    /// Whether the curve is one of those mixed in [`RegionOutlook::incidence`].
    #[must_use]
    pub const fn in_mixture(&self) -> bool {
        self.in_mixture
    }

    /// Whether a curve with a ceiling was fitted without damping, and is the exponential curve.
    fn is_limit(&self) -> bool {
        let curve = self.fit.curve();
        let damping = self
            .family
            .parameters()
            .iter()
            .position(|p| p.name == "damping");
        damping.is_some_and(|j| curve.theta()[j] <= 0.0)
    }
}

/// Each family once, by its first fit: those without the published projection come first.
fn mark_mixture(curves: &mut [CurveOutlook]) {
    let mut seen: Vec<Family> = Vec::new();
    for curve in curves {
        if !curve.is_limit() && !seen.contains(&curve.family) {
            seen.push(curve.family);
            curve.in_mixture = true;
        }
    }
}

/// A curve that the figures cannot carry is reported; anything else is an error of the input.
fn is_left_out(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Underdetermined { .. }
            | ErrorKind::NoSuchCurve { .. }
            | ErrorKind::NotFitted { .. }
            | ErrorKind::NotFinite { .. }
    )
}
