//! Putting a folder of results in place as a whole or not at all.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{NamedBytes, WriteError};

/// The file by which a folder of results is known.
pub(super) const RUN_FILE: &str = "run.json";
/// What that file says in its field `program`.
pub(super) const PROGRAM: &str = "blackstart";

/// A folder that may be written: not there, empty, or made by an earlier run.
#[derive(Debug)]
pub(super) struct Place {
    folder: PathBuf,
    exists: bool,
}

impl Place {
    pub fn claim(folder: &Path) -> Result<Self, WriteError> {
        let (folder, exists) = match fs::canonicalize(folder) {
            Ok(real) => (real, true),
            Err(e) if e.kind() == ErrorKind::NotFound => (folder.to_path_buf(), false),
            Err(source) => return Err(WriteError::Io { path: folder.to_path_buf(), source }),
        };
        if folder.file_name().is_none() {
            return Err(WriteError::NoName(folder));
        }
        if exists {
            if !folder.is_dir() {
                return Err(WriteError::NotAFolder(folder));
            }
            if let Some(found) = foreign(&folder)? {
                return Err(WriteError::Foreign { folder, found });
            }
        }
        Ok(Self { folder, exists })
    }

    pub fn fill(&self, files: &[NamedBytes]) -> Result<(), WriteError> {
        let parent = match self.folder.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(parent).map_err(at(parent))?;
        let beside = Removed(parent.join(self.hidden("partial")));
        // A run of the same process id that was killed may have left its folder.
        let _ = fs::remove_dir_all(&beside.0);
        fs::create_dir(&beside.0).map_err(at(&beside.0))?;
        for (name, bytes) in files {
            let path = beside.0.join(name);
            fs::write(&path, bytes).map_err(at(&path))?;
        }
        if !self.exists {
            return fs::rename(&beside.0, &self.folder).map_err(at(&self.folder));
        }
        let old = Removed(parent.join(self.hidden("old")));
        fs::rename(&self.folder, &old.0).map_err(at(&self.folder))?;
        if let Err(source) = fs::rename(&beside.0, &self.folder) {
            let _ = fs::rename(&old.0, &self.folder);
            return Err(WriteError::Io { path: self.folder.clone(), source });
        }
        Ok(())
    }

    fn hidden(&self, what: &str) -> String {
        let name = self.folder.file_name().unwrap_or_default().to_string_lossy();
        format!(".{name}.{what}-{}", std::process::id())
    }
}

/// A folder that is removed in the end, if it is still there.
struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A name in `folder` that no run wrote, if there is one.
fn foreign(folder: &Path) -> Result<Option<String>, WriteError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        names.push(entry.map_err(at(folder))?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    if names.is_empty() {
        return Ok(None);
    }
    let ours = listed(&folder.join(RUN_FILE));
    Ok(names.into_iter().find(|name| !ours.contains(name)))
}

/// The files that a `run.json` of ours lists; none if it is not ours.
pub(super) fn listed(run: &Path) -> Vec<String> {
    let parsed = fs::read(run).ok().and_then(|b| serde_json::from_slice(&b).ok());
    let Some(run): Option<serde_json::Value> = parsed else {
        return Vec::new();
    };
    if run["program"] != PROGRAM {
        return Vec::new();
    }
    let files = run["files"].as_array().map(Vec::as_slice).unwrap_or_default();
    files.iter().filter_map(|f| f.as_str().map(str::to_owned)).collect()
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> WriteError + use<> {
    let path = path.to_path_buf();
    move |source| WriteError::Io { path, source }
}
