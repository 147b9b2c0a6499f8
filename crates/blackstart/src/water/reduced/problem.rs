//! The reduced graph as the gradient method sees it.

use super::Graph;
use super::laws::PipeTable;
use crate::pipes::{Direction, Flow, Hydraulics, Regulation, Step, leaps};
use crate::water::demand::Wagner;
use crate::water::network::Net;
use std::cell::RefCell;

/// A part while it is solved.
pub(super) struct Problem<'a> {
    net: &'a mut Net,
    graph: &'a mut Graph,
    /// Flows and heads of the part.
    full: &'a mut Flow,
    /// The graph's, for the time of the problem: its storage changes with every question.
    pipes: RefCell<PipeTable>,
    trial: bool,
    short: bool,
}

/// An edge of the reduced graph.
enum Edge {
    Chain(usize),
    /// Edge of the part.
    Kept(usize),
    /// Number among the demands that follow pressure.
    Demand(usize),
}

impl<'a> Problem<'a> {
    pub fn new(net: &'a mut Net, graph: &'a mut Graph, full: &'a mut Flow, trial: bool) -> Self {
        let chains = graph.skeleton.ends.len();
        let asking = graph.kept[graph.demands - chains..].iter();
        for (full, &e) in graph.asking.full.iter_mut().zip(asking) {
            *full = net.demand[e as usize - net.demands];
        }
        let pipes = RefCell::new(std::mem::take(&mut graph.pipes));
        Self { net, graph, full, pipes, trial, short: false }
    }

    /// Gives back what belongs to the graph; true if a demand was found that pressure does
    /// not let out.
    pub fn close(self) -> bool {
        self.graph.pipes = self.pipes.into_inner();
        self.short
    }

    fn edge(&self, edge: usize) -> Edge {
        let chains = self.graph.skeleton.ends.len();
        if edge < chains {
            Edge::Chain(edge)
        } else if edge < self.graph.demands {
            Edge::Kept(self.graph.kept[edge - chains] as usize)
        } else {
            Edge::Demand(edge - self.graph.demands)
        }
    }

    /// Keeps a chain at rest from flying off, as [`crate::pipes::PipeLaw::settle`] does.
    fn settle_chain(&self, chain: usize, q_old: f64, q_new: f64, drop: f64) -> f64 {
        let graph = &*self.graph;
        let own = graph.skeleton.chain(chain);
        let most = own.clone().map(|k| (q_old - graph.before[k]).abs()).fold(0.0, f64::max);
        if !leaps(most, (q_new - q_old).abs() + most) {
            return q_new;
        }
        let pipes = self.pipes.borrow();
        let natural = own.map(|k| pipes.law(k).flow_near(drop).abs());
        let natural = natural.fold(f64::INFINITY, f64::min).copysign(drop);
        let shorter = natural.abs() < q_new.abs() && natural * q_new > 0.0;
        if shorter { natural } else { q_new }
    }
}

impl Hydraulics for Problem<'_> {
    fn fixed_head(&self, node: usize) -> Option<f64> {
        let h = self.net.fixed_m[self.graph.skeleton.nodes[node] as usize];
        (!h.is_nan()).then_some(h)
    }

    fn demand(&self, node: usize) -> f64 {
        self.graph.demand[node]
    }

    fn feeds(&self, node: usize) -> bool {
        self.graph.feeds[node]
    }

    fn is_open(&self, edge: usize) -> bool {
        match self.edge(edge) {
            Edge::Chain(_) => true,
            Edge::Kept(e) => self.net.open[e],
            Edge::Demand(k) => self.graph.asking.full[k] != 0.0,
        }
    }

    fn direction(&self, edge: usize) -> Direction {
        match self.edge(edge) {
            Edge::Kept(e) => self.net.direction[e],
            Edge::Chain(_) | Edge::Demand(_) => Direction::Both,
        }
    }

    fn loss(&self, edge: usize, q: f64) -> (f64, f64) {
        match self.edge(edge) {
            Edge::Chain(c) => self.graph.skeleton.chain(c).fold((0.0, 0.0), |sum, k| {
                let (h, g) = self.pipes.borrow().law(k).loss(q - self.graph.before[k]);
                (sum.0 + h, sum.1 + g)
            }),
            Edge::Kept(e) => self.net.loss(e, q),
            Edge::Demand(k) => self.graph.asking.loss(k, q),
        }
    }

    fn start(&self, edge: usize) -> f64 {
        match self.edge(edge) {
            Edge::Chain(c) => {
                let first = self.graph.skeleton.segments[self.graph.skeleton.chain(c).start];
                let q = self.net.start(first.edge as usize);
                if first.forward { q } else { -q }
            }
            Edge::Kept(e) => self.net.start(e),
            Edge::Demand(k) => self.graph.asking.full[k],
        }
    }

    fn topology(&self) -> Option<u64> {
        Some(self.net.version)
    }

    fn demands(&self) -> Option<u64> {
        // Those that follow pressure are edges.
        Some(if self.graph.follows { 0 } else { self.net.asked })
    }

    fn regulators(&self) -> Option<&[usize]> {
        Some(&self.graph.regulators)
    }

    fn losses(&self, q: &[f64], drop: &mut [f64], gradient: &mut [f64]) {
        let chains = self.graph.skeleton.ends.len().min(q.len());
        let graph = &*self.graph;
        let own = (&mut drop[..chains], &mut gradient[..chains]);
        let segments = graph.skeleton.first[chains] as usize;
        self.pipes.borrow_mut().losses(segments, &q[..chains], &graph.before, own.0, own.1);
        let demands = graph.demands.min(q.len());
        for e in chains..demands {
            let edge = graph.kept[e - chains] as usize;
            let open = self.net.open[edge];
            (drop[e], gradient[e]) = if open { self.net.loss(edge, q[e]) } else { (0.0, 1.0) };
        }
        graph.asking.losses(&q[demands..], &mut drop[demands..], &mut gradient[demands..]);
    }

    fn settle_all(&self, step: &mut Step<'_>) {
        let graph = &*self.graph;
        let used = step.q_new.len();
        let chains = graph.skeleton.ends.len().min(used);
        for c in 0..chains {
            let (old, new) = (step.q_old[c], step.q_new[c]);
            if leaps(old, (new - old).abs() + old.abs()) {
                step.settle(self, c);
            }
        }
        let demands = graph.demands.min(used);
        for e in chains..demands {
            step.settle(self, e);
        }
        for (e, &full) in (demands..used).zip(&graph.asking.full) {
            let (old, new) = (step.q_old[e], step.q_new[e]);
            if !(new >= 0.0 && new <= full && new <= 8.0 * old + 1e-3 * full) {
                step.settle(self, e);
            }
        }
    }

    fn settle(&self, edge: usize, q_old: f64, q_new: f64, drop: f64) -> f64 {
        match self.edge(edge) {
            Edge::Chain(c) => self.settle_chain(c, q_old, q_new, drop),
            Edge::Kept(e) => self.net.settle(e, q_old, q_new, drop),
            Edge::Demand(k) => {
                let (law, full) = (self.graph.asking.law(k), self.graph.asking.full[k]);
                if full < 0.0 {
                    return Wagner::inflow_bounds(full).settle(q_old, q_new);
                }
                Wagner::bounds(full).settle(q_old, law.settle(q_old, q_new, drop, full))
            }
        }
    }

    fn regulation(&self, edge: usize) -> Regulation {
        match self.edge(edge) {
            Edge::Kept(e) => self.net.regulation(e),
            Edge::Chain(_) | Edge::Demand(_) => Regulation::None,
        }
    }

    fn review(&mut self, flow: &Flow) -> bool {
        self.graph.show(flow, self.full);
        if self.trial {
            let nodes = self.graph.skeleton.nodes.iter().map(|&node| node as usize);
            let short = |node: usize| !self.net.is_met(node, self.full.head[node]);
            self.short = nodes.into_iter().any(short);
            if self.short {
                return false;
            }
        }
        self.net.review(self.full)
    }

    fn release(&mut self, edge: usize) -> bool {
        match self.edge(edge) {
            Edge::Kept(e) => self.net.release(e),
            Edge::Chain(_) | Edge::Demand(_) => false,
        }
    }

    fn give_up(&mut self, flow: &Flow) -> bool {
        self.graph.show(flow, self.full);
        self.net.give_up(self.full)
    }
}
