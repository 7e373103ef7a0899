//! Many draws: two regions whose growth is stated, the share that reaches third line, 17 years.

use std::time::Instant;

use myeloma_epi::pathway::{ShareDistribution, ThirdLine, UltimateShare};
use myeloma_epi::projection::StatedGrowth;
use myeloma_epi::{DrawSource, Seed};
use serde_json::{Value, json};

const SEED: Seed = Seed::new(1);

fn region(name: &str, cases: f64, mean: f64, deviation: f64) -> impl DrawSource + use<> {
    let growth = StatedGrowth::new(name, 2024, cases, mean, deviation).unwrap();
    growth.draws_to(2040, SEED).unwrap()
}

/// The three quantiles of every region and year.
fn quantiles(draws: usize) -> Vec<Vec<Vec<f64>>> {
    let (first, second) = (
        region("First", 180_000.0, 0.020, 0.004),
        region("Second", 36_000.0, 0.010, 0.006),
    );
    let regions: [&dyn DrawSource; 2] = [&first, &second];
    let share = UltimateShare::new(0.30, 0.40, ShareDistribution::Pert).unwrap();
    let tallies = ThirdLine::tally(&regions, &share, SEED, draws).unwrap();
    let of = |tally: &myeloma_epi::YearlyTally| {
        let years = tally.years();
        years
            .map(|year| tally.quantiles(year, &[0.025, 0.5, 0.975]).unwrap())
            .collect()
    };
    tallies.iter().map(of).collect()
}

/// The greatest memory that the process has had, in MiB, where the system tells.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kib.map_or(f64::NAN, |kib: f64| kib / 1024.0)
}

/// The time that the threads of the process have been on a processor, in ms, where the system tells:
/// what other programs do at the same time does not count.
fn busy() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    let of_task = |task: std::io::Result<std::fs::DirEntry>| {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    };
    tasks.filter_map(of_task).sum::<f64>() / 1e6
}

/// Least times by the clock and on the processor (ms) with 1 and with 2 threads, the greatest memory
/// above that at the start (MiB), and the quantiles, for several numbers of draws.
pub(crate) fn measure() -> Value {
    let pools = [1, 2].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap()
    });
    let start = peak();
    let mut rows = Vec::new();
    for draws in [10_000, 100_000, 1_000_000, 10_000_000] {
        let (mut clock, mut processor) = ([f64::INFINITY; 2], [f64::INFINITY; 2]);
        for _ in 0..if draws > 1_000_000 { 5 } else { 20 } {
            for (i, pool) in pools.iter().enumerate() {
                let (begin, before) = (Instant::now(), busy());
                pool.install(|| quantiles(draws));
                processor[i] = processor[i].min(busy() - before);
                clock[i] = clock[i].min(begin.elapsed().as_secs_f64() * 1e3);
            }
        }
        rows.push(json!({
            "draws": draws,
            "clock_ms": clock,
            "processor_ms": processor,
            "mib": peak() - start,
            "quantiles": quantiles(draws),
        }));
    }
    Value::from(rows)
}
