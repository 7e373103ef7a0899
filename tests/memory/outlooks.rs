//! An outlook of many regions holds their summaries and not their draws: as much a region, however many draws.

use myeloma_epi::{IncidenceSeries, Outlook, OutlookOptions};

use crate::{alone, live, peak_since};

/// Bytes at the peak, and those that stay, of an outlook of so many regions of two figures.
fn bytes(regions: u32, draws: usize) -> (usize, usize) {
    let series: Vec<IncidenceSeries> = (0..regions)
        .map(|i| {
            let cases = 500.0 + 37.0 * f64::from(i);
            let counts = [(2019, cases), (2024, 1.12 * cases)];
            IncidenceSeries::from_counts(format!("region {i}"), counts).unwrap()
        })
        .collect();
    let options = OutlookOptions {
        draws,
        ..OutlookOptions::default()
    };
    let before = live();
    peak_since(before);
    let outlook = Outlook::of_series(&series, &options).unwrap();
    assert_eq!(outlook.regions().len(), series.len());
    let kept = live() - before;
    (peak_since(before) - before, kept)
}

#[test]
fn memory_does_not_grow_with_draws_and_little_with_regions() {
    let _alone = alone();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .build()
        .unwrap();
    pool.install(|| {
        bytes(16, 100);
        let (few_peak, few) = bytes(16, 2_000);
        let (many_peak, many) = bytes(80, 2_000);
        let (_, with_draws) = bytes(80, 4_000);
        println!("kept: {few} of 16 regions, {many} of 80, {with_draws} with twice the draws; peaks {few_peak} {many_peak}");
        // The draws of a region are seven arrays of 17 years or more.
        let of_draws = 7 * 17 * 8 * 2_000;
        assert!(many < 80 * of_draws / 20 && with_draws < many + many / 100);
        // The peak is that of the few regions that are made at a time, and what stays.
        assert!(many_peak - many < (few_peak - few) + (few_peak - few) / 4);
    });
}
