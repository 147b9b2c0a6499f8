//! Protection in the first minutes after new damage, when a scenario asks for it.

use jiff::civil::DateTime;

use super::Simulation;
use super::electricity::Trips;
use crate::grid::cascade::{CascadeOptions, cascade};
use crate::grid::{Dispatch, Method, PowerFlowOptions, Snapshot};
use crate::region::{Grid, Load};
use crate::results::CascadeRecord;
use crate::scenario::{CascadeModel, WeatherHour};

/// The grid as it was when damage struck; its loads are the demands served then.
pub(super) struct Struck {
    model: CascadeModel,
    grid: Grid,
    at: Snapshot,
}

impl Simulation<'_> {
    /// The grid just before the damage of this hour; `None` without new damage, or when the
    /// scenario leaves protection out.
    pub(super) fn before_strike(
        &mut self,
        at: usize,
        clock: DateTime,
        weather: WeatherHour,
    ) -> Option<Struck> {
        let model = self.scenario.policy.cascade?;
        let new = |h: f64| h >= at as f64 && h < (at + 1) as f64;
        if !self.scenario.events.iter().any(|e| new(e.at_h)) {
            return None;
        }
        let set_c = self.scenario.policy.indoor_set_c;
        let outdoors = super::Outdoors::of(self.scenario, at);
        self.homes.ask(self.region, set_c, &outdoors, super::STEP_H);
        let dispatch = self.electricity_hour(at, clock, weather);
        let grid = self.served_grid(&dispatch);
        let mut state = Snapshot::of(&grid);
        state.bus_in_service.copy_from_slice(self.electricity.bus_alive());
        state.branch_in_service.copy_from_slice(self.electricity.branch_in_service());
        for l in &dispatch.opened {
            state.branch_in_service[l.i()] = false;
        }
        state.generator_p_mw.copy_from_slice(&dispatch.p_mw);
        for (runs, p) in state.generator_in_service.iter_mut().zip(&dispatch.p_mw) {
            *runs = *p > 0.0;
        }
        state.shunt_g_mw.copy_from_slice(&dispatch.shunt_mw);
        for (i, flow_mw) in dispatch.dc_flow_mw.iter().enumerate() {
            state.dc_line_p_mw[i] = *flow_mw;
        }
        // The dispatch does not use stores.
        state.storage_p_mw.fill(0.0);
        state.storage_q_mvar.fill(0.0);
        Some(Struck { model, grid, at: state })
    }

    /// The region's grid with one load for each demand, as served.
    fn served_grid(&self, dispatch: &Dispatch) -> Grid {
        let mut grid = self.region.grid().clone();
        let own = std::mem::take(&mut grid.loads);
        let demands = self.electricity.demands.iter().zip(&dispatch.served_mw);
        grid.loads = demands
            .enumerate()
            .map(|(i, (demand, served_mw))| {
                // Reactive demand goes with the active one where the region states both.
                let q_per_p =
                    own.get(i).filter(|l| l.p_mw > 0.0).map_or(0.0, |l| l.q_mvar / l.p_mw);
                Load {
                    bus: demand.bus,
                    p_mw: *served_mw,
                    q_mvar: served_mw * q_per_p,
                    ..Load::default()
                }
            })
            .collect();
        for (g, most) in grid.generators.iter_mut().zip(&self.electricity.p_max_mw) {
            g.p_max_mw = *most;
        }
        grid
    }

    /// Lets protection act on the damage and keeps what it did out of this hour.
    pub(super) fn protect(&mut self, hour: usize, struck: Struck) -> CascadeRecord {
        let Struck { model, mut grid, mut at } = struck;
        let effects = &self.effects;
        for (up, works) in at.bus_in_service.iter_mut().zip(&effects.bus_in_service) {
            *up &= works;
        }
        for (l, branch) in grid.branches.iter_mut().enumerate() {
            branch.rate_mva *= effects.branch_rate_share[l];
            at.branch_in_service[l] &= effects.branch_in_service[l]
                && at.bus_in_service[branch.from.i()]
                && at.bus_in_service[branch.to.i()];
        }
        for (g, unit) in grid.generators.iter_mut().enumerate() {
            unit.p_max_mw *= effects.generator_share[g];
            at.generator_in_service[g] &= unit.p_max_mw > 0.0 && at.bus_in_service[unit.bus.i()];
            at.generator_p_mw[g] = at.generator_p_mw[g].min(unit.p_max_mw);
        }
        let first = super::Electricity::first_dependency(self.region);
        let region_loads = first..first + self.region.dependencies().len();
        for (i, load) in grid.loads.iter().enumerate() {
            let up = at.bus_in_service[load.bus.i()];
            // As in the dispatch, what is critical gets the share that still works first.
            let share =
                if region_loads.contains(&i) { 1.0 } else { effects.bus_share[load.bus.i()] };
            let share = if up { share } else { 0.0 };
            at.load_p_mw[i] *= share;
            at.load_q_mvar[i] *= share;
        }
        let method = match model {
            CascadeModel::Dc => Method::Dc,
            CascadeModel::Ac => Method::Newton,
        };
        let options = CascadeOptions {
            power_flow: PowerFlowOptions { method, ..PowerFlowOptions::default() },
            ..CascadeOptions::default()
        };
        let found = cascade(&grid, &at, &options);
        let ran = at.generator_in_service.iter().zip(&found.after.generator_in_service);
        self.electricity.trips = Some(Trips {
            branch: found.branch_tripped.clone(),
            unit: ran.map(|(before, after)| *before && !after).collect(),
            kept: found.kept.clone(),
        });
        CascadeRecord { hour, status: found.status, events: found.events }
    }
}
