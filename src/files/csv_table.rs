//! Comma-separated values with named columns: the one reader of every file that is shipped, and of
//! every user's. It holds one row at a time.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::str::FromStr;

use serde::de::DeserializeOwned;

use super::csv_text::unguarded;
use super::{nothing, unreadable};
use crate::error::{Error, Result};

/// The longest value of a field, in bytes: nothing that a person writes into one is longer.
const LONGEST: usize = 10_000;

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
/// accepted. `place` names the text in errors.
pub(crate) fn read_rows<T>(
    place: &str,
    text: impl Read,
    needed: &[&str],
    others: Others<'_>,
    mut of_row: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text);
    let headers = reader.headers().map_err(|error| of_csv(place, error))?;
    let headers = headers.clone();
    check_columns(place, &headers, needed, others)?;
    let (mut values, mut record) = (Vec::new(), csv::StringRecord::new());
    while (reader.read_record(&mut record)).map_err(|error| of_csv(place, error))? {
        let row = Row {
            place,
            headers: &headers,
            record: &record,
        };
        row.check()?;
        values.push(of_row(&row)?);
    }
    if values.is_empty() {
        return Err(nothing(place));
    }
    Ok(values)
}

/// Every column that is needed is there, none that is not known, and none twice.
fn check_columns(
    place: &str,
    headers: &csv::StringRecord,
    needed: &[&str],
    others: Others<'_>,
) -> Result<()> {
    if headers.iter().all(str::is_empty) {
        return Err(nothing(place));
    }
    let wrong = |message| {
        let line = headers.position().map(csv::Position::line);
        Err(unreadable(place, line, message))
    };
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

/// One row of a table.
pub(crate) struct Row<'t> {
    place: &'t str,
    headers: &'t csv::StringRecord,
    record: &'t csv::StringRecord,
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
        f64::from_str(value).map_err(|_| {
            self.error(format!(
                "column {column}: \"{value}\" is not a number (write 164300: no thousands separator, no unit)"
            ))
        })
    }

    /// The calendar year in the column `year`.
    pub(crate) fn year(&self) -> Result<i32> {
        let year = self.needed("year")?;
        i32::from_str(year)
            .map_err(|_| self.error(format!("column year: \"{year}\" is not a calendar year")))
    }

    /// What is wrong with the row.
    pub(crate) fn error(&self, message: String) -> Error {
        let line = self.record.position().map(csv::Position::line);
        unreadable(self.place, line, message)
    }
}

fn of_csv(place: &str, error: csv::Error) -> Error {
    let line = error.position().map(csv::Position::line);
    let message = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(source) => Error::io(Path::new(place), source),
        _ => unreadable(place, line, message),
    }
}
