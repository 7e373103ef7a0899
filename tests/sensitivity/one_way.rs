//! One input at a time, grids, thresholds.

use myeloma_epi::ErrorKind;
use myeloma_epi::report::chart;
use myeloma_epi::sensitivity::{
    Distribution, Inputs, Joint, OneWay, OneWayOptions, Threshold, TwoWay,
};

fn inputs() -> Inputs {
    let pair = Joint::Correlated {
        means: vec![10.0, 20.0],
        sds: vec![1.0, 2.0],
        correlation: vec![vec![1.0, 0.5], vec![0.5, 1.0]],
    };
    Inputs::default()
        .with(
            "a",
            Distribution::Uniform {
                lower: 0.0,
                upper: 1.0,
            },
        )
        .unwrap()
        .with_group("g", ["b", "c"], pair)
        .unwrap()
}

/// An output that lies on the threshold over a stretch passes it where the stretch begins, or ends if it began there: by a jump, or
/// along a ramp.
#[test]
fn a_stretch_on_the_threshold_is_narrowed() {
    let unit = Distribution::Uniform {
        lower: 0.0,
        upper: 1.0,
    };
    let inputs = Inputs::default().with("x", unit).unwrap();
    let step = |x: &[f64], y: &mut [f64]| y[0] = if x[0] < 0.3 { -1.0 } else { 2.0 };
    let ramp = |x: &[f64], y: &mut [f64]| y[0] = (x[0] / 0.3).min(1.0);
    let there_and_on = |x: &[f64], y: &mut [f64]| {
        y[0] = (x[0] - 0.3).min(0.0) + (x[0] - 0.7).max(0.0);
    };
    let find = |model: &dyn Fn(&[f64], &mut [f64]), threshold| {
        let found = Threshold::of(&inputs, "y", model, "x", (0.0, 1.0), threshold).unwrap();
        assert_eq!(found.crossings.len(), 1, "{found}");
        found.crossings[0]
    };
    for (crossing, jump) in [
        (find(&step, -1.0), true),
        (find(&step, 2.0), true),
        (find(&step, 0.0), true),
        (find(&ramp, 1.0), false),
        (find(&there_and_on, 0.0), false),
    ] {
        assert!((crossing.at - 0.3).abs() < 1e-9, "{crossing:?}");
        assert!(crossing.rising && crossing.jump == jump, "{crossing:?}");
    }
}

#[allow(clippy::unnecessary_wraps)]
fn product(x: &[f64], y: &mut [f64]) {
    y[0] = x[0] * x[1] - x[2];
}

/// By hand: medians 0.5, 10 and 20 give −15. The group gives 0.5·b − c, of variance 0.25 + 4 − 1 = 3.25, at whose 10 and 90 %
/// points the standard normal distribution is ∓1.2815515655446004; of 1,024 scrambled points they are known to 1 %.
#[test]
fn bars_are_those_by_hand() {
    let options = OneWayOptions {
        ranges: vec![("a".to_owned(), (0.25, 2.0))],
        ..OneWayOptions::default()
    };
    let one = OneWay::of(&inputs(), &["y"], product, &options)
        .unwrap()
        .remove(0);
    assert_eq!((one.central, one.bars[0].input.as_str()), (-15.0, "a"));
    assert_eq!(one.bars[0].outputs, (-17.5, 0.0));
    let group = &one.bars[1];
    assert_eq!((group.input.as_str(), group.values), ("g", None));
    let half = 1.281_551_565_544_600_4 * f64::sqrt(3.25);
    assert!(
        (group.outputs.0 / (-15.0 - half) - 1.0).abs() < 0.01,
        "{group:?}"
    );
    assert!(
        (group.outputs.1 / (-15.0 + half) - 1.0).abs() < 0.01,
        "{group:?}"
    );
    let plain = OneWay::of(&inputs(), &["y"], product, &OneWayOptions::default()).unwrap();
    let bar = plain[0].bars.iter().find(|bar| bar.input == "a").unwrap();
    assert!((bar.outputs.0 + 19.0).abs() < 1e-12 && (bar.outputs.1 + 11.0).abs() < 1e-12);
    // At its quartiles.
    let quartiles = OneWayOptions {
        probabilities: (0.25, 0.75),
        ..OneWayOptions::default()
    };
    let at_quartiles = OneWay::of(&inputs(), &["y"], product, &quartiles).unwrap();
    let bar = at_quartiles[0]
        .bars
        .iter()
        .find(|bar| bar.input == "a")
        .unwrap();
    assert!((bar.outputs.0 + 17.5).abs() < 1e-12 && (bar.outputs.1 + 12.5).abs() < 1e-12);
    let csv = OneWay::to_csv(std::slice::from_ref(&one));
    assert!(csv.starts_with(
        "output,input,low,high,output_at_low,output_at_high,central\ny,a,0.25,2,-17.5,0,-15\n"
    ));
    assert!(csv.contains("\ny,g,,,-17."), "{csv}");

    let text = serde_json::to_string(&one).unwrap();
    assert_eq!(serde_json::from_str::<OneWay>(&text).unwrap(), one);
    assert!(serde_json::from_str::<OneWay>(&text.replace("-17.5", "1e999")).is_err());

    let svg = chart::tornado(&one, "A title", "units", "a caption").unwrap();
    assert!(
        svg.contains("<title>A title</title>")
            && svg.contains("units")
            && svg.contains("a caption")
    );
    assert!(svg.contains("<title>a: from 0.25 to 2, the output goes from −17.5 to 0</title>"));
    let mut still = one.clone();
    still.bars.clear();
    assert!(matches!(
        chart::tornado(&still, "", "", "").unwrap_err().kind(),
        ErrorKind::TooFew { .. }
    ));
}

/// A tornado in which nothing moves cannot be drawn; ranges and probabilities that are none are refused by name.
#[test]
fn what_cannot_be_is_refused_by_name() {
    let options = OneWayOptions::default();
    let flat = OneWay::of(&inputs(), &["y"], |_, y| y[0] = 2.0, &options)
        .unwrap()
        .remove(0);
    assert!(
        chart::tornado(&flat, "", "", "")
            .unwrap_err()
            .to_string()
            .contains("\"y\" from 2e0 to 2e0")
    );
    for (probabilities, ranges, said) in [
        ((0.0, 0.9), vec![], "a probability is 0"),
        (
            (0.9, 0.1),
            vec![],
            "the upper end is 0.1 in the probabilities of one-way bars",
        ),
        ((0.1, 0.9), vec![("z", (0.0, 1.0))], "\"z\""),
        (
            (0.1, 0.9),
            vec![("b", (0.0, 1.0))],
            "b is one of the group \"g\"",
        ),
        ((0.1, 0.9), vec![("a", (1.0, 1.0))], "the range of a"),
        ((0.1, 0.9), vec![("a", (0.0, f64::NAN))], "the range of a"),
        (
            (0.1, 0.9),
            vec![("a", (0.0, 1.0)), ("a", (0.0, 2.0))],
            "\"a\" is there twice among the stated ranges",
        ),
    ] {
        let ranges = ranges
            .into_iter()
            .map(|(name, range)| (name.to_owned(), range))
            .collect();
        let options = OneWayOptions {
            probabilities,
            ranges,
        };
        let error = OneWay::of(&inputs(), &["y"], product, &options)
            .unwrap_err()
            .to_string();
        assert!(error.contains(said), "{error}");
    }
    let error =
        OneWay::of(&inputs(), &["y"], |x, y| y[0] = (x[0] - 0.2).ln(), &options).unwrap_err();
    assert!(
        error.to_string().contains("a = 0.1") && error.to_string().contains("c = 20"),
        "{error}"
    );
}

/// Closed forms: a line, a parabola, one that stays above, a jump, roots at both ends.
#[test]
fn crossings_are_none_one_or_several() {
    let of = |f: fn(f64) -> f64, range: (f64, f64), threshold: f64| {
        Threshold::of(
            &inputs(),
            "y",
            move |x, y| y[0] = f(x[0]),
            "a",
            range,
            threshold,
        )
        .unwrap()
    };
    let at = |t: &Threshold| {
        t.crossings
            .iter()
            .map(|c| (c.at, c.rising, c.jump))
            .collect::<Vec<_>>()
    };
    let close = |got: &[(f64, bool, bool)], expected: &[(f64, bool, bool)]| {
        assert_eq!(got.len(), expected.len(), "{got:?}");
        for (got, expected) in got.iter().zip(expected) {
            assert!((got.0 - expected.0).abs() < 1e-8, "{got:?}");
            assert_eq!((got.1, got.2), (expected.1, expected.2), "{got:?}");
        }
    };
    let line = of(|x| 3.0 * x, (0.0, 2.0), 1.0);
    close(&at(&line), &[(1.0 / 3.0, true, false)]);
    assert!(
        line.to_string()
            .contains("y passes 1.00 once while a goes from 0 to 2.00: at 0.333 (upwards)"),
        "{line}"
    );
    let parabola = of(|x| x * x, (-2.0, 3.0), 2.0);
    let root = 2f64.sqrt();
    close(
        &at(&parabola),
        &[(-root, false, false), (root, true, false)],
    );
    assert!(parabola.to_string().contains("2 times"), "{parabola}");
    let none = of(|x| x * x, (-2.0, 3.0), 10.0);
    assert!(none.crossings.is_empty());
    assert!(
        none.to_string().contains("does not pass 10.00")
            || none.to_string().contains("does not pass 10.0"),
        "{none}"
    );
    assert!(none.to_string().contains("to 9.00 there"), "{none}");
    // The least of 257 squares is that of at most half a step.
    assert!(none.met.0 >= 0.0 && none.met.0 < 1e-4 && (none.met.1 - 9.0).abs() < 1e-12);
    let jump = of(|x| if x < 0.7 { 0.0 } else { 5.0 }, (0.0, 1.0), 2.0);
    close(&at(&jump), &[(0.7, true, true)]);
    close(&at(&of(|x| x, (0.0, 1.0), 0.0)), &[(0.0, true, false)]);
    close(&at(&of(|x| x, (0.0, 1.0), 1.0)), &[(1.0, true, false)]);
    // On a point of the search.
    close(&at(&of(|x| x, (0.0, 1.0), 0.5)), &[(0.5, true, false)]);
    close(&at(&of(|x| -x, (0.0, 1.0), -0.5)), &[(0.5, false, false)]);
    // Touched at the point of the search, and not passed: said nothing of.
    close(&at(&of(|x| (x - 0.5).powi(2), (0.0, 1.0), 0.0)), &[]);
    let refused = |range, threshold| {
        Threshold::of(&inputs(), "y", product, "a", range, threshold).unwrap_err()
    };
    assert!(
        refused((1.0, 0.0), 1.0)
            .to_string()
            .contains("the range of a")
    );
    assert!(
        refused((0.0, 1.0), f64::NAN)
            .to_string()
            .contains("the threshold")
    );
}

#[test]
fn a_grid_has_every_pair() {
    let grid = |first, second| TwoWay::of(&inputs(), "y", product, first, second);
    let made = grid(("a", &[0.0, 1.0]), ("c", &[5.0, 6.0, 7.0])).unwrap();
    assert_eq!(made.values, [[-5.0, -6.0, -7.0], [5.0, 4.0, 3.0]]);
    assert_eq!(made.to_csv().lines().nth(4).unwrap(), "1,5,5");
    for (first, second, said) in [
        (("a", &[0.0][..]), ("a", &[1.0][..]), "\"a\""),
        (("a", &[]), ("b", &[1.0]), "values in a"),
        (("a", &[0.0]), ("b", &[f64::INFINITY]), "grid of b"),
        (("a", &[0.0]), ("z", &[1.0]), "\"z\""),
    ] {
        let error = grid(first, second).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

/// A cohort on one drug or two for twenty years, with the inputs of `tests/data/hiv_dsa.R`: discounted cost and years of life
/// of both, and the cost of a year gained.
fn two_drugs(x: &[f64], y: &mut [f64]) {
    let &[rr, zido, lami, discount, ab, bc, cd, cost_c] = x else {
        unreachable!("eight inputs")
    };
    let arm = |rr: f64, drugs: f64| {
        let mut at = [1.0, 0.0, 0.0];
        let (mut cost, mut years) = (0.0, 0.0);
        for year in 0..20 {
            let [a, b, c] = at;
            let next = [
                a * (1.0 - rr * (ab + 0.067 + 0.01)),
                b * (1.0 - rr * (bc + 0.012)) + a * rr * ab,
                c * (1.0 - rr * cd) + a * rr * 0.067 + b * rr * bc,
            ];
            for ((before, after), own) in at.iter().zip(next).zip([2756.0, 3052.0, cost_c]) {
                let during = (before + after) / 2.0;
                cost += during * (own + drugs) / (1.0 + discount).powi(year);
                years += during;
            }
            at = next;
        }
        (cost, years)
    };
    let ((mono, mono_years), (comb, comb_years)) = (arm(1.0, zido), arm(rr, zido + lami));
    y.copy_from_slice(&[
        mono,
        comb,
        mono_years,
        comb_years,
        (comb - mono) / (comb_years - mono_years),
    ]);
}

/// The model of Briggs, Claxton & Sculpher (2006) by `run_owsa_det` of dampack, `tests/data/hiv_dsa.R`, to 1e-9; and the table
/// that heemod 0.16 prints for it (<https://aphp.github.io/heemod/articles/f_sensitivity.html>, costs of 1,000 people in
/// units), to its last digit.
#[test]
fn bars_are_those_of_dampack_and_heemod() {
    #[derive(serde::Deserialize)]
    struct Reference {
        inputs: Vec<f64>,
        central: Vec<f64>,
        bars: Vec<Bar>,
    }
    #[derive(serde::Deserialize)]
    struct Bar {
        input: String,
        range: (f64, f64),
        outputs: Vec<(f64, f64)>,
    }
    let text = include_str!("../data/hiv_dsa.json");
    let reference: Reference = serde_json::from_str(text).unwrap();
    let mut inputs = Inputs::default();
    for (bar, mean) in reference.bars.iter().zip(&reference.inputs) {
        let normal = Distribution::Normal {
            mean: *mean,
            sd: mean / 10.0,
        };
        inputs = inputs.with(&bar.input, normal).unwrap();
    }
    let ranges = reference.bars.iter();
    let options = OneWayOptions {
        ranges: ranges.map(|bar| (bar.input.clone(), bar.range)).collect(),
        ..OneWayOptions::default()
    };
    let outputs = ["mono", "comb", "years, mono", "years, comb", "per year"];
    let all = OneWay::of(&inputs, &outputs, two_drugs, &options).unwrap();
    let near = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-9;
    for (o, one) in all.iter().enumerate().take(4) {
        assert!(near(one.central, reference.central[o]), "{one}");
        assert_eq!(one.bars.len(), reference.bars.len());
        for bar in &reference.bars {
            let made = one.bars.iter().find(|b| b.input == bar.input).unwrap();
            assert_eq!(made.values, Some(bar.range));
            let (low, high) = bar.outputs[o];
            assert!(
                near(made.outputs.0, low) && near(made.outputs.1, high),
                "{made:?} {low} {high}"
            );
        }
    }
    // Costs of one drug and of two, and the cost of a year gained, each at the lower and at the upper value.
    for (input, mono, comb, year) in [
        (
            "rr",
            (48_417_031.0, 48_417_031.0),
            (89_573_275.0, 80_800_674.0),
            (5_570.083, 7_328.966),
        ),
        (
            "cost_zido",
            (43_363_208.0, 53_107_083.0),
            (77_772_959.0, 91_992_306.0),
            (5_999.681, 6_780.024),
        ),
        (
            "cost_lami",
            (48_417_031.0, 48_417_031.0),
            (79_593_035.0, 93_812_382.0),
            (5_435.845, 7_915.129),
        ),
        (
            "dr",
            (53_238_469.0, 44_351_921.0),
            (97_480_846.0, 75_259_528.0),
            (7_714.097, 5_389.047),
        ),
    ] {
        for (o, scale, unit, printed) in [
            (0, 1e3, 1.0, mono),
            (1, 1e3, 1.0, comb),
            (4, 1.0, 1e-3, year),
        ] {
            let made = all[o].bars.iter().find(|b| b.input == input).unwrap();
            let ends = [(made.outputs.0, printed.0), (made.outputs.1, printed.1)];
            for (ours, theirs) in ends {
                assert!(
                    (scale * ours - theirs).abs() <= 0.501 * unit,
                    "{made:?} {theirs}"
                );
            }
        }
    }
}

/// A step at c of a number next to it: it is found within the spacing of the machine's numbers, in ranges so narrow that a part in
/// ten thousand million of them is less than that; in narrower ones nothing is said.
#[test]
fn a_narrow_range_has_an_end() {
    let inputs = |c: f64| {
        let uniform = Distribution::Uniform {
            lower: c - 1.0,
            upper: c + 1.0,
        };
        Inputs::default().with("x", uniform).unwrap()
    };
    for (c, half) in [(0.3, 1e-7), (-0.3, 1e-7), (1e6, 0.05), (0.3, 2e-10)] {
        let step = |x: &[f64], y: &mut [f64]| y[0] = if x[0] < c { -1.0 } else { 2.0 };
        let line = |x: &[f64], y: &mut [f64]| y[0] = x[0] - c;
        let range = (c - half, c + half);
        for threshold in [-1.0, 0.0, 2.0] {
            let found = Threshold::of(&inputs(c), "y", step, "x", range, threshold).unwrap();
            assert_eq!(found.crossings.len(), 1, "{found}");
            let crossing = found.crossings[0];
            assert!((crossing.at - c).abs() <= 1e-15 * c.abs(), "{found}");
            assert!(crossing.jump && crossing.rising, "{found}");
        }
        let found = Threshold::of(&inputs(c), "y", line, "x", range, 0.0).unwrap();
        assert!(!found.crossings[0].jump, "{found}");
    }
    // What is read from a file is what may have been found.
    let line = |x: &[f64], y: &mut [f64]| y[0] = x[0];
    let found = Threshold::of(&inputs(0.25), "y", line, "x", (0.0, 1.0), 0.25).unwrap();
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Threshold>(&text).unwrap(), found);
    for (whole, other) in [
        ("\"range\":[0.0,1.0]", "\"range\":[1.0,0.0]"),
        ("\"met\":[0.0,1.0]", "\"met\":[1.0,0.5]"),
        ("\"at\":0.25", "\"at\":1e300"),
        ("\"at\":0.25", "\"at\":-0.4"),
    ] {
        assert!(text.contains(whole), "{text}");
        assert!(
            serde_json::from_str::<Threshold>(&text.replace(whole, other)).is_err(),
            "{other}"
        );
    }
    let start = text.find("{\"at\"").unwrap();
    let later = text[start..].split_inclusive('}').next().unwrap();
    let earlier = later.replace("0.25", "0.125");
    let two = |first: &str, then: &str| text.replace(later, &format!("{first},{then}"));
    assert!(serde_json::from_str::<Threshold>(&two(&earlier, later)).is_ok());
    assert!(serde_json::from_str::<Threshold>(&two(later, &earlier)).is_err());
    for range in [(0.3 - 1e-11, 0.3 + 1e-11), (-1e308, 1e308)] {
        let error = Threshold::of(&inputs(0.3), "y", line, "x", range, 0.3).unwrap_err();
        assert!(error.to_string().contains("the width"), "{error}");
    }
}
