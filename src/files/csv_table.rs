//! Separated values with named columns: the one reader of every file that is shipped, and of every user's. It holds
//! one row at a time.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::str::FromStr;

use serde::de::value::{Error as Unknown, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};

use super::csv_text::unguarded;
use super::line_ends::LineEnds;
use super::numeral::numeral;
use super::{nothing, unreadable};
use crate::error::{Error, Result};

/// The longest value of a field, in bytes: nothing that a person writes into one is longer.
pub(crate) const LONGEST: usize = 10_000;

/// The reader behind every table: quoted fields ([RFC 4180](https://www.rfc-editor.org/rfc/rfc4180)), lines of any length,
/// lines that begin with `#` as comments.
pub(crate) fn reader<T: Read>(text: T, separator: u8) -> csv::Reader<LineEnds<T>> {
    csv::ReaderBuilder::new()
        .delimiter(separator)
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .flexible(true)
        .has_headers(false)
        .from_reader(LineEnds::new(text))
}

/// The line on which the record that was just read begins, counted from 1.
pub(crate) fn line<T: Read>(reader: &csv::Reader<T>, record: &csv::StringRecord) -> u64 {
    let within = record.as_slice().matches('\n').count() as u64;
    (reader.position().line()).saturating_sub(1 + within)
}

/// Columns that may stand in a table beside those that are needed.
#[derive(Clone, Copy)]
pub(crate) enum Others<'a> {
    /// These and no others.
    Only(&'a [&'a str]),
    /// Any; they are passed over.
    Any,
}

/// Rows as values whose fields are the columns.
pub(crate) fn rows<T: DeserializeOwned>(place: &str, text: &str) -> Result<Vec<T>> {
    read_rows(place, text.as_bytes(), &[], Others::Any, |row| {
        let value = row.record.deserialize(Some(row.headers));
        value.map_err(|error| row.error(error.to_string()))
    })
}

/// Reads a table with a header and makes a value of each row, of which there is at least one.
///
/// Lines that begin with `#` are comments; a byte-order mark, spaces about a value and Windows line ends are
/// accepted, and so are semicolons or tabs between fields, then with decimal commas, and capitals and spaces in the names of
/// columns. `place` names the text in errors.
pub(crate) fn read_rows<T>(
    place: &str,
    text: impl Read,
    needed: &[&str],
    others: Others<'_>,
    mut of_row: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut text = BufReader::with_capacity(1 << 16, text);
    let head = text.fill_buf();
    let head = head.map_err(|error| Error::io(Path::new(place), error))?;
    let separator = separator(head);
    let mut reader = reader(text, separator);
    let mut headers = csv::StringRecord::new();
    (reader.read_record(&mut headers)).map_err(|error| of_csv(place, error))?;
    let header_line = line(&reader, &headers);
    let headers = named(&headers);
    check_columns(place, &headers, header_line, needed, others)?;
    let (mut values, mut record) = (Vec::new(), csv::StringRecord::new());
    let mark = Cell::new(None);
    while (reader.read_record(&mut record)).map_err(|error| of_csv(place, error))? {
        let row = Row {
            place,
            headers: &headers,
            record: &record,
            decimal_comma: separator != b',',
            mark: &mark,
            line: line(&reader, &record),
        };
        row.check()?;
        values.push(of_row(&row)?);
    }
    if values.is_empty() {
        return Err(nothing(place));
    }
    Ok(values)
}

/// What stands between the fields of a table: the comma, or, in a header without one, what there is more of.
fn separator(head: &[u8]) -> u8 {
    let is_header = |line: &&[u8]| !line.starts_with(b"#") && !line.trim_ascii().is_empty();
    let head = head.strip_prefix(super::BYTE_ORDER_MARK).unwrap_or(head);
    let header = head.split(|byte| *byte == b'\n').find(is_header);
    let number = |mark: u8| header.map_or(0, |line| line.split(|byte| *byte == mark).count() - 1);
    match (number(b','), number(b';'), number(b'\t')) {
        (0, 0, 0) | (1.., _, _) => b',',
        (_, semicolons, tabs) if semicolons >= tabs => b';',
        _ => b'\t',
    }
}

/// The header with the names of columns as files have them: in small letters, without spaces.
fn named(headers: &csv::StringRecord) -> csv::StringRecord {
    let small = headers
        .iter()
        .map(|name| name.to_lowercase().replace(' ', "_"));
    small.collect()
}

/// Every column that is needed is there, none that is not known, and none twice.
fn check_columns(
    place: &str,
    headers: &csv::StringRecord,
    line: u64,
    needed: &[&str],
    others: Others<'_>,
) -> Result<()> {
    if headers.iter().all(str::is_empty) {
        return Err(nothing(place));
    }
    let wrong = |message| Err(unreadable(place, Some(line), message));
    if let Some(name) = headers.iter().find(|name| name.len() > LONGEST) {
        let length = name.len();
        return wrong(format!(
            "the name of a column has {length} bytes: at most {LONGEST}"
        ));
    }
    if let Some(name) = needed
        .iter()
        .find(|name| !headers.iter().any(|header| header == **name))
    {
        let found: Vec<&str> = headers.iter().take(50).collect();
        let found = found.join(", ");
        return wrong(format!("column \"{name}\" is missing; there are {found}"));
    }
    if let Others::Only(allowed) = others
        && let Some(name) = headers
            .iter()
            .find(|name| !needed.contains(name) && !allowed.contains(name))
    {
        let known = [needed, allowed].concat().join(", ");
        return wrong(format!(
            "unknown column \"{name}\": the columns are {known}"
        ));
    }
    let mut names = BTreeSet::new();
    if let Some(name) = headers.iter().find(|name| !names.insert(*name)) {
        return wrong(format!("column \"{name}\" stands there twice"));
    }
    Ok(())
}

/// A type whose values stand in tables as words, those that serde has for them.
pub(crate) trait Words: DeserializeOwned {
    /// The words that there are, for an error.
    const WORDS: &str;

    /// The value of a word.
    fn of_word(word: &str) -> Option<Self> {
        let word: StrDeserializer<'_, Unknown> = word.into_deserializer();
        Self::deserialize(word).ok()
    }
}

/// One row of a table.
pub(crate) struct Row<'t> {
    place: &'t str,
    headers: &'t csv::StringRecord,
    record: &'t csv::StringRecord,
    /// Fields are not parted by commas, so a comma may be the decimal mark.
    decimal_comma: bool,
    /// The decimal mark of the rows before, where they have one.
    mark: &'t Cell<Option<char>>,
    line: u64,
}

impl<'t> Row<'t> {
    /// It is as long as the header, and none of its values is longer than a person writes.
    fn check(&self) -> Result<()> {
        let (values, columns) = (self.record.len(), self.headers.len());
        if values != columns {
            return Err(self.error(format!(
                "{values} values for {columns} columns (a thousands separator? write 164300, not 164,300)"
            )));
        }
        let fields = self.headers.iter().zip(self.record);
        match fields.into_iter().find(|(_, value)| value.len() > LONGEST) {
            Some((name, value)) => Err(self.error(format!(
                "column {name} has {} bytes: at most {LONGEST} (an open quotation mark?)",
                value.len()
            ))),
            None => Ok(()),
        }
    }

    /// A field by its column; `None` where the column is not there or the field is empty. An apostrophe that
    /// guards a spreadsheet against a formula is taken off.
    pub(crate) fn text(&self, column: &str) -> Option<&'t str> {
        let i = self.headers.iter().position(|header| header == column)?;
        let value = self.record.get(i).filter(|value| !value.is_empty());
        value.map(unguarded)
    }

    /// A field that must not be empty.
    pub(crate) fn needed(&self, column: &str) -> Result<&'t str> {
        self.text(column)
            .ok_or_else(|| self.error(format!("column {column} is empty")))
    }

    /// A number that must be there.
    pub(crate) fn number(&self, column: &str) -> Result<f64> {
        self.parsed(column, self.needed(column)?)
    }

    /// A number, where there is one.
    pub(crate) fn optional_number(&self, column: &str) -> Result<Option<f64>> {
        self.text(column)
            .map(|value| self.parsed(column, value))
            .transpose()
    }

    fn parsed(&self, column: &str, value: &str) -> Result<f64> {
        let number = if self.decimal_comma {
            match numeral(value).map(|numeral| (numeral.point, numeral.comma)) {
                Some((Some(point), Some(comma))) if point.to_bits() != comma.to_bits() => {
                    return Err(self.error(format!(
                        "column {column}: \"{value}\" is {point} or {comma}: write it without thousands separator, or with \
                         more or fewer decimals"
                    )));
                }
                Some((None, comma)) => {
                    self.has_mark(column, value, ',')?;
                    comma
                }
                _ => {
                    if value.contains('.') {
                        self.has_mark(column, value, '.')?;
                    }
                    f64::from_str(value).ok()
                }
            }
        } else {
            f64::from_str(value).ok()
        };
        number.ok_or_else(|| {
            self.error(format!(
                "column {column}: \"{value}\" is not a number (write 164300: no thousands separator, no unit)"
            ))
        })
    }

    /// Refuses a second decimal mark in one file.
    fn has_mark(&self, column: &str, value: &str, mark: char) -> Result<()> {
        match self.mark.replace(Some(mark)) {
            Some(other) if other != mark => Err(self.error(format!(
                "column {column}: \"{value}\" has the decimal mark \"{mark}\", and numbers before it have \"{other}\": a file has \
                 one of them"
            ))),
            _ => Ok(()),
        }
    }

    /// A value by its word, which must be there.
    pub(crate) fn word<T: Words>(&self, column: &str) -> Result<T> {
        let word = self.needed(column)?;
        let wrong = || self.error(format!("column {column}: \"{word}\" is not {}", T::WORDS));
        T::of_word(word).ok_or_else(wrong)
    }

    /// A value by its word, where there is one.
    pub(crate) fn optional_word<T: Words>(&self, column: &str) -> Result<Option<T>> {
        self.text(column).map(|_| self.word(column)).transpose()
    }

    /// The calendar year in the column `year`.
    pub(crate) fn year(&self) -> Result<i32> {
        let year = self.needed("year")?;
        i32::from_str(year)
            .map_err(|_| self.error(format!("column year: \"{year}\" is not a calendar year")))
    }

    /// What is wrong with the row.
    pub(crate) fn error(&self, message: String) -> Error {
        unreadable(self.place, Some(self.line), message)
    }
}

pub(crate) fn of_csv(place: &str, error: csv::Error) -> Error {
    let line = error.position().map(csv::Position::line);
    let message = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(source) => Error::io(Path::new(place), source),
        _ => unreadable(place, line, message),
    }
}
