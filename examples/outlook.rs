//! The answer in one command: the published figures, the curves through them, and what follows.
//!
//!     cargo run --release --example outlook [-- --relative-error 0.05 --projection-error 0.2 --source-level 0.1]
//!
//! Prints a table for World and China and writes `target/outlook/`. The errors are standard deviations on
//! the log scale: of an observation and of a published projection that state none, and of the level of
//! a source, which is otherwise estimated from what other sources publish.

use myeloma_epi::{BetweenSource, Outlook, OutlookOptions, figures, report};

fn main() {
    if let Err(error) = run() {
        eprintln!("outlook: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut options = OutlookOptions::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), arguments.next()) {
            ("--relative-error", Some(value)) => {
                options = options.with_assumed_error(value.parse()?);
            }
            ("--projection-error", Some(value)) => {
                options = options.with_assumed_projection_error(value.parse()?);
            }
            ("--source-level", Some(value)) => {
                options = options.with_sources(BetweenSource::Stated(value.parse()?));
            }
            _ => {
                return Err(
                    "usage: outlook [--relative-error 0.03] [--projection-error 0.1] \
                     [--source-level 0.07]"
                        .into(),
                );
            }
        }
    }
    let outlook = Outlook::of(figures::press_release(), &options)?;
    print!("{}", report::text(&outlook));
    for file in report::write(&outlook, "target/outlook")? {
        println!("wrote {}", file.display());
    }
    Ok(())
}
