//! Draws of a curve through perturbed figures.

use ndarray::{Array2, ArrayViewMut2, Axis};
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use super::{Projection, ProjectionOptions, check_horizon, first_year};
use crate::curve::{GrowthCurve, MAX_PARAMETERS, Point};
use crate::draws::{YearlyDraws, check_shape};
use crate::error::{ErrorKind, Result};
use crate::fit::{Estimator, FitFigures, Outcome, explained, fit, not_fitted};
use crate::random::{BLOCK, Seed, Stream};
use crate::series::IncidenceSeries;

pub(super) fn project<C: GrowthCurve>(
    curve: &C,
    series: &IncidenceSeries,
    options: &ProjectionOptions,
) -> Result<Projection> {
    check_horizon(series, options.to)?;
    let from = first_year(series, options.from)?;
    let figures = FitFigures::new(series, options.fit.published_projection);
    // The figures as published have to carry the curve; only perturbed copies go to its limit.
    let central = fit(curve, series, &options.fit)?;
    // Overflow is an error of the curve, said before any draw is made.
    for year in from..=options.to {
        central.curve().cases(f64::from(year))?;
    }

    let years = usize::try_from(options.to - from)
        .unwrap_or(usize::MAX)
        .saturating_add(1);
    check_shape(years, options.draws)?;
    let estimator =
        Estimator::new(curve, series.region(), &figures, &options.fit)?.near_a_verified_fit();
    let perturbation = Perturbation::new(series.region(), &figures, options.seed);

    let mut cases = Array2::zeros((years, options.draws));
    let mut limited = vec![false; options.draws];
    cases
        .axis_chunks_iter_mut(Axis(1), BLOCK)
        .into_par_iter()
        .zip(limited.par_chunks_mut(BLOCK))
        .enumerate()
        .try_for_each(|(block, (rows, limited))| {
            Worker {
                estimator: &estimator,
                warm: central.curve().theta(),
                series,
                from,
            }
            .fill(&perturbation.block(block, rows.ncols()), rows, limited)
        })?;

    Ok(Projection {
        region: series.region().to_owned(),
        curves: vec![curve.name().to_owned()],
        uses_published_projection: figures.uses_projection,
        limited,
        cases: YearlyDraws::from_valid(from, cases),
    })
}

/// The figures with their errors, and the stream of each.
struct Perturbation<'a> {
    figures: &'a FitFigures,
    streams: Vec<Stream>,
}

impl<'a> Perturbation<'a> {
    /// A figure's error has a stream of its own, named by region and year: the same figure errs in
    /// the same way under every curve, and a further figure does not disturb it.
    fn new(region: &str, figures: &'a FitFigures, seed: Seed) -> Self {
        let last = figures.years.len() - 1;
        let streams = figures
            .years
            .iter()
            .enumerate()
            .map(|(i, year)| {
                let kind = if figures.uses_projection && i == last {
                    "projection"
                } else {
                    "figure"
                };
                seed.stream(&format!("{kind}/{region}/{year}"))
            })
            .collect();
        Self { figures, streams }
    }

    /// The perturbed counts of one block of draws: a row a figure.
    fn block(&self, block: usize, draws: usize) -> Vec<(Point, Vec<f64>)> {
        let figures = self.figures.points.iter().zip(&self.figures.errors);
        figures
            .zip(&self.streams)
            .map(|((point, &error), stream)| {
                let counts = if error == 0.0 {
                    vec![point.cases; draws]
                } else {
                    StandardNormal
                        .sample_iter(stream.block(block))
                        .take(draws)
                        .map(|z: f64| point.cases * (error * z).exp())
                        .collect()
                };
                (*point, counts)
            })
            .collect()
    }
}

/// Refits and evaluates one block of draws.
struct Worker<'a, C> {
    estimator: &'a Estimator<'a, C>,
    warm: &'a [f64],
    series: &'a IncidenceSeries,
    from: i32,
}

impl<C: GrowthCurve> Worker<'_, C> {
    /// Fills the block's columns, and says which draws went to the curve's limit.
    fn fill(
        &self,
        counts: &[(Point, Vec<f64>)],
        mut rows: ArrayViewMut2<'_, f64>,
        limited: &mut [bool],
    ) -> Result<()> {
        let curve = self.estimator.curve;
        let k = self.warm.len();
        let mut points: Vec<Point> = counts.iter().map(|(point, _)| *point).collect();
        let mut thetas = vec![[0.0; MAX_PARAMETERS]; rows.ncols()];
        for (draw, theta) in thetas.iter_mut().enumerate() {
            for (point, (_, counts)) in points.iter_mut().zip(counts) {
                point.cases = counts[draw];
            }
            let outcome = self
                .estimator
                .refit(&points, Some(self.warm), &mut theta[..k])
                .map_err(|error| {
                    not_fitted(
                        curve.name(),
                        self.series.region(),
                        &explained(curve, &error),
                    )
                })?;
            limited[draw] = matches!(outcome, Outcome::AtLimit(_));
        }
        for (t, mut row) in rows.axis_iter_mut(Axis(0)).enumerate() {
            // Time counts from the first observation; years before it are negative.
            let t = t as f64 + f64::from(self.from) - f64::from(self.series.first_year());
            for ((cell, theta), limited) in row.iter_mut().zip(&thetas).zip(limited.iter_mut()) {
                let mut value = curve.value(t, &theta[..k]);
                // A falling line ends at zero: there are no negative cases.
                if value < 0.0 {
                    value = 0.0;
                    *limited = true;
                }
                if !value.is_finite() {
                    return Err(ErrorKind::NotFinite {
                        curve: curve.name().to_owned(),
                        region: self.series.region().to_owned(),
                        year: f64::from(self.series.first_year()) + t,
                        value,
                    }
                    .into());
                }
                *cell = value;
            }
        }
        Ok(())
    }
}
