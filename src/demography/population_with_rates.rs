//! The people of one region with the rates that belong to them, out of tables of many regions.

use std::collections::BTreeSet;

use ndarray::Array2;
use serde::Serialize;

use super::age_rates::AgeRates;
use super::decomposition::Decomposition;
use super::expected_cases::{ExpectedCases, added_up, matching};
use super::hamilton_perry::{FURTHEST, LONGEST_STEP};
use super::population::{Population, years_there};
use super::sex::Sex;
use crate::checked_on_reading::checked;
use crate::error::{Error, Result};
use crate::known_names::each_once;
use crate::number_checks::Place;
use crate::plain_text::count;

checked! {
    /// **The people of one region, and the rates by age that belong to them**: both sexes together, or women and men, each at
    /// their own rates.
    ///
    /// It takes what files hold, tables of several regions and sexes and not always of every year, and says in
    /// [`PopulationWithRates::notes`] what it made of them. What does not belong together is an error that names the region, the sex,
    /// the age or the year.
    ///
    /// # Example
    ///
    /// Two tables of people and no projection of them:
    ///
    /// ```
    /// use myeloma_epi::demography::{AgeRates, Population, PopulationWithRates};
    ///
    /// let people = Population::from_csv("people.csv", "\
    /// area,year,age,population
    /// Atlantis,2010,0-14,180000\nAtlantis,2010,15-29,190000\nAtlantis,2010,30-44,210000\nAtlantis,2010,45+,380000
    /// Atlantis,2025,0-14,150000\nAtlantis,2025,15-29,185000\nAtlantis,2025,30-44,195000\nAtlantis,2025,45+,465000
    /// ")?;
    /// let rates = AgeRates::from_csv("rates.csv", "\
    /// area,age,rate_per_100000
    /// Atlantis,0-14,0\nAtlantis,15-29,0.1\nAtlantis,30-44,0.8\nAtlantis,45+,12
    /// ")?;
    /// let atlantis = PopulationWithRates::of_region("Atlantis", &people, &rates)?.every_year(2015, 2040)?;
    /// let expected = atlantis.expected_cases()?; // for an outlook: OutlookOptions::population
    /// assert!(expected.years().eq(2010..=2040));
    /// assert_eq!(atlantis.notes().len(), 2); // carried forward; years between the tables interpolated
    /// println!("{}", atlantis.decomposition(2025, 2040)?);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct PopulationWithRates {
        region: String,
        /// Women and men, or one table.
        parts: Vec<(Population, AgeRates)>,
        notes: Vec<String>,
    } then check
}

impl PopulationWithRates {
    /// The people and the rates of one region, by its name, among those of several.
    ///
    /// Without any rates those of the shipped area of that name are taken ([`AgeRates::area`]). Where both tables have
    /// women and men, each has its own rates; otherwise both sexes together, the people of women and men added up in the years
    /// that have no other; otherwise the one sex that both have, with a note. Rates of finer groups than the people are
    /// [added up](AgeRates::regrouped) to theirs, people of finer groups than the rates to those of the rates, with a note; no group is
    /// split.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unknown`](crate::ErrorKind::Unknown) where the region has no people or no rates, with the names that there
    /// are; [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) where the rates are of several years, a table is there twice,
    /// sexes do not belong together, a year has people that its rates leave out, or age groups do not belong together; [`ErrorKind::Contradiction`](crate::ErrorKind::Contradiction) where the people of an age
    /// group become more than twice as many, or less than half, times 1.2 for each year to the next table, or women and men are not the people of both sexes.
    pub fn of_region(region: &str, people: &[Population], rates: &[AgeRates]) -> Result<Self> {
        let areas = people
            .iter()
            .map(Population::region)
            .collect::<BTreeSet<_>>();
        let people: Vec<&Population> = people.iter().filter(|p| p.region() == region).collect();
        if people.is_empty() {
            return Err(Error::unknown("area of the populations", region, areas));
        }
        let shipped;
        let rates: Vec<&AgeRates> = if rates.is_empty() {
            shipped = AgeRates::area(region)?;
            vec![&shipped]
        } else {
            let areas = rates.iter().map(AgeRates::region).collect::<BTreeSet<_>>();
            let rates: Vec<_> = rates.iter().filter(|r| r.region() == region).collect();
            if rates.is_empty() {
                return Err(Error::unknown("area of the rates", region, areas));
            }
            rates
        };
        let years: BTreeSet<_> = rates.iter().filter_map(|rates| rates.year()).collect();
        if years.len() > 1 {
            let years: Vec<String> = years.iter().map(ToString::to_string).collect();
            return Err(Error::mismatch(format!(
                "the rates of {region} are there for {}: keep those of one year",
                years.join(" and ")
            )));
        }
        let mut notes = Vec::new();
        let pairs = paired(region, &people, &rates, &mut notes)?.into_iter();
        let parts = pairs.map(|(people, rates)| {
            let rates = in_groups_of(&people, rates, &mut notes)?;
            Ok((people, rates))
        });
        Ok(Self {
            region: region.to_owned(),
            parts: parts.collect::<Result<_>>()?,
            notes: each_once(notes),
        })
    }

    fn check(&self) -> Result<()> {
        let sexes: Vec<Sex> = self.parts.iter().map(|(people, _)| people.sex()).collect();
        let of_region = |(people, rates): &(Population, AgeRates)| {
            people.region() == self.region && rates.region() == self.region
        };
        let whole = sexes.len() == 1 || sexes == [Sex::Female, Sex::Male];
        if !(whole && self.parts.iter().all(of_region)) {
            return Err(Error::mismatch(format!(
                "the people and rates of {} need one table of people with its rates, or that of women and that of men, all of \
                 this region",
                self.region
            )));
        }
        self.parts
            .iter()
            .try_for_each(|(people, rates)| matching(people, rates).map(drop))
    }

    /// Checks that the tables have every year from `first` to `last`, as a forecast needs them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) with the first year that is not there, and those that are.
    pub fn check_years(&self, first: i32, last: i32) -> Result<()> {
        for (people, _) in &self.parts {
            let years = people.years();
            let lacking = (first..=last).find(|year| years.binary_search(year).is_err());
            if let Some(year) = lacking {
                return Err(Error::out_of_range(
                    format!("a year that is needed (all of {first} to {last} are)"),
                    format!("the population of {}", self.region),
                    year,
                    years_there(years),
                ));
            }
        }
        Ok(())
    }

    /// The same with every year from `first` to `last`: where the tables end before `last`, the
    /// people are [carried forward](Population::carried_forward) by the ratios of their cohorts; years between tables are
    /// [interpolated](Population::interpolated). Both are noted.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where the tables begin after `first`; as [`Population::carried_forward`].
    pub fn every_year(self, first: i32, last: i32) -> Result<Self> {
        let mut all = self.carried_forward(last)?;
        let place = format!("the population of {}", all.region);
        for (people, _) in &mut all.parts {
            let (there, name) = (people.years().len(), "the first year that is needed");
            let holds = people.years()[0] <= first;
            Place(&place).check(holds, name, first, years_there(people.years()))?;
            *people = people.interpolated()?;
            if people.years().len() > there {
                all.notes.push(format!(
                    "the people of {} between the tables are interpolated, each age group growing evenly",
                    all.region
                ));
            }
        }
        all.notes = each_once(all.notes);
        Ok(all)
    }

    /// The same up to a year, or the first one after it that whole widths of the age groups reach: where the tables end before,
    /// the people are [carried forward](Population::carried_forward) by the ratios of their cohorts, which is noted.
    ///
    /// # Errors
    ///
    /// As [`Population::carried_forward`], and where the tables of women and of men end in different years.
    pub fn carried_forward(mut self, last: i32) -> Result<Self> {
        let last_years = self
            .parts
            .iter()
            .filter_map(|(people, _)| people.years().last());
        let last_years: BTreeSet<i32> = last_years.copied().collect();
        if last_years.len() > 1 && last_years.first().is_some_and(|first| *first < last) {
            let years: Vec<String> = last_years.iter().map(i32::to_string).collect();
            return Err(Error::mismatch(format!(
                "the tables of the women and of the men of {} end in {}, and those of one sex would be carried forward beside stated \
                 ones of the other: give both, or leave the later years out",
                self.region,
                years.join(" and ")
            )));
        }
        for (people, _) in &mut self.parts {
            let ends = people.years()[people.years().len() - 1];
            if ends < last {
                // The added years go by whole widths of the groups, and past the last one where none hits it.
                let furthest = ends.saturating_add_unsigned(FURTHEST).max(last);
                *people = people
                    .carried_forward(last.saturating_add(LONGEST_STEP).min(furthest))?
                    .up_to(last);
                self.notes.push(format!(
                    "the people of {} after {ends} are carried forward by the ratios of their cohorts (Hamilton and Perry): from 2015 and \
                     2020 this gives the 23 shipped areas 15 % fewer to 0.1 % more cases in 2040 than the UN's projection, in the median 5 % \
                     fewer, which no interval holds",
                    self.region
                ));
            }
        }
        self.notes = each_once(self.notes);
        Ok(self)
    }

    /// The cases that the people have at their rates, in each year of the tables, with the [notes](Self::notes).
    ///
    /// # Errors
    ///
    /// Where no case is expected in a year.
    pub fn expected_cases(&self) -> Result<ExpectedCases> {
        let parts = self.parts.iter();
        let parts = parts.map(|(people, rates)| ExpectedCases::of(people, rates));
        let sum = ExpectedCases::sum(&*self.region, &parts.collect::<Result<Vec<_>>>()?)?;
        // Women and men of one region are not two members of a sum.
        let sum = sum.with_effective_members(1.0)?;
        // Those of the parts are among the notes.
        Ok(sum.with_notes(self.notes.clone()))
    }

    /// The change of the cases at constant rates between two years: women and men apart where they are, and then added up.
    ///
    /// # Errors
    ///
    /// Where a year is not there.
    pub fn decomposition(&self, from: i32, to: i32) -> Result<Decomposition> {
        let parts = self.parts.iter();
        let parts = parts.map(|(people, rates)| {
            Decomposition::between((people, from, rates), (people, to, rates))
        });
        Decomposition::sum(&*self.region, &parts.collect::<Result<Vec<_>>>()?)
    }

    /// What was made of the tables beyond reading them, a sentence each.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

/// Women and men are all people, but for rounding.
const ONE_PERCENT: f64 = 0.01;

/// The tables of a region's people, each with the rates of its sex.
fn paired<'r>(
    region: &str,
    people: &[&Population],
    rates: &[&'r AgeRates],
    notes: &mut Vec<String>,
) -> Result<Vec<(Population, &'r AgeRates)>> {
    let once = |what: &str, sexes: Vec<Sex>| -> Result<Vec<Sex>> {
        let twice = (sexes.iter().enumerate()).find(|(i, sex)| sexes[..*i].contains(sex));
        match twice {
            Some((_, sex)) => Err(Error::mismatch(format!(
                "{what} of {region} of sex {sex} are there twice"
            ))),
            None => Ok(sexes),
        }
    };
    let of_people = once("people", people.iter().map(|p| p.sex()).collect())?;
    let of_rates = once("rates", rates.iter().map(|r| r.sex()).collect())?;
    let of = |sex: Sex| people.iter().find(|people| people.sex() == sex);
    if let (Some(women), Some(men), Some(both)) = (of(Sex::Female), of(Sex::Male), of(Sex::Both)) {
        for &year in both.years() {
            let (Ok(women), Ok(men), all) = (women.total(year), men.total(year), both.total(year)?)
            else {
                continue;
            };
            if (women + men - all).abs() > ONE_PERCENT * all {
                return Err(Error::contradiction(format!(
                    "the people of {region} in {year} are {} women, {} men and {} of both sexes: which are right?",
                    count(women),
                    count(men),
                    count(all)
                )));
            }
        }
    }
    people.iter().try_for_each(|people| people.check_steps())?;
    let tables = |sex: Sex| {
        let people = people.iter().find(|people| people.sex() == sex)?;
        let rates = rates.iter().find(|rates| rates.sex() == sex)?;
        Some(((*people).clone(), *rates))
    };
    let rates_of_both = rates.iter().find(|rates| rates.sex() == Sex::Both);
    if let (Some(women), Some(men)) = (tables(Sex::Female), tables(Sex::Male)) {
        let is_by_sex = |year: &i32| women.0.years().contains(year) && men.0.years().contains(year);
        let stated = of(Sex::Both).into_iter().flat_map(|both| both.years());
        let together: BTreeSet<i32> = stated.copied().filter(|year| !is_by_sex(year)).collect();
        if together.is_empty() {
            return Ok(vec![women, men]);
        }
        if rates_of_both.is_none() {
            let years: Vec<String> = together.iter().map(i32::to_string).collect();
            return Err(Error::mismatch(format!(
                "the rates of {region} are by sex, and its people of {} are not of women and of men: give both of these years, leave the \
                 years out, or give rates of both sexes",
                years.join(", ")
            )));
        }
    }
    if let Some(rates) = rates_of_both
        && let Some(people) = of_both_sexes(region, people)?
    {
        return Ok(vec![(people, *rates)]);
    }
    let one = [Sex::Female, Sex::Male].into_iter().find_map(tables);
    if let Some(one) = one {
        notes.push(format!(
            "the people and rates of {region} are of sex {} alone",
            one.0.sex()
        ));
        return Ok(vec![one]);
    }
    let named = |sexes: &[Sex]| {
        let names: Vec<String> = sexes.iter().map(ToString::to_string).collect();
        names.join(" and ")
    };
    Err(Error::mismatch(format!(
        "the population of {region} is of sex {}, its rates of sex {}",
        named(&of_people),
        named(&of_rates)
    )))
}

/// The people of both sexes in each year, stated so or as women and men; none where there are those of one sex alone.
fn of_both_sexes(region: &str, people: &[&Population]) -> Result<Option<Population>> {
    let of = |sex: Sex| people.iter().copied().find(|people| people.sex() == sex);
    let [both, women, men] = [Sex::Both, Sex::Female, Sex::Male].map(of);
    let (Some(first), Some(_)) = (both.or(women), both.or(men)) else {
        return Ok(None);
    };
    let mut all = both.map(Population::rows).unwrap_or_default();
    let by_sex = [women, men].map(|people| people.map(Population::rows).unwrap_or_default());
    let years: BTreeSet<i32> = by_sex
        .iter()
        .flat_map(|rows| rows.keys().copied())
        .collect();
    for year in years {
        if all.contains_key(&year) {
            continue;
        }
        let [Some(of_women), Some(of_men)] = [0, 1].map(|sex| by_sex[sex].get(&year)) else {
            let sex = if by_sex[0].contains_key(&year) {
                Sex::Female
            } else {
                Sex::Male
            };
            return Err(Error::mismatch(format!(
                "the people of {region} in {year} are of sex {sex} alone: give the other sex, too, or both together"
            )));
        };
        let mut by_sex = [women, men].into_iter().flatten();
        if let Some(table) = by_sex.find(|table| table.ages() != first.ages()) {
            return Err(Error::mismatch(format!(
                "the people of {region} are of sex {} in {} and of sex {} in {}: give all in the same age groups",
                first.sex(),
                first.ages(),
                table.sex(),
                table.ages()
            )));
        }
        let sum = of_women.iter().zip(of_men).map(|(women, men)| women + men);
        all.insert(year, sum.collect());
    }
    let (years, rows): (Vec<i32>, Vec<Vec<f64>>) = all.into_iter().unzip();
    let persons = Array2::from_shape_vec((years.len(), first.ages().count()), rows.concat());
    let persons = persons.map_err(Error::other)?;
    let all = Population::new(region, Sex::Both, first.ages().clone(), years, persons)?;
    all.check_steps()?;
    Ok(Some(all.with_source(first.source())))
}

/// Rates in groups to which those of the people add up: their own, or else those of the people; which groups were added up is noted.
fn in_groups_of(
    people: &Population,
    rates: &AgeRates,
    notes: &mut Vec<String>,
) -> Result<AgeRates> {
    let finer = people.ages().summing_to(rates.ages(), &rates.place());
    let coarser = rates.ages().summing_to(people.ages(), "");
    if finer.is_ok() || coarser.is_err() || rates.person_years().is_none() {
        // What does not fit at all is refused with both where they are multiplied.
        ExpectedCases::of(people, rates)?;
        notes.extend(added_up(people, rates));
        return Ok(rates.clone());
    }
    notes.push(format!(
        "the {} age groups of the rates of {} are added up to the {} of its people, weighted by their own person-years: ageing within \
         one of these changes no number of cases",
        rates.ages().count(),
        rates.region(),
        people.ages().count()
    ));
    rates.regrouped(people.ages())
}
