//! Fast-decoupled power flow: two constant symmetric matrices, one for angles and one for
//! voltages, in turn (Stott & Alsac, IEEE Trans. PAS 93, 1974; van Amerongen, IEEE Trans.
//! Power Systems 4, 1989). Phase shifts are left out of both, which changes the way but not
//! the end.

use super::super::model::Model;
use super::ac::Ac;
use super::admittance::LEAST_IMPEDANCE_PU;
use super::setting::Setting;
use crate::math::Ldl;
use crate::region::{Branch, Grid};

/// The two matrices of a grid.
#[derive(Clone, Debug)]
pub(super) struct FastDecoupled {
    angles: Ldl,
    voltages: Ldl,
}

/// Where resistances are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    /// In the matrix of the angles.
    Xb,
    /// In the matrix of the voltages.
    Bx,
}

impl FastDecoupled {
    pub fn new(model: &Model) -> Self {
        let ldl = Ldl::new(model.buses, &model.edges[..model.branches]);
        Self { angles: ldl.clone(), voltages: ldl }
    }

    /// Iterates from the voltages in `ac` on, which has `setting` loaded. Gives the number of
    /// iterations; whether they were enough is seen in the mismatch.
    pub fn solve(
        &mut self,
        ac: &mut Ac,
        grid: &Grid,
        model: &Model,
        setting: &Setting,
        scheme: Scheme,
        tolerance: f64,
        max_iterations: u32,
    ) -> u32 {
        if self.factor(grid, model, setting, scheme).is_none() {
            return 0;
        }
        let n = model.buses;
        let mut off = vec![[0.0; 2]; n];
        let mut rhs = vec![0.0; n];
        let mut fits = ac.mismatch(&mut off) <= tolerance;
        for iteration in 0..max_iterations {
            for part in 0..2 {
                if fits {
                    return iteration + part as u32;
                }
                for (i, r) in rhs.iter_mut().enumerate() {
                    *r = off[i][part] / ac.magnitude(i);
                }
                let ldl = if part == 0 { &mut self.angles } else { &mut self.voltages };
                ldl.solve(&mut rhs);
                for (i, d) in rhs.iter().enumerate().filter(|(_, d)| **d != 0.0) {
                    if part == 0 {
                        ac.turn(i, *d);
                    } else {
                        ac.stretch(i, *d);
                    }
                }
                let worst = ac.mismatch(&mut off);
                fits = worst <= tolerance;
                if !worst.is_finite() {
                    return iteration + 1;
                }
            }
        }
        max_iterations
    }

    fn factor(
        &mut self,
        grid: &Grid,
        model: &Model,
        setting: &Setting,
        scheme: Scheme,
    ) -> Option<()> {
        let active = |part: usize| -> Vec<bool> {
            setting.role.iter().map(|r| r.equations()[part] > 0.0).collect()
        };
        for part in 0..2 {
            let voltages = part == 1;
            let on = active(part);
            let mut diagonal: Vec<f64> = on
                .iter()
                .zip(&setting.shunt)
                .map(|(on, s)| match (on, voltages) {
                    (false, _) => 1.0,
                    (true, true) => -s[1],
                    (true, false) => 0.0,
                })
                .collect();
            let mut off = vec![0.0; model.branches];
            for (l, branch) in grid.branches.iter().enumerate().filter(|(l, _)| setting.live[*l]) {
                let (f, t) = model.ends(l);
                if f == t {
                    continue;
                }
                let b = series(branch, voltages == (scheme == Scheme::Bx));
                let tap = if voltages && branch.tap != 0.0 { branch.tap } else { 1.0 };
                let charging = if voltages { branch.b_pu / 2.0 } else { 0.0 };
                if on[f] {
                    diagonal[f] += (b - charging) / (tap * tap);
                }
                if on[t] {
                    diagonal[t] += b - charging;
                }
                if on[f] && on[t] {
                    off[l] = -b / tap;
                }
            }
            let ldl = if voltages { &mut self.voltages } else { &mut self.angles };
            ldl.factor(&diagonal, &off).ok()?;
        }
        Some(())
    }
}

/// Series susceptance, with its sign turned.
fn series(branch: &Branch, without_resistance: bool) -> f64 {
    let r = if without_resistance { 0.0 } else { branch.r_pu };
    let x = branch.x_pu;
    let size = r * r + x * x;
    if size < LEAST_IMPEDANCE_PU * LEAST_IMPEDANCE_PU {
        // A branch of resistance alone must not fall out of a matrix of reactances.
        let z = branch.r_pu.abs().max(LEAST_IMPEDANCE_PU);
        return if x < 0.0 { -1.0 / z } else { 1.0 / z };
    }
    x / size
}
