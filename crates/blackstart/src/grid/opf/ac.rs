//! Optimal power flow with the full alternating-current equations in polar form.
//!
//! The problem of MATPOWER's `runopf` (User's Manual, section 6.1): polynomial or
//! piecewise linear costs, limits of voltages, outputs, apparent power at both ends of
//! branches and angle differences; loads are fixed. Solved per island by the interior
//! point of `grid/ac`. The reference bus of an island has the angle of the file.

use rayon::prelude::*;

use super::cost::{UnitCost, unit_cost};
use super::{OptimalFlow, OptimalFlowOptions, OptimalFlowStatus};
use crate::grid::Snapshot;
use crate::grid::ac::{
    DcControls, Ending, Entry, Group, Guess, InteriorPoint, Limit, Point, Program, Settings,
    Terminal, TwoPort, groups, nearest, range,
};
use crate::grid::deliver::problem::Problem;
use crate::grid::deliver::{AngleLimits, DeliverOptions};
use crate::region::{BusIdx, Grid};

/// Where the variables of a generator are.
struct Unit {
    /// Active output: the sum of these.
    p: Vec<Entry>,
    q: Entry,
    /// Cost that nothing can change.
    fixed_cost: f64,
}

/// A program and where its variables stand for what.
struct Written {
    program: Program,
    units: Vec<Unit>,
    dc: Vec<DcControls>,
}

/// The cheapest point at which `grid` serves all its demand in the state `at`: loads,
/// shunts and what is in service are the snapshot's; outputs and voltages are decided.
/// Islands without demand and generators stay dark.
///
/// # Panics
/// When the snapshot's tables are not as long as the grid's.
#[must_use]
pub fn ac_optimal_flow(grid: &Grid, at: &Snapshot, options: &OptimalFlowOptions) -> OptimalFlow {
    assert!(at.fits(grid), "a snapshot of this grid");
    let angles = if options.angle_limits { AngleLimits::Given } else { AngleLimits::Ignore };
    let recipe = DeliverOptions { angles, storages: None, ..DeliverOptions::default() };
    let problem = Problem::new(grid, at, &recipe);
    let live: Vec<bool> = problem.buses.iter().map(|b| b.live).collect();
    let (groups, node) = groups(&problem, &live);
    let fed: Vec<&Group> =
        groups.iter().filter(|g| !(g.generators.is_empty() && g.loads.is_empty())).collect();
    let settings = Settings {
        tolerance: options.tolerance,
        max_iterations: options.max_iterations as usize,
        ..Settings::default()
    };
    let answers: Vec<(Written, Point)> = fed
        .par_iter()
        .map(|group| {
            let w = write(grid, &problem, group, &node);
            let point = cheapest(&w.program, settings);
            (w, point)
        })
        .collect();

    let mut flow = blank(grid);
    let base = problem.base_mva;
    for (group, (w, point)) in fed.iter().zip(&answers) {
        fill(&mut flow, &problem, group, w, point);
        flow.iterations = flow.iterations.max(point.iterations as u32);
        let status = match point.ending {
            Ending::Optimal => OptimalFlowStatus::Solved,
            Ending::Feasible => OptimalFlowStatus::Feasible,
            Ending::NotFound => OptimalFlowStatus::NotFound {
                worst_bus: BusIdx::new(group.buses[point.worst_node as usize]),
                worst_mismatch_mva: point.mismatch * base,
            },
        };
        if rank(&status) > rank(&flow.status) {
            flow.status = status;
        }
    }
    flow
}

/// Order of badness.
fn rank(status: &OptimalFlowStatus) -> (u8, f64) {
    match status {
        OptimalFlowStatus::Solved => (0, 0.0),
        OptimalFlowStatus::Feasible => (1, 0.0),
        OptimalFlowStatus::NotFound { worst_mismatch_mva, .. } => (2, *worst_mismatch_mva),
    }
}

/// Islands up to this size are solved from two starts: local optima differ most often in
/// the small cases that were made to show it, and a second solution costs nothing there.
const SMALL: usize = 60;

/// The cheaper of the points that two starts lead to, or the nearest to a point if none
/// does.
fn cheapest(program: &Program, settings: Settings) -> Point {
    let first = InteriorPoint::new(program, settings).solve();
    if first.ending != Ending::NotFound && program.nodes.len() > SMALL {
        return first;
    }
    let flat = Settings { guess: Guess::Flat, ..settings };
    let second = InteriorPoint::new(program, flat).solve();
    match (first.ending == Ending::NotFound, second.ending == Ending::NotFound) {
        (false, false) if second.cost < first.cost - 1e-6 * first.cost.abs() => second,
        (false, _) => first,
        (true, false) => second,
        (true, true) => nearest(program, first, settings),
    }
}

fn write(grid: &Grid, problem: &Problem, group: &Group, node: &[u32]) -> Written {
    let voltage = |bus: usize| {
        let b = &problem.buses[bus];
        [Limit::hard(b.vm_min), Limit::hard(b.vm_max)]
    };
    let (mut program, dc) = Program::network(problem, group, node, &voltage);
    let base = problem.base_mva;
    for (b, &bus) in program.nodes.iter_mut().zip(&group.buses) {
        b.fixed_angle = b.fixed_angle.map(|_| {
            let va = grid.buses[bus].va_deg;
            if va.is_finite() { va.to_radians() } else { 0.0 }
        });
    }
    for &k in &group.loads {
        let row = &problem.loads[k];
        let demand = &mut program.nodes[node[row.bus] as usize].demand;
        demand[0] += row.p;
        demand[1] += row.q;
    }
    for &k in &group.shunts {
        let row = &problem.shunts[k];
        let shunt = &mut program.nodes[node[row.bus] as usize].shunt;
        shunt[0] += row.g;
        shunt[1] += row.b;
    }
    let mut units = Vec::new();
    for &k in &group.generators {
        let row = &problem.generators[k];
        let at = |gain| Terminal { node: node[row.bus], gain };
        let (active, reactive) = (at([1.0, 0.0]), at([0.0, 1.0]));
        let (low, high) = range(row.p_min, row.p_max);
        let cost = unit_cost(grid.generators[row.generator].cost.as_ref(), base, low, high);
        let mut fixed_cost = 0.0;
        let p = match cost {
            UnitCost::Polynomial(c) => {
                let limits = [Limit::hard(low), Limit::hard(high)];
                let entry = program.quantity(active, None, limits, c.clone());
                if entry.control.is_none() {
                    fixed_cost = c.iter().rev().fold(0.0, |v, c| v * entry.constant + c);
                }
                vec![entry]
            }
            UnitCost::Pieces(at_low, pieces) => {
                fixed_cost = at_low;
                let limits = [Limit::hard(low); 2];
                let mut entries = vec![program.quantity(active, None, limits, Vec::new())];
                for (slope, length) in pieces {
                    let limits = [Limit::hard(0.0), Limit::hard(length)];
                    entries.push(program.quantity(active, None, limits, vec![0.0, slope]));
                }
                entries
            }
        };
        let (low, high) = range(row.q_min, row.q_max);
        let q = program.quantity(reactive, None, [low, high].map(Limit::hard), Vec::new());
        units.push(Unit { p, q, fixed_cost });
    }
    Written { program, units, dc }
}

fn fill(flow: &mut OptimalFlow, problem: &Problem, group: &Group, w: &Written, point: &Point) {
    let base = problem.base_mva;
    flow.cost_per_h += point.cost;
    for (k, &bus) in group.buses.iter().enumerate() {
        flow.vm_pu[bus] = point.magnitude[k];
        flow.va_deg[bus] = point.angle[k].to_degrees();
        flow.price_per_mwh[bus] = point.price[k][0] / base;
        flow.price_per_mvarh[bus] = point.price[k][1] / base;
    }
    for (&k, unit) in group.generators.iter().zip(&w.units) {
        let g = problem.generators[k].generator;
        let sum: f64 = unit.p.iter().map(|e| e.value(&point.control)).sum();
        flow.generator_p_mw[g] = sum * base;
        flow.generator_q_mvar[g] = unit.q.value(&point.control) * base;
        flow.cost_per_h += unit.fixed_cost;
    }
    for (&k, dc) in group.dc_lines.iter().zip(&w.dc) {
        let line = problem.dc_lines[k].line;
        flow.dc_line_p_mw[line] = dc.p.value(&point.control) * base;
        flow.dc_line_q_from_mvar[line] = dc.q_from.value(&point.control) * base;
        flow.dc_line_q_to_mvar[line] = dc.q_to.value(&point.control) * base;
    }
    for &k in &group.branches {
        let l = &problem.branches[k];
        let delta = (flow.va_deg[l.from] - flow.va_deg[l.to]).to_radians();
        let [pf, qf, pt, qt] = TwoPort::of_series([l.g, l.b], l.b_half, l.tap, l.shift_rad).values(
            delta,
            flow.vm_pu[l.from],
            flow.vm_pu[l.to],
        );
        flow.branch_p_from_mw[l.branch] = pf * base;
        flow.branch_q_from_mvar[l.branch] = qf * base;
        flow.branch_p_to_mw[l.branch] = pt * base;
        flow.branch_q_to_mvar[l.branch] = qt * base;
    }
}

fn blank(grid: &Grid) -> OptimalFlow {
    let (n, m, g) = (grid.buses.len(), grid.branches.len(), grid.generators.len());
    OptimalFlow {
        status: OptimalFlowStatus::Solved,
        cost_per_h: 0.0,
        vm_pu: vec![0.0; n],
        va_deg: vec![0.0; n],
        price_per_mwh: vec![0.0; n],
        price_per_mvarh: vec![0.0; n],
        generator_p_mw: vec![0.0; g],
        generator_q_mvar: vec![0.0; g],
        branch_p_from_mw: vec![0.0; m],
        branch_q_from_mvar: vec![0.0; m],
        branch_p_to_mw: vec![0.0; m],
        branch_q_to_mvar: vec![0.0; m],
        dc_line_p_mw: vec![0.0; grid.dc_lines.len()],
        dc_line_q_from_mvar: vec![0.0; grid.dc_lines.len()],
        dc_line_q_to_mvar: vec![0.0; grid.dc_lines.len()],
        iterations: 0,
    }
}
