//! Electricity: a 330 kV ring with import ties, a meshed 110 kV network, substations
//! with two 10 kV buses, power plants.

use std::collections::BTreeMap;

use super::graph::{Point, meshed};
use super::heating::{self, Heating, POWER_LOSS, POWER_TO_HEAT, chp_bus};
use super::layout::{Layout, position};
use super::needs::{self, Needs};
use super::rating::{Corridor, Kind, Network};
use super::stock::Homes;
use super::{Spec, Topic, stream};
use crate::region::{
    Branch, BranchKind, Bus, BusKind, Generator, GeneratorKind, Grid, Heating as Way, Load,
    LoadProfile, PlantKind, Priority,
};

/// Winter peak of everything, kW per head.
const PEAK_KW_PER_HEAD: f64 = 0.57;
/// Import cap over all ties as a share of the peak.
const IMPORT_SHARE: f64 = 0.113;
/// Firm capacity with the largest unit out, as a share of the peak.
const RESERVE: f64 = 1.05;
/// Share of homes in what is neither critical nor electric heating.
const HOMES_SHARE: f64 = 0.5;
/// Hydro and wind as shares of the peak; wind by what it gives in a winter calm.
const HYDRO_SHARE: f64 = 0.04;
const WIND_SHARE: f64 = 0.015;
/// Reactive per active demand.
const REACTIVE: f64 = 0.25;
/// Fewest people of a region with a 330 kV ring; smaller ones have one station.
const RING_FROM_PEOPLE: f64 = 150_000.0;
/// Fewest people of a region with a nuclear plant.
const NUCLEAR_FROM_PEOPLE: f64 = 3_000_000.0;
/// Base of per-unit quantities, MVA.
const BASE_MVA: f64 = 100.0;
/// Density above which short 110 kV connections are cables, people per km².
const CABLE_DENSITY: f64 = 4_200.0;
const CABLE_KM: f64 = 3.5;
/// Standard ratings of 110/10 kV transformers, MVA, and their reactance on own base.
const TRANSFORMERS_MVA: [f64; 8] = [2.5, 6.3, 10.0, 16.0, 25.0, 40.0, 63.0, 80.0];
const TRANSFORMER_X: f64 = 0.105;
/// Margin of a rating over the flow it was chosen for, power factor included.
pub(super) const MARGIN: f64 = 1.15;

/// Id of the 10 kV bus of area `a`.
pub(super) fn area_bus(a: usize) -> String {
    format!("S{:03}-10{}", a / 2 + 1, if a.is_multiple_of(2) { 'A' } else { 'B' })
}

/// A power plant to be.
struct Plant {
    name: String,
    /// What ids of its bus and units begin with.
    tag: String,
    kind: GeneratorKind,
    kv: f64,
    place: Point,
    units: usize,
    unit_mw: f64,
    /// What one unit gives on the design day.
    firm_mw: f64,
}

impl Plant {
    fn bus(&self) -> String {
        format!("{}-{:.0}", self.tag, self.kv)
    }
}

/// Plans the grid of `layout`.
pub(super) fn build(
    spec: &Spec,
    layout: &Layout,
    stock: &[Homes],
    heating: &Heating,
    needs: &Needs,
) -> Grid<String> {
    let mut grid = Grid { base_mva: BASE_MVA, ..Grid::default() };
    let area_mw = loads(layout, stock, needs, &mut grid);
    let peak: f64 = area_mw.iter().sum::<f64>() + needs.chp_mw.iter().sum::<f64>();
    let plants = plants(spec, layout, heating, peak);

    // Nodes of the transmission network.
    let mut net = Network::default();
    let mut mesh: Vec<usize> = Vec::new();
    for (s, substation) in layout.substations.iter().enumerate() {
        let id = format!("{}-110", substation.id);
        let load = area_mw[2 * s] + area_mw[2 * s + 1];
        mesh.push(net.node(id, 110.0, substation.place, -load, substation_name(&substation.name)));
    }
    let dense = mesh.len();
    let stations = stations(layout);
    let count = stations.len();
    let mut high = Vec::new();
    let mut low = Vec::new();
    for (k, (name, place)) in stations.iter().enumerate() {
        let facility = format!("{name} 330 kV substation");
        high.push(net.node(format!("R{}-330", k + 1), 330.0, *place, 0.0, facility.clone()));
        low.push(net.node(format!("R{}-110", k + 1), 110.0, *place, 0.0, facility));
    }
    mesh.extend(&low);
    for k in 0..count {
        net.join(Kind::Autotransformer, high[k], low[k], 2);
    }
    match count {
        1 => {}
        2 => net.join(Kind::Line, high[0], high[1], 2),
        _ => (0..count).for_each(|k| net.join(Kind::Line, high[k], high[(k + 1) % count], 1)),
    }
    // Long rings get chords, so that the loss of one side is not felt all the way round.
    if count >= 8 {
        for k in 0..count / 4 {
            net.join(Kind::Line, high[k * 2], high[(k * 2 + count / 2) % count], 1);
        }
    }
    for plant in &plants {
        let facility = format!("{} switchyard", plant.name);
        let node = net.node(plant.bus(), plant.kv, plant.place, 0.0, facility);
        if plant.kv > 200.0 {
            for k in net.nearest(node, &high, 2) {
                net.join(Kind::Line, node, k, if count == 1 { 2 } else { 1 });
            }
        } else {
            mesh.push(node);
        }
        for unit in 0..plant.units {
            net.unit(node, plant.firm_mw);
            grid.generators.push(generator(unit, plant));
        }
    }
    let ties = if spec.people < 2_000_000 { 2 } else { 3 + (spec.people / 4_000_000) as usize };
    let import_mw = round(IMPORT_SHARE * PEAK_KW_PER_HEAD * layout.people / 1e3 / ties as f64, 2);
    for t in 0..ties {
        let station = t * count / ties;
        let from = stations[station].1;
        let out = 1.0 + 8.0 / from.x.hypot(from.y).max(3.0);
        let mut place = Point { x: from.x * out, y: from.y * out };
        if count == 1 {
            place = Point { x: from.x + if t == 0 { -8.0 } else { 8.0 }, y: from.y + 5.0 };
        }
        let name = format!("Border tie {}", t + 1);
        let node = net.node(format!("TIE{}-330", t + 1), 330.0, place, 0.0, name);
        net.join(Kind::Line, node, high[station], 1);
        net.unit(node, import_mw);
        grid.generators.push(tie(t, import_mw));
    }
    for (k, &mw) in needs.chp_mw.iter().enumerate() {
        net.add_load(&chp_bus(k), mw);
    }

    // The 110 kV mesh, with enough ways out of every source.
    let points: Vec<Point> = mesh.iter().map(|&n| net.place(n)).collect();
    for (a, b) in meshed(&points) {
        let cable = a < dense
            && b < dense
            && points[a].distance(points[b]) < CABLE_KM
            && [a, b]
                .iter()
                .all(|&n| layout.districts[layout.substations[n].district].density > CABLE_DENSITY);
        net.join(if cable { Kind::Cable } else { Kind::Line }, mesh[a], mesh[b], 1);
    }
    for source in low {
        net.ways_out(source, &mesh, 4);
    }
    for plant in plants.iter().filter(|p| p.kv < 200.0 && p.kind != GeneratorKind::Wind) {
        if let Some(node) = net.find(&plant.bus()) {
            net.ways_out(node, &mesh, 3);
        }
    }

    net.rate();
    net.write(&mut grid);
    for s in 0..layout.substations.len() {
        distribution(layout, s, area_mw[2 * s] + area_mw[2 * s + 1], &mut grid);
    }
    regulate(&mut grid);
    grid
}

/// Buses of units hold their voltage; the one with most capacity is the reference.
fn regulate(grid: &mut Grid<String>) {
    let mut capacity_mw: BTreeMap<&str, f64> = BTreeMap::new();
    for unit in &grid.generators {
        *capacity_mw.entry(&unit.bus).or_default() += unit.p_max_mw;
    }
    let largest = capacity_mw.iter().max_by(|a, b| a.1.total_cmp(b.1)).map(|(bus, _)| *bus);
    for bus in &mut grid.buses {
        if Some(bus.id.as_str()) == largest {
            bus.kind = BusKind::Reference;
        } else if capacity_mw.contains_key(bus.id.as_str()) {
            bus.kind = BusKind::Generator;
        }
    }
}

fn round(x: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (x * scale).round() / scale
}

fn substation_name(name: &str) -> String {
    format!("{name} substation")
}

/// Writes homes and business into `grid` so that the peak of everything, critical
/// needs and electric heating included, is [`PEAK_KW_PER_HEAD`]. Returns the peak by
/// area, MW.
fn loads(layout: &Layout, stock: &[Homes], needs: &Needs, grid: &mut Grid<String>) -> Vec<f64> {
    let mut area_mw = needs.area_mw.clone();
    for homes in stock.iter().filter(|h| h.heating == Way::Electric) {
        area_mw[homes.area] += heating::design_mw(homes, 1.0);
    }
    let peak = PEAK_KW_PER_HEAD * layout.people / 1e3;
    let spoken_for: f64 = area_mw.iter().chain(&needs.chp_mw).sum();
    let per_head = (peak - spoken_for).max(0.1 * peak) / layout.people;
    for (a, area) in layout.areas.iter().enumerate() {
        for (what, share, priority, queue, profile) in [
            ("homes", HOMES_SHARE, Priority::Homes, Some(needs::queue(a)), LoadProfile::Homes),
            ("business", 1.0 - HOMES_SHARE, Priority::Business, None, LoadProfile::Business),
        ] {
            let p_mw = round(per_head * area.people * share, 4);
            area_mw[a] += p_mw;
            grid.loads.push(Load {
                id: format!("{}-{what}", area.id),
                bus: area_bus(a),
                p_mw,
                q_mvar: round(REACTIVE * p_mw, 4),
                priority,
                queue,
                profile,
                ..Load::default()
            });
        }
    }
    area_mw
}

/// Places of the 330/110 kV stations: on a ring around the region.
fn stations(layout: &Layout) -> Vec<(String, Point)> {
    let name = |k: usize| layout.spare_names[100 + k].clone();
    if layout.people < RING_FROM_PEOPLE {
        let place = Point { x: 0.3 * layout.length_km, y: 0.55 * layout.width_km + 1.0 };
        return vec![(name(0), place)];
    }
    let count = ((4.0 * (layout.people / 1e6).powf(0.75)).round() as usize).max(3);
    (0..count)
        .map(|k| {
            let turn = stream(layout.seed, Topic::Station, k).uniform() - 0.5;
            let angle = std::f64::consts::TAU * (k as f64 + 0.5 + 0.3 * turn) / count as f64;
            let place = Point {
                x: 0.50 * layout.length_km * angle.cos(),
                y: 0.62 * layout.width_km * angle.sin(),
            };
            (name(k), place)
        })
        .collect()
}

/// Power plants that cover `peak` MW with the imports and the largest unit out.
fn plants(spec: &Spec, layout: &Layout, heating: &Heating, peak: f64) -> Vec<Plant> {
    let mut plants = Vec::new();
    for (k, (plant, at)) in heating
        .heat
        .plants
        .iter()
        .zip(&heating.places)
        .filter(|(p, _)| p.kind == PlantKind::Chp)
        .enumerate()
    {
        let unit_mw = round((POWER_TO_HEAT + POWER_LOSS) * plant.heat_max_mw, 1);
        plants.push(Plant {
            name: plant.name.clone(),
            tag: format!("CHP{}", k + 1),
            kind: GeneratorKind::Chp,
            kv: 110.0,
            place: at.place,
            units: 1,
            unit_mw,
            firm_mw: unit_mw - POWER_LOSS * plant.heat_max_mw,
        });
    }
    let name = |k: usize| layout.spare_names[200 + k].clone();
    let mut draw = stream(spec.seed, Topic::Plant, 0);
    let hydro = round(HYDRO_SHARE * peak, 1);
    let x = -0.6 * layout.length_km;
    plants.push(Plant {
        name: format!("{} hydro plant", name(0)),
        tag: "HYD1".to_string(),
        kind: GeneratorKind::Hydro,
        kv: 110.0,
        place: Point { x, y: layout.river_y(x) },
        units: 2,
        unit_mw: round(hydro / 2.0, 1),
        firm_mw: round(hydro / 2.0, 1),
    });
    let wind = round(WIND_SHARE * peak, 1);
    plants.push(Plant {
        name: format!("{} wind farm", name(1)),
        tag: "WIND1".to_string(),
        kind: GeneratorKind::Wind,
        kv: 110.0,
        place: Point {
            x: (draw.uniform() - 0.5) * layout.length_km,
            y: -0.75 * layout.width_km - 2.0,
        },
        units: 1,
        unit_mw: wind,
        firm_mw: 0.0,
    });

    // Thermal plants fill up to the peak with reserve.
    let firm: f64 =
        plants.iter().map(|p| p.firm_mw * p.units as f64).sum::<f64>() + IMPORT_SHARE * peak;
    let largest = plants.iter().map(|p| p.firm_mw).fold(IMPORT_SHARE * peak / 2.0, f64::max);
    let count = ((2.0 * (layout.people / 1e6).sqrt()).round() as usize).max(1);
    let units = if count == 1 { 4 } else { 3 };
    let missing = RESERVE * peak - firm;
    let n = (count * units) as f64;
    let unit_mw = round((missing / (n - 1.0)).max((missing + largest) / n), 1) + 0.1;
    let kv = if layout.people < RING_FROM_PEOPLE { 110.0 } else { 330.0 };
    for k in 0..count {
        let nuclear = k == 0 && layout.people >= NUCLEAR_FROM_PEOPLE;
        let angle = std::f64::consts::TAU * (k as f64 + draw.uniform() * 0.5) / count as f64;
        let what = if nuclear { "nuclear plant" } else { "power plant" };
        plants.push(Plant {
            name: format!("{} {what}", name(2 + k)),
            tag: format!("TPP{}", k + 1),
            kind: if nuclear { GeneratorKind::Nuclear } else { GeneratorKind::Thermal },
            kv,
            place: Point {
                x: 0.62 * layout.length_km * angle.cos() + if kv > 200.0 { 8.0 } else { 0.0 },
                y: 0.85 * layout.width_km * angle.sin() + 1.5,
            },
            units,
            unit_mw,
            firm_mw: unit_mw,
        });
    }
    plants
}

fn generator(unit: usize, plant: &Plant) -> Generator<String> {
    let (least, fuel_h) = match plant.kind {
        GeneratorKind::Chp => (0.3, f64::INFINITY),
        GeneratorKind::Thermal => (0.4, 360.0),
        GeneratorKind::Nuclear => (0.5, f64::INFINITY),
        GeneratorKind::Hydro
        | GeneratorKind::Wind
        | GeneratorKind::Solar
        | GeneratorKind::Import
        | GeneratorKind::Other => (0.0, f64::INFINITY),
    };
    Generator {
        id: format!("{}-G{}", plant.tag, unit + 1),
        kind: plant.kind,
        bus: plant.bus(),
        p_min_mw: round(least * plant.unit_mw, 1),
        p_max_mw: plant.unit_mw,
        p_mw: round(0.8 * plant.unit_mw, 1),
        q_min_mvar: round(-0.3 * plant.unit_mw, 1),
        q_max_mvar: round(0.6 * plant.unit_mw, 1),
        vm_pu: 1.0,
        fuel_h,
        facility: Some(plant.name.clone()),
        in_service: true,
        ..Generator::default()
    }
}

fn tie(t: usize, cap_mw: f64) -> Generator<String> {
    Generator {
        id: format!("IMPORT{}", t + 1),
        kind: GeneratorKind::Import,
        bus: format!("TIE{}-330", t + 1),
        p_min_mw: 0.0,
        p_max_mw: cap_mw,
        p_mw: round(0.5 * cap_mw, 1),
        q_min_mvar: round(-0.5 * cap_mw, 1),
        q_max_mvar: round(0.5 * cap_mw, 1),
        vm_pu: 1.0,
        fuel_h: f64::INFINITY,
        // A tie is no facility: what can be hit is its bus and its line.
        facility: None,
        in_service: true,
        ..Generator::default()
    }
}

/// A bus row.
pub(super) fn bus(id: String, name: String, kv: f64, place: Point, facility: String) -> Bus {
    Bus {
        id,
        name,
        base_kv: kv,
        position: position(place),
        shunt_g_mw: 0.0,
        shunt_b_mvar: 0.0,
        vm_pu: 1.0,
        va_deg: 0.0,
        facility: Some(facility),
        in_service: true,
        ..Bus::default()
    }
}

/// The 10 kV side of substation `s`: two buses with a transformer each, and the
/// closed coupler through which one transformer carries both.
fn distribution(layout: &Layout, s: usize, load_mw: f64, grid: &mut Grid<String>) {
    let substation = &layout.substations[s];
    let facility = substation_name(&substation.name);
    let want = load_mw * MARGIN;
    let rate_mva = TRANSFORMERS_MVA
        .into_iter()
        .find(|&r| r >= want)
        .unwrap_or(TRANSFORMERS_MVA[TRANSFORMERS_MVA.len() - 1]);
    for (half, letter) in ["A", "B"].into_iter().enumerate() {
        let id = area_bus(2 * s + half);
        let place = Point { x: substation.place.x, y: substation.place.y };
        let name = format!("{} 10 kV {letter}", substation.name);
        grid.buses.push(bus(id.clone(), name, 10.0, place, facility.clone()));
        grid.branches.push(Branch {
            id: format!("{}-T{}", substation.id, half + 1),
            kind: BranchKind::Transformer,
            from: format!("{}-110", substation.id),
            to: id,
            r_pu: round(0.005 * BASE_MVA / rate_mva, 5),
            x_pu: round(TRANSFORMER_X * BASE_MVA / rate_mva, 5),
            b_pu: 0.0,
            tap: 1.0,
            shift_deg: 0.0,
            rate_mva,
            in_service: true,
            ..Branch::default()
        });
    }
    grid.branches.push(Branch {
        id: format!("{}-COUPLER", substation.id),
        // Switchgear inside the substation: as a transformer it is a part of it, which
        // a line would not be. Without a rating it adds nothing to its size.
        kind: BranchKind::Transformer,
        from: area_bus(2 * s),
        to: area_bus(2 * s + 1),
        r_pu: 0.0,
        x_pu: 0.01,
        b_pu: 0.0,
        tap: 1.0,
        shift_deg: 0.0,
        rate_mva: f64::INFINITY,
        in_service: true,
        ..Branch::default()
    });
}

/// Branch rows of one corridor.
pub(super) fn branches(
    corridor: &Corridor,
    ids: (&str, &str),
    first: usize,
) -> Vec<Branch<String>> {
    (0..corridor.circuits)
        .map(|c| {
            let (kind, id) = match corridor.kind {
                Kind::Autotransformer => (
                    BranchKind::Transformer,
                    format!("{}-AT{}", ids.0.trim_end_matches("-330"), c + 1),
                ),
                Kind::Cable => (BranchKind::Cable, format!("C{:04}", first + c + 1)),
                Kind::Line => (BranchKind::Line, format!("L{:04}", first + c + 1)),
            };
            Branch {
                id,
                kind,
                from: ids.0.to_string(),
                to: ids.1.to_string(),
                r_pu: round(corridor.r_pu, 6),
                x_pu: round(corridor.x_pu, 6),
                b_pu: round(corridor.b_pu, 6),
                tap: 1.0,
                shift_deg: 0.0,
                rate_mva: corridor.rate_mva,
                in_service: true,
                ..Branch::default()
            }
        })
        .collect()
}
