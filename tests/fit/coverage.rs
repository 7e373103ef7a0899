//! How often prediction intervals of counts cover, by simulation.
//!
//! The table in `METHODS.md` is made by
//!
//! ```text
//! COVERAGE_SERIES=2000 cargo test --test fit coverage -- --nocapture
//! ```

use myeloma_epi::IncidenceSeries;
use myeloma_epi::curve::Family;
use myeloma_epi::fit::{Likelihood, fit};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, Gamma, Poisson};

use super::with;

#[path = "../data/published.rs"]
mod published;

/// Series of 15 counts about a constant mean, without and with extra scatter (α = 0.05), an exponential curve, and a
/// new count two years on. Series without any case have no fit, and are not counted. Every cell is that of METHODS.md.
#[test]
fn prediction_intervals_cover_new_counts() {
    let stated = std::env::var("COVERAGE_SERIES").ok();
    let series: usize = stated
        .as_ref()
        .map_or(400, |number| number.parse().expect("a number of series"));
    let mut rows = published::rows("| mean | counts | likelihood | covered, % |").into_iter();
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    println!("| mean | counts | likelihood | covered, % |\n|--:|---|---|--:|");
    for mean in [2.0, 5.0, 20.0, 100.0] {
        for (kind, alpha, likelihood) in [
            ("Poisson", 0.0, Likelihood::Poisson),
            ("Poisson", 0.0, Likelihood::QuasiPoisson),
            ("α = 0.05", 0.05, Likelihood::QuasiPoisson),
            ("α = 0.05", 0.05, Likelihood::NegativeBinomial),
        ] {
            let mut count = |_| {
                let mean = if alpha > 0.0 {
                    Gamma::new(1.0 / alpha, alpha * mean)
                        .unwrap()
                        .sample(&mut rng)
                } else {
                    mean
                };
                Poisson::new(mean).unwrap().sample(&mut rng)
            };
            let (mut covered, mut fitted) = (0, 0);
            for _ in 0..series {
                let counts: Vec<(i32, f64)> =
                    (2005..2020).map(|year| (year, count(year))).collect();
                let new = count(2021);
                let counts = IncidenceSeries::from_counts("simulated", counts).unwrap();
                let Ok(fit) = fit(Family::Exponential, &counts, &with(likelihood)) else {
                    continue;
                };
                let fit = fit.identified().unwrap();
                let (lower, upper) = fit.prediction_interval(2021.0, 0.95).unwrap();
                fitted += 1;
                covered += usize::from((lower..=upper).contains(&new));
            }
            let (covered, fitted) = (covered as f64, f64::from(fitted));
            let share = covered / fitted;
            println!(
                "| {mean} | {kind} | {} | {:.1} |",
                likelihood.name(),
                100.0 * share
            );
            assert!(fitted > 0.95 * series as f64);
            let row = rows.next().unwrap();
            let cell = [&mean.to_string(), kind, likelihood.name()];
            assert_eq!(cell, [&row[0][..], &row[1], &row[2]]);
            if stated.is_none() {
                let percent = row[3].parse().unwrap();
                published::check(&cell.join(" "), (percent, 2_000.0), (share, fitted));
            }
        }
    }
}
