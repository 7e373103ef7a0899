//! The baselines of the example against R (`data/baselines.R`).

use approx::assert_relative_eq;
use myeloma_epi::IncidenceSeries;
use myeloma_epi::backtest::{Forecaster, Past, Setting};
use myeloma_epi::score::QuantileForecast;

use crate::baseline::Baseline;

const US: [(i32, f64); 11] = [
    (1999, 15023.0),
    (2000, 15843.0),
    (2001, 16268.0),
    (2002, 16692.0),
    (2003, 17303.0),
    (2004, 18144.0),
    (2005, 18492.0),
    (2006, 18737.0),
    (2007, 19034.0),
    (2008, 20330.0),
    (2009, 21298.0),
];

fn past(history: &IncidenceSeries) -> Past<'_> {
    Past {
        history,
        group: "X",
        site: "x",
        setting: Setting::FullHistory,
        expected: None,
    }
}

fn quantiles(baseline: Baseline) -> Vec<QuantileForecast> {
    let history = IncidenceSeries::from_counts("us", US).unwrap();
    let past = past(&history);
    let forecasts = baseline.forecast(&past, 10).unwrap().unwrap();
    forecasts.iter().map(|f| f.quantiles().unwrap()).collect()
}

/// `forecast::rwf(log(y), drift = TRUE)` and `rwf(log(y))`, and `glm(y ~ year, poisson)` with
/// `predict(se.fit = TRUE)`, R 4.2.2: see `tests/data/baselines.R`.
#[test]
fn baselines_are_those_of_r() {
    #[derive(serde::Deserialize)]
    struct Reference {
        drift_mean: f64,
        drift_upper: f64,
        naive_upper: f64,
        poisson_fit: f64,
        poisson_upper: f64,
    }
    let reference: Reference =
        serde_json::from_str(include_str!("../data/baselines.json")).unwrap();
    let drift = quantiles(Baseline::RandomWalkDrift)[9];
    assert_relative_eq!(
        drift.quantiles()[3],
        reference.drift_mean,
        max_relative = 1e-10
    );
    assert_relative_eq!(
        drift.quantiles()[6],
        reference.drift_upper,
        max_relative = 1e-8
    );
    let naive = quantiles(Baseline::Constant)[9];
    assert_relative_eq!(
        naive.quantiles()[6],
        reference.naive_upper,
        max_relative = 1e-8
    );
    let poisson = quantiles(Baseline::LogLinearPoisson)[9];
    assert_relative_eq!(
        poisson.quantiles()[3],
        reference.poisson_fit.ln(),
        max_relative = 1e-9
    );
    assert_relative_eq!(
        poisson.quantiles()[6],
        reference.poisson_upper.ln(),
        max_relative = 1e-8
    );
}

/// Few counts are refused by number, and a flat series is defined.
#[test]
fn too_few_counts_are_refused_and_equal_ones_are_certain() {
    let one = [(2000, 50.0)];
    let flat: Vec<(i32, f64)> = (2000..2012).map(|year| (year, 50.0)).collect();
    for baseline in Baseline::ALL {
        let at = |counts: &[(i32, f64)]| {
            let history = IncidenceSeries::from_counts("x", counts.to_vec()).unwrap();
            baseline.forecast(&past(&history), 3)
        };
        let error = at(&one).unwrap_err().to_string();
        assert!(error.contains("x has 1"), "{error}");
        let forecasts = at(&flat).unwrap().unwrap();
        let middle = forecasts[2].quantiles().unwrap().quantiles()[3];
        assert_relative_eq!(middle, 50f64.ln(), epsilon = 1e-4);
    }
}

/// By R's `glm` and `predict`, too, the Poisson interval covers none of the next ten years.
#[test]
fn the_poisson_interval_covers_none_of_the_next_ten_years() {
    let truth = [
        22498, 23652, 24361, 25444, 26240, 27241, 28241, 28629, 29202, 30434,
    ];
    let covered = quantiles(Baseline::LogLinearPoisson)
        .iter()
        .zip(truth)
        .filter(|(forecast, truth)| forecast.covers(f64::from(*truth).ln())[2])
        .count();
    assert_eq!(covered, 0);
}
