//! Patients one by one, and their numbers beside the expected ones.
//!
//!     cargo run --release --example patient_histories
//!
//! Simulates a pathway with time off treatment, prints the histories of three patients, and then the numbers
//! of all patients beside those of the cohort convolution.

mod common;

use std::fmt::Write;
use std::process::ExitCode;

use myeloma_epi::pathway::{
    Entry, FlowOptions, Line, Moment, Pathway, Patient, PatientEvent, Share, SojournTime,
};
use myeloma_epi::{Seed, YearlyDraws};
use ndarray::Array2;

const FIRST_YEAR: i32 = 2015;
const LAST_YEAR: i32 = 2030;
const A_YEAR: u32 = 5_000;

fn main() -> ExitCode {
    common::run("patient_histories", run)
}

fn run(out: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let pathway = pathway()?;
    write!(out, "{pathway}")?;

    let years = (FIRST_YEAR..=LAST_YEAR).count();
    let cohorts = vec![u64::from(A_YEAR); years];
    let (entry, seed) = (Entry::default(), Seed::default());
    let patients = pathway.histories(FIRST_YEAR, &cohorts, entry, seed)?;
    for number in [3, 4, 5] {
        print_history(out, number, &patients[number - 1])?;
    }

    let simulated = pathway.simulate(FIRST_YEAR, &cohorts, entry, seed)?;
    let incidence = Array2::from_elem((years, 1), f64::from(A_YEAR));
    let incidence = YearlyDraws::new(FIRST_YEAR, incidence)?;
    let options = FlowOptions {
        cohorts: Some(FIRST_YEAR..=LAST_YEAR),
        ..FlowOptions::to(LAST_YEAR)
    };
    let expected = pathway.flow(&incidence, &options)?;
    writeln!(
        out,
        "\n{:<25}{:>10}{:>10}",
        LAST_YEAR, "simulated", "expected"
    )?;
    for line in 1..=pathway.lines() {
        let mut row = |name: &str, simulated: f64, expected: f64| {
            let name = format!("{name} {line}");
            writeln!(out, "{name:<25}{simulated:>10.0}{expected:>10.1}")
        };
        let numbers = [&simulated, &expected].map(|flow| flow.starts(line));
        let [a, b] = numbers;
        row("start line", a?.median(LAST_YEAR)?, b?.median(LAST_YEAR)?)?;
        let numbers = [&simulated, &expected].map(|flow| flow.in_line(line, Moment::YearEnd));
        let [a, b] = numbers;
        row(
            "at year end in line",
            a?.median(LAST_YEAR)?,
            b?.median(LAST_YEAR)?,
        )?;
    }
    Ok(())
}

/// Three lines; of those who end first line most have a treatment-free interval. The numbers are for illustration.
fn pathway() -> myeloma_epi::Result<Pathway> {
    let off = Line::new(SojournTime::log_normal(1.0, 0.8)?, Share::new(0.8)?);
    Pathway::of_lines([
        Line::new(SojournTime::weibull(1.2, 2.5)?, Share::new(0.25)?)
            .with_death(Share::new(0.25)?)
            .with_off_treatment(Share::new(0.45)?, off),
        Line::new(SojournTime::weibull(1.0, 1.5)?, Share::new(0.6)?),
        Line::new(SojournTime::weibull(0.95, 1.0)?, Share::new(0.0)?).with_death(Share::new(0.7)?),
    ])
}

/// One row an event: its date, the time since diagnosis, and what happens.
fn print_history(out: &mut String, number: usize, patient: &Patient) -> std::fmt::Result {
    writeln!(
        out,
        "\npatient {number}, diagnosed {:.1}",
        patient.diagnosed
    )?;
    for (time, event) in &patient.events {
        let what = match event {
            PatientEvent::LineStarts(line) => format!("line {line} begins"),
            PatientEvent::OffTreatment(line) => format!("line {line} ends, off treatment"),
            PatientEvent::Death => "dies".to_owned(),
            PatientEvent::LostToTherapy => "no further therapy".to_owned(),
            PatientEvent::NeverTreated => "never treated".to_owned(),
            other => format!("{other:?}"),
        };
        writeln!(
            out,
            "  {time:.1}  {:>4.1} years  {what}",
            time - patient.diagnosed
        )?;
    }
    writeln!(out, "  followed to the end of {LAST_YEAR}")
}
