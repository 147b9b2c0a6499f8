//! Grids to pandapower nets, in the layout of version 3.

mod table;
mod units;

use std::path::Path;

use blackstart::region::{Branch, BranchKind, Bus, BusKind, Cost, Generator, Grid};

use super::sources_of_power::{self, NO_LIMIT};
use super::transformers::NO_RATING;
use crate::formats::lost::{Lost, Part};
use crate::formats::number::push_number;
use crate::problem::InputProblem;
use table::{B, Cell, F, O, Table, U, limit, push_cell, text, whole};

/// An extra column of every table, with ids that are not made of table and index.
pub(super) const ID_COLUMN: &str = "blackstart_id";

const CANNOT_SAY: [Part; 7] = [
    Part::Facilities,
    Part::Priorities,
    Part::Queues,
    Part::Profiles,
    Part::Fuel,
    Part::ShortRatings,
    Part::AngleLimits,
];

/// Writes a net; `target` names it in the notes of what it cannot say.
#[must_use]
pub fn write(grid: &Grid<String>, target: &Path) -> (String, Vec<InputProblem>) {
    let mut writer = Writer {
        grid,
        row: grid.buses.iter().enumerate().map(|(k, b)| (b.id.as_str(), k)).collect(),
        lost: Lost::of(grid, target, &CANNOT_SAY),
        tables: Vec::new(),
    };
    let charging = writer.branches();
    writer.buses();
    writer.shunts(&charging);
    writer.loads();
    writer.generators();
    writer.dc_lines();
    writer.storages();
    let mut out = String::from(
        "{\n  \"_module\": \"pandapower.auxiliary\",\n  \"_class\": \"pandapowerNet\",\n  \
         \"_object\": {\n",
    );
    for table in &writer.tables {
        table.push_json(&mut out);
    }
    out.push_str("    \"sn_mva\": ");
    push_cell(&mut out, &Cell::Number(grid.base_mva));
    out.push_str(
        ",\n    \"f_hz\": 50.0,\n    \"name\": \"\",\n    \"std_types\": {\"line\": {}, \"trafo\": \
         {}, \"trafo3w\": {}},\n    \"user_pf_options\": {},\n    \"version\": \"3.0.0\",\n    \
         \"format_version\": \"3.0.0\"\n  }\n}\n",
    );
    (out, writer.lost.into_notes())
}

struct Writer<'g, 'p> {
    grid: &'g Grid<String>,
    row: std::collections::HashMap<&'g str, usize>,
    lost: Lost<'p>,
    tables: Vec<Table>,
}

impl<'g> Writer<'g, '_> {
    /// Row of a bus; references were checked before.
    fn at(&self, bus: &str) -> usize {
        self.row.get(bus).copied().unwrap_or(0)
    }

    fn bus(&self, bus: &str) -> Cell {
        whole(self.at(bus))
    }

    fn kv(bus: &Bus) -> f64 {
        if bus.base_kv > 0.0 { bus.base_kv } else { 1.0 }
    }

    fn buses(&mut self) {
        const COLUMNS: [(&str, &str); 10] = [
            ("name", O),
            ("vn_kv", F),
            ("type", O),
            ("zone", O),
            ("in_service", B),
            ("geo", O),
            ("max_vm_pu", F),
            ("min_vm_pu", F),
            ("blackstart_area", O),
            (ID_COLUMN, O),
        ];
        let mut t = Table::new("bus", &COLUMNS);
        let no_level = self.grid.buses.iter().filter(|b| b.base_kv <= 0.0).count();
        if no_level > 0 {
            self.lost
                .tell(format!("{no_level} buses without a nominal voltage are written with 1 kV"));
        }
        let number = |x: u32| if x > 0 { Cell::Whole(i64::from(x)) } else { Cell::Null };
        for b in &self.grid.buses {
            let geo = b.position.map_or(Cell::Null, |p| {
                let mut point = String::from("{\"coordinates\": [");
                push_number(&mut point, p.lon_deg, "null", "null");
                point.push_str(", ");
                push_number(&mut point, p.lat_deg, "null", "null");
                point.push_str("], \"type\": \"Point\"}");
                Cell::Text(point)
            });
            t.rows.push(vec![
                text(&b.name),
                Cell::Number(Self::kv(b)),
                text("b"),
                number(b.zone),
                Cell::Bool(b.in_service),
                geo,
                limit(b.vm_max_pu),
                limit(b.vm_min_pu),
                number(b.area),
                text(&b.id),
            ]);
        }
        self.tables.insert(0, t);
    }

    /// Writes lines and transformers. Gives the charging of transformers by bus, which a
    /// transformer of pandapower cannot have, `MVAr` at 1 p.u.
    fn branches(&mut self) -> Vec<f64> {
        const LINE: [(&str, &str); 14] = [
            ("name", O),
            ("std_type", O),
            ("from_bus", U),
            ("to_bus", U),
            ("length_km", F),
            ("r_ohm_per_km", F),
            ("x_ohm_per_km", F),
            ("c_nf_per_km", F),
            ("g_us_per_km", F),
            ("max_i_ka", F),
            ("df", F),
            ("parallel", U),
            ("type", O),
            ("in_service", B),
        ];
        const TRAFO: [(&str, &str); 23] = [
            ("name", O),
            ("std_type", O),
            ("hv_bus", U),
            ("lv_bus", U),
            ("sn_mva", F),
            ("vn_hv_kv", F),
            ("vn_lv_kv", F),
            ("vk_percent", F),
            ("vkr_percent", F),
            ("pfe_kw", F),
            ("i0_percent", F),
            ("shift_degree", F),
            ("tap_side", O),
            ("tap_neutral", F),
            ("tap_min", F),
            ("tap_max", F),
            ("tap_step_percent", F),
            ("tap_step_degree", F),
            ("tap_pos", F),
            ("tap_changer_type", O),
            ("parallel", U),
            ("df", F),
            ("in_service", B),
        ];
        const LINE_ID: [(&str, &str); 15] = with_id(LINE);
        const TRAFO_ID: [(&str, &str); 24] = with_id(TRAFO);
        let (mut lines, mut trafos) =
            (Table::new("line", &LINE_ID), Table::new("trafo", &TRAFO_ID));
        let mut charging = vec![0.0; self.grid.buses.len()];
        let mut charged = 0;
        for b in &self.grid.branches {
            let (from, to) = (self.at(&b.from), self.at(&b.to));
            let kv = [from, to].map(|k| self.grid.buses.get(k).map_or(1.0, Self::kv));
            let plain = b.kind != BranchKind::Transformer && b.tap == 1.0 && b.shift_deg == 0.0;
            if plain {
                lines.rows.push(self.line(b, (from, to), kv[0]));
                continue;
            }
            trafos.rows.push(self.trafo(b, (from, to), kv));
            if b.b_pu != 0.0 && b.in_service {
                charged += 1;
                let half = b.b_pu / 2.0 * self.grid.base_mva;
                charging[from] += half / (b.tap * b.tap);
                charging[to] += half;
            }
        }
        if charged > 0 {
            self.lost.tell(format!(
                "the charging of {charged} transformers is written as shunts at their buses"
            ));
        }
        self.tables.extend([lines, trafos]);
        charging
    }

    fn line(&self, b: &Branch<String>, (from, to): (usize, usize), kv: f64) -> Vec<Cell> {
        let base_ohm = kv * kv / self.grid.base_mva;
        let c_nf = b.b_pu / base_ohm / (std::f64::consts::TAU * 50.0) * 1e9;
        let max_i_ka = b.rate_mva / (kv * 3f64.sqrt());
        vec![
            text(&b.id),
            Cell::Null,
            whole(from),
            whole(to),
            Cell::Number(1.0),
            Cell::Number(b.r_pu * base_ohm),
            Cell::Number(b.x_pu * base_ohm),
            Cell::Number(c_nf),
            Cell::Number(0.0),
            Cell::Number(if max_i_ka.is_finite() { max_i_ka } else { NO_RATING }),
            Cell::Number(1.0),
            Cell::Whole(1),
            text(if b.kind == BranchKind::Cable { "cs" } else { "ol" }),
            Cell::Bool(b.in_service),
            text(&b.id),
        ]
    }

    fn trafo(&self, b: &Branch<String>, (from, to): (usize, usize), kv: [f64; 2]) -> Vec<Cell> {
        let sn_mva = if b.rate_mva.is_finite() { b.rate_mva } else { NO_RATING };
        let percent = 100.0 * sn_mva / self.grid.base_mva;
        let z = b.r_pu.hypot(b.x_pu);
        vec![
            text(&b.id),
            Cell::Null,
            whole(from),
            whole(to),
            Cell::Number(sn_mva),
            Cell::Number(kv[0] * b.tap),
            Cell::Number(kv[1]),
            Cell::Number(z.copysign(b.x_pu) * percent),
            Cell::Number(b.r_pu * percent),
            Cell::Number(0.0),
            Cell::Number(0.0),
            Cell::Number(b.shift_deg),
            Cell::Null,
            Cell::Null,
            Cell::Null,
            Cell::Null,
            Cell::Null,
            Cell::Null,
            Cell::Null,
            Cell::Null,
            Cell::Whole(1),
            Cell::Number(1.0),
            Cell::Bool(b.in_service),
            text(&b.id),
        ]
    }

    fn shunts(&mut self, charging: &[f64]) {
        let mut t = Table::new(
            "shunt",
            &[
                ("bus", U),
                ("name", O),
                ("q_mvar", F),
                ("p_mw", F),
                ("vn_kv", F),
                ("step", U),
                ("max_step", U),
                ("in_service", B),
            ],
        );
        for (k, b) in self.grid.buses.iter().enumerate() {
            let q_mvar = -(b.shunt_b_mvar + charging[k]);
            if q_mvar == 0.0 && b.shunt_g_mw == 0.0 {
                continue;
            }
            t.rows.push(vec![
                whole(k),
                Cell::Null,
                Cell::Number(q_mvar),
                Cell::Number(b.shunt_g_mw),
                Cell::Number(Self::kv(b)),
                Cell::Whole(1),
                Cell::Whole(1),
                Cell::Bool(true),
            ]);
        }
        self.tables.push(t);
    }

    fn loads(&mut self) {
        let mut t = Table::new(
            "load",
            &[
                ("name", O),
                ("bus", U),
                ("p_mw", F),
                ("q_mvar", F),
                ("const_z_p_percent", F),
                ("const_i_p_percent", F),
                ("const_z_q_percent", F),
                ("const_i_q_percent", F),
                ("sn_mva", F),
                ("scaling", F),
                ("in_service", B),
                ("type", O),
                (ID_COLUMN, O),
            ],
        );
        for l in &self.grid.loads {
            let zero = Cell::Number(0.0);
            t.rows.push(vec![
                text(&l.id),
                self.bus(&l.bus),
                Cell::Number(l.p_mw),
                Cell::Number(l.q_mvar),
                zero.clone(),
                zero.clone(),
                zero.clone(),
                zero,
                Cell::Null,
                Cell::Number(1.0),
                Cell::Bool(l.in_service),
                Cell::Null,
                text(&l.id),
            ]);
        }
        self.tables.push(t);
    }

    fn dc_lines(&mut self) {
        let mut t = Table::new(
            "dcline",
            &[
                ("name", O),
                ("from_bus", U),
                ("to_bus", U),
                ("p_mw", F),
                ("loss_percent", F),
                ("loss_mw", F),
                ("vm_from_pu", F),
                ("vm_to_pu", F),
                ("max_p_mw", F),
                ("min_q_from_mvar", F),
                ("min_q_to_mvar", F),
                ("max_q_from_mvar", F),
                ("max_q_to_mvar", F),
                ("in_service", B),
                (ID_COLUMN, O),
            ],
        );
        let mut least = 0;
        for d in &self.grid.dc_lines {
            least += usize::from(d.p_min_mw != 0.0);
            t.rows.push(vec![
                text(&d.id),
                self.bus(&d.from),
                self.bus(&d.to),
                Cell::Number(d.p_mw),
                Cell::Number(d.loss_share * 100.0),
                Cell::Number(d.loss_mw),
                Cell::Number(d.vm_from_pu),
                Cell::Number(d.vm_to_pu),
                Cell::Number(d.p_max_mw),
                limit(d.q_from_limits_mvar.0),
                limit(d.q_to_limits_mvar.0),
                limit(d.q_from_limits_mvar.1),
                limit(d.q_to_limits_mvar.1),
                Cell::Bool(d.in_service),
                text(&d.id),
            ]);
        }
        self.lost.rows(least, "least flows of direct-current lines");
        self.tables.push(t);
    }

    fn storages(&mut self) {
        let mut t = Table::new(
            "storage",
            &[
                ("name", O),
                ("bus", U),
                ("p_mw", F),
                ("q_mvar", F),
                ("sn_mva", F),
                ("soc_percent", F),
                ("min_e_mwh", F),
                ("max_e_mwh", F),
                ("scaling", F),
                ("in_service", B),
                ("type", O),
                ("min_p_mw", F),
                ("max_p_mw", F),
                ("min_q_mvar", F),
                ("max_q_mvar", F),
                ("controllable", B),
                (ID_COLUMN, O),
            ],
        );
        let mut lossy = 0;
        for s in &self.grid.storages {
            let losses = [
                s.charge_efficiency - 1.0,
                s.discharge_efficiency - 1.0,
                s.r_pu,
                s.x_pu,
                s.p_loss_mw,
                s.q_loss_mvar,
            ];
            lossy += usize::from(losses.iter().any(|x| *x != 0.0));
            let share = if s.energy_max_mwh > 0.0 { s.energy_mwh / s.energy_max_mwh } else { 0.0 };
            t.rows.push(vec![
                text(&s.id),
                self.bus(&s.bus),
                Cell::Number(s.p_mw),
                Cell::Number(s.q_mvar),
                if s.rate_mva.is_finite() { Cell::Number(s.rate_mva) } else { Cell::Null },
                Cell::Number(share * 100.0),
                Cell::Number(0.0),
                Cell::Number(s.energy_max_mwh),
                Cell::Number(1.0),
                Cell::Bool(s.in_service),
                Cell::Null,
                Cell::Number(-s.discharge_max_mw),
                Cell::Number(s.charge_max_mw),
                limit(s.q_min_mvar),
                limit(s.q_max_mvar),
                Cell::Bool(true),
                text(&s.id),
            ]);
        }
        self.lost.rows(lossy, "losses of storages");
        self.tables.push(t);
    }
}

/// Columns with the one for ids behind them.
const fn with_id<const N: usize, const M: usize>(
    columns: [(&'static str, &'static str); N],
) -> [(&'static str, &'static str); M] {
    let mut out = [(ID_COLUMN, O); M];
    let mut k = 0;
    while k < N {
        out[k] = columns[k];
        k += 1;
    }
    out
}
