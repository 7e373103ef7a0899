//! Files of a therapy model: keys and their aliases, defaults, refusals.

use myeloma_epi::curve::Family;
use myeloma_epi::pathway::{FlowOptions, Moment};
use myeloma_epi::{ErrorKind, IncidenceSeries, Projection, ProjectionOptions, Seed, TherapyModel};

const BY_YEAR: &str = r#"{"by_year": {"first_year": 2019, "cases": [100, 103, 106]}}"#;

/// A model with two lines, the words for what is timed being those given.
fn model([sojourn_time, to_next, to_death]: [&str; 3], incidence: &str) -> String {
    format!(
        r#"{{"region": "Atlantis", "incidence": {incidence}, "to": 2021, "pathway": {{"groups": [
            {{"name": "all", "weight": 1, "lines": [
                {{"{sojourn_time}": {{"family": "weibull", "shape": 1.1, "scale": 3.0}}, "next": 0.6, "death": 0.3,
                  "{to_next}": {{"family": "exponential", "scale": 2.0}},
                  "{to_death}": {{"family": "exponential", "scale": 1.0}}}},
                {{"{sojourn_time}": {{"family": "exponential", "median": 1.0}}}}]}}]}}}}"#
    )
}

const NAMES: [&str; 3] = ["sojourn_time", "time_to_next", "time_to_death"];
const FIRST_NAMES: [&str; 3] = ["stay", "until_next", "until_death"];

fn read(text: &str) -> TherapyModel {
    TherapyModel::from_json("model.json", text).unwrap()
}

#[test]
fn names_of_the_first_version_are_read() {
    assert_eq!(
        read(&model(NAMES, BY_YEAR)),
        read(&model(FIRST_NAMES, BY_YEAR))
    );
}

#[test]
fn defaults_are_those_stated() {
    let stated = model(NAMES, BY_YEAR).replacen(
        "\"to\": 2021",
        "\"to\": 2021, \"entry\": \"uniform_over_year\", \"seed\": 2025",
        1,
    );
    assert_eq!(read(&stated), read(&model(NAMES, BY_YEAR)));
    let series = r#""series": {"region": "A", "observations": [{"year": 2015, "cases": 90}, {"year": 2019, "cases": 100}]}"#;
    let short = format!(r#"{{"project": {{{series}, "curve": "exponential"}}}}"#);
    let long = format!(
        r#"{{"project": {{{series}, "curve": "exponential", "from": null, "draws": 10000}}}}"#
    );
    let short = read(&model(NAMES, &short));
    assert_eq!(short, read(&model(NAMES, &long)));
    let cases = short.new_cases().unwrap();
    assert_eq!(
        (cases.first_year(), cases.last_year(), cases.len()),
        (2015, 2021, 10_000)
    );
}

/// A fixed year after the middle of one, then a sojourn time whose density has no bound at 0: its first moments lie between
/// the points of any grid. In second line at the end of the next year are 100·(1 − F(0.5 to 0.5001)), `scipy.stats.gamma`.
#[test]
fn a_tolerance_is_the_models_own() {
    let model = |tolerance: &str| {
        format!(
            r#"{{"region": "Atlantis", "incidence": {{"by_year": {{"first_year": 2019, "cases": [100, 0, 0]}}}}, "to": 2021,
                "entry": "mid_year"{tolerance}, "pathway": {{"groups": [{{"name": "all", "weight": 1, "lines": [
                {{"sojourn_time": {{"family": "table", "times": [0.9999, 1], "probabilities": [0, 1]}}, "next": 1}},
                {{"sojourn_time": {{"family": "gamma", "shape": 0.8, "scale": 1.5}}}}]}}]}}}}"#
        )
    };
    let error = read(&model("")).flow().unwrap_err().to_string();
    assert!(error.contains("state a larger tolerance"), "{error}");
    let flow = read(&model(r#", "tolerance": 1e-3"#)).flow().unwrap();
    let in_line = flow.in_line(2, Moment::YearEnd).unwrap();
    assert!((in_line.median(2020).unwrap() - 61.365_534_895).abs() < 0.1);
    let error = read(&model(r#", "tolerance": 0"#)).flow().unwrap_err();
    assert!(error.to_string().contains("tolerance is 0"), "{error}");
}

/// Two figures do not determine a logistic curve; with the published projection of the series it goes through all three.
#[test]
fn a_published_projection_in_a_series_is_a_figure() {
    let project = |projection: &str| {
        let incidence = format!(
            r#"{{"project": {{"series": {{"region": "World", "observations": [{{"year": 2019, "cases": 164300,
                "relative_error": 1e-9}}, {{"year": 2024, "cases": 197200, "relative_error": 1e-9}}]{projection}}},
                "curve": "logistic", "draws": 3}}}}"#
        );
        let text = model(NAMES, &incidence).replace("2021", "2040");
        read(&text).new_cases()
    };
    assert!(project("").is_err());
    let published =
        r#", "published_projection": {"year": 2040, "cases": 273600, "relative_error": 1e-9}"#;
    let cases = project(published).unwrap();
    for (year, expected) in [(2019, 164_300.0), (2024, 197_200.0), (2040, 273_600.0)] {
        let median = cases.median(year).unwrap();
        assert!((median / expected - 1.0).abs() < 1e-6, "{year} {median}");
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_model() {
    let text = model(NAMES, BY_YEAR);
    assert_eq!(read(&format!("\u{feff}{text}")), read(&text));
}

#[test]
fn what_was_read_can_be_written_and_read_again() {
    for text in [
        model(NAMES, BY_YEAR),
        include_str!("../../examples/four_lines_weibull.json").to_owned(),
    ] {
        let model = read(&text);
        let written = serde_json::to_string(&model).unwrap();
        assert_eq!(read(&written), model);
    }
}

/// Cases that are given are all followed; whose they are is named once, or told.
#[test]
fn what_a_model_says_of_its_cases_fits_together() {
    let refused = |incidence: &str, region: &str| {
        let text = model(NAMES, incidence).replacen("Atlantis", region, 1);
        TherapyModel::from_json("model.json", &text)
            .unwrap_err()
            .to_string()
    };
    let late = BY_YEAR.replace("2019,", "2019, \"from\": 2020,");
    let said = refused(&late, "Atlantis");
    assert!(
        said.contains("from is 2020") && said.contains("2019"),
        "{said}"
    );
    let said = refused(BY_YEAR, " ");
    assert!(said.contains("region") && said.contains("a name"), "{said}");
    let of_series = |region: &str| {
        let observations = r#"[{"year": 2015, "cases": 90}, {"year": 2019, "cases": 100}]"#;
        let project = format!(
            r#"{{"project": {{"series": {{"region": "{region}", "observations": {observations}}}, "curve": "exponential"}}}}"#
        );
        read(&model(NAMES, &project)).cautions()
    };
    assert!(of_series("Atlantis").is_empty());
    let told = of_series("Lemuria");
    assert!(
        told.len() == 1 && told[0].contains("Lemuria") && told[0].contains("Atlantis"),
        "{told:?}"
    );
}

/// Who was diagnosed before "from" is in no line. Of as many each year, from n years before on, ∫ F from n to n + 1 of a year's leave an
/// exponential time of mean 2 in that year: 1 − 2(e^(−n/2) − e^(−(n + 1)/2)).
#[test]
fn patients_are_those_diagnosed_from_a_year_on() {
    let starts = |incidence: &str| {
        let text = format!(
            r#"{{"region": "A", "to": 2019, "incidence": {incidence}, "pathway": {{"groups": [{{"name": "all", "weight": 1,
                "lines": [{{"sojourn_time": {{"family": "exponential", "scale": 2}}, "next": 1}},
                {{"sojourn_time": {{"family": "exponential", "scale": 1}}}}]}}]}}}}"#
        );
        let model = read(&text);
        let (flow, cases) = (model.flow().unwrap(), model.new_cases().unwrap());
        flow.starts(2).unwrap().year(2019).unwrap()[0] / cases.year(2019).unwrap()[0]
    };
    let by_year = |from| format!(r#"{{"by_year": {{"first_year": 2019, "cases": [100]{from}}}}}"#);
    // Of counts of a million growth errs by 0.05 % a year.
    let count = |year| format!(r#"{{"year": {year}, "cases": 1000000}}"#);
    let projected = format!(
        r#"{{"project": {{"series": {{"region": "A", "observations": [{}, {}]}}, "curve": "exponential", "from": 2012, "draws": 1}}}}"#,
        count(2012),
        count(2015)
    );
    for (incidence, years, error) in [
        (by_year(""), 0.0, 1e-6),
        (by_year(r#", "from": 2018"#), 1.0, 1e-6),
        (projected, 7.0, 5e-3),
    ] {
        let left = |years: f64| (-years / 2.0).exp();
        let expected = 1.0 - 2.0 * (left(years) - left(years + 1.0));
        let got = starts(&incidence);
        assert!(
            (got / expected - 1.0).abs() < error,
            "{incidence}: {got} {expected}"
        );
    }
}

#[test]
fn an_error_says_once_where_it_is() {
    let text = model(NAMES, BY_YEAR);
    for (from, to, says) in [
        ("\"next\"", "\"nxt\"", "next"),
        ("\"region\"", "\"regoin\"", "region"),
        ("103", "-103", "entry 2 of \"cases\" is -103"),
        ("103", "1e999", "1e999"),
        ("0.6", "1.6", "1.6"),
        ("weibull", "weibul", "weibull"),
        ("\"by_year\"", "\"byyear\"", "by_year"),
        ("\"to\": 2021,", "", "to"),
    ] {
        let bad = text.replacen(from, to, 1);
        let error = TherapyModel::from_json("model.json", &bad).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Parse { line: Some(_), .. }),
            "{error}"
        );
        let message = error.to_string();
        assert!(message.starts_with("model.json, line "), "{message}");
        assert!(
            message.contains(says) && !message.contains("at line"),
            "{message}"
        );
    }
}

/// The seed of a file is that of its projection and of its pathway.
#[test]
fn the_seed_is_that_of_all_draws() {
    let series = r#"{"region": "A", "observations": [{"year": 2015, "cases": 90}, {"year": 2019, "cases": 100}]}"#;
    let model = |seed: u64| {
        read(&format!(
            r#"{{"region": "A", "to": 2021, "seed": {seed}, "incidence": {{"project": {{"series": {series}, "curve":
                "exponential", "draws": 50}}}}, "pathway": {{"groups": [{{"name": "all", "weight": 1, "lines": [
                {{"sojourn_time": {{"family": "exponential", "scale": 1}}, "next": {{"low": 0, "high": 1}}}},
                {{"sojourn_time": {{"family": "exponential", "scale": 1}}}}]}}]}}}}"#
        ))
    };
    let series: IncidenceSeries = serde_json::from_str(series).unwrap();
    let seven = model(7);
    let options = ProjectionOptions {
        draws: 50,
        seed: Seed::new(7),
        ..ProjectionOptions::to(2021)
    };
    let projection = Projection::of(&Family::Exponential, &series, &options).unwrap();
    assert_eq!(&seven.new_cases().unwrap(), projection.new_cases());
    let flow = FlowOptions {
        seed: Seed::new(7),
        ..FlowOptions::to(2021)
    };
    let flow = (seven.pathway().flow(projection.new_cases(), &flow)).unwrap();
    let of_model = seven.flow().unwrap();
    assert_eq!(of_model.starts(2).unwrap(), flow.starts(2).unwrap());
    let other = model(8);
    assert_ne!(other.new_cases().unwrap(), seven.new_cases().unwrap());
    let share = |of: &TherapyModel| {
        let (flow, cases) = (of.flow().unwrap(), of.new_cases().unwrap());
        flow.starts(2).unwrap().year(2021).unwrap()[0] / cases.year(2021).unwrap()[0]
    };
    assert!((share(&other) / share(&seven) - 1.0).abs() > 1e-3);
}

/// Known numbers of new cases and an uncertain pathway: as many draws of the pathway as a projection has, and not one of them.
/// In a steady state of 1,000 a year a uniform share from 0 to 1 has 500 start second line, 25 to 975 in 95 %.
#[test]
fn known_incidence_meets_all_draws_of_an_uncertain_pathway() {
    let model = |draws: &str, next: &str| {
        read(&format!(
            r#"{{"region": "Atlantis", "to": 2015, "incidence": {{"by_year": {{"first_year": 2010, "from": 1970{draws},
                "cases": [1000, 1000, 1000, 1000, 1000, 1000]}}}}, "pathway": {{"groups": [{{"name": "all", "weight": 1,
                "lines": [{{"sojourn_time": {{"family": "exponential", "scale": 1}}, "next": {next}}},
                {{"sojourn_time": {{"family": "exponential", "scale": 1}}}}]}}]}}}}"#
        ))
    };
    let uniform = r#"{"low": 0, "high": 1, "distribution": "uniform"}"#;
    let flow = model("", uniform).flow().unwrap();
    let starts = flow.starts(2).unwrap();
    assert_eq!(starts.len(), 10_000);
    let quantiles = starts.quantiles(2015, &[0.025, 0.5, 0.975]).unwrap();
    for (got, p) in quantiles.into_iter().zip([0.025, 0.5, 0.975]) {
        let error = 1_000.0 * f64::sqrt(p * (1.0 - p) / 1e4);
        assert!((got - 1_000.0 * p).abs() < 4.0 * error, "{p}: {got}");
    }
    let single = |model: &TherapyModel| {
        let cautions = model.flow().unwrap().cautions();
        cautions
            .iter()
            .any(|caution| caution.contains("one draw of them"))
    };
    for (draws, next, expected, is_single) in [
        (", \"draws\": 7", uniform, 7, false),
        (", \"draws\": 1", uniform, 1, true),
        ("", "0.5", 1, false),
    ] {
        let model = model(draws, next);
        assert_eq!(model.new_cases().unwrap().len(), expected);
        assert_eq!(single(&model), is_single);
        let text = serde_json::to_string(&model).unwrap();
        assert_eq!(read(&text), model);
    }
    for impossible in [", \"draws\": 0", ", \"draws\": 1000000000000"] {
        assert!(model(impossible, uniform).flow().is_err());
    }
}
