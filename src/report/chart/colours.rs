//! Colours, lines and sizes of all charts.
//!
//! The colours are those of Okabe & Ito (2008), "Color Universal Design",
//! <https://jfly.uni-koeln.de/color/>, which readers with any of the common kinds of colour
//! blindness tell apart; those that are too light for a thin line are darkened. Printed in grey,
//! bands differ by lightness and lines by their dashes, and lines are labelled where they end.

use std::fmt;

use super::svg::{Dash, SOLID, Stroke, Type};
use crate::curve::Family;

/// A colour as SVG writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Colour(&'static str);

impl Colour {
    pub(super) const WHITE: Self = Self("#FFFFFF");
    pub(super) const BLACK: Self = Self("#000000");
    /// Text and axes.
    pub(super) const INK: Self = Self("#262626");
    /// Notes, and what is not the subject.
    pub(super) const MUTED: Self = Self("#555555");
    /// Grids, and the ground of a state that patients leave for good.
    pub(super) const PALE: Self = Self("#E4E4E4");
    const GREY: Self = Self("#808080");
    const BLUE: Self = Self("#004B78");
    const VERMILION: Self = Self("#D55E00");
    const GREEN: Self = Self("#009E73");
    const PURPLE: Self = Self("#B85C90");
    const OCHRE: Self = Self("#C48400");
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Tints of the blue of the median.
pub(super) const BAND95: Colour = Colour("#D2E4F1");
pub(super) const BAND50: Colour = Colour("#92BEDD");

pub(super) const MEDIAN: Stroke = stroke(Colour::BLUE, 1.8, SOLID);
pub(super) const GRID: Stroke = stroke(Colour::PALE, 0.6, SOLID);
pub(super) const AXIS: Stroke = stroke(Colour::INK, 0.8, SOLID);
pub(super) const RULE: Stroke = stroke(Colour::GREY, 0.7, SOLID);
/// The median of the linear pool: a long dash, wider than a curve's.
pub(super) const POOL: Stroke = stroke(Colour::GREY, 1.8, &[9.0, 3.0]);
/// A curve that is shown and not in the pool.
pub(super) const ASIDE: Stroke = stroke(Colour("#6E6E6E"), 0.7, &[0.8, 2.2]);
/// A plain product.
pub(super) const PRODUCT: Stroke = stroke(Colour::VERMILION, 1.1, &[4.0, 2.2]);
/// What a calibrated forecast would have.
pub(super) const NOMINAL: Stroke = stroke(Colour::VERMILION, 1.0, &[4.0, 2.2]);
/// Central intervals of a row.
pub(super) const INTERVAL95: Stroke = stroke(Colour::BLUE, 1.2, SOLID);
pub(super) const INTERVAL50: Stroke = stroke(Colour::BLUE, 5.0, SOLID);
/// The outline of a state, and the arrows between states.
pub(super) const STATE: Stroke = stroke(Colour::BLUE, 1.0, SOLID);
pub(super) const ARROW: Stroke = stroke(Colour::MUTED, 1.2, SOLID);

/// Parts of a change: light, dark and white in grey, and their outline.
pub(super) const POPULATION: Colour = BAND50;
pub(super) const AGEING: Colour = Colour::BLUE;
pub(super) const RATES: Colour = Colour::WHITE;
pub(super) const PART: Stroke = stroke(Colour::BLUE, 0.7, SOLID);

/// The outlines of marks.
pub(super) const DIAMOND_LINE: Stroke = stroke(Colour::BLACK, 1.3, SOLID);
pub(super) const TRIANGLE_LINE: Stroke = stroke(Colour::BLACK, 1.0, SOLID);

pub(super) const DOT: f64 = 2.4;
pub(super) const DIAMOND: f64 = 4.0;

pub(super) const TITLE: Type = set(11.0, true, Colour::INK);
pub(super) const AXIS_TITLE: Type = set(10.0, false, Colour::INK);
pub(super) const LABEL: Type = set(9.5, false, Colour::INK);
pub(super) const STRONG_LABEL: Type = set(9.5, true, Colour::INK);
pub(super) const NOTE: Type = set(9.5, false, Colour::MUTED);

/// The line of a curve.
pub(super) const fn curve(family: Family) -> Stroke {
    const WIDTH: f64 = 1.1;
    match family {
        Family::Linear => stroke(Colour::VERMILION, WIDTH, &[6.0, 2.5]),
        Family::Exponential => stroke(Colour::BLACK, WIDTH, &[1.8, 1.8]),
        Family::Logistic => stroke(Colour::GREEN, WIDTH, &[6.0, 2.0, 1.2, 2.0]),
        Family::Gompertz => stroke(Colour::PURPLE, WIDTH, &[3.2, 2.0]),
        Family::Richards => stroke(Colour::OCHRE, WIDTH, &[1.0, 1.5, 4.0, 1.5]),
    }
}

const fn stroke(colour: Colour, width: f64, dash: Dash) -> Stroke {
    Stroke {
        colour,
        width,
        dash,
    }
}

const fn set(size: f64, bold: bool, colour: Colour) -> Type {
    Type { size, bold, colour }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The relative luminance of a colour, from 0 to 1 (Rec. 709), with what a screen makes of its components.
    fn grey(colour: Colour) -> f64 {
        let component = |at: usize| {
            let value = u8::from_str_radix(&colour.0[at..at + 2], 16).unwrap();
            (f64::from(value) / 255.0).powf(2.2)
        };
        0.2126 * component(1) + 0.7152 * component(3) + 0.0722 * component(5)
    }

    /// Printed in grey, two lines of a chart differ in their dashes, or one is plain and wide; bands and bars in lightness.
    #[test]
    fn everything_is_told_apart_in_grey() {
        let curves = [
            Family::Linear,
            Family::Exponential,
            Family::Logistic,
            Family::Gompertz,
            Family::Richards,
        ];
        let mut lines: Vec<Stroke> = curves.map(curve).to_vec();
        lines.extend([MEDIAN, POOL, ASIDE]);
        for (i, one) in lines.iter().enumerate() {
            // Thin lines stand out against the bands that they cross.
            assert!(grey(BAND95) - grey(one.colour) > 0.3, "{one:?}");
            for other in &lines[i + 1..] {
                assert_ne!(one.dash, other.dash, "{one:?} {other:?}");
            }
        }
        let beside = [
            [Colour::WHITE, BAND95],
            [BAND95, BAND50],
            [BAND50, MEDIAN.colour],
            [POPULATION, AGEING],
            [POPULATION, RATES],
        ];
        for [light, dark] in beside {
            let apart = (grey(light) - grey(dark)).abs();
            assert!(apart > 0.15, "{light} {dark}: {apart}");
        }
    }
}
