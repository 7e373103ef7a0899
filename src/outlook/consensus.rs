//! Where all families of sources together are: the level of a region's figures beside those of other sources, each seen
//! along the mean path of the trend ([`super::revision`]).

use std::collections::BTreeMap;

use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};
use serde::Serialize;

use super::outlook_options::OutlookOptions;
use super::revision::{MeanPath, Revision, figure_of};
use crate::error::Result;
use crate::figures::{Figure, Status};
use crate::forecast::Forecast;
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
/// y(k, i) = μ + f(k) + e(k, i),   f ~ N(0, τ²) one a family,   e ~ N(0, s²/2 + ε²) one a round
/// ```
///
/// y(k, i) is the level of round i of family k at its last year, s the error of revision (of modelled figures) and ε that of the
/// figure itself: what it states and, of a registered count, its counting error, 1/√n. One that states none has the assumed error, unless
/// it is modelled, the error of revision is known, and no other errs. Rounds of one family are weighted by their variances; μ and τ are those of
/// [`RandomEffects`].
///
/// The draws of the trend hold the error of the figure at hand, too, each region its own. Of each draw the consensus therefore
/// takes back what the other sources say better: all but the part that the figure at hand has in μ.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Consensus {
    /// The log of the factor from the source at hand to the truth.
    shift: NormalMixture,
    /// The part that the source at hand has in each component of it.
    parts: Vec<f64>,
    /// The log of the last figure at hand, as it will be completed.
    figure: f64,
    /// The level at hand, seen from that figure, with the variance of the figures' own errors.
    at_hand: Level,
    /// Families and the mean level of each, seen from the last figure at hand.
    families: Vec<(String, f64)>,
    /// The posterior median of τ; the stated standard deviation where there is one family.
    between_family_sd: f64,
}

/// A level on the log scale, and its variance.
type Level = (f64, f64);

/// A family of sources with its mean level, and the part that the source at hand has in it.
type FamilyLevel = (String, Level, f64);

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
    /// Seen from the last figure of a trend.
    pub(super) fn of(
        series: &IncidenceSeries,
        trend: &Forecast,
        revision: Revision,
        options: &OutlookOptions,
    ) -> Result<Self> {
        let (region, year) = (series.region(), trend.last_year());
        let mean_path = MeanPath::of(region, options)?;
        let own = figure_of(series, year);
        let own_source = own.map_or("", Figure::source);
        let own_family = family(own).unwrap_or(OWN_FIGURES);
        let mut at_hand = series.observations().iter();
        let observed = at_hand.find(|o| o.year == year);
        let stated = match own {
            Some(figure) => figure.relative_error(),
            None => observed.and_then(|o| o.relative_error),
        };
        let own_cases = observed.map_or(1.0, |o| o.cases);
        let own_status = own.map_or(Status::Registered, Figure::status);
        let of_figure = figure_variance(own_status, own_cases, stated, revision, options);
        // The trend starts at a provisional figure as it will be completed.
        let late = options.trend(region).late(series, &options.forecast, year);
        let own_log = own_cases.ln() + late.unwrap_or(0.0);
        // Earlier figures may say more of the level than the last one does.
        let (of_trend, variance) = trend.level();
        let (own_level, own_variance) = if variance < of_figure {
            (of_trend - own_log, variance)
        } else {
            (0.0, of_figure)
        };

        // The level of each source at the last year that it has a figure of.
        let mut families: BTreeMap<&str, BTreeMap<&str, (i32, Level)>> = BTreeMap::new();
        let of_round = round_variance(own_status, revision);
        families
            .entry(own_family)
            .or_default()
            .insert(own_source, (i32::MAX, (own_level, own_variance + of_round)));
        for figure in options.compared(region) {
            let growth = mean_path.growth(year, figure.year())?;
            let (status, cases) = (figure.status(), figure.cases());
            let stated = figure.relative_error();
            let variance = figure_variance(status, cases, stated, revision, options)
                + round_variance(status, revision);
            let level = (cases.ln() - own_log - growth, variance);
            let sources = families.entry(family_or_none(figure)).or_default();
            let entry = sources
                .entry(figure.source())
                .or_insert((figure.year(), level));
            if entry.0 < figure.year() {
                *entry = (figure.year(), level);
            }
        }
        // What is exact beside what errs has the error that is assumed; where that is 0 a millionth, since it would have all the weight.
        let all = families.values_mut().flat_map(BTreeMap::values_mut);
        let mut variances: Vec<&mut f64> = all.map(|(_, (_, variance))| variance).collect();
        if variances.iter().any(|v| **v > 0.0) {
            let assumed = options.assumed_error.max(1e-6).powi(2);
            let exact = variances.iter_mut().filter(|v| ***v == 0.0);
            exact.for_each(|v| **v = assumed);
        }
        let levels: Vec<FamilyLevel> = families
            .into_iter()
            .map(|(name, sources)| {
                let own = sources.keys().position(|&source| source == own_source);
                let own = own.filter(|_| name == own_family);
                let levels: Vec<Level> = sources.into_values().map(|(_, level)| level).collect();
                let (mean, variance, weights) = weighted_mean(&levels);
                let part = own.map_or(0.0, |i| weights[i]);
                (name.to_owned(), (mean, variance), part)
            })
            .collect();
        let at_hand = (own_level, own_variance);
        let stated_sd = options.between_source_sd;
        Ok(Self::from_families(&levels, own_log, at_hand, stated_sd))
    }

    /// From families with their mean levels and the variances of these.
    fn from_families(levels: &[FamilyLevel], figure: f64, at_hand: Level, stated_sd: f64) -> Self {
        let families = levels.iter();
        let families = families.map(|(name, (mean, _), _)| (name.clone(), *mean));
        let families = families.collect();
        let estimates: Vec<Level> = levels.iter().map(|(_, level, _)| *level).collect();
        let Some(posterior) = RandomEffects::of(&estimates) else {
            // One family does not tell how far families lie apart, nor do several that say exactly the same.
            let n = levels.len() as f64;
            let mean = estimates.iter().map(|(mean, _)| mean).sum::<f64>() / n;
            let of_rounds = estimates.iter().map(|(_, v)| v).sum::<f64>() / (n * n);
            return Self {
                shift: NormalMixture::normal(mean, stated_sd.powi(2) / n + of_rounds),
                parts: vec![levels.iter().map(|(_, _, part)| part).sum::<f64>() / n],
                figure,
                at_hand,
                families,
                between_family_sd: stated_sd,
            };
        };
        // The weight of a family in μ given τ is 1/(v + τ²) over the sum of all, the inverse of the variance of μ.
        let components = posterior.mean.0.iter().zip(&posterior.taus);
        let parts = components.map(|(c, tau)| {
            let own = levels.iter().zip(&estimates);
            let own = own.map(|((_, _, part), (_, v))| part * c.variance / (v + tau * tau));
            own.sum::<f64>()
        });
        Self {
            parts: parts.collect(),
            shift: posterior.mean,
            figure,
            at_hand,
            families,
            between_family_sd: posterior.between_sd,
        }
    }

    /// The part that the source at hand has in the level of all, in the mean.
    pub(super) fn part(&self) -> f64 {
        self.with_weights()
            .map(|(weight, part)| weight * part)
            .sum()
    }

    /// Whether how far families lie apart is estimated, which is the case for several that say different things.
    pub(super) fn is_estimated(&self) -> bool {
        self.shift.0.len() > 1
    }

    /// The variance of the log of the factor beside what the errors of the figures at hand make of it.
    pub(super) fn variance(&self) -> f64 {
        let squares = self
            .with_weights()
            .map(|(weight, part)| weight * part * part);
        self.shift.variance() - squares.sum::<f64>() * self.at_hand.1
    }

    fn with_weights(&self) -> impl Iterator<Item = (f64, f64)> {
        let components = self.shift.0.iter().zip(&self.parts);
        components.map(|(c, part)| (c.weight, *part))
    }

    /// What a factor to the truth is drawn from: its log where the level of the draw is that of the last figure, and which part of
    /// the distance between these two it takes back. From a number between 0 and 1 and a standard normal one.
    pub(super) fn drawn(&self, chosen: f64, z: f64) -> [f64; 2] {
        let i = self.shift.choose(chosen);
        let (of, part) = (self.shift.0[i], self.parts[i]);
        let (level, variance) = self.at_hand;
        // The error of the figures at hand is in the level of the draw, and is a part of the variance but for rounding.
        let left = (of.variance - part * part * variance).max(0.0);
        [of.mean - part * level + left.sqrt() * z, 1.0 - part]
    }

    /// The log of the factor to the truth, for a draw in which the trend has a level at the last figure.
    pub(super) fn log_factor(&self, [shift, taken_back]: [f64; 2], level: f64) -> f64 {
        shift - taken_back * (level - self.figure)
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

    /// Factors from the source at hand to the truth, one for the level of each draw. Sources err in the same direction in all
    /// their regions, so the draws of all regions come from the same numbers.
    pub(super) fn factors(&self, levels: &[f64], seed: Seed) -> Vec<f64> {
        let drawn = seed.stream("outlook/consensus").draws(levels.len(), |rng| {
            let chosen = rng.random();
            self.drawn(chosen, StandardNormal.sample(rng))
        });
        let both = drawn.into_iter().zip(levels);
        both.map(|(drawn, level)| self.log_factor(drawn, *level).exp())
            .collect()
    }
}

/// The variance of the error of a figure, on the log scale: what it states, or is assumed, and the counting error of a count.
fn figure_variance(
    status: Status,
    cases: f64,
    stated: Option<f64>,
    revision: Revision,
    options: &OutlookOptions,
) -> f64 {
    let is_revised = status != Status::Registered;
    let assumed = if is_revised && revision.is_known(options) {
        0.0
    } else {
        options.assumed_error
    };
    let counting = if is_revised {
        0.0
    } else {
        cases.max(1.0).recip()
    };
    stated.unwrap_or(assumed).powi(2) + counting
}

/// Of the difference between two rounds each has the half; registered counts have no rounds.
fn round_variance(status: Status, revision: Revision) -> f64 {
    if status == Status::Registered {
        0.0
    } else {
        revision.sd.powi(2) / 2.0
    }
}

/// The mean of levels weighted by their variances, its variance, and the weights; all are exact, or none.
fn weighted_mean(levels: &[Level]) -> (f64, f64, Vec<f64>) {
    let weight = |v: f64| if v > 0.0 { v.recip() } else { 1.0 };
    let total: f64 = levels.iter().map(|(_, v)| weight(*v)).sum();
    let weights: Vec<f64> = levels.iter().map(|(_, v)| weight(*v) / total).collect();
    let both = levels.iter().zip(&weights);
    let mean = both.clone().map(|((y, _), w)| w * y).sum();
    let variance = both.map(|((_, v), w)| w * w * v).sum();
    (mean, variance, weights)
}

/// Whether two figures are of one source of one family, which has one level: that of the figure at hand, where it has one.
pub(super) fn is_of_one_source(one: &Figure, other: &Figure) -> bool {
    one.source() == other.source() && family(Some(one)) == family(Some(other))
}

/// The family of a figure that a region is compared with.
pub(super) fn family_or_none(figure: &Figure) -> &str {
    family(Some(figure)).unwrap_or("without a source")
}

/// The family of figures without a source.
pub(super) const OWN_FIGURES: &str = "own figures";

/// The family of a figure's source; a source without one is its own.
pub(super) fn family(figure: Option<&Figure>) -> Option<&str> {
    let figure = figure?;
    let source = Some(figure.source()).filter(|source| !source.is_empty());
    figure.family().or(source)
}
