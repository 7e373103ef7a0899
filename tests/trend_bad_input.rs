//! Trends that cannot be fitted are errors that name the value, its place and the limit.

use myeloma_epi::joinpoint::{
    AnnualPercentChange, JoinpointOptions, JoinpointRegression, LogLinearTrend, LogVariance,
    Quantity, Reference, Selection, TrendModel, TrendPoint, TrendSeries,
};
use myeloma_epi::{Error, IncidenceSeries, Observation, Seed};

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

fn counts(n: usize) -> TrendSeries {
    let points = (2000..)
        .zip(1..=n)
        .map(|(year, i)| (year, 100.0 + (i * i % 7) as f64));
    TrendSeries::from_counts("Atlantis", points).unwrap()
}

#[test]
fn series() {
    says(
        TrendSeries::from_counts("Atlantis", []),
        &["no observations", "Atlantis"],
    );
    for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let points = [(2000, 5.0), (2001, value)];
        says(
            TrendSeries::from_counts("Atlantis", points),
            &["the value", "Atlantis 2001", &value.to_string(), "above 0"],
        );
        says(
            TrendSeries::from_rates("Atlantis", [(2000, 5.0, 0.1), (2001, 5.0, value)]),
            &["the standard error", "Atlantis 2001", &value.to_string()],
        );
    }
    says(
        TrendSeries::from_counts("Atlantis", [(2001, 5.0), (2001, 6.0)]),
        &["2001 follows year 2001", "strictly"],
    );
}

#[test]
fn trends() {
    for (n, model) in [
        (1, TrendModel::Poisson),
        (2, TrendModel::QuasiPoisson),
        (2, TrendModel::default()),
    ] {
        says(
            LogLinearTrend::fit(&counts(n), model, 0.95),
            &["number of observations", &n.to_string(), "Atlantis"],
        );
    }
    for level in [0.0, 1.0, 95.0, f64::NAN] {
        says(
            LogLinearTrend::fit(&counts(9), TrendModel::Poisson, level),
            &["confidence level", &level.to_string()],
        );
    }
    let weighted = TrendModel::LogLinear(LogVariance::KnownStandardErrors);
    says(
        LogLinearTrend::fit(&counts(9), weighted, 0.95),
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
        LogLinearTrend::fit(&TrendSeries::from(&exact), weighted, 0.95),
        &["Atlantis 2001 has no standard error"],
    );
    let rates = TrendSeries::from_rates("Atlantis", (0..9).map(|i| (2000 + i, 5.0, 0.1))).unwrap();
    for model in [
        TrendModel::Poisson,
        TrendModel::QuasiPoisson,
        TrendModel::LogLinear(LogVariance::Counts),
    ] {
        says(
            LogLinearTrend::fit(&rates, model, 0.95),
            &["series of rates", "need counts"],
        );
    }
    let tiny = [1e-200, 0.1, 0.1]
        .into_iter()
        .zip(2000..)
        .map(|(e, year)| TrendPoint {
            year,
            value: 1.0,
            standard_error: Some(e),
        });
    says(
        LogLinearTrend::fit(
            &TrendSeries::new("Atlantis", Quantity::Rate, tiny).unwrap(),
            weighted,
            0.95,
        ),
        &["weight", "Atlantis 2000", "finite"],
    );
}

#[test]
fn joinpoints() {
    let fit = |n: usize, options: JoinpointOptions| JoinpointRegression::fit(&counts(n), &options);
    let default = JoinpointOptions::default();
    says(
        fit(2, default),
        &["number of observations is 2", "at least 3"],
    );
    says(
        fit(8, default.with_max_joinpoints(2)),
        &[
            "number of observations is 8",
            "Atlantis",
            "at least 9 for up to 2 joinpoints",
        ],
    );
    says(
        fit(50, default.with_max_joinpoints(6)),
        &["maximum number of joinpoints is 6", "from 0 to 5"],
    );
    for (between, end) in [(1, 2), (2, 0), (usize::MAX, 2), (2, usize::MAX)] {
        says(
            fit(20, default.with_min_observations(between, end)),
            &["min_", "from 2"],
        );
    }
    says(
        fit(20, default.with_grid_points_between(1001)),
        &["grid_points_between is 1001"],
    );
    says(
        fit(
            60,
            default.with_max_joinpoints(5).with_grid_points_between(9),
        ),
        &["joinpoints among", "coarser grid"],
    );
    says(fit(20, default.with_level(1.0)), &["confidence level is 1"]);
    let permuted = |alpha, permutations| {
        default.with_selection(Selection::PermutationTest {
            alpha,
            permutations,
            seed: Seed::default(),
        })
    };
    for alpha in [0.0, 1.0, -0.1, f64::NAN] {
        says(
            fit(20, permuted(alpha, 99)),
            &["alpha is", &alpha.to_string()],
        );
    }
    says(
        fit(20, permuted(0.05, 0)),
        &["number of permutations is 0", "at least 1"],
    );
    // Too few for a joinpoint is no error unless joinpoints were asked for.
    assert_eq!(fit(5, default).unwrap().models().len(), 1);
    assert_eq!(fit(7, default).unwrap().models().len(), 2);
    assert_eq!(
        fit(20, default.with_min_observations(2, 9))
            .unwrap()
            .models()
            .len(),
        2
    );
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
    let change = AnnualPercentChange::from_slope(0.1, 0.1, Reference::Normal, 0.9).unwrap();
    for years in [0.0, f64::NAN, -2.0] {
        says(
            AnnualPercentChange::average([(years, change)]),
            &["length of a stretch", &years.to_string()],
        );
    }
    let of = |slope, error, d, level| {
        let reference = Reference::StudentT {
            degrees_of_freedom: d,
        };
        AnnualPercentChange::from_slope(slope, error, reference, level)
    };
    says(of(f64::NAN, 0.1, 3.0, 0.95), &["the slope is NaN"]);
    says(of(0.1, -0.1, 3.0, 0.95), &["standard error", "-0.1"]);
    says(of(0.1, 0.1, 0.0, 0.95), &["degrees of freedom is 0"]);
    says(of(0.1, 0.1, 3.0, 1.5), &["confidence level is 1.5"]);
}
