//! What a reader of an outlook's tables has to know, in sentences.

use std::collections::BTreeSet;

use crate::curve::Family;
use crate::demography::{ExpectedCases, FiguresCheck};
use crate::known_names::each_once;
use crate::outlook::{CurveOutlook, NotIdentified, Outlook, RegionOutlook};
use crate::plain_text::{capital, count, percent};
use crate::projection::DampingPrior;

/// What is assumed.
pub(super) fn assumptions(outlook: &Outlook) -> String {
    let options = outlook.options();
    let regions = outlook.regions();
    let curves = || regions.iter().flat_map(RegionOutlook::curves);
    let mut all: Vec<String> = Vec::new();
    if regions.iter().any(RegionOutlook::assumed_errors) {
        let published = if curves().any(CurveOutlook::uses_published_projection) {
            format!(
                " and of {} % where a published projection states none",
                percent(options.assumed_projection_error)
            )
        } else {
            String::new()
        };
        all.push(format!(
            "an error of {} %, beside the counting error 1/√n, where an observation states none{published}",
            percent(options.assumed_error)
        ));
    }
    if options.errors.within_source_correlation != 0.0 {
        all.push(format!(
            "a correlation of {} between the errors of observations of one source",
            options.errors.within_source_correlation
        ));
    }
    if options.errors.projection_correlation != 0.0 {
        all.push(format!(
            "a correlation of {} between the error of a published projection and those of observations \
             of its source",
            options.errors.projection_correlation
        ));
    }
    if regions
        .iter()
        .filter(|r| r.between_source_sd() > 0.0)
        .count()
        > 1
    {
        all.push(
            "a source errs in the same direction in all its regions, and figures without a source are of one"
                .to_owned(),
        );
    }
    all.push(if options.weights.is_empty() {
        "each curve * as likely as the others".to_owned()
    } else {
        let weights = options.weights.iter();
        let weights: Vec<String> = weights
            .map(|(family, weight)| format!("{family} {}", percent(weight / 100.0)))
            .collect();
        format!("curves * weighted ({}, all others 1)", weights.join(", "))
    });
    if curves().any(|curve| curve.reference_region().is_some()) {
        let whole = "the damping of a curve with a reference region is that region's";
        all.push(match options.damping_prior {
            DampingPrior::Partial { spread } => format!(
                "{whole} times a factor between {:.2} and {:.2} in two of three draws",
                (-spread).exp(),
                spread.exp()
            ),
            DampingPrior::Full | DampingPrior::None => whole.to_owned(),
        });
    }
    if !options.model_discrepancy {
        all.push("no model discrepancy in the linear pools".to_owned());
    }
    if !options.population.is_empty() {
        all.push(match options.forecast.expected_error {
            0.0 => "people as projected, without an error".to_owned(),
            error => format!(
                "an error of {} % a year of expected cases, by the projection of people",
                percent(error)
            ),
        });
    }
    all.push(format!(
        "{}-{} % of those diagnosed ever reach third line ({})",
        percent(options.share.low()),
        percent(options.share.high()),
        options.share.distribution().name()
    ));
    let people = people(outlook).map(|of| format!(" {of}"));
    format!(
        "Assumed: {}. {} draws, seed {}.{}",
        all.join("; "),
        count(options.draws as f64),
        options.seed.number(),
        people.unwrap_or_default()
    )
}

/// Where people and rates by age are from, where that was said.
pub(super) fn people(outlook: &Outlook) -> Option<String> {
    let expected = outlook.regions().iter().filter_map(RegionOutlook::expected);
    let sources = first_few(&each_once(expected.flat_map(ExpectedCases::sources)));
    (!sources.is_empty()).then(|| format!("{}.", capital(&sources.join("; "))))
}

/// Of many the first few.
pub(super) fn first_few<T: ToString>(all: &[T]) -> Vec<String> {
    const FEW: usize = 2;
    let more = all.len().saturating_sub(FEW);
    let few = all.iter().take(FEW).map(ToString::to_string);
    few.chain((more > 0).then(|| format!("and {more} more")))
        .collect()
}

/// What a reader of a region's tables has to know, a sentence each.
pub(super) fn remarks(region: &RegionOutlook) -> Vec<String> {
    let mut remarks = not_identified(region);
    remarks.push(levels(region));
    remarks.push(between_source(region));
    remarks.extend(
        region
            .rounds()
            .map(|rounds| format!("{}.", capital(&rounds))),
    );
    remarks.extend(registry_trend(region));
    let notes = region.expected().into_iter().flat_map(ExpectedCases::notes);
    remarks.extend(notes.map(|note| format!("{}.", capital(note))));
    let series = region.series();
    let implied = region.implied_growth().zip(series.published_projection());
    // At constant rates it says nothing of how growth will change.
    let implied = implied.filter(|(_, published)| {
        let check = check_of(region);
        !check
            .is_some_and(|check| check.is_constant_rates(region.series().region(), published.year))
    });
    if let Some(((before, after), published)) = implied {
        let (first, last) = series.ends();
        remarks.push(format!(
            "The published projection implies that growth goes from {before:.1} % a year ({} to {}) to {after:.1} % \
             ({} to {}).",
            first.year, last.year, last.year, published.year
        ));
    }
    remarks.extend(published_among_draws(region));
    remarks.extend(shares_of_curves(region));
    if let Some(reason) = region.no_variance_reason() {
        remarks.push(format!("The variance is not taken apart: {reason}."));
    }
    let curves = region.curves().iter();
    remarks.extend(curves.filter_map(|curve| replaced_by_the_limit(curve, region.draws())));
    remarks.extend(region.cautions());
    remarks
}

/// Figures of a shipped area beside constant rates, where they can be checked.
pub(super) fn check_of(region: &RegionOutlook) -> Option<FiguresCheck> {
    let figures = region.figures().iter().cloned().collect();
    let is_shipped = region.has_shipped_population();
    is_shipped
        .then(|| FiguresCheck::of(&figures).ok())
        .flatten()
}

/// The families that are not identified; those for the same reason in one sentence, with the words of the first.
fn not_identified(region: &RegionOutlook) -> Vec<String> {
    let mut sentences: Vec<(String, Vec<&str>, &NotIdentified)> = Vec::new();
    for family in region.not_identified() {
        let name = family.family.name();
        let kind = family.reason.replace(name, "");
        let same = sentences.iter_mut().find(|(other, _, first)| {
            *other == kind && first.uses_published_projection == family.uses_published_projection
        });
        match same {
            Some((_, names, _)) => names.push(name),
            None => sentences.push((kind, vec![name], family)),
        }
    }
    let sentence = |(_, names, first): (String, Vec<&str>, &NotIdentified)| {
        let with = if first.uses_published_projection {
            ", with the published projection"
        } else {
            ""
        };
        format!(
            "Not identified{with}: {}. {}.",
            names.join(" and "),
            capital(&first.reason)
        )
    };
    sentences.into_iter().map(sentence).collect()
}

/// What the figures were compared with, and what came of it.
fn between_source(region: &RegionOutlook) -> String {
    let sd = region.between_source_sd();
    let name = region.series().region();
    match (
        region.between_source_estimate(),
        region.between_source_reason(),
    ) {
        (Some(estimate), _) => format!(
            "Between-source standard deviation: {} % for {name}, in all draws of the curves, estimated from {} figures of {} \
             sources; its own figures were compared with {}.",
            percent((1000.0 * sd).round() / 1000.0),
            estimate.figures(),
            estimate.sources(),
            region.compared_with().join("; ")
        ),
        (None, reason) if sd > 0.0 => format!(
            "Between-source standard deviation: {} % for {name}, in all draws of the curves: the one stated for regions of which there \
             is no estimate ({}).",
            percent((1000.0 * sd).round() / 1000.0),
            reason.unwrap_or("not estimated")
        ),
        (None, reason) => format!(
            "Between-source standard deviation: none in the curves of {name} ({}).",
            reason.unwrap_or("not estimated")
        ),
    }
}

/// By how much rounds of one family differ, and where all families together are.
fn levels(region: &RegionOutlook) -> String {
    let revision = region.revision();
    let revised = match (revision.sd, revision.pairs) {
        (0.0, None) => "none".to_owned(),
        (sd, None) => format!("{} %, stated", percent((1000.0 * sd).round() / 1000.0)),
        (sd, Some(pairs)) => format!(
            "{} %, from {pairs} revisions (successive rounds of one family)",
            percent((1000.0 * sd).round() / 1000.0)
        ),
    };
    let differ = || definitions_that_differ(region);
    let revised = revised + &revision.pairs.map_or_else(String::new, |_| differ());
    let consensus = region.consensus();
    let [lower, median, upper] = consensus.factor;
    let definitions = region.definitions_of_families();
    let differ_too = definitions
        .values()
        .flatten()
        .collect::<BTreeSet<_>>()
        .len()
        > 1;
    let codes = |family: &str| {
        let codes = definitions.get(family).filter(|_| differ_too);
        codes.map_or_else(String::new, |codes| {
            format!(" (ICD-10 {})", codes.join(", "))
        })
    };
    let families: Vec<String> = consensus
        .families
        .iter()
        .map(|(family, factor)| format!("{family}{} {factor:.2}", codes(family)))
        .collect();
    format!(
        "Error of revision of the last figure: {revised}. All sources together are at {median:.2} times ({lower:.2} to \
         {upper:.2}) the last figure; families of sources: {}; standard deviation between them {} %.",
        families.join(", "),
        percent((1000.0 * consensus.between_family_sd).round() / 1000.0)
    )
}

/// Successive rounds of one family that count different diseases and are compared all the same.
fn definitions_that_differ(region: &RegionOutlook) -> String {
    let rounds = region.rounds_of_different_definitions().into_iter();
    let said = rounds.map(|[(earlier, one), (later, other)]| {
        format!(", compared as they stand, though {earlier} has ICD-10 {one} and {later} {other}")
    });
    said.collect()
}

/// What the registry trend makes of the growth between the figures.
fn registry_trend(region: &RegionOutlook) -> Option<String> {
    let (first, last) = region.series().ends();
    let trend = region.new_cases_summary();
    let (start, end) = (trend.first()?, trend.last()?);
    let (from, to) = (start.year, end.year);
    if last.year == first.year || to == from {
        return None;
    }
    let yearly =
        |low: f64, high: f64, years: i32| 100.0 * ((high / low).ln() / f64::from(years)).exp_m1();
    let seen = yearly(first.cases, last.cases, last.year - first.year);
    let ahead = yearly(start.median, end.median, to - from);
    Some(format!(
        "Registry trend: growth of {seen:.1} % a year from {} to {} becomes {ahead:.1} % a year to {to}, \
         because growth over a few years reverts to what registries see in the long run.",
        first.year, last.year
    ))
}

/// What each curve contributes to the variance that is not model discrepancy.
fn shares_of_curves(region: &RegionOutlook) -> Option<String> {
    let variance = region.variance()?;
    let curves: Vec<String> = region
        .curves()
        .iter()
        .filter_map(|c| {
            Some(format!(
                "{} {:.0} %",
                c.family(),
                100.0 * c.variance_share()?
            ))
        })
        .collect();
    (curves.len() > 1).then(|| {
        format!(
            "Of the linear pool's variance in {} without model discrepancy: {}.",
            variance.new_cases.year,
            curves.join(", ")
        )
    })
}

/// Where the published projection stands among the draws that do not use it.
fn published_among_draws(region: &RegionOutlook) -> Option<String> {
    let published = region.series().published_projection()?;
    let [of_pool, of_trend] = region.below_published();
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    let (of_pool, of_trend) = (of_pool.map(percent), of_trend.map(percent)?);
    Some(format!(
        "The published projection for {} lies above {}{of_trend} of the draws of the registry trend.",
        published.year,
        of_pool.map_or_else(String::new, |share| format!(
            "{share} of the draws of the linear pool without it and "
        ))
    ))
}

fn replaced_by_the_limit(curve: &CurveOutlook, draws: usize) -> Option<String> {
    let replaced = curve.replaced_by_limit();
    let figures = match curve.reference_region() {
        Some(reference) => format!(" with the damping of {reference}"),
        None if curve.uses_published_projection() => " with the published projection".to_owned(),
        None => String::new(),
    };
    let what = if curve.family() == Family::Linear {
        "that fall to no cases, and have none from then on"
    } else {
        "replaced by the exponential limit, since their figures show no slowing"
    };
    (replaced > 0).then(|| {
        format!(
            "Draws of the {} curve{figures} {what}: {} of {}.",
            curve.family(),
            count(replaced as f64),
            count(draws as f64)
        )
    })
}
