//! Annual percent change and joinpoints of yearly counts.
//!
//!     cargo run --release --example trend [-- FILE.csv]
//!
//! A file has the columns `year` and `cases`. Without one: new cases of multiple myeloma in the United
//! States, 1999 to 2022.

use myeloma_epi::joinpoint::{
    AnnualPercentChange, JoinpointOptions, JoinpointRegression, LogLinearTrend, TrendModel,
    TrendSeries,
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
    let series = TrendSeries::from(&counts);
    let (first, last) = (series.first_year(), series.last_year());
    println!("{}, {first} to {last}\n", series.name());

    println!("One trend for all years");
    for (name, model) in [
        ("log-linear", TrendModel::default()),
        ("quasi-Poisson", TrendModel::QuasiPoisson),
    ] {
        let trend = LogLinearTrend::fit(&series, model, 0.95)?;
        println!("  {name:<22} {}", text(trend.annual_percent_change()));
    }

    let fit = JoinpointRegression::fit(&series, &JoinpointOptions::default())?;
    let model = fit.selected();
    println!("\nJoinpoints: {}", model.joinpoints().len());
    for joinpoint in model.joinpoints() {
        let (lower, upper) = joinpoint.interval;
        println!("  {} (95 % interval {lower} to {upper})", joinpoint.year);
    }
    for segment in model.segments() {
        let years = format!("{} to {}", segment.from, segment.to);
        println!(
            "  {years:<22} {}; {}",
            text(&segment.change),
            segment.change.doubling_time()
        );
    }

    println!("\nAverage annual percent change");
    for from in [first, last - 10] {
        if from >= first {
            let aapc = model.average_annual_percent_change(from, last)?;
            println!("  {:<22} {}", format!("{from} to {last}"), text(&aapc));
        }
    }

    println!("\nHow many joinpoints?");
    for test in fit.tests() {
        println!(
            "  {} against {}: p = {:.4}, level {:.4}, {}",
            test.null,
            test.alternative,
            test.p_value,
            test.alpha,
            if test.rejected { "rejected" } else { "kept" }
        );
    }
    for (k, model) in fit.models().iter().enumerate() {
        if let Some(criteria) = model.criteria() {
            println!(
                "  {k}: BIC {:.3}, BIC3 {:.3}, weighted BIC {:.3}",
                criteria.bic, criteria.bic3, criteria.weighted_bic
            );
        }
    }
    Ok(())
}

fn text(change: &AnnualPercentChange) -> String {
    let (lower, upper) = change.interval();
    format!(
        "{:+.2} % a year ({lower:+.2} to {upper:+.2})",
        change.percent()
    )
}
