//! Numbers in tables, on the page and under the pointer, against what they are of: the draws, the shipped figures, closed
//! forms.

use std::collections::HashMap;

use crate::svg::{Element, check};
use myeloma_epi::backtest::{Backtest, BacktestOptions, Panel, PanelSeries};
use myeloma_epi::demography::{AgeGroups, AgeRates, Decomposition, Population, Sex};
use myeloma_epi::figures::Mark;
use myeloma_epi::forecast::RegistryTrend;
use myeloma_epi::joinpoint::{AnnualSeries, JoinpointOptions, JoinpointRegression};
use myeloma_epi::report::chart;
use myeloma_epi::sensitivity::{Distribution, Inputs, OneWay, OneWayOptions};
use myeloma_epi::{
    IncidenceSeries, Outlook, OutlookOptions, ThirdLineOptions, YearlyDraws, figures,
};
use ndarray::Array2;

fn rows(csv: &str) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

fn press_release() -> Outlook {
    let options = OutlookOptions {
        draws: 300,
        ..OutlookOptions::myeloma()
    };
    Outlook::of(figures::press_release(), &options).unwrap()
}

/// With commas between thousands.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn with_interval(draws: &YearlyDraws, year: i32, [open, between, close]: [&str; 3]) -> String {
    let (lower, upper) = draws.interval(year, 0.95).unwrap();
    let median = grouped(draws.median(year).unwrap());
    format!(
        "{median}{open}{}{between}{}{close}",
        grouped(lower),
        grouped(upper)
    )
}

fn texts<'a>(all: &'a [Element], name: &str) -> Vec<&'a str> {
    let all = all.iter().filter(|e| e.name == name);
    all.map(|e| e.text.as_str()).collect()
}

#[test]
fn the_pointer_shows_the_interval_of_95_per_cent() {
    let outlook = press_release();
    let all = check(&chart::incidence(&outlook, "").unwrap());
    let titles = texts(&all, "title");
    for region in outlook.regions() {
        let numbers = with_interval(region.new_cases(), 2035, [" (95 %: ", " to ", ")"]);
        let due = format!("{} 2035: {numbers}", region.series().region());
        assert!(titles.contains(&due.as_str()), "{due} in {titles:?}");
    }
}

/// The last row of the table of each region: both questions, third line as drawn and at either end of its share.
#[test]
fn the_tables_of_the_page_hold_the_draws() {
    let outlook = press_release();
    let page = outlook.to_html("").unwrap();
    let last: Vec<&str> = page
        .split("<tr><th scope=\"row\">2040</th>")
        .skip(1)
        .collect();
    assert_eq!(last.len(), 2);
    let json: serde_json::Value = serde_json::from_str(&outlook.summary_json()).unwrap();
    for (i, (row, region)) in last.iter().zip(outlook.regions()).enumerate() {
        let row = row.split("</tr>").next().unwrap();
        let dashes = [" (", "–", ")"];
        let other = &json["regions"][i]["other_question"]["calibrated"][15];
        assert_eq!(other["year"], 2040);
        let of = |key: &str| grouped(other[key].as_f64().unwrap());
        let other = format!("{} ({}–{})", of("median"), of("lower95"), of("upper95"));
        let cases = region.new_cases().median(2040).unwrap();
        let third = with_interval(region.third_line(), 2040, dashes);
        let due = [
            format!(
                "<td>{}</td>",
                with_interval(region.new_cases(), 2040, dashes)
            ),
            format!("<td>{other}</td>"),
            format!("<td><span class=\"s0\">{third}</span>"),
            format!("<span class=\"s1\">{}</span>", grouped(0.3 * cases)),
            format!("<span class=\"s2\">{}</span></td>", grouped(0.4 * cases)),
            format!(
                "<td>{}</td>",
                with_interval(region.pool().new_cases(), 2040, dashes)
            ),
        ];
        let mut rest = row;
        for cell in due {
            let at = rest
                .find(&cell)
                .unwrap_or_else(|| panic!("{cell} in {row}"));
            rest = &rest[at + cell.len()..];
        }
    }
}

/// What is downloaded is the table and the JSON, and its address has no sign that would end it.
#[test]
fn downloads_of_the_page_are_the_files() {
    let name = "A #1 & \"ü\"";
    let series = IncidenceSeries::from_counts(name, [(2019, 1_200.0), (2024, 1_400.0)]).unwrap();
    let options = OutlookOptions {
        draws: 100,
        to: 2030,
        ..OutlookOptions::default()
    };
    let outlook = Outlook::of_series(&[series], &options).unwrap();
    let page = outlook.to_html("").unwrap();
    for (begins, expected) in [
        ("data:text/csv;charset=utf-8,", outlook.to_csv()),
        (
            "data:application/json;charset=utf-8,",
            outlook.summary_json(),
        ),
    ] {
        let address = page
            .split(begins)
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let mut bytes = Vec::new();
        let mut parts = address.split('%');
        bytes.extend(parts.next().unwrap().bytes());
        for part in parts {
            bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
            bytes.extend(part[2..].bytes());
        }
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~%".contains(&b);
        assert!(address.bytes().all(is_plain));
    }
}

/// "30–40 %" of the median of new cases, in JSON; the range itself, in the table of third-line starts; projections of others
/// as they stand in their file.
#[test]
fn shares_and_projections_are_those_that_were_stated() {
    let outlook = press_release();
    let json: serde_json::Value = serde_json::from_str(&outlook.summary_json()).unwrap();
    let region = &json["regions"][0];
    let (cases, third) = (&region["incidence"][15], &region["third_line"][15]);
    for (key, share) in [("at_30_percent", 0.3), ("at_40_percent", 0.4)] {
        let due = share * cases["median"].as_f64().unwrap();
        assert!(
            (third[key].as_f64().unwrap() - due).abs() < 1e-9 * due,
            "{key}"
        );
    }

    let table = outlook
        .third_line_table(&ThirdLineOptions::default())
        .unwrap();
    let table = rows(&table.to_csv());
    let of_range = |row: &&HashMap<String, String>| row["reading"].ends_with("as ultimate share");
    let of_range: Vec<_> = table.iter().filter(of_range).collect();
    assert_eq!(of_range.len(), 2 * 17);
    for row in of_range {
        assert_eq!(
            (row["share_low"].as_str(), row["share_high"].as_str()),
            ("0.3", "0.4")
        );
    }

    let file = include_str!("../../src/figures/projections.csv");
    let lines: Vec<&str> = file.lines().filter(|line| !line.starts_with('#')).collect();
    let file = lines.join("\n") + "\n";
    let stated = |row: &HashMap<String, String>| {
        (
            row["region"].clone(),
            row["year"].clone(),
            row["cases"].clone(),
        )
    };
    let stated: Vec<_> = rows(&file).iter().map(stated).collect();
    let table = rows(&outlook.to_csv());
    let others: Vec<_> = table
        .iter()
        .filter(|row| row["quantity"] == "other_projection")
        .collect();
    assert!(!others.is_empty());
    for row in others {
        let row = (
            row["region"].clone(),
            row["year"].clone(),
            row["central"].clone(),
        );
        assert!(stated.contains(&row), "{row:?}");
    }
}

/// Twice the people of the same ages at the same rates: all of the change is the population's. As many
/// people, more of them old: all of it is ageing.
#[test]
fn parts_of_a_change_stand_in_their_columns() {
    let change = |young: f64, old: f64| {
        let ages = || AgeGroups::from_labels(&["0-64", "65+"]).unwrap();
        let people = Array2::from_shape_vec((2, 2), vec![100.0, 100.0, young, old]).unwrap();
        let people = Population::new("A", Sex::Both, ages(), vec![2000, 2010], people).unwrap();
        let rates = AgeRates::new("A", Sex::Both, ages(), &[0.01, 0.03]).unwrap();
        Decomposition::between((&people, 2000, &rates), (&people, 2010, &rates)).unwrap()
    };
    let table = rows(&Decomposition::table_csv(&[
        change(200.0, 200.0),
        change(50.0, 150.0),
    ]));
    // 100·0.01 + 100·0.03 = 4 cases before; 8 and 50·0.01 + 150·0.03 = 5 after.
    for (row, due) in table.iter().zip([(8.0, 4.0, 0.0), (5.0, 0.0, 1.0)]) {
        assert_eq!((row["from"].as_str(), row["to"].as_str()), ("2000", "2010"));
        let parts = [
            ("before", 4.0),
            ("after", due.0),
            ("population", due.1),
            ("ageing", due.2),
            ("rates", 0.0),
        ];
        for (name, expected) in parts {
            let number: f64 = row[name].parse().unwrap();
            assert!((number - expected).abs() < 1e-12, "{name}: {number}");
        }
    }
}

/// A forecast is of the year of its origin plus its horizon, and what came is the registry's count of that year.
#[test]
fn forecasts_of_a_back_test_are_of_their_years() {
    let usa = IncidenceSeries::from_figures(figures::registered(), "United States").unwrap();
    let panel = [PanelSeries::new(usa, "United States", "multiple_myeloma").unwrap()];
    let panel = Panel::new(panel).unwrap();
    let trend = RegistryTrend::default();
    let test = Backtest::run(&panel, &[&trend], &BacktestOptions::default()).unwrap();
    let table = rows(&test.to_csv());
    assert!(table.len() > 50);
    for row in table {
        let number = |name: &str| row[name].parse::<i32>().unwrap();
        assert_eq!(number("year"), number("origin") + number("horizon"));
        let figure = figures::registered()
            .iter()
            .find(|figure| figure.region() == "United States" && figure.year() == number("year"));
        let observed: f64 = row["observed"].parse().unwrap();
        assert!((observed - figure.unwrap().cases()).abs() < 1e-9);
    }
}

/// The file of registered counts marks 2020 as a shock and 2021 and 2022 as provisional: three circles, the others dots.
#[test]
fn years_without_a_say_in_joinpoints_are_circles() {
    let usa = IncidenceSeries::from_figures(figures::registered(), "United States").unwrap();
    let series = AnnualSeries::from(&usa);
    let regression = JoinpointRegression::fit(&series, &JoinpointOptions::default()).unwrap();
    let all = check(&chart::joinpoints(&series, &regression, "").unwrap());
    let of = |fill: &str| {
        let circles = all
            .iter()
            .filter(|e| e.name == "circle" && e.get("fill") == fill);
        let places: Vec<f64> = circles.map(|e| e.number("cx")).collect();
        places
    };
    let (left_out, dots) = (of("#FFFFFF"), of("#000000"));
    // 1999 to 2022, and one of each in the legend.
    assert_eq!((left_out.len(), dots.len()), (3 + 1, 21 + 1));
    let last_dot = dots.iter().copied().fold(0.0, f64::max);
    assert!(left_out[1..].iter().all(|x| *x > last_dot));
}

/// Where the last years are left out, the model's value stands at the end of its line, on the side from which the line does
/// not come, and no line runs on to the frame.
#[test]
fn a_line_that_ends_early_has_its_value_at_its_end() {
    for (rise, is_above) in [(1.04_f64, true), (0.96, false)] {
        let counts = (2000..=2020).map(|year| (year, (20_000.0 * rise.powi(year - 2000)).round()));
        let series = IncidenceSeries::from_counts("Atlantis", counts).unwrap();
        let series = series.with_mark(Mark::Shock, [2018, 2019, 2020]).unwrap();
        let series = AnnualSeries::from(&series);
        let regression = JoinpointRegression::fit(&series, &JoinpointOptions::default()).unwrap();
        let all = check(&chart::joinpoints(&series, &regression, "").unwrap());
        let dots = all
            .iter()
            .filter(|e| e.name == "circle" && e.get("fill") == "#000000");
        let end = dots
            .max_by(|a, b| a.number("cx").total_cmp(&b.number("cx")))
            .unwrap();
        let (x, y) = (end.number("cx"), end.number("cy"));
        let value = 20_000.0 * rise.powi(17);
        let is_value = |e: &&Element| {
            let number = e.text.replace(',', "").parse::<f64>();
            e.name == "text" && number.is_ok_and(|number| (number - value).abs() < 2.0)
        };
        let label = all.iter().find(is_value).expect("the value of 2017");
        assert!((label.number("x") - x).abs() < 6.0, "{rise}");
        assert_eq!(label.number("y") < y, is_above, "{rise}");
        let model = all
            .iter()
            .filter(|e| e.name == "polyline" && e.get("stroke") == "#004B78");
        let farthest = model
            .flat_map(Element::points)
            .map(|point| point.0)
            .fold(0.0, f64::max);
        assert!(farthest < x + 1.0, "{farthest}");
    }
}

/// Of 10 − x the greater input is at the left end of the bar.
#[test]
fn values_stand_at_their_ends_of_a_bar() {
    let uniform = Distribution::Uniform {
        lower: 0.0,
        upper: 1.0,
    };
    for (slope, left, right) in [(1.0, "0.1", "0.9"), (-1.0, "0.9", "0.1")] {
        let inputs = Inputs::default().with("x", uniform.clone()).unwrap();
        let model = |x: &[f64], y: &mut [f64]| y[0] = 10.0 + slope * x[0];
        let bars = OneWay::of(&inputs, &["y"], model, &OneWayOptions::default()).unwrap();
        let all = check(&chart::tornado(&bars[0], "", "", "").unwrap());
        let at = |text: &str| {
            let mut found = all.iter().filter(|e| e.name == "text" && e.text == text);
            found.next().unwrap_or_else(|| panic!("{text}")).number("x")
        };
        assert!(at(left) < at(right), "{slope}");
    }
}
