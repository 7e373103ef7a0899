//! Panels side by side and below one another, under one legend and above their notes.

use super::axis::Counts;
use super::colours::{self, Colour};
use super::fan_panel::{Frame, Mark, Panel};
use super::lettering::{width, wrap};
use super::paper::{MARGIN, Paper, WIDTH, widest_of};
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

/// Where everything goes.
struct Layout {
    columns: usize,
    cell_width: f64,
    plot_height: f64,
    /// Left and right of the frame within its cell.
    sides: (f64, f64),
    titles: Vec<Vec<String>>,
    /// The top of the frames of each row.
    tops: Vec<f64>,
    y_title: Vec<String>,
    legend: Vec<(Place, usize)>,
    /// The left of the first column.
    left: f64,
    bottom: f64,
}

impl Sheet {
    /// The chart as an SVG document.
    pub(super) fn svg(&self) -> Result<String> {
        let scales: Vec<Counts> = self
            .panels
            .iter()
            .map(Panel::counts)
            .collect::<Result<_>>()?;
        let notes: Vec<&str> = self.notes.iter().map(String::as_str).collect();
        let paper = Paper::new(&self.title, &notes);
        let layout = self.layout(&scales, paper.top());
        let titles: Vec<&str> = self.panels.iter().map(|p| p.title.as_str()).collect();
        let description = format!("{}: {}", self.y_title, titles.join(", "));
        paper.draw(layout.bottom, &description, |svg| {
            self.draw(&layout, &scales, svg);
        })
    }

    fn layout(&self, scales: &[Counts], top: f64) -> Layout {
        let (columns, plot_height) = match self.panels.len() {
            0 | 1 => (1, ALONE_HEIGHT),
            _ => (2, PLOT_HEIGHT),
        };
        let rows = self.panels.len().div_ceil(columns);
        let y_title_room = rows.max(1) as f64 * (plot_height + BELOW);
        let size = colours::AXIS_TITLE.size;
        let y_title = wrap(self.y_title, size, false, y_title_room, 3);
        let left = MARGIN + AXIS_TITLE_LINE * y_title.len() as f64 + 2.0;
        let cell_width = (WIDTH - MARGIN - left) / columns as f64;

        let ticks = scales.iter().flat_map(|scale| &scale.ticks);
        let tick_room = widest_of(ticks.map(|tick| tick.label.as_str()));
        let label_room = self.panels.iter().map(Panel::label_room);
        let sides = (tick_room + 8.0, label_room.fold(10.0, f64::max) + 4.0);
        let title_room = cell_width - sides.0 - 4.0;
        let titles = self.panels.iter();
        let titles: Vec<Vec<String>> = titles
            .map(|panel| wrap(&panel.title, colours::TITLE.size, true, title_room, 3))
            .collect();

        let legend = self.legend_places(top + 4.0);
        let mut bottom = legend
            .last()
            .map_or(top, |(place, _)| place.1 + LEGEND_LINE);
        let mut tops = Vec::new();
        for row in titles.chunks(columns) {
            let lines = row.iter().map(Vec::len).max().unwrap_or(0);
            let top = bottom + 10.0 + TITLE_LINE * lines as f64;
            tops.push(top);
            bottom = top + plot_height + BELOW;
        }
        Layout {
            columns,
            cell_width,
            plot_height,
            sides,
            titles,
            tops,
            y_title,
            legend,
            left,
            bottom: bottom + 6.0,
        }
    }

    /// Entries from left to right, in as many lines as they need.
    fn legend_places(&self, top: f64) -> Vec<(Place, usize)> {
        let (mut x, mut y) = (MARGIN, top + LEGEND_LINE / 2.0);
        let mut places = Vec::new();
        for (i, (_, text)) in self.legend.iter().enumerate() {
            let entry = SAMPLE + 5.0 + width(text, colours::LABEL.size, false);
            if x > MARGIN && x + entry > WIDTH - MARGIN {
                (x, y) = (MARGIN, y + LEGEND_LINE);
            }
            places.push(((x, y), i));
            x += entry + 12.0;
        }
        places
    }

    fn draw(&self, layout: &Layout, scales: &[Counts], svg: &mut Svg) {
        for &((x, y), i) in &layout.legend {
            let (sample, text) = &self.legend[i];
            draw_sample(svg, (x, y), *sample);
            svg.text(text, (x + SAMPLE + 4.0, y), colours::LABEL, Side::Left);
        }

        let mut frames = Vec::new();
        let panels = self.panels.iter().zip(scales);
        for (i, ((panel, scale), title)) in panels.zip(&layout.titles).enumerate() {
            let (row, column) = (i / layout.columns, i % layout.columns);
            let left = layout.left + layout.cell_width * column as f64 + layout.sides.0;
            let top = layout.tops[row];
            let frame = Frame {
                left,
                right: left + layout.cell_width - layout.sides.0 - layout.sides.1,
                top,
                bottom: top + layout.plot_height,
            };
            // The last line of a title stands right above its panel.
            let mut y = top - 12.0 - TITLE_LINE * (title.len().max(1) - 1) as f64;
            for line in title {
                svg.text(line, (left, y), colours::TITLE, Side::Left);
                y += TITLE_LINE;
            }
            panel.draw(svg, frame, scale);
            frames.push(frame);
        }

        self.draw_axis_titles(layout, &frames, svg);
    }

    fn draw_axis_titles(&self, layout: &Layout, frames: &[Frame], svg: &mut Svg) {
        let (Some(first), Some(last)) = (frames.first(), frames.last()) else {
            return;
        };
        let middle = f64::midpoint(first.top, last.bottom);
        let mut x = MARGIN + AXIS_TITLE_LINE / 2.0;
        for line in &layout.y_title {
            svg.text(line, (x, middle), colours::AXIS_TITLE, Side::Upwards);
            x += AXIS_TITLE_LINE;
        }
        // Below the last panel of every column.
        for frame in frames.iter().rev().take(layout.columns) {
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
