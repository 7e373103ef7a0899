//! The stages of an outlook, by region and curve, with 1, 10,000 and 1,000,000 draws.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use myeloma_epi::curve::Family;
use myeloma_epi::fit::{FitOptions, Likelihood, PublishedProjectionUse, fit};
use myeloma_epi::pathway::{ShareDistribution, ThirdLine, UltimateShare};
use myeloma_epi::{IncidenceSeries, Projection, ProjectionOptions, Seed, figures};

const DRAWS: [usize; 3] = [1, 10_000, 1_000_000];

fn region(name: &str) -> IncidenceSeries {
    let series = IncidenceSeries::from_figures(figures::press_release(), name).unwrap();
    series.assuming_relative_error(0.03).unwrap()
}

/// The curves that the figures of a region identify, and what they use.
fn identified(name: &str) -> Vec<(Family, PublishedProjectionUse)> {
    let mut all = vec![
        (Family::Linear, PublishedProjectionUse::Ignore),
        (Family::Exponential, PublishedProjectionUse::Ignore),
    ];
    if name == "World" {
        all.push((Family::Logistic, PublishedProjectionUse::AsFigure));
        all.push((Family::Gompertz, PublishedProjectionUse::AsFigure));
    }
    all
}

fn fits(c: &mut Criterion) {
    let mut group = c.benchmark_group("fit");
    for name in ["World", "China"] {
        let series = region(name);
        for (family, choice) in identified(name) {
            let options = FitOptions {
                published_projection: choice,
                ..FitOptions::default()
            };
            group.bench_function(BenchmarkId::new(name, family), |b| {
                b.iter(|| fit(family, black_box(&series), &options).unwrap());
            });
        }
    }
    let usa = IncidenceSeries::from_figures(figures::registered(), "United States").unwrap();
    for likelihood in [Likelihood::LogNormal, Likelihood::Poisson] {
        for family in Family::ALL {
            let options = FitOptions {
                likelihood,
                ..FitOptions::default()
            };
            let name = format!("{family}/{}", likelihood.name());
            group.bench_function(BenchmarkId::new("United States", name), |b| {
                b.iter(|| fit(family, black_box(&usa), &options).unwrap());
            });
        }
    }
    group.finish();
}

fn projections(c: &mut Criterion) {
    let mut group = c.benchmark_group("project");
    group.sample_size(10);
    for name in ["World", "China"] {
        let series = region(name);
        for (family, choice) in identified(name) {
            for draws in DRAWS {
                let options = ProjectionOptions {
                    draws,
                    fit: FitOptions {
                        published_projection: choice,
                        ..FitOptions::default()
                    },
                    ..ProjectionOptions::to(2040)
                };
                group.throughput(Throughput::Elements(draws as u64));
                group.bench_function(BenchmarkId::new(format!("{name}/{family}"), draws), |b| {
                    b.iter(|| Projection::of(&family, black_box(&series), &options).unwrap());
                });
            }
        }
    }
    group.finish();
}

fn third_line(c: &mut Criterion) {
    let mut group = c.benchmark_group("third_line");
    group.sample_size(10);
    for name in ["World", "China"] {
        for draws in DRAWS {
            let options = ProjectionOptions {
                draws,
                ..ProjectionOptions::to(2040)
            };
            let incidence = Projection::of(&Family::Exponential, &region(name), &options).unwrap();
            for distribution in ShareDistribution::ALL {
                let share = UltimateShare::new(0.30, 0.40, distribution).unwrap();
                group.throughput(Throughput::Elements(draws as u64));
                let id =
                    BenchmarkId::new(format!("{name}/exponential/{}", distribution.name()), draws);
                group.bench_function(id, |b| {
                    b.iter(|| {
                        ThirdLine::new(black_box(incidence.new_cases()), &share, Seed::default())
                            .unwrap()
                    });
                });
            }
        }
    }
    group.finish();
}

criterion_group!(benches, fits, projections, third_line);
criterion_main!(benches);
