//! What makes the forecasts of a region fragile.

use super::consensus::{OWN_FIGURES, family, is_of_one_source};
use super::curves::CurveOutlook;
use super::region::RegionOutlook;
use super::region_model::Held;
use super::revision::{Revision, figure_of, is_modelled};
use crate::curve::Family;
use crate::draws::{YearSummary, of_few_draws};
use crate::figures::Figure;
use crate::fit::{Caution, FitFigures, FitOptions, Likelihood, PublishedProjectionUse, fit};
use crate::plain_text::{capital, count};
use crate::projection::Projection;
use crate::series::IncidenceSeries;

/// From here on a median that replaced draws move is told, in per cent.
const MOVED: f64 = 1.0;

impl RegionOutlook {
    /// What makes the forecasts fragile, a sentence each; empty where nothing does.
    ///
    /// - Two forecasts of one table contradict each other, in the last year of which that is so: the median of one lies
    ///   outside the 95 % interval of the other. They are the linear pool and the registry trend, and the pools with and
    ///   without the published projection.
    /// - A figure that is taken as a count is not a whole number, or the counts scatter less than people counted can.
    /// - A curve takes no weight of its own, as in [`compare`](crate::fit::compare()): it is at the border of its domain, a
    ///   hinge, or one of the other curves. The linear pools leave it out.
    /// - There are so few draws that an interval is that of the extreme ones.
    /// - A figure lies far from the trend of all the others, and is three times that or a third of it.
    /// - Figures scatter about a curve by more than their errors allow ([`Projection::cautions`](crate::Projection::cautions)).
    /// - The draws of the linear pool do not vary, as no figure has an error and there is no model discrepancy.
    /// - The registry trend turns a long decline into growth, or the other way round
    ///   ([`Forecast::cautions`](crate::forecast::Forecast::cautions)).
    /// - Years are marked as a shock or as provisional: which ones, and what becomes of them.
    /// - Figures are completed as provisional in the registry trend alone
    ///   ([`ForecastOptions::provisional`](crate::forecast::ForecastOptions::provisional)).
    /// - Figures state 95 % intervals of their source and no `relative_error`.
    /// - Figures of other sources are marked, and left out of the comparison; or they are of the same source as the last figure and
    ///   later, and not in the level of all sources; or of the same source and year as an own figure with another number.
    /// - Starts of third line rest, to one part in a hundred or more, on years before the first figure.
    /// - The error of revision is estimated from two revisions alone.
    /// - The figures are modelled, and no error of revision is stated or can be estimated.
    /// - The last figure is modelled and names no family of sources, and is compared with figures of families.
    /// - Draws in which a part is not smaller than its whole are so many that those in their place move a median of the last
    ///   year by one part in a hundred or more.
    #[must_use]
    pub fn cautions(&self) -> Vec<String> {
        let draws = self.0.options().draws;
        let mut cautions = Vec::from_iter(of_few_draws(draws));
        let Held {
            summaries, vary, ..
        } = &self.0.held;
        let [pool, trend] = [&summaries.pool[..], self.new_cases_summary()];
        cautions.extend(self.contradiction([("Linear pool", pool), ("registry trend", trend)]));
        if let (Some(with), Some(without)) =
            (&summaries.with_published, &summaries.without_published)
        {
            let names = [
                "Linear pool with the published projection",
                "the one without it",
            ];
            cautions.extend(self.contradiction([(names[0], with), (names[1], without)]));
        }
        cautions.extend(doubts_about_figures(self.series()));
        cautions.extend(self.curves_without_weight());
        cautions.extend(self.0.held.curve_cautions.clone());
        if draws > 1 && !vary {
            cautions.push(
                "The draws of the linear pool do not vary: no figure has an error, and there is no interval.".to_owned(),
            );
        }
        let marks = self.series().marks();
        if !marks.is_empty() {
            let years = marks.iter().map(|(year, mark)| format!("{year} ({mark})"));
            cautions.push(format!(
                "Left out of the curves: {}. The registry trend leaves shocks out, too, and completes provisional years of \
                 the last three by what registries report late.",
                years.collect::<Vec<_>>().join(", ")
            ));
        }
        if self.0.options().forecast.provisional {
            cautions.push(
                "The figures of the last three years are taken as provisional and completed in the registry trend alone \
                 (forecast.provisional); curves go through them as they are: mark the years, which leaves them out there."
                    .to_owned(),
            );
        }
        cautions.extend(self.unused_intervals());
        let (options, region) = (self.0.options(), self.series().region());
        let of_others = |is_left_out: &dyn Fn(&Figure) -> bool, why: &str| {
            let all = options.estimates().filter(|f| f.region() == region);
            let left_out = all.filter(|f| is_left_out(f));
            let left_out: Vec<String> = left_out
                .map(|f| format!("{} {}", f.source(), f.year()))
                .collect();
            (!left_out.is_empty()).then(|| format!("{why}: {}.", left_out.join(", ")))
        };
        cautions.extend(of_others(
            &|f| options.is_marked(f),
            "Left out of the comparison of sources, as marked",
        ));
        cautions.extend(of_others(
            &|f| options.lacks_people(f),
            "Left out of the comparison of sources, as the population does not have their years",
        ));
        let last = self.series().last_without_shock();
        let at_hand = figure_of(self.series(), last);
        let is_of_it = |f: &Figure| at_hand.is_some_and(|own| is_of_one_source(own, f));
        let is_compared = |f: &Figure| !options.is_marked(f) && !options.lacks_people(f);
        cautions.extend(of_others(
            &|f| f.year() > last && is_of_it(f) && is_compared(f),
            "Later than the last figure, of the same source, and not in the level of all sources together: put them among the \
             region's own figures, or name another round as their source",
        ));
        let differs = |f: &Figure| {
            let mut own = self.figures().iter();
            own.any(|o| {
                o.year() == f.year()
                    && is_of_one_source(o, f)
                    && o.cases().to_bits() != f.cases().to_bits()
            })
        };
        cautions.extend(of_others(
            &|f| !f.source().is_empty() && differs(f) && is_compared(f),
            "Of the same source and year as one of the region's own figures, with another number, though a source has one number for \
             one year: check which, and name another round as the source of the other",
        ));
        let of_trend = self.0.held.trend_cautions.iter();
        cautions.extend(of_trend.map(|caution| format!("Registry trend: {caution}.")));
        cautions.extend(self.0.held.starts_cautions.iter().cloned());
        cautions.extend(self.doubt_about_revision());
        cautions.extend(self.no_family());
        cautions.extend(self.moved_by_replaced_draws());
        cautions
    }

    /// That intervals of figures are not taken as their errors.
    fn unused_intervals(&self) -> Option<String> {
        let figures = self.figures().iter();
        let unused = figures.filter(|f| f.interval95().is_some() && f.relative_error().is_none());
        let unused: Vec<String> = unused.map(|f| f.year().to_string()).collect();
        (!unused.is_empty()).then(|| {
            format!(
                "The 95 % intervals that the figures state ({}) are not taken as their errors, since intervals of one source \
                 err alike: state relative_error, and how far the errors are correlated.",
                unused.join(", ")
            )
        })
    }

    /// Which curves the linear pool leaves out, and why. A curve without a ceiling is the exponential one, which is there.
    fn curves_without_weight(&self) -> Option<String> {
        let mut is_left = false;
        let said = self.curves().iter().filter_map(|curve| {
            let why = curve.no_weight()?;
            if matches!(why, Caution::NoCeiling(Some(_))) {
                return None;
            }
            is_left |= curve.pool_weight() > 0.0;
            Some(format!(
                "{}{}, {why}",
                curve.family(),
                with_projection(curve)
            ))
        });
        let said: Vec<String> = said.collect();
        let rest = if is_left {
            ". No other is left, and the first of the curves is the pool all the same: do not use it"
        } else {
            ""
        };
        (!said.is_empty()).then(|| {
            format!(
                "Without a weight of their own, and left out of the linear pools: {}{rest}.",
                said.join("; ")
            )
        })
    }

    /// That the last figure counts as of a family of its own, since it names none.
    fn no_family(&self) -> Option<String> {
        let series = self.series();
        let last = series.last_without_shock();
        let families = &self.consensus().families;
        if !is_modelled(series, last) || families.len() < 2 {
            return None;
        }
        let figure = figure_of(series, last);
        if figure.is_some_and(|figure| figure.family().is_some()) {
            return None;
        }
        let own = family(figure).unwrap_or(OWN_FIGURES);
        let others = families.iter().map(|(family, _)| family.as_str());
        let others: Vec<&str> = others.filter(|family| *family != own).collect();
        Some(format!(
            "The figure of {last} names no family of sources and counts as one of its own, \"{}\", in what all sources together say, \
             beside {}: if it is of one of these, write that into the column `family`; else write a name of your own.",
            own,
            others.join(", ")
        ))
    }

    /// That draws in which a part is not smaller than its whole are many.
    fn moved_by_replaced_draws(&self) -> Option<String> {
        let [headline, pool] = self.0.held.moved.map(|factor| 100.0 * (factor - 1.0));
        if headline.abs().max(pool.abs()) < MOVED {
            return None;
        }
        let options = self.0.options();
        let replaced = &self.0.recipe.replaced;
        Some(format!(
            "A part has no fewer cases than its whole in {} of {} draws of the registry trend and {} of the linear pool ({}), and the \
             draw before stands in their place: that moves the median of {} or an end of its 95 % interval by up to {headline:+.1} %, of the pool by {pool:+.1} %. Curves of a \
             part and of its whole are drawn independently, which does not fit a part that is most of its whole: leave it out of \
             the parts (--part), and forecast the rest from figures of its own.",
            count(replaced.in_trends.len() as f64),
            count(options.draws as f64),
            count(replaced.in_pools.len() as f64),
            replaced.most_often,
            options.to,
        ))
    }

    /// That the error of revision is estimated from little, or not known.
    fn doubt_about_revision(&self) -> Option<String> {
        let last = self.series().last_without_shock();
        let is_revised = is_modelled(self.series(), last);
        match self.revision() {
            Revision {
                sd: 0.0,
                pairs: Some(pairs),
            } if is_revised => Some(format!(
                "The error of revision is estimated as 0 from {pairs} {}, since the rounds compared say the same: no figure has an \
                 error but the one that it states, and the interval does not hold what the next round of the source will change. \
                 State one (revision_sd, --revision) if you know it better.",
                if pairs == 1 { "revision" } else { "revisions" }
            )),
            Revision { sd, pairs: Some(2) } if sd > 0.0 => Some(
                "The error of revision is estimated from two revisions: the next round's interval is that of Student's t with two degrees of \
                 freedom, 4.3 standard deviations to either side. State one (revision_sd, --revision) if you know it better."
                    .to_owned(),
            ),
            revision if is_revised && !revision.is_known(self.0.options()) => Some(
                "No error of revision is known: the interval does not hold what the next round of the source will change. \
                 State one, or figures of other rounds to compare with."
                    .to_owned(),
            ),
            Revision { .. } => None,
        }
    }

    /// Whether true incidence is what the family of the source at hand says: no other is compared with, and no between-source
    /// standard deviation is stated.
    pub(crate) fn has_one_family(&self) -> bool {
        self.consensus().families.len() < 2 && self.0.options().between_source_sd == 0.0
    }

    /// Two forecasts of which one has a median outside the 95 % interval of the other, after the last figure.
    fn contradiction(
        &self,
        [(first, one), (second, other)]: [(&str, &[YearSummary]); 2],
    ) -> Option<String> {
        if self.0.options().draws == 1 {
            return None;
        }
        let is_outside = |one: &YearSummary, of: &YearSummary| {
            of.interval95().is_some() && !(of.lower95..=of.upper95).contains(&one.median)
        };
        let ahead = one
            .iter()
            .rev()
            .take_while(|of| of.year > self.series().last_year());
        let of_both = ahead.filter_map(|a| Some((a, other.iter().find(|b| b.year == a.year)?)));
        let (a, b) = of_both
            .into_iter()
            .find(|(a, b)| is_outside(a, b) || is_outside(b, a))?;
        let range =
            |of: &YearSummary| format!("{} to {} in 95 %", count(of.lower95), count(of.upper95));
        Some(format!(
            "{first} and {second} contradict each other in {}: the first has {}, the second {}. What is true of one is \
             improbable under the other: do not use either alone.",
            a.year,
            range(a),
            range(b)
        ))
    }
}

fn with_projection(curve: &CurveOutlook) -> &'static str {
    if curve.uses_published_projection() {
        " with the published projection"
    } else {
        ""
    }
}

/// That figures scatter about curves by more than the errors that their draws rest on.
pub(super) fn scatter_beyond_errors(
    curves: &[CurveOutlook],
    projections: &[Projection],
) -> Option<String> {
    let drawn = curves.iter().zip(projections);
    let said = drawn.flat_map(|(curve, projection)| {
        let figures = with_projection(curve);
        let of = move |caution| format!("{}{figures}, {caution}", curve.family());
        projection.cautions().iter().map(of)
    });
    let said: Vec<String> = said.collect();
    (!said.is_empty()).then(|| {
        format!(
            "The errors of the figures, stated or assumed, are too small for some curves, and the intervals of these too narrow: \
             {}. State greater ones (relative_error).",
            said.join("; ")
        )
    })
}

/// Whether a figure lies apart, and whether those with the error of people counted look like something else.
fn doubts_about_figures(series: &IncidenceSeries) -> Vec<String> {
    let mut doubts = Vec::new();
    let figures = FitFigures::new(series, PublishedProjectionUse::Ignore);
    if let Some(outlier) = figures
        .ok()
        .and_then(|all| all.outlier(Likelihood::LogNormal))
    {
        doubts.push(format!(
            "{}: check it, or mark its year.",
            capital(&outlier.to_string())
        ));
    }
    let is_broken = |cases: f64| cases.fract() != 0.0;
    if let Some(broken) = series
        .unmarked()
        .find(|o| series.is_count(o) && is_broken(o.cases))
    {
        doubts.push(format!(
            "The figure of {}, {}, is taken as a count and is not a whole number: the counting error, 1/√n, is that of people \
             counted, and wrong for a rate or an average.",
            broken.year, broken.cases
        ));
    }
    if series.unmarked().all(|o| series.is_count(o)) {
        let options = FitOptions {
            likelihood: Likelihood::Poisson,
            ..FitOptions::default()
        };
        let cautions = fit(Family::Exponential, series, &options).map(|fit| fit.cautions());
        doubts.extend(cautions.unwrap_or_default().into_iter().filter_map(|caution| match caution {
            Caution::Underdispersed(scatter) => Some(format!(
                "The counts scatter {scatter:.2} times as much as people counted do: they may be rates, thousands or \
                 smoothed numbers, for which the counting error, 1/√n, is wrong."
            )),
            _ => None,
        }));
    }
    doubts
}
