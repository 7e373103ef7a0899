//! What is shown of results: text, files and charts. This module holds no numbers of its own.
//!
//! | of | text | file for programs | table for spreadsheets | charts |
//! |---|---|---|---|---|
//! | an [`Outlook`] | `Display`, a page by [`to_html`](Outlook::to_html) | [`summary_json`](Outlook::summary_json) | [`to_csv`](Outlook::to_csv) | [`chart::incidence`], [`chart::third_line`] |
//! | a [`Flow`](crate::pathway::Flow) | `Display` | | [`to_csv`](crate::pathway::Flow::to_csv) | [`chart::prevalence`], [`chart::states`] |
//! | a [`ThirdLineTable`](crate::ThirdLineTable) | `Display` | | [`to_csv`](crate::ThirdLineTable::to_csv) | [`chart::readings`] |
//! | a [`JoinpointRegression`](crate::joinpoint::JoinpointRegression) | `Display` | | | [`chart::joinpoints`] |
//! | a [`Comparison`](crate::fit::Comparison) | `Display` | [`summary_json`](crate::fit::Comparison::summary_json) | | |
//! | a [`Backtest`](crate::backtest::Backtest) | `Display` | | [`to_csv`](crate::backtest::Backtest::to_csv) | |
//! | a [`Decomposition`](crate::demography::Decomposition) | `Display` | | [`table_csv`](crate::demography::Decomposition::table_csv) | [`chart::decomposition`] |
//! | a [`FiguresCheck`](crate::demography::FiguresCheck) | `Display` | | [`to_csv`](crate::demography::FiguresCheck::to_csv) | |
//!
//! [`write()`] puts such files into a folder, whole or not at all, and beside tables `columns.csv`: what their columns mean.
//! [`Changes`] compares new cases with a base year, [`Outlook::draws_csv`] and [`Outlook::draws_npy`] hand on every draw.

mod backtest_csv;
mod changes;
pub mod chart;
mod comparison_json;
mod demography_csv;
pub(crate) mod dictionary;
mod digits;
mod flow_csv;
mod headline;
mod joinpoint_csv;
mod npy;
mod ordered;
mod outlook_csv;
mod outlook_json;
mod outlook_text;
mod page;
mod remarks;
#[cfg(feature = "xlsx")]
mod workbook;

use std::path::{Path, PathBuf};

pub use self::changes::{Changes, RegionChanges};
pub use self::dictionary::columns;
pub use self::digits::Digits;
pub use self::page::page;

use crate::error::Result;
use crate::files::write_together;
use crate::outlook::Outlook;

/// Writes files, given as name and content, into a folder; files of these names are replaced.
///
/// They are written whole or not at all: each is complete on the disk before it takes the name of the one
/// before, and none does before all are complete. A full disk or a killed program leaves the old ones; what it may
/// leave beside them begins with a dot and ends in `.tmp`. A symbolic link is replaced, and the file that it points
/// at stays as it is. The folder is made if it is not there. Returns the paths in the order of the names.
///
/// Beside tables of the crate `columns.csv` is written, the last of the paths: what their columns mean ([`columns`]), and those of
/// tables of the crate that stand in the folder already.
///
/// # Errors
///
/// [`ErrorKind::Io`](crate::ErrorKind::Io) with the file that could not be written: one that is read-only or a
/// folder, too.
///
/// # Example
///
/// ```
/// use myeloma_epi::{IncidenceSeries, Outlook, OutlookOptions, report};
///
/// let atlantis = IncidenceSeries::from_counts("Atlantis", [(2019, 1200.0), (2024, 1400.0)])?;
/// let options = OutlookOptions { draws: 100, to: 2030, ..OutlookOptions::default() };
/// let outlook = Outlook::of_series(&[atlantis], &options)?;
/// let folder = std::env::temp_dir().join(format!("outlook-{}", std::process::id()));
/// let files = report::write(&folder, &outlook.files()?)?;
/// assert_eq!(files.len(), 4 + 1); // columns.csv
/// assert_eq!(std::fs::read_to_string(&files[1]).unwrap(), outlook.to_csv());
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn write(folder: impl AsRef<Path>, files: &[(&str, impl AsRef<[u8]>)]) -> Result<Vec<PathBuf>> {
    let mut all: Vec<(&str, &[u8])> = files.iter().map(|(name, c)| (*name, c.as_ref())).collect();
    let dictionary = dictionary::beside(&all, folder.as_ref());
    if let Some(dictionary) = &dictionary {
        all.push(("columns.csv", dictionary.as_bytes()));
    }
    write_together(folder.as_ref(), &all)
}

impl Outlook {
    /// The files of an outlook, by name: two for programs and two charts, for [`report::write`](write()).
    ///
    /// | file | is |
    /// |---|---|
    /// | `outlook.json` | [`Outlook::summary_json`] |
    /// | `outlook.csv` | [`Outlook::to_csv`] |
    /// | `incidence.svg` | [`chart::incidence`] |
    /// | `third_line.svg` | [`chart::third_line`] |
    ///
    /// # Errors
    ///
    /// Those of the charts.
    pub fn files(&self) -> Result<[(&'static str, String); 4]> {
        let caption = sources(self);
        Ok([
            ("outlook.json", self.summary_json()),
            ("outlook.csv", self.to_csv()),
            ("incidence.svg", chart::incidence(self, &caption)?),
            ("third_line.svg", chart::third_line(self, &caption)?),
        ])
    }
}

/// The sources of the figures, of people and of rates, as a chart's caption.
fn sources(outlook: &Outlook) -> String {
    let sources = headline::sources(outlook);
    let figures =
        (!sources.is_empty()).then(|| format!("Source of the figures: {}.", sources.join("; ")));
    let of = [figures, remarks::people(outlook)];
    of.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
