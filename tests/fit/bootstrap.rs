//! Refits to resampled counts against the theory of linear models.

use myeloma_epi::curve::Family;
use myeloma_epi::fit::{IdentifiedFit, Likelihood};
use myeloma_epi::{IncidenceSeries, Seed};

use super::{close, identified, series_a, series_b, usa, weighted, with};

#[test]
fn bootstrap_errors_are_about_the_standard_errors() {
    let fit = identified(Family::Exponential, &usa(), &with(Likelihood::LogNormal));
    for bootstrap in [
        fit.parametric_bootstrap(4_000, Seed::new(4)).unwrap(),
        fit.residual_bootstrap(4_000, Seed::new(4)).unwrap(),
    ] {
        assert!(bootstrap.failed().is_empty() && bootstrap.replaced_by_limit() == 0);
        let rates = bootstrap.parameters().row(1);
        let mean = rates.mean().unwrap();
        let sd = rates.mapv(|r| (r - mean).powi(2)).mean().unwrap().sqrt();
        // The log-linear model is linear: bootstrap and theory differ by Monte Carlo error alone.
        close(
            "rate",
            sd,
            fit.parameters()[1].standard_error.unwrap(),
            5.0 / (2.0 * 4_000.0_f64).sqrt(),
        );
    }
}

/// Counts are resampled with the error and the weight of their own figure.
#[test]
fn bootstrap_knows_the_figures_errors_and_weights() {
    let sd = |fit: &IdentifiedFit<Family>| {
        let bootstrap = fit.parametric_bootstrap(4_000, Seed::new(4)).unwrap();
        let rates = bootstrap.parameters().row(1).to_owned();
        let mean = rates.mean().unwrap();
        rates.mapv(|r| (r - mean).powi(2)).mean().unwrap().sqrt()
    };
    let counts = usa();
    let observations =
        counts
            .observations()
            .iter()
            .enumerate()
            .map(|(i, o)| myeloma_epi::Observation {
                relative_error: Some(if i == 23 { 0.3 } else { 0.01 }),
                ..*o
            });
    let series = IncidenceSeries::new("X", observations.collect::<Vec<_>>()).unwrap();
    // Five Monte Carlo errors of a standard deviation are 5/√(2·4000) = 0.056.
    let known = identified(Family::Exponential, &series, &with(Likelihood::LogNormal));
    close(
        "known errors",
        sd(&known),
        known.parameters()[1].standard_error.unwrap(),
        0.06,
    );
    let weights = || (0..24).map(|i| if i < 10 { 100.0 } else { 0.01 });
    for (family, likelihood) in [
        (Family::Exponential, Likelihood::LogNormal),
        (Family::Linear, Likelihood::Gaussian),
    ] {
        let weighted = identified(family, &usa(), &weighted(likelihood, weights()));
        close(
            "weights",
            sd(&weighted),
            weighted.parameters()[1].standard_error.unwrap(),
            0.06,
        );
    }
}

#[test]
fn bootstrap_is_reproducible_on_any_number_of_threads() {
    let fit = identified(
        Family::Gompertz,
        &series_b(),
        &with(Likelihood::NegativeBinomial),
    );
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| fit.parametric_bootstrap(1_500, Seed::new(3)).unwrap())
    };
    let one = run(1);
    assert!(one == run(2) && one == run(5));
    let few = fit.parametric_bootstrap(100, Seed::new(3)).unwrap();
    assert_eq!(
        few.parameters(),
        one.parameters()
            .slice_axis(ndarray::Axis(1), ndarray::Slice::from(..100))
    );
}

/// On series A other parametrisations lose half of the refits, whose optimum has no ceiling.
#[test]
fn no_refit_fails_where_there_is_no_ceiling() {
    let fit = identified(Family::Logistic, &series_a(), &with(Likelihood::Gaussian));
    for bootstrap in [
        fit.parametric_bootstrap(2_000, Seed::new(6)).unwrap(),
        fit.residual_bootstrap(2_000, Seed::new(6)).unwrap(),
    ] {
        assert!(bootstrap.failed().is_empty());
        assert!(bootstrap.replaced_by_limit() > 400 && bootstrap.replaced_by_limit() < 1_600);
        assert_eq!(
            bootstrap
                .curves(&Family::Logistic, 2040..=2040)
                .unwrap()
                .len(),
            2_000
        );
    }
}
