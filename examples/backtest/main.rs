//! How the registry trend, growth curves and simple methods would have forecast past years.
//!
//!     cargo run --release --example backtest -- [PANEL.csv] [--shipped | --split YEAR] [--shocks LIST] [--provisional N]
//!
//! Forecasts from every year of every series of a panel, leaving out the series' own group from all
//! estimates, or with the shipped parameters (`--shipped`), or from that year on with estimates from the counts up to a
//! year (`--split 2008`), as they could have been made then. Prints the tables and writes
//! `target/backtest/forecasts.csv` and `calibration.svg`. Without a file it takes the crate's own national counts of
//! myeloma, with the shipped parameters.
//!
//! A panel has the columns `series_id`, `group`, `site`, `year` and `cases`. With a column `expected`, the cases that the
//! population would have at constant rates, the model is the registry trend of the rate (`myeloma-epi`), and that of the
//! counts stands beside it.
//!
//! Years of known shocks are neither fitted nor scored: 2020 and 2021, or those of the list, as
//! `2020,2021,england:2013` (a year of all series, or of one) or `none`. `--provisional 3` leaves out the
//! last three years of each series, which registries still complete.

mod baseline;
#[path = "../common/mod.rs"]
mod common;
mod empirical;
mod estimate;
mod growth_choice;
mod pool_as_shown;
mod quasi_newton;
mod registry_trend;
mod site_growth;
mod smoothing;
mod theta;

use std::error::Error;
use std::fmt::Write;
use std::process::ExitCode;

use baseline::Baseline;
use empirical::{EmpiricalErrors, Point};
use myeloma_epi::backtest::{
    Backtest, BacktestOptions, CurveForecaster, Forecaster, Panel, PanelSeries,
};
use myeloma_epi::{IncidenceSeries, Shocks, figures, report};
use pool_as_shown::PoolAsShown;
use registry_trend::{MYELOMA, TrendForecaster};

/// The name of the model in the tables, and what it is.
const MODEL: &str = "myeloma-epi is the registry trend.";

const USAGE: &str = "usage: backtest [PANEL.csv] [--shipped | --split YEAR] [--shocks YEARS|none] [--provisional N]";
/// What the outlook assumes of figures that state no error.
const RELATIVE_ERROR: f64 = 0.03;
/// Draws of the pool of an outlook at each origin: the 95 % limits of so many have a standard error of 7 % of their distance
/// from the median.
const POOL_DRAWS: usize = 400;

fn main() -> ExitCode {
    common::run("backtest", run)
}

fn run(out: &mut String) -> Result<(), Box<dyn Error>> {
    let (mut file, mut shipped, mut split) = (None, false, None);
    let mut options = BacktestOptions::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--shipped" => shipped = true,
            "--shocks" => options.shocks = shocks(&arguments.next().ok_or(USAGE)?)?,
            "--split" => {
                let year = arguments.next().ok_or(USAGE)?;
                let parsed = year.parse::<i32>();
                split = Some(parsed.map_err(|_| format!("--split {year}: not a year"))?);
            }
            // The second is the older name.
            "--provisional" | "--fresh" => {
                let years = arguments.next().ok_or(USAGE)?;
                options.provisional_years = years
                    .parse()
                    .map_err(|_| format!("{argument} {years}: not a number of years"))?;
            }
            name if file.is_none() && !name.starts_with('-') => file = Some(name.to_owned()),
            _ => return Err(USAGE.into()),
        }
    }
    let panel = match &file {
        Some(file) => Panel::read(file)?,
        None => own_counts()?,
    };
    if split.is_some() && (shipped || file.is_none()) {
        return Err(format!("--split estimates from a panel: {USAGE}").into());
    }
    panel.check_shocks(&options.shocks)?;
    // What the methods learn from.
    let known = match split {
        Some(year) => until(&panel, year)?,
        None => panel.clone(),
    };
    let trend = match split {
        None if shipped || file.is_none() => TrendForecaster::shipped(),
        _ => TrendForecaster::estimated(&known, &options, split.is_none())?,
    };
    writeln!(out, "{trend}")?;

    let curves = CurveForecaster::line_and_exponential(RELATIVE_ERROR)?;
    let pool = PoolAsShown {
        trends: &trend.counts,
        draws: POOL_DRAWS,
    };
    let empirical = Point::ALL.map(|point| EmpiricalErrors::collect(point, &known, &options));
    let empirical: Vec<EmpiricalErrors> = empirical.into_iter().collect::<Result<_, _>>()?;
    let mut methods: Vec<&dyn Forecaster> = vec![&trend];
    if panel
        .series()
        .iter()
        .any(|series| series.expected().is_some())
    {
        methods.push(&trend.counts);
        methods.push(&pool);
    }
    methods.push(&curves);
    methods.extend(Baseline::ALL.iter().map(|b| b as &dyn Forecaster));
    methods.extend(empirical.iter().map(|e| e as &dyn Forecaster));

    let test = Backtest::run(&panel, &methods, &options)?;
    let test = test.filter(|scored| split.is_none_or(|year| scored.origin >= year));
    writeln!(
        out,
        "left out as shocks: {} counts; as still to be completed: {}; in {} of {} series; outcomes \
         that are therefore not scored, over all origins and both settings: {}\n",
        test.shocks,
        test.provisional,
        test.series_with_exclusions,
        panel.series().len(),
        test.unscored
    )?;
    if test.scored.is_empty() {
        return Err(
            "nothing to score: no series has two counts five years apart, or ten, of 30 cases or \
             more, and a later one"
                .into(),
        );
    }
    write!(out, "{test}")?;
    if panel.series().iter().any(|series| series.site() != MYELOMA) {
        write!(out, "{}", test.filter(|scored| scored.site == MYELOMA))?;
    }
    let caption = match &file {
        Some(file) => format!("{MODEL} Panel: {file}."),
        None => format!("{MODEL} Counts: the national registries that the crate carries."),
    };
    let files = [
        ("forecasts.csv", test.to_csv()),
        (
            "calibration.svg",
            report::chart::calibration(&test, 0, &caption)?,
        ),
    ];
    for file in report::write("target/backtest", &files)? {
        writeln!(out, "wrote {}", file.display())?;
    }
    Ok(())
}

/// The counts up to a year, of the series that have three by then.
fn until(panel: &Panel, year: i32) -> myeloma_epi::Result<Panel> {
    let mut series = Vec::new();
    for one in panel.series() {
        let counts = one.series().observations().iter();
        let known: Vec<_> = counts.filter(|count| count.year <= year).copied().collect();
        if known.len() > 2 {
            let counts = IncidenceSeries::new(one.id(), known)?;
            let known = PanelSeries::new(counts, one.group(), one.site())?;
            series.push(match one.expected() {
                Some(expected) => known.with_expected(expected.clone())?,
                None => known,
            });
        }
    }
    Panel::new(series)
}

/// Years of all series, or of one, `series:year`.
fn shocks(list: &str) -> Result<Shocks, String> {
    let mut shocks = Shocks::none();
    if list == "none" {
        return Ok(shocks);
    }
    let year = |text: &str| {
        text.trim()
            .parse::<i32>()
            .map_err(|_| format!("--shocks {list}: \"{text}\" is not a year"))
    };
    for item in list.split(',') {
        shocks = match item.rsplit_once(':') {
            Some((series, of)) => shocks.and_of(series, [year(of)?]),
            None => shocks.and_years([year(item)?]),
        };
    }
    Ok(shocks)
}

/// The national counts that the crate carries, as a panel of one site.
fn own_counts() -> myeloma_epi::Result<Panel> {
    let figures = figures::registered();
    let series = figures.regions().into_iter().map(|region| {
        // The arguments say which years are left out.
        let counts = IncidenceSeries::from_figures(figures, region)?.without_marks();
        PanelSeries::new(counts, region, MYELOMA)
    });
    Panel::new(series.collect::<myeloma_epi::Result<Vec<_>>>()?)
}
