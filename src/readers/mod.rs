//! The files that people have: exports of the sites that publish cancer statistics and populations, as they come.
//!
//! [`read`] knows a table by its header, whatever the file is called, and makes a [`Row`] of every number:
//!
//! | [`Format`] | known by its columns | taken |
//! |---|---|---|
//! | results of the GBD study | `measure`, `location`, `sex`, `age`, `cause`, `metric`, with names, ids or both; `year`, `val`, `upper`, `lower` in any order | incidence, deaths, prevalence as number, rate and share |
//! | Global Cancer Observatory | `ASR (World)` or `Cumulative risk` beside `Label` or `Population` and `Number` or `Total`; `Number of new cases` over years | numbers, rates; `Type` 0 and 1 are incidence and mortality; ages, year and measure of a download that has them in its name |
//! | CDC WONDER | `Notes`, a column of codes, `Count` or `Deaths`; the query in the footer | counts, populations, rates; totals as what they are totals of |
//! | U.S. Cancer Statistics | `EVENT_TYPE`, `SITE`, between bars | counts, populations, rates of single years |
//! | SEER\*Stat | `Count` or a rate beside `Year of diagnosis`, `Age recode …`, `Site recode …` | counts, populations, rates with standard errors; names and labels from a dictionary (`.dic`) beside the file |
//! | SEER\*Explorer | `Year of Diagnosis`, `Rate per 100,000` under names of groups | rates by sex or age |
//! | the German registries (Centre for Cancer Registry Data) | `Diagnose`, `Altersgruppe` or `Geschlecht` with numbers of women and men, or `Fallzahl`, `Rate`; `weiblich` and `männlich` under an empty name, explained in `metadaten.txt` beside the file | numbers, rates |
//! | Public Health Scotland | `CancerSite`, `IncidencesAllAges`, `IncidencesAge5To9` … | numbers and rates of each age group |
//! | World Population Prospects, Excel | `Region, subregion, country or area *` under a title | persons (thousands times 1,000) |
//! | World Population Prospects, bulk | `LocID`, `Location`, `Time`, `PopTotal` | persons (thousands times 1,000) |
//! | a table of one's own | `year` and `cases` or `rate` in any capitals, `region` where it has several | figures, as [`Figures::from_csv`](crate::figures::Figures::from_csv), and rates |
//! | rows of this crate | `region`, `year`, `measure`, `value` | what [`Export::to_csv`] writes |
//!
//! Text may be UTF-8, UTF-16 with a byte-order mark or Windows-1252 (Latin-1); fields may be parted by commas, semicolons, tabs or
//! bars. Where they are not parted by commas, and in the texts of a workbook, a decimal comma is understood, and thousands
//! parted by spaces, points or apostrophes. One notation holds for a whole file: a number that could be two, such as `1.218`, is settled by the others,
//! with a note, or refused.
//!
//! Nothing is taken in silence. [`Export::notes`] says what was left out, how often and on which lines: numbers that are
//! withheld (`~`, `Suppressed`, `<5`), which are no zeros; several years in one number (`2018-2022`), which would count twice;
//! columns that are not read. What is not understood is an error with its line and column, and so are two
//! different numbers of the same people. A rate or a share is never a number of cases ([`Measure`]).
//!
//! # Example
//!
//! ```
//! use myeloma_epi::readers::{self, Format};
//!
//! // In the layout of the results tool of the Global Burden of Disease study.
//! let text = "\
//! measure,location,sex,age,cause,metric,year,val,upper,lower
//! Incidence,Atlantis,Both,All ages,Multiple myeloma,Number,2019,1200.5,1350.0,1050.0
//! Incidence,Atlantis,Both,All ages,Multiple myeloma,Rate,2019,2.4,2.7,2.1
//! Incidence,Atlantis,Both,All ages,Multiple myeloma,Number,2021,1260.25,1400.0,1100.0
//! ";
//! let export = readers::from_bytes("IHME-GBD_2021_DATA.csv", text.as_bytes())?;
//! assert_eq!((export.format, export.rows.len()), (Format::Gbd, 3));
//! let figures = export.figures()?; // numbers of new cases, both sexes and all ages
//! let counts: Vec<_> = figures.iter().map(|figure| (figure.year(), figure.cases())).collect();
//! assert_eq!(counts, [(2019, 1200.5), (2021, 1260.25)]);
//! assert_eq!(figures.iter().next().unwrap().interval95(), Some((1050.0, 1350.0)));
//! println!("{export}"); // what was taken, and what not
//! # Ok::<(), myeloma_epi::Error>(())
//! ```

mod age;
mod figures;
mod gbd;
mod globocan;
mod header;
mod layout;
mod notation;
mod own_tables;
mod phs;
mod populations;
mod read_options;
mod reading;
mod repeated_numbers;
mod row;
mod seer_dictionary;
mod seer_explorer;
mod seerstat;
mod shared_words;
mod skipped_rows;
mod table_rows;
mod uscs;
mod wonder;
#[cfg(feature = "xlsx")]
mod workbook;
mod wpp;
mod zfkd;

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

pub use read_options::ReadOptions;
pub use row::{Measure, Quantity, Row, Unit};

use crate::checked_on_reading::checked;
use crate::error::{Error, Result};
use crate::known_names::each_once_of_many;
use crate::number_checks::Place;
use crate::plain_text::Printable;
use crate::report::dictionary;

/// Whose table it is.
///
/// A file is recognised by its columns, and not by its name.
///
/// ```
/// use myeloma_epi::readers::{self, Format};
///
/// let text = "Region;Year;Cases\nAtlantis;2019;1200\nAtlantis;2024;1350\n";
/// assert_eq!(readers::from_bytes("download (3).txt", text.as_bytes())?.format, Format::Own);
/// assert_eq!(Format::Gbd.to_string(), "table of GBD results");
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Format {
    /// Results of the Global Burden of Disease study (IHME).
    Gbd,
    /// The Global Cancer Observatory (IARC): Cancer Today, Over Time, Tomorrow.
    Globocan,
    /// CDC WONDER.
    Wonder,
    /// The files of U.S. Cancer Statistics (CDC and NCI).
    Uscs,
    /// SEER*Stat (NCI).
    SeerStat,
    /// The German Centre for Cancer Registry Data (RKI).
    Zfkd,
    /// Public Health Scotland.
    Phs,
    /// World Population Prospects (United Nations), an Excel file saved as CSV.
    WppExcel,
    /// World Population Prospects, a bulk CSV file.
    WppBulk,
    /// A table of figures of one's own.
    Own,
}

impl Format {
    /// The family of sources whose rounds the makers publish, as shipped figures name it.
    const fn family(self) -> Option<&'static str> {
        match self {
            Self::Gbd => Some("GBD"),
            Self::Globocan => Some("IARC"),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gbd => "table of GBD results",
            Self::Globocan => "table of the Global Cancer Observatory",
            Self::Wonder => "export of CDC WONDER",
            Self::Uscs => "file of U.S. Cancer Statistics",
            Self::SeerStat => "export of SEER*Stat",
            Self::Zfkd => "table of the ZfKD",
            Self::Phs => "table of Public Health Scotland",
            Self::WppExcel => "table of World Population Prospects",
            Self::WppBulk => "bulk file of World Population Prospects",
            Self::Own => "table of figures",
        })
    }
}

checked! {
    /// What was read of a file, and what was not.
    ///
    /// It prints itself as a few lines for a reader. In a file it is an object of these fields; reading checks every row.
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct Export {
        /// Whose table it is.
        pub format: Format,
        /// The numbers, in the order of the file.
        pub rows: Vec<Row>,
        /// Lines below the header, without empty ones and the footer.
        pub lines: usize,
        /// Lines of which at least one number was taken.
        pub taken: usize,
        /// What the file does not say, how it was read, and what was left out, with counts and lines.
        pub notes: Vec<String>,
    } then check
}

/// Reads a file of any of the formats.
///
/// # Errors
///
/// [`ErrorKind::Parse`](crate::ErrorKind::Parse) with line and column where the table is none that is known, or something in it
/// is not understood; [`ErrorKind::NoObservations`](crate::ErrorKind::NoObservations) where it is empty;
/// [`ErrorKind::Io`](crate::ErrorKind::Io).
pub fn read(path: impl AsRef<Path>) -> Result<Export> {
    ReadOptions::default().read(path)
}

/// Reads the bytes of a file; `place` names them in errors, and, without its ending, the region of a table of one's own that
/// names none.
///
/// # Errors
///
/// As [`read`].
pub fn from_bytes(place: &str, bytes: &[u8]) -> Result<Export> {
    ReadOptions::default().from_bytes(place, bytes)
}

impl Export {
    fn check(&self) -> Result<()> {
        let (taken, lines) = (self.taken, self.lines);
        let allowed = format!("at most the {lines} lines that were read");
        Place("an export").check(taken <= lines, "the number of lines taken", taken, allowed)?;
        self.rows.iter().try_for_each(Row::check)
    }

    /// The cancers that the rows are of, in the order in which they begin.
    #[must_use]
    pub fn sites(&self) -> Vec<&str> {
        each_once_of_many(self.rows.iter().filter_map(|row| row.site.as_deref()))
    }

    /// The regions that the rows are of, in the order in which they begin.
    #[must_use]
    pub fn regions(&self) -> Vec<&str> {
        each_once_of_many(self.rows.iter().map(|row| &*row.region))
    }

    /// The rows of one region; capitals do not matter where none is written like that.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unknown`](crate::ErrorKind::Unknown) with the regions that there are.
    pub fn of_region(&self, name: &str) -> Result<Self> {
        let wanted = name.trim().to_lowercase();
        let rows = self.rows.iter();
        let exact = self.rows.iter().any(|row| &*row.region == name);
        let is_wanted = |row: &&Row| {
            let there = &*row.region;
            there == name || (!exact && there.to_lowercase() == wanted)
        };
        let rows: Vec<Row> = rows.filter(is_wanted).cloned().collect();
        if rows.is_empty() {
            return Err(Error::unknown("region of the file", name, self.regions()));
        }
        Ok(Self {
            rows,
            ..self.without_rows()
        })
    }

    /// The rows of one cancer: the one of this name or of these codes (`C90`), or the only one whose name holds this word.
    /// Capitals do not matter. Populations, which are of no cancer, are kept; totals over all cancers are not.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unknown`](crate::ErrorKind::Unknown) with the names that there are, where none or several fit.
    pub fn of_site(&self, name: &str) -> Result<Self> {
        let wanted = name.trim().to_lowercase();
        let sites = self.sites();
        let mut codes: HashMap<&str, Option<&str>> = HashMap::new();
        for row in &self.rows {
            if let Some(site) = row.site.as_deref() {
                codes.entry(site).or_insert(row.definition.as_deref());
            }
        }
        let coded = |site: &&str| {
            let codes = codes.get(*site).copied().flatten();
            codes.is_some_and(|codes| codes.eq_ignore_ascii_case(&wanted))
        };
        let ways: [&dyn Fn(&&str) -> bool; 4] = [
            &|site| **site == *name,
            &|site| site.to_lowercase() == wanted,
            &coded,
            &|site| !wanted.is_empty() && site.to_lowercase().contains(&wanted),
        ];
        for way in ways {
            let fitting: Vec<&str> = sites.iter().copied().filter(|site| way(site)).collect();
            if let [site] = fitting[..] {
                let rows = self.rows.iter().filter(|row| match row.site.as_deref() {
                    Some(there) => there == site,
                    None => row.measure.quantity == Quantity::Population,
                });
                let mut chosen = self.without_rows();
                chosen.rows = rows.cloned().collect();
                let unnamed = self.rows.iter().filter(|row| {
                    row.site.is_none() && row.measure.quantity != Quantity::Population
                });
                let unnamed = unnamed.count();
                if unnamed > 0 {
                    let note = format!("numbers left out that name no cancer: {unnamed}");
                    chosen.notes.push(note);
                }
                return Ok(chosen);
            }
        }
        Err(Error::unknown("cancer of the file", name, sites))
    }

    fn without_rows(&self) -> Self {
        Self {
            rows: Vec::new(),
            notes: self.notes.clone(),
            ..*self
        }
    }

    /// The rows as a tidy table: a row a number, with the columns `region`, `year`, `sex`, `age`, `measure`, `value`, `lower`,
    /// `upper`, `definition`, `source`, and after them `round`, `site`, `subgroup`, `variant`, `status`, `standard_error`,
    /// `relative_error`, `mark`, `checked`, `family`, `line`. What the file does not say is empty. [`read`] reads it again.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let rows = self.rows.iter().map(|row| {
            vec![
                row.region.to_string(),
                cell(row.year),
                cell(row.sex),
                cell(row.age.as_ref()),
                row.measure.to_string(),
                row.value.to_string(),
                cell(row.lower),
                cell(row.upper),
                cell(row.definition.as_ref()),
                row.source.to_string(),
                cell(row.round.as_ref()),
                cell(row.site.as_ref()),
                cell(row.subgroup.as_ref()),
                cell(row.variant.as_ref()),
                cell(row.status),
                cell(row.standard_error),
                cell(row.relative_error),
                cell(row.mark),
                cell(row.checked.as_ref()),
                cell(row.family.as_ref()),
                row.line.to_string(),
            ]
        });
        dictionary::table("rows.csv", rows)
    }
}

/// What there may be, as a cell.
fn cell(value: Option<impl fmt::Display>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// The format, how much was taken, and the notes.
impl fmt::Display for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        let numbers = if self.rows.len() == 1 {
            "number"
        } else {
            "numbers"
        };
        let (rows, taken, lines) = (self.rows.len(), self.taken, self.lines);
        write!(
            f,
            "{}: {rows} {numbers} of {taken} of {lines} lines",
            self.format
        )?;
        for note in &self.notes {
            f.write_str("\n- ")?;
            write!(Printable(f), "{note}")?;
        }
        Ok(())
    }
}

/// How a user states what a file does not say: by which option of the program, and in which field.
fn stated_by(field: &str) -> String {
    let option = if field == "quantity" {
        "measure"
    } else {
        field
    };
    format!("state it with --{option} (ReadOptions::{field})")
}
