//! Third-line starts by calendar year.

use std::fmt;

use ndarray::{Array1, Array2, Axis};
use serde::{Deserialize, Serialize};

use super::Delay;

use crate::draws::YearlyDraws;
use crate::error::{Error, Result};
use crate::pathway::earlier::{Earlier, NotGiven};
use crate::pathway::flow_options::Entry;
use crate::plain_text::{Table, count};

/// The most that starts in a file may differ from those that the rest of it implies, relative to the largest.
const ROUNDING: f64 = 1e-9;

/// **Third-line starts by calendar year**: the result of [`Delay::starts`](super::Delay::starts), with what it
/// rests on, those diagnosed, the ultimate share and the delay, draw by draw.
///
/// # Definition
///
/// ```text
/// starts(y) = U·Σ diagnosed(c)·k(y − c)      over the years of diagnosis c = first year, …, y
/// ```
///
/// U is the ultimate share, and k(j) the part of those who ever start third line that does so in the calendar
/// year *j* years after that of diagnosis. Patients a year. For those diagnosed before the first year of the
/// incidence it is continued backwards unless the options say otherwise; [`DelayedStarts::share_not_given`] says how
/// much rests on that.
///
/// `Display` prints the median and the central 95 % interval of every year, and the cautions.
///
/// # Example
///
/// ```
/// use myeloma_epi::YearlyDraws;
/// use myeloma_epi::pathway::{Delay, FlowOptions, ShareDistribution, SojournTime, UltimateShare};
/// use ndarray::Array2;
///
/// // Steady incidence: in the end as many start each year as are diagnosed and ever start.
/// let incidence = YearlyDraws::new(1980, Array2::from_elem((46, 1), 1_000.0))?;
/// let share = UltimateShare::new(0.35, 0.35, ShareDistribution::Uniform)?;
/// let delay = Delay::new(SojournTime::exponential(2.0)?, SojournTime::exponential(1.0)?);
/// let starts = delay.starts(&incidence, &share, &FlowOptions::to(2025))?;
/// assert!((starts.median(2025)? - 350.0).abs() < 0.01);
/// assert!(starts.share_not_given(2025)? < 1e-4);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StartsData", into = "StartsData")]
pub struct DelayedStarts {
    starts: YearlyDraws,
    /// By draw.
    shares: Vec<f64>,
    /// By year since diagnosis, and draw: one where the delay is known.
    kernels: Array2<f64>,
    diagnosed: YearlyDraws,
    delay: Delay,
    entry: Entry,
    earlier: Earlier,
}

/// The quantity of which [`NotGiven`] holds shares.
const STARTS: &str = "starts";

/// Third-line starts as they stand in a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StartsData {
    starts: YearlyDraws,
    diagnosed: YearlyDraws,
    /// The ultimate share of each draw.
    shares: Vec<f64>,
    /// Of those who ever start, the part that does so in the year of diagnosis, the year after, …: for each of
    /// these years one number a draw, or one where the delay is known.
    parts_by_year_since_diagnosis: Vec<Vec<f64>>,
    delay: Delay,
    entry: Entry,
    earlier: Earlier,
}

impl From<DelayedStarts> for StartsData {
    fn from(starts: DelayedStarts) -> Self {
        let parts = starts.kernels.rows().into_iter().map(|row| row.to_vec());
        Self {
            parts_by_year_since_diagnosis: parts.collect(),
            starts: starts.starts,
            diagnosed: starts.diagnosed,
            shares: starts.shares,
            delay: starts.delay,
            entry: starts.entry,
            earlier: starts.earlier,
        }
    }
}

impl TryFrom<StartsData> for DelayedStarts {
    type Error = Error;

    fn try_from(data: StartsData) -> Result<Self> {
        let (years, draws) = data.diagnosed.view().dim();
        let parts = data.parts_by_year_since_diagnosis;
        let columns = parts.first().map_or(0, Vec::len);
        let known_shape = parts.len() == years && (columns == 1 || columns == draws);
        if !known_shape || data.shares.len() != draws || parts.iter().any(|p| p.len() != columns) {
            return Err(Error::unsuitable(format!(
                "third-line starts of {years} years and {draws} draws need as many shares as draws, and for each year since \
                 diagnosis one part, or one a draw"
            )));
        }
        let numbers = parts.iter().flatten().chain(&data.shares);
        if let Some(number) = numbers.copied().find(|x| !(0.0..=1.0).contains(x)) {
            return Err(Error::out_of_range(
                "a share or part",
                "third-line starts",
                number,
                "between 0 and 1",
            ));
        }
        let kernels =
            Array2::from_shape_vec((years, columns), parts.into_iter().flatten().collect())
                .map_err(|error| Error::unsuitable(error.to_string()))?;
        data.earlier.check(&data.diagnosed)?;
        let diagnosed = (data.diagnosed, data.earlier);
        let made = Self::new(diagnosed, data.shares, kernels, (data.delay, data.entry))?;
        let (ours, theirs) = (made.starts.view(), data.starts.view());
        let most = ours.iter().copied().fold(0.0, f64::max);
        let same = data.starts.years() == made.starts.years()
            && theirs.dim() == ours.dim()
            && ours
                .iter()
                .zip(theirs)
                .all(|(a, b)| (a - b).abs() <= ROUNDING * most);
        if !same {
            return Err(Error::unsuitable(
                "third-line starts are not those of the diagnosed, shares and delays beside them",
            ));
        }
        Ok(Self {
            starts: data.starts,
            ..made
        })
    }
}

/// The sum over all earlier years of diagnosis, with a kernel for all draws or one a draw.
fn convolved(diagnosed: &YearlyDraws, kernels: &Array2<f64>) -> Array2<f64> {
    let cohorts = diagnosed.view();
    let mut starts = Array2::zeros(cohorts.raw_dim());
    for (y, mut row) in starts.axis_iter_mut(Axis(0)).enumerate() {
        for c in 0..=y {
            let weights = kernels.row(y - c);
            for (draw, (cell, cases)) in row.iter_mut().zip(cohorts.row(c)).enumerate() {
                *cell += weights[if weights.len() == 1 { 0 } else { draw }] * cases;
            }
        }
    }
    starts
}

impl DelayedStarts {
    pub(super) fn new(
        (diagnosed, earlier): (YearlyDraws, Earlier),
        shares: Vec<f64>,
        kernels: Array2<f64>,
        (delay, entry): (Delay, Entry),
    ) -> Result<Self> {
        let mut starts = convolved(&diagnosed, &kernels);
        for mut row in starts.rows_mut() {
            row.iter_mut()
                .zip(&shares)
                .for_each(|(cell, share)| *cell *= share);
        }
        Ok(Self {
            starts: YearlyDraws::new(diagnosed.first_year(), starts)?,
            shares,
            kernels,
            diagnosed,
            delay,
            entry,
            earlier,
        })
    }

    /// Draws of the number of patients who start third line, by calendar year.
    #[must_use]
    pub const fn starts(&self) -> &YearlyDraws {
        &self.starts
    }

    /// The median number of starts in a year; short for [`starts`](Self::starts)`().median(year)`.
    ///
    /// # Errors
    ///
    /// As [`YearlyDraws::median`].
    pub fn median(&self, year: i32) -> Result<f64> {
        self.starts.median(year)
    }

    /// The central interval of the starts in a year; short for [`starts`](Self::starts)`().interval(year, level)`.
    ///
    /// # Errors
    ///
    /// As [`YearlyDraws::interval`].
    pub fn interval(&self, year: i32, level: f64) -> Result<(f64, f64)> {
        self.starts.interval(year, level)
    }

    /// The part of a year's starts that were diagnosed before the year `before`, the median over the draws: with
    /// the year of the first published figure, the part that rests on the curve continued backwards.
    ///
    /// # Errors
    ///
    /// Where the year is not there.
    pub fn part_diagnosed_before(&self, year: i32, before: i32) -> Result<f64> {
        let y = self.starts.row_of(year)?;
        let first = self.starts.first_year();
        let early = (first..=year)
            .take_while(|&diagnosed| diagnosed < before)
            .count();
        let total = self.starts.year(year)?;
        let parts = total.iter().enumerate().map(|(draw, total)| {
            let column = if self.kernels.ncols() == 1 { 0 } else { draw };
            let part: f64 = (0..early)
                .map(|c| self.kernels[[y - c, column]] * self.diagnosed.view()[[c, draw]])
                .sum();
            if *total > 0.0 {
                // At most 1 but for rounding: the same numbers are added up in another order.
                (part * self.shares[draw] / total).min(1.0)
            } else {
                0.0
            }
        });
        let parts = Array2::from_shape_vec((1, total.len()), parts.collect())
            .map_err(|error| Error::unsuitable(error.to_string()))?;
        YearlyDraws::new(year, parts)?.median(year)
    }

    /// The first year of diagnosis that was given: starts begin earlier where incidence is continued backwards (see
    /// [`FlowOptions`](super::FlowOptions)).
    #[must_use]
    pub const fn first_given(&self) -> i32 {
        self.earlier.first_given()
    }

    /// The share of a year's starts that rests on **years of diagnosis that were not given**, those before
    /// [`DelayedStarts::first_given`]: between 0 and 1. Where incidence is continued backwards the starts hold them;
    /// where the cohorts begin in that year they are missing, and the share is of the starts there would be if
    /// incidence had gone on before as it began. Computed with the central delay, for the mean incidence.
    ///
    /// # Errors
    ///
    /// Where the year is not there.
    pub fn share_not_given(&self, year: i32) -> Result<f64> {
        self.not_given()?.share(STARTS, year)
    }

    fn not_given(&self) -> Result<NotGiven> {
        let apart = self.earlier.apart(&self.diagnosed)?;
        let kernel = self.delay.yearly(apart.years().count(), self.entry)?;
        let kernel = Array1::from_vec(kernel).insert_axis(Axis(1));
        let starts = YearlyDraws::new(apart.first_year(), convolved(&apart, &kernel))?;
        NotGiven::new(self.earlier, [(STARTS.to_owned(), starts)])
    }

    /// What a reader should know: that nobody starts third line, and what rests on years of diagnosis that were
    /// not given, year by year.
    #[must_use]
    pub fn cautions(&self) -> Vec<String> {
        let mut cautions = Vec::new();
        if self.starts.view().iter().all(|starts| *starts == 0.0) {
            cautions.push(
                "under these assumptions nobody starts third line: every number is exactly 0"
                    .to_owned(),
            );
        }
        match self.not_given() {
            Ok(not_given) => {
                let starts = (STARTS.to_owned(), "third-line starts".to_owned());
                cautions.extend(not_given.cautions([starts]));
            }
            Err(error) => cautions.push(format!(
                "what rests on those diagnosed before {} is not known: {error}",
                self.first_given()
            )),
        }
        cautions
    }
}

impl fmt::Display for DelayedStarts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::default();
        table.row(
            "year",
            ["third-line starts", "95 % interval"].map(str::to_owned),
        );
        let given = self.starts.summary().into_iter();
        for year in given.filter(|year| year.year >= self.first_given()) {
            let interval = format!("{} to {}", count(year.lower95), count(year.upper95));
            table.row(year.year.to_string(), [count(year.median), interval]);
        }
        write!(f, "{table}")?;
        for caution in self.cautions() {
            writeln!(f, "caution: {caution}")?;
        }
        Ok(())
    }
}
