//! Results to files: one folder per run, the same bytes for the same input.
//!
//! The folder holds `run.json`, the tables `hours.csv`, `places.csv`, `assets.csv`,
//! `sites.csv` and `repairs.csv`, `map.geojson`, and whatever the caller adds, such as
//! `report.html`. `docs/formats/results.md` describes every column.

mod alternating;
mod column_table;
mod ensemble;
mod folder;
pub mod grid_tables;
pub mod heat_tables;
mod map;
mod parquet;
mod run_json;
mod study;
mod tables;
mod text;
pub mod water_batch_tables;
pub mod water_tables;

use std::path::{Path, PathBuf};

pub use column_table::{Column, ColumnTable, TableFormat};
pub use ensemble::{
    ByDraw, EnsembleError, EnsembleInput, Source, by_draw, claim_ensemble, ensemble,
};
pub use study::{Study, study};

use blackstart::region::Region;
use blackstart::results::{Results, Summary};
use blackstart::scenario::Scenario;
use sha2::{Digest, Sha256};

/// Everything that is written.
#[derive(Clone, Copy, Debug)]
pub struct WriteInput<'a> {
    /// The region.
    pub region: &'a Region,
    /// The scenario.
    pub scenario: &'a Scenario,
    /// What the run found out.
    pub results: &'a Results,
    /// Its summary.
    pub summary: &'a Summary,
    /// Where it came from.
    pub provenance: &'a Provenance,
}

/// Where a run came from, for `run.json`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Provenance {
    /// Version of the program.
    pub version: String,
    /// Files that were read.
    pub inputs: Vec<InputFile>,
    /// Settings of the program that are not in the scenario: name and value.
    pub settings: Vec<(String, String)>,
    /// Notes about input files: what is read but not simulated, and so on.
    pub notes: Vec<String>,
    /// When it was made, if that shall be told; with it no two runs write the same bytes.
    pub created: Option<String>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// Its name as the user gave it.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

impl InputFile {
    /// A file by its bytes.
    #[must_use]
    pub fn new(name: impl Into<String>, bytes: &[u8]) -> Self {
        let digest = Sha256::digest(bytes);
        let sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { name: name.into(), sha256 }
    }
}

/// Why results could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file stands where the folder should be.
    #[error("{} is a file; results need a folder", .0.display())]
    NotAFolder(PathBuf),
    /// The folder holds something that no run wrote.
    #[error(
        "{} holds {}, which is not from a run; choose another folder or empty it",
        .folder.display(), .found
    )]
    Foreign {
        /// The folder asked for.
        folder: PathBuf,
        /// A name in it.
        found: String,
    },
    /// A path without a last name.
    #[error("{} cannot be a folder of results", .0.display())]
    NoName(PathBuf),
    /// The system refused.
    #[error("{}: {source}", .path.display())]
    Io {
        /// What was being written or read.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// A file of the results folder: its name and its bytes.
pub type NamedBytes = (String, Vec<u8>);

/// The files of a run in memory, `run.json` first.
///
/// `extra` are files of the caller, such as the report; `run.json` lists them.
#[must_use]
pub fn files(input: &WriteInput<'_>, extra: Vec<NamedBytes>) -> Vec<NamedBytes> {
    let calendar = tables::Calendar::new(input.scenario, input.results.hours);
    let mut files = vec![
        ("hours.csv".to_owned(), tables::hours(input, &calendar)),
        ("places.csv".to_owned(), tables::places(input, &calendar)),
        ("assets.csv".to_owned(), tables::assets(input, &calendar)),
        ("sites.csv".to_owned(), tables::sites(input, &calendar)),
        ("repairs.csv".to_owned(), tables::repairs(input)),
        ("map.geojson".to_owned(), map::map(input)),
    ];
    if let Some(table) = &input.results.alternating {
        for table in [alternating::voltages(input, table), alternating::limits(input, table)] {
            files.push((table.file_name(TableFormat::Csv), table.bytes(TableFormat::Csv)));
        }
    }
    if input.scenario.policy.cascade.is_some() {
        files.push(("cascade.csv".to_owned(), tables::cascade(input)));
    }
    files.extend(extra);
    let names: Vec<&str> = std::iter::once(folder::RUN_FILE)
        .chain(files.iter().map(|(name, _)| name.as_str()))
        .collect();
    let run = run_json::run_json(input, &names);
    files.insert(0, (folder::RUN_FILE.to_owned(), run));
    files
}

/// Writes the results of a run to `folder`.
///
/// Everything is written beside it first and put in place at the end: the folder is
/// complete or as it was. An older folder of results is replaced; a folder with anything
/// else in it is not touched.
///
/// # Errors
/// [`WriteError`] says what is in the way.
pub fn results(
    folder: &Path,
    input: &WriteInput<'_>,
    extra: Vec<NamedBytes>,
) -> Result<(), WriteError> {
    // What is in the way is told before the work is done.
    let place = folder::Place::claim(folder)?;
    place.fill(&files(input, extra))
}

/// Says at once whether [`results`] would find something in its way, so that a long run
/// need not end with that.
///
/// # Errors
/// As [`results`].
pub fn check_folder(folder: &Path) -> Result<(), WriteError> {
    folder::Place::claim(folder).map(|_| ())
}
