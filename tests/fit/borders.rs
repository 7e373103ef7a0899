//! Fits, refits and profiles at borders that no bound of a parameter holds: a constant below a held capacity, a line that comes
//! to 0 at a count of 0.

use myeloma_epi::curve::{Family, GrowthCurve};
use myeloma_epi::fit::{
    Caution, FitOptions, Holding, IdentifiedFit, Likelihood, Limit, compare, fit,
};
use myeloma_epi::{IncidenceSeries, Seed};

use super::{close, identified, usa, weighted, with};

fn series(first: i32, counts: &[f64]) -> IncidenceSeries {
    IncidenceSeries::from_counts("small", (first..).zip(counts.iter().copied())).unwrap()
}

fn limits<C: GrowthCurve>(fit: &IdentifiedFit<C>, parameter: &str) -> (Limit, Limit) {
    let interval = fit.profile_interval(parameter, 0.95).unwrap();
    (interval.lower, interval.upper)
}

fn near(limit: Limit, expected: f64, tolerance: f64) {
    let Limit::At(found) = limit else {
        panic!("{limit:?}: {expected} is expected");
    };
    close("limit", found, expected, tolerance);
}

/// Counts that hardly rise below a capacity of 30,000: of so many refits none is a step to the capacity. A constant is not
/// rejected, so that the rate ends at 0; its upper limit is that of `SciPy` (`tests/data/below_a_capacity.py`).
#[test]
fn below_a_held_capacity_the_border_is_a_constant() {
    let noisy = series(
        2010,
        &[
            10000.0, 13000.0, 9500.0, 12500.0, 11000.0, 14500.0, 10800.0, 13900.0,
        ],
    );
    for (family, parameter, upper) in [
        (Family::Logistic, "capacity", 0.143_167_004),
        (Family::Logistic, "midpoint", 0.117_615_911),
        (Family::Gompertz, "capacity", 0.093_337_858),
    ] {
        let value = if parameter == "capacity" {
            30_000.0
        } else {
            2022.0
        };
        let curve = Holding::new(family, parameter, value, 2010).unwrap();
        let fit = identified(curve.clone(), &noisy, &FitOptions::default());
        let (lower, found) = limits(&fit, "rate");
        assert_eq!(lower, Limit::EndOfDomain(0.0), "{family} {parameter}");
        near(found, upper, 1e-5);
        for bootstrap in [
            fit.parametric_bootstrap(1_000, Seed::new(1)).unwrap(),
            fit.residual_bootstrap(1_000, Seed::new(1)).unwrap(),
        ] {
            assert!(bootstrap.failed().is_empty(), "{:?}", bootstrap.failed());
            let replaced = bootstrap.replaced_by_limit();
            assert!((20..250).contains(&replaced), "{replaced}");
            let curves = bootstrap.curves(&curve, 2010..=2017).unwrap();
            let greatest = curves.view().iter().copied().fold(0.0, f64::max);
            assert!(greatest < 22_000.0, "{greatest}");
        }
    }
}

/// The most probable line through Poisson counts of which the first is 0 begins at 0. Upper limits by `SciPy`
/// (`tests/data/lines_from_zero.py`).
#[test]
fn a_line_that_begins_at_zero_is_at_the_border() {
    for (counts, upper) in [
        (
            &[0.0, 1.0, 7.0, 8.0, 9.0, 4.0, 6.0, 12.0][..],
            2.623_302_269,
        ),
        (&[0.0, 2.0, 1.0, 4.0, 1.0, 8.0], 1.623_431_363),
        (&[0.0, 1.0, 3.0, 3.0, 3.0], 1.827_411_248),
        (&[0.0, 0.0, 0.0, 4.0, 1.0, 0.0, 2.0], 1.291_539_562),
        (&[0.0, 10.0, 20.0, 30.0, 41.0, 50.0], 1.811_126_600),
    ] {
        let series = series(2000, counts);
        let poisson = with(Likelihood::Poisson);
        let fit = identified(Family::Linear, &series, &poisson);
        let intercept = fit.parameter("intercept").unwrap();
        assert_eq!(
            (intercept.estimate, intercept.standard_error),
            (Some(0.0), None)
        );
        assert!(intercept.at_border);
        // Σy/Σt is the slope, with the variance Σy/(Σt)².
        let [total, times] = [counts.iter().sum(), (0..counts.len()).sum::<usize>() as f64];
        let slope: f64 = total / times;
        let found = fit.parameter("slope").unwrap();
        close("slope", found.estimate.unwrap(), slope, 1e-9);
        close(
            "error",
            found.standard_error.unwrap(),
            f64::sqrt(total) / times,
            1e-6,
        );
        let caution = Caution::AtBorder(vec!["cases in 2000".to_owned()]);
        assert!(fit.cautions().contains(&caution), "{:?}", fit.cautions());
        let (lower, found) = limits(&fit, "intercept");
        assert_eq!(lower, Limit::EndOfDomain(0.0));
        near(found, upper, 1e-6);
        let error = fit
            .confidence_interval(2000.0, 0.95)
            .unwrap_err()
            .to_string();
        assert!(error.contains("comes to 0 in 2000"), "{error}");
        let (low, high) = fit.confidence_interval(2003.0, 0.95).unwrap();
        let half = 1.959_964 / f64::sqrt(total);
        close("interval", low, 3.0 * slope * (-half).exp(), 1e-6);
        close("interval", high, 3.0 * slope * half.exp(), 1e-6);

        let families = [Family::Linear, Family::Exponential];
        let compared = compare(&families, &series, &poisson, 2001);
        assert_eq!(compared.curves()[0].weight(), None);
        let stored = serde_json::to_string(&fit).unwrap();
        assert_eq!(
            serde_json::from_str::<IdentifiedFit<Family>>(&stored).unwrap(),
            fit
        );
    }
    // With its slope held nothing else is free: SciPy, same script.
    let curve = Holding::new(Family::Linear, "slope", 1.9, 2000).unwrap();
    let counts = series(2000, &[0.0, 1.0, 7.0, 8.0, 9.0, 4.0, 6.0, 12.0]);
    let fit = identified(curve, &counts, &with(Likelihood::Poisson));
    let (lower, upper) = limits(&fit, "intercept");
    assert_eq!(lower, Limit::EndOfDomain(0.0));
    near(upper, 1.069_819_233, 1e-8);
    assert!(fit.confidence_interval(2010.0, 0.95).is_err());
}

/// A line that ends at 0: refits of all kinds find one that does, b·(T − t), and none fails. Of Poisson counts
/// b = Σy/Σ(T − t), whose standard deviation is √Σy/Σ(T − t).
#[test]
fn refits_of_a_line_that_ends_at_zero_do_not_fail() {
    let counts = series(2000, &[12.0, 6.0, 4.0, 9.0, 8.0, 7.0, 1.0, 0.0]);
    for likelihood in [
        Likelihood::Poisson,
        Likelihood::QuasiPoisson,
        Likelihood::NegativeBinomial,
    ] {
        let fit = identified(Family::Linear, &counts, &with(likelihood));
        let caution = Caution::AtBorder(vec!["cases in 2007".to_owned()]);
        assert!(fit.cautions().contains(&caution), "{:?}", fit.cautions());
        assert!(fit.confidence_interval(2007.0, 0.95).is_err());
        let bootstrap = fit.parametric_bootstrap(1_000, Seed::new(1)).unwrap();
        assert!(bootstrap.failed().is_empty(), "{:?}", bootstrap.failed());
        let residual = fit.residual_bootstrap(1_000, Seed::new(1)).unwrap();
        assert!(residual.failed().is_empty(), "{:?}", residual.failed());
        if likelihood == Likelihood::Poisson {
            let slopes = bootstrap.parameters().row(1);
            close("mean", slopes.mean().unwrap(), -47.0 / 28.0, 0.02);
            close("deviation", slopes.std(1.0), f64::sqrt(47.0) / 28.0, 0.12);
        }
    }
}

/// A refit whose estimate is a closed form does not fail: of a growth that is held the level is Σy/Σe^(0.1·t).
#[test]
fn refits_with_a_closed_form_find_it() {
    let curve = Holding::new(Family::Exponential, "rate", 0.1, 2000).unwrap();
    let counts = series(2000, &[5.0, 3.0, 8.0, 0.0, 9.0, 12.0]);
    let fit = identified(curve, &counts, &with(Likelihood::Poisson));
    let bootstrap = fit.parametric_bootstrap(5_000, Seed::new(1)).unwrap();
    assert!(bootstrap.failed().is_empty(), "{:?}", bootstrap.failed());
}

/// Of counts with a weight of 10 each is the mean of ten: the bootstrap has the standard error of the fit.
#[test]
fn the_bootstrap_of_counts_knows_weights() {
    for likelihood in [
        Likelihood::Poisson,
        Likelihood::QuasiPoisson,
        Likelihood::NegativeBinomial,
    ] {
        let fit = identified(
            Family::Exponential,
            &usa(),
            &weighted(likelihood, (0..24).map(|i| if i < 10 { 10.0 } else { 0.5 })),
        );
        let bootstrap = fit.parametric_bootstrap(2_000, Seed::new(1)).unwrap();
        let found = bootstrap.parameters().row(1).std(1.0);
        let error = fit.internal_parameters()[1].standard_error.unwrap();
        // Five standard errors of a standard deviation over 2,000 refits.
        close(likelihood.name(), found, error, 0.08);
    }
}

/// What a likelihood does not use of the figures is told.
#[test]
fn stated_errors_that_a_likelihood_does_not_use_are_told() {
    let counts = || series(2010, &[410.0, 440.0, 420.0, 460.0, 490.0, 500.0]);
    let stated = || counts().assuming_relative_error(0.2).unwrap();
    for likelihood in Likelihood::ALL {
        let told = |series: &IncidenceSeries| {
            let fit = fit(Family::Exponential, series, &with(likelihood)).unwrap();
            fit.cautions().contains(&Caution::StatedErrorsNotUsed)
        };
        assert!(!told(&counts()));
        assert_eq!(told(&stated()), likelihood != Likelihood::LogNormal);
    }
}
