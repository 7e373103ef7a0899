//! What is shown of results: text, files and charts. This module holds no numbers of its own.

mod csv;
mod json;
mod table;
mod text;

pub use self::csv::csv;
pub use self::json::json;
pub use self::text::text;

use std::path::{Path, PathBuf};

use crate::error::{ErrorKind, Result};
use crate::outlook::Outlook;

/// Writes an outlook under a folder, which is made if it is not there: `outlook.json`,
/// `outlook.csv` and, with the feature `charts`, `incidence.svg` and `third_line.svg`. Returns the
/// files.
///
/// # Errors
///
/// [`ErrorKind::Io`] with the file that could not be written.
pub fn write(outlook: &Outlook, folder: impl AsRef<Path>) -> Result<Vec<PathBuf>> {
    let folder = folder.as_ref();
    let files = [
        ("outlook.json", json(outlook)),
        ("outlook.csv", csv(outlook)),
    ];
    std::fs::create_dir_all(folder).map_err(|source| ErrorKind::Io {
        path: folder.to_owned(),
        source,
    })?;
    files
        .into_iter()
        .map(|(name, content)| {
            let path = folder.join(name);
            std::fs::write(&path, content).map_err(|source| ErrorKind::Io {
                path: path.clone(),
                source,
            })?;
            Ok(path)
        })
        .collect()
}
