//! Injections and withdrawals: values between two bounds, with their multipliers.
//!
//! Every pass over the columns is made of plain loops over slices, so that a compiler can
//! use vector instructions; what depends on the bus is gathered and scattered apart.

use super::program::Program;
use super::steps::{Steps, towards_centre};
use crate::math::Symmetric2;

/// Columns of a program with the iterate of the interior point. Buses are positions in the
/// order of elimination.
#[derive(Clone, Debug, Default)]
pub(in crate::grid) struct Columns {
    singles: usize,
    bus: Vec<u32>,
    sign: Vec<f64>,
    cost: Vec<f64>,
    quad: Vec<f64>,
    target: Vec<f64>,
    /// By direct-current column: position of the bus it injects at, gain, and where the
    /// block of its edge lies.
    ends: Vec<(u32, f64, u32)>,
    /// Values.
    pub x: Vec<f64>,
    /// Distance to the lower bound.
    pub below: Vec<f64>,
    /// Distance to the upper bound.
    pub above: Vec<f64>,
    /// Multiplier of the lower bound.
    pub z_lo: Vec<f64>,
    /// Multiplier of the upper bound.
    pub z_hi: Vec<f64>,
    per_below: Vec<f64>,
    per_above: Vec<f64>,
    /// Change of the value per change of its worth.
    soft: Vec<f64>,
    /// What one more of it is worth at the present prices, less its cost.
    gain: Vec<f64>,
    pull: Vec<f64>,
    dx: Vec<f64>,
    dz_lo: Vec<f64>,
    dz_hi: Vec<f64>,
    second_lo: Vec<f64>,
    second_hi: Vec<f64>,
    second_before: Vec<f64>,
}

impl Columns {
    /// Takes the columns of `p`: middle of every box.
    pub fn start(&mut self, p: &Program, position: &[u32], slots: &[u32], mu: f64) {
        let n = p.bus.len();
        self.singles = p.singles();
        self.bus.clear();
        self.bus.extend(p.bus.iter().map(|&i| position[i as usize]));
        self.ends.clear();
        for ((&to, &gain), &edge) in p.to_bus.iter().zip(&p.gain).zip(&p.edge) {
            self.ends.push((position[to as usize], gain, slots[edge as usize]));
        }
        for (own, given) in [
            (&mut self.sign, &p.sign),
            (&mut self.cost, &p.cost),
            (&mut self.quad, &p.quad),
            (&mut self.target, &p.target),
        ] {
            own.clear();
            own.extend_from_slice(given);
        }
        for v in [
            &mut self.x,
            &mut self.below,
            &mut self.above,
            &mut self.z_lo,
            &mut self.z_hi,
            &mut self.per_below,
            &mut self.per_above,
            &mut self.soft,
            &mut self.gain,
            &mut self.pull,
            &mut self.dx,
            &mut self.dz_lo,
            &mut self.dz_hi,
            &mut self.second_lo,
            &mut self.second_hi,
        ] {
            v.clear();
            v.resize(n, 0.0);
        }
        for c in 0..n {
            let half = 0.5 * (p.hi[c] - p.lo[c]);
            self.x[c] = p.lo[c] + half;
            self.below[c] = half;
            self.above[c] = half;
            let z = (mu / half).min(10.0);
            self.z_lo[c] = z;
            self.z_hi[c] = z;
        }
    }

    /// Worth of every column at `price` (by position, second of each pair) into `out`.
    fn worth(&self, price: &[[f64; 2]], out: &mut [f64]) {
        for ((w, &i), &sign) in out.iter_mut().zip(&self.bus).zip(&self.sign) {
            *w = sign * price[i as usize][1];
        }
        for (w, &(j, gain, _)) in out[self.singles..].iter_mut().zip(&self.ends) {
            *w += gain * price[j as usize][1];
        }
    }

    /// Adds `value` of each column to the second entries of `out` at its buses.
    fn inject(&self, out: &mut [[f64; 2]], value: impl Fn(usize) -> f64) {
        for (c, (&i, &sign)) in self.bus.iter().zip(&self.sign).enumerate() {
            out[i as usize][1] += sign * value(c);
        }
        for (k, &(j, gain, _)) in self.ends.iter().enumerate() {
            out[j as usize][1] += gain * value(self.singles + k);
        }
    }

    /// Everything at the present point: adds the injections to `imbalance`, the softness
    /// to the blocks. Gives the largest error of the duals and the sum of the
    /// complementarity products (which is not a number if any value is not).
    pub fn linearise(
        &mut self,
        point: &[[f64; 2]],
        imbalance: &mut [[f64; 2]],
        diag: &mut [Symmetric2],
        blocks: &mut [[f64; 4]],
    ) -> (f64, f64) {
        let mut gain = std::mem::take(&mut self.gain);
        self.worth(point, &mut gain);
        let (mut worst, mut products) = (0.0f64, 0.0);
        let n = gain.len();
        let (x, cost, quad, target) =
            (&self.x[..n], &self.cost[..n], &self.quad[..n], &self.target[..n]);
        let (below, above, z_lo, z_hi) =
            (&self.below[..n], &self.above[..n], &self.z_lo[..n], &self.z_hi[..n]);
        let (per_below, per_above, soft) =
            (&mut self.per_below[..n], &mut self.per_above[..n], &mut self.soft[..n]);
        for c in 0..n {
            let g = gain[c] - cost[c] - quad[c] * (x[c] - target[c]);
            gain[c] = g;
            per_below[c] = 1.0 / below[c];
            per_above[c] = 1.0 / above[c];
            soft[c] = 1.0 / (quad[c] + z_lo[c] * per_below[c] + z_hi[c] * per_above[c]);
            let dual = (z_hi[c] - z_lo[c] - g).abs();
            worst = if dual > worst { dual } else { worst };
            products += below[c] * z_lo[c] + above[c] * z_hi[c] + 0.0 * dual;
        }
        self.gain = gain;
        self.inject(imbalance, |c| self.x[c]);
        for (&i, &soft) in self.bus.iter().zip(&self.soft) {
            diag[i as usize][2] -= soft;
        }
        for (k, &(j, gain, slot)) in self.ends.iter().enumerate() {
            let c = self.singles + k;
            diag[j as usize][2] -= gain * gain * self.soft[c];
            blocks[slot as usize][3] -= self.sign[c] * gain * self.soft[c];
        }
        (worst, products)
    }

    /// Adds to the right-hand side `load` what columns bring for products of `target`.
    pub fn load(&mut self, target: f64, load: &mut [[f64; 2]]) {
        let n = self.pull.len();
        let pull = &mut self.pull[..n];
        let (gain, second_lo, second_hi) =
            (&self.gain[..n], &self.second_lo[..n], &self.second_hi[..n]);
        let (per_below, per_above) = (&self.per_below[..n], &self.per_above[..n]);
        for c in 0..n {
            pull[c] = gain[c] + (target - second_lo[c]) * per_below[c]
                - (target - second_hi[c]) * per_above[c];
        }
        self.inject(load, |c| self.pull[c] * self.soft[c]);
    }

    /// Steps of values and multipliers for the step `step` of angles and prices.
    pub(super) fn advance(&mut self, step: &[[f64; 2]], target: f64, steps: &mut Steps) {
        let mut dx = std::mem::take(&mut self.dx);
        self.worth(step, &mut dx);
        let n = dx.len();
        let (pull, soft) = (&self.pull[..n], &self.soft[..n]);
        let (below, above, z_lo, z_hi) =
            (&self.below[..n], &self.above[..n], &self.z_lo[..n], &self.z_hi[..n]);
        let (per_below, per_above) = (&self.per_below[..n], &self.per_above[..n]);
        let (second_lo, second_hi) = (&self.second_lo[..n], &self.second_hi[..n]);
        let (dz_lo, dz_hi) = (&mut self.dz_lo[..n], &mut self.dz_hi[..n]);
        let mut s = *steps;
        for c in 0..n {
            let d = (pull[c] + dx[c]) * soft[c];
            dx[c] = d;
            let lo = (target - second_lo[c] - z_lo[c] * d) * per_below[c] - z_lo[c];
            let hi = (target - second_hi[c] + z_hi[c] * d) * per_above[c] - z_hi[c];
            dz_lo[c] = lo;
            dz_hi[c] = hi;
            s.primal = larger(s.primal, larger(-d * per_below[c], d * per_above[c]));
            s.dual = larger(s.dual, larger(-lo / z_lo[c], -hi / z_hi[c]));
            s.by_primal += d * (z_lo[c] - z_hi[c]);
            s.by_dual += below[c] * lo + above[c] * hi;
            s.by_both += d * (lo - hi);
        }
        *steps = s;
        self.dx = dx;
    }

    /// Takes the products of the last steps as what the next ones must make up for.
    pub fn second_order(&mut self) {
        let n = self.dx.len();
        let (dx, dz_lo, dz_hi) = (&self.dx[..n], &self.dz_lo[..n], &self.dz_hi[..n]);
        let (second_lo, second_hi) = (&mut self.second_lo[..n], &mut self.second_hi[..n]);
        for c in 0..n {
            second_lo[c] = dx[c] * dz_lo[c];
            second_hi[c] = -dx[c] * dz_hi[c];
        }
    }

    /// Asks for products nearer to `target` where steps of the given lengths would take
    /// them far from it.
    pub fn centre(&mut self, primal: f64, dual: f64, target: f64) {
        self.second_before.clear();
        self.second_before.extend_from_slice(&self.second_lo);
        self.second_before.extend_from_slice(&self.second_hi);
        let n = self.dx.len();
        let (dx, dz_lo, dz_hi) = (&self.dx[..n], &self.dz_lo[..n], &self.dz_hi[..n]);
        let (below, above, z_lo, z_hi) =
            (&self.below[..n], &self.above[..n], &self.z_lo[..n], &self.z_hi[..n]);
        let (second_lo, second_hi) = (&mut self.second_lo[..n], &mut self.second_hi[..n]);
        for c in 0..n {
            let lo = (below[c] + primal * dx[c]) * (z_lo[c] + dual * dz_lo[c]);
            let hi = (above[c] - primal * dx[c]) * (z_hi[c] + dual * dz_hi[c]);
            second_lo[c] -= towards_centre(lo, target);
            second_hi[c] -= towards_centre(hi, target);
        }
    }

    /// Takes the last [`Columns::centre`] back.
    pub fn take_centring_back(&mut self) {
        let n = self.second_lo.len();
        self.second_lo.copy_from_slice(&self.second_before[..n]);
        self.second_hi.copy_from_slice(&self.second_before[n..]);
    }

    pub fn forget_second_order(&mut self) {
        self.second_lo.fill(0.0);
        self.second_hi.fill(0.0);
    }

    /// Goes the given shares of the steps.
    pub fn go(&mut self, primal: f64, dual: f64) {
        let n = self.dx.len();
        let (dx, dz_lo, dz_hi) = (&self.dx[..n], &self.dz_lo[..n], &self.dz_hi[..n]);
        let (x, below, above) = (&mut self.x[..n], &mut self.below[..n], &mut self.above[..n]);
        let (z_lo, z_hi) = (&mut self.z_lo[..n], &mut self.z_hi[..n]);
        for c in 0..n {
            let d = primal * dx[c];
            x[c] += d;
            below[c] += d;
            above[c] -= d;
            z_lo[c] += dual * dz_lo[c];
            z_hi[c] += dual * dz_hi[c];
        }
    }

    /// The vectors that make up the iterate.
    pub fn iterate(&mut self) -> [&mut Vec<f64>; 5] {
        [&mut self.x, &mut self.below, &mut self.above, &mut self.z_lo, &mut self.z_hi]
    }
}

/// The larger one; unlike `f64::max` a single instruction.
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}
