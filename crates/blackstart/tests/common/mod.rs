//! A small region for tests: a chain of 110 kV substations, a power plant with heat, a
//! boiler house, pumping stations, tanks.
#![allow(dead_code, reason = "each test crate uses its own part")]

use blackstart::region::{
    Area, Branch, BranchKind, BuildingType, Bus, Dependency, Facility, FacilityClass, FacilityIdx,
    Generator, GeneratorKind, Heat, HeatJunction, HeatPipe, HeatSubstation, Heating, Junction,
    JunctionDemand, Laid, Load, LoadProfile, Pipe, PipeStatus, Plant, PlantKind, Position,
    Priority, Pump, PumpCurve, Region, RegionDraft, Reservoir, Site, SiteKind, Stock, Tank,
};
use blackstart::scenario::{
    Event, EventKind, HitRule, Interval, Policy, PriorityRule, RepairResources, Scenario, Strike,
    Weather,
};
use jiff::civil::date;

fn at(step: usize) -> Option<Position> {
    Some(Position { lon_deg: 30.0 + 0.02 * step as f64, lat_deg: 50.0 })
}

fn bus(id: String, base_kv: f64, step: usize) -> Bus {
    Bus {
        name: format!("Bus {id}"),
        id,
        base_kv,
        position: at(step),
        shunt_g_mw: 0.0,
        shunt_b_mvar: 0.0,
        vm_pu: 1.0,
        va_deg: 0.0,
        facility: None,
        in_service: true,
        ..Bus::default()
    }
}

fn branch(id: String, kind: BranchKind, from: String, to: String, rate_mva: f64) -> Branch<String> {
    Branch {
        id,
        kind,
        from,
        to,
        r_pu: 0.0,
        x_pu: 0.05,
        b_pu: 0.0,
        tap: 1.0,
        shift_deg: 0.0,
        rate_mva,
        in_service: true,
        ..Branch::default()
    }
}

fn generator(id: &str, kind: GeneratorKind, bus: &str, p_max_mw: f64) -> Generator<String> {
    Generator {
        id: id.into(),
        kind,
        bus: bus.into(),
        p_min_mw: 0.0,
        p_max_mw,
        p_mw: 0.0,
        q_min_mvar: f64::NEG_INFINITY,
        q_max_mvar: f64::INFINITY,
        vm_pu: 1.0,
        fuel_h: f64::INFINITY,
        facility: None,
        in_service: true,
        ..Generator::default()
    }
}

fn junction(id: String, step: usize) -> Junction {
    Junction {
        id,
        elevation_m: 0.0,
        demands: vec![JunctionDemand { base_m3h: 10.0, pattern: None }],
        emitter_m3h: 0.0,
        position: at(step),
    }
}

fn plant(
    id: &str,
    kind: PlantKind,
    junction: &str,
    generator: Option<&str>,
) -> Plant<String, String> {
    Plant {
        id: id.into(),
        name: format!("Plant {id}"),
        kind,
        junction: junction.into(),
        heat_max_mw: 20.0,
        generator: generator.map(Into::into),
        power_to_heat: 0.5,
        power_loss_per_heat: 0.1,
        operating_mw: Vec::new(),
        efficiency: 0.9,
        pump_head_m: 60.0,
        fuel_h: f64::INFINITY,
        position: None,
        facility: None,
    }
}

/// `n` ≥ 2 substations A0 … in a chain, fed at A0 (import) and A1 (CHP); a pumping
/// station and tank for each two of them; district heating in the first two areas.
pub fn draft(n: usize) -> RegionDraft {
    let mut d = RegionDraft { name: "Chain".into(), ..RegionDraft::default() };
    d.grid.base_mva = 100.0;
    for i in 0..n {
        d.grid.buses.push(bus(format!("A{i}"), 110.0, i));
        d.grid.buses.push(bus(format!("a{i}"), 10.0, i));
        d.grid.branches.push(branch(
            format!("T{i}"),
            BranchKind::Transformer,
            format!("A{i}"),
            format!("a{i}"),
            25.0 * (i + 1) as f64,
        ));
        if i > 0 {
            let (from, to) = (format!("A{}", i - 1), format!("A{i}"));
            d.grid.branches.push(branch(format!("L{i}"), BranchKind::Line, from, to, 120.0));
        }
        d.grid.loads.push(Load {
            id: format!("l{i}"),
            bus: format!("a{i}"),
            p_mw: 10.0,
            q_mvar: 0.0,
            priority: Priority::Homes,
            queue: None,
            profile: LoadProfile::Homes,
            ..Load::default()
        });
        d.water.junctions.push(junction(format!("J{i}"), i));
        if i > 0 {
            d.water.pipes.push(pipe(&format!("W{i}"), &format!("J{}", i - 1), &format!("J{i}")));
        }
        if i % 2 == 0 {
            d.water.reservoirs.push(Reservoir {
                id: format!("R{i}"),
                head_m: 10.0,
                pattern: None,
                position: at(i),
            });
            d.water.pumps.push(Pump {
                id: format!("P{i}"),
                from: format!("R{i}"),
                to: format!("J{i}"),
                curve: PumpCurve::Points(vec![(100.0, 40.0)]),
                speed: 1.0,
                pattern: None,
                on: true,
                facility: None,
            });
            d.water.tanks.push(tank(&format!("K{i}"), i));
            d.water.pipes.push(pipe(&format!("WK{i}"), &format!("J{i}"), &format!("K{i}")));
        }
        d.places.areas.push(Area {
            id: format!("area{i}"),
            name: format!("Area {i}, \"the {i}th\""),
            district: format!("D{i}"),
            people: 1000.0 * (i + 1) as f64,
            position: at(i),
            bus: Some(format!("a{i}")),
            junction: Some(format!("J{i}")),
            substation: (i < 2).then(|| "S".into()),
            queue: None,
        });
    }
    d.grid.generators = vec![
        generator("tie", GeneratorKind::Import, "A0", 200.0),
        generator("G", GeneratorKind::Chp, "A1", 50.0),
    ];
    d.heat = heat();
    d.places.stock = (0..2)
        .map(|i| Stock {
            area: format!("area{i}"),
            building: BuildingType::Panel,
            kind: None,
            heating: Heating::District,
            people: 1000.0,
            floor_m2: 24_000.0,
        })
        .collect();
    d.places.sites = vec![Site {
        id: "hospital".into(),
        name: "Hospital".into(),
        kind: SiteKind::Hospital,
        area: Some("area0".into()),
        position: at(0),
        bus: Some("a0".into()),
        junction: Some("J0".into()),
        substation: None,
        need_mw: 0.5,
        need_m3h: 3.0,
        backup_h: 24.0,
    }];
    d.dependencies = vec![Dependency {
        asset: "pump:P0".into(),
        on: vec!["bus:a0".into(), "bus:a1".into()],
        need_mw: 0.3,
        need_m3h: 0.0,
        buffer_h: 2.0,
    }];
    d
}

fn heat() -> Heat<String, String> {
    Heat {
        junctions: (0..2)
            .map(|i| HeatJunction { id: format!("H{i}"), elevation_m: 0.0, position: at(i) })
            .collect(),
        pipes: vec![HeatPipe {
            id: "HP".into(),
            from: "H1".into(),
            to: "H0".into(),
            length_m: 500.0,
            diameter_mm: 400.0,
            roughness_mm: 0.5,
            loss_w_m_k: 0.6,
            laid: Laid::Ground,
        }],
        plants: vec![
            plant("CHP", PlantKind::Chp, "H1", Some("G")),
            plant("BH", PlantKind::BoilerHouse, "H0", None),
        ],
        substations: vec![HeatSubstation {
            id: "S".into(),
            junction: "H0".into(),
            design_mw: 5.0,
            hot_water_mw: 0.0,
            bypass_share: 0.0,
        }],
        ..Heat::default()
    }
}

pub fn pipe(id: &str, from: &str, to: &str) -> Pipe<String> {
    Pipe {
        id: id.into(),
        from: from.into(),
        to: to.into(),
        length_m: 1000.0,
        diameter_mm: 300.0,
        roughness: 100.0,
        minor_loss: 0.0,
        status: PipeStatus::Open,
    }
}

fn tank(id: &str, step: usize) -> Tank {
    Tank {
        id: id.into(),
        elevation_m: 30.0,
        init_level_m: 2.0,
        min_level_m: 1.0,
        max_level_m: 4.0,
        diameter_m: 10.0,
        min_volume_m3: 0.0,
        volume_curve: vec![],
        overflow: false,
        position: at(step),
        facility: None,
    }
}

#[track_caller]
pub fn checked(draft: RegionDraft) -> Region {
    let checked = Region::check(draft);
    assert_eq!(checked.problems, []);
    checked.region.expect("no problems, so a region")
}

pub fn region(n: usize) -> Region {
    checked(draft(n))
}

/// The facility of a class with this id.
#[track_caller]
pub fn facility(region: &Region, class: FacilityClass, id: &str) -> FacilityIdx {
    let is = |f: &Facility| f.class == class && f.id == id;
    FacilityIdx::new(region.facilities().iter().position(is).expect("a facility of this id"))
}

pub fn strike() -> Strike {
    Strike {
        launched: [
            Interval { low: 20.0, high: 30.0 },
            Interval::point(4.0),
            Interval { low: 80.0, high: 120.0 },
            Interval::point(0.0),
        ],
        intercepted_share: [
            Interval { low: 0.5, high: 0.7 },
            Interval { low: 0.0, high: 0.4 },
            Interval { low: 0.7, high: 0.9 },
            Interval::point(0.6),
        ],
        share_on_region: Interval { low: 0.3, high: 0.5 },
        class_odds: [3.0, 1.0, 1.0, 0.5, 0.25, 0.0, 0.0, 0.0, 0.0],
        hit_rule: HitRule::Uniform,
        state_odds: [[1.0, 1.0, 1.0, 1.0]; 4],
    }
}

pub fn event(name: &str, at_h: f64, kind: EventKind) -> Event {
    Event { name: name.into(), at_h, kind }
}

pub fn scenario(seed: u64, events: Vec<Event>) -> Scenario {
    Scenario {
        name: "Test".into(),
        start: date(2026, 1, 15).at(18, 0, 0, 0),
        horizon_h: 72,
        weather: Weather::constant(-5.0, 72),
        events,
        repair: RepairResources {
            teams_day: 6,
            teams_night: 2,
            day_from_h: 7,
            day_to_h: 19,
            access_delay_h: 2.0,
            spares: [1, 2, 1, 8, 1, 100],
            deliveries: Vec::new(),
            rule: PriorityRule::CriticalThenPeople,
            recovery: blackstart::scenario::Recovery::default(),
        },
        policy: Policy::default(),
        seed,
        draw: 0,
        campaigns: Vec::new(),
        halts: Vec::new(),
        demand_factor: 1.0,
        mobile_plants: Vec::new(),
        assumed: Vec::new(),
    }
}
