//! One panel: a fan over calendar years, with lines and points.

use std::fmt::Write;

use super::axis::{self, Counts, Tick};
use super::colours;
use super::lettering::width;
use super::svg::{Place, SOLID, Side, Stroke, Svg};
use crate::draws::YearSummary;
use crate::error::{Error, Result};
use crate::plain_text::count;

/// A line, labelled at its right end if it has a label.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) points: Vec<Place>,
    pub(super) stroke: Stroke,
    pub(super) label: Option<String>,
}

/// How a single number is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// A filled dot: data.
    Observation,
    /// An open diamond: an opinion.
    PublishedProjection,
    /// An open circle, a triangle, then a cross: what other sources say, by their place.
    OtherSource(usize),
}

impl Mark {
    pub(super) fn draw(self, svg: &mut Svg, at: Place) {
        match self {
            Self::Observation => svg.dot(at, colours::DOT),
            Self::OtherSource(0) => svg.circle(at),
            Self::OtherSource(1) => svg.triangle(at),
            Self::OtherSource(_) => {
                let ((x, y), half) = (at, colours::DOT);
                svg.line(&[(x - half, y), (x + half, y)], colours::AXIS);
                svg.line(&[(x, y - half), (x, y + half)], colours::AXIS);
            }
            Self::PublishedProjection => svg.diamond(at),
        }
    }
}

/// One panel, in the units of its axes. Counts start at 0.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Panel {
    pub(super) title: String,
    /// From the first to the last year.
    pub(super) years: (f64, f64),
    /// By year; a single one is drawn as a short bar.
    pub(super) fan: Vec<YearSummary>,
    /// Drawn in this order, over the fan.
    pub(super) lines: Vec<Line>,
    pub(super) points: Vec<(Place, Mark)>,
    /// Years that are ruled from top to bottom.
    pub(super) rules: Vec<(f64, Stroke)>,
}

/// The rectangle inside the axes, on paper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

/// Room on paper between the first and last year and the frame.
const INSET: f64 = 6.0;
/// Length of the line from a curve's end to its label.
const LEADER: f64 = 14.0;

impl Panel {
    /// The axis that holds everything in the panel.
    pub(super) fn counts(&self) -> Result<Counts> {
        let fan = self.fan.iter().flat_map(|p| [p.median, p.upper95]);
        let lines = self.lines.iter().flat_map(|line| &line.points);
        let points = self.points.iter().map(|(place, _)| place);
        let greatest = fan
            .chain(lines.chain(points).map(|place| place.1))
            .fold(0.0, f64::max);
        axis::counts(greatest).ok_or_else(|| {
            Error::unsuitable(format!(
                "a chart of {} cannot be drawn up to {greatest:e}",
                self.title
            ))
        })
    }

    /// The room that labels need to the right of the frame.
    pub(super) fn label_room(&self) -> f64 {
        self.labels()
            .filter(|(end, ..)| end.0 >= self.years.1)
            .map(|(_, _, label)| LEADER + 3.0 + width(label, colours::LABEL.size, false))
            .fold(0.0, f64::max)
    }

    /// The last point, the line and the text of each label.
    fn labels(&self) -> impl Iterator<Item = (Place, Stroke, &str)> {
        self.lines.iter().filter_map(|line| {
            let end = line.points.last()?;
            Some((*end, line.stroke, line.label.as_deref()?))
        })
    }

    /// Draws everything but the title.
    pub(super) fn draw(&self, svg: &mut Svg, frame: Frame, counts: &Counts) {
        let on_paper = |(x, y): Place| frame.place(self.years, counts.end, (x, y));

        for tick in &counts.ticks {
            let y = on_paper((self.years.0, tick.at)).1;
            if tick.at > 0.0 {
                svg.line(&[(frame.left, y), (frame.right, y)], colours::GRID);
            }
            let at = (frame.left - 5.0, y);
            svg.text(&tick.label, at, colours::LABEL, Side::Right);
        }
        self.draw_fan(svg, on_paper);
        for (year, with) in &self.rules {
            let x = on_paper((*year, 0.0)).0;
            svg.line(&[(x, frame.top), (x, frame.bottom)], *with);
        }
        for line in &self.lines {
            let places: Vec<Place> = line.points.iter().copied().map(on_paper).collect();
            svg.line(&places, line.stroke);
        }
        self.draw_year_axis(svg, frame);
        self.draw_labels(svg, frame, on_paper);
        for &(place, mark) in &self.points {
            mark.draw(svg, on_paper(place));
        }
        self.draw_hover(svg, frame, on_paper);
    }

    /// The numbers of each year of the fan, where a pointer rests on it.
    fn draw_hover(&self, svg: &mut Svg, frame: Frame, on_paper: impl Fn(Place) -> Place) {
        let x = |year: f64| on_paper((year, 0.0)).0.clamp(frame.left, frame.right);
        for year in &self.fan {
            let at = f64::from(year.year);
            let mut text = format!("{} {}: {}", self.title, year.year, count(year.median));
            if year.varies() {
                let ends = [year.lower95, year.upper95].map(count);
                let _ = write!(text, " (95 %: {} to {})", ends[0], ends[1]);
            }
            svg.hover((x(at - 0.5), frame.top), (x(at + 0.5), frame.bottom), &text);
        }
    }

    fn draw_fan(&self, svg: &mut Svg, on_paper: impl Fn(Place) -> Place + Copy) {
        // A fan of one year has no width: it is given two pixels to either side.
        let side = if self.fan.len() == 1 { 2.0 } else { 0.0 };
        let edge = |value: fn(&YearSummary) -> f64| -> Vec<Place> {
            let fan = self.fan.iter();
            let points = fan.map(|year| on_paper((f64::from(year.year), value(year))));
            points
                .flat_map(|(x, y)| [(x - side, y), (x + side, y)])
                .step_by(if side > 0.0 { 1 } else { 2 })
                .collect()
        };
        for (lower, upper, colour) in [
            (edge(|p| p.lower95), edge(|p| p.upper95), colours::BAND95),
            (edge(|p| p.lower50), edge(|p| p.upper50), colours::BAND50),
        ] {
            let outline: Vec<Place> = upper.into_iter().chain(lower.into_iter().rev()).collect();
            // Without an error there is a line and no interval.
            if self.fan.iter().any(YearSummary::varies) {
                svg.polygon(&outline, colour);
            }
        }
        let median = edge(|p| p.median);
        if !median.is_empty() {
            svg.line(&median, colours::MEDIAN);
        }
    }

    fn draw_year_axis(&self, svg: &mut Svg, frame: Frame) {
        let (left, right, y) = (frame.left, frame.right, frame.bottom);
        svg.line(&[(left, y), (right, y)], colours::AXIS);
        let (first, last) = self.years;
        let pixels = right - left - 2.0 * INSET;
        for Tick { at, label } in axis::years(first, last, pixels, colours::LABEL.size) {
            let x = frame.place(self.years, 1.0, (at, 0.0)).0;
            svg.line(&[(x, y), (x, y + 4.0)], colours::AXIS);
            svg.text(&label, (x, y + 11.0), colours::LABEL, Side::Middle);
        }
    }

    fn draw_labels(&self, svg: &mut Svg, frame: Frame, on_paper: impl Fn(Place) -> Place) {
        let (at_frame, within): (Vec<_>, Vec<_>) =
            self.labels().partition(|(end, ..)| end.0 >= self.years.1);
        // A line that ends before the last year has its label at its end, on the side from which the line does not come: a
        // leader to the frame would run through the points of later years.
        for (end, _, label) in within {
            let mut lines = self.lines.iter().filter_map(|line| line.points.first());
            let rises = lines.next().is_none_or(|start| start.1 <= end.1);
            let (x, y) = on_paper(end);
            let y = y + if rises { -10.0 } else { 10.0 };
            svg.text(label, (x + 4.0, y), colours::LABEL, Side::Right);
        }
        let mut labels: Vec<(Place, Stroke, &str)> = at_frame
            .into_iter()
            .map(|(end, stroke, label)| (on_paper(end), stroke, label))
            .collect();
        labels.sort_by(|a, b| a.0.1.total_cmp(&b.0.1));
        let wanted: Vec<f64> = labels.iter().map(|(end, ..)| end.1).collect();
        let heights = spread(&wanted, colours::LABEL.size * 1.15, frame.top, frame.bottom);
        for ((end, stroke, label), y) in labels.into_iter().zip(heights) {
            let x = frame.right + LEADER;
            let leader = Stroke {
                dash: SOLID,
                width: 0.6,
                ..stroke
            };
            svg.line(&[end, (frame.right + 1.0, end.1), (x - 2.0, y)], leader);
            svg.text(label, (x, y), colours::LABEL, Side::Left);
        }
    }
}

impl Frame {
    /// Where a point of the axes lies on paper.
    pub(super) fn place(&self, (first, last): (f64, f64), end: f64, (x, y): Place) -> Place {
        let (left, right) = (self.left + INSET, self.right - INSET);
        let across = if last > first {
            (x - first) / (last - first)
        } else {
            // A single year stands in the middle.
            0.5
        };
        (
            left + across * (right - left),
            self.bottom - (y / end) * (self.bottom - self.top),
        )
    }
}

/// Moves increasing places apart until they are `gap` apart, as little as a pass down and a pass up
/// can, within the range; where they do not fit into it they stand evenly.
fn spread(wanted: &[f64], gap: f64, top: f64, bottom: f64) -> Vec<f64> {
    let gap = gap.min((bottom - top) / (wanted.len().max(2) - 1) as f64);
    // Places that would overlap share a block around their mean.
    let mut blocks: Vec<(f64, Vec<f64>)> = Vec::new();
    for &place in wanted {
        let mut members = vec![place];
        loop {
            let half = gap * (members.len() - 1) as f64 / 2.0;
            let mean = members.iter().sum::<f64>() / members.len() as f64;
            let centre = mean.min(bottom - half).max(top + half);
            match blocks.pop() {
                Some((above, others))
                    if above + gap * (others.len() + members.len()) as f64 / 2.0 > centre =>
                {
                    members = others.into_iter().chain(members).collect();
                }
                other => {
                    blocks.extend(other);
                    blocks.push((centre, members));
                    break;
                }
            }
        }
    }
    blocks
        .iter()
        .flat_map(|(centre, members)| {
            let first = centre - gap * (members.len() - 1) as f64 / 2.0;
            (0..members.len()).map(move |i| first + gap * i as f64)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_move_no_more_than_they_have_to() {
        let far = [10.0, 30.0, 80.0];
        assert_eq!(spread(&far, 10.0, 0.0, 100.0), far);
        // Two that coincide go half a gap each way; the third is far enough.
        assert_eq!(
            spread(&[50.0, 50.0, 70.0], 10.0, 0.0, 100.0),
            [45.0, 55.0, 70.0]
        );
        // Three in a block stand around their mean.
        assert_eq!(
            spread(&[50.0, 50.0, 59.0], 10.0, 0.0, 100.0),
            [43.0, 53.0, 63.0]
        );
        assert_eq!(spread(&[99.0, 100.0], 10.0, 0.0, 100.0), [90.0, 100.0]);
        assert_eq!(spread(&[0.0, 1.0], 10.0, 0.0, 100.0), [0.0, 10.0]);
        assert_eq!(
            spread(&[5.0; 5], 50.0, 0.0, 100.0),
            [0.0, 25.0, 50.0, 75.0, 100.0]
        );
        assert!(spread(&[], 10.0, 0.0, 100.0).is_empty());
    }
}
