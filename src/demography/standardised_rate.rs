//! Crude and age-standardised rates with their variance.

use serde::{Deserialize, Serialize};

use super::age_rates::AgeRates;
use super::standard_population::StandardPopulation;
use crate::checked_on_reading::checked;
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::numeric::gamma;

checked! {
    /// A rate of a whole population with the variance that counting leaves it.
    ///
    /// It is a sum of counts of age groups, each times a weight: *R* = Σ wᵢ·cᵢ. Counts are Poisson, so its variance is
    /// *V* = Σ wᵢ²·cᵢ. Rates that were modelled, or whose counts are not known, have none.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::demography::{AgeGroups, AgeRates, Sex, StandardPopulation, age_standardised_rate};
    ///
    /// let ages = AgeGroups::from_labels(&["0-64", "65+"])?;
    /// let rates = AgeRates::from_counts("Atlantis", Sex::Both, ages, &[20.0, 60.0], &[800_000.0, 200_000.0])?;
    /// let rate = age_standardised_rate(&rates, &StandardPopulation::segi())?;
    /// let (lower, upper) = rate.interval(0.95)?;
    /// println!("{:.2} per 100,000 ({:.2} to {:.2})", rate.per_100_000(), lower * 1e5, upper * 1e5);
    /// # assert!((rate.per_100_000() - (0.93 * 2.5 + 0.07 * 30.0)).abs() < 1e-9);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
    pub struct Rate {
        per_person_year: f64,
        /// Of the rate per person-year, and the largest weight.
        counted: Option<Counted>,
    } then check
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counted {
    variance: f64,
    largest_weight: f64,
}

/// The crude rate: all cases over all person-years.
///
/// # Errors
///
/// [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) where the rates have no person-years.
///
/// # Example
///
/// ```
/// use myeloma_epi::demography::{AgeGroups, AgeRates, Sex, crude_rate};
///
/// let ages = AgeGroups::from_labels(&["0-64", "65+"])?;
/// let rates = AgeRates::from_counts("Atlantis", Sex::Both, ages, &[20.0, 60.0], &[800_000.0, 200_000.0])?;
/// let crude = crude_rate(&rates)?;
/// assert!((crude.per_100_000() - 8.0).abs() < 1e-12);
/// assert!((crude.standard_error().unwrap() - 80f64.sqrt() / 1e6).abs() < 1e-15);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn crude_rate(rates: &AgeRates) -> Result<Rate> {
    let Some(person_years) = rates.person_years() else {
        return Err(Error::unsuitable(format!(
            "{} have no crude rate: they have no person-years",
            rates.place()
        )));
    };
    let all: f64 = person_years.iter().sum();
    let shares: Vec<f64> = person_years.iter().map(|n| n / all).collect();
    weighted(rates, &shares)
}

/// The rate that a population of the standard's age structure would have: Σ sᵢ·rᵢ, with the standard's shares *s* (direct
/// standardisation).
///
/// # Errors
///
/// [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) where a group of the standard would have to be split, or the ages of the rates begin or end
/// elsewhere.
///
/// # Example
///
/// ```
/// use myeloma_epi::demography::{AgeRates, StandardPopulation, age_standardised_rate};
///
/// let rate = |area| age_standardised_rate(&AgeRates::area(area)?, &StandardPopulation::segi());
/// assert!(rate("Northern America")?.per_100_000() > 3.0 * rate("China")?.per_100_000());
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn age_standardised_rate(rates: &AgeRates, standard: &StandardPopulation) -> Result<Rate> {
    let shares = standard.shares(rates.ages(), &rates.place())?;
    weighted(rates, &shares)
}

/// The rate of people who are spread over the age groups by these shares.
fn weighted(rates: &AgeRates, shares: &[f64]) -> Result<Rate> {
    let by_age = rates.per_person_year();
    let counted = (rates.person_years().filter(|_| !rates.is_modelled())).map(|person_years| {
        let weights = || shares.iter().zip(person_years).map(|(s, n)| s / n);
        Counted {
            // A count is the rate times its person-years.
            variance: (weights().zip(shares).zip(by_age))
                .map(|((weight, share), rate)| weight * share * rate)
                .sum(),
            largest_weight: weights().fold(0.0, f64::max),
        }
    });
    let rate = Rate {
        per_person_year: shares.iter().zip(by_age).map(|(s, r)| s * r).sum(),
        counted,
    };
    rate.check()?;
    Ok(rate)
}

impl Rate {
    fn check(&self) -> Result<()> {
        let counted = self.counted;
        for (name, value) in [
            ("the rate per person-year", self.per_person_year),
            ("its variance", counted.map_or(0.0, |c| c.variance)),
            (
                "its largest weight",
                counted.map_or(0.0, |c| c.largest_weight),
            ),
        ] {
            let holds = value.is_finite() && value >= 0.0;
            let place = Place("the rate of a population");
            place.check(holds, name, value, "finite and at least 0")?;
        }
        Ok(())
    }

    /// Cases a year per person.
    #[must_use]
    pub const fn per_person_year(&self) -> f64 {
        self.per_person_year
    }

    /// Cases a year per 100,000 persons.
    #[must_use]
    pub fn per_100_000(&self) -> f64 {
        self.per_person_year * 1e5
    }

    /// The variance of the rate per person-year; `None` where cases were modelled or are not known.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        self.counted.map(|counted| counted.variance)
    }

    /// The standard error of the rate per person-year; `None` where cases were modelled or are not known.
    #[must_use]
    pub fn standard_error(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }

    /// The interval of the rate per person-year by gamma distributions: Fay & Feuer (1997), Statistics in Medicine
    /// 16:791–801,
    /// [doi:10.1002/(SICI)1097-0258(19970415)16:7<791::AID-SIM500>3.0.CO;2-#](https://doi.org/10.1002/(SICI)1097-0258(19970415)16:7%3C791::AID-SIM500%3E3.0.CO;2-%23).
    ///
    /// ```text
    /// lower: quantile (1 − level)/2 of a gamma distribution of mean R and variance V
    /// upper: quantile (1 + level)/2 of one of mean R + w and variance V + w²,   w the largest weight
    /// ```
    ///
    /// It covers at least its level in all that its authors tried. For a crude rate it is the exact interval of a Poisson
    /// count (Garwood 1936).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) where the rate has no variance, [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where `level` is not between
    /// 0 and 1.
    pub fn interval(&self, level: f64) -> Result<(f64, f64)> {
        let (holds, place) = (level > 0.0 && level < 1.0, Place("the interval of a rate"));
        place.check(holds, "the level", level, "between 0 and 1")?;
        let Some(Counted {
            variance,
            largest_weight: w,
        }) = self.counted
        else {
            return Err(Error::unsuitable(
                "a rate without counted cases has no counting error: it was modelled, or its person-years are not known"
                    .to_owned(),
            ));
        };
        let rate = self.per_person_year;
        let tail = 0.5 * (1.0 - level);
        let lower = if rate > 0.0 {
            gamma_quantile(rate, variance, tail)?
        } else {
            0.0
        };
        let upper = gamma_quantile(rate + w, variance + w * w, 1.0 - tail)?;
        Ok((lower, upper))
    }
}

/// The quantile of a gamma distribution of this mean and variance.
fn gamma_quantile(mean: f64, variance: f64, probability: f64) -> Result<f64> {
    let (shape, scale) = (mean * mean / variance, variance / mean);
    let quantile = scale * gamma::quantile(shape, probability);
    if quantile.is_finite() {
        return Ok(quantile);
    }
    Err(Error::not_converged(format!(
        "the quantile {probability} of a gamma distribution of shape {shape} was not found"
    )))
}
