//! How the forecasts of this crate and the baselines would have done.
//!
//!     cargo run --release --example backtest -- [PANEL.csv] [--shipped] [--shocks LIST]
//!
//! Forecasts from every year of every series of a panel, leaving out the series' own group from all
//! estimates, or with the shipped parameters (`--shipped`). Prints the tables and writes
//! `target/backtest/forecasts.csv`. Without a file it takes the crate's own national counts of
//! myeloma, with the shipped parameters.
//!
//! Years of known shocks are neither fitted nor scored: 2020 and 2021, or those of the list, as
//! `2020,2021,england:2013` (a year of all series, or of one) or `none`. `--fresh 3` leaves out the
//! last three years of each series, which registries still complete.

use std::fmt::Write as _;
use std::ops::RangeInclusive;

use myeloma_epi::backtest::{
    BacktestOptions, Baseline, CurveForecaster, EmpiricalErrors, Forecaster, HEADLINE_HORIZONS,
    Point, Scored, Setting, Summary, TrendForecaster, backtest, headline,
};
use myeloma_epi::score::PROBABILITIES;
use myeloma_epi::{IncidenceSeries, Panel, PanelSeries, Shocks, figures};

const MYELOMA: &str = "multiple_myeloma";
const USAGE: &str = "usage: backtest [PANEL.csv] [--shipped] [--shocks YEARS|none] [--fresh N]";
/// What the outlook assumes of figures that state no error.
const RELATIVE_ERROR: f64 = 0.03;
const BANDS: [(&str, RangeInclusive<usize>); 3] = [
    ("years 1-5", 1..=5),
    ("years 6-10", 6..=10),
    ("years 11-15", 11..=15),
];

fn main() {
    if let Err(error) = run() {
        eprintln!("backtest: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let (mut file, mut shipped) = (None, false);
    let mut options = BacktestOptions::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--shipped" => shipped = true,
            "--shocks" => {
                options = options.with_shocks(shocks(&arguments.next().ok_or(USAGE)?)?);
            }
            "--fresh" => {
                let years = arguments.next().ok_or(USAGE)?;
                let years = years
                    .parse()
                    .map_err(|_| format!("--fresh {years}: not a number of years"))?;
                options = options.with_provisional_years(years);
            }
            name if file.is_none() && !name.starts_with('-') => file = Some(name.to_owned()),
            _ => return Err(USAGE.into()),
        }
    }
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
    let curves = CurveForecaster::line_and_exponential(RELATIVE_ERROR)?;
    let mut methods: Vec<&dyn Forecaster> = vec![&trend, &curves];
    methods.extend(Baseline::ALL.iter().map(|b| b as &dyn Forecaster));
    methods.extend(empirical.iter().map(|e| e as &dyn Forecaster));

    let test = backtest(&panel, &methods, &options)?;
    let left_out = test.excluded;
    println!(
        "left out as shocks: {} figures; as still to be completed: {}; in {} of {} series; truths \
         that are therefore not scored, over all origins and both settings: {}\n",
        left_out.shocks,
        left_out.fresh,
        left_out.series,
        panel.series().len(),
        left_out.unscored
    );
    if test.scored.is_empty() {
        return Err(
            "nothing to score: no series has two figures five years apart, or ten, of 30 cases or \
             more, and a later one"
                .into(),
        );
    }
    for setting in Setting::ALL {
        for only_myeloma in [false, true] {
            let these: Vec<&Scored> = test
                .scored
                .iter()
                .filter(|s| s.setting == setting && (!only_myeloma || s.site == MYELOMA))
                .collect();
            if these.is_empty() {
                continue;
            }
            let sites = if only_myeloma {
                "multiple myeloma"
            } else {
                "all sites"
            };
            let title = format!("{}, {sites}", setting.name());
            print!("{}", coverage_table(&title, &methods, &these));
            print!("{}", score_table(&title, &methods, &these));
            print!("{}", transform_table(&title, methods[0], &these));
        }
    }
    std::fs::create_dir_all("target/backtest")?;
    std::fs::write(
        "target/backtest/forecasts.csv",
        file_of(&methods, &test.scored),
    )?;
    println!("wrote target/backtest/forecasts.csv");
    Ok(())
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
    let mut all = Vec::new();
    for item in list.split(',') {
        match item.rsplit_once(':') {
            Some((series, of)) => shocks = shocks.and_of(series, [year(of)?]),
            None => all.push(year(item)?),
        }
    }
    Ok(shocks.and_years(all))
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

/// A line of cells for each method that has forecasts, one for each band of horizons and one at the
/// end.
fn lines(
    methods: &[&dyn Forecaster],
    scored: &[&Scored],
    width: usize,
    cell: impl Fn(&Summary) -> String,
    end: impl Fn(&[&Scored]) -> String,
) -> String {
    let mut text = String::new();
    for (index, method) in methods.iter().enumerate() {
        let own: Vec<&Scored> = scored
            .iter()
            .copied()
            .filter(|s| s.method == index)
            .collect();
        if own.is_empty() {
            continue;
        }
        let _ = write!(text, "{:<20}", method.name());
        for (_, band) in BANDS {
            let cell = Summary::of_horizons(own.iter().copied(), band)
                .map_or_else(|| "-".to_owned(), |summary| cell(&summary));
            let _ = write!(text, "{cell:>width$}");
        }
        let _ = writeln!(text, "{}", end(&own));
    }
    text.push('\n');
    text
}

fn head(title: &str, what: &str, width: usize, end: &str) -> String {
    let mut text = format!("{title}: {what}\n{:<20}", "method");
    for (band, _) in BANDS {
        let _ = write!(text, "{band:>width$}");
    }
    let _ = writeln!(text, "{end}");
    text
}

/// Coverage of the 50, 80 and 95 % intervals, weighted interval score and number of forecasts.
fn coverage_table(title: &str, methods: &[&dyn Forecaster], scored: &[&Scored]) -> String {
    let what = "coverage of the 50, 80 and 95 % intervals, WIS of log counts, forecasts";
    let cell = |s: &Summary| {
        let [c50, c80, c95] = s.coverage.map(|c| 100.0 * c);
        format!(
            "{c50:.1} {c80:.1} {c95:.1} {:.4} {:>6}",
            s.score, s.forecasts
        )
    };
    // A mean over fewer horizons than others have would look better than it is.
    let horizons = |scored: &[&Scored]| {
        HEADLINE_HORIZONS
            .iter()
            .filter(|&&h| scored.iter().any(|s| s.horizon == h))
            .count()
    };
    let all = horizons(scored);
    let end = |own: &[&Scored]| match headline(own).filter(|_| horizons(own) == all) {
        Some(mean) => format!("{mean:>10.4}"),
        None => format!("{:>10}", "-"),
    };
    head(title, what, 33, &format!("{:>10}", "mean WIS")) + &lines(methods, scored, 33, cell, end)
}

/// The other scores, and the parts of the weighted interval score.
fn score_table(title: &str, methods: &[&dyn Forecaster], scored: &[&Scored]) -> String {
    let what = "CRPS, bias (-1 too low, 1 too high), distance of the PIT from uniform, log score; WIS \
                of all years = width + too high + too low";
    let cell = |s: &Summary| {
        format!(
            "{} {} {} {:>7}",
            or_dash(s.crps, 4),
            or_dash(s.bias, 2),
            or_dash(s.pit.map(|pit| pit.distance), 2),
            or_dash(s.log_score, 2),
        )
    };
    let end = |own: &[&Scored]| match Summary::of(own.iter().copied()) {
        Some(s) => format!(
            "   {:.4} = {:.4} + {:.4} + {:.4}",
            s.score, s.dispersion, s.overprediction, s.underprediction
        ),
        None => String::new(),
    };
    head(title, what, 27, "   WIS") + &lines(methods, scored, 27, cell, end)
}

/// How the probability integral transforms of the first method are distributed.
fn transform_table(title: &str, method: &dyn Forecaster, scored: &[&Scored]) -> String {
    let mut text = format!(
        "{title}: PIT of {}, per cent in each tenth (10 if calibrated)\n",
        method.name()
    );
    for (name, band) in BANDS {
        let own = scored.iter().copied().filter(|s| s.method == 0);
        let pit = Summary::of_horizons(own, band).and_then(|s| s.pit);
        if let Some(pit) = pit {
            let _ = write!(text, "{name:<20}");
            for share in pit.deciles {
                let _ = write!(text, "{:>6.1}", 100.0 * share);
            }
            text.push('\n');
        }
    }
    text.push('\n');
    text
}

fn or_dash(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(
        || "-".to_owned(),
        |x| {
            let text = format!("{x:.decimals$}");
            match text.strip_prefix('-') {
                Some(zero) if zero.chars().all(|c| c == '0' || c == '.') => zero.to_owned(),
                _ => text,
            }
        },
    )
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
