//! Saturated fits against the same curves in 50-digit arithmetic (`data/exact_curves.py`).

use std::collections::BTreeMap;

use myeloma_epi::curve::Family;
use myeloma_epi::fit::{Fit, FitOptions, PublishedProjectionUse, fit};
use myeloma_epi::{IncidenceSeries, figures};

#[derive(serde::Deserialize)]
struct Case {
    region: String,
    uses_published_projection: bool,
    curve: Family,
    parameters: BTreeMap<String, f64>,
    cases: BTreeMap<String, f64>,
}

fn relative(got: f64, expected: f64) -> f64 {
    (got / expected - 1.0).abs()
}

#[test]
fn values_and_parameters_agree_to_eight_digits() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../data/exact_curves.json")).unwrap();
    assert_eq!(cases.len(), 6);
    for case in cases {
        let series = IncidenceSeries::from_figures(figures::press_release(), &case.region).unwrap();
        let choice = if case.uses_published_projection {
            PublishedProjectionUse::AsFigure
        } else {
            PublishedProjectionUse::Ignore
        };
        let options = FitOptions {
            published_projection: choice,
            ..FitOptions::default()
        };
        let Fit::Saturated(fit) = fit(case.curve, &series, &options).unwrap() else {
            panic!("{} {}: not saturated", case.region, case.curve);
        };
        let curve = fit.curve();
        for (year, &expected) in &case.cases {
            let got = curve.cases(year.parse().unwrap()).unwrap();
            assert!(
                relative(got, expected) < 1e-8,
                "{} {} {year}: {got}, {expected}",
                case.region,
                case.curve
            );
        }
        let parameters = fit.parameters();
        assert_eq!(parameters.len(), case.parameters.len());
        for parameter in parameters {
            let expected = case.parameters[&*parameter.name];
            assert!(
                relative(parameter.estimate.unwrap(), expected) < 1e-8,
                "{} {} {}: {:?}, {expected}",
                case.region,
                case.curve,
                parameter.name,
                parameter.estimate
            );
        }
        let figures = series.observations().iter().map(|o| (o.year, o.cases));
        let published = series
            .published_projection()
            .filter(|_| case.uses_published_projection);
        for (year, cases) in figures.chain(published.map(|p| (p.year, p.cases))) {
            assert!(relative(curve.cases(f64::from(year)).unwrap(), cases) < 1e-9);
        }
    }
}
