//! Which format a file or folder has.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{GridFormat, unknown};
use crate::formats::region_folder::MANIFEST;
use crate::formats::{pandapower, powersim, pypsa, rts_gmlc};
use crate::input_file;
use crate::problem::InputProblem;

/// The format whose files end as the name of `path` does.
pub(super) fn by_ending(path: &Path) -> Option<GridFormat> {
    if path.file_name().is_some_and(|n| n == MANIFEST) {
        return Some(GridFormat::Region);
    }
    let ending = path.extension()?.to_str()?.to_lowercase();
    GridFormat::ALL.into_iter().find(|f| f.extension() == Some(ending.as_str()))
}

/// The endings of files, for messages.
pub(super) fn endings() -> String {
    let endings = GridFormat::ALL.iter().filter_map(|f| f.extension());
    endings.map(|e| format!(".{e}")).collect::<Vec<_>>().join(", ")
}

pub(super) fn format(path: &Path) -> Result<GridFormat, Box<InputProblem>> {
    if path.is_dir() {
        return folder(path).ok_or_else(|| unknown(path, "this folder is not a grid"));
    }
    if let Some(format) = by_ending(path) {
        return Ok(format);
    }
    let mut head = Vec::new();
    match File::open(path).and_then(|f| f.take(4096).read_to_end(&mut head)) {
        Err(_) => Err(input_file::refused(path)),
        Ok(_) => content(&String::from_utf8_lossy(&head))
            .ok_or_else(|| unknown(path, "this file is not a grid of a known format")),
    }
}

fn folder(path: &Path) -> Option<GridFormat> {
    let has = |name: &str| path.join(name).is_file();
    if has(MANIFEST) {
        return Some(GridFormat::Region);
    }
    if rts_gmlc::looks_like(path) {
        return Some(GridFormat::RtsGmlc);
    }
    if powersim::looks_like(path) {
        return Some(GridFormat::PowerSim);
    }
    pypsa::looks_like(path).then_some(GridFormat::Pypsa)
}

/// By the first bytes of a file without a telling name.
fn content(head: &str) -> Option<GridFormat> {
    let code = |line: &str| {
        let line = line.trim_start();
        line.starts_with("function ") || line.starts_with("mpc.")
    };
    if head.lines().any(code) {
        return Some(GridFormat::Matpower);
    }
    if pandapower::looks_like(head) {
        return Some(GridFormat::Pandapower);
    }
    let first = head.lines().find(|l| !l.starts_with("@!")).unwrap_or("");
    let mut numbers = first.split('/').next().unwrap_or("").split(',').map(str::trim);
    let whole = |text: Option<&str>| text.and_then(|t| t.parse::<u32>().ok());
    let (ic, _, revision) = (whole(numbers.next()), numbers.next(), whole(numbers.next()));
    (ic.is_some_and(|n| n < 2) && revision.is_some()).then_some(GridFormat::Psse)
}
