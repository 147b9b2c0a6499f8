//! Writing region folders: CSV tables with shortest round-trip numbers, whole or not at
//! all. What is written reads back as the equal draft.

mod cells;
mod folder;
mod grid;
mod heat;
mod manifest;
mod places;
mod water;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use blackstart::region::{Position, RegionDraft};

use self::cells::Tables;
pub(crate) use self::folder::NewFolder;
use super::region_folder::Placement;

/// Why a region could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The folder is there and replacing it was not asked for.
    #[error("{0} is there already; choose another folder or ask to overwrite it")]
    Exists(PathBuf),
    /// The folder holds files that are no part of a region; they would be lost.
    #[error(
        "{folder} holds `{file}`, which is no part of what it would be replaced by; move it away first"
    )]
    Foreign {
        /// The folder.
        folder: PathBuf,
        /// A file in it.
        file: String,
    },
    /// Two files to be copied have the same name.
    #[error("two of the files to copy are called `{0}`; rename one")]
    SameName(String),
    /// The draft refers to a pattern, pipe, pump or valve by a position beyond its table.
    #[error("the draft names a {0} that does not exist")]
    Dangling(&'static str),
    /// The operating system refused.
    #[error("{path} cannot be written: {error}")]
    Io {
        /// File or folder.
        path: PathBuf,
        /// Its reason.
        #[source]
        error: std::io::Error,
    },
}

/// Writes `draft` as a folder of CSV tables. `provenance` goes into region.toml as a
/// comment. The folder appears whole or not at all.
///
/// # Errors
/// See [`WriteError`]; a folder that is there and not empty is one.
pub fn write_region(
    draft: &RegionDraft,
    folder: &Path,
    provenance: &str,
) -> Result<(), WriteError> {
    write_assembled(&Assembled::tables(draft), folder, provenance, false)
}

/// Does the same, and takes the place of a region folder that is there.
///
/// # Errors
/// See [`WriteError`]; files in the folder that are no part of a region are one.
pub fn replace_region(
    draft: &RegionDraft,
    folder: &Path,
    provenance: &str,
) -> Result<(), WriteError> {
    write_assembled(&Assembled::tables(draft), folder, provenance, true)
}

/// Writes a region that was put together around foreign networks: copies of the files
/// `grid` and `waters`, in the order they were given to
/// [`assemble`](blackstart::synth::assemble), and tables for what was made up.
///
/// # Errors
/// See [`WriteError`].
pub fn write_around(
    assembled: &blackstart::synth::Assembled,
    grid: &Path,
    waters: &[PathBuf],
    folder: &Path,
    provenance: &str,
) -> Result<(), WriteError> {
    let draft = &assembled.draft;
    let made_up = RegionDraft {
        name: draft.name.clone(),
        heat: draft.heat.clone(),
        places: draft.places.clone(),
        dependencies: draft.dependencies.clone(),
        ..RegionDraft::default()
    };
    let water: Vec<WaterCopy<'_>> = waters
        .iter()
        .zip(&assembled.attached)
        .map(|(inp, at)| WaterCopy {
            inp,
            prefix: &at.prefix,
            placement: Some(Placement { origin: at.origin, km_per_unit: at.km_per_unit }),
            demand_factor: 1.0,
        })
        .collect();
    let bus_positions: Vec<(String, Position)> =
        draft.grid.buses.iter().filter_map(|b| Some((b.id.clone(), b.position?))).collect();
    let region = Assembled {
        draft: &made_up,
        grid: Some(grid),
        water: &water,
        bus_positions: &bus_positions,
    };
    write_assembled(&region, folder, provenance, false)
}

/// A region around files of other programs.
#[derive(Clone, Copy, Debug)]
pub struct Assembled<'a> {
    /// What comes on top of the files: places, dependencies, further rows of any table.
    pub draft: &'a RegionDraft,
    /// A MATPOWER case.
    pub grid: Option<&'a Path>,
    /// EPANET networks.
    pub water: &'a [WaterCopy<'a>],
    /// Positions of buses of the case.
    pub bus_positions: &'a [(String, Position)],
}

impl<'a> Assembled<'a> {
    fn tables(draft: &'a RegionDraft) -> Self {
        Self { draft, grid: None, water: &[], bus_positions: &[] }
    }
}

/// An EPANET network of an assembled region; several may use one file.
#[derive(Clone, Copy, Debug)]
pub struct WaterCopy<'a> {
    /// The `.inp` file.
    pub inp: &'a Path,
    /// Put before every id of the network.
    pub prefix: &'a str,
    /// Where it lies.
    pub placement: Option<Placement>,
    /// Multiplies every demand.
    pub demand_factor: f64,
}

/// Writes a folder with copies of the files and tables for the rest. With `overwrite` it
/// takes the place of a region folder that is there.
///
/// # Errors
/// See [`WriteError`].
pub fn write_assembled(
    region: &Assembled<'_>,
    folder: &Path,
    provenance: &str,
    overwrite: bool,
) -> Result<(), WriteError> {
    let mut copies: BTreeSet<&Path> = region.water.iter().map(|w| w.inp).collect();
    copies.extend(region.grid);
    let mut names = BTreeSet::new();
    for path in &copies {
        let name = file_name(path);
        if !names.insert(name.clone()) {
            return Err(WriteError::SameName(name));
        }
    }
    let draft = region.draft;
    let mut tables = Tables::default();
    grid::write(&draft.grid, region.bus_positions, &mut tables);
    water::write(&draft.water, &mut tables)?;
    heat::write(&draft.heat, &mut tables);
    places::write(&draft.places, &draft.dependencies, &mut tables);

    let new = NewFolder::begin(folder, overwrite)?;
    new.file(super::region_folder::MANIFEST, manifest::text(region, provenance).as_bytes())?;
    for (name, bytes) in tables.into_files() {
        new.file(&name, &bytes)?;
    }
    for path in copies {
        new.copy(path, &file_name(path))?;
    }
    new.finish()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
