//! The tables of RTS-GMLC (`SourceData`) to grids. See `docs/formats/rts-gmlc.md`.
//!
//! Layout: Barrows et al., *The IEEE Reliability Test System: A Proposed 2019 Update*, IEEE
//! Transactions on Power Systems 35, 2020, and the README of its source data.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use blackstart::region::{
    Branch, BranchKind, Bus, BusKind, Cost, DcLine, Generator, GeneratorKind, Load, Position,
    Storage, Table,
};

use super::beside::{GridFolder, GridSeries, OutageRate};
use super::sheet::Sheet;
use crate::codes;
use crate::problem::{InputProblem, Problems, Severity};
use crate::sources::Sources;

/// Base of the per-unit values of RTS-GMLC.
const BASE_MVA: f64 = 100.0;
const HOURS_PER_YEAR: f64 = 8760.0;

/// True for a folder with the tables of RTS-GMLC.
#[must_use]
pub fn looks_like(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).is_file();
    has("bus.csv") && has("branch.csv") && has("gen.csv")
}

/// Reads a folder with `bus.csv`, `branch.csv`, `gen.csv` and, if they are there,
/// `dc_branch.csv`, `storage.csv` and `timeseries_pointers.csv`.
///
/// Ids are those of the tables (`Bus ID`, `UID`, `GEN UID`); loads are `load@BUS`. Failure
/// rates and day-ahead time series stand beside the grid.
#[must_use]
pub fn read(folder: &Path) -> GridFolder {
    let mut reader = Reader {
        folder,
        out: GridFolder::default(),
        problems: Problems::default(),
        sources: Sources::default(),
        buses: HashSet::new(),
    };
    reader.out.grid.base_mva = BASE_MVA;
    reader.buses();
    reader.branches();
    reader.dc_branches();
    reader.generators();
    reader.series();
    let mut out = reader.out;
    out.problems = reader.problems.finish(folder);
    out.sources = reader.sources;
    out
}

/// A table of time series, and the beginnings of its periods.
type DataFile = (Sheet, Rc<[String]>);

struct Reader<'a> {
    folder: &'a Path,
    out: GridFolder,
    problems: Problems,
    sources: Sources,
    buses: HashSet<String>,
}

impl Reader<'_> {
    fn note(&mut self, file: &Path, code: &'static str, message: String) {
        self.problems.push(InputProblem::new(Severity::Note, code, file, message));
    }

    fn buses(&mut self) {
        let Some(s) = Sheet::read(&self.folder.join("bus.csv"), &mut self.problems) else { return };
        if !s.require(&["Bus ID", "BaseKV", "Bus Type", "MW Load", "MVAR Load"], &mut self.problems)
        {
            return;
        }
        let p = &mut self.problems;
        let mut loaded = Vec::new();
        for row in 0..s.len() {
            let id = s.text(row, "Bus ID").to_owned();
            let kind = match s.text(row, "Bus Type") {
                "PQ" => BusKind::Load,
                "PV" => BusKind::Generator,
                "Ref" => BusKind::Reference,
                other => {
                    let message = format!("`{other}` is no bus type; PQ, PV and Ref are");
                    let what = (Severity::Error, codes::BAD_WORD);
                    s.tell(p, what, row, Some("Bus Type"), message);
                    BusKind::Load
                }
            };
            let place = (s.number(row, "lng", p), s.number(row, "lat", p));
            let position = match place {
                (Some(lon_deg), Some(lat_deg)) => Some(Position { lon_deg, lat_deg }),
                _ => None,
            };
            let (p_mw, q_mvar) = (s.needed(row, "MW Load", p), s.needed(row, "MVAR Load", p));
            if p_mw != 0.0 || q_mvar != 0.0 {
                loaded.push(row);
                self.out.grid.loads.push(Load {
                    id: format!("load@{id}"),
                    bus: id.clone(),
                    p_mw,
                    q_mvar,
                    ..Load::default()
                });
            }
            let name = s.text(row, "Bus Name");
            self.out.grid.buses.push(Bus {
                name: if name.is_empty() { id.clone() } else { name.to_owned() },
                kind,
                base_kv: s.needed(row, "BaseKV", p),
                position,
                shunt_g_mw: s.number_or(row, "MW Shunt G", 0.0, p),
                shunt_b_mvar: s.number_or(row, "MVAR Shunt B", 0.0, p),
                vm_pu: s.number_or(row, "V Mag", 1.0, p),
                va_deg: s.number_or(row, "V Angle", 0.0, p),
                area: s.number_or(row, "Area", 0.0, p) as u32,
                zone: s.number_or(row, "Zone", 0.0, p) as u32,
                id: id.clone(),
                ..Bus::default()
            });
            self.buses.insert(id);
        }
        self.sources.set_table(Table::Buses, s.places(0..s.len()));
        self.sources.set_table(Table::Loads, s.places(loaded.into_iter()));
    }

    /// The bus that a cell names, told if there is none.
    fn bus(&mut self, s: &Sheet, row: usize, column: &str) -> String {
        let id = s.text(row, column).to_owned();
        if !self.buses.contains(&id) {
            let message = format!("there is no bus `{id}`");
            let what = (Severity::Error, "unknown-reference");
            s.tell(&mut self.problems, what, row, Some(column), message);
        }
        id
    }

    fn rate(&mut self, table: Table, id: &str, failures: Option<f64>, repair: Option<f64>) {
        if let (Some(failures_per_year), Some(mean_repair_h)) = (failures, repair)
            && failures_per_year > 0.0
        {
            let id = id.to_owned();
            let rate = OutageRate { table, id, failures_per_year, mean_repair_h };
            self.out.beside.outage_rates.push(rate);
        }
    }

    fn branches(&mut self) {
        let path = self.folder.join("branch.csv");
        let Some(s) = Sheet::read(&path, &mut self.problems) else { return };
        if !s.require(&["UID", "From Bus", "To Bus", "R", "X", "B"], &mut self.problems) {
            return;
        }
        for row in 0..s.len() {
            let (from, to) = (self.bus(&s, row, "From Bus"), self.bus(&s, row, "To Bus"));
            let p = &mut self.problems;
            let mut rating = |column: &str| {
                s.number(row, column, p).filter(|x| *x > 0.0).unwrap_or(f64::INFINITY)
            };
            let rates = [rating("Cont Rating"), rating("LTE Rating"), rating("STE Rating")];
            let ratio = s.number_or(row, "Tr Ratio", 0.0, p);
            let id = s.text(row, "UID").to_owned();
            let failures = s.number(row, "Perm OutRate", p);
            let repair = s.number(row, "Duration", p);
            let branch = Branch {
                id: id.clone(),
                kind: if ratio == 0.0 { BranchKind::Line } else { BranchKind::Transformer },
                from,
                to,
                r_pu: s.needed(row, "R", p),
                x_pu: s.needed(row, "X", p),
                b_pu: s.needed(row, "B", p),
                tap: if ratio == 0.0 { 1.0 } else { ratio },
                rate_mva: rates[0],
                rate_short_mva: rates[1],
                rate_emergency_mva: rates[2],
                ..Branch::default()
            };
            self.out.grid.branches.push(branch);
            self.rate(Table::Branches, &id, failures, repair);
        }
        self.sources.set_table(Table::Branches, s.places(0..s.len()));
    }

    fn dc_branches(&mut self) {
        let s = Sheet::optional(&self.folder.join("dc_branch.csv"), &mut self.problems);
        if s.len() == 0 || !s.require(&["UID", "From Bus", "To Bus", "MW Load"], &mut self.problems)
        {
            return;
        }
        for row in 0..s.len() {
            let (from, to) = (self.bus(&s, row, "From Bus"), self.bus(&s, row, "To Bus"));
            let p = &mut self.problems;
            let id = s.text(row, "UID").to_owned();
            let most = s.needed(row, "MW Load", p).abs();
            let ohm = s.number_or(row, "R Line", 0.0, p);
            let kv = s.number_or(row, "V Mag kV", 0.0, p);
            let failures = s.number(row, "Line FOR Perm", p);
            let repair = s.number(row, "MTTR Line Hours", p);
            // Losses R·P²/V² as a straight line through the largest flow.
            let loss_share = if kv > 0.0 { ohm * most / (kv * kv) } else { 0.0 };
            let held = |id: &str| {
                let bus = self.out.grid.buses.iter().find(|b| b.id == id);
                bus.map_or(1.0, |b| b.vm_pu)
            };
            let (vm_from_pu, vm_to_pu) = (held(&from), held(&to));
            self.out.grid.dc_lines.push(DcLine {
                id: id.clone(),
                from,
                to,
                p_mw: 0.0,
                vm_from_pu,
                vm_to_pu,
                q_from_limits_mvar: (f64::NEG_INFINITY, f64::INFINITY),
                q_to_limits_mvar: (f64::NEG_INFINITY, f64::INFINITY),
                p_min_mw: -most,
                p_max_mw: most,
                loss_share,
                ..DcLine::default()
            });
            self.rate(Table::DcLines, &id, failures, repair);
        }
        self.sources.set_table(Table::DcLines, s.places(0..s.len()));
        let message =
            "direct-current lines begin at 0 MW, and hold the voltages of their buses in \
                       the file"
                .to_owned();
        self.note(&s.path, codes::ASSUMED, message);
    }

    fn generators(&mut self) {
        let path = self.folder.join("gen.csv");
        let Some(s) = Sheet::read(&path, &mut self.problems) else { return };
        let needed = ["GEN UID", "Bus ID", "Unit Type", "Fuel", "PMax MW", "PMin MW"];
        if !s.require(&needed, &mut self.problems) {
            return;
        }
        let reservoirs = self.reservoirs();
        let (mut units, mut stores, mut headless) = (Vec::new(), Vec::new(), 0);
        for row in 0..s.len() {
            let bus = self.bus(&s, row, "Bus ID");
            let p = &mut self.problems;
            let id = s.text(row, "GEN UID").to_owned();
            let (unit, fuel) = (s.text(row, "Unit Type"), s.text(row, "Fuel"));
            let p_max_mw = s.needed(row, "PMax MW", p);
            let hours =
                |column: &str, p: &mut Problems| s.number(row, column, p).filter(|h| *h > 0.0);
            let (to_failure, repair) = (hours("MTTF Hr", p), hours("MTTR Hr", p));
            let limits =
                (s.number_or(row, "QMin MVAR", 0.0, p), s.number_or(row, "QMax MVAR", 0.0, p));
            let failures = to_failure.map(|h| HOURS_PER_YEAR / h);
            if unit == "STORAGE" {
                let (most, held) = reservoirs.get(&id).copied().unwrap_or((0.0, 0.0));
                let percent = s.number_or(row, "Storage Roundtrip Efficiency", 100.0, p);
                let pump = s.number_or(row, "Pump Load MW", p_max_mw, p);
                stores.push(row);
                self.out.grid.storages.push(Storage {
                    id: id.clone(),
                    bus,
                    p_mw: 0.0,
                    q_mvar: 0.0,
                    energy_mwh: held,
                    energy_max_mwh: most,
                    charge_max_mw: pump,
                    discharge_max_mw: p_max_mw,
                    charge_efficiency: percent / 100.0,
                    discharge_efficiency: 1.0,
                    rate_mva: f64::INFINITY,
                    q_min_mvar: limits.0,
                    q_max_mvar: limits.1,
                    r_pu: 0.0,
                    x_pu: 0.0,
                    p_loss_mw: 0.0,
                    q_loss_mvar: 0.0,
                    in_service: true,
                });
                self.rate(Table::Storages, &id, failures, repair);
                continue;
            }
            headless += usize::from(reservoirs.contains_key(&id));
            units.push(row);
            let generator = Generator {
                id: id.clone(),
                kind: kind(unit, fuel),
                bus,
                p_min_mw: s.needed(row, "PMin MW", p),
                p_max_mw,
                p_mw: s.number_or(row, "MW Inj", 0.0, p),
                q_mvar: s.number_or(row, "MVAR Inj", 0.0, p),
                q_min_mvar: limits.0,
                q_max_mvar: limits.1,
                vm_pu: s.number_or(row, "V Setpoint p.u.", 1.0, p),
                base_mva: s.number_or(row, "Base MVA", 0.0, p),
                cost: cost(&s, row, p_max_mw, p),
                ..Generator::default()
            };
            self.out.grid.generators.push(generator);
            self.rate(Table::Generators, &id, failures, repair);
        }
        if headless > 0 {
            let message = format!("{headless} reservoirs of hydro and solar units are not used");
            self.note(&self.folder.join("storage.csv"), codes::NOT_SIMULATED, message);
        }
        self.sources.set_table(Table::Generators, s.places(units.into_iter()));
        self.sources.set_table(Table::Storages, s.places(stores.into_iter()));
    }

    /// By unit: the largest and the initial content of its (upper) reservoir, `MWh`.
    fn reservoirs(&mut self) -> HashMap<String, (f64, f64)> {
        let s = Sheet::optional(&self.folder.join("storage.csv"), &mut self.problems);
        let mut reservoirs = HashMap::new();
        if s.len() == 0 || !s.require(&["GEN UID", "Max Volume GWh"], &mut self.problems) {
            return reservoirs;
        }
        for row in 0..s.len() {
            if s.text(row, "position") == "tail" {
                continue;
            }
            let p = &mut self.problems;
            let most = s.needed(row, "Max Volume GWh", p) * 1e3;
            let held = s.number_or(row, "Initial Volume GWh", 0.0, p) * 1e3;
            reservoirs.insert(s.text(row, "GEN UID").to_owned(), (most, held));
        }
        reservoirs
    }

    fn series(&mut self) {
        let path = self.folder.join("timeseries_pointers.csv");
        let s = Sheet::optional(&path, &mut self.problems);
        let needed = ["Simulation", "Category", "Object", "Parameter", "Data File"];
        if s.len() == 0 || !s.require(&needed, &mut self.problems) {
            return;
        }
        let mut files: HashMap<String, Option<DataFile>> = HashMap::new();
        let (mut missing, mut others) = (HashSet::new(), 0);
        for row in 0..s.len() {
            let category = s.text(row, "Category");
            if s.text(row, "Simulation") != "DAY_AHEAD" || category == "Reserve" {
                others += 1;
                continue;
            }
            let name = s.text(row, "Data File").to_owned();
            let folder = self.folder;
            let problems = &mut self.problems;
            let file = files.entry(name.clone()).or_insert_with(|| {
                let sheet = Sheet::read(&find(folder, &name)?, problems)?;
                let times = times(&sheet, problems);
                Some((sheet, times))
            });
            let Some((data, times)) = file else {
                missing.insert(name);
                continue;
            };
            let object = s.text(row, "Object");
            if !data.has(object) {
                let message = format!("there is no column `{object}` in {}", data.path.display());
                let what = (Severity::Warning, codes::IGNORED);
                s.tell(&mut self.problems, what, row, Some("Object"), message);
                continue;
            }
            let values = (0..data.len())
                .map(|r| data.number(r, object, &mut self.problems).unwrap_or(f64::NAN))
                .collect();
            let (table, id) = match category {
                "Area" => (Table::Region, format!("area {object}")),
                _ => (Table::Generators, object.to_owned()),
            };
            let attribute = match s.text(row, "Parameter") {
                "PMax MW" => "p_max_mw",
                "PMin MW" => "p_min_mw",
                "MW Load" => "load_p_mw",
                other => other,
            };
            self.out.beside.series.push(GridSeries {
                table,
                id,
                attribute: attribute.to_owned(),
                times: Rc::clone(times),
                values,
            });
        }
        if !missing.is_empty() {
            let message = format!("{} files of time series are not there", missing.len());
            self.note(&path, codes::IGNORED, message);
        }
        if others > 0 {
            let message = format!("{others} series of reserves and in real time are not read");
            self.note(&path, codes::NOT_SIMULATED, message);
        }
    }
}

/// The file that a pointer names from `folder`, whatever the case of its letters; none
/// outside the folder above.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let mut at = folder.to_path_buf();
    let mut up = false;
    for part in Path::new(name).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if !up => {
                up = true;
                at = std::fs::canonicalize(&at).ok()?.parent()?.to_path_buf();
            }
            Component::Normal(wanted) => {
                let wanted = wanted.to_str()?.to_lowercase();
                let mut names: Vec<_> =
                    std::fs::read_dir(&at).ok()?.filter_map(|e| Some(e.ok()?.path())).collect();
                names.sort();
                at = names.into_iter().find(|p| {
                    p.file_name().is_some_and(|n| n.to_string_lossy().to_lowercase() == wanted)
                })?;
            }
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    at.is_file().then_some(at)
}

/// Beginnings of the periods of a table with year, month, day and period.
fn times(s: &Sheet, problems: &mut Problems) -> Rc<[String]> {
    if !s.require(&["Year", "Month", "Day", "Period"], problems) {
        return Rc::from(Vec::new());
    }
    let whole = |row: usize, column: &str, p: &mut Problems| s.needed(row, column, p) as u32;
    let periods: Vec<u32> = (0..s.len()).map(|r| whole(r, "Period", problems)).collect();
    let most = periods.iter().copied().max().unwrap_or(24).max(1);
    let minutes = 24 * 60 / most;
    (0..s.len())
        .map(|row| {
            let day = ["Year", "Month", "Day"].map(|c| whole(row, c, problems));
            let minute = periods[row].saturating_sub(1) * minutes;
            format!(
                "{:04}-{:02}-{:02} {:02}:{:02}",
                day[0],
                day[1],
                day[2],
                minute / 60,
                minute % 60
            )
        })
        .collect()
}

/// Cost per hour from heat rates and the price of fuel: points of the heat rate curve.
fn cost(s: &Sheet, row: usize, p_max_mw: f64, p: &mut Problems) -> Option<Cost> {
    let price = s.number(row, "Fuel Price $/MMBTU", p)?;
    let variable = s.number(row, "VOM", p).unwrap_or(0.0);
    let least = s.number(row, "Output_pct_0", p)? * p_max_mw;
    let average = s.number(row, "HR_avg_0", p)?;
    // BTU/kWh are thousandths of MMBTU/MWh.
    let mut points = vec![(least, least * (average * 1e-3 * price + variable))];
    for k in 1..=4 {
        let Some(share) = s.number(row, &format!("Output_pct_{k}"), p) else { break };
        let Some(heat) = s.number(row, &format!("HR_incr_{k}"), p) else { break };
        let (from, cost) = *points.last()?;
        let to = share * p_max_mw;
        if to > from {
            points.push((to, cost + (to - from) * (heat * 1e-3 * price + variable)));
        }
    }
    if points.len() > 1 {
        return Some(Cost::Piecewise(points));
    }
    (least == 0.0 || average == 0.0).then(|| Cost::Polynomial(vec![variable, 0.0]))
}

fn kind(unit: &str, fuel: &str) -> GeneratorKind {
    match (unit, fuel) {
        ("NUCLEAR", _) | (_, "Nuclear") => GeneratorKind::Nuclear,
        ("HYDRO" | "ROR", _) => GeneratorKind::Hydro,
        ("WIND", _) => GeneratorKind::Wind,
        ("PV" | "RTPV" | "CSP", _) => GeneratorKind::Solar,
        ("CC" | "CT" | "STEAM", _) => GeneratorKind::Thermal,
        _ => GeneratorKind::Other,
    }
}
