//! The electrical side of an hour: who asks for what where, and what the dispatch
//! gives them.

use crate::damage::Effects;
use crate::grid::{Demand, Dispatch, DispatchInput, GridSolver, Islands};
use crate::region::{BusIdx, GeneratorKind, Priority, Region, Supply};
use crate::scenario::{Policy, Shedding};

use super::supply::needs_electricity;

/// Between two queues of one priority; small against the distance of priorities, so
/// that queues order homes and never lift them above what is critical.
const QUEUE_STEP: f64 = 0.02;
const QUEUES: u32 = 12;

/// Demands of the hour and everything the dispatch needs, kept between hours.
#[derive(Debug)]
pub(super) struct Electricity {
    pub(super) solver: GridSolver,
    islands: Islands,
    /// By branch: its two buses.
    edges: Vec<(u32, u32)>,
    /// By island: has a generator that can run.
    island_alive: Vec<bool>,
    /// First the loads by row, then the dependencies by row, then electric heating by
    /// area.
    pub(super) demands: Vec<Demand>,
    /// Priority of each demand.
    pub(super) priority: Vec<Priority>,
    pub(super) p_min_mw: Vec<f64>,
    pub(super) p_max_mw: Vec<f64>,
    rate_mw: Vec<f64>,
    bus_in_service: Vec<bool>,
    branch_in_service: Vec<bool>,
    dc_line_in_service: Vec<bool>,
    bus_alive: Vec<bool>,
    /// What protection took out of this hour.
    pub(super) trips: Option<Trips>,
}

/// What protection took out of an hour.
#[derive(Clone, Debug)]
pub(super) struct Trips {
    /// By branch: open.
    pub(super) branch: Vec<bool>,
    /// By generator: out.
    pub(super) unit: Vec<bool>,
    /// By demand: share that is still connected.
    pub(super) kept: Vec<f64>,
}

/// What the hour asks of the grid.
pub(super) struct Ask<'a> {
    /// By load: share of its peak asked for.
    pub(super) load_share: &'a [f64],
    /// By area: electric heating, MW.
    pub(super) heating_mw: &'a [f64],
    /// Hour of the run, for turns of queues.
    pub(super) hour: usize,
    /// Share of import caps available.
    pub(super) import_share: f64,
    /// By generator: whether there is fuel.
    pub(super) has_fuel: &'a [bool],
    /// By generator: (least, most) output that its heat plant allows, MW.
    pub(super) heat_bounds_mw: &'a [(f64, f64)],
}

impl Electricity {
    pub(super) fn new(region: &Region) -> Self {
        let grid = region.grid();
        let n = grid.loads.len() + region.dependencies().len() + region.places().areas.len();
        Self {
            solver: GridSolver::new(grid),
            islands: Islands::default(),
            edges: grid.branches.iter().map(|b| (b.from.0, b.to.0)).collect(),
            island_alive: Vec::new(),
            demands: Vec::with_capacity(n),
            priority: Vec::with_capacity(n),
            p_min_mw: vec![0.0; grid.generators.len()],
            p_max_mw: vec![0.0; grid.generators.len()],
            rate_mw: vec![0.0; grid.branches.len()],
            bus_in_service: vec![true; grid.buses.len()],
            branch_in_service: vec![true; grid.branches.len()],
            dc_line_in_service: vec![true; grid.dc_lines.len()],
            bus_alive: vec![true; grid.buses.len()],
            trips: None,
        }
    }

    /// Position in `demands` of the first dependency.
    pub(super) fn first_dependency(region: &Region) -> usize {
        region.grid().loads.len()
    }

    /// Sets the hour up and dispatches it.
    pub(super) fn hour(
        &mut self,
        region: &Region,
        policy: &Policy,
        effects: &Effects,
        ask: &Ask<'_>,
    ) -> Dispatch {
        self.switch(region, effects, ask);
        self.collect_demands(region, policy, effects, ask);
        let mut dispatch = self.dispatch(region);
        if self.free_stopped_chps(region, ask, &dispatch) {
            dispatch = self.dispatch(region);
        }
        // An island whose units were all shut is dark after all.
        for (alive, island) in self.bus_alive.iter_mut().zip(&dispatch.island) {
            *alive = *island != u32::MAX && dispatch.island_alive[*island as usize];
        }
        dispatch
    }

    fn dispatch(&mut self, region: &Region) -> Dispatch {
        let input = DispatchInput {
            bus_in_service: &self.bus_in_service,
            branch_in_service: &self.branch_in_service,
            rate_mw: &self.rate_mw,
            p_min_mw: &self.p_min_mw,
            p_max_mw: &self.p_max_mw,
            dc_line_in_service: &self.dc_line_in_service,
            demands: &self.demands,
        };
        self.solver.dispatch(region.grid(), &input)
    }

    /// A unit that its island cannot absorb at the output its heat asks for was shut
    /// down; it had better run lower and make less heat. Frees such units of their
    /// heat's lower bound; true if there was one.
    fn free_stopped_chps(&mut self, region: &Region, ask: &Ask<'_>, dispatch: &Dispatch) -> bool {
        let mut any = false;
        for (i, g) in region.grid().generators.iter().enumerate() {
            let stopped = self.p_max_mw[i] > 0.0 && dispatch.p_mw[i] <= 0.0;
            if stopped && ask.heat_bounds_mw[i].0 > g.p_min_mw {
                self.p_min_mw[i] = g.p_min_mw.min(self.p_max_mw[i]);
                any = true;
            }
        }
        any
    }

    fn switch(&mut self, region: &Region, effects: &Effects, ask: &Ask<'_>) {
        let grid = region.grid();
        for (i, bus) in grid.buses.iter().enumerate() {
            self.bus_in_service[i] = bus.in_service && effects.bus_in_service[i];
        }
        for (i, branch) in grid.branches.iter().enumerate() {
            self.branch_in_service[i] = branch.in_service
                && effects.branch_in_service[i]
                && self.bus_in_service[branch.from.i()]
                && self.bus_in_service[branch.to.i()]
                && self.trips.as_ref().is_none_or(|t| !t.branch[i]);
            self.rate_mw[i] = branch.rate_mva * effects.branch_rate_share[i];
        }
        for (i, line) in grid.dc_lines.iter().enumerate() {
            self.dc_line_in_service[i] = line.in_service
                && self.bus_in_service[line.from.i()]
                && self.bus_in_service[line.to.i()];
        }
        for (i, g) in grid.generators.iter().enumerate() {
            let share = match g.kind {
                GeneratorKind::Import => ask.import_share,
                GeneratorKind::Chp
                | GeneratorKind::Thermal
                | GeneratorKind::Nuclear
                | GeneratorKind::Hydro
                | GeneratorKind::Wind
                | GeneratorKind::Solar
                | GeneratorKind::Other => 1.0,
            } * effects.generator_share[i];
            let runs = g.in_service
                && share > 0.0
                && ask.has_fuel[i]
                && self.bus_in_service[g.bus.i()]
                && self.trips.as_ref().is_none_or(|t| !t.unit[i]);
            let (least, most) = ask.heat_bounds_mw[i];
            self.p_max_mw[i] = if runs { (g.p_max_mw * share).min(most) } else { 0.0 };
            self.p_min_mw[i] = if runs { g.p_min_mw.max(least).min(self.p_max_mw[i]) } else { 0.0 };
        }
        self.energise(region);
    }

    /// Which buses hang together with a generator that can run. Dependencies with a
    /// choice of bus need this before the dispatch.
    fn energise(&mut self, region: &Region) {
        self.islands.find(&self.bus_in_service, &self.edges, &self.branch_in_service);
        self.island_alive.clear();
        self.island_alive.resize(self.islands.count, false);
        for (g, p_max_mw) in region.grid().generators.iter().zip(&self.p_max_mw) {
            let island = self.islands.of_bus[g.bus.i()];
            if *p_max_mw > 0.0 && island != u32::MAX {
                self.island_alive[island as usize] = true;
            }
        }
        for (alive, island) in self.bus_alive.iter_mut().zip(&self.islands.of_bus) {
            *alive = *island != u32::MAX && self.island_alive[*island as usize];
        }
    }

    fn collect_demands(
        &mut self,
        region: &Region,
        policy: &Policy,
        effects: &Effects,
        ask: &Ask<'_>,
    ) {
        let grid = region.grid();
        self.demands.clear();
        self.priority.clear();
        for (load, share) in grid.loads.iter().zip(ask.load_share) {
            let queue = load.queue.map(|q| u32::from(q.order()));
            self.push(
                load.bus,
                load.p_mw * share,
                effects,
                load.priority,
                queue_bonus(policy.shedding, queue, ask.hour),
            );
        }
        for d in region.dependencies() {
            let (bus, need_mw) = if needs_electricity(d) {
                (self.feeding_bus(&d.on), d.need_mw)
            } else {
                (BusIdx(0), 0.0)
            };
            // The asset's own bus may be all that works of a damaged substation, and
            // what is critical gets it first.
            self.push_capped(bus, need_mw, 1.0, Priority::Critical, 0.0);
        }
        for (area, mw) in region.places().areas.iter().zip(ask.heating_mw) {
            let queue = area.queue.map(|q| u32::from(q.order()));
            let bonus = queue_bonus(policy.shedding, queue, ask.hour);
            match area.bus {
                Some(bus) => self.push(bus, *mw, effects, Priority::Homes, bonus),
                None => self.push_capped(BusIdx(0), 0.0, 1.0, Priority::Homes, 0.0),
            }
        }
    }

    fn push(&mut self, bus: BusIdx, p_mw: f64, effects: &Effects, priority: Priority, bonus: f64) {
        self.push_capped(bus, p_mw, effects.bus_share[bus.i()], priority, bonus);
    }

    fn push_capped(
        &mut self,
        bus: BusIdx,
        p_mw: f64,
        max_share: f64,
        priority: Priority,
        bonus: f64,
    ) {
        let kept = self.trips.as_ref().and_then(|t| t.kept.get(self.demands.len()));
        let max_share = max_share * kept.copied().unwrap_or(1.0);
        self.demands.push(Demand { bus, p_mw, max_share, weight: priority.weight() + bonus });
        self.priority.push(priority);
    }

    /// The first bus of a dependency that is alive; its first bus when none is.
    fn feeding_bus(&self, on: &[Supply]) -> BusIdx {
        let buses = || {
            on.iter().filter_map(|s| match s {
                Supply::Bus(b) => Some(*b),
                Supply::Junction(_) => None,
            })
        };
        buses().find(|b| self.bus_alive[b.i()]).or_else(|| buses().next()).unwrap_or(BusIdx(0))
    }

    /// The grid of the last hour as it was dispatched.
    pub(super) fn state(&self) -> DispatchInput<'_> {
        DispatchInput {
            bus_in_service: &self.bus_in_service,
            branch_in_service: &self.branch_in_service,
            rate_mw: &self.rate_mw,
            p_min_mw: &self.p_min_mw,
            p_max_mw: &self.p_max_mw,
            dc_line_in_service: &self.dc_line_in_service,
            demands: &self.demands,
        }
    }

    /// By bus: energised in the last hour, as the dispatch left it.
    pub(super) fn bus_alive(&self) -> &[bool] {
        &self.bus_alive
    }

    /// By branch: switched in in the last hour.
    pub(super) fn branch_in_service(&self) -> &[bool] {
        &self.branch_in_service
    }
}

/// What a queue's homes weigh more than the queue that is off first. Turns move on by
/// one queue every `turn_h` hours.
fn queue_bonus(shedding: Shedding, queue: Option<u32>, hour: usize) -> f64 {
    match (shedding, queue) {
        (Shedding::Queues { turn_h }, Some(order)) => {
            let turn = u32::try_from(hour).unwrap_or(0) / turn_h.max(1);
            f64::from((order + QUEUES - turn % QUEUES) % QUEUES) * QUEUE_STEP
        }
        (Shedding::Queues { .. } | Shedding::Proportional, _) => 0.0,
    }
}

/// Largest power imbalance of any live island relative to its generation and demand.
pub(super) fn imbalance(region: &Region, demands: &[Demand], dispatch: &Dispatch) -> f64 {
    let grid = region.grid();
    let islands = dispatch.island_alive.len();
    let mut net = vec![0.0; islands];
    let mut size = vec![0.0; islands];
    let mut add = |bus: BusIdx, mw: f64| {
        if let Some(k) = dispatch.island.get(bus.i()).filter(|k| **k != u32::MAX) {
            net[*k as usize] += mw;
            size[*k as usize] += mw.abs();
        }
    };
    for (g, p) in grid.generators.iter().zip(&dispatch.p_mw) {
        add(g.bus, *p);
    }
    for (d, p) in demands.iter().zip(&dispatch.served_mw) {
        add(d.bus, -p);
    }
    for (i, line) in grid.dc_lines.iter().enumerate() {
        let flow_mw = dispatch.dc_flow_mw[i];
        add(line.from, -flow_mw);
        add(line.to, flow_mw * (1.0 - line.loss_share) - dispatch.dc_loss_mw[i]);
    }
    for (branch, loss_mw) in grid.branches.iter().zip(&dispatch.branch_loss_mw) {
        add(branch.from, -loss_mw);
    }
    for (i, shunt_mw) in dispatch.shunt_mw.iter().enumerate() {
        add(BusIdx::new(i), -shunt_mw);
    }
    net.iter()
        .zip(&size)
        .zip(&dispatch.island_alive)
        .filter(|(_, alive)| **alive)
        .map(|((n, s), _)| if *s > 0.0 { n.abs() / s } else { 0.0 })
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_queue_is_off_first_in_turn_and_none_outranks_critical() {
        let shedding = Shedding::Queues { turn_h: 4 };
        let mut first_off = Vec::new();
        for turn in 0..12 {
            let bonus: Vec<f64> =
                (0..12).map(|q| queue_bonus(shedding, Some(q), turn * 4)).collect();
            let least = (0..12).min_by(|a, b| bonus[*a].total_cmp(&bonus[*b]));
            first_off.push(least);
            assert!(bonus.iter().all(|b| Priority::Homes.weight() + b < 4.0));
        }
        first_off.sort_unstable();
        first_off.dedup();
        assert_eq!(first_off.len(), 12);
    }
}
