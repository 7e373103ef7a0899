//! A sheet as wide as a printed page: a title above, notes below, and between them what a chart draws; and rows with
//! names over an axis that goes across.

use super::axis::Tick;
use super::colours;
use super::lettering::{width, wrap};
use super::svg::{Place, Side, Svg, document};
use crate::error::Result;

/// 720 pixels are the 190 mm of a printed page, and 9.5 of them 7.1 point.
pub(super) const WIDTH: f64 = 720.0;
pub(super) const MARGIN: f64 = 10.0;
/// A row with a name, and a bar in it.
pub(super) const ROW: f64 = 18.0;
const TITLE_LINE: f64 = 14.0;
const NOTE_LINE: f64 = 12.0;

/// The document of what is drawn from where the title ends to the height that `paint` returns. Empty notes are left out. Title
/// and `description` are what a screen reader says of it.
pub(super) fn paper(
    width: f64,
    title: &str,
    description: &str,
    notes: &[&str],
    paint: impl FnOnce(&mut Svg, f64) -> f64,
) -> Result<String> {
    let room = width - 2.0 * MARGIN;
    let title = wrap(title, colours::TITLE.size, true, room, 3);
    let notes: Vec<String> = notes
        .iter()
        .flat_map(|note| wrap(note, colours::NOTE.size, false, room, usize::MAX))
        .collect();
    document(width.ceil(), &title.join(" "), description, |svg| {
        let at = (MARGIN, MARGIN + 0.5 * TITLE_LINE);
        svg.lines(&title, at, TITLE_LINE, colours::TITLE);
        let bottom = paint(svg, MARGIN + TITLE_LINE * title.len() as f64);
        let at = (MARGIN, bottom + NOTE_LINE);
        svg.lines(&notes, at, NOTE_LINE, colours::NOTE);
        (bottom + NOTE_LINE * (notes.len() as f64 + 0.5) + MARGIN).ceil()
    })
}

/// Names of rows in one line each, and the room that the widest needs.
pub(super) fn names<'n>(
    names: impl IntoIterator<Item = &'n str>,
    widest: f64,
) -> (Vec<String>, f64) {
    let size = colours::LABEL.size;
    let names = names.into_iter();
    let names: Vec<String> = names
        .map(|name| wrap(name, size, false, widest, 1).concat())
        .collect();
    let room = widest_of(names.iter().map(String::as_str));
    (names, room)
}

/// The room that the widest of some labels needs.
pub(super) fn widest_of<'t>(texts: impl IntoIterator<Item = &'t str>) -> f64 {
    let widths = texts.into_iter();
    widths
        .map(|text| width(text, colours::LABEL.size, false))
        .fold(0.0, f64::max)
}

/// An axis below rows.
pub(super) struct Across {
    left: f64,
    right: f64,
    /// The numbers at its ends.
    low: f64,
    high: f64,
    ticks: Vec<Tick>,
}

impl Across {
    /// Below the rows: the labels.
    pub(super) const LABELS: f64 = 16.0;
    /// The labels, and the name of the axis.
    pub(super) const BELOW: f64 = 33.0;

    /// Over all of its marks, of which there are two or more.
    pub(super) fn new(left: f64, right: f64, ticks: Vec<Tick>) -> Self {
        let ends = [ticks.first(), ticks.last()].map(|tick| tick.map_or(0.0, |tick| tick.at));
        Self {
            left,
            right,
            low: ends[0],
            high: ends[1],
            ticks,
        }
    }

    /// Where a number stands.
    pub(super) fn at(&self, number: f64) -> f64 {
        self.left + (number - self.low) / (self.high - self.low) * (self.right - self.left)
    }

    /// Lines through the rows and labels below them.
    pub(super) fn draw(&self, svg: &mut Svg, top: f64, bottom: f64) {
        for tick in &self.ticks {
            let x = self.at(tick.at);
            svg.line(&[(x, top), (x, bottom)], colours::GRID);
            svg.text(
                &tick.label,
                (x, bottom + 11.0),
                colours::LABEL,
                Side::Middle,
            );
        }
    }

    /// What the numbers count, below the labels.
    pub(super) fn name(&self, svg: &mut Svg, name: &str, bottom: f64) {
        let centre: Place = (f64::midpoint(self.left, self.right), bottom + 26.0);
        svg.text(name, centre, colours::AXIS_TITLE, Side::Middle);
    }
}
