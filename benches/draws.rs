//! Many draws: third line of two regions whose growth is stated, one curve's incidence, and the
//! summary of draws that are kept, with 10,000 to 10,000,000 draws and on 1 and 2 threads.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use myeloma_epi::curve::Family;
use myeloma_epi::pathway::{ShareDistribution, ThirdLine, UltimateShare};
use myeloma_epi::projection::{CurveDraws, StatedGrowth};
use myeloma_epi::{
    DrawSource, IncidenceSeries, ProjectionOptions, Seed, YearlyDraws, YearlyTally, figures,
};
use rayon::{ThreadPool, ThreadPoolBuilder};

const DRAWS: [usize; 4] = [10_000, 100_000, 1_000_000, 10_000_000];

fn pools() -> [(usize, ThreadPool); 2] {
    [1, 2].map(|threads| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        (threads, pool.unwrap())
    })
}

fn third_line(c: &mut Criterion) {
    let mut group = c.benchmark_group("third_line_tally");
    group.sample_size(10);
    let seed = Seed::default();
    let growth = |region, cases, mean, deviation| {
        let growth = StatedGrowth::new(region, 2024, cases, mean, deviation).unwrap();
        growth.draws_to(2040, seed).unwrap()
    };
    let (first, second) = (
        growth("First", 180_000.0, 0.020, 0.004),
        growth("Second", 36_000.0, 0.010, 0.006),
    );
    let share = UltimateShare::new(0.30, 0.40, ShareDistribution::Pert).unwrap();
    for (threads, pool) in pools() {
        for draws in DRAWS {
            group.throughput(Throughput::Elements(draws as u64));
            group.bench_function(BenchmarkId::new(format!("{threads} threads"), draws), |b| {
                b.iter(|| {
                    let regions: [&dyn DrawSource; 2] = [black_box(&first), &second];
                    pool.install(|| ThirdLine::tally(&regions, &share, seed, draws).unwrap())
                });
            });
        }
    }
    group.finish();
}

fn curve(c: &mut Criterion) {
    let mut group = c.benchmark_group("curve");
    group.sample_size(10);
    let series = IncidenceSeries::from_figures(figures::press_release(), "World").unwrap();
    let series = series.assuming_relative_error(0.03).unwrap();
    let options = ProjectionOptions::to(2040);
    let source = CurveDraws::new(&Family::Exponential, &series, &options).unwrap();
    for draws in DRAWS {
        group.throughput(Throughput::Elements(draws as u64));
        group.bench_function(BenchmarkId::new("tally", draws), |b| {
            b.iter(|| YearlyTally::of(black_box(&source), draws).unwrap());
        });
    }
    for draws in [10_000, 1_000_000] {
        let kept = YearlyDraws::of(&source, draws).unwrap();
        group.bench_function(BenchmarkId::new("summary of kept draws", draws), |b| {
            b.iter(|| black_box(&kept).summary());
        });
    }
    group.finish();
}

criterion_group!(benches, third_line, curve);
criterion_main!(benches);
