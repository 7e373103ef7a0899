//! The optimiser of a fit allocates nothing.

use myeloma_epi::IncidenceSeries;
use myeloma_epi::curve::Family;
use myeloma_epi::fit::{Fit, FitOptions, Likelihood, fit};
use ndarray::Array2;

use crate::{allocations as counted, alone};

#[test]
fn the_counter_counts() {
    let _alone = alone();
    let before = counted();
    std::hint::black_box(Box::new(1));
    assert_eq!(counted() - before, 1);
}

/// Counts around a logistic curve, with scatter of a given size.
fn series(figures: i32, scatter: f64) -> IncidenceSeries {
    let counts = (0..figures).map(|i| {
        let t = f64::from(i);
        let trend = 250_000.0 / (1.0 + (-0.12 * (t - 8.0)).exp());
        (2000 + i, trend * (1.0 + scatter * (3.0 * t).sin()))
    });
    IncidenceSeries::from_counts("Atlantis", counts.collect::<Vec<_>>()).expect("a series")
}

/// Allocations of a fit, and the optimiser's iterations and evaluations.
fn allocations(family: Family, series: &IncidenceSeries) -> (usize, (usize, usize)) {
    let options = FitOptions {
        likelihood: Likelihood::Gaussian,
        ..FitOptions::default()
    };
    let before = counted();
    let fitted = fit(family, series, &options).expect("a fit");
    let count = counted() - before;
    let Fit::Identified(fitted) = fitted else {
        panic!("{family}: more figures than parameters");
    };
    (count, fitted.optimiser_steps())
}

/// A fit allocates its result, once: as often for few figures as for many, and whatever the number
/// of iterations, unless it needs second derivatives.
#[test]
fn shipped_curves_allocate_nothing_in_the_optimiser() {
    let _alone = alone();
    for family in Family::ALL {
        let (mut counts, mut works) = (Vec::new(), Vec::new());
        for figures in [12, 21, 32, 33, 70] {
            for scatter in [1e-6, 0.01, 0.05] {
                let (count, work) = allocations(family, &series(figures, scatter));
                counts.push(count);
                works.push(work);
            }
        }
        // A fit whose minimum is so flat that the optimiser takes second derivatives has their small matrices
        // allocated; it is one of the fifteen here, of the Richards curve.
        let least = *counts.iter().min().expect("a fit");
        let more: Vec<usize> = counts.iter().copied().filter(|c| *c > least).collect();
        let flat = usize::from(family == Family::Richards);
        assert!(
            more.len() <= flat && more.iter().all(|c| *c < least + 100),
            "{family}: {counts:?}"
        );
        // The optimiser's work was not the same every time, but for the line, which takes one step.
        works.dedup();
        assert!(
            works.len() > 1 || family == Family::Linear,
            "{family}: {works:?}"
        );
    }
}

/// Ten times as many refits in one block allocate as often.
#[test]
fn refits_allocate_nothing() {
    let _alone = alone();
    let options = FitOptions {
        likelihood: Likelihood::Gaussian,
        ..FitOptions::default()
    };
    let series = series(21, 0.01);
    let Ok(Fit::Identified(fitted)) = fit(Family::Logistic, &series, &options) else {
        panic!("an identified fit");
    };
    let counts = |refits: usize| {
        Array2::from_shape_fn((refits, 21), |(row, i)| {
            series.observations()[i].cases * (1.0 + 0.01 * ((row * 21 + i) as f64).sin())
        })
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("a pool");
    let of = |refits: usize| {
        let counts = counts(refits);
        pool.install(|| {
            let before = counted();
            let bootstrap = fitted.refit_to(&counts).expect("refits");
            let count = counted() - before;
            assert!(bootstrap.failed().is_empty());
            count
        })
    };
    assert_eq!(of(100), of(1000));
}
