//! Tables of the Global Cancer Observatory of the IARC: Cancer Today, Cancer Over Time, Cancer Tomorrow
//! (<https://gco.iarc.who.int/>; free use with citation).

use std::collections::BTreeSet;
use std::path::Path;

use super::Format;
use super::header::Header;
use super::layout::{From, Layout, StatusOf, Values, Word};
use super::row::{Quantity, Unit};
use super::shared_words::calendar_year;
use crate::demography::Sex;
use crate::figures::Status;

/// `Number` or `Total` beside `ASR (World)`, `Crude rate` or `Cumulative risk`; or numbers of new cases by year.
pub(super) fn layout(header: &Header<'_>) -> Option<Layout> {
    // None of the maker's tables says how its numbers came about: such a one is somebody's own.
    if header.has("status") {
        return None;
    }
    if let Some(layout) = tomorrow(header) {
        return Some(layout);
    }
    let standardised = header.starting("asrworld");
    let risk = header.starting("cumulativerisk cumrisk");
    let labels = "label population countrylabel cancerlabel cancercode cancer";
    if standardised.or(risk).is_none() || header.column(labels).is_none() {
        return None;
    }
    let has_year = header.has("year");
    let source = if has_year {
        "Global Cancer Observatory (IARC)"
    } else {
        "GLOBOCAN (IARC)"
    };
    let mut layout = Layout::new(Format::Globocan, source);
    layout.year = header.text_of("year");
    layout.sex = header.text_of("sex sexlabel");
    layout.sex_of = sex;
    layout.age = header.text_of("age agegroup ages");
    let name = Name::of(header.place);
    if layout.age == From::NotStated && name.ages.is_some() {
        layout.age = From::stated(name.ages.clone());
    } else if layout.age == From::NotStated {
        layout.age = From::assumed(super::age::ALL);
        layout.note("no column of ages: its numbers are taken to be of all ages");
    }
    subject(header, &name, &mut layout);
    let quantity = header.column("type typelabel measure indicator");
    layout.quantity = quantity.map(|column| (column, quantity_of as _));
    if quantity.is_none() && name.quantity.is_none() {
        layout.note("the table does not say whether its numbers are new cases or deaths");
    }
    let of = match quantity {
        Some(_) => Quantity::NotStated,
        None => name.quantity.unwrap_or(Quantity::NotStated),
    };
    let number = header.column("number total cases newcases");
    let (low, high) = (
        header.starting("95uilow uilow"),
        header.starting("95uihigh uihigh 95uiup"),
    );
    let crude = header.starting("cruderate");
    layout.take(number, |column| {
        Values::counts(column, of).within(low, high)
    });
    layout.take(standardised, |column| {
        Values::new(column, of, Unit::StandardisedRate)
    });
    layout.take(crude, |column| Values::new(column, of, Unit::Rate));
    layout.take(risk, |column| Values::new(column, of, Unit::CumulativeRisk));
    layout.status = match (has_year, header.has("countrylabel")) {
        (false, _) => StatusOf::All(Status::Estimate),
        // Cancer Over Time, from registries.
        (true, true) => StatusOf::All(Status::Registered),
        (true, false) => StatusOf::None,
    };
    if let Some(label) = header.column("label") {
        let is_total = |word: &str| word.eq_ignore_ascii_case("total");
        let why = "the total of the rows above";
        layout.without.push((label, is_total, why));
    }
    layout.pass_over(
        header,
        "cancercode populationcodeisoun alpha3code countrycode cancerid populationid country",
    );
    // The number stands there once more, after the ends of its interval.
    let again = header.keys().filter(|(_, key)| *key == "number");
    layout.beside.extend(again.map(|(column, _)| column));
    if !has_year {
        layout.year = From::stated(name.year.map(|year| year.to_string()));
    }
    name.note(&mut layout, !has_year, quantity.is_none());
    if !has_year && name.year.is_none() {
        layout.note("the table does not say its year and round (GLOBOCAN 2022 is of 2022)");
    }
    Some(layout)
}

/// Sexes by their numbers or names.
fn sex(word: &str) -> Option<Sex> {
    match word {
        "0" => Some(Sex::Both),
        "1" => Some(Sex::Male),
        "2" => Some(Sex::Female),
        _ => super::shared_words::sex(word),
    }
}

/// The columns of the cancer and of the population.
fn subject(header: &Header<'_>, name: &Name, layout: &mut Layout) {
    let definition = header.column("icdcode icd10 icd icd10code");
    layout.definition = From::column(definition);
    let label = header.column("label");
    let named = header.column("countrylabel population");
    let coded = header.column("country countrycode populationid populationcodeisoun");
    layout.region_name = region_name;
    // With codes of ICD-10 a row is of a cancer and `Label` its name; without, `Label` is the population's, and with it where
    // each number of a population has its own.
    let of_populations = label.is_some_and(|label| is_of_populations(header, label));
    if definition.is_some() && label.is_some() && !of_populations {
        layout.site = From::column(label);
        layout.region = From::column(named.or(coded));
        let codes = coded.map_or_else(BTreeSet::new, |column| header.values_below(column));
        let is_known = !codes.is_empty() && codes.iter().all(|code| region_name(code).is_some());
        layout.region_is_code = named.is_none() && !is_known;
        if let (None, false) = (named, is_known) {
            if let (Some(name), 0..=1) = (&name.of, codes.len()) {
                layout.region = From::assumed(name);
                layout.note(&format!(
                    "the table has no name of its country, which is called after the file, {name}"
                ));
            } else if !codes.is_empty() {
                let how = super::stated_by("region");
                layout.note(&format!(
                    "countries stand there as numbers, and have no names: {how}"
                ));
            }
        }
    } else {
        // Tables of one cancer by population have its number only, which tells cancers apart where tables were put together.
        layout.site = header.text_of("cancerlabel cancer cancercode");
        if let (false, Some(name)) = (header.column("cancerlabel cancer").is_some(), &name.of) {
            layout.site = From::assumed(name);
            layout.note(&format!("the cancer is called after the file, {name}"));
        }
        layout.region = From::column(named.or(label).or(coded));
    }
}

/// Whether there are as many labels as numbers of populations, and not as many as of cancers unless they stand beside the former.
fn is_of_populations(header: &Header<'_>, label: usize) -> bool {
    let Some(code) = header.column("populationcodeisoun") else {
        return false;
    };
    let number = |column| header.values_below(column).len();
    let labels = number(label);
    let of_cancers = header.column("cancercode").map_or(0, number);
    labels == number(code) && (labels != of_cancers || label == code + 1)
}

/// The name of a population that stands there as a number.
fn region_name(code: &str) -> Option<&'static str> {
    match code {
        "900" => Some("World"),
        // IARC's own number for China; 156 is that of the United Nations.
        "160" => Some("China"),
        _ => None,
    }
}

/// What Cancer Today writes into the name of a download and not into the table:
/// `dataset-inc-both-sexes-age-0-54-in-2022-colon.csv`.
#[derive(Default)]
struct Name {
    quantity: Option<Quantity>,
    ages: Option<String>,
    year: Option<i32>,
    /// The cancer of a table of populations, the population of a table of cancers: `Colon`, `Costa Rica`.
    of: Option<String>,
}

impl Name {
    fn of(place: &str) -> Self {
        let place = place.split(", sheet ").next().unwrap_or_default();
        let stem = Path::new(place)
            .file_stem()
            .map(|stem| stem.to_string_lossy().to_lowercase());
        let stem = stem.unwrap_or_default();
        // A browser that has the file already writes "name (1).csv".
        let stem = match stem.rsplit_once(" (") {
            Some((name, number)) if number.trim_end_matches(')').parse::<u32>().is_ok() => name,
            _ => &stem,
        };
        let words: Vec<&str> = stem.split(['-', '_', ' ']).collect();
        if words.first() != Some(&"dataset") {
            return Self::default();
        }
        let after = |word: &str| {
            let at = words.iter().position(|there| *there == word);
            at.map_or(&[][..], |at| &words[at + 1..])
        };
        let quantity = words.iter().find_map(|word| match *word {
            "inc" => Some(Quantity::Incidence),
            "mort" => Some(Quantity::Deaths),
            "prev" => Some(Quantity::Prevalence),
            _ => None,
        });
        let ages = match after("age") {
            [first, last, ..] => super::age::of_column(&format!("{first}-{last}")),
            _ => None,
        };
        let of: Vec<String> = after("in")
            .iter()
            .skip(1)
            .map(|word| capital(word))
            .collect();
        Self {
            quantity,
            ages,
            of: (!of.is_empty()).then(|| of.join(" ")),
            year: after("in").first().and_then(|year| calendar_year(year)),
        }
    }

    /// Says what was taken from the name.
    fn note(&self, layout: &mut Layout, year: bool, quantity: bool) {
        let taken = [
            self.quantity
                .filter(|_| quantity)
                .map(|quantity| quantity.to_string()),
            self.ages.as_ref().map(|ages| format!("ages {ages}")),
            self.year
                .filter(|_| year)
                .map(|year| format!("year {year}")),
        ];
        let taken: Vec<String> = taken.into_iter().flatten().collect();
        if !taken.is_empty() {
            layout.note(&format!(
                "not in the table, but in the name that Cancer Today gave the file: {}",
                taken.join(", ")
            ));
        }
    }
}

/// A word with a capital, but for `and`, `of`, `the`.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) if !["and", "of", "the"].contains(&word) => {
            first.to_uppercase().chain(letters).collect()
        }
        _ => word.to_owned(),
    }
}

fn quantity_of(word: &str) -> Word<Quantity> {
    match word.to_lowercase().as_str() {
        "0" | "incidence" | "inc" | "new cases" => Word::Is(Quantity::Incidence),
        "1" | "mortality" | "mort" | "deaths" => Word::Is(Quantity::Deaths),
        _ => Word::Unknown,
    }
}

/// Cancer Tomorrow: `Number of new cases 2022`, `2040`; the first year is an estimate, what follows a projection.
fn tomorrow(header: &Header<'_>) -> Option<Layout> {
    let region = header.column("population label country")?;
    let mut layout = Layout::new(
        Format::Globocan,
        "Global Cancer Observatory: Cancer Tomorrow (IARC)",
    );
    for (column, key) in header.keys() {
        let quantity = match key {
            _ if key.contains("change") => continue,
            _ if key.starts_with("numberofnewcases") => Quantity::Incidence,
            _ if key.starts_with("numberofdeaths") => Quantity::Deaths,
            _ => continue,
        };
        let digits = key.get(key.len().checked_sub(4)?..)?;
        let year = calendar_year(digits)?;
        layout.values.push(Values {
            year: Some(year),
            ..Values::counts(column, quantity)
        });
    }
    let years = layout.values.iter().filter_map(|values| values.year);
    layout.status = StatusOf::EstimatesTo(years.min()?);
    layout.region = From::Column(region);
    layout.sex = header.text_of("sex");
    layout.sex_of = sex;
    layout.age = header.text_of("age agegroup");
    layout.site = header.text_of("cancer cancerlabel");
    layout.note("the table does not say its cancer, sex and ages where it has no column for them");
    Some(layout)
}
