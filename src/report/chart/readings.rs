//! Third-line starts of one year by reading and study: dots with their intervals, a block a region.

use super::axis::{self, Counts};
use super::lettering::{paragraphs, width, wrap};
use super::palette::{self, Colour};
use super::svg::{Place, Side, Svg, document};
use crate::draws::YearSummary;
use crate::error::{Error, ErrorKind, Result};
use crate::outlook::ThirdLineTable;
use crate::plain_text::count;

const WIDTH: f64 = 720.0;
const MARGIN: f64 = 10.0;
const ROW: f64 = 17.0;
const TITLE_LINE: f64 = 14.0;
const NOTE_LINE: f64 = 11.5;
/// Below the rows of a block: the labels of its axis and the gap to the next.
const BELOW: f64 = 30.0;
const WIDEST_NAME: f64 = 250.0;

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
    axis: Counts,
}

pub(super) fn draw(table: &ThirdLineTable, year: i32, caption: &str) -> Result<String> {
    let blocks = blocks(table, year)?;
    let rows: Vec<&Row<'_>> = blocks.iter().flat_map(|block| &block.rows).collect();
    let of = |text: &str| width(text, palette::LABEL.size, false);
    let name_room = rows.iter().map(|row| of(&row.name)).fold(0.0, f64::max);
    let text_room = rows.iter().map(|row| of(&row.text)).fold(0.0, f64::max);
    let (left, right) = (MARGIN + name_room + 10.0, WIDTH - MARGIN - text_room - 12.0);

    let title =
        format!("Patients who start third line in {year}, by reading of the share and by study");
    let title_lines = wrap(&title, palette::TITLE.size, true, WIDTH - 2.0 * MARGIN, 3);
    let unit = blocks
        .iter()
        .find_map(|block| block.axis.unit)
        .unwrap_or_default();
    let notes = paragraphs(
        &[NOTE, unit, caption],
        palette::NOTE.size,
        WIDTH - 2.0 * MARGIN,
    );
    let top = MARGIN + TITLE_LINE * title_lines.len() as f64 + 8.0;
    let heights = blocks.iter().map(|block| height(block));
    let bottom = top + heights.sum::<f64>();
    let height_of_all = bottom + 18.0 + NOTE_LINE * notes.len() as f64 + MARGIN;

    document((WIDTH, height_of_all.ceil()), &title, NOTE, |svg| {
        let at = (MARGIN, MARGIN + 0.5 * TITLE_LINE);
        svg.lines(&title_lines, at, TITLE_LINE, palette::TITLE);
        let mut y = top;
        for block in &blocks {
            draw_block(svg, block, y, (left, right));
            y += height(block);
        }
        let centre = (f64::midpoint(left, right), bottom + 2.0);
        svg.text(
            "patients in the year",
            centre,
            palette::AXIS_TITLE,
            Side::Middle,
        );
        let at = (MARGIN, bottom + 20.0);
        svg.lines(&notes, at, NOTE_LINE, palette::NOTE);
    })
}

const NOTE: &str = "Dots: medians. Thick lines: central 50 % intervals, thin lines: central 95 % intervals; at the right the \
     median and the 95 % interval, to hundreds. Studies follow treated patients of their own place and time, readings count \
     everybody who is diagnosed: the rows show how far the answers lie apart, not which one is right.";

fn height(block: &Block<'_>) -> f64 {
    TITLE_LINE + ROW * block.rows.len() as f64 + BELOW
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
        let names = wrap(&row.reading, palette::LABEL.size, false, WIDEST_NAME, 1);
        let [median, lower, upper] =
            [summary.median, summary.lower95, summary.upper95].map(hundreds);
        let drawn = Row {
            name: names.concat(),
            year: summary,
            text: format!("{median} ({lower}–{upper})"),
        };
        match blocks.last_mut() {
            Some(block) if block.region == row.region => block.rows.push(drawn),
            _ => blocks.push(Block {
                region: &row.region,
                rows: vec![drawn],
                axis: Counts::default(),
            }),
        }
    }
    if blocks.is_empty() {
        return Err(Error::too_few(
            "rows",
            "the chart of readings",
            0,
            1,
            "a chart",
        ));
    }
    for block in &mut blocks {
        let greatest = block.rows.iter().map(|row| row.year.upper95);
        let greatest = greatest.fold(0.0, f64::max);
        block.axis = axis::counts(greatest).ok_or_else(|| {
            ErrorKind::Unsuitable(format!("a chart of {greatest:e} patients cannot be drawn"))
        })?;
    }
    Ok(blocks)
}

/// To hundreds where there are many.
fn hundreds(people: f64) -> String {
    let unit = if people >= 1_000.0 { 100.0 } else { 1.0 };
    count((people / unit).round() * unit)
}

fn draw_block(svg: &mut Svg, block: &Block<'_>, top: f64, (left, right): Place) {
    let across = |people: f64| left + people / block.axis.end * (right - left);
    let begin = top + TITLE_LINE;
    let end = begin + ROW * block.rows.len() as f64;
    let names = wrap(
        block.region,
        palette::STRONG_LABEL.size,
        true,
        left - 2.0 * MARGIN,
        1,
    );
    svg.text(
        &names.concat(),
        (MARGIN, top + 5.0),
        palette::STRONG_LABEL,
        Side::Left,
    );
    for tick in &block.axis.ticks {
        let x = across(tick.at);
        let with = if tick.at == 0.0 {
            palette::AXIS
        } else {
            palette::GRID
        };
        svg.line(&[(x, begin), (x, end)], with);
        svg.text(&tick.label, (x, end + 9.0), palette::LABEL, Side::Middle);
    }
    for (i, row) in block.rows.iter().enumerate() {
        let y = begin + ROW * (i as f64 + 0.5);
        svg.text(&row.name, (left - 8.0, y), palette::LABEL, Side::Right);
        let year = row.year;
        let line =
            |svg: &mut Svg, from, to, with| svg.line(&[(across(from), y), (across(to), y)], with);
        line(svg, year.lower95, year.upper95, palette::INTERVAL95);
        line(svg, year.lower50, year.upper50, palette::INTERVAL50);
        svg.dot((across(year.median), y), 3.2, Colour::BLACK);
        svg.text(&row.text, (WIDTH - MARGIN, y), palette::LABEL, Side::Right);
    }
}
