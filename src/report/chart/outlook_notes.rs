//! What is said below the panels, and what all charts of an outlook have in common.

use std::fmt::Write;
use std::ops::RangeInclusive;

use super::axis::Counts;
use super::fan_panel::Panel;
use super::palette;
use super::sheet::Sample;
use crate::curve::Family;
use crate::draws::YearSummary;
use crate::outlook::{CurveOutlook, Outlook, RegionOutlook};
use crate::plain_text::{self, count};

/// Marks a curve that takes the published projection for one of its figures.
const DAGGER: &str = "†";

/// Marks a curve whose damping is shrunk towards that of another region.
const DOUBLE_DAGGER: &str = "‡";

/// The curves of the pool, and the others. Where the pool is empty it is the first of them.
pub(super) fn pooled_and_aside(region: &RegionOutlook) -> (Vec<&CurveOutlook>, Vec<&CurveOutlook>) {
    let (mut mixed, mut aside): (Vec<_>, Vec<_>) =
        region.curves().iter().partition(|curve| curve.in_pool());
    if mixed.is_empty() && !aside.is_empty() {
        mixed.push(aside.remove(0));
    }
    (mixed, aside)
}

/// The name of a curve in a label.
pub(super) fn name(curve: &CurveOutlook) -> String {
    let mark = match curve.reference_region() {
        Some(_) => DOUBLE_DAGGER,
        None if curve.uses_published_projection() => DAGGER,
        None => "",
    };
    format!("{}{mark}", family(curve.family()))
}

fn family(family: Family) -> &'static str {
    match family {
        Family::Linear => "linear",
        Family::Exponential => "exponential",
        Family::Logistic => "logistic",
        Family::Gompertz => "Gompertz",
        Family::Richards => "Richards",
    }
}

/// What makes the fan of new cases as wide as it is.
pub(super) fn errors_held(outlook: &Outlook) -> String {
    let regions = outlook.regions();
    let mut held = vec!["the errors of the figures"];
    if regions
        .iter()
        .any(|region| region.between_source_sd() > 0.0)
    {
        held.push("the between-source standard deviation");
    }
    if regions.iter().any(|r| pooled_and_aside(r).0.len() > 1) {
        held.push("the choice of the curve");
    }
    if outlook.options().model_discrepancy {
        held.push("the model discrepancy");
    }
    match held.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => held.concat(),
    }
}

/// A panel of a region with the fan of its draws from a year on, and a rule at the last observation.
pub(super) fn panel(region: &RegionOutlook, summary: &[YearSummary], from: i32) -> Panel {
    let series = region.series();
    let fan = summary.iter().copied();
    let last = *years_of_figures(region).end();
    Panel {
        title: series.region().to_owned(),
        years: (f64::from(series.first_year()), f64::from(last)),
        fan: fan.filter(|year| year.year >= from).collect(),
        rule: Some(f64::from(series.last_year())),
        ..Panel::default()
    }
}

/// The years from the first observation to the last year.
pub(super) fn years_of_figures(region: &RegionOutlook) -> RangeInclusive<i32> {
    let last = region.new_cases_summary().last().map(|year| year.year);
    region.series().first_year()..=last.unwrap_or(region.series().last_year())
}

/// Gives all panels the years of the longest, where that does not squeeze the shortest into less
/// than half its width: equal years stand below one another.
pub(super) fn align(panels: &mut [Panel]) {
    let first = panels
        .iter()
        .map(|p| p.years.0)
        .fold(f64::INFINITY, f64::min);
    let last = panels
        .iter()
        .map(|p| p.years.1)
        .fold(f64::NEG_INFINITY, f64::max);
    let shortest = panels.iter().map(|p| p.years.1 - p.years.0);
    if shortest.fold(f64::INFINITY, f64::min) >= (last - first) / 2.0 {
        for panel in panels {
            panel.years = (first, last);
        }
    }
}

/// The entries of the legend for a fan.
pub(super) fn fan_legend() -> Vec<(Sample, String)> {
    vec![
        (Sample::Line(palette::MEDIAN), "Median".to_owned()),
        (
            Sample::Band(palette::BAND50),
            "50\u{A0}% interval".to_owned(),
        ),
        (
            Sample::Band(palette::BAND95),
            "95\u{A0}% interval".to_owned(),
        ),
    ]
}

/// Which curves the fan of new cases pools.
pub(super) fn pool(outlook: &Outlook) -> String {
    let pooled = || {
        outlook
            .regions()
            .iter()
            .map(|region| pooled_and_aside(region).0)
    };
    let draws = count(outlook.options().draws as f64);
    let one = |region: &RegionOutlook| pooled_and_aside(region).0.len() == 1;
    let from = if outlook.regions().iter().all(one) {
        "one curve"
    } else if outlook.options().weights.is_empty() {
        "the equal linear pool of curves"
    } else {
        "the weighted linear pool of curves"
    };
    let curves = by_region(outlook, |region| {
        let names: Vec<String> = pooled_and_aside(region).0.into_iter().map(name).collect();
        names.join(", ")
    });
    let mut text = format!("Fan of new cases: {draws} draws from {from} ({curves}).");
    if pooled()
        .flatten()
        .any(CurveOutlook::uses_published_projection)
    {
        text.push_str(
            " † takes the published projection for one of its figures: the others alone do not \
             identify it.",
        );
    }
    if let Some(reference) = pooled().flatten().find_map(CurveOutlook::reference_region) {
        let _ = write!(
            text,
            " {DOUBLE_DAGGER} has a damping shrunk towards that of {reference}: two figures do not identify it."
        );
    }
    text
}

/// Which errors are assumed.
pub(super) fn errors(outlook: &Outlook) -> String {
    let options = outlook.options();
    let texts = by_region(outlook, |region| {
        if !region.assumed_errors() {
            return "as the figures state them".to_owned();
        }
        let published = match region.pool_summary(true) {
            Some(_) => format!(
                ", {} of a published projection",
                percent(options.assumed_projection_error)
            ),
            None => String::new(),
        };
        match options.assumed_error {
            0.0 => format!("the counting error alone where a figure states none{published}"),
            error => format!(
                "{} beside the counting error where a figure states none{published}",
                percent(error)
            ),
        }
    });
    format!("Errors of the figures, as standard deviations of the logarithm: {texts}.")
}

/// One text for all regions where they agree, otherwise each with the regions that it holds for.
fn by_region(outlook: &Outlook, of: impl Fn(&RegionOutlook) -> String) -> String {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for region in outlook.regions() {
        let (value, name) = (of(region), region.series().region());
        match groups.iter_mut().find(|(other, _)| *other == value) {
            Some((_, names)) => names.push(name),
            None => groups.push((value, vec![name])),
        }
    }
    if groups.len() == 1 {
        return groups.remove(0).0;
    }
    // The largest group goes without its names where these would fill lines.
    groups.sort_by_key(|(_, names)| names.len());
    let last = groups.len().saturating_sub(1);
    let texts: Vec<String> = groups
        .into_iter()
        .enumerate()
        .map(|(i, (value, names))| {
            if i == last && names.len() > 2 {
                format!("all others: {value}")
            } else {
                format!("{}: {value}", names.join(", "))
            }
        })
        .collect();
    texts.join("; ")
}

/// What the axes do that a reader may not expect.
pub(super) fn axes(panels: &[Panel]) -> String {
    let scales: Vec<Counts> = panels
        .iter()
        .filter_map(|panel| panel.counts().ok())
        .collect();
    let mut sentences: Vec<String> = Vec::new();
    if scales
        .windows(2)
        .any(|pair| pair[0].end.to_bits() != pair[1].end.to_bits())
    {
        sentences.push("Vertical scales differ between panels.".to_owned());
    }
    let mut units: Vec<&str> = scales.iter().filter_map(|scale| scale.unit).collect();
    units.sort_unstable();
    units.dedup();
    sentences.extend(units.iter().map(|unit| format!("{unit}.")));
    sentences.join(" ")
}

/// A share as a percentage with its sign, with no more decimals than it needs, and two at most.
pub(super) fn percent(share: f64) -> String {
    match plain_text::percent((share * 1e4).round() / 1e4) {
        zero if zero == "0" && share > 0.0 => "less than 0.01\u{A0}%".to_owned(),
        number => format!("{number}\u{A0}%"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_short() {
        for (share, expected) in [
            (0.3, "30 %"),
            (0.335, "33.5 %"),
            (1.0, "100 %"),
            (0.0, "0 %"),
            (1.0 / 3.0, "33.33 %"),
            (0.1, "10 %"),
            (1e-9, "less than 0.01 %"),
        ] {
            assert_eq!(percent(share), expected.replace(" %", "\u{A0}%"));
        }
    }

    #[test]
    fn years_are_aligned_where_they_are_alike() {
        let panel = |first, last| Panel {
            years: (first, last),
            ..Panel::default()
        };
        let mut alike = [panel(1999.0, 2040.0), panel(2019.0, 2040.0)];
        align(&mut alike);
        assert_eq!(alike[1].years, (1999.0, 2040.0));
        let mut unlike = [panel(1950.0, 2040.0), panel(2019.0, 2040.0)];
        align(&mut unlike);
        assert_eq!(unlike[1].years, (2019.0, 2040.0));
        align(&mut []);
    }
}
