//! `grid`: studies of one grid. What they share: reading the grid, taking elements out of
//! service, writing the folder of results.

mod deliver;
mod flow;
mod outages;

use std::path::Path;

use blackstart::grid::Snapshot;
use blackstart::region::Grid;
use blackstart_io::write::{self, ColumnTable, InputFile, Provenance, Study};
use serde_json::{Map, Value};

use crate::args::Cli;
use crate::args::grid::{Case, GridCommand};
use crate::diagnostics;
use crate::exit::Exit;

/// `grid`
pub fn grid(cli: &Cli, command: &GridCommand) -> Exit {
    let done = match command {
        GridCommand::Flow(args) => flow::flow(cli, args),
        GridCommand::Outages(args) => outages::outages(cli, args),
        GridCommand::Deliver(args) => deliver::deliver(cli, args),
    };
    done.unwrap_or_else(|exit| exit)
}

/// A grid in the state that is studied, and where it came from.
struct Input {
    grid: Grid,
    at: Snapshot,
    provenance: Provenance,
}

impl Input {
    /// Reads the grid and what is out; tells what is wrong.
    fn read(cli: &Cli, case: &Case) -> Result<Self, Exit> {
        // What is in the way of the results is told before the work is done.
        if let Err(error) = write::check_folder(&case.output) {
            return Err(refuse(cli, &case.output, error.to_string()));
        }
        let read = blackstart_io::load_grid(&case.case);
        let mut problems = read.problems;
        let notes: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let mut inputs = hashes(&case.case);
        let mut state = None;
        if let Some(grid) = read.network {
            let mut at = Snapshot::of(&grid);
            let mut take_out = |file: Option<&Path>, ids: Vec<String>, noun, up: &mut [bool]| {
                let Some(file) = file else { return };
                let list = blackstart_io::read_outages(file, &ids, noun);
                for row in list.rows {
                    up[row] = false;
                }
                problems.extend(list.problems);
                inputs.push(InputFile { name: file_name(file), sha256: list.sha256 });
            };
            let ids = grid.branches.iter().map(|l| l.id.clone()).collect();
            take_out(case.out_branches.as_deref(), ids, "branch", &mut at.branch_in_service);
            let ids = grid.generators.iter().map(|g| g.id.clone()).collect();
            let units = &mut at.generator_in_service;
            take_out(case.out_generators.as_deref(), ids, "generator", units);
            state = Some((grid, at));
        }
        let wrong = diagnostics::print(&problems, cli.format, cli.quiet);
        let (grid, at) = state.filter(|_| !wrong).ok_or(Exit::InvalidInput)?;
        let provenance = Provenance {
            version: env!("CARGO_PKG_VERSION").into(),
            inputs,
            notes,
            ..Provenance::default()
        };
        Ok(Self { grid, at, provenance })
    }

    /// Writes the study and tells its summary; `text` is for people.
    fn write(
        mut self,
        cli: &Cli,
        case: &Case,
        command: &str,
        settings: &[(&str, String)],
        done: &Done,
    ) -> Result<Exit, Exit> {
        self.provenance.settings =
            settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let study = Study {
            command,
            provenance: &self.provenance,
            summary: &done.summary,
            tables: &done.tables,
            format: cli.format.of_tables(),
        };
        write::study(&case.output, &study)
            .map_err(|error| refuse(cli, &case.output, error.to_string()))?;
        if cli.format.is_json() {
            diagnostics::print_data(&Value::Object(done.summary.clone()).to_string());
        } else if !cli.quiet {
            let files: Vec<String> =
                done.tables.iter().map(|t| t.file_name(cli.format.of_tables())).collect();
            diagnostics::print_data(&format!(
                "{}\n\nWritten to {}: {}",
                done.text.trim_end(),
                case.output.display(),
                files.join(", ")
            ));
        }
        Ok(if case.strict && done.degraded { Exit::Degraded } else { Exit::Ok })
    }
}

/// What a study found.
struct Done {
    tables: Vec<ColumnTable>,
    summary: Map<String, Value>,
    text: String,
    /// Something was not computed to tolerance.
    degraded: bool,
}

pub(super) fn refuse(cli: &Cli, folder: &Path, error: String) -> Exit {
    let problem = diagnostics::file_problem(folder, error, None);
    diagnostics::print(&[problem], cli.format, cli.quiet);
    Exit::Failure
}

/// The file, or the files of the folder, with their hashes.
pub(super) fn hashes(path: &Path) -> Vec<InputFile> {
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
pub(super) fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}
