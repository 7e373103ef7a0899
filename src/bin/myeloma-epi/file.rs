//! The user's file: figures of one's own, or an export of any of the makers that `convert` knows.

use std::collections::BTreeSet;
use std::error::Error;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use clap::Args;
use myeloma_epi::demography::Sex;
use myeloma_epi::figures::{Figures, Status};
use myeloma_epi::joinpoint::AnnualSeries;
use myeloma_epi::readers::{Export, Format, Quantity, ReadOptions, Row, Unit};
use myeloma_epi::{IncidenceSeries, Shocks};

use crate::output::tell;

/// What is taken of the file, and what it does not say itself.
#[derive(Debug, Default, PartialEq, Args)]
#[group(requires = "file")]
pub(crate) struct FileArguments {
    /// Only this cancer site, where the file has several
    #[arg(long, help_heading = "The file", value_name = "NAME")]
    site: Option<String>,
    /// The region that is taken, or the name of the only one where the file states none
    #[arg(long, help_heading = "The file", value_name = "NAME")]
    region: Option<String>,
    /// The calendar year, where the file states none
    #[arg(long, help_heading = "The file", value_name = "YEAR")]
    year: Option<i32>,
    /// What is counted, where the file does not say, or what is taken of it where it does: incidence, deaths or prevalence
    #[arg(long, help_heading = "The file", value_name = "NAME", value_parser = word::<Quantity>)]
    measure: Option<Quantity>,
    /// Of whom the numbers are, where the file does not say: both, female or male
    #[arg(long, help_heading = "The file", value_name = "SEX", value_parser = word::<Sex>)]
    sex: Option<Sex>,
    /// The definition, where the file states none: C90, C88+C90
    #[arg(long, help_heading = "The file", value_name = "CODES")]
    definition: Option<String>,
    /// The edition of the source, where the file states none: "GBD 2021"
    #[arg(long, help_heading = "The file", value_name = "NAME")]
    round: Option<String>,
    /// How the figures came about, where the file does not say: registered, estimate, commercial or projection
    #[arg(long, help_heading = "The file", value_name = "WORD", value_parser = word::<Status>)]
    status: Option<Status>,
    /// The sheet of an Excel workbook; without it the first visible one whose table is known
    #[arg(long, help_heading = "The file", value_name = "NAME")]
    sheet: Option<String>,
}

/// A word as files have it.
fn word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    let word = serde_json::Value::String(text.to_lowercase());
    serde_json::from_value(word).map_err(|error| error.to_string())
}

impl FileArguments {
    /// The rows of an export.
    pub(crate) fn export(&self, file: &Path) -> Result<Export, Box<dyn Error>> {
        self.export_as(file, self.status)
    }

    fn export_as(&self, file: &Path, status: Option<Status>) -> Result<Export, Box<dyn Error>> {
        let options = self.options(status);
        let export = if is_piped(file) {
            options.from_bytes(&name(file), &piped(file)?)?
        } else {
            options.read(file)?
        };
        self.of_site(export)
    }

    /// The rows of a file that the program carries.
    pub(crate) fn export_of(&self, name: &str, content: &[u8]) -> Result<Export, Box<dyn Error>> {
        self.of_site(self.options(self.status).from_bytes(name, content)?)
    }

    fn options(&self, status: Option<Status>) -> ReadOptions {
        ReadOptions {
            region: self.region.clone(),
            year: self.year,
            quantity: self.measure,
            sex: self.sex,
            definition: self.definition.clone(),
            round: self.round.clone(),
            status,
            sheet: self.sheet.clone(),
            ..ReadOptions::default()
        }
    }

    fn of_site(&self, export: Export) -> Result<Export, Box<dyn Error>> {
        Ok(match &self.site {
            Some(site) => export.of_site(site)?,
            None => export,
        })
    }

    /// Figures, and the names of their cancers: a file of figures as it stands, or the new cases of an export.
    pub(crate) fn figures(&self, file: &Path) -> Result<(Figures, Vec<String>), Box<dyn Error>> {
        let is_json = file
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        if !is_piped(file) {
            match Figures::read(file) {
                Ok(figures) if *self == Self::default() => return Ok((figures, Vec::new())),
                Err(error) if is_json => return Err(error.into()),
                _ => {}
            }
        }
        let mut export = self.export(file)?;
        let figures = figures_of(&export, file)?;
        note_other_measures(&mut export, Unit::Number);
        say(&export);
        Ok((
            figures,
            export.sites().into_iter().map(str::to_owned).collect(),
        ))
    }

    /// Yearly counts of one region.
    pub(crate) fn counts(&self, file: &Path) -> Result<IncidenceSeries, Box<dyn Error>> {
        if *self == Self::default()
            && !is_piped(file)
            && let Ok(series) = IncidenceSeries::read_counts(file)
        {
            return Ok(series);
        }
        let mut export = self.export_of_counts(file)?;
        note_other_measures(&mut export, Unit::Number);
        let series =
            IncidenceSeries::from_figures(&figures_of(&export, file)?, only_region(&export)?)?;
        say(&export);
        Ok(series)
    }

    /// Yearly counts or rates of one region; rates of an export only where it has no counts, or where they are asked for.
    pub(crate) fn series(
        &self,
        file: &Path,
        unit: Option<Unit>,
    ) -> Result<AnnualSeries, Box<dyn Error>> {
        if *self == Self::default()
            && unit.is_none()
            && !is_piped(file)
            && let Ok(series) = AnnualSeries::read(file)
        {
            if series.is_of_counts() && series.left_out().is_empty() {
                tell_of_shocks(series.values().map(|(year, _)| year), "");
            }
            return Ok(series);
        }
        let mut export = self.export_of_counts(file)?;
        // People beside rates are no counts.
        let counted = (export.rows.iter().map(|row| row.measure))
            .filter(|measure| measure.quantity != Quantity::Population);
        let has = |unit| counted.clone().any(|measure| measure.unit == unit);
        let units = [Unit::Number, Unit::StandardisedRate, Unit::Rate];
        let unit = unit.or_else(|| units.into_iter().find(|unit| has(*unit)));
        let unit = unit.unwrap_or(Unit::Number);
        let series = AnnualSeries::from_export(&export, unit)?;
        note_other_measures(&mut export, unit);
        say(&export);
        let mut status = export.rows.iter().map(|row| row.status);
        let is_registered = status.all(|status| status == Some(Status::Registered));
        if is_registered && series.left_out().is_empty() {
            tell_of_shocks(series.values().map(|(year, _)| year), "");
        }
        Ok(series)
    }

    /// A table of counts that does not say how they came about is taken as registered, which is what a fit to yearly counts
    /// has always taken them for.
    fn export_of_counts(&self, file: &Path) -> Result<Export, Box<dyn Error>> {
        let mut export = self.export(file)?;
        let cancer = match export.sites()[..] {
            [site] => Some(format!("the cancer is {site}")),
            _ => None,
        };
        export.notes.extend(cancer);
        let is_projection = |row: &&Row| row.status == Some(Status::Projection);
        let left_out = export.rows.iter().filter(is_projection).count();
        if left_out > 0 {
            let note = format!("a projection is no observation: {left_out} left out");
            export.notes.push(note);
        }
        let states_no_error = |row: &&Row| {
            let interval = row.lower.and(row.upper);
            interval.is_some() && row.standard_error.or(row.relative_error).is_none()
        };
        let unused = export.rows.iter().filter(states_no_error).count();
        let unused = (unused > 0).then(|| {
            format!(
                "intervals are not taken as errors, and {unused} numbers state no other: state relative_error, or of rates \
                 standard_error, where the errors of the years are independent"
            )
        });
        let stated = export.rows.iter().any(|row| row.status.is_some());
        let counted = export
            .rows
            .iter()
            .any(|row| row.measure.unit == Unit::Number);
        if export.format == Format::Own && !stated && counted {
            export = self.export_as(file, Some(Status::Registered))?;
            let note = "taken as counts of a registry, unless --status says otherwise";
            export.notes.push(note.to_owned());
        }
        export.notes.extend(unused);
        Ok(export)
    }
}

/// Says that counts of a registry go through years of the pandemic, of which none is marked, and how they are marked.
pub(crate) fn tell_of_shocks(years: impl Iterator<Item = i32>, options: &str) {
    let shocks = Shocks::pandemic();
    let years = years.filter(|year| shocks.marks("", *year));
    let years: Vec<String> = years.map(|year| year.to_string()).collect();
    if years.is_empty() {
        return;
    }
    tell(&format!(
        "caution: no year of the file is marked, and {} {} of the pandemic, in which fewer cancers were looked for and found: of a \
         registry's counts mark {} as shock, and last years that it still completes as provisional (column mark{options}), so that \
         no trend goes through them",
        years.join(" and "),
        if years.len() == 1 {
            "is a year"
        } else {
            "are years"
        },
        if years.len() == 1 { "it" } else { "them" },
    ));
}

/// Notes what stands in the file beside the new cases that are taken.
fn note_other_measures(export: &mut Export, unit: Unit) {
    let of_unit = export.rows.iter().filter(|row| row.measure.unit == unit);
    let quantities: BTreeSet<String> = of_unit
        .filter(|row| row.measure.quantity != Quantity::Population)
        .map(|row| row.measure.quantity.to_string())
        .collect();
    if quantities.len() > 1 && quantities.contains("incidence") {
        let others = quantities.into_iter().filter(|name| name != "incidence");
        let others = others.collect::<Vec<_>>().join(", ");
        (export.notes).push(format!("incidence is taken; beside it stand {others}"));
    }
}

/// The figures of an export; an error names the file.
fn figures_of(export: &Export, file: &Path) -> Result<Figures, Box<dyn Error>> {
    let figures = export.figures();
    figures.map_err(|error| format!("{}: {error}", name(file)).into())
}

/// `-`, which stands for standard input.
fn is_standard_input(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// What can be read once only: standard input, or a pipe such as the shell's `<(...)`.
pub(crate) fn is_piped(file: &Path) -> bool {
    is_standard_input(file)
        || file
            .metadata()
            .is_ok_and(|there| !there.is_file() && !there.is_dir())
}

fn name(file: &Path) -> String {
    if is_standard_input(file) {
        return "standard input".to_owned();
    }
    file.display().to_string()
}

/// What is piped in, which is read once, however often it is asked for.
fn piped(file: &Path) -> std::io::Result<Vec<u8>> {
    static PIPED: OnceLock<(PathBuf, Vec<u8>)> = OnceLock::new();
    if let Some((_, piped)) = PIPED.get().filter(|(other, _)| other == file) {
        return Ok(piped.clone());
    }
    let mut piped = Vec::new();
    if is_standard_input(file) {
        std::io::stdin().lock().read_to_end(&mut piped)?;
    } else {
        piped = std::fs::read(file)?;
    }
    let _ = PIPED.set((file.to_owned(), piped.clone()));
    Ok(piped)
}

fn only_region(export: &Export) -> Result<&str, Box<dyn Error>> {
    match export.regions()[..] {
        [region] => Ok(region),
        ref regions => Err(format!(
            "the file has {} regions ({}, …): choose one with --region",
            regions.len(),
            regions.first().copied().unwrap_or("none")
        )
        .into()),
    }
}

/// What was taken and what was left out is for the reader, not for the next program.
pub(crate) fn say(export: &Export) {
    tell(&export.to_string());
}
