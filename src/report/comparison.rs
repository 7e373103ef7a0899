//! A comparison of curves as JSON.

use serde::Serialize;

use super::ordered::{self, Ordered};
use crate::fit::{Compared, Comparison, IdentifiedFit, ParameterEstimate};

impl Comparison {
    /// The comparison as the JSON text of a table, numbers unrounded: a list of `{"curve", "identification",
    /// "parameters": {name: value or null}, "standard_errors": {name: value or null}, "log_likelihood",
    /// "aicc", "weight", "value": {"year", "cases", "lower95", "upper95"}, "cautions": […], "error": text or
    /// null}`, keys in this order. A number that does not exist is `null`.
    ///
    /// It is for other programs; the comparison itself is written and read back whole by serde.
    #[must_use]
    pub fn summary_json(&self) -> String {
        let curves = self.curves().iter();
        let all: Vec<Entry> = curves.map(|curve| Entry::new(curve, self.year())).collect();
        ordered::text(&all)
    }
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
    fn new(curve: &Compared, year: i32) -> Self {
        let fit = curve.identified();
        let estimates = curve
            .fit()
            .map_or_else(Vec::new, crate::fit::Fit::parameters);
        let named = |of: fn(&ParameterEstimate) -> Option<f64>| {
            Ordered(
                estimates
                    .iter()
                    .map(|p| (p.name.to_string(), of(p)))
                    .collect(),
            )
        };
        let (lower95, upper95) = curve.interval95().unzip();
        Self {
            curve: curve.family().name(),
            identification: curve.identification(),
            parameters: named(|p| p.estimate),
            standard_errors: named(|p| p.standard_error),
            log_likelihood: fit.and_then(IdentifiedFit::log_likelihood),
            aicc: fit.and_then(IdentifiedFit::aicc),
            weight: curve.weight(),
            value: Value {
                year,
                cases: curve.value(),
                lower95,
                upper95,
            },
            cautions: curve.cautions().iter().map(ToString::to_string).collect(),
            error: curve.reason().map(str::to_owned),
        }
    }
}
