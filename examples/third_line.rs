//! What "30–40 % of patients may progress to third-line therapy" comes to, reading by reading and
//! study by study, for World and China.
//!
//!     cargo run --release --example third_line
//!
//! Third-line starts by calendar year: median and 95 % interval. The intervals of the studies hold the
//! uncertainty of their numbers of patients and, where one was published, of their median stays. Draws of incidence continue the
//! curves backwards to 1995, since those who start third line in 2025 were diagnosed years before.

use std::fmt::Write;

use myeloma_epi::figures::third_line_share;
use myeloma_epi::pathway::evidence::{Calibration, preset, presets, studies, study};
use myeloma_epi::pathway::{
    Assumptions, Delay, FlowOptions, FollowUp, Reading, ShareDistribution, SojournTime,
    UltimateShare,
};
use myeloma_epi::{Outlook, OutlookOptions, Projection, figures};

const FROM: i32 = 1995;
const YEARS: [i32; 4] = [2025, 2030, 2035, 2040];
const DRAWS: usize = 10_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = OutlookOptions::default()
        .with_first_year(FROM)
        .with_draws(DRAWS);
    let outlook = Outlook::of(figures::press_release(), &options)?;
    let evidence = preset("cmrg")?;
    let delay = &evidence.delay;
    let median = 12.0 * delay.median();
    for region in outlook.regions() {
        let incidence = region.incidence();
        let name = region.series().region();
        println!("{name}: third-line starts by calendar year, median (95 % interval)");
        println!(
            "delay: exponential stays with the median PFS of czech_rmg; median {median:.0} months"
        );
        println!(
            "assumed for the other readings: 6 years of accrual cut at their end; by 5 years; second \
             line reached as in cmrg; incidence growing as from 2019 to 2024"
        );
        print!("{:<44}{:>14}", "", "ultimate, %");
        for year in YEARS {
            print!("{year:>26}");
        }
        println!();
        let growth = {
            let cases = incidence.cases();
            (cases.median(2024)? / cases.median(2019)?).ln() / 5.0
        };
        // The alternatives need assumptions; each is a stated one, not a figure.
        let assumptions = Assumptions::default()
            .with_delay(delay.clone())
            .with_follow_up(FollowUp::Accrual {
                accrual: 6.0,
                further: 0.0,
                growth: 0.0,
            })
            .with_years(5.0)
            .with_reached_second_line(
                preset("cmrg")?
                    .pathway
                    .groups()
                    .iter()
                    .map(|group| {
                        group.weight().central(2020) * group.lines()[0].next().central(2020)
                    })
                    .sum(),
            )
            .with_growth(growth);
        for reading in Reading::ALL {
            let label = format!("30-40 % as {}", reading.name());
            let share = reading.ultimate(
                &third_line_share(),
                ShareDistribution::default(),
                &assumptions,
            );
            row(&label, share.map(|share| (share, delay.clone())), incidence);
        }
        for study in presets()? {
            let share = study.ultimate_share();
            row(study.id, share.map(|share| (share, study.delay)), incidence);
        }
        let starts = delay.starts(
            incidence.cases(),
            &options.share,
            &FlowOptions {
                seed: options.seed,
                ..FlowOptions::to(2040)
            },
        )?;
        for year in YEARS {
            let part = starts.part_diagnosed_before(year, region.series().first_year())?;
            println!(
                "{:.0} % of the starts of {year} were diagnosed before {}, the first published figure",
                100.0 * part,
                region.series().first_year()
            );
        }
        for caution in starts.cautions() {
            println!("caution: {caution}");
        }
        println!();
    }
    print_studies()
}

/// What the studies measured, what had to be assumed, and what they leave open.
fn print_studies() -> Result<(), Box<dyn std::error::Error>> {
    for study in presets()? {
        println!("{}", study.id);
        for text in &study.measured {
            println!("  measured: {text}");
        }
        for text in &study.assumed {
            println!("  assumed: {text}");
        }
        if let Some(calibrated) = &study.calibrated {
            for answer in &calibrated.undetermined {
                let share = answer
                    .ultimate_third_line
                    .map_or("impossible".to_owned(), |u| {
                        format!("{:.1} % ever reach third line", 100.0 * u)
                    });
                println!(
                    "  undetermined: with all stays times {}: {share}",
                    answer.scale
                );
            }
        }
    }
    for study in studies().iter().filter(|study| !study.refused.is_empty()) {
        println!("{}\n  no preset: {}", study.id, study.refused);
        if study.id == "pharos_nl" {
            open_stays()?;
        }
    }
    Ok(())
}

/// The Dutch shares with the median stays anywhere between a third of the Czech ones and the Czech ones.
fn open_stays() -> Result<(), Box<dyn std::error::Error>> {
    let shares: Vec<f64> = study("pharos_nl")?
        .figures("crude_reach")
        .take(2)
        .map(|figure| figure.value)
        .collect();
    let czech = preset("czech_rmg")?;
    let stays: Vec<SojournTime> = [czech.delay.first_line(), czech.delay.second_line()]
        .into_iter()
        .cloned()
        .collect();
    let [first, second] = [stays[0].median(), stays[1].median()];
    let calibrated = Calibration::new(stays)
        .with_open_stay(1, first / 3.0, first)?
        .with_open_stay(2, second / 3.0, second)?
        .with_crude_shares(
            FollowUp::Accrual {
                accrual: 6.0,
                further: 0.0,
                growth: 0.0,
            },
            &shares,
        )?
        .solve()?;
    println!(
        "  with open stays, a third of the Czech ones to the Czech ones, at the end of 2013: first line \
         {:.0} to {:.0} months in the median",
        12.0 * calibrated.medians[0].low,
        12.0 * calibrated.medians[0].high
    );
    if let Some(ultimate) = calibrated.ultimate_third_line {
        println!(
            "  undetermined: {:.0} to {:.0} % ever reach third line; {} directions that change no crude \
             share",
            100.0 * ultimate.low,
            100.0 * ultimate.high,
            calibrated.undetermined.len()
        );
    }
    Ok(())
}

fn row(label: &str, case: myeloma_epi::Result<(UltimateShare, Delay)>, incidence: &Projection) {
    print!("{label:<44}");
    let line = case.and_then(|(share, delay)| {
        let starts = delay.starts(incidence.cases(), &share, &FlowOptions::to(2040))?;
        let mut line = if share.low() < share.high() {
            format!(
                "{:>14}",
                format!("{:.0}-{:.0}", 100.0 * share.low(), 100.0 * share.high())
            )
        } else {
            format!("{:>14.0}", 100.0 * share.low())
        };
        for year in YEARS {
            let median = starts.starts().median(year)?;
            let (low, high) = starts.starts().interval(year, 0.95)?;
            let cell = format!("{median:.0} ({low:.0}-{high:.0})");
            write!(line, "{cell:>26}").map_err(myeloma_epi::Error::other)?;
        }
        Ok(line)
    });
    match line {
        Ok(line) => println!("{line}"),
        Err(error) => println!("  {error}"),
    }
}
