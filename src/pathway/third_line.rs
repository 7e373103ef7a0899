//! Patients diagnosed in a year who will ever reach third line.

use serde::Serialize;

use super::{ShareDistribution, UltimateShare};
use crate::checked_on_reading::checked;
use crate::draws::{DrawSource, YearlyDraws, YearlyTally, tally};
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::random::{BLOCK, Seed};

checked! {
    /// The **patients diagnosed in a year who will ever reach third line**, by year of diagnosis: draws of yearly new
    /// cases times an [`UltimateShare`].
    ///
    /// They reach it years later: this is not the number who start third line in that year
    /// ([`Delay::starts`](super::Delay::starts)), nor the number living with third line
    /// ([`Flow::in_line`](super::Flow::in_line)).
    ///
    /// ```
    /// use myeloma_epi::pathway::{ShareDistribution, ThirdLine, UltimateShare};
    /// use myeloma_epi::{Seed, YearlyDraws};
    /// use ndarray::array;
    ///
    /// let incidence = YearlyDraws::new(2040, array![[1000.0, 1000.0, 1000.0]])?;
    /// let share = UltimateShare::new(0.30, 0.40, ShareDistribution::Uniform)?;
    /// let third_line = ThirdLine::new(&incidence, &share, Seed::new(1))?;
    /// assert_eq!(third_line.product_range(2040)?, (300.0, 400.0));
    /// assert!((300.0..=400.0).contains(&third_line.median(2040)?));
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct ThirdLine {
        share: UltimateShare,
        /// The median of the yearly new cases, by year.
        median_incidence: Vec<f64>,
        patients: YearlyDraws,
    } then check
}

impl ThirdLine {
    /// That there is a median of incidence for every year, and that it is a number of people.
    fn check(&self) -> Result<()> {
        let (medians, years) = (&self.median_incidence, self.patients.years().count());
        if medians.len() != years {
            return Err(Error::unsuitable(format!(
                "third line has {} numbers of median incidence for {years} years",
                medians.len(),
            )));
        }
        // Each draw is incidence times a share, and so the median of draws lies within the shares of that of incidence.
        let share = &self.share;
        let (least, most) = match share.distribution() {
            ShareDistribution::Beta95 => (0.0, 1.0),
            _ => (share.low(), share.high()),
        };
        let place = Place("third line");
        for (cases, patients) in medians.iter().zip(self.patients.medians()) {
            place.not_negative("median_incidence", *cases)?;
            let (least, most) = (least * cases * (1.0 - 1e-9), most * cases * (1.0 + 1e-9));
            place.check(
                (least..=most).contains(&patients),
                "the median of patients",
                patients,
                format!("{least} to {most}, by the share of a median incidence of {cases}"),
            )?;
        }
        Ok(())
    }

    /// Multiplies draws of yearly new cases by one share a draw, the same in all years. Draw *k* of
    /// the share depends on the seed alone: it is the same in all regions. Of one draw of incidence there is one share, drawn
    /// and not central.
    ///
    /// # Errors
    ///
    /// None for draws and shares that have been constructed.
    pub fn new(incidence: &YearlyDraws, share: &UltimateShare, seed: Seed) -> Result<Self> {
        Ok(Self {
            share: *share,
            median_incidence: incidence.medians(),
            patients: Self::patients_of(incidence, share, seed)?,
        })
    }

    /// The draws of [`ThirdLine::new`] alone.
    pub(crate) fn patients_of(
        incidence: &YearlyDraws,
        share: &UltimateShare,
        seed: Seed,
    ) -> Result<YearlyDraws> {
        let shares = share.draws(incidence.len(), seed)?;
        let patients = incidence.times(&shares);
        Ok(YearlyDraws::from_valid(incidence.first_year(), patients))
    }

    /// The patients of several regions for any number of draws, in the same memory: a tally for each
    /// source of yearly new cases. One share a draw, the same in all years and regions, and the same
    /// as in [`ThirdLine::new`].
    ///
    /// ```
    /// use myeloma_epi::pathway::{ShareDistribution, ThirdLine, UltimateShare};
    /// use myeloma_epi::projection::StatedGrowth;
    /// use myeloma_epi::{DrawSource, Seed};
    ///
    /// let seed = Seed::new(1);
    /// let world = StatedGrowth::new("World", 2024, 180_000.0, 0.020, 0.004)?.draws_to(2040, seed)?;
    /// let china = StatedGrowth::new("China", 2024, 36_000.0, 0.010, 0.006)?.draws_to(2040, seed)?;
    /// let share = UltimateShare::new(0.30, 0.40, ShareDistribution::Pert)?;
    /// let regions: [&dyn DrawSource; 2] = [&world, &china];
    /// let patients = ThirdLine::tally(&regions, &share, seed, 100_000)?;
    /// let (lower, upper) = patients[0].interval(2040, 0.95)?;
    /// assert!(lower < 86_677.0 && 86_677.0 < upper);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`YearlyTally::of`].
    pub fn tally(
        incidence: &[&dyn DrawSource],
        share: &UltimateShare,
        seed: Seed,
        draws: usize,
    ) -> Result<Vec<YearlyTally>> {
        let shares = share.seeded(seed)?;
        let factors = |first: usize, factors: &mut [f64]| shares(first / BLOCK, factors);
        tally(incidence, draws, Some(&factors))
    }

    /// The share that was used.
    #[must_use]
    pub const fn share(&self) -> &UltimateShare {
        &self.share
    }

    /// Draws of the number of patients, by year of diagnosis.
    #[must_use]
    pub const fn patients(&self) -> &YearlyDraws {
        &self.patients
    }

    /// The median number of patients diagnosed in a year; short for [`patients`](Self::patients)`().median(year)`.
    ///
    /// # Errors
    ///
    /// As [`YearlyDraws::median`].
    pub fn median(&self, year: i32) -> Result<f64> {
        self.patients.median(year)
    }

    /// The central interval of the patients diagnosed in a year; short for
    /// [`patients`](Self::patients)`().interval(year, level)`.
    ///
    /// # Errors
    ///
    /// As [`YearlyDraws::interval`].
    pub fn interval(&self, year: i32, level: f64) -> Result<(f64, f64)> {
        self.patients.interval(year, level)
    }

    /// The plain product: the lower and the upper end of the range times the median incidence.
    ///
    /// # Errors
    ///
    /// Where the year is not there.
    pub fn product_range(&self, year: i32) -> Result<(f64, f64)> {
        let median = self.median_incidence[self.patients.row_of(year)?];
        Ok((self.share.low() * median, self.share.high() * median))
    }
}
