//! What studies of one network share: files read with their hashes, the folder of results,
//! the summary.

use std::path::Path;

use blackstart_io::write::{self, ColumnTable, InputFile, Provenance, Study};
use serde_json::{Map, Value};

use crate::args::Cli;
use crate::diagnostics;
use crate::exit::Exit;

/// What a study found.
pub struct Done {
    pub tables: Vec<ColumnTable>,
    pub summary: Map<String, Value>,
    /// The summary for people.
    pub text: String,
    /// Something was not computed to tolerance.
    pub degraded: bool,
}

/// Where results go.
#[derive(Clone, Copy, Debug)]
pub struct Output<'a> {
    pub folder: &'a Path,
    /// Exit with 4 if something was degraded.
    pub strict: bool,
}

/// Writes a study and tells its summary.
pub fn finish(
    cli: &Cli,
    output: Output<'_>,
    command: &str,
    mut provenance: Provenance,
    settings: &[(&str, String)],
    done: &Done,
) -> Result<Exit, Exit> {
    provenance.settings =
        settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let study = Study {
        command,
        provenance: &provenance,
        summary: &done.summary,
        tables: &done.tables,
        format: cli.format.of_tables(),
    };
    write::study(output.folder, &study)
        .map_err(|error| refuse(cli, output.folder, error.to_string()))?;
    if cli.format.is_json() {
        diagnostics::print_data(&Value::Object(done.summary.clone()).to_string());
    } else if !cli.quiet {
        let files: Vec<String> =
            done.tables.iter().map(|t| t.file_name(cli.format.of_tables())).collect();
        diagnostics::print_data(&format!(
            "{}\n\nWritten to {}: {}",
            done.text.trim_end(),
            output.folder.display(),
            files.join(", ")
        ));
    }
    Ok(if output.strict && done.degraded { Exit::Degraded } else { Exit::Ok })
}

/// Tells what is in the way of the results.
pub fn refuse(cli: &Cli, folder: &Path, error: String) -> Exit {
    let problem = diagnostics::file_problem(folder, error, None);
    diagnostics::print(&[problem], cli.format, cli.quiet);
    Exit::Failure
}

/// The file, or the files of the folder, with their hashes.
pub fn hashes(path: &Path) -> Vec<InputFile> {
    let mut files = vec![path.to_path_buf()];
    if path.is_dir() {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        files = entries.map(|e| e.path()).filter(|p| p.is_file()).collect();
        files.sort();
    }
    let hash = |p: &std::path::PathBuf| Some(InputFile::new(file_name(p), &std::fs::read(p).ok()?));
    files.iter().filter_map(hash).collect()
}

/// Names in the output do not carry the paths of one machine.
pub fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}
