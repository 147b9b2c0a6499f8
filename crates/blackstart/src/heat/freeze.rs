//! Water that stands in pipes: it cools, freezes and thaws.
//!
//! A metre of pipe with heat capacity `C'` loses heat through the resistance `R'` to the air
//! around it. While it is liquid its temperature nears that of the air exponentially with
//! the time constant `R' C'`; at 0 °C it stays until the latent heat of its water is gone,
//! so that with air at `T_a` below zero the share of ice grows by `−T_a/(R' m L)`. Both are
//! solved exactly within a step. Water cooled below zero without freezing is not modelled.

const SECONDS_PER_HOUR: f64 = 3600.0;

/// Heat of fusion of ice, J/kg.
const FUSION_J_KG: f64 = 334_000.0;

/// A metre of pipe full of water that stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StandingPipe {
    /// From the water to the air around, m K/W.
    pub resistance_m_k_w: f64,
    /// Heat capacity of water and steel, J/(m K).
    pub capacity_j_m_k: f64,
    /// Water, kg/m.
    pub water_kg_m: f64,
}

/// State of standing water.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StandingWater {
    /// Temperature, °C; 0 while there is ice.
    pub temperature_c: f64,
    /// Share of the water that is ice, 0 … 1.
    pub ice_share: f64,
}

/// Density times heat capacity, J/(m³ K): water, and steel (7850 kg/m³ × 470 J/(kg K)).
const WATER_J_M3_K: f64 = 4.19e6;
const STEEL_J_M3_K: f64 = 7850.0 * 470.0;

/// Convection and radiation around a pipe, W/(m² K) (EN ISO 12241, indoors: about 10).
const OUTER_W_M2_K: f64 = 10.0;

/// Heating main in a cellar: steel DN 50 (60.3 × 3.6 mm) under 20 mm of worn mineral wool
/// of 0.06 W/(m K).
pub const CELLAR_PIPE: StandingPipe = StandingPipe {
    // ln(100.3/60.3)/(2π 0.06) + 1/(10 π 0.1003)
    resistance_m_k_w: 1.350 + 1.0 / (OUTER_W_M2_K * std::f64::consts::PI * 0.1003),
    capacity_j_m_k: steel_and_water(0.0603, 0.0531),
    water_kg_m: 1000.0 * circle(0.0531),
};

/// Riser of a tap in a room: bare steel DN 20 (26.9 × 2.6 mm).
pub const ROOM_PIPE: StandingPipe = StandingPipe {
    resistance_m_k_w: 1.0 / (OUTER_W_M2_K * std::f64::consts::PI * 0.0269),
    capacity_j_m_k: steel_and_water(0.0269, 0.0217),
    water_kg_m: 1000.0 * circle(0.0217),
};

const fn circle(diameter_m: f64) -> f64 {
    std::f64::consts::FRAC_PI_4 * diameter_m * diameter_m
}

const fn steel_and_water(outer_m: f64, inner_m: f64) -> f64 {
    WATER_J_M3_K * circle(inner_m) + STEEL_J_M3_K * (circle(outer_m) - circle(inner_m))
}

impl StandingPipe {
    /// The water after `step_h` hours in air of `around_c`.
    #[must_use]
    pub fn step(&self, water: StandingWater, around_c: f64, step_h: f64) -> StandingWater {
        let StandingWater { temperature_c: mut t, ice_share: mut ice } = water;
        let mut left = step_h.max(0.0) * SECONDS_PER_HOUR;
        let tau = self.resistance_m_k_w * self.capacity_j_m_k;
        // Growth of the share of ice, 1/s; negative while it thaws.
        let growth = -around_c / (self.resistance_m_k_w * self.water_kg_m * FUSION_J_KG);
        if ice <= 0.0 && t > 0.0 && around_c < 0.0 {
            let to_zero = tau * ((t - around_c) / -around_c).ln();
            let spent = to_zero.min(left);
            t = if spent < left { 0.0 } else { around_c + (t - around_c) * (-spent / tau).exp() };
            left -= spent;
        }
        if ice > 0.0 && growth < 0.0 {
            let spent = (ice / -growth).min(left);
            ice = if spent < left { 0.0 } else { (ice + growth * spent).max(0.0) };
            left -= spent;
        }
        if left > 0.0 {
            if around_c < 0.0 && t <= 0.0 {
                ice = (ice + growth * left).min(1.0);
            } else if ice <= 0.0 {
                t = around_c + (t - around_c) * (-left / tau).exp();
            }
        }
        StandingWater { temperature_c: if ice > 0.0 { 0.0 } else { t }, ice_share: ice }
    }

    /// Hours until water of `from_c` in air of `around_c` holds `ice_share` of ice; none
    /// where it never does.
    #[must_use]
    pub fn hours_to_ice(&self, from_c: f64, around_c: f64, ice_share: f64) -> Option<f64> {
        if around_c >= 0.0 {
            return None;
        }
        let tau = self.resistance_m_k_w * self.capacity_j_m_k;
        let cooling = tau * ((from_c.max(0.0) - around_c) / -around_c).ln();
        let latent = self.resistance_m_k_w * self.water_kg_m * FUSION_J_KG / -around_c;
        Some((cooling + ice_share * latent) / SECONDS_PER_HOUR)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WARM: StandingWater = StandingWater { temperature_c: 40.0, ice_share: 0.0 };

    /// Enthalpy above liquid water of 0 °C, J/m.
    fn heat(p: &StandingPipe, w: StandingWater) -> f64 {
        p.capacity_j_m_k * w.temperature_c - p.water_kg_m * FUSION_J_KG * w.ice_share
    }

    #[test]
    fn a_cellar_pipe_by_hand() {
        // C' = 4.19e6 × 2.2145e-3 + 3.6895e6 × 0.6413e-3 = 11.645 kJ, R' = 1.6674:
        // τ = 19.42 ks = 5.39 h; ln(45/5) = 2.197; ice 5/(1.6674 × 2.2145 × 334e3) 1/s.
        let hours = CELLAR_PIPE.hours_to_ice(40.0, -5.0, 0.15).unwrap();
        assert!((hours - (5.394 * 2.1972 + 0.15 / (4.0543e-6 * 3600.0))).abs() < 0.03, "{hours}");
        let before = CELLAR_PIPE.step(WARM, -5.0, hours - 0.01).ice_share;
        let after = CELLAR_PIPE.step(WARM, -5.0, hours + 0.01).ice_share;
        assert!(before < 0.15 && 0.15 < after);
        assert_eq!(CELLAR_PIPE.hours_to_ice(40.0, 0.5, 0.15), None);
    }

    #[test]
    fn ice_thaws_before_it_warms() {
        let ice = StandingWater { temperature_c: 0.0, ice_share: 0.5 };
        let half = ROOM_PIPE.step(ice, 10.0, 1.0);
        assert!(half.ice_share < 0.5 && half.temperature_c == 0.0);
        let thawed = ROOM_PIPE.step(ice, 10.0, 48.0);
        assert!(thawed.ice_share == 0.0 && (thawed.temperature_c - 10.0).abs() < 0.1);
        assert_eq!(ROOM_PIPE.step(ice, 0.0, 5.0), ice);
    }

    proptest! {
        #[test]
        fn two_half_steps_are_one(
            t in 0.0..60.0_f64, ice in 0.0..0.6_f64, frozen in any::<bool>(),
            around in -30.0..20.0_f64, hours in 0.01..60.0_f64,
        ) {
            let water = StandingWater {
                temperature_c: if frozen { 0.0 } else { t },
                ice_share: if frozen { ice } else { 0.0 },
            };
            for pipe in [CELLAR_PIPE, ROOM_PIPE] {
                let whole = pipe.step(water, around, hours);
                let half = pipe.step(pipe.step(water, around, hours / 2.0), around, hours / 2.0);
                prop_assert!((whole.temperature_c - half.temperature_c).abs() < 1e-9);
                prop_assert!((whole.ice_share - half.ice_share).abs() < 1e-9);
                prop_assert!((0.0..=1.0).contains(&whole.ice_share));
            }
        }

        /// Against many small steps of the plain balance of heat.
        #[test]
        fn heat_is_kept(t in 0.0..60.0_f64, around in -30.0..-0.5_f64, hours in 0.1..20.0_f64) {
            let pipe = CELLAR_PIPE;
            let mut j = heat(&pipe, StandingWater { temperature_c: t, ice_share: 0.0 });
            let n = 20_000;
            for _ in 0..n {
                let temperature = (j / pipe.capacity_j_m_k).max(0.0);
                j += (around - temperature) / pipe.resistance_m_k_w * hours * 3600.0 / f64::from(n);
            }
            let start = StandingWater { temperature_c: t, ice_share: 0.0 };
            let end = pipe.step(start, around, hours);
            let full = -pipe.water_kg_m * FUSION_J_KG;
            prop_assert!((heat(&pipe, end) - j.max(full)).abs() < 40.0 + 2e-3 * j.abs());
        }
    }
}
