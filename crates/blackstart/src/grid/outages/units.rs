//! Which islands an outage leaves without units, and which bus then closes a balance.

use super::bridges::{Forest, NONE};
use crate::grid::power_flow::{IslandStatus, PowerFlow};
use crate::grid::snapshot::Snapshot;
use crate::region::{BusKind, Grid};

/// What stands at a bus, or at all buses below one in the forest.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Stand {
    /// Buses of the kind reference with a unit in service.
    pub references: u32,
    /// The first of them; meaningless without.
    pub reference: u32,
    /// The largest capacity of any bus, MW, and the first bus that has it.
    pub capacity_mw: f64,
    pub largest: u32,
    /// Ends of direct-current lines in service.
    pub dc_ends: u32,
}

impl Stand {
    fn join(self, other: Self) -> Self {
        let larger = match self.capacity_mw.total_cmp(&other.capacity_mw) {
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Greater => self,
            std::cmp::Ordering::Equal if other.largest < self.largest => other,
            std::cmp::Ordering::Equal => self,
        };
        let first = |s: Self| if s.references == 0 { NONE } else { s.reference };
        Self {
            references: self.references + other.references,
            reference: first(self).min(first(other)),
            capacity_mw: larger.capacity_mw,
            largest: larger.largest,
            dc_ends: self.dc_ends + other.dc_ends,
        }
    }

    /// The bus that closes the balance, by the rule of the power flow; `None` when dark.
    pub fn closes(self) -> Option<u32> {
        if self.references > 0 {
            Some(self.reference)
        } else {
            (self.capacity_mw > 0.0).then_some(self.largest)
        }
    }
}

/// Units by bus and below every bus.
#[derive(Clone, Debug)]
pub(super) struct Units {
    /// By bus.
    at: Vec<Stand>,
    /// By bus: with the subtree below it.
    below: Vec<Stand>,
    /// By bus: number of units in service.
    count: Vec<u32>,
}

impl Units {
    pub fn new(grid: &Grid, state: &Snapshot, forest: &Forest) -> Self {
        let n = grid.buses.len();
        let mut count = vec![0u32; n];
        let mut at: Vec<Stand> =
            (0..n as u32).map(|i| Stand { reference: i, largest: i, ..Stand::default() }).collect();
        for (g, unit) in grid.generators.iter().enumerate() {
            let i = unit.bus.i();
            if state.generator_in_service[g] && state.bus_in_service[i] {
                count[i] += 1;
                at[i].capacity_mw += unit.p_max_mw.max(0.0);
            }
        }
        for (d, line) in grid.dc_lines.iter().enumerate() {
            for end in [line.from, line.to] {
                at[end.i()].dc_ends += u32::from(state.dc_line_in_service[d]);
            }
        }
        for i in 0..n {
            let referenced = grid.buses[i].kind == BusKind::Reference && count[i] > 0;
            at[i].references = u32::from(referenced);
        }
        let mut below = at.clone();
        for &bus in forest.order.iter().rev() {
            let up = forest.above[bus as usize];
            if up != NONE {
                below[up as usize] = below[up as usize].join(below[bus as usize]);
            }
        }
        Self { at, below, count }
    }

    /// What stands at `bus`.
    pub fn at(&self, bus: usize) -> Stand {
        self.at[bus]
    }

    /// All that stands below `bus`, itself included.
    pub fn below(&self, bus: u32) -> Stand {
        self.below[bus as usize]
    }

    /// All that stands below `root` once generator `g` is lost.
    pub fn without(
        &self,
        grid: &Grid,
        state: &Snapshot,
        forest: &Forest,
        root: u32,
        g: usize,
    ) -> Stand {
        let bus = grid.generators[g].bus.i();
        let mut here = self.at[bus];
        // Summed anew: taking away could leave a trace of capacity that is not there.
        here.capacity_mw = 0.0;
        for (other, unit) in grid.generators.iter().enumerate() {
            if other != g && unit.bus.i() == bus && state.generator_in_service[other] {
                here.capacity_mw += unit.p_max_mw.max(0.0);
            }
        }
        here.references = u32::from(here.references > 0 && self.count[bus] > 1);
        let mut all: Option<Stand> = None;
        for &i in &forest.order[forest.below(root)] {
            let one = if i as usize == bus { here } else { self.at[i as usize] };
            all = Some(all.map_or(one, |a| a.join(one)));
        }
        all.unwrap_or_default()
    }
}

/// How the quick methods see an island before any outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// Solved, one reference: every outage has a quick answer.
    Quick,
    /// Dark: nothing in it changes anything.
    Dark,
    /// Not solved, or several references: outages in it take a power flow each.
    Slow,
}

/// By island.
pub(super) fn kinds(flow: &PowerFlow, units: &Units) -> Vec<Before> {
    let kind = |i: &crate::grid::power_flow::IslandFlow| match i.status {
        IslandStatus::Solved if units.below(i.reference.0).references <= 1 => Before::Quick,
        IslandStatus::NoGenerator => Before::Dark,
        IslandStatus::Solved
        | IslandStatus::NotConverged { .. }
        | IslandStatus::ReactiveLimits { .. }
        | IslandStatus::NotANumber { .. }
        | IslandStatus::Singular => Before::Slow,
    };
    flow.islands.iter().map(kind).collect()
}
