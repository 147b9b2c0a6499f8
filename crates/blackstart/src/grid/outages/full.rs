//! Outages by a power flow of their own: whatever no quicker way answered.

use super::row::Before;
use super::{Detail, DetailRow, Element, OutageOptions, OutageRow};
use crate::grid::power_flow::PowerFlowSolver;
use crate::grid::snapshot::Snapshot;
use crate::region::Grid;
use rayon::prelude::*;

/// Fills the rows that are still empty.
pub(super) fn fill(
    grid: &Grid,
    at: &Snapshot,
    solver: &PowerFlowSolver,
    base: &Before,
    elements: &[Element],
    options: &OutageOptions,
    rows: &mut [Option<OutageRow>],
    detail: &mut Vec<DetailRow>,
) {
    let open: Vec<usize> = (0..rows.len()).filter(|i| rows[*i].is_none()).collect();
    let found: Vec<(OutageRow, Vec<DetailRow>)> = open
        .par_iter()
        .map_init(
            || (solver.clone(), at.clone()),
            |(solver, state), &i| {
                elements[i].remove(state);
                let flow = solver.solve(grid, state, &options.power_flow);
                let mut listed = Vec::new();
                if options.detail != Detail::Nothing {
                    base.detail_of(grid, state, &flow, i as u32, options.detail, &mut listed);
                }
                let row = base.row_of(grid, state, &flow, options);
                state.clone_from(at);
                (row, listed)
            },
        )
        .collect();
    for (i, (row, listed)) in open.into_iter().zip(found) {
        rows[i] = Some(row);
        detail.extend(listed);
    }
}
