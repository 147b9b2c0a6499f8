//! From one event to the next: how long, and what it does to tanks.

use super::Period;
use crate::water::rules::{self, AT_REST};

impl Period<'_> {
    /// Finds the time to the next event, moves tanks through it, and looks at rules on the
    /// way; returns the seconds moved.
    pub(super) fn step(&mut self) -> i64 {
        let mut step_s = self.times.hydraulic_step_s;
        let mut no_later = |to_s: i64| {
            if to_s > 0 && to_s < step_s {
                step_s = to_s;
            }
        };
        // As in EPANET a pattern that starts within a step changes at the next solution after.
        let pattern_start_s = rules::seconds(self.water.options.pattern_start_h);
        let period = (self.now_s + pattern_start_s).div_euclid(self.pattern_step_s);
        no_later((period + 1) * self.pattern_step_s - self.now_s);
        no_later(self.report_s - self.now_s);
        let outages = self.variation.pumps_off.iter().map(|off| &off.off_s);
        for off in self.times.pumps_off_s.iter().chain(outages) {
            no_later(off.start - self.now_s);
            no_later(off.end - self.now_s);
        }
        for k in 0..self.tanks.len() {
            if let Some(to_s) = self.to_limit(k) {
                no_later(to_s);
            }
        }
        let step_s = self.to_control(step_s);
        if self.water.rules.is_empty() {
            self.move_tanks(step_s);
            return step_s;
        }
        // Rules are looked at whenever a multiple of their step has passed, and at the end.
        let every = self.times.rule_step_s;
        let mut moved = 0;
        while moved < step_s {
            let to_grid = every - (self.now_s + moved).rem_euclid(every);
            let part = to_grid.min(step_s - moved);
            self.move_tanks(part);
            moved += part;
            if self.apply_rules(self.now_s + moved - part, self.now_s + moved) {
                break;
            }
        }
        moved
    }

    /// Seconds until tank `k` is full or empty at its present inflow.
    fn to_limit(&self, k: usize) -> Option<i64> {
        let t = &self.tanks[k];
        let q = t.inflow_m3_s;
        let to_go = if q > AT_REST && t.volume_m3 < t.full_m3 {
            t.full_m3 - t.volume_m3
        } else if q < -AT_REST && t.volume_m3 > t.empty_m3 {
            t.empty_m3 - t.volume_m3
        } else {
            return None;
        };
        let to_s = (to_go / q).round();
        (to_s < 1e15).then_some(to_s as i64)
    }

    /// Fills and empties tanks for `step_s`. One that would be full or empty a second later
    /// is so now: steps are whole seconds.
    fn move_tanks(&mut self, step_s: i64) {
        for k in 0..self.tanks.len() {
            let tank = &self.water.tanks[k];
            let t = &mut self.tanks[k];
            let q = t.inflow_m3_s;
            if q == 0.0 {
                continue;
            }
            let volume = t.volume_m3 + q * step_s as f64;
            let level_m;
            if volume + q >= t.full_m3 {
                (t.volume_m3, level_m) = (t.full_m3, tank.max_level_m);
            } else if volume - q <= t.empty_m3 {
                (t.volume_m3, level_m) = (t.empty_m3, tank.min_level_m);
            } else {
                (t.volume_m3, level_m) = (volume, t.shape.level(&tank.volume_curve, volume));
            }
            self.show_level(k, level_m);
        }
    }
}
