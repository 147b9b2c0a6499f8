//! Dispatch of damaged cases beside HiGHS.

use std::collections::BTreeMap;
use std::path::Path;

use blackstart::grid::{Demand, DispatchInput, GridSolver};
use blackstart::region::Grid;

use crate::tables::{case, head, line, number, rows};

/// One instance of `testdata/peers/grid.py`: the objective here, MW.
fn objective(grid: &Grid, changes: &[Vec<String>]) -> Result<f64, String> {
    let bus: Vec<bool> = grid.buses.iter().map(|b| b.in_service).collect();
    let mut branch: Vec<bool> = grid.branches.iter().map(|l| l.in_service).collect();
    let mut rate: Vec<f64> = grid.branches.iter().map(|l| l.rate_mva).collect();
    let mut p_max: Vec<f64> = grid
        .generators
        .iter()
        .map(|g| if g.in_service && bus[g.bus.i()] { g.p_max_mw } else { 0.0 })
        .collect();
    for change in changes {
        let row: usize = change[1].parse().map_err(|e| format!("{e}"))?;
        match change[0].as_str() {
            "branch" => branch[row] = false,
            "generator" => p_max[row] = 0.0,
            "rate" => rate[row] = number(&change[2]).ok_or("a rating that is no number")?,
            other => return Err(format!("table {other}")),
        }
    }
    let demand = |d: &blackstart::region::Load| Demand {
        bus: d.bus,
        p_mw: d.p_mw,
        max_share: 1.0,
        weight: [1.0, 3.0, 10.0][d.bus.i() % 3],
    };
    let input = DispatchInput {
        bus_in_service: &bus,
        branch_in_service: &branch,
        rate_mw: &rate,
        p_min_mw: &vec![0.0; p_max.len()],
        p_max_mw: &p_max,
        dc_line_in_service: &grid.dc_lines.iter().map(|l| l.in_service).collect::<Vec<_>>(),
        demands: &grid.loads.iter().map(demand).collect::<Vec<_>>(),
    };
    Ok(GridSolver::new(grid).with_switching(None).dispatch(grid, &input).objective)
}

pub(crate) fn section(peers: &Path) -> Result<String, String> {
    let mut by_case: BTreeMap<(usize, String), (usize, f64)> = BTreeMap::new();
    let mut grids: BTreeMap<String, Grid> = BTreeMap::new();
    for row in rows(&peers.join("grid/instances.csv"))? {
        if !grids.contains_key(&row[1]) {
            grids.insert(row[1].clone(), case(peers, &row[1])?);
        }
        let grid = &grids[&row[1]];
        let changes = rows(&peers.join(format!("grid/{}.csv", row[0])))?;
        let want = number(&row[3]).ok_or("an objective that is no number")?;
        let away = (objective(grid, &changes)? / want - 1.0).abs();
        let entry = by_case.entry((grid.buses.len(), row[1].clone())).or_default();
        *entry = (entry.0 + 1, entry.1.max(away));
    }
    let mut out = "10 % of branches and generators out, with the case's ratings and with ratings \
        just above 80 % of the intact flows; weights 1, 3, 10. Largest relative difference of \
        the weighted service from HiGHS; demanded: 1e-6.\n\n"
        .to_owned();
    out += &head(&["case", "buses", "instances", "largest difference"]);
    for ((buses, name), (count, away)) in by_case {
        out += &line(&[name, buses.to_string(), count.to_string(), format!("{away:.0e}")]);
    }
    Ok(out)
}
