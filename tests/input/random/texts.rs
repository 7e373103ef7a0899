//! Files of figures, counts, panels and models, right and damaged.

use std::fmt::Write;
use std::path::Path;

use myeloma_epi::backtest::{BacktestOptions, Panel};
use myeloma_epi::demography::{
    AgeRates, ExpectedCases, Population, PopulationWithRates, StandardPopulation,
    age_standardised_rate,
};
use myeloma_epi::figures::{Figure, Figures, Status};
use myeloma_epi::{IncidenceSeries, Outlook, OutlookOptions, TherapyModel, report};

use super::{Random, comes_back, draws, holds, people, printed_result, refused};

/// A field as CSV has it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn table(random: &mut Random, needed: &[&str], others: &[&str]) -> String {
    let mut columns: Vec<&str> = needed.to_vec();
    columns.extend(others.iter().filter(|_| random.once_in(3)));
    if random.once_in(20) {
        let at = random.below(columns.len());
        columns.remove(at);
    }
    let mut text = columns.join(",") + "\n";
    let rows = random.below(12);
    for _ in 0..rows {
        let cells: Vec<String> = columns
            .iter()
            .map(|column| match *column {
                "area" => random.pick(&["A", "B"]).to_owned(),
                "age" => random.pick(&["0-39", "40-64", "65+", "0+", "7"]).to_owned(),
                "sex" => random.pick(&["both", "female", "male", ""]).to_owned(),
                "region" | "source" | "series_id" | "group" | "site" | "checked" | "icd10" => {
                    let name = random.name();
                    quoted(&name)
                }
                "year" => random.year(2010).to_string(),
                "status" => random
                    .pick(&[
                        "registered",
                        "estimate",
                        "commercial",
                        "projection",
                        "guess",
                    ])
                    .to_owned(),
                "relative_error" if random.once_in(2) => String::new(),
                "relative_error" => random.number(0.0, 1.0).to_string(),
                "lower95" => (0.9 * random.count()).to_string(),
                _ => random.count().to_string(),
            })
            .collect();
        let _ = writeln!(text, "{}", cells.join(","));
    }
    if random.once_in(2) {
        text = random.damaged(&text);
    }
    text
}

fn figures(random: &mut Random) {
    let others = [
        "relative_error",
        "source",
        "lower95",
        "upper95",
        "icd10",
        "checked",
    ];
    let text = table(random, &["region", "year", "cases", "status"], &others);
    let figures = match Figures::from_csv("a file", &text) {
        Ok(figures) => figures,
        Err(error) => return refused(&error),
    };
    assert!(figures.iter().count() > 0);
    for figure in &figures {
        people("a figure", &[figure.cases()]);
        assert!(!figure.region().is_empty());
        if let Some((lower, upper)) = figure.interval95() {
            super::ordered("an interval", &[lower, figure.cases(), upper]);
        }
    }
    comes_back(&figures);
    let json = serde_json::to_string(&figures).unwrap();
    assert_eq!(Figures::from_json("it", &json).unwrap(), figures);
    if let Err(error) = Figures::from_json("it", &random.damaged(&json)) {
        refused(&error);
    }
    for region in figures.regions() {
        match IncidenceSeries::from_figures(&figures, region) {
            Ok(series) => {
                let observations = series.observations();
                assert!(
                    observations
                        .windows(2)
                        .all(|pair| pair[0].year < pair[1].year)
                );
                comes_back(&series);
            }
            Err(error) => refused(&error),
        }
    }
}

fn panels(random: &mut Random) {
    let text = table(
        random,
        &["series_id", "group", "site", "year", "cases"],
        &["note"],
    );
    match Panel::parse(&text, "a file") {
        Ok(panel) => {
            comes_back(&panel);
            for series in panel.series() {
                people(
                    "a count",
                    series.series().observations().iter().map(|o| &o.cases),
                );
                if let Err(error) = series.origins(&BacktestOptions::default()) {
                    refused(&error);
                }
            }
        }
        Err(error) => refused(&error),
    }
}

/// Tables of people and of rates, by rows of random fields or by damage to ones that can be read.
fn ages(random: &mut Random) {
    let mut people = String::from("area,year,sex,age,population\n");
    let mut rates = String::from("area,year,sex,age,cases,population,status\n");
    for year in [2010, 2020, 2030] {
        for (i, age) in ["0-9", "10-19", "20-29", "30-39", "40+"].iter().enumerate() {
            let persons = random.number(1.0, 1e6);
            let _ = writeln!(people, "A,{year},both,{age},{persons}");
            let _ = writeln!(
                rates,
                "A,{year},both,{age},{i},{},registered",
                persons + 10.0
            );
        }
    }
    let (people, rates) = match random.below(3) {
        0 => (random.damaged(&people), random.damaged(&rates)),
        1 => (people, rates),
        _ => (
            table(
                random,
                &["area", "year", "age", "population"],
                &["sex", "source"],
            ),
            table(
                random,
                &["area", "age", "cases", "population"],
                &["year", "sex", "status"],
            ),
        ),
    };
    let populations = Population::from_csv("people", &people);
    let rates = AgeRates::from_csv("rates", &rates);
    if let Err(error) = &rates {
        refused(error);
    }
    match &populations {
        Ok(populations) => populations.iter().for_each(comes_back),
        Err(error) => return refused(error),
    }
    if let (Ok(people), Ok(rates)) = (&populations, &rates) {
        own_people(random, people, rates);
    }
    for population in populations.iter().flatten() {
        super::people(
            "the population",
            &[population.total(population.years()[0]).unwrap()],
        );
        match population.interpolated() {
            Ok(every) => comes_back(&every),
            Err(error) => refused(&error),
        }
        match population.carried_forward(population.years()[0].saturating_add(60)) {
            Ok(later) => comes_back(&later),
            Err(error) => refused(&error),
        }
        for rates in rates.iter().flatten() {
            comes_back(rates);
            match ExpectedCases::of(population, rates) {
                Ok(cases) => super::people("expected cases", cases.by_year().values()),
                Err(error) => refused(&error),
            }
            match age_standardised_rate(rates, &StandardPopulation::segi()) {
                Ok(rate) => {
                    comes_back(&rate);
                    match rate.interval(0.95) {
                        Ok((lower, upper)) => {
                            super::ordered("an interval", &[lower, rate.per_person_year(), upper]);
                        }
                        Err(error) => refused(&error),
                    }
                }
                Err(error) => refused(&error),
            }
        }
    }
}

/// People and rates of one region out of tables, for every year, and for an outlook.
fn own_people(random: &mut Random, people: &[Population], rates: &[AgeRates]) {
    let (first, last) = (random.year(2008), random.year(2015));
    let with = PopulationWithRates::of_region("A", people, rates).and_then(|with| {
        if random.once_in(2) {
            with.every_year(first, last)
        } else {
            with.carried_forward(last)
        }
    });
    match with {
        Ok(with) => {
            match with.expected_cases() {
                Ok(cases) => super::people("expected cases", cases.by_year().values()),
                Err(error) => refused(&error),
            }
            match with.decomposition(first, last) {
                Ok(change) => comes_back(&change),
                Err(error) => refused(&error),
            }
        }
        Err(error) => refused(&error),
    }
    let figures: Figures = [(2010, 50.0), (2020, 70.0)]
        .map(|(year, cases)| Figure::new("A", year, cases, Status::Registered).unwrap())
        .into_iter()
        .collect();
    let mut options = OutlookOptions {
        draws: 20,
        to: 2030,
        ..OutlookOptions::default()
    };
    match options.state_population(&figures, people, rates, random.once_in(2)) {
        Ok(remarks) => {
            for remark in &remarks {
                super::printed(remark);
            }
            match Outlook::of(&figures, &options) {
                Ok(outlook) => draws("an outlook", outlook.regions()[0].new_cases()),
                Err(error) => refused(&error),
            }
        }
        Err(error) => refused(&error),
    }
}

const FOUR_LINES: &str = include_str!("../../../examples/four_lines_weibull.json");

fn models(random: &mut Random) {
    let text = if random.once_in(2) {
        random.damaged(FOUR_LINES)
    } else {
        let model: serde_json::Value = serde_json::from_str(FOUR_LINES).unwrap();
        super::stored::changed(random, &model).to_string()
    };
    let model = match TherapyModel::from_json("a model", &text) {
        Ok(model) => model,
        Err(error) => return refused(&error),
    };
    comes_back(&model);
    match model.flow() {
        Ok(flow) => {
            for line in 1..=flow.lines() {
                draws("starts", flow.starts(line).unwrap());
                draws("deaths", flow.deaths(line).unwrap());
            }
            printed_result(&flow);
        }
        Err(error) => refused(&error),
    }
}

/// Files that are written together are all new, or, where one cannot be written, all as they were.
fn written(random: &mut Random) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("random_written");
    let long = "x".repeat(300);
    let known = ["a.csv", "b.json", "c"];
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
    let before = known.map(read);
    let mut files: Vec<(&str, String)> = Vec::new();
    for name in known {
        if random.once_in(2) {
            files.push((name, random.name()));
        }
    }
    if random.once_in(3) {
        files.push((random.pick(&[&*long, "no/folder/d", ""]), random.name()));
    }
    match report::write(&folder, &files) {
        Ok(paths) => {
            assert_eq!(paths.len(), files.len());
            for (name, content) in &files {
                assert_eq!(read(name).as_ref(), Some(content), "{name}");
            }
        }
        Err(error) => {
            refused(&error);
            assert_eq!(known.map(read), before, "{files:?}");
        }
    }
    let all = std::fs::read_dir(&folder).unwrap();
    let left = all.map(|file| file.unwrap().file_name().into_string().unwrap());
    let left: Vec<String> = left.filter(|name| !known.contains(&&**name)).collect();
    assert!(left.iter().all(|name| name == "columns.csv"), "{left:?}");
}

#[test]
fn files_that_are_written_together() {
    holds(
        "random::texts::files_that_are_written_together",
        60,
        written,
    );
}

#[test]
fn texts_of_figures() {
    holds("random::texts::texts_of_figures", 400, figures);
}

#[test]
fn texts_of_panels() {
    holds("random::texts::texts_of_panels", 300, panels);
}

#[test]
fn texts_of_ages() {
    holds("random::texts::texts_of_ages", 300, ages);
}

#[test]
fn texts_of_models() {
    holds("random::texts::texts_of_models", 100, models);
}
