//! The program `myeloma-epi`: the library's answers for whoever does not write Rust.
//!
//! `myeloma-epi --help` lists the commands; each has an example. Exit status: 0, 1 where the data or the request cannot
//! be met, 2 where the command line is wrong.
#![forbid(unsafe_code)]

mod argument_values;
mod commands;
mod file;
mod output;
mod population;
mod progress;

use std::hint::black_box;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use commands::{
    access, backtest, convert, demography, fit, outlook, pathway, sensitivity, third_line, trend,
};
use output::{Answer, Output};

/// Multiple myeloma: new cases a year, how sure that is, and how many patients reach third line.
#[derive(Debug, Parser)]
#[command(name = "myeloma-epi", version, propagate_version = true)]
struct Program {
    #[command(flatten)]
    output: Output,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// New cases a year to 2040 with their uncertainty, and patients who reach third line
    Outlook(outlook::Arguments),
    /// Third-line starts by calendar year, for each reading of "30-40 %" and each study
    ThirdLine(third_line::Arguments),
    /// A growth curve through yearly counts, or all curves compared
    Fit(fit::Arguments),
    /// Annual percent change and joinpoints of yearly counts or rates
    Trend(trend::Arguments),
    /// Patients by line of therapy and calendar year, from a model file
    Pathway(pathway::Arguments),
    /// Who becomes eligible for equecabtagene autoleucel where it is approved
    Access(access::Arguments),
    /// Population by age: expected cases at constant rates, and what a change is made of
    Demography(demography::Arguments),
    /// Which assumption matters: parts of the variance of the last year, and tornado charts
    Sensitivity(sensitivity::Arguments),
    /// How forecasts would have done on past years of a panel of registries
    Backtest(backtest::Arguments),
    /// Exports of GBD, GLOBOCAN, WONDER, SEER*Stat and others as tidy rows
    Convert(convert::Arguments),
    /// Completions for a shell, on standard output
    #[command(hide = true)]
    Completions {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
    /// The manual page, on standard output
    #[command(hide = true)]
    Man,
}

/// As many bytes as the GNU allocator takes from its own heaps at the most. Once a block of that size has been freed it keeps
/// twice as much of what is freed later (mallopt(3), `M_MMAP_THRESHOLD`); before that the draws of each region are taken from the system
/// and given back page by page, which is a fifth of the time of an outlook of many regions. Elsewhere it does nothing.
const LARGEST_HEAP_BLOCK: usize = 32 << 20;

fn main() -> ExitCode {
    drop(black_box(Vec::<u8>::with_capacity(
        LARGEST_HEAP_BLOCK - (1 << 20),
    )));
    let mut command = Program::command();
    let matches = command.get_matches_mut();
    let program = match Program::from_arg_matches(&matches) {
        Ok(program) => program,
        Err(error) => error.exit(),
    };
    let what = matches.subcommand_name().unwrap_or_default();
    let about = command.find_subcommand(what).and_then(|c| c.get_about());
    let title = about.map_or_else(String::new, ToString::to_string);
    if let Err(message) = program.output.prepare() {
        output::tell(&format!("myeloma-epi: {message}"));
        return ExitCode::from(2);
    }
    let answer = progress::work(|| match &program.command {
        Command::Outlook(arguments) => outlook::run(arguments, &program.output),
        Command::ThirdLine(arguments) => third_line::run(arguments, &program.output),
        Command::Fit(arguments) => fit::run(arguments, &program.output),
        Command::Trend(arguments) => trend::run(arguments, &program.output),
        Command::Pathway(arguments) => pathway::run(arguments, &program.output),
        Command::Access(arguments) => access::run(arguments, &program.output),
        Command::Demography(arguments) => demography::run(arguments, &program.output),
        Command::Sensitivity(arguments) => sensitivity::run(arguments, &program.output),
        Command::Backtest(arguments) => backtest::run(arguments, &program.output),
        Command::Convert(arguments) => convert::run(arguments, &program.output),
        Command::Completions { shell } => Ok(completions(*shell)),
        Command::Man => manual(),
    });
    program.output.finish(answer, &title)
}

fn completions(shell: clap_complete::Shell) -> Answer {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Program::command(), "myeloma-epi", &mut text);
    Answer::of_text(String::from_utf8_lossy(&text).into_owned())
}

fn manual() -> Result<Answer, Box<dyn std::error::Error>> {
    let mut text = Vec::new();
    clap_mangen::Man::new(Program::command()).render(&mut text)?;
    Ok(Answer::of_text(String::from_utf8_lossy(&text).into_owned()))
}
