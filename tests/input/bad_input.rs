//! Every kind of bad input is an error that names the value, its place and the limit.

use myeloma_epi::curve::Family;
use myeloma_epi::figures::{Figure, Figures, Status};
use myeloma_epi::fit::{FitOptions, PublishedProjectionUse, fit};
use myeloma_epi::forecast::{ForecastOptions, RegistryTrend};
use myeloma_epi::pathway::{ShareDistribution, UltimateShare};
use myeloma_epi::{
    Error, ErrorKind, IncidenceSeries, Observation, Outlook, OutlookOptions, Projection,
    ProjectionOptions, PublishedProjection, Seed, figures,
};

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

fn world() -> IncidenceSeries {
    IncidenceSeries::from_figures(figures::press_release(), "World").unwrap()
}

fn series(counts: &[(i32, f64)]) -> Result<IncidenceSeries, Error> {
    IncidenceSeries::from_counts("Atlantis", counts.iter().copied())
}

#[test]
fn observations() {
    says(series(&[]), &["no observations", "Atlantis"]);
    says(
        series(&[(2019, 1.0), (2019, 2.0)]),
        &["2019 follows year 2019", "Atlantis", "strictly"],
    );
    says(
        series(&[(2024, 1.0), (2019, 2.0)]),
        &["2019 follows year 2024"],
    );
    says(
        series(&[(i32::MIN, 1.0)]),
        &["year", "-2147483648", "10000000"],
    );
    says(
        series(&[(1000, 1.0), (2024, 1.0)]),
        &["span", "1000 to 2024", "1000 years"],
    );
    for cases in [-3.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        says(
            series(&[(2019, 1.0), (2024, cases)]),
            &[
                "number of cases",
                &cases.to_string(),
                "Atlantis 2024",
                "not negative",
            ],
        );
    }
    for error in [-0.1, 1.5, f64::NAN] {
        let observation = Observation {
            year: 2019,
            cases: 10.0,
            relative_error: Some(error),
        };
        says(
            IncidenceSeries::new("Atlantis", [observation]),
            &["relative error", &error.to_string(), "0 and 1"],
        );
        says(
            world().assuming_relative_error(error),
            &["relative error", "World"],
        );
    }
}

/// A source's own interval holds its figure: it is neither below nor above it, and has both ends.
#[test]
fn intervals_of_figures() {
    let figure = || Figure::new("Atlantis", 2019, 100.0, Status::Estimate).unwrap();
    for (lower, upper) in [
        (101.0, 120.0),
        (80.0, 99.0),
        (120.0, 80.0),
        (0.0, 120.0),
        (-5.0, 120.0),
        (80.0, f64::INFINITY),
        (f64::NAN, 120.0),
        (80.0, f64::NAN),
    ] {
        let place = format!("{lower} to {upper}");
        says(
            figure().with_interval95(lower, upper),
            &[
                "95 % interval",
                "Atlantis 2019",
                &place,
                "around the figure, 100",
            ],
        );
    }
    for (lower, upper) in [(100.0, 120.0), (80.0, 100.0), (100.0, 100.0)] {
        let held = figure().with_interval95(lower, upper).unwrap();
        assert_eq!(held.interval95(), Some((lower, upper)));
    }
    let half = "region,year,cases,status,lower95\nA,2019,5,estimate,4\n";
    says(
        Figures::from_csv("mine.csv", half),
        &["line 2", "half empty", "both lower95 and upper95"],
    );
}

#[test]
fn one_observation_carries_no_curve() {
    let one = series(&[(2019, 100.0)]).unwrap();
    says(
        fit(Family::Exponential, &one, &FitOptions::default()),
        &[
            "exponential",
            "2 free parameters",
            "is 1 figure",
            "1 more is needed",
        ],
    );
    says(
        Outlook::of_series(&[one], &OutlookOptions::default()),
        &[
            "figures of Atlantis identify no curve",
            "linear curve is underdetermined",
        ],
    );
    says(
        Outlook::of_series(&[], &OutlookOptions::default()),
        &["no observations"],
    );
}

#[test]
fn published_projections() {
    let early = PublishedProjection {
        year: 2024,
        cases: 1.0,
        relative_error: None,
    };
    says(
        world().with_published_projection(early),
        &["2024", "after the last observation, 2024"],
    );
    let figures: Figures = [2030, 2040]
        .into_iter()
        .map(|year| Figure::new("A", year, 5.0, Status::Projection).unwrap())
        .chain([Figure::new("A", 2019, 5.0, Status::Estimate).unwrap()])
        .collect();
    says(
        IncidenceSeries::from_figures(&figures, "A"),
        &["2030 and 2040", "takes one"],
    );
    let only: Figures =
        std::iter::once(Figure::new("A", 2040, 5.0, Status::Projection).unwrap()).collect();
    says(
        IncidenceSeries::from_figures(&only, "A"),
        &["no observations in A"],
    );
}

#[test]
fn figures_of_two_sources_or_definitions_are_not_mixed_silently() {
    let all: Figures = figures::press_release()
        .iter()
        .chain(figures::comparison())
        .cloned()
        .collect();
    let china_2019: Figures = all
        .iter()
        .filter(|f| f.region() == "China" && f.year() == 2019)
        .cloned()
        .collect();
    says(
        IncidenceSeries::from_figures(&china_2019, "China"),
        &["two figures for China in 2019", "IASO Bio", "GBD 2019"],
    );
    let globocan = figures::comparison().from_source("GLOBOCAN");
    says(
        IncidenceSeries::from_figures(&globocan, "World"),
        &["different things", "C88+C90 in 2020", "C90 in 2022"],
    );
    says(
        IncidenceSeries::from_figures(figures::press_release(), "Mars"),
        &["Mars", "World, China"],
    );
}

#[test]
fn projections() {
    let project = |options| Projection::of(&Family::Exponential, &world(), &options);
    says(
        project(ProjectionOptions::to(2000)),
        &["2000", "World", "last observation, 2024"],
    );
    says(
        project(ProjectionOptions::to(12_024)),
        &["12024", "200 years"],
    );
    says(project(ProjectionOptions::to(i32::MAX)), &["200 years"]);
    says(
        project(ProjectionOptions::to(i32::MIN)),
        &["last observation"],
    );
    says(
        project(ProjectionOptions {
            draws: 0,
            ..ProjectionOptions::to(2040)
        }),
        &["number of draws", "0", "at least 1"],
    );
    says(
        project(ProjectionOptions {
            draws: usize::MAX,
            ..ProjectionOptions::to(2040)
        }),
        &["do not fit"],
    );
    let options = ProjectionOptions {
        draws: 10,
        ..ProjectionOptions::to(2040)
    };
    let world = world().assuming_relative_error(0.03).unwrap();
    let projection = Projection::of(&Family::Exponential, &world, &options).unwrap();
    for level in [0.0, 1.0, f64::NAN] {
        says(
            projection.new_cases().interval(2040, level),
            &["level", &level.to_string(), "above 0 and below 1"],
        );
    }
    says(
        projection.new_cases().median(2041),
        &["2041", "2019 to 2040"],
    );
    says(Projection::pool(&[], Seed::default()), &["no projections"]);
    let longer = project(ProjectionOptions {
        draws: 10,
        ..ProjectionOptions::to(2041)
    })
    .unwrap();
    says(
        Projection::pool(&[projection, longer], Seed::default()),
        &["cannot pool", "2019 to 2040", "2019 to 2041"],
    );
}

#[test]
fn counts_that_overflow() {
    // 10^1.2 times more a year: past 1.8e308 two years after 1e306.
    let huge = series(&[(2019, 1e300), (2024, 1e306)]).unwrap();
    says(
        Projection::of(&Family::Exponential, &huge, &ProjectionOptions::to(2040)),
        &[
            "exponential",
            "Atlantis",
            "inf",
            "2026",
            "which is not a possible count",
        ],
    );
    // So is a draw of the registry trend, and of its model discrepancy.
    let trend = RegistryTrend::default()
        .of(&huge, &ForecastOptions::default())
        .unwrap();
    says(trend.draws(2060, 50, Seed::default()), &["inf"]);
    // The curve through the figures stays finite, a draw does not.
    let edge = series(&[(2019, 1.7e308), (2024, 1.7e308)])
        .unwrap()
        .assuming_relative_error(0.5)
        .unwrap();
    assert!(Projection::of(&Family::Exponential, &edge, &ProjectionOptions::to(2040)).is_err());
    for family in Family::ALL {
        let steep = series(&[
            (2019, 1e-300),
            (2020, 1.0),
            (2021, 1e200),
            (2022, 1e300),
            (2023, 1e308),
        ])
        .unwrap();
        // The counts span more than their squares can be held in.
        says(
            fit(family, &steep, &FitOptions::default()),
            &[family.name(), "Atlantis", "not finite"],
        );
    }
}

#[test]
fn accelerating_points() {
    let published = PublishedProjection {
        year: 2040,
        cases: 500_000.0,
        relative_error: None,
    };
    let series = world().with_published_projection(published).unwrap();
    let options = ProjectionOptions {
        fit: FitOptions {
            published_projection: PublishedProjectionUse::AsFigure,
            ..FitOptions::default()
        },
        ..ProjectionOptions::to(2040)
    };
    says(
        Projection::of(&Family::Logistic, &series, &options),
        &["logistic", "World", "the points accelerate"],
    );
}

#[test]
fn shares() {
    let share = |low, high| UltimateShare::new(low, high, ShareDistribution::Uniform);
    says(share(-0.1, 0.4), &["lower end", "-0.1", "between 0 and 1"]);
    says(share(0.3, 1.4), &["upper end", "1.4"]);
    says(share(f64::NAN, 0.4), &["NaN"]);
    says(share(0.4, 0.3), &["0.4 to 0.3", "lower end first"]);
    says(
        UltimateShare::new(0.0, 0.4, ShareDistribution::Beta95),
        &["beta", "0 to 0.4"],
    );
    assert!(serde_json::from_str::<UltimateShare>(r#"{"low": 0.4, "high": 0.3}"#).is_err());
    assert!(serde_json::from_str::<UltimateShare>(r#"{"low": 0.3, "high": 0.4}"#).is_ok());
}

#[test]
fn csv_files() {
    let read = |text: &str| Figures::from_csv("mine.csv", text);
    says(read(""), &["no observations", "mine.csv"]);
    says(
        read("region,year,cases,status\n"),
        &["no observations", "mine.csv"],
    );
    says(
        read("region,year,status\nA,2019,estimate\n"),
        &["mine.csv, line 1", "column \"cases\" is missing"],
    );
    says(
        read("region,year,cases,status,state\nA,2019,1,estimate,x\n"),
        &["unknown column \"state\"", "relative_error"],
    );
    says(
        read("region,year,cases,status\nA,2019,164,300,estimate\n"),
        &["line 2", "5 values for 4 columns", "thousands separator"],
    );
    says(
        read("region,year,cases,status\nA,2019,\"164,300\",estimate\n"),
        &[
            "line 2",
            "column cases",
            "164,300",
            "no thousands separator",
        ],
    );
    says(
        read("region,year,cases,status\nA,2019,1,guess\n"),
        &["line 2", "column status", "guess", "commercial"],
    );
    says(
        read("region,year,cases,status\nA,19.5,1,estimate\n"),
        &["line 2", "column year", "19.5"],
    );
    says(
        read("region,year,cases,status\nA,2019,,estimate\n"),
        &["line 2", "column cases is empty"],
    );
    says(
        read("region,year,cases,status\n,2019,1,estimate\n"),
        &["line 2", "column region is empty"],
    );
    says(
        read("region,year,cases,status\nA,2019,1,estimate\nA,2020,-5,estimate\n"),
        &["line 3", "-5", "A 2020"],
    );
    says(
        read("region,year,cases,status\nA,2019,inf,estimate\n"),
        &["line 2", "inf"],
    );
    says(Figures::read("no/such/file.csv"), &["no/such/file.csv"]);
    // Rows may stand in any order of years.
    let rows = ["A,2019,1,estimate\n", "A,2024,2,estimate\n"];
    let [sorted, turned] = [[0, 1], [1, 0]].map(|order| {
        let rows = order.map(|i| rows[i]).concat();
        let figures = read(&format!("region,year,cases,status\n{rows}")).unwrap();
        IncidenceSeries::from_figures(&figures, "A").unwrap()
    });
    assert_eq!(sorted, turned);
}

#[test]
fn csv_files_from_other_programs_are_read() {
    let plain =
        "region,year,cases,status,relative_error,source\nA,2019,5.5,estimate,0.02,\"x, y\"\n";
    let reference = Figures::from_csv("a", plain).unwrap();
    let figure = reference.iter().next().unwrap();
    assert_eq!(
        (figure.cases(), figure.relative_error(), figure.source()),
        (5.5, Some(0.02), "x, y")
    );
    let windows = plain.replace('\n', "\r\n");
    assert_eq!(Figures::from_csv("a", &windows).unwrap(), reference);
    assert_eq!(
        Figures::from_csv("a", &format!("\u{feff}{plain}")).unwrap(),
        reference
    );
    let other_order = "# a comment\nstatus, cases, region, year, source, relative_error\nestimate, 5.5, A, 2019,\"x, y\", 0.02\n";
    assert_eq!(Figures::from_csv("a", other_order).unwrap(), reference);
}

#[test]
fn json_files() {
    let read = |text: &str| Figures::from_json("mine.json", text);
    says(
        read(r#"[{"region": "A", "year": 2019, "cases": 5, "status": "guess"}]"#),
        &["mine.json, line 1", "unknown variant `guess`", "registered"],
    );
    says(
        read(r#"[{"region": "A", "year": 2019, "status": "estimate"}]"#),
        &["missing field `cases`"],
    );
    says(
        read(r#"[{"region": "A", "year": 2019, "cases": -5, "status": "estimate"}]"#),
        &["-5", "A 2019"],
    );
    says(read("[]"), &["no observations", "mine.json"]);
    says(read(""), &["mine.json"]);
    let figures = figures::press_release();
    let text = serde_json::to_string(figures).unwrap();
    assert_eq!(&Figures::from_json("round", &text).unwrap(), figures);
    let series = serde_json::to_string(&world()).unwrap();
    assert_eq!(
        serde_json::from_str::<IncidenceSeries>(&series).unwrap(),
        world()
    );
    let unsorted =
        r#"{"region":"A","observations":[{"year":2024,"cases":2},{"year":2019,"cases":1}]}"#;
    assert!(serde_json::from_str::<IncidenceSeries>(unsorted).is_err());
}

#[test]
fn kinds_can_be_matched_and_errors_cross_threads() {
    fn assert_error<T: std::error::Error + Send + Sync + 'static>(_: &T) {}
    let error = series(&[]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NoObservations { .. }));
    assert_error(&error);
}

#[test]
fn a_curve_that_falls_below_zero_is_not_identified_in_an_outlook() {
    let falling = series(&[(2019, 300.0), (2024, 200.0)]).unwrap();
    let options = OutlookOptions {
        draws: 100,
        ..OutlookOptions::default()
    };
    let outlook = Outlook::of_series(&[falling], &options).unwrap();
    let region = &outlook.regions()[0];
    assert_eq!(
        region
            .curves()
            .iter()
            .map(myeloma_epi::CurveOutlook::family)
            .collect::<Vec<_>>(),
        [Family::Exponential]
    );
    let linear = region
        .not_identified()
        .iter()
        .find(|l| l.family == Family::Linear)
        .unwrap();
    assert!(
        linear.reason.contains("gives -20 cases in 2035"),
        "{}",
        linear.reason
    );
}

/// Of a count far too small for any trend there is an error or a forecast of numbers, and no median of 0.
#[test]
fn a_count_of_the_least_number_makes_no_forecast_of_zeros() {
    let counts = [(2005, 5e-324), (2009, 44_133.0), (2014, 36_110.0)];
    let series = IncidenceSeries::from_counts("b", counts).unwrap();
    match RegistryTrend::default().of(&series, &ForecastOptions::default()) {
        Err(error) => assert!(error.to_string().contains('b'), "{error}"),
        Ok(forecast) => {
            let quantiles = forecast.quantiles(2029, [0.025, 0.5, 0.975]).unwrap();
            assert!(
                quantiles[0] > 0.0 && quantiles[2].is_finite(),
                "{quantiles:?}"
            );
        }
    }
}
