//! Fits and comparisons as text: what they estimate, how sure, and what to be careful about.

use std::fmt::{self, Display, Formatter};

use super::Fit;
use super::bootstrap::Bootstrap;
use super::compare::Comparison;
use super::data::FitFigures;
use super::fitted::FittedCurve;
use super::identified::IdentifiedFit;
use super::likelihood::Likelihood;
use super::parameter_estimate::ParameterEstimate;
use super::saturated::SaturatedFit;
use crate::curve::GrowthCurve;
use crate::figures::Mark;
use crate::plain_text::{Table, count, printable, wrapped};

/// The least absolute correlation that a report shows.
const CORRELATION: f64 = 0.5;

impl<C: GrowthCurve> Display for Fit<C> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Saturated(fit) => fit.fmt(f),
            Self::Identified(fit) => fit.fmt(f),
        }
    }
}

impl<C: GrowthCurve> Display for SaturatedFit<C> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        heading(f, self.curve(), &self.basis.figures)?;
        writeln!(
            f,
            "saturated: the curve goes through every figure, and nothing is left over to judge it by"
        )?;
        let mut table = Table::default();
        table.row("", ["estimate", "unit"].map(str::to_owned));
        for parameter in self.parameters() {
            let estimate = estimate(&parameter);
            table.row(parameter.name, [estimate, parameter.unit.into_owned()]);
        }
        write!(f, "\n{table}")
    }
}

impl<C: GrowthCurve> Display for IdentifiedFit<C> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        heading(f, self.curve(), &self.basis.figures)?;
        writeln!(
            f,
            "identified: {} likelihood, {} estimated parameters, {} degrees of freedom",
            self.likelihood().name(),
            self.estimated_parameters(),
            self.degrees_of_freedom()
        )?;
        // Where a standard deviation is estimated, its square says nothing more.
        let dispersion = self.dispersion().filter(|_| !self.estimates_deviation());
        let mut criteria = Table::default();
        for (name, value) in [
            ("log-likelihood", self.log_likelihood()),
            ("AICc", self.aicc()),
            ("BIC", self.bic()),
            (scale_name(self.likelihood()), self.scale()),
            ("Pearson's χ² per degree of freedom", dispersion),
        ] {
            if let Some(value) = value {
                criteria.row(name, [significant(value, 6)]);
            }
        }
        write!(f, "\n{criteria}\n{}", parameters(&self.parameters()))?;
        correlations(f, self)?;
        for caution in self.cautions() {
            f.write_str(&wrapped(&format!("caution: {caution}")))?;
        }
        Ok(())
    }
}

fn heading<C: GrowthCurve>(
    f: &mut Formatter<'_>,
    curve: &FittedCurve<C>,
    figures: &FitFigures,
) -> fmt::Result {
    write!(
        f,
        "{} curve, {}: {} figures",
        curve.family().name(),
        printable(curve.region()),
        figures.years.len()
    )?;
    if let (Some(first), Some(last)) = (figures.years.first(), figures.years.last()) {
        write!(f, " from {first} to {last}")?;
    }
    if figures.uses_projection {
        f.write_str(", the last of them a published projection")?;
    }
    let marks = figures.left_out.iter().map(|(o, mark)| (o.year, *mark));
    writeln!(f, "{}", left_out(marks))
}

/// The marked years, as the end of a line; nothing where there are none.
fn left_out(marks: impl Iterator<Item = (i32, Mark)>) -> String {
    let years: Vec<String> = marks
        .map(|(year, mark)| format!("{year} ({mark})"))
        .collect();
    if years.is_empty() {
        return String::new();
    }
    format!("; left out: {}", years.join(", "))
}

/// What the scale of a likelihood is.
const fn scale_name(likelihood: Likelihood) -> &'static str {
    match likelihood {
        Likelihood::Gaussian => "standard deviation of the counts",
        Likelihood::LogNormal => "residual standard deviation, log scale",
        _ => "dispersion α",
    }
}

/// A table of estimates with their errors and 95 % Wald intervals.
fn parameters(estimates: &[ParameterEstimate]) -> Table {
    let mut table = Table::default();
    let header = [
        "estimate",
        "standard error",
        "relative",
        "95 % from",
        "95 % to",
        "unit",
    ];
    table.row("", header.map(str::to_owned));
    for parameter in estimates {
        let error = match parameter.standard_error {
            Some(error) => significant(error, 3),
            None if parameter.at_border => "at the border".to_owned(),
            None => "-".to_owned(),
        };
        // 95 % is a level, so there is no error.
        let interval = parameter.interval(0.95).ok().flatten();
        let (lower, upper) = interval.map_or_else(
            || ("-".to_owned(), "-".to_owned()),
            |(lower, upper)| (significant(lower, 6), significant(upper, 6)),
        );
        table.row(
            parameter.name.clone(),
            [
                estimate(parameter),
                error,
                relative_error(parameter),
                lower,
                upper,
                parameter.unit.to_string(),
            ],
        );
    }
    table
}

fn estimate(parameter: &ParameterEstimate) -> String {
    let number = |value| significant(value, 6);
    parameter
        .estimate
        .map_or_else(|| "does not exist".to_owned(), number)
}

/// In per cent of the estimate; a calendar year has no relative error.
fn relative_error(parameter: &ParameterEstimate) -> String {
    let both = parameter.estimate.zip(parameter.standard_error);
    let share = both.map(|(estimate, error)| 100.0 * (error / estimate).abs());
    match share.filter(|share| share.is_finite() && parameter.unit != "year") {
        Some(share) => format!("{} %", significant(share, 2)),
        None => "-".to_owned(),
    }
}

/// The strong correlations, the strongest first.
fn correlations<C: GrowthCurve>(f: &mut Formatter<'_>, fit: &IdentifiedFit<C>) -> fmt::Result {
    let matrix = fit.correlation();
    let names = fit.curve().family().natural_parameters();
    let mut strong: Vec<(f64, String)> = Vec::new();
    for i in 0..names.len() {
        for j in i + 1..names.len() {
            let correlation = matrix[[i, j]];
            if correlation.abs() >= CORRELATION {
                strong.push((correlation, format!("{}, {}", names[i].name, names[j].name)));
            }
        }
    }
    strong.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    let mut table = Table::default();
    for (correlation, pair) in strong {
        table.row(
            format!("correlation of {pair}"),
            [format!("{correlation:.3}")],
        );
    }
    write!(f, "{table}")
}

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}, {} figures, {} likelihood{}",
            printable(self.region()),
            self.figures(),
            self.likelihood().name(),
            left_out(self.left_out().iter().map(|(year, mark)| (*year, *mark)))
        )?;
        let mut table = Table::default();
        let header = [
            "k",
            "log-lik.",
            "AICc",
            "weight",
            &self.year().to_string(),
            "95 % from",
            "95 % to",
            "identification",
        ];
        table.row("curve", header.map(str::to_owned));
        for curve in self.curves() {
            let fit = curve.identified();
            let parameters = fit.map(|fit| fit.estimated_parameters().to_string());
            let (lower, upper) = curve.interval95().unzip();
            table.row(
                curve.family().name(),
                [
                    parameters.unwrap_or_else(|| "-".to_owned()),
                    number(fit.and_then(IdentifiedFit::log_likelihood)),
                    number(fit.and_then(IdentifiedFit::aicc)),
                    number(curve.weight()),
                    people(curve.value()),
                    people(lower),
                    people(upper),
                    curve.identification().to_owned(),
                ],
            );
        }
        write!(f, "{table}")?;
        for curve in self.curves() {
            let cautions = curve.cautions().iter().map(ToString::to_string);
            for remark in cautions.chain(curve.reason().map(str::to_owned)) {
                let remark = format!("{}: {remark}.", curve.family());
                f.write_str(&wrapped(&remark))?;
            }
        }
        Ok(())
    }
}

fn number(value: Option<f64>) -> String {
    match value {
        None => "-".to_owned(),
        Some(value) if value.abs() >= 1e12 => format!("{value:.2e}"),
        Some(value) => format!("{value:.2}"),
    }
}

fn people(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), count)
}

impl Display for ParameterEstimate {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.name, estimate(self))?;
        if let Some(error) = self.standard_error {
            write!(f, " ± {}", significant(error, 3))?;
        }
        if self.estimate.is_some() && !self.unit.is_empty() {
            write!(f, " {}", self.unit)?;
        }
        if self.at_border {
            f.write_str(" (at the border of its domain)")?;
        }
        Ok(())
    }
}

impl Display for Bootstrap {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} refits, {} of them on the border of the domain; {} more failed",
            self.parameters().ncols(),
            self.replaced_by_limit(),
            self.failed().len()
        )
    }
}

/// A number with so many significant digits, and with thousands separators where it is large.
pub(super) fn significant(value: f64, digits: i32) -> String {
    let size = value.abs();
    if size == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    #[allow(clippy::cast_possible_truncation)] // Between -324 and 308.
    let magnitude = size.log10().floor() as i32;
    if magnitude >= digits - 2 && size >= 1e4 {
        return count(value);
    }
    let decimals = usize::try_from(digits - 1 - magnitude).unwrap_or(0);
    if magnitude < -5 {
        return format!("{value:.*e}", usize::try_from(digits - 1).unwrap_or(0));
    }
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::significant;

    #[test]
    fn numbers_have_the_digits_that_are_asked_for() {
        for (value, digits, text) in [
            (249_567.024, 6, "249,567"),
            (3_790.678, 3, "3791"),
            (2_011.968_254, 6, "2011.97"),
            (0.120_231_855, 6, "0.120232"),
            (0.002_702_879, 3, "0.00270"),
            (1.25e-7, 3, "1.25e-7"),
            (-356.789_01, 6, "-356.789"),
            (3.2e19, 6, "3.2e19"),
            (0.0, 6, "0"),
        ] {
            assert_eq!(significant(value, digits), text);
        }
    }
}
