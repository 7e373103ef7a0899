//! The published studies and what is made of them.

use myeloma_epi::pathway::evidence::{Measure, Preset, Study, StudyFigure};
use myeloma_epi::pathway::{
    Entry, FlowOptions, FollowUp, Group, Line, Moment, Pathway, Share, SojournTime,
};
use myeloma_epi::{ErrorKind, YearlyDraws};
use ndarray::Array2;

use super::estimands::{refusal, round_trip};

/// The presets of all studies.
fn presets() -> Vec<Preset> {
    let presets = Study::shipped()
        .iter()
        .map(|study| study.presets().unwrap());
    presets.flatten().collect()
}

#[test]
fn every_figure_has_a_source_and_says_what_rests_on_it() {
    let figures = Study::shipped().iter().flat_map(|study| &study.figures);
    assert_eq!(figures.clone().count(), 48);
    for figure in figures {
        assert!(!figure.source.is_empty() && !figure.population.is_empty());
        // Each names what rests on it, which exists, or says why nothing does.
        let mut named = 0;
        for part in figure.used_in.split([';', ',']) {
            let part = part.trim().trim_start_matches("sojourn times of ");
            if let Some(name) = part.strip_prefix("preset ") {
                let name = name.split(' ').next().unwrap();
                assert!(
                    Preset::of(name).is_ok() || !Study::of(name).unwrap().no_preset.is_empty(),
                    "{name}"
                );
                named += 1;
            } else if let Some(name) = part.strip_prefix("later lines ") {
                let study = Study::of(name.split(':').next().unwrap()).unwrap();
                assert!(study.later_lines().is_ok(), "{name}");
                named += 1;
            }
        }
        let refused = figure.used_in.strip_prefix("refused: ");
        assert!(
            named > 0 || refused.is_some_and(|why| why.len() > 20),
            "{}",
            figure.used_in
        );
    }
    for study in Study::shipped() {
        assert!(!study.figures.is_empty() && !study.measured.is_empty());
        assert!(study.to_string().contains(&study.measured));
    }
    let error = Study::of("nobody").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unknown { known, .. } if known.len() == 8));
}

#[test]
fn presets_say_what_they_rest_on() {
    let presets = presets();
    let ids: Vec<&str> = presets.iter().map(|preset| preset.id.as_str()).collect();
    let expected = [
        "west_china",
        "barcelona",
        "barcelona_attrition",
        "cmrg",
        "us_claims",
        "czech_rmg",
        "flatiron_us",
    ];
    assert_eq!(ids, expected);
    for made in &presets {
        assert_eq!(&Preset::of(&made.id).unwrap(), made);
        assert!(made.measured.len() == 2 && made.assumed.len() >= 4);
        let ultimate = made.ultimate_third_line().unwrap();
        assert!(ultimate > 0.0 && ultimate < 1.0);
        let printed = made.to_string();
        let lines = 1 + made.measured.len() + made.assumed.len() + made.undetermined.len();
        assert_eq!(printed.lines().count(), lines, "{printed}");
    }
    let ultimate = |id: &str| Preset::of(id).unwrap().ultimate_third_line().unwrap();
    // 0.561 × 0.93 × 0.88 + 0.439 × 0.81 × 0.74: McCurdy et al. 2023, the attrition of both groups.
    let expected = (3111.0 * 0.93 * 0.88 + 2437.0 * 0.81 * 0.74) / 5548.0;
    approx::assert_relative_eq!(ultimate("cmrg"), expected, max_relative = 1e-12);
    // Fonseca et al. 2020, with the middle of the range after second line.
    let expected = (2184.0 * 0.71 + 9505.0 * 0.5) / (2763.0 + 22062.0);
    approx::assert_relative_eq!(ultimate("us_claims"), expected, max_relative = 1e-3);
    approx::assert_relative_eq!(
        ultimate("barcelona_attrition"),
        0.78 * 0.74,
        max_relative = 1e-12
    );
    for (id, why) in [("pharos_nl", "follow-up"), ("locommotion", "late line")] {
        let error = Preset::of(id).unwrap_err().to_string();
        assert!(error.contains(why) && error.contains(id), "{error}");
        assert!(Study::of(id).unwrap().presets().unwrap().is_empty());
    }
    let error = Preset::of("nobody").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unknown { known, .. } if *known == ids));
}

/// What the refusal of `pharos_nl` says: the sojourn times are too long for a cut at the end of 2013.
#[test]
fn a_follow_up_of_the_users_makes_a_preset() {
    let dutch = Study::of("pharos_nl").unwrap();
    let cut = |further| FollowUp::Accrual {
        accrual: 6.0,
        further,
        growth: 0.0,
    };
    let error = dutch.preset_under(cut(0.0)).unwrap_err();
    assert!(error.to_string().contains("after line 1"), "{error}");
    assert_eq!(dutch.preset_under(cut(2.0)).unwrap().id, "pharos_nl");
    assert!(Study::of("cmrg").unwrap().preset_under(cut(2.0)).is_err());
}

/// Expected values: `data/survival_shares.py`, by matrix exponentials.
#[test]
fn shares_follow_from_survival() {
    for (id, expected) in [
        (
            "czech_rmg",
            vec![0.936_830_838, 0.790_593_430, 0.779_751_940],
        ),
        (
            "flatiron_us",
            vec![0.702_806_664, 0.857_435_600, 0.828_350_591, 0.908_044_061],
        ),
    ] {
        let preset = Preset::of(id).unwrap();
        let lines = preset.pathway.groups()[0].lines();
        for (line, expected) in lines.iter().zip(expected) {
            approx::assert_relative_eq!(line.next().central(2020), expected, max_relative = 1e-6);
        }
    }
    let later = Study::of("locommotion").unwrap().later_lines().unwrap();
    let mean = 12.0 * later[1].sojourn_time().mean();
    approx::assert_relative_eq!(mean, 24.780_145_793, max_relative = 1e-6);
    // A survival that is longer than going on for everybody would give.
    let time = SojournTime::exponential(1.0).unwrap();
    let of_survival = |medians: &[f64]| {
        Pathway::from_median_survival(std::slice::from_ref(&time), medians, &time)
    };
    let error = of_survival(&[9.0]).unwrap_err();
    assert!(error.to_string().contains("line 1"), "{error}");
    assert!(of_survival(&[]).is_err());
    assert!(of_survival(&[f64::NAN]).is_err());
}

#[test]
fn later_lines_are_joined_by_choice() {
    let canada = Preset::of("cmrg").unwrap();
    let late = Study::of("locommotion").unwrap();
    let later = late.later_lines().unwrap();
    let joined = canada.with_later_lines(late).unwrap();
    // First to third line are Canada's.
    assert_eq!(
        joined.ultimate_third_line().unwrap(),
        canada.ultimate_third_line().unwrap()
    );
    for (group, before) in joined.pathway.groups().iter().zip(canada.pathway.groups()) {
        assert_eq!(group.lines()[..3], before.lines()[..3]);
        assert_eq!(group.lines()[3..], later[..]);
    }
    assert!(
        joined
            .assumed
            .iter()
            .any(|text| text.contains("locommotion"))
    );
    // Its patients had a median of four prior lines: it begins in fifth line.
    let stands_for = "line 5 of the study stands for the fourth";
    assert!(joined.assumed.iter().any(|text| text.contains(stands_for)));
    // Patients in fourth line have the median survival that was measured: 13.8 months, so that after
    // 1.5 years (a cohort on a day in the middle of a year, at the end of the next) fewer than half live.
    let fourth = Pathway::of_lines(later).unwrap();
    let incidence = YearlyDraws::new(2020, Array2::from_elem((2, 1), 1.0)).unwrap();
    let options = FlowOptions {
        entry: Entry::MidYear,
        cohorts: Some(2020..=2020),
        ..FlowOptions::to(2021)
    };
    let flow = fourth
        .at_central_values()
        .unwrap()
        .flow(&incidence, &options)
        .unwrap();
    let dead = |year| flow.dead(Moment::YearEnd).median(year).unwrap();
    assert!(dead(2020) < 0.5 && dead(2021) > 0.5);
    assert!(canada.with_later_lines(Study::of("cmrg").unwrap()).is_err());
    let czech = Preset::of("czech_rmg").unwrap();
    assert!(czech.with_later_lines(late).is_ok());
}

#[test]
fn presets_carry_the_uncertainty_of_their_numbers() {
    for preset in presets() {
        let share = preset.ultimate_share().unwrap();
        let u = preset.ultimate_third_line().unwrap();
        assert!(share.low() <= u && u <= share.high(), "{}", preset.id);
        let settled = preset.without_uncertainty().unwrap();
        assert!(!settled.pathway.is_uncertain() && !settled.delay().unwrap().is_uncertain());
        assert_eq!(settled.ultimate_share().unwrap().low(), u);
        assert_eq!(settled.ultimate_share().unwrap().high(), u);
    }
    // West China: 350 of 1255 seen in third line, Jeffreys' interval of the count (scipy.stats.beta.ppf
    // at 2.5 and 97.5 % of 350.5, 905.5), divided by the part seen.
    let west = Preset::of("west_china").unwrap();
    let delay = west.without_uncertainty().unwrap().delay().unwrap();
    let seen = FollowUp::Accrual {
        accrual: 11.67,
        further: 0.0,
        growth: 0.0,
    };
    let seen = seen.seen(&delay).unwrap();
    let share = west.ultimate_share().unwrap();
    // The product of two independent beta draws is that of one beta only nearly (Jeffreys' halves).
    approx::assert_relative_eq!(share.low() * seen, 0.254_603_714, max_relative = 6e-3);
    approx::assert_relative_eq!(share.high() * seen, 0.304_183_743, max_relative = 6e-3);
    // The interval of the median PFS, 21.7 to 26.9 months: ln(26.9/21.7)/(2·1.96).
    let error = west.delay().unwrap().first_line().relative_error();
    approx::assert_relative_eq!(error, 0.054_800, max_relative = 1e-4);
}

/// A shipped study that is written to JSON and read is that study, and gives the same preset.
#[test]
fn studies_and_presets_are_read_as_they_are_written() {
    for study in Study::shipped() {
        let text = round_trip(study);
        let again: Study = serde_json::from_str(&text).unwrap();
        assert_eq!(again.presets().unwrap(), study.presets().unwrap());
        for figure in &study.figures {
            assert!(round_trip(figure).contains(&format!(r#""estimand":"{}""#, figure.measure)));
        }
    }
    for preset in presets() {
        let text = round_trip(&preset);
        let text = text.replace(r#""next":"#, r#""next":7,"was":"#);
        let refusal = refusal::<Preset>(&text);
        assert!(refusal.contains("was"), "{refusal}");
    }
    // Third line has to be there, and the same delay in all groups.
    let lines = |means: &[f64]| {
        let next = |i: usize| if i + 1 == means.len() { 0.0 } else { 0.5 };
        let line = |(i, mean): (usize, &f64)| {
            let next = Share::new(next(i)).unwrap();
            Line::new(SojournTime::exponential(*mean).unwrap(), next)
        };
        means.iter().enumerate().map(line).collect::<Vec<_>>()
    };
    let group =
        |name, means: &[f64]| Group::new(name, Share::new(0.5).unwrap(), lines(means)).unwrap();
    for pathway in [
        Pathway::of_lines(lines(&[1.0, 2.0])).unwrap(),
        Pathway::new([group("a", &[1.0, 2.0, 3.0]), group("b", &[1.5, 2.0, 3.0])]).unwrap(),
    ] {
        let mut made = Preset::of("czech_rmg").unwrap();
        made.pathway = pathway;
        assert!(made.delay().is_err());
        let refusal = refusal::<Preset>(&serde_json::to_string(&made).unwrap());
        assert!(refusal.contains("third line in every group"), "{refusal}");
    }
    // The delay of those who go on, where they take a time of their own; and shares that are not one share.
    let mut made = Preset::of("czech_rmg").unwrap();
    let mut own = lines(&[1.0, 2.0, 3.0]);
    own[0] = own[0]
        .clone()
        .with_time_to_next(SojournTime::exponential(5.0).unwrap());
    made.pathway = Pathway::of_lines(own).unwrap();
    assert_eq!(made.delay().unwrap().mean(), 7.0);
    let mut by_year = lines(&[1.0, 2.0, 3.0]);
    let next = Share::by_year([(2000, 0.5), (2020, 0.8)]).unwrap();
    by_year[1] = Line::new(SojournTime::exponential(2.0).unwrap(), next);
    made.pathway = Pathway::of_lines(by_year).unwrap();
    for error in [
        made.ultimate_third_line().unwrap_err(),
        made.ultimate_share().unwrap_err(),
    ] {
        assert!(
            error
                .to_string()
                .contains("changes with the year of diagnosis"),
            "{error}"
        );
    }
}

/// A study of the user's: one cohort through eight years, first line 22 months in the median and second line as
/// long, for it has no figure of its own and names no other study. Closed forms for the sum of two exponential
/// times with the same mean m: of those who ever start second and third line, 1 − (1 − e^(−x))/x and
/// 1 − 2(1 − e^(−x))/x + e^(−x) are seen, x = 8/m.
#[test]
fn a_study_of_the_users_goes_the_same_way() {
    let own: Study = serde_json::from_str(
        r#"{"id": "atlantis", "accrual": 8, "figures": [
            {"estimand": "crude_reach", "line": 3, "value": 0.25},
            {"estimand": "crude_reach", "line": 2, "value": 0.55, "n": 400},
            {"estimand": "median_pfs", "line": 1, "value": 22, "unit": "months"}]}"#,
    )
    .unwrap();
    let made = own.preset().unwrap();
    let x = 8.0 * 12.0 * std::f64::consts::LN_2 / 22.0;
    let second = 0.55 / (1.0 - (1.0 - (-x).exp()) / x);
    let third = 0.25 / (1.0 - 2.0 * (1.0 - (-x).exp()) / x + (-x).exp());
    let ultimate = made.ultimate_third_line().unwrap();
    approx::assert_relative_eq!(ultimate, third, max_relative = 1e-6);
    let next = made.pathway.groups()[0].lines()[0].next();
    approx::assert_relative_eq!(next.central(2020), second, max_relative = 1e-6);
    // Of 400 patients, 220 seen; the other share of the same patients states no number, and is of as many.
    assert!(next.is_uncertain());
    assert!(made.pathway.groups()[0].lines()[1].next().is_uncertain());
    let assumed = made.assumed.join("; ");
    assert!(assumed.contains("line 3 states no n"), "{assumed}");
    assert!(assumed.contains("as long as the line before"), "{assumed}");
    // The same from Rust.
    let in_rust = Study {
        id: "atlantis".to_owned(),
        accrual: Some(8.0),
        figures: vec![
            StudyFigure {
                n: Some(400.0),
                ..StudyFigure::new(Measure::CrudeReach, 2, 0.55)
            },
            StudyFigure::new(Measure::CrudeReach, 3, 0.25),
            StudyFigure::new(Measure::MedianPfs, 1, 22.0),
        ],
        ..Study::default()
    };
    assert_eq!(in_rust.preset().unwrap(), made);
    // Attrition: two groups, weighted by their numbers.
    let groups: Study = serde_json::from_str(
        r#"{"id": "atlantis", "sojourn_times_of": "czech_rmg", "figures": [
            {"estimand": "attrition", "group": "young", "line": 1, "value": 0.1, "n": 300},
            {"estimand": "attrition", "group": "young", "line": 2, "value": 0.2},
            {"estimand": "attrition", "group": "old", "line": 1, "value": 0.3, "n": 100},
            {"estimand": "attrition", "group": "old", "line": 2, "value": 0.4}]}"#,
    )
    .unwrap();
    let ultimate = groups.preset().unwrap().ultimate_third_line().unwrap();
    let expected = 0.75 * 0.9 * 0.8 + 0.25 * 0.7 * 0.6;
    approx::assert_relative_eq!(ultimate, expected, max_relative = 1e-12);
}

/// Each line has its median TTNT, or else its median PFS: in months 24, 12 and, as no later line has one, 12.
#[test]
fn a_line_without_ttnt_has_its_pfs() {
    let study: Study = serde_json::from_str(
        r#"{"id": "atlantis", "figures": [
            {"estimand": "of_previous", "line": 2, "value": 0.7}, {"estimand": "of_previous", "line": 3, "value": 0.6},
            {"estimand": "median_pfs", "line": 1, "value": 24}, {"estimand": "median_pfs", "line": 2, "value": 10},
            {"estimand": "median_ttnt", "line": 2, "value": 12}]}"#,
    )
    .unwrap();
    let lines = study.preset().unwrap();
    let lines = lines.pathway.groups()[0].lines().iter();
    let months = lines.map(|line| 12.0 * line.sojourn_time().median());
    for (got, expected) in months.zip([24.0, 12.0, 12.0]) {
        approx::assert_relative_eq!(got, expected, max_relative = 1e-12);
    }
    let half: Study = serde_json::from_str(
        r#"{"id": "atlantis", "sojourn_times_of": "czech_rmg", "figures": [
            {"estimand": "of_previous", "line": 2, "value": 0.7}, {"estimand": "attrition_least", "line": 2, "value": 0.2}]}"#,
    )
    .unwrap();
    let said = half.preset().unwrap_err().to_string();
    assert!(said.contains("needs both"), "{said}");
}

#[test]
fn bad_studies_are_refused() {
    let read = |more: &str, figures: &str| {
        format!(r#"{{"id": "atlantis"{more}, "figures": [{figures}]}}"#)
    };
    let crude = |line: usize, value: f64| {
        format!(r#"{{"estimand": "crude_reach", "line": {line}, "value": {value}}}"#)
    };
    let pfs = r#"{"estimand": "median_pfs", "line": 1, "value": 22}"#;
    for (text, words) in [
        (read("", &crude(1, 0.5)), ["line", "from 2"]),
        (read("", &crude(2, 1.5)), ["crude_reach of line 2", "1.5"]),
        (
            read("", &[crude(2, 0.5), crude(2, 0.4)].join(",")),
            ["two figures", "line 2"],
        ),
        (
            read("", &pfs.replace("22", "-22")),
            ["median_pfs of line 1", "months"],
        ),
        (
            read("", &pfs.replace("22", r#"22, "unit": "years""#)),
            ["years", "months"],
        ),
        (
            read("", &pfs.replace("22", r#"22, "low": 23, "high": 25"#)),
            ["95 % interval", "around the figure, 22"],
        ),
        (
            read("", &pfs.replace("22", r#"22, "low": 20"#)),
            ["low", "high"],
        ),
        (
            read("", &pfs.replace("22", r#"22, "group": "young""#)),
            ["young", "only shares"],
        ),
        (
            read("", &pfs.replace("22", r#"22, "study": "czech_rmg""#)),
            ["czech_rmg", "leave that out"],
        ),
        (read(r#", "accrual": 0"#, ""), ["accrual", "above 0"]),
        (read(r#", "colour": "red""#, ""), ["colour", "accrual"]),
        (read("", "").replace("atlantis", " "), ["id", "a name"]),
        (read("", "").replace("id", "key"), ["key", "id"]),
        (
            read("", &crude(2, 0.5).replace("crude_reach", "crude")),
            ["crude", "median_os"],
        ),
    ] {
        let refusal = refusal::<Study>(&text);
        assert!(words.iter().all(|word| refusal.contains(word)), "{refusal}");
    }
    // What is a study, and not enough for a preset.
    let two = [crude(2, 0.5), crude(3, 0.3)].join(",");
    for (text, word) in [
        (read("", ""), "none of crude_reach"),
        (read("", &two), "accrual"),
        (read(r#", "accrual": 6"#, &two), "no sojourn time of line 1"),
        (
            read(r#", "accrual": 6, "sojourn_times_of": "nobody""#, &two),
            "west_china",
        ),
        (
            read(
                r#", "accrual": 6"#,
                &[&crude(2, 0.5), pfs].map(String::from).join(","),
            ),
            "line 3",
        ),
        (
            read(
                r#", "accrual": 6"#,
                &[&crude(3, 0.5), pfs].map(String::from).join(","),
            ),
            "line 2",
        ),
        (
            read(r#", "no_preset": "because of this""#, &two),
            "because of this",
        ),
        (
            read(
                "",
                r#"{"estimand": "attrition", "line": 1, "value": 0.3, "group": "old"},
                   {"estimand": "attrition", "line": 2, "value": 0.3, "group": "old"},
                   {"estimand": "attrition", "line": 1, "value": 0.3, "group": "young"},
                   {"estimand": "attrition", "line": 2, "value": 0.3, "group": "young"},
                   {"estimand": "median_ttnt", "line": 1, "value": 20}"#,
            ),
            "how many patients",
        ),
    ] {
        let study: Study = serde_json::from_str(&text).unwrap();
        let error = study.preset().unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
    // One that was not read is checked all the same.
    let in_rust = Study {
        figures: vec![StudyFigure::new(Measure::MedianOs, 1, f64::NAN)],
        ..Study::of("czech_rmg").unwrap().clone()
    };
    assert!(in_rust.preset().is_err() && in_rust.later_lines().is_err());
    let czech = Study::of("czech_rmg").unwrap();
    assert!(czech.preset_from(Measure::MedianPfs).is_err());
    assert!(czech.preset_from(Measure::Attrition).is_err());
}

/// The other properties of a group stay when its later lines change: those never treated, and survival.
#[test]
fn later_lines_leave_the_rest_of_a_group_alone() {
    let late = Study::of("locommotion").unwrap();
    let mut canada = Preset::of("cmrg").unwrap();
    let survival = SojournTime::exponential(0.5).unwrap();
    let groups = canada.pathway.groups().iter().cloned().map(|group| {
        group
            .with_never_treated(Share::new(0.1).unwrap(), Some(survival.clone()))
            .with_lost_survival(survival.clone())
    });
    canada.pathway = Pathway::new(groups.collect::<Vec<_>>()).unwrap();
    let joined = canada.with_later_lines(late).unwrap();
    for group in joined.pathway.groups() {
        assert_eq!(group.never_treated().central(2020), 0.1);
    }
    assert_eq!(
        serde_json::to_string(&joined.pathway)
            .unwrap()
            .matches("lost_survival")
            .count(),
        joined.pathway.groups().len()
    );
}

#[test]
fn an_interval_of_a_share_that_is_not_used_is_said_not_to_be() {
    let text = r#"{"id": "atlantis", "sojourn_times_of": "czech_rmg", "figures": [
        {"estimand": "attrition", "line": 1, "value": 0.3, "low": 0.2, "high": 0.4},
        {"estimand": "attrition", "line": 2, "value": 0.4}
    ]}"#;
    let said = |text: &str| {
        let study: Study = serde_json::from_str(text).unwrap();
        let assumed = study.preset().unwrap().assumed;
        assumed
            .iter()
            .any(|text| text.contains("confidence intervals of shares"))
    };
    assert!(said(text));
    assert!(!said(&text.replace(r#", "low": 0.2, "high": 0.4"#, "")));
}

/// Two lines of mean m: of those who start third line in the end, 1 − (1/a)·[e^(−t/m)·(2m + t)] between t = f and f + a has
/// been seen to, after an accrual of a years and f further ones.
#[test]
fn a_stated_follow_up_says_when_the_data_were_cut() {
    let (mean, accrual) = (2.0_f64, 6.0);
    let study = |follow_up: &str| -> Study {
        let months = 12.0 * mean * std::f64::consts::LN_2;
        let text = format!(
            r#"{{"id": "atlantis", "accrual": {accrual}{follow_up}, "figures": [
                {{"estimand": "crude_reach", "line": 2, "value": 0.5}},
                {{"estimand": "crude_reach", "line": 3, "value": 0.2}},
                {{"estimand": "median_ttnt", "line": 1, "value": {months}}},
                {{"estimand": "median_ttnt", "line": 2, "value": {months}}}]}}"#
        );
        serde_json::from_str(&text).unwrap()
    };
    for (follow_up, further, told) in [
        ("", 0.0, false),
        (r#", "follow_up": 3"#, 0.0, false),
        (r#", "follow_up": 5"#, 2.0, false),
        (r#", "follow_up": 2"#, 0.0, true),
    ] {
        let at = |t: f64| (-t / mean).exp() * (2.0 * mean + t);
        let seen = 1.0 - (at(further) - at(further + accrual)) / accrual;
        let preset = study(follow_up).preset().unwrap();
        let ultimate = preset.ultimate_third_line().unwrap();
        assert!(
            (ultimate - 0.2 / seen).abs() < 1e-6,
            "{follow_up}: {ultimate}"
        );
        let told_here = preset
            .assumed
            .iter()
            .any(|said| said.contains("median follow-up of 3 years"));
        assert_eq!(told_here, told, "{:?}", preset.assumed);
    }
}

/// The study of `docs/own-study.md` with these numbers of patients of second and third line.
fn crude(n: [Option<f64>; 2]) -> Study {
    let shares = [(2, 0.55, n[0]), (3, 0.25, n[1])];
    let figure = |(line, share, n)| StudyFigure {
        n,
        ..StudyFigure::new(Measure::CrudeReach, line, share)
    };
    Study {
        id: "atlantis".to_owned(),
        accrual: Some(8.0),
        follow_up: Some(5.0),
        sojourn_times_of: "czech_rmg".to_owned(),
        figures: shares.map(figure).to_vec(),
        ..Study::default()
    }
}

/// However many patients each share is of, the centre is the same; the range is that of the third line's own. Expected:
/// `data/crude_shares_of_different_n.py`, the 95 % interval of a crude share of 0.25.
#[test]
fn the_number_of_patients_of_a_crude_share_moves_no_centre() {
    let centre = crude([None; 2]).preset().unwrap();
    let centre = centre.ultimate_third_line().unwrap();
    assert!((centre - 0.39).abs() < 0.005, "{centre}");
    for (n, low, high) in [
        ([Some(400.0), Some(40.0)], 0.1364, 0.3982),
        ([Some(40.0), Some(400.0)], 0.2095, 0.2941),
        ([Some(200.0), Some(400.0)], 0.2095, 0.2941),
        ([Some(400.0), Some(380.0)], 0.2085, 0.2953),
        ([Some(400.0), Some(400.0)], 0.2095, 0.2942),
        ([None, Some(40.0)], 0.1361, 0.3961),
        ([Some(400.0), None], 0.2095, 0.2942),
    ] {
        let preset = crude(n).preset().unwrap();
        let got = preset.ultimate_third_line().unwrap();
        approx::assert_relative_eq!(got, centre, max_relative = 1e-9);
        let range = preset.ultimate_share().unwrap();
        for (got, crude) in [(range.low(), low), (range.high(), high)] {
            // Of forty patients the beta distribution is not quite that of a product of two.
            assert!(
                (got - centre * crude / 0.25).abs() < 0.025,
                "{n:?}: {got} {crude}"
            );
        }
    }
    let assumed = crude([Some(40.0), Some(400.0)]).preset().unwrap().assumed;
    assert!(
        assumed.join("; ").contains("line 2, of 40 patients"),
        "{assumed:?}"
    );
    // A share of seven patients that is no number of them over seven.
    let seven = crude([Some(7.0); 2]).preset().unwrap();
    approx::assert_relative_eq!(
        seven.ultimate_third_line().unwrap(),
        centre,
        max_relative = 1e-9
    );
}

/// Attrition of second line in forty patients is as sure as the share of forty who go on; where n is the cohort's, as in
/// the shipped studies, it is of those who had the line.
#[test]
fn attrition_is_of_its_own_patients_or_of_the_cohort() {
    let study = |first, second, measure, lines: [usize; 2], values: [f64; 2]| {
        let figure = |i: usize, n| StudyFigure {
            n,
            ..StudyFigure::new(measure, lines[i], values[i])
        };
        let study = Study {
            id: "atlantis".to_owned(),
            sojourn_times_of: "czech_rmg".to_owned(),
            figures: vec![figure(0, first), figure(1, second)],
            ..Study::default()
        };
        study
            .preset()
            .map(|preset| preset.ultimate_share().unwrap())
    };
    let attrition =
        |first, second| study(first, second, Measure::Attrition, [1, 2], [0.3, 0.4]).unwrap();
    let previous =
        |first, second| study(first, second, Measure::OfPrevious, [2, 3], [0.7, 0.6]).unwrap();
    for second in [40.0, 100.0] {
        assert_eq!(
            attrition(Some(400.0), Some(second)),
            previous(Some(400.0), Some(second))
        );
        assert_eq!(attrition(None, Some(second)), previous(None, Some(second)));
    }
    // 280 of 400 had second line.
    assert_eq!(
        attrition(Some(400.0), Some(400.0)),
        previous(Some(400.0), Some(280.0))
    );
    assert_eq!(
        attrition(Some(400.0), None),
        previous(Some(400.0), Some(280.0))
    );
    let error = study(Some(400.0), None, Measure::Attrition, [1, 2], [1.0, 0.4]).unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains("attrition of line 1") && said.contains("line 2"),
        "{said}"
    );
}
