//! Where an output passes a threshold, and grids of two inputs.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::checks;
use super::inputs::Inputs;
use super::one_way::{evaluate, medians, place_of, short};
use super::sobol_estimation::check_outputs;
use crate::checked_on_reading::checked;
use crate::error::{Error, Result};
use crate::files::csv_text;
use crate::number_checks::Place;
use crate::numeric::root::Bracket;
use crate::plain_text::printable;

/// Where an output passes a threshold.
///
/// It is one of the values that a [`Threshold`] found. At a jump the output has the threshold nowhere: it is below it on one
/// side of the value and above it on the other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crossing {
    /// The value of the input.
    pub at: f64,
    /// Whether the output rises through the threshold there as the input grows.
    pub rising: bool,
    /// Whether the output jumps over the threshold there and does not meet it.
    pub jump: bool,
}

checked! {
    /// **At which value of an input an output passes a threshold**, with all others at their medians: "at which share does
    /// China in 2040 pass 20,000?"
    ///
    /// The range of the input is looked through in 256 steps; each step in which the output is on both sides of the threshold
    /// is narrowed to 1e-10 of the range, or to the spacing of the machine's numbers there. Two crossings within one step are not
    /// seen, nor is an output that touches the threshold and turns. None, one and several crossings are told apart, and `Display`
    /// says which.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::sensitivity::{Distribution, Inputs, Threshold};
    ///
    /// let inputs = Inputs::default()
    ///     .with("cases", Distribution::Normal { mean: 50e3, sd: 4e3 })?
    ///     .with("share", Distribution::Uniform { lower: 0.30, upper: 0.40 })?;
    /// let model = |x: &[f64], y: &mut [f64]| y[0] = x[0] * x[1];
    /// let passed = Threshold::of(&inputs, "third line", model, "share", (0.2, 0.8), 20e3)?;
    /// assert_eq!(passed.crossings.len(), 1);
    /// assert!((passed.crossings[0].at - 0.4).abs() < 1e-9);
    /// println!("{passed}");
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct Threshold {
        /// The output.
        pub output: String,
        /// The input that is moved.
        pub input: String,
        /// The threshold.
        pub threshold: f64,
        /// The range of the input that was looked through.
        pub range: (f64, f64),
        /// The lowest and the greatest value of the output that was met.
        pub met: (f64, f64),
        /// Crossings in the order of the input; empty where there is none.
        pub crossings: Vec<Crossing>,
    } then check
}

const STEPS: u32 = 256;

/// The relative error of a crossing, of the width of the range.
const PRECISION: f64 = 1e-10;

/// The least width of a range, of the larger of its ends: in a narrower one the machine's numbers are too far apart to tell a
/// jump from a slope.
const NARROWEST: f64 = 1e-9;

impl Threshold {
    fn check(&self) -> Result<()> {
        checks::range(&format!("the range of {}", self.input), self.range)?;
        let place = Place(&self.output);
        place.finite("the threshold", self.threshold)?;
        let (low, high) = self.met;
        place.finite("the lowest value that was met", low)?;
        let allowed = format!("finite and not below the lowest, {low}");
        let holds = high.is_finite() && low <= high;
        place.check(holds, "the greatest value that was met", high, allowed)?;
        let mut before = self.range.0;
        for crossing in &self.crossings {
            let allowed = format!("in order, and within {before} to {}", self.range.1);
            let holds = (before..=self.range.1).contains(&crossing.at);
            place.check(holds, "a crossing", crossing.at, allowed)?;
            before = crossing.at;
        }
        Ok(())
    }

    /// Looks for the crossings over a range of an input.
    ///
    /// # Errors
    ///
    /// Where the input is not there, the range does not go up between two numbers or is narrower than a billionth of its larger
    /// end, the threshold is not finite, or the model gives no finite number, with the values of the inputs.
    pub fn of(
        inputs: &Inputs,
        output: &str,
        model: impl Fn(&[f64], &mut [f64]),
        input: &str,
        range: (f64, f64),
        threshold: f64,
    ) -> Result<Self> {
        inputs.check()?;
        check_outputs(&[output])?;
        let place = place_of(inputs, input)?;
        let of_input = format!("the range of {input}");
        checks::range(&of_input, range)?;
        let (low, high) = range;
        let larger = low.abs().max(high.abs());
        let (width, least) = (high - low, NARROWEST * larger);
        Place(&of_input).check(
            (least..=f64::MAX).contains(&width),
            "the width",
            width,
            format!("finite and at least {least:e}, a billionth of its larger end"),
        )?;
        Place(output).finite("the threshold", threshold)?;
        let mut row = medians(inputs)?;
        let mut above = |x: f64| -> Result<f64> {
            row[place] = x;
            Ok(evaluate(&model, &[output], inputs.names(), &row)?[0] - threshold)
        };
        let at = |step: u32| match step {
            STEPS => high,
            step => low + (high - low) * f64::from(step) / f64::from(STEPS),
        };
        // Never less than four spacings of the machine's numbers: between the ends of a bracket there is always another number.
        let tolerance = (PRECISION * width).max(4.0 * f64::EPSILON * larger);
        let mut crossings = Vec::new();
        // The last point off the threshold, and the first and the last one on it since.
        let (mut off, mut on) = (None::<(f64, f64)>, None::<(f64, f64)>);
        let mut met = (f64::INFINITY, f64::NEG_INFINITY);
        for step in 0..=STEPS {
            let x = at(step);
            let last = above(x)?;
            let point = (x, last);
            met = (met.0.min(last + threshold), met.1.max(last + threshold));
            if last == 0.0 {
                on = Some((on.map_or(x, |on| on.0), x));
                continue;
            }
            let passes = off.map_or(on.is_some(), |off| off.1 * last < 0.0);
            if passes {
                let (at, distance) = match (on, off) {
                    (None, Some(off)) => narrowed(off, point, tolerance, &mut above)?,
                    // Where it comes onto the threshold, or leaves it if it has begun there.
                    (Some((first, _)), Some(off)) => edge(off, first, tolerance, &mut above)?,
                    (Some((_, last)), None) => edge(point, last, tolerance, &mut above)?,
                    (None, None) => (x, 0.0),
                };
                let rise = last - off.map_or(0.0, |off| off.1);
                crossings.push(Crossing {
                    at,
                    rising: last > 0.0,
                    jump: distance > 1e-3 * rise.abs(),
                });
            }
            (off, on) = (Some(point), None);
        }
        // An output that ends on the threshold passes it there.
        if let (Some((first, _)), Some(off)) = (on, off) {
            let (at, distance) = edge(off, first, tolerance, &mut above)?;
            crossings.push(Crossing {
                at,
                rising: off.1 < 0.0,
                jump: distance > 1e-3 * off.1.abs(),
            });
        }
        Ok(Self {
            output: output.to_owned(),
            input: input.to_owned(),
            threshold,
            range,
            met,
            crossings,
        })
    }
}

/// Between a point off the threshold and one on it: where the output comes onto it, and how far it is from it just before.
fn edge(
    (mut off, mut distance): (f64, f64),
    mut on: f64,
    tolerance: f64,
    above: &mut impl FnMut(f64) -> Result<f64>,
) -> Result<(f64, f64)> {
    while (on - off).abs() > tolerance {
        let middle = f64::midpoint(off, on);
        match above(middle)? {
            0.0 => on = middle,
            there => (off, distance) = (middle, there),
        }
    }
    Ok((on, distance.abs()))
}

/// The crossing between two points, and how far the output is from the threshold there.
fn narrowed(
    a: (f64, f64),
    b: (f64, f64),
    tolerance: f64,
    above: &mut impl FnMut(f64) -> Result<f64>,
) -> Result<(f64, f64)> {
    let Some(mut bracket) = Bracket::new(a, b) else {
        return Ok((b.0, b.1.abs()));
    };
    while bracket.width() > tolerance && bracket.nearest().1 != 0.0 {
        let x = bracket.next(0.25 * tolerance);
        bracket.narrow(x, above(x)?);
    }
    let (x, distance) = bracket.nearest();
    Ok((x, distance.abs()))
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [output, input] = [&self.output, &self.input].map(|name| printable(name));
        let (low, high) = (short(self.range.0), short(self.range.1));
        let threshold = short(self.threshold);
        if self.crossings.is_empty() {
            return writeln!(
                f,
                "{output} does not pass {threshold} while {input} goes from {low} to {high}: it is from {} to {} there",
                short(self.met.0),
                short(self.met.1)
            );
        }
        let each = self.crossings.iter().map(|crossing| {
            let way = if crossing.rising {
                "upwards"
            } else {
                "downwards"
            };
            let jump = if crossing.jump { ", by a jump" } else { "" };
            format!("{} ({way}{jump})", short(crossing.at))
        });
        let each: Vec<String> = each.collect();
        let times = match each.len() {
            1 => "once".to_owned(),
            n => format!("{n} times"),
        };
        writeln!(
            f,
            "{output} passes {threshold} {times} while {input} goes from {low} to {high}: at {}",
            each.join(", ")
        )
    }
}

/// An output over a **grid of two inputs**, with all others at their medians.
///
/// # Example
///
/// ```
/// use myeloma_epi::sensitivity::{Distribution, Inputs, TwoWay};
///
/// let inputs = Inputs::default()
///     .with("cases", Distribution::Normal { mean: 50e3, sd: 4e3 })?
///     .with("share", Distribution::Uniform { lower: 0.30, upper: 0.40 })?;
/// let model = |x: &[f64], y: &mut [f64]| y[0] = x[0] * x[1];
/// let grid = TwoWay::of(
///     &inputs, "third line", model, ("cases", &[45e3, 50e3, 55e3]), ("share", &[0.30, 0.35, 0.40, 0.45]),
/// )?;
/// assert_eq!(grid.values[2][3], 55e3 * 0.45);
/// assert!(grid.to_csv().starts_with("cases,share,third line\n45000,0.3,13500\n"));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwoWay {
    /// The output.
    pub output: String,
    /// The first input and its values.
    pub first: (String, Vec<f64>),
    /// The second input and its values.
    pub second: (String, Vec<f64>),
    /// The output: a row a value of the first input, a column a value of the second.
    pub values: Vec<Vec<f64>>,
}

impl TwoWay {
    /// Evaluates a model over the grid.
    ///
    /// # Errors
    ///
    /// Where an input is not there, both are one, there is no value of one or one is not finite, or the model gives no
    /// finite number, with the values of the inputs.
    pub fn of(
        inputs: &Inputs,
        output: &str,
        model: impl Fn(&[f64], &mut [f64]),
        first: (&str, &[f64]),
        second: (&str, &[f64]),
    ) -> Result<Self> {
        inputs.check()?;
        check_outputs(&[output])?;
        let places = [place_of(inputs, first.0)?, place_of(inputs, second.0)?];
        checks::names("inputs of a grid", [first.0, second.0])?;
        for (name, values) in [first, second] {
            if values.is_empty() {
                return Err(Error::too_few("values", name, 0, 1, "a grid"));
            }
            checks::all_finite(values.iter().copied(), |_| {
                ("a value".to_owned(), format!("a grid of {name}"))
            })?;
        }
        let mut row = medians(inputs)?;
        let mut values = Vec::with_capacity(first.1.len());
        for &x in first.1 {
            row[places[0]] = x;
            let mut line = Vec::with_capacity(second.1.len());
            for &y in second.1 {
                row[places[1]] = y;
                line.push(evaluate(&model, &[output], inputs.names(), &row)?[0]);
            }
            values.push(line);
        }
        Ok(Self {
            output: output.to_owned(),
            first: (first.0.to_owned(), first.1.to_vec()),
            second: (second.0.to_owned(), second.1.to_vec()),
            values,
        })
    }

    /// The grid as comma-separated values, a line a point: the two inputs and the output, unrounded.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let lines = self.first.1.iter().zip(&self.values).flat_map(|(x, line)| {
            let second = self.second.1.iter().zip(line);
            second.map(move |(y, value)| [x, y, value].map(f64::to_string).to_vec())
        });
        let names = vec![
            self.first.0.clone(),
            self.second.0.clone(),
            self.output.clone(),
        ];
        // Names may hold commas: they are written as a row.
        let table = csv_text("first,second,output", std::iter::once(names).chain(lines));
        table
            .split_once('\n')
            .map_or_else(String::new, |(_, rest)| rest.to_owned())
    }
}
