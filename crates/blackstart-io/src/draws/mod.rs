//! The draws of an ensemble in a folder, one file each, written as they finish.
//!
//! A file is put in place whole; one that a power cut tore is known by its checksum and
//! counts as not there. Files of different ensembles do not mix: each carries a hash of
//! what it was made from.

mod codec;

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use blackstart::ensemble::Draw;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub use codec::Identity;

use crate::input_file::hex;
use crate::write::Provenance;

/// Folder of the draws' files.
const DRAWS: &str = "draws";
/// The file that says which ensemble they belong to.
pub(crate) const MANIFEST: &str = "ensemble.json";
/// Names that a folder of draws holds besides its results.
pub(crate) const NAMES: [&str; 2] = [MANIFEST, DRAWS];
const ENDING: &str = "draw";

/// Why draws could not be kept or found.
#[derive(Debug, thiserror::Error)]
pub enum DrawsError {
    /// Draws of another ensemble are there.
    #[error(
        "{} holds draws of other inputs, settings or another version; choose another folder, or \
         begin anew without --resume", .0.display()
    )]
    Other(PathBuf),
    /// There is nothing to go on with.
    #[error("{} holds no draws", .0.display())]
    None(PathBuf),
    /// The system refused.
    #[error("{}: {source}", .path.display())]
    Io {
        /// What was being written or read.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// What makes an ensemble what it is: version, inputs and settings, hashed.
#[must_use]
pub fn identity(provenance: &Provenance) -> Identity {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    add(&provenance.version);
    for file in &provenance.inputs {
        add(&file.name);
        add(&file.sha256);
    }
    for (name, value) in &provenance.settings {
        add(name);
        add(value);
    }
    hash.finalize().into()
}

/// A folder with the draws of one ensemble.
#[derive(Clone, Debug)]
pub struct Draws {
    folder: PathBuf,
    identity: Identity,
    asked: Option<u32>,
}

impl Draws {
    /// Begins anew in `folder`: draws that are there are removed. `asked` is the number of
    /// draws of the whole ensemble, if that is known.
    ///
    /// # Errors
    /// [`DrawsError::Io`].
    pub fn begin(
        folder: &Path,
        identity: Identity,
        asked: Option<u32>,
    ) -> Result<Self, DrawsError> {
        let draws = folder.join(DRAWS);
        match fs::remove_dir_all(&draws) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                return Err(DrawsError::Io { path: draws, source });
            }
            _ => {}
        }
        fs::create_dir_all(&draws).map_err(at(&draws))?;
        let draws = Self { folder: folder.to_path_buf(), identity, asked };
        draws.write_manifest()?;
        Ok(draws)
    }

    fn write_manifest(&self) -> Result<(), DrawsError> {
        let path = self.folder.join(MANIFEST);
        let identity = hex(&self.identity);
        let manifest = json!({"program": "blackstart", "identity": identity, "draws": self.asked});
        replace(&path, format!("{manifest}\n").as_bytes()).map_err(at(&path))
    }

    /// The number of draws of the whole ensemble, if it was known.
    #[must_use]
    pub fn asked(&self) -> Option<u32> {
        self.asked
    }

    /// Notes another number of draws.
    ///
    /// # Errors
    /// [`DrawsError::Io`].
    pub fn ask(&mut self, asked: Option<u32>) -> Result<(), DrawsError> {
        self.asked = asked;
        self.write_manifest()
    }

    /// Goes on with the draws in `folder`.
    ///
    /// # Errors
    /// [`DrawsError`]: none are there, or they are of another ensemble.
    pub fn open(folder: &Path, identity: Identity) -> Result<Self, DrawsError> {
        let path = folder.join(MANIFEST);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(source) if source.kind() == ErrorKind::NotFound => {
                return Err(DrawsError::None(folder.to_path_buf()));
            }
            Err(source) => return Err(DrawsError::Io { path, source }),
        };
        let manifest: Value = serde_json::from_slice(&text).unwrap_or_default();
        if manifest["identity"] != hex(&identity).as_str() {
            return Err(DrawsError::Other(folder.to_path_buf()));
        }
        let draws = folder.join(DRAWS);
        fs::create_dir_all(&draws).map_err(at(&draws))?;
        let asked = manifest["draws"].as_u64().and_then(|n| u32::try_from(n).ok());
        Ok(Self { folder: folder.to_path_buf(), identity, asked })
    }

    /// The draws that are there, whole.
    ///
    /// # Errors
    /// [`DrawsError::Io`].
    pub fn present(&self) -> Result<BTreeSet<u32>, DrawsError> {
        let folder = self.folder.join(DRAWS);
        let mut found = BTreeSet::new();
        for entry in fs::read_dir(&folder).map_err(at(&folder))? {
            let path = entry.map_err(at(&folder))?.path();
            let number = path.file_stem().and_then(|s| s.to_str()).and_then(|s| s.parse().ok());
            let Some(number) = number.filter(|_| path.extension().is_some_and(|e| e == ENDING))
            else {
                continue;
            };
            if self.get(number)?.is_some() {
                found.insert(number);
            }
        }
        Ok(found)
    }

    /// Keeps a draw.
    ///
    /// # Errors
    /// [`DrawsError::Io`].
    pub fn put(&self, draw: &Draw) -> Result<(), DrawsError> {
        let path = self.path(draw.draw);
        replace(&path, &codec::encode(draw, &self.identity)).map_err(at(&path))
    }

    /// A draw; none if it is not there or torn.
    ///
    /// # Errors
    /// [`DrawsError::Io`].
    pub fn get(&self, number: u32) -> Result<Option<Draw>, DrawsError> {
        let path = self.path(number);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(source) if source.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(DrawsError::Io { path, source }),
        };
        Ok(codec::decode(&bytes, &self.identity).filter(|draw| draw.draw == number))
    }

    fn path(&self, number: u32) -> PathBuf {
        self.folder.join(DRAWS).join(format!("{number:06}.{ENDING}"))
    }
}

/// Puts a file in place whole.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.partial", std::process::id()));
    fs::write(&beside, bytes)?;
    fs::rename(&beside, path)
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> DrawsError + use<> {
    let path = path.to_path_buf();
    move |source| DrawsError::Io { path, source }
}
