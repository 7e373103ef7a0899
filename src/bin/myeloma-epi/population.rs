//! Which people a region's forecast is on: those of a shipped area, or of files.

use std::collections::HashSet;
use std::error::Error;
use std::path::{Path, PathBuf};

use clap::Args;
use myeloma_epi::demography::{AgeRates, ExpectedCases, Population};
use myeloma_epi::figures::{Figure, Figures};
use myeloma_epi::readers;
use myeloma_epi::{ErrorKind, OutlookOptions};

use crate::argument_values;
use crate::file::{is_piped, say};
use crate::output::{Usage, no_effect, tell};

#[derive(Debug, Args)]
#[command(next_help_heading = "Population")]
pub(crate) struct PopulationArguments {
    /// A region has the shipped population and rates of an area of its own name or of another (`myeloma-epi demography
    /// --area all` lists them; Eastern Asia is without China); repeated for one region: the sum of the areas
    #[arg(long, value_name = "AREA or REGION=AREA", value_parser = argument_values::area)]
    area: Vec<(String, String)>,
    /// A region is a sum of so many members of equal size that change each for itself, which makes its forecast steadier; without
    /// it one, of the areas of its name or summed up to it theirs
    #[arg(long, value_name = "REGION=NUMBER", value_parser = argument_values::members)]
    members: Vec<(String, f64)>,
    /// Populations by age, for every year from the first figure to the last year: columns `area,year,sex,age,population`, areas
    /// named as the regions, or an export that `convert` knows
    #[arg(long, value_name = "FILE")]
    population: Option<PathBuf>,
    /// Rates by age for them: columns `area,sex,age,rate_per_100000` or `area,sex,age,cases,population`; without it those of the
    /// shipped area of the same name
    #[arg(long, value_name = "FILE", requires = "population")]
    rates: Option<PathBuf>,
    /// Years that the populations lack: those after the last table by the ratios of its cohorts (Hamilton and Perry), those
    /// between tables interpolated
    #[arg(long, requires = "population")]
    carry_forward: bool,
}

impl PopulationArguments {
    /// States in the options which people the regions of some figures are.
    pub(crate) fn state(
        &self,
        figures: &Figures,
        options: &mut OutlookOptions,
        of_other_disease: bool,
    ) -> Result<(), Box<dyn Error>> {
        options.state_areas(&self.area)?;
        let takes_shipped =
            !self.area.is_empty() || (self.population.is_some() && self.rates.is_none());
        if of_other_disease && takes_shipped {
            tell(
                "myeloma-epi: the rates by age that the crate ships, and that --area takes, are those of multiple myeloma: \
                 --population and --rates state those of another disease",
            );
        }
        if let Some(file) = &self.population {
            self.state_people_of(file, figures, options)?;
        }
        let is_of_myeloma = options.compared_with.iter().next().is_some();
        for region in figures.regions() {
            let has_people = options.population.contains_key(region);
            if is_of_myeloma && !has_people && ExpectedCases::areas().contains(&region) {
                tell(&format!(
                    "people and rates of {region} are shipped: --area \"{region}\" forecasts on them"
                ));
            }
        }
        once("--members", self.members.iter().map(|(region, _)| region))?;
        for (region, members) in &self.members {
            options.members.insert(region.clone(), *members);
        }
        Ok(())
    }

    /// The people of a file, with the rates that are stated for them or those of shipped areas.
    fn state_people_of(
        &self,
        file: &Path,
        figures: &Figures,
        options: &mut OutlookOptions,
    ) -> Result<(), Box<dyn Error>> {
        let (people, rates) = (populations(file)?, rates(self.rates.as_deref())?);
        let both = |(region, _): &&(String, String)| people.iter().any(|p| p.region() == region);
        if let Some((region, _)) = self.area.iter().find(both) {
            return Err(format!(
                "{region} has people in {} and by --area: give one of them",
                file.display()
            )
            .into());
        }
        let regions = figures.regions();
        let mut named = people.iter().map(Population::region);
        let unknown_rates = rates.is_empty()
            && named.any(|p| regions.contains(&p) && !AgeRates::areas().contains(&p));
        let lacks_years = people.iter().any(|people| {
            let of_region = figures.iter().filter(|f| f.region() == people.region());
            let first = of_region.map(Figure::year).min();
            first.is_some_and(|first| {
                (first..=options.to).any(|year| !people.years().contains(&year))
            })
        });
        if self.carry_forward && !lacks_years {
            no_effect("--carry-forward", "the populations have every year");
        }
        let stated = options.state_population(figures, &people, &rates, self.carry_forward);
        let remarks = stated.map_err(|error| {
            let hint = match error.kind() {
                ErrorKind::OutOfRange { .. } if lacks_years && !self.carry_forward => {
                    "; --carry-forward adds years after the first table"
                }
                ErrorKind::Unknown { .. } if unknown_rates => "; give rates with --rates FILE",
                _ => "",
            };
            let with = |rates: &PathBuf| format!(" with {}", rates.display());
            let with = self.rates.as_ref().map_or_else(String::new, with);
            format!("{}{with}: {error}{hint}", file.display())
        })?;
        for remark in remarks {
            tell(&remark);
        }
        Ok(())
    }
}

/// Refuses an option that names one region twice.
pub(crate) fn once<'r>(
    option: &str,
    mut regions: impl Iterator<Item = &'r String>,
) -> Result<(), Usage> {
    let mut seen = HashSet::new();
    match regions.find(|region| !seen.insert(*region)) {
        Some(region) => Err(Usage(format!(
            "{option} names {region} twice: which is it?"
        ))),
        None => Ok(()),
    }
}

/// Populations by age: a tidy table, known by its columns, or an export of one of the makers that are known.
pub(crate) fn populations(file: &Path) -> Result<Vec<Population>, Box<dyn Error>> {
    let bytes = std::fs::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).to_lowercase();
    let mut lines = text.lines().map(str::trim);
    let header = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
    let tidy = ["area", "age", "population"];
    let is_tidy = header.is_none_or(|header| tidy.iter().all(|column| header.contains(column)));
    let place = file.display().to_string();
    if is_tidy {
        let Ok(text) = str::from_utf8(&bytes) else {
            return Err(format!("{place} is not UTF-8: save it as CSV in UTF-8").into());
        };
        return Ok(if is_piped(file) {
            Population::from_csv(&place, text)?
        } else {
            Population::read(file)?
        });
    }
    let export = if is_piped(file) {
        readers::from_bytes(&place, &bytes)
    } else {
        readers::read(file)
    };
    let people = export.and_then(|export| {
        say(&export);
        export.populations()
    });
    Ok(people.map_err(|error| {
        format!(
            "{error}. Populations are a table in UTF-8 whose first line names the columns area, year, age, population and, if \
             wanted, sex and source; or an export of World Population Prospects"
        )
    })?)
}

/// Rates by age of a file; none without one, which stands for those of shipped areas.
pub(crate) fn rates(file: Option<&Path>) -> Result<Vec<AgeRates>, Box<dyn Error>> {
    Ok(file.map(AgeRates::read).transpose()?.unwrap_or_default())
}
