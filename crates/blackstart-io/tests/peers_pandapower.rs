//! Networks of pandapower: what is read from their JSON files gives pandapower's own
//! voltages (`testdata/peers/pp_nets.py`).
#![cfg(feature = "peers")]
// What was measured is worth reading when the tests run with `--nocapture`.
#![allow(clippy::print_stdout)]

mod grid_case;

use std::collections::HashMap;
use std::path::Path;

use blackstart::grid::{Method, PowerFlowOptions, PowerFlowSolver, Snapshot, Start};
use blackstart::region::{Grid, Region, RegionDraft};
use blackstart_io::Severity;
use blackstart_io::formats::{Parsed, matpower, pandapower};
use grid_case::{peers, rows};

fn read(path: &Path) -> Parsed<pandapower::Pandapower> {
    let text = std::fs::read_to_string(path)
        .unwrap_or_else(|e| panic!("{}: {e}; run testdata/peers/setup.py", path.display()));
    let parsed = pandapower::parse_net(&text, path);
    for problem in &parsed.problems {
        assert_ne!(problem.severity, Severity::Error, "{problem}");
    }
    parsed
}

fn checked(grid: &Grid<String>, name: &str) -> Grid {
    let checked = Region::check(RegionDraft { grid: grid.clone(), ..RegionDraft::default() });
    checked.region.unwrap_or_else(|| panic!("{name}: {:?}", checked.problems)).grid().clone()
}

/// Largest differences of voltages (p.u.) and angles (degrees) to a table of pandapower.
fn compare(name: &str, net: &pandapower::Pandapower, expected: &Path) -> (f64, f64, usize) {
    let grid = checked(&net.grid, name);
    let options = PowerFlowOptions {
        method: Method::Newton,
        start: Start::Dc,
        tolerance_pu: 1e-10,
        max_iterations: 40,
        ..PowerFlowOptions::default()
    };
    let flow = PowerFlowSolver::new(&grid).solve(&grid, &Snapshot::of(&grid), &options);
    let row: HashMap<&str, usize> =
        grid.buses.iter().enumerate().map(|(k, b)| (b.id.as_str(), k)).collect();
    let joined: HashMap<&str, &str> =
        net.joined.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let (mut worst_vm, mut worst_va, mut count) = (0.0f64, 0.0f64, 0);
    for cells in rows(expected) {
        if cells[1].is_empty() {
            continue;
        }
        let id = cells[0].as_str();
        let k = row[joined.get(id).copied().unwrap_or(id)];
        let (vm, va): (f64, f64) = (cells[1].parse().unwrap(), cells[2].parse().unwrap());
        let turn = (flow.va_deg[k] - va + 180.0).rem_euclid(360.0) - 180.0;
        let off = (flow.vm_pu[k] - vm).abs();
        if off.max(turn.abs() / 60.0) > 1e-6 && std::env::var_os("BLACKSTART_SHOW").is_some() {
            println!("{name} bus {id}: {} {} instead of {vm} {va}", flow.vm_pu[k], flow.va_deg[k]);
        }
        worst_vm = worst_vm.max(off);
        worst_va = worst_va.max(turn.abs());
        count += 1;
    }
    (worst_vm, worst_va, count)
}

#[test]
fn voltages_are_those_of_pandapower() {
    let folder = peers().join("pp_nets");
    let (mut buses, mut nets) = (0, 0);
    for cells in rows(&folder.join("nets.csv")) {
        let name = cells[0].as_str();
        let net = read(&folder.join(format!("{name}.json"))).value;
        let (vm, va, count) = compare(name, &net, &folder.join(format!("{name}.csv")));
        println!("{name:32} {count:6} buses, {vm:8.1e} p.u., {va:8.1e} degrees");
        assert!(vm <= 1e-6 && va <= 1e-5, "{name}: {vm} p.u., {va} degrees");
        assert!(count >= cells[1].parse::<usize>().unwrap() / 2, "{name}: {count} buses");
        buses += count;
        nets += 1;
    }
    assert!(nets >= 28 && buses > 20_000, "{nets} nets, {buses} buses");
}

/// Sums over the bus admittance matrix, p.u.: of the diagonal and of all others.
fn admittances(grid: &Grid) -> [f64; 4] {
    let mut sums = [0.0; 4];
    let up = |k: usize| grid.buses[k].in_service;
    for b in &grid.buses {
        if b.in_service {
            sums[0] += b.shunt_g_mw / grid.base_mva;
            sums[1] += b.shunt_b_mvar / grid.base_mva;
        }
    }
    for l in grid.branches.iter().filter(|l| l.in_service && up(l.from.i()) && up(l.to.i())) {
        let d = l.r_pu * l.r_pu + l.x_pu * l.x_pu;
        let (g, b) = (l.r_pu / d, -l.x_pu / d);
        let turns = 1.0 + 1.0 / (l.tap * l.tap);
        sums[0] += g * turns;
        sums[1] += (b + l.b_pu / 2.0) * turns;
        // −y/(t·e^{−jφ}) − y/(t·e^{jφ}) = −2·y·cos φ / t.
        let both = -2.0 * l.shift_deg.to_radians().cos() / l.tap;
        sums[2] += g * both;
        sums[3] += b * both;
    }
    sums
}

#[test]
fn counts_and_admittances_are_those_of_pandapower() {
    let folder = peers().join("pp_nets");
    for cells in rows(&folder.join("nets.csv")) {
        let name = cells[0].as_str();
        let count = |k: usize| cells[k].parse::<usize>().unwrap();
        let value = |k: usize| cells[k].parse::<f64>().unwrap();
        let net = read(&folder.join(format!("{name}.json"))).value;
        let grid = checked(&net.grid, name);
        let given = grid.buses.iter().filter(|b| !b.id.contains(':')).count();
        assert_eq!(given + net.joined.len(), count(1), "{name}: buses");
        let ids = |table: &str| {
            let ours = |id: &&str| id.strip_prefix(table).is_some_and(|k| k.parse::<u64>().is_ok());
            grid.branches.iter().map(|b| b.id.as_str()).filter(ours).count()
        };
        assert_eq!((ids("line"), ids("trafo")), (count(2), count(3)), "{name}");
        let legs = grid.branches.iter().filter(|b| b.id.starts_with("trafo3w")).count();
        assert_eq!(legs, 3 * count(4), "{name}: legs of transformers with three windings");
        let sources = grid
            .generators
            .iter()
            .filter(|g| g.id.starts_with("ext_grid") || g.id.starts_with("gen"))
            .count();
        assert_eq!(sources, count(5), "{name}: generators");
        let load: f64 = grid
            .loads
            .iter()
            .filter(|l| l.in_service && l.id.starts_with("load"))
            .map(|l| l.p_mw)
            .sum();
        assert!((load - value(11)).abs() <= 1e-9 * load.abs().max(1.0), "{name}: {load} MW");
        // pandapower's matrix is that of buses with a source; islands without one are in ours.
        let live = pandapower_live(&grid, &folder.join(format!("{name}.csv")), &net);
        if !live {
            continue;
        }
        for (k, ours) in admittances(&grid).into_iter().enumerate() {
            let theirs = value(7 + k);
            let off = (ours - theirs).abs() / theirs.abs().max(1.0);
            assert!(off <= 1e-9, "{name}: sum {k} of admittances is {ours}, expected {theirs}");
        }
    }
}

/// True if every bus in service of the grid is alive in pandapower's results.
fn pandapower_live(grid: &Grid, expected: &Path, net: &pandapower::Pandapower) -> bool {
    let dead: Vec<String> =
        rows(expected).into_iter().filter(|c| c[1].is_empty()).map(|c| c[0].clone()).collect();
    let joined = |id: &str| net.joined.iter().any(|(a, _)| a == id);
    dead.iter().all(|id| {
        joined(id) || grid.buses.iter().find(|b| b.id == *id).is_some_and(|b| !b.in_service)
    })
}

#[test]
fn matpower_cases_go_through_pandapower_files_unchanged() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pandapower");
    std::fs::create_dir_all(&folder).unwrap();
    for name in ["case9", "case118", "case300", "case1354pegase", "case_RTS_GMLC"] {
        let case = {
            let path = peers().join(format!("networks/matpower/{name}.m"));
            std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        };
        let grid = matpower::parse(&case, Path::new(name)).value;
        let target = folder.join(format!("{name}.json"));
        let (text, notes) = pandapower::write(&grid, &target);
        std::fs::write(&target, &text).unwrap();
        let net = pandapower::parse_net(&text, &target).value;
        let options = PowerFlowOptions {
            method: Method::Newton,
            start: Start::Dc,
            tolerance_pu: 1e-10,
            max_iterations: 40,
            ..PowerFlowOptions::default()
        };
        let [before, after] = [&grid, &net.grid].map(|g| {
            let g = checked(g, name);
            PowerFlowSolver::new(&g).solve(&g, &Snapshot::of(&g), &options)
        });
        let mut worst = 0.0f64;
        let ids = grid.buses.iter().map(|b| &b.id).eq(net.grid.buses.iter().map(|b| &b.id));
        assert!(ids, "{name}: buses");
        for k in 0..grid.buses.len() {
            worst = worst.max((before.vm_pu[k] - after.vm_pu[k]).abs());
            worst = worst.max((before.va_deg[k] - after.va_deg[k]).abs() / 60.0);
        }
        println!("{name:20} {worst:8.1e} p.u., {} notes", notes.len());
        assert!(worst <= 1e-9, "{name}: {worst}");
    }
}
