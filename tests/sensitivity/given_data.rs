//! Indices and values of information from draws, against closed forms and mgcv.

use myeloma_epi::sensitivity::{Decision, GivenData, InformationValue};
use myeloma_epi::{ErrorKind, Seed};
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};

fn normal(n: usize, seed: u64) -> Vec<f64> {
    let rng = rand::rngs::ChaCha8Rng::seed_from_u64(seed);
    StandardNormal.sample_iter(rng).take(n).collect()
}

/// Two decisions, 0 and μ + s₁x₁ + s₂x₂ + s₃x₃ of standard normal numbers. Knowing x₁ is worth E[max(0, μ + s₁x₁)] − max(0, μ)
/// = s₁φ(μ/s₁) + μΦ(μ/s₁) − max(0, μ).
fn worth(mu: f64, s: f64) -> f64 {
    let z = mu / s;
    let density = (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let cumulative = 0.5 * statrs::function::erf::erfc(-z / 2f64.sqrt());
    s * density + mu * cumulative - mu.max(0.0)
}

struct Normal {
    data: GivenData,
    benefit: Vec<f64>,
    decision: Decision,
}

const MU: f64 = 0.4;
const S: [f64; 3] = [1.0, 0.8, 0.5];

fn two_decisions(n: usize, seed: u64) -> Normal {
    let x: Vec<Vec<f64>> = (0..3).map(|i| normal(n, 10 * seed + i)).collect();
    let benefit: Vec<f64> = (0..n)
        .map(|k| MU + (0..3).map(|i| S[i] * x[i][k]).sum::<f64>())
        .collect();
    let decision = Decision::new([("new", benefit.clone()), ("old", vec![0.0; n])]).unwrap();
    let data = GivenData::new(["x1", "x2", "x3"].into_iter().zip(x)).unwrap();
    Normal {
        data,
        benefit,
        decision,
    }
}

/// The estimates of 40 samples of 2,000 draws: their mean is the closed form within four standard errors of it, and their
/// standard errors are, on average, the standard deviation of the estimates within 30 %.
#[test]
fn values_and_their_errors_are_those_of_the_closed_form() {
    let both = (S[0].powi(2) + S[1].powi(2)).sqrt();
    let all = S.iter().map(|s| s * s).sum::<f64>();
    let cases: [(&[&str], f64); 3] = [(&["x1"], S[0]), (&["x3"], S[2]), (&["x1", "x2"], both)];
    for (inputs, s) in cases {
        let (mut values, mut errors, mut indices, mut held) = (vec![], vec![], vec![], 0);
        let mut index_errors = vec![];
        for seed in 0..40 {
            let case = two_decisions(2_000, seed);
            let value = case
                .data
                .evppi(inputs, &case.decision, Seed::new(seed))
                .unwrap();
            assert!(value.regression_error > 0.0);
            values.push(value.value);
            errors.push(value.standard_error);
            let index = case.data.first_order(inputs, &case.benefit, 0.95).unwrap();
            held += u32::from((index.lower..=index.upper).contains(&(s * s / all)));
            indices.push(index.estimate);
            index_errors.push((index.upper - index.lower) / (2.0 * 1.959_964));
        }
        let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
        let sd = |x: &[f64]| {
            let m = mean(x);
            (x.iter().map(|x| (x - m).powi(2)).sum::<f64>() / (x.len() - 1) as f64).sqrt()
        };
        let truth = worth(MU, s);
        println!(
            "{inputs:?}: {} of {truth}, sd {} se {}; index {} of {}, held {held}",
            mean(&values),
            sd(&values),
            mean(&errors),
            mean(&indices),
            s * s / all
        );
        assert!((mean(&values) - truth).abs() < 4.0 * sd(&values) / 40f64.sqrt());
        assert!((mean(&errors) / sd(&values) - 1.0).abs() < 0.3);
        assert!((mean(&index_errors) / sd(&indices) - 1.0).abs() < 0.3);
        assert!((mean(&indices) - s * s / all).abs() < 4.0 * sd(&indices) / 40f64.sqrt());
        // Of 40 intervals at 95 %, 38 in the mean, with a standard deviation of 1.4.
        assert!((34..=40).contains(&held), "{held}");
    }
    let case = two_decisions(20_000, 1);
    let evpi = case.decision.evpi();
    assert!(
        (evpi.value - worth(MU, all.sqrt())).abs() < 3.0 * evpi.standard_error,
        "{evpi:?}"
    );
}

/// A parameter that says nothing changes no value beyond its error, alone and beside another, whatever its units, tails and
/// number of values; one that says something adds what it is worth, and takes nothing away.
#[test]
fn an_unrelated_parameter_changes_no_value() {
    type Form = (&'static str, fn(f64) -> f64);
    let case = two_decisions(5_000, 3);
    let n = case.benefit.len();
    let unrelated = normal(n, 77);
    let forms: [Form; 4] = [
        ("plain", |z| z),
        ("in other units", |z| 1e-6 * z - 3e4),
        ("with a tail", |z| (2.0 * z).exp()),
        ("of three values", |z| (z + 0.5).clamp(-1.0, 1.0).round()),
    ];
    let [x1, x2] = [30, 31].map(|seed| normal(n, seed));
    let mut inputs = vec![("x1", x1), ("x2", x2)];
    for (name, form) in forms {
        inputs.push((name, unrelated.iter().map(|z| form(*z)).collect()));
    }
    let data = GivenData::new(inputs).unwrap();
    // A third option that is best in no draw asks for a second regression and changes nothing.
    let third: Vec<f64> = case.benefit.iter().map(|b| 0.5 * b - 0.2).collect();
    let options = [
        ("new", case.benefit.clone()),
        ("old", vec![0.0; n]),
        ("half", third),
    ];
    let decision = Decision::new(options).unwrap();
    let value = |inputs: &[&str]| data.evppi(inputs, &decision, Seed::default()).unwrap();
    let alone = value(&["x1"]);
    for (name, _) in forms {
        let beside = value(&["x1", name]);
        println!("{name} {alone:?} {beside:?}");
        assert!(
            (alone.value - beside.value).abs() < 2.0 * beside.regression_error,
            "{name} {alone:?} {beside:?}"
        );
        let nothing = value(&[name]);
        assert!(
            nothing.value.abs() < 0.01 * alone.value,
            "{name} {nothing:?}"
        );
        let index = data.first_order(&[name], &case.benefit, 0.95).unwrap();
        assert!(
            index.lower <= 0.002 && index.estimate.abs() < 0.005,
            "{name} {index:?}"
        );
    }
    let both = value(&["x1", "x2"]);
    let more = worth(MU, S[0].hypot(S[1])) - worth(MU, S[0]);
    assert!(
        (both.value - alone.value - more).abs() < 4.0 * both.standard_error,
        "{alone:?} {both:?} {more}"
    );
}

/// mgcv 1.8-41, `gam(y ~ s(x, bs = "cr", k = 20), method = "REML")` and `te(x1, x2, bs = "cr", k = 7)`, of draws that a formula
/// makes: `tests/data/evppi_mgcv.R`. The search for λ ends within a tenth of its logarithm, where the likelihood is flat.
#[test]
fn regressions_are_those_of_mgcv() {
    #[derive(serde::Deserialize)]
    struct Reference {
        residual_variance: [f64; 2],
        evppi: [f64; 2],
        regression_error: [f64; 2],
    }
    let text = include_str!("../data/evppi_mgcv.json");
    let reference: Reference = serde_json::from_str(text).unwrap();
    let n = 2_000_u32;
    let sequence =
        |step: f64| -> Vec<f64> { (1..=n).map(|i| (f64::from(i) * step).fract()).collect() };
    let [u, v, w] = [2f64.sqrt(), 3f64.sqrt(), 5f64.sqrt()].map(sequence);
    let x2: Vec<f64> = v.iter().map(|v| -(1.0 - v).ln()).collect();
    let y = |i: usize| 3.0 * (6.0 * u[i]).sin() + x2[i] * (1.0 + u[i]) + 4.0 * (w[i] - 0.5) - 1.5;
    let y: Vec<f64> = (0..u.len()).map(y).collect();
    let decision = Decision::new([("new", y.clone()), ("old", vec![0.0; u.len()])]).unwrap();
    let data = GivenData::new([("x1", u), ("x2", x2)]).unwrap();
    let mean = y.iter().sum::<f64>() / f64::from(n);
    let variance = y.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / f64::from(n - 1);
    for (i, inputs) in [&["x1"][..], &["x1", "x2"]].into_iter().enumerate() {
        let index = data.first_order(inputs, &y, 0.95).unwrap();
        let residual = (1.0 - index.estimate) * variance;
        let value = data.evppi(inputs, &decision, Seed::default()).unwrap();
        println!(
            "{residual} {:?} {value:?} {}",
            reference.residual_variance[i], reference.evppi[i]
        );
        assert!((residual / reference.residual_variance[i] - 1.0).abs() < 1e-4);
        assert!((value.value - reference.evppi[i]).abs() < 0.01 * reference.regression_error[i]);
        // Of 200 draws, a standard deviation is known to 5 %.
        assert!((value.regression_error / reference.regression_error[i] - 1.0).abs() < 0.2);
    }
}

/// An input without effect has the index 0, which a 95 % interval holds in 95 of 100 repeats; of 400 four standard deviations are 4.4
/// points. Values whose squares are no numbers are refused.
#[test]
fn an_input_without_effect_has_an_interval_that_holds_0() {
    for binary in [false, true] {
        let (n, repeats) = (500, 400);
        let holds = (0..repeats).filter(|seed| {
            let mut x = normal(n, 2 * seed);
            if binary {
                for x in &mut x {
                    *x = f64::from(*x > 0.0);
                }
            }
            let data = GivenData::new([("x", x)]).unwrap();
            let index = data
                .first_order(&["x"], &normal(n, 2 * seed + 1), 0.95)
                .unwrap();
            index.lower <= 0.0 && 0.0 <= index.upper
        });
        let part = holds.count() as f64 / repeats as f64;
        assert!(part > 0.906, "{binary}: {part}");
    }
    let data = GivenData::new([("x", normal(500, 1))]).unwrap();
    let large: Vec<f64> = normal(500, 2).iter().map(|y| 1e200 * y).collect();
    let refused = data
        .first_order(&["x"], &large, 0.95)
        .unwrap_err()
        .to_string();
    assert!(refused.contains("larger unit"), "{refused}");
}

/// Half of the variance of x + e is that of x, of one of two values as of any, in whatever order draws come and though some are there
/// again: an index of 1,000 draws errs by 0.02.
#[test]
fn sorted_draws_and_repeated_ones_are_no_waves() {
    let n = 1_000;
    let (z, e) = (normal(n, 1), normal(n, 2));
    let two_values: Vec<f64> = z.iter().map(|z| z.signum()).collect();
    for x in [z, two_values] {
        let mut draws: Vec<(f64, f64)> = x.iter().zip(&e).map(|(x, e)| (*x, x + e)).collect();
        let index = |draws: &[(f64, f64)]| {
            let (x, y): (Vec<f64>, Vec<f64>) = draws.iter().copied().unzip();
            let data = GivenData::new([("x", x)]).unwrap();
            data.first_order(&["x"], &y, 0.95).unwrap().estimate
        };
        // As many again by chance, of which two in three are there.
        let mut rng = rand::rngs::ChaCha8Rng::seed_from_u64(3);
        let again: Vec<(f64, f64)> = (0..n).map(|_| draws[rng.random_range(0..n)]).collect();
        draws.sort_by(|a, b| a.1.total_cmp(&b.1));
        for found in [index(&draws), index(&again)] {
            assert!((found - 0.5).abs() < 0.08, "{found}");
        }
    }
}

/// The number of places for normally distributed patients: the best of all is the quantile at 3/4, and the expected loss
/// there (3 + 1)·sd·φ(z₀.₇₅) (Gallego & Moon 1993, doi:10.1057/jors.1993.141). All of it is what perfect information is worth.
#[test]
fn capacity_is_a_quantile() {
    let patients: Vec<f64> = normal(200_000, 5)
        .into_iter()
        .map(|z| 20_000.0 + 2_000.0 * z)
        .collect();
    let capacities: Vec<f64> = (0..=200).map(|i| 10_000.0 + 100.0 * f64::from(i)).collect();
    let decision = Decision::capacity(&patients, &capacities, 3.0, 1.0).unwrap();
    let best: f64 = decision.options()[decision.best()].parse().unwrap();
    assert!(
        (best - (20_000.0 + 2_000.0 * 0.674_489_750_196_081_7)).abs() <= 100.0,
        "{best}"
    );
    let evpi = decision.evpi();
    let loss = 4.0 * 2_000.0 * (-0.5 * 0.674_489_750_196_081_7_f64.powi(2)).exp()
        / (2.0 * std::f64::consts::PI).sqrt();
    // Who knows the patients takes a capacity of the grid, and loses min(3d, h − d) where they are d above one: 3h/8 in the mean.
    let loss = loss - 37.5;
    assert!(
        (evpi.value - loss).abs() < 4.0 * evpi.standard_error,
        "{evpi:?} {loss}"
    );
    assert_eq!(evpi.regression_error, 0.0);

    let decision = Decision::threshold(&[1.0, 5.0, 6.0], 3.0, 2.0).unwrap();
    assert_eq!((decision.expected(), decision.best()), (vec![2.0, 0.0], 0));
    // Acting costs 4 in the first of three draws.
    assert!((decision.evpi().value - 4.0 / 3.0).abs() < 1e-15);
}

#[test]
fn what_cannot_be_estimated_is_refused_by_name() {
    let case = two_decisions(500, 1);
    let y = &case.benefit;
    for (inputs, output, said) in [
        (&[][..], &y[..], "inputs"),
        (&["x1", "x2", "x3"], y, "x1, x2, x3"),
        (&["x1", "x1"], y, "\"x1\" is asked for twice"),
        (&["x9"], y, "\"x9\""),
        (
            &["x1"],
            &y[..499],
            "the output has 499 draws and x1 has 500",
        ),
        (&["x1"], &[3.5; 500], "the output is 3.5 in every draw"),
    ] {
        let error = case
            .data
            .first_order(inputs, output, 0.95)
            .unwrap_err()
            .to_string();
        assert!(error.contains(said), "{error}");
    }
    assert!(case.data.first_order(&["x1"], y, 1.0).is_err());
    let few = two_decisions(300, 1);
    let error = few
        .data
        .first_order(&["x1", "x2"], &few.benefit, 0.95)
        .unwrap_err();
    assert!(
        matches!(
            error.kind(),
            ErrorKind::TooFew {
                found: 300,
                needed: 490,
                ..
            }
        ),
        "{error}"
    );
    let error = few
        .data
        .evppi(&["x1"], &case.decision, Seed::default())
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("500 draws and the inputs have 300"),
        "{error}"
    );

    for (inputs, said) in [
        (vec![], "inputs"),
        (vec![("a", vec![1.0, 2.0]), ("a", vec![1.0, 2.0])], "\"a\""),
        (
            vec![("a", vec![1.0, 2.0]), ("b", vec![1.0])],
            "b has 1 draws",
        ),
        (vec![("a", vec![1.0, f64::NAN])], "a is NaN"),
        (vec![("a", vec![1.0, 1.0])], "a has no variance"),
    ] {
        let error = GivenData::new(inputs).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    for (options, said) in [
        (vec![("a", vec![1.0, 2.0])], "options"),
        (vec![("a", vec![1.0]), ("b", vec![1.0])], "draws"),
        (
            vec![("a", vec![1.0, 2.0]), ("a", vec![1.0, 2.0])],
            "\"a\" is there twice",
        ),
        (
            vec![("a", vec![1.0, 2.0]), ("b", vec![1.0])],
            "\"b\" has 1 draws",
        ),
        (
            vec![("a", vec![1.0, 2.0]), ("b", vec![1.0, f64::NAN])],
            "draw 2 of the option \"b\"",
        ),
    ] {
        let error = Decision::new(options).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    assert!(Decision::capacity(&[1.0, 2.0], &[1.0, 2.0], 0.0, 1.0).is_err());
    assert!(Decision::threshold(&[1.0, 2.0], f64::NAN, 1.0).is_err());
    // Of options of one mean the first is the best.
    let alike = [("a", vec![1.0, 2.0]), ("b", vec![2.0, 1.0])];
    assert_eq!(Decision::new(alike).unwrap().best(), 0);
    let text = serde_json::to_string(&case.decision).unwrap();
    assert_eq!(
        serde_json::from_str::<Decision>(&text).unwrap(),
        case.decision
    );
    assert!(
        serde_json::from_str::<Decision>(r#"{"options":["a"],"benefits":[[1.0,2.0]]}"#).is_err()
    );
}

#[test]
fn a_value_of_information_is_not_negative() {
    for wrong in [[-1.0, 1.0, 0.0], [1.0, -1.0, 0.0], [1.0, 1.0, -1.0]] {
        let [value, error, of_regression] = wrong;
        let text = format!(
            r#"{{"value":{value},"standard_error":{error},"regression_error":{of_regression}}}"#
        );
        assert!(
            serde_json::from_str::<InformationValue>(&text).is_err(),
            "{text}"
        );
    }
}

/// sin ax of a standard normal x has the variance (1 − e^(−2a²))/2, half of which twenty knots follow for a = 20; sin 200x no
/// spline of 3,000 draws follows. Of draws that fill the square by a rule neighbours in one input may be neighbours in the other:
/// a wave of the first is not told from that.
#[test]
fn responses_that_rise_and_fall_are_followed_or_refused() {
    let index = |n: usize, a: f64| {
        let (x, e) = (normal(n, 1), normal(n, 2));
        let wave = x.iter().zip(&e).map(|(x, e)| (a * x).sin() + 0.01 * e);
        let wave: Vec<f64> = wave.collect();
        let data = GivenData::new([("x", x)]).unwrap();
        data.first_order(&["x"], &wave, 0.95)
    };
    for n in [1_000, 3_000, 10_000] {
        assert!(index(n, 5.0).unwrap().estimate > 0.99, "{n}");
    }
    for (n, a) in [(300, 5.0), (300, 20.0), (3_000, 200.0)] {
        let error = index(n, a).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Unsuitable { .. })
                && error.to_string().contains("of its variance is missed"),
            "{n} {a}: {error}"
        );
    }
    let n = 2_000_u32;
    let by_rule =
        |step: f64| -> Vec<f64> { (0..n).map(|i| (f64::from(i) * step).fract()).collect() };
    let (x, z) = (by_rule(0.618_034), by_rule(0.415_214));
    let sum: Vec<f64> = x.iter().zip(&z).map(|(x, z)| 0.5 * x + z).collect();
    let data = GivenData::new([("x", x), ("z", z)]).unwrap();
    let index = data.first_order(&["x"], &sum, 0.95).unwrap();
    assert!((index.estimate - 0.2).abs() < 0.03, "{index}");
    // The interval knows that this may be a wave.
    assert!(index.upper - index.lower > 0.2, "{index}");
}

/// The order in which draws are given tells nothing: sin 200x of sorted draws, a grid or a sequence is followed or refused as that of
/// shuffled ones. Its variance is all of the output's, but for 2 % of noise.
#[test]
fn the_order_of_draws_changes_no_answer() {
    let n = 2_000;
    let (mut x, e) = (normal(n, 1), normal(n, 2));
    for x in &mut x {
        *x = 0.5 * statrs::function::erf::erfc(-*x / 2f64.sqrt());
    }
    let wave = |a: f64, x: &[f64], noise: f64| -> Vec<f64> {
        let both = x.iter().zip(&e);
        both.map(|(x, e)| (a * x).sin() + noise * e).collect()
    };
    let of = |x: &[f64], y: &[f64]| {
        let data = GivenData::new([("x", x.to_vec())]).unwrap();
        data.first_order(&["x"], y, 0.95)
    };
    for a in [40.0, 200.0, 1_000.0] {
        let y = wave(a, &x, 0.1);
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|a, b| x[*a].total_cmp(&x[*b]));
        let sorted = |all: &[f64]| -> Vec<f64> { order.iter().map(|i| all[*i]).collect() };
        match (of(&x, &y), of(&sorted(&x), &sorted(&y))) {
            (Ok(one), Ok(other)) => {
                assert!(
                    (one.estimate - other.estimate).abs() < 1e-6,
                    "{one} {other}"
                );
                assert!(a < 500.0 && (one.estimate - 0.98).abs() < 0.01, "{a} {one}");
            }
            (Err(one), Err(other)) => assert_eq!(one.to_string(), other.to_string()),
            (one, other) => panic!("{a}: {one:?} {other:?}"),
        }
    }
    let grid: Vec<f64> = (0..n).map(|i| (i as f64 + 0.5) / n as f64).collect();
    let golden: Vec<f64> = (0..n).map(|i| (i as f64 * 0.618_034).fract()).collect();
    for x in [grid, golden] {
        for a in [300.0, 600.0] {
            match of(&x, &wave(a, &x, 0.0)) {
                Ok(index) => assert!((index.estimate - 1.0).abs() < 0.02, "{a} {index}"),
                Err(error) => assert!(error.to_string().contains("is missed"), "{error}"),
            }
        }
    }
}

/// To know x of sin 5x + z is worth E[max(0, sin 5x)] = 1/π, as 5x mod 2π is all but uniform. A penalised spline smooths some of
/// that; twenty knots found 0.28, and 1.96 errors about it held the truth in 65 % of the samples.
#[test]
fn the_value_of_a_wave_is_that_of_its_phase() {
    let (mut values, mut held) = (Vec::new(), 0);
    for seed in 0..20 {
        let n = 2_000;
        let (x, z) = (normal(n, 10 * seed + 1), normal(n, 10 * seed + 2));
        let benefit = x.iter().zip(&z).map(|(x, z)| (5.0 * x).sin() + z).collect();
        let decision = Decision::new([("new", benefit), ("old", vec![0.0; n])]).unwrap();
        let data = GivenData::new([("x", x)]).unwrap();
        let value = data.evppi(&["x"], &decision, Seed::new(seed)).unwrap();
        let error = value.standard_error.hypot(value.regression_error);
        held += u32::from((value.value - std::f64::consts::FRAC_1_PI).abs() < 1.96 * error);
        values.push(value.value);
    }
    let mean = values.iter().sum::<f64>() / 20.0;
    println!("{mean} {held}");
    assert!((mean - std::f64::consts::FRAC_1_PI).abs() < 0.025, "{mean}");
    assert!(held >= 16, "{held}");
}

/// Of all samples of waves, steps and logarithms of uniform, normal and skewed inputs at most one in five is neither refused nor has
/// the truth in its interval: closed forms of the variances. Of 10 intervals at 95 % three do not hold it by chance in one of a hundred.
#[test]
fn waves_are_followed_refused_or_within_the_interval() {
    type Form = (&'static str, fn(f64, f64, f64) -> f64, f64);
    // By a uniform u, a normal z for the input and a normal e. sin ax of a uniform x: ∫sin²ax − (∫sin ax)²; of a normal one
    // (1 − e^(−2a²))/2.
    let uniform = |a: f64| 0.5 - (2.0 * a).sin() / (4.0 * a) - ((1.0 - a.cos()) / a).powi(2);
    let share = |signal: f64, noise: f64| signal / (signal + noise);
    let waves: [Form; 9] = [
        (
            "normal 20 .01",
            |x, _, e| (20.0 * x).sin() + 0.01 * e,
            share(0.5, 1e-4),
        ),
        (
            "normal 40 1",
            |x, _, e| (40.0 * x).sin() + e,
            share(0.5, 1.0),
        ),
        (
            "uniform 100 .1",
            |_, u, e| (100.0 * u).sin() + 0.1 * e,
            share(uniform(100.0), 0.01),
        ),
        (
            "uniform 200 .1",
            |_, u, e| (200.0 * u).sin() + 0.1 * e,
            share(uniform(200.0), 0.01),
        ),
        (
            "uniform 300 .1",
            |_, u, e| (300.0 * u).sin() + 0.1 * e,
            share(uniform(300.0), 0.01),
        ),
        (
            "uniform 200 1",
            |_, u, e| (200.0 * u).sin() + e,
            share(uniform(200.0), 1.0),
        ),
        // ln x of a log-normal x whose logarithm has the standard deviation 3.
        ("logarithm", |x, _, e| 3.0 * x + 0.3 * e, share(9.0, 0.09)),
        ("square", |x, _, e| x * x + e, share(2.0, 1.0)),
        (
            "step",
            |_, u, e| f64::from(u > 0.37) + 0.2 * e,
            share(0.37 * 0.63, 0.04),
        ),
    ];
    for (i, (name, form, truth)) in waves.into_iter().enumerate() {
        for (n, repeats) in [(400, 40_u32), (2_000, 10)] {
            let (mut held, mut taken, mut sum, mut width) = (0, 0_u32, 0.0, 0.0);
            for seed in (0..repeats).map(u64::from) {
                let [z, of_uniform, e] =
                    [1, 2, 3].map(|k| normal(n, 10_000 * i as u64 + 10 * seed + k));
                let u: Vec<f64> = of_uniform
                    .iter()
                    .map(|z| 0.5 * statrs::function::erf::erfc(-z / 2f64.sqrt()))
                    .collect();
                let y = (0..n).map(|k| form(z[k], u[k], e[k])).collect::<Vec<f64>>();
                let x = match name.split(' ').next().unwrap() {
                    "uniform" | "step" => u,
                    "logarithm" => z.iter().map(|z| (3.0 * z).exp()).collect(),
                    _ => z,
                };
                let data = GivenData::new([("x", x)]).unwrap();
                if let Ok(index) = data.first_order(&["x"], &y, 0.95) {
                    taken += 1;
                    held += u32::from((index.lower..=index.upper).contains(&truth));
                    sum += index.estimate;
                    width += index.upper - index.lower;
                }
            }
            assert!(
                5 * (taken - held) <= repeats,
                "{name} {n}: {held} of {taken}"
            );
            // What a spline of 20 coefficients follows is not refused.
            if ["square", "step", "logarithm"].contains(&name) {
                assert_eq!(taken, repeats, "{name} {n}");
            }
            println!(
                "{name} {n} {truth:.4}: {held} of {taken} of {repeats}, mean {:.4} width {:.4}",
                sum / f64::from(taken),
                width / f64::from(taken)
            );
        }
    }
}
