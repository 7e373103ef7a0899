//! New cases that a population would have at constant rates by age.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::age_groups::AgeGroups;
use super::age_rates::AgeRates;
use super::population::{Population, years_there};
use super::shipped::{self, WORLD};
use crate::checked_on_reading::checked;
use crate::error::{Error, ErrorKind, Result};
use crate::figures::check_region;
use crate::known_names::each_once;
use crate::number_checks::Place;

checked! {
    /// New cases a year that an area would have if the risk of each age stayed as it is: Σᵢ Pᵢ(t)·rᵢ.
    ///
    /// They change with the number and the age of the people alone. What cases do beyond that is a change of rates, or of what
    /// is counted.
    ///
    /// **Cases are added up over areas; rates and populations are not.** At the rates of the World's people together the shipped
    /// population has 294,000 cases in 2040; each area at its own rates has 273,000 in all. The old grow most where rates are
    /// low.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::demography::{AgeRates, ExpectedCases, Population};
    ///
    /// let world = ExpectedCases::area("World")?;
    /// let growth = world.year(2040)? / world.year(2024)?;
    /// println!("{:+.1} % by population and ageing alone", 100.0 * (growth - 1.0));
    /// # assert!((growth - 1.380).abs() < 0.001);
    /// let china = ExpectedCases::of(&Population::area("China")?, &AgeRates::area("China")?)?;
    /// assert_eq!(china.year(2040)?, ExpectedCases::area("China")?.year(2040)?);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct ExpectedCases {
        region: String,
        by_year: BTreeMap<i32, f64>,
        effective_members: f64,
        /// The populations that the cases are of, where they are known: of several areas, or of women and men.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        parts: Vec<PeopleAndCases>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        notes: Vec<String>,
        /// Where people and rates are from, where that was said.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        sources: Vec<String>,
    } through of_file
}

/// How many people there are in a year, and how many cases they have at constant rates: the second is the first times a crude
/// rate that changes with their ages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PeopleAndCases {
    pub(super) persons: BTreeMap<i32, f64>,
    pub(super) cases: BTreeMap<i32, f64>,
}

impl ExpectedCases {
    /// Expected cases of your own, by year.
    ///
    /// # Errors
    ///
    /// Where there is no year, or a number is not finite and above 0.
    pub fn new(region: impl Into<String>, by_year: BTreeMap<i32, f64>) -> Result<Self> {
        Self::checked(region.into(), by_year, 1.0)
    }

    fn checked(
        region: String,
        by_year: BTreeMap<i32, f64>,
        effective_members: f64,
    ) -> Result<Self> {
        check_region(&region)?;
        if by_year.is_empty() {
            return Err(ErrorKind::NoObservations { place: region }.into());
        }
        for (year, &cases) in &by_year {
            Place(format_args!("{region} {year}")).check(
                cases.is_finite() && cases > 0.0,
                "the expected cases",
                cases,
                "finite and above 0 (growth is a ratio of expected cases)",
            )?;
        }
        Place(&region).check(
            effective_members.is_finite() && effective_members >= 1.0,
            "the effective number of members",
            effective_members,
            "finite and at least 1",
        )?;
        Ok(Self {
            region,
            by_year,
            effective_members,
            parts: Vec::new(),
            notes: Vec::new(),
            sources: Vec::new(),
        })
    }

    /// What stands in a file: the parts have people in the years of the whole, and its cases.
    fn of_file(
        region: String,
        by_year: BTreeMap<i32, f64>,
        effective_members: f64,
        parts: Vec<PeopleAndCases>,
        notes: Vec<String>,
        sources: Vec<String>,
    ) -> Result<Self> {
        let cases = Self::checked(region, by_year, effective_members)?;
        for (&year, &all) in parts.first().map_or(&BTreeMap::new(), |_| &cases.by_year) {
            let of_part = |part: &PeopleAndCases| {
                let persons = part.persons.get(&year).filter(|persons| **persons > 0.0);
                persons.and_then(|_| part.cases.get(&year)).copied()
            };
            let sum: Option<f64> = parts.iter().map(of_part).sum();
            if !sum.is_some_and(|sum| (sum - all).abs() <= 1e-9 * all) {
                return Err(Error::mismatch(format!(
                    "the parts of the expected cases of {} do not add up to them in {year}, or have no people",
                    cases.region
                )));
            }
        }
        Ok(Self {
            parts,
            notes,
            sources,
            ..cases
        })
    }

    /// The cases of a population at constant rates, in all years of the population.
    ///
    /// Where the groups of the population are finer than those of the rates they are added up.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Mismatch`] where sexes differ, or an age group of the population would have to be split, or its ages
    /// begin or end elsewhere than those of the rates (a registry of ages 0 to 74 needs rates of ages 0 to 74);
    /// [`ErrorKind::OutOfRange`] where no case is expected in a year.
    pub fn of(population: &Population, rates: &AgeRates) -> Result<Self> {
        let notes = added_up(population, rates);
        let (population, rates) = matching(population, rates)?;
        let by_age = rates.per_person_year();
        let (mut all, mut cases) = (BTreeMap::new(), BTreeMap::new());
        for &year in population.years() {
            let persons = population.by_age(year)?;
            all.insert(year, persons.sum());
            cases.insert(year, persons.iter().zip(by_age).map(|(p, r)| p * r).sum());
        }
        let mut expected = Self::new(population.region(), cases.clone())?;
        let persons = all;
        expected.parts = vec![PeopleAndCases { persons, cases }];
        expected.notes = notes.into_iter().collect();
        let year = rates.year().map(|year| format!(", {year}"));
        let of_rates = format!("rates by age{}", year.unwrap_or_default());
        let sources = [("people", population.source()), (&of_rates, rates.source())].into_iter();
        let sources = sources.filter(|(_, source)| !source.is_empty());
        expected.sources = sources
            .map(|(of, source)| format!("{of}: {source}"))
            .collect();
        Ok(expected)
    }

    /// The shipped cases of an area at the modelled rates of 2022, of the World as the sum of its areas.
    ///
    /// The World here is all areas but Hong Kong and Macao (0.1 % of people), for which there are no rates.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unknown`] with the names of the areas known.
    pub fn area(name: &str) -> Result<Self> {
        let countries = |name: &str| shipped::effective_countries().get(name).copied();
        let of_area = |name: &str| -> Result<Self> {
            let cases = Self::of(&Population::area(name)?, &AgeRates::area(name)?)?;
            Ok(Self {
                effective_members: countries(name).unwrap_or(1.0),
                ..cases
            })
        };
        if name == WORLD {
            let areas = AgeRates::areas().into_iter().map(of_area);
            let mut world = Self::sum(WORLD, &areas.collect::<Result<Vec<_>>>()?)?;
            // They are shipped: see Decomposition::of_growth.
            world.parts.clear();
            return match countries(WORLD) {
                Some(members) => world.with_effective_members(members),
                None => Ok(world),
            };
        }
        if !AgeRates::areas().contains(&name) {
            return Err(Error::unknown(
                "area with population and rates by age",
                name,
                Self::areas(),
            ));
        }
        of_area(name)
    }

    /// The areas whose expected cases are shipped, the World first.
    #[must_use]
    pub fn areas() -> Vec<&'static str> {
        let areas = AgeRates::areas().into_iter();
        std::iter::once(WORLD).chain(areas).collect()
    }

    /// Several areas as one: the sum of their cases.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Mismatch`] where there is none, or one lacks a year of another.
    pub fn sum(region: impl Into<String>, parts: &[Self]) -> Result<Self> {
        let region = region.into();
        let mut by_year: BTreeMap<i32, f64> = BTreeMap::new();
        let Some(first) = parts.first() else {
            return Err(ErrorKind::NoObservations { place: region }.into());
        };
        let (mut all, mut squares) = (0.0, 0.0);
        for part in parts {
            if let Some(year) = lacking(&part.by_year, &first.by_year) {
                return Err(Error::mismatch(format!(
                    "{} and {} do not both have expected cases in {year}, and cannot be added up to {region}",
                    first.region, part.region
                )));
            }
            let mut of_part = 0.0;
            for (&year, cases) in &part.by_year {
                *by_year.entry(year).or_default() += cases;
                of_part += cases;
            }
            all += of_part;
            squares += of_part * of_part / part.effective_members;
        }
        let mut sum = Self::checked(region, by_year, (all * all / squares).max(1.0))?;
        if parts.iter().all(|part| !part.parts.is_empty()) {
            sum.parts = parts.iter().flat_map(|part| part.parts.clone()).collect();
        }
        sum.notes = each_once(parts.iter().flat_map(|part| part.notes.iter().cloned()));
        sum.sources = each_once(parts.iter().flat_map(|part| part.sources.iter().cloned()));
        Ok(sum)
    }

    /// States of how many members of equal size the area is worth: see [`ExpectedCases::effective_members`].
    ///
    /// # Errors
    ///
    /// Where the number is not finite and at least 1.
    pub fn with_effective_members(self, members: f64) -> Result<Self> {
        let Self {
            region,
            by_year,
            parts,
            notes,
            sources,
            ..
        } = self;
        Self::of_file(region, by_year, members, parts, notes, sources)
    }

    /// How the population came about, beyond what its tables say.
    pub(super) fn with_notes(self, notes: Vec<String>) -> Self {
        Self { notes, ..self }
    }

    /// What was made of the tables that the cases are of, a sentence each: age groups added up, people carried forward, years
    /// interpolated, one sex alone ([`PopulationWithRates`](super::PopulationWithRates)). An outlook prints them.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Where people and rates are from, where that was said.
    pub(crate) fn sources(&self) -> &[String] {
        &self.sources
    }

    /// People and cases of each part, where they are known.
    pub(super) fn parts(&self) -> &[PeopleAndCases] {
        &self.parts
    }

    /// The area.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The years, in ascending order.
    #[must_use]
    pub fn years(&self) -> impl ExactSizeIterator<Item = i32> {
        self.by_year.keys().copied()
    }

    /// The cases by year.
    #[must_use]
    pub const fn by_year(&self) -> &BTreeMap<i32, f64> {
        &self.by_year
    }

    /// The cases of a year.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`] with the years that there are.
    pub fn year(&self, year: i32) -> Result<f64> {
        self.by_year.get(&year).copied().ok_or_else(|| {
            let place = format!("the expected cases of {}", self.region);
            let years: Vec<i32> = self.years().collect();
            Error::out_of_range("the year", place, year, years_there(&years))
        })
    }

    /// How many countries of equal size the area counts for: 1/Σw², w being a country's share of the cases
    /// (the reciprocal of the Herfindahl index).
    ///
    /// Sums of many countries change more steadily than one. Of the shipped areas the countries are those of GLOBOCAN 2022
    /// with their cases of 2024: 13.5 for the World, where 185 countries are counted. A population of your own is one
    /// member, and a sum has 1/Σ(W²/m) for parts of shares *W* and members *m*.
    ///
    /// ```
    /// use myeloma_epi::demography::ExpectedCases;
    ///
    /// assert_eq!(ExpectedCases::area("China")?.effective_members(), 1.0);
    /// assert!((ExpectedCases::area("World")?.effective_members() - 13.5).abs() < 0.1);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[must_use]
    pub const fn effective_members(&self) -> f64 {
        self.effective_members
    }
}

/// A year that one has and the other has not.
fn lacking(one: &BTreeMap<i32, f64>, other: &BTreeMap<i32, f64>) -> Option<i32> {
    let without = |a: &BTreeMap<i32, f64>, b: &BTreeMap<i32, f64>| {
        a.keys().find(|year| !b.contains_key(year)).copied()
    };
    without(one, other).or_else(|| without(other, one))
}

/// That the people of several age groups have one rate, where they have.
pub(super) fn added_up(population: &Population, rates: &AgeRates) -> Option<String> {
    let (finer, coarser) = (population.ages().count(), rates.ages().count());
    (finer > coarser).then(|| {
        format!(
            "the {finer} age groups of the people of {} are added up to the {coarser} of their rates: ageing within one of these \
             changes no number of cases",
            population.region()
        )
    })
}

/// A population in the age groups of rates.
pub(super) fn matching<'r>(
    population: &Population,
    rates: &'r AgeRates,
) -> Result<(Population, &'r AgeRates)> {
    let (region, year) = (population.region(), population.years()[0]);
    if population.sex() != rates.sex() {
        return Err(Error::mismatch(format!(
            "the population of {region} is of sex {}, {} of sex {}",
            population.sex(),
            rates.place(),
            rates.sex()
        )));
    }
    let fits = |ages: &AgeGroups| population.ages().summing_to(ages, &rates.place());
    fits(rates.ages()).map_err(|why| {
        ErrorKind::Mismatch(format!(
            "{} do not fit the population of {region} {year}: {why}",
            rates.place()
        ))
    })?;
    Ok((population.regrouped(rates.ages())?, rates))
}
