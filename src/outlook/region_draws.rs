//! The draws of a region: made from what its outlook holds, whenever they are wanted.

use std::sync::{Arc, OnceLock};

use ndarray::{Array2, Axis};

use super::consensus::Consensus;
use super::curves::CurveOutlook;
use super::history::{History, since_first_figure};
use super::outlook_options::OutlookOptions;
use super::question::Question;
use super::revision::{Revision, are_of_one_round, is_modelled};
use super::source_comparison::as_seen_by_the_last_source;
use crate::draws::YearlyDraws;
use crate::error::{Error, Result};
use crate::figures::Figure;
use crate::forecast::{Forecast, ForecastOptions, NumbersOf};
use crate::pathway::{Delay, FlowOptions, ThirdLine, UltimateShare};
use crate::projection::{ErrorModel, Projection, rearranged};
use crate::series::IncidenceSeries;

/// What the draws of a region come from, beside its figures and curves.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recipe {
    pub(super) options: Arc<OutlookOptions>,
    /// With the region's between-source standard deviation.
    pub(super) errors: ErrorModel,
    pub(super) revision: Revision,
    /// The region that this one is part of, with its error model.
    pub(super) reference: Option<Arc<(IncidenceSeries, ErrorModel)>>,
    /// The numbers of that region's trend, and the share that this one has in it.
    pub(super) part_of: Option<(Arc<NumbersOf>, f64)>,
    pub(super) replaced: Arc<Replaced>,
}

/// Draws in which some part is not smaller than its whole, as `(draw, the draw in its place)`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Replaced {
    pub(super) in_pools: Vec<(usize, usize)>,
    pub(super) in_trends: Vec<(usize, usize)>,
    /// The part and the whole for which that is so most often.
    pub(super) most_often: String,
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
}

/// All draws of a region.
#[derive(Debug)]
pub(super) struct Drawn {
    /// In the order of the curves.
    pub(super) projections: Vec<Projection>,
    /// Each family once, through the fewest figures that identify it.
    pub(super) pool: Arc<Projection>,
    /// All curves through the observations alone.
    pub(super) without_published: Option<Arc<Projection>>,
    /// All curves through the observations and the published projection.
    pub(super) with_published: Option<Projection>,
    /// The registry trend under each question, in the order of its variants.
    pub(super) forecasts: [YearlyDraws; 2],
    /// Of the headline.
    pub(super) third_line: YearlyDraws,
    /// Those diagnosed in the years before the headline, from the first figure on: a row a year.
    before: Array2<f64>,
    pub(super) starts: Option<YearlyDraws>,
    /// What of these rests on years that were not given.
    pub(super) starts_cautions: Vec<String>,
}

impl Drawn {
    /// The forecasts of curves whose draws are there already.
    pub(super) fn of(
        series: &IncidenceSeries,
        curves: &[CurveOutlook],
        projections: Vec<Projection>,
        forecasts: &Forecasts,
        recipe: &Recipe,
    ) -> Result<Self> {
        let options = &recipe.options;
        let counts = &forecasts.counts;
        let discrepancy = options
            .model_discrepancy
            .then(|| {
                let numbers = &forecasts.numbers;
                counts.departures(options.to, options.draws, options.seed, numbers)
            })
            .transpose()?;
        let pool = |members: &[(usize, f64)]| -> Result<Option<_>> {
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
        let all = pool(&of_all)?;
        let none = || Error::unsuitable(no_weight(series.region(), curves));
        let all = Arc::new(all.ok_or_else(none)?);
        let of_observations = fitted(curves, false, options);
        let without_published = if of_observations == of_all {
            Some(Arc::clone(&all))
        } else {
            pool(&of_observations)?.map(Arc::new)
        };
        let with_published = pool(&fitted(curves, true, options))?;
        let (mut all, trends) = (all, forecasts);
        let (mut forecasts, factors) = trends.draws(recipe, options.to)?;
        // Those diagnosed in each year from the first figure to the one before the last, under the question of the options.
        let headline = forecasts[options.question as usize].view();
        let mut before = (trends.history).draws(&headline.row(0), &factors, options.seed);
        let replaced = &recipe.replaced;
        if let Some(order) = Replaced::order(&replaced.in_pools, options.draws) {
            Arc::make_mut(&mut all).rearrange(&order);
        }
        if let Some(order) = Replaced::order(&replaced.in_trends, options.draws) {
            forecasts = forecasts.map(|draws| rearranged(&draws, &order));
            before = before.select(Axis(1), &order);
        }
        let headline = &forecasts[options.question as usize];
        let starts = match &options.delay {
            Some(delay) => {
                let diagnosed = since_first_figure(&before, headline)?;
                let from = headline.first_year();
                Some(starts_by(
                    delay,
                    &options.share,
                    (&diagnosed, from),
                    options,
                )?)
            }
            None => None,
        };
        let (starts, starts_cautions) = starts.unzip();
        Ok(Self {
            third_line: third_line(headline, options)?,
            starts,
            starts_cautions: starts_cautions.unwrap_or_default(),
            before,
            forecasts,
            pool: all,
            without_published,
            with_published,
            projections,
        })
    }

    /// The forecast that is the headline.
    pub(super) fn headline(&self, options: &OutlookOptions) -> &YearlyDraws {
        &self.forecasts[options.question as usize]
    }

    /// Those diagnosed in each year from the first figure on: the headline, and before it what earlier figures say.
    pub(super) fn diagnosed(&self, options: &OutlookOptions) -> Result<YearlyDraws> {
        since_first_figure(&self.before, self.headline(options))
    }

    /// Draws every curve again, and then the forecasts.
    pub(super) fn again(
        series: &IncidenceSeries,
        curves: &[CurveOutlook],
        recipe: &Recipe,
    ) -> Result<Self> {
        let projections = curves.iter().map(|curve| curve.project(series, recipe));
        let projections = projections.collect::<Result<_>>()?;
        let forecasts = Forecasts::of(series, recipe)?;
        Self::of(series, curves, projections, &forecasts, recipe)
    }
}

/// The registry trends of a region, through its observations alone.
#[derive(Debug)]
pub(super) struct Forecasts {
    /// The headline's: of the rate, where the population is known.
    pub(super) trend: Forecast,
    /// What its draws are made of.
    pub(super) numbers: Arc<NumbersOf>,
    /// Of the counts: what the model discrepancy of the curves comes from.
    pub(super) counts: Forecast,
    pub(super) consensus: Consensus,
    /// The error of revision of the last figure: none, where it is a registered count.
    pub(super) revision: Revision,
    pub(super) history: History,
}

impl Forecasts {
    pub(super) fn of(series: &IncidenceSeries, recipe: &Recipe) -> Result<Self> {
        let options = &recipe.options;
        let region = series.region();
        let seen = as_seen_by_the_last_source(series, recipe.errors.between_source_sd);
        // Counts know no population, nor an error of its projection.
        let of_counts = ForecastOptions {
            expected_error: 0.0,
            ..options.forecast.clone()
        };
        let counts = options.registry_trend.of(&seen, &of_counts)?;
        let seen = as_seen_by_the_last_source_and_round(series, recipe);
        let trend = options
            .trend(region)
            .of(&seen, &options.forecast_of(region)?)?;
        let last = trend.last_year();
        let revision = if is_modelled(series, last) {
            recipe.revision.check(region)?
        } else {
            Revision::default()
        };
        let numbers = match &recipe.part_of {
            Some((whole, share)) => {
                let exponent = options.trend(region).parameters().size_exponent;
                (trend.numbers()).part_of(Arc::clone(whole), *share, exponent)
            }
            None => trend.numbers(),
        };
        Ok(Self {
            numbers: Arc::new(numbers),
            consensus: Consensus::of(series, &trend, recipe.revision, options)?,
            history: History::of(&seen, last),
            trend,
            counts,
            revision,
        })
    }

    /// Draws to a last year under each question, in the order of its variants, and of each draw the factor from the last round
    /// of the source to what the options ask for.
    pub(super) fn draws(&self, recipe: &Recipe, to: i32) -> Result<([YearlyDraws; 2], Vec<f64>)> {
        let OutlookOptions { draws, seed, .. } = *recipe.options;
        let (cases, levels) = (self.trend).draws_with_levels(to, draws, seed, &self.numbers)?;
        let times = |factors: &[f64]| YearlyDraws::new(cases.first_year(), cases.times(factors));
        let factors = |question| self.factors(question, &levels, recipe);
        let mut factors = [
            factors(Question::ThisSource)?,
            factors(Question::TrueIncidence)?,
        ];
        let forecasts = [times(&factors[0])?, times(&factors[1])?];
        Ok((
            forecasts,
            std::mem::take(&mut factors[recipe.options.question as usize]),
        ))
    }

    /// Factors from the last round of the source to what is asked for, one a draw.
    fn factors(&self, question: Question, levels: &[f64], recipe: &Recipe) -> Result<Vec<f64>> {
        let OutlookOptions { draws, seed, .. } = *recipe.options;
        let factors = match question {
            Question::ThisSource => self.revision.factors(draws, seed)?,
            Question::TrueIncidence => self.consensus.factors(levels, seed),
        };
        if factors.iter().all(|factor| factor.is_finite()) {
            return Ok(factors);
        }
        let region = self.trend.region();
        Err(Error::unsuitable(match question {
            Question::ThisSource => format!(
                "the error of revision of {region}, {} on the log scale from few revisions, is so large that one draw in {draws} \
                 is beyond any number: state it (OutlookOptions::revision_sd, --revision)",
                self.revision.sd
            ),
            Question::TrueIncidence => format!(
                "the families of sources of {region} lie so far apart that one draw in {draws} of what they say together is \
                 beyond any number: compare with fewer of them (OutlookOptions::compared_with)"
            ),
        }))
    }
}

/// The observations as the last round of the last source would see them: a modelled figure before the last one may be of
/// an earlier round and then differs by a revision; an estimate of the same named source is of the same round. The last one
/// is what later ones are compared with.
fn as_seen_by_the_last_source_and_round(
    series: &IncidenceSeries,
    recipe: &Recipe,
) -> IncidenceSeries {
    let seen = as_seen_by_the_last_source(series, recipe.errors.between_source_sd);
    let sd = recipe.revision.sd;
    let is_known = recipe.revision.is_known(&recipe.options);
    let last = seen.last_without_shock();
    seen.with_errors(|o| {
        if !is_known || !is_modelled(series, o.year) {
            return o.relative_error;
        }
        let mut stated = series.figures().iter().filter(|f| f.year() == o.year);
        let stated = stated.find_map(Figure::relative_error);
        let is_of_its_round = o.year == last || are_of_one_round(series, [o.year, last]);
        let assumed = if is_of_its_round { 0.0 } else { sd };
        Some(stated.unwrap_or(0.0).hypot(assumed))
    })
}

/// Patients who start third line in each year from one on, of those diagnosed since the first figure; those diagnosed before
/// it are continued backwards from it. With what a reader should know of that.
pub(super) fn starts_by(
    delay: &Delay,
    share: &UltimateShare,
    (diagnosed, from): (&YearlyDraws, i32),
    options: &OutlookOptions,
) -> Result<(YearlyDraws, Vec<String>)> {
    let flow = FlowOptions {
        seed: options.seed,
        ..FlowOptions::to(options.to)
    };
    delay.starts_from(diagnosed, from, share, &flow)
}

/// Patients who will ever reach third line, by year of diagnosis.
pub(super) fn third_line(new_cases: &YearlyDraws, options: &OutlookOptions) -> Result<YearlyDraws> {
    ThirdLine::patients_of(new_cases, &options.share, options.seed)
}

/// The curves that are fitted to the region's own figures, with the published projection or without, and
/// take a weight of their own: places and weights.
pub(super) fn fitted(
    curves: &[CurveOutlook],
    published: bool,
    options: &OutlookOptions,
) -> Vec<(usize, f64)> {
    weighted(curves, options, |curve| {
        curve.fit().is_some()
            && curve.uses_published_projection() == published
            && curve.no_weight().is_none()
    })
}

/// The members of the region's linear pool: places and weights. Where no curve takes a weight of its own, it is the first
/// of them.
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

/// That the curves which a region's figures identify have no weight, and which ones these are.
fn no_weight(region: &str, curves: &[CurveOutlook]) -> String {
    let mut names: Vec<&str> = curves.iter().map(|curve| curve.family().name()).collect();
    names.dedup();
    format!(
        "all curves of {region} have weight 0 in its linear pool: its figures identify {} alone; give one of them a \
         weight",
        names.join(", ")
    )
}
