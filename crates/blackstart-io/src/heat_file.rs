//! Heat networks in files: the one place that knows which formats they come in, and their
//! conversion.
//!
//! A new format is a variant of [`Format`], a line in [`format`] and one in [`read`].

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use blackstart::region::{Bus, Code, Generator, GeneratorKind, Heat, Region, RegionDraft};

use crate::codes;
use crate::formats::geojson::{self, Marks};
use crate::formats::region_folder::MANIFEST;
use crate::formats::{pandapipes, region_folder, region_write};
use crate::grid_file::WriteGridError;
use crate::grid_file::place;
use crate::input_file::{self, Encoding, MAX_TABLE_BYTES};
use crate::network_file::ReadNetwork;
use crate::problem::{InputProblem, Problems, Severity};
use crate::sources::Sources;

/// What a heat network is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    GeoJson,
    Pandapipes,
    Region,
}

/// Endings of files that are no heat networks; whoever writes to one means something else.
const OTHERS: [&str; 9] = ["m", "raw", "json", "inp", "csv", "toml", "shp", "gpkg", "geojsonl"];

fn ends_in(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case(ending))
}

/// The first bytes of a file; none if it cannot be read.
fn head(path: &Path) -> Option<String> {
    let mut head = Vec::new();
    File::open(path).and_then(|f| f.take(4096).read_to_end(&mut head)).ok()?;
    Some(String::from_utf8_lossy(&head).into_owned())
}

/// The format of what stands at `path`, by its name, else by what is in it.
fn format(path: &Path) -> Result<Format, Box<InputProblem>> {
    if path.is_dir() || path.file_name().is_some_and(|n| n == MANIFEST) {
        return Ok(Format::Region);
    }
    if ends_in(path, "geojson") {
        return Ok(Format::GeoJson);
    }
    match head(path) {
        None => Err(input_file::refused(path)),
        Some(head) if geojson::looks_like(&head) => Ok(Format::GeoJson),
        Some(head) if head.contains("\"pandapipesNet\"") => Ok(Format::Pandapipes),
        Some(_) => {
            let message = "this file is not a heat network of a known format";
            let problem = InputProblem::error(codes::BAD_SYNTAX, path, message);
            let help = "heat networks are read from GeoJSON (.geojson), nets of pandapipes (.json) and region folders";
            Err(Box::new(problem.help(help)))
        }
    }
}

/// A heat network as it was read, within the region it stands in, if it does.
struct ReadHeat {
    /// Only its heat part is filled for a network of its own; none if nothing could be read.
    draft: Option<RegionDraft>,
    problems: Problems,
    sources: Sources,
    marks: Marks,
}

impl ReadHeat {
    fn nothing(problem: InputProblem) -> Self {
        let mut problems = Problems::default();
        problems.push(problem);
        Self { draft: None, problems, sources: Sources::default(), marks: Marks::default() }
    }
}

fn read(path: &Path) -> ReadHeat {
    let format = match format(path) {
        Ok(format) => format,
        Err(problem) => return ReadHeat::nothing(*problem),
    };
    let mut problems = Problems::default();
    match format {
        Format::GeoJson => {
            let text = match input_file::read_text(path, MAX_TABLE_BYTES, Encoding::Utf8) {
                Ok(text) => text,
                Err(problem) => return ReadHeat::nothing(*problem),
            };
            let (parsed, marks) = geojson::parse_marked(&text, path);
            problems.extend(parsed.problems);
            let draft = RegionDraft { heat: parsed.value, ..RegionDraft::default() };
            ReadHeat { draft: Some(draft), problems, sources: parsed.sources, marks }
        }
        Format::Pandapipes => {
            let text = match input_file::read_text(path, MAX_TABLE_BYTES, Encoding::Utf8) {
                Ok(text) => text,
                Err(problem) => return ReadHeat::nothing(*problem),
            };
            let parsed = pandapipes::parse(&text, path);
            problems.extend(parsed.problems);
            let incomplete = problems.errors() > 0;
            let (heat, told) = if incomplete {
                (None, Vec::new())
            } else {
                pandapipes::pipe_pairs(&parsed.value, path)
            };
            problems.extend(told);
            let draft = heat.map(|heat| RegionDraft { heat, ..RegionDraft::default() });
            let marks = Marks { incomplete, ..Marks::default() };
            ReadHeat { draft, problems, sources: parsed.sources, marks }
        }
        Format::Region => {
            let read = region_folder::read_draft(path);
            problems.extend(read.problems);
            // Which of its rows are bad is not known here; with errors none is looked at.
            let unjudged = problems.errors() > 0;
            let marks = Marks { unjudged, ..Marks::default() };
            ReadHeat { draft: Some(read.draft), problems, sources: read.sources, marks }
        }
    }
}

/// Checks what was read as a region is checked. Generators that a network of its own names are
/// lent to it for that; gives their ids.
fn check(read: &mut ReadHeat, path: &Path) -> Vec<String> {
    let Some(draft) = read.draft.as_ref().filter(|_| !read.marks.unjudged) else {
        return Vec::new();
    };
    let mut draft = draft.clone();
    let lent = lend_generators(&mut draft);
    let checked = Region::check(draft);
    let marks = &read.marks;
    // What is wrong with a value that could not even be read was told already.
    let news = checked.problems.iter().filter(|p| {
        let follows = marks.incomplete && p.code == Code::UnknownReference;
        !follows && !marks.bad.contains(&(p.table, p.row))
    });
    read.problems.extend(news.map(|p| read.sources.locate(p, path)));
    lent
}

fn lend_generators(draft: &mut RegionDraft) -> Vec<String> {
    let own: HashSet<&str> = draft.grid.generators.iter().map(|g| g.id.as_str()).collect();
    let named = draft.heat.plants.iter().filter_map(|p| p.generator.as_ref());
    let mut lent: Vec<String> = Vec::new();
    let mut seen = own;
    for id in named {
        if seen.insert(id) {
            lent.push(id.clone());
        }
    }
    if lent.is_empty() {
        return lent;
    }
    if draft.grid.buses.is_empty() {
        draft.grid.base_mva = 100.0;
    }
    let mut bus = String::from("lent");
    while draft.grid.buses.iter().any(|b| b.id == bus) {
        bus.push('\'');
    }
    draft.grid.buses.push(Bus { id: bus.clone(), base_kv: 110.0, ..Bus::default() });
    draft.grid.generators.extend(lent.iter().map(|id| Generator {
        id: id.clone(),
        kind: GeneratorKind::Chp,
        bus: bus.clone(),
        p_max_mw: 1.0,
        ..Generator::default()
    }));
    lent
}

/// Reads the heat network at `path`, a GeoJSON file, a net of pandapipes or a region (its folder or `region.toml`),
/// and checks it as a region's is checked; generators that plants name may be missing.
///
/// The network is sound only if no problem is an error.
#[must_use]
pub fn read_heat(path: &Path) -> ReadNetwork<Heat<String, String>> {
    let mut read = read(path);
    check(&mut read, path);
    ReadNetwork { network: read.draft.map(|d| d.heat), problems: read.problems.finish(path) }
}

/// True if one of both is GeoJSON by its name, or what is read by its content is GeoJSON or a
/// net of pandapipes.
#[must_use]
pub fn is_heat(from: &Path, to: &Path) -> bool {
    let by_content = || {
        let other = OTHERS.iter().any(|e| *e != "json" && ends_in(from, e));
        !other && from.is_file() && matches!(format(from), Ok(Format::GeoJson | Format::Pandapipes))
    };
    [from, to].iter().any(|p| ends_in(p, "geojson")) || by_content()
}

/// What a conversion of a heat network came to.
#[derive(Debug)]
pub struct ConvertedHeat {
    /// Problems of the input, then notes of what the output cannot say.
    pub problems: Vec<InputProblem>,
    /// Junctions, pipe pairs, plants and substations; none if the input has errors, and nothing
    /// was written.
    pub rows: Option<[usize; 4]>,
}

/// Reads the heat network at `from` (see [`read_heat`]), checks it, and writes it to `to`:
/// GeoJSON by its name, else a region folder.
///
/// # Errors
/// See [`WriteGridError`]; problems of the input are no such error.
pub fn convert_heat(
    from: &Path,
    to: &Path,
    overwrite: bool,
) -> Result<ConvertedHeat, WriteGridError> {
    if !to.is_dir() && OTHERS.iter().any(|e| ends_in(to, e)) {
        return Err(WriteGridError::NotHeat(to.to_path_buf()));
    }
    let mut read = read(from);
    let lent = check(&mut read, from);
    let Some(draft) = read.draft.filter(|_| read.problems.errors() == 0) else {
        return Ok(ConvertedHeat { problems: read.problems.finish(from), rows: None });
    };
    let h = &draft.heat;
    let rows = [h.junctions.len(), h.pipes.len(), h.plants.len(), h.substations.len()];
    let mut problems = read.problems.finish(from);
    if ends_in(to, "geojson") {
        place::file(to, geojson::write(h).as_bytes(), overwrite)?;
        problems.extend(lost(&draft, to));
    } else {
        let name = to.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let region = RegionDraft { name, heat: draft.heat, ..RegionDraft::default() };
        let write =
            if overwrite { region_write::replace_region } else { region_write::write_region };
        write(&region, to, "")?;
        problems.extend(missing(&lent, to));
    }
    Ok(ConvertedHeat { problems, rows: Some(rows) })
}

/// Notes of what of a region GeoJSON does not hold.
fn lost(draft: &RegionDraft, to: &Path) -> Vec<InputProblem> {
    let (g, w, p) = (&draft.grid, &draft.water, &draft.places);
    let parts = [
        (g.buses.len(), "the grid", "buses"),
        (w.node_count(), "the water network", "nodes"),
        (p.areas.len(), "areas with their people and buildings", "areas"),
        (p.sites.len(), "sites", "sites"),
        (draft.dependencies.len(), "dependencies", "rows"),
    ];
    let note = |(count, what, rows): (usize, &str, &str)| {
        let message = format!("GeoJSON holds the heat network alone, not {what} ({count} {rows})");
        InputProblem::new(Severity::Note, codes::NOT_CARRIED_OVER, to, message)
    };
    parts.into_iter().filter(|(count, _, _)| *count > 0).map(note).collect()
}

/// A warning about generators that plants name and the new region does not have.
fn missing(lent: &[String], to: &Path) -> Option<InputProblem> {
    if lent.is_empty() {
        return None;
    }
    let mut names = lent.iter().take(5).map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
    if lent.len() > 5 {
        names.push_str(&format!(" and {} more", lent.len() - 5));
    }
    let message = format!("plants.csv names generators that this region does not have: {names}");
    let help = "add buses.csv and generators.csv, or include this region in one that has them";
    let problem = InputProblem::new(Severity::Warning, "unknown-reference", to, message);
    Some(problem.help(help))
}
