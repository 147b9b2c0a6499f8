//! Rules in a run of the network by itself: looked at between solutions.

use super::Part;
use super::{LinkStatus, Period};
use crate::pipes::WATER_KN_M3;
use crate::region::{ControlAction, Quantity, RuleAction, ValveStatus, Water, WaterEdge};
use crate::water::rules::{self, AT_REST, View};
use crate::water::setting;

/// Settings nearer than this are the same (EPANET's tolerance, in the setting's unit).
const SETTING_TOLERANCE: f64 = 1e-3;

impl View for Period<'_> {
    fn water(&self) -> &Water {
        self.water
    }

    fn status(&self, edge: WaterEdge) -> LinkStatus {
        self.link_status(setting::position(self.water, edge))
    }

    fn quantity(&self, what: Quantity) -> Option<f64> {
        let water = self.water;
        let position = |edge| setting::position(water, edge);
        Some(match what {
            Quantity::SystemDemand => {
                let part = |p: &Part| (0..p.junctions).map(|i| p.taken(i).0).sum::<f64>();
                self.parts.iter().map(part).sum::<f64>() * 3600.0
            }
            Quantity::Demand(node) => {
                let i = node.i();
                match self.tank_of(node) {
                    Some(tank) => self.tanks[tank].inflow_m3_s * 3600.0,
                    None if i < water.junctions.len() => {
                        let (part, at) = self.part_of(i)?;
                        (part.taken(at).0 + part.emitter(at)) * 3600.0
                    }
                    None => self.reservoir_inflow(i) * 3600.0,
                }
            }
            Quantity::Head(node) => self.head_m(node.i()),
            Quantity::Pressure(node) => {
                let i = node.i();
                let elevation_m = match self.tank_of(node) {
                    Some(tank) => water.tanks[tank].elevation_m,
                    None if i < water.junctions.len() => water.junctions[i].elevation_m,
                    None => water.reservoirs[i - water.junctions.len()].head_m,
                };
                self.head_m(i) - elevation_m
            }
            Quantity::FillTime(node) => {
                let t = &self.tanks[self.tank_of(node)?];
                if t.inflow_m3_s <= AT_REST {
                    return None;
                }
                (t.full_m3 - t.volume_m3) / t.inflow_m3_s / 3600.0
            }
            Quantity::DrainTime(node) => {
                let t = &self.tanks[self.tank_of(node)?];
                if t.inflow_m3_s >= -AT_REST {
                    return None;
                }
                (t.empty_m3 - t.volume_m3) / t.inflow_m3_s / 3600.0
            }
            Quantity::Flow(edge) => self.flow_m3_s(position(edge))?.abs() * 3600.0,
            Quantity::Power(edge) => self.pump_power_kw(edge)?,
            Quantity::Setting(edge) => {
                let set = self.set_of(position(edge))?;
                let has_value = match edge {
                    WaterEdge::Pipe(_) => false,
                    WaterEdge::Pump(_) => true,
                    WaterEdge::Valve(_) => set.status == ValveStatus::Active,
                };
                if !has_value {
                    return None;
                }
                set.value
            }
        })
    }
}

impl Period<'_> {
    /// Looks at all rules for the time after `from_s` up to `to_s` and does what they say;
    /// true if that changed a link.
    pub(super) fn apply_rules(&mut self, from_s: i64, to_s: i64) -> bool {
        let mut wanted = std::mem::take(&mut self.wanted);
        rules::wanted(self, from_s, to_s, &mut wanted);
        let mut changed = false;
        for RuleAction { edge, action } in wanted.iter().map(|w| w.action) {
            if self.is_news(edge, action) {
                self.act(edge, action);
                changed = true;
            }
        }
        self.wanted = wanted;
        changed
    }

    /// False if a link is in the state already that a rule asks for.
    fn is_news(&self, edge: WaterEdge, action: ControlAction) -> bool {
        let position = setting::position(self.water, edge);
        let Some(set) = self.set_of(position) else { return false };
        // Without current its setting is all there is of a pump.
        let closed = if self.is_dark(edge) {
            set.status == ValveStatus::Closed
        } else {
            self.link_status(position) == LinkStatus::Closed
        };
        match action {
            // The solution may have shut a link that its setting leaves open.
            ControlAction::Open => closed,
            ControlAction::Close => !closed,
            ControlAction::Set(value) => {
                let has_value = match edge {
                    WaterEdge::Valve(_) => set.status == ValveStatus::Active,
                    WaterEdge::Pump(_) | WaterEdge::Pipe(_) => true,
                };
                !has_value || (set.value - value).abs() > SETTING_TOLERANCE
            }
        }
    }

    /// Power that a pump gives to the water.
    fn pump_power_kw(&self, edge: WaterEdge) -> Option<f64> {
        let WaterEdge::Pump(i) = edge else { return None };
        let pump = self.water.pumps.get(i as usize)?;
        let lift_m = self.head_m(pump.to.i()) - self.head_m(pump.from.i());
        let weight_kn_m3 = WATER_KN_M3 * self.water.options.specific_gravity;
        let kw = weight_kn_m3 * self.flow_m3_s(setting::position(self.water, edge))? * lift_m;
        kw.is_finite().then_some(kw)
    }

    fn flow_m3_s(&self, position: usize) -> Option<f64> {
        let &(p, e) = self.link_at.get(position)?;
        Some(self.parts.get(p as usize)?.flow.q[e as usize])
    }

    fn reservoir_inflow(&self, node: usize) -> f64 {
        let mut sum = 0.0;
        for part in &self.parts {
            for (e, &(a, b)) in part.net.ends[..part.links.len()].iter().enumerate() {
                if part.nodes[a as usize] as usize == node {
                    sum -= part.flow.q[e];
                }
                if part.nodes[b as usize] as usize == node {
                    sum += part.flow.q[e];
                }
            }
        }
        sum
    }
}
