//! A comparison of curves as text and as JSON.

use serde::Serialize;

use super::ordered::{self, Ordered};
use super::table::{Table, count};
use crate::fit::{Compared, IdentifiedFit};

/// A comparison as a table: number of estimated parameters, log-likelihood, `AICc`, Akaike weight, the
/// value in year `to` with its 95 % confidence interval, and how the curve is identified; then the
/// cautions, and the curves that could not be fitted with the reason.
#[must_use]
pub fn comparison_text(comparison: &[Compared], to: i32) -> String {
    let number = |value: Option<f64>| match value {
        None => "-".to_owned(),
        Some(value) if value.abs() >= 1e12 => format!("{value:.2e}"),
        Some(value) => format!("{value:.2}"),
    };
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
/// "parameters": {name: value or null}, "standard_errors": {name: value or null}, "log_likelihood",
/// "aicc", "weight", "value": {"year", "cases", "lower95", "upper95"}, "cautions": […], "error": text or
/// null}`, keys in this order. A number that does not exist is `null`.
#[must_use]
pub fn comparison_json(comparison: &[Compared], to: i32) -> String {
    let all: Vec<Entry> = comparison
        .iter()
        .map(|compared| Entry::new(compared, to))
        .collect();
    ordered::text(&all)
}

#[derive(Serialize)]
struct Entry {
    curve: &'static str,
    identification: &'static str,
    parameters: Ordered<Option<f64>>,
    standard_errors: Ordered<Option<f64>>,
    log_likelihood: Option<f64>,
    aicc: Option<f64>,
    weight: Option<f64>,
    value: Value,
    cautions: Vec<String>,
    error: Option<String>,
}

#[derive(Serialize)]
struct Value {
    year: i32,
    cases: Option<f64>,
    lower95: Option<f64>,
    upper95: Option<f64>,
}

impl Entry {
    fn new(compared: &Compared, to: i32) -> Self {
        let fit = compared.identified();
        let estimates = compared
            .fit
            .as_ref()
            .map_or_else(|_| Vec::new(), |fit| fit.curve().parameters());
        let errors = fit.map(IdentifiedFit::standard_errors).unwrap_or_default();
        let errors = errors.into_iter().chain(std::iter::repeat(None));
        Self {
            curve: compared.family.name(),
            identification: compared.identification(),
            parameters: Ordered(
                estimates
                    .iter()
                    .map(|p| (p.name.to_owned(), p.value))
                    .collect(),
            ),
            standard_errors: Ordered(
                estimates
                    .iter()
                    .zip(errors)
                    .map(|(p, error)| (p.name.to_owned(), error))
                    .collect(),
            ),
            log_likelihood: fit.and_then(IdentifiedFit::log_likelihood),
            aicc: fit.and_then(IdentifiedFit::aicc),
            weight: compared.weight,
            value: Value {
                year: to,
                cases: compared.value,
                lower95: compared.interval95.map(|(lower, _)| lower),
                upper95: compared.interval95.map(|(_, upper)| upper),
            },
            cautions: compared.cautions.iter().map(ToString::to_string).collect(),
            error: compared.fit.as_ref().err().map(ToString::to_string),
        }
    }
}
