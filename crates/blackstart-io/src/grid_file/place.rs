//! Putting one file in place as a whole or not at all.

use std::ffi::OsString;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::WriteGridError;

/// A file that is removed in the end, if it is still there.
struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Writes `bytes` beside `path` and moves them there. Without `overwrite`, nothing may be
/// there; a folder never may.
pub(crate) fn file(path: &Path, bytes: &[u8], overwrite: bool) -> Result<(), WriteGridError> {
    let io = |path: &Path| {
        let path = path.to_path_buf();
        move |source| WriteGridError::Io { path, source }
    };
    match fs::metadata(path) {
        Ok(m) if m.is_dir() || !overwrite => {
            return Err(WriteGridError::Exists(path.to_path_buf()));
        }
        Err(e) if e.kind() != ErrorKind::NotFound => return Err(io(path)(e)),
        _ => {}
    }
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(io(parent))?;
    }
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".new-{}", std::process::id()));
    let beside = Removed(path.with_file_name(name));
    let mut file = fs::File::create(&beside.0).map_err(io(&beside.0))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(io(&beside.0))?;
    drop(file);
    fs::rename(&beside.0, path).map_err(io(path))
}
