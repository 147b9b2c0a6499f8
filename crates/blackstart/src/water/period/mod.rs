//! A water network by itself over a longer time, as an engineer runs a network file: from
//! event to event, with time in whole seconds.
//!
//! Events are those of EPANET's extended-period simulation (EPANET 2.2 User Manual, section
//! 3.2 and appendix C, `[TIMES]`): the hydraulic step, a change of patterns, a report, a
//! tank that becomes full or empty, a simple control, a rule. Between two events flows do not
//! change. (The hour loop's [`WaterSolver`](super::WaterSolver) averages over its steps and
//! knows damage; both ask the same [`Part`]s.)

mod controls;
mod moment;
mod rules;
mod step;
#[cfg(test)]
mod tests;
mod variation;

use super::demand::{self, demand_at};
use super::hour::{WaterInput, describe};
use super::network::Law;
use super::part::{Part, split};
use super::setting;
use super::tank::Shape;
use crate::pipes::{RegulatorStatus, ValveLaw};
use crate::region::{ValveStatus, Water};
use crate::results::HourStatus;
pub use moment::{LinkStatus, Moment};
pub use variation::{PumpOutage, Variation, VariationError};

/// Times of a run, in whole seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodTimes {
    /// Length of the run; 0 solves one moment.
    pub duration_s: i64,
    /// Most time between two solutions.
    pub hydraulic_step_s: i64,
    /// Time between two reports; every report has a solution of its own.
    pub report_step_s: i64,
    /// First report.
    pub report_start_s: i64,
    /// How often rules are looked at between solutions.
    pub rule_step_s: i64,
    /// From when until when all pumps are without current.
    pub pumps_off_s: Vec<std::ops::Range<i64>>,
}

impl Default for PeriodTimes {
    fn default() -> Self {
        Self {
            duration_s: 0,
            hydraulic_step_s: 3600,
            report_step_s: 3600,
            report_start_s: 0,
            rule_step_s: 360,
            pumps_off_s: Vec::new(),
        }
    }
}

impl PeriodTimes {
    /// With steps that fit each other: none above zero missing, the hydraulic step no longer
    /// than a pattern's or a report's, the rules' no longer than that.
    #[must_use]
    pub fn fitted(mut self, pattern_step_s: i64) -> Self {
        self.duration_s = self.duration_s.max(0);
        if self.report_step_s <= 0 {
            self.report_step_s = pattern_step_s;
        }
        if self.hydraulic_step_s <= 0 {
            self.hydraulic_step_s = 3600;
        }
        self.hydraulic_step_s = self.hydraulic_step_s.min(pattern_step_s).min(self.report_step_s);
        if self.report_start_s > self.duration_s {
            self.report_start_s = 0;
        }
        if self.rule_step_s <= 0 {
            self.rule_step_s = (self.hydraulic_step_s / 10).max(1);
        }
        self.rule_step_s = self.rule_step_s.min(self.hydraulic_step_s);
        self
    }
}

/// A run under way. Call [`Period::solve`], look at [`Period::moment`], call
/// [`Period::advance`], until that says that the run is over.
#[derive(Clone, Debug)]
pub struct Period<'w> {
    water: &'w Water,
    times: PeriodTimes,
    variation: Variation,
    pattern_step_s: i64,
    parts: Vec<Part>,
    /// By node of the network that is no reservoir, and by link: part and place in it.
    node_at: Vec<(u32, u32)>,
    link_at: Vec<(u32, u32)>,
    tanks: Vec<TankState>,
    now_s: i64,
    /// Next report.
    report_s: i64,
    /// By part: its last solution can be used.
    solved: Vec<bool>,
    moment: Moment,
    /// By junction; of the pattern step `asked`.
    demand_m3h: Vec<f64>,
    asked: Option<i64>,
    /// By pump, pipe, tank; see [`WaterInput`].
    pump_capacity: Vec<f64>,
    pipe_whole: Vec<bool>,
    tank_whole: Vec<bool>,
    /// What rules want at the moment, by link: action and priority.
    wanted: Vec<crate::water::rules::Wanted>,
}

#[derive(Clone, Copy, Debug)]
struct TankState {
    shape: Shape,
    volume_m3: f64,
    full_m3: f64,
    empty_m3: f64,
    /// Net inflow in the last solution, m³/s.
    inflow_m3_s: f64,
}

const NOWHERE: (u32, u32) = (u32::MAX, u32::MAX);

impl<'w> Period<'w> {
    /// Ready to solve time 0. Demands follow pressure by the network's options.
    #[must_use]
    pub fn new(water: &'w Water, times: PeriodTimes) -> Self {
        let parts = split(water);
        let links = setting::initial(water).len();
        let (mut node_at, mut link_at) = (vec![NOWHERE; water.node_count()], vec![NOWHERE; links]);
        for (p, part) in (0u32..).zip(&parts) {
            for (i, &node) in (0u32..).zip(&part.nodes) {
                node_at[node as usize] = (p, i);
            }
            for (e, link) in (0u32..).zip(&part.links) {
                link_at[link.setting] = (p, e);
            }
        }
        let tanks = water
            .tanks
            .iter()
            .map(|t| {
                let shape = Shape::new(t);
                let volume = |level_m| shape.volume(&t.volume_curve, level_m);
                TankState {
                    shape,
                    volume_m3: volume(t.init_level_m),
                    full_m3: volume(t.max_level_m),
                    empty_m3: volume(t.min_level_m),
                    inflow_m3_s: 0.0,
                }
            })
            .collect();
        let pattern_step_s = ((water.options.pattern_step_h * 3600.0).round() as i64).max(1);
        let times = times.fitted(pattern_step_s);
        let mut period = Self {
            water,
            pattern_step_s,
            node_at,
            link_at,
            tanks,
            now_s: 0,
            report_s: times.report_step_s,
            times,
            variation: Variation::default(),
            solved: vec![false; parts.len()],
            moment: Moment::new(water),
            demand_m3h: vec![0.0; water.junctions.len()],
            asked: None,
            pump_capacity: vec![1.0; water.pumps.len()],
            pipe_whole: vec![true; water.pipes.len()],
            tank_whole: vec![true; water.tanks.len()],
            wanted: Vec::new(),
            parts,
        };
        for k in 0..water.tanks.len() {
            period.show_level(k, water.tanks[k].init_level_m);
        }
        period
    }

    /// With `demand_driven`, every junction that water can reach gets its demand whatever
    /// the pressure.
    #[must_use]
    pub fn demand_driven(mut self, demand_driven: bool) -> Self {
        for part in &mut self.parts {
            part.net.demand_driven = demand_driven;
        }
        self
    }

    /// Prepares now what a shortage of water would have prepared; solutions are the same.
    pub(in crate::water) fn prepare(&mut self) {
        for part in &mut self.parts {
            if !part.net.demand_driven {
                part.solver.prepare(&part.net);
            }
        }
    }

    /// The times of the run, fitted to each other.
    #[must_use]
    pub fn times(&self) -> &PeriodTimes {
        &self.times
    }

    /// The network.
    #[must_use]
    pub fn water(&self) -> &'w Water {
        self.water
    }

    /// Seconds since the start that the next solution is for.
    #[must_use]
    pub fn now_s(&self) -> i64 {
        self.now_s
    }

    /// The last solution.
    #[must_use]
    pub fn moment(&self) -> &Moment {
        &self.moment
    }

    /// True when the last solution belongs to a report.
    #[must_use]
    pub fn is_report(&self) -> bool {
        let since = self.now_s - self.times.report_start_s;
        since >= 0 && since % self.times.report_step_s == 0
    }

    /// Solves the present moment.
    pub fn solve(&mut self) -> &Moment {
        self.solve_only();
        self.gather();
        &self.moment
    }

    /// Solves the present moment without filling in [`Period::moment`], which keeps its time,
    /// status and iterations only; for those who look at few moments of many.
    pub fn solve_only(&mut self) -> &HourStatus {
        let now_h = self.now_s as f64 / 3600.0;
        self.cut_current();
        let step = demand::period(self.water, now_h);
        let new = step.is_none() || step != self.asked;
        if new {
            self.asked = step;
            demand_at(self.water, now_h, &mut self.demand_m3h);
            for demand in &mut self.demand_m3h {
                *demand *= self.variation.demand_factor;
            }
        }
        for part in &mut self.parts {
            if new {
                part.ask(&self.demand_m3h);
            }
            part.patterns(self.water, now_h);
        }
        self.simple_controls();
        let input = WaterInput {
            demand_m3h: &self.demand_m3h,
            pump_capacity: &self.pump_capacity,
            pipe_whole: &self.pipe_whole,
            tank_whole: &self.tank_whole,
            step_h: 0.0,
        };
        let mut status = HourStatus::Solved;
        let mut iterations = 0;
        for (part, solved) in self.parts.iter_mut().zip(&mut self.solved) {
            part.out.trouble = None;
            part.out.imbalance = 0.0;
            *solved = part.solve(self.water, &input, true);
            if part.net.inflows {
                // Inflows may find no room, which accounting tells.
                part.account();
            }
            iterations += part.out.iterations;
            if let Some(trouble) = part.out.trouble {
                let told = describe(self.water, part, trouble);
                if status == HourStatus::Solved
                    || matches!(told, HourStatus::NotConverged { .. })
                        && !matches!(status, HourStatus::NotConverged { .. })
                {
                    status = told;
                }
            }
        }
        self.moment.time_s = self.now_s;
        self.moment.iterations = iterations;
        self.moment.status = status;
        for (part, solved) in self.parts.iter().zip(&self.solved) {
            for (at, t) in part.tanks.iter().enumerate() {
                let inflow = if *solved { part.tank_inflow(at) } else { 0.0 };
                self.tanks[t.tank].inflow_m3_s = inflow;
            }
        }
        &self.moment.status
    }

    /// What a link does now; open if no part has it (there is always one).
    fn link_status(&self, position: usize) -> LinkStatus {
        let at = self.link_at.get(position).copied().unwrap_or(NOWHERE);
        self.parts.get(at.0 as usize).map_or(LinkStatus::Open, |p| p.link_status(at.1 as usize))
    }

    /// The part of a node that is no reservoir, and the node's place in it.
    fn part_of(&self, node: usize) -> Option<(&Part, usize)> {
        let &(p, i) = self.node_at.get(node)?;
        self.parts.get(p as usize).map(|part| (part, i as usize))
    }

    /// Head of a node, m.
    fn head_m(&self, node: usize) -> f64 {
        let junction = node < self.water.junctions.len();
        match self.part_of(node) {
            Some((part, i)) if junction => part.flow.head[i],
            // Tanks have moved since the last solution.
            Some(_) | None => self.moment.head_m[node],
        }
    }

    /// Moves to the next event; false when the run is over.
    pub fn advance(&mut self) -> bool {
        if self.now_s >= self.times.duration_s {
            return false;
        }
        let step_s = self.step();
        self.now_s += step_s;
        if self.now_s >= self.report_s {
            self.report_s += self.times.report_step_s;
        }
        true
    }

    /// The setting of a link; a fixed one if no part has it (there is always one).
    fn set_of(&self, position: usize) -> Option<setting::Setting> {
        let (p, e) = *self.link_at.get(position)?;
        self.parts.get(p as usize).map(|part| part.set[e as usize])
    }

    fn put(&mut self, position: usize, to: setting::Setting) {
        let Some(&(p, e)) = self.link_at.get(position) else { return };
        if let Some(part) = self.parts.get_mut(p as usize)
            && !part.links[e as usize].check_valve
        {
            part.set[e as usize] = to;
        }
    }

    /// Tells tank `k`'s level to its part and to the results.
    fn show_level(&mut self, k: usize, level_m: f64) {
        let node = self.water.junctions.len() + self.water.reservoirs.len() + k;
        self.moment.head_m[node] = self.water.tanks[k].elevation_m + level_m;
        if let Some(part) = self.parts.get_mut(self.node_at[node].0 as usize)
            && let Some(at) = part.tanks.iter().position(|t| t.tank == k)
        {
            part.work.level_m[at] = level_m;
        }
    }

    /// Fills in the results of the moment.
    fn gather(&mut self) {
        let water = self.water;
        for part in &mut self.parts {
            part.account();
            for (i, &node) in part.nodes.iter().enumerate() {
                let node = node as usize;
                self.moment.head_m[node] = part.flow.head[i];
                if i < part.junctions {
                    self.moment.demand_m3_s[node] = part.net.demand[i];
                    self.moment.supplied_m3_s[node] = part.out.supplied[i];
                    self.moment.emitter_m3_s[node] = 0.0;
                    self.moment.leak_m3_s[node] = 0.0;
                }
            }
            let at = |e: usize| part.nodes[part.net.ends[e].0 as usize] as usize;
            for e in part.net.emitters..part.net.leaks {
                self.moment.emitter_m3_s[at(e)] = part.flow.q[e];
            }
            for e in part.net.leaks..part.net.demands {
                self.moment.leak_m3_s[at(e)] = part.flow.q[e];
            }
            for (e, link) in part.links.iter().enumerate() {
                self.moment.flow_m3_s[link.setting] = part.flow.q[e];
                self.moment.link_status[link.setting] = part.link_status(e);
            }
            for (at, t) in part.tanks.iter().enumerate() {
                let node = part.nodes[t.node] as usize;
                let level_m = part.work.level_m[at];
                self.moment.head_m[node] = water.tanks[t.tank].elevation_m + level_m;
            }
        }
    }
}

impl Part {
    /// Outflow of the emitters at a junction, m³/s.
    fn emitter(&self, junction: usize) -> f64 {
        let emitters = self.net.emitters..self.net.demands;
        let here = |e: &usize| self.net.ends[*e].0 as usize == junction;
        emitters.filter(here).map(|e| self.flow.q[e]).sum()
    }

    /// What a link does at the moment.
    fn link_status(&self, e: usize) -> LinkStatus {
        /// Flow below which a link that has a limit there is shut by it, m³/s (EPANET calls
        /// 1e-6 ft³/s zero).
        const ZERO_FLOW: f64 = 2.8e-8;
        let q = self.flow.q[e];
        if !self.net.open[e] {
            return LinkStatus::Closed;
        }
        let b = self.net.bounds[e];
        let shut = b.low == 0.0 && q <= ZERO_FLOW || b.high == 0.0 && q >= -ZERO_FLOW;
        match &self.net.laws[e] {
            Law::Regulator(r) => match r.status {
                RegulatorStatus::Active => LinkStatus::Active,
                RegulatorStatus::Open => LinkStatus::Open,
                RegulatorStatus::Closed => LinkStatus::Closed,
            },
            Law::Pipe(_) | Law::Pump { .. } | Law::Valve(_) if shut => LinkStatus::Closed,
            Law::Valve(ValveLaw::Flow { flow, .. }) if q < flow * (1.0 - 1e-9) => LinkStatus::Open,
            Law::Valve(_) if self.set[e].status == ValveStatus::Active => LinkStatus::Active,
            Law::Pipe(_) | Law::Pump { .. } | Law::Valve(_) | Law::Outflow { .. } => {
                LinkStatus::Open
            }
        }
    }
}
