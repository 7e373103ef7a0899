//! New cases a year.

use super::colours;
use super::fan_panel::{Line, Mark, Panel};
use super::outlook_notes as notes;
use super::sheet::{Sample, Sheet};
use super::svg::Stroke;
use crate::draws::YearSummary;
use crate::figures::Status;
use crate::outlook::{CurveOutlook, Outlook, Question, RegionOutlook};
use crate::plain_text::{count, hundreds};

/// Under a question, with the growth curves or without.
pub(super) fn sheet(outlook: &Outlook, shown: (Question, bool), caption: &str) -> Sheet {
    let (question, curves) = shown;
    let panel = |region| panel(outlook, shown, region);
    let mut panels: Vec<Panel> = outlook.regions().iter().map(panel).collect();
    notes::align(&mut panels);

    let regions = outlook.regions();
    let shows_aside = |region| !notes::pooled_and_aside(region).1.is_empty();
    let shows = |mark| {
        panels
            .iter()
            .any(|p| p.points.iter().any(|(_, m)| *m == mark))
    };
    let mut legend = vec![(
        Sample::Point(Mark::Observation),
        "Published figure".to_owned(),
    )];
    if shows(Mark::PublishedProjection) {
        legend.push((
            Sample::Point(Mark::PublishedProjection),
            "Published projection, not data".to_owned(),
        ));
    }
    if shows(Mark::OtherSource) {
        legend.push((
            Sample::Point(Mark::OtherSource),
            "Figure of another source".to_owned(),
        ));
    }
    legend.extend(notes::fan_legend(&panels));
    if curves && regions.iter().any(shows_aside) {
        legend.push((Sample::Line(colours::ASIDE), "Other curves".to_owned()));
    }

    let paragraphs = vec![
        notes::forecast(outlook, question),
        notes::errors(outlook, question),
        if curves {
            notes::curves(outlook)
        } else {
            String::new()
        },
        notes::axes(&panels),
        beyond(regions),
        caption.to_owned(),
    ];
    Sheet {
        title: format!("New cases a year, to {}", outlook.options().to),
        panels,
        x_title: "Calendar year of diagnosis",
        y_title: "New cases a year",
        legend,
        notes: paragraphs,
    }
}

fn panel(outlook: &Outlook, (question, curves): (Question, bool), region: &RegionOutlook) -> Panel {
    let series = region.series();
    let last_observation = series.last_year();
    let observations = series
        .observations()
        .iter()
        .map(|o| ((f64::from(o.year), o.cases), Mark::Observation));
    let projection = series
        .published_projection()
        .filter(|p| p.year <= *notes::years_of_figures(region).end())
        .map(|p| ((f64::from(p.year), p.cases), Mark::PublishedProjection));

    let years = notes::years_of_figures(region);
    let elsewhere = region.other_projections().into_iter();
    let elsewhere = elsewhere
        .filter(|f| f.year() <= *years.end())
        .map(|f| ((f64::from(f.year()), f.cases()), Mark::PublishedProjection));
    let compared = outlook.options().compared_with.iter();
    let others = compared
        .filter(|f| f.region() == series.region() && f.status() != Status::Projection)
        .filter(|f| f.year() <= *years.end())
        .map(|f| ((f64::from(f.year()), f.cases()), Mark::OtherSource));
    let others: Vec<_> = others.collect();
    let first = others
        .iter()
        .map(|((year, _), _)| *year)
        .fold(f64::from(*years.start()), f64::min);

    let summary = region.summary_under(question);
    // Curves outside the pool are drawn first, below the others.
    let (pooled, aside) = notes::pooled_and_aside(region);
    let (pooled, aside) = if curves {
        (pooled, aside)
    } else {
        (Vec::new(), Vec::new())
    };
    let lines = aside
        .into_iter()
        .map(|curve| Line {
            points: points(region, curve),
            stroke: colours::ASIDE,
            label: None,
        })
        .chain(pooled.into_iter().map(|curve| Line {
            points: points(region, curve),
            stroke: colours::curve(curve.family()),
            label: Some(with_end(notes::name(curve), curve.cases(*years.end()).ok())),
        }))
        .chain(curves.then(|| medians(region.pool_summary(), "linear pool", colours::POOL)))
        .chain([medians(summary, "registry trend", colours::MEDIAN)])
        .collect();

    // A fan is a statement about what is not known yet: it starts at the last observation, and its width there is that
    // of the level from which it sets out. Before it, the curves show how they fit.
    let panel = notes::panel(region, summary, last_observation);
    Panel {
        lines,
        points: others
            .into_iter()
            .chain(elsewhere)
            .chain(observations)
            .chain(projection)
            .collect(),
        years: (first, panel.years.1),
        ..panel
    }
}

/// A line of medians, with its name and last value where it ends.
fn medians(summary: &[YearSummary], name: &str, stroke: Stroke) -> Line {
    let points = summary.iter().map(|s| (f64::from(s.year), s.median));
    let end = summary.last();
    Line {
        points: points.collect(),
        stroke,
        label: end.map(|s| with_end(name.to_owned(), Some(s.median))),
    }
}

/// A label with the value at the line's end, to hundreds where there are many.
fn with_end(name: String, end: Option<f64>) -> String {
    match end {
        Some(end) => format!("{name} {}", hundreds(end, 10_000.0)),
        None => name,
    }
}

/// A curve in every year until it leaves the counts that there can be.
fn points(region: &RegionOutlook, curve: &CurveOutlook) -> Vec<(f64, f64)> {
    notes::years_of_figures(region)
        .map_while(|year| Some((f64::from(year), curve.cases(year).ok()?)))
        .collect()
}

/// Published projections that lie after the last year.
fn beyond(regions: &[RegionOutlook]) -> String {
    let text = |region: &RegionOutlook| {
        let published = region.series().published_projection()?;
        let (year, cases) = (published.year, count(published.cases));
        let after = year > *notes::years_of_figures(region).end();
        after.then(|| format!("{}, {year}: {cases}", region.series().region()))
    };
    let texts: Vec<String> = regions.iter().filter_map(text).collect();
    if texts.is_empty() {
        return String::new();
    }
    format!(
        "Published projections after the years shown: {}.",
        texts.join("; ")
    )
}
