//! Third-line starts by calendar year.

use std::error::Error;
use std::path::PathBuf;

use clap::Args;
use myeloma_epi::pathway::evidence::Study;
use myeloma_epi::pathway::{Delay, FollowUp};
use myeloma_epi::{TherapyModel, ThirdLineOptions, report};

use crate::argument_values;
use crate::commands::outlook::FiguresArguments;
use crate::output::{Answer, Output, Usage, tell};

#[derive(Debug, Args)]
#[command(after_help = "Example: myeloma-epi third-line\n\
                        Of your own figures: myeloma-epi third-line FILE.csv --part China=World --out third_line")]
pub(crate) struct Arguments {
    #[command(flatten)]
    figures: FiguresArguments,
    /// A model file whose first and second line say how long it takes to third line: that of one group, without time off treatment
    /// before it
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Years of accrual of the study behind "30-40 %", read as a crude share at a data cut
    #[arg(long, value_name = "YEARS")]
    accrual: Option<f64>,
    /// Years of follow-up after the end of accrual
    #[arg(long, value_name = "YEARS", requires = "accrual")]
    further: Option<f64>,
    /// The share of those diagnosed who are treated, for what the studies say together: 80% or 70%-90%; without it the
    /// published 64 to 95 %
    #[arg(long, value_name = "SHARE", value_parser = argument_values::shares)]
    treated: Option<(f64, f64)>,
    /// A study of your own, as JSON, in a row of its own; may be repeated
    #[arg(long, value_name = "FILE")]
    study: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<Answer, Box<dyn Error>> {
    if arguments.figures.other_disease && arguments.model.is_none() {
        let message = "the time to third line that the crate has is that of multiple myeloma: with --other-disease state another, --model FILE";
        return Err(Usage(message.to_owned()).into());
    }
    let delay = arguments.model.as_ref().map(delay).transpose()?;
    let outlook = arguments.figures.outlook_with(output, delay, false)?;
    let follow_up = arguments.accrual.map(|accrual| FollowUp::Accrual {
        accrual,
        further: arguments.further.unwrap_or(0.0),
        growth: 0.0,
    });
    let studies: Vec<Study> = (arguments.study.iter())
        .map(Study::read)
        .collect::<Result<_, _>>()?;
    for study in &studies {
        for preset in study.presets()? {
            tell(&format!(
                "{}, assumed: {}",
                preset.id,
                preset.assumed.join("; ")
            ));
        }
    }
    let has_treated = arguments.treated.is_some();
    let mut table = outlook.third_line_table(&ThirdLineOptions {
        follow_up,
        studies,
        treated: arguments.treated,
    })?;
    if arguments.figures.other_disease {
        let treated = if has_treated {
            ""
        } else {
            ", the share of those diagnosed who are treated"
        };
        table.cautions.push(format!(
            "the figures are of another disease; the range of 30 to 40 %, the shipped studies with what they say together, and the \
             share with second line{treated} are of multiple myeloma: compare with them, do not quote them"
        ));
    }
    let csv = table.to_csv_with(output.digits());
    let json = serde_json::to_string_pretty(&table)? + "\n";
    let caption = match &arguments.figures.file {
        Some(file) => format!("Figures: {}.", file.display()),
        None => "Figures: press release of IASO Bio, 27 November 2025.".to_owned(),
    };
    let chart = report::chart::readings(&table, outlook.options().to, &caption)?;
    let mut text = table.to_string();
    if follow_up.is_none() {
        text.push_str(
            "\"30-40 %\" as a crude share at a data cut needs the follow-up of the study behind it: --accrual YEARS \
             [--further YEARS].\n",
        );
    }
    Ok(Answer {
        text,
        beside_table: table.cautions,
        files: vec![
            ("third_line.csv".into(), csv),
            ("third_line.json".into(), json),
            ("readings.svg".into(), chart),
        ],
        ..Answer::default()
    })
}

/// The time to third line in a model of one group.
fn delay(file: &PathBuf) -> Result<Delay, Box<dyn Error>> {
    let model = TherapyModel::read(file)?;
    match model.pathway().groups() {
        [group] if group.lines().len() >= 3 => {
            let lines = &group.lines()[..2];
            if lines.iter().any(|line| line.off_treatment().is_some()) {
                return Err(
                    "the model has time off treatment before third line, which is no part of the time in two lines: run `pathway`"
                        .into(),
                );
            }
            if lines
                .iter()
                .any(|line| line.next().central(model.last_year()) <= 0.0)
            {
                return Err("nobody reaches third line in the model".into());
            }
            tell(&format!(
                "{}: its times in first and second line are used, and none of its shares: `pathway` follows those",
                file.display()
            ));
            let [first, second] = [0, 1].map(|line| lines[line].time_to_next().clone());
            Ok(Delay::new(first, second))
        }
        [_] => Err("the model has fewer than three lines".into()),
        groups => Err(format!(
            "the model has {} groups, each with a time to third line of its own: run `pathway`",
            groups.len()
        )
        .into()),
    }
}
