//! The pathway on the workload of four lines with Weibull sojourn times and 22 yearly cohorts.
//!
//!     taskset -c 0 cargo bench --bench pathway

#![allow(missing_docs)] // The macros of criterion make undocumented items.

use criterion::{Criterion, criterion_group, criterion_main};
use myeloma_epi::pathway::{Entry, FlowOptions, Line, Moment, Pathway, Share, SojournTime};
use myeloma_epi::{Seed, YearlyDraws};
use ndarray::Array2;

const YEARS: usize = 22;

fn four_lines() -> myeloma_epi::Result<Pathway> {
    Pathway::of_lines([
        Line::new(SojournTime::weibull(1.1, 3.0)?, Share::new(0.65)?),
        Line::new(SojournTime::weibull(1.0, 2.0)?, Share::new(0.55)?),
        Line::new(SojournTime::weibull(0.95, 1.4)?, Share::new(0.45)?),
        Line::new(SojournTime::weibull(0.9, 1.0)?, Share::new(0.0)?),
    ])
}

/// 100,000 patients over the cohorts, growing by 3.2 % a year; the last takes what rounding leaves.
fn sizes() -> Vec<u64> {
    let growth: Vec<f64> = (0..22).map(|year| 1.032_f64.powi(year)).collect();
    let sum: f64 = growth.iter().sum();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let mut sizes: Vec<u64> = growth.iter().map(|g| (g / sum * 1e5) as u64).collect();
    sizes[YEARS - 1] += 100_000 - sizes.iter().sum::<u64>();
    sizes
}

fn bench(c: &mut Criterion) {
    let pathway = four_lines().expect("a valid pathway");
    let sizes = sizes();
    let incidence = |draws| {
        let cohorts = Array2::from_shape_fn((YEARS, draws), |(year, _)| sizes[year] as f64);
        YearlyDraws::new(2019, cohorts).expect("valid draws")
    };
    let one = incidence(1);
    let options = FlowOptions {
        cohorts: Some(2019..=2040),
        ..FlowOptions::to(2040)
    };
    c.bench_function("cohort convolution, one draw", |b| {
        b.iter(|| {
            let flow = pathway.flow(&one, &options).expect("a flow");
            flow.in_line(4, Moment::YearEnd).map(|p| p.view()[[21, 0]])
        });
    });
    let mut seed = 0;
    c.bench_function("individual simulation, 100,000 patients", |b| {
        b.iter(|| {
            seed += 1;
            pathway.simulate(2019, &sizes, Entry::default(), Seed::new(seed))
        });
    });
    let many = incidence(10_000);
    let mut group = c.benchmark_group("10,000 draws of incidence");
    group.sample_size(10);
    group.bench_function("known shares and sojourn times", |b| {
        b.iter(|| pathway.flow(&many, &options));
    });
    let uncertain = Pathway::of_lines([
        Line::new(
            SojournTime::weibull(1.1, 3.0)
                .and_then(|s| s.with_relative_error(0.1))
                .expect("a sojourn time"),
            Share::counted(650.0, 1000.0).expect("a share"),
        ),
        Line::new(
            SojournTime::weibull(1.0, 2.0)
                .and_then(|s| s.with_relative_error(0.1))
                .expect("a sojourn time"),
            Share::counted(550.0, 1000.0).expect("a share"),
        ),
        Line::new(
            SojournTime::weibull(0.95, 1.4)
                .and_then(|s| s.with_relative_error(0.1))
                .expect("a sojourn time"),
            Share::counted(450.0, 1000.0).expect("a share"),
        ),
        Line::new(
            SojournTime::weibull(0.9, 1.0).expect("a sojourn time"),
            Share::new(0.0).expect("a share"),
        ),
    ])
    .expect("a valid pathway");
    group.bench_function("uncertain shares and sojourn times", |b| {
        b.iter(|| uncertain.flow(&many, &options));
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
