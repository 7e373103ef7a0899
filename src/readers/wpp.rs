//! World Population Prospects of the United Nations: the Excel files saved as CSV, and the bulk CSV files
//! (<https://population.un.org/wpp/downloads>; CC BY 3.0 IGO). All numbers are in thousands; rows have persons.

use super::header::Header;
use super::layout::{From, Layout, StatusOf, Values};
use super::row::{Quantity, Unit};
use super::{Format, shared_words};
use crate::demography::Sex;
use crate::error::Result;

/// Thousands of persons.
const THOUSAND: f64 = 1_000.0;

/// `Region, subregion, country or area *` under some lines of title, with a column for each age group or year.
pub(super) fn excel(header: &Header<'_>) -> Result<Option<Layout>> {
    let Some(region) = header.starting("regionsubregioncountryorarea") else {
        return Ok(None);
    };
    let title = header.before.to_lowercase();
    let sex = title_sex(&title);
    let mut layout = Layout::new(
        Format::WppExcel,
        "World Population Prospects (United Nations)",
    );
    layout.round = From::stated(revision(header.before));
    layout.region = From::Column(region);
    layout.region_id = header.column("locationcode countrycode");
    layout.variant = header.text_of("variant");
    let year = header.column("year referencedateasof1july");
    layout.year = From::column(year);
    let people = |column| Values {
        times: THOUSAND,
        sex,
        ..Values::new(column, Quantity::Population, Unit::Number)
    };
    for (column, key) in header.keys() {
        let name = header.name(column);
        if let Some(age) = super::age::of_column(name) {
            layout.values.push(Values {
                age: Some(age),
                ..people(column)
            });
        } else if let (Some(year), None) = (shared_words::calendar_year(name), year) {
            layout.values.push(Values {
                year: Some(year),
                age: Some(super::age::ALL.to_owned()),
                ..people(column)
            });
        } else if key.ends_with("populationasof1julythousands") {
            let sex = match key.strip_suffix("populationasof1julythousands") {
                Some("total") => Sex::Both,
                Some("male") => Sex::Male,
                Some("female") => Sex::Female,
                _ => continue,
            };
            layout.values.push(Values {
                sex: Some(sex),
                age: Some(super::age::ALL.to_owned()),
                ..people(column)
            });
        }
    }
    if layout.values.is_empty() {
        return Err(header.error(
            "no column of an age group, of a year or of the total population on 1 July".to_owned(),
        ));
    }
    if header.before.trim().is_empty() {
        layout.note(
            "the title is missing: numbers are taken for thousands, as in all files of this maker",
        );
    } else if !title.contains("(thousands)")
        && !header.names.iter().any(|name| name.contains("(thousands)"))
    {
        return Err(header
            .error("the title does not say that the numbers are thousands of people".to_owned()));
    }
    if layout.values.iter().any(|values| values.sex.is_none()) {
        layout.note("the title does not say of which sex the table is");
    }
    layout.status = StatusOf::Variant;
    layout.pass_over(
        header,
        "index notes locationcode countrycode iso3alphacode iso2alphacode sdmxcode type parentcode",
    );
    Ok(Some(layout))
}

/// "both sexes combined", "Male population", "female".
fn title_sex(title: &str) -> Option<Sex> {
    if title.contains("both sexes") {
        Some(Sex::Both)
    } else if title.contains("female") {
        Some(Sex::Female)
    } else if title.contains("male") {
        Some(Sex::Male)
    } else {
        None
    }
}

/// "World Population Prospects 2022" or "Rev.2022" in the title.
fn revision(title: &str) -> Option<String> {
    ["World Population Prospects ", "Rev.", "Prospects: The "]
        .iter()
        .find_map(|before| {
            let at = title.find(before)? + before.len();
            let year = title.get(at..at + 4)?;
            shared_words::calendar_year(year).map(|year| year.to_string())
        })
}

/// `LocID`, `Location`, `Variant`, `Time` and `PopTotal`, or the totals among the demographic indicators.
pub(super) fn bulk(header: &Header<'_>) -> Result<Option<Layout>> {
    if !(header.has("locid") && header.has("location") && header.has("time")) {
        return Ok(None);
    }
    let by_age = header.has("agegrp");
    let mut layout = Layout::new(
        Format::WppBulk,
        "World Population Prospects (United Nations)",
    );
    layout.region = header.text_of("location");
    layout.region_id = header.column("locid");
    layout.year = header.text_of("time");
    layout.variant = header.text_of("variant");
    layout.age = header.text_of("agegrp").or(From::fixed(super::age::ALL));
    for (key, sex) in [
        ("popmale", Sex::Male),
        ("popfemale", Sex::Female),
        ("poptotal", Sex::Both),
        ("tpopulation1july", Sex::Both),
        ("tpopulationmale1july", Sex::Male),
        ("tpopulationfemale1july", Sex::Female),
    ] {
        layout.take(header.column(key), |column| Values {
            sex: Some(sex),
            times: THOUSAND,
            ..Values::new(column, Quantity::Population, Unit::Number)
        });
    }
    if layout.values.is_empty() {
        return Err(header
            .error("no column PopTotal, PopMale or PopFemale, nor TPopulation1July".to_owned()));
    }
    layout.status = StatusOf::Variant;
    layout.pass_over(header, "sortorder locid notes iso3code iso2code sdmxcode loctypeid loctypename parentid varid midperiod agegrpstart agegrpspan");
    layout.note("the file does not say its revision (2022, 2024)");
    if !by_age {
        layout.note("populations are of all ages on 1 July");
    }
    Ok(Some(layout))
}
