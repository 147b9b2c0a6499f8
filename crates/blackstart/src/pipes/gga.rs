//! The global gradient algorithm: E. Todini, S. Pilati, "A gradient method for the
//! solution of looped pipe networks" (1988).
//!
//! With monotone laws the solution minimises a convex function of the flows (the content:
//! the integral of every edge's head drop), so it is unique in flows, and the method is
//! Newton's on its optimality conditions. Each edge's own law keeps steps from flying past
//! a kink; steps that still flip between the two sides of one are shortened; the number of
//! steps is bounded. Regulators, which hold the head of a node, are the only part that is
//! not of this kind; they are switched between solutions.

use super::reach::{Direction, Reach};
use crate::math::Ldl;

/// The "to" of an edge that takes water out of the network: its head is 0 m, so its law
/// gives the head that the node needs for that outflow.
pub const GROUND: u32 = u32::MAX;

/// What an edge does to Newton's equations besides its law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Regulation {
    /// Nothing: the law holds.
    None,
    /// Holds the head of its `to` node; its flow is what that takes.
    HoldsTo(f64),
    /// Holds the head of its `from` node; its flow is what that leaves.
    HoldsFrom(f64),
}

/// A network to solve: which nodes have given heads, and the laws of edges.
pub trait Hydraulics {
    /// Head of a node that nothing changes, m.
    fn fixed_head(&self, node: usize) -> Option<f64>;

    /// Outflow at a node whatever its head; negative feeds the network, m³/s.
    fn demand(&self, node: usize) -> f64;

    /// True when water comes in at a node without a given head.
    fn feeds(&self, node: usize) -> bool {
        self.demand(node) < 0.0
    }

    /// False takes the edge out: no flow, no connection.
    fn is_open(&self, edge: usize) -> bool;

    /// Head drop from → to (m) at flow `q` (m³/s) and its gradient, which must be
    /// positive; the drop must be continuous and rising in `q`, for every `q`.
    fn loss(&self, edge: usize, q: f64) -> (f64, f64);

    /// Which way the edge lets water through; its law must agree.
    fn direction(&self, _edge: usize) -> Direction {
        Direction::Both
    }

    /// A flow to start from when the edge was closed before, m³/s.
    fn start(&self, edge: usize) -> f64;

    /// May change the flow that a Newton step proposes for an edge, knowing the head
    /// drop it will see: kinks and laws that are flat at rest mislead Newton.
    fn settle(&self, _edge: usize, _q_old: f64, q_new: f64, _drop: f64) -> f64 {
        q_new
    }

    /// Whether the edge holds a node's head at the moment.
    fn regulation(&self, _edge: usize) -> Regulation {
        Regulation::None
    }

    /// Called with every solution found: changes what depends on it (regulators,
    /// controls) and says whether to solve again. It should come to rest by itself;
    /// [`Settings::reviews`] ends it anyway.
    fn review(&mut self, _flow: &Flow) -> bool {
        false
    }

    /// Called when steps lead nowhere, with flows that solve nothing: may give up a demand on
    /// the network that nothing fulfils (a node that cannot be held) and says whether it did.
    fn give_up(&mut self, _flow: &Flow) -> bool {
        false
    }
}

/// Flows and heads; the start of the next solution.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flow {
    /// By edge: flow from → to, m³/s.
    pub q: Vec<f64>,
    /// By node: head, m; NaN where no water can come.
    pub head: Vec<f64>,
}

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Newton steps in all.
    pub iterations: usize,
    /// Steps after the last change of status before steps are shortened.
    pub free_steps: usize,
    /// Steps after the last change of status before [`Hydraulics::give_up`] is asked.
    pub patience: usize,
    /// Rounds of [`Hydraulics::review`].
    pub reviews: usize,
    /// Largest error of an edge's head drop, m …
    pub head_m: f64,
    /// … or of its flow, m³/s (walls are so steep that only this makes sense).
    pub flow: f64,
    /// Largest error of a flow whatever the head: wide pipes carry much for little head, m³/s.
    pub most_flow: f64,
    /// Largest mass imbalance of a node relative to what flows through it.
    pub mass: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            iterations: 600,
            free_steps: 30,
            patience: 120,
            reviews: 60,
            head_m: 1e-6,
            flow: 1e-12,
            most_flow: 1e-7,
            mass: 1e-9,
        }
    }
}

/// How a solution ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// All residuals within [`Settings`].
    pub converged: bool,
    /// [`Hydraulics::review`] came to rest.
    pub at_rest: bool,
    /// Newton steps.
    pub iterations: usize,
    /// Largest error of a head drop among edges that exceed both tolerances, m.
    pub head_error_m: f64,
    /// Largest mass imbalance, m³/s.
    pub imbalance: f64,
    /// The node of the worst imbalance or, with none, of the worst head error.
    pub worst_node: usize,
}

/// The solver of one network graph; the graph is analysed once.
#[derive(Clone, Debug)]
pub struct Gga {
    nodes: usize,
    edges: Vec<(u32, u32)>,
    /// By edge: its entry in the matrix, `NONE` for edges to the ground.
    entry: Vec<u32>,
    ldl: Ldl,
    reach: Reach,
    /// By node: solved for (fed, neither fixed nor held).
    free: Vec<bool>,
    /// By node: water can reach it.
    fed: Vec<bool>,
    /// By edge.
    live: Vec<bool>,
    was_live: Vec<bool>,
    /// Edges that hold a node, with the node and the other end.
    held: Vec<Held>,
    diag: Vec<f64>,
    off: Vec<f64>,
    rhs: Vec<f64>,
    step: Vec<f64>,
    /// By node: inflow − outflow − demand, m³/s, and the sum of magnitudes.
    mass: Vec<f64>,
    through: Vec<f64>,
    /// By edge: law minus heads, m; inverse gradient; Newton step of the flow.
    residual: Vec<f64>,
    weight: Vec<f64>,
    dq: Vec<f64>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    edge: usize,
    node: usize,
    other: usize,
    /// +1 when the edge flows into the held node.
    sign: f64,
}

struct Residuals {
    head_error: f64,
    head_node: usize,
    imbalance: f64,
    mass_node: usize,
    mass_ok: bool,
    heads_ok: bool,
}

/// Flows are kept within this, so that no law overflows, m³/s.
const FLOW_LIMIT: f64 = 1e7;
/// Head errors below this are rounding, m.
const LEAST_HEAD_M: f64 = 1e-9;
/// Imbalance that counts as none, m³/s: a drop in some minutes.
const MASS_FLOOR: f64 = 1e-10;
/// Share of its own diagonal added to each row: keeps parts whose pressure nothing
/// determines (behind closed check valves) regular. The equations are for corrections,
/// so the solution is not changed by it.
const SHIFT: f64 = 2e-13;

impl Gga {
    /// Analyses the graph of nodes `0..nodes`; an edge may end at [`GROUND`].
    ///
    /// # Panics
    /// When an edge names another node `>= nodes`.
    #[must_use]
    pub fn new(nodes: usize, edges: &[(u32, u32)]) -> Self {
        let mut entry = vec![GROUND; edges.len()];
        let mut inner = Vec::with_capacity(edges.len());
        for (slot, &(a, b)) in entry.iter_mut().zip(edges) {
            if b != GROUND && a != b {
                *slot = u32::try_from(inner.len()).unwrap_or(GROUND);
                inner.push((a, b));
            }
        }
        let (n, m) = (nodes, edges.len());
        Self {
            nodes,
            edges: edges.to_vec(),
            entry,
            ldl: Ldl::new(n, &inner),
            reach: Reach::new(n, edges),
            free: vec![false; n],
            fed: vec![false; n],
            live: vec![false; m],
            was_live: vec![false; m],
            held: Vec::new(),
            diag: vec![0.0; n],
            off: vec![0.0; inner.len()],
            rhs: vec![0.0; n],
            step: vec![0.0; n],
            mass: vec![0.0; n],
            through: vec![0.0; n],
            residual: vec![0.0; m],
            weight: vec![0.0; m],
            dq: vec![0.0; m],
        }
    }

    /// Flows and heads to start from.
    #[must_use]
    pub fn flow(&self) -> Flow {
        Flow { q: vec![0.0; self.edges.len()], head: vec![f64::NAN; self.nodes] }
    }

    /// By node, after [`Gga::solve`]: true when water can come from a fixed head (or an
    /// inflow) by open edges in their directions.
    #[must_use]
    pub fn fed(&self) -> &[bool] {
        &self.fed
    }

    /// Forgets which edges carried water: the next solution starts from
    /// [`Hydraulics::start`] everywhere.
    pub fn forget(&mut self) {
        self.was_live.fill(false);
    }

    /// By node, after [`Gga::solve`]: inflow − outflow − demand, m³/s; 0 where the head is given.
    #[must_use]
    pub fn imbalance(&self) -> &[f64] {
        &self.mass
    }

    /// Solves `problem` from `flow` on. Nodes that no water can reach are taken out:
    /// no flow, head NaN. Never panics if `flow` came from [`Gga::flow`].
    pub fn solve(
        &mut self,
        problem: &mut impl Hydraulics,
        flow: &mut Flow,
        settings: &Settings,
    ) -> Outcome {
        self.connect(problem, flow);
        self.hold(problem, flow);
        let (mut iterations, mut since, mut reviews) = (0, 0, 0);
        loop {
            let now = self.evaluate(problem, flow, settings);
            let converged = now.mass_ok && now.heads_ok;
            let outcome = |converged, at_rest| Outcome {
                converged,
                at_rest,
                iterations,
                head_error_m: now.head_error,
                imbalance: now.imbalance,
                worst_node: if now.mass_ok { now.head_node } else { now.mass_node },
            };

            if converged {
                if reviews >= settings.reviews {
                    return self.finish(flow, outcome(true, false));
                }
                reviews += 1;
                if !problem.review(flow) {
                    return self.finish(flow, outcome(true, true));
                }
                self.connect(problem, flow);
                self.hold(problem, flow);
                since = 0;
                let _ = self.evaluate(problem, flow, settings);
            } else if iterations >= settings.iterations {
                return self.finish(flow, outcome(false, false));
            }
            if !converged && since >= settings.patience && problem.give_up(flow) {
                // What was tried meanwhile is no start for anything.
                self.forget();
                self.connect(problem, flow);
                self.hold(problem, flow);
                since = 0;
                let _ = self.evaluate(problem, flow, settings);
            }
            if iterations >= settings.iterations {
                // Converged before the review; what the review changed is not solved.
                continue;
            }
            if !self.direction() {
                return self.finish(flow, outcome(false, false));
            }
            iterations += 1;
            since += 1;
            // Steps that flip between the two sides of a kink end when they are
            // shortened; whole ones in between keep the pace.
            let gear = since / settings.free_steps.max(1);
            let share = if gear == 0 || since % 3 == 0 { 1.0 } else { 0.5f64.powi(gear as i32) };
            self.step_by(problem, flow, share);
        }
    }

    /// Finds what water can reach from fixed heads (and inflows connected to them).
    fn connect(&mut self, problem: &impl Hydraulics, flow: &mut Flow) {
        // A path of any kind first: inflows count only where some head is given.
        for i in 0..self.nodes {
            self.free[i] = problem.fixed_head(i).is_some();
        }
        self.reach.spread(&mut self.free, |e, _| problem.is_open(e));
        for i in 0..self.nodes {
            let source = problem.fixed_head(i).is_some() || problem.feeds(i);
            self.fed[i] = source && self.free[i];
        }
        self.reach.spread(&mut self.fed, |e, forward| {
            problem.is_open(e)
                && match problem.direction(e) {
                    Direction::Both => true,
                    Direction::Forward => forward,
                    Direction::Backward => !forward,
                }
        });
        for e in 0..self.edges.len() {
            let (a, b) = self.edges[e];
            let both = self.fed[a as usize] && (b == GROUND || self.fed[b as usize]);
            let live = problem.is_open(e) && a != b && both;
            if !live {
                flow.q[e] = 0.0;
            } else if !self.was_live[e] || !flow.q[e].is_finite() {
                flow.q[e] = problem.start(e);
            }
            self.live[e] = live;
            self.was_live[e] = live;
        }
    }

    /// Sets given heads and finds which nodes regulators hold.
    fn hold(&mut self, problem: &impl Hydraulics, flow: &mut Flow) {
        // Nodes that had no head yet start at the mean of the given ones.
        let (mut sum, mut count) = (0.0, 0.0);
        for i in 0..self.nodes {
            let fixed = problem.fixed_head(i);
            self.free[i] = self.fed[i] && fixed.is_none();
            if let Some(h) = fixed {
                flow.head[i] = h;
                sum += h;
                count += 1.0;
            }
        }
        let mean = if count > 0.0 { sum / count } else { 0.0 };
        for h in &mut flow.head {
            if !h.is_finite() {
                *h = mean;
            }
        }
        self.held.clear();
        for e in 0..self.edges.len() {
            if !self.live[e] || self.edges[e].1 == GROUND {
                continue;
            }
            let (a, b) = (self.edges[e].0 as usize, self.edges[e].1 as usize);
            let (node, other, head, sign) = match problem.regulation(e) {
                Regulation::None => continue,
                Regulation::HoldsTo(head) => (b, a, head, 1.0),
                Regulation::HoldsFrom(head) => (a, b, head, -1.0),
            };
            // A node whose head is given already cannot be held: the law holds instead.
            if self.free[node] {
                self.free[node] = false;
                flow.head[node] = head;
                self.held.push(Held { edge: e, node, other, sign });
            }
        }
    }

    /// Residuals at the present flows and heads.
    fn evaluate(
        &mut self,
        problem: &impl Hydraulics,
        flow: &mut Flow,
        settings: &Settings,
    ) -> Residuals {
        let mut out = Residuals {
            head_error: 0.0,
            head_node: 0,
            imbalance: 0.0,
            mass_node: 0,
            mass_ok: true,
            heads_ok: true,
        };
        for i in 0..self.nodes {
            let demand = if self.fed[i] { problem.demand(i) } else { 0.0 };
            self.mass[i] = -demand;
            self.through[i] = demand.abs();
        }
        for e in 0..self.edges.len() {
            if !self.live[e] {
                continue;
            }
            let (a, b) = self.edges[e];
            let q = flow.q[e];
            let (h, g) = problem.loss(e, q);
            let g = if g.is_finite() { g.max(1e-9) } else { 1e18 };
            let head_b = if b == GROUND { 0.0 } else { flow.head[b as usize] };
            self.residual[e] = h - (flow.head[a as usize] - head_b);
            self.weight[e] = 1.0 / g;
            self.mass[a as usize] -= q;
            self.through[a as usize] += q.abs();
            if b != GROUND {
                self.mass[b as usize] += q;
                self.through[b as usize] += q.abs();
            }
        }
        // A held node takes what it lacks through its regulator. Regulators in a row
        // hand it on, the last one first; a few rounds reach any usual row.
        for _ in 0..self.held.len().min(4) {
            for h in &self.held {
                let missing = self.mass[h.node];
                flow.q[h.edge] -= h.sign * missing;
                self.mass[h.node] = 0.0;
                self.mass[h.other] += missing;
            }
        }
        for h in &self.held {
            self.residual[h.edge] = 0.0;
            self.weight[h.edge] = 0.0;
        }
        for e in 0..self.edges.len() {
            let r = self.residual[e].abs();
            let off = r * self.weight[e];
            let wrong = r > settings.head_m && off > settings.flow
                || off > settings.most_flow && r > LEAST_HEAD_M;
            if self.live[e] && wrong {
                out.heads_ok = false;
                if r > out.head_error {
                    out.head_error = r;
                    out.head_node = self.edges[e].0 as usize;
                }
            }
        }
        for i in 0..self.nodes {
            if !self.free[i] {
                self.mass[i] = 0.0;
                continue;
            }
            let m = self.mass[i].abs();
            if m > out.imbalance {
                out.imbalance = m;
                out.mass_node = i;
            }
            if m > settings.mass * self.through[i] + MASS_FLOOR {
                out.mass_ok = false;
            }
        }
        out
    }

    /// Solves Newton's equations: head corrections to `step`, flow corrections to `dq`.
    fn direction(&mut self) -> bool {
        self.diag.fill(0.0);
        self.rhs.copy_from_slice(&self.mass);
        for e in 0..self.edges.len() {
            let (a, b) = (self.edges[e].0 as usize, self.edges[e].1);
            let slot = self.entry[e];
            if slot != GROUND {
                self.off[slot as usize] = 0.0;
            }
            if !self.live[e] {
                continue;
            }
            let (w, push) = (self.weight[e], self.weight[e] * self.residual[e]);
            self.diag[a] += w;
            self.rhs[a] += push;
            if b != GROUND {
                let b = b as usize;
                self.diag[b] += w;
                self.rhs[b] -= push;
                if self.free[a] && self.free[b] {
                    self.off[slot as usize] = -w;
                }
            }
        }
        for i in 0..self.nodes {
            if !self.free[i] || self.diag[i] == 0.0 {
                self.diag[i] = 1.0;
                self.rhs[i] = 0.0;
            }
        }
        let mut shift = SHIFT;
        loop {
            for d in &mut self.diag {
                *d += shift * *d;
            }
            if self.ldl.factor(&self.diag, &self.off).is_ok() {
                break;
            }
            shift *= 1000.0;
            if shift > 1.0 {
                return false;
            }
        }
        for h in &self.held {
            self.dq[h.edge] = 0.0;
        }
        self.step.copy_from_slice(&self.rhs);
        self.ldl.solve(&mut self.step);
        self.flow_steps();
        // What regulators will carry after this step weighs on their other side.
        for _ in 0..self.held.len().min(2) {
            if !self.carry_over() {
                break;
            }
            self.step.copy_from_slice(&self.rhs);
            self.ldl.solve(&mut self.step);
            self.flow_steps();
        }
        self.step.iter().all(|s| s.is_finite())
    }

    /// Adds to `rhs` how the flow of each regulator will change; false if none does.
    fn carry_over(&mut self) -> bool {
        self.through.fill(0.0);
        for e in 0..self.edges.len() {
            if self.live[e] {
                let (a, b) = self.edges[e];
                self.through[a as usize] -= self.dq[e];
                if b != GROUND {
                    self.through[b as usize] += self.dq[e];
                }
            }
        }
        let mut any = false;
        for h in &self.held {
            // What the node will lack more than it lacked, beyond what was handed on.
            let more = -h.sign * self.through[h.node];
            self.dq[h.edge] += more;
            if more != 0.0 {
                any = true;
                if self.free[h.other] {
                    self.rhs[h.other] -= h.sign * more;
                }
            }
        }
        any
    }

    fn flow_steps(&mut self) {
        for e in 0..self.edges.len() {
            if self.live[e] && self.weight[e] > 0.0 {
                let (a, b) = self.edges[e];
                let drop =
                    self.step[a as usize] - if b == GROUND { 0.0 } else { self.step[b as usize] };
                self.dq[e] = (drop - self.residual[e]) * self.weight[e];
            }
        }
    }

    fn move_heads(&self, flow: &mut Flow) {
        for (i, h) in flow.head.iter_mut().enumerate() {
            if self.free[i] {
                *h += self.step[i];
            }
        }
    }

    /// The Newton step, shortened to `share`, each edge's own law having the last word.
    fn step_by(&mut self, problem: &impl Hydraulics, flow: &mut Flow, share: f64) {
        self.move_heads(flow);
        for e in 0..self.edges.len() {
            if !self.live[e] || self.weight[e] == 0.0 {
                continue;
            }
            let (a, b) = self.edges[e];
            let drop =
                flow.head[a as usize] - if b == GROUND { 0.0 } else { flow.head[b as usize] };
            let q = problem.settle(e, flow.q[e], flow.q[e] + share * self.dq[e], drop);
            flow.q[e] = if q.is_finite() { q.clamp(-FLOW_LIMIT, FLOW_LIMIT) } else { 0.0 };
        }
    }

    fn finish(&self, flow: &mut Flow, outcome: Outcome) -> Outcome {
        for (i, h) in flow.head.iter_mut().enumerate() {
            if !self.fed[i] {
                *h = f64::NAN;
            }
        }
        outcome
    }
}
#[cfg(test)]
mod tests;
