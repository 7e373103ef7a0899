//! The answer in one command: the published figures, the curves through them, and what follows.
//!
//!     cargo run --release --example outlook [-- --relative-error 0.05]
//!
//! Prints a table for World and China and writes `target/outlook/`.

use myeloma_epi::{Outlook, OutlookOptions, figures, report};

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
            _ => return Err("usage: outlook [--relative-error 0.03]".into()),
        }
    }
    let outlook = Outlook::of(figures::press_release(), &options)?;
    print!("{}", report::text(&outlook));
    for file in report::write(&outlook, "target/outlook")? {
        println!("wrote {}", file.display());
    }
    Ok(())
}
