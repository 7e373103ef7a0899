//! Counts that are few or none, and values that are no counts, under Poisson models.

#![allow(clippy::float_cmp, reason = "numbers rounded as R prints them")]

use approx::assert_relative_eq;
use myeloma_epi::curve::Family;
use myeloma_epi::figures::{self, Figure, Figures, Mark, Status};
use myeloma_epi::fit::{Caution, FitOptions, Likelihood, fit};
use myeloma_epi::joinpoint::{
    AnnualSeries, ErrorVariance, JoinpointOptions, JoinpointRegression, LogLinearTrend,
};
use myeloma_epi::report::Digits;
use myeloma_epi::{IncidenceSeries, Result};

use crate::by_bic;

fn series(values: &[f64]) -> AnnualSeries {
    AnnualSeries::from_counts("Atlantis", (2010..).zip(values.iter().copied())).unwrap()
}

/// R 4.2: `confint.default(glm(y ~ year, family = poisson))` and quasipoisson with the t quantile.
#[test]
fn zeros_are_counts() {
    let zeros = series(&[0.0, 2.0, 1.0, 0.0, 3.0, 2.0, 4.0, 3.0, 6.0, 5.0]);
    let rounded = |x: f64| (1e3 * x).round() / 1e3;
    for (trend, (lower, upper)) in [
        (LogLinearTrend::poisson(&zeros, 0.95), (9.033, 48.061)),
        (LogLinearTrend::quasi_poisson(&zeros, 0.95), (9.708, 47.150)),
    ] {
        let trend = trend.unwrap();
        let change = trend.annual_percent_change();
        let (got_lower, got_upper) = change.interval().unwrap();
        let got = [change.percent(), got_lower, got_upper].map(rounded);
        assert_eq!(got, [27.057, lower, upper]);
        assert!(trend.cautions().is_empty(), "{trend}");
    }
    let quasi = LogLinearTrend::quasi_poisson(&zeros, 0.95).unwrap();
    assert!((quasi.dispersion() - 0.665).abs() < 5e-4);
    // Cases in one year at the end have no finite slope, and none at all have none.
    for values in [[0.0; 5], [0.0, 0.0, 0.0, 0.0, 5.0]] {
        assert!(LogLinearTrend::poisson(&series(&values), 0.95).is_err());
    }
    // In the middle year alone the slope is 0.
    let middle = LogLinearTrend::poisson(&series(&[0.0, 0.0, 5.0, 0.0, 0.0]), 0.95).unwrap();
    assert!(middle.annual_percent_change().percent().abs() < 1e-9);
}

#[test]
fn what_is_no_poisson_count_raises_a_caution() {
    let poisson = |values: &[f64]| LogLinearTrend::poisson(&series(values), 0.95).unwrap();
    let says = |trend: &LogLinearTrend, part: &str| {
        assert!(trend.cautions().iter().any(|c| c.contains(part)), "{trend}");
        assert!(trend.to_string().contains(part));
    };
    // Rates per 100,000 read as counts: not whole, and far too smooth.
    let rates = [
        59.5, 61.4, 61.1, 61.9, 62.4, 63.7, 64.2, 62.9, 63.8, 64.9, 66.2, 64.2,
    ];
    let trend = poisson(&rates);
    says(&trend, "59.5 in 2010 is not a whole number");
    says(&trend, "scatter 0.01 times as much");
    // In whole numbers the scatter alone tells.
    let trend = poisson(&rates.map(f64::round));
    assert_eq!(trend.cautions().len(), 1);
    says(&trend, "are they rates");
    // More scatter than Poisson counts have; quasi-Poisson allows for it.
    let wild = [100.0, 180.0, 90.0, 210.0, 70.0, 190.0, 120.0, 250.0];
    says(&poisson(&wild), "quasi_poisson allows for it");
    let quasi = LogLinearTrend::quasi_poisson(&series(&wild), 0.95).unwrap();
    assert!(quasi.cautions().is_empty());
    // Counts that scatter as Poisson counts do.
    assert!(
        poisson(&[101.0, 92.0, 118.0, 104.0, 95.0, 110.0, 88.0, 107.0])
            .cautions()
            .is_empty()
    );
}

/// A trend of a series with marked years is that of the series without them, in every model, and says so; 2020 alone
/// once turned the trend of the United States.
#[test]
fn marked_years_are_left_out_and_named() {
    let usa = IncidenceSeries::from_figures(figures::registered(), "United States").unwrap();
    let counts = usa.observations().iter().map(|o| (o.year, o.cases));
    let to_2019 = counts.filter(|(year, _)| *year <= 2019);
    let to_2019 = AnnualSeries::from_counts("United States", to_2019).unwrap();
    let marked = AnnualSeries::from(&usa);
    assert_eq!(marked.values().count(), 24);
    let trends = |series: &AnnualSeries| {
        [
            LogLinearTrend::quasi_poisson(series, 0.95).unwrap(),
            LogLinearTrend::least_squares(series, ErrorVariance::Poisson, 0.95).unwrap(),
        ]
    };
    let line = "left out: 2020 (shock), 2021 (provisional), 2022 (provisional)";
    for (trend, plain) in trends(&marked).iter().zip(&trends(&to_2019)) {
        assert_eq!(trend.annual_percent_change(), plain.annual_percent_change());
        assert_eq!(trend.to_string(), format!("{plain}\n{line}"));
        assert!(plain.left_out().is_empty());
    }
    let fit = |series| JoinpointRegression::fit(series, &by_bic()).unwrap();
    let (regression, plain) = (fit(&marked), fit(&to_2019));
    assert_eq!(regression.selected(), plain.selected());
    assert!(regression.to_string().contains(line) && !plain.to_string().contains("left out"));
    let last = regression.selected().segments().last().unwrap();
    assert!((last.to - 2019.0).abs() < 1e-9 && last.change.percent() > 0.0);
    // Whoever wants all years takes the marks away; with every year marked there is nothing to fit.
    assert!(marked.clone().without_marks().left_out().is_empty());
    let all = usa.with_mark(Mark::Shock, 1999..=2022).unwrap();
    let error = LogLinearTrend::poisson(&AnnualSeries::from(&all), 0.95).unwrap_err();
    let said =
        "too few values in the series of United States, left out: 1999 (shock), 2000 (shock)";
    assert!(error.to_string().starts_with(said), "{error}");
}

/// Neither NaN nor a year past the range of numbers becomes the largest number.
#[test]
fn values_of_a_trend_are_not_cut() {
    let trend = LogLinearTrend::poisson(&series(&[10.0, 20.0, 40.0]), 0.95).unwrap();
    assert!(trend.value(f64::NAN).is_nan());
    assert!(trend.value(1e6).is_infinite() && trend.value(-1e6) == 0.0);
    assert!((trend.value(2013.0) / 80.0 - 1.0).abs() < 1e-9);
}

/// What cannot be used is told: standard errors of some years only, and values without scatter, which have no interval.
#[test]
fn unused_errors_and_values_without_scatter_are_told() {
    let rates = |error: [Option<f64>; 5]| {
        let values = [10.0, 10.3, 10.5, 10.9, 11.0];
        let rates = (2010..).zip(values).zip(error);
        let rates = rates.map(|((year, rate), error)| (year, rate, error));
        AnnualSeries::from_rates("Atlantis", rates).unwrap()
    };
    let told = |series: &AnnualSeries, variance| {
        let trend = LogLinearTrend::least_squares(series, variance, 0.95).unwrap();
        trend.cautions().join("; ")
    };
    let some = rates([Some(0.1), None, Some(0.1), Some(0.2), None]);
    let caution = told(&some, ErrorVariance::Constant);
    assert!(
        caution.contains("2 of 5 values") && caution.contains("first in 2011"),
        "{caution}"
    );
    for (series, variance) in [
        (rates([Some(0.1); 5]), ErrorVariance::StandardErrors),
        (rates([Some(0.1); 5]), ErrorVariance::Constant),
        (rates([None; 5]), ErrorVariance::Constant),
    ] {
        assert_eq!(told(&series, variance), "");
    }
    // 100·2^t to the last bit: the residuals are 0, and nothing says how sure the trend is.
    let doubling = series(&[100.0, 200.0, 400.0, 800.0, 1_600.0]);
    for trend in [
        LogLinearTrend::least_squares(&doubling, ErrorVariance::Constant, 0.95).unwrap(),
        LogLinearTrend::quasi_poisson(&doubling, 0.95).unwrap(),
    ] {
        let change = trend.annual_percent_change();
        assert!((change.percent() - 100.0).abs() < 1e-9);
        assert_eq!((change.interval(), change.p_value()), (None, None));
        assert_eq!(change.doubling_time_interval(), None);
        let text = trend.to_string();
        assert!(text.contains("+100.00 % a year (no interval)"), "{text}");
        assert!(text.contains("without scatter there is no error"), "{text}");
    }
    for options in [by_bic(), JoinpointOptions::default()] {
        let regression = JoinpointRegression::fit(&doubling, &options).unwrap();
        let text = regression.to_string();
        assert!(text.contains("(no interval)"), "{text}");
        assert!(text.contains("without scatter there is no error"), "{text}");
        let csv = regression.to_csv(Digits::Six);
        assert_eq!(csv.lines().nth(1), Some("2010,2014,100,,"));
    }
    // Counted people have an error all the same: exp(ln 2 ± 1.96/√(Σ mean·(t − t̄)²)) - 1, the means being the counts.
    let poisson = LogLinearTrend::poisson(&doubling, 0.95).unwrap();
    let (lower, upper) = poisson.annual_percent_change().interval().unwrap();
    assert!((lower - 93.6).abs() < 0.05 && (upper - 106.6).abs() < 0.05);
    // A rate of 0 has no Poisson trend as a way out, a count has.
    let zero = AnnualSeries::from_rates(
        "Atlantis",
        [
            (2010, 1.0, None::<f64>),
            (2011, 0.0, None),
            (2012, 1.0, None),
        ],
    );
    let error = LogLinearTrend::least_squares(&zero.unwrap(), ErrorVariance::Constant, 0.95);
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("2011 is 0") && !error.contains("quasi_poisson"),
        "{error}"
    );
}

/// Counts of 12, 13 … 19 scatter 0.002 times as much about the straight line of their logarithms as counted people do (`NumPy`):
/// what they scatter is no error of a trend. Rates may be smooth, and an error that is stated is not taken from the scatter.
#[test]
fn counts_smoother_than_counts_are_told_in_trends_of_logarithms() {
    let values = (12..20).map(f64::from);
    let counts = series(&values.clone().collect::<Vec<_>>());
    let rates = (2010..).zip(values).map(|(year, rate)| (year, rate, 1.0));
    let rates = AnnualSeries::from_rates("Atlantis", rates).unwrap();
    let told = |text: String| text.contains("times as much as counted people do");
    for (series, smooth) in [(&counts, true), (&rates, false)] {
        let trend = LogLinearTrend::least_squares(series, ErrorVariance::Constant, 0.95).unwrap();
        assert_eq!(told(trend.to_string()), smooth, "{trend}");
        let regression = JoinpointRegression::fit(series, &JoinpointOptions::default()).unwrap();
        assert_eq!(told(regression.to_string()), smooth, "{regression}");
        assert_eq!(regression.cautions().len(), usize::from(smooth));
    }
    let trend = LogLinearTrend::least_squares(&counts, ErrorVariance::Constant, 0.95).unwrap();
    assert!(trend.to_string().contains("scatter 0.00 times"), "{trend}");
    // Counts that scatter as people do.
    let poisson = series(&[101.0, 92.0, 118.0, 104.0, 95.0, 110.0, 88.0, 107.0]);
    let regression = JoinpointRegression::fit(&poisson, &JoinpointOptions::default()).unwrap();
    assert!(regression.cautions().is_empty(), "{regression}");
}

/// Counts of a registry that state an error of 2 % have Poisson's beside it: weighted least squares of the logarithms with
/// variances of 0.02² + 1/n (`NumPy`, normal quantiles).
#[test]
fn stated_errors_of_counts_come_on_top_of_the_counting_error() {
    let counts = [20.0, 26.0, 19.0, 30.0, 28.0, 35.0, 27.0, 41.0];
    let counts = (2010..).zip(counts);
    let by_assumption = IncidenceSeries::from_counts("A", counts.clone().collect::<Vec<_>>())
        .unwrap()
        .assuming_relative_error(0.02)
        .unwrap();
    let figures = counts.map(|(year, cases)| {
        let figure = Figure::new("A", year, cases, Status::Registered).unwrap();
        figure.with_relative_error(0.02).unwrap()
    });
    let figures: Figures = figures.collect();
    let stated = IncidenceSeries::from_figures(&figures, "A").unwrap();
    for series in [by_assumption, stated] {
        let series = AnnualSeries::from(&series);
        let trend =
            LogLinearTrend::least_squares(&series, ErrorVariance::KnownStandardErrors, 0.95)
                .unwrap();
        let change = trend.annual_percent_change();
        let (lower, upper) = change.interval().unwrap();
        assert!((change.percent() - 8.79).abs() < 0.01, "{trend}");
        assert!(
            (lower - 2.70).abs() < 0.01 && (upper - 15.24).abs() < 0.01,
            "{trend}"
        );
    }
}

/// Rates that scatter about their trend 11.0 times as far as their standard errors say: the root of the weighted residual sum of
/// squares over 6 (`NumPy`).
#[test]
fn standard_errors_that_the_scatter_contradicts_are_told() {
    let rates = [5.0, 5.6, 4.7, 5.9, 5.1, 6.2, 5.0, 6.1];
    let with = |error: f64| {
        let rates = (2010..).zip(rates).map(|(year, rate)| (year, rate, error));
        let series = AnnualSeries::from_rates("Atlantis", rates).unwrap();
        let known = ErrorVariance::KnownStandardErrors;
        LogLinearTrend::least_squares(&series, known, 0.95)
            .unwrap()
            .to_string()
    };
    assert!(
        with(0.05)
            .contains("scatter 11.0 times as far about the trend as their standard errors say")
    );
    assert!(!with(0.5).contains("standard errors say"));
}

/// Registered counts that state no error beside their counting error (a standard error of the root of n) are weighted by it, as with
/// any greater one: weighted least squares of the logarithms with weights n has the slope 0.098121190 with the standard error
/// 0.0083869141, and scatters 116.015 times as much (`NumPy`).
#[test]
fn a_stated_counting_error_is_one() {
    let counts = [400.0, 30.0, 25.0, 500.0, 520.0, 610.0, 35.0, 700.0];
    let figures = (2010..).zip(counts).map(|(year, cases)| {
        let figure = Figure::new("A", year, cases, Status::Registered).unwrap();
        figure.with_relative_error(0.0).unwrap()
    });
    let figures: Figures = figures.collect();
    let series = IncidenceSeries::from_figures(&figures, "A").unwrap();
    let annual = AnnualSeries::from(&series);
    let known = ErrorVariance::KnownStandardErrors;
    let trend = LogLinearTrend::least_squares(&annual, known, 0.95).unwrap();
    let change = trend.annual_percent_change();
    assert_relative_eq!(change.slope(), 0.098_121_190, max_relative = 1e-7);
    assert_relative_eq!(change.standard_error(), 0.008_386_914, max_relative = 1e-7);

    let fitted = fit(Family::Exponential, &series, &FitOptions::default()).unwrap();
    let rate = fitted.parameter("rate").unwrap();
    assert_relative_eq!(rate.estimate.unwrap(), 0.098_121_190, max_relative = 1e-7);
    let error = rate.standard_error.unwrap();
    assert_relative_eq!(error, 0.008_386_914, max_relative = 1e-7);
    let scatter = fitted
        .cautions()
        .into_iter()
        .find_map(|caution| match caution {
            Caution::Overdispersed(scatter) => Some(scatter),
            _ => None,
        });
    assert_relative_eq!(scatter.unwrap(), 116.015_087, max_relative = 1e-7);
    // Poisson's likelihood has that error, and no other.
    let is_told = |relative_error: f64| {
        let figures = figures
            .iter()
            .map(|f| f.clone().with_relative_error(relative_error));
        let figures: Figures = figures.collect::<Result<_>>().unwrap();
        let series = IncidenceSeries::from_figures(&figures, "A").unwrap();
        let options = FitOptions {
            likelihood: Likelihood::Poisson,
            ..FitOptions::default()
        };
        let fitted = fit(Family::Exponential, &series, &options).unwrap();
        fitted.cautions().contains(&Caution::StatedErrorsNotUsed)
    };
    assert!(is_told(0.1) && !is_told(0.0));
}
