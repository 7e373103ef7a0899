//! A growth rate as it is stated, with its standard deviation.

use std::fmt::Debug;

use ndarray::{Array1, ArrayViewMut2, Axis};
use rand_distr::{Distribution, StandardNormal};
use serde::Serialize;

use crate::checked_on_reading::checked;
use crate::draws::{DrawSource, MAX_HORIZON};
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::random::{BLOCK, Seed, Stream};

checked! {
    /// Exponential growth from an exact count at an uncertain rate: what a published growth rate says, or an
    /// assumption of one's own. Nothing is fitted.
    ///
    /// # Model
    ///
    /// ```text
    /// y(t) = c·exp(g·(t − t₀)),   g ~ N(mean, sd²), one number a draw
    /// ```
    ///
    /// with *c* cases in year *t*₀ and the growth *g* a year on the log scale: for *r* per cent a year the
    /// mean is ln(1 + *r*/100). The growth of one region is independent of that of another.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::projection::StatedGrowth;
    /// use myeloma_epi::{Seed, YearlyTally};
    ///
    /// let growth = StatedGrowth::new("Norway", 2024, 530.0, 0.02, 0.005)?;
    /// let new_cases = YearlyTally::of(&growth.draws_to(2040, Seed::default())?, 50_000)?;
    /// let (lower, upper) = new_cases.interval(2040, 0.95)?;
    /// assert!(lower < 530.0 * 0.32_f64.exp() && 530.0 * 0.32_f64.exp() < upper);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct StatedGrowth {
        region: String,
        year: i32,
        cases: f64,
        mean: f64,
        standard_deviation: f64,
    } through new
}

impl StatedGrowth {
    /// So many cases in a year, and the mean and the standard deviation of the yearly growth after it,
    /// on the log scale: 0.02 is 2.02 % a year.
    ///
    /// # Errors
    ///
    /// Where the cases are not finite and above 0, the mean is not finite, or the standard deviation is
    /// not finite and at least 0.
    pub fn new(
        region: impl Into<String>,
        year: i32,
        cases: f64,
        mean: f64,
        standard_deviation: f64,
    ) -> Result<Self> {
        let region = region.into();
        let place = Place(&region);
        place.positive("the number of cases", cases)?;
        place.finite("the mean growth", mean)?;
        let name = "the standard deviation of the growth";
        place.not_negative(name, standard_deviation)?;
        Ok(Self {
            region,
            year,
            cases,
            mean,
            standard_deviation,
        })
    }

    /// Draws from the year of the count to a last year, made a block at a time. The region's name and the
    /// seed determine the growth of draw *k*.
    ///
    /// # Errors
    ///
    /// Where the last year is before that of the count or more than 200 years after it.
    pub fn draws_to(
        &self,
        year: i32,
        seed: Seed,
    ) -> Result<impl DrawSource + Clone + Debug + use<>> {
        let years = usize::try_from(i64::from(year) - i64::from(self.year));
        let years = years.ok().filter(|years| *years <= MAX_HORIZON as usize);
        let years = years.ok_or_else(|| {
            let allowed = format!("from {} to {MAX_HORIZON} years after it", self.year);
            Error::out_of_range("the last year", &self.region, year, allowed)
        })?;
        Ok(GrowthDraws {
            stream: seed.stream(&format!("growth/{}", self.region)),
            years: years + 1,
            growth: self.clone(),
        })
    }
}

/// Draws of a [`StatedGrowth`].
#[derive(Debug, Clone)]
struct GrowthDraws {
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
            standard_deviation,
            ..
        } = self.growth;
        let mut ratios: Array1<f64> = StandardNormal
            .sample_iter(self.stream.block(first_draw / BLOCK))
            .map(|z: f64| mean + standard_deviation * z)
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
