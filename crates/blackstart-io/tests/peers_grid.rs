//! Dispatch and DC flow against outside programs: HiGHS (values computed by
//! `testdata/peers/grid.py`) and MATPOWER (values in `testdata/cases/dcpf-*`).
#![cfg(feature = "peers")]
// What was measured is worth reading when the tests run with `--nocapture`.
#![allow(clippy::print_stdout)]

mod grid_case;

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use blackstart::grid::opf::{DcOptimalFlowOptions, DcOptimalFlowStatus, dc_optimal_flow};
use blackstart::grid::{GridSolver, Snapshot, dc_power_flow};
use blackstart::region::{BusIdx, Grid};
use blackstart::results::HourStatus;
use grid_case::{Hour, case, peers, rows};

#[test]
fn objective_is_that_of_highs() {
    let folder = peers().join("grid");
    let mut solvers: HashMap<String, (Grid, GridSolver)> = HashMap::new();
    let mut worst = (0.0f64, String::new());
    let mut count = 0;
    for row in rows(&folder.join("instances.csv")) {
        let [name, of, _, objective] = &row[..] else { panic!("four columns") };
        let objective: f64 = objective.parse().unwrap();
        let (grid, solver) = solvers.entry(of.clone()).or_insert_with(|| {
            let grid = case(of);
            let solver = GridSolver::new(&grid).with_switching(None);
            (grid, solver)
        });
        let mut hour = Hour::intact(grid);
        hour.damage(&folder.join(format!("{name}.csv")));
        let got = solver.dispatch(grid, &hour.input());
        assert_eq!(got.status, Some(HourStatus::Solved), "{name}");
        let off = (got.objective - objective) / objective;
        println!("{name:26} {objective:14.5} {off:9.1e} {:3}", got.iterations);
        if off.abs() > worst.0 {
            worst = (off.abs(), name.clone());
        }
        count += 1;
    }
    println!("{count} programs, worst relative difference {:.1e} ({})", worst.0, worst.1);
    assert!(count >= 120, "{count}");
    assert!(worst.0 <= 1e-6, "{worst:?}");
}

#[test]
fn cheapest_generation_is_that_of_highs() {
    let mut count = 0;
    for row in rows(&peers().join("opf/objectives.csv")) {
        let grid = case(&row[0]);
        let got = dc_optimal_flow(&grid, &Snapshot::of(&grid), &DcOptimalFlowOptions::default());
        if row[1] == "infeasible" {
            assert!(matches!(got.status, DcOptimalFlowStatus::Infeasible { .. }), "{}", row[0]);
        } else {
            assert_eq!(got.status, DcOptimalFlowStatus::Solved, "{}", row[0]);
            let expected: f64 = row[1].parse().unwrap();
            let off = (got.cost_per_h - expected) / expected;
            println!("{:20} {expected:16.5} {off:9.1e} {:3}", row[0], got.iterations);
            assert!(off.abs() <= 1e-6, "{}: {}", row[0], got.cost_per_h);
        }
        count += 1;
    }
    assert!(count >= 18, "{count}");
}

#[derive(serde::Deserialize)]
struct Params {
    case: String,
    reference_bus: String,
    reference_va_deg: f64,
    reference_p_mw: f64,
    tolerance: Tolerance,
}

#[derive(serde::Deserialize)]
struct Tolerance {
    va_deg: f64,
    p_mw: f64,
}

#[test]
fn dc_flow_is_that_of_rundcpf() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/cases");
    let mut count = 0;
    for name in [
        "dcpf-case14",
        "dcpf-case39",
        "dcpf-case118",
        "dcpf-case300",
        "dcpf-case1354pegase",
        "dcpf-case_RTS_GMLC",
    ] {
        let folder = cases.join(name);
        let params: Params =
            toml::from_str(&fs::read_to_string(folder.join("params.toml")).unwrap()).unwrap();
        let grid = case(&params.case);
        let hour = Hour::intact(&grid);
        let row: HashMap<&str, BusIdx> =
            grid.buses.iter().enumerate().map(|(i, b)| (b.id.as_str(), BusIdx::new(i))).collect();
        let mut injection: Vec<f64> = grid.buses.iter().map(|b| -b.shunt_g_mw).collect();
        for d in &grid.loads {
            injection[d.bus.i()] -= d.p_mw;
        }
        let reference = row[params.reference_bus.as_str()];
        let mut at_reference = 0.0;
        for g in grid.generators.iter().filter(|g| g.in_service) {
            injection[g.bus.i()] += g.p_mw;
            if g.bus == reference {
                at_reference += g.p_mw;
            }
        }
        let flow = dc_power_flow(&grid, &hour.bus, &hour.branch, &injection, &[reference]);
        assert!(flow.solved);
        let output = at_reference + flow.slack_mw[reference.i()];
        let off = (output - params.reference_p_mw).abs();
        assert!(off <= params.tolerance.p_mw, "{name}: {output} MW");
        let mut worst = 0.0f64;
        for cells in rows(&folder.join("expected/angles.csv")) {
            let expected: f64 = cells[1].parse().unwrap();
            let got =
                flow.angle_rad[row[cells[0].as_str()].i()].to_degrees() + params.reference_va_deg;
            let off = (got - expected).abs();
            assert!(off <= params.tolerance.va_deg, "{name}: bus {}: {got}", cells[0]);
            worst = worst.max(off);
            count += 1;
        }
        println!("{name:22} worst angle difference {worst:.1e} degrees");
    }
    assert!(count > 1_800, "{count} buses");
}
