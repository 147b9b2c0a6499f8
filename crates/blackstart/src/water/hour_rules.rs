//! Rules in the hour loop: an hour goes in steps of six minutes, a tenth of an hour as in
//! EPANET, and rules are looked at after each.

use super::hour::{WaterHour, WaterInput, WaterSolver, WaterState};
use super::period::LinkStatus;
use super::rules::{self, AT_REST, View, Wanted};
use super::setting;
use super::tank_volume_m3;
use crate::pipes::WATER_KN_M3;
use crate::region::{Quantity, RuleAction, ValveStatus, Water, WaterEdge};
use crate::results::HourStatus;

/// How often rules are looked at, h.
const RULE_STEP_H: f64 = 0.1;

/// Flow below which a link is taken to be shut, m³/h (EPANET calls 1e-6 ft³/s zero).
const ZERO_FLOW_M3H: f64 = 1e-4;

impl WaterSolver {
    /// One step in pieces with rules between them.
    pub(super) fn step_by_rules(
        &mut self,
        water: &Water,
        input: &WaterInput<'_>,
        state: &mut WaterState,
    ) -> WaterHour {
        let pieces = (input.step_h / RULE_STEP_H).round().clamp(1.0, 1000.0) as u32;
        let piece = WaterInput { step_h: input.step_h / f64::from(pieces), ..*input };
        let mut wanted = Vec::new();
        let mut whole: Option<WaterHour> = None;
        for k in 0..pieces {
            let from_s = rules::seconds(state.time_h);
            let part = self.leap(water, &piece, state);
            let to_s = rules::seconds(state.time_h);
            let now = Now { water, state, hour: &part };
            rules::wanted(&now, from_s, to_s, &mut wanted);
            obey(water, &wanted, state);
            whole = Some(match whole {
                None => part,
                Some(before) => joined(before, part, 1.0 / f64::from(k + 1)),
            });
        }
        whole.unwrap_or_default()
    }
}

/// Settings as rules want them; links that are set so already keep theirs.
fn obey(water: &Water, wanted: &[Wanted], state: &mut WaterState) {
    for RuleAction { edge, action } in wanted.iter().map(|w| w.action) {
        let check_valve = matches!(edge, WaterEdge::Pipe(i)
            if water.pipes[i as usize].status == crate::region::PipeStatus::CheckValve);
        if let Some(set) = state.settings.get_mut(setting::position(water, edge))
            && !check_valve
        {
            let new = set.after(edge, action);
            // A pump that runs keeps the speed that something else gave it.
            let runs = |s: &setting::Setting| s.status != ValveStatus::Closed;
            let opens = action == crate::region::ControlAction::Open;
            if !(opens && runs(set)) {
                *set = new;
            }
        }
    }
}

/// Averages of `before` and of what came after it, which counts by `share`; heads of the
/// last state, the worst status.
fn joined(mut before: WaterHour, after: WaterHour, share: f64) -> WaterHour {
    let mix = |old: &mut [f64], new: &[f64]| {
        for (old, new) in old.iter_mut().zip(new) {
            *old += share * (new - *old);
        }
    };
    mix(&mut before.supplied_m3h, &after.supplied_m3h);
    mix(&mut before.pipe_flow_m3h, &after.pipe_flow_m3h);
    mix(&mut before.pump_flow_m3h, &after.pump_flow_m3h);
    mix(&mut before.valve_flow_m3h, &after.valve_flow_m3h);
    before.head_m = after.head_m;
    before.imbalance_m3h = before.imbalance_m3h.max(after.imbalance_m3h);
    let badness = |status: &Option<HourStatus>| match status {
        Some(HourStatus::Solved) | None => 0,
        Some(HourStatus::Relaxed { .. }) => 1,
        Some(HourStatus::NotConverged { .. }) => 2,
    };
    if badness(&after.status) > badness(&before.status) {
        before.status = after.status;
    }
    before
}

/// The network at the end of a piece.
struct Now<'a> {
    water: &'a Water,
    state: &'a WaterState,
    hour: &'a WaterHour,
}

impl Now<'_> {
    fn flow_m3h(&self, edge: WaterEdge) -> Option<f64> {
        let hour = self.hour;
        match edge {
            WaterEdge::Pipe(i) => hour.pipe_flow_m3h.get(i as usize),
            WaterEdge::Pump(i) => hour.pump_flow_m3h.get(i as usize),
            WaterEdge::Valve(i) => hour.valve_flow_m3h.get(i as usize),
        }
        .copied()
    }

    fn tank_of(&self, node: usize) -> Option<usize> {
        node.checked_sub(self.water.junctions.len() + self.water.reservoirs.len())
    }

    /// Net inflow of a reservoir, m³/h.
    fn reservoir_inflow_m3h(&self, node: usize) -> f64 {
        let (water, hour) = (self.water, self.hour);
        let pipes = water.pipes.iter().map(|p| (p.from, p.to)).zip(&hour.pipe_flow_m3h);
        let pumps = water.pumps.iter().map(|p| (p.from, p.to)).zip(&hour.pump_flow_m3h);
        let valves = water.valves.iter().map(|v| (v.from, v.to)).zip(&hour.valve_flow_m3h);
        let into = |((from, to), q): ((crate::region::WaterNodeIdx, _), &f64)| {
            let to: crate::region::WaterNodeIdx = to;
            f64::from(u8::from(to.i() == node)) * q - f64::from(u8::from(from.i() == node)) * q
        };
        pipes.chain(pumps).chain(valves).map(into).sum()
    }

    /// Room (`filling`) or water left in a tank over what flows in or out, h.
    fn time_h(&self, tank: usize, filling: bool) -> Option<f64> {
        let (t, level_m) = (self.water.tanks.get(tank)?, *self.state.level_m.get(tank)?);
        let inflow_m3h = *self.state.tank_inflow_m3h.get(tank)?;
        let (limit_m, rate_m3h) =
            if filling { (t.max_level_m, inflow_m3h) } else { (t.min_level_m, -inflow_m3h) };
        let to_go_m3 = (tank_volume_m3(t, limit_m) - tank_volume_m3(t, level_m)).abs();
        (rate_m3h > AT_REST * 3600.0).then(|| to_go_m3 / rate_m3h)
    }
}

impl View for Now<'_> {
    fn water(&self) -> &Water {
        self.water
    }

    fn status(&self, edge: WaterEdge) -> LinkStatus {
        let set = self.state.settings.get(setting::position(self.water, edge));
        let set = set.map_or(ValveStatus::Open, |s| s.status);
        let still = self.flow_m3h(edge).is_none_or(|q| q.abs() <= ZERO_FLOW_M3H);
        match set {
            ValveStatus::Closed => LinkStatus::Closed,
            ValveStatus::Open | ValveStatus::Active if still => LinkStatus::Closed,
            ValveStatus::Open => LinkStatus::Open,
            ValveStatus::Active => LinkStatus::Active,
        }
    }

    fn quantity(&self, what: Quantity) -> Option<f64> {
        let (water, hour) = (self.water, self.hour);
        let head = |node: usize| hour.head_m.get(node).copied().filter(|h| h.is_finite());
        match what {
            Quantity::SystemDemand => Some(hour.supplied_m3h.iter().sum()),
            Quantity::Demand(node) => match self.tank_of(node.i()) {
                Some(tank) => self.state.tank_inflow_m3h.get(tank).copied(),
                None => match hour.supplied_m3h.get(node.i()) {
                    Some(supplied_m3h) => Some(*supplied_m3h),
                    None => Some(self.reservoir_inflow_m3h(node.i())),
                },
            },
            Quantity::Head(node) => head(node.i()),
            Quantity::Pressure(node) => match self.tank_of(node.i()) {
                Some(tank) => self.state.level_m.get(tank).copied(),
                None => match water.junctions.get(node.i()) {
                    Some(junction) => Some(head(node.i())? - junction.elevation_m),
                    None => Some(0.0),
                },
            },
            Quantity::FillTime(node) => self.time_h(self.tank_of(node.i())?, true),
            Quantity::DrainTime(node) => self.time_h(self.tank_of(node.i())?, false),
            Quantity::Flow(edge) => self.flow_m3h(edge).map(f64::abs),
            Quantity::Power(edge) => {
                let WaterEdge::Pump(i) = edge else { return None };
                let pump = water.pumps.get(i as usize)?;
                let lift_m = head(pump.to.i())? - head(pump.from.i())?;
                let weight_kn_m3 = WATER_KN_M3 * water.options.specific_gravity;
                Some(weight_kn_m3 * self.flow_m3h(edge)? / 3600.0 * lift_m)
            }
            Quantity::Setting(edge) => {
                let set = self.state.settings.get(setting::position(water, edge))?;
                match edge {
                    WaterEdge::Pipe(_) => None,
                    WaterEdge::Pump(_) => Some(set.value),
                    WaterEdge::Valve(_) => (set.status == ValveStatus::Active).then_some(set.value),
                }
            }
        }
    }
}
