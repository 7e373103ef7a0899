//! Five curves on one series of counts.
//!
//!     cargo run --release --example compare_curves
//!
//! The series is the number of new cases in the United States, 1999 to 2022.

use myeloma_epi::curve::Family;
use myeloma_epi::fit::{Fit, FitOptions, Likelihood, fit};
use myeloma_epi::{IncidenceSeries, figures};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
    for likelihood in [Likelihood::LogNormal, Likelihood::Poisson] {
        println!("{} likelihood", likelihood.name());
        println!("  curve        log-likelihood       AICc      2040   solver");
        for family in Family::ALL {
            let options = FitOptions::default().with_likelihood(likelihood);
            match fit(family, &usa, &options) {
                Ok(Fit::Identified(fit)) => {
                    let aicc = fit
                        .aicc()
                        .map_or_else(|| "none".to_owned(), |aicc| format!("{aicc:.2}"));
                    let report = fit.solver_report();
                    println!(
                        "  {family:<12} {:>14.2} {aicc:>10} {:>9.0}   {:?} after {} iterations, condition {:.0}",
                        fit.log_likelihood(),
                        fit.curve().cases(2040.0)?,
                        report.termination(),
                        report.iterations(),
                        report.condition(),
                    );
                }
                Ok(Fit::Saturated(_)) => println!("  {family:<12} saturated"),
                Err(error) => println!("  {family:<12} {error}"),
            }
        }
    }
    Ok(())
}
