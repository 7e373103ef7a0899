//! SVG 1.1 documents: the few shapes that a chart consists of, in pixels from the upper left corner.
//!
//! A chart is a picture of a few dozen shapes. Writing them is less work than correcting what a drawing
//! library makes of them: places to a tenth of a pixel, dashes that the reader's program repeats, text that
//! is set about its place, a title for screen readers.
//!
//! Specification: <https://www.w3.org/TR/SVG11/>.

use std::fmt::Write;

use super::colours::{self, Colour};
use crate::error::{Error, Result};
use crate::plain_text::markup;

/// Found on every desktop under one of these names; all of them have the same widths.
const FONT: &str = "Arial, Helvetica, Liberation Sans, sans-serif";

/// The longest side of a document that programs open, in pixels.
const LONGEST: f64 = 1e6;

/// A place on the sheet, in pixels to the right and down.
pub(super) type Place = (f64, f64);

/// Lengths of ink and gap along a line, in pixels; empty for an unbroken line.
pub(super) type Dash = &'static [f64];

/// An unbroken line.
pub(super) const SOLID: Dash = &[];

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stroke {
    pub(super) colour: Colour,
    pub(super) width: f64,
    pub(super) dash: Dash,
}

/// How a text is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Type {
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) colour: Colour,
}

/// The point of a text that lies at its place, always in the middle of its height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Middle,
    Right,
    /// The middle of a text that runs upwards.
    Upwards,
}

/// A document that is being drawn.
pub(super) struct Svg {
    body: String,
}

/// Draws a white sheet so many pixels wide and as high as what is drawn on it, which is known when it is drawn; `title` and
/// `description` are what a screen reader says of it.
///
/// # Errors
///
/// Where the sheet is larger than any program opens.
pub(super) fn document(
    width: f64,
    title: &str,
    description: &str,
    paint: impl FnOnce(&mut Svg) -> f64,
) -> Result<String> {
    let mut svg = Svg {
        body: String::new(),
    };
    let height = paint(&mut svg);
    for side in [width, height] {
        if !(side > 0.0 && side <= LONGEST) {
            return Err(Error::unsuitable(format!(
                "a chart of {side} pixels cannot be drawn: draw fewer regions in one chart"
            )));
        }
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
         role=\"img\" font-family=\"{FONT}\">\n<title>{}</title>\n<desc>{}</desc>\n<rect {} fill=\"{}\"/>\n{}</svg>\n",
        markup(title),
        markup(description),
        extent((0.0, 0.0), (width, height)),
        Colour::WHITE,
        svg.body,
        w = number(width),
        h = number(height),
    ))
}

impl Svg {
    /// A filled rectangle between its upper left and its lower right corner.
    pub(super) fn rectangle(&mut self, from: Place, to: Place, fill: Colour) {
        self.element(format_args!("<rect {} fill=\"{fill}\"/>", extent(from, to)));
    }

    /// An unseen rectangle whose text is shown where a pointer rests on it.
    pub(super) fn hover(&mut self, from: Place, to: Place, text: &str) {
        let (extent, text) = (extent(from, to), markup(text));
        self.element(format_args!(
            "<rect {extent} fill=\"none\" pointer-events=\"all\"><title>{text}</title></rect>"
        ));
    }

    /// A filled polygon.
    pub(super) fn polygon(&mut self, corners: &[Place], fill: Colour) {
        self.element(format_args!(
            "<polygon points=\"{}\" fill=\"{fill}\"/>",
            places(corners)
        ));
    }

    /// A filled box with an outline, so that a white one is seen on paper.
    pub(super) fn framed(
        &mut self,
        (left, top): Place,
        (right, bottom): Place,
        fill: Colour,
        outline: Stroke,
    ) {
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
        self.outlined(&corners, fill, outline);
    }

    /// A filled polygon with an outline.
    fn outlined(&mut self, corners: &[Place], fill: Colour, outline: Stroke) {
        self.element(format_args!(
            "<polygon points=\"{}\" fill=\"{fill}\"{}/>",
            places(corners),
            stroke(outline)
        ));
    }

    /// A line through some places.
    pub(super) fn line(&mut self, through: &[Place], with: Stroke) {
        if through.len() < 2 {
            return;
        }
        self.element(format_args!(
            "<polyline points=\"{}\" fill=\"none\"{}/>",
            places(through),
            stroke(with)
        ));
    }

    /// A filled dot.
    pub(super) fn dot(&mut self, (x, y): Place, radius: f64) {
        let [x, y, r] = [x, y, radius].map(number);
        let fill = Colour::BLACK;
        self.element(format_args!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\" fill=\"{fill}\"/>"
        ));
    }

    /// An open circle on a white ground.
    pub(super) fn circle(&mut self, (x, y): Place) {
        let [x, y, r] = [x, y, colours::DOT].map(number);
        let (fill, stroke) = (Colour::WHITE, Colour::BLACK);
        self.element(format_args!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\" fill=\"{fill}\" stroke=\"{stroke}\"/>"
        ));
    }

    /// An open diamond on a white ground.
    pub(super) fn diamond(&mut self, (x, y): Place) {
        let half = colours::DIAMOND;
        let corners = [(x, y - half), (x + half, y), (x, y + half), (x - half, y)];
        self.outlined(&corners, Colour::WHITE, colours::DIAMOND_LINE);
    }

    /// An open triangle on a white ground.
    pub(super) fn triangle(&mut self, (x, y): Place) {
        let (half, base) = (colours::DIAMOND, y + 0.8 * colours::DIAMOND);
        let corners = [(x, y - half), (x + half, base), (x - half, base)];
        self.outlined(&corners, Colour::WHITE, colours::TRIANGLE_LINE);
    }

    /// One line of text.
    pub(super) fn text(&mut self, text: &str, (x, y): Place, set: Type, side: Side) {
        let anchor = match side {
            Side::Left => "start",
            Side::Middle | Side::Upwards => "middle",
            Side::Right => "end",
        };
        let (x, y) = (number(x), number(y));
        let turned = if side == Side::Upwards {
            format!(" transform=\"rotate(-90 {x} {y})\"")
        } else {
            String::new()
        };
        let weight = if set.bold {
            " font-weight=\"bold\""
        } else {
            ""
        };
        // A third of the size below the middle of a line stands its baseline: programs disagree on
        // `dominant-baseline`, and agree on this.
        self.element(format_args!(
            "<text x=\"{x}\" y=\"{y}\" dy=\"0.35em\" text-anchor=\"{anchor}\" font-size=\"{}\"{weight} \
             fill=\"{}\"{turned}>{}</text>",
            number(set.size),
            set.colour,
            markup(text)
        ));
    }

    /// Lines of text below one another, so far apart.
    pub(super) fn lines(&mut self, lines: &[String], (x, y): Place, step: f64, set: Type) {
        for (i, line) in lines.iter().enumerate() {
            self.text(line, (x, y + step * i as f64), set, Side::Left);
        }
    }

    fn element(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.body, "{element}");
    }
}

fn stroke(with: Stroke) -> String {
    let mut text = format!(
        " stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"",
        with.colour,
        number(with.width)
    );
    if !with.dash.is_empty() {
        let dash: Vec<String> = with.dash.iter().map(|&length| number(length)).collect();
        let _ = write!(text, " stroke-dasharray=\"{}\"", dash.join(" "));
    }
    text
}

fn extent((left, top): Place, (right, bottom): Place) -> String {
    let [x, y, width, height] = [left, top, right - left, bottom - top].map(number);
    format!("x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"")
}

fn places(places: &[Place]) -> String {
    let pairs: Vec<String> = places
        .iter()
        .map(|&(x, y)| format!("{},{}", number(x), number(y)))
        .collect();
    pairs.join(" ")
}

/// Pixels to a tenth, written as shortly as that goes.
fn number(pixels: f64) -> String {
    let text = format!("{pixels:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0" } else { text }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (pixels, text) in [
            (0.0, "0"),
            (-0.01, "0"),
            (12.0, "12"),
            (1.25, "1.2"),
            (-3.46, "-3.5"),
        ] {
            assert_eq!(number(pixels), text);
        }
    }

    #[test]
    fn a_sheet_that_no_program_could_open_is_refused() {
        for (width, height) in [(1e9, 10.0), (10.0, f64::NAN), (0.0, 10.0)] {
            assert!(document(width, "", "", |_| height).is_err());
        }
    }
}
