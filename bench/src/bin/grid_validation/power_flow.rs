//! Voltages of every public MATPOWER case beside PYPOWER's.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use blackstart::grid::{
    IslandStatus, Method, PowerFlow, PowerFlowOptions, PowerFlowSolver, ReactiveLimits, Snapshot,
};
use blackstart::region::{BusIdx, Grid};

use crate::tables::{case, head, line, number, rows};

/// A case with the rows of `cases.csv` by kind.
struct Entry {
    name: String,
    grid: Grid,
    kinds: HashMap<String, Vec<String>>,
}

/// Cases in the order of their size.
fn cases(peers: &Path) -> Result<Vec<Entry>, String> {
    let mut found: HashMap<String, HashMap<String, Vec<String>>> = HashMap::new();
    for row in rows(&peers.join("power_flow/cases.csv"))? {
        found.entry(row[0].clone()).or_default().insert(row[1].clone(), row);
    }
    let mut out = Vec::new();
    for (name, kinds) in found {
        out.push(Entry { grid: case(peers, &name)?, name, kinds });
    }
    out.sort_by_key(|e| (e.grid.buses.len(), e.name.clone()));
    Ok(out)
}

/// Largest differences of voltage and angle from two columns of a case's table.
fn off(
    grid: &Grid,
    flow: &PowerFlow,
    table: &[Vec<String>],
    vm: Option<usize>,
    va: usize,
) -> [f64; 2] {
    let row: HashMap<&str, usize> =
        grid.buses.iter().enumerate().map(|(i, b)| (b.id.as_str(), i)).collect();
    let mut worst = [0.0f64; 2];
    for cells in table {
        let Some(&i) = row.get(cells[0].as_str()) else { return [f64::NAN; 2] };
        if let Some(want) = vm.and_then(|c| number(&cells[c])) {
            worst[0] = worst[0].max((flow.vm_pu[i] - want).abs());
        }
        if let Some(want) = number(&cells[va]) {
            let turn = (flow.va_deg[i] - want + 180.0).rem_euclid(360.0) - 180.0;
            worst[1] = worst[1].max(turn.abs());
        }
    }
    worst
}

/// How a power flow ended, in words.
fn words(grid: &Grid, flow: &PowerFlow) -> String {
    let Some(island) = flow
        .islands
        .iter()
        .find(|i| !matches!(i.status, IslandStatus::Solved | IslandStatus::NoGenerator))
    else {
        let dark = flow.islands.iter().filter(|i| i.status == IslandStatus::NoGenerator).count();
        return if dark > 0 { format!("solved, {dark} dark islands") } else { "solved".to_owned() };
    };
    let at = |bus: BusIdx| &grid.buses[bus.i()].id;
    if let IslandStatus::NotConverged { worst_mismatch_mva, worst_bus } = island.status {
        let bus = at(worst_bus);
        return format!("told not to converge: {worst_mismatch_mva:.1e} MVA at bus {bus}");
    }
    if let IslandStatus::ReactiveLimits { worst_excess_mvar, worst_bus } = island.status {
        let bus = at(worst_bus);
        return format!(
            "told: every unit beyond a limit, by {worst_excess_mvar:.2} MVAr at bus {bus}"
        );
    }
    format!("told: {:?}", island.status)
}

/// One cell: what differs where the peer has a solution, else what is said here.
fn cell(grid: &Grid, flow: &PowerFlow, peer: bool, away: [f64; 2]) -> [String; 3] {
    let iterations = flow.islands.iter().map(|i| i.iterations).max().unwrap_or(0).to_string();
    if peer && flow.solved() {
        [format!("{:.0e}", away[0]), format!("{:.0e}", away[1]), iterations]
    } else if peer {
        [words(grid, flow), "**differs**".to_owned(), iterations]
    } else {
        [format!("PYPOWER: none; here: {}", words(grid, flow)), String::new(), iterations]
    }
}

/// AC, without and with reactive limits.
pub(crate) fn ac(peers: &Path) -> Result<String, String> {
    let mut out = "All cases that come with MATPOWER 8.1, against PYPOWER's Newton (its matrices \
        and steps, 1e-10 p.u.); start point of the file, tolerance 1e-9 p.u. here. Largest \
        differences over all buses; demanded: 1e-7 p.u. and 1e-5°. With reactive limits units \
        are held at their limits, all at once, until none is beyond (MATPOWER's \
        `pf.enforce_q_lims = 1`). *It*: iterations here / there.\n\n"
        .to_owned();
    out += &head(&[
        "case",
        "buses",
        "max ΔV, p.u.",
        "max Δθ, °",
        "it",
        "limits: max ΔV, p.u.",
        "max Δθ, °",
        "it",
    ]);
    let (mut solved, mut worst) = ([0; 2], [0.0f64; 2]);
    for Entry { name, grid, kinds } in cases(peers)? {
        let table = rows(&peers.join(format!("power_flow/{name}.csv")))?;
        let at = Snapshot::of(&grid);
        let mut solver = PowerFlowSolver::new(&grid);
        let mut cells = vec![name.clone(), grid.buses.len().to_string()];
        for (k, (kind, reactive_limits, vm)) in
            [("ac", ReactiveLimits::Ignore, 1), ("acq", ReactiveLimits::Hold, 3)]
                .into_iter()
                .enumerate()
        {
            let options = PowerFlowOptions {
                tolerance_pu: 1e-9,
                reactive_limits,
                ..PowerFlowOptions::default()
            };
            let flow = solver.solve(&grid, &at, &options);
            let row = kinds.get(kind);
            let peer = row.is_some_and(|r| r[2] == "1");
            let away = off(&grid, &flow, &table, Some(vm), vm + 1);
            let [a, b, mut it] = cell(&grid, &flow, peer, away);
            if peer {
                let _ = write!(it, " / {}", row.map_or("", |r| r[3].as_str()));
                solved[k] += 1;
                worst = [worst[0].max(away[0]), worst[1].max(away[1])];
            }
            cells.extend([a, b, it]);
        }
        out += &line(&cells);
    }
    let _ = writeln!(
        out,
        "\nSolutions compared: {} without limits, {} with; largest differences {:.0e} p.u. and \
         {:.0e}°.",
        solved[0], solved[1], worst[0], worst[1]
    );
    Ok(out)
}

/// DC angles.
pub(crate) fn dc(peers: &Path) -> Result<String, String> {
    let (mut count, mut worst, mut where_) = (0, 0.0f64, String::new());
    let mut odd = String::new();
    for Entry { name, grid, kinds } in cases(peers)? {
        let table = rows(&peers.join(format!("power_flow/{name}.csv")))?;
        let options = PowerFlowOptions { method: Method::Dc, ..PowerFlowOptions::default() };
        let flow = PowerFlowSolver::new(&grid).solve(&grid, &Snapshot::of(&grid), &options);
        if kinds.get("dc").is_none_or(|r| r[2] != "1") {
            let _ =
                writeln!(odd, "- {name}: PYPOWER has no solution; here: {}", words(&grid, &flow));
            continue;
        }
        let away = off(&grid, &flow, &table, None, 5)[1];
        count += 1;
        if !flow.solved() {
            let _ = writeln!(odd, "- {name}: {}", words(&grid, &flow));
        } else if away > worst {
            (worst, where_) = (away, name);
        }
    }
    Ok(format!(
        "{count} cases against PYPOWER: largest difference of an angle {worst:.0e}° ({where_}).\n{odd}"
    ))
}
