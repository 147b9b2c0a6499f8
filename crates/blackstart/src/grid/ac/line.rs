//! Flows of a branch and their derivatives.
//!
//! A branch sees its buses through three coordinates: the angle difference δ = θ_from −
//! θ_to and the two magnitudes. All flows are linear in cos δ and sin δ, so first and
//! second derivatives cost no more trigonometry than the flows themselves (the formulas
//! are those of Zimmerman, *AC Power Flows, Generalized OPF Costs and their Derivatives
//! using Complex Matrix Notation*, MATPOWER Technical Note 2, 2010, for one branch).

/// π model of a branch as the two-port `[I_f; I_t] = [[yff, yft], [ytf, ytt]] [V_f; V_t]`,
/// conductances and susceptances in p.u.
#[derive(Clone, Copy, Debug, Default)]
pub struct TwoPort {
    pub gff: f64,
    pub bff: f64,
    pub gft: f64,
    pub bft: f64,
    pub gtf: f64,
    pub btf: f64,
    pub gtt: f64,
    pub btt: f64,
}

impl TwoPort {
    /// MATPOWER's branch: series impedance, charging halved to both ends, ideal
    /// transformer `tap · exp(j shift)` at the from end (MATPOWER User's Manual, 3.2).
    /// `series` is conductance and susceptance of the series impedance, `b_half` half of the
    /// charging.
    pub fn of_series([g, b]: [f64; 2], b_half: f64, tap: f64, shift_rad: f64) -> Self {
        let (sin, cos) = shift_rad.sin_cos();
        Self {
            gff: g / (tap * tap),
            bff: (b + b_half) / (tap * tap),
            // -y / (tap · exp(-j shift)) and -y / (tap · exp(j shift)).
            gft: -(g * cos - b * sin) / tap,
            bft: -(b * cos + g * sin) / tap,
            gtf: -(g * cos + b * sin) / tap,
            btf: -(b * cos - g * sin) / tap,
            gtt: g,
            btt: b + b_half,
        }
    }
}

/// A quantity of a branch: value, gradient and Hessian in (δ, V_from, V_to), the Hessian
/// as (δδ, δf, δt, ff, ft, tt).
pub type Gradient = [f64; 3];
/// Upper triangle of a Hessian in (δ, V_from, V_to): δδ, δf, δt, ff, ft, tt.
pub type Hessian = [f64; 6];

/// Flows into a branch at both ends, p.u., with first derivatives.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flows {
    /// P_from, Q_from, P_to, Q_to.
    pub value: [f64; 4],
    /// Their gradients.
    pub gradient: [Gradient; 4],
    /// `gft cos δ + bft sin δ` and its three likes; see [`TwoPort::flows`].
    turn: [f64; 4],
}

impl TwoPort {
    /// The same of impedances and degrees.
    #[cfg(test)]
    pub fn new(r_pu: f64, x_pu: f64, b_pu: f64, tap: f64, shift_deg: f64) -> Self {
        let d = r_pu * r_pu + x_pu * x_pu;
        Self::of_series([r_pu / d, -x_pu / d], 0.5 * b_pu, tap, shift_deg.to_radians())
    }

    /// Flows alone.
    #[inline(always)]
    pub fn values(&self, delta: f64, vf: f64, vt: f64) -> [f64; 4] {
        let (s, c) = delta.sin_cos();
        let w = vf * vt;
        [
            self.gff * vf * vf + w * (self.gft * c + self.bft * s),
            -self.bff * vf * vf + w * (self.gft * s - self.bft * c),
            self.gtt * vt * vt + w * (self.gtf * c - self.btf * s),
            -self.btt * vt * vt + w * (-self.gtf * s - self.btf * c),
        ]
    }

    /// Flows and gradients.
    #[inline(always)]
    pub fn flows(&self, delta: f64, vf: f64, vt: f64) -> Flows {
        let (s, c) = delta.sin_cos();
        let w = vf * vt;
        let a = self.gft * c + self.bft * s;
        let b = self.gft * s - self.bft * c;
        let e = self.gtf * c - self.btf * s;
        let f = -self.gtf * s - self.btf * c;
        Flows {
            value: [
                self.gff * vf * vf + w * a,
                -self.bff * vf * vf + w * b,
                self.gtt * vt * vt + w * e,
                -self.btt * vt * vt + w * f,
            ],
            gradient: [
                [-w * b, 2.0 * self.gff * vf + vt * a, vf * a],
                [w * a, -2.0 * self.bff * vf + vt * b, vf * b],
                [w * f, vt * e, 2.0 * self.gtt * vt + vf * e],
                [-w * e, vt * f, -2.0 * self.btt * vt + vf * f],
            ],
            turn: [a, b, e, f],
        }
    }

    /// Hessian of `Σ weight · flow` over the four flows.
    #[inline(always)]
    pub fn hessian(&self, at: &Flows, weight: &[f64; 4], vf: f64, vt: f64) -> Hessian {
        let [a, b, e, f] = at.turn;
        let [wa, wb, we, wf] = *weight;
        let sum = wa * a + wb * b + we * e + wf * f;
        // d(sum)/dδ: a' = −b, b' = a, e' = f, f' = −e.
        let slope = -wa * b + wb * a + we * f - wf * e;
        [
            -vf * vt * sum,
            vt * slope,
            vf * slope,
            2.0 * (wa * self.gff - wb * self.bff),
            sum,
            2.0 * (we * self.gtt - wf * self.btt),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::TwoPort;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn derivatives_are_differences(
            r in -0.1f64..0.2, x in 0.01f64..0.5, b in 0f64..0.5, tap in 0.8f64..1.2,
            shift in -30f64..30.0, delta in -1f64..1.0, vf in 0.5f64..1.2, vt in 0.5f64..1.2,
            weight in prop::array::uniform4(-1f64..1.0),
        ) {
            let port = TwoPort::new(r, x, b, tap, shift);
            let at = port.flows(delta, vf, vt);
            let h = 1e-6;
            let shift = |k: usize, by: f64| {
                let mut p = [delta, vf, vt];
                p[k] += by;
                port.flows(p[0], p[1], p[2])
            };
            let hessian = port.hessian(&at, &weight, vf, vt);
            let full = [
                [hessian[0], hessian[1], hessian[2]],
                [hessian[1], hessian[3], hessian[4]],
                [hessian[2], hessian[4], hessian[5]],
            ];
            for k in 0..3 {
                let (up, down) = (shift(k, h), shift(k, -h));
                for q in 0..4 {
                    let d = (up.value[q] - down.value[q]) / (2.0 * h);
                    prop_assert!((d - at.gradient[q][k]).abs() < 1e-5 * (1.0 + d.abs()));
                }
                for l in 0..3 {
                    let d: f64 = (0..4)
                        .map(|q| weight[q] * (up.gradient[q][l] - down.gradient[q][l]) / (2.0 * h))
                        .sum();
                    prop_assert!((d - full[k][l]).abs() < 1e-4 * (1.0 + d.abs()));
                }
            }
            let values = port.values(delta, vf, vt);
            prop_assert!(values.iter().zip(&at.value).all(|(a, b)| (a - b).abs() < 1e-12 * (1.0 + b.abs())));
        }
    }

    #[test]
    fn two_port_of_a_phase_shifter_is_that_of_complex_arithmetic() {
        // y = 1/(0.03+0.4j), charging 0.1, tap 0.95 at 10 degrees; computed with Python.
        let p = TwoPort::new(0.03, 0.4, 0.1, 0.95, 10.0);
        let y = [0.186_451_211_932_877_54, -2.486_016_159_105_034];
        assert!((p.gtt - y[0]).abs() < 1e-14 && (p.btt - (y[1] + 0.05)).abs() < 1e-14);
        assert!((p.gff - y[0] / 0.9025).abs() < 1e-14);
        // -y/conj(t) with t = 0.95 exp(j10°): multiply y by exp(j10°)/0.95.
        let (s, c) = 10f64.to_radians().sin_cos();
        assert!((p.gft + (y[0] * c - y[1] * s) / 0.95).abs() < 1e-14);
        assert!((p.bft + (y[1] * c + y[0] * s) / 0.95).abs() < 1e-14);
        // -y/t: multiply by exp(-j10°)/0.95.
        assert!((p.gtf + (y[0] * c + y[1] * s) / 0.95).abs() < 1e-14);
    }
}
