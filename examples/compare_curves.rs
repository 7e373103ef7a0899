//! Five curves on one series of counts.
//!
//!     cargo run --release --example compare_curves [-- FILE.csv] [--likelihood NAME] [--to YEAR]
//!
//! FILE.csv has the columns `year,cases`; without it the series is the number of new cases in the
//! United States. The likelihood is `gaussian`, `lognormal`, `poisson`, `quasi_poisson` or
//! `negative_binomial`. Writes `target/compare_curves/comparison.json`.

mod common;

use std::fmt::Write;
use std::process::ExitCode;

use myeloma_epi::curve::Family;
use myeloma_epi::fit::{FitOptions, Likelihood, compare};
use myeloma_epi::{IncidenceSeries, figures, report};

fn main() -> ExitCode {
    common::run("compare_curves", run)
}

fn run(out: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let (mut file, mut likelihood, mut to) = (None, Likelihood::default(), 2040);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} takes a value"));
        match argument.as_str() {
            "--likelihood" => likelihood = value()?.parse()?,
            "--to" => to = value()?.parse().map_err(|_| "--to takes a calendar year")?,
            option if option.starts_with("--") => {
                return Err(format!("unknown option {option}").into());
            }
            _ if file.is_some() => return Err(format!("a second file, {argument}").into()),
            _ => file = Some(argument),
        }
    }
    let series = match file {
        Some(file) => IncidenceSeries::read_counts(file)?,
        None => IncidenceSeries::from_figures(figures::registered(), "United States")?,
    };
    let options = FitOptions {
        likelihood,
        ..FitOptions::default()
    };
    let comparison = compare(&Family::ALL, &series, &options, to);
    write!(out, "{comparison}")?;
    for file in report::write(
        "target/compare_curves",
        &[("comparison.json", comparison.summary_json())],
    )? {
        writeln!(out, "wrote {}", file.display())?;
    }
    Ok(())
}
