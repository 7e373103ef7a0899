//! Draws: reproducible, coherent, and distributed as theory says.
#![allow(clippy::float_cmp)] // That numbers are the same is what some tests are about.

use myeloma_epi::curve::Family;
use myeloma_epi::figures::Mark;
use myeloma_epi::fit::{FitOptions, PublishedProjectionUse};
use myeloma_epi::pathway::{ShareDistribution, ThirdLine, UltimateShare};
use myeloma_epi::projection::{DampingPrior, ErrorModel};
use myeloma_epi::{
    IncidenceSeries, Observation, Outlook, OutlookOptions, Projection, ProjectionOptions,
    PublishedProjection, Seed, YearSummary, YearlyDraws, figures,
};
use ndarray::{Array2, Axis, Slice};
use statrs::distribution::{ContinuousCDF, Normal};

use super::{two_figures, with_projection, with_published};

fn world() -> IncidenceSeries {
    let series = IncidenceSeries::from_figures(figures::press_release(), "World").unwrap();
    series.assuming_relative_error(0.03).unwrap()
}

fn options(draws: usize) -> ProjectionOptions {
    ProjectionOptions {
        draws,
        fit: FitOptions {
            published_projection: PublishedProjectionUse::AsFigure,
            ..FitOptions::default()
        },
        ..ProjectionOptions::to(2040)
    }
}

fn in_pool<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
        .install(work)
}

#[test]
fn threads_do_not_change_a_draw() {
    let all = || {
        let outlook = Outlook::of(
            figures::press_release(),
            &OutlookOptions {
                draws: 5_000,
                ..OutlookOptions::myeloma()
            },
        )
        .unwrap();
        outlook
            .regions()
            .iter()
            .map(|r| (r.new_cases().clone(), r.third_line().clone()))
            .collect::<Vec<_>>()
    };
    let one = in_pool(1, all);
    for threads in [2, 3, 8] {
        assert!(in_pool(threads, all) == one, "{threads} threads");
    }
}

#[test]
fn the_first_draws_do_not_depend_on_how_many_follow() {
    let first = |draws: &YearlyDraws, n: usize| {
        draws
            .view()
            .slice_axis(Axis(1), Slice::from(..n))
            .to_owned()
    };
    for n in [1, 1000, 1024, 1025] {
        for family in [Family::Exponential, Family::Logistic, Family::Gompertz] {
            let few = Projection::of(&family, &world(), &options(n)).unwrap();
            let many = Projection::of(&family, &world(), &options(2 * n)).unwrap();
            assert_eq!(few.new_cases().view(), first(many.new_cases(), n));
        }
        for distribution in ShareDistribution::ALL {
            let share = UltimateShare::new(0.3, 0.4, distribution).unwrap();
            let (few, many) = (
                share.draws(n, Seed::new(1)).unwrap(),
                share.draws(2 * n, Seed::new(1)).unwrap(),
            );
            assert_eq!(few, many[..n]);
        }
        let pool = |draws| {
            let members = [Family::Logistic, Family::Gompertz]
                .map(|family| Projection::of(&family, &world(), &options(draws)).unwrap());
            Projection::pool(&members, Seed::new(3)).unwrap()
        };
        assert_eq!(
            pool(n).new_cases().view(),
            first(pool(2 * n).new_cases(), n)
        );
    }
}

#[test]
fn seeds_differ() {
    let with = |seed| {
        Projection::of(
            &Family::Exponential,
            &world(),
            &ProjectionOptions {
                seed: Seed::new(seed),
                ..options(10)
            },
        )
        .unwrap()
    };
    assert!(with(1) == with(1));
    assert!(with(1) != with(2));
}

/// Through two figures with independent log-normal errors the exponential curve is log-normal in
/// every year: ln y(t) = (1 − t/5)·ln y₀ + (t/5)·ln y₁, so its deviation is
/// σ·√((1 − t/5)² + (t/5)²).
#[test]
fn an_exponential_through_two_figures_is_log_normal() {
    const DRAWS: usize = 200_000;
    let options = ProjectionOptions {
        draws: DRAWS,
        ..ProjectionOptions::to(2040)
    };
    let projection = Projection::of(&Family::Exponential, &world(), &options).unwrap();
    for year in [2019, 2022, 2024, 2025, 2040] {
        let x = f64::from(year - 2019) / 5.0;
        let mean = (1.0 - x) * 164_300_f64.ln() + x * 197_200_f64.ln();
        let deviation = 0.03 * ((1.0 - x).powi(2) + x * x).sqrt();
        let normal = Normal::new(mean, deviation).unwrap();
        for p in [0.025, 0.25, 0.5, 0.75, 0.975] {
            let got = projection.new_cases().quantile(year, p).unwrap().ln();
            let expected = normal.inverse_cdf(p);
            // Standard error of a sample quantile: √(p(1 − p)/n)/density; five of them.
            let z = (expected - mean) / deviation;
            let density = (-0.5 * z * z).exp() / (deviation * (2.0 * std::f64::consts::PI).sqrt());
            let error = (p * (1.0 - p) / DRAWS as f64).sqrt() / density;
            assert!(
                (got - expected).abs() < 5.0 * error,
                "{year} {p}: {got}, {expected} ± {error}"
            );
        }
    }
    assert_eq!(projection.replaced_by_limit(), 0);
}

/// A marked first year is no year of the curve's: 1,000·1.05^t, where the count of the first year is out of line.
#[test]
fn a_marked_first_year_does_not_move_a_projection() {
    let counts = [
        (2014, 400.0),
        (2015, 1_050.0),
        (2020, 1_000.0 * 1.05_f64.powi(6)),
    ];
    let series = IncidenceSeries::from_counts("marked", counts).unwrap();
    let series = series.with_mark(Mark::Shock, [2014]).unwrap();
    let series = series.assuming_relative_error(0.0).unwrap();
    let reference = IncidenceSeries::from_counts("whole", [(2010, 5e4), (2015, 6e4), (2020, 7e4)]);
    let reference = reference.unwrap().assuming_relative_error(0.02).unwrap();
    let options = options(4_000);
    let growth = |t: i32| 1_000.0 * 1.05_f64.powi(t);
    let exponential = Projection::of(&Family::Exponential, &series, &options).unwrap();
    let gompertz = Projection::of(&Family::Gompertz, &reference, &options).unwrap();
    let shrunk = Projection::with_reference_region(
        Family::Gompertz,
        &series,
        (&gompertz, &reference),
        DampingPrior::Full,
        &options,
    );
    for projection in [exponential, shrunk.unwrap()] {
        for year in [2015, 2020] {
            let median = projection.median(year).unwrap();
            // The counting error of 1,000 is 3 %, and the median of 4,000 draws has one of 0.06 %.
            assert!(
                (median / growth(year - 2014) - 1.0).abs() < 0.004,
                "{year}: {median}"
            );
        }
    }
}

#[test]
fn exact_figures_give_one_curve() {
    let series = IncidenceSeries::from_figures(figures::press_release(), "China").unwrap();
    let projection = Projection::of(
        &Family::Exponential,
        &series,
        &ProjectionOptions {
            draws: 50,
            ..ProjectionOptions::to(2040)
        },
    )
    .unwrap();
    for p in [0.0, 0.5, 1.0] {
        let cases = projection.new_cases().quantile(2040, p).unwrap();
        assert!((cases / 47_242.587_948_262_51 - 1.0).abs() < 1e-12);
    }
}

/// The share of draws in which the perturbed points accelerate, in closed form: on the log scale
/// z₂ − z₁ over 16 years against z₁ − z₀ over 5 is one normal variable.
#[test]
fn draws_at_the_limit_are_as_many_as_accelerate() {
    const DRAWS: usize = 100_000;
    let projection = Projection::of(&Family::Gompertz, &world(), &options(DRAWS)).unwrap();
    let (z0, z1, z2) = (164_300_f64.ln(), 197_200_f64.ln(), 273_600_f64.ln());
    let mean = (z2 - z1) / 16.0 - (z1 - z0) / 5.0;
    let deviation =
        0.03 * ((1.0 / 16.0_f64).powi(2) + (1.0 / 16.0 + 1.0 / 5.0_f64).powi(2) + 0.04).sqrt();
    let p = Normal::new(0.0, 1.0).unwrap().cdf(mean / deviation);
    let error = (p * (1.0 - p) / DRAWS as f64).sqrt();
    let got = projection.replaced_by_limit() as f64 / DRAWS as f64;
    // A draw that turns (falls after it rose) is at a limit too, in fewer than one of 10¹⁰.
    assert!((got - p).abs() < 5.0 * error, "{got}, {p} ± {error}");
}

/// At its limit the curve is the log-linear trend through the perturbed points: never above the
/// capacity-free growth, never dropped, always finite.
#[test]
fn limits_are_exponential() {
    let projection = Projection::of(&Family::Gompertz, &world(), &options(20_000)).unwrap();
    let (cases, n) = (projection.new_cases(), projection.new_cases().len());
    let growth =
        |a: i32, b: i32, k: usize| (cases.year(b).unwrap()[k] / cases.year(a).unwrap()[k]).ln();
    let steady = (0..n)
        .filter(|&k| (growth(2019, 2020, k) - growth(2039, 2040, k)).abs() < 1e-9)
        .count();
    assert_eq!(steady, projection.replaced_by_limit());
}

#[test]
fn a_falling_line_ends_at_zero() {
    let series = IncidenceSeries::from_counts("X", [(2019, 100.0), (2024, 60.0)]).unwrap();
    let falling = Projection::of(
        &Family::Linear,
        &series.clone().assuming_relative_error(0.01).unwrap(),
        &options(500),
    );
    // The curve through the figures itself falls below zero by 2040: an error that says so.
    assert!(
        falling
            .unwrap_err()
            .to_string()
            .contains("linear curve of X gives -")
    );
    let series = series.assuming_relative_error(0.2).unwrap();
    let projection = Projection::of(
        &Family::Linear,
        &series,
        &ProjectionOptions {
            draws: 500,
            ..ProjectionOptions::to(2031)
        },
    )
    .unwrap();
    let zero = projection
        .new_cases()
        .year(2031)
        .unwrap()
        .iter()
        .filter(|c| **c == 0.0)
        .count();
    assert!(zero > 0 && projection.replaced_by_limit() == zero);
}

/// The distribution function of a linear pool is the mean of its members'.
#[test]
fn the_mixture_is_a_linear_pool() {
    const DRAWS: usize = 100_000;
    let members = [Family::Linear, Family::Exponential, Family::Gompertz]
        .map(|family| Projection::of(&family, &world(), &options(DRAWS)).unwrap());
    let pool = Projection::pool(&members, Seed::new(9)).unwrap();
    let below = |p: &Projection, x: f64| {
        p.new_cases()
            .year(2035)
            .unwrap()
            .iter()
            .filter(|c| **c <= x)
            .count() as f64
            / DRAWS as f64
    };
    for x in [230e3, 245e3, 250e3, 255e3, 270e3] {
        let mean = members.iter().map(|m| below(m, x)).sum::<f64>() / 3.0;
        assert!((below(&pool, x) - mean).abs() < 5.0 * (0.25 / DRAWS as f64).sqrt());
    }
    // Draw k is draw k of one member, in all years.
    for k in 0..1000 {
        let column = |p: &Projection| p.new_cases().view().column(k).to_owned();
        assert!(members.iter().any(|m| column(m) == column(&pool)));
    }
}

#[test]
fn ten_times_the_cases_ten_times_the_draws() {
    let series = two_figures("World", 164_300.0, 197_200.0, 0.03);
    let scaled = two_figures("World", 1_643_000.0, 1_972_000.0, 0.03);
    for family in [Family::Linear, Family::Exponential] {
        let options = ProjectionOptions {
            draws: 2_000,
            ..ProjectionOptions::to(2040)
        };
        let one = Projection::of(&family, &series, &options).unwrap();
        let ten = Projection::of(&family, &scaled, &options).unwrap();
        for (a, b) in one.new_cases().view().iter().zip(ten.new_cases().view()) {
            assert!((10.0 * a / b - 1.0).abs() < 1e-12);
        }
    }
}

#[test]
fn one_share_a_draw_in_all_years_and_regions() {
    let outlook = Outlook::of(
        figures::press_release(),
        &OutlookOptions {
            draws: 3_000,
            ..OutlookOptions::myeloma()
        },
    )
    .unwrap();
    let shares: Vec<Vec<f64>> = outlook
        .regions()
        .iter()
        .flat_map(|region| {
            [2025, 2040].map(|year| {
                let patients = region.third_line().year(year).unwrap().to_owned();
                (patients / region.new_cases().year(year).unwrap()).to_vec()
            })
        })
        .collect();
    for other in &shares[1..] {
        for (a, b) in shares[0].iter().zip(other) {
            assert!((a / b - 1.0).abs() < 1e-14);
        }
    }
}

/// The distribution function of the share at some points against theory: uniform; PERT with its
/// mode in the middle, whose scaled share is beta(3, 3) with distribution function
/// 10x³ − 15x⁴ + 6x⁵; and 2.5 % beyond either end for the third.
#[test]
fn shares_have_the_distribution_they_are_named_after() {
    const DRAWS: usize = 200_000;
    let check = |distribution, share_at: f64, expected: f64| {
        let share = UltimateShare::new(0.3, 0.4, distribution).unwrap();
        let draws = share.draws(DRAWS, Seed::new(5)).unwrap();
        let got = draws.iter().filter(|s| **s <= share_at).count() as f64 / DRAWS as f64;
        let error = (expected * (1.0 - expected) / DRAWS as f64).sqrt();
        assert!(
            (got - expected).abs() <= 5.0 * error,
            "{distribution:?} {share_at}: {got}, {expected}"
        );
    };
    for x in [0.0, 0.1, 0.4, 0.5, 0.9, 1.0] {
        let at = 0.3 + 0.1 * x;
        check(ShareDistribution::Uniform, at, x);
        check(
            ShareDistribution::Pert,
            at,
            10.0 * x.powi(3) - 15.0 * x.powi(4) + 6.0 * x.powi(5),
        );
    }
    check(ShareDistribution::Beta95, 0.3, 0.025);
    check(ShareDistribution::Beta95, 0.4, 0.975);
    // R 4.2.2: pbeta(0.35, 121.408442783, 226.289179171), the shapes by optim() on both tails.
    check(ShareDistribution::Beta95, 0.35, 0.517_318_337_7);
}

#[test]
fn a_share_without_range_is_that_share() {
    let incidence = YearlyDraws::new(2040, Array2::from_elem((1, 10), 1000.0)).unwrap();
    for distribution in ShareDistribution::ALL {
        let share = UltimateShare::new(0.35, 0.35, distribution).unwrap();
        let third = ThirdLine::new(&incidence, &share, Seed::new(1)).unwrap();
        assert!(
            third
                .patients()
                .view()
                .iter()
                .all(|patients| *patients == 350.0)
        );
        assert_eq!(third.product_range(2040).unwrap(), (350.0, 350.0));
    }
}

/// Where the last two figures are close, many draws turn: the curve is then taken at its limit, a
/// step, and counted. How many they are is a normal probability.
#[test]
fn draws_that_turn_go_to_the_limit_too() {
    const DRAWS: usize = 100_000;
    let figure = |year, cases, error| Observation {
        year,
        cases,
        relative_error: Some(error),
    };
    let figures = [
        figure(2015, 100.0, 0.01),
        figure(2020, 140.0, 0.02),
        figure(2024, 150.0, 0.03),
    ];
    let series = IncidenceSeries::new("X", figures).unwrap();
    let p = Normal::new(0.0, 1.0)
        .unwrap()
        .cdf((140.0_f64 / 150.0).ln() / (0.02_f64.powi(2) + 0.03_f64.powi(2)).sqrt());
    for family in [Family::Logistic, Family::Gompertz] {
        let projection = Projection::of(
            &family,
            &series,
            &ProjectionOptions {
                draws: DRAWS,
                ..ProjectionOptions::to(2040)
            },
        )
        .unwrap();
        let got = projection.replaced_by_limit() as f64 / DRAWS as f64;
        // Points that accelerate instead are rarer than one in 10⁶.
        assert!(
            (got - p).abs() < 5.0 * (p * (1.0 - p) / DRAWS as f64).sqrt(),
            "{family}: {got}, {p}"
        );
    }
}

/// Six points that grow exactly exponentially: perturbed, as many draws accelerate as slow down, and
/// those that accelerate are at the limit of the curves with a ceiling.
#[test]
fn limits_are_counted_for_identified_fits_too() {
    const DRAWS: usize = 20_000;
    let counts = (0..6).map(|i| (2010 + 2 * i, 1000.0 * 1.03_f64.powi(2 * i)));
    let series = IncidenceSeries::from_counts("X", counts)
        .unwrap()
        .assuming_relative_error(0.03)
        .unwrap();
    for family in [Family::Logistic, Family::Gompertz] {
        let projection = Projection::of(
            &family,
            &series,
            &ProjectionOptions {
                draws: DRAWS,
                ..ProjectionOptions::to(2030)
            },
        )
        .unwrap();
        let got = projection.replaced_by_limit() as f64 / DRAWS as f64;
        // Half by symmetry of the errors around a log-linear trend, to first order in their size.
        assert!((got - 0.5).abs() < 0.02, "{family}: {got}");
    }
}

/// An exact figure beside one that errs stays exact in every draw, at the limit too.
#[test]
fn exact_figures_stay_exact_at_the_limit() {
    let exact = |year, cases| Observation {
        relative_error: Some(0.0),
        ..Observation::exact(year, cases)
    };
    let series = IncidenceSeries::new("X", [exact(2010, 100.0), exact(2015, 130.0)])
        .unwrap()
        .with_published_projection(PublishedProjection {
            year: 2024,
            cases: 180.0,
            relative_error: Some(0.2),
        })
        .unwrap();
    let projection = Projection::of(&Family::Logistic, &series, &options(5_000)).unwrap();
    assert!(projection.replaced_by_limit() > 500);
    let all = projection.new_cases().year(2015).unwrap();
    assert!(all.iter().all(|cases| (cases / 130.0 - 1.0).abs() < 1e-6));
}

#[test]
fn narrow_and_wide_beta_ranges_have_their_tails() {
    for (low, high) in [
        (0.30, 0.32),
        (0.49, 0.51),
        (0.70, 0.71),
        (0.01, 0.011),
        (0.05, 0.95),
        (0.35, 0.351),
    ] {
        let share = UltimateShare::new(low, high, ShareDistribution::Beta95).unwrap();
        let draws = share.draws(50_000, Seed::new(2)).unwrap();
        for (end, p) in [(low, 0.025), (high, 0.975)] {
            let got = draws.iter().filter(|s| **s <= end).count() as f64 / 50_000.0;
            assert!(
                (got - p).abs() < 5.0 * (0.025 * 0.975 / 50_000.0_f64).sqrt(),
                "{low} {high}: {got}"
            );
        }
    }
}

/// A curve with a ceiling that was fitted without damping is the exponential curve, also where
/// counts fall, and is mixed in once.
#[test]
fn the_exponential_curve_counts_once() {
    let counts = (0..6).map(|i| {
        (
            2010 + i,
            200.0 * 0.93_f64.powi(i) * if i == 5 { 0.97 } else { 1.0 },
        )
    });
    let series = IncidenceSeries::from_counts("X", counts).unwrap();
    let outlook = Outlook::of_series(
        &[series],
        &OutlookOptions {
            to: 2016,
            draws: 200,
            ..OutlookOptions::default()
        },
    )
    .unwrap();
    let mixed: Vec<Family> = outlook.regions()[0]
        .curves()
        .iter()
        .filter(|c| c.in_pool())
        .map(myeloma_epi::CurveOutlook::family)
        .collect();
    assert_eq!(mixed, [Family::Linear, Family::Exponential]);
}

#[test]
fn draws_come_back_from_a_file_and_wrong_ones_are_refused() {
    let draws = Projection::of(&Family::Exponential, &world(), &options(1500)).unwrap();
    let draws = draws.new_cases();
    let text = serde_json::to_string(draws).unwrap();
    assert!(serde_json::from_str::<YearlyDraws>(&text).unwrap() == *draws);
    for (json, says) in [
        (r#"{"first_year":2024,"draws":[[1.0,2.0],[3.0]]}"#, "year 1"),
        (r#"{"first_year":2024,"draws":[[1.0],[-3.0]]}"#, "-3"),
        (r#"{"first_year":2024,"draws":[]}"#, "at least 1"),
        (r#"{"first_year":2024,"draws":[[]]}"#, "at least 1"),
        (r#"{"first_year":2147483647,"draws":[[1.0]]}"#, "first year"),
        (r#"{"first_year":2024,"draws":[[null]]}"#, "null"),
        (
            r#"{"first_year":2024,"draws":[[1.0]],"unit":"cases"}"#,
            "unit",
        ),
    ] {
        let error = serde_json::from_str::<YearlyDraws>(json).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }

    let summary = draws.summary();
    let text = serde_json::to_string(&summary).unwrap();
    assert_eq!(
        serde_json::from_str::<Vec<YearSummary>>(&text).unwrap(),
        summary
    );
    let wrong =
        r#"{"year":2024,"median":2.0,"lower50":3.0,"upper50":4.0,"lower95":1.0,"upper95":5.0}"#;
    let error = serde_json::from_str::<YearSummary>(wrong).unwrap_err();
    assert!(error.to_string().contains("in order"), "{error}");
}

#[test]
fn draws_print_as_a_table() {
    let draws = YearlyDraws::new(
        2023,
        ndarray::array![[900.0, 1000.0, 1100.0], [1900.0, 2000.0, 2100.0]],
    );
    let expected = "\
3 draws
year  median   50 % interval   95 % interval
2023   1,000    950 to 1,050    905 to 1,095
2024   2,000  1,950 to 2,050  1,905 to 2,095
";
    assert_eq!(draws.unwrap().to_string(), expected);
    let small = YearlyDraws::new(2024, ndarray::array![[0.25, 0.5, 0.75]]).unwrap();
    assert!(
        small
            .to_string()
            .ends_with("2024   0.500  0.375 to 0.625  0.263 to 0.738\n")
    );
    assert!(format!("{small:.1}").ends_with("2024     0.5     0.4 to 0.6     0.3 to 0.7\n"));
}

/// Each option of a projection changes its draws; those of the fit have a test of their own.
#[test]
fn every_option_of_a_projection_acts() {
    let series = with_projection(two_figures("x", 100.0, 120.0, 0.05), 150.0, 0.1);
    let base = with_published(options(200));
    let answer = |options: &ProjectionOptions| {
        let projection = Projection::of(&Family::Logistic, &series, options).unwrap();
        serde_json::to_string(&projection.new_cases().summary()).unwrap()
    };
    let unchanged = answer(&base);
    let errors = |change: &dyn Fn(&mut ErrorModel)| {
        let mut options = base.clone();
        change(&mut options.errors);
        options
    };
    for changed in [
        ProjectionOptions {
            from: Some(2010),
            ..base.clone()
        },
        ProjectionOptions {
            to: 2039,
            ..base.clone()
        },
        ProjectionOptions {
            draws: 201,
            ..base.clone()
        },
        ProjectionOptions {
            seed: Seed::new(77),
            ..base.clone()
        },
        errors(&|e| e.within_source_correlation = 0.5),
        errors(&|e| e.between_source_sd = 0.2),
        errors(&|e| e.projection_correlation = 0.5),
    ] {
        assert_ne!(answer(&changed), unchanged, "{changed:?}");
    }
}

/// A shape that no memory holds is refused before any is asked for.
#[test]
fn draws_of_one_s_own_need_years() {
    let endless = Array2::zeros((0, usize::MAX / 2));
    let error = Projection::from_draws("a", "b", 2020, endless).unwrap_err();
    assert!(error.to_string().contains("years"), "{error}");
}
