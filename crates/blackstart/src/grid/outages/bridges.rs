//! Branches whose loss splits an island: found once for all outages.

/// Marks "none" in tables of buses and branches.
pub(super) const NONE: u32 = u32::MAX;

/// Depth-first forest of the live branches, one tree an island, rooted where the caller
/// says. Removing a bridge cuts off exactly the subtree below it, and a subtree is a run
/// of [`Forest::order`].
#[derive(Clone, Debug)]
pub(super) struct Forest {
    /// Buses in service in preorder, island after island.
    pub order: Vec<u32>,
    /// By bus: its place in `order`; [`NONE`] out of service.
    pub place: Vec<u32>,
    /// By bus: one past the last place of the subtree below it.
    pub end: Vec<u32>,
    /// By bus: the bus above it in its tree; [`NONE`] at roots.
    pub above: Vec<u32>,
    /// By branch: the bus that its loss cuts off from the root, with all of that bus's
    /// subtree; [`NONE`] when the branch is no bridge.
    pub cut: Vec<u32>,
}

impl Forest {
    /// Tarjan's algorithm (*A note on finding the bridges of a graph*, Information
    /// Processing Letters 2, 1974) over `edges` with `live`; `roots` holds one bus of
    /// every island. Parallel branches are no bridges; loops play no part.
    pub fn new(buses: usize, edges: &[(u32, u32)], live: &[bool], roots: &[u32]) -> Self {
        let (ptr, near) = incidence(buses, edges, live);
        let mut out = Self {
            order: Vec::with_capacity(buses),
            place: vec![NONE; buses],
            end: vec![0; buses],
            above: vec![NONE; buses],
            cut: vec![NONE; edges.len()],
        };
        // The earliest place reachable from the subtree without the branch above it.
        let mut low = vec![0u32; buses];
        let mut next: Vec<u32> = ptr[..buses].to_vec();
        let mut entry = vec![NONE; buses];
        let mut path: Vec<u32> = Vec::new();
        for &root in roots {
            if out.place[root as usize] != NONE {
                continue;
            }
            out.enter(root, &mut low);
            path.push(root);
            while let Some(&v) = path.last() {
                let i = v as usize;
                if next[i] < ptr[i + 1] {
                    let e = near[next[i] as usize];
                    next[i] += 1;
                    let (a, b) = edges[e as usize];
                    let w = if a == v { b } else { a };
                    if out.place[w as usize] == NONE {
                        entry[w as usize] = e;
                        out.above[w as usize] = v;
                        out.enter(w, &mut low);
                        path.push(w);
                    } else if e != entry[i] {
                        low[i] = low[i].min(out.place[w as usize]);
                    }
                    continue;
                }
                path.pop();
                out.end[i] = out.order.len() as u32;
                if let Some(&up) = path.last() {
                    low[up as usize] = low[up as usize].min(low[i]);
                    if low[i] == out.place[i] {
                        out.cut[entry[i] as usize] = v;
                    }
                }
            }
        }
        out
    }

    fn enter(&mut self, bus: u32, low: &mut [u32]) {
        let place = self.order.len() as u32;
        self.place[bus as usize] = place;
        low[bus as usize] = place;
        self.order.push(bus);
    }

    /// Places of the subtree below `bus`.
    pub fn below(&self, bus: u32) -> std::ops::Range<usize> {
        self.place[bus as usize] as usize..self.end[bus as usize] as usize
    }
}

/// Live branches at every bus, as slices of one list.
fn incidence(buses: usize, edges: &[(u32, u32)], live: &[bool]) -> (Vec<u32>, Vec<u32>) {
    let real = |e: &usize| live[*e] && edges[*e].0 != edges[*e].1;
    let mut ptr = vec![0u32; buses + 1];
    for (a, b) in (0..edges.len()).filter(real).map(|e| edges[e]) {
        ptr[a as usize + 1] += 1;
        ptr[b as usize + 1] += 1;
    }
    for i in 0..buses {
        ptr[i + 1] += ptr[i];
    }
    let mut next = ptr.clone();
    let mut near = vec![0u32; ptr[buses] as usize];
    for e in (0..edges.len()).filter(real) {
        for end in [edges[e].0, edges[e].1] {
            let at = &mut next[end as usize];
            near[*at as usize] = e as u32;
            *at += 1;
        }
    }
    (ptr, near)
}

#[cfg(test)]
mod tests {
    use super::{Forest, NONE};
    use crate::grid::Islands;
    use proptest::prelude::*;

    #[test]
    fn bridges_of_a_small_grid() {
        // A triangle 0-1-2, a double circuit 2-3, a spur 3-4, and a loop at 4.
        let edges = [(0, 1), (1, 2), (2, 0), (2, 3), (3, 2), (4, 3), (4, 4)];
        let f = Forest::new(5, &edges, &[true; 7], &[0]);
        assert_eq!(f.cut, [NONE, NONE, NONE, NONE, NONE, 4, NONE]);
        assert_eq!(f.below(4), 4..5);
        // One circuit of the two out: the other is a bridge.
        let live = [true, true, true, false, true, true, true];
        let f = Forest::new(5, &edges, &live, &[4]);
        assert_eq!(f.cut, [NONE, NONE, NONE, NONE, 2, 3, NONE]);
        assert_eq!(f.order[..3], [4, 3, 2]);
        assert_eq!(f.below(3), 1..5);
    }

    proptest! {
        #[test]
        fn agrees_with_counting_islands(
            (n, edges, live) in (1usize..14).prop_flat_map(|n| {
                let ends = (0..n as u32, 0..n as u32);
                prop::collection::vec((ends, prop::bool::weighted(0.9)), 0..2 * n)
                    .prop_map(move |e| {
                        let live: Vec<bool> = e.iter().map(|e| e.1).collect();
                        (n, e.into_iter().map(|e| e.0).collect::<Vec<_>>(), live)
                    })
            })
        ) {
            let mut islands = Islands::default();
            let up = vec![true; n];
            islands.find(&up, &edges, &live);
            let f = Forest::new(n, &edges, &live, &islands.first_bus);
            let (whole, of_bus) = (islands.count, islands.of_bus.clone());
            let roots = islands.first_bus.clone();
            let mut live = live;
            for e in 0..edges.len() {
                if !live[e] {
                    prop_assert_eq!(f.cut[e], NONE);
                    continue;
                }
                live[e] = false;
                islands.find(&up, &edges, &live);
                live[e] = true;
                prop_assert_eq!(islands.count > whole, f.cut[e] != NONE);
                if f.cut[e] != NONE {
                    let root = roots[of_bus[edges[e].0 as usize] as usize];
                    let kept = islands.of_bus[root as usize];
                    for i in 0..n {
                        let same = of_bus[i] == of_bus[edges[e].0 as usize];
                        let off = f.below(f.cut[e]).contains(&(f.place[i] as usize));
                        prop_assert_eq!(off, same && islands.of_bus[i] != kept);
                    }
                }
            }
        }
    }
}
