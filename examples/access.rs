//! Who becomes eligible for equecabtagene autoleucel by its label, where it is approved, year by year.
//!
//!     cargo run --release --example access [-- EXPOSED ADULT [HONG_KONG MACAU]]
//!
//! EXPOSED is the share of patients in whom third line has failed who have had a proteasome inhibitor and an
//! immunomodulatory agent, ADULT the share of adults; `HONG_KONG` and MACAU are new cases a year. The crate
//! has figures for none of them and says so where one is missing. Mainland China is the outlook's
//! forecast for China; all pathways are those of the preset `west_china`.

mod common;

use std::fmt::Write;
use std::process::ExitCode;

use common::people;

use myeloma_epi::pathway::access::{AccessFact, Exposure};
use myeloma_epi::pathway::evidence::Preset;
use myeloma_epi::pathway::{Flow, FlowOptions};
use myeloma_epi::{Outlook, OutlookOptions, YearlyDraws, figures};
use ndarray::Array2;

const TO: i32 = 2030;
const DRAWS: usize = 2_000;

fn main() -> ExitCode {
    common::run("access", run)
}

fn run(out: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<f64> = std::env::args()
        .skip(1)
        .map(|text| text.parse().map_err(|_| format!("\"{text}\" is no number")))
        .collect::<Result<_, _>>()?;
    writeln!(out, "access to equecabtagene autoleucel")?;
    for fact in AccessFact::shipped() {
        writeln!(out, "  {fact}")?;
    }
    let exposure = Exposure {
        proteasome_inhibitor_and_immunomodulator: arguments.first().copied(),
        adult: arguments.get(1).copied(),
    };

    let pathway = Preset::of("west_china")?.pathway;
    // Those diagnosed before the first figure are continued backwards from it.
    let options = FlowOptions::to(TO);
    let outlook = OutlookOptions {
        to: TO,
        draws: DRAWS,
        ..OutlookOptions::myeloma()
    };
    let outlook = Outlook::of(figures::press_release(), &outlook)?;
    let china = outlook.region("China")?.diagnosed()?;
    let mut flows = vec![("mainland China", pathway.flow(&china, &options)?)];
    for (jurisdiction, cases) in ["Hong Kong", "Macau"]
        .into_iter()
        .zip(arguments.iter().skip(2))
    {
        let first = china.first_year();
        let years = usize::try_from(TO - first + 1)?;
        let incidence = YearlyDraws::new(first, Array2::from_elem((years, DRAWS), *cases))?;
        flows.push((jurisdiction, pathway.flow(&incidence, &options)?));
    }
    let flows: Vec<(&str, &Flow)> = flows.iter().map(|(name, flow)| (*name, flow)).collect();
    writeln!(out, "become eligible in the year, median (95 % interval)")?;
    // Years that lack the same figure are told of together.
    let mut lacking: Vec<(String, Vec<String>)> = Vec::new();
    for year in [2024, 2025, 2026, TO] {
        match exposure.eligible_where_approved(&flows, year) {
            Ok(eligible) => {
                for (fact, patients) in eligible {
                    let (low, high) = patients.interval(year, 0.95)?;
                    let numbers = [patients.median(year)?, low, high].map(people);
                    let [median, low, high] = numbers;
                    writeln!(
                        out,
                        "  {year} {}: {median} ({low}-{high})",
                        fact.jurisdiction
                    )?;
                }
            }
            Err(error) => {
                let error = error.to_string();
                match lacking.iter_mut().find(|(other, _)| *other == error) {
                    Some((_, years)) => years.push(year.to_string()),
                    None => lacking.push((error, vec![year.to_string()])),
                }
            }
        }
    }
    for (error, years) in lacking {
        writeln!(out, "  {}: {error}", years.join(", "))?;
    }
    Ok(())
}
