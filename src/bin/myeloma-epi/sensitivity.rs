//! Which number matters: Sobol' indices and tornado charts of an outlook's last year.

use std::error::Error;
use std::fmt::Write;

use clap::Args;
use myeloma_epi::OutlookModelOptions;
use myeloma_epi::report::chart;
use myeloma_epi::sensitivity::{OneWay, OneWayOptions, SobolOptions};

use crate::outlook::FiguresArguments;
use crate::output::{Answer, Output};

#[derive(Debug, Args)]
#[command(
    after_help = "Example: myeloma-epi sensitivity --points 1024 --out sensitivity\n\
                        Of your own figures: myeloma-epi sensitivity FILE.csv --part China=World\n\
                        --out has the tables of every region, and the chart of the first."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    figures: FiguresArguments,
    /// Base points of the indices, a power of two from 512: more points, narrower intervals
    #[arg(long, value_name = "NUMBER", default_value_t = 4096)]
    points: usize,
    /// Whether it is open, too, which of the shipped studies the share who reach third line comes from
    #[arg(long)]
    studies: bool,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<Answer, Box<dyn Error>> {
    let outlook = arguments.figures.outlook(output)?;
    let options = SobolOptions {
        points: arguments.points,
        seed: output.seed(),
        ..SobolOptions::default()
    };
    let asked = OutlookModelOptions {
        studies: arguments.studies,
    };
    let mut text = String::new();
    let (mut indices, mut tornados) = (Vec::new(), Vec::new());
    for region in outlook.regions() {
        let model = outlook.model(region.series().region(), &asked)?;
        let of_region = model.indices(&options)?;
        writeln!(text, "{of_region}")?;
        let one_way = model.one_way(&OneWayOptions::default())?;
        if let Some(last) = one_way.last() {
            writeln!(text, "{last}")?;
        }
        indices.push(of_region);
        tornados.push(one_way);
    }
    let mut csv = String::new();
    for of_region in &indices {
        let table = of_region.to_csv();
        let rows = table.split_once('\n').map_or("", |(_, rows)| rows);
        csv.push_str(if csv.is_empty() { &table } else { rows });
    }
    let json = serde_json::json!({"indices": indices, "tornados": tornados});
    let json = serde_json::to_string_pretty(&json)? + "\n";
    let mut files = vec![
        ("indices.csv", csv.clone()),
        ("tornado.csv", OneWay::to_csv(&tornados.concat())),
        ("sensitivity.json", json.clone()),
    ];
    // Of the first region, which is the whole where others are parts of it.
    if let Some(first) = tornados.first().and_then(|one_way| one_way.last()) {
        let unit = "patients a year";
        files.push((
            "tornado.svg",
            chart::tornado(first, &first.output, unit, "")?,
        ));
    }
    Ok(Answer {
        text,
        files,
        csv: Some(csv),
        json: Some(json),
        ..Answer::default()
    })
}
