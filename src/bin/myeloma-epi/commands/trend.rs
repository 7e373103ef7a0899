//! Annual percent change and joinpoints.

use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use myeloma_epi::joinpoint::{
    AnnualSeries, ErrorVariance, Intervals, JoinpointOptions, JoinpointRegression, LogLinearTrend,
};
use myeloma_epi::readers::Unit;
use myeloma_epi::{IncidenceSeries, figures, report};

use crate::file::FileArguments;
use crate::output::{Answer, Format, Output, left_out};

#[derive(Debug, Args)]
#[command(after_help = "Example: myeloma-epi trend")]
pub(crate) struct Arguments {
    /// Columns `year`, `cases` or `rate` and, if there are any, `standard_error`, or any file that `convert` knows; without
    /// it new cases in the United States
    file: Option<PathBuf>,
    /// What of the file: its numbers, or rates; without it numbers, where it has them
    #[arg(long, value_enum, requires = "file")]
    of: Option<Of>,
    #[command(flatten)]
    of_file: FileArguments,
}

/// What a trend is of.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Of {
    /// Numbers of new cases
    Numbers,
    /// Crude or age-specific rates
    Rates,
    /// Age-standardised rates
    StandardisedRates,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<Answer, Box<dyn Error>> {
    let series = if let Some(file) = &arguments.file {
        let unit = arguments.of.map(|of| match of {
            Of::Numbers => Unit::Number,
            Of::Rates => Unit::Rate,
            Of::StandardisedRates => Unit::StandardisedRate,
        });
        arguments.of_file.series(file, unit)?
    } else {
        let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
        AnnualSeries::from(&usa)
    };
    let variance = if series.has_standard_errors() {
        ErrorVariance::StandardErrors
    } else {
        ErrorVariance::Constant
    };
    let digits = output.digits();
    let level = JoinpointOptions::default().level;
    let mut text = "One trend for all years\n".to_owned();
    let marked = series.left_out();
    let mut beside_table = Vec::from_iter(left_out(marked.clone()));
    if series.is_of_counts() {
        let trend = LogLinearTrend::quasi_poisson(&series, level)?;
        writeln!(text, "{trend}")?;
        beside_table.extend_from_slice(trend.cautions());
    }
    let is_zero = |(year, value): (i32, f64)| value == 0.0 && !marked.contains_key(&year);
    if series.is_of_counts() && series.values().any(is_zero) {
        let why = "no joinpoints: a value of 0 has no logarithm";
        if output.writes_files() || !output.is(Format::Text) {
            return Err(format!("{why}, and without them there is no table, JSON or chart").into());
        }
        writeln!(text, "{why}")?;
        output.without_draws();
        return Ok(Answer::of_text(text));
    }
    let trend = LogLinearTrend::least_squares(&series, variance, level)?;
    let regression = JoinpointRegression::fit(&series, &options(variance, output))?;
    write!(text, "{trend}\n\n{regression}")?;
    let json = serde_json::to_string_pretty(&regression)? + "\n";
    let csv = regression.to_csv(digits);
    let new = regression.cautions().iter();
    let new: Vec<String> = new
        .filter(|new| !beside_table.contains(new))
        .cloned()
        .collect();
    beside_table.extend(new);
    Ok(Answer {
        text,
        beside_table,
        files: vec![
            ("segments.csv".into(), csv),
            ("joinpoint.json".into(), json),
            (
                "joinpoints.svg".into(),
                report::chart::joinpoints(&series, &regression, "")?,
            ),
        ],
        ..Answer::default()
    })
}

/// The defaults; the draws of this command are resampled series.
fn options(variance: ErrorVariance, output: &Output) -> JoinpointOptions {
    let mut options = JoinpointOptions {
        variance,
        ..JoinpointOptions::default()
    };
    if let Intervals::Resampled { resamples, seed } = &mut options.intervals {
        *resamples = output.draws.unwrap_or(*resamples);
        *seed = output.seed();
    }
    options
}
