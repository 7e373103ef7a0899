//! The individual simulation: against a reference made elsewhere and the cohort convolution.

use myeloma_epi::pathway::{
    Entry, FlowOptions, Line, Moment, Pathway, PatientEvent, Share, ShareDistribution, SojournTime,
};
use myeloma_epi::{Seed, YearlyDraws};
use ndarray::Array2;

use crate::models::{constant, four_lines, known, quantities, reference, rich, sizes};

#[test]
fn the_individual_simulation_agrees_with_the_reference() {
    let model = four_lines();
    let flow = model
        .pathway()
        .simulate(2019, &sizes(&model), Entry::default(), Seed::new(3))
        .unwrap();
    for (year, row) in (2019..).zip(reference()) {
        for (line, expected) in (1..).zip(row) {
            let got = flow
                .in_line(line, Moment::YearEnd)
                .unwrap()
                .median(year)
                .unwrap();
            if expected >= 20.0 {
                assert!(
                    (got - expected).abs() < 4.0 * expected.sqrt(),
                    "{year} {line}: {got}"
                );
            }
        }
    }
    assert_eq!(flow.conservation_gap(), 0.0);
}

#[test]
fn a_simulation_does_not_depend_on_threads_and_histories_are_its_patients() {
    let model = four_lines();
    let sizes = sizes(&model);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let simulate = || {
            model
                .pathway()
                .simulate(2019, &sizes, Entry::default(), Seed::default())
        };
        pool.install(|| simulate().unwrap())
    };
    let flow = run(1);
    assert_eq!(flow, run(3));
    let patients = model
        .pathway()
        .histories(2019, &sizes, Entry::default(), Seed::default())
        .unwrap();
    assert_eq!(patients.len(), 100_000);
    let third = PatientEvent::LineStarts(3);
    for year in [2025, 2040] {
        let in_year = |time: f64| (f64::from(year)..f64::from(year) + 1.0).contains(&time);
        let starts = patients
            .iter()
            .flat_map(|patient| &patient.events)
            .filter(|(time, event)| *event == third && in_year(*time))
            .count();
        assert_eq!(flow.starts(3).unwrap().median(year).unwrap(), starts as f64);
    }
}

#[test]
fn the_cohort_convolution_is_the_mean_of_a_rich_model() {
    let pathway = rich();
    let years = 12_usize;
    let cohort = 40_000_u32;
    let flow = pathway
        .flow(
            &constant(2019, years, f64::from(cohort)),
            &FlowOptions::to(2030),
        )
        .unwrap();
    for entry in [Entry::UniformOverYear, Entry::MidYear] {
        let options = FlowOptions {
            entry,
            cohorts: Some(2019..=2030),
            ..FlowOptions::to(2030)
        };
        let flow = pathway
            .flow(&constant(2019, years, f64::from(cohort)), &options)
            .unwrap();
        assert!(flow.conservation_gap() < 1e-9);
        let cohorts = vec![u64::from(cohort); years];
        let simulated = pathway
            .simulate(2019, &cohorts, entry, Seed::default())
            .unwrap();
        assert_eq!(simulated.conservation_gap(), 0.0);
        for (name, exact, counted) in quantities(&flow, &simulated) {
            for year in 2019..=2030 {
                let (exact, counted) = (exact.median(year).unwrap(), counted.median(year).unwrap());
                // About 400 comparisons: one in a thousand such tests would go past 4.8.
                let allowed = 4.8 * exact.sqrt() + 1.0;
                assert!(
                    (exact - counted).abs() < allowed,
                    "{entry:?} {name} {year}: {exact}, {counted}"
                );
            }
        }
    }
    assert!(flow.never_reaching(3).unwrap().median(2030).unwrap() > 0.0);
}

/// A population with the shares and sojourn times of a draw is, but for chance, what the flow has in that draw.
#[test]
fn the_population_of_a_draw_is_that_of_the_flow() {
    let uncertain = |time: SojournTime| time.with_relative_error(0.2).unwrap();
    let off = Line::new(uncertain(SojournTime::gamma(2.0, 0.3).unwrap()), known(0.5))
        .with_death(Share::range(0.1, 0.3, ShareDistribution::Pert).unwrap());
    let pathway = Pathway::of_lines([
        Line::new(
            uncertain(SojournTime::weibull(1.1, 3.0).unwrap()),
            Share::counted(60.0, 100.0).unwrap(),
        )
        .with_off_treatment(known(0.2), off),
        Line::new(SojournTime::exponential(1.0).unwrap(), known(0.0)),
    ])
    .unwrap();
    let incidence = YearlyDraws::new(2019, Array2::from_elem((6, 4), 5000.0)).unwrap();
    let flow = pathway.flow(&incidence, &FlowOptions::to(2024)).unwrap();
    for draw in 0..4 {
        let own = pathway.of_draw(Seed::default(), draw).unwrap();
        let seed = Seed::new(draw as u64);
        let simulated = own
            .simulate(2019, &[5000; 6], Entry::default(), seed)
            .unwrap();
        assert_eq!(simulated.conservation_gap(), 0.0);
        for (name, exact, counted) in quantities(&flow, &simulated) {
            for (exact, counted) in exact.view().column(draw).iter().zip(counted.view()) {
                // About 600 comparisons: one in a thousand such tests would go past 4.9.
                let allowed = 4.9 * exact.sqrt() + 1.0;
                assert!(
                    (exact - counted).abs() < allowed,
                    "{name}: {exact}, {counted}"
                );
            }
        }
    }
}

/// With the largest relative error a draw in a thousand is a thousand times longer or shorter. In every one those still in
/// the line at the end of the first year are 1 − s(1 − e^(−1/s)) of s years on average.
#[test]
fn the_longest_and_shortest_draws_are_what_they_are() {
    let time = SojournTime::exponential(2.0)
        .unwrap()
        .with_relative_error(2.0)
        .unwrap();
    let pathway = Pathway::of_lines([Line::new(time, Share::new(0.0).unwrap())]).unwrap();
    let seed = Seed::new(7);
    let incidence = YearlyDraws::new(2020, Array2::from_elem((1, 8_192), 1.0)).unwrap();
    let options = FlowOptions {
        seed,
        cohorts: Some(2020..=2020),
        ..FlowOptions::to(2020)
    };
    let flow = pathway.flow(&incidence, &options).unwrap();
    let in_line = flow.in_line(1, Moment::YearEnd).unwrap();
    let mut extreme = [f64::INFINITY, 0.0_f64];
    for draw in 0..8_192 {
        let drawn = pathway.of_draw(seed, draw).unwrap();
        let mean = drawn.groups()[0].lines()[0].sojourn_time().mean();
        extreme = [extreme[0].min(mean), extreme[1].max(mean)];
        let expected = mean * -(-1.0 / mean).exp_m1();
        approx::assert_abs_diff_eq!(in_line.view()[[0, draw]], expected, epsilon = 1e-6);
    }
    assert!(extreme[0] < 2e-3 && extreme[1] > 2e3, "{extreme:?}");
}
