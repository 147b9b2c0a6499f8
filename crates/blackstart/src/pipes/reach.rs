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
///
/// Most edges are open both ways at every look. What such edges join is one group of nodes, and
/// a search goes from group to group by the few others; an edge that is once found shut or of
/// one way is one of them from then on.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    nodes: usize,
    edges: Vec<(u32, u32)>,
    /// Edges between two nodes that were open both ways so far, and the others.
    plain: Vec<u32>,
    lively: Vec<u32>,
    /// By node: its group.
    group: Vec<u32>,
    /// Ends of lively edges by group: `ends[first[g]..first[g + 1]]`.
    first: Vec<u32>,
    /// Edge, other group, true at the edge's from end.
    ends: Vec<(u32, u32, bool)>,
    reached: Vec<bool>,
    queue: Vec<u32>,
}

impl Reach {
    pub(super) fn new(nodes: usize, edges: &[(u32, u32)]) -> Self {
        let inner = |e: &(u32, (u32, u32))| e.1.1 != GROUND && e.1.0 != e.1.1;
        let plain = (0u32..).zip(edges.iter().copied()).filter(inner).map(|e| e.0).collect();
        let mut reach = Self {
            nodes,
            edges: edges.to_vec(),
            plain,
            lively: Vec::new(),
            group: Vec::new(),
            first: Vec::new(),
            ends: Vec::new(),
            reached: Vec::new(),
            queue: Vec::new(),
        };
        reach.join();
        reach
    }

    /// Groups from plain edges.
    fn join(&mut self) {
        let mut parent: Vec<u32> = (0..self.nodes as u32).collect();
        let find = |parent: &mut [u32], mut i: u32| {
            while parent[i as usize] != i {
                parent[i as usize] = parent[parent[i as usize] as usize];
                i = parent[i as usize];
            }
            i
        };
        for &e in &self.plain {
            let (a, b) = self.edges[e as usize];
            let (a, b) = (find(&mut parent, a), find(&mut parent, b));
            parent[a.max(b) as usize] = a.min(b);
        }
        self.group = (0..self.nodes as u32).map(|i| find(&mut parent, i)).collect();
        // Numbered by their first nodes, which come before the others.
        let mut groups = 0u32;
        for i in 0..self.nodes {
            let root = self.group[i] as usize;
            self.group[i] = if root == i {
                groups += 1;
                groups - 1
            } else {
                self.group[root]
            };
        }
        let of = |e: u32| {
            let (a, b) = self.edges[e as usize];
            (self.group[a as usize], self.group[b as usize])
        };
        let between = || self.lively.iter().map(|&e| (e, of(e))).filter(|e| e.1.0 != e.1.1);
        let mut first = vec![0u32; groups as usize + 1];
        for (_, (a, b)) in between() {
            first[a as usize + 1] += 1;
            first[b as usize + 1] += 1;
        }
        for g in 0..groups as usize {
            first[g + 1] += first[g];
        }
        let mut next = first.clone();
        let mut ends = vec![(0, 0, true); first[groups as usize] as usize];
        for (e, (a, b)) in between() {
            ends[next[a as usize] as usize] = (e, b, true);
            next[a as usize] += 1;
            ends[next[b as usize] as usize] = (e, a, false);
            next[b as usize] += 1;
        }
        (self.first, self.ends) = (first, ends);
        self.reached = vec![false; groups as usize];
    }

    /// An edge that is not to join its ends any more.
    pub(super) fn part(&mut self, edge: usize) {
        if let Ok(at) = self.plain.binary_search(&(edge as u32)) {
            self.lively.push(self.plain.remove(at));
            self.join();
        }
    }

    /// Spreads `marked` from the nodes marked already over edges that `passes` lets
    /// through (edge, true when walked from → to).
    pub(super) fn spread(&mut self, marked: &mut [bool], passes: impl Fn(usize, bool) -> bool) {
        let open = |e: &u32| passes(*e as usize, true) && passes(*e as usize, false);
        if !self.plain.iter().all(open) {
            let (plain, shut): (Vec<u32>, Vec<u32>) = self.plain.iter().partition(|e| open(e));
            self.plain = plain;
            self.lively.extend(shut);
            self.join();
        }
        self.spread_on(marked, passes);
    }

    /// [`Reach::spread`] where every edge that was open both ways at the last one passes, or
    /// neither of its ends can be reached.
    pub(super) fn spread_on(&mut self, marked: &mut [bool], passes: impl Fn(usize, bool) -> bool) {
        self.reached.fill(false);
        self.queue.clear();
        for (&group, _) in self.group.iter().zip(marked.iter()).filter(|m| *m.1) {
            if !std::mem::replace(&mut self.reached[group as usize], true) {
                self.queue.push(group);
            }
        }
        while let Some(g) = self.queue.pop() {
            let range = self.first[g as usize] as usize..self.first[g as usize + 1] as usize;
            for &(e, other, forward) in &self.ends[range] {
                if !self.reached[other as usize] && passes(e as usize, forward) {
                    self.reached[other as usize] = true;
                    self.queue.push(other);
                }
            }
        }
        for (mark, &group) in marked.iter_mut().zip(&self.group) {
            *mark = self.reached[group as usize];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{GROUND, Reach};
    use proptest::prelude::*;

    proptest! {
        /// One search after another, whatever was shut before, finds what walking does.
        #[test]
        fn reaches_what_walking_reaches(
            edges in prop::collection::vec((0u32..20, 0u32..21), 0..40),
            looks in prop::collection::vec(
                (prop::collection::vec(0u8..8, 40), prop::collection::vec(0usize..20, 0..3)),
                1..5,
            ),
        ) {
            let edges: Vec<(u32, u32)> =
                edges.iter().map(|e| (e.0, if e.1 == 20 { GROUND } else { e.1 })).collect();
            let mut reach = Reach::new(20, &edges);
            for (ways, starts) in looks {
                // Of eight edges one is shut, one goes forward, one backward.
                let passes = |e: usize, forward: bool| match ways[e] {
                    0 => false,
                    1 => forward,
                    2 => !forward,
                    _ => true,
                };
                let mut marked = vec![false; 20];
                starts.iter().for_each(|&i| marked[i] = true);
                let mut walked = marked.clone();
                reach.spread(&mut marked, passes);
                for _ in 0..20 {
                    for (e, &(a, b)) in edges.iter().enumerate().filter(|e| e.1.1 != GROUND) {
                        let (a, b) = (a as usize, b as usize);
                        walked[b] |= walked[a] && passes(e, true);
                        walked[a] |= walked[b] && passes(e, false);
                    }
                }
                prop_assert_eq!(&marked, &walked);
            }
        }
    }
}
