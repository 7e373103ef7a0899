//! Results come back from JSON to the bit and print their tables; wrong ones are refused.

use myeloma_epi::joinpoint::{
    AnnualPercentChange, AnnualSeries, ErrorVariance, Intervals, Joinpoint, JoinpointModel,
    JoinpointOptions, JoinpointRegression, LogLinearTrend, PermutationTest, Segment,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{classical, usa};

/// Through JSON and back; then each text is refused in which the first of a pair is replaced by the second.
#[track_caller]
fn comes_back<T>(value: &T, refused: &[(&str, &str)])
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&text).unwrap(), *value);
    for (good, bad) in refused {
        assert!(text.contains(good), "{good} is not in {text}");
        let wrong = text.replacen(good, bad, 1);
        assert!(serde_json::from_str::<T>(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn series_and_options() {
    comes_back(&usa(), &[("\"value\":", "\"value\":-"), ("1999", "2000")]);
    let rates = [(2019, 6.1, 0.1), (2021, 5.9, 0.2)];
    let rates = AnnualSeries::from_rates("Atlantis", rates).unwrap();
    comes_back(&rates, &[("\"rate\"", "\"ratio\""), ("0.2", "0.0")]);
    comes_back(&JoinpointOptions::default(), &[("\"min_end\"", "\"end\"")]);
    let given: JoinpointOptions = serde_json::from_str("{\"max_joinpoints\": 2}").unwrap();
    assert_eq!(given.max_joinpoints, Some(2));
}

#[test]
fn changes_and_trends() {
    let change = AnnualPercentChange::from_slope(0.1 / 3.0, 0.01, Some(7.0), 0.9).unwrap();
    comes_back(
        &change,
        &[("7.0", "-7.0"), ("0.9", "90.0"), ("0.01", "-0.01")],
    );
    assert_eq!(
        change.to_string(),
        "+3.39 % a year (90 % interval +1.45 to +5.37); doubles in 20.8 years"
    );
    for trend in [
        LogLinearTrend::least_squares(&usa(), ErrorVariance::Poisson, 0.95),
        LogLinearTrend::quasi_poisson(&usa(), 0.95),
    ] {
        comes_back(
            &trend.unwrap(),
            &[
                ("\"dispersion\":", "\"dispersion\":-"),
                ("\"mean_year\":", "\"mean_year\":9"),
                ("\"last_year\":2022", "\"last_year\":1999"),
                ("\"log_level_error\":", "\"log_level_error\":-"),
            ],
        );
    }
}

#[test]
fn regressions_and_their_parts() {
    let options = JoinpointOptions {
        intervals: Intervals::default(),
        ..classical(499)
    };
    let regression = JoinpointRegression::fit(&usa(), &options).unwrap();
    let model: &JoinpointModel = regression.selected();
    let (joinpoint, segment): (&Joinpoint, &Segment) =
        (&model.joinpoints()[0], &model.segments()[0]);
    let test: &PermutationTest = &regression.tests()[0];
    comes_back(joinpoint, &[("\"year\":2007.0", "\"year\":2010.0")]);
    comes_back(segment, &[("\"to\":2007.0", "\"to\":1990.0")]);
    comes_back(
        test,
        &[
            ("\"null\":0", "\"null\":3"),
            ("\"null_rss\":", "\"null_rss\":-"),
            ("\"rejected\":true", "\"rejected\":false"),
        ],
    );
    comes_back(
        model,
        &[
            ("\"to\":2007.0", "\"to\":2008.0"),
            ("\"fitted\":[", "\"fitted\":[1.0,"),
            ("\"fitted\":[", "\"fitted\":[-"),
            ("\"log_levels\":[", "\"log_levels\":[1.0,"),
            ("\"resamples\":[[[1999.0,", "\"resamples\":[[["),
            ("\"slope_variance\":", "\"slope_variance\":-"),
            ("\"p_value\":", "\"p_value\":-"),
            (
                "\"residual_sum_of_squares\":",
                "\"residual_sum_of_squares\":-",
            ),
        ],
    );
    for intervals in [
        Intervals::Parametric,
        Intervals::Clegg,
        Intervals::Conditional,
    ] {
        let options = JoinpointOptions {
            intervals,
            ..options
        };
        let regression = JoinpointRegression::fit(&usa(), &options).unwrap();
        comes_back(
            regression.selected(),
            &[("\"degrees_of_freedom\":", "\"degrees_of_freedom\":-")],
        );
        if intervals == Intervals::Conditional {
            let variances = [("\"levels\":[[", "\"levels\":[[-")];
            comes_back(regression.selected(), &variances);
        }
    }
    comes_back(
        &regression,
        &[
            ("\"selected\":2", "\"selected\":4"),
            ("\"alternative\":3", "\"alternative\":5"),
            ("\"level\":0.95", "\"level\":1.5"),
            ("\"min_end\":2", "\"min_end\":0"),
        ],
    );
}

/// The table has the numbers of the accessors.
#[test]
fn a_regression_prints_itself() {
    let regression = JoinpointRegression::fit(&usa(), &classical(499)).unwrap();
    let table = regression.to_string();
    let model = regression.selected();
    let average = model.average_annual_percent_change(2012, 2022).unwrap();
    let mut expected = vec![
        "United States, 1999 to 2022".to_owned(),
        format!("Joinpoints: {}", model.joinpoints().len()),
        format!("2012 to 2022           {average}"),
        format!("0 against 3: p = {:.4}", regression.tests()[0].p_value),
        format!("weighted BIC {:.3}", model.weighted_bic().unwrap()),
    ];
    expected.extend(model.segments().iter().map(|s| s.change.to_string()));
    for part in expected {
        assert!(table.contains(&part), "{part} is not in\n{table}");
    }
}
