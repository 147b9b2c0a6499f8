//! Primal–dual interior point for linear and convex quadratic programs on a DC network.
//!
//! minimise   Σ c·x + ½ q·(x − t)²
//! subject to A x = K′ b (K θ − φ)      balance of every bus
//!            lo ≤ x ≤ hi               injections and withdrawals
//!            |b (K θ − φ)| ≤ rate      branches that have one
//!
//! Mehrotra's predictor–corrector (SIAM J. Optim. 2, 1992) with Gondzio's centrality
//! corrections (Comput. Optim. Appl. 6, 1996). Eliminating x and the
//! slacks from Newton's equations leaves two unknowns per bus, its angle θ and its
//! price λ, with the matrix `[[K′ b Σ b K, K′ b K], [K′ b K, −A Θ⁻¹ A′]]` on the bus
//! graph. Its pattern is the same in every state of damage, so the analysis of the
//! graph is done once; see [`BlockLdl`]. Everything by bus is kept by position in the
//! order of elimination.

mod columns;
mod limits;
mod network;
mod program;
mod steps;

use self::columns::Columns;
use self::limits::Limits;
use self::network::Lines;
pub(super) use self::program::Program;
use self::steps::Steps;
use super::model::Model;
use crate::math::{BlockLdl, Ldl};

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

/// Complementarity products aimed at, relative to the largest bound (costs are of order
/// 1). So fine because the quadratic terms that make the answer unique are about 10⁻⁶ of
/// the linear ones; the last steps converge quadratically and cost little.
const AIMED: f64 = 1e-15;
/// Relative residuals below this are rounding.
const FEASIBLE: f64 = 1e-12;
/// Accuracy that is accepted when no progress is made beyond it.
const ACCEPTED: f64 = 1e-9;
/// Iterates worse than this are not kept as the best so far.
const WORTH_KEEPING: f64 = 1e-5;
/// Below this error the curvature of the costs counts, and primal and dual steps must be
/// of one length; before, each may go as far as it can.
const CURVED: f64 = 1e-8;
/// Corrections of a step at most, each a solve with the same factor.
const CORRECTIONS: usize = 2;
/// Step length from which on there is nothing to correct.
const LONG: f64 = 0.9;
/// By how much longer a corrected step is wanted.
const REACH: f64 = 0.3;
/// Newton steps at most.
const MOST_ITERATIONS: u32 = 80;

/// Workspace and iterate.
#[derive(Clone, Debug)]
pub(super) struct InteriorPoint {
    ldl: BlockLdl,
    lines: Lines,
    /// Injections and withdrawals, in the order of the program.
    pub columns: Columns,
    limits: Limits,
    /// Less the dual residuals of angles, and imbalances.
    rest: Vec<[f64; 2]>,
    step: Vec<[f64; 2]>,
    /// Angle and price.
    point: Vec<[f64; 2]>,
    /// Best iterate so far, one vector after the other.
    kept: Vec<f64>,
    kept_point: Vec<[f64; 2]>,
}

impl InteriorPoint {
    /// Workspace on the bus graph that `scalar` has analysed.
    pub fn new(scalar: &Ldl) -> Self {
        let ldl = BlockLdl::like(scalar);
        let n = ldl.nodes().len();
        Self {
            ldl,
            lines: Lines::default(),
            columns: Columns::default(),
            limits: Limits::default(),
            rest: vec![[0.0; 2]; n],
            step: vec![[0.0; 2]; n],
            point: vec![[0.0; 2]; n],
            kept: Vec::new(),
            kept_point: vec![[0.0; 2]; n],
        }
    }

    /// Price of the rating of limited branch `k`, counted in the direction from → to.
    pub fn rating_price(&self, k: usize) -> f64 {
        self.limits.price(k)
    }

    /// Price of power at a bus.
    pub fn price(&self, bus: usize) -> f64 {
        self.point[self.ldl.positions()[bus] as usize][1]
    }

    /// Angle of a bus, rad.
    pub fn angle(&self, bus: usize) -> f64 {
        self.point[self.ldl.positions()[bus] as usize][0]
    }

    /// Solves `p`; the answer is in `columns` and the prices.
    pub fn solve(&mut self, model: &Model, p: &Program) -> Outcome {
        let size = p.hi.iter().fold(1e-9f64, |m, v| m.max(*v));
        let dearest = p.cost.iter().fold(1.0f64, |m, c| m.max(c.abs()));
        let count = (2 * (p.bus.len() + p.limited.len())).max(1) as f64;
        self.start(model, p, size);
        let mut outcome = Outcome { iterations: 0, converged: false, worst_bus: 0 };
        let mut best = f64::INFINITY;
        let mut stalled = 0;
        loop {
            let (diag, blocks) = self.ldl.blocks();
            self.lines.linearise(&self.point, &mut self.rest, diag, blocks);
            let (slack_off, by_limits) =
                self.limits.linearise(&self.point, &mut self.rest, diag, blocks);
            let (dual_off, by_columns) =
                self.columns.linearise(&self.point, &mut self.rest, diag, blocks);
            let products = by_limits + by_columns;
            let (imbalance, worst_bus) = self.imbalance(p);
            let infeasible = slack_off.max(dual_off / dearest).max(imbalance / size);
            let mu = products / count;
            // Comparisons let NaN pass; it must not.
            let error = if infeasible <= FEASIBLE { mu / size } else { infeasible.max(mu / size) };
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
            if done || self.ldl.factor().is_err() {
                break;
            }
            // Predictor: straight at the solution.
            self.columns.forget_second_order();
            self.limits.forget_second_order();
            let steps = self.direction(0.0);
            let (primal, dual) = steps.lengths();
            let ahead = steps.products_after(products, primal, dual) / count;
            // Corrector: towards the centre as much as the predictor's progress asks,
            // with the products of the predictor's steps.
            let share = (ahead / mu).clamp(0.0, 1.0);
            self.columns.second_order();
            self.limits.second_order();
            let target = share * share * share * mu;
            let mut steps = self.direction(target);
            let (mut primal, mut dual) = steps.lengths();
            for _ in 0..CORRECTIONS {
                if primal.min(dual) > LONG {
                    break;
                }
                let (far, deep) = ((primal + REACH).min(1.0), (dual + REACH).min(1.0));
                self.columns.centre(far, deep, target);
                self.limits.centre(far, deep, target);
                let next = self.direction(target);
                let (p, d) = next.lengths();
                let gained = p.min(d) - primal.min(dual) + 0.5 * (p.max(d) - primal.max(dual));
                if gained < 0.0 {
                    self.columns.take_centring_back();
                    self.limits.take_centring_back();
                    steps = self.direction(target);
                    break;
                }
                (steps, primal, dual) = (next, p, d);
                if gained < 0.1 * REACH {
                    break;
                }
            }
            let along = primal.min(dual);
            let rises = steps.products_after(products, along, along) > 0.8 * products;
            if error < CURVED && (along < 0.3 || rises) {
                // The predictor's products misled, which can go on in circles: centre.
                self.columns.forget_second_order();
                self.limits.forget_second_order();
                (primal, dual) = self.direction(0.5 * mu).lengths();
            }
            if error < CURVED {
                primal = primal.min(dual);
                dual = primal;
            }
            // Short steps mean something is too near its bound: keep further away.
            let keep = if primal.min(dual) < LONG { 0.95 } else { 0.999 };
            self.go((keep * primal).min(1.0), (keep * dual).min(1.0));
            outcome.iterations += 1;
        }
        if best < WORTH_KEEPING {
            self.take_back();
        }
        outcome
    }

    /// Middle of every box, flat angles.
    fn start(&mut self, model: &Model, p: &Program, size: f64) {
        let width = p.lo.iter().zip(&p.hi).map(|(l, h)| h - l).sum::<f64>();
        let mu = 0.05 * width / p.bus.len().max(1) as f64;
        self.ldl.set_active(&p.active);
        let (position, slots) = (self.ldl.positions(), self.ldl.slots());
        self.lines.start(model, p, position, slots, self.ldl.fill());
        self.columns.start(p, position, slots, mu);
        self.limits.start(model, p, position, slots, mu, size);
        self.point.fill([0.0; 2]);
    }

    /// Largest imbalance of a bus that takes part, and that bus.
    fn imbalance(&self, p: &Program) -> (f64, u32) {
        let (mut most, mut bus) = (0.0f64, 0u32);
        for (r, &node) in self.rest.iter().zip(self.ldl.nodes()) {
            let v = r[1].abs();
            // Comparisons let NaN pass; it must not.
            if (v > most || v.is_nan()) && p.active[node as usize] {
                (most, bus) = (if v.is_nan() { f64::INFINITY } else { v }, node);
            }
        }
        (most, bus)
    }

    /// Newton step towards complementarity products of `target`.
    fn direction(&mut self, target: f64) -> Steps {
        self.step.copy_from_slice(&self.rest);
        self.columns.load(target, &mut self.step);
        self.limits.load(target, &mut self.step);
        self.ldl.solve(&mut self.step);
        let mut steps = Steps::default();
        self.columns.advance(&self.step, target, &mut steps);
        self.limits.advance(&self.step, &mut steps);
        steps
    }

    /// Goes the given shares of the steps.
    fn go(&mut self, primal: f64, dual: f64) {
        self.columns.go(primal, dual);
        self.limits.go(primal, dual);
        for (v, s) in self.point.iter_mut().zip(&self.step) {
            *v = [v[0] + primal * s[0], v[1] + dual * s[1]];
        }
    }

    /// Copies the iterate: rounding can make later ones worse.
    fn keep(&mut self) {
        self.kept.clear();
        for v in self.columns.iterate() {
            self.kept.extend_from_slice(v);
        }
        for v in self.limits.iterate() {
            self.kept.extend_from_slice(v);
        }
        self.kept_point.copy_from_slice(&self.point);
    }

    /// The iterate kept last.
    fn take_back(&mut self) {
        let mut rest = &self.kept[..];
        for v in self.columns.iterate().into_iter().chain(self.limits.iterate()) {
            let (now, later) = rest.split_at(v.len());
            v.copy_from_slice(now);
            rest = later;
        }
        self.point.copy_from_slice(&self.kept_point);
    }
}
