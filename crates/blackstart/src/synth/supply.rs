//! Water: river intake or wells, first lift, clean-water tank, second lift, looped
//! mains, elevated tanks, one junction per area.

use super::Spec;
use super::flows::Conductances;
use super::graph::{Point, meshed, tree};
use super::layout::{Layout, position};
use crate::region::{
    Control, ControlAction, ControlWhen, Junction, JunctionDemand, Pattern, Pipe, PipeStatus, Pump,
    PumpCurve, Reservoir, Tank, Water, WaterEdge, WaterOptions,
};

/// Water put into the network, m³ per head and day, and the part of it that leaks.
const M3_PER_HEAD_DAY: f64 = 0.250;
const LEAKAGE: f64 = 0.30;
/// Sizes of the three systems of a million people.
const SYSTEM_SHARES: [f64; 3] = [130.0, 80.0, 40.0];
/// People of one more system beyond three.
const PEOPLE_PER_SYSTEM: f64 = 450_000.0;
/// Water use over the day, mean 1: a night low, a morning and an evening peak.
const USE: [f64; 24] = [
    0.45, 0.35, 0.32, 0.32, 0.40, 0.65, 1.10, 1.50, 1.55, 1.30, 1.15, 1.05, 1.05, 1.05, 1.00, 1.00,
    1.10, 1.25, 1.45, 1.55, 1.45, 1.25, 0.95, 0.76,
];
/// Electricity of a whole system, kWh/m³: surface water, groundwater.
const SURFACE_KWH_M3: f64 = 0.37;
const GROUND_KWH_M3: f64 = 0.48;
/// Part of it in the first lift.
const FIRST_LIFT_SHARE: f64 = 0.30;
/// Mean demand of all tanks of a system, h, half of it in the clean-water tank.
const TANK_H: f64 = 6.0;
/// Diesel at second-lift stations from this size on: m³ per day, h.
const DIESEL_FROM_M3_DAY: f64 = 10_000.0;
const DIESEL_H: f64 = 8.0;
/// Bottom and depth of elevated tanks, m.
const TOWER_M: f64 = 143.0;
const TOWER_DEPTH_M: f64 = 6.0;
/// Depth of clean-water tanks, m.
const CLEAN_DEPTH_M: f64 = 5.0;
/// Design loss from the pumps to the farthest junction, m.
const PATH_LOSS_M: f64 = 9.0;
/// Hazen–Williams C of mains in service.
const ROUGHNESS_C: f64 = 110.0;
/// Largest design velocity, m/s.
const VELOCITY_M_S: f64 = 1.5;
/// Route length against the straight line.
const DETOUR: f64 = 1.25;
/// Nominal diameters of mains, mm.
const DIAMETERS_MM: [f64; 17] = [
    150.0, 200.0, 250.0, 300.0, 350.0, 400.0, 450.0, 500.0, 600.0, 700.0, 800.0, 900.0, 1000.0,
    1200.0, 1400.0, 1600.0, 2000.0,
];
/// Flow of the second lift against the mean demand, and of the first lift.
const SECOND_LIFT: f64 = 1.15;
const FIRST_LIFT: f64 = 1.30;

/// What a pump asks of the grid.
pub(super) struct PumpPlace {
    pub id: String,
    pub place: Point,
    pub need_mw: f64,
    pub buffer_h: f64,
}

/// The water network, with what other networks must know.
pub(super) struct Supply {
    pub water: Water<String>,
    pub pumps: Vec<PumpPlace>,
    /// By area: its junction.
    pub junction: Vec<String>,
    /// By system: its water works, name, and people served.
    pub works: Vec<(Point, String, f64)>,
}

/// Plans the water systems of `layout`.
pub(super) fn build(spec: &Spec, layout: &Layout) -> Supply {
    let people = spec.people as f64;
    let systems = if people < 150_000.0 {
        1
    } else if people < 600_000.0 {
        2
    } else {
        ((people / PEOPLE_PER_SYSTEM).round() as usize).max(3)
    };
    let mut out = Supply {
        water: Water {
            options: WaterOptions::default(),
            patterns: vec![Pattern { id: "use".to_string(), multipliers: use_pattern() }],
            ..Water::default()
        },
        pumps: Vec::new(),
        junction: layout.areas.iter().map(|a| format!("J-{}", a.id)).collect(),
        works: Vec::new(),
    };
    // Areas come district by district along the river, so consecutive ones are neighbours.
    let weight: Vec<f64> = (0..systems).map(|s| SYSTEM_SHARES[s % 3]).collect();
    let total: f64 = weight.iter().sum();
    let mut next = 0;
    let mut upto = 0.0;
    for (s, w) in weight.iter().enumerate() {
        upto += w / total;
        let first = next;
        let last = layout.areas.len() - 2 * (systems - 1 - s);
        let mut sum: f64 = layout.areas[..first].iter().map(|a| a.people).sum();
        while next < last && (next == first || sum < upto * people - 1.0) {
            sum += layout.areas[next].people + layout.areas[next + 1].people;
            next += 2;
        }
        out.system(layout, s, first..if s + 1 == systems { layout.areas.len() } else { next });
    }
    out
}

/// [`USE`] with a mean of exactly 1.
fn use_pattern() -> Vec<f64> {
    let mean = USE.iter().sum::<f64>() / 24.0;
    USE.iter().map(|u| (u / mean * 1e4).round() / 1e4).collect()
}

/// Demand against its mean in an hour whose use is `use_factor` times its mean.
fn demand_factor(use_factor: f64) -> f64 {
    LEAKAGE + (1.0 - LEAKAGE) * use_factor
}

impl Supply {
    fn system(&mut self, layout: &Layout, s: usize, areas: std::ops::Range<usize>) {
        let tag = format!("W{}", s + 1);
        let people: f64 = areas.clone().map(|a| layout.areas[a].people).sum();
        let mean_m3h = people * M3_PER_HEAD_DAY / 24.0;
        let ground = s % 3 == 2;
        let name = layout.spare_names[layout.spare_names.len() - 1 - s].clone();

        // The works lie on the river, upstream of the middle of what they serve.
        let xs: Vec<f64> = areas.clone().map(|a| layout.areas[a].place.x).collect();
        let west = xs.iter().copied().fold(f64::INFINITY, f64::min);
        let east = xs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let x = west + 0.35 * (east - west);
        let works = Point { x, y: layout.river_y(x) };
        self.works.push((works, name.clone(), people));
        let clean_bottom_m = layout.elevation_m(works) + 1.0;

        // Nodes of the mains: the pumps' outlet, then one junction per area.
        let mut points = vec![works];
        points.extend(areas.clone().map(|a| layout.areas[a].place));
        let ends = meshed(&points);
        let towers =
            tower_sites(&points, ((points.len() as f64 / 20.0).round() as usize).clamp(1, 6));
        let demand: Vec<f64> = std::iter::once(0.0)
            .chain(areas.clone().map(|a| layout.areas[a].people * M3_PER_HEAD_DAY / 24.0))
            .collect();
        let outlet = format!("{tag}-OUT");
        let node = |i: usize| {
            if i == 0 { outlet.clone() } else { self.junction[areas.start + i - 1].clone() }
        };
        let nodes: Vec<String> = (0..points.len()).map(node).collect();
        let sizes = size_mains(&points, &ends, &towers, &demand);

        self.source(layout, &tag, &name, works, clean_bottom_m, mean_m3h, ground);
        for (i, &p) in points.iter().enumerate() {
            let base = demand[i];
            let demands = if i == 0 {
                Vec::new()
            } else {
                let part = |share: f64| (base * share * 1e3).round() / 1e3;
                vec![
                    JunctionDemand { base_m3h: part(1.0 - LEAKAGE), pattern: Some(0) },
                    JunctionDemand { base_m3h: part(LEAKAGE), pattern: None },
                ]
            };
            self.junction_row(&nodes[i], layout.elevation_m(p), demands, p);
        }
        for (&(a, b), &d) in ends.iter().zip(&sizes) {
            let id = format!("{tag}-M{:03}", self.water.pipes.len() + 1);
            self.pipe(id, &nodes[a], &nodes[b], length_m(&points, a, b), d);
        }
        let each_m3 = mean_m3h * TANK_H / 2.0 / towers.len() as f64;
        for (k, &at) in towers.iter().enumerate() {
            let id = format!("{tag}-T{}", k + 1);
            let level = TOWER_DEPTH_M;
            let place = Point { x: points[at].x + 0.2, y: points[at].y + 0.15 };
            let area = &layout.areas[areas.start + at - 1];
            self.water.tanks.push(Tank {
                id: id.clone(),
                elevation_m: TOWER_M,
                init_level_m: 0.7 * level,
                min_level_m: 0.2,
                max_level_m: level,
                diameter_m: ((4.0 * each_m3 / std::f64::consts::PI / (level - 0.2)).sqrt() * 10.0)
                    .round()
                    / 10.0,
                min_volume_m3: 0.0,
                volume_curve: Vec::new(),
                overflow: false,
                position: position(place),
                facility: Some(format!("{} water tower", area.name)),
            });
            let flow = tower_flow(mean_m3h, towers.len());
            let d = diameter_mm(flow, 4e-3);
            self.pipe(format!("{id}-M"), &nodes[at], &id, 400.0, d);
        }
    }

    /// Source, first lift, clean-water tank and second lift.
    fn source(
        &mut self,
        layout: &Layout,
        tag: &str,
        name: &str,
        works: Point,
        clean_bottom_m: f64,
        mean_m3h: f64,
        ground: bool,
    ) {
        let intake = Point { x: works.x - 0.6, y: works.y };
        let source_head_m = layout.river_m() - if ground { 12.0 } else { 0.0 };
        let raw = format!("{tag}-RAW");
        let clean = format!("{tag}-CLEAN");
        let source = format!("{tag}-SRC");
        self.water.reservoirs.push(Reservoir {
            id: source.clone(),
            head_m: source_head_m,
            pattern: None,
            position: position(intake),
        });
        self.junction_row(&raw, layout.elevation_m(intake) - 3.0, Vec::new(), intake);
        let first_flow = FIRST_LIFT * mean_m3h;
        self.pipe(format!("{tag}-RISING"), &raw, &clean, 600.0, diameter_mm(first_flow, 5e-3));
        let volume = mean_m3h * TANK_H / 2.0;
        let depth = CLEAN_DEPTH_M - 0.3;
        self.water.tanks.push(Tank {
            id: clean.clone(),
            elevation_m: clean_bottom_m,
            init_level_m: 4.0,
            min_level_m: 0.3,
            max_level_m: CLEAN_DEPTH_M,
            diameter_m: ((4.0 * volume / std::f64::consts::PI / depth).sqrt() * 10.0).round()
                / 10.0,
            min_volume_m3: 0.0,
            volume_curve: Vec::new(),
            overflow: false,
            position: position(works),
            facility: Some(format!("{name} clean-water tank")),
        });

        let pumps = if mean_m3h > 2_000.0 { 4 } else { 3 };
        let kwh_m3 = if ground { GROUND_KWH_M3 } else { SURFACE_KWH_M3 };
        let power_mw = kwh_m3 * mean_m3h / 1e3;
        let big = mean_m3h * 24.0 >= DIESEL_FROM_M3_DAY;
        // Lift to a full tank plus the loss of the rising main.
        let first_head = clean_bottom_m + CLEAN_DEPTH_M - source_head_m + 4.0;
        let first_name = if ground {
            format!("{name} well field")
        } else {
            format!("{} intake at {name}", layout.river)
        };
        for k in 0..pumps {
            let id = format!("{tag}-P1-{}", k + 1);
            self.pump(
                &id,
                (&source, &raw),
                (first_flow / pumps as f64, first_head),
                first_name.clone(),
            );
            self.pumps.push(PumpPlace {
                id,
                place: intake,
                need_mw: FIRST_LIFT_SHARE * power_mw / pumps as f64,
                buffer_h: 0.0,
            });
            // Staggered start and stop levels, so that pumps follow the demand.
            let pump = WaterEdge::Pump(u32::try_from(self.water.pumps.len() - 1).unwrap_or(0));
            let stop = CLEAN_DEPTH_M - 0.2 - 0.15 * k as f64;
            let start = stop - 1.0;
            self.water.controls.push(Control {
                edge: pump,
                action: ControlAction::Close,
                when: ControlWhen::Above { node: clean.clone(), limit_m: stop },
            });
            self.water.controls.push(Control {
                edge: pump,
                action: ControlAction::Open,
                when: ControlWhen::Below { node: clean.clone(), limit_m: start },
            });
        }
        // Lift to a nearly full tower over the loss of the mains.
        let second_head = TOWER_M + TOWER_DEPTH_M + 0.7 * PATH_LOSS_M - clean_bottom_m - 2.5;
        let outlet = format!("{tag}-OUT");
        for k in 0..pumps {
            let id = format!("{tag}-P2-{}", k + 1);
            self.pump(
                &id,
                (&clean, &outlet),
                (SECOND_LIFT * mean_m3h / pumps as f64, second_head),
                format!("{name} pumping station"),
            );
            self.pumps.push(PumpPlace {
                id,
                place: works,
                need_mw: (1.0 - FIRST_LIFT_SHARE) * power_mw / pumps as f64,
                buffer_h: if big { DIESEL_H } else { 0.0 },
            });
        }
    }

    fn pump(&mut self, id: &str, ends: (&str, &str), design: (f64, f64), facility: String) {
        let (flow, head) = ((design.0 * 10.0).round() / 10.0, (design.1 * 10.0).round() / 10.0);
        self.water.pumps.push(Pump {
            id: id.to_string(),
            from: ends.0.to_string(),
            to: ends.1.to_string(),
            curve: PumpCurve::Points(vec![(flow, head)]),
            speed: 1.0,
            pattern: None,
            on: true,
            facility: Some(facility),
        });
    }

    fn pipe(&mut self, id: String, from: &str, to: &str, length_m: f64, diameter_mm: f64) {
        self.water.pipes.push(Pipe {
            id,
            from: from.to_string(),
            to: to.to_string(),
            length_m: length_m.round(),
            diameter_mm,
            roughness: ROUGHNESS_C,
            minor_loss: 0.0,
            status: PipeStatus::Open,
        });
    }

    fn junction_row(
        &mut self,
        id: &str,
        elevation_m: f64,
        demands: Vec<JunctionDemand>,
        place: Point,
    ) {
        self.water.junctions.push(Junction {
            id: id.to_string(),
            elevation_m: (elevation_m * 10.0).round() / 10.0,
            demands,
            emitter_m3h: 0.0,
            position: position(place),
        });
    }
}

fn length_m(points: &[Point], a: usize, b: usize) -> f64 {
    1e3 * DETOUR * points[a].distance(points[b]).max(0.1)
}

/// Largest flow in or out of one of `towers` equal towers, m³/h.
fn tower_flow(mean_m3h: f64, towers: usize) -> f64 {
    let peak = demand_factor(USE.iter().copied().fold(0.0, f64::max)) - 1.0;
    let night = SECOND_LIFT - demand_factor(USE.iter().copied().fold(f64::INFINITY, f64::min));
    mean_m3h * peak.max(night) / towers as f64
}

/// Nodes of towers: far from the works and from each other.
fn tower_sites(points: &[Point], count: usize) -> Vec<usize> {
    let mut away: Vec<f64> = points.iter().map(|p| p.distance(points[0])).collect();
    let mut sites = Vec::new();
    for _ in 0..count.min(points.len() - 1) {
        let far = (1..points.len())
            .max_by(|&a, &b| away[a].total_cmp(&away[b]).then(b.cmp(&a)))
            .unwrap_or(1);
        sites.push(far);
        for (d, p) in away.iter_mut().zip(points) {
            *d = d.min(p.distance(points[far]));
        }
    }
    sites
}

/// Diameters of mains, mm: within the design gradient and velocity at the peak hour
/// with towers emptying, at night with towers filling, and without towers on average.
fn size_mains(
    points: &[Point],
    ends: &[(usize, usize)],
    towers: &[usize],
    demand: &[f64],
) -> Vec<f64> {
    let mean: f64 = demand.iter().sum();
    let case = |factor: f64, pumped: f64| {
        let mut injection: Vec<f64> = demand.iter().map(|d| -factor * d).collect();
        injection[0] += pumped * mean;
        for &t in towers {
            injection[t] += (factor - pumped) * mean / towers.len() as f64;
        }
        injection
    };
    let peak = demand_factor(USE.iter().copied().fold(0.0, f64::max));
    let night = demand_factor(USE.iter().copied().fold(f64::INFINITY, f64::min));
    let cases = [case(peak, 1.0), case(night, SECOND_LIFT), case(1.1, 1.1)];
    let (_, path) = tree(points, 0, 1.0);
    let longest_m = 1e3 * DETOUR * path.iter().copied().fold(0.5, f64::max);
    let gradient = (PATH_LOSS_M / longest_m).min(5e-3);

    let mut net = Conductances::new(points.len(), ends);
    let length: Vec<f64> = ends.iter().map(|&(a, b)| length_m(points, a, b)).collect();
    let mut weight: Vec<f64> = length.iter().map(|l| 1.0 / l).collect();
    let mut sizes = vec![0.0; ends.len()];
    for _ in 0..3 {
        net.set(&weight);
        let worst = net.worst_flows(&cases, &[]);
        for (e, flow) in worst.iter().enumerate() {
            sizes[e] = diameter_mm(*flow, gradient);
            // The secant conductance at the design gradient: what the chosen pipe
            // carries there, per head lost.
            weight[e] = sizes[e].powf(2.63) / length[e];
        }
    }
    sizes
}

/// The smallest diameter that carries `flow_m3h` within a Hazen–Williams gradient
/// (m/m) and the largest velocity.
fn diameter_mm(flow_m3h: f64, gradient: f64) -> f64 {
    let q = flow_m3h / 3600.0;
    DIAMETERS_MM
        .into_iter()
        .find(|mm| {
            let d = mm / 1e3;
            let loss = 10.67 * (q / ROUGHNESS_C).powf(1.852) / d.powf(4.871);
            let velocity = q / (std::f64::consts::PI / 4.0 * d * d);
            loss <= gradient && velocity <= VELOCITY_M_S
        })
        .unwrap_or(DIAMETERS_MM[DIAMETERS_MM.len() - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_has_mean_one() {
        let p = use_pattern();
        assert_eq!(p.len(), 24);
        assert!((p.iter().sum::<f64>() / 24.0 - 1.0).abs() < 1e-3);
    }

    #[test]
    fn a_million_people_have_three_systems_of_the_given_shares() {
        let spec = Spec { people: 1_000_000, seed: 7 };
        let supply = build(&spec, &Layout::new(&spec));
        let total: f64 =
            supply.water.junctions.iter().flat_map(|j| &j.demands).map(|d| d.base_m3h * 24.0).sum();
        assert!((total - 250_000.0).abs() < 50.0, "{total}");
        let served: Vec<f64> = supply.works.iter().map(|w| w.2 * M3_PER_HEAD_DAY / 1e3).collect();
        assert_eq!(served.len(), 3);
        for (got, want) in served.iter().zip(SYSTEM_SHARES) {
            assert!((got - want).abs() < 5.0, "{served:?}");
        }
        let power: f64 = supply.pumps.iter().map(|p| p.need_mw).sum();
        assert!((3.8..5.1).contains(&power), "{power}");
    }
}
