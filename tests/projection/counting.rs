//! Counting errors, the scatter of plain counts, and projections that have no error to show.

use approx::assert_relative_eq;
use myeloma_epi::curve::Family;
use myeloma_epi::figures::{Figure, Figures, Status};
use myeloma_epi::fit::{Caution, Holding, PublishedProjectionUse};
use myeloma_epi::projection::{CurveDraws, ErrorModel};
use myeloma_epi::{
    IncidenceSeries, Observation, Projection, ProjectionOptions, PublishedProjection, Result,
    YearlyTally,
};

use super::{DRAWS, FOUR_STANDARD_ERRORS, log_variance, options};

fn series(status: Status, counts: &[(i32, f64)], stated: Option<f64>) -> Result<IncidenceSeries> {
    let figures = counts.iter().map(|&(year, cases)| {
        let figure = Figure::new("Malta", year, cases, status)?;
        stated.map_or(Ok(figure.clone()), |e| figure.with_relative_error(e))
    });
    IncidenceSeries::from_figures(&figures.collect::<Result<Figures>>()?, "Malta")
}

fn exponential(series: &IncidenceSeries) -> Result<Projection> {
    Projection::of(
        &Family::Exponential,
        series,
        &options(ErrorModel::default()),
    )
}

/// One year after the second of two figures five years apart, ln y = −0.2·ln a + 1.2·ln b. A count of n has
/// a variance of 1/n beside the square of its other error; an estimate that states its error has that alone.
#[test]
fn a_count_carries_poissons_error() -> Result<()> {
    const COUNTS: [(i32, f64); 2] = [(2014, 12.0), (2019, 18.0)];
    let poisson = 0.04 / 12.0 + 1.44 / 18.0;
    let other = 1.48 * 0.03 * 0.03;
    let plain = || IncidenceSeries::from_counts("Malta", COUNTS);
    let registered = |stated| series(Status::Registered, &COUNTS, stated);
    let estimate = |stated| series(Status::Estimate, &COUNTS, stated);
    for (series, expected) in [
        (plain()?, poisson),
        (plain()?.assuming_relative_error(0.03)?, poisson + other),
        (registered(None)?, poisson),
        (registered(Some(0.03))?, poisson + other),
        (
            registered(None)?.assuming_relative_error(0.03)?,
            poisson + other,
        ),
        // Three per cent are an assumption for large numbers, and stated otherwise.
        (
            estimate(None)?.assuming_relative_error(0.03)?,
            poisson + other,
        ),
        (estimate(Some(0.03))?, other),
    ] {
        let text = serde_json::to_string(&series).unwrap();
        assert_eq!(
            serde_json::from_str::<IncidenceSeries>(&text).unwrap(),
            series
        );
        let projection = exponential(&series)?;
        assert_relative_eq!(
            log_variance(projection.new_cases(), 2020),
            expected,
            max_relative = FOUR_STANDARD_ERRORS
        );
    }
    // The exact interval of the mean behind 18 alone is 10.7 to 28.4 (Garwood 1936); a year on it is wider.
    let (lower, upper) = exponential(&registered(None)?)?.interval(2020, 0.95)?;
    assert!(
        (upper / lower).ln() > (28.4_f64 / 10.7).ln() && upper > 28.4,
        "{lower} {upper}"
    );
    Ok(())
}

const TEN: [f64; 10] = [
    1005.0, 1126.0, 1012.0, 1190.0, 1133.0, 1272.0, 1190.0, 1340.0, 1268.0, 1409.0,
];

/// The scatter of figures without an error is that about the curve: the interval is Student's of a regression of the
/// logarithms (`NumPy` and `SciPy`: `tests/data/log_linear_interval.py`).
#[test]
fn figures_without_an_error_show_their_scatter() -> Result<()> {
    let counts: Vec<(i32, f64)> = (2000..).zip(TEN).collect();
    let estimates = series(Status::Estimate, &counts, None)?;
    let projection = exponential(&estimates)?;
    for (year, lower, upper) in [
        (2010, 1_306.062_859, 1_547.790_042),
        (2015, 1_442.465_316, 1_943.071_907),
    ] {
        let found = projection.interval(year, 0.95)?;
        assert_relative_eq!(found.0, lower, max_relative = 0.004);
        assert_relative_eq!(found.1, upper, max_relative = 0.004);
    }
    // These counts scatter more than Poisson's law says. Counts that scatter less have Poisson's error still.
    let plain = IncidenceSeries::from_counts("Malta", counts)?;
    let scattered = log_variance(exponential(&plain)?.new_cases(), 2015);
    let smooth: Vec<(i32, f64)> = (0..10)
        .map(|i| (2000 + i, 100.0 * 1.03_f64.powi(i)))
        .collect();
    let smooth = exponential(&IncidenceSeries::from_counts("Malta", smooth)?)?;
    // Of a regression with ten points a year apart, seven years past the middle: σ²(1/10 + 10.5²/82.5).
    let (low, high) = (1.0 / 130.5, 1.0 / 100.0);
    let reach = 0.1 + 10.5_f64.powi(2) / 82.5;
    let found = log_variance(smooth.new_cases(), 2015);
    assert!(low * reach < found && found < high * reach, "{found}");
    assert!(scattered > reach / 1190.0, "{scattered}");
    Ok(())
}

/// What has no error has no interval, in draws and tallies alike; its median stands.
#[test]
fn without_an_error_there_is_no_interval() -> Result<()> {
    for exact in [
        series(Status::Estimate, &[(2014, 12.0), (2019, 18.0)], None)?,
        series(Status::Registered, &[(2014, 12.0), (2019, 18.0)], None)?,
    ] {
        let projection = exponential(&exact)?;
        let is_counted = exact.figures()[0].status() == Status::Registered;
        assert_eq!(projection.interval(2020, 0.95).is_ok(), is_counted);
        assert_eq!(
            projection.new_cases().interval(2020, 0.5).is_ok(),
            is_counted
        );
        let to = ProjectionOptions::to(2040);
        let tally = YearlyTally::of(&CurveDraws::new(&Family::Exponential, &exact, &to)?, DRAWS)?;
        assert_eq!(tally.interval(2020, 0.95).is_ok(), is_counted);
        if !is_counted {
            let error = projection.interval(2020, 0.95).unwrap_err().to_string();
            assert!(error.contains("no interval"), "{error}");
            let expected = 18.0 * 1.5_f64.powf(0.2);
            assert_relative_eq!(projection.median(2020)?, expected, max_relative = 1e-12);
            assert!(projection.to_string().contains("no interval"));
        }
    }
    Ok(())
}

/// One degree of freedom makes Cauchy's distribution of the scatter, and draws of growth without bound.
#[test]
fn a_scatter_of_one_degree_of_freedom_is_no_error_to_draw_from() {
    let counts =
        IncidenceSeries::from_counts("A", [(2010, 5.0), (2012, 9.0), (2015, 7.0)]).unwrap();
    let error =
        Projection::of(&Family::Exponential, &counts, &ProjectionOptions::to(2040)).unwrap_err();
    let says = "scatter has 1 degree of freedom, and of the figures as drawn by it some exceed every number";
    assert!(error.to_string().contains(says), "{error}");
}

/// What a source errs by may be the same in all its years; whom chance strikes is not. In 2040 ln y = −4.2·ln a + 5.2·ln b:
/// var = Σ w²·(e² + 1/n) − 2·4.2·5.2·ρ·e².
#[test]
fn counting_errors_of_two_years_are_independent() -> Result<()> {
    let counts = [(2014, 120.0), (2019, 180.0)];
    let series = series(Status::Registered, &counts, Some(0.1))?;
    for within_source_correlation in [0.0, 0.5, 1.0] {
        let errors = ErrorModel {
            within_source_correlation,
            ..ErrorModel::default()
        };
        let projection = Projection::of(&Family::Exponential, &series, &options(errors))?;
        let [first, last] = [4.2_f64, 5.2];
        let own = first * first * (0.01 + 1.0 / 120.0) + last * last * (0.01 + 1.0 / 180.0);
        assert_relative_eq!(
            log_variance(projection.new_cases(), 2040),
            own - 2.0 * first * last * within_source_correlation * 0.01,
            max_relative = FOUR_STANDARD_ERRORS
        );
    }
    Ok(())
}

/// The variance of a figure is divided by its weight, in a projection as in a fit: estimates of 5,000 7,900 5,300 5,650 5,700 with a weight
/// of a hundredth for 7,900 are weighted least squares of the logarithms (`NumPy`, Student's t): 5,586.66 to 8,933.27 in 2020.
#[test]
fn weights_are_those_of_the_fit() -> Result<()> {
    let counts = [5000.0, 7900.0, 5300.0, 5650.0, 5700.0];
    let counts: Vec<(i32, f64)> = (2010..).zip(counts).collect();
    let series = series(Status::Estimate, &counts, None)?;
    let mut options = ProjectionOptions {
        draws: DRAWS,
        ..ProjectionOptions::to(2030)
    };
    options.fit.weights = vec![1.0, 0.01, 1.0, 1.0, 1.0];
    let projection = Projection::of(&Family::Exponential, &series, &options)?;
    let (lower, upper) = projection.interval(2020, 0.95)?;
    assert_relative_eq!(lower, 5586.66, max_relative = 0.02);
    assert_relative_eq!(upper, 8933.27, max_relative = 0.02);

    // Of stated errors, too: 10 % with a weight of 4 are 5 %.
    let stated = |errors: [f64; 2]| {
        let figures = [(2010, 1000.0, errors[0]), (2020, 1500.0, errors[1])];
        let figures = figures.map(|(year, cases, error)| {
            Figure::new("A", year, cases, Status::Estimate)?.with_relative_error(error)
        });
        let figures: Figures = figures
            .into_iter()
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .collect();
        IncidenceSeries::from_figures(&figures, "A")
    };
    options.fit.weights = vec![1.0, 4.0];
    let weighted = Projection::of(&Family::Exponential, &stated([0.1, 0.1])?, &options)?;
    options.fit.weights = Vec::new();
    let halved = Projection::of(&Family::Exponential, &stated([0.1, 0.05])?, &options)?;
    assert_relative_eq!(
        weighted.median(2030)?,
        halved.median(2030)?,
        max_relative = 1e-9
    );
    assert_eq!(weighted.interval(2020, 0.95)?, halved.interval(2020, 0.95)?);
    Ok(())
}

/// Three figures have one degree of freedom: of so many draws of its error one is beyond any number, and the message says
/// what to do, whatever the curve.
#[test]
fn draws_that_cannot_be_fitted_say_why() {
    let series = IncidenceSeries::from_counts("A", [(2012, 400.0), (2015, 600.0), (2018, 700.0)]);
    let series = series.unwrap();
    let options = ProjectionOptions {
        draws: 20_000,
        ..ProjectionOptions::to(2030)
    };
    for family in [Family::Exponential, Family::Linear] {
        let error = Projection::of(&family, &series, &options)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("State an error of the figures"),
            "{family:?}: {error}"
        );
    }
}

/// Figures of which a published projection is one, and none states an error, have one scatter about the curve: the interval is
/// that of the fit, Student's of a regression of nine logarithms (`NumPy`, `SciPy`: `tests/data/scatter_of_the_others.py`). One error among them is that of its figure
/// alone; where figures scatter by more than they state, the projection says so.
#[test]
fn the_scatter_is_that_of_figures_without_an_error() -> Result<()> {
    const COUNTS: [f64; 8] = [
        10_000.0, 13_000.0, 9_500.0, 12_500.0, 11_000.0, 14_500.0, 10_800.0, 13_900.0,
    ];
    let of = |errors: [Option<f64>; 8], projection: Option<Option<f64>>| {
        let observations = (2010..).zip(COUNTS).zip(errors);
        let observations = observations.map(|((year, cases), relative_error)| Observation {
            year,
            cases,
            relative_error,
        });
        let series = IncidenceSeries::new("x", observations.collect::<Vec<_>>())?;
        let mut options = options(ErrorModel::default());
        let series = match projection {
            None => series,
            Some(relative_error) => {
                options.fit.published_projection = PublishedProjectionUse::AsFigure;
                series.with_published_projection(PublishedProjection {
                    year: 2030,
                    cases: 16_000.0,
                    relative_error,
                })?
            }
        };
        Projection::of(&Family::Exponential, &series, &options)
    };
    let near = |projection: &Projection, year, lower, upper, tolerance| {
        let found = projection.interval(year, 0.95)?;
        assert_relative_eq!(found.0, lower, max_relative = tolerance);
        assert_relative_eq!(found.1, upper, max_relative = tolerance);
        Result::Ok(())
    };
    let none = [None; 8];
    let with_projection = of(none, Some(None))?;
    near(&with_projection, 2017, 11_237.373, 14_132.144, 0.01)?;
    near(&with_projection, 2030, 12_063.036, 22_298.256, 0.01)?;
    assert!(with_projection.cautions().is_empty());

    // Of 2011 alone the error is known, 0.1 %, and the curve goes through it.
    let mut one = none;
    one[1] = Some(0.001);
    let one_stated = of(one, None)?;
    near(&one_stated, 2017, 9_257.606, 17_416.778, 0.01)?;
    near(&one_stated, 2030, 4_494.595, 33_278.593, 0.03)?;
    assert!(matches!(one_stated.cautions(), [Caution::Overdispersed(_)]));
    assert!(one_stated.to_string().contains("caution: overdispersed"));
    let stored = serde_json::to_string(&one_stated).unwrap();
    assert_eq!(
        serde_json::from_str::<Projection>(&stored).unwrap(),
        one_stated
    );

    // A registered count of 100 among nine estimates that go up and down by 1 % has its counting error, 10 %, and not their scatter: in
    // 2015 ordinary least squares give the last year the weight 1/10 + 4.5·10.5/82.5, and all together 1/10 + 10.5²/82.5.
    let figures = (2000..2010).zip([101.0, 99.0].into_iter().cycle());
    let figures = figures.map(|(year, cases)| {
        let is_last = year == 2009;
        let status = if is_last {
            Status::Registered
        } else {
            Status::Estimate
        };
        Figure::new("x", year, cases, status)
    });
    let figures = figures.collect::<Result<Figures>>()?;
    let one_counted = exponential(&IncidenceSeries::from_figures(&figures, "x")?)?;
    let weight = 0.1 + 4.5 * 10.5 / 82.5;
    let others = 0.1 + 10.5 * 10.5 / 82.5 - weight * weight;
    assert_relative_eq!(
        log_variance(one_counted.new_cases(), 2015),
        weight * weight / 99.0 + others * 1e-4 * 8.0 / 6.0,
        max_relative = 0.04
    );

    // A projection that states 10 % leaves the counts their scatter of 15 %.
    let stated = of(none, Some(Some(0.1)))?;
    near(&stated, 2017, 10_676.443, 16_433.506, 0.01)?;
    near(&stated, 2030, 8_098.639, 46_013.594, 0.03)
}

/// A draw of figures that fall has no curve that rises to a held capacity, or has its midpoint in a held year: it is a constant.
/// Quantiles of refits by `SciPy` (`tests/data/below_a_capacity.py`).
#[test]
fn below_a_held_capacity_draws_stay_at_the_figures() -> Result<()> {
    let counts: Vec<(i32, f64)> = (2010..)
        .zip([
            10_000.0, 13_000.0, 9_500.0, 12_500.0, 11_000.0, 14_500.0, 10_800.0, 13_900.0,
        ])
        .collect();
    let estimates = series(Status::Estimate, &counts, None)?;
    let options = ProjectionOptions {
        draws: 6_000,
        ..options(ErrorModel::default())
    };
    for (family, parameter, value, expected) in [
        (
            Family::Logistic,
            "capacity",
            30_000.0,
            [
                [10_140.0, 11_588.0, 13_103.0],
                [10_961.0, 13_029.0, 16_333.0],
                [11_078.0, 17_905.0, 26_479.0],
            ],
        ),
        (
            Family::Logistic,
            "midpoint",
            2022.0,
            [
                [10_129.0, 11_584.0, 13_092.0],
                [10_954.0, 13_035.0, 16_491.0],
                [11_072.0, 17_884.0, 32_045.0],
            ],
        ),
        (
            Family::Gompertz,
            "capacity",
            30_000.0,
            [
                [10_195.0, 11_609.0, 13_127.0],
                [10_953.0, 13_006.0, 16_214.0],
                [11_071.0, 17_363.0, 24_848.0],
            ],
        ),
        (
            Family::Gompertz,
            "inflection",
            2022.0,
            [
                [10_149.0, 11_590.0, 13_104.0],
                [10_954.0, 13_021.0, 16_414.0],
                [11_071.0, 17_779.0, 30_835.0],
            ],
        ),
    ] {
        let curve = Holding::new(family, parameter, value, 2010)?;
        let projection = Projection::of(&curve, &estimates, &options)?;
        for (year, [lower, median, upper]) in [2013, 2017, 2030].into_iter().zip(expected) {
            let (from, to) = projection.interval(year, 0.95)?;
            // Both are of some thousand draws.
            let tolerance = if year == 2030 { 0.05 } else { 0.02 };
            assert_relative_eq!(from, lower, max_relative = tolerance);
            assert_relative_eq!(projection.median(year)?, median, max_relative = tolerance);
            assert_relative_eq!(to, upper, max_relative = tolerance);
        }
    }
    Ok(())
}

/// A weight near 0 makes an error that no draw survives, and the message says whose.
#[test]
fn a_weight_that_leaves_a_figure_no_say_is_named() {
    let counts = (2010..).zip([5000.0, 7900.0, 5300.0, 5650.0, 5700.0]);
    let series = series(Status::Estimate, &counts.collect::<Vec<_>>(), None).unwrap();
    let mut options = options(ErrorModel::default());
    options.fit.weights = vec![1.0, 1e-9, 1.0, 1.0, 1.0];
    let error = Projection::of(&Family::Exponential, &series, &options)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("the figure of Malta in 2011 has the weight 0.000000001"),
        "{error}"
    );
    assert!(error.contains("Mark the year"), "{error}");
}
