//! Linear pools.

use approx::assert_relative_eq;
use myeloma_epi::curve::Family;
use myeloma_epi::projection::ErrorModel;
use myeloma_epi::{Projection, Seed};

use super::{DRAWS, options, two_figures};

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
