//! One row from one power flow.

use super::bridges::Forest;
use super::{Detail, DetailRow, Element, OutageOptions, OutageRow, OutageStatus, RATING_TOLERANCE};
use crate::grid::power_flow::{IslandStatus, Method, PowerFlow};
use crate::grid::snapshot::Snapshot;
use crate::region::{BranchIdx, BusIdx, Grid};

/// What rows compare with: the state before any outage.
#[derive(Clone, Debug)]
pub(super) struct Before {
    pub row: OutageRow,
    /// By bus: supplied.
    pub supplied: Vec<bool>,
    pub islands: usize,
    /// By branch: active flow at the from end, MW.
    pub p_mw: Vec<f64>,
    /// By branch: loading, share of the long-term rating.
    pub loading: Vec<f64>,
    /// By generator: active output, MW.
    pub output_mw: Vec<f64>,
    /// By bus: demand, MW, without loads that inject.
    pub demand_mw: Vec<f64>,
}

/// Reciprocal of a rating that binds; 0 for none.
pub(super) fn inverse_rating(rate_mva: f64) -> f64 {
    if rate_mva.is_finite() && rate_mva > 0.0 { 1.0 / rate_mva } else { 0.0 }
}

/// By bus: in an island with a unit.
fn supplied(flow: &PowerFlow) -> Vec<bool> {
    let live = |i: &u32| {
        flow.islands
            .get(*i as usize)
            .is_some_and(|i| !matches!(i.status, IslandStatus::NoGenerator))
    };
    flow.island.iter().map(live).collect()
}

/// Apparent power at the more loaded end of branch `l`, MVA.
fn apparent_mva(flow: &PowerFlow, l: usize) -> f64 {
    let from = flow.branch_p_from_mw[l].hypot(flow.branch_q_from_mvar[l]);
    from.max(flow.branch_p_to_mw[l].hypot(flow.branch_q_to_mvar[l]))
}

impl Before {
    pub fn new(grid: &Grid, at: &Snapshot, flow: &PowerFlow, options: &OutageOptions) -> Self {
        let mut demand_mw = vec![0.0; grid.buses.len()];
        for (l, p) in grid.loads.iter().zip(&at.load_p_mw) {
            demand_mw[l.bus.i()] += p.max(0.0);
        }
        let mut base = Self {
            row: OutageRow {
                status: OutageStatus::Solved,
                islands_formed: 0,
                buses_dark: 0,
                load_lost_mw: 0.0,
                worst_loading_percent: 0.0,
                worst_branch: None,
                overloads: 0,
                overloads_short: 0,
                vm_lowest_pu: f64::NAN,
                vm_lowest_bus: None,
                vm_highest_pu: f64::NAN,
                vm_highest_bus: None,
                voltage_violations: 0,
                imbalance_mw: 0.0,
                imbalance_bus: None,
            },
            supplied: vec![true; grid.buses.len()],
            islands: flow.islands.len(),
            p_mw: flow.branch_p_from_mw.clone(),
            loading: (0..grid.branches.len())
                .map(|l| apparent_mva(flow, l) * inverse_rating(grid.branches[l].rate_mva))
                .collect(),
            output_mw: at.generator_p_mw.clone(),
            demand_mw,
        };
        base.row = base.row_of(grid, at, flow, options);
        base.supplied = supplied(flow);
        base.output_mw.clone_from(&flow.generator_p_mw);
        base
    }

    /// The row of `flow`, a power flow of the state `after` an outage.
    pub fn row_of(
        &self,
        grid: &Grid,
        after: &Snapshot,
        flow: &PowerFlow,
        options: &OutageOptions,
    ) -> OutageRow {
        let mut row = OutageRow {
            islands_formed: flow.islands.len().saturating_sub(self.islands) as u32,
            ..self.row
        };
        row.status = flow
            .islands
            .iter()
            .find(|i| !matches!(i.status, IslandStatus::Solved | IslandStatus::NoGenerator))
            .map_or(OutageStatus::Solved, |i| OutageStatus::Failed {
                reference: i.reference,
                island: i.status,
            });
        let lit = supplied(flow);
        let dark = |b: usize| self.supplied[b] && !lit[b] && after.bus_in_service[b];
        row.buses_dark = (0..lit.len()).filter(|b| dark(*b)).count() as u32;
        row.load_lost_mw = 0.0;
        for b in (0..lit.len()).filter(|b| dark(*b)) {
            row.load_lost_mw += self.demand_mw[b];
        }
        self.loadings(grid, flow, &mut row);
        if options.power_flow.method != Method::Dc {
            voltages(grid, &lit, flow, &mut row);
        }
        self.imbalance(grid, after, flow, &lit, &mut row);
        row
    }

    fn loadings(&self, grid: &Grid, flow: &PowerFlow, row: &mut OutageRow) {
        (row.worst_loading_percent, row.worst_branch) = (0.0, None);
        (row.overloads, row.overloads_short) = (0, 0);
        for (i, l) in grid.branches.iter().enumerate() {
            let mva = apparent_mva(flow, i);
            let loading = mva * inverse_rating(l.rate_mva);
            if loading * 100.0 > row.worst_loading_percent {
                row.worst_loading_percent = loading * 100.0;
                row.worst_branch = Some(BranchIdx::new(i));
            }
            row.overloads += u32::from(loading > 1.0 + RATING_TOLERANCE);
            let short = mva * inverse_rating(l.rate_short_mva);
            row.overloads_short += u32::from(short > 1.0 + RATING_TOLERANCE);
        }
    }

    fn imbalance(
        &self,
        grid: &Grid,
        after: &Snapshot,
        flow: &PowerFlow,
        lit: &[bool],
        row: &mut OutageRow,
    ) {
        let mut change = vec![0.0; flow.islands.len()];
        for (i, g) in grid.generators.iter().enumerate() {
            if after.generator_in_service[i] && lit[g.bus.i()] {
                let island = flow.island[g.bus.i()] as usize;
                change[island] += flow.generator_p_mw[i] - self.output_mw[i];
            }
        }
        (row.imbalance_mw, row.imbalance_bus) = (0.0, None);
        for (i, &mw) in change.iter().enumerate() {
            // Of two equal ones, the island that must take up more is told.
            let (now, most) = (mw.abs(), row.imbalance_mw.abs());
            let tie = 1e-9 * (1.0 + most);
            if now > most + tie || (now > most - tie && now > tie && mw > row.imbalance_mw) {
                row.imbalance_mw = mw;
                row.imbalance_bus = Some(flow.islands[i].reference);
            }
        }
    }

    /// Tells that everything below `bus` loses its supply.
    pub fn darken(&self, row: &mut OutageRow, forest: &Forest, bus: u32) {
        let below = forest.below(bus);
        row.buses_dark = below.len() as u32;
        for &b in &forest.order[below] {
            row.load_lost_mw += self.demand_mw[b as usize];
        }
    }

    /// The detail of an outage that leaves all flows as they are.
    pub fn unchanged(
        &self,
        grid: &Grid,
        at: &Snapshot,
        flow: &PowerFlow,
        (outage, element): (u32, Element),
        wanted: Detail,
        out: &mut Vec<DetailRow>,
    ) {
        if wanted != Detail::Nothing {
            let mut state = at.clone();
            element.remove(&mut state);
            self.detail_of(grid, &state, flow, outage, wanted, out);
        }
    }

    /// Appends what the detail of outage number `outage` lists.
    pub fn detail_of(
        &self,
        grid: &Grid,
        after: &Snapshot,
        flow: &PowerFlow,
        outage: u32,
        wanted: Detail,
        out: &mut Vec<DetailRow>,
    ) {
        for (i, l) in grid.branches.iter().enumerate() {
            let up = after.branch_in_service[i]
                && [l.from, l.to].iter().all(|b| after.bus_in_service[b.i()]);
            let after_percent = 100.0 * apparent_mva(flow, i) * inverse_rating(l.rate_mva);
            let listed = match wanted {
                Detail::Nothing => false,
                Detail::AtLeast(percent) => {
                    inverse_rating(l.rate_mva) > 0.0 && after_percent >= percent
                }
                Detail::All => true,
            };

            if up && listed {
                out.push(DetailRow {
                    outage,
                    branch: BranchIdx::new(i),
                    p_before_mw: self.p_mw[i],
                    p_after_mw: flow.branch_p_from_mw[i],
                    before_percent: 100.0 * self.loading[i],
                    after_percent,
                });
            }
        }
    }
}

fn voltages(grid: &Grid, lit: &[bool], flow: &PowerFlow, row: &mut OutageRow) {
    (row.vm_lowest_pu, row.vm_lowest_bus) = (f64::NAN, None);
    (row.vm_highest_pu, row.vm_highest_bus) = (f64::NAN, None);
    row.voltage_violations = 0;
    for (i, bus) in grid.buses.iter().enumerate().filter(|(i, _)| lit[*i]) {
        let vm = flow.vm_pu[i];
        if row.vm_lowest_bus.is_none() || vm < row.vm_lowest_pu {
            (row.vm_lowest_pu, row.vm_lowest_bus) = (vm, Some(BusIdx::new(i)));
        }
        if row.vm_highest_bus.is_none() || vm > row.vm_highest_pu {
            (row.vm_highest_pu, row.vm_highest_bus) = (vm, Some(BusIdx::new(i)));
        }
        let outside =
            vm < bus.vm_min_pu - RATING_TOLERANCE || vm > bus.vm_max_pu + RATING_TOLERANCE;
        row.voltage_violations += u32::from(outside);
    }
}
