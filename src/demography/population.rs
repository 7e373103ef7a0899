//! The population of one area by age, year by year.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::path::Path;

use ndarray::{Array2, ArrayView1, Axis};
use serde::Serialize;

use super::age_groups::AgeGroups;
use super::sex::Sex;
use super::shipped::{self, WORLD};
use super::tidy::{Table, tables};
use crate::checked_on_reading::{by_year, checked};
use crate::error::{Error, ErrorKind, Result};
use crate::figures::check_region;
use crate::files;
use crate::known_names::each_once;
use crate::number_checks::{Place, increasing};
use crate::plain_text::count;

/// From one table to the next, the people of an age group do not become more than twice as many, or less than half, with a
/// factor of 1.2 for each year between: a choice, wide enough for the United Arab Emirates, which had about eight times as many in 1980
/// as in 1960 (World Population Prospects).
/// Groups of fewer than a hundred may.
const AT_ONCE: f64 = 2.0;
const A_YEAR: f64 = 1.2;
const SO_MANY: f64 = 100.0;

checked! {
    /// The population of one area at mid-year, by calendar year and age group, in persons.
    ///
    /// Years increase and may have gaps: nothing is interpolated, and a year that is not there is an error where it is
    /// asked for. Every number is finite and above 0; where nobody is as old as the last groups, sum them into an open one.
    ///
    /// # Shipped
    ///
    /// 22 subregions of the United Nations, China, Hong Kong and Macao, 18 age groups, both sexes, 2000 to 2050: World
    /// Population Prospects 2024, medium variant (<https://population.un.org/wpp/>, CC BY 3.0 IGO). The years between
    /// 2000, 2010, …, 2050 are interpolated between revisions. "World" is the sum of the areas.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::demography::{AgeGroups, Population, Sex};
    /// use myeloma_epi::ndarray::array;
    ///
    /// let china = Population::area("China")?;
    /// assert!(china.total(2040)? < china.total(2024)?); // fewer people,
    /// let oldest = |year| china.by_age(year).map(|persons| persons[17]);
    /// assert!(oldest(2040)? > 2.0 * oldest(2024)?); // and many more of them above 85
    ///
    /// let ages = AgeGroups::from_labels(&["0-64", "65+"])?;
    /// let mine = Population::new("Atlantis", Sex::Both, ages, vec![2020, 2025], array![[800.0, 200.0], [790.0, 240.0]])?;
    /// assert_eq!(mine.total(2025)?, 1_030.0);
    /// assert!(mine.total(2022).is_err());
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct Population {
        region: String,
        sex: Sex,
        ages: AgeGroups,
        years: Vec<i32>,
        #[serde(with = "by_year")]
        persons: Array2<f64>,
        source: String,
    } through of_file
}

impl Population {
    /// A population from an array of shape (years, age groups), in persons.
    ///
    /// # Errors
    ///
    /// Where the array has another shape than years and groups, years do not increase, or a number is not finite and
    /// above 0; the error names area, age and year.
    pub fn new(
        region: impl Into<String>,
        sex: Sex,
        ages: AgeGroups,
        years: Vec<i32>,
        persons: Array2<f64>,
    ) -> Result<Self> {
        let region = region.into();
        check_region(&region)?;
        if years.is_empty() {
            return Err(ErrorKind::NoObservations { place: region }.into());
        }
        increasing(&region, years.iter().copied())?;
        if persons.dim() != (years.len(), ages.count()) {
            return Err(Error::mismatch(format!(
                "the population of {region} has {} rows of {} numbers: there are {} years and {} age groups",
                persons.nrows(),
                persons.ncols(),
                years.len(),
                ages.count()
            )));
        }
        for ((row, group), &persons) in persons.indexed_iter() {
            Place(format_args!("{region} {}", years[row])).check(
                is_number_of_people(persons),
                format_args!("the population aged {}", ages.label(group)),
                persons,
                ABOVE_ZERO,
            )?;
        }
        Ok(Self {
            region,
            sex,
            ages,
            years,
            persons,
            source: String::new(),
        })
    }

    /// That no age group, and not all people, become so many times as many, or so small a part, from one year of the table to
    /// the next, as if one were in thousands.
    pub(super) fn check_steps(&self) -> Result<()> {
        let rows = self.persons.rows().into_iter();
        for (years, (before, after)) in (self.years.windows(2)).zip(rows.clone().zip(rows.skip(1)))
        {
            let most = AT_ONCE * A_YEAR.powf(f64::from(years[0].abs_diff(years[1])));
            let all = [(String::new(), before.sum(), after.sum())].into_iter();
            let groups = before.iter().zip(after).enumerate();
            let groups =
                groups.map(|(i, (a, b))| (format!(" aged {}", self.ages.label(i)), *a, *b));
            for (who, before, after) in all.chain(groups) {
                let (least, largest) = (before.min(after), before.max(after));
                if largest >= SO_MANY && largest > most * least {
                    return Err(Error::contradiction(format!(
                        "the population of {}{who} is {} in {} and {} in {}: no people change that much from one table to the \
                         next. Is one in thousands?",
                        self.region,
                        count(before),
                        years[0],
                        count(after),
                        years[1]
                    )));
                }
            }
        }
        Ok(())
    }

    fn of_file(
        region: String,
        sex: Sex,
        ages: AgeGroups,
        years: Vec<i32>,
        persons: Array2<f64>,
        source: String,
    ) -> Result<Self> {
        Ok(Self::new(region, sex, ages, years, persons)?.with_source(source))
    }

    /// States where the numbers are from.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<String>) -> Self {
        self.source = source.into();
        self
    }

    /// The shipped population of an area of [`Population::areas`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unknown`] with the names of those known.
    pub fn area(name: &str) -> Result<Self> {
        if name == WORLD {
            return Self::sum(WORLD, shipped::populations());
        }
        let mut areas = shipped::populations().iter();
        let area = areas.find(|area| area.region == name);
        area.cloned()
            .ok_or_else(|| Error::unknown("area", name, Self::areas()))
    }

    /// The areas whose population is shipped, the World first.
    #[must_use]
    pub fn areas() -> Vec<&'static str> {
        let areas = shipped::populations().iter();
        (std::iter::once(WORLD))
            .chain(areas.map(|area| area.region.as_str()))
            .collect()
    }

    /// Populations from CSV text: one for each area and sex, in the order in which they begin.
    ///
    /// A row an area, year, sex and age group. Columns: `area`, `year`, `age` (`0-4`, `85+`, `7`), `population`
    /// (persons), and, if wanted, `sex` (`both`, `female`, `male`; without it both) and `source`. All years of an
    /// area have the same age groups. `place` names the text in errors.
    ///
    /// ```
    /// use myeloma_epi::demography::Population;
    ///
    /// let text = "area,year,age,population\nAtlantis,2025,0-64,790\nAtlantis,2025,65+,240\n";
    /// assert_eq!(Population::from_csv("mine", text)?[0].total(2025)?, 1_030.0);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Parse`] with the line for what cannot be read or is not above 0; age groups that overlap, leave a
    /// gap or are missing in a year are named with area, age and year.
    pub fn from_csv(place: &str, text: &str) -> Result<Vec<Self>> {
        from_tidy(place, text.as_bytes())
    }

    /// Populations from a CSV file, as [`Population::from_csv`].
    ///
    /// # Errors
    ///
    /// As [`Population::from_csv`], and [`ErrorKind::Io`].
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

    /// The age groups.
    #[must_use]
    pub const fn ages(&self) -> &AgeGroups {
        &self.ages
    }

    /// The years, in ascending order.
    #[must_use]
    pub fn years(&self) -> &[i32] {
        &self.years
    }

    /// Where the numbers are from; empty where that was not said.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The persons of each age group in a year.
    ///
    /// # Errors
    ///
    /// Where the year is not there.
    pub fn by_age(&self, year: i32) -> Result<ArrayView1<'_, f64>> {
        let row = self.years.binary_search(&year);
        row.map(|row| self.persons.row(row)).map_err(|_| {
            let place = format!("the population of {}", self.region);
            Error::out_of_range("the year", place, year, years_there(&self.years))
        })
    }

    /// The persons of all ages in a year.
    ///
    /// # Errors
    ///
    /// Where the year is not there.
    pub fn total(&self, year: i32) -> Result<f64> {
        Ok(self.by_age(year)?.sum())
    }

    /// Several areas as one, such as the districts of a country: their sum.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Mismatch`] where there is none, or sexes, age groups or years differ between them.
    pub fn sum(region: impl Into<String>, parts: &[Self]) -> Result<Self> {
        let region = region.into();
        let Some((first, others)) = parts.split_first() else {
            return Err(ErrorKind::NoObservations { place: region }.into());
        };
        let mut persons = first.persons.clone();
        for part in others {
            let differ = |what: &str, of_first: String, of_part: String| {
                Err(Error::mismatch(format!(
                    "{what} of {} and {} differ, and cannot be added up to {region}: {of_first}; {of_part}",
                    first.region, part.region
                )))
            };
            if part.sex != first.sex {
                return differ("the sexes", first.sex.to_string(), part.sex.to_string());
            }
            if part.ages != first.ages {
                return differ(
                    "the age groups",
                    first.ages.to_string(),
                    part.ages.to_string(),
                );
            }
            if part.years != first.years {
                let years = |part: &Self| years_there(&part.years);
                return differ("the years", years(first), years(part));
            }
            persons += &part.persons;
        }
        let sum = Self::new(
            region,
            first.sex,
            first.ages.clone(),
            first.years.clone(),
            persons,
        )?;
        Ok(sum.with_source(first.source.clone()))
    }

    /// Women and men of one area as one population.
    ///
    /// # Errors
    ///
    /// Where the first is not of women, the second not of men, or their areas, age groups or years differ.
    pub fn both_sexes(female: &Self, male: &Self) -> Result<Self> {
        if (female.sex, male.sex) != (Sex::Female, Sex::Male) || female.region != male.region {
            return Err(Error::mismatch(format!(
                "{} ({}) and {} ({}) are not the women and the men of one area",
                female.region, female.sex, male.region, male.sex
            )));
        }
        let of_both = |part: &Self| Self {
            sex: Sex::Both,
            ..part.clone()
        };
        Self::sum(female.region.clone(), &[of_both(female), of_both(male)])
    }

    /// The same people in coarser age groups: exact sums.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsuitable`] where a group would have to be split, or the ages begin or end elsewhere. Nothing is
    /// split: how people are spread within a group is for the user to say, in a file of finer groups.
    pub fn regrouped(&self, ages: &AgeGroups) -> Result<Self> {
        let holding = self.ages.summing_to(ages, "the groups asked for");
        let holding = holding.map_err(|why| {
            ErrorKind::Unsuitable(format!(
                "the population of {} {} cannot be put into the age groups {ages}: {why}",
                self.region, self.years[0]
            ))
        })?;
        let mut persons = Array2::zeros((self.years.len(), ages.count()));
        for (column, &group) in self.persons.axis_iter(Axis(1)).zip(&holding) {
            let mut sum = persons.column_mut(group);
            sum += &column;
        }
        Ok(Self {
            ages: ages.clone(),
            persons,
            ..self.clone()
        })
    }

    /// The same with the years between the tables: in each age group the number of people changes by a constant factor from
    /// one table to the next (exponential growth, as in Preston, Heuveline & Guillot 2001, *Demography*, chapter 1).
    ///
    /// It is for yearly series of which every fifth or tenth year was counted or projected. Cohorts move through age groups, and
    /// a single year between is off by what a group's people differ from their neighbours'.
    ///
    /// ```
    /// use myeloma_epi::demography::Population;
    ///
    /// let text = "area,year,age,population\nAtlantis,2020,0+,1000\nAtlantis,2022,0+,1210\n";
    /// let people = Population::from_csv("mine", text)?[0].interpolated()?;
    /// assert!((people.total(2021)? - 1_100.0).abs() < 1e-9);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`] where two tables are more than 100 years apart.
    pub fn interpolated(&self) -> Result<Self> {
        let tables = self.rows();
        let mut rows = tables.clone();
        for ((&from, before), (&to, after)) in tables.iter().zip(tables.iter().skip(1)) {
            let (apart, name) = (from.abs_diff(to), "the number of years between two tables");
            let place = Place(format_args!("the population of {}", self.region));
            let allowed = format_args!("{FURTHEST_APART} or less");
            place.check(apart <= FURTHEST_APART, name, apart, allowed)?;
            for year in from + 1..to {
                let way = f64::from(from.abs_diff(year)) / f64::from(apart);
                let between = before.iter().zip(after);
                let between = between.map(|(b, a)| b * (a / b).powf(way));
                rows.insert(year, between.collect());
            }
        }
        if rows.len() == tables.len() {
            return Ok(self.clone());
        }
        self.of_other_years(rows, "years between tables interpolated")
    }

    /// The tables up to a year, or to the first one after it where none is of that year.
    pub(super) fn up_to(&self, year: i32) -> Self {
        let kept = 1 + self.years.partition_point(|&of| of < year);
        let kept = kept.min(self.years.len());
        Self {
            years: self.years[..kept].to_vec(),
            persons: self.persons.slice_axis(Axis(0), (..kept).into()).to_owned(),
            ..self.clone()
        }
    }

    /// The persons of each age group, by year.
    pub(super) fn rows(&self) -> BTreeMap<i32, Vec<f64>> {
        let rows = self.persons.rows().into_iter().map(|row| row.to_vec());
        self.years.iter().copied().zip(rows).collect()
    }

    /// The same area with other years, and how these came about.
    pub(super) fn of_other_years(&self, rows: BTreeMap<i32, Vec<f64>>, how: &str) -> Result<Self> {
        let source = match self.source.as_str() {
            "" => how.to_owned(),
            source => format!("{source}; {how}"),
        };
        let (region, ages) = (self.region.clone(), self.ages.clone());
        let (years, rows): (_, Vec<_>) = rows.into_iter().unzip();
        let shape = (rows.len(), ages.count());
        let persons = Array2::from_shape_fn(shape, |(row, group)| rows[row][group]);
        Ok(Self::new(region, self.sex, ages, years, persons)?.with_source(source))
    }
}

/// The most years between two tables that are interpolated.
const FURTHEST_APART: u32 = 100;

const ABOVE_ZERO: &str = "finite and above 0 (where nobody is that old, sum the last groups into an open one; for a year \
     without data, leave out the year)";

fn is_number_of_people(persons: f64) -> bool {
    persons.is_finite() && persons > 0.0
}

/// The years of a list, for a message, by runs without a gap: `one of 2000 to 2029, 2031 to 2050`.
pub(super) fn years_there(years: &[i32]) -> String {
    const MOST: usize = 30;
    let runs = years.chunk_by(|one, next| one.saturating_add(1) == *next);
    let runs = runs.filter_map(|run| match (run.first()?, run.last()?) {
        (first, last) if first < last => Some(format!("{first} to {last}")),
        (year, _) => Some(year.to_string()),
    });
    let runs: Vec<String> = runs.collect();
    let more = if runs.len() > MOST { ", …" } else { "" };
    match &runs[..runs.len().min(MOST)] {
        [] => "there is none".to_owned(),
        some => format!("one of {}{more}", some.join(", ")),
    }
}

fn from_tidy(place: &str, text: impl Read) -> Result<Vec<Population>> {
    let needed = ["area", "year", "age", "population"];
    let tables = tables(
        place,
        text,
        &needed,
        &["sex", "source"],
        |row, age| -> Result<_> {
            let (persons, year) = (row.number("population")?, row.year()?);
            if !is_number_of_people(persons) {
                let area = row.needed("area")?;
                return Err(row.error(format!(
                    "column population: the population of {area} aged {age} in {year} is {persons}: it must be \
                     {ABOVE_ZERO}"
                )));
            }
            Ok((persons, row.text("source").unwrap_or_default().to_owned()))
        },
    )?;
    let areas = each_once(tables.iter().map(|table| (table.area.clone(), table.sex)));
    let area = |(area, sex): (String, Sex)| {
        let of_area = |table: &&Table<_>| table.area == area && table.sex == sex;
        of_tables(place, tables.iter().filter(of_area).collect())
    };
    areas.into_iter().map(area).collect()
}

/// The tables of one area and sex, one a year.
fn of_tables(place: &str, mut tables: Vec<&Table<(f64, String)>>) -> Result<Population> {
    tables.sort_by_key(|table| table.year);
    let first = tables[0];
    for table in &tables {
        // The first table may be the one that lacks a group.
        for (one, other) in [(table, &first), (&first, table)] {
            let (there, wanted) = (one.ages.labels(), other.ages.labels());
            if let Some(age) = wanted.iter().find(|age| !there.contains(age)) {
                return Err(Error::mismatch(format!(
                    "{place}: no population of {} aged {age} in {}: the age groups of all years must be the same, and \
                     those of {} are {}",
                    one.area,
                    one.year.unwrap_or_default(),
                    other.year.unwrap_or_default(),
                    other.ages
                )));
            }
        }
    }
    let shape = (tables.len(), first.values.len());
    let persons = Array2::from_shape_fn(shape, |(row, group)| tables[row].values[group].0);
    let years = tables.iter().filter_map(|table| table.year).collect();
    let source = first.values[0].1.clone();
    let (area, ages) = (first.area.clone(), first.ages.clone());
    Population::of_file(area, first.sex, ages, years, persons, source)
}

/// The total of every year.
impl fmt::Display for Population {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let region = crate::plain_text::printable(&self.region);
        writeln!(
            f,
            "Population of {region} ({}), ages {}",
            self.sex, self.ages
        )?;
        for (year, persons) in self.years.iter().zip(self.persons.rows()) {
            writeln!(f, "{year}  {}", count(persons.sum()))?;
        }
        Ok(())
    }
}
