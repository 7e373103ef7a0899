//! What "30–40 % of patients may progress to third-line therapy" comes to, reading by reading and
//! study by study, for World and China.
//!
//!     cargo run --release --example third_line
//!
//! Third-line starts by calendar year: median and 95 % interval. The intervals of the studies hold the
//! uncertainty of their numbers of patients and, where one was published, of their median sojourn times.
//! Draws of incidence continue the curves backwards to 1995, since those who start third line in 2025 were
//! diagnosed years before.

mod common;

use std::fmt::Write;
use std::process::ExitCode;

use common::people;

use myeloma_epi::figures::third_line_share;
use myeloma_epi::pathway::evidence::{Calibration, Measure, Preset, Study};
use myeloma_epi::pathway::{
    Delay, FlowOptions, FollowUp, Reading, ShareDistribution, UltimateShare,
};
use myeloma_epi::{Outlook, OutlookOptions, YearlyDraws, figures};

const FROM: i32 = 1995;
const YEARS: [i32; 4] = [2025, 2030, 2035, 2040];
const DRAWS: usize = 10_000;
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
        from: Some(FROM),
        draws: DRAWS,
        ..OutlookOptions::myeloma()
    };
    let outlook = Outlook::of(figures::press_release(), &options)?;
    let delay = Preset::of("cmrg")?.delay()?;
    for region in outlook.regions() {
        let cases = region.new_cases();
        let first_figure = region.series().first_year();
        writeln!(
            out,
            "{}: third-line starts by calendar year, median (95 % interval)",
            region.series().region()
        )?;
        writeln!(
            out,
            "delay: exponential sojourn times with the median PFS of czech_rmg; median {:.0} months",
            12.0 * delay.median()
        )?;
        writeln!(
            out,
            "assumed for the other readings: 6 years of accrual cut at their end; by 5 years; second \
             line reached as in cmrg; incidence growing as from 2019 to 2024"
        )?;
        write!(out, "{:<44}{:>14}", "", "ultimate, %")?;
        for year in YEARS {
            write!(out, "{year:>26}")?;
        }
        writeln!(out)?;
        for reading in readings(&delay, cases)? {
            let share = reading.ultimate(&third_line_share(), ShareDistribution::default());
            let label = format!("30-40 % as {}", reading.name());
            writeln!(out, "{label:<44}{}", row(share?, &delay, cases)?)?;
        }
        for study in Study::shipped() {
            for preset in study.presets()? {
                let row = row(preset.ultimate_share()?, &preset.delay()?, cases)?;
                writeln!(out, "{:<44}{row}", preset.id)?;
            }
        }
        let flow = FlowOptions {
            seed: options.seed,
            ..cohorts()
        };
        let starts = delay.starts(cases, &options.share, &flow)?;
        for year in YEARS {
            writeln!(
                out,
                "{:.0} % of the starts of {year} were diagnosed before {first_figure}, the first \
                 published figure",
                100.0 * starts.part_diagnosed_before(year, first_figure)?
            )?;
        }
        for caution in starts.cautions() {
            writeln!(out, "caution: {caution}")?;
        }
        writeln!(out)?;
    }
    print_studies(out)
}

/// Those whom the outlook has draws for: it continues each curve backwards itself.
fn cohorts() -> FlowOptions {
    FlowOptions {
        cohorts: Some(FROM..=2040),
        ..FlowOptions::to(2040)
    }
}

/// The readings, each with an assumption that is stated and no figure.
fn readings(
    delay: &Delay,
    cases: &YearlyDraws,
) -> Result<[Reading; 5], Box<dyn std::error::Error>> {
    let canada = Preset::of("cmrg")?.pathway;
    let second_line = canada
        .groups()
        .iter()
        .map(|group| group.weight().central(2020) * group.lines()[0].next().central(2020));
    let delay = || delay.clone();
    Ok([
        Reading::Ultimate,
        Reading::Crude {
            delay: delay(),
            follow_up: FOLLOW_UP,
        },
        Reading::CumulativeIncidence {
            delay: delay(),
            years: 5.0,
        },
        Reading::OfPrevious {
            reached_second_line: second_line.sum(),
        },
        Reading::YearlyFlow {
            delay: delay(),
            growth: (cases.median(2024)? / cases.median(2019)?).ln() / 5.0,
        },
    ])
}

/// The share in percent, and the starts of each year.
fn row(
    share: UltimateShare,
    delay: &Delay,
    cases: &YearlyDraws,
) -> Result<String, Box<dyn std::error::Error>> {
    let starts = delay.starts(cases, &share, &cohorts())?;
    let (low, high) = (100.0 * share.low(), 100.0 * share.high());
    let range = if low < high {
        format!("{low:.0}-{high:.0}")
    } else {
        format!("{low:.0}")
    };
    let mut row = format!("{range:>14}");
    for year in YEARS {
        let median = starts.starts().median(year)?;
        let (low, high) = starts.starts().interval(year, 0.95)?;
        let [median, low, high] = [median, low, high].map(people);
        let cell = format!("{median} ({low}-{high})");
        write!(row, "{cell:>26}")?;
    }
    Ok(row)
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
