//! What a substation hands over from flow, supply and indoor temperature.

use crate::region::HeatOptions;

/// Exponent of radiators (EN 442: 1.2 … 1.4).
const EXPONENT: f64 = 1.3;

/// Indoor temperature at design, °C.
pub const DESIGN_INDOOR_C: f64 = 20.0;

/// Heating surface installed over that needed at design: covers the supply's cooling on
/// the way (assumption).
pub const SURFACE_RESERVE: f64 = 1.15;

/// The heating surfaces behind a substation as one radiator:
/// `Q = K · Δ^1.3` with `Δ` the logarithmic mean of what supply and return are above the
/// room, and `Q = m c (T_supply − T_return)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Emitter {
    /// K, W/K^1.3.
    pub surface_w: f64,
}

impl Emitter {
    /// Sized for `design_w` at design temperatures with [`SURFACE_RESERVE`].
    #[must_use]
    pub fn sized(design_w: f64, options: &HeatOptions) -> Self {
        let supply = (options.design_supply_c - DESIGN_INDOOR_C).max(1.0);
        let back = (options.design_return_c - DESIGN_INDOOR_C).clamp(0.5, supply);
        let mean = supply * mean_share((supply / back).ln());
        Self { surface_w: SURFACE_RESERVE * design_w.max(0.0) / mean.powf(EXPONENT) }
    }

    /// Flow times heat capacity (W/K) that hands over `demand_w` with the supply
    /// `above_k` above the room; infinite where no flow is enough.
    #[must_use]
    pub fn flow_for(&self, demand_w: f64, above_k: f64) -> f64 {
        if demand_w <= 0.0 {
            return 0.0;
        }
        if above_k <= 0.0 || self.surface_w <= 0.0 {
            return f64::INFINITY;
        }
        let mean = (demand_w / self.surface_w).powf(1.0 / EXPONENT);
        let inverse = above_k / mean;
        // As the inverse nears 1 the return nears the supply and the flow has no bound.
        if inverse <= 1.0 + 1e-9 {
            return f64::INFINITY;
        }
        // u/(1 − e⁻ᵘ) = inverse is convex and rising; 2(inverse − 1) lies right of the
        // root, from where Newton's steps come down without passing it.
        let mut u = 2.0 * (inverse - 1.0);
        for _ in 0..60 {
            let fall = -(-u).exp_m1();
            let value = u / fall;
            let slope = (1.0 - value * (1.0 - fall)) / fall;
            let step = (value - inverse) / slope;
            u -= step;
            if step <= 1e-15 * u {
                break;
            }
        }
        let flow = demand_w / (above_k * -(-u).exp_m1());
        if flow.is_finite() { flow } else { f64::INFINITY }
    }

    /// Heat (W) that `flow_w_k` (flow times heat capacity) hands over with the supply
    /// `above_k` above the room.
    #[must_use]
    pub fn heat_at(&self, flow_w_k: f64, above_k: f64) -> f64 {
        if flow_w_k <= 0.0 || above_k <= 0.0 || self.surface_w <= 0.0 {
            return 0.0;
        }
        // Both laws give Q; equal where ln(m c θ / (K θⁿ)) + (1 − n) ln(1 − e⁻ᵘ) + n ln u = 0
        // with u = ln(θ_supply/θ_return). Nearly linear in ln u.
        let a = (flow_w_k / self.surface_w * above_k.powf(1.0 - EXPONENT)).ln();
        let mut v = -a / EXPONENT;
        v = v.clamp(-300.0, 300.0);
        for _ in 0..60 {
            let u = v.exp();
            let fall = -(-u).exp_m1();
            let f = a + (1.0 - EXPONENT) * fall.ln() + EXPONENT * v;
            let slope = EXPONENT + (1.0 - EXPONENT) * u * (1.0 - fall) / fall;
            let step = f / slope;
            v -= step;
            if step.abs() <= 1e-15 * v.abs().max(1.0) {
                break;
            }
        }
        flow_w_k * above_k * -(-v.exp()).exp_m1()
    }
}

/// Logarithmic mean of 1 and e⁻ᵘ.
fn mean_share(u: f64) -> f64 {
    if u < 1e-9 { 1.0 - u / 2.0 } else { -(-u).exp_m1() / u }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 110/70 °C at 20 °C indoors: Δ = 40/ln(90/50) = 68.0518 K; 1 MW with 15 % reserve.
    #[test]
    fn design_point_by_hand() {
        let e = Emitter::sized(1e6, &HeatOptions::default());
        let mean: f64 = 40.0 / (90.0f64 / 50.0).ln();
        assert!((e.surface_w - 1.15e6 / mean.powf(1.3)).abs() < 1e-6);
        // The flow that hands over 1.15 MW at 110 °C supply cools to 70 °C.
        let flow = e.flow_for(1.15e6, 90.0);
        assert!((flow - 1.15e6 / 40.0).abs() < 1e-6, "{flow}");
        assert!((e.heat_at(1.15e6 / 40.0, 90.0) - 1.15e6).abs() < 1e-3);
    }

    #[test]
    fn hopeless_and_idle() {
        let e = Emitter::sized(1e6, &HeatOptions::default());
        assert_eq!(e.flow_for(0.0, 50.0), 0.0);
        assert_eq!(e.flow_for(1e6, 0.0), f64::INFINITY);
        assert_eq!(e.flow_for(1e6, 40.0), f64::INFINITY);
        assert_eq!(e.heat_at(0.0, 50.0), 0.0);
        assert_eq!(e.heat_at(1e4, -5.0), 0.0);
        assert_eq!(Emitter { surface_w: 0.0 }.heat_at(1e4, 50.0), 0.0);
    }

    proptest! {
        #[test]
        fn both_directions_agree(
            design in 1e4..1e8_f64, share in 1e-4..1.3_f64, above in 5.0..100.0_f64,
        ) {
            let e = Emitter::sized(design, &HeatOptions::default());
            let flow = e.flow_for(share * design, above);
            if flow.is_finite() {
                let heat = e.heat_at(flow, above);
                prop_assert!((heat / (share * design) - 1.0).abs() < 1e-9, "{heat}");
            }
        }

        #[test]
        fn more_flow_and_warmer_supply_give_more(
            flow in 1.0..1e7_f64, above in 1.0..100.0_f64,
        ) {
            let e = Emitter::sized(1e6, &HeatOptions::default());
            let base = e.heat_at(flow, above);
            prop_assert!(base > 0.0 && base <= flow * above);
            prop_assert!(e.heat_at(flow * 1.01, above) >= base);
            prop_assert!(e.heat_at(flow, above * 1.01) > base);
        }
    }
}
