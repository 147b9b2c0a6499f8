//! Where facilities are for those who repair them: how far by road, and whose turn.

use crate::region::{Area, Asset, Facility, Position, Region};
use crate::scenario::Recovery;

/// Roads and turns of a run.
#[derive(Clone, Debug)]
pub(super) struct Ways {
    depots: Vec<Position>,
    travel_km_h: Option<f64>,
    /// By area: the place of its district in the order of turns.
    turns: Vec<u32>,
}

impl Ways {
    pub fn new(region: &Region, recovery: &Recovery) -> Self {
        let areas = &region.places().areas;
        let mut depots = recovery.depots.clone();
        if depots.is_empty() {
            let placed = areas.iter().filter(|a| a.position.is_some());
            let largest = placed.reduce(|a, b| if b.people > a.people { b } else { a });
            depots.extend(largest.and_then(|a| a.position));
        }
        Self { depots, travel_km_h: recovery.travel_km_h, turns: turns(areas, recovery) }
    }

    /// Hours on the road from the nearest depot; 0 where nothing is known of places.
    pub fn travel_h(&self, facility: &Facility) -> f64 {
        let (Some(km_h), Some(position)) = (self.travel_km_h, facility.position) else {
            return 0.0;
        };
        let km = self.depots.iter().map(|d| d.distance_km(position)).fold(f64::INFINITY, f64::min);
        let hours = km / km_h;
        if hours.is_finite() { hours } else { 0.0 }
    }

    /// Place of a facility's district in the order of turns; last where it has none.
    pub fn turn(&self, region: &Region, facility: &Facility) -> u32 {
        area(region, facility).map_or(u32::MAX, |a| self.turns[a])
    }
}

/// The area that a facility serves, or the nearest.
fn area(region: &Region, facility: &Facility) -> Option<usize> {
    let areas = &region.places().areas;
    let serves = |area: &Area| {
        facility.parts.iter().any(|part| match *part {
            Asset::Bus(b) => area.bus == Some(b),
            Asset::Tank(n) => area.junction == Some(n),
            Asset::Branch(_)
            | Asset::Generator(_)
            | Asset::Pump(_)
            | Asset::Pipe(_)
            | Asset::Plant(_)
            | Asset::HeatPipe(_)
            | Asset::Site(_) => false,
        })
    };
    areas.iter().position(serves).or_else(|| {
        let here = facility.position?;
        let km = |a: usize| areas[a].position.map(|p| p.distance_km(here));
        (0..areas.len())
            .filter_map(|a| Some((a, km(a)?)))
            .reduce(|best, next| if next.1 < best.1 { next } else { best })
            .map(|(a, _)| a)
    })
}

/// By area: districts that are named in their order, then the others by people.
fn turns(areas: &[Area], recovery: &Recovery) -> Vec<u32> {
    let mut people: Vec<(&str, f64)> = Vec::new();
    for area in areas {
        match people.iter_mut().find(|(d, _)| *d == area.district) {
            Some((_, sum)) => *sum += area.people,
            None => people.push((&area.district, area.people)),
        }
    }
    people.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let named = recovery.districts.iter().map(String::as_str);
    let others = people.iter().map(|(d, _)| *d);
    let others = others.filter(|d| !recovery.districts.iter().any(|named| named == d));
    let order: Vec<&str> = named.chain(others).collect();
    let turn = |area: &Area| order.iter().position(|d| *d == area.district).unwrap_or(order.len());
    areas.iter().map(|area| turn(area) as u32).collect()
}
