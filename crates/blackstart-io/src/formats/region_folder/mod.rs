//! Region folders: `region.toml`, our CSV tables, MATPOWER cases and EPANET networks to a
//! [`Region`]. The format is described in `docs/formats/region.md`.

pub(crate) mod layouts;
mod manifest;
mod rows_grid;
mod rows_heat;
mod rows_places;
mod rows_water;
pub(crate) mod rules_table;
mod tables;
mod water_parts;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use blackstart::region::{Code, Region, RegionDraft, Table, WaterOptions};

use self::manifest::{Manifest, Named, WaterPart};
use crate::codes;
use crate::formats::{inp, matpower};
use crate::input_file::{self, Encoding, InputFile, MAX_TABLE_BYTES, MAX_TOML_BYTES};
use crate::problem::{InputProblem, Problems, Severity};
use crate::sources::{Place, Sources};

pub(crate) use manifest::{HEAT_KEYS, WATER_KEYS, loss_word};
pub use water_parts::{Placement, as_drawn, place};

/// The file that makes a folder a region.
pub(crate) const MANIFEST: &str = "region.toml";

/// What reading a region gave.
#[derive(Clone, Debug)]
pub struct ReadRegion {
    /// The region, if no problem is an error.
    pub region: Option<Region>,
    /// Everything that is wrong or worth knowing: at most
    /// [`MAX_PROBLEMS`](crate::MAX_PROBLEMS) of each severity.
    pub problems: Vec<InputProblem>,
    /// The files read, with the SHA-256 of their bytes in hexadecimal.
    pub inputs: Vec<(PathBuf, String)>,
}

impl ReadRegion {
    /// Number of errors among the problems.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.problems.iter().filter(|p| p.severity == Severity::Error).count()
    }
}

/// Reads the region in folder `path`, or the one whose `region.toml` is `path`.
///
/// Reads everything there is before it answers. Never panics; needs memory in proportion
/// to the files, each of which has a size limit.
#[must_use]
pub fn read_region(path: &Path) -> ReadRegion {
    let (draft, mut reader) = read(path);
    let mut region = None;
    let file = reader.main.clone();
    if reader.complete {
        let checked = Region::check(draft);
        for problem in &checked.problems {
            // What is wrong with a value that could not even be read was told already.
            if !reader.bad.contains(&(problem.table, problem.row)) {
                let mut located = reader.sources.locate(problem, &file);
                if problem.code == Code::DuplicateId
                    && located.file.extension().is_some_and(|e| e == "inp")
                    && let Some(help) = &mut located.help
                {
                    help.push_str(", or each [[water]] its own prefix");
                }
                reader.problems.push(located);
            }
        }
        if reader.problems.errors() == 0 {
            region = checked.region;
        }
    }
    for note in region.iter().flat_map(Region::notes) {
        let message = note.text.clone();
        let note = InputProblem::new(Severity::Note, codes::ASSUMED, &file, message);
        reader.problems.push(note);
    }
    ReadRegion { region, problems: reader.problems.finish(&file), inputs: reader.inputs }
}

/// A draft and everything that is wrong with its files.
#[derive(Clone, Debug)]
pub struct ReadDraft {
    /// As much as could be read; complete if no problem is an error.
    pub draft: RegionDraft,
    /// Everything that is wrong or worth knowing.
    pub problems: Vec<InputProblem>,
    /// Where its rows stand.
    pub sources: Sources,
}

/// Reads the region at `path` without checking it.
#[must_use]
pub fn read_draft(path: &Path) -> ReadDraft {
    let (draft, reader) = read(path);
    let problems = reader.problems.finish(&reader.main);
    ReadDraft { draft, problems, sources: reader.sources }
}

fn read(path: &Path) -> (RegionDraft, Reader) {
    let main = if path.is_dir() { path.join(MANIFEST) } else { path.to_path_buf() };
    let mut reader = Reader {
        main: main.clone(),
        draft: RegionDraft::default(),
        problems: Problems::default(),
        sources: Sources::default(),
        inputs: Vec::new(),
        bad: HashSet::new(),
        complete: true,
        water_options_of: None,
        open: Vec::new(),
        done: Vec::new(),
        folders: Vec::new(),
    };
    reader.draft.grid.base_mva = 100.0;
    let is_toml = main.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"));
    if main.is_file() && !is_toml {
        let message = "this file is no region";
        let help = "name the region's folder, or its region.toml";
        reader.problems.push(InputProblem::error(codes::BAD_VALUE, &main, message).help(help));
        reader.complete = false;
        return (RegionDraft::default(), reader);
    }
    reader.read_main();
    (std::mem::take(&mut reader.draft), reader)
}

/// Everything while a region is read.
struct Reader {
    /// The region.toml that was asked for.
    main: PathBuf,
    draft: RegionDraft,
    problems: Problems,
    sources: Sources,
    inputs: Vec<(PathBuf, String)>,
    /// Rows with values that could not be read.
    bad: HashSet<(Table, usize)>,
    /// False when whole tables or rows are missing, so that references cannot be judged.
    complete: bool,
    /// The network file whose options hold.
    water_options_of: Option<PathBuf>,
    /// Manifests being read, outermost first.
    open: Vec<PathBuf>,
    /// Manifests read.
    done: Vec<PathBuf>,
    /// Folders whose tables were read.
    folders: Vec<PathBuf>,
}

impl Reader {
    fn read_main(&mut self) {
        let main = self.main.clone();
        let extension = main.extension().and_then(|e| e.to_str()).unwrap_or("");
        if matches!(extension, "m" | "inp" | "csv") {
            let message = "a region is a folder with a region.toml, not a single network";
            let help = "make one around it with `blackstart new REGION --grid FILE --water FILE`";
            let problem = InputProblem::error(codes::BAD_VALUE, &main, message).help(help);
            self.problems.push(problem);
            self.complete = false;
            return;
        }
        let Some(file) = self.file(&main, MAX_TOML_BYTES, Encoding::Utf8, None) else { return };
        let name = self.manifest(&file);
        let folder = main.parent().and_then(Path::file_name).and_then(|n| n.to_str());
        self.draft.name = name.or(folder.map(str::to_owned)).unwrap_or_else(|| "region".into());
    }

    /// Reads a file; a missing one is told where it is named.
    fn file(
        &mut self,
        path: &Path,
        max_bytes: u64,
        encoding: Encoding,
        named: Option<(&Path, &Named)>,
    ) -> Option<InputFile> {
        let mut own = Problems::default();
        let file = input_file::read(path, max_bytes, encoding, &mut own);
        self.told(own, named);
        match &file {
            Some(file) => self.inputs.push((file.path.clone(), file.sha256.clone())),
            None => self.complete = false,
        }
        file
    }

    /// Takes over problems of reading a file; a missing one is told where it is named.
    fn told(&mut self, own: Problems, named: Option<(&Path, &Named)>) {
        for mut problem in own.into_list() {
            if let (codes::FILE_NOT_FOUND, Some((by, named))) = (problem.code, named) {
                problem.message = format!("there is no file `{}`", named.name);
                problem.found.clone_from(&named.name);
                problem.file = by.to_path_buf();
                problem = problem.at(named.line, named.column);
            }
            self.problems.push(problem);
        }
    }

    /// Reads what a region.toml names; gives its name.
    fn manifest(&mut self, file: &InputFile) -> Option<String> {
        let identity = identity(&file.path);
        let Some(manifest) = manifest::parse(&file.path, &file.text, &mut self.problems) else {
            self.complete = false;
            return None;
        };
        self.open.push(identity.clone());
        let folder = file.path.parent().unwrap_or(Path::new("")).to_path_buf();
        let mut included_name = None;
        for named in &manifest.include {
            let name = self.include(file, &folder, named);
            included_name = included_name.or(name);
        }
        self.matpower(file, &folder, &manifest);
        for part in &manifest.water {
            self.water_part(&file.path, &folder, part);
        }
        self.options(&file.path, &manifest);
        self.tables(&file.path, &folder, &manifest.tables);
        self.open.pop();
        self.done.push(identity);
        manifest.name.or(included_name)
    }

    fn include(&mut self, by: &InputFile, folder: &Path, named: &Named) -> Option<String> {
        let path = folder.join(&named.name);
        let identity = identity(&path);
        if self.open.contains(&identity) {
            let chain: Vec<String> = self
                .open
                .iter()
                .skip_while(|p| **p != identity)
                .chain(std::iter::once(&identity))
                .map(|p| p.file_name().unwrap_or_default().to_string_lossy().into_owned())
                .collect();
            let message = format!("`{}` is included in a circle", named.name);
            let problem = InputProblem::error(codes::CYCLIC_INCLUDE, &by.path, message)
                .at(named.line, named.column)
                .found(named.name.clone());
            let help = format!("{}: remove one of these includes", chain.join(" → "));
            self.problems.push(problem.help(help));
            return None;
        }
        if self.done.contains(&identity) {
            return None;
        }
        let by = Some((by.path.as_path(), named));
        let file = self.file(&path, MAX_TOML_BYTES, Encoding::Utf8, by)?;
        self.manifest(&file)
    }

    fn matpower(&mut self, by: &InputFile, folder: &Path, manifest: &Manifest) {
        if let Some(base) = &manifest.base_mva {
            self.draft.grid.base_mva = base.value;
            self.option_place(&by.path, "base_mva", base.line, base.column);
        }
        let Some(named) = &manifest.matpower else { return };
        let path = folder.join(&named.name);
        let named_by = Some((by.path.as_path(), named));
        let file = self.file(&path, MAX_TABLE_BYTES, Encoding::Utf8OrLatin1, named_by);
        let Some(file) = file else { return };
        let parsed = matpower::parse(&file.text, &file.path);
        self.take_problems(parsed.problems);
        let (mut grid, own) = (parsed.value, &mut self.draft.grid);
        let stated = manifest.base_mva.is_some() || !own.buses.is_empty();
        if stated && grid.base_mva != own.base_mva && !grid.buses.is_empty() {
            let message =
                format!("the case has baseMVA {}, the region {}", grid.base_mva, own.base_mva);
            let problem = InputProblem::error("contradiction", &by.path, message);
            let help = "remove base_mva, or keep one grid";
            self.problems.push(problem.at(named.line, named.column).help(help));
        }
        own.base_mva = grid.base_mva;
        let first = [
            (Table::Buses, own.buses.len()),
            (Table::Branches, own.branches.len()),
            (Table::Generators, own.generators.len()),
            (Table::Loads, own.loads.len()),
            (Table::DcLines, own.dc_lines.len()),
            (Table::Storages, own.storages.len()),
        ];
        self.sources.append(parsed.sources, |table| {
            first.iter().find(|(t, _)| *t == table).map_or(0, |(_, n)| *n)
        });
        own.buses.append(&mut grid.buses);
        own.branches.append(&mut grid.branches);
        own.generators.append(&mut grid.generators);
        own.loads.append(&mut grid.loads);
        own.dc_lines.append(&mut grid.dc_lines);
        own.storages.append(&mut grid.storages);
    }

    /// Takes over a parser's problems; after an error its tables are not complete.
    fn take_problems(&mut self, problems: Vec<InputProblem>) {
        if problems.iter().any(|p| p.severity == Severity::Error) {
            self.complete = false;
        }
        self.problems.extend(problems);
    }

    fn water_part(&mut self, by: &Path, folder: &Path, part: &WaterPart) {
        let path = folder.join(&part.inp.name);
        let mut own = Problems::default();
        let bytes = input_file::read_bytes(&path, MAX_TABLE_BYTES, &mut own);
        self.told(own, Some((by, &part.inp)));
        let Some((bytes, sha256)) = bytes else {
            self.complete = false;
            return;
        };
        self.inputs.push((path.clone(), sha256));
        let parsed = inp::parse(&bytes, &path);
        self.take_problems(parsed.problems);
        let mut water = parsed.value.water;
        let drawing = &parsed.value.coordinates;
        match part.placement {
            Some(placement) => place(&mut water, drawing, placement),
            None if drawing.is_empty() => {}
            None => {
                let message = "the coordinates of the network are not used: \
                               region.toml does not say where it lies";
                let problem = InputProblem::new(Severity::Note, codes::IGNORED, &path, message);
                let help = "write origin_lon_deg, origin_lat_deg and km_per_unit";
                self.problems.push(problem.help(help));
            }
        }
        water_parts::prefix(&mut water, &part.prefix);
        // Files may differ in their multipliers; demands carry them from here on.
        let factor = water.options.demand_multiplier * part.demand_factor;
        water_parts::scale_demands(&mut water, factor);
        water.options.demand_multiplier = 1.0;
        self.take_water_options(by, part, water.options);
        let own = &self.draft.water;
        let first = [
            (Table::Junctions, own.junctions.len()),
            (Table::Reservoirs, own.reservoirs.len()),
            (Table::Tanks, own.tanks.len()),
            (Table::Pipes, own.pipes.len()),
            (Table::Pumps, own.pumps.len()),
            (Table::Valves, own.valves.len()),
            (Table::Patterns, own.patterns.len()),
            (Table::Controls, own.controls.len()),
            (Table::Rules, own.rules.len()),
        ];
        self.sources.append(parsed.sources, |table| {
            first.iter().find(|(t, _)| *t == table).map_or(0, |(_, n)| *n)
        });
        water_parts::append(&mut self.draft.water, water);
    }

    /// All networks of a region share their options.
    fn take_water_options(&mut self, by: &Path, part: &WaterPart, options: WaterOptions) {
        match &self.water_options_of {
            None => {
                self.draft.water.options = options;
                self.water_options_of = Some(PathBuf::from(&part.inp.name));
            }
            Some(first) if self.draft.water.options != options => {
                let message = format!(
                    "`{}` has other options than `{}` (formula, viscosity, pressures or times)",
                    part.inp.name,
                    first.display()
                );
                let help =
                    "one region has one set of options; make the [OPTIONS] and [TIMES] alike";
                let problem = InputProblem::error("contradiction", by, message);
                self.problems.push(problem.at(part.inp.line, part.inp.column).help(help));
            }
            Some(_) => {}
        }
    }

    fn options(&mut self, by: &Path, manifest: &Manifest) {
        for option in &manifest.water_options {
            option.apply(&mut self.draft.water.options);
            self.option_place(by, option.key, option.line, option.column);
        }
        for option in &manifest.heat_options {
            option.apply(&mut self.draft.heat.options);
            self.option_place(by, option.key, option.line, option.column);
        }
    }

    fn option_place(&mut self, by: &Path, key: &'static str, line: usize, column: usize) {
        let place = Place { file: Rc::from(by), line: 0, column: 0 };
        self.sources.set_row(Table::Region, 0, place);
        self.sources.set_field(Table::Region, 0, key, line, column);
    }
}

/// A path by which two names of one file are known as one.
fn identity(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}
