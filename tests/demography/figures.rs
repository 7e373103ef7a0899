//! Published figures beside constant rates.

use std::fmt::Write;

use myeloma_epi::demography::{ExpectedCases, FiguresCheck};
use myeloma_epi::figures::{self, Figures};
use serde_json::{Value, json};

use super::close;

fn expected(area: &str, year: i32) -> f64 {
    let reference: Value = serde_json::from_str(include_str!("../data/demography.json")).unwrap();
    reference["expected"][area][year.to_string()]
        .as_f64()
        .unwrap()
}

/// The figures of the press release by cases that an independent implementation expects (`tests/data/demography.py`).
#[test]
fn the_press_release() {
    let published = [
        ("World", 2019, 164_300.0, false),
        ("World", 2024, 197_200.0, true),
        ("World", 2040, 273_600.0, true),
        ("China", 2019, 28_100.0, true),
        ("China", 2024, 31_800.0, true),
    ];
    let check = FiguresCheck::of(figures::press_release()).unwrap();
    assert_eq!(check.figures.len(), published.len());
    assert!(check.not_checked.is_empty());
    for (figure, (region, year, cases, fits)) in check.figures.iter().zip(published) {
        assert_eq!((figure.region.as_str(), figure.year), (region, year));
        let here = expected(region, year);
        close("expected", figure.expected, here, 1e-12);
        close("difference", 1.0 + figure.difference(), cases / here, 1e-12);
        assert_eq!(figure.fits(), fits, "{region} {year}");
        let others = published
            .iter()
            .filter(|other| other.0 == region && other.1 != year);
        for (carried, other) in figure.carried.iter().zip(others) {
            assert_eq!(carried.0, other.1);
            close(
                "carried",
                carried.1,
                other.2 * here / expected(region, other.1),
                1e-12,
            );
        }
        assert_eq!(figure.carried.len(), if region == "World" { 2 } else { 1 });
    }
    // The changes are those of the figures, as parts of which people's is that of the expected cases.
    assert_eq!(check.changes.len(), 3);
    let world = &check.changes[0];
    close(
        "growth",
        world.after / world.before,
        197_200.0 / 164_300.0,
        1e-12,
    );
    let people = expected("World", 2024) / expected("World", 2019);
    let percent = world.in_percent();
    assert!((percent.sum() - 100.0 * (197_200.0 / 164_300.0 - 1.0)).abs() < 1e-9);
    // Without rates the people's part would be theirs alone; with them half of what both make together is added.
    assert!(percent.population + percent.ageing > 100.0 * (people - 1.0));
    let findings = check.findings();
    assert_eq!(findings.len(), 2);
    assert!(
        findings[0].starts_with("World 2019 to 2024: +20.0 %")
            && findings[0].contains("hypothesis")
            && findings[0].contains("2019 has 164,300 where the rates of 2022 give 176,467")
    );
    // One sentence.
    assert!(!findings[0].contains(". "), "{}", findings[0]);
    assert!(
        findings[1].starts_with("The projection of World 2040")
            && findings[1].contains("not an independent opinion")
    );
}

#[test]
fn sources_are_kept_apart_and_what_is_not_checked_is_named() {
    let text = "region,year,cases,status,source\n\
        China,2024,32000,estimate,a\nChina,2019,20000,estimate,b\nAtlantis,2019,10,estimate,a\n\
        China,2060,90000,projection,a\nChina,2019,28000,estimate,a\n";
    let check = FiguresCheck::of(&Figures::from_csv("mine", text).unwrap()).unwrap();
    let order: Vec<_> = check
        .figures
        .iter()
        .map(|figure| (figure.source.as_str(), figure.year))
        .collect();
    assert_eq!(order, [("a", 2019), ("a", 2024), ("b", 2019)]);
    assert!(check.figures[2].carried.is_empty());
    assert_eq!(check.changes.len(), 1);
    assert_eq!(
        check.not_checked,
        [("China".to_owned(), 2060), ("Atlantis".to_owned(), 2019)]
    );
    let printed = check.to_string();
    assert!(
        printed.contains("Not checked") && printed.contains("Atlantis 2019"),
        "{printed}"
    );
    // A row a figure and year carried; none for the figure without a neighbour but its own.
    let csv = check.to_csv();
    assert_eq!(csv.lines().count(), 4);
    assert!(csv.lines().last().unwrap().ends_with(",,"), "{csv}");
    let none = Figures::from_csv(
        "mine",
        "region,year,cases,status\nAtlantis,2019,10,estimate\n",
    );
    let error = FiguresCheck::of(&none.unwrap()).unwrap_err().to_string();
    assert!(
        error.contains("no figure can be checked") && error.contains("China"),
        "{error}"
    );
    let zero = Figures::from_csv("mine", "region,year,cases,status\nChina,2019,0,estimate\n");
    let error = FiguresCheck::of(&zero.unwrap()).unwrap_err().to_string();
    assert!(
        error.contains("China 2019") && error.contains("above 0"),
        "{error}"
    );
}

/// All of a check follows from its figures, in a file too: people and rates are those of the crate.
#[test]
fn a_check_that_does_not_follow_from_its_figures_is_refused() {
    let check = FiguresCheck::of(figures::press_release()).unwrap();
    let stored = serde_json::to_value(&check).unwrap();
    assert_eq!(
        serde_json::from_value::<FiguresCheck>(stored.clone()).unwrap(),
        check
    );
    for (pointer, wrong, word) in [
        ("/figures/0/cases", json!(500_000.0), "carried"),
        ("/figures/0/expected", json!(1e300), "figures[0].expected"),
        ("/figures/0/year", json!(1900), "1900"),
        ("/figures/0/region", json!("Atlantis"), "Atlantis"),
        ("/figures/0/carried/0/0", json!(0), "figures[0].carried"),
        ("/figures/0/carried/0/1", json!(1.0), "figures[0].carried"),
        ("/changes", json!([]), "changes"),
        ("/not_checked", json!([["World", 2024]]), "not_checked"),
    ] {
        let mut changed = stored.clone();
        *changed.pointer_mut(pointer).unwrap() = wrong;
        let error = serde_json::from_value::<FiguresCheck>(changed)
            .unwrap_err()
            .to_string();
        assert!(error.contains(word), "{pointer}: {error}");
    }
}

/// A registered count is of no round of estimates, and over decades rates change: no hypothesis of rounds then.
#[test]
fn counts_and_decades_are_no_rounds() {
    let rounds = |rows: &str| {
        let text = format!("region,year,cases,status\n{rows}");
        let check = FiguresCheck::of(&Figures::from_csv("mine", &text).unwrap()).unwrap();
        let said = check.findings();
        assert!(
            said.iter().all(|said| said.contains("people explain")),
            "{said:?}"
        );
        said.iter()
            .filter(|said| said.contains("two rounds"))
            .count()
    };
    let of_2024 = "China,2024,32000,estimate\n";
    assert_eq!(rounds(&format!("China,2020,20000,estimate\n{of_2024}")), 1);
    for other in [
        "China,2020,20000,registered",
        "China,2000,10000,estimate",
        "China,2040,80000,projection",
    ] {
        assert_eq!(rounds(&format!("{of_2024}{other}\n")), 0, "{other}");
    }
}

/// Figures made at constant rates fit whatever their year, and are no two rounds.
#[test]
fn constant_rates_are_found_to_be_constant_rates() {
    let cases = ExpectedCases::area("Western Europe").unwrap();
    let mut text = String::from("region,year,cases,status,source\n");
    for (year, status) in [(2005, "estimate"), (2022, "estimate"), (2045, "projection")] {
        let number = 1.01 * cases.year(year).unwrap();
        let _ = writeln!(text, "Western Europe,{year},{number},{status},a");
    }
    let check = FiguresCheck::of(&Figures::from_csv("mine", &text).unwrap()).unwrap();
    for figure in &check.figures {
        close("difference", figure.difference(), 0.01, 1e-9);
        for (_, carried) in &figure.carried {
            close("carried", *carried, figure.cases, 1e-12);
        }
    }
    for change in &check.changes {
        assert!(change.in_percent().rates.abs() < 1e-9);
    }
    assert_eq!(check.findings().len(), 1);
}

/// A projection at constant rates of a figure that is not at them: the growth is none of people, and is not told as such.
#[test]
fn a_projection_after_a_figure_of_other_rates_is_no_demography() {
    let of_2040 = ExpectedCases::area("China").unwrap().year(2040).unwrap();
    let text = format!(
        "region,year,cases,status,source\nChina,2024,20000,estimate,a\nChina,2040,{of_2040},projection,a\n"
    );
    let check = FiguresCheck::of(&Figures::from_csv("mine", &text).unwrap()).unwrap();
    let [finding] = &check.findings()[..] else {
        panic!("{:?}", check.findings());
    };
    assert!(
        finding.contains("a change of risk or of what is counted")
            && !finding.contains("constant rates:"),
        "{finding}"
    );
}
