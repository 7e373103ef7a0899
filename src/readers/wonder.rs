//! Exports of CDC WONDER, as text parted by tabs or as CSV, with the query in a footer
//! (<https://wonder.cdc.gov/cancer.html>; public domain, cite).

use super::header::Header;
use super::layout::{Blank, From, Layout, StatusOf, Values};
use super::row::{Quantity, Unit};
use super::{Format, shared_words};
use crate::demography::Sex;
use crate::figures::Status;

/// `Notes`, codes beside names (`Year Code`), and `Count` or `Deaths`.
pub(super) fn layout(header: &Header<'_>) -> Option<Layout> {
    // Some take the column of notes, which is empty but for totals, out.
    let coded = |name: &str| header.has(&format!("{name}code"));
    let pairs = header.keys().filter(|(_, key)| coded(key)).count();
    let notes = header.column("notes");
    let count = header.column("count deaths");
    let (Some(count), true) = (count, pairs > 0 && (notes.is_some() || pairs > 1)) else {
        return None;
    };
    let quantity = if header.has("count") {
        Quantity::Incidence
    } else {
        Quantity::Deaths
    };
    let query = Query::of(header.text);
    let dataset = query.value("Dataset");
    let source = dataset.map_or_else(
        || "CDC WONDER".to_owned(),
        |name| format!("CDC WONDER: {name}"),
    );
    let mut layout = Layout::new(Format::Wonder, &source);
    layout.round = From::stated(query.submission());
    layout.ends_with = Some("---");
    let everywhere = dataset.and_then(|name| Some(&name[..name.find(" Cancer Statistics")?]));
    let everywhere = everywhere.unwrap_or("United States");
    people(header, &query, everywhere, &mut layout);
    layout.year = header
        .text_of("yearcode year")
        .or(From::stated(query.value("Year")));
    let sites =
        "cancersite causeofdeath causesofdeath causelist icdchapter icdsubchapter".split(' ');
    let site = header
        .keys()
        .find(|(_, key)| !key.ends_with("code") && sites.clone().any(|site| key.contains(site)));
    let of_query = [
        "Cancer Sites",
        "Leading Cancer Sites",
        "ICD-10 Codes",
        "UCD - ICD-10 Codes",
    ];
    let of_query = of_query.iter().find_map(|name| query.value(name));
    layout.site = From::column(site.map(|(column, _)| column)).or(From::stated(of_query));
    let per = query
        .value("Calculate Rates Per")
        .and_then(|per| per.replace(',', "").parse::<f64>().ok());
    let times = per
        .filter(|per| *per > 0.0)
        .map_or(1.0, |per| 100_000.0 / per);
    layout.take(Some(count), |column| Values::counts(column, quantity));
    layout.take(header.column("population"), |column| {
        Values::counts(column, Quantity::Population)
    });
    for (rate, unit) in [
        ("cruderate", Unit::Rate),
        ("ageadjustedrate", Unit::StandardisedRate),
    ] {
        let end = |which: &str| header.column(&format!("{rate}{which}95confidenceinterval"));
        let standard_error = header.column(&format!("{rate}standarderror"));
        layout.take(header.column(rate), |column| {
            let values = Values::new(column, quantity, unit).within(end("lower"), end("upper"));
            Values {
                standard_error,
                times,
                ..values
            }
        });
    }
    layout.status = StatusOf::All(Status::Registered);
    let codes = header
        .keys()
        .filter(|(_, key)| key.ends_with("code") || *key == "year");
    layout.beside = codes.map(|(column, _)| column).chain(notes).collect();
    if !query.is_there {
        layout.note("no query stands below the table: site, sex, ages and data set are not stated; is the file cut?");
    }
    Some(layout)
}

/// Of whom the table is: by its columns, and where it has none by the query.
fn people(header: &Header<'_>, query: &Query<'_>, everywhere: &str, layout: &mut Layout) {
    let region = header.column("states state statesandpuertorico residencestates residencestate msa county region censusregion");
    let of_query = ["States", "State", "Residence States"];
    let of_query = of_query.iter().find_map(|name| query.restriction(name));
    let of_query = of_query.or(query.is_there.then_some(everywhere));
    let of_query = of_query.map_or_else(|| From::assumed(everywhere), From::fixed);
    layout.region = From::column(region).or(of_query);
    let sex = query
        .restriction("Sex")
        .and_then(shared_words::sex)
        .unwrap_or(Sex::Both);
    // What the query leaves open is of everybody; without one nothing is known.
    let of_query = |text: String| From::stated(query.is_there.then_some(text));
    layout.sex = header.text_of("sex gender").or(of_query(sex.to_string()));
    let ages = [
        "Age Groups",
        "Ten-Year Age Groups",
        "Five-Year Age Groups",
        "Single-Year Ages",
    ];
    let ages = ages
        .iter()
        .find_map(|name| query.restriction(name))
        .unwrap_or(super::age::ALL);
    let column = header.keys().find(|(_, key)| {
        let is_age = key.starts_with("agegroup")
            || key.ends_with("agegroups")
            || key.starts_with("singleyearages");
        is_age && !key.ends_with("code")
    });
    layout.age = From::column(column.map(|(column, _)| column)).or(of_query(ages.to_owned()));
    layout.blank = Some(Blank {
        sex: Some(sex),
        age: Some(super::age::age(ages)),
        region: (query.restriction("States").unwrap_or(everywhere)).to_owned(),
    });
    let parts = header.keys().filter(|(_, key)| {
        let mut parts = "race ethnicity origin hispanic month weekday week autopsy placeofdeath urbanization injury".split(' ');
        let is_part = parts.any(|part| key.contains(part));
        is_part && !key.ends_with("code")
    });
    layout.parts = parts.map(|(column, _)| column).collect();
    layout.part = query.part();
}

/// What was asked for, as it stands below the table.
struct Query<'t> {
    is_there: bool,
    lines: Vec<(&'t str, &'t str)>,
    footer: &'t str,
}

impl<'t> Query<'t> {
    /// The lines `Name: value` below the first line of dashes.
    fn of(text: &'t str) -> Self {
        let begins = text.find("\n\"---\"").or_else(|| text.find("\n---"));
        let footer = begins.map_or("", |at| &text[at..]);
        let plain = |line: &'t str| line.trim().trim_matches('"').trim();
        let lines: Vec<_> = (footer.lines().take(200))
            .filter_map(|line| plain(line).split_once(": "))
            .map(|(name, value)| (name.trim(), value.trim()))
            .collect();
        let is_there = lines
            .iter()
            .any(|(name, _)| *name == "Dataset" || *name == "Group By");
        Self {
            is_there,
            lines,
            footer,
        }
    }

    fn value(&self, name: &str) -> Option<&'t str> {
        self.lines
            .iter()
            .find(|(there, _)| *there == name)
            .map(|(_, value)| *value)
    }

    /// The words of a parameter that leaves some of the people out.
    fn restriction(&self, name: &str) -> Option<&'t str> {
        self.value(name)
            .filter(|value| !shared_words::is_everybody(value))
    }

    /// "2024 submission", out of the suggested citation.
    fn submission(&self) -> Option<String> {
        let at = self.footer.find(" submission")?;
        let year = self.footer.get(at.checked_sub(4)?..at)?;
        shared_words::calendar_year(year).map(|year| format!("{year} submission"))
    }

    /// The part of the people that was asked for, other than by sex and age.
    fn part(&self) -> Option<String> {
        let about = "Dataset|Cancer Sites|Leading Cancer Sites|ICD-10 Codes|UCD - ICD-10 Codes|Residence States|Group By|Show Totals|Show Zero Values|\
             Show Suppressed|Calculate Rates Per|Standard Population|Help|Query Date|Suggested Citation|Year|\
             Sex|Gender|Age Groups|Ten-Year Age Groups|Five-Year Age Groups|Single-Year Ages|States|State|\
             Title|Rate Options|\
             Default intercensal populations for years 2001-2009 (except Infant Age Groups)|Behavior|Autopsy|\
             Place of Death|Year/Month|Query Parameters";
        let is_about = |name: &str| about.split('|').any(|there| there == name);
        // The query ends at the second line of dashes; what follows is prose.
        let end = self
            .lines
            .iter()
            .position(|(name, _)| *name == "Help" || *name == "Query Date");
        let parts: Vec<String> = self.lines[..end.unwrap_or(self.lines.len())]
            .iter()
            .filter(|(name, value)| !is_about(name) && !shared_words::is_everybody(value))
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}
