//! Growth as somebody states it: so much a year, give or take.

use ndarray::{Array1, ArrayViewMut2, Axis};
use rand_distr::{Distribution, StandardNormal};

use super::MAX_HORIZON;
use crate::draws::DrawSource;
use crate::error::{Error, Result};
use crate::random::{BLOCK, Seed, Stream};

/// A count and a yearly growth with its error: what a published growth rate says, or a belief of the
/// user's own. Nothing is fitted.
///
/// The cases in year *t* are *c*·exp(*g*·(*t* − *t*₀)): *c* cases in year *t*₀, and a growth *g* on
/// the log scale that is normal with a mean and a deviation, one for all years of a draw. For a growth
/// of *r* per cent a year the mean is ln(1 + *r*/100). The growth of one region is independent of that
/// of another, and the count is taken as exact.
#[derive(Debug, Clone, PartialEq)]
pub struct StatedGrowth {
    region: String,
    year: i32,
    cases: f64,
    mean: f64,
    deviation: f64,
}

impl StatedGrowth {
    /// So many cases in a year, and the mean and the standard deviation of the yearly growth after it,
    /// on the log scale: 0.02 is 2.02 % a year.
    ///
    /// # Errors
    ///
    /// Where the cases are not finite and above 0, the mean is not finite, or the deviation is not
    /// finite and at least 0.
    pub fn new(
        region: impl Into<String>,
        year: i32,
        cases: f64,
        mean: f64,
        deviation: f64,
    ) -> Result<Self> {
        let region = region.into();
        for (name, value, valid, allowed) in [
            (
                "the number of cases",
                cases,
                cases > 0.0,
                "finite and above 0",
            ),
            ("the mean growth", mean, true, "finite"),
            (
                "the deviation of the growth",
                deviation,
                deviation >= 0.0,
                "finite and not negative",
            ),
        ] {
            if !(value.is_finite() && valid) {
                return Err(Error::out_of_range(name, region, value, allowed));
            }
        }
        Ok(Self {
            region,
            year,
            cases,
            mean,
            deviation,
        })
    }

    /// Draws from the year of the count to a last year. The region's name and the seed determine the
    /// growth of draw *k*.
    ///
    /// # Errors
    ///
    /// Where the last year is before that of the count or more than [`MAX_HORIZON`] years after it.
    pub fn draws_to(&self, year: i32, seed: Seed) -> Result<GrowthDraws> {
        let horizon = i64::from(year) - i64::from(self.year);
        let years = usize::try_from(horizon).ok();
        let years = years.filter(|_| horizon <= i64::from(MAX_HORIZON));
        let years = years.ok_or_else(|| {
            Error::out_of_range(
                "the last year",
                &self.region,
                year,
                format!("from {} to {MAX_HORIZON} years after it", self.year),
            )
        })?;
        Ok(GrowthDraws {
            stream: seed.stream(&format!("growth/{}", self.region)),
            years: years + 1,
            growth: self.clone(),
        })
    }
}

/// Draws of a [`StatedGrowth`], made a block at a time.
#[derive(Debug, Clone)]
pub struct GrowthDraws {
    growth: StatedGrowth,
    stream: Stream,
    years: usize,
}

impl DrawSource for GrowthDraws {
    fn first_year(&self) -> i32 {
        self.growth.year
    }

    fn years(&self) -> usize {
        self.years
    }

    fn fill(&self, first_draw: usize, mut block: ArrayViewMut2<'_, f64>) -> Result<()> {
        let StatedGrowth {
            cases,
            mean,
            deviation,
            ..
        } = self.growth;
        let mut ratios: Array1<f64> = StandardNormal
            .sample_iter(self.stream.block(first_draw / BLOCK))
            .map(|z: f64| mean + deviation * z)
            .take(block.ncols())
            .collect();
        // Apart from the drawing: a loop of its own is faster.
        ratios.mapv_inplace(f64::exp);
        let mut row_before = Array1::from_elem(block.ncols(), cases);
        for (year, mut row) in block.axis_iter_mut(Axis(0)).enumerate() {
            if year > 0 {
                row_before *= &ratios;
            }
            row.assign(&row_before);
        }
        Ok(())
    }
}
