//! What "30–40 % of patients may progress to third-line therapy" comes to, reading by reading and
//! study by study, for World and China.
//!
//!     cargo run --release --example third_line
//!
//! Third-line starts by calendar year: median and 95 % interval, of the outlook's headline. The intervals of the studies
//! hold the uncertainty of their numbers of patients and, where one was published, of their median sojourn times. Those who
//! start third line in 2025 were diagnosed years before: incidence is continued backwards from the first figure.
//! Writes `target/third_line/`: `third_line.csv`, what its columns mean, and `readings.svg`, the starts of 2040.

mod common;

use std::fmt::Write;
use std::process::ExitCode;

use myeloma_epi::pathway::FollowUp;
use myeloma_epi::pathway::evidence::{Calibration, Measure, Preset, Study};
use myeloma_epi::{Outlook, OutlookOptions, ThirdLineOptions, figures, report};

/// Six years of accrual, cut at their end.
const FOLLOW_UP: FollowUp = FollowUp::Accrual {
    accrual: 6.0,
    further: 0.0,
    growth: 0.0,
};

fn main() -> ExitCode {
    common::run("third_line", run)
}

fn run(out: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let options = OutlookOptions {
        draws: 10_000,
        ..OutlookOptions::myeloma()
    };
    let outlook = Outlook::of(figures::press_release(), &options)?;
    let table = outlook.third_line_table(&ThirdLineOptions::default())?;
    writeln!(out, "{table}")?;
    let delay = Preset::of("cmrg")?.delay()?;
    writeln!(
        out,
        "The readings: exponential sojourn times with the median PFS of czech_rmg, {:.0} months to third line in the \
         median; second line reached as in cmrg; growth as in the forecast. As a crude share at a data cut the range \
         needs the follow-up of the study behind it, which the source does not name.\n",
        12.0 * delay.median()
    )?;
    print_studies(out)?;
    let caption = "Figures: press release of IASO Bio, 27 November 2025.";
    let files = [
        ("third_line.csv", table.to_csv()),
        (
            "readings.svg",
            report::chart::readings(&table, 2040, caption)?,
        ),
    ];
    for file in report::write("target/third_line", &files)? {
        writeln!(out, "wrote {}", file.display())?;
    }
    Ok(())
}

/// What the studies measured, what had to be assumed, and what they leave open.
fn print_studies(out: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    for study in Study::shipped() {
        for preset in study.presets()? {
            write!(out, "{preset}")?;
        }
    }
    for study in Study::shipped()
        .iter()
        .filter(|study| !study.no_preset.is_empty())
    {
        writeln!(out, "{}\n  no preset: {}", study.id, study.no_preset)?;
        if study.id == "pharos_nl" {
            open_sojourn_times(out)?;
        }
    }
    Ok(())
}

/// The Dutch shares with the median sojourn times anywhere between a third of the Czech ones and the Czech
/// ones.
fn open_sojourn_times(out: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let crude = Study::of("pharos_nl")?.by_line(Measure::CrudeReach);
    let czech = Preset::of("czech_rmg")?.delay()?;
    let [first, second] = [czech.first_line(), czech.second_line()];
    let calibrated = Calibration::new([first.clone(), second.clone()])
        .with_open_sojourn_time(1, first.median() / 3.0, first.median())?
        .with_open_sojourn_time(2, second.median() / 3.0, second.median())?
        .with_crude_shares(FOLLOW_UP, &[crude[0].value, crude[1].value])?
        .solve()?;
    if let Some((low, high)) = calibrated.median_range(1)? {
        writeln!(
            out,
            "  with sojourn times left open, from a third of the Czech ones to the Czech ones, at the end of \
             2013: first line {:.0} to {:.0} months in the median",
            12.0 * low,
            12.0 * high
        )?;
    }
    if let Some((low, high)) = calibrated.ultimate_third_line_range() {
        writeln!(
            out,
            "  undetermined: {:.0} to {:.0} % ever reach third line; {} combinations of the parameters \
             that the crude shares cannot tell apart",
            100.0 * low,
            100.0 * high,
            calibrated.undetermined().len()
        )?;
    }
    Ok(())
}
