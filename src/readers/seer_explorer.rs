//! Trends of SEER*Explorer, saved as CSV (<https://seer.cancer.gov/statistics-network/explorer/>; public domain, cite).

use super::Format;
use super::header::Header;
use super::layout::{From, Layout, StatusOf, Values};
use super::row::{Quantity, Unit};
use super::shared_words;
use crate::demography::Sex;
use crate::error::Result;
use crate::figures::Status;

/// `Year of Diagnosis` and `Rate per 100,000` under the names of groups; cancer, measure and people in the title.
pub(super) fn layout(header: &Header<'_>) -> Result<Option<Layout>> {
    const RATE: &str = "Rate per 100,000";
    let Some(year) = header.column("yearofdiagnosis yearofdeath") else {
        return Ok(None);
    };
    let rates: Vec<(usize, &str)> = (header.names.iter().enumerate())
        .filter_map(|(column, name)| Some((column, name.strip_suffix(RATE)?.trim())))
        .collect();
    // The names of groups stand above those of the columns, and both together are tried, too.
    let title = header.before;
    let has_groups = title.lines().count() > 3;
    if rates.is_empty() || (has_groups && rates.iter().any(|(_, group)| group.is_empty())) {
        return Ok(None);
    }
    let quantity = match (title.contains("Incidence"), title.contains("Mortality")) {
        (true, false) => Quantity::Incidence,
        (false, true) => Quantity::Deaths,
        _ => {
            return Err(header.error(
                "the title of the table of SEER*Explorer has to say whether its rates are of Incidence or Mortality".to_owned(),
            ));
        }
    };
    let unit = if title.contains("Age-Adjusted") {
        Unit::StandardisedRate
    } else {
        Unit::Rate
    };
    // "By Sex, Delay-adjusted SEER Incidence Rate, All Races / Ethnicities, All Ages"
    let people: Vec<&str> = title
        .lines()
        .nth(2)
        .unwrap_or("")
        .split(", ")
        .skip(1)
        .map(str::trim)
        .collect();
    let is_delay_adjusted = title.to_lowercase().contains("delay-adjusted");
    let source = if is_delay_adjusted {
        "SEER*Explorer (NCI), adjusted for delay of reports"
    } else {
        "SEER*Explorer (NCI)"
    };
    let mut layout = Layout::new(Format::SeerStat, source);
    layout.region =
        registries(header.text).map_or_else(|| From::assumed("SEER registries"), From::fixed);
    layout.round = From::stated(submission(header.text));
    layout.year = From::Column(year);
    layout.site = From::stated(
        title
            .lines()
            .next()
            .map(str::trim)
            .filter(|name| !name.is_empty()),
    );
    let sex = people
        .iter()
        .find_map(|word| shared_words::sex(word).filter(|_| *word != "All"));
    layout.sex = From::stated(sex.map(|sex| sex.to_string()));
    let age = people.iter().find_map(|word| {
        word.strip_prefix("Ages ")
            .or((*word == "All Ages").then_some("all"))
    });
    layout.age = From::stated(age);
    let of_part = |word: &&&str| {
        word.contains("Race")
            || word.contains("Ethnic")
            || word.contains("Hispanic")
            || word.contains("Stage")
    };
    let parts = people.iter().filter(of_part);
    let parts: Vec<&str> = parts
        .filter(|word| !shared_words::is_everybody(word))
        .copied()
        .collect();
    layout.part = Some(parts.join(", ")).filter(|part| !part.is_empty());
    for (column, group) in rates {
        let age = group
            .strip_prefix("Ages ")
            .map(|ages| super::age::age(&ages.replace("&lt;", "<")));
        let whole = group.is_empty() || shared_words::is_everybody(group);
        let sex: Option<Sex> = shared_words::sex(group).filter(|_| !whole);
        if !whole && age.is_none() && sex.is_none() {
            continue;
        }
        let end = |name: &str| {
            let name = format!("{group} {name}");
            header.names.iter().position(|there| there == name.trim())
        };
        let values = Values::new(column, quantity, unit)
            .within(end("Lower 95% C.I."), end("Upper 95% C.I."));
        layout.values.push(Values { sex, age, ..values });
    }
    if layout.values.is_empty() {
        return Err(header.error(
            "groups that are neither sexes nor ages: ask SEER*Explorer for the trend by sex or by age".to_owned(),
        ));
    }
    layout.status = StatusOf::All(Status::Registered);
    Ok(Some(layout))
}

/// `SEER 8 registries`, out of the line on the source of the data.
fn registries(text: &str) -> Option<&str> {
    let end = text.find(" registries [")? + " registries".len();
    let begin = text[..end].rfind("SEER ")?;
    Some(&text[begin..end])
}

/// `November 2024 Submission (1975-2022)`.
fn submission(text: &str) -> Option<&str> {
    let line = text.lines().find(|line| line.contains(" Submission ("))?;
    line.split(", ").find(|part| part.contains(" Submission ("))
}
