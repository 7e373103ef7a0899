//! Exports of the sites that publish cancer statistics, as tidy rows.

use std::error::Error;
use std::path::PathBuf;

use clap::Args;

use crate::file::{FileArguments, say};
use crate::output::{Answer, Format, Output};

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
    output.of_fixed_digits();
    let export = match &arguments.file {
        Some(file) => arguments.of_file.export(file)?,
        None => arguments.of_file.export_of("press_release.csv", SHIPPED)?,
    };
    let csv = export.to_csv();
    say(&export);
    // A page shows the rows as a table.
    let text = if output.is(Format::Html) {
        export.to_string()
    } else {
        csv.clone()
    };
    Ok(Answer {
        text,
        files: vec![("rows.csv".into(), csv.clone())],
        json: Some(serde_json::to_string_pretty(&export)? + "\n"),
        ..Answer::default()
    })
}
