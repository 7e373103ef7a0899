//! The shipped curves: gradients, limits, natural forms, interpolation.

use super::{BATCH, Family, GrowthCurve, Internals, Interpolation, Obstacle, Point};
use proptest::prelude::*;

/// Internal parameters of a family from a level (ln cases), growth, damping and shape.
fn theta(family: Family, level: f64, growth: f64, damping: f64, shape: f64) -> Vec<f64> {
    match family {
        Family::Linear => vec![level.exp(), growth * level.exp()],
        Family::Exponential => vec![level, growth],
        Family::Logistic | Family::Gompertz => vec![level, growth, damping],
        _ => vec![level, growth, damping, shape],
    }
}

proptest! {
    /// Analytic gradients against central differences of fourth order.
    #[test]
    fn gradients_are_derivatives(
        level in 2.0..13.0_f64,
        growth in 0.001..0.2_f64,
        damping in 0.0..0.3_f64,
        shape in prop_oneof![Just(0.0), Just(-1.0), -1e-3..1e-3_f64, -1.0..20.0_f64],
        t in 0.0..40.0_f64,
    ) {
        for family in Family::ALL {
            let at = theta(family, level, growth, damping, shape);
            let mut gradient = vec![0.0; at.len()];
            let value = family.value_and_gradient(t, &at, &mut gradient);
            prop_assert!((value / family.value(t, &at) - 1.0).abs() < 1e-13);
            let (mut values, mut columns) = ([0.0; 2], vec![[0.0; BATCH]; at.len()]);
            family.values_and_gradients(&[0.5, t], &at, &mut values, &mut columns);
            prop_assert!((values[1] / value - 1.0).abs() < 1e-13);
            for (column, derivative) in columns.iter().zip(&gradient) {
                prop_assert!((column[1] - derivative).abs() <= 1e-12 * value.abs().max(derivative.abs()));
            }
            for j in 0..at.len() {
                // Damping is near its pole where little is left of v·g·e^(−rt).
                let pull = match family {
                    Family::Logistic => growth,
                    Family::Richards => shape * growth,
                    _ => 0.0,
                };
                let left = if pull > 0.0 { pull * (-(damping + pull) * t).exp() } else { 0.01 };
                let least = if j == 2 { left.min(0.01) } else { 0.01 };
                let h = 1e-3 * at[j].abs().max(least);
                let moved = |steps: f64| {
                    let mut at = at.clone();
                    at[j] += steps * h;
                    family.value(t, &at)
                };
                let numeric = (8.0 * (moved(1.0) - moved(-1.0)) - (moved(2.0) - moved(-2.0))) / (12.0 * h);
                // Rounding of the values over the step, and the fifth derivative.
                let tolerance = 1e-6 * value.abs() * (1.0 + t * t + t.powi(3) * growth);
                prop_assert!(
                    (gradient[j] - numeric).abs() <= tolerance,
                    "{family} {j}: {} and {numeric}", gradient[j]
                );
            }
        }
    }

    /// The same for the natural parameters.
    #[test]
    fn natural_gradients_are_derivatives(
        level in 2.0..13.0_f64, growth in 0.005..0.2_f64, damping in 0.01..0.3_f64,
        shape in prop_oneof![1e-6..1e-3_f64, 0.01..4.0_f64],
    ) {
        for family in Family::ALL {
            let at = theta(family, level, growth, damping, shape);
            let k = at.len();
            for i in 0..k {
                let mut gradient = vec![0.0; k];
                family.natural_gradient(i, &at, &mut gradient);
                for j in 0..k {
                    let h = 1e-3 * at[j].abs();
                    let moved = |steps: f64| {
                        let (mut at, mut natural) = (at.clone(), vec![0.0; k]);
                        at[j] += steps * h;
                        family.natural(0.0, &at, &mut natural);
                        natural[i]
                    };
                    let numeric = (8.0 * (moved(1.0) - moved(-1.0)) - (moved(2.0) - moved(-2.0))) / (12.0 * h);
                    let tolerance = 1e-6 * gradient[j].abs() + 1e-11 * moved(0.0).abs() / h;
                    prop_assert!(
                        (gradient[j] - numeric).abs() <= tolerance,
                        "{family} {i} {j}: {} and {numeric}", gradient[j]
                    );
                }
            }
        }
    }

    /// Without damping every curve with a ceiling is the exponential curve.
    #[test]
    fn the_limit_without_a_ceiling_is_exponential(
        level in 2.0..13.0_f64, growth in -0.1..0.2_f64, shape in 0.0..5.0_f64, t in 0.0..40.0_f64,
    ) {
        let expected = (level + growth * t).exp();
        for family in [Family::Logistic, Family::Gompertz, Family::Richards] {
            let value = family.value(t, &theta(family, level, growth, 0.0, shape));
            prop_assert!((value / expected - 1.0).abs() < 1e-11, "{family}: {value}, {expected}");
        }
    }

    /// Richards' curve is the logistic curve at shape 1 and the Gompertz curve at shape 0.
    #[test]
    fn richards_holds_logistic_and_gompertz(
        level in 2.0..13.0_f64, growth in 0.001..0.2_f64, damping in 0.0..0.3_f64, t in 0.0..40.0_f64,
    ) {
        for (family, shape) in [(Family::Logistic, 1.0), (Family::Gompertz, 0.0)] {
            let special = family.value(t, &[level, growth, damping]);
            let general = Family::Richards.value(t, &[level, growth, damping, shape]);
            prop_assert!((general / special - 1.0).abs() < 1e-12);
        }
    }

    /// The natural formula with the natural parameters gives the value of the internal ones.
    #[test]
    fn natural_parameters_give_the_same_curve(
        level in 2.0..13.0_f64, growth in 0.001..0.2_f64, damping in 0.001..0.3_f64,
        shape in 0.01..4.0_f64, t in 0.0..40.0_f64,
    ) {
        for family in Family::ALL {
            let at = theta(family, level, growth, damping, shape);
            let mut p = vec![0.0; at.len()];
            family.natural(2019.0, &at, &mut p);
            let year = 2019.0 + t;
            let natural = match family {
                Family::Linear => p[0] + p[1] * t,
                Family::Exponential => p[0] * (p[1] * t).exp(),
                Family::Logistic => p[0] / (1.0 + (-p[1] * (year - p[2])).exp()),
                Family::Gompertz => p[0] * (-(-p[1] * (year - p[2])).exp()).exp(),
                _ => p[0] / (1.0 + p[3] * (-p[1] * (year - p[2])).exp()).powf(p[3].recip()),
            };
            let value = family.value(t, &at);
            prop_assert!((natural / value - 1.0).abs() < 1e-9, "{family}: {natural}, {value}");
        }
    }

    /// A curve through points of itself is itself.
    #[test]
    fn interpolation_finds_the_curve(
        level in 2.0..13.0_f64, growth in 0.002..0.2_f64, damping in 0.001..0.5_f64,
        first in 1.0..10.0_f64, second in 1.0..20.0_f64, later in 0.0..30.0_f64,
    ) {
        for family in [Family::Linear, Family::Exponential, Family::Logistic, Family::Gompertz] {
            let at = theta(family, level, growth, damping, 0.0);
            let times = [0.0, first, first + second];
            let points: Vec<Point> = times[..at.len()]
                .iter()
                .map(|&t| Point { t, cases: family.value(t, &at) })
                .collect();
            // Points whose last step is lost in rounding say nothing about the damping.
            prop_assume!((points[at.len() - 1].cases / points[at.len() - 2].cases).ln() > 1e-3);
            let mut found = vec![0.0; at.len()];
            prop_assert_eq!(family.through(&points, &mut found), Interpolation::Exact);
            for point in &points {
                prop_assert!((family.value(point.t, &found) / point.cases - 1.0).abs() < 1e-9);
            }
            let (value, expected) = (family.value(later, &found), family.value(later, &at));
            prop_assert!((value / expected - 1.0).abs() < 1e-5, "{family}: {value}, {expected}");
        }
    }

    /// Ten times the cases: ten times the curve, the same growth.
    #[test]
    fn interpolation_is_equivariant_in_scale(
        a in 100.0..1e6_f64, rise in 1.01..1.5_f64, slowing in 0.2..0.9_f64, scale in 1e-3..1e3_f64,
    ) {
        let c = a * rise * (1.0 + (rise - 1.0) * slowing);
        let points = [(0.0, a), (5.0, a * rise), (10.0, c)].map(|(t, cases)| Point { t, cases });
        let scaled = points.map(|p| Point { t: p.t, cases: scale * p.cases });
        for family in [Family::Logistic, Family::Gompertz] {
            let (mut one, mut other) = ([0.0; 3], [0.0; 3]);
            if family.through(&points, &mut one) == Interpolation::Exact {
                prop_assert_eq!(family.through(&scaled, &mut other), Interpolation::Exact);
                let (value, expected) = (family.value(21.0, &other), scale * family.value(21.0, &one));
                prop_assert!((value / expected - 1.0).abs() < 1e-9);
            }
        }
    }
}

#[test]
fn points_that_accelerate_turn_or_stop_are_told_apart() {
    let through = |cases: [f64; 3], family: Family| {
        let points = [0.0, 5.0, 10.0]
            .into_iter()
            .zip(cases)
            .map(|(t, cases)| Point { t, cases });
        family.through(&points.collect::<Vec<_>>(), &mut [0.0; 3])
    };
    for family in [Family::Logistic, Family::Gompertz] {
        use Interpolation::{Exact, Impossible};
        assert_eq!(
            through([100.0, 110.0, 130.0], family),
            Impossible(Obstacle::Accelerating)
        );
        assert_eq!(
            through([100.0, 130.0, 120.0], family),
            Impossible(Obstacle::Turning)
        );
        assert_eq!(
            through([100.0, 130.0, 130.0], family),
            Impossible(Obstacle::Turning)
        );
        assert_eq!(
            through([100.0, 100.0, 130.0], family),
            Impossible(Obstacle::Turning)
        );
        assert_eq!(through([100.0, 130.0, 140.0], family), Exact);
        assert_eq!(through([100.0, 100.0, 100.0], family), Exact);
        // Steady growth: the limit itself.
        assert_eq!(through([100.0, 110.0, 121.0], family), Exact);
    }
}

#[test]
fn a_name_gives_a_family() {
    for family in Family::ALL {
        assert_eq!(family.to_string().parse::<Family>().unwrap(), family);
    }
    let error = "sigmoid".parse::<Family>().unwrap_err().to_string();
    assert!(
        error.contains("sigmoid") && error.contains("gompertz"),
        "{error}"
    );
}

/// With next to no growth a curve is its level, at one time and at several, in every form of its formula.
#[test]
fn a_curve_without_growth_is_its_level() {
    let times: Vec<f64> = (0..8).map(f64::from).collect();
    for growth in [5e-324, 1e-310, -5e-324, 0.0] {
        for (damping, shape) in [(0.0, 0.73), (0.0, -0.5), (0.1, 0.73), (0.1, 20.0)] {
            for family in [Family::Logistic, Family::Gompertz, Family::Richards] {
                let at = theta(family, 1.6, growth, damping, shape);
                let (mut values, mut columns) = ([0.0; 8], vec![[0.0; BATCH]; at.len()]);
                family.values_and_gradients(&times, &at, &mut values, &mut columns);
                for (t, value) in times.iter().zip(values) {
                    let one = family.value(*t, &at);
                    let level = 1.6_f64.exp();
                    assert!(
                        (value / level - 1.0).abs() < 1e-13,
                        "{family} {at:?} {t}: {value}"
                    );
                    assert!(
                        (one / level - 1.0).abs() < 1e-13,
                        "{family} {at:?} {t}: {one}"
                    );
                }
            }
        }
    }
}
