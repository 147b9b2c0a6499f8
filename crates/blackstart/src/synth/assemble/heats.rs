//! A foreign heat network in a region: which homes it heats, and what its plants need.

use super::super::heating::{SUBSTATION_MARGIN, heat_need_mw};
use super::super::needs::BOILER_AUXILIARY;
use crate::region::{Area, Dependency, Heat, Heating, Position, RegionDraft, Stock};

/// A network farther than this from the homes lies elsewhere, km.
const ELSEWHERE_KM: f64 = 100.0;
/// Heat left at a substation that is not worth another area, relative.
const LEFT: f64 = 0.02;

/// Connects homes to the network's substations, nearest first, until each has what it was
/// built for; homes that it cannot heat keep their own heating. Plants take electricity from
/// the two nearest areas' buses. What was decided is told in `notes`.
pub(super) fn attach(
    draft: &mut RegionDraft,
    mut heat: Heat<String, String>,
    notes: &mut Vec<String>,
) {
    let near = place(&draft.places.areas, &mut heat, notes);
    let at = |id: &str| {
        let junction = heat.junctions.iter().find(|j| j.id == id);
        junction.and_then(|j| j.position).filter(|_| near)
    };
    let outdoor_c = heat.options.design_outdoor_c;
    let need_mw: Vec<f64> = needs(draft, outdoor_c);
    let mut left_mw: Vec<f64> = heat.substations.iter().map(|s| s.design_mw).collect();
    let mut pairs = Vec::new();
    for (s, substation) in heat.substations.iter().enumerate() {
        let here = at(&substation.junction);
        for (a, area) in draft.places.areas.iter().enumerate() {
            pairs.push((distance_km(here, area.position), s, a));
        }
    }
    // Without places: areas in their order, those with most people first.
    pairs.sort_by(|x, y| x.0.total_cmp(&y.0).then((x.2, x.1).cmp(&(y.2, y.1))));
    let mut heated_mw = 0.0;
    for (_, s, a) in pairs {
        let free = draft.places.areas[a].substation.is_none();
        if !free || need_mw[a] <= 0.0 || left_mw[s] <= LEFT * heat.substations[s].design_mw {
            continue;
        }
        let taken_mw = need_mw[a].min(left_mw[s]);
        left_mw[s] -= taken_mw;
        heated_mw += taken_mw;
        draft.places.areas[a].substation = Some(heat.substations[s].id.clone());
        connect(draft, a, taken_mw / need_mw[a]);
    }
    for plant in &heat.plants {
        let here = plant.position.filter(|_| near).or_else(|| at(&plant.junction));
        let on = nearest_buses(&draft.places.areas, here);
        if !on.is_empty() {
            draft.dependencies.push(Dependency {
                asset: format!("plant:{}", plant.id),
                on,
                need_mw: BOILER_AUXILIARY * plant.heat_max_mw,
                need_m3h: 0.0,
                buffer_h: 0.0,
            });
        }
    }
    let design_mw: f64 = heat.substations.iter().map(|s| s.design_mw).sum();
    notes.push(format!(
        "homes that need {heated_mw:.3} MW on the design day are connected to the nearest of {} \
         heat substations built for {design_mw:.3} MW; plants take 1.5 % of their heat as \
         electricity from the nearest buses",
        heat.substations.len()
    ));
    draft.heat = heat;
}

/// Whether the network lies where the homes are. One that does when latitude and longitude
/// change places is turned.
fn place(
    areas: &[Area<String, String, String>],
    heat: &mut Heat<String, String>,
    notes: &mut Vec<String>,
) -> bool {
    let homes = middle(areas.iter().filter_map(|a| a.position));
    let network = middle(heat.junctions.iter().filter_map(|j| j.position));
    let (Some(homes), Some(network)) = (homes, network) else {
        notes.push("heat substations are given to areas by size, for want of places".into());
        return false;
    };
    if homes.distance_km(network) <= ELSEWHERE_KM {
        return true;
    }
    let turn = |p: Position| Position { lon_deg: p.lat_deg, lat_deg: p.lon_deg };
    let turned = turn(network);
    if turned.lat_deg.abs() <= 90.0 && homes.distance_km(turned) <= ELSEWHERE_KM {
        for j in &mut heat.junctions {
            j.position = j.position.map(turn).filter(|p| p.lat_deg.abs() <= 90.0);
        }
        for p in &mut heat.plants {
            p.position = p.position.map(turn).filter(|p| p.lat_deg.abs() <= 90.0);
        }
        notes.push("positions of the heat network had latitude first, and are turned round".into());
        return true;
    }
    notes.push(format!(
        "the heat network lies {:.0} km from the grid: its substations are given to areas by \
         size, not by place",
        homes.distance_km(network)
    ));
    false
}

fn middle(points: impl Iterator<Item = Position>) -> Option<Position> {
    let (mut n, mut lon, mut lat) = (0.0, 0.0, 0.0);
    for p in points {
        n += 1.0;
        lon += p.lon_deg;
        lat += p.lat_deg;
    }
    (n > 0.0).then(|| Position { lon_deg: lon / n, lat_deg: lat / n })
}

fn distance_km(a: Option<Position>, b: Option<Position>) -> f64 {
    a.zip(b).map_or(0.0, |(a, b)| a.distance_km(b))
}

/// By area: heat that all its homes need on the design day, MW.
fn needs(draft: &RegionDraft, outdoor_c: f64) -> Vec<f64> {
    let mut need = vec![0.0; draft.places.areas.len()];
    let index: std::collections::BTreeMap<&str, usize> =
        draft.places.areas.iter().enumerate().map(|(i, a)| (a.id.as_str(), i)).collect();
    for row in &draft.places.stock {
        if let Some(&a) = index.get(row.area.as_str()) {
            need[a] += SUBSTATION_MARGIN * heat_need_mw(row.building, row.floor_m2, outdoor_c);
        }
    }
    need
}

/// Gives a share of the homes of area `a` district heating.
fn connect(draft: &mut RegionDraft, a: usize, share: f64) {
    let id = draft.places.areas[a].id.clone();
    let (own, others): (Vec<_>, Vec<_>) =
        std::mem::take(&mut draft.places.stock).into_iter().partition(|row| row.area == id);
    draft.places.stock = others;
    let part = |row: &Stock<String>, share: f64| Stock {
        people: row.people * share,
        floor_m2: row.floor_m2 * share,
        ..row.clone()
    };
    let mut heated: Vec<Stock<String>> = Vec::new();
    for row in &own {
        let more = Stock { heating: Heating::District, ..part(row, share) };
        // A type of building may have had several ways of heating: now it has one.
        match heated.iter_mut().find(|h| h.building == row.building && h.kind == row.kind) {
            Some(there) => {
                there.people += more.people;
                there.floor_m2 += more.floor_m2;
            }
            None => heated.push(more),
        }
    }
    draft.places.stock.extend(heated);
    if share < 1.0 {
        draft.places.stock.extend(own.iter().map(|row| part(row, 1.0 - share)));
    }
}

/// Buses of the two nearest areas.
fn nearest_buses(areas: &[Area<String, String, String>], here: Option<Position>) -> Vec<String> {
    let mut by_distance: Vec<(f64, usize)> = areas
        .iter()
        .enumerate()
        .filter(|(_, a)| a.bus.is_some())
        .map(|(i, a)| (distance_km(here, a.position), i))
        .collect();
    by_distance.sort_by(|x, y| x.0.total_cmp(&y.0).then(x.1.cmp(&y.1)));
    let mut on: Vec<String> = Vec::new();
    for (_, i) in by_distance {
        let bus = areas[i].bus.as_ref().map(|b| format!("bus:{b}"));
        on.extend(bus.filter(|b| !on.contains(b)));
        if on.len() == 2 {
            break;
        }
    }
    on
}
