//! The cases that a population would have at constant rates: what a registry trend of the rate divides by.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::number_checks::Place;

/// **Expected cases by year**: how many new cases a population would have had, or will have, if the rates by age
/// stayed what they were.
///
/// # Definition
///
/// ```text
/// D(t) = Σ_age rate(age)·population(age, t)
/// ```
///
/// A registry trend of the rate follows log(cases / D), so that what growth and ageing of the population add is taken
/// from the population and is no part of the trend. Only ratios between years matter: the scale is free.
///
/// # Range
///
/// Consecutive calendar years, each with a number that is finite and above 0.
///
/// # Errors
///
/// [`ExpectedByYear::new`] names the year that is missing or out of range; a file is checked in the same way.
///
/// # Example
///
/// ```
/// use myeloma_epi::IncidenceSeries;
/// use myeloma_epi::forecast::{ExpectedByYear, ForecastOptions, RegistryTrend};
///
/// // A population whose expected cases grow by 2 % a year until 2030.
/// let expected = ExpectedByYear::new((2019..=2030).map(|year| (year, 1.02_f64.powi(year - 2019))))?;
/// let counts = IncidenceSeries::from_counts("Atlantis", [(2019, 480.0), (2024, 540.0)])?;
/// let options = ForecastOptions { expected: Some(expected), ..ForecastOptions::default() };
/// let forecast = RegistryTrend::rate().of(&counts, &options)?;
/// println!("{:.0}", forecast.quantiles(2030, [0.5])?[0]);
/// // Nothing is known of the population of 2031.
/// assert!(forecast.quantiles(2031, [0.5]).unwrap_err().to_string().contains("2031"));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<i32, f64>", into = "BTreeMap<i32, f64>")]
pub struct ExpectedByYear(BTreeMap<i32, f64>);

impl ExpectedByYear {
    /// Expected cases of consecutive years, in any order and on any scale.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where a number is not finite and above 0; [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) where there is no
    /// year, a year stands there twice, or one is missing between two others.
    pub fn new(years: impl IntoIterator<Item = (i32, f64)>) -> Result<Self> {
        let mut by_year = BTreeMap::new();
        for (year, cases) in years {
            Place(year).positive("expected cases", cases)?;
            if by_year.insert(year, cases).is_some() {
                return Err(Error::unsuitable(format!(
                    "expected cases of {year} are there twice"
                )));
            }
        }
        if by_year.is_empty() {
            return Err(Error::unsuitable("expected cases of no year".to_owned()));
        }
        let years: Vec<i32> = by_year.keys().copied().collect();
        if let Some(pair) = years.windows(2).find(|pair| pair[1] - 1 != pair[0]) {
            let due = pair[0] + 1;
            return Err(Error::unsuitable(format!(
                "expected cases of {due} are missing"
            )));
        }
        Ok(Self(by_year))
    }

    /// The first and the last year.
    #[must_use]
    pub fn span(&self) -> (i32, i32) {
        let first = self.0.keys().next().copied().unwrap_or_default();
        (first, self.0.keys().next_back().copied().unwrap_or(first))
    }

    /// Years and expected cases, by year.
    pub fn iter(&self) -> impl Iterator<Item = (i32, f64)> {
        self.0.iter().map(|(&year, &cases)| (year, cases))
    }

    /// The expected cases of a year, where they are given.
    #[must_use]
    pub fn cases(&self, year: i32) -> Option<f64> {
        self.0.get(&year).copied()
    }

    /// The growth of the log from each year to the next, from one year to another.
    ///
    /// # Errors
    ///
    /// Where a year is not there.
    pub(crate) fn growth(&self, region: &str, from: i32, to: i32) -> Result<Vec<f64>> {
        let log = |year: i32| match self.0.get(&year) {
            Some(cases) => Ok(cases.ln()),
            None => Err(self.missing(region, year)),
        };
        (from..to)
            .map(|year| {
                let before = log(year)?;
                Ok(log(year + 1)? - before)
            })
            .collect()
    }

    /// The mean growth of the log a year, from the first figure to the last. Where these are less than five years apart it
    /// is that of five years from the first figure on, since one year is no trend, or of as many of them as are known; 0 where
    /// none after the first is.
    ///
    /// # Errors
    ///
    /// Where the year of the first figure is not there.
    pub(crate) fn mean_growth(&self, region: &str, first: i32, last: i32) -> Result<f64> {
        let to = last.max(first.saturating_add(5)).min(self.span().1);
        let years = self.growth(region, first, to.max(first))?;
        Ok(years.iter().sum::<f64>() / (years.len() as f64).max(1.0))
    }

    /// Expected cases of a year that are needed and not there.
    pub(super) fn missing(&self, region: &str, year: i32) -> Error {
        let (first, last) = self.span();
        Error::unsuitable(format!(
            "the trend of {region} needs expected cases of {year}: they are given for {first} to {last}"
        ))
    }
}

impl TryFrom<BTreeMap<i32, f64>> for ExpectedByYear {
    type Error = Error;

    fn try_from(by_year: BTreeMap<i32, f64>) -> Result<Self> {
        Self::new(by_year)
    }
}

impl From<ExpectedByYear> for BTreeMap<i32, f64> {
    fn from(expected: ExpectedByYear) -> Self {
        expected.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// e^0.02 and e^0.05 by hand, on any scale.
    #[test]
    fn growth_is_the_difference_of_logs() {
        let of = |scale: f64| {
            let years = [(2002, 0.07f64), (2000, 0.0), (2001, 0.02)];
            ExpectedByYear::new(years.map(|(year, log)| (year, scale * log.exp()))).unwrap()
        };
        for scale in [1.0, 1e-3, 1e9] {
            let growth = of(scale).growth("x", 2000, 2002).unwrap();
            assert!((growth[0] - 0.02).abs() < 1e-12 && (growth[1] - 0.05).abs() < 1e-12);
        }
        // 0.07 in two years, and in all that is known of five.
        for (first, last, mean) in [
            (2000, 2002, 0.035),
            (2000, 2000, 0.035),
            (2001, 2001, 0.05),
            (2002, 2002, 0.0),
        ] {
            let found = of(7.0).mean_growth("x", first, last).unwrap();
            assert!((found - mean).abs() < 1e-12, "{first} {found}");
        }
        let error = of(1.0).growth("x", 2001, 2004).unwrap_err().to_string();
        assert!(
            error.contains("of 2003") && error.contains("2000 to 2002"),
            "{error}"
        );
    }

    #[test]
    fn what_is_no_number_of_cases_is_refused_with_its_year() {
        for (years, said) in [
            (vec![(2001, 1.0), (2002, 0.0)], "is 0 in 2002"),
            (vec![(2001, f64::NAN)], "is NaN in 2001"),
            (vec![(2001, f64::INFINITY)], "is inf in 2001"),
            (vec![(2001, -3.0)], "is -3 in 2001"),
            (vec![(2001, 1.0), (2003, 1.0)], "2002 are missing"),
            (vec![(2001, 1.0), (2001, 1.0)], "2001 are there twice"),
            (vec![], "no year"),
        ] {
            let error = ExpectedByYear::new(years).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
        let text = r#"{"2001":1.0,"2002":1.5}"#;
        let expected: ExpectedByYear = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&expected).unwrap(), text);
        assert!(serde_json::from_str::<ExpectedByYear>(r#"{"2001":0.0}"#).is_err());
    }
}
