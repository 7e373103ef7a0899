//! Sobol' indices against closed forms.

use std::f64::consts::PI;

use myeloma_epi::sensitivity::{
    Distribution, IndexError, Inputs, Joint, SobolIndices, SobolOptions,
};
use myeloma_epi::{ErrorKind, Seed};

fn uniform(ranges: &[(&str, f64, f64)]) -> Inputs {
    ranges
        .iter()
        .fold(Inputs::default(), |inputs, &(name, lower, upper)| {
            inputs
                .with(name, Distribution::Uniform { lower, upper })
                .unwrap()
        })
}

/// A model of one output, its inputs, and its first-order and total indices.
struct Case {
    inputs: Inputs,
    model: fn(&[f64]) -> f64,
    first: Vec<f64>,
    total: Vec<f64>,
}

/// Ishigami & Homma (1990) with a = 7, b = 0.1: V = a²/8 + bπ⁴/5 + b²π⁸/18 + 1/2, V₁ = (1 + bπ⁴/5)²/2, V₂ = a²/8,
/// V₁₃ = b²π⁸·8/225.
fn ishigami() -> Case {
    let (a, b) = (7.0, 0.1);
    let v1 = 0.5 * (1.0 + b * PI.powi(4) / 5.0).powi(2);
    let v2 = a * a / 8.0;
    let v13 = b * b * PI.powi(8) * 8.0 / 225.0;
    let v = v1 + v2 + v13;
    Case {
        inputs: uniform(&[("x1", -PI, PI), ("x2", -PI, PI), ("x3", -PI, PI)]),
        model: |x| x[0].sin() + 7.0 * x[1].sin().powi(2) + 0.1 * x[2].powi(4) * x[0].sin(),
        first: vec![v1 / v, v2 / v, 0.0],
        total: vec![(v1 + v13) / v, v2 / v, v13 / v],
    }
}

const A: [f64; 8] = [0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0];

/// Sobol's g-function: the product of (|4x − 2| + a)/(1 + a), each factor with mean 1 and variance 1/(3(1 + a)²).
fn g_function() -> Case {
    let variances = A.map(|a| 1.0 / (3.0 * (1.0_f64 + a).powi(2)));
    let names = ["1", "2", "3", "4", "5", "6", "7", "8"];
    let (first, total) = of_product(&variances);
    Case {
        inputs: uniform(&names.map(|name| (name, 0.0, 1.0))),
        model: |x| {
            let factors = x.iter().zip(A);
            factors
                .map(|(x, a)| ((4.0 * x - 2.0).abs() + a) / (1.0 + a))
                .product()
        },
        first,
        total,
    }
}

/// The indices of a product of independent factors with these squared coefficients of variation.
fn of_product(variances: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let all: f64 = variances.iter().map(|v| 1.0 + v).product();
    let first = variances.iter().map(|v| v / (all - 1.0));
    let total = variances.iter().map(|v| v * all / (1.0 + v) / (all - 1.0));
    (first.collect(), total.collect())
}

/// Patients at third line in six factors: cases·e^(16·growth)·treated·p12·p23·e^(−0.02·lag).
fn funnel() -> Case {
    let uniform_cv2 = |a: f64, b: f64| (b - a).powi(2) / 12.0 / (0.5 * (a + b)).powi(2);
    let exponential_cv2 = |k: f64, a: f64, b: f64| {
        let moment = |k: f64| ((k * b).exp() - (k * a).exp()) / (k * (b - a));
        moment(2.0 * k) / moment(k).powi(2) - 1.0
    };
    let (first, total) = of_product(&[
        uniform_cv2(160e3, 200e3),
        exponential_cv2(16.0, 0.01, 0.03),
        uniform_cv2(0.8, 0.95),
        uniform_cv2(0.55, 0.75),
        uniform_cv2(0.45, 0.65),
        exponential_cv2(-0.02, 1.0, 3.0),
    ]);
    Case {
        inputs: uniform(&[
            ("cases", 160e3, 200e3),
            ("growth", 0.01, 0.03),
            ("treated", 0.8, 0.95),
            ("p12", 0.55, 0.75),
            ("p23", 0.45, 0.65),
            ("lag", 1.0, 3.0),
        ]),
        model: |x| x[0] * (16.0 * x[1]).exp() * x[2] * x[3] * x[4] * (-0.02 * x[5]).exp(),
        first,
        total,
    }
}

/// y = x₁ + 2x₂ + 3x₃ of normal numbers, the last two correlated at 1/2: of the variance of 20 the group has 19.
fn linear() -> Case {
    let group = Joint::Correlated {
        means: vec![1.0, 2.0],
        sds: vec![1.0, 1.0],
        correlation: vec![vec![1.0, 0.5], vec![0.5, 1.0]],
    };
    let normal = Distribution::Normal { mean: 5.0, sd: 1.0 };
    let inputs = Inputs::default().with("x1", normal).unwrap();
    Case {
        inputs: inputs.with_group("g", ["x2", "x3"], group).unwrap(),
        model: |x| x[0] + 2.0 * x[1] + 3.0 * x[2],
        first: vec![0.05, 0.95],
        total: vec![0.05, 0.95],
    }
}

/// The product of three numbers that are symmetric about 0: no input alone moves anything, E[Y | x] = 0, and none is without the others.
fn product() -> Case {
    Case {
        inputs: uniform(&["a", "b", "c"].map(|name| (name, -1.0, 1.0))),
        model: |x| x[0] * x[1] * x[2],
        first: vec![0.0; 3],
        total: vec![1.0; 3],
    }
}

fn indices(case: &Case, options: &SobolOptions) -> Vec<[(f64, f64, f64); 2]> {
    let model = case.model;
    let indices = SobolIndices::of(&case.inputs, &["y"], |x, y| y[0] = model(x), options).unwrap();
    let inputs = indices.outputs()[0].inputs.iter();
    inputs
        .map(|input| [input.first, input.total].map(|i| (i.estimate, i.lower, i.upper)))
        .collect()
}

/// Values as published for the Ishigami function, so that the closed form is not misread.
#[test]
fn the_closed_form_is_the_published_one() {
    let case = ishigami();
    for (got, published) in case.first.iter().zip([0.3139, 0.4424, 0.0]) {
        assert!((got - published).abs() < 5e-5);
    }
    for (got, published) in case.total.iter().zip([0.5576, 0.4424, 0.2437]) {
        assert!((got - published).abs() < 5e-5);
    }
}

/// Indices of one scrambling less the truth: first-order and total, input by input.
fn errors(case: &Case, points: usize, seed: Seed) -> Vec<f64> {
    let options = SobolOptions {
        points,
        error: IndexError::None,
        seed,
        ..SobolOptions::default()
    };
    let got = indices(case, &options);
    assert_eq!(got.len(), case.first.len());
    let of = |(i, both): (usize, [(f64, f64, f64); 2])| {
        [both[0].0 - case.first[i], both[1].0 - case.total[i]]
    };
    got.into_iter().enumerate().flat_map(of).collect()
}

/// Ishigami's function: all indices within 0.002 of the closed form in 95 of 100 seeds with one scrambling of 2¹⁴ points (81,920
/// evaluations); in all with 2¹⁵ (163,840). `SciPy`'s are in 91 and in 98 of
/// 100:
/// `benches/peers/sobol.py`.
#[test]
fn indices_of_ishigami() {
    let case = ishigami();
    for (points, least) in [(1 << 14, 95), (1 << 15, 100)] {
        let (mut within, mut squares) = (0, vec![0.0; 6]);
        for seed in 0..100 {
            let errors = errors(&case, points, Seed::new(seed));
            within += i32::from(errors.iter().all(|error| error.abs() < 2e-3));
            for (sum, error) in squares.iter_mut().zip(&errors) {
                *sum += error * error;
            }
        }
        let rms = squares.iter().map(|sum| (sum / 100.0).sqrt());
        let rms: Vec<String> = rms.map(|rms| format!("{rms:.5}")).collect();
        println!("{points}: within 0.002 {within} of 100, root mean squares {rms:?}");
        assert!(within >= least, "{points} {within}");
    }
    let options = SobolOptions {
        error: IndexError::Parts(8),
        ..SobolOptions::default()
    };
    for (i, both) in indices(&case, &options).into_iter().enumerate() {
        let truth = [case.first[i], case.total[i]];
        for ((estimate, lower, upper), truth) in both.into_iter().zip(truth) {
            assert!((estimate - truth).abs() < 2e-3, "{estimate}");
            assert!(lower < truth && truth < upper, "{lower} {upper}");
        }
    }
}

/// The median absolute error over 100 seeds, in the mean of all indices, is that of Owen's scrambling by its definition, a
/// random bit at each node of a tree: `tests/data/owen_errors.py`. Either is itself known to about 10 %.
#[test]
fn errors_are_those_of_owens_scrambling() {
    let text = include_str!("../data/owen_errors.json");
    let exact: serde_json::Value = serde_json::from_str(text).unwrap();
    for (name, case) in [
        ("ishigami", ishigami()),
        ("g", g_function()),
        ("funnel", funnel()),
    ] {
        let many: Vec<Vec<f64>> = (0..100)
            .map(|seed| errors(&case, 1 << 14, Seed::new(seed)))
            .collect();
        let median = |i: usize| {
            let mut sizes: Vec<f64> = many.iter().map(|errors| errors[i].abs()).collect();
            sizes.sort_by(f64::total_cmp);
            0.5 * (sizes[49] + sizes[50])
        };
        let n = many[0].len();
        let mean = (0..n).map(median).sum::<f64>() / n as f64;
        let exact = exact["owen"][name].as_f64().unwrap();
        assert!(
            (mean / exact).ln().abs() < 1.4_f64.ln(),
            "{name}: {mean} {exact}"
        );
    }
}

/// The group has 95 % of the variance, whether an index is its own or total: within three times the widest half interval.
#[test]
fn a_group_has_its_indices() {
    let case = linear();
    let options = SobolOptions::default();
    for (i, both) in indices(&case, &options).into_iter().enumerate() {
        for (estimate, lower, upper) in both {
            assert!(
                (estimate - case.first[i]).abs() < 1.5 * (upper - lower),
                "{estimate}"
            );
            assert!(upper - lower < 0.01, "{lower} {upper}");
        }
    }
}

/// Intervals of independent scramblings hold the truth as often as they say: of 1,000 and more, 95 % within 4 standard
/// errors. Those of parts and of the bootstrap hold it at least as often, but where three inputs act together only: there the
/// bound is from below for scramblings alone. `COVERAGE_SEEDS=400` takes so many (a quarter for the bootstrap), more
/// points too, and prints the table of METHODS.md.
#[test]
fn intervals_cover_what_they_say() {
    let stated = std::env::var("COVERAGE_SEEDS").ok();
    let stated: Option<u64> = stated.map(|seeds| seeds.parse().unwrap());
    let seeds = stated.unwrap_or(300);
    let sizes: &[usize] = if stated.is_some() {
        &[1 << 10, 1 << 14]
    } else {
        &[1 << 10]
    };
    for (name, case) in [
        ("ishigami", ishigami()),
        ("g", g_function()),
        ("funnel", funnel()),
        ("linear", linear()),
        ("product", product()),
    ] {
        for &points in sizes {
            for (error, seeds, allowed) in [
                (IndexError::Parts(8), seeds, 0.95..=1.0),
                (IndexError::Scramblings(8), seeds, 0.92..=0.98),
                (IndexError::Scramblings(16), seeds, 0.92..=0.98),
                (IndexError::Bootstrap(50), seeds / 4, 0.95..=1.0),
            ] {
                let (covered, width) = coverage(&case, points, error, seeds);
                println!("{name} {points} {error:?}: {covered:.3}, mean width {width:.5}");
                // Whose points do not know the error of three inputs together.
                if name == "product" && !matches!(error, IndexError::Scramblings(_)) {
                    continue;
                }
                assert!(
                    allowed.contains(&covered),
                    "{name} {points} {error:?} {covered}"
                );
            }
        }
    }
}

/// The default's intervals hold the first-order indices of the product, each 0, for every input: of 200 seeds 95 % within four
/// standard errors, by values and by ranks (whose expectation given an input is ½ by the same symmetry).
#[test]
fn intervals_of_the_default_hold_where_three_inputs_act_together() {
    let case = product();
    let held = |ranks, error| {
        let mut held = [0; 3];
        for seed in 0..200 {
            let options = SobolOptions {
                points: 1 << 12,
                error,
                ranks,
                seed: Seed::new(seed),
                ..SobolOptions::default()
            };
            for (held, both) in held.iter_mut().zip(indices(&case, &options)) {
                *held += i32::from((both[0].1..=both[0].2).contains(&0.0));
            }
        }
        held
    };
    for ranks in [false, true] {
        let held = held(ranks, SobolOptions::default().error);
        assert!(held.iter().all(|held| *held >= 178), "{ranks} {held:?}");
    }
    // Parts of one scrambling do not: what METHODS.md states.
    assert_eq!(held(false, IndexError::Parts(8)), [191, 148, 179]);
}

/// The share of intervals that hold the truth, of all inputs and both indices together, and their mean width.
fn coverage(case: &Case, points: usize, error: IndexError, seeds: u64) -> (f64, f64) {
    let (mut held, mut all, mut widths) = (0_u32, 0_u32, 0.0);
    for seed in 0..seeds {
        let options = SobolOptions {
            points,
            error,
            seed: Seed::new(seed),
            ..SobolOptions::default()
        };
        for (i, both) in indices(case, &options).into_iter().enumerate() {
            for (truth, (_, lower, upper)) in [case.first[i], case.total[i]].into_iter().zip(both) {
                all += 1;
                held += u32::from((lower..=upper).contains(&truth));
                widths += upper - lower;
            }
        }
    }
    (f64::from(held) / f64::from(all), widths / f64::from(all))
}

/// The bootstrap takes points for independent ones: of n, the total index of a normal number with a share T of the variance has
/// a relative variance of 2/n from the squared differences, whose square has twice their squared mean, and of 1/n from the variance
/// of 2n outputs; what these have in common is of the order T². 400 samples know a width to 5 %.
#[test]
fn the_bootstrap_has_the_width_of_independent_points() {
    let options = SobolOptions {
        points: 1 << 12,
        error: IndexError::Bootstrap(400),
        ..SobolOptions::default()
    };
    let (estimate, lower, upper) = indices(&linear(), &options)[0][1];
    let expected = 2.0 * 1.959_964 * estimate * (3.0 / 4096.0_f64).sqrt();
    assert!(
        ((upper - lower) / expected - 1.0).abs() < 0.15,
        "{lower} {upper} {expected}"
    );
}

/// The values that an error names are those of the evaluation that failed: the fourth is that of the second input's.
#[test]
fn an_error_names_the_values_of_the_evaluation() {
    let inputs = uniform(&[("a", 0.0, 1.0), ("b", 0.0, 1.0)]);
    let options = SobolOptions {
        points: 64,
        error: IndexError::None,
        ..SobolOptions::default()
    };
    let rows = std::sync::Mutex::new(Vec::new());
    let model = |x: &[f64], y: &mut [f64]| {
        let mut rows = rows.lock().unwrap();
        rows.push(x.to_vec());
        y[0] = if rows.len() == 4 { f64::NAN } else { x[0] };
    };
    let error = SobolIndices::of(&inputs, &["y"], model, &options).unwrap_err();
    let rows = rows.into_inner().unwrap();
    let said = format!("a = {}, b = {}:", rows[3][0], rows[3][1]);
    assert!(error.to_string().contains(&said), "{error} {said}");
    assert_eq!((rows[3][0], rows[3][1]), (rows[0][0], rows[1][1]));
}

/// One scrambling or eight, in parts, the bootstrap or none: the same bits on one thread and on five.
#[test]
fn threads_change_no_bit() {
    let case = ishigami();
    for error in [
        IndexError::Parts(8),
        IndexError::Scramblings(8),
        IndexError::Bootstrap(30),
        IndexError::None,
    ] {
        let options = SobolOptions {
            points: 1 << 13,
            error,
            ..SobolOptions::default()
        };
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| indices(&case, &options))
        };
        assert_eq!(on(1), on(5));
        let other = SobolOptions {
            seed: Seed::new(77),
            ..options.clone()
        };
        assert_ne!(indices(&case, &options), indices(&case, &other));
    }
}

/// Ranks of exp(20·z), which has a variance of e⁸⁰⁰, with z = 0.8·x₁ + 0.6·x₂ of standard normal numbers: they are Φ(z), and
/// with ρ = 0.8 and 0.6 the first-order indices are Var(Φ(ρx/√(2 − ρ²)))·12 = 6/π·arcsin(ρ²/2), since
/// E[Φ(cx)²] = 1/4 + arcsin(c²/(1 + c²))/2π; the total index of one is what the first-order one of the other leaves. An increasing
/// function changes nothing, and a constant has no ranks.
#[test]
fn ranks_have_indices_where_values_have_no_variance() {
    let normal = Distribution::Normal { mean: 0.0, sd: 1.0 };
    let inputs = Inputs::default().with("x1", normal.clone()).unwrap();
    let inputs = inputs.with("x2", normal).unwrap();
    let options = SobolOptions {
        ranks: true,
        ..SobolOptions::default()
    };
    let of = |f: fn(f64) -> f64| {
        let model = |x: &[f64], y: &mut [f64]| y[0] = f(0.8 * x[0] + 0.6 * x[1]);
        SobolIndices::of(&inputs, &["y"], model, &options)
    };
    let ranks = of(|z| (20.0 * z).exp()).unwrap();
    let first = [0.64_f64, 0.36].map(|square| 6.0 / PI * (square / 2.0).asin());
    let of_y = &ranks.outputs()[0];
    for (i, input) in of_y.inputs.iter().enumerate() {
        for (index, expected) in [(input.first, first[i]), (input.total, 1.0 - first[1 - i])] {
            assert!(
                (index.estimate - expected).abs() < 0.002,
                "{index} {expected}"
            );
            assert!(
                index.lower < expected && expected < index.upper,
                "{index} {expected}"
            );
        }
    }
    // A uniform distribution from 0 to 1.
    assert!((of_y.mean - 0.5).abs() < 1e-12 && (of_y.sd - 1.0 / 12.0_f64.sqrt()).abs() < 1e-4);
    assert!(ranks.of_ranks() && ranks.to_string().contains("y: variance of ranks, %"));
    assert_eq!(of(|z| z).unwrap().outputs(), ranks.outputs());
    let constant = of(|_| 7.0).unwrap_err().to_string();
    assert!(constant.contains("\"y\" is 7 whatever"), "{constant}");
    let text = serde_json::to_string(&ranks).unwrap();
    assert_eq!(serde_json::from_str::<SobolIndices>(&text).unwrap(), ranks);
}

/// Two outputs at once are the two alone; an index of one of a group is refused, and a result comes back from its file.
#[test]
fn several_outputs_groups_and_files() {
    let case = linear();
    let options = SobolOptions {
        points: 1 << 10,
        ..SobolOptions::default()
    };
    let both = SobolIndices::of(
        &case.inputs,
        &["sum", "square"],
        |x, y| {
            y[0] = x[0] + 2.0 * x[1] + 3.0 * x[2];
            y[1] = x[0] * x[0];
        },
        &options,
    )
    .unwrap();
    let alone = SobolIndices::of(
        &case.inputs,
        &["square"],
        |x, y| y[0] = x[0] * x[0],
        &options,
    );
    assert_eq!(both.outputs()[1], alone.unwrap().outputs()[0]);
    assert_eq!(both.evaluations(), 4 << 10);
    // E[x²] = 26 and Var(x²) = 4·25 + 2 of a normal x with mean 5 and variance 1.
    let square = both.output("square").unwrap();
    assert!((square.mean - 26.0).abs() < 0.05 && (square.sd - f64::sqrt(102.0)).abs() < 0.1);
    assert_eq!(square.greatest().unwrap().input, "x1");
    assert_eq!(both.output("sum").unwrap().greatest().unwrap().input, "g");

    let refused = square.input("x2").unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::Unsuitable { .. }));
    assert!(
        refused.to_string().contains("group \"g\" (x2, x3)"),
        "{refused}"
    );
    assert!(matches!(
        square.input("x9").unwrap_err().kind(),
        ErrorKind::Unknown { .. }
    ));
    assert!(matches!(
        both.output("y").unwrap_err().kind(),
        ErrorKind::Unknown { .. }
    ));

    let text = serde_json::to_string(&both).unwrap();
    assert_eq!(serde_json::from_str::<SobolIndices>(&text).unwrap(), both);
    assert!(
        serde_json::from_str::<SobolIndices>(&text.replace("\"level\":0.95", "\"level\":1.5"))
            .is_err()
    );
    let lower = format!("\"lower\":{}", square.inputs[0].first.lower);
    assert!(text.contains(&lower));
    assert!(serde_json::from_str::<SobolIndices>(&text.replace(&lower, "\"lower\":3.0")).is_err());
    for (whole, other) in [
        ("\"output\":\"square\"", "\"output\":\"sum\""),
        ("\"input\":\"g\"", "\"input\":\"x1\""),
        ("\"evaluations\":4096", "\"evaluations\":0"),
    ] {
        let there = text.contains(whole);
        let other = text.replace(whole, other);
        assert!(
            there && serde_json::from_str::<SobolIndices>(&other).is_err(),
            "{other}"
        );
    }
    let csv = both.to_csv();
    assert!(csv.starts_with(
        "output,input,first,first_lower,first_upper,total,total_lower,total_upper,variance_of\nsum,x1,"
    ));
    assert_eq!(csv.lines().count(), 5);
    assert!(both.to_string().contains("square: share of the variance"));
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    let inputs = || uniform(&[("a", 0.0, 1.0), ("b", 0.0, 1.0)]);
    let model = |x: &[f64], y: &mut [f64]| y[0] = x[0] + x[1];
    let options = SobolOptions {
        points: 1 << 8,
        ..SobolOptions::default()
    };
    let refused = |options: SobolOptions| {
        SobolIndices::of(&inputs(), &["y"], model, &options)
            .unwrap_err()
            .to_string()
    };
    for (bad, said) in [
        (
            SobolOptions {
                points: 100,
                ..options.clone()
            },
            "points is 100",
        ),
        (
            SobolOptions {
                points: 32,
                ..options.clone()
            },
            "points is 32",
        ),
        (
            SobolOptions {
                points: 1 << 26,
                ..options.clone()
            },
            "points is 67108864",
        ),
        (
            SobolOptions {
                level: 1.0,
                ..options.clone()
            },
            "the level is 1",
        ),
        (
            SobolOptions {
                error: IndexError::Scramblings(8),
                ..options.clone()
            },
            "scramblings is 8",
        ),
        (
            SobolOptions {
                error: IndexError::Parts(3),
                ..options.clone()
            },
            "parts is 3",
        ),
        (
            SobolOptions {
                error: IndexError::Scramblings(3),
                ..options.clone()
            },
            "scramblings is 3",
        ),
        (
            SobolOptions {
                error: IndexError::Bootstrap(5),
                ..options.clone()
            },
            "samples is 5",
        ),
    ] {
        let said_by = refused(bad);
        assert!(said_by.contains(said), "{said_by}");
    }
    let options = SobolOptions {
        error: IndexError::None,
        ..options
    };
    let error = |outputs: &[&str], model: &(dyn Fn(&[f64], &mut [f64]) + Sync)| {
        SobolIndices::of(&inputs(), outputs, model, &options)
            .unwrap_err()
            .to_string()
    };
    assert!(error(&[], &model).contains("outputs"));
    assert!(error(&["y", "y"], &model).contains("\"y\" is there twice"));
    assert!(error(&["cases"], &|_, y| y[0] = 0.3).contains("the output \"cases\" is 0.3 whatever"));
    let error_of_large = error(&["y"], &|x, y| y[0] = 1e200 * x[0]);
    assert!(
        error_of_large.contains("\"y\" are too large"),
        "{error_of_large}"
    );
    // Forgotten, not a number, infinite: the values of the inputs are named, and they are the ones.
    assert!(error(&["y", "z"], &|_, y| y[0] = 1.0).contains("\"z\" is NaN"));
    for bad in [f64::NAN, f64::INFINITY] {
        let said = error(&["y"], &|x, y| {
            y[0] = if x[1] > 0.9 && x[0] < 0.5 { bad } else { x[0] }
        });
        let value = |name: &str| -> f64 {
            let after = said.split(&format!("{name} = ")).nth(1).unwrap();
            after.split([',', ':']).next().unwrap().parse().unwrap()
        };
        assert!(value("b") > 0.9 && value("a") < 0.5, "{said}");
    }
}

/// An event of one point in a thousand: in most parts, and in some samples, it never is.
#[test]
fn an_event_that_parts_never_see_needs_more_points() {
    let two = uniform(&[("x", 0.0, 1.0), ("z", 0.0, 1.0)]);
    let rare = |x: &[f64], y: &mut [f64]| y[0] = f64::from(x[0] > 0.999);
    for error in [
        IndexError::Parts(8),
        IndexError::Scramblings(8),
        IndexError::Bootstrap(100),
    ] {
        let options = SobolOptions {
            points: 1024,
            error,
            ..SobolOptions::default()
        };
        let said = SobolIndices::of(&two, &["event"], rare, &options)
            .unwrap_err()
            .to_string();
        assert!(
            said.contains("\"event\"") && said.contains("more points"),
            "{said}"
        );
    }
}

#[test]
fn too_many_inputs_are_refused() {
    let options = SobolOptions {
        points: 1 << 8,
        error: IndexError::None,
        ..SobolOptions::default()
    };
    let many: Inputs = (0..257).fold(Inputs::default(), |inputs, i| {
        let uniform = Distribution::Uniform {
            lower: 0.0,
            upper: 1.0,
        };
        inputs.with(format!("x{i}"), uniform).unwrap()
    });
    let error = SobolIndices::of(&many, &["y"], |x, y| y[0] = x[0], &options)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("514") && error.contains("at most 512"),
        "{error}"
    );
}

/// A lower level gives narrower intervals about the same indices, another seed other ones.
#[test]
fn level_and_seed_act() {
    let case = ishigami();
    let of = |level: f64, seed: u64, error: IndexError| {
        let options = SobolOptions {
            points: 1 << 10,
            error,
            level,
            seed: Seed::new(seed),
            ..SobolOptions::default()
        };
        indices(&case, &options)
    };
    for error in [SobolOptions::default().error, IndexError::Bootstrap(200)] {
        let of = |level, seed| of(level, seed, error);
        let (wide, narrow, other) = (of(0.95, 1), of(0.5, 1), of(0.95, 2));
        let mut times = Vec::new();
        for ((wide, narrow), other) in wide
            .iter()
            .flatten()
            .zip(narrow.iter().flatten())
            .zip(other.iter().flatten())
        {
            assert_eq!(wide.0.to_bits(), narrow.0.to_bits());
            assert!(wide.2 - wide.1 > narrow.2 - narrow.1, "{wide:?} {narrow:?}");
            assert_ne!(wide.0.to_bits(), other.0.to_bits());
            times.push((narrow.2 - narrow.1) / (wide.2 - wide.1));
        }
        // 0.674/1.960 of normal errors; of Student's t it is less.
        let mean = times.iter().sum::<f64>() / times.len() as f64;
        assert!((0.25..0.45).contains(&mean), "{mean} by {error:?}");
        if error == SobolOptions::default().error {
            // Of eight scramblings: qt(0.75, 7) and qt(0.975, 7).
            let student = 0.711_141_8 / 2.364_624_3;
            assert!((mean / student - 1.0).abs() < 1e-6, "{mean}");
        }
    }
}
