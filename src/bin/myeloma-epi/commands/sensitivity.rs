//! Which number matters: Sobol' indices and tornado charts of an outlook's last year.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Write;

use clap::Args;
use myeloma_epi::OutlookModelOptions;
use myeloma_epi::report::chart;
use myeloma_epi::sensitivity::{OneWay, OneWayOptions, SobolOptions};

use crate::argument_values;
use crate::commands::outlook::FiguresArguments;
use crate::output::{Answer, Format, Output, no_effect, tell};

#[derive(Debug, Args)]
#[command(
    after_help = "Example: myeloma-epi sensitivity --points 1024 --out sensitivity\n\
                        Of your own figures: myeloma-epi sensitivity FILE.csv --part China=World\n\
                        --out has the tables of all regions, and two charts of each: tornado_world_new_cases.svg, tornado_world.svg, ..."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    figures: FiguresArguments,
    /// Base points of the indices, a power of two from 512: more points, narrower intervals
    #[arg(long, value_name = "NUMBER", default_value_t = 4096, value_parser = argument_values::points)]
    points: usize,
    /// Whether it is open, too, which of the shipped studies the share who reach third line comes from
    #[arg(long)]
    studies: bool,
    /// The error of the time in first and in second line where its source states none, on the log scale: 10% or 0.1; without
    /// it such times are held
    #[arg(long, value_name = "SHARE", value_parser = argument_values::error)]
    sojourn_error: Option<f64>,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<Answer, Box<dyn Error>> {
    output.of_fixed_digits();
    if output.draws.is_some() {
        no_effect(
            "--draws",
            "indices are of as many points as --points states",
        );
    }
    let outlook = arguments.figures.outlook_with(output, None, false)?;
    let options = SobolOptions {
        points: arguments.points,
        seed: output.seed(),
        ..SobolOptions::default()
    };
    let asked = OutlookModelOptions {
        studies: arguments.studies,
        sojourn_error: arguments.sojourn_error,
    };
    let mut text = String::new();
    let (mut indices, mut tornados, mut cautions) = (Vec::new(), Vec::new(), Vec::new());
    let mut charts: Vec<(Cow<'static, str>, String)> = Vec::new();
    for region in outlook.regions() {
        let model = outlook.model(region.series().region(), &asked)?;
        let of_region = model.indices(&options)?;
        writeln!(text, "{of_region}")?;
        let one_way = model.one_way(&OneWayOptions::default())?;
        // New cases, and the last thing that follows from them.
        let both = [(one_way.first(), "_new_cases"), (one_way.last(), "")];
        for (tornado, ending) in both
            .into_iter()
            .filter_map(|(of, ending)| Some((of?, ending)))
        {
            writeln!(text, "{tornado}")?;
            let svg = chart::tornado(tornado, &tornado.output, "patients a year", "")?;
            charts.push((chart_name(model.region(), ending, &charts).into(), svg));
        }
        indices.push(of_region);
        tornados.extend(one_way);
        // Which sojourn times are held is one thing for all regions.
        for caution in model.cautions() {
            if !cautions.contains(caution) {
                cautions.push(caution.clone());
            }
        }
    }
    for caution in &cautions {
        if output.is(Format::Csv) {
            tell(caution);
        }
        writeln!(text, "Caution: {caution}.")?;
    }
    let mut csv = String::new();
    for of_region in &indices {
        let table = of_region.to_csv();
        let rows = table.split_once('\n').map_or("", |(_, rows)| rows);
        csv.push_str(if csv.is_empty() { &table } else { rows });
    }
    let json = serde_json::json!({"indices": indices, "tornados": tornados, "cautions": cautions});
    let json = serde_json::to_string_pretty(&json)? + "\n";
    let mut files = vec![
        ("indices.csv".into(), csv),
        ("tornado.csv".into(), OneWay::to_csv(&tornados)),
        ("sensitivity.json".into(), json),
    ];
    files.extend(charts);
    Ok(Answer {
        text,
        files,
        ..Answer::default()
    })
}

/// The name of a region's chart: its letters and digits, and a number where another region has the same ones.
fn chart_name(region: &str, ending: &str, others: &[(Cow<'static, str>, String)]) -> String {
    let mut words = String::new();
    for c in region.to_lowercase().chars() {
        if c.is_alphanumeric() {
            words.push(c);
        } else if !words.ends_with('_') {
            words.push('_');
        }
    }
    // Names of files have at most 255 bytes.
    let words: String = words.trim_matches('_').chars().take(50).collect();
    let mut name = format!("tornado_{words}{ending}.svg");
    let mut number = 2;
    while others.iter().any(|(other, _)| *other == name) {
        name = format!("tornado_{words}{ending}_{number}.svg");
        number += 1;
    }
    name
}
