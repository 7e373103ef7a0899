//! How the errors of the figures hang together.

use rand_distr::{Distribution, StandardNormal};

use crate::curve::Point;
use crate::error::{Error, ErrorKind, Result};
use crate::fit::FitFigures;
use crate::numeric::linear_algebra::Cholesky;
use crate::random::{BLOCK, Seed, Stream};
use crate::series::IncidenceSeries;

/// How the errors of the figures of a series hang together; the default is that they do not.
///
/// The logarithm of a figure errs by the sum of two normal errors:
///
/// - **its own**, with the standard deviation that the figure states. Two figures of one source have
///   the correlation [`ErrorModel::shared`];
/// - **the level of its source**, with the standard deviation [`ErrorModel::level`]: what one source
///   counts more or less than another would. It moves all figures of the source alike and leaves
///   growth alone. A source errs in the same direction in every region.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct ErrorModel {
    /// The correlation of the errors of two observations of one source, between 0 (the default: each
    /// errs for itself) and 1 (they err alike).
    pub shared: f64,
    /// The standard deviation, on the log scale, of the level of a source, at least 0; see
    /// [`BetweenSourceEstimate`](super::BetweenSourceEstimate). Default: 0.
    pub level: f64,
    /// The correlation of the error of the published projection with that of an observation of
    /// its source, between −1 and 1. Default: 0.
    pub projection_correlation: f64,
    /// Figures that are not perturbed, to see what their errors do; they weigh in a fit as before.
    pub(super) still: Still,
}

/// Figures that are not perturbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Still {
    #[default]
    None,
    Projection,
    All,
}

impl ErrorModel {
    /// Without the levels of the sources, and with some figures as they were published.
    pub(super) const fn holding(mut self, still: Still) -> Self {
        self.level = 0.0;
        self.still = still;
        self
    }

    /// With a correlation of the errors of the observations of one source.
    #[must_use]
    pub const fn with_shared(mut self, correlation: f64) -> Self {
        self.shared = correlation;
        self
    }

    /// With a standard deviation of the level of a source.
    #[must_use]
    pub const fn with_level(mut self, deviation: f64) -> Self {
        self.level = deviation;
        self
    }

    /// With a correlation of the published projection with the observations of its source.
    #[must_use]
    pub const fn with_projection_correlation(mut self, correlation: f64) -> Self {
        self.projection_correlation = correlation;
        self
    }

    fn check(&self, region: &str) -> Result<()> {
        for (name, value, least, most, allowed) in [
            (
                "the correlation of the errors of one source",
                self.shared,
                0.0,
                1.0,
                "between 0 and 1",
            ),
            (
                "the correlation of the published projection",
                self.projection_correlation,
                -1.0,
                1.0,
                "between -1 and 1",
            ),
            (
                "the error of the level of a source",
                self.level,
                0.0,
                1.0,
                "between 0 and 1",
            ),
        ] {
            if !(least..=most).contains(&value) {
                return Err(Error::out_of_range(name, region, value, allowed));
            }
        }
        Ok(())
    }
}

/// The figures of a series with their errors, ready to be drawn.
#[derive(Debug)]
pub(super) struct Perturbation {
    figures: FitFigures,
    streams: Vec<Stream>,
    /// Lower triangle of the root of the correlations, row by row; `None` where there are none.
    root: Option<Vec<Vec<f64>>>,
    /// Of each figure, which of the levels is that of its source.
    level_of: Vec<usize>,
    levels: Vec<Stream>,
    level: f64,
    still: Still,
}

impl Perturbation {
    /// A figure's error has a stream of its own, named by region and year: the same figure errs in
    /// the same way under every curve, and a further figure does not disturb it.
    pub(super) fn new(
        series: &IncidenceSeries,
        figures: FitFigures,
        errors: ErrorModel,
        seed: Seed,
    ) -> Result<Self> {
        let region = series.region();
        errors.check(region)?;
        let last = figures.years.len() - 1;
        let is_projection = |i: usize| figures.uses_projection && i == last;
        let streams = figures.years.iter().enumerate().map(|(i, year)| {
            let kind = if is_projection(i) {
                "projection"
            } else {
                "figure"
            };
            seed.stream(&format!("{kind}/{region}/{year}"))
        });

        let sources: Vec<&str> = figures
            .years
            .iter()
            .map(|&year| series.source(year).unwrap_or_default())
            .collect();
        let correlation = |i: usize, j: usize| match (i == j, sources[i] == sources[j]) {
            (true, _) => 1.0,
            (false, false) => 0.0,
            (false, true) if is_projection(i) || is_projection(j) => errors.projection_correlation,
            (false, true) => errors.shared,
        };
        let none = errors.shared == 0.0 && errors.projection_correlation == 0.0;
        let root = if none {
            None
        } else {
            let correlations = Cholesky::new(figures.years.len(), correlation);
            // Rounding leaves 1e-8 of a figure that depends on those before it.
            if correlations.defect > 1e-7 {
                return Err(ErrorKind::Unsuitable(format!(
                    "the errors of the figures of {region} cannot have these correlations: {} \
                     between observations of one source and {} with the published projection are \
                     not positive definite",
                    errors.shared, errors.projection_correlation
                ))
                .into());
            }
            Some(correlations.root)
        };

        let mut names: Vec<&str> = Vec::new();
        let level_of = sources
            .iter()
            .map(|source| {
                names.iter().position(|n| n == source).unwrap_or_else(|| {
                    names.push(source);
                    names.len() - 1
                })
            })
            .collect();
        let streams: Vec<Stream> = streams.collect();
        Ok(Self {
            streams,
            root,
            level_of,
            levels: names
                .iter()
                .map(|source| level_stream(series, source, seed))
                .collect(),
            level: errors.level,
            still: errors.still,
            figures,
        })
    }

    /// Whether the published projection is one of the figures.
    pub(super) const fn uses_projection(&self) -> bool {
        self.figures.uses_projection
    }

    fn is_still(&self, i: usize) -> bool {
        let is_projection = self.figures.uses_projection && i + 1 == self.figures.years.len();
        match self.still {
            Still::None => false,
            Still::Projection => is_projection,
            Still::All => true,
        }
    }

    /// The perturbed counts of one block of draws: a row a figure.
    pub(super) fn block(&self, block: usize, draws: usize) -> Vec<(Point, Vec<f64>)> {
        let normal = |stream: &Stream| -> Vec<f64> {
            let sample = StandardNormal.sample_iter(stream.block(block));
            sample.take(draws).collect()
        };
        let mut z: Vec<Vec<f64>> = self
            .streams
            .iter()
            .zip(&self.figures.errors)
            .map(|(stream, &error)| match self.root {
                None if error == 0.0 => vec![0.0; draws],
                _ => normal(stream),
            })
            .collect();
        if let Some(root) = &self.root {
            for draw in 0..draws {
                // From the last figure on, so that what is still needed has not been overwritten.
                for i in (0..z.len()).rev() {
                    let sum = root[i].iter().zip(&z).map(|(l, z)| l * z[draw]).sum();
                    z[i][draw] = sum;
                }
            }
        }
        let levels: Vec<Vec<f64>> = if self.level > 0.0 {
            self.levels.iter().map(normal).collect()
        } else {
            Vec::new()
        };
        let figures = self.figures.points.iter().zip(&self.figures.errors);
        figures
            .zip(z)
            .zip(&self.level_of)
            .enumerate()
            .map(|(i, (((point, &error), mut z), &source))| {
                let error = if self.is_still(i) { 0.0 } else { error };
                for (draw, z) in z.iter_mut().enumerate() {
                    let level = levels.get(source).map_or(0.0, |u| self.level * u[draw]);
                    let log = error * *z + level;
                    *z = if log == 0.0 {
                        point.cases
                    } else {
                        point.cases * log.exp()
                    };
                }
                (*point, z)
            })
            .collect()
    }
}

/// The stream of the level of a source: the same for all regions that the source has figures of.
fn level_stream(series: &IncidenceSeries, source: &str, seed: Seed) -> Stream {
    if source.is_empty() {
        seed.stream(&format!("level/region/{}", series.region()))
    } else {
        seed.stream(&format!("level/source/{source}"))
    }
}

/// The factor by which the source of the last observation is off, a draw: the one that is in the draws of
/// curves through its figures, for draws that were made without it.
pub(crate) fn level_factors(
    series: &IncidenceSeries,
    level: f64,
    draws: usize,
    seed: Seed,
) -> Vec<f64> {
    let source = series.source(series.last_year()).unwrap_or_default();
    let stream = level_stream(series, source, seed);
    let mut factors = vec![1.0; draws];
    if level > 0.0 {
        for (block, factors) in factors.chunks_mut(BLOCK).enumerate() {
            let sample = StandardNormal.sample_iter(stream.block(block));
            for (factor, z) in factors.iter_mut().zip(sample) {
                let z: f64 = z;
                *factor = (level * z).exp();
            }
        }
    }
    factors
}
