//! Regions to folders and back.

use std::path::{Path, PathBuf};

use blackstart::region::*;
use blackstart::synth::{AssembleSpec, Spec, assemble};
use blackstart_io::formats::{inp, matpower};
use blackstart_io::{
    Severity, as_drawn, read_draft, read_region, replace_region, write_around, write_region,
};

/// A folder of its own for a test, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("blackstart-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[track_caller]
fn assert_reads_back(draft: &RegionDraft, folder: &Path) {
    let read = read_draft(folder);
    assert_eq!(read.problems, []);
    // Table by table, so that a failure shows which.
    assert_eq!(read.draft.name, draft.name);
    assert_eq!(read.draft.grid, draft.grid);
    assert_eq!(read.draft.water, draft.water);
    assert_eq!(read.draft.heat, draft.heat);
    assert_eq!(read.draft.places, draft.places);
    assert_eq!(read.draft.dependencies, draft.dependencies);
}

#[test]
fn a_fictional_region_reads_back_the_same() {
    let scratch = Scratch::new("fictional");
    let draft = blackstart::synth::region(&Spec { people: 50_000, seed: 3 }).unwrap();
    let folder = scratch.0.join("region");
    write_region(&draft, &folder, "made for a test\nof two lines").unwrap();
    assert_reads_back(&draft, &folder);
    let read = read_region(&folder);
    assert_eq!(read.problems.iter().filter(|p| p.severity == Severity::Error).count(), 0);
    assert_eq!(read.region, Region::check(draft).region);
    assert_eq!(read.inputs[0].0, folder.join("region.toml"));
    assert!(read.inputs.iter().all(|(_, hash)| hash.len() == 64));
}

/// One of everything, with odd names and numbers.
fn odd_draft() -> RegionDraft {
    let mut d = RegionDraft { name: "Odd \"name\", \\ and ü".into(), ..RegionDraft::default() };
    let here = Some(Position { lon_deg: -30.123_456_789, lat_deg: 45.1 });
    d.grid.base_mva = 33.3;
    d.grid.buses = vec![
        Bus {
            id: "#1, \"x\"".into(),
            name: "a, b".into(),
            base_kv: 110.0,
            position: here,
            shunt_g_mw: 1e-7,
            shunt_b_mvar: -3.0,
            vm_pu: 1.02,
            va_deg: -7.5,
            facility: Some("Süd".into()),
            in_service: false,
            ..Bus::default()
        },
        Bus {
            id: "2".into(),
            name: String::new(),
            base_kv: 0.0,
            position: None,
            shunt_g_mw: 0.0,
            shunt_b_mvar: 0.0,
            vm_pu: 1.0,
            va_deg: 0.0,
            facility: None,
            in_service: true,
            ..Bus::default()
        },
    ];
    d.grid.branches = vec![Branch {
        id: "T".into(),
        kind: BranchKind::Transformer,
        from: "2".into(),
        to: "#1, \"x\"".into(),
        r_pu: 1.0 / 3.0,
        x_pu: -0.1,
        b_pu: 0.01,
        tap: 1.05,
        shift_deg: 30.0,
        rate_mva: f64::INFINITY,
        in_service: true,
        ..Branch::default()
    }];
    d.grid.generators = vec![Generator {
        id: "G".into(),
        kind: GeneratorKind::Chp,
        bus: "2".into(),
        p_min_mw: -1.0,
        p_max_mw: 10.0,
        p_mw: 5.0,
        q_min_mvar: f64::NEG_INFINITY,
        q_max_mvar: 3.0,
        vm_pu: 1.0,
        fuel_h: 100.0,
        facility: None,
        in_service: true,
        ..Generator::default()
    }];
    d.grid.loads = vec![Load {
        id: "L".into(),
        bus: "2".into(),
        p_mw: 1e-9,
        q_mvar: 0.0,
        priority: Priority::Critical,
        queue: Some(Queue { group: 6, sub: 2 }),
        profile: LoadProfile::Business,
        ..Load::default()
    }];
    d.grid.dc_lines = vec![DcLine {
        id: "D".into(),
        from: "2".into(),
        to: "#1, \"x\"".into(),
        p_min_mw: -5.0,
        p_max_mw: 5.0,
        loss_mw: 0.1,
        loss_share: 0.02,
        in_service: true,
        ..DcLine::default()
    }];
    let w = &mut d.water;
    w.options.head_loss = HeadLoss::DarcyWeisbach;
    w.options.pattern_step_h = 2.0;
    w.patterns = vec![
        Pattern { id: "p1".into(), multipliers: vec![0.5, 1.5] },
        Pattern { id: "p2".into(), multipliers: vec![1.0] },
    ];
    let demand = |base_m3h, pattern| JunctionDemand { base_m3h, pattern };
    let junction = |id: &str, demands| Junction {
        id: id.into(),
        elevation_m: 1.5,
        demands,
        emitter_m3h: 0.2,
        position: here,
    };
    w.junctions = vec![
        junction("A", vec![]),
        junction("B", vec![demand(1.0, None)]),
        junction("C", vec![demand(1.0, Some(1)), demand(-2.0, None), demand(3.0, Some(0))]),
        junction("E", vec![demand(1.0, None), demand(2.0, None)]),
    ];
    w.reservoirs =
        vec![Reservoir { id: "R".into(), head_m: 5.0, pattern: Some(1), position: None }];
    w.tanks = vec![Tank {
        id: "T".into(),
        elevation_m: 30.0,
        init_level_m: 2.0,
        min_level_m: 1.0,
        max_level_m: 4.0,
        diameter_m: 0.0,
        min_volume_m3: 3.0,
        volume_curve: vec![(0.0, 0.0), (5.0, 123.4)],
        overflow: true,
        position: here,
        facility: Some("F".into()),
    }];
    w.pipes = vec![Pipe {
        id: "P".into(),
        from: "A".into(),
        to: "B".into(),
        length_m: 10.0,
        diameter_mm: 100.0,
        roughness: 0.1,
        minor_loss: 2.0,
        status: PipeStatus::CheckValve,
    }];
    let pump = |id: &str, curve| Pump {
        id: id.into(),
        from: "R".into(),
        to: "A".into(),
        curve,
        speed: 0.9,
        pattern: Some(0),
        on: false,
        facility: None,
    };
    w.pumps = vec![
        pump("U", PumpCurve::Power { kw: 12.0 }),
        pump("V", PumpCurve::Points(vec![(0.0, 50.0), (10.0, 40.0), (20.0, 10.0)])),
    ];
    let valve = |id: &str, kind, curve| Valve {
        id: id.into(),
        from: "B".into(),
        to: "C".into(),
        kind,
        diameter_mm: 50.0,
        setting: 12.0,
        curve,
        minor_loss: 0.0,
        status: ValveStatus::Open,
    };
    w.valves = vec![
        valve("X", ValveKind::Gpv, vec![(0.0, 0.0), (10.0, 3.0)]),
        valve("Y", ValveKind::Prv, vec![]),
    ];
    let above = ControlWhen::Above { node: "T".into(), limit_m: 3.5 };
    let below = ControlWhen::Below { node: "C".into(), limit_m: 20.0 };
    w.controls = vec![
        Control { edge: WaterEdge::Pump(1), action: ControlAction::Close, when: above },
        Control { edge: WaterEdge::Valve(1), action: ControlAction::Set(7.0), when: below },
        Control {
            edge: WaterEdge::Pipe(0),
            action: ControlAction::Open,
            when: ControlWhen::AtTime { time_h: 3.0 },
        },
        Control {
            edge: WaterEdge::Pump(0),
            action: ControlAction::Open,
            when: ControlWhen::AtClock { clock_h: 6.5 },
        },
    ];
    d.heat.options.min_supply_c = 60.0;
    d.heat.junctions = vec![HeatJunction { id: "H".into(), elevation_m: 7.0, position: here }];
    d.heat.pipes = vec![HeatPipe {
        id: "HP".into(),
        from: "H".into(),
        to: "H2".into(),
        length_m: 5.0,
        diameter_mm: 200.0,
        roughness_mm: 0.4,
        loss_w_m_k: 0.3,
        laid: blackstart::region::Laid::Ground,
    }];
    d.heat.plants = vec![Plant {
        id: "K".into(),
        name: "Works, east".into(),
        kind: PlantKind::Chp,
        junction: "H".into(),
        heat_max_mw: 10.0,
        generator: Some("G".into()),
        power_to_heat: 0.5,
        power_loss_per_heat: 0.15,
        operating_mw: Vec::new(),
        efficiency: 0.9,
        pump_head_m: 40.0,
        fuel_h: f64::INFINITY,
        position: None,
        facility: Some("F2".into()),
    }];
    d.heat.substations = vec![HeatSubstation {
        id: "S".into(),
        junction: "H".into(),
        design_mw: 1.0,
        hot_water_mw: 0.0,
        bypass_share: 0.0,
    }];
    d.places.areas = vec![Area {
        id: "a".into(),
        name: "Area".into(),
        district: "North".into(),
        people: 1234.5,
        position: here,
        bus: Some("nearest".into()),
        junction: Some("B".into()),
        substation: None,
        queue: None,
    }];
    let mut thick = blackstart::heat::envelope(BuildingType::Detached);
    thick.wall_u = 0.31;
    thick.stack_to_wind = f64::INFINITY;
    d.places.kinds =
        vec![BuildingKind { id: "clay".into(), like: BuildingType::Detached, envelope: thick }];
    d.places.stock = vec![Stock {
        area: "a".into(),
        building: BuildingType::Detached,
        kind: Some(BuildingKindIdx(0)),
        heating: Heating::Stove,
        people: 10.0,
        floor_m2: 300.0,
    }];
    d.places.sites = vec![Site {
        id: "s".into(),
        name: "Site".into(),
        kind: SiteKind::WarmingPoint,
        area: Some("a".into()),
        position: None,
        bus: Some("2".into()),
        junction: None,
        substation: Some("S".into()),
        need_mw: 0.1,
        need_m3h: 0.0,
        backup_h: f64::INFINITY,
    }];
    d.dependencies = vec![Dependency {
        asset: "pump:U".into(),
        on: vec!["bus:2".into(), "bus:#1, \"x\"".into()],
        need_mw: 0.01,
        need_m3h: 0.0,
        buffer_h: 2.0,
    }];
    d
}

#[test]
fn one_of_everything_reads_back_the_same() {
    let scratch = Scratch::new("odd");
    let draft = odd_draft();
    let folder = scratch.0.join("region");
    write_region(&draft, &folder, "").unwrap();
    assert_reads_back(&draft, &folder);
}

#[test]
fn writing_is_deterministic_and_loses_nothing() {
    let scratch = Scratch::new("twice");
    let draft = odd_draft();
    let (one, two) = (scratch.0.join("one"), scratch.0.join("two"));
    write_region(&draft, &one, "x").unwrap();
    write_region(&draft, &two, "x").unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(&one).unwrap() {
        let name = entry.unwrap().file_name();
        assert_eq!(
            std::fs::read(one.join(&name)).unwrap(),
            std::fs::read(two.join(&name)).unwrap()
        );
        files += 1;
    }
    assert_eq!(files, 23, "region.toml and 22 tables");
    // Nothing is overwritten unless asked, and then only what is a region.
    assert!(write_region(&RegionDraft::default(), &one, "").is_err());
    assert_reads_back(&draft, &one);
    replace_region(&RegionDraft::default(), &one, "").unwrap();
    assert_eq!(std::fs::read_dir(&one).unwrap().count(), 1);
    std::fs::write(two.join("notes.txt"), "mine").unwrap();
    let error = replace_region(&draft, &two, "").unwrap_err();
    assert!(error.to_string().contains("notes.txt"), "{error}");
    assert_eq!(std::fs::read_dir(&scratch.0).unwrap().count(), 2, "temporary folders are gone");
}

const CASE: &str = "function mpc = case3
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
1 3 50 10 0 0 1 1 0 110 1 1.1 0.9;
2 1 60 10 0 0 1 1 0 110 1 1.1 0.9;
3 1 70 10 0 0 1 1 0 110 1 1.1 0.9;
];
mpc.gen = [
1 100 0 50 -50 1 100 1 250 0;
];
mpc.branch = [
1 2 0.01 0.1 0.02 100 0 0 0 0 1 -360 360;
2 3 0.01 0.1 0.02 100 0 0 0 0 1 -360 360;
1 3 0.01 0.1 0.02 100 0 0 0 0 1 -360 360;
];
";

const NET: &str = "[JUNCTIONS]
J1 10 5 DAY
J2 12 8
[RESERVOIRS]
R 60
[PIPES]
P1 R J1 1000 300 100 0 Open
P2 J1 J2 500 200 100 0 Open
[PATTERNS]
DAY 0.8 1.2
[OPTIONS]
Units CMH
Headloss H-W
Demand Multiplier 1.5
[COORDINATES]
R 0 0
J1 10 0
J2 10 20
[END]
";

#[test]
fn an_assembled_region_reads_back_from_its_files() {
    let scratch = Scratch::new("assembled");
    let (case, net) = (scratch.0.join("case3.m"), scratch.0.join("net.inp"));
    std::fs::write(&case, CASE).unwrap();
    std::fs::write(&net, NET).unwrap();
    let grid = matpower::parse(CASE, &case);
    assert!(grid.problems.iter().all(|p| p.severity != Severity::Error), "{:?}", grid.problems);
    let water = inp::parse(NET.as_bytes(), &net).value;
    let mut drawn = water.water;
    as_drawn(&mut drawn, &water.coordinates);
    let spec = AssembleSpec { name: "Three cities".into(), cities: Some(3), people: None, seed: 1 };
    let assembled = assemble(&spec, grid.value, &[drawn.clone(), drawn], None).unwrap();

    let folder = scratch.0.join("region");
    write_around(&assembled, &case, &[net.clone(), net], &folder, "around a case").unwrap();
    assert_eq!(std::fs::read_to_string(folder.join("case3.m")).unwrap(), CASE);
    let read = read_draft(&folder);
    assert!(read.problems.iter().all(|p| p.severity != Severity::Error), "{:?}", read.problems);
    assert_eq!(read.draft.grid, assembled.draft.grid);
    assert_eq!(read.draft.water, assembled.draft.water);
    assert_eq!(read.draft, assembled.draft);
    let read = read_region(&folder);
    assert!(read.region.is_some(), "{:?}", read.problems);
}

#[test]
fn includes_share_tables_and_options() {
    let scratch = Scratch::new("include");
    let (shared, own) = (scratch.0.join("shared"), scratch.0.join("own"));
    std::fs::create_dir_all(&shared).unwrap();
    std::fs::create_dir_all(&own).unwrap();
    let write = |path: PathBuf, text: &str| std::fs::write(path, text).unwrap();
    write(shared.join("grid.toml"), "name = \"Shared\"\n[grid]\nbase_mva = 50\n");
    write(shared.join("buses.csv"), "id,base_kv\nB,110\n");
    write(own.join("region.toml"), "include = [\"../shared/grid.toml\", \"more.toml\"]\n");
    write(
        own.join("more.toml"),
        "include = [\"../shared/grid.toml\"]\n[tables]\nareas = \"people.csv\"\n",
    );
    write(own.join("people.csv"), "id,people,bus\na,10,B\n");
    let read = read_region(&own);
    let region = read.region.unwrap_or_else(|| panic!("{:?}", read.problems));
    assert_eq!(region.name(), "Shared");
    assert_eq!(region.grid().base_mva, 50.0);
    assert_eq!((region.grid().buses.len(), region.people()), (1, 10.0));
    // The file itself may be named instead of its folder.
    assert_eq!(read_region(&own.join("region.toml")).region, Some(region));
}
