//! What the columns of the tables mean that the crate writes: one table, from which headers are made.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::LazyLock;

use crate::files::csv_text;

/// `columns.csv` of all tables: file, name, unit, meaning.
static COLUMNS: LazyLock<Vec<[String; 4]>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_bytes!("columns.csv").as_slice());
    reader
        .deserialize()
        .collect::<Result<_, _>>()
        .expect("broken invariant: the shipped dictionary cannot be read")
});

/// The columns of a table, in their order; none of a table that the crate does not write.
pub(super) fn of(file: &str) -> impl Iterator<Item = &'static [String; 4]> {
    COLUMNS.iter().filter(move |column| column[0] == file)
}

/// A table as CSV text, with the columns that the dictionary has for a file of this name.
pub(crate) fn table(file: &str, rows: impl IntoIterator<Item = Vec<String>>) -> String {
    csv_text(&header(file), rows)
}

/// The names of the columns, as the first line has them.
pub(super) fn header(file: &str) -> String {
    let names: Vec<&str> = of(file).map(|column| column[1].as_str()).collect();
    assert!(
        !names.is_empty(),
        "broken invariant: no columns are known of {file}"
    );
    names.join(",")
}

/// What the columns of these files mean, as CSV with the columns `file`, `name`, `unit` and `meaning`: the dictionary that
/// [`report::write`](super::write()) puts beside tables as `columns.csv`. A unit is empty where there is none. Names that are
/// no table of the crate have no rows.
///
/// # Example
///
/// ```
/// use myeloma_epi::report;
///
/// let dictionary = report::columns(&["by_year.csv", "prevalence.svg"]);
/// assert!(dictionary.starts_with("file,name,unit,meaning\nby_year.csv,year,calendar year,the year\n"));
/// assert_eq!(dictionary.lines().count(), 1 + 10);
/// ```
#[must_use]
pub fn columns(files: &[&str]) -> String {
    let rows = files.iter().flat_map(|file| of(file));
    csv_text("file,name,unit,meaning", rows.map(|column| column.to_vec()))
}

/// The dictionary of those files that are tables of the crate, and of the tables that stand in the folder already: they have its
/// columns, not only its name.
pub(super) fn beside(files: &[(&str, &[u8])], folder: &Path) -> Option<String> {
    let known = files.iter().filter(|(name, content)| {
        of(name).next().is_some() && content.starts_with((header(name) + "\n").as_bytes())
    });
    let mut known: Vec<&str> = known.map(|(name, _)| *name).collect();
    if known.is_empty() {
        return None;
    }
    let mut there: Vec<&str> = COLUMNS.iter().map(|column| column[0].as_str()).collect();
    there.dedup();
    there.retain(|name| {
        let first_line = |file| BufReader::new(file).lines().next();
        let is_replaced = files.iter().any(|(file, _)| file == name);
        !is_replaced
            && (File::open(folder.join(name)).ok().and_then(first_line))
                .is_some_and(|line| line.is_ok_and(|line| line == header(name)))
    });
    known.extend(there);
    Some(columns(&known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::QuantileForecast;

    /// The page of the documentation has every column, in the words of the table.
    #[test]
    fn the_page_of_the_dictionary_is_made_of_the_table() {
        use std::fmt::Write;
        let mut page = String::new();
        let mut last = "";
        for [file, name, unit, meaning] in COLUMNS.iter() {
            if file != last {
                let _ = write!(
                    page,
                    "\n## `{file}`\n\n| column | unit | meaning |\n|---|---|---|\n"
                );
                last = file;
            }
            let _ = writeln!(page, "| `{name}` | {unit} | {meaning} |");
        }
        let there = include_str!("../../docs/dictionary.md");
        if !there.ends_with(&page) {
            let place = std::env::temp_dir().join("dictionary.md");
            std::fs::write(&place, page).unwrap();
            panic!(
                "docs/dictionary.md is not made of src/report/columns.csv; {} is",
                place.display()
            );
        }
    }

    #[test]
    fn columns_are_described_once_and_quantiles_are_those_of_a_forecast() {
        for column in COLUMNS.iter() {
            assert!(!column[1].is_empty() && !column[3].is_empty(), "{column:?}");
            let same = COLUMNS.iter().filter(|other| other[..2] == column[..2]);
            assert_eq!(same.count(), 1, "{column:?}");
        }
        let quantiles: Vec<String> = of("forecasts.csv")
            .filter_map(|column| column[1].strip_prefix('q').map(str::to_owned))
            .collect();
        assert_eq!(
            quantiles,
            QuantileForecast::PROBABILITIES.map(|p| p.to_string())
        );
    }

    /// A table of somebody else that happens to have a name of the crate's is not described.
    #[test]
    fn only_tables_of_the_crate_get_a_dictionary() {
        let own: &[u8] = b"year,line,starts,prevalence_year_end,deaths,lost,starts_not_given,\
            prevalence_year_end_not_given,deaths_not_given,lost_not_given\n2020,1,1,1,0,0,0,0,0,0\n";
        let others: &[u8] = b"year,rain\n2020,3\n";
        let nowhere = Path::new("no such folder");
        assert!(beside(&[("by_year.csv", others), ("a.csv", own)], nowhere).is_none());
        let dictionary = beside(&[("by_year.csv", own), ("a.csv", others)], nowhere).unwrap();
        assert_eq!(dictionary, columns(&["by_year.csv"]));
    }
}
