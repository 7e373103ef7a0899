//! Files: how the crate reads those of its users and its own, and how it writes.

mod csv_table;
mod csv_text;
mod decoded;
mod line_ends;
mod numeral;
mod replace;

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use serde::de::DeserializeOwned;

pub(crate) use self::csv_table::{
    LONGEST, Others, Row, Words, line, of_csv, read_rows, reader, rows,
};
pub(crate) use self::csv_text::{csv_text, unguarded};
pub(crate) use self::decoded::decoded;
pub(crate) use self::numeral::numeral;
pub(crate) use self::replace::write_together;

use crate::error::{Error, ErrorKind, Result};

/// The most bytes that are read of one file: 1 GiB, some five million rows of figures.
const LARGEST: u64 = 1 << 30;

/// The mark that some programs put before UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A file to read from; reading more than [`LARGEST`] bytes of it, or of a device without an end, is an error.
pub(crate) fn open(path: &Path) -> Result<impl Read> {
    let file = File::open(path).map_err(|source| Error::io(path, source))?;
    Ok(Limited {
        file: BufReader::new(file),
        left: LARGEST,
    })
}

/// The content of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut file = open(path)?;
    let all = file.read_to_end(&mut bytes);
    all.map_err(|source| Error::io(path, source))?;
    Ok(bytes)
}

struct Limited {
    file: BufReader<File>,
    left: u64,
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => return Err(io::Error::other("larger than 1 GiB, too large to be read")),
        }
        Ok(read)
    }
}

/// A value from JSON text, with a byte-order mark or not; `place` names it in errors.
pub(crate) fn from_json<T: DeserializeOwned>(place: &str, bytes: &[u8]) -> Result<T> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|error| {
        let (at, column) = (error.line(), error.column());
        let line = (at > 0).then_some(at as u64);
        // The line is said once, by the crate's own error.
        let message = error.to_string();
        let position = format!(" at line {at} column {column}");
        let message = match message.strip_suffix(&position) {
            Some(message) => {
                let near = near(&String::from_utf8_lossy(bytes), at, column);
                format!("column {column}: {message} (near `{near}`)")
            }
            None => message,
        };
        unreadable(place, line, message)
    })
}

/// The characters around a place in a text.
fn near(text: &str, line: usize, column: usize) -> String {
    let line = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let around = column.saturating_sub(24)..column + 12;
    let near = line.char_indices().filter(|(at, _)| around.contains(at));
    let near: String = near.map(|(_, character)| character).collect();
    near.trim().to_owned()
}

/// A file without a row.
pub(crate) fn nothing(place: &str) -> Error {
    ErrorKind::NoObservations {
        place: place.to_owned(),
    }
    .into()
}

/// What is wrong with a line of a file.
pub(crate) fn unreadable(place: &str, line: Option<u64>, message: String) -> Error {
    ErrorKind::Parse {
        place: place.to_owned(),
        line,
        message,
    }
    .into()
}
