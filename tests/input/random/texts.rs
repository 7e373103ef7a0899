//! Files of figures, counts, panels and models, right and damaged.

use std::fmt::Write;

use myeloma_epi::backtest::{BacktestOptions, Panel};
use myeloma_epi::figures::Figures;
use myeloma_epi::{IncidenceSeries, TherapyModel};

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

#[test]
fn texts_of_figures() {
    holds("random::texts::texts_of_figures", 400, figures);
}

#[test]
fn texts_of_panels() {
    holds("random::texts::texts_of_panels", 300, panels);
}

#[test]
fn texts_of_models() {
    holds("random::texts::texts_of_models", 100, models);
}
