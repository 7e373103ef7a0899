//! Measurement errors of figures: their correlation within a source, and what sources differ by.

use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

use super::ProjectionOptions;
use super::error_of_a_figure::FigureErrors;
use crate::curve::Point;
use crate::error::{Error, Result};
use crate::fit::FitFigures;
use crate::number_checks::Place;
use crate::numeric::linear_algebra::Cholesky;
use crate::random::Stream;
use crate::series::IncidenceSeries;

/// The joint normal distribution of the measurement errors of a series, on the log scale.
///
/// # Model
///
/// Figure *i*, of source *s*, is off by
///
/// ```text
/// ln yᵢ − ln μᵢ = σᵢ·εᵢ + cᵢ·ηᵢ + τ·u(s),     εᵢ, ηᵢ, u(s) ~ N(0, 1)
/// corr(εᵢ, εⱼ) = ρ   for two observations of one source
///              = ρₚ  for an observation and the published projection of its source
///              = 0   between sources
/// ```
///
/// σᵢ is the error that the figure states ([`Observation::relative_error`](crate::Observation)), and cᵢ its counting error
/// ([`IncidenceSeries`](crate::IncidenceSeries#counting-error)): η is independent of anything else, as whom chance strikes in
/// one year says nothing of the next. u is what one source counts more or less than another would: it moves all figures of a source by the same
/// factor, in all regions, and leaves growth as it is. The default is independent errors and no
/// difference between sources.
///
/// The fields are checked where draws are made.
///
/// ```
/// use myeloma_epi::projection::ErrorModel;
///
/// // Two figures of one source err mostly alike, and the source as a whole by 7 %.
/// let errors = ErrorModel {
///     within_source_correlation: 0.8,
///     between_source_sd: 0.07,
///     ..ErrorModel::default()
/// };
/// let text = serde_json::to_string(&errors)?;
/// assert_eq!(serde_json::from_str::<ErrorModel>(&text)?, errors);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ErrorModel {
    /// ρ, the correlation of the errors of two observations of one source, from 0 to 1. Default: 0,
    /// independent errors.
    pub within_source_correlation: f64,
    /// τ, the between-source standard deviation on the log scale, from 0 to 1; see
    /// [`BetweenSourceEstimate`](super::BetweenSourceEstimate). Default: 0.
    pub between_source_sd: f64,
    /// ρₚ, the correlation of the error of the published projection with that of an observation of its
    /// source, from −1 to 1. Default: 0.
    pub projection_correlation: f64,
}

/// Which figures are taken as exact, to see what the errors of the others do. In a fit they weigh as
/// their stated errors say.
///
/// With it stands the region that a series is part of, if any: the errors of a part's figures are correlated with those of its
/// whole, since its cases are counted there, too.
pub(super) type Errors<'a> = (Exact, Option<&'a IncidenceSeries>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exact {
    None,
    Projection,
    All,
}

impl ErrorModel {
    /// The same errors with all sources in agreement.
    pub(super) const fn of_one_source(mut self) -> Self {
        self.between_source_sd = 0.0;
        self
    }

    fn check(&self, region: &str) -> Result<()> {
        let place = Place(region);
        let within = self.within_source_correlation;
        place.share("the within-source correlation", within)?;
        let with_projection = self.projection_correlation;
        place.check(
            (-1.0..=1.0).contains(&with_projection),
            "the correlation of the published projection",
            with_projection,
            "between -1 and 1",
        )?;
        let name = "the between-source standard deviation";
        place.share(name, self.between_source_sd)
    }
}

/// The figures of a series with their errors, ready to be drawn.
#[derive(Debug)]
pub(super) struct Perturbation {
    figures: FitFigures,
    of_figures: FigureErrors,
    scatter: Stream,
    /// Of each figure; and of the figure of the same year of a whole, with the correlation.
    streams: Vec<(Stream, Option<(Stream, f64)>)>,
    /// Lower triangle of the root of the correlations, row by row; `None` where there are none.
    root: Option<Vec<Vec<f64>>>,
    /// Of each figure, the number of its source.
    source_of: Vec<usize>,
    /// The streams of u(s), by source.
    sources: Vec<Stream>,
    between_source_sd: f64,
    exact: Exact,
}

impl Perturbation {
    /// A figure's error has a stream of its own, named by region and year: the same figure errs in
    /// the same way under every curve, and a further figure does not disturb it. That of a part is correlated with the error of
    /// the figure of its whole of the same year.
    pub(super) fn new(
        series: &IncidenceSeries,
        (figures, of_figures): (FitFigures, FigureErrors),
        &ProjectionOptions { errors, seed, .. }: &ProjectionOptions,
        (exact, whole): Errors<'_>,
    ) -> Result<Self> {
        let region = series.region();
        errors.check(region)?;
        let last = figures.years.len() - 1;
        let is_projection = |i: usize| figures.uses_projection && i == last;
        let of_whole = |i: usize, year: i32| {
            let whole = whole.filter(|_| !is_projection(i))?;
            let figure = whole.unmarked().find(|o| o.year == year)?;
            let share = (figures.points[i].cases / figure.cases).min(1.0);
            let stream = seed.stream(&format!("figure/{}/{year}", whole.region()));
            Some((stream, of_figures.correlation_with_whole(i, share)))
        };
        let streams = figures.years.iter().enumerate().map(|(i, &year)| {
            let kind = if is_projection(i) {
                "projection"
            } else {
                "figure"
            };
            let own = seed.stream(&format!("{kind}/{region}/{year}"));
            (own, of_whole(i, year))
        });

        let sources: Vec<&str> = figures
            .years
            .iter()
            .map(|&year| series.source(year).unwrap_or_default())
            .collect();
        let correlation = |i: usize, j: usize| {
            let of_source = match (i == j, sources[i] == sources[j]) {
                (true, _) => return 1.0,
                (false, false) => 0.0,
                (false, true) if is_projection(i) || is_projection(j) => {
                    errors.projection_correlation
                }
                (false, true) => errors.within_source_correlation,
            };
            of_source * of_figures.correlated_part(i) * of_figures.correlated_part(j)
        };
        let none = errors.within_source_correlation == 0.0 && errors.projection_correlation == 0.0;
        let root = if none {
            None
        } else {
            let correlations = Cholesky::new(figures.years.len(), correlation);
            // Rounding leaves 1e-8 of a figure that depends on those before it.
            if correlations.defect > 1e-7 {
                return Err(Error::unsuitable(format!(
                    "the errors of the figures of {region} cannot have these correlations: {} \
                     between observations of one source and {} with the published projection are \
                     not positive definite",
                    errors.within_source_correlation, errors.projection_correlation
                )));
            }
            Some(correlations.root)
        };

        let mut names: Vec<&str> = Vec::new();
        let source_of = sources.iter().map(|source| {
            names.iter().position(|n| n == source).unwrap_or_else(|| {
                names.push(source);
                names.len() - 1
            })
        });
        let source_of = source_of.collect();
        let of_source = |source: &&str| seed.stream(&format!("level/source/{source}"));
        Ok(Self {
            streams: streams.collect(),
            root,
            source_of,
            sources: names.iter().map(of_source).collect(),
            between_source_sd: errors.between_source_sd,
            exact,
            figures,
            of_figures,
            scatter: seed.stream(&format!("scatter/{region}")),
        })
    }

    /// Whether the published projection is one of the figures.
    pub(super) const fn uses_projection(&self) -> bool {
        self.figures.uses_projection
    }

    fn is_exact(&self, i: usize) -> bool {
        let is_projection = self.figures.uses_projection && i + 1 == self.figures.years.len();
        match self.exact {
            Exact::None => false,
            Exact::Projection => is_projection,
            Exact::All => true,
        }
    }

    /// The perturbed counts of one block of draws: a row a figure.
    pub(super) fn block(&self, block: usize, draws: usize) -> Vec<(Point, Vec<f64>)> {
        let normal = |stream: &Stream| -> Vec<f64> {
            let sample = StandardNormal.sample_iter(stream.block(block));
            sample.take(draws).collect()
        };
        let of_figure = |(own, whole): &(Stream, Option<(Stream, f64)>)| {
            let mut z = normal(own);
            if let Some((whole, correlation)) = whole {
                let rest = (1.0 - correlation * correlation).sqrt();
                let pairs = z.iter_mut().zip(normal(whole));
                pairs.for_each(|(own, whole)| *own = correlation * whole + rest * *own);
            }
            z
        };
        let streams = self.streams.iter().zip(&self.of_figures.each);
        let z = streams.map(|(streams, &error)| match self.root {
            None if error == 0.0 => vec![0.0; draws],
            _ => of_figure(streams),
        });
        let mut z: Vec<Vec<f64>> = z.collect();
        if let Some(root) = &self.root {
            for draw in 0..draws {
                // From the last figure on, so that what is still needed has not been overwritten.
                for i in (0..z.len()).rev() {
                    let sum = root[i].iter().zip(&z).map(|(l, z)| l * z[draw]).sum();
                    z[i][draw] = sum;
                }
            }
        }
        let between_sources: Vec<Vec<f64>> = if self.between_source_sd > 0.0 {
            self.sources.iter().map(normal).collect()
        } else {
            Vec::new()
        };
        let scatters = self.of_figures.factors(self.scatter, block, draws);
        let figures = self.figures.points.iter().zip(&self.of_figures.each);
        figures
            .zip(z)
            .zip(&self.source_of)
            .enumerate()
            .map(|(i, (((point, &error), mut z), &source))| {
                let error = if self.is_exact(i) { 0.0 } else { error };
                let factors = (scatters.as_ref()).filter(|_| self.of_figures.is_estimated(i));
                for (draw, z) in z.iter_mut().enumerate() {
                    let of_source = between_sources
                        .get(source)
                        .map_or(0.0, |u| self.between_source_sd * u[draw]);
                    let error = factors.map_or(error, |f| error * f[draw]);
                    let log = error * *z + of_source;
                    *z = point.cases * if log == 0.0 { 1.0 } else { log.exp() };
                }
                (*point, z)
            })
            .collect()
    }
}
