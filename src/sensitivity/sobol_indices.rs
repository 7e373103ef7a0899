//! Sobol' indices as results.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::checks;
use super::sobol_estimation::check_outputs;
use super::sobol_options::IndexError;
use crate::checked_on_reading::checked;
use crate::error::{Error, Result};
use crate::files::csv_text;
use crate::number_checks::Place;
use crate::plain_text::{Table, printable};

checked! {
    /// An index, a share of the variance of an output, with the interval that its estimation leaves.
    ///
    /// The estimate of an index near 0 may lie below it, and that of one near 1 above: nothing is cut off.
    ///
    /// ```
    /// use myeloma_epi::sensitivity::Index;
    ///
    /// let index = Index { estimate: 0.29, lower: 0.281, upper: 0.299 };
    /// assert_eq!(index.to_string(), "29.0 % (28.1 to 29.9)");
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
    pub struct Index {
        /// The estimate.
        pub estimate: f64,
        /// The lower end of the interval.
        pub lower: f64,
        /// The upper end.
        pub upper: f64,
    } then check
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [lower, upper] = [self.lower, self.upper].map(within);
        let [estimate, lower, upper] = [self.estimate, lower, upper].map(percent);
        write!(f, "{estimate} % ({lower} to {upper})")
    }
}

impl Index {
    fn check(&self) -> Result<()> {
        let Self {
            estimate,
            lower,
            upper,
        } = *self;
        let allowed = format!("within its interval, {lower} to {upper}, and finite");
        let place = "a file of indices";
        Place(place).check(
            lower.is_finite() && upper.is_finite() && lower <= estimate && estimate <= upper,
            "an index",
            estimate,
            allowed,
        )
    }
}

/// The indices of an input, or of a group, for one output.
///
/// Where the total index exceeds the first-order one, the input acts together with others; the difference is the share of
/// these interactions. An example is at [`SobolIndices::of`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputIndices {
    /// The input or the group.
    pub input: String,
    /// The inputs of a group; none where it is an input alone.
    pub members: Vec<String>,
    /// The first-order index: the share of the variance that would go if it were known.
    pub first: Index,
    /// The total index: the share that would be left if it alone were not known.
    pub total: Index,
}

/// The indices of one output.
///
/// An example is at [`SobolIndices::of`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputIndices {
    /// The output.
    pub output: String,
    /// The mean of what has the variance: of the output, or of its ranks ([`SobolIndices::of_ranks`]).
    pub mean: f64,
    /// The standard deviation of the same.
    pub sd: f64,
    /// Of each input and group, in their order.
    pub inputs: Vec<InputIndices>,
}

checked! {
    /// The Sobol' indices of a model: see [`SobolIndices::of`].
    ///
    /// `Display` prints a table an output, [`SobolIndices::to_csv`] writes one.
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct SobolIndices {
        pub(super) outputs: Vec<OutputIndices>,
        pub(super) evaluations: usize,
        pub(super) level: f64,
        pub(super) error: IndexError,
        #[serde(default)]
        pub(super) ranks: bool,
    } then check
}

impl SobolIndices {
    fn check(&self) -> Result<()> {
        let outputs: Vec<&str> = self.outputs.iter().map(|o| o.output.as_str()).collect();
        check_outputs(&outputs)?;
        for output in &self.outputs {
            let name = format!("the indices of \"{}\"", output.output);
            let place = Place(&name);
            place.finite("the mean", output.mean)?;
            place.positive("the standard deviation", output.sd)?;
            let inputs = output.inputs.iter().map(|input| input.input.as_str());
            checks::names(&format!("inputs of {name}"), inputs)?;
        }
        let place = Place("a file of indices");
        let evaluations = self.evaluations;
        place.check(
            evaluations > 0,
            "the number of evaluations",
            evaluations,
            "above 0",
        )?;
        place.probability("the level", self.level)
    }

    /// The outputs, in their order.
    #[must_use]
    pub fn outputs(&self) -> &[OutputIndices] {
        &self.outputs
    }

    /// The indices of one output.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unknown`](crate::ErrorKind::Unknown) where there is none of that name.
    pub fn output(&self, name: &str) -> Result<&OutputIndices> {
        let mut outputs = self.outputs.iter();
        outputs.find(|output| output.output == name).ok_or_else(|| {
            let known = self.outputs.iter().map(|output| &output.output);
            Error::unknown("output", name, known)
        })
    }

    /// The number of evaluations of the model.
    #[must_use]
    pub const fn evaluations(&self) -> usize {
        self.evaluations
    }

    /// Whether they share out the variance of the outputs' ranks ([`SobolOptions::ranks`](super::SobolOptions::ranks)).
    #[must_use]
    pub const fn of_ranks(&self) -> bool {
        self.ranks
    }

    /// The indices as comma-separated values: a line for each output and input.
    ///
    /// Columns `output,input,first,first_lower,first_upper,total,total_lower,total_upper,variance_of`: shares from 0 to 1 but for the
    /// error of their estimation, unrounded, and whether they are of the variance of the output's `values` or of their `ranks`.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let lines = self.outputs.iter().flat_map(|output| {
            output.inputs.iter().map(|input| {
                let numbers = [input.first, input.total];
                let numbers = numbers.map(|i| [i.estimate, i.lower, i.upper]);
                let mut line = vec![output.output.clone(), input.input.clone()];
                line.extend(numbers.as_flattened().iter().map(f64::to_string));
                line.push(if self.ranks { "ranks" } else { "values" }.to_owned());
                line
            })
        });
        let header =
            "output,input,first,first_lower,first_upper,total,total_lower,total_upper,variance_of";
        csv_text(header, lines)
    }
}

impl OutputIndices {
    /// The indices of an input, or of a group.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) for one of several inputs of a group: what of the variance is its own and what that of
    /// the others is not defined where they are correlated. [`ErrorKind::Unknown`](crate::ErrorKind::Unknown) for any other name.
    pub fn input(&self, name: &str) -> Result<&InputIndices> {
        if let Some(found) = self.inputs.iter().find(|input| input.input == name) {
            return Ok(found);
        }
        let group = self
            .inputs
            .iter()
            .find(|input| input.members.iter().any(|m| m == name));
        if let Some(group) = group {
            return Err(Error::unsuitable(format!(
                "\"{name}\" has no index of its own: it is one of the group \"{}\" ({}), which has one",
                group.input,
                group.members.join(", ")
            )));
        }
        let known = self.inputs.iter().map(|input| &input.input);
        Err(Error::unknown("input or group", name, known))
    }

    /// The input or group with the greatest total index; `None` where there is none.
    #[must_use]
    pub fn greatest(&self) -> Option<&InputIndices> {
        let inputs = self.inputs.iter();
        inputs.max_by(|a, b| a.total.estimate.total_cmp(&b.total.estimate))
    }
}

impl fmt::Display for SobolIndices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::default();
        let cells = |index: Index| {
            let ends = [index.lower, index.upper];
            let is_share = (0.0..=1.0).contains(&index.estimate);
            let ends = if is_share { ends.map(within) } else { ends };
            let [lower, upper] = ends.map(percent);
            let interval = format!("{lower} to {upper}");
            let interval = if self.error == IndexError::None {
                "-".to_owned()
            } else {
                interval
            };
            [percent(index.estimate), interval]
        };
        let of = if self.ranks {
            "variance of ranks"
        } else {
            "share of the variance"
        };
        for output in &self.outputs {
            let interval = || format!("{} %", (100.0 * self.level * 1e6).round() / 1e6);
            table.row(
                format!("{}: {of}, %", printable(&output.output)),
                [
                    "alone".to_owned(),
                    interval(),
                    "in total".to_owned(),
                    interval(),
                ],
            );
            for input in &output.inputs {
                let numbers = [cells(input.first), cells(input.total)];
                table.row(format!("  {}", input.input), numbers.into_iter().flatten());
            }
        }
        write!(f, "{table}")?;
        writeln!(
            f,
            "alone: first-order index, what would go if it were known; in total: total index, with what it does together \
             with others ({} evaluations); intervals end at 0 and 100, as shares do",
            self.evaluations
        )
    }
}

/// Rounded before 0 is added, so that no 0 has a sign.
fn percent(share: f64) -> String {
    format!("{:.1}", (1000.0 * share).round() / 10.0 + 0.0)
}

/// The end of an interval of a share of the variance as it is printed: an estimate near 0 has a limit below it.
fn within(limit: f64) -> f64 {
    limit.clamp(0.0, 1.0)
}
