//! Annual percent change and joinpoints of yearly counts.
//!
//!     cargo run --release --example trend [-- FILE.csv]
//!
//! A file has the columns `year` and `cases`. Without one: new cases of multiple myeloma in the United
//! States, 1999 to 2022.

mod common;

use std::fmt::Write;
use std::process::ExitCode;

use myeloma_epi::joinpoint::{
    AnnualSeries, ErrorVariance, JoinpointOptions, JoinpointRegression, LogLinearTrend,
};
use myeloma_epi::{IncidenceSeries, figures};

fn main() -> ExitCode {
    common::run("trend", run)
}

fn run(out: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let counts = match std::env::args().nth(1) {
        Some(file) => IncidenceSeries::read_counts(file)?,
        None => IncidenceSeries::from_figures(figures::registered(), "United States")?,
    };
    let series = AnnualSeries::from(&counts);

    writeln!(out, "One trend for all years")?;
    let log_linear = LogLinearTrend::least_squares(&series, ErrorVariance::Constant, 0.95)?;
    let quasi_poisson = LogLinearTrend::quasi_poisson(&series, 0.95)?;
    writeln!(out, "{log_linear}\n{quasi_poisson}\n")?;

    write!(
        out,
        "{}",
        JoinpointRegression::fit(&series, &JoinpointOptions::default())?
    )?;
    Ok(())
}
