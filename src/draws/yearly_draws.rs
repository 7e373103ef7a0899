//! Draws of a yearly number, all of them kept.

use std::ops::RangeInclusive;

use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut2, Axis};
use rayon::prelude::*;
use serde::Serialize;

use super::{
    DrawSource, YearSummary, check_probabilities, check_shape, check_years, is_more_than_rounding,
    refused, row_of, years, years_at_a_time,
};
use crate::checked_on_reading::{by_year, checked};
use crate::error::Result;
use crate::interval_levels::OF_TABLES;
use crate::numeric::quantile::quantiles;
use crate::random::BLOCK;

checked! {
    /// Draws of a yearly number of people: an array of shape (years, draws), a row a calendar year.
    ///
    /// Column *k* is one coherent world: the same growth, the same share, in every year, and in every
    /// other set of draws that comes from the same seed. The years are consecutive, the numbers finite
    /// and not negative, and there is at least one year and one draw.
    ///
    /// # Summaries
    ///
    /// They are computed on demand and never fed back. A quantile is that of Hyndman and Fan's
    /// definition 7, the default of R and `NumPy`: of *n* draws in order, x₍₀₎ ≤ … ≤ x₍ₙ₋₁₎,
    ///
    /// ```text
    /// Q(p) = x₍ₖ₎ + (h − k)·(x₍ₖ₊₁₎ − x₍ₖ₎),   h = p·(n − 1),  k = ⌊h⌋
    /// ```
    ///
    /// Hyndman & Fan (1996), The American Statistician 50:361–365,
    /// [doi:10.1080/00031305.1996.10473566](https://doi.org/10.1080/00031305.1996.10473566).
    ///
    /// # Example
    ///
    /// Draws of your own take the place of those of the crate wherever it asks for some. The array is
    /// one of [`ndarray`](crate::ndarray), which the crate exports, so that a program need not have the
    /// same version of it as the crate.
    ///
    /// ```
    /// use myeloma_epi::YearlyDraws;
    /// use myeloma_epi::ndarray::array;
    ///
    /// let draws = YearlyDraws::new(2024, array![[1.0, 2.0, 3.0, 4.0], [2.0, 4.0, 6.0, 8.0]])?;
    /// assert_eq!(draws.median(2025)?, 5.0);
    /// assert_eq!(draws.interval(2025, 0.5)?, (3.5, 6.5));
    /// print!("{draws}");
    /// # assert_eq!(draws.to_string().lines().count(), 4);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # In a file
    ///
    /// ```
    /// # use myeloma_epi::{YearlyDraws, ndarray::array};
    /// let draws = YearlyDraws::new(2024, array![[1.0, 2.0], [2.5, 4.0]])?;
    /// let json = r#"{"first_year":2024,"draws":[[1.0,2.0],[2.5,4.0]]}"#;
    /// assert_eq!(serde_json::to_string(&draws).unwrap(), json);
    /// assert_eq!(serde_json::from_str::<YearlyDraws>(json).unwrap(), draws);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct YearlyDraws {
        first_year: i32,
        #[serde(with = "by_year")]
        draws: Array2<f64>,
    } through new
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
        let is_bad = |value: &f64| !(*value >= 0.0 && *value <= f64::MAX);
        // Counted without a branch at each: several at a time.
        let mut rows = draws.rows().into_iter();
        let bad = rows.any(|row| row.iter().filter(|value| is_bad(value)).count() > 0);
        if bad
            && let Some(((row, draw), value)) =
                draws.indexed_iter().find(|(_, value)| is_bad(value))
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
        let (first_year, years) = (source.first_year(), source.years());
        Self::by_block(first_year, years, draws, |block, rows| {
            source.fill(block * BLOCK, rows)
        })
    }

    /// So many draws, which `fill` makes block by block, on all threads: it is given the number of a block and its rows.
    pub(crate) fn by_block(
        first_year: i32,
        years: usize,
        draws: usize,
        fill: impl Fn(usize, ArrayViewMut2<'_, f64>) -> Result<()> + Sync,
    ) -> Result<Self> {
        check_shape(years, draws)?;
        let mut numbers = Array2::zeros((years, draws));
        numbers
            .axis_chunks_iter_mut(Axis(1), BLOCK)
            .into_par_iter()
            .enumerate()
            .try_for_each(|(block, rows)| fill(block, rows))?;
        Self::new(first_year, numbers)
    }

    /// Draws that are valid by construction.
    pub(crate) const fn from_valid(first_year: i32, draws: Array2<f64>) -> Self {
        Self { first_year, draws }
    }

    /// The array itself.
    pub(crate) fn into_array(self) -> Array2<f64> {
        self.draws
    }

    /// The draws of each year times one factor a draw.
    pub(crate) fn times(&self, factors: &[f64]) -> Array2<f64> {
        let factors = ArrayView1::from(factors);
        &self.draws * &factors
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

    /// Several quantiles of one year, in the order asked for.
    ///
    /// # Errors
    ///
    /// As [`Self::quantile`].
    pub fn quantiles(&self, year: i32, probabilities: &[f64]) -> Result<Vec<f64>> {
        check_probabilities(probabilities)?;
        Ok(quantiles(&self.year(year)?, probabilities))
    }

    /// The median of every year, in order.
    #[must_use]
    pub fn medians(&self) -> Vec<f64> {
        self.each_year(|_, row| quantiles(&row, &[0.5])[0])
    }

    /// Median, 50 % and 95 % interval of every year.
    #[must_use]
    pub fn summary(&self) -> Vec<YearSummary> {
        self.each_year(|year, row| YearSummary::new(year, &quantiles(&row, &OF_TABLES)))
    }

    /// Whether the draws of any year differ.
    pub(crate) fn vary(&self) -> bool {
        let mut rows = self.draws.rows().into_iter();
        rows.any(|row| {
            let mut others = row.iter();
            others.any(|x| is_more_than_rounding(row[0].min(*x), row[0].max(*x)))
        })
    }

    /// Something of every year, in order.
    fn each_year<T: Send>(&self, of: impl Fn(i32, ArrayView1<'_, f64>) -> T + Sync) -> Vec<T> {
        let rows: Vec<_> = self.years().zip(self.draws.rows()).collect();
        rows.into_par_iter()
            .with_min_len(years_at_a_time(self.len()))
            .map(|(year, row)| of(year, row))
            .collect()
    }
}

year_by_year!(YearlyDraws);

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_single_draw_is_every_quantile() {
        let draws = YearlyDraws::new(2020, array![[7.0]]).unwrap();
        for p in [0.0, 0.3, 1.0] {
            assert!((draws.quantile(2020, p).unwrap() - 7.0).abs() < 1e-15);
        }
        let error = draws.interval(2020, 0.95).unwrap_err().to_string();
        assert!(error.contains("no interval"), "{error}");
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
