//! The crate's own side of the comparison in `compare.py`: least times on the same inputs.
//!
//!     taskset -c 0 cargo bench --bench peers [-- FOLDER]
//!     cargo bench --bench peers -- draws
//!
//! The second is the crate's side of `draws.py`.
//!
//! FOLDER holds `resamples_a.csv` and `resamples_b.csv`, 2,000 rows of 21 counts each, as `compare.py`
//! writes them; without it the bootstrap is the crate's own. Prints one line of JSON.

mod draws;

use std::hint::black_box;
use std::time::Instant;

use myeloma_epi::curve::Family;
use myeloma_epi::fit::{Fit, FitOptions, IdentifiedFit, Likelihood, fit};
use myeloma_epi::{IncidenceSeries, Seed};
use ndarray::Array2;
use serde_json::json;

/// Series A is nearly exponential, series B saturates; s varies them.
fn series(kind: char, s: Option<u32>, years: usize) -> IncidenceSeries {
    let phase = s.map_or(0.0, |s| 0.1 * f64::from(s));
    let counts = (0..years).map(|i| {
        let t = i as f64;
        let trend = if kind == 'A' {
            90_000.0
                * s.map_or(1.032_f64, |s| 1.010 + 0.0002 * f64::from(s))
                    .powf(t)
        } else {
            let rate = s.map_or(0.12, |s| 0.08 + 0.0004 * f64::from(s));
            250_000.0 / (1.0 + (-rate * (t - 8.0)).exp())
        };
        (
            2004 + i32::try_from(i).unwrap(),
            trend * (1.0 + 0.01 * (3.0 * t + phase).sin()),
        )
    });
    IncidenceSeries::from_counts(kind.to_string(), counts.collect::<Vec<_>>()).unwrap()
}

/// The least time of one call, in nanoseconds, over `batches` of `inner` calls.
fn least<T>(batches: usize, inner: usize, mut call: impl FnMut() -> T) -> f64 {
    let mut least = f64::INFINITY;
    for _ in 0..batches {
        let start = Instant::now();
        for _ in 0..inner {
            black_box(call());
        }
        least = least.min(start.elapsed().as_secs_f64() / inner as f64);
    }
    least * 1e9
}

fn gaussian() -> FitOptions {
    FitOptions {
        likelihood: Likelihood::Gaussian,
        ..FitOptions::default()
    }
}

fn logistic(kind: char) -> IdentifiedFit<Family> {
    match fit(Family::Logistic, &series(kind, None, 21), &gaussian()) {
        Ok(Fit::Identified(fit)) => *fit,
        other => panic!("series {kind}: {other:?}"),
    }
}

fn resamples(folder: &str, kind: char) -> Array2<f64> {
    let path = format!("{folder}/resamples_{}.csv", kind.to_ascii_lowercase());
    let text = std::fs::read_to_string(path).unwrap();
    let rows: Vec<f64> = text
        .lines()
        .flat_map(|l| l.split(','))
        .map(|v| v.parse().unwrap())
        .collect();
    Array2::from_shape_vec((rows.len() / 21, 21), rows).unwrap()
}

/// 6,000 fits: five curves to the first 11 to 16 figures of 200 series. Returns the failures.
fn rolling(all: &[IncidenceSeries]) -> usize {
    let mut failed = 0;
    for series in all {
        for family in Family::ALL {
            let likelihood = if family == Family::Exponential {
                Likelihood::Poisson
            } else {
                Likelihood::Gaussian
            };
            let options = FitOptions {
                likelihood,
                ..FitOptions::default()
            };
            let projected = fit(family, series, &options).and_then(|fit| {
                let last = series.last_year();
                (1..=5)
                    .map(|h| fit.curve().cases(f64::from(last + h)))
                    .collect::<Result<Vec<_>, _>>()
            });
            failed += usize::from(projected.is_err());
        }
    }
    failed
}

fn main() {
    let folder = std::env::args().skip(1).find(|a| !a.starts_with("--"));
    if folder.as_deref() == Some("draws") {
        println!("{}", draws::measure());
        return;
    }
    let mut out = serde_json::Map::new();
    for kind in ['A', 'B'] {
        let data = series(kind, None, 21);
        let options = gaussian();
        let with_covariance = || match fit(Family::Logistic, black_box(&data), &options) {
            Ok(Fit::Identified(fit)) => fit.parameters(),
            _ => Vec::new(),
        };
        out.insert(
            format!("fit_{kind}_ns"),
            json!(least(300, 20, with_covariance)),
        );

        let fitted = logistic(kind);
        let (refits, least_ns) = if let Some(folder) = &folder {
            let counts = resamples(folder, kind);
            let refits = fitted.refit_to(&counts).unwrap();
            (refits, least(7, 1, || fitted.refit_to(&counts).unwrap()))
        } else {
            let own = || fitted.parametric_bootstrap(2000, Seed::new(1)).unwrap();
            (own(), least(7, 1, own))
        };
        let cases = refits.curves(&Family::Logistic, 2040..=2040).unwrap();
        out.insert(format!("bootstrap_{kind}_ns"), json!(least_ns));
        out.insert(
            format!("bootstrap_{kind}_failed"),
            json!(refits.failed().len()),
        );
        out.insert(
            format!("bootstrap_{kind}_at_limit"),
            json!(refits.replaced_by_limit()),
        );
        out.insert(
            format!("bootstrap_{kind}_quantiles"),
            json!(cases.quantiles(2040, &[0.025, 0.5, 0.975]).unwrap()),
        );

        let all: Vec<IncidenceSeries> = (0..200)
            .flat_map(|s| (11..=16).map(move |n| series(kind, Some(s), n)))
            .collect();
        out.insert(format!("rolling_{kind}_failed"), json!(rolling(&all)));
        out.insert(
            format!("rolling_{kind}_ns"),
            json!(least(3, 1, || rolling(&all))),
        );
    }
    println!("{}", serde_json::Value::from(out));
}
