//! Panels side by side and below one another, under one legend and above their notes.

use super::axis::Counts;
use super::colours::{self, Colour};
use super::fan_panel::{Frame, Mark, Panel};
use super::lettering::{width, wrap};
use super::paper::{MARGIN, WIDTH, paper, widest_of};
use super::svg::{Place, Side, Stroke, Svg};
use crate::error::Result;

/// What an entry of the legend shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Sample {
    Point(Mark),
    Line(Stroke),
    Band(Colour),
}

/// A whole chart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sheet {
    pub(super) title: String,
    pub(super) panels: Vec<Panel>,
    pub(super) x_title: &'static str,
    pub(super) y_title: &'static str,
    pub(super) legend: Vec<(Sample, String)>,
    /// Paragraphs below the panels; empty ones are left out.
    pub(super) notes: Vec<String>,
}

/// Of a panel beside another one, and of one alone.
const PLOT_HEIGHT: f64 = 190.0;
const ALONE_HEIGHT: f64 = 270.0;
/// Below the axis: tick labels and the gap to the next row.
const BELOW: f64 = 30.0;
const TITLE_LINE: f64 = 14.0;
const LEGEND_LINE: f64 = 15.0;
const AXIS_TITLE_LINE: f64 = 13.0;
const SAMPLE: f64 = 22.0;

impl Sheet {
    /// The chart as an SVG document.
    pub(super) fn svg(&self) -> Result<String> {
        let scales: Vec<Counts> = self
            .panels
            .iter()
            .map(Panel::counts)
            .collect::<Result<_>>()?;
        let notes: Vec<&str> = self.notes.iter().map(String::as_str).collect();
        let titles: Vec<&str> = self.panels.iter().map(|p| p.title.as_str()).collect();
        let description = format!("{}: {}", self.y_title, titles.join(", "));
        paper(WIDTH, &self.title, &description, &notes, |svg, top| {
            self.draw(&scales, svg, top)
        })
    }

    /// Draws everything between title and notes, from a height to the one that is returned.
    fn draw(&self, scales: &[Counts], svg: &mut Svg, top: f64) -> f64 {
        let (columns, plot_height) = match self.panels.len() {
            0 | 1 => (1, ALONE_HEIGHT),
            _ => (2, PLOT_HEIGHT),
        };
        let rows = self.panels.len().div_ceil(columns);
        let y_title_room = rows.max(1) as f64 * (plot_height + BELOW);
        let size = colours::AXIS_TITLE.size;
        let y_title = wrap(self.y_title, size, false, y_title_room, 3);
        let first_left = MARGIN + AXIS_TITLE_LINE * y_title.len() as f64 + 2.0;
        let cell_width = (WIDTH - MARGIN - first_left) / columns as f64;

        // Left and right of the frame within its cell.
        let ticks = scales.iter().flat_map(|scale| &scale.ticks);
        let tick_room = widest_of(ticks.map(|tick| tick.label.as_str())) + 8.0;
        let label_room = self.panels.iter().map(Panel::label_room);
        let label_room = label_room.fold(10.0, f64::max) + 4.0;
        let title_room = cell_width - tick_room - 4.0;

        let mut bottom = self.draw_legend(svg, top);
        let mut frames = Vec::new();
        let panels: Vec<_> = self.panels.iter().zip(scales).collect();
        for row in panels.chunks(columns) {
            let titles = row.iter();
            let titles: Vec<Vec<String>> = titles
                .map(|(panel, _)| wrap(&panel.title, colours::TITLE.size, true, title_room, 3))
                .collect();
            let lines = titles.iter().map(Vec::len).max().unwrap_or(0);
            let top = bottom + 10.0 + TITLE_LINE * lines as f64;
            bottom = top + plot_height;
            for (column, ((panel, scale), title)) in row.iter().zip(&titles).enumerate() {
                let left = first_left + cell_width * column as f64 + tick_room;
                let frame = Frame {
                    left,
                    right: left + cell_width - tick_room - label_room,
                    top,
                    bottom,
                };
                // The last line of a title stands right above its panel.
                let y = top - 12.0 - TITLE_LINE * (title.len().max(1) - 1) as f64;
                svg.lines(title, (left, y), TITLE_LINE, colours::TITLE);
                panel.draw(svg, frame, scale);
                frames.push(frame);
            }
            bottom += BELOW;
        }
        self.draw_axis_titles(svg, &y_title, &frames, columns);
        bottom + 6.0
    }

    /// Entries from left to right, in as many lines as they need; returns where they end.
    fn draw_legend(&self, svg: &mut Svg, top: f64) -> f64 {
        let (mut x, mut y) = (MARGIN, top + 4.0 + LEGEND_LINE / 2.0);
        for (sample, text) in &self.legend {
            let entry = SAMPLE + 5.0 + width(text, colours::LABEL.size, false);
            if x > MARGIN && x + entry > WIDTH - MARGIN {
                (x, y) = (MARGIN, y + LEGEND_LINE);
            }
            draw_sample(svg, (x, y), *sample);
            svg.text(text, (x + SAMPLE + 4.0, y), colours::LABEL, Side::Left);
            x += entry + 12.0;
        }
        y + LEGEND_LINE
    }

    fn draw_axis_titles(
        &self,
        svg: &mut Svg,
        y_title: &[String],
        frames: &[Frame],
        columns: usize,
    ) {
        let (Some(first), Some(last)) = (frames.first(), frames.last()) else {
            return;
        };
        let middle = f64::midpoint(first.top, last.bottom);
        let mut x = MARGIN + AXIS_TITLE_LINE / 2.0;
        for line in y_title {
            svg.text(line, (x, middle), colours::AXIS_TITLE, Side::Upwards);
            x += AXIS_TITLE_LINE;
        }
        // Below the last panel of every column.
        for frame in frames.iter().rev().take(columns) {
            let centre = (
                f64::midpoint(frame.left, frame.right),
                frame.bottom + BELOW - 4.0,
            );
            svg.text(self.x_title, centre, colours::AXIS_TITLE, Side::Middle);
        }
    }
}

fn draw_sample(svg: &mut Svg, (x, y): Place, sample: Sample) {
    let middle = (x + SAMPLE / 2.0, y);
    match sample {
        Sample::Point(mark) => mark.draw(svg, middle),
        Sample::Line(stroke) => svg.line(&[(x, y), (x + SAMPLE, y)], stroke),
        Sample::Band(colour) => svg.rectangle((x, y - 4.5), (x + SAMPLE, y + 4.5), colour),
    }
}
