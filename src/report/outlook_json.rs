//! An outlook as a JSON file.
// The fields of `object!`.
#![allow(non_camel_case_types)]

use serde::Serialize;

use super::ordered::{self, Ordered, object};
use crate::draws::YearSummary;
use crate::outlook::{CurveOutlook, Outlook, OutlookVariance, RegionOutlook};
use crate::plain_text::percent;
use crate::projection::{BetweenSourceEstimate, DampingPrior, VarianceShares};

impl Outlook {
    /// An outlook as JSON text for other programs: summaries of the draws, not the draws.
    ///
    /// It is a subset of the outlook with keys of its own, those of the first version, in this order; numbers
    /// are unrounded, and one that does not exist is `null`. An [`Outlook`] itself is serialised by `serde`,
    /// and can be read back.
    ///
    /// | key | is |
    /// |---|---|
    /// | `assumptions` | options: errors assumed (`error_of_expected_cases_a_year`: that of the projection of people, `null` where no region has any), correlations (`correlation_of_errors_of_one_source`: the within-source correlation), `horizon_error`: whether the pools hold model discrepancy, `weights` of families, `spread_of_borrowed_damping`: the standard deviation of the damping prior, the share reaching third line, draws, seed |
    /// | `regions[]` | one object a region: |
    /// | … `region`, `figures` | its name, and the published figures with their sources |
    /// | … `observations`, `published_projection` | year and cases of the series; how each came about stands in `figures`: only a registered count was observed |
    /// | … `other_projections[]` | `year`, `cases` and `source` of what other sources have projected, `forecast` of that year (the headline's), or `no_forecast`: why there is none |
    /// | … `curves[]` | the curves fitted to its own figures, twice where there is a published projection: `curve`: the family, `identification`: `saturated` or `identified`, `uses_published_projection`, `in_mixture`: whether it is in the region's linear pool, `parameters`: the natural parameters, `cases`: the curve through the figures as published, `draws_at_limit`: the draws replaced by the exponential limit, `summary` of its draws |
    /// | … `borrowed[]` | the curves whose damping is shrunk towards that of the reference region, `lender` |
    /// | … `left_out[]` | the families that are not identified, with the `reason` |
    /// | … `implied_growth` | what the published projection implies, see [`RegionOutlook::implied_growth`]: the growth `before` and `after` the change, and the years `from`, `change` and `to` |
    /// | … `source_level` | the between-source standard deviation, `deviation`, and the numbers of sources and figures that it is estimated from, or the `reason` why it is not |
    /// | … `variance` | shares of the variance in the last year, see below |
    /// | … `incidence` | new cases of the headline, by year after the last observation: `median`, `lower50`, `upper50`, `lower95`, `upper95`; in the first version of the file those of the linear pool |
    /// | … `pool` | new cases of the linear pool of the curves |
    /// | … `mixtures[]` | the linear pools without and with the published projection |
    /// | … `calibrated` | new cases of the registry trend: the same as `incidence` |
    /// | … `population` | where people and rates by age are from (`sources`), and what was made of their tables, such as years carried forward (`notes`); `null` where the forecast is of counts |
    /// | … `change` | what the change of the median of `incidence` between the years `from` and `to` is made of, in per cent of the first: `population`, `ageing`, `rates` ([`RegionOutlook::decomposition`]) |
    /// | … `question`, `other_question` | the [`Question`](crate::Question) that `incidence` answers, and the registry trend under the other one |
    /// | … `levels` | `revision`: the error of revision of the last figure, from `pairs_of_rounds`, revisions of a family, each counted once over all regions; `all_sources`: the factor from the last figure to all sources together; `families`: that of each family of sources; `between_families`: the standard deviation between them |
    /// | … `cautions` | what makes the forecasts of the region fragile, in sentences |
    /// | … `third_line` | of the headline, patients diagnosed in the year who will ever reach third line; `at_30_percent`, `at_40_percent`: the ends of the share times the median of `incidence` |
    /// | … `third_line_starts` | patients who start third line in the year |
    /// | `rests[]` | complements: `whole`, `part`, `incidence` and `third_line` of the headline, `pool` of the linear pools, `draws_replaced`: draws of the headline in which a part was not smaller than its whole |
    ///
    /// `variance` has `incidence` and `third_line` of the headline, `pool`, `without_published`, `with_published` (the
    /// linear pools) and `calibrated` (the same as `incidence`), each with `deviation`, the standard deviation of the logarithm, and
    /// shares of its square that add up to 1: `measurement` (errors of the observations), `source`
    /// (between-source; of the headline under [`Question::ThisSource`](crate::Question::ThisSource) between rounds), `published_projection` (its error), `curve` (choice of the curve, and the damping prior),
    /// `horizon` (model discrepancy), `share` (the share reaching third line). `curves[]` has each member of the
    /// region's linear pool with its `weight` and its share of the pool's `variance` without model discrepancy.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::{IncidenceSeries, Outlook, OutlookOptions};
    ///
    /// let atlantis = IncidenceSeries::from_counts("Atlantis", [(2019, 1200.0), (2024, 1400.0)])?;
    /// let options = OutlookOptions { draws: 100, to: 2030, ..OutlookOptions::default() };
    /// let text = Outlook::of_series(&[atlantis], &options)?.summary_json();
    /// let outlook: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    /// let region = &outlook["regions"][0];
    /// assert_eq!(region["region"], "Atlantis");
    /// assert_eq!(region["incidence"].as_array().map(Vec::len), Some(6)); // 2025 to 2030
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[must_use]
    pub fn summary_json(&self) -> String {
        ordered::text(&object! {
            assumptions: assumptions(self),
            regions: list(self.regions(), region),
            rests: list(self.complements(), |complement| object! {
                whole: complement.whole(),
                part: complement.part(),
                incidence: complement.new_cases_summary(),
                draws_replaced: complement.replaced()[0],
                pool: complement.pool_summary(),
                third_line: complement.third_line_summary(),
            }),
        })
    }
}

fn list<'a, T, U>(items: &'a [T], of: impl Fn(&'a T) -> U) -> Vec<U> {
    items.iter().map(of).collect()
}

fn assumptions(outlook: &Outlook) -> impl Serialize + '_ {
    let options = outlook.options();
    let weights = options.weights.iter();
    object! {
        relative_error_where_none_is_stated: options.assumed_error,
        relative_error_of_a_projection_where_none_is_stated: options.assumed_projection_error,
        error_of_expected_cases_a_year: (!options.population.is_empty()).then_some(options.forecast.expected_error),
        correlation_of_errors_of_one_source: options.errors.within_source_correlation,
        correlation_of_a_projection_with_its_source: options.errors.projection_correlation,
        horizon_error: options.model_discrepancy,
        weights: weights.map(|(curve, w)| (curve.name().to_owned(), *w)).collect::<Ordered<f64>>(),
        spread_of_borrowed_damping: match options.damping_prior {
            DampingPrior::None => None,
            DampingPrior::Partial { spread } => Some(spread),
            DampingPrior::Full => Some(0.0),
        },
        share_reaching_third_line: &options.share,
        draws: options.draws,
        seed: options.seed,
    }
}

fn region(region: &RegionOutlook) -> impl Serialize + '_ {
    let series = region.series();
    let last = series.last_year();
    let pools = [false, true].into_iter().filter_map(|published| {
        let (curves, summary) = region.pool_of_fitted(published)?;
        Some(object! {
            curves: curves,
            uses_published_projection: published,
            incidence: after(last, summary),
        })
    });
    let estimate = region.between_source_estimate();
    object! {
        region: series.region(),
        figures: region.figures(),
        observations: list(series.observations(), |o| count(o.year, Some(o.cases))),
        published_projection: series.published_projection().map(|p| count(p.year, Some(p.cases))),
        other_projections: region.beside_other_projections().map(|(p, ours)| object! {
            year: p.year(),
            cases: p.cases(),
            source: p.source(),
            forecast: ours.ok(),
            no_forecast: ours.err(),
        }).collect::<Vec<_>>(),
        curves: region.curves().iter().filter_map(curve).collect::<Vec<_>>(),
        borrowed: region.curves().iter().filter_map(shrunk).collect::<Vec<_>>(),
        left_out: list(region.not_identified(), |n| object! {
            curve: n.family,
            uses_published_projection: n.uses_published_projection,
            reason: &n.reason,
        }),
        implied_growth: implied_growth(region),
        source_level: object! {
            deviation: region.between_source_sd(),
            sources: estimate.map(BetweenSourceEstimate::sources),
            figures: estimate.map(BetweenSourceEstimate::figures),
            reason: region.between_source_reason(),
        },
        variance: region.variance().map(|v| variance(v, region.curves())),
        incidence: after(last, region.new_cases_summary()),
        pool: after(last, region.pool_summary()),
        mixtures: pools.collect::<Vec<_>>(),
        calibrated: after(last, region.new_cases_summary()),
        population: region.expected().map(|of| object! { sources: of.sources(), notes: of.notes() }),
        change: region.decomposition().map(|change| object! {
            from: change.from,
            to: change.to,
            population: change.in_percent().population,
            ageing: change.in_percent().ageing,
            rates: change.in_percent().rates,
        }),
        question: region.question(),
        other_question: object! {
            question: region.question().other(),
            calibrated: after(last, region.summary_under(region.question().other())),
        },
        levels: levels(region),
        cautions: region.cautions(),
        third_line: third_line(last, region),
        third_line_starts: region.third_line_starts_summary().map(|starts| after(last, starts)),
    }
}

/// The error of revision, and where all sources together are.
fn levels(region: &RegionOutlook) -> impl Serialize + '_ {
    let (revision, consensus) = (region.revision(), region.consensus());
    let [lower95, median, upper95] = consensus.factor;
    object! {
        revision: revision.sd,
        pairs_of_rounds: revision.pairs,
        all_sources: object! { median: median, lower95: lower95, upper95: upper95 },
        families: consensus.families.iter().map(|(name, factor)| (name.clone(), *factor)).collect::<Ordered<_>>(),
        between_families: consensus.between_family_sd,
    }
}

fn implied_growth(region: &RegionOutlook) -> Option<impl Serialize + use<>> {
    let (before, after) = region.implied_growth()?;
    let series = region.series();
    let (first, last) = series.ends();
    Some(object! {
        from: first.year,
        change: last.year,
        to: series.published_projection()?.year,
        before: before,
        after: after,
    })
}

/// New cases of a year; `None` where a curve has no value.
fn count(year: i32, cases: Option<f64>) -> impl Serialize {
    object! { year: year, cases: cases }
}

/// A curve that is fitted to the region's own figures.
fn curve(curve: &CurveOutlook) -> Option<impl Serialize + '_> {
    let fit = curve.fit()?;
    let parameters = fit.parameters().into_iter();
    Some(object! {
        curve: curve.family(),
        identification: fit.identification(),
        uses_published_projection: curve.uses_published_projection(),
        in_mixture: curve.in_pool(),
        parameters: parameters.map(|p| (p.name.into_owned(), p.estimate)).collect::<Ordered<_>>(),
        cases: cases(curve),
        draws_at_limit: curve.replaced_by_limit(),
        summary: curve.summary(),
    })
}

/// A curve whose damping is shrunk towards that of the reference region.
fn shrunk(curve: &CurveOutlook) -> Option<impl Serialize + '_> {
    Some(object! {
        curve: curve.family(),
        lender: curve.reference_region()?,
        cases: cases(curve),
        draws_at_limit: curve.replaced_by_limit(),
        summary: curve.summary(),
    })
}

/// The curve through the figures as published, in all years that are projected.
fn cases(curve: &CurveOutlook) -> Vec<impl Serialize + use<>> {
    let years = curve.summary().iter().map(|summary| summary.year);
    years
        .map(|year| count(year, curve.cases(year).ok()))
        .collect()
}

fn variance(variance: &OutlookVariance, curves: &[CurveOutlook]) -> impl Serialize + use<> {
    let of_curves = curves.iter().filter_map(|curve| {
        Some(object! {
            curve: curve.family(),
            weight: curve.pool_weight(),
            variance: curve.variance_share()?,
        })
    });
    object! {
        incidence: shares(&variance.new_cases),
        pool: shares(&variance.pool),
        third_line: shares(&variance.third_line),
        without_published: variance.without_published.as_ref().map(shares),
        with_published: variance.with_published.as_ref().map(shares),
        calibrated: shares(&variance.new_cases),
        curves: of_curves.collect::<Vec<_>>(),
    }
}

fn shares(shares: &VarianceShares) -> impl Serialize + use<> {
    object! {
        year: shares.year,
        deviation: shares.standard_deviation,
        measurement: shares.measurement,
        source: shares.between_source,
        published_projection: shares.published_projection,
        curve: shares.curve,
        horizon: shares.model_discrepancy,
        share: shares.third_line_share,
    }
}

fn after(last: i32, summary: &[YearSummary]) -> Vec<YearSummary> {
    let summary = summary.iter().copied();
    summary.filter(|summary| summary.year > last).collect()
}

/// A year's patients, and the ends of the share times the median of new cases.
#[derive(Serialize)]
struct ThirdLineYear {
    #[serde(flatten)]
    summary: YearSummary,
    #[serde(flatten)]
    of_median: Ordered<f64>,
}

fn third_line(last: i32, region: &RegionOutlook) -> Vec<ThirdLineYear> {
    let key = |share: f64| format!("at_{}_percent", percent(share));
    let share = region.share();
    after(last, region.third_line_summary())
        .into_iter()
        .filter_map(|summary| {
            let (low, high) = region.third_line_of_median(summary.year)?;
            let mut of_median = vec![(key(share.low()), low)];
            // One key where the range has one value.
            if share.high() > share.low() {
                of_median.push((key(share.high()), high));
            }
            Some(ThirdLineYear {
                summary,
                of_median: of_median.into_iter().collect(),
            })
        })
        .collect()
}
