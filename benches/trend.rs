//! Joinpoint regression of the United States counts: models, and permutation tests.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use myeloma_epi::joinpoint::{
    JoinpointOptions, JoinpointRegression, LogLinearTrend, Selection, TrendModel, TrendSeries,
};
use myeloma_epi::{IncidenceSeries, Seed, figures};

fn trend(c: &mut Criterion) {
    let usa = IncidenceSeries::from_figures(figures::registered(), "United States").unwrap();
    let usa = TrendSeries::from(&usa);
    let mut group = c.benchmark_group("trend");
    for (name, model) in [
        ("log-linear", TrendModel::default()),
        ("quasi-Poisson", TrendModel::QuasiPoisson),
    ] {
        group.bench_function(BenchmarkId::new("apc", name), |b| {
            b.iter(|| LogLinearTrend::fit(black_box(&usa), model, 0.95).unwrap());
        });
    }
    for most in [1, 3, 5] {
        let models = JoinpointOptions::default()
            .with_max_joinpoints(most)
            .with_selection(Selection::WeightedBic);
        group.bench_function(BenchmarkId::new("joinpoints", most), |b| {
            b.iter(|| JoinpointRegression::fit(black_box(&usa), &models).unwrap());
        });
        let permuted = models.with_selection(Selection::PermutationTest {
            alpha: 0.05,
            permutations: 4499,
            seed: Seed::default(),
        });
        group.bench_function(BenchmarkId::new("permutation tests", most), |b| {
            b.iter(|| JoinpointRegression::fit(black_box(&usa), &permuted).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, trend);
criterion_main!(benches);
