//! How well the intervals of a back-test cover, and how its probability integral transforms are distributed.

use super::palette::{self, Colour};
use super::svg::{Place, Side, Svg, document};
use crate::backtest::{Backtest, Setting, Summary};
use crate::error::{Error, ErrorKind, Result};

const MARGIN: f64 = 10.0;
/// Width and height of a frame.
const COVERAGE: (f64, f64) = (150.0, 150.0);
const HISTOGRAM: (f64, f64) = (120.0, 150.0);
/// Left of a frame: the labels of its axis, and its title upwards where it is the first.
const LEFT: f64 = 44.0;
const BETWEEN: f64 = 34.0;
/// Above a frame: two titles. Below: labels and the name of the axis.
const ABOVE: f64 = 44.0;
const BELOW: f64 = 40.0;
/// Years of horizon to a band.
const BAND: usize = 5;
const LEVELS: [f64; 3] = [0.5, 0.8, 0.95];

/// The forecasts of one setting: its name, and each band of horizons with its scores.
struct Row {
    name: String,
    bands: Vec<(String, Summary)>,
}

pub(super) fn draw(test: &Backtest, method: usize, caption: &str) -> Result<String> {
    let Some(name) = test.methods.get(method) else {
        return Err(Error::out_of_range(
            "the place of the method",
            "a back-test",
            method,
            format!("below {}", test.methods.len()),
        ));
    };
    let rows: Vec<Row> = Setting::ALL
        .into_iter()
        .filter_map(|setting| row(test, method, setting))
        .collect();
    let Some(bands) = rows.iter().map(|row| row.bands.len()).max() else {
        return Err(
            ErrorKind::Unsuitable(format!("the back-test has no forecasts of {name}")).into(),
        );
    };
    let across = LEFT + COVERAGE.0 + (BETWEEN + HISTOGRAM.0) * bands as f64;
    let width = (across + 2.0 * MARGIN).max(420.0);
    let height = (ABOVE + COVERAGE.1 + BELOW) * rows.len() as f64 + 40.0 + MARGIN;
    let notes = [
        "Left: shares of outcomes within the central 50, 80 and 95 % intervals (dots), beside those stated (broken lines)."
            .to_owned(),
        "Right: per cent of the probability integral transforms (PIT) in each tenth; 10 (broken line) if calibrated.".to_owned(),
        caption.to_owned(),
    ];
    let title = format!("Calibration of {name}");
    document((width, height), &title, &notes[0], |svg| {
        let mut top = ABOVE;
        for row in &rows {
            draw_row(svg, row, name, top);
            top += COVERAGE.1 + BELOW + ABOVE;
        }
        let mut y = top - ABOVE + 10.0;
        for note in &notes {
            svg.text(note, (MARGIN, y), palette::NOTE, Side::Left);
            y += 11.5;
        }
    })
}

fn row(test: &Backtest, method: usize, setting: Setting) -> Option<Row> {
    let own =
        |scored: &&crate::backtest::Scored| scored.method == method && scored.setting == setting;
    let scored: Vec<_> = test.scored.iter().filter(own).collect();
    let furthest = scored.iter().map(|one| one.horizon).max()?;
    let bands = (0..furthest.div_ceil(BAND)).filter_map(|band| {
        let years = BAND * band + 1..=BAND * (band + 1);
        let name = format!("{}–{}", years.start(), years.end());
        let within = scored
            .iter()
            .copied()
            .filter(|one| years.contains(&one.horizon));
        Some((name, Summary::of(within)?))
    });
    Some(Row {
        name: match setting {
            Setting::TwoFigure => "Two figures".to_owned(),
            Setting::FullHistory => "Full history".to_owned(),
        },
        bands: bands.collect(),
    })
}

fn draw_row(svg: &mut Svg, row: &Row, method: &str, top: f64) {
    let left = MARGIN + LEFT;
    let title = format!("{}: {method}", row.name);
    svg.text(&title, (left, top - 30.0), palette::TITLE, Side::Left);
    svg.text(
        "Coverage, %",
        (left, top - 12.0),
        palette::LABEL,
        Side::Left,
    );
    draw_coverage(svg, row, (left, top));
    let mut x = left + COVERAGE.0 + BETWEEN;
    for (years, summary) in &row.bands {
        let title = format!("PIT, years {years}, %");
        svg.text(&title, (x, top - 12.0), palette::LABEL, Side::Left);
        match &summary.pit_deciles {
            Some(deciles) => draw_histogram(svg, deciles, (x, top)),
            None => svg.text("quantiles only", (x, top + 20.0), palette::NOTE, Side::Left),
        }
        x += HISTOGRAM.0 + BETWEEN;
    }
}

/// A point for each level in each band, on an axis from 0 to 100 %.
fn draw_coverage(svg: &mut Svg, row: &Row, (left, top): Place) {
    let (right, bottom) = (left + COVERAGE.0, top + COVERAGE.1);
    let at = |share: f64| bottom - share * COVERAGE.1;
    axes(svg, (left, top), (right, bottom));
    for level in [0.0, 1.0] {
        let text = format!("{:.0}", 100.0 * level);
        svg.text(&text, (left - 5.0, at(level)), palette::LABEL, Side::Right);
    }
    for level in LEVELS {
        let y = at(level);
        svg.line(&[(left, y), (right, y)], palette::NOMINAL);
        let text = format!("{:.0}", 100.0 * level);
        svg.text(&text, (left - 5.0, y), palette::LABEL, Side::Right);
    }
    let step = COVERAGE.0 / row.bands.len() as f64;
    for (i, (years, summary)) in row.bands.iter().enumerate() {
        let x = left + step * (i as f64 + 0.5);
        for share in summary.coverage {
            svg.dot((x, at(share)), palette::DOT, Colour::BLACK);
            let text = format!("{:.1}", 100.0 * share);
            // Beside the dot, and off the lines of stated shares: above that of 95 %, below the others.
            let off = if share > 0.97 { -1.0 } else { 7.5 };
            svg.text(&text, (x + 4.0, at(share) + off), palette::NOTE, Side::Left);
        }
        svg.text(years, (x, bottom + 10.0), palette::LABEL, Side::Middle);
    }
    let name = "Years ahead";
    let middle = (f64::midpoint(left, right), bottom + 24.0);
    svg.text(name, middle, palette::LABEL, Side::Middle);
}

/// Ten bars, on an axis that reaches to three tenths, or to the greatest.
fn draw_histogram(svg: &mut Svg, deciles: &[f64; 10], (left, top): Place) {
    let (right, bottom) = (left + HISTOGRAM.0, top + HISTOGRAM.1);
    let end = deciles.iter().copied().fold(0.2, f64::max);
    let at = |share: f64| bottom - share / end * HISTOGRAM.1;
    let step = HISTOGRAM.0 / 10.0;
    for (i, share) in deciles.iter().enumerate() {
        let x = left + step * i as f64;
        svg.rectangle(
            (x + 0.6, at(*share)),
            (x + step - 0.6, bottom),
            palette::BAND50,
        );
    }
    axes(svg, (left, top), (right, bottom));
    svg.line(&[(left, at(0.1)), (right, at(0.1))], palette::NOMINAL);
    for share in [0.0, 0.1, 0.2] {
        let text = format!("{:.0}", 100.0 * share);
        svg.text(&text, (left - 4.0, at(share)), palette::LABEL, Side::Right);
    }
    for (place, text) in [(0.0, "0"), (0.5, "0.5"), (1.0, "1")] {
        let x = left + place * HISTOGRAM.0;
        svg.text(text, (x, bottom + 10.0), palette::LABEL, Side::Middle);
    }
    let name = "Tenths of the PIT";
    let middle = (f64::midpoint(left, right), bottom + 24.0);
    svg.text(name, middle, palette::LABEL, Side::Middle);
}

fn axes(svg: &mut Svg, (left, top): Place, (right, bottom): Place) {
    svg.line(
        &[(left, top), (left, bottom), (right, bottom)],
        palette::AXIS,
    );
}
