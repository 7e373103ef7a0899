//! By how much a later round of a family of sources revises an earlier one.
//!
//! The level of a figure is what is left of its logarithm when population and the mean growth are taken away,
//!
//! ```text
//! ℓ = ln cases − κ·ln expected(year) − γ·year
//! ```
//!
//! with expected = 1 where no population is known, γ the mean growth of the registry trend without population's part, and κ its
//! elasticity: what of the demographic change registries have shown in their counts in the long run. Figures of different years
//! can then be compared. Where expected cases grow steadily this is the mean path of the forecast; where they do not, the two
//! differ by 1 − κ times the departure of ln expected from a straight line.

use std::collections::BTreeMap;

use rand_distr::{ChiSquared, Distribution, StandardNormal};
use serde::Serialize;

use super::outlook_options::OutlookOptions;
use crate::error::{Error, Result};
use crate::figures::{Figure, Status};
use crate::random::{BLOCK, Seed};
use crate::series::IncidenceSeries;

/// The error of revision: the standard deviation, on the log scale, of the difference between two rounds of one family
/// of sources, beyond what population and growth make of the years between them.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub(crate) struct Revision {
    pub(crate) sd: f64,
    /// The number of successive rounds that it is estimated from; `None` where it was stated.
    pub(crate) pairs: Option<usize>,
}

impl Revision {
    /// From successive rounds of one family among the figures that an outlook is compared with, all regions
    /// together: √(Σd²/n), where d is the difference of their levels. Its expectation is taken as 0, so n is the
    /// number of degrees of freedom, too.
    pub(super) fn estimate(options: &OutlookOptions) -> Result<Self> {
        if let Some(sd) = options.revision_sd {
            return Ok(Self { sd, pairs: None });
        }
        let figures = &options.compared_with;
        let mut squares = Vec::new();
        for region in figures.regions() {
            let scale = Scale::of(region, options);
            let mut rounds: BTreeMap<&str, Vec<&Figure>> = BTreeMap::new();
            for figure in options.compared(region) {
                if let Some(family) = figure.family() {
                    rounds.entry(family).or_default().push(figure);
                }
            }
            for family in rounds.values_mut() {
                family.sort_by_key(|figure| figure.year());
                for pair in family.windows(2).filter(|p| p[0].source() != p[1].source()) {
                    let levels = (scale.level(pair[0])?, scale.level(pair[1])?);
                    squares.push((levels.1 - levels.0).powi(2));
                }
            }
        }
        if squares.is_empty() {
            return Ok(Self::default());
        }
        Ok(Self {
            sd: (squares.iter().sum::<f64>() / squares.len() as f64).sqrt(),
            pairs: Some(squares.len()),
        })
    }

    /// Factors by which the next round of a source differs from its last one, one a draw: log-normal, or with
    /// Student's t where the standard deviation is estimated. A round errs in the same direction in all its regions, so
    /// the draws of all regions are the same.
    pub(super) fn factors(self, draws: usize, seed: Seed) -> Result<Vec<f64>> {
        let stream = seed.stream("outlook/revision");
        let spread = self
            .pairs
            .map(|pairs| chi_squared(pairs as f64))
            .transpose()?;
        let mut factors = vec![1.0; draws];
        for (block, factors) in factors.chunks_mut(BLOCK).enumerate() {
            let mut rng = stream.block(block);
            for factor in factors {
                let z: f64 = StandardNormal.sample(&mut rng);
                let scale = match (&spread, self.pairs) {
                    (Some(spread), Some(pairs)) => (pairs as f64 / spread.sample(&mut rng)).sqrt(),
                    _ => 1.0,
                };
                *factor = (self.sd * z * scale).exp();
            }
        }
        Ok(factors)
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

/// What is taken away from the logarithms of a region's figures.
pub(super) struct Scale<'a> {
    region: &'a str,
    options: &'a OutlookOptions,
    growth: f64,
    elasticity: f64,
}

impl<'a> Scale<'a> {
    pub(super) fn of(region: &'a str, options: &'a OutlookOptions) -> Self {
        Self {
            region,
            options,
            growth: options.mean_growth(region),
            elasticity: options.trend(region).parameters().elasticity,
        }
    }

    pub(super) fn level(&self, figure: &Figure) -> Result<f64> {
        self.level_of(figure.year(), figure.cases())
    }

    pub(super) fn level_of(&self, year: i32, cases: f64) -> Result<f64> {
        let expected = match self.options.population.get(self.region) {
            Some(expected) => self.elasticity * expected.year(year)?.ln(),
            None => 0.0,
        };
        Ok(cases.ln() - expected - self.growth * f64::from(year))
    }
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
