//! How an outlook is made.

use crate::curve::Family;
use crate::figures::{Figures, comparison, third_line_share};
use crate::forecast::ForecastOptions;
use crate::pathway::{ShareDistribution, UltimateShare};
use crate::projection::{DampingPrior, ErrorModel};
use crate::random::Seed;

/// How to make an outlook.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OutlookOptions {
    /// The first year. Default `None`: the first observation of each region. An earlier one continues
    /// the curves backwards, which a treatment pathway needs: who starts third line was diagnosed
    /// years before.
    pub from: Option<i32>,
    /// The last year. Default 2040.
    pub to: i32,
    /// The error of every observation that states none, on the log scale. Default 0.03: **an
    /// assumption**, since published figures rarely state theirs.
    pub assumed_error: f64,
    /// The error of a published projection that states none, on the log scale. Default 0.10: **an
    /// assumption**. It is about what the calibrated projection leaves open of the world's path
    /// sixteen years on; how far the truth leaves that path is the horizon error.
    pub assumed_projection_error: f64,
    /// How the errors of the figures hang together; the level of the sources is set by `sources`.
    pub errors: ErrorModel,
    /// What is known of the level of the sources. Default: estimated from the shipped
    /// [`comparison`] with the region's own figures.
    pub sources: BetweenSource,
    /// Whether the mixtures hold the horizon error: that the truth leaves any curve. Default: yes.
    pub horizon_error: bool,
    /// How the calibrated projection, and with it the horizon error, is made.
    pub trend: ForecastOptions,
    /// The share of those diagnosed who ever reach third line. Default: the published 30–40 %,
    /// uniform.
    pub share: UltimateShare,
    /// The curves to try.
    pub families: Vec<Family>,
    /// The weights of curves in the mixtures; a curve that is not named has weight 1. Default: none
    /// named, so that all are equal. For a series of nineteen years or more
    /// [`Stacked::of_families`](crate::backtest::Stacked::of_families) finds weights from what the curves forecast of
    /// it; two figures cannot tell.
    pub weights: Vec<(Family, f64)>,
    /// Regions that are part of others, as `(part, whole)`: their draws are made so that the rest of
    /// the whole has cases in every draw, and a part with two figures may borrow the bend of the
    /// whole's curves. Default: China is part of the World.
    pub parts: Vec<(String, String)>,
    /// How far a part borrows from its whole. Default: partial, with a spread of ln 2.
    pub pooling: DampingPrior,
    /// The number of draws. Default 20,000. All are kept: about 2,000 bytes a draw and region, for two
    /// figures and 22 years.
    pub draws: usize,
    /// Where randomness comes from.
    pub seed: Seed,
}

/// What is known of the level of the sources: what one of them counts more or less than another would.
#[derive(Debug, Clone, PartialEq)]
pub enum BetweenSource {
    /// The sources are right about the level.
    Exact,
    /// The standard deviation on the log scale, between 0 and 1, the same for all regions.
    Stated(f64),
    /// Estimated for each region from these figures and its own
    /// ([`BetweenSourceEstimate`](crate::projection::BetweenSourceEstimate)); a region with too few of them
    /// is taken as right about its level, and the outlook says so.
    Estimated(Figures),
}

impl Default for OutlookOptions {
    fn default() -> Self {
        let published = third_line_share();
        let share = UltimateShare::of_published(&published, ShareDistribution::default());
        Self {
            from: None,
            to: 2040,
            assumed_error: 0.03,
            assumed_projection_error: 0.10,
            errors: ErrorModel::default(),
            sources: BetweenSource::Estimated(comparison().clone()),
            horizon_error: true,
            trend: ForecastOptions::default(),
            // Broken invariant of the crate if not: the shipped range is a valid one.
            share: share.expect("broken invariant: the shipped range is not a valid share"),
            families: vec![
                Family::Linear,
                Family::Exponential,
                Family::Logistic,
                Family::Gompertz,
            ],
            weights: Vec::new(),
            parts: vec![("China".to_owned(), "World".to_owned())],
            pooling: DampingPrior::default(),
            draws: 20_000,
            seed: Seed::default(),
        }
    }
}

impl OutlookOptions {
    /// With a first year before the first observations.
    #[must_use]
    pub const fn with_first_year(mut self, from: i32) -> Self {
        self.from = Some(from);
        self
    }

    /// With another last year.
    #[must_use]
    pub const fn with_last_year(mut self, to: i32) -> Self {
        self.to = to;
        self
    }

    /// With another error for the observations that state none.
    #[must_use]
    pub const fn with_assumed_error(mut self, relative_error: f64) -> Self {
        self.assumed_error = relative_error;
        self
    }

    /// With another error for a published projection that states none.
    #[must_use]
    pub const fn with_assumed_projection_error(mut self, relative_error: f64) -> Self {
        self.assumed_projection_error = relative_error;
        self
    }

    /// With errors of the figures that hang together.
    #[must_use]
    pub const fn with_errors(mut self, errors: ErrorModel) -> Self {
        self.errors = errors;
        self
    }

    /// With other knowledge of the level of the sources.
    #[must_use]
    pub fn with_sources(mut self, sources: BetweenSource) -> Self {
        self.sources = sources;
        self
    }

    /// With or without horizon error in the mixtures.
    #[must_use]
    pub const fn with_horizon_error(mut self, horizon_error: bool) -> Self {
        self.horizon_error = horizon_error;
        self
    }

    /// With another way to make the calibrated projection.
    #[must_use]
    pub fn with_trend(mut self, trend: ForecastOptions) -> Self {
        self.trend = trend;
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

    /// With weights of the curves in the mixtures.
    ///
    /// ```
    /// use myeloma_epi::curve::Family;
    /// use myeloma_epi::backtest::{Stacked, StackingOptions};
    /// use myeloma_epi::{IncidenceSeries, Outlook, OutlookOptions, figures};
    ///
    /// let counts = IncidenceSeries::from_figures(figures::registered(), "United States")?;
    /// let families = [Family::Linear, Family::Exponential];
    /// let stacked = Stacked::of_families(&counts, &families, &StackingOptions::default())?;
    /// let options = OutlookOptions::default()
    ///     .with_families(families)
    ///     .with_weights(families.into_iter().zip(stacked.weights))
    ///     .with_draws(1_000);
    /// let outlook = Outlook::of_series(&[counts], &options)?;
    /// # assert_eq!(outlook.regions()[0].curves().len(), 2);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[must_use]
    pub fn with_weights(mut self, weights: impl IntoIterator<Item = (Family, f64)>) -> Self {
        self.weights = weights.into_iter().collect();
        self
    }

    /// With one more region that is part of another.
    #[must_use]
    pub fn with_part(mut self, part: impl Into<String>, whole: impl Into<String>) -> Self {
        self.parts.push((part.into(), whole.into()));
        self
    }

    /// With another way for a part to borrow from its whole.
    #[must_use]
    pub const fn with_pooling(mut self, pooling: DampingPrior) -> Self {
        self.pooling = pooling;
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

    /// The weight of a family.
    pub(super) fn weight(&self, family: Family) -> f64 {
        let named = self.weights.iter().rfind(|(other, _)| *other == family);
        named.map_or(1.0, |(_, weight)| *weight)
    }

    /// The region that a region is part of.
    pub(super) fn whole_of(&self, region: &str) -> Option<&str> {
        let named = self.parts.iter().rfind(|(part, _)| part == region);
        named.map(|(_, whole)| whole.as_str())
    }
}
