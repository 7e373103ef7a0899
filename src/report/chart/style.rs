//! Colours, lines and sizes.
//!
//! The colours are those of Okabe & Ito (2008), "Color Universal Design",
//! <https://jfly.uni-koeln.de/color/>, which readers with any of the common kinds of colour
//! blindness tell apart; those that are too light for a thin line are darkened. Printed in grey,
//! bands differ by lightness and lines by their dashes, and lines are labelled where they end.

use plotters::style::RGBColor;

use super::canvas::{Dash, SOLID, Stroke, Type};
use crate::curve::Family;

pub(super) const INK: RGBColor = RGBColor(0x26, 0x26, 0x26);
pub(super) const BLACK: RGBColor = RGBColor(0, 0, 0);
const MUTED: RGBColor = RGBColor(0x55, 0x55, 0x55);
const PALE: RGBColor = RGBColor(0xE4, 0xE4, 0xE4);

/// Tints of the blue of the median.
pub(super) const BAND95: RGBColor = RGBColor(0xD2, 0xE4, 0xF1);
pub(super) const BAND50: RGBColor = RGBColor(0x92, 0xBE, 0xDD);

pub(super) const MEDIAN: Stroke = stroke(RGBColor(0x00, 0x4B, 0x78), 1.8, SOLID);
pub(super) const GRID: Stroke = stroke(PALE, 0.6, SOLID);
pub(super) const AXIS: Stroke = stroke(INK, 0.8, SOLID);
pub(super) const RULE: Stroke = stroke(RGBColor(0x80, 0x80, 0x80), 0.7, SOLID);
/// A curve that is shown and not mixed.
pub(super) const ASIDE: Stroke = stroke(RGBColor(0x6E, 0x6E, 0x6E), 0.7, &[0.8, 2.2]);
/// A plain product.
pub(super) const PRODUCT: Stroke = stroke(RGBColor(0xD5, 0x5E, 0x00), 1.1, &[4.0, 2.2]);

pub(super) const DOT: f64 = 2.4;
pub(super) const DIAMOND: f64 = 4.0;

pub(super) const TITLE: Type = set(11.0, true, INK);
pub(super) const AXIS_TITLE: Type = set(10.0, false, INK);
pub(super) const LABEL: Type = set(9.0, false, INK);
pub(super) const NOTE: Type = set(8.5, false, MUTED);

/// The line of a curve.
pub(super) const fn curve(family: Family) -> Stroke {
    const WIDTH: f64 = 1.1;
    match family {
        Family::Linear => stroke(RGBColor(0xD5, 0x5E, 0x00), WIDTH, &[6.0, 2.5]),
        Family::Exponential => stroke(BLACK, WIDTH, &[1.8, 1.8]),
        Family::Logistic => stroke(RGBColor(0x00, 0x9E, 0x73), WIDTH, &[6.0, 2.0, 1.2, 2.0]),
        Family::Gompertz => stroke(RGBColor(0xB8, 0x5C, 0x90), WIDTH, &[3.2, 2.0]),
        Family::Richards => stroke(RGBColor(0xC4, 0x84, 0x00), WIDTH, &[1.0, 1.5, 4.0, 1.5]),
    }
}

const fn stroke(colour: RGBColor, width: f64, dash: Dash) -> Stroke {
    Stroke {
        colour,
        width,
        dash,
    }
}

const fn set(size: f64, bold: bool, colour: RGBColor) -> Type {
    Type { size, bold, colour }
}
