//! Which buses and generators to switch off, from the cone relaxation: the heuristic that
//! PowerModelsRestoration runs before its AC solve (`run_ac_mld_uc`).

use super::options::{Control, DeliverOptions, Formulation, Limits};
use super::result::{Delivery, DeliveryStatus};
use super::{deliver, relaxed};
use crate::grid::Islands;
use crate::grid::Snapshot;
use crate::region::Grid;

/// Statuses of the relaxation below 1 by more than this mean off.
const OFF: f64 = 1e-6;

/// A decision what stays on.
#[derive(Clone, Debug)]
pub struct Commitment {
    /// The snapshot with all that is switched off, and of the rest the largest island only.
    pub at: Snapshot,
    /// Buses that stay on.
    pub buses: usize,
    /// The relaxation it was read from.
    pub relaxation: Delivery,
}

/// Solves the cone relaxation of `options` with every status a share, switches off what is
/// not whole, and keeps the largest island of what is left.
#[must_use]
pub fn commit(grid: &Grid, at: &Snapshot, options: &DeliverOptions) -> Commitment {
    let island = largest_island(grid, at);
    let soc = DeliverOptions {
        formulation: Formulation::Soc,
        loads: Control::Share,
        shunts: Control::Share,
        generators: Control::Share,
        buses: Control::Share,
        voltage: Limits::Hard,
        output: Limits::Hard,
        ..options.clone()
    };
    let relaxation = deliver(grid, &island, &soc);
    let mut left = island;
    for (up, status) in left.bus_in_service.iter_mut().zip(&relaxation.bus_status) {
        *up &= *status > 1.0 - OFF;
    }
    for (up, status) in left.generator_in_service.iter_mut().zip(&relaxation.generator_status) {
        *up &= *status > 1.0 - OFF;
    }
    if relaxation.status.is_usable() {
        left = largest_island(grid, &left);
    }
    let buses = left.bus_in_service.iter().filter(|up| **up).count();
    Commitment { at: left, buses, relaxation }
}

/// Commits, then serves what is left with everything on and soft limits (`mld_smpl`) in
/// the formulation of `options`. Where nothing is left on, the relaxation is the answer.
#[must_use]
pub fn deliver_committed(grid: &Grid, at: &Snapshot, options: &DeliverOptions) -> Delivery {
    let found = commit(grid, at, options);
    if !found.relaxation.status.is_usable() {
        let status = found.relaxation.status;
        return Delivery { status, ..relaxed::blank(grid, options.formulation) };
    }
    if found.buses == 0 {
        return found.relaxation;
    }
    let simple = DeliverOptions {
        weights: options.weights.clone(),
        hours: options.hours,
        angles: options.angles,
        dc_branch: options.dc_branch,
        ..DeliverOptions::mld_smpl(options.formulation)
    };
    let d = deliver(grid, &found.at, &simple);
    // Hard limits after the fact: a soft one that had to give way is told.
    let gave_way = d.objective.voltage_violation + d.objective.output_violation < -1e-6;
    if d.status == DeliveryStatus::Solved && gave_way {
        let why = "limits of voltage or output had to give way".to_owned();
        return Delivery { status: DeliveryStatus::Relaxed { why }, ..d };
    }
    d
}

/// `at` without buses outside its largest island (the first of equals).
fn largest_island(grid: &Grid, at: &Snapshot) -> Snapshot {
    let edges: Vec<(u32, u32)> = grid.branches.iter().map(|l| (l.from.0, l.to.0)).collect();
    let mut islands = Islands::default();
    islands.find(&at.bus_in_service, &edges, &at.branch_in_service);
    let mut size = vec![0usize; islands.count];
    for &k in islands.of_bus.iter().filter(|k| **k != u32::MAX) {
        size[k as usize] += 1;
    }
    let most = size.iter().copied().max().unwrap_or(0);
    let largest = size.iter().position(|s| *s == most).map_or(u32::MAX, |k| k as u32);
    let mut kept = at.clone();
    for (up, k) in kept.bus_in_service.iter_mut().zip(&islands.of_bus) {
        *up &= *k == largest;
    }
    kept
}
