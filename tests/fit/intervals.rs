//! Profile, Wald, confidence and prediction intervals against 30-digit arithmetic (`data/estimation.py`) and
//! closed forms.

use myeloma_epi::curve::Family;
use myeloma_epi::fit::{Caution, FitOptions, Likelihood, Limit, PublishedProjectionUse};
use myeloma_epi::{IncidenceSeries, Observation, PublishedProjection, Seed};

use super::{close, identified, series_a, series_b, usa, with};

#[derive(serde::Deserialize)]
struct Reference {
    profiles: Vec<Profile>,
}

#[derive(serde::Deserialize)]
struct Profile {
    curve: Family,
    likelihood: Likelihood,
    lower: f64,
    upper: f64,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../data/estimation.json")).unwrap()
}

#[test]
fn profiles_agree_with_thirty_digits() {
    for case in reference().profiles {
        let fit = identified(case.curve, &usa(), &with(case.likelihood));
        let interval = fit.profile_interval("capacity", 0.95).unwrap();
        let name = format!("{} {}", case.curve, case.likelihood.name());
        close(&name, interval.lower.value().unwrap(), case.lower, 1e-8);
        close(&name, interval.upper.value().unwrap(), case.upper, 1e-8);
    }
}

/// The profile of a linear model's parameter is its t interval: both are exact.
#[test]
fn the_profile_of_a_linear_parameter_is_its_wald_interval() {
    let fit = identified(Family::Linear, &series_b(), &with(Likelihood::Gaussian));
    for parameter in ["intercept", "slope"] {
        let profile = fit.profile_interval(parameter, 0.9).unwrap();
        let wald = fit.parameter(parameter).unwrap().interval(0.9).unwrap();
        let (lower, upper) = wald.unwrap();
        close(parameter, profile.lower.value().unwrap(), lower, 1e-7);
        close(parameter, profile.upper.value().unwrap(), upper, 1e-7);
    }
}

/// A straight line has no bound: its profile ends where the likelihood rejects, at every level, and its domain
/// never ends.
#[test]
fn the_profile_of_an_unbounded_parameter_ends_in_the_profile() {
    let counts = (0..10).map(|i| {
        let t = f64::from(i);
        (2000 + i, 1000.0 + 40.0 * t + 30.0 * (3.0 * t).sin())
    });
    let series = IncidenceSeries::from_counts("X", counts).unwrap();
    for likelihood in Likelihood::ALL {
        let fit = identified(Family::Linear, &series, &with(likelihood));
        for level in [0.5, 0.8, 0.9, 0.95, 0.99] {
            for parameter in ["intercept", "slope"] {
                let interval = fit.profile_interval(parameter, level).unwrap();
                for end in [interval.lower, interval.upper] {
                    let name = likelihood.name();
                    assert!(
                        matches!(end, Limit::At(_)),
                        "{name} {level} {parameter}: {end:?}"
                    );
                }
            }
        }
    }
}

/// Before the pandemic the counts of the United States grow without a sign of a ceiling.
#[test]
fn counts_without_a_ceiling_have_no_upper_limit() {
    let before = usa()
        .observations()
        .iter()
        .filter(|o| o.year < 2020)
        .copied()
        .collect::<Vec<_>>();
    let before = IncidenceSeries::new("United States", before).unwrap();
    for family in [Family::Logistic, Family::Gompertz] {
        for likelihood in Likelihood::ALL {
            let fit = identified(family, &before, &with(likelihood));
            let interval = fit.profile_interval("capacity", 0.95).unwrap();
            assert_eq!(
                interval.upper,
                Limit::Unbounded,
                "{family} {}",
                likelihood.name()
            );
            assert!(interval.lower.value().unwrap() > 29_202.0);
            assert!(fit.cautions().contains(&Caution::CeilingNotIdentified));
        }
    }
    // On series A the optimum itself has no ceiling, or one of a hundred times the last count.
    let fit = identified(Family::Logistic, &series_a(), &with(Likelihood::Gaussian));
    assert_eq!(
        fit.profile_interval("capacity", 0.95).unwrap().upper,
        Limit::Unbounded
    );
}

/// For a straight line the intervals are those of every textbook: with x₀ off the mean by d,
/// s²·(1/n + d²/Sxx) for the line and s²·(1 + 1/n + d²/Sxx) for a new count.
/// Counts that stand still: a curve without growth has no damping either, and its interval is that of the exponential
/// curve, in closed form ln 100 ± z·√(1/(100·n) + (t − t̄)²/(100·Σ(tᵢ − t̄)²)).
#[test]
fn a_constant_has_one_interval_under_every_curve_that_holds_it() {
    for (n, cases) in [(15_i32, 100.0_f64), (9, 40.0), (24, 7.0)] {
        let counts = (0..n).map(|i| (2000 + i, cases));
        let series = IncidenceSeries::from_counts("constant", counts).unwrap();
        let middle = f64::from(n - 1) / 2.0;
        let spread: f64 = (0..n).map(|i| (f64::from(i) - middle).powi(2)).sum();
        let variance = (1.0 / f64::from(n) + (40.0 - middle).powi(2) / spread) / cases;
        let upper = cases * (1.959_963_984_540_054 * variance.sqrt()).exp();
        for family in [Family::Exponential, Family::Logistic, Family::Gompertz] {
            let fit = identified(family, &series, &with(Likelihood::Poisson));
            let interval = fit.confidence_interval(2040.0, 0.95).unwrap();
            close(&format!("{family} {n}"), interval.1, upper, 1e-7);
        }
    }
}

#[test]
fn confidence_and_prediction_are_told_apart() {
    let fit = identified(Family::Linear, &series_b(), &with(Likelihood::Gaussian));
    let (n, dof) = (21.0, 19.0);
    let s2 = fit.residual_sum_of_squares() / dof;
    let sxx = (0..21).map(|i| (f64::from(i) - 10.0).powi(2)).sum::<f64>();
    let t = 2.093_024_054_408_263; // 97.5 % of Student's distribution with 19 degrees of freedom (R: qt)
    for year in [2004.0, 2014.0, 2040.0] {
        let share = 1.0 / n + (year - 2014.0_f64).powi(2) / sxx;
        let mean = fit.curve().cases(year).unwrap();
        let (lower, upper) = fit.confidence_interval(year, 0.95).unwrap();
        close("confidence", upper - mean, t * (s2 * share).sqrt(), 1e-8);
        close("confidence", mean - lower, t * (s2 * share).sqrt(), 1e-8);
        let (_, upper) = fit.prediction_interval(year, 0.95).unwrap();
        close(
            "prediction",
            upper - mean,
            t * (s2 * (1.0 + share)).sqrt(),
            1e-8,
        );
    }
    // Simulated, both have their width: Monte Carlo error of a standard deviation is sd/√(2·draws).
    let draws = 40_000;
    let sd = |draws: &myeloma_epi::YearlyDraws| {
        let values = draws.year(2040).unwrap();
        let mean = values.sum() / values.len() as f64;
        (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
    };
    let share = 1.0 / n + 26.0_f64.powi(2) / sxx;
    let curve = sd(&fit
        .simulate_curve(2039..=2040, draws, Seed::new(1))
        .unwrap());
    let count = sd(&fit
        .simulate_counts(2039..=2040, draws, Seed::new(1))
        .unwrap());
    // Both are Student's, with variance dof/(dof − 2), which errs a little more than a normal one in so many draws.
    let wide = dof / (dof - 2.0);
    let error = 6.0 / (2.0 * draws as f64).sqrt();
    close("curve", curve, (s2 * share * wide).sqrt(), error);
    close("count", count, (s2 * (1.0 + share) * wide).sqrt(), error);
}

/// Poisson counts of mean μ: the spread of a simulated count is √μ on top of the curve's. An estimated dispersion errs as a
/// variance does: its factor is (n − k)/χ² of n − k degrees of freedom, of mean (n − k)/(n − k − 2); of α, taken too small by
/// the likelihood, n/χ².
#[test]
fn simulated_counts_scatter_as_their_likelihood() {
    let draws = 40_000;
    for likelihood in [
        Likelihood::Poisson,
        Likelihood::QuasiPoisson,
        Likelihood::NegativeBinomial,
    ] {
        let fit = identified(Family::Exponential, &usa(), &with(likelihood));
        let mean = fit.curve().cases(2010.0).unwrap();
        let n = usa().unmarked().count() as f64;
        let left = n - 2.0;
        let variance = match likelihood {
            Likelihood::Poisson => mean,
            Likelihood::QuasiPoisson => fit.dispersion().unwrap() * left / (left - 2.0) * mean,
            _ => mean + fit.scale().unwrap() * n / (left - 2.0) * mean * mean,
        };
        let difference = fit
            .simulate_counts(2010..=2010, draws, Seed::new(2))
            .unwrap()
            .view()
            .to_owned()
            - fit
                .simulate_curve(2010..=2010, draws, Seed::new(2))
                .unwrap()
                .view();
        let spread = (difference.iter().map(|d| d * d).sum::<f64>() / draws as f64).sqrt();
        close(
            likelihood.name(),
            spread,
            variance.sqrt(),
            5.0 / (2.0 * draws as f64).sqrt(),
        );
    }
}

/// Five counts on a line: a new one is Student's t with three degrees of freedom about it, in closed form 1282.0275 to 1597.9725 in
/// 2005 (1440 ± t·s·√(1 + h), by `scipy.stats.t`), however it is computed.
#[test]
fn simulated_counts_have_the_prediction_interval() {
    let counts = (2000..).zip([1_000.0, 1_130.0, 1_170.0, 1_310.0, 1_330.0]);
    let series = IncidenceSeries::from_counts("Atlantis", counts).unwrap();
    let fit = identified(Family::Linear, &series, &with(Likelihood::Gaussian));
    let computed = fit.prediction_interval(2005.0, 0.95).unwrap();
    let draws = fit
        .simulate_counts(2005..=2005, 100_000, Seed::new(3))
        .unwrap();
    let drawn = draws.interval(2005, 0.95).unwrap();
    for ((lower, upper), error) in [(computed, 1e-6), (drawn, 3e-3)] {
        close("lower", lower, 1_282.027_519_82, error);
        close("upper", upper, 1_597.972_480_18, error);
    }
}

/// A new count has the error of the last count, not of a published projection: on the log scale the squares of its half-width and of
/// the curve's are 1.96·0.02 apart, squared.
#[test]
fn a_new_count_does_not_err_as_a_projection() {
    let counts = (2010..).zip([
        1_000.0, 1_031.0, 1_060.0, 1_102.0, 1_120.0, 1_170.0, 1_188.0, 1_240.0,
    ]);
    let observations = counts.map(|(year, cases)| Observation {
        year,
        cases,
        relative_error: Some(0.02),
    });
    let projection = PublishedProjection {
        year: 2030,
        cases: 2_100.0,
        relative_error: Some(0.3),
    };
    let series = IncidenceSeries::new("Atlantis", observations)
        .unwrap()
        .with_published_projection(projection)
        .unwrap();
    let options = FitOptions {
        published_projection: PublishedProjectionUse::AsFigure,
        ..with(Likelihood::LogNormal)
    };
    let fit = identified(Family::Exponential, &series, &options);
    let half = |(lower, upper): (f64, f64)| 0.5 * (upper / lower).ln();
    let curve = half(fit.confidence_interval(2018.0, 0.95).unwrap());
    let count = half(fit.prediction_interval(2018.0, 0.95).unwrap());
    close(
        "error",
        (count * count - curve * curve).sqrt(),
        1.959_964 * 0.02,
        1e-6,
    );
}

/// Of counts in millions the logarithm is normal for all purposes. The likelihood takes the dispersion α too small: a
/// new count has α·n/(n − k), and Student's t with n − k degrees of freedom (R: qt(0.975, 8), qnorm(0.975)).
#[test]
fn a_new_negative_binomial_count_has_the_unbiased_dispersion() {
    let counts = (2000..).zip([
        5.0e6, 5.6e6, 5.1e6, 5.9e6, 5.3e6, 6.4e6, 5.7e6, 6.3e6, 6.9e6, 6.0e6,
    ]);
    let series = IncidenceSeries::from_counts("Atlantis", counts).unwrap();
    let fit = identified(
        Family::Exponential,
        &series,
        &with(Likelihood::NegativeBinomial),
    );
    let mean = fit.curve().cases(2012.0).unwrap();
    let (_, upper) = fit.confidence_interval(2012.0, 0.95).unwrap();
    let variance = ((upper / mean).ln() / 1.959_963_984_540_054).powi(2);
    let alpha = fit.scale().unwrap();
    let unbiased = alpha * 10.0 / 8.0;
    let widened = variance * (mean.recip() + unbiased) / (mean.recip() + alpha);
    let deviation = (widened + mean.recip() + unbiased).sqrt();
    let (lower, upper) = fit.prediction_interval(2012.0, 0.95).unwrap();
    close(
        "upper",
        upper,
        mean * (2.306_004_135_204_167 * deviation).exp(),
        1e-6,
    );
    close(
        "lower",
        lower,
        mean * (-2.306_004_135_204_167 * deviation).exp(),
        1e-6,
    );
}

/// Stated errors are known: a new figure has that of the last one, 10 %, and variances add up.
#[test]
fn a_new_figure_has_the_stated_error_of_the_last_one() {
    let figure = |(year, cases): (i32, f64)| Observation {
        year,
        cases,
        relative_error: Some(if year == 2005 { 0.1 } else { 0.01 }),
    };
    let figures = (2000..).zip([100.0, 104.0, 107.0, 113.0, 114.0, 121.0]);
    let series = IncidenceSeries::new("Atlantis", figures.map(figure).collect::<Vec<_>>()).unwrap();
    let fit = identified(Family::Exponential, &series, &with(Likelihood::LogNormal));
    let mean = fit.curve().cases(2010.0).unwrap();
    let half = |(_, upper): (f64, f64)| (upper / mean).ln() / 1.959_963_984_540_054;
    let curve = half(fit.confidence_interval(2010.0, 0.95).unwrap());
    let figure = half(fit.prediction_interval(2010.0, 0.95).unwrap());
    close("variance", figure * figure, curve * curve + 0.01, 1e-9);
}

/// The covariance of intercept and slope of a straight line is that of the textbook: s²/Σ(t − t̄)² = 4.3/3/10 of the
/// slope, −t̄ times as much with the intercept in the first year, two years before the mean.
#[test]
fn the_covariance_of_a_line_is_that_of_the_textbook() {
    let counts = [
        (2018, 100.0),
        (2019, 104.0),
        (2020, 107.0),
        (2021, 113.0),
        (2022, 114.0),
    ];
    let series = IncidenceSeries::from_counts("Atlantis", counts).unwrap();
    let line = identified(Family::Linear, &series, &with(Likelihood::Gaussian));
    let (covariance, of_slope) = (line.covariance(), 4.3 / 3.0 / 10.0);
    close("slope", covariance[[1, 1]], of_slope, 1e-9);
    close("both", covariance[[0, 1]], -2.0 * of_slope, 1e-9);
    close(
        "intercept",
        covariance[[0, 0]],
        4.3 / 3.0 * (1.0 / 5.0 + 4.0 / 10.0),
        1e-9,
    );
}

/// A new count is less certain than its mean: the prediction interval holds the confidence interval, far from the counts, too, where
/// the tails of an estimated scatter make it.
#[test]
fn a_prediction_interval_holds_the_confidence_interval() {
    let decade = [
        180.0, 198.0, 208.0, 220.0, 207.0, 230.0, 244.0, 215.0, 257.0, 230.0,
    ];
    for (likelihood, counts, year) in [
        (Likelihood::QuasiPoisson, &decade[..], 2100.0),
        (
            Likelihood::QuasiPoisson,
            &[206.0, 218.0, 200.0, 207.0][..],
            2020.0,
        ),
        (
            Likelihood::Poisson,
            &[2.0, 2.0, 7.0, 5.0, 5.0, 4.0][..],
            2020.0,
        ),
    ] {
        let series = IncidenceSeries::from_counts("x", (2000..).zip(counts.iter().copied()));
        let fit = identified(Family::Exponential, &series.unwrap(), &with(likelihood));
        let of_curve = fit.confidence_interval(year, 0.95).unwrap();
        let of_count = fit.prediction_interval(year, 0.95).unwrap();
        assert!(
            of_count.0 <= of_curve.0 && of_curve.1 <= of_count.1,
            "{likelihood:?}: {of_curve:?} in {of_count:?}"
        );
    }
}
