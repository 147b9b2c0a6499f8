//! Part of a network in the order of its flow, as a list of what leaves each node.

use super::super::layout::{Layout, Piece, Role, index};
use super::{Change, STILL_KG_S};

/// Water that leaves a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf {
    pub piece: u32,
    /// Node that it leads to, and that node's place in the order.
    pub down: u32,
    pub place: u32,
    /// True if the temperature that it leaves the piece with does not depend on what enters.
    pub given: bool,
    /// Loss over heat capacity, kg/s; below 0 where the piece does not lose in proportion to
    /// what its water is warmer than what surrounds it, or capacities are not constant.
    pub loss_kg_s: f64,
    pub ambient_c: f64,
}

/// Nodes with all that connects them, apart from pieces whose outlet temperature is given.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    pub nodes: Vec<u32>,
    /// Pieces at these nodes, also those that lead on to other parts.
    pieces: Vec<u32>,
    /// By `pieces`: +1, −1 or 0 for no flow, as the order was made for.
    signs: Vec<i8>,
    /// Nodes along the flow.
    pub order: Vec<u32>,
    /// By place in `order`: where its leaves begin.
    pub first: Vec<u32>,
    pub leaves: Vec<Leaf>,
    /// Pieces whose outlet temperature is given, with the node and place they lead to.
    pub sources: Vec<(u32, u32, u32)>,
    /// Nodes that lie on rings of flow, at the end of `order`.
    pub ringed: usize,
}

/// Direction of a flow.
pub(super) fn direction(m_kg_s: f64) -> i8 {
    i8::from(m_kg_s > STILL_KG_S) - i8::from(m_kg_s < -STILL_KG_S)
}

/// Lists by node or piece that making an order needs.
#[derive(Clone, Debug)]
pub(super) struct Scratch {
    /// Pieces that a node still waits for.
    pub waits: Vec<u32>,
    /// Place of a node in the order of its part.
    pub place: Vec<u32>,
}

impl Part {
    /// The part of those nodes that are `within`.
    pub fn new(layout: &Layout, within: impl Fn(u32) -> bool) -> Self {
        let nodes: Vec<u32> = (0..index(layout.nodes)).filter(|&n| within(n)).collect();
        let at = |p: &Piece| within(p.from) || within(p.to);
        let pieces: Vec<u32> = (0u32..)
            .zip(&layout.pieces)
            .filter(|(_, p)| p.role != Role::Off && at(p))
            .map(|(i, _)| i)
            .collect();
        let signs = vec![2; pieces.len()];
        let order = Vec::with_capacity(nodes.len());
        Self { nodes, pieces, signs, order, ..Self::default() }
    }

    /// Orders the nodes along the flow if its directions changed. `within` tells the nodes of
    /// this part, `cp` is the heat capacity where it is constant (J/(kg K), else NaN).
    pub fn set(
        &mut self,
        layout: &Layout,
        m_kg_s: &[f64],
        change: &[Change],
        within: impl Fn(u32) -> bool,
        scratch: &mut Scratch,
        cp: f64,
    ) {
        let mut same = true;
        for (sign, &p) in self.signs.iter_mut().zip(&self.pieces) {
            let now = direction(m_kg_s[p as usize]);
            same &= *sign == now;
            *sign = now;
        }
        if same {
            return;
        }
        let given = |p: u32| matches!(change[p as usize], Change::To(_));
        let waits = &mut scratch.waits;
        for &n in &self.nodes {
            waits[n as usize] = 0;
        }
        for (&p, &sign) in self.pieces.iter().zip(&self.signs) {
            let piece = layout.pieces[p as usize];
            if sign != 0 && !given(p) {
                waits[if sign > 0 { piece.to } else { piece.from } as usize] += 1;
            }
        }
        self.order.clear();
        self.first.clear();
        self.leaves.clear();
        self.sources.clear();
        self.order.extend(self.nodes.iter().filter(|&&n| waits[n as usize] == 0));
        let mut done = 0;
        while let Some(&n) = self.order.get(done) {
            done += 1;
            let from = self.leaves.len();
            self.list(layout, m_kg_s, change, n, cp);
            for leaf in self.leaves[from..].iter().filter(|l| !l.given) {
                let left = &mut waits[leaf.down as usize];
                *left -= 1;
                if *left == 0 {
                    self.order.push(leaf.down);
                }
            }
        }
        self.ringed = self.nodes.len() - self.order.len();
        if self.ringed > 0 {
            // Nodes that nothing ever stopped to wait for lie on rings or behind them.
            self.order.extend(self.nodes.iter().filter(|&&n| waits[n as usize] > 0));
            for i in done..self.order.len() {
                self.list(layout, m_kg_s, change, self.order[i], cp);
            }
        }
        self.first.push(index(self.leaves.len()));
        for (&n, i) in self.order.iter().zip(0u32..) {
            scratch.place[n as usize] = i;
        }
        for leaf in &mut self.leaves {
            leaf.place = scratch.place[leaf.down as usize];
        }
        for (&p, &sign) in self.pieces.iter().zip(&self.signs) {
            let piece = layout.pieces[p as usize];
            let down = if sign > 0 { piece.to } else { piece.from };
            if sign != 0 && given(p) && within(down) {
                self.sources.push((p, down, scratch.place[down as usize]));
            }
        }
    }

    /// Adds what leaves node `n`.
    fn list(&mut self, layout: &Layout, m_kg_s: &[f64], change: &[Change], n: u32, cp: f64) {
        self.first.push(index(self.leaves.len()));
        let around = layout.at_first[n as usize] as usize..layout.at_first[n as usize + 1] as usize;
        for &p in &layout.at[around] {
            let piece = layout.pieces[p as usize];
            let sign = if piece.role == Role::Off { 0 } else { direction(m_kg_s[p as usize]) };
            let (up, down) = if sign > 0 { (piece.from, piece.to) } else { (piece.to, piece.from) };
            if sign == 0 || up != n {
                continue;
            }
            let change = &change[p as usize];
            let (loss_kg_s, ambient_c) = change.loss().map_or((-1.0, 0.0), |(w, c)| (w / cp, c));
            let given = matches!(change, Change::To(_));
            self.leaves.push(Leaf { piece: p, down, place: 0, given, loss_kg_s, ambient_c });
        }
    }
}
