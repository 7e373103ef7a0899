//! By how much a later round of a family of sources revises an earlier one.
//!
//! Figures of different years are compared along the mean path of the registry trend from one to the other: the growth of
//! expected cases, where the population is known, and the mean growth of the trend, which depends on it.

use std::collections::BTreeMap;

use rand_distr::{ChiSquared, Distribution, StandardNormal};
use serde::Serialize;

use super::outlook_options::OutlookOptions;
use crate::error::{Error, Result};
use crate::figures::{Figure, Status, are_same_codes};
use crate::forecast::ExpectedByYear;
use crate::random::Seed;
use crate::series::IncidenceSeries;

/// The error of revision: the standard deviation, on the log scale, of the difference between two rounds of one family
/// of sources, beyond what population and growth make of the years between them.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub(crate) struct Revision {
    pub(crate) sd: f64,
    /// The number of revisions that it is estimated from, its degrees of freedom; `None` where it was stated.
    pub(crate) pairs: Option<usize>,
}

/// A family, and the last years of two successive rounds, the same in every region that both estimate; and which one it is of
/// revisions between these years.
type Key<'a> = (&'a str, i32, i32, usize);

impl Revision {
    /// From successive rounds of one family among the figures that an outlook is compared with: √(Σd²/n), where d² is the
    /// mean over the regions of one revision, which errs in all of them in the same direction, and n the number of
    /// revisions. Its expectation is taken as 0, so n is the number of degrees of freedom, too.
    ///
    /// Rounds are modelled sources of one family, in the order of their last years, and of their names where these are the same. Two that have
    /// figures of the same year differ by these; of others the last figures are compared. Figures are taken as they stand, of whatever definition: an outlook says
    /// where two rounds differ in it.
    pub(super) fn estimate(options: &OutlookOptions) -> Result<Self> {
        if let Some(sd) = options.revision_sd {
            return Ok(Self { sd, pairs: None });
        }
        let mut revisions: BTreeMap<Key<'_>, Vec<f64>> = BTreeMap::new();
        for region in options.compared_with.regions() {
            let mean_path = MeanPath::of(region, options)?;
            for (family, rounds) in rounds_by_family(options, region) {
                let mut between = BTreeMap::<(i32, i32), usize>::new();
                for pair in rounds.windows(2) {
                    let years = (last_year(&pair[0]), last_year(&pair[1]));
                    let nth = between.entry(years).or_default();
                    let key = (family, years.0, years.1, *nth);
                    *nth += 1;
                    let difference = mean_path.revision(&pair[0], &pair[1])?;
                    revisions.entry(key).or_default().push(difference.powi(2));
                }
            }
        }
        if revisions.is_empty() {
            return Ok(Self::default());
        }
        let n = revisions.len();
        let means = revisions
            .values()
            .map(|d| d.iter().sum::<f64>() / d.len() as f64);
        Ok(Self {
            sd: (means.sum::<f64>() / n as f64).sqrt(),
            pairs: Some(n),
        })
    }

    /// That it is known well enough for a region whose last figure has it. Student's t with one degree of freedom is
    /// Cauchy's distribution, of which the exponential is beyond any number in one draw of some thousands.
    pub(super) fn check(self, region: &str) -> Result<Self> {
        if self.pairs == Some(1) && self.sd > 0.0 {
            return Err(Error::unsuitable(format!(
                "the error of revision of {region} would be estimated from one revision, that of two rounds of one family of \
                 sources, which says next to nothing of how large the next one is: state it (OutlookOptions::revision_sd, \
                 --revision), or compare with a third round"
            )));
        }
        Ok(self)
    }

    /// Factors by which the next round of a source differs from its last one, one a draw: log-normal, or with
    /// Student's t where the standard deviation is estimated. A round errs in the same direction in all its regions, so
    /// the draws of all regions are the same.
    pub(super) fn factors(self, draws: usize, seed: Seed) -> Result<Vec<f64>> {
        let spread = self
            .pairs
            .map(|pairs| chi_squared(pairs as f64))
            .transpose()?;
        Ok(seed.stream("outlook/revision").draws(draws, |rng| {
            let z: f64 = StandardNormal.sample(rng);
            let scale = match (&spread, self.pairs) {
                (Some(spread), Some(pairs)) => (pairs as f64 / spread.sample(rng)).sqrt(),
                _ => 1.0,
            };
            (self.sd * z * scale).exp()
        }))
    }

    /// Whether it is stated or estimated, as 0 too: then a modelled figure errs by revisions, and not by what is assumed of
    /// figures otherwise.
    pub(super) const fn is_known(self, options: &OutlookOptions) -> bool {
        self.pairs.is_some() || options.revision_sd.is_some()
    }

    /// The variance of the logarithm of the factors; `None` where Student's t has none.
    pub(super) fn variance(self) -> Option<f64> {
        match self.pairs {
            None => Some(self.sd.powi(2)),
            Some(pairs) if pairs > 2 => Some(self.sd.powi(2) * pairs as f64 / (pairs - 2) as f64),
            Some(_) => None,
        }
    }
}

fn chi_squared(degrees: f64) -> Result<ChiSquared<f64>> {
    ChiSquared::new(degrees).map_err(|error| Error::unsuitable(error.to_string()))
}

/// The figures of one round in one region, by year; there is one at least.
type Round<'a> = BTreeMap<i32, &'a Figure>;

/// The rounds of each family of sources that a region is compared with, in their order.
fn rounds_by_family<'a>(
    options: &'a OutlookOptions,
    region: &'a str,
) -> BTreeMap<&'a str, Vec<Round<'a>>> {
    let mut families: BTreeMap<&str, BTreeMap<&str, Round<'_>>> = BTreeMap::new();
    // A registered count is no round of a model, and what two registries differ by is no revision.
    let modelled = options
        .compared(region)
        .filter(|f| f.status() != Status::Registered);
    for figure in modelled {
        if let Some(family) = figure.family() {
            let rounds = families.entry(family).or_default();
            let round = rounds.entry(figure.source()).or_default();
            round.insert(figure.year(), figure);
        }
    }
    let in_order = |rounds: BTreeMap<_, Round<'a>>| {
        let mut rounds: Vec<Round<'_>> = rounds.into_values().collect();
        rounds.sort_by_key(last_year);
        rounds
    };
    let families = families.into_iter();
    families
        .map(|(family, rounds)| (family, in_order(rounds)))
        .collect()
}

/// Successive rounds, of any region that an outlook is compared with, that count different diseases and are compared all the
/// same: source and ICD-10 codes of both, each pair once.
pub(super) fn of_different_definitions(options: &OutlookOptions) -> Vec<[(&str, &str); 2]> {
    let mut all = Vec::new();
    for region in options.compared_with.regions() {
        for rounds in rounds_by_family(options, region).values() {
            let coded = rounds.iter().map(|round| {
                let figure = round.values().next_back()?;
                Some((figure.source(), figure.icd10()?))
            });
            let coded: Vec<Option<(&str, &str)>> = coded.collect();
            for pair in coded.windows(2) {
                if let [Some(one), Some(other)] = *pair
                    && !are_same_codes(one.1, other.1)
                    && !all.contains(&[one, other])
                {
                    all.push([one, other]);
                }
            }
        }
    }
    all
}

fn last_year(round: &Round<'_>) -> i32 {
    round.last_key_value().map_or(0, |(year, _)| *year)
}

/// The mean path of a region's registry trend: what a figure of one year says of another.
pub(super) struct MeanPath<'a> {
    region: &'a str,
    expected: Option<ExpectedByYear>,
    growth: f64,
    elasticity: f64,
}

impl<'a> MeanPath<'a> {
    pub(super) fn of(region: &'a str, options: &OutlookOptions) -> Result<Self> {
        Ok(Self {
            region,
            expected: options.forecast_of(region)?.expected,
            growth: options.mean_growth(region),
            elasticity: options.trend(region).parameters().elasticity,
        })
    }

    /// The growth of the log from one year to another, earlier or later; as in [`crate::forecast`],
    ///
    /// ```text
    /// ln(D(to)/D(from)) + (to − from)·(γ + (κ − 1)·D̄)
    /// ```
    ///
    /// with D̄ the mean growth of expected cases D from the earlier of the two years on; without population D is 1.
    pub(super) fn growth(&self, from: i32, to: i32) -> Result<f64> {
        let (first, last) = (from.min(to), from.max(to));
        let years = f64::from(last - first);
        let mut growth = self.growth * years;
        if let Some(expected) = self.expected.as_ref().filter(|_| first < last) {
            let of_expected = expected.growth(self.region, first, last)?;
            let mean = expected.mean_growth(self.region, first, last)?;
            growth += of_expected.iter().sum::<f64>() + years * (self.elasticity - 1.0) * mean;
        }
        Ok(if from <= to { growth } else { -growth })
    }

    /// By how much a later round differs from an earlier one, on the log scale.
    fn revision(&self, earlier: &Round<'_>, later: &Round<'_>) -> Result<f64> {
        let common: Vec<f64> = earlier
            .iter()
            .filter_map(|(year, figure)| Some((later.get(year)?.cases() / figure.cases()).ln()))
            .collect();
        if !common.is_empty() {
            return Ok(common.iter().sum::<f64>() / common.len() as f64);
        }
        let (from, to) = (last_year(earlier), last_year(later));
        Ok((later[&to].cases() / earlier[&from].cases()).ln() - self.growth(from, to)?)
    }
}

/// Whether the figures of two years are estimates of one round, by the name of their source; those without a source are
/// of one. Who compiles commercial figures does not say which rounds they are of.
pub(super) fn are_of_one_round(series: &IncidenceSeries, years: [i32; 2]) -> bool {
    let [a, b] = years.map(|year| {
        figure_of(series, year)
            .filter(|figure| figure.status() == Status::Estimate)
            .map(Figure::source)
    });
    a.is_some() && a == b
}

/// Which modelled figures before the last one are taken as of its round, and which as of earlier rounds, in a sentence;
/// `None` where there are none.
pub(super) fn rounds(series: &IncidenceSeries) -> Option<String> {
    let last = series.last_without_shock();
    if !is_modelled(series, last) {
        return None;
    }
    let earlier = series.unmarked().map(|o| o.year);
    let earlier = earlier.filter(|&year| year < last && is_modelled(series, year));
    let (same, others): (Vec<i32>, Vec<i32>) =
        earlier.partition(|&year| are_of_one_round(series, [year, last]));
    let years = |years: &[i32]| {
        let years = years.iter().map(i32::to_string);
        years.collect::<Vec<_>>().join(", ")
    };
    let same = (!same.is_empty()).then(|| {
        format!(
            "the figures of {} are taken as of one round with that of {last}, as estimates of one source",
            years(&same)
        )
    });
    let others = (!others.is_empty()).then(|| {
        format!(
            "the figures of {} may be of other rounds than that of {last}, and then differ from it by a revision",
            years(&others)
        )
    });
    let said: Vec<String> = [same, others].into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// Whether the figure of a year is modelled and may be revised: estimates and commercial figures are; registered counts
/// and those without a status are not.
pub(super) fn is_modelled(series: &IncidenceSeries, year: i32) -> bool {
    let status = figure_of(series, year).map(Figure::status);
    matches!(status, Some(Status::Estimate | Status::Commercial))
}

/// The figure of a year's observation, where the series was made of figures.
pub(super) fn figure_of(series: &IncidenceSeries, year: i32) -> Option<&Figure> {
    let mut figures = series.figures().iter();
    figures.find(|f| f.year() == year && f.status() != Status::Projection)
}
