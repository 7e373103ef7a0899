//! Which number matters: what of the uncertainty of third line in 2040 each assumption has, for World and China.
//!
//!     cargo run --release --example sensitivity
//!
//! Prints tornado tables and Sobol' indices of the outlook's headline, at which share China passes 20,000 patients, what it
//! would be worth to know the share before places are provided, and one sentence. The error of the population's projection
//! is that of its revisions, 0.06 % a year, which the outlook itself takes as none. Of the sojourn times, which the outlook takes as
//! known because their source states no error, it is the widest that another study has for the median of a line, 7 %. Writes
//! `target/sensitivity/`: `indices.csv`, `tornado.csv`, `sensitivity.json` and a tornado chart for each region.

mod common;

use std::fmt::Write;
use std::process::ExitCode;

use common::people;
use myeloma_epi::pathway::evidence::Preset;
use myeloma_epi::report::{self, chart};
use myeloma_epi::sensitivity::{
    Decision, GivenData, OneWay, OneWayOptions, SobolIndices, SobolOptions,
};
use myeloma_epi::{Outlook, OutlookModel, OutlookModelOptions, OutlookOptions, figures};

fn main() -> ExitCode {
    common::run("sensitivity", run)
}

fn run(out: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let outlook = Outlook::of(figures::press_release(), &OutlookOptions::myeloma())?;
    let asked = OutlookModelOptions {
        sojourn_error: Some(sojourn_error()?),
        ..OutlookModelOptions::default()
    };
    let (mut indices_csv, mut tornados, mut all, mut files) =
        (String::new(), Vec::new(), Vec::new(), Vec::new());
    let mut sentences = Vec::new();
    for region in ["World", "China"] {
        let model = outlook.model(region, &asked)?;
        let indices = model.indices(&SobolOptions::default())?;
        let tornado = model.one_way(&OneWayOptions::default())?;
        writeln!(out, "{indices}")?;
        let last = tornado.last().ok_or("no output")?;
        writeln!(out, "{last}")?;
        sentences.push(sentence(&indices, &last.output)?);
        let caption = "Press release of 27 November 2025; share of those diagnosed who reach third line 30-40 %.";
        let svg = chart::tornado(last, &last.output, "patients a year", caption)?;
        files.push((format!("tornado_{}.svg", region.to_lowercase()), svg));
        let csv = indices.to_csv();
        indices_csv += if indices_csv.is_empty() {
            &csv
        } else {
            csv.split_once('\n').map_or("", |(_, rows)| rows)
        };
        tornados.extend(tornado);
        all.push(indices);
        if region == "China" {
            threshold(out, &model)?;
        }
        studies(out, &outlook, region, asked)?;
    }
    decision(out, &outlook)?;
    for sentence in sentences {
        writeln!(out, "{sentence}")?;
    }
    files.push(("indices.csv".to_owned(), indices_csv));
    files.push(("tornado.csv".to_owned(), OneWay::to_csv(&tornados)));
    let json = serde_json::json!({"indices": all, "tornados": tornados});
    files.push((
        "sensitivity.json".to_owned(),
        serde_json::to_string_pretty(&json)? + "\n",
    ));
    let files: Vec<(&str, &String)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text))
        .collect();
    for file in report::write("target/sensitivity", &files)? {
        writeln!(out, "wrote {}", file.display())?;
    }
    Ok(())
}

/// The sampling error of the median time in second line at West China (22.0 months, 95 % 18.9 to 25.0, of 257 patients).
fn sojourn_error() -> myeloma_epi::Result<f64> {
    let delay = Preset::of("west_china")?.delay()?;
    Ok(delay.second_line().relative_error())
}

/// Which input has most of the variance, and which the least.
fn sentence(indices: &SobolIndices, output: &str) -> Result<String, Box<dyn std::error::Error>> {
    let output = indices.output(output)?;
    let mut inputs: Vec<_> = output.inputs.iter().collect();
    inputs.sort_by(|a, b| b.total.estimate.total_cmp(&a.total.estimate));
    let [first, second, .., last] = inputs[..] else {
        return Err("fewer than three inputs".into());
    };
    let of = if indices.of_ranks() {
        "variance of ranks"
    } else {
        "variance"
    };
    let share = |index: f64| format!("{:.0} %", 100.0 * index.max(0.0));
    Ok(format!(
        "{}: {} has {} of the {of}, {} {}; knowing {} would take away {}.",
        output.output,
        first.input,
        share(first.total.estimate),
        second.input,
        share(second.total.estimate),
        last.input,
        share(last.first.estimate)
    ))
}

fn threshold(out: &mut String, model: &OutlookModel) -> Result<(), Box<dyn std::error::Error>> {
    let name = "China: start third line in 2040";
    write!(
        out,
        "{}",
        model.threshold(name, "share of third line", (0.05, 0.95), 20_000.0)?
    )?;
    Ok(())
}

/// The same where it is open which study the share comes from.
fn studies(
    out: &mut String,
    outlook: &Outlook,
    region: &str,
    asked: OutlookModelOptions,
) -> Result<(), Box<dyn std::error::Error>> {
    let with_studies = OutlookModelOptions {
        studies: true,
        ..asked
    };
    let model = outlook.model(region, &with_studies)?;
    let options = SobolOptions {
        points: 1 << 12,
        ..SobolOptions::default()
    };
    let indices = model.indices(&options)?;
    let output = indices.outputs().last().ok_or("no output")?;
    let names: Vec<&str> = model.studies().map(|(name, _)| name).collect();
    writeln!(
        out,
        "{}, whichever study the share comes from ({}), each alike: {:.0} % of the variance of ranks is which study\n",
        output.output,
        names.join(", "),
        100.0 * output.input("study behind the share")?.total.estimate
    )?;
    Ok(())
}

/// Places for those who start third line in China: one too few costs three times what one too many does.
fn decision(out: &mut String, outlook: &Outlook) -> Result<(), Box<dyn std::error::Error>> {
    let options = outlook.options();
    let starts = outlook
        .region("China")?
        .third_line_starts()
        .ok_or("no delay")?
        .year(2040)?
        .to_vec();
    let places: Vec<f64> = (0..=60).map(|i| 5_000.0 + 500.0 * f64::from(i)).collect();
    let decision = Decision::capacity(&starts, &places, 3.0, 1.0)?;
    let share = options.share.draws(options.draws, options.seed)?;
    let data = GivenData::new([("share", share)])?;
    let value = data.evppi(&["share"], &decision, options.seed)?;
    let best: f64 = decision.options()[decision.best()].parse()?;
    writeln!(
        out,
        "China 2040, if a place too few costs 3 and one too many 1: {} places; to know everything is worth {}, to know the \
         share {value}\n",
        people(best),
        people(decision.evpi().value)
    )?;
    Ok(())
}
