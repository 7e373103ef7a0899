//! What a calibration found.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::calibration::{BY_CHANCE, Calibration, REPRODUCED};
use super::least_squares::{Problem, Solution};
use crate::checked_on_reading::checked;
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::pathway::Pathway;
use crate::plain_text::Table;

/// The part of a parameter in the undetermined directions from which on it counts as undetermined.
const INVOLVED: f64 = 1e-3;

checked! {
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
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct Calibrated {
        pathway: Pathway,
        next: Vec<Estimate>,
        medians: Vec<Estimate>,
        ultimate_third_line: Option<Estimate>,
        undetermined: Vec<Vec<f64>>,
        misfit: f64,
    } then check
}

const PLACE: Place<&str> = Place("what a calibration found");
/// How far numbers of a file may be from what the others imply, relatively.
const ROUNDING: f64 = 1e-9;

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Estimate {
    value: f64,
    /// `None` where it is determined.
    range: Option<(f64, f64)>,
    /// Whether it is an open median that the data would have outside the range given for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    at_end: bool,
}

impl Calibrated {
    pub(super) fn new(
        calibration: &Calibration,
        problem: &Problem<'_>,
        solution: &Solution,
    ) -> Result<Self> {
        let shares = solution.next.len();
        let flat = problem.flat_directions(solution)?;
        // Whether the product of these parameters changes along a flat direction.
        let involved = |of: &[usize]| {
            let part = |d: &Vec<f64>| of.iter().map(|&i| d[i]).sum::<f64>();
            let parts = flat.iter().map(|d| part(d).powi(2)).sum::<f64>();
            parts.sqrt() > INVOLVED * (of.len() as f64).sqrt()
        };
        // The parameter that is the median of a line, if it is free.
        let of_median = |line: usize| -> Option<usize> {
            let free = problem.free.iter().position(|&free| free == line);
            free.map(|i| shares + i)
        };
        let mut open = problem.free.clone();
        open.retain(|&line| involved(of_median(line).as_slice()));
        let reproduced = calibration.reproduced(&open, solution)?;
        let mut at_end = problem.free.clone();
        at_end.retain(|line| !open.contains(line));
        let at_end = calibration.at_end(&at_end, solution)?;
        let estimate = |of: &dyn Fn(&Solution) -> f64, parameters: &[usize]| {
            let value = of(solution);
            let all = reproduced.iter().map(of);
            let ends = |(low, high): (f64, f64), x: f64| (low.min(x), high.max(x));
            Estimate {
                value,
                range: (involved(parameters))
                    .then(|| all.fold((value, value), ends))
                    .filter(|(low, high)| high - low > REPRODUCED * value),
                at_end: false,
            }
        };
        let direction = |direction: &Vec<f64>| -> Vec<f64> {
            let medians = (0..shares).map(|line| of_median(line).map_or(0.0, |i| direction[i]));
            direction[..shares].iter().copied().chain(medians).collect()
        };
        let share_after = |line: usize| estimate(&|s| s.next[line], &[line]);
        let median_in = |line| Estimate {
            at_end: at_end.contains(&line),
            ..estimate(&|s| s.medians[line], of_median(line).as_slice())
        };
        let third_line = || estimate(&|s| s.next[0] * s.next[1], &[0, 1]);
        Ok(Self {
            pathway: calibration.pathway(solution)?,
            next: (0..shares).map(share_after).collect(),
            medians: (0..shares).map(median_in).collect(),
            ultimate_third_line: (shares >= 2).then(third_line),
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

    /// The range of the median sojourn time in a line; `None` where it is known, determined, or at an end of the range that
    /// was given for it, which the [cautions](Self::cautions) say.
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

    /// The largest relative difference between a crude share and what the pathway shows. Above 1e-6 several
    /// data cuts contradict each other, the known sojourn times, or the ranges of the open ones; above 0.1 there is no calibration.
    #[must_use]
    pub const fn misfit(&self) -> f64 {
        self.misfit
    }

    /// What a reader should know: that the data cuts contradict each other, and which open medians ended at an end of their
    /// range, so that the range decides what the data do not.
    #[must_use]
    pub fn cautions(&self) -> Vec<String> {
        let mut cautions = Vec::new();
        if self.misfit > REPRODUCED {
            cautions.push(
                "the data cuts do not agree with each other, or with the sojourn times: the shares are the nearest to all of them"
                    .to_owned(),
            );
        }
        let at_end = (1..).zip(&self.medians).filter(|(_, median)| median.at_end);
        cautions.extend(at_end.map(|(line, median)| {
            format!(
                "the median sojourn time in line {line} is at an end of the range given for it, {:.3} years: the data would have it \
                 beyond, so the range decides it and the numbers beside it, and another range gives others",
                median.value
            )
        }));
        cautions
    }
}

fn of_line(estimates: &[Estimate], line: usize) -> Result<Estimate> {
    PLACE.within("the line", line, 1..=estimates.len())?;
    Ok(estimates[line - 1])
}

/// A table of the numbers with their ranges.
impl fmt::Display for Calibrated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::default();
        table.row("", ["value", "least", "greatest"].map(str::to_owned));
        let by_range = self.medians.iter().any(|median| median.at_end);
        let mut row = |name: String, of: &Estimate, factor: f64| {
            let number = |x: f64| format!("{:.3}", factor * x);
            let settled = match (of.at_end, by_range) {
                (true, _) => "end of its range",
                (false, true) => "by that range",
                (false, false) => "determined",
            };
            let (least, greatest) = of.range.map_or_else(
                || (settled.to_owned(), String::new()),
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
        let (directions, misfit) = (self.undetermined.len(), self.misfit);
        write!(
            f,
            "{table}directions in which nothing that was measured changes: {directions}\n\
             largest relative misfit of a crude share: {misfit:.1e}\n"
        )?;
        (self.cautions().iter()).try_for_each(|caution| writeln!(f, "caution: {caution}"))
    }
}

impl Calibrated {
    fn check(&self) -> Result<()> {
        let (lines, third_line) = (self.next.len(), self.ultimate_third_line);
        let of_pathway = match self.pathway.groups() {
            [all] => all.lines(),
            _ => &[],
        };
        let shapes = lines > 0
            && self.medians.len() == lines
            && third_line.is_some() == (lines >= 2)
            && self.undetermined.iter().all(|of| of.len() == 2 * lines)
            && of_pathway.len() == lines + 1;
        if !shapes {
            return Err(Error::unsuitable(
                "what a calibration found needs a share and a median for each line of its pathway but the last, and \
                 directions of both",
            ));
        }
        let shares = self.next.iter().chain(&third_line);
        let shares = shares.map(|of| ("a share", of, 1.0));
        let medians = self.medians.iter().map(|of| ("a median", of, f64::MAX));
        for (name, of, most) in shares.chain(medians) {
            let (low, high) = of.range.unwrap_or((of.value, of.value));
            let has_range = of.range.is_some();
            let open = !self.undetermined.is_empty() && !of.at_end;
            let allowed = "no range where nothing is undetermined, or at an end of that given";
            PLACE.check(!has_range || open, name, has_range, allowed)?;
            PLACE.check(
                0.0 <= low && low <= of.value && of.value <= high && high <= most,
                name,
                format!("{} in {low} to {high}", of.value),
                "between the ends of its range, not below 0, and at most 1 if it is a share",
            )?;
        }
        let same = |name: String, found: f64, of_pathway: f64| {
            let allowed = format!("{of_pathway}, as in the pathway");
            let holds = (found - of_pathway).abs() <= ROUNDING * of_pathway;
            PLACE.check(holds, name, found, allowed)
        };
        let numbers = self.next.iter().zip(&self.medians);
        for ((number, line), (next, median)) in (1..).zip(of_pathway).zip(numbers) {
            let of_line = line.next();
            if of_line.is_uncertain() || of_line.changes() {
                return Err(Error::unsuitable(format!(
                    "the pathway of what a calibration found has a share after line {number} that is not one number"
                )));
            }
            let name = format!("the share that goes on after line {number}");
            same(name, next.value, of_line.central(0))?;
            let name = format!("the median sojourn time in line {number}");
            same(name, median.value, line.sojourn_time().median())?;
        }
        if let (Some(third_line), [first, second, ..]) = (third_line, &self.next[..]) {
            let product = first.value * second.value;
            same("ultimate_third_line".to_owned(), third_line.value, product)?;
        }
        PLACE.between("misfit", self.misfit, 0.0..=BY_CHANCE)?;
        for direction in &self.undetermined {
            let length = direction.iter().map(|part| part * part).sum::<f64>().sqrt();
            let holds = (length - 1.0).abs() <= ROUNDING;
            PLACE.check(
                holds,
                "the length of an undetermined direction",
                length,
                "1",
            )?;
        }
        Ok(())
    }
}
