//! A region and results made by hand, for tests of the report alone. The numbers obey
//! no physics; they have the shapes that real ones have, and every odd case can be
//! switched on.

use blackstart::region::*;
use blackstart::results::*;
use blackstart::scenario::*;
use blackstart_report::{Provenance, ReportInput};
use jiff::civil::date;

/// What the made-up run is like.
#[derive(Clone, Debug)]
pub struct Make {
    pub areas: usize,
    pub hours: usize,
    pub horizon_h: u32,
    pub buses: usize,
    pub positions: bool,
    pub heat: bool,
    pub water: bool,
    pub sites: usize,
    pub damage: bool,
    pub nan: bool,
    pub name: String,
}

impl Default for Make {
    fn default() -> Self {
        Self {
            areas: 60,
            hours: 168,
            horizon_h: 168,
            buses: 120,
            positions: true,
            heat: true,
            water: true,
            sites: 40,
            damage: true,
            nan: false,
            name: "Example region (fictional)".into(),
        }
    }
}

/// Everything a report needs, owned.
pub struct Made {
    pub region: Region,
    pub scenario: Scenario,
    pub results: Results,
    pub summary: Summary,
    pub provenance: Provenance,
}

impl Made {
    pub fn input(&self) -> ReportInput<'_> {
        ReportInput {
            region: &self.region,
            scenario: &self.scenario,
            results: &self.results,
            summary: &self.summary,
            provenance: &self.provenance,
        }
    }
}

/// A small fixed stream of numbers in 0 … 1.
struct Stream(u64);

impl Stream {
    fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1u64 << 31) as f64
    }
}

/// A report about the fictional region of so many people, with results made by hand.
pub fn make_fictional(people: u64, m: &Make) -> Made {
    let draft = blackstart::synth::region(&blackstart::synth::Spec { people, seed: 7 }).unwrap();
    let m = Make { areas: draft.places.areas.len(), sites: draft.places.sites.len(), ..m.clone() };
    make_around(draft, &m)
}

/// A report about a real run of the fictional region of so many people.
pub fn simulate(people: u64, m: &Make) -> Made {
    let mut made = make_fictional(people, &Make { hours: 1, ..m.clone() });
    made.scenario = scenario(m);
    let mut watch = blackstart::sim::Unwatched;
    made.results = blackstart::sim::run(&made.region, &made.scenario, &mut watch);
    made.summary = summarise(&made.region, &made.results);
    made
}

pub fn make(m: &Make) -> Made {
    make_around(draft(m), m)
}

fn make_around(draft: RegionDraft, m: &Make) -> Made {
    let checked = Region::check(draft);
    assert!(
        checked.problems.is_empty(),
        "{:?}",
        &checked.problems[..checked.problems.len().min(5)]
    );
    let region = checked.region.expect("no problems");
    let scenario = scenario(m);
    let results = results(m, &region, &scenario);
    let summary = summarise(&region, &results);
    let provenance = Provenance {
        version: "0.1.0".into(),
        inputs: vec![
            (
                "region/areas.csv".into(),
                "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
            ),
            (
                "scenario.toml".into(),
                "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752".into(),
            ),
        ],
        seed: 7,
        notes: vec!["Hydraulic emitters are read but not simulated.".into()],
    };
    Made { region, scenario, results, summary, provenance }
}

fn position(m: &Make, s: &mut Stream, town: usize) -> Option<Position> {
    const TOWNS: [(f64, f64, f64); 6] = [
        (30.5, 50.4, 0.16),
        (29.6, 50.9, 0.05),
        (31.6, 50.8, 0.06),
        (31.4, 49.8, 0.05),
        (29.7, 49.8, 0.05),
        (30.6, 51.2, 0.04),
    ];
    let (lon, lat, spread) = TOWNS[town % TOWNS.len()];
    let (a, r) = (s.next() * std::f64::consts::TAU, s.next().sqrt() * spread);
    m.positions.then(|| Position { lon_deg: lon + 1.6 * r * a.cos(), lat_deg: lat + r * a.sin() })
}

fn draft(m: &Make) -> RegionDraft {
    let mut s = Stream(42);
    let mut d = RegionDraft { name: m.name.clone(), ..RegionDraft::default() };
    d.grid.base_mva = 100.0;
    let town = |i: usize| if i % 5 < 3 { 0 } else { 1 + i % 7 % 5 };
    for i in 0..m.buses {
        d.grid.buses.push(Bus {
            id: format!("B{i}"),
            name: format!("{} {}", ["Pine", "Quarry", "Dock", "Field"][i % 4], i + 1),
            base_kv: if i % 9 == 0 { 330.0 } else { 110.0 },
            position: position(m, &mut s, town(i)),
            shunt_g_mw: 0.0,
            shunt_b_mvar: 0.0,
            vm_pu: 1.0,
            va_deg: 0.0,
            facility: None,
            in_service: true,
            ..Bus::default()
        });
    }
    for i in 1..m.buses {
        for back in [1, 7] {
            if i >= back && (back == 1 || i % 3 == 0) {
                d.grid.branches.push(Branch {
                    id: format!("L{i}-{back}"),
                    kind: BranchKind::Line,
                    from: format!("B{}", i - back),
                    to: format!("B{i}"),
                    r_pu: 0.01,
                    x_pu: 0.1,
                    b_pu: 0.0,
                    tap: 1.0,
                    shift_deg: 0.0,
                    rate_mva: 100.0,
                    in_service: true,
                    ..Branch::default()
                });
            }
        }
    }
    if m.water {
        for i in 0..m.areas.max(1) {
            d.water.junctions.push(Junction {
                id: format!("J{i}"),
                elevation_m: 0.0,
                demands: vec![JunctionDemand { base_m3h: 50.0, pattern: None }],
                emitter_m3h: 0.0,
                position: None,
            });
        }
        for i in 0..4 {
            d.water.tanks.push(Tank {
                id: ["East", "West", "Hill", "South"][i].into(),
                elevation_m: 30.0,
                init_level_m: 2.0,
                min_level_m: 1.0,
                max_level_m: 4.0,
                diameter_m: 10.0,
                min_volume_m3: 0.0,
                volume_curve: vec![],
                overflow: false,
                position: position(m, &mut s, i),
                facility: None,
            });
        }
    }
    if m.heat {
        d.heat.junctions.push(HeatJunction {
            id: "H".into(),
            elevation_m: 0.0,
            position: position(m, &mut s, 0),
        });
        for i in 0..8 {
            d.heat.plants.push(Plant {
                id: format!("BH{i}"),
                name: format!("Boiler house {}", i + 1),
                kind: PlantKind::BoilerHouse,
                junction: "H".into(),
                heat_max_mw: 50.0,
                generator: None,
                power_to_heat: 0.0,
                power_loss_per_heat: 0.0,
                operating_mw: Vec::new(),
                efficiency: 0.9,
                pump_head_m: 60.0,
                fuel_h: f64::INFINITY,
                position: position(m, &mut s, i),
                facility: None,
            });
        }
        d.heat.substations.push(HeatSubstation {
            id: "HS".into(),
            junction: "H".into(),
            design_mw: 500.0,
            hot_water_mw: 0.0,
            bypass_share: 0.0,
        });
    }
    for i in 0..m.areas {
        let people = (4_000.0 + 28_000.0 * s.next().powi(2)).round();
        d.places.areas.push(Area {
            id: format!("A{i}"),
            name: format!(
                "{} {}",
                ["North", "Harbour", "Old Town", "Mill", "Station"][i % 5],
                i + 1
            ),
            district: ["Centre", "Lowland", "Forest"][i % 3].into(),
            people,
            position: position(m, &mut s, town(i)),
            bus: (m.buses > 0).then(|| format!("B{}", i % m.buses.max(1))),
            junction: m.water.then(|| format!("J{i}")),
            substation: m.heat.then(|| "HS".into()),
            queue: None,
        });
        if m.heat {
            for (k, building) in BuildingType::ALL.into_iter().enumerate() {
                d.places.stock.push(Stock {
                    area: format!("A{i}"),
                    building,
                    kind: None,
                    heating: if k == 3 { Heating::Gas } else { Heating::District },
                    people: people / 4.0,
                    floor_m2: people * 6.0,
                });
            }
        }
    }
    for i in 0..m.sites {
        let kind =
            [SiteKind::Hospital, SiteKind::WarmingPoint, SiteKind::School, SiteKind::Rescue][i % 4];
        d.places.sites.push(Site {
            id: format!("S{i}"),
            name: format!(
                "{} {}",
                ["Hospital", "Warming point", "School", "Fire station"][i % 4],
                i / 4 + 1
            ),
            kind,
            area: (m.areas > 0).then(|| format!("A{}", i % m.areas.max(1))),
            position: position(m, &mut s, town(i)),
            bus: (m.buses > 0).then(|| format!("B{}", i % m.buses.max(1))),
            junction: None,
            substation: None,
            need_mw: 0.0,
            need_m3h: 0.0,
            backup_h: if i % 4 == 0 { 24.0 } else { 8.0 },
        });
    }
    d
}

fn scenario(m: &Make) -> Scenario {
    let strike = Strike {
        launched: [
            Interval::point(55.0),
            Interval::point(8.0),
            Interval::point(195.0),
            Interval::point(0.0),
        ],
        intercepted_share: [Interval::point(0.6); 4],
        share_on_region: Interval::point(0.4),
        class_odds: [4.0, 3.0, 2.0, 1.0, 0.5, 1.0, 0.2, 0.5, 0.5],
        hit_rule: HitRule::Uniform,
        state_odds: [[1.0; 4]; 4],
    };
    Scenario {
        name: "Winter night".into(),
        start: date(2026, 1, 13).at(20, 0, 0, 0),
        horizon_h: m.horizon_h,
        weather: Weather::constant(-9.0, m.horizon_h as usize),
        events: vec![Event {
            name: "Night strike".into(),
            at_h: 3.0,
            kind: EventKind::Strike(Box::new(strike)),
        }],
        repair: RepairResources {
            teams_day: 20,
            teams_night: 8,
            day_from_h: 7,
            day_to_h: 19,
            access_delay_h: 4.0,
            spares: [1, 2, 2, 2, 4, 100],
            deliveries: vec![],
            rule: PriorityRule::CriticalThenPeople,
            recovery: blackstart::scenario::Recovery::default(),
        },
        policy: Policy::default(),
        seed: 7,
        draw: 0,
        campaigns: Vec::new(),
        halts: Vec::new(),
        demand_factor: 1.0,
        mobile_plants: Vec::new(),
        assumed: vec![Assumed {
            key: "repair.access_delay_h".into(),
            text: "4 h, usual after a strike".into(),
        }],
    }
}

fn results(m: &Make, region: &Region, _scenario: &Scenario) -> Results {
    let mut s = Stream(7);
    let (n, f, sites) = (m.areas, region.facilities().len(), m.sites);
    let mut r = Results { hours: m.hours, ..Results::default() };
    let strike_h = 3.0;
    let mut damaged: Vec<(usize, f64, f64, DamageState)> = Vec::new();
    if m.damage && f > 0 {
        for k in 0..(f / 8).clamp(1, 40) {
            let facility = (k * 37 + 11) % f;
            if damaged.iter().all(|d| d.0 != facility) {
                let start = 7.0 + 6.0 * k as f64 * s.next();
                let state = DamageState::ALL[(s.next() * 3.99) as usize];
                damaged.push((facility, start, start + 10.0 + 150.0 * s.next(), state));
            }
        }
    }
    for &(facility, start, end, state) in &damaged {
        let facility = FacilityIdx::new(facility);
        r.damage.push(DamageRecord {
            at_h: strike_h,
            event: 0,
            facility,
            state,
            functionality: [0.8, 0.4, 0.1, 0.0][state as usize],
            munition: Some(Munition::ALL[(s.next() * 2.99) as usize]),
        });
        let (started, ended) = (start < m.hours as f64, end < m.hours as f64);
        r.repairs.push(RepairRecord {
            facility,
            state,
            damaged_at_h: strike_h,
            start_h: started.then_some(start),
            end_h: ended.then_some(end),
            work_team_h: 100.0,
            done_team_h: if started { 40.0 } else { 0.0 },
            teams: 2,
            spare: Some(Spare::ALL[(s.next() * 5.99) as usize]),
            waits_for_spare: !started && s.next() < 0.5,
            people: 60_000.0 * s.next(),
            critical: s.next() < 0.2,
            inspected_h: None,
            temporary: None,
            cannibalised: false,
        });
    }
    if m.damage {
        r.strikes.push(StrikeRecord {
            event: 0,
            at_h: strike_h,
            launched: [55, 8, 195, 0],
            got_through: [22, 7, 9, 0],
            hits: [9, 3, 2, 0],
        });
    }
    let people: Vec<f64> = region.places().areas.iter().map(|a| a.people).collect();
    let depth: Vec<[f64; 3]> =
        (0..n).map(|_| [s.next(), s.next().powi(2), s.next().powi(3)]).collect();
    let mut indoor = vec![[20.0f64; 4]; n];
    let t = &mut r.totals;
    for h in 0..m.hours {
        let since = h as f64 - strike_h;
        let hit = |k: usize| {
            if !m.damage || since < 0.0 {
                0.0
            } else {
                let (rise, fall) = [(0.5, 40.0), (10.0, 70.0), (4.0, 25.0)][k];
                (1.0 - (-since / rise).exp()) * (-since / fall).exp() * 1.2
            }
        };
        let outdoor = -9.0 + 4.0 * ((h as f64 + 6.0) / 24.0 * std::f64::consts::TAU).sin()
            - (h as f64 / 40.0);
        let mut without = [0.0; 3];
        let mut below = [0.0; INDOOR_THRESHOLDS_C.len()];
        let mut mean = [0.0f64; 4];
        let mut cold = [f64::INFINITY; 4];
        for a in 0..n {
            let share = |k: usize| (1.0 - 2.0 * depth[a][k] * hit(k)).clamp(0.0, 1.0);
            let nan = m.nan && a == 0;
            r.places.electricity_share.push(if nan { f64::NAN } else { share(0) });
            r.places.heat_share.push(if m.heat { share(1) } else { f64::NAN });
            r.places.water_share.push(if m.water { share(2) } else { f64::NAN });
            r.places.pressure_m.push(f64::NAN);
            without[0] += people[a] * (1.0 - share(0));
            without[1] += people[a] * f64::from(u8::from(share(1) < 0.5));
            without[2] += people[a] * f64::from(u8::from(share(2) < 0.5));
            let mut area_mean = 0.0;
            let mut area_min = f64::NAN;
            for k in 0..4 {
                let slow = [70.0, 90.0, 140.0, 50.0][k];
                let aim = outdoor + (20.0 - outdoor) * share(1);
                indoor[a][k] += (aim - indoor[a][k]) / slow;
                let c = if m.heat { indoor[a][k] } else { f64::NAN };
                r.places.indoor_by_type_c[k].push(c);
                area_min = area_min.min(c);
                mean[k] += people[a] * c;
                cold[k] = cold[k].min(c);
                area_mean += c / 4.0;
                for (j, limit) in INDOOR_THRESHOLDS_C.into_iter().enumerate() {
                    below[j] += if c < limit { people[a] / 4.0 } else { 0.0 };
                }
            }
            r.places.indoor_min_c.push(area_min);
            r.places.indoor_c.push(area_mean);
            let places = &mut r.places;
            let pipes = [
                &mut places.people_drained,
                &mut places.people_burst,
                &mut places.people_taps_frozen,
            ];
            for column in places.people_below_c.iter_mut().chain(pipes) {
                column.push(0.0);
            }
        }
        let all: f64 = people.iter().sum();
        t.outdoor_c.push(outdoor);
        t.people_without_electricity.push(without[0]);
        t.people_without_heat.push(if m.heat { without[1] } else { 0.0 });
        t.people_without_water.push(if m.water { without[2] } else { 0.0 });
        for (column, people) in t.people_below_c.iter_mut().zip(below) {
            column.push(people);
        }
        for column in [&mut t.people_drained, &mut t.people_burst, &mut t.people_taps_frozen] {
            column.push(0.0);
        }
        t.emergency_heaters_mw.push(0.0);
        for column in &mut t.person_k_below_c {
            column.push(0.0);
        }
        for k in 0..4 {
            t.indoor_c[k].push(if m.heat && n > 0 { mean[k] / all } else { f64::NAN });
            t.indoor_min_c[k].push(if m.heat && n > 0 { cold[k] } else { f64::NAN });
        }
        let demand = 700.0 + 120.0 * (h as f64 / 24.0 * std::f64::consts::TAU).sin();
        t.demand_mw.push(if m.buses > 0 { demand } else { 0.0 });
        t.served_mw.push(if m.buses > 0 {
            demand * (1.0 - without[0] / all.max(1.0))
        } else {
            0.0
        });
        t.heat_demand_mw.push(if m.heat { 900.0 } else { 0.0 });
        t.heat_delivered_mw.push(if m.heat {
            900.0 * (1.0 - without[1] / all.max(1.0))
        } else {
            0.0
        });
        t.water_demand_m3h.push(if m.water { 5_000.0 } else { 0.0 });
        t.water_supplied_m3h.push(if m.water {
            5_000.0 * (1.0 - without[2] / all.max(1.0))
        } else {
            0.0
        });
        t.tank_volume_m3.push(if m.water { 40_000.0 * (1.0 - 0.9 * hit(2)) } else { 0.0 });
        t.grid_status.push(HourStatus::Solved);
        t.heat_status.push(HourStatus::Solved);
        t.water_status.push(if m.damage && (10..14).contains(&h) {
            HourStatus::Relaxed { why: "pressures near Tank East settled to 0.3 m".into() }
        } else {
            HourStatus::Solved
        });
        for i in 0..f {
            let of = damaged.iter().find(|d| d.0 == i).filter(|_| since >= 0.0);
            let class = region.facilities()[i].class;
            let state = match of {
                Some(d) if (h as f64) >= d.2 => FacilityState::Served,
                Some(d) if (h as f64) >= d.1 => FacilityState::UnderRepair,
                Some(d) if d.3 == DamageState::Slight => FacilityState::Damaged,
                Some(_) => FacilityState::Lost,
                None if class == FacilityClass::WaterTank && hit(2) > 0.6 => FacilityState::Dark,
                None if i % 11 == 3 && hit(0) > 0.5 => FacilityState::Dark,
                None if i % 13 == 5 && hit(0) > 0.2 => FacilityState::Backup,
                None => FacilityState::Served,
            };
            r.facilities.functionality.push(if of.is_some_and(|d| (h as f64) < d.2) {
                0.1
            } else {
                1.0
            });
            r.facilities.state.push(state);
            r.facilities.output.push(f64::NAN);
        }
        for i in 0..sites {
            let backup = region.places().sites[i].backup_h;
            let out = m.damage && i % 3 == 0 && since >= 0.0 && since < 20.0 + i as f64;
            let left = if out { (backup - since).max(0.0) } else { backup };
            r.sites.state.push(match (out, left > 0.0) {
                (false, _) => FacilityState::Served,
                (true, true) => FacilityState::Backup,
                (true, false) => FacilityState::Dark,
            });
            r.sites.backup_left_h.push(left);
        }
    }
    r
}
