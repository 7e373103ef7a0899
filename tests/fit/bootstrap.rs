//! Refits to resampled counts against the theory of linear models.

use myeloma_epi::curve::Family;
use myeloma_epi::fit::{Holding, IdentifiedFit, Likelihood};
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

/// Residuals of few figures are smaller than errors by √(n/(n − k)), here √(5/3), and are drawn about 0 where their own
/// mean is not: of a curve whose level is held 20 % too low the refits lie about the estimate.
#[test]
fn residuals_are_inflated_and_centred() {
    let counts = (2018..).zip([100.0, 104.0, 107.0, 113.0, 114.0]);
    let series = IncidenceSeries::from_counts("Atlantis", counts).unwrap();
    let line = identified(Family::Linear, &series, &with(Likelihood::Gaussian));
    let slopes = line.residual_bootstrap(4_000, Seed::new(2)).unwrap();
    let slopes = slopes.parameters().row(1).to_owned();
    // s² = 4.3/3 and Σ(t − t̄)² = 10.
    close(
        "slope",
        slopes.std(1.0),
        (4.3 / 3.0 / 10.0_f64).sqrt(),
        0.06,
    );

    let held = Holding::new(Family::Exponential, "ln level", 80_f64.ln(), 2018).unwrap();
    let held = identified(held, &series, &with(Likelihood::LogNormal));
    let rates = held.residual_bootstrap(4_000, Seed::new(2)).unwrap();
    let rates = rates.parameters().row(0).to_owned();
    let error = rates.std(1.0) / 4_000_f64.sqrt();
    let estimate = held.internal_parameters()[0].estimate.unwrap();
    assert!(
        (rates.mean().unwrap() - estimate).abs() < 5.0 * error,
        "{rates} {estimate}"
    );
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

/// Weights that are all 4 say what weights that are all 1 say: residuals are twice as large in units of a deviation of
/// half the size.
#[test]
fn equal_weights_change_no_resampled_count() {
    for likelihood in [Likelihood::Gaussian, Likelihood::QuasiPoisson] {
        let plain = identified(Family::Exponential, &usa(), &with(likelihood));
        let weights = vec![4.0; plain.figures()];
        let fourfold = identified(Family::Exponential, &usa(), &weighted(likelihood, weights));
        let refits = |fit: &IdentifiedFit<Family>| {
            let bootstrap = fit.residual_bootstrap(20, Seed::new(3)).unwrap();
            bootstrap.parameters().clone()
        };
        for (a, b) in refits(&plain).iter().zip(&refits(&fourfold)) {
            close("parameter", *b, *a, 1e-7);
        }
    }
}
