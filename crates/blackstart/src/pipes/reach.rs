//! Which nodes water can reach.

use super::gga::GROUND;

/// Which way water may flow in an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    Both,
    /// Only from → to.
    Forward,
    /// Only to → from.
    Backward,
}

/// Search of a graph, storage kept between uses.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    /// Ends of edges by node: `ends[first[i]..first[i + 1]]`.
    first: Vec<u32>,
    /// Edge, other node, true at the edge's from end.
    ends: Vec<(u32, u32, bool)>,
    queue: Vec<u32>,
}

impl Reach {
    pub(super) fn new(nodes: usize, edges: &[(u32, u32)]) -> Self {
        let inner = || edges.iter().filter(|e| e.1 != GROUND && e.0 != e.1);
        let mut first = vec![0u32; nodes + 1];
        for &(a, b) in inner() {
            first[a as usize + 1] += 1;
            first[b as usize + 1] += 1;
        }
        for i in 0..nodes {
            first[i + 1] += first[i];
        }
        let mut next = first.clone();
        let mut ends = vec![(0, 0, true); first[nodes] as usize];
        for (e, &(a, b)) in edges.iter().enumerate() {
            if b != GROUND && a != b {
                ends[next[a as usize] as usize] = (e as u32, b, true);
                next[a as usize] += 1;
                ends[next[b as usize] as usize] = (e as u32, a, false);
                next[b as usize] += 1;
            }
        }
        Self { first, ends, queue: Vec::with_capacity(nodes) }
    }

    /// Spreads `marked` from the nodes marked already over edges that `passes` lets
    /// through (edge, true when walked from → to).
    pub(super) fn spread(&mut self, marked: &mut [bool], passes: impl Fn(usize, bool) -> bool) {
        self.queue.clear();
        self.queue.extend((0u32..).zip(marked.iter()).filter(|m| *m.1).map(|m| m.0));
        while let Some(i) = self.queue.pop() {
            let range = self.first[i as usize] as usize..self.first[i as usize + 1] as usize;
            for &(e, other, forward) in &self.ends[range] {
                if !marked[other as usize] && passes(e as usize, forward) {
                    marked[other as usize] = true;
                    self.queue.push(other);
                }
            }
        }
    }
}
