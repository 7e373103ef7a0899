//! Figures and counts from CSV and JSON.

use std::io::Read;
use std::path::Path;

use super::Figures;
use super::figure::{Figure, Record};
use super::marked_years::Mark;
use crate::error::Result;
use crate::files::{self, Others, Row, read_rows};

/// Figures from a file: JSON where its name ends in `.json`, otherwise CSV.
pub(super) fn file(path: &Path) -> Result<Figures> {
    let place = path.display().to_string();
    if path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
    {
        json(&place, &files::read(path)?)
    } else {
        csv(&place, files::open(path)?)
    }
}

/// Figures from JSON text.
pub(super) fn json(place: &str, bytes: &[u8]) -> Result<Figures> {
    let figures: Figures = files::from_json(place, bytes)?;
    if figures.0.is_empty() {
        return Err(files::nothing(place));
    }
    Ok(figures)
}

/// Figures from CSV text.
pub(super) fn csv(place: &str, text: impl Read) -> Result<Figures> {
    let needed = ["region", "year", "cases", "status"];
    let allowed = [
        "relative_error",
        "source",
        "family",
        "icd10",
        "lower95",
        "upper95",
        "checked",
        "mark",
    ];
    let figure = |row: &Row<'_>| {
        let record = Record {
            region: row.needed("region")?.to_owned(),
            year: row.year()?,
            cases: row.number("cases")?,
            status: row.word("status")?,
            relative_error: row.optional_number("relative_error")?,
            source: row.text("source").map(str::to_owned),
            family: row.text("family").map(str::to_owned),
            icd10: row.text("icd10").map(str::to_owned),
            lower95: row.optional_number("lower95")?,
            upper95: row.optional_number("upper95")?,
            checked: row.text("checked").map(str::to_owned),
            mark: row.optional_word("mark")?,
        };
        Figure::try_from(record).map_err(|error| row.error(error.to_string()))
    };
    read_rows(place, text, &needed, Others::Only(&allowed), figure).map(Figures)
}

/// The columns `year` and `cases`, and `mark` if it is there, for a series of one region.
pub(crate) fn counts(place: &str, text: impl Read) -> Result<Vec<(i32, f64, Option<Mark>)>> {
    let needed = ["year", "cases"];
    read_rows(place, text, &needed, Others::Only(&["mark"]), |row| {
        Ok((
            row.year()?,
            row.number("cases")?,
            row.optional_word("mark")?,
        ))
    })
}
