//! What the states of several outages add up to, lane by lane.

use super::*;

/// Loadings and voltages, squared, by lane.
pub(super) struct Tally {
    worst: LaneRow,
    worst_at: LaneRow,
    over: LaneRow,
    over_short: LaneRow,
    low: LaneRow,
    low_at: LaneRow,
    high: LaneRow,
    high_at: LaneRow,
    outside: LaneRow,
}

impl Tally {
    pub fn new() -> Self {
        let zero = [0.0; LANES];
        Self {
            worst: zero,
            worst_at: zero,
            over: zero,
            over_short: zero,
            low: [f64::INFINITY; LANES],
            low_at: zero,
            high: [-1.0; LANES],
            high_at: zero,
            outside: zero,
        }
    }

    #[inline(always)]
    pub fn lines(&mut self, lines: &[Line], squares: &[LaneRow], start: usize) {
        const LIMIT: f64 = (1.0 + RATING_TOLERANCE) * (1.0 + RATING_TOLERANCE);
        for (i, (line, square)) in lines.iter().zip(squares).enumerate() {
            let index = (start + i) as f64;
            for k in 0..LANES {
                let loading = square[k] * line.inverse;
                let more = loading > self.worst[k];
                self.worst[k] = if more { loading } else { self.worst[k] };
                self.worst_at[k] = if more { index } else { self.worst_at[k] };
                self.over[k] += if loading > LIMIT { 1.0 } else { 0.0 };
                let short = square[k] * line.inverse_short;
                self.over_short[k] += if short > LIMIT { 1.0 } else { 0.0 };
            }
        }
    }

    #[inline(always)]
    pub fn points(&mut self, points: &[Point], squares: &[LaneRow], start: usize) {
        for (i, (point, square)) in points.iter().zip(squares).enumerate() {
            let index = (start + i) as f64;
            for k in 0..LANES {
                let v = square[k];
                let (less, more) = (v < self.low[k], v > self.high[k]);
                self.low[k] = if less { v } else { self.low[k] };
                self.low_at[k] = if less { index } else { self.low_at[k] };
                self.high[k] = if more { v } else { self.high[k] };
                self.high_at[k] = if more { index } else { self.high_at[k] };
                // Not short-circuited, so that lanes stay side by side.
                self.outside[k] += if (v < point.low) | (v > point.high) { 1.0 } else { 0.0 };
            }
        }
    }

    pub fn read(&self, lane: usize, base: &Base<'_>, row: &mut OutageRow) {
        let line = |at: f64| Some(BranchIdx(base.layout.branch_of[at as usize]));
        let bus = |at: f64| Some(BusIdx(base.layout.forest.order[at as usize]));
        row.worst_loading_percent = 100.0 * self.worst[lane].sqrt();
        row.worst_branch = if self.worst[lane] > 0.0 { line(self.worst_at[lane]) } else { None };
        row.overloads = self.over[lane] as u32;
        row.overloads_short = self.over_short[lane] as u32;
        let any = self.high[lane] >= 0.0;
        row.vm_lowest_pu = if any { self.low[lane].sqrt() } else { f64::NAN };
        row.vm_lowest_bus = if any { bus(self.low_at[lane]) } else { None };
        row.vm_highest_pu = if any { self.high[lane].sqrt() } else { f64::NAN };
        row.vm_highest_bus = if any { bus(self.high_at[lane]) } else { None };
        row.voltage_violations = self.outside[lane] as u32;
    }
}
