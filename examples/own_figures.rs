//! The outlook for your own figures.
//!
//!     cargo run --release --example own_figures -- FILE.csv [--to 2040] [--relative-error 0.03]
//!         [--between-source 0.07] [--part PART=WHOLE] [--myeloma] [--area [REGION=]AREA]
//!         [--population POP.csv [--rates RATES.csv] [--carry-forward]] [--full]
//!
//! Columns `region,year,cases,status` and optionally `relative_error,source`; a file that ends in
//! `.json` holds an array of objects with the same names. `--part` says that one region is part of
//! another: the draws of the part are then smaller than those of its whole, and a part with two figures has
//! curves whose damping is shrunk towards the whole's. `--myeloma` says that the figures are of multiple
//! myeloma: they are then compared with those of GBD and GLOBOCAN for a region of the same name, and China
//! is part of World if the file has both. `--between-source` is the between-source standard deviation of regions for
//! which it is not estimated so: 0 without `--myeloma`, with it that of the world and China pooled.
//!
//! With the population of a region the forecast is of its rate: `--area` takes people and modelled rates of a shipped area
//! (of multiple myeloma) for the region of the same name or another, and their sum where it is repeated; `--population` a file with
//! the columns `area,year,sex,age,population`, areas named as the regions, and `--rates` one with `area,sex,age,rate_per_100000`;
//! without `--rates` the rates are those of the shipped area of that name. `--carry-forward` adds the years that the file lacks.
//! Writes `target/own_figures/`.

mod common;

use std::error::Error;
use std::fmt::Write;
use std::process::ExitCode;

use myeloma_epi::demography::{AgeRates, Population};
use myeloma_epi::figures::Figures;
use myeloma_epi::{Outlook, OutlookOptions, report};

const USAGE: &str = "usage: own_figures FILE.csv [--to 2040] [--relative-error 0.03] [--between-source 0.07] \
                     [--part PART=WHOLE] [--myeloma] [--area [REGION=]AREA] [--population POP.csv] [--rates RATES.csv] \
                     [--carry-forward] [--full]";

fn main() -> ExitCode {
    common::run("own_figures", run)
}

fn run(out: &mut String) -> Result<(), Box<dyn Error>> {
    let mut given = Given::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(USAGE);
        match argument.as_str() {
            "--to" => {
                let year = value()?;
                let parsed = year.parse();
                given.to = Some(parsed.map_err(|_| format!("--to takes a year, not \"{year}\""))?);
            }
            "--relative-error" => given.relative_error = Some(number(&argument, &value()?)?),
            "--between-source" => given.between_source = Some(number(&argument, &value()?)?),
            "--part" => given.parts.push(pair(&argument, &value()?)?),
            "--area" => given.areas.push(area(&value()?)?),
            "--population" => given.population = Some(value()?),
            "--rates" => given.rates = Some(value()?),
            "--carry-forward" => given.carry_forward = true,
            "--myeloma" => given.myeloma = true,
            "--full" => given.full = true,
            option if option.starts_with("--") => return Err(USAGE.into()),
            _ => given.file = Some(argument),
        }
    }
    if given.file.is_none() {
        writeln!(
            out,
            "No file given: these are the figures of examples/own_figures.csv.\n"
        )?;
    }
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_figures.csv");
    let figures = Figures::read(given.file.as_deref().unwrap_or(shipped))?;
    let (options, remarks) = given.options(&figures)?;
    let outlook = Outlook::of(&figures, &options)?;
    if given.full {
        writeln!(out, "{outlook:#}")?;
    } else {
        writeln!(out, "{outlook}")?;
    }
    for remark in remarks {
        writeln!(out, "{remark}")?;
    }
    for file in report::write("target/own_figures", &outlook.files()?)? {
        writeln!(out, "wrote {}", file.display())?;
    }
    Ok(())
}

/// What the command line says.
#[derive(Default)]
struct Given {
    file: Option<String>,
    to: Option<i32>,
    relative_error: Option<f64>,
    between_source: Option<f64>,
    parts: Vec<(String, String)>,
    areas: Vec<(String, String)>,
    population: Option<String>,
    rates: Option<String>,
    carry_forward: bool,
    myeloma: bool,
    full: bool,
}

impl Given {
    /// The options, and what was made of the population beyond reading it.
    fn options(&self, figures: &Figures) -> Result<(OutlookOptions, Vec<String>), Box<dyn Error>> {
        let mut options = if self.myeloma {
            OutlookOptions::myeloma_for(figures)
        } else {
            OutlookOptions::default()
        };
        options.to = self.to.unwrap_or(options.to);
        options.assumed_error = self.relative_error.unwrap_or(options.assumed_error);
        options.between_source_sd = self.between_source.unwrap_or(options.between_source_sd);
        for (part, whole) in &self.parts {
            options.parts.retain(|(other, _)| other != part);
            options.parts.push((part.clone(), whole.clone()));
        }
        options.state_areas(&self.areas)?;
        let Some(file) = &self.population else {
            for (given, option) in [
                (self.rates.is_some(), "--rates"),
                (self.carry_forward, "--carry-forward"),
            ] {
                if given {
                    return Err(format!("{option} needs --population POP.csv").into());
                }
            }
            return Ok((options, Vec::new()));
        };
        let rates = self.rates.as_ref().map(AgeRates::read).transpose()?;
        let (people, rates) = (Population::read(file)?, rates.unwrap_or_default());
        let both = |(region, _): &&(String, String)| people.iter().any(|p| p.region() == region);
        if let Some((region, _)) = self.areas.iter().find(both) {
            return Err(
                format!("{region} has people in {file} and by --area: give one of them").into(),
            );
        }
        let remarks = options.state_population(figures, &people, &rates, self.carry_forward)?;
        Ok((options, remarks))
    }
}

/// An area for the region of its name, or for another.
fn area(text: &str) -> Result<(String, String), String> {
    if text.contains('=') {
        return pair("--area", text);
    }
    Ok((text.to_owned(), text.to_owned()))
}

fn number(option: &str, text: &str) -> Result<f64, String> {
    let wrong = |_| format!("{option} takes a number such as 0.03, not \"{text}\"");
    text.parse().map_err(wrong)
}

fn pair(option: &str, text: &str) -> Result<(String, String), String> {
    let both = text
        .split_once('=')
        .ok_or_else(|| format!("{option} takes two names, A=B"))?;
    Ok((both.0.to_owned(), both.1.to_owned()))
}
