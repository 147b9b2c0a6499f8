//! Water networks from one format to another: EPANET files and region folders.

use std::path::Path;

use blackstart::region::{RegionDraft, Water};

use super::{WriteGridError, place};
use crate::codes;
use crate::formats::inp::{self, DemandModel, InpFile, InpTimes, Purpose};
use crate::formats::{region_folder, region_write};
use crate::input_file::{self, MAX_TABLE_BYTES};
use crate::problem::{InputProblem, Problems, Severity};
use crate::sources::Sources;

/// What a conversion of a water network came to.
#[derive(Debug)]
pub struct ConvertedWater {
    /// Problems of the input, then notes of what the output cannot say.
    pub problems: Vec<InputProblem>,
    /// Nodes and links; none if the input has errors, and nothing was written.
    pub rows: Option<[usize; 2]>,
}

/// True if one of both is an EPANET file by its name.
#[must_use]
pub fn is_water(from: &Path, to: &Path) -> bool {
    [from, to].iter().any(|p| is_inp(p))
}

fn is_inp(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("inp"))
}

/// Reads the water network at `from` (an EPANET file or a region), checks it, and writes it to
/// `to`: an EPANET file by its name, else a region folder.
///
/// # Errors
/// See [`WriteGridError`]; problems of the input are no such error.
pub fn convert_water(
    from: &Path,
    to: &Path,
    overwrite: bool,
) -> Result<ConvertedWater, WriteGridError> {
    let mut problems = Problems::default();
    let (file, sources) = read(from, &mut problems);
    let Some(file) = file.filter(|_| problems.errors() == 0) else {
        return Ok(ConvertedWater { problems: problems.finish(from), rows: None });
    };
    let draft = RegionDraft { water: file.water.clone(), ..RegionDraft::default() };
    let checked = blackstart::region::Region::check(draft);
    problems.extend(checked.problems.iter().map(|p| sources.locate(p, from)));
    if problems.errors() > 0 {
        return Ok(ConvertedWater { problems: problems.finish(from), rows: None });
    }
    let w = &file.water;
    let rows = [w.node_count(), w.pipes.len() + w.pumps.len() + w.valves.len()];
    let mut problems = problems.finish(from);
    if is_inp(to) {
        place::file(to, inp::write(&file).as_bytes(), overwrite)?;
        // What is kept as text is neither ignored nor lost.
        problems.retain(|p| p.code != codes::IGNORED || p.severity != Severity::Note);
    } else {
        problems.extend(to_region(&file, to, overwrite)?);
    }
    Ok(ConvertedWater { problems, rows: Some(rows) })
}

fn read(from: &Path, problems: &mut Problems) -> (Option<InpFile>, Sources) {
    if is_inp(from) {
        let Some((bytes, _)) = input_file::read_bytes(from, MAX_TABLE_BYTES, problems) else {
            return (None, Sources::default());
        };
        let parsed = inp::parse_for(Purpose::Alone, &bytes, from);
        problems.extend(parsed.problems);
        return (Some(parsed.value), parsed.sources);
    }
    let read = region_folder::read_draft(from);
    problems.extend(read.problems);
    let file = InpFile {
        title: read.draft.name,
        water: read.draft.water,
        // A region says nothing about how long to run its network alone.
        times: InpTimes { duration_h: 24.0, ..InpTimes::default() },
        demand_model: DemandModel::PressureDriven,
        ..InpFile::default()
    };
    (Some(file), read.sources)
}

fn to_region(
    file: &InpFile,
    to: &Path,
    overwrite: bool,
) -> Result<Vec<InputProblem>, WriteGridError> {
    let mut water: Water<String> = file.water.clone();
    let drawn = !file.coordinates.is_empty();
    let on_globe = file.coordinates.iter().all(|p| p.x.abs() <= 180.0 && p.y.abs() <= 90.0);
    if drawn && on_globe {
        region_folder::as_drawn(&mut water, &file.coordinates);
    }
    let name = to.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let draft = RegionDraft { name, water, ..RegionDraft::default() };
    let write = if overwrite { region_write::replace_region } else { region_write::write_region };
    write(&draft, to, "")?;
    let mut lost = Vec::new();
    if drawn && !on_globe {
        lost.push("the drawing, whose coordinates are no degrees");
    }
    if !file.vertices.is_empty() {
        lost.push("bends of links");
    }
    lost.push("the length and the steps of a run by itself");
    lost.push("comments, names of curves, and sections that are not simulated");
    let note = |what: &str| {
        let message = format!("a region folder cannot say: {what}");
        InputProblem::new(Severity::Note, codes::NOT_CARRIED_OVER, to, message)
    };
    Ok(lost.into_iter().map(note).collect())
}
