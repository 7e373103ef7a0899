//! Indices, bars, thresholds and values of information of random functions, inputs and draws.

use myeloma_epi::Seed;
use myeloma_epi::report::chart;
use myeloma_epi::sensitivity::{
    Decision, Distribution, GivenData, Index, Inputs, Joint, OneWay, OneWayOptions, SobolIndices,
    SobolOptions, Threshold, TwoWay,
};

use super::{Random, comes_back, holds, ordered, printed_result, refused};

fn distribution(random: &mut Random) -> Distribution {
    let (lower, width) = (random.number(-5.0, 5.0), random.number(0.0, 10.0));
    let upper = lower + width;
    match random.below(9) {
        0 => Distribution::quantile_of(move |p| lower + width * p),
        1 => Distribution::Normal {
            mean: lower,
            sd: width,
        },
        2 => Distribution::LogNormal {
            log_mean: lower,
            log_sd: width / 10.0,
        },
        3 => Distribution::Beta {
            a: random.number(0.1, 20.0),
            b: random.number(0.1, 20.0),
        },
        4 => Distribution::Gamma {
            shape: random.number(0.1, 20.0),
            rate: random.number(0.1, 20.0),
        },
        5 => Distribution::Triangular {
            lower,
            mode: random.number(-5.0, 15.0),
            upper,
        },
        6 => Distribution::TruncatedNormal {
            mean: lower,
            sd: width,
            lower,
            upper,
        },
        7 => Distribution::Draws(
            (0..random.below(6))
                .map(|_| random.number(-5.0, 5.0))
                .collect(),
        ),
        _ => Distribution::Uniform { lower, upper },
    }
}

fn joint(random: &mut Random) -> Joint {
    let pair = |random: &mut Random| vec![random.number(-3.0, 3.0), random.number(-3.0, 3.0)];
    let (one, other) = (pair(random), pair(random));
    let between = random.number(-1.0, 1.0);
    match random.below(5) {
        0 => Joint::Independent(vec![distribution(random), distribution(random)]),
        1 => Joint::Normal {
            means: one,
            covariance: vec![vec![1.0, between], vec![between, random.number(0.1, 2.0)]],
        },
        2 => Joint::Correlated {
            means: one,
            sds: other,
            correlation: vec![vec![1.0, between], vec![between, 1.0]],
        },
        3 => Joint::Draws(vec![one, other]),
        _ => Joint::sampled(1 + random.below(2), move |uniforms, members| {
            members[0] = uniforms[0];
            members[1] = between * uniforms[0];
        }),
    }
}

fn index(index: &Index) {
    assert!(index.estimate.is_finite(), "{index:?}");
    ordered("an index", &[index.lower, index.upper]);
}

fn functions(random: &mut Random) {
    let mut inputs = Inputs::default();
    let names = ["a", "b", "c", "d"];
    for name in &names[..random.below(5)] {
        inputs = match inputs.with(*name, distribution(random)) {
            Ok(inputs) => inputs,
            Err(error) => return refused(&error),
        };
    }
    if random.once_in(3) {
        inputs = match inputs.with_group("both", ["e", "f"], joint(random)) {
            Ok(inputs) => inputs,
            Err(error) => return refused(&error),
        };
    }
    let (power, scale) = (random.number(0.5, 3.0), random.number(-3.0, 3.0));
    let outputs = ["y", "z"];
    let model = |x: &[f64], y: &mut [f64]| {
        y[0] = x.iter().sum::<f64>() * scale;
        y[1] = x.iter().map(|x| x.abs().powf(power)).product();
    };
    let options = SobolOptions {
        points: random.pick(&[64, 128, 256, 100, 0, usize::MAX]),
        level: random.number(0.5, 0.99),
        seed: Seed::new(random.bits()),
        ..SobolOptions::default()
    };
    match SobolIndices::of(&inputs, &outputs, model, &options) {
        Ok(indices) => {
            comes_back(&indices);
            printed_result(&indices);
            for output in indices.outputs() {
                for of in &output.inputs {
                    [of.first, of.total].iter().for_each(index);
                }
                if let Some(greatest) = output.greatest() {
                    let totals = output.inputs.iter().map(|of| of.total.estimate);
                    assert!(totals.fold(f64::MIN, f64::max) <= greatest.total.estimate);
                }
            }
            assert!(!indices.to_csv().contains("NaN"));
        }
        Err(error) => refused(&error),
    }
    let probabilities = (random.number(0.0, 0.5), random.number(0.5, 1.0));
    let options = OneWayOptions {
        probabilities,
        ..OneWayOptions::default()
    };
    match OneWay::of(&inputs, &outputs, model, &options) {
        Ok(all) => {
            assert!(!OneWay::to_csv(&all).contains("NaN"));
            for one in &all {
                comes_back(one);
                printed_result(one);
                assert!(one.bars.iter().all(|bar| bar.width().is_finite()));
                match chart::tornado(one, "any", "", "") {
                    Ok(svg) => assert!(!svg.contains("NaN") && !svg.contains("inf\"")),
                    Err(error) => refused(&error),
                }
            }
        }
        Err(error) => refused(&error),
    }
    let range = (random.number(-3.0, 3.0), random.number(-3.0, 3.0));
    match Threshold::of(
        &inputs,
        "y",
        model_of_one(scale),
        "a",
        range,
        random.number(-5.0, 5.0),
    ) {
        Ok(threshold) => {
            comes_back(&threshold);
            printed_result(&threshold);
            ordered("what was met", &[threshold.met.0, threshold.met.1]);
        }
        Err(error) => refused(&error),
    }
    let values = [range.0, range.1];
    match TwoWay::of(
        &inputs,
        "y",
        model_of_one(scale),
        ("a", &values),
        ("b", &values),
    ) {
        Ok(grid) => {
            comes_back(&grid);
            assert!(!grid.to_csv().contains("NaN"));
        }
        Err(error) => refused(&error),
    }
}

fn model_of_one(scale: f64) -> impl Fn(&[f64], &mut [f64]) {
    move |x, y| y[0] = x.iter().sum::<f64>() * scale
}

fn data(random: &mut Random) {
    let n = random.pick(&[0, 1, 30, 200]);
    let column = |random: &mut Random| {
        (0..n)
            .map(|_| random.number(-2.0, 2.0))
            .collect::<Vec<f64>>()
    };
    let (a, b) = (column(random), column(random));
    let output: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a * a - b).collect();
    let given = match GivenData::new([("a", a), ("b", b)]) {
        Ok(given) => given,
        Err(error) => return refused(&error),
    };
    let level = random.number(0.5, 0.99);
    match given.first_order(&["a"], &output, level) {
        Ok(of_a) => index(&of_a),
        Err(error) => refused(&error),
    }
    let decision = match random.below(3) {
        0 => Decision::capacity(
            &output,
            &[random.number(-3.0, 3.0), 0.5],
            random.number(0.1, 4.0),
            random.number(0.1, 4.0),
        ),
        1 => Decision::threshold(&output, random.number(-1.0, 1.0), random.number(-2.0, 2.0)),
        _ => Decision::new([("new", output), ("old", vec![random.number(-1.0, 1.0); n])]),
    };
    if let Ok(decision) = &decision {
        comes_back(decision);
        assert!(decision.best() < decision.options().len());
        let perfect = decision.evpi().value;
        assert!(perfect.is_finite() && perfect >= 0.0, "{perfect}");
    }
    let worth = decision.and_then(|d| given.evppi(&["a", "b"], &d, Seed::new(random.bits())));
    match worth {
        Ok(worth) => {
            comes_back(&worth);
            printed_result(&worth);
        }
        Err(error) => refused(&error),
    }
}

#[test]
fn functions_of_inputs() {
    holds("random::sensitivities::functions_of_inputs", 60, functions);
}

#[test]
fn draws_that_exist() {
    holds("random::sensitivities::draws_that_exist", 40, data);
}
