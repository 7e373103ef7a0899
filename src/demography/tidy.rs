//! Tables with a row for each area, sex, year and age group.

use std::collections::HashMap;
use std::io::Read;

use super::age_groups::{AgeGroups, Bounds, label, parsed};
use super::sex::Sex;
use crate::error::Result;
use crate::figures::check_region;
use crate::files::{Others, Row, read_rows};

/// The rows of one area, sex and year, by ascending age.
pub(super) struct Table<V> {
    pub(super) area: String,
    pub(super) sex: Sex,
    pub(super) year: Option<i32>,
    pub(super) ages: AgeGroups,
    pub(super) values: Vec<V>,
}

type Key = (String, Sex, Option<i32>);

/// Reads tables, in the order in which they begin. `value` is given the row and its age group in words.
pub(super) fn tables<V>(
    place: &str,
    text: impl Read,
    needed: &[&str],
    allowed: &[&str],
    value: impl Fn(&Row<'_>, &str) -> Result<V>,
) -> Result<Vec<Table<V>>> {
    let rows = read_rows(place, text, needed, Others::Only(allowed), |row| {
        let (key, bounds) = (key(row)?, age(row)?);
        let value = value(row, &label(bounds))?;
        Ok((key, bounds, value))
    })?;
    let mut index: HashMap<Key, usize> = HashMap::new();
    let mut collected: Vec<(Key, Vec<(Bounds, V)>)> = Vec::new();
    for (key, bounds, value) in rows {
        let i = *index.entry(key.clone()).or_insert(collected.len());
        if i == collected.len() {
            collected.push((key, Vec::new()));
        }
        collected[i].1.push((bounds, value));
    }
    let table = |(key, rows)| of_rows(place, key, rows);
    collected.into_iter().map(table).collect()
}

fn of_rows<V>(place: &str, (area, sex, year): Key, mut rows: Vec<(Bounds, V)>) -> Result<Table<V>> {
    rows.sort_by_key(|(bounds, _)| bounds.0);
    let (bounds, values): (Vec<Bounds>, _) = rows.into_iter().unzip();
    let whose = match year {
        Some(year) => format!("{area} {year}, {sex} ({place})"),
        None => format!("{area}, {sex} ({place})"),
    };
    Ok(Table {
        ages: AgeGroups::of_bounds(&bounds, &whose)?,
        area,
        sex,
        year,
        values,
    })
}

/// The area, the sex (both where there is no column for it), and the year, where there is one.
fn key(row: &Row<'_>) -> Result<Key> {
    let area = row.needed("area")?;
    check_region(area)?;
    let sex = row.optional_word("sex")?.unwrap_or(Sex::Both);
    let year = row.text("year").map(|_| row.year()).transpose()?;
    Ok((area.to_owned(), sex, year))
}

fn age(row: &Row<'_>) -> Result<Bounds> {
    let text = row.needed("age")?;
    parsed(text).ok_or_else(|| {
        row.error(format!(
            "column age: \"{text}\" is not an age group: write 0-4, 85+ for an open group, 7 for one year of age (a \
             spreadsheet makes a date of 5-9; rows of all ages or of unknown age are left out of the file)"
        ))
    })
}
