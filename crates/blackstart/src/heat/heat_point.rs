//! A substation: homes' radiators, hot tap water and a bypass behind one control valve.

use super::emitter::Emitter;
use super::hydraulics::OPEN_FLOW;
use super::water::{Handover, HeatSettings};
use crate::region::{HeatOptions, HeatSubstation};

/// To what tap water cools the heating water, °C: cold water of about 10 °C in exchangers of
/// usual size (assumption).
const HOT_WATER_RETURN_C: f64 = 35.0;

/// By hour of the day, from 0 h: share of the day's hot water drawn in homes, per cent
/// (EN 12831-3:2017, annex B; they add to 99.9).
const HOT_WATER_PERCENT: [f64; 24] = [
    1.8, 1.0, 0.6, 0.3, 0.4, 0.6, 2.4, 4.7, 6.8, 5.7, 6.1, 6.1, 6.3, 6.4, 5.1, 4.4, 4.3, 4.7, 5.7,
    6.5, 6.6, 5.8, 4.5, 3.1,
];

/// Hot water drawn in the hour that begins at `clock_h` against the mean of the day.
#[must_use]
pub fn hot_water_share(clock_h: usize) -> f64 {
    let sum: f64 = HOT_WATER_PERCENT.iter().sum();
    HOT_WATER_PERCENT[clock_h % 24] * 24.0 / sum
}

/// What a substation is, ready to compute.
#[derive(Clone, Copy, Debug)]
pub(super) struct HeatPoint {
    emitter: Emitter,
    handover: Handover,
    bypass_w_k: f64,
    /// Flow through the open valve, W/K: what stands for "as much as can be had".
    open_w_k: f64,
}

/// Flows that a substation would let through, times heat capacity, W/K.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    heating: f64,
    hot_water: f64,
    bypass: f64,
}

impl Asked {
    /// All of them; infinite where the valve opens fully.
    pub fn total_w_k(&self) -> f64 {
        self.heating + self.hot_water + self.bypass
    }
}

impl HeatPoint {
    /// `design_w_k` is its design flow times heat capacity.
    pub fn new(
        substation: &HeatSubstation,
        design_w_k: f64,
        options: &HeatOptions,
        settings: HeatSettings,
    ) -> Self {
        Self {
            emitter: Emitter::sized(substation.design_mw * 1e6, options),
            handover: settings.handover,
            bypass_w_k: substation.bypass_share.max(0.0) * design_w_k,
            open_w_k: OPEN_FLOW * design_w_k,
        }
    }

    /// Flows that give homes and tap water `(heating, hot water)` watts.
    pub fn asked(&self, (heating_w, hot_w): (f64, f64), supply_c: f64, indoor_c: f64) -> Asked {
        let by_drop = |watts: f64, drop_k: f64| {
            if watts <= 0.0 {
                0.0
            } else if drop_k > 0.0 {
                watts / drop_k
            } else {
                f64::INFINITY
            }
        };
        let heating = match self.handover {
            Handover::Emitter => self.emitter.flow_for(heating_w, supply_c - indoor_c),
            Handover::ReturnTemperature(c) => by_drop(heating_w, supply_c - c),
            Handover::TemperatureDrop(k) => by_drop(heating_w, k),
        };
        let hot_water = by_drop(hot_w, supply_c - HOT_WATER_RETURN_C);
        Asked { heating, hot_water, bypass: self.bypass_w_k }
    }

    /// Heat handed over to homes and to tap water, W, by `flow_w_k` through the valve. What
    /// is less than asked for is shared in proportion to it.
    pub fn handed_over(
        &self,
        flow_w_k: f64,
        supply_c: f64,
        asked: Asked,
        (heating_w, hot_w): (f64, f64),
        indoor_c: f64,
    ) -> (f64, f64) {
        let most = |x: f64| if x.is_finite() { x } else { self.open_w_k };
        let (heating, hot_water) = (most(asked.heating), most(asked.hot_water));
        let total = heating + hot_water + asked.bypass;
        if total <= 0.0 || flow_w_k <= 0.0 {
            return (0.0, 0.0);
        }
        let part = flow_w_k / total;
        let above = supply_c - indoor_c;
        let to_homes = match self.handover {
            Handover::Emitter => self.emitter.heat_at(part * heating, above),
            Handover::ReturnTemperature(c) => part * heating * (supply_c - c),
            Handover::TemperatureDrop(k) => part * heating * k.min(above),
        };
        let to_water = part * hot_water * (supply_c - HOT_WATER_RETURN_C);
        (to_homes.clamp(0.0, heating_w.max(0.0)), to_water.clamp(0.0, hot_w.max(0.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(bypass_share: f64) -> HeatPoint {
        let substation = HeatSubstation {
            id: String::new(),
            junction: crate::region::HeatJunctionIdx::new(0),
            design_mw: 1.0,
            hot_water_mw: 0.2,
            bypass_share,
        };
        HeatPoint::new(&substation, 30_000.0, &HeatOptions::default(), HeatSettings::default())
    }

    #[test]
    fn a_day_of_hot_water_is_a_day() {
        let day: f64 = (0..24).map(hot_water_share).sum();
        assert!((day - 24.0).abs() < 1e-12);
        assert!(hot_water_share(8) > 1.5 && hot_water_share(3) < 0.1);
    }

    #[test]
    fn enough_flow_gives_what_is_asked_and_less_is_shared() {
        let p = point(0.05);
        let wanted = (0.6e6, 0.2e6);
        let asked = p.asked(wanted, 90.0, 20.0);
        // Hot water cools from 90 to 35 °C, the bypass passes 5 % of design flow.
        assert!((asked.hot_water - 0.2e6 / 55.0).abs() < 1e-9);
        assert!((asked.bypass - 1500.0).abs() < 1e-9);
        let (homes, water) = p.handed_over(asked.total_w_k(), 90.0, asked, wanted, 20.0);
        assert!((homes / 0.6e6 - 1.0).abs() < 1e-9 && (water / 0.2e6 - 1.0).abs() < 1e-9);
        let (homes, water) = p.handed_over(0.5 * asked.total_w_k(), 90.0, asked, wanted, 20.0);
        assert!((water / 0.1e6 - 1.0).abs() < 1e-9);
        // Radiators give more than half at half the flow.
        assert!(homes > 0.3e6 && homes < 0.6e6);
    }

    #[test]
    fn lukewarm_water_heats_no_tap_water() {
        let p = point(0.0);
        let asked = p.asked((0.5e6, 0.2e6), 30.0, 20.0);
        assert_eq!(asked.total_w_k(), f64::INFINITY);
        let (homes, water) = p.handed_over(40_000.0, 30.0, asked, (0.5e6, 0.2e6), 20.0);
        assert!(homes > 0.0 && homes < 0.5e6);
        assert_eq!(water, 0.0);
        assert_eq!(p.handed_over(0.0, 90.0, asked, (0.5e6, 0.2e6), 20.0), (0.0, 0.0));
    }
}
