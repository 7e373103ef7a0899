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

/// Writes an outlook under a folder, which is made if it is not there: `outlook.json`,
/// `outlook.csv`, `incidence.svg` and `third_line.svg`. Returns the
/// files.
///
/// # Errors
///
/// [`ErrorKind::Io`](crate::ErrorKind::Io) with the file that could not be written.
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
