//! Water that leaves a junction by its pressure alone: emitters and leaks.

use crate::pipes::{Bounds, GRAVITY_M_S2, bounded, power_law};
use crate::region::{Pipe, PipeLeak};

/// Head over the elevation below which laws are straight, m.
const STRAIGHT_M: f64 = 2.5e-7;

/// Outflow of a junction by its pressure p in m.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Outflow {
    /// `c p^e`, written `p = r q^power`.
    Emitter { r: f64, power: f64, backflow: bool },
    /// `a √p + b p √p`: the FAVAD model of leaks (J. van Zyl and others, "A fixed and
    /// variable area discharge model", 2017).
    Leak { a: f64, b: f64 },
}

impl Outflow {
    /// An emitter of coefficient `c` (m³/s at 1 m); none without one.
    pub fn emitter(c: f64, exponent: f64, backflow: bool) -> Option<Self> {
        let power = 1.0 / exponent.clamp(0.05, 20.0);
        (c > 0.0).then(|| Self::Emitter { r: c.powf(-power), power, backflow })
    }

    /// What half of `pipe` loses at one of its ends.
    pub fn of_leak<N>(leak: &PipeLeak, pipe: &Pipe<N>) -> (f64, f64) {
        // Orifices of coefficient 0.6; areas are given for 100 m of pipe.
        let per_mm2 = 0.6 * (2.0 * GRAVITY_M_S2).sqrt() * 1e-6 * pipe.length_m / 200.0;
        (per_mm2 * leak.area_mm2_100m.max(0.0), per_mm2 * leak.expansion_mm2_m_100m.max(0.0))
    }

    /// Pressure (m) that lets `q` (m³/s) out, and its gradient.
    pub fn pressure(&self, q: f64) -> (f64, f64) {
        match *self {
            Self::Emitter { r, power, backflow } => {
                let knee = (STRAIGHT_M / r).powf(1.0 / power);
                let least = STRAIGHT_M * power.max(1.0) / knee;
                let law = |q: f64| {
                    if power < 1.0 && q.abs() < knee {
                        return (STRAIGHT_M / knee * q, STRAIGHT_M / knee);
                    }
                    power_law(r, power, q, if power < 1.0 { 0.0 } else { least })
                };
                if backflow { law(q) } else { bounded(Bounds::FORWARD, q, law) }
            }
            Self::Leak { a, b } => bounded(Bounds::FORWARD, q, |q| {
                let s = root(a, b, q).max(STRAIGHT_M.sqrt());
                let flow = (a + b * s * s) * s;
                if q <= flow && s * s <= STRAIGHT_M * 1.000_001 {
                    return (STRAIGHT_M / flow * q, STRAIGHT_M / flow);
                }
                (s * s, 2.0 * s / (a + 3.0 * b * s * s))
            }),
        }
    }

    /// Flow at pressure `p` (m), m³/s.
    pub fn flow_at(&self, p: f64) -> f64 {
        match *self {
            Self::Emitter { backflow: false, .. } | Self::Leak { .. } if p <= 0.0 => 0.0,
            Self::Emitter { r, power, .. } => (p.abs() / r).powf(1.0 / power).copysign(p),
            Self::Leak { a, b } => (a + b * p) * p.sqrt(),
        }
    }

    /// Keeps a Newton step from flying past what the pressure gives.
    pub fn settle(&self, q_old: f64, q_new: f64, p: f64) -> f64 {
        let natural = self.flow_at(p);
        let far = q_new.abs() > 8.0 * q_old.abs() + 1e-6;
        let q = if far && natural.abs() < q_new.abs() { natural } else { q_new };
        match self {
            Self::Emitter { backflow: true, .. } => q,
            Self::Emitter { .. } | Self::Leak { .. } => Bounds::FORWARD.settle(q_old, q),
        }
    }
}

/// The root s ≥ 0 of `b s³ + a s = q`.
fn root(a: f64, b: f64, q: f64) -> f64 {
    let linear = if a > 0.0 { q / a } else { f64::INFINITY };
    let cubic = if b > 0.0 { (q / b).cbrt() } else { f64::INFINITY };
    // Both lie right of the root, from where Newton's steps come down without passing it.
    let mut s = linear.min(cubic);
    for _ in 0..50 {
        let step = ((b * s * s + a) * s - q) / (3.0 * b * s * s + a);
        s -= step;
        if step <= 1e-15 * s {
            break;
        }
    }
    s
}

#[cfg(test)]
mod tests {
    use super::Outflow;
    use proptest::prelude::*;

    fn any_law() -> impl Strategy<Value = Outflow> {
        prop_oneof![
            (1e-5..1e-1f64, 0.3..1.5f64, any::<bool>())
                .prop_map(|(c, e, back)| Outflow::emitter(c, e, back).unwrap()),
            (1e-6..1e-2f64, 0.0..1e-3f64).prop_map(|(a, b)| Outflow::Leak { a, b }),
            (1e-6..1e-3f64).prop_map(|b| Outflow::Leak { a: 0.0, b }),
        ]
    }

    proptest! {
        #[test]
        fn pressure_and_flow_are_inverse(law in any_law(), p in 1e-3..150.0f64) {
            let (back, gradient) = law.pressure(law.flow_at(p));
            prop_assert!((back / p - 1.0).abs() < 1e-9, "{back} {p}");
            let q = law.flow_at(p);
            let d = 1e-6 * q;
            let numeric = (law.pressure(q + d).0 - law.pressure(q - d).0) / (2.0 * d);
            prop_assert!((numeric / gradient - 1.0).abs() < 1e-4, "{numeric} {gradient}");
        }

        #[test]
        fn rises_everywhere(law in any_law(), q in -1e-3..1e-3f64, more in 1e-9..1e-4f64) {
            let (low, g) = law.pressure(q);
            prop_assert!(g > 0.0 && g.is_finite() && law.pressure(q + more).0 > low);
        }
    }

    /// At 10 m an orifice of 1 l/s at 1 m gives √10 l/s; with an exponent of 1 ten.
    #[test]
    fn emitters_by_hand() {
        let orifice = Outflow::emitter(1e-3, 0.5, false).unwrap();
        assert!((orifice.flow_at(10.0) - 10f64.sqrt() * 1e-3).abs() < 1e-15);
        let line = Outflow::emitter(1e-3, 1.0, true).unwrap();
        assert!((line.flow_at(10.0) - 1e-2).abs() < 1e-15);
        assert!((line.flow_at(-10.0) + 1e-2).abs() < 1e-15);
        assert_eq!(orifice.flow_at(-10.0), 0.0);
    }
}
