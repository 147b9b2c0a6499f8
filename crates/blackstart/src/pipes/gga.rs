//! The global gradient algorithm: E. Todini, S. Pilati, "A gradient method for the
//! solution of looped pipe networks" (1988).
//!
//! With monotone laws the solution minimises a convex function of the flows (the content:
//! the integral of every edge's head drop), so it is unique in flows, and the method is
//! Newton's on its optimality conditions. Each edge's own law keeps steps from flying past
//! a kink; steps that still flip between the two sides of one are shortened; the number of
//! steps is bounded. Regulators, which hold the head of a node, are the only part that is
//! not of this kind; they are switched between solutions.

mod connect;
mod newton;

use super::reach::{Direction, Reach};
use crate::math::Tape;

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

    /// [`Hydraulics::loss`] of edges `0..q.len()`, to `drop` (m) and `gradient`; those that
    /// are closed may get anything finite. An owner that can do many at once should.
    fn losses(&self, q: &[f64], drop: &mut [f64], gradient: &mut [f64]) {
        for (e, &q) in q.iter().enumerate() {
            (drop[e], gradient[e]) = if self.is_open(e) { self.loss(e, q) } else { (0.0, 1.0) };
        }
    }

    /// [`Hydraulics::settle`] of the edges of `step`, in place.
    fn settle_all(&self, step: &mut Step<'_>) {
        for e in 0..step.q_new.len() {
            step.settle(self, e);
        }
    }

    /// Edges that [`Hydraulics::regulation`] may say something of; none if any may.
    fn regulators(&self) -> Option<&[usize]> {
        None
    }

    /// A number that changes with what [`Hydraulics::fixed_head`] (but for the heads
    /// themselves), [`Hydraulics::feeds`], [`Hydraulics::is_open`] and
    /// [`Hydraulics::direction`] say; none if that is not known.
    fn topology(&self) -> Option<u64> {
        None
    }

    /// A number that changes with what [`Hydraulics::demand`] says; none if that is not known.
    fn demands(&self) -> Option<u64> {
        None
    }

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

    /// Called for an edge that holds a node and leaves a zone behind it whose heads nothing
    /// determines: ends that, and says whether it did.
    fn release(&mut self, _edge: usize) -> bool {
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
    /// Steps after which [`Hydraulics::review`] sees flows that solve nothing yet, and again
    /// after as many.
    pub glance: usize,
    /// Steps after the last change of status before [`Hydraulics::give_up`] is asked.
    pub patience: usize,
    /// Rounds of [`Hydraulics::review`].
    pub reviews: usize,
    /// Largest error of an edge's head drop, m …
    pub head_m: f64,
    /// … or of its flow, m³/s (walls are so steep that only this makes sense) …
    pub flow: f64,
    /// … or of its flow, as a share of it.
    pub flow_share: f64,
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
            glance: 20,
            patience: 120,
            reviews: 60,
            head_m: 1e-5,
            flow: 1e-12,
            flow_share: 1e-7,
            most_flow: 1e-6,
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

impl Outcome {
    fn new(converged: bool, at_rest: bool, iterations: usize) -> Self {
        Self { converged, at_rest, iterations, head_error_m: 0.0, imbalance: 0.0, worst_node: 0 }
    }
}

/// Flows that a Newton step proposes.
#[derive(Debug)]
pub struct Step<'a> {
    /// By edge: flow before, m³/s.
    pub q_old: &'a [f64],
    /// By edge: flow proposed, m³/s.
    pub q_new: &'a mut [f64],
    /// By edge: 1 / gradient; 0 for an edge that is closed or holds a node.
    weight: &'a [f64],
    ends: &'a [(u32, u32)],
    /// By end: head after the step, m.
    head: &'a [f64],
}

impl Step<'_> {
    /// Lets the law of `edge` have the last word.
    #[inline]
    pub fn settle<H: Hydraulics + ?Sized>(&mut self, laws: &H, edge: usize) {
        if self.weight[edge] > 0.0 {
            let (a, b) = self.ends[edge];
            let drop = self.head[a as usize] - self.head[b as usize];
            self.q_new[edge] = laws.settle(edge, self.q_old[edge], self.q_new[edge], drop);
        }
    }
}

/// The solver of one network graph; the graph is analysed once.
#[derive(Clone, Debug)]
pub struct Gga {
    nodes: usize,
    /// Edges in front of those that all end at the ground.
    inner: usize,
    /// By edge: its nodes; one that takes water out ends at node `nodes`, whose head is 0 m.
    ends: Vec<(u32, u32)>,
    /// The same as places in the order of elimination; arrays of that order say so.
    places: Vec<(u32, u32)>,
    /// By node and the ground: its place.
    place: Vec<u32>,
    tape: Tape<f64>,
    reach: Reach,
    /// [`Hydraulics::topology`] of the last solution.
    topology: Option<u64>,
    /// It has not changed since.
    same: bool,
    /// [`Hydraulics::demands`] of the last solution.
    demands: Option<u64>,
    /// Nodes with given heads, and those that regulators hold.
    given: Vec<usize>,
    held_nodes: Vec<usize>,
    /// Edges up to the last one that carries water.
    used: usize,
    /// By node: solved for (fed, neither fixed nor held).
    free: Vec<bool>,
    /// By node: water can reach it.
    fed: Vec<bool>,
    /// By edge.
    live: Vec<bool>,
    was_live: Vec<bool>,
    /// By edge: 1 when live and not holding, else 0; 1 when both ends are solved for, else 0.
    carries: Vec<f64>,
    couples: Vec<f64>,
    /// Places of nodes that are not solved for.
    settled: Vec<u32>,
    /// Edges that hold a node, with the node and the other end; those of the solution before.
    held: Vec<Held>,
    held_before: Vec<Held>,
    /// Edges at held nodes that carry water; true for those that begin there.
    around: Vec<(u32, bool)>,
    /// By place and the ground: outflow whatever the head, m³/s.
    demand: Vec<f64>,
    /// By place and the ground: head, m, and its Newton step.
    head: Vec<f64>,
    step: Vec<f64>,
    /// By edge: drop by its law, m, and gradient; law minus heads, m; inverse gradient, the
    /// same for [`Tape::load`]; flow after a step, m³/s.
    drop: Vec<f64>,
    gradient: Vec<f64>,
    residual: Vec<f64>,
    weight: Vec<f64>,
    coupling: Vec<f64>,
    q_new: Vec<f64>,
    /// By place and the ground: inflow − outflow − demand and the sum of magnitudes, m³/s.
    mass: Vec<(f64, f64)>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    edge: usize,
    /// Places of the held node and the other end.
    node: usize,
    other: usize,
    /// +1 when the edge flows into the held node.
    sign: f64,
    /// What the edge will carry more after the step, m³/s.
    carried: f64,
    /// Its edges among those around held nodes.
    around: (usize, usize),
}

/// Flows are kept within this, so that no law overflows, m³/s.
const FLOW_LIMIT: f64 = 1e7;
/// Head errors below this are rounding, m.
const LEAST_HEAD_M: f64 = 1e-9;
/// Imbalance that counts as none, m³/s: a drop in some minutes.
const MASS_FLOOR: f64 = 1e-10;

impl Gga {
    /// Analyses the graph of nodes `0..nodes`; an edge may end at [`GROUND`].
    ///
    /// # Panics
    /// When an edge names another node `>= nodes`.
    #[must_use]
    pub fn new(nodes: usize, edges: &[(u32, u32)]) -> Self {
        let ground = u32::try_from(nodes).unwrap_or(GROUND);
        let ends: Vec<(u32, u32)> =
            edges.iter().map(|&(a, b)| (a, if b == GROUND { ground } else { b })).collect();
        // To the factor an edge to the ground is one from a node to itself: no entry.
        let inner: Vec<(u32, u32)> =
            edges.iter().map(|&(a, b)| (a, if b == GROUND { a } else { b })).collect();
        let (n, m) = (nodes, edges.len());
        let tape = Tape::new(n, &inner);
        let mut place = tape.positions();
        place.push(ground);
        let places = ends.iter().map(|e| (place[e.0 as usize], place[e.1 as usize])).collect();
        Self {
            nodes,
            inner: edges.iter().rposition(|e| e.1 != GROUND).map_or(0, |e| e + 1),
            ends,
            places,
            place,
            tape,
            reach: Reach::new(n, edges),
            topology: None,
            demands: None,
            given: Vec::new(),
            held_nodes: Vec::new(),
            used: 0,
            free: vec![false; n],
            fed: vec![false; n],
            live: vec![false; m],
            was_live: vec![false; m],
            carries: vec![0.0; m],
            couples: vec![0.0; m],
            held: Vec::new(),
            held_before: Vec::new(),
            around: Vec::new(),
            same: false,
            settled: Vec::new(),
            demand: vec![0.0; n + 1],
            head: vec![0.0; n + 1],
            step: vec![0.0; n + 1],
            drop: vec![0.0; m],
            gradient: vec![1.0; m],
            residual: vec![0.0; m],
            weight: vec![0.0; m],
            coupling: vec![0.0; m + 1],
            q_new: vec![0.0; m],
            mass: vec![(0.0, 0.0); n + 1],
        }
    }

    /// Flows and heads to start from.
    #[must_use]
    pub fn flow(&self) -> Flow {
        Flow { q: vec![0.0; self.ends.len()], head: vec![f64::NAN; self.nodes] }
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
        self.topology = None;
    }

    /// Takes `flow` for that of the last solution, which somebody else found.
    pub fn resume(&mut self, flow: &Flow) {
        for (was, q) in self.was_live.iter_mut().zip(&flow.q) {
            *was = *q != 0.0;
        }
        self.topology = None;
    }

    /// After [`Gga::solve`] a node's inflow − outflow − demand, m³/s; 0 where the head is given.
    #[must_use]
    pub fn imbalance(&self, node: usize) -> f64 {
        self.mass[self.place[node] as usize].0
    }

    /// Solves `problem` from `flow` on. Nodes that no water can reach are taken out:
    /// no flow, head NaN. Never panics if `flow` came from [`Gga::flow`].
    pub fn solve(
        &mut self,
        problem: &mut impl Hydraulics,
        flow: &mut Flow,
        settings: &Settings,
    ) -> Outcome {
        self.set_out(problem, flow);
        let (mut iterations, mut since, mut reviews) = (0, 0, 0);
        let mut afresh = false;
        loop {
            let converged = self.evaluate(problem, flow, settings);
            if converged {
                if reviews >= settings.reviews {
                    return self.finish(flow, settings, Outcome::new(true, false, iterations));
                }
                reviews += 1;
                self.show_heads(flow);
                if !problem.review(flow) {
                    return self.finish(flow, settings, Outcome::new(true, true, iterations));
                }
            }
            // Where statuses are so wrong that no flows fit them, steps lead nowhere, and the
            // statuses have to be looked at on the way.
            let early = !converged && since > 0 && since % settings.glance.max(1) == 0 && {
                self.show_heads(flow);
                problem.review(flow)
            };
            // With nothing to give up the way here was wrong: a zone that statuses on the way
            // cut off, full of water that only walls hold, empties but slowly.
            let stuck = !early && since >= settings.patience && {
                self.show_heads(flow);
                problem.give_up(flow) || !std::mem::replace(&mut afresh, true)
            };
            if stuck {
                // What was tried meanwhile is no start for anything.
                self.forget();
            }
            if converged || early || stuck {
                self.set_out(problem, flow);
                since = 0;
                // It may well be solved already: a valve whose law is the same on both sides
                // of its setting.
                if self.evaluate(problem, flow, settings) {
                    continue;
                }
            }
            if iterations >= settings.iterations || !self.direction(flow) {
                return self.finish(flow, settings, Outcome::new(false, false, iterations));
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

    /// Heads for those outside.
    fn show_heads(&self, flow: &mut Flow) {
        for ((h, &place), &fed) in flow.head.iter_mut().zip(&self.place).zip(&self.fed) {
            *h = if fed { self.head[place as usize] } else { f64::NAN };
        }
    }

    fn finish(&mut self, flow: &mut Flow, settings: &Settings, outcome: Outcome) -> Outcome {
        self.show_heads(flow);
        if !outcome.converged {
            // Otherwise the last evaluation did.
            self.balance(flow);
        }
        self.worst(flow, settings, outcome)
    }
}

#[cfg(test)]
mod tests;
