//! What the columns of a recognised table mean.

use std::collections::BTreeSet;

use super::header::Header;
use super::row::{Measure, Quantity, Unit};
use super::{Format, ReadOptions, shared_words};
use crate::demography::Sex;
use crate::figures::Status;
use crate::files::unguarded;

/// Where a text of every row comes from.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum From {
    Column(usize),
    /// The same for all rows; by the header, the title, the name of the file or the maker.
    Fixed(String),
    /// The same for all rows where nobody says otherwise: the reader takes it so.
    Assumed(String),
    NotStated,
}

impl From {
    pub(super) fn column(column: Option<usize>) -> Self {
        column.map_or(Self::NotStated, Self::Column)
    }

    pub(super) fn fixed(text: impl Into<String>) -> Self {
        Self::Fixed(text.into())
    }

    pub(super) fn assumed(text: impl Into<String>) -> Self {
        Self::Assumed(text.into())
    }

    /// This, or another one where nothing is stated.
    pub(super) fn or(self, other: Self) -> Self {
        if self == Self::NotStated { other } else { self }
    }

    pub(super) fn stated<T: Into<String>>(text: Option<T>) -> Self {
        text.map_or(Self::NotStated, Self::fixed)
    }

    pub(super) fn place(&self) -> Option<usize> {
        match self {
            Self::Column(column) => Some(*column),
            _ => None,
        }
    }

    /// The text of a row; none where nothing is stated.
    pub(super) fn of<'t>(&'t self, record: &'t csv::StringRecord) -> Option<&'t str> {
        match self {
            Self::NotStated => None,
            Self::Fixed(text) | Self::Assumed(text) => Some(text),
            Self::Column(column) => Some(field(record, *column)),
        }
    }
}

/// A field, without the apostrophe that guards a spreadsheet.
pub(super) fn field(record: &csv::StringRecord, column: usize) -> &str {
    unguarded(record.get(column).unwrap_or(""))
}

/// A column of numbers.
#[derive(Debug, Clone)]
pub(super) struct Values {
    pub(super) column: usize,
    pub(super) measure: Measure,
    pub(super) lower: Option<usize>,
    pub(super) upper: Option<usize>,
    pub(super) standard_error: Option<usize>,
    /// What the name of the column says of its numbers.
    pub(super) sex: Option<Sex>,
    pub(super) age: Option<String>,
    pub(super) year: Option<i32>,
    /// Times this is the number: 1000 for thousands.
    pub(super) times: f64,
    /// Numbers without a fraction, such as a registry's counts: it decides whether 1.218 is 1218.
    pub(super) whole: bool,
}

impl Values {
    pub(super) fn new(column: usize, quantity: Quantity, unit: Unit) -> Self {
        Self {
            column,
            measure: Measure { quantity, unit },
            lower: None,
            upper: None,
            standard_error: None,
            sex: None,
            age: None,
            year: None,
            times: 1.0,
            whole: false,
        }
    }

    /// A registry's counts.
    pub(super) fn counts(column: usize, quantity: Quantity) -> Self {
        Self {
            whole: true,
            ..Self::new(column, quantity, Unit::Number)
        }
    }

    pub(super) fn within(self, lower: Option<usize>, upper: Option<usize>) -> Self {
        Self {
            lower,
            upper,
            ..self
        }
    }
}

/// Whether a word of a row is understood, and kept.
pub(super) enum Word<T> {
    Is(T),
    /// Understood, and not of this crate.
    LeftOut,
    Unknown,
}

/// A column, and what its words mean.
pub(super) type WordsOf<T> = Option<(usize, fn(&str) -> Word<T>)>;

/// A column, the words by which it leaves a row out, and why.
pub(super) type Without = (usize, fn(&str) -> bool, &'static str);

/// How the status of a row is known.
#[derive(Debug, Clone)]
pub(super) enum StatusOf {
    All(Status),
    Column(usize),
    /// Estimates up to this year, projections after it.
    EstimatesTo(i32),
    /// A variant named "Estimates", or another one: projections.
    Variant,
    /// Not a figure of cases, or not stated.
    None,
}

/// The meaning of a table.
pub(super) struct Layout {
    pub(super) format: Format,
    pub(super) source: From,
    pub(super) round: From,
    pub(super) family: From,
    pub(super) region: From,
    /// The name of a region that stands there as a code.
    pub(super) region_name: fn(&str) -> Option<&'static str>,
    /// The column of regions holds codes and no names.
    pub(super) region_is_code: bool,
    /// The region of a table that names none: the name of its file.
    pub(super) called_after: Option<String>,
    /// The number of a region beside its name: two regions may have one name.
    pub(super) region_id: Option<usize>,
    pub(super) year: From,
    /// A line without a year is taken.
    pub(super) year_may_lack: bool,
    pub(super) sex: From,
    pub(super) sex_of: fn(&str) -> Option<Sex>,
    pub(super) age: From,
    pub(super) age_of: fn(&str) -> String,
    pub(super) site: From,
    pub(super) definition: From,
    pub(super) variant: From,
    /// A part of the people that the whole table is of.
    pub(super) part: Option<String>,
    /// Columns that name parts of the people.
    pub(super) parts: Vec<usize>,
    pub(super) quantity: WordsOf<Quantity>,
    pub(super) unit: WordsOf<Unit>,
    /// Rows that a word of a column leaves out, with the reason.
    pub(super) without: Vec<Without>,
    pub(super) values: Vec<Values>,
    pub(super) status: StatusOf,
    pub(super) relative_error: Option<usize>,
    pub(super) mark: Option<usize>,
    pub(super) checked: From,
    /// What an empty cell of sex, age or region says, in rows of totals.
    pub(super) blank: Option<Blank>,
    /// A first cell that ends the table.
    pub(super) ends_with: Option<&'static str>,
    /// Columns that say nothing more: codes beside names.
    pub(super) beside: Vec<usize>,
    pub(super) notes: Vec<String>,
    /// What the user knows beside the file.
    pub(super) known: ReadOptions,
}

/// What empty cells of a row of totals stand for.
#[derive(Debug, Clone)]
pub(super) struct Blank {
    pub(super) sex: Option<Sex>,
    pub(super) age: Option<String>,
    pub(super) region: String,
}

impl Layout {
    pub(super) fn new(format: Format, source: &str) -> Self {
        Self {
            format,
            source: From::fixed(source),
            round: From::NotStated,
            family: From::stated(format.family()),
            region: From::NotStated,
            region_name: |_| None,
            region_is_code: false,
            called_after: None,
            region_id: None,
            year: From::NotStated,
            year_may_lack: false,
            sex: From::NotStated,
            sex_of: shared_words::sex,
            age: From::NotStated,
            age_of: super::age::age,
            site: From::NotStated,
            definition: From::NotStated,
            variant: From::NotStated,
            part: None,
            parts: Vec::new(),
            quantity: None,
            unit: None,
            without: Vec::new(),
            values: Vec::new(),
            status: StatusOf::None,
            relative_error: None,
            mark: None,
            checked: From::NotStated,
            blank: None,
            ends_with: None,
            beside: Vec::new(),
            notes: Vec::new(),
            known: ReadOptions::default(),
        }
    }

    /// Something that a reader of the rows should know.
    pub(super) fn note(&mut self, note: &str) {
        self.notes.push(note.to_owned());
    }

    /// A column of numbers, where it is there.
    pub(super) fn take(&mut self, column: Option<usize>, values: impl FnOnce(usize) -> Values) {
        self.values.extend(column.map(values));
    }

    /// Columns that say nothing more, where they are there.
    pub(super) fn pass_over(&mut self, header: &Header<'_>, keys: &str) {
        let columns = keys.split(' ').filter_map(|key| header.column(key));
        self.beside.extend(columns);
    }

    /// Columns of numbers, each with whether they are whole.
    pub(super) fn numbers(&self) -> Vec<(usize, bool)> {
        let mut numbers: Vec<(usize, bool)> = self
            .relative_error
            .map(|column| (column, false))
            .into_iter()
            .collect();
        for values in &self.values {
            numbers.push((values.column, values.whole));
            let beside = [values.lower, values.upper, values.standard_error];
            numbers.extend(beside.into_iter().flatten().map(|column| (column, false)));
        }
        numbers
    }

    /// All columns that are read or known to say nothing more.
    pub(super) fn columns(&self) -> BTreeSet<usize> {
        let texts = [
            &self.region,
            &self.year,
            &self.sex,
            &self.age,
            &self.site,
            &self.definition,
            &self.variant,
            &self.family,
            &self.round,
            &self.source,
            &self.checked,
        ];
        let mut columns: BTreeSet<usize> = texts.iter().filter_map(|text| text.place()).collect();
        columns.extend(self.numbers().iter().map(|(column, _)| *column));
        columns.extend(self.parts.iter().chain(&self.beside));
        columns.extend(self.quantity.map(|(column, _)| column));
        columns.extend(self.unit.map(|(column, _)| column));
        columns.extend(self.without.iter().map(|(column, ..)| *column));
        columns.extend(self.mark);
        if let StatusOf::Column(column) = self.status {
            columns.insert(column);
        }
        columns
    }
}
