//! Measurement errors: within one source, between sources, of a published projection.

use approx::assert_relative_eq;
use myeloma_epi::curve::{Family, GrowthCurve, Parameter, Point, Role};
use myeloma_epi::projection::ErrorModel;
use myeloma_epi::{IncidenceSeries, Projection};

use super::{
    FOUR_STANDARD_ERRORS, log_variance, options, two_figures, with_projection, with_published,
};

/// An exponential curve is linear in the logarithms of its figures: 16 years past the second of two that
/// are five years apart, ln y = −3.2·ln a + 4.2·ln b. So var = σ²(3.2² + 4.2² − 2·3.2·4.2·s) + τ².
#[test]
fn what_sources_differ_by_leaves_growth_alone() {
    let series = two_figures("Atlantis", 1000.0, 1200.0, 0.02);
    for within_source_correlation in [0.0, 0.3, 0.9, 1.0] {
        for between_source_sd in [0.0, 0.1] {
            let errors = ErrorModel {
                within_source_correlation,
                between_source_sd,
                ..ErrorModel::default()
            };
            let draws = Projection::of(&Family::Exponential, &series, &options(errors)).unwrap();
            let own =
                3.2_f64.powi(2) + 4.2_f64.powi(2) - 2.0 * 3.2 * 4.2 * within_source_correlation;
            assert_relative_eq!(
                log_variance(draws.new_cases(), 2040),
                0.02_f64.powi(2) * own + between_source_sd * between_source_sd,
                max_relative = FOUR_STANDARD_ERRORS
            );
            // In 2019 the curve is the figure itself.
            assert_relative_eq!(
                log_variance(draws.new_cases(), 2019),
                0.02_f64.powi(2) + between_source_sd * between_source_sd,
                max_relative = FOUR_STANDARD_ERRORS
            );
        }
    }
    // Errors that are wholly correlated, and what sources differ by, scale every year alike.
    let errors = ErrorModel {
        within_source_correlation: 1.0,
        between_source_sd: 0.1,
        ..ErrorModel::default()
    };
    let draws = Projection::of(&Family::Exponential, &series, &options(errors)).unwrap();
    let (first, last) = (
        draws.new_cases().year(2019).unwrap(),
        draws.new_cases().year(2040).unwrap(),
    );
    for (first, last) in first.iter().zip(&last) {
        assert_relative_eq!(last / first, 1.2_f64.powf(21.0 / 5.0), max_relative = 1e-10);
    }
}

/// Errors of one source go together, and those of two sources do not, however much those of one do.
#[test]
fn errors_of_two_sources_are_independent() {
    let errors = ErrorModel {
        within_source_correlation: 0.9,
        ..ErrorModel::default()
    };
    let series = two_figures("Atlantis", 1000.0, 1200.0, 0.02)
        .with_source(2019, "a")
        .with_source(2024, "b");
    let draws = Projection::of(&Family::Exponential, &series, &options(errors)).unwrap();
    assert_relative_eq!(
        log_variance(draws.new_cases(), 2040),
        0.02_f64.powi(2) * (3.2_f64.powi(2) + 4.2_f64.powi(2)),
        max_relative = FOUR_STANDARD_ERRORS
    );
}

/// Steady growth that changes once, five years after the first figure.
struct Joined;

impl GrowthCurve for Joined {
    fn name(&self) -> &'static str {
        "joined exponential"
    }

    fn parameters(&self) -> &[Parameter] {
        static PARAMETERS: [Parameter; 3] = [
            Parameter::new("ln level", "ln cases", Role::Level),
            Parameter::new("rate before", "per year", Role::Rate),
            Parameter::new("rate after", "per year", Role::Other),
        ];
        &PARAMETERS
    }

    fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let (before, after) = (t.min(5.0), (t - 5.0).max(0.0));
        let value = (theta[0] + theta[1] * before + theta[2] * after).exp();
        gradient.copy_from_slice(&[value, value * before, value * after]);
        value
    }

    fn starting_guess(&self, points: &[Point], theta: &mut [f64]) {
        theta.copy_from_slice(&[points[0].cases.ln(), 0.0, 0.0]);
    }
}

/// Half way from 2024 to a projection for 2040, steady growth between them gives the mean of the
/// logarithms: var = (σ² + σp² + 2rσσp)/4 + τ². The correlation holds within one source only.
#[test]
fn a_published_projection_errs_with_its_source() {
    let series = with_projection(two_figures("Atlantis", 1000.0, 1200.0, 0.03), 1500.0, 0.10);
    let variance =
        |series: &IncidenceSeries, projection_correlation: f64, between_source_sd: f64| {
            let errors = ErrorModel {
                projection_correlation,
                between_source_sd,
                ..ErrorModel::default()
            };
            let options = with_published(options(errors));
            log_variance(
                Projection::of(&Joined, series, &options)
                    .unwrap()
                    .new_cases(),
                2032,
            )
        };
    let expected = |r: f64| (0.03_f64.powi(2) + 0.1_f64.powi(2) + 2.0 * r * 0.03 * 0.1) / 4.0;
    for r in [-0.7, 0.0, 0.5] {
        assert_relative_eq!(
            variance(&series, r, 0.05),
            expected(r) + 0.05_f64.powi(2),
            max_relative = FOUR_STANDARD_ERRORS
        );
    }
    let other = series
        .clone()
        .with_source(2019, "one")
        .with_source(2024, "one")
        .with_source(2040, "another");
    // Each source is off by a factor of its own, which counts half in the middle.
    assert_relative_eq!(
        variance(&other, 0.5, 0.05),
        expected(0.0) + 0.05_f64.powi(2) / 2.0,
        max_relative = FOUR_STANDARD_ERRORS
    );
}

/// What a source is off by is one number for all regions.
#[test]
fn a_source_errs_alike_in_all_regions() {
    let errors = ErrorModel {
        between_source_sd: 0.1,
        ..ErrorModel::default()
    };
    let of = |region: &str, source: &str| {
        let series = two_figures(region, 1000.0, 1200.0, 0.0)
            .with_source(2019, source)
            .with_source(2024, source);
        let draws = Projection::of(&Family::Exponential, &series, &options(errors)).unwrap();
        draws.new_cases().year(2040).unwrap().to_vec()
    };
    assert_eq!(of("Atlantis", "one"), of("Lemuria", "one"));
    assert_ne!(of("Atlantis", "one"), of("Atlantis", "another"));
}

#[test]
fn impossible_correlations_are_refused() {
    let series = with_projection(two_figures("Atlantis", 1000.0, 1200.0, 0.03), 1500.0, 0.1);
    let error = |errors: ErrorModel| {
        let options = with_published(options(errors));
        let error = Projection::of(&Family::Logistic, &series, &options).unwrap_err();
        error.to_string()
    };
    let plain = ErrorModel::default();
    let published = |projection_correlation: f64| ErrorModel {
        projection_correlation,
        ..plain
    };
    let within = |within_source_correlation: f64| ErrorModel {
        within_source_correlation,
        ..plain
    };
    let between = ErrorModel {
        between_source_sd: 2.0,
        ..plain
    };
    let said = error(published(1.5));
    assert!(
        said.contains("1.5") && said.contains("Atlantis") && said.contains("-1 and 1"),
        "{said}"
    );
    assert!(error(within(-0.1)).contains("between 0 and 1"));
    assert!(error(within(f64::NAN)).contains("NaN"));
    assert!(error(between).contains("between-source"));
    // Two independent figures cannot both have a correlation above √½ with a third.
    let said = error(published(0.8));
    assert!(
        said.contains("positive definite") && said.contains("0.8"),
        "{said}"
    );
}
