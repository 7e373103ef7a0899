//! Patients who will ever reach third line, by year of diagnosis, under each reading of "30-40 %".
//!
//!     cargo run --release --example third_line

use myeloma_epi::pathway::{ShareDistribution, ThirdLine, UltimateShare};
use myeloma_epi::{Outlook, OutlookOptions, figures};

fn main() {
    if let Err(error) = run() {
        eprintln!("third_line: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let published = figures::third_line_share();
    println!("\"{}\" ({})", published.statement, published.source);
    println!("Read as: share of those diagnosed in a year who ever reach third line.");

    let options = OutlookOptions::default();
    let outlook = Outlook::of(figures::press_release(), &options)?;
    for region in outlook.regions() {
        let incidence = region.incidence().cases();
        println!("\n{}", region.series().region());
        println!(
            "year   30 % to 40 % of median   uniform, 95 %          PERT, 95 %             beta, 95 %"
        );
        let readings = ShareDistribution::ALL
            .into_iter()
            .map(|distribution| {
                let share = UltimateShare::of_published(&published, distribution)?;
                ThirdLine::new(incidence, &share, options.seed)
            })
            .collect::<Result<Vec<_>, _>>()?;
        for year in [2025, 2030, 2035, 2040] {
            let (low, high) = readings[0].product_range(year)?;
            print!("{year}   {low:>8.0} to {high:>8.0}    ");
            for reading in &readings {
                let (lower, upper) = reading.patients().interval(year, 0.95)?;
                print!("   {lower:>8.0} to {upper:>8.0}");
            }
            println!();
        }
    }
    Ok(())
}
