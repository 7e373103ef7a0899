//! Model discrepancy: its draws against its exact variance.

use approx::assert_relative_eq;
use myeloma_epi::curve::Family;
use myeloma_epi::forecast::{ForecastOptions, RegistryTrend};
use myeloma_epi::projection::ErrorModel;
use myeloma_epi::{Projection, Seed, YearlyDraws};
use ndarray::Array2;

use super::{DRAWS, log_variance, options, two_figures};

/// The exact variance against draws; median 1; none at the last figure.
#[test]
fn discrepancy_is_what_the_noises_add_up_to() {
    let series = two_figures("Atlantis", 1000.0, 1200.0, 0.03);
    let trend = RegistryTrend::default()
        .of(&series, &ForecastOptions::default())
        .unwrap();
    let factors = trend
        .model_discrepancy(2040, 200_000, Seed::default())
        .unwrap();
    assert!(
        factors
            .year(2024)
            .unwrap()
            .iter()
            .all(|&f| f.total_cmp(&1.0).is_eq())
    );
    for year in [2025, 2030, 2040] {
        // The volatility has heavy tails: the kurtosis is about 8, and the standard error of the
        // variance √((8 − 1)/200,000) = 0.6 %.
        assert_relative_eq!(
            log_variance(&factors, year),
            trend.model_discrepancy_variance(year).unwrap(),
            max_relative = 0.024
        );
        assert_relative_eq!(factors.median(year).unwrap(), 1.0, max_relative = 0.003);
    }
    // What is left open of the level and the growth comes on top in the forecast.
    let (_, deviation) = trend.log_moments(2040).unwrap();
    assert!(trend.model_discrepancy_variance(2040).unwrap() < deviation * deviation);

    let curve = Projection::of(
        &Family::Exponential,
        &series,
        &options(ErrorModel::default()),
    )
    .unwrap();
    let factors = trend
        .model_discrepancy(2040, DRAWS, Seed::default())
        .unwrap();
    let left = curve.clone().with_model_discrepancy(&factors).unwrap();
    for (year, same) in [(2019, true), (2024, true), (2040, false)] {
        let product =
            &curve.new_cases().year(year).unwrap() * &factors.year(year.max(2024)).unwrap();
        assert_eq!(left.new_cases().year(year).unwrap(), product);
        assert_eq!(
            left.new_cases().year(year).unwrap() == curve.new_cases().year(year).unwrap(),
            same
        );
    }
    let short = trend
        .model_discrepancy(2030, DRAWS, Seed::default())
        .unwrap();
    assert!(
        curve
            .clone()
            .with_model_discrepancy(&short)
            .unwrap_err()
            .to_string()
            .contains("2030")
    );
    let few = trend.model_discrepancy(2040, 10, Seed::default()).unwrap();
    assert!(curve.clone().with_model_discrepancy(&few).is_err());
    // Factors of one's own are taken from their first year on, that year too.
    let own = YearlyDraws::new(2025, Array2::from_elem((16, DRAWS), 3.0)).unwrap();
    let moved = curve.clone().with_model_discrepancy(&own).unwrap();
    for (year, factor) in [(2024, 1.0), (2025, 3.0), (2040, 3.0)] {
        assert_eq!(
            moved.new_cases().year(year).unwrap(),
            &curve.new_cases().year(year).unwrap() * factor
        );
    }
}
