//! How the forecasts of this crate and the baselines would have done.
//!
//!     cargo run --release --example backtest [-- [PANEL.csv] [--shipped]]
//!
//! Forecasts from every year of every series of a panel, leaving out the series' own group from all
//! estimates, or with the shipped parameters (`--shipped`). Prints the tables and writes
//! `target/backtest/forecasts.csv`. Without a file it takes the crate's own national counts of
//! myeloma, with the shipped parameters.

use std::fmt::Write as _;

use myeloma_epi::score::{
    BacktestOptions, Baseline, EmpiricalErrors, Forecaster, PROBABILITIES, Point, Scored, Setting,
    Summary, TrendForecaster, backtest, headline,
};
use myeloma_epi::{IncidenceSeries, Panel, PanelSeries, figures};

const MYELOMA: &str = "multiple_myeloma";

fn main() {
    if let Err(error) = run() {
        eprintln!("backtest: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let (mut file, mut shipped) = (None, false);
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--shipped" => shipped = true,
            name if file.is_none() && !name.starts_with('-') => file = Some(name.to_owned()),
            _ => return Err("usage: backtest [PANEL.csv] [--shipped]".into()),
        }
    }
    let options = BacktestOptions::default();
    let panel = match &file {
        Some(file) => Panel::read(file)?,
        None => own_counts()?,
    };
    let trend = if shipped || file.is_none() {
        TrendForecaster::shipped()
    } else {
        TrendForecaster::leave_one_group_out(&panel, &options)?
    };
    for (group, parameters) in trend.parameters() {
        println!("{}: {parameters:?}", group.unwrap_or("all groups"));
    }
    println!("{MYELOMA}: {:?}\n", trend.site(MYELOMA));

    let empirical: Vec<EmpiricalErrors> = Point::ALL
        .iter()
        .map(|&point| EmpiricalErrors::collect(point, &panel, &options))
        .collect();
    let mut methods: Vec<&dyn Forecaster> = vec![&trend];
    methods.extend(Baseline::ALL.iter().map(|b| b as &dyn Forecaster));
    methods.extend(empirical.iter().map(|e| e as &dyn Forecaster));

    let scored = backtest(&panel, &methods, &options)?;
    for setting in Setting::ALL {
        for only_myeloma in [false, true] {
            let these: Vec<&Scored> = scored
                .iter()
                .filter(|s| s.setting == setting && (!only_myeloma || s.site == MYELOMA))
                .collect();
            print!("{}", table(&methods, &these, setting, only_myeloma));
        }
    }
    std::fs::create_dir_all("target/backtest")?;
    std::fs::write("target/backtest/forecasts.csv", file_of(&methods, &scored))?;
    println!("wrote target/backtest/forecasts.csv");
    Ok(())
}

/// The national counts that the crate carries, as a panel of one site.
fn own_counts() -> Result<Panel, Box<dyn std::error::Error>> {
    let figures = figures::registered();
    let mut series = Vec::new();
    for region in figures.regions() {
        let counts = IncidenceSeries::from_figures(figures, region)?;
        let counts = counts.observations().iter().map(|o| (o.year, o.cases));
        series.push(PanelSeries::new(region, region, MYELOMA, counts)?);
    }
    Ok(Panel::new(series)?)
}

/// Coverage and scores by method and band of horizons.
fn table(
    methods: &[&dyn Forecaster],
    scored: &[&Scored],
    setting: Setting,
    only_myeloma: bool,
) -> String {
    let mut text = format!(
        "{}, {}: coverage of the 50, 80 and 95 % intervals, and score (WIS of log counts)\n{:<22}",
        setting.name(),
        if only_myeloma {
            "multiple myeloma"
        } else {
            "all sites"
        },
        "method",
    );
    for band in ["1-5", "6-10", "11-15"] {
        let _ = write!(text, "{:>31}", format!("years {band}"));
    }
    let _ = writeln!(text, "{:>10}", "mean WIS");
    for (index, method) in methods.iter().enumerate() {
        let own: Vec<&Scored> = scored
            .iter()
            .copied()
            .filter(|s| s.method == index)
            .collect();
        if own.is_empty() {
            continue;
        }
        let _ = write!(text, "{:<22}", method.name());
        for band in [1..=5, 6..=10, 11..=15] {
            match Summary::of_horizons(own.iter().copied(), band) {
                Some(s) => {
                    let [c50, c80, c95] = s.coverage.map(|c| 100.0 * c);
                    let cell = format!(
                        "{c50:.1} {c80:.1} {c95:.1} {:.4} {:>6}",
                        s.score, s.forecasts
                    );
                    let _ = write!(text, "{cell:>31}");
                }
                None => {
                    let _ = write!(text, "{:>31}", "-");
                }
            }
        }
        let mean = headline(&own).map_or("-".to_owned(), |mean| format!("{mean:.4}"));
        let _ = writeln!(text, "{mean:>10}");
    }
    text.push('\n');
    text
}

/// All forecasts as comma-separated values, quantiles as counts.
fn file_of(methods: &[&dyn Forecaster], scored: &[Scored]) -> String {
    let mut text = "series_id,setting,method,origin,horizon,year,observed".to_owned();
    for p in PROBABILITIES {
        let _ = write!(text, ",q{p}");
    }
    text.push('\n');
    for s in scored {
        let years = i32::try_from(s.horizon).unwrap_or(i32::MAX);
        let _ = write!(
            text,
            "{},{},{},{},{},{},{}",
            s.series,
            s.setting.name(),
            methods[s.method].name(),
            s.origin,
            s.horizon,
            s.origin.saturating_add(years),
            s.observed
        );
        for q in s.forecast.quantiles() {
            let _ = write!(text, ",{:.3}", q.exp());
        }
        text.push('\n');
    }
    text
}
