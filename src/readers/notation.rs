//! Which decimal mark a file has. One program writes one notation, so the whole file decides.

use super::layout::Layout;
use super::shared_words::{Cell, cell};
use crate::error::Result;
use crate::files::{numeral, unreadable};

/// The decimal mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    Point,
    Comma,
}

/// Where a number was found.
#[derive(Debug, Clone)]
struct Place {
    line: u64,
    column: String,
    text: String,
}

/// What the numbers of a file say of its decimal mark.
pub(super) struct Evidence {
    /// Columns of numbers, and whether they are whole.
    columns: Vec<(usize, bool)>,
    /// The first number that has a decimal point.
    point: Option<Place>,
    /// The first number that has a decimal comma.
    comma: Option<Place>,
    /// The first `1.234`, and the first of them that is not in a column of whole numbers.
    with_point: [Option<Place>; 2],
    /// The first `1,234`, likewise.
    with_comma: [Option<Place>; 2],
}

impl Evidence {
    pub(super) fn new(layout: &Layout) -> Self {
        Self {
            columns: layout.numbers(),
            point: None,
            comma: None,
            with_point: [None, None],
            with_comma: [None, None],
        }
    }

    /// Takes the numbers of a row in. Between commas `1.234` has a decimal point, and only a number in quotes may have a comma.
    pub(super) fn of_row(
        &mut self,
        names: &[String],
        record: &csv::StringRecord,
        line: u64,
        by_commas: bool,
    ) {
        for &(column, whole) in &self.columns {
            let Some(Cell::Text(text)) = record.get(column).map(cell) else {
                continue;
            };
            // One number with a point says as much as a million of them.
            let points = text.matches('.').count();
            let says_more = points > 1 || (points == 1 && !whole && self.point.is_none());
            if by_commas && !text.contains(',') && !says_more {
                continue;
            }
            let text = text.strip_suffix('%').unwrap_or(text);
            let Some(numeral) = numeral(text) else {
                continue;
            };
            let slot = match (numeral.point, numeral.comma) {
                (_, None) => &mut self.point,
                (None, _) => &mut self.comma,
                (point, comma) if point == comma => continue,
                _ if by_commas && !whole && text.contains('.') => &mut self.point,
                _ if text.contains('.') => &mut self.with_point[usize::from(!whole)],
                _ => &mut self.with_comma[usize::from(!whole)],
            };
            if slot.is_none() {
                let (column, text) = (names[column].clone(), text.to_owned());
                *slot = Some(Place { line, column, text });
            }
        }
    }

    /// The notation, and a note where something had to be settled.
    pub(super) fn settled(
        self,
        place: &str,
        by_commas: bool,
    ) -> Result<(Notation, Option<String>)> {
        let first = |places: &[Option<Place>; 2]| {
            places
                .iter()
                .flatten()
                .min_by_key(|found| found.line)
                .cloned()
        };
        let notation = match (&self.point, &self.comma) {
            (Some(point), Some(comma)) => {
                return Err(unreadable(
                    place,
                    Some(comma.line.max(point.line)),
                    format!(
                        "\"{}\" (column {}, line {}) has a decimal point, \"{}\" (column {}, line {}) a decimal comma: a file has one \
                         of them",
                        point.text, point.column, point.line, comma.text, comma.column, comma.line
                    ),
                ));
            }
            (Some(_), None) => Notation::Point,
            (None, Some(_)) => Notation::Comma,
            (None, None) if by_commas => Notation::Point,
            (None, None) => {
                let open = self.with_point[1].as_ref().or(self.with_comma[1].as_ref());
                match (open, &self.with_point[0], &self.with_comma[0]) {
                    // In whole numbers either mark parts thousands.
                    (None, None, _) => Notation::Point,
                    (None, Some(_), None) => Notation::Comma,
                    (Some(found), ..) | (None, Some(found), Some(_)) => {
                        return Err(unreadable(
                            place,
                            Some(found.line),
                            format!(
                                "column {}: \"{}\" may have a decimal mark or a thousands separator, and no number of the file \
                                 decides it: write it without a thousands separator",
                                found.column, found.text
                            ),
                        ));
                    }
                }
            }
        };
        let found = if notation == Notation::Point {
            first(&self.with_comma)
        } else {
            first(&self.with_point)
        };
        let note = found.and_then(|found| {
            let number = number(&found.text, notation)?;
            let why = match (&self.point, &self.comma) {
                (None, None) if by_commas => "its fields are parted by commas",
                (None, None) => "its counts are whole numbers then",
                _ => "as the decimal mark of other numbers has it",
            };
            Some(format!(
                "\"{}\" (column {}, line {}) and the like are read as {number}: {why}",
                found.text, found.column, found.line
            ))
        });
        Ok((notation, note))
    }
}

/// A number in a notation.
pub(super) fn number(text: &str, notation: Notation) -> Option<f64> {
    // Most numbers are plain, and `parse` is quicker.
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || (byte == b'.' && notation == Notation::Point));
    if is_plain && text.len() < 32 {
        return text.parse().ok();
    }
    let numeral = numeral(text)?;
    match notation {
        Notation::Point => numeral.point,
        Notation::Comma => numeral.comma,
    }
}
