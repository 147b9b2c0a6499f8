//! Grids in files and folders of other programs: own small cases in their layouts, and
//! the voltages that those programs compute from them.

use std::path::{Path, PathBuf};

use blackstart::grid::{Method, PowerFlowOptions, PowerFlowSolver, Snapshot, Start};
use blackstart::region::{BranchKind, BusKind, Cost, GeneratorKind, Grid, Position, Table};
use blackstart_io::formats::beside::{GridFolder, OutageRate};
use blackstart_io::formats::{pandapower, powersim, pypsa, rts_gmlc};
use blackstart_io::{
    GridFormat, InputProblem, Severity, WriteGrid, WriteGridError, load_grid, read_grid, write_grid,
};

fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/cases").join(name)
}

fn messages(problems: &[InputProblem], severity: Severity) -> Vec<&str> {
    let wanted = problems.iter().filter(|p| p.severity == severity);
    wanted.map(|p| p.message.as_str()).collect()
}

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("grid-folders-{name}"));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// A copy of the files of `from`, with `old` in `file` replaced once.
    fn changed(name: &str, from: &Path, file: &str, old: &str, new: &str) -> Self {
        let folder = Self::new(name);
        for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
            if !entry.path().is_file() {
                continue;
            }
            let mut text = std::fs::read_to_string(entry.path()).unwrap();
            if entry.file_name() == file {
                assert!(text.contains(old), "{old}");
                text = text.replacen(old, new, 1);
            }
            std::fs::write(folder.0.join(entry.file_name()), text).unwrap();
        }
        folder
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Compares with a table `bus,vm_pu,va_deg`; empty cells are dead buses.
fn assert_voltages(grid: &Grid, expected: &Path) {
    let options = PowerFlowOptions {
        method: Method::Newton,
        start: Start::Dc,
        tolerance_pu: 1e-11,
        max_iterations: 40,
        ..PowerFlowOptions::default()
    };
    let flow = PowerFlowSolver::new(grid).solve(grid, &Snapshot::of(grid), &options);
    let text = std::fs::read_to_string(expected).unwrap();
    let mut count = 0;
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let (Ok(vm), Ok(va)) = (cells[1].parse::<f64>(), cells[2].parse::<f64>()) else { continue };
        let Some(k) = grid.buses.iter().position(|b| b.id == cells[0]) else { continue };
        let turn = (flow.va_deg[k] - va + 180.0).rem_euclid(360.0) - 180.0;
        assert!((flow.vm_pu[k] - vm).abs() <= 1e-8, "{}: {} p.u.", cells[0], flow.vm_pu[k]);
        assert!(turn.abs() <= 1e-6, "{}: {} degrees", cells[0], flow.va_deg[k]);
        count += 1;
    }
    assert!(count >= 4, "{count} buses");
}

#[test]
fn a_small_pandapower_net_has_pandapowers_voltages_in_all_layouts() {
    let folder = case("pandapower-small");
    for version in [1, 2, 3] {
        let read = load_grid(&folder.join(format!("version{version}.json")));
        assert!(messages(&read.problems, Severity::Error).is_empty(), "{:?}", read.problems);
        assert_voltages(&read.network.unwrap(), &folder.join("expected/voltages.csv"));
    }
}

#[test]
fn a_small_pypsa_folder_has_pypsas_voltages() {
    let path = case("pypsa-small");
    assert_eq!(GridFormat::of(&path), Ok(GridFormat::Pypsa));
    let GridFolder { grid, beside, problems, .. } = pypsa::read(&path);
    assert!(messages(&problems, Severity::Error).is_empty(), "{problems:?}");
    assert_eq!((grid.buses.len(), grid.branches.len(), grid.dc_lines.len()), (4, 5, 0));
    let told = messages(&problems, Severity::Warning);
    let expected = "1 buses of other carriers than electricity, and 1 elements there, are left out";
    assert_eq!(told, [expected]);
    // The first hour of each series is in the grid; all of it stands beside.
    assert_eq!(grid.loads[1].p_mw, 9.0);
    assert_eq!((grid.generators[2].p_mw, grid.generators[2].p_max_mw), (3.0, 3.0));
    let series: Vec<_> =
        beside.series.iter().map(|s| (s.id.as_str(), s.attribute.as_str(), s.table)).collect();
    let expected = [
        ("Village", "p_set", Table::Loads),
        ("Roofs", "p_set", Table::Generators),
        ("Roofs", "p_max_pu", Table::Generators),
    ];
    assert_eq!(series, expected);
    assert_eq!(beside.series[0].values, [9.0, 11.0]);
    assert_eq!(&*beside.series[0].times[1], "2026-01-01 12:00:00");
    let kinds: Vec<_> = grid.generators.iter().map(|g| g.kind).collect();
    assert_eq!(kinds, [GeneratorKind::Thermal, GeneratorKind::Thermal, GeneratorKind::Solar]);
    assert_eq!(grid.generators[1].cost, Some(Cost::Polynomial(vec![48.5, 0.0])));
    assert_eq!(grid.buses[0].position, Some(Position { lon_deg: 30.1, lat_deg: 50.9 }));
    let store = &grid.storages[0];
    assert_eq!((store.energy_max_mwh, store.energy_mwh, store.p_mw), (10.0, 6.0, -1.5));
    // Two parallel circuits of 95 km at 0.246 Ω/km, 380 kV and 100 MVA.
    let x_pu = 0.246 * 95.0 / 2.0 / (380.0 * 380.0 / 100.0);
    assert!((grid.branches[1].x_pu - x_pu).abs() < 1e-12);
    // The tap at the low side is our from side.
    let turned = &grid.branches[4];
    assert_eq!((turned.from.as_str(), turned.tap, turned.shift_deg), ("Village", 1.03, -30.0));
    let loaded = load_grid(&path).network.unwrap();
    assert_voltages(&loaded, &path.join("expected/voltages.csv"));
}

#[test]
fn a_pypsa_folder_is_written_and_read_back_the_same() {
    let folder = Folder::new("pypsa-back");
    let first = read_grid(&case("pypsa-small")).network.unwrap();
    let to = |name: &str| folder.0.join(name);
    let how =
        WriteGrid { format: Some(GridFormat::Pypsa), overwrite: false, ..WriteGrid::default() };
    let notes = write_grid(&to("one"), &first, how).unwrap();
    assert!(notes.is_empty(), "{notes:?}");
    let mut back = read_grid(&to("one")).network.unwrap();
    for (a, b) in back.branches.iter_mut().zip(&first.branches) {
        for (x, y) in [(&mut a.r_pu, b.r_pu), (&mut a.x_pu, b.x_pu), (&mut a.b_pu, b.b_pu)] {
            assert!((*x - y).abs() <= 1e-12 * y.abs(), "{x} {y}");
            *x = y;
        }
    }
    for (a, b) in back.buses.iter_mut().zip(&first.buses) {
        for (x, y) in [(&mut a.shunt_g_mw, b.shunt_g_mw), (&mut a.shunt_b_mvar, b.shunt_b_mvar)] {
            assert!((*x - y).abs() <= 1e-12 * y.abs(), "{x} {y}");
            *x = y;
        }
    }
    assert_eq!(back, first);
    assert!(matches!(write_grid(&to("one"), &first, how), Err(WriteGridError::Folder(_))));
    let over = WriteGrid { overwrite: true, ..how };
    assert!(write_grid(&to("one"), &first, over).is_ok());
}

#[test]
fn what_pypsa_cannot_say_is_told() {
    let folder = Folder::new("pypsa-lost");
    let grid = read_grid(&case("rts-gmlc-small/SourceData")).network.unwrap();
    let how =
        WriteGrid { format: Some(GridFormat::Pypsa), overwrite: false, ..WriteGrid::default() };
    let notes = write_grid(&folder.0.join("out"), &grid, how).unwrap();
    for part in ["short-term", "areas", "reactive limits", "neither linear nor quadratic"] {
        assert!(notes.iter().any(|n| n.message.contains(part)), "{part}: {notes:?}");
    }
}

#[test]
fn slips_in_a_pypsa_folder_have_their_place() {
    let cases = [
        (
            "lines.csv",
            "N-S,North,South",
            "N-S,North,Soth",
            "lines.csv:2:11: there is no bus `Soth` (did you mean `South`?)",
        ),
        (
            "loads.csv",
            "Town,Town,150.0",
            "Town,Town,15o.0",
            "loads.csv:2:11: `15o.0` in `p_set` is not a number",
        ),
        (
            "generators.csv",
            "PV,gas",
            "PU,gas",
            "generators.csv:3:17: `PU` is no control; PQ, PV and Slack are",
        ),
        (
            "buses.csv",
            "name,v_nom",
            "name,v_nomm",
            "buses.csv:1: column `v_nom` is missing (is `v_nomm` meant to be it?)",
        ),
        (
            "lines.csv",
            "4-bundle 380.0",
            "4-bundel 380.0",
            "lines.csv:3:19: `Al/St 240/40 4-bundel 380.0` is no standard type (did you mean",
        ),
        (
            "loads.csv",
            "150.0,40.0",
            "150.0",
            "loads.csv:2: the row has 3 values, the header has 4 columns",
        ),
        (
            "loads-p_set.csv",
            ",Village",
            ",Vilage",
            "loads-p_set.csv:1: `Vilage` is not in loads.csv; its series is left out",
        ),
    ];
    for (k, (file, old, new, message)) in cases.into_iter().enumerate() {
        let folder = Folder::changed(&format!("slip{k}"), &case("pypsa-small"), file, old, new);
        let read = pypsa::read(&folder.0);
        let told: Vec<String> = read.problems.iter().map(ToString::to_string).collect();
        let prefix = format!("{}/", folder.0.display());
        assert!(
            told.iter().any(|t| t.strip_prefix(&prefix).is_some_and(|t| t.starts_with(message))),
            "{message}\n{told:#?}"
        );
    }
}

#[test]
fn a_small_rts_gmlc_folder_becomes_what_its_tables_say() {
    let path = case("rts-gmlc-small/SourceData");
    assert_eq!(GridFormat::of(&path), Ok(GridFormat::RtsGmlc));
    let GridFolder { grid, beside, problems, .. } = rts_gmlc::read(&path);
    assert!(messages(&problems, Severity::Error).is_empty(), "{problems:?}");
    assert_eq!(grid.base_mva, 100.0);
    let ash = &grid.buses[0];
    assert_eq!((ash.id.as_str(), ash.name.as_str(), ash.kind), ("101", "Ash", BusKind::Generator));
    assert_eq!(ash.position, Some(Position { lon_deg: 30.1, lat_deg: 50.1 }));
    assert_eq!((ash.area, ash.zone, grid.buses[1].shunt_b_mvar), (1, 11, -50.0));
    let line = &grid.branches[0];
    assert_eq!((line.kind, line.tap), (BranchKind::Line, 1.0));
    let rates = (line.rate_mva, line.rate_short_mva, line.rate_emergency_mva);
    assert_eq!(rates, (175.0, 193.0, 200.0));
    let trafo = &grid.branches[1];
    assert_eq!((trafo.kind, trafo.tap), (BranchKind::Transformer, 1.015));
    // 76 MW; 30.4 MW at 13,000 BTU/kWh, then 9,000 and 10,000, at 2.11399 per MMBTU.
    let Some(Cost::Piecewise(points)) = &grid.generators[0].cost else { panic!("points") };
    let first = 30.4 * 13.0 * 2.11399;
    let expected = [
        (30.4, first),
        (53.2, first + 22.8 * 9.0 * 2.11399),
        (76.0, first + 22.8 * 19.0 * 2.11399),
    ];
    for (a, b) in points.iter().zip(expected) {
        assert!((a.0 - b.0).abs() < 1e-9 && (a.1 - b.1).abs() < 1e-9, "{points:?}");
    }
    assert_eq!(points.len(), 3);
    let store = &grid.storages[0];
    assert_eq!(
        (store.energy_max_mwh, store.energy_mwh, store.charge_efficiency),
        (150.0, 75.0, 0.85)
    );
    let dc = &grid.dc_lines[0];
    assert_eq!((dc.p_min_mw, dc.p_max_mw, dc.vm_from_pu), (-100.0, 100.0, 1.02));
    assert!((dc.loss_share - 5.0 * 100.0 / 250_000.0).abs() < 1e-15);
    let rate = |table, id: &str, failures_per_year, mean_repair_h| OutageRate {
        table,
        id: id.into(),
        failures_per_year,
        mean_repair_h,
    };
    assert_eq!(
        beside.outage_rates,
        [
            rate(Table::Branches, "A1", 0.24, 16.0),
            rate(Table::Branches, "A2", 0.02, 768.0),
            rate(Table::DcLines, "DC1", 0.22, 10.0),
            rate(Table::Generators, "101_STEAM_1", 8760.0 / 1960.0, 40.0),
            rate(Table::Generators, "103_NUCLEAR_1", 8760.0 / 1100.0, 150.0),
        ]
    );
    let [pv] = &beside.series[..] else { panic!("{} series", beside.series.len()) };
    assert_eq!(
        (pv.id.as_str(), pv.attribute.as_str(), pv.values.len()),
        ("102_PV_1", "p_max_mw", 24)
    );
    assert_eq!((pv.values[9], &*pv.times[9]), (12.0, "2020-01-01 09:00"));
    let notes = messages(&problems, Severity::Note);
    assert!(notes.iter().any(|n| n.starts_with("1 files of time series")), "{notes:?}");
    assert!(load_grid(&path).network.is_some());
    let how =
        WriteGrid { format: Some(GridFormat::RtsGmlc), overwrite: false, ..WriteGrid::default() };
    let refused = write_grid(Path::new("nowhere"), &grid, how);
    assert!(matches!(refused, Err(WriteGridError::NotWritten(GridFormat::RtsGmlc))));
}

#[test]
fn slips_in_an_rts_gmlc_folder_have_their_place() {
    let cases = [
        ("branch.csv", "A1,101,102", "A1,101,109", "branch.csv:2:8: there is no bus `109`"),
        ("bus.csv", "138.0,PQ", "138.0,PX", "bus.csv:3:17: `PX` is no bus type"),
        (
            "gen.csv",
            "PMax MW",
            "Pmax MW",
            "gen.csv:1: column `PMax MW` is missing (is `Pmax MW` meant to be it?)",
        ),
        ("gen.csv", "400,396", "4OO,396", "gen.csv:3:48: `4OO` in `PMax MW` is not a number"),
    ];
    let from = case("rts-gmlc-small/SourceData");
    for (k, (file, old, new, message)) in cases.into_iter().enumerate() {
        let folder = Folder::changed(&format!("rts{k}"), &from, file, old, new);
        let told: Vec<String> =
            rts_gmlc::read(&folder.0).problems.iter().map(ToString::to_string).collect();
        let prefix = format!("{}/", folder.0.display());
        assert!(
            told.iter().any(|t| t.strip_prefix(&prefix).is_some_and(|t| t.starts_with(message))),
            "{message}\n{told:#?}"
        );
    }
    // A pointer may not lead out of the folder above.
    let out = Folder::changed(
        "rts-out",
        &from,
        "timeseries_pointers.csv",
        "../timeseries_data_files/pv/DAY_AHEAD_pv.csv",
        "../../../../../etc/passwd",
    );
    assert!(rts_gmlc::read(&out.0).beside.series.is_empty());
}

#[test]
fn a_small_powersim_folder_becomes_what_its_tables_say() {
    let path = case("powersim-small");
    assert_eq!(GridFormat::of(&path), Ok(GridFormat::PowerSim));
    let GridFolder { grid, problems, .. } = powersim::read(&path);
    assert_eq!(
        messages(&problems, Severity::Note),
        ["1 branches over the border become import ties"]
    );
    // A bus without coordinates is where its substation is.
    assert_eq!(grid.buses[1].position, Some(Position { lon_deg: -106.7, lat_deg: 45.4 }));
    assert_eq!(grid.buses[1].shunt_b_mvar, 5.0);
    let kinds: Vec<_> = grid.generators.iter().map(|g| (g.id.as_str(), g.kind)).collect();
    let expected = [
        ("21", GeneratorKind::Hydro),
        ("22", GeneratorKind::Thermal),
        ("tie9", GeneratorKind::Import),
    ];
    assert_eq!(kinds, expected);
    assert_eq!(grid.generators[1].cost, Some(Cost::Polynomial(vec![27.0, 0.0])));
    assert_eq!(grid.generators[2].p_max_mw, 80.0);
    assert_eq!(grid.branches[0].kind, BranchKind::Transformer);
    assert!(load_grid(&path).network.is_some());
}

#[test]
fn broken_nets_do_not_panic() {
    for version in [1, 2, 3] {
        let path = case("pandapower-small").join(format!("version{version}.json"));
        let text = std::fs::read_to_string(&path).unwrap();
        for at in (0..text.len()).step_by(23) {
            let cut = pandapower::parse(&text[..at], &path);
            assert!(!messages(&cut.problems, Severity::Error).is_empty(), "cut at {at}");
            for put in ["0", "null", "\\\"", "]", "-1e999"] {
                let changed = format!("{}{put}{}", &text[..at], &text[at + 1..]);
                let _ = pandapower::parse(&changed, &path);
            }
        }
    }
}

/// Files cut short anywhere, or of nonsense, are told and never panic.
#[test]
fn broken_folders_do_not_panic() {
    for name in ["pypsa-small", "rts-gmlc-small/SourceData", "powersim-small"] {
        let from = case(name);
        let names: Vec<String> = std::fs::read_dir(&from)
            .unwrap()
            .map(|e| e.unwrap())
            .filter(|e| e.path().extension().is_some_and(|x| x == "csv"))
            .map(|e| e.file_name().into_string().unwrap())
            .collect();
        let folder = Folder::changed(&name.replace('/', "-"), &from, "", "", "");
        for file in &names {
            let bytes = std::fs::read(from.join(file)).unwrap();
            for cut in (0..bytes.len()).step_by(37) {
                std::fs::write(folder.0.join(file), &bytes[..cut]).unwrap();
                let _ = load_grid(&folder.0);
            }
            std::fs::write(folder.0.join(file), "\"\"\"a,b\n1,2,\"3\n\n,,,").unwrap();
            let _ = load_grid(&folder.0);
            std::fs::write(folder.0.join(file), &bytes).unwrap();
        }
        assert!(load_grid(&folder.0).network.is_some());
    }
}
