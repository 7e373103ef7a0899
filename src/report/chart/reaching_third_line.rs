//! Patients diagnosed in each year who will ever reach third line.

use super::colours;
use super::fan_panel::{Line, Panel};
use super::outlook_notes as notes;
use super::sheet::{Sample, Sheet};
use crate::error::Result;
use crate::outlook::{Outlook, RegionOutlook};
use crate::pathway::{ShareDistribution, UltimateShare};

/// A fan chart of the patients diagnosed in each year who will ever reach third line, a panel for each region.
///
/// It shows the fan of their draws, and the products of the median number of new cases with either end
/// of the range of the share. `caption` as in [`incidence()`](super::incidence).
///
/// # Errors
///
/// As [`incidence()`](super::incidence).
///
/// # Example
///
/// ```
/// use myeloma_epi::{IncidenceSeries, Outlook, OutlookOptions, report::chart};
///
/// let atlantis = IncidenceSeries::from_counts("Atlantis", [(2019, 1200.0), (2024, 1400.0)])?;
/// let options = OutlookOptions { draws: 100, to: 2030, ..OutlookOptions::default() };
/// let svg = chart::third_line(&Outlook::of_series(&[atlantis], &options)?, "")?;
/// assert!(svg.starts_with("<svg") && svg.contains("Atlantis"));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn third_line(outlook: &Outlook, caption: &str) -> Result<String> {
    let regions = outlook.regions().iter();
    let mut panels: Vec<Panel> = regions.map(panel).collect();
    notes::align(&mut panels);

    let share = &outlook.options().share;
    let mut legend = notes::fan_legend(&panels);
    legend.push((
        Sample::Line(colours::PRODUCT),
        format!("{} × median new cases", range(share, " and ")),
    ));
    let paragraphs = vec![
        "By year of diagnosis: patients reach third line years later, so these are not the \
         patients who start third line in that year."
            .to_owned(),
        format!("Share who ever reach third line: {}.", shares(share)),
        notes::forecast(outlook, outlook.options().question),
        notes::errors(outlook, outlook.options().question),
        notes::axes(&panels),
        caption.to_owned(),
    ];
    Sheet {
        title: format!(
            "Patients diagnosed in the year who will ever reach third line, to {}",
            outlook.options().to
        ),
        panels,
        x_title: "Calendar year of diagnosis",
        y_title: "Patients who will ever reach third line",
        legend,
        notes: paragraphs,
    }
    .svg()
}

fn panel(region: &RegionOutlook) -> Panel {
    let share = region.share();
    let mut products = [Vec::new(), Vec::new()];
    for year in notes::years_of_figures(region) {
        let Some((low, high)) = region.third_line_of_median(year) else {
            continue;
        };
        products[0].push((f64::from(year), low));
        products[1].push((f64::from(year), high));
    }
    let ends = if share.low() < share.high() { 2 } else { 1 };
    let lines = products
        .into_iter()
        .zip([share.low(), share.high()])
        .take(ends)
        .map(|(points, share)| Line {
            points,
            stroke: colours::PRODUCT,
            label: Some(notes::percent(share)),
        })
        .collect();
    let from = region.series().last_year();
    Panel {
        lines,
        ..notes::panel(region, region.third_line_summary(), from)
    }
}

/// Both ends of the range, or the one share that there is.
fn range(share: &UltimateShare, and: &str) -> String {
    let (low, high) = (notes::percent(share.low()), notes::percent(share.high()));
    if share.low() < share.high() {
        format!("{low}{and}{high}")
    } else {
        low
    }
}

/// The share and its distribution.
fn shares(share: &UltimateShare) -> String {
    let ends = range(share, " to ");
    if share.low() >= share.high() {
        return format!("{ends} in every draw");
    }
    let distribution = match share.distribution() {
        ShareDistribution::Uniform => format!("uniform from {ends}"),
        ShareDistribution::Pert => format!("PERT from {ends} with its mode in the middle"),
        ShareDistribution::Beta95 => format!("beta with {ends} as its central 95 % interval"),
    };
    format!("{distribution}, one value a draw for all years")
}
