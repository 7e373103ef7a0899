//! Figures and counts from CSV and JSON.

use std::path::Path;

use serde::de::DeserializeOwned;

use super::Figures;
use super::csv_table::{Others, Row, Table};
use super::figure::{Figure, Record, Status};
use crate::error::{Error, ErrorKind, Result};

/// The mark that some programs put before UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Text without a byte-order mark.
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
}

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

/// A value from JSON text, with a byte-order mark or not; `place` names it in errors.
pub(crate) fn from_json<T: DeserializeOwned>(place: &str, bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(without_mark(bytes)).map_err(|error| {
        let line = (error.line() > 0).then_some(error.line() as u64);
        // The line is said once, by the crate's own error.
        let message = error.to_string();
        let position = format!(" at line {} column {}", error.line(), error.column());
        let message = match message.strip_suffix(&position) {
            Some(message) => format!("column {}: {message}", error.column()),
            None => message,
        };
        parse(place, line, message)
    })
}

/// Figures from JSON text.
pub(super) fn json(place: &str, bytes: &[u8]) -> Result<Figures> {
    let figures: Figures = from_json(place, bytes)?;
    if figures.0.is_empty() {
        return Err(nothing(place));
    }
    Ok(figures)
}

/// Figures from CSV text.
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
    let table = Table::read(place, bytes, &needed, Others::Only(&allowed))?;
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
    let table = Table::read(place, bytes, &["year", "cases"], Others::Only(&[]))?;
    table
        .rows()
        .map(|row| Ok((row.year()?, row.number("cases")?)))
        .collect()
}

/// A file without a row.
pub(super) fn nothing(place: &str) -> Error {
    ErrorKind::NoObservations {
        place: place.to_owned(),
    }
    .into()
}

/// What is wrong with a line of a file.
pub(super) fn parse(place: &str, line: Option<u64>, message: String) -> Error {
    ErrorKind::Parse {
        place: place.to_owned(),
        line,
        message,
    }
    .into()
}
