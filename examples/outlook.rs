//! The answer in one command: the published figures, the curves through them, and what follows.
//!
//!     cargo run --release --example outlook [-- --full] [--true-incidence] [--relative-error 0.05]
//!         [--projection-error 0.2] [--between-source 0.1]
//!
//! Prints the headline for World and China and the growth curves, with `--full` every table, and writes
//! `target/outlook/`. The headline answers what the next round of the same source will say, with `--true-incidence` how
//! many people are diagnosed. The three numbers are standard deviations on the log scale, as the curves take them: the error
//! of an observation and of a published projection that state none, and the between-source standard deviation, which is
//! otherwise estimated from the figures of GBD and GLOBOCAN.

mod common;

use std::fmt::Write;
use std::process::ExitCode;

use myeloma_epi::figures::Figures;
use myeloma_epi::{Outlook, OutlookOptions, Question, figures, report};

const USAGE: &str = "usage: outlook [--full] [--true-incidence] [--relative-error 0.03] [--projection-error 0.1] [--between-source 0.07]";

fn main() -> ExitCode {
    common::run("outlook", run)
}

fn run(out: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let mut options = OutlookOptions::myeloma();
    let mut full = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--full" => {
                full = true;
                continue;
            }
            "--true-incidence" => {
                options.question = Question::TrueIncidence;
                continue;
            }
            _ => {}
        }
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
    if full {
        writeln!(out, "{outlook:#}")?;
    } else {
        writeln!(out, "{outlook}")?;
    }
    for file in report::write("target/outlook", &outlook.files()?)? {
        writeln!(out, "wrote {}", file.display())?;
    }
    Ok(())
}
