//! The flow of a pathway as a table and as CSV.

use crate::error::Result;
use crate::pathway::{Flow, Moment};
use crate::table::{Table, count};

/// A flow as CSV, one line a year and line of therapy, numbers unrounded:
/// `year,line,starts,prevalence_year_end,deaths,lost`. With more than one draw each number is the
/// median over the draws.
///
/// # Errors
///
/// None for a flow that has been made.
pub fn flow_csv(flow: &Flow) -> Result<String> {
    let mut text = String::from("year,line,starts,prevalence_year_end,deaths,lost\n");
    let mut columns = Vec::new();
    for line in 1..=flow.lines() {
        columns.push([
            flow.starts(line)?.medians(),
            flow.in_line(line, Moment::YearEnd)?.medians(),
            flow.deaths(line)?.medians(),
            flow.lost(line)?.medians(),
        ]);
    }
    for (i, year) in flow.years().enumerate() {
        for (line, [starts, prevalence, deaths, lost]) in columns.iter().enumerate() {
            let fields = [
                year.to_string(),
                (line + 1).to_string(),
                starts[i].to_string(),
                prevalence[i].to_string(),
                deaths[i].to_string(),
                lost[i].to_string(),
            ];
            text.push_str(&fields.join(","));
            text.push('\n');
        }
    }
    Ok(text)
}

/// A flow as a table: for every year and line those who start it and those who are in it at the end
/// of the year (medians over the draws), with the deaths of the year.
///
/// # Errors
///
/// None for a flow that has been made.
pub fn flow_text(flow: &Flow) -> Result<String> {
    let mut table = Table::default();
    let lines = 1..=flow.lines();
    table.row(
        "year",
        std::iter::once("diagnosed".to_owned())
            .chain(lines.clone().map(|line| format!("start {line}")))
            .chain(lines.clone().map(|line| format!("in {line}")))
            .chain(["deaths".to_owned(), "lost".to_owned()]),
    );
    let mut columns = vec![flow.diagnosed().medians()];
    for line in lines.clone() {
        columns.push(flow.starts(line)?.medians());
    }
    for line in lines.clone() {
        columns.push(flow.in_line(line, Moment::YearEnd)?.medians());
    }
    let mut deaths = flow.later_deaths().medians();
    let mut lost = vec![0.0; deaths.len()];
    for line in lines {
        for (sum, n) in deaths.iter_mut().zip(flow.deaths(line)?.medians()) {
            *sum += n;
        }
        for (sum, n) in lost.iter_mut().zip(flow.lost(line)?.medians()) {
            *sum += n;
        }
    }
    columns.extend([deaths, lost]);
    for (i, year) in flow.years().enumerate() {
        table.row(
            year.to_string(),
            columns.iter().map(|column| count(column[i])),
        );
    }
    Ok(table.to_string())
}
