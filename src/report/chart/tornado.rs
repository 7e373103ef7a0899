//! One input at a time, as bars to either side of what the medians give.

use super::axis;
use super::lettering::{width, wrap};
use super::palette::{self, Colour};
use super::svg::{Place, Side, Svg, document};
use crate::error::{Error, ErrorKind, Result};
use crate::plain_text::grouped;
use crate::sensitivity::{OneWay, OneWayBar};

const WIDTH: f64 = 720.0;
const MARGIN: f64 = 10.0;
const ROW: f64 = 19.0;
const BAR: f64 = 12.0;
const TITLE_LINE: f64 = 14.0;
const NOTE_LINE: f64 = 11.5;
/// The widest name of an input.
const WIDEST_NAME: f64 = 230.0;
/// Room beside a bar for the value of its input.
const VALUE_ROOM: f64 = 62.0;

const NOTE: &str = "Each input is moved alone, all others are at their medians (line). Dark: to its upper value, light: to its \
     lower one, both of which stand at the ends of the bar. A bar without them is that of a group of inputs, which move \
     together: it is between two quantiles of the output.";

pub(super) fn draw(tornado: &OneWay, title: &str, unit: &str, caption: &str) -> Result<String> {
    if tornado.bars.is_empty() {
        return Err(Error::too_few("bars", "the chart", 0, 1, "a chart"));
    }
    let scale = Scale::of(tornado)?;
    let names: Vec<String> = tornado
        .bars
        .iter()
        .map(|bar| wrap(&bar.input, palette::LABEL.size, false, WIDEST_NAME, 1).concat())
        .collect();
    let name_room = names
        .iter()
        .map(|name| width(name, palette::LABEL.size, false))
        .fold(0.0, f64::max);
    let title = wrap(title, palette::TITLE.size, true, WIDTH - 2.0 * MARGIN, 3);
    let notes: Vec<String> = [NOTE, caption]
        .into_iter()
        .filter(|note| !note.is_empty())
        .flat_map(|note| {
            let widest = WIDTH - 2.0 * MARGIN;
            wrap(note, palette::NOTE.size, false, widest, usize::MAX)
        })
        .collect();
    let top = MARGIN + TITLE_LINE * title.len() as f64 + 22.0;
    let bottom = top + ROW * tornado.bars.len() as f64;
    let height = bottom + 42.0 + NOTE_LINE * notes.len() as f64 + MARGIN;
    let left = MARGIN + name_room + 8.0 + VALUE_ROOM;
    let right = WIDTH - MARGIN - VALUE_ROOM;
    let across = |x: f64| left + (x - scale.low) / (scale.high - scale.low) * (right - left);

    document((WIDTH, height.ceil()), &title.join(" "), NOTE, |svg| {
        for (i, line) in title.iter().enumerate() {
            let at = (MARGIN, MARGIN + TITLE_LINE * (i as f64 + 0.5));
            svg.text(line, at, palette::TITLE, Side::Left);
        }
        for (at, label) in &scale.ticks {
            let x = across(*at);
            svg.line(&[(x, top), (x, bottom)], palette::GRID);
            svg.text(label, (x, bottom + 11.0), palette::LABEL, Side::Middle);
        }
        let centre = (f64::midpoint(left, right), bottom + 26.0);
        svg.text(unit, centre, palette::AXIS_TITLE, Side::Middle);
        for (i, (bar, name)) in tornado.bars.iter().zip(&names).enumerate() {
            let y = top + ROW * (i as f64 + 0.5);
            let at = (left - VALUE_ROOM - 4.0, y);
            svg.text(name, at, palette::LABEL, Side::Right);
            let ends = (across(bar.outputs.0), across(bar.outputs.1));
            draw_bar(svg, bar, ends, (across(tornado.central), y));
            let (a, b) = (y - ROW / 2.0, y + ROW / 2.0);
            svg.hover((left - VALUE_ROOM, a), (WIDTH - MARGIN, b), &said(bar));
        }
        let x = across(tornado.central);
        svg.line(&[(x, top - 4.0), (x, bottom)], palette::AXIS);
        let label = number(tornado.central);
        svg.text(&label, (x, top - 10.0), palette::STRONG_LABEL, Side::Middle);
        for (i, note) in notes.iter().enumerate() {
            let at = (MARGIN, bottom + 44.0 + NOTE_LINE * i as f64);
            svg.text(note, at, palette::NOTE, Side::Left);
        }
    })
}

/// The part of a bar to the output at the lower value of the input, that to the upper one, and the values.
fn draw_bar(svg: &mut Svg, bar: &OneWayBar, (low, high): (f64, f64), (centre, y): Place) {
    let mut part = |end: f64, fill: Colour| {
        let (left, right) = (centre.min(end), centre.max(end));
        if right > left {
            let (top, bottom) = (y - BAR / 2.0, y + BAR / 2.0);
            let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
            svg.outlined(&corners, fill, palette::PART);
        }
    };
    // The longer part first, where both lie on one side.
    let mut parts = [(low, palette::POPULATION), (high, palette::AGEING)];
    parts.sort_by(|a, b| (b.0 - centre).abs().total_cmp(&(a.0 - centre).abs()));
    for (end, fill) in parts {
        part(end, fill);
    }
    let (left, right) = (low.min(high).min(centre), low.max(high).max(centre));
    let Some((lower, upper)) = bar.values else {
        return;
    };
    let (at_left, at_right) = if low <= high {
        (lower, upper)
    } else {
        (upper, lower)
    };
    svg.text(
        &number(at_left),
        (left - 4.0, y),
        palette::NOTE,
        Side::Right,
    );
    svg.text(
        &number(at_right),
        (right + 4.0, y),
        palette::NOTE,
        Side::Left,
    );
}

fn said(bar: &OneWayBar) -> String {
    let (low, high) = (number(bar.outputs.0), number(bar.outputs.1));
    match bar.values {
        Some(values) => {
            let (from, to) = (number(values.0), number(values.1));
            format!(
                "{}: from {from} to {to}, the output goes from {low} to {high}",
                bar.input
            )
        }
        None => format!("{}: the output lies between {low} and {high}", bar.input),
    }
}

/// A number in three or four digits.
fn number(x: f64) -> String {
    let size = x.abs();
    if size >= 1e9 || (size < 1e-4 && size > 0.0) {
        return format!("{x:.2e}");
    }
    let decimals = match size {
        s if s >= 100.0 || s == 0.0 => 0,
        s if s >= 10.0 => 1,
        s if s >= 1.0 => 2,
        s if s >= 0.1 => 3,
        s if s >= 0.01 => 4,
        _ => 5,
    };
    let text = grouped(size, decimals);
    let text = if decimals > 0 {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    if x < 0.0 {
        format!("−{text}")
    } else {
        text.to_owned()
    }
}

/// Round numbers from below the least output to above the greatest one.
struct Scale {
    low: f64,
    high: f64,
    ticks: Vec<(f64, String)>,
}

impl Scale {
    fn of(tornado: &OneWay) -> Result<Self> {
        let ends = tornado
            .bars
            .iter()
            .flat_map(|bar| [bar.outputs.0, bar.outputs.1]);
        let (low, high) = ends.fold((tornado.central, tornado.central), |(low, high), x| {
            (low.min(x), high.max(x))
        });
        let step = axis::counts(high - low).and_then(|axis| Some(axis.ticks.get(1)?.at));
        let step = step.filter(|_| high > low);
        let Some(step) = step else {
            return Err(ErrorKind::Unsuitable(format!(
                "a tornado chart of \"{}\" from {low:e} to {high:e} cannot be drawn",
                tornado.output
            ))
            .into());
        };
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        let ticks = (0..=20).map(|i| (first + f64::from(i)) * step);
        let ticks = ticks.take_while(|at| *at <= (last + 0.5) * step);
        Ok(Self {
            low: first * step,
            high: last * step,
            ticks: ticks.map(|at| (at, number(at))).collect(),
        })
    }
}
