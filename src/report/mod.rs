//! What is shown of results: text, files and charts. This module holds no numbers of its own.

pub mod chart;
mod comparison;
mod csv;
mod flow;
mod json;
mod ordered;
mod remarks;
mod text;

pub use self::comparison::comparison_json;
pub use self::csv::csv;
pub use self::flow::flow_csv;
pub use self::json::json;

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::outlook::Outlook;
use crate::outlook::RegionOutlook;

/// Writes the files of an outlook: two for programs and two charts.
///
/// | file | is |
/// |---|---|
/// | `outlook.json` | [`json()`] |
/// | `outlook.csv` | [`csv()`] |
/// | `incidence.svg` | [`chart::incidence`] |
/// | `third_line.svg` | [`chart::third_line`] |
///
/// The folder is made if it is not there, and files of these names are replaced. Returns the paths in this
/// order.
///
/// # Errors
///
/// [`ErrorKind::Io`](crate::ErrorKind::Io) with the file that could not be written, and those of the charts.
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
/// let files = report::write(&outlook, &folder)?;
/// assert_eq!(files.len(), 4);
/// assert_eq!(std::fs::read_to_string(&files[1]).unwrap(), report::csv(&outlook));
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
pub fn write(outlook: &Outlook, folder: impl AsRef<Path>) -> Result<Vec<PathBuf>> {
    let folder = folder.as_ref();
    let files = [
        ("outlook.json", json(outlook)),
        ("outlook.csv", csv(outlook)),
        (
            "incidence.svg",
            chart::incidence(outlook, &sources(outlook))?,
        ),
        (
            "third_line.svg",
            chart::third_line(outlook, &sources(outlook))?,
        ),
    ];
    std::fs::create_dir_all(folder).map_err(|source| Error::io(folder, source))?;
    files
        .into_iter()
        .map(|(name, content)| {
            let path = folder.join(name);
            std::fs::write(&path, content).map_err(|source| Error::io(&path, source))?;
            Ok(path)
        })
        .collect()
}

/// The sources of the figures, as a chart's caption.
fn sources(outlook: &Outlook) -> String {
    let mut sources: Vec<&str> = Vec::new();
    for figure in outlook.regions().iter().flat_map(RegionOutlook::figures) {
        if !figure.source().is_empty() && !sources.contains(&figure.source()) {
            sources.push(figure.source());
        }
    }
    if sources.is_empty() {
        return String::new();
    }
    format!("Source of the figures: {}.", sources.join("; "))
}
