//! The lines of a recognised table, one after the other, as rows.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::layout::{From, Layout, StatusOf, Values, Word, WordsOf, field};
use super::notation::{Cells, Held, Notation, number};
use super::own_tables::{MADE_OTHERS, makes_others};
use super::reading::Found;
use super::repeated_numbers::Rows;
use super::row::{Measure, Quantity, Row, Unit};
use super::shared_words::{self, Cell};
use super::skipped_rows::LeftOut;
use super::{Export, Format, age};
use crate::demography::Sex;
use crate::error::{Error, ErrorKind, Result};
use crate::figures::{Mark, Status};
use crate::files::{LONGEST, Words, unreadable};

/// So many lines of text below a table are shown.
const TEXTS_SHOWN: usize = 3;

/// Rows as they are made.
pub(super) struct Lines<'f> {
    place: &'f str,
    layout: &'f Layout,
    names: &'f [String],
    notation: Notation,
    cells: Cells<'f>,
    /// Texts and ages that many rows share.
    texts: HashSet<Arc<str>>,
    ages: HashMap<String, Arc<str>>,
    /// The number of the first region of each name.
    ids: HashMap<Arc<str>, Arc<str>>,
    rows: Rows,
    /// Columns that are not read.
    unread: Vec<usize>,
    read: usize,
    taken: usize,
    /// Lines of text that were left out.
    texts_left: usize,
    left_out: LeftOut,
}

/// A line, and what it says of all its numbers.
struct Line<'r> {
    record: &'r csv::StringRecord,
    /// What the row of each of its numbers has in common, without number and measure.
    row: Row,
    quantity: Option<Quantity>,
    unit: Option<Unit>,
}

impl<'f> Lines<'f> {
    pub(super) fn new(
        place: &'f str,
        found: &'f Found,
        notation: Notation,
        cells: Cells<'f>,
    ) -> Self {
        let read = found.layout.columns();
        let unread = (found.names.iter().enumerate())
            .filter(|(i, name)| !read.contains(i) && !name.is_empty());
        Self {
            unread: unread.map(|(i, _)| i).collect(),
            place,
            layout: &found.layout,
            names: &found.names,
            notation,
            cells,
            texts: HashSet::new(),
            ages: HashMap::new(),
            ids: HashMap::new(),
            rows: Rows::default(),
            read: 0,
            taken: 0,
            texts_left: 0,
            left_out: LeftOut::default(),
        }
    }

    /// What was read, with notes on what was not.
    pub(super) fn export(self) -> Export {
        let unread: Vec<&str> = self.unread.iter().map(|i| &self.names[*i][..]).collect();
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
            let text = &record[0];
            let shown: String = text.chars().take(200).collect();
            if self.layout.format == Format::Own && makes_others(text, self.layout) {
                return self.refuse(number, format!("a text, \"{shown}\", {MADE_OTHERS}"));
            }
            // Of one's own table what the first ones say.
            self.texts_left += 1;
            if self.layout.format == Format::Own && self.texts_left <= TEXTS_SHOWN {
                self.left_out
                    .add(&format!("lines of text left out: {shown}"), number);
            } else {
                self.left_out.add("lines of text left out", number);
            }
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
        let is_open = |column: &usize| self.held(number, *column) == Held::Formula;
        let mut open = (0..self.names.len()).filter(is_open);
        if let Some(column) = open.find(|i| !self.names[*i].is_empty() && !self.unread.contains(i))
        {
            let what = "is a formula without a saved value: open the workbook in a spreadsheet program, and save it there";
            return self.unknown(number, Some(column), &record[column], what);
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
        let what = if layout.format == Format::Own {
            "is not a known measure of these numbers: incidence, deaths or prevalence, and a rate stands under a column rate"
        } else {
            "is not a known measure"
        };
        let Word::Is(quantity) = self.word(layout.quantity, number, record, what)? else {
            let why = "lines left out: DALYs, YLDs or YLLs, which count no cases";
            self.left_out.add(why, number);
            return Ok(None);
        };
        let what = "is not Number, Rate or Percent";
        let Word::Is(unit) = self.word(layout.unit, number, record, what)? else {
            return Ok(None);
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
        let definition = self.definition(site.as_deref(), record);
        let variant = self.text_of(&layout.variant, record);
        let source = self.text_of(&layout.source, record);
        let row = Row {
            region: self.region(number, record)?,
            year,
            sex: self.sex(number, record)?,
            age: if is_standardised {
                Some(self.shared(age::ALL))
            } else {
                age
            },
            measure: Measure {
                quantity: Quantity::NotStated,
                unit: Unit::Number,
            },
            value: 0.0,
            lower: None,
            upper: None,
            standard_error: None,
            definition,
            source: source.unwrap_or_else(|| self.shared("")),
            family: self.text_of(&layout.family, record),
            round: self.text_of(&layout.round, record),
            site,
            subgroup: self.subgroup(record),
            status: self.status(number, record, variant.as_deref())?,
            variant,
            relative_error: None,
            mark: None,
            checked: self.text_of(&layout.checked, record),
            line: number,
        };
        Ok(Some(Line {
            record,
            row,
            quantity,
            unit: if is_standardised {
                Some(Unit::StandardisedRate)
            } else {
                unit
            },
        }))
    }

    /// What a word of a line stands for, where its column is there.
    fn word<T>(
        &self,
        words: WordsOf<T>,
        number: u64,
        record: &csv::StringRecord,
        what: &str,
    ) -> Result<Word<Option<T>>> {
        let Some((column, of)) = words else {
            return Ok(Word::Is(None));
        };
        let text = field(record, column);
        match of(text) {
            Word::Is(value) => Ok(Word::Is(Some(value))),
            Word::LeftOut => Ok(Word::LeftOut),
            Word::Unknown => self.unknown(number, Some(column), text, what),
        }
    }

    /// The codes that a line says, or those that the name of its cancer tells.
    fn definition(&mut self, site: Option<&str>, record: &csv::StringRecord) -> Option<Arc<str>> {
        let layout = self.layout;
        let codes = match &layout.definition {
            From::NotStated => shared_words::definition_of(layout.format, site?)?,
            From::Fixed(text) | From::Assumed(text) => text.clone(),
            From::Column(column) => match field(record, *column) {
                "" => return None,
                codes => shared_words::definition(codes).unwrap_or_else(|| codes.to_owned()),
            },
        };
        Some(self.shared(&codes))
    }

    fn sex(&self, number: u64, record: &csv::StringRecord) -> Result<Option<Sex>> {
        let layout = self.layout;
        match (layout.sex.of(record), &layout.blank) {
            (None, _) => Ok(None),
            (Some(""), Some(blank)) => Ok(blank.sex),
            (Some(""), None) if layout.known.sex.is_some() => Ok(None),
            (Some(word), _) => {
                let (column, what) = (layout.sex.place(), "is not the word of a sex");
                let sex = (layout.sex_of)(word).map(|sex| Ok(Some(sex)));
                sex.unwrap_or_else(|| self.unknown(number, column, word, what))
            }
        }
    }

    fn age_of_line(&mut self, number: u64, record: &csv::StringRecord) -> Result<Option<Arc<str>>> {
        let layout = self.layout;
        match (layout.age.of(record), &layout.blank) {
            (None, _) => Ok(None),
            (Some(""), Some(blank)) => Ok(blank.age.as_ref().map(|text| self.age(text))),
            (Some(""), None) if layout.known.age.is_some() => Ok(None),
            (Some(""), None) => self.unknown(number, layout.age.place(), "", "names no age group"),
            (Some(text), _) => Ok(Some(self.age(text))),
        }
    }

    /// The year of a line, none where the table has none; a line may be left out for it.
    fn year(&mut self, number: u64, record: &csv::StringRecord) -> Result<Word<Option<i32>>> {
        let layout = self.layout;
        let Some(text) = layout.year.of(record) else {
            return Ok(Word::Is(None));
        };
        let may_lack = layout.year_may_lack || layout.known.year.is_some();
        match shared_words::year(text) {
            Word::Unknown if text.is_empty() && may_lack => Ok(Word::Is(None)),
            Word::Is(year) => Ok(Word::Is(Some(year))),
            Word::LeftOut => {
                let why =
                    "lines left out: several years in one number, which would be counted twice";
                self.left_out.add(why, number);
                Ok(Word::LeftOut)
            }
            Word::Unknown if text.is_empty() && layout.format != Format::Own => {
                self.left_out.add("lines left out: without a year", number);
                Ok(Word::LeftOut)
            }
            Word::Unknown => {
                let column = layout.year.place();
                self.unknown(number, column, text, "is not a calendar year")
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
            let blank = layout.blank.as_ref().map(|blank| &blank.region);
            let said = blank.filter(|name| !name.is_empty());
            return match said.or(layout.known.region.as_ref()).or(blank) {
                Some(name) => Ok(self.shared(name)),
                None if self.cells.is_some() => {
                    let what = "names no region: of merged cells the first alone holds the name, so part them and fill it down";
                    self.unknown(number, Some(column), "", what)
                }
                None => self.unknown(number, Some(column), "", "names no region"),
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
                        let what = format!("is not {}", Status::WORDS);
                        return self.unknown(number, Some(column), &word, &what);
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
        self.left_out.add(&why, line.row.line);
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
                line.row.line,
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
        let unit = line.unit.unwrap_or(values.measure.unit);
        let mut row = Row {
            year: values.year.or(line.row.year),
            sex: values.sex.or(line.row.sex),
            measure: Measure { quantity, unit },
            value: times(value, values.times),
            lower,
            upper,
            standard_error,
            relative_error,
            mark: self.mark(line)?,
            ..line.row.clone()
        };
        if let Some(age) = &values.age {
            row.age = Some(self.shared(age));
        }
        // The people that cases and deaths are counted among need not be the same.
        if let (Some(of), Quantity::Population) = (line.quantity, stated) {
            row.variant = Some(self.shared(&format!("denominator of {of}")));
        }
        if let (StatusOf::EstimatesTo(last), Some(year)) = (&self.layout.status, row.year) {
            row.status = Some(if year <= *last {
                Status::Estimate
            } else {
                Status::Projection
            });
        }
        if let Err(said) = self.layout.known.fill(&mut row) {
            return self.refuse(line.row.line, said);
        }
        if let Err(error) = row.check() {
            let (relative_error, standard_error) =
                (self.layout.relative_error, values.standard_error);
            let column = match error.kind() {
                ErrorKind::OutOfRange { name, .. } if name == "the relative error" => {
                    relative_error
                }
                ErrorKind::OutOfRange { name, .. } if name == "the standard error" => {
                    standard_error
                }
                _ => None,
            };
            let name = &self.names[column.unwrap_or(values.column)];
            return self.refuse(line.row.line, format!("column {name}: {error}"));
        }
        // Of a maker's table what its unread columns say is known: codes, numbers of lines.
        let is_own = self.layout.format == Format::Own;
        let unread = self.unread.iter().filter(|_| is_own);
        let unread: Vec<&str> = unread.map(|i| field(line.record, *i)).collect();
        match self.rows.keep(row, &unread) {
            Ok(true) => {}
            Ok(false) => {
                let why = "numbers left out: they stand there before";
                self.left_out.add(why, line.row.line);
            }
            Err(why) => return self.refuse(line.row.line, why),
        }
        Ok(())
    }

    /// The mark of a number: in a column of its own, or in brackets after the year.
    fn mark(&mut self, line: &Line<'_>) -> Result<Option<Mark>> {
        let column = self.layout.mark;
        let word = column.map_or("", |column| field(line.record, column));
        if !word.is_empty() {
            let word = word.to_lowercase();
            let what = format!("is not {}", Mark::WORDS);
            return match Mark::of_word(&word) {
                None => self.unknown(line.row.line, column, &word, &what),
                mark => Ok(mark),
            };
        }
        let year = self.layout.year.of(line.record).unwrap_or_default();
        let Some((_, words)) = year.split_once('(') else {
            return Ok(None);
        };
        let words = words.to_lowercase();
        let unfinished = ["provisional", "preliminary", "vorläufig"];
        let is_unfinished = unfinished.iter().any(|word| words.contains(word));
        self.left_out.add(
            if is_unfinished {
                "numbers marked as provisional, as their year says"
            } else {
                "numbers whose year has words in brackets, which are not read"
            },
            line.row.line,
        );
        Ok(is_unfinished.then_some(Mark::Provisional))
    }

    /// What a cell of a sheet holds; all else is text.
    fn held(&self, line: u64, column: usize) -> Held {
        self.cells.map_or(Held::Text, |held| held(line, column))
    }

    fn parsed(&self, line: &Line<'_>, column: usize, text: &str) -> Result<f64> {
        let notation = match self.held(line.row.line, column) {
            Held::Number => Notation::Point,
            _ => self.notation,
        };
        if let Some(number) = number(text, notation) {
            return Ok(number);
        }
        let mark = match notation {
            Notation::Comma => " with a decimal comma, as others of the file are",
            Notation::Point => "",
        };
        let what = format!("is not a number{mark}");
        let text = field(line.record, column);
        self.unknown(line.row.line, Some(column), text, &what)
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
        let text = from.of(record).filter(|text| !text.is_empty());
        text.map(|text| self.shared(text))
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

    fn unknown<T>(&self, line: u64, column: Option<usize>, text: &str, what: &str) -> Result<T> {
        let column = column.map(|column| format!("column {}: ", self.names[column]));
        let column = column.unwrap_or_default();
        self.refuse(line, format!("{column}\"{text}\" {what}"))
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
