//! The header of a table: columns under whatever capitals, spaces and signs their names have.

use std::collections::BTreeSet;

use super::layout::From;
use crate::error::{Error, Result};
use crate::files::{reader, unreadable};

/// A line that may be a header, and what stands about it.
pub(super) struct Header<'t> {
    /// The file, for errors.
    pub(super) place: &'t str,
    /// The line of the header, counted from 1.
    pub(super) line: u64,
    /// What parts the fields.
    pub(super) separator: u8,
    /// The names of the columns as they stand there.
    pub(super) names: Vec<String>,
    keys: Vec<String>,
    /// The lines before the header, joined.
    pub(super) before: &'t str,
    /// What explains the table in a file of its own; empty without one.
    pub(super) beside: &'t str,
    /// The whole text.
    pub(super) text: &'t str,
}

impl<'t> Header<'t> {
    pub(super) fn new(
        place: &'t str,
        (line, separator): (u64, u8),
        names: Vec<String>,
        before: &'t str,
        beside: &'t str,
        text: &'t str,
    ) -> Self {
        let keys = names.iter().map(|name| key(name)).collect();
        Self {
            place,
            line,
            separator,
            names,
            keys,
            before,
            beside,
            text,
        }
    }

    /// The column with one of these keys, parted by spaces; the first key that is there decides.
    pub(super) fn column(&self, keys: &str) -> Option<usize> {
        keys.split(' ')
            .find_map(|key| self.keys.iter().position(|there| there == key))
    }

    /// The text of the column with one of these keys, where it is there.
    pub(super) fn text_of(&self, keys: &str) -> From {
        self.column(keys).map_or(From::NotStated, From::Column)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.column(key).is_some()
    }

    /// The column, or an error that says why the file of this maker cannot be read without it.
    pub(super) fn needed(&self, keys: &str, name: &str, why: &str) -> Result<usize> {
        self.column(keys).ok_or_else(|| {
            let there: Vec<&str> = self
                .names
                .iter()
                .map(String::as_str)
                .filter(|name| !name.is_empty())
                .take(40)
                .collect();
            self.error(format!(
                "column \"{name}\" is missing: {why}; there are {}",
                there.join(", ")
            ))
        })
    }

    /// The first column whose key begins with one of these; the first beginning that is there decides.
    pub(super) fn starting(&self, beginnings: &str) -> Option<usize> {
        let first = |begin| self.keys.iter().position(|key| key.starts_with(begin));
        beginnings.split(' ').find_map(first)
    }

    /// Columns and their keys.
    pub(super) fn keys(&self) -> impl Iterator<Item = (usize, &str)> {
        self.keys.iter().map(String::as_str).enumerate()
    }

    /// The lines below the header that can be read.
    fn records_below(&self) -> impl Iterator<Item = csv::StringRecord> {
        let below = (0..self.line).try_fold(self.text, |text, _| Some(text.split_once('\n')?.1));
        let below = below.unwrap_or_default().as_bytes();
        let records = reader(below, self.separator).into_records();
        records.filter_map(std::result::Result::ok)
    }

    /// The fields of the first line below.
    pub(super) fn record_below(&self) -> Vec<String> {
        let first = self.records_below().next();
        first.map_or_else(Vec::new, |first| first.iter().map(str::to_owned).collect())
    }

    /// The different values of a column below the header.
    pub(super) fn values_below(&self, column: usize) -> BTreeSet<String> {
        let values = self.records_below();
        let values = values.filter_map(|record| Some(record.get(column)?.trim().to_owned()));
        values.filter(|value| !value.is_empty()).collect()
    }

    pub(super) fn name(&self, column: usize) -> &str {
        &self.names[column]
    }

    pub(super) fn error(&self, message: String) -> Error {
        unreadable(self.place, Some(self.line), message)
    }
}

/// The letters and digits of a name, in small letters: `ASR (World)`, `ASR_World` and `asr world` are one.
pub(super) fn key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for letter in name
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
    {
        match letter {
            'ä' => key.push_str("ae"),
            'ö' => key.push_str("oe"),
            'ü' => key.push_str("ue"),
            'ß' => key.push_str("ss"),
            _ => key.push(letter),
        }
    }
    key
}
