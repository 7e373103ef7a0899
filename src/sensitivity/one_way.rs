//! One input at a time: what tornado charts show.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::checks;
use super::inputs::Inputs;
use super::sobol_estimation::{check_outputs, not_finite};
use crate::checked_on_reading::checked;
use crate::error::{Error, Result};
use crate::files::csv_text;
use crate::number_checks::Place;
use crate::numeric::quantile::sorted_quantile;
use crate::plain_text::{Table, count, printable};
use crate::random::{BLOCK, Seed};

/// How inputs are moved one at a time.
///
/// A plain struct, checked by [`OneWay::of`].
///
/// ```
/// use myeloma_epi::sensitivity::{Distribution, Inputs, OneWay, OneWayOptions};
///
/// let inputs = Inputs::default().with("cases", Distribution::Normal { mean: 300.0, sd: 20.0 })?;
/// let third_line = |x: &[f64], y: &mut [f64]| y[0] = 0.35 * x[0];
/// let options = OneWayOptions { ranges: vec![("cases".to_owned(), (250.0, 350.0))], ..OneWayOptions::default() };
/// let tornado = OneWay::of(&inputs, &["third line"], third_line, &options)?.remove(0);
/// assert!((tornado.bars[0].width() - 35.0).abs() < 1e-9); // from 87.5 to 122.5
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
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
///
/// It is a bar of a [`OneWay`], whose page has an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneWayBar {
    /// The input, or the group.
    pub input: String,
    /// Its lower and its upper value; `None` of a group, whose inputs move together.
    pub values: Option<(f64, f64)>,
    /// The output at either; of a group, its lower and its upper quantile.
    pub outputs: (f64, f64),
}

impl OneWayBar {
    /// By how much the output at the upper value differs from that at the lower one, without sign.
    #[must_use]
    pub fn width(&self) -> f64 {
        (self.outputs.1 - self.outputs.0).abs()
    }
}

checked! {
    /// **One input at a time**, for one output: the widest bar first, as a tornado chart shows it.
    ///
    /// Each input is moved to its 10 and 90 % points, or over a stated range, with all others at their medians. A group has no
    /// points of its own: its inputs take 1,024 joint draws, and the bar is between the 10 and 90 % points of the output. The bars say
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
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct OneWay {
        /// The output.
        pub output: String,
        /// The output with all inputs at their medians.
        pub central: f64,
        /// A bar an input or group, the widest first; among equals in the order of the inputs.
        pub bars: Vec<OneWayBar>,
    } then check
}

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
        let mut moved: Vec<Moved<'_>> = Vec::new();
        for factor in inputs.factors() {
            if factor.moves_as_one() {
                let ends =
                    group_ends(inputs, factor.members.clone(), &medians, options, &evaluate)?;
                moved.push((&factor.name, None, ends));
                continue;
            }
            let i = factor.members.start;
            let stated = options.ranges.iter().find(|(input, _)| *input == names[i]);
            let (low, high) = if let Some((_, range)) = stated {
                *range
            } else {
                let (low, high) = options.probabilities;
                (inputs.marginal(i, low)?, inputs.marginal(i, high)?)
            };
            let at = |x: f64| {
                let mut row = medians.clone();
                row[i] = x;
                evaluate(&row)
            };
            let ends = at(low)?.into_iter().zip(at(high)?).collect();
            moved.push((&names[i], Some((low, high)), ends));
        }
        let of_output = |(o, output): (usize, &&str)| {
            let bars = moved.iter().map(|(input, values, ends)| OneWayBar {
                input: (*input).to_owned(),
                values: *values,
                outputs: ends[o],
            });
            let mut bars: Vec<OneWayBar> = bars.collect();
            bars.sort_by(|a, b| b.width().total_cmp(&a.width()));
            Self {
                output: (*output).to_owned(),
                central: central[o],
                bars,
            }
        };
        Ok(outputs.iter().enumerate().map(of_output).collect())
    }

    fn check(&self) -> Result<()> {
        let place = format!("one-way bars of \"{}\"", self.output);
        let place = Place(&place);
        for bar in &self.bars {
            let (low, high) = bar.values.unwrap_or_default();
            for x in [low, high, bar.outputs.0, bar.outputs.1] {
                place.finite(&bar.input, x)?;
            }
        }
        place.finite("the output", self.central)
    }

    /// The bars of several outputs as comma-separated values, a line a bar.
    ///
    /// Columns `output,input,low,high,output_at_low,output_at_high,central`, unrounded; `low` and `high` are empty for a group.
    #[must_use]
    pub fn to_csv(all: &[Self]) -> String {
        let lines = all.iter().flat_map(|one| {
            one.bars.iter().map(|bar| {
                let mut line = vec![one.output.clone(), bar.input.clone()];
                let value = |x: Option<f64>| x.map_or_else(String::new, |x| x.to_string());
                line.extend([bar.values.map(|v| v.0), bar.values.map(|v| v.1)].map(value));
                let numbers = [bar.outputs.0, bar.outputs.1, one.central];
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
        let (low, high) = self.probabilities;
        for p in [low, high] {
            Place("the options of one-way bars").probability("a probability", p)?;
        }
        checks::range("the probabilities of one-way bars", self.probabilities)?;
        checks::names(
            "stated ranges",
            self.ranges.iter().map(|(name, _)| &name[..]),
        )?;
        for (name, range) in &self.ranges {
            let place = place_of(inputs, name)?;
            let group = inputs.factors().iter().find(|f| f.members.contains(&place));
            if let Some(group) = group.filter(|group| group.moves_as_one()) {
                return Err(Error::unsuitable(format!(
                    "{name} is one of the group \"{}\", which moves as one: it has no range of its own",
                    group.name
                )));
            }
            checks::range(&format!("the range of {name}"), *range)?;
        }
        Ok(())
    }
}

/// An input or group, the values that it was moved to, and for each output its two ends.
type Moved<'a> = (&'a str, Option<(f64, f64)>, Vec<(f64, f64)>);

/// For each output, its lower and upper quantile when one group moves.
fn group_ends(
    inputs: &Inputs,
    members: Range<usize>,
    medians: &[f64],
    options: &OneWayOptions,
    evaluate: &impl Fn(&[f64]) -> Result<Vec<f64>>,
) -> Result<Vec<(f64, f64)>> {
    let sampled = inputs.sample(BLOCK, Seed::default())?;
    let mut row = medians.to_vec();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for drawn in sampled.chunks_exact(medians.len()) {
        row[members.clone()].copy_from_slice(&drawn[members.clone()]);
        let values = evaluate(&row)?;
        columns.resize(values.len(), Vec::new());
        for (column, value) in columns.iter_mut().zip(values) {
            column.push(value);
        }
    }
    let (low, high) = options.probabilities;
    let ends = columns.into_iter().map(|mut column| {
        column.sort_by(f64::total_cmp);
        (
            sorted_quantile(&column, low),
            sorted_quantile(&column, high),
        )
    });
    Ok(ends.collect())
}

/// The place of an input in a row.
pub(super) fn place_of(inputs: &Inputs, name: &str) -> Result<usize> {
    let mut names = inputs.names().iter();
    let place = names.position(|input| input == name);
    place.ok_or_else(|| Error::unknown("input", name, inputs.names().iter()))
}

/// All inputs at their medians, but for a choice, which is the first.
pub(super) fn medians(inputs: &Inputs) -> Result<Vec<f64>> {
    let medians = (0..inputs.names().len()).map(|i| inputs.marginal(i, 0.5));
    let mut medians: Vec<f64> = medians.collect::<Result<_>>()?;
    for choice in inputs.factors().iter().filter(|factor| factor.is_choice) {
        medians[choice.members.start] = 0.0;
    }
    Ok(medians)
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
    if x.abs() < 1e-4 {
        return format!("{x:.2e}");
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // From 1 to 6.
    let decimals = (2.0 - x.abs().log10().floor()) as usize;
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
            let values = bar.values.map(|values| [values.0, values.1].map(short));
            let values = values.unwrap_or_else(|| ["-", "-"].map(str::to_owned));
            let outputs = [bar.outputs.0, bar.outputs.1].map(short);
            table.row(
                format!("  {}", bar.input),
                values.into_iter().chain(outputs),
            );
        }
        write!(f, "{table}")
    }
}
