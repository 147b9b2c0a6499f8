//! Tables of PowerSimData (`bus.csv`, `branch.csv`, `plant.csv`) to grids. See
//! `docs/formats/powersim.md`.
//!
//! Columns are MATPOWER's under their own names; layout as in PowerSimData's network data
//! (Xu et al., *U.S. Test System with High Spatial and Temporal Resolution for Renewable
//! Integration Studies*, IEEE PES General Meeting, 2020).

use std::collections::HashMap;
use std::path::Path;

use blackstart::region::{
    Branch, BranchKind, Bus, BusKind, Cost, Generator, GeneratorKind, Load, Position, Table,
};

use super::beside::GridFolder;
use super::pandapower::generator_kind;
use super::sheet::Sheet;
use crate::codes;
use crate::problem::{InputProblem, Problems, Severity};
use crate::sources::Sources;

const BASE_MVA: f64 = 100.0;

/// True for a folder with tables of PowerSimData.
#[must_use]
pub fn looks_like(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).is_file();
    has("bus.csv") && has("branch.csv") && has("plant.csv")
}

/// Reads a folder with `bus.csv`, `branch.csv`, `plant.csv` and, if they are there, `sub.csv`
/// (positions of substations) and `tie.csv` (branches cut at the border of an extract,
/// which become import ties with their rating).
#[must_use]
pub fn read(folder: &Path) -> GridFolder {
    let mut problems = Problems::default();
    let mut out = GridFolder::default();
    let mut sources = Sources::default();
    out.grid.base_mva = BASE_MVA;
    let mut reader =
        Reader { folder, out: &mut out, problems: &mut problems, sources: &mut sources };
    let buses = reader.buses();
    reader.branches(&buses);
    reader.plants(&buses);
    reader.ties(&buses);
    out.problems = problems.finish(folder);
    out.sources = sources;
    out
}

struct Reader<'a> {
    folder: &'a Path,
    out: &'a mut GridFolder,
    problems: &'a mut Problems,
    sources: &'a mut Sources,
}

/// Row of the grid by id.
type Buses = HashMap<String, usize>;

impl Reader<'_> {
    fn buses(&mut self) -> Buses {
        let mut buses = Buses::new();
        let Some(s) = Sheet::read(&self.folder.join("bus.csv"), self.problems) else {
            return buses;
        };
        if !s.require(&["bus_id", "type", "Pd", "Qd", "baseKV"], self.problems) {
            return buses;
        }
        let subs = Sheet::optional(&self.folder.join("sub.csv"), self.problems);
        let sub: HashMap<&str, usize> =
            (0..subs.len()).map(|r| (subs.text(r, "sub_id"), r)).collect();
        let p = &mut *self.problems;
        let mut loaded = Vec::new();
        for row in 0..s.len() {
            let id = s.text(row, "bus_id").to_owned();
            let mut place = (s.number(row, "lon", p), s.number(row, "lat", p));
            if let ((None, _) | (_, None), Some(r)) = (place, sub.get(s.text(row, "sub_id"))) {
                place = (subs.number(*r, "lon", p), subs.number(*r, "lat", p));
            }
            let position = match place {
                (Some(lon_deg), Some(lat_deg)) => Some(Position { lon_deg, lat_deg }),
                _ => None,
            };
            let kind = s.needed(row, "type", p);
            let (p_mw, q_mvar) = (s.needed(row, "Pd", p), s.needed(row, "Qd", p));
            if p_mw != 0.0 || q_mvar != 0.0 {
                loaded.push(row);
                let load = format!("load@{id}");
                let bus = id.clone();
                self.out.grid.loads.push(Load { id: load, bus, p_mw, q_mvar, ..Load::default() });
            }
            buses.insert(id.clone(), self.out.grid.buses.len());
            self.out.grid.buses.push(Bus {
                name: id.clone(),
                id,
                kind: match kind {
                    2.0 => BusKind::Generator,
                    3.0 => BusKind::Reference,
                    _ => BusKind::Load,
                },
                base_kv: s.needed(row, "baseKV", p),
                position,
                shunt_g_mw: s.number_or(row, "Gs", 0.0, p),
                shunt_b_mvar: s.number_or(row, "Bs", 0.0, p),
                vm_min_pu: s.number_or(row, "Vmin", 0.9, p),
                vm_max_pu: s.number_or(row, "Vmax", 1.1, p),
                vm_pu: s.number_or(row, "Vm", 1.0, p),
                va_deg: s.number_or(row, "Va", 0.0, p),
                in_service: kind != 4.0,
                ..Bus::default()
            });
        }
        self.sources.set_table(Table::Buses, s.places(0..s.len()));
        self.sources.set_table(Table::Loads, s.places(loaded.into_iter()));
        buses
    }

    fn bus(&mut self, s: &Sheet, row: usize, column: &str, buses: &Buses) -> String {
        let id = s.text(row, column).to_owned();
        if !buses.contains_key(&id) {
            let message = format!("there is no bus `{id}`");
            let what = (Severity::Error, "unknown-reference");
            s.tell(self.problems, what, row, Some(column), message);
        }
        id
    }

    fn branches(&mut self, buses: &Buses) {
        let Some(s) = Sheet::read(&self.folder.join("branch.csv"), self.problems) else { return };
        if !s.require(&["branch_id", "from_bus_id", "to_bus_id", "r", "x", "b"], self.problems) {
            return;
        }
        for row in 0..s.len() {
            let from = self.bus(&s, row, "from_bus_id", buses);
            let to = self.bus(&s, row, "to_bus_id", buses);
            let p = &mut *self.problems;
            let ratio = s.number_or(row, "ratio", 0.0, p);
            let rate = s.number(row, "rateA", p).filter(|x| *x > 0.0);
            let transformer =
                s.text(row, "branch_device_type").starts_with("Transformer") || ratio != 0.0;
            self.out.grid.branches.push(Branch {
                id: s.text(row, "branch_id").to_owned(),
                kind: if transformer { BranchKind::Transformer } else { BranchKind::Line },
                from,
                to,
                r_pu: s.needed(row, "r", p),
                x_pu: s.needed(row, "x", p),
                b_pu: s.needed(row, "b", p),
                tap: if ratio == 0.0 { 1.0 } else { ratio },
                shift_deg: s.number_or(row, "angle", 0.0, p),
                rate_mva: rate.unwrap_or(f64::INFINITY),
                in_service: s.number_or(row, "status", 1.0, p) != 0.0,
                ..Branch::default()
            });
        }
        self.sources.set_table(Table::Branches, s.places(0..s.len()));
    }

    fn plants(&mut self, buses: &Buses) {
        let Some(s) = Sheet::read(&self.folder.join("plant.csv"), self.problems) else { return };
        if !s.require(&["plant_id", "bus_id", "type", "Pmax", "Pmin"], self.problems) {
            return;
        }
        for row in 0..s.len() {
            let bus = self.bus(&s, row, "bus_id", buses);
            let p = &mut *self.problems;
            let held = buses.get(&bus).map_or(1.0, |k| self.out.grid.buses[*k].vm_pu);
            let fuel = s.number_or(row, "GenFuelCost", 0.0, p);
            let heat = s.number_or(row, "GenIOB", 0.0, p);
            let cost = (fuel * heat != 0.0).then(|| Cost::Polynomial(vec![fuel * heat, 0.0]));
            self.out.grid.generators.push(Generator {
                id: s.text(row, "plant_id").to_owned(),
                kind: generator_kind(match s.text(row, "type") {
                    "ng" | "dfo" | "geothermal" => "thermal",
                    other => other,
                }),
                bus,
                p_min_mw: s.needed(row, "Pmin", p),
                p_max_mw: s.needed(row, "Pmax", p),
                p_mw: s.number_or(row, "Pg", 0.0, p),
                q_mvar: s.number_or(row, "Qg", 0.0, p),
                q_min_mvar: s.number(row, "Qmin", p).unwrap_or(f64::NEG_INFINITY),
                q_max_mvar: s.number(row, "Qmax", p).unwrap_or(f64::INFINITY),
                vm_pu: s.number_or(row, "Vg", held, p),
                cost,
                in_service: s.number_or(row, "status", 1.0, p) != 0.0,
                ..Generator::default()
            });
        }
        self.sources.set_table(Table::Generators, s.places(0..s.len()));
    }

    fn ties(&mut self, buses: &Buses) {
        let path = self.folder.join("tie.csv");
        let s = Sheet::optional(&path, self.problems);
        if s.len() == 0 || !s.require(&["branch_id", "inside_bus", "rateA"], self.problems) {
            return;
        }
        let first = self.out.grid.generators.len();
        for row in 0..s.len() {
            let bus = self.bus(&s, row, "inside_bus", buses);
            let rate = s.number(row, "rateA", self.problems).filter(|x| *x > 0.0);
            self.out.grid.generators.push(Generator {
                id: format!("tie{}", s.text(row, "branch_id")),
                kind: GeneratorKind::Import,
                bus,
                p_max_mw: rate.unwrap_or(f64::INFINITY),
                ..Generator::default()
            });
        }
        self.sources.set_rows(Table::Generators, first, s.places(0..s.len()));
        let message = format!("{} branches over the border become import ties", s.len());
        let note = InputProblem::new(Severity::Note, codes::ASSUMED, &path, message);
        self.problems.push(note);
    }
}
