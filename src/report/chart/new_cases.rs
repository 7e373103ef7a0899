//! New cases a year.

use super::colours;
use super::fan_panel::{Line, Mark, Panel};
use super::outlook_notes as notes;
use super::sheet::{Sample, Sheet};
use super::svg::Stroke;
use crate::draws::YearSummary;
use crate::error::Result;
use crate::figures::{Figure, Status};
use crate::known_names::each_once;
use crate::outlook::{CurveOutlook, Outlook, Question, RegionOutlook};
use crate::plain_text::{count, significant};
use crate::report::headline::with_interval;

/// A fan chart of new cases a year, a panel for each region.
///
/// It shows the fan of the forecast from the last observation on, every curve through the figures as they are
/// published, the figures as dots, those of other sources as open circles and the published projection as an open diamond.
/// Where a program shows texts over a picture, the numbers of each year stand under the pointer. Fan charts are the Bank of
/// England's: Britton, Fisher & Whitley (1998), Bank of England Quarterly Bulletin 38:30–37.
///
/// `caption` is a last paragraph of notes, for instance where the figures are from; it may be empty.
///
/// # Errors
///
/// Where there are too many regions, or too great numbers, to be drawn.
///
/// # Example
///
/// ```
/// use myeloma_epi::{IncidenceSeries, Outlook, OutlookOptions, report::chart};
///
/// let atlantis = IncidenceSeries::from_counts("Atlantis", [(2019, 1200.0), (2024, 1400.0)])?;
/// let options = OutlookOptions { draws: 100, to: 2030, ..OutlookOptions::default() };
/// let svg = chart::incidence(&Outlook::of_series(&[atlantis], &options)?, "Registry of Atlantis.")?;
/// assert!(svg.starts_with("<svg") && svg.contains("Registry of Atlantis."));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn incidence(outlook: &Outlook, caption: &str) -> Result<String> {
    incidence_under(outlook, (outlook.options().question, true), caption)
}

/// The same under a question, with the growth curves or without.
pub(in crate::report) fn incidence_under(
    outlook: &Outlook,
    shown: (Question, bool),
    caption: &str,
) -> Result<String> {
    let (question, curves) = shown;
    let families = other_families(outlook);
    let panel = |region| panel(outlook, shown, region, &families);
    let mut panels: Vec<Panel> = outlook.regions().iter().map(panel).collect();
    notes::align(&mut panels);

    let regions = outlook.regions();
    let mut legend = legend(&panels, &families);
    let shows_aside = |region| !notes::pooled_and_aside(region).1.is_empty();
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
    .svg()
}

/// The marks that some panel has, and its fans.
fn legend(panels: &[Panel], families: &[String]) -> Vec<(Sample, String)> {
    let points = panels.iter().flat_map(|panel| &panel.points);
    let mut legend = vec![(Mark::Observation, "Published figure".to_owned())];
    let projection = "Published projection, not data".to_owned();
    legend.push((Mark::PublishedProjection, projection));
    legend.extend(families.iter().enumerate().map(|(i, family)| {
        let family = if family.is_empty() {
            "another source"
        } else {
            family
        };
        (Mark::OtherSource(i), format!("Figure of {family}"))
    }));
    legend.retain(|(mark, _)| {
        *mark == Mark::Observation || points.clone().any(|(_, other)| other == mark)
    });
    let legend = legend.into_iter();
    let marks = legend.map(|(mark, name)| (Sample::Point(mark), name));
    marks.chain(notes::fan_legend(panels)).collect()
}

/// The families of the figures that are compared with, or the sources where these have none; from the third on they share a
/// mark, and have no name unless there are three.
fn other_families(outlook: &Outlook) -> Vec<String> {
    let regions = outlook.regions();
    let is_shown = |f: &&Figure| {
        let is_of = |region: &RegionOutlook| region.series().region() == f.region();
        f.status() != Status::Projection && regions.iter().any(is_of)
    };
    let shown = outlook.options().compared_with.iter().filter(is_shown);
    let families = each_once(shown.map(family)).into_iter();
    let mut families: Vec<String> = families.map(str::to_owned).collect();
    if families.len() > MARKS {
        families.truncate(MARKS - 1);
        families.push(String::new());
    }
    families
}

/// Other sources are told apart by so many marks.
const MARKS: usize = 3;

fn family(figure: &Figure) -> &str {
    figure.family().unwrap_or(figure.source())
}

fn panel(
    outlook: &Outlook,
    (question, curves): (Question, bool),
    region: &RegionOutlook,
    families: &[String],
) -> Panel {
    let series = region.series();
    let years = notes::years_of_figures(region);
    let compared = outlook.options().compared_with.iter();
    let others = compared
        .filter(|f| f.region() == series.region() && f.status() != Status::Projection)
        .map(|f| {
            let place = families.iter().position(|name| name == family(f));
            let mark = Mark::OtherSource(place.unwrap_or(MARKS - 1));
            (f.year(), f.cases(), mark)
        });
    let elsewhere = region.other_projections().into_iter();
    let elsewhere = elsewhere.map(|f| (f.year(), f.cases(), Mark::PublishedProjection));
    let observations = series.observations().iter();
    let observations = observations.map(|o| (o.year, o.cases, Mark::Observation));
    let projection = series.published_projection();
    let projection = projection.map(|p| (p.year, p.cases, Mark::PublishedProjection));
    let points: Vec<_> = others
        .chain(elsewhere)
        .chain(observations)
        .chain(projection)
        .filter(|(year, ..)| year <= years.end())
        .collect();
    let first = points.iter().map(|(year, ..)| *year).min();
    let first = first.map_or(*years.start(), |first| first.min(*years.start()));
    let summary = region.summary_under(question);
    // A fan is a statement about what is not known yet: it starts at the last observation, and its width there is that
    // of the level from which it sets out. Before it, the curves show how they fit.
    let panel = notes::panel(region, summary, series.last_year());
    let points = points.into_iter();
    Panel {
        lines: lines(region, summary, curves),
        points: points
            .map(|(year, cases, mark)| ((f64::from(year), cases), mark))
            .collect(),
        years: (f64::from(first), panel.years.1),
        ..panel
    }
}

/// The growth curves, those outside the pool below the others, and the medians of the pool and of the trend.
fn lines(region: &RegionOutlook, summary: &[YearSummary], curves: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    if curves {
        let line = |curve, stroke, label| Line {
            points: points(region, curve),
            stroke,
            label,
        };
        let end = *notes::years_of_figures(region).end();
        let (pooled, aside) = notes::pooled_and_aside(region);
        lines.extend(
            aside
                .into_iter()
                .map(|curve| line(curve, colours::ASIDE, None)),
        );
        lines.extend(pooled.into_iter().map(|curve| {
            let label = with_end(notes::name(curve), curve.cases(end).ok());
            line(curve, colours::curve(curve.family()), Some(label))
        }));
        lines.push(medians(region.pool_summary(), "linear pool", colours::POOL));
    }
    lines.push(medians(summary, "registry trend", colours::MEDIAN));
    lines
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

/// A label with the value at the line's end, to three digits as in the headline.
fn with_end(name: String, end: Option<f64>) -> String {
    match end {
        Some(end) => format!("{name} {}", significant(end, 3)),
        None => name,
    }
}

/// A curve in every year until it leaves the counts that there can be.
fn points(region: &RegionOutlook, curve: &CurveOutlook) -> Vec<(f64, f64)> {
    notes::years_of_figures(region)
        .map_while(|year| Some((f64::from(year), curve.cases(year).ok()?)))
        .collect()
}

/// Published projections that lie after the last year, those of others with the forecast of their year.
fn beyond(regions: &[RegionOutlook]) -> String {
    let text = |region: &RegionOutlook| {
        let end = *notes::years_of_figures(region).end();
        let name = region.series().region();
        let own = region.series().published_projection();
        let own = own.map(|p| (p.year, format!("{name}, {}: {}", p.year, count(p.cases))));
        let others = region.beside_other_projections();
        let others = others.map(|(p, ours)| {
            let dashed = |ours| with_interval(&ours, 1.0).replace('-', "–");
            let ours = ours.map_or_else(str::to_owned, dashed);
            let text = format!(
                "{name}, {}: {} ({}), here {ours}",
                p.year(),
                count(p.cases()),
                p.source()
            );
            (p.year(), text)
        });
        let all = own.into_iter().chain(others);
        let after = all.filter(|(year, _)| *year > end);
        after.map(|(_, text)| text).collect::<Vec<_>>()
    };
    let texts: Vec<String> = regions.iter().flat_map(text).collect();
    if texts.is_empty() {
        return String::new();
    }
    format!(
        "Published projections after the years shown: {}.",
        texts.join("; ")
    )
}
