//! Curves whose damping is shrunk towards that of a reference region.

use approx::assert_relative_eq;
use myeloma_epi::curve::{Family, GrowthCurve};
use myeloma_epi::fit::PublishedProjectionUse;
use myeloma_epi::projection::{DampingPrior, ErrorModel};
use myeloma_epi::{IncidenceSeries, Projection};

use super::{DRAWS, log_variance, options, two_figures, with_projection};

/// A tenth of the figures with the whole damping of the other: a tenth of the curve, for any family.
#[test]
fn a_borrowed_curve_has_the_bend_of_the_lender() {
    let world = with_projection(
        two_figures("World", 164_300.0, 197_200.0, 0.0),
        273_600.0,
        0.0,
    );
    let part = two_figures("Part", 16_430.0, 19_720.0, 0.0);
    let lending =
        options(ErrorModel::default()).with_published_projection(PublishedProjectionUse::AsFigure);
    let plain = options(ErrorModel::default());
    for family in [Family::Logistic, Family::Gompertz] {
        let lent = Projection::of(&family, &world, &lending).unwrap();
        let borrow = |part: &IncidenceSeries, pooling: DampingPrior| {
            Projection::borrowing(family, part, (&lent, &world), pooling, &plain)
        };
        let full = borrow(&part, DampingPrior::Full).unwrap();
        for year in 2019..=2040 {
            let (own, whole) = (full.cases().median(year), lent.cases().median(year));
            assert_relative_eq!(10.0 * own.unwrap(), whole.unwrap(), max_relative = 1e-11);
        }
        // With a spread the median stays, and the draws differ. The standard error of a median is about
        // 1.25·s/√n.
        let partial = borrow(&part, DampingPrior::default()).unwrap();
        let spread = log_variance(partial.cases(), 2040).sqrt();
        assert_relative_eq!(
            partial.cases().median(2040).unwrap(),
            full.cases().median(2040).unwrap(),
            max_relative = 4.0 * 1.25 * spread / (DRAWS as f64).sqrt()
        );
        assert!(log_variance(partial.cases(), 2040) > 1e-4);
        assert!(log_variance(partial.cases(), 2024) < 1e-20);

        assert!(borrow(&part, DampingPrior::None).is_err());
        assert!(borrow(&part, DampingPrior::Partial { spread: 0.0 }).is_err());
        let three = IncidenceSeries::from_counts("Part", [(2019, 1.0), (2020, 2.0), (2024, 3.0)]);
        assert!(borrow(&three.unwrap(), DampingPrior::Full).is_err());
        let other = Projection::borrowing(
            Family::Richards,
            &part,
            (&lent, &world),
            DampingPrior::Full,
            &plain,
        );
        assert!(other.is_err());
    }
}

/// Figures of later years: the same curve lends the bend that it has then.
#[test]
fn a_bend_is_borrowed_for_its_own_year() {
    let world = with_projection(
        two_figures("World", 164_300.0, 197_200.0, 0.0),
        273_600.0,
        0.0,
    );
    let lending =
        options(ErrorModel::default()).with_published_projection(PublishedProjectionUse::AsFigure);
    for family in [Family::Logistic, Family::Gompertz] {
        let lent = Projection::of(&family, &world, &lending).unwrap();
        let at = |year: i32| lent.cases().median(year).unwrap();
        let later =
            IncidenceSeries::from_counts("Part", [(2026, at(2026)), (2031, at(2031))]).unwrap();
        let plain = options(ErrorModel::default());
        let own =
            Projection::borrowing(family, &later, (&lent, &world), DampingPrior::Full, &plain)
                .unwrap();
        for year in 2026..=2040 {
            assert_relative_eq!(
                own.cases().median(year).unwrap(),
                at(year),
                max_relative = 1e-10
            );
        }
    }
}

/// Before its first observation an undamped curve is the exponential one, falling or rising.
#[test]
fn without_damping_a_curve_that_falls_was_higher_before() {
    for family in [Family::Logistic, Family::Gompertz, Family::Richards] {
        for growth in [-0.3_f64, -0.05, 0.05] {
            for t in [-100.0, -39.0, -1.0, 20.0] {
                let theta = [2.0, growth, 0.0, 1.0];
                let value = family.value(t, &theta[..family.parameters().len()]);
                assert_relative_eq!(value, (2.0 + growth * t).exp(), max_relative = 1e-12);
            }
        }
    }
    // Draws that fall stand in for the curve at its limit, long before the figures too.
    let world = with_projection(two_figures("World", 1000.0, 1200.0, 0.03), 1400.0, 0.1);
    let part = two_figures("Part", 150.0, 152.0, 0.05);
    let options = options(ErrorModel::default()).with_first_year(1970);
    let lending = options
        .clone()
        .with_published_projection(PublishedProjectionUse::AsFigure);
    let lent = Projection::of(&Family::Logistic, &world, &lending).unwrap();
    let pooling = DampingPrior::default();
    let borrowed =
        Projection::borrowing(Family::Logistic, &part, (&lent, &world), pooling, &options).unwrap();
    assert!(borrowed.at_limit() > 1000);
}
