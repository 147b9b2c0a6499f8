//! Friction factors of pipes.

use std::f64::consts::LN_10;

/// How the friction factor λ follows from the Reynolds number and the roughness.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FrictionModel {
    /// Laminar (64/Re) below Re 2000, Colebrook–White from 4000, in between a blend.
    #[default]
    Colebrook,
    /// Colebrook–White at every Reynolds number, as pandapipes has it.
    ColebrookEverywhere,
    /// Swamee–Jain's explicit form of Colebrook–White at every Reynolds number.
    SwameeJain,
    /// 64/Re plus the factor of a fully rough pipe (Nikuradse): pandapipes' default.
    Nikuradse,
}

/// Below this Reynolds number the drop is continued in proportion to the flow. Fractions of
/// a microbar in any pipe; without it the turbulent formulas have no slope at rest.
pub(super) const LEAST_REYNOLDS: f64 = 50.0;

const LAMINAR: f64 = 2000.0;
const TURBULENT: f64 = 4000.0;

/// A pipe's friction, with what its last evaluation found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Factor {
    /// Roughness over 3.71 (Swamee–Jain: 3.7) times the diameter.
    pub rough: f64,
    /// 1/√λ of the last evaluation by Colebrook–White; 0 before the first.
    pub x: f64,
    /// A number near the last argument of the logarithm, and its logarithm.
    near: f64,
    ln_near: f64,
    /// Reynolds number of the last full evaluation, λ there and dλ/d ln Re.
    re: f64,
    lambda: f64,
    slope: f64,
}

/// Changes of the Reynolds number, relative, over which λ is continued from where it was
/// last worked out: what bends away is below 1e-10 of λ.
const SAME: f64 = 2e-5;

impl Factor {
    pub fn new(model: FrictionModel, roughness_m: f64, diameter_m: f64) -> Self {
        let by = if model == FrictionModel::SwameeJain { 3.7 } else { 3.71 };
        Self {
            rough: roughness_m.max(0.0) / (by * diameter_m),
            x: 0.0,
            near: 1.0,
            ln_near: 0.0,
            re: f64::INFINITY,
            lambda: 0.0,
            slope: 0.0,
        }
    }

    /// Takes over what the evaluations of a pipe before a change of its data found.
    pub fn keep(&mut self, old: &Self) {
        if self.rough == old.rough {
            *self = *old;
        } else {
            self.x = old.x;
        }
    }

    /// λ and dλ/d ln Re at `re`, which is at least [`LEAST_REYNOLDS`].
    pub fn at(&mut self, model: FrictionModel, re: f64) -> (f64, f64) {
        match model {
            FrictionModel::Nikuradse => {
                // An absolutely smooth pipe has no rough limit.
                let root = -2.0 * self.rough.max(1e-12).log10();
                let laminar = 64.0 / re;
                (laminar + 1.0 / (root * root), -laminar)
            }
            FrictionModel::SwameeJain => {
                let smooth = 5.74 / re.powf(0.9);
                let sum = self.rough + smooth;
                let root = (-2.0 * sum.ln() / LN_10).max(0.1);
                let lambda = 1.0 / (root * root);
                // d root/d ln Re = (2/ln 10) · 0.9 smooth/sum
                (lambda, -2.0 * lambda / root * (2.0 / LN_10) * 0.9 * smooth / sum)
            }
            FrictionModel::ColebrookEverywhere => self.colebrook(re),
            FrictionModel::Colebrook => {
                let laminar = 64.0 / re;
                if re <= LAMINAR {
                    return (laminar, -laminar);
                }
                let (turbulent, slope) = self.colebrook(re);
                if re >= TURBULENT {
                    return (turbulent, slope);
                }
                let share = (re - LAMINAR) / (TURBULENT - LAMINAR);
                let d_share = re / (TURBULENT - LAMINAR);
                (
                    laminar + share * (turbulent - laminar),
                    -laminar * (1.0 - share) + share * slope + d_share * (turbulent - laminar),
                )
            }
        }
    }

    /// ln `v` from that of a number near it: `ln(v/n) = 2 artanh((v − n)/(v + n))`, whose
    /// series is exact to rounding below 0.05. Flows change little from round to round.
    #[inline]
    fn ln(&mut self, v: f64) -> f64 {
        let z = (v - self.near) / (v + self.near);
        if z.abs() < 0.05 {
            let s = z * z;
            let tail = 1.0 / 7.0 + s * (1.0 / 9.0 + s * (1.0 / 11.0));
            return self.ln_near + 2.0 * z * (1.0 + s * (1.0 / 3.0 + s * (0.2 + s * tail)));
        }
        self.near = v;
        self.ln_near = v.ln();
        self.ln_near
    }

    /// 1/√λ = −2 log₁₀(2.51/(Re √λ) + k/(3.71 d)) by Halley's method in 1/√λ, from where
    /// it was the last time.
    #[inline]
    fn colebrook(&mut self, re: f64) -> (f64, f64) {
        let change = (re - self.re) / re;
        if change.abs() < SAME {
            return (self.lambda + self.slope * change, self.slope);
        }
        (self.lambda, self.slope) = self.halley(re);
        self.re = re;
        (self.lambda, self.slope)
    }

    fn halley(&mut self, re: f64) -> (f64, f64) {
        const TWO: f64 = 2.0 / LN_10;
        let a = 2.51 / re;
        let mut x = self.x;
        if x == 0.0 {
            // λ = 0.02, the middle of what pipes have.
            x = 7.0;
        }
        let mut slope = 1.0;
        let mut inner = 1.0;
        for _ in 0..20 {
            inner = a * x + self.rough;
            let ratio = TWO * a / inner;
            slope = 1.0 + ratio;
            let value = x + TWO * self.ln(inner);
            // Halley's step: what is left of a relative step of 1e-3 is below 1e-10.
            let bend = -ratio * a / inner;
            let step = value * slope / (slope * slope - 0.5 * value * bend);
            x = if step < x { x - step } else { 0.5 * x };
            if step.abs() < 1e-3 * x {
                break;
            }
        }
        self.x = x;
        let lambda = 1.0 / (x * x);
        let dx = TWO * (a * x / inner) / slope;
        (lambda, -2.0 * lambda / x * dx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [FrictionModel; 4] = [
        FrictionModel::Colebrook,
        FrictionModel::ColebrookEverywhere,
        FrictionModel::SwameeJain,
        FrictionModel::Nikuradse,
    ];

    #[test]
    fn colebrook_satisfies_its_equation() {
        for re in [60.0, 1e3, 5e3, 1e5, 1e7] {
            for k in [0.0, 1e-5, 1e-3] {
                let mut f = Factor::new(FrictionModel::ColebrookEverywhere, k, 0.1);
                f.at(FrictionModel::ColebrookEverywhere, re * 1.3);
                let (l, _) = f.at(FrictionModel::ColebrookEverywhere, re);
                let x = 1.0 / l.sqrt();
                let y = -2.0 * (2.51 * x / re + k / 0.371).log10();
                assert!((x - y).abs() < 1e-9, "{re} {k}: {x} {y}");
            }
        }
    }

    #[test]
    fn slopes_are_derivatives_and_drops_rise() {
        for model in ALL {
            let mut last = 0.0;
            for i in 0..400 {
                let re = LEAST_REYNOLDS * (f64::from(i) * 0.03).exp();
                let mut f = Factor::new(model, 1e-4, 0.1);
                let (l, s) = f.at(model, re);
                let h = 1e-5;
                let up = f.at(model, re * (1.0 + h)).0;
                let down = f.at(model, re * (1.0 - h)).0;
                let numeric = (up - down) / (2.0 * h);
                let kink = (re / LAMINAR - 1.0).abs() < 1e-3 || (re / TURBULENT - 1.0).abs() < 1e-3;
                assert!(kink || (s - numeric).abs() < 1e-4 * l, "{model:?} {re}: {s} {numeric}");
                let drop = l * re * re;
                assert!(drop > last, "{model:?} {re}");
                last = drop;
            }
        }
    }

    #[test]
    fn laminar_flow_is_hagen_poiseuille() {
        let mut f = Factor::new(FrictionModel::Colebrook, 1e-4, 0.1);
        assert!((f.at(FrictionModel::Colebrook, 1000.0).0 - 0.064).abs() < 1e-15);
    }
}
