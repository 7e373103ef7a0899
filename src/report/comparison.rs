//! A comparison of curves as text and as JSON.

use serde_json::{Map, Value, json};

use super::table::{Table, count};
use crate::fit::{Compared, IdentifiedFit};

/// A comparison as a table: number of estimated parameters, log-likelihood, `AICc`, Akaike weight, the
/// value in year `to` with its 95 % confidence interval, and how the curve is identified; then the
/// cautions, and the curves that could not be fitted with the reason.
#[must_use]
pub fn comparison_text(comparison: &[Compared], to: i32) -> String {
    let number =
        |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"));
    let mut table = Table::default();
    let header = [
        "k",
        "log-lik.",
        "AICc",
        "weight",
        &to.to_string(),
        "95 % from",
        "95 % to",
        "identification",
    ];
    table.row("curve", header.map(str::to_owned));
    for compared in comparison {
        let fit = compared.identified();
        let interval = compared.interval95;
        table.row(
            compared.family.name(),
            [
                fit.map_or_else(
                    || "-".to_owned(),
                    |fit| fit.estimated_parameters().to_string(),
                ),
                number(fit.and_then(IdentifiedFit::log_likelihood)),
                number(fit.and_then(IdentifiedFit::aicc)),
                number(compared.weight),
                compared.value.map_or_else(|| "-".to_owned(), count),
                interval.map_or_else(|| "-".to_owned(), |(lower, _)| count(lower)),
                interval.map_or_else(|| "-".to_owned(), |(_, upper)| count(upper)),
                compared.identification().to_owned(),
            ],
        );
    }
    let mut out = table.to_string();
    for compared in comparison {
        let mut remarks: Vec<String> = compared.cautions.iter().map(ToString::to_string).collect();
        if let Err(error) = &compared.fit {
            remarks.push(error.to_string());
        }
        for remark in remarks {
            out.push_str(&super::text::wrapped(&format!(
                "{}: {remark}.",
                compared.family
            )));
        }
    }
    out
}

/// A comparison as JSON text, numbers unrounded: a list of `{"curve", "identification",
/// "parameters": {name: value}, "standard_errors": {name: value or null}, "log_likelihood", "aicc",
/// "weight", "value": {"year", "cases", "lower95", "upper95"}, "cautions": […], "error": text or
/// null}`. A number that does not exist is `null`.
#[must_use]
pub fn comparison_json(comparison: &[Compared], to: i32) -> String {
    let all: Vec<Value> = comparison
        .iter()
        .map(|compared| entry(compared, to))
        .collect();
    format!("{:#}\n", Value::from(all))
}

fn entry(compared: &Compared, to: i32) -> Value {
    let fit = compared.identified();
    let (mut parameters, mut errors) = (Map::new(), Map::new());
    if let Ok(fitted) = &compared.fit {
        let found = fit.map(IdentifiedFit::standard_errors).unwrap_or_default();
        for (i, parameter) in fitted.curve().parameters().iter().enumerate() {
            parameters.insert(parameter.name.to_owned(), json!(parameter.value));
            errors.insert(
                parameter.name.to_owned(),
                json!(found.get(i).copied().flatten()),
            );
        }
    }
    json!({
        "curve": compared.family.name(),
        "identification": compared.identification(),
        "parameters": parameters,
        "standard_errors": errors,
        "log_likelihood": fit.and_then(IdentifiedFit::log_likelihood),
        "aicc": fit.and_then(IdentifiedFit::aicc),
        "weight": compared.weight,
        "value": {
            "year": to,
            "cases": compared.value,
            "lower95": compared.interval95.map(|(lower, _)| lower),
            "upper95": compared.interval95.map(|(_, upper)| upper),
        },
        "cautions": compared.cautions.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "error": compared.fit.as_ref().err().map(ToString::to_string),
    })
}
