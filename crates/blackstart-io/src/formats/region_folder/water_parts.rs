//! Putting EPANET networks into a region: prefixes, placement, joining.

use std::collections::HashMap;

use blackstart::region::{ControlWhen, Position, Water, WaterEdge};

use crate::formats::inp::MapPoint;

/// Puts `prefix` before every id of a network.
pub(super) fn prefix(water: &mut Water<String>, prefix: &str) {
    if prefix.is_empty() {
        return;
    }
    let put = |id: &mut String| id.insert_str(0, prefix);
    water.junctions.iter_mut().for_each(|j| put(&mut j.id));
    water.reservoirs.iter_mut().for_each(|r| put(&mut r.id));
    water.tanks.iter_mut().for_each(|t| put(&mut t.id));
    water.patterns.iter_mut().for_each(|p| put(&mut p.id));
    for pipe in &mut water.pipes {
        [&mut pipe.id, &mut pipe.from, &mut pipe.to].into_iter().for_each(put);
    }
    for pump in &mut water.pumps {
        [&mut pump.id, &mut pump.from, &mut pump.to].into_iter().for_each(put);
    }
    for valve in &mut water.valves {
        [&mut valve.id, &mut valve.from, &mut valve.to].into_iter().for_each(put);
    }
    for rule in &mut water.rules {
        put(&mut rule.id);
        rule.nodes_mut(put);
    }
    for control in &mut water.controls {
        match &mut control.when {
            ControlWhen::Above { node, .. } | ControlWhen::Below { node, .. } => put(node),
            ControlWhen::AtTime { .. } | ControlWhen::AtClock { .. } => {}
        }
    }
}

/// How the plain coordinates of an EPANET drawing lie on the globe; north is up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// Where the middle of the drawing's extent comes to lie.
    pub origin: Position,
    /// Length of one unit of the drawing, km.
    pub km_per_unit: f64,
}

/// Gives the nodes of `water` positions from the plain coordinates of its drawing, x as
/// longitude and y as latitude. Points whose ids are no nodes are left out.
pub fn as_drawn(water: &mut Water<String>, drawing: &[MapPoint]) {
    let points: HashMap<&str, Position> =
        drawing.iter().map(|p| (p.id.as_str(), Position { lon_deg: p.x, lat_deg: p.y })).collect();
    for j in &mut water.junctions {
        j.position = points.get(j.id.as_str()).copied();
    }
    for r in &mut water.reservoirs {
        r.position = points.get(r.id.as_str()).copied();
    }
    for t in &mut water.tanks {
        t.position = points.get(t.id.as_str()).copied();
    }
}

/// Gives the nodes of `water` positions on the globe; see [`Placement`].
pub fn place(water: &mut Water<String>, drawing: &[MapPoint], placement: Placement) {
    const KM_PER_DEG: f64 = 111.195;
    as_drawn(water, drawing);
    let extent = |of: fn(&Position) -> f64| {
        let nodes = positions(water).flatten().map(|p| of(&p));
        let (low, high) = nodes
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        if low <= high { f64::midpoint(low, high) } else { 0.0 }
    };
    let middle = (extent(|p| p.lon_deg), extent(|p| p.lat_deg));
    let Placement { origin, km_per_unit } = placement;
    let narrowing = origin.lat_deg.to_radians().cos().max(1e-6);
    let put = |p: &mut Option<Position>| {
        if let Some(p) = p {
            let (x, y) = (p.lon_deg - middle.0, p.lat_deg - middle.1);
            p.lon_deg = origin.lon_deg + x * km_per_unit / (KM_PER_DEG * narrowing);
            p.lat_deg = origin.lat_deg + y * km_per_unit / KM_PER_DEG;
        }
    };
    water.junctions.iter_mut().for_each(|j| put(&mut j.position));
    water.reservoirs.iter_mut().for_each(|r| put(&mut r.position));
    water.tanks.iter_mut().for_each(|t| put(&mut t.position));
}

fn positions(water: &Water<String>) -> impl Iterator<Item = Option<Position>> {
    let junctions = water.junctions.iter().map(|j| j.position);
    let reservoirs = water.reservoirs.iter().map(|r| r.position);
    junctions.chain(reservoirs).chain(water.tanks.iter().map(|t| t.position))
}

/// Multiplies every demand.
pub(super) fn scale_demands(water: &mut Water<String>, factor: f64) {
    for demand in water.junctions.iter_mut().flat_map(|j| &mut j.demands) {
        demand.base_m3h *= factor;
    }
}

/// Appends `part` to `all`; positions in tables move along. Options are left alone.
pub(super) fn append(all: &mut Water<String>, mut part: Water<String>) {
    let len = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let patterns = len(all.patterns.len());
    let (pipes, pumps, valves) =
        (len(all.pipes.len()), len(all.pumps.len()), len(all.valves.len()));
    let shift = |p: &mut Option<u32>| *p = p.map(|p| p.saturating_add(patterns));
    part.junctions.iter_mut().flat_map(|j| &mut j.demands).for_each(|d| shift(&mut d.pattern));
    part.reservoirs.iter_mut().for_each(|r| shift(&mut r.pattern));
    part.pumps.iter_mut().for_each(|p| shift(&mut p.pattern));
    let move_along = |edge: &mut WaterEdge| match edge {
        WaterEdge::Pipe(i) => *i = i.saturating_add(pipes),
        WaterEdge::Pump(i) => *i = i.saturating_add(pumps),
        WaterEdge::Valve(i) => *i = i.saturating_add(valves),
    };
    part.controls.iter_mut().for_each(|c| move_along(&mut c.edge));
    part.rules.iter_mut().for_each(|r| r.edges_mut(move_along));
    let mut energy = part.energy.spread(len(part.pumps.len()));
    energy.patterns_mut(shift);
    energy.pumps.iter_mut().for_each(|p| p.pump = p.pump.saturating_add(pumps));
    let charge = &mut all.energy.demand_charge_per_kw;
    *charge = charge.max(energy.demand_charge_per_kw);
    all.energy.pumps.append(&mut energy.pumps);
    part.leaks.iter_mut().for_each(|leak| leak.pipe = leak.pipe.saturating_add(pipes));
    all.leaks.append(&mut part.leaks);
    all.junctions.append(&mut part.junctions);
    all.reservoirs.append(&mut part.reservoirs);
    all.tanks.append(&mut part.tanks);
    all.pipes.append(&mut part.pipes);
    all.pumps.append(&mut part.pumps);
    all.valves.append(&mut part.valves);
    all.patterns.append(&mut part.patterns);
    all.controls.append(&mut part.controls);
    all.rules.append(&mut part.rules);
}
