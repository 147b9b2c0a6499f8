use crate::region::*;

fn at(lon_deg: f64, lat_deg: f64) -> Option<Position> {
    Some(Position { lon_deg, lat_deg })
}

fn bus(id: &str, base_kv: f64, position: Option<Position>) -> Bus {
    Bus {
        id: id.into(),
        name: String::new(),
        base_kv,
        position,
        shunt_g_mw: 0.0,
        shunt_b_mvar: 0.0,
        vm_pu: 1.0,
        va_deg: 0.0,
        facility: None,
        in_service: true,
        ..Bus::default()
    }
}

fn branch(id: &str, kind: BranchKind, from: &str, to: &str) -> Branch<String> {
    Branch {
        id: id.into(),
        kind,
        from: from.into(),
        to: to.into(),
        r_pu: 0.0,
        x_pu: 0.1,
        b_pu: 0.0,
        tap: 1.0,
        shift_deg: 0.0,
        rate_mva: 100.0,
        in_service: true,
        ..Branch::default()
    }
}

fn generator(id: &str, kind: GeneratorKind, bus: &str) -> Generator<String> {
    Generator {
        id: id.into(),
        kind,
        bus: bus.into(),
        p_min_mw: 0.0,
        p_max_mw: 50.0,
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

fn load(id: &str, bus: &str, p_mw: f64) -> Load<String> {
    Load {
        id: id.into(),
        bus: bus.into(),
        p_mw,
        q_mvar: 0.0,
        priority: Priority::Homes,
        queue: None,
        profile: LoadProfile::Flat,
        ..Load::default()
    }
}

fn junction(id: &str, base_m3h: f64, position: Option<Position>) -> Junction {
    Junction {
        id: id.into(),
        elevation_m: 0.0,
        demands: vec![JunctionDemand { base_m3h, pattern: None }],
        emitter_m3h: 0.0,
        position,
    }
}

fn pump(id: &str, from: &str, to: &str) -> Pump<String> {
    Pump {
        id: id.into(),
        from: from.into(),
        to: to.into(),
        curve: PumpCurve::Points(vec![(100.0, 40.0)]),
        speed: 1.0,
        pattern: None,
        on: true,
        facility: None,
    }
}

fn pipe(id: &str, from: &str, to: &str) -> Pipe<String> {
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

fn plant(id: &str, kind: PlantKind, generator: Option<&str>) -> Plant<String, String> {
    Plant {
        id: id.into(),
        name: String::new(),
        kind,
        junction: "H1".into(),
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

fn area(id: &str, position: Option<Position>) -> Area<String, String, String> {
    Area {
        id: id.into(),
        name: id.into(),
        district: String::new(),
        people: 1000.0,
        position,
        bus: Some(NEAREST.into()),
        junction: Some(NEAREST.into()),
        substation: Some(NEAREST.into()),
        queue: None,
    }
}

/// Two substations, a CHP, a boiler house, a pumping station, a tank, two areas.
fn draft() -> RegionDraft {
    let mut d = RegionDraft { name: "Small".into(), ..RegionDraft::default() };
    d.grid.base_mva = 100.0;
    d.grid.buses = vec![
        bus("A110", 110.0, at(30.0, 50.0)),
        bus("A10", 10.0, at(30.0, 50.0)),
        bus("B110", 110.0, at(30.2, 50.0)),
    ];
    d.grid.branches = vec![
        branch("T1", BranchKind::Transformer, "A110", "A10"),
        branch("L1", BranchKind::Line, "A110", "B110"),
    ];
    d.grid.generators = vec![
        generator("tie", GeneratorKind::Import, "B110"),
        generator("G1", GeneratorKind::Chp, "B110"),
        generator("G2", GeneratorKind::Thermal, "B110"),
    ];
    d.grid.loads = vec![load("l1", "A10", 10.0), load("l2", "B110", 5.0)];
    d.water.junctions = vec![
        junction("J0", 0.0, at(30.0, 50.0)),
        junction("J1", 8.0, at(30.01, 50.0)),
        junction("J2", 8.0, at(30.2, 50.0)),
    ];
    d.water.reservoirs =
        vec![Reservoir { id: "R".into(), head_m: 10.0, pattern: None, position: None }];
    d.water.tanks = vec![Tank {
        id: "T".into(),
        elevation_m: 30.0,
        init_level_m: 2.0,
        min_level_m: 1.0,
        max_level_m: 4.0,
        diameter_m: 10.0,
        min_volume_m3: 0.0,
        volume_curve: vec![],
        overflow: false,
        position: None,
        facility: None,
    }];
    d.water.pumps = vec![pump("P1", "R", "J0"), pump("P2", "R", "J0")];
    d.water.pipes = vec![pipe("W1", "J0", "J1"), pipe("W2", "J1", "J2"), pipe("W3", "J1", "T")];
    d.heat.junctions = vec![
        HeatJunction { id: "H1".into(), elevation_m: 0.0, position: at(30.2, 50.0) },
        HeatJunction { id: "H2".into(), elevation_m: 0.0, position: at(30.0, 50.0) },
    ];
    d.heat.pipes = vec![HeatPipe {
        id: "HP".into(),
        from: "H1".into(),
        to: "H2".into(),
        length_m: 500.0,
        diameter_mm: 400.0,
        roughness_mm: 0.5,
        loss_w_m_k: 0.6,
        laid: crate::region::Laid::Ground,
    }];
    d.heat.plants =
        vec![plant("CHP1", PlantKind::Chp, Some("G1")), plant("BH1", PlantKind::BoilerHouse, None)];
    d.heat.substations = vec![HeatSubstation {
        id: "S2".into(),
        junction: "H2".into(),
        design_mw: 5.0,
        hot_water_mw: 0.0,
        bypass_share: 0.0,
    }];
    d.places.areas = vec![area("west", at(30.0, 50.0)), area("east", at(30.21, 50.0))];
    d.places.stock = vec![Stock {
        area: "west".into(),
        building: BuildingType::Panel,
        kind: None,
        heating: Heating::District,
        people: 1000.0,
        floor_m2: 24_000.0,
    }];
    d.places.sites = vec![Site {
        id: "hospital".into(),
        name: "Hospital".into(),
        kind: SiteKind::Hospital,
        area: Some("west".into()),
        position: None,
        bus: Some("A10".into()),
        junction: Some("J1".into()),
        substation: None,
        need_mw: 0.5,
        need_m3h: 3.0,
        backup_h: 24.0,
    }];
    d.dependencies = vec![Dependency {
        asset: "pump:P1".into(),
        on: vec!["bus:A10".into(), "bus:B110".into()],
        need_mw: 0.3,
        need_m3h: 0.0,
        buffer_h: 2.0,
    }];
    d
}

#[track_caller]
fn checked(draft: RegionDraft) -> Region {
    let checked = Region::check(draft);
    assert_eq!(checked.problems, []);
    checked.region.expect("no problems")
}

/// The problems of the small region after `change`, one a line.
fn problems(change: impl FnOnce(&mut RegionDraft)) -> String {
    let mut d = draft();
    change(&mut d);
    let checked = Region::check(d);
    assert!(checked.region.is_none(), "a region came out in spite of the change");
    checked.problems.iter().map(|p| format!("{p}\n")).collect()
}

#[test]
fn resolves_references_and_nearest() {
    let r = checked(draft());
    assert_eq!(r.grid().branches[1].to, BusIdx(2));
    assert_eq!(r.water().pipes[2].to, WaterNodeIdx(4));
    assert_eq!(r.heat().plants[0].generator, Some(GeneratorIdx(1)));
    let [west, east] = r.places().areas.as_slice() else { panic!("two areas") };
    // At the same place the lower voltage, and only buses with a load.
    assert_eq!((west.bus, east.bus), (Some(BusIdx(1)), Some(BusIdx(2))));
    // J0 is nearer but has no demand.
    assert_eq!((west.junction, east.junction), (Some(WaterNodeIdx(1)), Some(WaterNodeIdx(2))));
    assert_eq!(east.substation, Some(HeatSubstationIdx(0)));
    assert_eq!(r.notes().len(), 3);
    assert!(r.notes()[0].text.starts_with("2 areas and 0 sites ask for the nearest bus"));
}

#[test]
fn sites_needs_follow_dependencies() {
    let r = checked(draft());
    let d = r.dependencies();
    assert_eq!(d.len(), 3);
    assert_eq!(d[0].on, [Supply::Bus(BusIdx(1)), Supply::Bus(BusIdx(2))]);
    assert_eq!((d[1].asset, d[1].need_mw, d[1].buffer_h), (Asset::Site(SiteIdx(0)), 0.5, 24.0));
    assert_eq!(d[2].on, [Supply::Junction(WaterNodeIdx(1))]);
    assert_eq!(d[2].need_m3h, 3.0);
}

#[test]
fn facilities_cover_every_asset_once() {
    let r = checked(draft());
    let list: Vec<String> = r
        .facilities()
        .iter()
        .map(|f| {
            let parts: Vec<String> = f.parts.iter().map(|p| r.asset_name(*p)).collect();
            format!("{} {} [{}] {}", f.class.word(), f.id, parts.join(" "), f.size)
        })
        .collect();
    assert_eq!(
        list,
        [
            "substation A110 [bus:A110 bus:A10 branch:T1] 100",
            "substation B110 [bus:B110] 5",
            "power_plant G1 [generator:G1 generator:G2 plant:CHP1] 100",
            "boiler_house BH1 [plant:BH1] 20",
            "pumping_station P1 [pump:P1 pump:P2] 200",
            &format!("water_tank T [tank:T] {}", std::f64::consts::FRAC_PI_4 * 400.0),
            &format!("line L1 [branch:L1] {}", {
                let [a, b] = [r.grid().buses[0].position, r.grid().buses[2].position];
                a.unwrap().distance_km(b.unwrap())
            }),
            "heat_main HP [heat_pipe:HP] 0.5",
            "water_main W1 [pipe:W1] 1",
            "water_main W2 [pipe:W2] 1",
            "water_main W3 [pipe:W3] 1",
        ]
    );
    assert_eq!(r.facility_of(Asset::Generator(GeneratorIdx(0))), None);
    for (i, f) in r.facilities().iter().enumerate() {
        for part in &f.parts {
            assert_eq!(r.facility_of(*part), Some(FacilityIdx::new(i)));
            assert_eq!(r.asset_called(&r.asset_name(*part)), Some(*part));
        }
    }
    assert_eq!(r.facilities_called("substation:A110"), [FacilityIdx(0)]);
    assert!(r.facilities_called("A10").is_empty());
}

#[test]
fn given_names_group_and_stay_apart() {
    let mut d = draft();
    d.grid.buses[1].facility = Some("North".into());
    d.grid.generators[2].facility = Some("North".into());
    d.heat.plants[0].facility = Some("Works".into());
    d.water.pumps[1].facility = Some("P1".into());
    let r = checked(d);
    let name = |a: &str| {
        let f = &r.facilities()[r.facility_of(r.asset_called(a).unwrap()).unwrap().i()];
        format!("{} {}", f.class.word(), f.id)
    };
    // The name of one bus holds for the buses joined to it, the plant's for its unit.
    assert_eq!(name("bus:A110"), "power_plant North");
    assert_eq!(name("branch:T1"), "power_plant North");
    assert_eq!(name("generator:G2"), "power_plant North");
    assert_eq!(name("generator:G1"), "power_plant Works");
    // The given P1 keeps its name; the derived one gets another.
    assert_eq!(name("pump:P2"), "pumping_station P1");
    assert_eq!(name("pump:P1"), "pumping_station P1-2");
}

#[test]
fn unlimited_output_becomes_all_demand() {
    let mut d = draft();
    d.grid.generators[2].p_max_mw = f64::INFINITY;
    d.grid.generators[2].p_min_mw = f64::NEG_INFINITY;
    let r = checked(d);
    let g = &r.grid().generators[2];
    assert_eq!((g.p_min_mw, g.p_max_mw), (-15.0, 15.0));
    assert!(r.notes()[0].text.contains("no limit"));
}

#[test]
fn an_empty_draft_is_a_region() {
    let r = checked(RegionDraft::default());
    assert_eq!(r.people(), 0.0);
    assert!(r.facilities().is_empty());
}

#[test]
fn unknown_references_help() {
    let text = problems(|d| {
        d.grid.branches[0].to = "A1O".into();
        d.grid.loads[0].bus = "J1".into();
        d.water.pipes[0].from = String::new();
        d.places.areas[0].junction = Some("R".into());
        d.dependencies[0].asset = "pmp:P1".into();
        d.dependencies[0].on = vec!["bus:A10".into(), "junction:J9".into()];
    });
    assert_eq!(
        text,
        "branches row 1, to: branch `T1` names bus `A1O`, which does not exist (did you mean bus `A10`?)\n\
         loads row 1, bus: load `l1` names bus `J1`, which does not exist (`J1` is a junction; a bus is needed here)\n\
         pipes row 1, from: pipe `W1` names no water node (write the id of a water node)\n\
         areas row 1, junction: area `west` names junction `R`, which does not exist (`R` is a reservoir; a junction is needed here)\n\
         dependencies row 1, asset: `pmp:P1` does not say what kind of thing it is (did you mean `pump:P1`?)\n\
         dependencies row 1, on: the dependency of `pmp:P1` names junction `J9`, which does not exist (ids of this kind (junction): `J0`, `J1`, `J2`)\n"
    );
}

#[test]
fn duplicates_are_told_with_the_first() {
    let text = problems(|d| {
        d.grid.buses[2].id = "A10".into();
        d.water.tanks[0].id = "J1".into();
        let stock = d.places.stock[0].clone();
        d.places.stock.push(Stock { people: 0.0, ..stock });
    });
    assert!(text.contains("buses row 3, id: bus `A10` is there twice (row 2 of buses"), "{text}");
    assert!(text.contains("tanks row 1, id: `J1` is the id of a junction and of a tank"), "{text}");
    assert!(text.contains("stock row 2, area: area `west` has panel buildings"), "{text}");
}

#[test]
fn each_bad_number_is_told() {
    type Change = fn(&mut RegionDraft);
    let changes: [(Change, &str); 30] = [
        (|d| d.grid.base_mva = 0.0, "base_mva"),
        (|d| d.grid.buses[0].base_kv = -1.0, "base_kv"),
        (|d| d.grid.buses[0].position = at(30.0, 95.0), "lat_deg"),
        (|d| d.grid.branches[0].x_pu = 0.0, "x_pu"),
        (|d| d.grid.branches[0].x_pu = f64::NAN, "x_pu"),
        (|d| d.grid.branches[0].tap = 0.0, "tap"),
        (|d| d.grid.branches[0].rate_mva = 0.0, "rate_mva"),
        (|d| d.grid.branches[0].to = "A110".into(), "to"),
        (|d| d.grid.generators[1].p_min_mw = 60.0, "p_min_mw"),
        (|d| d.grid.generators[0].facility = Some("x".into()), "facility"),
        (|d| d.grid.loads[0].p_mw = f64::INFINITY, "p_mw"),
        (|d| d.grid.loads[0].queue = Some(Queue { group: 7, sub: 1 }), "queue"),
        (|d| d.water.options.required_pressure_m = 0.0, "required_pressure_m"),
        (|d| d.water.junctions[0].demands[0].pattern = Some(0), "pattern"),
        (|d| d.water.tanks[0].init_level_m = 5.0, "init_level_m"),
        (|d| d.water.tanks[0].min_level_m = 5.0, "min_level_m"),
        (|d| d.water.tanks[0].volume_curve = vec![(1.0, 0.0), (2.0, 9.0)], "volume_curve_m_m3"),
        (|d| d.water.pipes[0].length_m = 0.0, "length_m"),
        (|d| d.water.pipes[0].diameter_mm = -1.0, "diameter_mm"),
        (
            |d| d.water.pumps[0].curve = PumpCurve::Points(vec![(0.0, 40.0), (50.0, 41.0)]),
            "curve_m3h_m",
        ),
        (|d| d.water.pumps[0].curve = PumpCurve::Points(vec![]), "curve_m3h_m"),
        (|d| d.water.patterns.push(Pattern { id: "p".into(), multipliers: vec![] }), "multipliers"),
        (|d| d.heat.options.design_return_c = 130.0, "design_return_c"),
        (|d| d.heat.plants[1].generator = Some("G2".into()), "generator"),
        (|d| d.heat.plants[0].generator = None, "generator"),
        (|d| d.places.areas[0].people = -5.0, "people"),
        (|d| d.places.areas[0].position = None, "bus"),
        (|d| d.places.areas[0].substation = None, "heating"),
        (|d| d.places.sites[0].bus = None, "bus"),
        (|d| d.dependencies[0].need_m3h = 1.0, "need_m3h"),
    ];
    for (n, (change, field)) in changes.into_iter().enumerate() {
        let mut d = draft();
        change(&mut d);
        let checked = Region::check(d);
        assert!(checked.region.is_none(), "change {n} ({field}) was accepted");
        assert!(
            checked.problems.iter().any(|p| p.field == field),
            "change {n} should be told at {field}: {:?}",
            checked.problems
        );
    }
}

#[test]
fn problems_are_bounded_and_in_table_order() {
    let mut d = draft();
    for i in 0..5000 {
        d.grid.loads.push(load(&format!("x{i}"), "nowhere", 1.0));
    }
    d.grid.buses[0].base_kv = f64::NAN;
    let checked = Region::check(d);
    assert_eq!(checked.problems.len(), 1000);
    assert!(checked.problems.is_sorted_by_key(|p| (p.table, p.row)));
    assert_eq!(checked.problems[0].table, Table::Buses);
}
