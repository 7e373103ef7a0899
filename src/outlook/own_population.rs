//! The people of the regions of an outlook: those of shipped areas, or of tables of one's own.

use std::collections::{BTreeMap, BTreeSet};

use super::outlook_options::{OutlookOptions, UN_POPULATION_ERROR};
use crate::demography::{AgeRates, ExpectedCases, Population, PopulationWithRates};
use crate::error::{Error, Result};
use crate::figures::{Figures, Status};

/// So many times the expected cases, or so small a part of them, figures are told to be far from them.
const FAR: f64 = 3.0;

/// The first few names.
fn some(names: &[&str]) -> String {
    let more = if names.len() > 8 { " …" } else { "" };
    format!("{}{more}", names[..names.len().min(8)].join(", "))
}

impl OutlookOptions {
    /// States that regions have the shipped people and modelled rates of areas, as pairs of a region and an area
    /// ([`ExpectedCases::areas`]). Several areas of one region are added up, each at its own rates; but for the World, which is the
    /// sum of all, they do not overlap: Eastern Asia is without China, Hong Kong and Macao.
    ///
    /// The region is a sum of the areas' countries ([`OutlookOptions::members`]) where it has the area's name or is a sum of
    /// several; a region of another name, such as one country of the area, is one member. Where
    /// [`ForecastOptions::expected_error`](crate::forecast::ForecastOptions::expected_error) is 0, that of the UN's projection is
    /// stated, as in [`OutlookOptions::myeloma`].
    ///
    /// ```
    /// use myeloma_epi::OutlookOptions;
    ///
    /// let mut options = OutlookOptions::default();
    /// options.state_areas(&[("Europe", "Western Europe"), ("Europe", "Eastern Europe"), ("Atlantis", "Western Europe")])?;
    /// assert!(options.members["Europe"] > 3.0 && !options.members.contains_key("Atlantis"));
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unknown`](crate::ErrorKind::Unknown) with the names of the areas known;
    /// [`ErrorKind::Contradiction`](crate::ErrorKind::Contradiction) where people would be counted twice.
    pub fn state_areas<S: AsRef<str>>(&mut self, areas: &[(S, S)]) -> Result<()> {
        let mut of_regions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (region, area) in areas {
            of_regions
                .entry(region.as_ref())
                .or_default()
                .push(area.as_ref());
        }
        for (region, areas) in of_regions {
            if let Some((_, twice)) =
                (areas.iter().enumerate()).find(|(i, area)| areas[..*i].contains(area))
            {
                return Err(Error::contradiction(format!(
                    "{twice} is stated twice as an area of {region}"
                )));
            }
            if areas.len() > 1 && areas.contains(&"World") {
                return Err(Error::contradiction(format!(
                    "the World is the sum of all areas: with others ({}) as areas of {region}, people would be counted twice",
                    some(&areas)
                )));
            }
            let parts: Vec<_> = areas
                .iter()
                .map(|area| ExpectedCases::area(area))
                .collect::<Result<_>>()?;
            let expected = match &parts[..] {
                [one] => one.clone(),
                several => ExpectedCases::sum(region, several)?,
            };
            self.members.remove(region);
            if areas.len() > 1 || areas[0] == region {
                let members = expected.effective_members();
                self.members.insert(region.to_owned(), members);
            }
            self.population.insert(region.to_owned(), expected);
        }
        if !areas.is_empty() {
            self.state_error_of_people();
        }
        Ok(())
    }

    /// Where an error of people is not stated, that of the UN's projection.
    fn state_error_of_people(&mut self) {
        if self.forecast.expected_error == 0.0 {
            self.forecast.expected_error = UN_POPULATION_ERROR;
        }
    }

    /// States the people of the regions of some figures out of tables, by the region's name, with the rates that belong to
    /// them ([`PopulationWithRates::of_region`]). They have every year from the region's first figure to
    /// [`OutlookOptions::to`]; with `carry_forward` years that they lack are added
    /// ([`PopulationWithRates::every_year`]).
    ///
    /// The number of members of a region stays what it was: 1 unless [`OutlookOptions::members`] says otherwise. Where
    /// [`ForecastOptions::expected_error`](crate::forecast::ForecastOptions::expected_error) is 0, that of the UN's projection is
    /// stated, as in [`OutlookOptions::state_areas`]; yours is stated before or afterwards. Of people carried forward it is too small,
    /// as a remark says.
    ///
    /// Returns what a reader has to know, a sentence each: what was added, and which regions have no people in the tables,
    /// so that their forecast is of counts.
    ///
    /// ```
    /// use myeloma_epi::demography::Population;
    /// use myeloma_epi::figures::Figures;
    /// use myeloma_epi::OutlookOptions;
    ///
    /// let figures = Figures::from_csv("mine", "region,year,cases,status\nChina,2019,28100,commercial\n")?;
    /// let mut options = OutlookOptions { to: 2050, ..OutlookOptions::default() };
    /// let people = [Population::area("China")?]; // or Population::read
    /// let remarks = options.state_population(&figures, &people, &[], false)?;
    /// assert!(remarks.is_empty() && options.population.contains_key("China"));
    /// assert_eq!(options.forecast.expected_error, 0.0006); // a year, of the UN's projection
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`PopulationWithRates`]; [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) with the region and the year where
    /// one is lacking; [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) where a region has no people and an area of the tables
    /// has no figures, as when a name is misspelt.
    pub fn state_population(
        &mut self,
        figures: &Figures,
        people: &[Population],
        rates: &[AgeRates],
        carry_forward: bool,
    ) -> Result<Vec<String>> {
        let mut remarks = Vec::new();
        let regions = figures.regions();
        let known = |name: &str| people.iter().any(|people| people.region() == name);
        let idle: BTreeSet<&str> = people
            .iter()
            .map(Population::region)
            .filter(|area| !regions.contains(area))
            .collect();
        for &region in &regions {
            if !known(region) {
                let has_people = self.population.contains_key(region);
                if !(idle.is_empty() || has_people && regions.iter().any(|one| known(one))) {
                    let regions = regions.iter().copied().filter(|one| !known(one));
                    let regions: Vec<&str> = regions.collect();
                    return Err(Error::unsuitable(format!(
                        "the populations have no people of {}, and people of {}, which have no figures: is one the other, misspelt? \
                         Leave out the areas without figures if not",
                        some(&regions),
                        some(&idle.into_iter().collect::<Vec<_>>())
                    )));
                }
                remarks.push(if has_people {
                    format!(
                        "{region} is not in the populations given: it keeps the people that it had"
                    )
                } else {
                    format!("{region} has no population: its forecast is of counts")
                });
                continue;
            }
            let mut tables = PopulationWithRates::of_region(region, people, rates)?;
            let own = figures.iter().filter(|figure| figure.region() == region);
            let observed = own.filter(|figure| figure.status() != Status::Projection);
            let observed = observed.map(|figure| (figure.year(), figure.cases()));
            let first = observed.min_by_key(|(year, _)| *year);
            let (first, cases) = first.unwrap_or((self.to, 0.0));
            if carry_forward {
                tables = tables.every_year(first, self.to)?;
            } else {
                tables.check_years(first, self.to)?;
            }
            remarks.extend(tables.notes().iter().cloned());
            let expected = tables.expected_cases()?;
            let ratio = cases / expected.year(first)?;
            if cases > 0.0 && !(1.0 / FAR..=FAR).contains(&ratio) {
                remarks.push(format!(
                    "the figure of {region} {first} is {ratio:.2} times the cases expected at these rates: only their growth is \
                     used, but are they of the same people and the same disease?"
                ));
            }
            self.population.insert(region.to_owned(), expected);
        }
        if !self.population.is_empty() {
            self.state_error_of_people();
        }
        Ok(remarks)
    }
}
