//! The fields of a case to a grid.

mod numbers;

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use blackstart::region::{
    Branch, BranchKind, Bus, BusKind, Cost, DcLine, Generator, GeneratorKind, Grid, Load,
    LoadProfile, Priority, Storage, Table,
};

use super::eval::Evaluator;
use super::statements::USED;
use super::value::{Matrix, Value};
use crate::codes;
use crate::formats::Parsed;
use crate::formats::collect::{Collector, nearest};
use crate::problem::{InputProblem, Severity};
use crate::sources::{RowPlaces, Sources};
use numbers::{Levels, angle_limits, bus_number, joined, limits, push_whole, rating, whole};

const BUS_NAMES: &[&str] =
    &["id", "p_mw", "q_mvar", "shunt_g_mw", "shunt_b_mvar", "vm_pu", "va_deg", "base_kv"];
const BUS_COLUMNS: &[usize] = &[0, 2, 3, 4, 5, 7, 8, 9];
const LOAD_NAMES: &[&str] = &["bus", "p_mw", "q_mvar", "id"];
const LOAD_COLUMNS: &[usize] = &[0, 2, 3, 0];
const BRANCH_NAMES: &[&str] =
    &["id", "from", "to", "r_pu", "x_pu", "b_pu", "rate_mva", "tap", "shift_deg", "in_service"];
const BRANCH_COLUMNS: &[usize] = &[0, 0, 1, 2, 3, 4, 5, 8, 9, 10];
const GEN_NAMES: &[&str] = &[
    "id",
    "bus",
    "p_mw",
    "q_max_mvar",
    "q_min_mvar",
    "vm_pu",
    "in_service",
    "p_max_mw",
    "p_min_mw",
];
const GEN_COLUMNS: &[usize] = &[0, 0, 1, 3, 4, 5, 7, 8, 9];
const DC_NAMES: &[&str] =
    &["id", "from", "to", "in_service", "p_min_mw", "p_max_mw", "loss_mw", "loss_share"];
const DC_COLUMNS: &[usize] = &[0, 0, 1, 2, 9, 10, 15, 16];

struct Builder<'a> {
    problems: Collector<'a>,
    sources: Sources,
    file: Rc<Path>,
}

/// Makes the grid of what the statements left behind.
pub(super) fn grid(mut e: Evaluator<'_>, fields: &[(String, usize)]) -> Parsed<Grid<String>> {
    let line_of = |name: &str| fields.iter().find(|(f, _)| f == name).map_or(0, |(_, l)| *l);
    let vars = std::mem::take(&mut e.vars);
    let problems = e.problems;
    let file = Rc::from(problems.file());
    let mut b = Builder { problems, sources: Sources::default(), file };
    // What already failed (version 1, a truncated matrix) explains what is missing.
    let silent = b.problems.errors() > 0;

    let matrix = |name: &str| match vars.get(name) {
        Some(Value::Matrix(m)) => Some(m),
        _ => None,
    };
    let texts = |name: &str| match vars.get(name) {
        Some(Value::Cell(texts)) => Some(texts.as_slice()),
        _ => None,
    };

    if !silent && fields.is_empty() {
        b.problems.push(
            InputProblem::error(codes::BAD_SYNTAX, &b.file, "this is not a MATPOWER case").help(
                "a version 2 case sets mpc.version, mpc.baseMVA, mpc.bus, mpc.gen and mpc.branch",
            ),
        );
        return b.finish(Grid::default());
    }
    b.version(vars.get("mpc.version"), matrix("mpc.gen"), line_of("mpc.version"));
    for name in ["mpc.baseMVA", "mpc.bus", "mpc.gen", "mpc.branch"] {
        if !vars.contains_key(name) && !silent {
            let near = nearest(name, fields.iter().map(|(f, _)| f.as_str()));
            let mut problem = InputProblem::error(
                codes::MISSING_KEY,
                &b.file,
                format!("the case has no `{name}`"),
            );
            if let Some(near) = near.filter(|n| !USED.contains(n)) {
                problem = problem.at(line_of(near), 0).help(format!("is `{near}` meant for it?"));
            }
            b.problems.push(problem);
        }
    }
    b.unused(fields);

    let base_mva = match matrix("mpc.baseMVA").and_then(Matrix::as_scalar) {
        Some(x) => x,
        None => {
            if vars.contains_key("mpc.baseMVA") {
                b.problems.add(
                    Severity::Error,
                    codes::BAD_NUMBER,
                    (line_of("mpc.baseMVA"), 0),
                    "`mpc.baseMVA` is not a single number",
                );
            }
            f64::NAN
        }
    };
    let mut grid = Grid { base_mva, ..Grid::default() };
    let buses = b.table(matrix("mpc.bus"), "mpc.bus", 10, line_of("mpc.bus"));
    if let Some(m) = buses {
        let names = b.names(texts("mpc.bus_name"), m.rows, "bus_name", line_of("mpc.bus_name"));
        b.buses(&mut grid, m, names);
    }
    if let Some(m) = b.table(matrix("mpc.branch"), "mpc.branch", 11, line_of("mpc.branch")) {
        b.branches(&mut grid, m, buses);
    }
    if let Some(m) = b.table(matrix("mpc.gen"), "mpc.gen", 10, line_of("mpc.gen")) {
        let fuels = b.names(texts("mpc.genfuel"), m.rows, "genfuel", line_of("mpc.genfuel"));
        let types = b.names(texts("mpc.gentype"), m.rows, "gentype", line_of("mpc.gentype"));
        let costs = b.table(
            matrix("mpc.gencost").filter(|m| m.rows > 0),
            "mpc.gencost",
            5,
            line_of("mpc.gencost"),
        );
        let costs = costs.map_or_else(Vec::new, |c| b.costs(c, m.rows));
        b.generators(&mut grid, m, fuels, types, costs);
    }
    let storage = matrix("mpc.storage").filter(|m| m.rows > 0);
    if let Some(m) = b.table(storage, "mpc.storage", 17, line_of("mpc.storage")) {
        b.storages(&mut grid, m);
    }
    let dc = matrix("mpc.dcline").filter(|m| m.rows > 0);
    if let Some(m) = b.table(dc, "mpc.dcline", 11, line_of("mpc.dcline")) {
        b.dc_lines(&mut grid, m);
    }
    b.finish(grid)
}

impl Builder<'_> {
    fn finish(self, value: Grid<String>) -> Parsed<Grid<String>> {
        Parsed { value, problems: self.problems.finish(), sources: self.sources }
    }

    fn version(&mut self, version: Option<&Value>, gens: Option<&Matrix>, line: usize) {
        let is_two = match version {
            Some(Value::Text(text)) => text.trim() == "2",
            Some(Value::Matrix(m)) => m.as_scalar() == Some(2.0),
            Some(Value::Cell(_)) => false,
            // As MATPOWER itself does: version 2 added the columns of `gen` after 10.
            None if gens.is_some_and(|g| g.cols >= 21) => {
                self.problems.add(
                    Severity::Warning,
                    codes::ASSUMED,
                    (0, 0),
                    "`mpc.version` is missing; `mpc.gen` looks like version 2",
                );
                true
            }
            None if self.problems.errors() > 0 => true,
            None => {
                self.problems.push(
                    InputProblem::error(
                        codes::MISSING_KEY,
                        &self.file,
                        "the case has no `mpc.version`",
                    )
                    .help("mpc.version = '2'; only version 2 is read"),
                );
                true
            }
        };
        if !is_two {
            let found = match version {
                Some(Value::Text(text)) => text.clone(),
                Some(Value::Matrix(m)) => {
                    m.as_scalar().map_or_else(|| "a matrix".into(), |x| x.to_string())
                }
                Some(Value::Cell(_)) | None => "a cell array".into(),
            };
            self.problems.push(
                InputProblem::error(
                    codes::BAD_VALUE,
                    &self.file,
                    format!("MATPOWER case version `{found}` is not read; only version 2 is"),
                )
                .at(line, 0)
                .found(found)
                .help("save it anew with MATPOWER: savecase('new.m', loadcase('old.m'))"),
            );
        }
    }

    /// One note for each field that is read but plays no part.
    fn unused(&mut self, fields: &[(String, usize)]) {
        let mut told: Vec<&str> = Vec::new();
        for (field, line) in fields {
            if USED.contains(&field.as_str()) || told.contains(&field.as_str()) || told.len() > 50 {
                continue;
            }
            told.push(field);
            let name = field.trim_start_matches("mpc.");
            let message = match name {
                "areas" => "price areas (`areas`) are read but not used".into(),
                _ => format!("`{name}` is read but not used"),
            };
            let problem =
                InputProblem::new(Severity::Note, codes::NOT_SIMULATED, &self.file, message);
            self.problems.push(problem.at(*line, 0));
        }
    }

    /// The matrix, if it is there, has rows and is wide enough.
    fn table<'m>(
        &mut self,
        matrix: Option<&'m Matrix>,
        name: &str,
        width: usize,
        line: usize,
    ) -> Option<&'m Matrix> {
        let m = matrix?;
        if m.rows == 0 && self.problems.errors() == 0 {
            let message = format!("`{name}` has no rows");
            let severity = if name == "mpc.bus" { Severity::Error } else { Severity::Warning };
            self.problems.add(severity, codes::BAD_VALUE, (line, 0), message);
        }
        if m.rows > 0 && m.cols < width {
            self.problems.add(
                Severity::Error,
                codes::SHORT_ROW,
                (m.place(0, 0).0.max(line), 0),
                format!("`{name}` has {} columns, at least {width} are needed", m.cols),
            );
            return None;
        }
        Some(m)
    }

    /// Texts beside a table's rows, if there is one for each row.
    fn names<'t>(
        &mut self,
        texts: Option<&'t [String]>,
        rows: usize,
        field: &str,
        line: usize,
    ) -> Option<&'t [String]> {
        let texts = texts?;
        if texts.len() == rows {
            return Some(texts);
        }
        self.problems.add(
            Severity::Warning,
            codes::IGNORED,
            (line, 0),
            format!("`{field}` has {} entries for {rows} rows and is ignored", texts.len()),
        );
        None
    }

    /// Says where the rows of `m` that became rows of `table` stand.
    fn places(
        &mut self,
        table: Table,
        m: &Matrix,
        names: &'static [&'static str],
        columns: &[usize],
        rows: impl Iterator<Item = usize>,
    ) {
        if m.origin.lines.len() != m.rows {
            return;
        }
        let mut places = RowPlaces {
            file: Rc::clone(&self.file),
            lines: Vec::with_capacity(m.rows),
            fields: names,
            columns: Vec::with_capacity(m.rows * names.len()),
        };
        for r in rows {
            places.lines.push(m.origin.lines[r]);
            for c in columns {
                places.columns.push(m.origin.columns.get(r * m.cols + c).copied().unwrap_or(0));
            }
        }
        self.sources.set_table(table, places);
    }

    /// A bus number as id; anything but a positive whole number is an error.
    fn bus_id(&mut self, m: &Matrix, r: usize, c: usize, table: &str) -> String {
        let x = m.at(r, c);
        if let Some(number) = bus_number(x) {
            let mut id = String::with_capacity(8);
            push_whole(&mut id, number);
            return id;
        }
        // A NaN here was already told when it was read.
        if !(x.is_nan() && self.problems.errors() > 0) {
            let (line, column) = m.place(r, c);
            self.problems.push(
                InputProblem::error(
                    codes::BAD_NUMBER,
                    &self.file,
                    format!("bus number {x} in `{table}` is not a positive whole number"),
                )
                .at(line, column)
                .found(x.to_string()),
            );
        }
        x.to_string()
    }

    fn buses(&mut self, grid: &mut Grid<String>, m: &Matrix, names: Option<&[String]>) {
        self.places(Table::Buses, m, BUS_NAMES, BUS_COLUMNS, 0..m.rows);
        let mut loaded = Vec::new();
        grid.buses.reserve(m.rows);
        grid.loads.reserve(m.rows);
        for r in 0..m.rows {
            let id = self.bus_id(m, r, 0, "mpc.bus");
            let (p_mw, q_mvar) = (m.at(r, 2), m.at(r, 3));
            if p_mw != 0.0 || q_mvar != 0.0 {
                loaded.push(r);
                grid.loads.push(Load {
                    id: joined(["load@", &id, ""]),
                    bus: id.clone(),
                    p_mw,
                    q_mvar,
                    priority: Priority::Homes,
                    queue: None,
                    profile: LoadProfile::Flat,
                    in_service: true,
                });
            }
            let name = names.map(|n| n[r].trim()).filter(|n| !n.is_empty()).unwrap_or(&id);
            grid.buses.push(Bus {
                name: name.to_owned(),
                kind: match m.at(r, 1) {
                    2.0 => BusKind::Generator,
                    3.0 => BusKind::Reference,
                    _ => BusKind::Load,
                },
                vm_max_pu: m.get(r, 11).unwrap_or(1.1),
                vm_min_pu: m.get(r, 12).unwrap_or(0.9),
                area: whole(m.at(r, 6)),
                zone: m.get(r, 10).map_or(0, whole),
                base_kv: m.at(r, 9),
                position: None,
                shunt_g_mw: m.at(r, 4),
                shunt_b_mvar: m.at(r, 5),
                vm_pu: m.at(r, 7),
                va_deg: m.at(r, 8),
                facility: None,
                in_service: m.at(r, 1) != 4.0,
                id,
            });
        }
        self.places(Table::Loads, m, LOAD_NAMES, LOAD_COLUMNS, loaded.into_iter());
    }

    fn branches(&mut self, grid: &mut Grid<String>, m: &Matrix, buses: Option<&Matrix>) {
        self.places(Table::Branches, m, BRANCH_NAMES, BRANCH_COLUMNS, 0..m.rows);
        let levels = buses.map_or_else(Levels::default, Levels::new);
        let mut parallel: HashMap<(u64, u64), u32> = HashMap::with_capacity(m.rows);
        let mut branches = Vec::with_capacity(m.rows);
        for r in 0..m.rows {
            let from = self.bus_id(m, r, 0, "mpc.branch");
            let to = self.bus_id(m, r, 1, "mpc.branch");
            let numbers = (bus_number(m.at(r, 0)), bus_number(m.at(r, 1)));
            let mut id = joined([&from, "-", &to]);
            let mut steps = false;
            if let (Some(from), Some(to)) = numbers {
                let count = parallel.entry((from, to)).or_insert(0);
                *count += 1;
                if *count > 1 {
                    id.push('#');
                    push_whole(&mut id, u64::from(*count));
                }
                steps = matches!((levels.kv(from), levels.kv(to)), (Some(a), Some(b)) if a != b);
            }
            let (ratio, shift_deg) = (m.at(r, 8), m.at(r, 9));
            let (angle_min_deg, angle_max_deg) = angle_limits(m.get(r, 11), m.get(r, 12));
            let transformer = ratio != 0.0 || shift_deg != 0.0 || steps;
            branches.push(Branch {
                id,
                kind: if transformer { BranchKind::Transformer } else { BranchKind::Line },
                from,
                to,
                r_pu: m.at(r, 2),
                x_pu: m.at(r, 3),
                b_pu: m.at(r, 4),
                tap: if ratio == 0.0 { 1.0 } else { ratio },
                shift_deg,
                rate_mva: rating(m.at(r, 5)),
                rate_short_mva: rating(m.at(r, 6)),
                rate_emergency_mva: rating(m.at(r, 7)),
                angle_min_deg,
                angle_max_deg,
                in_service: m.at(r, 10) != 0.0,
            });
        }
        grid.branches = branches;
    }

    fn generators(
        &mut self,
        grid: &mut Grid<String>,
        m: &Matrix,
        fuels: Option<&[String]>,
        types: Option<&[String]>,
        mut costs: Vec<Option<Cost>>,
    ) {
        costs.resize(m.rows, None);
        self.left_out(m, 10..16, "capability curves (PC1 to QC2MAX) are not used");
        self.left_out(m, 16..20, "ramp rates are not used");
        self.places(Table::Generators, m, GEN_NAMES, GEN_COLUMNS, 0..m.rows);
        for (r, cost) in costs.into_iter().enumerate() {
            let bus = self.bus_id(m, r, 0, "mpc.gen");
            let fuel = fuels.map_or("", |f| f[r].as_str());
            let unit = types.map_or("", |t| t[r].as_str());
            grid.generators.push(Generator {
                id: format!("gen{}@{bus}", r + 1),
                kind: kind_of(fuel, unit),
                bus,
                p_min_mw: m.at(r, 9),
                p_max_mw: m.at(r, 8),
                p_mw: m.at(r, 1),
                q_mvar: m.at(r, 2),
                base_mva: m.at(r, 6),
                participation: m.get(r, 20).unwrap_or(0.0),
                cost,
                q_min_mvar: m.at(r, 4),
                q_max_mvar: m.at(r, 3),
                vm_pu: m.at(r, 5),
                fuel_h: f64::INFINITY,
                facility: None,
                in_service: m.at(r, 7) > 0.0,
            });
        }
    }

    fn dc_lines(&mut self, grid: &mut Grid<String>, m: &Matrix) {
        self.places(Table::DcLines, m, DC_NAMES, DC_COLUMNS, 0..m.rows);
        let mut ids = UniqueIds::default();
        for r in 0..m.rows {
            let from = self.bus_id(m, r, 0, "mpc.dcline");
            let to = self.bus_id(m, r, 1, "mpc.dcline");
            grid.dc_lines.push(DcLine {
                id: ids.make(format!("dc{from}-{to}")),
                from,
                to,
                p_mw: m.at(r, 3),
                q_from_mvar: m.at(r, 5),
                q_to_mvar: m.at(r, 6),
                vm_from_pu: m.at(r, 7),
                vm_to_pu: m.at(r, 8),
                q_from_limits_mvar: limits(m.get(r, 11), m.get(r, 12)),
                q_to_limits_mvar: limits(m.get(r, 13), m.get(r, 14)),
                p_min_mw: m.at(r, 9),
                p_max_mw: m.at(r, 10),
                loss_mw: m.get(r, 15).unwrap_or(0.0),
                loss_share: m.get(r, 16).unwrap_or(0.0),
                in_service: m.at(r, 2) != 0.0,
            });
        }
    }

    /// A note when one of these columns says something.
    fn left_out(&mut self, m: &Matrix, columns: std::ops::Range<usize>, text: &str) {
        let says = |r: usize| columns.clone().any(|c| m.get(r, c).is_some_and(|v| v != 0.0));
        if let Some(row) = (0..m.rows).find(|r| says(*r)) {
            let line = m.place(row, 0).0;
            self.problems.add(Severity::Note, codes::NOT_SIMULATED, (line, 0), text);
        }
    }

    /// The costs of active power, by generator.
    fn costs(&mut self, m: &Matrix, generators: usize) -> Vec<Option<Cost>> {
        if m.rows > generators {
            let text = "the second half of `gencost`, costs of reactive power, is not used";
            self.problems.add(Severity::Note, codes::NOT_SIMULATED, (m.place(0, 0).0, 0), text);
        }
        self.left_out(m, 1..3, "start-up and shut-down costs are not used");
        (0..m.rows.min(generators))
            .map(|r| {
                let count = whole(m.at(r, 3)) as usize;
                let wide = |n: usize| m.cols >= 4 + n;
                match m.at(r, 0) {
                    2.0 if wide(count) => {
                        Some(Cost::Polynomial((0..count).map(|k| m.at(r, 4 + k)).collect()))
                    }
                    1.0 if wide(2 * count) => Some(Cost::Piecewise(
                        (0..count).map(|k| (m.at(r, 4 + 2 * k), m.at(r, 5 + 2 * k))).collect(),
                    )),
                    _ => {
                        let text = "this cost is neither piecewise linear (1) nor polynomial (2) \
                                    with all its numbers, and is left out";
                        self.problems.add(Severity::Warning, codes::IGNORED, m.place(r, 0), text);
                        None
                    }
                }
            })
            .collect()
    }

    fn storages(&mut self, grid: &mut Grid<String>, m: &Matrix) {
        self.places(Table::Storages, m, &["id"], &[0], 0..m.rows);
        for r in 0..m.rows {
            let bus = self.bus_id(m, r, 0, "mpc.storage");
            grid.storages.push(Storage {
                id: format!("storage{}@{bus}", r + 1),
                bus,
                p_mw: m.at(r, 1),
                q_mvar: m.at(r, 2),
                energy_mwh: m.at(r, 3),
                energy_max_mwh: m.at(r, 4),
                charge_max_mw: m.at(r, 5),
                discharge_max_mw: m.at(r, 6),
                charge_efficiency: m.at(r, 7),
                discharge_efficiency: m.at(r, 8),
                rate_mva: rating(m.at(r, 9)),
                q_min_mvar: m.at(r, 10),
                q_max_mvar: m.at(r, 11),
                r_pu: m.at(r, 12),
                x_pu: m.at(r, 13),
                p_loss_mw: m.at(r, 14),
                q_loss_mvar: m.at(r, 15),
                in_service: m.at(r, 16) != 0.0,
            });
        }
    }
}

/// Ids made unique: the second of a name gets `#2`, the third `#3`.
#[derive(Default)]
pub(super) struct UniqueIds(HashMap<String, usize>);

impl UniqueIds {
    pub fn make(&mut self, id: String) -> String {
        let count = self.0.entry(id.clone()).or_insert(0);
        *count += 1;
        if *count == 1 { id } else { format!("{id}#{count}") }
    }
}

/// Kind by MATPOWER's `genfuel` words, else by its `gentype` codes, which are those of
/// the EIA form 860 with PowerWorld's additions. `thermal`, `chp` and `import` are the
/// words that [`write`](super::write()) adds.
pub(super) fn kind_of(fuel: &str, unit: &str) -> GeneratorKind {
    match fuel.trim().to_ascii_lowercase().as_str() {
        "nuclear" => return GeneratorKind::Nuclear,
        "thermal" => return GeneratorKind::Thermal,
        "chp" => return GeneratorKind::Chp,
        "import" => return GeneratorKind::Import,
        "hydro" | "hydrops" => return GeneratorKind::Hydro,
        "wind" => return GeneratorKind::Wind,
        "solar" => return GeneratorKind::Solar,
        "biomass" | "coal" | "dfo" | "geothermal" | "jetfuel" | "lng" | "ng" | "oil" | "refuse"
        | "rfo" | "wasteheat" | "wood" => return GeneratorKind::Thermal,
        _ => {}
    }
    match unit.trim().to_ascii_uppercase().as_str() {
        "NB" | "NG" | "NH" | "NP" => GeneratorKind::Nuclear,
        "HA" | "HB" | "HK" | "HY" | "PS" => GeneratorKind::Hydro,
        "WT" | "WS" | "W1" | "W2" | "W3" | "W4" => GeneratorKind::Wind,
        "PV" | "CP" => GeneratorKind::Solar,
        "BT" | "CA" | "CC" | "CS" | "CT" | "FC" | "GT" | "IC" | "IT" | "JE" | "ST" => {
            GeneratorKind::Thermal
        }
        _ => GeneratorKind::Other,
    }
}
