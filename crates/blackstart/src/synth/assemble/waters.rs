//! Several foreign water networks as one.

use super::super::SpecError;
use super::places::City;
use crate::region::{
    Control, ControlWhen, Junction, Pattern, Pipe, PipeLeak, Position, Pump, Reservoir, Tank,
    Valve, Water, WaterEdge, WaterOptions,
};

/// How a foreign water network became part of a region.
#[derive(Clone, Debug, PartialEq)]
pub struct Attached {
    /// What its ids are preceded by in the region, such as `W1-`.
    pub prefix: String,
    /// Position of the city it serves in the order of people; 0 has most.
    pub city_rank: usize,
    /// The city's name.
    pub city: String,
    /// Where the middle of its own coordinates' extent comes to lie; north is up.
    pub origin: Position,
    /// Length of one unit of its own coordinates, km.
    pub km_per_unit: f64,
    /// The middle of its own coordinates' extent, x and y.
    pub middle: (f64, f64),
}

impl Attached {
    /// A position of the network's own coordinates (x as longitude, y as latitude) in
    /// the region.
    #[must_use]
    pub fn place(&self, own: Position) -> Position {
        const KM_PER_DEG: f64 = 111.195;
        let narrowing = self.origin.lat_deg.to_radians().cos().max(1e-6);
        let (x, y) = (own.lon_deg - self.middle.0, own.lat_deg - self.middle.1);
        Position {
            lon_deg: self.origin.lon_deg + x * self.km_per_unit / (KM_PER_DEG * narrowing),
            lat_deg: self.origin.lat_deg + y * self.km_per_unit / KM_PER_DEG,
        }
    }
}

/// Lays network `k` over the city with the `k`-th most people, as large as the people
/// it serves need at 3,000 per km².
pub(super) fn attach(cities: &[City], waters: &[Water<String>]) -> Vec<Attached> {
    waters
        .iter()
        .enumerate()
        .map(|(k, water)| {
            let city = &cities[k];
            let own: Vec<Position> = water
                .junctions
                .iter()
                .map(|j| j.position)
                .chain(water.reservoirs.iter().map(|r| r.position))
                .chain(water.tanks.iter().map(|t| t.position))
                .flatten()
                .collect();
            let range = |of: fn(&Position) -> f64| {
                let low = own.iter().map(of).fold(f64::INFINITY, f64::min);
                let high = own.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
                if low <= high { (low, high) } else { (0.0, 0.0) }
            };
            let (x, y) = (range(|p| p.lon_deg), range(|p| p.lat_deg));
            let extent = (x.1 - x.0).max(y.1 - y.0);
            let side_km = (city.people / 3_000.0).sqrt().clamp(1.0, 60.0);
            Attached {
                prefix: format!("W{}-", k + 1),
                city_rank: k,
                city: city.name.clone(),
                origin: city.centre,
                km_per_unit: if extent > 0.0 { side_km / extent } else { 1.0 },
                middle: (f64::midpoint(x.0, x.1), f64::midpoint(y.0, y.1)),
            }
        })
        .collect()
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// One network of several: ids get their prefix, positions are moved, patterns are
/// renumbered, and demand multipliers are worked into the demands.
///
/// # Errors
/// When networks differ in an option that holds for a whole network: head-loss formula,
/// viscosity, pattern step, pattern start, or clock.
pub fn merge(attached: &[Attached], waters: &[Water<String>]) -> Result<Water<String>, SpecError> {
    let mut out: Water<String> = Water::default();
    let Some(first) = waters.first() else { return Ok(out) };
    out.options = WaterOptions { demand_multiplier: 1.0, ..first.options };
    for (at, water) in attached.iter().zip(waters) {
        let same = WaterOptions { demand_multiplier: 1.0, ..water.options };
        if same != out.options {
            return Err(SpecError::WaterOptions { network: at.prefix.clone() });
        }
        let id = |id: &String| format!("{}{id}", at.prefix);
        let place = |p: Option<Position>| p.map(|p| at.place(p));
        let facility = |f: &Option<String>| f.as_ref().map(id);
        let shift = u32::try_from(out.patterns.len()).unwrap_or(u32::MAX);
        let pattern = |p: Option<u32>| p.map(|p| p.saturating_add(shift));
        let (pipes, pumps, valves) = (out.pipes.len(), out.pumps.len(), out.valves.len());
        let move_edge = |edge: WaterEdge| {
            let by = |i: u32, n: usize| i.saturating_add(count(n));
            match edge {
                WaterEdge::Pipe(i) => WaterEdge::Pipe(by(i, pipes)),
                WaterEdge::Pump(i) => WaterEdge::Pump(by(i, pumps)),
                WaterEdge::Valve(i) => WaterEdge::Valve(by(i, valves)),
            }
        };

        let mut energy = water.energy.clone().spread(count(water.pumps.len()));
        energy.patterns_mut(|p| *p = pattern(*p));
        for pump in &mut energy.pumps {
            pump.pump = pump.pump.saturating_add(count(pumps));
        }
        out.energy.demand_charge_per_kw =
            out.energy.demand_charge_per_kw.max(energy.demand_charge_per_kw);
        out.energy.pumps.append(&mut energy.pumps);
        out.leaks.extend(
            water
                .leaks
                .iter()
                .map(|leak| PipeLeak { pipe: leak.pipe.saturating_add(count(pipes)), ..*leak }),
        );
        out.rules.extend(water.rules.iter().map(|rule| {
            let mut rule = rule.clone();
            rule.id = id(&rule.id);
            rule.edges_mut(|edge| *edge = move_edge(*edge));
            rule.nodes_mut(|node| *node = id(node));
            rule
        }));
        out.patterns.extend(water.patterns.iter().map(|p| Pattern { id: id(&p.id), ..p.clone() }));
        out.junctions.extend(water.junctions.iter().map(|j| {
            let mut demands = j.demands.clone();
            for d in &mut demands {
                d.base_m3h *= water.options.demand_multiplier;
                d.pattern = pattern(d.pattern);
            }
            Junction { id: id(&j.id), position: place(j.position), demands, ..j.clone() }
        }));
        out.reservoirs.extend(water.reservoirs.iter().map(|r| Reservoir {
            id: id(&r.id),
            pattern: pattern(r.pattern),
            position: place(r.position),
            ..r.clone()
        }));
        out.tanks.extend(water.tanks.iter().map(|t| Tank {
            id: id(&t.id),
            position: place(t.position),
            facility: facility(&t.facility),
            ..t.clone()
        }));
        out.pipes.extend(water.pipes.iter().map(|p| Pipe {
            id: id(&p.id),
            from: id(&p.from),
            to: id(&p.to),
            ..p.clone()
        }));
        out.pumps.extend(water.pumps.iter().map(|p| Pump {
            id: id(&p.id),
            from: id(&p.from),
            to: id(&p.to),
            pattern: pattern(p.pattern),
            facility: facility(&p.facility),
            ..p.clone()
        }));
        out.valves.extend(water.valves.iter().map(|v| Valve {
            id: id(&v.id),
            from: id(&v.from),
            to: id(&v.to),
            ..v.clone()
        }));
        out.controls.extend(water.controls.iter().map(|c| Control {
            edge: move_edge(c.edge),
            action: c.action,
            when: match &c.when {
                ControlWhen::Above { node, limit_m } => {
                    ControlWhen::Above { node: id(node), limit_m: *limit_m }
                }
                ControlWhen::Below { node, limit_m } => {
                    ControlWhen::Below { node: id(node), limit_m: *limit_m }
                }
                ControlWhen::AtTime { time_h } => ControlWhen::AtTime { time_h: *time_h },
                ControlWhen::AtClock { clock_h } => ControlWhen::AtClock { clock_h: *clock_h },
            },
        }));
    }
    Ok(out)
}
