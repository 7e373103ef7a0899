//! Of what a change in the number of cases is made.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::age_rates::AgeRates;
use super::expected_cases::{ExpectedCases, matching};
use super::population::Population;
use super::shipped::WORLD;
use crate::checked_on_reading::checked;
use crate::error::{Error, ErrorKind, Result};
use crate::figures::check_region;
use crate::number_checks::Place;
use crate::plain_text::{count, printable};

checked! {
    /// A change in the yearly number of cases, split into the size of the population, its ageing, and the rates by age.
    ///
    /// Cases are the product of three things: the number of people *N*, the share *sᵢ* of each age group, its rate *rᵢ*.
    /// Changed one after the other they add up to the whole change, but how much each contributes depends on the order. Each part
    /// is therefore its mean over all orders (Das Gupta 1978, Demography 15:99–112,
    /// [doi:10.2307/2060493](https://doi.org/10.2307/2060493); the value of Shapley 1953), which treats both ends alike:
    /// seen from the later year each part has the opposite sign and the same size. With S = Σ sᵢ·rᵢ, and 0 and 1 for the
    /// ends,
    ///
    /// ```text
    /// population = (N₁ − N₀) · [(S₀₀ + S₁₁)/3 + (S₀₁ + S₁₀)/6]          and so on for ageing and rates
    /// ```
    ///
    /// The parts of several areas are computed for each and added up ([`Decomposition::sum`]): of the World, growth in areas with
    /// low rates is then not taken for ageing.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::demography::Decomposition;
    ///
    /// let china = Decomposition::area("China", 2024, 2040)?;
    /// let percent = china.in_percent();
    /// println!("{china}");
    /// // Fewer people, but older: at constant rates 40 % more cases.
    /// assert!(percent.population < 0.0 && percent.ageing > 40.0 && percent.rates == 0.0);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    #[non_exhaustive]
    pub struct Decomposition {
        /// The area.
        pub region: String,
        /// The earlier year.
        pub from: i32,
        /// The later year.
        pub to: i32,
        /// Cases in the earlier year, above 0.
        pub before: f64,
        /// Cases in the later year.
        pub after: f64,
        /// What the change is made of, in cases a year.
        pub parts: Parts,
    } then check
}

/// The parts of a change, in cases a year or in per cent of the cases before.
///
/// They are the parts of a [`Decomposition`], which explains them.
///
/// ```
/// use myeloma_epi::demography::Decomposition;
///
/// let world = Decomposition::area("World", 2024, 2040)?;
/// assert!((world.parts.sum() - (world.after - world.before)).abs() < 1e-6);
/// assert!((world.in_percent().sum() - 100.0 * (world.after / world.before - 1.0)).abs() < 1e-9);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// By the number of people.
    pub population: f64,
    /// By the shares of the age groups.
    pub ageing: f64,
    /// By the rates of the age groups.
    pub rates: f64,
}

/// A population in a year, with the rates of that year.
type Situation<'a> = (&'a Population, i32, &'a AgeRates);

impl Decomposition {
    /// The change between two years, each with its population and rates, of one area.
    ///
    /// # Errors
    ///
    /// As [`ExpectedCases::of`], and where the two situations differ in sex or in the age groups of their rates.
    pub fn between(before: Situation<'_>, after: Situation<'_>) -> Result<Self> {
        let (rates_before, rates_after) = (before.2, after.2);
        if before.0.sex() != after.0.sex() {
            return Err(Error::mismatch(format!(
                "the population of {} is of sex {} in {}, and of sex {} in {}",
                before.0.region(),
                before.0.sex(),
                before.1,
                after.0.sex(),
                after.1
            )));
        }
        if rates_before.ages() != rates_after.ages() {
            return Err(Error::mismatch(format!(
                "{} and {} differ in age groups: {}; {}",
                rates_before.place(),
                rates_after.place(),
                rates_before.ages(),
                rates_after.ages()
            )));
        }
        let people = |(population, year, rates): Situation<'_>| -> Result<(f64, Vec<f64>)> {
            let (population, _) = matching(population, rates)?;
            let persons = population.by_age(year)?;
            let all = persons.sum();
            Ok((all, persons.iter().map(|persons| persons / all).collect()))
        };
        let ((n0, s0), (n1, s1)) = (people(before)?, people(after)?);
        let (n, s) = ([n0, n1], [s0, s1]);
        let r = [rates_before, rates_after].map(AgeRates::per_person_year);
        let cases = |people: usize, ages: usize, rates: usize| -> f64 {
            n[people]
                * s[ages]
                    .iter()
                    .zip(r[rates])
                    .map(|(s, r)| s * r)
                    .sum::<f64>()
        };
        let decomposition = Self {
            region: before.0.region().to_owned(),
            from: before.1,
            to: after.1,
            before: cases(0, 0, 0),
            after: cases(1, 1, 1),
            parts: Parts::over_all_orders(cases),
        };
        decomposition.check()?;
        Ok(decomposition)
    }

    /// The change of a shipped area between two years at constant rates, of the World by area.
    ///
    /// # Errors
    ///
    /// As [`ExpectedCases::area`], and for a year that is not shipped.
    pub fn area(name: &str, from: i32, to: i32) -> Result<Self> {
        Self::of_area(name, from, to, 1.0)
    }

    /// A change by the factor `growth` of the cases of a shipped area between two years, of the World by area: what its people
    /// explain, and what is left to rates that change by one factor at all ages and in all areas.
    ///
    /// ```
    /// use myeloma_epi::demography::Decomposition;
    ///
    /// // The press release: 197,200 new cases in 2024, 273,600 in 2040.
    /// let world = Decomposition::of_growth("World", 2024, 2040, 273_600.0 / 197_200.0)?;
    /// let percent = world.in_percent();
    /// assert!((percent.population + percent.ageing + percent.rates - 38.74).abs() < 0.01);
    /// assert!(percent.rates.abs() < 1.0); // it is demography
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Decomposition::area`], and where `growth` is not finite and above 0, or would take a rate above 1.
    pub fn of_growth(name: &str, from: i32, to: i32, growth: f64) -> Result<Self> {
        let place = Place(format_args!("{name}, {from} to {to}"));
        place.positive("the growth of cases, a factor,", growth)?;
        let expected = ExpectedCases::area(name)?;
        let by_people = expected.year(to)? / expected.year(from)?;
        Self::of_area(name, from, to, growth / by_people)
    }

    /// The change of expected cases whose populations are known, times a factor `growth` beyond them by rates that change at
    /// all ages alike; `None` where the populations are not known.
    ///
    /// With one factor for all ages the cases are N·c·g: people, crude rate at constant rates by age, and factor.
    pub(crate) fn of_expected(
        expected: &ExpectedCases,
        from: i32,
        to: i32,
        growth: f64,
    ) -> Option<Self> {
        let factor = growth * expected.year(from).ok()? / expected.year(to).ok()?;
        let mut all = Vec::new();
        for part in expected.parts() {
            let at = |year: i32| Some((*part.persons.get(&year)?, *part.cases.get(&year)?));
            let ((n0, d0), (n1, d1)) = (at(from)?, at(to)?);
            let (n, c, g) = ([n0, n1], [d0 / n0, d1 / n1], [1.0, factor]);
            all.push(Self {
                region: expected.region().to_owned(),
                from,
                to,
                before: d0,
                after: factor * d1,
                parts: Parts::over_all_orders(|i, j, k| n[i] * c[j] * g[k]),
            });
        }
        Self::sum(expected.region(), &all).ok()
    }

    /// The rates of the later year are those of the earlier one times a factor.
    fn of_area(name: &str, from: i32, to: i32, factor: f64) -> Result<Self> {
        if name == WORLD {
            let areas = AgeRates::areas().into_iter();
            let areas = areas.map(|area| Self::of_area(area, from, to, factor));
            return Self::sum(WORLD, &areas.collect::<Result<Vec<_>>>()?);
        }
        if !AgeRates::areas().contains(&name) {
            // The error lists the areas.
            ExpectedCases::area(name)?;
        }
        let (population, rates) = (Population::area(name)?, AgeRates::area(name)?);
        let later = rates.scaled(factor)?;
        Self::between((&population, from, &rates), (&population, to, &later))
    }

    /// Several areas as one: the sums of their parts.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Mismatch`] where there is none, or their years differ.
    pub fn sum(region: impl Into<String>, areas: &[Self]) -> Result<Self> {
        let region = region.into();
        let Some(first) = areas.first() else {
            return Err(ErrorKind::NoObservations { place: region }.into());
        };
        let other = (areas.iter()).find(|area| (area.from, area.to) != (first.from, first.to));
        if let Some(other) = other {
            return Err(Error::mismatch(format!(
                "the changes of {} ({} to {}) and {} ({} to {}) cannot be added up to {region}",
                first.region, first.from, first.to, other.region, other.from, other.to
            )));
        }
        let all = |of: fn(&Self) -> f64| areas.iter().map(of).sum();
        let sum = Self {
            region,
            from: first.from,
            to: first.to,
            before: all(|area| area.before),
            after: all(|area| area.after),
            parts: Parts {
                population: all(|area| area.parts.population),
                ageing: all(|area| area.parts.ageing),
                rates: all(|area| area.parts.rates),
            },
        };
        sum.check()?;
        Ok(sum)
    }

    /// The cases are numbers that can be, and the parts add up to their change.
    fn check(&self) -> Result<()> {
        check_region(&self.region)?;
        let (from, to) = (self.from, self.to);
        let place = format!("the change of {}, {from} to {to}", self.region);
        let place = Place(&place);
        place.positive("cases before", self.before)?;
        place.positive("cases after", self.after)?;
        let left = self.after - self.before - self.parts.sum();
        let scale =
            self.before + self.after + self.parts.population.abs() + self.parts.ageing.abs();
        // NaN is refused, too.
        let (holds, name) = (
            left.abs() <= 1e-9 * scale,
            "the change that the parts leave over",
        );
        place.check(holds, name, left, "0")
    }

    /// The parts in per cent of the cases before.
    #[must_use]
    pub fn in_percent(&self) -> Parts {
        let percent = |cases: f64| 100.0 * cases / self.before;
        Parts {
            population: percent(self.parts.population),
            ageing: percent(self.parts.ageing),
            rates: percent(self.parts.rates),
        }
    }
}

impl Parts {
    /// What each factor adds to cases that are a function of people, ages and rates, each of before (0) or after (1): the
    /// mean of its change over the six orders in which the three may change.
    fn over_all_orders(cases: impl Fn(usize, usize, usize) -> f64) -> Self {
        let mean = |change: &dyn Fn(usize, usize) -> f64| {
            (change(0, 0) + change(1, 1)) / 3.0 + (change(0, 1) + change(1, 0)) / 6.0
        };
        Self {
            population: mean(&|s, r| cases(1, s, r) - cases(0, s, r)),
            ageing: mean(&|n, r| cases(n, 1, r) - cases(n, 0, r)),
            rates: mean(&|n, s| cases(n, s, 1) - cases(n, s, 0)),
        }
    }

    /// The whole change.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.population + self.ageing + self.rates
    }
}

/// A number to one digit after the point, and no −0.0.
fn tenths(percent: f64) -> f64 {
    (10.0 * percent).round() / 10.0 + 0.0
}

/// One sentence: `World, 2024 to 2040: 197,678 to 272,818 new cases a year (+38.0 %): population +5.8, ageing +32.2, rates +0.0
/// percentage points`.
impl fmt::Display for Decomposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = self.in_percent();
        write!(
            f,
            "{}, {} to {}: {} to {} new cases a year ({:+.1} %): population {:+.1}, ageing {:+.1}, rates {:+.1} \
             percentage points",
            printable(&self.region),
            self.from,
            self.to,
            count(self.before),
            count(self.after),
            percent.sum(),
            tenths(percent.population),
            tenths(percent.ageing),
            tenths(percent.rates),
        )
    }
}
