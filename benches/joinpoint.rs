//! Joinpoint regression of the United States counts: models, and permutation tests.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use myeloma_epi::joinpoint::{
    AnnualSeries, ErrorVariance, JoinpointOptions, JoinpointRegression, LogLinearTrend, Selection,
};
use myeloma_epi::{IncidenceSeries, Seed, figures};

fn joinpoint(c: &mut Criterion) {
    let usa = IncidenceSeries::from_figures(figures::registered(), "United States").unwrap();
    let usa = AnnualSeries::from(&usa);
    let mut group = c.benchmark_group("joinpoint");
    group.bench_function(BenchmarkId::new("apc", "log-linear"), |b| {
        let variance = ErrorVariance::Constant;
        b.iter(|| LogLinearTrend::least_squares(black_box(&usa), variance, 0.95).unwrap());
    });
    group.bench_function(BenchmarkId::new("apc", "quasi-Poisson"), |b| {
        b.iter(|| LogLinearTrend::quasi_poisson(black_box(&usa), 0.95).unwrap());
    });
    for most in [1, 3, 5] {
        let models = JoinpointOptions {
            max_joinpoints: Some(most),
            selection: Selection::WeightedBic,
            ..JoinpointOptions::default()
        };
        group.bench_function(BenchmarkId::new("joinpoints", most), |b| {
            b.iter(|| JoinpointRegression::fit(black_box(&usa), &models).unwrap());
        });
        let permuted = JoinpointOptions {
            selection: Selection::PermutationTest {
                alpha: 0.05,
                permutations: 4499,
                seed: Seed::default(),
            },
            ..models
        };
        group.bench_function(BenchmarkId::new("permutation tests", most), |b| {
            b.iter(|| JoinpointRegression::fit(black_box(&usa), &permuted).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, joinpoint);
criterion_main!(benches);
