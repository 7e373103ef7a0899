//! The draws of a region: made from what its outlook holds, whenever they are wanted.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::between_source::as_seen_by_the_last_source;
use super::curves::CurveOutlook;
use super::options::{OutlookOptions, unsuitable};
use crate::draws::YearlyDraws;
use crate::error::Result;
use crate::forecast::Forecast;
use crate::pathway::ThirdLine;
use crate::projection::{ErrorModel, Projection, between_source_factors, rearranged};
use crate::series::IncidenceSeries;

/// What the draws of a region come from, beside its figures and curves.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recipe {
    pub(super) options: Arc<OutlookOptions>,
    /// With the region's between-source standard deviation.
    pub(super) errors: ErrorModel,
    /// The region that this one is part of, with its error model.
    pub(super) reference: Option<Arc<(IncidenceSeries, ErrorModel)>>,
    pub(super) replaced: Arc<Replaced>,
}

/// Draws in which some part is not smaller than its whole, as `(draw, the draw in its place)`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Replaced {
    pub(super) in_pools: Vec<(usize, usize)>,
    pub(super) in_trends: Vec<(usize, usize)>,
}

impl Replaced {
    /// The order; `None` where every draw is its own.
    fn order(replaced: &[(usize, usize)], draws: usize) -> Option<Vec<usize>> {
        let mut order: Vec<usize> = (0..draws).collect();
        for &(draw, from) in replaced {
            *order.get_mut(draw)? = from;
        }
        (!replaced.is_empty()).then_some(order)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.in_pools.is_empty() && self.in_trends.is_empty()
    }

    pub(super) fn fit(&self, draws: usize) -> bool {
        let mut all = self.in_pools.iter().chain(&self.in_trends);
        all.all(|&(draw, from)| draw.max(from) < draws)
    }
}

/// All draws of a region.
#[derive(Debug)]
pub(super) struct Drawn {
    /// In the order of the curves.
    pub(super) projections: Vec<Projection>,
    /// Each family once, through the fewest figures that identify it.
    pub(super) pool: Projection,
    /// All curves through the observations alone.
    pub(super) without_published: Option<Projection>,
    /// All curves through the observations and the published projection.
    pub(super) with_published: Option<Projection>,
    pub(super) third_line: YearlyDraws,
    pub(super) registry_trend: YearlyDraws,
}

impl Drawn {
    /// The forecasts of curves whose draws are there already.
    pub(super) fn of(
        series: &IncidenceSeries,
        curves: &[CurveOutlook],
        projections: Vec<Projection>,
        forecast: &Forecast,
        recipe: &Recipe,
    ) -> Result<Self> {
        let options = &recipe.options;
        let discrepancy = options
            .model_discrepancy
            .then(|| forecast.model_discrepancy(options.to, options.draws, options.seed))
            .transpose()?;
        let pool = |members: &[(usize, f64)]| -> Result<Option<Projection>> {
            if members.iter().all(|(_, weight)| *weight == 0.0) {
                return Ok(None);
            }
            let members = members.iter().map(|&(i, w)| (&projections[i], w));
            let pool = Projection::weighted_pool(members, options.seed)?;
            match &discrepancy {
                Some(factors) => pool.with_model_discrepancy(factors).map(Some),
                None => Ok(Some(pool)),
            }
        };
        let of_all = members(curves, options);
        let all = pool(&of_all)?
            .ok_or_else(|| unsuitable("all curves of a region have weight 0 in its linear pool"))?;
        let of_observations = fitted(curves, false, options);
        let without_published = if of_observations == of_all {
            Some(all.clone())
        } else {
            pool(&of_observations)?
        };
        Self {
            third_line: third_line(all.new_cases(), options)?,
            pool: all,
            without_published,
            with_published: pool(&fitted(curves, true, options))?,
            registry_trend: registry_trend(series, forecast, recipe)?,
            projections,
        }
        .in_order_of(recipe)
    }

    /// The same draws with others in the place of some, as the recipe says.
    pub(super) fn in_order_of(mut self, recipe: &Recipe) -> Result<Self> {
        let (options, replaced) = (&recipe.options, &recipe.replaced);
        if let Some(order) = Replaced::order(&replaced.in_pools, options.draws) {
            self.pool.rearrange(&order);
            self.third_line = third_line(self.pool.new_cases(), options)?;
        }
        if let Some(order) = Replaced::order(&replaced.in_trends, options.draws) {
            self.registry_trend = rearranged(&self.registry_trend, &order);
        }
        Ok(self)
    }

    /// Draws every curve again, and then the forecasts.
    pub(super) fn again(
        series: &IncidenceSeries,
        curves: &[CurveOutlook],
        recipe: &Recipe,
    ) -> Result<Self> {
        let projections = curves.iter().map(|curve| curve.project(series, recipe));
        let projections = projections.collect::<Result<_>>()?;
        let forecast = forecast(series, recipe)?;
        Self::of(series, curves, projections, &forecast, recipe)
    }
}

/// The forecast through the observations alone.
pub(super) fn forecast(series: &IncidenceSeries, recipe: &Recipe) -> Result<Forecast> {
    let options = &recipe.options;
    let seen = as_seen_by_the_last_source(series, recipe.errors.between_source_sd);
    options.registry_trend.of(&seen, &options.forecast)
}

/// Draws of the forecast, each with the error of the last observation's source that the same draw of the linear
/// pool has.
fn registry_trend(
    series: &IncidenceSeries,
    forecast: &Forecast,
    recipe: &Recipe,
) -> Result<YearlyDraws> {
    let OutlookOptions {
        to, draws, seed, ..
    } = *recipe.options;
    let cases = forecast.draws(to, draws, seed)?;
    let sd = recipe.errors.between_source_sd;
    if sd == 0.0 {
        return Ok(cases);
    }
    let mut cases = cases.into_array();
    let factors = between_source_factors(series, sd, draws, seed);
    for mut year in cases.rows_mut() {
        year.iter_mut().zip(&factors).for_each(|(c, f)| *c *= f);
    }
    YearlyDraws::new(forecast.last_year(), cases)
}

/// Patients who will ever reach third line, by year of diagnosis.
pub(super) fn third_line(new_cases: &YearlyDraws, options: &OutlookOptions) -> Result<YearlyDraws> {
    let third_line = ThirdLine::new(new_cases, &options.share, options.seed)?;
    Ok(third_line.patients().clone())
}

/// The curves that are fitted to the region's own figures, with the published projection or without, and
/// are not the exponential limit of their family: places and weights.
pub(super) fn fitted(
    curves: &[CurveOutlook],
    published: bool,
    options: &OutlookOptions,
) -> Vec<(usize, f64)> {
    weighted(curves, options, |curve| {
        curve.fit().is_some()
            && curve.uses_published_projection() == published
            && !curve.is_exponential_limit()
    })
}

/// The members of the region's linear pool: places and weights. Where all curves are the exponential limit
/// of their families, it is the first of them.
pub(super) fn members(curves: &[CurveOutlook], options: &OutlookOptions) -> Vec<(usize, f64)> {
    let members = weighted(curves, options, CurveOutlook::in_pool);
    if members.is_empty() {
        return vec![(0, 1.0)];
    }
    members
}

fn weighted(
    curves: &[CurveOutlook],
    options: &OutlookOptions,
    is_member: impl Fn(&CurveOutlook) -> bool,
) -> Vec<(usize, f64)> {
    let curves = curves.iter().enumerate();
    curves
        .filter(|(_, curve)| is_member(curve))
        .map(|(i, curve)| (i, options.weight(curve.family())))
        .collect()
}

/// What is made when it is first asked for, and then kept. It is no part of an outlook: two that differ in nothing
/// else are equal, and a copy begins without.
pub(super) struct Kept<T>(OnceLock<T>);

impl<T> Kept<T> {
    /// Made now, if it has not been. That it cannot be made has been found out when the outlook was.
    pub(super) fn or(&self, make: impl FnOnce() -> Result<T>) -> &T {
        self.0.get_or_init(|| {
            make().unwrap_or_else(|error| {
                panic!("broken invariant: the draws of an outlook cannot be made again: {error}")
            })
        })
    }

    pub(super) fn take(&mut self) -> Option<T> {
        self.0.take()
    }
}

impl<T> From<T> for Kept<T> {
    fn from(made: T) -> Self {
        Self(OnceLock::from(made))
    }
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<T> PartialEq for Kept<T> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<T> std::fmt::Debug for Kept<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.get().is_some() {
            "kept"
        } else {
            "not made"
        })
    }
}
