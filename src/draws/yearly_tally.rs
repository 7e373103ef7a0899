//! Summaries of any number of draws in bounded memory.

use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::{Array2, Axis, Slice};
use rayon::prelude::*;
use serde::Serialize;

use super::tally::Tally;
use super::{DrawSource, YearSummary, check_counts, check_probabilities, check_years, row_of};
use crate::checked_on_reading::checked;
use crate::error::Result;
use crate::interval_levels::OF_TABLES;
use crate::number_checks::Place;
use crate::random::BLOCK;

checked! {
    /// Counts of draws of a yearly number of people in narrow buckets: the summaries of
    /// [`YearlyDraws`](crate::YearlyDraws) for any number of draws, in bounded memory.
    ///
    /// Each draw is counted and forgotten. The buckets of a year are 2,048 to a factor of two, whatever
    /// the size of the numbers.
    ///
    /// # Accuracy
    ///
    /// A quantile is within a relative [`YearlyTally::RELATIVE_ERROR`], 2⁻¹¹ or 0.049 %, of the one that
    /// the draws themselves have (definition 7 of Hyndman and Fan), and, where draws lie close together,
    /// much nearer: *m* draws in its bucket leave an error of the order of that over √*m*. The least and
    /// the greatest draw are exact, and so is a year whose draws are all equal. The same draws give the
    /// same tally on any number of threads. Buckets for quantiles with a relative error: Masson, Rim & Lee
    /// (2019), Proceedings of the VLDB Endowment 12:2195–2205,
    /// [doi:10.14778/3352063.3352135](https://doi.org/10.14778/3352063.3352135).
    ///
    /// # Memory
    ///
    /// 8 KiB a year, on each thread, for every factor of two between the least draw above zero and the
    /// greatest.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::projection::StatedGrowth;
    /// use myeloma_epi::{Seed, YearlyTally};
    ///
    /// // 2 % more a year, with a standard error of 0.4 %.
    /// let world = StatedGrowth::new("World", 2024, 180_000.0, 0.020, 0.004)?;
    /// let tally = YearlyTally::of(&world.draws_to(2040, Seed::new(1))?, 100_000)?;
    /// let (lower, upper) = tally.interval(2040, 0.95)?;
    /// assert!((lower / 218_708.0 - 1.0).abs() < 0.002 && (upper / 281_046.0 - 1.0).abs() < 0.002);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct YearlyTally {
        first_year: i32,
        years: Vec<Tally>,
    } then check
}

impl YearlyTally {
    /// No quantile is further than this from that of the draws themselves, relative to it.
    pub const RELATIVE_ERROR: f64 = Tally::RELATIVE_ERROR;

    /// Counts so many draws of a source, block by block on all threads.
    ///
    /// # Errors
    ///
    /// Where there is no draw or no year, there are more than 2³² − 1 draws, the source fails, or a
    /// draw is negative, NaN or infinite.
    pub fn of(source: &impl DrawSource, draws: usize) -> Result<Self> {
        let mut tallies = tally(&[source], draws, None)?;
        Ok(tallies.swap_remove(0))
    }

    /// All years in order.
    #[must_use]
    pub fn years(&self) -> std::ops::RangeInclusive<i32> {
        super::years(self.first_year, self.years.len())
    }

    /// The number of draws.
    #[must_use]
    pub fn len(&self) -> usize {
        self.years[0].len()
    }

    /// Several quantiles of one year, in the order asked for.
    ///
    /// # Errors
    ///
    /// As [`Self::quantile`].
    pub fn quantiles(&self, year: i32, probabilities: &[f64]) -> Result<Vec<f64>> {
        check_probabilities(probabilities)?;
        let row = row_of(year, &self.years())?;
        Ok(self.years[row].quantiles(probabilities))
    }

    fn vary(&self) -> bool {
        self.years.iter().any(Tally::varies)
    }

    /// Median, 50 % and 95 % interval of every year.
    #[must_use]
    pub fn summary(&self) -> Vec<YearSummary> {
        self.years()
            .zip(&self.years)
            .map(|(year, tally)| YearSummary::new(year, &tally.quantiles(&OF_TABLES)))
            .collect()
    }
}

year_by_year!(YearlyTally);

impl YearlyTally {
    fn check(&self) -> Result<()> {
        let draws = self.years.first().map_or(0, Tally::len);
        check_counts(self.years.len(), draws)?;
        check_years(self.first_year, self.years.len())?;
        let (name, allowed) = (
            "the number of draws",
            format!("that of the first year, {draws}"),
        );
        for found in self.years.iter().map(Tally::len) {
            Place("a year of the tally").check(found == draws, name, found, &allowed)?;
        }
        Ok(())
    }
}

/// Fills in one factor a draw, from a first draw on.
pub(crate) type Factors<'a> = dyn Fn(usize, &mut [f64]) + Sync + 'a;

/// Counts so many draws of several sources in one pass, so that their draws *k* are of one world.
///
/// With `factors` the draws of all sources are multiplied by them before they are counted.
pub(crate) fn tally(
    sources: &[&dyn DrawSource],
    draws: usize,
    factors: Option<&Factors<'_>>,
) -> Result<Vec<YearlyTally>> {
    for source in sources {
        check_counts(source.years(), draws)?;
        check_years(source.first_year(), source.years())?;
    }
    let allowed = format!("at most {}", Tally::MOST);
    let holds = draws <= Tally::MOST;
    Place("a tally").check(holds, "the number of draws", draws, &allowed)?;
    let blocks = draws.div_ceil(BLOCK);
    let workers = rayon::current_num_threads().min(blocks);
    let next = AtomicUsize::new(0);
    (0..workers)
        .into_par_iter()
        .map(|_| {
            // Blocks go to whoever is free; who counts them does not matter.
            let mut worker = Worker::new(sources);
            loop {
                let block = next.fetch_add(1, Ordering::Relaxed);
                if block >= blocks {
                    return Ok(worker.tallies);
                }
                let first = block * BLOCK;
                worker
                    .add(first, BLOCK.min(draws - first), factors)
                    .inspect_err(|_| next.store(blocks, Ordering::Relaxed))?;
            }
        })
        .try_reduce_with(|mut all, more| {
            for (tally, more) in all.iter_mut().zip(&more) {
                for (year, more) in tally.years.iter_mut().zip(&more.years) {
                    year.merge(more);
                }
            }
            Ok(all)
        })
        .unwrap_or_else(|| Ok(Vec::new()))
}

/// What one thread needs, whatever the number of draws.
struct Worker<'a> {
    sources: &'a [&'a dyn DrawSource],
    /// A block of draws of each source.
    blocks: Vec<Array2<f64>>,
    factors: Vec<f64>,
    tallies: Vec<YearlyTally>,
}

impl<'a> Worker<'a> {
    fn new(sources: &'a [&'a dyn DrawSource]) -> Self {
        let blocks = sources.iter().map(|s| Array2::zeros((s.years(), BLOCK)));
        let tallies = sources.iter().map(|source| YearlyTally {
            first_year: source.first_year(),
            years: vec![Tally::new(); source.years()],
        });
        Self {
            sources,
            blocks: blocks.collect(),
            factors: vec![1.0; BLOCK],
            tallies: tallies.collect(),
        }
    }

    /// Makes and counts the draws of one block.
    fn add(&mut self, first: usize, draws: usize, factors: Option<&Factors<'_>>) -> Result<()> {
        if let Some(factors) = factors {
            factors(first, &mut self.factors[..draws]);
        }
        let sources = self.sources.iter().zip(&mut self.blocks);
        for ((source, block), tally) in sources.zip(&mut self.tallies) {
            let mut block = block.slice_axis_mut(Axis(1), Slice::from(..draws));
            source.fill(first, block.view_mut())?;
            let years = tally.years();
            let rows = block.axis_iter_mut(Axis(0)).zip(&mut tally.years);
            for ((mut row, tally), year) in rows.zip(years) {
                let row = row.as_slice_mut();
                let row = row.expect("broken invariant: the row of a block is not one slice");
                if factors.is_some() {
                    row.iter_mut().zip(&self.factors).for_each(|(x, f)| *x *= f);
                }
                tally.add(row, |k| {
                    format!("draw {} of {year}, counted from 0", first + k)
                })?;
            }
        }
        Ok(())
    }
}
