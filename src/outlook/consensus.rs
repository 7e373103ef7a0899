//! Where all families of sources together are: the level of a region's figures beside those of other sources, each seen
//! along the mean path of the trend ([`super::revision`]).

use std::collections::BTreeMap;

use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use serde::Serialize;

use super::outlook_options::OutlookOptions;
use super::revision::{MeanPath, Revision, figure_of};
use crate::error::Result;
use crate::figures::Figure;
use crate::interval_levels::OF_ONE_INTERVAL;
use crate::numeric::normal_mixture::NormalMixture;
use crate::numeric::random_effects::RandomEffects;
use crate::random::Seed;
use crate::series::IncidenceSeries;

/// Where all families of sources together are, seen from the last figure at hand.
///
/// # Model
///
/// ```text
/// ȳ(k) = μ + f(k) + e(k),   f ~ N(0, τ²) one a family,   e ~ N(0, s²/(2·n(k)))
/// ```
///
/// ȳ(k) is the mean level of the n rounds of family k, each at its last year, and s the error of revision; μ and τ are those of
/// [`RandomEffects`].
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Consensus {
    /// The log of the factor from the source at hand to the truth.
    shift: NormalMixture,
    /// Families and the mean level of each, seen from the last figure at hand.
    families: Vec<(String, f64)>,
    /// The posterior median of τ; the stated standard deviation where there is one family.
    between_family_sd: f64,
}

/// What is shown of a [`Consensus`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ConsensusSummary {
    /// Families, and by which factor the mean of their rounds differs from the last figure at hand.
    pub(crate) families: Vec<(String, f64)>,
    /// Median and 95 % interval of the factor from the source at hand to the truth.
    pub(crate) factor: [f64; 3],
    pub(crate) between_family_sd: f64,
}

impl Consensus {
    /// Seen from the figure of a year.
    pub(super) fn of(
        series: &IncidenceSeries,
        year: i32,
        revision: Revision,
        options: &OutlookOptions,
    ) -> Result<Self> {
        let region = series.region();
        let mean_path = MeanPath::of(region, options)?;
        let mut at_hand = series.observations().iter();
        let own_cases = at_hand.find(|o| o.year == year).map_or(1.0, |o| o.cases);
        // The trend starts at a provisional figure as it will be completed.
        let late = options.trend(region).late(series, &options.forecast, year);
        let own_cases = own_cases * late.unwrap_or(0.0).exp();
        let own = figure_of(series, year);
        let own_source = own.map_or("", Figure::source);
        let own_family = family(own).unwrap_or("own figures");

        // The level of each source at the last year that it has a figure of.
        let mut families: BTreeMap<&str, BTreeMap<&str, (i32, f64)>> = BTreeMap::new();
        families
            .entry(own_family)
            .or_default()
            .insert(own_source, (i32::MAX, 0.0));
        for figure in options.compared(region) {
            let growth = mean_path.growth(year, figure.year())?;
            let level = (figure.cases() / own_cases).ln() - growth;
            let sources = families.entry(family_or_none(figure)).or_default();
            let entry = sources
                .entry(figure.source())
                .or_insert((figure.year(), level));
            if entry.0 < figure.year() {
                *entry = (figure.year(), level);
            }
        }
        let round = revision.sd.powi(2) / 2.0;
        let levels: Vec<(String, f64, f64)> = families
            .into_iter()
            .map(|(name, sources)| {
                let n = sources.len() as f64;
                let mean = sources.values().map(|(_, level)| level).sum::<f64>() / n;
                (name.to_owned(), mean, round / n)
            })
            .collect();
        Ok(Self::from_families(&levels, options.between_source_sd))
    }

    /// From families with their mean levels and the variances of these.
    fn from_families(levels: &[(String, f64, f64)], stated_sd: f64) -> Self {
        let families = levels
            .iter()
            .map(|(name, mean, _)| (name.clone(), *mean))
            .collect();
        let estimates: Vec<(f64, f64)> = levels.iter().map(|(_, mean, v)| (*mean, *v)).collect();
        let Some(posterior) = RandomEffects::of(&estimates) else {
            // One family does not tell how far families lie apart, nor do several that say exactly the same.
            let n = levels.len() as f64;
            let mean = levels.iter().map(|(_, mean, _)| mean).sum::<f64>() / n;
            let of_rounds = levels.iter().map(|(_, _, v)| v).sum::<f64>() / (n * n);
            return Self {
                shift: NormalMixture::normal(mean, stated_sd.powi(2) / n + of_rounds),
                families,
                between_family_sd: stated_sd,
            };
        };
        Self {
            shift: posterior.mean,
            families,
            between_family_sd: posterior.between_sd,
        }
    }

    pub(super) fn variance(&self) -> f64 {
        self.shift.variance()
    }

    /// Whether how far families lie apart is estimated, which is the case for several that say different things.
    pub(super) fn is_estimated(&self) -> bool {
        self.shift.0.len() > 1
    }

    /// The log of the factor to the truth.
    pub(super) const fn shift(&self) -> &NormalMixture {
        &self.shift
    }

    pub(super) fn summary(&self) -> ConsensusSummary {
        let families = self.families.iter();
        ConsensusSummary {
            families: families
                .map(|(name, level)| (name.clone(), level.exp()))
                .collect(),
            factor: OF_ONE_INTERVAL.map(|p| self.shift.quantile(p).exp()),
            between_family_sd: self.between_family_sd,
        }
    }

    /// Factors from the source at hand to the truth, one a draw. Sources err in the same direction in all their
    /// regions, so the draws of all regions come from the same numbers.
    pub(super) fn factors(&self, draws: usize, seed: Seed) -> Vec<f64> {
        seed.stream("outlook/consensus").draws(draws, |rng| {
            let chosen = self.shift.component(rng.random());
            let z: f64 = StandardNormal.sample(rng);
            (chosen.mean + chosen.variance.sqrt() * z).exp()
        })
    }
}

/// The family of a figure that a region is compared with.
pub(super) fn family_or_none(figure: &Figure) -> &str {
    family(Some(figure)).unwrap_or("without a source")
}

/// The family of a figure's source; a source without one is its own.
fn family(figure: Option<&Figure>) -> Option<&str> {
    let figure = figure?;
    let source = Some(figure.source()).filter(|source| !source.is_empty());
    figure.family().or(source)
}
