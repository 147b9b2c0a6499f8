//! Demands, shunts, storages and direct-current lines.

use blackstart::region::{Branch, Bus, BusKind, DcLine, Generator, Load, Storage, Table};

use super::Reader;
use super::buses::End;
use super::frame::Frame;
use crate::codes;
use crate::problem::Severity;

impl Reader<'_, '_> {
    pub(super) fn demands(&mut self) {
        self.loads();
        self.motors();
        self.three_phase_loads();
        self.wards("ward");
        self.wards("xward");
    }

    fn loads(&mut self) {
        let f = self.table("load");
        if !f.require(&["bus", "p_mw"], &mut self.problems) {
            return;
        }
        let mut dependent = 0;
        let shares = [
            "const_z_percent",
            "const_i_percent",
            "const_z_p_percent",
            "const_i_p_percent",
            "const_z_q_percent",
            "const_i_q_percent",
        ];
        self.place_loads(&f);
        for row in 0..f.len() {
            let bus = self.bus_of(&f, row, "bus");
            let p = &mut self.problems;
            let scaling = f.number_or(row, "scaling", 1.0, p);
            let (p_mw, q_mvar) = (f.needed(row, "p_mw", p), f.number_or(row, "q_mvar", 0.0, p));
            let in_service = f.flag(row, "in_service", true, p);
            let dependent_here = shares.iter().any(|s| f.number_or(row, s, 0.0, p) != 0.0);
            dependent += usize::from(dependent_here);
            self.load(&f, row, bus, (p_mw * scaling, q_mvar * scaling), in_service);
        }
        if dependent > 0 {
            let message = format!(
                "{dependent} loads depend on the voltage; they are taken as constant power"
            );
            self.remark(Severity::Warning, codes::NOT_SIMULATED, "load", message);
        }
    }

    fn place_loads(&mut self, f: &Frame<'_>) {
        let places = f.places(self.problems.file(), 0..f.len());
        self.sources.set_rows(Table::Loads, self.grid.loads.len(), places);
    }

    fn load(
        &mut self,
        f: &Frame<'_>,
        row: usize,
        bus: Option<End>,
        (p_mw, q_mvar): (f64, f64),
        in_service: bool,
    ) {
        let bus = bus.map(|b| b.id).unwrap_or_default();
        let id = Self::id(f, row);
        self.grid.loads.push(Load { id, bus, p_mw, q_mvar, in_service, ..Load::default() });
    }

    fn motors(&mut self) {
        let f = self.table("motor");
        if !f.require(&["bus", "pn_mech_mw", "cos_phi"], &mut self.problems) {
            return;
        }
        self.place_loads(&f);
        for row in 0..f.len() {
            let bus = self.bus_of(&f, row, "bus");
            let p = &mut self.problems;
            let scale = f.number_or(row, "scaling", 1.0, p)
                * f.number_or(row, "loading_percent", 100.0, p)
                / f.number_or(row, "efficiency_percent", 100.0, p);
            let p_mw = f.needed(row, "pn_mech_mw", p) * scale;
            let s_mva = p_mw / f.positive(row, "cos_phi", p);
            let q_mvar = (s_mva * s_mva - p_mw * p_mw).max(0.0).sqrt();
            let in_service = f.flag(row, "in_service", true, p);
            self.load(&f, row, bus, (p_mw, q_mvar), in_service);
        }
    }

    /// Loads with three values are their sums.
    fn three_phase_loads(&mut self) {
        let f = self.table("asymmetric_load");
        if !f.require(&["bus"], &mut self.problems) {
            return;
        }
        self.place_loads(&f);
        for row in 0..f.len() {
            let bus = self.bus_of(&f, row, "bus");
            let power = self.three_phases(&f, row);
            let in_service = f.flag(row, "in_service", true, &mut self.problems);
            self.load(&f, row, bus, power, in_service);
        }
        self.tell_phases(&f);
    }

    /// The sums over three phases.
    pub(super) fn three_phases(&mut self, f: &Frame<'_>, row: usize) -> (f64, f64) {
        let p = &mut self.problems;
        let scaling = f.number_or(row, "scaling", 1.0, p);
        let mut sum = |columns: [&str; 3]| {
            columns.iter().map(|c| f.number_or(row, c, 0.0, p)).sum::<f64>() * scaling
        };
        (sum(["p_a_mw", "p_b_mw", "p_c_mw"]), sum(["q_a_mvar", "q_b_mvar", "q_c_mvar"]))
    }

    pub(super) fn tell_phases(&mut self, f: &Frame<'_>) {
        if f.len() > 0 {
            let message =
                format!("three phases of {} elements are taken together, as balanced", f.len());
            self.remark(Severity::Note, codes::ASSUMED, f.name, message);
        }
    }

    /// Ward equivalents: a load and a shunt; extended ones also have a source of voltage
    /// behind an impedance.
    fn wards(&mut self, table: &'static str) {
        let f = self.table(table);
        if !f.require(&["bus"], &mut self.problems) {
            return;
        }
        self.place_loads(&f);
        for row in 0..f.len() {
            let bus = self.bus_of(&f, row, "bus");
            let p = &mut self.problems;
            let power = (f.number_or(row, "ps_mw", 0.0, p), f.number_or(row, "qs_mvar", 0.0, p));
            let shunt = (f.number_or(row, "pz_mw", 0.0, p), f.number_or(row, "qz_mvar", 0.0, p));
            let in_service = f.flag(row, "in_service", true, p);
            self.load(&f, row, bus.clone(), power, in_service);
            let Some(bus) = bus else { continue };
            self.shunt(&bus, shunt, in_service);
            if table == "xward" {
                self.behind(&f, row, &bus, in_service);
            }
        }
    }

    /// The source of an extended ward equivalent, at a bus of its own.
    fn behind(&mut self, f: &Frame<'_>, row: usize, bus: &End, in_service: bool) {
        let p = &mut self.problems;
        let base_ohm = bus.base_kv.powi(2) / self.grid.base_mva;
        let r_pu = f.needed(row, "r_ohm", p) / base_ohm;
        let x_pu = f.needed(row, "x_ohm", p) / base_ohm;
        let vm_pu = f.positive(row, "vm_pu", p);
        let id = Self::id(f, row);
        let inner = self.own_bus(format!("{id}:source"), bus);
        let source: &mut Bus = &mut self.grid.buses[inner.at];
        source.kind = BusKind::Generator;
        source.in_service = in_service;
        source.vm_pu = vm_pu;
        self.grid.branches.push(Branch {
            id: format!("{id}:impedance"),
            from: bus.id.clone(),
            to: inner.id.clone(),
            r_pu,
            x_pu,
            in_service,
            ..Branch::default()
        });
        self.grid.generators.push(Generator {
            id: format!("{id}:source"),
            bus: inner.id,
            vm_pu,
            in_service,
            ..Generator::default()
        });
    }

    pub(super) fn shunts(&mut self) {
        let f = self.table("shunt");
        if !f.require(&["bus", "q_mvar"], &mut self.problems) {
            return;
        }
        let table = self.table("shunt_characteristic_table");
        for row in 0..f.len() {
            let bus = self.bus_of(&f, row, "bus");
            let p = &mut self.problems;
            let step = f.number_or(row, "step", 1.0, p);
            let mut p_mw = f.number_or(row, "p_mw", 0.0, p) * step;
            let mut q_mvar = f.needed(row, "q_mvar", p) * step;
            if f.flag(row, "step_dependency_table", false, p) {
                let wanted = f.number(row, "id_characteristic_table", p);
                let found = (0..table.len()).find(|r| {
                    table.number(*r, "id_characteristic", p) == wanted
                        && table.number(*r, "step", p) == Some(step)
                });
                match found {
                    Some(r) => {
                        p_mw = table.number_or(r, "p_mw", 0.0, p);
                        q_mvar = table.number_or(r, "q_mvar", 0.0, p);
                    }
                    None => {
                        let message =
                            format!("{} has no row for its step in its table", f.who(row));
                        let what = (Severity::Warning, codes::ASSUMED);
                        f.tell(p, what, row, Some("step"), message, None);
                    }
                }
            }
            let vn_kv = f.number(row, "vn_kv", p).filter(|v| *v > 0.0);
            let in_service = f.flag(row, "in_service", true, p);
            let Some(bus) = bus else { continue };
            let scale = vn_kv.map_or(1.0, |v| (bus.base_kv / v).powi(2));
            self.shunt(&bus, (p_mw * scale, q_mvar * scale), in_service);
        }
    }

    /// Adds what a shunt takes at 1 p.u.
    fn shunt(&mut self, bus: &End, (p_mw, q_mvar): (f64, f64), in_service: bool) {
        if in_service {
            let bus = &mut self.grid.buses[bus.at];
            bus.shunt_g_mw += p_mw;
            bus.shunt_b_mvar -= q_mvar;
        }
    }

    pub(super) fn storages(&mut self) {
        let f = self.table("storage");
        if !f.require(&["bus", "p_mw"], &mut self.problems) {
            return;
        }
        let places = f.places(self.problems.file(), 0..f.len());
        self.sources.set_rows(Table::Storages, self.grid.storages.len(), places);
        for row in 0..f.len() {
            let bus = self.bus_of(&f, row, "bus");
            let p = &mut self.problems;
            let scaling = f.number_or(row, "scaling", 1.0, p);
            let p_mw = f.needed(row, "p_mw", p) * scaling;
            let q_mvar = f.number_or(row, "q_mvar", 0.0, p) * scaling;
            let sn_mva = f.number(row, "sn_mva", p).filter(|s| *s > 0.0);
            let most = |limit: Option<f64>| limit.or(sn_mva).unwrap_or(p_mw.abs());
            let charge_max_mw = most(f.number(row, "max_p_mw", p));
            let discharge_max_mw = most(f.number(row, "min_p_mw", p).map(|x| -x));
            let energy_max_mwh = f.number(row, "max_e_mwh", p).unwrap_or(0.0);
            let percent = f.number(row, "soc_percent", p).unwrap_or(0.0);
            self.grid.storages.push(Storage {
                id: Self::id(&f, row),
                bus: bus.map(|b| b.id).unwrap_or_default(),
                p_mw,
                q_mvar,
                energy_mwh: energy_max_mwh * percent / 100.0,
                energy_max_mwh,
                charge_max_mw: charge_max_mw.max(0.0),
                discharge_max_mw: discharge_max_mw.max(0.0),
                charge_efficiency: 1.0,
                discharge_efficiency: 1.0,
                rate_mva: sn_mva.unwrap_or(f64::INFINITY),
                q_min_mvar: f.number(row, "min_q_mvar", p).unwrap_or(q_mvar),
                q_max_mvar: f.number(row, "max_q_mvar", p).unwrap_or(q_mvar),
                r_pu: 0.0,
                x_pu: 0.0,
                p_loss_mw: 0.0,
                q_loss_mvar: 0.0,
                in_service: f.flag(row, "in_service", true, p),
            });
        }
    }

    /// Direct-current lines. The from end of ours is the one that sends.
    pub(super) fn dc_lines(&mut self) {
        let f = self.table("dcline");
        if !f.require(&["from_bus", "to_bus", "p_mw"], &mut self.problems) {
            return;
        }
        let places = f.places(self.problems.file(), 0..f.len());
        self.sources.set_rows(Table::DcLines, self.grid.dc_lines.len(), places);
        for row in 0..f.len() {
            let mut ends = [self.bus_of(&f, row, "from_bus"), self.bus_of(&f, row, "to_bus")];
            let p = &mut self.problems;
            let p_mw = f.needed(row, "p_mw", p);
            let mut vm = ["vm_from_pu", "vm_to_pu"].map(|c| f.number_or(row, c, 1.0, p));
            let mut limits = ["from", "to"].map(|end| {
                let least = f.number(row, &format!("min_q_{end}_mvar"), p);
                let most = f.number(row, &format!("max_q_{end}_mvar"), p);
                (least.unwrap_or(f64::NEG_INFINITY), most.unwrap_or(f64::INFINITY))
            });
            let p_max = f.number(row, "max_p_mw", p).filter(|x| x.is_finite());
            let loss_share = f.number_or(row, "loss_percent", 0.0, p) / 100.0;
            let loss_mw = f.number_or(row, "loss_mw", 0.0, p);
            let in_service = f.flag(row, "in_service", true, p);
            if p_mw < 0.0 {
                ends.swap(0, 1);
                vm.swap(0, 1);
                limits.swap(0, 1);
            }
            let [from, to] = ends.map(|e| e.map(|e| e.id).unwrap_or_default());
            self.grid.dc_lines.push(DcLine {
                id: Self::id(&f, row),
                from,
                to,
                p_mw: p_mw.abs(),
                vm_from_pu: vm[0],
                vm_to_pu: vm[1],
                q_from_mvar: 0.0,
                q_to_mvar: 0.0,
                q_from_limits_mvar: limits[0],
                q_to_limits_mvar: limits[1],
                p_min_mw: 0.0,
                p_max_mw: p_max.unwrap_or(p_mw.abs()),
                loss_mw,
                loss_share,
                in_service,
            });
        }
    }
}
