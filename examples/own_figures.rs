//! The outlook for your own figures.
//!
//!     cargo run --release --example own_figures -- FILE.csv [--to 2040] [--relative-error 0.03]
//!         [--between-source 0.07] [--part PART=WHOLE] [--myeloma]
//!
//! Columns `region,year,cases,status` and optionally `relative_error,source`; a file that ends in
//! `.json` holds an array of objects with the same names. `--part` says that one region is part of
//! another: the draws of the part are then smaller than those of its whole, and a part with two figures has
//! curves whose damping is shrunk towards the whole's. `--myeloma` says that the figures are of multiple
//! myeloma: they are then compared with those of GBD and GLOBOCAN for a region of the same name, and China
//! is part of World if the file has both. `--between-source` is the between-source standard deviation of regions for
//! which it is not estimated so: 0 without `--myeloma`, with it that of the world and China pooled. Writes `target/own_figures/`.

mod common;

use std::fmt::Write;
use std::process::ExitCode;

use myeloma_epi::figures::Figures;
use myeloma_epi::{Outlook, OutlookOptions, report};

const USAGE: &str = "usage: own_figures FILE.csv [--to 2040] [--relative-error 0.03] [--between-source 0.07] \
                     [--part PART=WHOLE] [--myeloma]";

fn main() -> ExitCode {
    common::run("own_figures", run)
}

fn run(out: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let mut options = OutlookOptions::default();
    let mut parts = Vec::new();
    let mut file = None;
    let (mut myeloma, mut states_sd) = (false, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(USAGE);
        match argument.as_str() {
            "--to" => {
                let year = value()?;
                let parsed = year.parse();
                options.to = parsed.map_err(|_| format!("--to takes a year, not \"{year}\""))?;
            }
            "--relative-error" => {
                let error = value()?;
                options.assumed_error = error.parse().map_err(|_| {
                    format!("--relative-error takes a number such as 0.03, not \"{error}\"")
                })?;
            }
            "--between-source" => {
                let sd = value()?;
                options.between_source_sd = sd.parse().map_err(|_| {
                    format!("--between-source takes a number such as 0.07, not \"{sd}\"")
                })?;
                states_sd = true;
            }
            "--part" => {
                let both = value()?;
                let (part, whole) = both.split_once('=').ok_or("--part takes PART=WHOLE")?;
                parts.push((part.to_owned(), whole.to_owned()));
            }
            "--myeloma" => myeloma = true,
            option if option.starts_with("--") => return Err(USAGE.into()),
            _ => file = Some(argument),
        }
    }
    if file.is_none() {
        writeln!(
            out,
            "No file given: these are the figures of examples/own_figures.csv.\n"
        )?;
    }
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_figures.csv");
    let file = file.unwrap_or_else(|| shipped.to_owned());

    let figures = Figures::read(file)?;
    if myeloma {
        let OutlookOptions {
            between_source_sd,
            compared_with,
            parts: known,
            ..
        } = OutlookOptions::myeloma();
        if !states_sd {
            options.between_source_sd = between_source_sd;
        }
        options.compared_with = compared_with;
        let regions = figures.regions();
        let has = |name: &String| regions.contains(&name.as_str());
        let stated = |part: &String| parts.iter().any(|(other, _)| other == part);
        let known = known
            .into_iter()
            .filter(|(part, whole)| has(part) && has(whole) && !stated(part));
        options.parts = known.collect();
    }
    options.parts.extend(parts);
    let outlook = Outlook::of(&figures, &options)?;
    write!(out, "{outlook}")?;
    for file in report::write("target/own_figures", &outlook.files()?)? {
        writeln!(out, "wrote {}", file.display())?;
    }
    Ok(())
}
