//! Simple controls: applied before a solution, and when the next one is due.

use super::{LinkStatus, Period};
use crate::region::ValveStatus;
use crate::region::{ControlAction, ControlWhen, WaterEdge, WaterNodeIdx};
use crate::water::rules::{AT_REST, clock_s, seconds};
use crate::water::setting::{self, Setting};

const DAY_S: i64 = 86_400;

impl Period<'_> {
    pub(super) fn tank_of(&self, node: WaterNodeIdx) -> Option<usize> {
        node.i().checked_sub(self.water.junctions.len() + self.water.reservoirs.len())
    }

    fn tank_volume(&self, tank: usize, level_m: f64) -> f64 {
        self.tanks[tank].shape.volume(&self.water.tanks[tank].volume_curve, level_m)
    }

    /// Applies controls on time and on levels of tanks; those on pressures act within the
    /// solution. A level counts as reached one second early, so that a step that was cut to
    /// whole seconds does not miss it.
    pub(super) fn simple_controls(&mut self) {
        let water = self.water;
        for control in &water.controls {
            let acts = match control.when {
                ControlWhen::Above { node, limit_m } | ControlWhen::Below { node, limit_m } => {
                    let Some(tank) = self.tank_of(node) else { continue };
                    let (now, limit) =
                        (self.tanks[tank].volume_m3, self.tank_volume(tank, limit_m));
                    let moment = self.tanks[tank].inflow_m3_s.abs();
                    if matches!(control.when, ControlWhen::Above { .. }) {
                        now >= limit - moment
                    } else {
                        now <= limit + moment
                    }
                }
                ControlWhen::AtTime { time_h } => seconds(time_h) == self.now_s,
                ControlWhen::AtClock { clock_h } => {
                    seconds(clock_h) % DAY_S == clock_s(self.water, self.now_s)
                }
            };
            if acts {
                self.act(control.edge, control.action);
            }
        }
    }

    /// Sets a link.
    pub(super) fn act(&mut self, edge: WaterEdge, action: ControlAction) {
        let position = setting::position(self.water, edge);
        if let Some(set) = self.set_of(position) {
            self.put(position, set.after(edge, action));
        }
    }

    /// Seconds to the next control that would change what its link does.
    pub(super) fn to_control(&self, mut step_s: i64) -> i64 {
        for control in &self.water.controls {
            let to_s = match control.when {
                ControlWhen::Above { node, limit_m } | ControlWhen::Below { node, limit_m } => {
                    let Some(tank) = self.tank_of(node) else { continue };
                    let q = self.tanks[tank].inflow_m3_s;
                    let above = matches!(control.when, ControlWhen::Above { .. });
                    let to_go = self.tank_volume(tank, limit_m) - self.tanks[tank].volume_m3;
                    if q.abs() <= AT_REST
                        || (q > 0.0) != above
                        || (to_go > 0.0) != above
                        || to_go == 0.0
                    {
                        continue;
                    }
                    (to_go / q).round() as i64
                }
                ControlWhen::AtTime { time_h } => seconds(time_h) - self.now_s,
                ControlWhen::AtClock { clock_h } => {
                    (seconds(clock_h) - clock_s(self.water, self.now_s)).rem_euclid(DAY_S)
                }
            };
            if to_s > 0 && to_s < step_s && self.would_change(control.edge, control.action) {
                step_s = to_s;
            }
        }
        step_s
    }

    /// True of a pump without current.
    pub(super) fn is_dark(&self, edge: WaterEdge) -> bool {
        matches!(edge, WaterEdge::Pump(i) if self.pump_capacity[i as usize] == 0.0)
    }

    /// True if an action would change the setting or the present state of a link.
    fn would_change(&self, edge: WaterEdge, action: ControlAction) -> bool {
        let position = setting::position(self.water, edge);
        let Some(set) = self.set_of(position) else { return false };
        let after = set.after(edge, action);
        if !same(set, after, edge) {
            return true;
        }
        // Without current its setting is all there is of a pump.
        if self.is_dark(edge) {
            return false;
        }
        let wanted = match after.status {
            ValveStatus::Open => LinkStatus::Open,
            ValveStatus::Closed => LinkStatus::Closed,
            ValveStatus::Active => LinkStatus::Active,
        };
        wanted != self.link_status(position)
    }
}

/// True if two settings of a link mean the same: what is held open or closed has no value.
fn same(a: Setting, b: Setting, edge: WaterEdge) -> bool {
    let valued = match edge {
        WaterEdge::Pipe(_) => false,
        WaterEdge::Pump(_) => a.status != ValveStatus::Closed,
        WaterEdge::Valve(_) => a.status == ValveStatus::Active,
    };
    a.status == b.status && (!valued || a.value == b.value)
}
