//! AC and DC power flows of public MATPOWER cases against PYPOWER (values computed by
//! `testdata/peers/power_flow.py`) and MATPOWER (`testdata/cases/power-flow`).
#![cfg(feature = "peers")]
// What was measured is worth reading when the tests run with `--nocapture`.
#![allow(clippy::print_stdout)]

mod grid_case;

use std::collections::HashMap;
use std::path::Path;

use blackstart::grid::{
    IslandStatus, Method, PowerFlow, PowerFlowOptions, PowerFlowSolver, ReactiveLimits, Snapshot,
};
use blackstart::region::{BusKind, Grid};
use grid_case::{case, peers, rows};

const VM_PU: f64 = 1e-7;
const VA_DEG: f64 = 1e-5;
/// Of a unit's output, relative to the larger of itself and the base.
const OUTPUT: f64 = 1e-6;

fn number(cell: &str) -> Option<f64> {
    (!cell.is_empty()).then(|| cell.parse().unwrap())
}

/// Largest difference of voltages and angles from columns of a table of buses.
fn compare(
    grid: &Grid,
    flow: &PowerFlow,
    table: &[Vec<String>],
    columns: (usize, usize),
) -> [f64; 2] {
    let row: HashMap<&str, usize> =
        grid.buses.iter().enumerate().map(|(i, b)| (b.id.as_str(), i)).collect();
    let mut worst = [0.0f64; 2];
    for cells in table {
        let i = row[cells[0].as_str()];
        let angle = |a: f64| (a + 180.0).rem_euclid(360.0) - 180.0;
        let off = [
            number(&cells[columns.0]).map_or(0.0, |vm| flow.vm_pu[i] - vm),
            angle(flow.va_deg[i] - number(&cells[columns.1]).unwrap()),
        ];
        for c in 0..2 {
            assert!(off[c].is_finite(), "bus {}", cells[0]);
            worst[c] = worst[c].max(off[c].abs());
        }
    }
    worst
}

/// Largest relative difference of the outputs of units.
fn compare_units(
    grid: &Grid,
    flow: &PowerFlow,
    table: &[Vec<String>],
    columns: (usize, usize),
) -> f64 {
    let mut worst = 0.0f64;
    for cells in table {
        let g: usize = cells[0].parse().unwrap();
        // Ends of direct-current lines stand after the units.
        if g >= grid.generators.len() {
            continue;
        }
        for (got, c) in [(flow.generator_p_mw[g], columns.0), (flow.generator_q_mvar[g], columns.1)]
        {
            let want = number(&cells[c]).unwrap();
            worst = worst.max((got - want).abs() / want.abs().max(grid.base_mva));
        }
    }
    worst
}

#[test]
fn voltages_are_those_of_pypower() {
    let folder = peers().join("power_flow");
    let mut found: HashMap<String, Vec<Vec<String>>> = HashMap::new();
    for row in rows(&folder.join("cases.csv")) {
        found.entry(row[0].clone()).or_default().push(row);
    }
    let mut names: Vec<&String> = found.keys().collect();
    names.sort();
    let mut count = [0; 3];
    let mut failures = Vec::new();
    for name in names {
        let grid = case(name);
        let at = Snapshot::of(&grid);
        let buses = rows(&folder.join(format!("{name}.csv")));
        let units = rows(&folder.join(format!("{name}.units.csv")));
        let mut solver = PowerFlowSolver::new(&grid);
        for row in &found[name] {
            let converged = row[2] == "1";
            let usual = PowerFlowOptions { tolerance_pu: 1e-9, ..PowerFlowOptions::default() };
            let (kind, options, columns, outputs) = match row[1].as_str() {
                "ac" => (0, usual, (1, 2), (1, 2)),
                "acq" => {
                    let reactive_limits = ReactiveLimits::Hold;
                    (1, PowerFlowOptions { reactive_limits, ..usual }, (3, 4), (3, 4))
                }
                "dc" => (2, PowerFlowOptions { method: Method::Dc, ..usual }, (0, 5), (0, 0)),
                other => panic!("{other}"),
            };
            let flow = solver.solve(&grid, &at, &options);
            let iterations = flow.islands.iter().map(|i| i.iterations).max().unwrap_or(0);
            if !converged {
                let status = flow.islands.iter().find(|i| i.status != IslandStatus::Solved);
                println!("{name:20} {:3} not solved by PYPOWER; here: {status:?}", row[1]);
                continue;
            }
            let mut off = [0.0; 2];
            let mut output = 0.0;
            if kind == 2 {
                let table: Vec<Vec<String>> =
                    buses.iter().map(|r| vec![r[0].clone(), String::new(), r[5].clone()]).collect();
                off[1] = compare(&grid, &flow, &table, (1, 2))[1];
            } else {
                off = compare(&grid, &flow, &buses, columns);
                output = compare_units(&grid, &flow, &units, outputs);
            }
            println!(
                "{name:20} {:3} {:3} / {iterations:3} iterations, off {:8.1e} p.u. {:8.1e} degrees, units {output:8.1e}",
                row[1], row[3], off[0], off[1]
            );
            if !(off[0] < VM_PU && off[1] < VA_DEG && output < OUTPUT && flow.solved()) {
                failures.push(format!("{name} {}", row[1]));
            }
            count[kind] += 1;
        }
    }
    println!("{count:?} solutions compared");
    assert!(failures.is_empty(), "{failures:?}");
    assert!(count[0] >= 60 && count[1] >= 40 && count[2] >= 60, "{count:?}");
}

#[test]
fn losses_and_outputs_are_those_of_matpower() {
    let table =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/cases/power-flow/summary.csv");
    let mut count = 0;
    for row in rows(&table) {
        let name = &row[0];
        let want: Vec<f64> = row[1..].iter().map(|c| c.parse().unwrap()).collect();
        let grid = case(name);
        // MATPOWER leaves direct-current lines out unless told.
        let mut at = Snapshot::of(&grid);
        at.dc_line_in_service.fill(false);
        let mut solver = PowerFlowSolver::new(&grid);
        let options = PowerFlowOptions { tolerance_pu: 1e-9, ..PowerFlowOptions::default() };
        let flow = solver.solve(&grid, &at, &options);
        assert!(flow.solved(), "{name}: {:?}", flow.islands[0]);
        let slack = |values: &[f64]| -> f64 {
            let at_reference =
                |g: &usize| grid.buses[grid.generators[*g].bus.i()].kind == BusKind::Reference;
            (0..grid.generators.len()).filter(at_reference).map(|g| values[g]).sum()
        };
        let loss: f64 = flow.branch_p_from_mw.iter().chain(&flow.branch_p_to_mw).sum();
        let alive =
            || (0..grid.buses.len()).filter(|&i| flow.vm_pu[i] > 0.0).map(|i| flow.vm_pu[i]);
        let got = [
            loss,
            slack(&flow.generator_p_mw),
            slack(&flow.generator_q_mvar),
            alive().fold(f64::INFINITY, f64::min),
            alive().fold(0.0, f64::max),
        ];
        let scale = 1e-7 * grid.base_mva.max(want[0].abs());
        for (k, (got, want)) in got.iter().zip(&want).enumerate() {
            let most = if k < 3 { scale } else { VM_PU };
            assert!((got - want).abs() < most, "{name}: column {k}: {got} for {want}");
        }
        let dc = solver.solve(&grid, &at, &PowerFlowOptions { method: Method::Dc, ..options });
        let got = slack(&dc.generator_p_mw);
        assert!((got - want[5]).abs() < 1e-5 * (1.0 + want[5].abs() * 1e-3), "{name}: {got} MW");
        count += 1;
    }
    assert_eq!(count, 26);
}
