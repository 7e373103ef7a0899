//! Annual percent change and joinpoints of yearly counts or rates.
//!
//!     cargo run --release --example joinpoint [-- FILE.csv]
//!
//! A file has the columns `year`, `cases` or `rate` and, where there are any, `standard_error`; years with standard
//! errors are weighted by them. Without a file: new cases of multiple myeloma in the United States, 1999 to 2022.

mod common;

use std::fmt::Write;
use std::process::ExitCode;

use myeloma_epi::joinpoint::{
    AnnualSeries, ErrorVariance, JoinpointOptions, JoinpointRegression, LogLinearTrend,
};
use myeloma_epi::{IncidenceSeries, figures};

fn main() -> ExitCode {
    common::run("joinpoint", run)
}

fn run(out: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let series = if let Some(file) = std::env::args().nth(1) {
        AnnualSeries::read(file)?
    } else {
        let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
        AnnualSeries::from(&usa)
    };
    let variance = if series.has_standard_errors() {
        ErrorVariance::StandardErrors
    } else {
        ErrorVariance::Constant
    };

    writeln!(out, "One trend for all years")?;
    if series.is_of_counts() {
        let quasi_poisson = LogLinearTrend::quasi_poisson(&series, 0.95)?;
        writeln!(out, "{quasi_poisson}")?;
    }
    if series.values().any(|(_, value)| value == 0.0) {
        writeln!(out, "no joinpoints: a value of 0 has no logarithm")?;
        return Ok(());
    }
    let log_linear = LogLinearTrend::least_squares(&series, variance, 0.95)?;
    writeln!(out, "{log_linear}\n")?;

    let options = JoinpointOptions {
        variance,
        ..JoinpointOptions::default()
    };
    write!(out, "{}", JoinpointRegression::fit(&series, &options)?)?;
    Ok(())
}
