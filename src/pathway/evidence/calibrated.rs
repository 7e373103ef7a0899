//! What a calibration found.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::calibration::Calibration;
use super::least_squares::{Problem, Solution};
use crate::error::{Error, Result};
use crate::pathway::Pathway;
use crate::plain_text::Table;
use crate::unchecked::unchecked;

/// The part of a parameter in the undetermined directions from which on it counts as undetermined.
const INVOLVED: f64 = 0.02;

/// What a [`Calibration`] finds: a **pathway that shows the crude shares**, and what they leave undetermined.
///
/// Each number, a share between 0 and 1 or a median in years, has a value, one of many that reproduce the data
/// unless it is determined, and a range: the least and the greatest value that reproduce the data while all
/// undetermined sojourn times run through their ranges, on the grid of [`Calibration`]. There is no range where the
/// data, and the sojourn times that are known, determine the number.
///
/// # Example
///
/// ```
/// use myeloma_epi::pathway::evidence::Calibration;
/// use myeloma_epi::pathway::{FollowUp, SojournTime};
///
/// // First line has a median of 2 years; after 3 years 42 % were seen in second line.
/// let first_line = SojournTime::exponential_from_median(2.0)?;
/// let found = Calibration::new([first_line])
///     .with_crude_shares(FollowUp::Fixed(3.0), &[0.42])?
///     .solve()?;
/// // 1 − 2^(−3/2) of those who ever go on had done so.
/// assert!((found.next(1)? - 0.42 / (1.0 - 2.0_f64.powf(-1.5))).abs() < 1e-6);
/// assert_eq!(found.next_range(1)?, None);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Calibrated {
    pathway: Pathway,
    next: Vec<Estimate>,
    medians: Vec<Estimate>,
    ultimate_third_line: Option<Estimate>,
    undetermined: Vec<Vec<f64>>,
    misfit: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Estimate {
    value: f64,
    /// `None` where it is determined.
    range: Option<(f64, f64)>,
}

impl Calibrated {
    pub(super) fn new(
        calibration: &Calibration,
        problem: &Problem<'_>,
        solution: &Solution,
    ) -> Result<Self> {
        let shares = solution.next.len();
        let flat = problem.flat_directions(solution)?;
        // Whether a number with this gradient changes along a flat direction.
        let involved = |gradient: &[f64]| {
            let part = |d: &Vec<f64>| d.iter().zip(gradient).map(|(d, g)| d * g).sum::<f64>();
            let parts = flat.iter().map(|d| part(d).powi(2)).sum::<f64>();
            let length = gradient.iter().map(|g| g * g).sum::<f64>();
            parts.sqrt() > INVOLVED * length.sqrt()
        };
        let gradient = |of: &[usize]| -> Vec<f64> {
            let one = |i: usize| f64::from(u8::from(of.contains(&i)));
            (0..problem.parameters()).map(one).collect()
        };
        let of_median = |line: usize| -> Vec<f64> {
            let free = problem.free.iter().position(|&free| free == line);
            gradient(free.map(|i| shares + i).as_slice())
        };
        let mut open = problem.free.clone();
        open.retain(|&line| involved(&of_median(line)));
        let reproduced = calibration.reproduced(&open, solution)?;
        let estimate = |of: &dyn Fn(&Solution) -> f64, gradient: &[f64]| {
            let value = of(solution);
            let all = reproduced.iter().map(of);
            let ends = |(low, high): (f64, f64), x: f64| (low.min(x), high.max(x));
            Estimate {
                value,
                range: involved(gradient).then(|| all.fold((value, value), ends)),
            }
        };
        let direction = |direction: &Vec<f64>| -> Vec<f64> {
            let medians = (0..shares).map(|line| {
                let free = problem.free.iter().position(|&free| free == line);
                free.map_or(0.0, |i| direction[shares + i])
            });
            direction[..shares].iter().copied().chain(medians).collect()
        };
        Ok(Self {
            pathway: calibration.pathway(solution)?,
            next: (0..shares)
                .map(|line| estimate(&|s| s.next[line], &gradient(&[line])))
                .collect(),
            medians: (0..shares)
                .map(|line| estimate(&|s| s.medians[line], &of_median(line)))
                .collect(),
            ultimate_third_line: (shares >= 2)
                .then(|| estimate(&|s| s.next[0] * s.next[1], &gradient(&[0, 1]))),
            undetermined: flat.iter().map(direction).collect(),
            misfit: solution.misfit,
        })
    }

    /// A pathway that shows the crude shares. Whoever does not go on dies in the line, which crude
    /// shares do not tell from loss to further therapy.
    #[must_use]
    pub const fn pathway(&self) -> &Pathway {
        &self.pathway
    }

    /// The share that goes on to the next line after a line (from 1).
    ///
    /// # Errors
    ///
    /// Where no crude share tells of that line.
    pub fn next(&self, line: usize) -> Result<f64> {
        of_line(&self.next, line).map(|share| share.value)
    }

    /// The range of the share that goes on after a line; `None` where it is determined.
    ///
    /// # Errors
    ///
    /// Where no crude share tells of that line.
    pub fn next_range(&self, line: usize) -> Result<Option<(f64, f64)>> {
        of_line(&self.next, line).map(|share| share.range)
    }

    /// The median sojourn time in a line (from 1), in years.
    ///
    /// # Errors
    ///
    /// Where no crude share tells of that line.
    pub fn median(&self, line: usize) -> Result<f64> {
        of_line(&self.medians, line).map(|median| median.value)
    }

    /// The range of the median sojourn time in a line; `None` where it is known or determined.
    ///
    /// # Errors
    ///
    /// Where no crude share tells of that line.
    pub fn median_range(&self, line: usize) -> Result<Option<(f64, f64)>> {
        of_line(&self.medians, line).map(|median| median.range)
    }

    /// The share of the cohort that ever reaches third line; `None` without crude shares of it.
    #[must_use]
    pub fn ultimate_third_line(&self) -> Option<f64> {
        self.ultimate_third_line.map(|share| share.value)
    }

    /// The range of the share that ever reaches third line; `None` where it is determined, or there is
    /// no crude share of it.
    #[must_use]
    pub fn ultimate_third_line_range(&self) -> Option<(f64, f64)> {
        self.ultimate_third_line.and_then(|share| share.range)
    }

    /// The directions in which shares and sojourn times can change together without any crude share
    /// changing; empty where everything is determined. Each has length 1 and holds the relative changes
    /// of the shares that go on after line 1, 2, …, and then of the median sojourn times in these lines.
    #[must_use]
    pub fn undetermined(&self) -> &[Vec<f64>] {
        &self.undetermined
    }

    /// The largest relative difference between a crude share and what the pathway shows. Above 1e-6 the
    /// data contradict each other, the known sojourn times, or the ranges of the open ones.
    #[must_use]
    pub const fn misfit(&self) -> f64 {
        self.misfit
    }
}

fn of_line(estimates: &[Estimate], line: usize) -> Result<Estimate> {
    let estimate = line.checked_sub(1).and_then(|i| estimates.get(i));
    estimate.copied().ok_or_else(|| {
        Error::out_of_range(
            "the line",
            "what a calibration found",
            line,
            format!("from 1 to {}", estimates.len()),
        )
    })
}

/// A table of the numbers with their ranges.
impl fmt::Display for Calibrated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::default();
        table.row("", ["value", "least", "greatest"].map(str::to_owned));
        let mut row = |name: String, of: &Estimate, factor: f64| {
            let number = |x: f64| format!("{:.3}", factor * x);
            let (least, greatest) = of.range.map_or_else(
                || ("determined".to_owned(), String::new()),
                |(least, greatest)| (number(least), number(greatest)),
            );
            table.row(name, [number(of.value), least, greatest]);
        };
        for (line, share) in (1..).zip(&self.next) {
            let name = format!("share that goes on after line {line}, %");
            row(name, share, 100.0);
        }
        for (line, median) in (1..).zip(&self.medians) {
            let name = format!("median sojourn time in line {line}, years");
            row(name, median, 1.0);
        }
        if let Some(share) = &self.ultimate_third_line {
            let name = "share that ever reaches third line, %".to_owned();
            row(name, share, 100.0);
        }
        write!(f, "{table}")?;
        writeln!(
            f,
            "directions in which nothing that was measured changes: {}",
            self.undetermined.len()
        )?;
        writeln!(
            f,
            "largest relative misfit of a crude share: {:.1e}",
            self.misfit
        )
    }
}

unchecked!(Unchecked => Calibrated, then check {
    pathway: Pathway,
    next: Vec<Estimate>,
    medians: Vec<Estimate>,
    ultimate_third_line: Option<Estimate>,
    undetermined: Vec<Vec<f64>>,
    misfit: f64,
});

impl Calibrated {
    fn check(&self) -> Result<()> {
        let Self {
            pathway,
            next,
            medians,
            ultimate_third_line,
            undetermined,
            misfit,
        } = self;
        let lines = next.len();
        let shapes = lines > 0
            && medians.len() == lines
            && ultimate_third_line.is_some() == (lines >= 2)
            && undetermined.iter().all(|of| of.len() == 2 * lines)
            && matches!(pathway.groups(), [all] if all.lines().len() == lines + 1);
        if !shapes {
            return Err(Error::unsuitable(
                "what a calibration found needs a share and a median for each line of its pathway \
                 but the last, and directions of both"
                    .to_owned(),
            ));
        }
        let shares = next.iter().chain(ultimate_third_line);
        for (name, of, most) in shares
            .map(|of| ("a share", of, 1.0))
            .chain(medians.iter().map(|of| ("a median", of, f64::MAX)))
        {
            let (low, high) = of.range.unwrap_or((of.value, of.value));
            if !(0.0 <= low && low <= of.value && of.value <= high && high <= most) {
                return Err(Error::out_of_range(
                    name,
                    "what a calibration found",
                    format!("{} in {low} to {high}", of.value),
                    "between the ends of its range, not below 0, and at most 1 if it is a share",
                ));
            }
        }
        let finite = undetermined.iter().flatten().all(|x| x.is_finite());
        if !(finite && *misfit >= 0.0 && misfit.is_finite()) {
            return Err(Error::unsuitable(
                "the misfit and the directions of a calibration are finite numbers",
            ));
        }
        Ok(())
    }
}
