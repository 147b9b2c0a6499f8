//! `grid flow`: one power flow.

use std::fmt::Write as _;

use blackstart::grid::{
    IslandStatus, Method, PowerFlow, PowerFlowOptions, PowerFlowSolver, ReactiveLimits, Start,
};
use blackstart::region::Grid;
use blackstart_io::write::grid_tables;
use serde_json::{Map, Value, json};

use super::{Done, Input};
use crate::args::Cli;
use crate::args::grid::{self as args, Flow};
use crate::exit::Exit;

pub(super) fn flow(cli: &Cli, args: &Flow) -> Result<Exit, Exit> {
    let input = Input::read(cli, &args.case)?;
    let options = options(args);
    let flow = PowerFlowSolver::new(&input.grid).solve(&input.grid, &input.at, &options);
    let done = Done {
        tables: grid_tables::power_flow(&input.grid, &flow),
        summary: summary(&input.grid, &flow),
        text: text(&input.grid, &flow),
        degraded: !flow.solved(),
    };
    let settings = [
        ("model", if args.model.dc { "dc" } else { "ac" }.to_owned()),
        ("method", format!("{:?}", options.method)),
        ("start", format!("{:?}", options.start)),
        ("reactive_limits", format!("{:?}", options.reactive_limits)),
        ("distributed_slack", options.distributed_slack.to_string()),
        ("tolerance_pu", options.tolerance_pu.to_string()),
    ];
    input.write(cli, &args.case, "grid flow", &settings, &done)
}

fn options(args: &Flow) -> PowerFlowOptions {
    let method = match args.method {
        _ if args.model.dc => Method::Dc,
        args::Method::Newton => Method::Newton,
        args::Method::FastDecoupledXb => Method::FastDecoupledXb,
        args::Method::FastDecoupledBx => Method::FastDecoupledBx,
    };
    PowerFlowOptions {
        method,
        start: match args.start {
            args::Start::Case => Start::Case,
            args::Start::Flat => Start::Flat,
            args::Start::Dc => Start::Dc,
        },
        reactive_limits: if args.enforce_q { ReactiveLimits::Hold } else { ReactiveLimits::Ignore },
        distributed_slack: args.distributed_slack,
        tolerance_pu: args.tolerance,
        ..PowerFlowOptions::default()
    }
}

fn summary(grid: &Grid, flow: &PowerFlow) -> Map<String, Value> {
    let mut out = Map::new();
    let solved = flow.islands.iter().filter(|i| i.status == IslandStatus::Solved).count();
    let dark = flow.islands.iter().filter(|i| i.status == IslandStatus::NoGenerator).count();
    out.insert("buses".into(), json!(grid.buses.len()));
    out.insert("branches".into(), json!(grid.branches.len()));
    out.insert("islands".into(), json!(flow.islands.len()));
    out.insert("islands_solved".into(), json!(solved));
    out.insert("islands_dark".into(), json!(dark));
    out.insert("solved".into(), json!(flow.solved()));
    out.insert("generation_mw".into(), json!(flow.generator_p_mw.iter().sum::<f64>()));
    out.insert("losses_mw".into(), json!(flow.losses_mw()));
    if let Some((low, high)) = extremes(flow) {
        out.insert("vm_min_pu".into(), json!(flow.vm_pu[low]));
        out.insert("vm_min_bus".into(), json!(grid.buses[low].id));
        out.insert("vm_max_pu".into(), json!(flow.vm_pu[high]));
        out.insert("vm_max_bus".into(), json!(grid.buses[high].id));
    }
    out
}

/// Buses of the lowest and the highest voltage.
fn extremes(flow: &PowerFlow) -> Option<(usize, usize)> {
    let lit = || (0..flow.vm_pu.len()).filter(|&b| flow.vm_pu[b] > 0.0);
    let by = |a: &usize, b: &usize| flow.vm_pu[*a].total_cmp(&flow.vm_pu[*b]);
    Some((lit().min_by(by)?, lit().max_by(by)?))
}

fn text(grid: &Grid, flow: &PowerFlow) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} buses, {} branches, {} island{}: {:.1} MW generated, {:.2} MW lost in the network.",
        grid.buses.len(),
        grid.branches.len(),
        flow.islands.len(),
        if flow.islands.len() == 1 { "" } else { "s" },
        flow.generator_p_mw.iter().sum::<f64>(),
        flow.losses_mw(),
    );
    if let Some((low, high)) = extremes(flow) {
        let _ = writeln!(
            out,
            "Voltages from {:.4} p.u. (bus {}) to {:.4} p.u. (bus {}).",
            flow.vm_pu[low], grid.buses[low].id, flow.vm_pu[high], grid.buses[high].id
        );
    }
    let over = (0..grid.branches.len()).filter(|&l| flow.loading_percent(grid, l) > 100.0).count();
    if over > 0 {
        let s = if over == 1 { "" } else { "es" };
        let _ = writeln!(out, "{over} branch{s} loaded beyond the rating.");
    }
    for island in flow.islands.iter().take(20) {
        let at = &grid.buses[island.reference.i()].id;
        let bus = |b: blackstart::region::BusIdx| &grid.buses[b.i()].id;
        let _ = match island.status {
            IslandStatus::Solved => Ok(()),
            IslandStatus::NotConverged { worst_mismatch_mva, worst_bus } => writeln!(
                out,
                "The island of bus {at} ({} buses) has no solution that was found: the nearest \
                 leaves {worst_mismatch_mva:.3} MVA at bus {}.",
                island.buses,
                bus(worst_bus)
            ),
            IslandStatus::ReactiveLimits { worst_excess_mvar, worst_bus } => writeln!(
                out,
                "The island of bus {at} ({} buses) has not enough reactive power: \
                 {worst_excess_mvar:.3} MVAr too little range at bus {}.",
                island.buses,
                bus(worst_bus)
            ),
            IslandStatus::NoGenerator => writeln!(
                out,
                "The island of bus {at} ({} bus{}) is dark: no generator.",
                island.buses,
                if island.buses == 1 { "" } else { "es" }
            ),
            IslandStatus::NotANumber { bus: b } => {
                writeln!(
                    out,
                    "The island of bus {at} has a value that is no number at bus {}.",
                    bus(b)
                )
            }
            IslandStatus::Singular => writeln!(
                out,
                "The island of bus {at} ({} buses) has no unique solution: negative reactances \
                 cancel out.",
                island.buses
            ),
        };
    }
    out
}
