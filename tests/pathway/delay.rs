//! Sojourn times and delays against `SciPy` (`data/stays.py`).

use std::collections::BTreeMap;

use approx::assert_relative_eq;
use myeloma_epi::pathway::{
    Delay, Entry, FlowOptions, ShareDistribution, SojournFamily, SojournTime, UltimateShare,
};
use myeloma_epi::{Seed, YearlyDraws};
use ndarray::Array2;

#[derive(serde::Deserialize)]
struct Reference {
    #[serde(rename = "stays")]
    sojourn_times: BTreeMap<String, Expected>,
    sums: Vec<Sum>,
}

#[derive(serde::Deserialize)]
struct Expected {
    t: Vec<f64>,
    cdf: Vec<f64>,
    p: Vec<f64>,
    quantile: Vec<f64>,
    mean: f64,
}

#[derive(serde::Deserialize)]
struct Sum {
    first: String,
    second: String,
    t: Vec<f64>,
    cdf: Vec<f64>,
    integral: Vec<f64>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../data/stays.json")).unwrap()
}

fn sojourn_time(name: &str) -> SojournTime {
    match name {
        "exponential" => SojournTime::exponential(2.5),
        "weibull" => SojournTime::weibull(0.8, 2.0),
        "weibull_high" => SojournTime::weibull(2.2, 1.3),
        "gamma" => SojournTime::gamma(0.6, 3.0),
        "gamma_high" => SojournTime::gamma(4.0, 0.7),
        "log_normal" => SojournTime::log_normal(1.6, 0.9),
        "log_logistic" => SojournTime::log_logistic(1.4, 1.2),
        _ => unreachable!("a distribution of the reference"),
    }
    .unwrap()
}

#[test]
fn sojourn_times_are_those_of_scipy() {
    for (name, expected) in reference().sojourn_times {
        let time = sojourn_time(&name);
        for (t, cdf) in expected.t.iter().zip(&expected.cdf) {
            assert_relative_eq!(time.cdf(*t), *cdf, max_relative = 1e-10);
        }
        for (p, quantile) in expected.p.iter().zip(&expected.quantile) {
            assert_relative_eq!(time.quantile(*p).unwrap(), *quantile, max_relative = 1e-10);
        }
        assert_relative_eq!(time.mean(), expected.mean, max_relative = 1e-12);
    }
}

#[test]
fn delays_are_exact_to_ten_digits() {
    for sum in reference().sums {
        let delay = Delay::new(sojourn_time(&sum.first), sojourn_time(&sum.second));
        for (i, &t) in sum.t.iter().enumerate() {
            let (cdf, integral) = (delay.cdf(t).unwrap(), delay.integrated_cdf(t).unwrap());
            let place = format!("{} + {} at {t}", sum.first, sum.second);
            assert!(
                (cdf - sum.cdf[i]).abs() < 1e-10,
                "{place}: {cdf}, {}",
                sum.cdf[i]
            );
            assert!(
                (integral - sum.integral[i]).abs() < 1e-10,
                "{place}: {integral}, {}",
                sum.integral[i]
            );
        }
    }
}

/// A delay without a first or second time is the other one; a table that is straight is a uniform
/// distribution, two of which add up to the triangular one.
#[test]
fn degenerate_delays_have_closed_forms() {
    let delay = Delay::new(SojournTime::none(), SojournTime::exponential(2.0).unwrap());
    assert_relative_eq!(
        delay.cdf(1.0).unwrap(),
        -(-0.5_f64).exp_m1(),
        max_relative = 1e-14
    );
    let uniform = SojournTime::table([(0.0, 0.0), (1.0, 1.0)]).unwrap();
    let triangular = Delay::new(uniform.clone(), uniform);
    for (t, cdf) in [(0.5, 0.125), (1.0, 0.5), (1.5, 0.875), (2.5, 1.0)] {
        assert_relative_eq!(triangular.cdf(t).unwrap(), cdf, max_relative = 1e-12);
    }
    assert_relative_eq!(triangular.median(), 1.0, max_relative = 1e-8);
}

/// Starts are the convolution with the incidence of all earlier years, and add up to everybody.
/// Two fixed times have both passed at their sum, however it is rounded, and not before.
#[test]
fn two_fixed_times_have_passed_at_their_sum() {
    let fixed = |tenths: u32| {
        let at = f64::from(tenths) / 10.0;
        SojournTime::table([(at, 0.0), (at, 1.0)]).unwrap()
    };
    for (first, second) in (1..=20).flat_map(|a| (1..=20).map(move |b| (a, b))) {
        let delay = Delay::new(fixed(first), fixed(second));
        let sum = f64::from(first + second) / 10.0;
        for (years, passed) in [(sum - 1e-6, 0.0), (sum, 1.0), (sum + 1e-6, 1.0)] {
            let got = delay.cdf(years).unwrap();
            assert!(
                (got - passed).abs() < 1e-12,
                "{first}, {second}: {got} at {years}"
            );
        }
        // Of those of the middle of a year: in the year that ends half a year or more after the sum.
        let year = (first + second + 4) / 10;
        for (after, part) in (0..).zip(delay.yearly(6, Entry::MidYear).unwrap()) {
            let expected = f64::from(after == year);
            assert!(
                (part - expected).abs() < 1e-12,
                "{first}, {second}: {part} after {after}"
            );
        }
    }
}

/// A time of two straight pieces with a step between, and perhaps one at 0, and an exponential one of mean m: of those who leave
/// the first at s, 1 − e^(−(t − s)/m) have left both.
#[test]
fn a_step_between_two_pieces_has_a_closed_form() {
    let mean = 0.7;
    for at_once in [0.0, 0.2] {
        let points = [(0.0, at_once), (1.0, 0.3), (1.0, 0.6), (3.0, 1.0)];
        let first = SojournTime::table(points).unwrap();
        let delay = Delay::new(first, SojournTime::exponential(mean).unwrap());
        for years in [0.5, 1.0, 1.7, 2.5, 6.0] {
            let piece = |from: f64, to: f64, density: f64| {
                let to = f64::min(to, years);
                let left = |s: f64| (-(years - s) / mean).exp();
                density * (to - from - mean * (left(to) - left(from))).max(0.0)
            };
            let late = |from: f64, to, density| {
                if years > from {
                    piece(from, to, density)
                } else {
                    0.0
                }
            };
            let step = |at: f64, part: f64| part * -(-f64::max(years - at, 0.0) / mean).exp_m1();
            let steps = step(0.0, at_once) + step(1.0, 0.3);
            let expected = late(0.0, 1.0, 0.3 - at_once) + steps + late(1.0, 3.0, 0.2);
            let got = delay.cdf(years).unwrap();
            assert!((got - expected).abs() < 1e-11, "{years}: {got} {expected}");
        }
    }
}

#[test]
fn starts_are_the_convolution_with_incidence() {
    let sums = reference().sums;
    let sum = &sums[0];
    let delay = Delay::new(sojourn_time(&sum.first), sojourn_time(&sum.second));
    let incidence = YearlyDraws::new(2000, Array2::from_elem((12, 3), 1000.0)).unwrap();
    let share = UltimateShare::new(0.5, 0.5, ShareDistribution::Uniform).unwrap();
    let options = FlowOptions {
        cohorts: Some(2000..=2011),
        ..FlowOptions::to(2011)
    };
    let starts = delay.starts(&incidence, &share, &options).unwrap();
    // A steady inflow: the starts of the last of 12 years are those with a delay of up to 12 years,
    // averaged over the year, ∫₀¹² G − ∫₀¹¹ G.
    let expected = 500.0 * (sum.integral[3] - delay.integrated_cdf(11.0).unwrap());
    assert_relative_eq!(
        starts.starts().median(2011).unwrap(),
        expected,
        max_relative = 1e-10
    );
    let earlier = starts.part_diagnosed_before(2011, 2011).unwrap();
    let own = delay.yearly(1, Entry::UniformOverYear).unwrap()[0];
    assert_relative_eq!(earlier, 1.0 - 500.0 * own / expected, max_relative = 1e-10);
    assert_eq!(starts.part_diagnosed_before(2011, 2000).unwrap(), 0.0);
    for entry in [Entry::UniformOverYear, Entry::MidYear] {
        let all: f64 = delay.yearly(200, entry).unwrap().iter().sum();
        assert_relative_eq!(all, 1.0, max_relative = 1e-9);
    }
}

#[test]
fn sojourn_times_are_found_from_quantiles_and_moments() {
    for family in [
        SojournFamily::Weibull,
        SojournFamily::Gamma,
        SojournFamily::LogNormal,
        SojournFamily::LogLogistic,
    ] {
        for quantile in [(0.75, 3.1), (0.25, 1.2), (0.95, 9.0)] {
            let time = SojournTime::from_median(family, 2.0, quantile).unwrap();
            assert_relative_eq!(time.cdf(2.0), 0.5, max_relative = 1e-9);
            assert_relative_eq!(time.cdf(quantile.1), quantile.0, max_relative = 1e-9);
        }
        let time = SojournTime::from_mean_sd(family, 2.0, 1.5).unwrap();
        assert_relative_eq!(time.mean(), 2.0, max_relative = 1e-9);
    }
    // Closed forms: a gamma time with mean 2 and sd 1.5 has shape 16/9 and scale 9/8; a log-normal
    // one has σ² = ln(1 + 9/16).
    let gamma = SojournTime::from_mean_sd(SojournFamily::Gamma, 2.0, 1.5).unwrap();
    let same = SojournTime::gamma(16.0 / 9.0, 9.0 / 8.0).unwrap();
    assert_relative_eq!(gamma.cdf(1.0), same.cdf(1.0), max_relative = 1e-12);
    let normal = SojournTime::from_mean_sd(SojournFamily::LogNormal, 2.0, 1.5).unwrap();
    assert_relative_eq!(normal.median(), 2.0 / 1.25, max_relative = 1e-12);
}

/// For two exponential times the Laplace transform is 1/((1 + g·m₁)(1 + g·m₂)).
#[test]
fn uncertain_delays_repeat_and_grow_by_appending() {
    let time = |mean| {
        SojournTime::exponential(mean)
            .unwrap()
            .with_relative_error(0.2)
            .unwrap()
    };
    let delay = Delay::new(time(2.0), time(1.5));
    let share = UltimateShare::new(0.3, 0.4, ShareDistribution::Pert).unwrap();
    let starts = |draws: usize| {
        let incidence = YearlyDraws::new(2019, Array2::from_elem((8, draws), 100.0)).unwrap();
        let options = FlowOptions {
            seed: Seed::new(5),
            ..FlowOptions::to(2026)
        };
        delay.starts(&incidence, &share, &options).unwrap()
    };
    let (few, many) = (starts(1100), starts(2200));
    for year in 2019..=2026 {
        let (few, many) = (
            few.starts().year(year).unwrap(),
            many.starts().year(year).unwrap(),
        );
        assert!(few.iter().zip(many).all(|(a, b)| a == b));
    }
    assert!(few.starts().interval(2026, 0.95).unwrap().0 > 0.0);
}

/// Two exponential times are done in closed form, a Weibull time of shape 1 by quadrature; equal and nearly
/// equal scales, and short and long times.
#[test]
fn exponential_times_in_closed_form_are_those_by_quadrature() {
    for (a, b) in [
        (2.5, 1.5),
        (1.5, 2.5),
        (2.0, 2.0),
        (2.0, 2.0 + 1e-9),
        (0.01, 30.0),
    ] {
        let closed = Delay::new(
            SojournTime::exponential(a).unwrap(),
            SojournTime::exponential(b).unwrap(),
        );
        let quadrature = Delay::new(
            SojournTime::weibull(1.0, a).unwrap(),
            SojournTime::weibull(1.0, b).unwrap(),
        );
        for t in [0.02, 0.1, 1.0, 5.0, 40.0, 400.0] {
            let (closed, by_quadrature) = (
                closed.integrated_cdf(t).unwrap(),
                quadrature.integrated_cdf(t).unwrap(),
            );
            approx::assert_relative_eq!(
                closed,
                by_quadrature,
                max_relative = 1e-9,
                epsilon = 1e-13
            );
        }
    }
}

/// A delay keeps to the tolerance that it is given, or says that it does not; a tolerance that is none is
/// refused, as in a flow of a pathway.
#[test]
fn a_delay_keeps_to_its_tolerance() {
    let incidence = YearlyDraws::new(2000, Array2::from_elem((12, 2), 1000.0)).unwrap();
    let share = UltimateShare::new(0.3, 0.4, ShareDistribution::Pert).unwrap();
    let smooth = Delay::new(
        SojournTime::weibull(0.8, 2.0).unwrap(),
        SojournTime::log_normal(1.2, 0.9).unwrap(),
    );
    // A narrow log-normal time between the points at which the range of integration is divided.
    let steep = Delay::new(
        SojournTime::gamma(0.05, 2.0).unwrap(),
        SojournTime::log_normal(1.2, 1e-4).unwrap(),
    );
    let run = |delay: &Delay, tolerance: f64| {
        let options = FlowOptions {
            tolerance,
            ..FlowOptions::to(2011)
        };
        delay.starts(&incidence, &share, &options)
    };
    for tolerance in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = run(&smooth, tolerance).unwrap_err().to_string();
        assert!(error.contains("tolerance"), "{error}");
    }
    for delay in [&smooth, &steep] {
        assert!(run(delay, 1e-6).is_ok());
        let error = run(delay, 1e-300).unwrap_err().to_string();
        assert!(error.contains("1e-300"), "{error}");
    }
}

/// The sum of two times that are uniform from 0 to 10 years has the density t/100 up to 10 years and (20 − t)/100 from there, and
/// so, of a cohort that is diagnosed through a year, ∫ₙⁿ⁺¹ of its distribution function. Tables of as many points as there may be.
#[test]
fn tables_of_ten_thousand_points_are_convolved() {
    let points = 10_000_u32;
    let table = |curve: &dyn Fn(f64) -> f64| {
        let part = |i| f64::from(i) / f64::from(points - 1);
        let times = (0..points).map(|i| 10.0 * part(i));
        let left = (0..points).map(|i| curve(part(i)));
        SojournTime::table(times.zip(left)).unwrap()
    };
    let uniform = || table(&|part| part);
    let delay = Delay::new(uniform(), uniform());
    let cdf = |t: f64| {
        if t <= 10.0 {
            t * t / 200.0
        } else {
            1.0 - (20.0 - t).powi(2) / 200.0
        }
    };
    for t in [0.3, 5.0, 10.0, 13.37, 19.9] {
        approx::assert_relative_eq!(delay.cdf(t).unwrap(), cdf(t), epsilon = 1e-11);
    }
    let integral = |t: f64| {
        if t <= 10.0 {
            t.powi(3) / 600.0
        } else {
            t - 10.0 + (20.0 - t).powi(3) / 600.0
        }
    };
    let parts = delay.yearly(25, Entry::UniformOverYear).unwrap();
    let ended = |n: f64| {
        if n < 20.0 {
            integral(n + 1.0) - integral(n)
        } else {
            1.0
        }
    };
    for (n, part) in (0..25).map(f64::from).zip(parts) {
        let before = if n > 0.0 { ended(n - 1.0) } else { 0.0 };
        approx::assert_relative_eq!(part, ended(n) - before, epsilon = 1e-10);
    }
    // Behind a time of shape ½: P(sum ≤ t) = ∫₀ᵗ F(t − s) ds/10 with F(x) = 1 − e^(−√x), which is t − 2(1 − (1 + √t)e^(−√t)).
    let root = SojournTime::weibull(0.5, 1.0).unwrap();
    let delay = Delay::new(uniform(), root);
    for t in [0.01_f64, 0.5, 4.0, 9.5] {
        let r = t.sqrt();
        let expected = (t - 2.0 * (1.0 - (1.0 + r) * (-r).exp())) / 10.0;
        approx::assert_relative_eq!(delay.cdf(t).unwrap(), expected, epsilon = 1e-9);
    }
}

/// Few nodes between the breaks of a long table do not see the tail of the other time beyond its last landmark. Even points on the line
/// from 0 to 1 are a uniform time U, and with an exponential time E of mean s, for t of 1 or more,
/// E[(t − U − E)⁺] = t − ½ − s + s²·(e^(−(t − 1)/s) − e^(−t/s)).
#[test]
fn a_long_table_misses_no_tail() {
    let points = (0..=69).map(|i| (f64::from(i) / 69.0, f64::from(i) / 69.0));
    let uniform = SojournTime::table(points).unwrap();
    for s in [0.001, 0.01, 0.1, 0.5, 1.0, 3.0] {
        let exponential = SojournTime::exponential(s).unwrap();
        let integral = |t: f64| t - 0.5 - s + s * s * ((-(t - 1.0) / s).exp() - (-t / s).exp());
        for delay in [
            Delay::new(uniform.clone(), exponential.clone()),
            Delay::new(exponential.clone(), uniform.clone()),
        ] {
            for t in [1.0, 5.0, 20.0, 60.0, 200.0, 499.0, 2_000.0] {
                let got = delay.integrated_cdf(t).unwrap();
                assert!(
                    (got - integral(t)).abs() < 1e-11 * t.max(1.0),
                    "{s} at {t}: {:e}",
                    got - integral(t)
                );
            }
            // By second differences, from the second year on.
            let parts = delay.yearly(200, Entry::UniformOverYear).unwrap();
            for (year, part) in (1..).zip(&parts).skip(2) {
                let [a, b, c] = [year - 2, year - 1, year].map(|t| integral(f64::from(t)));
                let expected = c - 2.0 * b + a;
                assert!(
                    (part - expected).abs() < 2e-11,
                    "{s}, year {year}: {part} {expected}"
                );
            }
        }
    }
}
