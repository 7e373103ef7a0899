//! Five curves on one series of counts.
//!
//!     cargo run --release --example compare_curves [-- FILE.csv] [--likelihood NAME] [--to YEAR]
//!         [--shock YEAR]... [--provisional YEAR]... [--all-years]
//!
//! FILE.csv has the columns `year,cases` and, if wanted, `mark`; without it the series is the number of new cases in
//! the United States, whose year of the pandemic and unfinished years are marked. The likelihood is `gaussian`,
//! `lognormal`, `poisson`, `quasi_poisson` or `negative_binomial`. Years that are marked, in the file or by `--shock`
//! and `--provisional`, are left out of the fits, and named; `--all-years` takes them all. Writes
//! `target/compare_curves/comparison.json`.

mod common;

use std::fmt::Write;
use std::process::ExitCode;

use myeloma_epi::curve::Family;
use myeloma_epi::figures::Mark;
use myeloma_epi::fit::{FitOptions, Likelihood, compare};
use myeloma_epi::{IncidenceSeries, figures, report};

fn main() -> ExitCode {
    common::run("compare_curves", run)
}

fn run(out: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let (mut file, mut likelihood, mut to) = (None, Likelihood::default(), 2040);
    let (mut marks, mut all_years) = (Vec::new(), false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} takes a value"));
        match argument.as_str() {
            "--likelihood" => likelihood = value()?.parse()?,
            "--to" => to = value()?.parse().map_err(|_| "--to takes a calendar year")?,
            "--shock" | "--provisional" => {
                let mark = match argument.as_str() {
                    "--shock" => Mark::Shock,
                    _ => Mark::Provisional,
                };
                let year = value()?.parse::<i32>();
                marks.push((mark, year.map_err(|_| "a mark takes a calendar year")?));
            }
            "--all-years" => all_years = true,
            option if option.starts_with("--") => {
                return Err(format!("unknown option {option}").into());
            }
            _ if file.is_some() => return Err(format!("a second file, {argument}").into()),
            _ => file = Some(argument),
        }
    }
    let mut series = match file {
        Some(file) => IncidenceSeries::read_counts(file)?,
        None => IncidenceSeries::from_figures(figures::registered(), "United States")?,
    };
    if all_years {
        series = series.without_marks();
    }
    for (mark, year) in marks {
        series = series.with_mark(mark, [year])?;
    }
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
