//! District heating: combined heat and power plants with looped networks, boiler
//! houses with small ones, sized for the design day.

use super::graph::{Point, tree};
use super::layout::{Layout, position};
use super::stock::Homes;
use crate::heat::properties;
use crate::region::{
    BuildingType, Heat, HeatJunction, HeatOptions, HeatPipe, HeatSubstation, Heating as Way, Laid,
    Plant, PlantKind,
};
use crate::scenario::WeatherHour;

/// Share of district heat from CHP plants where there are any.
const CHP_SHARE: f64 = 0.40;
/// CHP plants per million people.
const CHP_PER_M: f64 = 3.0;
/// Fewest people of a region with a CHP plant.
const CHP_FROM_PEOPLE: f64 = 100_000.0;
/// Boiler houses per million people.
const BOILER_HOUSES_PER_M: f64 = 60.0;
/// Loss of the whole network as a share of what plants make.
const NETWORK_LOSS: f64 = 0.15;
/// Margin of a substation's heat exchanger over its design load.
pub(super) const SUBSTATION_MARGIN: f64 = 1.05;
/// Back-pressure electricity per heat, MW/MW.
pub(super) const POWER_TO_HEAT: f64 = 0.45;
/// Electricity lost per heat extracted, MW/MW.
pub(super) const POWER_LOSS: f64 = 0.15;
/// Indoor temperature of the design, °C.
const INDOOR_C: f64 = 20.0;
/// Route length against the straight line.
const DETOUR: f64 = 1.3;
/// Specific heat of water, J/(kg K); its density at the mean temperature, kg/m³.
const WATER_J_KG_K: f64 = 4187.0;
const WATER_KG_M3: f64 = 965.0;
/// Roughness of heat mains, mm (usual design value for steel in service).
const ROUGHNESS_MM: f64 = 0.5;
/// Largest design gradient, Pa/m, and velocity, m/s, of one pipe.
const GRADIENT_PA_M: f64 = 80.0;
const VELOCITY_M_S: f64 = 2.5;
/// Design loss to the farthest substation and back, m, that sizes long networks.
const PATH_LOSS_M: f64 = 45.0;
/// Head that a substation needs, and that a plant itself takes, m.
const SUBSTATION_HEAD_M: f64 = 15.0;
const PLANT_HEAD_M: f64 = 10.0;
/// Inner diameters of steel heat pipes, mm (EN 10220 sizes DN 50 … DN 1400).
const DIAMETERS_MM: [f64; 19] = [
    54.5, 70.3, 82.5, 107.1, 132.5, 160.3, 210.1, 263.0, 312.7, 344.4, 393.8, 444.6, 495.4, 595.8,
    695.0, 795.4, 994.0, 1192.0, 1392.0,
];

/// The weather of the design hour.
pub(super) fn design_weather() -> WeatherHour {
    let outdoor_c = HeatOptions::default().design_outdoor_c;
    WeatherHour { outdoor_c, wind_m_s: 3.0, solar_w_m2: 0.0 }
}

/// Heat that `floor_m2` of a type of building need at `outdoor_c`, MW, when nothing else warms
/// them.
pub(super) fn heat_need_mw(building: BuildingType, floor_m2: f64, outdoor_c: f64) -> f64 {
    let cold = WeatherHour { outdoor_c, ..design_weather() };
    floor_m2 * properties(building).steady_heat_w_m2(INDOOR_C, cold, 0.0) / 1e6
}

/// Heat need of `homes` on the design day, MW; without the warmth of people and
/// appliances when `gains` is 0, with it when 1.
pub(super) fn design_mw(homes: &Homes, gains: f64) -> f64 {
    let need = properties(homes.building).steady_heat_w_m2(INDOOR_C, design_weather(), gains);
    homes.floor_m2 * need / 1e6
}

/// Where a plant stands, for its dependencies.
pub(super) struct PlantPlace {
    pub place: Point,
    /// The area around it.
    pub area: usize,
}

/// The heat networks, with what other networks must know.
pub(super) struct Heating {
    pub heat: Heat<String, String>,
    /// By plant.
    pub places: Vec<PlantPlace>,
    /// By area: its heat substation.
    pub substation: Vec<Option<String>>,
}

/// Id of the generator of CHP `k` (from 0), and of the bus it feeds.
pub(super) fn chp_generator(k: usize) -> String {
    format!("CHP{}-G1", k + 1)
}
pub(super) fn chp_bus(k: usize) -> String {
    format!("CHP{}-110", k + 1)
}

/// Plans the heat networks of `layout`.
pub(super) fn build(layout: &Layout, stock: &[Homes]) -> Heating {
    let mut need_mw = vec![0.0; layout.areas.len()];
    for homes in stock.iter().filter(|h| h.heating == Way::District) {
        need_mw[homes.area] += SUBSTATION_MARGIN * design_mw(homes, 0.0);
    }
    let mut areas: Vec<usize> = (0..need_mw.len()).filter(|&a| need_mw[a] > 0.0).collect();
    let mut out = Heating {
        heat: Heat { options: HeatOptions::default(), ..Heat::default() },
        places: Vec::new(),
        substation: vec![None; layout.areas.len()],
    };

    let chps = if layout.people < CHP_FROM_PEOPLE {
        0
    } else {
        ((CHP_PER_M * layout.people / 1e6).round() as usize).max(1)
    };
    let total: f64 = need_mw.iter().sum();
    let mut boiler_areas = Vec::new();
    areas.sort_by(|&a, &b| {
        layout.areas[a].place.x.total_cmp(&layout.areas[b].place.x).then(a.cmp(&b))
    });
    for (k, part) in split(&areas, &need_mw, chps.max(1)).into_iter().enumerate() {
        if chps == 0 {
            boiler_areas.extend(part);
            continue;
        }
        // The CHP takes the densest heat of its part of the region, from the middle out.
        let middle = centre(layout, &part, &need_mw);
        let mut near = part.clone();
        near.sort_by(|&a, &b| {
            let d = |i: usize| layout.areas[i].place.distance(middle);
            d(a).total_cmp(&d(b)).then(a.cmp(&b))
        });
        let mut taken = 0.0;
        let mut served = Vec::new();
        for a in near {
            if taken + need_mw[a] / 2.0 <= CHP_SHARE * total / chps as f64 || served.is_empty() {
                taken += need_mw[a];
                served.push(a);
            } else {
                boiler_areas.push(a);
            }
        }
        let middle = centre(layout, &served, &need_mw);
        // Beside the river, for cooling water, but not farther than half way.
        let bank = Point { x: middle.x, y: layout.river_y(middle.x) };
        out.network(layout, k, PlantKind::Chp, middle.toward(bank, 0.4), &served, &need_mw);
    }
    boiler_areas.sort_unstable();
    let houses = ((BOILER_HOUSES_PER_M * layout.people / 1e6).round() as usize)
        .max(2)
        .min(boiler_areas.len());
    for (k, part) in neighbours(layout, &boiler_areas, houses).into_iter().enumerate() {
        let middle = centre(layout, &part, &need_mw);
        let place = Point { x: middle.x + 0.25, y: middle.y + 0.2 };
        out.network(layout, k, PlantKind::BoilerHouse, place, &part, &need_mw);
    }
    out
}

/// Groups of neighbouring areas, about `count` of them: areas that follow each other
/// are joined over the shortest gaps first.
fn neighbours(layout: &Layout, areas: &[usize], count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return Vec::new();
    }
    let most = areas.len().div_ceil(count) + 1;
    let gap = |k: usize| layout.areas[areas[k]].place.distance(layout.areas[areas[k + 1]].place);
    let mut gaps: Vec<usize> = (0..areas.len() - 1).collect();
    gaps.sort_by(|&a, &b| gap(a).total_cmp(&gap(b)).then(a.cmp(&b)));
    // joined[k]: area k and area k + 1 share a boiler house.
    let mut joined = vec![false; areas.len()];
    let mut left = areas.len() - count;
    for k in gaps {
        let before = joined[..k].iter().rev().take_while(|j| **j).count();
        let after = joined[k + 1..].iter().take_while(|j| **j).count();
        if left > 0 && before + after + 2 <= most {
            joined[k] = true;
            left -= 1;
        }
    }
    let mut out = vec![Vec::new()];
    for (k, &a) in areas.iter().enumerate() {
        if let Some(group) = out.last_mut() {
            group.push(a);
        }
        if !joined[k] && k + 1 < areas.len() {
            out.push(Vec::new());
        }
    }
    out
}

/// Cuts `items`, in their order, into `parts` of about equal weight, none empty where
/// there are enough items.
fn split(items: &[usize], weight: &[f64], parts: usize) -> Vec<Vec<usize>> {
    let total: f64 = items.iter().map(|&i| weight[i]).sum();
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); parts];
    let mut sum = 0.0;
    let mut part = 0;
    for (k, &i) in items.iter().enumerate() {
        let wanted = ((sum + weight[i] / 2.0) / total * parts as f64) as usize;
        let left = items.len() - k;
        if part + 1 < parts && !out[part].is_empty() && (wanted > part || left < parts - part) {
            part += 1;
        }
        out[part].push(i);
        sum += weight[i];
    }
    out.retain(|p| !p.is_empty());
    out
}

/// Weighted centre of some areas.
fn centre(layout: &Layout, areas: &[usize], weight: &[f64]) -> Point {
    let sum: f64 = areas.iter().map(|&a| weight[a]).sum();
    let mean = |of: fn(Point) -> f64| {
        areas.iter().map(|&a| weight[a] * of(layout.areas[a].place)).sum::<f64>() / sum
    };
    Point { x: mean(|p| p.x), y: mean(|p| p.y) }
}

impl Heating {
    /// Adds a plant at `place` and its network to `areas`: a tree of short paths, in
    /// large networks closed into loops, sized for the design flow.
    fn network(
        &mut self,
        layout: &Layout,
        k: usize,
        kind: PlantKind,
        place: Point,
        areas: &[usize],
        need_mw: &[f64],
    ) {
        let area = layout.area_at(place);
        let (id, name) = match kind {
            PlantKind::Chp => {
                (format!("CHP{}", k + 1), format!("{} CHP plant", layout.spare_names[k]))
            }
            PlantKind::BoilerHouse | PlantKind::Mobile => {
                let name = &layout.areas[areas[0]].name;
                (format!("BH{:02}", k + 1), format!("{name} boiler house"))
            }
        };
        let mut points = vec![place];
        points.extend(areas.iter().map(|&a| layout.areas[a].place));
        let junction = |i: usize| {
            if i == 0 { format!("{id}-H0") } else { format!("H-{}", layout.areas[areas[i - 1]].id) }
        };
        for (i, &p) in points.iter().enumerate() {
            self.heat.junctions.push(HeatJunction {
                id: junction(i),
                elevation_m: layout.elevation_m(p),
                position: position(p),
            });
        }
        for (i, &a) in areas.iter().enumerate() {
            let substation = format!("HS-{}", layout.areas[a].id);
            self.heat.substations.push(HeatSubstation {
                id: substation.clone(),
                junction: junction(i + 1),
                design_mw: need_mw[a],
                hot_water_mw: 0.0,
                bypass_share: 0.0,
            });
            self.substation[a] = Some(substation);
        }

        let design_mw: f64 = areas.iter().map(|&a| need_mw[a]).sum();
        let (parent, path) = tree(&points, 0, 0.4);
        let mut by_distance: Vec<usize> = (1..points.len()).collect();
        by_distance.sort_by(|&a, &b| path[b].total_cmp(&path[a]).then(b.cmp(&a)));
        let mut below: Vec<f64> =
            (0..points.len()).map(|i| if i == 0 { 0.0 } else { need_mw[areas[i - 1]] }).collect();
        for &i in &by_distance {
            below[parent[i]] += below[i];
        }
        let longest_m = 1e3 * DETOUR * path.iter().copied().fold(0.1, f64::max);
        let limit_pa_m = GRADIENT_PA_M.min(PATH_LOSS_M * WATER_KG_M3 * 9.81 / (2.0 * longest_m));
        let mut diameter = vec![f64::INFINITY; points.len()];
        let mut loss_m = vec![0.0; points.len()];
        for &i in by_distance.iter().rev() {
            let flow = design_flow_kg_s(below[i]);
            let d = diameter_mm(flow, limit_pa_m);
            diameter[i] = d;
            let length_m = 1e3 * DETOUR * points[i].distance(points[parent[i]]).max(0.05);
            loss_m[i] =
                loss_m[parent[i]] + 2.0 * length_m * gradient_pa_m(flow, d) / WATER_KG_M3 / 9.81;
            self.pipe(&id, junction(parent[i]), junction(i), length_m, d);
        }
        for (a, b) in loops(&points, &parent, &path) {
            let length_m = 1e3 * DETOUR * points[a].distance(points[b]);
            let d = diameter[a].min(diameter[b]);
            self.pipe(&id, junction(a), junction(b), length_m, d);
        }

        let head = loss_m.iter().copied().fold(0.0, f64::max) + SUBSTATION_HEAD_M + PLANT_HEAD_M;
        let chp = kind == PlantKind::Chp;
        self.heat.plants.push(Plant {
            id: id.clone(),
            name: name.clone(),
            kind,
            junction: junction(0),
            heat_max_mw: (design_mw / (1.0 - NETWORK_LOSS) * 10.0).ceil() / 10.0,
            generator: chp.then(|| chp_generator(k)),
            power_to_heat: if chp { POWER_TO_HEAT } else { 0.0 },
            power_loss_per_heat: if chp { POWER_LOSS } else { 0.0 },
            operating_mw: Vec::new(),
            efficiency: 0.9,
            pump_head_m: (1.4 * head).ceil(),
            fuel_h: f64::INFINITY,
            position: position(place),
            facility: Some(name),
        });
        self.places.push(PlantPlace { place, area });
    }

    fn pipe(&mut self, plant: &str, from: String, to: String, length_m: f64, diameter_mm: f64) {
        self.heat.pipes.push(HeatPipe {
            id: format!("HP-{plant}-{}", self.heat.pipes.len() + 1),
            from,
            to,
            length_m: length_m.round().max(30.0),
            diameter_mm,
            roughness_mm: ROUGHNESS_MM,
            // Pre-insulated and channel-laid pipes in service lie between 0.3 (small)
            // and 1.5 W/(m K) (large); linear between them.
            loss_w_m_k: ((0.30 + 1.2e-3 * diameter_mm) * 100.0).round() / 100.0,
            laid: Laid::Ground,
        });
    }
}

/// Loops of a large network: the shortest pipes that close the longest detours.
fn loops(points: &[Point], parent: &[usize], path: &[f64]) -> Vec<(usize, usize)> {
    let n = points.len();
    if n < 8 {
        return Vec::new();
    }
    let around = |a: usize, b: usize| {
        let (mut a, mut b) = (a, b);
        let mut sum = 0.0;
        while a != b {
            let far = if path[a] >= path[b] { &mut a } else { &mut b };
            sum += points[*far].distance(points[parent[*far]]);
            *far = parent[*far];
        }
        sum
    };
    let mut candidates: Vec<(f64, usize, usize)> = Vec::new();
    for a in 1..n {
        for b in a + 1..n {
            let straight = points[a].distance(points[b]);
            let ratio = around(a, b) / straight.max(0.1);
            if parent[a] != b && parent[b] != a && ratio > 3.0 {
                candidates.push((straight, a, b));
            }
        }
    }
    candidates.sort_by(|x, y| x.0.total_cmp(&y.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    let mut used = vec![false; n];
    let mut out = Vec::new();
    for (_, a, b) in candidates {
        if out.len() * 5 >= n {
            break;
        }
        if !used[a] && !used[b] {
            used[a] = true;
            used[b] = true;
            out.push((a, b));
        }
    }
    out
}

/// Flow that carries `mw` at design temperatures, kg/s.
fn design_flow_kg_s(mw: f64) -> f64 {
    let options = HeatOptions::default();
    mw * 1e6 / (WATER_J_KG_K * (options.design_supply_c - options.design_return_c))
}

/// Darcy–Weisbach gradient with the rough-pipe friction factor of Shifrinson,
/// 0.11 (k/d)^0.25, Pa/m.
fn gradient_pa_m(flow_kg_s: f64, diameter_mm: f64) -> f64 {
    let d = diameter_mm / 1e3;
    let v = velocity_m_s(flow_kg_s, diameter_mm);
    0.11 * (ROUGHNESS_MM / diameter_mm).powf(0.25) * WATER_KG_M3 * v * v / (2.0 * d)
}

fn velocity_m_s(flow_kg_s: f64, diameter_mm: f64) -> f64 {
    let d = diameter_mm / 1e3;
    flow_kg_s / WATER_KG_M3 / (std::f64::consts::PI / 4.0 * d * d)
}

/// The smallest diameter within the limits of gradient and velocity.
fn diameter_mm(flow_kg_s: f64, limit_pa_m: f64) -> f64 {
    DIAMETERS_MM
        .into_iter()
        .find(|&d| {
            gradient_pa_m(flow_kg_s, d) <= limit_pa_m && velocity_m_s(flow_kg_s, d) <= VELOCITY_M_S
        })
        .unwrap_or(DIAMETERS_MM[DIAMETERS_MM.len() - 1])
}

#[cfg(test)]
mod tests {
    use super::super::{Spec, stock};
    use super::*;

    #[test]
    fn split_keeps_everything_and_leaves_no_part_empty() {
        let items: Vec<usize> = (0..7).collect();
        for parts in 1..=7 {
            let cut = split(&items, &[1.0; 7], parts);
            assert_eq!(cut.len(), parts);
            assert_eq!(cut.concat(), items);
        }
        let cut = split(&items, &[100.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], 3);
        assert_eq!(cut.concat(), items);
        assert_eq!(cut.len(), 3);
    }

    #[test]
    fn a_million_people_have_the_plants_of_the_statistics() {
        let spec = Spec { people: 1_000_000, seed: 7 };
        let layout = Layout::new(&spec);
        let stock = stock::assign(&spec, &layout);
        let heating = build(&layout, &stock);
        let design: f64 = heating.heat.substations.iter().map(|s| s.design_mw).sum();
        // 45 % of people × 24 m² × 75 W/m² = 810 MW.
        assert!((design - 810.0).abs() < 40.0, "{design}");
        let chp: f64 = heating
            .heat
            .plants
            .iter()
            .filter(|p| p.kind == PlantKind::Chp)
            .map(|p| p.heat_max_mw)
            .sum();
        let all: f64 = heating.heat.plants.iter().map(|p| p.heat_max_mw).sum();
        assert!((chp / all - CHP_SHARE).abs() < 0.03, "{}", chp / all);
        assert_eq!(heating.heat.plants.len(), 63);
    }
}
