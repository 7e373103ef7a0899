//! Comma-separated values with named columns: the one reader of every file that is shipped, and of
//! every user's.

use std::str::FromStr;

use serde::de::DeserializeOwned;

use super::read::{nothing, parse, without_mark};
use crate::error::{Error, Result};

/// Rows as values whose fields are the columns.
pub(crate) fn rows<T: DeserializeOwned>(place: &str, text: &str) -> Result<Vec<T>> {
    let table = Table::read(place, text.as_bytes(), &[], Others::Any)?;
    table
        .rows()
        .map(|row| {
            let value = row.record.deserialize(Some(&table.headers));
            value.map_err(|error| row.error(error.to_string()))
        })
        .collect()
}

/// Columns that may stand in a table beside those that are needed.
#[derive(Clone, Copy)]
pub(crate) enum Others<'a> {
    /// These and no others.
    Only(&'a [&'a str]),
    /// Any; they are passed over.
    Any,
}

/// CSV text with its columns by name; it has at least one row, and all rows are as long as the
/// header.
pub(crate) struct Table<'a> {
    place: &'a str,
    headers: csv::StringRecord,
    records: Vec<csv::StringRecord>,
}

impl<'a> Table<'a> {
    /// Reads a table with a header. Lines that begin with `#` are comments; a byte-order mark, spaces
    /// about a value and Windows line ends are accepted. `place` names the text in errors.
    pub(crate) fn read(
        place: &'a str,
        bytes: &[u8],
        needed: &[&str],
        others: Others<'_>,
    ) -> Result<Self> {
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .flexible(true)
            .from_reader(without_mark(bytes));
        let headers = reader
            .headers()
            .map_err(|error| unreadable(place, &error))?
            .clone();
        if headers.iter().all(str::is_empty) {
            return Err(nothing(place));
        }
        let line = headers.position().map(csv::Position::line);
        let has = |name: &str| headers.iter().any(|header| header == name);
        if let Some(name) = needed.iter().find(|name| !has(name)) {
            let found = headers.iter().collect::<Vec<_>>().join(", ");
            return Err(parse(
                place,
                line,
                format!("column \"{name}\" is missing; there are {found}"),
            ));
        }
        if let Others::Only(allowed) = others
            && let Some(name) = headers
                .iter()
                .find(|name| !needed.contains(name) && !allowed.contains(name))
        {
            let known = needed
                .iter()
                .chain(allowed)
                .copied()
                .collect::<Vec<_>>()
                .join(", ");
            let message = format!("unknown column \"{name}\": the columns are {known}");
            return Err(parse(place, line, message));
        }
        if let Some(name) = headers
            .iter()
            .enumerate()
            .find_map(|(i, name)| headers.iter().take(i).any(|h| h == name).then_some(name))
        {
            return Err(parse(
                place,
                line,
                format!("column \"{name}\" stands there twice"),
            ));
        }
        let records = reader
            .records()
            .map(|record| {
                let record = record.map_err(|error| unreadable(place, &error))?;
                if record.len() != headers.len() {
                    let message = format!(
                        "{} values for {} columns (a thousands separator? write 164300, not 164,300)",
                        record.len(),
                        headers.len()
                    );
                    return Err(parse(place, record.position().map(csv::Position::line), message));
                }
                Ok(record)
            })
            .collect::<Result<Vec<_>>>()?;
        if records.is_empty() {
            return Err(nothing(place));
        }
        Ok(Self {
            place,
            headers,
            records,
        })
    }

    /// The rows in their order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(|record| Row {
            table: self,
            record,
        })
    }
}

/// One row of a [`Table`].
pub(crate) struct Row<'t> {
    table: &'t Table<'t>,
    record: &'t csv::StringRecord,
}

impl<'t> Row<'t> {
    /// A field by its column; `None` where the column is not there or the field is empty.
    pub(crate) fn text(&self, column: &str) -> Option<&'t str> {
        let i = self
            .table
            .headers
            .iter()
            .position(|header| header == column)?;
        self.record.get(i).filter(|value| !value.is_empty())
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
        parse(
            self.table.place,
            self.record.position().map(csv::Position::line),
            message,
        )
    }
}

fn unreadable(place: &str, error: &csv::Error) -> Error {
    parse(
        place,
        error.position().map(csv::Position::line),
        error.to_string(),
    )
}
