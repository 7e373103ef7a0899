//! The chart of the parts of changes, read back.

use myeloma_epi::demography::{AgeGroups, AgeRates, Decomposition, Population, Sex};
use myeloma_epi::report::chart;
use ndarray::array;

use crate::svg::{Axis, Element, check};

/// Light, dark and white.
const FILLS: [&str; 3] = ["#92BEDD", "#004B78", "#FFFFFF"];

/// Coordinates are written to a tenth of a pixel, and so are those of the labels that the axis is read from.
const TOLERANCE: f64 = 0.2;

/// A change of an area from 100 young and 100 old, at rates of 1 and 3 %.
fn change(region: &str, young: f64, old: f64, factor: f64) -> Decomposition {
    let ages = || AgeGroups::from_labels(&["0-64", "65+"]).unwrap();
    let people = array![[100.0, 100.0], [young, old]];
    let people = Population::new(region, Sex::Both, ages(), vec![2000, 2010], people).unwrap();
    let rates = AgeRates::new(region, Sex::Both, ages(), &[0.01, 0.03]).unwrap();
    let later = rates.scaled(factor).unwrap();
    Decomposition::between((&people, 2000, &rates), (&people, 2010, &later)).unwrap()
}

/// A diamond has no two corners of one height side by side.
fn is_box(corners: &[(f64, f64)]) -> bool {
    (corners[0].1 - corners[1].1).abs() < 1e-9
}

fn bars<'a>(all: &'a [Element], fill: &'a str) -> Vec<(f64, f64)> {
    let boxes = all
        .iter()
        .filter(|e| e.name == "polygon" && e.get("fill") == fill);
    let boxes = boxes.map(Element::points).filter(|p| is_box(p));
    boxes.map(|p| (p[0].0, p[1].0)).collect()
}

#[test]
fn bars_are_as_long_as_the_parts_and_lie_at_their_side() {
    // Fewer and older people at lower rates; more and younger people at higher rates.
    let changes = [
        change("Shrinking", 40.0, 120.0, 0.9),
        change("Growing", 300.0, 110.0, 1.3),
    ];
    let all = check(&chart::decomposition(&changes, "Two areas", "a caption").unwrap());
    let x = Axis::new(&all, "x", ["0", "50"]);
    let drawn = FILLS.map(|fill| bars(&all, fill));
    for (i, change) in changes.iter().enumerate() {
        let percent = change.in_percent();
        let parts = [percent.population, percent.ageing, percent.rates];
        let (mut below, mut above) = (0.0, 0.0);
        for (drawn, part) in drawn.iter().zip(parts) {
            // The first of each fill is in the legend.
            assert_eq!(drawn.len(), 3);
            let end = if part < 0.0 { &mut below } else { &mut above };
            let (from, to) = (x.place(*end), x.place(*end + part));
            *end += part;
            let (left, right) = drawn[i + 1];
            assert!(
                (left - from.min(to)).abs() < TOLERANCE,
                "{left}: {from}, {to}"
            );
            assert!(
                (right - from.max(to)).abs() < TOLERANCE,
                "{right}: {from}, {to}"
            );
        }
    }
    let diamonds: Vec<f64> = all
        .iter()
        .filter(|e| e.name == "polygon")
        .map(Element::points)
        .filter(|p| !is_box(p))
        .map(|p| p[0].0)
        .collect();
    assert_eq!(diamonds.len(), 3);
    for (diamond, change) in diamonds[1..].iter().zip(&changes) {
        assert!((diamond - x.place(change.in_percent().sum())).abs() < TOLERANCE);
    }
    let texts: Vec<&str> = all.iter().map(|e| e.text.as_str()).collect();
    for text in ["Shrinking", "Growing", "rates", "a caption"] {
        assert!(texts.contains(&text), "{text}");
    }
}

#[test]
fn a_part_that_is_nowhere_is_not_in_the_legend() {
    let svg = chart::decomposition(&[change("A", 150.0, 150.0, 1.0)], "One", "").unwrap();
    let texts: Vec<String> = check(&svg).into_iter().map(|e| e.text).collect();
    assert!(texts.contains(&"population".to_owned()));
    assert!(!texts.contains(&"ageing".to_owned()) && !texts.contains(&"rates".to_owned()));
    assert!(texts.contains(&"+50.0 %".to_owned()));
}

#[test]
fn any_names_and_sizes_stay_on_the_sheet() {
    let names = [
        "a<b>&\"c",
        "The United Kingdom of Great Britain and Northern Ireland and all its islands",
        "中国中国中国",
    ];
    for factor in [1.0, 1.001, 30.0] {
        let changes: Vec<_> = names
            .iter()
            .map(|name| change(name, 100.0, 100.0, factor))
            .collect();
        check(&chart::decomposition(&changes, &names.join(" "), &names.join(" ")).unwrap());
    }
    let many: Vec<_> = (0..40)
        .map(|i| change(&format!("area {i}"), 90.0 + f64::from(i), 100.0, 1.0))
        .collect();
    check(&chart::decomposition(&many, "Many", "").unwrap());
    assert!(chart::decomposition(&[], "None", "").is_err());
    let huge = change("huge", 1e15, 1.0, 1.0);
    assert!(chart::decomposition(&[huge], "Huge", "").is_err());
}
