//! From voltages to what a user reads: flows, and outputs of every unit.

use super::super::model::Model;
use super::setting::{Role, Setting};
use super::{PowerFlow, Snapshot};
use crate::region::Grid;

impl PowerFlow {
    /// Tables of the right length, all zero, with the islands of `setting` by bus.
    pub(super) fn empty(grid: &Grid, setting: &Setting) -> Self {
        let (buses, branches) = (grid.buses.len(), grid.branches.len());
        let (units, dc_lines) = (grid.generators.len(), grid.dc_lines.len());
        Self {
            vm_pu: vec![0.0; buses],
            va_deg: vec![0.0; buses],
            bus_p_mw: vec![0.0; buses],
            bus_q_mvar: vec![0.0; buses],
            branch_p_from_mw: vec![0.0; branches],
            branch_q_from_mvar: vec![0.0; branches],
            branch_p_to_mw: vec![0.0; branches],
            branch_q_to_mvar: vec![0.0; branches],
            generator_p_mw: vec![0.0; units],
            generator_q_mvar: vec![0.0; units],
            dc_line_q_from_mvar: vec![0.0; dc_lines],
            dc_line_q_to_mvar: vec![0.0; dc_lines],
            island: setting.island.clone(),
            islands: Vec::with_capacity(setting.islands.len()),
        }
    }
}

/// Active outputs: those of the snapshot, with the difference at every reference bus at its
/// first unit.
pub(super) fn assign_active(
    out: &mut PowerFlow,
    model: &Model,
    grid: &Grid,
    at: &Snapshot,
    setting: &Setting,
) {
    let mut first = vec![usize::MAX; grid.buses.len()];
    for (g, unit) in grid.generators.iter().enumerate().rev() {
        let i = unit.bus.i();
        if at.generator_in_service[g] && setting.role[i] != Role::Dead {
            out.generator_p_mw[g] = at.generator_p_mw[g];
            first[i] = g;
        }
    }
    for (i, &g) in first.iter().enumerate() {
        if setting.role[i] == Role::Reference && g != usize::MAX {
            out.generator_p_mw[g] += out.bus_p_mw[i] - setting.p[i] * model.base_mva;
        }
    }
}
