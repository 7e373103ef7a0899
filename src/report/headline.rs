//! The answer of an outlook in a few lines of at most 100 columns.

use super::remarks::first_few;
use crate::draws::YearSummary;
use crate::figures::Figure;
use crate::known_names::each_once;
use crate::outlook::{Outlook, Question, RegionOutlook};
use crate::plain_text::{Table, percent, printable, significant, wrapped};

/// So many regions stand side by side; more have a line each, for the last year.
const SIDE_BY_SIDE: usize = 2;

/// So many regions whose population is not known are named.
const NAMED: usize = 3;

/// New cases and third line with their intervals, what growth is made of, and which question is answered, by which
/// model, of which figures. Six lines for one region or two.
pub(super) fn headline(outlook: &Outlook) -> String {
    let explained = explained(outlook).into_iter();
    let explained: String = explained.map(|line| wrapped(&line)).collect();
    format!("{}{explained}", answer(outlook))
}

/// The numbers: two regions side by side where that fits, else one below the other.
pub(super) fn answer(outlook: &Outlook) -> String {
    let regions = outlook.regions();
    if regions.len() > SIDE_BY_SIDE {
        return one_line_each(outlook).to_string();
    }
    let together = side_by_side(outlook, regions);
    if together.fits() {
        return together.to_string();
    }
    let alone = regions
        .iter()
        .map(|region| side_by_side(outlook, std::slice::from_ref(region)).to_string());
    alone.collect()
}

/// What growth is made of, and what the numbers rest on.
pub(super) fn explained(outlook: &Outlook) -> Vec<String> {
    let regions = outlook.regions();
    let few = if regions.len() <= SIDE_BY_SIDE {
        regions
    } else {
        &[]
    };
    let mut explains = false;
    let changes = few.iter().filter_map(|r| change(r, &mut explains));
    let changes: Vec<String> = changes.collect();
    let change = format!("change of new cases: {}", changes.join("; "));
    let change = (!changes.is_empty()).then_some(change);
    change.into_iter().chain([basis(outlook)]).collect()
}

/// The forecast under the other question, in one line.
pub(super) fn other_question(outlook: &Outlook) -> String {
    let other = outlook.options().question.other();
    let all = outlook.regions();
    // As in the table above.
    let unit = if all.len() <= SIDE_BY_SIDE {
        unit(all)
    } else {
        1.0
    };
    let of_region = |region: &RegionOutlook| {
        let last = region.summary_under(other).last()?;
        let name = region.series().region();
        Some(format!("{name} {}", with_interval(last, unit)))
    };
    let regions: Vec<String> = all
        .iter()
        .take(SIDE_BY_SIDE)
        .filter_map(of_region)
        .collect();
    let to = outlook.options().to;
    let people = if unit > 1.0 { "thousands" } else { "people" };
    let diagnosed = match other {
        Question::ThisSource => "",
        Question::TrueIncidence => " diagnosed",
    };
    format!(
        "{people}{diagnosed} in {to}, by {}: {}",
        told_by(other, outlook),
        regions.join(", ")
    )
}

/// By whom a question is answered, for what there is to answer it with.
fn told_by(question: Question, outlook: &Outlook) -> String {
    if question == Question::ThisSource {
        return "this source's next round".to_owned();
    }
    let alone: Vec<&RegionOutlook> = outlook
        .regions()
        .iter()
        .filter(|r| r.has_one_family())
        .collect();
    let has_rounds = |region: &&RegionOutlook| !region.compared_with().is_empty();
    match alone.as_slice() {
        [] => "all sources together".to_owned(),
        all if all.len() == outlook.regions().len() => {
            let of = if all.iter().any(has_rounds) {
                "family of sources"
            } else {
                "source"
            };
            format!("this {of} alone (no other is compared with)")
        }
        [one] => format!(
            "all sources together ({} by its own alone)",
            one.series().region()
        ),
        some => format!(
            "all sources together ({} regions by their own alone)",
            some.len()
        ),
    }
}

/// New cases, those of them who ever reach third line, and starts of third line, which nobody knows without a delay.
pub(super) fn summaries(region: &RegionOutlook) -> [Option<&[YearSummary]>; 3] {
    [
        Some(region.new_cases_summary()),
        Some(region.third_line_summary()),
        region.third_line_starts_summary(),
    ]
}

fn side_by_side(outlook: &Outlook, regions: &[RegionOutlook]) -> Table {
    let columns: Vec<(&RegionOutlook, Vec<i32>)> = regions
        .iter()
        .map(|region| (region, years(region)))
        .collect();
    let mut table = Table::default();
    let names = columns.iter().flat_map(|(region, years)| {
        let name = region.series().region();
        years.iter().map(move |year| format!("{name} {year}"))
    });
    let unit = unit(outlook.regions());
    let heading = if unit > 1.0 {
        "thousands (95 %)"
    } else {
        "people (95 %)"
    };
    table.row(heading, names);
    let share = &outlook.options().share;
    let reach = if share.low() < share.high() {
        format!("{}-{} %", percent(share.low()), percent(share.high()))
    } else {
        format!("{} %", percent(share.low()))
    };
    let ever = format!("{reach} ever 3rd");
    for (i, name) in ["new cases", &ever, "start third line"]
        .into_iter()
        .enumerate()
    {
        let cells = columns.iter().flat_map(|(region, years)| {
            let summary = summaries(region)[i];
            years.iter().map(move |year| {
                let year = summary?.iter().find(|s| s.year == *year)?;
                Some(with_interval(year, unit))
            })
        });
        let cells: Option<Vec<String>> = cells.collect();
        if let Some(cells) = cells {
            table.row(name, cells);
        }
    }
    table.fitted()
}

/// The last figure's year, ten years before the last year, and the last year.
fn years(region: &RegionOutlook) -> Vec<i32> {
    let summary = region.new_cases_summary();
    let (Some(first), Some(last)) = (summary.first(), summary.last()) else {
        return Vec::new();
    };
    let mut years = vec![first.year, last.year - 10, last.year];
    years.retain(|year| *year >= first.year);
    years.dedup();
    years
}

fn one_line_each(outlook: &Outlook) -> Table {
    let mut table = Table::default();
    let to = outlook.options().to;
    let columns = [
        "new cases (95 %)",
        "of them ever in third line",
        "start third line",
    ];
    let known = if outlook.options().delay.is_some() {
        3
    } else {
        2
    };
    table.row(format!("in {to}"), columns.into_iter().take(known));
    for region in outlook.regions() {
        let summaries = summaries(region).into_iter().flatten();
        let last = summaries.filter_map(<[YearSummary]>::last);
        let cells = last.map(|last| with_interval(last, 1.0));
        table.row(region.series().region(), cells);
    }
    table
}

/// The change of the median from the last figure to the last year, in per cent of the first, and what of it follows from
/// the population at constant rates. The parts are named once, in the first region that has them.
fn change(region: &RegionOutlook, explained: &mut bool) -> Option<String> {
    let summary = region.new_cases_summary();
    let (first, last) = (summary.first()?, summary.last()?);
    if first.year == last.year || first.median <= 0.0 {
        return None;
    }
    let all = 100.0 * (last.median / first.median - 1.0);
    let name = printable(region.series().region()).into_owned();
    let text = format!("{name} {all:+.0} %");
    if let Some(decomposition) = region.decomposition() {
        let parts = decomposition.in_percent();
        let parts =
            [parts.population, parts.ageing, parts.rates].map(|x| format!("{:+.0}", whole(x)));
        let [population, ageing, rates] = parts;
        if std::mem::replace(explained, true) {
            return Some(format!("{text} = {population}, {ageing}, {rates}"));
        }
        return Some(format!(
            "{text} = population {population}, ageing {ageing}, rates {rates}"
        ));
    }
    let Some(expected) = region.expected() else {
        return Some(text);
    };
    let by_people = expected.year(last.year).ok()? / expected.year(first.year).ok()?;
    let by_people = 100.0 * (by_people - 1.0);
    Some(format!(
        "{text} = number and age of people {:+.0}, rates {:+.0}",
        whole(by_people),
        whole(all - by_people)
    ))
}

/// A whole number, and no −0.
fn whole(percent: f64) -> f64 {
    percent.round() + 0.0
}

/// Which model answers which question, of which figures.
fn basis(outlook: &Outlook) -> String {
    let options = outlook.options();
    let names = outlook
        .regions()
        .iter()
        .map(|region| region.series().region());
    let without: Vec<&str> = names
        .filter(|name| !options.population.contains_key(*name))
        .collect();
    let model = match (without.len(), outlook.regions().len()) {
        (0, _) => "registry trend of the rate".to_owned(),
        (n, all) if n == all => "registry trend of the counts".to_owned(),
        (1..=NAMED, _) => format!(
            "registry trend of the rate; of the counts for {}",
            without.join(", ")
        ),
        (n, all) => format!("registry trend of the rate; of the counts for {n} of {all} regions"),
    };
    let sources = sources(outlook);
    let of = if sources.is_empty() {
        String::new()
    } else {
        format!("; {}", sources.join("; "))
    };
    printable(&format!(
        "{model}; {}{of}",
        told_by(options.question, outlook)
    ))
    .into_owned()
}

/// The sources of the figures, each once; of many the first two.
pub(super) fn sources(outlook: &Outlook) -> Vec<String> {
    let figures = outlook.regions().iter().flat_map(RegionOutlook::figures);
    let sources = figures
        .map(Figure::source)
        .filter(|source| !source.is_empty());
    first_few(&each_once(sources))
}

/// Thousands, where every region has a few thousand cases; otherwise single people.
fn unit(regions: &[RegionOutlook]) -> f64 {
    let first = |region: &RegionOutlook| region.new_cases_summary().first().map(|s| s.median);
    let many = |cases| cases >= 5_000.0;
    if regions.iter().filter_map(first).all(many) {
        1_000.0
    } else {
        1.0
    }
}

/// The median to three significant digits and the ends of the central 95 % interval to two.
pub(super) fn with_interval(summary: &YearSummary, unit: f64) -> String {
    let median = significant(summary.median / unit, 3);
    match summary.interval95() {
        Some(ends) => {
            let [lower, upper] = ends.map(|x| significant(x / unit, 2));
            format!("{median} ({lower}-{upper})")
        }
        None => median,
    }
}
