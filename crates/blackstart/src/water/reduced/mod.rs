//! A part's equations without what follows from the rest: flows of trees and differences of
//! flow along chains of pipes are sums of demands.
//!
//! Where demand follows pressure this holds as long as every pressure suffices, for then
//! every demand is met; a solution that finds it so is that of the whole problem, because
//! that has only one. Otherwise demands are edges of their own, and only junctions without
//! demand lie in trees and chains.

mod laws;
mod problem;
mod skeleton;
mod solver;

pub(super) use solver::Solver;

use super::demand::Wagner;
use super::network::Net;
use crate::pipes::{Flow, GROUND, Gga, Outcome, PipeLaw, Settings};
use laws::{Asking, PipeTable};
use problem::Problem;
use skeleton::{NONE, Skeleton};

/// The reduced equations of one part and their solver.
#[derive(Clone, Debug)]
struct Reduced {
    gga: Gga,
    flow: Flow,
    graph: Graph,
}

/// What is reduced, and how.
#[derive(Clone, Debug)]
struct Graph {
    skeleton: Skeleton,
    /// Edges of the reduced graph: chains, then these edges of the part …
    kept: Vec<u32>,
    /// … of which those from here on are demands that follow pressure.
    demands: usize,
    /// By edge of the part: that of the reduced graph; [`NONE`] for those of chains and trees.
    edge_of: Vec<u32>,
    /// Demands are edges.
    follows: bool,
    /// Pipes in the order of segments, then of twigs.
    pipes: PipeTable,
    asking: Asking,
    /// By segment: flow of its chain less its own, m³/s.
    before: Vec<f64>,
    /// By twig: flow from parent to child, m³/s.
    twig_q: Vec<f64>,
    /// By node of the reduced graph: demand whatever the head, m³/s; water comes in there or
    /// in what hangs on it.
    demand: Vec<f64>,
    feeds: Vec<bool>,
    /// Demands that `before`, `twig_q` and `demand` are of.
    asked: Option<u64>,
    /// By node of the part, for sums: demand, m³/s, and whether something comes in.
    sum: Vec<(f64, bool)>,
    /// Regulators as edges of the reduced graph.
    regulators: Vec<usize>,
}

impl Reduced {
    /// Reduces `net`; with `follows` its demands are edges.
    pub fn new(net: &Net, follows: bool) -> Self {
        let (n, m) = (net.fixed_m.len(), net.ends.len());
        let mut anchored: Vec<bool> = net.fixed_m.iter().map(|h| !h.is_nan()).collect();
        let mut plain = vec![false; m];
        let mut kept = Vec::new();
        for e in 0..net.demands {
            let own = e >= net.emitters || net.loose[e];
            plain[e] = !own && net.open[e];
            if own {
                let (a, b) = net.ends[e];
                anchored[a as usize] = true;
                if b != GROUND {
                    anchored[b as usize] = true;
                }
                kept.push(e as u32);
            }
        }
        for &node in &net.given {
            anchored[node] = true;
        }
        let demands = kept.len();
        if follows {
            for (i, _) in net.asks.iter().enumerate().filter(|a| *a.1) {
                anchored[i] = true;
                kept.push((net.demands + i) as u32);
            }
        }
        let skeleton = Skeleton::new(&net.ends, &plain, &anchored);
        let chains = skeleton.ends.len();
        let mut ends = skeleton.ends.clone();
        let mut edge_of = vec![NONE; m];
        for (k, &e) in (chains as u32..).zip(&kept) {
            let (a, b) = net.ends[e as usize];
            let to = if b == GROUND { GROUND } else { skeleton.core_of[b as usize] };
            ends.push((skeleton.core_of[a as usize], to));
            edge_of[e as usize] = k;
        }
        let laws: Vec<PipeLaw> = skeleton
            .segments
            .iter()
            .chain(&skeleton.twigs)
            .filter_map(|s| net.pipe_law(s.edge as usize))
            .collect();
        let asking = kept[demands..].iter().map(|&e| net.wagner[e as usize - net.demands]);
        let core = skeleton.nodes.len();
        let gga = Gga::new(core, &ends);
        Self {
            flow: gga.flow(),
            gga,
            graph: Graph {
                asking: Asking::new(asking.collect()),
                before: vec![0.0; skeleton.segments.len()],
                twig_q: vec![0.0; skeleton.twigs.len()],
                pipes: PipeTable::new(laws, skeleton.segments.len(), &skeleton.first),
                demand: vec![0.0; core],
                feeds: vec![false; core],
                asked: None,
                sum: vec![(0.0, false); n],
                regulators: Vec::new(),
                demands: chains + demands,
                skeleton,
                kept,
                edge_of,
                follows,
            },
        }
    }

    /// Takes up the state of the part that another solver left.
    pub fn resume(&mut self, net: &Net, full: &mut Flow) {
        if self.graph.follows {
            for (i, &d) in net.demand[..net.wagner.len()].iter().enumerate() {
                // Met so far: behind the wall, where the solver need not find that out.
                let met = if d > 0.0 { Wagner::bounds(d).behind_high() } else { d };
                full.q[net.demands + i] = met;
            }
        }
        self.graph.gather(full, &mut self.flow);
        self.gga.resume(&self.flow);
    }

    /// Forgets which edges carried water.
    pub fn forget(&mut self) {
        self.gga.forget();
    }

    /// Solves `net` from `full` on. With `trial` it ends without convergence when demands are
    /// found that pressures do not let out.
    pub fn solve(
        &mut self,
        net: &mut Net,
        full: &mut Flow,
        settings: &Settings,
        trial: bool,
    ) -> Outcome {
        self.graph.ask(net);
        self.graph.gather(full, &mut self.flow);
        let mut problem = Problem::new(net, &mut self.graph, full, trial);
        let mut outcome = self.gga.solve(&mut problem, &mut self.flow, settings);
        outcome.converged &= !problem.close();
        outcome.worst_node = self.graph.skeleton.nodes[outcome.worst_node] as usize;
        self.graph.expand(&self.flow, full);
        outcome
    }

    /// A node's inflow − outflow − demand in the last solution, m³/s.
    pub fn imbalance(&self, node: usize) -> f64 {
        match self.graph.skeleton.core_of[node] {
            // What follows from the rest balances.
            NONE => 0.0,
            node => self.gga.imbalance(node as usize),
        }
    }
}

impl Graph {
    /// Sums up demands where they have changed.
    fn ask(&mut self, net: &Net) {
        self.regulators.clear();
        let edges = net.regulators.iter().map(|&e| self.edge_of[e] as usize);
        self.regulators.extend(edges);
        if self.asked == Some(net.asked) {
            return;
        }
        self.asked = Some(net.asked);
        for (i, sum) in self.sum.iter_mut().enumerate() {
            let own = net.demand[i];
            *sum = (if self.follows { 0.0 } else { own }, own < 0.0);
        }
        for (q, twig) in self.twig_q.iter_mut().zip(&self.skeleton.twigs) {
            let below = self.sum[twig.to as usize];
            *q = below.0;
            let sum = &mut self.sum[twig.from as usize];
            *sum = (sum.0 + below.0, sum.1 | below.1);
        }
        for (i, &node) in self.skeleton.nodes.iter().enumerate() {
            (self.demand[i], self.feeds[i]) = self.sum[node as usize];
        }
        for (c, &(_, end)) in self.skeleton.ends.iter().enumerate() {
            // What is asked for on the way is taken at the end.
            let mut taken = 0.0;
            let chain = self.skeleton.chain(c);
            for k in chain.clone() {
                self.before[k] = taken;
                if k + 1 < chain.end {
                    let sum = self.sum[self.skeleton.segments[k].to as usize];
                    taken += sum.0;
                    self.feeds[end as usize] |= sum.1;
                }
            }
            self.demand[end as usize] += taken;
        }
        self.pipes.twig_losses(&self.twig_q);
    }

    /// Flows and heads of the reduced graph.
    fn gather(&self, full: &Flow, flow: &mut Flow) {
        let s = &self.skeleton;
        let (chains, kept) = flow.q.split_at_mut(s.ends.len());
        for (q, &first) in chains.iter_mut().zip(&s.first) {
            let segment = s.segments[first as usize];
            let own = full.q[segment.edge as usize];
            *q = if segment.forward { own } else { -own };
        }
        for (q, &e) in kept.iter_mut().zip(&self.kept) {
            *q = full.q[e as usize];
        }
        for (h, &node) in flow.head.iter_mut().zip(&s.nodes) {
            *h = full.head[node as usize];
        }
    }

    /// Writes what is looked at while solving: edges that are kept, and heads at them.
    fn show(&self, flow: &Flow, full: &mut Flow) {
        let s = &self.skeleton;
        for (&q, &e) in flow.q[s.ends.len()..].iter().zip(&self.kept) {
            full.q[e as usize] = q;
        }
        for (&h, &node) in flow.head.iter().zip(&s.nodes) {
            full.head[node as usize] = h;
        }
    }

    /// Flows and heads of the part from those of the reduced graph.
    fn expand(&self, flow: &Flow, full: &mut Flow) {
        self.show(flow, full);
        let s = &self.skeleton;
        for (c, &(a, _)) in s.ends.iter().enumerate() {
            let mut head = flow.head[a as usize];
            let fed = !head.is_nan();
            let chain = s.chain(c);
            let last = chain.end - 1;
            for k in chain {
                let segment = &s.segments[k];
                let q = if fed { flow.q[c] - self.before[k] } else { 0.0 };
                full.q[segment.edge as usize] = if segment.forward { q } else { -q };
                if k < last {
                    head -= self.pipes.drop[k];
                    full.head[segment.to as usize] = head;
                }
            }
        }
        let drops = &self.pipes.drop[s.segments.len()..];
        for (t, twig) in s.twigs.iter().enumerate().rev() {
            let head = full.head[twig.from as usize];
            let q = if head.is_nan() { 0.0 } else { self.twig_q[t] };
            full.head[twig.to as usize] = head - drops[t];
            full.q[twig.edge as usize] = if twig.forward { q } else { -q };
        }
    }
}
