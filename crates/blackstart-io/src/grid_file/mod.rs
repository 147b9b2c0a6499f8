//! Any grid file, by its format: the one place that knows which formats there are.
//!
//! A new format is a variant of [`GridFormat`], a line in each of its tables below, a line
//! in [`read_grid`], and one in [`write_grid`].

mod detect;
pub(crate) mod place;
mod water;

pub use water::{ConvertedWater, convert_water, is_water};

use std::path::{Path, PathBuf};

use blackstart::region::{Grid, RegionDraft};

use crate::codes;
use crate::formats::beside::GridFolder;
use crate::formats::lost::{Lost, Part};
use crate::formats::region_write::{self, WriteError};
use crate::formats::{
    Parsed, matpower, pandapower, powersim, psse, pypsa, region_folder, rts_gmlc,
};
use crate::input_file::{self, Encoding, MAX_TABLE_BYTES};
use crate::network_file::ReadNetwork;
use crate::problem::{InputProblem, Problems, Severity};
use crate::sources::Sources;

/// A format of grids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GridFormat {
    /// A MATPOWER case, version 2 (`.m`).
    Matpower,
    /// A PSS/E case, revisions 32 to 35 (`.raw`).
    Psse,
    /// A net of pandapower (`.json`).
    Pandapower,
    /// A folder of PowerSimData's tables.
    PowerSim,
    /// A folder of PyPSA's tables.
    Pypsa,
    /// A folder of RTS-GMLC's source tables.
    RtsGmlc,
    /// A region folder of blackstart.
    Region,
}

impl GridFormat {
    /// All formats.
    pub const ALL: [Self; 7] = [
        Self::Matpower,
        Self::Psse,
        Self::Pandapower,
        Self::PowerSim,
        Self::Pypsa,
        Self::RtsGmlc,
        Self::Region,
    ];

    /// The word for it on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Matpower => "matpower",
            Self::Psse => "psse",
            Self::Pandapower => "pandapower",
            Self::PowerSim => "powersim",
            Self::Pypsa => "pypsa",
            Self::RtsGmlc => "rts-gmlc",
            Self::Region => "region",
        }
    }

    /// What a file or folder of it is called in a sentence.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Matpower => "a MATPOWER case (.m)",
            Self::Psse => "a PSS/E case (.raw)",
            Self::Pandapower => "a pandapower net (.json)",
            Self::PowerSim => "a PowerSimData folder",
            Self::Pypsa => "a PyPSA folder",
            Self::RtsGmlc => "an RTS-GMLC folder",
            Self::Region => "a region folder",
        }
    }

    /// The ending of its files in small letters; none for folders.
    #[must_use]
    pub fn extension(self) -> Option<&'static str> {
        match self {
            Self::Matpower => Some("m"),
            Self::Psse => Some("raw"),
            Self::Pandapower => Some("json"),
            Self::PowerSim | Self::Pypsa | Self::RtsGmlc | Self::Region => None,
        }
    }

    /// The format called `word`.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.word() == word)
    }

    /// The format of what stands at `path`, by its ending, else by what is in it.
    ///
    /// # Errors
    /// The problem to tell when there is nothing, or nothing known.
    pub fn of(path: &Path) -> Result<Self, Box<InputProblem>> {
        detect::format(path)
    }
}

/// Reads the grid in the file or folder `path`, whatever its format. References to buses
/// are not looked at; see [`load_grid`].
#[must_use]
pub fn read_grid(path: &Path) -> ReadNetwork<Grid<String>> {
    let parsed = read_with_sources(path);
    ReadNetwork { network: parsed.0, problems: parsed.1 }
}

/// Reads a grid and checks it, as a region with nothing else would be; problems found by
/// the check have their place in the file. No network if there is any error.
#[must_use]
pub fn load_grid(path: &Path) -> ReadNetwork<Grid> {
    let (grid, found, sources) = read_with_sources(path);
    let mut problems = Problems::default();
    problems.extend(found);
    let mut network = None;
    if let Some(grid) = grid.filter(|_| problems.errors() == 0) {
        let checked = grid.check();
        problems.extend(checked.problems.iter().map(|p| sources.locate(p, path)));
        network = checked.grid;
    }
    ReadNetwork { network, problems: problems.finish(path) }
}

/// A grid, what is wrong with it, and where its rows stand.
type Read = (Option<Grid<String>>, Vec<InputProblem>, Sources);

fn read_with_sources(path: &Path) -> Read {
    match GridFormat::of(path) {
        Err(problem) => (None, vec![*problem], Sources::default()),
        Ok(GridFormat::Matpower) => text_file(path, matpower::parse),
        Ok(GridFormat::Psse) => text_file(path, psse::parse),
        Ok(GridFormat::Pandapower) => text_file(path, pandapower::parse),
        Ok(GridFormat::PowerSim) => folder(powersim::read(path)),
        Ok(GridFormat::Pypsa) => folder(pypsa::read(path)),
        Ok(GridFormat::RtsGmlc) => folder(rts_gmlc::read(path)),
        Ok(GridFormat::Region) => {
            let read = region_folder::read_draft(path);
            (Some(read.draft.grid), read.problems, read.sources)
        }
    }
}

fn folder(read: GridFolder) -> Read {
    (Some(read.grid), read.problems, read.sources)
}

fn text_file(path: &Path, parse: fn(&str, &Path) -> Parsed<Grid<String>>) -> Read {
    match input_file::read_text(path, MAX_TABLE_BYTES, Encoding::Utf8OrLatin1) {
        Err(problem) => (None, vec![*problem], Sources::default()),
        Ok(text) => {
            let parsed = parse(&text, path);
            (Some(parsed.value), parsed.problems, parsed.sources)
        }
    }
}

/// How a grid is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct WriteGrid {
    /// The format; by default the one that the ending of the name says.
    pub format: Option<GridFormat>,
    /// Take the place of a file or folder of the same kind that is there.
    pub overwrite: bool,
    /// Revision of a PSS/E case.
    pub revision: psse::Revision,
}

/// Why a grid could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteGridError {
    /// The name does not say which format is meant.
    #[error("the name {} does not say which format to write; it may end in {}", .0.display(), detect::endings())]
    NoFormat(PathBuf),
    /// Grids of this format are read only.
    #[error("{} is read, but not written", .0.name())]
    NotWritten(GridFormat),
    /// Heat networks are not written to files of this kind.
    #[error("{} is no name for a heat network; it is written as .geojson or as a region folder", .0.display())]
    NotHeat(PathBuf),
    /// A file is there, and replacing it was not asked for.
    #[error("{} is there already; choose another name or ask to overwrite it", .0.display())]
    Exists(PathBuf),
    /// The folder cannot be written.
    #[error(transparent)]
    Folder(#[from] WriteError),
    /// The operating system refused.
    #[error("{} cannot be written: {source}", .path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// Its reason.
        source: std::io::Error,
    },
}

/// Writes `grid` to the file or folder `path`, which appears whole or not at all. Gives a
/// note for everything that the format cannot say.
///
/// # Errors
/// See [`WriteGridError`].
pub fn write_grid(
    path: &Path,
    grid: &Grid<String>,
    how: WriteGrid,
) -> Result<Vec<InputProblem>, WriteGridError> {
    let by_name = || detect::by_ending(path).filter(|f| f.extension().is_some());
    let format = how.format.or_else(by_name);
    match format.ok_or_else(|| WriteGridError::NoFormat(path.to_path_buf()))? {
        GridFormat::Matpower => {
            let (text, notes) = matpower::write(grid, path);
            place::file(path, text.as_bytes(), how.overwrite)?;
            Ok(notes)
        }
        GridFormat::Pandapower => {
            let (text, notes) = pandapower::write(grid, path);
            place::file(path, text.as_bytes(), how.overwrite)?;
            Ok(notes)
        }
        GridFormat::Pypsa => {
            let (files, notes) = pypsa::write(grid, path);
            let ours = |name: &str| name.ends_with(".csv");
            let folder = region_write::NewFolder::of(path, how.overwrite, &ours)?;
            for (name, text) in files {
                folder.file(name, text.as_bytes())?;
            }
            folder.finish()?;
            Ok(notes)
        }
        format @ (GridFormat::PowerSim | GridFormat::RtsGmlc) => {
            Err(WriteGridError::NotWritten(format))
        }
        GridFormat::Psse => {
            let (text, notes) = psse::write(grid, path, how.revision);
            place::file(path, text.as_bytes(), how.overwrite)?;
            Ok(notes)
        }
        GridFormat::Region => {
            let notes = Lost::of(grid, path, &REGION_CANNOT_SAY).into_notes();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let draft = RegionDraft { name, grid: grid.clone(), ..RegionDraft::default() };
            let write = if how.overwrite {
                region_write::replace_region
            } else {
                region_write::write_region
            };
            write(&draft, path, "")?;
            Ok(notes)
        }
    }
}

const REGION_CANNOT_SAY: [Part; 8] = [
    Part::Areas,
    Part::Machines,
    Part::Costs,
    Part::Participation,
    Part::ShortRatings,
    Part::AngleLimits,
    Part::DcReactive,
    Part::Storages,
];

/// What a conversion came to.
#[derive(Debug)]
pub struct Converted {
    /// Problems of the input, then notes of what the output cannot say.
    pub problems: Vec<InputProblem>,
    /// Buses, branches, generators and loads; none if the input has errors, and nothing was
    /// written.
    pub rows: Option<[usize; 4]>,
}

/// Reads the grid at `from`, checks it, and writes it to `to`.
///
/// # Errors
/// See [`WriteGridError`]; problems of the input are no such error.
pub fn convert(from: &Path, to: &Path, how: WriteGrid) -> Result<Converted, WriteGridError> {
    let (grid, found, sources) = read_with_sources(from);
    let mut problems = Problems::default();
    problems.extend(found);
    let Some(grid) = grid.filter(|_| problems.errors() == 0) else {
        return Ok(Converted { problems: problems.finish(from), rows: None });
    };
    let checked = grid.clone().check();
    problems.extend(checked.problems.iter().map(|p| sources.locate(p, from)));
    if problems.errors() > 0 {
        return Ok(Converted { problems: problems.finish(from), rows: None });
    }
    let rows = [grid.buses.len(), grid.branches.len(), grid.generators.len(), grid.loads.len()];
    let notes = write_grid(to, &grid, how)?;
    let mut problems = problems.finish(from);
    problems.extend(notes);
    Ok(Converted { problems, rows: Some(rows) })
}

fn unknown(path: &Path, message: &str) -> Box<InputProblem> {
    let known: Vec<&str> = GridFormat::ALL.iter().map(|f| f.name()).collect();
    let problem = InputProblem::new(Severity::Error, codes::BAD_SYNTAX, path, message);
    Box::new(problem.help(format!("grids are read from {}", known.join(", "))))
}

#[cfg(test)]
mod tests;
