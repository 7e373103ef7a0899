//! The states of a treatment pathway with the shares that go from one to the next.

use super::outlook_notes::percent;
use super::palette::{self, Colour};
use super::svg::{Place, Side, Svg, document};
use crate::error::Result;
use crate::pathway::{Group, Line, Pathway, Share};

/// Shares below this are not drawn.
const LEAST: f64 = 0.0005;

const MARGIN: f64 = 16.0;
const BOX: (f64, f64) = (92.0, 34.0);
/// A box for the dead, the lost and the never treated.
const SMALL: (f64, f64) = (44.0, 24.0);
/// A box for those between two lines.
const BETWEEN: (f64, f64) = (84.0, 22.0);
/// From the top of a row to the tops of its boxes: lines, off treatment, ends.
const LEVELS: (f64, f64, f64) = (24.0, 92.0, 132.0);
const ROW: f64 = 184.0;
const NOTE: &str = "Shares of those who enter a state, at their central values.";

pub(super) fn draw(pathway: &Pathway, year: i32) -> Result<String> {
    let mut lines = pathway.groups().iter().flat_map(Group::lines);
    let gap = if lines.any(|line| line.off_treatment().is_some()) {
        BETWEEN.0 + 30.0
    } else {
        60.0
    };
    let column = BOX.0 + gap;
    let width = 2.0 * MARGIN + column * pathway.lines() as f64 + BOX.0;
    let rows = pathway.groups().len() as f64;
    let height = 2.0 * MARGIN + ROW * rows;
    let title = format!(
        "States of a treatment pathway of {} lines, for those diagnosed in {year}",
        pathway.lines()
    );
    document((width, height), &title, NOTE, |svg| {
        for (row, group) in pathway.groups().iter().enumerate() {
            let top = MARGIN + ROW * row as f64;
            draw_group(svg, group, year, top, column);
        }
        let at = (MARGIN, height - MARGIN);
        svg.text(NOTE, at, palette::NOTE, Side::Left);
    })
}

fn draw_group(svg: &mut Svg, group: &Group, year: i32, top: f64, column: f64) {
    let weight = percent(group.weight().central(year));
    let title = format!("{}: {weight} of those diagnosed in {year}", group.name());
    svg.text(&title, (MARGIN, top + 6.0), palette::TITLE, Side::Left);
    let (lines, ends) = (top + LEVELS.0, top + LEVELS.2);
    let across = lines + BOX.1 / 2.0;

    state(svg, (MARGIN, lines), BOX, "diagnosed", Colour::PALE);
    let never = group.never_treated().central(year);
    if never > LEAST {
        state(
            svg,
            (MARGIN, ends),
            (BOX.0, SMALL.1),
            "never treated",
            Colour::PALE,
        );
        let middle = MARGIN + BOX.0 / 2.0;
        arrow(svg, (middle, lines + BOX.1), (middle, ends), never);
    }
    arrow(
        svg,
        (MARGIN + BOX.0, across),
        (MARGIN + column, across),
        1.0 - never,
    );
    for (k, line) in group.lines().iter().enumerate() {
        let left = MARGIN + column * (k + 1) as f64;
        state(
            svg,
            (left, lines),
            BOX,
            &format!("line {}", k + 1),
            palette::BAND95,
        );
        draw_ways(svg, &Ways::of(line, year), (left, top), column);
    }
}

/// The arrows out of the box of a line, whose left edge and row are given.
fn draw_ways(svg: &mut Svg, ways: &Ways, (left, top): Place, column: f64) {
    let (lines, off, ends) = (top + LEVELS.0, top + LEVELS.1, top + LEVELS.2);
    let below = lines + BOX.1;
    if ways.next > LEAST {
        let across = lines + BOX.1 / 2.0;
        arrow(
            svg,
            (left + BOX.0, across),
            (left + column, across),
            ways.next,
        );
    }
    let exits = [
        ("dead", ways.death, left),
        ("lost", ways.lost, left + BOX.0 - SMALL.0),
    ];
    for (name, share, left) in exits.into_iter().filter(|(_, share, _)| *share > LEAST) {
        state(svg, (left, ends), SMALL, name, Colour::PALE);
        let middle = left + SMALL.0 / 2.0;
        arrow(svg, (middle, below), (middle, ends), share);
    }
    if let Some((share, between)) = &ways.off {
        let box_left = left + BOX.0 + 15.0;
        state(
            svg,
            (box_left, off),
            BETWEEN,
            "off treatment",
            palette::BAND95,
        );
        arrow(
            svg,
            (left + BOX.0 - 4.0, below),
            (box_left + 12.0, off),
            *share,
        );
        let into = (left + column + 4.0, below);
        arrow(svg, (box_left + BETWEEN.0 - 12.0, off), into, between.next);
        let mut y = off + BETWEEN.1 + 10.0;
        for (name, share) in [("dead", between.death), ("lost", between.lost)] {
            if share > LEAST {
                let text = format!("{name} {}", percent(rounded(share)));
                svg.text(&text, (box_left + 12.0, y), palette::NOTE, Side::Left);
                y += 12.0;
            }
        }
    }
}

fn state(svg: &mut Svg, (x, y): Place, (width, height): (f64, f64), name: &str, fill: Colour) {
    let corners = [
        (x, y),
        (x + width, y),
        (x + width, y + height),
        (x, y + height),
    ];
    svg.outlined(&corners, fill, palette::STATE);
    let middle = (x + width / 2.0, y + height / 2.0);
    svg.text(name, middle, palette::LABEL, Side::Middle);
}

fn arrow(svg: &mut Svg, from: Place, to: Place, share: f64) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy).max(1.0);
    let (ux, uy) = (dx / length, dy / length);
    let back = |along: f64, aside: f64| {
        (
            to.0 - along * ux + aside * uy,
            to.1 - along * uy - aside * ux,
        )
    };
    svg.line(&[from, back(5.0, 0.0)], palette::ARROW);
    svg.polygon(
        &[to, back(7.0, 3.0), back(7.0, -3.0)],
        palette::ARROW.colour,
    );
    let (x, y) = (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1));
    let text = percent(rounded(share));
    // Above an arrow that goes across, right of one that goes down, left of one that goes up.
    let (at, side) = if dy.abs() < 1.0 {
        ((x, y - 8.0), Side::Middle)
    } else if dy > 0.0 {
        ((x + if dx == 0.0 { 5.0 } else { 9.0 }, y), Side::Left)
    } else {
        ((x - 9.0, y), Side::Right)
    };
    svg.text(&text, at, palette::LABEL, side);
}

/// A share to a tenth of a per cent.
fn rounded(share: f64) -> f64 {
    (share * 1e3).round() / 1e3
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
        let off = line.off_treatment();
        let off = off.map(|(share, off)| (central(share), Box::new(Self::of(off, year))));
        let next = central(line.next());
        let remaining = 1.0 - next - off.as_ref().map_or(0.0, |(share, _)| *share);
        let death = line.death().map_or(remaining, central);
        Self {
            next,
            death,
            lost: remaining - death,
            off,
        }
    }
}
