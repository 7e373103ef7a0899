//! What the examples share: numbers as people read them, and how an example ends. Files are written first, then
//! its text is printed, then what went wrong.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

/// A number of people with commas between thousands.
#[allow(dead_code, reason = "not every example prints people")]
pub(crate) fn people(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (i, digit) in digits.char_indices() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Runs an example, which collects its text and writes its files, and prints the text.
///
/// A reader that closes its end of a pipe, as `head` does, has seen enough: that is no error.
pub(crate) fn run(
    name: &str,
    example: impl FnOnce(&mut String) -> Result<(), Box<dyn Error>>,
) -> ExitCode {
    let mut text = String::new();
    let mut outcome = example(&mut text);
    // Names from files do not command the terminal.
    let text = text.replace(|c: char| c.is_control() && c != '\n', " ");
    let mut out = io::stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush())
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        outcome = outcome.and(Err(error.into()));
    }
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody may be left to read even this.
            let _ = writeln!(io::stderr(), "{name}: {error}");
            ExitCode::FAILURE
        }
    }
}
