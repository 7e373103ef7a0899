//! The outlook for your own figures.
//!
//!     cargo run --release --example own_figures -- FILE.csv [--to 2040] [--relative-error 0.03] [--part PART=WHOLE]
//!
//! Columns `region,year,cases,status` and optionally `relative_error,source`; a file that ends in
//! `.json` holds an array of objects with the same names. `--part` says that one region is part of
//! another: their draws then fit together, and a part with two figures borrows the bend of the whole's
//! curves. Writes `target/own_figures/`.

use myeloma_epi::figures::Figures;
use myeloma_epi::{Outlook, OutlookOptions, report};

fn main() {
    if let Err(error) = run() {
        eprintln!("own_figures: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut options = OutlookOptions::default();
    let mut file = None;
    let mut named: Vec<String> = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--to" => {
                options =
                    options.with_last_year(arguments.next().ok_or("--to takes a year")?.parse()?);
            }
            "--relative-error" => {
                let value = arguments
                    .next()
                    .ok_or("--relative-error takes a number, as 0.03")?;
                options = options.with_assumed_error(value.parse()?);
            }
            "--part" => {
                let both = arguments.next().ok_or("--part takes PART=WHOLE")?;
                let (part, whole) = both.split_once('=').ok_or("--part takes PART=WHOLE")?;
                named.extend([part.to_owned(), whole.to_owned()]);
                options = options.with_part(part, whole);
            }
            _ => file = Some(argument),
        }
    }
    let file = file.unwrap_or_else(|| {
        println!("No file given: these are the figures of examples/own_figures.csv.\n");
        concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_figures.csv").to_owned()
    });

    let figures = Figures::read(file)?;
    for region in &named {
        if !figures.regions().contains(&region.as_str()) {
            return Err(format!("--part names {region}, of which the file has no figures").into());
        }
    }
    let outlook = Outlook::of(&figures, &options)?;
    print!("{}", report::text(&outlook));
    for file in report::write(&outlook, "target/own_figures")? {
        println!("wrote {}", file.display());
    }
    Ok(())
}
