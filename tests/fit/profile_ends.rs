//! The ends of profile intervals: where they lie, and that their labels say what is there.

use myeloma_epi::IncidenceSeries;
use myeloma_epi::curve::Family;
use myeloma_epi::fit::{FitOptions, Holding, Likelihood, Limit, fit};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Gamma, Poisson};

use super::{close, identified, with};

#[derive(serde::Deserialize)]
struct Reference {
    series: Vec<Vec<f64>>,
    /// Series, curve, likelihood, level, parameter, limits.
    limits: Vec<(usize, Family, Likelihood, f64, usize, f64, f64)>,
}

/// Expected values by scipy, `tests/data/profile_ends.py`.
#[test]
fn limits_are_those_of_an_independent_profile() {
    let reference: Reference =
        serde_json::from_str(include_str!("../data/profile_ends.json")).unwrap();
    assert!(reference.limits.len() > 200);
    for (number, family, likelihood, level, which, lower, upper) in reference.limits {
        let counts = (2000..).zip(reference.series[number].iter().copied());
        let series = IncidenceSeries::from_counts("random", counts).unwrap();
        let fit = identified(family, &series, &with(likelihood));
        let parameter = fit.parameters().remove(which).name;
        let interval = fit.profile_interval(&parameter, level).unwrap();
        let name = format!("{number} {family} {} {parameter}", likelihood.name());
        let width = upper - lower;
        for (limit, expected) in [(interval.lower, lower), (interval.upper, upper)] {
            assert!(matches!(limit, Limit::At(_)), "{name}: {limit:?}");
            let got = limit.value().unwrap();
            assert!(
                (got - expected).abs() < 1e-5 * width,
                "{name}: {got}, {expected}"
            );
        }
    }
}

/// The lower and the upper limit, where there is one.
type Ends = [Option<f64>; 2];

#[derive(serde::Deserialize)]
struct Ceilings {
    series: Vec<Vec<f64>>,
    /// Series, curve, likelihood, level, the limits of the capacity and of the midpoint; `None` where there is none.
    limits: Vec<(usize, Family, Likelihood, f64, Ends, Ends)>,
}

/// Floors of curves that fall for good, by scipy, `tests/data/falling_floors.py`: they begin at 0, and end there where the data reject
/// every floor.
#[test]
fn the_floor_of_a_falling_curve_begins_at_0() {
    let rows: Vec<(Likelihood, Vec<f64>, f64)> =
        serde_json::from_str(include_str!("../data/falling_floors.json")).unwrap();
    assert_eq!(rows.len(), 8);
    for (likelihood, counts, upper) in rows {
        let series = IncidenceSeries::from_counts("falling", (2000..).zip(counts)).unwrap();
        let fit = identified(Family::Logistic, &series, &with(likelihood));
        let interval = fit.profile_interval("capacity", 0.95).unwrap();
        assert_eq!(interval.lower, Limit::EndOfDomain(0.0));
        let Limit::At(found) = interval.upper else {
            panic!("{:?}, {upper}", interval.upper);
        };
        assert!((found - upper).abs() <= 1e-5 * upper, "{found}, {upper}");
    }
}

/// Expected values by scipy, `tests/data/ceiling_profiles.py`: a capacity and a midpoint, determined, without an upper
/// end, and where a constant is not rejected, anything.
#[test]
fn limits_of_a_ceiling_are_those_of_an_independent_profile() {
    let reference: Ceilings =
        serde_json::from_str(include_str!("../data/ceiling_profiles.json")).unwrap();
    assert!(reference.limits.len() > 20);
    for (number, family, likelihood, level, capacity, midpoint) in reference.limits {
        let counts = (2000..).zip(reference.series[number].iter().copied());
        let series = IncidenceSeries::from_counts("random", counts).unwrap();
        let fit = identified(family, &series, &with(likelihood));
        for (parameter, expected) in [("capacity", capacity), ("midpoint", midpoint)] {
            let name = format!("{number} {family} {} {parameter}", likelihood.name());
            let parameter = if family == Family::Gompertz && parameter == "midpoint" {
                "inflection"
            } else {
                parameter
            };
            let interval = fit.profile_interval(parameter, level);
            let interval = interval.unwrap_or_else(|error| panic!("{name}: {error}"));
            for (limit, expected) in [interval.lower, interval.upper].into_iter().zip(expected) {
                let expected = match expected {
                    None => {
                        assert_eq!(limit, Limit::Unbounded, "{name}");
                        continue;
                    }
                    Some(0.0) => {
                        assert_eq!(limit, Limit::EndOfDomain(0.0), "{name}");
                        continue;
                    }
                    Some(expected) => expected,
                };
                let Limit::At(got) = limit else {
                    panic!("{name}: {limit:?}, {expected}");
                };
                let apart = if parameter == "capacity" {
                    (got / expected).ln()
                } else {
                    got - 2000.0 - expected
                };
                assert!(apart.abs() < 1e-4, "{name}: {got}, {expected}");
            }
        }
    }
}

#[derive(serde::Deserialize)]
struct Lines {
    series: Vec<Vec<f64>>,
    /// Series, likelihood, level, the limits of the intercept and of the slope; `None` where the domain ends, at 0.
    limits: Vec<(usize, Likelihood, f64, Ends, Ends)>,
}

/// Expected values by scipy, `tests/data/lines_at_zero.py`: a line that comes to 0 at the first or the last count
/// goes on along 0, as one of counts is not below.
#[test]
fn limits_of_lines_that_come_to_zero_are_those_of_an_independent_profile() {
    let reference: Lines =
        serde_json::from_str(include_str!("../data/lines_at_zero.json")).unwrap();
    assert!(reference.limits.len() > 40);
    for (number, likelihood, level, intercept, slope) in reference.limits {
        let counts = (2000..).zip(reference.series[number].iter().copied());
        let series = IncidenceSeries::from_counts("small", counts).unwrap();
        let fit = identified(Family::Linear, &series, &with(likelihood));
        for (parameter, expected) in [("intercept", intercept), ("slope", slope)] {
            let name = format!("{number} {} {level} {parameter}", likelihood.name());
            let interval = fit.profile_interval(parameter, level);
            let interval = interval.unwrap_or_else(|error| panic!("{name}: {error}"));
            for (limit, expected) in [interval.lower, interval.upper].into_iter().zip(expected) {
                match (limit, expected) {
                    (Limit::At(got), Some(expected)) => {
                        let error = fit.parameter(parameter).unwrap().standard_error.unwrap();
                        assert!(
                            (got - expected).abs() < 1e-6 * error,
                            "{name}: {got}, {expected}"
                        );
                    }
                    (limit, None) => assert_eq!(limit, Limit::EndOfDomain(0.0), "{name}"),
                    (limit, Some(_)) => panic!("{name}: {limit:?}, {expected:?}"),
                }
            }
        }
    }
}

/// The limits of an exponential curve's rate, log-normal, are those of the t distribution, exactly.
#[test]
fn the_rate_of_ten_counts_has_the_exact_t_limits() {
    let counts = [
        1005.0, 1026.0, 1072.0, 1090.0, 1133.0, 1172.0, 1190.0, 1240.0, 1268.0, 1309.0,
    ];
    let series = IncidenceSeries::from_counts("x", (2000..).zip(counts)).unwrap();
    let fit = identified(Family::Exponential, &series, &FitOptions::default());
    let interval = fit.profile_interval("rate", 0.95).unwrap();
    let Limit::At(upper) = interval.upper else {
        panic!("{interval}: a rate has no end of its domain")
    };
    let Limit::At(lower) = interval.lower else {
        panic!("{interval}: a rate has no end of its domain")
    };
    close("lower", lower, 0.028_106_626, 1e-7);
    close("upper", upper, 0.031_117_512, 1e-7);
}

fn random_series(rng: &mut ChaCha8Rng) -> IncidenceSeries {
    let n = rng.random_range(6..22);
    let size = rng.random_range(3.5..9.0_f64).exp();
    let growth = rng.random_range(-0.05..0.07);
    let damping: f64 = rng.random_range(0.0..0.15);
    let alpha = 10.0_f64.powf(rng.random_range(-4.0..-1.5));
    let counts = (0..n).map(|i| {
        let t = f64::from(i);
        let mean = size * (growth * (-(-damping * t).exp_m1()) / damping.max(1e-9)).exp();
        let mean = Gamma::new(1.0 / alpha, alpha * mean).unwrap().sample(rng);
        let count: f64 = Poisson::new(mean.max(1e-9)).unwrap().sample(rng);
        (2000 + i, count.max(1.0))
    });
    IncidenceSeries::from_counts("random", counts.collect::<Vec<_>>()).unwrap()
}

/// A line and an exponential curve have no border but 0: every other limit of theirs is a value.
#[test]
fn curves_without_a_border_have_no_end_of_their_domain() {
    let mut rng = ChaCha8Rng::seed_from_u64(41);
    for _ in 0..200 {
        let series = random_series(&mut rng);
        let likelihood = Likelihood::ALL[rng.random_range(0..5)];
        let level = [0.5, 0.8, 0.9, 0.95, 0.99][rng.random_range(0..5)];
        for family in [Family::Linear, Family::Exponential] {
            let Ok(fit) = fit(family, &series, &with(likelihood)) else {
                continue;
            };
            let fit = fit.identified().unwrap();
            for parameter in fit.parameters() {
                let Ok(interval) = fit.profile_interval(&parameter.name, level) else {
                    continue;
                };
                for limit in [interval.lower, interval.upper] {
                    // A line ends where it would begin below 0.
                    let at = matches!(limit, Limit::At(_))
                        || limit == Limit::Unbounded
                        || (parameter.name == "intercept" && limit == Limit::EndOfDomain(0.0));
                    assert!(
                        at,
                        "{series:?} {family} {likelihood:?} {}: {interval:?}",
                        parameter.name
                    );
                }
                assert!(interval.lower.value() < parameter.estimate);
            }
        }
    }
}

/// Past an end of the domain no curve of the family has such a parameter; at a limit that is a value the likelihood
/// ratio is that of the level; what is unbounded is not rejected far out.
#[test]
fn labels_say_what_is_there() {
    let mut rng = ChaCha8Rng::seed_from_u64(42);
    let (mut ends, mut values, mut unbounded) = (0, 0, 0);
    for _ in 0..25 {
        let series = random_series(&mut rng);
        for family in [Family::Gompertz, Family::Logistic, Family::Richards] {
            let likelihood =
                [Likelihood::Poisson, Likelihood::NegativeBinomial][rng.random_range(0..2)];
            let Ok(found) = fit(family, &series, &with(likelihood)) else {
                continue;
            };
            let found = found.identified().unwrap();
            let best = found.log_likelihood().unwrap();
            for parameter in found.parameters() {
                let Ok(interval) = found.profile_interval(&parameter.name, 0.95) else {
                    continue;
                };
                let held = |value: f64| {
                    let holding = Holding::new(family, &parameter.name, value, series.first_year());
                    let fit = fit(holding.ok()?, &series, &with(likelihood)).ok()?;
                    fit.identified()?.log_likelihood()
                };
                let name = format!(
                    "{series:?} {family} {likelihood:?} {}: {interval:?}",
                    parameter.name
                );
                for (limit, side) in [(interval.lower, -1.0), (interval.upper, 1.0)] {
                    match limit {
                        Limit::EndOfDomain(end) => {
                            ends += 1;
                            let beyond = end + side * 1e-3 * end.abs().max(1e-3);
                            match &*parameter.name {
                                // Declared from 0 to the greatest damping of yearly counts, 10 a year; a logistic
                                // rate is growth besides, and a Richards rate is held back by its shape, too.
                                "rate" => {
                                    let declared = 5.0 + 5.0 * side;
                                    let besides = family != Family::Gompertz;
                                    assert!(
                                        (end - declared).abs() < 1e-12 || (besides && side > 0.0),
                                        "{name}: {end}"
                                    );
                                }
                                "shape" => assert!(held(beyond).is_none(), "{name}"),
                                _ => {}
                            }
                        }
                        Limit::At(value) => {
                            values += 1;
                            let width = interval.upper.value().zip(interval.lower.value());
                            let width = width.map_or(value.abs(), |(upper, lower)| upper - lower);
                            let beyond = held(value + side * 1e-3 * width);
                            // 95 % of χ² with one degree of freedom.
                            let rejected = |there: f64| 2.0 * (best - there) > 3.841_458_8 - 1e-3;
                            assert!(beyond.is_none_or(rejected), "{name}: {beyond:?}, {best}");
                        }
                        Limit::Unbounded => unbounded += 1,
                    }
                }
            }
        }
    }
    println!("{ends} ends of the domain, {values} values, {unbounded} unbounded");
    assert!(values > 50);
}

/// A rate has no upper end where the data do not reject a step, the limit of steeper and steeper curves: from no case
/// to the mean after it, and any count between at the step itself. Its loss is in closed form.
#[test]
fn a_rate_has_no_upper_end_where_a_step_is_not_rejected() {
    let counts = |first: i32, all: &[f64]| {
        let counts: Vec<_> = all
            .iter()
            .zip(first..)
            .map(|(n, year)| (year, *n))
            .collect();
        IncidenceSeries::from_counts("steps", counts).unwrap()
    };
    // No case in the first two years, one in the third, where the step is, and a mean of 2.5 after it.
    let all = [0.0, 0.0, 1.0, 2.0, 1.0, 3.0, 2.0, 4.0, 2.0, 4.0, 2.0];
    let fit = identified(
        Family::Logistic,
        &counts(2000, &all),
        &with(Likelihood::Poisson),
    );
    let poisson =
        |n: f64, mean: f64| n * mean.ln() - mean - statrs::function::gamma::ln_gamma(n + 1.0);
    let step: f64 = poisson(1.0, 1.0) + all[3..].iter().map(|&n| poisson(n, 2.5)).sum::<f64>();
    let fitted: f64 = fit.log_likelihood().unwrap();
    assert!(2.0 * (fitted - step) < 3.8415, "{fitted} {step}");
    assert_eq!(
        fit.profile_interval("rate", 0.95).unwrap().upper,
        Limit::Unbounded
    );

    // Without a 0 no step has a likelihood, and there is an end: SciPy's root of the profile, by `brentq` on Nelder–Mead.
    let all = [
        2.0, 5.0, 9.0, 21.0, 33.0, 62.0, 80.0, 95.0, 108.0, 109.0, 116.0,
    ];
    let fit = identified(
        Family::Logistic,
        &counts(2000, &all),
        &with(Likelihood::Poisson),
    );
    let upper = fit.profile_interval("rate", 0.95).unwrap().upper;
    close("rate", upper.value().unwrap(), 0.991_941_675, 1e-6);
    assert!(matches!(upper, Limit::At(_)), "{upper:?}");
}

/// Counts about a constant reject no rate: a logistic curve may have met its ceiling at any speed before them. Where the
/// greatest damping holds the rate back the interval ends with the domain, and not where something is rejected.
#[test]
fn a_rate_that_the_damping_holds_back_ends_with_the_domain() {
    let counts = [
        52.0, 47.0, 55.0, 49.0, 51.0, 48.0, 56.0, 50.0, 46.0, 53.0, 49.0, 51.0,
    ];
    let series = IncidenceSeries::from_counts("flat", (2000..).zip(counts)).unwrap();
    for likelihood in [Likelihood::Gaussian, Likelihood::LogNormal] {
        for family in [Family::Logistic, Family::Gompertz] {
            let fit = identified(family, &series, &with(likelihood));
            let rate = fit.profile_interval("rate", 0.95).unwrap();
            assert_eq!(rate.lower, Limit::EndOfDomain(0.0), "{family}");
            let Limit::EndOfDomain(upper) = rate.upper else {
                panic!("{family}: {rate}")
            };
            assert!(upper >= 10.0, "{family}: {upper}");
        }
    }
}
