//! Trends that cannot be fitted are errors that name the value, its place and the limit.

use myeloma_epi::joinpoint::{
    AnnualPercentChange, AnnualSeries, ErrorVariance, Intervals, JoinpointOptions,
    JoinpointRegression, LogLinearTrend, Selection,
};
use myeloma_epi::{Error, IncidenceSeries, Observation, Seed};

use crate::{by_bic, up_to};

#[track_caller]
fn says<T>(result: Result<T, Error>, parts: &[&str]) {
    let Err(error) = result else {
        panic!("no error")
    };
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "\"{text}\" does not say \"{part}\"");
    }
}

fn counts(n: usize) -> AnnualSeries {
    let points = (2000..)
        .zip(1..=n)
        .map(|(year, i)| (year, 100.0 + (i * i % 7) as f64));
    AnnualSeries::from_counts("Atlantis", points).unwrap()
}

#[test]
fn series() {
    says(
        AnnualSeries::from_counts("Atlantis", []),
        &["no observations", "Atlantis"],
    );
    for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let points = [(2000, 5.0), (2001, value)];
        let series = AnnualSeries::from_counts("Atlantis", points);
        if value == 0.0 {
            assert_eq!(series.unwrap().values().last(), Some((2001, 0.0)));
        } else {
            let value = value.to_string();
            says(
                series,
                &["the value", "Atlantis 2001", &value, "not negative"],
            );
        }
        says(
            AnnualSeries::from_rates("Atlantis", [(2000, 5.0, 0.1), (2001, 5.0, value)]),
            &["the standard error", "Atlantis 2001", &value.to_string()],
        );
    }
    says(
        AnnualSeries::from_counts("Atlantis", [(2001, 5.0), (2001, 6.0)]),
        &["2001 follows year 2001", "strictly"],
    );
}

#[test]
fn trends() {
    let constant =
        |n: usize| LogLinearTrend::least_squares(&counts(n), ErrorVariance::Constant, 0.95);
    for (result, found, needed) in [
        (LogLinearTrend::poisson(&counts(1), 0.95), "is 1", "needs 2"),
        (
            LogLinearTrend::quasi_poisson(&counts(2), 0.95),
            "are 2",
            "needs 3",
        ),
        (constant(2), "are 2", "needs 3"),
    ] {
        says(result, &["too few values", found, "Atlantis", needed]);
    }
    for level in [0.0, 1.0, 95.0, f64::NAN] {
        says(
            LogLinearTrend::poisson(&counts(9), level),
            &["confidence level", &level.to_string()],
        );
    }
    let weighted = |series: &AnnualSeries| {
        LogLinearTrend::least_squares(series, ErrorVariance::KnownStandardErrors, 0.95)
    };
    says(
        weighted(&counts(9)),
        &["Atlantis 2000 has no standard error"],
    );
    // A relative error of 0 is a count taken as exact: it has no weight.
    let observations = [2000, 2001, 2002].map(|year| Observation {
        year,
        cases: 7.0,
        relative_error: Some(if year == 2001 { 0.0 } else { 0.1 }),
    });
    let exact = IncidenceSeries::new("Atlantis", observations).unwrap();
    says(
        weighted(&AnnualSeries::from(&exact)),
        &["Atlantis 2001 has no standard error"],
    );
    let rates = AnnualSeries::from_rates("Atlantis", (0..9).map(|i| (2000 + i, 5.0, 0.1))).unwrap();
    for result in [
        LogLinearTrend::poisson(&rates, 0.95),
        LogLinearTrend::quasi_poisson(&rates, 0.95),
        LogLinearTrend::least_squares(&rates, ErrorVariance::Poisson, 0.95),
    ] {
        says(result, &["series of rates", "need counts"]);
    }
    let tiny = [(2000, 1.0, 1e-200), (2001, 1.0, 0.1), (2002, 1.0, 0.1)];
    says(
        weighted(&AnnualSeries::from_rates("Atlantis", tiny).unwrap()),
        &["weight", "Atlantis 2000", "finite"],
    );
    let without = AnnualSeries::from_rates("Atlantis", [(2000, 1.0, None::<f64>)]).unwrap();
    says(weighted(&without), &["too few values"]);
}

/// A value that vanishes beside another, and one that is none: once the first was a panic.
#[test]
fn values_that_have_no_weight() {
    let with = |value: f64| {
        let counts = (2000..2012).map(|year| (year, if year == 2003 { value } else { 1e9 }));
        let series = AnnualSeries::from_counts("Atlantis", counts).unwrap();
        let options = JoinpointOptions {
            variance: ErrorVariance::Poisson,
            ..by_bic()
        };
        JoinpointRegression::fit(&series, &options)
    };
    says(with(1e-300), &["weight", "Atlantis 2003", "1e-100"]);
    says(
        with(0.0),
        &["Atlantis 2003", "no logarithm", "poisson", "0.5"],
    );
    assert!(with(1e-3).is_ok());
}

#[test]
fn joinpoints() {
    let fit = |n: usize, options: JoinpointOptions| JoinpointRegression::fit(&counts(n), &options);
    let default = JoinpointOptions::default();
    let at_least = |min_between, min_end| JoinpointOptions {
        min_between,
        min_end,
        ..default
    };
    says(fit(2, default), &["too few values", "are 2", "needs 3"]);
    says(
        fit(8, up_to(2)),
        &["are 8", "Atlantis", "up to 2 joinpoints needs 9"],
    );
    says(
        fit(50, up_to(6)),
        &["maximum number of joinpoints is 6", "from 0 to 5"],
    );
    for (between, end) in [(1, 2), (2, 0), (usize::MAX, 2), (2, usize::MAX)] {
        says(fit(20, at_least(between, end)), &["min_", "from 2"]);
    }
    says(
        fit(
            20,
            JoinpointOptions {
                grid_points_between: 1001,
                ..default
            },
        ),
        &["grid_points_between is 1001"],
    );
    says(
        fit(
            60,
            JoinpointOptions {
                grid_points_between: 9,
                ..up_to(5)
            },
        ),
        &["joinpoints among", "coarser grid"],
    );
    let certain = JoinpointOptions {
        level: 1.0,
        ..default
    };
    says(fit(20, certain), &["confidence level is 1"]);
    let permuted = |alpha, permutations| JoinpointOptions {
        selection: Selection::PermutationTest {
            alpha,
            permutations,
            seed: Seed::default(),
        },
        ..default
    };
    for alpha in [0.0, 1.0, -0.1, f64::NAN] {
        says(
            fit(20, permuted(alpha, 99)),
            &["alpha is", &alpha.to_string()],
        );
    }
    says(
        fit(20, permuted(0.05, 0)),
        &["number of permutations is 0", "from 1"],
    );
    // Too few for a joinpoint is no error unless joinpoints were asked for.
    assert_eq!(fit(5, default).unwrap().models().len(), 1);
    assert_eq!(fit(7, default).unwrap().models().len(), 2);
    assert_eq!(fit(20, at_least(2, 9)).unwrap().models().len(), 2);
}

#[test]
fn averages() {
    let fit = JoinpointRegression::fit(&counts(20), &JoinpointOptions::default()).unwrap();
    let model = fit.selected();
    for (from, to) in [(1999, 2010), (2003, 2020)] {
        says(
            model.average_annual_percent_change(from, to),
            &["Atlantis", "observed, from 2000 to 2019"],
        );
    }
    says(
        model.average_annual_percent_change(2010, 2010),
        &["is 2010", "after the first, 2010"],
    );
    says(AnnualPercentChange::average([]), &["at least one stretch"]);
    let change = AnnualPercentChange::from_slope(0.1, 0.1, None, 0.9).unwrap();
    for years in [0.0, f64::NAN, -2.0] {
        says(
            AnnualPercentChange::average([(years, change)]),
            &["length of a stretch", &years.to_string()],
        );
    }
    let of = |slope, error, d, level| AnnualPercentChange::from_slope(slope, error, Some(d), level);
    says(of(f64::NAN, 0.1, 3.0, 0.95), &["the slope is NaN"]);
    says(of(0.1, -0.1, 3.0, 0.95), &["standard error", "-0.1"]);
    for degrees_of_freedom in [0.0, 5e-324, f64::NAN, f64::INFINITY] {
        says(
            of(0.1, 0.1, degrees_of_freedom, 0.95),
            &["degrees of freedom"],
        );
    }
    for slope in [800.0, -1e300] {
        says(of(slope, 0.1, 3.0, 0.95), &["slope", "from -700 to 700"]);
    }
    says(of(0.1, 0.1, 3.0, 1.5), &["confidence level is 1.5"]);
    // Student's 97.5 % point with one degree of freedom is 12.706: 0.1 + 12.706·60 = 762.5, and e^762.5 is no number.
    says(
        of(0.1, 60.0, 1.0, 0.95),
        &["upper end of the interval of the slope", "762.47"],
    );
    assert!(of(0.1, 55.0, 1.0, 0.95).is_ok());
}

/// A trend whose values leave the range of numbers is none that could be stored; years at the end of their range print.
#[test]
fn values_out_of_all_proportion() {
    let wild = [5e-324, 1e-300, 1e300, 1.7e308, 1e-320, 3.0, 1.7e308];
    let series = AnnualSeries::from_counts("Atlantis", (2000..).zip(wild)).unwrap();
    if let Ok(regression) = JoinpointRegression::fit(&series, &up_to(1)) {
        for model in regression.models() {
            assert!(model.fitted().iter().all(|x| x.is_finite() && *x > 0.0));
        }
        let text = serde_json::to_string(&regression).unwrap();
        let again: JoinpointRegression = serde_json::from_str(&text).unwrap();
        assert_eq!(again, regression);
    }
    let early = (i32::MIN..).zip([100.0, 103.0, 101.0, 104.0, 106.0]);
    let early = AnnualSeries::from_counts("Atlantis", early).unwrap();
    let printed = JoinpointRegression::fit(&early, &up_to(0))
        .unwrap()
        .to_string();
    assert!(printed.contains("-2147483648 to -2147483644"), "{printed}");
}

/// All cases in the last year, or in the first: the likelihood grows for ever with the slope (for 0, …, 0, 1 R's glm stops at
/// 1,266,353 % a year).
#[test]
fn cases_in_one_year_at_an_end() {
    for (values, year) in [
        ([0.0, 0.0, 0.0, 5.0], "2003"),
        ([7.0, 0.0, 0.0, 0.0], "2000"),
    ] {
        let series = AnnualSeries::from_counts("Malta", (2000..).zip(values)).unwrap();
        for trend in [LogLinearTrend::poisson, LogLinearTrend::quasi_poisson] {
            says(
                trend(&series, 0.95),
                &["every case of the series of Malta", year, "combine years"],
            );
        }
    }
    let inside = AnnualSeries::from_counts("Malta", (2000..).zip([0.0, 0.0, 5.0, 0.0])).unwrap();
    assert!(LogLinearTrend::poisson(&inside, 0.95).is_ok());
}

/// An interval needs a resampled series beyond each end, and a test a p-value that can be as small as its level.
#[test]
fn levels_that_the_draws_cannot_reach() {
    let series = counts(20);
    let resampled = |resamples, level| {
        let intervals = Intervals::Resampled {
            resamples,
            seed: Seed::default(),
        };
        let options = JoinpointOptions {
            intervals,
            level,
            ..by_bic()
        };
        JoinpointRegression::fit(&series, &options)
    };
    says(
        resampled(100, 0.99),
        &[
            "the number of resampled series is 100",
            "0.99",
            "at least 200",
        ],
    );
    assert!(resampled(200, 0.99).is_ok());
    let tested = |permutations, max_joinpoints| {
        let selection = Selection::PermutationTest {
            alpha: 0.05,
            permutations,
            seed: Seed::new(1),
        };
        let options = JoinpointOptions {
            selection,
            max_joinpoints,
            ..by_bic()
        };
        JoinpointRegression::fit(&series, &options)
    };
    // The least p-value of 38 permutations is 1/39, above 0.05/2.
    says(
        tested(38, Some(2)),
        &["the number of permutations is 38", "0.05/2", "at least 39"],
    );
    assert!(tested(39, Some(2)).is_ok());
    // Without a joinpoint there is no test, and the most of one's own are those that the years suggest.
    assert!(tested(1, Some(0)).is_ok());
    let most = tested(100_000, None).unwrap().models().len() - 1;
    let least = 20 * most - 1;
    says(tested(least - 1, None), &[&format!("at least {least}")]);
    assert!(tested(least, None).is_ok());
}
