//! Weights of a linear pool on series whose true curve is known.

use approx::assert_relative_eq;
use myeloma_epi::backtest::{
    CurveForecaster, Forecaster, PanelSeries, Past, Stacked, StackingOptions,
};
use myeloma_epi::curve::Family;
use myeloma_epi::score::Predictive;
use myeloma_epi::{IncidenceSeries, Result, Shocks, figures};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::Sure;

fn noisy(seed: u64, years: i32, sigma: f64, mean: impl Fn(f64) -> f64) -> IncidenceSeries {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let counts: Vec<(i32, f64)> = (0..years)
        .map(|t| {
            let z: f64 = StandardNormal.sample(&mut rng);
            (1960 + t, mean(f64::from(t)) * (sigma * z).exp())
        })
        .collect();
    IncidenceSeries::from_counts("simulated", counts).unwrap()
}

fn panel_series(id: &str, series: &IncidenceSeries) -> PanelSeries {
    PanelSeries::new(series.clone(), id, "x").unwrap()
}

/// Where the true curve is an exponential curve, or a logistic one, weight moves to it as the series grows.
#[test]
fn weight_moves_to_the_true_family_as_the_series_grows() {
    let families = [Family::Linear, Family::Exponential, Family::Logistic];
    let stacked = |years: i32, mean: &dyn Fn(f64) -> f64| -> Stacked {
        // The mean over ten series: one is noise.
        let all: Vec<Stacked> = (0..10)
            .map(|seed| {
                let series = noisy(seed, years, 0.02, mean);
                Stacked::of_families(&series, &families, &StackingOptions::default()).unwrap()
            })
            .collect();
        let mut first = all[0].clone();
        for i in 0..families.len() {
            first.weights[i] = all.iter().map(|s| s.weights[i]).sum::<f64>() / 10.0;
        }
        first
    };
    let exponential = |t: f64| 1000.0 * (0.06 * t).exp();
    let (short, long) = (stacked(20, &exponential), stacked(45, &exponential));
    // A logistic curve without a ceiling is the exponential curve: what counts is that the line goes.
    assert!(long.weights[0] < short.weights[0] && long.weights[0] < 0.12);
    let logistic = |t: f64| 20_000.0 / (1.0 + (-0.15 * (t - 18.0)).exp());
    let (short, long) = (stacked(20, &logistic), stacked(45, &logistic));
    assert!(short.weights[2] < long.weights[2] && long.weights[2] > 0.7);
    assert!(long.pooled_crps < long.equal_crps);
    assert!(long.crps[2] < long.crps[0].min(long.crps[1]));
}

/// Weights add up to one, follow their methods when these change places, and are shared by methods that
/// say the same.
#[test]
fn weights_are_those_of_the_methods_and_not_of_their_places() {
    let series = noisy(3, 32, 0.03, |t| 500.0 + 40.0 * t);
    let at = |families: &[Family]| {
        let options = StackingOptions {
            equal_weight_origins: 0.0,
            ..StackingOptions::default()
        };
        Stacked::of_families(&series, families, &options).unwrap()
    };
    let (l, e, g) = (Family::Linear, Family::Exponential, Family::Gompertz);
    let one = at(&[l, e, g]);
    assert_relative_eq!(one.weights.iter().sum::<f64>(), 1.0, max_relative = 1e-12);
    assert!(one.weights.iter().all(|w| *w >= 0.0));
    let other = at(&[g, l, e]);
    for (a, b) in [(0, 1), (1, 2), (2, 0)] {
        assert_relative_eq!(one.weights[a], other.weights[b], epsilon = 1e-9);
        assert_relative_eq!(one.crps[a], other.crps[b], max_relative = 1e-12);
    }
    let twice = at(&[l, l, e]);
    assert_relative_eq!(twice.weights[0], twice.weights[1], epsilon = 1e-8);
    let once = at(&[l, e]);
    assert_relative_eq!(twice.weights[2], once.weights[1], epsilon = 1e-4);
    let alike = at(&[e, e, e, e]);
    for weight in alike.weights {
        assert_relative_eq!(weight, 0.25, epsilon = 1e-8);
    }
}

/// The optimum is one: no other weights give these forecasts a lower score, and drawing it to equal
/// weights is linear.
#[test]
fn the_optimum_is_not_beaten_by_any_weights_on_a_grid() {
    let series = noisy(8, 34, 0.04, |t| 800.0 * (0.03 * t).exp() + 30.0 * t);
    let panel = panel_series("s", &series);
    let pool = |weights: &[f64]| -> f64 {
        let members: Vec<(Family, f64)> = [Family::Linear, Family::Exponential]
            .into_iter()
            .zip(weights.iter().copied())
            .collect();
        let curves = CurveForecaster::new("pool", &members, 0.0).unwrap();
        let one: [&dyn Forecaster; 1] = [&curves];
        Stacked::of(&panel, &one, &StackingOptions::default())
            .unwrap()
            .crps[0]
    };
    let families = [Family::Linear, Family::Exponential];
    let none = StackingOptions {
        equal_weight_origins: 0.0,
        ..StackingOptions::default()
    };
    let free = Stacked::of_families(&series, &families, &none).unwrap();
    let least = (0..=20)
        .map(|i| pool(&[1.0 - f64::from(i) / 20.0, f64::from(i) / 20.0]))
        .fold(f64::INFINITY, f64::min);
    // The points that stand for a mixture and for its parts differ by less than a thousandth.
    assert!(
        free.pooled_crps <= 1.001 * least,
        "{} {least}",
        free.pooled_crps
    );
    let drawn = Stacked::of_families(&series, &families, &StackingOptions::default()).unwrap();
    let n = drawn.origins as f64;
    for i in 0..2 {
        let expected = (n * free.optimum[i] + 10.0 * 0.5) / (n + 10.0);
        assert_relative_eq!(drawn.weights[i], expected, max_relative = 1e-12);
        assert_relative_eq!(drawn.optimum[i], free.weights[i], max_relative = 1e-12);
    }
}

#[test]
fn series_too_short_for_weights_are_refused_with_the_least() {
    let families = [Family::Linear, Family::Exponential];
    let options = StackingOptions::default();
    let at = |years: i32| {
        let series = noisy(1, years, 0.02, |t| 100.0 + 5.0 * t);
        Stacked::of_families(&series, &families, &options)
    };
    let stacked = at(19).unwrap();
    assert_eq!(stacked.skipped, 0);
    let printed = stacked.to_string();
    for (i, family) in families.iter().enumerate() {
        assert_eq!(stacked.methods[i], family.name());
        let row = printed
            .lines()
            .find(|line| line.starts_with(family.name()))
            .unwrap();
        assert!(
            row.contains(&format!("{:.3}", stacked.weights[i])),
            "{printed}"
        );
    }
    let error = at(18).unwrap_err().to_string();
    assert!(
        error.contains("simulated is too short") && error.contains("19 years"),
        "{error}"
    );
    let series = noisy(1, 30, 0.02, |t| 100.0 + 5.0 * t);
    let panel = panel_series("s", &series);
    let methods: [&dyn Forecaster; 1] = [&Sure];
    let error = Stacked::of(&panel, &methods, &options)
        .unwrap_err()
        .to_string();
    assert!(error.contains("sure gives quantiles only"), "{error}");
    assert!(Stacked::of_families(&series, &[], &options).is_err());
    let negative = StackingOptions {
        equal_weight_origins: -1.0,
        ..StackingOptions::default()
    };
    assert!(Stacked::of_families(&series, &families, &negative).is_err());
    let none = StackingOptions {
        horizons: 0,
        ..StackingOptions::default()
    };
    assert!(Stacked::of_families(&series, &families, &none).is_err());
    // As many as there can be: an error, and no overflow while it is written.
    let endless = StackingOptions {
        least_origins: usize::MAX,
        ..StackingOptions::default()
    };
    let error = Stacked::of_families(&series, &families, &endless).unwrap_err();
    assert!(
        error.to_string().contains("too short for weights"),
        "{error}"
    );
    // A shock of another series would be passed over.
    let elsewhere = StackingOptions {
        shocks: Shocks::none().and_of("Texsa", [1975]),
        ..StackingOptions::default()
    };
    let error = Stacked::of_families(&series, &families, &elsewhere).unwrap_err();
    assert!(error.to_string().contains("Texsa"), "{error}");
    // A shock is left out, and counted.
    let marked = StackingOptions {
        shocks: Shocks::years([1975]),
        ..StackingOptions::default()
    };
    assert_eq!(
        Stacked::of_families(&series, &families, &marked)
            .unwrap()
            .shocks,
        1
    );
}

/// Says for certain that the logarithm of every count is one number.
struct Certain(&'static str, f64);

impl Forecaster for Certain {
    fn name(&self) -> &'static str {
        self.0
    }

    fn forecast(&self, _: &Past<'_>, horizons: usize) -> Result<Option<Vec<Predictive>>> {
        (0..horizons)
            .map(|_| Predictive::draws(vec![self.1]))
            .collect::<Result<_>>()
            .map(Some)
    }
}

/// By hand: the logarithms of the counts are 0 to 11, and origins are the seventh to the eleventh year. One year ahead lie
/// 7 to 11, nine from 0 and four from 5 on average; two years ahead 8 to 11, 9.5 and 4.5. Each horizon counts the same.
/// Equal weights: (9.25 + 4.25)/2 less half the mean distance of two draws, ¼·5·2.
#[test]
fn scores_of_certain_forecasts_are_those_worked_by_hand() {
    let counts = (0..12).map(|t| (2000 + t, f64::from(t).exp()));
    let counts = IncidenceSeries::from_counts("x", counts).unwrap();
    let options = StackingOptions {
        horizons: 2,
        least_counts: 7,
        least_origins: 2,
        ..StackingOptions::default()
    };
    let (low, high) = (Certain("low", 0.0), Certain("high", 5.0));
    let of = |options: &StackingOptions| {
        Stacked::of(&panel_series("x", &counts), &[&low, &high], options)
    };
    let stacked = of(&options).unwrap();
    assert_eq!(stacked.origins, 5);
    for (got, expected) in [
        (stacked.crps[0], 9.25),
        (stacked.crps[1], 4.25),
        (stacked.equal_crps, 6.75 - 1.25),
    ] {
        assert!((got - expected).abs() < 1e-12, "{got}, {expected}");
    } // Each option acts. One year ahead alone: 9 and 4; from the eighth year on: 8 to 11 and 9 to 11, 9.5 and 10.
    let changed = |with: &dyn Fn(&mut StackingOptions)| {
        let mut options = options.clone();
        with(&mut options);
        of(&options)
    };
    let near = |stacked: &Stacked, expected: f64| (stacked.crps[0] - expected).abs() < 1e-12;
    assert!(near(&changed(&|o| o.horizons = 1).unwrap(), 9.0));
    assert!(near(&changed(&|o| o.least_counts = 8).unwrap(), 9.75));
    assert!(changed(&|o| o.least_origins = 6).is_err());
    // Least at all weight on the second: (1 − w)·9.25 + w·4.25 − 5w(1 − w). As many origins of equal weights: halfway.
    for (origins, expected) in [(0.0, 1.0), (5.0, 0.75)] {
        let weight = changed(&|o| o.equal_weight_origins = origins)
            .unwrap()
            .weights[1];
        assert!((weight - expected).abs() < 1e-3, "{origins}: {weight}");
    }
    let marked = changed(&|o| o.shocks = Shocks::years([2010])).unwrap();
    assert!(!near(&marked, 9.25));
}

/// The table of METHODS.md, of the counts that the crate carries, as rounded there.
#[test]
fn methods_has_the_weights_of_the_shipped_counts() {
    let families = [
        Family::Linear,
        Family::Exponential,
        Family::Logistic,
        Family::Gompertz,
    ];
    let methods = include_str!("../../METHODS.md");
    let table = methods
        .lines()
        .skip_while(|line| !line.starts_with("| country | origins | linear |"));
    let rows: Vec<&str> = table
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert_eq!(rows.len(), 3);
    let computed = rows.iter().map(|row| {
        let region = row.split('|').nth(1).unwrap().trim();
        let counts = IncidenceSeries::from_figures(figures::registered(), region).unwrap();
        let options = StackingOptions::default();
        let Ok(stacked) = Stacked::of_families(&counts, &families, &options) else {
            return format!("| {region} | 2 | refused: too short | | | | |");
        };
        let weights: Vec<String> = stacked.weights.iter().map(|w| format!("{w:.2}")).collect();
        format!(
            "| {region} | {} | {} | {:.4}, {:.4} |",
            stacked.origins,
            weights.join(" | "),
            stacked.pooled_crps,
            stacked.equal_crps
        )
    });
    assert_eq!(computed.collect::<Vec<_>>(), rows);
}
