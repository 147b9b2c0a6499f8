//! ISO 13790's simple hourly method: five resistances and one capacity.
//!
//! Air, inner surfaces and mass; only the mass stores heat. With temperatures above
//! outdoors, `h₁ = H_ve H_is/(H_ve + H_is)`, `A₀ = h₁ + H_w + H_ms` and
//! `k = H_is/(H_ve + H_is)`
//!
//! ```text
//! T_s   = (H_ms T_m + Φ_st + k Φ_ia)/A₀
//! T_air = (H_is T_s + Φ_ia)/(H_ve + H_is)
//! C_m dT_m/dt = −(H_em + H_ms − H_ms²/A₀) T_m + Φ_m + (H_ms/A₀)(Φ_st + k Φ_ia)
//! ```
//!
//! which are equations C.1 to C.11 of the standard's Annex C.

use super::Solution;
use super::step::{AIR, CHANGE, CONSTANT, GAINS, HEAT, LOST, MASS, MEAN, Rows, phi12};
use crate::heat::envelope::{SURFACE_TO_MASS_W_M2_K, wind_factor};
use crate::heat::outside::Outside;
use crate::region::Envelope;

/// A kind of building for the five resistances, per m² of heated floor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FiveResistances {
    /// Air change in the reference wind, `H_ve`, W/(m² K).
    pub ventilation_w_m2_k: f64,
    /// See [`Envelope::stack_to_wind`]; infinite where wind changes nothing.
    pub stack_to_wind: f64,
    /// Windows, from inner surfaces to outdoors, `H_w`, W/(m² K).
    pub windows_w_m2_k: f64,
    /// Air to inner surfaces, `H_is`, W/(m² K).
    pub air_to_surface_w_m2_k: f64,
    /// Inner surfaces to mass, `H_ms`, W/(m² K).
    pub surface_to_mass_w_m2_k: f64,
    /// Mass to outdoors, `H_em`, W/(m² K).
    pub mass_to_outdoor_w_m2_k: f64,
    /// Capacity of the mass, `C_m`, J/(m² K).
    pub mass_j_m2_k: f64,
    /// Surface of mass that takes part against all inner surfaces, `A_m/A_t`.
    pub mass_share: f64,
    /// Windows' share of gains that goes straight out, `H_w/(9.1 A_t)`.
    pub window_share: f64,
    /// Internal gains of people and appliances, W/m².
    pub gains_w_m2: f64,
}

/// Inner surfaces per floor area, `A_t` (ISO 13790, 7.2.2.2).
const INNER_SURFACES: f64 = 4.5;

impl FiveResistances {
    /// The five resistances of `envelope`; `inner_w_m2_k` is the coefficient between air
    /// and inner surfaces, 3.45 W/(m² K) in the standard.
    #[must_use]
    pub fn of(envelope: &Envelope, inner_w_m2_k: f64) -> Self {
        let to_mass = SURFACE_TO_MASS_W_M2_K * envelope.mass_area;
        let windows = envelope.window_area * envelope.window_u;
        Self {
            ventilation_w_m2_k: envelope.air_change_w_m2_k(),
            stack_to_wind: envelope.stack_to_wind,
            windows_w_m2_k: windows,
            air_to_surface_w_m2_k: inner_w_m2_k * INNER_SURFACES,
            surface_to_mass_w_m2_k: to_mass,
            mass_to_outdoor_w_m2_k: 1.0 / (1.0 / envelope.opaque_w_m2_k() - 1.0 / to_mass),
            mass_j_m2_k: envelope.mass_kj_m2_k * 1000.0,
            mass_share: envelope.mass_area / INNER_SURFACES,
            window_share: windows / (SURFACE_TO_MASS_W_M2_K * INNER_SURFACES),
            gains_w_m2: envelope.gains_w_m2,
        }
    }

    /// Shares of internal gains, heating and sun that go to air, inner surfaces and mass
    /// (ISO 13790, C.1 to C.3). The windows' share of what does not go to the air is lost.
    fn shares(&self) -> [[f64; 3]; 3] {
        let rest = 1.0 - self.mass_share - self.window_share;
        [[0.5, 0.5 * rest, 0.5 * self.mass_share], [1.0, 0.0, 0.0], [0.0, rest, self.mass_share]]
    }
}

/// Conductances of one hour.
struct Network {
    ve: f64,
    is: f64,
    ms: f64,
    em: f64,
    w: f64,
    /// 1/A₀ and 1/(H_ve + H_is).
    per_a0: f64,
    per_air: f64,
    k: f64,
    /// From mass to outdoors by all ways.
    out: f64,
}

impl Network {
    fn new(p: &FiveResistances, outside: &Outside) -> Self {
        let ve = p.ventilation_w_m2_k * wind_factor(p.stack_to_wind, outside.wind_m_s);
        let (is, ms) = (p.air_to_surface_w_m2_k, p.surface_to_mass_w_m2_k);
        let per_air = 1.0 / (ve + is);
        let k = is * per_air;
        let per_a0 = 1.0 / (ve * k + p.windows_w_m2_k + ms);
        let (em, w) = (p.mass_to_outdoor_w_m2_k, p.windows_w_m2_k);
        let out = em + ms - ms * ms * per_a0;
        Self { ve, is, ms, em, w, per_a0, per_air, k, out }
    }

    /// Surfaces and air, K above outdoors, for a mass and W/m² to air, surfaces and mass.
    fn surface_and_air(&self, mass: f64, to: [f64; 3]) -> (f64, f64) {
        let surface = (self.ms * mass + to[1] + self.k * to[0]) * self.per_a0;
        (surface, (self.is * surface + to[0]) * self.per_air)
    }

    /// What drives the mass, W/m².
    fn drive(&self, to: [f64; 3]) -> f64 {
        to[2] + self.ms * self.per_a0 * (to[1] + self.k * to[0])
    }
}

/// The step; see [`Rows`].
pub(super) fn rows(
    p: &FiveResistances,
    outside: &Outside,
    solution: Solution,
    seconds: f64,
) -> Rows {
    let n = Network::new(p, outside);
    let per_mass_j = 1.0 / p.mass_j_m2_k;
    let decay = n.out * per_mass_j;
    // Change of the mass at the end and in the mean, by its rate at the start.
    let (to_end, to_mean) = match solution {
        Solution::Exact => {
            let (one, two) = phi12(-decay * seconds);
            (seconds * one, seconds * two)
        }
        Solution::CrankNicolson => {
            let end = seconds / (1.0 + decay * seconds / 2.0);
            (end, end / 2.0)
        }
    };
    let [gains, heat, sun] = p.shares();
    let all_sun = outside.solar_windows_w_m2 + outside.solar_walls_w_m2;
    let mut rows = Rows::default();
    // The air's own state does not matter: it has no capacity.
    rows[CHANGE][AIR] = -1.0;
    let columns = [
        (MASS, 1.0, [0.0; 3], 0.0),
        (GAINS, 0.0, gains, 1.0),
        (HEAT, 0.0, heat, 1.0),
        (CONSTANT, 0.0, sun.map(|share| share * all_sun), all_sun),
    ];
    for (column, start, to, put_in) in columns {
        let rate = (n.drive(to) - n.out * start) * per_mass_j;
        let (end, mean) = (start + to_end * rate, start + to_mean * rate);
        let (surface, air_mean) = n.surface_and_air(mean, to);
        let air_end = match solution {
            Solution::Exact => n.surface_and_air(end, to).1,
            Solution::CrankNicolson => air_mean,
        };
        rows[CHANGE][column] = air_end;
        rows[CHANGE + 1][column] = end - start;
        rows[MEAN][column] = air_mean;
        // What the standard sends straight through the windows counts as lost.
        let straight_out = put_in - to.iter().sum::<f64>();
        rows[LOST][column] = n.ve * air_mean + n.w * surface + n.em * mean + straight_out;
    }
    rows
}

/// Decay time of the mass, s.
pub(super) fn time_constant_s(p: &FiveResistances, outside: &Outside) -> f64 {
    p.mass_j_m2_k / Network::new(p, outside).out
}

/// Where air and mass settle, K above outdoors, under W/m² of gains, heat and sun.
pub(super) fn settled(p: &FiveResistances, outside: &Outside, inputs: [f64; 3]) -> (f64, f64) {
    let n = Network::new(p, outside);
    let shares = p.shares();
    let to = [0, 1, 2].map(|node| (0..3).map(|i| inputs[i] * shares[i][node]).sum());
    let mass = n.drive(to) / n.out;
    (n.surface_and_air(mass, to).1, mass)
}
