//! Lines, transformers, links, loads, generators, stores and shunts.

use blackstart::region::{
    Branch, BranchKind, BusKind, Cost, DcLine, Generator, Load, Storage, Table,
};

use super::sheets::Component;
use super::{BASE_MVA, Reader, types};
use crate::codes;
use crate::formats::pandapower::{generator_kind, wye_delta};
use crate::problem::{Problems, Severity};

/// A capacity that stands for none.
pub(super) const NO_LIMIT: f64 = 1e9;

/// A rating: none where it is 0 or infinite.
fn rating(mva: Option<f64>) -> f64 {
    mva.filter(|x| *x > 0.0).unwrap_or(f64::INFINITY)
}

impl Reader<'_> {
    /// What becomes of a quantity that an optimisation would choose: the table's own
    /// column, or its optimum where the column is 0.
    fn capacity(c: &Component, row: usize, column: &str, p: &mut Problems) -> Option<f64> {
        let own = c.sheet.number(row, column, p);
        let best = c.sheet.number(row, &format!("{column}_opt"), p);
        match own {
            Some(x) if x != 0.0 => Some(x),
            _ => best.filter(|x| *x > 0.0).or(own),
        }
    }

    pub(super) fn lines(&mut self) {
        let mut c = Component::read(self, "lines", false);
        if c.sheet.len() == 0 || !c.sheet.require(&["bus0", "bus1"], &mut self.problems) {
            return;
        }
        let (mut rows, mut leaking) = (Vec::new(), 0);
        for row in 0..c.sheet.len() {
            let ends = (self.bus_of(&c, row, "bus0"), self.bus_of(&c, row, "bus1"));
            let (Some((from, at)), Some((to, to_at))) = ends else { continue };
            let p = &mut self.problems;
            let kind = c.sheet.text(row, "type").to_owned();
            let (mut r_ohm, mut x_ohm, mut b_siemens) = (
                c.sheet.number_or(row, "r", 0.0, p),
                c.sheet.number_or(row, "x", 0.0, p),
                c.sheet.number_or(row, "b", 0.0, p),
            );
            if !kind.is_empty() {
                let length = c.sheet.number_or(row, "length", 0.0, p);
                let parallel = c.sheet.number_or(row, "num_parallel", 1.0, p);
                match types::line(&kind) {
                    Some(t) => {
                        r_ohm = t.r_ohm * length / parallel;
                        x_ohm = t.x_ohm * length / parallel;
                        let charging = std::f64::consts::TAU * t.f_hz * t.c_nf * 1e-9;
                        b_siemens = charging * length * parallel;
                    }
                    None => unknown_type(&c, row, &kind, types::line_names(), p),
                }
            }
            let g_siemens = c.sheet.number_or(row, "g", 0.0, p);
            let s_nom = Self::capacity(&c, row, "s_nom", p);
            let share = c.value(row, "s_max_pu", 1.0, p);
            let angles = (
                c.sheet.number(row, "v_ang_min", p).unwrap_or(f64::NEG_INFINITY),
                c.sheet.number(row, "v_ang_max", p).unwrap_or(f64::INFINITY),
            );
            let in_service = c.active(row);
            let kv = self.out.grid.buses[at].base_kv;
            let base_ohm = kv * kv / BASE_MVA;
            if x_ohm == 0.0 && r_ohm != 0.0 {
                x_ohm = r_ohm;
            }
            if in_service && g_siemens != 0.0 {
                leaking += 1;
                for k in [at, to_at] {
                    self.out.grid.buses[k].shunt_g_mw += g_siemens * kv * kv / 2.0;
                }
            }
            rows.push(row);
            let id = self.id(Table::Branches, &c, row);
            c.ids.insert(c.name(row), id.clone());
            self.out.grid.branches.push(Branch {
                id,
                from,
                to,
                r_pu: r_ohm / base_ohm,
                x_pu: x_ohm / base_ohm,
                b_pu: b_siemens * base_ohm,
                rate_mva: rating(s_nom.map(|s| s * share)),
                angle_min_deg: angles.0,
                angle_max_deg: angles.1,
                in_service,
                ..Branch::default()
            });
        }
        if leaking > 0 {
            let message = format!("the conductances of {leaking} lines stand at their end buses");
            self.note(Severity::Note, codes::ASSUMED, "lines.csv", message);
        }
        self.sources.set_rows(Table::Branches, 0, c.sheet.places(rows.into_iter()));
        c.keep(self, Table::Branches);
    }

    pub(super) fn transformers(&mut self) {
        let mut c = Component::read(self, "transformers", false);
        if c.sheet.len() == 0 || !c.sheet.require(&["bus0", "bus1"], &mut self.problems) {
            return;
        }
        let first = self.out.grid.branches.len();
        let mut rows = Vec::new();
        for row in 0..c.sheet.len() {
            let ends = (self.bus_of(&c, row, "bus0"), self.bus_of(&c, row, "bus1"));
            let (Some((mut from, mut at)), Some((mut to, mut to_at))) = ends else { continue };
            let p = &mut self.problems;
            let mut number =
                |column: &str, default: f64| c.sheet.number_or(row, column, default, p);
            let (mut r, mut x) = (number("r", 0.0), number("x", 0.0));
            let (mut g, mut b) = (number("g", 0.0), number("b", 0.0));
            let mut s_nom = number("s_nom", 0.0);
            let (mut tap, mut shift) = (number("tap_ratio", 1.0), number("phase_shift", 0.0));
            let mut low_side = number("tap_side", 0.0) == 1.0;
            let (position, parallel) = (number("tap_position", 0.0), number("num_parallel", 1.0));
            let kind = c.sheet.text(row, "type").to_owned();
            if !kind.is_empty() {
                match types::transformer(&kind) {
                    Some(t) => {
                        s_nom = t.s_nom_mva;
                        r = t.vkr_percent / 100.0 / parallel;
                        let z = t.vk_percent / 100.0 / parallel;
                        x = (z * z - r * r).max(0.0).sqrt();
                        let iron = t.pfe_kw * 1e-3 / s_nom;
                        let reactive = (t.i0_percent / 100.0).powi(2) - iron * iron;
                        g = iron * parallel;
                        b = -reactive.max(0.0).sqrt() * parallel;
                        tap = 1.0 + position * t.tap_step_percent / 100.0;
                        (shift, low_side) = (t.shift_deg, false);
                    }
                    None => unknown_type(&c, row, &kind, types::transformer_names(), p),
                }
            }
            if s_nom <= 0.0 {
                let message =
                    "`s_nom` of a transformer is the base of its values: it must be above 0";
                let what = (Severity::Error, "out-of-range");
                c.sheet.tell(p, what, row, Some("s_nom"), message.to_owned());
                s_nom = 1.0;
            }
            // Values are per unit of s_nom.
            let scale = BASE_MVA / s_nom;
            let (mut series, mut y) = ((r * scale, x * scale), (g / scale, b / scale));
            let model = c.sheet.text(row, "model");
            if (model.is_empty() || model == "t") && y != (0.0, 0.0) {
                let (s, end, _) = wye_delta(series, y, (0.5, 0.5));
                (series, y) = (s, (2.0 * end.0, 2.0 * end.1));
            }
            let unlimited = c.sheet.number(row, "s_max_pu", p) == Some(f64::INFINITY);
            let share = if unlimited { f64::INFINITY } else { c.value(row, "s_max_pu", 1.0, p) };
            let in_service = c.active(row);
            if low_side {
                // Our tap is at the from end.
                std::mem::swap(&mut from, &mut to);
                std::mem::swap(&mut at, &mut to_at);
                shift = -shift;
            }
            if in_service && y.0 != 0.0 {
                let half = y.0 / 2.0 * BASE_MVA;
                self.out.grid.buses[at].shunt_g_mw += half / (tap * tap);
                self.out.grid.buses[to_at].shunt_g_mw += half;
            }
            rows.push(row);
            let id = self.id(Table::Branches, &c, row);
            c.ids.insert(c.name(row), id.clone());
            self.out.grid.branches.push(Branch {
                id,
                kind: BranchKind::Transformer,
                from,
                to,
                r_pu: series.0,
                x_pu: series.1,
                b_pu: y.1,
                tap,
                shift_deg: shift,
                rate_mva: rating(Some(
                    s_nom * share * if kind.is_empty() { 1.0 } else { parallel },
                )),
                in_service,
                ..Branch::default()
            });
        }
        self.sources.set_rows(Table::Branches, first, c.sheet.places(rows.into_iter()));
        c.keep(self, Table::Branches);
    }

    pub(super) fn links(&mut self) {
        let mut c = Component::read(self, "links", false);
        if c.sheet.len() == 0 || !c.sheet.require(&["bus0", "bus1"], &mut self.problems) {
            return;
        }
        let mut rows = Vec::new();
        for row in 0..c.sheet.len() {
            let ends = (self.bus_of(&c, row, "bus0"), self.bus_of(&c, row, "bus1"));
            let (Some((from, at)), Some((to, to_at))) = ends else { continue };
            let p = &mut self.problems;
            let p_nom = Self::capacity(&c, row, "p_nom", p).unwrap_or(0.0);
            let least = c.value(row, "p_min_pu", 0.0, p);
            let most = c.value(row, "p_max_pu", 1.0, p);
            let efficiency = c.value(row, "efficiency", 1.0, p);
            let p_mw = c.value(row, "p_set", 0.0, p);
            let vm = [at, to_at].map(|k| self.out.grid.buses[k].vm_pu);
            let in_service = c.active(row);
            rows.push(row);
            let id = self.id(Table::DcLines, &c, row);
            c.ids.insert(c.name(row), id.clone());
            self.out.grid.dc_lines.push(DcLine {
                id,
                from,
                to,
                p_mw,
                vm_from_pu: vm[0],
                vm_to_pu: vm[1],
                p_min_mw: p_nom * least,
                p_max_mw: p_nom * most,
                loss_share: 1.0 - efficiency,
                in_service,
                ..DcLine::default()
            });
        }
        if !rows.is_empty() {
            let message = format!(
                "{} links are direct-current lines: a power flow has them hold the voltages of \
                 their ends, where PyPSA has them take no reactive power",
                rows.len()
            );
            self.note(Severity::Note, codes::ASSUMED, "links.csv", message);
        }
        self.sources.set_rows(Table::DcLines, 0, c.sheet.places(rows.into_iter()));
        c.keep(self, Table::DcLines);
    }

    pub(super) fn loads(&mut self) {
        let mut c = Component::read(self, "loads", false);
        if c.sheet.len() == 0 || !c.sheet.require(&["bus"], &mut self.problems) {
            return;
        }
        let mut rows = Vec::new();
        for row in 0..c.sheet.len() {
            let Some((bus, _)) = self.bus_of(&c, row, "bus") else { continue };
            let p = &mut self.problems;
            // A load's sign is −1 unless stated.
            let sign = -c.sheet.number_or(row, "sign", -1.0, p);
            let p_mw = sign * c.value(row, "p_set", 0.0, p);
            let q_mvar = sign * c.value(row, "q_set", 0.0, p);
            let in_service = c.active(row);
            rows.push(row);
            let id = self.id(Table::Loads, &c, row);
            c.ids.insert(c.name(row), id.clone());
            self.out.grid.loads.push(Load { id, bus, p_mw, q_mvar, in_service, ..Load::default() });
        }
        self.sources.set_rows(Table::Loads, 0, c.sheet.places(rows.into_iter()));
        c.keep(self, Table::Loads);
    }

    pub(super) fn generators(&mut self) {
        let mut c = Component::read(self, "generators", false);
        if c.sheet.len() == 0 || !c.sheet.require(&["bus"], &mut self.problems) {
            return;
        }
        let mut rows = Vec::new();
        for row in 0..c.sheet.len() {
            let Some((bus, at)) = self.bus_of(&c, row, "bus") else { continue };
            let p = &mut self.problems;
            let p_nom = Self::capacity(&c, row, "p_nom", p).unwrap_or(0.0);
            let least = c.value(row, "p_min_pu", 0.0, p);
            let most = c.value(row, "p_max_pu", 1.0, p);
            let sign = c.sheet.number_or(row, "sign", 1.0, p);
            let p_mw = sign * c.value(row, "p_set", 0.0, p);
            let q_mvar = sign * c.value(row, "q_set", 0.0, p);
            let linear = c.value(row, "marginal_cost", 0.0, p);
            let square = c.sheet.number_or(row, "marginal_cost_quadratic", 0.0, p);
            let cost = match (square != 0.0, linear != 0.0) {
                (true, _) => Some(Cost::Polynomial(vec![square, linear, 0.0])),
                (false, true) => Some(Cost::Polynomial(vec![linear, 0.0])),
                (false, false) => None,
            };
            let in_service = c.active(row);
            let control = c.sheet.text(row, "control");
            let kind = match control {
                "" | "PQ" => BusKind::Load,
                "PV" => BusKind::Generator,
                "Slack" => BusKind::Reference,
                other => {
                    let message = format!("`{other}` is no control; PQ, PV and Slack are");
                    let what = (Severity::Error, codes::BAD_WORD);
                    c.sheet.tell(p, what, row, Some("control"), message);
                    BusKind::Load
                }
            };
            let held = &mut self.out.grid.buses[at];
            if in_service && held.kind != BusKind::Reference && kind != BusKind::Load {
                held.kind = kind;
            }
            let vm_pu = held.vm_pu;
            let fixed = kind == BusKind::Load;
            let limit = |none: f64| if fixed { q_mvar } else { none };
            rows.push(row);
            let id = self.id(Table::Generators, &c, row);
            c.ids.insert(c.name(row), id.clone());
            self.out.grid.generators.push(Generator {
                id,
                kind: generator_kind(c.sheet.text(row, "carrier")),
                bus,
                p_min_mw: p_nom * least,
                p_max_mw: if p_nom >= NO_LIMIT { f64::INFINITY } else { p_nom * most },
                p_mw,
                q_mvar,
                q_min_mvar: limit(f64::NEG_INFINITY),
                q_max_mvar: limit(f64::INFINITY),
                vm_pu,
                cost,
                in_service,
                ..Generator::default()
            });
        }
        self.sources.set_rows(Table::Generators, 0, c.sheet.places(rows.into_iter()));
        c.keep(self, Table::Generators);
    }

    pub(super) fn storage_units(&mut self) {
        let mut c = Component::read(self, "storage_units", false);
        if c.sheet.len() == 0 || !c.sheet.require(&["bus"], &mut self.problems) {
            return;
        }
        let mut rows = Vec::new();
        for row in 0..c.sheet.len() {
            let Some((bus, _)) = self.bus_of(&c, row, "bus") else { continue };
            let p = &mut self.problems;
            let p_nom = Self::capacity(&c, row, "p_nom", p).unwrap_or(0.0);
            let least = c.value(row, "p_min_pu", -1.0, p);
            let most = c.value(row, "p_max_pu", 1.0, p);
            let energy_max_mwh = p_nom * c.sheet.number_or(row, "max_hours", 1.0, p);
            // Discharging is positive in PyPSA.
            let p_mw = -c.value(row, "p_set", 0.0, p);
            let q_mvar = -c.value(row, "q_set", 0.0, p);
            let storage = Storage {
                id: String::new(),
                bus,
                p_mw,
                q_mvar,
                energy_mwh: c.sheet.number_or(row, "state_of_charge_initial", 0.0, p),
                energy_max_mwh,
                charge_max_mw: (-p_nom * least).max(0.0),
                discharge_max_mw: (p_nom * most).max(0.0),
                charge_efficiency: c.sheet.number_or(row, "efficiency_store", 1.0, p),
                discharge_efficiency: c.sheet.number_or(row, "efficiency_dispatch", 1.0, p),
                ..plain_storage(c.active(row), q_mvar)
            };
            self.push_storage(&mut c, row, storage, &mut rows);
        }
        self.sources.set_rows(Table::Storages, 0, c.sheet.places(rows.into_iter()));
        c.keep(self, Table::Storages);
    }

    pub(super) fn stores(&mut self) {
        let mut c = Component::read(self, "stores", false);
        if c.sheet.len() == 0 || !c.sheet.require(&["bus"], &mut self.problems) {
            return;
        }
        let (mut rows, first) = (Vec::new(), self.out.grid.storages.len());
        for row in 0..c.sheet.len() {
            let Some((bus, _)) = self.bus_of(&c, row, "bus") else { continue };
            let p = &mut self.problems;
            let energy_max_mwh = Self::capacity(&c, row, "e_nom", p).unwrap_or(0.0);
            let p_mw = -c.value(row, "p_set", 0.0, p);
            let q_mvar = -c.value(row, "q_set", 0.0, p);
            let storage = Storage {
                bus,
                p_mw,
                energy_mwh: c.sheet.number_or(row, "e_initial", 0.0, p),
                energy_max_mwh,
                // A store gives all it holds within an hour.
                charge_max_mw: energy_max_mwh,
                discharge_max_mw: energy_max_mwh,
                ..plain_storage(c.active(row), q_mvar)
            };
            self.push_storage(&mut c, row, storage, &mut rows);
        }
        self.sources.set_rows(Table::Storages, first, c.sheet.places(rows.into_iter()));
        c.keep(self, Table::Storages);
    }

    fn push_storage(
        &mut self,
        c: &mut Component,
        row: usize,
        storage: Storage<String>,
        rows: &mut Vec<usize>,
    ) {
        rows.push(row);
        let id = self.id(Table::Storages, c, row);
        c.ids.insert(c.name(row), id.clone());
        self.out.grid.storages.push(Storage { id, ..storage });
    }

    pub(super) fn shunts(&mut self) {
        let c = Component::read(self, "shunt_impedances", false);
        if c.sheet.len() == 0 || !c.sheet.require(&["bus"], &mut self.problems) {
            return;
        }
        for row in 0..c.sheet.len() {
            let Some((_, at)) = self.bus_of(&c, row, "bus") else { continue };
            let p = &mut self.problems;
            let (g, b) = (c.sheet.number_or(row, "g", 0.0, p), c.sheet.number_or(row, "b", 0.0, p));
            let bus = &mut self.out.grid.buses[at];
            if c.active(row) {
                bus.shunt_g_mw += g * bus.base_kv * bus.base_kv;
                bus.shunt_b_mvar += b * bus.base_kv * bus.base_kv;
            }
        }
    }
}

/// A storage without losses, limits and content.
fn plain_storage(in_service: bool, q_mvar: f64) -> Storage<String> {
    Storage {
        id: String::new(),
        bus: String::new(),
        p_mw: 0.0,
        q_mvar,
        energy_mwh: 0.0,
        energy_max_mwh: 0.0,
        charge_max_mw: 0.0,
        discharge_max_mw: 0.0,
        charge_efficiency: 1.0,
        discharge_efficiency: 1.0,
        rate_mva: f64::INFINITY,
        q_min_mvar: q_mvar,
        q_max_mvar: q_mvar,
        r_pu: 0.0,
        x_pu: 0.0,
        p_loss_mw: 0.0,
        q_loss_mvar: 0.0,
        in_service,
    }
}

fn unknown_type<'t>(
    c: &Component,
    row: usize,
    kind: &str,
    known: impl Iterator<Item = &'t str>,
    p: &mut Problems,
) {
    let near = blackstart::region::closest(kind, known);
    let near = near.map(|n| format!(" (did you mean `{n}`?)")).unwrap_or_default();
    let message = format!("`{kind}` is no standard type{near}; the row's own values are taken");
    c.sheet.tell(p, (Severity::Warning, codes::ASSUMED), row, Some("type"), message);
}
