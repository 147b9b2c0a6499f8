//! Primal–dual interior point for linear and convex quadratic programs on a DC network.
//!
//! minimise   Σ c·x + ½ q·(x − t)²
//! subject to A x = K′ b (K θ − φ)      balance of every bus
//!            lo ≤ x ≤ hi               injections and withdrawals
//!            |b (K θ − φ)| ≤ rate      branches that have one
//!
//! Mehrotra's predictor–corrector (SIAM J. Optim. 2, 1992). Eliminating x and the
//! slacks from Newton's equations leaves two unknowns per bus, its angle θ and its
//! price λ, with the matrix `[[K′ b Σ b K, K′ b K], [K′ b K, −A Θ⁻¹ A′]]` on the bus
//! graph. Its pattern is the same in every state of damage, so the analysis of the
//! graph is done once; see [`BlockLdl`].

use super::model::Model;
pub(super) use super::program::Program;
use super::program::Side;
use crate::math::{BlockLdl, Symmetric2};

/// How a solve ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Outcome {
    /// Newton steps taken.
    pub iterations: u32,
    /// Converged to the accuracy of [`ACCEPTED`].
    pub converged: bool,
    /// Bus with the largest imbalance at the end.
    pub worst_bus: u32,
}

/// Accuracy aimed at: residuals and complementarity products relative to the largest
/// bound and to costs of 1. So fine because the quadratic terms that make the answer
/// unique are about 10⁻⁶ of the linear ones.
const AIMED: f64 = 1e-13;
/// Accuracy that is accepted when no progress is made beyond it.
const ACCEPTED: f64 = 1e-9;
/// Iterates worse than this are not kept as the best so far.
const WORTH_KEEPING: f64 = 1e-5;
/// Proximal give of ratings relative to the branch's susceptance. It bounds the stiffness
/// of a binding rating to this many times less than one over it, without which the
/// angles at its ends merge and what else holds them is lost to rounding. The answer is
/// not changed by it: the term vanishes with the step (proximal method of multipliers:
/// Friedlander, Orban, Math. Program. Comput. 4, 2012).
const GIVE: f64 = 1e-7;
/// Below this error the curvature of the costs counts, and primal and dual steps must be
/// of one length; before, each may go as far as it can.
const CURVED: f64 = 1e-5;
/// Newton steps at most.
const MOST_ITERATIONS: u32 = 80;

/// Workspace and iterate.
#[derive(Clone, Debug)]
pub(super) struct InteriorPoint {
    ldl: BlockLdl,
    diag: Vec<Symmetric2>,
    off: Vec<Symmetric2>,
    rhs: Vec<[f64; 2]>,
    load: Vec<[f64; 2]>,
    step: Vec<[f64; 2]>,
    /// By bus: angle and price.
    pub point: Vec<[f64; 2]>,
    imbalance: Vec<f64>,
    /// Best iterate so far, one vector after the other.
    kept: Vec<f64>,
    kept_point: Vec<[f64; 2]>,
    /// By column: values, distances to bounds, multipliers, steps.
    pub x: Vec<f64>,
    pub below: Vec<f64>,
    pub above: Vec<f64>,
    pub z_lo: Vec<f64>,
    pub z_hi: Vec<f64>,
    dual: Vec<f64>,
    stiff_inv: Vec<f64>,
    pull: Vec<f64>,
    dx: Vec<f64>,
    dz_lo: Vec<f64>,
    dz_hi: Vec<f64>,
    second_lo: Vec<f64>,
    second_hi: Vec<f64>,
    /// By limited branch: room up and down, prices, steps.
    up: Side,
    down: Side,
}

impl InteriorPoint {
    pub fn new(model: &Model) -> Self {
        let (n, m) = (model.buses, model.edges.len());
        Self {
            ldl: BlockLdl::new(n, &model.edges),
            diag: vec![[1.0, 0.0, -1.0]; n],
            off: vec![[0.0; 3]; m],
            rhs: vec![[0.0; 2]; n],
            load: vec![[0.0; 2]; n],
            step: vec![[0.0; 2]; n],
            point: vec![[0.0; 2]; n],
            imbalance: vec![0.0; n],
            kept: Vec::new(),
            kept_point: vec![[0.0; 2]; n],
            x: Vec::new(),
            below: Vec::new(),
            above: Vec::new(),
            z_lo: Vec::new(),
            z_hi: Vec::new(),
            dual: Vec::new(),
            stiff_inv: Vec::new(),
            pull: Vec::new(),
            dx: Vec::new(),
            dz_lo: Vec::new(),
            dz_hi: Vec::new(),
            second_lo: Vec::new(),
            second_hi: Vec::new(),
            up: Side::default(),
            down: Side::default(),
        }
    }

    /// Price of the rating of limited branch `k`, counted in the direction from → to.
    pub fn rating_price(&self, k: usize) -> f64 {
        self.up.price[k] - self.down.price[k]
    }

    /// Solves `p`; the answer is in `x`, `point` and the multipliers.
    pub fn solve(&mut self, model: &Model, p: &Program) -> Outcome {
        self.start(model, p);
        let size = p.hi.iter().fold(1e-9f64, |m, v| m.max(*v));
        let products = (2 * (p.bus.len() + p.limited.len())).max(1) as f64;
        let mut outcome = Outcome { iterations: 0, converged: false, worst_bus: 0 };
        let mut best = f64::INFINITY;
        let mut stalled = 0;
        loop {
            let (infeasible, worst_bus) = self.residuals(model, p, size);
            let mu = self.complementarity() / products;
            let error = infeasible.max(mu / size);
            let sound = error.is_finite() && mu.is_finite();
            if sound && error < best {
                stalled = if error < 0.9 * best { 0 } else { stalled + 1 };
                best = error;
                outcome.worst_bus = worst_bus;
                if error < WORTH_KEEPING {
                    self.keep();
                }
            } else {
                stalled += 1;
            }
            outcome.converged = best <= ACCEPTED;
            let give_up = if outcome.converged { 2 } else { 12 };
            let done = !sound
                || best <= AIMED
                || stalled > give_up
                || outcome.iterations >= MOST_ITERATIONS;
            if done {
                break;
            }
            self.matrix(model, p);
            if self.ldl.factor(&self.diag, &self.off).is_err() {
                break;
            }
            // Predictor: straight at the solution.
            self.forget_second_order();
            self.direction(model, p, 0.0);
            let (primal, dual) = self.step_lengths();
            let ahead = self.complementarity_after(primal, dual) / products;
            // Corrector: towards the centre as much as the predictor's progress asks,
            // with the products of the predictor's steps.
            let share = (ahead / mu).clamp(0.0, 1.0);
            self.second_order();
            self.direction(model, p, share * share * share * mu);
            let (mut primal, mut dual) = self.step_lengths();
            let along = primal.min(dual);
            let rises = self.complementarity_after(along, along) > 0.8 * mu * products;
            if error < CURVED && (along < 0.3 || rises) {
                // The predictor's products misled, which can go on in circles: centre.
                self.forget_second_order();
                self.direction(model, p, 0.5 * mu);
                (primal, dual) = self.step_lengths();
            }
            if error < CURVED {
                primal = primal.min(dual);
                dual = primal;
            }
            // Short steps mean something is too near its bound: keep further away.
            let keep = if primal.min(dual) < 0.9 { 0.9 } else { 0.999 };
            self.advance((keep * primal).min(1.0), (keep * dual).min(1.0));
            outcome.iterations += 1;
        }
        if best < WORTH_KEEPING {
            self.take_back();
        }
        outcome
    }

    /// Copies the iterate: rounding can make later ones worse.
    fn keep(&mut self) {
        let k = &mut self.kept;
        k.clear();
        for v in [
            &self.x,
            &self.below,
            &self.above,
            &self.z_lo,
            &self.z_hi,
            &self.up.slack,
            &self.up.price,
            &self.down.slack,
            &self.down.price,
        ] {
            k.extend_from_slice(v);
        }
        self.kept_point.copy_from_slice(&self.point);
    }

    /// The iterate kept last.
    fn take_back(&mut self) {
        let mut rest = &self.kept[..];
        for v in [
            &mut self.x,
            &mut self.below,
            &mut self.above,
            &mut self.z_lo,
            &mut self.z_hi,
            &mut self.up.slack,
            &mut self.up.price,
            &mut self.down.slack,
            &mut self.down.price,
        ] {
            let (now, later) = rest.split_at(v.len());
            v.copy_from_slice(now);
            rest = later;
        }
        self.point.copy_from_slice(&self.kept_point);
    }

    /// Middle of every box, flat angles.
    fn start(&mut self, model: &Model, p: &Program) {
        let n = p.bus.len();
        for v in [
            &mut self.x,
            &mut self.below,
            &mut self.above,
            &mut self.z_lo,
            &mut self.z_hi,
            &mut self.dual,
            &mut self.stiff_inv,
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
        let width = p.lo.iter().zip(&p.hi).map(|(l, h)| h - l).sum::<f64>() / n.max(1) as f64;
        let mu = 0.05 * width;
        for c in 0..n {
            let half = 0.5 * (p.hi[c] - p.lo[c]);
            self.x[c] = p.lo[c] + half;
            self.below[c] = half;
            self.above[c] = half;
            let z = (mu / half).min(10.0);
            self.z_lo[c] = z;
            self.z_hi[c] = z;
        }
        self.up.resize(p.limited.len());
        self.down.resize(p.limited.len());
        for (k, (&l, &rate)) in p.limited.iter().zip(&p.rate).enumerate() {
            let give = GIVE * model.b[l as usize].abs();
            let flow = -model.b[l as usize] * p.shift[l as usize];
            self.up.start(k, rate - flow, rate, mu, give);
            self.down.start(k, rate + flow, rate, mu, give);
        }
        for v in &mut self.point {
            *v = [0.0; 2];
        }
        self.ldl.set_active(&p.active);
        self.off.fill([0.0; 3]);
    }

    /// Residuals of balance, duals and ratings; the largest, relative, and the bus with
    /// the largest imbalance.
    fn residuals(&mut self, model: &Model, p: &Program, size: f64) -> (f64, u32) {
        // rhs[.][0] collects the dual residual of angles: L λ + K' b (y⁺ − y⁻).
        for (r, v) in self.rhs.iter_mut().zip(&mut self.imbalance) {
            *r = [0.0; 2];
            *v = 0.0;
        }
        for &l in &p.lines {
            let l = l as usize;
            let ((f, t), b) = (model.ends(l), model.b[l]);
            let flow = b * (self.point[f][0] - self.point[t][0] - p.shift[l]);
            self.imbalance[f] -= flow;
            self.imbalance[t] += flow;
            let tilt = b * (self.point[f][1] - self.point[t][1]);
            self.rhs[f][0] += tilt;
            self.rhs[t][0] -= tilt;
        }
        let mut worst = 0.0f64;
        for k in 0..p.limited.len() {
            let l = p.limited[k] as usize;
            let ((f, t), b) = (model.ends(l), model.b[l]);
            let flow = b * (self.point[f][0] - self.point[t][0] - p.shift[l]);
            self.up.residual[k] = p.rate[k] - flow - self.up.slack[k];
            self.down.residual[k] = p.rate[k] + flow - self.down.slack[k];
            let push = b * (self.up.price[k] - self.down.price[k]);
            self.rhs[f][0] += push;
            self.rhs[t][0] -= push;
            let off = self.up.residual[k].abs().max(self.down.residual[k].abs());
            worst = worst.max(off / p.rate[k].max(size));
        }
        let dearest = p.cost.iter().fold(1.0f64, |m, c| m.max(c.abs()));
        let singles = p.singles();
        for c in 0..p.bus.len() {
            let i = p.bus[c] as usize;
            self.imbalance[i] += p.sign[c] * self.x[c];
            let mut worth = p.sign[c] * self.point[i][1];
            if c >= singles {
                let (j, gain) = (p.to_bus[c - singles] as usize, p.gain[c - singles]);
                self.imbalance[j] += gain * self.x[c];
                worth += gain * self.point[j][1];
            }
            self.dual[c] = p.cost[c] + p.quad[c] * (self.x[c] - p.target[c]) - worth - self.z_lo[c]
                + self.z_hi[c];
            worst = worst.max(self.dual[c].abs() / dearest);
        }
        let (mut most, mut bus) = (0.0f64, 0u32);
        for (i, v) in self.imbalance.iter().enumerate() {
            // Comparisons let NaN pass; it must not.
            if p.active[i] && (v.abs() > most || v.is_nan()) {
                (most, bus) = (if v.is_nan() { f64::INFINITY } else { v.abs() }, i as u32);
            }
        }
        (worst.max(most / size), bus)
    }

    fn complementarity(&self) -> f64 {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        dot(&self.below, &self.z_lo)
            + dot(&self.above, &self.z_hi)
            + dot(&self.up.slack, &self.up.price)
            + dot(&self.down.slack, &self.down.price)
    }

    /// The complementarity sum after steps of the given lengths.
    fn complementarity_after(&self, primal: f64, dual: f64) -> f64 {
        let mut sum = 0.0;
        for c in 0..self.x.len() {
            let (dx, primal) = (self.dx[c], primal);
            sum += (self.below[c] + primal * dx) * (self.z_lo[c] + dual * self.dz_lo[c]);
            sum += (self.above[c] - primal * dx) * (self.z_hi[c] + dual * self.dz_hi[c]);
        }
        for side in [&self.up, &self.down] {
            for k in 0..side.slack.len() {
                sum += (side.slack[k] + primal * side.d_slack[k])
                    * (side.price[k] + dual * side.d_price[k]);
            }
        }
        sum
    }

    /// Blocks of the reduced Newton matrix.
    fn matrix(&mut self, model: &Model, p: &Program) {
        for ((d, &active), &fixed) in self.diag.iter_mut().zip(&p.active).zip(&p.reference) {
            *d = match (active, fixed) {
                (false, _) => [1.0, 0.0, -1.0],
                // Holds the island's angle, which nothing else does. Any positive value
                // gives the same step.
                (true, true) => [1.0, 0.0, 0.0],
                (true, false) => [0.0; 3],
            };
        }
        for &l in &p.lines {
            let l = l as usize;
            let ((f, t), b) = (model.ends(l), model.b[l]);
            self.diag[f][1] += b;
            self.diag[t][1] += b;
            self.off[l] = [0.0, -b, 0.0];
        }
        for k in 0..p.limited.len() {
            let l = p.limited[k] as usize;
            let ((f, t), b) = (model.ends(l), model.b[l]);
            let stiff = b * b * (self.up.stiffness(k) + self.down.stiffness(k));
            self.diag[f][0] += stiff;
            self.diag[t][0] += stiff;
            self.off[l][0] = -stiff;
        }
        for &e in &p.edge {
            self.off[e as usize] = [0.0; 3];
        }
        let singles = p.singles();
        for c in 0..p.bus.len() {
            let soft =
                1.0 / (p.quad[c] + self.z_lo[c] / self.below[c] + self.z_hi[c] / self.above[c]);
            self.stiff_inv[c] = soft;
            self.diag[p.bus[c] as usize][2] -= soft;
            if c >= singles {
                let gain = p.gain[c - singles];
                self.diag[p.to_bus[c - singles] as usize][2] -= gain * gain * soft;
                self.off[p.edge[c - singles] as usize][2] -= p.sign[c] * gain * soft;
            }
        }
    }

    /// Newton step towards complementarity products of `target`.
    fn direction(&mut self, model: &Model, p: &Program, target: f64) {
        let singles = p.singles();
        for v in &mut self.load {
            *v = [0.0; 2];
        }
        for c in 0..p.bus.len() {
            let pull = -self.dual[c] + (target - self.second_lo[c]) / self.below[c]
                - self.z_lo[c]
                - (target - self.second_hi[c]) / self.above[c]
                + self.z_hi[c];
            self.pull[c] = pull;
            let move_ = pull * self.stiff_inv[c];
            self.load[p.bus[c] as usize][1] += p.sign[c] * move_;
            if c >= singles {
                self.load[p.to_bus[c - singles] as usize][1] += p.gain[c - singles] * move_;
            }
        }
        for k in 0..p.limited.len() {
            let l = p.limited[k] as usize;
            let ((f, t), b) = (model.ends(l), model.b[l]);
            let push = b * (self.up.base(k, target) - self.down.base(k, target));
            self.load[f][0] -= push;
            self.load[t][0] += push;
        }
        for ((s, r), v) in self.load.iter_mut().zip(&self.rhs).zip(&self.imbalance) {
            s[0] -= r[0];
            s[1] += v;
        }
        self.ldl.solve_refined(&self.diag, &self.off, &self.load, &mut self.step, 2);

        for c in 0..p.bus.len() {
            let mut worth = p.sign[c] * self.step[p.bus[c] as usize][1];
            if c >= singles {
                worth += p.gain[c - singles] * self.step[p.to_bus[c - singles] as usize][1];
            }
            let dx = (self.pull[c] + worth) * self.stiff_inv[c];
            self.dx[c] = dx;
            self.dz_lo[c] =
                (target - self.second_lo[c] - self.z_lo[c] * dx) / self.below[c] - self.z_lo[c];
            self.dz_hi[c] =
                (target - self.second_hi[c] + self.z_hi[c] * dx) / self.above[c] - self.z_hi[c];
        }
        for k in 0..p.limited.len() {
            let l = p.limited[k] as usize;
            let (f, t) = model.ends(l);
            let df = model.b[l] * (self.step[f][0] - self.step[t][0]);
            self.up.advance(k, target, df);
            self.down.advance(k, target, -df);
        }
    }

    fn forget_second_order(&mut self) {
        self.second_lo.fill(0.0);
        self.second_hi.fill(0.0);
        self.up.second.fill(0.0);
        self.down.second.fill(0.0);
    }

    /// Products of the predictor's steps.
    fn second_order(&mut self) {
        for c in 0..self.x.len() {
            self.second_lo[c] = self.dx[c] * self.dz_lo[c];
            self.second_hi[c] = -self.dx[c] * self.dz_hi[c];
        }
        for side in [&mut self.up, &mut self.down] {
            for k in 0..side.slack.len() {
                side.second[k] = side.d_slack[k] * side.d_price[k];
            }
        }
    }

    /// Longest steps (primal, dual) that keep everything positive, at most 1.
    fn step_lengths(&self) -> (f64, f64) {
        // Keeping the reciprocal avoids a division wherever a value grows.
        let (mut primal, mut dual) = (1.0f64, 1.0f64);
        let shorten = |longest: &mut f64, value: f64, change: f64| {
            if change < 0.0 && -change * *longest > value {
                *longest = -value / change;
            }
        };
        for c in 0..self.x.len() {
            shorten(&mut primal, self.below[c], self.dx[c]);
            shorten(&mut primal, self.above[c], -self.dx[c]);
            shorten(&mut dual, self.z_lo[c], self.dz_lo[c]);
            shorten(&mut dual, self.z_hi[c], self.dz_hi[c]);
        }
        for side in [&self.up, &self.down] {
            for k in 0..side.slack.len() {
                shorten(&mut primal, side.slack[k], side.d_slack[k]);
                shorten(&mut dual, side.price[k], side.d_price[k]);
            }
        }
        (primal, dual)
    }

    fn advance(&mut self, primal: f64, dual: f64) {
        for c in 0..self.x.len() {
            let dx = primal * self.dx[c];
            self.x[c] += dx;
            self.below[c] += dx;
            self.above[c] -= dx;
            self.z_lo[c] += dual * self.dz_lo[c];
            self.z_hi[c] += dual * self.dz_hi[c];
        }
        for side in [&mut self.up, &mut self.down] {
            for k in 0..side.slack.len() {
                side.slack[k] += primal * side.d_slack[k];
                side.price[k] += dual * side.d_price[k];
            }
        }
        for (v, s) in self.point.iter_mut().zip(&self.step) {
            v[0] += primal * s[0];
            v[1] += dual * s[1];
        }
    }
}
