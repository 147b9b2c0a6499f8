//! Electricity of pumps over a run, as EPANET reports it (EPANET 2.2 User Manual, section
//! 8.1.5 and `[ENERGY]`).

use super::demand::multiplier;
use super::period::{LinkStatus, Moment};
use crate::region::{PumpEnergy, Water};

/// Weight of a cubic metre of water, kN/m³: EPANET's 62.4 lb/ft³.
const WEIGHT_KN_M3: f64 = 9.8023;

/// What a pump used in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PumpUse {
    /// Time it ran, s.
    pub on_s: f64,
    /// Water that it lifted, m³.
    pub volume_m3: f64,
    /// Electricity, kWh.
    pub energy_kwh: f64,
    /// Highest power, kW.
    pub peak_kw: f64,
    /// Cost of its electricity, in the currency of its price.
    pub cost: f64,
    /// Efficiency times time, % s.
    efficiency_s: f64,
}

impl PumpUse {
    /// Mean efficiency from wire to water while it ran, %; NaN if it never did.
    #[must_use]
    pub fn efficiency_percent(&self) -> f64 {
        self.efficiency_s / self.on_s
    }

    /// Mean power while it ran, kW; NaN if it never did.
    #[must_use]
    pub fn mean_kw(&self) -> f64 {
        self.energy_kwh / (self.on_s / 3600.0)
    }
}

/// Adds up what pumps use from solution to solution.
#[derive(Clone, Debug)]
pub struct PumpMeter<'w> {
    water: &'w Water,
    /// By pump: what differs from the rule for all.
    own: Vec<Option<&'w PumpEnergy>>,
    /// By pump.
    uses: Vec<PumpUse>,
    peak_kw: f64,
    /// What the noted moment shows: pump, power in kW, efficiency in %, flow in m³/s, price.
    noted: Vec<(usize, f64, f64, f64, f64)>,
}

impl<'w> PumpMeter<'w> {
    /// Nothing used so far.
    #[must_use]
    pub fn new(water: &'w Water) -> Self {
        let mut own = vec![None; water.pumps.len()];
        for energy in &water.energy.pumps {
            if let Some(slot) = own.get_mut(energy.pump as usize) {
                *slot = Some(energy);
            }
        }
        let uses = vec![PumpUse::default(); water.pumps.len()];
        Self { water, own, uses, peak_kw: 0.0, noted: Vec::new() }
    }

    /// Power of pump `pump` in `moment`, kW, and its efficiency, %; none if it stands.
    #[must_use]
    pub fn power_kw(&self, moment: &Moment, pump: usize) -> Option<(f64, f64)> {
        let link = self.water.pipes.len() + pump;
        let row = &self.water.pumps[pump];
        let flow_m3_s = moment.flow_m3_s[link];
        let lift_m = (moment.head_m[row.to.i()] - moment.head_m[row.from.i()]).abs();
        let runs = moment.link_status[link] != LinkStatus::Closed && flow_m3_s > 0.0;
        if !runs || !lift_m.is_finite() {
            return None;
        }
        let curve = self.own[pump].map_or(&[][..], |own| &own.efficiency[..]);
        let percent = match curve {
            [] => self.water.energy.efficiency_percent,
            _ => between(curve, flow_m3_s * 3600.0),
        };
        // EPANET keeps efficiencies of odd curves in these bounds.
        let percent = percent.clamp(1.0, 100.0);
        let weight = WEIGHT_KN_M3 * self.water.options.specific_gravity;
        Some((weight * flow_m3_s * lift_m / (percent / 100.0), percent))
    }

    /// Counts `step_s` seconds of what `moment` shows.
    pub fn add(&mut self, moment: &Moment, step_s: f64) {
        self.note(moment);
        self.pass(step_s);
    }

    /// Notes what `moment` shows until [`PumpMeter::pass`] says for how long.
    pub fn note(&mut self, moment: &Moment) {
        self.noted.clear();
        for pump in 0..self.uses.len() {
            if let Some((power_kw, percent)) = self.power_kw(moment, pump) {
                let price = self.price(pump, moment.time_s as f64 / 3600.0);
                let flow_m3_s = moment.flow_m3_s[self.water.pipes.len() + pump];
                self.noted.push((pump, power_kw, percent, flow_m3_s, price));
            }
        }
    }

    /// Counts `step_s` seconds of what was noted.
    pub fn pass(&mut self, step_s: f64) {
        let mut all_kw = 0.0;
        for &(pump, power_kw, percent, flow_m3_s, price) in &self.noted {
            all_kw += power_kw;
            let energy_kwh = power_kw * step_s / 3600.0;
            let used = &mut self.uses[pump];
            used.on_s += step_s;
            used.volume_m3 += flow_m3_s * step_s;
            used.energy_kwh += energy_kwh;
            used.peak_kw = used.peak_kw.max(power_kw);
            used.cost += energy_kwh * price;
            used.efficiency_s += percent * step_s;
        }
        self.peak_kw = self.peak_kw.max(all_kw);
    }

    /// Price of a kWh for `pump` at `time_h`.
    fn price(&self, pump: usize, time_h: f64) -> f64 {
        let all = &self.water.energy;
        let own = self.own[pump];
        let price = own.and_then(|own| own.price_per_kwh).unwrap_or(all.price_per_kwh);
        let pattern = own.and_then(|own| own.pattern).or(all.pattern);
        price * pattern.map_or(1.0, |p| multiplier(self.water, Some(p), time_h))
    }

    /// By pump.
    #[must_use]
    pub fn uses(&self) -> &[PumpUse] {
        &self.uses
    }

    /// Highest power of all pumps together, kW.
    #[must_use]
    pub fn peak_kw(&self) -> f64 {
        self.peak_kw
    }
}

/// On straight lines between points of rising x; level beyond them.
fn between(points: &[(f64, f64)], x: f64) -> f64 {
    let i = points.partition_point(|p| p.0 < x);
    match (i.checked_sub(1).and_then(|k| points.get(k)), points.get(i)) {
        (Some(a), Some(b)) => a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0),
        (Some(one), None) | (None, Some(one)) => one.1,
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::{
        Junction, Pattern, Pump, PumpCurve, Region, RegionDraft, Reservoir, WaterEnergy,
    };
    use crate::water::{Period, PeriodTimes};

    /// 36 m³/h (10 l/s) lifted by a curve of 40 m at that flow, for two days of which each
    /// afternoon costs three times as much.
    fn network(efficiency: Vec<(f64, f64)>) -> Region {
        let mut draft = RegionDraft::default();
        let w = &mut draft.water;
        w.patterns = vec![Pattern { id: "price".into(), multipliers: vec![1.0, 3.0] }];
        w.options.pattern_step_h = 12.0;
        w.junctions = vec![Junction {
            id: "J".into(),
            elevation_m: 0.0,
            demands: vec![crate::region::JunctionDemand { base_m3h: 36.0, pattern: None }],
            emitter_m3h: 0.0,
            position: None,
        }];
        w.reservoirs =
            vec![Reservoir { id: "R".into(), head_m: 5.0, pattern: None, position: None }];
        w.pumps = vec![Pump {
            id: "P".into(),
            from: "R".into(),
            to: "J".into(),
            curve: PumpCurve::Points(vec![(36.0, 40.0)]),
            speed: 1.0,
            pattern: None,
            on: true,
            facility: None,
        }];
        w.energy = WaterEnergy {
            price_per_kwh: 0.1,
            pattern: Some(0),
            demand_charge_per_kw: 2.0,
            pumps: vec![PumpEnergy { pump: 0, efficiency, ..PumpEnergy::default() }],
            ..WaterEnergy::default()
        };
        Region::check(draft).region.expect("a sound network")
    }

    fn used(region: &Region, off_s: std::ops::Range<i64>) -> (PumpUse, f64) {
        let water = region.water();
        let times = PeriodTimes {
            duration_s: 48 * 3600,
            pumps_off_s: vec![off_s],
            ..PeriodTimes::default()
        };
        let mut period = Period::new(water, times).demand_driven(true);
        let mut meter = PumpMeter::new(water);
        loop {
            period.solve();
            let (moment, before_s) = (period.moment().clone(), period.now_s());
            if !period.advance() {
                break;
            }
            meter.add(&moment, (period.now_s() - before_s) as f64);
        }
        (meter.uses()[0], meter.peak_kw())
    }

    #[test]
    fn two_days_by_hand() {
        let (all, peak_kw) = used(&network(vec![(0.0, 40.0), (72.0, 80.0)]), 0..0);
        // 9.8023 kN/m³ · 0.01 m³/s · 40 m at 60 %, half way along the curve.
        let kw = 9.8023 * 0.01 * 40.0 / 0.6;
        assert!((peak_kw / kw - 1.0).abs() < 1e-4 && (all.mean_kw() / kw - 1.0).abs() < 1e-4);
        assert!((all.efficiency_percent() - 60.0).abs() < 1e-3);
        assert!((all.volume_m3 - 48.0 * 36.0).abs() < 1e-2);
        assert!((all.energy_kwh / (48.0 * kw) - 1.0).abs() < 1e-4);
        // A mean price of 0.2.
        assert!((all.cost / (48.0 * kw * 0.2) - 1.0).abs() < 1e-4);
        // Without a curve 75 %; dark for the second, dear half of the first day.
        let (less, _) = used(&network(Vec::new()), 12 * 3600..24 * 3600);
        let kw = 9.8023 * 0.01 * 40.0 / 0.75;
        assert_eq!(less.on_s, 36.0 * 3600.0);
        assert!((less.cost / (kw * 12.0 * (0.1 + 0.1 + 0.3)) - 1.0).abs() < 1e-4);
    }

    #[test]
    fn curves_are_level_beyond_their_ends() {
        let points = [(10.0, 50.0), (20.0, 70.0)];
        for (x, y) in [(0.0, 50.0), (10.0, 50.0), (15.0, 60.0), (20.0, 70.0), (99.0, 70.0)] {
            assert_eq!(between(&points, x), y);
        }
    }
}
