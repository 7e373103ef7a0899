//! The rows that are kept of a file: each number once, and none that contradicts another.

use std::collections::HashMap;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::hash::{Hash, Hasher};

use super::row::Row;

/// No more rows are made of one file: some gigabytes.
const MOST: usize = 10_000_000;

/// Rows in the order of the file.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) all: Vec<Row>,
    /// The first row of each key, by the key's hash.
    known: HashMap<u64, usize>,
    /// Of each row, the hash of what is not read beside it.
    unread: Vec<u64>,
}

impl Rows {
    /// Keeps a row, unless the same number of the same people stands there before, and says whether it does; another one is
    /// refused with the reason, and so is one that differs in what is not read.
    pub(super) fn keep(&mut self, row: Row, unread: &[&str]) -> Result<bool, String> {
        if self.all.len() >= MOST {
            return Err(format!("more than {MOST} numbers, too many for one file"));
        }
        let unread = hash(unread);
        match self.known.entry(hash(key(&row))) {
            Entry::Vacant(vacant) => {
                vacant.insert(self.all.len());
            }
            Entry::Occupied(before) => {
                let place = *before.get();
                let before = &self.all[place];
                // Two keys may have one hash.
                if key(before) == key(&row) {
                    let said = |row: &Row| {
                        let interval = (row.value, row.lower, row.upper);
                        let errors = (row.standard_error, row.relative_error);
                        (interval, errors, row.status, row.mark, row.round.clone())
                    };
                    let is_same = said(before) == said(&row);
                    if !is_same || self.unread[place] != unread {
                        return Err(contradiction(before, &row, is_same));
                    }
                    return Ok(false);
                }
            }
        }
        self.all.push(row);
        self.unread.push(unread);
        Ok(true)
    }
}

fn hash(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

fn contradiction(before: &Row, row: &Row, is_unread: bool) -> String {
    let year = row
        .year
        .map_or_else(|| "no year".to_owned(), |year| year.to_string());
    let why = match (&row.round, &before.round) {
        (Some(here), Some(there)) if here != there => format!("of the rounds {here} and {there}"),
        _ if row.status != before.status => "with another status".to_owned(),
        _ if row.value.total_cmp(&before.value).is_ne() => {
            "something that is not read tells them apart".to_owned()
        }
        _ if !is_unread => "with other errors or marks".to_owned(),
        _ => "a column that is not read differs: add up the numbers of different people; if they are the same, leave the column \
              out"
        .to_owned(),
    };
    format!(
        "{} of {}, {year}, {}: {} here and {} on line {}; {why}",
        row.measure,
        row.region,
        row.age.as_deref().unwrap_or("no age"),
        row.value,
        before.value,
        before.line
    )
}

/// What two numbers must differ in.
fn key(row: &Row) -> impl Hash + PartialEq {
    (
        (
            &row.region,
            row.year,
            row.sex,
            &row.age,
            row.measure,
            &row.definition,
        ),
        (&row.site, &row.subgroup, &row.variant, &row.source),
    )
}
