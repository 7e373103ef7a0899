//! The states of a treatment pathway with the shares that go from one to the next.

use super::colours::{self, Colour};
use super::outlook_notes::percent;
use super::paper::{MARGIN, WIDTH, paper};
use super::svg::{Place, Side, Svg};
use crate::error::Result;
use crate::pathway::{Group, Line, Pathway, Share};

/// Shares below this are not drawn.
const LEAST: f64 = 0.0005;

/// The height of the box of a line.
const BOX: f64 = 34.0;
/// A box for those between two lines, one for the never treated, and one for the dead or the lost.
const BETWEEN: (f64, f64) = (66.0, 22.0);
const NEVER: (f64, f64) = (76.0, 24.0);
const END: (f64, f64) = (34.0, 24.0);
/// From the top of a row to the boxes of its lines, and to those off treatment.
const LINES: f64 = 22.0;
const OFF: f64 = 114.0;
/// Between two lines of text.
const BELOW_TEXT: f64 = 11.0;
const NOTE: &str =
    "Boxes: states; arrows: shares of those who leave a state for good, at their central values.";
const UNCERTAIN: &str = "Below an uncertain share: the range that was stated for it, or in how many patients it was counted. Shares \
     without are taken as known.";
const KNOWN: &str = "All shares are taken as known, so there is no interval.";

/// The width of a line's box, from one box to the next, and from the top of a row to the boxes of its ends.
#[derive(Clone, Copy)]
struct Columns {
    width: f64,
    step: f64,
    ends: f64,
}

impl Columns {
    /// As wide as the sheet allows; a sheet of many lines is wider.
    fn of(pathway: &Pathway) -> Self {
        let mut lines = pathway.groups().iter().flat_map(Group::lines);
        let (width, least, most, ends) = if lines.any(|line| line.off_treatment().is_some()) {
            (72.0, 85.0, 114.0, 162.0)
        } else if pathway.lines() > 4 {
            (64.0, 42.0, 60.0, 118.0)
        } else {
            (92.0, 42.0, 60.0, 118.0)
        };
        let room = (WIDTH - 2.0 * MARGIN - width) / pathway.lines() as f64;
        let step = width + (room - width).clamp(least, most);
        Self { width, step, ends }
    }
}

/// The state diagram of a pathway: a box for each state, and on each arrow the share that goes that way.
///
/// Shares are those of the patients diagnosed in `year`, in per cent of the ones who leave the state; below an uncertain one
/// stands its range, or in how many patients it was counted. A row is a group of patients. More than six lines, or four with
/// time off treatment after them, make the sheet wider than a page.
///
/// # Errors
///
/// Where there are too many groups to be drawn.
///
/// # Example
///
/// ```
/// use myeloma_epi::pathway::{Line, Pathway, Share, SojournTime};
/// use myeloma_epi::report::chart;
///
/// let pathway = Pathway::of_lines([
///     Line::new(SojournTime::exponential(2.5)?, Share::new(0.6)?),
///     Line::new(SojournTime::exponential(1.5)?, Share::new(0.0)?),
/// ])?;
/// let svg = chart::states(&pathway, 2025)?;
/// assert!(svg.contains("line 1") && svg.contains("60\u{A0}%")); // 60 % go on to line 2
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn states(pathway: &Pathway, year: i32) -> Result<String> {
    let columns = Columns::of(pathway);
    let width = 2.0 * MARGIN + columns.step * pathway.lines() as f64 + columns.width;
    let uncertain = if pathway.is_uncertain() {
        UNCERTAIN
    } else {
        KNOWN
    };
    let title = format!(
        "Ways through {} lines of therapy, of patients diagnosed in {year}",
        pathway.lines()
    );
    let notes = [NOTE, uncertain];
    paper(width.max(WIDTH), &title, NOTE, &notes, |svg, top| {
        let mut top = top + 8.0;
        for group in pathway.groups() {
            draw_group(svg, group, year, top, columns);
            top += columns.ends + END.1 + 14.0;
        }
        top
    })
}

fn draw_group(svg: &mut Svg, group: &Group, year: i32, top: f64, columns: Columns) {
    let weight = percent(group.weight().central(year));
    let title = format!("{}: {weight} of those diagnosed in {year}", group.name());
    let at = (MARGIN, top + 6.0);
    svg.text(&title, at, colours::STRONG_LABEL, Side::Left);
    let (lines, ends) = (top + LINES, top + columns.ends);
    let across = lines + BOX / 2.0;

    let size = (columns.width, BOX);
    state(svg, (MARGIN, lines), size, "diagnosed", Colour::PALE);
    let never = Way::of(group.never_treated(), year);
    let treated = Way::remaining(1.0 - never.share);
    if never.is_drawn() {
        state(svg, (MARGIN, ends), NEVER, "never treated", Colour::PALE);
        let x = MARGIN + columns.width / 2.0;
        arrow(svg, (x, lines + BOX), (x, ends));
        never.write(svg, (x + 5.0, lines + BOX + 14.0), Side::Left);
    }
    let from = MARGIN + columns.width;
    arrow(svg, (from, across), (MARGIN + columns.step, across));
    treated.write_along(svg, (from, MARGIN + columns.step), across);
    for (k, line) in group.lines().iter().enumerate() {
        let left = MARGIN + columns.step * (k + 1) as f64;
        let name = format!("line {}", k + 1);
        state(svg, (left, lines), size, &name, colours::BAND95);
        draw_ways(svg, &Ways::of(line, year), (left, top), columns);
    }
}

/// The arrows out of the box of a line, whose left edge and row are given.
fn draw_ways(svg: &mut Svg, ways: &Ways, (left, top): Place, columns: Columns) {
    let (lines, off, ends) = (top + LINES, top + OFF, top + columns.ends);
    let below = lines + BOX;
    let (right, next) = (left + columns.width, left + columns.step);
    if ways.next.is_drawn() {
        let across = lines + BOX / 2.0;
        arrow(svg, (right, across), (next, across));
        ways.next.write_along(svg, (right, next), across);
    }
    // The shares of both stand between their arrows, one high and one low.
    if ways.death.is_drawn() {
        state(svg, (left, ends), END, "dead", Colour::PALE);
        let x = left + END.0 / 2.0;
        arrow(svg, (x, below), (x, ends));
        let at = (x + 5.0, below + 14.0);
        ways.death.write(svg, at, Side::Left);
    }
    if ways.lost.is_drawn() {
        let box_left = right - END.0;
        state(svg, (box_left, ends), END, "lost", Colour::PALE);
        let x = box_left + END.0 / 2.0;
        arrow(svg, (x, below), (x, ends));
        ways.lost.write(svg, (x - 5.0, ends - 24.0), Side::Right);
    }
    if let Some((share, between)) = &ways.off {
        let box_left = f64::midpoint(right, next) - BETWEEN.0 / 2.0;
        let at = (box_left, off);
        state(svg, at, BETWEEN, "off treatment", colours::BAND95);
        let into = (box_left + 12.0, off);
        arrow(svg, (right - 4.0, below), into);
        share.write(svg, (right + 10.0, below + 8.0), Side::Left);
        let from = (box_left + BETWEEN.0 - 12.0, off);
        arrow(svg, from, (next + 4.0, below));
        let lift = between.next.below.as_ref().map_or(0.0, |_| BELOW_TEXT);
        let at = (from.0 - 4.0, off - 9.0 - lift);
        between.next.write(svg, at, Side::Right);
        let mut at = (box_left + 2.0, off + BETWEEN.1 + 10.0);
        for (name, way) in [("dead", &between.death), ("lost", &between.lost)] {
            if way.is_drawn() {
                let text = format!("{name} {}", percent(rounded(way.share)));
                for line in [Some(&text), way.below.as_ref()].into_iter().flatten() {
                    svg.text(line, at, colours::NOTE, Side::Left);
                    at.1 += BELOW_TEXT;
                }
            }
        }
    }
}

fn state(svg: &mut Svg, (x, y): Place, (width, height): (f64, f64), name: &str, fill: Colour) {
    svg.framed((x, y), (x + width, y + height), fill, colours::STATE);
    let middle = (x + width / 2.0, y + height / 2.0);
    svg.text(name, middle, colours::LABEL, Side::Middle);
}

fn arrow(svg: &mut Svg, from: Place, to: Place) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy).max(1.0);
    let (ux, uy) = (dx / length, dy / length);
    let back = |along: f64, aside: f64| {
        (
            to.0 - along * ux + aside * uy,
            to.1 - along * uy - aside * ux,
        )
    };
    svg.line(&[from, back(5.0, 0.0)], colours::ARROW);
    svg.polygon(
        &[to, back(7.0, 3.0), back(7.0, -3.0)],
        colours::ARROW.colour,
    );
}

/// A share to a tenth of a per cent.
fn rounded(share: f64) -> f64 {
    (share * 1e3).round() / 1e3
}

/// The share that goes a way, and how uncertain it is.
struct Way {
    share: f64,
    below: Option<String>,
}

impl Way {
    fn of(share: &Share, year: i32) -> Self {
        let range = share.ends().map(|(low, high)| {
            let [low, high] = [low, high].map(|end| percent(rounded(end)));
            let low = low.trim_end_matches(['\u{A0}', '%']);
            format!("{low}–{high}")
        });
        let counted = || Some(format!("of {}", share.count()?.1));
        Self {
            share: share.central(year),
            below: range.or_else(counted),
        }
    }

    /// What other ways leave.
    const fn remaining(share: f64) -> Self {
        Self { share, below: None }
    }

    fn is_drawn(&self) -> bool {
        self.share > LEAST
    }

    /// The share, and below it how uncertain it is.
    fn write(&self, svg: &mut Svg, (x, y): Place, side: Side) {
        let share = percent(rounded(self.share));
        svg.text(&share, (x, y), colours::LABEL, side);
        if let Some(below) = &self.below {
            svg.text(below, (x, y + BELOW_TEXT), colours::NOTE, side);
        }
    }

    /// The same about an arrow that goes across.
    fn write_along(&self, svg: &mut Svg, (from, to): (f64, f64), y: f64) {
        let x = f64::midpoint(from, to) - 2.0;
        let share = percent(rounded(self.share));
        svg.text(&share, (x, y - 8.0), colours::LABEL, Side::Middle);
        if let Some(below) = &self.below {
            svg.text(below, (x, y + 9.0), colours::NOTE, Side::Middle);
        }
    }
}

/// The ways out of a line, or out of the time after it.
struct Ways {
    next: Way,
    death: Way,
    lost: Way,
    /// The share that goes off treatment, and where those go.
    off: Option<(Way, Box<Ways>)>,
}

impl Ways {
    fn of(line: &Line, year: i32) -> Self {
        let off = line.off_treatment();
        let off = off.map(|(share, off)| (Way::of(share, year), Box::new(Self::of(off, year))));
        let next = Way::of(line.next(), year);
        let remaining = 1.0 - next.share - off.as_ref().map_or(0.0, |(way, _)| way.share);
        let death = line.death();
        let death = death.map_or(Way::remaining(remaining), |share| Way::of(share, year));
        Self {
            lost: Way::remaining(remaining - death.share),
            next,
            death,
            off,
        }
    }
}
