//! Optimal power flow beside published objectives and HiGHS.

use std::path::Path;

use blackstart::grid::Snapshot;
use blackstart::grid::opf::{
    DcOptimalFlowOptions, DcOptimalFlowStatus, OptimalFlowOptions, OptimalFlowStatus, Susceptance,
    ac_optimal_flow, dc_optimal_flow,
};
use blackstart::region::Grid;

use crate::root;
use crate::tables::{case, head, line, number, rows};

fn own(folder: &str, file: &str) -> Result<Grid, String> {
    let read = blackstart_io::load_grid(&root().join("testdata/cases").join(folder).join(file));
    read.network.ok_or_else(|| format!("{file}: {:?}", read.problems.first()))
}

fn word(solved: bool, status: &impl std::fmt::Debug) -> String {
    if solved { "solved".to_owned() } else { format!("{status:?}") }
}

pub(crate) fn ac(_: &Path) -> Result<String, String> {
    let mut out = "Costs per hour that `PowerModels` (its own tests) and PGLib-OPF (its table \
        of baselines) publish, with the tolerance that their rounding leaves. Beside Ipopt on \
        cases of 118 to 9,241 buses: `bench/GRID.md`.\n\n"
        .to_owned();
    out += &head(&["case", "published", "here", "tolerance", "iterations", "status"]);
    for row in rows(&root().join("testdata/cases/opf/expected.csv"))? {
        let grid = own("opf", &format!("{}.m", row[0]))?;
        let at = Snapshot::of(&grid);
        let flow = ac_optimal_flow(&grid, &at, &OptimalFlowOptions::default());
        out += &line(&[
            row[0].clone(),
            row[1].clone(),
            format!("{:.2}", flow.cost_per_h),
            row[2].clone(),
            flow.iterations.to_string(),
            word(flow.status == OptimalFlowStatus::Solved, &flow.status),
        ]);
    }
    Ok(out)
}

pub(crate) fn dc(peers: &Path) -> Result<String, String> {
    let mut out = "Objectives that `PowerModels` publishes, on its susceptances \
        (`testdata/cases/dcopf-powermodels`):\n\n"
        .to_owned();
    out += &head(&["case", "published", "here", "tolerance"]);
    for row in rows(&root().join("testdata/cases/dcopf-powermodels/expected.csv"))? {
        let grid = own("dcopf-powermodels", &row[0])?;
        let options = DcOptimalFlowOptions {
            susceptance: Susceptance::PowerModels,
            ..DcOptimalFlowOptions::default()
        };
        let flow = dc_optimal_flow(&grid, &Snapshot::of(&grid), &options);
        let here = if flow.status == DcOptimalFlowStatus::Solved {
            format!("{:.2}", flow.cost_per_h)
        } else {
            format!("{:?}", flow.status)
        };
        out += &line(&[
            row[0].trim_end_matches(".m").to_owned(),
            row[1].clone(),
            here,
            row[2].clone(),
        ]);
    }
    out += "\nPublic cases on MATPOWER's susceptances beside HiGHS; demanded: a relative \
        difference of 1e-6.\n\n";
    out += &head(&["case", "buses", "HiGHS", "here", "relative difference"]);
    for row in rows(&peers.join("opf/objectives.csv"))? {
        let grid = case(peers, &row[0])?;
        let flow = dc_optimal_flow(&grid, &Snapshot::of(&grid), &DcOptimalFlowOptions::default());
        let solved = flow.status == DcOptimalFlowStatus::Solved;
        let off = number(&row[1]).filter(|_| solved).map_or("–".to_owned(), |want| {
            format!("{:.0e}", (flow.cost_per_h / want - 1.0).abs())
        });
        let here = if solved {
            format!("{:.2}", flow.cost_per_h)
        } else if matches!(flow.status, DcOptimalFlowStatus::Infeasible { .. }) {
            "infeasible".to_owned()
        } else {
            format!("{:?}", flow.status)
        };
        let there = number(&row[1]).map_or(row[1].clone(), |v| format!("{v:.2}"));
        out += &line(&[row[0].clone(), grid.buses.len().to_string(), there, here, off]);
    }
    Ok(out)
}
