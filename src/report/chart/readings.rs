//! Third-line starts of one year by reading and study: dots with their intervals, a block a region.

use super::axis;
use super::colours;
use super::lettering::wrap;
use super::paper::{Across, MARGIN, ROW, WIDTH, names, paper, widest_of};
use super::svg::{Side, Svg};
use crate::draws::YearSummary;
use crate::error::{Error, ErrorKind, Result};
use crate::outlook::{TIMES_TREATED, ThirdLineTable};
use crate::pathway::evidence::Study;
use crate::plain_text::significant;

/// Above the rows of a block: its region. Below its labels: the gap to the next.
const REGION: f64 = 14.0;
const GAP: f64 = 14.0;
const WIDEST_NAME: f64 = 260.0;

const NOTE: &str = "Dots: medians. Thick lines: central 50 % intervals, thin lines: central 95 % intervals; at the right the \
     median and the 95 % interval, to three digits. Studies follow treated patients of their own place and time, readings count \
     everybody who is diagnosed, as a study does times the share treated (× treated): the rows show how far the answers lie \
     apart, not which one is right.";
const NO_INTERVAL: &str =
    "A dot without lines has no interval: all draws are the same, since no error is stated.";

/// A row: the reading, its numbers, and these as text.
struct Row<'t> {
    name: String,
    year: &'t YearSummary,
    text: String,
}

/// The rows of a region, under an axis of their own.
struct Block<'t> {
    region: &'t str,
    rows: Vec<Row<'t>>,
}

/// Patients who start third line in a year, by reading of the share and by study: a row each, a block for each region. Dots
/// are medians, thick and thin lines the central 50 % and 95 % intervals; the numbers stand at the right, to three digits. Below
/// it says where the shipped studies are published.
///
/// `caption` as in [`incidence()`](super::incidence).
///
/// # Errors
///
/// Where the table has no rows, or has no starts of the year; as [`incidence()`](super::incidence).
///
/// # Example
///
/// ```
/// use myeloma_epi::report::chart;
/// use myeloma_epi::{Outlook, OutlookOptions, ThirdLineOptions, figures};
///
/// let options = OutlookOptions { draws: 200, ..OutlookOptions::myeloma() };
/// let outlook = Outlook::of(figures::press_release(), &options)?;
/// let table = outlook.third_line_table(&ThirdLineOptions::default())?;
/// let svg = chart::readings(&table, 2040, "")?;
/// assert!(svg.starts_with("<svg") && svg.contains("cumulative incidence") && svg.contains("doi:10."));
/// assert!(chart::readings(&table, 2019, "").is_err());
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn readings(table: &ThirdLineTable, year: i32, caption: &str) -> Result<String> {
    let blocks = blocks(table, year)?;
    let rows = || blocks.iter().flat_map(|block| &block.rows);
    let (names, name_room) = names(rows().map(|row| row.name.as_str()), WIDEST_NAME);
    let text_room = widest_of(rows().map(|row| row.text.as_str()));
    let ends = (MARGIN + name_room + 10.0, WIDTH - MARGIN - text_room - 16.0);
    let mut unit = "";
    let mut axes = Vec::new();
    for block in &blocks {
        let greatest = block.rows.iter().map(|row| row.year.upper95);
        let greatest = greatest.fold(0.0, f64::max);
        let counts = axis::counts(greatest).ok_or_else(|| {
            ErrorKind::Unsuitable(format!("a chart of {greatest:e} patients cannot be drawn"))
        })?;
        unit = counts.unit.unwrap_or(unit);
        axes.push(Across::new(ends.0, ends.1, counts.ticks));
    }

    let title =
        format!("Patients who start third line in {year}, by reading of the share and by study");
    let all_vary = rows().all(|row| row.year.varies());
    let no_interval = if all_vary { "" } else { NO_INTERVAL };
    let sources = sources(table);
    let notes = [NOTE, no_interval, unit, &sources, caption];
    paper(WIDTH, &title, NOTE, &notes, |svg, top| {
        let (mut bottom, mut names) = (top + 8.0 - GAP - Across::LABELS, names.iter());
        for (block, axis) in blocks.iter().zip(&axes) {
            let top = bottom + Across::LABELS + GAP;
            bottom = draw_block(svg, block, axis, top, &mut names);
        }
        if let Some(axis) = axes.last() {
            axis.name(svg, "patients in the year", bottom);
        }
        bottom + Across::BELOW
    })
}

fn blocks(table: &ThirdLineTable, year: i32) -> Result<Vec<Block<'_>>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for row in &table.rows {
        let Some(summary) = row.starts.iter().find(|starts| starts.year == year) else {
            let years = row.starts.first().zip(row.starts.last());
            let years =
                years.map_or_else(String::new, |(a, b)| format!("{} to {}", a.year, b.year));
            let place = format!("the table of third-line starts of {}", row.region);
            return Err(Error::out_of_range("the year", place, year, years));
        };
        let [median, lower, upper] =
            [summary.median, summary.lower95, summary.upper95].map(|people| significant(people, 3));
        let drawn = Row {
            name: name(&row.reading),
            year: summary,
            text: if summary.varies() {
                format!("{median} ({lower}–{upper})")
            } else {
                median
            },
        };
        match blocks.last_mut() {
            Some(block) if block.region == row.region => block.rows.push(drawn),
            _ => blocks.push(Block {
                region: &row.region,
                rows: vec![drawn],
            }),
        }
    }
    if blocks.is_empty() {
        let place = "the chart of readings";
        return Err(Error::too_few("rows", place, 0, 1, "a chart"));
    }
    Ok(blocks)
}

/// The shipped study of a row, and whether the row reads its shares as attrition.
fn study(reading: &str) -> Option<(&'static Study, bool)> {
    let of = |id: &str| Study::of(id).ok().filter(|study| !study.name.is_empty());
    let id = reading.strip_suffix(TIMES_TREATED).unwrap_or(reading);
    let by_attrition = || id.strip_suffix("_attrition").and_then(of);
    of(id)
        .map(|study| (study, false))
        .or_else(|| by_attrition().map(|study| (study, true)))
}

/// The name of a shipped study in place of its id; of a preset that reads its shares otherwise, with how.
fn name(reading: &str) -> String {
    if let Some(of_treated) = reading.strip_suffix(TIMES_TREATED) {
        return name(of_treated) + " × treated";
    }
    match study(reading) {
        Some((study, false)) => study.name.clone(),
        Some((study, true)) => format!("{}, by attrition", study.name),
        None => reading.to_owned(),
    }
}

/// Where the shipped studies of a table are published, each once.
fn sources(table: &ThirdLineTable) -> String {
    let mut all: Vec<String> = Vec::new();
    for (study, _) in table.rows.iter().filter_map(|row| study(&row.reading)) {
        let of_figures = study.figures.first().map_or("", |figure| &figure.source);
        let source = match study.doi.as_str() {
            "" => format!("{}, {of_figures}", study.name),
            doi => format!("{}, doi:{doi}", study.name),
        };
        if !all.contains(&source) {
            all.push(source);
        }
    }
    if all.is_empty() {
        return String::new();
    }
    format!("Studies: {}.", all.join("; "))
}

/// Draws a block from a height to the one that is returned, where its rows end.
fn draw_block<'n>(
    svg: &mut Svg,
    block: &Block<'_>,
    axis: &Across,
    top: f64,
    names: &mut impl Iterator<Item = &'n String>,
) -> f64 {
    let begin = top + REGION;
    let end = begin + ROW * block.rows.len() as f64;
    let set = colours::STRONG_LABEL;
    let region = wrap(block.region, set.size, true, WIDTH - 2.0 * MARGIN, 1).concat();
    svg.text(&region, (MARGIN, top + 5.0), set, Side::Left);
    axis.draw(svg, begin, end);
    let zero = axis.at(0.0);
    svg.line(&[(zero, begin), (zero, end)], colours::AXIS);
    for (i, (row, name)) in block.rows.iter().zip(names).enumerate() {
        let y = begin + ROW * (i as f64 + 0.5);
        svg.text(name, (zero - 8.0, y), colours::LABEL, Side::Right);
        let year = row.year;
        if year.varies() {
            for (lower, upper, with) in [
                (year.lower95, year.upper95, colours::INTERVAL95),
                (year.lower50, year.upper50, colours::INTERVAL50),
            ] {
                svg.line(&[(axis.at(lower), y), (axis.at(upper), y)], with);
            }
        }
        svg.dot((axis.at(year.median), y), 3.2);
        svg.text(&row.text, (WIDTH - MARGIN, y), colours::LABEL, Side::Right);
        let said = format!("{name}: {}", row.text);
        let (a, b) = (y - ROW / 2.0, y + ROW / 2.0);
        svg.hover((MARGIN, a), (WIDTH - MARGIN, b), &said);
    }
    end
}
