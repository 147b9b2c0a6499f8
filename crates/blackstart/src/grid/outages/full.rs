//! Outages by a power flow of their own: whatever no quicker way answered.

use super::row::Before;
use super::{Detail, DetailRow, Element, OutageOptions, OutageRow};
use crate::grid::power_flow::PowerFlowSolver;
use crate::grid::snapshot::Snapshot;
use crate::region::Grid;

/// Fills the rows that are still empty.
pub(super) fn fill(
    grid: &Grid,
    at: &Snapshot,
    solver: &mut PowerFlowSolver,
    base: &Before,
    elements: &[Element],
    options: &OutageOptions,
    rows: &mut [Option<OutageRow>],
    detail: &mut Vec<DetailRow>,
) {
    let open: Vec<usize> = (0..rows.len()).filter(|i| rows[*i].is_none()).collect();
    let state = |k: usize| {
        let mut state = at.clone();
        elements[open[k]].remove(&mut state);
        state
    };
    let found = solver.solve_batch(grid, open.len(), state, &options.power_flow, |k, flow| {
        let state = state(k);
        let mut listed = Vec::new();
        if options.detail != Detail::Nothing {
            base.detail_of(grid, &state, &flow, open[k] as u32, options.detail, &mut listed);
        }
        (base.row_of(grid, &state, &flow, options), listed)
    });
    for (i, (row, listed)) in open.into_iter().zip(found) {
        rows[i] = Some(row);
        detail.extend(listed);
    }
}
