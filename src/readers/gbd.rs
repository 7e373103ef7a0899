//! Results of the Global Burden of Disease study, as the results tool of the IHME exports them
//! (<https://vizhub.healthdata.org/gbd-results/>; terms of use: free for non-commercial use, cite).

use super::Format;
use super::header::Header;
use super::layout::{From, Layout, StatusOf, Values, Word};
use super::row::{Quantity, Unit};
use crate::demography::Sex;
use crate::error::Result;
use crate::figures::Status;

/// Columns `measure`, `location`, `sex`, `age`, `cause`, `metric` with names, ids or both, and `year`, `val`, `upper`, `lower`.
pub(super) fn layout(header: &Header<'_>) -> Result<Option<Layout>> {
    let is_one = header.column("causename cause causeid").is_some()
        && header.column("measurename measure measureid").is_some()
        && header
            .column("val upper metric metricname metricid")
            .is_some();
    if !is_one {
        return Ok(None);
    }
    let column = |name: &str, why: &str| {
        let keys = format!("{name}name {name} {name}id");
        header.needed(&keys, name, why)
    };
    let measure = column("measure", "deaths and new cases cannot be told apart")?;
    let metric = column("metric", "Number, Rate and Percent cannot be told apart")?;
    let location = column("location", "a row is of one location")?;
    let cause = column("cause", "a row is of one cause")?;
    let value = header.needed("val", "val", "it holds the numbers")?;

    let mut layout = Layout::new(Format::Gbd, "Global Burden of Disease (IHME)");
    layout.region = From::Column(location);
    layout.region_name = |name| (name == "Global").then_some("World");
    layout.year = From::Column(header.needed("year yearid", "year", "a row is of one year")?);
    layout.region_id = header.column("locationid");
    layout.sex = From::Column(column("sex", "women, men and both cannot be told apart")?);
    layout.sex_of = |word| match word {
        "1" => Some(Sex::Male),
        "2" => Some(Sex::Female),
        "3" => Some(Sex::Both),
        _ => super::shared_words::sex(word),
    };
    layout.age = From::Column(column("age", "groups and all ages cannot be told apart")?);
    layout.age_of = age;
    layout.site = From::Column(cause);
    layout.quantity = Some((measure, quantity));
    layout.unit = Some((metric, unit));
    let (lower, upper) = (header.column("lower"), header.column("upper"));
    layout.values =
        vec![Values::new(value, Quantity::NotStated, Unit::Number).within(lower, upper)];
    layout.status = StatusOf::All(Status::Estimate);
    for risk in ["reiname", "rei", "reiid"] {
        if let Some(column) = header.column(risk) {
            layout.without.push((
                column,
                |word| !word.is_empty(),
                "the part of a risk factor, not the whole",
            ));
        }
    }
    if let Some(group) = header.column("populationgroupname populationgroup") {
        layout.parts.push(group);
    }
    layout.pass_over(
        header,
        "measureid locationid sexid ageid causeid metricid populationgroupid",
    );
    layout.note("the file does not say its round of the study (GBD 2019, 2021, …)");
    if header.column("locationname location").is_none() {
        layout.note("locations and causes stand there as numbers of the study");
    }
    Ok(Some(layout))
}

/// Names and ids of the study's codebook.
fn quantity(word: &str) -> Word<Quantity> {
    match word.to_lowercase().as_str() {
        "incidence" | "6" => Word::Is(Quantity::Incidence),
        "deaths" | "1" => Word::Is(Quantity::Deaths),
        "prevalence" | "5" => Word::Is(Quantity::Prevalence),
        "2" | "3" | "4" => Word::LeftOut,
        other
            if other.starts_with("daly")
                || other.starts_with("yld")
                || other.starts_with("yll") =>
        {
            Word::LeftOut
        }
        _ => Word::Unknown,
    }
}

fn unit(word: &str) -> Word<Unit> {
    match word.to_lowercase().as_str() {
        "number" | "1" => Word::Is(Unit::Number),
        "percent" | "2" => Word::Is(Unit::Share),
        "rate" | "3" => Word::Is(Unit::Rate),
        _ => Word::Unknown,
    }
}

/// Ages under their names; of the ids those of all ages and of the groups of five years.
fn age(text: &str) -> String {
    let group = match text {
        "22" => "all",
        "27" => super::age::STANDARDISED,
        "1" => "0-4",
        "30" => "80-84",
        "31" => "85-89",
        "32" => "90-94",
        "235" => "95+",
        _ => match text.parse::<u32>() {
            // 6 is 5-9, and so on to 20, 75-79.
            Ok(id @ 6..=20) => return format!("{}-{}", 5 * (id - 5), 5 * (id - 5) + 4),
            Ok(id) => return format!("age_id {id}"),
            Err(_) => return super::age::age(text),
        },
    };
    group.to_owned()
}
