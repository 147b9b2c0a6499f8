//! Water tables. Drafts name patterns and controlled edges by position, files by id.

use std::collections::HashMap;

use blackstart::region::{
    Control, ControlAction, ControlWhen, PipeLeak, PumpCurve, Rule, RuleAction, Water, WaterEdge,
};

use super::WriteError;
use super::cells::{Tables, flag, number, numbers, optional, points, position, unless, word};
use crate::formats::region_folder::layouts::{self, PIPE_STATUSES, VALVE_KINDS, VALVE_STATUSES};
use crate::formats::region_folder::rules_table::{
    Of, TOLERANCE, Value, action_cells, condition_cells,
};

pub(super) fn write(water: &Water<String>, tables: &mut Tables) -> Result<(), WriteError> {
    let names = Names { water };
    let patterns = water.patterns.iter().map(|p| [p.id.clone(), numbers(&p.multipliers)]);
    tables.add("patterns", layouts::PATTERNS, patterns);
    nodes(water, &names, tables)?;
    edges(water, &names, tables)?;
    let controls: Vec<_> =
        water.controls.iter().map(|c| control(c, &names)).collect::<Result<_, _>>()?;
    tables.add("controls", layouts::CONTROLS, controls.into_iter());
    let mut rules = Vec::new();
    for rule in &water.rules {
        rule_rows(rule, &names, &mut rules)?;
    }
    tables.add("rules", layouts::RULES, rules.into_iter());
    Ok(())
}

struct Names<'a> {
    water: &'a Water<String>,
}

impl Names<'_> {
    fn pattern(&self, pattern: Option<u32>) -> Result<String, WriteError> {
        let Some(p) = pattern else { return Ok(String::new()) };
        let found = self.water.patterns.get(p as usize);
        found.map(|p| p.id.clone()).ok_or(WriteError::Dangling("pattern"))
    }

    fn edge(&self, edge: WaterEdge) -> Result<String, WriteError> {
        let (kind, id) = match edge {
            WaterEdge::Pipe(i) => ("pipe", self.water.pipes.get(i as usize).map(|p| &p.id)),
            WaterEdge::Pump(i) => ("pump", self.water.pumps.get(i as usize).map(|p| &p.id)),
            WaterEdge::Valve(i) => ("valve", self.water.valves.get(i as usize).map(|v| &v.id)),
        };
        id.map(|id| format!("{kind}:{id}")).ok_or(WriteError::Dangling(kind))
    }
}

fn nodes(water: &Water<String>, names: &Names<'_>, tables: &mut Tables) -> Result<(), WriteError> {
    let mut junctions = Vec::with_capacity(water.junctions.len());
    for j in &water.junctions {
        let bases: Vec<f64> = j.demands.iter().map(|d| d.base_m3h).collect();
        let mut patterns = String::new();
        if j.demands.iter().any(|d| d.pattern.is_some()) {
            let each: Vec<String> =
                j.demands.iter().map(|d| names.pattern(d.pattern)).collect::<Result<_, _>>()?;
            patterns = each.join(";");
        }
        let [lon, lat] = position(j.position);
        junctions.push([
            j.id.clone(),
            number(j.elevation_m),
            numbers(&bases),
            patterns,
            number(j.emitter_m3h),
            lon,
            lat,
        ]);
    }
    tables.add("junctions", layouts::JUNCTIONS, junctions.into_iter());
    let mut reservoirs = Vec::with_capacity(water.reservoirs.len());
    for r in &water.reservoirs {
        let [lon, lat] = position(r.position);
        reservoirs.push([r.id.clone(), number(r.head_m), names.pattern(r.pattern)?, lon, lat]);
    }
    tables.add("reservoirs", layouts::RESERVOIRS, reservoirs.into_iter());
    let tanks = water.tanks.iter().map(|t| {
        let [lon, lat] = position(t.position);
        [
            t.id.clone(),
            number(t.elevation_m),
            number(t.init_level_m),
            number(t.max_level_m),
            number(t.diameter_m),
            number(t.min_level_m),
            number(t.min_volume_m3),
            points(&t.volume_curve),
            flag(t.overflow),
            lon,
            lat,
            optional(t.facility.as_ref()),
        ]
    });
    tables.add("tanks", layouts::TANKS, tanks);
    Ok(())
}

/// A row for each line of a rule; the first carries its priority.
fn rule_rows(
    rule: &Rule<String>,
    names: &Names<'_>,
    rows: &mut Vec<[String; 8]>,
) -> Result<(), WriteError> {
    let text = |value: &Value| match value {
        Value::Number(x) => number(*x),
        Value::Word(word) => (*word).to_owned(),
    };
    let first = rows.len();
    for (i, premise) in rule.premises.iter().enumerate() {
        let clause = match (i, premise.or) {
            (0, _) => "if",
            (_, true) => "or",
            (_, false) => "and",
        };
        let cells = condition_cells(&premise.condition);
        let of = match &cells.of {
            Of::Nothing => String::new(),
            Of::Node(id) => id.clone(),
            Of::Edge(edge) => names.edge(*edge)?,
        };
        rows.push([
            rule.id.clone(),
            clause.to_owned(),
            cells.what.to_owned(),
            of,
            cells.relation.to_owned(),
            text(&cells.value),
            cells.tolerance.map_or_else(String::new, |t| unless(t, TOLERANCE)),
            String::new(),
        ]);
    }
    for (clause, actions) in [("then", &rule.then), ("else", &rule.otherwise)] {
        for RuleAction { edge, action } in actions {
            let (what, value) = action_cells(*action);
            rows.push([
                rule.id.clone(),
                clause.to_owned(),
                what.to_owned(),
                names.edge(*edge)?,
                "=".to_owned(),
                text(&value),
                String::new(),
                String::new(),
            ]);
        }
    }
    if let Some(row) = rows.get_mut(first) {
        row[7] = unless(rule.priority, 0.0);
    }
    Ok(())
}

fn edges(water: &Water<String>, names: &Names<'_>, tables: &mut Tables) -> Result<(), WriteError> {
    let mut leaks: HashMap<u32, &PipeLeak> = water.leaks.iter().map(|l| (l.pipe, l)).collect();
    let pipes = water.pipes.iter().zip(0u32..).map(|(p, row)| {
        let leak = leaks.remove(&row);
        let of = |f: fn(&PipeLeak) -> f64| leak.map_or_else(String::new, |l| number(f(l)));
        [
            p.id.clone(),
            p.from.clone(),
            p.to.clone(),
            number(p.length_m),
            number(p.diameter_mm),
            number(p.roughness),
            number(p.minor_loss),
            word(&PIPE_STATUSES, p.status),
            of(|l| l.area_mm2_100m),
            of(|l| l.expansion_mm2_m_100m),
        ]
    });
    tables.add("pipes", layouts::PIPES, pipes);
    let mut pumps = Vec::with_capacity(water.pumps.len());
    let energy = water.energy.clone().spread(u32::try_from(water.pumps.len()).unwrap_or(u32::MAX));
    for (p, row) in water.pumps.iter().zip(0u32..) {
        let own = energy.pumps.iter().find(|e| e.pump == row).cloned().unwrap_or_default();
        let (curve, power) = match &p.curve {
            PumpCurve::Points(list) => (points(list), String::new()),
            PumpCurve::Power { kw } => (String::new(), number(*kw)),
        };
        pumps.push([
            p.id.clone(),
            p.from.clone(),
            p.to.clone(),
            curve,
            power,
            unless(p.speed, 1.0),
            names.pattern(p.pattern)?,
            flag(p.on),
            optional(p.facility.as_ref()),
            own.price_per_kwh.map_or_else(String::new, number),
            names.pattern(own.pattern)?,
            points(&own.efficiency),
        ]);
    }
    tables.add("pumps", layouts::PUMPS, pumps.into_iter());
    let valves = water.valves.iter().map(|v| {
        [
            v.id.clone(),
            v.from.clone(),
            v.to.clone(),
            word(&VALVE_KINDS, v.kind),
            number(v.diameter_mm),
            number(v.setting),
            points(&v.curve),
            number(v.minor_loss),
            word(&VALVE_STATUSES, v.status),
        ]
    });
    tables.add("valves", layouts::VALVES, valves);
    Ok(())
}

fn control(c: &Control<String>, names: &Names<'_>) -> Result<[String; 8], WriteError> {
    let (action, value) = match c.action {
        ControlAction::Open => ("open", String::new()),
        ControlAction::Close => ("close", String::new()),
        ControlAction::Set(value) => ("set", number(value)),
    };
    let mut row: [String; 8] = Default::default();
    row[0] = names.edge(c.edge)?;
    row[1] = action.to_owned();
    row[3] = value;
    match &c.when {
        ControlWhen::Above { node, limit_m } => {
            row[2] = String::from("above");
            row[4].clone_from(node);
            row[5] = number(*limit_m);
        }
        ControlWhen::Below { node, limit_m } => {
            row[2] = String::from("below");
            row[4].clone_from(node);
            row[5] = number(*limit_m);
        }
        ControlWhen::AtTime { time_h } => {
            row[2] = String::from("at_time");
            row[6] = number(*time_h);
        }
        ControlWhen::AtClock { clock_h } => {
            row[2] = String::from("at_clock");
            row[7] = number(*clock_h);
        }
    }
    Ok(row)
}
