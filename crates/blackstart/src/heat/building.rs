//! Homes as two heat capacities: air with furniture, and the building's mass.
//!
//! The balance is linear with constant inputs over a step,
//!
//! ```text
//! C_air  dT_air /dt = Q_air  + H_ao (T_out − T_air)  + H_am (T_mass − T_air)
//! C_mass dT_mass/dt = Q_mass + H_mo (T_out − T_mass) + H_am (T_air − T_mass)
//! ```
//!
//! so the step is solved exactly by the matrix exponential, whatever its length.

use super::envelope::{HEATING_TO_AIR, Properties};
use crate::scenario::WeatherHour;

const SECONDS_PER_HOUR: f64 = 3600.0;

/// The state of one kind of building.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Building {
    /// Air temperature, °C.
    pub air_c: f64,
    /// Temperature of the mass, °C.
    pub mass_c: f64,
}

/// What an hour came to, per m² of floor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BuildingHour {
    /// State at the end.
    pub end: Building,
    /// Mean air temperature over the step, °C.
    pub mean_air_c: f64,
    /// Stored minus put in, relative to the largest flow: 0 up to rounding.
    pub balance_error: f64,
}

impl Building {
    /// The state in equilibrium at `indoor_c` in `weather`, with full internal gains.
    /// Where gains alone make it warmer than that, the warmer state.
    #[must_use]
    pub fn steady(p: &Properties, indoor_c: f64, weather: WeatherHour) -> Self {
        let heat = p.steady_heat_signed(indoor_c, weather, 1.0);
        let system = System::new(p, weather);
        let (air_w, mass_w) = system.inputs(p, heat.max(0.0), weather, 1.0);
        let air_c =
            if heat >= 0.0 { indoor_c } else { system.equilibrium_air_c(air_w, mass_w, weather) };
        let inflow =
            mass_w + p.air_to_mass_w_m2_k * air_c + p.mass_to_outdoor_w_m2_k * weather.outdoor_c;
        Self { air_c, mass_c: inflow / (p.air_to_mass_w_m2_k + p.mass_to_outdoor_w_m2_k) }
    }

    /// Heat that brings the air to `set_c` at the end of the step, W/m², not below 0.
    /// The end is linear in the heat, so two steps tell it exactly.
    #[must_use]
    pub fn heat_needed_w_m2(
        &self,
        p: &Properties,
        set_c: f64,
        weather: WeatherHour,
        step_h: f64,
        gains_share: f64,
    ) -> f64 {
        if step_h <= 0.0 {
            return 0.0;
        }
        let system = System::new(p, weather);
        let seconds = step_h * SECONDS_PER_HOUR;
        let (air_w, mass_w) = system.inputs(p, 0.0, weather, gains_share);
        let unheated = self.air_c + system.change(*self, air_w, mass_w, weather, seconds).end.0;
        let per_watt = system.response(HEATING_TO_AIR, 1.0 - HEATING_TO_AIR, seconds).0;
        ((set_c - unheated) / per_watt).max(0.0)
    }

    /// The exact solution of the step with constant `heat_w_m2`. `gains_share` scales
    /// internal gains (appliances need electricity).
    #[must_use]
    pub fn step(
        &self,
        p: &Properties,
        heat_w_m2: f64,
        weather: WeatherHour,
        step_h: f64,
        gains_share: f64,
    ) -> BuildingHour {
        if step_h <= 0.0 {
            return BuildingHour { end: *self, mean_air_c: self.air_c, balance_error: 0.0 };
        }
        let system = System::new(p, weather);
        let seconds = step_h * SECONDS_PER_HOUR;
        let (air_w, mass_w) = system.inputs(p, heat_w_m2, weather, gains_share);
        let change = system.change(*self, air_w, mass_w, weather, seconds);
        let (air_end, mass_end) = change.end;
        let (air_mean, mass_mean) = (self.air_c + change.mean.0, self.mass_c + change.mean.1);
        let stored_w = (p.air_j_m2_k * air_end + p.mass_j_m2_k * mass_end) / seconds;
        let lost_w = system.air_to_outdoor * (air_mean - weather.outdoor_c)
            + p.mass_to_outdoor_w_m2_k * (mass_mean - weather.outdoor_c);
        let put_in_w = air_w + mass_w;
        let scale = stored_w.abs().max(lost_w.abs()).max(put_in_w.abs()).max(1e-3);
        BuildingHour {
            end: Self { air_c: self.air_c + air_end, mass_c: self.mass_c + mass_end },
            mean_air_c: air_mean,
            balance_error: (stored_w + lost_w - put_in_w).abs() / scale,
        }
    }
}

/// The two decay times of a building left alone in `weather`, h: of the whole (what
/// people mean by its time constant) and of the air against the mass.
#[must_use]
pub fn time_constants_h(p: &Properties, weather: WeatherHour) -> (f64, f64) {
    let (slow, fast) = System::new(p, weather).eigenvalues();
    (-1.0 / (slow * SECONDS_PER_HOUR), -1.0 / (fast * SECONDS_PER_HOUR))
}

/// The matrix of the balance, 1/s: rows air and mass.
struct System {
    air_to_outdoor: f64,
    air_to_mass: f64,
    mass_to_outdoor: f64,
    air_j: f64,
    mass_j: f64,
    a: [[f64; 2]; 2],
}

/// Changes of air and mass temperature against the start, K.
struct Change {
    end: (f64, f64),
    mean: (f64, f64),
}

impl System {
    fn new(p: &Properties, weather: WeatherHour) -> Self {
        let air_to_outdoor = p.air_to_outdoor_in_wind_w_m2_k(weather);
        let (am, mo) = (p.air_to_mass_w_m2_k, p.mass_to_outdoor_w_m2_k);
        Self {
            air_to_outdoor,
            air_to_mass: am,
            mass_to_outdoor: mo,
            air_j: p.air_j_m2_k,
            mass_j: p.mass_j_m2_k,
            a: [
                [-(air_to_outdoor + am) / p.air_j_m2_k, am / p.air_j_m2_k],
                [am / p.mass_j_m2_k, -(am + mo) / p.mass_j_m2_k],
            ],
        }
    }

    /// Heat put into air and mass, W/m².
    fn inputs(&self, p: &Properties, heat: f64, weather: WeatherHour, share: f64) -> (f64, f64) {
        let (air, mass) = p.free_gains_w_m2(weather, share);
        (air + HEATING_TO_AIR * heat, mass + (1.0 - HEATING_TO_AIR) * heat)
    }

    /// Slow and fast eigenvalue, 1/s, both ≤ 0. The matrix is similar to a symmetric
    /// one, so they are real.
    fn eigenvalues(&self) -> (f64, f64) {
        let [[p, q], [r, s]] = self.a;
        let half = (p + s) / 2.0;
        let root = (((p - s) / 2.0).powi(2) + q * r).max(0.0).sqrt();
        let fast = half - root;
        // The product form keeps the small eigenvalue's digits.
        let slow = if fast < 0.0 { (p * s - q * r).max(0.0) / fast } else { 0.0 };
        (slow, fast)
    }

    /// Where the air would settle.
    fn equilibrium_air_c(&self, air_w: f64, mass_w: f64, weather: WeatherHour) -> f64 {
        let outer = self.air_to_mass + self.mass_to_outdoor;
        let loss = self.air_to_outdoor + self.air_to_mass * self.mass_to_outdoor / outer;
        weather.outdoor_c + (air_w + mass_w * self.air_to_mass / outer) / loss
    }

    /// Change over `t` seconds from rest under inputs in W/m², the far end at 0 °C.
    fn response(&self, air_w: f64, mass_w: f64, t: f64) -> (f64, f64) {
        self.apply(phi1, (air_w / self.air_j, mass_w / self.mass_j), t)
    }

    /// Exact end and mean over `t` seconds. With x' = A x + b the change to the end is
    /// t·φ₁(At)(A x₀ + b) and its mean t·φ₂(At)(A x₀ + b), which holds for singular A.
    fn change(&self, x0: Building, air_w: f64, mass_w: f64, w: WeatherHour, t: f64) -> Change {
        let (air, mass) = (x0.air_c, x0.mass_c);
        let rate = (
            (air_w + self.air_to_outdoor * (w.outdoor_c - air) + self.air_to_mass * (mass - air))
                / self.air_j,
            (mass_w
                + self.mass_to_outdoor * (w.outdoor_c - mass)
                + self.air_to_mass * (air - mass))
                / self.mass_j,
        );
        Change { end: self.apply(phi1, rate, t), mean: self.apply(phi2, rate, t) }
    }

    /// t·f(At)·v by Newton's interpolation on the two eigenvalues.
    fn apply(&self, f: fn(f64) -> f64, v: (f64, f64), t: f64) -> (f64, f64) {
        let (slow, fast) = self.eigenvalues();
        let (z1, mut z2) = (slow * t, fast * t);
        // Eigenvalues only meet where air and mass do not touch; then the difference
        // quotient stands for the derivative.
        if (z1 - z2).abs() < 1e-6 {
            z2 = z1 - 1e-6;
        }
        let (f1, f2) = (f(z1), f(z2));
        let slope = (f1 - f2) / (z1 - z2);
        let [[p, q], [r, s]] = self.a;
        let along = ((p * t - z1) * v.0 + q * t * v.1, r * t * v.0 + (s * t - z1) * v.1);
        (t * (f1 * v.0 + slope * along.0), t * (f1 * v.1 + slope * along.1))
    }
}

/// (eᶻ − 1)/z.
fn phi1(z: f64) -> f64 {
    if z == 0.0 { 1.0 } else { z.exp_m1() / z }
}

/// (eᶻ − 1 − z)/z², by its series where that would cancel.
fn phi2(z: f64) -> f64 {
    if z.abs() < 0.5 {
        let (mut term, mut sum) = (0.5, 0.5);
        for k in 3..20 {
            term *= z / f64::from(k);
            sum += term;
        }
        sum
    } else {
        (z.exp_m1() - z) / (z * z)
    }
}

#[cfg(test)]
mod tests;
