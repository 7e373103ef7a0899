//! Forecasts against their own draws, limits and symmetries.

use super::*;
use crate::figures::Mark;
use crate::forecast::{RegistryTrend, SiteEffect, TrendParameters};
use crate::series::IncidenceSeries;
use crate::series::Shocks;
use approx::assert_relative_eq;

fn world() -> Forecast {
    let series =
        IncidenceSeries::from_counts("World", [(2019, 164_300.0), (2024, 197_200.0)]).unwrap();
    RegistryTrend::default()
        .of(&series, &ForecastOptions::default())
        .unwrap()
}

/// Of few cases draws and computed quantiles differ, in per cent, as the two distributions do by quadrature
/// (`tests/data/few_cases.py`, with `NumPy`); the documentation of [`Forecast::draws`] has these numbers, rounded.
#[test]
fn draws_of_few_cases_differ_as_documented() {
    for (cases, stated) in [
        (3.0, [-18.82, 5.97, -11.93]),
        (10.0, [-6.44, 2.04, -4.77]),
        (30.0, [-2.43, 0.78, -1.92]),
        (100.0, [-0.82, 0.27, -0.67]),
    ] {
        let series = IncidenceSeries::from_counts("x", [(2019, cases), (2024, cases)]).unwrap();
        let trend = RegistryTrend::default()
            .of(&series, &ForecastOptions::default())
            .unwrap();
        let draws = trend.draws(2040, 400_000, Seed::default()).unwrap();
        let computed = trend.quantiles(2040, [0.025, 0.5, 0.975]).unwrap();
        let drawn = draws.quantiles(2040, &[0.025, 0.5, 0.975]).unwrap();
        for ((computed, drawn), stated) in computed.iter().zip(drawn).zip(stated) {
            let apart = 100.0 * (drawn / computed - 1.0);
            // Four standard errors of so many draws are half a per cent.
            assert!(
                (apart - stated).abs() < 0.5,
                "{cases}: {apart} %, not {stated}"
            );
        }
    }
}

#[test]
fn draws_have_the_quantiles_that_are_computed() {
    let trend = world();
    let draws = trend.draws(2040, 200_000, Seed::default()).unwrap();
    for year in [2024, 2030, 2040] {
        let exact = trend
            .quantiles(year, [0.025, 0.25, 0.5, 0.75, 0.975])
            .unwrap();
        let drawn = draws
            .quantiles(year, &[0.025, 0.25, 0.5, 0.75, 0.975])
            .unwrap();
        let (_, spread) = trend.log_moments(year).unwrap();
        for (exact, drawn) in exact.iter().zip(drawn) {
            // Four standard errors of the 2.5 % quantile of so many normal draws.
            assert!((exact.ln() - drawn.ln()).abs() < 0.025 * spread);
        }
    }
}

#[test]
fn a_single_figure_gives_the_mean_growth() {
    let series = IncidenceSeries::from_counts("One", [(2024, 1e6)]).unwrap();
    let model = RegistryTrend::default();
    let trend = model.of(&series, &ForecastOptions::default()).unwrap();
    let (mean, _) = trend.log_moments(2034).unwrap();
    let growth = model.parameters().mean_growth + model.site().growth;
    assert_relative_eq!(mean, 1e6f64.ln() + 10.0 * growth, max_relative = 1e-12);
}

/// Two histories of twenty years with the same line through them: the one that scatters three times
/// as much is the more volatile series, and its forecast is the wider one, by far more than the
/// last two figures alone make it.
#[test]
fn volatility_is_learned_from_a_long_history() {
    let spread = |scatter: f64, years: std::ops::Range<i32>| {
        let counts = years.map(|year| {
            let t = f64::from(year);
            let wave = scatter * (2.4 * t).sin();
            (2000 + year, (10.0 + 0.025 * t + wave).exp())
        });
        let series = IncidenceSeries::from_counts("x", counts).unwrap();
        let trend = RegistryTrend::default()
            .of(&series, &ForecastOptions::default())
            .unwrap();
        trend.log_moments(trend.last_year() + 2).unwrap().1
    };
    let long = spread(0.06, 0..20) / spread(0.005, 0..20);
    let short = spread(0.06, 18..20) / spread(0.005, 18..20);
    assert!(short > 1.0 && long > 2.0 * short, "{long} {short}");
}

/// 20,000·e^(−0.03 t) for 15 years: the model turns the decline into growth, and says so. Growth that goes on, a
/// decline of nine years and a series without a trend say nothing.
#[test]
fn a_forecast_that_turns_a_trend_says_so() {
    let cautions = |years: i32, slope: f64, scatter: f64| {
        let counts = (0..years).map(|year| {
            let t = f64::from(year);
            let wave = scatter * (2.4 * t).sin();
            (2005 + year, (20_000_f64.ln() + slope * t + wave).exp())
        });
        let series = IncidenceSeries::from_counts("x", counts).unwrap();
        let forecast = RegistryTrend::default()
            .of(&series, &ForecastOptions::default())
            .unwrap();
        let cautions = forecast.cautions();
        assert_eq!(
            cautions.is_empty(),
            !forecast.to_string().contains("Caution")
        );
        cautions
    };
    let decline = cautions(15, -0.03, 0.0);
    // e^−0.03 = 0.9704.
    assert!(
        decline.len() == 1 && decline[0].contains("-3.0 % a year"),
        "{decline:?}"
    );
    assert_eq!(cautions(15, -0.03, 0.02).len(), 1);
    assert!(cautions(15, 0.03, 0.0).is_empty());
    assert!(cautions(9, -0.03, 0.0).is_empty());
    assert!(cautions(15, -0.001, 0.1).is_empty());
    // Of people whose number grows from then on, known for five years.
    let counts = (2005..2020).map(|year| (year, 20_000.0 * (-0.03 * f64::from(year - 2005)).exp()));
    let series = IncidenceSeries::from_counts("x", counts).unwrap();
    let people =
        (2005..=2024).map(|year| (year, 1e6 * (0.06 * f64::from((year - 2019).max(0))).exp()));
    let options = ForecastOptions {
        expected: Some(crate::forecast::ExpectedByYear::new(people).unwrap()),
        ..ForecastOptions::default()
    };
    let forecast = RegistryTrend::rate().of(&series, &options).unwrap();
    assert_eq!(forecast.cautions().len(), 1);
}

#[test]
fn a_shift_of_the_calendar_changes_nothing() {
    let at = |shift: i32| {
        let counts = [
            (2001 + shift, 310.0),
            (2002 + shift, 290.0),
            (2005 + shift, 350.0),
        ];
        let series = IncidenceSeries::from_counts("x", counts).unwrap();
        let trend = RegistryTrend::default()
            .of(&series, &ForecastOptions::default())
            .unwrap();
        trend.quantiles(2015 + shift, [0.025, 0.5, 0.975]).unwrap()
    };
    assert_eq!(at(0), at(-700));
}

#[test]
fn more_error_of_the_figures_widens_the_interval() {
    let series = |error: f64| {
        IncidenceSeries::from_counts("x", [(2019, 5e4), (2024, 6e4)])
            .unwrap()
            .assuming_relative_error(error)
            .unwrap()
    };
    let spread = |error: f64, options: &ForecastOptions| {
        let trend = RegistryTrend::default()
            .of(&series(error), options)
            .unwrap();
        trend.log_moments(2030).unwrap()
    };
    let plain = ForecastOptions::default();
    assert!(spread(0.05, &plain).1 > spread(0.01, &plain).1);
    let between = ForecastOptions {
        between_source_sd: 0.1,
        ..plain.clone()
    };
    let shared = spread(0.01, &between);
    let expected = (spread(0.01, &plain).1.powi(2) + 0.01).sqrt();
    assert_relative_eq!(shared.1, expected, max_relative = 1e-9);
    let of_members = |members: f64| ForecastOptions {
        members,
        ..plain.clone()
    };
    assert!(spread(0.01, &of_members(5.0)).1 < spread(0.01, &plain).1);
    assert!(
        RegistryTrend::default()
            .of(&series(0.01), &of_members(0.5))
            .is_err()
    );
    // What sources differ by leaves the centre alone; provisional figures raise it.
    assert_eq!(shared.0, spread(0.01, &plain).0);
    let provisional = ForecastOptions {
        provisional: true,
        ..plain
    };
    assert!(spread(0.01, &provisional).0 > shared.0);
}

/// A figure in a marked year is as good as none, but for what is reported late.
#[test]
fn shocks_are_left_out_and_named() {
    let of = |counts: &[(i32, f64)], options: &ForecastOptions| {
        let series = IncidenceSeries::from_counts("x", counts.to_vec()).unwrap();
        RegistryTrend::default().of(&series, options)
    };
    let counts = [
        (2016, 510.0),
        (2017, 490.0),
        (2019, 550.0),
        (2020, 400.0),
        (2022, 580.0),
    ];
    let without: Vec<(i32, f64)> = counts.iter().copied().filter(|c| c.0 != 2020).collect();
    let marked = ForecastOptions {
        shocks: Shocks::pandemic(),
        ..ForecastOptions::default()
    };
    let trend = of(&counts, &marked).unwrap();
    assert_eq!(trend.shocks(), [2020]);
    let plain = of(&without, &ForecastOptions::default()).unwrap();
    let at = |trend: &Forecast| trend.quantiles(2030, [0.025, 0.5, 0.975]).unwrap();
    assert_eq!(at(&trend), at(&plain));
    assert_ne!(
        at(&trend),
        at(&of(&counts, &ForecastOptions::default()).unwrap())
    );
    // The forecast starts at the last figure that is left.
    let ends = of(&counts[..4], &marked).unwrap();
    assert_eq!(ends.last_year(), 2019);
    let error = of(&counts[3..4], &marked).unwrap_err().to_string();
    assert!(error.contains("every figure of x"), "{error}");
}

/// One figure gives the level: completed by the share that is reported late, which goes by the
/// calendar year of the report's end, shock or not.
#[test]
fn provisional_figures_are_completed_by_their_calendar_year() {
    let counts = [(2018, 900.0), (2020, 1000.0)];
    let late = TrendParameters::shipped().late_reporting;
    let options = ForecastOptions {
        provisional: true,
        ..ForecastOptions::default()
    };
    let marked = ForecastOptions {
        shocks: Shocks::years([2020]),
        ..options.clone()
    };
    for (counts, options, expected) in [
        (&counts[1..], options, 1000f64.ln() + late[0]),
        (&counts[..], marked, 900f64.ln() + late[2]),
    ] {
        let series = IncidenceSeries::from_counts("x", counts.to_vec()).unwrap();
        let trend = RegistryTrend::default().of(&series, &options).unwrap();
        let (mean, _) = trend.log_moments(trend.last_year()).unwrap();
        assert_relative_eq!(mean, expected, max_relative = 1e-12);
    }
}

/// A year that is marked and lies more than two before the last reported one is as it would be unmarked, and is told.
#[test]
fn provisional_years_of_long_ago_are_told() {
    let counts = (2015..2021).map(|year| (year, 1000.0));
    let series = IncidenceSeries::from_counts("x", counts).unwrap();
    let of = |years: &[i32]| {
        let series = series
            .clone()
            .with_mark(Mark::Provisional, years.iter().copied());
        let options = ForecastOptions::default();
        RegistryTrend::default()
            .of(&series.unwrap(), &options)
            .unwrap()
    };
    let (old, new) = (of(&[2016, 2017, 2018]), of(&[2018]));
    let said = "2016, 2017 are marked as provisional and taken as complete";
    assert!(
        old.cautions().len() == 1 && old.cautions()[0].starts_with(said),
        "{:?}",
        old.cautions()
    );
    assert!(new.cautions().is_empty());
    assert_eq!(
        old.log_moments(2030).unwrap(),
        new.log_moments(2030).unwrap()
    );
    let stored = serde_json::to_string(&old).unwrap();
    assert_eq!(serde_json::from_str::<Forecast>(&stored).unwrap(), old);
}

/// Weights, means and deviations are those of the moments.
#[test]
fn the_mixture_has_the_moments() {
    let forecast = world();
    let mixture = forecast.mixture(2035).unwrap();
    let (mean, deviation) = forecast.log_moments(2035).unwrap();
    let of =
        |f: &dyn Fn(f64, f64) -> f64| -> f64 { mixture.iter().map(|&(w, m, s)| w * f(m, s)).sum() };
    assert_relative_eq!(of(&|_, _| 1.0), 1.0, epsilon = 1e-7);
    assert_relative_eq!(of(&|m, _| m), mean, max_relative = 1e-14);
    assert_relative_eq!(
        of(&|m, s| s * s + (m - mean).powi(2)),
        deviation * deviation,
        max_relative = 1e-12
    );
}

/// What is left of the variance when a part of what is open of the level is known: of the expected cases of the last figure's year,
/// the square of that part. A year after the other has the moments of each year alone.
#[test]
fn a_part_of_the_level_has_its_square_of_the_variance() {
    let series =
        IncidenceSeries::from_counts("x", [(2014, 900.0), (2019, 1_300.0), (2024, 1_000.0)]);
    let people = (2014..=2040).map(|year| (year, 1e6));
    let options = ForecastOptions {
        quantity: ForecastQuantity::Expected,
        expected: Some(crate::forecast::ExpectedByYear::new(people).unwrap()),
        expected_error: 0.01,
        ..ForecastOptions::default()
    };
    let trend = RegistryTrend::rate()
        .of(&series.unwrap(), &options)
        .unwrap();
    let all = trend.variance_with(1.0, 2024).unwrap();
    assert_relative_eq!(all, trend.level().1, max_relative = 1e-12);
    for part in [0.0, 0.3, 0.7] {
        let left = trend.variance_with(part, 2024).unwrap();
        assert_relative_eq!(left, part * part * all, epsilon = 1e-12 * all);
    }
    for (year, mixture) in (2025..).zip(trend.mixtures(2040).unwrap()) {
        let (mean, deviation) = trend.log_moments(year).unwrap();
        assert_relative_eq!(mixture.mean(), mean, max_relative = 1e-14);
        assert_relative_eq!(mixture.variance(), deviation.powi(2), max_relative = 1e-12);
    }
}

#[test]
fn requests_out_of_range_are_refused() {
    let trend = world();
    assert!(trend.quantiles(2023, [0.5]).is_err());
    assert!(trend.quantiles(2225, [0.5]).is_err());
    assert!(trend.quantiles(2030, [0.0]).is_err());
    assert!(trend.mixture(2225).is_err());
    assert!(trend.draws(2030, 0, Seed::default()).is_err());
    let parameters = TrendParameters {
        persistence: 1.0,
        ..TrendParameters::shipped()
    };
    assert!(RegistryTrend::new(parameters, SiteEffect::myeloma()).is_err());
}

#[test]
fn draws_repeat_and_do_not_depend_on_their_number() {
    let trend = world();
    let few = trend.draws(2030, 100, Seed::new(3)).unwrap();
    let many = trend.draws(2030, 3000, Seed::new(3)).unwrap();
    for year in 2024..=2030 {
        let many = many.year(year).unwrap();
        assert!(
            few.year(year)
                .unwrap()
                .iter()
                .zip(many)
                .all(|(a, b)| a == b)
        );
    }
}
