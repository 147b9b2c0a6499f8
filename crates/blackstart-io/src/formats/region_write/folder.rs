//! A folder that appears whole or not at all.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::WriteError;
use crate::formats::region_folder::{MANIFEST, layouts};

/// A folder in the making beside its final place.
pub(crate) struct NewFolder {
    temporary: PathBuf,
    place: PathBuf,
    finished: bool,
}

fn io(path: &Path, error: std::io::Error) -> WriteError {
    WriteError::Io { path: path.to_path_buf(), error }
}

impl NewFolder {
    /// Begins a folder that will stand at `place`; refuses at once what cannot be.
    pub(super) fn begin(place: &Path, overwrite: bool) -> Result<Self, WriteError> {
        Self::of(place, overwrite, &|name| {
            name == MANIFEST
                || name.ends_with(".m")
                || name.ends_with(".inp")
                || layouts::ALL.iter().any(|(word, _)| name.strip_suffix(".csv") == Some(word))
        })
    }

    /// The same for a folder of which files called `ours` may be lost when it is replaced.
    pub(crate) fn of(
        place: &Path,
        overwrite: bool,
        ours: &dyn Fn(&str) -> bool,
    ) -> Result<Self, WriteError> {
        let place = tidy(place)?;
        if place.exists() {
            check_replaceable(&place, overwrite, ours)?;
        }
        let parent = match place.parent() {
            Some(p) if !p.as_os_str().is_empty() => p.to_path_buf(),
            _ => PathBuf::from("."),
        };
        fs::create_dir_all(&parent).map_err(|e| io(&parent, e))?;
        let temporary = beside(&place, "new");
        // Only a crashed run of the same process number can have left one.
        let _ = fs::remove_dir_all(&temporary);
        fs::create_dir(&temporary).map_err(|e| io(&temporary, e))?;
        Ok(Self { temporary, place, finished: false })
    }

    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let path = self.temporary.join(name);
        fs::write(&path, bytes).map_err(|e| io(&path, e))
    }

    pub(super) fn copy(&self, from: &Path, name: &str) -> Result<(), WriteError> {
        let bytes = fs::read(from).map_err(|e| io(from, e))?;
        self.file(name, &bytes)
    }

    /// Moves the folder to its place, in the stead of one that is there.
    pub(crate) fn finish(mut self) -> Result<(), WriteError> {
        let old = beside(&self.place, "old");
        let replaces = self.place.exists();
        if replaces {
            let _ = fs::remove_dir_all(&old);
            fs::rename(&self.place, &old).map_err(|e| io(&self.place, e))?;
        }
        if let Err(e) = fs::rename(&self.temporary, &self.place) {
            if replaces {
                // Put back what was there; the first error is the one to tell.
                let _ = fs::rename(&old, &self.place);
            }
            return Err(io(&self.place, e));
        }
        self.finished = true;
        if replaces {
            fs::remove_dir_all(&old).map_err(|e| io(&old, e))?;
        }
        Ok(())
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        if !self.finished {
            let _ = fs::remove_dir_all(&self.temporary);
        }
    }
}

/// `.` and `a/..` have no name to put another beside.
fn tidy(place: &Path) -> Result<PathBuf, WriteError> {
    if place.file_name().is_some() {
        return Ok(place.to_path_buf());
    }
    place.canonicalize().map_err(|e| io(place, e))
}

/// A hidden name beside `place`, of this process.
fn beside(place: &Path, word: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(place.file_name().unwrap_or_default());
    name.push(format!(".{word}-{}", std::process::id()));
    place.with_file_name(name)
}

/// An empty folder may be filled; one that is full may be replaced if that is asked for and
/// nothing but files that are `ours` is lost.
fn check_replaceable(
    place: &Path,
    overwrite: bool,
    ours: &dyn Fn(&str) -> bool,
) -> Result<(), WriteError> {
    if !place.is_dir() {
        return Err(WriteError::Exists(place.to_path_buf()));
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(place).map_err(|e| io(place, e))? {
        let entry = entry.map_err(|e| io(place, e))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    if names.is_empty() {
        return Ok(());
    }
    if !overwrite {
        return Err(WriteError::Exists(place.to_path_buf()));
    }
    names.sort();
    match names.into_iter().find(|name| !ours(name)) {
        Some(file) => Err(WriteError::Foreign { folder: place.to_path_buf(), file }),
        None => Ok(()),
    }
}
