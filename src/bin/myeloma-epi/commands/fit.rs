//! A growth curve through yearly counts, or all curves compared.

use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use myeloma_epi::curve::Family;
use myeloma_epi::figures::{Figure, Mark, Status};
use myeloma_epi::fit::{Fit, FitOptions, Likelihood, compare, fit};
use myeloma_epi::report::Digits;
use myeloma_epi::{IncidenceSeries, figures};

use crate::file::{FileArguments, tell_of_shocks};
use crate::output::{Answer, Format, Output, Usage, left_out, no_effect, tell};

#[derive(Debug, Args)]
#[command(after_help = "Example: myeloma-epi fit --curve exponential --likelihood poisson")]
pub(crate) struct Arguments {
    /// Columns `year,cases` and, if wanted, `mark`, or any file that `convert` knows; without it new cases in the United States
    file: Option<PathBuf>,
    #[command(flatten)]
    of_file: FileArguments,
    /// `linear`, `exponential`, `logistic`, `gompertz` or `richards`; without it all are compared
    #[arg(long)]
    curve: Option<Family>,
    /// `gaussian`, `lognormal`, `poisson`, `quasi_poisson` or `negative_binomial`
    #[arg(long)]
    likelihood: Option<Likelihood>,
    /// The year for which values and intervals are given
    #[arg(long, value_name = "YEAR", default_value_t = 2040)]
    to: i32,
    /// A year that is an outlier for a known reason and is left out; may be repeated
    #[arg(long, value_name = "YEAR")]
    shock: Vec<i32>,
    /// A year that the registry still completes and that is left out; may be repeated
    #[arg(long, value_name = "YEAR")]
    provisional: Vec<i32>,
    /// Fit marked years, too
    #[arg(long)]
    all_years: bool,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<Answer, Box<dyn Error>> {
    output.without_draws();
    let mut series = match &arguments.file {
        Some(file) => arguments.of_file.counts(file)?,
        None => IncidenceSeries::from_figures(figures::registered(), "United States")?,
    };
    if arguments.all_years {
        if series.unmarked().count() == series.observations().len() {
            no_effect("--all-years", "no year is marked");
        }
        series = series.without_marks();
    }
    if let Some(year) = (arguments.shock.iter()).find(|year| arguments.provisional.contains(year)) {
        let message = format!("--shock and --provisional both name {year}: which is it?");
        return Err(Usage(message).into());
    }
    series = series
        .with_mark(Mark::Shock, arguments.shock.iter().copied())?
        .with_mark(Mark::Provisional, arguments.provisional.iter().copied())?;
    let mut statuses = series.figures().iter().map(Figure::status);
    let is_registered = statuses.all(|status| status == Status::Registered);
    if is_registered && series.marks().is_empty() && !arguments.all_years {
        let years = series.observations().iter().map(|count| count.year);
        tell_of_shocks(years, "; here --shock and --provisional");
    }
    let options = FitOptions {
        likelihood: arguments.likelihood.unwrap_or_default(),
        ..FitOptions::default()
    };
    if let Some(family) = arguments.curve {
        let fit = fit(family, &series, &options)?;
        let json = serde_json::to_string_pretty(&fit)? + "\n";
        let csv = compare(&[family], &series, &options, arguments.to).to_csv(output.digits());
        let cautions = fit
            .cautions()
            .into_iter()
            .map(|caution| caution.to_string());
        let beside_table: Vec<String> = left_out(fit.left_out())
            .into_iter()
            .chain(cautions)
            .collect();
        if output.is(Format::Json) {
            for sentence in &beside_table {
                tell(sentence);
            }
            let year = arguments.to;
            tell(&format!(
                "the JSON is the fit alone: --format text and csv have its value in {year}"
            ));
        }
        return Ok(Answer {
            text: format!("{fit}\n{}", in_year(&fit, arguments.to)?),
            beside_table,
            files: vec![("fit.json".into(), json), ("curves.csv".into(), csv)],
            ..Answer::default()
        });
    }
    let comparison = compare(&Family::ALL, &series, &options, arguments.to);
    let json = comparison.summary_json();
    let csv = comparison.to_csv(output.digits());
    let mut beside_table = Vec::from_iter(left_out(comparison.left_out().clone()));
    for curve in comparison.curves() {
        let of = curve.family();
        let cautions = curve.cautions().iter();
        beside_table.extend(cautions.map(|caution| format!("{of}: {caution}")));
    }
    Ok(Answer {
        text: comparison.to_string(),
        beside_table,
        files: vec![("comparison.json".into(), json), ("curves.csv".into(), csv)],
        ..Answer::default()
    })
}

/// The value of the curve in a year with its intervals, where it has any.
fn in_year(fit: &Fit<Family>, year: i32) -> Result<String, Box<dyn Error>> {
    let at = f64::from(year);
    let number = |x: f64| Digits::Six.text(x);
    let cases = match fit.curve().cases(at) {
        Ok(cases) => cases,
        Err(error) => return Ok(format!("no value in {year}: {error}\n")),
    };
    let mut text = format!("new cases in {year}: {}", number(cases));
    if let Some(fit) = fit.identified() {
        for (interval, of) in [
            (fit.confidence_interval(at, 0.95), "the curve"),
            (fit.prediction_interval(at, 0.95), "a new count about it"),
        ] {
            match interval {
                Ok((lower, upper)) => {
                    write!(
                        text,
                        "; 95 % of {of} {} to {}",
                        number(lower),
                        number(upper)
                    )?;
                }
                Err(error) => write!(text, "; no interval of {of}: {error}")?,
            }
        }
    }
    Ok(text + "\n")
}
