//! How much is asked for, and how much a pressure gives of it.

use crate::pipes::{Bounds, bounded};
use crate::region::Water;

/// The multiplier of a pattern at simulated time `time_h`; 1 without a pattern.
#[must_use]
pub fn multiplier<N>(water: &Water<N>, pattern: Option<u32>, time_h: f64) -> f64 {
    let Some(pattern) = pattern.and_then(|p| water.patterns.get(p as usize)) else {
        return 1.0;
    };
    let Some(period) = period(water, time_h) else {
        return 1.0;
    };
    let n = pattern.multipliers.len() as i64;
    if n == 0 { 1.0 } else { pattern.multipliers[period.rem_euclid(n) as usize] }
}

/// Number of the pattern step that `time_h` lies in (a moment early counts as in it).
pub(super) fn period<N>(water: &Water<N>, time_h: f64) -> Option<i64> {
    let o = &water.options;
    let at = (time_h + o.pattern_start_h) / o.pattern_step_h + 1e-7;
    at.is_finite().then(|| at.floor() as i64)
}

/// Hours from `time_h` to the next change of patterns.
#[must_use]
pub(super) fn to_next_period<N>(water: &Water<N>, time_h: f64) -> f64 {
    let o = &water.options;
    match period(water, time_h) {
        Some(p) => (p + 1) as f64 * o.pattern_step_h - o.pattern_start_h - time_h,
        None => f64::INFINITY,
    }
}

/// Writes the demand of every junction at simulated time `time_h` to `demand_m3h`:
/// base demands times their patterns times the demand multiplier. Negative values feed
/// the network. `demand_m3h` is by junction.
pub fn demand_at<N>(water: &Water<N>, time_h: f64, demand_m3h: &mut [f64]) {
    let patterns = (0u32..).zip(&water.patterns);
    let factors: Vec<f64> = patterns.map(|(p, _)| multiplier(water, Some(p), time_h)).collect();
    for (out, junction) in demand_m3h.iter_mut().zip(&water.junctions) {
        *out = 0.0;
        for d in &junction.demands {
            let factor = d.pattern.and_then(|p| factors.get(p as usize));
            *out += d.base_m3h * factor.unwrap_or(&1.0);
        }
        *out *= water.options.demand_multiplier;
    }
}

/// Outflow by pressure after J. M. Wagner, U. Shamir, D. H. Marks, "Water distribution
/// reliability: simulation methods" (1988): nothing below the least pressure, all from the
/// required one, `((p − least) / (required − least))^exponent` between.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wagner {
    /// Head of the least pressure, m.
    pub floor_m: f64,
    /// Required less least pressure, m.
    pub range_m: f64,
    /// Inverse of the exponent.
    pub power: f64,
}

/// Pressure against which an inflow of given size still comes in, m; it keeps networks
/// solvable whose inflow has nowhere to go.
pub(super) const INFLOW_LIMIT_M: f64 = 250.0;
/// Below this share the law is straight, so that it has a slope at no outflow.
pub(super) const STRAIGHT: f64 = 1e-3;

impl Wagner {
    pub fn bounds(full: f64) -> Bounds {
        Bounds { low: 0.0, high: full, wall: Bounds::wall_at(full) }
    }

    /// Head that the junction needs for outflow `q` of `full` (m³/s), and its gradient.
    pub fn head(&self, q: f64, full: f64) -> (f64, f64) {
        bounded(Self::bounds(full), q, |q| {
            let share = q / full;
            if share < STRAIGHT {
                let slope = self.range_m * self.pow(STRAIGHT) / STRAIGHT;
                return (self.floor_m + slope * share, slope / full);
            }
            let p = self.range_m * self.pow(share);
            (self.floor_m + p, self.power * p / q)
        })
    }

    /// Head at which an inflow of `full` < 0 is taken up to `q` (m³/s), and its gradient:
    /// all of it up to [`INFLOW_LIMIT_M`] of pressure, nothing from a metre more.
    pub fn inflow_head(&self, q: f64, full: f64) -> (f64, f64) {
        bounded(Self::inflow_bounds(full), q, |q| {
            (self.floor_m + INFLOW_LIMIT_M + (1.0 - q / full), -1.0 / full)
        })
    }

    pub fn inflow_bounds(full: f64) -> Bounds {
        Bounds { low: full, high: 0.0, wall: Bounds::wall_at(full) }
    }

    /// Keeps a step from almost no outflow from flying past what the head gives.
    pub fn settle(&self, q_old: f64, q_new: f64, head: f64, full: f64) -> f64 {
        if q_new > 8.0 * q_old.max(0.0) + 1e-3 * full {
            let share = ((head - self.floor_m) / self.range_m).clamp(0.0, 1.0);
            let natural = full * share.powf(1.0 / self.power);
            if natural < q_new {
                return natural.max(q_old);
            }
        }
        q_new
    }

    fn pow(&self, share: f64) -> f64 {
        if self.power == 2.0 { share * share } else { share.powf(self.power) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::{Junction, JunctionDemand, Pattern};

    #[test]
    fn patterns_repeat_and_multiply() {
        let mut water: Water = Water::default();
        water.options.demand_multiplier = 2.0;
        water.options.pattern_step_h = 2.0;
        water.options.pattern_start_h = 1.0;
        water.patterns.push(Pattern { id: "p".into(), multipliers: vec![1.0, 0.5, 3.0] });
        water.junctions.push(Junction {
            id: "j".into(),
            elevation_m: 0.0,
            demands: vec![
                JunctionDemand { base_m3h: 10.0, pattern: Some(0) },
                JunctionDemand { base_m3h: -1.0, pattern: None },
            ],
            emitter_m3h: 0.0,
            position: None,
        });
        let mut d = [0.0];
        for (time_h, expected) in [(0.0, 18.0), (1.0, 8.0), (2.9, 8.0), (3.0, 58.0), (5.0, 18.0)] {
            demand_at(&water, time_h, &mut d);
            assert!((d[0] - expected).abs() < 1e-12, "{time_h}: {}", d[0]);
        }
        assert!((to_next_period(&water, 1.5) - 1.5).abs() < 1e-12);
    }

    #[test]
    fn wagner_is_inverted_exactly() {
        let law = Wagner { floor_m: 105.0, range_m: 15.0, power: 2.0 };
        let full = 0.02;
        assert!((law.head(full, full).0 - 120.0).abs() < 1e-9);
        // Half the pressure range gives √½ of the demand.
        assert!((law.head(full * 0.5f64.sqrt(), full).0 - 112.5).abs() < 1e-9);
        assert!(law.head(full * (1.0 + 1e-6), full).0 > 1000.0);
        assert!(law.head(-1e-12, full).0 < 105.0);
    }
}
