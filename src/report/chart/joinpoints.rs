//! Yearly counts or rates with the segments of the selected joinpoint model.

use super::axis;
use super::palette::{self, Colour};
use super::paper::{Across, MARGIN, Paper, WIDTH, widest_of};
use super::svg::{Place, Side};
use crate::error::{ErrorKind, Result};
use crate::joinpoint::{AnnualSeries, JoinpointRegression, Segment};

const PLOT: f64 = 240.0;

pub(super) fn draw(
    series: &AnnualSeries,
    regression: &JoinpointRegression,
    caption: &str,
) -> Result<String> {
    let model = regression.selected();
    let (first, last) = (
        f64::from(series.first_year()),
        f64::from(series.last_year()),
    );
    // The line ends where the segments do: years that are left out are no part of the model.
    let ends = |of: fn(&Segment) -> f64| model.segments().iter().map(of);
    let from = ends(|segment| segment.from).fold(f64::INFINITY, f64::min);
    let to = ends(|segment| segment.to).fold(f64::NEG_INFINITY, f64::max);
    let left_out = series.left_out();
    let greatest = (series.values().map(|(_, value)| value))
        .chain([from, to].map(|year| model.value(year)))
        .chain((model.joinpoints().iter()).map(|joinpoint| model.value(joinpoint.year)))
        .fold(0.0, f64::max);
    let Some(counts) = axis::counts(greatest) else {
        return Err(
            ErrorKind::Unsuitable(format!("a chart up to {greatest:e} cannot be drawn")).into(),
        );
    };
    let of = if series.is_of_counts() {
        "new cases a year"
    } else {
        "rate"
    };
    let title = format!("{}: {of}, with the selected joinpoint model", series.name());
    let segments = said_of_all(model.segments());
    let unit = counts.unit.unwrap_or_default();
    let paper = Paper::new(&title, &[NOTE, &segments, unit, caption]);

    let tick_room = widest_of(counts.ticks.iter().map(|tick| tick.label.as_str()));
    let left = MARGIN + 16.0 + tick_room + 8.0;
    let right = WIDTH - MARGIN - 46.0;
    let top = paper.top() + 8.0;
    let bottom = top + PLOT;
    let across = |year: f64| left + (year - first) / (last - first).max(1.0) * (right - left);
    let down = |value: f64| bottom - value / counts.end * PLOT;
    let place = |year: f64, value: f64| -> Place { (across(year), down(value)) };

    paper.draw(bottom + Across::BELOW, &segments, |svg| {
        for tick in &counts.ticks {
            let y = down(tick.at);
            let with = if tick.at == 0.0 {
                palette::AXIS
            } else {
                palette::GRID
            };
            svg.line(&[(left, y), (right, y)], with);
            svg.text(&tick.label, (left - 6.0, y), palette::LABEL, Side::Right);
        }
        for tick in axis::years(first, last, right - left, palette::LABEL.size) {
            let x = across(tick.at);
            svg.line(&[(x, bottom), (x, bottom + 3.0)], palette::AXIS);
            svg.text(
                &tick.label,
                (x, bottom + 11.0),
                palette::LABEL,
                Side::Middle,
            );
        }
        let centre = (f64::midpoint(left, right), bottom + 26.0);
        svg.text("calendar year", centre, palette::AXIS_TITLE, Side::Middle);
        let beside = (MARGIN + 5.0, f64::midpoint(top, bottom));
        svg.text(of, beside, palette::AXIS_TITLE, Side::Upwards);
        for joinpoint in model.joinpoints() {
            let x = across(joinpoint.year);
            svg.line(&[(x, top), (x, bottom)], palette::NOMINAL);
        }
        // A segment is straight on the logarithmic scale, and bends on this one.
        let steps = 400;
        let line: Vec<Place> = (0..=steps)
            .map(|i| from + (to - from) * f64::from(i) / f64::from(steps))
            .map(|year| place(year, model.value(year)))
            .collect();
        svg.line(&line, palette::MEDIAN);
        for (year, value) in series.values() {
            let at = place(f64::from(year), value);
            if left_out.contains_key(&year) {
                svg.circle(at, palette::DOT, Colour::BLACK);
            } else {
                svg.dot(at, palette::DOT, Colour::BLACK);
            }
        }
        let end = model.value(to);
        let at = (across(to) + 6.0, down(end) - 6.0);
        svg.text(&ended(end), at, palette::STRONG_LABEL, Side::Left);
    })
}

const NOTE: &str = "Dots: the values; open circles: those that are left out, as shocks or because registries still complete them. Line: segments of constant annual percent change, which meet at the joinpoints (dashed). \
     It says what has happened, not what will; the number at its end is the model's value there.";

fn ended(value: f64) -> String {
    if value >= 100.0 {
        crate::plain_text::count(value)
    } else {
        format!("{value:.1}")
    }
}

fn said_of_all(segments: &[Segment]) -> String {
    let segments: Vec<String> = segments.iter().map(said).collect();
    format!("Annual percent change: {}.", segments.join("; "))
}

/// "1999 to 2014 1.2 % (0.8 to 1.6)".
fn said(segment: &Segment) -> String {
    let change = &segment.change;
    let (lower, upper) = change.interval();
    format!(
        "{:.0} to {:.0} {:+.1} % ({lower:.1} to {upper:.1})",
        segment.from,
        segment.to,
        change.percent()
    )
}
