//! The answer in one command: the published figures, the curves through them, and what follows.
//!
//!     cargo run --release --example outlook [-- --relative-error 0.05 --projection-error 0.2 --between-source 0.1]
//!
//! Prints a table for World and China and writes `target/outlook/`. All three are standard deviations on the log
//! scale: the error of an observation and of a published projection that state none, and the between-source
//! standard deviation, which is otherwise estimated from the figures of GBD and GLOBOCAN.

mod common;

use std::fmt::Write;
use std::process::ExitCode;

use myeloma_epi::figures::Figures;
use myeloma_epi::{Outlook, OutlookOptions, figures, report};

const USAGE: &str =
    "usage: outlook [--relative-error 0.03] [--projection-error 0.1] [--between-source 0.07]";

fn main() -> ExitCode {
    common::run("outlook", run)
}

fn run(out: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let mut options = OutlookOptions::myeloma();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        let value: f64 = value
            .parse()
            .map_err(|_| format!("{argument} takes a number such as 0.05, not \"{value}\""))?;
        match argument.as_str() {
            "--relative-error" => options.assumed_error = value,
            "--projection-error" => options.assumed_projection_error = value,
            // The second name is that of the first version.
            "--between-source" | "--source-level" => {
                options.between_source_sd = value;
                options.compared_with = Figures::default();
            }
            _ => return Err(USAGE.into()),
        }
    }
    let outlook = Outlook::of(figures::press_release(), &options)?;
    writeln!(out, "Multiple myeloma, both sexes, all ages\n")?;
    write!(out, "{outlook}")?;
    for file in report::write("target/outlook", &outlook.files()?)? {
        writeln!(out, "wrote {}", file.display())?;
    }
    Ok(())
}
