//! A region around a foreign grid and foreign water networks.

use blackstart::region::{
    Branch, BranchKind, Bus, Generator, GeneratorKind, Grid, HeadLoss, Heat, HeatJunction,
    HeatPipe, HeatSubstation, Heating, Junction, JunctionDemand, Laid, Load, LoadProfile, Pipe,
    PipeStatus, Plant, PlantKind, Position, Priority, Pump, PumpCurve, Region, Reservoir, Water,
};
use blackstart::synth::{AssembleSpec, SpecError, assemble};

fn bus(id: &str) -> Bus {
    Bus {
        id: id.to_string(),
        name: id.to_string(),
        base_kv: 110.0,
        position: None,
        shunt_g_mw: 0.0,
        shunt_b_mvar: 0.0,
        vm_pu: 1.0,
        va_deg: 0.0,
        facility: None,
        in_service: true,
        ..Bus::default()
    }
}

/// `groups` clusters of `size` buses each: short lines inside, long ones between.
fn clustered_grid(groups: usize, size: usize) -> Grid<String> {
    let mut grid = Grid { base_mva: 100.0, ..Grid::default() };
    let line = |from: String, to: String, x_pu: f64| Branch {
        id: format!("{from}-{to}"),
        kind: BranchKind::Line,
        from,
        to,
        r_pu: 0.0,
        x_pu,
        b_pu: 0.0,
        tap: 1.0,
        shift_deg: 0.0,
        rate_mva: 500.0,
        in_service: true,
        ..Branch::default()
    };
    for g in 0..groups {
        for k in 0..size {
            let id = format!("{g}.{k}");
            grid.buses.push(bus(&id));
            grid.loads.push(Load {
                id: format!("load@{id}"),
                bus: id.clone(),
                p_mw: 5.0 + g as f64 + 0.1 * k as f64,
                q_mvar: 0.0,
                priority: Priority::Homes,
                queue: None,
                profile: LoadProfile::Homes,
                ..Load::default()
            });
            grid.branches.push(line(id, format!("{g}.{}", (k + 1) % size), 0.01));
        }
        grid.branches.push(line(format!("{g}.0"), format!("{}.1", (g + 1) % groups), 0.3));
        grid.generators.push(Generator {
            id: format!("gen{g}"),
            kind: GeneratorKind::Thermal,
            bus: format!("{g}.2"),
            p_min_mw: 0.0,
            p_max_mw: 200.0,
            p_mw: 0.0,
            q_min_mvar: 0.0,
            q_max_mvar: 0.0,
            vm_pu: 1.0,
            fuel_h: f64::INFINITY,
            facility: None,
            in_service: true,
            ..Generator::default()
        });
    }
    grid
}

/// A source, a pump and three taps, one without demand.
fn small_water() -> Water<String> {
    let mut water: Water<String> = Water::default();
    let at = |x: f64, y: f64| Some(Position { lon_deg: x, lat_deg: y });
    water.reservoirs.push(Reservoir {
        id: "R".into(),
        head_m: 10.0,
        pattern: None,
        position: at(0.0, 0.0),
    });
    for (k, base_m3h) in [0.0, 30.0, 90.0].into_iter().enumerate() {
        water.junctions.push(Junction {
            id: format!("{k}"),
            elevation_m: 5.0,
            demands: vec![JunctionDemand { base_m3h, pattern: None }],
            emitter_m3h: 0.0,
            position: at(1000.0 + 500.0 * k as f64, 200.0),
        });
        if k > 0 {
            water.pipes.push(Pipe {
                id: format!("p{k}"),
                from: format!("{}", k - 1),
                to: format!("{k}"),
                length_m: 500.0,
                diameter_mm: 300.0,
                roughness: 110.0,
                minor_loss: 0.0,
                status: PipeStatus::Open,
            });
        }
    }
    water.pumps.push(Pump {
        id: "pump".into(),
        from: "R".into(),
        to: "0".into(),
        curve: PumpCurve::Points(vec![(120.0, 40.0)]),
        speed: 1.0,
        pattern: None,
        on: true,
        facility: None,
    });
    water
}

fn spec(cities: Option<usize>) -> AssembleSpec {
    AssembleSpec { name: "test".into(), cities, people: None, seed: 4 }
}

#[test]
fn people_follow_the_load_and_clusters_become_cities() {
    let grid = clustered_grid(4, 6);
    let total_mw: f64 = grid.loads.iter().map(|l| l.p_mw).sum();
    let made = assemble(&spec(Some(4)), grid.clone(), &[], None).unwrap();
    let areas = &made.draft.places.areas;
    assert_eq!(areas.len(), 24);
    let people: f64 = areas.iter().map(|a| a.people).sum();
    assert!((people - total_mw / 0.57e-3).abs() < 1.0);
    for area in areas {
        let load = grid.loads.iter().find(|l| Some(&l.bus) == area.bus.as_ref()).unwrap();
        assert!((area.people - load.p_mw / 0.57e-3).abs() < 1.0);
        // Everybody of one cluster lives in the same city, and nobody else does.
        let cluster = |a: &blackstart::region::Area<String, String, String>| {
            a.bus.as_ref().unwrap().split('.').next().unwrap().to_string()
        };
        for other in areas {
            assert_eq!(area.district == other.district, cluster(area) == cluster(other));
        }
    }
    let stock: f64 = made.draft.places.stock.iter().map(|s| s.people).sum();
    assert!((stock - people).abs() < 1.0);
    let checked = Region::check(made.draft);
    assert!(checked.problems.is_empty(), "{:?}", checked.problems);
}

#[test]
fn positions_are_in_the_ocean_and_keep_distances() {
    let made = assemble(&spec(Some(4)), clustered_grid(4, 6), &[], None).unwrap();
    let place =
        |id: &str| made.draft.grid.buses.iter().find(|b| b.id == id).unwrap().position.unwrap();
    for b in &made.draft.grid.buses {
        let p = b.position.unwrap();
        assert!((-43.0..-17.0).contains(&p.lon_deg) && (41.0..59.0).contains(&p.lat_deg));
    }
    // Lines inside a cluster come to 3.5 km, those between clusters to 104 km.
    assert!(place("0.0").distance_km(place("0.1")) < 15.0);
    assert!(place("0.0").distance_km(place("1.1")) > 50.0);
}

#[test]
fn given_positions_stay() {
    let mut grid = clustered_grid(2, 4);
    for (k, b) in grid.buses.iter_mut().enumerate() {
        b.position = Some(Position { lon_deg: -30.0 + 0.1 * k as f64, lat_deg: 50.0 });
    }
    let made = assemble(&spec(Some(2)), grid.clone(), &[], None).unwrap();
    assert_eq!(made.draft.grid, grid);
}

#[test]
fn a_citys_people_follow_both_load_and_taps() {
    let waters = [small_water(), small_water()];
    let made = assemble(&spec(Some(3)), clustered_grid(3, 4), &waters, None).unwrap();
    let draft = &made.draft;
    for at in &made.attached {
        let in_city: Vec<_> = draft.places.areas.iter().filter(|a| a.district == at.city).collect();
        let all: f64 = in_city.iter().map(|a| a.people).sum();
        let behind = |junction: &str| {
            in_city
                .iter()
                .filter(|a| a.junction.as_deref() == Some(junction))
                .map(|a| a.people)
                .sum::<f64>()
                / all
        };
        assert!(behind(&format!("{}0", at.prefix)) == 0.0);
        assert!((behind(&format!("{}1", at.prefix)) - 0.25).abs() < 1e-3);
        assert!((behind(&format!("{}2", at.prefix)) - 0.75).abs() < 1e-3);
        // 120 m³/h over 40 m with 75 % efficiency is 17 kW.
        let pump = format!("pump:{}pump", at.prefix);
        let need = draft.dependencies.iter().find(|d| d.asset == pump).unwrap();
        assert!((need.need_mw - 0.01744).abs() < 1e-4, "{}", need.need_mw);
        assert_eq!(need.on.len(), 2);
    }
    // The third city has no network: its people have no junction.
    let without = draft.places.areas.iter().filter(|a| a.junction.is_none()).count();
    assert_eq!(without, 4);
    let checked = Region::check(made.draft);
    assert!(checked.problems.is_empty(), "{:?}", checked.problems);
}

#[test]
fn what_cannot_be_done_is_told() {
    let mut grid = clustered_grid(2, 3);
    let other = Water {
        options: blackstart::region::WaterOptions {
            head_loss: HeadLoss::DarcyWeisbach,
            ..small_water().options
        },
        ..small_water()
    };
    let error = assemble(&spec(Some(2)), grid.clone(), &[small_water(), other], None).unwrap_err();
    assert_eq!(error, SpecError::WaterOptions { network: "W2-".into() });
    let error = assemble(&spec(Some(1)), grid.clone(), &[small_water(), small_water()], None);
    assert_eq!(error.unwrap_err(), SpecError::FewCities { cities: 1, waters: 2 });
    let nobody = AssembleSpec { people: Some(0.0), ..spec(None) };
    assert!(matches!(assemble(&nobody, grid.clone(), &[], None), Err(SpecError::NoPeople { .. })));
    grid.loads.clear();
    assert_eq!(assemble(&spec(None), grid, &[], None).unwrap_err(), SpecError::NoDemand);
}

/// Two substations of 8 MW beside the second and the last group, latitude first if `turned`.
fn small_heat(grid: &Grid<String>, turned: bool) -> Heat<String, String> {
    let at = |bus: &str| {
        let p = grid.buses.iter().find(|b| b.id == bus).unwrap().position.unwrap();
        let (lon_deg, lat_deg) =
            if turned { (p.lat_deg, p.lon_deg) } else { (p.lon_deg, p.lat_deg) };
        Some(Position { lon_deg, lat_deg })
    };
    let junction =
        |id: &str, bus| HeatJunction { id: id.into(), elevation_m: 0.0, position: at(bus) };
    let substation = |id: &str, junction: &str| HeatSubstation {
        id: id.into(),
        junction: junction.into(),
        design_mw: 8.0,
        hot_water_mw: 0.0,
        bypass_share: 0.0,
    };
    Heat {
        junctions: vec![junction("a", "1.0"), junction("b", "3.0")],
        pipes: vec![HeatPipe {
            id: "p".into(),
            from: "a".into(),
            to: "b".into(),
            length_m: 500.0,
            diameter_mm: 300.0,
            roughness_mm: 0.5,
            loss_w_m_k: 0.5,
            laid: Laid::Ground,
        }],
        plants: vec![Plant {
            id: "boiler".into(),
            name: String::new(),
            kind: PlantKind::BoilerHouse,
            junction: "a".into(),
            heat_max_mw: 20.0,
            generator: None,
            power_to_heat: 0.0,
            power_loss_per_heat: 0.0,
            operating_mw: Vec::new(),
            efficiency: 0.9,
            pump_head_m: 60.0,
            fuel_h: f64::INFINITY,
            position: None,
            facility: None,
        }],
        substations: vec![substation("sa", "a"), substation("sb", "b")],
        ..Heat::default()
    }
}

#[test]
fn homes_near_a_heat_network_are_heated_by_it() {
    let mut grid = clustered_grid(4, 6);
    for (i, bus) in grid.buses.iter_mut().enumerate() {
        let (group, k) = ((i / 6) as f64, (i % 6) as f64);
        bus.position = Some(Position { lon_deg: 7.0 + 0.2 * group + 0.01 * k, lat_deg: 48.5 });
    }
    let mut seen = Vec::new();
    for turned in [false, true] {
        let heat = small_heat(&grid, turned);
        let made = assemble(&spec(Some(4)), grid.clone(), &[], Some(heat)).unwrap();
        let told = made.notes.iter().any(|n| n.contains("turned round"));
        assert_eq!(told, turned, "{:?}", made.notes);
        let checked = Region::check(made.draft);
        assert_eq!(checked.problems, []);
        let region = checked.region.unwrap();
        // Both substations are fully used, by homes around their own bus.
        let need = |s: usize| -> f64 {
            let areas = region.places().areas.iter();
            areas.filter(|a| a.substation.is_some_and(|x| x.i() == s)).count() as f64
        };
        assert!(need(0) >= 1.0 && need(1) >= 1.0);
        for area in region.places().areas.iter().filter(|a| a.substation.is_some()) {
            let bus = &region.grid().buses[area.bus.unwrap().i()].id;
            let group = if area.substation.unwrap().i() == 0 { "1." } else { "3." };
            assert!(bus.starts_with(group), "{bus}");
        }
        let on_network: f64 = region
            .places()
            .stock
            .iter()
            .filter(|s| s.heating == Heating::District)
            .map(|s| s.floor_m2)
            .sum();
        // 16 MW at about 75 W/m².
        assert!((16e6 / on_network - 75.0_f64).abs() < 15.0, "{on_network}");
        let plant = region.dependencies().iter().find(|d| d.need_mw == 0.3).unwrap();
        assert_eq!(plant.on.len(), 2);
        seen.push(on_network);
    }
    assert_eq!(seen[0], seen[1]);
}
