//! Population by age: expected cases at constant rates, and what a change is made of.

use std::error::Error;
use std::fmt::Write;

use clap::Args;
use myeloma_epi::demography::{Decomposition, ExpectedCases};

use crate::output::Answer;

#[derive(Debug, Args)]
#[command(
    after_help = "Example: myeloma-epi demography --area \"Western Europe\" --from 2024 --to 2040"
)]
pub(crate) struct Arguments {
    /// An area; may be repeated. Without one: the World and China; `all` for all
    #[arg(long, value_name = "AREA")]
    area: Vec<String>,
    /// The earlier year
    #[arg(long, value_name = "YEAR", default_value_t = 2024)]
    from: i32,
    /// The later year
    #[arg(long, value_name = "YEAR", default_value_t = 2040)]
    to: i32,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Answer, Box<dyn Error>> {
    let areas: Vec<String> = match arguments.area.as_slice() {
        [] => ["World", "China"].map(str::to_owned).into(),
        [all] if all == "all" => ExpectedCases::areas()
            .into_iter()
            .map(str::to_owned)
            .collect(),
        areas => areas.to_vec(),
    };
    let mut text =
        "new cases a year at constant rates by age, modelled for 2022, on the UN's population\n"
            .to_owned();
    let mut csv = "area,from,to,cases_before,cases_after,population,ageing,rates\n".to_owned();
    let mut changes = Vec::new();
    for area in &areas {
        let change = Decomposition::area(area, arguments.from, arguments.to)?;
        writeln!(text, "{change}")?;
        let parts = change.parts;
        writeln!(
            csv,
            "\"{area}\",{},{},{},{},{},{},{}",
            change.from,
            change.to,
            change.before,
            change.after,
            parts.population,
            parts.ageing,
            parts.rates
        )?;
        changes.push(change);
    }
    Ok(Answer {
        text,
        csv: Some(csv),
        json: Some(serde_json::to_string_pretty(&changes)? + "\n"),
        ..Answer::default()
    })
}
