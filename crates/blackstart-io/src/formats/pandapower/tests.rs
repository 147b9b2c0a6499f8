use std::path::Path;

use blackstart::region::{
    Branch, BranchKind, Bus, BusKind, Cost, DcLine, Generator, GeneratorKind, Grid, Load, Position,
    Storage,
};

use super::*;

const V1: &str = include_str!("../../../../../testdata/cases/pandapower-small/version1.json");
const V2: &str = include_str!("../../../../../testdata/cases/pandapower-small/version2.json");
const V3: &str = include_str!("../../../../../testdata/cases/pandapower-small/version3.json");

fn read(text: &str) -> Parsed<Pandapower> {
    parse_net(text, Path::new("net.json"))
}

fn told(text: &str) -> Vec<String> {
    read(text).problems.iter().map(ToString::to_string).collect()
}

fn close(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 1e-12 * b.abs().max(1.0)
}

#[test]
fn a_small_net_becomes_what_its_tables_say() {
    let parsed = read(V3);
    assert!(parsed.problems.iter().all(|p| p.severity == Severity::Note), "{:?}", parsed.problems);
    let Pandapower { grid, joined } = parsed.value;
    assert_eq!(joined, [("3".to_owned(), "2".to_owned())]);
    assert_eq!((grid.base_mva, grid.buses.len(), grid.branches.len()), (10.0, 6, 4));
    let ids: Vec<&str> = grid.buses.iter().map(|b| b.id.as_str()).collect();
    assert_eq!(ids, ["0", "1", "2", "4", "5", "line2:to"]);
    let west = &grid.buses[0];
    assert_eq!((west.name.as_str(), west.kind, west.vm_pu), ("West", BusKind::Reference, 1.02));
    assert_eq!(west.position, Some(Position { lon_deg: 30.1, lat_deg: 50.2 }));
    assert_eq!((west.vm_min_pu, west.vm_max_pu), (0.95, 1.05));
    // The shunt, and the iron losses of 14 kW, half of them at each end.
    assert!(close(grid.buses[2].shunt_b_mvar, 1.5));
    assert!((grid.buses[2].shunt_g_mw - 0.007 * (20.0f64 / 20.6).powi(2)).abs() < 1e-4);
    // 0.06 Ω/km and 9.5 nF/km over 32 km at 110 kV and 10 MVA.
    let line = &grid.branches[0];
    let base_ohm = 110.0 * 110.0 / 10.0;
    assert!(close(line.r_pu, 0.06 * 32.0 / base_ohm) && close(line.x_pu, 0.4 * 32.0 / base_ohm));
    assert!(close(line.b_pu, std::f64::consts::TAU * 50.0 * 9.5e-9 * 32.0 * base_ohm));
    assert!(close(line.rate_mva, 3f64.sqrt() * 110.0 * 0.6));
    assert_eq!((line.kind, line.id.as_str()), (BranchKind::Line, "line0"));
    // The cable to the mill is open there.
    let open = &grid.branches[2];
    assert_eq!((open.from.as_str(), open.to.as_str()), ("4", "line2:to"));
    assert_eq!(open.kind, BranchKind::Cable);
    let trafo = &grid.branches[3];
    assert_eq!((trafo.from.as_str(), trafo.to.as_str(), trafo.shift_deg), ("1", "2", 150.0));
    assert!(close(trafo.tap, 0.97 / 1.03) && close(trafo.rate_mva, 25.0));
    let load: f64 = grid.loads.iter().map(|l| l.p_mw).sum();
    assert!(close(load, 6.0 + 3.0 * 0.9));
    let kinds: Vec<_> = grid.generators.iter().map(|g| (g.id.as_str(), g.kind)).collect();
    let expected = [
        ("ext_grid0", GeneratorKind::Import),
        ("gen0", GeneratorKind::Other),
        ("sgen0", GeneratorKind::Solar),
    ];
    assert_eq!(kinds, expected);
    let unit = &grid.generators[1];
    assert_eq!((unit.p_mw, unit.p_max_mw, unit.q_min_mvar, unit.vm_pu), (4.0, 12.0, -6.0, 1.015));
    assert_eq!(unit.cost, Some(Cost::Polynomial(vec![42.0, 5.0])));
    let roof = &grid.generators[2];
    assert_eq!((roof.p_max_mw, roof.q_min_mvar, roof.q_max_mvar), (1.2, 0.1, 0.1));
}

#[test]
fn older_layouts_say_the_same() {
    let now = read(V3).value;
    assert_eq!(read(V2).value.grid, now.grid);
    let mut old = read(V1).value;
    assert_eq!(old.joined, now.joined);
    let mut expected = now.grid;
    for g in &mut expected.generators {
        g.cost = None;
    }
    // kW become MW by a product with 0.001.
    for (a, b) in old.grid.generators.iter_mut().zip(&expected.generators) {
        assert!(close(a.p_mw, b.p_mw) && close(a.p_max_mw, b.p_max_mw), "{a:?}");
        assert!(close(a.q_mvar, b.q_mvar) && close(a.q_min_mvar, b.q_min_mvar), "{a:?}");
        *a = b.clone();
    }
    for (a, b) in old.grid.loads.iter_mut().zip(&expected.loads) {
        assert!(close(a.p_mw, b.p_mw) && close(a.q_mvar, b.q_mvar), "{a:?}");
        *a = b.clone();
    }
    for (a, b) in old.grid.buses.iter_mut().zip(&expected.buses) {
        assert!(close(a.shunt_b_mvar, b.shunt_b_mvar) && close(a.shunt_g_mw, b.shunt_g_mw));
        (a.shunt_g_mw, a.shunt_b_mvar) = (b.shunt_g_mw, b.shunt_b_mvar);
    }
    for (a, b) in old.grid.branches.iter_mut().zip(&expected.branches) {
        for (x, y) in [(a.r_pu, b.r_pu), (a.x_pu, b.x_pu), (a.b_pu, b.b_pu)] {
            assert!(close(x, y), "{a:?}");
        }
        *a = Branch { id: a.id.clone(), from: a.from.clone(), to: a.to.clone(), ..b.clone() };
    }
    assert_eq!(old.grid, expected);
}

/// Line and column of the first `needle`.
fn position(text: &str, needle: &str) -> (usize, usize) {
    json::place(text, text.find(needle).expect("it is there"))
}

#[test]
fn every_slip_has_its_place_and_help() {
    // What is changed, into what, where it is told, and how.
    let cases = [
        (
            "32.0,0.06",
            "32.0,\\\"o.06\\\"",
            "\\\"o.06",
            "`r_ohm_per_km` of line 0 is no number: \"o.06\"",
        ),
        ("32.0,0.06", "null,0.06", "null,0.06", "`length_km` of line 0 is empty"),
        (
            "null,0,1,32.0",
            "null,0,17,32.0",
            "17,32.0",
            "`to_bus` of line 0 is bus 17, which does not exist",
        ),
        (
            "null,0,1,32.0",
            "null,0,1.5,32.0",
            "1.5,32.0",
            "`to_bus` of line 0 is 1.5, no whole number",
        ),
        ("12.0,0.4,14.0", "12.0,14.0,14.0", "", "the resistance of trafo 0 is larger"),
        (
            "2,3,\\\"b\\\"",
            "2,3,\\\"x\\\"",
            "\\\"x\\\"",
            "switch 0 has no known kind of element: `x`",
        ),
        (
            "[0,\\\"gen\\\",5.0",
            "[7,\\\"gen\\\",5.0",
            "7,\\\"gen",
            "poly_cost 0 is of gen 7, which does not exist",
        ),
        (
            "\\\"West\\\",110.0",
            "\\\"West\\\",0.0",
            "0.0,",
            "`vn_kv` of bus 0 is 0; it must be above 0",
        ),
    ];
    for (from, to, at, message) in cases {
        let text = V3.replacen(from, to, 1);
        assert_ne!(text, V3, "{from}");
        let parsed = read(&text);
        let error = parsed.problems.iter().find(|p| p.severity == Severity::Error);
        let error = error.unwrap_or_else(|| panic!("{to} was accepted"));
        assert!(error.message.starts_with(message), "{message}\n{error}");
        if !at.is_empty() && text.matches(at).count() == 1 {
            assert_eq!((error.line, error.column), position(&text, at), "{error}");
        }
        assert!(crate::explain(error.code).is_some(), "{}", error.code);
    }
}

#[test]
fn a_misspelt_column_is_told_with_the_right_one() {
    let text = V3.replace("length_km", "lenght_km");
    let problems = told(&text);
    let expected = "table `line` has no column `length_km` (is `lenght_km` meant to be it?)";
    assert!(problems.iter().any(|p| p.ends_with(expected)), "{problems:?}");
}

#[test]
fn broken_json_is_told_with_its_place() {
    let outer = V3.replacen("\"orient\": \"split\",", "\"orient\": \"split\"", 1);
    let (line, _) = position(&outer, "\"dtype\"");
    let problems = told(&outer);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].starts_with(&format!("net.json:{line}:")), "{problems:?}");
    assert!(problems[0].contains("`,` or `}` is missing"), "{problems:?}");
    let inner = V3.replacen("[0,1,2,3,4,5]", "[0,1,2,3,4,,5]", 1);
    let (line, column) = position(&inner, ",5]");
    let problems = read(&inner).problems;
    assert_eq!((problems[0].line, problems[0].column), (line, column), "{problems:?}");
    assert!(problems[0].message.starts_with("table `bus`: `,` is no JSON value"), "{problems:?}");
    let short = V3.replacen("[0,1,2,3,4,5]", "[0,1,2,3,4]", 1);
    assert!(told(&short)[0].contains("6 rows, but 5 indices"), "{:?}", told(&short));
    let twice = V3.replacen("[0,1,2,3,4,5]", "[0,1,2,3,4,4]", 1);
    assert!(told(&twice)[0].contains("index 4 is twice in table `bus`"), "{:?}", told(&twice));
}

#[test]
fn what_is_no_net_is_called_by_its_name() {
    let cases = [
        ("", "ends before"),
        ("gAAAAABk", "encrypted"),
        ("PK\u{3}\u{4}", "Excel"),
        ("{\"_class\": \"pandapipesNet\"}", "pandapipesNet"),
        ("{\"_class\": \"DataFrame\"}", "class `DataFrame`"),
        ("{\"a\": 1}", "no table `bus`"),
        ("[]", "no table `bus`"),
        ("{\"bus\": {}}", "has no rows"),
        ("{\"bus\": [1]}", "an object of columns is expected"),
        ("{\"bus\": {\"vn_kv\": 3}}", "a column is no object"),
    ];
    for (text, message) in cases {
        let problems = told(text);
        assert!(problems.iter().any(|p| p.contains(message)), "{text}: {problems:?}");
    }
}

/// A grid that says all that both sides can.
fn sample() -> Grid<String> {
    let bus = |id: &str, kind, base_kv, vm_pu| Bus {
        id: id.into(),
        name: format!("bus {id}"),
        kind,
        base_kv,
        vm_pu,
        ..Bus::default()
    };
    let mut buses = vec![
        bus("a", BusKind::Reference, 110.0, 1.02),
        bus("b", BusKind::Generator, 110.0, 1.0),
        bus("c", BusKind::Load, 20.0, 1.0),
    ];
    buses[0].va_deg = 3.0;
    buses[1].position = Some(Position { lon_deg: 30.5, lat_deg: 50.25 });
    buses[1].area = 3;
    buses[1].zone = 7;
    buses[2].shunt_g_mw = 0.5;
    buses[2].shunt_b_mvar = 4.0;
    let branch = |id: &str, from: &str, to: &str| Branch {
        id: id.into(),
        from: from.into(),
        to: to.into(),
        r_pu: 0.01,
        x_pu: 0.1,
        ..Branch::default()
    };
    let branches = vec![
        Branch { b_pu: 0.03, rate_mva: 120.0, ..branch("ab", "a", "b") },
        Branch { kind: BranchKind::Cable, in_service: false, ..branch("ab2", "a", "b") },
        Branch {
            kind: BranchKind::Transformer,
            tap: 1.025,
            shift_deg: -30.0,
            x_pu: -0.05,
            rate_mva: 40.0,
            ..branch("bc", "b", "c")
        },
    ];
    let unit = |id: &str, bus: &str, vm_pu| Generator {
        id: id.into(),
        bus: bus.into(),
        vm_pu,
        p_max_mw: 80.0,
        q_min_mvar: -20.0,
        q_max_mvar: 25.0,
        ..Generator::default()
    };
    let generators = vec![
        Generator {
            kind: GeneratorKind::Import,
            p_mw: 5.0,
            p_max_mw: f64::INFINITY,
            ..unit("tie", "a", 1.02)
        },
        Generator {
            kind: GeneratorKind::Nuclear,
            p_mw: 30.0,
            q_mvar: 1.0,
            base_mva: 100.0,
            participation: 2.0,
            cost: Some(Cost::Piecewise(vec![(0.0, 0.0), (40.0, 400.0), (80.0, 1200.0)])),
            ..unit("unit", "b", 1.0)
        },
        Generator {
            kind: GeneratorKind::Wind,
            p_min_mw: 1.0,
            p_mw: 6.0,
            q_mvar: -1.0,
            cost: Some(Cost::Polynomial(vec![0.5, 3.0, 7.0])),
            ..unit("farm", "c", 1.0)
        },
    ];
    let loads = vec![Load {
        id: "town".into(),
        bus: "c".into(),
        p_mw: 12.0,
        q_mvar: 3.0,
        ..Load::default()
    }];
    let dc_lines = vec![DcLine {
        id: "dc".into(),
        from: "a".into(),
        to: "b".into(),
        p_mw: 10.0,
        p_max_mw: 20.0,
        vm_from_pu: 1.02,
        loss_mw: 0.1,
        loss_share: 0.02,
        q_from_limits_mvar: (-5.0, 5.0),
        q_to_limits_mvar: (-4.0, 4.0),
        ..DcLine::default()
    }];
    let storages = vec![Storage {
        id: "store".into(),
        bus: "c".into(),
        p_mw: -2.0,
        q_mvar: 0.0,
        energy_mwh: 5.0,
        energy_max_mwh: 10.0,
        charge_max_mw: 4.0,
        discharge_max_mw: 3.0,
        charge_efficiency: 1.0,
        discharge_efficiency: 1.0,
        rate_mva: 5.0,
        q_min_mvar: -1.0,
        q_max_mvar: 1.0,
        r_pu: 0.0,
        x_pu: 0.0,
        p_loss_mw: 0.0,
        q_loss_mvar: 0.0,
        in_service: true,
    }];
    Grid { base_mva: 100.0, buses, branches, generators, loads, dc_lines, storages }
}

#[test]
fn what_is_written_is_read_back_the_same() {
    let grid = sample();
    let (text, notes) = write(&grid, Path::new("net.json"));
    assert!(notes.is_empty(), "{notes:?}");
    let parsed = read(&text);
    assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
    let mut back = parsed.value.grid;
    // Ohms and percent are other numbers: the last digit may differ.
    for (a, b) in back.branches.iter_mut().zip(&grid.branches) {
        for (x, y) in [
            (&mut a.r_pu, b.r_pu),
            (&mut a.x_pu, b.x_pu),
            (&mut a.b_pu, b.b_pu),
            (&mut a.tap, b.tap),
            (&mut a.rate_mva, b.rate_mva),
        ] {
            assert!(*x == y || (*x - y).abs() <= 1e-12 * y.abs(), "{x} {y}");
            *x = y;
        }
    }
    // A held bus starts at the voltage of its unit; nothing else of a bus is new.
    assert_eq!(back, grid);
}

#[test]
fn what_cannot_be_written_is_told() {
    let mut grid = sample();
    grid.branches[2].b_pu = 0.02;
    grid.branches[0].rate_short_mva = 150.0;
    grid.generators[1].cost = Some(Cost::Polynomial(vec![1.0, 0.0, 0.0, 0.0]));
    grid.generators[0].cost = Some(Cost::Piecewise(vec![(0.0, 5.0), (1.0, 6.0)]));
    grid.loads[0].priority = blackstart::region::Priority::Critical;
    grid.dc_lines[0].p_min_mw = -3.0;
    grid.storages[0].charge_efficiency = 0.9;
    grid.buses[2].base_kv = 0.0;
    let (text, notes) = write(&grid, Path::new("net.json"));
    let told: Vec<String> = notes.iter().map(|n| n.message.clone()).collect();
    for part in [
        "priorities",
        "short-term",
        "power above 2",
        "constant parts",
        "least flows",
        "losses of storages",
        "without a nominal voltage",
        "charging of 1 transformers",
    ] {
        assert!(told.iter().any(|t| t.contains(part)), "{part}: {told:?}");
    }
    // The charging is not lost: it stands at the ends.
    let back = read(&text).value.grid;
    let charging = back.buses[1].shunt_b_mvar;
    assert!(close(charging, 0.01 * 100.0 / 1.025f64.powi(2)), "{charging}");
}
