//! A curve never ends above a curve that it holds, and says where its starts disagreed.

use myeloma_epi::IncidenceSeries;
use myeloma_epi::curve::{Family, GrowthCurve, Parameter};
use myeloma_epi::fit::{Caution, Fit, FitOptions, Likelihood, fit};

/// Numbers between 0 and 1 from a linear congruential generator (Knuth, MMIX).
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A whole number below `n`.
    fn below(&mut self, n: usize) -> usize {
        let x = self.next() * n as f64;
        (1..n).take_while(|i| *i as f64 <= x).count()
    }
}

/// Counts of years that are hard on a growth curve, by kind.
fn hard(kind: usize, uniform: &mut Uniform) -> Vec<f64> {
    let n = 8 + uniform.below(18);
    let growth = 0.2 * (uniform.next() - 0.5);
    let place = uniform.below(n);
    let size = 1.0 + 9.0 * uniform.next();
    (0..n)
        .map(|i| {
            let noise = 1.0 + 0.05 * (uniform.next() - 0.5);
            let steady = 1000.0 * (growth * i as f64).exp() * noise;
            match kind {
                // Alternating.
                0 => [1000.0, 2000.0][i % 2] * if size > 5.0 { 1.0 } else { noise },
                // One outlier.
                1 => steady * if i == place { size } else { 1.0 },
                // A step.
                2 => noise * if i < place { 1000.0 } else { 1000.0 * size },
                // A turn.
                3 => 1000.0 * noise * (growth * (i as f64 - place as f64).abs()).exp(),
                // Nothing but scatter.
                4 => 1000.0 * (0.5 + uniform.next()),
                _ => steady,
            }
        })
        .collect()
}

fn loss(family: Family, series: &IncidenceSeries, likelihood: Likelihood) -> Option<f64> {
    let options = FitOptions {
        likelihood,
        ..FitOptions::default()
    };
    match fit(family, series, &options) {
        Ok(Fit::Identified(fit)) => Some(fit.deviance()),
        _ => None,
    }
}

#[test]
fn no_curve_ends_above_one_that_it_holds() {
    let holds = [
        (Family::Logistic, Family::Exponential),
        (Family::Gompertz, Family::Exponential),
        (Family::Richards, Family::Logistic),
        (Family::Richards, Family::Gompertz),
    ];
    let mut uniform = Uniform(7);
    let (mut compared, mut worse) = (0, Vec::new());
    for round in 0..360 {
        let counts = hard(round % 6, &mut uniform);
        let years = (2000..).zip(counts.iter().copied());
        let series = IncidenceSeries::from_counts("R", years).expect("a series");
        for likelihood in [
            Likelihood::Gaussian,
            Likelihood::LogNormal,
            Likelihood::Poisson,
        ] {
            let losses = Family::ALL.map(|family| (family, loss(family, &series, likelihood)));
            let of = |family| losses.iter().find(|(of, _)| *of == family).unwrap().1;
            for (larger, smaller) in holds {
                let (Some(larger_loss), Some(smaller_loss)) = (of(larger), of(smaller)) else {
                    continue;
                };
                compared += 1;
                if larger_loss > smaller_loss * (1.0 + 1e-9) {
                    worse.push(format!(
                        "{round} {larger} {smaller} {likelihood:?}: {larger_loss} {smaller_loss}"
                    ));
                }
            }
        }
    }
    println!("{compared} compared, {} worse", worse.len());
    assert!(compared > 2000, "{compared}");
    assert!(worse.is_empty(), "{}", worse.join("\n"));
}

/// Whether one start led to the minimum alone, and whether the fit says so.
fn disagreement(family: Family, counts: impl Iterator<Item = f64>) -> Option<(bool, bool)> {
    let years = (2000..).zip(counts);
    let series = IncidenceSeries::from_counts("R", years).expect("a series");
    let options = FitOptions {
        likelihood: Likelihood::Gaussian,
        ..FitOptions::default()
    };
    let Ok(Fit::Identified(fit)) = fit(family, &series, &options) else {
        return None;
    };
    let cautions = fit.cautions();
    let alone = fit.agreeing_starts() < 2 && !cautions.contains(&Caution::RescuedStart);
    Some((alone, cautions.contains(&Caution::StartsDisagree)))
}

#[test]
fn starts_that_disagree_are_said() {
    // Around a curve of the family they agree.
    let curve = (0..20).map(|i| {
        let t = f64::from(i);
        5000.0 / (1.0 + (-0.3 * (t - 8.0)).exp()) * (1.0 + 0.01 * t.sin())
    });
    assert_eq!(disagreement(Family::Logistic, curve), Some((false, false)));
    let mut uniform = Uniform(11);
    let mut alone = 0;
    for round in 0..60 {
        let counts = hard(round % 6, &mut uniform);
        for family in [Family::Logistic, Family::Gompertz, Family::Richards] {
            if let Some((is, said)) = disagreement(family, counts.iter().copied()) {
                assert_eq!(is, said, "{family}, round {round}");
                alone += usize::from(is);
            }
        }
    }
    assert!(alone > 0);
}

/// Whatever the counts, what is estimated lies where the curve says that its parameters lie, and so do the ends of the
/// profiles: no Gompertz curve has a rate below 0.
#[test]
fn estimates_and_profiles_lie_in_the_declared_domain() {
    let mut uniform = Uniform(23);
    let mut seen = 0;
    for round in 0..90 {
        let counts = hard(round % 6, &mut uniform);
        let years = (2000..).zip(counts.iter().copied());
        let series = IncidenceSeries::from_counts("R", years).expect("a series");
        let family = Family::ALL[round % 5];
        let options = FitOptions {
            likelihood: Likelihood::ALL[(round / 5) % 5],
            ..FitOptions::default()
        };
        let Ok(Fit::Identified(fit)) = fit(family, &series, &options) else {
            continue;
        };
        let inside = |of: &Parameter, value: f64| value >= of.lower && value <= of.upper;
        for (of, value) in family.parameters().iter().zip(fit.curve().theta()) {
            assert!(inside(of, *value), "{family} {}: {value}", of.name);
        }
        for (of, estimate) in family.natural_parameters().iter().zip(fit.parameters()) {
            let name = format!("round {round}, {family} {}", of.name);
            if let Some(value) = estimate.estimate {
                assert!(inside(of, value), "{name}: {value}");
            }
            let Ok(profile) = fit.profile_interval(&of.name, 0.95) else {
                continue;
            };
            for end in [profile.lower, profile.upper] {
                if let Some(value) = end.value() {
                    assert!(inside(of, value), "{name}: {end:?}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 100, "{seen}");
}
