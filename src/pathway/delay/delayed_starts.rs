//! Third-line starts by calendar year.

use std::fmt;

use ndarray::{Array1, Array2, ArrayView2, Axis, aview1};
use serde::Serialize;

use super::Delay;
use super::sum::Sum;
use crate::checked_on_reading::checked;
use crate::draws::YearlyDraws;
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::pathway::flow_options::Entry;
use crate::pathway::incidence_before::{Earlier, Followed, NotGiven};
use crate::pathway::model::few_draws;
use crate::pathway::share_range::ShareDistribution;
use crate::pathway::ultimate_share::UltimateShare;
use crate::plain_text::{Table, count};
use crate::random::BLOCK;

/// The most that starts in a file may differ from those that the rest of it implies, relative to the largest.
const ROUNDING: f64 = 1e-9;

/// How far parts may be from those of their delay.
const PARTS: f64 = 1e-6;
/// No draw of a sojourn time is farther from its centre, in standard deviations.
const MOST_DEVIATIONS: f64 = 8.0;

checked! {
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
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct DelayedStarts {
        starts: YearlyDraws,
        diagnosed: YearlyDraws,
        share: UltimateShare,
        shares: Vec<f64>,
        /// For each year since diagnosis one part, or one a draw.
        parts_by_year_since_diagnosis: Vec<Vec<f64>>,
        delay: Delay,
        entry: Entry,
        earlier: Earlier,
    } then check
}

/// What the quantity is called.
const STARTS: &str = "starts";

/// Starts from a row of all years on: the share of each draw of Σ parts\[y − c\]·cohorts\[c\]. The cohorts are the first
/// of those given times the factors `before`, and those given.
pub(super) fn starts(
    (before, given): (&[f64], ArrayView2<'_, f64>),
    parts: &[Vec<f64>],
    shares: &[f64],
    from: usize,
) -> Array2<f64> {
    let back = before.len();
    let of_first = parts_of_first(before, parts, from);
    let mut starts = Array2::zeros((of_first.len(), given.ncols()));
    // Some draws at a time, so that all years of them stay near the processor.
    let blocks = starts.axis_chunks_iter_mut(Axis(1), BLOCK);
    let blocks = blocks
        .zip(given.axis_chunks_iter(Axis(1), BLOCK))
        .zip(shares.chunks(BLOCK));
    for (block, ((mut starts, given), shares)) in blocks.enumerate() {
        let draws = block * BLOCK..block * BLOCK + shares.len();
        for (y, mut row) in (from..).zip(starts.rows_mut()) {
            // To read new memory before it is written costs more than the product.
            row.assign(&given.row(0));
            match &of_first[y - from][..] {
                [part] => row *= *part,
                parts => row *= &aview1(&parts[draws.clone()]),
            }
            for c in (1..given.nrows()).take_while(|c| back + c <= y) {
                match &parts[y - back - c][..] {
                    [part] => row.scaled_add(*part, &given.row(c)),
                    parts => {
                        let draws = row.iter_mut().zip(given.row(c)).zip(&parts[draws.clone()]);
                        draws.for_each(|((cell, cases), part)| *cell += part * cases);
                    }
                }
            }
            row *= &aview1(shares);
        }
    }
    starts
}

/// Of those who ever start, what starts in each year from a row on of the first cohort given and of all before it, per
/// patient of the first one: one number, or one a draw.
fn parts_of_first(before: &[f64], parts: &[Vec<f64>], from: usize) -> Vec<Vec<f64>> {
    let factors = || before.iter().chain(&[1.0]);
    let of_year = |y: usize| {
        let mut sum = vec![0.0; parts[y].len()];
        for (factor, parts) in factors().zip(parts[..=y].iter().rev()) {
            sum.iter_mut()
                .zip(parts)
                .for_each(|(sum, part)| *sum += factor * part);
        }
        sum
    };
    (from..parts.len()).map(of_year).collect()
}

/// Their sums up to each.
fn accumulated(parts: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let add = |sum: &mut f64, part| {
        *sum += part;
        Some(*sum)
    };
    parts.into_iter().scan(0.0, add).collect()
}

/// The number of a draw, or that of all.
fn of_draw(parts: &[f64], draw: usize) -> f64 {
    parts[if parts.len() == 1 { 0 } else { draw }]
}

impl DelayedStarts {
    pub(super) fn new(
        followed: &Followed<'_>,
        (share, shares): (UltimateShare, Vec<f64>),
        parts: Vec<Vec<f64>>,
        (delay, entry): (Delay, Entry),
    ) -> Result<Self> {
        let (first_year, earlier) = (followed.first_year, followed.earlier);
        let starts = starts(followed.parts(), &parts, &shares, 0);
        Ok(Self {
            starts: YearlyDraws::new(first_year, starts)?,
            diagnosed: followed.cohorts()?,
            share,
            shares,
            parts_by_year_since_diagnosis: parts,
            delay,
            entry,
            earlier,
        })
    }

    fn check(&self) -> Result<()> {
        let (parts, shares) = (&self.parts_by_year_since_diagnosis, &self.shares);
        let (years, draws) = self.diagnosed.view().dim();
        let columns = parts.first().map_or(0, Vec::len);
        let known_shape = parts.len() == years && (columns == 1 || columns == draws);
        if !known_shape || shares.len() != draws || parts.iter().any(|p| p.len() != columns) {
            return Err(Error::unsuitable(format!(
                "third-line starts of {years} years and {draws} draws need as many shares as draws, and for each year since \
                 diagnosis one part, or one a draw"
            )));
        }
        for number in parts.iter().flatten().chain(shares) {
            Place("third-line starts").share("a share or part", *number)?;
        }
        self.check_shares()?;
        self.check_parts()?;
        self.earlier.check(&self.diagnosed)?;
        let ours = starts((&[], self.diagnosed.view()), parts, shares, 0);
        let theirs = self.starts.view();
        let most = ours.fold(0.0, |most, starts| f64::max(most, *starts));
        let same = self.starts.years() == self.diagnosed.years() && theirs.dim() == ours.dim();
        let close = |(a, b): (&f64, &f64)| (a - b).abs() <= ROUNDING * most;
        if !(same && ours.iter().zip(theirs).all(close)) {
            return Err(Error::unsuitable(
                "third-line starts are not those of the diagnosed, shares and delays beside them",
            ));
        }
        Ok(())
    }

    /// That the shares of the draws lie in the range that they are drawn from.
    fn check_shares(&self) -> Result<()> {
        let (low, high) = (self.share.low(), self.share.high());
        let spreads = self.share.distribution() == ShareDistribution::Beta95 && low < high;
        let range = low - ROUNDING..=high + ROUNDING;
        for share in self.shares.iter().filter(|_| !spreads) {
            let allowed = format!("in the range of share, {low} to {high}");
            let holds = range.contains(share);
            Place("third-line starts").check(holds, "one of shares", share, allowed)?;
        }
        Ok(())
    }

    /// That the parts by year are those of the delay: where it errs, of some delay within eight standard deviations of it.
    fn check_parts(&self) -> Result<()> {
        let parts = &self.parts_by_year_since_diagnosis;
        let lines = [self.delay.first_line(), self.delay.second_line()];
        let far = lines.map(|time| (MOST_DEVIATIONS * time.relative_error()).exp());
        let started = |factors: [f64; 2]| {
            let (parts, error) = Sum::of(&self.delay)
                .scaled(factors)?
                .yearly(parts.len(), self.entry);
            Ok::<_, Error>((accumulated(parts), error))
        };
        // A delay that cannot be stretched as far has parts that are not compared.
        let (Ok((slowest, a)), Ok((fastest, b))) = (started(far), started(far.map(f64::recip)))
        else {
            return Ok(());
        };
        let slack = PARTS + a + b;
        for draw in 0..parts[0].len() {
            let started = accumulated(parts.iter().map(|parts| parts[draw]));
            let years = started.iter().zip(&slowest).zip(&fastest).enumerate();
            for (year, ((started, least), most)) in years {
                Place("third-line starts").check(
                    (least - slack..=most + slack).contains(started),
                    format!("the sum of parts_by_year_since_diagnosis to year {year}"),
                    started,
                    format!("{least} to {most}, by the delay"),
                )?;
            }
        }
        Ok(())
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
        let (diagnosed, total) = (self.diagnosed.view(), self.starts.year(year)?);
        let early = self
            .starts
            .years()
            .take_while(|c| *c < before && *c <= year);
        let early = early.count();
        let parts = total.iter().enumerate().map(|(draw, total)| {
            let of_cohort = |c: usize| {
                let parts = &self.parts_by_year_since_diagnosis[y - c];
                of_draw(parts, draw) * diagnosed[[c, draw]]
            };
            let part: f64 = (0..early).map(of_cohort).sum();
            if *total > 0.0 {
                // At most 1 but for rounding: the same numbers are added up in another order.
                (part * self.shares[draw] / total).min(1.0)
            } else {
                0.0
            }
        });
        let parts = parts.collect::<Array1<f64>>().insert_axis(Axis(0));
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
        let given = self.earlier.given(&self.diagnosed)?;
        not_given((&self.delay, self.entry), self.earlier, &given)
    }

    /// What a reader should know: that there are one or few draws of what is uncertain, that nobody starts third line, and what rests on years of diagnosis that were
    /// not given, year by year.
    #[must_use]
    pub fn cautions(&self) -> Vec<String> {
        let is_uncertain = self.share.is_uncertain() || self.delay.is_uncertain();
        let mut cautions = few_draws(&self.diagnosed, is_uncertain);
        if self.starts.view().iter().all(|starts| *starts == 0.0) {
            let caution =
                "under these assumptions nobody starts third line: every number is exactly 0";
            cautions.push(caution.to_owned());
        }
        let starts = (STARTS.to_owned(), "third-line starts".to_owned());
        cautions.extend(self.earlier.cautions(self.not_given(), [starts]));
        cautions
    }
}

/// What of the starts rests on years that were not given, of the cohorts from the first given one on.
pub(super) fn not_given(
    (delay, entry): (&Delay, Entry),
    earlier: Earlier,
    given: &ArrayView2<'_, f64>,
) -> Result<NotGiven> {
    let apart = earlier.apart(given)?;
    let parts = delay.yearly(apart.years().count(), entry)?;
    let parts: Vec<Vec<f64>> = parts.into_iter().map(|part| vec![part]).collect();
    let starts = starts((&[], apart.view()), &parts, &[1.0; 3], 0);
    let starts = YearlyDraws::new(apart.first_year(), starts)?;
    NotGiven::new(earlier, [(STARTS.to_owned(), starts)])
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
            let interval = year.interval95().map(|ends| ends.map(count));
            let interval = interval.map(|[lower, upper]| format!("{lower} to {upper}"));
            let cells = [count(year.median), interval.unwrap_or_default()];
            table.row(year.year.to_string(), cells);
        }
        write!(f, "{table}")?;
        for caution in self.cautions() {
            writeln!(f, "caution: {caution}")?;
        }
        Ok(())
    }
}
