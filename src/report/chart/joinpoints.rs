//! Yearly counts or rates with the segments of the selected joinpoint model.

use super::colours;
use super::fan_panel::{Line, Mark, Panel};
use super::outlook_notes::axes;
use super::sheet::{Sample, Sheet};
use crate::error::Result;
use crate::joinpoint::{AnnualSeries, JoinpointModel, JoinpointRegression, Segment};
use crate::plain_text::count;

/// Yearly counts or rates as dots, with the segments of the selected joinpoint model and the years in which they meet; annual
/// percent changes with their intervals stand below.
///
/// `caption` as in [`incidence()`](super::incidence).
///
/// # Errors
///
/// As [`incidence()`](super::incidence).
///
/// # Example
///
/// ```
/// use myeloma_epi::joinpoint::{AnnualSeries, JoinpointOptions, JoinpointRegression};
/// use myeloma_epi::report::chart;
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
/// let series = AnnualSeries::from(&usa);
/// let regression = JoinpointRegression::fit(&series, &JoinpointOptions::default())?;
/// let svg = chart::joinpoints(&series, &regression, "U.S. Cancer Statistics.")?;
/// assert!(svg.starts_with("<svg") && svg.contains("Annual percent change: 1999 to"));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn joinpoints(
    series: &AnnualSeries,
    regression: &JoinpointRegression,
    caption: &str,
) -> Result<String> {
    let panels = vec![panel(series, regression.selected())];
    let of = if series.is_of_counts() {
        "New cases a year"
    } else {
        "Rate"
    };
    let mut legend = vec![(Sample::Point(Mark::Observation), of.to_owned())];
    if !series.left_out().is_empty() {
        let what = "Left out: a shock, or not complete yet".to_owned();
        legend.push((Sample::Point(Mark::OtherSource(0)), what));
    }
    legend.push((Sample::Line(colours::MEDIAN), "Joinpoint model".to_owned()));
    if !regression.selected().joinpoints().is_empty() {
        legend.push((Sample::Line(colours::NOMINAL), "Joinpoints".to_owned()));
    }
    Sheet {
        title: format!(
            "{}: {}, with the selected joinpoint model",
            series.name(),
            of.to_lowercase()
        ),
        notes: vec![
            NOTE.to_owned(),
            said_of_all(regression.selected().segments()),
            axes(&panels),
            caption.to_owned(),
        ],
        panels,
        x_title: "Calendar year",
        y_title: of,
        legend,
    }
    .svg()
}

/// The values, and the line of the model in the years that it is of.
fn panel(series: &AnnualSeries, model: &JoinpointModel) -> Panel {
    let left_out = series.left_out();
    let points = series.values().map(|(year, value)| {
        let mark = if left_out.contains_key(&year) {
            Mark::OtherSource(0)
        } else {
            Mark::Observation
        };
        ((f64::from(year), value), mark)
    });
    // The line ends where the segments do: years that are left out are no part of the model.
    let ends = |of: fn(&Segment) -> f64| model.segments().iter().map(of);
    let from = ends(|segment| segment.from).fold(f64::INFINITY, f64::min);
    let to = ends(|segment| segment.to).fold(f64::NEG_INFINITY, f64::max);
    // A segment is straight on the logarithmic scale, and bends on this one.
    let steps = 400;
    let line = (0..=steps)
        .map(|i| from + (to - from) * f64::from(i) / f64::from(steps))
        .map(|year| (year, model.value(year)));
    let end = model.value(to);
    let label = if end >= 100.0 {
        count(end)
    } else {
        format!("{end:.1}")
    };
    Panel {
        title: String::new(),
        years: (
            f64::from(series.first_year()),
            f64::from(series.last_year()),
        ),
        lines: vec![Line {
            points: line.collect(),
            stroke: colours::MEDIAN,
            label: Some(label),
        }],
        points: points.collect(),
        rules: (model.joinpoints().iter())
            .map(|joinpoint| (joinpoint.year, colours::NOMINAL))
            .collect(),
        ..Panel::default()
    }
}

const NOTE: &str = "Line: segments of constant annual percent change, which meet at the joinpoints. It says what has happened, \
     not what will; the number at its end is the model's value there.";

fn said_of_all(segments: &[Segment]) -> String {
    let segments: Vec<String> = segments.iter().map(said).collect();
    format!("Annual percent change: {}.", segments.join("; "))
}

/// "1999 to 2014 1.2 % (0.8 to 1.6)", or without an interval.
fn said(segment: &Segment) -> String {
    let change = &segment.change;
    let interval = change.interval();
    let interval = interval.map(|(lower, upper)| format!(" ({lower:.1} to {upper:.1})"));
    format!(
        "{:.0} to {:.0} {:+.1} %{}",
        segment.from,
        segment.to,
        change.percent(),
        interval.unwrap_or_default()
    )
}
