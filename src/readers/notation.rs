//! Which decimal mark a file has. One program writes one notation, so the whole file decides.

use super::layout::{Layout, Values};
use super::row::Unit;
use super::shared_words::{Cell, cell};
use crate::error::Result;
use crate::files::{numeral, unreadable};

/// The decimal mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    Point,
    Comma,
}

/// What a cell of a workbook holds; its text alone does not say whether it was a number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Held {
    #[default]
    Text,
    /// A number, which has no notation: its text here has a point.
    #[cfg_attr(not(feature = "xlsx"), allow(dead_code))] // A workbook has them.
    Number,
    /// A formula of which no value was saved.
    Formula,
}

/// The cells of a sheet by line and column.
pub(super) type Cells<'s> = Option<&'s dyn Fn(u64, usize) -> Held>;

/// Where a number was found.
#[derive(Debug, Clone)]
struct Place {
    line: u64,
    column: String,
    text: String,
}

/// What the numbers of a file say of its decimal mark.
pub(super) struct Evidence<'s> {
    /// Columns of numbers, and whether they are whole.
    columns: Vec<(usize, bool)>,
    /// Columns of nothing but numbers of cases or people.
    counts: Vec<usize>,
    /// The point is the decimal mark where nothing says otherwise. The text of a sheet has commas of ours, which say nothing.
    by_commas: bool,
    cells: Cells<'s>,
    /// The first number that has a decimal point.
    point: Option<Place>,
    /// Counts have a decimal point somewhere.
    point_of_counts: bool,
    /// The first number that has a decimal comma.
    comma: Option<Place>,
    /// The first `1.234`, and the first of them that is not in a column of whole numbers.
    with_point: [Option<Place>; 2],
    /// The first `1,234`, likewise.
    with_comma: [Option<Place>; 2],
}

impl<'s> Evidence<'s> {
    pub(super) fn new(layout: &Layout, by_commas: bool, cells: Cells<'s>) -> Self {
        let are_counts = |values: &&Values| values.measure.unit == Unit::Number;
        let counts = layout.values.iter().filter(are_counts);
        Self {
            columns: layout.numbers(),
            counts: (counts.filter(|_| layout.unit.is_none()))
                .map(|values| values.column)
                .collect(),
            by_commas: by_commas && cells.is_none(),
            cells,
            point: None,
            point_of_counts: false,
            comma: None,
            with_point: [None, None],
            with_comma: [None, None],
        }
    }

    /// Takes the numbers of a row in. Between commas `1.234` has a decimal point, and only a number in quotes may have a comma.
    pub(super) fn of_row(&mut self, names: &[String], record: &csv::StringRecord, line: u64) {
        let by_commas = self.by_commas;
        for &(column, whole) in &self.columns {
            let Some(Cell::Text(text)) = record.get(column).map(cell) else {
                continue;
            };
            if self
                .cells
                .is_some_and(|held| held(line, column) != Held::Text)
            {
                continue;
            }
            // One number with a point says as much as a million of them.
            let points = text.matches('.').count();
            let counts = self.counts.contains(&column);
            let is_open = self.point.is_none() || (counts && !self.point_of_counts);
            let says_more = points > 1 || (points == 1 && !whole && is_open);
            if by_commas && !text.contains(',') && !says_more {
                continue;
            }
            let text = text.strip_suffix('%').unwrap_or(text);
            let Some(numeral) = numeral(text) else {
                continue;
            };
            self.point_of_counts |= counts && numeral.comma.is_none();
            let slot = match (numeral.point, numeral.comma) {
                (_, None) => &mut self.point,
                (None, _) => &mut self.comma,
                (point, comma) if point == comma => continue,
                // Between commas it is told of counts only: rates have three decimals often.
                _ if by_commas && !whole && !counts && text.contains('.') => &mut self.point,
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
    pub(super) fn settled(self, place: &str) -> Result<(Notation, Option<String>)> {
        let by_commas = self.by_commas;
        let of_sheet = match self.cells {
            Some(_) => (
                ", a cell of text,",
                "other cell of text decides it: make such cells numbers",
            ),
            None => (
                "",
                "number of the file decides it: write it without a thousands separator",
            ),
        };
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
                                "column {}: \"{}\"{} may have a decimal mark or a thousands separator, and no {}",
                                found.column, found.text, of_sheet.0, of_sheet.1
                            ),
                        ));
                    }
                }
            }
        };
        let found = match notation {
            Notation::Comma => first(&self.with_point),
            Notation::Point if by_commas && !self.point_of_counts => {
                first(&self.with_comma).or(first(&self.with_point))
            }
            Notation::Point => first(&self.with_comma),
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
