//! A table of figures as users write them: the columns of `Figures::from_csv`, in any capitals, with others beside them; and
//! the rows that this crate writes.

use std::path::Path;

use super::header::{Header, key};
use super::layout::{Blank, From, Layout, StatusOf, Values, Word};
use super::row::{Measure, Quantity, Unit};
use super::{Format, shared_words};
use crate::error::Result;

/// The names of a column of standard errors.
const STANDARD_ERROR: &str = "standarderror stderror stderr se";

/// `year` and `cases`, or a rate; and `region` unless the file is of one region and called after it.
pub(super) fn layout(header: &Header<'_>) -> Result<Option<Layout>> {
    let Some(year) = header.column("year jahr yearofdiagnosis") else {
        return years_as_columns(header);
    };
    let cases =
        header.column("cases newcases incidentcases numberofcases faelle fallzahl neuerkrankungen");
    let count = header.column("count counts").filter(|_| cases.is_none());
    let rate = header.column("rate cruderate");
    let standardised = header
        .column("standardisedrate agestandardisedrate agestandardizedrate ageadjustedrate asr");
    if let (Some(column), true) = (
        header.column("incidence"),
        [cases, count, rate, standardised]
            .iter()
            .all(Option::is_none),
    ) {
        return Err(header.error(format!(
            "column {}: a number of new cases or a rate? Call it cases or rate",
            header.name(column)
        )));
    }
    let mut layout = table(header, From::Column(year));
    let ends = (
        header.column("lower95 lower95ci lower95cl lower95confidenceinterval 95cilower 95lower lowerci95 ci95lower"),
        header.column("upper95 upper95ci upper95cl upper95confidenceinterval 95ciupper 95upper upperci95 ci95upper"),
    );
    let standard_error = header.column(STANDARD_ERROR);
    if let Some(column) = count {
        layout.note(&format!(
            "column {}: taken to count new cases",
            header.name(column)
        ));
    }
    if let Some(column) = rate {
        layout.note(&format!(
            "column {}: taken to be cases a year per 100,000 people",
            header.name(column)
        ));
    }
    for (column, unit) in [
        (cases.or(count), Unit::Number),
        (rate, Unit::Rate),
        (standardised, Unit::StandardisedRate),
    ] {
        layout.take(column, |column| Values {
            standard_error,
            // The German word for what a registry has counted.
            whole: header.column("fallzahl") == Some(column),
            ..Values::new(column, Quantity::Incidence, unit).within(ends.0, ends.1)
        });
    }
    if layout.values.len() > 1 && (ends != (None, None) || standard_error.is_some()) {
        layout.note("the table does not say whether its interval or standard error is of cases or of a rate: not read");
        for values in &mut layout.values {
            (values.lower, values.upper, values.standard_error) = (None, None, None);
        }
    }
    whole(header, &mut layout)?;
    Ok((!layout.values.is_empty()).then_some(layout))
}

/// Numbers under the years of their columns; the table does not say what they count, and rates are not whole.
fn years_as_columns(header: &Header<'_>) -> Result<Option<Layout>> {
    let year =
        |(column, name): (usize, &String)| Some((column, shared_words::calendar_year(name)?));
    let years: Vec<(usize, i32)> = header.names.iter().enumerate().filter_map(year).collect();
    let mut layout = table(header, From::NotStated);
    let is_named = [&layout.region, &layout.sex, &layout.age, &layout.site];
    if years.len() < 2 || is_named.iter().all(|text| **text == From::NotStated) {
        return Ok(None);
    }
    layout.values = (years.into_iter())
        .map(|(column, year)| Values {
            year: Some(year),
            ..Values::counts(column, Quantity::NotStated)
        })
        .collect();
    whole(header, &mut layout)?;
    layout.note("years stand there as columns, and the table does not say whether it counts new cases or deaths");
    Ok(Some(layout))
}

/// What a table of one's own is of where it does not say so.
fn whole(header: &Header<'_>, layout: &mut Layout) -> Result<()> {
    title(header, layout)?;
    if let Some(column) = header.column("measure") {
        let are_rates = (layout.values.iter()).all(|values| values.measure.unit != Unit::Number);
        let of: fn(&str) -> Word<Quantity> = if are_rates { quantity } else { of_numbers };
        layout.quantity = Some((column, of));
        for values in &mut layout.values {
            values.measure.quantity = Quantity::NotStated;
        }
    }
    // Figures are of both sexes and all ages, unless columns of these names say otherwise.
    if layout.sex == From::NotStated {
        layout.sex = From::assumed("both");
    }
    if layout.age == From::NotStated {
        layout.age = From::assumed(super::age::ALL);
    }
    layout.definition = header.text_of("icd10 definition");
    if layout.region == From::NotStated {
        let place = header.place.split(", sheet ").next();
        let file = Path::new(place.unwrap_or_default()).file_stem();
        let file = file.map(|name| name.to_string_lossy().into_owned());
        layout.called_after = file.filter(|name| !name.trim().is_empty());
    }
    Ok(())
}

/// The lines above a table are told; what would make other numbers of its own is not passed over.
fn title(header: &Header<'_>, layout: &mut Layout) -> Result<()> {
    let title = header
        .before
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    if title.is_empty() || layout.values.is_empty() {
        return Ok(());
    }
    let shown: String = title.chars().take(200).collect();
    if makes_others(&title, layout) {
        return Err(header.error(format!("a title, \"{shown}\", {MADE_OTHERS}")));
    }
    layout.note(&format!("the title above the table is not read: {shown}"));
    Ok(())
}

/// Why a text about a table is not passed over.
pub(super) const MADE_OTHERS: &str = "that says thousands, deaths, prevalence or rates of what is taken for new cases: write the numbers as \
    they are meant, under cases or rate, and take the text out";

/// Whether a text above or below a table, in English or German, says that its numbers are others than their column says: thousands,
/// rates, deaths.
pub(super) fn makes_others(text: &str, layout: &Layout) -> bool {
    // The cells of a line that commas part are joined with a space after each.
    let lower = text.to_lowercase().replace(", ", ",");
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let counts = layout
        .values
        .iter()
        .any(|values| values.measure.unit == Unit::Number);
    let of_cases = says(&["cases", "inciden", "diagnoses", "neuerkrank", "inzidenz"]);
    let thousands = says(&[
        "thousands",
        "in thousand",
        "(thousand",
        "in tausend",
        "(tausend",
        "'000",
        "’000",
        "000s",
        "x1000",
        "x 1000",
        "x1,000",
        "× 1000",
        "in 1000",
        "in 1,000",
        "in 1 000",
        "in 1.000",
        "(1000)",
        "(1,000)",
    ]);
    let rates = says(&[
        "per 1000",
        "per 1,000",
        "per 1 000",
        "per 10,000",
        "per 10000",
        "per 10 000",
        "per 100",
        "per million",
        "je 100",
        "pro 100",
        "je 1.000",
        "pro 1.000",
        "rate (%)",
        "in per cent",
        "in percent",
        "in prozent",
        "cumulative",
    ]);
    let others = says(&[
        "deaths",
        "mortality",
        "sterbefälle",
        "todesfälle",
        "gestorben",
        "mortalität",
        "prevalence",
        "prävalenz",
    ]);
    (counts && thousands) || (others && !of_cases) || (counts && rates && layout.values.len() == 1)
}

/// `region`, `year`, `measure` and `value`: rows of this crate.
pub(super) fn tidy(header: &Header<'_>) -> Option<Layout> {
    let (year, measure) = (header.column("year")?, header.column("measure")?);
    let value = header.column("value")?;
    if !(header.has("region") && header.has("definition")) {
        return None;
    }
    let mut layout = table(header, From::Column(year));
    layout.quantity = Some((measure, |word| {
        measure_of(word).map_or(Word::Unknown, |measure| Word::Is(measure.quantity))
    }));
    layout.unit = Some((measure, |word| {
        measure_of(word).map_or(Word::Unknown, |measure| Word::Is(measure.unit))
    }));
    let ends = (header.column("lower"), header.column("upper"));
    layout.values = vec![Values {
        standard_error: header.column("standarderror"),
        ..Values::new(value, Quantity::NotStated, Unit::Number).within(ends.0, ends.1)
    }];
    layout.definition = header.text_of("definition");
    layout.round = header.text_of("round");
    layout.variant = header.text_of("variant");
    layout.parts = header.column("subgroup").into_iter().collect();
    layout.year_may_lack = true;
    layout.blank = Some(Blank {
        sex: None,
        age: None,
        region: String::new(),
    });
    layout.pass_over(header, "line");
    Some(layout)
}

/// The columns that both have.
fn table(header: &Header<'_>, year: From) -> Layout {
    let mut layout = Layout::new(Format::Own, "");
    layout.region = header.text_of("region country location area land bundesland state registry");
    layout.year = year;
    layout.sex = header.text_of("sex gender geschlecht");
    layout.age = header.text_of("age agegroup agegroups ages altersgruppe");
    layout.site = header.text_of("site cancer cancersite");
    layout.family = header.text_of("family");
    layout.status = (header.column("status")).map_or(StatusOf::None, StatusOf::Column);
    layout.relative_error = header.column("relativeerror");
    layout.mark = header.column("mark");
    layout.checked = header.text_of("checked");
    layout.source = header.text_of("source");
    for part in ["race", "ethnicity"] {
        layout.parts.extend(header.column(part));
    }
    layout
}

/// Words of a measure that say new cases, and those that may stand beside them without making another number of them.
const NEW_CASES: &str =
    "incidence incident case cases diagnoses diagnosed inzidenz neuerkrankungen faelle fallzahl";
const BESIDE_CASES: &str = "new newly number numbers no of count counts n total all annual yearly a per year registered observed \
    estimated patients people persons cancer multiple myeloma";
/// The same that make a rate of them, as far as words are new.
const OF_RATES: &str = "rate rates crude age standardised standardized adjusted specific asr world european 100 000 100000 person \
    years population inhabitants";

/// What a word says that is counted; of a column of cases, where it says nothing, new ones. Of "case fatality", "cumulative
/// incidence" or "years since diagnosis" one word says nothing: all have to be understood.
fn quantity(word: &str) -> Word<Quantity> {
    let words = word.split(|letter: char| !letter.is_alphanumeric());
    let words: Vec<String> = words.map(key).filter(|word| !word.is_empty()).collect();
    let says = |parts: &[&str]| {
        let mut words = words.iter();
        words.any(|word| parts.iter().any(|part| word.starts_with(part)))
    };
    let is_of = |word: &String, known: &str| known.split_whitespace().any(|known| known == word);
    let of_cases = words.iter().any(|word| is_of(word, NEW_CASES))
        && (words.iter()).all(|word| {
            let known = [NEW_CASES, BESIDE_CASES, OF_RATES];
            known.iter().any(|known| is_of(word, known))
        });
    if says(&["death", "mortality"]) {
        Word::Is(Quantity::Deaths)
    } else if says(&["prevalen"]) {
        Word::Is(Quantity::Prevalence)
    } else if words.is_empty() || of_cases {
        Word::Is(Quantity::Incidence)
    } else {
        Word::Unknown
    }
}

/// The same of a column of numbers: what is said to be a rate is none.
fn of_numbers(word: &str) -> Word<Quantity> {
    let mut words = word.split(|letter: char| !letter.is_alphanumeric());
    let none = format!("{OF_RATES} percent ratio proportion risk");
    let is_none = |word: &str| none.split_whitespace().any(|none| none == key(word));
    if word.contains('%') || words.any(is_none) {
        return Word::Unknown;
    }
    quantity(word)
}

/// The measure that prints itself like this.
fn measure_of(word: &str) -> Option<Measure> {
    let quantities = [
        Quantity::Incidence,
        Quantity::Deaths,
        Quantity::Prevalence,
        Quantity::Population,
        Quantity::NotStated,
    ];
    let units = [
        Unit::Number,
        Unit::Rate,
        Unit::StandardisedRate,
        Unit::Share,
        Unit::CumulativeRisk,
    ];
    quantities
        .into_iter()
        .flat_map(|quantity| units.map(|unit| Measure { quantity, unit }))
        .find(|measure| measure.to_string().eq_ignore_ascii_case(word))
}
