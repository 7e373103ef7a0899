//! Exports of the sites that publish cancer statistics, as tidy rows.

use std::error::Error;
use std::path::PathBuf;

use clap::Args;
use myeloma_epi::report;

use crate::file::{FileArguments, say};
use crate::output::{Answer, Format, Output, command_line};

const SHIPPED: &[u8] = include_bytes!("../../../figures/press_release.csv");

#[derive(Debug, Args)]
#[command(after_help = "Example: myeloma-epi convert\n\
                        Of your own: myeloma-epi convert FILE.csv --out converted\n\
                        Known by their columns: GBD results, Cancer Today, CDC WONDER, U.S. Cancer Statistics, SEER*Stat, ZfKD, \
                        Public Health Scotland, World Population Prospects, and tables of one's own.")]
pub(crate) struct Arguments {
    /// The file, as it was exported; `-` for standard input; without it the figures of the press release, which the crate carries
    file: Option<PathBuf>,
    #[command(flatten)]
    of_file: FileArguments,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<Answer, Box<dyn Error>> {
    output.without_draws();
    let export = match &arguments.file {
        Some(file) => arguments.of_file.export(file)?,
        None => arguments.of_file.export_of("press_release.csv", SHIPPED)?,
    };
    let csv = export.to_csv();
    say(&export);
    let html = if output.is(Format::Html) {
        let told = export.to_string();
        Some(report::page(
            "Rows of an export",
            &told,
            [("rows.csv", &*csv)],
            &command_line(),
        )?)
    } else {
        None
    };
    Ok(Answer {
        html,
        text: csv.clone(),
        files: vec![("rows.csv", csv.clone())],
        csv: Some(csv),
        json: Some(serde_json::to_string_pretty(&export)? + "\n"),
        ..Answer::default()
    })
}
