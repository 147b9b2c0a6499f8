//! Newton's equations of one solution.

use super::{FLOW_LIMIT, Flow, Gga, Hydraulics, LEAST_HEAD_M, MASS_FLOOR, Outcome, Settings, Step};
use crate::math::{Kernel, dispatch};

/// Share of its own diagonal added to each row: keeps parts whose pressure nothing
/// determines (behind closed check valves) regular. The equations are for corrections,
/// so the solution is not changed by it.
const SHIFT: f64 = 2e-13;

impl Gga {
    /// Residuals at the present flows and heads; true when all are small.
    pub(super) fn evaluate(
        &mut self,
        problem: &impl Hydraulics,
        flow: &mut Flow,
        settings: &Settings,
    ) -> bool {
        let used = self.used;
        problem.losses(&flow.q[..used], &mut self.drop[..used], &mut self.gradient[..used]);
        let wrong = dispatch(Residuals { gga: self, q: &flow.q, settings });
        if !self.held.is_empty() {
            self.carry(flow);
        }
        if wrong {
            return false;
        }
        self.balance(flow);
        self.mass.iter().all(|m| m.0.abs() <= settings.mass * m.1 + MASS_FLOOR)
    }

    /// A held node takes what it lacks through its regulator. Regulators in a row hand it
    /// on, the last one first; a few rounds reach any usual row.
    fn carry(&self, flow: &mut Flow) {
        for _ in 0..self.held.len().min(4) {
            for h in &self.held {
                let around = &self.around[h.around.0..h.around.1];
                let into = around.iter().map(|&(e, leaves)| {
                    if leaves { -flow.q[e as usize] } else { flow.q[e as usize] }
                });
                let missing = into.sum::<f64>() - self.demand[h.node];
                flow.q[h.edge] -= h.sign * missing;
            }
        }
    }

    /// Imbalances of nodes that are solved for.
    pub(super) fn balance(&mut self, flow: &Flow) {
        self.sum_up(flow);
        for &i in &self.settled {
            self.mass[i as usize].0 = 0.0;
        }
        self.mass[self.nodes].0 = 0.0;
    }

    /// By place: inflow less outflow and demand, and the sum of magnitudes.
    fn sum_up(&mut self, flow: &Flow) {
        for (m, &d) in self.mass.iter_mut().zip(&self.demand) {
            *m = (-d, d.abs());
        }
        for (&q, &(a, b)) in flow.q[..self.used].iter().zip(&self.places) {
            let m = &mut self.mass[a as usize];
            *m = (m.0 - q, m.1 + q.abs());
            let m = &mut self.mass[b as usize];
            *m = (m.0 + q, m.1 + q.abs());
        }
    }

    /// Solves Newton's equations: head corrections to `step`.
    pub(super) fn direction(&mut self, flow: &Flow) -> bool {
        let mut shift = SHIFT;
        while !dispatch(Factor { gga: self, q: &flow.q, shift }) {
            shift *= 1000.0;
            if shift > 1.0 {
                return false;
            }
        }
        for h in &mut self.held {
            h.carried = 0.0;
        }
        // What regulators will carry after this step weighs on their other side.
        for _ in 0..self.held.len().min(2) {
            if !self.carry_over() {
                break;
            }
            dispatch(Again(self));
        }
        self.step.iter().all(|s| s.is_finite())
    }

    /// Writes to right-hand sides how the flow of each regulator will change beyond what they
    /// know; false if none does.
    fn carry_over(&mut self) -> bool {
        self.tape.rows().iter_mut().for_each(|r| r.value = 0.0);
        for h in &self.held {
            self.q_new[h.edge] = h.carried;
        }
        let mut any = false;
        for h in &mut self.held {
            // What the node will lack more than it lacked, beyond what was handed on.
            let mut into = 0.0;
            for &(e, leaves) in &self.around[h.around.0..h.around.1] {
                let e = e as usize;
                let (a, b) = (self.places[e].0 as usize, self.places[e].1 as usize);
                let dq = if self.carries[e] > 0.0 {
                    (self.step[a] - self.step[b] - self.residual[e]) * self.weight[e]
                } else {
                    self.q_new[e]
                };
                into += if leaves { -dq } else { dq };
            }
            let change = -h.sign * into;
            h.carried += change;
            any |= change != 0.0;
            self.tape.rows()[h.other].value -= h.sign * change;
        }
        any
    }

    /// The Newton step, shortened to `share`, each edge's own law having the last word.
    pub(super) fn step_by(&mut self, problem: &impl Hydraulics, flow: &mut Flow, share: f64) {
        dispatch(Move { gga: self, q: &flow.q, share });
        let used = self.used;
        problem.settle_all(&mut Step {
            q_old: &flow.q[..used],
            q_new: &mut self.q_new[..used],
            weight: &self.weight[..used],
            ends: &self.places[..used],
            head: &self.head,
        });
        for (q, new) in flow.q[..used].iter_mut().zip(&self.q_new) {
            *q = if new.is_finite() { new.clamp(-FLOW_LIMIT, FLOW_LIMIT) } else { 0.0 };
        }
    }

    /// Where the largest errors are.
    pub(super) fn worst(&self, flow: &Flow, settings: &Settings, mut outcome: Outcome) -> Outcome {
        let edges = if outcome.converged { 0 } else { self.used };
        for e in 0..edges {
            let r = self.residual[e].abs();
            if r > outcome.head_error_m && is_wrong(r, self.weight[e], flow.q[e], settings) {
                outcome.head_error_m = r;
                outcome.worst_node = self.ends[e].0 as usize;
            }
        }
        for i in 0..self.nodes {
            let m = self.imbalance(i);
            if m.abs() > outcome.imbalance {
                outcome.imbalance = m.abs();
                if outcome.imbalance > MASS_FLOOR && outcome.head_error_m == 0.0 {
                    outcome.worst_node = i;
                }
            }
        }
        outcome
    }
}

#[inline(always)]
fn is_wrong(r: f64, weight: f64, q: f64, settings: &Settings) -> bool {
    let off = r * weight;
    let flow = settings.flow + settings.flow_share * q.abs();
    (r > settings.head_m) & (off > flow) | (off > settings.most_flow) & (r > LEAST_HEAD_M)
}

/// Residuals and inverse gradients; true when some residual is not small.
struct Residuals<'a> {
    gga: &'a mut Gga,
    q: &'a [f64],
    settings: &'a Settings,
}

impl Kernel for Residuals<'_> {
    type Output = bool;
    #[inline(always)]
    fn run<const FMA: bool>(self) -> bool {
        let (g, settings) = (self.gga, self.settings);
        let used = g.used;
        let (places, head, q) = (&g.places[..used], &g.head[..], &self.q[..used]);
        let (drop, gradient) = (&g.drop[..used], &g.gradient[..used]);
        let (carries, couples) = (&g.carries[..used], &g.couples[..used]);
        let (residual, weight) = (&mut g.residual[..used], &mut g.weight[..used]);
        let coupling = &mut g.coupling[..used];
        for e in 0..used {
            let (a, b) = places[e];
            residual[e] = head[a as usize] - head[b as usize];
        }
        let mut wrong = false;
        for e in 0..used {
            let r = drop[e] - residual[e];
            let r = if carries[e] > 0.0 { r } else { 0.0 };
            // Not without bound, and of no gradient at all the largest.
            let g = if gradient[e] < 1e18 { gradient[e] } else { 1e18 };
            let w = carries[e] / g.max(1e-9);
            residual[e] = r;
            weight[e] = w;
            coupling[e] = w * couples[e];
            wrong |= is_wrong(r.abs(), w, q[e], settings);
        }
        wrong
    }
}

/// Fills in the matrix, factors it and solves.
struct Factor<'a> {
    gga: &'a mut Gga,
    q: &'a [f64],
    shift: f64,
}

impl Kernel for Factor<'_> {
    type Output = bool;
    #[inline(always)]
    fn run<const FMA: bool>(self) -> bool {
        let g = self.gga;
        let (used, n) = (g.used, g.nodes);
        g.tape.load(&g.coupling);
        let (places, q) = (&g.places[..used], &self.q[..used]);
        let (weight, residual) = (&g.weight[..used], &g.residual[..used]);
        // Diagonals and right-hand sides gather in rows; the ground has one of its own.
        let rows = g.tape.rows();
        for (row, &d) in rows.iter_mut().zip(&g.demand) {
            row.diagonal = 0.0;
            row.value = -d;
        }
        let inner = g.inner.min(used);
        for e in 0..inner {
            let (a, b) = (places[e].0 as usize, places[e].1 as usize);
            let (w, s) = (weight[e], q[e] - weight[e] * residual[e]);
            rows[a].diagonal += w;
            rows[a].value -= s;
            rows[b].diagonal += w;
            rows[b].value += s;
        }
        for e in inner..used {
            let row = &mut rows[places[e].0 as usize];
            row.diagonal += weight[e];
            row.value -= q[e] - weight[e] * residual[e];
        }
        for &i in &g.settled {
            rows[i as usize].diagonal = 1.0;
            rows[i as usize].value = 0.0;
        }
        rows[n].diagonal = 1.0;
        rows[n].value = 0.0;
        if !g.tape.solve::<FMA>(self.shift) {
            return false;
        }
        for (s, row) in g.step.iter_mut().zip(g.tape.rows()) {
            *s = row.value;
        }
        true
    }
}

/// Adds to the step what right-hand sides of their own come to.
struct Again<'a>(&'a mut Gga);

impl Kernel for Again<'_> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let g = self.0;
        for &i in &g.settled {
            g.tape.rows()[i as usize].value = 0.0;
        }
        g.tape.solve_again::<FMA>();
        for (s, row) in g.step.iter_mut().zip(g.tape.rows()) {
            *s += row.value;
        }
    }
}

/// Heads and flows after a step.
struct Move<'a> {
    gga: &'a mut Gga,
    q: &'a [f64],
    share: f64,
}

impl Kernel for Move<'_> {
    type Output = ();
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let g = self.gga;
        let used = g.used;
        let (places, step) = (&g.places[..used], &g.step[..]);
        let (residual, weight) = (&g.residual[..used], &g.weight[..used]);
        let (q, q_new) = (&self.q[..used], &mut g.q_new[..used]);
        for e in 0..used {
            let (a, b) = places[e];
            q_new[e] = step[a as usize] - step[b as usize];
        }
        for e in 0..used {
            q_new[e] = q[e] + self.share * ((q_new[e] - residual[e]) * weight[e]);
        }
        for (h, s) in g.head.iter_mut().zip(step) {
            *h += s;
        }
    }
}
