//! Patients by line of therapy and calendar year, from a model file.
//!
//!     cargo run --release --example lines_of_therapy [-- MODEL.json]
//!
//! Prints the flow by line and writes `target/lines_of_therapy/`: `by_year.csv`, `by_state.csv`, `by_state_not_given.csv`,
//! `prevalence.svg` and `states.svg`. Without a model it runs `examples/world_four_lines.json`, whose incidence is continued backwards from
//! the first figure; `examples/four_lines_weibull.json` is a benchmark that begins empty in 2019 on purpose.

mod common;

use std::fmt::Write;
use std::process::ExitCode;

use myeloma_epi::{TherapyModel, report};

fn main() -> ExitCode {
    common::run("lines_of_therapy", run)
}

fn run(out: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let model = match std::env::args().nth(1) {
        Some(path) => TherapyModel::read(path)?,
        None => TherapyModel::from_json(
            "world_four_lines.json",
            include_str!("world_four_lines.json"),
        )?,
    };
    let flow = model.flow()?;
    let draws = flow.diagnosed().len();
    writeln!(
        out,
        "{}, {draws} draw{}",
        model.region(),
        if draws == 1 { "" } else { "s" }
    )?;
    write!(out, "{flow}")?;
    let files = [
        ("by_year.csv", flow.to_csv()?),
        ("by_state.csv", flow.states_csv()),
        ("by_state_not_given.csv", flow.states_not_given_csv()),
        (
            "prevalence.svg",
            report::chart::prevalence(&flow, model.region())?,
        ),
        (
            "states.svg",
            report::chart::states(model.pathway(), model.last_year())?,
        ),
    ];
    for file in report::write("target/lines_of_therapy", &files)? {
        writeln!(out, "wrote {}", file.display())?;
    }
    Ok(())
}
