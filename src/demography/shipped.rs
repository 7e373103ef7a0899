//! The tables that the crate ships, read once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use ndarray::Array2;

use super::age_groups::AgeGroups;
use super::age_rates::{self, AgeRates};
use super::population::Population;
use super::sex::Sex;
use super::standard_population::StandardPopulation;
use crate::error::{Error, Result};
use crate::files::{Others, Row, read_rows};

/// The sum of all areas.
pub(super) const WORLD: &str = "World";

/// The years of the shipped population.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2050;

const POPULATION_SOURCE: &str = "United Nations, World Population Prospects 2024, medium variant (CC BY 3.0 IGO); years \
     between 2000, 2010, …, 2050 are interpolated";

const RATES_SOURCE: &str = "modelled from GLOBOCAN 2022 and Cancer Incidence in Five Continents, volume XII (IARC), and \
     World Population Prospects 2022 (CC BY 3.0 IGO)";

/// A shipped file that cannot be read is a defect of the crate; the tests read every one of them.
fn shipped<T>(read: Result<T>) -> T {
    match read {
        Ok(value) => value,
        Err(error) => panic!("broken invariant: a shipped table is unreadable: {error}"),
    }
}

/// The populations of the areas, in the order of their names.
pub(super) fn populations() -> &'static [Population] {
    static TABLES: LazyLock<Vec<Population>> = LazyLock::new(|| {
        shipped(read_populations(include_str!(
            "../figures/demography/population.csv"
        )))
    });
    &TABLES
}

/// The rates of the areas that have some, in the order of their names.
pub(super) fn rates() -> &'static [AgeRates] {
    static TABLES: LazyLock<Vec<AgeRates>> = LazyLock::new(|| {
        let text = include_str!("../figures/demography/rates.csv");
        let rates = shipped(age_rates::from_tidy("rates.csv", text.as_bytes()));
        (rates.into_iter())
            .map(|rates| rates.with_source(RATES_SOURCE))
            .collect()
    });
    &TABLES
}

/// A row an area and age group, a column a year, in thousands.
fn read_populations(text: &str) -> Result<Vec<Population>> {
    let place = "population.csv";
    let years: Vec<String> = YEARS.map(|year| year.to_string()).collect();
    let columns: Vec<&str> = (["area", "age"].into_iter())
        .chain(years.iter().map(String::as_str))
        .collect();
    let row = |row: &Row<'_>| {
        let thousands = years.iter().map(|year| row.number(year));
        // To whole persons: the thousands have up to three decimals.
        let persons = thousands.map(|n| n.map(|n| (n * 1_000.0).round()));
        let (area, age) = (row.needed("area")?, row.needed("age")?);
        Ok((
            area.to_owned(),
            age.to_owned(),
            persons.collect::<Result<Vec<f64>>>()?,
        ))
    };
    let rows = read_rows(place, text.as_bytes(), &columns, Others::Only(&[]), row)?;
    rows.chunk_by(|a, b| a.0 == b.0)
        .map(|area| {
            let labels: Vec<&str> = area.iter().map(|row| row.1.as_str()).collect();
            let persons =
                Array2::from_shape_fn((years.len(), area.len()), |(year, age)| area[age].2[year]);
            let ages = AgeGroups::from_labels(&labels)?;
            let population = Population::new(
                area[0].0.as_str(),
                Sex::Both,
                ages,
                YEARS.collect(),
                persons,
            )?;
            Ok(population.with_source(POPULATION_SOURCE))
        })
        .collect()
}

/// Effective numbers of countries, by area and for the World: 1/Σw², w a country's share of the cases of 2024.
///
/// See [`ExpectedCases::effective_members`](super::ExpectedCases::effective_members).
pub(super) fn effective_countries() -> &'static BTreeMap<String, f64> {
    static COUNTRIES: LazyLock<BTreeMap<String, f64>> = LazyLock::new(|| {
        let text = include_str!("../figures/demography/countries.csv");
        let row = |row: &Row<'_>| Ok((row.needed("area")?.to_owned(), row.number("2024")?));
        let columns = ["country", "area", "2022", "2024", "2030", "2040"];
        let only = Others::Only(&[]);
        let rows = shipped(read_rows(
            "countries.csv",
            text.as_bytes(),
            &columns,
            only,
            row,
        ));
        let mut sums: BTreeMap<String, (f64, f64)> = BTreeMap::new();
        for (area, cases) in rows {
            for area in [area, WORLD.to_owned()] {
                let sum = sums.entry(area).or_default();
                *sum = (sum.0 + cases, sum.1 + cases * cases);
            }
        }
        let members = |(area, (sum, squares)): (String, (f64, f64))| (area, sum * sum / squares);
        sums.into_iter().map(members).collect()
    });
    &COUNTRIES
}

/// A shipped standard population.
pub(super) fn standard(name: &str) -> StandardPopulation {
    static STANDARDS: LazyLock<Vec<StandardPopulation>> = LazyLock::new(|| {
        shipped(read_standards(include_str!(
            "../figures/demography/standard_populations.csv"
        )))
    });
    let standard = STANDARDS.iter().find(|standard| standard.name() == name);
    standard
        .cloned()
        .expect("broken invariant: a standard population is not in the shipped file")
}

fn read_standards(text: &str) -> Result<Vec<StandardPopulation>> {
    let row = |row: &Row<'_>| {
        let (name, age) = (row.needed("standard")?, row.needed("age")?);
        Ok::<_, Error>((name.to_owned(), age.to_owned(), row.number("weight")?))
    };
    let columns = ["standard", "age", "weight"];
    let place = "standard_populations.csv";
    let rows = read_rows(place, text.as_bytes(), &columns, Others::Only(&[]), row)?;
    rows.chunk_by(|a, b| a.0 == b.0)
        .map(|rows| {
            let labels: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
            let weights = rows.iter().map(|row| row.2).collect();
            StandardPopulation::new(
                rows[0].0.as_str(),
                AgeGroups::from_labels(&labels)?,
                weights,
            )
        })
        .collect()
}
