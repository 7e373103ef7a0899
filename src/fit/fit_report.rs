//! Fits and comparisons as text: what they estimate, how sure, and what to be careful about.

use std::fmt::{self, Display, Formatter};

use super::Fit;
use super::bootstrap::Bootstrap;
use super::compare::Comparison;
use super::fitted_curve::Basis;
use super::identified::IdentifiedFit;
use super::likelihood::Likelihood;
use super::parameter_estimate::ParameterEstimate;
use super::saturated::SaturatedFit;
use crate::curve::GrowthCurve;
use crate::figures::listed;
use crate::interval_levels::LEVEL;
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
        heading(f, &self.basis)?;
        writeln!(
            f,
            "saturated: the curve goes through every figure, and nothing is left over to judge it by"
        )?;
        let mut table = Table::default();
        table.row("", ["estimate", "unit"]);
        for parameter in self.parameters() {
            let estimate = estimate(&parameter);
            table.row(parameter.name, [estimate, parameter.unit.into_owned()]);
        }
        write!(f, "\n{table}")
    }
}

impl<C: GrowthCurve> Display for IdentifiedFit<C> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        heading(f, &self.basis)?;
        writeln!(
            f,
            "identified: {} likelihood, {} estimated parameters, {} degrees of freedom",
            self.likelihood().name(),
            self.estimated_parameters(),
            self.degrees_of_freedom()
        )?;
        let scale_name = match self.likelihood() {
            Likelihood::Gaussian => "standard deviation of the counts",
            Likelihood::LogNormal => "residual standard deviation, log scale",
            _ => "dispersion α",
        };
        // Where a standard deviation is estimated, its square says nothing more.
        let dispersion = self.dispersion().filter(|_| !self.estimates_deviation());
        let mut criteria = Table::default();
        for (name, value) in [
            ("log-likelihood", self.log_likelihood()),
            ("AICc", self.aicc()),
            ("BIC", self.bic()),
            (scale_name, self.scale()),
            ("Pearson's χ² per degree of freedom", dispersion),
        ] {
            if let Some(value) = value {
                criteria.row(name, [significant(value, 6)]);
            }
        }
        let (estimates, correlations) = (parameters(&self.parameters()), correlations(self));
        write!(f, "\n{criteria}\n{estimates}{correlations}")?;
        let mut cautions = self.cautions().into_iter();
        cautions.try_for_each(|caution| f.write_str(&wrapped(&format!("caution: {caution}"))))
    }
}

fn heading<C: GrowthCurve>(f: &mut Formatter<'_>, of: &Basis<C>) -> fmt::Result {
    let figures = &of.figures;
    let (curve, region) = (of.curve.family.name(), printable(&of.curve.region));
    write!(
        f,
        "{curve} curve, {region}: {} figures",
        figures.years.len()
    )?;
    if let (Some(first), Some(last)) = (figures.years.first(), figures.years.last()) {
        write!(f, " from {first} to {last}")?;
    }
    if figures.uses_projection {
        f.write_str(", the last of them a published projection")?;
    }
    writeln!(f, "{}", listed("; left out", figures.marks()))
}

/// What stands for a number that there is not.
const NONE: &str = "-";

fn or_none(value: Option<f64>, text: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| NONE.to_owned(), text)
}

/// A table of estimates with their errors and 95 % Wald intervals; a number of cases has no limit below 0, where such an
/// interval may end.
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
    table.row("", header);
    for parameter in estimates {
        let error = match parameter.standard_error {
            None if parameter.at_border => "at the border".to_owned(),
            error => or_none(error, |error| significant(error, 3)),
        };
        // 95 % is a level, so there is no error.
        let (lower, upper) = parameter.interval(LEVEL).ok().flatten().unzip();
        let end = |end| {
            or_none(end, |end| match &*parameter.unit {
                "cases" if end < 0.0 => "below 0".to_owned(),
                _ => significant(end, 6),
            })
        };
        let cells = [
            estimate(parameter),
            error,
            relative_error(parameter),
            end(lower),
            end(upper),
            parameter.unit.to_string(),
        ];
        table.row(parameter.name.clone(), cells);
    }
    table
}

fn estimate(parameter: &ParameterEstimate) -> String {
    match parameter.estimate {
        Some(value) => significant(value, 6),
        None => "does not exist".to_owned(),
    }
}

/// In per cent of the estimate; a calendar year has no relative error.
fn relative_error(parameter: &ParameterEstimate) -> String {
    let both = parameter.estimate.zip(parameter.standard_error);
    let share = both.map(|(estimate, error)| 100.0 * (error / estimate).abs());
    let share = share.filter(|share| share.is_finite() && parameter.unit != "year");
    or_none(share, |share| format!("{} %", significant(share, 2)))
}

/// The strong correlations, the strongest first.
fn correlations<C: GrowthCurve>(fit: &IdentifiedFit<C>) -> Table {
    let matrix = fit.correlation();
    let names = fit.curve().family().natural_parameters();
    let n = names.len();
    let pairs = (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j)));
    let mut strong: Vec<_> = pairs.map(|(i, j)| (matrix[[i, j]], i, j)).collect();
    strong.retain(|(correlation, ..)| correlation.abs() >= CORRELATION);
    strong.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    let mut table = Table::default();
    for (correlation, i, j) in strong {
        let label = format!("correlation of {}, {}", names[i].name, names[j].name);
        table.row(label, [format!("{correlation:.3}")]);
    }
    table
}

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let marks = self.left_out().iter().map(|(year, mark)| (*year, *mark));
        writeln!(
            f,
            "{}, {} figures, {} likelihood{}",
            printable(self.region()),
            self.figures(),
            self.likelihood().name(),
            listed("; left out", marks)
        )?;
        let mut table = Table::default();
        let year = self.year().to_string();
        let header = [
            "k",
            "log-lik.",
            "AICc",
            "weight",
            &year,
            "mean, 95 % from",
            "to",
        ];
        table.row("curve", header.into_iter().chain(["identification"]));
        for curve in self.curves() {
            let fit = curve.identified();
            let parameters = fit.map(|fit| fit.estimated_parameters().to_string());
            let (lower, upper) = curve.interval95().unzip();
            let cells = [
                parameters.unwrap_or_else(|| NONE.to_owned()),
                or_none(fit.and_then(IdentifiedFit::log_likelihood), number),
                or_none(fit.and_then(IdentifiedFit::aicc), number),
                or_none(curve.weight(), number),
                or_none(curve.value(), count),
                or_none(lower, count),
                or_none(upper, count),
                curve.identification().to_owned(),
            ];
            table.row(curve.family().name(), cells);
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

fn number(value: f64) -> String {
    if value.abs() >= 1e12 {
        format!("{value:.2e}")
    } else {
        format!("{value:.2}")
    }
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
