//! Eligibility by the label, and where the therapy can be had.

use myeloma_epi::pathway::access::{
    AccessFact, AccessStatus, Exposure, access, eligible_where_approved,
};
use myeloma_epi::pathway::{FlowOptions, Line, Pathway, Share, SojournTime};
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

    let two_lines = Pathway::of_lines(pathway.groups()[0].lines()[2..].iter().cloned()).unwrap();
    let flow_of_two = two_lines.flow(&incidence, &FlowOptions::to(2029)).unwrap();
    assert!(exposure.eligible(&flow_of_two).is_err());
    let error = eligible_where_approved(&[("Atlantis", &flow)], &exposure, 2024).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Unknown { known, .. } if known.len() == 7));
    assert_eq!(access().len(), 9);
    let mainland = ("mainland China", &flow);
    // In 2024 it was approved in mainland China alone; from 2025 in Macau and Hong Kong too.
    let eligible_2024 = eligible_where_approved(&[mainland], &exposure, 2024).unwrap();
    assert_eq!(eligible_2024.len(), 1);
    let error = eligible_where_approved(&[mainland], &exposure, 2026)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("Macau") && error.contains("not zero"),
        "{error}"
    );
}

#[test]
fn facts_on_access_are_read_as_they_are_written() {
    for fact in access() {
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
    for since in [
        "2026",
        "March 2026",
        "2026-13",
        "2026-3-1",
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
