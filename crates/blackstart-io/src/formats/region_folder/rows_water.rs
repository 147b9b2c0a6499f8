//! Rows of the water tables. Patterns and controlled edges are named by id in files and
//! by position in drafts.

use std::collections::HashMap;

use blackstart::region::{
    Control, ControlAction, ControlWhen, Junction, JunctionDemand, Pattern, Pipe, PipeLeak,
    PipeStatus, Pump, PumpCurve, PumpEnergy, Reservoir, Tank, Valve, ValveKind, ValveStatus, Water,
    WaterEdge, closest,
};

use super::layouts::{ACTIONS, Action, PIPE_STATUSES, VALVE_KINDS, VALVE_STATUSES, WHENS, When};
use crate::codes;
use crate::formats::table::Row;

/// Positions by id.
pub(super) struct Ids {
    noun: &'static str,
    ids: Vec<String>,
    index: HashMap<String, u32>,
}

impl Ids {
    pub(super) fn new<'a>(noun: &'static str, ids: impl Iterator<Item = &'a String>) -> Self {
        let ids: Vec<String> = ids.cloned().collect();
        let mut index = HashMap::with_capacity(ids.len());
        for (id, n) in ids.iter().zip(0..) {
            index.entry(id.clone()).or_insert(n);
        }
        Self { noun, ids, index }
    }

    /// The position of `id`, or a problem at `column`.
    pub(super) fn find(&self, r: &mut Row<'_>, column: &str, id: &str) -> Option<u32> {
        if let Some(n) = self.index.get(id) {
            return Some(*n);
        }
        let shown = crate::formats::table::shorten(id);
        let message = format!("there is no {} `{shown}`", self.noun);
        let help = match closest(id, self.ids.iter().map(String::as_str)) {
            Some(near) => Some(format!("did you mean `{near}`?")),
            None if self.ids.is_empty() => Some(format!("the region has no {} at all", self.noun)),
            None => None,
        };
        r.push("unknown-reference", column, message, help);
        None
    }

    fn optional(&self, r: &mut Row<'_>, column: &str) -> Option<u32> {
        let id = r.optional(column)?;
        self.find(r, column, &id)
    }
}

pub(super) fn pattern(r: &mut Row<'_>) -> Pattern {
    let pattern = Pattern { id: r.required("id"), multipliers: r.numbers("multipliers") };
    if pattern.multipliers.is_empty() {
        let help = String::from("write one or more, such as 0.8;1.2");
        r.push(codes::BAD_VALUE, "multipliers", "`multipliers` is empty".into(), Some(help));
    }
    pattern
}

pub(super) fn junction(r: &mut Row<'_>, patterns: &Ids) -> Junction {
    Junction {
        id: r.required("id"),
        elevation_m: r.number("elevation_m"),
        demands: demands(r, patterns),
        emitter_m3h: r.number_or("emitter_m3h", 0.0),
        position: r.position(),
    }
}

/// `demand_m3h` and `pattern`: lists of the same length, or no pattern at all.
fn demands(r: &mut Row<'_>, patterns: &Ids) -> Vec<JunctionDemand> {
    let bases = r.numbers("demand_m3h");
    let names = r.list("pattern");
    if !names.is_empty() && names.len() != bases.len() {
        let message = format!("{} patterns for {} demands", names.len(), bases.len());
        let help = String::from("write one pattern per demand, such as A;B for 12;3");
        r.push(codes::BAD_VALUE, "pattern", message, Some(help));
        return Vec::new();
    }
    let mut demands = Vec::with_capacity(bases.len());
    for (k, base_m3h) in bases.into_iter().enumerate() {
        let name = names.get(k).filter(|n| !n.is_empty());
        let pattern = name.and_then(|n| patterns.find(r, "pattern", n));
        demands.push(JunctionDemand { base_m3h, pattern });
    }
    demands
}

pub(super) fn reservoir(r: &mut Row<'_>, patterns: &Ids) -> Reservoir {
    Reservoir {
        id: r.required("id"),
        head_m: r.number("head_m"),
        pattern: patterns.optional(r, "pattern"),
        position: r.position(),
    }
}

pub(super) fn tank(r: &mut Row<'_>) -> Tank {
    Tank {
        id: r.required("id"),
        elevation_m: r.number("elevation_m"),
        init_level_m: r.number("init_level_m"),
        min_level_m: r.number_or("min_level_m", 0.0),
        max_level_m: r.number("max_level_m"),
        diameter_m: r.number_or("diameter_m", 0.0),
        min_volume_m3: r.number_or("min_volume_m3", 0.0),
        volume_curve: r.points("volume_curve_m_m3"),
        overflow: r.flag("overflow", false),
        position: r.position(),
        facility: r.optional("facility"),
    }
}

pub(super) fn pipe(r: &mut Row<'_>) -> Pipe<String> {
    Pipe {
        id: r.required("id"),
        from: r.required("from"),
        to: r.required("to"),
        length_m: r.number("length_m"),
        diameter_mm: r.number("diameter_mm"),
        roughness: r.number("roughness"),
        minor_loss: r.number_or("minor_loss", 0.0),
        status: r
            .word("status", &PIPE_STATUSES, Some(PipeStatus::Open))
            .unwrap_or(PipeStatus::Open),
    }
}

/// The leak along a pipe; the pipe's position is filled in later.
pub(super) fn leak(r: &mut Row<'_>) -> Option<PipeLeak> {
    let area_mm2_100m = r.number_or("leak_area_mm2_100m", 0.0);
    let expansion_mm2_m_100m = r.number_or("leak_expansion_mm2_m_100m", 0.0);
    let leaks = area_mm2_100m != 0.0 || expansion_mm2_m_100m != 0.0;
    leaks.then_some(PipeLeak { pipe: 0, area_mm2_100m, expansion_mm2_m_100m })
}

/// What a pump's energy costs; the pump's position is filled in later.
pub(super) fn energy(r: &mut Row<'_>, patterns: &Ids) -> Option<PumpEnergy> {
    let own = PumpEnergy {
        pump: 0,
        price_per_kwh: (!r.is_empty("price_per_kwh")).then(|| r.number("price_per_kwh")),
        pattern: patterns.optional(r, "price_pattern"),
        efficiency: r.points("efficiency_m3h_percent"),
    };
    (own != PumpEnergy::default()).then_some(own)
}

pub(super) fn pump(r: &mut Row<'_>, patterns: &Ids) -> Pump<String> {
    let curve = match (r.is_empty("curve_m3h_m"), r.is_empty("power_kw")) {
        (false, true) => PumpCurve::Points(r.points("curve_m3h_m")),
        (true, false) => PumpCurve::Power { kw: r.number("power_kw") },
        (both_missing, _) => {
            let message = if both_missing {
                "the pump has neither curve_m3h_m nor power_kw"
            } else {
                "the pump has both curve_m3h_m and power_kw"
            };
            let help = String::from("write its curve as flow:head points, such as 0:60;100:50");
            r.push(codes::BAD_VALUE, "curve_m3h_m", message.to_owned(), Some(help));
            PumpCurve::Points(vec![(1.0, 1.0)])
        }
    };
    Pump {
        id: r.required("id"),
        from: r.required("from"),
        to: r.required("to"),
        curve,
        speed: r.number_or("speed", 1.0),
        pattern: patterns.optional(r, "pattern"),
        on: r.flag("on", true),
        facility: r.optional("facility"),
    }
}

pub(super) fn valve(r: &mut Row<'_>) -> Valve<String> {
    Valve {
        id: r.required("id"),
        from: r.required("from"),
        to: r.required("to"),
        kind: r.word("kind", &VALVE_KINDS, None).unwrap_or(ValveKind::Tcv),
        diameter_mm: r.number("diameter_mm"),
        setting: r.number_or("setting", 0.0),
        curve: r.points("curve_m3h_m"),
        minor_loss: r.number_or("minor_loss", 0.0),
        status: r
            .word("status", &VALVE_STATUSES, Some(ValveStatus::Active))
            .unwrap_or(ValveStatus::Active),
    }
}

/// Ids of what controls can set.
pub(super) struct Edges {
    pipes: Ids,
    pumps: Ids,
    valves: Ids,
}

impl Edges {
    pub(super) fn new(water: &Water<String>) -> Self {
        Self {
            pipes: Ids::new("pipe", water.pipes.iter().map(|p| &p.id)),
            pumps: Ids::new("pump", water.pumps.iter().map(|p| &p.id)),
            valves: Ids::new("valve", water.valves.iter().map(|v| &v.id)),
        }
    }
}

/// A control; none when what it sets, does or waits for is not known.
pub(super) fn control(r: &mut Row<'_>, edges: &Edges) -> Option<Control<String>> {
    let edge = edge(r, edges);
    let action = r.word("action", &ACTIONS, None).map(|action| match action {
        Action::Open => ControlAction::Open,
        Action::Close => ControlAction::Close,
        Action::Set => ControlAction::Set(r.number("value")),
    });
    let when = r.word("when", &WHENS, None).map(|when| match when {
        When::Above => {
            ControlWhen::Above { node: r.required("node"), limit_m: r.number("limit_m") }
        }
        When::Below => {
            ControlWhen::Below { node: r.required("node"), limit_m: r.number("limit_m") }
        }
        When::AtTime => ControlWhen::AtTime { time_h: r.number("time_h") },
        When::AtClock => ControlWhen::AtClock { clock_h: r.number("clock_h") },
    });
    Some(Control { edge: edge?, action: action?, when: when? })
}

fn edge(r: &mut Row<'_>, edges: &Edges) -> Option<WaterEdge> {
    edge_in(r, "edge", edges)
}

/// The pipe, pump or valve that a column names.
pub(super) fn edge_in(r: &mut Row<'_>, column: &str, edges: &Edges) -> Option<WaterEdge> {
    let text = r.required(column);
    if text.is_empty() {
        return None;
    }
    match text.split_once(':') {
        Some(("pipe", id)) => edges.pipes.find(r, column, id.trim()).map(WaterEdge::Pipe),
        Some(("pump", id)) => edges.pumps.find(r, column, id.trim()).map(WaterEdge::Pump),
        Some(("valve", id)) => edges.valves.find(r, column, id.trim()).map(WaterEdge::Valve),
        _ => {
            let message = format!("`{column}` does not say what kind of thing is meant");
            let help = String::from("write pipe:ID, pump:ID or valve:ID");
            r.push(codes::BAD_VALUE, column, message, Some(help));
            None
        }
    }
}
