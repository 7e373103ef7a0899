//! Ink on paper: the few shapes that a chart consists of, in pixels with a fraction.
//!
//! The backend takes whole numbers. The document is therefore drawn [`SCALE`] times as large as it
//! is shown, and its view box scales it down: coordinates are good to a tenth of a pixel.

use plotters::backend::DrawingBackend;
use plotters::prelude::{FontStyle, FontTransform, IntoFont, RGBColor, SVGBackend, ShapeStyle};
use plotters::style::TextStyle;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::text::clean;
use crate::error::{Error, ErrorKind, Result};

/// Units of the document per pixel.
pub(super) const SCALE: f64 = 10.0;

/// Found on every desktop under one of these names; all of them have the same widths.
const FONT: &str = "Arial, Helvetica, Liberation Sans, sans-serif";

/// Lengths of ink and gap along a line, in pixels; empty for an unbroken line.
pub(super) type Dash = &'static [f64];

/// An unbroken line.
pub(super) const SOLID: Dash = &[];

/// A place on the paper, from its upper left corner.
pub(super) type Place = (f64, f64);

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stroke {
    pub(super) colour: RGBColor,
    pub(super) width: f64,
    pub(super) dash: Dash,
}

/// How a text is set. Its place is the middle of its height and the end that `side` names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Type {
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) colour: RGBColor,
}

/// The point of a text that lies at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Middle,
    Right,
    /// The middle of a text that runs upwards.
    Upwards,
}

/// A white sheet.
pub(super) struct Canvas<'a> {
    backend: SVGBackend<'a>,
}

/// Draws an SVG document of a size in pixels; `title` is what a screen reader says of it.
pub(super) fn document(
    (width, height): Place,
    title: &str,
    paint: impl FnOnce(&mut Canvas<'_>) -> Result<()>,
) -> Result<String> {
    let mut drawn = String::new();
    let size = (side(width)?, side(height)?);
    let mut canvas = Canvas {
        backend: SVGBackend::with_string(&mut drawn, size),
    };
    canvas.rectangle((0.0, 0.0), (width, height), plotters::style::WHITE)?;
    paint(&mut canvas)?;
    canvas.backend.present().map_err(|error| failed(&error))?;
    drop(canvas);

    // The backend's first line gives the size of the view box as that of the picture.
    let body = drawn.split_once('\n').map_or("", |(_, body)| body);
    let title = escaped(&clean(title));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {} {}\" role=\"img\">\n<title>{title}</title>\n",
        size.0, size.1
    );
    // It also gives texts a colour for their opacity, which no standard knows. Texts are escaped:
    // they hold no quotation mark of their own.
    let mut pieces = body.split(" opacity=\"#");
    svg.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        svg.push_str(piece.split_once('"').map_or(piece, |(_, rest)| rest));
    }
    Ok(svg)
}

impl Canvas<'_> {
    /// A filled rectangle between two opposite corners.
    pub(super) fn rectangle(&mut self, a: Place, b: Place, colour: RGBColor) -> Result<()> {
        self.backend
            .draw_rect(units(a), units(b), &ShapeStyle::from(colour).filled(), true)
            .map_err(|error| failed(&error))
    }

    /// A filled polygon.
    pub(super) fn polygon(&mut self, corners: &[Place], colour: RGBColor) -> Result<()> {
        self.backend
            .fill_polygon(
                corners.iter().copied().map(units),
                &ShapeStyle::from(colour),
            )
            .map_err(|error| failed(&error))
    }

    /// A line through some places.
    pub(super) fn line(&mut self, through: &[Place], stroke: Stroke) -> Result<()> {
        if stroke.dash.is_empty() {
            return self.stretch(through, stroke);
        }
        for dash in dashes(through, stroke.dash) {
            self.stretch(&dash, stroke)?;
        }
        Ok(())
    }

    fn stretch(&mut self, through: &[Place], stroke: Stroke) -> Result<()> {
        let width = unit(stroke.width).unsigned_abs().max(1);
        let style = ShapeStyle::from(stroke.colour).stroke_width(width);
        self.backend
            .draw_path(through.iter().copied().map(units), &style)
            .map_err(|error| failed(&error))
    }

    /// A filled dot.
    pub(super) fn dot(&mut self, at: Place, radius: f64, colour: RGBColor) -> Result<()> {
        let radius = unit(radius).unsigned_abs();
        self.backend
            .draw_circle(units(at), radius, &ShapeStyle::from(colour).filled(), true)
            .map_err(|error| failed(&error))
    }

    /// An open diamond on a white ground.
    pub(super) fn diamond(&mut self, (x, y): Place, radius: f64, colour: RGBColor) -> Result<()> {
        let corners = [
            (x, y - radius),
            (x + radius, y),
            (x, y + radius),
            (x - radius, y),
        ];
        self.polygon(&corners, plotters::style::WHITE)?;
        // One corner more than once around closes the line without a notch.
        let outline: Vec<Place> = corners.iter().chain(&corners[..2]).copied().collect();
        self.line(
            &outline,
            Stroke {
                colour,
                width: 1.3,
                dash: SOLID,
            },
        )
    }

    /// One line of text.
    pub(super) fn text(&mut self, text: &str, at: Place, set: Type, side: Side) -> Result<()> {
        let (anchor, transform) = match side {
            Side::Left => (HPos::Left, FontTransform::None),
            Side::Middle => (HPos::Center, FontTransform::None),
            Side::Right => (HPos::Right, FontTransform::None),
            Side::Upwards => (HPos::Center, FontTransform::Rotate270),
        };
        let weight = if set.bold {
            FontStyle::Bold
        } else {
            FontStyle::Normal
        };
        // The backend divides the size by this number.
        let font = (FONT, set.size * SCALE * 1.24)
            .into_font()
            .style(weight)
            .transform(transform);
        let style = TextStyle::from(font)
            .color(&set.colour)
            .pos(Pos::new(anchor, VPos::Center));
        self.backend
            .draw_text(&clean(text), &style, units(at))
            .map_err(|error| failed(&error))
    }
}

/// The inked time_scale_factors of a broken line.
fn dashes(through: &[Place], pattern: Dash) -> Vec<Vec<Place>> {
    let mut time_scale_factors = Vec::new();
    let mut lengths = pattern.iter().copied().cycle();
    let (mut left, mut inked) = (lengths.next().unwrap_or(f64::INFINITY), true);
    let mut stretch: Vec<Place> = through.first().copied().into_iter().collect();
    for pair in through.windows(2) {
        let [mut from, to] = [pair[0], pair[1]];
        loop {
            let length = (to.0 - from.0).hypot(to.1 - from.1);
            if length <= left {
                left -= length;
                stretch.push(to);
                break;
            }
            let part = left / length;
            from = (
                from.0 + part * (to.0 - from.0),
                from.1 + part * (to.1 - from.1),
            );
            stretch.push(from);
            if inked {
                time_scale_factors.push(std::mem::take(&mut stretch));
            }
            stretch.clear();
            stretch.push(from);
            inked = !inked;
            left = lengths.next().unwrap_or(f64::INFINITY);
        }
    }
    if inked && stretch.len() > 1 {
        time_scale_factors.push(stretch);
    }
    time_scale_factors
}

fn units((x, y): Place) -> (i32, i32) {
    (unit(x), unit(y))
}

/// Pixels in whole units of the document.
#[allow(clippy::cast_possible_truncation)]
fn unit(pixels: f64) -> i32 {
    (pixels * SCALE).round() as i32
}

/// The length of a side of the document in its units.
fn side(pixels: f64) -> Result<u32> {
    let units = unit(pixels);
    if pixels > 0.0 && units < i32::MAX {
        return Ok(units.unsigned_abs());
    }
    Err(ErrorKind::Unsuitable(format!(
        "a chart of {pixels} pixels cannot be drawn: draw fewer regions in one chart"
    ))
    .into())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn failed(error: &dyn std::fmt::Display) -> Error {
    ErrorKind::Unsuitable(format!("the chart cannot be drawn: {error}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_line_has_the_ink_and_gaps_of_its_pattern() {
        let line = [(0.0, 0.0), (6.0, 0.0), (6.0, 6.0)];
        // 12 pixels: ink 0 to 4, gap to 5, ink 5 to 9 around the corner, gap to 10, ink to the end.
        let got = dashes(&line, &[4.0, 1.0]);
        let expected = vec![
            vec![(0.0, 0.0), (4.0, 0.0)],
            vec![(5.0, 0.0), (6.0, 0.0), (6.0, 3.0)],
            vec![(6.0, 4.0), (6.0, 6.0)],
        ];
        assert_eq!(got, expected);
        assert!(dashes(&[], &[4.0, 1.0]).is_empty());
        assert!(dashes(&line[..1], &[4.0, 1.0]).is_empty());
    }

    #[test]
    fn a_sheet_that_no_reader_could_open_is_refused() {
        for size in [(1e9, 10.0), (10.0, f64::NAN), (0.0, 10.0)] {
            assert!(document(size, "", |_| Ok(())).is_err());
        }
    }
}
