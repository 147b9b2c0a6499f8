//! A folder of results of a study of one grid: its tables and `run.json`.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::column_table::{ColumnTable, TableFormat};
use super::folder::{PROGRAM, Place, RUN_FILE};
use super::run_json::{FORMAT, Object};
use super::{NamedBytes, Provenance, WriteError};

/// What a study of one grid found out.
#[derive(Clone, Debug)]
pub struct Study<'a> {
    /// The command, for instance `grid flow`.
    pub command: &'a str,
    /// Where it came from.
    pub provenance: &'a Provenance,
    /// Its figures for programs.
    pub summary: &'a Map<String, Value>,
    /// Its tables.
    pub tables: &'a [ColumnTable],
    /// The format of the tables' files.
    pub format: TableFormat,
}

/// Writes a study to `folder`, whole or not at all. As with the results of a run, an
/// older folder of results is replaced and a folder with anything else in it is not
/// touched.
///
/// # Errors
/// [`WriteError`] says what is in the way.
pub fn study(folder: &Path, study: &Study<'_>) -> Result<(), WriteError> {
    let place = Place::claim(folder)?;
    let mut files: Vec<NamedBytes> =
        study.tables.iter().map(|t| (t.file_name(study.format), t.bytes(study.format))).collect();
    let mut names = vec![RUN_FILE];
    names.extend(files.iter().map(|(name, _)| name.as_str()));
    let run = run_json(study, &names);
    files.insert(0, (RUN_FILE.to_owned(), run));
    place.fill(&files)
}

pub(super) fn run_json(study: &Study<'_>, files: &[&str]) -> Vec<u8> {
    let origin = study.provenance;
    let mut top = Object::default();
    top.set("program", PROGRAM);
    top.set("version", &*origin.version);
    top.set("format", FORMAT);
    top.set("notice", "Model result, not live data.");
    top.set("command", study.command);
    top.set("files", files);
    let file = |f: &super::InputFile| json!({"name": f.name, "sha256": f.sha256});
    top.set("inputs", origin.inputs.iter().map(file).collect::<Vec<_>>());
    top.set("input_notes", &origin.notes);
    let setting = |(name, value): &(String, String)| json!({"name": name, "value": value});
    top.set("settings", origin.settings.iter().map(setting).collect::<Vec<_>>());
    top.set("summary", study.summary);
    top.bytes()
}
