//! Patients by line of therapy, from a model file.

use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use myeloma_epi::{TherapyModel, report};

use crate::output::{Answer, Format, Output, Usage, tell};

const SHIPPED: &str = include_str!("../../../../examples/world_four_lines.json");

#[derive(Debug, Args)]
#[command(after_help = "Example: myeloma-epi pathway --out pathway\n\
                        Of your own model: myeloma-epi pathway MODEL.json --out pathway\n\
                        The keys of a model file stand in docs/file-formats.md.")]
pub(crate) struct Arguments {
    /// A model: incidence and a treatment pathway, as JSON; without it that of `examples/world_four_lines.json`,
    /// whose shares and times have no source
    model: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<Answer, Box<dyn Error>> {
    if let Some(option) = output.of_draws().next() {
        let message = format!(
            "the model file states the number of draws and their seed: leave {option} away"
        );
        return Err(Usage(message).into());
    }
    let model = match &arguments.model {
        Some(file) => TherapyModel::read(file)?,
        None => TherapyModel::from_json("world_four_lines.json", SHIPPED)?,
    };
    let flow = model.flow()?;
    let draws = flow.diagnosed().len();
    let mut text = format!("{}, draws: {draws}\n{flow}", model.region());
    for caution in model.cautions() {
        if output.is(Format::Text) {
            writeln!(text, "caution: {caution}")?;
        } else {
            tell(&caution);
        }
    }
    let beside_table = flow.cautions();
    if output.is(Format::Json) {
        for caution in &beside_table {
            tell(caution);
        }
    }
    let csv = flow.to_csv_with(output.digits())?;
    Ok(Answer {
        text,
        beside_table,
        files: vec![
            ("by_year.csv".into(), csv),
            ("by_state.csv".into(), flow.states_csv()),
            ("by_state_not_given.csv".into(), flow.states_not_given_csv()),
            (
                "prevalence.svg".into(),
                report::chart::prevalence(&flow, model.region())?,
            ),
            (
                "states.svg".into(),
                report::chart::states(model.pathway(), model.last_year())?,
            ),
        ],
        json: Some(serde_json::to_string(&flow)? + "\n"),
        ..Answer::default()
    })
}
