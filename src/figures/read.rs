//! Figures from CSV and JSON.

use std::path::Path;
use std::str::FromStr;

use super::Figures;
use super::figure::{Figure, Record, Status};
use crate::error::{Error, ErrorKind, Result};

const NEEDED: [&str; 4] = ["region", "year", "cases", "status"];
const ALLOWED: [&str; 6] = [
    "relative_error",
    "source",
    "icd10",
    "lower95",
    "upper95",
    "checked",
];

/// The mark that some programs put before UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

pub(super) fn file(path: &Path) -> Result<Figures> {
    let bytes = std::fs::read(path).map_err(|source| ErrorKind::Io {
        path: path.to_owned(),
        source,
    })?;
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

pub(super) fn json(place: &str, bytes: &[u8]) -> Result<Figures> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let figures: Figures = serde_json::from_slice(bytes)
        .map_err(|error| parse(place, Some(error.line() as u64), error.to_string()))?;
    not_empty(place, figures)
}

pub(super) fn csv(place: &str, bytes: &[u8]) -> Result<Figures> {
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
        return Err(ErrorKind::NoObservations {
            place: place.to_owned(),
        }
        .into());
    }
    let line = headers.position().map(csv::Position::line);
    for name in &headers {
        if !NEEDED.contains(&name) && !ALLOWED.contains(&name) {
            let message = format!(
                "unknown column \"{name}\": the columns are {} and, if wanted, {}",
                NEEDED.join(", "),
                ALLOWED.join(", ")
            );
            return Err(parse(place, line, message));
        }
    }
    let column = |name: &str| headers.iter().position(|header| header == name);
    for name in NEEDED {
        if column(name).is_none() {
            let found = headers.iter().collect::<Vec<_>>().join(", ");
            return Err(parse(
                place,
                line,
                format!("column \"{name}\" is missing; there are {found}"),
            ));
        }
    }

    let mut figures = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| unreadable(place, &error))?;
        let line = row.position().map(csv::Position::line);
        if row.len() != headers.len() {
            let message = format!(
                "{} values for {} columns (a thousands separator? write 164300, not 164,300)",
                row.len(),
                headers.len()
            );
            return Err(parse(place, line, message));
        }
        let text = |name: &str| {
            column(name)
                .and_then(|i| row.get(i))
                .filter(|value| !value.is_empty())
        };
        let needed = |name: &str| {
            text(name).ok_or_else(|| parse(place, line, format!("column {name} is empty")))
        };
        let number = |name: &str, value: &str| {
            f64::from_str(value).map_err(|_| {
                let message = format!(
                    "column {name}: \"{value}\" is not a number (write 164300: no thousands separator, no unit)"
                );
                parse(place, line, message)
            })
        };
        let optional = |name: &str| text(name).map(|value| number(name, value)).transpose();

        let year = needed("year")?;
        let status = needed("status")?;
        let record = Record {
            region: needed("region")?.to_owned(),
            year: i32::from_str(year).map_err(|_| {
                parse(
                    place,
                    line,
                    format!("column year: \"{year}\" is not a calendar year"),
                )
            })?,
            cases: number("cases", needed("cases")?)?,
            status: Status::from_word(status).ok_or_else(|| {
                let message = format!("column status: \"{status}\" is not {}", Status::WORDS);
                parse(place, line, message)
            })?,
            relative_error: optional("relative_error")?,
            source: text("source").map(str::to_owned),
            icd10: text("icd10").map(str::to_owned),
            lower95: optional("lower95")?,
            upper95: optional("upper95")?,
            checked: text("checked").map(str::to_owned),
        };
        let figure =
            Figure::try_from(record).map_err(|error| parse(place, line, error.to_string()))?;
        figures.push(figure);
    }
    not_empty(place, Figures(figures))
}

fn not_empty(place: &str, figures: Figures) -> Result<Figures> {
    if figures.0.is_empty() {
        return Err(ErrorKind::NoObservations {
            place: place.to_owned(),
        }
        .into());
    }
    Ok(figures)
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
