//! A foreign network file on its own: read with the limits, encodings and messages that
//! region folders have.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use blackstart::region::{Grid, Region, RegionDraft, Water};
use blackstart::water::PeriodTimes;

use crate::formats::inp::{DemandModel, Purpose};
use crate::formats::pandapipes::{self, PandapipesNet};
use crate::formats::{inp, matpower, region_folder};
use crate::input_file::{self, Encoding, MAX_TABLE_BYTES};
use crate::problem::{InputProblem, Problems, Severity};

/// A network as far as it could be read, and everything that is wrong or worth knowing.
#[derive(Clone, Debug)]
pub struct ReadNetwork<T> {
    /// The network; none if the file cannot be read at all.
    pub network: Option<T>,
    /// Errors, warnings and notes.
    pub problems: Vec<InputProblem>,
}

/// Reads a MATPOWER case.
#[must_use]
pub fn read_matpower(path: &Path) -> ReadNetwork<Grid<String>> {
    let mut problems = Problems::default();
    match input_file::read(path, MAX_TABLE_BYTES, Encoding::Utf8OrLatin1, &mut problems) {
        None => ReadNetwork { network: None, problems: problems.finish(path) },
        Some(file) => {
            let parsed = matpower::parse(&file.text, path);
            ReadNetwork { network: Some(parsed.value), problems: parsed.problems }
        }
    }
}

/// Reads an EPANET network. Nodes have the coordinates of its drawing as positions.
#[must_use]
pub fn read_inp(path: &Path) -> ReadNetwork<Water<String>> {
    let mut problems = Problems::default();
    match input_file::read_bytes(path, MAX_TABLE_BYTES, &mut problems) {
        None => ReadNetwork { network: None, problems: problems.finish(path) },
        Some((bytes, _)) => {
            let parsed = inp::parse(&bytes, path);
            let mut water = parsed.value.water;
            region_folder::as_drawn(&mut water, &parsed.value.coordinates);
            ReadNetwork { network: Some(water), problems: parsed.problems }
        }
    }
}

/// A checked water network with what its file says about running it.
#[derive(Clone, Debug)]
pub struct ReadWater {
    /// The network; none if there is any error.
    pub water: Option<Water>,
    /// Times of a run: the file's; a day with hourly steps for a region.
    pub times: PeriodTimes,
    /// Demands are met whatever the pressure, as the file asks (EPANET's default).
    pub demand_driven: bool,
    /// Errors, warnings and notes.
    pub problems: Vec<InputProblem>,
    /// The files read, with the SHA-256 of their bytes in hexadecimal.
    pub inputs: Vec<(PathBuf, String)>,
}

/// Reads and checks the water network to be run by itself: an EPANET file, or the network of
/// a region (its folder or `region.toml`).
#[must_use]
pub fn load_water(path: &Path) -> ReadWater {
    let toml = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"));
    if path.is_dir() || toml {
        return water_of_region(path);
    }
    let mut out = ReadWater {
        water: None,
        times: PeriodTimes::default(),
        demand_driven: true,
        problems: Vec::new(),
        inputs: Vec::new(),
    };
    let mut problems = Problems::default();
    if let Some((bytes, hash)) = input_file::read_bytes(path, MAX_TABLE_BYTES, &mut problems) {
        let parsed = inp::parse_for(Purpose::Alone, &bytes, path);
        let wrong: HashSet<usize> = parsed.problems.iter().filter(is_error).map(line).collect();
        problems.extend(parsed.problems);
        out.inputs.push((path.to_path_buf(), hash));
        out.times = parsed.value.times.period();
        out.demand_driven = parsed.value.demand_model == DemandModel::DemandDriven;
        let draft = RegionDraft { water: parsed.value.water, ..RegionDraft::default() };
        let checked = Region::check(draft);
        // What the check finds in a line that could not be read follows from that.
        let found = checked.problems.iter().map(|p| parsed.sources.locate(p, path));
        problems.extend(found.filter(|p| !wrong.contains(&p.line)));
        out.water = checked.region.map(|r| r.water().clone()).filter(|_| problems.errors() == 0);
    }
    out.problems = problems.finish(path);
    out
}

fn is_error(problem: &&InputProblem) -> bool {
    problem.severity == Severity::Error
}

fn line(problem: &InputProblem) -> usize {
    problem.line
}

fn water_of_region(path: &Path) -> ReadWater {
    let read = region_folder::read_region(path);
    ReadWater {
        water: read.region.map(|r| r.water().clone()),
        times: PeriodTimes { duration_s: 24 * 3600, ..PeriodTimes::default() },
        demand_driven: false,
        problems: read.problems,
        inputs: read.inputs,
    }
}

/// Reads a pandapipes net, or the one of a multinet.
#[must_use]
pub fn read_pandapipes(path: &Path) -> ReadNetwork<PandapipesNet> {
    let mut problems = Problems::default();
    match input_file::read(path, MAX_TABLE_BYTES, Encoding::Utf8OrLatin1, &mut problems) {
        None => ReadNetwork { network: None, problems: problems.finish(path) },
        Some(file) => {
            let parsed = pandapipes::parse(&file.text, path);
            ReadNetwork { network: Some(parsed.value), problems: parsed.problems }
        }
    }
}
