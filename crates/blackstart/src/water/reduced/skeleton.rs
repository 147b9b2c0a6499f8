//! What Newton's equations need of a graph: trees and the nodes inside chains follow from
//! the rest (for trees A. R. Simpson, S. Elhay and B. Alexander, "Forest-core partitioning
//! algorithm for speeding up the analysis of water distribution systems", 2014).

/// No node.
pub(super) const NONE: u32 = u32::MAX;

/// An edge in a chain or a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub edge: u32,
    /// It begins where the chain does, or at the parent in the tree.
    pub forward: bool,
    /// Its nodes in the direction of the chain, or from parent to child.
    pub from: u32,
    pub to: u32,
}

/// A graph whose core is left: nodes that are anchored or where three chains or more meet.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Skeleton {
    /// By node of the core: node.
    pub nodes: Vec<u32>,
    /// By node: node of the core, [`NONE`] for those inside chains and in trees.
    pub core_of: Vec<u32>,
    /// By chain, short ones first: its ends in the core; never the same.
    pub ends: Vec<(u32, u32)>,
    /// By chain and one more: its first segment.
    pub first: Vec<u32>,
    pub segments: Vec<Segment>,
    /// Edges of trees, leaves first.
    pub twigs: Vec<Segment>,
}

/// Edges at every node.
struct Star {
    first: Vec<u32>,
    edge: Vec<u32>,
}

impl Star {
    fn new(n: usize, edges: &[(u32, u32)], part: &[bool]) -> Self {
        let mut first = vec![0u32; n + 2];
        let own = || edges.iter().zip(part).filter(|e| *e.1).map(|e| *e.0);
        for (a, b) in own() {
            first[a as usize + 2] += 1;
            first[b as usize + 2] += 1;
        }
        for i in 2..n + 2 {
            first[i] += first[i - 1];
        }
        let mut edge = vec![0; first[n + 1] as usize];
        for (e, &(a, b)) in (0u32..).zip(edges).filter(|e| part[e.0 as usize]) {
            for end in [a, b] {
                let at = &mut first[end as usize + 1];
                edge[*at as usize] = e;
                *at += 1;
            }
        }
        Self { first, edge }
    }

    fn at(&self, node: usize) -> &[u32] {
        &self.edge[self.first[node] as usize..self.first[node + 1] as usize]
    }
}

/// The work of [`Skeleton::new`].
struct Carver<'a> {
    edges: &'a [(u32, u32)],
    star: Star,
    /// By edge: not in a tree or a chain yet.
    left: Vec<bool>,
    /// By node: edges that are left, before chains.
    degree: Vec<u32>,
    core: Vec<bool>,
    skeleton: Skeleton,
}

impl Skeleton {
    /// Finds trees and chains of those `edges` (pairs of nodes `0..anchored.len()`) that are
    /// `plain`; whatever else is at a node has to make it anchored, by node.
    ///
    /// # Panics
    /// When a plain edge names another node.
    pub(super) fn new(edges: &[(u32, u32)], plain: &[bool], anchored: &[bool]) -> Self {
        let n = anchored.len();
        let left: Vec<bool> = plain.iter().zip(edges).map(|(p, e)| *p && e.0 != e.1).collect();
        let star = Star::new(n, edges, &left);
        let degree = (0..n).map(|v| star.at(v).len() as u32).collect();
        let mut carver =
            Carver { edges, star, left, degree, core: Vec::new(), skeleton: Self::default() };
        carver.peel(anchored);
        carver.walk(anchored);
        carver.number()
    }

    /// Puts chains in the order of their lengths.
    fn short_ones_first(&mut self) {
        let mut order: Vec<usize> = (0..self.first.len() - 1).collect();
        order.sort_by_key(|&c| self.chain(c).len());
        let segments = order.iter().flat_map(|&c| &self.segments[self.chain(c)]).copied();
        let lengths = order.iter().map(|&c| self.chain(c).len() as u32);
        let mut first = vec![0];
        first.extend(lengths.scan(0, |sum, length| {
            *sum += length;
            Some(*sum)
        }));
        (self.segments, self.first) = (segments.collect(), first);
    }

    /// Segments of a chain.
    pub(super) fn chain(&self, chain: usize) -> std::ops::Range<usize> {
        self.first[chain] as usize..self.first[chain + 1] as usize
    }
}

impl Carver<'_> {
    fn segment(&self, edge: u32, from: u32) -> Segment {
        let (a, b) = self.edges[edge as usize];
        let forward = a == from;
        Segment { edge, forward, from, to: if forward { b } else { a } }
    }

    fn next(&self, node: u32) -> Option<u32> {
        self.star.at(node as usize).iter().copied().find(|&e| self.left[e as usize])
    }

    /// Takes trees off, leaf by leaf.
    fn peel(&mut self, anchored: &[bool]) {
        let is_leaf = |degree: &[u32], v: u32| degree[v as usize] == 1 && !anchored[v as usize];
        let mut leaves: Vec<u32> =
            (0..anchored.len() as u32).rev().filter(|&v| is_leaf(&self.degree, v)).collect();
        // Of the last two nodes of a piece that is a tree, one stays.
        self.core = vec![true; anchored.len()];
        while let Some(v) = leaves.pop() {
            let Some(e) = self.next(v).filter(|_| is_leaf(&self.degree, v)) else { continue };
            let away = self.segment(e, v);
            let twig = Segment { forward: !away.forward, from: away.to, to: v, edge: e };
            self.skeleton.twigs.push(twig);
            self.left[e as usize] = false;
            self.core[v as usize] = false;
            self.degree[v as usize] = 0;
            self.degree[twig.from as usize] -= 1;
            if is_leaf(&self.degree, twig.from) {
                leaves.push(twig.from);
            }
        }
    }

    /// Follows chains from node to node of the core.
    fn walk(&mut self, anchored: &[bool]) {
        let n = anchored.len() as u32;
        for v in 0..n as usize {
            self.core[v] &= anchored[v] || self.degree[v] != 2;
        }
        for v in 0..n {
            if self.core[v as usize] {
                self.walk_from(v);
            }
        }
        // What is left are rings.
        for v in 0..n {
            if self.next(v).is_some() {
                self.core[v as usize] = true;
                self.walk_from(v);
            }
        }
    }

    fn walk_from(&mut self, start: u32) {
        while let Some(edge) = self.next(start) {
            let first = self.skeleton.segments.len();
            self.skeleton.first.push(first as u32);
            let mut at = start;
            let mut next = Some(edge);
            while let Some(e) = next {
                let segment = self.segment(e, at);
                self.skeleton.segments.push(segment);
                self.left[e as usize] = false;
                at = segment.to;
                next = if self.core[at as usize] { None } else { self.next(at) };
            }
            if at == start {
                // A chain that comes back to its beginning gets a node in its middle.
                let middle = first + (self.skeleton.segments.len() - first) / 2;
                self.skeleton.first.push(middle as u32);
                self.core[self.skeleton.segments[middle].from as usize] = true;
            }
        }
    }

    fn number(mut self) -> Skeleton {
        let s = &mut self.skeleton;
        s.core_of = vec![NONE; self.core.len()];
        for v in (0u32..).zip(&self.core).filter(|v| *v.1).map(|v| v.0) {
            s.core_of[v as usize] = s.nodes.len() as u32;
            s.nodes.push(v);
        }
        s.first.push(s.segments.len() as u32);
        s.short_ones_first();
        for c in 0..s.first.len() - 1 {
            let (a, b) = (s.first[c] as usize, s.first[c + 1] as usize - 1);
            let node = |v: u32| s.core_of[v as usize];
            s.ends.push((node(s.segments[a].from), node(s.segments[b].to)));
        }
        self.skeleton
    }
}

#[cfg(test)]
mod tests {
    use super::{NONE, Skeleton};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_edge_and_node_has_its_place(
            n in 1usize..30,
            seed in prop::collection::vec((0u32..30, 0u32..30, any::<bool>()), 0..50),
            anchors in prop::collection::vec(0u8..5, 30),
        ) {
            let edges: Vec<(u32, u32)> =
                seed.iter().map(|e| (e.0 % n as u32, e.1 % n as u32)).collect();
            let plain: Vec<bool> = seed.iter().map(|e| e.2).collect();
            let mut anchored: Vec<bool> = anchors[..n].iter().map(|&a| a == 0).collect();
            for (&(a, b), _) in edges.iter().zip(&plain).filter(|e| !*e.1) {
                anchored[a as usize] = true;
                anchored[b as usize] = true;
            }
            let s = Skeleton::new(&edges, &plain, &anchored);
            let mut seen = vec![0; edges.len()];
            let mut inside = vec![0; n];
            for t in s.segments.iter().chain(&s.twigs) {
                seen[t.edge as usize] += 1;
                let (a, b) = edges[t.edge as usize];
                prop_assert_eq!((t.from, t.to), if t.forward { (a, b) } else { (b, a) });
            }
            for (e, &(a, b)) in edges.iter().enumerate() {
                prop_assert_eq!(seen[e], usize::from(plain[e] && a != b));
            }
            for c in 0..s.ends.len() {
                let chain = &s.segments[s.chain(c)];
                let (a, b) = s.ends[c];
                prop_assert!(a != b && !chain.is_empty());
                prop_assert_eq!(s.nodes[a as usize], chain[0].from);
                prop_assert_eq!(s.nodes[b as usize], chain[chain.len() - 1].to);
                for pair in chain.windows(2) {
                    prop_assert_eq!(pair[0].to, pair[1].from);
                    inside[pair[0].to as usize] += 1;
                }
            }
            for t in &s.twigs {
                inside[t.to as usize] += 1;
            }
            for v in 0..n {
                let in_core = s.core_of[v] != NONE;
                prop_assert_eq!(inside[v], usize::from(!in_core), "node {}", v);
                prop_assert!(in_core || !anchored[v]);
            }
            // Parents come after their children.
            for (k, t) in s.twigs.iter().enumerate() {
                prop_assert!(s.twigs[..k].iter().all(|u| u.to != t.from));
            }
        }
    }

    #[test]
    fn a_ring_with_a_tail() {
        // 0–1–2–3–0 and 2–4–5; nothing is anchored but 0.
        let edges = [(0, 1), (1, 2), (3, 2), (3, 0), (2, 4), (4, 5)];
        let mut anchored = [false; 6];
        anchored[0] = true;
        let s = Skeleton::new(&edges, &[true; 6], &anchored);
        assert_eq!(s.twigs.iter().map(|t| t.edge).collect::<Vec<_>>(), [5, 4]);
        // The tail is gone, so the ring is one chain, with a node in its middle.
        assert_eq!(s.nodes, [0, 2]);
        assert_eq!(s.ends, [(0, 1), (1, 0)]);
    }
}
