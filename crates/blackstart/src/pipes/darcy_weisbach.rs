//! Darcy–Weisbach friction: Hagen–Poiseuille below Re 2000, Swamee–Jain above 4000,
//! Dunlop's cubic between (EPANET 2.2 manual, section 12.1).

use super::GRAVITY_M_S2;
use std::f64::consts::{LN_10, PI};

/// Reynolds number up to which flow is laminar.
const LAMINAR: f64 = 2000.0;
/// Reynolds number from which flow is turbulent.
const TURBULENT: f64 = 4000.0;

/// A pipe's friction by Darcy–Weisbach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DarcyWeisbach {
    /// `L / (2 g d A²)`: head loss is `f · r · q²`.
    r: f64,
    /// Roughness over diameter.
    relative_roughness: f64,
    /// Reynolds number per flow: `4 / (π ν d)`, s/m³.
    reynolds_per_flow: f64,
}

impl DarcyWeisbach {
    /// Of a pipe with absolute roughness `roughness_m` and kinematic viscosity
    /// `viscosity_m2_s`.
    #[must_use]
    pub fn new(length_m: f64, diameter_m: f64, roughness_m: f64, viscosity_m2_s: f64) -> Self {
        let area = PI * diameter_m * diameter_m / 4.0;
        Self {
            r: length_m / (2.0 * GRAVITY_M_S2 * diameter_m * area * area),
            relative_roughness: roughness_m / diameter_m,
            reynolds_per_flow: 4.0 / (PI * viscosity_m2_s * diameter_m),
        }
    }

    /// The same pipe with water `ratio` times as viscous.
    #[must_use]
    pub fn at_viscosity_ratio(self, ratio: f64) -> Self {
        Self { reynolds_per_flow: self.reynolds_per_flow / ratio, ..self }
    }

    /// Head loss (m) and its gradient (m per m³/s) at flow `q` (m³/s).
    #[must_use]
    pub fn loss(&self, q: f64) -> (f64, f64) {
        let a = q.abs();
        let re = a * self.reynolds_per_flow;
        if re <= LAMINAR {
            // f = 64/Re makes the loss linear in q.
            let slope = 64.0 * self.r / self.reynolds_per_flow;
            return (slope * q, slope);
        }
        let (f, df_dre) = friction_factor(re, self.relative_roughness);
        let gradient = 2.0 * f * self.r * a + df_dre * self.reynolds_per_flow * self.r * a * a;
        (f * self.r * q * a, gradient)
    }

    /// Flow that roughly loses `drop` m, for starting points.
    #[must_use]
    pub fn flow_near(&self, drop: f64) -> f64 {
        let laminar = drop.abs() * self.reynolds_per_flow / (64.0 * self.r);
        if laminar * self.reynolds_per_flow < LAMINAR {
            return laminar.copysign(drop);
        }
        (drop.abs() / (0.025 * self.r)).sqrt().copysign(drop)
    }
}

/// Friction factor above the laminar range and its derivative by the Reynolds number.
#[must_use]
pub fn friction_factor(re: f64, relative_roughness: f64) -> (f64, f64) {
    let e = relative_roughness / 3.7;
    if re >= TURBULENT {
        let y1 = 5.74 / re.powf(0.9);
        let y2 = e + y1;
        let y3 = -2.0 * y2.ln() / LN_10;
        let f = 1.0 / (y3 * y3);
        // df/dRe = −2 f / y3 · dy3/dRe, dy3/dRe = (2/ln 10) · 0.9 y1 / (Re y2).
        return (f, -2.0 * f / y3 * (2.0 / LN_10) * 0.9 * y1 / (re * y2));
    }
    // The cubic that meets both neighbours in value and slope.
    let y1 = 5.74 / TURBULENT.powf(0.9);
    let y2 = e + y1;
    let y3 = -2.0 * y2.ln() / LN_10;
    let fa = 1.0 / (y3 * y3);
    let fb = fa * (2.0 - 1.8 * (2.0 / LN_10) * y1 / (y2 * y3));
    let r = re / LAMINAR;
    let x1 = 7.0 * fa - fb;
    let x2 = 0.128 - 17.0 * fa + 2.5 * fb;
    let x3 = -0.128 + 13.0 * fa - 2.0 * fb;
    let x4 = 0.032 - 3.0 * fa + 0.5 * fb;
    let f = x1 + r * (x2 + r * (x3 + r * x4));
    (f, (x2 + r * (2.0 * x3 + r * 3.0 * x4)) / LAMINAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laminar_loss_is_hagen_poiseuille() {
        let (length, d, nu, q) = (100.0, 0.05f64, 1.0e-6, 5.0e-5);
        let (h, g) = DarcyWeisbach::new(length, d, 1e-4, nu).loss(q);
        let expected = 128.0 * nu * length * q / (PI * GRAVITY_M_S2 * d.powi(4));
        assert!((h / expected - 1.0).abs() < 1e-12);
        assert!((g * q / h - 1.0).abs() < 1e-12);
    }

    #[test]
    fn turbulent_factor_is_near_colebrook() {
        let (re, e) = (2.0e5, 0.001);
        let (f, _) = friction_factor(re, e);
        let mut s = 8.0f64;
        for _ in 0..50 {
            s = -2.0 * (e / 3.7 + 2.51 * s / re).log10();
        }
        assert!((f * s * s - 1.0).abs() < 0.02, "{f} {}", 1.0 / (s * s));
    }

    #[test]
    fn is_continuous_and_its_gradient_is_its_derivative() {
        let law = DarcyWeisbach::new(300.0, 0.2, 2.0e-4, 1.1e-6);
        let mut last = 0.0;
        for i in 1..4000 {
            let q = f64::from(i) * 2.0e-7;
            let (h, g) = law.loss(q);
            let step = 1e-11;
            let numeric = (law.loss(q + step).0 - law.loss(q - step).0) / (2.0 * step);
            let re = q * law.reynolds_per_flow;
            if (re - LAMINAR).abs() > 1.0 && (re - TURBULENT).abs() > 1.0 {
                assert!((numeric / g - 1.0).abs() < 1e-3, "Re {re}: {numeric} {g}");
            }
            assert!(h > last);
            last = h;
        }
    }
}
