//! What holds for every model.

use myeloma_epi::Seed;
use myeloma_epi::pathway::{Entry, FlowOptions, Pathway};
use proptest::prelude::*;

use crate::models::{any_pathway, constant, quantities};

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nobody is lost or made: in every year, by cohort convolution and by simulation; a line starts no more
    /// often than the one before has; twice the incidence is twice the patients.
    #[test]
    fn patients_are_conserved(pathway in any_pathway(), mid_year in any::<bool>()) {
        let entry = if mid_year { Entry::MidYear } else { Entry::UniformOverYear };
        // The properties hold on any grid: a loose tolerance keeps the test quick.
        let options = FlowOptions { entry, tolerance: 1e-3, ..FlowOptions::to(2033) };
        let flow = pathway.flow(&constant(2019, 15, 1000.0), &options).unwrap();
        prop_assert!(flow.conservation_gap() < 1e-9, "{}", flow.conservation_gap());
        let mut before = f64::INFINITY;
        for line in 1..=flow.lines() {
            let starts: f64 = flow.starts(line).unwrap().view().sum();
            prop_assert!(starts <= before * (1.0 + 1e-12));
            before = starts;
        }
        let twice = pathway.flow(&constant(2019, 15, 2000.0), &options).unwrap();
        for (name, one, two) in quantities(&flow, &twice) {
            for (a, b) in one.view().iter().zip(two.view()) {
                prop_assert!((2.0 * a - b).abs() <= 1e-12 * b, "{name}: {a} {b}");
            }
        }
        let simulated = pathway.simulate(2019, &[300; 15], entry, Seed::default()).unwrap();
        prop_assert!(simulated.conservation_gap() < 1e-12);
    }

    /// A pathway in a file is the pathway, to the rounding of decimal numbers.
    #[test]
    fn pathways_survive_a_file(pathway in any_pathway()) {
        let text = serde_json::to_string(&pathway).unwrap();
        let back: Pathway = serde_json::from_str(&text).unwrap();
        let options = FlowOptions { tolerance: 1e-3, ..FlowOptions::to(2025) };
        let run = |pathway: &Pathway| pathway.flow(&constant(2019, 7, 1000.0), &options).unwrap();
        let (before, after) = (run(&pathway), run(&back));
        for (name, a, b) in quantities(&before, &after) {
            for (a, b) in a.view().iter().zip(b.view()) {
                prop_assert!((a - b).abs() <= 1e-9, "{name}: {a} {b}");
            }
        }
    }
}
