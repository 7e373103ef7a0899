//! Figures and counts from CSV and JSON.

use std::path::Path;
use std::str::FromStr;

use super::Figures;
use super::figure::{Figure, Record, Status};
use crate::error::{Error, ErrorKind, Result};

/// The mark that some programs put before UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Figures from a file: JSON where its name ends in `.json`, otherwise CSV.
pub(super) fn file(path: &Path) -> Result<Figures> {
    let bytes = bytes(path)?;
    let place = path.display().to_string();
    if path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
    {
        json(&place, &bytes)
    } else {
        csv(&place, &bytes)
    }
}

/// The content of a file.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|source| Error::io(path, source))
}

pub(super) fn json(place: &str, bytes: &[u8]) -> Result<Figures> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let figures: Figures = serde_json::from_slice(bytes)
        .map_err(|error| parse(place, Some(error.line() as u64), error.to_string()))?;
    if figures.0.is_empty() {
        return Err(nothing(place));
    }
    Ok(figures)
}

pub(super) fn csv(place: &str, bytes: &[u8]) -> Result<Figures> {
    let needed = ["region", "year", "cases", "status"];
    let allowed = [
        "relative_error",
        "source",
        "icd10",
        "lower95",
        "upper95",
        "checked",
    ];
    let table = Table::read(place, bytes, &needed, &allowed)?;
    let figure = |row: &Row<'_>| {
        let status = row.needed("status")?;
        let record = Record {
            region: row.needed("region")?.to_owned(),
            year: row.year()?,
            cases: row.number("cases")?,
            status: Status::from_word(status).ok_or_else(|| {
                row.error(format!(
                    "column status: \"{status}\" is not {}",
                    Status::WORDS
                ))
            })?,
            relative_error: row.optional_number("relative_error")?,
            source: row.text("source").map(str::to_owned),
            icd10: row.text("icd10").map(str::to_owned),
            lower95: row.optional_number("lower95")?,
            upper95: row.optional_number("upper95")?,
            checked: row.text("checked").map(str::to_owned),
        };
        Figure::try_from(record).map_err(|error| row.error(error.to_string()))
    };
    table
        .rows()
        .map(|row| figure(&row))
        .collect::<Result<Vec<_>>>()
        .map(Figures)
}

/// The columns `year` and `cases`, for a series of one region.
pub(crate) fn counts(place: &str, bytes: &[u8]) -> Result<Vec<(i32, f64)>> {
    let table = Table::read(place, bytes, &["year", "cases"], &[])?;
    table
        .rows()
        .map(|row| Ok((row.year()?, row.number("cases")?)))
        .collect()
}

/// CSV text with its columns by name; it has at least one row, and all rows are as long as the
/// header.
struct Table<'a> {
    place: &'a str,
    headers: csv::StringRecord,
    records: Vec<csv::StringRecord>,
}

impl<'a> Table<'a> {
    fn read(place: &'a str, bytes: &[u8], needed: &[&str], allowed: &[&str]) -> Result<Self> {
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .flexible(true)
            .from_reader(bytes);
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
        if let Some(name) = headers
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

    fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.records.iter().map(|record| Row {
            table: self,
            record,
        })
    }
}

struct Row<'t> {
    table: &'t Table<'t>,
    record: &'t csv::StringRecord,
}

impl Row<'_> {
    /// A field by its column; `None` where the column is not there or the field is empty.
    fn text(&self, column: &str) -> Option<&str> {
        let i = self
            .table
            .headers
            .iter()
            .position(|header| header == column)?;
        self.record.get(i).filter(|value| !value.is_empty())
    }

    fn needed(&self, column: &str) -> Result<&str> {
        self.text(column)
            .ok_or_else(|| self.error(format!("column {column} is empty")))
    }

    fn number(&self, column: &str) -> Result<f64> {
        self.parsed(column, self.needed(column)?)
    }

    fn optional_number(&self, column: &str) -> Result<Option<f64>> {
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

    fn year(&self) -> Result<i32> {
        let year = self.needed("year")?;
        i32::from_str(year)
            .map_err(|_| self.error(format!("column year: \"{year}\" is not a calendar year")))
    }

    fn error(&self, message: String) -> Error {
        parse(
            self.table.place,
            self.record.position().map(csv::Position::line),
            message,
        )
    }
}

fn nothing(place: &str) -> Error {
    ErrorKind::NoObservations {
        place: place.to_owned(),
    }
    .into()
}

fn unreadable(place: &str, error: &csv::Error) -> Error {
    parse(
        place,
        error.position().map(csv::Position::line),
        error.to_string(),
    )
}

fn parse(place: &str, line: Option<u64>, message: String) -> Error {
    ErrorKind::Parse {
        place: place.to_owned(),
        line,
        message,
    }
    .into()
}
