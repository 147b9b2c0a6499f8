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
    for control in &mut water.controls {
        match &mut control.when {
            ControlWhen::Above { node, .. } | ControlWhen::Below { node, .. } => put(node),
            ControlWhen::AtTime { .. } | ControlWhen::AtClock { .. } => {}
        }
    }
}

/// How the plain coordinates of an EPANET drawing lie on the globe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// Where the point (0, 0) of the drawing lies.
    pub origin: Position,
    /// Degrees of longitude per unit of x.
    pub lon_deg_per_unit: f64,
    /// Degrees of latitude per unit of y.
    pub lat_deg_per_unit: f64,
}

impl Placement {
    /// Coordinates as they are: x as longitude, y as latitude.
    pub const AS_DRAWN: Self = Self {
        origin: Position { lon_deg: 0.0, lat_deg: 0.0 },
        lon_deg_per_unit: 1.0,
        lat_deg_per_unit: 1.0,
    };

    /// North up, the same scale in both directions at the latitude of `origin`.
    #[must_use]
    pub fn at(origin: Position, km_per_unit: f64) -> Self {
        const KM_PER_DEG: f64 = 111.195;
        let lat_deg_per_unit = km_per_unit / KM_PER_DEG;
        let narrowing = origin.lat_deg.to_radians().cos().max(1e-6);
        Self { origin, lon_deg_per_unit: lat_deg_per_unit / narrowing, lat_deg_per_unit }
    }

    /// The same, but the middle of the drawing's extent comes to `middle`.
    #[must_use]
    pub fn around(middle: Position, km_per_unit: f64, drawing: &[MapPoint]) -> Self {
        let mut placement = Self::at(middle, km_per_unit);
        let extent = |of: fn(&MapPoint) -> f64| {
            let values = drawing.iter().map(of).filter(|v| v.is_finite());
            let (low, high) =
                values.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
            if low <= high { f64::midpoint(low, high) } else { 0.0 }
        };
        placement.origin.lon_deg -= placement.lon_deg_per_unit * extent(|p| p.x);
        placement.origin.lat_deg -= placement.lat_deg_per_unit * extent(|p| p.y);
        placement
    }

    fn position(self, p: &MapPoint) -> Position {
        Position {
            lon_deg: self.origin.lon_deg + self.lon_deg_per_unit * p.x,
            lat_deg: self.origin.lat_deg + self.lat_deg_per_unit * p.y,
        }
    }
}

/// Gives the nodes of `water` positions from the plain coordinates of its drawing. Points
/// whose ids are no nodes are left out.
pub fn place(water: &mut Water<String>, drawing: &[MapPoint], placement: Placement) {
    let points: HashMap<&str, Position> =
        drawing.iter().map(|p| (p.id.as_str(), placement.position(p))).collect();
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
    for control in &mut part.controls {
        match &mut control.edge {
            WaterEdge::Pipe(i) => *i = i.saturating_add(pipes),
            WaterEdge::Pump(i) => *i = i.saturating_add(pumps),
            WaterEdge::Valve(i) => *i = i.saturating_add(valves),
        }
    }
    all.junctions.append(&mut part.junctions);
    all.reservoirs.append(&mut part.reservoirs);
    all.tanks.append(&mut part.tanks);
    all.pipes.append(&mut part.pipes);
    all.pumps.append(&mut part.pumps);
    all.valves.append(&mut part.valves);
    all.patterns.append(&mut part.patterns);
    all.controls.append(&mut part.controls);
}
