//! What is printed and written beside what it should say: quantiles, shares and growth computed here from the
//! draws themselves, counts of the press release, and closed forms. No summary of the crate stands between.

use std::collections::HashMap;

use approx::assert_relative_eq;
use myeloma_epi::curve::Family;
use myeloma_epi::demography::{AgeRates, ExpectedCases, Population};
use myeloma_epi::fit::{FitOptions, compare};
use myeloma_epi::joinpoint::{AnnualSeries, JoinpointOptions, JoinpointRegression};
use myeloma_epi::pathway::{FlowOptions, Line, Pathway, Share, SojournTime};
use myeloma_epi::report::{Changes, Digits};
use myeloma_epi::{
    IncidenceSeries, Outlook, OutlookOptions, Question, ThirdLineOptions, YearlyDraws, figures,
};
use ndarray::Array2;
use serde_json::Value;

fn outlook() -> Outlook {
    let options = OutlookOptions {
        draws: 301,
        between_source_sd: 0.12,
        question: Question::TrueIncidence,
        compared_with: figures::Figures::default(),
        ..OutlookOptions::myeloma()
    };
    Outlook::of(figures::press_release(), &options).unwrap()
}

/// The quantile of type 7 of Hyndman & Fan (1996), <https://doi.org/10.1080/00031305.1996.10473566>.
fn quantile(draws: &YearlyDraws, year: i32, p: f64) -> f64 {
    let mut sorted: Vec<f64> = draws.year(year).unwrap().to_vec();
    sorted.sort_by(f64::total_cmp);
    let h = (sorted.len() - 1) as f64 * p;
    let mut places = 0..sorted.len();
    let above = places.find(|&i| i as f64 >= h).unwrap();
    let below = (0..=above).rev().find(|&i| i as f64 <= h).unwrap();
    sorted[below] + (h - below as f64) * (sorted[above] - sorted[below])
}

const SUMMARY: [(&str, f64); 5] = [
    ("median", 0.5),
    ("lower50", 0.25),
    ("upper50", 0.75),
    ("lower95", 0.025),
    ("upper95", 0.975),
];

/// The rows of a CSV table, by column.
fn rows(csv: &str) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

#[test]
fn the_table_holds_the_quantiles_of_the_draws() {
    let outlook = outlook();
    let rows = rows(&outlook.to_csv_with(myeloma_epi::report::Digits::All));
    let world = outlook.region("World").unwrap();
    let without = outlook.complement("China").unwrap();
    let exponential = world
        .curves()
        .iter()
        .zip(world.projections())
        .find(|(c, _)| c.family().name() == "exponential" && !c.uses_published_projection());
    for (labels, draws) in [
        (
            ["World", "new_cases", "mixture", "as_needed"],
            world.pool().new_cases(),
        ),
        (
            ["World", "new_cases", "mixture", "without"],
            (world.pool_without_published_projection().unwrap()).new_cases(),
        ),
        (
            ["World", "new_cases", "mixture", "with"],
            (world.pool_with_published_projection().unwrap()).new_cases(),
        ),
        (
            ["World", "third_line", "stochastic_trend", "without"],
            world.third_line(),
        ),
        (
            ["World", "new_cases", "stochastic_trend", "without"],
            world.new_cases(),
        ),
        (
            [
                "World",
                "new_cases_this_source",
                "stochastic_trend",
                "without",
            ],
            world.new_cases_under(Question::ThisSource),
        ),
        (
            ["World", "third_line_starts", "stochastic_trend", "without"],
            world.third_line_starts().unwrap(),
        ),
        (
            ["World", "new_cases", "exponential", "without"],
            exponential.unwrap().1.new_cases(),
        ),
        (
            ["World without China", "new_cases", "mixture", "as_needed"],
            without.pool(),
        ),
        (
            [
                "World without China",
                "new_cases",
                "stochastic_trend",
                "without",
            ],
            without.new_cases(),
        ),
    ] {
        let columns = ["region", "quantity", "curve", "published_projection"];
        let mut found = 0;
        for row in &rows {
            if columns
                .iter()
                .zip(labels)
                .any(|(column, label)| row[*column] != label)
            {
                continue;
            }
            let year: i32 = row["year"].parse().unwrap();
            for (column, p) in SUMMARY {
                let number: f64 = row[column].parse().unwrap();
                assert_relative_eq!(number, quantile(draws, year, p), max_relative = 1e-12);
            }
            found += 1;
        }
        assert_eq!(found, draws.years().count(), "{labels:?}");
    }
    // 164,300·(197,200/164,300)^(21/5), the exponential curve through both figures, in 2040.
    let curve = rows.iter().find(|row| {
        row["region"] == "World"
            && row["curve"] == "exponential"
            && row["year"] == "2040"
            && row["published_projection"] == "without"
    });
    let central: f64 = curve.unwrap()["central"].parse().unwrap();
    assert_relative_eq!(central, 353_646.058_06, max_relative = 1e-9);
    let figure = |quantity: &str, year: &str| {
        let row = rows.iter().find(|row| {
            row["region"] == "World" && row["quantity"] == quantity && row["year"] == year
        });
        row.unwrap()["central"].clone()
    };
    assert_eq!(figure("observed", "2024"), "197200");
    assert_eq!(figure("published_projection", "2040"), "273600");
}

#[test]
fn the_summary_holds_the_quantiles_of_the_draws() {
    let outlook = outlook();
    let json: Value = serde_json::from_str(&outlook.summary_json()).unwrap();
    let world = outlook.region("World").unwrap();
    let stored = &json["regions"][0];
    let check = |list: &Value, draws: &YearlyDraws| {
        let list = list.as_array().unwrap();
        assert_eq!(list.len(), 16);
        for entry in list {
            let year = i32::try_from(entry["year"].as_i64().unwrap()).unwrap();
            for (key, p) in SUMMARY {
                let number = entry[key].as_f64().unwrap();
                assert_relative_eq!(number, quantile(draws, year, p), max_relative = 1e-12);
            }
        }
    };
    check(&stored["incidence"], world.new_cases());
    check(&stored["pool"], world.pool().new_cases());
    let other = &stored["other_question"]["calibrated"];
    check(other, world.new_cases_under(Question::ThisSource));
    check(
        &stored["third_line_starts"],
        world.third_line_starts().unwrap(),
    );
    check(&stored["third_line"], world.third_line());
    check(&stored["calibrated"], world.new_cases());
    for pool in stored["mixtures"].as_array().unwrap() {
        let with = pool["uses_published_projection"] == true;
        let own = if with {
            world.pool_with_published_projection()
        } else {
            world.pool_without_published_projection()
        };
        check(&pool["incidence"], own.unwrap().new_cases());
    }
    assert_eq!(stored["source_level"]["deviation"], 0.12);
    assert_eq!(
        json["assumptions"]["relative_error_where_none_is_stated"],
        0.03
    );
    assert_eq!(json["assumptions"]["draws"], 301);
    // A pool without the published projection has no error of it.
    let of_projection = |pool: &str| stored["variance"][pool]["published_projection"].as_f64();
    assert_eq!(of_projection("without_published"), Some(0.0));
    assert!(of_projection("with_published").unwrap() > 0.0);
    // Shares of the variance add up; where no published projection is a figure, 0.12² is between sources.
    let variance = &stored["variance"];
    for pool in [
        "incidence",
        "pool",
        "third_line",
        "without_published",
        "with_published",
        "calibrated",
    ] {
        let shares = &variance[pool];
        let parts = [
            "measurement",
            "source",
            "published_projection",
            "curve",
            "horizon",
            "share",
        ];
        let sum: f64 = parts
            .iter()
            .map(|part| shares[*part].as_f64().unwrap())
            .sum();
        assert_relative_eq!(sum, 1.0, max_relative = 1e-12);
        if ["without_published", "calibrated"].contains(&pool) {
            let deviation = shares["deviation"].as_f64().unwrap();
            let between = shares["source"].as_f64().unwrap() * deviation * deviation;
            // The registry trend adds it exactly; the variance of 301 draws has a standard error of
            // √(2/300) = 8 %, of which three are allowed.
            let error = if pool == "calibrated" { 1e-9 } else { 0.25 };
            assert_relative_eq!(between, 0.12 * 0.12, max_relative = error);
        }
    }
}

/// The cell of a printed table in the column that ends where the heading of the column ends.
fn cell<'a>(heading: &str, line: &'a str, column: &str) -> &'a str {
    let end = heading
        .find(column)
        .unwrap_or_else(|| panic!("{column}: {heading}"))
        + column.len();
    let begin = heading[..end].trim_end_matches(column).trim_end().len();
    line.get(begin..end.min(line.len())).unwrap_or("").trim()
}

fn number(cell: &str) -> f64 {
    cell.replace(',', "")
        .parse()
        .unwrap_or_else(|_| panic!("\"{cell}\" is no number"))
}

#[test]
fn the_text_shows_the_quantiles_of_the_draws() {
    let outlook = outlook();
    let world = outlook.region("World").unwrap();
    let text = world.to_string();
    let lines: Vec<&str> = text.lines().collect();
    let line = |begin: &str| {
        let found = lines
            .iter()
            .position(|line| line.trim_start().starts_with(begin));
        found.unwrap_or_else(|| panic!("{begin}: {text}"))
    };
    let heading = lines[line("WORLD")];
    let this_source = format!("new cases, registry trend: {}", Question::ThisSource);
    for (title, draws) in [
        (
            this_source.as_str(),
            world.new_cases_under(Question::ThisSource),
        ),
        (
            "new cases, linear pool of the curves",
            world.pool().new_cases(),
        ),
        (
            "new cases, linear pool without",
            world
                .pool_without_published_projection()
                .unwrap()
                .new_cases(),
        ),
        ("new cases, registry trend", world.new_cases()),
        ("patients diagnosed in the year", world.third_line()),
    ] {
        let under = &lines[line(title)..];
        for (label, p) in [("median", 0.5), ("95 % from", 0.025), ("95 % to", 0.975)] {
            let row = under
                .iter()
                .find(|line| line.trim_start().starts_with(label))
                .unwrap();
            for year in [2025, 2030, 2040] {
                let shown = number(cell(heading, row, &year.to_string()));
                assert!(
                    (shown - quantile(draws, year, p)).abs() <= 0.5 + 1e-6,
                    "{title} {label} {year}: {text}"
                );
            }
        }
    }
    // Both ends of the share times the median: 30 and 40 %.
    for (label, share) in [("30 % of the median", 0.3), ("40 % of the median", 0.4)] {
        let shown = number(cell(heading, lines[line(label)], "2040"));
        assert!((shown - share * quantile(world.new_cases(), 2040, 0.5)).abs() <= 0.5 + 1e-6);
    }
    // Growth from 164,300 to 197,200 in five years is 3.72 % a year.
    let median = |year| quantile(world.new_cases(), year, 0.5);
    let to = world.new_cases().last_year();
    let from = world.new_cases().first_year();
    let ahead = 100.0 * ((median(to) / median(from)).powf(1.0 / f64::from(to - from)) - 1.0);
    let flat = text.replace("\n  ", " ");
    let said =
        format!("growth of 3.7 % a year from 2019 to 2024 becomes {ahead:.1} % a year to 2040");
    assert!(flat.contains(&said), "{said}: {text}");
    // Of the draws, so many lie below the 273,600 that were published for 2040.
    let below = |draws: &YearlyDraws| {
        let year = draws.year(2040).unwrap();
        let below = year.iter().filter(|cases| **cases < 273_600.0).count();
        format!("{:.0} %", 100.0 * below as f64 / year.len() as f64)
    };
    let without = world
        .pool_without_published_projection()
        .unwrap()
        .new_cases();
    assert!(below(without) != below(world.new_cases()));
    let said = format!(
        "for 2040 lies above {} of the draws of the linear pool without it and {} of the draws of the registry trend",
        below(without),
        below(world.new_cases())
    );
    assert!(flat.contains(&said), "{said}: {text}");
    // The between-source standard deviation is stated: 0.12² is its part of the variance.
    let variance = line("variance of ln cases in 2040");
    let (heading, under) = (lines[variance], &lines[variance..]);
    for pool in ["without proj.", "trend"] {
        let row = |label: &str| {
            let row = under
                .iter()
                .find(|line| line.trim_start().starts_with(label));
            number(cell(heading, row.unwrap(), pool))
        };
        let total = row("standard deviation of ln cases").powi(2);
        let between = row("differences between sources") / 100.0;
        // Both are printed to two or three digits.
        assert!((between - 0.0144 / total).abs() < 0.012, "{pool}: {text}");
        let parts = [
            "errors of the figures",
            "differences between sources",
            "error of the published projection",
            "choice of the curve",
            "model discrepancy",
        ];
        let sum: f64 = parts.map(row).iter().sum();
        assert!((sum - 100.0).abs() <= 2.5, "{pool}: {text}");
    }
}

/// People of one age group who grow by 1 % a year, and a headline that grows by g: with r = 1.01^16 and f = g/r, half of
/// (r − 1)·(1 + f) is by their number, nothing by their age, half of (f − 1)·(1 + r) by rates.
#[test]
fn the_change_of_the_headline_is_in_the_files() {
    let figures = "region,year,cases,status\nA,2019,1000,registered\nA,2024,1400,registered\n";
    let figures = figures::Figures::from_csv("x", figures).unwrap();
    let people = |year: i32| format!("A,{year},0+,{}\n", 1e6 * 1.01_f64.powi(year - 2019));
    let people: String = (2019..=2040).map(people).collect();
    let people = Population::from_csv("p", &format!("area,year,age,population\n{people}"));
    let rates = AgeRates::from_csv("r", "area,age,rate_per_100000\nA,0+,100\n");
    let mut options = OutlookOptions {
        draws: 301,
        ..OutlookOptions::default()
    };
    let (people, rates) = (people.unwrap(), rates.unwrap());
    (options.state_population(&figures, &people, &rates, false)).unwrap();
    let outlook = Outlook::of(&figures, &options).unwrap();
    let [first, last] =
        [2024, 2040].map(|year| quantile(outlook.regions()[0].new_cases(), year, 0.5));
    let r = 1.01_f64.powi(16);
    let f = last / first / r;
    let json: Value = serde_json::from_str(&outlook.summary_json()).unwrap();
    let change = &json["regions"][0]["change"];
    assert_eq!(
        (&change["from"], &change["to"]),
        (&2024.into(), &2040.into())
    );
    let table = rows(&outlook.to_csv_with(Digits::All));
    for (part, share) in [
        ("population", (r - 1.0) * (1.0 + f) / 2.0),
        ("ageing", 0.0),
        ("rates", (f - 1.0) * (1.0 + r) / 2.0),
    ] {
        let percent = change[part].as_f64().unwrap();
        assert!((percent - 100.0 * share).abs() < 1e-9, "{part}: {percent}");
        let row = table
            .iter()
            .find(|row| row["quantity"] == format!("change_by_{part}"));
        let row = row.unwrap();
        assert_eq!(
            (row["year"].as_str(), row["curve"].as_str()),
            ("2040", "stochastic_trend")
        );
        let cases: f64 = row["central"].parse().unwrap();
        assert!(
            (cases - share * first).abs() < 1e-9 * first,
            "{part}: {cases}"
        );
    }
}

/// The headline: in thousands, the median to three significant digits and the ends of the 95 % interval to two.
#[test]
fn the_headline_is_of_the_draws() {
    let outlook = outlook();
    let text = outlook.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].starts_with("thousands (95 %)") && lines[0].ends_with("China 2040"),
        "{text}"
    );
    let region = |name| outlook.region(name).unwrap();
    let (world, china) = (region("World"), region("China"));
    let cells = |line: usize| {
        // The label of a row has numbers of its own.
        let row = lines[line]
            .rsplit_once("line ")
            .or_else(|| lines[line].rsplit_once("3rd "))
            .map_or(lines[line], |(_, row)| row);
        let numbers = row.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','));
        let numbers = numbers.filter(|text| !text.is_empty()).map(number);
        numbers.collect::<Vec<f64>>()
    };
    let starts = [world, china].map(|region| region.third_line_starts().unwrap());
    for (line, draws) in [
        (1, [world.new_cases(), china.new_cases()]),
        (2, [world.third_line(), china.third_line()]),
        (3, starts),
    ] {
        let shown = cells(line);
        let years = [2024, 2030, 2040];
        let expected = draws.iter().flat_map(|draws| {
            years
                .into_iter()
                .flat_map(|year| [0.5, 0.025, 0.975].map(|p| quantile(draws, year, p)))
        });
        let expected: Vec<f64> = expected.collect();
        assert_eq!(shown.len(), expected.len(), "{text}");
        for (i, (shown, expected)) in shown.iter().zip(&expected).enumerate() {
            // Half a unit of the last digit that is shown.
            let digits = if i % 3 == 0 { 3 } else { 2 };
            let unit = 10_f64.powf((expected / 1e3).log10().floor() + 1.0 - f64::from(digits));
            assert!(
                (shown - expected / 1e3).abs() <= 0.5001 * unit,
                "{shown} {expected}: {text}"
            );
        }
    }
    assert!(
        lines[4].starts_with("change of new cases: World +"),
        "{text}"
    );
    assert!(
        lines[5]
            == "registry trend of the rate; all sources together; IASO Bio press release, 27 November 2025",
        "{text}"
    );
    assert!(
        lines[6].starts_with("thousands in 2040, by this source's next round: World "),
        "{text}"
    );
    // Six lines and the other question's, in a terminal of 100 columns.
    assert!(
        lines.iter().all(|line| line.chars().count() <= 100),
        "{text}"
    );
    assert!(lines[7].is_empty(), "{text}");
}

/// Nobody is diagnosed before 2000.
fn from_nobody() -> FlowOptions {
    FlowOptions {
        cohorts: Some(2000..=2011),
        ..FlowOptions::to(2011)
    }
}

/// 1,000 patients a year, evenly over each, since the beginning of 2000. First line lasts 2 years in the mean, then
/// 60 % start second line, 25 % die and 15 % are lost; second line lasts a year, then all die.
fn flow() -> myeloma_epi::pathway::Flow {
    let share = |share| Share::new(share).unwrap();
    let time = |mean| SojournTime::exponential(mean).unwrap();
    let first = Line::new(time(2.0), share(0.6)).with_death(share(0.25));
    let second = Line::new(time(1.0), share(0.0));
    let diagnosed = YearlyDraws::new(2000, Array2::from_elem((12, 1), 1_000.0)).unwrap();
    let pathway = Pathway::of_lines([first, second]).unwrap();
    pathway.flow(&diagnosed, &from_nobody()).unwrap()
}

/// In first line at a time t after the beginning of 2000: 2,000·(1 − e^(−t/2)).
fn in_first_line(t: f64) -> f64 {
    2_000.0 * (1.0 - (-t / 2.0).exp())
}

/// Exits from first line up to t: those diagnosed less those who are in it.
fn left_first_line(t: f64) -> f64 {
    1_000.0 * t - in_first_line(t)
}

/// In second line at t: 0.6·∫ f(s)·e^(−(t−s)) ds with the exits f(s) = 1,000·(1 − e^(−s/2)).
fn in_second_line(t: f64) -> f64 {
    600.0 * (1.0 - (-t).exp()) - 1_200.0 * ((-t / 2.0).exp() - (-t).exp())
}

/// Starts, patients at the end of the year, deaths, lost: by line, of a year counted from 0.
fn expected(line: &str, i: f64) -> [f64; 4] {
    let during = |of: fn(f64) -> f64| of(i + 1.0) - of(i);
    let left = during(left_first_line);
    if line == "1" {
        [1_000.0, in_first_line(i + 1.0), 0.25 * left, 0.15 * left]
    } else {
        let died = 0.6 * left - during(in_second_line);
        [0.6 * left, in_second_line(i + 1.0), died, 0.0]
    }
}

#[test]
fn the_table_of_a_flow_holds_closed_forms() {
    let rows = rows(&flow().to_csv().unwrap());
    assert_eq!(rows.len(), 24);
    for row in &rows {
        let i = row["year"].parse::<f64>().unwrap() - 2000.0;
        let columns = ["starts", "prevalence_year_end", "deaths", "lost"];
        for (column, expected) in columns.iter().zip(expected(&row["line"], i)) {
            let number: f64 = row[*column].parse().unwrap();
            assert!(
                (number - expected).abs() < 0.05,
                "{column}, {expected}: {row:?}"
            );
        }
    }
}

/// The last year as a flow prints it: diagnosed, starts of both lines, patients in them, deaths, lost.
#[test]
fn the_text_of_a_flow_shows_closed_forms() {
    let text = flow().to_string();
    let row = text.lines().find(|line| line.starts_with("2011")).unwrap();
    let shown: Vec<f64> = row.split_whitespace().skip(1).map(number).collect();
    let (first, second) = (expected("1", 11.0), expected("2", 11.0));
    let expected = [
        1_000.0,
        first[0],
        second[0],
        first[1],
        second[1],
        first[2] + second[2],
        first[3],
    ];
    assert_eq!(shown.len(), expected.len(), "{text}");
    for (shown, expected) in shown.iter().zip(expected) {
        assert!((shown - expected).abs() <= 0.55, "{expected}: {text}");
    }
}

/// Off treatment after first line, at the end of a year: half of those who leave it stay for good.
#[test]
fn patients_off_treatment_are_in_no_line() {
    let share = |share| Share::new(share).unwrap();
    let time = |mean| SojournTime::exponential(mean).unwrap();
    let off = Line::new(time(3.0), share(1.0));
    let first = Line::new(time(2.0), share(0.0)).with_off_treatment(share(0.5), off);
    let second = Line::new(time(1.0), share(0.0));
    let diagnosed = YearlyDraws::new(2000, Array2::from_elem((12, 1), 1_000.0)).unwrap();
    let pathway = Pathway::of_lines([first, second]).unwrap();
    let flow = pathway.flow(&diagnosed, &from_nobody()).unwrap();
    let rows = rows(&flow.to_csv().unwrap());
    let last = rows
        .iter()
        .find(|row| row["year"] == "2011" && row["line"] == "1")
        .unwrap();
    let number: f64 = last["prevalence_year_end"].parse().unwrap();
    assert!((number - in_first_line(12.0)).abs() < 0.05, "{last:?}");
}

/// Three worlds with 1, 2 and 6 thousand patients a year: the mean is 3, the median 2, and the quantiles at 2.5 and
/// 97.5 % by type 7 are 1.05 and 5.8 times what one thousand give.
#[test]
fn tables_of_several_draws_show_mean_and_quantiles() {
    let one = flow();
    let worlds = Array2::from_shape_fn((12, 3), |(_, k)| [1_000.0, 2_000.0, 6_000.0][k]);
    let worlds = YearlyDraws::new(2000, worlds).unwrap();
    let share = |share| Share::new(share).unwrap();
    let time = |mean| SojournTime::exponential(mean).unwrap();
    let first = Line::new(time(2.0), share(0.6)).with_death(share(0.25));
    let pathway = Pathway::of_lines([first, Line::new(time(1.0), share(0.0))]).unwrap();
    let flow = pathway.flow(&worlds, &from_nobody()).unwrap();
    let rows = rows(&flow.states_csv());
    let row = rows
        .iter()
        .find(|row| row["year"] == "2011" && row["state"] == "line_1")
        .unwrap();
    for (column, times) in [("patients", 3.0), ("lower95", 1.05), ("upper95", 5.8)] {
        let number: f64 = row[column].parse().unwrap();
        let expected = times * in_first_line(12.0);
        assert!(
            (number - expected).abs() < 0.3,
            "{column}, {expected}: {row:?}"
        );
    }
    let text = flow.to_string();
    let (_, last) = text.split_once("\n2011").unwrap();
    let interval = last.lines().nth(1).unwrap();
    let ends: Vec<f64> = interval
        .split_whitespace()
        .nth(3)
        .unwrap()
        .split('–')
        .map(number)
        .collect();
    let expected = [1.05, 5.8].map(|times| times * in_first_line(12.0));
    assert!(
        (ends[0] - expected[0]).abs() < 1.0 && (ends[1] - expected[1]).abs() < 1.0,
        "{expected:?}: {text}"
    );
    // Who dies in first line or is lost after it never reaches second.
    let never = one.never_reaching(2).unwrap().median(2011).unwrap();
    let left = left_first_line(12.0) - left_first_line(11.0);
    assert!((never - 0.4 * left).abs() < 0.05);
}

/// Treated or not, all die after two years on average: the deaths of a year are those who leave a state like first line.
#[test]
fn deaths_of_the_never_treated_are_in_the_text() {
    let time = SojournTime::exponential(2.0).unwrap();
    let line = Line::new(time.clone(), Share::new(0.0).unwrap());
    let group = myeloma_epi::pathway::Group::new("all", Share::new(1.0).unwrap(), [line])
        .unwrap()
        .with_never_treated(Share::new(0.2).unwrap(), Some(time));
    let diagnosed = YearlyDraws::new(2000, Array2::from_elem((12, 1), 1_000.0)).unwrap();
    let flow = Pathway::new([group])
        .unwrap()
        .flow(&diagnosed, &from_nobody())
        .unwrap();
    let text = flow.to_string();
    let row = text.lines().find(|line| line.starts_with("2011")).unwrap();
    let shown: Vec<f64> = row.split_whitespace().skip(1).map(number).collect();
    let died = left_first_line(12.0) - left_first_line(11.0);
    assert!((shown[3] - died).abs() <= 0.55, "{died}: {text}");
}

/// The array of all draws, read as `NumPy` writes it: each quantity and region has its own.
#[test]
fn the_array_of_draws_has_every_region() {
    let outlook = outlook();
    let (array, _) = outlook.draws_npy();
    let header = usize::from(u16::from_le_bytes([array[8], array[9]]));
    let values: Vec<f64> = (array[10 + header..].chunks_exact(8))
        .map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap()))
        .collect();
    let draws = outlook.options().draws;
    let years = outlook.regions()[0].new_cases().years().count();
    let regions = outlook.regions();
    for (i, region) in regions.iter().enumerate() {
        for (quantity, drawn) in [region.new_cases(), region.third_line()]
            .into_iter()
            .enumerate()
        {
            let at = ((quantity * regions.len() + i) * years + years - 1) * draws;
            let last = drawn.year(2040).unwrap().to_vec();
            assert_eq!(values[at..at + draws], last, "{}", region.series().region());
        }
    }
}

/// Of a year before the last figure of a region there are no draws, which is not 0: the number of `NumPy` that is none.
#[test]
fn a_year_without_draws_is_no_number_in_the_array() {
    let series = |region, last: i32| {
        let counts = [(last - 5, 1_000.0), (last, 1_100.0)];
        IncidenceSeries::from_counts(region, counts).unwrap()
    };
    let options = OutlookOptions {
        draws: 7,
        to: 2026,
        ..OutlookOptions::default()
    };
    let outlook = Outlook::of_series(&[series("a", 2020), series("b", 2024)], &options).unwrap();
    let (array, _) = outlook.draws_npy();
    // New cases of "a" from 2020 to 2026, seven draws each, then of "b", then third line likewise.
    let values: Vec<f64> = (array[array.len() - 4 * 7 * 7 * 8..].chunks_exact(8))
        .map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap()))
        .collect();
    for quantity in [1, 3] {
        let of_b = &values[quantity * 7 * 7..][..7 * 7];
        assert!(of_b[..4 * 7].iter().all(|draw| draw.is_nan()), "{of_b:?}");
        assert!(of_b[4 * 7..].iter().all(|draw| *draw > 0.0), "{of_b:?}");
    }
}

/// Changes are per cent of the quotient of two years, draw by draw.
#[test]
fn changes_are_quantiles_of_quotients() {
    let outlook = outlook();
    let changes = Changes::since(2025, &outlook).unwrap();
    let stored = serde_json::to_value(&changes).unwrap();
    assert_eq!(
        serde_json::from_value::<Changes>(stored.clone()).unwrap(),
        changes
    );
    for (pointer, wrong) in [
        ("/base_year", serde_json::json!(2026)),
        ("/regions/0/times/0/median", serde_json::json!(1.1)),
        ("/regions/1/times/3/year", serde_json::json!(2025)),
    ] {
        let mut changed = stored.clone();
        *changed.pointer_mut(pointer).unwrap() = wrong;
        assert!(
            serde_json::from_value::<Changes>(changed).is_err(),
            "{pointer}"
        );
    }
    let csv = changes.to_csv(Digits::All);
    for (region, quantity) in [("World", 0), ("China", 1)] {
        let cases = outlook.regions()[quantity].new_cases();
        let name = outlook.regions()[quantity].series().region();
        assert_eq!(name, region);
        let ratio = &cases.year(2040).unwrap() / &cases.year(2025).unwrap();
        let ratio = YearlyDraws::new(2040, ratio.insert_axis(ndarray::Axis(0))).unwrap();
        let row = csv
            .lines()
            .find(|row| row.starts_with(&format!("{region},2025,2040,")));
        let numbers: Vec<f64> = row.unwrap().split(',').skip(3).map(number).collect();
        for (got, (_, p)) in numbers.iter().zip(SUMMARY) {
            let expected = 100.0 * (quantile(&ratio, 2040, p) - 1.0);
            assert_relative_eq!(*got, expected, max_relative = 1e-9);
        }
    }
}

/// People of one's own whose expected cases grow by half explain half of what there is in 2024.
#[test]
fn expected_cases_of_ones_own_explain_a_part_of_the_change() {
    let expected =
        (2015..=2040).map(|year| (year, 100.0 * 1.5_f64.powf(f64::from(year - 2024) / 16.0)));
    let expected = ExpectedCases::new("Atlantis", expected.collect()).unwrap();
    let options = OutlookOptions {
        draws: 301,
        population: [("Atlantis".to_owned(), expected)].into(),
        ..OutlookOptions::default()
    };
    let series =
        IncidenceSeries::from_counts("Atlantis", [(2019, 900.0), (2024, 1_000.0)]).unwrap();
    let outlook = Outlook::of_series(&[series], &options).unwrap();
    let cases = outlook.regions()[0].new_cases();
    let all = 100.0 * (quantile(cases, 2040, 0.5) / quantile(cases, 2024, 0.5) - 1.0);
    let said = format!("number and age of people +50, rates {:+.0}", all - 50.0);
    assert!(outlook.to_string().contains(&said), "{said}: {outlook}");
}

/// A figure has its own status in the table, and not that of another year.
#[test]
fn each_figure_has_its_own_status() {
    let text = "region,year,cases,status\nA,2015,900,registered\nA,2020,1000,estimate\nA,2024,1100,commercial\n";
    let figures = figures::Figures::from_csv("mine", text).unwrap();
    let options = OutlookOptions {
        draws: 50,
        to: 2030,
        ..OutlookOptions::default()
    };
    let table = rows(&Outlook::of(&figures, &options).unwrap().to_csv());
    let observed = table.iter().filter(|row| row["quantity"] == "observed");
    let statuses: Vec<[&str; 2]> = observed
        .map(|row| [&row["year"], &row["status"]].map(String::as_str))
        .collect();
    assert_eq!(
        statuses,
        [
            ["2015", "registered"],
            ["2020", "estimate"],
            ["2024", "commercial"]
        ]
    );
}

/// 164,300·(197,200/164,300)^(21/5) is 353,646, of which 30 and 40 % are 106,094 and 141,458.
#[test]
fn shares_of_a_curve_are_those_of_its_last_year() {
    let text = outlook().to_string();
    let curve = text.lines().find(|line| line.contains("353,646")).unwrap();
    let numbers: Vec<&str> = curve.split_whitespace().rev().take(3).collect();
    assert_eq!(numbers, ["141,458", "106,094", "353,646"], "{text}");
}

/// The text says of how many draws of which forecast another one stands in their place.
#[test]
fn replaced_draws_are_those_of_the_forecast_named() {
    let text = "region,year,cases,status,relative_error\nA,2019,10000,estimate,0.1\nA,2024,11000,estimate,0.1\n\
                B,2019,7000,estimate,0.1\nB,2024,7700,estimate,0.1\n";
    let options = OutlookOptions {
        draws: 301,
        parts: vec![("B".to_owned(), "A".to_owned())],
        ..OutlookOptions::default()
    };
    let outlook =
        Outlook::of(&figures::Figures::from_csv("mine", text).unwrap(), &options).unwrap();
    let [in_trends, in_pools] = outlook.complement("B").unwrap().replaced();
    assert!(in_trends < in_pools);
    let text = format!("{outlook:#}")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let said = format!("{in_trends} of 301 of the registry trend, {in_pools} of the linear pool.");
    assert!(text.contains(&said), "{said}: {text}");
}

/// The page draws both questions, each as the outlook that asks it has it.
#[test]
fn the_page_draws_either_question() {
    let page = outlook().to_html("").unwrap();
    let figure = |class: &str| {
        let begin = format!("<figure class=\"{class}\"");
        let rest = page.split(&begin).nth(1).unwrap();
        rest.split_once("<svg")
            .unwrap()
            .1
            .split("</figure>")
            .next()
            .unwrap()
            .to_owned()
    };
    assert_ne!(figure("q0 c0"), figure("q1 c0"));
    assert_ne!(figure("q0 c1"), figure("q1 c1"));
    let options = OutlookOptions {
        question: Question::ThisSource,
        ..outlook().options().clone()
    };
    let other = Outlook::of(figures::press_release(), &options).unwrap();
    let other = other.to_html("").unwrap();
    assert!(other.contains(&figure("q0 c0")) && other.contains(&figure("q1 c1")));
}

/// Intervals in tables of curves and of segments are those of the results, the lower end first.
#[test]
fn intervals_of_curves_and_segments_begin_with_their_lower_end() {
    let usa = IncidenceSeries::from_figures(figures::registered(), "United States").unwrap();
    let compared = compare(&Family::ALL, &usa, &FitOptions::default(), 2030);
    let json: Value = serde_json::from_str(&compared.summary_json()).unwrap();
    let stored = json.as_array().unwrap();
    let table = rows(&compared.to_csv(Digits::All));
    let mut checked = 0;
    for ((curve, row), stored) in compared.curves().iter().zip(&table).zip(stored) {
        let Some(interval) = curve.interval95() else {
            continue;
        };
        let ends = ["lower95", "upper95"];
        let due = [interval.0, interval.1].map(f64::to_bits);
        assert_eq!(
            ends.map(|end| row[end].parse::<f64>().unwrap().to_bits()),
            due
        );
        assert_eq!(
            ends.map(|end| stored["value"][end].as_f64().unwrap().to_bits()),
            due
        );
        assert!(interval.0 < curve.value().unwrap() && curve.value().unwrap() < interval.1);
        checked += 1;
    }
    assert!(checked > 1);
    let regression =
        JoinpointRegression::fit(&AnnualSeries::from(&usa), &JoinpointOptions::default()).unwrap();
    for row in rows(&regression.to_csv(Digits::All)) {
        let [lower, change, upper] = ["lower", "annual_percent_change", "upper"]
            .map(|name| row[name].parse::<f64>().unwrap());
        assert!(lower < change && change < upper, "{row:?}");
    }
}

/// "30-40 %" in the table of third line: the lower share first; and of its sixteen years four, five years apart.
#[test]
fn the_table_of_third_line_has_shares_and_years_in_order() {
    let table = outlook()
        .third_line_table(&ThirdLineOptions::default())
        .unwrap();
    let row = &rows(&table.to_csv())[0];
    assert_eq!([&row["share_low"], &row["share_high"]], ["0.3", "0.4"]);
    let text = table.to_string();
    let heading: Vec<&str> = text
        .lines()
        .next()
        .unwrap()
        .split_whitespace()
        .rev()
        .take(4)
        .collect();
    assert_eq!(heading, ["2040", "2035", "2030", "2025"], "{text}");
}
