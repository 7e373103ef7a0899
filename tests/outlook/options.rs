//! Options that name what is not there are refused; no default acts on a region's name.

use myeloma_epi::curve::Family;
use myeloma_epi::projection::ErrorModel;
use myeloma_epi::{ErrorKind, Outlook, OutlookOptions, figures};

use super::{one, part_of, two_figures};

/// Some other disease of the world and of China, a hundred times as frequent in the second.
fn another_disease() -> Vec<myeloma_epi::IncidenceSeries> {
    vec![
        two_figures("World", 500.0, 520.0, 0.03),
        two_figures("China", 50_000.0, 61_000.0, 0.03),
    ]
}

fn few_draws() -> OutlookOptions {
    OutlookOptions {
        draws: 200,
        ..OutlookOptions::default()
    }
}

#[test]
fn figures_of_another_disease_are_neither_compared_nor_coupled() {
    let outlook = Outlook::of_series(&another_disease(), &few_draws()).unwrap();
    assert!(outlook.complements().is_empty());
    for region in outlook.regions() {
        assert_eq!(region.between_source_sd().to_bits(), 0.0_f64.to_bits());
        assert!(region.between_source_estimate().is_none() && region.compared_with().is_empty());
        assert!(
            region
                .curves()
                .iter()
                .all(|c| c.reference_region().is_none())
        );
    }
    let text = outlook.to_string();
    assert!(
        !text.contains("GLOBOCAN") && !text.contains("myeloma"),
        "{text}"
    );
    assert!(text.contains("not compared with other sources"), "{text}");
    // The same regions under the same names are those of the alphabet.
    let renamed: Vec<_> = another_disease()
        .iter()
        .zip(["A", "B"])
        .map(|(series, name)| {
            let counts = series.observations().iter().map(|o| (o.year, o.cases));
            myeloma_epi::IncidenceSeries::from_counts(name, counts).unwrap()
        })
        .collect();
    let renamed = Outlook::of_series(&renamed, &few_draws()).unwrap();
    for (one, other) in outlook.regions().iter().zip(renamed.regions()) {
        assert_eq!(one.curves().len(), other.curves().len());
    }
}

#[test]
fn who_says_myeloma_is_compared_and_coupled() {
    let options = OutlookOptions {
        draws: 200,
        ..OutlookOptions::myeloma()
    };
    let outlook = Outlook::of(figures::press_release(), &options).unwrap();
    assert_eq!(outlook.complements().len(), 1);
    let china = outlook.region("China").unwrap();
    assert!(
        china
            .compared_with()
            .contains(&"GLOBOCAN 2022 (IARC)".to_owned())
    );
    assert!(china.between_source_reason().is_none());
    let text = outlook.to_string();
    assert!(text.contains("compared with GBD 2016"), "{text}");
    let error = Outlook::of_series(&another_disease(), &options).unwrap_err();
    assert!(error.to_string().contains("the disease"), "{error}");
}

#[test]
fn names_that_are_not_there_are_listed() {
    let outlook = Outlook::of_series(&another_disease(), &few_draws()).unwrap();
    let error = outlook.region("Wrold").unwrap_err();
    let ErrorKind::Unknown { name, known, .. } = error.kind() else {
        panic!("{error}");
    };
    assert_eq!(
        (name.as_str(), known.as_slice()),
        ("Wrold", &["World".to_owned(), "China".to_owned()][..])
    );
    assert!(matches!(
        outlook.complement("China").unwrap_err().kind(),
        ErrorKind::Unknown { known, .. } if known.is_empty()
    ));

    for parts in [part_of("Chnia", "World"), part_of("China", "Wrold")] {
        let options = OutlookOptions {
            parts,
            ..few_draws()
        };
        let error = Outlook::of_series(&another_disease(), &options).unwrap_err();
        let ErrorKind::Unknown { known, .. } = error.kind() else {
            panic!("{error}");
        };
        assert_eq!(known, &["World", "China"]);
    }
}

#[test]
fn weights_are_of_families_that_are_fitted() {
    let series = two_figures("Atlantis", 100.0, 120.0, 0.03);
    let error = |weights: &[(Family, f64)]| {
        let options = OutlookOptions {
            weights: weights.to_vec(),
            ..few_draws()
        };
        one(&series, &options).unwrap_err()
    };
    let unknown = error(&[(Family::Richards, 5.0)]);
    assert!(matches!(unknown.kind(), ErrorKind::Unknown { .. }));
    for word in ["richards", "linear", "gompertz"] {
        assert!(unknown.to_string().contains(word), "{unknown}");
    }
    for weight in [f64::NAN, f64::INFINITY, -1.0] {
        let error = error(&[(Family::Linear, weight)]);
        assert!(
            matches!(error.kind(), ErrorKind::OutOfRange { .. }),
            "{error}"
        );
    }
    let twice = error(&[(Family::Linear, 1.0), (Family::Linear, 2.0)]);
    assert!(twice.to_string().contains("two weights"), "{twice}");
    let none = error(&[(Family::Linear, 0.0), (Family::Exponential, 0.0)]);
    assert!(none.to_string().contains("weight 0"), "{none}");
}

#[test]
fn other_contradictions_are_refused() {
    let series = another_disease();
    let message = |options: OutlookOptions| {
        let error = Outlook::of_series(&series, &options).unwrap_err();
        error.to_string()
    };
    let mut parts = part_of("China", "World");
    parts.extend(part_of("China", "China"));
    for (options, says) in [
        (
            OutlookOptions {
                parts,
                ..few_draws()
            },
            "part of two regions",
        ),
        (
            OutlookOptions {
                parts: part_of("China", "China"),
                ..few_draws()
            },
            "part of itself",
        ),
        (
            OutlookOptions {
                families: Vec::new(),
                ..few_draws()
            },
            "at least one family",
        ),
        (
            OutlookOptions {
                between_source_sd: 1.5,
                ..few_draws()
            },
            "between 0 and 1",
        ),
        (
            OutlookOptions {
                errors: ErrorModel {
                    between_source_sd: 0.1,
                    ..ErrorModel::default()
                },
                ..few_draws()
            },
            "OutlookOptions::between_source_sd",
        ),
        (
            OutlookOptions {
                assumed_error: -0.1,
                ..few_draws()
            },
            "-0.1",
        ),
        (
            OutlookOptions {
                draws: 0,
                ..few_draws()
            },
            "at least 1",
        ),
        (
            OutlookOptions {
                to: 2000,
                ..few_draws()
            },
            "2000",
        ),
    ] {
        let message = message(options);
        assert!(message.contains(says), "{message}");
    }
    let twice = [series[0].clone(), series[0].clone()];
    let error = Outlook::of_series(&twice, &few_draws()).unwrap_err();
    assert!(
        error.to_string().contains("two series are of World"),
        "{error}"
    );
}
