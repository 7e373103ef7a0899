//! The parts of changes as bars to either side of no change.

use super::axis;
use super::lettering::{width, wrap};
use super::palette::{self, Colour};
use super::svg::{Place, Side, Svg, document};
use crate::demography::Decomposition;
use crate::error::{Error, ErrorKind, Result};

const WIDTH: f64 = 720.0;
const MARGIN: f64 = 10.0;
const ROW: f64 = 19.0;
const BAR: f64 = 12.0;
const TITLE_LINE: f64 = 14.0;
const NOTE_LINE: f64 = 11.5;
/// The widest name of an area.
const WIDEST_NAME: f64 = 190.0;

/// The name, the fill and the size of a part, in per cent.
type Part = (&'static str, Colour, f64);

fn parts(change: &Decomposition) -> [Part; 3] {
    let percent = change.in_percent();
    [
        ("population", palette::POPULATION, percent.population),
        ("ageing", palette::AGEING, percent.ageing),
        ("rates", palette::RATES, percent.rates),
    ]
}

/// Where the parts end that are below and above 0.
fn ends(change: &Decomposition) -> (f64, f64) {
    let parts = parts(change).map(|(.., percent)| percent);
    let sum = |side: f64| parts.iter().filter(|p| **p * side > 0.0).sum::<f64>();
    (sum(-1.0), sum(1.0))
}

pub(super) fn draw(changes: &[Decomposition], title: &str, caption: &str) -> Result<String> {
    if changes.is_empty() {
        return Err(Error::too_few("changes", "the chart", 0, 1, "a chart"));
    }
    let names: Vec<String> = changes
        .iter()
        .flat_map(|change| wrap(&change.region, palette::LABEL.size, false, WIDEST_NAME, 1))
        .collect();
    let name_room = names
        .iter()
        .map(|name| width(name, palette::LABEL.size, false))
        .fold(0.0, f64::max);
    let totals: Vec<String> = (changes.iter())
        .map(|change| format!("{:+.1} %", change.in_percent().sum() + 0.0))
        .collect();
    let total_room = totals
        .iter()
        .map(|total| width(total, palette::LABEL.size, true))
        .fold(0.0, f64::max);

    let (low, high) = (changes.iter().map(ends)).fold((0.0f64, 0.0f64), |(low, high), (a, b)| {
        (low.min(a), high.max(b))
    });
    let step = axis::counts(low.abs().max(high)).and_then(|axis| Some(axis.ticks.get(1)?.at));
    let Some(step) = step.filter(|step| *step < 1e9) else {
        return Err(ErrorKind::Unsuitable(format!(
            "a chart of changes from {low:e} to {high:e} % cannot be drawn"
        ))
        .into());
    };
    // A change of nothing in all areas still has an axis.
    let (low, high) = (
        (low / step).floor() * step,
        ((high / step).ceil() * step).max(step),
    );

    let title = wrap(title, palette::TITLE.size, true, WIDTH - 2.0 * MARGIN, 3);
    let notes: Vec<String> = [NOTE, caption]
        .iter()
        .filter(|note| !note.is_empty())
        .flat_map(|note| {
            wrap(
                note,
                palette::NOTE.size,
                false,
                WIDTH - 2.0 * MARGIN,
                usize::MAX,
            )
        })
        .collect();
    let legend = MARGIN + TITLE_LINE * title.len() as f64 + 10.0;
    let top = legend + 18.0;
    let bottom = top + ROW * changes.len() as f64;
    let height = bottom + 42.0 + NOTE_LINE * notes.len() as f64 + MARGIN;
    let (left, right) = (
        MARGIN + name_room + 10.0,
        WIDTH - MARGIN - total_room - 10.0,
    );
    let across = |percent: f64| left + (percent - low) / (high - low) * (right - left);

    document((WIDTH, height.ceil()), &title.join(" "), NOTE, |svg| {
        for (i, line) in title.iter().enumerate() {
            let at = (MARGIN, MARGIN + TITLE_LINE * (i as f64 + 0.5));
            svg.text(line, at, palette::TITLE, Side::Left);
        }
        draw_legend(svg, (left, legend), changes);
        // Steps are counted, since sums of them are not exact.
        let steps = ((high - low) / step).round();
        for i in (0..=1_000).map(f64::from).take_while(|i| *i <= steps) {
            let percent = low + i * step;
            let x = across(percent);
            svg.line(&[(x, top), (x, bottom)], palette::GRID);
            let label = ((percent * 1e6).round() / 1e6 + 0.0).to_string();
            svg.text(&label, (x, bottom + 11.0), palette::LABEL, Side::Middle);
        }
        let centre = (f64::midpoint(left, right), bottom + 26.0);
        let of = "change of new cases a year, in per cent of those before";
        svg.text(of, centre, palette::AXIS_TITLE, Side::Middle);
        for (i, (change, (name, total))) in
            changes.iter().zip(names.iter().zip(&totals)).enumerate()
        {
            let y = top + ROW * (i as f64 + 0.5);
            svg.text(name, (left - 8.0, y), palette::LABEL, Side::Right);
            draw_bars(svg, change, y, across);
            let at = (WIDTH - MARGIN, y);
            svg.text(total, at, palette::STRONG_LABEL, Side::Right);
        }
        let zero = across(0.0);
        svg.line(&[(zero, top), (zero, bottom)], palette::AXIS);
        for (i, note) in notes.iter().enumerate() {
            let at = (MARGIN, bottom + 44.0 + NOTE_LINE * i as f64);
            svg.text(note, at, palette::NOTE, Side::Left);
        }
    })
}

const NOTE: &str = "Each part is its mean over all orders of changing the number of people, their ages and the rates. Bars \
     that shrink the number of cases lie left of 0; diamonds and figures at the right are the whole change.";

/// The parts that are there, and the mark of the whole.
fn draw_legend(svg: &mut Svg, (mut x, y): Place, changes: &[Decomposition]) {
    for (i, (name, fill, _)) in parts(&changes[0]).into_iter().enumerate() {
        if changes.iter().all(|change| parts(change)[i].2 == 0.0) {
            continue;
        }
        box_of(svg, (x, y - 5.0), (x + 14.0, y + 5.0), fill);
        svg.text(name, (x + 19.0, y), palette::LABEL, Side::Left);
        x += 34.0 + width(name, palette::LABEL.size, false);
    }
    svg.diamond((x + 5.0, y), palette::DIAMOND, Colour::BLACK);
    svg.text("whole change", (x + 15.0, y), palette::LABEL, Side::Left);
}

/// The parts of one change, stacked to either side of 0, and the whole as a diamond.
fn draw_bars(svg: &mut Svg, change: &Decomposition, y: f64, across: impl Fn(f64) -> f64) {
    let (mut below, mut above) = (0.0, 0.0);
    for (_, fill, percent) in parts(change) {
        let end = if percent < 0.0 {
            &mut below
        } else {
            &mut above
        };
        let (from, to) = (across(*end), across(*end + percent));
        *end += percent;
        if percent != 0.0 {
            box_of(
                svg,
                (from.min(to), y - BAR / 2.0),
                (from.max(to), y + BAR / 2.0),
                fill,
            );
        }
    }
    let whole = across(change.in_percent().sum());
    svg.diamond((whole, y), palette::DIAMOND, Colour::BLACK);
}

/// A box with an outline, so that a white one is seen on paper.
fn box_of(svg: &mut Svg, (left, top): Place, (right, bottom): Place, fill: Colour) {
    let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
    svg.outlined(&corners, fill, palette::PART);
}
