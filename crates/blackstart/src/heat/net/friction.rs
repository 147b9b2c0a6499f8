//! Friction factors of pipes.

use std::f64::consts::{LN_10, LOG10_2};

use crate::math::log2;

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

/// Least 1/√λ: walls rougher than they are wide have none.
const LEAST_ROOT: f64 = 0.1;

/// A pipe's friction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Factor {
    /// Roughness over 3.71 (Swamee–Jain: 3.7) times the diameter.
    pub rough: f64,
}

impl Factor {
    pub fn new(model: FrictionModel, roughness_m: f64, diameter_m: f64) -> Self {
        let by = if model == FrictionModel::SwameeJain { 3.7 } else { 3.71 };
        Self { rough: roughness_m.max(0.0) / (by * diameter_m) }
    }

    /// λ and dλ/d ln Re at `re`, which is at least [`LEAST_REYNOLDS`].
    pub fn at(self, model: FrictionModel, re: f64) -> (f64, f64) {
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
            FrictionModel::ColebrookEverywhere => colebrook::<false>(self.rough, re),
            FrictionModel::Colebrook => blended::<false>(self.rough, re),
        }
    }
}

/// λ and dλ/d ln Re of [`FrictionModel::Colebrook`].
#[inline(always)]
pub(super) fn blended<const FMA: bool>(rough: f64, re: f64) -> (f64, f64) {
    let laminar = 64.0 / re;
    let (turbulent, slope) = colebrook::<FMA>(rough, re);
    let share = ((re - LAMINAR) / (TURBULENT - LAMINAR)).clamp(0.0, 1.0);
    let d_share = if re > LAMINAR && re < TURBULENT { re / (TURBULENT - LAMINAR) } else { 0.0 };
    let more = turbulent - laminar;
    (laminar + share * more, share * slope - laminar * (1.0 - share) + d_share * more)
}

/// λ and dλ/d ln Re of Colebrook–White, `1/√λ = −2 log₁₀(2.51/(Re √λ) + k/(3.71 d))`, from
/// Re 50 and up to 1e-11 of 1/√λ: two of Halley's steps in 1/√λ from an explicit form. The same
/// operations for all pipes are vector instructions where it stands in a loop.
#[inline(always)]
pub(super) fn colebrook<const FMA: bool>(rough: f64, re: f64) -> (f64, f64) {
    const TWO: f64 = 2.0 / LN_10;
    let a = 2.51 / re;
    // Haaland's 6.9/Re for smooth pipes: J. Fluids Eng. 105 (1983).
    let mut x = (-2.0 * LOG10_2 * log2::<FMA>(rough + 6.9 / re)).max(LEAST_ROOT);
    for _ in 0..2 {
        let inner = a * x + rough;
        let ratio = TWO * a / inner;
        let slope = 1.0 + ratio;
        let value = x + 2.0 * LOG10_2 * log2::<FMA>(inner);
        let bend = -ratio * a / inner;
        x = (x - value * slope / (slope * slope - 0.5 * value * bend)).max(LEAST_ROOT);
    }
    let ratio = TWO * a / (a * x + rough);
    let lambda = 1.0 / (x * x);
    (lambda, -2.0 * lambda * ratio / (1.0 + ratio))
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
                let f = Factor::new(FrictionModel::ColebrookEverywhere, k, 0.1);
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
                let f = Factor::new(model, 1e-4, 0.1);
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
        let f = Factor::new(FrictionModel::Colebrook, 1e-4, 0.1);
        assert!((f.at(FrictionModel::Colebrook, 1000.0).0 - 0.064).abs() < 1e-15);
    }
}
