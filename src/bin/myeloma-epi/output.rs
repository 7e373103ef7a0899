//! What the commands have in common: in which form an answer is printed, where files go, how a program ends.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use myeloma_epi::Seed;
use myeloma_epi::figures::Mark;
use myeloma_epi::report::{self, Digits};

use crate::argument_values;

/// The form in which an answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// A table for a terminal
    #[default]
    Text,
    /// Comma-separated values, one tidy table
    Csv,
    /// JSON for other programs
    Json,
    /// One page for a browser, with everything inside
    Html,
    /// An Excel workbook
    #[cfg(feature = "xlsx")]
    Xlsx,
}

/// A mistake in the command line: exit status 2.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Usage {}

fn usage(message: &str) -> Usage {
    Usage(message.to_owned())
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Output {
    /// The form in which the answer is printed
    #[arg(
        long,
        value_enum,
        default_value_t,
        global = true,
        help_heading = "Output"
    )]
    format: Format,
    /// Write the answer's files (tables, charts, of some commands JSON) into this folder, whole or not at all
    #[arg(long, value_name = "DIR", global = true, help_heading = "Output")]
    out: Option<PathBuf>,
    /// All digits of the numbers in tables, in place of at most six significant ones
    #[arg(long, global = true, help_heading = "Output")]
    exact: bool,
    /// The number that all random draws follow from: the same seed, the same answer
    #[arg(long, value_name = "NUMBER", global = true, help_heading = "Draws")]
    seed: Option<u64>,
    /// The number of draws
    #[arg(long, value_name = "NUMBER", global = true, help_heading = "Draws", value_parser = argument_values::at_least_one)]
    pub(crate) draws: Option<usize>,
    /// The number of threads; the answer does not depend on it
    #[arg(long, value_name = "NUMBER", global = true, help_heading = "Draws", value_parser = argument_values::threads)]
    threads: Option<usize>,
}

impl Output {
    /// Sets the number of threads.
    pub(crate) fn prepare(&self) -> Result<(), String> {
        let Some(threads) = self.threads else {
            return Ok(());
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build_global().map_err(|error| error.to_string())
    }

    pub(crate) fn seed(&self) -> Seed {
        self.seed.map_or_else(Seed::default, Seed::new)
    }

    /// Whether the answer is printed in this form.
    pub(crate) fn is(&self, format: Format) -> bool {
        self.format == format
    }

    /// Whether files are written, too.
    pub(crate) const fn writes_files(&self) -> bool {
        self.out.is_some()
    }

    /// Says that a number of draws or a seed is given to a command that draws nothing.
    pub(crate) fn without_draws(&self) {
        for option in self.of_draws() {
            no_effect(option, "this command draws nothing");
        }
    }

    /// Says that all digits are asked for of tables whose digits are always the same.
    pub(crate) fn of_fixed_digits(&self) {
        if self.exact {
            no_effect("--exact", "the digits of these tables are always the same");
        }
    }

    /// What is stated of draws: their number, their seed.
    pub(crate) fn of_draws(&self) -> impl Iterator<Item = &'static str> {
        let draws = self.draws.map(|_| "--draws");
        draws.into_iter().chain(self.seed.map(|_| "--seed"))
    }

    /// The digits of the numbers in tables.
    pub(crate) fn digits(&self) -> Digits {
        self.digits_where(matches!(self.format, Format::Csv | Format::Html))
    }

    /// The same where a table of such numbers is printed, or written beside the files of `--out`.
    pub(crate) fn digits_where(&self, there_is_a_table: bool) -> Digits {
        if self.exact && !there_is_a_table && self.out.is_none() {
            no_effect("--exact", "it is of the tables of --format csv and --out");
        }
        if self.exact { Digits::All } else { Digits::Six }
    }

    /// Writes the files, then prints the answer, as a page under a title, and says how the program ends.
    pub(crate) fn finish(&self, answer: Result<Answer, Box<dyn Error>>, title: &str) -> ExitCode {
        match answer.and_then(|answer| self.give(answer, title)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                tell(&format!("myeloma-epi: {}", plain(&error.to_string())));
                if error.is::<Usage>() {
                    ExitCode::from(2)
                } else {
                    ExitCode::FAILURE
                }
            }
        }
    }

    fn give(&self, answer: Answer, title: &str) -> Result<(), Box<dyn Error>> {
        if let Some(folder) = &self.out {
            if answer.files.is_empty() {
                return Err(usage("this command writes no files: leave --out away").into());
            }
            let files = answer.files.iter();
            let files: Vec<(&str, &str)> = files.map(|(name, text)| (&**name, &**text)).collect();
            for file in report::write(folder, &files)? {
                // The answer itself is for standard output.
                tell(&format!("wrote {}", file.display()));
            }
        }
        let on_terminal = io::stdout().is_terminal();
        let text = match self.format {
            Format::Text => plain(&answer.text),
            Format::Csv => {
                for sentence in &answer.beside_table {
                    tell(&plain(sentence));
                }
                answer
                    .first_file(".csv")
                    .ok_or_else(|| usage("this command has no table: --format text or json"))?
            }
            Format::Html => answer.page(title)?,
            Format::Json => (answer.json.clone())
                .or_else(|| answer.first_file(".json"))
                .ok_or_else(|| usage("this command has no JSON: --format text or csv"))?,
            #[cfg(feature = "xlsx")]
            Format::Xlsx => {
                let workbook = answer.xlsx.ok_or_else(|| {
                    usage("only the outlook has a workbook: --format text, csv or json")
                })?;
                if on_terminal {
                    return Err("a workbook cannot be printed on a terminal: > outlook.xlsx".into());
                }
                return written(&workbook);
            }
        };
        written(shown(text, on_terminal).as_bytes())
    }
}

/// The years that are marked and not used, as a sentence; none where there are none.
pub(crate) fn left_out(marks: impl IntoIterator<Item = (i32, Mark)>) -> Option<String> {
    let years = marks
        .into_iter()
        .map(|(year, mark)| format!("{year} ({mark})"));
    let years: Vec<String> = years.collect();
    (!years.is_empty()).then(|| format!("left out: {}", years.join(", ")))
}

/// Says something beside the answer; nobody may be left to read it.
pub(crate) fn tell(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}

/// Says that an option has nothing to act on.
pub(crate) fn no_effect(option: &str, why: &str) {
    tell(&format!("myeloma-epi: {option} has no effect here: {why}"));
}

/// Writes an answer to standard output.
fn written(answer: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    match out.write_all(answer).and_then(|()| out.flush()) {
        // A reader that closes its end, as `head` does, has seen enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// An answer as it is printed: in a file or a pipe a name is as it was read.
fn shown(text: String, on_terminal: bool) -> String {
    if on_terminal { plain(&text) } else { text }
}

/// Names from files do not command the terminal.
fn plain(text: &str) -> String {
    text.replace(|c: char| c.is_control() && c != '\n', " ")
}

/// What a command answers, in every form that it has.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) text: String,
    /// JSON that is no file.
    pub(crate) json: Option<String>,
    #[cfg(feature = "xlsx")]
    pub(crate) xlsx: Option<Vec<u8>>,
    /// What a reader of the table has to know, which stands in the text and has no place in the table.
    pub(crate) beside_table: Vec<String>,
    /// Names and contents: the first table is the one that is printed, and so the first JSON.
    pub(crate) files: Vec<(Cow<'static, str>, String)>,
}

/// The command line, as it is told to whoever reads a page.
pub(crate) fn command_line() -> String {
    let arguments = std::env::args_os().skip(1).map(|argument| {
        let argument = argument.to_string_lossy().into_owned();
        if argument.contains(char::is_whitespace) {
            format!("\"{argument}\"")
        } else {
            argument
        }
    });
    let program = std::iter::once("myeloma-epi".to_owned());
    program.chain(arguments).collect::<Vec<_>>().join(" ")
}

impl Answer {
    fn first_file(&self, ending: &str) -> Option<String> {
        let first = self.files.iter().find(|(name, _)| name.ends_with(ending))?;
        Some(first.1.clone())
    }

    /// The page of its own that it has, or the answer, its charts and its tables as one.
    fn page(&self, title: &str) -> Result<String, Box<dyn Error>> {
        if let Some(page) = self.first_file(".html") {
            return Ok(page);
        }
        let files = self.files.iter().map(|(name, text)| (&**name, &**text));
        let json = self.json.iter().map(|json| ("answer.json", &**json));
        let files: Vec<(&str, &str)> = files.chain(json).collect();
        Ok(report::page(title, &self.text, files, &command_line())?)
    }

    pub(crate) fn of_text(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_commands_no_terminal_and_is_exact_elsewhere() {
        let table = "region,cases\n\"A\u{1b}[2J\u{9b}31m\",5\n";
        assert_eq!(shown(table.to_owned(), false), table);
        let printed = shown(table.to_owned(), true);
        assert_eq!(printed, "region,cases\n\"A [2J 31m\",5\n");
    }
}
