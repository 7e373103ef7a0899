//! Closed forms and properties: constant and exact series, units, time reversed, threads, *p*-values.

#![allow(
    clippy::float_cmp,
    reason = "years of a grid and the zeros of a perfect fit are exact"
)]

use approx::assert_relative_eq;
use myeloma_epi::joinpoint::{
    AnnualPercentChange, AnnualSeries, ErrorVariance, Intervals, JoinpointOptions,
    JoinpointRegression, LogLinearTrend, Selection,
};
use myeloma_epi::{IncidenceSeries, Seed, figures};
use proptest::prelude::*;

use crate::{by_bic, classical, close, up_to, usa};

#[test]
fn an_average_over_segments_by_hand() {
    // -10 % for one year, +2 % for eight: e^((ln 0.9 + 8 ln 1.02)/9) - 1 = 0.5913 %, and the standard error
    // of the slope is sqrt(0.02² + (8·0.003)²)/9 = 0.0034712.
    let part = |percent: f64, error| {
        let slope = (percent / 100.0).ln_1p();
        AnnualPercentChange::from_slope(slope, error, None, 0.95).unwrap()
    };
    let parts = [(1.0, part(-10.0, 0.02)), (8.0, part(2.0, 0.003))];
    let aapc = AnnualPercentChange::average(parts).unwrap();
    assert_relative_eq!(aapc.percent(), 0.5913, epsilon = 5e-5);
    assert_relative_eq!(aapc.standard_error(), 0.003_471_2, epsilon = 5e-8);
    let ln = (0.9_f64.ln() + 8.0 * 1.02_f64.ln()) / 9.0;
    let half = 1.959_963_984_540_054 * (0.02_f64.powi(2) + 0.024_f64.powi(2)).sqrt() / 9.0;
    assert_relative_eq!(
        aapc.interval().unwrap().0,
        100.0 * (ln - half).exp_m1(),
        epsilon = 1e-11
    );
    assert_relative_eq!(
        aapc.interval().unwrap().1,
        100.0 * (ln + half).exp_m1(),
        epsilon = 1e-11
    );

    // The same years of a model and of its segments.
    let fit = JoinpointRegression::fit(&usa(), &up_to(2)).unwrap();
    let model = &fit.models()[2];
    let time_scale_factors = model.segments().iter().map(|s| (s.to - s.from, s.change));
    let by_segments = AnnualPercentChange::average(time_scale_factors).unwrap();
    let of_model = model.average_annual_percent_change(1999, 2022).unwrap();
    assert_relative_eq!(by_segments.slope(), of_model.slope(), epsilon = 1e-14);
    assert_relative_eq!(
        by_segments.standard_error(),
        of_model.standard_error(),
        epsilon = 1e-14
    );
    // ln(last/first of the line)/years, which is what an average of slopes is.
    let ratio = (model.value(2022.0) / model.value(1999.0)).ln() / 23.0;
    assert_relative_eq!(of_model.slope(), ratio, epsilon = 1e-12);
    // Within one segment it is that segment's change.
    let inner = &model.segments()[0];
    let within = model.average_annual_percent_change(1999, 2001).unwrap();
    assert_eq!(within, inner.change);
}

#[test]
fn doubling_times_are_defined() {
    let of = |slope, error| AnnualPercentChange::from_slope(slope, error, None, 0.95).unwrap();
    let doubling = of(std::f64::consts::LN_2 / 10.0, 0.0);
    assert!((doubling.doubling_time() - 10.0).abs() < 1e-12);
    assert_eq!(of(-0.1, 0.0).doubling_time(), -std::f64::consts::LN_2 / 0.1);
    assert_eq!(of(0.0, 0.0).doubling_time(), f64::INFINITY);
    assert_eq!(of(1e-320, 0.0).doubling_time(), f64::INFINITY);
    let (halves, doubles) = of(0.01, 0.02).doubling_time_interval().unwrap();
    assert!(halves < 0.0 && doubles > 0.0);
    assert_eq!(of(0.0, 0.0).p_value(), None);
    assert_eq!(of(0.1, 0.0).p_value(), None);
}

/// By `NumPy`: `lstsq` of the logarithms on the years, s² with four degrees of freedom, √(x·s²(XᵀX)⁻¹·x).
#[test]
fn a_trends_value_has_the_error_of_a_fitted_line() {
    let series = counts([100.0, 104.0, 107.0, 113.0, 114.0, 121.0]);
    let trend = LogLinearTrend::least_squares(&series, ErrorVariance::Constant, 0.95).unwrap();
    for (year, value, error) in [
        (2000.0, 100.014_212_972_817_97, 0.007_974_056_934_216_2),
        (2002.5, 109.613_563_569_074_56, 0.004_497_974_735_826),
        (2012.0, 155.279_485_345_692_88, 0.025_421_659_144_223),
    ] {
        assert_relative_eq!(trend.value(year), value, max_relative = 1e-12);
        assert_relative_eq!(trend.log_standard_error(year), error, max_relative = 1e-10);
    }
}

/// Where every resampled slope lies on one side of 0, the p-value is the least that so many of them can give:
/// 2·(0 + 1)/(199 + 1).
#[test]
fn the_least_p_value_is_that_of_the_number_of_resampled_series() {
    let scatter = [1.0, 1.01, 0.99].into_iter().cycle();
    let series = counts(
        (0..12)
            .zip(scatter)
            .map(|(i, scatter)| 1000.0 * 1.05_f64.powi(i) * scatter),
    );
    let seed = Seed::new(1);
    let options = JoinpointOptions {
        intervals: Intervals::Resampled {
            resamples: 199,
            seed,
        },
        ..up_to(0)
    };
    let regression = JoinpointRegression::fit(&series, &options).unwrap();
    let change = regression.selected().segments()[0].change;
    assert_relative_eq!(change.p_value().unwrap(), 0.01, max_relative = 1e-12);
}

fn counts(values: impl IntoIterator<Item = f64>) -> AnnualSeries {
    AnnualSeries::from_counts("Atlantis", (2000..).zip(values)).unwrap()
}

#[test]
fn a_constant_series_has_no_change() {
    let constant = counts([137.0; 20]);
    for trend in [
        LogLinearTrend::least_squares(&constant, ErrorVariance::Constant, 0.95),
        LogLinearTrend::poisson(&constant, 0.95),
        LogLinearTrend::quasi_poisson(&constant, 0.95),
    ] {
        let trend = trend.unwrap();
        let apc = trend.annual_percent_change();
        assert!(apc.percent().abs() < 1e-12, "{trend}");
        assert!(apc.p_value().is_none_or(|p| p > 0.999));
    }
    for selection in [
        classical(99).selection,
        Selection::Bic,
        Selection::WeightedBic,
    ] {
        let options = JoinpointOptions {
            selection,
            ..JoinpointOptions::default()
        };
        let fit = JoinpointRegression::fit(&constant, &options).unwrap();
        assert!(fit.selected().joinpoints().is_empty());
        let apc = &fit.selected().segments()[0].change;
        assert_eq!((apc.percent(), apc.standard_error()), (0.0, 0.0));
        assert_eq!((apc.interval(), apc.p_value()), (None, None));
        assert_eq!(fit.selected().bic(), None);
        assert_eq!(apc.doubling_time(), f64::INFINITY);
    }
}

#[test]
fn exact_joinpoints_are_found_with_no_residual() {
    // +4 % to 2008, then -1 %.
    let exact = counts((0..20).map(|t| {
        let t = f64::from(t);
        1000.0 * 1.04_f64.powf(t.min(8.0)) * 0.99_f64.powf((t - 8.0).max(0.0))
    }));
    for selection in [
        classical(4499).selection,
        Selection::Bic3,
        Selection::WeightedBic,
    ] {
        let options = JoinpointOptions {
            selection,
            ..JoinpointOptions::default()
        };
        let fit = JoinpointRegression::fit(&exact, &options).unwrap();
        let model = fit.selected();
        assert_eq!(model.joinpoints().len(), 1);
        assert_eq!(model.residual_sum_of_squares(), 0.0);
        assert_eq!(model.joinpoints()[0].year, 2008.0);
        assert_eq!(model.joinpoints()[0].interval, (2008.0, 2008.0));
        for (segment, percent) in model.segments().iter().zip([4.0, -1.0]) {
            assert_relative_eq!(segment.change.percent(), percent, epsilon = 1e-10);
            assert_eq!(segment.change.standard_error(), 0.0);
        }
    }
}

/// Shifted years and scaled counts leave changes, joinpoints and p-values as they are; time reversed turns every
/// change into its inverse.
#[test]
fn a_trend_does_not_care_for_units_and_turns_with_time() {
    let observed: Vec<(i32, f64)> =
        IncidenceSeries::from_figures(figures::registered(), "United States")
            .unwrap()
            .observations()
            .iter()
            .map(|o| (o.year, o.cases))
            .collect();
    let of = |points: Vec<(i32, f64)>| {
        let series = AnnualSeries::from_counts("X", points).unwrap();
        JoinpointRegression::fit(&series, &classical(499)).unwrap()
    };
    let plain = of(observed.clone());
    for (shift, scale) in [(-2019, 1.0), (1_000_000, 1.0), (0, 1000.0)] {
        let moved = observed
            .iter()
            .map(|(y, c)| (y + shift, scale * c))
            .collect();
        let moved = of(moved);
        for (test, other) in plain.tests().iter().zip(moved.tests()) {
            close("p", other.p_value, test.p_value, 1e-12);
        }
        for (model, other) in plain.models().iter().zip(moved.models()) {
            for (segment, changed) in model.segments().iter().zip(other.segments()) {
                for (at, was) in [(changed.from, segment.from), (changed.to, segment.to)] {
                    assert!((at - was - f64::from(shift)).abs() < 1e-6, "{at}, {was}");
                }
                close(
                    "change",
                    changed.change.percent(),
                    segment.change.percent(),
                    1e-9,
                );
            }
        }
    }
    let last = observed[observed.len() - 1].0;
    let turned = observed.iter().rev().map(|(y, c)| (last - y, *c)).collect();
    let turned = of(turned);
    for (model, other) in plain.models().iter().zip(turned.models()) {
        for (segment, back) in model.segments().iter().zip(other.segments().iter().rev()) {
            for (at, was) in [(back.from, segment.to), (back.to, segment.from)] {
                assert!((at + was - f64::from(last)).abs() < 1e-6, "{at}, {was}");
            }
            let product =
                (1.0 + segment.change.percent() / 100.0) * (1.0 + back.change.percent() / 100.0);
            close("there and back", product, 1.0, 1e-9);
        }
    }
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let p_values = |threads: usize, permutations: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let options = JoinpointOptions {
            selection: Selection::PermutationTest {
                alpha: 0.05,
                permutations,
                seed: Seed::new(11),
            },
            intervals: Intervals::Resampled {
                resamples: 301,
                seed: Seed::new(3),
            },
            ..JoinpointOptions::default()
        };
        let germany = IncidenceSeries::from_figures(figures::registered(), "Germany").unwrap();
        pool.install(|| JoinpointRegression::fit(&AnnualSeries::from(&germany), &options).unwrap())
    };
    let one = p_values(1, 1001);
    assert!(!one.tests().is_empty());
    for threads in [2, 5] {
        assert_eq!(one, p_values(threads, 1001));
    }
    let again = p_values(2, 1001);
    assert_eq!(one, again);
}

/// An observed ratio that none of 99 permutations reaches has p = 1/100: the observed order is one of a hundred, and
/// p is never 0 (Phipson & Smyth 2010, doi:10.2202/1544-6115.1585).
#[test]
fn the_observed_order_counts_among_the_permutations() {
    let series = counts((0..20).map(|t| {
        let t = f64::from(t);
        1000.0
            * 1.1_f64.powf(t.min(9.0))
            * 0.9_f64.powf((t - 9.0).max(0.0))
            * (1.0 + 0.001 * (7.0 * t).sin())
    }));
    let fit = JoinpointRegression::fit(&series, &classical(99)).unwrap();
    close("p", fit.tests()[0].p_value, 0.01, 1e-15);
    for test in fit.tests() {
        let of_a_hundred = 100.0 * test.p_value;
        close("p", of_a_hundred, of_a_hundred.round(), 1e-12);
        assert!(of_a_hundred >= 1.0);
    }
}

#[test]
fn p_values_are_uniform_where_there_is_no_joinpoint() {
    // Normal residuals around a straight line, from a linear congruential generator.
    let mut state = 12_345_u64;
    let mut uniform = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    };
    let mut p = Vec::new();
    for run in 0..400 {
        let series = counts((0..12).map(|t| {
            let normal = (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos();
            (5.0 + 0.02 * f64::from(t) + 0.05 * normal).exp()
        }));
        let options = JoinpointOptions {
            max_joinpoints: Some(1),
            selection: Selection::PermutationTest {
                alpha: 0.05,
                permutations: 199,
                seed: Seed::new(run),
            },
            ..by_bic()
        };
        let fit = JoinpointRegression::fit(&series, &options).unwrap();
        p.push(fit.tests()[0].p_value);
    }
    p.sort_by(f64::total_cmp);
    // Kolmogorov's distance; 1.63/√400 is its 99 % quantile.
    let distance = p
        .iter()
        .enumerate()
        .map(|(i, p)| (p - (i as f64 + 0.5) / 400.0).abs())
        .fold(0.0, f64::max);
    assert!(distance < 0.0815, "{distance}");
}

#[test]
fn the_united_states() {
    let fit = JoinpointRegression::fit(&usa(), &JoinpointOptions::default()).unwrap();
    let model = fit.selected();
    assert!(!model.joinpoints().is_empty());
    // Registered counts grew by nearly 4 % a year in the 2000s and hardly at all at the end.
    let last = model.segments().last().unwrap();
    assert!(last.change.percent() < model.segments()[0].change.percent());
    assert!(last.from >= 2013.0, "{}", last.from);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn scale_and_shift_change_no_trend(
        noise in prop::collection::vec(-0.1_f64..0.1, 20),
        scale in 1e-3_f64..1e6,
        shift in -3000_i32..3000,
    ) {
        let values: Vec<f64> = noise.iter().enumerate()
            .map(|(t, e)| (4.0 + 0.03 * t as f64 + e).exp()).collect();
        let at = |shift: i32, scale: f64| {
            let points = values.iter().zip(2000 + shift..).map(|(v, year)| (year, scale * v));
            let series = AnnualSeries::from_counts("X", points).unwrap();
            JoinpointRegression::fit(&series, &by_bic()).unwrap()
        };
        let (one, other) = (at(0, 1.0), at(shift, scale));
        for (a, b) in one.models().iter().zip(other.models()) {
            prop_assert!((a.residual_sum_of_squares() / b.residual_sum_of_squares() - 1.0).abs() < 1e-9);
            for (a, b) in a.joinpoints().iter().zip(b.joinpoints()) {
                prop_assert_eq!(a.year + f64::from(shift), b.year);
                prop_assert_eq!(a.interval.0 + f64::from(shift), b.interval.0);
            }
            for (a, b) in a.segments().iter().zip(b.segments()) {
                prop_assert!((a.change.slope() - b.change.slope()).abs() < 1e-10);
                prop_assert!((a.change.standard_error() - b.change.standard_error()).abs() < 1e-10);
            }
        }
    }

    #[test]
    fn more_joinpoints_fit_no_worse(noise in prop::collection::vec(-0.3_f64..0.3, 20..40)) {
        let series = counts(noise.iter().map(|e| (4.0 + e).exp()));
        let fit = JoinpointRegression::fit(&series, &up_to(3)).unwrap();
        for pair in fit.models().windows(2) {
            let (fewer, more) = (pair[0].residual_sum_of_squares(), pair[1].residual_sum_of_squares());
            prop_assert!(more <= fewer * (1.0 + 1e-12));
        }
        // A finer grid has the years among its places.
        let finer = JoinpointOptions {
            grid_points_between: 1,
            ..up_to(2)
        };
        let finer = JoinpointRegression::fit(&series, &finer).unwrap();
        for (coarse, fine) in fit.models().iter().zip(finer.models()) {
            prop_assert!(
                fine.residual_sum_of_squares() <= coarse.residual_sum_of_squares() * (1.0 + 1e-12)
            );
        }
    }

    #[test]
    fn intervals_hold_their_estimates(noise in prop::collection::vec(0.1_f64..9.0, 9..30)) {
        let fit = JoinpointRegression::fit(&counts(noise), &by_bic()).unwrap();
        for model in fit.models() {
            for joinpoint in model.joinpoints() {
                prop_assert!(joinpoint.interval.0 <= joinpoint.year && joinpoint.year <= joinpoint.interval.1);
            }
            for segment in model.segments() {
                let (lower, upper) = segment.change.interval().unwrap();
                prop_assert!(lower <= segment.change.percent() && segment.change.percent() <= upper);
                prop_assert!(lower > -100.0 - 1e-9 && !upper.is_nan());
                prop_assert!((0.0..=1.0).contains(&segment.change.p_value().unwrap()));
            }
        }
    }
}

/// Each option of a regression changes its models, the one that is chosen, its tests or its changes.
#[test]
fn every_option_acts() {
    let answer = |options: &JoinpointOptions| {
        let fit = JoinpointRegression::fit(&usa(), options).unwrap();
        let mut value = serde_json::to_value(&fit).unwrap();
        value.as_object_mut().unwrap().remove("options");
        value
    };
    let by_tests = |alpha, permutations, seed| Selection::PermutationTest {
        alpha,
        permutations,
        seed: Seed::new(seed),
    };
    let resampled = |resamples, seed| Intervals::Resampled {
        resamples,
        seed: Seed::new(seed),
    };
    let of = |selection, intervals| JoinpointOptions {
        selection,
        intervals,
        ..up_to(2)
    };
    let (tested, drawn) = (
        of(by_tests(0.05, 99, 5), Intervals::Clegg),
        of(Selection::Bic, resampled(100, 5)),
    );
    for (changed, unchanged) in [
        (
            JoinpointOptions {
                variance: ErrorVariance::Poisson,
                ..up_to(2)
            },
            up_to(2),
        ),
        (up_to(1), up_to(2)),
        (
            JoinpointOptions {
                min_between: 9,
                ..up_to(2)
            },
            up_to(2),
        ),
        (
            JoinpointOptions {
                min_end: 7,
                ..up_to(2)
            },
            up_to(2),
        ),
        (
            JoinpointOptions {
                grid_points_between: 3,
                ..up_to(2)
            },
            up_to(2),
        ),
        (
            JoinpointOptions {
                level: 0.9,
                ..up_to(2)
            },
            up_to(2),
        ),
        (of(Selection::Bic, Intervals::Conditional), up_to(2)),
        (tested, up_to(2)),
        (of(by_tests(0.05, 199, 5), Intervals::Clegg), tested),
        (of(by_tests(0.05, 99, 6), Intervals::Clegg), tested),
        (drawn, up_to(2)),
        (of(Selection::Bic, resampled(200, 5)), drawn),
        (of(Selection::Bic, resampled(100, 6)), drawn),
    ] {
        assert!(answer(&changed) != answer(&unchanged), "{changed:?}");
    }
}

/// Each test of a sequence has the overall level over the tests that can still follow (Kim et al. 2000): of three joinpoints at
/// most, a third of it until none is rejected, then a half, then all of it.
#[test]
fn tests_of_a_sequence_share_the_level() {
    let options = JoinpointOptions {
        max_joinpoints: Some(3),
        ..classical(99)
    };
    let regression = JoinpointRegression::fit(&usa(), &options).unwrap();
    assert!(regression.tests().len() >= 3);
    for test in regression.tests() {
        let left = 3 - i32::try_from(test.null).unwrap();
        close("level", test.alpha, 0.05 / f64::from(left), 1e-14);
    }
}

/// Known errors of 2 %: the slope of a straight line through 21 years has the standard error 0.02/√770, and the line resampled the
/// interval of it. The quantiles of 10,000 series err by about 3 % of it.
#[test]
fn resampled_series_have_the_errors_that_are_known() {
    let values = (0..21).map(|i| {
        let value = 100.0 * (0.03 * f64::from(i) + 0.01 * f64::from(i % 3 - 1)).exp();
        (2000 + i, value, 0.02 * value)
    });
    let series = AnnualSeries::from_rates("Atlantis", values).unwrap();
    let options = JoinpointOptions {
        variance: ErrorVariance::KnownStandardErrors,
        intervals: Intervals::Resampled {
            resamples: 10_000,
            seed: Seed::new(3),
        },
        ..up_to(0)
    };
    let regression = JoinpointRegression::fit(&series, &options).unwrap();
    let (lower, upper) = regression.selected().segments()[0]
        .change
        .interval()
        .unwrap();
    let width = (1.0 + upper / 100.0).ln() - (1.0 + lower / 100.0).ln();
    close(
        "width",
        width,
        2.0 * 1.959_964 * 0.02 / 770_f64.sqrt(),
        0.05,
    );
}
