//! A comparison of curves as JSON and CSV.
// The fields of `object!`.
#![allow(non_camel_case_types)]

use serde::Serialize;

use super::ordered::{self, Ordered, object};
use super::{Digits, dictionary};
use crate::fit::{Compared, Comparison, Fit, IdentifiedFit, ParameterEstimate};

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
        let all: Vec<_> = curves.map(|curve| entry(curve, self.year())).collect();
        ordered::text(&all)
    }

    /// The comparison as CSV, a row a curve.
    ///
    /// | column | meaning |
    /// |---|---|
    /// | `curve` | its name |
    /// | `identification` | `identified`, `saturated`, `underdetermined`, or `none` where the fit failed |
    /// | `log_likelihood`, `aicc`, `weight` | of an identified fit |
    /// | `year`, `cases` | the year that is compared, and the curve's value there |
    /// | `lower95`, `upper95` | its 95 % interval |
    #[must_use]
    pub fn to_csv(&self, digits: Digits) -> String {
        let rows = self.curves().iter().map(|curve| {
            let fit = curve.identified();
            let (lower95, upper95) = curve.interval95().unzip();
            let number = |number| digits.optional(number);
            vec![
                curve.family().name().to_owned(),
                curve.identification().to_owned(),
                number(fit.and_then(IdentifiedFit::log_likelihood)),
                number(fit.and_then(IdentifiedFit::aicc)),
                number(curve.weight()),
                self.year().to_string(),
                number(curve.value()),
                number(lower95),
                number(upper95),
            ]
        });
        dictionary::table("curves.csv", rows)
    }
}

fn entry(curve: &Compared, year: i32) -> impl Serialize + '_ {
    let fit = curve.identified();
    let estimates = curve.fit().map_or_else(Vec::new, Fit::parameters);
    let named = |of: fn(&ParameterEstimate) -> Option<f64>| -> Ordered<Option<f64>> {
        let estimates = estimates.iter();
        estimates.map(|p| (p.name.to_string(), of(p))).collect()
    };
    let (lower95, upper95) = curve.interval95().unzip();
    object! {
        curve: curve.family().name(),
        identification: curve.identification(),
        parameters: named(|p| p.estimate),
        standard_errors: named(|p| p.standard_error),
        log_likelihood: fit.and_then(IdentifiedFit::log_likelihood),
        aicc: fit.and_then(IdentifiedFit::aicc),
        weight: curve.weight(),
        value: object! { year: year, cases: curve.value(), lower95: lower95, upper95: upper95 },
        cautions: curve.cautions().iter().map(ToString::to_string).collect::<Vec<_>>(),
        error: curve.reason(),
    }
}
