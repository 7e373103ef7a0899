//! Population by age: expected cases at constant rates, and what a change is made of.

use std::collections::HashSet;
use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use myeloma_epi::demography::{
    AgeRates, Decomposition, ExpectedCases, Population, PopulationWithRates,
};
use myeloma_epi::report;

use crate::output::{Answer, Output, tell};
use crate::population::{once, populations, rates};

#[derive(Debug, Args)]
#[command(
    after_help = "Example: myeloma-epi demography --area \"Western Europe\" --from 2024 --to 2040"
)]
pub(crate) struct Arguments {
    /// An area, of which Eastern Asia is without China; may be repeated. Without one: the World and China; `all` for all
    #[arg(long, value_name = "AREA", conflicts_with = "population")]
    area: Vec<String>,
    /// Populations by age of your own: columns `area,year,sex,age,population`, or an export that `convert` knows
    #[arg(long, value_name = "FILE")]
    population: Option<PathBuf>,
    /// Rates by age for them: columns `area,sex,age,rate_per_100000` or `cases,population`; without it those of the shipped area
    /// of the same name
    #[arg(long, value_name = "FILE", requires = "population")]
    rates: Option<PathBuf>,
    /// The shipped area whose rates by age are taken for all populations, added up to their age groups
    #[arg(long, value_name = "AREA", conflicts_with = "rates")]
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
    output.of_fixed_digits();
    let (changes, on) = match &arguments.population {
        Some(file) => (of_file(file, arguments)?, file.display().to_string()),
        None => (of_areas(arguments)?, "the UN's population".to_owned()),
    };
    let mut text = format!("new cases a year at constant rates by age, on {on}\n");
    for change in &changes {
        writeln!(text, "{change}")?;
    }
    let csv = Decomposition::table_csv(&changes);
    let title = format!(
        "New cases of multiple myeloma a year at constant rates, {} to {}",
        arguments.from, arguments.to
    );
    let chart = report::chart::decomposition(&changes, &title, &sources(arguments)?)?;
    Ok(Answer {
        text,
        files: vec![
            ("decomposition.csv".into(), csv),
            ("decomposition.svg".into(), chart),
        ],
        json: Some(serde_json::to_string_pretty(&changes)? + "\n"),
        ..Answer::default()
    })
}

/// Where people and rates are from, as the caption of a chart.
fn sources(arguments: &Arguments) -> Result<String, Box<dyn Error>> {
    let people = match &arguments.population {
        Some(file) => file.display().to_string(),
        None => format!(
            "{}. Eastern Asia is without China",
            Population::area("China")?.source()
        ),
    };
    let rates = match (&arguments.rates, &arguments.rates_of) {
        (Some(file), _) => file.display().to_string(),
        (None, of) => {
            let rates = AgeRates::area("China")?;
            let of = of
                .as_ref()
                .map_or_else(String::new, |area| format!("{area}, "));
            format!(
                "{of}{}, {}",
                rates.year().unwrap_or_default(),
                rates.source()
            )
        }
    };
    Ok(format!("People: {people}. Rates by age: {rates}."))
}

fn of_areas(arguments: &Arguments) -> Result<Vec<Decomposition>, Box<dyn Error>> {
    once("--area", arguments.area.iter())?;
    let areas: Vec<&str> = match arguments.area.as_slice() {
        [] => vec!["World", "China"],
        [all] if all == "all" => ExpectedCases::areas(),
        areas => areas.iter().map(String::as_str).collect(),
    };
    let (from, to) = (arguments.from, arguments.to);
    let changes = areas.into_iter().map(|area| {
        let Some(of) = &arguments.rates_of else {
            return Ok(Decomposition::area(area, from, to)?);
        };
        let rates = rates_of(of)?;
        let people = Population::area(area)?;
        Ok(Decomposition::between(
            (&people, from, &rates),
            (&people, to, &rates),
        )?)
    });
    changes.collect()
}

/// The rates of one area that others are given.
fn rates_of(area: &str) -> Result<AgeRates, Box<dyn Error>> {
    if area == "World" {
        return Err("--rates-of World: the World is a sum of areas, each with rates of its own; name one of them, or state rates \
                    with --rates FILE"
            .into());
    }
    Ok(AgeRates::area(area)?)
}

/// Each population of a file, with the years that it lacks added.
fn of_file(file: &Path, arguments: &Arguments) -> Result<Vec<Decomposition>, Box<dyn Error>> {
    let (from, to) = (arguments.from, arguments.to);
    let people = populations(file)?;
    let own = rates(arguments.rates.as_deref())?;
    let mut seen = HashSet::new();
    let regions = people.iter().map(Population::region);
    let regions = regions.filter(|region| seen.insert(*region));
    let of_region = |region: &str| -> Result<Decomposition, Box<dyn Error>> {
        let lent;
        let rates = match &arguments.rates_of {
            Some(area) => {
                lent = [rates_of(area)?.for_region(region)];
                &lent[..]
            }
            None => &own[..],
        };
        let tables = PopulationWithRates::of_region(region, &people, rates).map_err(|error| {
            let hint = if rates.is_empty() && !AgeRates::areas().contains(&region) {
                "; give rates with --rates FILE or --rates-of AREA"
            } else {
                ""
            };
            format!("{}: {error}{hint}", file.display())
        })?;
        // Years between the two are not asked for.
        let carried = tables.clone().carried_forward(from.max(to))?;
        let tables = match carried.decomposition(from, to) {
            Ok(_) => carried,
            Err(_) => tables.every_year(from.min(to), from.max(to))?,
        };
        for note in tables.notes() {
            tell(note);
        }
        Ok(tables.decomposition(from, to)?)
    };
    regions.map(of_region).collect()
}
