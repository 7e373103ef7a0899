//! An outlook as one tidy table.

use crate::draws::{YearSummary, YearlyDraws};
use crate::outlook::Outlook;

/// An outlook as CSV, one line a region, quantity, curve and year, numbers unrounded.
///
/// Columns: `region,quantity,curve,published_projection,year,central,median,lower50,upper50,lower95,
/// upper95`. `quantity` is `observed`, `published_projection`, `new_cases` or `third_line`
/// (patients diagnosed in the year who will ever reach third line). `curve` is a family,
/// `mixture` or `stochastic_trend` (the calibrated projection); `published_projection` is `with`,
/// `without`, `borrowed` (the bend is that of the region that this one is part of) or, for the mixture
/// of each family through the fewest figures that determine it, `as_needed`. `central` is the figure
/// itself or the curve through the figures as published; the other columns summarise the draws.
#[must_use]
pub fn csv(outlook: &Outlook) -> String {
    let mut lines = Lines(String::from(
        "region,quantity,curve,published_projection,year,central,median,lower50,upper50,lower95,upper95\n",
    ));
    for region in outlook.regions() {
        let name = region.series().region();
        for o in region.series().observations() {
            lines.push([name, "observed", "", ""], o.year, Some(o.cases), None);
        }
        if let Some(p) = region.series().published_projection() {
            lines.push(
                [name, "published_projection", "", ""],
                p.year,
                Some(p.cases),
                None,
            );
        }
        for curve in region.curves() {
            let fitted = curve.fit().curve();
            let published = if fitted.uses_published_projection() {
                "with"
            } else {
                "without"
            };
            for summary in curve.projection().cases().summary() {
                let central = fitted.cases(f64::from(summary.year)).ok();
                let labels = [name, "new_cases", curve.family().name(), published];
                lines.push(labels, summary.year, central, Some(&summary));
            }
        }
        for curve in region.borrowed() {
            for summary in curve.projection().cases().summary() {
                let labels = [name, "new_cases", curve.family().name(), "borrowed"];
                lines.push(
                    labels,
                    summary.year,
                    curve.cases(summary.year).ok(),
                    Some(&summary),
                );
            }
        }
        lines.draws(
            [name, "new_cases", "mixture", "as_needed"],
            region.incidence().cases(),
        );
        if let Some(mixture) = region.without_published() {
            lines.draws([name, "new_cases", "mixture", "without"], mixture.cases());
        }
        if let Some(mixture) = region.with_published() {
            lines.draws([name, "new_cases", "mixture", "with"], mixture.cases());
        }
        lines.draws(
            [name, "new_cases", "stochastic_trend", "without"],
            region.calibrated(),
        );
        lines.draws(
            [name, "third_line", "mixture", "as_needed"],
            region.third_line().patients(),
        );
    }
    for rest in outlook.rests() {
        let name = format!("{} without {}", rest.whole, rest.part);
        lines.draws(
            [&name, "new_cases", "mixture", "as_needed"],
            &rest.incidence,
        );
    }
    lines.0
}

struct Lines(String);

impl Lines {
    fn draws(&mut self, labels: [&str; 4], draws: &YearlyDraws) {
        for summary in draws.summary() {
            self.push(labels, summary.year, None, Some(&summary));
        }
    }

    fn push(
        &mut self,
        labels: [&str; 4],
        year: i32,
        central: Option<f64>,
        summary: Option<&YearSummary>,
    ) {
        let mut fields: Vec<String> = labels.iter().map(|label| quoted(label)).collect();
        fields.push(year.to_string());
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        fields.push(number(central));
        fields.push(number(summary.map(|s| s.median)));
        fields.push(number(summary.map(|s| s.lower50)));
        fields.push(number(summary.map(|s| s.upper50)));
        fields.push(number(summary.map(|s| s.lower95)));
        fields.push(number(summary.map(|s| s.upper95)));
        self.0.push_str(&fields.join(","));
        self.0.push('\n');
    }
}

/// A field that holds a comma, a quote or a line end is quoted (RFC 4180).
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
