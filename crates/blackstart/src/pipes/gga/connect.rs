//! What takes part in a solution: where water can come, and which nodes are held.

use super::{Direction, Flow, Gga, Held, Hydraulics, Regulation};

impl Gga {
    /// Finds what takes part: what water can reach and which nodes are held.
    pub(super) fn set_out(&mut self, problem: &mut impl Hydraulics, flow: &mut Flow) {
        self.connect(problem, flow);
        self.hold(problem, flow);
        // Every release leaves one edge fewer that holds.
        for _ in 0..self.held.len() {
            if self.same {
                break;
            }
            match self.leaves_floating() {
                Some(edge) if problem.release(edge) => self.hold(problem, flow),
                Some(_) | None => break,
            }
        }
    }

    /// An edge that holds one end while nothing but itself connects the other with any given
    /// head: the flow that the held end leaves cannot be what the other needs.
    fn leaves_floating(&mut self) -> Option<usize> {
        let mut known: Vec<bool> = self.fed.iter().zip(&self.free).map(|n| *n.0 && !n.1).collect();
        for e in 0..self.used {
            if self.live[e] && self.ends[e].1 as usize == self.nodes {
                known[self.ends[e].0 as usize] = true;
            }
        }
        let (live, carries) = (&self.live, &self.carries);
        self.reach.spread_on(&mut known, |e, _| live[e] && carries[e] > 0.0);
        let floats = |h: &&Held| {
            let (a, b) = self.ends[h.edge];
            let other = if h.sign > 0.0 { a } else { b } as usize;
            self.free[other] && !known[other]
        };
        self.held.iter().find(floats).map(|h| h.edge)
    }

    /// Finds what water can reach from fixed heads (and inflows connected to them).
    fn connect(&mut self, problem: &impl Hydraulics, flow: &mut Flow) {
        let topology = problem.topology();
        self.same = topology.is_some() && topology == self.topology;
        if !self.same {
            self.topology = topology;
            self.spread(problem, flow);
        }
        let demands = problem.demands();
        if !self.same || demands.is_none() || demands != self.demands {
            self.demands = demands;
            for i in 0..self.nodes {
                let demand = if self.fed[i] { problem.demand(i) } else { 0.0 };
                self.demand[self.place[i] as usize] = demand;
            }
        }
    }

    fn spread(&mut self, problem: &impl Hydraulics, flow: &mut Flow) {
        for i in 0..self.nodes {
            self.fed[i] = problem.fixed_head(i).is_some();
        }
        if (0..self.nodes).any(|i| problem.feeds(i)) {
            // Inflows count only where a path of any kind leads to a given head.
            self.free.copy_from_slice(&self.fed);
            self.reach.spread(&mut self.free, |e, _| problem.is_open(e));
            for i in 0..self.nodes {
                self.fed[i] |= problem.feeds(i) && self.free[i];
            }
        }
        self.reach.spread(&mut self.fed, |e, forward| {
            problem.is_open(e)
                && match problem.direction(e) {
                    Direction::Both => true,
                    Direction::Forward => forward,
                    Direction::Backward => !forward,
                }
        });
        self.used = 0;
        for e in 0..self.ends.len() {
            let (a, b) = (self.ends[e].0 as usize, self.ends[e].1 as usize);
            let both = self.fed[a] && (b == self.nodes || self.fed[b]);
            let live = problem.is_open(e) && a != b && both;
            if !live {
                flow.q[e] = 0.0;
            } else if !self.was_live[e] || !flow.q[e].is_finite() {
                flow.q[e] = problem.start(e);
            }
            if live {
                self.used = e + 1;
            }
            self.live[e] = live;
            self.was_live[e] = live;
        }
    }

    /// Sets given heads and finds which nodes regulators hold.
    fn hold(&mut self, problem: &impl Hydraulics, flow: &Flow) {
        if self.same {
            for &i in &self.held_nodes {
                self.free[i] = true;
            }
            for &i in &self.given {
                if let Some(head) = problem.fixed_head(i) {
                    self.head[self.place[i] as usize] = head;
                }
            }
        } else {
            self.set_heads(problem, flow);
        }
        self.held_nodes.clear();
        std::mem::swap(&mut self.held, &mut self.held_before);
        self.held.clear();
        match problem.regulators() {
            Some(edges) => edges.iter().for_each(|&e| self.hold_by(problem, e)),
            None => (0..self.used).for_each(|e| self.hold_by(problem, e)),
        }
        let alike = |(a, b): (&Held, &Held)| (a.edge, a.node) == (b.edge, b.node);
        let as_before = self.held.len() == self.held_before.len()
            && self.held.iter().zip(&self.held_before).all(alike);
        if self.same && as_before {
            for (h, before) in self.held.iter_mut().zip(&self.held_before) {
                h.around = before.around;
            }
        } else {
            self.couple();
            self.same = false;
        }
    }

    /// Heads to start from, and which nodes are to be solved for but for regulators.
    fn set_heads(&mut self, problem: &impl Hydraulics, flow: &Flow) {
        self.given.clear();
        // Nodes that had no head yet start at the mean of the given ones.
        let (mut sum, mut count) = (0.0, 0.0);
        for i in 0..self.nodes {
            let fixed = problem.fixed_head(i);
            self.free[i] = self.fed[i] && fixed.is_none();
            self.head[self.place[i] as usize] = fixed.unwrap_or(flow.head[i]);
            if let Some(h) = fixed {
                self.given.push(i);
                sum += h;
                count += 1.0;
            }
        }
        let mean = if count > 0.0 { sum / count } else { 0.0 };
        for h in &mut self.head {
            if !h.is_finite() {
                *h = mean;
            }
        }
        self.head[self.nodes] = 0.0;
    }

    /// Takes out the node that `edge` holds, if any.
    fn hold_by(&mut self, problem: &impl Hydraulics, edge: usize) {
        let (a, b) = (self.ends[edge].0 as usize, self.ends[edge].1 as usize);
        let (node, other, head, sign) = match problem.regulation(edge) {
            Regulation::None => return,
            Regulation::HoldsTo(head) => (b, a, head, 1.0),
            Regulation::HoldsFrom(head) => (a, b, head, -1.0),
        };
        // A node whose head is given already cannot be held: the law holds instead.
        if self.live[edge] && b != self.nodes && self.free[node] {
            self.free[node] = false;
            self.held_nodes.push(node);
            self.reach.part(edge);
            let (node, other) = (self.place[node] as usize, self.place[other] as usize);
            self.head[node] = head;
            self.held.push(Held { edge, node, other, sign, carried: 0.0, around: (0, 0) });
        }
    }

    /// Which edges take part in Newton's equations.
    fn couple(&mut self) {
        for e in 0..self.used {
            let (a, b) = (self.ends[e].0 as usize, self.ends[e].1 as usize);
            self.carries[e] = if self.live[e] { 1.0 } else { 0.0 };
            let inner = b != self.nodes && self.free[a] && self.free[b];
            self.couples[e] = if inner { 1.0 } else { 0.0 };
        }
        for h in &self.held {
            self.carries[h.edge] = 0.0;
        }
        self.around.clear();
        for h in &mut self.held {
            let start = self.around.len();
            let live = (0u32..).zip(&self.places[..self.used]).zip(&self.live);
            for ((e, &(a, b)), _) in live.filter(|e| *e.1) {
                if a as usize == h.node || b as usize == h.node {
                    self.around.push((e, a as usize == h.node));
                }
            }
            h.around = (start, self.around.len());
        }
        self.settled.clear();
        let settled = self.place.iter().zip(&self.free).filter(|p| !p.1).map(|p| *p.0);
        self.settled.extend(settled);
        // What is further back is not looked at any more.
        for e in self.used..self.ends.len() {
            self.weight[e] = 0.0;
            self.residual[e] = 0.0;
            self.coupling[e] = 0.0;
        }
    }
}
