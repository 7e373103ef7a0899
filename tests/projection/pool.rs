//! Linear pools.

use approx::assert_relative_eq;
use myeloma_epi::curve::Family;
use myeloma_epi::projection::ErrorModel;
use myeloma_epi::{IncidenceSeries, Observation, Projection, Seed};

use super::{DRAWS, options, two_figures, with_projection, with_published};

#[test]
fn weights_of_a_pool() {
    let series = two_figures("Atlantis", 1000.0, 1200.0, 0.02);
    let of = |family: Family| Projection::of(&family, &series, &options(ErrorModel::default()));
    let (linear, exponential) = (
        of(Family::Linear).unwrap(),
        of(Family::Exponential).unwrap(),
    );
    let seed = Seed::default();
    let pool = |a: f64, b: f64| {
        Projection::weighted_pool([(&linear, a), (&exponential, b)], seed).unwrap()
    };
    assert_eq!(pool(1.0, 0.0).new_cases(), linear.new_cases());
    assert_eq!(pool(0.0, 7.0).new_cases(), exponential.new_cases());
    let equal = Projection::pool([&linear, &exponential], seed).unwrap();
    assert_eq!(pool(3.0, 3.0).new_cases(), equal.new_cases());
    // Draw k is draw k of one of them; one in four is of the first: standard error 0.0031.
    let mixed = pool(1.0, 3.0);
    let row = |p: &Projection| p.new_cases().year(2040).unwrap().to_vec();
    let from_first = row(&mixed)
        .iter()
        .zip(row(&linear).iter().zip(row(&exponential)))
        .filter(|&(mixed, (a, b))| {
            let is = |other: &f64| mixed.total_cmp(other).is_eq();
            assert!(is(a) || is(&b));
            is(a)
        })
        .count();
    assert_relative_eq!(
        from_first as f64 / DRAWS as f64,
        0.25,
        epsilon = 4.0 * 0.0031
    );
    // What is to be known of a curve of no weight is nothing to know of the pool.
    let figures = (2019..).zip([1000.0, 1300.0, 950.0, 1250.0, 1100.0, 1450.0]);
    let figures = figures.map(|(year, cases)| Observation {
        year,
        cases,
        relative_error: Some(0.02),
    });
    let scattered = IncidenceSeries::new("Atlantis", figures).unwrap();
    let options = options(ErrorModel::default());
    let scattered = Projection::of(&Family::Exponential, &scattered, &options).unwrap();
    for (weight, cautions) in [(0.0, 0), (1.0, 1)] {
        let members = [(&linear, 1.0), (&scattered, weight)];
        let pool = Projection::weighted_pool(members, seed).unwrap();
        assert_eq!(pool.cautions().len(), cautions, "{:?}", pool.cautions());
    }
    for bad in [
        (-1.0, 2.0),
        (f64::NAN, 1.0),
        (0.0, 0.0),
        (f64::INFINITY, 1.0),
    ] {
        let pool = Projection::weighted_pool([(&linear, bad.0), (&exponential, bad.1)], seed);
        assert!(pool.unwrap_err().to_string().contains("weight"));
    }
}

/// Draws that a limit replaces count where they are drawn: in half of the pool's draws, and in those of the curve that has them.
#[test]
fn replaced_draws_of_a_pool_are_those_of_the_curve_drawn() {
    // Steady growth would come to 1200·1.2^3.2 = 2151.
    let series = with_projection(two_figures("Atlantis", 1000.0, 1200.0, 0.02), 2100.0, 0.1);
    let of = |family: Family| {
        let options = with_published(options(ErrorModel::default()));
        Projection::of(&family, &series, &options).unwrap()
    };
    let (exponential, logistic) = (of(Family::Exponential), of(Family::Logistic));
    let all = logistic.replaced_by_limit();
    assert!(exponential.replaced_by_limit() == 0 && all > 1_000);
    for both in [[&exponential, &logistic], [&logistic, &exponential]] {
        let pool = Projection::pool(both, Seed::default()).unwrap();
        // Each of them is drawn with probability 1/2: a standard deviation of half the root of their number.
        let expected = 0.5 * all as f64;
        assert_relative_eq!(
            pool.replaced_by_limit() as f64,
            expected,
            epsilon = 2.0 * (all as f64).sqrt()
        );
    }
}
