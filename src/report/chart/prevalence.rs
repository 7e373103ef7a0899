//! Patients in each line of therapy and between lines, at the end of each year.

use super::fan_panel::Panel;
use super::outlook_notes::{axes, fan_legend};
use super::sheet::Sheet;
use crate::draws::YearlyDraws;
use crate::error::Result;
use crate::pathway::{Flow, Moment};
use crate::plain_text::count;

/// Patients in each line of therapy, and off treatment after it, at the end of each calendar year: a panel
/// each. `title` says whose they are.
///
/// ```
/// use myeloma_epi::YearlyDraws;
/// use myeloma_epi::pathway::{FlowOptions, Line, Pathway, Share, SojournTime};
/// use myeloma_epi::report::chart;
/// use ndarray::Array2;
///
/// let pathway = Pathway::of_lines([
///     Line::new(SojournTime::exponential(2.5)?, Share::new(0.6)?),
///     Line::new(SojournTime::exponential(1.5)?, Share::new(0.0)?),
/// ])?;
/// let diagnosed = YearlyDraws::new(2000, Array2::from_elem((26, 1), 1_000.0))?;
/// let flow = pathway.flow(&diagnosed, &FlowOptions::to(2025))?;
/// let svg = chart::prevalence(&flow, "A thousand new patients a year")?;
/// assert!(svg.contains("In line 2"));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
///
/// # Errors
///
/// Where the numbers are too great to be drawn.
pub fn prevalence(flow: &Flow, title: &str) -> Result<String> {
    let mut panels = Vec::new();
    for line in 1..=flow.lines() {
        panels.push(panel(
            format!("In line {line}"),
            flow.in_line(line, Moment::YearEnd)?,
            flow.first_given(),
        ));
        let off = flow.off_treatment(line, Moment::YearEnd)?;
        if off.summary().iter().any(|year| year.upper95 > 0.0) {
            panels.push(panel(
                format!("Off treatment after line {line}"),
                off,
                flow.first_given(),
            ));
        }
    }
    let legend = fan_legend(&panels);
    let fan = if legend.len() > 1 {
        let draws = count(flow.diagnosed().len() as f64);
        format!("Fan: {draws} draws of the incidence and the model.")
    } else {
        "Incidence and model are taken as known, so there is no interval.".to_owned()
    };
    let notes = vec![fan, beginning(flow), axes(&panels)];
    Sheet {
        title: format!("{title}: patients by line of therapy, at the end of the year"),
        panels,
        x_title: "Calendar year",
        y_title: "Patients at the end of the year",
        legend,
        notes,
    }
    .svg()
}

/// Who of those diagnosed before the first year of the chart is in it.
fn beginning(flow: &Flow) -> String {
    let (begins, given) = (*flow.years().start(), flow.first_given());
    if begins < given {
        format!(
            "Patients diagnosed before {given} are those of incidence that is continued backwards to {begins}."
        )
    } else {
        format!("Patients diagnosed before {given} are not in these numbers.")
    }
}

fn panel(title: String, patients: &YearlyDraws, first_year: i32) -> Panel {
    let mut fan = patients.summary();
    fan.retain(|year| year.year >= first_year);
    Panel {
        title,
        years: (f64::from(first_year), f64::from(patients.last_year())),
        fan,
        ..Panel::default()
    }
}
