//! Shares and sojourn times that show the crude shares of a study.

use serde::{Deserialize, Serialize};

use super::calibrated::Calibrated;
use super::least_squares::{Problem, Solution};
use crate::checked_on_reading::checked;
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::pathway::cohorts::arrivals;
use crate::pathway::follow_up::FollowUp;
use crate::pathway::model::{Line, Pathway};
use crate::pathway::share::Share;
use crate::pathway::sojourn::{Distribution, SojournTime};

checked! {
    /// A calibration: the **shares and sojourn times** of a pathway, to be found from crude shares at one
    /// or more data cuts.
    ///
    /// Each line has a sojourn time. One that is known (published, or assumed) stays as it is; of an
    /// *open* one the family and shape are given, and its median lies somewhere in a range. Every data cut
    /// gives the share of the cohort seen starting line 2, 3, … With pₖ the share that goes on after line
    /// *k* and G the distribution function of the sum of the sojourn times in the lines before,
    ///
    /// crude share of line l + 1 at a cut = p₁ ⋯ pₗ · E\[Gₗ(follow-up)\].
    ///
    /// With known sojourn times and one cut, the shares follow one after the other. **One follow-up cannot
    /// separate shares from sojourn times**: it has as many numbers as there are shares, so that every open
    /// sojourn time leaves a direction in which both change together and nothing that was measured does.
    /// Two cuts at different follow-up can tell them apart. [`Calibrated`] says what the data determine,
    /// and between what limits the rest lies.
    ///
    /// Follow-up and medians are in years, shares between 0 and 1. The limits are those found on a grid: every
    /// undetermined median runs through its range, evenly on the log scale, together with all others. Up to three of
    /// them take nine values each, four five, five and six three, seven to nine the two ends.
    ///
    /// ```
    /// use myeloma_epi::pathway::evidence::Calibration;
    /// use myeloma_epi::pathway::{FollowUp, SojournTime};
    ///
    /// let first_line = SojournTime::exponential_from_median(2.0)?;
    /// let open = Calibration::new([first_line]).with_open_sojourn_time(1, 1.0, 4.0)?;
    /// // One data cut after three years leaves the sojourn time open, and with it the share.
    /// let one = open.clone().with_crude_shares(FollowUp::Fixed(3.0), &[0.42])?.solve()?;
    /// let (low, high) = one.next_range(1)?.unwrap();
    /// assert!(low < one.next(1)? && one.next(1)? < high);
    /// // A second one after nine years settles both.
    /// let two = open
    ///     .with_crude_shares(FollowUp::Fixed(3.0), &[0.42])?
    ///     .with_crude_shares(FollowUp::Fixed(9.0), &[0.62])?
    ///     .solve()?;
    /// assert!(two.next_range(1)?.is_none() && two.median_range(1)?.is_none());
    /// println!("{two}");
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct Calibration {
        pub(super) sojourn_times: Vec<SojournTime>,
        /// The range of the median, in years, of each sojourn time that is open.
        pub(super) open: Vec<Option<(f64, f64)>>,
        pub(super) cuts: Vec<DataCut>,
    } through read
}

/// What a study had seen at one data cut.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DataCut {
    pub(super) follow_up: FollowUp,
    /// The shares of the cohort seen starting line 2, 3, …
    pub(super) crude_shares: Vec<f64>,
}

const PLACE: Place<&str> = Place("a calibration");
/// The misfit up to which data count as reproduced.
pub(super) const REPRODUCED: f64 = 1e-6;
/// The misfit up to which several data cuts may differ by chance.
pub(super) const BY_CHANCE: f64 = 0.1;
/// The most points of the grid of undetermined medians.
const GRID: u32 = 729;

impl Calibration {
    /// A calibration with a sojourn time for line 1, 2, …, all of them known.
    #[must_use]
    pub fn new(sojourn_times: impl IntoIterator<Item = SojournTime>) -> Self {
        let sojourn_times: Vec<SojournTime> = sojourn_times.into_iter().collect();
        Self {
            open: vec![None; sojourn_times.len()],
            sojourn_times,
            cuts: Vec::new(),
        }
    }

    /// From what stands in a file.
    fn read(
        sojourn_times: Vec<SojournTime>,
        open: Vec<Option<(f64, f64)>>,
        cuts: Vec<DataCut>,
    ) -> Result<Self> {
        let lines = sojourn_times.len();
        let (entries, allowed) = (open.len(), format!("{lines}, one for each sojourn time"));
        PLACE.check(
            entries == lines,
            "the number of entries of open",
            entries,
            &allowed,
        )?;
        let mut calibration = Self::new(sojourn_times);
        for (line, open) in (1..).zip(open) {
            if let Some((least, most)) = open {
                calibration = calibration.with_open_sojourn_time(line, least, most)?;
            }
        }
        for cut in cuts {
            calibration = calibration.with_crude_shares(cut.follow_up, &cut.crude_shares)?;
        }
        Ok(calibration)
    }

    /// With the sojourn time of a line (from 1) open: its median lies between these two, in years.
    ///
    /// # Errors
    ///
    /// Where there is no such line, its sojourn time has no median above 0, or the range is not in
    /// order.
    pub fn with_open_sojourn_time(mut self, line: usize, least: f64, most: f64) -> Result<Self> {
        let lines = self.sojourn_times.len();
        PLACE.within("the line", line, 1..=lines)?;
        let median = self.sojourn_times[line - 1].median();
        let name = format!("the median sojourn time in line {line}, which is open,");
        PLACE.check(median > 0.0, &name, median, "above 0")?;
        PLACE.check(
            least > 0.0 && least < most && most.is_finite(),
            format!("the range of the median sojourn time in line {line}"),
            format!("{least} to {most}"),
            "above 0 and in order",
        )?;
        self.open[line - 1] = Some((least, most));
        Ok(self)
    }

    /// With the shares of the cohort seen starting line 2, 3, … by a data cut; as many in every cut.
    ///
    /// # Errors
    ///
    /// Where the follow-up is out of its range, there are more shares than sojourn times or not as many
    /// as in another cut, or a share is not above 0 and at most the one before.
    pub fn with_crude_shares(mut self, follow_up: FollowUp, shares: &[f64]) -> Result<Self> {
        follow_up.check()?;
        let lines = self.sojourn_times.len();
        let expected = self.cuts.first().map_or(shares.len(), DataCut::lines);
        if shares.is_empty() || shares.len() > lines || shares.len() != expected {
            return Err(Error::unsuitable(format!(
                "a calibration needs as many crude shares in every data cut, and a sojourn time for \
                 the line before each: there are {} shares, {expected} in the first cut, and {lines} \
                 sojourn times",
                shares.len(),
            )));
        }
        let mut before = 1.0;
        for (line, &share) in (2..).zip(shares) {
            PLACE.check(
                share > 0.0 && share <= before,
                format!("the crude share of line {line}"),
                share,
                format!("above 0 and at most the share of the line before, {before}"),
            )?;
            before = share;
        }
        self.cuts.push(DataCut {
            follow_up,
            crude_shares: shares.to_vec(),
        });
        Ok(self)
    }

    /// The same calibration with all sojourn times, and the ranges of open ones, multiplied: the same
    /// crude shares then mean other shares.
    ///
    /// # Errors
    ///
    /// Where the factor is not above 0, or a sojourn time leaves its range.
    pub fn scaled(&self, factor: f64) -> Result<Self> {
        let times = self.sojourn_times.iter().map(|time| time.scaled(factor));
        let open = self.open.iter().copied();
        let open = open.map(|range| range.map(|(low, high)| (factor * low, factor * high)));
        Ok(Self {
            sojourn_times: times.collect::<Result<_>>()?,
            open: open.collect(),
            cuts: self.cuts.clone(),
        })
    }

    /// Finds shares and sojourn times, and what the data leave undetermined.
    ///
    /// # Errors
    ///
    /// Where there is no data cut, with these sojourn times more were seen in a line than can have reached it,
    /// several data cuts contradict each other by more than a tenth of a crude share, or the data leave more than nine
    /// sojourn times undetermined.
    pub fn solve(&self) -> Result<Calibrated> {
        let Some(first) = self.cuts.first() else {
            return Err(Error::unsuitable("a calibration without crude shares"));
        };
        if let Some(line) = (first.lines()..self.open.len()).find(|&line| self.open[line].is_some())
        {
            return Err(Error::unsuitable(format!(
                "the sojourn time in line {} of the calibration is open, and no crude share tells of who has left it: \
                 give the share seen starting line {}, or take the sojourn time as known",
                line + 1,
                line + 2
            )));
        }
        let problem = Problem::new(self, &vec![None; first.lines()]);
        let solution = if problem.free.is_empty() && self.cuts.len() == 1 {
            self.in_closed_form()?
        } else {
            problem.solve()?
        };
        let (most, why) = if self.cuts.len() == 1 {
            (
                REPRODUCED,
                "The sojourn times are too long for the shares and the follow-up",
            )
        } else {
            (
                BY_CHANCE,
                "The data cuts contradict each other, or the sojourn times: leave a cut out, or a sojourn time open",
            )
        };
        if solution.misfit > most {
            return Err(Error::contradiction(format!(
                "no shares between 0 and 1 reproduce the crude shares of the calibration, whatever \
                 the open sojourn times: the nearest is off by {:.1} %. {why}",
                100.0 * solution.misfit
            )));
        }
        Calibrated::new(self, &problem, &solution)
    }

    /// What is seen by each data cut of those who ever start line 2, 3, …, with these medians.
    pub(super) fn seen(&self, medians: &[f64]) -> Result<Vec<Vec<f64>>> {
        let times = self.times_of(medians)?;
        let distributions: Vec<Distribution> = times
            .iter()
            .map(|time| time.distribution().clone())
            .collect();
        let cuts = self.cuts.iter();
        cuts.map(|cut| arrivals(&distributions, cut.follow_up))
            .collect()
    }

    /// The sojourn times with these medians.
    fn times_of(&self, medians: &[f64]) -> Result<Vec<SojournTime>> {
        let times = self.sojourn_times.iter().zip(medians);
        times
            .map(|(time, median)| match time.median() {
                0.0 => Ok(time.clone()),
                given => time.scaled(median / given),
            })
            .collect()
    }

    /// What is seen by the first data cut, with the sojourn times as they are, and the share that goes on
    /// after each line: crude share over what is seen, by that of the line before. It may be above 1.
    pub(super) fn ratios(&self) -> Result<(Vec<f64>, Vec<f64>)> {
        let crude: &[f64] = self.cuts.first().map_or(&[], |cut| &cut.crude_shares);
        let times = self.sojourn_times.iter().take(crude.len());
        let medians: Vec<f64> = times.map(SojournTime::median).collect();
        let seen = self.seen(&medians)?.into_iter().next().unwrap_or_default();
        let mut before = 1.0;
        let ratio = |(crude, seen): (&f64, &f64)| {
            let reached = crude / seen;
            let share = reached / before;
            before = reached;
            share
        };
        let next = crude.iter().zip(&seen).map(ratio).collect();
        Ok((seen, next))
    }

    /// With one data cut and nothing open, shares follow one after the other.
    fn in_closed_form(&self) -> Result<Solution> {
        let (_, next) = self.ratios()?;
        for (line, &share) in (1..).zip(&next) {
            PLACE.check(
                share <= 1.0,
                format!("the share that goes on after line {line}"),
                share,
                "at most 1: the sojourn times are too long for the crude shares and the follow-up",
            )?;
        }
        let times = self.sojourn_times.iter().take(next.len());
        Ok(Solution {
            medians: times.map(SojournTime::median).collect(),
            next,
            misfit: 0.0,
            squares: 0.0,
        })
    }

    /// All solutions on a grid of the undetermined medians, evenly spaced on the log scale from end to end.
    pub(super) fn reproduced(
        &self,
        undetermined: &[usize],
        near: &Solution,
    ) -> Result<Vec<Solution>> {
        let values = values_of_each(undetermined.len())?;
        let mut grid = vec![vec![None; near.next.len()]];
        for &line in undetermined {
            let (low, high) = self.open[line].unwrap_or((1.0, 1.0));
            let along = |point: &Vec<Option<f64>>| {
                let point = point.clone();
                (0..values).map(move |i| {
                    let mut point = point.clone();
                    let part = f64::from(i) / f64::from(values - 1);
                    point[line] = Some(low * (high / low).powf(part));
                    point
                })
            };
            grid = grid.iter().flat_map(along).collect();
        }
        let mut found = Vec::new();
        for held in grid {
            let solution = Problem::new(self, &held).starting_at(near).solve()?;
            if solution.misfit <= REPRODUCED.max(2.0 * near.misfit) {
                found.push(solution);
            }
        }
        Ok(found)
    }

    /// Of some open medians that are determined, those that contradictory data would have beyond an end of their range: at
    /// the end the data are met no worse.
    pub(super) fn at_end(&self, determined: &[usize], found: &Solution) -> Result<Vec<usize>> {
        let mut at_end = Vec::new();
        if found.misfit <= REPRODUCED {
            return Ok(at_end);
        }
        for &line in determined {
            let (low, high) = self.open[line].unwrap_or((1.0, 1.0));
            let median = found.medians[line];
            let end = if median * median < low * high {
                low
            } else {
                high
            };
            let mut held = vec![None; found.next.len()];
            held[line] = Some(end);
            let there = Problem::new(self, &held).starting_at(found).solve()?;
            if there.squares <= found.squares * (1.0 + REPRODUCED) {
                at_end.push(line);
            }
        }
        Ok(at_end)
    }

    pub(super) fn pathway(&self, solution: &Solution) -> Result<Pathway> {
        let times = self.times_of(&solution.medians)?.into_iter();
        let lines = times.zip(&solution.next);
        let lines = lines.map(|(time, next)| Ok(Line::new(time, Share::new(*next)?)));
        let mut lines = lines.collect::<Result<Vec<Line>>>()?;
        // Nothing was seen of how long the last line lasts.
        let last = self.sojourn_times.get(lines.len());
        if let Some(time) = last.or(self.sojourn_times.last()) {
            lines.push(Line::new(time.clone(), Share::new(0.0)?));
        }
        Pathway::of_lines(lines)
    }
}

/// How many values are tried of each of so many undetermined medians: nine of three, and fewer of more.
fn values_of_each(undetermined: usize) -> Result<u32> {
    let together = u32::try_from(undetermined).unwrap_or(u32::MAX);
    let fits = |values: &u32| values.checked_pow(together).is_some_and(|n| n <= GRID);
    (2..=9).rev().find(fits).ok_or_else(|| {
        let name = "the number of sojourn times that the crude shares leave undetermined";
        Error::out_of_range(
            name,
            PLACE.0,
            undetermined,
            "at most 9: take the others as known",
        )
    })
}

impl DataCut {
    fn lines(&self) -> usize {
        self.crude_shares.len()
    }
}
