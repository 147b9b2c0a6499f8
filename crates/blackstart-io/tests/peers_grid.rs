//! Dispatch and DC flow against outside programs: HiGHS (values computed by
//! `testdata/peers/grid.py`) and MATPOWER (values in `testdata/cases/dcpf-*`).
#![cfg(feature = "peers")]
// What was measured is worth reading when the tests run with `--nocapture`.
#![allow(clippy::print_stdout)]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use blackstart::grid::{Demand, DispatchInput, GridSolver, dc_power_flow};
use blackstart::region::{Branch, BusIdx, DcLine, Generator, Grid, Load};
use blackstart::results::HourStatus;
use blackstart_io::formats::matpower;

fn peers() -> PathBuf {
    std::env::var_os("BLACKSTART_PEERS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/peers"),
        PathBuf::from,
    )
}

/// A MATPOWER case with its references resolved.
fn case(name: &str) -> Grid {
    let path = peers().join(format!("networks/matpower/{name}.m"));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let draft = matpower::parse(&text, &path).value;
    let row: HashMap<String, BusIdx> =
        draft.buses.iter().enumerate().map(|(i, b)| (b.id.clone(), BusIdx::new(i))).collect();
    let at = |id: &String| row[id];
    Grid {
        base_mva: draft.base_mva,
        branches: draft
            .branches
            .iter()
            .map(|l| Branch {
                id: l.id.clone(),
                kind: l.kind,
                from: at(&l.from),
                to: at(&l.to),
                r_pu: l.r_pu,
                x_pu: l.x_pu,
                b_pu: l.b_pu,
                tap: l.tap,
                shift_deg: l.shift_deg,
                rate_mva: l.rate_mva,
                in_service: l.in_service,
            })
            .collect(),
        generators: draft
            .generators
            .iter()
            .map(|g| Generator {
                id: g.id.clone(),
                kind: g.kind,
                bus: at(&g.bus),
                p_min_mw: g.p_min_mw,
                p_max_mw: g.p_max_mw,
                p_mw: g.p_mw,
                q_min_mvar: g.q_min_mvar,
                q_max_mvar: g.q_max_mvar,
                vm_pu: g.vm_pu,
                fuel_h: g.fuel_h,
                facility: g.facility.clone(),
                in_service: g.in_service,
            })
            .collect(),
        loads: draft
            .loads
            .iter()
            .map(|d| Load {
                id: d.id.clone(),
                bus: at(&d.bus),
                p_mw: d.p_mw,
                q_mvar: d.q_mvar,
                priority: d.priority,
                queue: d.queue,
                profile: d.profile,
            })
            .collect(),
        dc_lines: draft
            .dc_lines
            .iter()
            .map(|l| DcLine {
                id: l.id.clone(),
                from: at(&l.from),
                to: at(&l.to),
                p_min_mw: l.p_min_mw,
                p_max_mw: l.p_max_mw,
                loss_mw: l.loss_mw,
                loss_share: l.loss_share,
                in_service: l.in_service,
            })
            .collect(),
        buses: draft.buses,
    }
}

/// A table of numbers and words, without its head.
fn rows(path: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines().skip(1).map(|l| l.split(',').map(str::to_owned).collect()).collect()
}

/// State of a damaged hour.
struct Hour {
    bus: Vec<bool>,
    branch: Vec<bool>,
    rate: Vec<f64>,
    p_min: Vec<f64>,
    p_max: Vec<f64>,
    dc: Vec<bool>,
    demands: Vec<Demand>,
}

impl Hour {
    /// Everything the file has in service, least outputs 0, weights 1, 3, 10 by bus row.
    fn intact(grid: &Grid) -> Self {
        let up = |g: &Generator| g.in_service && grid.buses[g.bus.i()].in_service;
        Self {
            bus: grid.buses.iter().map(|b| b.in_service).collect(),
            branch: grid.branches.iter().map(|l| l.in_service).collect(),
            rate: grid.branches.iter().map(|l| l.rate_mva).collect(),
            p_min: vec![0.0; grid.generators.len()],
            p_max: grid.generators.iter().map(|g| if up(g) { g.p_max_mw } else { 0.0 }).collect(),
            dc: grid.dc_lines.iter().map(|l| l.in_service).collect(),
            demands: grid
                .loads
                .iter()
                .map(|d| Demand {
                    bus: d.bus,
                    p_mw: d.p_mw,
                    max_share: 1.0,
                    weight: [1.0, 3.0, 10.0][d.bus.i() % 3],
                })
                .collect(),
        }
    }

    fn input(&self) -> DispatchInput<'_> {
        DispatchInput {
            bus_in_service: &self.bus,
            branch_in_service: &self.branch,
            rate_mw: &self.rate,
            p_min_mw: &self.p_min,
            p_max_mw: &self.p_max,
            dc_line_in_service: &self.dc,
            demands: &self.demands,
        }
    }
}

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
        for change in rows(&folder.join(format!("{name}.csv"))) {
            let row: usize = change[1].parse().unwrap();
            match change[0].as_str() {
                "branch" => hour.branch[row] = false,
                "generator" => hour.p_max[row] = 0.0,
                "rate" => hour.rate[row] = change[2].parse().unwrap(),
                other => panic!("table {other}"),
            }
        }
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
    assert!(count >= 40, "{count}");
    assert!(worst.0 <= 1e-6, "{worst:?}");
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
