//! Air and mass as two capacities, solved exactly.
//!
//! ```text
//! C_air  dT_air /dt = Q_air  + H_ao (T_out − T_air)  + H_am (T_mass − T_air)
//! C_mass dT_mass/dt = Q_mass + H_mo (T_out − T_mass) + H_am (T_air − T_mass)
//! ```

use super::step::{AIR, CHANGE, CONSTANT, GAINS, HEAT, LOST, MASS, MEAN, Rows, phi12};
use crate::heat::envelope::{GAINS_TO_AIR, HEATING_TO_AIR, Properties, SOLAR_TO_AIR};
use crate::heat::outside::Outside;

/// Shares of internal gains, heating, sun through windows and on walls that go to the air;
/// the rest goes to the mass.
const TO_AIR: [f64; 4] = [GAINS_TO_AIR, HEATING_TO_AIR, SOLAR_TO_AIR, 0.0];

/// The matrix of the balance, 1/s: rows air and mass.
pub(super) struct System {
    air_to_outdoor: f64,
    air_to_mass: f64,
    mass_to_outdoor: f64,
    air_j: f64,
    mass_j: f64,
    a: [[f64; 2]; 2],
}

impl System {
    pub(super) fn new(p: &Properties, outside: &Outside) -> Self {
        let air_to_outdoor = p.air_to_outdoor_in_wind_w_m2_k(outside.wind_m_s);
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

    /// Slow and fast eigenvalue, 1/s, both ≤ 0. The matrix is similar to a symmetric
    /// one, so they are real.
    pub(super) fn eigenvalues(&self) -> (f64, f64) {
        let [[p, q], [r, s]] = self.a;
        let half = (p + s) / 2.0;
        let root = (((p - s) / 2.0).powi(2) + q * r).max(0.0).sqrt();
        let fast = half - root;
        // The product form keeps the small eigenvalue's digits.
        let slow = if fast < 0.0 { (p * s - q * r).max(0.0) / fast } else { 0.0 };
        (slow, fast)
    }

    /// Where air and mass settle, K above outdoors, under W/m² of gains, heat, sun through
    /// windows and on walls.
    pub(super) fn settled(&self, inputs: [f64; 4]) -> (f64, f64) {
        let (air_w, mass_w) = split(inputs);
        let outer = self.air_to_mass + self.mass_to_outdoor;
        let loss = self.air_to_outdoor + self.air_to_mass * self.mass_to_outdoor / outer;
        let air = (air_w + mass_w * self.air_to_mass / outer) / loss;
        (air, (mass_w + self.air_to_mass * air) / outer)
    }

    /// The step over `seconds`. With y = x − T_out and y' = A y + b the change to the end
    /// is t φ₁(At)(A y + b) and its mean t φ₂(At)(A y + b), which holds for singular A.
    pub(super) fn rows(&self, sun: (f64, f64), seconds: f64) -> Rows {
        let (to_end, to_mean) = self.apply(seconds);
        let times = |m: &[[f64; 2]; 2], v: [f64; 2]| {
            [m[0][0] * v[0] + m[0][1] * v[1], m[1][0] * v[0] + m[1][1] * v[1]]
        };
        let [[p, q], [r, s]] = self.a;
        let put = |share: f64| [share / self.air_j, (1.0 - share) / self.mass_j];
        // Columns of (A, gains, heat, constant).
        let (window, wall) = (put(TO_AIR[2]), put(TO_AIR[3]));
        let rates = [
            (AIR, [p, r]),
            (MASS, [q, s]),
            (GAINS, put(TO_AIR[0])),
            (HEAT, put(TO_AIR[1])),
            (CONSTANT, [0, 1].map(|k| window[k] * sun.0 + wall[k] * sun.1)),
        ];
        let mut rows = Rows::default();
        for (column, rate) in rates {
            let end = times(&to_end, rate);
            let mut mean = times(&to_mean, rate);
            rows[CHANGE][column] = end[0];
            rows[CHANGE + 1][column] = end[1];
            mean[0] += f64::from(u8::from(column == AIR));
            mean[1] += f64::from(u8::from(column == MASS));
            rows[MEAN][column] = mean[0];
            rows[LOST][column] = self.air_to_outdoor * mean[0] + self.mass_to_outdoor * mean[1];
        }
        rows
    }

    /// t φ₁(At) and t φ₂(At) by Newton's interpolation on the two eigenvalues.
    fn apply(&self, t: f64) -> ([[f64; 2]; 2], [[f64; 2]; 2]) {
        let (slow, fast) = self.eigenvalues();
        let (z1, mut z2) = (slow * t, fast * t);
        // Eigenvalues only meet where air and mass do not touch; then the difference
        // quotient stands for the derivative.
        if (z1 - z2).abs() < 1e-6 {
            z2 = z1 - 1e-6;
        }
        let (slow, fast) = (phi12(z1), phi12(z2));
        let [[p, q], [r, s]] = self.a;
        let matrix = |f1: f64, f2: f64| {
            let slope = (f1 - f2) / (z1 - z2);
            [
                [t * (f1 + slope * (p * t - z1)), t * slope * q * t],
                [t * slope * r * t, t * (f1 + slope * (s * t - z1))],
            ]
        };
        (matrix(slow.0, fast.0), matrix(slow.1, fast.1))
    }
}

/// W/m² to air and to mass.
fn split(inputs: [f64; 4]) -> (f64, f64) {
    let air = inputs.iter().zip(TO_AIR).map(|(w, share)| w * share).sum();
    let mass = inputs.iter().zip(TO_AIR).map(|(w, share)| w * (1.0 - share)).sum();
    (air, mass)
}
