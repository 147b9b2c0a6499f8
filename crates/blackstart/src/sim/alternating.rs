//! Voltages and reactive power of an hour: what the DC dispatch cannot see.
//!
//! Checked: the power flow of what the dispatch decided. As formulation: the most
//! weighted demand that alternating current can serve takes the place of the dispatch.

use super::electricity::Electricity;
use crate::grid::deliver::{self, DeliverOptions, Delivery, Formulation, LoadWeights};
use crate::grid::{
    Dispatch, IslandStatus, Method, PowerFlow, PowerFlowOptions, PowerFlowSolver, ReactiveLimits,
    Snapshot,
};
use crate::region::{BusIdx, Grid, Load, Region};
use crate::results::{AlternatingTable, HourStatus, LimitRecord};
use crate::scenario::GridPolicy;

/// Reactive per active power of pumps and circulation at cos φ = 0.9, an ordinary value
/// for induction motors.
const MOTOR_REACTIVE: f64 = 0.484;
/// Limits recorded of each hour.
const MOST_LIMITS: usize = 20;
/// Demand held back below this share of all is rounding of an interior point.
const SERVED_WITHIN: f64 = 1e-5;

/// The grid as alternating current sees it, with the hour's demands as its loads.
pub(super) struct Alternating {
    policy: GridPolicy,
    grid: Grid,
    at: Snapshot,
    /// By demand: reactive per active power.
    reactive: Vec<f64>,
    flow: PowerFlowSolver,
    table: AlternatingTable,
}

impl Alternating {
    /// None where the scenario asks for the DC dispatch alone.
    pub(super) fn new(region: &Region, policy: GridPolicy) -> Option<Self> {
        if policy == GridPolicy::Dc {
            return None;
        }
        let mut grid = region.grid().clone();
        let mut reactive: Vec<f64> = grid
            .loads
            .iter()
            .map(|l| if l.p_mw.abs() > 0.0 { l.q_mvar / l.p_mw } else { 0.0 })
            .collect();
        reactive.resize(grid.loads.len() + region.dependencies().len(), MOTOR_REACTIVE);
        // Electric heating is resistive.
        reactive.resize(reactive.len() + region.places().areas.len(), 0.0);
        grid.loads = vec![Load::default(); reactive.len()];
        let at = Snapshot::of(&grid);
        let flow = PowerFlowSolver::new(&grid);
        Some(Self { policy, grid, at, reactive, flow, table: AlternatingTable::default() })
    }

    /// Looks at the hour that `dispatch` decided; as formulation, decides it anew.
    pub(super) fn hour(&mut self, hour: usize, electricity: &Electricity, dispatch: &mut Dispatch) {
        self.load(electricity, dispatch);
        match self.policy {
            GridPolicy::Dc => {}
            GridPolicy::DcChecked => self.check(dispatch),
            GridPolicy::Ac => self.decide(hour, electricity, dispatch),
        }
    }

    /// The table of all hours so far.
    pub(super) fn into_table(self) -> AlternatingTable {
        self.table
    }

    /// The hour's state of the grid.
    fn load(&mut self, electricity: &Electricity, dispatch: &Dispatch) {
        let state = electricity.state();
        self.at.bus_in_service.copy_from_slice(state.bus_in_service);
        self.at.branch_in_service.copy_from_slice(state.branch_in_service);
        for opened in &dispatch.opened {
            self.at.branch_in_service[opened.i()] = false;
        }
        self.at.dc_line_in_service.copy_from_slice(state.dc_line_in_service);
        self.at.dc_line_p_mw.copy_from_slice(&dispatch.dc_flow_mw);
        for (branch, rate) in self.grid.branches.iter_mut().zip(state.rate_mw) {
            branch.rate_mva = *rate;
        }
        for (i, g) in self.grid.generators.iter_mut().enumerate() {
            (g.p_min_mw, g.p_max_mw) = (state.p_min_mw[i], state.p_max_mw[i]);
            self.at.generator_in_service[i] = state.p_max_mw[i] > 0.0;
            self.at.generator_p_mw[i] = dispatch.p_mw[i];
        }
    }

    /// A power flow of what the dispatch decided.
    fn check(&mut self, dispatch: &mut Dispatch) {
        // A unit that the dispatch shut neither holds a voltage nor closes a balance.
        for (on, p) in self.at.generator_in_service.iter_mut().zip(&dispatch.p_mw) {
            *on &= p.abs() > 0.0;
        }
        for (i, served) in dispatch.served_mw.iter().enumerate() {
            self.at.load_p_mw[i] = *served;
            self.at.load_q_mvar[i] = served * self.reactive[i];
        }
        let options = PowerFlowOptions {
            method: Method::Newton,
            reactive_limits: ReactiveLimits::Return,
            distributed_slack: true,
            ..PowerFlowOptions::default()
        };
        let flow = self.flow.solve(&self.grid, &self.at, &options);
        self.table.status.push(self.flow_status(&flow));
        self.voltages(&flow.vm_pu);
        self.table.losses_mw.push(flow.losses_mw());
        self.table.held_back_mw.push(0.0);
        self.table.limited_by.push(None);
    }

    fn flow_status(&self, flow: &PowerFlow) -> HourStatus {
        let failed = flow
            .islands
            .iter()
            .find(|i| !matches!(i.status, IslandStatus::Solved | IslandStatus::NoGenerator));
        let Some(island) = failed else { return HourStatus::Solved };
        let id = |bus: BusIdx| &self.grid.buses[bus.i()].id;
        let reference = id(island.reference);
        HourStatus::NotConverged {
            place: match island.status {
                IslandStatus::ReactiveLimits { worst_excess_mvar, worst_bus } => format!(
                    "no voltages within reactive limits for the island of bus {reference}: \
                     {worst_excess_mvar:.2} MVAr too little range at bus {}",
                    id(worst_bus)
                ),
                IslandStatus::NotConverged { worst_mismatch_mva, worst_bus } => format!(
                    "no voltages fit the island of bus {reference}: {worst_mismatch_mva:.2} MVA are \
                     left at bus {}",
                    id(worst_bus)
                ),
                IslandStatus::NotANumber { bus } => {
                    format!("a value at bus {} is not a number", id(bus))
                }
                IslandStatus::Solved | IslandStatus::NoGenerator | IslandStatus::Singular => {
                    format!("no unique voltages for the island of bus {reference}")
                }
            },
        }
    }

    /// Serves the most weighted demand that alternating current can, in the place of
    /// `dispatch`.
    fn decide(&mut self, hour: usize, electricity: &Electricity, dispatch: &mut Dispatch) {
        let mut weights = Vec::with_capacity(electricity.demands.len());
        for (i, d) in electricity.demands.iter().enumerate() {
            self.grid.loads[i].bus = d.bus;
            let most_mw = d.p_mw * d.max_share.clamp(0.0, 1.0);
            self.at.load_p_mw[i] = most_mw;
            self.at.load_q_mvar[i] = most_mw * self.reactive[i];
            weights.push(d.weight);
        }
        let options = DeliverOptions {
            formulation: Formulation::Ac,
            weights: LoadWeights::ByLoad(weights),
            ..DeliverOptions::default()
        };
        let got = deliver::deliver(&self.grid, &self.at, &options);
        if !got.status.is_usable() {
            let place = format!(
                "alternating current found no operating point ({:?}); the DC dispatch stands",
                got.status
            );
            dispatch.status = Some(HourStatus::NotConverged { place: place.clone() });
            self.table.status.push(HourStatus::NotConverged { place });
            self.voltages(&[]);
            self.table.losses_mw.push(f64::NAN);
            self.table.held_back_mw.push(f64::NAN);
            self.table.limited_by.push(None);
            return;
        }
        self.table.status.push(HourStatus::Solved);
        self.voltages(&got.vm_pu);
        let losses: Vec<f64> =
            got.branch_from_mw.iter().zip(&got.branch_to_mw).map(|(from, to)| from + to).collect();
        self.table.losses_mw.push(losses.iter().sum());
        self.limits(hour, electricity, dispatch, &got);
        take_over(&self.grid, dispatch, &got, losses);
    }

    /// Records what holds demand back.
    fn limits(
        &mut self,
        hour: usize,
        electricity: &Electricity,
        dispatch: &Dispatch,
        got: &Delivery,
    ) {
        let sum = |served: &[f64]| -> f64 {
            let needs = electricity.demands.iter().zip(served).filter(|(d, _)| d.p_mw > 0.0);
            needs.map(|(_, s)| s).sum()
        };
        let asked: f64 = self.at.load_p_mw.iter().filter(|p| **p > 0.0).sum();
        let (by_dc, by_ac) = (sum(&dispatch.served_mw), sum(&got.served_mw));
        self.table.held_back_mw.push((by_dc - by_ac).max(0.0));
        let short = asked - by_ac > SERVED_WITHIN * asked;
        let first = got.what_limits().first().map(|(kind, _)| *kind);
        self.table.limited_by.push(first.filter(|_| short));
        if short {
            let hour = u32::try_from(hour).unwrap_or(u32::MAX);
            let worst = got.binding.iter().take(MOST_LIMITS);
            self.table.binding.extend(worst.map(|b| LimitRecord {
                hour,
                limit: b.limit,
                stake: b.stake,
            }));
        }
    }

    /// Extremes of the voltages and how many are out of limits.
    fn voltages(&mut self, vm_pu: &[f64]) {
        let live = || vm_pu.iter().enumerate().filter(|(_, v)| **v > 0.0);
        let lowest = live().min_by(|a, b| a.1.total_cmp(b.1));
        let highest = live().max_by(|a, b| a.1.total_cmp(b.1));
        let t = &mut self.table;
        t.vm_lowest_pu.push(lowest.map_or(f64::NAN, |(_, v)| *v));
        t.vm_lowest_bus.push(lowest.map(|(b, _)| BusIdx::new(b)));
        t.vm_highest_pu.push(highest.map_or(f64::NAN, |(_, v)| *v));
        t.vm_highest_bus.push(highest.map(|(b, _)| BusIdx::new(b)));
        // An interior point keeps limits to within its tolerance.
        let count = |out: &dyn Fn(usize, f64) -> bool| {
            u32::try_from(live().filter(|(b, v)| out(*b, **v)).count()).unwrap_or(u32::MAX)
        };
        let buses = &self.grid.buses;
        t.buses_low.push(count(&|b, v| v < buses[b].vm_min_pu - 1e-5));
        t.buses_high.push(count(&|b, v| v > buses[b].vm_max_pu + 1e-5));
    }
}

/// Puts the delivery in the place of what the DC dispatch decided.
fn take_over(grid: &Grid, dispatch: &mut Dispatch, got: &Delivery, losses: Vec<f64>) {
    dispatch.served_mw.copy_from_slice(&got.served_mw);
    dispatch.p_mw.copy_from_slice(&got.generator_mw);
    dispatch.flow_mw.copy_from_slice(&got.branch_from_mw);
    dispatch.dc_flow_mw.copy_from_slice(&got.dc_line_mw);
    dispatch.branch_loss_mw = losses;
    for (i, bus) in grid.buses.iter().enumerate() {
        let v = got.vm_pu[i];
        dispatch.shunt_mw[i] = bus.shunt_g_mw * got.shunt_share[i] * v * v;
        dispatch.angle_rad[i] = got.va_deg[i].to_radians();
    }
}
