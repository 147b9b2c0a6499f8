//! Critical sites, and what assets need from other networks.

use super::graph::Point;
use super::heating::{Heating, chp_bus};
use super::layout::{Layout, apportion, position};
use super::power;
use super::stock::Homes;
use super::supply::Supply;
use super::{Topic, stream};
use crate::region::{
    Area, Dependency, Grid, Places, PlantKind, Queue, RegionDraft, Site, SiteKind, Stock,
};

/// Per million people.
const HOSPITALS_PER_M: f64 = 19.0;
const WARMING_POINTS_PER_M: f64 = 430.0;
const SCHOOLS_PER_M: f64 = 400.0;
const RESCUE_PER_M: f64 = 20.0;
/// Electricity and water of one, MW and m³/h, and hours of backup.
const HOSPITAL: (f64, f64, f64) = (0.6, 8.0, 96.0);
const WARMING_POINT: (f64, f64, f64) = (0.015, 0.1, 24.0);
const SCHOOL: (f64, f64, f64) = (0.05, 0.8, 0.0);
const RESCUE: (f64, f64, f64) = (0.05, 0.5, 72.0);
const TELECOM: (f64, f64, f64) = (0.10, 0.0, 8.0);
/// Wastewater: m³ per head and day, kWh/m³, part of it in treatment, hours of backup
/// of treatment and of pumping.
const WASTEWATER_M3_PER_HEAD_DAY: f64 = 0.18;
const WASTEWATER_KWH_M3: f64 = 0.75;
const TREATMENT_SHARE: f64 = 0.5;
const WASTEWATER_BACKUP_H: f64 = 2.0;
/// Auxiliaries of plants: MW per MW of heat; CHP, boiler house.
const CHP_AUXILIARY: f64 = 0.020;
pub(super) const BOILER_AUXILIARY: f64 = 0.015;
/// Make-up water of a heat network, m³/h per MW: 65 m³ of network per MW, 0.25 % of it
/// an hour; and hours of treated water in store.
const MAKE_UP_M3H_PER_MW: f64 = 0.16;
const CHP_WATER_H: f64 = 48.0;
const BOILER_WATER_H: f64 = 24.0;

/// Everything that draws on buses and junctions besides homes and business.
pub(super) struct Needs {
    pub sites: Vec<Site<String, String, String, String>>,
    pub dependencies: Vec<Dependency<String, String>>,
    /// By area: MW of it at the area's bus when all is well.
    pub area_mw: Vec<f64>,
    /// By CHP: MW of it at the CHP's own bus.
    pub chp_mw: Vec<f64>,
}

/// The two buses of a consumer at `place`: of the nearest area, and of the nearest
/// area behind another substation.
fn two_areas(layout: &Layout, place: Point) -> (usize, usize) {
    let first = layout.area_at(place);
    let home = layout.areas[first].substation;
    let second = (0..layout.areas.len())
        .filter(|&a| layout.areas[a].substation != home)
        .min_by(|&a, &b| {
            let d = |i: usize| layout.areas[i].place.distance(place);
            d(a).total_cmp(&d(b)).then(a.cmp(&b))
        })
        .unwrap_or(first);
    (first, second)
}

fn round(x: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (x * scale).round() / scale
}

pub(super) fn build(
    layout: &Layout,
    _stock: &[Homes],
    heating: &Heating,
    supply: &Supply,
) -> Needs {
    let mut needs = Needs {
        sites: Vec::new(),
        dependencies: Vec::new(),
        area_mw: vec![0.0; layout.areas.len()],
        chp_mw: Vec::new(),
    };
    needs.all_sites(layout, heating, supply);
    for pump in &supply.pumps {
        let (first, second) = two_areas(layout, pump.place);
        let need_mw = round(pump.need_mw, 4);
        needs.area_mw[first] += need_mw;
        needs.dependencies.push(Dependency {
            asset: format!("pump:{}", pump.id),
            on: vec![
                format!("bus:{}", power::area_bus(first)),
                format!("bus:{}", power::area_bus(second)),
            ],
            need_mw,
            need_m3h: 0.0,
            buffer_h: pump.buffer_h,
        });
    }
    for (plant, at) in heating.heat.plants.iter().zip(&heating.places) {
        let (first, second) = two_areas(layout, at.place);
        let chp = plant.kind == PlantKind::Chp;
        let (auxiliary, water_h) =
            if chp { (CHP_AUXILIARY, CHP_WATER_H) } else { (BOILER_AUXILIARY, BOILER_WATER_H) };
        let need_mw = round(auxiliary * plant.heat_max_mw, 4);
        let on = if chp {
            let own = chp_bus(needs.chp_mw.len());
            needs.chp_mw.push(need_mw);
            vec![format!("bus:{own}"), format!("bus:{}", power::area_bus(first))]
        } else {
            needs.area_mw[first] += need_mw;
            vec![
                format!("bus:{}", power::area_bus(first)),
                format!("bus:{}", power::area_bus(second)),
            ]
        };
        let asset = format!("plant:{}", plant.id);
        needs.dependencies.push(Dependency {
            asset: asset.clone(),
            on,
            need_mw,
            need_m3h: 0.0,
            buffer_h: 0.0,
        });
        needs.dependencies.push(Dependency {
            asset,
            on: vec![format!("junction:{}", supply.junction[at.area])],
            need_mw: 0.0,
            need_m3h: round(MAKE_UP_M3H_PER_MW * plant.heat_max_mw, 2),
            buffer_h: water_h,
        });
    }
    needs
}

impl Needs {
    fn all_sites(&mut self, layout: &Layout, heating: &Heating, supply: &Supply) {
        let people = layout.people;
        let by_people: Vec<f64> = layout.areas.iter().map(|a| a.people).collect();
        let count = |per_m: f64| ((per_m * people / 1e6).round() as usize).max(1);
        let mut site =
            |id: String, name: String, kind, area: usize, need: (f64, f64, f64), n: f64| {
                let mut draw = stream(layout.seed, Topic::Site, self.sites.len());
                let at = layout.areas[area].place;
                let spread = |u: f64| (u - 0.5) * 0.8;
                let place =
                    Point { x: at.x + spread(draw.uniform()), y: at.y + spread(draw.uniform()) };
                let need_mw = round(need.0 * n, 4);
                self.area_mw[area] += need_mw;
                self.sites.push(Site {
                    id,
                    name,
                    kind,
                    area: Some(layout.areas[area].id.clone()),
                    position: position(place),
                    bus: Some(power::area_bus(area)),
                    junction: Some(supply.junction[area].clone()),
                    substation: heating.substation[area].clone(),
                    need_mw,
                    need_m3h: round(need.1 * n, 2),
                    backup_h: need.2,
                });
            };

        for (k, area) in spaced(&by_people, count(HOSPITALS_PER_M)).into_iter().enumerate() {
            let name = format!("Hospital {}, {}", k + 1, layout.areas[area].name);
            site(format!("HOSP{:02}", k + 1), name, SiteKind::Hospital, area, HOSPITAL, 1.0);
        }
        let several = |n: usize, one: &str| {
            if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
        };
        let points = apportion(count(WARMING_POINTS_PER_M), &by_people);
        let schools = apportion(count(SCHOOLS_PER_M), &by_people);
        for (a, area) in layout.areas.iter().enumerate() {
            if points[a] > 0 {
                let name = format!("{}, {}", several(points[a], "warming point"), area.name);
                let id = format!("WARM-{}", area.id);
                site(id, name, SiteKind::WarmingPoint, a, WARMING_POINT, points[a] as f64);
            }
            if schools[a] > 0 {
                let name = format!("{}, {}", several(schools[a], "school"), area.name);
                let id = format!("SCHOOL-{}", area.id);
                site(id, name, SiteKind::School, a, SCHOOL, schools[a] as f64);
            }
        }
        for (s, substation) in layout.substations.iter().enumerate() {
            let name = format!("Telephone exchange {}", substation.name);
            site(format!("TEL-{}", substation.id), name, SiteKind::Telecom, 2 * s, TELECOM, 1.0);
        }
        for (k, area) in spaced(&by_people, count(RESCUE_PER_M)).into_iter().enumerate() {
            let name = format!("Fire and rescue station {}, {}", k + 1, layout.areas[area].name);
            site(format!("RESC{:02}", k + 1), name, SiteKind::Rescue, area, RESCUE, 1.0);
        }
        let mw_per_head = WASTEWATER_M3_PER_HEAD_DAY * WASTEWATER_KWH_M3 / 24.0 / 1e3;
        for (s, (place, name, served)) in supply.works.iter().enumerate() {
            let downstream = Point { x: place.x + 0.3 * layout.length_km, y: place.y };
            let need = (TREATMENT_SHARE * mw_per_head * served, 0.0, WASTEWATER_BACKUP_H);
            let area = layout.area_at(downstream);
            let name = format!("{name} wastewater treatment");
            site(format!("WWT{}", s + 1), name, SiteKind::Wastewater, area, need, 1.0);
        }
        for (d, district) in layout.districts.iter().enumerate() {
            let inside = || (0..layout.areas.len()).filter(|&a| layout.areas[a].district == d);
            let served: f64 = inside().map(|a| by_people[a]).sum();
            let Some(area) = inside().nth(inside().count() / 2) else { continue };
            let need = ((1.0 - TREATMENT_SHARE) * mw_per_head * served, 0.0, WASTEWATER_BACKUP_H);
            let name = format!("{} wastewater pumping", district.name);
            site(format!("WWP{:02}", d + 1), name, SiteKind::Wastewater, area, need, 1.0);
        }
    }
}

/// `count` areas spaced evenly by people.
fn spaced(people: &[f64], count: usize) -> Vec<usize> {
    let step = people.iter().sum::<f64>() / count as f64;
    let mut sum = 0.0;
    let mut out = Vec::with_capacity(count);
    for (a, p) in people.iter().enumerate() {
        sum += p;
        while out.len() < count && (out.len() as f64 + 0.5) * step < sum {
            out.push(a);
        }
    }
    out
}

/// Outage queue of area `a`: round robin, so that neighbours differ.
pub(super) fn queue(a: usize) -> Queue {
    let k = (a % 12) as u8;
    Queue { group: k / 2 + 1, sub: k % 2 + 1 }
}

/// Puts the parts together.
pub(super) fn assemble(
    layout: &Layout,
    stock: Vec<Homes>,
    heating: Heating,
    supply: Supply,
    needs: Needs,
    grid: Grid<String>,
) -> RegionDraft {
    let areas = layout
        .areas
        .iter()
        .enumerate()
        .map(|(a, area)| Area {
            id: area.id.clone(),
            name: area.name.clone(),
            district: layout.districts[area.district].name.clone(),
            people: area.people,
            position: position(area.place),
            bus: Some(power::area_bus(a)),
            junction: Some(supply.junction[a].clone()),
            substation: heating.substation[a].clone(),
            queue: Some(queue(a)),
        })
        .collect();
    let stock = stock
        .into_iter()
        .map(|h| Stock {
            area: layout.areas[h.area].id.clone(),
            building: h.building,
            kind: None,
            heating: h.heating,
            people: round(h.people, 2),
            floor_m2: h.floor_m2.round(),
        })
        .collect();
    RegionDraft {
        name: layout.name.clone(),
        grid,
        water: supply.water,
        heat: heating.heat,
        places: Places { areas, kinds: Vec::new(), stock, sites: needs.sites },
        dependencies: needs.dependencies,
    }
}
