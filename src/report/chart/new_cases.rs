//! New cases a year.

use super::fan_panel::{Line, Mark, Panel};
use super::outlook_notes as notes;
use super::palette;
use super::sheet::{Sample, Sheet};
use crate::outlook::{CurveOutlook, Outlook, RegionOutlook};
use crate::plain_text::count;

pub(super) fn sheet(outlook: &Outlook, caption: &str) -> Sheet {
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
    legend.extend(notes::fan_legend());
    if regions.iter().any(shows_aside) {
        legend.push((
            Sample::Line(palette::ASIDE),
            "Other curves, not in the fan".to_owned(),
        ));
    }

    let paragraphs = vec![
        notes::pool(outlook),
        notes::errors(outlook),
        format!(
            "Labelled lines: each curve of the fan through the figures as published. The fan starts at \
             the last figure (vertical rule) and holds {}.",
            notes::errors_held(outlook)
        ),
        notes::axes(&panels),
        beyond(regions),
        caption.to_owned(),
    ];
    Sheet {
        panels,
        x_title: "Calendar year of diagnosis",
        y_title: "New cases a year",
        legend,
        notes: paragraphs,
    }
}

fn panel(region: &RegionOutlook) -> Panel {
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

    // Curves outside the pool are drawn first, below the others.
    let (pooled, aside) = notes::pooled_and_aside(region);
    let lines = aside
        .into_iter()
        .map(|curve| Line {
            points: points(region, curve),
            stroke: palette::ASIDE,
            label: None,
        })
        .chain(pooled.into_iter().map(|curve| Line {
            points: points(region, curve),
            stroke: palette::curve(curve.family()),
            label: Some(notes::name(curve)),
        }))
        .collect();

    // A fan is a statement about what is not known yet. In the years that have figures the draws
    // tell how well the curve is determined, not where a count may lie, and a band there would be
    // read as one that should hold the dots. So the fan starts at the last observation; its width
    // there is the uncertainty of the level from which it sets out. Before it, the curves show
    // how they fit.
    Panel {
        lines,
        points: observations.chain(projection).collect(),
        ..notes::panel(region, region.new_cases_summary(), last_observation)
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
