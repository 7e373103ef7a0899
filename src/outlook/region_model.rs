//! How the outlook of a region is made, and what it holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::consensus::ConsensusSummary;
use super::curves::{CurveOutlook, NotIdentified, fit_families, shrink_damping};
use super::outlook_options::OutlookOptions;
use super::outlook_variance::{OutlookVariance, Sources};
use super::question::Question;
use super::region_cautions::scatter_beyond_errors;
use super::region_draws::{self, Drawn, Forecasts, Kept, Recipe};
use super::revision::Revision;
use super::source_comparison::BetweenSourceSd;
use crate::draws::{YearSummary, YearlyDraws};
use crate::error::{Error, Result};
use crate::figures::Mark;
use crate::forecast::NumbersOf;
use crate::projection::{ErrorModel, Projection};
use crate::series::IncidenceSeries;

/// More than there are people, and so few that nothing that grows from it is beyond any number.
const MOST_CASES: f64 = 1e15;

/// A region while its outlook is made.
#[derive(Debug, PartialEq)]
pub(super) struct Region {
    pub(super) held: Held,
    pub(super) recipe: Recipe,
    /// Of its trend.
    numbers: Arc<NumbersOf>,
    pub(super) drawn: Kept<Drawn>,
    pub(super) beside_others: Kept<BesideOthers>,
}

/// The headline in the years of other projections, or why there is none.
pub(super) type BesideOthers = BTreeMap<i32, std::result::Result<YearSummary, String>>;

/// What an outlook of a region holds beside its draws.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Held {
    /// As it was given.
    #[serde(rename = "series")]
    stated: IncidenceSeries,
    /// With the marks of the options, and the assumed error where a figure states none.
    #[serde(skip)]
    pub(super) series: IncidenceSeries,
    pub(super) assumed_errors: bool,
    pub(super) between_source: BetweenSourceSd,
    /// Of the last figure.
    pub(super) revision: Revision,
    pub(super) consensus: ConsensusSummary,
    pub(super) curves: Vec<CurveOutlook>,
    pub(super) not_identified: Vec<NotIdentified>,
    pub(super) summaries: Summaries,
    /// Of the draws of the linear pool without the published projection, and of the headline, the share below
    /// the published projection.
    pub(super) below_published: [Option<f64>; 2],
    pub(super) vary: bool,
    /// That figures scatter about curves by more than their errors.
    #[serde(skip)]
    pub(super) curve_cautions: Option<String>,
    /// What the registry trend says of itself.
    pub(super) trend_cautions: Vec<String>,
    /// What of the starts of third line rests on years that were not given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) starts_cautions: Vec<String>,
    /// By which factor the draws in the place of others move the median of the last year or an end of its 95 % interval,
    /// whichever they move most: of the headline, of the linear pool.
    #[serde(skip)]
    pub(super) moved: [f64; 2],
    pub(super) variance: Option<OutlookVariance>,
    pub(super) no_variance_reason: Option<String>,
}

/// What is shown of the forecasts, year by year.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Summaries {
    /// Under each question, in the order of its variants.
    pub(super) forecasts: [Vec<YearSummary>; 2],
    pub(super) third_line: Vec<YearSummary>,
    pub(super) starts: Option<Vec<YearSummary>>,
    pub(super) pool: Vec<YearSummary>,
    pub(super) without_published: Option<Vec<YearSummary>>,
    pub(super) with_published: Option<Vec<YearSummary>>,
}

impl Summaries {
    fn of(drawn: &Drawn) -> Self {
        let whole_pool = drawn.pool.new_cases().summary();
        let without_published = drawn.without_published.as_ref().map(|pool| {
            if Arc::ptr_eq(pool, &drawn.pool) {
                whole_pool.clone()
            } else {
                pool.new_cases().summary()
            }
        });
        let with_published = drawn.with_published.as_ref();
        let [this_source, true_incidence] = &drawn.forecasts;
        Self {
            forecasts: [this_source.summary(), true_incidence.summary()],
            third_line: drawn.third_line.summary(),
            starts: drawn.starts.as_ref().map(YearlyDraws::summary),
            without_published,
            with_published: with_published.map(|pool| pool.new_cases().summary()),
            pool: whole_pool,
        }
    }

    /// Of the headline and of the linear pool.
    fn of_last_year(&self, question: Question) -> [[f64; 3]; 2] {
        let all = [&self.forecasts[question as usize], &self.pool];
        let shown = |last: &YearSummary| [last.lower95, last.median, last.upper95];
        all.map(|years| years.last().map_or([0.0; 3], shown))
    }
}

impl Region {
    /// The outlook for a series, with its draws.
    pub(super) fn new(
        stated: &IncidenceSeries,
        whole: Option<&Self>,
        revision: Revision,
        options: &Arc<OutlookOptions>,
    ) -> Result<Self> {
        stated.check_sources()?;
        let projected = stated.published_projection();
        let projected = projected.map(|projected| (projected.year, projected.cases));
        let observed = stated.observations().iter().map(|o| (o.year, o.cases));
        let mut all = observed.chain(projected);
        if let Some((year, cases)) = all.find(|(_, cases)| *cases > MOST_CASES) {
            return Err(Error::out_of_range(
                "the number of new cases",
                format!("the figure of {} for {year}", stated.region()),
                format!("{cases:e}"),
                format!("at most {MOST_CASES:e}"),
            ));
        }
        // A shock is one for the curves, too.
        let shocks = &options.forecast.shocks;
        let years = stated.observations().iter().map(|o| o.year);
        let marked = years.filter(|year| shocks.marks(stated.region(), *year));
        let shocks = marked.chain(shocks.own(stated.region()));
        let series = stated
            .clone()
            .with_mark(Mark::Shock, shocks)?
            .assuming_projection_error(options.assumed_projection_error)?
            .assuming_relative_error(options.assumed_error)?;
        let between_source = BetweenSourceSd::of(&series, options)?;
        let recipe = Recipe {
            options: Arc::clone(options),
            errors: ErrorModel {
                between_source_sd: between_source.sd,
                ..options.errors
            },
            revision,
            reference: whole.map(Self::as_reference),
            part_of: whole.map(|whole| {
                let share = share_in(&whole.held.series, &series);
                (Arc::clone(&whole.numbers), share)
            }),
            replaced: Arc::default(),
        };

        let (mut drawn_curves, mut not_identified) = fit_families(&series, &recipe)?;
        if let Some(whole) = whole {
            let (shrunk, more) = shrink_damping(&series, &drawn_curves, whole, &recipe)?;
            drawn_curves.extend(shrunk);
            not_identified.extend(more);
        }
        let (mut curves, projections): (Vec<CurveOutlook>, Vec<Projection>) =
            drawn_curves.into_iter().unzip();
        for (curve, projection) in curves.iter_mut().zip(&projections) {
            curve.summarise(projection);
        }
        let curve_cautions = scatter_beyond_errors(&curves, &projections);

        let forecasts = Forecasts::of(&series, &recipe)?;
        let drawn = Drawn::of(&series, &curves, projections, &forecasts, &recipe)?;
        let members = region_draws::members(&curves, options);
        let sources = Sources {
            series: &series,
            curves: &curves,
            projections: &drawn.projections,
            forecasts: &forecasts,
            recipe: &recipe,
        };
        let (variance, shares, no_variance_reason) = match sources.variance(&members) {
            Ok((variance, shares)) => (Some(variance), shares, None),
            Err(error) => (None, Vec::new(), Some(error.to_string())),
        };
        let weights: f64 = members.iter().map(|(_, weight)| weight).sum();
        for (at, &(i, weight)) in members.iter().enumerate() {
            curves[i].set_shares(weight / weights, shares.get(at).copied());
        }
        let held = Held {
            assumed_errors: states_no_error(stated),
            stated: stated.clone(),
            curves,
            not_identified,
            summaries: Summaries::of(&drawn),
            below_published: below_published(&series, &drawn, options)?,
            revision: forecasts.revision,
            consensus: forecasts.consensus.summary(),
            curve_cautions,
            trend_cautions: forecasts.trend.cautions(),
            starts_cautions: drawn.starts_cautions.clone(),
            moved: [1.0; 2],
            vary: drawn.pool.new_cases().vary(),
            variance,
            no_variance_reason,
            between_source,
            series,
        };
        Ok(Self {
            held,
            recipe,
            numbers: forecasts.numbers,
            drawn: drawn.into(),
            beside_others: Kept::default(),
        })
    }

    /// The region as one that others are part of.
    fn as_reference(&self) -> Arc<(IncidenceSeries, ErrorModel)> {
        Arc::new((self.held.series.clone(), self.recipe.errors))
    }

    /// Draws again with other draws in the place of some, and keeps the draws.
    pub(super) fn replace(&mut self, replaced: &Arc<region_draws::Replaced>) -> Result<()> {
        self.recipe.replaced = Arc::clone(replaced);
        let held = &self.held;
        let projections = self.drawn.take().map(|drawn| drawn.projections);
        let drawn = match projections {
            Some(projections) => {
                let forecasts = Forecasts::of(&held.series, &self.recipe)?;
                let series = &held.series;
                Drawn::of(series, &held.curves, projections, &forecasts, &self.recipe)?
            }
            None => Drawn::again(&held.series, &held.curves, &self.recipe)?,
        };
        let question = self.recipe.options.question;
        let before = self.held.summaries.of_last_year(question);
        self.held.summaries = Summaries::of(&drawn);
        let after = self.held.summaries.of_last_year(question);
        self.held.moved = [0, 1].map(|of| {
            let pairs = before[of].into_iter().zip(after[of]);
            // Numbers of 0, of lines that have fallen to it, have no ratio.
            let factors = pairs.filter(|(before, _)| *before > 0.0);
            let factors = factors.map(|(before, after)| after / before);
            factors.fold(1.0, |most: f64, factor| {
                if factor.ln().abs() > most.ln().abs() {
                    factor
                } else {
                    most
                }
            })
        });
        self.held.starts_cautions.clone_from(&drawn.starts_cautions);
        self.held.below_published =
            below_published(&self.held.series, &drawn, &self.recipe.options)?;
        self.drawn = drawn.into();
        Ok(())
    }

    /// Forgets the draws; they are made again when they are asked for.
    pub(super) fn forget(&mut self) {
        self.drawn = Kept::default();
    }

    pub(super) fn options(&self) -> &OutlookOptions {
        &self.recipe.options
    }

    pub(super) fn drawn(&self) -> &Drawn {
        let (held, recipe) = (&self.held, &self.recipe);
        self.drawn
            .or(|| Drawn::again(&held.series, &held.curves, recipe))
    }
}

/// The last figure of a part as a share of the figure of its whole that is nearest in time; the later one of two.
fn share_in(whole: &IncidenceSeries, part: &IncidenceSeries) -> f64 {
    let year = part.last_without_shock();
    let cases = |of: &IncidenceSeries| {
        let figures = of.observations().iter();
        let nearest = figures.min_by_key(|o| (o.year.abs_diff(year), -i64::from(o.year)));
        nearest.map_or(0.0, |o| o.cases)
    };
    cases(part) / cases(whole)
}

/// See [`RegionOutlook::below_published`].
fn below_published(
    series: &IncidenceSeries,
    drawn: &Drawn,
    options: &OutlookOptions,
) -> Result<[Option<f64>; 2]> {
    let Some(published) = series.published_projection() else {
        return Ok([None; 2]);
    };
    let below = |draws: &YearlyDraws| -> Result<Option<f64>> {
        if !draws.years().contains(&published.year) {
            return Ok(None);
        }
        let year = draws.year(published.year)?;
        let below = year
            .iter()
            .filter(|cases| **cases < published.cases)
            .count();
        Ok(Some(below as f64 / year.len() as f64))
    };
    let pool = drawn.without_published.as_ref();
    let of_pool = pool.map(|pool| below(pool.new_cases())).transpose()?;
    Ok([of_pool.flatten(), below(drawn.headline(options))?])
}

/// Whether any figure states no error.
fn states_no_error(series: &IncidenceSeries) -> bool {
    let mut errors = series.observations().iter().map(|o| o.relative_error);
    let published = series.published_projection();
    errors.any(|error| error.is_none()) || published.is_some_and(|p| p.relative_error.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_of_the_nearest_figure_of_the_whole() -> Result<()> {
        let of = |counts: &[(i32, f64)]| IncidenceSeries::from_counts("x", counts.iter().copied());
        let whole = of(&[(2014, 1_000.0), (2018, 1_250.0), (2024, 2_000.0)])?;
        // As far from 2014 as from 2018: the later one.
        for (year, expected) in [(2013, 0.1), (2016, 0.08), (2017, 0.08), (2030, 0.05)] {
            let share = share_in(&whole, &of(&[(2012, 90.0), (year, 100.0)])?);
            assert!((share - expected).abs() < 1e-12, "{year}: {share}");
        }
        Ok(())
    }
}
