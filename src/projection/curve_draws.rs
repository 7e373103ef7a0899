//! Draws of a curve through perturbed figures.

use ndarray::{Array2, ArrayViewMut2, Axis};
use rayon::prelude::*;

use super::error_model::{Errors, Exact, Perturbation};
use super::error_of_a_figure::FigureErrors;
use super::{Projection, ProjectionOptions, Shape};
use crate::curve::{
    BATCH, GrowthCurve, MAX_PARAMETERS, Point, Role, is_shipped, place, values_and_gradients,
};
use crate::draws::{DrawSource, YearlyDraws, check_shape};
use crate::error::{Error, ErrorKind, Result};
use crate::fit::{Caution, Estimator, FitFigures, Outcome, explained, fit, not_fitted};
use crate::random::BLOCK;
use crate::series::IncidenceSeries;

pub(super) fn project<C: GrowthCurve>(
    curve: &C,
    series: &IncidenceSeries,
    options: &ProjectionOptions,
    errors: Errors<'_>,
) -> Result<Projection> {
    let source = CurveDraws::with_errors(curve, series, options, errors)?;
    check_shape(source.years, options.draws)?;
    let mut new_cases = Array2::zeros((source.years, options.draws));
    let mut replaced = vec![false; options.draws];
    let with_shapes = source.shape.map_or(0, |_| options.draws);
    let mut shapes = vec![Shape::default(); with_shapes];
    // A curve without a shape has no blocks of them either.
    let mut shape_blocks: Vec<&mut [Shape]> = shapes.chunks_mut(BLOCK).collect();
    shape_blocks.resize_with(options.draws.div_ceil(BLOCK), Default::default);
    new_cases
        .axis_chunks_iter_mut(Axis(1), BLOCK)
        .into_par_iter()
        .zip(replaced.par_chunks_mut(BLOCK))
        .zip(shape_blocks)
        .enumerate()
        .try_for_each(|(block, ((rows, replaced), shapes))| {
            source.fill_block(block, rows, replaced, shapes)
        })?;

    Ok(Projection {
        region: series.region().to_owned(),
        curves: vec![curve.name().to_owned()],
        uses_published_projection: source.perturbation.uses_projection(),
        replaced,
        shapes,
        cautions: source.cautions,
        new_cases: YearlyDraws::from_valid(source.from, new_cases),
    })
}

/// The draws of [`Projection::of`] as a [`DrawSource`]: a curve through perturbed figures, made a block at a
/// time, so that any number of draws takes the same memory.
///
/// ```
/// use myeloma_epi::curve::Family;
/// use myeloma_epi::projection::CurveDraws;
/// use myeloma_epi::{IncidenceSeries, ProjectionOptions, YearlyTally, figures};
///
/// let world = IncidenceSeries::from_figures(figures::press_release(), "World")?
///     .assuming_relative_error(0.03)?;
/// let options = ProjectionOptions::to(2040);
/// let cases = YearlyTally::of(&CurveDraws::new(&Family::Exponential, &world, &options)?, 50_000)?;
/// let (lower, upper) = cases.interval(2040, 0.95)?;
/// assert!(lower < 353_646.0 && 353_646.0 < upper);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug)]
pub struct CurveDraws<'a, C> {
    estimator: Estimator<'a, C>,
    /// The parameters of the curve through the figures as they are published.
    warm: Vec<f64>,
    series: &'a IncidenceSeries,
    perturbation: Perturbation,
    /// The year of a figure whose weight leaves it no say, the weight, and the error on the log scale that it comes to.
    weighted_away: Option<(i32, f64, f64)>,
    /// Those of the scatter that the figures' errors are estimated from; 0 where they are stated.
    degrees_of_freedom: f64,
    cautions: Vec<Caution>,
    /// The places of growth and damping among the parameters of a curve that has them.
    shape: Option<(usize, usize)>,
    from: i32,
    years: usize,
}

impl<'a, C: GrowthCurve> CurveDraws<'a, C> {
    /// Prepares to draw a curve through the figures of a series. The number of draws in the options
    /// does not matter.
    ///
    /// # Errors
    ///
    /// As [`Projection::of`].
    pub fn new(
        curve: &'a C,
        series: &'a IncidenceSeries,
        options: &'a ProjectionOptions,
    ) -> Result<Self> {
        Self::with_errors(curve, series, options, (Exact::None, None))
    }

    /// The same with some figures taken as exact.
    fn with_errors(
        curve: &'a C,
        series: &'a IncidenceSeries,
        options: &'a ProjectionOptions,
        drawn: Errors<'_>,
    ) -> Result<Self> {
        let (from, years) = options.years(series)?;
        let figures = FitFigures::new(series, options.fit.published_projection)?;
        series.check_sources()?;
        series.check_logarithms("a projection by perturbed figures")?;
        // The figures as published have to identify the curve; only perturbed copies are replaced by a
        // limit.
        let central = fit(curve, series, &options.fit)?;
        // Overflow is an error of the curve, said before any draw is made.
        for year in series.ends().0.year..=options.to {
            central.curve().cases(f64::from(year))?;
        }
        let weights = &options.fit.weights;
        let errors = FigureErrors::about(series, &figures, &central, weights)?;
        let weighted_away = errors.weighted_away();
        Ok(Self {
            weighted_away: weighted_away.map(|(i, error)| (figures.years[i], weights[i], error)),
            degrees_of_freedom: errors.degrees_of_freedom,
            cautions: Vec::from_iter(errors.contradicted(&figures, &central)),
            estimator: Estimator::new(curve, &figures, &options.fit)?.near_a_verified_fit(),
            warm: central.curve().theta().to_vec(),
            perturbation: Perturbation::new(series, (figures, errors), options, drawn)?,
            series,
            shape: place(curve.parameters(), Role::Rate)
                .zip(place(curve.parameters(), Role::Damping)),
            from,
            years,
        })
    }

    /// What a reader has to know of the draws, see [`Projection::cautions`].
    #[must_use]
    pub fn cautions(&self) -> &[Caution] {
        &self.cautions
    }

    /// Fills a block of draws, says which were replaced by a limit, and writes their shapes where there is
    /// room.
    fn fill_block(
        &self,
        block: usize,
        mut rows: ArrayViewMut2<'_, f64>,
        replaced: &mut [bool],
        shapes: &mut [Shape],
    ) -> Result<()> {
        let curve = self.estimator.curve;
        let counts = self.perturbation.block(block, rows.ncols());
        let k = self.warm.len();
        let mut points: Vec<Point> = counts.iter().map(|(point, _)| *point).collect();
        let mut thetas = vec![[0.0; MAX_PARAMETERS]; rows.ncols()];
        for (draw, theta) in thetas.iter_mut().enumerate() {
            for (point, (_, counts)) in points.iter_mut().zip(&counts) {
                point.cases = counts[draw];
            }
            let (warm, theta) = (Some(&self.warm[..]), &mut theta[..k]);
            let outcome = self.estimator.refit(&points, warm, theta);
            let outcome = outcome.map_err(|error| {
                let reason = explained(curve, &error);
                self.said_of_errors(&format!("some cannot be fitted ({reason})"))
                    .unwrap_or_else(|| not_fitted(curve.name(), self.series.region(), &reason))
            })?;
            replaced[draw] = matches!(outcome, Outcome::AtLimit(_));
            if let (Some((growth, damping)), Some(shape)) = (self.shape, shapes.get_mut(draw)) {
                *shape = Shape {
                    growth: theta[growth],
                    damping: theta[damping],
                };
            }
        }
        let thetas = thetas.iter().map(|theta| &theta[..k]);
        let filled = fill_years(curve, self.series, self.from, thetas, &mut rows, replaced);
        filled.map_err(|error| {
            let said = match error.kind() {
                ErrorKind::NotFinite { year, .. } => {
                    self.said_of_errors(&format!("some exceed every number in {year}"))
                }
                _ => None,
            };
            said.unwrap_or(error)
        })
    }

    /// Where a weight leaves a figure no say, or the errors of the figures are estimated from few of them: that draws of these
    /// errors go too far.
    fn said_of_errors(&self, what: &str) -> Option<Error> {
        if let Some((year, weight, error)) = self.weighted_away {
            return Some(Error::unsuitable(format!(
                "the figure of {} in {year} has the weight {weight}, which makes its error {error:.3} on the log scale, and of the \
                 figures as drawn by it {what}. Mark the year, which leaves it out, in place of the weight",
                self.series.region()
            )));
        }
        (self.degrees_of_freedom > 0.0).then(|| {
            Error::unsuitable(format!(
                "the figures of {} say too little of their own errors for the {} curve: their scatter has {} degree{} of \
                 freedom, and of the figures as drawn by it {what}. State an error of the figures (relative_error), or give \
                 more of them",
                self.series.region(),
                self.estimator.curve.name(),
                self.degrees_of_freedom,
                if self.degrees_of_freedom <= 1.0 { "" } else { "s" }
            ))
        })
    }
}

impl<C: GrowthCurve> DrawSource for CurveDraws<'_, C> {
    fn first_year(&self) -> i32 {
        self.from
    }

    fn years(&self) -> usize {
        self.years
    }

    fn fill(&self, first_draw: usize, block: ArrayViewMut2<'_, f64>) -> Result<()> {
        let mut replaced = vec![false; block.ncols()];
        self.fill_block(first_draw / BLOCK, block, &mut replaced, &mut [])
    }
}

/// Evaluates a curve for one block of draws: its parameters by draw, a row a year from `from` on.
pub(super) fn fill_years<'t, C: GrowthCurve>(
    curve: &C,
    series: &IncidenceSeries,
    from: i32,
    thetas: impl Iterator<Item = &'t [f64]>,
    rows: &mut ArrayViewMut2<'_, f64>,
    replaced: &mut [bool],
) -> Result<()> {
    // Time counts from the first observation that is fitted, as in a fit; years before it are negative.
    let reference = f64::from(series.ends().0.year);
    let times = (0..rows.nrows()).map(|t| t as f64 + f64::from(from) - reference);
    let times: Vec<f64> = times.collect();
    // Those of a shipped curve many at once.
    let at_once = is_shipped(curve);
    let (mut values, mut gradients) = ([0.0; BATCH], [[0.0; BATCH]; MAX_PARAMETERS]);
    for (draw, theta) in thetas.enumerate() {
        for (batch, times) in times.chunks(BATCH).enumerate() {
            let values = &mut values[..times.len()];
            if at_once {
                let gradients = &mut gradients[..theta.len()];
                values_and_gradients(curve, times, theta, values, gradients);
            } else {
                let each = values.iter_mut().zip(times);
                each.for_each(|(value, t)| *value = curve.value(*t, theta));
            }
            for (year, value) in (batch * BATCH..).zip(values) {
                rows[[year, draw]] = *value;
            }
        }
    }
    for (&t, mut row) in times.iter().zip(rows.axis_iter_mut(Axis(0))) {
        // Counted without a branch at each: several at a time.
        let is_count = |value: &&f64| **value >= 0.0 && **value <= f64::MAX;
        if row.iter().filter(is_count).count() == row.len() {
            continue;
        }
        for (cell, replaced) in row.iter_mut().zip(replaced.iter_mut()) {
            let mut value = *cell;
            // A falling line ends at zero: there are no negative cases. Before the figures a rising line begins
            // there, which says nothing of the forecast.
            if value < 0.0 {
                value = 0.0;
                *replaced |= t > 0.0;
            }
            if !value.is_finite() && t < 0.0 {
                return Err(Error::out_of_range(
                    "the first year",
                    format!("the {} curve of {}", curve.name(), series.region()),
                    from,
                    "so near to the first observation that all draws are finite",
                ));
            }
            if !value.is_finite() {
                return Err(ErrorKind::NotFinite {
                    curve: curve.name().to_owned(),
                    region: series.region().to_owned(),
                    year: reference + t,
                    value,
                }
                .into());
            }
            *cell = value;
        }
    }
    Ok(())
}
