//! Sobol' indices: of a model of six factors with 131,072 evaluations, with the error of the indices and without.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use myeloma_epi::sensitivity::{Distribution, IndexError, Inputs, SobolIndices, SobolOptions};

/// Patients at third line: cases·e^(16·growth)·treated·p12·p23·e^(−0.02·lag).
fn third_line(x: &[f64]) -> f64 {
    x[0] * (16.0 * x[1]).exp() * x[2] * x[3] * x[4] * (-0.02 * x[5]).exp()
}

fn sensitivity(c: &mut Criterion) {
    let inputs = [
        ("cases", 160e3, 200e3),
        ("growth", 0.01, 0.03),
        ("treated", 0.8, 0.95),
        ("p12", 0.55, 0.75),
        ("p23", 0.45, 0.65),
        ("lag", 1.0, 3.0),
    ];
    let inputs = inputs
        .into_iter()
        .fold(Inputs::default(), |all, (name, lower, upper)| {
            all.with(name, Distribution::Uniform { lower, upper })
                .unwrap()
        });
    let mut group = c.benchmark_group("sensitivity");
    // The model alone, as often.
    let rows: Vec<[f64; 6]> = (0..1 << 17)
        .map(|i| [170e3 + f64::from(i), 0.02, 0.9, 0.6, 0.5, 2.0])
        .collect();
    group.bench_function("model alone", |b| {
        b.iter(|| {
            rows.iter()
                .map(|row| third_line(black_box(row)))
                .sum::<f64>()
        });
    });
    for (name, error) in [
        ("without error", IndexError::None),
        ("8 parts", IndexError::Parts(8)),
        ("8 scramblings", IndexError::Scramblings(8)),
        ("bootstrap of 100", IndexError::Bootstrap(100)),
    ] {
        let options = SobolOptions {
            points: 1 << 14,
            error,
            ..SobolOptions::default()
        };
        group.bench_function(BenchmarkId::new("indices", name), |b| {
            let model = |x: &[f64], y: &mut [f64]| y[0] = third_line(x);
            b.iter(|| {
                SobolIndices::of(&inputs, &["patients"], model, black_box(&options)).unwrap()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, sensitivity);
criterion_main!(benches);
