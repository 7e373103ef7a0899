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
}

impl Rows {
    /// Keeps a row, unless the same number of the same people stands there before, and says whether it does; another one is
    /// refused with the reason.
    pub(super) fn keep(&mut self, row: Row) -> Result<bool, String> {
        if self.all.len() >= MOST {
            return Err(format!("more than {MOST} numbers, too many for one file"));
        }
        let mut hasher = DefaultHasher::new();
        key(&row).hash(&mut hasher);
        match self.known.entry(hasher.finish()) {
            Entry::Vacant(vacant) => {
                vacant.insert(self.all.len());
            }
            Entry::Occupied(before) => {
                let before = &self.all[*before.get()];
                // Two keys may have one hash.
                if key(before) == key(&row) {
                    let said = |row: &Row| {
                        let interval = (row.value, row.lower, row.upper);
                        let errors = (row.standard_error, row.relative_error);
                        (interval, errors, row.status, row.mark, row.round.clone())
                    };
                    if said(before) != said(&row) {
                        return Err(contradiction(before, &row));
                    }
                    return Ok(false);
                }
            }
        }
        self.all.push(row);
        Ok(true)
    }
}

fn contradiction(before: &Row, row: &Row) -> String {
    let year = row
        .year
        .map_or_else(|| "no year".to_owned(), |year| year.to_string());
    let why = match (&row.round, &before.round) {
        (Some(here), Some(there)) if here != there => format!("of the rounds {here} and {there}"),
        _ if row.status != before.status => "with another status".to_owned(),
        _ if row.value.total_cmp(&before.value).is_eq() => "with other errors or marks".to_owned(),
        _ => "something that is not read tells them apart".to_owned(),
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
