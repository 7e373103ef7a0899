//! A table of figures as users write them: the columns of `Figures::from_csv`, in any capitals, with others beside them; and
//! the rows that this crate writes.

use std::path::Path;

use super::header::Header;
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
        layout.quantity = Some((column, quantity));
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
    let lower = title.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let counts = layout
        .values
        .iter()
        .any(|values| values.measure.unit == Unit::Number);
    let of_cases = says(&["cases", "incidence", "diagnos"]);
    let other = (counts && says(&["thousand", "in 1000", "in 1,000"]))
        || (says(&["deaths", "mortality"]) && !of_cases)
        || (counts && says(&["per 100", "per million"]) && layout.values.len() == 1);
    let shown: String = title.chars().take(200).collect();
    if other {
        return Err(header.error(format!(
            "a title, \"{shown}\", that says thousands, deaths or rates of what is taken for new cases: write the numbers as they are \
             meant, under cases or rate, and take the title out"
        )));
    }
    layout.note(&format!("the title above the table is not read: {shown}"));
    Ok(())
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
    layout.region = header.text_of("region country location area land state");
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

/// What a word says that is counted; of a column of cases, where it says nothing, new ones.
fn quantity(word: &str) -> Word<Quantity> {
    let word = word.to_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| word.contains(part));
    if says(&["death", "mortality"]) {
        Word::Is(Quantity::Deaths)
    } else if says(&["prevalen"]) {
        Word::Is(Quantity::Prevalence)
    } else if word.is_empty() || says(&["inciden", "case", "diagnos"]) {
        Word::Is(Quantity::Incidence)
    } else {
        Word::Unknown
    }
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
