//! Bad input to the treatment pathway is an error that names the line, the field and the value.

use myeloma_epi::pathway::{
    Delay, Entry, FlowOptions, FollowUp, Group, Line, Pathway, Share, ShareDistribution,
    SojournFamily, SojournTime,
};
use myeloma_epi::{Seed, TherapyModel, YearlyDraws};
use ndarray::Array2;

fn pathway(lines: &str) -> Result<Pathway, serde_json::Error> {
    serde_json::from_str(&format!(
        r#"{{"groups": [{{"name": "all", "weight": 1, "lines": {lines}}}]}}"#
    ))
}

#[test]
fn a_bad_model_names_line_field_and_value() {
    let weibull = r#""stay": {"family": "weibull", "shape": 1, "scale": 2}"#;
    for (lines, words) in [
        (format!(r#"[{{{weibull}, "next": -0.1}}]"#), ["line 1", "next", "-0.1"]),
        (format!(r#"[{{{weibull}, "next": 1.2}}]"#), ["line 1", "next", "1.2"]),
        (
            format!(r#"[{{{weibull}, "next": 0.7, "death": 0.5}}, {{{weibull}}}]"#),
            ["line 1", "sum of next", "1.2"],
        ),
        (format!(r#"[{{{weibull}, "next": 0.5}}]"#), ["line 1", "next", "0.5"]),
        (r#"[{"next": 0}]"#.to_owned(), ["line 1", "no sojourn time", "{"]),
        (
            r#"[{"stay": {"family": "weibull", "median": 0, "quantile": {"probability": 0.7, "time": 2}}}]"#.to_owned(),
            ["line 1", "median", "0"],
        ),
        (
            r#"[{"stay": {"family": "gamma", "median": 2, "quantile": {"probability": 0.7, "time": 1}}}]"#.to_owned(),
            ["line 1", "quantile", "1 at probability 0.7"],
        ),
        (
            r#"[{"stay": {"family": "weibull", "shape": -1, "scale": 2}}]"#.to_owned(),
            ["line 1", "shape", "-1"],
        ),
        (
            r#"[{"stay": {"family": "table", "times": [0, 1, 0.9], "probabilities": [0, 0.5, 1]}}]"#.to_owned(),
            ["line 1", "time", "point 3"],
        ),
        (
            r#"[{"stay": {"family": "table", "times": [0, 1], "probabilities": [0, 0.5]}}]"#.to_owned(),
            ["line 1", "last probability", "0.5"],
        ),
        ("[]".to_owned(), ["group all", "number of lines", "0"]),
        (format!(r#"[{{{weibull}, "next": 0, "death": 1.5}}]"#), ["line 1", "death", "1.5"]),
        (
            r#"[{"stay": {"family": "exponential", "median": -2}}]"#.to_owned(),
            ["line 1", "median", "-2"],
        ),
        (
            r#"[{"stay": {"family": "exponential", "scale": 1, "relative_error": -0.5}}]"#.to_owned(),
            ["line 1", "relative_error", "-0.5"],
        ),
        (
            format!(r#"[{{{weibull}, "next": {{"events": 9, "of": 5}}}}, {{{weibull}}}]"#),
            ["line 1", "events of next", "9"],
        ),
        (
            format!(r#"[{{{weibull}, "next": {{"events": 4, "of": 5, "times": 2}}}}, {{{weibull}}}]"#),
            ["line 1", "times of next", "2"],
        ),
        (
            format!(r#"[{{{weibull}, "next": {{"low": 0.6, "high": 0.5}}}}, {{{weibull}}}]"#),
            ["line 1", "range of next", "0.6 to 0.5"],
        ),
        (
            format!(r#"[{{{weibull}, "next": {{"by_year": [[2020, 0.5], [2030, 1.5]]}}}}, {{{weibull}}}]"#),
            ["line 1", "next of 2030", "1.5"],
        ),
        (
            // Fine at either end, too much between them.
            format!(r#"[{{{weibull}, "next": {{"by_year": [[2020, 0.1], [2025, 0.8], [2030, 0.1]]}}, "death": 0.4}}, {{{weibull}}}]"#),
            ["line 1", "sum of next", "1.2"],
        ),
        (
            format!(r#"[{{{weibull}, "off_treatment": {{"share": 1.1, "stay": {{"family": "none"}}, "next": 0.5}}}}, {{{weibull}}}]"#),
            ["off_treatment after line 1", "share", "1.1"],
        ),
        (
            format!(r#"[{{{weibull}, "off_treatment": {{"share": 0.5, "next": 0.5}}}}, {{{weibull}}}]"#),
            ["off_treatment after line 1", "no sojourn time", "sojourn_time"],
        ),
        (
            format!(r#"[{{{weibull}, "off_treatment": {{"share": 0.5, "stay": {{"family": "none"}}, "next": 0.7, "death": 0.6}}}}, {{{weibull}}}]"#),
            ["line 1/off treatment", "sum of next", "1.2999"],
        ),
        (
            format!(r#"[{{{weibull}, "off_treatment": {{"share": 0.5, "stay": {{"family": "none"}}, "until_next": {{"family": "weibull", "median": 0}}, "next": 0.7}}}}, {{{weibull}}}]"#),
            ["off_treatment after line 1", "median", "0"],
        ),
    ] {
        let error = pathway(&lines).unwrap_err().to_string();
        for word in words {
            assert!(error.contains(word), "\"{word}\" is not in: {error}");
        }
    }
    // A share that is not there, or written as null, is no share of 0 and no line that all die in.
    for (lines, word) in [
        (
            format!("[{{{weibull}}}, {{{weibull}}}]"),
            "line 1 of group all has no next",
        ),
        (
            format!(r#"[{{{weibull}, "next": null}}, {{{weibull}}}]"#),
            "a share is a number",
        ),
        (
            format!(r#"[{{{weibull}, "next": 0.5, "death": null}}, {{{weibull}}}]"#),
            "a share is a number",
        ),
        (
            format!(r#"[{{{weibull}, "next": 0.5, "share": 0.1}}, {{{weibull}}}]"#),
            "line 1 of group all has a share",
        ),
        (
            format!(
                r#"[{{{weibull}, "off_treatment": {{{weibull}, "next": 0.1}}}}, {{{weibull}}}]"#
            ),
            "off_treatment after line 1 of group all has no share",
        ),
        (
            format!(
                r#"[{{{weibull}, "off_treatment": {{{weibull}, "share": 0.1}}}}, {{{weibull}}}]"#
            ),
            "off_treatment after line 1 of group all needs next",
        ),
    ] {
        let error = pathway(&lines).unwrap_err().to_string();
        assert!(error.contains(word), "\"{word}\" is not in: {error}");
    }
    // The same in a model file.
    let file = |incidence: &str, lines: &str| {
        let text = format!(
            "{{\n\"region\": \"x\",\n\"incidence\": {incidence},\n\"to\": 2021,\n\"pathway\": \
             {{\"groups\": [{{\"name\": \"a\", \"weight\": 1, \"lines\": {lines}}}]}}\n}}"
        );
        TherapyModel::from_json("x.json", &text).map(|model| model.flow().map(|_| ()))
    };
    let cases = r#"{"by_year": {"first_year": 2020, "cases": [5, 6]}}"#;
    let bad = format!("[{{{weibull}, \"next\": 1.2}}]");
    let error = file(cases, &bad).unwrap_err().to_string();
    for word in ["x.json", "line 1 of group a", "next", "1.2"] {
        assert!(error.contains(word), "{word}: {error}");
    }
    let good = format!("[{{{weibull}}}]");
    assert!(file(cases, &good).unwrap().is_ok());
    for (incidence, words) in [
        // JSON has no NaN, and null is no number.
        (
            r#"{"by_year": {"first_year": 2020, "cases": [5, NaN]}}"#,
            ["x.json", "\"cases\": [5, NaN]"],
        ),
        (
            r#"{"by_year": {"first_year": 2020, "cases": [5, null]}}"#,
            ["x.json", "line 3"],
        ),
        (
            r#"{"by_year": {"first_year": 2020, "cases": [5, 1e999]}}"#,
            ["line 3", "[5, 1e999]"],
        ),
        (
            r#"{"by_year": {"first_year": 2020, "cases": [5, -1]}}"#,
            ["line 3", "entry 2 of \"cases\" is -1"],
        ),
    ] {
        let error = file(incidence, &good).unwrap_err().to_string();
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    }
    for (incidence, words) in [
        (
            r#"{"by_year": {"first_year": 2030, "cases": [5, 1]}}"#,
            ["first year", "2030"],
        ),
        (
            r#"{"by_year": {"first_year": 2020, "cases": [5]}}"#,
            ["last year", "2021"],
        ),
    ] {
        let error = file(incidence, &good).unwrap().unwrap_err().to_string();
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    }
    // Uncertain weights would not sum to 1 in every draw.
    let half = Share::counted(5.0, 10.0).unwrap();
    let line = || [Line::new(SojournTime::none(), Share::new(0.0).unwrap())];
    let groups = ["a", "b"].map(|name| Group::new(name, half.clone(), line()).unwrap());
    let error = Pathway::new(groups).unwrap_err().to_string();
    assert!(error.contains("weight of group a"), "{error}");
    let weights =
        r#"{"groups": [{"name": "a", "weight": 0.4, "lines": [{"stay": {"family": "none"}}]}]}"#;
    let error = serde_json::from_str::<Pathway>(weights)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("weights") && error.contains("0.4"),
        "{error}"
    );
}

#[test]
fn numbers_out_of_range_are_refused() {
    for value in [-1.0, 0.0, f64::NAN, f64::INFINITY] {
        assert!(SojournTime::exponential(value).is_err());
        assert!(SojournTime::weibull(1.0, value).is_err());
        assert!(SojournTime::gamma(value, 1.0).is_err());
        assert!(SojournTime::exponential_from_median(value).is_err());
        assert!(SojournTime::from_median(SojournFamily::Gamma, value, (0.7, 2.0)).is_err());
        assert!(SojournTime::from_mean_sd(SojournFamily::LogLogistic, 2.0, value).is_err());
    }
    assert!(
        SojournTime::exponential(1.0)
            .unwrap()
            .with_relative_error(-0.1)
            .is_err()
    );
    for value in [-0.1, 1.1, f64::NAN] {
        assert!(Share::new(value).is_err());
        assert!(Share::range(value, 0.5, ShareDistribution::Uniform).is_err());
        assert!(Share::by_year([(2020, value)]).is_err());
    }
    assert!(Share::counted(3.0, 2.0).is_err());
    assert!(Share::counted(0.0, 0.0).is_err());
    assert!(Share::by_year([]).is_err());
    assert!(Share::by_year([(2020, 0.1), (2019, 0.2)]).is_err());
    let delay = Delay::new(SojournTime::none(), SojournTime::none());
    for (follow_up, words) in [
        (FollowUp::Fixed(0.0), ["follow-up", "0"]),
        (FollowUp::Fixed(f64::NAN), ["follow-up", "NaN"]),
        (
            FollowUp::Accrual {
                accrual: 0.0,
                further: 1.0,
                growth: 0.0,
            },
            ["accrual", "0"],
        ),
        (
            FollowUp::Accrual {
                accrual: 5.0,
                further: -1.0,
                growth: 0.0,
            },
            ["further", "-1"],
        ),
    ] {
        let error = follow_up.seen(&delay).unwrap_err().to_string();
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    }
    // Draws of incidence that are negative or not numbers do not become draws.
    for value in [-1.0, f64::NAN, f64::INFINITY] {
        let error = YearlyDraws::new(2020, Array2::from_elem((2, 3), value)).unwrap_err();
        let error = error.to_string();
        let words = [value.to_string(), "finite and not negative".to_owned()];
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    }
    assert!(delay.cdf(f64::NAN).is_err());
}

fn two_lines() -> Pathway {
    Pathway::of_lines([
        Line::new(
            SojournTime::exponential(2.0).unwrap(),
            Share::new(0.5).unwrap(),
        ),
        Line::new(
            SojournTime::exponential(1.0).unwrap(),
            Share::new(0.0).unwrap(),
        ),
    ])
    .unwrap()
}

#[test]
fn impossible_runs_are_refused() {
    let incidence = YearlyDraws::new(2020, Array2::from_elem((5, 2), 10.0)).unwrap();
    let pathway = two_lines();
    for (options, word) in [
        (FlowOptions::to(2019), "first year of the incidence is 2020"),
        (FlowOptions::to(2030), "2030"),
        (
            FlowOptions {
                tolerance: 0.0,
                ..FlowOptions::to(2024)
            },
            "tolerance",
        ),
        (
            FlowOptions {
                tolerance: 1e-300,
                ..FlowOptions::to(2024)
            },
            "not computed",
        ),
        (
            FlowOptions {
                cohorts: Some(2025..=2026),
                ..FlowOptions::to(2024)
            },
            "cohorts",
        ),
    ] {
        let error = pathway.flow(&incidence, &options).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
    let flow = pathway.flow(&incidence, &FlowOptions::to(2024)).unwrap();
    for line in [0, 3] {
        assert!(
            flow.starts(line)
                .unwrap_err()
                .to_string()
                .contains(&line.to_string())
        );
    }
    assert!(
        pathway
            .simulate(2020, &[], Entry::default(), Seed::default())
            .is_err()
    );
    assert!(
        pathway
            .simulate(2020, &[u64::MAX, 2], Entry::default(), Seed::default())
            .is_err()
    );
}

#[test]
fn a_model_without_third_line_answers_zero_with_a_caution() {
    let pathway = Pathway::of_lines([
        Line::new(
            SojournTime::exponential(2.0).unwrap(),
            Share::new(0.0).unwrap(),
        ),
        Line::new(
            SojournTime::exponential(1.0).unwrap(),
            Share::new(0.5).unwrap(),
        ),
        Line::new(
            SojournTime::exponential(1.0).unwrap(),
            Share::new(0.0).unwrap(),
        ),
    ])
    .unwrap();
    let incidence = YearlyDraws::new(2020, Array2::from_elem((5, 9), 10.0)).unwrap();
    let flow = pathway.flow(&incidence, &FlowOptions::to(2024)).unwrap();
    assert!(flow.starts(3).unwrap().view().iter().all(|n| *n == 0.0));
    let cautions = flow.cautions();
    let nobody = cautions
        .iter()
        .filter(|text| text.contains("nobody starts"));
    assert_eq!(nobody.count(), 2, "{cautions:?}");
}

/// The line's own time where those who go on and those who die have others, a time to death where all go on, survival of nobody:
/// each is told, and an error of it makes no model uncertain.
#[test]
fn times_that_nobody_takes_are_told() {
    let flow = |text: &str| {
        let pathway: Pathway = serde_json::from_str(text).unwrap();
        let incidence = YearlyDraws::new(2020, Array2::from_elem((3, 1), 10.0)).unwrap();
        let uncertain = pathway.is_uncertain();
        let flow = pathway.flow(&incidence, &FlowOptions::to(2022)).unwrap();
        let idle = flow
            .cautions()
            .into_iter()
            .find(|text| text.contains("nobody takes"));
        (uncertain, idle)
    };
    let year = r#"{"family": "exponential", "scale": 1.0}"#;
    let unsure = r#"{"family": "exponential", "scale": 50.0, "relative_error": 0.3}"#;
    let last = format!(r#"{{"stay": {year}}}"#);
    for (first, group, idle) in [
        (
            format!(
                r#""stay": {unsure}, "until_next": {year}, "until_death": {year}, "next": 0.5"#
            ),
            "",
            "all/line 1/stay",
        ),
        (
            format!(r#""stay": {year}, "until_death": {unsure}, "next": 1"#),
            "",
            "all/line 1/until_death",
        ),
        (
            format!(r#""stay": {year}, "until_next": {unsure}, "next": 0"#),
            "",
            "all/line 1/until_next",
        ),
        (
            format!(r#""stay": {year}, "next": 0.5"#),
            r#", "lost_survival": UNSURE"#,
            "all/lost",
        ),
        (
            format!(r#""stay": {year}, "next": 0.5"#),
            r#", "never_treated_survival": UNSURE"#,
            "all/never_treated",
        ),
        (
            format!(
                r#""stay": {year}, "next": 0.5, "off_treatment": {{"share": 0, "stay": {unsure}, "next": 1}}"#
            ),
            "",
            "all/line 1/off treatment/stay",
        ),
    ] {
        let group = group.replace("UNSURE", unsure);
        let text = format!(
            r#"{{"groups": [{{"name": "all", "weight": 1, "lines": [{{{first}}}, {last}]{group}}}]}}"#
        );
        let (uncertain, told) = flow(&text);
        assert!(
            !uncertain && told.as_ref().is_some_and(|told| told.contains(idle)),
            "{text}: {told:?}"
        );
    }
    // With those who take them they are neither.
    let text = format!(
        r#"{{"groups": [{{"name": "all", "weight": 1, "never_treated": 0.1, "never_treated_survival": {unsure}, "lost_survival": {year},
            "lines": [{{"stay": {year}, "until_next": {year}, "until_death": {year}, "next": 0.5, "death": 0.4}}, {last}]}}]}}"#
    );
    assert_eq!(flow(&text), (true, None));
}

/// What would not be used is not accepted.
#[test]
fn keys_that_belong_to_another_form_of_a_sojourn_time_are_refused() {
    for stray in [
        r#""family": "weibull", "shape": 1, "scale": 2, "quantile": {"probability": 0.7, "time": 3}"#,
        r#""family": "exponential", "scale": 2, "probabilities": [0, 1]"#,
        r#""family": "exponential", "mean": 2, "quantile": {"probability": 0.7, "time": 3}"#,
        r#""family": "none", "probabilities": [0, 1]"#,
        r#""family": "table", "times": [0, 1]"#,
    ] {
        let error = serde_json::from_str::<SojournTime>(&format!("{{{stray}}}")).unwrap_err();
        assert!(error.to_string().contains("exactly one of"), "{error}");
    }
}

/// (ln 2)^1000 = 6.69054e-160, by mpmath.
#[test]
fn a_median_of_next_to_nothing_is_printed_in_a_line() {
    let time = SojournTime::weibull(1e-3, 1.0).unwrap();
    let printed = time.to_string();
    assert!(printed.ends_with("(median 6.69e-160 years)"), "{printed}");
}

/// A flow of numbers so large that their sums are infinite could not be added up or printed.
#[test]
fn impossible_numbers_of_patients_are_refused() {
    let line = |next| {
        Line::new(
            SojournTime::exponential(1.0).unwrap(),
            Share::new(next).unwrap(),
        )
    };
    let pathway = Pathway::of_lines([line(0.5), line(0.0)]).unwrap();
    let incidence = |n| YearlyDraws::new(2020, Array2::from_elem((3, 1), n)).unwrap();
    let options = FlowOptions {
        cohorts: Some(2020..=2022),
        ..FlowOptions::to(2022)
    };
    let error = pathway
        .flow(&incidence(1e300), &options)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("the patients diagnosed in all years") && error.contains("1e100"),
        "{error}"
    );
    let flow = pathway.flow(&incidence(1e99), &options).unwrap();
    assert!(flow.to_string().contains("deaths"));

    // In a file, too: more starts or deaths than patients, or patients that are in no state.
    let stored = serde_json::to_value(&flow).unwrap();
    for (name, number) in [
        ("starts_2", 1e300),
        ("deaths_1", 3.1e99),
        ("dead_year_end", 1e300),
        ("dead_year_end", 0.0),
    ] {
        let mut changed = stored.clone();
        changed["quantities"][name]["draws"][2][0] = number.into();
        let error = serde_json::from_value::<myeloma_epi::pathway::Flow>(changed).unwrap_err();
        assert!(error.to_string().contains("at most"), "{name}: {error}");
    }
}

/// Shares of a year past the last number have no year.
#[test]
fn a_simulation_ends_before_the_last_year_that_is_a_number() {
    let next = Share::by_year([(2020, 0.5), (2030, 0.6)]).unwrap();
    let line = |next| Line::new(SojournTime::exponential(1.0).unwrap(), next);
    let pathway = Pathway::of_lines([line(next), line(Share::new(0.0).unwrap())]).unwrap();
    let (entry, seed) = (Entry::default(), Seed::new(1));
    for error in [
        pathway
            .simulate(i32::MAX, &[1, 1], entry, seed)
            .unwrap_err(),
        pathway
            .histories(i32::MAX - 1, &[1, 1], entry, seed)
            .unwrap_err(),
    ] {
        assert!(error.to_string().contains("the first year"), "{error}");
    }
}
