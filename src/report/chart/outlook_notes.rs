//! What is said below the panels, and what all charts of an outlook have in common.

use std::fmt::Write;
use std::ops::RangeInclusive;

use super::axis::Counts;
use super::colours;
use super::fan_panel::Panel;
use super::sheet::Sample;
use crate::curve::Family;
use crate::draws::YearSummary;
use crate::outlook::{CurveOutlook, Outlook, Question, RegionOutlook};
use crate::plain_text::{self, capital, count};

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
    match curve.family() {
        // After people.
        family @ (Family::Gompertz | Family::Richards) => capital(family.name()) + mark,
        family => format!("{family}{mark}"),
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
        rules: vec![(f64::from(series.last_year()), colours::RULE)],
        ..Panel::default()
    }
}

/// The years from the first observation to the last year.
pub(super) fn years_of_figures(region: &RegionOutlook) -> RangeInclusive<i32> {
    let last = region.pool_summary().last().map(|year| year.year);
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

/// The entries of the legend for the fans of some panels: draws that are all the same have no interval.
pub(super) fn fan_legend(panels: &[Panel]) -> Vec<(Sample, String)> {
    let mut legend = vec![(Sample::Line(colours::MEDIAN), "Median".to_owned())];
    let mut years = panels.iter().flat_map(|panel| &panel.fan);
    if years.any(YearSummary::varies) {
        for (colour, level) in [(colours::BAND50, 50), (colours::BAND95, 95)] {
            legend.push((Sample::Band(colour), format!("{level}\u{A0}% interval")));
        }
    }
    legend
}

/// What the fan of new cases is: the model, and the question that it answers.
pub(super) fn forecast(outlook: &Outlook, question: Question) -> String {
    let options = outlook.options();
    let draws = count(options.draws as f64);
    let model = by_region(outlook, |region| {
        if options.population.contains_key(region.series().region()) {
            "of the rate, on the population by age".to_owned()
        } else {
            "of the counts".to_owned()
        }
    });
    format!("Fan: {draws} draws of the registry trend ({model}): {question}.")
}

/// What the marks of curves say.
pub(super) fn curves(outlook: &Outlook) -> String {
    let regions = || outlook.regions().iter().map(pooled_and_aside);
    let pooled = || regions().flat_map(|(pooled, _)| pooled);
    let mut text = "Labelled lines: growth curves through the figures as published.".to_owned();
    if regions().any(|(_, aside)| !aside.is_empty()) {
        text.push_str(" Other curves are not in the linear pool.");
    }
    if pooled().any(CurveOutlook::uses_published_projection) {
        text.push_str(
            " † takes the published projection for one of its figures: the others alone do not \
             identify it.",
        );
    }
    if let Some(reference) = pooled().find_map(CurveOutlook::reference_region) {
        let _ = write!(
            text,
            " {DOUBLE_DAGGER} has a damping shrunk towards that of {reference}: two figures do not identify it."
        );
    }
    text
}

/// What makes the fan as wide as it is.
pub(super) fn errors(outlook: &Outlook, question: Question) -> String {
    let of_region = |region: &RegionOutlook| (region.revision().sd, region.revision().pairs);
    let revised = by_region(outlook, |region| match of_region(region) {
        (0.0, None) => "none".to_owned(),
        (sd, _) => percent((1000.0 * sd).round() / 1000.0),
    });
    match question {
        Question::ThisSource => format!(
            "The fan holds the error of revision ({revised}), what the figures leave open of growth, and how far \
             registries have left any curve; not the difference to other sources."
        ),
        Question::TrueIncidence => {
            let factors = by_region(outlook, |region| {
                let [lower, median, upper] = region.consensus().factor;
                format!("{median:.2} ({lower:.2} to {upper:.2}) times the last figure")
            });
            format!(
                "The fan is centred where all sources together are, at {factors}, and holds how little that is known, \
                 what the figures leave open of growth, and how far registries have left any curve."
            )
        }
    }
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
    let scales = panels.iter().filter_map(|panel| panel.counts().ok());
    let scales: Vec<Counts> = scales.collect();
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
