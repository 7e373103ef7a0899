//! Series, figures and shocks as data.

use myeloma_epi::curve::Family;
use myeloma_epi::figures::{self, Figures};
use myeloma_epi::projection::Projection;
use myeloma_epi::{
    ErrorKind, IncidenceSeries, Observation, ProjectionOptions, PublishedProjection, Shocks,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What comes back from a file.
fn again<T: Serialize + DeserializeOwned>(value: &T) -> T {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}

#[test]
fn shipped_figures_and_their_series_come_back() {
    for figures in [
        figures::press_release(),
        figures::comparison(),
        figures::registered(),
    ] {
        assert_eq!(again(figures), *figures);
    }
    for figures in [figures::press_release(), figures::registered()] {
        for region in figures.regions() {
            let series = IncidenceSeries::from_figures(figures, region).unwrap();
            assert_eq!(again(&series), series);
            let assumed = series.assuming_relative_error(0.1 / 3.0).unwrap();
            assert_eq!(again(&assumed), assumed);
        }
    }
}

#[test]
fn a_series_keeps_its_figures_and_says_where_they_are_from() {
    let published = figures::press_release();
    let world = IncidenceSeries::from_figures(published, "World").unwrap();
    let own: Figures = published
        .iter()
        .filter(|figure| figure.region() == "World")
        .cloned()
        .collect();
    assert_eq!(world.figures(), own.iter().cloned().collect::<Vec<_>>());
    let release = "IASO Bio press release, 27 November 2025";
    assert_eq!(world.source(2024), Some(release));
    assert_eq!(world.source(2040), Some(release));
    assert_eq!(world.source(2030), None);
    let world = world.with_source(2024, "elsewhere");
    assert_eq!(world.source(2024), Some("elsewhere"));
    assert_eq!(again(&world), world);
    // The figure of a projection goes with it.
    let other = PublishedProjection {
        year: 2045,
        cases: 300_000.0,
        relative_error: Some(0.2),
    };
    let world = world.with_published_projection(other).unwrap();
    assert_eq!(world.figures().len(), 2);
    assert_eq!(world.source(2040), None);
    assert_eq!(again(&world), world);
}

#[test]
fn series_that_cannot_be_are_refused_from_a_file_too() {
    let right = r#"{"region":"Atlantis","observations":[{"year":2019,"cases":120.0},
        {"year":2024,"cases":150.0,"relative_error":0.03}],
        "published_projection":{"year":2040,"cases":180.0},"sources":{"2019":"registry"},
        "figures":[{"region":"Atlantis","year":2024,"cases":150.0,"status":"registered"}]}"#;
    let series: IncidenceSeries = serde_json::from_str(right).unwrap();
    assert_eq!(series.observations()[0], Observation::exact(2019, 120.0));
    for (from, to, says) in [
        ("120.0", "-120.0", "-120"),
        (
            "\"year\":2019",
            "\"year\":2024",
            "year 2024 follows year 2024",
        ),
        ("0.03", "3.0", "relative error"),
        ("2040", "2024", "after the last observation"),
        ("2040", "3040", "at most 1000 years"),
        (
            "\"cases\":150.0,\"status\"",
            "\"cases\":151.0,\"status\"",
            "151",
        ),
        (
            "\"region\":\"Atlantis\",\"year\"",
            "\"region\":\"Thule\",\"year\"",
            "Thule",
        ),
        ("sources", "origins", "origins"),
    ] {
        let wrong = right.replacen(from, to, 1);
        assert_ne!(wrong, right, "{from}");
        let error = serde_json::from_str::<IncidenceSeries>(&wrong).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
}

/// A relative error above 1 is refused, but for what a stored fit has added to it; sources are of years that are there; and the same
/// ICD-10 codes are one definition in whatever order.
#[test]
fn errors_sources_and_codes_are_checked() {
    let observation = Observation {
        relative_error: Some(1.2),
        ..Observation::exact(2019, 3.0)
    };
    let error = IncidenceSeries::new("x", [observation]).unwrap_err();
    assert!(error.to_string().contains("between 0 and 1"), "{error}");

    let counts = [(2018, 61.0), (2019, 64.0)];
    let series = IncidenceSeries::from_counts("x", counts).unwrap();
    let elsewhere = series.with_source(1900, "zz");
    let options = ProjectionOptions::to(2025);
    let error = Projection::of(&Family::Linear, &elsewhere, &options).unwrap_err();
    assert!(error.to_string().contains("no figure of 1900"), "{error}");
    let stored = serde_json::to_string(&elsewhere).unwrap();
    let error = serde_json::from_str::<IncidenceSeries>(&stored).unwrap_err();
    assert!(error.to_string().contains("no figure of 1900"), "{error}");

    let of = |later: &str| {
        let text = format!(
            "region,year,cases,status,icd10\nx,2014,10,estimate,C88+C90\nx,2024,12,estimate,{later}\n"
        );
        IncidenceSeries::from_figures(&Figures::from_csv("f", &text).unwrap(), "x")
    };
    assert!(of("c90+C88").is_ok() && of("C90").is_err());
}

#[test]
fn shocks_come_back() {
    let shocks = Shocks::pandemic().and_of("England", [2013]);
    assert_eq!(again(&shocks), shocks);
    assert!(serde_json::from_str::<Shocks>(r#"{"al":[2020]}"#).is_err());
}

#[test]
fn an_unknown_region_is_one_kind_of_error() {
    let error = IncidenceSeries::from_figures(figures::press_release(), "Wrold").unwrap_err();
    match error.into_kind() {
        ErrorKind::Unknown {
            what, name, known, ..
        } => {
            assert_eq!((what.as_str(), name.as_str()), ("region", "Wrold"));
            assert_eq!(known, ["World", "China"]);
        }
        other => panic!("{other}"),
    }
}

/// The line stands in the message once, and a byte-order mark is no part of the text.
#[test]
fn json_is_refused_with_line_and_column() {
    let text = "\u{feff}[\n  {\"region\": \"Atlantis\", \"year\": 2020, \"cases\": 120, \"status\": \"registred\"}\n]";
    let error = Figures::from_json("mine", text).unwrap_err().to_string();
    assert!(error.starts_with("mine, line 2: column "), "{error}");
    assert!(
        error.matches("line").count() == 1 && error.contains("registred"),
        "{error}"
    );
    let right = text.replace("registred", "registered");
    assert_eq!(
        Figures::from_json("mine", &right).unwrap().iter().count(),
        1
    );
}
