//! Buses, and the switches between them and at the ends of branches.

use std::collections::{HashMap, HashSet};

use blackstart::region::{Bus, BusKind, Position, Table};

use super::Reader;
use super::frame::Frame;
use crate::codes;
use crate::formats::json;
use crate::problem::Severity;

/// Kinds of branches that a switch may stand at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Switched {
    Line,
    Transformer,
    ThreeWinding,
}

/// The buses of a net.
#[derive(Debug, Default)]
pub(super) struct Buses {
    /// Row in the net by index.
    row: HashMap<i64, usize>,
    /// By row in the net: row of the grid's buses.
    at: Vec<usize>,
    /// By row in the net: in service.
    in_service: Vec<bool>,
    /// By row in the net: id.
    ids: Vec<String>,
    /// Branch ends with an open switch: kind, index of the branch, index of the bus.
    open: HashSet<(Switched, i64, i64)>,
    /// Closed switches that are no ideal connection.
    pub impedances: Vec<SwitchImpedance>,
}

/// A closed switch between two buses with an impedance.
#[derive(Debug)]
pub(super) struct SwitchImpedance {
    pub id: String,
    /// Rows in the net.
    pub rows: (usize, usize),
    pub z_ohm: f64,
}

/// One end of a branch.
#[derive(Clone, Debug)]
pub(super) struct End {
    /// Id of the bus in the grid.
    pub id: String,
    /// Its row there.
    pub at: usize,
    pub base_kv: f64,
}

/// Largest coordinate of the Web Mercator projection (EPSG:3857), m.
const MERCATOR_M: f64 = 20_037_508.342_789_244;

impl Reader<'_, '_> {
    pub(super) fn read_buses(&mut self) {
        let f = self.table("bus");
        f.require(&["vn_kv"], &mut self.problems);
        if f.len() == 0 && self.problems.errors() == 0 {
            let message = "table `bus` has no rows".to_owned();
            self.remark(Severity::Error, codes::BAD_VALUE, "bus", message);
        }
        let positions = self.positions(&f);
        let results = self.table("res_bus");
        let mut buses = Vec::with_capacity(f.len());
        let p = &mut self.problems;
        for row in 0..f.len() {
            let own = f.text(row, super::write::ID_COLUMN);
            let id = if own.is_empty() { f.index[row].to_string() } else { own };
            let name = f.text(row, "name");
            let (zone, area) = (f.text(row, "zone"), f.text(row, "blackstart_area"));
            let in_service = f.flag(row, "in_service", true, p);
            self.buses.row.insert(f.index[row], row);
            self.buses.in_service.push(in_service);
            self.buses.ids.push(id.clone());
            let same_row = results.index.get(row) == Some(&f.index[row]);
            let result = |column: &str| {
                let cell = if same_row { results.raw(row, column)?.number() } else { None };
                cell.filter(|x| x.is_finite())
            };
            buses.push(Bus {
                name: if name.is_empty() { id.clone() } else { name },
                id,
                base_kv: f.positive(row, "vn_kv", p),
                position: positions[row],
                vm_min_pu: f.number(row, "min_vm_pu", p).unwrap_or(0.9),
                vm_max_pu: f.number(row, "max_vm_pu", p).unwrap_or(1.1),
                zone: zone.parse::<f64>().map_or(0, |z| z as u32),
                area: area.parse::<f64>().map_or(0, |z| z as u32),
                vm_pu: result("vm_pu").unwrap_or(1.0),
                va_deg: result("va_degree").unwrap_or(0.0),
                in_service,
                ..Bus::default()
            });
        }
        let group = self.switches(&f);
        self.join(&f, buses, &group);
    }

    /// Reads switches. Gives, by row of the bus table, the first row that it is joined to.
    fn switches(&mut self, buses: &Frame<'_>) -> Vec<usize> {
        let f = self.table("switch");
        let mut group: Vec<usize> = (0..buses.len()).collect();
        if !f.require(&["bus", "element", "et", "closed"], &mut self.problems) {
            return group;
        }
        for row in 0..f.len() {
            let bus = self.bus_row(&f, row, "bus");
            let Some(element) = f.index_at(row, "element", &mut self.problems) else { continue };
            let closed = f.flag(row, "closed", true, &mut self.problems);
            let kind = match f.text(row, "et").as_str() {
                "b" => {
                    let other = self.bus_row(&f, row, "element");
                    let impedance = f.number(row, "z_ohm", &mut self.problems).unwrap_or(0.0);
                    let (Some(a), Some(b)) = (bus, other) else { continue };
                    let up = self.buses.in_service[a] && self.buses.in_service[b];
                    if closed && up && impedance > 0.0 {
                        let id = Self::id(&f, row);
                        let switch = SwitchImpedance { id, rows: (a, b), z_ohm: impedance };
                        self.buses.impedances.push(switch);
                    } else if closed && up {
                        let (a, b) = (root(&mut group, a), root(&mut group, b));
                        // The first of a group stands for it.
                        group[a.max(b)] = a.min(b);
                    }
                    continue;
                }
                "l" => Switched::Line,
                "t" => Switched::Transformer,
                "t3" => Switched::ThreeWinding,
                other => {
                    let message = format!("{} has no known kind of element: `{other}`", f.who(row));
                    let help = "b, l, t and t3 are known".to_owned();
                    let what = (Severity::Error, codes::BAD_WORD);
                    f.tell(&mut self.problems, what, row, Some("et"), message, Some(help));
                    continue;
                }
            };
            if let (Some(a), false) = (bus, closed) {
                self.buses.open.insert((kind, element, buses.index[a]));
            }
        }
        (0..group.len()).map(|row| root(&mut group, row)).collect()
    }

    /// Puts the first bus of each group into the grid.
    fn join(&mut self, f: &Frame<'_>, buses: Vec<Bus>, group: &[usize]) {
        let mut kept = Vec::new();
        let mut joined = 0;
        for (row, mut bus) in buses.into_iter().enumerate() {
            let first = group[row];
            if first == row {
                self.buses.at.push(self.grid.buses.len());
                self.grid.buses.push(bus);
                kept.push(row);
                continue;
            }
            joined += 1;
            let at = self.buses.at[first];
            self.buses.at.push(at);
            let target = &mut self.grid.buses[at];
            if (target.base_kv - bus.base_kv).abs() > 1e-9 * bus.base_kv {
                let message = format!(
                    "a closed switch joins bus {} ({} kV) to bus {} ({} kV); {} kV is taken",
                    bus.id, bus.base_kv, target.id, target.base_kv, target.base_kv
                );
                let what = (Severity::Warning, codes::ASSUMED);
                f.tell(&mut self.problems, what, row, Some("vn_kv"), message, None);
            }
            target.position = target.position.or(bus.position.take());
            target.vm_min_pu = target.vm_min_pu.max(bus.vm_min_pu);
            target.vm_max_pu = target.vm_max_pu.min(bus.vm_max_pu);
        }
        let places = f.places(self.problems.file(), kept.into_iter());
        self.sources.set_table(Table::Buses, places);
        if joined > 0 {
            let message = format!(
                "closed switches join {joined} buses to others; each group is one bus, called \
                 as its first"
            );
            self.remark(Severity::Note, codes::ASSUMED, "switch", message);
        }
    }

    /// The row of the bus that a cell names; none after an error.
    pub(super) fn bus_row(&mut self, f: &Frame<'_>, row: usize, column: &str) -> Option<usize> {
        let index = f.index_at(row, column, &mut self.problems)?;
        let found = self.buses.row.get(&index).copied();
        if found.is_none() {
            let message =
                format!("`{column}` of {} is bus {index}, which does not exist", f.who(row));
            let what = (Severity::Error, "unknown-reference");
            f.tell(&mut self.problems, what, row, Some(column), message, None);
        }
        found
    }

    /// The bus of the grid that a cell names; an empty end after an error.
    pub(super) fn bus_of(&mut self, f: &Frame<'_>, row: usize, column: &str) -> Option<End> {
        let found = self.bus_row(f, row, column)?;
        Some(self.end_at(found))
    }

    /// The bus of the grid for a row of the net's buses.
    pub(super) fn end_at(&self, row: usize) -> End {
        let at = self.buses.at[row];
        let bus = &self.grid.buses[at];
        End { id: bus.id.clone(), at, base_kv: bus.base_kv }
    }

    /// True if the element stands at a bus in service.
    pub(super) fn bus_up(&self, end: &End) -> bool {
        self.grid.buses[end.at].in_service
    }

    /// The end of a branch: the bus that a cell names, or a bus of its own where a switch
    /// is open there (the branch still charges from its other end).
    pub(super) fn branch_end(
        &mut self,
        f: &Frame<'_>,
        row: usize,
        column: &str,
        (kind, side): (Switched, &str),
    ) -> Option<End> {
        let found = self.bus_row(f, row, column)?;
        let index = f.index_at(row, column, &mut self.problems)?;
        let end = self.end_at(found);
        if !self.buses.open.contains(&(kind, f.index[row], index)) {
            return Some(end);
        }
        Some(self.own_bus(format!("{}:{side}", Self::id(f, row)), &end))
    }

    /// Both ends of a branch, and whether it is connected at all: one with open switches
    /// at both ends is not, and keeps its own buses.
    pub(super) fn branch_ends(
        &mut self,
        f: &Frame<'_>,
        row: usize,
        columns: [&str; 2],
        (kind, sides): (Switched, [&str; 2]),
    ) -> (Option<End>, Option<End>, bool) {
        let open = columns.iter().all(|column| {
            let bus = f.raw(row, column).and_then(json::Node::number);
            bus.is_some_and(|b| self.buses.open.contains(&(kind, f.index[row], b as i64)))
        });
        if open {
            return (self.bus_of(f, row, columns[0]), self.bus_of(f, row, columns[1]), false);
        }
        let from = self.branch_end(f, row, columns[0], (kind, sides[0]));
        let to = self.branch_end(f, row, columns[1], (kind, sides[1]));
        (from, to, true)
    }

    /// A bus that is not in the file, at the voltage of `beside`.
    pub(super) fn own_bus(&mut self, id: String, beside: &End) -> End {
        let near = &self.grid.buses[beside.at];
        let bus = Bus {
            id: id.clone(),
            name: id.clone(),
            base_kv: near.base_kv,
            position: near.position,
            vm_min_pu: near.vm_min_pu,
            vm_max_pu: near.vm_max_pu,
            vm_pu: near.vm_pu,
            va_deg: near.va_deg,
            zone: near.zone,
            area: near.area,
            ..Bus::default()
        };
        let end = End { id, at: self.grid.buses.len(), base_kv: bus.base_kv };
        self.grid.buses.push(bus);
        end
    }

    pub(super) fn set_kind(&mut self, end: &End, kind: BusKind) {
        let bus = &mut self.grid.buses[end.at];
        if bus.kind != BusKind::Reference {
            bus.kind = kind;
        }
    }

    /// Joined buses, told by id.
    pub(super) fn finish_buses(&mut self) -> Vec<(String, String)> {
        let pairs = self.buses.ids.iter().zip(&self.buses.at);
        pairs
            .map(|(id, at)| (id, &self.grid.buses[*at].id))
            .filter(|(id, kept)| id != kept)
            .map(|(id, kept)| (id.clone(), kept.clone()))
            .collect()
    }

    /// Positions by row: GeoJSON points of the present layout, else the older table.
    fn positions(&mut self, buses: &Frame<'_>) -> Vec<Option<Position>> {
        let old = self.table("bus_geodata");
        let row_of: HashMap<i64, usize> = old.index.iter().copied().zip(0..).collect();
        let mut points: Vec<Option<(f64, f64)>> = Vec::with_capacity(buses.len());
        for row in 0..buses.len() {
            let point = match buses.raw(row, "geo") {
                Some(node) => geo_point(node),
                None => row_of
                    .get(&buses.index[row])
                    .and_then(|r| Some((old.raw(*r, "x")?.number()?, old.raw(*r, "y")?.number()?))),
            };
            points.push(point.filter(|(x, y)| x.is_finite() && y.is_finite()));
        }
        let within = |x_max: f64, y_max: f64| {
            points.iter().flatten().all(|(x, y)| x.abs() <= x_max && y.abs() <= y_max)
        };
        let spread = points.iter().flatten().any(|(x, y)| x.abs() > 180.0 || y.abs() > 90.0);
        let table = if old.len() > 0 { "bus_geodata" } else { "bus" };
        if within(180.0, 90.0) {
            points
                .iter()
                .map(|p| p.map(|(lon_deg, lat_deg)| Position { lon_deg, lat_deg }))
                .collect()
        } else if spread && within(MERCATOR_M, MERCATOR_M) && !within(1e5, 1e5) {
            let message = "coordinates are taken as Web Mercator (EPSG:3857), m".to_owned();
            self.remark(Severity::Note, codes::ASSUMED, table, message);
            points.iter().map(|p| p.map(mercator)).collect()
        } else {
            let message =
                "coordinates are neither longitude and latitude nor Web Mercator, and are left out"
                    .to_owned();
            self.remark(Severity::Note, codes::IGNORED, table, message);
            vec![None; points.len()]
        }
    }
}

/// Where a point of the Web Mercator projection is (sphere of 6,378,137 m).
fn mercator((x, y): (f64, f64)) -> Position {
    let half = std::f64::consts::PI / MERCATOR_M;
    let lat = 2.0 * (y * half).exp().atan() - std::f64::consts::FRAC_PI_2;
    Position { lon_deg: (x * half).to_degrees(), lat_deg: lat.to_degrees() }
}

/// The coordinates of a GeoJSON point, written out as text or as an object.
pub(crate) fn geo_point(node: &json::Node) -> Option<(f64, f64)> {
    let parsed;
    let point = match node.text() {
        Some(text) => {
            parsed = json::parse(text).ok()?;
            &parsed
        }
        None => node,
    };
    match point.get("coordinates")?.list()? {
        [x, y, ..] => Some((x.number()?, y.number()?)),
        _ => None,
    }
}

/// The root of a row's group, with the path to it shortened.
fn root(group: &mut [usize], mut row: usize) -> usize {
    while group[row] != row {
        group[row] = group[group[row]];
        row = group[row];
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_mercator_is_undone() {
        // Memphis, Tennessee: 90.05° W, 35.15° N, projected by the formulas of EPSG:3857.
        let radius = MERCATOR_M / std::f64::consts::PI;
        let y = radius * (35.15f64.to_radians() / 2.0 + std::f64::consts::FRAC_PI_4).tan().ln();
        let p = mercator((radius * (-90.05f64).to_radians(), y));
        assert!((p.lon_deg + 90.05).abs() < 1e-9 && (p.lat_deg - 35.15).abs() < 1e-9, "{p:?}");
    }
}
