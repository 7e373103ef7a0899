//! What a file holds of results and options, changed: it is refused, or is a value like any other.

use std::fmt::{Debug, Display};
use std::sync::LazyLock;

use myeloma_epi::backtest::{Backtest, BacktestOptions, CurveForecaster, Panel, PanelSeries};
use myeloma_epi::curve::Family;
use myeloma_epi::demography::{
    AgeGroups, AgeRates, Decomposition, ExpectedCases, FiguresCheck, Population, StandardPopulation,
};
use myeloma_epi::figures::{self, Figures};
use myeloma_epi::fit::{Comparison, Fit, FitOptions, compare, fit};
use myeloma_epi::forecast::{
    Forecast, ForecastOptions, RegistryTrend, SiteEffect, TrendParameters,
};
use myeloma_epi::joinpoint::{AnnualSeries, JoinpointOptions, JoinpointRegression, LogLinearTrend};
use myeloma_epi::pathway::evidence::{Preset, Study};
use myeloma_epi::pathway::{
    Delay, DelayedStarts, Flow, FlowOptions, Pathway, Reading, SojournTime, ThirdLine,
    UltimateShare,
};
use myeloma_epi::projection::BetweenSourceEstimate;
use myeloma_epi::report::chart;
use myeloma_epi::score::{Predictive, QuantileForecast};
use myeloma_epi::{
    IncidenceSeries, Outlook, OutlookOptions, Projection, ProjectionOptions, Seed, Shocks,
    StudySynthesis, YearlyDraws, YearlyTally,
};
use ndarray::Array2;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Random, comes_back, holds, printed, refused};

/// One to three changes of a value: another number, text or kind, a key or an item less, more, or twice.
pub(super) fn changed(random: &mut Random, value: &Value) -> Value {
    let mut value = value.clone();
    for _ in 0..=random.below(3) {
        let size = size_of_value(&value);
        let place = random.below(size);
        change(random, &mut value, place, "");
    }
    value
}

fn size_of_value(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(size_of_value).sum(),
        Value::Object(fields) => fields.values().map(size_of_value).sum(),
        _ => 0,
    }
}

/// Changes the value in a place, counted in depth.
fn change(random: &mut Random, value: &mut Value, mut place: usize, key: &str) {
    if place == 0 {
        *value = other(random, value, key);
        return;
    }
    place -= 1;
    let parts: Vec<(&str, &mut Value)> = match value {
        Value::Array(items) => items.iter_mut().map(|item| (key, item)).collect(),
        Value::Object(fields) => fields
            .iter_mut()
            .map(|(key, part)| (key.as_str(), part))
            .collect(),
        _ => return,
    };
    for (key, part) in parts {
        let size = size_of_value(part);
        if place < size {
            return change(random, part, place, key);
        }
        place -= size;
    }
}

fn other(random: &mut Random, value: &Value, key: &str) -> Value {
    match value {
        Value::Array(items) if !items.is_empty() && !random.once_in(4) => {
            let mut items = items.clone();
            let at = random.below(items.len());
            match random.below(3) {
                0 => drop(items.remove(at)),
                1 => items.insert(at, items[at].clone()),
                _ => items.reverse(),
            }
            Value::Array(items)
        }
        Value::Object(fields) if !fields.is_empty() && !random.once_in(4) => {
            let mut fields = fields.clone();
            let keys: Vec<String> = fields.keys().cloned().collect();
            let key = random.pick(&keys);
            if random.once_in(2) {
                fields.remove(&key);
            } else {
                fields.insert(format!("{key}s"), fields[&key].clone());
            }
            Value::Object(fields)
        }
        // More draws than these take long, and are no mistake.
        Value::Number(_) if key == "draws" => json!(random.pick(&[0, 1, 50, u64::MAX])),
        Value::Number(number) if random.once_in(2) => {
            if let Some(n) = number.as_i64() {
                let near = [
                    n.saturating_neg(),
                    n / 2,
                    n.saturating_add(1),
                    n.saturating_mul(1_000),
                ];
                return json!(random.pick(&near));
            }
            let factor = random.pick(&[-1.0, 0.0, 0.5, 1.01, 2.0, 1e9]);
            json!(number.as_f64().unwrap_or(0.0) * factor)
        }
        _ => random.pick(&[
            json!(null),
            json!(0),
            json!(-1),
            json!(5e-324),
            json!(1.7e308),
            json!(2_147_483_647),
            json!(-2_147_483_648_i64),
            json!("nan"),
            json!("inf"),
            json!("a\u{1b}[31m\n"),
            json!([]),
            json!({}),
            json!(true),
        ]),
    }
}

/// A stored value and what is done with it.
struct Stored {
    kind: &'static str,
    value: Value,
    read: fn(Value),
}

fn stored<T: Serialize>(kind: &'static str, value: &T, read: fn(Value)) -> Stored {
    Stored {
        kind,
        value: serde_json::to_value(value).unwrap(),
        read,
    }
}

/// Reads a value, which is equal to itself when it is stored again, and can be shown.
fn read<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: Value) -> Option<T> {
    match serde_json::from_value::<T>(value) {
        Ok(value) => {
            comes_back(&value);
            let _ = format!("{value:?}");
            Some(value)
        }
        Err(error) => {
            // Serde quotes the value; where it stands in a file, the crate's own error takes that out.
            assert!(!error.to_string().is_empty());
            None
        }
    }
}

fn plain<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: Value) {
    read::<T>(value);
}

fn shown<T: Serialize + DeserializeOwned + PartialEq + Debug + Display>(value: Value) {
    if let Some(value) = read::<T>(value) {
        printed(&value);
    }
}

fn three_groups() -> AgeGroups {
    AgeGroups::from_labels(&["0-39", "40-64", "65+"]).unwrap()
}

static ALL: LazyLock<Vec<Stored>> = LazyLock::new(|| {
    let three = three_groups();
    let world = IncidenceSeries::from_figures(figures::press_release(), "World").unwrap();
    let world = world.assuming_relative_error(0.03).unwrap();
    let counts = (1999..2015).map(|year| (year, 900.0 + 25.0 * f64::from(year - 1999)));
    let counts = counts.map(|(year, n)| (year, (n + 9.0 * f64::from(year % 4)).round()));
    let counts = IncidenceSeries::from_counts("Atlantis", counts).unwrap();
    let short = ProjectionOptions {
        draws: 5,
        ..ProjectionOptions::to(2026)
    };
    let projection = Projection::of(&Family::Exponential, &world, &short).unwrap();
    let outlook = OutlookOptions {
        draws: 5,
        to: 2026,
        ..OutlookOptions::myeloma()
    };
    let outlook = Outlook::of(figures::press_release(), &outlook).unwrap();
    let series = AnnualSeries::from(&counts);
    let few = JoinpointOptions {
        max_joinpoints: Some(1),
        ..JoinpointOptions::default()
    };
    let cmrg = Preset::of("cmrg").unwrap();
    let diagnosed = YearlyDraws::new(2000, Array2::from_elem((5, 2), 100.0)).unwrap();
    let flow = cmrg
        .pathway
        .flow(&diagnosed, &FlowOptions::to(2004))
        .unwrap();
    let delay = cmrg.delay().unwrap();
    let share = cmrg.ultimate_share().unwrap();
    let panel = Panel::new([PanelSeries::new(counts.clone(), "a", "b").unwrap()]).unwrap();
    let curves = CurveForecaster::line_and_exponential(0.03).unwrap();
    let test = Backtest::run(&panel, &[&curves], &BacktestOptions::default()).unwrap();
    let growth = myeloma_epi::projection::StatedGrowth::new("A", 2020, 100.0, 0.01, 0.01).unwrap();
    let tally = YearlyTally::of(&growth.draws_to(2022, Seed::new(1)).unwrap(), 20).unwrap();
    let forecast = RegistryTrend::default()
        .of(&counts, &ForecastOptions::default())
        .unwrap();
    vec![
        stored("figures", figures::press_release(), plain::<Figures>),
        stored(
            "population",
            &Population::area("China")
                .unwrap()
                .regrouped(&three)
                .unwrap(),
            |value| {
                if let Some(population) = read::<Population>(value) {
                    printed(&population);
                    if let Err(error) = population.carried_forward(2080) {
                        refused(&error);
                    }
                    let rates = AgeRates::area("China").unwrap();
                    match ExpectedCases::of(&population, &rates.regrouped(&three_groups()).unwrap())
                    {
                        Ok(cases) => comes_back(&cases),
                        Err(error) => refused(&error),
                    }
                }
            },
        ),
        stored(
            "rates by age",
            &AgeRates::area("China").unwrap().regrouped(&three).unwrap(),
            plain::<AgeRates>,
        ),
        stored(
            "standard population",
            &StandardPopulation::segi(),
            plain::<StandardPopulation>,
        ),
        stored(
            "expected cases",
            &ExpectedCases::area("China").unwrap(),
            plain::<ExpectedCases>,
        ),
        stored(
            "decomposition",
            &Decomposition::area("China", 2024, 2040).unwrap(),
            |value| {
                if let Some(change) = read::<Decomposition>(value) {
                    printed(&change);
                    let changes = [change];
                    let _ = Decomposition::table_csv(&changes);
                    if let Err(error) = chart::decomposition(&changes, "any", "") {
                        refused(&error);
                    }
                }
            },
        ),
        stored(
            "check of figures",
            &FiguresCheck::of(figures::press_release()).unwrap(),
            |value| {
                if let Some(check) = read::<FiguresCheck>(value) {
                    printed(&check);
                    let _ = (check.to_csv(), check.findings());
                }
            },
        ),
        stored("series", &world, plain::<IncidenceSeries>),
        stored("shocks", &Shocks::pandemic(), plain::<Shocks>),
        stored(
            "fit",
            &fit(Family::Logistic, &counts, &FitOptions::default()).unwrap(),
            shown::<Fit<Family>>,
        ),
        stored(
            "comparison",
            &compare(&Family::ALL, &counts, &FitOptions::default(), 2020),
            |value| {
                if let Some(comparison) = read::<Comparison>(value) {
                    printed(&comparison);
                    let _ = comparison.summary_json();
                }
            },
        ),
        stored("projection", &projection, shown::<Projection>),
        stored("draws", projection.new_cases(), shown::<YearlyDraws>),
        stored("tally", &tally, shown::<YearlyTally>),
        stored("forecast", &forecast, shown::<Forecast>),
        stored(
            "parameters",
            &TrendParameters::shipped(),
            plain::<TrendParameters>,
        ),
        stored("site", &SiteEffect::myeloma(), plain::<SiteEffect>),
        stored("outlook", &outlook, |value| {
            if let Some(outlook) = read::<Outlook>(value) {
                printed(&outlook);
                if let Err(error) = outlook.files() {
                    refused(&error);
                }
            }
        }),
        stored("annual series", &series, plain::<AnnualSeries>),
        stored(
            "log-linear trend",
            &LogLinearTrend::poisson(&series, 0.95).unwrap(),
            shown::<LogLinearTrend>,
        ),
        stored(
            "joinpoint regression",
            &JoinpointRegression::fit(&series, &few).unwrap(),
            shown::<JoinpointRegression>,
        ),
        stored("study", Study::of("cmrg").unwrap(), |value| {
            if let Some(study) = read::<Study>(value) {
                let treated = Some((0.5, 0.9));
                match StudySynthesis::of(Study::shipped().iter().chain([&study]), treated) {
                    Ok(synthesis) => {
                        printed(&synthesis);
                        comes_back(&synthesis);
                    }
                    Err(error) => refused(&error),
                }
                match study.presets() {
                    Ok(presets) => presets.iter().for_each(|preset| {
                        printed(preset);
                    }),
                    Err(error) => refused(&error),
                }
            }
        }),
        stored("preset", &cmrg, shown::<Preset>),
        stored("pathway", &cmrg.pathway, |value| {
            if let Some(pathway) = read::<Pathway>(value) {
                printed(&pathway);
                let diagnosed = YearlyDraws::new(2000, Array2::from_elem((3, 2), 100.0)).unwrap();
                match pathway.flow(&diagnosed, &FlowOptions::to(2002)) {
                    Ok(flow) => drop(printed(&flow)),
                    Err(error) => refused(&error),
                }
            }
        }),
        stored("flow", &flow, |value| {
            if let Some(flow) = read::<Flow>(value) {
                printed(&flow);
                if let Err(error) = flow.to_csv() {
                    refused(&error);
                }
            }
        }),
        stored("sojourn time", delay.first_line(), shown::<SojournTime>),
        stored("delay", &delay, plain::<Delay>),
        stored("share", &share, plain::<UltimateShare>),
        stored(
            "delayed starts",
            &delay
                .starts(&diagnosed, &share, &FlowOptions::to(2004))
                .unwrap(),
            shown::<DelayedStarts>,
        ),
        stored(
            "third line",
            &ThirdLine::new(&diagnosed, &share, Seed::new(1)).unwrap(),
            plain::<ThirdLine>,
        ),
        stored(
            "reading",
            &Reading::CumulativeIncidence {
                delay: delay.clone(),
                years: 5.0,
            },
            plain::<Reading>,
        ),
        stored("panel", &panel, plain::<Panel>),
        stored("back-test", &test, |value| {
            if let Some(test) = read::<Backtest>(value) {
                printed(&test);
                let _ = test.to_csv();
            }
        }),
        stored(
            "quantile forecast",
            &test.scored[0].forecast,
            plain::<QuantileForecast>,
        ),
        stored(
            "predictive distribution",
            &Predictive::mixture(&forecast.mixture(2020).unwrap()).unwrap(),
            plain::<Predictive>,
        ),
        stored(
            "between-source estimate",
            outlook.regions()[0].between_source_estimate().unwrap(),
            plain::<BetweenSourceEstimate>,
        ),
        stored(
            "options of an outlook",
            &OutlookOptions::myeloma(),
            |value| {
                if let Some(options) = read::<OutlookOptions>(value) {
                    let options = OutlookOptions {
                        draws: options.draws.min(20),
                        ..options
                    };
                    match Outlook::of(figures::press_release(), &options) {
                        Ok(outlook) => drop(printed(&outlook)),
                        Err(error) => refused(&error),
                    }
                }
            },
        ),
        stored("options of a projection", &short, |value| {
            if let Some(options) = read::<ProjectionOptions>(value) {
                let options = ProjectionOptions {
                    draws: options.draws.min(20),
                    ..options
                };
                let world =
                    IncidenceSeries::from_figures(figures::press_release(), "World").unwrap();
                if let Err(error) = Projection::of(&Family::Gompertz, &world, &options) {
                    refused(&error);
                }
            }
        }),
        stored("options of a joinpoint regression", &few, |value| {
            if let Some(options) = read::<JoinpointOptions>(value) {
                let counts = (2000..2012).map(|year| (year, f64::from(year - 1900)));
                let series = AnnualSeries::from_counts("A", counts).unwrap();
                let options = JoinpointOptions {
                    max_joinpoints: options.max_joinpoints.map(|n| n.min(2)),
                    ..options
                };
                if let Err(error) = JoinpointRegression::fit(&series, &options) {
                    refused(&error);
                }
            }
        }),
        stored(
            "options of a back-test",
            &BacktestOptions::default(),
            |value| {
                if let Some(options) = read::<BacktestOptions>(value) {
                    let counts = (1999..2015).map(|year| (year, 100.0));
                    let series = IncidenceSeries::from_counts("A", counts).unwrap();
                    let series = PanelSeries::new(series, "a", "b").unwrap();
                    if let Err(error) = series.origins(&options) {
                        refused(&error);
                    }
                }
            },
        ),
        stored(
            "options of a fit",
            &FitOptions::default(),
            plain::<FitOptions>,
        ),
        stored(
            "options of a forecast",
            &ForecastOptions::default(),
            plain::<ForecastOptions>,
        ),
        stored(
            "options of a flow",
            &FlowOptions::to(2030),
            plain::<FlowOptions>,
        ),
    ]
});

fn one(random: &mut Random) {
    let stored = &ALL[random.below(ALL.len())];
    let value = changed(random, &stored.value);
    let read = std::panic::catch_unwind(|| (stored.read)(value.clone()));
    assert!(read.is_ok(), "{}: {value}", stored.kind);
}

/// Unchanged, all of them are read.
#[test]
fn what_is_stored_is_read() {
    for stored in ALL.iter() {
        (stored.read)(stored.value.clone());
    }
}

#[test]
fn what_is_stored_and_changed() {
    holds("random::stored::what_is_stored_and_changed", 1_500, one);
}
