//! People, homes, hospitals and dependencies around foreign networks.

use std::collections::BTreeMap;

use super::super::names::Names;
use super::super::needs::queue;
use super::pairing::overlay;
use super::waters::Attached;
use crate::region::{
    Area, BuildingType, Dependency, Grid, Heating, Position, Pump, PumpCurve, RegionDraft, Site,
    SiteKind, Stock, Water,
};

/// A bus with demand.
pub(super) struct LoadBus {
    /// Its position in the grid's table.
    pub bus: usize,
    pub p_mw: f64,
}

/// The buses with demand, in table order.
pub(super) struct LoadBuses {
    pub buses: Vec<LoadBus>,
}

/// A city: load buses with most people first.
pub(super) struct City {
    pub name: String,
    pub centre: Position,
    pub people: f64,
    /// (position of the bus in the grid, people).
    pub buses: Vec<(usize, f64)>,
}

/// Bus ids with their positions in the table.
pub(super) fn bus_index(grid: &Grid<String>) -> BTreeMap<&str, usize> {
    grid.buses.iter().enumerate().map(|(i, b)| (b.id.as_str(), i)).collect()
}

impl LoadBuses {
    pub(super) fn of(grid: &Grid<String>) -> Self {
        let index = bus_index(grid);
        let mut p_mw = vec![0.0; grid.buses.len()];
        for load in &grid.loads {
            if let Some(&b) = index.get(load.bus.as_str()) {
                p_mw[b] += load.p_mw;
            }
        }
        let buses = p_mw
            .into_iter()
            .enumerate()
            .filter(|&(bus, p)| p > 0.0 && p.is_finite() && grid.buses[bus].in_service)
            .map(|(bus, p_mw)| LoadBus { bus, p_mw })
            .collect();
        Self { buses }
    }

    pub(super) fn total_mw(&self) -> f64 {
        self.buses.iter().map(|b| b.p_mw).sum()
    }
}

/// The cities, with most people first.
pub(super) fn cities(
    grid: &Grid<String>,
    load: &LoadBuses,
    city_of: &[usize],
    count: usize,
    people: f64,
    names: &mut Names,
) -> Vec<City> {
    let per_mw = people / load.total_mw();
    let mut cities: Vec<City> = (0..count)
        .map(|_| City {
            name: String::new(),
            centre: Position { lon_deg: 0.0, lat_deg: 0.0 },
            people: 0.0,
            buses: Vec::new(),
        })
        .collect();
    for (b, &c) in load.buses.iter().zip(city_of) {
        let people = per_mw * b.p_mw;
        cities[c].people += people;
        cities[c].buses.push((b.bus, people));
    }
    cities.retain(|c| !c.buses.is_empty());
    for city in &mut cities {
        city.buses.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        // The heart of the city is its largest bus.
        if let Some(p) = grid.buses[city.buses[0].0].position {
            city.centre = p;
        }
    }
    cities.sort_by(|a, b| b.people.total_cmp(&a.people).then(a.buses[0].0.cmp(&b.buses[0].0)));
    for city in &mut cities {
        city.name = names.next();
    }
    cities
}

/// People of one bus, or of one bus and junction.
struct Quarter {
    bus: usize,
    junction: Option<String>,
    position: Option<Position>,
    people: f64,
}

/// Fills in areas, stock, hospitals and the dependencies of pumps.
pub(super) fn fill(
    draft: &mut RegionDraft,
    cities: &[City],
    attached: &[Attached],
    waters: &[Water<String>],
) {
    for (c, city) in cities.iter().enumerate() {
        let network = attached.get(c).zip(waters.get(c));
        let quarters = quarters(&draft.grid, city, network);
        let mut number = BTreeMap::new();
        for quarter in quarters {
            let next = number.len();
            let k = *number.entry(quarter.bus).or_insert(next);
            add_area(draft, city, k, quarter);
        }
        if let Some((at, water)) = network {
            let buses: Vec<String> = city
                .buses
                .iter()
                .take(2)
                .map(|b| format!("bus:{}", draft.grid.buses[b.0].id))
                .collect();
            for pump in &water.pumps {
                draft.dependencies.push(Dependency {
                    asset: format!("pump:{}{}", at.prefix, pump.id),
                    on: buses.clone(),
                    need_mw: pump_mw(pump),
                    need_m3h: 0.0,
                    buffer_h: 0.0,
                });
            }
        }
    }
}

/// The people of `city` by bus, and by junction where it has a network whose junctions
/// ask for water.
fn quarters(
    grid: &Grid<String>,
    city: &City,
    network: Option<(&Attached, &Water<String>)>,
) -> Vec<Quarter> {
    let along = |p: Option<Position>| p.map_or(0.0, |p| p.lon_deg);
    let at_bus = |bus: usize| grid.buses[bus].position;
    let mut taps: Vec<(f64, String, Option<Position>)> = Vec::new();
    if let Some((at, water)) = network {
        for j in &water.junctions {
            let base: f64 = j.demands.iter().map(|d| d.base_m3h).sum();
            if base > 0.0 {
                let position = j.position.map(|p| at.place(p));
                taps.push((base, format!("{}{}", at.prefix, j.id), position));
            }
        }
        taps.sort_by(|a, b| along(a.2).total_cmp(&along(b.2)).then(a.1.cmp(&b.1)));
    }
    if taps.is_empty() {
        return city
            .buses
            .iter()
            .map(|&(bus, people)| Quarter { bus, junction: None, position: at_bus(bus), people })
            .collect();
    }
    let mut buses = city.buses.clone();
    buses.sort_by(|a, b| along(at_bus(a.0)).total_cmp(&along(at_bus(b.0))).then(a.0.cmp(&b.0)));
    let bus_share: Vec<f64> = buses.iter().map(|b| b.1 / city.people).collect();
    let total: f64 = taps.iter().map(|t| t.0).sum();
    let tap_share: Vec<f64> = taps.iter().map(|t| t.0 / total).collect();
    overlay(&bus_share, &tap_share)
        .into_iter()
        .map(|(b, j, share)| Quarter {
            bus: buses[b].0,
            junction: Some(taps[j].1.clone()),
            position: taps[j].2.or_else(|| at_bus(buses[b].0)),
            people: share * city.people,
        })
        .collect()
}

/// Building types of a city without district heating: type, heating, share of people,
/// m² per head. Shares of types as in the fictional region.
const STOCK: [(BuildingType, Heating, f64, f64); 5] = [
    (BuildingType::Panel, Heating::Gas, 0.50, 22.0),
    (BuildingType::Brick, Heating::Gas, 0.25, 24.0),
    (BuildingType::New, Heating::Gas, 0.10, 27.0),
    (BuildingType::Detached, Heating::Gas, 0.12, 86.0 / 3.0),
    (BuildingType::Detached, Heating::Stove, 0.03, 86.0 / 3.0),
];
/// Hospitals per million people; MW, m³/h and hours of backup of one.
const HOSPITALS_PER_M: f64 = 19.0;
const HOSPITAL: (f64, f64, f64) = (0.6, 8.0, 96.0);

fn add_area(draft: &mut RegionDraft, city: &City, bus_number: usize, quarter: Quarter) {
    let n = draft.places.areas.len();
    let id = format!("A{:04}", n + 1);
    let here = draft.places.areas.iter().rev().take_while(|a| a.district == city.name).count();
    let name = format!("{} {}", city.name, here + 1);
    let bus = draft.grid.buses[quarter.bus].id.clone();
    let people = (quarter.people * 100.0).round() / 100.0;
    for (building, heating, share, m2) in STOCK {
        draft.places.stock.push(Stock {
            area: id.clone(),
            building,
            kind: None,
            heating,
            people: people * share,
            floor_m2: people * share * m2,
        });
    }
    // Hospitals come with the people: an area has those that its people complete.
    let before: f64 = draft.places.areas.iter().map(|a| a.people).sum();
    let until = |p: f64| (p * HOSPITALS_PER_M / 1e6 + 0.5).floor();
    let hospitals = until(before + people) - until(before);
    if hospitals > 0.0 {
        draft.places.sites.push(Site {
            id: format!("HOSP-{id}"),
            name: if hospitals > 1.0 {
                format!("{hospitals:.0} hospitals, {name}")
            } else {
                format!("Hospital, {name}")
            },
            kind: SiteKind::Hospital,
            area: Some(id.clone()),
            position: quarter.position,
            bus: Some(bus.clone()),
            junction: None,
            substation: None,
            need_mw: HOSPITAL.0 * hospitals,
            need_m3h: 0.0,
            backup_h: HOSPITAL.2,
        });
    }
    draft.places.areas.push(Area {
        id,
        name,
        district: city.name.clone(),
        people,
        position: quarter.position,
        bus: Some(bus),
        junction: quarter.junction,
        substation: None,
        // Everybody behind one bus is switched together.
        queue: Some(queue(bus_number)),
    });
}

/// Electricity of a pump at its design point with 75 % efficiency, MW.
fn pump_mw(pump: &Pump<String>) -> f64 {
    const EFFICIENCY: f64 = 0.75;
    let to_water_kw = match &pump.curve {
        PumpCurve::Power { kw } => *kw,
        PumpCurve::Points(points) => points
            .iter()
            .map(|&(m3h, head)| 1000.0 * 9.81 * m3h / 3600.0 * head / 1e3)
            .fold(0.0, f64::max),
    };
    let mw = to_water_kw / EFFICIENCY / 1e3;
    if mw.is_finite() { (mw * 1e4).round() / 1e4 } else { 0.0 }
}
