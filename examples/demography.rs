//! What people by age say of the figures: cases at constant rates, why they are added up over areas, of what their growth is
//! made, and which published figures they meet.
//!
//!     cargo run --release --example demography
//!
//! Writes `target/demography/`: the decomposition by area as CSV and SVG, and the check of the figures as CSV.

mod common;

use std::fmt::Write;
use std::process::ExitCode;

use myeloma_epi::demography::{
    AgeRates, Decomposition, ExpectedCases, FiguresCheck, Population, StandardPopulation,
    age_standardised_rate,
};
use myeloma_epi::report::{self, chart};
use myeloma_epi::{Result, figures};

fn main() -> ExitCode {
    common::run("demography", run)
}

fn run(out: &mut String) -> std::result::Result<(), Box<dyn std::error::Error>> {
    let areas = AgeRates::areas().into_iter();
    let rates = areas
        .clone()
        .map(AgeRates::area)
        .collect::<Result<Vec<_>>>()?;
    let all_people = AgeRates::pooled("World", &rates)?;
    let segi = age_standardised_rate(&all_people, &StandardPopulation::segi())?;
    writeln!(
        out,
        "Age-standardised rate of the World, 2022, Segi's standard: {:.2} per 100,000 (modelled)\n",
        segi.per_100_000()
    )?;

    writeln!(
        out,
        "New cases of multiple myeloma a year at constant rates by age"
    )?;
    let together = ExpectedCases::of(&Population::area("World")?, &all_people)?;
    let (world, china) = (ExpectedCases::area("World")?, ExpectedCases::area("China")?);
    writeln!(
        out,
        "year  World, sum of areas  World, all people together   China"
    )?;
    for year in [2019, 2022, 2024, 2030, 2040, 2050] {
        let cases = [&world, &together, &china].map(|cases| cases.year(year).map(common::people));
        let [sum, pooled, china] = cases;
        writeln!(out, "{year}  {:>19}  {:>26}  {:>6}", sum?, pooled?, china?)?;
    }
    writeln!(
        out,
        "All people together overstate 2040 by {:.1} %: the old grow most where rates are low.",
        100.0 * (together.year(2040)? / world.year(2040)? - 1.0)
    )?;
    writeln!(
        out,
        "The World counts for {:.1} countries of equal size.\n",
        world.effective_members()
    )?;

    writeln!(out, "Of what the change is made at constant rates")?;
    let mut changes = ["World"]
        .into_iter()
        .chain(areas)
        .map(|area| Decomposition::area(area, 2024, 2040))
        .collect::<Result<Vec<_>>>()?;
    for change in changes
        .iter()
        .filter(|change| ["World", "China"].contains(&change.region.as_str()))
    {
        writeln!(out, "{change}")?;
    }
    // The World first, then the areas with the most cases to come.
    changes.sort_by(|a, b| b.parts.sum().total_cmp(&a.parts.sum()));

    writeln!(out, "\nThe figures of the press release")?;
    let check = FiguresCheck::of(figures::press_release())?;
    writeln!(out, "{check}")?;

    let title = "New cases of multiple myeloma a year at constant rates, 2024 to 2040";
    let caption = "Sources: United Nations, World Population Prospects 2024 (CC BY 3.0 IGO); rates of 2022 modelled from \
                   GLOBOCAN 2022 and Cancer Incidence in Five Continents, volume XII (IARC). Eastern Asia is without China.";
    let files = [
        ("decomposition.csv", Decomposition::table_csv(&changes)),
        ("figures.csv", check.to_csv()),
        (
            "decomposition.svg",
            chart::decomposition(&changes, title, caption)?,
        ),
    ];
    for file in report::write("target/demography", &files)? {
        writeln!(out, "wrote {}", file.display())?;
    }
    Ok(())
}
