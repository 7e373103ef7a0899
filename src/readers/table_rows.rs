//! The lines of a recognised table, one after the other, as rows.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::layout::{From, Layout, StatusOf, Values, Word};
use super::notation::{Notation, number};
use super::reading::Found;
use super::repeated_numbers::{Kept, Rows};
use super::row::{Measure, Quantity, Row, Unit};
use super::shared_words::{self, Cell, Year};
use super::skipped_rows::LeftOut;
use super::{Export, Format, age};
use crate::demography::Sex;
use crate::error::{Error, Result};
use crate::figures::{Mark, Status};
use crate::files::{LONGEST, Words, unguarded, unreadable};

/// Rows as they are made.
pub(super) struct Lines<'f> {
    place: &'f str,
    layout: &'f Layout,
    names: &'f [String],
    notation: Notation,
    /// Texts and ages that many rows share.
    texts: HashSet<Arc<str>>,
    ages: HashMap<String, Arc<str>>,
    /// The number of the first region of each name.
    ids: HashMap<Arc<str>, Arc<str>>,
    rows: Rows,
    read: usize,
    taken: usize,
    left_out: LeftOut,
}

/// A line, and what it says of all its numbers.
struct Line<'r> {
    record: &'r csv::StringRecord,
    number: u64,
    region: Arc<str>,
    year: Option<i32>,
    sex: Option<Sex>,
    age: Option<Arc<str>>,
    is_standardised: bool,
    site: Option<Arc<str>>,
    definition: Option<Arc<str>>,
    subgroup: Option<Arc<str>>,
    variant: Option<Arc<str>>,
    quantity: Option<Quantity>,
    unit: Option<Unit>,
    source: Arc<str>,
    status: Option<Status>,
}

impl<'f> Lines<'f> {
    pub(super) fn new(place: &'f str, found: &'f Found, notation: Notation) -> Self {
        Self {
            place,
            layout: &found.layout,
            names: &found.names,
            notation,
            texts: HashSet::new(),
            ages: HashMap::new(),
            ids: HashMap::new(),
            rows: Rows::default(),
            read: 0,
            taken: 0,
            left_out: LeftOut::default(),
        }
    }

    /// What was read, with notes on what was not.
    pub(super) fn export(self) -> Export {
        let read = self.layout.columns();
        let unread = (self.names.iter().enumerate())
            .filter(|(i, name)| !read.contains(i) && !name.is_empty());
        let unread: Vec<&str> = unread.map(|(_, name)| name.as_str()).collect();
        let mut notes: Vec<String> = self.left_out.notes().collect();
        if !unread.is_empty() {
            notes.push(format!("columns that are not read: {}", unread.join(", ")));
        }
        Export {
            format: self.layout.format,
            rows: self.rows.all,
            lines: self.read,
            taken: self.taken,
            notes,
        }
    }

    /// Makes the rows of one line.
    pub(super) fn take(&mut self, number: u64, record: &csv::StringRecord) -> Result<()> {
        let filled = record.iter().filter(|field| !field.is_empty()).count();
        if filled == 0 {
            return Ok(());
        }
        self.read += 1;
        if record.iter().any(|field| field.trim().contains('\n')) {
            let what =
                "lines with a cell that goes on over several lines: is a quotation mark open?";
            self.left_out.add(what, number);
        }
        if let Some((i, field)) = record
            .iter()
            .enumerate()
            .find(|(_, field)| field.len() > LONGEST)
        {
            let bytes = field.len();
            return self.refuse(
                number,
                format!(
                    "field {} has {bytes} bytes: at most {LONGEST} (an open quotation mark?)",
                    i + 1
                ),
            );
        }
        if filled == 1
            && self.names.len() > 2
            && record.get(0).is_some_and(|first| !first.is_empty())
        {
            self.left_out.add("lines of text left out", number);
            return Ok(());
        }
        let beyond = record
            .iter()
            .skip(self.names.len())
            .any(|field| !field.is_empty());
        if record.len() < self.names.len() || beyond {
            let (values, columns) = (record.len(), self.names.len());
            return self.refuse(
                number,
                format!("{values} values for {columns} columns (a separator within a value? a line cut off?)"),
            );
        }
        let Some(line) = self.line(number, record)? else {
            return Ok(());
        };
        let before = self.rows.all.len();
        let layout = self.layout;
        for values in &layout.values {
            self.number(&line, values)?;
        }
        self.taken += usize::from(self.rows.all.len() > before);
        Ok(())
    }

    /// What a line says of all its numbers; `None` where it is left out.
    fn line<'r>(&mut self, number: u64, record: &'r csv::StringRecord) -> Result<Option<Line<'r>>> {
        let layout = self.layout;
        for (column, is_out, why) in &layout.without {
            if is_out(field(record, *column)) {
                self.left_out.add(&format!("lines left out: {why}"), number);
                return Ok(None);
            }
        }
        let Word::Is(year) = self.year(number, record)? else {
            return Ok(None);
        };
        let quantity = match layout
            .quantity
            .map(|(column, of)| (column, of(field(record, column))))
        {
            None => None,
            Some((_, Word::Is(quantity))) => Some(quantity),
            Some((_, Word::LeftOut)) => {
                self.left_out.add(
                    "lines left out: DALYs, YLDs or YLLs, which count no cases",
                    number,
                );
                return Ok(None);
            }
            Some((column, Word::Unknown)) => {
                return self.unknown(number, record, column, "is not a known measure");
            }
        };
        let unit = match layout
            .unit
            .map(|(column, of)| (column, of(field(record, column))))
        {
            None => None,
            Some((_, Word::Is(unit))) => Some(unit),
            Some((column, _)) => {
                return self.unknown(number, record, column, "is not Number, Rate or Percent");
            }
        };
        let age = self.age_of_line(number, record)?;
        let is_standardised = age.as_deref() == Some(age::STANDARDISED);
        let is_rate = |unit: Unit| matches!(unit, Unit::Rate | Unit::StandardisedRate);
        let are_rates = match unit {
            Some(unit) => is_rate(unit),
            None => layout
                .values
                .iter()
                .all(|values| is_rate(values.measure.unit)),
        };
        if is_standardised && !are_rates {
            return self.refuse(
                number,
                "an age-standardised number that is not a rate".to_owned(),
            );
        }
        let site = self.text_of(&layout.site, record);
        let definition = match &layout.definition {
            From::NotStated => site
                .as_deref()
                .and_then(|site| shared_words::definition_of(layout.format, site)),
            From::Fixed(text) | From::Assumed(text) => Some(text.clone()),
            From::Column(column) => {
                let codes = field(record, *column);
                shared_words::definition(codes)
                    .or_else(|| (!codes.is_empty()).then(|| codes.to_owned()))
            }
        };
        let variant = self.text_of(&layout.variant, record);
        let source = match layout.source_column {
            Some(column) => self.shared(field(record, column)),
            None => self.shared(&layout.source),
        };
        Ok(Some(Line {
            record,
            number,
            region: self.region(number, record)?,
            year,
            sex: self.sex(number, record)?,
            age: if is_standardised {
                Some(self.shared(age::ALL))
            } else {
                age
            },
            is_standardised,
            site,
            definition: definition.map(|codes| self.shared(&codes)),
            subgroup: self.subgroup(record),
            status: self.status(number, record, variant.as_deref())?,
            variant,
            quantity,
            unit,
            source,
        }))
    }

    fn sex(&self, number: u64, record: &csv::StringRecord) -> Result<Option<Sex>> {
        let layout = self.layout;
        let column = match layout.sex {
            From::NotStated => return Ok(None),
            From::Fixed(ref word) | From::Assumed(ref word) => return Ok(shared_words::sex(word)),
            From::Column(column) => column,
        };
        match (field(record, column), &layout.blank) {
            ("", Some(blank)) => Ok(blank.sex),
            (word, _) => match (layout.sex_of)(word) {
                Some(sex) => Ok(Some(sex)),
                None => self.unknown(number, record, column, "is not the word of a sex"),
            },
        }
    }

    fn age_of_line(&mut self, number: u64, record: &csv::StringRecord) -> Result<Option<Arc<str>>> {
        let layout = self.layout;
        match &layout.age {
            From::NotStated => Ok(None),
            From::Fixed(text) | From::Assumed(text) => Ok(Some(self.age(text))),
            From::Column(column) => match (field(record, *column), &layout.blank) {
                ("", Some(blank)) => Ok(blank.age.as_ref().map(|text| self.age(text))),
                ("", None) => self.unknown(number, record, *column, "names no age group"),
                (text, _) => Ok(Some(self.age(text))),
            },
        }
    }

    /// The year of a line, none where the table has none; a line may be left out for it.
    fn year(&mut self, number: u64, record: &csv::StringRecord) -> Result<Word<Option<i32>>> {
        let text = match &self.layout.year {
            From::NotStated => return Ok(Word::Is(None)),
            From::Fixed(text) | From::Assumed(text) => text,
            From::Column(column) => field(record, *column),
        };
        match shared_words::year(text) {
            Year::Unknown if text.is_empty() && self.layout.year_may_lack => Ok(Word::Is(None)),
            Year::One(year) => Ok(Word::Is(Some(year))),
            Year::Pooled => {
                let why =
                    "lines left out: several years in one number, which would be counted twice";
                self.left_out.add(why, number);
                Ok(Word::LeftOut)
            }
            Year::Unknown if text.is_empty() && self.layout.format != Format::Own => {
                self.left_out.add("lines left out: without a year", number);
                Ok(Word::LeftOut)
            }
            Year::Unknown => {
                let column = match self.layout.year {
                    From::Column(column) => format!("column {}: ", self.names[column]),
                    _ => String::new(),
                };
                self.refuse(number, format!("{column}\"{text}\" is not a calendar year"))
            }
        }
    }

    fn region(&mut self, number: u64, record: &csv::StringRecord) -> Result<Arc<str>> {
        let layout = self.layout;
        let column = match layout.region {
            // Refused before the first line.
            From::NotStated => return self.refuse(number, "the table names no region".to_owned()),
            From::Fixed(ref name) | From::Assumed(ref name) => return Ok(self.shared(name)),
            From::Column(column) => column,
        };
        let name = field(record, column);
        if name.is_empty() {
            return match &layout.blank {
                Some(blank) => Ok(self.shared(&blank.region)),
                None => self.unknown(number, record, column, "names no region"),
            };
        }
        if let Some(name) = (layout.region_name)(name) {
            return Ok(self.shared(name));
        }
        let header = &self.names[column];
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(self.shared(&format!("{header} {name}")));
        }
        let Some(id_column) = layout.region_id.filter(|id| *id != column) else {
            return Ok(self.shared(name));
        };
        // A country and a state may have one name; the first has it, the others with their number.
        let (name, id) = (self.shared(name), self.shared(field(record, id_column)));
        let first = self.ids.entry(name.clone()).or_insert_with(|| id.clone());
        if *first == id {
            return Ok(name);
        }
        let told_apart = format!("{name} ({} {id})", self.names[id_column]);
        self.left_out.add(
            &format!("lines of a second region called {name}, which stands with its number"),
            number,
        );
        Ok(self.shared(&told_apart))
    }

    /// The part of the people that a line is of.
    fn subgroup(&mut self, record: &csv::StringRecord) -> Option<Arc<str>> {
        let layout = self.layout;
        if layout.parts.is_empty() && layout.part.is_none() {
            return None;
        }
        let named = layout
            .parts
            .iter()
            .map(|&column| (column, field(record, column)));
        let parts = named
            .filter(|(_, word)| !shared_words::is_everybody(word))
            .map(|(column, word)| match self.names[column].as_str() {
                // Rows of this crate have named it already.
                "subgroup" => word.to_owned(),
                name => format!("{name}: {word}"),
            });
        let parts: Vec<String> = layout.part.iter().cloned().chain(parts).collect();
        (!parts.is_empty()).then(|| self.shared(&parts.join("; ")))
    }

    fn status(
        &self,
        number: u64,
        record: &csv::StringRecord,
        variant: Option<&str>,
    ) -> Result<Option<Status>> {
        Ok(match self.layout.status {
            StatusOf::All(status) => Some(status),
            StatusOf::Variant => variant
                .filter(|name| name.eq_ignore_ascii_case("estimates"))
                .map(|_| Status::Estimate),
            StatusOf::Column(column) => {
                let word = field(record, column).to_lowercase();
                match Status::of_word(&word) {
                    Some(status) => Some(status),
                    None if word.is_empty() => None,
                    None => {
                        return self.unknown(
                            number,
                            record,
                            column,
                            &format!("is not {}", Status::WORDS),
                        );
                    }
                }
            }
            StatusOf::EstimatesTo(_) | StatusOf::None => None,
        })
    }

    /// The text of a number; none, with a note, where there is no number.
    fn number_in<'r>(&mut self, line: &Line<'r>, column: usize) -> Option<&'r str> {
        let why: Cow<'_, str> = match shared_words::cell(line.record.get(column).unwrap_or("")) {
            // The German registries' sign for a cancer that the sex does not have.
            Cell::Text(sign @ "x") if self.layout.format == Format::Zfkd => {
                not_applicable(sign).into()
            }
            Cell::Text(text) => return Some(text),
            Cell::Empty => "numbers left out: empty".into(),
            Cell::Impossible(sign) => not_applicable(sign).into(),
            Cell::Withheld(sign) => format!("numbers left out: withheld, \"{sign}\"").into(),
        };
        self.left_out.add(&why, line.number);
        None
    }

    /// Makes a row of one number.
    fn number(&mut self, line: &Line<'_>, values: &Values) -> Result<()> {
        let Some(text) = self.number_in(line, values.column) else {
            return Ok(());
        };
        let value = self.parsed(line, values.column, text)?;
        if values.whole && value.fract() != 0.0 {
            let name = &self.names[values.column];
            return self.refuse(
                line.number,
                format!("column {name}: \"{text}\" is {value}, and a count is a whole number"),
            );
        }
        let beside = |column: Option<usize>| -> Result<Option<f64>> {
            let Some(column) = column else {
                return Ok(None);
            };
            match shared_words::cell(line.record.get(column).unwrap_or("")) {
                Cell::Text(text) => Ok(Some(times(self.parsed(line, column, text)?, values.times))),
                _ => Ok(None),
            }
        };
        let (lower, upper, standard_error) = (
            beside(values.lower)?,
            beside(values.upper)?,
            beside(values.standard_error)?,
        );
        // 3 % is 0.03.
        let relative_error = match self.layout.relative_error {
            Some(column) => match field(line.record, column).strip_suffix('%') {
                Some(percent) => Some(self.parsed(line, column, percent)? / 100.0),
                None => beside(Some(column))?,
            },
            None => None,
        };
        let stated = values.measure.quantity;
        let quantity = if stated == Quantity::NotStated {
            line.quantity.unwrap_or(stated)
        } else {
            stated
        };
        let unit = if line.is_standardised {
            Unit::StandardisedRate
        } else {
            line.unit.unwrap_or(values.measure.unit)
        };
        // The people that cases and deaths are counted among need not be the same.
        let variant = match line.quantity {
            Some(of) if stated == Quantity::Population => {
                Some(self.shared(&format!("denominator of {of}")))
            }
            _ => line.variant.clone(),
        };
        let year = values.year.or(line.year);
        let status = match (self.layout.status.clone(), year) {
            (StatusOf::EstimatesTo(last), Some(year)) => Some(if year <= last {
                Status::Estimate
            } else {
                Status::Projection
            }),
            _ => line.status,
        };
        let mut row = Row {
            region: line.region.clone(),
            year,
            sex: values.sex.or(line.sex),
            age: match &values.age {
                Some(age) => Some(self.shared(age)),
                None => line.age.clone(),
            },
            measure: Measure { quantity, unit },
            value: times(value, values.times),
            lower,
            upper,
            standard_error,
            definition: line.definition.clone(),
            source: line.source.clone(),
            family: self.text_of(&self.layout.family, line.record),
            round: self.text_of(&self.layout.round, line.record),
            site: line.site.clone(),
            subgroup: line.subgroup.clone(),
            variant,
            status,
            relative_error,
            mark: self.mark(line)?,
            checked: self
                .layout
                .checked
                .map(|column| field(line.record, column))
                .filter(|day| !day.is_empty())
                .map(|day| self.shared(day)),
            line: line.number,
        };
        if let Err(said) = self.layout.known.fill(&mut row) {
            return self.refuse(line.number, said);
        }
        if let Err(error) = row.check() {
            let name = &self.names[values.column];
            return self.refuse(line.number, format!("column {name}: {error}"));
        }
        self.keep(row)
    }

    fn mark(&self, line: &Line<'_>) -> Result<Option<Mark>> {
        let Some(column) = self.layout.mark else {
            return Ok(None);
        };
        match field(line.record, column).to_lowercase().as_str() {
            "" => Ok(None),
            word => match Mark::of_word(word) {
                Some(mark) => Ok(Some(mark)),
                None => self.unknown(
                    line.number,
                    line.record,
                    column,
                    &format!("is not {}", Mark::WORDS),
                ),
            },
        }
    }

    /// Keeps a row; one that repeats another is left out, one that contradicts it refused.
    fn keep(&mut self, row: Row) -> Result<()> {
        let line = row.line;
        match self.rows.keep(row) {
            Kept::New => Ok(()),
            Kept::Repeats => {
                let why = "numbers left out: they stand there before";
                self.left_out.add(why, line);
                Ok(())
            }
            Kept::Not(why) => self.refuse(line, why),
        }
    }

    fn parsed(&self, line: &Line<'_>, column: usize, text: &str) -> Result<f64> {
        if let Some(number) = number(text, self.notation) {
            return Ok(number);
        }
        let mark = match self.notation {
            Notation::Comma => " with a decimal comma, as others of the file are",
            Notation::Point => "",
        };
        self.unknown(
            line.number,
            line.record,
            column,
            &format!("is not a number{mark}"),
        )
    }

    /// An age group under its one name.
    fn age(&mut self, text: &str) -> Arc<str> {
        if let Some(age) = self.ages.get(text) {
            return age.clone();
        }
        let age = (self.layout.age_of)(text);
        let age = self.shared(&age);
        self.ages.insert(text.to_owned(), age.clone());
        age
    }

    fn text_of(&mut self, from: &From, record: &csv::StringRecord) -> Option<Arc<str>> {
        match from {
            From::NotStated => None,
            From::Fixed(text) | From::Assumed(text) => Some(self.shared(text)),
            From::Column(column) => Some(field(record, *column))
                .filter(|text| !text.is_empty())
                .map(|text| self.shared(text)),
        }
    }

    /// One copy of each text.
    fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(shared) = self.texts.get(text) {
            return shared.clone();
        }
        let shared: Arc<str> = text.into();
        self.texts.insert(shared.clone());
        shared
    }

    fn unknown<T>(
        &self,
        line: u64,
        record: &csv::StringRecord,
        column: usize,
        what: &str,
    ) -> Result<T> {
        let (name, text) = (&self.names[column], field(record, column));
        self.refuse(line, format!("column {name}: \"{text}\" {what}"))
    }

    fn refuse<T>(&self, line: u64, message: String) -> Result<T> {
        Err::<T, Error>(unreadable(self.place, Some(line), message))
    }
}

fn not_applicable(sign: &str) -> String {
    format!("numbers left out: not applicable or not available, \"{sign}\"")
}

/// A number times a factor. Thousands with three decimals are whole numbers of people.
fn times(number: f64, factor: f64) -> f64 {
    if factor < 1.0 {
        // 71 per million are 7.1 per 100,000, and a tenth is no number of the machine.
        return number / (1.0 / factor);
    }
    let product = number * factor;
    let whole = product.round();
    let is_whole = factor > 1.0 && (product - whole).abs() <= 4.0 * f64::EPSILON * whole;
    if is_whole { whole } else { product }
}

/// A field, without the apostrophe that guards a spreadsheet.
fn field(record: &csv::StringRecord, column: usize) -> &str {
    unguarded(record.get(column).unwrap_or(""))
}
