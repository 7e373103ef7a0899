//! One input at a time, as bars to either side of what the medians give.

use super::axis::{self, number};
use super::colours::{self, Colour};
use super::paper::{Across, MARGIN, ROW, WIDTH, names, paper};
use super::svg::{Place, Side, Svg};
use crate::error::{Error, ErrorKind, Result};
use crate::sensitivity::{OneWay, OneWayBar};

const BAR: f64 = 12.0;
/// The widest name of an input.
const WIDEST_NAME: f64 = 230.0;
/// Room beside a bar for the value of its input.
const VALUE_ROOM: f64 = 62.0;

const NOTE: &str = "Each input is moved alone, all others are at their medians (line). Dark: to its upper value, light: to its \
     lower one, both of which stand at the ends of the bar. A bar without them is that of a group of inputs, which move \
     together: it is between two quantiles of the output.";

/// A tornado chart: how far each input alone moves an output, the widest bar on top.
///
/// `title` stands above, `unit` below the axis; `caption` is a last paragraph of notes, and may be empty. The axis does not
/// start at 0, since bars are differences from what the medians give.
///
/// ```
/// use myeloma_epi::report::chart;
/// use myeloma_epi::sensitivity::{Distribution, Inputs, OneWay, OneWayOptions};
///
/// let inputs = Inputs::default()
///     .with("cases", Distribution::Uniform { lower: 250e3, upper: 350e3 })?
///     .with("share", Distribution::Uniform { lower: 0.30, upper: 0.40 })?;
/// let model = |x: &[f64], y: &mut [f64]| y[0] = x[0] * x[1];
/// let tornado = OneWay::of(&inputs, &["third line"], model, &OneWayOptions::default())?.remove(0);
/// let svg = chart::tornado(&tornado, "Third line in 2040", "patients a year", "")?;
/// assert!(svg.contains("share") && svg.contains("105,000"));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::TooFew`](crate::ErrorKind::TooFew) where there is no bar, and where no input moves the output or the numbers
/// are too great to be drawn.
pub fn tornado(tornado: &OneWay, title: &str, unit: &str, caption: &str) -> Result<String> {
    if tornado.bars.is_empty() {
        return Err(Error::too_few("bars", "the chart", 0, 1, "a chart"));
    }
    let (names, name_room) = names(
        tornado.bars.iter().map(|bar| bar.input.as_str()),
        WIDEST_NAME,
    );
    let left = MARGIN + name_room + 8.0 + VALUE_ROOM;
    let across = axis_of(tornado, left, WIDTH - MARGIN - VALUE_ROOM)?;
    paper(WIDTH, title, NOTE, &[NOTE, caption], |svg, top| {
        let top = top + 24.0;
        let bottom = top + ROW * tornado.bars.len() as f64;
        across.draw(svg, top, bottom);
        across.name(svg, unit, bottom);
        let centre = across.at(tornado.central);
        for (i, (bar, name)) in tornado.bars.iter().zip(&names).enumerate() {
            let y = top + ROW * (i as f64 + 0.5);
            let at = (left - VALUE_ROOM - 4.0, y);
            svg.text(name, at, colours::LABEL, Side::Right);
            let ends = (across.at(bar.outputs.0), across.at(bar.outputs.1));
            draw_bar(svg, bar, ends, (centre, y));
            let (a, b) = (y - ROW / 2.0, y + ROW / 2.0);
            svg.hover((left - VALUE_ROOM, a), (WIDTH - MARGIN, b), &said(bar));
        }
        svg.line(&[(centre, top - 4.0), (centre, bottom)], colours::AXIS);
        let label = number(tornado.central);
        let at = (centre, top - 12.0);
        svg.text(&label, at, colours::STRONG_LABEL, Side::Middle);
        bottom + Across::BELOW
    })
}

/// From below the least output to above the greatest one.
fn axis_of(tornado: &OneWay, left: f64, right: f64) -> Result<Across> {
    let ends = tornado.bars.iter();
    let ends = ends.flat_map(|bar| [bar.outputs.0, bar.outputs.1]);
    let (low, high) = ends.fold((tornado.central, tornado.central), |(low, high), x| {
        (low.min(x), high.max(x))
    });
    let ticks = axis::between(low, high).filter(|_| high > low);
    let ticks = ticks.ok_or_else(|| {
        ErrorKind::Unsuitable(format!(
            "a tornado chart of \"{}\" from {low:e} to {high:e} cannot be drawn",
            tornado.output
        ))
    })?;
    Ok(Across::new(left, right, ticks))
}

/// The part of a bar to the output at the lower value of the input, that to the upper one, and the values.
fn draw_bar(svg: &mut Svg, bar: &OneWayBar, (low, high): (f64, f64), (centre, y): Place) {
    let mut part = |end: f64, fill: Colour| {
        let (left, right) = (centre.min(end), centre.max(end));
        if right > left {
            let (top, bottom) = (y - BAR / 2.0, y + BAR / 2.0);
            svg.framed((left, top), (right, bottom), fill, colours::PART);
        }
    };
    // The longer part first, where both lie on one side.
    let mut parts = [(low, colours::POPULATION), (high, colours::AGEING)];
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
        colours::NOTE,
        Side::Right,
    );
    svg.text(
        &number(at_right),
        (right + 4.0, y),
        colours::NOTE,
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
