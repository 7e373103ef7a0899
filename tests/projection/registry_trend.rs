//! The registry trend of counts and of the rate against a filter and a mixture in numpy.

use std::collections::BTreeMap;

use approx::assert_relative_eq;
use myeloma_epi::forecast::{
    ExpectedByYear, Forecast, ForecastOptions, ForecastQuantity, RegistryTrend, SiteEffect,
    TrendErrors, TrendParameters, TrendScale,
};
use myeloma_epi::{IncidenceSeries, Observation, Seed, Shocks};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    parameters: TrendParameters,
    site: SiteEffect,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    errors: TrendErrors,
    expected: Option<BTreeMap<i32, f64>>,
    expected_error: f64,
    members: f64,
    relative_error: f64,
    counts: Vec<(i32, f64)>,
    year: i32,
    log_likelihood: f64,
    quantiles: [f64; 3],
}

/// The cases of `tests/data/trend_mixture.py`, with every expected case multiplied by a number.
fn cases(scale: f64) -> Vec<(Case, Forecast)> {
    let text = include_str!("../data/trend_mixture.json");
    let Reference {
        parameters,
        site,
        cases,
    } = serde_json::from_str(text).unwrap();
    let forecast = |case: &Case| {
        let (of, elasticity) = match case.expected {
            Some(_) => (TrendScale::Rate, parameters.elasticity),
            None => (TrendScale::Counts, 1.0),
        };
        let parameters = TrendParameters {
            errors: case.errors,
            scale: of,
            elasticity,
            ..parameters
        };
        let expected = case.expected.clone().map(|expected| {
            ExpectedByYear::new(
                expected
                    .into_iter()
                    .map(|(year, cases)| (year, scale * cases)),
            )
        });
        let options = ForecastOptions {
            members: case.members,
            expected: expected.transpose().unwrap(),
            expected_error: case.expected_error,
            ..ForecastOptions::default()
        };
        let figure = |&(year, cases): &(i32, f64)| Observation {
            year,
            cases,
            relative_error: (case.relative_error > 0.0).then_some(case.relative_error),
        };
        let series = IncidenceSeries::new("x", case.counts.iter().map(figure)).unwrap();
        let trend = RegistryTrend::new(parameters, site).unwrap();
        trend.of(&series, &options).unwrap()
    };
    cases
        .into_iter()
        .map(|case| {
            let forecast = forecast(&case);
            (case, forecast)
        })
        .collect()
}

const PROBABILITIES: [f64; 3] = [0.025, 0.5, 0.975];

/// With and without expected cases, members, errors of parameters and of the population, and with holes in the years.
/// What the library drops of the mixture weighs 2e-7 at most; the scale of expected cases does not matter.
#[test]
fn the_mixture_is_that_of_numpy() {
    for scale in [1.0, 3e-4] {
        let cases = cases(scale);
        assert_eq!(cases.len(), 7);
        for (case, forecast) in cases {
            let own = forecast.log_likelihood();
            assert_relative_eq!(
                own,
                case.log_likelihood,
                max_relative = 1e-9,
                epsilon = 1e-12
            );
            let own = forecast.quantiles(case.year, PROBABILITIES).unwrap();
            for (own, numpy) in own.iter().zip(case.quantiles) {
                assert_relative_eq!(*own, numpy, max_relative = 2e-6);
            }
        }
    }
}

/// Paths have the quantiles that are computed, errors of population included: four standard errors of a quantile of
/// 100,000 draws. The scatter of a count follows the level of its own path, which the mixture takes at its mean: below a
/// hundred cases they differ.
#[test]
fn paths_of_a_rate_have_its_quantiles() {
    let large = |case: &Case| case.counts.iter().all(|&(_, cases)| cases > 100.0);
    for (case, forecast) in cases(1.0).into_iter().filter(|(case, _)| large(case)) {
        let draws = forecast.draws(case.year, 100_000, Seed::default()).unwrap();
        let drawn = draws.quantiles(case.year, &PROBABILITIES).unwrap();
        let (_, spread) = forecast.log_moments(case.year).unwrap();
        for (drawn, numpy) in drawn.iter().zip(case.quantiles) {
            assert!(
                (drawn / numpy).ln().abs() < 0.034 * spread,
                "{drawn} {numpy}"
            );
        }
    }
}

/// Of one figure the rate goes on with its mean growth, and the counts with that and the growth of expected cases:
/// ln(cases) + 10·(γ + g) + κ·ln(D(2034)/D(2024)).
#[test]
fn cases_are_rate_times_expected() {
    let expected = (2024..=2034).map(|year| (year, 7.0 * 1.03_f64.powi(year - 2024)));
    let options = ForecastOptions {
        expected: Some(ExpectedByYear::new(expected).unwrap()),
        ..ForecastOptions::default()
    };
    let series = IncidenceSeries::from_counts("One", [(2024, 1e6)]).unwrap();
    let trend = RegistryTrend::rate();
    let forecast = trend.of(&series, &options).unwrap();
    let growth = trend.parameters().mean_growth + trend.site().growth;
    let (mean, _) = forecast.log_moments(2034).unwrap();
    let due = 1e6_f64.ln() + 10.0 * (growth + trend.parameters().elasticity * 1.03_f64.ln());
    assert_relative_eq!(mean, due, max_relative = 1e-12);
    assert!(forecast.to_string().contains("registry trend of the rate"));
}

#[test]
fn expected_cases_and_parameters_have_to_match() {
    let years = |years: std::ops::RangeInclusive<i32>| {
        let expected = ExpectedByYear::new(years.map(|year| (year, 1.0))).unwrap();
        ForecastOptions {
            expected: Some(expected),
            ..ForecastOptions::default()
        }
    };
    let series = IncidenceSeries::from_counts("x", [(2015, 400.0), (2020, 450.0)]).unwrap();
    let of = |trend: RegistryTrend, options: &ForecastOptions| trend.of(&series, options);
    let refused = |trend: RegistryTrend, options: ForecastOptions, said: &str| {
        let error = of(trend, &options).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    };
    let (counts, rate) = (RegistryTrend::default(), RegistryTrend::rate());
    refused(rate, ForecastOptions::default(), "needs expected cases");
    refused(counts, years(2015..=2030), "cannot use expected cases");
    refused(rate, years(2016..=2030), "expected cases of 2015");
    refused(rate, years(2015..=2019), "expected cases of 2020");
    let error = |expected_error| ForecastOptions {
        expected_error,
        ..years(2015..=2030)
    };
    refused(rate, error(0.2), "error of expected cases");
    refused(rate, error(f64::NAN), "error of expected cases");
    let alone = ForecastOptions {
        expected_error: 0.01,
        ..ForecastOptions::default()
    };
    refused(counts, alone, "no expected cases are given");

    let forecast = of(rate, &years(2015..=2030)).unwrap();
    assert!(forecast.quantiles(2030, [0.5]).is_ok());
    for error in [
        forecast.quantiles(2031, [0.5]).map(|_| ()).unwrap_err(),
        forecast
            .draws(2033, 10, Seed::default())
            .map(|_| ())
            .unwrap_err(),
    ] {
        assert!(
            error.to_string().contains("expected cases of 2031"),
            "{error}"
        );
    }
}

/// Each option of a forecast changes its quantiles.
#[test]
fn every_option_of_a_forecast_acts() {
    let counts = [
        (2015, 400.0),
        (2017, 430.0),
        (2019, 470.0),
        (2021, 480.0),
        (2023, 530.0),
    ];
    let series = IncidenceSeries::from_counts("x", counts).unwrap();
    let expected = |growth: f64| (2015..=2040).map(move |year| (year, growth.powi(year - 2015)));
    let base = ForecastOptions {
        expected: Some(ExpectedByYear::new(expected(1.02)).unwrap()),
        ..ForecastOptions::default()
    };
    let answer = |options: &ForecastOptions| {
        let forecast = RegistryTrend::rate().of(&series, options).unwrap();
        forecast.quantiles(2035, PROBABILITIES).unwrap()
    };
    let unchanged = answer(&base);
    let changed = |change: &dyn Fn(&mut ForecastOptions)| {
        let mut options = base.clone();
        change(&mut options);
        answer(&options)
    };
    for other in [
        changed(&|o| o.quantity = ForecastQuantity::Expected),
        changed(&|o| o.provisional = true),
        changed(&|o| o.shocks = Shocks::years([2021])),
        changed(&|o| o.between_source_sd = 0.1),
        changed(&|o| o.members = 4.0),
        changed(&|o| o.expected = Some(ExpectedByYear::new(expected(1.03)).unwrap())),
        changed(&|o| o.expected_error = 0.01),
    ] {
        let mut pairs = other.iter().zip(unchanged);
        assert!(pairs.any(|(a, b)| (a / b - 1.0).abs() > 1e-6), "{other:?}");
    }
}
