//! Results of SEER*Stat, from its export dialog, its clipboard or R
//! (<https://seer.cancer.gov/help/seerstat/seer-stat-basics/results-matrix/exporting-results>; cite).

use super::Format;
use super::header::Header;
use super::layout::{From, Layout, StatusOf, Values};
use super::row::{Quantity, Unit};
use super::seer_dictionary::Dictionary;
use crate::figures::Status;

/// `Count` or a rate beside variables of SEER: `Year of diagnosis`, `Age recode …`, `Site recode …`, `Race recode …`.
pub(super) fn layout(header: &Header<'_>, dictionary: Option<&Dictionary<'_>>) -> Option<Layout> {
    let variables = "yearofdiagnosis yearofdeath agerecode siterecode causeofdeathrecode racerecode raceandorigin";
    let count = header.column("count cases n");
    let rates: Vec<(usize, Unit)> = [
        ("ageadjustedrate", Unit::StandardisedRate),
        ("cruderate", Unit::Rate),
        ("rate", Unit::Rate),
    ]
    .into_iter()
    .filter_map(|(rate, unit)| Some((header.column(rate)?, unit)))
    .collect();
    if header.starting(variables).is_none() || (count.is_none() && rates.is_empty()) {
        return None;
    }
    // A year of diagnosis alone, beside a region, is a table of one's own.
    let of_seer = "agerecode siterecode causeofdeathrecode racerecode raceandorigin";
    let is_own = dictionary.is_none() && header.starting(of_seer).is_none();
    if is_own
        && header
            .column("region country area state status registry")
            .is_some()
    {
        return None;
    }
    let database = dictionary.and_then(Dictionary::database);
    let of_deaths = header.starting("causeofdeath yearofdeath").is_some()
        || database.is_some_and(|name| name.starts_with("Mortality"));
    let quantity = if of_deaths {
        Quantity::Deaths
    } else {
        Quantity::Incidence
    };
    let mut layout = Layout::new(Format::SeerStat, "SEER*Stat (NCI)");
    layout.round = From::stated(database);
    layout.region = From::column(header.starting("seerregistr registry state"));
    if layout.region == From::NotStated {
        layout.region = From::assumed("SEER registries");
        if database.is_none() {
            layout.note("the table does not say which registries it is of");
        }
    }
    layout.year = From::column(header.starting("yearof").or(header.column("year")));
    if layout.year == From::NotStated {
        layout.note("the table has no year: its counts and populations are of all years of the session together");
    }
    layout.sex = header.text_of("sex");
    layout.age = From::column(
        header
            .starting("agerecode agegroup ageat singleage")
            .or(header.column("age")),
    );
    if layout.age == From::NotStated {
        layout.age = From::assumed(super::age::ALL);
        layout.note(
            "no variable of ages: its numbers are taken to be of all ages, or of those that the session selected",
        );
    }
    let of_site = header.starting(SITES);
    let own = cancer(header).filter(|_| of_site.is_none());
    layout.site = From::column(of_site.or(own));
    if let Some(own) = own {
        let name = header.name(own);
        layout.note(&format!(
            "no variable of SEER names the cancer: the column {name} is taken to do so"
        ));
    }
    layout.take(count, |column| Values::counts(column, quantity));
    let people = header.column("population pop");
    layout.take(people, |column| {
        Values::counts(column, Quantity::Population)
    });
    let standard_error = header.column("standarderror se ratestandarderror");
    let lower =
        header.column("lowerconfidenceinterval lowerci ratelowerconfidenceinterval lower lci");
    let upper =
        header.column("upperconfidenceinterval upperci rateupperconfidenceinterval upper uci");
    // Of two rates the interval is that of the first.
    for (i, (column, unit)) in rates.into_iter().enumerate() {
        let values = Values {
            times: dictionary.map_or(1.0, |dictionary| 100_000.0 / dictionary.per()),
            ..Values::new(column, quantity, unit)
        };
        layout.values.push(if i == 0 {
            Values {
                standard_error,
                ..values.within(lower, upper)
            }
        } else {
            values
        });
    }
    layout.status = StatusOf::All(Status::Registered);
    variables_left(header, &mut layout);
    Some(layout)
}

/// Beginnings of variables of the cancer, those of the site first.
const SITES: &str = "siterecode causeofdeath sitespecific primarysite site cancer histolog histrecode icdo3hist iccc";

/// A variable that a user has made of sites carries their name ("Multiple myeloma"): the first one that says nothing of the
/// people, of their time and place, of the tumour's stage, and is no statistic.
fn cancer(header: &Header<'_>) -> Option<usize> {
    // "Prostate" and "esophageal" have "state" and "age" in them.
    let begin = "age state pop rate lower upper";
    let within = "race origin ethnic hispanic nhia singleage sex year month period birth registr count rural \
         urban region area marital income insur poverty stage grade behavior lateral sequence vital \
         surviv alive source percent apc pvalue relative trend cruderate adjustedrate cases error \
         interval";
    let is_other = |key: &str| {
        ["", "n", "se", "lci", "uci"].contains(&key)
            || begin.split(' ').any(|word| key.starts_with(word))
            || within.split(' ').any(|word| key.contains(word))
    };
    let mut cancers = header.keys().filter(|(_, key)| !is_other(key));
    cancers.next().map(|(column, _)| column)
}

/// Every other column is a variable that the table was made by. R's numbers of rows have no name.
fn variables_left(header: &Header<'_>, layout: &mut Layout) {
    let read = layout.columns();
    let statistics = ["percent", "apc", "pvalue", "relative", "trend"];
    for (column, key) in header.keys() {
        if key.is_empty() {
            layout.beside.push(column);
        } else if !read.contains(&column) && !statistics.iter().any(|word| key.contains(word)) {
            layout.parts.push(column);
        }
    }
}
