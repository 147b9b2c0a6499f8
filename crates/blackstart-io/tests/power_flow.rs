//! AC and DC power flow of the IEEE 14-bus system against MATPOWER's solutions
//! (`testdata/cases/power-flow`).
#![allow(missing_docs)]

use std::fs;
use std::path::Path;

use blackstart::grid::{Method, PowerFlowOptions, PowerFlowSolver, Snapshot, Start};
use blackstart::region::{Grid, Region, RegionDraft};
use blackstart_io::formats::matpower;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/cases/power-flow")
}

fn ieee14() -> Grid {
    let path = folder().join("ieee14.m");
    let grid = matpower::parse(&fs::read_to_string(&path).unwrap(), &path).value;
    let checked = Region::check(RegionDraft { grid, ..RegionDraft::default() });
    checked.region.unwrap_or_else(|| panic!("{:?}", checked.problems)).grid().clone()
}

/// By bus: voltage p.u., angle and DC angle in degrees.
fn expected() -> Vec<[f64; 3]> {
    let text = fs::read_to_string(folder().join("ieee14.csv")).unwrap();
    let number = |cell: &str| cell.parse::<f64>().unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        [number(cells[1]), number(cells[2]), number(cells[3])]
    };
    text.lines().skip(1).map(row).collect()
}

#[test]
fn newton_from_every_start_gives_matpowers_voltages() {
    let (grid, expected) = (ieee14(), expected());
    assert_eq!(expected.len(), 14);
    let mut solver = PowerFlowSolver::new(&grid);
    for start in [Start::Case, Start::Flat, Start::Dc] {
        let options = PowerFlowOptions { start, tolerance_pu: 1e-10, ..Default::default() };
        let flow = solver.solve(&grid, &Snapshot::of(&grid), &options);
        assert!(flow.solved());
        for (i, [vm, va, _]) in expected.iter().enumerate() {
            assert!((flow.vm_pu[i] - vm).abs() < 1e-9, "bus {}: {}", i + 1, flow.vm_pu[i]);
            assert!((flow.va_deg[i] - va).abs() < 1e-8, "bus {}: {}", i + 1, flow.va_deg[i]);
        }
    }
}

#[test]
fn dc_gives_matpowers_angles() {
    let (grid, expected) = (ieee14(), expected());
    let options = PowerFlowOptions { method: Method::Dc, ..Default::default() };
    let flow = PowerFlowSolver::new(&grid).solve(&grid, &Snapshot::of(&grid), &options);
    assert!(flow.solved());
    for (va, [_, _, want]) in flow.va_deg.iter().zip(&expected) {
        assert!((va - want).abs() < 1e-8);
    }
}
