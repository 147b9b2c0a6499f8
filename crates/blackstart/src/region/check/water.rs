//! Checks of the water network.

use super::findings::{Findings, RowCheck};
use super::grid::numbered;
use super::names::{AllNames, From};
use crate::region::{
    Condition, Control, ControlAction, ControlWhen, HeadLoss, Pipe, PipeLeak, Premise, Pump,
    PumpCurve, Rule, Table, Tank, Valve, ValveKind, Water, WaterEdge, WaterEnergy, WaterNodeIdx,
};

/// Resolves references and checks numbers, with the same rules as EPANET.
pub(super) fn check(water: Water<String>, names: &AllNames, f: &mut Findings) -> Water {
    check_options(&water, f);
    check_nodes(&water, f);
    for (row, pattern) in water.patterns.iter().enumerate() {
        let mut r = f.row(Table::Patterns, row, &pattern.id);
        if pattern.multipliers.is_empty() {
            let message = format!("{} has no multipliers", r.name());
            r.missing("multipliers", message, "write at least one, such as 1");
        }
        if let Some(m) = pattern.multipliers.iter().find(|m| !m.is_finite()) {
            r.finite("multipliers", *m);
        }
    }
    let patterns = water.patterns.len();
    let loss = water.options.head_loss;
    let pipes = numbered(water.pipes, |row, p| pipe(p, row, loss, names, f));
    let pumps = numbered(water.pumps, |row, p| pump(p, row, patterns, names, f));
    let valves = numbered(water.valves, |row, v| valve(v, row, names, f));
    let sizes = (pipes.len(), pumps.len(), valves.len());
    let controls = numbered(water.controls, |row, c| control(c, row, sizes, names, f));
    check_leaks(&water.leaks, pipes.len(), f);
    check_energy(&water.energy, pumps.len(), patterns, f);
    let rules = numbered(water.rules, |row, rule| check_rule(rule, row, sizes, names, f));
    Water {
        options: water.options,
        junctions: water.junctions,
        reservoirs: water.reservoirs,
        tanks: water.tanks,
        pipes,
        pumps,
        valves,
        patterns: water.patterns,
        controls,
        rules,
        leaks: water.leaks,
        energy: water.energy,
    }
}

fn check_options(water: &Water<String>, f: &mut Findings) {
    let o = &water.options;
    let mut r = f.row(Table::Region, 0, "");
    r.positive("viscosity_m2_s", o.viscosity_m2_s);
    r.positive("specific_gravity", o.specific_gravity);
    r.not_negative("demand_multiplier", o.demand_multiplier);
    r.finite("min_pressure_m", o.min_pressure_m);
    r.finite("required_pressure_m", o.required_pressure_m);
    r.positive("pressure_exponent", o.pressure_exponent);
    r.positive("emitter_exponent", o.emitter_exponent);
    r.positive("pattern_step_h", o.pattern_step_h);
    r.finite("pattern_start_h", o.pattern_start_h);
    r.finite("start_clock_h", o.start_clock_h);
    if o.required_pressure_m <= o.min_pressure_m {
        let message = format!(
            "required_pressure_m is {}, which is not above min_pressure_m, {}",
            o.required_pressure_m, o.min_pressure_m
        );
        r.contradiction("required_pressure_m", message, "20 m serve an ordinary block of flats");
    }
}

fn check_nodes(water: &Water<String>, f: &mut Findings) {
    let patterns = water.patterns.len();
    for (row, j) in water.junctions.iter().enumerate() {
        let mut r = f.row(Table::Junctions, row, &j.id);
        r.finite("elevation_m", j.elevation_m);
        r.not_negative("emitter_m3h", j.emitter_m3h);
        for d in &j.demands {
            r.finite("demand_m3h", d.base_m3h);
            pattern_exists(&mut r, d.pattern, patterns);
        }
        r.position(j.position);
    }
    for (row, s) in water.reservoirs.iter().enumerate() {
        let mut r = f.row(Table::Reservoirs, row, &s.id);
        r.finite("head_m", s.head_m);
        pattern_exists(&mut r, s.pattern, patterns);
        r.position(s.position);
    }
    for (row, tank) in water.tanks.iter().enumerate() {
        check_tank(tank, &mut f.row(Table::Tanks, row, &tank.id));
    }
}

fn pattern_exists(r: &mut RowCheck<'_>, pattern: Option<u32>, patterns: usize) {
    if pattern.is_some_and(|p| p as usize >= patterns) {
        let message = format!("{} names a pattern that does not exist", r.name());
        r.push(crate::region::Code::UnknownReference, "pattern", message, None);
    }
}

fn check_tank(t: &Tank, r: &mut RowCheck<'_>) {
    r.finite("elevation_m", t.elevation_m);
    r.not_negative("min_level_m", t.min_level_m);
    r.not_negative("init_level_m", t.init_level_m);
    r.not_negative("max_level_m", t.max_level_m);
    r.not_negative("min_volume_m3", t.min_volume_m3);
    if t.min_level_m > t.max_level_m {
        let message = format!(
            "min_level_m of {} is {}, which is above its max_level_m of {}",
            r.name(),
            t.min_level_m,
            t.max_level_m
        );
        r.contradiction("min_level_m", message, "were the two swapped?");
    } else if t.init_level_m < t.min_level_m || t.init_level_m > t.max_level_m {
        let message = format!(
            "init_level_m of {} is {}, which is not between {} and {}",
            r.name(),
            t.init_level_m,
            t.min_level_m,
            t.max_level_m
        );
        r.contradiction("init_level_m", message, "levels are metres above the tank's bottom");
    }
    if t.volume_curve.is_empty() {
        r.positive("diameter_m", t.diameter_m);
    } else if r.curve("volume_curve_m_m3", &t.volume_curve, 2) {
        let rising = t.volume_curve.windows(2).all(|w| w[0].1 < w[1].1);
        let (first, last) = (t.volume_curve[0].0, t.volume_curve[t.volume_curve.len() - 1].0);
        if !rising {
            let message = format!("volume_curve_m_m3 of {} does not rise in volume", r.name());
            r.contradiction("volume_curve_m_m3", message, "more level holds more water");
        }
        if first > t.min_level_m || last < t.max_level_m {
            let message = format!(
                "volume_curve_m_m3 of {} covers levels {first} to {last}, not {} to {}",
                r.name(),
                t.min_level_m,
                t.max_level_m
            );
            r.contradiction("volume_curve_m_m3", message, "add points up to both levels");
        }
    }
    r.position(t.position);
    r.facility(t.facility.as_ref());
}

fn ends(
    table: Table,
    row: usize,
    who: &str,
    (from, to): (&str, &str),
    names: &AllNames,
    f: &mut Findings,
) -> (WaterNodeIdx, WaterNodeIdx) {
    if from == to {
        let message = format!("{who} runs from node `{from}` to itself");
        let help = Some(String::from("name the node at its other end"));
        f.push(crate::region::Code::Contradiction, (table, row, "to"), message, help);
    }
    let mut node = |field, wanted: &str| {
        let from = From { table, row, field, who };
        WaterNodeIdx::new(names.resolve(f, &names.nodes, from, wanted).unwrap_or(0))
    };
    (node("from", from), node("to", to))
}

fn pipe(p: Pipe<String>, row: usize, loss: HeadLoss, names: &AllNames, f: &mut Findings) -> Pipe {
    let mut r = f.row(Table::Pipes, row, &p.id);
    r.positive("length_m", p.length_m);
    r.positive("diameter_mm", p.diameter_mm);
    match loss {
        HeadLoss::HazenWilliams | HeadLoss::ChezyManning => r.positive("roughness", p.roughness),
        HeadLoss::DarcyWeisbach => r.not_negative("roughness", p.roughness),
    }
    r.not_negative("minor_loss", p.minor_loss);
    let who = r.name();
    let (from, to) = ends(Table::Pipes, row, &who, (&p.from, &p.to), names, f);
    Pipe {
        id: p.id,
        from,
        to,
        length_m: p.length_m,
        diameter_mm: p.diameter_mm,
        roughness: p.roughness,
        minor_loss: p.minor_loss,
        status: p.status,
    }
}

fn pump(p: Pump<String>, row: usize, patterns: usize, names: &AllNames, f: &mut Findings) -> Pump {
    let mut r = f.row(Table::Pumps, row, &p.id);
    match &p.curve {
        PumpCurve::Power { kw } => r.positive("power_kw", *kw),
        PumpCurve::Points(points) => check_pump_curve(points, &mut r),
    }
    r.not_negative("speed", p.speed);
    pattern_exists(&mut r, p.pattern, patterns);
    r.facility(p.facility.as_ref());
    let who = r.name();
    let (from, to) = ends(Table::Pumps, row, &who, (&p.from, &p.to), names, f);
    Pump {
        id: p.id,
        from,
        to,
        curve: p.curve,
        speed: p.speed,
        pattern: p.pattern,
        on: p.on,
        facility: p.facility,
    }
}

fn check_pump_curve(points: &[(f64, f64)], r: &mut RowCheck<'_>) {
    const FIELD: &str = "curve_m3h_m";
    if !r.curve(FIELD, points, 1) {
        return;
    }
    if points[0].0 < 0.0 {
        r.range(FIELD, points[0].0, "0 or more at every flow", None);
    }
    if points.len() == 1 && (points[0].0 <= 0.0 || points[0].1 <= 0.0) {
        let message = format!("the one point of the curve of {} must be above 0:0", r.name());
        r.push(crate::region::Code::OutOfRange, FIELD, message, Some("write flow:head"));
    }
    if let Some(w) = points.windows(2).find(|w| w[1].1 >= w[0].1) {
        let message = format!(
            "the head of {} does not fall with flow: {} m at {} m³/h, {} m at {} m³/h",
            r.name(),
            w[0].1,
            w[0].0,
            w[1].1,
            w[1].0
        );
        r.contradiction(FIELD, message, "points are flow:head; were flow and head swapped?");
    }
}

fn valve(v: Valve<String>, row: usize, names: &AllNames, f: &mut Findings) -> Valve {
    let mut r = f.row(Table::Valves, row, &v.id);
    r.positive("diameter_mm", v.diameter_mm);
    r.not_negative("minor_loss", v.minor_loss);
    match v.kind {
        ValveKind::Gpv => {
            r.curve("curve_m3h_m", &v.curve, 2);
        }
        ValveKind::Psv | ValveKind::Prv => r.finite("setting", v.setting),
        ValveKind::Pbv | ValveKind::Fcv | ValveKind::Tcv => {
            r.not_negative("setting", v.setting);
        }
        ValveKind::Pcv => {
            r.not_negative("setting", v.setting);
            let falls = v.curve.windows(2).find(|w| w[1].1 < w[0].1);
            if v.curve.is_empty() {
            } else if r.curve("curve_m3h_m", &v.curve, 1) && (falls.is_some() || v.curve[0].1 < 0.0)
            {
                let message = format!("the curve of {} falls", r.name());
                let help = "points are opening:flow in percent, from 0:0 to 100:100";
                r.contradiction("curve_m3h_m", message, help);
            }
        }
    }
    let who = r.name();
    let (from, to) = ends(Table::Valves, row, &who, (&v.from, &v.to), names, f);
    Valve {
        id: v.id,
        from,
        to,
        kind: v.kind,
        diameter_mm: v.diameter_mm,
        setting: v.setting,
        curve: v.curve,
        minor_loss: v.minor_loss,
        status: v.status,
    }
}

fn check_leaks(leaks: &[PipeLeak], pipes: usize, f: &mut Findings) {
    for leak in leaks {
        let row = leak.pipe as usize;
        let mut r = f.row(Table::Pipes, row, "");
        if row >= pipes {
            let message = String::from("a leak is in a pipe that does not exist");
            r.push(crate::region::Code::UnknownReference, "leak_area_mm2_100m", message, None);
        }
        r.not_negative("leak_area_mm2_100m", leak.area_mm2_100m);
        r.not_negative("leak_expansion_mm2_m_100m", leak.expansion_mm2_m_100m);
    }
}

fn check_energy(energy: &WaterEnergy, pumps: usize, patterns: usize, f: &mut Findings) {
    let mut r = f.row(Table::Region, 0, "");
    r.not_negative("price_per_kwh", energy.price_per_kwh);
    r.not_negative("demand_charge_per_kw", energy.demand_charge_per_kw);
    r.positive("efficiency_percent", energy.efficiency_percent);
    pattern_exists(&mut r, energy.pattern, patterns);
    for pump in &energy.pumps {
        let row = pump.pump as usize;
        let mut r = f.row(Table::Pumps, row, "");
        if row >= pumps {
            let message = String::from("a price is of a pump that does not exist");
            r.push(crate::region::Code::UnknownReference, "price_per_kwh", message, None);
        }
        r.not_negative("price_per_kwh", pump.price_per_kwh.unwrap_or(0.0));
        pattern_exists(&mut r, pump.pattern, patterns);
        if !pump.efficiency.is_empty() {
            r.curve("efficiency_m3h_percent", &pump.efficiency, 1);
        }
    }
}

fn control(
    c: Control<String>,
    row: usize,
    sizes: (usize, usize, usize),
    names: &AllNames,
    f: &mut Findings,
) -> Control {
    let mut r = f.row(Table::Controls, row, "");
    if !exists(c.edge, sizes) {
        let message = format!("{} sets something that does not exist", r.name());
        r.push(crate::region::Code::UnknownReference, "edge", message, None);
    }
    if let ControlAction::Set(value) = c.action {
        r.finite("value", value);
        if matches!(c.edge, WaterEdge::Pipe(_)) {
            let message = format!("{} gives a pipe a setting", r.name());
            r.contradiction("action", message, "a pipe is opened or closed");
        }
    }
    let who = r.name();
    let mut node = |wanted: &str| {
        let from = From { table: Table::Controls, row, field: "node", who: &who };
        WaterNodeIdx::new(names.resolve(f, &names.nodes, from, wanted).unwrap_or(0))
    };
    let when = match c.when {
        ControlWhen::Above { node: n, limit_m } => ControlWhen::Above { node: node(&n), limit_m },
        ControlWhen::Below { node: n, limit_m } => ControlWhen::Below { node: node(&n), limit_m },
        ControlWhen::AtTime { time_h } => ControlWhen::AtTime { time_h },
        ControlWhen::AtClock { clock_h } => ControlWhen::AtClock { clock_h },
    };
    let mut r = f.row(Table::Controls, row, "");
    match &when {
        ControlWhen::Above { limit_m, .. } | ControlWhen::Below { limit_m, .. } => {
            r.finite("limit_m", *limit_m);
        }
        ControlWhen::AtTime { time_h } => r.not_negative("time_h", *time_h),
        ControlWhen::AtClock { clock_h } => {
            if !(0.0..=24.0).contains(clock_h) {
                r.range("clock_h", *clock_h, "hours after midnight, 0 to 24", None);
            }
        }
    }
    Control { edge: c.edge, action: c.action, when }
}

fn exists(edge: WaterEdge, (pipes, pumps, valves): (usize, usize, usize)) -> bool {
    match edge {
        WaterEdge::Pipe(i) => (i as usize) < pipes,
        WaterEdge::Pump(i) => (i as usize) < pumps,
        WaterEdge::Valve(i) => (i as usize) < valves,
    }
}

fn check_rule(
    mut rule: Rule<String>,
    row: usize,
    sizes: (usize, usize, usize),
    names: &AllNames,
    f: &mut Findings,
) -> Rule {
    let mut all = true;
    rule.edges_mut(|edge| all &= exists(*edge, sizes));
    let mut r = f.row(Table::Rules, row, &rule.id);
    r.finite("priority", rule.priority);
    if rule.premises.is_empty() {
        let message = format!("{} has no premise", r.name());
        r.missing("premises", message, "a rule begins IF …");
    }
    if !all {
        let message = format!("{} names something that does not exist", r.name());
        r.push(crate::region::Code::UnknownReference, "edge", message, None);
    }
    for action in rule.then.iter().chain(&rule.otherwise) {
        if let ControlAction::Set(value) = action.action {
            r.finite("value", value);
        }
    }
    for premise in &rule.premises {
        match premise.condition {
            Condition::Quantity { limit, tolerance, .. } => {
                r.finite("limit", limit);
                r.not_negative("tolerance", tolerance);
            }
            Condition::Time { time_h: limit, .. } | Condition::Clock { clock_h: limit, .. } => {
                r.not_negative("limit", limit);
            }
            Condition::Status { .. } => {}
        }
    }
    let who = r.name();
    let mut premises = Vec::with_capacity(rule.premises.len());
    for Premise { or, condition } in rule.premises {
        let condition = match condition {
            Condition::Quantity { what, relation, limit, tolerance } => {
                let what = what.map_node(|wanted| {
                    let from = From { table: Table::Rules, row, field: "node", who: &who };
                    WaterNodeIdx::new(names.resolve(f, &names.nodes, from, &wanted).unwrap_or(0))
                });
                Condition::Quantity { what, relation, limit, tolerance }
            }
            Condition::Status { edge, status, is } => Condition::Status { edge, status, is },
            Condition::Time { relation, time_h } => Condition::Time { relation, time_h },
            Condition::Clock { relation, clock_h } => Condition::Clock { relation, clock_h },
        };
        premises.push(Premise { or, condition });
    }
    Rule {
        id: rule.id,
        premises,
        then: rule.then,
        otherwise: rule.otherwise,
        priority: rule.priority,
    }
}
