//! Grids to PyPSA folders.

use std::collections::HashMap;
use std::path::Path;

use blackstart::region::{BranchKind, BusKind, Cost, Grid};

use super::elements::NO_LIMIT;
use crate::formats::lost::{Lost, Part};
use crate::formats::number::push_number;
use crate::formats::pandapower::generator_word;
use crate::problem::InputProblem;

const CANNOT_SAY: [Part; 10] = [
    Part::Facilities,
    Part::Priorities,
    Part::Queues,
    Part::Profiles,
    Part::Fuel,
    Part::Participation,
    Part::Cables,
    Part::ShortRatings,
    Part::DcReactive,
    Part::Areas,
];

/// A table while it is written.
struct Csv(String);

enum Cell<'a> {
    Text(&'a str),
    Number(f64),
    Flag(bool),
}

impl Csv {
    fn new(header: &str) -> Self {
        Self(format!("{header}\n"))
    }

    fn row(&mut self, cells: &[Cell<'_>]) {
        for (k, cell) in cells.iter().enumerate() {
            self.0.push_str(if k > 0 { "," } else { "" });
            match cell {
                Cell::Text(t) if t.contains([',', '"', '\n', '\r']) => {
                    self.0.push('"');
                    self.0.push_str(&t.replace('"', "\"\""));
                    self.0.push('"');
                }
                Cell::Text(t) => self.0.push_str(t),
                Cell::Number(x) => push_number(&mut self.0, *x, "inf", ""),
                Cell::Flag(b) => self.0.push_str(if *b { "True" } else { "False" }),
            }
        }
        self.0.push('\n');
    }
}

/// The files of a folder by name; `target` names it in the notes of what it cannot say.
#[must_use]
pub fn write(
    grid: &Grid<String>,
    target: &Path,
) -> (Vec<(&'static str, String)>, Vec<InputProblem>) {
    use Cell::{Flag, Number, Text};
    let mut lost = Lost::of(grid, target, &CANNOT_SAY);
    let row: HashMap<&str, usize> =
        grid.buses.iter().enumerate().map(|(k, b)| (b.id.as_str(), k)).collect();
    // The ohms of a bus without a nominal voltage are those at 1 kV.
    let kv: Vec<f64> =
        grid.buses.iter().map(|b| if b.base_kv > 0.0 { b.base_kv } else { 1.0 }).collect();
    let kv_of = |id: &str| row.get(id).map_or(1.0, |k| kv[*k]);
    let no_level = grid.buses.iter().filter(|b| b.base_kv <= 0.0).count();
    lost.rows(no_level, "buses without a nominal voltage, written with 1 kV");
    let mut set: Vec<f64> = grid.buses.iter().map(|b| b.vm_pu).collect();
    for g in grid.generators.iter().rev().filter(|g| g.in_service) {
        if let Some(k) = row.get(g.bus.as_str()).filter(|k| grid.buses[**k].kind != BusKind::Load) {
            set[*k] = g.vm_pu;
        }
    }
    let mut buses = Csv::new("name,v_nom,x,y,carrier,v_mag_pu_set,v_mag_pu_min,v_mag_pu_max");
    for (k, b) in grid.buses.iter().enumerate() {
        let (x, y) = b.position.map_or((f64::NAN, f64::NAN), |p| (p.lon_deg, p.lat_deg));
        let limits = (Number(b.vm_min_pu), Number(b.vm_max_pu));
        buses.row(&[
            Text(&b.id),
            Number(kv[k]),
            Number(x),
            Number(y),
            Text("AC"),
            Number(set[k]),
            limits.0,
            limits.1,
        ]);
    }
    let dead = grid.buses.iter().filter(|b| !b.in_service).count();
    lost.rows(dead, "buses out of service, which PyPSA does not know");
    let named = grid.buses.iter().filter(|b| b.name != b.id).count();
    lost.rows(named, "names of buses other than their ids");
    let angles = grid.buses.iter().filter(|b| b.va_deg != 0.0).count();
    lost.rows(angles, "angles of buses");

    let mut lines = Csv::new("name,bus0,bus1,x,r,b,s_nom,v_ang_min,v_ang_max,active");
    let mut transformers =
        Csv::new("name,bus0,bus1,model,x,r,b,s_nom,s_max_pu,tap_ratio,tap_side,phase_shift,active");
    let mut angled = 0;
    for b in &grid.branches {
        if b.kind != BranchKind::Transformer && b.tap == 1.0 && b.shift_deg == 0.0 {
            let base_ohm = kv_of(&b.from).powi(2) / grid.base_mva;
            lines.row(&[
                Text(&b.id),
                Text(&b.from),
                Text(&b.to),
                Number(b.x_pu * base_ohm),
                Number(b.r_pu * base_ohm),
                Number(b.b_pu / base_ohm),
                Number(b.rate_mva),
                Number(b.angle_min_deg),
                Number(b.angle_max_deg),
                Flag(b.in_service),
            ]);
            continue;
        }
        angled += usize::from(b.angle_min_deg.is_finite() || b.angle_max_deg.is_finite());
        let limited = b.rate_mva.is_finite();
        let s_nom = if limited { b.rate_mva } else { grid.base_mva };
        let scale = s_nom / grid.base_mva;
        transformers.row(&[
            Text(&b.id),
            Text(&b.from),
            Text(&b.to),
            Text("pi"),
            Number(b.x_pu * scale),
            Number(b.r_pu * scale),
            Number(b.b_pu / scale),
            Number(s_nom),
            Number(if limited { 1.0 } else { f64::INFINITY }),
            Number(b.tap),
            Number(0.0),
            Number(b.shift_deg),
            Flag(b.in_service),
        ]);
    }
    lost.rows(angled, "limits of angles of transformers");

    let mut generators = Csv::new(
        "name,bus,control,p_nom,p_min_pu,p_max_pu,p_set,q_set,carrier,marginal_cost,\
         marginal_cost_quadratic,active",
    );
    let (mut reactive, mut curved, mut constant) = (0, 0, 0);
    let mut slack = vec![false; grid.buses.len()];
    for g in &grid.generators {
        let at = row.get(g.bus.as_str()).copied();
        let kind = at.map_or(BusKind::Load, |k| grid.buses[k].kind);
        let control = match (kind, at) {
            (BusKind::Load, _) | (_, None) => "PQ",
            (BusKind::Reference, Some(k)) if g.in_service && !slack[k] => {
                slack[k] = true;
                "Slack"
            }
            (BusKind::Reference | BusKind::Generator, _) => "PV",
        };
        let p_nom = if g.p_max_mw.is_infinite() {
            NO_LIMIT
        } else {
            g.p_max_mw.abs().max(g.p_min_mw.abs())
        };
        let share = |x: f64| if p_nom > 0.0 { (x / p_nom).clamp(-1.0, 1.0) } else { 0.0 };
        let limits = g.q_min_mvar.is_finite() || g.q_max_mvar.is_finite();
        reactive += usize::from(limits && (g.q_min_mvar, g.q_max_mvar) != (g.q_mvar, g.q_mvar));
        let (mut linear, mut square) = (0.0, 0.0);
        match &g.cost {
            None => {}
            Some(Cost::Polynomial(c)) => {
                let at = |k: usize| c.len().checked_sub(k + 1).map_or(0.0, |i| c[i]);
                (linear, square) = (at(1), at(2));
                constant += usize::from(at(0) != 0.0);
                curved += usize::from(c.iter().rev().skip(3).any(|x| *x != 0.0));
            }
            Some(Cost::Piecewise(points)) => {
                // The slope of the whole.
                if let [(p0, c0), .., (p1, c1)] = points[..] {
                    linear = (c1 - c0) / (p1 - p0);
                }
                curved += usize::from(points.len() > 2);
            }
        }
        generators.row(&[
            Text(&g.id),
            Text(&g.bus),
            Text(control),
            Number(p_nom),
            Number(share(g.p_min_mw)),
            Number(share(g.p_max_mw)),
            Number(g.p_mw),
            Number(g.q_mvar),
            Text(generator_word(g.kind).unwrap_or("")),
            Number(linear),
            Number(square),
            Flag(g.in_service),
        ]);
    }
    lost.rows(reactive, "reactive limits of generators");
    lost.rows(curved, "costs that are neither linear nor quadratic, written as a mean slope");
    lost.rows(constant, "constant parts of costs");

    let mut loads = Csv::new("name,bus,p_set,q_set,active");
    for l in &grid.loads {
        loads.row(&[
            Text(&l.id),
            Text(&l.bus),
            Number(l.p_mw),
            Number(l.q_mvar),
            Flag(l.in_service),
        ]);
    }
    let mut links = Csv::new("name,bus0,bus1,p_nom,p_min_pu,p_max_pu,efficiency,p_set,active");
    for d in &grid.dc_lines {
        let p_nom = d.p_max_mw.abs().max(d.p_min_mw.abs());
        let share = |x: f64| if p_nom > 0.0 { x / p_nom } else { 0.0 };
        links.row(&[
            Text(&d.id),
            Text(&d.from),
            Text(&d.to),
            Number(p_nom),
            Number(share(d.p_min_mw)),
            Number(share(d.p_max_mw)),
            Number(1.0 - d.loss_share),
            Number(d.p_mw),
            Flag(d.in_service),
        ]);
    }
    let constant = grid.dc_lines.iter().filter(|d| d.loss_mw != 0.0).count();
    lost.rows(constant, "constant losses of direct-current lines");

    let mut units = Csv::new(
        "name,bus,p_nom,p_min_pu,p_max_pu,max_hours,state_of_charge_initial,efficiency_store,\
         efficiency_dispatch,p_set,q_set,active",
    );
    let mut limited = 0;
    for s in &grid.storages {
        let p_nom = s.charge_max_mw.max(s.discharge_max_mw);
        let share = |x: f64| if p_nom > 0.0 { x / p_nom } else { 0.0 };
        let other = [s.r_pu, s.x_pu, s.p_loss_mw, s.q_loss_mvar].iter().any(|x| *x != 0.0);
        let free = (s.q_min_mvar, s.q_max_mvar) != (s.q_mvar, s.q_mvar);
        limited += usize::from(other || free || s.rate_mva.is_finite());
        units.row(&[
            Text(&s.id),
            Text(&s.bus),
            Number(p_nom),
            Number(-share(s.charge_max_mw)),
            Number(share(s.discharge_max_mw)),
            Number(share(s.energy_max_mwh)),
            Number(s.energy_mwh),
            Number(s.charge_efficiency),
            Number(s.discharge_efficiency),
            Number(-s.p_mw),
            Number(-s.q_mvar),
            Flag(s.in_service),
        ]);
    }
    lost.rows(limited, "ratings, reactive limits, impedances and losses of storages");

    let mut shunts = Csv::new("name,bus,g,b");
    for (k, b) in grid.buses.iter().enumerate() {
        if b.shunt_g_mw != 0.0 || b.shunt_b_mvar != 0.0 {
            let square = kv[k] * kv[k];
            let name = format!("shunt@{}", b.id);
            shunts.row(&[
                Text(&name),
                Text(&b.id),
                Number(b.shunt_g_mw / square),
                Number(b.shunt_b_mvar / square),
            ]);
        }
    }
    let files = [
        ("network.csv", Csv::new("name,srid\nblackstart,4326")),
        ("snapshots.csv", Csv::new("snapshot,objective,stores,generators\nnow,1.0,1.0,1.0")),
        ("buses.csv", buses),
        ("lines.csv", lines),
        ("transformers.csv", transformers),
        ("generators.csv", generators),
        ("loads.csv", loads),
        ("links.csv", links),
        ("storage_units.csv", units),
        ("shunt_impedances.csv", shunts),
    ];
    // A table without rows is left out, as PyPSA does.
    let kept = files.into_iter().filter(|(_, t)| t.0.lines().count() > 1);
    (kept.map(|(name, t)| (name, t.0)).collect(), lost.into_notes())
}
