//! Tables of the German Centre for Cancer Registry Data at the Robert Koch Institute, in German
//! (<https://www.krebsdaten.de/abfrage>; cite).

use super::Format;
use super::header::{Header, key};
use super::layout::{From, Layout, StatusOf, Values, Word};
use super::row::{Quantity, Unit};
use super::shared_words;
use crate::demography::Sex;
use crate::error::Result;
use crate::figures::Status;

/// A column of the cancer (`diag`, `Diagnose`), of ages (`AG`, `Altersgruppe`) or of the sex (`Geschlecht`), and numbers in
/// columns of women and men or under `Fallzahl`, `Rate`.
///
/// The site's own export has numbers of women and men by year, and what they are in a file beside it.
pub(super) fn layout(header: &Header<'_>) -> Result<Option<Layout>> {
    Ok(match of_query(header)? {
        Some(layout) => Some(layout),
        None => of_names(header),
    })
}

/// Columns of women and men, or of years of survival, after columns without a name: the query stands in `metadaten.txt`.
fn of_query(header: &Header<'_>) -> Result<Option<Layout>> {
    let unnamed = header.keys().take_while(|(_, key)| key.is_empty()).count();
    let named: Vec<(usize, &str)> = header.keys().filter(|(_, key)| !key.is_empty()).collect();
    if unnamed == 0 || named.is_empty() {
        return Ok(None);
    }
    let intervals = 1..=named.len();
    let of_survival = named.len() > 1
        && (intervals.zip(&named)).all(|(interval, (_, key))| *key == interval.to_string());
    if of_survival {
        return Err(header.error(
            "a table of survival by years since diagnosis, and no numbers of cases: ask the site for Inzidenz, Fallzahlen"
                .to_owned(),
        ));
    }
    if named.iter().any(|(_, key)| sex(key).is_none()) {
        return Ok(None);
    }
    let asked = header.beside.lines().map(str::trim);
    let said = |name: &str| {
        asked
            .clone()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    let of_what = asked.clone().find_map(|line| {
        let key = key(line);
        let is_count = key.contains("fallzahl");
        let found = Some((quantity(&key)?, key, line));
        found.filter(|(_, key, _)| is_count || key.contains("rate"))
    });
    let Some((quantity, of_what, line)) = of_what else {
        return Err(header.error(
            "numbers of women and men that do not say what they are: metadaten.txt, which the site packs with the table, does; \
             keep it beside the file"
                .to_owned(),
        ));
    };
    let unit = match (of_what.contains("fallzahl"), of_what.contains("standard")) {
        (true, _) => Unit::Number,
        (false, true) => Unit::StandardisedRate,
        (false, false) => Unit::Rate,
    };
    let mut layout = table();
    // "Inzidenz, Fallzahlen in Deutschland pro 100.000 Einwohner"
    let region = line.rsplit_once(" in ").map(|(_, region)| region);
    let region = region.and_then(|region| region.split(" pro ").next());
    layout.region = From::fixed(match region {
        None | Some("Deutschland") => "Germany",
        Some(region) => region,
    });
    layout.site = From::stated(said("Diagnose"));
    layout.round = From::stated(said("Letzte Aktualisierung").map(|day| format!("of {day}")));
    layout.age = match said("Altersgruppen") {
        None => From::assumed(super::age::ALL),
        Some(groups) => From::fixed(ages(groups)),
    };
    let first = header.record_below();
    for column in 0..unnamed {
        let word = first.get(column).map_or("", String::as_str);
        match (
            shared_words::year(word),
            super::age::named(&super::age::age(word)),
        ) {
            (Word::Is(_) | Word::LeftOut, _) => layout.year = From::Column(column),
            (_, Some(_)) => layout.age = From::Column(column),
            _ => layout.site = From::Column(column),
        }
    }
    if quantity == Quantity::Prevalence {
        let years = said("Intervall-Länge in Jahren");
        layout.part = years.map(|years| format!("diagnosed in the last {years} years"));
    }
    layout.values = (named.iter())
        .map(|(column, key)| Values {
            sex: sex(key),
            whole: unit == Unit::Number,
            ..Values::new(*column, quantity, unit)
        })
        .collect();
    layout.note("what the numbers are stands in metadaten.txt beside the table");
    Ok(Some(layout))
}

/// "0 - 85+" are the groups from the first to the last: all ages.
fn ages(groups: &str) -> String {
    match groups.split_once(" - ") {
        Some(("0", last)) if last.ends_with('+') => super::age::ALL.to_owned(),
        Some((first, last)) if last.ends_with('+') => format!("{first}+"),
        _ => groups.to_owned(),
    }
}

fn table() -> Layout {
    let mut layout = Layout::new(Format::Zfkd, "Zentrum für Krebsregisterdaten (RKI)");
    // The Institute estimates what the registries have not yet been told.
    layout.status = StatusOf::All(Status::Estimate);
    layout
}

fn of_names(header: &Header<'_>) -> Option<Layout> {
    let site =
        header.column("diag diagnose krebsart lokalisation krebslokalisation krebserkrankung");
    let age = header.column("ag altersgruppe altersgruppen alter");
    let sex = header.column("geschlecht");
    let institute = key(header.before);
    let institute = ["krebsregisterdaten", "robertkoch", "rki", "zfkd"]
        .iter()
        .any(|name| institute.contains(name));
    // German words alone make no table of the Institute's: without a cancer beside them, its name or its description.
    let is_own = header.has("status")
        || (site.is_none()
            && !institute
            && header.beside.is_empty()
            && quantity(&key(header.before)).is_none());
    if is_own || (site.is_none() && age.is_none() && !(sex.is_some() && institute)) {
        return None;
    }
    let mut title = key(header.before);
    let explained = match site {
        Some(column) if quantity(&title).is_none() => explained(header, column),
        _ => None,
    };
    title.push_str(&explained.clone().unwrap_or_default());
    let of_title = quantity(&title).unwrap_or(Quantity::NotStated);
    let of_rates = title.contains("rate") && !title.contains("zahl");
    let values: Vec<Values> = header
        .keys()
        .filter_map(|(column, key)| of_column(column, key, of_title, of_rates))
        .collect();
    if values.is_empty() {
        return None;
    }
    let mut layout = table();
    layout.region = header
        .text_of("bundesland land region")
        .or(From::fixed("Germany"));
    layout.year = header.text_of("year jahr diagnosejahr kalenderjahr");
    layout.sex = From::column(sex);
    layout.age = From::column(age);
    layout.site = From::column(site);
    layout.definition = header.text_of("icd10 icd icd10code icd10codes");
    if values
        .iter()
        .any(|values| values.measure.quantity == Quantity::NotStated)
    {
        layout.note("the table does not say whether its numbers are new cases or deaths");
    }
    if explained.is_some() {
        layout.note("what the numbers are stands in metadaten.txt beside the table");
    }
    layout.values = values;
    Some(layout)
}

/// What `metadaten.txt` says of the numbers, if the first cancer of the table is one of those that it was asked for.
fn explained(header: &Header<'_>, site: usize) -> Option<String> {
    let first = header.record_below();
    let first = first.get(site).filter(|name| !name.is_empty())?;
    let mut lines = header.beside.lines();
    let asked = lines
        .clone()
        .find_map(|line| line.strip_prefix("Diagnose: "))?;
    let of_what = lines.find_map(|line| Some(key(line)).filter(|key| quantity(key).is_some()))?;
    asked.contains(first.as_str()).then_some(of_what)
}

/// Of whom a column is.
fn sex(key: &str) -> Option<Sex> {
    let words = [
        ("weiblich", Sex::Female),
        ("frauen", Sex::Female),
        ("maennlich", Sex::Male),
        ("maenner", Sex::Male),
        ("gesamt", Sex::Both),
        ("insgesamt", Sex::Both),
    ];
    let mut words = words.into_iter();
    words
        .find(|(word, _)| key.starts_with(word) || key.ends_with(word))
        .map(|(_, sex)| sex)
}

/// What the words of a title or of a name of a column count.
fn quantity(key: &str) -> Option<Quantity> {
    let is = |words: &[&str]| words.iter().any(|word| key.contains(word));
    let new = is(&["inzidenz", "neuerkrank", "erkrankungsfaelle"]);
    let dead = is(&["mortal", "sterbe", "gestorben", "todesfaelle"]);
    let living = is(&["praevalenz"]);
    match (new, dead, living) {
        (true, false, false) => Some(Quantity::Incidence),
        (false, true, false) => Some(Quantity::Deaths),
        (false, false, true) => Some(Quantity::Prevalence),
        _ => None,
    }
}

fn of_column(column: usize, key: &str, of_title: Quantity, of_rates: bool) -> Option<Values> {
    let sex = sex(key);
    let counts = [
        "fallzahl",
        "fallzahlen",
        "faelle",
        "anzahl",
        "neuerkrankungen",
        "sterbefaelle",
        "todesfaelle",
    ];
    let is_count = counts.iter().any(|word| key.contains(word));
    let is_rate =
        key.contains("rate") || key.starts_with("inzidenz") || key.starts_with("mortalitaet");
    let is_population = key.contains("bevoelkerung") && !key.contains("standard");
    if sex.is_none() && !is_count && !is_rate && !is_population {
        return None;
    }
    let quantity = if is_population {
        Quantity::Population
    } else {
        quantity(key).unwrap_or(of_title)
    };
    let is_rate = (is_rate && !is_count) || (of_rates && !is_count && !is_population);
    let unit = match (is_rate, key.contains("stand")) {
        (true, true) => Unit::StandardisedRate,
        (true, false) => Unit::Rate,
        _ => Unit::Number,
    };
    let values = Values::new(column, quantity, unit);
    Some(Values {
        sex,
        whole: unit == Unit::Number,
        ..values
    })
}
