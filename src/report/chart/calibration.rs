//! How well the intervals of a back-test cover, and how its probability integral transforms are distributed.

use super::colours;
use super::paper::{MARGIN, WIDTH, paper};
use super::svg::{Place, Side, Svg};
use crate::backtest::{Backtest, Setting, Summary};
use crate::error::{Error, Result};
use crate::interval_levels::LEVELS;

/// The height of every frame, and the width of the first.
const HEIGHT: f64 = 150.0;
const COVERAGE: f64 = 150.0;
/// Left of a frame: the labels of its axis, and its title upwards where it is the first.
const LEFT: f64 = 44.0;
const BETWEEN: f64 = 34.0;
/// Above a frame: two titles. Below: labels and the name of the axis.
const ABOVE: f64 = 48.0;
const BELOW: f64 = 36.0;
/// Years of horizon to a band, or a multiple of them where there would be more bands than fit side by side.
const BAND: usize = 5;
const MOST_BANDS: usize = 4;

/// The forecasts of one setting: its name, and each band of horizons with its scores.
struct Row {
    name: String,
    bands: Vec<(String, Summary)>,
}

/// How well the forecasts of a method were calibrated: coverage of its central 50, 80 and 95 % intervals over five years
/// of horizon at a time, and histograms of its probability integral transforms; a row for each setting.
///
/// `method` is the place of the method in [`Backtest::methods`]; `caption` as in [`incidence()`](super::incidence). Calibrated forecasts
/// cover what their intervals state, and their transforms have a tenth in each tenth: Gneiting, Balabdaoui & Raftery
/// (2007), Journal of the Royal Statistical Society B 69:243–268,
/// [doi:10.1111/j.1467-9868.2007.00587.x](https://doi.org/10.1111/j.1467-9868.2007.00587.x).
///
/// # Errors
///
/// Where there is no such method, or it has no forecasts.
///
/// # Example
///
/// ```
/// use myeloma_epi::backtest::{Backtest, BacktestOptions, Panel, PanelSeries};
/// use myeloma_epi::forecast::RegistryTrend;
/// use myeloma_epi::report::chart;
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
/// let panel = Panel::new([PanelSeries::new(usa, "United States", "multiple_myeloma")?])?;
/// let test = Backtest::run(&panel, &[&RegistryTrend::default()], &BacktestOptions::default())?;
/// let svg = chart::calibration(&test, 0, "U.S. Cancer Statistics.")?;
/// assert!(svg.contains("Calibration of registry-trend") && svg.contains("Full history"));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn calibration(test: &Backtest, method: usize, caption: &str) -> Result<String> {
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
        return Err(Error::unsuitable(format!(
            "the back-test has no forecasts of {name}: they need a series with counts some years apart, enough cases in the later \
             one (BacktestOptions has both, as shipped 5 years and 30 cases), and later counts to compare with, all but years \
             that are left out"
        )));
    };
    let room = (WIDTH - 2.0 * MARGIN - LEFT - COVERAGE) / bands as f64 - BETWEEN;
    let histogram = room.min(120.0);
    let notes = [
        "Left: shares of outcomes within the central 50, 80 and 95 % intervals (dots), beside those stated (broken lines).",
        "Right: per cent of the probability integral transforms (PIT) in each tenth; 10 (broken line) if calibrated. n: forecasts.",
        caption,
    ];
    let title = format!("Calibration of {name}");
    paper(WIDTH, &title, notes[0], &notes, |svg, mut top| {
        for row in &rows {
            draw_row(svg, row, top + ABOVE, histogram);
            top += ABOVE + HEIGHT + BELOW;
        }
        top
    })
}

fn row(test: &Backtest, method: usize, setting: Setting) -> Option<Row> {
    let own =
        |scored: &&crate::backtest::Scored| scored.method == method && scored.setting == setting;
    let scored: Vec<_> = test.scored.iter().filter(own).collect();
    let furthest = scored.iter().map(|one| one.horizon).max()?;
    let width = BAND * furthest.div_ceil(BAND * MOST_BANDS);
    let bands = (0..furthest.div_ceil(width)).filter_map(|band| {
        let years = width * band + 1..=width * (band + 1);
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

fn draw_row(svg: &mut Svg, row: &Row, top: f64, histogram: f64) {
    let left = MARGIN + LEFT;
    let at = (MARGIN, top - 32.0);
    svg.text(&row.name, at, colours::STRONG_LABEL, Side::Left);
    svg.text(
        "Coverage, %",
        (left, top - 12.0),
        colours::LABEL,
        Side::Left,
    );
    draw_coverage(svg, row, (left, top));
    let mut x = left + COVERAGE + BETWEEN;
    for (years, summary) in &row.bands {
        let title = format!("PIT, %: years {years}, n {}", summary.forecasts);
        svg.text(&title, (x, top - 12.0), colours::LABEL, Side::Left);
        match &summary.pit_deciles {
            Some(deciles) => draw_histogram(svg, deciles, (x, top), histogram),
            None => svg.text("quantiles only", (x, top + 20.0), colours::NOTE, Side::Left),
        }
        x += histogram + BETWEEN;
    }
}

/// A point for each level in each band, on an axis from 0 to 100 %.
fn draw_coverage(svg: &mut Svg, row: &Row, (left, top): Place) {
    let (right, bottom) = (left + COVERAGE, top + HEIGHT);
    let at = |share: f64| bottom - share * HEIGHT;
    axes(svg, (left, top), (right, bottom), "Years ahead");
    svg.text("0", (left - 5.0, bottom), colours::LABEL, Side::Right);
    for level in LEVELS {
        let y = at(level);
        svg.line(&[(left, y), (right, y)], colours::NOMINAL);
        let text = format!("{:.0}", 100.0 * level);
        svg.text(&text, (left - 5.0, y), colours::LABEL, Side::Right);
    }
    let step = COVERAGE / row.bands.len() as f64;
    for (i, (years, summary)) in row.bands.iter().enumerate() {
        let x = left + step * (i as f64 + 0.5);
        for share in summary.coverage {
            svg.dot((x, at(share)), colours::DOT);
            let text = format!("{:.1}", 100.0 * share);
            let y = beside(at(share), LEVELS.map(at));
            svg.text(&text, (x + 4.0, y), colours::NOTE, Side::Left);
        }
        svg.text(years, (x, bottom + 10.0), colours::LABEL, Side::Middle);
    }
}

/// The height of a label beside a dot, moved as little as it takes to be off every line.
fn beside(dot: f64, lines: [f64; 3]) -> f64 {
    let off = |y: f64| lines.iter().all(|line| (line - y).abs() >= 5.5);
    let moved = (0..40).map(|i| 0.5 * f64::from(i));
    let mut places = moved.flat_map(|by| [dot + by, dot - by]);
    places.find(|y| off(*y)).unwrap_or(dot)
}

/// Ten bars, on an axis that reaches to three tenths, or to the greatest.
fn draw_histogram(svg: &mut Svg, deciles: &[f64; 10], (left, top): Place, width: f64) {
    let (right, bottom) = (left + width, top + HEIGHT);
    let end = deciles.iter().copied().fold(0.2, f64::max);
    let at = |share: f64| bottom - share / end * HEIGHT;
    let step = width / 10.0;
    for (i, share) in deciles.iter().enumerate() {
        let x = left + step * i as f64;
        svg.rectangle(
            (x + 0.6, at(*share)),
            (x + step - 0.6, bottom),
            colours::BAND50,
        );
    }
    axes(svg, (left, top), (right, bottom), "Tenths of the PIT");
    svg.line(&[(left, at(0.1)), (right, at(0.1))], colours::NOMINAL);
    for share in [0.0, 0.1, 0.2] {
        let text = format!("{:.0}", 100.0 * share);
        svg.text(&text, (left - 4.0, at(share)), colours::LABEL, Side::Right);
    }
    for (place, text) in [(0.0, "0"), (0.5, "0.5"), (1.0, "1")] {
        let x = left + place * width;
        svg.text(text, (x, bottom + 10.0), colours::LABEL, Side::Middle);
    }
}

/// The left and the lower edge of a frame, and the name of the axis across.
fn axes(svg: &mut Svg, (left, top): Place, (right, bottom): Place, name: &str) {
    let edges = [(left, top), (left, bottom), (right, bottom)];
    svg.line(&edges, colours::AXIS);
    let middle = (f64::midpoint(left, right), bottom + 24.0);
    svg.text(name, middle, colours::LABEL, Side::Middle);
}
