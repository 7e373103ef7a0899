//! Shares of the variance, by hand.

use approx::assert_relative_eq;
use myeloma_epi::projection::{VarianceOfCurve, VarianceShares};

/// Hand-worked: two curves a distance of 2 apart with weights 1 and 3 have a variance of their means of
/// 4·¼·¾ = 0.75.
#[test]
fn shares_of_a_mixture_by_hand() {
    let curve = |mean: f64, measurement: f64| VarianceOfCurve {
        mean,
        measurement,
        ..VarianceOfCurve::default()
    };
    let curves = [(curve(0.0, 1.0), 1.0), (curve(2.0, 2.0), 3.0)];
    let shares = VarianceShares::of_mixture(2040, &curves, 0.5);
    // Measurement ¼·1 + ¾·2 = 1.75, curve 0.75, horizon 0.5: 3 in all.
    assert_relative_eq!(shares.deviation, 3.0_f64.sqrt(), max_relative = 1e-14);
    assert_relative_eq!(shares.measurement, 1.75 / 3.0, max_relative = 1e-14);
    assert_relative_eq!(shares.curve, 0.25, max_relative = 1e-14);
    assert_relative_eq!(shares.horizon, 0.5 / 3.0, max_relative = 1e-14);
    let with_share = shares.times_share(1.0);
    assert_relative_eq!(with_share.deviation, 2.0, max_relative = 1e-14);
    assert_relative_eq!(with_share.share, 0.25, max_relative = 1e-14);
    let nothing = VarianceShares::of_mixture(2040, &[(curve(1.0, 0.0), 1.0)], 0.0);
    assert!(nothing.deviation.abs() < 1e-300 && nothing.measurement.abs() < 1e-300);
}
