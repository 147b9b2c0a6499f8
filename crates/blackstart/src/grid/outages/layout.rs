//! What DC and AC outages share: bridges, units, branches in the order of the forest.

use super::bridges::{Forest, NONE};
use super::units::{self, Units};
use crate::grid::model::Model;
use crate::grid::power_flow::PowerFlow;
use crate::grid::snapshot::Snapshot;
use crate::region::Grid;

/// The grid before any outage.
pub(super) struct Layout {
    pub forest: Forest,
    pub units: Units,
    /// By island.
    pub kinds: Vec<units::Before>,
    /// Branches in service, ordered by the place of their from end: those within a
    /// subtree are a run.
    pub branch_of: Vec<u32>,
    /// By branch: its place in `branch_of`, [`NONE`] out of service.
    pub line_of: Vec<u32>,
    /// By place in the forest: first of `branch_of` whose from end is there or later.
    first_line: Vec<u32>,
}

impl Layout {
    pub fn new(grid: &Grid, at: &Snapshot, flow: &PowerFlow, model: &Model) -> Self {
        let edges = &model.edges[..model.branches];
        let up = |b: u32| at.bus_in_service[b as usize];
        let joined: Vec<bool> = (0..edges.len())
            .map(|l| at.branch_in_service[l] && up(edges[l].0) && up(edges[l].1))
            .collect();
        let roots: Vec<u32> = flow.islands.iter().map(|i| i.reference.0).collect();
        let forest = Forest::new(model.buses, edges, &joined, &roots);
        let units = Units::new(grid, at, &forest);
        let kinds = units::kinds(flow, &units);
        let mut branch_of: Vec<u32> =
            (0..edges.len() as u32).filter(|&l| joined[l as usize]).collect();
        let place = |l: u32| forest.place[edges[l as usize].0 as usize];
        branch_of.sort_by_key(|&l| place(l));
        let mut line_of = vec![NONE; edges.len()];
        let mut first_line = vec![0u32; model.buses + 1];
        for (i, &l) in branch_of.iter().enumerate() {
            line_of[l as usize] = i as u32;
            first_line[place(l) as usize + 1] = i as u32 + 1;
        }
        for p in 0..model.buses {
            first_line[p + 1] = first_line[p + 1].max(first_line[p]);
        }
        Self { forest, units, kinds, branch_of, line_of, first_line }
    }

    /// Lines that start below `bus`.
    pub fn lines_below(&self, bus: u32) -> (usize, usize) {
        let below = self.forest.below(bus);
        (self.first_line[below.start] as usize, self.first_line[below.end] as usize)
    }
}
