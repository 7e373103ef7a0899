//! Population by age: expected cases at constant rates, and what a change is made of.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use myeloma_epi::demography::{AgeRates, Decomposition, ExpectedCases, Population};
use myeloma_epi::report;

use crate::output::{Answer, Output, tell};

#[derive(Debug, Args)]
#[command(
    after_help = "Example: myeloma-epi demography --area \"Western Europe\" --from 2024 --to 2040"
)]
pub(crate) struct Arguments {
    /// An area; may be repeated. Without one: the World and China; `all` for all
    #[arg(long, value_name = "AREA", conflicts_with = "population")]
    area: Vec<String>,
    /// Populations by age of your own: columns `area,year,sex,age,population`
    #[arg(long, value_name = "FILE")]
    population: Option<PathBuf>,
    /// Rates by age for them: columns `area,sex,age,rate_per_100000` or `cases,population`; without it those of the shipped area
    /// of the same name
    #[arg(long, value_name = "FILE", requires = "population")]
    rates: Option<PathBuf>,
    /// The shipped area whose rates by age are taken for all populations, added up to their age groups
    #[arg(
        long,
        value_name = "AREA",
        requires = "population",
        conflicts_with = "rates"
    )]
    rates_of: Option<String>,
    /// The earlier year
    #[arg(long, value_name = "YEAR", default_value_t = 2024)]
    from: i32,
    /// The later year
    #[arg(long, value_name = "YEAR", default_value_t = 2040)]
    to: i32,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<Answer, Box<dyn Error>> {
    output.without_draws();
    let (changes, on) = match &arguments.population {
        Some(file) => (of_file(file, arguments)?, file.display().to_string()),
        None => (of_areas(arguments)?, "the UN's population".to_owned()),
    };
    let mut text = format!("new cases a year at constant rates by age, on {on}\n");
    for change in &changes {
        writeln!(text, "{change}")?;
    }
    let csv = Decomposition::table_csv(&changes);
    let title = "New cases of multiple myeloma a year: what the change is made of";
    let chart = report::chart::decomposition(
        &changes,
        title,
        &format!("At constant rates by age, on {on}"),
    )?;
    Ok(Answer {
        text,
        files: vec![
            ("decomposition.csv", csv.clone()),
            ("decomposition.svg", chart),
        ],
        csv: Some(csv),
        json: Some(serde_json::to_string_pretty(&changes)? + "\n"),
        ..Answer::default()
    })
}

fn of_areas(arguments: &Arguments) -> Result<Vec<Decomposition>, Box<dyn Error>> {
    let areas: Vec<&str> = match arguments.area.as_slice() {
        [] => vec!["World", "China"],
        [all] if all == "all" => ExpectedCases::areas(),
        areas => areas.iter().map(String::as_str).collect(),
    };
    let (from, to) = (arguments.from, arguments.to);
    let changes = areas
        .into_iter()
        .map(|area| Decomposition::area(area, from, to));
    Ok(changes.collect::<Result<_, _>>()?)
}

/// Each population of a file, carried forward by its own ratios of cohorts where it ends before the later year.
fn of_file(file: &Path, arguments: &Arguments) -> Result<Vec<Decomposition>, Box<dyn Error>> {
    let (from, to) = (arguments.from, arguments.to);
    let rates = arguments.rates.as_ref().map(AgeRates::read).transpose()?;
    let mut changes = Vec::new();
    for mut people in Population::read(file)? {
        if people.years()[people.years().len() - 1] < to {
            let last = people.years()[people.years().len() - 1];
            people = people.carried_forward(to)?;
            tell(&format!(
                "{}: from {last} on carried forward by the ratios of its cohorts",
                people.region()
            ));
        }
        let name = people.region();
        let of_area = |area: &str| AgeRates::area(area)?.regrouped(people.ages());
        let rates = match (&rates, &arguments.rates_of) {
            (Some(rates), _) => (rates.iter().find(|rates| rates.region() == name).cloned())
                .ok_or_else(|| format!("the file of rates has none for {name}"))?,
            (None, Some(area)) => of_area(area)?,
            (None, None) => of_area(name).map_err(|error| {
                format!("{error}; give rates with --rates FILE or --rates-of AREA")
            })?,
        };
        changes.push(Decomposition::between(
            (&people, from, &rates),
            (&people, to, &rates),
        )?);
    }
    Ok(changes)
}
