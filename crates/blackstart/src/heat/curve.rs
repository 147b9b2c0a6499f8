//! The weather-compensated supply temperature.

use super::emitter::DESIGN_INDOOR_C;
use crate::region::{Heat, HeatOptions};

/// Indoor temperature of the heating curve, °C.
const CURVE_INDOOR_C: f64 = 18.0;

/// Half the spread of the homes' own circuit at design, K (95/70 °C).
const HALF_SPREAD_K: f64 = 12.5;

/// Supply temperature that plants hold at `outdoor_c`, °C.
///
/// `T = 18 + (T_m − 18) q^0.8 + (T_d − T_m) q` with the heat load
/// `q = (18 − T_out)/(18 − T_design)` and `T_m` the mean radiator temperature at design,
/// 12.5 K above the design return; held between the least supply temperature and the
/// one at design. With 95/70 °C it gives the schedules that Ukrainian utilities print
/// within 0.5 K; see `docs/heat.md`.
#[must_use]
pub fn supply_set_c(options: &HeatOptions, outdoor_c: f64) -> f64 {
    let span = (CURVE_INDOOR_C - options.design_outdoor_c).max(1.0);
    let q = ((CURVE_INDOOR_C - outdoor_c) / span).clamp(0.0, 1.0);
    let radiator_c = options.design_return_c + HALF_SPREAD_K;
    let t = CURVE_INDOOR_C
        + (radiator_c - CURVE_INDOOR_C) * q.powf(0.8)
        + (options.design_supply_c - radiator_c) * q;
    t.min(options.design_supply_c).max(options.min_supply_c)
}

/// By substation: heat that homes at 20 °C ask for at `outdoor_c`, MW: their share of design
/// heat, in proportion to what it is colder outside than inside.
#[must_use]
pub fn demand_mw(heat: &Heat, outdoor_c: f64) -> Vec<f64> {
    let span = (DESIGN_INDOOR_C - heat.options.design_outdoor_c).max(1.0);
    let share = ((DESIGN_INDOOR_C - outdoor_c) / span).max(0.0);
    heat.substations.iter().map(|s| s.design_mw * share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed schedule of a Ukrainian utility, 95/70 °C at −21 °C.
    #[test]
    fn gives_the_printed_schedule() {
        let options = HeatOptions {
            design_outdoor_c: -21.0,
            design_supply_c: 95.0,
            min_supply_c: 30.0,
            ..HeatOptions::default()
        };
        for (outdoor, supply) in [(5.0, 49.0), (-5.0, 68.0), (-10.0, 76.0), (-15.0, 85.0)] {
            let t = supply_set_c(&options, outdoor);
            assert!((t - supply).abs() <= 0.5, "{outdoor} °C: {t}");
        }
        assert!((supply_set_c(&options, -21.0) - 95.0).abs() < 1e-12);
    }

    #[test]
    fn stays_between_its_limits_and_falls_with_warmth() {
        let options = HeatOptions::default();
        assert_eq!(supply_set_c(&options, 25.0), 65.0);
        assert_eq!(supply_set_c(&options, -40.0), 110.0);
        let mut last = f64::INFINITY;
        for i in 0..70 {
            let t = supply_set_c(&options, -40.0 + f64::from(i));
            assert!(t <= last);
            last = t;
        }
    }
}
