//! Eligibility by the label, and where the therapy can be had.

use myeloma_epi::pathway::access::{AccessFact, AccessStatus, Exposure};
use myeloma_epi::pathway::{FlowOptions, Group, Line, Pathway, Share, SojournTime};
use myeloma_epi::{ErrorKind, YearlyDraws};
use ndarray::Array2;

use super::estimands::{refusal, round_trip};

#[test]
fn eligibility_asks_for_what_the_crate_does_not_know() {
    let pathway = Pathway::of_lines((0..4).map(|line| {
        let next = Share::new(if line == 3 { 0.0 } else { 0.6 }).unwrap();
        Line::new(SojournTime::exponential(1.0).unwrap(), next)
    }))
    .unwrap();
    let incidence = YearlyDraws::new(2010, Array2::from_elem((20, 1), 1000.0)).unwrap();
    let flow = pathway.flow(&incidence, &FlowOptions::to(2029)).unwrap();
    let mut exposure = Exposure::default();
    let error = exposure.eligible(&flow).unwrap_err().to_string();
    assert!(error.contains("missing"), "{error}");
    exposure.proteasome_inhibitor_and_immunomodulator = Some(0.8);
    exposure.adult = Some(1.0);
    let patients = exposure.eligible(&flow).unwrap().median(2029).unwrap();
    // All who fail third line alive go on to fourth here.
    let fourth = flow.starts(4).unwrap().median(2029).unwrap();
    approx::assert_relative_eq!(patients, 0.8 * fourth, max_relative = 1e-9);

    let error = exposure
        .eligible_where_approved(&[("Atlantis", &flow)], 2024)
        .unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unknown { known, .. } if known.len() == 7));
    assert_eq!(AccessFact::shipped().len(), 9);
    let mainland = ("mainland China", &flow);
    // In 2024 it was approved in mainland China alone; from 2025 in Macau and Hong Kong too.
    let eligible_2024 = exposure.eligible_where_approved(&[mainland], 2024).unwrap();
    assert_eq!(eligible_2024.len(), 1);
    let error = exposure
        .eligible_where_approved(&[mainland], 2026)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("Macau") && error.contains("not zero"),
        "{error}"
    );
    // Steady starts: of a year of approval by days, the day of approval included.
    let all = [mainland, ("Macau", &flow), ("Hong Kong", &flow)];
    for (year, parts) in [
        (2022, vec![]),
        (2023, vec![185.0 / 365.0]),
        (2025, vec![1.0, 279.0 / 365.0, 35.0 / 365.0]),
        (2026, vec![1.0; 3]),
    ] {
        let eligible = exposure.eligible_where_approved(&all, year).unwrap();
        assert_eq!(eligible.len(), parts.len(), "{year}");
        for ((fact, patients), part) in eligible.iter().zip(parts) {
            let whole = 0.8 * flow.starts(4).unwrap().median(year).unwrap();
            assert_eq!(patients.years(), year..=year);
            approx::assert_relative_eq!(
                patients.median(year).unwrap(),
                part * whole,
                max_relative = 1e-12
            );
            assert!(fact.year().unwrap() <= year);
        }
    }
}

/// A pathway that ends with third line says nothing of who could be treated after it: neither that nobody could,
/// nor that those lost to further therapy could.
#[test]
fn eligibility_is_unknown_where_nobody_starts_fourth_line() {
    let line = |next: f64| {
        let time = SojournTime::exponential(1.5).unwrap();
        Line::new(time, Share::new(next).unwrap())
    };
    let incidence = YearlyDraws::new(2010, Array2::from_elem((16, 1), 1000.0)).unwrap();
    let exposure = Exposure {
        proteasome_inhibitor_and_immunomodulator: Some(0.9),
        adult: Some(1.0),
    };
    let eligible = |lines: Vec<Line>| {
        let pathway = Pathway::of_lines(lines).unwrap();
        let flow = pathway.flow(&incidence, &FlowOptions::to(2025)).unwrap();
        assert!(flow.starts(3).unwrap().median(2025).unwrap() > 300.0);
        exposure.eligible(&flow)
    };
    let lost = || line(0.0).with_death(Share::new(0.8).unwrap());
    let of = |next: &str| {
        let next = serde_json::from_str(next).unwrap();
        Line::new(SojournTime::exponential(1.0).unwrap(), next)
    };
    for lines in [
        vec![line(0.6), line(0.55), line(0.0)],
        vec![line(0.6), line(0.55), lost()],
        vec![line(0.6), line(0.55), line(0.0), line(0.0)],
        // 0 however it is written.
        vec![
            line(0.6),
            line(0.55),
            of(r#"{"low": 0, "high": 0}"#),
            line(0.0),
        ],
        vec![
            line(0.6),
            line(0.55),
            of(r#"{"by_year": [[2000, 0], [2001, 0]]}"#),
            line(0.0),
        ],
    ] {
        let error = eligible(lines).unwrap_err().to_string();
        assert!(
            error.contains("fourth line") && error.contains("not zero"),
            "{error}"
        );
    }
    // Steady state: of 330 a year in third line 20 % start a fourth, 16 % are lost and not counted.
    let third = line(0.2).with_death(Share::new(0.64).unwrap());
    let patients = eligible(vec![line(0.6), line(0.55), third, lost()]).unwrap();
    approx::assert_relative_eq!(
        patients.median(2025).unwrap(),
        0.9 * 0.2 * 330.0,
        max_relative = 1e-4
    );
}

/// A group that ends with third line is not one in which nobody could be treated; one that has no third line has
/// nobody in whom it could fail. By hand, in a steady state of 1,000 a year: 900·0.6·0.5·0.4 = 108 start a fourth.
#[test]
fn a_group_without_fourth_line_is_named() {
    let lines = |next: &[f64]| -> Vec<Line> {
        let line = |next: &f64| {
            let time = SojournTime::exponential(1.0).unwrap();
            Line::new(time, Share::new(*next).unwrap())
        };
        next.iter().map(line).collect()
    };
    let incidence = YearlyDraws::new(2010, Array2::from_elem((16, 1), 1000.0)).unwrap();
    let exposure = Exposure {
        proteasome_inhibitor_and_immunomodulator: Some(1.0),
        adult: Some(1.0),
    };
    let eligible = |of_the_old: Vec<Line>| {
        let group =
            |name, weight, lines| Group::new(name, Share::new(weight).unwrap(), lines).unwrap();
        let groups = [
            group("young", 0.9, lines(&[0.6, 0.5, 0.4, 0.0])),
            group("old", 0.1, of_the_old),
        ];
        let flow = Pathway::new(groups)
            .unwrap()
            .flow(&incidence, &FlowOptions::to(2025));
        exposure.eligible(&flow.unwrap())
    };
    for ends_at_third in [lines(&[0.6, 0.5, 0.0]), lines(&[0.6, 0.5, 0.0, 0.0])] {
        let error = eligible(ends_at_third).unwrap_err().to_string();
        assert!(
            error.contains("group old") && error.contains("not zero"),
            "{error}"
        );
    }
    let after_a_while = |next: f64| {
        let off = lines(&[next]).remove(0);
        let third = lines(&[0.0])
            .remove(0)
            .with_off_treatment(Share::new(0.5).unwrap(), off);
        [lines(&[0.6, 0.5]), vec![third], lines(&[0.0])].concat()
    };
    assert!(eligible(after_a_while(0.0)).is_err());
    // 100·0.6·0.5·0.5·0.3 = 4.5 more, after time off treatment.
    for (of_the_old, expected) in [(lines(&[0.6, 0.0]), 108.0), (after_a_while(0.3), 112.5)] {
        let patients = eligible(of_the_old).unwrap().median(2025).unwrap();
        approx::assert_relative_eq!(patients, expected, max_relative = 1e-5);
    }
}

#[test]
fn facts_on_access_are_read_as_they_are_written() {
    for fact in AccessFact::shipped() {
        let text = round_trip(fact);
        assert!(!fact.what.is_empty() && !fact.source.is_empty());
        assert_eq!(fact.stated, text.contains(r#""stated":"yes""#), "{text}");
        assert_eq!(fact.year().unwrap().to_string(), fact.since[..4]);
        let named_patient = text.contains(r#""status":"named_patient""#);
        assert_eq!(named_patient, fact.status == AccessStatus::NamedPatient);
    }
    let fact = |since: &str, stated: &str| {
        format!(
            r#"{{"jurisdiction": "Atlantis", "status": "approved", "since": "{since}",
                "stated": "{stated}", "what": "approved", "source": "none"}}"#
        )
    };
    let read: AccessFact = serde_json::from_str(&fact("2026-03", "no")).unwrap();
    assert_eq!(read.to_string(), "Atlantis: approved, 2026-03");
    // The 15th stands for a month of which the day is not known; 2028 is a leap year.
    let parts = [2025, 2026, 2027].map(|year| read.part_of(year));
    assert_eq!(parts, [0.0, 292.0 / 365.0, 1.0]);
    let read: AccessFact = serde_json::from_str(&fact("2028-02-29", "no")).unwrap();
    assert_eq!(read.part_of(2028), 307.0 / 366.0);
    for since in [
        "2026",
        "March 2026",
        "2026-13",
        "2026-3-1",
        "2026-02-29",
        "2026-04-31",
        "2026-03-01-02",
        "-026-01",
    ] {
        let refusal = refusal::<AccessFact>(&fact(since, "no"));
        assert!(
            refusal.contains(since) && refusal.contains("a month or day"),
            "{refusal}"
        );
    }
    let refusal = refusal::<AccessFact>(&fact("2026-03", "maybe"));
    assert!(refusal.contains("maybe"), "{refusal}");
    round_trip(&Exposure {
        proteasome_inhibitor_and_immunomodulator: Some(0.8),
        adult: None,
    });
}

/// Which of two flows would count is not guessed.
#[test]
fn two_flows_for_one_jurisdiction_are_refused() {
    let line = |next| {
        Line::new(
            SojournTime::exponential(1.0).unwrap(),
            Share::new(next).unwrap(),
        )
    };
    let pathway = Pathway::of_lines([line(0.6), line(0.6), line(0.6), line(0.0)]).unwrap();
    let incidence = YearlyDraws::new(2010, Array2::from_elem((20, 1), 1000.0)).unwrap();
    let flow = pathway.flow(&incidence, &FlowOptions::to(2029)).unwrap();
    let exposure = Exposure {
        proteasome_inhibitor_and_immunomodulator: Some(0.8),
        adult: Some(1.0),
    };
    let flows = [("mainland China", &flow), ("mainland China", &flow)];
    let error = exposure.eligible_where_approved(&flows, 2024).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("two flows are given for mainland China"),
        "{error}"
    );
}

/// A pathway that has a fourth line and nobody in it yet answers zero; whether anybody could be in it decides, not a number.
#[test]
fn nobody_yet_is_not_nobody_ever() {
    let exposure = Exposure {
        proteasome_inhibitor_and_immunomodulator: Some(1.0),
        adult: Some(1.0),
    };
    let line = |next: f64| {
        let time = SojournTime::table([(5.0, 0.0), (5.0, 1.0)]).unwrap();
        Line::new(time, Share::new(next).unwrap())
    };
    let pathway = Pathway::of_lines([line(1.0), line(1.0), line(1.0), line(0.0)]).unwrap();
    let eligible = |cases: f64, from: i32, to: i32| {
        let cases = Array2::from_elem((usize::try_from(to - from + 1).unwrap(), 1), cases);
        let options = FlowOptions {
            cohorts: Some(from..=to),
            ..FlowOptions::to(to)
        };
        let incidence = YearlyDraws::new(from, cases).unwrap();
        exposure.eligible(&pathway.flow(&incidence, &options).unwrap())
    };
    // Three times five years after the first diagnoses all of them start fourth line.
    let patients = eligible(100.0, 2015, 2031).unwrap();
    for (year, expected) in [(2026, 0.0), (2029, 0.0), (2030, 100.0), (2031, 100.0)] {
        approx::assert_abs_diff_eq!(patients.median(year).unwrap(), expected, epsilon = 1e-3);
    }
    let none = eligible(0.0, 2015, 2031).unwrap();
    approx::assert_abs_diff_eq!(none.median(2031).unwrap(), 0.0);
    // A group that is never treated has no line to fail.
    let untreated = Group::new(
        "b",
        Share::new(0.5).unwrap(),
        [line(1.0), line(1.0), line(0.0)],
    )
    .unwrap()
    .with_never_treated(Share::new(1.0).unwrap(), None);
    let treated = Group::new(
        "a",
        Share::new(0.5).unwrap(),
        [line(1.0), line(1.0), line(1.0), line(0.0)],
    )
    .unwrap();
    let pathway = Pathway::new([treated, untreated]).unwrap();
    let incidence = YearlyDraws::new(2000, Array2::from_elem((31, 1), 100.0)).unwrap();
    let flow = pathway.flow(&incidence, &FlowOptions::to(2030)).unwrap();
    let patients = exposure.eligible(&flow).unwrap();
    approx::assert_relative_eq!(patients.median(2030).unwrap(), 50.0, max_relative = 1e-4);
}
