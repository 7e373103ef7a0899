//! Draws that are made a block at a time, and need not be kept.

use ndarray::ArrayViewMut2;

use crate::error::Result;

/// Where draws of a yearly number come from, a block at a time: the model itself instead of its
/// draws.
///
/// [`YearlyDraws::of`](crate::YearlyDraws::of) keeps the draws of a source,
/// [`YearlyTally::of`](crate::YearlyTally::of) only counts them, for any number of draws in the same
/// memory. A source of your own is a model that fills a block:
///
/// ```
/// use myeloma_epi::{DrawSource, Result, YearlyTally};
/// use ndarray::ArrayViewMut2;
///
/// /// 1,000 cases, and from 0 to 63 more a year, each as often.
/// struct Steps;
///
/// impl DrawSource for Steps {
///     fn first_year(&self) -> i32 {
///         2024
///     }
///     fn years(&self) -> usize {
///         17
///     }
///     fn fill(&self, first_draw: usize, mut block: ArrayViewMut2<'_, f64>) -> Result<()> {
///         for ((year, draw), cell) in block.indexed_iter_mut() {
///             *cell = (1000 + year * ((first_draw + draw) % 64)) as f64;
///         }
///         Ok(())
///     }
/// }
///
/// let tally = YearlyTally::of(&Steps, 64_000)?;
/// assert_eq!(tally.quantile(2040, 1.0)?, 1000.0 + 16.0 * 63.0);
/// assert!((tally.median(2040)? - 1504.0).abs() < 1504.0 * YearlyTally::RELATIVE_ERROR);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub trait DrawSource: Sync {
    /// The first year.
    fn first_year(&self) -> i32;

    /// The number of years, at least one.
    fn years(&self) -> usize;

    /// Fills a block of shape (years, draws) whose first column is draw `first_draw`, counted from 0:
    /// a multiple of 1,024. A block has 1,024 draws, the last one may have fewer.
    ///
    /// Column *k* is to depend on `first_draw` and *k* alone, on neither the number of columns nor
    /// what the block held before. Then neither threads nor the number of draws change a draw.
    ///
    /// # Errors
    ///
    /// Whatever keeps the source from making the draws.
    fn fill(&self, first_draw: usize, block: ArrayViewMut2<'_, f64>) -> Result<()>;
}
