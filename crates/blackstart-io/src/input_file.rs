//! Reading an input file: size, kind, encoding, checksum; every failure with its help.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use blackstart::region::closest;
use sha2::{Digest, Sha256};

use crate::codes;
use crate::problem::{InputProblem, Problems};

/// Largest table, case or network file. The largest public case is 23 MB.
pub(crate) const MAX_TABLE_BYTES: u64 = 64 << 20;

/// Largest region.toml or scenario.
pub(crate) const MAX_TOML_BYTES: u64 = 1 << 20;

/// What a file may be encoded in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// UTF-8 only, as our own formats.
    Utf8,
    /// UTF-8, or else Latin-1, as old files of other programs.
    Utf8OrLatin1,
}

/// A file as text.
#[derive(Clone, Debug)]
pub(crate) struct InputFile {
    /// As the user named it, or as found from what the user named.
    pub path: PathBuf,
    /// Without byte order mark.
    pub text: String,
    /// Of the bytes on disk, hexadecimal.
    pub sha256: String,
}

/// Reads `path`, or tells why not.
pub(crate) fn read(
    path: &Path,
    max_bytes: u64,
    encoding: Encoding,
    problems: &mut Problems,
) -> Option<InputFile> {
    match try_read(path, max_bytes, encoding) {
        Ok(file) => Some(file),
        Err(problem) => {
            problems.push(*problem);
            None
        }
    }
}

/// Reads `path` as text without its checksum, or tells why not.
pub(crate) fn read_text(
    path: &Path,
    max_bytes: u64,
    encoding: Encoding,
) -> Result<String, Box<InputProblem>> {
    text_of(path, load(path, max_bytes)?, encoding)
}

/// Reads `path` as bytes, with their checksum, or tells why not.
pub(crate) fn read_bytes(
    path: &Path,
    max_bytes: u64,
    problems: &mut Problems,
) -> Option<(Vec<u8>, String)> {
    match load(path, max_bytes) {
        Ok(bytes) => {
            let sha256 = hex(&Sha256::digest(&bytes));
            Some((bytes, sha256))
        }
        Err(problem) => {
            problems.push(*problem);
            None
        }
    }
}

/// Why `path` cannot be opened.
pub(crate) fn refused(path: &Path) -> Box<InputProblem> {
    load(path, 0).err().unwrap_or_else(|| {
        Box::new(InputProblem::error(codes::CANNOT_READ, path, "the file cannot be read"))
    })
}

fn try_read(
    path: &Path,
    max_bytes: u64,
    encoding: Encoding,
) -> Result<InputFile, Box<InputProblem>> {
    let bytes = load(path, max_bytes)?;
    let sha256 = hex(&Sha256::digest(&bytes));
    let text = text_of(path, bytes, encoding)?;
    Ok(InputFile { path: path.to_path_buf(), text, sha256 })
}

fn text_of(path: &Path, bytes: Vec<u8>, encoding: Encoding) -> Result<String, Box<InputProblem>> {
    let text = decode(path, bytes, encoding)?;
    if text.trim_start().is_empty() {
        let help = "write its content, or remove the file and what names it";
        return Err(Box::new(
            InputProblem::error(codes::EMPTY_FILE, path, "the file is empty").help(help),
        ));
    }
    Ok(text)
}

fn load(path: &Path, max_bytes: u64) -> Result<Vec<u8>, Box<InputProblem>> {
    let failed = |e: &std::io::Error| {
        Box::new(if e.kind() == ErrorKind::NotFound {
            not_found(path)
        } else {
            let message = format!("the file cannot be read: {e}");
            InputProblem::error(codes::CANNOT_READ, path, message)
        })
    };
    let metadata = std::fs::metadata(path).map_err(|e| failed(&e))?;
    if metadata.is_dir() {
        let problem = InputProblem::error(codes::IS_A_FOLDER, path, "this is a folder, not a file");
        return Err(Box::new(problem.help("name the file in it")));
    }
    let mut bytes = Vec::with_capacity(metadata.len().min(max_bytes) as usize + 1);
    let file = File::open(path).map_err(|e| failed(&e))?;
    file.take(max_bytes + 1).read_to_end(&mut bytes).map_err(|e| failed(&e))?;
    if bytes.len() as u64 > max_bytes {
        let message = format!("the file is larger than {} MiB", max_bytes >> 20);
        let help = "is it the right file? No public case or network comes near this size";
        return Err(Box::new(InputProblem::error(codes::TOO_LARGE, path, message).help(help)));
    }
    Ok(bytes)
}

/// "There is no such file", with the nearest name in its folder.
fn not_found(path: &Path) -> InputProblem {
    let problem = InputProblem::error(codes::FILE_NOT_FOUND, path, "there is no such file");
    let folder = match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    let Ok(entries) = std::fs::read_dir(folder) else {
        let message = format!("the folder {} is not there either", folder.display());
        return problem.help(message);
    };
    let mut names: Vec<String> =
        entries.take(10_000).filter_map(|e| e.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    let wanted = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    match closest(&wanted, names.iter().map(String::as_str)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help(format!("looked in {}", folder.display())),
    }
}

fn decode(path: &Path, bytes: Vec<u8>, encoding: Encoding) -> Result<String, Box<InputProblem>> {
    const BOM: char = '\u{feff}';
    let error = match String::from_utf8(bytes) {
        Ok(mut text) => {
            if text.starts_with(BOM) {
                text.drain(..BOM.len_utf8());
            }
            return Ok(text);
        }
        Err(error) => error,
    };
    let valid = error.utf8_error().valid_up_to();
    let bytes = error.as_bytes();
    if encoding == Encoding::Utf8OrLatin1 && !bytes.contains(&0) {
        return Ok(bytes.iter().map(|b| char::from(*b)).collect());
    }
    let before = &bytes[..valid];
    let line = 1 + before.iter().filter(|b| **b == b'\n').count();
    let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    let column = 1 + String::from_utf8_lossy(&before[start..]).chars().count();
    let help = if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        "it is UTF-16; save it as UTF-8"
    } else {
        "save it as UTF-8; is it a text file at all?"
    };
    let problem = InputProblem::error(codes::NOT_TEXT, path, "this is not UTF-8 text");
    Err(Box::new(problem.at(line, column).help(help)))
}

/// Bytes as lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
