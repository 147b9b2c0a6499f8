//! blackstart's own objective in the DC formulation: the dispatch that `run` uses every
//! hour, on a snapshot.

use super::options::{AngleLimits, Control, DcBranch, DeliverOptions, Formulation, Limits};
use super::problem::Problem;
use super::relaxed::{blank, serve, terms};
use super::result::{Delivery, DeliveryStatus};
use crate::grid::{Demand, DispatchInput, GridSolver, Snapshot};
use crate::region::{BusIdx, Generator, Grid};
use crate::results::HourStatus;

/// True if the dispatch answers this problem: nothing but load is worth anything, and
/// nothing is asked that it does not know.
pub(super) fn answers(problem: &Problem, options: &DeliverOptions) -> bool {
    let worth = options.worth;
    options.formulation == Formulation::Dc
        && options.loads == Control::Share
        && options.shunts != Control::OnOff
        && options.generators != Control::On
        && options.buses == Control::On
        && options.storages.is_none_or(|s| s == Control::On)
        && options.output == Limits::Hard
        && options.dc_branch == DcBranch::TapAndShift
        && [worth.bus, worth.generator, worth.storage].iter().all(|w| *w == 0.0)
        && (options.angles == AngleLimits::Ignore
            || problem
                .branches
                .iter()
                .all(|l| l.angle_min.is_infinite() && l.angle_max.is_infinite()))
}

/// Solves by the dispatch. Storages discharge like generators, as far as their energy
/// lasts the period. With generators on or off, the dispatch's own rule says which run;
/// otherwise least outputs play no part.
pub(super) fn solve(
    grid: &Grid,
    at: &Snapshot,
    problem: &Problem,
    options: &DeliverOptions,
) -> Delivery {
    let base = problem.base_mva;
    let mut d = blank(grid, Formulation::Dc);
    let stores: Vec<Generator> = problem
        .storages
        .iter()
        .map(|s| {
            let lasting = s.energy * s.discharge_efficiency / options.hours.max(1e-6);
            let most = s.discharge_max.min(lasting).min(s.rate) - s.p_loss;
            Generator {
                bus: BusIdx::new(s.bus),
                p_max_mw: most.max(0.0) * base,
                ..Generator::default()
            }
        })
        .collect();
    let with_stores;
    let network = if stores.is_empty() {
        grid
    } else {
        with_stores = Grid {
            generators: grid.generators.iter().cloned().chain(stores).collect(),
            ..grid.clone()
        };
        &with_stores
    };
    let n = network.generators.len();
    let (mut p_min_mw, mut p_max_mw) = (vec![0.0; n], vec![0.0; n]);
    for g in &problem.generators {
        let row = &grid.generators[g.generator];
        p_max_mw[g.generator] = row.p_max_mw;
        let floor = row.p_min_mw;
        p_min_mw[g.generator] =
            if options.generators == Control::OnOff { floor } else { floor.min(0.0) };
    }
    for k in grid.generators.len()..n {
        p_max_mw[k] = network.generators[k].p_max_mw;
    }
    let demands: Vec<Demand> = problem
        .loads
        .iter()
        .map(|l| Demand {
            bus: BusIdx::new(l.bus),
            p_mw: l.p * base,
            max_share: 1.0,
            weight: if l.p == 0.0 { 0.0 } else { l.worth / l.p.abs() },
        })
        .collect();
    let rate_mw: Vec<f64> = grid
        .branches
        .iter()
        .map(|l| if l.rate_mva > 0.0 { l.rate_mva } else { f64::INFINITY })
        .collect();
    let input = DispatchInput {
        bus_in_service: &at.bus_in_service,
        branch_in_service: &at.branch_in_service,
        rate_mw: &rate_mw,
        p_min_mw: &p_min_mw,
        p_max_mw: &p_max_mw,
        dc_line_in_service: &at.dc_line_in_service,
        demands: &demands,
    };
    let out = GridSolver::new(network).with_switching(None).dispatch(network, &input);

    for i in problem.live_buses() {
        d.bus_status[i] = 1.0;
        d.vm_pu[i] = 1.0;
        d.va_deg[i] = out.angle_rad[i].to_degrees();
    }
    let shares: Vec<f64> = out
        .served_mw
        .iter()
        .zip(&demands)
        .map(|(s, d)| if d.p_mw == 0.0 { 1.0 } else { s / d.p_mw })
        .collect();
    serve(problem, options, &shares, &mut d);
    d.served_mvar.fill(0.0);
    for s in problem.shunts.iter().filter(|s| s.g != 0.0) {
        d.shunt_share[s.bus] = out.shunt_mw[s.bus] / (s.g * base);
    }
    for g in &problem.generators {
        d.generator_mw[g.generator] = out.p_mw[g.generator];
        let idle = out.p_mw[g.generator] == 0.0 && grid.generators[g.generator].p_min_mw > 0.0;
        d.generator_status[g.generator] = if idle { 0.0 } else { 1.0 };
    }
    for (k, s) in problem.storages.iter().enumerate() {
        let given = out.p_mw[grid.generators.len() + k];
        let within = if given > 0.0 { given + s.p_loss * base } else { 0.0 };
        d.storage_status[s.storage] = 1.0;
        d.storage_mw[s.storage] = -given;
        d.storage_discharge_mw[s.storage] = within;
        d.storage_mwh[s.storage] -= options.hours * within / s.discharge_efficiency;
    }
    d.branch_from_mw.copy_from_slice(&out.flow_mw);
    for (to, from) in d.branch_to_mw.iter_mut().zip(&out.flow_mw) {
        *to = -from;
    }
    d.dc_line_mw.copy_from_slice(&out.dc_flow_mw);
    terms(problem, options, &mut d);
    d.iterations = out.iterations;
    d.bound = d.objective.total();
    d.status = match out.status {
        None | Some(HourStatus::Solved) => DeliveryStatus::Solved,
        Some(HourStatus::Relaxed { why }) => DeliveryStatus::Relaxed { why },
        // The dispatch then scales service down until it fits.
        Some(HourStatus::NotConverged { place }) => {
            DeliveryStatus::Relaxed { why: format!("no optimum found on the {place}: scaled down") }
        }
    };
    d
}
