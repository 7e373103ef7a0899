//! Curves whose damping is shrunk towards that of a reference region.

use approx::assert_relative_eq;
use myeloma_epi::curve::{Family, GrowthCurve};
use myeloma_epi::fit::{FitOptions, Likelihood};
use myeloma_epi::projection::{DampingPrior, ErrorModel};
use myeloma_epi::{IncidenceSeries, Observation, Projection, ProjectionOptions};

use super::{DRAWS, log_variance, options, two_figures, with_projection, with_published};

/// A tenth of the figures with the damping of the reference: a tenth of the curve, for any family.
#[test]
fn a_curve_has_the_damping_of_the_reference_region() {
    let world = with_projection(
        two_figures("World", 164_300.0, 197_200.0, 0.0),
        273_600.0,
        0.0,
    );
    let part = two_figures("Part", 16_430.0, 19_720.0, 0.0);
    let of_reference = with_published(options(ErrorModel::default()));
    let plain = options(ErrorModel::default());
    for family in [Family::Logistic, Family::Gompertz] {
        let reference = Projection::of(&family, &world, &of_reference).unwrap();
        let project = |part: &IncidenceSeries, prior: DampingPrior| {
            Projection::with_reference_region(family, part, (&reference, &world), prior, &plain)
        };
        let full = project(&part, DampingPrior::Full).unwrap();
        for year in 2019..=2040 {
            let (own, whole) = (
                full.new_cases().median(year),
                reference.new_cases().median(year),
            );
            assert_relative_eq!(10.0 * own.unwrap(), whole.unwrap(), max_relative = 1e-11);
        }
        // With a spread the median stays, and the draws differ. The standard error of a median is about
        // 1.25·s/√n.
        let partial = project(&part, DampingPrior::default()).unwrap();
        let spread = log_variance(partial.new_cases(), 2040).sqrt();
        assert_relative_eq!(
            partial.new_cases().median(2040).unwrap(),
            full.new_cases().median(2040).unwrap(),
            max_relative = 4.0 * 1.25 * spread / (DRAWS as f64).sqrt()
        );
        assert!(log_variance(partial.new_cases(), 2040) > 1e-4);
        assert!(log_variance(partial.new_cases(), 2024) < 1e-20);

        assert!(project(&part, DampingPrior::None).is_err());
        // How a curve is fitted says nothing of one that is not.
        for fit in [
            FitOptions {
                likelihood: Likelihood::Poisson,
                ..plain.fit.clone()
            },
            FitOptions {
                weights: vec![1.0, 2.0],
                ..plain.fit.clone()
            },
        ] {
            let fitted = ProjectionOptions {
                fit,
                ..plain.clone()
            };
            let world = (&reference, &world);
            let error = Projection::with_reference_region(
                family,
                &part,
                world,
                DampingPrior::Full,
                &fitted,
            )
            .unwrap_err();
            assert!(error.to_string().contains("is not fitted"), "{error}");
        }
        assert!(project(&part, DampingPrior::Partial { spread: 0.0 }).is_err());
        let three = IncidenceSeries::from_counts("Part", [(2019, 1.0), (2020, 2.0), (2024, 3.0)]);
        assert!(project(&three.unwrap(), DampingPrior::Full).is_err());
        let other = Projection::with_reference_region(
            Family::Richards,
            &part,
            (&reference, &world),
            DampingPrior::Full,
            &plain,
        );
        assert!(other.is_err());
    }
}

/// Figures of later years: the damping is that of the reference in those years.
#[test]
fn damping_is_that_of_the_same_calendar_year() {
    let world = with_projection(
        two_figures("World", 164_300.0, 197_200.0, 0.0),
        273_600.0,
        0.0,
    );
    let of_reference = with_published(options(ErrorModel::default()));
    for family in [Family::Logistic, Family::Gompertz] {
        let reference = Projection::of(&family, &world, &of_reference).unwrap();
        let at = |year: i32| reference.new_cases().median(year).unwrap();
        let exact = |year| Observation {
            relative_error: Some(0.0),
            ..Observation::exact(year, at(year))
        };
        let later = IncidenceSeries::new("Part", [exact(2026), exact(2031)]).unwrap();
        let plain = options(ErrorModel::default());
        let own = Projection::with_reference_region(
            family,
            &later,
            (&reference, &world),
            DampingPrior::Full,
            &plain,
        )
        .unwrap();
        for year in 2026..=2040 {
            assert_relative_eq!(
                own.new_cases().median(year).unwrap(),
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
    // Draws that fall are replaced by the exponential limit, long before the figures too.
    let world = with_projection(two_figures("World", 1000.0, 1200.0, 0.03), 1400.0, 0.1);
    let part = two_figures("Part", 150.0, 152.0, 0.05);
    let options = ProjectionOptions {
        from: Some(1970),
        ..options(ErrorModel::default())
    };
    let of_reference = with_published(options.clone());
    let reference = Projection::of(&Family::Logistic, &world, &of_reference).unwrap();
    let prior = DampingPrior::default();
    let damped = Projection::with_reference_region(
        Family::Logistic,
        &part,
        (&reference, &world),
        prior,
        &options,
    )
    .unwrap();
    assert!(damped.replaced_by_limit() > 1000);
}
