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
use crate::output::{Answer, Format, Output};

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
    let default = JoinpointOptions::default();
    let mut text = String::new();
    writeln!(text, "One trend for all years")?;
    if series.is_of_counts() {
        writeln!(
            text,
            "{}",
            LogLinearTrend::quasi_poisson(&series, default.level)?
        )?;
    }
    let has_zero = {
        let marked = series.left_out();
        let mut values = series.values();
        values.any(|(year, value)| value == 0.0 && !marked.contains_key(&year))
    };
    if has_zero && series.is_of_counts() {
        let why = "no joinpoints: a value of 0 has no logarithm";
        if output.writes_files() || !output.is(Format::Text) {
            return Err(format!("{why}, and without them there is no table, JSON or chart").into());
        }
        writeln!(text, "{why}")?;
        return Ok(Answer::of_text(text));
    }
    writeln!(
        text,
        "{}\n",
        LogLinearTrend::least_squares(&series, variance, default.level)?
    )?;
    // The draws of this command are resampled series.
    let intervals = match default.intervals {
        Intervals::Resampled { resamples, .. } => Intervals::Resampled {
            resamples: output.draws.unwrap_or(resamples),
            seed: output.seed(),
        },
        other => other,
    };
    let options = JoinpointOptions {
        variance,
        intervals,
        ..default
    };
    let regression = JoinpointRegression::fit(&series, &options)?;
    write!(text, "{regression}")?;
    let json = serde_json::to_string_pretty(&regression)? + "\n";
    let csv = regression.to_csv(digits);
    Ok(Answer {
        text,
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
