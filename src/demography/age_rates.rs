//! Rates of new cases by age.

use std::io::Read;
use std::path::Path;

use serde::Serialize;

use super::age_groups::AgeGroups;
use super::sex::Sex;
use super::shipped::{self, WORLD};
use super::tidy::{Table, tables};
use crate::checked_on_reading::checked;
use crate::error::{Error, ErrorKind, Result};
use crate::figures::{Status, check_region};
use crate::files::{self, Row};
use crate::number_checks::Place;

checked! {
    /// Rates of new cases by age group in one area: cases a year per person, between 0 and 1.
    ///
    /// In files they are per 100,000 person-years, as they are published. With the person-years that they were counted in,
    /// rates can be added up over groups and areas, and have a counting error, unless they are modelled
    /// ([`Status::Estimate`]): an estimate was not counted.
    ///
    /// # Shipped
    ///
    /// Multiple myeloma (ICD-10 C90), both sexes, 2022, in 22 subregions of the United Nations and China. **Modelled**: the
    /// numbers of GLOBOCAN 2022 by country (Ferlay et al. 2024, IARC, <https://gco.iarc.who.int/today>), spread over ages by
    /// curves of Cancer Incidence in Five Continents, volume XII (Bray et al. 2023, IARC, <https://ci5.iarc.who.int>), on
    /// populations of World Population Prospects 2022. The World has no rates here: those of all people together, applied to a
    /// population that ages most where rates are low, overstate its cases ([`AgeRates::pooled`]).
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::demography::{AgeGroups, AgeRates, Sex};
    ///
    /// let ages = AgeGroups::from_labels(&["0-64", "65+"])?;
    /// let rates = AgeRates::from_counts("Atlantis", Sex::Both, ages, &[20.0, 60.0], &[800_000.0, 200_000.0])?;
    /// assert!((rates.per_100_000()[1] - 30.0).abs() < 1e-9);
    /// let china = AgeRates::area("China")?;
    /// assert_eq!(china.ages().count(), 18);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct AgeRates {
        region: String,
        sex: Sex,
        year: Option<i32>,
        ages: AgeGroups,
        /// Cases a year per person.
        rates: Vec<f64>,
        person_years: Option<Vec<f64>>,
        status: Option<Status>,
        source: String,
    } then check
}

impl AgeRates {
    /// Rates per person-year: 0.0003 for 30 per 100,000.
    ///
    /// # Errors
    ///
    /// Where there is not one rate for each group, or one is not between 0 and 1; the error names area and age.
    pub fn new(
        region: impl Into<String>,
        sex: Sex,
        ages: AgeGroups,
        per_person_year: &[f64],
    ) -> Result<Self> {
        Self::of_parts(region.into(), sex, ages, per_person_year.to_vec(), None)
    }

    fn of_parts(
        region: String,
        sex: Sex,
        ages: AgeGroups,
        rates: Vec<f64>,
        person_years: Option<Vec<f64>>,
    ) -> Result<Self> {
        let rates = Self {
            region,
            sex,
            year: None,
            ages,
            rates,
            person_years,
            status: None,
            source: String::new(),
        };
        rates.check()?;
        Ok(rates)
    }

    /// Rates from counted cases and the person-years that they were counted in.
    ///
    /// # Errors
    ///
    /// As [`AgeRates::new`], and where person-years are not finite and above 0.
    pub fn from_counts(
        region: impl Into<String>,
        sex: Sex,
        ages: AgeGroups,
        cases: &[f64],
        person_years: &[f64],
    ) -> Result<Self> {
        let region = region.into();
        if cases.len() != person_years.len() {
            return Err(Error::mismatch(format!(
                "the rates of {region} have {} numbers of cases and {} of person-years",
                cases.len(),
                person_years.len()
            )));
        }
        let rates = cases.iter().zip(person_years).map(|(c, n)| c / n).collect();
        Self::of_parts(region, sex, ages, rates, Some(person_years.to_vec()))
    }

    fn check(&self) -> Result<()> {
        check_region(&self.region)?;
        let groups = self.ages.count();
        let person_years = self.person_years.as_ref();
        let lengths = [
            ("rates", self.rates.len()),
            ("person-years", person_years.map_or(groups, Vec::len)),
        ];
        if let Some((what, length)) = lengths.iter().find(|(_, length)| *length != groups) {
            return Err(Error::mismatch(format!(
                "{} has {length} {what} for {groups} age groups",
                self.region
            )));
        }
        let (place, label) = (self.place(), |i: usize| self.ages.label(i));
        for (i, &persons) in person_years.into_iter().flatten().enumerate() {
            let name = format!("the number of person-years aged {}", label(i));
            Place(&place).positive(name, persons)?;
        }
        for (i, &rate) in self.rates.iter().enumerate() {
            Place(&place).share(format!("the rate per person-year aged {}", label(i)), rate)?;
        }
        Ok(())
    }

    /// Area and year, for messages.
    pub(super) fn place(&self) -> String {
        match self.year {
            Some(year) => format!("the rates of {} {year}", self.region),
            None => format!("the rates of {}", self.region),
        }
    }

    /// The same rates as those of another region, whose own are not known.
    #[must_use]
    pub fn for_region(self, region: impl Into<String>) -> Self {
        let region = region.into();
        let source = match self.source.as_str() {
            "" => format!("rates of {}", self.region),
            source => format!("rates of {}: {source}", self.region),
        };
        Self {
            region,
            source,
            ..self
        }
    }

    /// States the year that the rates are of.
    #[must_use]
    pub const fn with_year(mut self, year: i32) -> Self {
        self.year = Some(year);
        self
    }

    /// States how the rates came about; modelled ones ([`Status::Estimate`]) have no counting error.
    #[must_use]
    pub const fn with_status(mut self, status: Status) -> Self {
        self.status = Some(status);
        self
    }

    /// States where the rates are from.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<String>) -> Self {
        self.source = source.into();
        self
    }

    /// The shipped rates of an area of [`AgeRates::areas`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unknown`] with the names of those known; [`ErrorKind::Unsuitable`] for the World, whose cases are
    /// the sum of its areas.
    pub fn area(name: &str) -> Result<Self> {
        if name == WORLD {
            return Err(Error::unsuitable(
                "the World has no rates of its own: its cases are the sum of its areas \
                 (ExpectedCases::area); AgeRates::pooled gives those of all people together"
                    .to_owned(),
            ));
        }
        let mut areas = shipped::rates().iter();
        let area = areas.find(|area| area.region == name);
        area.cloned()
            .ok_or_else(|| Error::unknown("area with rates by age", name, Self::areas()))
    }

    /// The areas whose rates are shipped.
    #[must_use]
    pub fn areas() -> Vec<&'static str> {
        let areas = shipped::rates().iter();
        areas.map(|area| area.region.as_str()).collect()
    }

    /// Rates from CSV text: one for each area, sex and year, in the order in which they begin.
    ///
    /// A row an area and age group. Columns: `area`, `age` (`0-4`, `85+`, `7`), and either `rate_per_100000` (and, if
    /// wanted, `population`, the person-years that the rate is of) or `cases` and `population`. If wanted: `sex`
    /// (`both`, `female`, `male`; without it both), `year`, `status` (as of a [figure](crate::figures::Figure)),
    /// `source`. `place` names the text in errors.
    ///
    /// ```
    /// use myeloma_epi::demography::AgeRates;
    ///
    /// let text = "area,age,cases,population\nAtlantis,0-64,20,800000\nAtlantis,65+,60,200000\n";
    /// assert!((AgeRates::from_csv("mine", text)?[0].per_100_000()[1] - 30.0).abs() < 1e-9);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Parse`] with the line for what cannot be read or cannot be; age groups that overlap or leave a gap
    /// are named with area and age.
    pub fn from_csv(place: &str, text: &str) -> Result<Vec<Self>> {
        from_tidy(place, text.as_bytes())
    }

    /// Rates from a CSV file, as [`AgeRates::from_csv`].
    ///
    /// # Errors
    ///
    /// As [`AgeRates::from_csv`], and [`ErrorKind::Io`].
    pub fn read(path: impl AsRef<Path>) -> Result<Vec<Self>> {
        let path = path.as_ref();
        from_tidy(&path.display().to_string(), files::open(path)?)
    }

    /// The area.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Of whom.
    #[must_use]
    pub const fn sex(&self) -> Sex {
        self.sex
    }

    /// The year that they are of, where it was said.
    #[must_use]
    pub const fn year(&self) -> Option<i32> {
        self.year
    }

    /// The age groups.
    #[must_use]
    pub const fn ages(&self) -> &AgeGroups {
        &self.ages
    }

    /// Cases a year per person, by age group.
    #[must_use]
    pub fn per_person_year(&self) -> &[f64] {
        &self.rates
    }

    /// Cases a year per 100,000 persons, by age group.
    #[must_use]
    pub fn per_100_000(&self) -> Vec<f64> {
        self.rates.iter().map(|rate| rate * 1e5).collect()
    }

    /// The person-years of each group, where they are known.
    #[must_use]
    pub fn person_years(&self) -> Option<&[f64]> {
        self.person_years.as_deref()
    }

    /// The cases of each group, where the person-years are known: rate times person-years.
    #[must_use]
    pub fn cases(&self) -> Option<Vec<f64>> {
        let person_years = self.person_years.as_ref()?;
        let pairs = self.rates.iter().zip(person_years);
        Some(pairs.map(|(rate, persons)| rate * persons).collect())
    }

    /// How they came about, where it was said.
    #[must_use]
    pub const fn status(&self) -> Option<Status> {
        self.status
    }

    /// Where they are from; empty where that was not said.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// All rates times a factor: the risk of every age risen or fallen by the same part. They count nobody, so
    /// person-years are left out.
    ///
    /// # Errors
    ///
    /// Where a rate leaves the range from 0 to 1.
    pub fn scaled(&self, factor: f64) -> Result<Self> {
        let scaled = Self {
            rates: self.rates.iter().map(|rate| rate * factor).collect(),
            person_years: None,
            ..self.clone()
        };
        scaled.check()?;
        Ok(scaled)
    }

    /// The rates of several areas' people together: cases of all over person-years of all.
    ///
    /// They describe those people in their year. Applied to later populations of the sum they mislead: the old grow most
    /// where rates are low, and the shipped areas' pooled rates give 8 % more cases in 2040 than their sum. Expected
    /// cases are to be summed instead ([`ExpectedCases::sum`](super::ExpectedCases::sum)).
    ///
    /// ```
    /// use myeloma_epi::demography::{AgeRates, StandardPopulation, age_standardised_rate};
    ///
    /// let areas = AgeRates::areas().into_iter().map(AgeRates::area);
    /// let world = AgeRates::pooled("World", &areas.collect::<Result<Vec<_>, _>>()?)?;
    /// let rate = age_standardised_rate(&world, &StandardPopulation::segi())?;
    /// assert!((rate.per_100_000() - 1.79).abs() < 0.01); // GLOBOCAN 2022: 1.8
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Mismatch`] where there is none, one has no person-years, or sexes or age groups differ.
    pub fn pooled(region: impl Into<String>, parts: &[Self]) -> Result<Self> {
        let region = region.into();
        let Some(first) = parts.first() else {
            return Err(ErrorKind::NoObservations { place: region }.into());
        };
        let groups = first.ages.count();
        let (mut cases, mut person_years) = (vec![0.0; groups], vec![0.0; groups]);
        for part in parts {
            let of_part = (part.sex == first.sex && part.ages == first.ages)
                .then(|| part.cases().zip(part.person_years.as_ref()))
                .flatten();
            let Some((part_cases, part_years)) = of_part else {
                return Err(Error::mismatch(format!(
                    "rates of {} and {} cannot be pooled: both need person-years, and the same sex and age groups",
                    first.region, part.region
                )));
            };
            for i in 0..groups {
                cases[i] += part_cases[i];
                person_years[i] += part_years[i];
            }
        }
        let pooled =
            Self::from_counts(region, first.sex, first.ages.clone(), &cases, &person_years)?;
        Ok(Self {
            year: first
                .year
                .filter(|_| parts.iter().all(|part| part.year == first.year)),
            status: if parts.iter().any(Self::is_modelled) {
                Some(Status::Estimate)
            } else {
                first.status
            },
            source: first.source.clone(),
            ..pooled
        })
    }

    /// Whether they were modelled: what was not counted has no counting error.
    pub(super) fn is_modelled(&self) -> bool {
        matches!(self.status, Some(Status::Estimate | Status::Projection))
    }

    /// The rates of coarser age groups: the sums of cases over the sums of person-years.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsuitable`] where a group would have to be split, the ages begin or end elsewhere, or the rates have
    /// no person-years to weigh them by.
    pub fn regrouped(&self, ages: &AgeGroups) -> Result<Self> {
        let unsuitable = |why: String| -> Error {
            let place = self.place();
            Error::unsuitable(format!(
                "{place} cannot be put into the age groups {ages}: {why}"
            ))
        };
        let holding = (self.ages.summing_to(ages, "the groups asked for")).map_err(unsuitable)?;
        let Some((cases, person_years)) = self.cases().zip(self.person_years.as_ref()) else {
            return Err(unsuitable(
                "they have no person-years to weigh the groups by".to_owned(),
            ));
        };
        let (mut sums, mut people) = (vec![0.0; ages.count()], vec![0.0; ages.count()]);
        for (i, &group) in holding.iter().enumerate() {
            sums[group] += cases[i];
            people[group] += person_years[i];
        }
        let coarser =
            Self::from_counts(self.region.clone(), self.sex, ages.clone(), &sums, &people)?;
        Ok(Self {
            year: self.year,
            status: self.status,
            source: self.source.clone(),
            ..coarser
        })
    }
}

/// What a row says of its group.
struct Said {
    rate: f64,
    person_years: Option<f64>,
    status: Option<Status>,
    source: String,
}

pub(super) fn from_tidy(place: &str, text: impl Read) -> Result<Vec<AgeRates>> {
    let allowed = [
        "sex",
        "year",
        "rate_per_100000",
        "cases",
        "population",
        "status",
        "source",
    ];
    let tables = tables(place, text, &["area", "age"], &allowed, said)?;
    tables
        .into_iter()
        .map(|table| of_table(place, table))
        .collect()
}

fn said(row: &Row<'_>, age: &str) -> Result<Said> {
    let area = row.needed("area")?;
    let person_years = row.optional_number("population")?;
    let refused = |column: &str, value: f64, allowed: &str| {
        Err(row.error(format!(
            "column {column}: {value} for {area} aged {age}: it must be {allowed}"
        )))
    };
    if let Some(persons) = person_years.filter(|n| !(n.is_finite() && *n > 0.0)) {
        return refused("population", persons, "finite and above 0");
    }
    let rate = match (
        row.optional_number("rate_per_100000")?,
        row.optional_number("cases")?,
        person_years,
    ) {
        (Some(rate), None, _) => {
            if !(0.0..=1e5).contains(&rate) {
                return refused("rate_per_100000", rate, "between 0 and 100000");
            }
            rate / 1e5
        }
        (None, Some(cases), Some(persons)) => {
            if !(0.0..=persons).contains(&cases) {
                return refused("cases", cases, "between 0 and the population");
            }
            cases / persons
        }
        _ => {
            return Err(row.error(format!(
                "{area} aged {age}: give either rate_per_100000 or cases and population"
            )));
        }
    };
    Ok(Said {
        rate,
        person_years,
        status: row.optional_word("status")?,
        source: row.text("source").unwrap_or_default().to_owned(),
    })
}

fn of_table(place: &str, table: Table<Said>) -> Result<AgeRates> {
    let first = &table.values[0];
    let (status, source) = (first.status, first.source.clone());
    if table.values.iter().any(|said| said.status != status) {
        return Err(Error::mismatch(format!(
            "{place}: the rates of {} have several statuses: give one for all ages",
            table.area
        )));
    }
    let some = (table.values.iter()).position(|said| said.person_years.is_some());
    let none = (table.values.iter()).position(|said| said.person_years.is_none());
    if let (Some(_), Some(i)) = (some, none) {
        return Err(Error::mismatch(format!(
            "{place}: the rates of {} have no population aged {}: give it for all ages or for none",
            table.area,
            table.ages.label(i)
        )));
    }
    let rates = table.values.iter().map(|said| said.rate).collect();
    let people = table.values.iter().map(|said| said.person_years).collect();
    Ok(AgeRates {
        year: table.year,
        status,
        source,
        ..AgeRates::of_parts(table.area, table.sex, table.ages, rates, people)?
    })
}
