//! A flow needs memory for its result, and beyond it an amount that does not grow with the draws.

use myeloma_epi::YearlyDraws;
use myeloma_epi::pathway::{FlowOptions, Line, Pathway, Share, SojournTime};
use ndarray::Array2;

use crate::{alone, live, peak_since};

fn four_lines(uncertain: bool) -> Pathway {
    let line = |shape: f64, scale: f64, next: f64| {
        let sojourn_time = SojournTime::weibull(shape, scale).unwrap();
        if uncertain {
            let next = Share::counted(1000.0 * next, 1000.0).unwrap();
            Line::new(sojourn_time.with_relative_error(0.1).unwrap(), next)
        } else {
            Line::new(sojourn_time, Share::new(next).unwrap())
        }
    };
    let last = Line::new(
        SojournTime::weibull(0.9, 1.0).unwrap(),
        Share::new(0.0).unwrap(),
    );
    let lines = [
        line(1.1, 3.0, 0.65),
        line(1.0, 2.0, 0.55),
        line(0.95, 1.4, 0.45),
    ];
    Pathway::of_lines(lines.into_iter().chain([last])).unwrap()
}

/// Bytes at the peak of a run beyond those that stay: the result.
fn beyond_the_result(pathway: &Pathway, draws: usize) -> (usize, usize) {
    let incidence = YearlyDraws::new(2019, Array2::from_elem((22, draws), 1000.0)).unwrap();
    let before = live();
    peak_since(before);
    let options = FlowOptions {
        cohorts: Some(2019..=2040),
        ..FlowOptions::to(2040)
    };
    let flow = pathway.flow(&incidence, &options).unwrap();
    let result = live() - before;
    let peak = peak_since(before) - before;
    assert_eq!(flow.diagnosed().len(), draws);
    (result, peak - result)
}

#[test]
fn memory_beyond_the_result_does_not_grow_with_the_draws() {
    let _alone = alone();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .build()
        .unwrap();
    pool.install(|| {
        for uncertain in [false, true] {
            let pathway = four_lines(uncertain);
            beyond_the_result(&pathway, 1024);
            let (small, few) = beyond_the_result(&pathway, 2 * 1024);
            let (large, many) = beyond_the_result(&pathway, 6 * 1024);
            // 40 quantities and the incidence, 22 years, 8 bytes.
            for (result, draws) in [(small, 2 * 1024), (large, 6 * 1024)] {
                let least = 41 * 22 * 8 * draws;
                assert!(
                    result >= least && result < least + least / 50,
                    "{result} {least}"
                );
            }
            println!("beyond the result: {few} bytes for 2,048 draws, {many} for 6,144");
            assert!(many < few + few / 4 + 100_000, "{few} {many}");
        }
    });
}
