//! PyPSA folders of CSV to grids and back. See `docs/formats/pypsa.md`.
//!
//! Components and their conventions are those of PyPSA's "Components" and "Power Flow"
//! pages (Brown, Hörsch & Schlachtberger, PyPSA, Journal of Open Research Software 6,
//! 2018).

mod elements;
mod sheets;
mod types;
mod write;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::rc::Rc;

use blackstart::region::{Bus, BusKind, Position, Table};

use super::beside::GridFolder;
use crate::codes;
use crate::problem::{InputProblem, Problems, Severity};
use crate::sources::Sources;
use sheets::Component;
pub use write::write;

/// Base of per-unit values: PyPSA keeps ohms and its own base is 1 MVA.
const BASE_MVA: f64 = 100.0;

/// True for a folder with tables of PyPSA.
#[must_use]
pub fn looks_like(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).is_file();
    has("buses.csv") && (has("network.csv") || has("snapshots.csv") || has("lines.csv"))
}

/// Reads a folder as `Network.export_to_csv_folder` writes it.
///
/// Names are ids; loads, units, lines and so on whose name is another one's of the same
/// table of ours too are called after their component, such as `line 3`. Where a quantity
/// has a time series, its first value counts; all series stand beside the grid.
#[must_use]
pub fn read(folder: &Path) -> GridFolder {
    let mut reader = Reader {
        folder,
        out: GridFolder::default(),
        problems: Problems::default(),
        sources: Sources::default(),
        bus: HashMap::new(),
        other_carrier: HashSet::new(),
        left_out: 0,
        ids: HashSet::new(),
        times: Rc::from(Vec::new()),
    };
    reader.out.grid.base_mva = BASE_MVA;
    reader.times = sheets::snapshots(folder, &mut reader.problems);
    reader.buses();
    reader.lines();
    reader.transformers();
    reader.links();
    reader.loads();
    reader.generators();
    reader.storage_units();
    reader.stores();
    reader.shunts();
    reader.references();
    reader.remarks();
    let mut out = reader.out;
    out.problems = reader.problems.finish(folder);
    out.sources = reader.sources;
    out
}

struct Reader<'a> {
    folder: &'a Path,
    out: GridFolder,
    problems: Problems,
    sources: Sources,
    /// Row of the grid by name.
    bus: HashMap<String, usize>,
    /// Buses of heat, gas and so on.
    other_carrier: HashSet<String>,
    /// Elements at such buses.
    left_out: usize,
    ids: HashSet<(Table, String)>,
    times: Rc<[String]>,
}

impl Reader<'_> {
    fn note(&mut self, severity: Severity, code: &'static str, file: &str, message: String) {
        let path = self.folder.join(file);
        self.problems.push(InputProblem::new(severity, code, &path, message));
    }

    fn buses(&mut self) {
        let mut c = Component::read(self, "buses", true);
        if !c.sheet.require(&["v_nom"], &mut self.problems) {
            return;
        }
        let mut rows = Vec::new();
        let mut direct = 0;
        for row in 0..c.sheet.len() {
            let name = c.name(row);
            let p = &mut self.problems;
            let carrier = c.sheet.text(row, "carrier").to_uppercase();
            if !matches!(carrier.as_str(), "" | "AC" | "DC" | "ELECTRICITY" | "LOW VOLTAGE") {
                self.other_carrier.insert(name);
                continue;
            }
            direct += usize::from(carrier == "DC");
            let place = (c.sheet.number(row, "x", p), c.sheet.number(row, "y", p));
            let position = match place {
                (Some(lon_deg), Some(lat_deg))
                    if lon_deg.abs() <= 180.0
                        && lat_deg.abs() <= 90.0
                        && (lon_deg, lat_deg) != (0.0, 0.0) =>
                {
                    Some(Position { lon_deg, lat_deg })
                }
                _ => None,
            };
            let limit = |column: &str, none: f64, p: &mut Problems| {
                let value = c.sheet.number(row, column, p);
                value.filter(|x| x.is_finite() && *x > 0.0).unwrap_or(none)
            };
            let (vm_min_pu, vm_max_pu) =
                (limit("v_mag_pu_min", 0.9, p), limit("v_mag_pu_max", 1.1, p));
            let base_kv = c.sheet.needed(row, "v_nom", p);
            let vm_pu = c.value(row, "v_mag_pu_set", 1.0, p);
            if self.bus.insert(name.clone(), self.out.grid.buses.len()).is_some() {
                let message = format!("bus `{name}` is there twice");
                c.sheet.tell(p, (Severity::Error, "duplicate-id"), row, None, message);
                continue;
            }
            rows.push(row);
            self.out.grid.buses.push(Bus {
                name: name.clone(),
                id: name,
                base_kv,
                position,
                vm_min_pu,
                vm_max_pu,
                vm_pu,
                ..Bus::default()
            });
        }
        self.sources.set_table(Table::Buses, c.sheet.places(rows.into_iter()));
        c.keep(self, Table::Buses);
        if direct > 0 {
            let message = format!(
                "{direct} buses of direct current are taken as buses of their own islands; lines \
                 there have their resistance as reactance"
            );
            self.note(Severity::Warning, codes::ASSUMED, "buses.csv", message);
        }
    }

    /// A bus with its row; none if it is of another carrier, or after an error.
    fn bus_of(&mut self, c: &Component, row: usize, column: &str) -> Option<(String, usize)> {
        let name = c.sheet.text(row, column);
        if let Some(at) = self.bus.get(name) {
            return Some((name.to_owned(), *at));
        }
        if self.other_carrier.contains(name) {
            self.left_out += 1;
            return None;
        }
        let near = blackstart::region::closest(name, self.bus.keys().map(String::as_str));
        let near = near.map(|n| format!(" (did you mean `{n}`?)")).unwrap_or_default();
        let message = format!("there is no bus `{name}`{near}");
        let what = (Severity::Error, "unknown-reference");
        c.sheet.tell(&mut self.problems, what, row, Some(column), message);
        None
    }

    /// The name of a row, or component and name where another component has it already.
    fn id(&mut self, table: Table, c: &Component, row: usize) -> String {
        let name = c.name(row);
        if self.ids.insert((table, name.clone())) {
            return name;
        }
        let word = c.word.trim_end_matches('s').replace('_', " ");
        let longer = format!("{word} {name}");
        self.ids.insert((table, longer.clone()));
        longer
    }

    /// Where no unit is a slack, the first that regulates, or else the first unit, is the
    /// reference, as in PyPSA.
    fn references(&mut self) {
        let grid = &mut self.out.grid;
        if grid.buses.iter().any(|b| b.kind == BusKind::Reference) {
            return;
        }
        let at = |id: &str| self.bus.get(id).copied();
        let held = grid
            .generators
            .iter()
            .find(|g| at(&g.bus).is_some_and(|k| grid.buses[k].kind == BusKind::Generator));
        let first = held.or_else(|| grid.generators.first());
        let Some((k, id)) = first.and_then(|g| Some((at(&g.bus)?, g.id.clone()))) else { return };
        grid.buses[k].kind = BusKind::Reference;
        let message =
            format!("no generator is a slack; `{id}` is taken, at bus `{}`", grid.buses[k].id);
        self.note(Severity::Note, codes::ASSUMED, "generators.csv", message);
    }

    fn remarks(&mut self) {
        if !self.other_carrier.is_empty() {
            let message = format!(
                "{} buses of other carriers than electricity, and {} elements there, are left out",
                self.other_carrier.len(),
                self.left_out
            );
            self.note(Severity::Warning, codes::NOT_SIMULATED, "buses.csv", message);
        }
        let series = self.out.beside.series.len();
        if series > 0 {
            let first = self.times.first().cloned().unwrap_or_default();
            let message = format!(
                "{series} time series stand beside the grid; the grid has their first value ({first})"
            );
            self.note(Severity::Note, codes::ASSUMED, "snapshots.csv", message);
        }
        for (file, what) in
            [("global_constraints.csv", "global constraints"), ("processes.csv", "processes")]
        {
            if self.folder.join(file).is_file() {
                let message = format!("{what} are not used");
                self.note(Severity::Note, codes::NOT_SIMULATED, file, message);
            }
        }
    }
}
