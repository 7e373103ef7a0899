//! Annual percent change and joinpoints of yearly counts.
//!
//!     cargo run --release --example trend [-- FILE.csv]
//!
//! A file has the columns `year` and `cases`. Without one: new cases of multiple myeloma in the United
//! States, 1999 to 2022.

use myeloma_epi::joinpoint::{
    AnnualSeries, ErrorVariance, JoinpointOptions, JoinpointRegression, LogLinearTrend,
};
use myeloma_epi::{IncidenceSeries, figures};

fn main() {
    if let Err(error) = run() {
        eprintln!("trend: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let counts = match std::env::args().nth(1) {
        Some(file) => IncidenceSeries::read_counts(file)?,
        None => IncidenceSeries::from_figures(figures::registered(), "United States")?,
    };
    let series = AnnualSeries::from(&counts);

    println!("One trend for all years");
    let log_linear = LogLinearTrend::least_squares(&series, ErrorVariance::Constant, 0.95)?;
    let quasi_poisson = LogLinearTrend::quasi_poisson(&series, 0.95)?;
    println!("{log_linear}\n{quasi_poisson}\n");

    print!(
        "{}",
        JoinpointRegression::fit(&series, &JoinpointOptions::default())?
    );
    Ok(())
}
