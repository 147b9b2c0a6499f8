//! What one scenario came to, counted while it runs: no series are kept.

use crate::region::Water;
use crate::results::HourStatus;
use crate::water::{Moment, Period, PumpMeter};

/// A pressure short of what is required by no more than this is enough, m.
pub(super) const ENOUGH_M: f64 = 1e-3;
/// A level so near a tank's minimum is there, m.
const AT_LIMIT_M: f64 = 1.5e-4;

/// The lowest pressure of a scenario.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LowestPressure {
    /// Head above the junction's elevation, m.
    pub pressure_m: f64,
    /// Row of the junction.
    pub junction: usize,
    /// When, in seconds since the start.
    pub time_s: i64,
}

/// A tank in a scenario.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TankSummary {
    /// Lowest level above its bottom, m.
    pub lowest_level_m: f64,
    /// When that was first, in seconds since the start.
    pub lowest_time_s: i64,
    /// When it first stood at its minimum level, in seconds since the start; none if it never did.
    pub first_empty_s: Option<i64>,
    /// How long it stood there, h.
    pub empty_h: f64,
    /// Level at the end of the run, m.
    pub end_level_m: f64,
}

/// What a scenario came to. Pressures are those of junctions while they ask for water, in
/// every solution, not in reports only.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioSummary {
    /// Moments solved.
    pub solutions: usize,
    /// Of those, solved after something was relaxed.
    pub relaxed: usize,
    /// Of those, not solved: the last good state stood in for them.
    pub not_converged: usize,
    /// The first moment that was not solved to tolerance, in seconds since the start.
    pub first_trouble: Option<(i64, HourStatus)>,
    /// Water asked for, m³; what negative demands feed in does not count.
    pub demand_m3: f64,
    /// Of that, supplied, m³.
    pub supplied_m3: f64,
    /// The lowest pressure where water comes at all.
    pub lowest_pressure: Option<LowestPressure>,
    /// Junctions below the required pressure at some time, those without any water included.
    pub junctions_below: usize,
    /// Time below the required pressure, over all junctions, h.
    pub below_h: f64,
    /// Junctions that no water came to at some time.
    pub junctions_dry: usize,
    /// Electricity of the pumps, kWh.
    pub pumps_kwh: f64,
    /// Highest power of all pumps together, kW; the last moment, which lasts no time, has no part.
    pub pumps_peak_kw: f64,
    /// Cost of that electricity, with the charge for its highest power.
    pub pumps_cost: f64,
    /// By tank.
    pub tanks: Vec<TankSummary>,
}

impl ScenarioSummary {
    /// The word in files: the worst status of its moments.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        if self.not_converged > 0 {
            "not_converged"
        } else if self.relaxed > 0 {
            "relaxed"
        } else {
            "solved"
        }
    }

    /// Share of the demand that was supplied; NaN where nothing was asked for.
    #[must_use]
    pub fn supplied_share(&self) -> f64 {
        self.supplied_m3 / self.demand_m3
    }

    /// The tank that was first at its minimum level, and when, in seconds since the start.
    #[must_use]
    pub fn first_empty_tank(&self) -> Option<(usize, i64)> {
        let empty = self.tanks.iter().enumerate().filter_map(|(k, t)| Some((k, t.first_empty_s?)));
        empty.min_by_key(|&(k, at_s)| (at_s, k))
    }
}

/// What a scenario came to at junctions, for summaries over scenarios.
#[derive(Clone, Debug)]
pub(super) struct AtJunctions {
    /// Lowest pressure while it asked for water, m; −∞ if none came, NaN if it asked for none.
    pub lowest_m: Vec<f32>,
    /// Share of its demand that was supplied; NaN if it asked for none.
    pub share: Vec<f32>,
}

/// A scenario under way.
#[derive(Clone, Debug)]
pub(super) struct Tally<'w> {
    water: &'w Water,
    summary: ScenarioSummary,
    meter: PumpMeter<'w>,
    /// By tank: it stands at its minimum level.
    empty: Vec<bool>,
    /// By junction.
    lowest_m: Vec<f32>,
    demand_m3: Vec<f64>,
    supplied_m3: Vec<f64>,
}

impl<'w> Tally<'w> {
    pub fn new(water: &'w Water) -> Self {
        let junctions = water.junctions.len();
        let tank = TankSummary {
            lowest_level_m: f64::INFINITY,
            lowest_time_s: 0,
            first_empty_s: None,
            empty_h: 0.0,
            end_level_m: f64::NAN,
        };
        Self {
            water,
            meter: PumpMeter::new(water),
            empty: vec![false; water.tanks.len()],
            lowest_m: vec![f32::NAN; junctions],
            demand_m3: vec![0.0; junctions],
            supplied_m3: vec![0.0; junctions],
            summary: ScenarioSummary {
                solutions: 0,
                relaxed: 0,
                not_converged: 0,
                first_trouble: None,
                demand_m3: 0.0,
                supplied_m3: 0.0,
                lowest_pressure: None,
                junctions_below: 0,
                below_h: 0.0,
                junctions_dry: 0,
                pumps_kwh: 0.0,
                pumps_peak_kw: 0.0,
                pumps_cost: 0.0,
                tanks: vec![tank; water.tanks.len()],
            },
        }
    }

    /// Solves the present moment, counts it and moves on; false at the end.
    pub fn step(&mut self, period: &mut Period<'w>) -> bool {
        let moment = period.solve();
        self.status(moment);
        self.tanks(moment);
        self.meter.note(moment);
        let before_s = period.now_s();
        let goes_on = period.advance();
        let step_s = (period.now_s() - before_s) as f64;
        if goes_on {
            self.meter.pass(step_s);
        }
        for (tank, _) in self.summary.tanks.iter_mut().zip(&self.empty).filter(|t| *t.1) {
            tank.empty_h += step_s / 3600.0;
        }
        // Moving on changes no more of the moment than heads of tanks.
        self.junctions(period.moment(), step_s);
        goes_on
    }

    fn status(&mut self, moment: &Moment) {
        let s = &mut self.summary;
        s.solutions += 1;
        match moment.status {
            HourStatus::Solved => return,
            HourStatus::Relaxed { .. } => s.relaxed += 1,
            HourStatus::NotConverged { .. } => s.not_converged += 1,
        }
        if s.first_trouble.is_none() {
            s.first_trouble = Some((moment.time_s, moment.status.clone()));
        }
    }

    fn tanks(&mut self, moment: &Moment) {
        let first = self.water.junctions.len() + self.water.reservoirs.len();
        let rows = self.water.tanks.iter().zip(&moment.head_m[first..]);
        let tallies = self.summary.tanks.iter_mut().zip(&mut self.empty);
        for ((tank, head_m), (tally, empty)) in rows.zip(tallies) {
            let level_m = head_m - tank.elevation_m;
            tally.end_level_m = level_m;
            if level_m < tally.lowest_level_m {
                tally.lowest_level_m = level_m;
                tally.lowest_time_s = moment.time_s;
            }
            *empty = level_m <= tank.min_level_m + AT_LIMIT_M;
            if *empty && tally.first_empty_s.is_none() {
                tally.first_empty_s = Some(moment.time_s);
            }
        }
    }

    fn junctions(&mut self, moment: &Moment, step_s: f64) {
        let required_m = self.water.options.required_pressure_m - ENOUGH_M;
        let mut lowest = self.summary.lowest_pressure.map_or(f64::INFINITY, |l| l.pressure_m);
        let mut below = 0.0;
        for (j, junction) in self.water.junctions.iter().enumerate() {
            let demand_m3_s = moment.demand_m3_s[j];
            if demand_m3_s <= 0.0 {
                continue;
            }
            self.demand_m3[j] += demand_m3_s * step_s;
            self.supplied_m3[j] += moment.supplied_m3_s[j] * step_s;
            let head_m = moment.head_m[j];
            let pressure_m =
                if head_m.is_nan() { f64::NEG_INFINITY } else { head_m - junction.elevation_m };
            // The smaller of two of which the first may be NaN.
            self.lowest_m[j] = self.lowest_m[j].min(pressure_m as f32);
            if pressure_m < required_m {
                below += 1.0;
            }
            if pressure_m < lowest && pressure_m.is_finite() {
                lowest = pressure_m;
                let time_s = moment.time_s;
                self.summary.lowest_pressure =
                    Some(LowestPressure { pressure_m, junction: j, time_s });
            }
        }
        self.summary.below_h += below * step_s / 3600.0;
    }

    /// The scenario is over.
    pub fn finish(self) -> (ScenarioSummary, AtJunctions) {
        let Self { water, mut summary, meter, lowest_m, demand_m3, supplied_m3, .. } = self;
        summary.demand_m3 = demand_m3.iter().sum();
        summary.supplied_m3 = supplied_m3.iter().sum();
        summary.junctions_below = lowest_m.iter().filter(|p| is_below(water, **p)).count();
        summary.junctions_dry = lowest_m.iter().filter(|p| **p == f32::NEG_INFINITY).count();
        summary.pumps_kwh = meter.uses().iter().map(|u| u.energy_kwh).sum();
        summary.pumps_peak_kw = meter.peak_kw();
        let charge = water.energy.demand_charge_per_kw * meter.peak_kw();
        summary.pumps_cost = meter.uses().iter().map(|u| u.cost).sum::<f64>() + charge;
        let share = demand_m3.iter().zip(&supplied_m3);
        let share = share.map(|(asked, got)| (got / asked) as f32).collect();
        (summary, AtJunctions { lowest_m, share })
    }
}

/// Whether a lowest pressure is below the required one.
pub(super) fn is_below(water: &Water, lowest_m: f32) -> bool {
    f64::from(lowest_m) < water.options.required_pressure_m - ENOUGH_M
}
