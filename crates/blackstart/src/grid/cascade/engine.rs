//! The loop of a cascade.

use super::balance::{Machine, settle};
use super::{Cascade, CascadeCause, CascadeEvent, CascadeEventKind, CascadeOptions, CascadeStatus};
use crate::grid::Islands;
use crate::grid::power_flow::{IslandStatus, Method, PowerFlow, PowerFlowSolver};
use crate::grid::snapshot::Snapshot;
use crate::region::{BranchIdx, BusIdx, GeneratorIdx, GeneratorKind, Grid};

/// Relays this near to each other trip together, s.
const TOGETHER_S: f64 = 1e-6;
/// Loadings of up to this much above a setting are rounding.
const TOLERANCE: f64 = 1e-6;

pub(super) struct Engine<'a> {
    grid: &'a Grid,
    options: &'a CascadeOptions,
    solver: PowerFlowSolver,
    edges: Vec<(u32, u32)>,
    /// Demands and set-points of the beginning.
    first: Snapshot,
    now: Snapshot,
    islands: Islands,
    /// By island: first loss, MW, as the last power flow had it.
    losses_mw: Vec<f64>,
    /// By load: share kept, stages passed.
    kept: Vec<f64>,
    stage: Vec<usize>,
    /// By branch: share of its time that a relay has run.
    travel: Vec<f64>,
    /// By bus: deviation of its island's frequency, Hz below nominal.
    below_hz: Vec<f64>,
    dark: Vec<bool>,
    branch_tripped: Vec<bool>,
    unit_tripped: Vec<bool>,
    time_s: f64,
    events: Vec<CascadeEvent>,
    unsolved: Option<BusIdx>,
}

impl<'a> Engine<'a> {
    pub fn new(grid: &'a Grid, at: &Snapshot, options: &'a CascadeOptions) -> Self {
        Self {
            grid,
            options,
            solver: PowerFlowSolver::new(grid),
            edges: grid.branches.iter().map(|l| (l.from.0, l.to.0)).collect(),
            first: at.clone(),
            now: at.clone(),
            islands: Islands::default(),
            losses_mw: Vec::new(),
            kept: vec![1.0; grid.loads.len()],
            stage: vec![0; grid.loads.len()],
            travel: vec![0.0; grid.branches.len()],
            below_hz: vec![0.0; grid.buses.len()],
            dark: vec![false; grid.buses.len()],
            branch_tripped: vec![false; grid.branches.len()],
            unit_tripped: vec![false; grid.generators.len()],
            time_s: 0.0,
            events: Vec::new(),
            unsolved: None,
        }
    }

    pub fn run(mut self) -> Cascade {
        // What the grid loses before anything acts.
        let mut flow: Option<PowerFlow> = (self.options.power_flow.method != Method::Dc)
            .then(|| self.solver.solve(self.grid, &self.now, &self.options.power_flow))
            .filter(PowerFlow::solved);
        let status = loop {
            self.find_islands(flow.as_ref());
            for island in 0..self.islands.count {
                self.balance(island);
            }
            let solved = self.voltages();
            let next = self.next_trip_s(&solved);
            if self.unsolved.is_none() && next == f64::INFINITY {
                break CascadeStatus::Settled;
            }
            if next == f64::INFINITY {
                break CascadeStatus::Unsolved(self.unsolved.unwrap_or_default());
            }
            if self.time_s + next > self.options.until_s {
                break CascadeStatus::TimeUp;
            }
            self.advance(&solved, next);
            flow = Some(solved);
        };
        Cascade {
            status,
            events: self.events,
            after: self.now,
            kept: self.kept,
            branch_tripped: self.branch_tripped,
            unit_tripped: self.unit_tripped,
        }
    }

    fn find_islands(&mut self, flow: Option<&PowerFlow>) {
        self.islands.find(&self.now.bus_in_service, &self.edges, &self.now.branch_in_service);
        self.losses_mw = vec![0.0; self.islands.count];
        let Some(flow) = flow else { return };
        for (l, branch) in self.grid.branches.iter().enumerate() {
            let island = self.islands.of_bus[branch.from.i()];
            if self.now.branch_in_service[l] && island != u32::MAX {
                let lost = flow.branch_p_from_mw[l] + flow.branch_p_to_mw[l];
                self.losses_mw[island as usize] += lost;
            }
        }
    }

    fn in_island(&self, bus: BusIdx, island: usize) -> bool {
        self.islands.of_bus[bus.i()] == island as u32 && !self.dark[bus.i()]
    }

    fn tell(&mut self, kind: CascadeEventKind, cause: CascadeCause, island: usize, shed_mw: f64) {
        let bus = self.islands.first_bus[island];
        let dark = kind == CascadeEventKind::IslandDark;
        let frequency_hz =
            if dark { f64::NAN } else { self.options.nominal_hz - self.below_hz[bus as usize] };
        self.events.push(CascadeEvent {
            time_s: self.time_s,
            kind,
            cause,
            island: BusIdx(bus),
            load_shed_mw: shed_mw,
            frequency_hz,
        });
    }

    /// The unit as a machine; `None` when it is out.
    fn machine(&self, g: usize, island: usize) -> Option<Machine> {
        let unit = &self.grid.generators[g];
        if !self.now.generator_in_service[g] || !self.in_island(unit.bus, island) {
            return None;
        }
        let set_mw = self.first.generator_p_mw[g];
        let most_mw = unit.p_max_mw.max(set_mw);
        let least_mw = unit.p_min_mw.max(0.0).min(set_mw);
        // Weather decides what wind and sun give: they can go down only.
        let follows_weather = match unit.kind {
            GeneratorKind::Wind | GeneratorKind::Solar => true,
            GeneratorKind::Chp
            | GeneratorKind::Thermal
            | GeneratorKind::Nuclear
            | GeneratorKind::Hydro
            | GeneratorKind::Import
            | GeneratorKind::Other => false,
        };
        let capacity = unit.p_max_mw.max(0.0);
        let per_hz = self.options.droop * self.options.nominal_hz;
        Some(Machine {
            set_mw,
            least_mw,
            most_mw: if follows_weather { set_mw } else { most_mw },
            mw_per_hz: if per_hz > 0.0 { capacity / per_hz } else { 0.0 },
        })
    }

    /// Demand of an island that frequency acts on, and what is fixed, MW.
    fn demand_mw(&self, island: usize) -> (f64, f64) {
        let (mut demand, mut fixed) = (0.0, 0.0);
        for (i, load) in self.grid.loads.iter().enumerate() {
            if self.in_island(load.bus, island) {
                demand += self.first.load_p_mw[i] * self.kept[i];
            }
        }
        for (i, bus) in self.grid.buses.iter().enumerate() {
            if self.in_island(BusIdx::new(i), island) && bus.in_service {
                fixed += self.now.shunt_g_mw[i];
            }
        }
        for (i, store) in self.grid.storages.iter().enumerate() {
            if self.in_island(store.bus, island) {
                fixed += self.now.storage_p_mw[i];
            }
        }
        let lit = |b: BusIdx| self.islands.of_bus[b.i()] != u32::MAX && !self.dark[b.i()];
        for (i, line) in self.grid.dc_lines.iter().enumerate() {
            if self.now.dc_line_in_service[i] && lit(line.from) && lit(line.to) {
                let p = self.now.dc_line_p_mw[i];
                if self.in_island(line.from, island) {
                    fixed += p;
                }
                if self.in_island(line.to, island) {
                    fixed -= p * (1.0 - line.loss_share) - line.loss_mw;
                }
            }
        }
        (demand, fixed + self.losses_mw[island])
    }

    /// Brings one island to a frequency at which nothing more trips.
    fn balance(&mut self, island: usize) {
        let first_bus = BusIdx(self.islands.first_bus[island]);
        if self.dark[first_bus.i()] {
            return;
        }
        loop {
            let machines: Vec<(usize, Machine)> = (0..self.grid.generators.len())
                .filter_map(|g| self.machine(g, island).map(|m| (g, m)))
                .collect();
            let runs = |m: &Machine| m.most_mw > 0.0;
            if !machines.iter().any(|(_, m)| runs(m)) {
                self.darken(island, CascadeCause::NoUnit);
                return;
            }
            let (demand_mw, fixed_mw) = self.demand_mw(island);
            let all = machines.iter().map(|(_, m)| *m);
            let below = settle(all, demand_mw, fixed_mw, self.options.demand_share_per_hz);
            for (bus, of) in self.islands.of_bus.iter().enumerate() {
                if *of == island as u32 {
                    self.below_hz[bus] = below;
                }
            }
            let hz = self.options.nominal_hz - below;
            if self.shed_stage(island, hz) {
                continue;
            }
            if hz < self.options.under_frequency_hz {
                for (g, _) in machines {
                    self.trip_unit(g, island, CascadeCause::UnderFrequency);
                }
                self.darken(island, CascadeCause::UnderFrequency);
                return;
            }
            if hz > self.options.over_frequency_hz {
                let largest = machines
                    .iter()
                    .rev()
                    .max_by(|a, b| a.1.output_mw(below).total_cmp(&b.1.output_mw(below)));
                if let Some(&(g, _)) = largest {
                    self.trip_unit(g, island, CascadeCause::OverFrequency);
                    continue;
                }
            }
            for (g, machine) in machines {
                self.now.generator_p_mw[g] = machine.output_mw(below);
            }
            self.set_loads();
            return;
        }
    }

    fn trip_unit(&mut self, g: usize, island: usize, cause: CascadeCause) {
        self.now.generator_in_service[g] = false;
        self.unit_tripped[g] = true;
        self.tell(CascadeEventKind::UnitTrip(GeneratorIdx::new(g)), cause, island, 0.0);
    }

    /// Sheds the next stage of an island if its frequency asks for one.
    fn shed_stage(&mut self, island: usize, hz: f64) -> bool {
        for (number, stage) in self.options.stages.iter().enumerate() {
            if hz >= stage.below_hz {
                continue;
            }
            let mut shed_mw = 0.0;
            let mut any = false;
            for i in 0..self.kept.len() {
                let p = self.first.load_p_mw[i];
                let open = self.stage[i] <= number && self.kept[i] > 0.0 && p > 0.0;
                if open && self.in_island(self.grid.loads[i].bus, island) {
                    let less = stage.share.min(self.kept[i]);
                    self.kept[i] -= less;
                    self.stage[i] = number + 1;
                    shed_mw += less * p;
                    any = true;
                }
            }
            if any {
                let kind = CascadeEventKind::LoadShed(None);
                self.tell(kind, CascadeCause::UnderFrequency, island, shed_mw);
                return true;
            }
        }
        false
    }

    fn darken(&mut self, island: usize, cause: CascadeCause) {
        let mut shed_mw = 0.0;
        for i in 0..self.kept.len() {
            if self.in_island(self.grid.loads[i].bus, island) {
                shed_mw += (self.first.load_p_mw[i] * self.kept[i]).max(0.0);
                self.kept[i] = 0.0;
            }
        }
        for g in 0..self.grid.generators.len() {
            if self.in_island(self.grid.generators[g].bus, island) {
                self.now.generator_in_service[g] = false;
            }
        }
        self.tell(CascadeEventKind::IslandDark, cause, island, shed_mw);
        for (bus, of) in self.islands.of_bus.iter().enumerate() {
            if *of == island as u32 {
                self.dark[bus] = true;
            }
        }
        self.set_loads();
    }

    /// Demands as shedding and frequency leave them.
    fn set_loads(&mut self) {
        for (i, load) in self.grid.loads.iter().enumerate() {
            let falls = 1.0 - self.options.demand_share_per_hz * self.below_hz[load.bus.i()];
            self.now.load_p_mw[i] = self.first.load_p_mw[i] * self.kept[i] * falls;
            self.now.load_q_mvar[i] = self.first.load_q_mvar[i] * self.kept[i] * falls;
        }
    }

    /// Power flow of all islands, after the shedding that voltages ask for.
    fn voltages(&mut self) -> PowerFlow {
        let ac = self.options.power_flow.method != Method::Dc;
        loop {
            let flow = self.solver.solve(self.grid, &self.now, &self.options.power_flow);
            self.unsolved = None;
            let mut again = false;
            for k in 0..flow.islands.len() {
                match flow.islands[k].status {
                    IslandStatus::Solved | IslandStatus::NoGenerator => {}
                    IslandStatus::NotConverged { .. } if ac => {
                        self.shed_for_voltage(k, None, CascadeCause::VoltageCollapse);
                        again = true;
                    }
                    IslandStatus::NotConverged { .. }
                    | IslandStatus::ReactiveLimits { .. }
                    | IslandStatus::NotANumber { .. }
                    | IslandStatus::Singular => {
                        self.unsolved = Some(flow.islands[k].reference);
                    }
                }
            }
            if ac && !again {
                again = self.low_voltages(&flow);
            }
            if !again {
                return flow;
            }
            for island in 0..self.islands.count {
                self.balance(island);
            }
        }
    }

    /// Sheds a step at buses of low voltage and trips units there; true if it did.
    fn low_voltages(&mut self, flow: &PowerFlow) -> bool {
        let mut any = false;
        for bus in 0..self.grid.buses.len() {
            let island = self.islands.of_bus[bus];
            let vm = flow.vm_pu[bus];
            if island == u32::MAX || self.dark[bus] || vm <= 0.0 {
                continue;
            }
            if vm < self.options.unit_under_voltage_pu {
                for g in 0..self.grid.generators.len() {
                    let here = self.grid.generators[g].bus.i() == bus;
                    if here && self.now.generator_in_service[g] {
                        self.trip_unit(g, island as usize, CascadeCause::UnderVoltage);
                        any = true;
                    }
                }
            }
            if vm < self.options.under_voltage_pu {
                let at = Some(BusIdx::new(bus));
                any |= self.shed_for_voltage(island as usize, at, CascadeCause::UnderVoltage);
            }
        }
        any
    }

    /// Sheds a step in an island or at one bus; an island with nothing left to shed goes
    /// dark. True if anything changed.
    fn shed_for_voltage(&mut self, island: usize, at: Option<BusIdx>, cause: CascadeCause) -> bool {
        let step = self.options.voltage_step.max(1e-3);
        let mut shed_mw = 0.0;
        let mut any = false;
        for i in 0..self.kept.len() {
            let bus = self.grid.loads[i].bus;
            let meant = at.map_or_else(|| self.in_island(bus, island), |b| b == bus);
            let takes = self.first.load_p_mw[i] > 0.0 || self.first.load_q_mvar[i] > 0.0;
            if meant && takes && self.kept[i] > 0.0 {
                let less = step.min(self.kept[i]);
                self.kept[i] -= less;
                shed_mw += less * self.first.load_p_mw[i].max(0.0);
                any = true;
            }
        }
        if any {
            self.tell(CascadeEventKind::LoadShed(at), cause, island, shed_mw);
            self.set_loads();
        } else if at.is_none() {
            self.darken(island, cause);
            any = true;
        }
        any
    }

    /// Current of a branch, times its relay's setting.
    fn current(&self, flow: &PowerFlow, l: usize) -> f64 {
        let branch = &self.grid.branches[l];
        let setting = branch.rate_mva * self.options.pickup;
        let lit = |b: BusIdx| self.islands.of_bus[b.i()] != u32::MAX && !self.dark[b.i()];
        let live = self.now.branch_in_service[l] && lit(branch.from) && lit(branch.to);
        if !live || !setting.is_finite() || setting <= 0.0 {
            return 0.0;
        }
        // Relays see current: apparent power over voltage.
        let seen = |p: f64, q: f64, bus: BusIdx| p.hypot(q) / flow.vm_pu[bus.i()].max(0.1);
        let from = seen(flow.branch_p_from_mw[l], flow.branch_q_from_mvar[l], branch.from);
        let to = seen(flow.branch_p_to_mw[l], flow.branch_q_to_mvar[l], branch.to);
        from.max(to) / setting
    }

    fn seconds(&self, flow: &PowerFlow, l: usize) -> f64 {
        let current = self.current(flow, l);
        if current > 1.0 + TOLERANCE {
            self.options.curve.seconds(current) * self.options.multiplier
        } else {
            f64::INFINITY
        }
    }

    /// Time until the first relay trips, s.
    fn next_trip_s(&self, flow: &PowerFlow) -> f64 {
        (0..self.travel.len())
            .map(|l| self.seconds(flow, l) * (1.0 - self.travel[l]))
            .fold(f64::INFINITY, f64::min)
    }

    /// Lets `step` seconds pass and opens what trips then.
    fn advance(&mut self, flow: &PowerFlow, step: f64) {
        self.time_s += step;
        for l in 0..self.travel.len() {
            let seconds = self.seconds(flow, l);
            if seconds == f64::INFINITY {
                self.travel[l] = 0.0;
                continue;
            }
            let trips = seconds * (1.0 - self.travel[l]) <= step + TOGETHER_S;
            self.travel[l] += if seconds > 0.0 { step / seconds } else { 1.0 };
            if trips {
                self.travel[l] = 0.0;
                self.now.branch_in_service[l] = false;
                self.branch_tripped[l] = true;
                let island = self.islands.of_bus[self.grid.branches[l].from.i()] as usize;
                let kind = CascadeEventKind::BranchTrip(BranchIdx::new(l));
                self.tell(kind, CascadeCause::Overload, island, 0.0);
            }
        }
    }
}
