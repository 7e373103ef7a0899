//! Charts of a treatment pathway: prevalence by line, and the states with their shares.

use plotters::prelude::*;

use super::table::percent;
use crate::error::{ErrorKind, Result};
use crate::pathway::{Flow, Group, Line, Moment, Pathway, Share};

/// Colours of the lines, told apart with red-green blindness too (Okabe & Ito 2008).
const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(86, 180, 233),
    RGBColor(0, 158, 115),
    RGBColor(240, 228, 66),
    RGBColor(230, 159, 0),
    RGBColor(213, 94, 0),
    RGBColor(204, 121, 167),
];
const GREY: RGBColor = RGBColor(110, 110, 110);

/// Patients by line at the end of each year, stacked, medians over the draws: an SVG document.
///
/// # Errors
///
/// Where the drawing fails.
pub fn prevalence_chart(flow: &Flow, title: &str) -> Result<String> {
    let mut columns: Vec<(String, Vec<f64>)> = Vec::new();
    for line in 1..=flow.lines() {
        let treated = flow.in_line(line, Moment::YearEnd)?.medians();
        columns.push((format!("line {line}"), treated));
        let off = flow.off_treatment(line, Moment::YearEnd)?.medians();
        if off.iter().any(|n| *n > 0.0) {
            columns.push((format!("after line {line}"), off));
        }
    }
    let years: Vec<f64> = flow.years().map(f64::from).collect();
    let mut text = String::new();
    draw_prevalence(&mut text, title, &years, &columns).map_err(|error| failed(&*error))?;
    Ok(text)
}

type Drawn = std::result::Result<(), Box<dyn std::error::Error>>;

fn draw_prevalence(
    text: &mut String,
    title: &str,
    years: &[f64],
    columns: &[(String, Vec<f64>)],
) -> Drawn {
    let root = SVGBackend::with_string(text, (900, 520)).into_drawing_area();
    root.fill(&WHITE)?;
    let totals: Vec<f64> = (0..years.len())
        .map(|i| columns.iter().map(|(_, column)| column[i]).sum())
        .collect();
    let top = totals.iter().copied().fold(1.0, f64::max) * 1.05;
    let (first, last) = (years[0], years[years.len() - 1]);
    let mut chart = ChartBuilder::on(&root)
        .caption(title, ("sans-serif", 20))
        .margin(12)
        .margin_right(122)
        .x_label_area_size(34)
        .y_label_area_size(80)
        .build_cartesian_2d(first..last.max(first + 1.0), 0.0..top)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(WHITE)
        .bold_line_style(RGBColor(225, 225, 225))
        .axis_style(GREY)
        .label_style(("sans-serif", 14))
        .x_label_formatter(&|year| format!("{year:.0}"))
        .y_label_formatter(&|people| super::table::count(*people))
        .y_desc("patients at the end of the year")
        .draw()?;
    let mut below = vec![0.0; years.len()];
    let mut labels = Vec::new();
    for (k, (name, column)) in columns.iter().enumerate() {
        let colour = COLOURS[k % COLOURS.len()];
        let above: Vec<f64> = below.iter().zip(column).map(|(a, b)| a + b).collect();
        let mut outline: Vec<(f64, f64)> =
            years.iter().copied().zip(above.iter().copied()).collect();
        outline.extend(years.iter().copied().zip(below.iter().copied()).rev());
        chart.draw_series(std::iter::once(Polygon::new(outline, colour.mix(0.85))))?;
        let end = years.len() - 1;
        labels.push((f64::midpoint(below[end], above[end]), name, colour));
        below = above;
    }
    // Labels stand beside their areas, far enough apart to be read.
    let (mut lowest, scale) = (f64::INFINITY, 430.0 / top);
    for (middle, name, colour) in &labels {
        let y = (470.0 - middle * scale).min(lowest - 16.0);
        lowest = y;
        root.draw(&Rectangle::new(
            [(796, pixel(y) - 5), (806, pixel(y) + 5)],
            colour.mix(0.85).filled(),
        ))?;
        root.draw(&Text::new(
            (*name).clone(),
            (812, pixel(y) - 7),
            ("sans-serif", 14).into_font().color(&BLACK),
        ))?;
    }
    root.present()?;
    Ok(())
}

/// The states of a pathway with the shares on the arrows, for those diagnosed in a year: an SVG
/// document, a row a group.
///
/// # Errors
///
/// Where the drawing fails.
pub fn pathway_drawing(pathway: &Pathway, year: i32) -> Result<String> {
    let mut text = String::new();
    draw_states(&mut text, pathway, year).map_err(|error| failed(&*error))?;
    Ok(text)
}

const BOX: (i32, i32) = (104, 44);
/// A box for the dead, the lost, and those between two lines.
const SMALL: (i32, i32) = (50, 34);
const BETWEEN: (i32, i32) = (96, 52);
const ROW: i32 = 230;

fn draw_states(text: &mut String, pathway: &Pathway, year: i32) -> Drawn {
    let lines = || pathway.groups().iter().flat_map(Group::lines);
    let has_off = lines().any(|line| line.off_treatment().is_some());
    let gap = if has_off { BETWEEN.0 + 30 } else { 76 };
    let column = BOX.0 + gap;
    let columns = i32::try_from(pathway.lines())? + 1;
    let rows = i32::try_from(pathway.groups().len())?;
    let width = u32::try_from(columns * column + 40)?;
    let root =
        SVGBackend::with_string(text, (width, u32::try_from(rows * ROW + 20)?)).into_drawing_area();
    root.fill(&WHITE)?;
    let font = |size: i32| ("sans-serif", size).into_font();
    let boxed = |(x, y): (i32, i32), (w, h): (i32, i32), name: &str, colour: RGBColor| -> Drawn {
        let corners = [(x, y), (x + w, y + h)];
        root.draw(&Rectangle::new(corners, colour.mix(0.25).filled()))?;
        root.draw(&Rectangle::new(corners, colour.stroke_width(1)))?;
        let text = font(14).color(&BLACK);
        root.draw(&Text::new(name.to_owned(), (x + 10, y + h / 2 - 8), text))?;
        Ok(())
    };
    let arrow = |from: (i32, i32), to: (i32, i32), share: f64| -> Drawn {
        root.draw(&PathElement::new(vec![from, to], GREY.stroke_width(2)))?;
        let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
        let length = dx.hypot(dy).max(1.0);
        let (ux, uy) = (dx / length, dy / length);
        let corner = |side: f64| {
            (
                to.0 - pixel(9.0 * ux - side * 4.0 * uy),
                to.1 - pixel(9.0 * uy + side * 4.0 * ux),
            )
        };
        root.draw(&Polygon::new(
            vec![to, corner(1.0), corner(-1.0)],
            GREY.filled(),
        ))?;
        let middle = (i32::midpoint(from.0, to.0), i32::midpoint(from.1, to.1));
        // Beside an arrow that goes down, above one that goes across, left of one that goes up.
        let offset = match dy {
            0.0 => (-16, -16),
            up if up < 0.0 => (-36, -14),
            _ => (6, -14),
        };
        root.draw(&Text::new(
            share_text(share),
            (middle.0 + offset.0, middle.1 + offset.1),
            font(13).color(&BLACK),
        ))?;
        Ok(())
    };
    for (row, group) in (0..).zip(pathway.groups()) {
        let y = row * ROW + 40;
        let weight = share_text(group.weight().central(year));
        let title = format!("{}: {weight} of those diagnosed in {year}", group.name());
        root.draw(&Text::new(title, (20, y - 28), font(15).color(&BLACK)))?;
        boxed((20, y), BOX, "diagnosed", GREY)?;
        let never = group.never_treated().central(year);
        if never > 0.0 {
            boxed((20, y + 140), (BOX.0, SMALL.1), "never treated", GREY)?;
            let middle = 20 + BOX.0 / 2;
            arrow((middle, y + BOX.1), (middle, y + 140), never)?;
        }
        let across = y + BOX.1 / 2;
        arrow((20 + BOX.0, across), (20 + column, across), 1.0 - never)?;
        for (k, line) in (1..).zip(group.lines()) {
            let x = 20 + k * column;
            let colour = COLOURS[usize::try_from(k - 1)? % COLOURS.len()];
            boxed((x, y), BOX, &format!("line {k}"), colour)?;
            let ways = Ways::of(line, year);
            if ways.next > 0.0 {
                arrow((x + BOX.0, across), (x + column, across), ways.next)?;
            }
            for (name, share, left) in [("dead", ways.death, x), ("lost", ways.lost, x + 54)] {
                if share > 0.0005 {
                    boxed((left, y + 140), SMALL, name, GREY)?;
                    let middle = left + SMALL.0 / 2;
                    arrow((middle, y + BOX.1), (middle, y + 140), share)?;
                }
            }
            if let Some((off, between)) = ways.off {
                let left = x + BOX.0 + 15;
                boxed((left, y + 84), (BETWEEN.0, 22), "off treatment", GREY)?;
                arrow((x + BOX.0 - 4, y + BOX.1), (left + 14, y + 84), off)?;
                let into = (x + column + 4, y + BOX.1);
                arrow((left + BETWEEN.0 - 14, y + 84), into, between.next)?;
                for (row, name, share) in [(0, "dead", between.death), (1, "lost", between.lost)] {
                    if share > 0.0005 {
                        let text = format!("{name} {}", share_text(share));
                        let at = (left + 14, y + 112 + 16 * row);
                        root.draw(&Text::new(text, at, font(13).color(&GREY)))?;
                    }
                }
            }
        }
    }
    root.present()?;
    Ok(())
}

/// The shares of the ways out of a line, or out of the time after it.
struct Ways {
    next: f64,
    death: f64,
    lost: f64,
    /// The share that goes off treatment, and where those go.
    off: Option<(f64, Box<Ways>)>,
}

impl Ways {
    fn of(line: &Line, year: i32) -> Self {
        let central = |share: &Share| share.central(year);
        let off = line.off_treatment().map(|between| {
            let next = central(between.next());
            let death = between.death().map_or(1.0 - next, central);
            let ways = Self {
                next,
                death,
                lost: 1.0 - next - death,
                off: None,
            };
            (central(between.share()), Box::new(ways))
        });
        let next = central(line.next());
        let rest = 1.0 - next - off.as_ref().map_or(0.0, |(share, _)| *share);
        let death = line.death().map_or(rest, central);
        Self {
            next,
            death,
            lost: rest - death,
            off,
        }
    }
}

/// A share in per cent, to a tenth.
fn share_text(share: f64) -> String {
    format!("{} %", percent((share * 1e3).round() / 1e3))
}

#[allow(clippy::cast_possible_truncation)] // Pixels of a drawing.
fn pixel(x: f64) -> i32 {
    x.round() as i32
}

fn failed(error: &dyn std::error::Error) -> crate::Error {
    ErrorKind::Unsuitable(format!("the chart could not be drawn: {error}")).into()
}
