//! How often intervals hold the truth, by simulation.
//!
//!     JOINPOINT_COVERAGE=2000 cargo test --release --test joinpoint coverage -- --nocapture
//!
//! prints the table of METHODS.md from so many series a line; without the variable 150 series of a few lines are
//! checked. Series are exact up to normal errors of the logarithm with standard deviation 0.02.

use myeloma_epi::Seed;
use myeloma_epi::joinpoint::{AnnualSeries, Intervals, JoinpointOptions, JoinpointRegression};

const METHODS: [(&str, Intervals); 4] = [
    (
        "resampled",
        Intervals::Resampled {
            resamples: 1000,
            seed: Seed::new(4),
        },
    ),
    ("parametric", Intervals::Parametric),
    ("Clegg", Intervals::Clegg),
    ("conditional", Intervals::Conditional),
];

/// Equally long segments with these slopes.
fn truth(n: usize, slopes: &[f64]) -> Vec<f64> {
    let knot = |i: usize| ((n - 1) as f64 * i as f64 / slopes.len() as f64).round();
    let in_segment = |t: f64, i: usize| (t.min(knot(i + 1)) - knot(i)).max(0.0);
    let at = |t: f64| {
        slopes
            .iter()
            .enumerate()
            .map(|(i, slope)| slope * in_segment(t, i))
            .sum::<f64>()
    };
    (0..n).map(|t| 5.0 + at(t as f64)).collect()
}

/// Shares of series whose intervals hold the truth: of the average over all years in the model with the true number of
/// joinpoints and in the chosen one, and of the changes in the true number.
#[derive(Default)]
struct Coverage {
    average: f64,
    chosen: f64,
    changes: f64,
}

fn simulate(n: usize, slopes: &[f64], runs: u64) -> [Coverage; 4] {
    let mut state = 2026 + n as u64 + 1000 * slopes.len() as u64;
    let mut uniform = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    };
    let truth = truth(n, slopes);
    let average = (truth[n - 1] - truth[0]) / (n - 1) as f64;
    let last = 2000 + i32::try_from(n).unwrap() - 1;
    let mut coverage: [Coverage; 4] = Default::default();
    for _ in 0..runs {
        let counts = truth.iter().zip(2000..).map(|(log, year)| {
            let normal = (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos();
            (year, (log + 0.02 * normal).exp())
        });
        let series = AnnualSeries::from_counts("simulated", counts).unwrap();
        for ((_, intervals), coverage) in METHODS.iter().zip(&mut coverage) {
            let options = JoinpointOptions {
                intervals: *intervals,
                ..JoinpointOptions::default()
            };
            let fit = JoinpointRegression::fit(&series, &options).unwrap();
            let holds = |(lower, upper): (f64, f64), truth: f64| {
                f64::from(u8::from(lower <= truth && truth <= upper)) / runs as f64
            };
            let model = &fit.models()[slopes.len() - 1];
            let of_model = model.average_annual_percent_change(2000, last).unwrap();
            coverage.average += holds(of_model.slope_interval(), average);
            let chosen = fit
                .selected()
                .average_annual_percent_change(2000, last)
                .unwrap();
            coverage.chosen += holds(chosen.slope_interval(), average);
            for (segment, slope) in model.segments().iter().zip(slopes) {
                coverage.changes +=
                    holds(segment.change.slope_interval(), *slope) / slopes.len() as f64;
            }
        }
    }
    coverage
}

#[test]
fn coverage_of_changes_and_their_average() {
    if let Ok(runs) = std::env::var("JOINPOINT_COVERAGE") {
        let names: Vec<&str> = METHODS.iter().map(|(name, _)| *name).collect();
        println!("| n | slopes, % | {} |", names.join(" | "));
        let cases: [&[f64]; 4] = [&[0.03], &[0.04, 0.0], &[0.02, 0.01], &[0.04, -0.01, 0.03]];
        for n in [12, 20, 30] {
            for slopes in cases {
                let cells = simulate(n, slopes, runs.parse().unwrap()).map(|c| {
                    let [average, chosen, changes] =
                        [c.average, c.chosen, c.changes].map(|x| 100.0 * x);
                    format!("{average:.1}; {chosen:.1}; {changes:.1}")
                });
                let slopes: Vec<String> = slopes
                    .iter()
                    .map(|x| format!("{:+.0}", 100.0 * x))
                    .collect();
                println!("| {n} | {} | {} |", slopes.join(", "), cells.join(" | "));
            }
        }
        return;
    }
    // A share of 0.95 of 150 has a standard error of 0.018.
    for (n, slopes) in [(12, &[0.03][..]), (12, &[0.04, 0.0]), (20, &[0.04, 0.0])] {
        let [resampled, parametric, clegg, conditional] = simulate(n, slopes, 150);
        for fine in [&resampled, &parametric] {
            assert!(
                (0.90..=0.99).contains(&fine.average),
                "{n}, {slopes:?}: {}",
                fine.average
            );
            assert!(
                (0.88..=0.99).contains(&fine.changes),
                "{n}, {slopes:?}: {}",
                fine.changes
            );
        }
        if slopes.len() > 1 {
            assert!(clegg.average > 0.98, "{n}, {slopes:?}: {}", clegg.average);
            assert!(
                conditional.average < 0.93,
                "{n}, {slopes:?}: {}",
                conditional.average
            );
        }
    }
}
