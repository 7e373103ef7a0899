//! Models and results are data: through JSON and back they are equal to the bit, and wrong data are errors.

use std::fmt::Debug;

use myeloma_epi::pathway::{
    Delay, DelayedStarts, Entry, Flow, FlowOptions, Group, Line, Pathway, Patient, Share,
    ShareDistribution, SojournTime, ThirdLine, UltimateShare,
};
use myeloma_epi::{Seed, YearlyDraws};
use ndarray::Array2;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::models::{any_pathway, any_sojourn_time, rich};

/// The text of a value, after it has come back from it as it was.
fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> Value {
    let text = serde_json::to_string(value).unwrap();
    let back: T = serde_json::from_str(&text).unwrap();
    assert_eq!(back, *value, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// The error of a value with one part replaced.
fn refusal<T: DeserializeOwned + Debug>(value: &Value, pointer: &str, wrong: Value) -> String {
    let mut value = value.clone();
    *value.pointer_mut(pointer).unwrap() = wrong;
    serde_json::from_value::<T>(value).unwrap_err().to_string()
}

fn draws(draws: usize) -> YearlyDraws {
    let cases = |(year, draw): (usize, usize)| 1000.0 + (year * 7 + draw) as f64 / 3.0;
    YearlyDraws::new(2015, Array2::from_shape_fn((12, draws), cases)).unwrap()
}

fn delay() -> Delay {
    Delay::new(
        SojournTime::weibull(1.1, 2.0)
            .unwrap()
            .with_relative_error(0.1)
            .unwrap(),
        SojournTime::log_normal(1.2, 0.8).unwrap(),
    )
}

#[test]
fn options_and_model_parts() {
    round_trip(&FlowOptions {
        entry: Entry::MidYear,
        tolerance: 1e-7,
        cohorts: Some(2000..=2018),
        seed: Seed::new(3),
        ..FlowOptions::to(2040)
    });
    // What is left out has its default.
    let short: FlowOptions = serde_json::from_value(json!({ "to": 2040 })).unwrap();
    assert_eq!(short, FlowOptions::to(2040));
    let unknown = json!({ "to": 2040, "tolerence": 1e-3 });
    assert!(serde_json::from_value::<FlowOptions>(unknown).is_err());

    let off = Line::new(SojournTime::none(), Share::new(0.5).unwrap());
    round_trip(&off);
    let line = Line::new(
        SojournTime::gamma(1.5, 2.0).unwrap(),
        Share::range(0.3, 0.4, ShareDistribution::Uniform).unwrap(),
    )
    .with_off_treatment(Share::counted(2.0, 10.0).unwrap(), off)
    .with_time_to_death(SojournTime::table([(0.0, 0.1), (2.0, 1.0)]).unwrap());
    let value = round_trip(&line);
    let error = refusal::<Line>(&value, "/off_treatment/share", json!(1.5));
    assert!(
        error.contains("off_treatment after a line") && error.contains("1.5"),
        "{error}"
    );
    for group in rich().groups() {
        let value = round_trip(group);
        let error = refusal::<Group>(&value, "/lines", json!([]));
        assert!(error.contains("number of lines"), "{error}");
    }
    round_trip(&rich());
    let value = round_trip(&delay());
    let error = refusal::<Delay>(&value, "/first_line/shape", json!(-1.0));
    assert!(error.contains("shape") && error.contains("-1"), "{error}");
}

/// The names of a file of today and the better ones mean the same.
#[test]
fn other_names_of_keys() {
    let time = json!({ "family": "exponential", "scale": 2.0 });
    let today = json!({ "stay": time, "until_next": time, "until_death": time, "next": 0.5 });
    let better =
        json!({ "sojourn_time": time, "time_to_next": time, "time_to_death": time, "next": 0.5 });
    let [today, better]: [Line; 2] = [today, better].map(|v| serde_json::from_value(v).unwrap());
    assert_eq!(today, better);
    let both = json!({ "stay": time, "sojourn_time": time });
    assert!(serde_json::from_value::<Line>(both).is_err());
}

/// Where all go on or die, each after a time of its own, no other time acts, and none is needed; those lost need one.
#[test]
fn a_line_with_both_times_needs_no_other() {
    let line = |more: Value| -> serde_json::Result<Line> {
        let mut line = json!({ "time_to_next": { "family": "exponential", "scale": 1.0 },
            "time_to_death": { "family": "exponential", "scale": 3.0 }, "next": 0.6 });
        let fields = line.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        serde_json::from_value(line)
    };
    let starts = |line: Line| {
        let last = Line::new(
            SojournTime::exponential(1.0).unwrap(),
            Share::new(0.0).unwrap(),
        );
        let pathway = Pathway::of_lines([line, last]).unwrap();
        let flow = pathway.flow(&draws(1), &FlowOptions::to(2026)).unwrap();
        (
            flow.starts(2).unwrap().clone(),
            flow.deaths(1).unwrap().clone(),
        )
    };
    let stated = line(json!({ "sojourn_time": { "family": "exponential", "scale": 9.0 } }));
    assert_eq!(starts(line(json!({})).unwrap()), starts(stated.unwrap()));
    let error = line(json!({ "death": 0.3 })).unwrap_err().to_string();
    assert!(error.contains("has no sojourn time"), "{error}");
}

#[test]
fn flows() {
    let flow = rich().flow(&draws(3), &FlowOptions::to(2026)).unwrap();
    let value = round_trip(&flow);
    for (pointer, wrong, word) in [
        ("/lines", json!(0), "number of lines"),
        ("/lines", json!(1), "no deaths_2"),
        ("/numerical_error", json!(-1.0), "numerical_error"),
        ("/quantities/starts_1/draws/0", json!([1.0]), ""),
        // Patients who come from nowhere.
        (
            "/quantities/dead_year_end/draws/3/1",
            json!(1e6),
            "every patient is in one state",
        ),
    ] {
        let error = refusal::<Flow>(&value, pointer, wrong);
        assert!(error.contains(word), "{error}");
    }
    // Each number of patients comes from others, and goes somewhere: what is three times as many is not accounted for.
    let in_books = |name: &&String| !name.ends_with("mid_year");
    let names: Vec<String> = value["quantities"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let mut changed = 0;
    for name in names.iter().filter(in_books) {
        let pointer = format!("/quantities/{name}/draws/5/1");
        let number = value.pointer(&pointer).unwrap().as_f64().unwrap();
        if number > 1e-3 {
            refusal::<Flow>(&value, &pointer, json!(3.0 * number));
            changed += 1;
        }
    }
    assert!(changed > 15, "{changed}");
    for (name, wrong, word) in [
        ("lost_1", json!(9.0), "starts_1 less"),
        ("in_line_1_mid_year", json!(0.0), "in_line_1_mid_year"),
        ("dead_mid_year", json!(1e-3), "dead_mid_year"),
    ] {
        let pointer = format!("/quantities/{name}/draws/5/1");
        let error = refusal::<Flow>(&value, &pointer, wrong);
        assert!(error.contains(word), "{error}");
    }
    for (pointer, wrong, word) in [
        ("/earlier/continued_years", json!(0), "continued_years"),
        ("/earlier/growth", json!(-0.5), "growth"),
    ] {
        let error = refusal::<Flow>(&value, pointer, wrong);
        assert!(error.contains(word), "{error}");
    }
    let mut value = value;
    let quantities = value["quantities"].as_object_mut().unwrap();
    quantities.remove("starts_2");
    let error = serde_json::from_value::<Flow>(value)
        .unwrap_err()
        .to_string();
    assert!(error.contains("lacks starts_2"), "{error}");

    let simulated = rich().simulate(2019, &[300; 6], Entry::default(), Seed::new(1));
    round_trip(&simulated.unwrap());
}

#[test]
fn patients() {
    let patients = rich()
        .histories(2019, &[40; 6], Entry::default(), Seed::new(1))
        .unwrap();
    let value = round_trip(&patients);
    let error = refusal::<Vec<Patient>>(&value, "/0/events/0/0", json!(2018.0));
    assert!(error.contains("2018"), "{error}");
    // Nobody begins with line 3, dies twice or is diagnosed at another time than that of the first event.
    let diagnosed = value[0]["diagnosed"].clone();
    let starts = |line: usize| json!([diagnosed, {"line_starts": line}]);
    for events in [
        json!([]),
        json!([starts(3)]),
        json!([starts(1), starts(3)]),
        json!([starts(1), [diagnosed, "death"], [diagnosed, "death"]]),
        json!([[diagnosed, "death"]]),
        json!([starts(1), [diagnosed, {"off_treatment": 2}]]),
    ] {
        refusal::<Vec<Patient>>(&value, "/0/events", events);
    }
    refusal::<Vec<Patient>>(&value, "/0/diagnosed", json!(0.0));
}

#[test]
fn third_lines_and_delayed_starts() {
    let share = UltimateShare::new(0.3, 0.4, ShareDistribution::Pert).unwrap();
    let third_line = ThirdLine::new(&draws(5), &share, Seed::new(2)).unwrap();
    let value = round_trip(&third_line);
    let error = refusal::<ThirdLine>(&value, "/median_incidence/0", json!(-4.0));
    assert!(error.contains("-4"), "{error}");
    assert!(refusal::<ThirdLine>(&value, "/median_incidence", json!([1.0])).contains("12 years"));
    let three_times = 3.0 * value["median_incidence"][0].as_f64().unwrap();
    let error = refusal::<ThirdLine>(&value, "/median_incidence/0", json!(three_times));
    assert!(error.contains("the median of patients"), "{error}");

    for delay in [
        delay(),
        Delay::new(SojournTime::exponential(2.0).unwrap(), SojournTime::none()),
    ] {
        let starts = delay
            .starts(&draws(5), &share, &FlowOptions::to(2026))
            .unwrap();
        let value = round_trip(&starts);
        for (pointer, wrong, word) in [
            ("/shares/0", json!(1.5), "1.5"),
            ("/shares", json!([0.3]), "as many shares as draws"),
            ("/starts/draws/4/2", json!(7.0), "beside them"),
            ("/share/high", json!(0.31), "range of share, 0.3 to 0.31"),
            (
                "/delay/first_line",
                json!({"family": "exponential", "scale": 60.0}),
                "by the delay",
            ),
            ("/earlier/growth", json!(-0.3), "growth"),
        ] {
            let error = refusal::<DelayedStarts>(&value, pointer, wrong);
            assert!(error.contains(word), "{error}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sojourn_times(time in any_sojourn_time(), error in 0.0..2.0_f64) {
        round_trip(&time.with_relative_error(error).unwrap());
    }

    #[test]
    fn any_pathways(pathway in any_pathway()) {
        round_trip(&pathway);
        // A model prints a line for every state.
        prop_assert!(pathway.to_string().lines().count() > pathway.lines());
    }
}
