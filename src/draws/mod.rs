//! The crate's one currency of uncertainty: draws of yearly numbers.

mod source;
mod tally;
mod yearly_tally;

use std::ops::RangeInclusive;

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;
use serde::Serialize;

use crate::error::{Error, ErrorKind, Result};
use crate::random::BLOCK;

use crate::numeric::quantile::quantiles;
pub use source::DrawSource;
pub use yearly_tally::YearlyTally;

/// The furthest that a projection may reach past the last observation, in years.
///
/// A curve through a few figures says nothing about the century after next.
pub const MAX_HORIZON: i32 = 200;
pub(crate) use yearly_tally::tally;

/// The most numbers that one matrix of draws may hold: 2³⁰, which is 8 GiB.
const MAX_CELLS: usize = 1 << 30;

/// Draws of a yearly number of people: an array of shape (years, draws), a row a calendar year.
///
/// Column *k* is one coherent world: the same growth, the same share, in every year, and in every
/// other set of draws that comes from the same seed. The years are consecutive, the numbers finite
/// and not negative, and there is at least one year and one draw.
///
/// Summaries are computed on demand and never fed back. A quantile is that of Hyndman and Fan's
/// definition 7 (linear interpolation between order statistics, the default of R and NumPy): Hyndman
/// & Fan (1996), The American Statistician 50:361–365,
/// [doi:10.1080/00031305.1996.10473566](https://doi.org/10.1080/00031305.1996.10473566).
///
/// ```
/// use myeloma_epi::YearlyDraws;
/// use ndarray::array;
///
/// let draws = YearlyDraws::new(2024, array![[1.0, 2.0, 3.0, 4.0], [2.0, 4.0, 6.0, 8.0]])?;
/// assert_eq!(draws.median(2025)?, 5.0);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct YearlyDraws {
    first_year: i32,
    draws: Array2<f64>,
}

/// What is shown of one year's draws.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct YearSummary {
    /// The calendar year.
    pub year: i32,
    /// The median.
    pub median: f64,
    /// The lower end of the central 50 % interval.
    pub lower50: f64,
    /// The upper end of the central 50 % interval.
    pub upper50: f64,
    /// The lower end of the central 95 % interval.
    pub lower95: f64,
    /// The upper end of the central 95 % interval.
    pub upper95: f64,
}

impl YearlyDraws {
    /// Draws from an array of shape (years, draws) whose first row is `first_year`.
    ///
    /// # Errors
    ///
    /// Where there is no year or no draw, or a number is negative, NaN or infinite.
    pub fn new(first_year: i32, draws: Array2<f64>) -> Result<Self> {
        check_shape(draws.nrows(), draws.ncols())?;
        check_years(first_year, draws.nrows())?;
        if let Some(((row, draw), value)) = draws
            .indexed_iter()
            .find(|(_, value)| !(value.is_finite() && **value >= 0.0))
        {
            let place = format!("draw {draw} of year {row}, counted from 0");
            return Err(refused(*value, place));
        }
        Ok(Self {
            first_year,
            draws: if draws.is_standard_layout() {
                draws
            } else {
                draws.as_standard_layout().into_owned()
            },
        })
    }

    /// Makes and keeps so many draws of a source.
    ///
    /// # Errors
    ///
    /// Those of the source, and those of [`YearlyDraws::new`].
    pub fn of(source: &impl DrawSource, draws: usize) -> Result<Self> {
        check_shape(source.years(), draws)?;
        let mut numbers = Array2::zeros((source.years(), draws));
        numbers
            .axis_chunks_iter_mut(Axis(1), BLOCK)
            .into_par_iter()
            .enumerate()
            .try_for_each(|(block, rows)| source.fill(block * BLOCK, rows))?;
        Self::new(source.first_year(), numbers)
    }

    /// Draws that are valid by construction.
    pub(crate) const fn from_valid(first_year: i32, draws: Array2<f64>) -> Self {
        Self { first_year, draws }
    }

    /// The array itself.
    pub(crate) fn into_array(self) -> Array2<f64> {
        self.draws
    }

    /// The first year.
    #[must_use]
    pub const fn first_year(&self) -> i32 {
        self.first_year
    }

    /// The last year.
    #[must_use]
    pub fn last_year(&self) -> i32 {
        *self.years().end()
    }

    /// All years in order.
    #[must_use]
    pub fn years(&self) -> RangeInclusive<i32> {
        years(self.first_year, self.draws.nrows())
    }

    /// The number of draws.
    #[must_use]
    pub fn len(&self) -> usize {
        self.draws.ncols()
    }

    /// Always false: there is at least one draw.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.draws.is_empty()
    }

    /// The array, of shape (years, draws).
    #[must_use]
    pub fn view(&self) -> ArrayView2<'_, f64> {
        self.draws.view()
    }

    /// The draws of one year.
    ///
    /// # Errors
    ///
    /// Where the year is not among [`YearlyDraws::years`].
    pub fn year(&self, year: i32) -> Result<ArrayView1<'_, f64>> {
        Ok(self.draws.row(self.row_of(year)?))
    }

    /// The row of a year.
    pub(crate) fn row_of(&self, year: i32) -> Result<usize> {
        row_of(year, &self.years())
    }

    /// The quantile of one year's draws at probability `p`, from 0 (the least) to 1 (the greatest).
    ///
    /// # Errors
    ///
    /// Where the year is not there or `p` is not between 0 and 1.
    pub fn quantile(&self, year: i32, p: f64) -> Result<f64> {
        Ok(self.quantiles(year, &[p])?[0])
    }

    /// Several quantiles of one year, in the order asked for.
    ///
    /// # Errors
    ///
    /// As [`YearlyDraws::quantile`].
    pub fn quantiles(&self, year: i32, probabilities: &[f64]) -> Result<Vec<f64>> {
        check_probabilities(probabilities)?;
        Ok(quantiles(&self.year(year)?, probabilities))
    }

    /// The median of one year's draws.
    ///
    /// # Errors
    ///
    /// Where the year is not there.
    pub fn median(&self, year: i32) -> Result<f64> {
        self.quantile(year, 0.5)
    }

    /// The median of every year, in order.
    #[must_use]
    pub fn medians(&self) -> Vec<f64> {
        self.each_year(|_, row| quantiles(&row, &[0.5])[0])
    }

    /// The central interval of one year's draws: level 0.95 runs from the 2.5 % to the 97.5 %
    /// quantile. A limit needs some ten draws beyond it: with fewer than 20/(1 − level) draws it is
    /// little more than the least and the greatest of them.
    ///
    /// # Errors
    ///
    /// Where the year is not there or the level is not above 0 and below 1.
    pub fn interval(&self, year: i32, level: f64) -> Result<(f64, f64)> {
        let ends = self.quantiles(year, &check_level(level)?)?;
        Ok((ends[0], ends[1]))
    }

    /// Median, 50 % and 95 % interval of every year.
    #[must_use]
    pub fn summary(&self) -> Vec<YearSummary> {
        self.each_year(|year, row| {
            YearSummary::new(year, &quantiles(&row, &YearSummary::PROBABILITIES))
        })
    }

    /// Something of every year, in order.
    fn each_year<T: Send>(&self, of: impl Fn(i32, ArrayView1<'_, f64>) -> T + Sync) -> Vec<T> {
        let rows: Vec<_> = self.years().zip(self.draws.rows()).collect();
        rows.into_par_iter()
            .map(|(year, row)| of(year, row))
            .collect()
    }
}

impl YearSummary {
    /// The probabilities whose quantiles are shown.
    const PROBABILITIES: [f64; 5] = [0.025, 0.25, 0.5, 0.75, 0.975];

    /// From the quantiles at [`YearSummary::PROBABILITIES`].
    fn new(year: i32, quantiles: &[f64]) -> Self {
        Self {
            year,
            median: quantiles[2],
            lower50: quantiles[1],
            upper50: quantiles[3],
            lower95: quantiles[0],
            upper95: quantiles[4],
        }
    }
}

/// The number of years and of draws is at least one.
fn check_counts(years: usize, draws: usize) -> Result<()> {
    for (name, number) in [
        ("the number of draws", draws),
        ("the number of years", years),
    ] {
        if number == 0 {
            return Err(Error::out_of_range(name, "a projection", 0, "at least 1"));
        }
    }
    Ok(())
}

/// The number of years and of draws is at least one, and fits into memory.
pub(crate) fn check_shape(years: usize, draws: usize) -> Result<()> {
    check_counts(years, draws)?;
    if years
        .checked_mul(draws)
        .is_none_or(|cells| cells > MAX_CELLS)
    {
        return Err(ErrorKind::Unsuitable(format!(
            "{draws} draws of {years} years do not fit: the most is {} draws of so many years",
            MAX_CELLS / years
        ))
        .into());
    }
    Ok(())
}

/// The years after the first one are years too.
fn check_years(first_year: i32, years: usize) -> Result<()> {
    let end = i32::try_from(years).map(|years| first_year.checked_add(years));
    if let Ok(Some(_)) = end {
        return Ok(());
    }
    Err(Error::out_of_range(
        "the first year",
        "the draws",
        first_year,
        "a calendar year",
    ))
}

/// So many years from a first one, as [`check_years`] has allowed them.
fn years(first_year: i32, years: usize) -> RangeInclusive<i32> {
    first_year..=first_year + i32::try_from(years - 1).unwrap_or(0)
}

/// The row of a year.
fn row_of(year: i32, years: &RangeInclusive<i32>) -> Result<usize> {
    let row = usize::try_from(i64::from(year) - i64::from(*years.start()));
    row.ok().filter(|_| years.contains(&year)).ok_or_else(|| {
        Error::out_of_range(
            "the year",
            "the draws",
            year,
            format!("from {} to {}", years.start(), years.end()),
        )
    })
}

/// Probabilities lie between 0 and 1.
fn check_probabilities(probabilities: &[f64]) -> Result<()> {
    let bad = probabilities.iter().find(|p| !(0.0..=1.0).contains(*p));
    bad.map_or(Ok(()), |p| {
        Err(Error::out_of_range(
            "the probability",
            "a quantile",
            p,
            "between 0 and 1",
        ))
    })
}

/// The probabilities of the ends of a central interval.
fn check_level(level: f64) -> Result<[f64; 2]> {
    if !(level > 0.0 && level < 1.0) {
        return Err(Error::out_of_range(
            "the level",
            "an interval",
            level,
            "above 0 and below 1 (0.95 for 95 %)",
        ));
    }
    let tail = (1.0 - level) / 2.0;
    Ok([tail, 1.0 - tail])
}

/// A draw that is no number of people.
fn refused(value: f64, place: String) -> Error {
    Error::out_of_range("a yearly number", place, value, "finite and not negative")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_single_draw_is_every_quantile() {
        let draws = YearlyDraws::new(2020, array![[7.0]]).unwrap();
        assert_eq!(draws.interval(2020, 0.95).unwrap(), (7.0, 7.0));
    }

    #[test]
    fn impossible_draws_are_refused_with_their_place() {
        let error = YearlyDraws::new(2020, array![[1.0, 2.0], [3.0, f64::NAN]]).unwrap_err();
        assert!(error.to_string().contains("draw 1 of year 1"), "{error}");
        let error = YearlyDraws::new(2020, array![[-1.0]]).unwrap_err();
        assert!(error.to_string().contains("-1"), "{error}");
        assert!(YearlyDraws::new(2020, Array2::zeros((2, 0))).is_err());
        assert!(YearlyDraws::new(2020, Array2::zeros((0, 2))).is_err());
    }

    #[test]
    fn requests_out_of_range_are_refused() {
        let draws = YearlyDraws::new(2020, array![[1.0, 2.0]]).unwrap();
        for level in [0.0, 1.0, -0.1, 1.5, f64::NAN] {
            assert!(draws.interval(2020, level).is_err());
        }
        for p in [-0.1, 1.1, f64::NAN] {
            assert!(draws.quantile(2020, p).is_err());
        }
        for year in [2019, 2021, i32::MIN, i32::MAX] {
            assert!(draws.median(year).is_err());
        }
    }
}
