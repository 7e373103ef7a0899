//! The dictionary that SEER*Stat writes beside an export, under the same name with the ending `.dic`
//! (<https://seer.cancer.gov/help/seerstat/seer-stat-basics/results-matrix/exporting-results>): the names of the columns, what
//! they are made of, and the labels of numbers.

use std::collections::HashMap;

use super::header::Header;
use crate::error::{Error, Result};
use crate::files::{reader, unreadable};

/// What a dictionary says of a table.
pub(super) struct Dictionary<'t> {
    pub(super) separator: u8,
    /// The first line of the table has the names.
    pub(super) names_included: bool,
    /// The columns in their order.
    pub(super) variables: Vec<Variable<'t>>,
    /// Cases per so many people are a rate.
    per: f64,
    sections: Sections<'t>,
}

/// A column.
pub(super) struct Variable<'t> {
    pub(super) name: &'t str,
    /// The variable of SEER that a user has made it of.
    base: Option<&'t str>,
    /// What its numbers stand for.
    labels: Option<HashMap<&'t str, &'t str>>,
}

/// The entries `name=value` of each `[section]`.
type Sections<'t> = HashMap<&'t str, Vec<(&'t str, &'t str)>>;

/// Whether a text is a dictionary, and not a table.
pub(super) fn is(text: &str) -> bool {
    text.contains("[Export Options]") && text.contains("\nVar1Name=")
}

impl<'t> Dictionary<'t> {
    /// None where the text beside a table is not a dictionary.
    pub(super) fn of(place: &str, text: &'t str) -> Result<Option<Self>> {
        if !is(text) {
            return Ok(None);
        }
        let refuse = |what: &str| Err(of_dictionary(place, what));
        let mut sections = Sections::new();
        let mut section = "";
        for line in text.lines().map(str::trim) {
            if let Some(name) = line
                .strip_prefix('[')
                .and_then(|line| line.strip_suffix(']'))
            {
                section = name;
            } else if let Some(entry) = line.split_once('=') {
                sections.entry(section).or_default().push(entry);
            }
        }
        let session = value(&sections, "Session Options", "Type").unwrap_or("Rate");
        if !["Rate", "Frequency"].contains(&session) {
            return refuse(&format!(
                "a session of the type {session}, which counts no new cases by year: export a rate or frequency session"
            ));
        }
        let option = |name| value(&sections, "Export Options", name).unwrap_or_default();
        if option("Column Variables as Stats") == "true" {
            return refuse(
                "the values of a variable are columns: export again without \"Output column variables as statistics\"",
            );
        }
        let separator = match option("Field delimiter") {
            "comma" => b',',
            "semicolon" => b';',
            "tab" => b'\t',
            other => {
                return refuse(&format!(
                    "fields parted by \"{other}\": export again with commas or tabs"
                ));
            }
        };
        let coded = option("Variable format") == "numeric";
        let mut variables = Vec::new();
        let all = sections.keys().find(|name| name.ends_with("Variables"));
        let find = |name: String| value(&sections, all?, &name);
        while let Some(name) = find(format!("Var{}Name", variables.len() + 1)) {
            let labels = sections
                .get(format!("Format={name}").as_str())
                .filter(|_| coded);
            variables.push(Variable {
                name,
                base: find(format!("Var{}Base", variables.len() + 1)),
                labels: labels.map(|entries| entries.iter().copied().collect()),
            });
        }
        let per = match value(&sections, "Session Options", "RatesAsCasesPer") {
            None => 100_000.0,
            Some(text) => match text.replace(',', "").trim().parse() {
                Ok(per) if per > 0.0 && f64::is_finite(per) => per,
                _ => {
                    return refuse(&format!(
                        "rates as cases per \"{text}\", which is no number above 0"
                    ));
                }
            },
        };
        Ok(Some(Self {
            per,
            separator,
            names_included: option("Variable names included") != "false",
            variables,
            sections,
        }))
    }

    /// Whether the first line of a table has as many fields as there are columns here.
    pub(super) fn fits(&self, text: &str) -> bool {
        let mut first = csv::StringRecord::new();
        let is_read = reader(text.as_bytes(), self.separator).read_record(&mut first);
        is_read.is_ok() && first.len() == self.variables.len()
    }

    /// The data base that the session was of.
    pub(super) fn database(&self) -> Option<&'t str> {
        value(&self.sections, "System", "Database name")
    }

    /// Cases per so many people are a rate.
    pub(super) const fn per(&self) -> f64 {
        self.per
    }

    /// The names by which the columns are known: of what they are made.
    pub(super) fn known_as(&self) -> impl Iterator<Item = &'t str> {
        self.variables
            .iter()
            .map(|variable| variable.base.unwrap_or(variable.name))
    }

    /// A line of the table with labels for numbers.
    pub(super) fn labelled(
        &self,
        place: &str,
        line: u64,
        record: &csv::StringRecord,
    ) -> Result<csv::StringRecord> {
        let label = |(i, field): (usize, _)| {
            let Some(variable) = self.variables.get(i) else {
                return Ok(field);
            };
            let Some(labels) = &variable.labels else {
                return Ok(field);
            };
            labels.get(field).copied().ok_or_else(|| {
                let name = variable.name;
                let message = format!(
                    "column {name}: \"{field}\" has no label in the dictionary beside the file"
                );
                unreadable(place, Some(line), message)
            })
        };
        record.iter().enumerate().map(label).collect()
    }
}

/// An error about what the dictionary says.
fn of_dictionary(place: &str, what: &str) -> Error {
    unreadable(
        place,
        None,
        format!("the dictionary of SEER*Stat beside the file says: {what}"),
    )
}

/// The value of an entry of a section.
fn value<'t>(sections: &Sections<'t>, section: &str, name: &str) -> Option<&'t str> {
    let mut entries = sections.get(section)?.iter();
    entries
        .find(|(there, _)| *there == name)
        .map(|(_, value)| *value)
}

/// The header of a table that has a dictionary, given the number of its columns.
pub(super) fn header<'h>(
    place: &'h str,
    dictionary: &Dictionary<'_>,
    there: usize,
    text: &'h str,
    beside: &'h str,
) -> Result<Header<'h>> {
    let said = dictionary.variables.len();
    if there != said {
        let message = format!(
            "{there} columns, and {said} in the dictionary of SEER*Stat beside the file: is it of another table?"
        );
        return Err(unreadable(place, Some(1), message));
    }
    let known_as = dictionary.known_as().map(str::to_owned).collect();
    let mut header = Header::new(place, (1, dictionary.separator), known_as, "", beside, text);
    header.names = dictionary
        .variables
        .iter()
        .map(|variable| variable.name.to_owned())
        .collect();
    Ok(header)
}
