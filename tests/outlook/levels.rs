//! The error of revision, and where all sources together are, against `tests/data/levels.py`.

use std::collections::BTreeMap;

use approx::assert_relative_eq;
use myeloma_epi::curve::Family;
use myeloma_epi::demography::ExpectedCases;
use myeloma_epi::figures::{Figure, Figures, Mark, Status, press_release};
use myeloma_epi::forecast::{
    ForecastOptions, ForecastQuantity, RegistryTrend, SiteEffect, TrendParameters,
};
use myeloma_epi::{
    IncidenceSeries, Outlook, OutlookModelOptions, OutlookOptions, Question, RegionOutlook, Shocks,
};
use serde_json::Value;

use super::log_variance;

/// As in the script.
const ELASTICITY: f64 = 0.8;

fn figure(year: i32, cases: f64, source: &str) -> Figure {
    of_region("Atlantis", year, cases, source)
}

fn of_region(region: &str, year: i32, cases: f64, source: &str) -> Figure {
    let figure = Figure::new(region, year, cases, Status::Estimate).unwrap();
    figure
        .with_source(source)
        .with_family(source[..1].to_uppercase())
}

/// The figures of the script; the years between have the expected cases of a neighbour.
fn options() -> OutlookOptions {
    let stated = [
        (2016, 100.0),
        (2018, 104.0),
        (2019, 106.5),
        (2020, 109.0),
        (2021, 111.0),
        (2022, 114.0),
        (2024, 120.0),
    ];
    let mut expected = BTreeMap::new();
    for year in 2016..=2035 {
        let known = stated.iter().rev().find(|(known, _)| *known <= year);
        expected.insert(year, known.unwrap().1);
    }
    let parameters = TrendParameters {
        mean_growth: 0.01,
        elasticity: ELASTICITY,
        ..TrendParameters::shipped_rate()
    };
    let site = SiteEffect {
        growth: 0.0,
        ..SiteEffect::myeloma_rate()
    };
    let others = [
        (2016, 900.0, "A1"),
        (2019, 1010.0, "A2"),
        (2019, 940.0, "A3"),
        (2021, 980.0, "A3"),
        (2018, 1150.0, "B1"),
        (2022, 1390.0, "B2"),
        (2020, 1020.0, "C1"),
    ];
    let others = others.map(|(year, cases, source)| figure(year, cases, source));
    // The same revision of the same family in a region without population.
    let elsewhere = [(2016, 50.0, "a1"), (2019, 61.0, "a2")];
    let elsewhere =
        elsewhere.map(|(year, cases, source)| of_region("Lemuria", year, cases, source));
    let counts = TrendParameters {
        mean_growth: 0.02,
        ..TrendParameters::shipped()
    };
    let no_effect = SiteEffect {
        growth: 0.0,
        ..SiteEffect::myeloma()
    };
    OutlookOptions {
        to: 2035,
        draws: 20_000,
        rate_trend: RegistryTrend::new(parameters, site).unwrap(),
        registry_trend: RegistryTrend::new(counts, no_effect).unwrap(),
        population: BTreeMap::from([(
            "Atlantis".to_owned(),
            ExpectedCases::new("Atlantis", expected).unwrap(),
        )]),
        compared_with: others.into_iter().chain(elsewhere).collect(),
        ..OutlookOptions::default()
    }
}

fn outlook(options: &OutlookOptions) -> Outlook {
    let own = [figure(2020, 1300.0, "B3"), figure(2024, 1480.0, "B3")];
    Outlook::of(&Figures::from_iter(own), options).unwrap()
}

#[test]
fn revision_and_consensus_are_those_of_the_script() {
    let script: Value = serde_json::from_str(include_str!("../data/levels.json")).unwrap();
    let outlook = outlook(&options());
    let json: Value = serde_json::from_str(&outlook.summary_json()).unwrap();
    let levels = &json["regions"][0]["levels"];
    let number = |value: &Value| value.as_f64().unwrap();
    assert_eq!(levels["pairs_of_rounds"], script["pairs"]);
    assert_relative_eq!(
        number(&levels["revision"]),
        number(&script["revision"]),
        max_relative = 1e-12
    );
    for (i, key) in ["lower95", "median", "upper95"].into_iter().enumerate() {
        let (found, expected) = (&levels["all_sources"][key], &script["factor"][i]);
        assert_relative_eq!(number(found), number(expected), max_relative = 1e-3);
    }
    let between = 1000.0 * number(&levels["between_families"]);
    let said = format!(
        "standard deviation between them {} %",
        between.round() / 10.0
    );
    let text = format!("{outlook:#}");
    let words: Vec<&str> = text.split_whitespace().collect();
    assert!(words.join(" ").contains(&said), "{said}: {text}");
    // The draws are the trend's times the factor: the year of the last figure shows it.
    let region = outlook.region("Atlantis").unwrap();
    let draws = region.new_cases_under(Question::TrueIncidence);
    let (lower, upper) = draws.interval(2024, 0.95).unwrap();
    let [low, median, high] = [0, 1, 2].map(|i| 1480.0 * number(&script["factor"][i]));
    assert_relative_eq!(draws.median(2024).unwrap(), median, max_relative = 0.01);
    // The count of one year scatters besides.
    assert!(lower < low && lower > 0.9 * low && upper > high && upper < 1.1 * high);
}

/// Median, 50 % and 95 % interval of a quantity in 2024, as the table has them.
fn in_table(csv: &str, quantity: &str) -> [f64; 5] {
    let mut table = csv::Reader::from_reader(csv.as_bytes());
    let header = table.headers().unwrap().clone();
    let row = table
        .records()
        .map(Result::unwrap)
        .find(|row| (&row[1], &row[2], &row[4]) == (quantity, "stochastic_trend", "2024"));
    let row = row.unwrap_or_else(|| panic!("no {quantity} in {csv}"));
    ["median", "lower50", "upper50", "lower95", "upper95"].map(|name| {
        let column = header.iter().position(|header| header == name).unwrap();
        row[column].parse().unwrap()
    })
}

/// Median and 95 % interval in a year of the paragraph that a question has in the full text.
fn in_text(text: &str, question: Question, year: &str) -> [f64; 3] {
    let mut years = text.lines().filter(|line| line.starts_with("ATLANTIS "));
    let years: Vec<&str> = years.next().unwrap().split_whitespace().skip(1).collect();
    let place = years.len() - years.iter().position(|there| *there == year).unwrap();
    let title = format!("new cases, registry trend: {question}");
    let mut lines = text
        .lines()
        .skip_while(|line| !line.starts_with(&title))
        .skip(1);
    ["median", "95 % from", "95 % to"].map(|name| {
        let line = lines.next().unwrap();
        assert!(line.trim().starts_with(name), "{line}");
        let cells: Vec<&str> = line.split_whitespace().collect();
        cells[cells.len() - place].replace(',', "").parse().unwrap()
    })
}

/// Both questions about a region with figures of three families, as the headline and beside it, in CSV and in the text: where all
/// sources are is the script's, by quadrature; the next round lies about the last figure by a stated error of revision, which is
/// large beside all else. What a trend does not know of the year of its last figure makes both a little wider.
#[test]
fn both_questions_stand_in_the_table_and_the_text() {
    const REVISION: f64 = 0.3;
    let script: Value = serde_json::from_str(include_str!("../data/levels.json")).unwrap();
    let times = |key: &str, i: usize| 1480.0 * script[key][i].as_f64().unwrap();
    // Quantiles of the normal distribution.
    let about = |z: f64| 1480.0 * (REVISION * z).exp();
    let of_all = [
        times("factor", 1),
        times("quartiles", 0),
        times("quartiles", 1),
        times("factor", 0),
        times("factor", 2),
    ];
    let of_next = [0.0, -0.674_490, 0.674_490, -1.959_964, 1.959_964].map(about);
    for question in [Question::ThisSource, Question::TrueIncidence] {
        for (wanted, name, revision_sd, expected) in [
            (Question::TrueIncidence, "true_incidence", None, of_all),
            (Question::ThisSource, "this_source", Some(REVISION), of_next),
        ] {
            let outlook = outlook(&OutlookOptions {
                question,
                revision_sd,
                ..options()
            });
            let quantity = if question == wanted {
                "new_cases".to_owned()
            } else {
                format!("new_cases_{name}")
            };
            let found = in_table(&outlook.to_csv(), &quantity);
            assert_relative_eq!(found[0], expected[0], max_relative = 0.01);
            for (lower, upper, most) in [(1, 2, 1.04), (3, 4, 1.1)] {
                let (low, high) = (
                    expected[lower] / found[lower],
                    found[upper] / expected[upper],
                );
                assert!((0.99..most).contains(&low), "{quantity} {lower}: {low}");
                assert!((0.99..most).contains(&high), "{quantity} {upper}: {high}");
            }
            let printed = in_text(&format!("{outlook:#}"), wanted, "2024");
            for (printed, found) in printed.into_iter().zip([found[0], found[3], found[4]]) {
                assert!((printed - found).abs() <= 0.51, "{printed} {found}");
            }
        }
        // The short text has the last year under the other question, to three digits, the ends to two.
        let outlook = outlook(&OutlookOptions {
            question,
            ..options()
        });
        let other = match question {
            Question::ThisSource => Question::TrueIncidence,
            Question::TrueIncidence => Question::ThisSource,
        };
        let short = outlook.to_string();
        let title = match other {
            Question::ThisSource => "people in 2035, by this source's next round: Atlantis ",
            Question::TrueIncidence => {
                "people diagnosed in 2035, by all sources together: Atlantis "
            }
        };
        let printed = short.split_once(title).unwrap().1.lines().next().unwrap();
        let printed = printed.replace(',', "").replace(['(', ')', '-'], " ");
        let full = in_text(&format!("{outlook:#}"), other, "2035");
        for ((printed, full), most) in printed
            .split_whitespace()
            .zip(full)
            .zip([0.006, 0.06, 0.06])
        {
            assert_relative_eq!(printed.parse::<f64>().unwrap(), full, max_relative = most);
        }
        let asked = in_text(&format!("{outlook:#}"), question, "2035");
        assert!((asked[0] / full[0]).ln().abs() > 0.05, "{asked:?} {full:?}");
    }
}

/// Where no error of revision is known, levels of families are exact: the truth is Student's t with as many degrees of freedom as
/// families about their mean, of scale √(Σ(y − ȳ)²)/n (`qt(0.975, 2)` is 4.302653). One family of three rounds tells nothing of
/// others, but its mean errs by the error of revision.
#[test]
fn all_sources_of_exact_rounds_and_of_one_family() {
    let options = |others: &[(i32, f64, &str)], revision_sd| OutlookOptions {
        question: Question::TrueIncidence,
        draws: 2_000,
        revision_sd: Some(revision_sd),
        compared_with: others
            .iter()
            .map(|&(year, n, source)| figure(year, n, source))
            .collect(),
        ..OutlookOptions::default()
    };
    let own = Figures::from_iter([figure(2019, 1_100.0, "S1"), figure(2024, 1_200.0, "S1")]);
    let said = |options: &OutlookOptions| {
        let outlook = Outlook::of(&own, options).unwrap();
        let json: Value = serde_json::from_str(&outlook.summary_json()).unwrap();
        let all = &json["regions"][0]["levels"]["all_sources"];
        let found = ["lower95", "median", "upper95"].map(|key| all[key].as_f64().unwrap());
        (found, outlook.to_string())
    };

    let (found, text) = said(&options(&[(2024, 900.0, "G1")], 0.0));
    let (mean, half) = (
        0.5 * 0.75_f64.ln(),
        4.302_653 / 8_f64.sqrt() * -0.75_f64.ln(),
    );
    for (found, expected) in found.iter().zip([mean - half, mean, mean + half]) {
        assert_relative_eq!(found.ln(), expected, max_relative = 3e-3);
    }
    assert!(text.contains("all sources together;"), "{text}");

    // Two that say the same do not tell how far families lie apart: each errs by what is stated.
    let alike = OutlookOptions {
        between_source_sd: 0.2,
        ..options(&[(2024, 1_200.0, "G1")], 0.0)
    };
    let (found, _) = said(&alike);
    let half = 1.959_964 * 0.2 / 2.0_f64.sqrt();
    for (found, expected) in found.iter().zip([-half, 0.0, half]) {
        assert!((found.ln() - expected).abs() < 1e-6, "{found} {expected}");
    }

    let rounds = [(2024, 700.0, "S2"), (2024, 650.0, "S3")];
    let (found, text) = said(&options(&rounds, 0.2));
    let mean = (700.0 * 650.0 / 1_200_f64.powi(2)).ln() / 3.0;
    let half = 1.959_964 * (0.2_f64.powi(2) / 2.0 / 3.0).sqrt();
    for (found, expected) in found.iter().zip([mean - half, mean, mean + half]) {
        assert_relative_eq!(found.ln(), expected, max_relative = 1e-6);
    }
    assert!(text.contains("this family of sources alone"), "{text}");
}

#[derive(serde::Deserialize)]
struct WithErrors {
    status: Status,
    revision: f64,
    own: Vec<(i32, f64, Option<f64>)>,
    others: Vec<(String, f64, Option<f64>)>,
    factor: [f64; 3],
}

/// Each figure weighs by its own error and, if registered, its counting error (`tests/data/levels.py`, quadrature over τ and a filter
/// in `NumPy`). The draws of the last figure's year are the factor times that figure, and not the trend's errors besides: 20,000
/// draws leave an end of their interval about 2 % of its distance from the median.
#[test]
fn figures_weigh_by_their_own_errors() {
    let script: Value = serde_json::from_str(include_str!("../data/levels.json")).unwrap();
    let cases: Vec<WithErrors> = serde_json::from_value(script["with_errors"].clone()).unwrap();
    assert_eq!(cases.len(), 6);
    for case in cases {
        let with_error = |cases, year, source: &str, status, error: Option<f64>| {
            let figure = Figure::new("Atlantis", year, cases, status).unwrap();
            let figure = figure.with_source(source).with_family(&source[..1]);
            error.map_or(figure.clone(), |e| figure.with_relative_error(e).unwrap())
        };
        let own = case.own.iter();
        let own = own.map(|&(year, n, error)| with_error(n, year, "S1", case.status, error));
        let others = case.others.iter();
        let others = others.map(|(family, n, error)| {
            with_error(*n, 2024, &format!("{family}2"), Status::Estimate, *error)
        });
        let options = OutlookOptions {
            question: Question::TrueIncidence,
            revision_sd: Some(case.revision),
            compared_with: others.collect(),
            forecast: ForecastOptions {
                quantity: ForecastQuantity::Expected,
                ..ForecastOptions::default()
            },
            ..OutlookOptions::default()
        };
        let outlook = Outlook::of(&own.collect::<Figures>(), &options).unwrap();
        let json: Value = serde_json::from_str(&outlook.summary_json()).unwrap();
        let found = &json["regions"][0]["levels"]["all_sources"];
        let draws = outlook.regions()[0].new_cases();
        let (lower, upper) = draws.interval(2024, 0.95).unwrap();
        let drawn = [lower, draws.median(2024).unwrap(), upper];
        let [low, median, high] = case.factor.map(f64::ln);
        let last = case.own[case.own.len() - 1].1;
        for ((key, drawn), expected) in ["lower95", "median", "upper95"]
            .iter()
            .zip(drawn)
            .zip([low, median, high])
        {
            let factor = found[key].as_f64().unwrap();
            assert!(
                (factor.ln() - expected).abs() < 1e-3 * (high - low),
                "{key}: {factor}, {}",
                expected.exp()
            );
            let drawn = (drawn / last).ln();
            assert!(
                (drawn - expected).abs() < 0.03 * (high - low),
                "{key}: {drawn}, {expected}"
            );
        }
    }
}

/// A later figure of the source at hand is told not to be in the level of all sources; one of its last year is not.
#[test]
fn a_later_figure_of_the_source_at_hand_is_told() {
    let said = |year| {
        let compared = [figure(year, 1_500.0, "S1"), figure(2023, 900.0, "G1")];
        let options = OutlookOptions {
            draws: 200,
            revision_sd: Some(0.05),
            compared_with: Figures::from_iter(compared),
            ..OutlookOptions::default()
        };
        let own = [figure(2014, 1_000.0, "S1"), figure(2019, 1_100.0, "S1")];
        let outlook = Outlook::of(&Figures::from_iter(own), &options).unwrap();
        outlook.regions()[0].cautions().join(" ")
    };
    let caution = "not in the level of all sources together: put them among the region's own figures, or name another round as their \
                   source: S1 2023.";
    assert!(said(2023).contains(caution), "{}", said(2023));
    assert!(!said(2019).contains("Later"), "{}", said(2019));
}

/// The error of revision from three revisions has Student's t with three degrees of freedom, whose variance is 3/(3 − 2) times the
/// square of its scale.
#[test]
fn the_share_of_revision_in_the_variance_is_that_of_students_t() {
    let script: Value = serde_json::from_str(include_str!("../data/levels.json")).unwrap();
    let outlook = outlook(&options());
    let shares = outlook.regions()[0].variance().unwrap().new_cases;
    let found = shares.between_source * shares.standard_deviation.powi(2);
    let expected = 3.0 * script["revision"].as_f64().unwrap().powi(2);
    assert_relative_eq!(found, expected, max_relative = 1e-9);
}

/// The variance that is taken apart is that of the draws under this question, too, where the figures at hand err by 15 % and are a
/// part of what the rounds of their family say.
#[test]
fn the_variance_of_all_sources_is_that_of_the_draws() {
    let own = [(2020, 1300.0), (2024, 1480.0)]
        .map(|(year, cases)| figure(year, cases, "B3").with_relative_error(0.15).unwrap());
    let options = OutlookOptions {
        question: Question::TrueIncidence,
        families: vec![Family::Exponential],
        revision_sd: Some(0.05),
        compared_with: [figure(2018, 1150.0, "B1"), figure(2022, 1390.0, "B2")]
            .into_iter()
            .collect(),
        ..options()
    };
    let outlook = Outlook::of(&Figures::from_iter(own), &options).unwrap();
    let region = &outlook.regions()[0];
    let drawn = log_variance(region.new_cases(), 2035);
    let stated = region.variance().unwrap().new_cases.standard_deviation;
    assert_relative_eq!(stated, drawn.sqrt(), max_relative = 0.03);
    // One family does not tell how far families lie apart: its cases have a variance.
    let model = outlook.model("Atlantis", &OutlookModelOptions::default());
    let said = model.unwrap().cautions().join(" ");
    assert!(!said.contains("have no variance"), "{said}");
}

/// Two families that err alike have the half each in what all say, however far they lie apart: the slope of the truth on the level of
/// this source is the half (the median of slopes between two draws, as the truth has no variance).
#[test]
fn two_sources_of_the_same_error_have_the_half_each() {
    let with_error = |year, cases, source, error| {
        let figure = figure(year, cases, source);
        figure.with_relative_error(error).unwrap()
    };
    // One that errs by a factor of three says next to nothing of the other.
    let own = [
        with_error(1994, 700.0, "B1", 1.0),
        with_error(2024, 1480.0, "B1", 0.3),
    ];
    let options = OutlookOptions {
        families: vec![Family::Exponential],
        draws: 5_000,
        revision_sd: Some(0.0),
        compared_with: [with_error(2024, 1480.0, "A1", 0.3)].into_iter().collect(),
        forecast: ForecastOptions {
            quantity: ForecastQuantity::Expected,
            ..ForecastOptions::default()
        },
        ..OutlookOptions::default()
    };
    let outlook = Outlook::of(&Figures::from_iter(own), &options).unwrap();
    let logs = |question| -> Vec<f64> {
        let draws = outlook.regions()[0].new_cases_under(question);
        draws.year(2024).unwrap().iter().map(|n| n.ln()).collect()
    };
    let (level, truth) = (logs(Question::ThisSource), logs(Question::TrueIncidence));
    let pairs = (1..=20).flat_map(|lag| (lag..level.len()).map(move |i| (i, i - lag)));
    let slopes = pairs.map(|(i, j)| (truth[i] - truth[j]) / (level[i] - level[j]));
    let mut slopes: Vec<f64> = slopes.collect();
    slopes.sort_by(f64::total_cmp);
    let slope = slopes[slopes.len() / 2];
    assert!((slope - 0.5).abs() < 0.06, "{slope}");
}

/// Under `ThisSource` the level holds the error of revision and nothing of other sources; registered counts have none.
#[test]
fn the_next_round_differs_by_a_revision() {
    let stated = |sd| {
        let options = OutlookOptions {
            revision_sd: Some(sd),
            ..options()
        };
        let outlook = outlook(&options);
        log_variance(outlook.regions()[0].new_cases(), 2024)
    };
    assert_relative_eq!(stated(0.2) - stated(0.1), 0.03, max_relative = 0.05);
    let registered = [(2020, 1300.0), (2024, 1480.0)]
        .map(|(year, cases)| Figure::new("Atlantis", year, cases, Status::Registered).unwrap());
    let of = |sd| {
        let options = OutlookOptions {
            revision_sd: Some(sd),
            ..options()
        };
        let outlook = Outlook::of(&Figures::from_iter(registered.clone()), &options).unwrap();
        outlook.regions()[0].new_cases().clone()
    };
    assert_eq!(of(0.2), of(0.0));
}

/// Two estimates of one round do not differ by a revision: one of another round is worth as much as one of the same with
/// the error of revision as its own. Commercial figures do not say which rounds they are of.
#[test]
fn figures_of_one_round_do_not_differ_by_a_revision() {
    let cases = |first: &str, stated: Option<f64>, status| {
        let options = OutlookOptions {
            revision_sd: Some(0.05),
            draws: 2_000,
            ..options()
        };
        let own = [(2020, 1300.0, first), (2024, 1480.0, "B3")].map(|(year, cases, source)| {
            let figure = Figure::new("Atlantis", year, cases, status).unwrap();
            figure.with_source(source).with_family("B")
        });
        let [earlier, last] = own;
        let earlier = match stated {
            Some(error) => earlier.with_relative_error(error).unwrap(),
            None => earlier,
        };
        let outlook = Outlook::of(&Figures::from_iter([earlier, last]), &options).unwrap();
        outlook.regions()[0].new_cases().clone()
    };
    let same = |stated, status| cases("B3", stated, status);
    assert_eq!(
        cases("B2", None, Status::Estimate),
        same(Some(0.05), Status::Estimate)
    );
    assert_eq!(
        same(None, Status::Commercial),
        same(Some(0.05), Status::Estimate)
    );
    // An error of its own and a revision: 0.12² + 0.05² = 0.13².
    let both = cases("B2", Some(0.12), Status::Estimate);
    let whole = same(Some(0.13), Status::Estimate);
    assert_relative_eq!(
        both.median(2034).unwrap(),
        whole.median(2034).unwrap(),
        max_relative = 1e-9
    );
    assert_relative_eq!(
        log_variance(&both, 2034),
        log_variance(&whole, 2034),
        max_relative = 1e-9
    );
    let variance = |first| log_variance(&cases(first, None, Status::Estimate), 2034);
    assert!(variance("B3") < variance("B2"));
}

#[test]
fn what_names_no_region_is_refused() {
    let own = [figure(2020, 1300.0, "B3"), figure(2024, 1480.0, "B3")];
    let own = Figures::from_iter(own);
    let refused = |options: OutlookOptions| Outlook::of(&own, &options).unwrap_err().to_string();
    let mut options = options();
    options.members.insert("Atlantsi".to_owned(), 3.0);
    let said = refused(options.clone());
    assert!(
        said.contains("Atlantsi") && said.contains("Atlantis"),
        "{said}"
    );
    options.members.clear();
    options.revision_sd = Some(1.5);
    assert!(refused(options.clone()).contains("the error of revision"));
    options.revision_sd = None;
    options.to = 2036;
    let said = refused(options);
    assert!(said.contains("2036"), "{said}");
}

/// Two earlier rounds, and what the next one published, with the error of revision estimated without that one: as far as
/// published rounds allow it.
#[test]
fn a_later_round_given_two_earlier_ones() {
    let of = |region: &str, rounds: [(i32, f64, &str); 2], left_out: &str, year| {
        let figures = rounds.map(|(year, cases, source)| {
            let figure = Figure::new(region, year, cases, Status::Estimate).unwrap();
            figure.with_source(source).with_family(&source[..3])
        });
        let figures = Figures::from_iter(figures);
        let mut options = OutlookOptions {
            to: 2024,
            ..OutlookOptions::myeloma_for(&figures)
        };
        let others = options.compared_with.iter();
        let others = others.filter(|figure| !figure.source().starts_with(left_out));
        options.compared_with = others.cloned().collect();
        let outlook = Outlook::of(&figures, &options).unwrap();
        let json: Value = serde_json::from_str(&outlook.summary_json()).unwrap();
        let levels = &json["regions"][0]["levels"];
        assert_eq!(levels["pairs_of_rounds"], 2);
        let revision = 100.0 * levels["revision"].as_f64().unwrap();
        let cases = outlook.region(region).unwrap().new_cases();
        let (lower, upper) = cases.interval(year, 0.95).unwrap();
        (lower, upper, format!("{revision:.1} % from two revisions"))
    };
    // From GBD's first and GLOBOCAN's one revision: GBD 2021 is in the interval of the World, and below that of China.
    let gbd = |region, [first, second]: [f64; 2]| {
        let rounds = [(2016, first, "GBD 2016"), (2019, second, "GBD 2019")];
        of(region, rounds, "GBD 2021", 2021)
    };
    let (world, china) = (
        gbd("World", [138_509.0, 155_688.0]),
        gbd("China", [16_500.0, 18_793.0]),
    );
    assert!(world.0 < 148_755.0 && 148_755.0 < world.1, "{world:?}");
    assert!(china.0 > 17_250.0, "{china:?}");
    // From GBD's two revisions: GLOBOCAN 2022 is in it.
    let rounds = [
        (2019, 164_300.0, "the release"),
        (2020, 176_404.0, "GLOBOCAN 2020"),
    ];
    let (lower, upper, revised) = of("World", rounds, "GLOBOCAN 2022", 2022);
    assert!(lower < 187_952.0 && 187_952.0 < upper, "{lower} {upper}");
    // What METHODS.md says of it, to the hundred.
    for said in [
        format!("{}, World 148,755 in {}", world.2, range(world.0, world.1)),
        format!("China 17,250 below {}", range(china.0, china.1)),
        format!("{revised}, World 187,952 in {}", range(lower, upper)),
    ] {
        is_in_methods(&said);
    }
}

/// An interval to the hundred, as METHODS.md has it.
fn range(lower: f64, upper: f64) -> String {
    let [lower, upper] = [lower, upper].map(|x| {
        let hundreds = (x / 100.0).round();
        let (thousands, rest) = ((hundreds / 10.0).floor(), 100.0 * (hundreds % 10.0));
        format!("{thousands},{rest:03}")
    });
    format!("{lower} to {upper}")
}

fn is_in_methods(said: &str) {
    let methods = include_str!("../../METHODS.md");
    let words: Vec<&str> = methods.split_whitespace().collect();
    assert!(
        words.join(" ").contains(said),
        "METHODS.md does not say: {said}"
    );
}

/// The numbers of the section on rounds and families, of the shipped figures.
#[test]
fn methods_has_the_levels_of_the_press_release() {
    let outlook = Outlook::of(press_release(), &OutlookOptions::myeloma()).unwrap();
    let json: Value = serde_json::from_str(&outlook.summary_json()).unwrap();
    let levels = [0, 1].map(|i| &json["regions"][i]["levels"]);
    assert_eq!(levels[0]["pairs_of_rounds"], 3);
    let revision = 100.0 * levels[0]["revision"].as_f64().unwrap();
    is_in_methods(&format!("{revision:.1} %, from three revisions"));
    let of_all = levels.map(|levels| {
        ["median", "lower95", "upper95"].map(|key| levels["all_sources"][key].as_f64().unwrap())
    });
    let [world, china] =
        of_all.map(|[median, lower, upper]| format!("{median:.2} ({lower:.2} to {upper:.2})"));
    is_in_methods(&format!(
        "{world} times the press release's last figure for the World, {china} for China"
    ));
    let of = |family: &str| levels[1]["families"][family].as_f64().unwrap();
    let (gbd, iarc) = (of("GBD"), of("IARC"));
    is_in_methods(&format!("where GBD and IARC are {gbd:.2} and {iarc:.2}"));
}

/// Three rounds of one last year are two revisions; one revision is refused, by region and option.
#[test]
fn revisions_are_counted_by_rounds() {
    let round = |cases, source: &str| {
        let figure = Figure::new("Other", 2015, cases, Status::Estimate).unwrap();
        figure.with_source(source).with_family("GBD")
    };
    let of = |rounds: &[Figure]| {
        let own = [(2015, 1_000.0), (2020, 1_150.0)].map(|(year, cases)| {
            let figure = Figure::new("Atlantis", year, cases, Status::Estimate).unwrap();
            figure.with_source("s1").with_family("F1")
        });
        let options = OutlookOptions {
            to: 2025,
            compared_with: rounds.iter().cloned().collect(),
            ..OutlookOptions::default()
        };
        Outlook::of(&Figures::from_iter(own), &options)
    };
    let rounds = [
        round(900.0, "GBD 2017"),
        round(1_100.0, "GBD 2019"),
        round(1_200.0, "GBD 2021"),
    ];
    let two = of(&rounds).unwrap();
    let stored = serde_json::to_value(&two.regions()[0]).unwrap();
    assert_eq!(stored["revision"]["pairs"], 2);
    // √((ln(11/9)² + ln(12/11)²)/2)
    let expected = 0.154_660_447;
    let sd = stored["revision"]["sd"].as_f64().unwrap();
    assert_relative_eq!(sd, expected, max_relative = 1e-6);
    let cautions = two.regions()[0].cautions().join(" ");
    assert!(
        cautions.contains("estimated from two revisions"),
        "{cautions}"
    );
    let error = of(&rounds[..2]).unwrap_err().to_string();
    for said in ["Atlantis", "from one revision", "revision_sd", "--revision"] {
        assert!(error.contains(said), "{error}");
    }
    // Two of e^±18: Student's t with two degrees of freedom is above 38 once in 2,900 draws, and e^(38·18) beyond any number.
    let far = ["GBD 2017", "GBD 2019", "GBD 2021"]
        .into_iter()
        .zip([1.0, 1e8, 1.0]);
    let far: Vec<Figure> = far.map(|(name, cases)| round(cases, name)).collect();
    let error = of(&far).unwrap_err().to_string();
    assert!(
        error.contains("Atlantis") && error.contains("--revision"),
        "{error}"
    );
    // In the order of their last years, whatever their names; by all years that two of them have.
    let in_order = [
        round(900.0, "z"),
        round(1_100.0, "a"),
        round(1_200.0, "b"),
        of_region("Other", 2016, 1_000.0, "a").with_family("GBD"),
        of_region("Other", 2016, 1_000.0, "b").with_family("GBD"),
        of_region("Other", 2017, 1_000.0, "b").with_family("GBD"),
    ];
    let in_order = serde_json::to_value(&of(&in_order).unwrap().regions()[0]).unwrap();
    let [first, second] = [(11.0_f64 / 9.0).ln(), (12.0_f64 / 11.0).ln() / 2.0];
    let expected = f64::midpoint(first.powi(2), second.powi(2));
    let sd = in_order["revision"]["sd"].as_f64().unwrap();
    assert_relative_eq!(sd, expected.sqrt(), max_relative = 1e-9);
    // Rounds that say the same: an estimate of 0, the limit of a small one, whose figures have no assumed error either.
    let alike = |step: f64| {
        let names = ["GBD 2017", "GBD 2019", "GBD 2021"].into_iter().zip(0..);
        let rounds: Vec<Figure> = names
            .map(|(name, i)| round(1_100.0 + step * f64::from(i), name))
            .collect();
        let outlook = of(&rounds).unwrap();
        // Cases have a variance where there is no error of revision.
        let model = outlook.model("Atlantis", &OutlookModelOptions::default());
        let said = model.unwrap().cautions().join(" ");
        assert_eq!(said.contains("have no variance"), step > 0.0, "{said}");
        outlook.regions()[0].clone()
    };
    let (zero, small) = (alike(0.0), alike(1e-6));
    for year in [2020, 2025] {
        let [zero, small] = [&zero, &small].map(|of| of.new_cases().interval(year, 0.95).unwrap());
        assert_relative_eq!(zero.0, small.0, max_relative = 1e-6);
        assert_relative_eq!(zero.1, small.1, max_relative = 1e-6);
    }
    let cautions = zero.cautions().join(" ");
    assert!(
        cautions.contains("estimated as 0 from 2 revisions") && !cautions.contains("Student"),
        "{cautions}"
    );
    assert!(zero.to_string().contains("0 %, from 2 revisions"), "{zero}");
}

/// The error of revision of a region rests on rounds of all regions: where two count different diseases it says so, and where
/// families of its own do. What is marked is not compared.
#[test]
fn definitions_that_differ_are_told() {
    let said = |marked: bool| {
        let other = |year, cases, source: &str, codes: &str| {
            of_region("Lemuria", year, cases, source).with_icd10(codes)
        };
        let own =
            |year, cases, source: &str, codes: &str| figure(year, cases, source).with_icd10(codes);
        let compared = [
            other(2016, 50.0, "a1", "C88+C90"),
            other(2018, 61.0, "a2", "C90"),
            other(2020, 63.0, "a3", "C90"),
            other(2022, 66.0, "a4", "C90"),
            own(2022, 1_390.0, "B2", "C90"),
            own(2020, 1_020.0, "C1", "C88+C90"),
        ];
        let mut options = OutlookOptions {
            draws: 200,
            compared_with: compared.into_iter().collect(),
            ..options()
        };
        options.forecast.shocks = Shocks::years(marked.then_some(2016));
        let text = format!("{:#}", outlook(&options));
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let text = said(false);
    assert!(
        text.contains("3 revisions (successive rounds of one family), compared as they stand, though a1 has ICD-10 C88+C90 and a2 C90."),
        "{text}"
    );
    assert!(
        text.contains("B (ICD-10 C90) ") && text.contains("C (ICD-10 C88+C90) "),
        "{text}"
    );
    let text = said(true);
    assert!(!text.contains("compared as they stand"), "{text}");
}

/// A column of one source changes nothing, and the text says which figures are of one round.
#[test]
fn figures_without_a_source_are_of_one() {
    let of = |sources: [&str; 2], status| {
        let own = [(2019, 1_300.0), (2024, 1_480.0)];
        let own = own.iter().zip(sources).map(|(&(year, cases), source)| {
            let figure = Figure::new("Atlantis", year, cases, status).unwrap();
            figure.with_source(source)
        });
        let options = OutlookOptions {
            revision_sd: Some(0.1),
            draws: 2_000,
            ..OutlookOptions::default()
        };
        Outlook::of(&own.collect::<Figures>(), &options).unwrap()
    };
    let cases = |outlook: &Outlook| outlook.regions()[0].new_cases().clone();
    let unnamed = of(["", ""], Status::Estimate);
    assert_eq!(cases(&unnamed), cases(&of(["x", "x"], Status::Estimate)));
    assert_ne!(cases(&unnamed), cases(&of(["x", "y"], Status::Estimate)));
    let words = |outlook: &Outlook| {
        let text = format!("{outlook:#}");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let said = words(&unnamed);
    assert!(
        said.contains("The figures of 2019 are taken as of one round with that of 2024"),
        "{said}"
    );
    for other in [
        of(["x", "y"], Status::Estimate),
        of(["x", "x"], Status::Commercial),
    ] {
        let said = words(&other);
        assert!(
            said.contains("2019 may be of other rounds than that of 2024"),
            "{said}"
        );
    }
}

/// No error of revision that is stated is the limit of a small one, and is not called unknown; without a statement, and without
/// rounds to compare, it is.
#[test]
fn a_stated_revision_of_0_is_the_limit_of_a_small_one() {
    let of = |revision_sd| {
        let options = OutlookOptions {
            revision_sd,
            compared_with: Figures::default(),
            ..options()
        };
        outlook(&options).regions()[0].clone()
    };
    let (none, small, unknown) = (of(Some(0.0)), of(Some(1e-9)), of(None));
    for year in [2024, 2035] {
        let [none, small] = [&none, &small].map(|of| of.new_cases().interval(year, 0.95).unwrap());
        assert_relative_eq!(none.0, small.0, max_relative = 1e-6);
        assert_relative_eq!(none.1, small.1, max_relative = 1e-6);
    }
    let is_unknown = |of: &RegionOutlook| {
        of.cautions()
            .join(" ")
            .contains("No error of revision is known")
    };
    assert!(is_unknown(&unknown) && !is_unknown(&none));
}

/// A last figure that is marked as provisional is, under either question, the figure that it will be completed to.
#[test]
fn a_provisional_figure_is_completed_once() {
    let [late, ..] = options().rate_trend.parameters().late_reporting;
    let of = |question, cases: f64, mark: bool| {
        let options = OutlookOptions {
            question,
            draws: 500,
            ..options()
        };
        let own = [(2018, 1200.0), (2020, 1300.0), (2024, cases)];
        let own = own.map(|(year, cases)| figure(year, cases, "B3"));
        let series = IncidenceSeries::from_figures(&Figures::from_iter(own), "Atlantis").unwrap();
        let marked = mark.then_some(2024);
        let series = series.with_mark(Mark::Provisional, marked).unwrap();
        let outlook = Outlook::of_series(&[series], &options).unwrap();
        outlook.regions()[0].new_cases().median(2030).unwrap()
    };
    for question in [Question::ThisSource, Question::TrueIncidence] {
        let completed = of(question, 1480.0 * late.exp(), false);
        assert_relative_eq!(of(question, 1480.0, true), completed, max_relative = 1e-9);
    }
}

/// Registered counts of three registries of one family, of one year: what they differ by is no revision of a model. As modelled rounds
/// they differ by ln(1100/1000) twice, which is that error of revision.
#[test]
fn registered_counts_are_no_rounds() {
    let revision = |status| {
        let own: Figures = [
            (2014, 1000.0, "R1"),
            (2019, 1100.0, "R2"),
            (2024, 1210.0, "R3"),
        ]
        .map(|(year, cases, source)| {
            let own = Figure::new("X", year, cases, Status::Estimate).unwrap();
            own.with_source(source).with_family("F")
        })
        .into_iter()
        .collect();
        let others = [("N1", 1000.0), ("N2", 1100.0), ("N3", 1000.0)].map(|(source, cases)| {
            let other = Figure::new("X", 2019, cases, status).unwrap();
            other.with_source(source).with_family("N")
        });
        let options = OutlookOptions {
            draws: 200,
            compared_with: others.into_iter().collect(),
            ..OutlookOptions::default()
        };
        let outlook = Outlook::of(&own, &options).unwrap();
        let json: Value = serde_json::from_str(&outlook.summary_json()).unwrap();
        json["regions"][0]["levels"]["revision"].as_f64().unwrap()
    };
    assert!(revision(Status::Registered).abs() < 1e-300);
    assert_relative_eq!(
        revision(Status::Estimate),
        1.1_f64.ln(),
        max_relative = 1e-9
    );
}

/// A compared figure of the source and year of an own one: the same number is that figure, another contradicts it.
#[test]
fn a_second_number_of_a_source_for_a_year_is_told() {
    let told = |cases: f64| {
        let of = |year, cases| {
            let figure = Figure::new("X", year, cases, Status::Estimate).unwrap();
            figure.with_source("GLOBOCAN 2022").with_family("IARC")
        };
        let options = OutlookOptions {
            draws: 200,
            compared_with: [of(2022, cases)].into_iter().collect(),
            ..OutlookOptions::default()
        };
        let own: Figures = [of(2018, 20_000.0), of(2022, 40_000.0)]
            .into_iter()
            .collect();
        let outlook = Outlook::of(&own, &options).unwrap();
        let cautions = outlook.regions()[0].cautions().join("\n");
        cautions.contains("one number for one year") && cautions.contains("GLOBOCAN 2022 2022")
    };
    assert!(told(30_300.0) && !told(40_000.0));
}
