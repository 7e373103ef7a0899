//! Exports of the sites that publish cancer statistics, as tidy rows.

use std::error::Error;
use std::path::PathBuf;

use clap::Args;
use myeloma_epi::demography::Sex;
use myeloma_epi::exports::{Quantity, ReadOptions};

use crate::output::Answer;

#[derive(Debug, Args)]
#[command(
    after_help = "Example: myeloma-epi convert src/figures/press_release.csv\n\
                        Known by their columns: GBD results, Cancer Today, CDC WONDER, U.S. Cancer Statistics, SEER*Stat, ZfKD, \
                        Public Health Scotland, World Population Prospects, and tables of one's own."
)]
pub(crate) struct Arguments {
    /// The file, as it was exported
    file: PathBuf,
    /// Only this cancer site, where the file has several
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// The region, where the file names none
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// The calendar year, where the file states none
    #[arg(long, value_name = "YEAR")]
    year: Option<i32>,
    /// What is counted, where the file does not say: incidence, deaths or prevalence
    #[arg(long, value_name = "NAME", value_parser = quantity)]
    measure: Option<Quantity>,
    /// Of whom the numbers are, where the file does not say: both, female or male
    #[arg(long, value_name = "SEX", value_parser = sex)]
    sex: Option<Sex>,
    /// The definition, where the file states none: C90, C88+C90
    #[arg(long, value_name = "CODES")]
    definition: Option<String>,
    /// The edition of the source, where the file states none: "GBD 2021"
    #[arg(long, value_name = "NAME")]
    round: Option<String>,
}

/// A word as files have it.
fn word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    let word = serde_json::Value::String(text.to_lowercase());
    serde_json::from_value(word).map_err(|error| error.to_string())
}

fn quantity(text: &str) -> Result<Quantity, String> {
    word(text)
}

fn sex(text: &str) -> Result<Sex, String> {
    word(text)
}

pub(crate) fn run(arguments: &Arguments) -> Result<Answer, Box<dyn Error>> {
    let options = ReadOptions {
        region: arguments.region.clone(),
        year: arguments.year,
        quantity: arguments.measure,
        sex: arguments.sex,
        definition: arguments.definition.clone(),
        round: arguments.round.clone(),
        ..ReadOptions::default()
    };
    let mut export = options.read(&arguments.file)?;
    if let Some(site) = &arguments.site {
        export = export.of_site(site)?;
    }
    let csv = export.to_csv();
    // What was taken and what was left out is for the reader, the rows for the next program.
    eprint!("{export}");
    Ok(Answer {
        text: csv.clone(),
        files: vec![("rows.csv", csv.clone())],
        csv: Some(csv),
        json: Some(serde_json::to_string_pretty(&export)? + "\n"),
        ..Answer::default()
    })
}
