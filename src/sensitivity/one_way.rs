//! One input at a time: what tornado charts show.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::inputs::Inputs;
use super::sobol::{check_outputs, not_finite};
use crate::error::{Error, ErrorKind, Result};
use crate::files::csv_text;
use crate::plain_text::{Table, count, printable};
use crate::unchecked::unchecked;

/// How inputs are moved one at a time.
///
/// A plain struct, checked by [`OneWay::of`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OneWayOptions {
    /// The lower and the upper probability whose quantiles an input is moved to: above 0 and below 1, in order. Default
    /// 0.1 and 0.9.
    pub probabilities: (f64, f64),
    /// Ranges that are stated instead, by input: the lower and the upper value. Default: none.
    pub ranges: Vec<(String, (f64, f64))>,
}

impl Default for OneWayOptions {
    fn default() -> Self {
        Self {
            probabilities: (0.1, 0.9),
            ranges: Vec::new(),
        }
    }
}

/// What an output does when one input is moved and all others are at their medians.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneWayBar {
    /// The input.
    pub input: String,
    /// Its lower and its upper value.
    pub values: (f64, f64),
    /// The output at either.
    pub outputs: (f64, f64),
}

impl OneWayBar {
    /// By how much the output at the upper value differs from that at the lower one, without sign.
    #[must_use]
    pub fn width(&self) -> f64 {
        (self.outputs.1 - self.outputs.0).abs()
    }
}

/// **One input at a time**, for one output: the widest bar first, as a tornado chart shows it.
///
/// Each input is moved to its 10 and 90 % points, or over a stated range, with all others at their medians. The bars say
/// how far an output moves, and nothing of what inputs do together: for that are [`SobolIndices`](super::SobolIndices).
///
/// `Display` prints a table, [`OneWay::to_csv`] writes one, and
/// [`report::chart::tornado`](crate::report::chart::tornado) draws it.
///
/// # Example
///
/// ```
/// use myeloma_epi::sensitivity::{Distribution, Inputs, OneWay, OneWayOptions};
///
/// let inputs = Inputs::default()
///     .with("cases", Distribution::Uniform { lower: 250e3, upper: 350e3 })?
///     .with("share", Distribution::Uniform { lower: 0.30, upper: 0.40 })?;
/// let model = |x: &[f64], y: &mut [f64]| y[0] = x[0] * x[1];
/// let tornado = OneWay::of(&inputs, &["third line"], model, &OneWayOptions::default())?.remove(0);
/// // The 10 and 90 % points of the cases are 260 and 340 thousand, the median of the share is 35 %.
/// assert_eq!(tornado.bars[0].input, "cases");
/// assert!((tornado.bars[0].outputs.0 - 0.35 * 260e3).abs() < 1e-6);
/// println!("{tornado}");
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct OneWay {
    /// The output.
    pub output: String,
    /// The output with all inputs at their medians.
    pub central: f64,
    /// A bar an input, the widest first; among equals in the order of the inputs.
    pub bars: Vec<OneWayBar>,
    /// What to know before the bars are believed.
    cautions: Vec<String>,
}

unchecked!(Unchecked => OneWay, then check {
    output: String,
    central: f64,
    bars: Vec<OneWayBar>,
    cautions: Vec<String>,
});

impl OneWay {
    /// Moves each input of a model alone; one result an output.
    ///
    /// # Errors
    ///
    /// As [`SobolIndices::of`](super::SobolIndices::of), and where a probability is out of its range, a stated range is of
    /// no input, is stated twice, is not finite or does not go up.
    pub fn of(
        inputs: &Inputs,
        outputs: &[&str],
        model: impl Fn(&[f64], &mut [f64]),
        options: &OneWayOptions,
    ) -> Result<Vec<Self>> {
        inputs.check()?;
        check_outputs(outputs)?;
        options.check(inputs)?;
        let names = inputs.names();
        let evaluate = |row: &[f64]| evaluate(&model, outputs, names, row);
        let medians = medians(inputs)?;
        let central = evaluate(&medians)?;
        let mut moved = Vec::new();
        for (i, name) in names.iter().enumerate() {
            let stated = options.ranges.iter().find(|(input, _)| input == name);
            let (low, high) = match stated {
                Some((_, range)) => *range,
                None => {
                    let (low, high) = options.probabilities;
                    (inputs.marginal(i, low)?, inputs.marginal(i, high)?)
                }
            };
            let at = |x: f64| {
                let mut row = medians.clone();
                row[i] = x;
                evaluate(&row)
            };
            moved.push((name, (low, high), at(low)?, at(high)?));
        }
        let grouped = (0..names.len()).filter(|&i| inputs.is_grouped(i));
        let grouped: Vec<&str> = grouped.map(|i| names[i].as_str()).collect();
        let cautions = if grouped.is_empty() {
            Vec::new()
        } else {
            vec![format!(
                "{} are correlated with others of their group: each is moved alone, as it would hardly move",
                grouped.join(", ")
            )]
        };
        let of_output = |(o, output): (usize, &&str)| {
            let bars = moved.iter().map(|(input, values, low, high)| OneWayBar {
                input: (*input).clone(),
                values: *values,
                outputs: (low[o], high[o]),
            });
            let mut bars: Vec<OneWayBar> = bars.collect();
            bars.sort_by(|a, b| b.width().total_cmp(&a.width()));
            Self {
                output: (*output).to_owned(),
                central: central[o],
                bars,
                cautions: cautions.clone(),
            }
        };
        Ok(outputs.iter().enumerate().map(of_output).collect())
    }

    fn check(&self) -> Result<()> {
        let place = || format!("one-way bars of \"{}\"", self.output);
        for bar in &self.bars {
            let numbers = [bar.values.0, bar.values.1, bar.outputs.0, bar.outputs.1];
            if let Some(bad) = numbers.iter().find(|x| !x.is_finite()) {
                return Err(Error::out_of_range(&bar.input, place(), bad, "finite"));
            }
        }
        if !self.central.is_finite() {
            return Err(Error::out_of_range(
                "the output",
                place(),
                self.central,
                "finite",
            ));
        }
        Ok(())
    }

    /// What to know before the bars are believed, as sentences: that correlated inputs are moved alone.
    #[must_use]
    pub fn cautions(&self) -> &[String] {
        &self.cautions
    }

    /// The bars of several outputs as comma-separated values, a line a bar.
    ///
    /// Columns `output,input,low,high,output_at_low,output_at_high,central`, unrounded.
    #[must_use]
    pub fn to_csv(all: &[Self]) -> String {
        let lines = all.iter().flat_map(|one| {
            one.bars.iter().map(|bar| {
                let numbers = [
                    bar.values.0,
                    bar.values.1,
                    bar.outputs.0,
                    bar.outputs.1,
                    one.central,
                ];
                let mut line = vec![one.output.clone(), bar.input.clone()];
                line.extend(numbers.iter().map(f64::to_string));
                line
            })
        });
        csv_text(
            "output,input,low,high,output_at_low,output_at_high,central",
            lines,
        )
    }
}

impl OneWayOptions {
    fn check(&self, inputs: &Inputs) -> Result<()> {
        let place = "the options of one-way bars";
        let (low, high) = self.probabilities;
        for p in [low, high] {
            if !(p > 0.0 && p < 1.0) {
                return Err(Error::out_of_range(
                    "a probability",
                    place,
                    p,
                    "above 0 and below 1",
                ));
            }
        }
        if low >= high {
            let allowed = format!("above the lower one, {low}");
            return Err(Error::out_of_range(
                "the upper probability",
                place,
                high,
                allowed,
            ));
        }
        for (i, (name, (low, high))) in self.ranges.iter().enumerate() {
            place_of(inputs, name)?;
            if self.ranges[..i].iter().any(|(other, _)| other == name) {
                return Err(ErrorKind::Contradiction(format!("{name} has two ranges")).into());
            }
            check_range(name, (*low, *high))?;
        }
        Ok(())
    }
}

/// The place of an input in a row.
pub(super) fn place_of(inputs: &Inputs, name: &str) -> Result<usize> {
    let mut names = inputs.names().iter();
    let place = names.position(|input| input == name);
    place.ok_or_else(|| Error::unknown("input", name, inputs.names().iter()))
}

/// A range goes up, between two numbers.
pub(super) fn check_range(name: &str, (low, high): (f64, f64)) -> Result<()> {
    let place = format!("the range of {name}");
    for end in [low, high] {
        if !end.is_finite() {
            return Err(Error::out_of_range("an end", place, end, "finite"));
        }
    }
    if low >= high {
        let allowed = format!("above the lower one, {low}");
        return Err(Error::out_of_range("the upper end", place, high, allowed));
    }
    Ok(())
}

/// All inputs at their medians.
pub(super) fn medians(inputs: &Inputs) -> Result<Vec<f64>> {
    (0..inputs.names().len())
        .map(|i| inputs.marginal(i, 0.5))
        .collect()
}

/// The outputs of a model for a row; refuses what is no number, with the row.
pub(super) fn evaluate(
    model: &impl Fn(&[f64], &mut [f64]),
    outputs: &[&str],
    names: &[String],
    row: &[f64],
) -> Result<Vec<f64>> {
    let mut values = vec![f64::NAN; outputs.len()];
    model(row, &mut values);
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(values),
        Some(o) => Err(not_finite(outputs[o], values[o], names, row)),
    }
}

/// A number with three digits or more.
pub(super) fn short(x: f64) -> String {
    if x.abs() >= 100.0 || x == 0.0 {
        return count(x);
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let decimals = (2.0 - x.abs().log10().floor()).clamp(0.0, 12.0) as usize;
    format!("{x:.decimals$}")
}

impl fmt::Display for OneWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::default();
        table.row(
            format!("{}: {}", printable(&self.output), short(self.central)),
            ["from", "to", "gives", "and"].map(str::to_owned),
        );
        for bar in &self.bars {
            let numbers = [bar.values.0, bar.values.1, bar.outputs.0, bar.outputs.1];
            table.row(format!("  {}", bar.input), numbers.map(short));
        }
        write!(f, "{table}")?;
        for caution in &self.cautions {
            writeln!(f, "caution: {}", printable(caution))?;
        }
        Ok(())
    }
}
