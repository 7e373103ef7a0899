//! Files that are written whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Result};

/// Writes files of a folder, which is made if it is not there, and returns their paths.
///
/// Each is first written beside its place, under a name of its own, and reaches the disk there. Only when all are
/// complete does each take the name of the one before, which the system does in one step. What goes wrong before,
/// a full disk or a killed program, leaves all old files as they were. A link is replaced, and what it points
/// at stays. Two programs that write to one folder do so one after the other, where the system can lock it.
pub(crate) fn write_together<T: AsRef<[u8]>>(
    folder: &Path,
    files: &[(&str, T)],
) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(folder).map_err(|source| Error::io(folder, source))?;
    let paths: Vec<PathBuf> = files.iter().map(|(name, _)| folder.join(name)).collect();
    for path in &paths {
        check(path).map_err(|source| Error::io(path, source))?;
    }
    // A folder can be opened and locked on Unix; elsewhere the files are written without a lock.
    let lock = File::open(folder).ok().filter(|file| file.lock().is_ok());
    let mut beside = Vec::new();
    for ((name, content), path) in files.iter().zip(&paths) {
        let whole =
            Temporary::new(folder, name).and_then(|file| file.write(path, content.as_ref()));
        beside.push(whole.map_err(|source| Error::io(path, source))?);
    }
    for (file, path) in beside.into_iter().zip(&paths) {
        let placed = fs::rename(&file.path, path);
        placed.map_err(|source| Error::io(path, source))?;
    }
    // The new names reach the disk, too; a system that cannot do that for a folder does it by itself.
    if let Some(folder) = lock {
        let _ = folder.sync_all();
    }
    Ok(paths)
}

/// A place that a file may take: nothing is there, or a file that may be written.
fn check(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(there) if there.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(there) if there.is_file() && there.permissions().readonly() => {
            Err(io::ErrorKind::PermissionDenied.into())
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A file that is not yet in its place, and is removed if it does not get there.
struct Temporary {
    file: File,
    path: PathBuf,
}

impl Temporary {
    fn new(folder: &Path, name: &str) -> io::Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!(".{name}.{}-{number}.tmp", std::process::id()));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                // Left there by a killed program that had the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                file => return Ok(Self { file: file?, path }),
            }
        }
    }

    /// Writes everything down to the disk, with the permissions of the file to be replaced.
    fn write(mut self, target: &Path, content: &[u8]) -> io::Result<Self> {
        if let Ok(there) = fs::symlink_metadata(target)
            && there.is_file()
        {
            self.file.set_permissions(there.permissions())?;
        }
        self.file.write_all(content)?;
        self.file.sync_all()?;
        Ok(self)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After the renaming there is nothing under this name.
        let _ = fs::remove_file(&self.path);
    }
}
